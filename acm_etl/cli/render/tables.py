"""Everything a person sees: progress bars and closing tables. The only module that imports rich."""

from __future__ import annotations

import shlex
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

from acm_etl.formatting import SettingDescription
from acm_etl.progress import LogProgress, NullProgress, Progress
from acm_etl.results import BackfillReport, ImportReport, MachineReport, SimulationReport

OUTCOME_STYLES = {
    "done": "green",
    "up to date": "green",
    "waiting": "yellow",
    "stopped": "yellow",
    "failed": "bold red",
}
ZONE_STYLES = {"HEALTHY": "green", "GOOD": "green", "CAUTION": "yellow", "WATCH": "yellow", "ALERT": "bold red"}
TRUTH_COLUMNS = {
    "name": "fault", "kind": "kind", "start": "start", "end": "end", "found": "found", "episodes": "episodes",
    "delay_hours": "delay, h", "ranked_first": "ranked first", "in_top_sensors": "in top sensors",
}  # fmt: skip
"""Columns of the comparison with a simulation, as people read them."""


def _make_console(width: int = 140) -> Console:
    console = Console(highlight=False)
    # a pipe has no width of its own: tables must not be folded to 80 columns there
    return console if console.is_terminal else Console(highlight=False, width=width)


@contextmanager
def open_progress(*, quiet: bool = False, unit: str = "windows") -> Iterator[Progress]:
    """A progress display on standard error: bars on a terminal, plain lines elsewhere, nothing when quiet.

    Args:
        quiet: Say nothing.
        unit: What is counted.
    """
    console = Console(stderr=True)
    if quiet:
        yield NullProgress()
    elif console.is_terminal:
        with _ProgressBars(console, unit) as display:
            yield display
    else:
        yield LogProgress(unit)


class _ProgressBars:
    """One bar per machine at work: window, rows per second, stage of work, time left; one above them for a fleet."""

    MAX_BARS = 8  # bars that stay when their machines are done

    def __init__(self, console: Console, unit: str) -> None:
        self._unit = unit
        self._bars = Bars(
            TextColumn("[bold]{task.description}"),
            BarColumn(bar_width=None),
            MofNCompleteColumn(),
            TextColumn("{task.fields[unit]}"),
            TextColumn("[cyan]{task.fields[speed]:>9,.0f} rows/s"),
            TextColumn("[dim]{task.fields[stage]:<10}"),
            TimeElapsedColumn(),
            TimeRemainingColumn(),
            console=console,
        )
        self._tasks: dict[str, TaskID] = {}
        self._rows: dict[str, int] = {}
        self._started_at: dict[str, float] = {}
        self._fleet_task: TaskID | None = None
        self._fleet_started_at, self._fleet_rows = time.monotonic(), 0

    def __enter__(self) -> _ProgressBars:  # noqa: PYI034 - private
        self._bars.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._bars.stop()

    def set_machine_count(self, machines: int) -> None:
        if machines > 1:
            self._fleet_started_at, self._fleet_rows = time.monotonic(), 0
            self._fleet_task = self._bars.add_task("all", total=machines, unit="machines", speed=0.0, stage="")

    def start_machine(self, machine: str, *, windows: int) -> None:
        self._start_bar(machine, total=windows)

    def _start_bar(self, machine: str, *, total: int | None) -> None:
        """A bar from its beginning; how long it is may not be known yet."""
        self._started_at[machine], self._rows[machine] = time.monotonic(), 0
        if machine not in self._tasks:
            self._tasks[machine] = self._bars.add_task(
                escape(machine), total=total, unit=self._unit, speed=0.0, stage=""
            )
        else:
            # reset() replaces all fields of a task by those that it is given: hand it none, and update them
            self._bars.reset(self._tasks[machine], total=total)
            self._bars.update(self._tasks[machine], speed=0.0, stage="")

    def set_stage(self, machine: str, stage: str, *, detail: str = "") -> None:
        if machine not in self._tasks:
            self._start_bar(machine, total=None)
        self._bars.update(self._tasks[machine], stage=f"{stage} {detail}".strip())

    def advance(self, machine: str, *, windows: int, rows: int, detail: str = "") -> None:
        self._rows[machine] += rows
        speed = self._rows[machine] / max(time.monotonic() - self._started_at[machine], 1e-3)
        self._bars.update(self._tasks[machine], advance=windows, speed=speed, stage=detail)
        self._fleet_rows += rows
        self._update_fleet_bar(machines=0)

    def _update_fleet_bar(self, *, machines: int) -> None:
        """So many machines more are over; the speed is that of all together."""
        if self._fleet_task is not None:
            speed = self._fleet_rows / max(time.monotonic() - self._fleet_started_at, 1e-3)
            self._bars.update(self._fleet_task, advance=machines, speed=speed)

    def finish_machine(self, machine: str, *, outcome: str) -> None:
        if machine in self._tasks:
            # of many machines, those at work and those that failed are worth a line
            seen = len(self._tasks) <= self.MAX_BARS or outcome == "failed"
            self._bars.update(self._tasks[machine], stage=outcome, visible=seen)
        self._update_fleet_bar(machines=1)


