"""Trend model of a daily series: Bayesian model averaging over a few trend shapes since the last change point.

All fits are weighted least squares with a closed form, so a fit is exact, fast and reproducible on every platform.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Self

import numpy as np

from acm_etl.score.arrays import Floats, Ints
from acm_etl.score.forecast.candidate_curves import GROWTH, HINGE, CandidateCurves, shape_values
from acm_etl.score.forecast.change_point import find_last_shift
from acm_etl.score.normal import normal_cdf, normal_cdf_and_density

MIN_TREND_DAYS = 3
"""Fewest days since the last change point for a forecast."""
MAX_TREND_DAYS = 60
"""Most days that a trend is fitted to, however long the summaries are."""

_MIN_RISE_PROBABILITY = 0.9
_MIN_RISING_DAYS = 6
_UNCERTAIN_RISE_WEIGHT = 0.1  # of rising curves while the rise is uncertain: most small rises come to nothing
_RANDOM_WALK_RATIO = 0.02  # variance that a level gains per day, relative to the variance of a day about its curve
_MIN_RELATIVE_ODDS = 1e-3  # curves with fewer odds than this share of the best one are dropped
_QUANTILE_TOLERANCE = 1e-9  # last step of Newton's method, in widths of the first bracket: the error is its square
_MAX_STEPS = 60  # seven are usual; bisection alone would need 30
_MIN_SLOPE = 1e-300  # where the density underflows: the step leaves the bracket then

# A fault that has not begun leaves no trend. One onset in 125 days is far more than a good machine has, but without
# onsets the interval missed four of ten days that lay 28 days ahead in histories that end with a fault.
# Slopes: z per day.
_ONSETS_PER_DAY = 1 / 125
_ONSET_SLOPES = (0.15, 0.4, 1.0)
_ONSET_EDGES: Floats = np.arange(0.0, 31.0, 5.0)  # onsets after the longest horizon do not matter
_ONSET_DAYS: Floats = (_ONSET_EDGES[1:] + _ONSET_EDGES[:-1]) / 2


@dataclass(frozen=True)
class Trend:
    """Weighted curves ``level + slope * shape(t)``; t in days relative to the forecast origin.

    The origin is the end of the last day. Arrays have one entry per curve, m.

    Attributes:
        start_index: Index of the first day since the last change point.
        is_rising: Whether the series rises significantly.
        curve_weights: Posterior probability of each curve; the sum is 1.
        shape_kind: ``FLAT``, ``STEP``, ``HINGE`` or ``GROWTH``.
        shape_param: Time of the step or hinge, or e-folding days of a growth.
        level: Value at the mean of the shape.
        slope: Change of the value per unit of the shape.
        shape_mean: Mean of the shape over the days.
        level_var: Variance of ``level``.
        slope_var: Variance of ``slope``.
        residual_std: Standard deviation of a day about the curve.
    """

    start_index: int
    is_rising: bool
    curve_weights: Floats
    shape_kind: Ints
    shape_param: Floats
    level: float
    slope: Floats
    shape_mean: Floats
    level_var: float
    slope_var: Floats
    residual_std: float

    @classmethod
    def fit(cls, days: Floats, values: Floats, *, min_level: float = -np.inf, allow_growth: bool = True) -> Self:
        """Fit all candidate curves to the days since the last change point.

        The weights are the evidence of each curve with a Gaussian prior of the slope and a known scatter (Bishop 2006,
        3.4 and 4.4).

        Args:
            days: Days relative to the forecast origin (negative), ascending, n.
            values: One value per day, n >= 1.
            min_level: A series whose current level is below this value does not count as rising.
            allow_growth: Whether exponential growth is a candidate.
        """
        start = find_last_shift(days, values)
        curves = CandidateCurves(days[start:], values[start:], allow_growth=allow_growth)
        scatter = curves.residual_scatter
        # Autocorrelated days carry less information: as if each had a larger variance.
        var = scatter.std**2 * scatter.inflation
        prior_precision = var / curves.prior_std**2
        slope = curves.sum_products / (curves.sum_squares + prior_precision)
        log_evidence = (curves.sum_products * slope / var - np.log1p(curves.sum_squares / prior_precision)) / 2
        # Relative to the best curve, so that the exponential cannot overflow.
        odds = curves.prior_odds * np.exp(log_evidence - log_evidence.max())
        keep = odds > _MIN_RELATIVE_ODDS * odds.max()
        trend = cls(
            start_index=start,
            is_rising=False,
            curve_weights=odds[keep] / odds[keep].sum(),
            shape_kind=curves.shape_kind[keep],
            shape_param=curves.shape_param[keep],
            level=curves.mean_level,
            slope=slope[keep],
            shape_mean=curves.shape_mean[keep],
            level_var=var / curves.day_weights.sum(),
            slope_var=(var / (curves.sum_squares + prior_precision))[keep],
            residual_std=scatter.std,
        )
        is_rising = trend.rise_probability > _MIN_RISE_PROBABILITY and len(curves.y) >= _MIN_RISING_DAYS
        return replace(trend, is_rising=is_rising and trend.current_level >= min_level)

    @property
    def current_level(self) -> float:
        """Mean level at the forecast origin."""
        return float(self.curve_weights @ self.curve_means(np.zeros(1))[:, 0])

    @property
    def current_slope(self) -> float:
        """Mean slope at the forecast origin, per day."""
        # Derivative of each shape at the origin: 1 for a hinge, 1 / param for a growth, 0 for the others.
        is_growth = self.shape_kind == GROWTH
        growth_rate = 1 / np.where(is_growth, self.shape_param, 1)
        shape_slope = np.where(is_growth, growth_rate, 1.0 * (self.shape_kind == HINGE))
        return float(self.curve_weights @ (self.slope * shape_slope))

    @property
    def rise_probability(self) -> float:
        """Weight of the curves that rise."""
        return float(self.curve_weights @ (self.shape_kind >= HINGE))

    def curve_means(self, days_ahead: Floats) -> Floats:
        """Return the expected value of each curve, m by the number of ``days_ahead``."""
        return self.level + self.slope[:, None] * self._shape_offsets(days_ahead)

    def curve_stds(self, days_ahead: Floats, *, include_scatter: bool) -> Floats:
        """Return the standard deviation of each curve, m by the number of ``days_ahead``.

        That of level and slope (Brown 1963, ch. 9), with a level that follows a random walk.

        Args:
            days_ahead: Days after the forecast origin, ascending.
            include_scatter: Whether the value of a single day is meant, instead of the level.
        """
        param_var = self.level_var + self.slope_var[:, None] * self._shape_offsets(days_ahead) ** 2
        var = param_var + self.residual_std**2 * (_RANDOM_WALK_RATIO * days_ahead + include_scatter)
        # Guard for all shapes: uncertainty never falls with the horizon.
        std: Floats = np.maximum.accumulate(np.sqrt(var), axis=1)
        return std

    def value_quantiles(self, probabilities: Sequence[float], days_ahead: Floats) -> Floats:
        """Return quantiles of the value of a single day over all curves.

        Args:
            probabilities: Probabilities of the quantiles.
            days_ahead: Days after the forecast origin, ascending.

        Returns:
            Number of probabilities by number of days.
        """
        mean, std = self.curve_means(days_ahead), self.curve_stds(days_ahead, include_scatter=True)
        return _mixture_quantiles(self.curve_weights, mean, std, probabilities)

    def onset_quantile(self, probability: float, days_ahead: Floats) -> Floats:
        """Return a quantile of the value of a single day if another rise may begin at any time.

        Args:
            probability: Probability of the quantile.
            days_ahead: Days after the forecast origin, ascending, n.

        Returns:
            The quantile, n; never below that of ``value_quantiles``.
        """
        mean, std = self.curve_means(days_ahead), self.curve_stds(days_ahead, include_scatter=True)
        is_before_onset = np.exp(-_ONSETS_PER_DAY * _ONSET_EDGES)
        onset_weights = -np.diff(is_before_onset) / len(_ONSET_SLOPES)
        since_onset = np.maximum(days_ahead - _ONSET_DAYS[:, None], 0)
        # One more component without any onset, which comes last.
        rise = np.concatenate([since_onset * slope for slope in _ONSET_SLOPES] + [np.zeros((1, len(days_ahead)))])
        weights = np.append(np.tile(onset_weights, len(_ONSET_SLOPES)), is_before_onset[-1])
        component_means = (rise[:, None] + mean).reshape(-1, len(days_ahead))
        component_weights = np.outer(weights, self.curve_weights).ravel()
        quantiles = _mixture_quantiles(component_weights, component_means, np.tile(std, (len(rise), 1)), [probability])
        quantile: Floats = quantiles[0]
        return quantile

    def passage_probability(self, limit: float, days_ahead: Floats) -> Floats:
        """Return the probability that the level crosses ``limit`` by each day.

        Per curve, level and slope are unknown but fixed, so crossing is monotone: take the running maximum of
        P(level(t) > limit), then average over the curves.

        Args:
            limit: Value to cross.
            days_ahead: Days after the forecast origin, ascending.
        """
        # While a rise is uncertain, rising curves count a tenth: an interval must leave room for them, but most of
        # them come to nothing.
        has_full_weight = self.is_rising | (self.shape_kind < HINGE)
        weight = self.curve_weights * np.where(has_full_weight, 1, _UNCERTAIN_RISE_WEIGHT)
        std = self.curve_stds(days_ahead, include_scatter=False)
        above = normal_cdf((self.curve_means(days_ahead) - limit) / std)
        probability: Floats = weight / weight.sum() @ np.maximum.accumulate(above, axis=1)
        return probability

    def _shape_offsets(self, t: Floats) -> Floats:
        return shape_values(self.shape_kind, self.shape_param, t) - self.shape_mean[:, None]


def _mixture_quantiles(weights: Floats, means: Floats, stds: Floats, probabilities: Sequence[float]) -> Floats:
    """Return quantiles of a mixture of m normal distributions on each of n days.

    Args:
        weights: Weight of each distribution, m; the sum is 1.
        means: Means, m by n.
        stds: Standard deviations, m by n.
        probabilities: Probabilities of the quantiles.

    Returns:
        Number of probabilities by n.
    """
    target = np.array(probabilities)[:, None]
    # A mixture of normal distributions has no closed form of its quantiles: Newton's method, within a bracket.
    low = np.repeat((means - 5 * stds).min(axis=0)[None], len(probabilities), axis=0)
    high = np.repeat((means + 5 * stds).max(axis=0)[None], len(probabilities), axis=0)
    quantiles: Floats = (low + high) / 2
    last_step, tolerance = high - low, _QUANTILE_TOLERANCE * (high - low)
    for _ in range(_MAX_STEPS):
        z = (quantiles - means[:, None]) / stds[:, None]
        cdf, density = normal_cdf_and_density(z)
        excess = np.einsum("c,csd->sd", weights, cdf) - target
        low, high = np.where(excess < 0, quantiles, low), np.where(excess < 0, high, quantiles)
        slope = np.einsum("c,csd->sd", weights, density / stds[:, None])
        newton = -excess / np.maximum(slope, _MIN_SLOPE)
        # Between the modes of a mixture, Newton's steps leave the bracket or do not get smaller: bisect there.
        is_inside = (low < quantiles + newton) & (quantiles + newton < high)
        is_newton = (is_inside & (2 * np.abs(newton) <= np.abs(last_step))) | (np.abs(newton) <= tolerance)
        last_step = np.where(is_newton, newton, (low + high) / 2 - quantiles)
        quantiles = quantiles + last_step
        if (np.abs(last_step) <= tolerance).all():
            break
    return quantiles
