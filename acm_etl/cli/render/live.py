"""What a person sees of reports and of a running fleet, on a terminal."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from typing import Any

from rich.console import Console, Group, RenderableType
from rich.live import Live
from rich.markup import escape
from rich.progress_bar import ProgressBar
from rich.table import Table
from rich.text import Text

from acm_etl.errors import AcmError

STATE_STYLES = {
    "failed": "bold red",
    "dead": "bold red",
    "running": "cyan",
    "waiting": "yellow",
    "stopped": "yellow",
    "idle": "green",
    "done": "green",
    "up to date": "green",
}
"""States of a machine, those that need people first, and how they look."""


def print_report_pages(result: Mapping[str, Any]) -> None:
    """Say which pages were written, the machines that need attention first."""
    out = Console(highlight=False)
    for page in result.get("machines", [result]):
        reasons = f": {'; '.join(page['reasons'])}" if page["reasons"] else ""
        line = f"[bold]{escape(page['equip'])}[/]: {page['verdict']}. {escape(page['headline'] + reasons)}"
        out.print(line, soft_wrap=True)
    out.print(f"written: {escape(result['file'])}", soft_wrap=True)


def print_snapshot(snapshot: Mapping[str, Any]) -> None:
    """One frame, for logs and scripts."""
    out = Console(highlight=False)
    # a pipe has no width of its own: the table must not be folded to 80 columns there
    wide = out if out.is_terminal else Console(highlight=False, width=150)
    wide.print(_render_snapshot(snapshot))


def watch_fleet(read_snapshot: Callable[[], Mapping[str, Any]], *, seconds: float) -> None:
    """Frame after frame until the user has seen enough (Ctrl-C).

    A look that fails is no reason to end: the last frame stays, with the reason below its time.

    Args:
        read_snapshot: Gives how things stand.
        seconds: Time between two looks.

    Raises:
        AcmError: The first look failed.
    """
    last = read_snapshot()
    with Live(_render_snapshot(last), auto_refresh=False, screen=True, console=Console(highlight=False)) as live:
        while True:
            time.sleep(seconds)
            try:
                shown = last = read_snapshot()
            except AcmError as error:
                shown = {**last, "note": f"this is how it was: {error}"}
            live.update(_render_snapshot(shown), refresh=True)


def _render_snapshot(snapshot: Mapping[str, Any]) -> RenderableType:
    machines = sorted(snapshot["machines"], key=lambda row: (_state_rank(row["state"]), row["machine"]))
    parts: list[RenderableType] = [_render_heading(snapshot), *_render_notes(snapshot)]
    if not machines:
        parts.append(Text("no machine yet: acm-etl import --help", style="yellow"))
        return Group(*parts)
    parts += [_render_machine_table(machines), _render_totals(machines)]
    parts += [Text(f"{row['machine']}: {row['error']}", style="red") for row in machines if row["error"]]
    return Group(*parts)


def _state_rank(state: str) -> int:
    return list(STATE_STYLES).index(state) if state in STATE_STYLES else len(STATE_STYLES)


def _render_heading(snapshot: Mapping[str, Any]) -> Text:
    return Text.assemble(
        ("acm-etl monitor  ", "bold"), snapshot["store"], ("  ", ""), (f"{snapshot['at']:%Y-%m-%d %H:%M:%S} UTC", "dim")
    )


def _render_notes(snapshot: Mapping[str, Any]) -> list[Text]:
    runner, found = snapshot["runner"], []
    if runner and runner["alive"]:
        found.append(
            Text(f"runner {runner['pid']} is at work; it last said so at {runner['at']:%H:%M:%S}", style="cyan")
        )
    elif runner:
        said = f"runner {runner['pid']} is DEAD: it ended without a word after {runner['at']:%Y-%m-%d %H:%M:%S} UTC"
        found.append(Text(f"{said}; run the backfill again, it continues where the store stands", style="bold red"))
    if snapshot["note"]:
        found.append(Text(snapshot["note"], style="yellow"))
    return found


def _render_machine_table(machines: list[Mapping[str, Any]]) -> Table:
    table = Table(header_style="bold", expand=False)
    for name in ("machine", "state", "windows", "", "rows", "rows/s", "failures", "lag", "health", "now"):
        numeric = name in ("rows", "rows/s", "failures", "lag")
        table.add_column(
            name, justify="right" if numeric else "left", overflow="fold", no_wrap=name in ("state", "windows")
        )
    for row in machines:
        failures = Text(f"{row['failures']:,}", style="bold red" if row["failures"] else "")
        table.add_row(
            Text(row["machine"], style="bold"),
            Text(row["state"], style=STATE_STYLES.get(row["state"], "")),
            Text(f"{row['windows']:,}" + (f" of {row['of']:,}" if row["of"] is not None else "")),
            ProgressBar(total=row["of"] or 1, completed=row["windows"] if row["of"] else 0, width=16),
            f"{row['rows']:,}",
            _format_speed(row["rows_per_second"]),
            failures,
            _format_lag(row["lag_hours"]),
            row["health"] or "-",
            Text(row["doing"]),
        )
    return table


def _render_totals(machines: list[Mapping[str, Any]]) -> Text:
    running = [row for row in machines if row["state"] == "running"]
    speed = sum(row["rows_per_second"] or 0 for row in running)
    failed = sum(row["failures"] for row in machines)
    number = "1 machine" if len(machines) == 1 else f"{len(machines):,} machines"
    return Text(f"{number}, {len(running)} running, {speed:,.0f} rows/s, {failed:,} failures", style="dim")


def _format_speed(value: float | None) -> str:
    return "-" if value is None else f"{value:,.0f}"


def _format_lag(hours: float | None) -> str:
    if hours is None:
        return "-"
    return f"{hours:.1f} h" if hours < 48 else f"{hours / 24:.1f} d"
