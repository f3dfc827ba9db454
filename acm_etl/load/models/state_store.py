"""Scoring states in ACM_State: the memory that scoring carries from one window to the next, with its hash."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

import polars as pl

from acm_etl.engine import Engine
from acm_etl.errors import ModelError
from acm_etl.load.models.registry import hash_bytes
from acm_etl.tables.runs import STATE

# The fields of ``StoredState`` in their order, then the hash.
_STATE_COLUMNS = ("AsOf", "ModelVersion", "Blob", "RunID", "Hash")


@dataclass(frozen=True, slots=True)
class StoredState:
    """A scoring state.

    Attributes:
        as_of: End of the window after which the state holds.
        model_version: Models that the state belongs to.
        state_bytes: The serialised state.
        run_id: Run that wrote it.
    """

    as_of: datetime
    model_version: int
    state_bytes: bytes
    run_id: str


def build_state_frame(equip_id: int, states: list[StoredState]) -> pl.DataFrame:
    """Return states as rows of ACM_State, each with its hash."""
    rows = [
        {
            "RunID": state.run_id,
            "EquipID": equip_id,
            "AsOf": state.as_of,
            "ModelVersion": state.model_version,
            "Blob": state.state_bytes,
            "Hash": _hash_state(equip_id, state),
        }
        for state in states
    ]
    # The schema is given: without states there is no value from which polars could infer the types.
    return pl.DataFrame(rows, schema=STATE.polars_schema)


def read_state_at(engine: Engine, equip_id: int, as_of: datetime) -> StoredState | None:
    """Return the state as of exactly ``as_of``; None if there is none.

    Raises:
        ModelError: The state is corrupt, or was copied from another machine, time or model version.
    """
    return _read_state(engine, equip_id, "= ?", [as_of])


def read_state_hash(engine: Engine, equip_id: int, as_of: datetime) -> str | None:
    """Return the stored SHA-256 of the state as of exactly ``as_of``; None if there is none."""
    sql = engine.dialect.sql("SELECT {Hash} FROM {table} WHERE {EquipID} = ? AND {AsOf} = ?", table=STATE)
    rows = engine.query(sql, [equip_id, as_of])
    return str(rows.item()) if rows.height else None


def read_last_state(engine: Engine, equip_id: int, at_or_before: datetime) -> StoredState | None:
    """Return the newest state at or before a time, from which a replay can start; None if there is none.

    Raises:
        ModelError: The state is corrupt, or was copied from another machine, time or model version.
    """
    # One statement: the bytes of a state may be megabytes, so only those of the newest one are read.
    newest = "= (SELECT MAX({AsOf}) FROM {table} WHERE {EquipID} = ? AND {AsOf} <= ?)"
    return _read_state(engine, equip_id, newest, [equip_id, at_or_before])


def read_state_times(
    engine: Engine, equip_id: int, *, at_or_before: datetime, model_version: int | None = None
) -> list[datetime]:
    """Return the times at which a state is stored, newest first; a replay can start at any of them.

    Args:
        engine: The store.
        equip_id: The machine.
        at_or_before: Latest time, UTC.
        model_version: Models that the states belong to; all if None.
    """
    sql = engine.dialect.sql(
        "SELECT {AsOf}, {ModelVersion} FROM {table} WHERE {EquipID} = ? AND {AsOf} <= ? ORDER BY {AsOf} DESC",
        table=STATE,
    )
    rows = engine.query(sql, [equip_id, at_or_before])
    return (rows if model_version is None else rows.filter(ModelVersion=model_version))["AsOf"].to_list()


def _hash_state(equip_id: int, state: StoredState) -> str:
    """Return the SHA-256 of a state together with its key, so that it fits no other machine, time or model version."""
    key = f"{equip_id} {state.as_of:%Y-%m-%dT%H:%M:%S.%f} {state.model_version} "
    return hash_bytes(key.encode() + state.state_bytes)


def _read_state(engine: Engine, equip_id: int, condition: str, params: list[object]) -> StoredState | None:
    sql = engine.dialect.sql(
        f"SELECT {{columns}} FROM {{table}} WHERE {{EquipID}} = ? AND {{AsOf}} {condition}",
        table=STATE,
        columns=_STATE_COLUMNS,
    )
    # At most one row: AsOf and EquipID are the key.
    rows = engine.query(sql, [equip_id, *params])
    if rows.is_empty():
        return None
    *values, stored_hash = rows.row(0)
    state = StoredState(*values)
    # A damaged or foreign state would not fail: it would score every later window slightly wrong.
    # Earlier versions stored the hash of the bytes alone; their states stay valid without a replay.
    if stored_hash not in (_hash_state(equip_id, state), hash_bytes(state.state_bytes)):
        message = (
            f"the state of machine {equip_id} as of {state.as_of} is corrupt, or was copied from another machine, time"
            " or model version: its hash does not match;"
            " replay from an earlier day with --replay-from TIME (the start of the history needs no state)"
        )
        raise ModelError(message)
    return state
