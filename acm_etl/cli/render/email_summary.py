"""Status of a fleet as plain text for an e-mail: machines that need attention first, never longer than a screen."""

from __future__ import annotations

from collections.abc import Sequence

from acm_etl.formatting import documentation_url
from acm_etl.status import texts
from acm_etl.status.formatting import truncate_line
from acm_etl.status.machine_status import FleetStatus
from acm_etl.status.reasons import Level
from acm_etl.status.verdict import JudgedMachine, judge_fleet

# With subject, groups and frame the text stays below 30 lines.
_MAX_MACHINES = 20
"""Machines that get a line of their own."""
# Error messages of drivers can be pages long.
_MAX_LINE_WIDTH = 160
_GROUPS = {Level.UNKNOWN: "status unknown", Level.WAITING: "waiting", Level.HEALTHY: "healthy"}
"""Levels whose machines are listed by name only."""


def format_summary(fleet: FleetStatus) -> str:
    """Return fewer than 30 lines of plain text; the first one can serve as the subject.

    Args:
        fleet: Status of the machines.
    """
    judged = judge_fleet(fleet)
    lines = [
        _format_subject(judged),
        f"{fleet.store}, {fleet.observed_at:%Y-%m-%d %H:%M} UTC",
        *filter(None, [texts.describe_process(fleet)]),
        "",
        *_format_attention(judged),
    ]
    # These groups need no action: names only, so that the text fits a screen.
    for level, title in _GROUPS.items():
        if codes := [machine.code for machine, verdict in judged if verdict.level == level]:
            lines.append(f"{title}: {len(codes)} ({', '.join(codes)})")
    more = f"More: acm-etl status; see {documentation_url('runbook')}"
    return "\n".join([*(truncate_line(line, _MAX_LINE_WIDTH) for line in lines), "", more])


def _format_subject(judged: Sequence[JudgedMachine]) -> str:
    attention = sum(verdict.level.needs_attention for _, verdict in judged)
    # Counted apart: an unknown machine must not look healthy in the subject.
    unknown = sum(verdict.level == Level.UNKNOWN for _, verdict in judged)
    machines, verb = ("machine", "needs") if len(judged) == 1 else ("machines", "need")
    if unknown and unknown == len(judged):
        # "0 of 8 need attention" would be false comfort: nobody can know it while the store is in use.
        return f"acm_etl: status unknown for {unknown} of {len(judged)} {machines}"
    rest = f", status unknown for {unknown}" if unknown else ""
    return f"acm_etl: {attention} of {len(judged)} {machines} {verb} attention{rest}"


def _format_attention(judged: Sequence[JudgedMachine]) -> list[str]:
    """Return one line per machine that needs attention."""
    urgent = [machine for machine in judged if machine.verdict.level.needs_attention]
    lines = [
        f"{machine.code}: {texts.LEVEL_LABELS[verdict.level]}: "
        + "; ".join(texts.describe_reason(reason, machine.code) for reason in verdict.reasons)
        for machine, verdict in urgent[:_MAX_MACHINES]
    ]
    # The sum of the lines must match the subject, even if not all machines fit.
    hidden = len(urgent) - len(lines)
    return [*lines, *([f"... and {hidden} more"] if hidden else [])]
