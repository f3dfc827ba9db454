"""Where a daily series stands and whether it rises: the stretch since its last shift, and the curves that fit it.

Everything is least squares on a handful of shapes, so that a fit is exact, quick and the same whoever makes it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Self

import numpy as np
from scipy.special import ndtr

from acm_etl.score.arrays import Floats, Ints

MIN_TREND_DAYS = 3
"""Fewer days since the last shift say nothing about tomorrow but that it may be like today."""
MAX_TREND_DAYS = 60
"""Days beyond which a series is not looked at, however long the summaries are."""

FLAT, STEP, HINGE, GROWTH = range(4)

_MIN_RISING_DAYS, _MIN_SHAPE_DAYS = 6, 4
MIN_RISE_PROBABILITY = 0.9
_PRIOR_STD, _PRIOR_DAYS = 0.6, 6.0  # day-to-day scatter of healthy machines, and how many days that is worth
_PRIOR_AUTOCORRELATION, _PRIOR_AUTOCORRELATION_DAYS = 0.3, 10.0
_SHIFT_PENALTY = 24.0  # what a shift must save in squared standard deviations: about three of them, twice over
_MIN_SHIFT = 1.0
_STEP_ODDS, _HINGE_ODDS, _GROWTH_ODDS = 1.0, 0.5, 0.75  # to flat; of all curves of a kind together
_STEP_STD, _SLOPE_STD = 3.0, 0.12  # how far machines jump, and how much they rise per day
_UNSURE_RISE_WEIGHT = 0.1  # what rising curves count until it is sure: most small rises come to nothing
_ROUNDING_RSS = 1e-9  # squared: what a curve through all of its days leaves is rounding, and does not repeat itself
_RANDOM_WALK_RATIO = 0.02  # variance a level gains per day, in those of the scatter
_MIN_RELATIVE_ODDS, _BISECTION_STEPS = 1e-3, 40
_HINGE_TIMES = (-5.0, -7.0, -10.0, -14.0, -20.0)
_GROWTH_DAYS = (5.0, 8.0, 13.0)


@dataclass(frozen=True)
class Trend:
    """Curves ``level + slope * shape(t)`` with their odds; t in days, 0 being the end of the last day.

    Attributes:
        start_index: Index of the first day since the last shift.
        is_rising: Whether the series rises: the curves that do have most of the weight.
        curve_weights: Of each curve, sums to 1; all further arrays have an entry per curve.
        shape_kind: ``FLAT``, ``STEP``, ``HINGE`` or ``GROWTH``.
        shape_param: Time of the step or hinge; days in which a growth is e-fold.
        level: Value at the mean of the shape.
        slope: Per unit of the shape.
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
        """The stretch since the last shift, and every curve that may go on from it.

        All curves by their evidence (Bishop 2006, 3.4 and 4.4: Gaussian prior of the slope, scatter taken as known).

        Args:
            days: Times of the values, increasing, all below 0.
            values: One per day, at least one.
            min_level: A series whose level is below this is not called rising.
            allow_growth: Whether it may grow exponentially.
        """
        start = find_last_shift(days, values)
        curves = _CandidateCurves(days[start:], values[start:], allow_growth=allow_growth)
        (scatter, inflation), spread = curves.residual_scatter, curves.sum_squares
        wide = scatter**2 * inflation
        resist = wide / curves.prior_std**2
        slope = curves.sum_products / (spread + resist)
        gain = curves.sum_products * slope / wide - np.log1p(spread / resist)
        odds = curves.prior_odds * np.exp((gain - gain.max()) / 2)
        keep = odds > _MIN_RELATIVE_ODDS * odds.max()
        weight = odds[keep] / odds[keep].sum()
        found = cls(
            start_index=start,
            is_rising=False,
            curve_weights=weight,
            shape_kind=curves.shape_kind[keep],
            shape_param=curves.shape_param[keep],
            level=curves.mean_level,
            slope=slope[keep],
            shape_mean=curves.shape_mean[keep],
            level_var=wide / curves.day_weights.sum(),
            slope_var=(wide / (spread + resist))[keep],
            residual_std=scatter,
        )
        now = float(weight @ found.curve_means(np.zeros(1))[:, 0])
        return replace(
            found,
            is_rising=found.rise_probability > MIN_RISE_PROBABILITY
            and len(curves.y) >= _MIN_RISING_DAYS
            and now >= min_level,
        )

    def curve_means(self, days_ahead: Floats) -> Floats:
        """Value of each curve so many days ahead, curves by days."""
        return self.level + self.slope[:, None] * self._shape_offsets(days_ahead)

    def curve_stds(self, days_ahead: Floats, *, include_scatter: bool) -> Floats:
        """Standard deviation of the level, or of the value of one day, so many days ahead; never falls.

        Brown 1963, ch. 9: that of level and slope, here with a level that wanders.
        """
        var = self.level_var + self.slope_var[:, None] * self._shape_offsets(days_ahead) ** 2
        var = var + self.residual_std**2 * (_RANDOM_WALK_RATIO * days_ahead + include_scatter)
        found: Floats = np.maximum.accumulate(np.sqrt(var), axis=1)
        return found

    def value_quantiles(self, probabilities: Sequence[float], days_ahead: Floats) -> Floats:
        """Quantiles of the value of one day, so many days ahead, over all curves: shares by days."""
        mean, std, share = (
            self.curve_means(days_ahead),
            self.curve_stds(days_ahead, include_scatter=True),
            np.array(probabilities)[:, None],
        )
        low = np.repeat((mean - 5 * std).min(axis=0)[None], len(probabilities), axis=0)
        high = np.repeat((mean + 5 * std).max(axis=0)[None], len(probabilities), axis=0)
        for _ in range(_BISECTION_STEPS):
            middle = (low + high) / 2
            below = np.einsum("c,csd->sd", self.curve_weights, ndtr((middle - mean[:, None]) / std[:, None])) < share
            low, high = np.where(below, middle, low), np.where(below, high, middle)
        found: Floats = (low + high) / 2
        return found

    def passage_probability(self, limit: float, days_ahead: Floats) -> Floats:
        """Probability that the level has passed a limit by then, never decreasing.

        The running maximum, curve by curve, of the probability to be beyond: what is uncertain is one level and one
        slope for the whole way, so whoever is beyond the limit early is so later. Until a rise is sure, curves that
        rise count a tenth: forecasts must leave room for them, but most of them come to nothing.
        """
        weight = self.curve_weights * np.where(self.is_rising | (self.shape_kind < HINGE), 1, _UNSURE_RISE_WEIGHT)
        beyond = ndtr((self.curve_means(days_ahead) - limit) / self.curve_stds(days_ahead, include_scatter=False))
        found: Floats = weight / weight.sum() @ np.maximum.accumulate(beyond, axis=1)
        return found

    def _shape_offsets(self, t: Floats) -> Floats:
        return _shape_values(self.shape_kind, self.shape_param, t) - self.shape_mean[:, None]

    @property
    def rise_probability(self) -> float:
        """Weight of the curves that rise."""
        return float(self.curve_weights @ (self.shape_kind >= HINGE))

    @property
    def current_slope(self) -> float:
        """Slope now, per day, over all curves."""
        pace = np.where(
            self.shape_kind == GROWTH,
            1 / np.where(self.shape_kind == GROWTH, self.shape_param, 1),
            1.0 * (self.shape_kind == HINGE),
        )
        return float(self.curve_weights @ (self.slope * pace))


