"""The numbers that the documentation quotes, one line for each piece of work."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import publishing
import scoring
import v8
from measure import Measurement
from results import Comparison, Quantity, compute_median, cpu_per_unit, wall_per_unit


@dataclass(frozen=True)
class Line:
    """One line of the overview.

    Attributes:
        work: The work.
        measured: What it took, as text.
    """

    work: str
    measured: str


@dataclass(frozen=True)
class _Absolute:
    """Median resources of one candidate."""

    work: str
    benchmark: str
    candidate: str

    def read(self, comparison: Comparison) -> str | None:
        found = comparison.find(f"acm_etl, {self.candidate}")
        if found is None:
            return None
        name = f"other checkout, {self.candidate}"
        other, ratio = comparison.find(name), comparison.compute_ratio(name, cpu_per_unit)
        if other is None or ratio is None:
            return _describe(found)
        times = f"CPU {ratio.median:.2f} x ({ratio.low:.2f} to {ratio.high:.2f})"
        return f"{_describe(found)}; other checkout: {_describe(other)}, {times}"


@dataclass(frozen=True)
class _Relative:
    """Ratio of a candidate to its reference, or the inverse."""

    work: str
    benchmark: str
    candidate: str
    quantity: Quantity = cpu_per_unit
    is_inverse: bool = False

    def read(self, comparison: Comparison) -> str | None:
        ratio = comparison.compute_ratio(self.candidate, self.quantity)
        if ratio is None:
            reason = comparison.skipped.get(self.candidate)
            return None if reason is None else f"skipped ({reason})"
        low, middle, high = ratio.low, ratio.median, ratio.high
        if self.is_inverse:
            low, middle, high = 1 / high, 1 / middle, 1 / low
        return f"{middle:.2f} x ({low:.2f} to {high:.2f})"


_LINES: tuple[_Absolute | _Relative, ...] = (
    _Absolute("a year of a fan, import and backfill", "year", "windows of a day"),
    _Absolute("nightly job, one further day", "nightly", "one further day"),
    _Absolute("nightly job, nothing new", "nightly", "nothing new"),
    _Absolute("1M readings x 10 tags", "lengths", "1,000,000 x 10"),
    _Absolute("10M readings x 10 tags", "lengths", "10,000,000 x 10"),
    _Absolute("200,000 readings x 100 tags", "tags", "200,000 x 100"),
    _Absolute("50 machines, 1 worker", "fleet_of_50", "1 worker(s)"),
    _Absolute("50 machines, 2 workers", "fleet_of_50", "2 worker(s)"),
    _Relative("speed of 2 workers to 1", "fleet_of_50", "acm_etl, 2 worker(s)", wall_per_unit, is_inverse=True),
    _Relative("CPU per reading of V8's one shot", "year", v8.ONE_SHOT),
    _Relative("CPU per reading of V8's ticks of a day", "year", v8.DAILY_TICKS),
    _Relative("publishing to INSERT from Arrow", "publish", publishing.FLOOR, is_inverse=True),
    _Relative("publishing to INSERT with keys", "publish", publishing.KEYS, is_inverse=True),
    _Relative("CPU of dlt's merge to publishing", "publish", publishing.DLT),
    _Relative("CPU of scikit-learn on equal inputs to score", "score", scoring.EQUAL),
    _Relative("CPU of scikit-learn on 33 columns to score", "score", scoring.NARROW),
)


def summarize(comparisons: Sequence[Comparison]) -> Iterator[Line]:
    """Yield the lines whose benchmark was run."""
    by_name: Mapping[str, Comparison] = {one.benchmark: one for one in comparisons}
    for line in _LINES:
        text = line.read(by_name[line.benchmark]) if line.benchmark in by_name else None
        if text is not None:
            yield Line(line.work, text)


def _describe(one: Measurement) -> str:
    cpu, wall, peak = (
        compute_median(one, read) for read in (lambda u: u.cpu_seconds, lambda u: u.wall_seconds, lambda u: u.peak_mib)
    )
    facts = "".join(f", {value:.2f} {name}" for name, value in one.usages[-1].facts.items())
    return f"{cpu:.2f} s CPU, {wall:.2f} s, {peak:,.0f} MiB, {one.units / wall:,.1f} units/s{facts}"
