"""What to say of a machine that degrades: which sensors carry it there, and when to look after it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

import numpy as np
import polars as pl

from acm_etl.score.forecast.health_forecast import FAILURE_HEALTH, HealthForecast, ceil_to_step

_EARLIEST_PROBABILITY, _START_PROBABILITY, _END_PROBABILITY = 0.1, 0.2, 0.5

SensorContribution = tuple[object, float, float, float, int]
"""A sensor: name, z at first, z at the failure, its speed per day now, readings with |z| >= 3."""


def attribution_rows(contributions: Sequence[SensorContribution], *, max_rows: int) -> pl.DataFrame:
    """Sensors by their share in what all of them have gained in |z|.

    Args:
        contributions: The sensors.
        max_rows: No more than the strongest of them are told.

    Returns:
        Columns of ACM_RUL_Attribution that are about a sensor, the strongest first; shares are of all sensors.
    """
    names = ("SensorName", "first", "ZScoreAtFailure", "speed", "AlertCount")
    frame = pl.DataFrame(contributions, schema=names, orient="row")
    gained = (pl.col("ZScoreAtFailure").abs() - pl.col("first").abs()).clip(lower_bound=0)
    total = gained.sum()
    told = pl.format(
        "from {} to {} standard deviations, {} a day now",
        *(pl.col(name).round(1) for name in ("first", "ZScoreAtFailure")),
        pl.col("speed").round(2),
    )
    shared = frame.with_columns(
        FailureContribution=pl.when(total > 0).then(gained / total).otherwise(0.0), Comment=told
    )
    return shared.sort("FailureContribution", "SensorName", descending=[True, False]).head(max_rows)


def recommendation_rows(health_forecast: HealthForecast, issued_at: datetime) -> pl.DataFrame:
    """Columns of ACM_MaintenanceRecommendation: one row, or none for a machine that needs nothing.

    Args:
        health_forecast: What is known of the machine.
        issued_at: Time that hours count from.
    """
    if health_forecast.rul_hours is None and health_forecast.forecast_status != "BELOW":
        return pl.DataFrame()
    earliest, start, end = (
        ceil_to_step(health_forecast.hours_to_probability(share) or 0.0)
        for share in (_EARLIEST_PROBABILITY, _START_PROBABILITY, _END_PROBABILITY)
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
    if health_forecast.rul_hours is None:
        return f"health is below {FAILURE_HEALTH:.0f} and falls no further"
    if not health_forecast.rul_hours:
        return f"health has fallen below {FAILURE_HEALTH:.0f} and keeps falling"
    low, high = (None if hours is None else f"{hours / 24:.1f}" for hours in health_forecast.rul_bounds)
    return f"health falls below {FAILURE_HEALTH:.0f} in about {health_forecast.rul_hours / 24:.1f} days ({low} to {high or 'many'})"
