"""Dates whose day and month change places within the files: read in one order, they jump from month to month."""

from __future__ import annotations

import polars as pl

from acm_etl.io.files.times.timestamps import DateEvidence, DateOrders

_MIN_ROWS_PER_DATE = 3  # readings of a few per month may jump from month to month
_MIN_JUMPS = 3
_JUMP_DAYS = 25
_SMALL_STEP_DAYS = 2
_LAST_MONTH = 12


def find_order_change(evidence: DateEvidence, orders: DateOrders) -> str | None:
    """Return the first date of a file that seems to have day and month the other way round, or None.

    A file that proves one order may hold rows of the other one: two exports were put together, or a spreadsheet with
    other settings has changed the dates whose day can be a month. Their months then pass as days do.

    Args:
        evidence: Dates of one file.
        orders: Decision for all files.
    """
    if not evidence.date_trail:
        return None
    trail = pl.concat(evidence.date_trail).drop_nulls()
    if evidence.row_count < _MIN_ROWS_PER_DATE * len(trail):
        return None
    days = orders.parse_days(trail.unique()).drop_nulls()
    day = pl.col("day").cast(pl.Date)
    swapped = pl.when(day.dt.day() <= _LAST_MONTH).then(pl.date(day.dt.year(), day.dt.day(), day.dt.month()))
    dates = days.select("text", "day", swapped.cast(pl.Int32).alias("swapped"))
    steps = trail.alias("text").to_frame().join(dates, on="text", how="left", maintain_order="left")
    jumps = steps.filter(pl.col("day").diff().abs() >= _JUMP_DAYS, pl.col("swapped").diff().abs() <= _SMALL_STEP_DAYS)
    return str(jumps["text"][0]) if len(jumps) >= _MIN_JUMPS else None
