"""Reduce the points of charts: long histories in time buckets, readings to their extremes."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

import polars as pl

MINUTE, HOUR, DAY = 60, 3600, 86400
_BUCKET_WIDTHS = (
    1, 2, 5, 10, 15, 30, MINUTE, 2 * MINUTE, 5 * MINUTE, 10 * MINUTE, 15 * MINUTE, 20 * MINUTE, 30 * MINUTE,
    HOUR, 2 * HOUR, 3 * HOUR, 4 * HOUR, 6 * HOUR, 8 * HOUR, 12 * HOUR, DAY, 2 * DAY, 7 * DAY,
)  # fmt: skip
# More buckets than a screen has pixels: zooming in still shows detail.
MAX_BUCKETS = 10_000


@dataclass(frozen=True, slots=True)
class TimeBuckets:
    """Time buckets of equal width, counted from ``start``.

    Attributes:
        start: Start of the first bucket, UTC.
        width_seconds: Width of a bucket.
    """

    start: datetime
    width_seconds: int

    def bucket_index(self) -> pl.Expr:
        """Return an expression for the bucket number of ``Timestamp``."""
        since = (pl.col("Timestamp") - pl.lit(self.start)).dt.total_seconds()
        return (since // self.width_seconds).cast(pl.Int32).alias("bucket")


def choose_buckets(first: datetime, last: datetime, readings: int) -> TimeBuckets:
    """Choose at most ``MAX_BUCKETS`` buckets that are no finer than the readings.

    Args:
        first: First reading, UTC.
        last: Last reading, UTC.
        readings: Number of readings from ``first`` to ``last``.
    """
    span = (last - first).total_seconds()
    # No finer than the readings: empty buckets between them would draw gaps.
    min_width = max(span / MAX_BUCKETS, span / max(readings - 1, 1))
    # Round widths (1 min, 15 min, 1 h) give labels that people can read.
    fitting = (width for width in _BUCKET_WIDTHS if width >= min_width - 1)
    width = next(fitting, DAY * math.ceil(min_width / DAY))
    # Buckets start at round times: an hour at the full hour, a day at midnight UTC.
    past = (first - datetime.min).total_seconds() % width  # noqa: DTZ901 - all times here are naive UTC
    return TimeBuckets(first - timedelta(seconds=past), width)


def aggregate_batches(
    frames: Iterable[pl.DataFrame],
    by: Sequence[str],
    partial_aggregates: list[pl.Expr],
    final_aggregates: list[pl.Expr],
) -> pl.DataFrame:
    """Group and aggregate batch by batch, so that memory holds one batch and the groups.

    Args:
        frames: At least one batch, with the columns of ``by``.
        by: Columns to group by; the result is sorted by them.
        partial_aggregates: Aggregates of a group within a batch.
        final_aggregates: Aggregates of the partial ones over all batches.
    """
    # A generator would not help: concat needs all parts, and a part has only one row per group.
    parts = [frame.group_by(by).agg(partial_aggregates) for frame in frames]
    return pl.concat(parts).group_by(by).agg(final_aggregates).sort(by)


def select_extremes(frame: pl.DataFrame, *, max_rows: int) -> pl.DataFrame:
    """Return the rows with the lowest and highest value of each interval, in order; all rows if they are few.

    Args:
        frame: Rows in time order, with the drawn column ``value``.
        max_rows: Maximum number of rows.
    """
    if frame.height <= max_rows:
        return frame
    # Two rows per interval: an outlier of a single reading stays visible.
    intervals = max_rows // 2
    number = pl.int_range(pl.len()) * intervals // pl.len()
    extremes = (
        frame.with_row_index("row")
        .group_by(number.alias("interval"))
        .agg(
            low=pl.col("row").get(pl.col("value").arg_min(), null_on_oob=True),
            high=pl.col("row").get(pl.col("value").arg_max(), null_on_oob=True),
        )
    )
    rows = pl.concat([extremes["low"], extremes["high"]]).drop_nulls().unique().sort()
    return frame[rows]
