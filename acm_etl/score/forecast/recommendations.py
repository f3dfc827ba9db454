"""What to say of a machine that degrades: which sensors carry it there, and when to look after it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

import numpy as np
import polars as pl

from acm_etl.score.forecast.health_forecast import THRESHOLD, Outlook, at_step

_EARLIEST, _START, _END = 0.1, 0.2, 0.5

Carrier = tuple[object, float, float, float, int]
"""A sensor: name, z at first, z at the failure, its speed per day now, readings with |z| >= 3."""


def attributed(carriers: Sequence[Carrier], *, most: int) -> pl.DataFrame:
    """Sensors by their share in what all of them have gained in |z|.

    Args:
        carriers: The sensors.
        most: No more than the strongest of them are told.

    Returns:
        Columns of ACM_RUL_Attribution that are about a sensor, the strongest first; shares are of all sensors.
    """
    names = ("SensorName", "first", "ZScoreAtFailure", "speed", "AlertCount")
    frame = pl.DataFrame(carriers, schema=names, orient="row")
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
    return shared.sort("FailureContribution", "SensorName", descending=[True, False]).head(most)


def recommended(outlook: Outlook, issued: datetime) -> pl.DataFrame:
    """Columns of ACM_MaintenanceRecommendation: one row, or none for a machine that needs nothing.

    Args:
        outlook: What is known of the machine.
        issued: Time that hours count from.
    """
    if outlook.rul is None and outlook.status != "BELOW":
        return pl.DataFrame()
    earliest, start, end = (at_step(outlook.reaches(share) or 0.0) for share in (_EARLIEST, _START, _END))
    row = {
        "EarliestMaintenance": issued + timedelta(hours=earliest),
        "PreferredWindowStart": issued + timedelta(hours=start),
        "PreferredWindowEnd": issued + timedelta(hours=end),
        "FailureProbAtWindowEnd": float(outlook.failed(np.array([end]))[0]),
        "Comment": _why(outlook),
    }
    return pl.DataFrame([row])


def _why(outlook: Outlook) -> str:
    if outlook.rul is None:
        return f"health is below {THRESHOLD:.0f} and falls no further"
    if not outlook.rul:
        return f"health has fallen below {THRESHOLD:.0f} and keeps falling"
    low, high = (None if hours is None else f"{hours / 24:.1f}" for hours in outlook.bounds)
    return f"health falls below {THRESHOLD:.0f} in about {outlook.rul / 24:.1f} days ({low} to {high or 'many'})"
