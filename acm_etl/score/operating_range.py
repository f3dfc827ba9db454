"""Slow operating points that training has shown: outside of them, what the tags should read is extrapolated."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Self

import numpy as np

from acm_etl.score import kernels
from acm_etl.score.array_ops import row_squared_norms
from acm_etl.score.arrays import Array, Floats, StreamState
from acm_etl.score.detectors.base import DetectorInputs
from acm_etl.score.detectors.principal_components import fit_principal_components, project_rows
from acm_etl.score.ewma import compute_masked_ewma, span_to_weight

_MAX_SCORE = 9.0  # slow spreads; one burst must not move the operating point for days


@dataclass(frozen=True)
class OperatingRange:
    """Range of the slow operating point, the mean over days in the plane of the principal components.

    A relation of tags that was learned at other loads or in another season holds less well here: the error of a
    prediction grows with the distance from the data it was learned from.

    Attributes:
        mean_: Origin of the plane, robust standard deviations, d.
        directions_: Directions of the plane over the spread of their slow scores in training, d by k; k = 0 for models
            of earlier versions.
        reach_: Largest distance of the operating point in training, slow spreads, 0-d.
    """

    mean_: Floats
    directions_: Floats
    reach_: Array

    @classmethod
    def fit(cls, rows: DetectorInputs, train_rows: DetectorInputs, span: int, variance: float) -> Self:
        """Fit the plane and the range.

        Args:
            rows: Running rows, in sequence.
            train_rows: Those of them that detectors are fitted on.
            span: Span of the drift monitor, rows.
            variance: Share (0..1) of the variance that the plane keeps.
        """
        mean, directions, variances = fit_principal_components(train_rows.moments, variance)
        deviations = np.sqrt(variances[: directions.shape[1]])
        slow_scores, _ = _smooth_scores(project_rows(rows.Z, mean, directions / deviations), rows, span, {})
        # A mean over a span varies at least as much as that of independent rows; a tag that rested shows no spread.
        spread = np.maximum(np.sqrt((slow_scores[rows.settled] ** 2).mean(axis=0)), 1 / np.sqrt(span))
        scaled = directions / (deviations * spread)
        slow_scores, _ = _smooth_scores(project_rows(rows.Z, mean, scaled), rows, span, {})
        reach = np.sqrt(row_squared_norms(slow_scores[rows.settled]).max())
        return cls(mean, scaled, np.maximum(reach, 1.0))  # 0 if no tag ever moved

    @classmethod
    def from_arrays(cls, arrays: dict[str, Array], tag_count: int) -> Self:
        """Restore the range of a stored model; models of earlier versions have none, and nothing is outside of it."""
        return cls(**arrays or {
            "mean_": np.zeros(tag_count),
            "directions_": np.empty((tag_count, 0)),
            "reach_": np.array(np.inf),
        })  # fmt: skip

    def measure_widening(
        self, slow_residuals: Floats, rows: DetectorInputs, span: int, state: StreamState
    ) -> tuple[Floats, StreamState]:
        """Return by how much the limit of each tag is wider.

        The operating point is the one that the other tags show: a drifting tag does not widen its own limit.

        Args:
            slow_residuals: Smoothed leave-one-out residual of each tag, robust standard deviations, n by d.
            rows: The rows that they belong to.
            span: Span of the drift monitor, rows.
            state: State of the previous call, or empty.

        Returns:
            Distance of the operating point over the largest one of training, at least 1, n by d; and the state for the
            next call.
        """
        scores = project_rows(rows.Z, self.mean_, self.directions_)
        slow_scores, state_after = _smooth_scores(scores, rows, span, state)
        projections = slow_scores @ self.directions_.T
        squared_norms = row_squared_norms(slow_scores), row_squared_norms(self.directions_)
        if (compiled := kernels.get_kernels()) is not None:
            # In place of the projections: one pass instead of ten.
            compiled.compute_widening(slow_residuals, (*squared_norms, float(self.reach_)), projections)
            return projections, state_after
        # The squared norm of the scores without the part of the tag that the other tags do not explain.
        squared_distance = (
            squared_norms[0][:, None] - 2 * slow_residuals * projections + slow_residuals**2 * squared_norms[1]
        )
        widening: Floats = np.maximum(np.sqrt(np.maximum(squared_distance, 0.0)) / self.reach_, 1.0)
        return widening, state_after


def _smooth_scores(scores: Floats, rows: DetectorInputs, span: int, state: StreamState) -> tuple[Floats, StreamState]:
    """Return the EWMA of scores in the plane (n by k), and the state for the next call."""
    # After a long standstill the machine may have been repaired: its operating point is not known yet.
    start = np.zeros(scores.shape[1])
    slow_scores, after = compute_masked_ewma(
        scores, rows, span_to_weight(span), state.get("operating", start), reset_mean=start, max_abs=_MAX_SCORE
    )
    return slow_scores, {"operating": after}
