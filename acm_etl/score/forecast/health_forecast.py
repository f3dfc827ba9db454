"""Forecast of health, and of the time until health falls below a threshold, from the trend of the fused z."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np

from acm_etl.score.arrays import Floats
from acm_etl.score.forecast.backtest import HIGH_QUANTILE, LOW_QUANTILE, Backtest, backtest_trend
from acm_etl.score.forecast.trend_model import MIN_TREND_DAYS, Trend
from acm_etl.score.health import health_from_z, z_from_health
from acm_etl.score.normal import normal_quantile
from acm_etl.tables.common import MIN_WATCH_HEALTH
from acm_etl.words import ForecastStatus

FAILURE_HEALTH = MIN_WATCH_HEALTH
"""Threshold of health; the tables call the crossing a failure, and the time until then RUL."""

HORIZON_STEP_HOURS = 24.0
HORIZON_HOURS: Floats = np.array([day * HORIZON_STEP_HOURS for day in range(31)])
"""Hours ahead of a forecast: thirty days, as many as the summaries look back by default."""

_MAX_RUL_DAYS = 90.0
# Twice the longest RUL, so that the upper bound of a long RUL can be found as well.
_DAY_GRID = np.arange(0, 2 * _MAX_RUL_DAYS + 0.01, 0.25)
_MIN_RISING_Z = 1.0  # daily medians of healthy machines stay below; a rise from 0 to 0.5 is no degradation


@dataclass(frozen=True)
class ForecastBand:
    """Forecast at ``HORIZON_HOURS``.

    Attributes:
        median: Median.
        lower: 10 % quantile.
        upper: 90 % quantile.
    """

    median: Floats
    lower: Floats
    upper: Floats

    @property
    def normal_std(self) -> Floats:
        """Standard deviation of a normal distribution with the same interval."""
        interval_stds = normal_quantile(HIGH_QUANTILE) - normal_quantile(LOW_QUANTILE)
        return (self.upper - self.lower) / interval_stds


def forecast_band(trend: Trend) -> ForecastBand:
    """Return the forecast of the value of a single day; the interval never narrows with the horizon."""
    low, median, high = trend.value_quantiles((LOW_QUANTILE, 0.5, HIGH_QUANTILE), HORIZON_HOURS / 24)
    return _prevent_narrowing(ForecastBand(median, low, high))


def _prevent_narrowing(band: ForecastBand, ceiling: float = np.inf) -> ForecastBand:
    """Widen the interval upwards wherever it would narrow with the horizon, and downwards from the ceiling on."""
    width = band.upper - band.lower
    upper = band.upper + (np.maximum.accumulate(width) - width)
    excess = np.maximum(upper - ceiling, 0)
    return ForecastBand(band.median, band.lower - excess, np.minimum(upper, ceiling))


@dataclass(frozen=True)
class HealthForecast:
    """Forecast of a machine from the daily medians of its fused z.

    Attributes:
        days: Days of the medians relative to the forecast origin (negative), ascending. The origin is the end of the
            day of the forecast.
        medians: One median per day.
        z_scale: z at which health is 50.
    """

    days: Floats
    medians: Floats
    z_scale: float

    @property
    def has_enough_data(self) -> bool:
        """Whether there are enough days, and recent ones."""
        # A forecast from old days would be stated with the certainty of a current one.
        return len(self.medians) >= MIN_TREND_DAYS and self.days[-1] > -MIN_TREND_DAYS

    @cached_property
    def trend(self) -> Trend:
        """Trend since the last change point."""
        # A rise at low z is within normal variation, however significant.
        return Trend.fit(self.days, self.medians, min_level=_MIN_RISING_Z)

    @cached_property
    def backtest(self) -> Backtest:
        """Factors of the interval from forecasts of the days since the last change point."""
        start = self.trend.start_index
        return backtest_trend(self.days[start:], self.medians[start:], min_level=_MIN_RISING_Z)

    @cached_property
    def _z_band(self) -> ForecastBand:
        """Fused z at ``HORIZON_HOURS``, with the width that the backtest requires."""
        band, upper = forecast_band(self.trend), self.trend.onset_quantile(HIGH_QUANTILE, HORIZON_HOURS / 24)
        lower = band.median - self.backtest.lower_factor * (band.median - band.lower)
        upper = band.median + self.backtest.upper_factor * (upper - band.median)
        return ForecastBand(band.median, lower, upper)

    @property
    def is_degrading(self) -> bool:
        """Whether fused z rises significantly."""
        return self.trend.is_rising

    @property
    def failure_z(self) -> float:
        """Fused z at which health is ``FAILURE_HEALTH``."""
        return z_from_health(FAILURE_HEALTH, self.z_scale)

    @cached_property
    def health_band(self) -> ForecastBand:
        """Health at ``HORIZON_HOURS``, within 0 and 100."""
        z = self._z_band
        # Health falls with z: the upper limit of z is the lower limit of health.
        median, lower, upper = (health_from_z(values, self.z_scale) for values in (z.median, z.upper, z.lower))
        band = _prevent_narrowing(ForecastBand(median, lower, upper), ceiling=100)
        return replace(band, lower=np.maximum(band.lower, 0))  # rounding may leave less than 0

    def failure_probability(self, hours: Floats) -> Floats:
        """Return the probability that the level has crossed ``failure_z`` by each hour; it never decreases."""
        # Beyond the grid, ``interp`` keeps the last probability.
        return np.interp(hours / 24, _DAY_GRID, self._passage_probabilities)

    @cached_property
    def _passage_probabilities(self) -> Floats:
        """Failure probability on ``_DAY_GRID``."""
        return self.trend.passage_probability(self.failure_z, _DAY_GRID)

    def hours_to_probability(self, probability: float) -> float | None:
        """Return the hours until ``failure_probability`` reaches a value; None if not within 180 days."""
        probabilities = self._passage_probabilities
        if probabilities[-1] < probability:
            return None
        after = int(np.searchsorted(probabilities, probability))
        if after == 0:
            return 0.0
        # Inverse of the linear interpolation in ``failure_probability``.
        share = (probability - probabilities[after - 1]) / (probabilities[after] - probabilities[after - 1])
        return float(24 * (_DAY_GRID[after - 1] + share * (_DAY_GRID[after] - _DAY_GRID[after - 1])))

    @property
    def is_below_threshold(self) -> bool:
        """Whether health is already below ``FAILURE_HEALTH``, with a probability of at least one half."""
        # The grid starts at the forecast origin, so its first entry is the present.
        return bool(self._passage_probabilities[0] >= 0.5)

    @property
    def forecast_status(self) -> ForecastStatus:
        """Status of the forecast, as stored."""
        if not self.has_enough_data:
            return "UNKNOWN"
        # Below the threshold, there is no time to it, whether health still falls or not.
        if self.is_below_threshold:
            return "BELOW"
        return "DEGRADING" if self.is_degrading else "STABLE"

    @cached_property
    def rul_hours(self) -> float | None:
        """Median time to the threshold in hours; None unless degrading, or if beyond 90 days or already crossed."""
        if self.forecast_status != "DEGRADING":
            return None
        hours = self.hours_to_probability(0.5)
        return None if hours is None or hours > 24 * _MAX_RUL_DAYS else hours

    @property
    def rul_bounds(self) -> tuple[float | None, float | None]:
        """10 % and 90 % quantile of the time to the threshold in hours; None where unknown or beyond 180 days."""
        if self.rul_hours is None:
            return None, None
        return self.hours_to_probability(LOW_QUANTILE), self.hours_to_probability(HIGH_QUANTILE)

    @property
    def rul_confidence(self) -> float | None:
        """Probability that the true time to the threshold lies between half and twice ``rul_hours``."""
        if self.rul_hours is None:
            return None
        early, late = self.failure_probability(np.array([self.rul_hours / 2, 2 * self.rul_hours]))
        return float(late - early)


def ceil_to_step(hours: float) -> float:
    """Round hours up to the step of ``HORIZON_HOURS``, also beyond its end."""
    # The tolerance keeps 48.000000000001 hours at 48.
    return float(np.ceil(hours / HORIZON_STEP_HOURS - 1e-9) * HORIZON_STEP_HOURS)
