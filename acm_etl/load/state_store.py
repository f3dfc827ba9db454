"""What scoring carried across windows, as stored: bytes with their hash."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

import polars as pl

from acm_etl.engine import Engine
from acm_etl.errors import ModelError
from acm_etl.load.registry import hash_bytes
from acm_etl.tables.runs import STATE


@dataclass(frozen=True, slots=True)
class StoredState:
    """A scoring state.

    Attributes:
        as_of: End of the window after which it holds.
        model_version: Models it belongs to.
        state_bytes: The state.
        run_id: Run that wrote it.
    """

    as_of: datetime
    model_version: int
    state_bytes: bytes
    run_id: str


def build_state_frame(equip_id: int, states: list[StoredState]) -> pl.DataFrame:
    """States as rows of ACM_State."""
    rows = [
        {
            "RunID": state.run_id,
            "EquipID": equip_id,
            "AsOf": state.as_of,
            "ModelVersion": state.model_version,
            "Blob": state.state_bytes,
            "Hash": hash_bytes(state.state_bytes),
        }
        for state in states
    ]
    return pl.DataFrame(rows, schema=STATE.polars_schema)


def read_state_at(engine: Engine, equip_id: int, as_of: datetime) -> StoredState | None:
    """The state that holds exactly at ``as_of``.

    Raises:
        ModelError: Its bytes are not what was stored.
    """
    return _read_state(engine, equip_id, "= ?", [as_of])


def read_last_state(engine: Engine, equip_id: int, at_or_before: datetime) -> StoredState | None:
    """The newest state at or before a time, from which a replay can start.

    Raises:
        ModelError: Its bytes are not what was stored.
    """
    q = engine.dialect.quote
    newest = f"= (SELECT MAX({q('AsOf')}) FROM {q(STATE.name)} WHERE {q('EquipID')} = ? AND {q('AsOf')} <= ?)"
    return _read_state(engine, equip_id, newest, [equip_id, at_or_before])


def read_state_times(engine: Engine, equip_id: int, *, at_or_before: datetime) -> list[datetime]:
    """Times at which a state is stored, the newest first: a replay can start at any of them."""
    q = engine.dialect.quote
    mine = f"{q('EquipID')} = ? AND {q('AsOf')} <= ?"
    sql = f"SELECT {q('AsOf')} FROM {q(STATE.name)} WHERE {mine} ORDER BY {q('AsOf')} DESC"
    return engine.query(sql, [equip_id, at_or_before])["AsOf"].to_list()


def _read_state(engine: Engine, equip_id: int, condition: str, params: list[object]) -> StoredState | None:
    q = engine.dialect.quote
    columns = ", ".join(map(q, ("AsOf", "ModelVersion", "Blob", "RunID", "Hash")))
    sql = f"SELECT {columns} FROM {q(STATE.name)} WHERE {q('EquipID')} = ? AND {q('AsOf')} {condition}"
    rows = engine.query(sql, [equip_id, *params])
    if rows.is_empty():
        return None
    *values, stored = rows.row(0)
    state = StoredState(*values)
    if hash_bytes(state.state_bytes) != stored:
        message = (
            f"the state of machine {equip_id} as of {state.as_of} is corrupt: its bytes do not have the stored hash;"
            " replay from an earlier day with --replay-from TIME (the start of the history needs no state)"
        )
        raise ModelError(message)
    return state
