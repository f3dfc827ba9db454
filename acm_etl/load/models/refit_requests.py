"""Requests for new models: created by a person or a rule, decided at a day boundary of the data."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

import polars as pl

from acm_etl.engine import Engine
from acm_etl.load.clock import utc_now
from acm_etl.load.single_rows import insert_row_unless, join_equalities, replace_row
from acm_etl.redaction import truncate_text
from acm_etl.tables.runs import REFIT_REQUESTS
from acm_etl.words import RefitTrigger

_DECISION_COLUMNS = ("AcknowledgedAt", "ModelVersion", "CheckedRows", "OldAlarmShare", "NewAlarmShare", "Message")


@dataclass(frozen=True, slots=True)
class RefitDecision:
    """The decision whether new models replace the current ones, taken at a day boundary.

    Attributes:
        equip_id: Machine.
        effective_from: The boundary; new models score from there on.
        trigger: A request of a person, or the rule that demanded new models.
        reason: Reason of the request or rule.
        message: The decision in words.
        model_version: The new models; None if the current ones stay.
        checked_rows: Healthy readings outside the training data, on which old and new models were compared.
        old_alarm_share: Share of them above the alarm level with the old models, 0 to 1.
        new_alarm_share: The same with the new models.
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
        """Values of the columns of ACM_RefitRequests that a decision fills in."""
        return {
            "Status": "REJECTED" if self.model_version is None else "DONE",
            "EffectiveFrom": self.effective_from,
            # The real clock, unlike EffectiveFrom: it is the audit time of the decision.
            "AcknowledgedAt": utc_now(),
            "ModelVersion": self.model_version,
            "CheckedRows": self.checked_rows,
            "OldAlarmShare": self.old_alarm_share,
            "NewAlarmShare": self.new_alarm_share,
            "Message": truncate_text(self.message, 1000),
        }


def read_refit_requests(engine: Engine, equip_id: int) -> pl.DataFrame:
    """Return all requests of a machine, oldest first."""
    sql = engine.dialect.sql(
        "SELECT {columns} FROM {table} WHERE {EquipID} = ? ORDER BY {RequestedAt}",
        columns=REFIT_REQUESTS.polars_schema,
        table=REFIT_REQUESTS,
    )
    # The cast matters for empty results, whose column types the drivers do not know.
    return engine.query(sql, [equip_id]).cast(REFIT_REQUESTS.polars_schema)  # type: ignore[arg-type]


def create_refit_request(engine: Engine, equip_id: int, *, reason: str, requester: str) -> bool:
    """Store the request of a person unless one is pending already; return whether it was stored."""
    # One pending request per machine is enough: the next decision answers all of them.
    values = {
        "EquipID": equip_id,
        "RequestedAt": utc_now(),
        "RequestedBy": "REQUEST",
        "Requester": truncate_text(requester, 100),
        "Reason": truncate_text(reason, 1000),
        "Status": "PENDING",
    }
    is_pending = engine.dialect.sql("{EquipID} = ? AND {Status} = 'PENDING'")
    return insert_row_unless(engine, REFIT_REQUESTS, values, condition=is_pending, params=[equip_id])


def schedule_pending_requests(engine: Engine, equip_id: int, *, effective_from: datetime) -> int:
    """Assign a day boundary to the pending requests that have none, or an earlier one.

    The boundary is stored because replays must decide the request at the same time of the data again.

    Returns:
        Number of requests that were assigned the boundary.
    """
    sql = engine.dialect.sql(
        "UPDATE {ACM_RefitRequests} SET {EffectiveFrom} = ?\n"
        # A later boundary stays: it was assigned before a replay, which must decide at the same time again.
        "WHERE {EquipID} = ? AND {Status} = 'PENDING' AND COALESCE({EffectiveFrom}, ?) <= ?"
    )
    return engine.execute(sql, [effective_from, equip_id, effective_from, effective_from])


def record_refit_decision(engine: Engine, decision: RefitDecision) -> None:
    """Store a decision: in the pending requests of this boundary, or as a row of the rule that demanded it."""
    values = decision.column_values
    if decision.trigger == "REQUEST":
        sql = engine.dialect.sql(
            "UPDATE {table} SET {changes}\nWHERE {EquipID} = ? AND {Status} = 'PENDING' AND {EffectiveFrom} = ?",
            table=REFIT_REQUESTS,
            changes=join_equalities(engine, values, ", "),
        )
        engine.execute(sql, [*values.values(), decision.equip_id, decision.effective_from])
        return
    row = {
        "EquipID": decision.equip_id,
        "RequestedAt": decision.effective_from,
        "RequestedBy": decision.trigger,
        "Reason": truncate_text(decision.reason, 1000),
        **values,
    }
    # A replay decides the same rule at the same boundary again: its row replaces the old one.
    replace_row(engine, REFIT_REQUESTS, row)


def revert_refit_decisions(engine: Engine, equip_id: int, to: datetime) -> int:
    """Revert the decisions after a time: requests are pending again, at their boundary; rows of rules are deleted.

    Returns:
        Number of deleted rows of rules.
    """
    # A replay decides again: requests of persons would be lost if they were deleted, rules trigger again by themselves.
    later = engine.dialect.sql("{EquipID} = ? AND {EffectiveFrom} > ? AND {RequestedBy}")
    reopen = engine.dialect.sql(
        "UPDATE {table} SET {Status} = 'PENDING', {cleared}\nWHERE {later} = 'REQUEST'",
        table=REFIT_REQUESTS,
        cleared=", ".join(f"{engine.dialect.quote(name)} = NULL" for name in _DECISION_COLUMNS),
        later=later,
    )
    engine.execute(reopen, [equip_id, to])
    delete = engine.dialect.sql("DELETE FROM {table} WHERE {later} <> 'REQUEST'", table=REFIT_REQUESTS, later=later)
    return engine.execute(delete, [equip_id, to])
