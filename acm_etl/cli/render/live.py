"""Output of ``monitor``: one frame, or a live view that is redrawn until Ctrl-C."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import replace

from rich.console import Console, Group, RenderableType
from rich.live import Live
from rich.text import Text

from acm_etl.cli.render.console import make_console
from acm_etl.cli.render.fitted_table import FittedColumn, build_fitted_table
from acm_etl.cli.render.status import format_health, format_lag, format_state, format_windows
from acm_etl.counts import format_count
from acm_etl.errors import AcmError
from acm_etl.status import texts
from acm_etl.status.machine_status import ActivityState, FleetStatus, MachineStatus

STATE_STYLES: dict[ActivityState, str] = {
    "failed": "bold red",
    "dead": "bold red",
    "running": "cyan",
    "waiting": "yellow",
    "stopped": "yellow",
    "unknown": "yellow",
    "planned": "green",
    "idle": "green",
    "done": "green",
    "up_to_date": "green",
}
"""Style of each state; states that need attention come first, and machines are sorted in this order."""
_STATE_ORDER = {state: position for position, state in enumerate(STATE_STYLES)}
# Fixed, as the columns around it: a bar that changes its width makes the whole table jump.
_BAR_WIDTH = 16


def print_frame(fleet: FleetStatus) -> None:
    """Print one frame, for logs and scripts."""
    console = make_console()
    console.print(_render_frame(fleet, console.width))


def can_redraw() -> bool:
    """Return whether standard output is a terminal that moves its cursor."""
    # Asked of the stream: FORCE_COLOR, usual in CI, makes Rich take a pipe for a terminal.
    return sys.stdout.isatty() and not Console().is_dumb_terminal


def watch_fleet(read_status: Callable[[], FleetStatus], *, seconds: float) -> None:
    """Redraw the status until the user presses Ctrl-C.

    Args:
        read_status: Reads the status.
        seconds: Time between two reads.

    Raises:
        AcmError: The first read failed. Later failures keep the last frame and show the reason.
    """
    console = Console(highlight=False, emoji=False)
    # The first read is outside of the view, so that its error is printed on the normal screen.
    fleet = read_status()
    # auto_refresh=False: the view is drawn when there is something new; screen=True leaves no frames in the scrollback.
    with Live(_render_frame(fleet, console.width), auto_refresh=False, screen=True, console=console) as live:
        while True:
            time.sleep(seconds)
            try:
                shown = fleet = read_status()
            except AcmError as error:
                # A deadlock or a restarting server must not end a view that runs for days.
                shown = replace(fleet, note=f"Showing the last successful update: {error}")
            live.update(_render_frame(shown, console.width), refresh=True)


def _render_frame(fleet: FleetStatus, width: int) -> RenderableType:
    # States that need attention stay on the screen when the list is longer than the terminal.
    machines = sorted(fleet.machines, key=lambda machine: (_STATE_ORDER[machine.activity.state], machine.code))
    heading = Text.assemble(
        ("acm-etl monitor  ", "bold"), fleet.store, "  ", (f"{fleet.observed_at:%Y-%m-%d %H:%M:%S} UTC", "dim")
    )
    parts: list[RenderableType] = [heading, *_render_notes(fleet)]
    if not machines:
        parts.append(Text("No machine yet. Import readings first: acm-etl import --help", style="yellow"))
        return Group(*parts)
    parts += [build_fitted_table("", _build_columns(machines), width), _render_totals(machines)]
    parts += [
        Text(f"{machine.code}: {machine.last_run.error}", style="red")
        # An old error of a machine that runs again is of no interest.
        for machine in machines
        if machine.activity.state == "failed" and machine.last_run and machine.last_run.error
    ]
    return Group(*parts)


def _render_notes(fleet: FleetStatus) -> list[Text]:
    is_alive = fleet.process is None or fleet.process.is_alive
    notes = [Text(texts.describe_process(fleet), style="cyan" if is_alive else "bold red")] if fleet.process else []
    warnings = filter(None, (fleet.note, texts.describe_unsent_events(fleet)))
    return [*notes, *(Text(warning, style="yellow") for warning in warnings)]


def _build_columns(machines: Sequence[MachineStatus]) -> list[FittedColumn]:
    return [
        FittedColumn("machine", [Text(machine.code, style="bold") for machine in machines], is_folded=True),
        FittedColumn("state", [_format_styled_state(machine) for machine in machines]),
        FittedColumn("windows", [Text(format_windows(machine) or "-") for machine in machines], priority=1),
        FittedColumn("", [_render_bar(machine) for machine in machines], priority=6),
        FittedColumn("rows", [Text(f"{machine.throughput.readings:,}") for machine in machines], 5, is_numeric=True),
        FittedColumn("rows/s", [_format_speed(machine) for machine in machines], priority=2, is_numeric=True),
        FittedColumn("failed runs", [_format_failures(machine) for machine in machines], priority=4, is_numeric=True),
        FittedColumn("lag", [Text(format_lag(machine.lag_hours) or "-") for machine in machines], 3, is_numeric=True),
        FittedColumn("health", [format_health(machine) for machine in machines], priority=4),
        FittedColumn("alarm", [_format_alarm(machine) for machine in machines], priority=4),
        FittedColumn("activity", [Text(_describe_activity(machine)) for machine in machines], 7, is_wrapped=True),
    ]


def _format_styled_state(machine: MachineStatus) -> Text:
    return Text(format_state(machine), style=STATE_STYLES[machine.activity.state])


def _render_bar(machine: MachineStatus) -> Text:
    """Return a progress bar of fixed width, so that the column keeps its place between frames."""
    done, total = machine.windows_done or 0, machine.windows_total or 0
    # At most full: the total may be older than the number of windows done.
    filled = min(_BAR_WIDTH * done // total, _BAR_WIDTH) if total else 0
    return Text.assemble(("━" * filled, "cyan"), ("━" * (_BAR_WIDTH - filled), "dim"))


def _format_speed(machine: MachineStatus) -> Text:
    speed = machine.throughput.readings_per_second
    return Text("-" if speed is None else f"{speed:,.0f}")


def _format_alarm(machine: MachineStatus) -> Text:
    if not machine.open_episodes:
        return Text("-")
    # One alarm that nobody knows of outranks the others.
    if all(episode.review.acknowledged for episode in machine.open_episodes):
        return Text("known", style="yellow")
    return Text("new", style="bold red")


def _format_failures(machine: MachineStatus) -> Text:
    failures = machine.failed_runs
    return Text("-" if failures is None else f"{failures:,}", style="bold red" if failures else "")


def _describe_activity(machine: MachineStatus) -> str:
    activity = machine.activity
    # From the store: batches that a process has announced. The status file has the stage instead.
    if activity.windows and activity.since:
        return f"{format_count(activity.windows, 'window')} by {activity.holder} since {activity.since:%H:%M:%S}"
    if activity.state == "waiting":
        return f"coldstart {machine.coldstart.status if machine.coldstart else 'PENDING'}"
    return activity.stage


def _render_totals(machines: Sequence[MachineStatus]) -> Text:
    # The speed of finished machines is history and would inflate the sum.
    running = [machine for machine in machines if machine.activity.state == "running"]
    speed = sum(machine.throughput.readings_per_second or 0 for machine in running)
    failures = sum(machine.failed_runs or 0 for machine in machines)
    counts = f"{format_count(len(machines), 'machine')}, {len(running)} running"
    return Text(f"{counts}, {speed:,.0f} rows/s, {format_count(failures, 'failed run')}", style="dim")