@dataclass(frozen=True)
class _CandidateCurves:
    """Every shape beside a stretch of days: what weighted least squares needs of it."""

    t: Floats
    y: Floats
    allow_growth: bool = True

    @cached_property
    def shape_families(self) -> list[tuple[int, Floats, float, float]]:
        """Kinds of curves: code, times, odds of all of them together, prior standard deviation of their slope."""
        steps = (self.t[1:] + self.t[:-1]) / 2
        seen = [h for h in _HINGE_TIMES if (self.t > h).sum() >= _MIN_SHAPE_DAYS and h > self.t[0]]
        hinges = np.array([self.t[0] - 1, *seen] if len(self.t) > _MIN_SHAPE_DAYS else [])
        growths = np.array(_GROWTH_DAYS if self.allow_growth and len(self.t) > _MIN_SHAPE_DAYS else [])
        return [
            (FLAT, np.zeros(1), 1.0, 1.0),
            (STEP, steps, _STEP_ODDS, _STEP_STD),
            (HINGE, hinges, _HINGE_ODDS, _SLOPE_STD),
            (GROWTH, growths, _GROWTH_ODDS, _SLOPE_STD),
        ]

    @cached_property
    def shape_kind(self) -> Ints:
        return np.concatenate([np.full(len(at), code) for code, at, _, _ in self.shape_families])

    @cached_property
    def shape_param(self) -> Floats:
        return np.concatenate([at for _, at, _, _ in self.shape_families])

    @cached_property
    def prior_odds(self) -> Floats:
        """Prior odds of each shape; none for a hinge or growth that falls."""
        prior = np.concatenate([np.full(len(at), odds / max(len(at), 1)) for _, at, odds, _ in self.shape_families])
        return np.where((self.shape_kind >= HINGE) & (self.sum_products <= 0), 0, prior)

    @cached_property
    def prior_std(self) -> Floats:
        """Prior standard deviation of a slope, per unit of the shape."""
        std = np.concatenate([np.full(len(at), std) for _, at, _, std in self.shape_families])
        return np.where(self.shape_kind == GROWTH, std * self.shape_param, std)

    @cached_property
    def day_weights(self) -> Floats:
        return _day_weights(self.y)

    @cached_property
    def mean_level(self) -> float:
        return float(self.day_weights @ self.y / self.day_weights.sum())

    @cached_property
    def shape_values(self) -> Floats:
        return _shape_values(self.shape_kind, self.shape_param, self.t)

    @cached_property
    def shape_mean(self) -> Floats:
        found: Floats = self.shape_values @ self.day_weights / self.day_weights.sum()
        return found

    @cached_property
    def shape_offsets(self) -> Floats:
        return self.shape_values - self.shape_mean[:, None]

    @cached_property
    def sum_squares(self) -> Floats:
        return self.shape_offsets**2 @ self.day_weights

    @cached_property
    def sum_products(self) -> Floats:
        return self.shape_offsets @ (self.day_weights * (self.y - self.mean_level))

    @cached_property
    def rss_reduction(self) -> Floats:
        """By how much each shape lowers the residual sum of squares."""
        found = self.sum_products**2 / np.maximum(self.sum_squares, 1e-9)
        return np.where((self.prior_odds > 0) & (self.sum_squares > 1e-9), found, 0)

    @cached_property
    def best_rss(self) -> float:
        """Residual sum of squares of the best shape that does not jump."""
        return float(
            self.day_weights @ (self.y - self.mean_level) ** 2
            - np.where(self.shape_kind == STEP, 0, self.rss_reduction).max()
        )

    @cached_property
    def residual_scatter(self) -> tuple[float, float]:
        """About the best shape."""
        best = int(self.rss_reduction.argmax())
        slope = self.sum_products[best] / max(self.sum_squares[best], 1e-9)
        return _estimate_scatter(
            np.sqrt(self.day_weights) * (self.y - self.mean_level - slope * self.shape_offsets[best]), 2
        )


