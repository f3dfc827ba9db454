"""Everything a person sees: progress bars and closing tables. The only module that imports rich."""

from __future__ import annotations

import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import datetime
from typing import Any

from rich.console import Console
from rich.markup import escape
from rich.progress import BarColumn, MofNCompleteColumn, TaskID, TextColumn, TimeElapsedColumn, TimeRemainingColumn
from rich.progress import Progress as Bars
from rich.table import Table

from acm_etl.progress import Progress, Silent
from acm_etl.report import BackfillReport, ImportReport, MachineReport, SimulationReport

OUTCOME_STYLE = {"done": "green", "up to date": "green", "waiting": "yellow", "stopped": "yellow", "failed": "bold red"}
ZONE_STYLE = {"HEALTHY": "green", "GOOD": "green", "CAUTION": "yellow", "WATCH": "yellow", "ALERT": "bold red"}


def _out() -> Console:
    console = Console(highlight=False)
    # a pipe has no width of its own: tables must not be folded to 80 columns there
    return console if console.is_terminal else Console(highlight=False, width=140)


@contextmanager
def progress(*, quiet: bool = False) -> Iterator[Progress]:
    """A progress display on standard error: bars on a terminal, plain lines elsewhere, nothing when quiet."""
    console = Console(stderr=True)
    if quiet:
        yield Silent()
    elif console.is_terminal:
        with _Display(console) as display:
            yield display
    else:
        yield _Lines()


class _Display:
    """One bar per machine: window, rows per second, stage of work, time left."""

    def __init__(self, console: Console) -> None:
        self._bars = Bars(
            TextColumn("[bold]{task.description}"),
            BarColumn(bar_width=None),
            MofNCompleteColumn(),
            TextColumn("windows"),
            TextColumn("[cyan]{task.fields[speed]:>9,.0f} rows/s"),
            TextColumn("[dim]{task.fields[stage]:<9}"),
            TimeElapsedColumn(),
            TimeRemainingColumn(),
            console=console,
        )
        self._tasks: dict[str, TaskID] = {}
        self._rows: dict[str, int] = {}
        self._begun: dict[str, float] = {}

    def __enter__(self) -> _Display:  # noqa: PYI034 - private
        self._bars.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._bars.stop()

    def begin(self, machine: str, *, windows: int) -> None:
        self._begun[machine], self._rows[machine] = time.monotonic(), 0
        fields = {"total": windows, "speed": 0.0, "stage": ""}
        if machine in self._tasks:
            self._bars.reset(self._tasks[machine], **fields)  # type: ignore[arg-type]
        else:
            self._tasks[machine] = self._bars.add_task(escape(machine), **fields)  # type: ignore[arg-type]

    def stage(self, machine: str, stage: str, *, detail: str = "") -> None:
        if machine not in self._tasks:
            self.begin(machine, windows=0)
        self._bars.update(self._tasks[machine], stage=f"{stage} {detail}".strip())

    def advance(self, machine: str, *, windows: int, rows: int, detail: str = "") -> None:
        self._rows[machine] += rows
        speed = self._rows[machine] / max(time.monotonic() - self._begun[machine], 1e-3)
        self._bars.update(self._tasks[machine], advance=windows, speed=speed, stage=detail)

    def end(self, machine: str, *, outcome: str) -> None:
        if machine in self._tasks:
            self._bars.update(self._tasks[machine], stage=outcome)


class _Lines:
    """Plain lines for logs and pipes: one when work begins and ends, one every few seconds between."""

    EVERY = 2.0

    def __init__(self) -> None:
        self._known: dict[str, list[float]] = {}
        self._said = 0.0

    def begin(self, machine: str, *, windows: int) -> None:
        self._known[machine] = [time.monotonic(), windows, 0, 0]
        _say(f"{machine}: {windows:,} windows to do")

    def stage(self, machine: str, stage: str, *, detail: str = "") -> None:
        if stage in {"coldstart", "read"}:
            _say(f"{machine}: {stage} {detail}".rstrip())

    def advance(self, machine: str, *, windows: int, rows: int, detail: str = "") -> None:
        known = self._known[machine]
        known[2] += windows
        known[3] += rows
        seconds = max(time.monotonic() - known[0], 1e-3)
        if time.monotonic() - self._said >= self.EVERY or known[2] >= known[1]:
            self._said = time.monotonic()
            left = seconds / known[2] * max(known[1] - known[2], 0) if known[2] else 0
            speed = f"{known[3] / seconds:,.0f} rows/s, {left:.0f} s left"
            _say(f"{machine}: {known[2]:,.0f} of {known[1]:,.0f} windows, {speed}, {detail}")

    def end(self, machine: str, *, outcome: str) -> None:
        _say(f"{machine}: {outcome}")


