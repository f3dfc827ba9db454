"""How a fleet stands, as the text of an e-mail: what needs attention first, never longer than a screen."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

_MAX_MACHINES = 20
"""Machines that are named, one a line."""
_MAX_LINE_WIDTH = 160


def format_summary(fleet_status: Mapping[str, Any], *, store: str, at: datetime) -> str:
    """Fewer than 30 lines of plain text; the first one is fit for a subject.

    Args:
        fleet_status: What ``survey.status`` says.
        store: The store, without secrets.
        at: Now, UTC.
    """
    machines = fleet_status["machines"]
    wrong = {machine["machine"]: told for machine in machines if (told := _attention_reasons(machine))}
    waiting, fine = _split_waiting_machines([machine for machine in machines if machine["machine"] not in wrong])
    lines = [
        f"acm_etl: {len(wrong)} of {len(machines)} machine(s) need attention",
        f"{store}, {at:%Y-%m-%d %H:%M} UTC",
    ]
    if fleet_status.get("held"):
        lines.append(_truncate_line(fleet_status["held"]))
    lines += ["", *(_truncate_line(f"{code}: {'; '.join(told)}") for code, told in list(wrong.items())[:_MAX_MACHINES])]
    if len(wrong) > _MAX_MACHINES:
        lines.append(f"... and {len(wrong) - _MAX_MACHINES} more")
    for group, names in (("waiting", waiting), ("all right", fine)):
        if names:
            lines.append(_truncate_line(f"{group}: {len(names)} ({', '.join(names)})"))
    return "\n".join([*lines, "", "More: acm-etl status; what to do: docs/runbook.md"])


def _split_waiting_machines(machines: Sequence[Mapping[str, Any]]) -> tuple[list[str], list[str]]:
    """Machines that nobody need look at: those without models, waiting for readings or for a first run; the rest."""
    split: tuple[list[str], list[str]] = ([], [])
    for machine in machines:
        # a runner that holds the store does not say how the coldstart stands
        split[machine["coldstart"] in (None, "COMPLETE")].append(machine["machine"])
    return split


def _attention_reasons(machine: Mapping[str, Any]) -> list[str]:
    """Why a person should look at a machine; empty where nobody need."""
    told = []
    if machine["last run"] == "FAIL":
        failed = [note for note in machine.get("notes", ()) if note.startswith("last run failed")]
        told.append(failed[0] if failed else "last run failed")
    if machine["coldstart"] == "FAILED":
        told.append("coldstart failed")
    if machine["late"]:
        told.append(f"{machine['late']:,} late readings")
    if machine["lag"] and machine["lag"].endswith(" d"):
        told.append(f"{machine['lag']} behind its newest reading")
    if machine["health"] and machine["health"].endswith("ALERT"):
        told.append(f"health {machine['health']}")
    if machine.get("motionless"):
        told.append(f"no tag has changed in {machine['motionless']:,} readings: is its data collection alive?")
    return told


def _truncate_line(line: str) -> str:
    line = " ".join(line.split())
    return line if len(line) <= _MAX_LINE_WIDTH else f"{line[: _MAX_LINE_WIDTH - 3]}..."
