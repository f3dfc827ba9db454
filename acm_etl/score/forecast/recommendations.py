"""RUL attribution per sensor, and the maintenance recommendation."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import NamedTuple

import numpy as np
import polars as pl

from acm_etl.score.forecast.health_forecast import FAILURE_HEALTH, HealthForecast, ceil_to_step

# Failure probabilities at which maintenance becomes possible, should begin, and should be finished.
_EARLIEST_PROBABILITY, _START_PROBABILITY, _END_PROBABILITY = 0.1, 0.2, 0.5


class SensorContribution(NamedTuple):
    """Change of a sensor from the start of the trend to the expected failure.

    Attributes:
        name: Name of the sensor.
        first_z: z at the start of the trend.
        failure_z: Forecast z at the failure.
        z_per_day: Current slope.
        alert_count: Readings at alert level since the start of the trend.
    """

    name: str
    first_z: float
    failure_z: float
    z_per_day: float
    alert_count: int


def attribution_rows(contributions: Sequence[SensorContribution], *, max_rows: int) -> pl.DataFrame:
    """Return the sensors ranked by their share of the total increase in |z|.

    Args:
        contributions: All sensors with a deviation since the start of the trend.
        max_rows: Largest number of rows.

    Returns:
        Columns of ACM_RUL_Attribution that describe a sensor, descending; the shares are of all sensors.
    """
    names = ("SensorName", "first_z", "ZScoreAtFailure", "z_per_day", "AlertCount")
    frame = pl.DataFrame(contributions, schema=names, orient="row")
    # Magnitudes: a falling sensor contributes as well; sensors that return to normal count as 0.
    increase = (pl.col("ZScoreAtFailure").abs() - pl.col("first_z").abs()).clip(lower_bound=0)
    total = increase.sum()
    comment = pl.format(
        "from {} to {} standard deviations, {} a day now",
        pl.col("first_z").round(1),
        pl.col("ZScoreAtFailure").round(1),
        pl.col("z_per_day").round(2),
    )
    # Without any increase, nothing is attributed; 0 / 0 would be NaN.
    share = pl.when(total > 0).then(increase / total).otherwise(0.0)
    # Shares are computed before the list is cut: they add up to 1 over all sensors.
    ranked = frame.with_columns(FailureContribution=share, Comment=comment)
    return ranked.sort("FailureContribution", "SensorName", descending=[True, False]).head(max_rows)


def recommendation_rows(health_forecast: HealthForecast, issued_at: datetime) -> pl.DataFrame:
    """Return one row of ACM_MaintenanceRecommendation, or none for a machine that needs no maintenance.

    Args:
        health_forecast: Forecast of the machine, with enough data.
        issued_at: Forecast origin, UTC.
    """
    if health_forecast.rul_hours is None and health_forecast.forecast_status != "BELOW":
        return pl.DataFrame()
    # On the grid of the forecast tables, so that each time has a row with its failure probability.
    earliest, start, end = (
        ceil_to_step(health_forecast.hours_to_probability(probability) or 0.0)
        for probability in (_EARLIEST_PROBABILITY, _START_PROBABILITY, _END_PROBABILITY)
    )
    row = {
        "EarliestMaintenance": issued_at + timedelta(hours=earliest),
        "PreferredWindowStart": issued_at + timedelta(hours=start),
        "PreferredWindowEnd": issued_at + timedelta(hours=end),
        "FailureProbAtWindowEnd": float(health_forecast.failure_probability(np.array([end]))[0]),
        "Comment": _explain_recommendation(health_forecast),
    }
    return pl.DataFrame([row])


def _explain_recommendation(health_forecast: HealthForecast) -> str:
    limit = f"{FAILURE_HEALTH:.0f}"
    if health_forecast.rul_hours is None:
        return f"health is below {limit} and {'keeps falling' if health_forecast.is_degrading else 'falls no further'}"
    low, high = (None if hours is None else f"{hours / 24:.1f}" for hours in health_forecast.rul_bounds)
    days = health_forecast.rul_hours / 24
    return f"health falls below {limit} in about {days:.1f} days ({low} to {high or 'many'})"
