"""Activity of machines, from the records of their runs and the holders of their locks."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from acm_etl.engine import Engine
from acm_etl.load.machines.equipment import Equipment
from acm_etl.load.maintenance import abandoned_runs
from acm_etl.status.machine_status import Activity, ActivityState, Coldstart, RunAttempt
from acm_etl.status.processes import is_holder_alive
from acm_etl.status.progress_queries import RunTotals


@dataclass(frozen=True, slots=True)
class WorkRecords:
    """Records of the store about the work on machines, by EquipID.

    Attributes:
        published: Machines that have published a window.
        totals: Totals over the runs.
        last_runs: Newest attempts to score a window.
        coldstarts: Initial trainings.
    """

    published: Collection[int]
    totals: Mapping[int, RunTotals]
    last_runs: Mapping[int, RunAttempt]
    coldstarts: Mapping[int, Coldstart]


def read_activities(engine: Engine, machines: Sequence[Equipment], records: WorkRecords) -> dict[int, Activity]:
    """Return what happens with each machine, by EquipID.

    Locks are asked for only where a run or a training was begun and not ended: most machines cost no statement.
    """
    return {machine.equip_id: _find_activity(engine, machine, records) for machine in machines}


def _find_activity(engine: Engine, machine: Equipment, records: WorkRecords) -> Activity:
    equip_id = machine.equip_id
    totals, coldstart = records.totals.get(equip_id), records.coldstarts.get(equip_id)
    if totals and totals.running:
        state: ActivityState = "running" if _is_worked_on(engine, machine, totals) else "dead"
        return Activity(state, "", totals.running, totals.running_since, totals.holder)
    # A training has no run: only its lock tells whether somebody works on it.
    if coldstart and coldstart.status == "IN_PROGRESS" and engine.is_locked(machine.code) is False:
        return Activity("dead", "coldstart")
    # A later run that succeeded outranks an old failure, so only the last run decides.
    last_run = records.last_runs.get(equip_id)
    if last_run and last_run.outcome == "FAIL":
        return Activity("failed")
    return Activity("idle" if equip_id in records.published else "waiting")


def _is_worked_on(engine: Engine, machine: Equipment, totals: RunTotals) -> bool:
    """Return whether a session works on some of the RUNNING runs of a machine."""
    abandoned = abandoned_runs.find_abandoned_runs(engine, machine)
    # Without the locks, as on a read-only replica, a process of this host can still be looked up.
    return is_holder_alive(totals.holder) if abandoned is None else len(abandoned) < totals.running