def find_last_shift(days: Floats, values: Floats) -> int:
    """Index of the first day after the last jump of the level: what came before is about another machine.

    Jumps compete with trends: one is believed where two stretches fit better than the best single curve by more than
    chance allows (binary segmentation, Scott and Knott 1974). Up to two days between them may lie on the way.
    """
    smooth = _median_of_three(values)
    start = 0
    while (found := _find_shift(days[start:], smooth[start:])) is not None:
        start += found
    return start


def _find_shift(t: Floats, y: Floats) -> int | None:
    """Index of the first day after the jump that explains most; None where no jump is worth it."""
    n = len(y)
    if n < 2:
        return None
    var = _difference_scatter(y) ** 2
    before, after = _prefix_fits(t, y), _prefix_fits(-t[::-1], y[::-1])[:, ::-1]
    k = np.arange(1, n)[:, None]
    last = k - np.minimum(np.arange(1, 4), k)
    jump = np.abs(after[1, k] - before[1, last])
    cost = (before[0, last] + after[0, k]) / var + (k - 1 - last)
    cost = np.where(jump > max(_MIN_SHIFT, 2.5 * np.sqrt(var)), cost, np.inf).min(axis=1)
    best = int(cost.argmin())
    return best + 1 if cost[best] < _CandidateCurves(t, y).best_rss / var - _SHIFT_PENALTY else None


