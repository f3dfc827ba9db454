"""Progress protocol, and implementations that do nothing and that write plain lines."""

from __future__ import annotations

import sys
import time
from dataclasses import dataclass
from typing import Protocol

from acm_etl.counts import format_count

_ANNOUNCED_STAGES = frozenset({"replay", "refit", "baseline"})


def is_announcement(stage: str, detail: str) -> bool:
    """Return whether an activity is one that a user does not expect of every backfill, and its detail says why.

    Such details are shown on a line of their own.
    """
    return stage in _ANNOUNCED_STAGES and bool(detail)


class Progress(Protocol):
    """Receives the progress of a command; implementations display, log or record it."""

    def set_machine_count(self, machines: int) -> None:
        """Report how many machines the command processes; called once, before the first machine starts."""

    def start_machine(self, machine: str, *, windows: int) -> None:
        """Report that a machine starts, and how many windows it has; called again after a lost connection."""

    def set_stage(self, machine: str, stage: str, *, detail: str = "") -> None:
        """Report the activity: ``coldstart``, ``pull``, ``score``, ``publish``, ``waiting``, or an announced stage.

        Args:
            machine: Machine code.
            stage: Name of the activity.
            detail: What is done; of an announced stage, what a user has to know of it.
        """

    def advance(self, machine: str, *, windows: int, rows: int, detail: str = "") -> None:
        """Report that ``windows`` more windows with ``rows`` readings are committed."""

    def finish_machine(self, machine: str, *, outcome: str) -> None:
        """Report the end of a machine: a ``MachineOutcome``."""


class NullProgress:
    """A Progress that ignores all reports."""

    def set_machine_count(self, machines: int) -> None:
        """Do nothing."""

    def start_machine(self, machine: str, *, windows: int) -> None:
        """Do nothing."""

    def set_stage(self, machine: str, stage: str, *, detail: str = "") -> None:
        """Do nothing."""

    def advance(self, machine: str, *, windows: int, rows: int, detail: str = "") -> None:
        """Do nothing."""

    def finish_machine(self, machine: str, *, outcome: str) -> None:
        """Do nothing."""


class LogProgress:
    """A Progress that writes plain lines to standard error, for logs and pipes.

    Each machine gets a line when it starts and when it ends, and one every ``INTERVAL_SECONDS`` in between.

    Args:
        unit: Name of a counted unit: ``window``, or ``row`` for an import.
    """

    INTERVAL_SECONDS = 2.0

    def __init__(self, unit: str) -> None:
        self._unit = unit
        self._counters: dict[str, _Counters] = {}
        self._last_line_at = 0.0
        self._machine_count = self._finished_count = 0

    def set_machine_count(self, machines: int) -> None:
        """Set the total for the count of finished machines."""
        self._machine_count, self._finished_count = machines, 0

    def start_machine(self, machine: str, *, windows: int) -> None:
        """Write the amount of work."""
        self._counters[machine] = _Counters(time.monotonic(), windows)
        _write_line(f"{machine}: {format_count(windows, self._unit)} to do")

    def set_stage(self, machine: str, stage: str, *, detail: str = "") -> None:
        """Write a line for a coldstart and for announcements only: the other stages are too short."""
        if stage == "coldstart" or is_announcement(stage, detail):
            _write_line(f"{machine}: {stage} {detail}".rstrip())

    def advance(self, machine: str, *, windows: int, rows: int, detail: str = "") -> None:
        """Write the progress, the speed and the remaining time, every few seconds and at the end."""
        counters = self._counters[machine]
        counters.done += windows
        counters.rows += rows
        now = time.monotonic()
        # One interval for all machines: with 64 workers, an interval per machine would be 32 lines a second.
        if now - self._last_line_at >= self.INTERVAL_SECONDS or counters.done >= counters.total:
            self._last_line_at = now
            rows_per_second = counters.rows / counters.measure_elapsed(now)
            speed = f"{rows_per_second:,.0f} rows/s, {counters.estimate_remaining(now):.0f} s left"
            reached = f", {detail}" if detail else ""
            _write_line(f"{machine}: {counters.done:,} of {format_count(counters.total, self._unit)}, {speed}{reached}")

    def finish_machine(self, machine: str, *, outcome: str) -> None:
        """Write the outcome and the number of finished machines."""
        self._finished_count += 1
        # The command prints the failure of a single machine as its error message, with the reason.
        if outcome == "failed" and self._machine_count <= 1:
            return
        total = f" ({self._finished_count:,} of {self._machine_count:,} machines)" if self._machine_count > 1 else ""
        _write_line(f"{machine}: {outcome}{total}")


@dataclass(slots=True)
class _Counters:
    """Progress of one machine; ``rows`` are readings, ``total`` and ``done`` units."""

    started_at: float
    total: int
    done: int = 0
    rows: int = 0

    def measure_elapsed(self, now: float) -> float:
        return max(now - self.started_at, 1e-3)  # the first report may come within the resolution of the clock

    def estimate_remaining(self, now: float) -> float:
        return self.measure_elapsed(now) / self.done * max(self.total - self.done, 0) if self.done else 0.0


def _write_line(line: str) -> None:
    # Flush: a pipe is block-buffered, and the lines of a run that takes hours would come at its end.
    sys.stderr.write(f"{line}\n")
    sys.stderr.flush()
