"""From a trend of the fused z to what people ask: health to come, probability of failure, remaining life."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from scipy.special import ndtri

from acm_etl.score.arrays import Floats
from acm_etl.score.forecast.trend_model import LEAST_DAYS, Trend
from acm_etl.score.health import WATCH_FROM

THRESHOLD = WATCH_FROM
"""Health below which a machine counts as failed."""
STEP_HOURS = 24.0
AHEAD: Floats = np.array([day * STEP_HOURS for day in range(31)])
"""Hours ahead at which forecasts are given: thirty days, as far as the summaries look back."""

_RUL_DAYS = 90.0
_GRID = np.arange(0, 2 * _RUL_DAYS + 0.01, 0.25)
_LOW, _HIGH = 0.1, 0.9
_STD = float(ndtri(_HIGH) - ndtri(_LOW))
_NOTICED_Z = 1.0  # a daily median below this is a healthy machine's, however it moves


@dataclass(frozen=True)
class Band:
    """A forecast at ``AHEAD``: median, an interval that holds four cases of five, and its width as a deviation."""

    middle: Floats
    low: Floats
    high: Floats

    @property
    def std(self) -> Floats:
        """Standard deviation of a normal distribution with such an interval."""
        return (self.high - self.low) / _STD


def band(trend: Trend) -> Band:
    """Quantiles of a day's value at ``AHEAD``; the interval never gets narrower."""
    low, middle, high = trend.quantiles((_LOW, 0.5, _HIGH), AHEAD / 24)
    return _widened(Band(middle, low, high))


def _widened(found: Band) -> Band:
    """The further ahead, the less is known: where two limits draw nearer the far one stays away."""
    missing = np.maximum.accumulate(found.high - found.low) - (found.high - found.low)
    return Band(found.middle, found.low, found.high + missing)


@dataclass(frozen=True)
class Outlook:
    """What the daily medians of the fused z say about the days to come.

    Attributes:
        days: Times of the medians in days, 0 being the end of the day of the forecast.
        values: Medians.
        z_scale: z at which health is 50.
    """

    days: Floats
    values: Floats
    z_scale: float

    @property
    def known(self) -> bool:
        """Whether there are enough days to say anything, and recent ones."""
        return len(self.values) >= LEAST_DAYS and self.days[-1] > -LEAST_DAYS

    @cached_property
    def trend(self) -> Trend:
        """Curves since the last shift."""
        return Trend.fit(self.days, self.values, least=_NOTICED_Z)

    @property
    def degrading(self) -> bool:
        """Whether health falls for sure."""
        return self.trend.rising

    @property
    def limit(self) -> float:
        """Fused z at which health is ``THRESHOLD``."""
        return float(self.z_scale * np.sqrt(100 / THRESHOLD - 1))

    def health(self, z: Floats) -> Floats:
        """Health 0-100 of some z, as ``health.health_index`` has it."""
        found: Floats = 100 / (1 + (np.maximum(z, 0) / self.z_scale) ** 2)
        return found

    @cached_property
    def band(self) -> Band:
        """Health at ``AHEAD``, within 0 and 100."""
        found = band(self.trend)
        wide = _widened(Band(self.health(found.middle), self.health(found.high), self.health(found.low)))
        return Band(wide.middle, wide.low, np.minimum(wide.high, 100))

    def failed(self, hours: Floats) -> Floats:
        """Probability that the level has passed the threshold by then; never decreases (see ``Trend.passed``)."""
        return np.interp(hours / 24, _GRID, self._passed)

    @cached_property
    def _passed(self) -> Floats:
        return self.trend.passed(self.limit, _GRID)

    def reaches(self, share: float) -> float | None:
        """Hours until ``failed`` reaches a probability; None where it does not within 180 days."""
        p = self._passed
        if p[-1] < share:
            return None
        after = int(np.searchsorted(p, share))
        if after == 0:
            return 0.0
        part = (share - p[after - 1]) / (p[after] - p[after - 1])
        return float(24 * (_GRID[after - 1] + part * (_GRID[after] - _GRID[after - 1])))

    @property
    def below(self) -> bool:
        """Whether the threshold is passed already."""
        return bool(self._passed[0] >= 0.5)

    @property
    def status(self) -> str:
        """STABLE, DEGRADING, BELOW or UNKNOWN."""
        if not self.known:
            return "UNKNOWN"
        if self.degrading:
            return "DEGRADING"
        return "BELOW" if self.below else "STABLE"

    @cached_property
    def rul(self) -> float | None:
        """Hours of remaining life; None where nothing degrades, or not within 90 days."""
        hours = self.reaches(0.5) if self.known and self.degrading else None
        return None if hours is None or hours > 24 * _RUL_DAYS else hours

    @property
    def bounds(self) -> tuple[float | None, float | None]:
        """Hours before which failure comes in one case of ten, and after which in one of ten."""
        return (None, None) if self.rul is None else (self.reaches(_LOW), self.reaches(_HIGH))

    @property
    def confidence(self) -> float | None:
        """Probability that the remaining life is between half and twice of what is said."""
        if self.rul is None:
            return None
        early, late = self.failed(np.array([self.rul / 2, 2 * self.rul]))
        return float(late - early if self.rul else late)


def at_step(hours: float) -> float:
    """The next of ``AHEAD``, or where they would go on."""
    return float(np.ceil(hours / STEP_HOURS - 1e-9) * STEP_HOURS)
