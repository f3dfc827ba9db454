"""Gates: limits that a ratio must keep. A gate fails only where the whole interval of the ratio lies beyond the limit.

A ratio is the quantity of the candidate divided by that of the reference, so 3.0 means three times as expensive.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum

from results import Comparison, Quantity, Ratio, cpu_per_unit, peak_memory, wall_per_unit

# With fewer rounds the spread is unknown. Other work on the machine was seen to raise CPU seconds by up to 30 %.
_ROUNDS_FOR_SPREAD = 3
_UNKNOWN_SPREAD = 1.3
# Elapsed seconds of two workers say nothing while somebody else uses one of two cores.
_QUIET_LOAD = 0.7


class Kind(StrEnum):
    """Quantity of a gate."""

    CPU = "CPU"
    WALL = "elapsed"
    MEMORY = "memory"

    @property
    def quantity(self) -> Quantity:
        """Function that reads the quantity of a measurement."""
        return {Kind.CPU: cpu_per_unit, Kind.WALL: wall_per_unit, Kind.MEMORY: peak_memory}[self]


@dataclass(frozen=True)
class Gate:
    """Limit of one ratio.

    Attributes:
        candidate: Candidate whose ratio to the reference is checked.
        at_least: Smallest ratio that is accepted; 0 accepts all.
        at_most: Largest ratio that is accepted.
        kind: Quantity that is compared.
    """

    candidate: str
    at_least: float = 0.0
    at_most: float = math.inf
    kind: Kind = Kind.CPU


class Outcome(StrEnum):
    """Outcome of a gate."""

    PASSED = "passed"
    FAILED = "FAILED"
    SKIPPED = "skipped"


@dataclass(frozen=True)
class GateResult:
    """A gate, the ratio that was measured, and the outcome.

    Attributes:
        benchmark: Name of the benchmark.
        gate: The gate.
        ratio: Measured ratio; None if it was not measured.
        outcome: Outcome.
        reason: Why the gate was skipped; empty otherwise.
    """

    benchmark: str
    gate: Gate
    ratio: Ratio | None
    outcome: Outcome
    reason: str = ""


def check_gates(comparison: Comparison, gates: Sequence[Gate]) -> Iterator[GateResult]:
    """Yield the result of each gate of a benchmark."""
    for gate in gates:
        yield _check_gate(comparison, gate)


def _check_gate(comparison: Comparison, gate: Gate) -> GateResult:
    ratio = comparison.compute_ratio(gate.candidate, gate.kind.quantity)
    if ratio is None:
        # A candidate that is neither measured nor skipped was renamed: its gate would hold nothing any more.
        reason = comparison.skipped.get(gate.candidate, "")
        outcome = Outcome.SKIPPED if reason else Outcome.FAILED
        return GateResult(comparison.benchmark, gate, None, outcome, reason or "no such candidate")
    if gate.kind is Kind.WALL and comparison.load > _QUIET_LOAD:
        reason = f"load average {comparison.load:.1f}: elapsed seconds are compared on a quiet machine only"
        return GateResult(comparison.benchmark, gate, ratio, Outcome.SKIPPED, reason)
    low, high = _widen(ratio, gate.kind)
    failed = high < gate.at_least or low > gate.at_most
    return GateResult(comparison.benchmark, gate, ratio, Outcome.FAILED if failed else Outcome.PASSED)


def _widen(ratio: Ratio, kind: Kind) -> tuple[float, float]:
    if kind is Kind.MEMORY or ratio.rounds >= _ROUNDS_FOR_SPREAD:
        return ratio.low, ratio.high
    return ratio.low / _UNKNOWN_SPREAD, ratio.high * _UNKNOWN_SPREAD
