"""Context tags: what surrounds a machine and is not its condition, such as the ambient temperature."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Self

import numpy as np
import polars as pl

from acm_etl.score.arrays import Array, Bools, Floats, Ints, StreamState
from acm_etl.score.ewma import compute_masked_ewma, span_to_weight
from acm_etl.score.prepare.clean import list_cells
from acm_etl.source_spec import matches_any_pattern
from acm_etl.tables.common import OUTSIDE_TRAINING

# For type checkers only: the package of the detectors imports this package.
if TYPE_CHECKING:
    from acm_etl.score.detectors.base import DetectorInputs

_TAIL_SHARE = 0.001  # of the training readings at each end: a few wrong readings must not widen the range
_MIN_SLOW_RANGE = 1e-9  # robust standard deviations; a mean that never moved
_MAX_EXCESS = 1.0  # trained ranges: beyond, z would tend to 0, and no fault could be found


@dataclass(frozen=True)
class ContextRanges:
    """Ranges of the context tags in training.

    Attributes:
        columns_: Positions of the context tags among the tags of the model, k.
        low_: Lower end of the range, unit of the tag, k.
        high_: Upper end of the range, k.
        slow_low_: Lower end of the range of the means over the span of the drift monitor, robust standard deviations,
            k; NaN in models of earlier versions.
        slow_high_: Upper end of this range, k.
    """

    columns_: Ints
    low_: Floats
    high_: Floats
    slow_low_: Floats = field(default_factory=lambda: np.array(np.nan))
    slow_high_: Floats = field(default_factory=lambda: np.array(np.nan))

    @classmethod
    def fit(cls, X: Floats, tags: Sequence[str], patterns: Sequence[str]) -> Self:
        """Fit on the running training readings.

        Args:
            X: Readings, n rows by d tags, NaN where missing; every tag has one.
            tags: Names of the tags, d.
            patterns: Patterns of the names of context tags.
        """
        columns = np.array([place for place, tag in enumerate(tags) if matches_any_pattern(tag, patterns)], np.int64)
        if not len(columns):
            return cls(columns, np.empty(0), np.empty(0))
        low, high = np.nanquantile(X[:, columns], [_TAIL_SHARE, 1 - _TAIL_SHARE], axis=0)
        # A tag that never moved in training shows no range: any other reading would be infinitely far from it.
        moved = high > low
        return cls(columns[moved], low[moved], high[moved])

    @classmethod
    def from_arrays(cls, arrays: dict[str, Array]) -> Self:
        """Restore the ranges of a stored model; models that were stored without them have no context tags."""
        return cls(**arrays) if arrays else cls(np.empty(0, np.int64), np.empty(0), np.empty(0))

    def measure_excess(self, X: Floats, ignored: Bools) -> Floats | None:
        """Return by how much readings lie outside their range, n by k; None if none does.

        Args:
            X: Readings, n rows by d tags, NaN where missing.
            ignored: Readings that do not count, n by d.

        Returns:
            Distance to the range in widths of the range; 0 inside, and for missing readings.
        """
        if not len(self.columns_):
            return None
        readings = np.where(ignored[:, self.columns_], np.nan, X[:, self.columns_])
        beyond = np.fmax(self.low_ - readings, readings - self.high_)
        excess: Floats = np.nan_to_num(np.fmax(beyond, 0.0)) / (self.high_ - self.low_)
        return excess if excess.any() else None

    def with_slow_range(self, rows: DetectorInputs, span: int) -> ContextRanges:
        """Return the same ranges with those of the slow means.

        Args:
            rows: Running rows of training, in sequence.
            span: Span of the drift monitor, rows.
        """
        if not len(self.columns_):
            return self
        means = self._smooth_context_tags(rows.Z, rows, span, {})[0][rows.settled]
        return replace(self, slow_low_=means.min(axis=0), slow_high_=means.max(axis=0))

    def measure_slow_widening(
        self, Z: Floats, rows: DetectorInputs, span: int, state: StreamState, *, widening: Floats | None
    ) -> tuple[Floats | None, StreamState]:
        """Return the factor by which levels of drift are wider (n; None for 1), and the state for the next call.

        Drift is a mean over days: on a summer night the air is as warm as on a winter day, but the mean is not.

        Args:
            Z: Complete deviations, n rows by d tags.
            rows: The rows that enter the drift monitor.
            span: Its span, rows.
            state: State of the previous call, or empty.
            widening: Factor of single readings, which models of earlier versions take here too.
        """
        if np.isnan(self.slow_low_).any() or not len(self.columns_):
            return widening, {}
        means, after = self._smooth_context_tags(Z, rows, span, state)
        beyond = np.maximum(np.maximum(self.slow_low_ - means, means - self.slow_high_), 0.0)
        return compute_widening(beyond / np.maximum(self.slow_high_ - self.slow_low_, _MIN_SLOW_RANGE)), after

    def _smooth_context_tags(
        self, Z: Floats, rows: DetectorInputs, span: int, state: StreamState
    ) -> tuple[Floats, StreamState]:
        """Return the means of the context tags, n by k, and the state for the next call."""
        # They restart where those of the drift monitor do.
        start = np.zeros(len(self.columns_))
        means, after = compute_masked_ewma(
            Z[:, self.columns_], rows, span_to_weight(span), state.get("context", start), reset_mean=start
        )
        return means, {"context": after}

    def list_cells(self, times: pl.Series, X: Floats, excess: Floats | None, tags: Sequence[str]) -> pl.DataFrame:
        """Return one row per reading outside its range, as ``REJECTED_SCHEMA``.

        Args:
            times: Times of the rows.
            X: Readings, n rows by d tags.
            excess: Result of ``measure_excess``.
            tags: Names of the tags, d.
        """
        rows, places = np.nonzero(excess) if excess is not None else (np.empty(0, np.int64), np.empty(0, np.int64))
        kinds = pl.Series([OUTSIDE_TRAINING] * len(rows), dtype=pl.String)
        return list_cells(times, X, tags, cells=(rows, self.columns_[places]), kinds=kinds)


def compute_widening(excess: Floats | None) -> Floats | None:
    """Return the factor by which all levels are wider, n; None if no level is.

    What a machine does at a temperature that training has not seen is extrapolated: its scores are less certain the
    farther the temperature is outside. At the distance of a whole trained range and beyond, levels are twice as wide.

    Args:
        excess: Result of ``ContextRanges.measure_excess``.
    """
    if excess is None:
        return None
    widening: Floats = 1.0 + np.minimum(excess.max(axis=1), _MAX_EXCESS)
    return widening
