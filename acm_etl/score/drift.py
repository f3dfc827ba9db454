"""Drift monitor: long-window EWMA of each tag's leave-one-out residuals, scaled by its control limit."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Self

import numpy as np

from acm_etl.config import ScoreParams
from acm_etl.score.arrays import Floats, Ints, StreamState
from acm_etl.score.detectors.base import DetectorInputs
from acm_etl.score.ewma import compute_masked_ewma, span_to_weight
from acm_etl.tables.common import CRITICAL_DRIFT_Z

CONTROL_LIMIT_Z = 1.75
"""Drift z at the control limit, the largest mean to expect of healthy rows."""

MAX_FUSED_FLOOR_Z = 4.5
"""Largest fused z that drift alone gives: an episode of medium severity. A standing drift must not hide a fault."""

_ALARM_FUSED_Z = 3.0  # the default of sustained_z
_FUSED_PER_DRIFT_Z = _ALARM_FUSED_Z / (CRITICAL_DRIFT_Z - CONTROL_LIMIT_Z)  # a critical drift reaches it
_MAX_RESIDUAL = 9.0  # unit spreads: one burst must not look like drift for days
_SPAN_RANGE_ROWS = (8, 20_000)
_MIN_COVERED_SPANS = 15.0  # a month of two-day spans: fewer do not show which slow changes are normal
_MIN_CONTROL_LIMIT = 0.25  # standard deviations of a residual
# A year has larger slow changes than the folds of a training period, also within its operating range: 20 simulated
# healthy years, trained on 90 days.
_LIMIT_PER_FOLD_MAX = 1.3


@dataclass(frozen=True)
class DriftScorer:
    """Control limits of the smoothed leave-one-out residuals.

    Attributes:
        span: Span of the EWMA, rows.
        control_limit: Largest magnitude of the EWMA per tag to expect of healthy rows, with a floor, d.
    """

    span: int
    control_limit: Floats

    @classmethod
    def fit(cls, residual_means: Floats, fold_of_row: Ints, span: int, *, covered_spans: float) -> Self:
        """Fit the control limits on the smoothed residuals of healthy rows.

        Args:
            residual_means: Result of ``smooth_residuals`` by detectors that were not fitted on the rows, n by d.
            fold_of_row: Number of the fold of each row, n.
            span: Span of the EWMA, rows.
            covered_spans: Length of the training period in spans. The fewer there are, the wider is the limit; with
                fewer than 15 it is infinite, so there is no drift.
        """
        if not shows_slow_changes(covered_spans):
            return cls(span, np.full(residual_means.shape[1], np.inf))
        # The mean of the largest values of the folds: one strange week in training would set the largest of all rows.
        fold_max = [np.abs(residual_means[fold_of_row == fold]).max(axis=0) for fold in np.unique(fold_of_row)]
        expected_max = _LIMIT_PER_FOLD_MAX * np.mean(fold_max, axis=0)
        # Slow changes that a short period did not show are likely normal, so its limit is wider: twice at 15 spans.
        margin = 1 + (_MIN_COVERED_SPANS / covered_spans) ** 2
        return cls(span, margin * np.maximum(expected_max, _MIN_CONTROL_LIMIT))

    def transform(self, residual_means: Floats, widening: Floats) -> Floats:
        """Return the signed drift z of each tag, n by d: ``CONTROL_LIMIT_Z`` at its control limit times the widening.

        Args:
            residual_means: Result of ``smooth_residuals``, n by d.
            widening: Result of ``OperatingRange.measure_widening``, n by d.
        """
        tag_drift_z: Floats = residual_means * (CONTROL_LIMIT_Z / self.control_limit) / widening
        return tag_drift_z

    @staticmethod
    def drift_floor(drift_z: Floats) -> Floats:
        """Return the minimum fused z implied by drift: at most 0 up to the control limit, 3.0 at 1.8 times it.

        The floor is at most ``MAX_FUSED_FLOOR_Z``: above it, the fused z ranks readings by the detectors alone.
        """
        floor_z = _FUSED_PER_DRIFT_Z * (drift_z - CONTROL_LIMIT_Z)
        # NaN, where drift is not assessed, stays NaN.
        fused_floor: Floats = np.minimum(floor_z, MAX_FUSED_FLOOR_Z)
        return fused_floor


def shows_slow_changes(covered_spans: float) -> bool:
    """Return whether a training period of so many spans shows which slow changes are normal."""
    return covered_spans >= _MIN_COVERED_SPANS


def drift_span_rows(params: ScoreParams, cadence_seconds: float) -> int:
    """Return the span of the drift monitor in rows.

    Args:
        params: ``drift_hours`` is read.
        cadence_seconds: Median time between readings, seconds.
    """
    # Bounded for cadences of seconds or weeks: a span of a few rows is no mean, one of a million never moves.
    return int(np.clip(params.drift_hours * 3600 / cadence_seconds, *_SPAN_RANGE_ROWS))


def smooth_residuals(
    residuals: Floats, rows: DetectorInputs, span: int, state: StreamState
) -> tuple[Floats, StreamState]:
    """Compute the EWMA of the clipped leave-one-out residuals, tag by tag.

    Args:
        residuals: Residuals of the OMR detector, n rows by d tags, unit spread.
        rows: The rows that they belong to.
        span: Span of the EWMA, rows.
        state: State of the previous call, or empty.

    Returns:
        The EWMA (n by d), and the state for the next call.
    """
    # After a long standstill the machine may have been repaired: drift starts again from zero.
    zero = np.zeros(residuals.shape[1])
    means, mean_after = compute_masked_ewma(
        residuals, rows, span_to_weight(span), state.get("slow", zero), reset_mean=zero, max_abs=_MAX_RESIDUAL
    )
    return means, {"slow": mean_after}
