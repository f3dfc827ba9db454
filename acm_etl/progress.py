"""How long work tells of itself: a protocol of five methods, silence, and plain lines."""

from __future__ import annotations

import sys
import time
from typing import Protocol


class Progress(Protocol):
    """Receives what a runner does; implementations draw, log or record it."""

    def set_machine_count(self, machines: int) -> None:
        """So many machines lie ahead, one after the other or side by side."""

    def start_machine(self, machine: str, *, windows: int) -> None:
        """Work on a machine begins; ``windows`` windows lie ahead."""

    def set_stage(self, machine: str, stage: str, *, detail: str = "") -> None:
        """A stage of work begins: ``coldstart``, ``pull``, ``score``, ``publish``."""

    def advance(self, machine: str, *, windows: int, rows: int, detail: str = "") -> None:
        """``windows`` windows with ``rows`` readings are committed."""

    def finish_machine(self, machine: str, *, outcome: str) -> None:
        """Work on a machine is over."""


class NullProgress:
    """A Progress that says nothing."""

    def set_machine_count(self, machines: int) -> None:
        """Say nothing."""

    def start_machine(self, machine: str, *, windows: int) -> None:
        """Say nothing."""

    def set_stage(self, machine: str, stage: str, *, detail: str = "") -> None:
        """Say nothing."""

    def advance(self, machine: str, *, windows: int, rows: int, detail: str = "") -> None:
        """Say nothing."""

    def finish_machine(self, machine: str, *, outcome: str) -> None:
        """Say nothing."""


class LogProgress:
    """Plain lines for logs and pipes: one when work begins and ends, one every few seconds between, on standard error.

    Args:
        unit: What is counted.
    """

    INTERVAL_SECONDS = 2.0

    def __init__(self, unit: str) -> None:
        self._unit = unit
        self._counters: dict[str, list[float]] = {}
        self._last_line_at = 0.0
        self._machine_count = self._finished_count = 0

    def set_machine_count(self, machines: int) -> None:
        """So many machines lie ahead."""
        self._machine_count, self._finished_count = machines, 0

    def start_machine(self, machine: str, *, windows: int) -> None:
        """Say how much there is to do."""
        self._counters[machine] = [time.monotonic(), windows, 0, 0]
        _write_line(f"{machine}: {windows:,} {self._unit} to do")

    def set_stage(self, machine: str, stage: str, *, detail: str = "") -> None:
        """Say that models are trained; other stages are too short to tell."""
        if stage == "coldstart":
            _write_line(f"{machine}: {stage} {detail}".rstrip())

    def advance(self, machine: str, *, windows: int, rows: int, detail: str = "") -> None:
        """Say how far it is, every few seconds."""
        known = self._counters[machine]
        known[2] += windows
        known[3] += rows
        seconds = max(time.monotonic() - known[0], 1e-3)
        if time.monotonic() - self._last_line_at >= self.INTERVAL_SECONDS or known[2] >= known[1]:
            self._last_line_at = time.monotonic()
            left = seconds / known[2] * max(known[1] - known[2], 0) if known[2] else 0
            speed = f"{known[3] / seconds:,.0f} rows/s, {left:.0f} s left"
            reached = f", {detail}" if detail else ""
            _write_line(f"{machine}: {known[2]:,.0f} of {known[1]:,.0f} {self._unit}, {speed}{reached}")

    def finish_machine(self, machine: str, *, outcome: str) -> None:
        """Say how it ended; that a single machine failed is said with its reason, by who reads the report."""
        self._finished_count += 1
        if outcome == "failed" and self._machine_count <= 1:
            return
        of = f" ({self._finished_count:,} of {self._machine_count:,} machines)" if self._machine_count > 1 else ""
        _write_line(f"{machine}: {outcome}{of}")


def _write_line(line: str) -> None:
    sys.stderr.write(f"{line}\n")
    sys.stderr.flush()
