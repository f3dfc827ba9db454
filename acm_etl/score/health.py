"""Health, its zones and words: one formula and one set of thresholds for every table."""

from __future__ import annotations

import polars as pl

from acm_etl.tables.common import HEALTH_ZONES

MIN_GOOD_HEALTH = 85.0
MIN_WATCH_HEALTH = 70.0

SUSPECT_DRIFT_Z = 2.0
CRITICAL_DRIFT_Z = 3.09


def health_index(fused: pl.Expr, z_scale: float) -> pl.Expr:
    """Health 0-100 from the fused z: ``100 / (1 + (max(z, 0) / z_scale)^2)``.

    Args:
        fused: Fused z.
        z_scale: z at which health is 50.
    """
    return 100 / (1 + (fused.clip(lower_bound=0) / z_scale) ** 2)


def health_zone(health: pl.Expr) -> pl.Expr:
    """GOOD, WATCH or ALERT; null stays null."""
    return _grade_health(health, *HEALTH_ZONES)


def health_status(health: pl.Expr) -> pl.Expr:
    """HEALTHY, CAUTION or ALERT; UNKNOWN where there is no health."""
    return _grade_health(health, "HEALTHY", "CAUTION", "ALERT").fill_null("UNKNOWN")


def health_severity(health: pl.Expr) -> pl.Expr:
    """LOW, MEDIUM or HIGH, by the same thresholds; UNKNOWN where there is no health."""
    return _grade_health(health, "LOW", "MEDIUM", "HIGH").fill_null("UNKNOWN")


def regime_state(drift_z: pl.Expr) -> pl.Expr:
    """healthy, suspect or critical by the z of the slow mean; null stays null."""
    words = (
        pl.when(drift_z >= CRITICAL_DRIFT_Z)
        .then(pl.lit("critical"))
        .when(drift_z >= SUSPECT_DRIFT_Z)
        .then(pl.lit("suspect"))
    )
    return words.when(drift_z.is_not_null()).then(pl.lit("healthy"))


def health_zone_code(health: pl.Expr) -> pl.Expr:
    """The zone by its place in ``HEALTH_ZONES``; null stays null."""
    return _grade_health(health, *range(len(HEALTH_ZONES)))


def _grade_health(health: pl.Expr, good: str | int, middle: str | int, bad: str | int) -> pl.Expr:
    words = pl.when(health >= MIN_GOOD_HEALTH).then(pl.lit(good)).when(health >= MIN_WATCH_HEALTH).then(pl.lit(middle))
    return words.when(health.is_not_null()).then(pl.lit(bad))
