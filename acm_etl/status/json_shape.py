"""Status entities as JSON objects: one shape per entity in all commands, documented in ``docs/json.md``.

Keys are the field names of the dataclasses. Times stay ``datetime``; the command line writes them in ISO 8601 with Z.
"""

from __future__ import annotations

from dataclasses import asdict
from datetime import datetime
from typing import Any

from acm_etl.status import texts
from acm_etl.status.machine_status import FleetStatus, MachineDetails, MachineStatus
from acm_etl.status.reasons import Reason, Verdict
from acm_etl.status.verdict import JudgedMachine, judge_fleet, judge_machine

JsonObject = dict[str, Any]


def build_fleet(fleet: FleetStatus) -> JsonObject:
    """Return the object of ``status --json`` and ``monitor --once --json``; machines are sorted by urgency."""
    # Judged as the terminal does it: a script and a person must never see two different levels.
    judged = judge_fleet(fleet)
    return {
        "store": fleet.store,
        "observed_at": fleet.observed_at,
        "source": fleet.source,
        # null instead of an empty text: programs test for a value.
        "note": fleet.note or None,
        "unsent_events": fleet.unsent_events,
        "process": asdict(fleet.process) if fleet.process else None,
        "machines": [_build_judged(machine) for machine in judged],
    }


def build_details(details: MachineDetails, now: datetime) -> JsonObject:
    """Return the object of ``show --json``."""
    return {
        "machine": build_machine(details.status, now),
        "episodes": [asdict(episode) for episode in details.episodes],
        "sensors": [asdict(deviation) for deviation in details.status.deviations],
        "load_indicators": [asdict(indicator) for indicator in details.load_indicators or ()],
    }


def build_machine(status: MachineStatus, now: datetime) -> JsonObject:
    """Return the object of a machine: its verdict and every field of its status."""
    return _build_judged(JudgedMachine(status, judge_machine(status, now)))


def _build_judged(judged: JudgedMachine) -> JsonObject:
    status, verdict = judged
    fields = asdict(status)
    if status.coldstart and status.coldstart.training:
        fields["coldstart"]["training"] = status.coldstart.training.to_dict()
    # The sensors of one machine are in the object of ``show``; those of a fleet would be most of its text.
    del fields["deviations"]
    fields["largest_deviation"] = asdict(status.largest_deviation) if status.largest_deviation else None
    # Code and verdict first: people read JSON too.
    code = fields.pop("code")
    return {"code": code, "verdict": _build_verdict(verdict, code), **fields, "off_since": status.off_since}


def _build_verdict(verdict: Verdict, code: str) -> JsonObject:
    return {
        "level": verdict.level.name.lower(),
        "needs_attention": verdict.level.needs_attention,
        "reasons": [_build_reason(reason, code) for reason in verdict.reasons],
    }


def _build_reason(reason: Reason, code: str) -> JsonObject:
    return {
        "code": str(reason.code),
        "level": reason.level.name.lower(),
        # Text for people; programs read ``code`` and ``facts``, which stay the same when wording changes.
        "text": texts.describe_reason(reason, code),
        "facts": asdict(reason.facts),
    }


ROW_COLUMNS = (
    "code", "level", "reasons", "health_index", "health_zone", "scored_until", "lag_hours", "newest_reading",
    "windows_done", "windows_total", "last_run", "failed_runs", "late_readings", "coldstart",
    "changed_days", "older_readings", "future_readings",
)  # fmt: skip
"""Columns of ``status --format csv``."""


def build_rows(fleet: FleetStatus) -> list[JsonObject]:
    """Return one flat row per machine, for CSV; machines are sorted by urgency."""
    return [_build_row(machine, verdict) for machine, verdict in judge_fleet(fleet)]


def _build_row(machine: MachineStatus, verdict: Verdict) -> JsonObject:
    health, run, coldstart = machine.health, machine.last_run, machine.coldstart
    return {
        "code": machine.code,
        "level": verdict.level.name.lower(),
        # Codes in one column: the number of reasons differs by machine, the columns of a CSV must not.
        "reasons": " ".join(reason.code for reason in verdict.reasons),
        # An empty field, not 0: a health of 0 is the worst there is.
        "health_index": health.index if health else None,
        "health_zone": health.zone if health else None,
        "scored_until": machine.scored_until,
        "lag_hours": machine.lag_hours,
        "newest_reading": machine.readings.last if machine.readings else None,
        "windows_done": machine.windows_done,
        "windows_total": machine.windows_total,
        "last_run": run.outcome if run else None,
        "failed_runs": machine.failed_runs,
        "late_readings": machine.late_readings.count,
        "coldstart": coldstart.status if coldstart else None,
        "changed_days": machine.changed_readings.day_count if machine.changed_readings else 0,
        "older_readings": machine.older_readings.count if machine.older_readings else 0,
        "future_readings": machine.future_readings.count if machine.future_readings else 0,
    }
