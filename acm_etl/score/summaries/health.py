"""Health day by day, and how it is spread over the trailing days."""

from __future__ import annotations

import polars as pl

from acm_etl.score.health import health_zone
from acm_etl.score.summaries.local_days import DAY
from acm_etl.tables.daily import HEALTH_BINS

_ZONE_COLUMNS = {"GoodCount": "GOOD", "WatchCount": "WATCH", "AlertCount": "ALERT"}


def health_stats_by_day(timeline: pl.DataFrame) -> pl.DataFrame:
    """Partial results of each day.

    Args:
        timeline: Readings with ``health`` (null where there is none), ``fused``, ``alarm`` and their day number, in
            sequence.
    """
    health = pl.col("health")
    place = (health // 10).clip(0, len(HEALTH_BINS) - 1)
    return (
        timeline.with_columns(zone=health_zone(health), bin=place)
        .group_by(DAY)
        .agg(
            Readings=pl.len().cast(pl.Int64),
            AssessedCount=health.count().cast(pl.Int64),
            AlarmCount=pl.col("alarm").sum().cast(pl.Int64),
            total=health.sum(),
            MinHealth=health.min(),
            LastHealth=health.drop_nulls().last(),
            MaxFusedZ=pl.col("fused").filter(health.is_not_null()).max(),
            **{name: (pl.col("zone") == word).sum().cast(pl.Int64) for name, word in _ZONE_COLUMNS.items()},
            **{name: (pl.col("bin") == i).sum().cast(pl.Int64) for i, name in enumerate(HEALTH_BINS)},
        )
        .with_columns(AvgHealth=pl.when(pl.col("AssessedCount") > 0).then(pl.col("total") / pl.col("AssessedCount")))
    )


def health_histogram(trailing_days: pl.DataFrame, health_stats: pl.DataFrame) -> pl.DataFrame:
    """Readings in each of ten bins of health over the trailing days; nothing where no reading has a health.

    Args:
        trailing_days: Days of each summary.
        health_stats: As ``detector_stats_by_day`` gives it.
    """
    count = pl.col("RecordCount")
    return (
        trailing_days.join(health_stats, on=DAY)
        .group_by("AsOf")
        .agg(pl.col(HEALTH_BINS).sum())
        .unpivot(HEALTH_BINS, index="AsOf", variable_name="HealthBin", value_name="RecordCount")
        .with_columns(all=count.sum().over("AsOf"))
        .filter(pl.col("all") > 0)
        .with_columns(Percentage=100 * count / pl.col("all"))
        .sort("AsOf", maintain_order=True)
    )