def _say(line: str) -> None:
    sys.stderr.write(f"{line}\n")
    sys.stderr.flush()


def _table(
    title: str, columns: Sequence[str], rows: Sequence[Sequence[object]], *, numbers: Sequence[int] = ()
) -> Table:
    table = Table(title=title, title_justify="left", title_style="bold", header_style="bold")
    for index, column in enumerate(columns):
        table.add_column(column, justify="right" if index in numbers else "left", overflow="fold")
    for row in rows:
        table.add_row(*(_cell(value) for value in row))
    return table


def _cell(value: object) -> str:
    if value is None:
        return "-"
    if isinstance(value, datetime):
        return f"{value:%Y-%m-%d %H:%M}"
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, int):
        return f"{value:,}"
    if isinstance(value, float):
        return f"{value:,.0f}" if abs(value) >= 1000 else f"{value:.2f}"
    return escape(str(value))


def _styled(text: str, styles: dict[str, str]) -> str:
    style = styles.get(text)
    return f"[{style}]{escape(text)}[/]" if style else escape(text)


def initialised(url: str, applied: list[str]) -> None:
    """Say what ``init`` did."""
    skipped = [line for line in applied if line.startswith("skipped")]
    done = len(applied) - len(skipped)
    out = _out()
    out.print(f"{escape(url)}: {f'{done} script(s) applied' if done else 'up to date'}")
    for line in skipped:
        out.print(f"  [yellow]{escape(line)}[/]")


def backfilled(report: BackfillReport) -> None:
    """The closing tables of a backfill."""
    out = _out()
    for machine in report.machines:
        _machine(out, machine)
    if len(report.machines) > 1:
        everything = [(m.equip, m.outcome, m.windows, m.readings, m.rows, m.seconds) for m in report.machines]
        columns = ("machine", "outcome", "windows", "readings", "rows", "seconds")
        out.print(_table("All machines", columns, everything, numbers=(2, 3, 4, 5)))
    total = sum(machine.readings for machine in report.machines)
    if total:
        out.print(f"{total:,} readings in {report.seconds:.1f} s: {total / report.seconds:,.0f} readings/s end to end")
    failed = [machine.equip for machine in report.machines if machine.outcome == "failed"]
    if failed:
        out.print(f"[bold red]failed:[/] {escape(', '.join(failed))}")


def _machine(out: Console, machine: MachineReport) -> None:
    head = f"[bold]{escape(machine.equip)}[/]: {_styled(machine.outcome, OUTCOME_STYLE)}"
    out.print(f"{head}  {escape(machine.message)}" if machine.message else head)
    if machine.readings:
        speed = machine.readings / max(machine.seconds, 1e-9)
        out.print(
            f"  {machine.windows:,} windows ({machine.provisional:,} more provisional), {machine.readings:,} readings "
            f"in {machine.seconds:.1f} s: {speed:,.0f} readings/s; {machine.rows:,} rows written"
        )
    _totals(out, machine)
    _truth(out, machine)
    _next(out, machine)


def _totals(out: Console, machine: MachineReport) -> None:
    if machine.rejected:
        rows = sorted(machine.rejected.items())
        out.print(_table("Rejected, by reason", ("reason", "readings"), rows, numbers=(1,)))
    if machine.tables:
        totals = [
            (name, t.staged, t.inserted, t.updated, t.deleted, t.rows_per_second) for name, t in machine.tables.items()
        ]
        columns = ("table", "rows", "inserted", "updated", "deleted", "rows/s")
        out.print(_table("Written", columns, totals, numbers=(1, 2, 3, 4, 5)))


def _truth(out: Console, machine: MachineReport) -> None:
    if machine.truth:
        columns = tuple(machine.truth[0])
        rows = [tuple(row.values()) for row in machine.truth]
        out.print(_table(f"Episodes found ({machine.episodes:,}) against the simulated truth", columns, rows))


