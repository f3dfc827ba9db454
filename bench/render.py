"""Tables of results as plain text."""

from __future__ import annotations

import math
from collections.abc import Sequence

import overview
from gates import Gate, GateResult
from measure import Measurement
from results import Comparison, Ratio, compute_median, cpu_per_unit

_HEADINGS = ("candidate", "units", "CPU s", "min-max", "elapsed s", "units/s", "peak MiB", "CPU ratio", "min-max", "")


def render_comparison(comparison: Comparison) -> str:
    """Return one benchmark as a table, the reference first."""
    rows = [_HEADINGS, *(_make_cells(comparison, one) for one in comparison.measurements)]
    lines = _align(rows)
    lines += [f"  {name}: skipped ({reason})" for name, reason in comparison.skipped.items()]
    lines.append(f"  units: {comparison.unit}; load average before: {comparison.load:.1f}")
    return "\n".join(lines)


def render_gates(results: Sequence[GateResult]) -> str:
    """Return one line per gate."""
    rows = [
        (str(one.outcome), one.benchmark, one.gate.candidate, str(one.gate.kind), _format_ratio(one.ratio),
         format_limit(one.gate), one.reason)
        for one in results
    ]  # fmt: skip
    return "\n".join(["\nGates (cost of the candidate divided by that of the reference)", *_align(rows)])


def render_overview(comparisons: Sequence[Comparison]) -> str:
    """Return the numbers that the documentation quotes; those not measured are left out."""
    rows = [(line.work, line.measured) for line in overview.summarize(comparisons)]
    return "\n".join(["\nOverview", *_align(rows)]) if rows else ""


def format_limit(gate: Gate) -> str:
    """Return the limit of a gate in words."""
    limits = [f"at least {gate.at_least:g}"] if gate.at_least else []
    if gate.at_most < math.inf:
        limits.append(f"at most {gate.at_most:g}")
    return " and ".join(limits)


def _make_cells(comparison: Comparison, one: Measurement) -> tuple[str, ...]:
    cpu = [usage.cpu_seconds for usage in one.usages]
    wall = compute_median(one, lambda usage: usage.wall_seconds)
    facts = one.usages[-1].facts
    ratio = comparison.compute_ratio(one.name, cpu_per_unit)
    return (
        one.name,
        f"{one.units:,}",
        format_number(compute_median(one, lambda usage: usage.cpu_seconds)),
        f"{format_number(min(cpu))}-{format_number(max(cpu))}",
        format_number(wall),
        format_number(one.units / wall),
        format_number(compute_median(one, lambda usage: usage.peak_mib)),
        format_number(ratio.median) if ratio else "",
        f"{format_number(ratio.low)}-{format_number(ratio.high)}" if ratio else "",
        ", ".join(f"{name} {format_number(value)}" for name, value in facts.items()),
    )


def _format_ratio(ratio: Ratio | None) -> str:
    if ratio is None:
        return "-"
    return f"{format_number(ratio.median)} ({format_number(ratio.low)}-{format_number(ratio.high)})"


def format_number(value: float) -> str:
    """Return a number with three significant digits, or with separators where it is large."""
    return f"{value:,.0f}" if abs(value) >= 100 else f"{value:.3g}"


def _align(rows: Sequence[Sequence[str]]) -> list[str]:
    """Return lines of columns; the first column and texts are left, numbers are right."""
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    return ["  " + "  ".join(map(_align_cell, row, widths)).rstrip() for row in rows]


def _align_cell(cell: str, width: int) -> str:
    return cell.rjust(width) if cell[:1].isdigit() else cell.ljust(width)
