"""Requests for new models: asked for, picked up at a day boundary of the data, decided."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

import polars as pl

from acm_etl.engine import Engine
from acm_etl.load.clock import utc_now
from acm_etl.load.runs import truncate_text
from acm_etl.tables.runs import REFIT_REQUESTS

RefitTrigger = Literal["REQUEST", "AGE", "DRIFT"]


@dataclass(frozen=True, slots=True)
class RefitDecision:
    """What was decided at a day boundary.

    Attributes:
        equip_id: Machine.
        effective_from: The boundary: new models score from there on.
        trigger: Who asked.
        reason: Why.
        message: The decision, in words.
        model_version: The new models; None where the old ones stay.
        checked_rows: Healthy readings that were not fitted, on which models were compared.
        old_alarm_share: Share of them above the alarm level with the old models.
        new_alarm_share: The same with the new ones.
    """

    equip_id: int
    effective_from: datetime
    trigger: RefitTrigger
    reason: str
    message: str
    model_version: int | None = None
    checked_rows: int | None = None
    old_alarm_share: float | None = None
    new_alarm_share: float | None = None

    @property
    def column_values(self) -> dict[str, Any]:
        """Columns of the decision."""
        return {
            "Status": "REJECTED" if self.model_version is None else "DONE",
            "EffectiveFrom": self.effective_from,
            "AcknowledgedAt": utc_now(),
            "ModelVersion": self.model_version,
            "CheckedRows": self.checked_rows,
            "OldAlarmShare": self.old_alarm_share,
            "NewAlarmShare": self.new_alarm_share,
            "Message": truncate_text(self.message, 1000),
        }


def read_refit_requests(engine: Engine, equip_id: int) -> pl.DataFrame:
    """All requests of a machine, the oldest first."""
    q = engine.dialect.quote
    columns = ", ".join(map(q, REFIT_REQUESTS.polars_schema))
    sql = f"SELECT {columns} FROM {q(REFIT_REQUESTS.name)} WHERE {q('EquipID')} = ? ORDER BY {q('RequestedAt')}"
    return engine.query(sql, [equip_id]).cast(REFIT_REQUESTS.polars_schema)  # type: ignore[arg-type]


def create_refit_request(engine: Engine, equip_id: int, *, reason: str, requester: str) -> bool:
    """A person asks for new models; whether no request was pending already."""
    q, table = engine.dialect.quote, engine.dialect.quote(REFIT_REQUESTS.name)
    values = {
        "EquipID": equip_id,
        "RequestedAt": utc_now(),
        "RequestedBy": "REQUEST",
        "Requester": truncate_text(requester, 100),
        "Reason": truncate_text(reason, 1000),
        "Status": "PENDING",
    }
    none = f"NOT EXISTS (SELECT 1 FROM {table} WHERE {q('EquipID')} = ? AND {q('Status')} = 'PENDING')"
    sql = f"INSERT INTO {table} ({', '.join(map(q, values))})\nSELECT {_placeholders(values)}\nWHERE {none}"
    return engine.execute(sql, [*values.values(), equip_id]) == 1


def schedule_pending_requests(engine: Engine, equip_id: int, *, effective_from: datetime) -> int:
    """Give pending requests without a boundary, or with an earlier one, the boundary ``effective_from``.

    A replay keeps the boundary.

    Returns:
        Requests that were given one.
    """
    q = engine.dialect.quote
    return engine.execute(
        f"UPDATE {q(REFIT_REQUESTS.name)} SET {q('EffectiveFrom')} = ?\n"
        f"WHERE {q('EquipID')} = ? AND {q('Status')} = 'PENDING' AND COALESCE({q('EffectiveFrom')}, ?) <= ?",
        [effective_from, equip_id, effective_from, effective_from],
    )


def record_refit_decision(engine: Engine, decision: RefitDecision) -> None:
    """Store a decision: in the requests that asked for it, or in a row of the rule's own."""
    q, table = engine.dialect.quote, engine.dialect.quote(REFIT_REQUESTS.name)
    values = decision.column_values
    if decision.trigger == "REQUEST":
        changes = ", ".join(f"{q(name)} = ?" for name in values)
        engine.execute(
            f"UPDATE {table} SET {changes}\n"
            f"WHERE {q('EquipID')} = ? AND {q('Status')} = 'PENDING' AND {q('EffectiveFrom')} = ?",
            [*values.values(), decision.equip_id, decision.effective_from],
        )
        return
    key = {"EquipID": decision.equip_id, "RequestedAt": decision.effective_from, "RequestedBy": decision.trigger}
    row = {**key, "Reason": truncate_text(decision.reason, 1000), **values}
    engine.execute(f"DELETE FROM {table} WHERE {' AND '.join(f'{q(name)} = ?' for name in key)}", [*key.values()])
    engine.execute(f"INSERT INTO {table} ({', '.join(map(q, row))}) VALUES ({_placeholders(row)})", [*row.values()])


def revert_refit_decisions(engine: Engine, equip_id: int, to: datetime) -> int:
    """Take back decisions after a time: rules will ask again, requests wait for the boundary that they have."""
    q, table = engine.dialect.quote, engine.dialect.quote(REFIT_REQUESTS.name)
    later = f"{q('EquipID')} = ? AND {q('EffectiveFrom')} > ? AND {q('RequestedBy')}"
    undone = ("AcknowledgedAt", "ModelVersion", "CheckedRows", "OldAlarmShare", "NewAlarmShare", "Message")
    cleared = ", ".join(f"{q(name)} = NULL" for name in undone)
    engine.execute(
        f"UPDATE {table} SET {q('Status')} = 'PENDING', {cleared}\nWHERE {later} = 'REQUEST'", [equip_id, to]
    )
    return engine.execute(f"DELETE FROM {table} WHERE {later} <> 'REQUEST'", [equip_id, to])


def _placeholders(values: Mapping[str, object]) -> str:
    return ", ".join("?" * len(values))
