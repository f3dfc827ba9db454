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
from acm_etl.load.runs import truncate_text
from acm_etl.tables.runs import COLDSTART_STATE

Transition = Literal["begin", "shortage", "abandon", "fail", "complete", "models_lost", "reset"]

TRANSITIONS: dict[Transition, tuple[tuple[str, ...], str]] = {
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
_COLUMNS_BY_FIELD = {
    "status": "Status",
    "accumulated": "AccumulatedRows",
    "required": "RequiredRows",
    "data_start": "DataStart",
    "data_end": "DataEnd",
    "train_end": "TrainEnd",
    "model_version": "ModelVersion",
    "reason": "Reason",
    "retry_after": "RetryAfter",
    "attempts": "AttemptCount",
    "planned_end": "PlannedEnd",
    "planned_rows": "PlannedRows",
}


@dataclass(frozen=True, slots=True)
class ColdstartState:
    """State of the coldstart of a machine; the fields are columns of ACM_ColdstartState."""

    status: str
    accumulated_rows: int
    required_rows: int
    data_start: datetime | None
    data_end: datetime | None
    train_end: datetime | None
    model_version: int | None
    reason: str | None
    retry_after: datetime | None
    attempt_count: int
    planned_end: datetime | None
    planned_rows: int | None


@dataclass(frozen=True, slots=True)
class PlannedTraining:
    """Training period that the settings ask for, before it is extended.

    Attributes:
        end: End of the period, UTC.
        rows: Running readings in it.
    """

    end: datetime | None
    rows: int | None


def read_coldstart(engine: Engine, equip_id: int) -> ColdstartState | None:
    """Return the coldstart of a machine; None if no coldstart was ever begun."""
    q = engine.dialect.quote
    columns = ", ".join(map(q, _COLUMNS_BY_FIELD.values()))
    sql = f"SELECT {columns} FROM {q(COLDSTART_STATE.name)} WHERE {q('EquipID')} = ? AND {q('Stage')} = ?"
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


def record_shortage(
    engine: Engine,
    equip_id: int,
    *,
    accumulated_rows: int,
    required_rows: int,
    data_start: datetime | None = None,
    data_end: datetime | None = None,
    reason: str | None = None,
) -> None:
    """Return to PENDING because the history is too short; the count of readings replaces the one before."""
    # Shown by ``status`` as the reason why the machine has no results.
    text = reason or f"{accumulated_rows} of {required_rows} running readings so far"
    changes = {
        "AccumulatedRows": accumulated_rows,
        "RequiredRows": required_rows,
        "DataStart": data_start,
        "DataEnd": data_end,
        "Reason": truncate_text(text, 1000),
    }
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
        changes={"Reason": "the runner of the last attempt ended without a word"},
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
    *,
    accumulated_rows: int,
    required_rows: int,
    data_span: tuple[datetime, datetime],
    train_end: datetime,
    model_version: int,
    planned: PlannedTraining | None = None,
) -> None:
    """Record that models exist: COMPLETE. Only inside the transaction that writes them (``registry.publish_model``)."""
    changes = {
        "AccumulatedRows": accumulated_rows,
        "RequiredRows": required_rows,
        "DataStart": data_span[0],
        "DataEnd": data_span[1],
        "TrainEnd": train_end,
        "ModelVersion": model_version,
        "PlannedEnd": planned.end if planned else None,
        "PlannedRows": planned.rows if planned else None,
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
    q, table = engine.dialect.quote, engine.dialect.quote(COLDSTART_STATE.name)
    values = {
        "EquipID": equip_id,
        "Stage": _STAGE,
        "AccumulatedRows": 0,
        "RequiredRows": required_rows,
        **values,
    }
    # One statement checks and inserts: two processes cannot both create the row, and no error has to be told from
    # others.
    created = engine.execute(
        f"INSERT INTO {table} ({', '.join(map(q, values))})\nSELECT {', '.join('?' * len(values))}\n"
        f"WHERE NOT EXISTS (SELECT 1 FROM {table} WHERE {q('EquipID')} = ? AND {q('Stage')} = ?)",
        [*values.values(), equip_id, _STAGE],
    )
    return created == 1


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
            f"only from {_join_with_or(allowed)}"
        )
        raise ColdstartError(message)
    q = engine.dialect.quote
    # Only named columns change: a step keeps the facts that earlier steps have stored.
    assignments = ", ".join(f"{q(name)} = ?" for name in ("Status", *changes))
    # The number of attempts is in the condition: the status alone could be equal again after a whole attempt of another
    # process.
    changed = engine.execute(
        f"UPDATE {q(COLDSTART_STATE.name)} SET {assignments}\n"
        f"WHERE {q('EquipID')} = ? AND {q('Stage')} = ? AND {q('Status')} = ? AND {q('AttemptCount')} = ?",
        [target, *changes.values(), equip_id, _STAGE, status, state.attempt_count if state else 0],
    )
    if changed != 1:
        raise ColdstartError(_concurrent_change_message(equip_id, transition))


def _join_with_or(words: tuple[str, ...]) -> str:
    return " or ".join(words)


def _concurrent_change_message(equip_id: int, transition: str) -> str:
    return f"coldstart of machine {equip_id}: another runner was faster than this {transition}; look at its state again"
