"""Progress of long commands on standard error: bars on a terminal, plain lines in a pipe."""

from __future__ import annotations

import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Self

from rich.console import Console
from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    ProgressColumn,
    Task,
    TaskID,
    TextColumn,
    TimeElapsedColumn,
    TimeRemainingColumn,
)
from rich.progress import Progress as Bars
from rich.table import Column, Table
from rich.text import Text

from acm_etl.progress import LogProgress, NullProgress, Progress, is_announcement

# Below these widths the additional column would cut the counts or the times.
_STAGE_MIN_WIDTH = 100
"""Narrower terminals do not show the stage of work."""
_ELAPSED_MIN_WIDTH = 120
"""Narrower terminals show the remaining time only."""


@contextmanager
def open_progress(*, quiet: bool = False, unit: str = "window") -> Iterator[Progress]:
    """Open a display on standard error: bars on a terminal, plain lines elsewhere.

    Args:
        quiet: Show nothing.
        unit: Counted unit.
    """
    # Standard error, so that the result on standard output can be piped.
    console = Console(stderr=True, emoji=False)
    if quiet:
        yield NullProgress()
    # A dumb terminal cannot move its cursor: rich would print each bar once, at the end.
    elif console.is_terminal and not console.is_dumb_terminal:
        with ProgressBars(console, unit) as display:
            yield display
    else:
        yield LogProgress(unit)


@dataclass(slots=True)
class _MachineCounter:
    """Rows of a machine since its bar was started."""

    rows: int = 0
    started_at: float = field(default_factory=time.monotonic)

    @property
    def rows_per_second(self) -> float:
        """Mean speed; the lower bound of the time keeps the first update finite."""
        return self.rows / max(time.monotonic() - self.started_at, 1e-3)


class ProgressBars:
    """One bar per machine in progress, and one above them for a fleet.

    Args:
        console: Terminal; its width decides which columns there are, also after it was resized.
        unit: Counted unit.
    """

    MAX_BARS = 8
    """Bars that stay when their machines are finished; beyond, only failed machines stay."""

    def __init__(self, console: Console, unit: str) -> None:
        self._unit = unit
        self._bars = _FittedBars(console)
        self._tasks: dict[str, TaskID] = {}
        self._counters: dict[str, _MachineCounter] = {}
        # None for a single machine, whose own bar already shows everything.
        self._fleet_task: TaskID | None = None
        self._fleet_counter = _MachineCounter()

    def __enter__(self) -> Self:
        self._bars.start()
        return self

    def __exit__(self, *_: object) -> None:
        # The reading of files has no total, and a machine may have nothing new: "0/?" and "0/0" would remain.
        for task in self._bars.tasks:
            self._bars.update(task.id, visible=task.visible and bool(task.total))
        self._bars.stop()

    def set_machine_count(self, machines: int) -> None:
        """Show a bar for the fleet if there is more than one machine."""
        if machines > 1:
            self._fleet_counter = _MachineCounter()
            self._fleet_task = self._bars.add_task("all", total=machines, unit="machines", speed=0.0, stage="")

    def start_machine(self, machine: str, *, windows: int) -> None:
        """Show the bar of a machine, empty, with its number of windows."""
        self._start_bar(machine, total=windows)

    def _start_bar(self, machine: str, *, total: int | None) -> None:
        """Start or restart a bar; the total is None until it is known."""
        self._counters[machine] = _MachineCounter()
        # A machine that starts again after a lost connection keeps its bar.
        if machine not in self._tasks:
            self._tasks[machine] = self._bars.add_task(machine, total=total, unit=f"{self._unit}s", speed=0.0, stage="")
        else:
            # reset() replaces all fields of a task by those that it gets: give it none, and update them afterwards.
            self._bars.reset(self._tasks[machine], total=total)
            self._bars.update(self._tasks[machine], speed=0.0, stage="")

    def set_stage(self, machine: str, stage: str, *, detail: str = "") -> None:
        """Show the stage of work of a machine."""
        # Above the bars, where it stays.
        if is_announcement(stage, detail):
            self._bars.console.print(f"{machine}: {stage} {detail}", markup=False, highlight=False)
        # The stage is set before the windows are known, and then the bar has no total.
        if machine not in self._tasks:
            self._start_bar(machine, total=None)
        self._bars.update(self._tasks[machine], stage=f"{stage} {detail}".strip())

    def advance(self, machine: str, *, windows: int, rows: int, detail: str = "") -> None:
        """Advance the bar of a machine, and the speed of the fleet."""
        counter = self._counters[machine]
        counter.rows += rows
        self._bars.update(self._tasks[machine], advance=windows, speed=counter.rows_per_second, stage=detail)
        # Machines run in parallel: the speed of the fleet is counted over all of them, not averaged.
        self._fleet_counter.rows += rows
        self._update_fleet_bar(finished=0)

    def _update_fleet_bar(self, *, finished: int) -> None:
        if self._fleet_task is not None:
            speed = self._fleet_counter.rows_per_second
            self._bars.update(self._fleet_task, advance=finished, speed=speed)

    def finish_machine(self, machine: str, *, outcome: str) -> None:
        """Show the outcome of a machine; of many machines, only failed ones keep their bar."""
        if machine in self._tasks:
            # Bars of hundreds of finished machines would push the running ones off the screen.
            visible = len(self._tasks) <= self.MAX_BARS or outcome == "failed"
            self._bars.update(self._tasks[machine], stage=outcome, visible=visible)
        self._update_fleet_bar(finished=1)


