"""Output of ``status`` and ``show`` on the terminal."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import TypeVar

from rich.text import Text

from acm_etl.cli.render.console import print_paragraph
from acm_etl.cli.render.fitted_table import FittedColumn, print_columns
from acm_etl.status import model_texts, texts
from acm_etl.status.formatting import format_number, format_reading, format_signed, format_span
from acm_etl.status.machine_status import Episode, FleetStatus, MachineDetails, MachineStatus
from acm_etl.status.reasons import Level, Verdict
from acm_etl.status.sensor_facts import Deviation
from acm_etl.status.verdict import JudgedMachine, judge_fleet, judge_machine

LEVEL_STYLES = {
    Level.ACT_NOW: "bold red",
    Level.INSPECT_SOON: "yellow",
    Level.CHECK_DATA: "yellow",
    Level.UNKNOWN: "cyan",
    Level.WAITING: "cyan",
    Level.HEALTHY: "green",
}
ZONE_STYLES = {"GOOD": "green", "WATCH": "yellow", "ALERT": "bold red"}
# ASCII, unlike the dash of the HTML pages: terminals and logs may have another encoding.
_MISSING = "-"
_Row = TypeVar("_Row")


def print_fleet_status(fleet: FleetStatus) -> None:
    """Print one row per machine, most urgent first, and the reasons of their verdicts."""
    _print_source(fleet)
    if not fleet.machines:
        print_paragraph("No machine is registered. Import readings first: acm-etl import --help")
        return
    judged = judge_fleet(fleet)
    # The status file has no health, lag or runs: columns of dashes would only take room.
    columns = _build_progress_columns(judged) if fleet.source == "status_file" else _build_status_columns(judged)
    print_columns("Status (times in UTC)", columns)
    for machine, verdict in judged:
        # While the store is in use the reason is the same for all machines and stands above the table.
        lines = [texts.describe_reason(reason, machine.code) for reason in verdict.reasons]
        for line in [*([] if verdict.level == Level.UNKNOWN else lines), *texts.describe_notes(machine)]:
            print_paragraph(f"{machine.code}: {line}", indent=2)
    if unsent := texts.describe_unsent_events(fleet):
        print_paragraph(unsent, style="yellow")


def _print_source(fleet: FleetStatus) -> None:
    if fleet.source == "status_file" and fleet.process:
        process = fleet.process
        # The reader must know that health is missing because of the source, not because of the machines.
        text = f"A backfill (PID {process.pid}) has the database open. "
        text += f"Showing its status file from {process.updated_at:%H:%M:%S} UTC."
        print_paragraph(text, style="yellow")


def _build_status_columns(judged: Sequence[JudgedMachine]) -> list[FittedColumn]:
    machines = [machine for machine, _ in judged]
    return [
        FittedColumn("machine", _build_cells(machines, lambda machine: machine.code), is_folded=True),
        FittedColumn("verdict", [format_level(verdict) for _, verdict in judged]),
        FittedColumn("health", [format_health(machine) for machine in machines], priority=1),
        FittedColumn(
            "scored until", _build_cells(machines, lambda machine: _format_time(machine.scored_until)), priority=2
        ),
        FittedColumn(
            "lag", _build_cells(machines, lambda machine: format_lag(machine.lag_hours)), priority=3, is_numeric=True
        ),
        FittedColumn("last run", _build_cells(machines, _format_last_run), priority=4),
        FittedColumn("windows", _build_cells(machines, format_windows), priority=7, is_numeric=True),
        FittedColumn(
            "late rows",
            _build_cells(machines, lambda machine: f"{machine.late_readings.count:,}"),
            priority=6,
            is_numeric=True,
        ),
        FittedColumn("failed runs", _build_cells(machines, _format_failed_runs), priority=5, is_numeric=True),
        FittedColumn("coldstart", _build_cells(machines, _format_coldstart), priority=8),
    ]


def _build_progress_columns(judged: Sequence[JudgedMachine]) -> list[FittedColumn]:
    machines = [machine for machine, _ in judged]
    return [
        FittedColumn("machine", _build_cells(machines, lambda machine: machine.code), is_folded=True),
        FittedColumn("verdict", [format_level(verdict) for _, verdict in judged]),
        FittedColumn("state", _build_cells(machines, format_state), priority=1),
        FittedColumn("windows", _build_cells(machines, format_windows), is_numeric=True),
        FittedColumn(
            "readings",
            _build_cells(machines, lambda machine: f"{machine.throughput.readings:,}"),
            priority=2,
            is_numeric=True,
        ),
    ]


def print_machine_details(details: MachineDetails, now: datetime) -> None:
    """Print verdict, health, newest episodes and largest deviations of one machine."""
    status = details.status
    verdict = judge_machine(status, now)
    # Text parts instead of markup: codes and tag names may contain brackets.
    heading = Text.assemble((status.code, "bold"), ": ", format_level(verdict))
    heading.append(f". {texts.describe_headline(status, verdict)}")
    print_paragraph(heading)
    lines = [
        _describe_health(status),
        # The headline is the first reason.
        *(texts.describe_reason(reason, status.code) for reason in verdict.reasons[1:]),
        texts.describe_contributor(status),
        *texts.describe_notes(status),
    ]
    for line in filter(None, lines):
        print_paragraph(line, indent=2)
    # Empty tables of a machine without results would suggest that all is well.
    if status.scored_until is None:
        return
    if details.episodes:
        columns = _build_episode_columns(details.episodes)
        print_columns("Episodes, newest first (times in UTC)", columns)
    else:
        print_paragraph("No alarm episodes")
    if status.deviations:
        title = "Sensors by largest deviation in the last 30 days"
        print_columns(title, _build_deviation_columns(status.deviations))
    if details.load_indicators is not None:
        # Last: with many tags it is longer than all that a reader of the verdict wants to know.
        print_paragraph(model_texts.describe_load_indicators(details.load_indicators))


def _describe_health(status: MachineStatus) -> str:
    health = status.health
    if health is None:
        return ""
    state = texts.STATE_LABELS.get(health.zone, health.zone)
    score = "" if health.fused_z is None else f", anomaly score {health.fused_z:z.2f} z"
    regime = f", regime {health.regime}" if health.regime else ""
    return f"health {health.index:.0f} ({state}){score}{regime} at {_format_time(health.time)} UTC"


def _build_episode_columns(episodes: Sequence[Episode]) -> list[FittedColumn]:
    reviews = _build_cells(episodes, lambda episode: texts.describe_review(episode.review))
    return [
        FittedColumn("start", _build_cells(episodes, lambda episode: _format_time(episode.start))),
        FittedColumn("end", _build_cells(episodes, lambda episode: _format_time(episode.end)), priority=3),
        FittedColumn("status", _build_cells(episodes, lambda episode: episode.status), priority=2),
        FittedColumn("hours", _build_cells(episodes, lambda episode: f"{episode.duration_hours:.1f}"), is_numeric=True),
        FittedColumn("peak z", _build_cells(episodes, lambda episode: f"{episode.peak_z:.1f}"), is_numeric=True),
        FittedColumn("severity", _build_cells(episodes, lambda episode: episode.severity), priority=1),
        # Most machines have no notes: a column of dashes would take the room of the sensors.
        *(
            [FittedColumn("review", reviews, is_wrapped=True)]
            if any(texts.describe_review(episode.review) for episode in episodes)
            else []
        ),
        FittedColumn("top sensors", _build_cells(episodes, lambda episode: episode.culprits), is_wrapped=True),
    ]


def _build_deviation_columns(deviations: Sequence[Deviation]) -> list[FittedColumn]:
    return [
        FittedColumn("sensor", _build_cells(deviations, lambda row: row.sensor)),
        FittedColumn("latest z", _build_cells(deviations, lambda row: format_signed(row.latest_z, 2)), is_numeric=True),
        FittedColumn("largest |z|", _build_cells(deviations, lambda row: f"{row.largest_z:.2f}"), is_numeric=True),
        FittedColumn("time", _build_cells(deviations, lambda row: _format_time(row.largest_at)), priority=1),
        FittedColumn(
            "latest value",
            _build_cells(deviations, lambda row: format_reading(row.latest_value)),
            priority=2,
            is_numeric=True,
        ),
        FittedColumn(
            "baseline mean",
            _build_cells(deviations, lambda row: format_reading(row.baseline_mean)),
            priority=3,
            is_numeric=True,
        ),
    ]


def format_health(machine: MachineStatus) -> Text:
    """Return health index and state, styled by zone."""
    health = machine.health
    if health is None:
        return Text(_MISSING)
    # An unknown zone is shown as it is stored: a store of a newer version may have more of them.
    label = texts.STATE_LABELS.get(health.zone, health.zone)
    return Text(f"{health.index:.0f} {label}", style=ZONE_STYLES.get(health.zone, ""))


def format_lag(hours: float | None) -> str:
    """Return the lag of a machine; empty if it is not known."""
    return "" if hours is None else format_span(hours)


def format_windows(machine: MachineStatus) -> str:
    """Return the windows done, and the total if it is known."""
    if machine.windows_done is None:
        return ""
    total = f" of {machine.windows_total:,}" if machine.windows_total is not None else ""
    return f"{machine.windows_done:,}{total}"


def format_state(machine: MachineStatus) -> str:
    """Return the state of a machine as people read it."""
    return machine.activity.state.replace("_", " ")


def _build_cells(rows: Sequence[_Row], select: Callable[[_Row], str | None]) -> list[Text]:
    """Return one cell per row; a dash where there is no value."""
    return [Text(select(row) or _MISSING) for row in rows]


def format_level(verdict: Verdict) -> Text:
    """Return the label of a verdict in its colour."""
    return Text(texts.LEVEL_LABELS[verdict.level], style=LEVEL_STYLES[verdict.level])


def _format_time(time: datetime | None) -> str:
    return "" if time is None else f"{time:%Y-%m-%d %H:%M}"


def _format_last_run(machine: MachineStatus) -> str:
    return machine.last_run.outcome if machine.last_run else ""


def _format_failed_runs(machine: MachineStatus) -> str:
    return "" if machine.failed_runs is None else format_number(machine.failed_runs, 0)


def _format_coldstart(machine: MachineStatus) -> str:
    return machine.coldstart.status if machine.coldstart else "PENDING"
