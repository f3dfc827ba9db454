"""Requests for new models: asked for, picked up at a day boundary of the data, decided."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

import polars as pl

from acm_etl.engine import Engine
from acm_etl.load.clock import utc_now
from acm_etl.load.runs import cut
from acm_etl.tables.runs import REFIT_REQUESTS

By = Literal["REQUEST", "AGE", "DRIFT"]


@dataclass(frozen=True, slots=True)
class Verdict:
    """What was decided at a day boundary.

    Attributes:
        equip_id: Machine.
        at: The boundary: new models score from there on.
        by: Who asked.
        reason: Why.
        message: The decision, in words.
        version: The new models; None where the old ones stay.
        rows: Healthy readings that were not fitted, on which models were compared.
        old: Share of them above the alarm level with the old models.
        new: The same with the new ones.
    """

    equip_id: int
    at: datetime
    by: By
    reason: str
    message: str
    version: int | None = None
    rows: int | None = None
    old: float | None = None
    new: float | None = None

    @property
    def values(self) -> dict[str, Any]:
        """Columns of the decision."""
        return {
            "Status": "REJECTED" if self.version is None else "DONE",
            "EffectiveFrom": self.at,
            "AcknowledgedAt": utc_now(),
            "ModelVersion": self.version,
            "CheckedRows": self.rows,
            "OldAlarmShare": self.old,
            "NewAlarmShare": self.new,
            "Message": cut(self.message, 1000),
        }


def read(engine: Engine, equip_id: int) -> pl.DataFrame:
    """All requests of a machine, the oldest first."""
    q = engine.dialect.quote
    columns = ", ".join(map(q, REFIT_REQUESTS.polars_schema))
    sql = f"SELECT {columns} FROM {q(REFIT_REQUESTS.name)} WHERE {q('EquipID')} = ? ORDER BY {q('RequestedAt')}"
    return engine.query(sql, [equip_id]).cast(REFIT_REQUESTS.polars_schema)  # type: ignore[arg-type]


def ask(engine: Engine, equip_id: int, *, reason: str, requester: str) -> bool:
    """A person asks for new models; whether no request was pending already."""
    q, table = engine.dialect.quote, engine.dialect.quote(REFIT_REQUESTS.name)
    values = {
        "EquipID": equip_id,
        "RequestedAt": utc_now(),
        "RequestedBy": "REQUEST",
        "Requester": cut(requester, 100),
        "Reason": cut(reason, 1000),
        "Status": "PENDING",
    }
    none = f"NOT EXISTS (SELECT 1 FROM {table} WHERE {q('EquipID')} = ? AND {q('Status')} = 'PENDING')"
    sql = f"INSERT INTO {table} ({', '.join(map(q, values))})\nSELECT {_marks(values)}\nWHERE {none}"
    return engine.execute(sql, [*values.values(), equip_id]) == 1


def pick_up(engine: Engine, equip_id: int, *, at: datetime) -> int:
    """Give every pending request its boundary, which replays keep; ``at`` for those that have none, or an earlier one.

    Returns:
        Requests that were given one.
    """
    q = engine.dialect.quote
    return engine.execute(
        f"UPDATE {q(REFIT_REQUESTS.name)} SET {q('EffectiveFrom')} = ?\n"
        f"WHERE {q('EquipID')} = ? AND {q('Status')} = 'PENDING' AND COALESCE({q('EffectiveFrom')}, ?) <= ?",
        [at, equip_id, at, at],
    )


def record(engine: Engine, verdict: Verdict) -> None:
    """Store a decision: in the requests that asked for it, or in a row of the rule's own."""
    q, table = engine.dialect.quote, engine.dialect.quote(REFIT_REQUESTS.name)
    values = verdict.values
    if verdict.by == "REQUEST":
        changes = ", ".join(f"{q(name)} = ?" for name in values)
        engine.execute(
            f"UPDATE {table} SET {changes}\n"
            f"WHERE {q('EquipID')} = ? AND {q('Status')} = 'PENDING' AND {q('EffectiveFrom')} = ?",
            [*values.values(), verdict.equip_id, verdict.at],
        )
        return
    key = {"EquipID": verdict.equip_id, "RequestedAt": verdict.at, "RequestedBy": verdict.by}
    row = {**key, "Reason": cut(verdict.reason, 1000), **values}
    engine.execute(f"DELETE FROM {table} WHERE {' AND '.join(f'{q(name)} = ?' for name in key)}", [*key.values()])
    engine.execute(f"INSERT INTO {table} ({', '.join(map(q, row))}) VALUES ({_marks(row)})", [*row.values()])


def take_back(engine: Engine, equip_id: int, to: datetime) -> int:
    """Take back decisions after a time: rules will ask again, requests wait for the boundary that they have."""
    q, table = engine.dialect.quote, engine.dialect.quote(REFIT_REQUESTS.name)
    later = f"{q('EquipID')} = ? AND {q('EffectiveFrom')} > ? AND {q('RequestedBy')}"
    undone = ("AcknowledgedAt", "ModelVersion", "CheckedRows", "OldAlarmShare", "NewAlarmShare", "Message")
    cleared = ", ".join(f"{q(name)} = NULL" for name in undone)
    engine.execute(
        f"UPDATE {table} SET {q('Status')} = 'PENDING', {cleared}\nWHERE {later} = 'REQUEST'", [equip_id, to]
    )
    return engine.execute(f"DELETE FROM {table} WHERE {later} <> 'REQUEST'", [equip_id, to])


def _marks(values: Mapping[str, object]) -> str:
    return ", ".join("?" * len(values))