def _prefix_fits(t: Floats, y: Floats) -> Floats:
    """Of the first day, of the first two and so on: residual sum of squares and last value.

    Of a line from five days on, else of a level.
    """
    n = np.arange(1, len(y) + 1)
    offset = y.mean()
    t, y = t - t.mean(), y - offset
    t1, y1, tt, ty, yy = np.cumsum([t, y, t * t, t * y, y * y], axis=1)
    spread, product = tt - t1**2 / n, ty - t1 * y1 / n
    slope = np.where(n < 5, 0, product / np.maximum(spread, 1e-9))
    rss = np.maximum(yy - y1**2 / n - slope * product, 0)
    return np.stack([rss, offset + y1 / n + slope * (t - t1 / n)])


def _difference_scatter(y: Floats) -> float:
    """Scatter of a series that may jump and rise: from its differences."""
    lag = min(3, len(y) - 1)
    steps = y[lag:] - y[:-lag]
    found = 1.4826 * np.median(np.abs(steps - np.median(steps))) / np.sqrt(2)
    n = len(steps)
    return float(np.sqrt((n * found**2 + _PRIOR_DAYS * _PRIOR_STD**2) / (n + _PRIOR_DAYS)))


def _estimate_scatter(residual: Floats, fitted: int) -> tuple[float, float]:
    """Standard deviation about a curve, drawn towards that of healthy machines, and by how much it repeats itself.

    The second is (1 + r) / (1 - r) with the correlation r of successive days: so many times fewer independent days are
    there (Bartlett 1946).
    """
    n = len(residual)
    total = float(residual @ residual)
    var = (total + _PRIOR_DAYS * _PRIOR_STD**2) / (max(n - fitted, 0) + _PRIOR_DAYS)
    own = float(residual[1:] @ residual[:-1]) / (total + _ROUNDING_RSS)
    lag = np.clip(
        (n * own + _PRIOR_AUTOCORRELATION_DAYS * _PRIOR_AUTOCORRELATION) / (n + _PRIOR_AUTOCORRELATION_DAYS), 0, 0.8
    )
    return float(np.sqrt(var)), float((1 + lag) / (1 - lag))


def _day_weights(y: Floats) -> Floats:
    """Weight of each day: small for a single day far from both its neighbours."""
    lonely = np.abs(y - _median_of_three(y)) / (2.5 * _difference_scatter(y)) if len(y) > 2 else np.zeros(len(y))
    return 1 / np.maximum(1, lonely) ** 2


def _median_of_three(y: Floats) -> Floats:
    if len(y) < 3:
        return y
    middle = np.median(np.stack([y[:-2], y[1:-1], y[2:]]), axis=0)
    return np.concatenate([y[:1], middle, y[-1:]])


def _shape_values(kind: Ints, at: Floats, t: Floats) -> Floats:
    """Shapes by times: nothing, one from the step on, days since the hinge, or e-fold growth."""
    since = t[None] - at[:, None]
    grown = np.exp(np.minimum(t[None] / np.where(kind == GROWTH, at, 1)[:, None], 5))
    return np.choose(kind[:, None], [np.zeros_like(since), (since > 0).astype(float), np.maximum(since, 0), grown])
