"""How long work tells of itself: a protocol of five methods, silence, and plain lines."""

from __future__ import annotations

import sys
import time
from typing import Protocol


class Progress(Protocol):
    """Receives what a runner does; implementations draw, log or record it."""

    def expect(self, machines: int) -> None:
        """So many machines lie ahead, one after the other or side by side."""

    def begin(self, machine: str, *, windows: int) -> None:
        """Work on a machine begins; ``windows`` windows lie ahead."""

    def stage(self, machine: str, stage: str, *, detail: str = "") -> None:
        """A stage of work begins: ``coldstart``, ``pull``, ``score``, ``publish``."""

    def advance(self, machine: str, *, windows: int, rows: int, detail: str = "") -> None:
        """``windows`` windows with ``rows`` readings are committed."""

    def end(self, machine: str, *, outcome: str) -> None:
        """Work on a machine is over."""


class Silent:
    """A Progress that says nothing."""

    def expect(self, machines: int) -> None:
        """Say nothing."""

    def begin(self, machine: str, *, windows: int) -> None:
        """Say nothing."""

    def stage(self, machine: str, stage: str, *, detail: str = "") -> None:
        """Say nothing."""

    def advance(self, machine: str, *, windows: int, rows: int, detail: str = "") -> None:
        """Say nothing."""

    def end(self, machine: str, *, outcome: str) -> None:
        """Say nothing."""


class Lines:
    """Plain lines for logs and pipes: one when work begins and ends, one every few seconds between, on standard error.

    Args:
        unit: What is counted.
    """

    EVERY = 2.0

    def __init__(self, unit: str) -> None:
        self._unit = unit
        self._known: dict[str, list[float]] = {}
        self._said = 0.0
        self._expected = self._over = 0

    def expect(self, machines: int) -> None:
        """So many machines lie ahead."""
        self._expected, self._over = machines, 0

    def begin(self, machine: str, *, windows: int) -> None:
        """Say how much there is to do."""
        self._known[machine] = [time.monotonic(), windows, 0, 0]
        _say(f"{machine}: {windows:,} {self._unit} to do")

    def stage(self, machine: str, stage: str, *, detail: str = "") -> None:
        """Say that models are trained; other stages are too short to tell."""
        if stage == "coldstart":
            _say(f"{machine}: {stage} {detail}".rstrip())

    def advance(self, machine: str, *, windows: int, rows: int, detail: str = "") -> None:
        """Say how far it is, every few seconds."""
        known = self._known[machine]
        known[2] += windows
        known[3] += rows
        seconds = max(time.monotonic() - known[0], 1e-3)
        if time.monotonic() - self._said >= self.EVERY or known[2] >= known[1]:
            self._said = time.monotonic()
            left = seconds / known[2] * max(known[1] - known[2], 0) if known[2] else 0
            speed = f"{known[3] / seconds:,.0f} rows/s, {left:.0f} s left"
            reached = f", {detail}" if detail else ""
            _say(f"{machine}: {known[2]:,.0f} of {known[1]:,.0f} {self._unit}, {speed}{reached}")

    def end(self, machine: str, *, outcome: str) -> None:
        """Say how it ended; that a single machine failed is said with its reason, by who reads the report."""
        self._over += 1
        if outcome == "failed" and self._expected <= 1:
            return
        of = f" ({self._over:,} of {self._expected:,} machines)" if self._expected > 1 else ""
        _say(f"{machine}: {outcome}{of}")


def _say(line: str) -> None:
    sys.stderr.write(f"{line}\n")
    sys.stderr.flush()
