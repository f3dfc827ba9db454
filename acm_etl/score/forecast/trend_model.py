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

LEAST_DAYS = 3
"""Fewer days since the last shift say nothing about tomorrow but that it may be like today."""
LOOK_BACK = 60
"""Days beyond which a series is not looked at, however long the summaries are."""

FLAT, STEP, HINGE, GROWTH = range(4)

_RISING_DAYS, _SEEN_DAYS = 6, 4
SURE = 0.9
_PRIOR_STD, _PRIOR_DAYS = 0.6, 6.0  # day-to-day scatter of healthy machines, and how many days that is worth
_PRIOR_LAG, _PRIOR_LAG_DAYS = 0.3, 10.0
_SHIFT_COST = 24.0  # what a shift must save in squared standard deviations: about three of them, twice over
_SHIFT_LEAST = 1.0
_STEP_ODDS, _HINGE_ODDS, _GROWTH_ODDS = 1.0, 0.5, 0.75  # to flat; of all curves of a kind together
_STEP_STD, _SLOPE_STD = 3.0, 0.12  # how far machines jump, and how much they rise per day
_DOUBT = 0.1  # what rising curves count until it is sure: most small rises come to nothing
_NOTHING = 1e-9  # squared: what a curve through all of its days leaves is rounding, and does not repeat itself
_WANDER = 0.02  # variance a level gains per day, in those of the scatter
_NEGLIGIBLE, _HALVINGS = 1e-3, 40
_HINGES = (-5.0, -7.0, -10.0, -14.0, -20.0)
_GROWTHS = (5.0, 8.0, 13.0)


@dataclass(frozen=True)
class Trend:
    """Curves ``level + slope * shape(t)`` with their odds; t in days, 0 being the end of the last day.

    Attributes:
        start: Index of the first day since the last shift.
        rising: Whether the series rises: the curves that do have most of the weight.
        weight: Of each curve, sums to 1; all further arrays have an entry per curve.
        kind: ``FLAT``, ``STEP``, ``HINGE`` or ``GROWTH``.
        at: Time of the step or hinge; days in which a growth is e-fold.
        level: Value at the mean of the shape.
        slope: Per unit of the shape.
        centre: Mean of the shape over the days.
        level_var: Variance of ``level``.
        slope_var: Variance of ``slope``.
        scatter: Standard deviation of a day about the curve.
    """

    start: int
    rising: bool
    weight: Floats
    kind: Ints
    at: Floats
    level: float
    slope: Floats
    centre: Floats
    level_var: float
    slope_var: Floats
    scatter: float

    @classmethod
    def fit(cls, days: Floats, values: Floats, *, least: float = -np.inf, growing: bool = True) -> Self:
        """The stretch since the last shift, and every curve that may go on from it.

        All curves by their evidence (Bishop 2006, 3.4 and 4.4: Gaussian prior of the slope, scatter taken as known).

        Args:
            days: Times of the values, increasing, all below 0.
            values: One per day, at least one.
            least: A series whose level is below this is not called rising.
            growing: Whether it may grow exponentially.
        """
        start = last_shift(days, values)
        curves = _Curves(days[start:], values[start:], growing=growing)
        (scatter, inflation), spread = curves.scatter, curves.spread
        wide = scatter**2 * inflation
        resist = wide / curves.prior_std**2
        slope = curves.product / (spread + resist)
        gain = curves.product * slope / wide - np.log1p(spread / resist)
        odds = curves.odds * np.exp((gain - gain.max()) / 2)
        keep = odds > _NEGLIGIBLE * odds.max()
        weight = odds[keep] / odds[keep].sum()
        found = cls(
            start=start,
            rising=False,
            weight=weight,
            kind=curves.kind[keep],
            at=curves.at[keep],
            level=curves.mean,
            slope=slope[keep],
            centre=curves.centre[keep],
            level_var=wide / curves.w.sum(),
            slope_var=(wide / (spread + resist))[keep],
            scatter=scatter,
        )
        now = float(weight @ found.mean(np.zeros(1))[:, 0])
        return replace(found, rising=found.rise > SURE and len(curves.y) >= _RISING_DAYS and now >= least)

    def mean(self, ahead: Floats) -> Floats:
        """Value of each curve so many days ahead, curves by days."""
        return self.level + self.slope[:, None] * self._off(ahead)

    def std(self, ahead: Floats, *, of_day: bool) -> Floats:
        """Standard deviation of the level, or of the value of one day, so many days ahead; never falls.

        Brown 1963, ch. 9: that of level and slope, here with a level that wanders.
        """
        var = self.level_var + self.slope_var[:, None] * self._off(ahead) ** 2
        var = var + self.scatter**2 * (_WANDER * ahead + of_day)
        found: Floats = np.maximum.accumulate(np.sqrt(var), axis=1)
        return found

    def quantiles(self, shares: Sequence[float], ahead: Floats) -> Floats:
        """Quantiles of the value of one day, so many days ahead, over all curves: shares by days."""
        mean, std, share = self.mean(ahead), self.std(ahead, of_day=True), np.array(shares)[:, None]
        low = np.repeat((mean - 5 * std).min(axis=0)[None], len(shares), axis=0)
        high = np.repeat((mean + 5 * std).max(axis=0)[None], len(shares), axis=0)
        for _ in range(_HALVINGS):
            middle = (low + high) / 2
            below = np.einsum("c,csd->sd", self.weight, ndtr((middle - mean[:, None]) / std[:, None])) < share
            low, high = np.where(below, middle, low), np.where(below, high, middle)
        found: Floats = (low + high) / 2
        return found

    def passed(self, limit: float, ahead: Floats) -> Floats:
        """Probability that the level has passed a limit by then, never decreasing.

        The running maximum, curve by curve, of the probability to be beyond: what is uncertain is one level and one
        slope for the whole way, so whoever is beyond the limit early is so later. Until a rise is sure, curves that
        rise count a tenth: forecasts must leave room for them, but most of them come to nothing.
        """
        weight = self.weight * np.where(self.rising | (self.kind < HINGE), 1, _DOUBT)
        beyond = ndtr((self.mean(ahead) - limit) / self.std(ahead, of_day=False))
        found: Floats = weight / weight.sum() @ np.maximum.accumulate(beyond, axis=1)
        return found

    def _off(self, t: Floats) -> Floats:
        return _shapes(self.kind, self.at, t) - self.centre[:, None]

    @property
    def rise(self) -> float:
        """Weight of the curves that rise."""
        return float(self.weight @ (self.kind >= HINGE))

    @property
    def speed(self) -> float:
        """Slope now, per day, over all curves."""
        pace = np.where(self.kind == GROWTH, 1 / np.where(self.kind == GROWTH, self.at, 1), 1.0 * (self.kind == HINGE))
        return float(self.weight @ (self.slope * pace))


