"""Health, its zones and words: one formula and one set of thresholds for every table."""

from __future__ import annotations

import polars as pl

from acm_etl.tables.common import ZONES

GOOD_FROM = 85.0
WATCH_FROM = 70.0

SUSPECT_Z = 2.0
CRITICAL_Z = 3.09


def health_index(fused: pl.Expr, z_scale: float) -> pl.Expr:
    """Health 0-100 from the fused z: ``100 / (1 + (max(z, 0) / z_scale)^2)``.

    Args:
        fused: Fused z.
        z_scale: z at which health is 50.
    """
    return 100 / (1 + (fused.clip(lower_bound=0) / z_scale) ** 2)


def zone(health: pl.Expr) -> pl.Expr:
    """GOOD, WATCH or ALERT; null stays null."""
    return _graded(health, *ZONES)


def status(health: pl.Expr) -> pl.Expr:
    """HEALTHY, CAUTION or ALERT; UNKNOWN where there is no health."""
    return _graded(health, "HEALTHY", "CAUTION", "ALERT").fill_null("UNKNOWN")


def severity(health: pl.Expr) -> pl.Expr:
    """LOW, MEDIUM or HIGH, by the same thresholds; UNKNOWN where there is no health."""
    return _graded(health, "LOW", "MEDIUM", "HIGH").fill_null("UNKNOWN")


def regime_state(drift: pl.Expr) -> pl.Expr:
    """healthy, suspect or critical by the z of the slow mean; null stays null."""
    words = pl.when(drift >= CRITICAL_Z).then(pl.lit("critical")).when(drift >= SUSPECT_Z).then(pl.lit("suspect"))
    return words.when(drift.is_not_null()).then(pl.lit("healthy"))


def zone_place(health: pl.Expr) -> pl.Expr:
    """The zone by its place in ``ZONES``; null stays null."""
    return _graded(health, *range(len(ZONES)))


def _graded(health: pl.Expr, good: str | int, middle: str | int, bad: str | int) -> pl.Expr:
    words = pl.when(health >= GOOD_FROM).then(pl.lit(good)).when(health >= WATCH_FROM).then(pl.lit(middle))
    return words.when(health.is_not_null()).then(pl.lit(bad))
