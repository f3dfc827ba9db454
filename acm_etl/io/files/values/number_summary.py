"""Running summary of the numbers of one column, in bounded memory."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np
import polars as pl

from acm_etl.io.files.values.sentinels import TYPICAL_SENTINELS, is_typical_sentinel

_CHUNK_SAMPLE = 512  # values per chunk that enter the sample
# Rows at even distances would meet the same phase of a daily rhythm, or of a pump that switches every hour.
_ROW_SHARES = np.random.default_rng(0).random(_CHUNK_SAMPLE)
_MAX_SAMPLE = 8_192
_MAX_FAR_VALUES = 256
_FAR_SPREADS = 20.0  # interquartile ranges from the median


@dataclass(slots=True)
class NumberSummary:
    """Counts and extremes of finite numbers, a sample, and exact counts of far-off values.

    Attributes:
        count: Numbers seen.
        minimum: Least number that is not far off; ``inf`` before the first one.
        maximum: Greatest number that is not far off; ``-inf`` before the first one.
        is_whole: True while every number is an integer.
        far_counts: Far-off value to the number of its cells.
        sample: Numbers from random rows, the same ones in every run; at most 8,192.
    """

    count: int = 0
    minimum: float = math.inf
    maximum: float = -math.inf
    is_whole: bool = True
    far_counts: dict[float, int] = field(default_factory=dict)
    sample: list[float] = field(default_factory=list)
    _limits: tuple[float, float] = (-math.inf, math.inf)
    _chunks: int = 0

    def add(self, numbers: pl.Series) -> None:
        """Take in finite numbers without nulls."""
        if numbers.is_empty():
            return
        self.count += len(numbers)
        # Measured values end this check in the first chunk.
        self.is_whole = self.is_whole and bool((numbers == numbers.round()).all())
        self._add_sample(_pick_numbers(numbers))
        self._chunks += 1
        # The median moves little once many chunks are in the sample: limits are renewed at 1, 2, 4, 8 ... chunks.
        if self._chunks & (self._chunks - 1) == 0:
            self._limits = self._find_limits()
        near = self._split_far(numbers)
        if len(near):
            self._add_extremes(*get_extremes(near))

    def merge(self, other: NumberSummary) -> NumberSummary:
        """Return the summary of the numbers of both."""
        merged = NumberSummary(
            self.count + other.count,
            min(self.minimum, other.minimum),
            max(self.maximum, other.maximum),
            self.is_whole and other.is_whole,
            dict(self.far_counts),
        )
        # A value that is far off in one file may be usual in the other; the range of both decides at the end.
        merged._count_far(other.far_counts)
        merged._add_sample(self.sample + other.sample)
        return merged

    def scale(self, factor: float) -> NumberSummary:
        """Return the summary of the numbers times ``factor``, rounded to integers (the factor of thousands)."""
        return NumberSummary(
            self.count,
            self.minimum * factor,
            self.maximum * factor,
            is_whole=True,
            far_counts={value * factor: count for value, count in self.far_counts.items()},
            sample=[float(round(value * factor)) for value in self.sample],
        )

    @property
    def magnitude(self) -> float | None:
        """Mean of log10 of the sampled numbers other than 0."""
        logs = [math.log10(abs(value)) for value in self.sample if value != 0 and not is_typical_sentinel(value)]
        return sum(logs) / len(logs) if logs else None

    @property
    def is_binary(self) -> bool:
        """True when both 0 and 1 occur, and nothing else but typical marks of a missing value."""
        return self.has_only_states() and {0.0, 1.0} <= {*(self.core or ()), *self.far_counts}

    @property
    def core(self) -> tuple[float, float] | None:
        """Least and greatest number that is not far off."""
        return (self.minimum, self.maximum) if self.minimum <= self.maximum else None

    def has_only_states(self) -> bool:
        """Tell whether every number is 0, 1, or a typical mark of a missing value such as -999."""
        values = [value for value in (*(self.core or ()), *self.far_counts) if not is_typical_sentinel(value)]
        return self.is_whole and set(values) <= {0.0, 1.0}

    def _add_sample(self, values: list[float]) -> None:
        self.sample += values
        while len(self.sample) > _MAX_SAMPLE:
            rows = np.random.default_rng(0).permutation(len(self.sample))[: _MAX_SAMPLE // 2]
            self.sample = [self.sample[row] for row in rows.tolist()]

    def _find_limits(self) -> tuple[float, float]:
        values = [value for value in self.sample if not is_typical_sentinel(value)]
        if not values:
            return math.inf, -math.inf
        low, middle, high = np.percentile(values, [25, 50, 75])
        # A machine that mostly stands still has equal quartiles; its running values are not far off.
        reach = _FAR_SPREADS * float(high - low or max(values) - min(values))
        return float(middle) - reach, float(middle) + reach

    def _split_far(self, numbers: pl.Series) -> pl.Series:
        """Count far-off values and return the others. Chunks without one cost only their two extremes."""
        low, high = self._limits
        extremes = get_extremes(numbers)
        if all(low <= value <= high and not is_typical_sentinel(value) for value in extremes):
            return numbers
        # Typical marks count also within the limits: -200 is not far from a flow of 0 to 1,000.
        is_far = (numbers < low) | (numbers > high) | numbers.is_in(list(TYPICAL_SENTINELS))
        counts = numbers.filter(is_far).alias("value").value_counts(sort=True).head(_MAX_FAR_VALUES)
        self._count_far(dict(counts.iter_rows()))
        return numbers.filter(~numbers.is_in(counts["value"].to_list()))

    def _count_far(self, counts: Mapping[float, int]) -> None:
        for value, count in counts.items():
            self.far_counts[value] = self.far_counts.get(value, 0) + count
        ranked = sorted(self.far_counts, key=lambda value: (not is_typical_sentinel(value), -self.far_counts[value]))
        for value in ranked[_MAX_FAR_VALUES:]:
            # A value that hardly repeats is a reading: only the extremes keep it.
            del self.far_counts[value]
            self._add_extremes(value, value)

    def _add_extremes(self, low: float, high: float) -> None:
        self.minimum, self.maximum = min(self.minimum, low), max(self.maximum, high)


def _pick_numbers(numbers: pl.Series) -> list[float]:
    if len(numbers) <= _CHUNK_SAMPLE:
        return numbers.to_list()
    picked: list[float] = numbers.to_numpy()[(_ROW_SHARES * len(numbers)).astype(np.int64)].tolist()
    return picked


def get_extremes(numbers: pl.Series) -> tuple[float, float]:
    """Return least and greatest number of a series that has no nulls and is not empty."""
    return float(numbers.min()), float(numbers.max())  # type: ignore[arg-type]
