"""The health formula, and every threshold and severity word that tables show.

All grades are computed from unrounded values: a health of 84.996 is shown as 85.00 and graded WATCH.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, TypeVar

import polars as pl

from acm_etl.tables.common import HEALTH_ZONES, MIN_GOOD_HEALTH, MIN_WATCH_HEALTH, WARN_Z

# A backfill that finds nothing new imports this module, and no numpy.
if TYPE_CHECKING:
    from acm_etl.score.arrays import Floats

ALERT_Z = 3.0
"""Magnitude of a sensor's deviation from which the sensor is at alert level."""

# By the default scale, health is 58 at z = 4 and 38 at z = 6.
_MEDIUM_EPISODE_Z, _HIGH_EPISODE_Z = 4.0, 6.0
# A healthy detector exceeds WARN_Z in about 2 % of its readings: 5 % is twice that and more.
_MEDIUM_VIOLATION_PCT, _HIGH_VIOLATION_PCT, _CRITICAL_VIOLATION_PCT = 5.0, 10.0, 20.0

_ValuesT = TypeVar("_ValuesT", pl.Expr, "Floats")


def health_index(fused: pl.Expr, z_scale: float) -> pl.Expr:
    """Return health (0 to 100) as an expression: ``100 / (1 + (max(z, 0) / z_scale)^2)``.

    Args:
        fused: Fused z.
        z_scale: z at which health is 50.
    """
    # Scores below 0 are more normal than the average; health stays at 100.
    return _health_from_nonnegative(fused.clip(lower_bound=0), z_scale)


def health_from_z(z: Floats, z_scale: float) -> Floats:
    """Return the ``health_index`` of an array of fused z, of any shape."""
    return _health_from_nonnegative(z.clip(min=0), z_scale)


def z_from_health(health: float, z_scale: float) -> float:
    """Return the fused z at which ``health_index`` is ``health`` (above 0, at most 100)."""
    return z_scale * math.sqrt(100 / health - 1)


def health_zone(health: pl.Expr) -> pl.Expr:
    """Return GOOD, WATCH or ALERT; null stays null."""
    return _grade_health(health, *HEALTH_ZONES)


def health_zone_code(health: pl.Expr) -> pl.Expr:
    """Return the position of the zone in ``HEALTH_ZONES``; null stays null."""
    return _grade_health(health, *range(len(HEALTH_ZONES)))


def health_status(health: pl.Expr) -> pl.Expr:
    """Return HEALTHY, CAUTION or ALERT; UNKNOWN for null."""
    return _grade_health(health, "HEALTHY", "CAUTION", "ALERT").fill_null("UNKNOWN")


def health_severity(health: pl.Expr) -> pl.Expr:
    """Return LOW, MEDIUM or HIGH, by the thresholds of the zones; UNKNOWN for null."""
    return _grade_health(health, "LOW", "MEDIUM", "HIGH").fill_null("UNKNOWN")


def episode_severity(peak_z: pl.Expr) -> pl.Expr:
    """Return LOW, MEDIUM or HIGH by the largest fused z of an episode."""
    return (
        pl.when(peak_z >= _HIGH_EPISODE_Z)
        .then(pl.lit("HIGH"))
        .when(peak_z >= _MEDIUM_EPISODE_Z)
        .then(pl.lit("MEDIUM"))
        .otherwise(pl.lit("LOW"))
    )


def detector_severity(violation_pct: pl.Expr) -> pl.Expr:
    """Return LOW, MEDIUM, HIGH or CRITICAL by the percentage of readings with an elevated z of the detector."""
    return (
        pl.when(violation_pct > _CRITICAL_VIOLATION_PCT)
        .then(pl.lit("CRITICAL"))
        .when(violation_pct > _HIGH_VIOLATION_PCT)
        .then(pl.lit("HIGH"))
        .when(violation_pct > _MEDIUM_VIOLATION_PCT)
        .then(pl.lit("MEDIUM"))
        .otherwise(pl.lit("LOW"))
    )


def sensor_level(abs_z: pl.Expr) -> pl.Expr:
    """Return INFO, WARN or ALERT by the magnitude of a sensor's deviation."""
    return (
        pl.when(abs_z >= ALERT_Z)
        .then(pl.lit("ALERT"))
        .when(abs_z >= WARN_Z)
        .then(pl.lit("WARN"))
        .otherwise(pl.lit("INFO"))
    )


def _health_from_nonnegative(z: _ValuesT, z_scale: float) -> _ValuesT:
    return 100 / (1 + (z / z_scale) ** 2)


def _grade_health(health: pl.Expr, good: str | int, watch: str | int, alert: str | int) -> pl.Expr:
    # Null fails both comparisons: the last condition keeps it null instead of grading it ALERT.
    grade = pl.when(health >= MIN_GOOD_HEALTH).then(pl.lit(good)).when(health >= MIN_WATCH_HEALTH).then(pl.lit(watch))
    return grade.when(health.is_not_null()).then(pl.lit(alert))
