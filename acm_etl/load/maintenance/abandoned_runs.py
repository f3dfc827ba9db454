"""Runs that were announced and that no session works on any more: find them, and record that they failed.

A process that is killed, or that gives a machine up because its connection is gone, cannot record the end of its runs:
RunLog says RUNNING. Locks end with their session, so RUNNING without a lock proves that nobody works on a run.
"""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass

from acm_etl.dialects.parameters import iter_in_lists
from acm_etl.engine import Engine
from acm_etl.errors import MachineLockedError
from acm_etl.load.clock import utc_now
from acm_etl.load.machines import equipment
from acm_etl.load.machines.equipment import Equipment
from acm_etl.load.models import coldstart
from acm_etl.load.runs import build_failed_summaries
from acm_etl.load.staging import upsert_frame
from acm_etl.tables.runs import ACM_RUNS


@dataclass(frozen=True, slots=True)
class AbandonedRuns:
    """Runs of a machine that were RUNNING although no session worked on them."""

    machine: str
    runs: int


def find_abandoned_runs(engine: Engine, machine: Equipment) -> list[str] | None:
    """Return the ids of the RUNNING runs of a machine that no session works on.

    Returns:
        The ids; None if the engine cannot see locks.
    """
    running = _read_running(engine, machine.equip_id)
    is_held = {name: engine.is_locked(name) for name in {_lock_name(machine, *run) for run in running.items()}}
    if None in is_held.values():
        return None
    suspects = [run_id for run_id, stage in running.items() if not is_held[_lock_name(machine, run_id, stage)]]
    # A run may have ended, and its lock with it, between the two questions: only one that is still RUNNING counts.
    still_running = _read_running(engine, machine.equip_id) if suspects else {}
    return [run_id for run_id in suspects if run_id in still_running]


def fail_abandoned_runs(engine: Engine, machine: Equipment) -> int:
    """Set the abandoned runs of a machine to FAIL, and an abandoned initial training to PENDING.

    The caller must hold the lock of the machine, so that no other session works on its windows.

    Returns:
        Number of runs.
    """
    coldstart.abandon_attempt(engine, machine.equip_id)
    # An import does not need the lock of the machine: it may still be alive.
    abandoned = [
        run_id
        for run_id, stage in _read_running(engine, machine.equip_id).items()
        if stage != "import" or not engine.is_locked(run_id)
    ]
    if abandoned:
        with engine.transaction():
            for run_ids, placeholders in iter_in_lists(abandoned):
                _fail_runs(engine, machine, run_ids, placeholders)
    return len(abandoned)


def close_abandoned_runs(engine: Engine) -> list[AbandonedRuns]:
    """Set the abandoned runs of all machines to FAIL, and abandoned initial trainings to PENDING.

    Returns:
        The machines with the number of their runs; 0 for a machine with such a training only.
    """
    sql = engine.dialect.sql(
        "SELECT {EquipID} FROM {RunLog} WHERE {Outcome} = 'RUNNING'\n"
        "UNION SELECT {EquipID} FROM {ACM_ColdstartState} WHERE {Status} = 'IN_PROGRESS'"
    )
    equip_ids = set(engine.query(sql)["EquipID"])
    machines = equipment.read_machines(engine) if equip_ids else []
    closed = []
    for machine in (each for each in machines if each.equip_id in equip_ids):
        # The lock of a machine that is worked on cannot be had: its runs stay.
        with suppress(MachineLockedError), engine.acquire_lock(machine.code):
            closed.append(AbandonedRuns(machine.code, fail_abandoned_runs(engine, machine)))
    return closed


def _read_running(engine: Engine, equip_id: int) -> dict[str, str]:
    """Return the stage of each RUNNING run of a machine, by RunID."""
    sql = engine.dialect.sql("SELECT {RunID}, {Stage} FROM {RunLog} WHERE {EquipID} = ? AND {Outcome} = 'RUNNING'")
    return dict(engine.query(sql, [equip_id]).iter_rows())


def _lock_name(machine: Equipment, run_id: str, stage: str) -> str:
    """Return the lock that the session of a run holds."""
    # Imports may run beside a backfill of their machine, so each has a lock of its own.
    return run_id if stage == "import" else machine.code


def _fail_runs(engine: Engine, machine: Equipment, run_ids: Sequence[str], placeholders: str) -> None:
    now = utc_now()
    update = engine.dialect.sql(
        "UPDATE {RunLog} SET {Outcome} = 'FAIL', {CompletedAt} = "
        "CASE WHEN ? > {AttemptStartedAt} THEN ? ELSE {AttemptStartedAt} END,\n"
        "  {ErrorMessage} = CONCAT('left RUNNING by ', COALESCE({Holder}, 'an unknown process'),"
        " ', which ended unexpectedly; the next run repeats it')\n"
        "WHERE {EquipID} = ? AND {RunID} IN ({values}) AND {Outcome} = 'RUNNING'",
        values=placeholders,
    )
    engine.execute(update, [now, now, machine.equip_id, *run_ids])
    # ACM_Runs shows a failed run as such, however it failed: dashboards read no other table.
    failed = engine.dialect.sql(
        "SELECT {RunID}, {EquipID}, {StartedAt}, {CompletedAt}, {ConfigSignature}, {ErrorMessage} FROM {RunLog}\n"
        "WHERE {EquipID} = ? AND {RunID} IN ({values}) AND {Outcome} = 'FAIL'",
        values=placeholders,
    )
    summaries = build_failed_summaries(engine.query(failed, [machine.equip_id, *run_ids]), machine.code, now)
    upsert_frame(engine, ACM_RUNS, summaries)