def _next(out: Console, machine: MachineReport) -> None:
    if machine.late:
        out.print(f"  [yellow]{machine.late:,} late readings[/] lie behind the progress: see acm-etl status")
    if machine.resume_at:
        out.print(f"  the next run continues at {_cell(machine.resume_at)} UTC", end="")
        out.print(f"; where to look next: acm-etl show {escape(machine.equip)}, acm-etl status")


def imported(report: ImportReport) -> None:
    """What an import did."""
    out = _out()
    for statement in report.statements:
        out.print(f"  {escape(statement)}")
    out.print(
        f"[bold]{escape(report.equip)}[/]: {report.rows:,} rows read in {report.seconds:.1f} s, "
        f"{report.inserted:,} new, {report.updated:,} replaced, {report.unchanged:,} known already; "
        f"{_cell(report.first)} to {_cell(report.last)} UTC in {escape(report.table)}"
    )
    if report.rejected:
        columns = ("column", "reason", "rows", "examples")
        rows = [tuple(row.values()) for row in report.rejected]
        out.print(_table("Not taken as it came", columns, rows, numbers=(2,)))
    out.print(f"next: acm-etl backfill --equip {escape(report.equip)}")


def simulated(report: SimulationReport) -> None:
    """What a simulation wrote."""
    _out().print(f"[bold]{escape(report.equip)}[/]: {escape(report.message)}")


def handed_over(found: dict[str, Any]) -> None:
    """What was noted of V8's progress."""
    rows = [tuple(machine.values()) for machine in found["machines"]]
    columns = ("machine", "V8 until (UTC)", "V8 batches", "readings since", "here", "next")
    _out().print(_table("V8's progress, as a hint", columns, rows, numbers=(2, 3)))


def equipment(found: dict[str, Any]) -> None:
    """Registered machines and candidates."""
    out = _out()
    columns = ("code", "id", "time zone", "historian table", "tags", "readings", "first", "last")
    out.print(_table("Machines", columns, [tuple(m.values()) for m in found["machines"]], numbers=(1, 4, 5)))
    for candidate in found["candidates"]:
        out.print(f"  {escape(candidate)} looks like a historian table: acm-etl equipment add {escape(candidate[:-5])}")


def status(found: dict[str, Any]) -> None:
    """How far each machine is."""
    out = _out()
    if found.get("held"):
        out.print(f"[yellow]{escape(found['held'])}[/]")
    columns = ("machine", "coldstart", "progress", "lag", "windows", "last run", "health", "late", "failures")
    rows = [tuple(machine[column] for column in columns) for machine in found["machines"]]
    out.print(_table("Status (times UTC)", columns, rows, numbers=(4, 7, 8)))
    for machine in found["machines"]:
        for note in machine.get("notes", ()):
            out.print(f"  {escape(machine['machine'])}: {escape(note)}")


def show(found: dict[str, Any]) -> None:
    """Health and episodes of one machine."""
    out = _out()
    now, equip = found["health"], f"[bold]{escape(found['equip'])}[/]"
    if now is None:
        out.print(f"{equip}: nothing scored yet; run acm-etl backfill --equip {escape(found['equip'])}")
        return
    zone = _styled(now["HealthZone"] or "UNKNOWN", ZONE_STYLE)
    out.print(
        f"{equip}: health {_cell(now['HealthIndex'])} ({zone}), fused z {_cell(now['FusedZ'])}"
        f" at {_cell(now['Timestamp'])} UTC, regime {_cell(now['RegimeLabel'])}"
    )
    columns = ("start", "end", "status", "hours", "peak z", "severity", "culprits")
    out.print(_table("Episodes, newest first", columns, [tuple(e.values()) for e in found["episodes"]], numbers=(3, 4)))
    hot = ("sensor", "latest z", "largest |z|", "when", "latest value", "normal")
    out.print(
        _table("Sensors that stand out", hot, [tuple(s.values()) for s in found["sensors"]], numbers=(1, 2, 4, 5))
    )


def settings(found: list[dict[str, Any]]) -> None:
    """Every setting."""
    columns = ("setting", "value", "default", "meaning", "variable")
    _out().print(_table("Settings", columns, [tuple(row.values()) for row in found]))


def doctor(found: Sequence[Mapping[str, object]]) -> None:
    """The checks and what to do."""
    marks = {"ok": "[green]ok[/]", "warn": "[yellow]warn[/]", "fail": "[bold red]FAIL[/]"}
    for check in found:
        _out().print(f"{marks[str(check['level'])]} {_cell(check['check'])}: {_cell(check['finding'])}")
