"""From a trend of the fused z to what people ask: health to come, probability of failure, remaining life."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from scipy.special import ndtri

from acm_etl.score.arrays import Floats
from acm_etl.score.forecast.trend_model import MIN_TREND_DAYS, Trend
from acm_etl.score.health import MIN_WATCH_HEALTH, health_from_z, z_from_health

FAILURE_HEALTH = MIN_WATCH_HEALTH
"""Health below which a machine counts as failed."""
HORIZON_STEP_HOURS = 24.0
HORIZON_HOURS: Floats = np.array([day * HORIZON_STEP_HOURS for day in range(31)])
"""Hours ahead at which forecasts are given: thirty days, as far as the summaries look back."""

_MAX_RUL_DAYS = 90.0
_DAY_GRID = np.arange(0, 2 * _MAX_RUL_DAYS + 0.01, 0.25)
_LOW_QUANTILE, _HIGH_QUANTILE = 0.1, 0.9
_INTERVAL_STDS = float(ndtri(_HIGH_QUANTILE) - ndtri(_LOW_QUANTILE))
_MIN_RISING_Z = 1.0  # a daily median below this is a healthy machine's, however it moves


@dataclass(frozen=True)
class ForecastBand:
    """A forecast at ``HORIZON_HOURS``: median, an interval that holds four cases of five, and its width as a deviation."""

    median: Floats
    lower: Floats
    upper: Floats

    @property
    def normal_std(self) -> Floats:
        """Standard deviation of a normal distribution with such an interval."""
        return (self.upper - self.lower) / _INTERVAL_STDS


def forecast_band(trend: Trend) -> ForecastBand:
    """Quantiles of a day's value at ``HORIZON_HOURS``; the interval never gets narrower."""
    low, middle, high = trend.value_quantiles((_LOW_QUANTILE, 0.5, _HIGH_QUANTILE), HORIZON_HOURS / 24)
    return _prevent_narrowing(ForecastBand(middle, low, high))


def _prevent_narrowing(raw_band: ForecastBand) -> ForecastBand:
    """The further ahead, the less is known: where two limits draw nearer the far one stays away."""
    missing = np.maximum.accumulate(raw_band.upper - raw_band.lower) - (raw_band.upper - raw_band.lower)
    return ForecastBand(raw_band.median, raw_band.lower, raw_band.upper + missing)


@dataclass(frozen=True)
class HealthForecast:
    """What the daily medians of the fused z say about the days to come.

    Attributes:
        days: Times of the medians in days, 0 being the end of the day of the forecast.
        medians: Medians.
        z_scale: z at which health is 50.
    """

    days: Floats
    medians: Floats
    z_scale: float

    @property
    def has_enough_data(self) -> bool:
        """Whether there are enough days to say anything, and recent ones."""
        return len(self.medians) >= MIN_TREND_DAYS and self.days[-1] > -MIN_TREND_DAYS

    @cached_property
    def trend(self) -> Trend:
        """Curves since the last shift."""
        return Trend.fit(self.days, self.medians, min_level=_MIN_RISING_Z)

    @property
    def is_degrading(self) -> bool:
        """Whether health falls for sure."""
        return self.trend.is_rising

    @property
    def failure_z(self) -> float:
        """Fused z at which health is ``FAILURE_HEALTH``."""
        return z_from_health(FAILURE_HEALTH, self.z_scale)

    @cached_property
    def health_band(self) -> ForecastBand:
        """Health at ``HORIZON_HOURS``, within 0 and 100."""
        found = forecast_band(self.trend)
        wide = _prevent_narrowing(
            ForecastBand(*(health_from_z(z, self.z_scale) for z in (found.median, found.upper, found.lower)))
        )
        return ForecastBand(wide.median, wide.lower, np.minimum(wide.upper, 100))

    def failure_probability(self, hours: Floats) -> Floats:
        """Probability that the level has passed the threshold by then; never decreases (see ``Trend.passed``)."""
        return np.interp(hours / 24, _DAY_GRID, self._passage_probabilities)

    @cached_property
    def _passage_probabilities(self) -> Floats:
        return self.trend.passage_probability(self.failure_z, _DAY_GRID)

    def hours_to_probability(self, probability: float) -> float | None:
        """Hours until ``failed`` reaches a probability; None where it does not within 180 days."""
        p = self._passage_probabilities
        if p[-1] < probability:
            return None
        after = int(np.searchsorted(p, probability))
        if after == 0:
            return 0.0
        part = (probability - p[after - 1]) / (p[after] - p[after - 1])
        return float(24 * (_DAY_GRID[after - 1] + part * (_DAY_GRID[after] - _DAY_GRID[after - 1])))

    @property
    def is_below_threshold(self) -> bool:
        """Whether the threshold is passed already."""
        return bool(self._passage_probabilities[0] >= 0.5)

    @property
    def forecast_status(self) -> str:
        """STABLE, DEGRADING, BELOW or UNKNOWN."""
        if not self.has_enough_data:
            return "UNKNOWN"
        if self.is_degrading:
            return "DEGRADING"
        return "BELOW" if self.is_below_threshold else "STABLE"

    @cached_property
    def rul_hours(self) -> float | None:
        """Hours of remaining life; None where nothing degrades, or not within 90 days."""
        hours = self.hours_to_probability(0.5) if self.has_enough_data and self.is_degrading else None
        return None if hours is None or hours > 24 * _MAX_RUL_DAYS else hours

    @property
    def rul_bounds(self) -> tuple[float | None, float | None]:
        """Hours before which failure comes in one case of ten, and after which in one of ten."""
        return (
            (None, None)
            if self.rul_hours is None
            else (self.hours_to_probability(_LOW_QUANTILE), self.hours_to_probability(_HIGH_QUANTILE))
        )

    @property
    def rul_confidence(self) -> float | None:
        """Probability that the remaining life is between half and twice of what is said."""
        if self.rul_hours is None:
            return None
        early, late = self.failure_probability(np.array([self.rul_hours / 2, 2 * self.rul_hours]))
        return float(late - early if self.rul_hours else late)


def ceil_to_step(hours: float) -> float:
    """The next of ``HORIZON_HOURS``, or where they would go on."""
    return float(np.ceil(hours / HORIZON_STEP_HOURS - 1e-9) * HORIZON_STEP_HOURS)
