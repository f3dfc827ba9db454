"""Baselines: times from which a person declared a machine normal, after an overhaul or a change of its sensors."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from acm_etl.engine import Engine
from acm_etl.load.clock import utc_now
from acm_etl.load.single_rows import insert_row, join_equalities
from acm_etl.redaction import truncate_text
from acm_etl.tables.runs import BASELINES
from acm_etl.windows import EPOCH
from acm_etl.words import BaselineStatus

_ACTIVE = "{Status} NOT IN ('REPLACED', 'WITHDRAWN')"
_FIELD_COLUMNS = (
    *("EquipID", "RequestedAt", "EffectiveFrom", "RequestedEnd", "Status", "Requester", "Reason"),
    *("TrainEnd", "TrainRows", "ModelVersion", "Message"),
)
_DECISION_COLUMNS = ("TrainEnd", "TrainRows", "ModelVersion", "DecidedAt", "Message")


@dataclass(frozen=True, slots=True)
class Baseline:
    """A row of ACM_Baselines.

    Attributes:
        equip_id: Machine.
        requested_at: Time of the request, UTC.
        effective_from: Midnight of the data from which the machine is normal, UTC.
        requested_end: End of the training period, UTC, exclusive; None: as soon as the period is long enough.
        status: ``PENDING``, ``DONE`` or ``REJECTED``.
        requester: User who made the request.
        reason: Reason of the request.
        train_end: End of the training period that was used, UTC, exclusive.
        train_rows: Readings in operation in it.
        model_version: The new models.
        message: The decision in words.
    """

    equip_id: int
    requested_at: datetime
    effective_from: datetime
    requested_end: datetime | None
    status: BaselineStatus
    requester: str | None
    reason: str
    train_end: datetime | None = None
    train_rows: int | None = None
    model_version: int | None = None
    message: str | None = None


def read_baselines(engine: Engine, equip_id: int) -> list[Baseline]:
    """Return the baselines of a machine in the order of their times, without replaced and withdrawn ones."""
    sql = engine.dialect.sql(
        f"SELECT {{columns}} FROM {{table}} WHERE {{EquipID}} = ? AND {_ACTIVE}\n"
        "ORDER BY {EffectiveFrom}, {RequestedAt}",
        columns=_FIELD_COLUMNS,
        table=BASELINES,
    )
    return [Baseline(*row) for row in engine.query(sql, [equip_id]).iter_rows()]


def create_baseline(engine: Engine, baseline: Baseline) -> int:
    """Store a pending baseline; return the number of earlier ones for the same time that it replaces."""
    row = {
        "EquipID": baseline.equip_id,
        "RequestedAt": baseline.requested_at,
        "EffectiveFrom": baseline.effective_from,
        "RequestedEnd": baseline.requested_end,
        # Whatever the argument says: the next backfill decides, on the readings that it finds.
        "Status": "PENDING",
        "Requester": None if baseline.requester is None else truncate_text(baseline.requester, 100),
        "Reason": truncate_text(baseline.reason, 1000),
    }
    with engine.transaction():
        replaced = retire_baselines(engine, baseline.equip_id, baseline.effective_from, "REPLACED")
        insert_row(engine, BASELINES, row)
    return replaced


def retire_baselines(
    engine: Engine, equip_id: int, effective_from: datetime, status: Literal["REPLACED", "WITHDRAWN"]
) -> int:
    """Take the baselines of a time out of use; return their number."""
    sql = engine.dialect.sql(
        f"UPDATE {{table}} SET {{Status}} = ? WHERE {{EquipID}} = ? AND {{EffectiveFrom}} = ? AND {_ACTIVE}",
        table=BASELINES,
    )
    return engine.execute(sql, [status, equip_id, effective_from])


def record_baseline_decision(engine: Engine, baseline: Baseline) -> None:
    """Store the decision about a pending baseline: its status, its training period, its models and its message."""
    values = {
        "Status": baseline.status,
        "TrainEnd": baseline.train_end,
        "TrainRows": baseline.train_rows,
        "ModelVersion": baseline.model_version,
        # The real clock, unlike EffectiveFrom: it is the audit time of the decision.
        "DecidedAt": utc_now(),
        "Message": truncate_text(baseline.message or "", 1000),
    }
    sql = engine.dialect.sql(
        "UPDATE {table} SET {changes}\nWHERE {EquipID} = ? AND {RequestedAt} = ?",
        table=BASELINES,
        changes=join_equalities(engine, values, ", "),
    )
    engine.execute(sql, [*values.values(), baseline.equip_id, baseline.requested_at])


def revert_baseline_decisions(engine: Engine, equip_id: int, *, after: datetime | None = None) -> int:
    """Make the baselines after a time pending again; return their number.

    Args:
        engine: The store.
        equip_id: The machine.
        after: The time, UTC; None for all baselines.
    """
    sql = engine.dialect.sql(
        "UPDATE {table} SET {Status} = 'PENDING', {cleared}\n"
        "WHERE {EquipID} = ? AND {Status} IN ('DONE', 'REJECTED') AND {EffectiveFrom} > ?",
        table=BASELINES,
        cleared=", ".join(f"{engine.dialect.quote(name)} = NULL" for name in _DECISION_COLUMNS),
    )
    return engine.execute(sql, [equip_id, after or EPOCH])
