"""Fewer points that look the same: long histories in buckets of time, readings by their extremes."""

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
MAX_BUCKETS = 10_000


@dataclass(frozen=True, slots=True)
class TimeBuckets:
    """Buckets of equal width, counted from ``start``.

    Attributes:
        start: Start of the first bucket, UTC.
        width_seconds: Width of a bucket.
    """

    start: datetime
    width_seconds: int

    def bucket_index(self, time: str) -> pl.Expr:
        """Number of the bucket that a time falls in."""
        since = (pl.col(time) - pl.lit(self.start)).dt.total_seconds()
        return (since // self.width_seconds).cast(pl.Int32).alias("bucket")


def choose_buckets(first: datetime, last: datetime, readings: int, *, max_buckets: int = MAX_BUCKETS) -> TimeBuckets:
    """A grid of at most ``max_buckets`` buckets that is no finer than the readings.

    Args:
        first: First reading, UTC.
        last: Last reading, UTC.
        readings: How many there are between.
        max_buckets: Largest number of buckets.
    """
    span = (last - first).total_seconds()
    wanted = max(span / max_buckets, span / max(readings - 1, 1))
    fitting = (width for width in _BUCKET_WIDTHS if width >= wanted - 1)
    width = next(fitting, DAY * math.ceil(wanted / DAY))
    past = (first - datetime.min).total_seconds() % width  # noqa: DTZ901 - all times here are naive UTC
    return TimeBuckets(first - timedelta(seconds=past), width)


def aggregate_batches(
    frames: Iterable[pl.DataFrame],
    by: Sequence[str],
    partial_aggregates: list[pl.Expr],
    final_aggregates: list[pl.Expr],
) -> pl.DataFrame:
    """A grouping made batch by batch, so that memory holds the groups and one batch only.

    Args:
        frames: Batches with the columns of ``by``, one at least.
        by: What is grouped by; the result is sorted by it.
        partial_aggregates: What is kept of each group of a batch.
        final_aggregates: What is made of it over all batches.
    """
    parts = [frame.group_by(by).agg(partial_aggregates) for frame in frames]
    return pl.concat(parts).group_by(by).agg(final_aggregates).sort(by)


def select_extremes(frame: pl.DataFrame, value: str, *, max_rows: int) -> pl.DataFrame:
    """The rows with the lowest and highest value of each stretch, in their order; all where they are few.

    Args:
        frame: Rows in order of time.
        value: Column that is drawn.
        max_rows: Largest number of rows.
    """
    if frame.height <= max_rows:
        return frame
    stretches = max_rows // 2
    number = pl.int_range(pl.len()) * stretches // pl.len()
    kept = (
        frame.with_row_index("row")
        .group_by(number.alias("stretch"))
        .agg(
            low=pl.col("row").get(pl.col(value).arg_min(), null_on_oob=True),
            high=pl.col("row").get(pl.col(value).arg_max(), null_on_oob=True),
        )
    )
    rows = pl.concat([kept["low"], kept["high"]]).drop_nulls().unique().sort()
    return frame[rows]
