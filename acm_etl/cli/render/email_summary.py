"""How a fleet stands, as the text of an e-mail: what needs attention first, never longer than a screen."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

_MOST = 20
"""Machines that are named, one a line."""
_WIDTH = 160


def summary(found: Mapping[str, Any], *, store: str, at: datetime) -> str:
    """Fewer than 30 lines of plain text; the first one is fit for a subject.

    Args:
        found: What ``survey.status`` says.
        store: The store, without secrets.
        at: Now, UTC.
    """
    machines = found["machines"]
    wrong = {machine["machine"]: told for machine in machines if (told := _attention(machine))}
    waiting, fine = _others([machine for machine in machines if machine["machine"] not in wrong])
    lines = [
        f"acm_etl: {len(wrong)} of {len(machines)} machine(s) need attention",
        f"{store}, {at:%Y-%m-%d %H:%M} UTC",
    ]
    circuit = found.get("breaker")
    if circuit and circuit["state"] != "closed":
        lines.append(_cut(f"The runner's breaker is {circuit['state']} since {circuit['since']}: {circuit['error']}"))
    if found.get("held"):
        lines.append(_cut(found["held"]))
    lines += ["", *(_cut(f"{code}: {'; '.join(told)}") for code, told in list(wrong.items())[:_MOST])]
    if len(wrong) > _MOST:
        lines.append(f"... and {len(wrong) - _MOST} more")
    for group, names in (("waiting", waiting), ("all right", fine)):
        if names:
            lines.append(_cut(f"{group}: {len(names)} ({', '.join(names)})"))
    return "\n".join([*lines, "", "More: acm-etl status; what to do: docs/runbook.md"])


def _others(machines: Sequence[Mapping[str, Any]]) -> tuple[list[str], list[str]]:
    """Machines that nobody need look at: those without models, waiting for readings or for a first run; the rest."""
    split: tuple[list[str], list[str]] = ([], [])
    for machine in machines:
        # a runner that holds the store does not say how the coldstart stands
        split[machine["coldstart"] in (None, "COMPLETE")].append(machine["machine"])
    return split


def _attention(machine: Mapping[str, Any]) -> list[str]:
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


def _cut(line: str) -> str:
    line = " ".join(line.split())
    return line if len(line) <= _WIDTH else f"{line[: _WIDTH - 3]}..."
