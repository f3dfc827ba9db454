"""State machine of the initial training (coldstart) of a machine: a table of steps, each a guarded update.

absent ──begin──> IN_PROGRESS ──complete──> COMPLETE ──models_lost──> PENDING
absent ──create─> PENDING                                (the reason names another source, such as ACM V8)
PENDING ─begin──> IN_PROGRESS ──shortage──> PENDING
FAILED ──begin──> IN_PROGRESS ──abandon───> PENDING      (its process has died)
                  IN_PROGRESS ──fail──────> FAILED       (begin again only after RetryAfter)
any of them ─────reset─────> PENDING
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

from acm_etl.engine import Engine
from acm_etl.errors import ColdstartError
from acm_etl.load.clock import utc_now
from acm_etl.load.single_rows import insert_row_unless, join_equalities
from acm_etl.redaction import truncate_text
from acm_etl.tables.runs import COLDSTART_STATE
from acm_etl.words import ColdstartStatus

Transition = Literal["begin", "shortage", "abandon", "fail", "complete", "models_lost", "reset"]

TRANSITIONS: dict[Transition, tuple[tuple[ColdstartStatus, ...], ColdstartStatus]] = {
    "begin": (("PENDING", "FAILED"), "IN_PROGRESS"),
    "shortage": (("IN_PROGRESS",), "PENDING"),
    "abandon": (("IN_PROGRESS",), "PENDING"),
    "fail": (("IN_PROGRESS",), "FAILED"),
    "complete": (("IN_PROGRESS",), "COMPLETE"),
    "models_lost": (("COMPLETE",), "PENDING"),
    "reset": (("PENDING", "IN_PROGRESS", "FAILED", "COMPLETE"), "PENDING"),
}
"""By step: the states from which the step is allowed, and the state to which it leads."""

# A part of the key since the tables of V8; there is only one stage.
_STAGE = "score"
# In the order of the fields of ``ColdstartState``.
_STATE_COLUMNS = ("Status", "TrainEnd", "Reason", "RetryAfter", "AttemptCount")


@dataclass(frozen=True, slots=True)
class ColdstartState:
    """State of the coldstart of a machine; the fields are columns of ACM_ColdstartState, without those for people."""

    status: ColdstartStatus
    train_end: datetime | None
    reason: str | None
    retry_after: datetime | None
    attempt_count: int


@dataclass(frozen=True, slots=True)
class TrainingData:
    """Readings of the training period, as far as they have arrived.

    Attributes:
        running_rows: Readings in operation.
        required_rows: Readings in operation that a training needs.
        start: First reading, UTC.
        end: Last reading, UTC; None without any.
    """

    running_rows: int
    required_rows: int
    start: datetime
    end: datetime | None

    def to_columns(self) -> dict[str, Any]:
        """Return the values by column of ACM_ColdstartState."""
        return {
            "AccumulatedRows": self.running_rows,
            "RequiredRows": self.required_rows,
            "DataStart": self.start,
            "DataEnd": self.end,
        }


@dataclass(frozen=True, slots=True)
class PlannedTraining:
    """Training period that the settings ask for, before it is extended.

    Attributes:
        end: End of the period, UTC.
        running_rows: Readings in operation in it.
    """

    end: datetime
    running_rows: int


def read_coldstart(engine: Engine, equip_id: int) -> ColdstartState | None:
    """Return the coldstart of a machine; None if no coldstart was ever begun."""
    sql = engine.dialect.sql(
        "SELECT {columns} FROM {table} WHERE {EquipID} = ? AND {Stage} = ?",
        columns=_STATE_COLUMNS,
        table=COLDSTART_STATE,
    )
    # At most one row: machine and stage are the key.
    rows = engine.query(sql, [equip_id, _STAGE])
    return ColdstartState(*rows.row(0)) if rows.height else None


def begin_attempt(engine: Engine, equip_id: int, *, required_rows: int, started_at: datetime | None = None) -> None:
    """Start an attempt: absent, PENDING, or FAILED after its RetryAfter.

    Raises:
        ColdstartError: The coldstart is in progress, complete or must wait; or another process was faster.
    """
    time = started_at or utc_now()
    state = read_coldstart(engine, equip_id)
    if state is None:
        attempt = {"Status": "IN_PROGRESS", "AttemptCount": 1, "FirstAttemptAt": time, "LastAttemptAt": time}
        # Nothing was inserted: another process began between the read and this statement.
        if not _insert_state(engine, equip_id, required_rows=required_rows, values=attempt):
            raise ColdstartError(_concurrent_change_message(equip_id, "begin"))
        return
    # A training can take minutes: a nightly job must not repeat one that fails at every start.
    if state.status == "FAILED" and state.retry_after and time < state.retry_after:
        message = (
            f"the coldstart of machine {equip_id} failed ({state.reason}) and is not tried again before"
            f" {state.retry_after:%Y-%m-%d %H:%M:%S} UTC; wait, or reset it (acm-etl reset CODE --coldstart-only)"
        )
        raise ColdstartError(message)
    changes = {
        "RequiredRows": required_rows,
        "AttemptCount": state.attempt_count + 1,
        "LastAttemptAt": time,
        "Reason": None,
        "RetryAfter": None,
        # A row of ``create_pending`` has no first attempt yet; later attempts keep the time of the first one.
        **({} if state.attempt_count else {"FirstAttemptAt": time}),
    }
    _apply_transition(engine, equip_id, "begin", state=state, changes=changes)


def create_pending(engine: Engine, equip_id: int, *, required_rows: int, reason: str) -> bool:
    """Record why a machine waits whose coldstart was never begun; return whether the reason was stored."""
    # Zero attempts: the machine waits, and no training has been tried.
    values = {"Status": "PENDING", "AttemptCount": 0, "Reason": truncate_text(reason, 1000)}
    return _insert_state(engine, equip_id, required_rows=required_rows, values=values)


def record_shortage(engine: Engine, equip_id: int, data: TrainingData, *, reason: str) -> None:
    """Return to PENDING because the history is too short; the count of readings replaces the one before."""
    # Shown by ``status`` as the reason why the machine has no results.
    changes = {**data.to_columns(), "Reason": truncate_text(reason, 1000)}
    _apply_transition(engine, equip_id, "shortage", state=read_coldstart(engine, equip_id), changes=changes)


def abandon_attempt(engine: Engine, equip_id: int) -> bool:
    """Return an attempt of a dead process to PENDING; return whether there was one. The caller holds the lock."""
    state = read_coldstart(engine, equip_id)
    # Called at the start of each backfill; usually the last attempt has ended properly.
    if state is None or state.status != "IN_PROGRESS":
        return False
    _apply_transition(
        engine,
        equip_id,
        "abandon",
        state=state,
        changes={"Reason": "the process of the last attempt ended without a message"},
    )
    return True


def fail_attempt(engine: Engine, equip_id: int, *, reason: str, retry_after: datetime) -> None:
    """Mark the attempt FAILED until ``retry_after``, or until a reset."""
    # A time and not a counter: whoever runs next decides without knowing the process that failed.
    changes = {"Reason": truncate_text(reason, 1000), "RetryAfter": retry_after}
    _apply_transition(engine, equip_id, "fail", state=read_coldstart(engine, equip_id), changes=changes)


def complete_coldstart(
    engine: Engine,
    equip_id: int,
    data: TrainingData,
    *,
    train_end: datetime,
    model_version: int,
    planned: PlannedTraining | None = None,
) -> None:
    """Record that models exist: COMPLETE. Only inside the transaction that writes them (``registry.publish_model``)."""
    changes = {
        **data.to_columns(),
        "TrainEnd": train_end,
        "ModelVersion": model_version,
        "PlannedEnd": planned.end if planned else None,
        "PlannedRows": planned.running_rows if planned else None,
        "Reason": None,
        "CompletedAt": utc_now(),
    }
    _apply_transition(engine, equip_id, "complete", state=read_coldstart(engine, equip_id), changes=changes)


def record_lost_models(engine: Engine, equip_id: int, *, reason: str) -> None:
    """Return from COMPLETE to PENDING because the models are gone, with the reason."""
    # Rows and period of the last training stay: they tell which data the lost models had.
    changes = {"Reason": truncate_text(reason, 1000), "ModelVersion": None, "CompletedAt": None}
    _apply_transition(engine, equip_id, "models_lost", state=read_coldstart(engine, equip_id), changes=changes)


def reset_coldstart(engine: Engine, equip_id: int, *, reason: str = "reset by hand") -> None:
    """Return to PENDING from any state; do nothing for a machine without a coldstart."""
    state = read_coldstart(engine, equip_id)
    if state is None:
        return
    changes = {
        "AccumulatedRows": 0,
        "DataStart": None,
        "DataEnd": None,
        "TrainEnd": None,
        "ModelVersion": None,
        "PlannedEnd": None,
        "PlannedRows": None,
        "Reason": truncate_text(reason, 1000),
        "RetryAfter": None,
        "CompletedAt": None,
    }
    _apply_transition(engine, equip_id, "reset", state=state, changes=changes)


def _insert_state(engine: Engine, equip_id: int, *, required_rows: int, values: Mapping[str, Any]) -> bool:
    key = {"EquipID": equip_id, "Stage": _STAGE}
    row = {**key, "AccumulatedRows": 0, "RequiredRows": required_rows, **values}
    is_stored = join_equalities(engine, key, " AND ")
    return insert_row_unless(engine, COLDSTART_STATE, row, condition=is_stored, params=[*key.values()])


def _apply_transition(
    engine: Engine, equip_id: int, transition: Transition, *, state: ColdstartState | None, changes: Mapping[str, Any]
) -> None:
    """Take a step if the state allows it and no other process has changed the state since it was read.

    Raises:
        ColdstartError: The step is not allowed, or another process was faster.
    """
    allowed, target = TRANSITIONS[transition]
    status = state.status if state else "absent"
    if status not in allowed:
        message = (
            f"coldstart of machine {equip_id}: {transition} is not possible from {status}, "
            f"only from {' or '.join(allowed)}"
        )
        raise ColdstartError(message)
    # The number of attempts is in the condition: the status alone could be equal again after a whole attempt of another
    # process.
    guards = {
        "EquipID": equip_id,
        "Stage": _STAGE,
        "Status": status,
        "AttemptCount": state.attempt_count if state else 0,
    }
    # Only named columns change: a step keeps the facts that earlier steps have stored.
    sql = engine.dialect.sql(
        "UPDATE {table} SET {changes}\nWHERE {guards}",
        table=COLDSTART_STATE,
        changes=join_equalities(engine, ("Status", *changes), ", "),
        guards=join_equalities(engine, guards, " AND "),
    )
    changed = engine.execute(sql, [target, *changes.values(), *guards.values()])
    if changed != 1:
        raise ColdstartError(_concurrent_change_message(equip_id, transition))


def _concurrent_change_message(equip_id: int, transition: str) -> str:
    return f"coldstart of machine {equip_id}: another process was faster than this {transition}; run the command again"
