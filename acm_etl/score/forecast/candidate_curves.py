"""Candidate shapes of a trend (flat, step, hinge, growth), and their weighted least-squares fits to a daily series."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple

import numpy as np

from acm_etl.score.array_ops import MAD_TO_STD
from acm_etl.score.arrays import Floats, Ints

FLAT, STEP, HINGE, GROWTH = range(4)
"""Codes of the shapes; the shapes that rise come last, so that ``shape >= HINGE`` selects them."""

_HINGE_TIMES = (-5.0, -7.0, -10.0, -14.0, -20.0)  # days, relative to the forecast origin
_GROWTH_DAYS = (5.0, 8.0, 13.0)  # days in which a growth multiplies by e
_MIN_SHAPE_DAYS = 4  # days that a hinge or growth must explain

# Prior odds relative to FLAT, of all curves of a shape together.
_STEP_ODDS, _HINGE_ODDS, _GROWTH_ODDS = 1.0, 0.5, 0.75
# Prior standard deviations: z of a step, z per day of a slope.
_STEP_STD, _SLOPE_STD = 3.0, 0.12

# Day-to-day scatter (z) of healthy machines, and the number of days that this knowledge is worth.
_PRIOR_STD, _PRIOR_DAYS = 0.6, 6.0
_PRIOR_AUTOCORRELATION, _PRIOR_AUTOCORRELATION_DAYS = 0.3, 10.0
_MAX_AUTOCORRELATION = 0.8

_MIN_SUM_SQUARES = 1e-9  # guards divisions: a shape that is constant over the days explains nothing
_ROUNDING_RSS = 1e-9  # residuals of a curve through all days are rounding errors, without autocorrelation
_OUTLIER_STDS = 2.5
_MAX_EXPONENT = 5.0  # e^5 = 148: growth beyond that has long passed every limit, and must not overflow


class ResidualScatter(NamedTuple):
    """Scatter of the days about a curve.

    Attributes:
        std: Standard deviation of a day.
        inflation: Factor by which autocorrelation reduces the number of independent days.
    """

    std: float
    inflation: float


@dataclass(frozen=True)
class _ShapeFamily:
    """All candidate curves of one shape.

    Attributes:
        shape: ``FLAT``, ``STEP``, ``HINGE`` or ``GROWTH``.
        params: Time of the step or hinge, or e-folding days; one per curve.
        odds: Prior odds of all curves together, relative to ``FLAT``.
        std: Prior standard deviation of the step or slope.
    """

    shape: int
    params: Floats
    odds: float
    std: float


@dataclass(frozen=True)
class CandidateCurves:
    """Fits of every candidate shape to a series of days.

    Arrays have one entry per curve; ``m`` below is the number of curves, ``n`` the number of days.

    Attributes:
        t: Days relative to the forecast origin (negative), ascending, n.
        y: One value per day, n.
        allow_growth: Whether exponential growth is a candidate.
        allow_step: Whether a step between two days is a candidate.
    """

    t: Floats
    y: Floats
    allow_growth: bool = True
    allow_step: bool = True

    @cached_property
    def shape_kind(self) -> Ints:
        """Shape of each curve."""
        return np.concatenate([np.full(len(family.params), family.shape) for family in self._families])

    @cached_property
    def shape_param(self) -> Floats:
        """Time of the step or hinge, or e-folding days."""
        return np.concatenate([family.params for family in self._families])

    @cached_property
    def prior_odds(self) -> Floats:
        """Prior odds of each curve; 0 for a hinge or growth that falls."""
        odds = [np.full(len(family.params), family.odds / max(len(family.params), 1)) for family in self._families]
        # Wear does not heal: a decrease is a step (a repair) or scatter, never a trend to extrapolate.
        return np.where((self.shape_kind >= HINGE) & (self.sum_products <= 0), 0, np.concatenate(odds))

    @cached_property
    def prior_std(self) -> Floats:
        """Prior standard deviation of each slope, per unit of the shape."""
        std = np.concatenate([np.full(len(family.params), family.std) for family in self._families])
        # The slope of a growth curve is per e-fold, the prior is per day.
        return np.where(self.shape_kind == GROWTH, std * self.shape_param, std)

    @cached_property
    def day_weights(self) -> Floats:
        """Weight of each day, n: small for a single day far from both its neighbours."""
        if len(self.y) <= 2:
            return np.ones(len(self.y))
        distance = np.abs(self.y - median_of_three(self.y)) / (_OUTLIER_STDS * difference_scatter(self.y))
        return 1 / np.maximum(1, distance) ** 2

    @cached_property
    def mean_level(self) -> float:
        """Weighted mean of the values."""
        return float(self.day_weights @ self.y / self.day_weights.sum())

    @cached_property
    def shape_mean(self) -> Floats:
        """Weighted mean of each shape over the days."""
        mean: Floats = self._shape_values @ self.day_weights / self.day_weights.sum()
        return mean

    @cached_property
    def sum_squares(self) -> Floats:
        """Weighted sum of squares of each shape about its mean."""
        return self._shape_offsets**2 @ self.day_weights

    @cached_property
    def sum_products(self) -> Floats:
        """Weighted sum of products of each shape and the values, both about their means."""
        return self._shape_offsets @ (self.day_weights * (self.y - self.mean_level))

    @cached_property
    def best_rss(self) -> float:
        """Residual sum of squares of the best curve."""
        total = self.day_weights @ (self.y - self.mean_level) ** 2
        return float(total - self._rss_reduction.max())

    @cached_property
    def residual_scatter(self) -> ResidualScatter:
        """Scatter about the best curve."""
        best = int(self._rss_reduction.argmax())
        slope = self.sum_products[best] / max(self.sum_squares[best], _MIN_SUM_SQUARES)
        residual = self.y - self.mean_level - slope * self._shape_offsets[best]
        return _estimate_scatter(np.sqrt(self.day_weights) * residual, fitted_params=2)

    @cached_property
    def _families(self) -> list[_ShapeFamily]:
        steps = (self.t[1:] + self.t[:-1]) / 2 if self.allow_step else np.array([])
        is_long_enough = len(self.t) > _MIN_SHAPE_DAYS
        hinges = [h for h in _HINGE_TIMES if (self.t > h).sum() >= _MIN_SHAPE_DAYS and h > self.t[0]]
        # A hinge before the first day is a straight line over all days.
        hinge_times = np.array([self.t[0] - 1, *hinges] if is_long_enough else [])
        growth_days = np.array(_GROWTH_DAYS if self.allow_growth and is_long_enough else [])
        return [
            _ShapeFamily(FLAT, np.zeros(1), 1.0, 1.0),
            _ShapeFamily(STEP, steps, _STEP_ODDS, _STEP_STD),
            _ShapeFamily(HINGE, hinge_times, _HINGE_ODDS, _SLOPE_STD),
            _ShapeFamily(GROWTH, growth_days, _GROWTH_ODDS, _SLOPE_STD),
        ]

    @cached_property
    def _shape_values(self) -> Floats:
        return shape_values(self.shape_kind, self.shape_param, self.t)

    @cached_property
    def _shape_offsets(self) -> Floats:
        return self._shape_values - self.shape_mean[:, None]

    @cached_property
    def _rss_reduction(self) -> Floats:
        """Decrease of the residual sum of squares by each curve, compared with the mean."""
        reduction = self.sum_products**2 / np.maximum(self.sum_squares, _MIN_SUM_SQUARES)
        return np.where((self.prior_odds > 0) & (self.sum_squares > _MIN_SUM_SQUARES), reduction, 0)


def shape_values(kind: Ints, param: Floats, t: Floats) -> Floats:
    """Return shapes by times, m by n: 0, 1 after the step, days since the hinge, or e-fold growth.

    Args:
        kind: Shape of each curve, m.
        param: Time of the step or hinge, or e-folding days, m.
        t: Days relative to the forecast origin, n.
    """
    since = t[None] - param[:, None]
    # Other shapes divide by 1: their parameter may be 0.
    growth_days = np.where(kind == GROWTH, param, 1)[:, None]
    growth = np.exp(np.minimum(t[None] / growth_days, _MAX_EXPONENT))
    return np.choose(kind[:, None], [np.zeros_like(since), (since > 0).astype(float), np.maximum(since, 0), growth])


def difference_scatter(y: Floats) -> float:
    """Return the day-to-day standard deviation of a series that may have steps and trends."""
    # Differences over three days: a trend only shifts them, and a step changes three of them, which a median ignores.
    lag = min(3, len(y) - 1)
    differences = y[lag:] - y[:-lag]
    std = MAD_TO_STD * _median(np.abs(differences - _median(differences))) / np.sqrt(2)
    n = len(differences)
    return float(np.sqrt((n * std**2 + _PRIOR_DAYS * _PRIOR_STD**2) / (n + _PRIOR_DAYS)))


def median_of_three(y: Floats) -> Floats:
    """Return the series with each inner value replaced by the median of itself and its neighbours."""
    if len(y) < 3:
        return y
    before, value, after = y[:-2], y[1:-1], y[2:]
    inner = np.maximum(np.minimum(before, value), np.minimum(np.maximum(before, value), after))
    return np.concatenate([y[:1], inner, y[-1:]])


def _median(values: Floats) -> float:
    """Return the median of at least one number, as ``np.median`` does, which takes ten times as long for 30 of them."""
    ordered, middle = np.sort(values), len(values) // 2
    return float(ordered[middle] if len(values) % 2 else (ordered[middle - 1] + ordered[middle]) / 2)


def _estimate_scatter(residual: Floats, *, fitted_params: int) -> ResidualScatter:
    """Return the scatter of residuals, shrunk towards that of healthy machines.

    The inflation is (1 + r) / (1 - r) with the correlation r of consecutive days (Bartlett 1946).

    Args:
        residual: Weighted residuals of a curve, one per day.
        fitted_params: Number of fitted parameters of the curve.
    """
    n = len(residual)
    total = float(residual @ residual)
    var = (total + _PRIOR_DAYS * _PRIOR_STD**2) / (max(n - fitted_params, 0) + _PRIOR_DAYS)
    own_correlation = float(residual[1:] @ residual[:-1]) / (total + _ROUNDING_RSS)
    shrunk = (n * own_correlation + _PRIOR_AUTOCORRELATION_DAYS * _PRIOR_AUTOCORRELATION) / (
        n + _PRIOR_AUTOCORRELATION_DAYS
    )
    # Close to 1, the inflation would grow without bound and every trend would vanish in uncertainty.
    correlation = np.clip(shrunk, 0, _MAX_AUTOCORRELATION)
    return ResidualScatter(float(np.sqrt(var)), float((1 + correlation) / (1 - correlation)))