def _print_line(line: str) -> None:
    """A line of prose: never folded, so that it can be searched and copied."""
    _make_console().print(line, soft_wrap=True)


def _format_count(number: int, noun: str) -> str:
    return f"{number:,} {noun}{'' if number == 1 else 's'}"


def _format_command(*words: str) -> str:
    """A command that can be pasted into a shell, whatever the machine is called."""
    return escape(shlex.join(("acm-etl", *words)))


def _build_table(
    title: str, columns: Sequence[str], rows: Sequence[Sequence[object]], *, numeric_columns: Sequence[int] = ()
) -> Table:
    table = Table(title=title, title_justify="left", title_style="bold", header_style="bold")
    for index, column in enumerate(columns):
        times = any(isinstance(row[index], datetime) for row in rows)
        table.add_column(
            column, justify="right" if index in numeric_columns else "left", overflow="fold", no_wrap=times
        )
    for row in rows:
        table.add_row(*(_format_cell(value) for value in row))
    return table


def _format_cell(value: object) -> str:
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


def _apply_style(text: str, styles: dict[str, str]) -> str:
    style = styles.get(text)
    return f"[{style}]{escape(text)}[/]" if style else escape(text)


def print_init_result(url: str, applied: list[str]) -> None:
    """Say what ``init`` did."""
    skipped = [line for line in applied if line.startswith("skipped")]
    done = len(applied) - len(skipped)
    what = f"{_format_count(done, 'script')} applied" if done else "up to date"
    _print_line(f"{escape(url)}: {what}")
    for line in skipped:
        _print_line(f"  [yellow]{escape(line)}[/]")


def print_backfill_report(report: BackfillReport) -> None:
    """The closing tables of a backfill; why a machine failed is said on standard error, by the command."""
    for machine in report.machines:
        _print_machine_report(machine)
    if len(report.machines) > 1:
        everything = [(m.equip, m.outcome, m.windows, m.readings, m.rows_written, m.seconds) for m in report.machines]
        columns = ("machine", "outcome", "windows", "readings", "rows", "seconds")
        _make_console().print(_build_table("All machines", columns, everything, numeric_columns=(2, 3, 4, 5)))
    total = sum(machine.readings for machine in report.machines if machine.outcome != "planned")
    if total:
        speed = total / max(report.seconds, 1e-3)
        _print_line(f"{_format_count(total, 'reading')} in {report.seconds:.1f} s: {speed:,.0f} readings/s end to end")


def _print_machine_report(machine: MachineReport) -> None:
    if machine.outcome == "failed" and not machine.tables:
        return  # there is nothing to tell but the reason
    head = f"[bold]{escape(machine.equip)}[/]: {_apply_style(machine.outcome, OUTCOME_STYLES)}"
    told = machine.message if machine.outcome != "failed" else ""
    _print_line(f"{head}: {escape(told)}" if told else head)
    if machine.outcome == "planned":
        return
    if machine.windows or machine.provisional:
        open_ = f" and {_format_count(machine.provisional, 'open one')}" if machine.provisional else ""
        _print_line(
            f"  {_format_count(machine.windows, 'final window')}{open_}, {_format_count(machine.readings, 'reading')} "
            f"in {machine.seconds:.1f} s, {_format_count(machine.rows_written, 'row')} written"
        )
    _print_table_totals(machine)
    _print_truth_comparison(machine)
    _print_next_steps(machine)


