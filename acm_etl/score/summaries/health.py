"""Daily health statistics, and the distribution of health over the trailing days."""

from __future__ import annotations

import polars as pl

from acm_etl.score.health import health_zone
from acm_etl.score.summaries.local_days import DAY
from acm_etl.tables.daily import HEALTH_BINS

_ZONE_COLUMNS = {"GoodCount": "GOOD", "WatchCount": "WATCH", "AlertCount": "ALERT"}
_BIN_WIDTH = 10


def health_stats_by_day(timeline: pl.DataFrame) -> pl.DataFrame:
    """Return the rows of ACM_HealthDaily by day number, and ``total_health``, the sum over the scored readings.

    Args:
        timeline: Readings with ``health`` (null where not scored), ``fused``, ``alarm`` and their day number, in time
            order.
    """
    health = pl.col("health")
    # Health of exactly 100 belongs to the last bin.
    bin_number = (health // _BIN_WIDTH).clip(0, len(HEALTH_BINS) - 1)
    count = pl.col("AssessedCount")
    return (
        timeline.with_columns(zone=health_zone(health), bin=bin_number)
        .group_by(DAY)
        .agg(
            Readings=pl.len().cast(pl.Int64),
            AssessedCount=health.count().cast(pl.Int64),
            AlarmCount=pl.col("alarm").sum().cast(pl.Int64),
            total_health=health.sum(),
            MinHealth=health.min(),
            LastHealth=health.drop_nulls().last(),
            # Fused z is 0 while off: without the filter, a day at standstill would have a maximum of 0.
            MaxFusedZ=pl.col("fused").filter(health.is_not_null()).max(),
            **{name: (pl.col("zone") == zone).sum().cast(pl.Int64) for name, zone in _ZONE_COLUMNS.items()},
            **{name: (pl.col("bin") == i).sum().cast(pl.Int64) for i, name in enumerate(HEALTH_BINS)},
        )
        .with_columns(AvgHealth=pl.when(count > 0).then(pl.col("total_health") / count))
    )


def health_histogram(trailing_days: pl.DataFrame, health_stats: pl.DataFrame) -> pl.DataFrame:
    """Return the readings in each of ten bins of health over the trailing days; no rows without a scored reading.

    Args:
        trailing_days: Days of each summary.
        health_stats: Result of ``health_stats_by_day``.
    """
    count = pl.col("RecordCount")
    return (
        trailing_days.join(health_stats, on=DAY)
        .group_by("AsOf")
        .agg(pl.col(HEALTH_BINS).sum())
        .unpivot(HEALTH_BINS, index="AsOf", variable_name="HealthBin", value_name="RecordCount")
        .with_columns(all_count=count.sum().over("AsOf"))
        .filter(pl.col("all_count") > 0)
        .with_columns(Percentage=100 * count / pl.col("all_count"))
        # ``maintain_order`` keeps the bins of a day in the order of HEALTH_BINS.
        .sort("AsOf", maintain_order=True)
    )