@dataclass(frozen=True)
class _Curves:
    """Every shape beside a stretch of days: what weighted least squares needs of it."""

    t: Floats
    y: Floats
    growing: bool = True

    @cached_property
    def parts(self) -> list[tuple[int, Floats, float, float]]:
        """Kinds of curves: code, times, odds of all of them together, prior standard deviation of their slope."""
        steps = (self.t[1:] + self.t[:-1]) / 2
        seen = [h for h in _HINGES if (self.t > h).sum() >= _SEEN_DAYS and h > self.t[0]]
        hinges = np.array([self.t[0] - 1, *seen] if len(self.t) > _SEEN_DAYS else [])
        growths = np.array(_GROWTHS if self.growing and len(self.t) > _SEEN_DAYS else [])
        return [
            (FLAT, np.zeros(1), 1.0, 1.0),
            (STEP, steps, _STEP_ODDS, _STEP_STD),
            (HINGE, hinges, _HINGE_ODDS, _SLOPE_STD),
            (GROWTH, growths, _GROWTH_ODDS, _SLOPE_STD),
        ]

    @cached_property
    def kind(self) -> Ints:
        return np.concatenate([np.full(len(at), code) for code, at, _, _ in self.parts])

    @cached_property
    def at(self) -> Floats:
        return np.concatenate([at for _, at, _, _ in self.parts])

    @cached_property
    def odds(self) -> Floats:
        """Prior odds of each shape; none for a hinge or growth that falls."""
        prior = np.concatenate([np.full(len(at), odds / max(len(at), 1)) for _, at, odds, _ in self.parts])
        return np.where((self.kind >= HINGE) & (self.product <= 0), 0, prior)

    @cached_property
    def prior_std(self) -> Floats:
        """Prior standard deviation of a slope, per unit of the shape."""
        std = np.concatenate([np.full(len(at), std) for _, at, _, std in self.parts])
        return np.where(self.kind == GROWTH, std * self.at, std)

    @cached_property
    def w(self) -> Floats:
        return _trust(self.y)

    @cached_property
    def mean(self) -> float:
        return float(self.w @ self.y / self.w.sum())

    @cached_property
    def shapes(self) -> Floats:
        return _shapes(self.kind, self.at, self.t)

    @cached_property
    def centre(self) -> Floats:
        found: Floats = self.shapes @ self.w / self.w.sum()
        return found

    @cached_property
    def off(self) -> Floats:
        return self.shapes - self.centre[:, None]

    @cached_property
    def spread(self) -> Floats:
        return self.off**2 @ self.w

    @cached_property
    def product(self) -> Floats:
        return self.off @ (self.w * (self.y - self.mean))

    @cached_property
    def gain(self) -> Floats:
        """By how much each shape lowers the residual sum of squares."""
        found = self.product**2 / np.maximum(self.spread, 1e-9)
        return np.where((self.odds > 0) & (self.spread > 1e-9), found, 0)

    @cached_property
    def rss(self) -> float:
        """Residual sum of squares of the best shape that does not jump."""
        return float(self.w @ (self.y - self.mean) ** 2 - np.where(self.kind == STEP, 0, self.gain).max())

    @cached_property
    def scatter(self) -> tuple[float, float]:
        """About the best shape."""
        best = int(self.gain.argmax())
        slope = self.product[best] / max(self.spread[best], 1e-9)
        return _scatter(np.sqrt(self.w) * (self.y - self.mean - slope * self.off[best]), 2)