def _print_table_totals(machine: MachineReport) -> None:
    if machine.rejected:
        rows = sorted(machine.rejected.items())
        _make_console().print(
            _build_table("Not taken as it came", ("reason", "cells or rows"), rows, numeric_columns=(1,))
        )
    changed = {name: t for name, t in machine.tables.items() if t.rows_written or t.deleted}
    staged = sum(t.staged for t in machine.tables.values())
    if staged and not changed:
        _print_line(f"  no table changed: {_format_count(staged, 'row')} stored already as they are")
    if changed:
        totals = [
            (name, t.staged, t.inserted, t.updated, t.deleted, round(t.rows_per_second)) for name, t in changed.items()
        ]
        columns = ("table", "rows", "inserted", "updated", "deleted", "rows/s")
        _make_console().print(_build_table("Written", columns, totals, numeric_columns=(1, 2, 3, 4, 5)))


def _print_truth_comparison(machine: MachineReport) -> None:
    if machine.truth:
        rows = [tuple(getattr(fault, name) for name in TRUTH_COLUMNS) for fault in machine.truth.faults]
        rows = [
            (*row[:4], "in training", *row[5:]) if fault.in_training and not fault.found else row
            for row, fault in zip(rows, machine.truth.faults, strict=True)
        ]
        rows.append(("(no fault)", None, None, None, None, machine.truth.false_episodes, None, None, None))
        title = "Detection of the simulated faults"
        _make_console().print(_build_table(title, tuple(TRUTH_COLUMNS.values()), rows, numeric_columns=(5, 6)))


def _print_next_steps(machine: MachineReport) -> None:
    if machine.late:
        _print_line(
            f"  [yellow]{_format_count(machine.late, 'late reading')}[/] behind the progress: see acm-etl status"
        )
    if machine.resume_at:
        _print_line(
            f"  the next run continues at {_format_cell(machine.resume_at)} UTC; "
            f"look at {_format_command('show', machine.equip)} and acm-etl status"
        )


def print_import_report(report: ImportReport) -> None:
    """What an import did."""
    for statement in report.statements:
        _print_line(f"  {escape(statement)}")
    _print_line(
        f"[bold]{escape(report.equip)}[/]: {_format_count(report.rows, 'row')} read in {report.seconds:.1f} s, "
        f"{report.inserted:,} new, {report.updated:,} replaced, {report.unchanged:,} known already; "
        f"{_format_cell(report.first)} to {_format_cell(report.last)} UTC in {escape(report.table)}"
    )
    if report.rejected:
        columns = ("column", "reason", "rows", "examples")
        rows = [
            (
                row.column or "(whole row)",
                row.rule,
                row.count,
                _truncate_text(row.samples),
            )
            for row in report.rejected
        ]
        _make_console().print(_build_table("Not taken as it came", columns, rows, numeric_columns=(2,)))
    _print_line(f"next: {_format_command('backfill', '--equip', report.equip)}")


def _truncate_text(text: str | None, max_length: int = 110) -> str | None:
    return text if text is None or len(text) <= max_length else f"{text[:max_length].rstrip()} ..."


def print_simulation_report(report: SimulationReport) -> None:
    """What a simulation wrote."""
    _print_line(f"[bold]{escape(report.equip)}[/]: {escape(report.message)}")


def print_added_machine(machine: Mapping[str, Any]) -> None:
    """A machine that was registered, or whose tags were looked at again."""
    retired = f", {len(machine['retired'])} retired ({', '.join(machine['retired'])})" if machine["retired"] else ""
    _print_line(
        f"[bold]{escape(machine['code'])}[/]: machine {machine['EquipID']} reads {escape(machine['table'])}, "
        f"{_format_count(machine['tags'], 'tag')}, {len(machine['new'])} of them new{escape(retired)}"
    )
    if machine["left_out"]:
        names = escape(", ".join(machine["left_out"]))
        _print_line(f"  {_format_count(len(machine['left_out']), 'column')} left out, no numbers in them: {names}")
    _print_line(f"next: {_format_command('backfill', '--equip', machine['code'])}")


def print_progress_import(result: dict[str, Any]) -> None:
    """What was noted of V8's progress."""
    rows = [tuple(machine.values()) for machine in result["machines"]]
    columns = ("machine", "V8 until (UTC)", "V8 batches", "readings since", "here", "next")
    _make_console().print(_build_table("V8's progress, as a hint", columns, rows, numeric_columns=(2, 3)))


