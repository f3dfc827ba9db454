"""Slow operating points that training has shown: outside of them, what the tags should read is extrapolated.

The drift monitor has one, of means over two days. A second one, of means over ten days, shows seasons: a season comes
slowly, and a fault of the whole machine is seen before it is a mean over ten days.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import Self

import numpy as np

from acm_etl.score import kernels
from acm_etl.score.array_ops import row_squared_norms, row_sums
from acm_etl.score.arrays import Array, Floats, StreamState, add_scope, get_scope
from acm_etl.score.detectors.base import DetectorInputs
from acm_etl.score.detectors.principal_components import fit_principal_components, project_rows
from acm_etl.score.ewma import compute_masked_ewma, span_to_weight

_MAX_SCORE = 9.0  # slow spreads; one burst must not move the operating point for days
_SEASON_SPANS = 5  # spans of the drift monitor: ten days
# Beyond the range, a relation that is not straight departs from its tangent by the square of the distance.
# With 2, crushers that were trained in winter are in alarm for a month of summer; with 2.5 and 3 for no day of it.
_MAX_SEASON_WIDENING = 3.0


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
        shows_seasons_: Whether training is long enough to tell a season from other slow changes, 0-d; False for models
            of earlier versions.
    """

    mean_: Floats
    directions_: Floats
    reach_: Array
    shows_seasons_: Array = field(default_factory=lambda: np.array(False))  # noqa: FBT003 - an array has no keyword

    @classmethod
    def fit(
        cls,
        rows: DetectorInputs,
        train_rows: DetectorInputs,
        span: int,
        variance: float,
        *,
        shows_seasons: bool = False,
    ) -> Self:
        """Fit the plane and the range.

        Args:
            rows: Running rows, in sequence.
            train_rows: Those of them that detectors are fitted on.
            span: Span of the drift monitor, rows.
            variance: Share (0..1) of the variance that the plane keeps.
            shows_seasons: As the attribute.
        """
        mean, directions, variances = fit_principal_components(train_rows.moments, variance)
        deviations = np.sqrt(variances[: directions.shape[1]])
        slow_scores, _ = _smooth_scores(project_rows(rows.Z, mean, directions / deviations), rows, span, {})
        # A mean over a span varies at least as much as that of independent rows; a tag that rested shows no spread.
        spread = np.maximum(np.sqrt((slow_scores[rows.settled] ** 2).mean(axis=0)), 1 / np.sqrt(span))
        scaled = directions / (deviations * spread)
        slow_scores, _ = _smooth_scores(project_rows(rows.Z, mean, scaled), rows, span, {})
        reach = np.sqrt(row_squared_norms(slow_scores[rows.settled]).max())
        return cls(mean, scaled, np.maximum(reach, 1.0), np.array(shows_seasons))  # 0 if no tag ever moved

    @classmethod
    def from_arrays(cls, arrays: dict[str, Array], tag_count: int) -> Self:
        """Restore the range of a stored model; models of earlier versions have none, and nothing is outside of it."""
        return cls(**arrays) if arrays else cls.unlimited(tag_count)

    @classmethod
    def unlimited(cls, tag_count: int) -> Self:
        """Return a range that nothing is outside of."""
        return cls(np.zeros(tag_count), np.empty((tag_count, 0)), np.array(np.inf))

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
        slow_scores, state_after = self._smooth(rows, span, state)
        return self._compare_distance(slow_scores, slow_residuals), state_after

    def measure_season(
        self, slow_residuals: Floats, rows: DetectorInputs, span: int, state: StreamState, *, contributions: Floats
    ) -> tuple[Floats | None, StreamState]:
        """Return by how much the levels of detectors are wider in a season that training has not seen.

        A mean over ten days is compared with the range of those over two days. If the distance stays beyond that range
        whichever tag is left out, levels are wider by its square: a season moves several tags, a fault of one tag is
        none, and a fault of all of them is seen before it has moved such a mean. Only that part of a score counts which
        comes from tags that the season has moved.

        Args:
            slow_residuals: As for ``measure_widening``.
            rows: The rows that they belong to.
            span: Span of the drift monitor, rows.
            state: State of the previous call, or empty.
            contributions: Share (0..1) of each tag in the scores, n by d.

        Returns:
            The factor, n, from 1 to 3, None if it is 1 for all rows; and the state for the next call.
        """
        if not self.shows_seasons_:
            return None, {}
        # A season outlasts a long standstill, other than the condition of the machine.
        rows = replace(rows, after_long_stop=np.zeros(len(rows.Z), dtype=bool))
        slow_scores, after = self._smooth(rows, _SEASON_SPANS * span, get_scope("season", state))
        state_after = add_scope("season", after)
        season = np.minimum(self._compare_distance(slow_scores, slow_residuals).min(axis=1) ** 2, _MAX_SEASON_WIDENING)
        if not (season > 1).any():
            return None, state_after
        # Back from the plane: by how much each tag has moved, robust standard deviations. What the other tags do not
        # explain of it is no season.
        movement = np.abs(slow_scores @ (self.directions_ / row_squared_norms(self.directions_.T)).T)
        moved_share = np.clip(movement - np.abs(slow_residuals), 0.0, 1.0)
        return 1 + (season - 1) * row_sums(contributions * moved_share), state_after

    def _smooth(self, rows: DetectorInputs, span: int, state: StreamState) -> tuple[Floats, StreamState]:
        """Return the operating point of each row, n by k, and the state for the next call."""
        return _smooth_scores(project_rows(rows.Z, self.mean_, self.directions_), rows, span, state)

    def _compare_distance(self, slow_scores: Floats, slow_residuals: Floats) -> Floats:
        """Return the distance of operating points over the largest one of training, at least 1, n by d."""
        projections = slow_scores @ self.directions_.T
        squared_norms = row_squared_norms(slow_scores), row_squared_norms(self.directions_)
        if (compiled := kernels.get_kernels()) is not None:
            # In place of the projections: one pass instead of ten.
            compiled.compute_widening(slow_residuals, (*squared_norms, float(self.reach_)), projections)
            return projections
        # The squared norm of the scores without the part of the tag that the other tags do not explain.
        squared_distance = (
            squared_norms[0][:, None] - 2 * slow_residuals * projections + slow_residuals**2 * squared_norms[1]
        )
        widening: Floats = np.maximum(np.sqrt(np.maximum(squared_distance, 0.0)) / self.reach_, 1.0)
        return widening


def _smooth_scores(scores: Floats, rows: DetectorInputs, span: int, state: StreamState) -> tuple[Floats, StreamState]:
    """Return the EWMA of scores in the plane (n by k), and the state for the next call."""
    # After a long standstill the machine may have been repaired: its operating point is not known yet.
    start = np.zeros(scores.shape[1])
    slow_scores, after = compute_masked_ewma(
        scores, rows, span_to_weight(span), state.get("operating", start), reset_mean=start, max_abs=_MAX_SCORE
    )
    return slow_scores, {"operating": after}