class _CountColumn(MofNCompleteColumn):
    """Counts; the stage of work until the amount of work is known, because "0/?" would say that nothing is done."""

    def render(self, task: Task) -> Text:
        """Render the column of a bar."""
        return Text(task.fields["stage"], style="dim") if task.total is None else super().render(task)


class _MeasuredColumn(TextColumn):
    """Text that is empty until the amount of work is known."""

    def render(self, task: Task) -> Text:
        """Render the column of a bar."""
        return Text() if task.total is None else super().render(task)


class _RemainingColumn(TimeRemainingColumn):
    """Remaining time; the elapsed time until the amount of work is known."""

    def render(self, task: Task) -> Text:
        """Render the column of a bar."""
        return TimeElapsedColumn().render(task) if task.total is None else super().render(task)


class _FittedBars(Bars):
    """Bars with the columns that fit the terminal as it is now."""

    def __init__(self, console: Console) -> None:
        # Before the base class, which builds a table at once.
        self._terminal, self._width = console, console.width
        super().__init__(*_build_columns(self._width), console=console, expand=True)

    def make_tasks_table(self, tasks: Iterable[Task]) -> Table:
        """Build the table of the bars."""
        # Only then: a column remembers its last estimate of the remaining time.
        if self._terminal.width != self._width:
            self._width = self._terminal.width
            self.columns = tuple(_build_columns(self._width))
        return super().make_tasks_table(tasks)


def _build_columns(width: int) -> list[ProgressColumn]:
    """Return the columns that fit a terminal, so that no line is wrapped and no time is cut.

    At 80 columns a machine code keeps 12 characters, the counts 13, the unit 8, the speed 14 and the time 7; the bar
    takes the remainder.
    """
    # A long code is shortened with an ellipsis: it must not push the numbers off the line.
    name_width = max(8, min(30, width // 6))
    columns: list[ProgressColumn] = [
        TextColumn(
            "{task.description}", style="bold", markup=False, table_column=Column(no_wrap=True, max_width=name_width)
        ),
        BarColumn(bar_width=None, table_column=Column(ratio=1, min_width=4)),
        _CountColumn(table_column=Column(no_wrap=True, justify="right")),
        _MeasuredColumn("{task.fields[unit]}", markup=False, table_column=Column(no_wrap=True)),
        _MeasuredColumn(
            "{task.fields[speed]:,.0f} rows/s",
            style="cyan",
            markup=False,
            table_column=Column(no_wrap=True, justify="right", min_width=14),
        ),
    ]
    if width >= _STAGE_MIN_WIDTH:
        stage = Column(no_wrap=True, min_width=10, max_width=max(10, width // 6))
        columns.append(_MeasuredColumn("{task.fields[stage]}", style="dim", markup=False, table_column=stage))
    if width >= _ELAPSED_MIN_WIDTH:
        columns.append(TimeElapsedColumn(table_column=Column(no_wrap=True)))
    # Always last: the eye finds the remaining time at the end of the line, whatever the width.
    remaining = TimeRemainingColumn if width >= _ELAPSED_MIN_WIDTH else _RemainingColumn
    columns.append(remaining(elapsed_when_finished=True, table_column=Column(no_wrap=True, min_width=7)))
    return columns