def print_retention_result(expired_rows: Sequence[Mapping[str, Any]], *, applied: bool) -> None:
    """What has expired, per machine and table."""
    done = "deleted" if applied else "would be deleted"
    rows = [(r["machine"], r["table"], r["setting"], r["before"], r["rows"]) for r in expired_rows if r["rows"]]
    if not rows:
        _print_line("nothing has expired")
        return
    columns = ("machine", "table", "kept by", "before", done)
    _make_console().print(_build_table("Retention (times UTC)", columns, rows, numeric_columns=(4,)))
    _print_line(
        f"{_format_count(sum(row[4] for row in rows), 'row')} {done}{'' if applied else '; --apply deletes them'}"
    )


def print_equipment(machine_list: dict[str, Any]) -> None:
    """Registered machines and candidates."""
    columns = ("code", "id", "time zone", "historian table", "tags", "readings", "first", "last")
    _make_console().print(
        _build_table(
            "Machines", columns, [tuple(m.values()) for m in machine_list["machines"]], numeric_columns=(1, 4, 5)
        )
    )
    for code in machine_list["candidates"]:
        command = _format_command("equipment", "add", code, "--timezone", "ZONE")
        _print_line(f"  {escape(code)}_Data looks like the historian table of a machine: {command}")


def print_fleet_status(fleet_status: dict[str, Any]) -> None:
    """How far each machine is."""
    if fleet_status.get("held"):
        _print_line(f"[yellow]{escape(fleet_status['held'])}[/]")
    if not fleet_status["machines"]:
        _print_line("no machine is registered; import readings first: acm-etl import --help")
        return
    columns = ("machine", "coldstart", "progress", "lag", "windows", "last run", "health", "late", "failures")
    rows = [tuple(machine[column] for column in columns) for machine in fleet_status["machines"]]
    _make_console().print(_build_table("Status (times UTC)", columns, rows, numeric_columns=(4, 7, 8)))
    for machine in fleet_status["machines"]:
        for note in machine.get("notes", ()):
            _print_line(f"  {escape(machine['machine'])}: {escape(note)}")


def print_machine_details(details: dict[str, Any]) -> None:
    """Health and episodes of one machine."""
    now, since, equip = details["health"], details["off since"], f"[bold]{escape(details['equip'])}[/]"
    off = f"; off since {_format_cell(since)} UTC" if since else ""
    if now is None and not off and details["progress"] is None:
        _print_line(f"{equip}: nothing scored yet; run {_format_command('backfill', '--equip', details['equip'])}")
        return
    if now is None:
        _print_line(f"{equip}: no reading could be assessed yet{off}")
    else:
        _print_line(
            f"{equip}: health {_format_cell(now['HealthIndex'])} ({_apply_style(now['HealthZone'], ZONE_STYLES)}),"
            f" fused z {_format_cell(now['FusedZ'])} at {_format_cell(now['Timestamp'])} UTC, regime {_format_cell(now['RegimeLabel'])}{off}"
        )
    columns = ("start", "end", "status", "hours", "peak z", "severity", "culprits")
    episodes, hot = [tuple(e.values()) for e in details["episodes"]], [tuple(s.values()) for s in details["sensors"]]
    if episodes:
        _make_console().print(
            _build_table("Episodes, newest first (times UTC)", columns, episodes, numeric_columns=(3, 4))
        )
    else:
        _print_line("no episode so far")
    names = ("sensor", "latest z", "largest |z|", "when", "latest value", "normal")
    _make_console().print(
        _build_table("Sensors, the most deviating of the last 30 days first", names, hot, numeric_columns=(1, 2, 4, 5))
    )


def print_settings(settings: Sequence[SettingDescription]) -> None:
    """Every setting; names are never folded, so that ``acm-etl config | grep alarm`` finds them."""
    table = Table(title="Settings", title_justify="left", title_style="bold", header_style="bold")
    table.add_column("setting", no_wrap=True)
    table.add_column("value", overflow="fold", max_width=32)
    table.add_column("variable", no_wrap=True)
    table.add_column("meaning", overflow="fold")
    for row in settings:
        changed = row.value != row.default
        value = f"[bold]{escape(row.value)}[/]" if changed else escape(row.value)
        meaning = f"{row.meaning} (default {row.default})" if changed else row.meaning
        table.add_row(row.name, value, row.variable, escape(meaning))
    _make_console(width=220).print(table)


def print_checks(checks: Sequence[Mapping[str, object]]) -> None:
    """The checks and what to do."""
    marks = {"ok": "[green]ok  [/]", "warn": "[yellow]warn[/]", "fail": "[bold red]FAIL[/]"}
    for check in checks:
        _print_line(f"{marks[str(check['level'])]} {_format_cell(check['check'])}: {_format_cell(check['finding'])}")