def last_shift(days: Floats, values: Floats) -> int:
    """Index of the first day after the last jump of the level: what came before is about another machine.

    Jumps compete with trends: one is believed where two stretches fit better than the best single curve by more than
    chance allows (binary segmentation, Scott and Knott 1974). Up to two days between them may lie on the way.
    """
    smooth = _median_of_three(values)
    start = 0
    while (found := _shift(days[start:], smooth[start:])) is not None:
        start += found
    return start


def _shift(t: Floats, y: Floats) -> int | None:
    """Index of the first day after the jump that explains most; None where no jump is worth it."""
    n = len(y)
    if n < 2:
        return None
    var = _noise(y) ** 2
    before, after = _stretches(t, y), _stretches(-t[::-1], y[::-1])[:, ::-1]
    k = np.arange(1, n)[:, None]
    last = k - np.minimum(np.arange(1, 4), k)
    jump = np.abs(after[1, k] - before[1, last])
    cost = (before[0, last] + after[0, k]) / var + (k - 1 - last)
    cost = np.where(jump > max(_SHIFT_LEAST, 2.5 * np.sqrt(var)), cost, np.inf).min(axis=1)
    best = int(cost.argmin())
    return best + 1 if cost[best] < _Curves(t, y).rss / var - _SHIFT_COST else None


def _stretches(t: Floats, y: Floats) -> Floats:
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


def _noise(y: Floats) -> float:
    """Scatter of a series that may jump and rise: from its differences."""
    lag = min(3, len(y) - 1)
    steps = y[lag:] - y[:-lag]
    found = 1.4826 * np.median(np.abs(steps - np.median(steps))) / np.sqrt(2)
    n = len(steps)
    return float(np.sqrt((n * found**2 + _PRIOR_DAYS * _PRIOR_STD**2) / (n + _PRIOR_DAYS)))


def _scatter(residual: Floats, fitted: int) -> tuple[float, float]:
    """Standard deviation about a curve, drawn towards that of healthy machines, and by how much it repeats itself.

    The second is (1 + r) / (1 - r) with the correlation r of successive days: so many times fewer independent days are
    there (Bartlett 1946).
    """
    n = len(residual)
    total = float(residual @ residual)
    var = (total + _PRIOR_DAYS * _PRIOR_STD**2) / (max(n - fitted, 0) + _PRIOR_DAYS)
    own = float(residual[1:] @ residual[:-1]) / (total + _NOTHING)
    lag = np.clip((n * own + _PRIOR_LAG_DAYS * _PRIOR_LAG) / (n + _PRIOR_LAG_DAYS), 0, 0.8)
    return float(np.sqrt(var)), float((1 + lag) / (1 - lag))


def _trust(y: Floats) -> Floats:
    """Weight of each day: small for a single day far from both its neighbours."""
    lonely = np.abs(y - _median_of_three(y)) / (2.5 * _noise(y)) if len(y) > 2 else np.zeros(len(y))
    return 1 / np.maximum(1, lonely) ** 2


def _median_of_three(y: Floats) -> Floats:
    if len(y) < 3:
        return y
    middle = np.median(np.stack([y[:-2], y[1:-1], y[2:]]), axis=0)
    return np.concatenate([y[:1], middle, y[-1:]])


def _shapes(kind: Ints, at: Floats, t: Floats) -> Floats:
    """Shapes by times: nothing, one from the step on, days since the hinge, or e-fold growth."""
    since = t[None] - at[:, None]
    grown = np.exp(np.minimum(t[None] / np.where(kind == GROWTH, at, 1)[:, None], 5))
    return np.choose(kind[:, None], [np.zeros_like(since), (since > 0).astype(float), np.maximum(since, 0), grown])
