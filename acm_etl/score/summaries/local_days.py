"""Numbers of local days, and the trailing days of each summary."""

from __future__ import annotations

from dataclasses import dataclass

import polars as pl

from acm_etl.local_time import local_day_number

DAY = "day"
"""Column with the number of the local day: days since 1970."""


@dataclass(frozen=True)
class LocalCalendar:
    """Local days of a machine.

    Days are counted by their local date: a summary of 30 days has 30 days, also where the clocks change in between.

    Attributes:
        time_zone: IANA name.
        summary_days: Days of a summary, the day itself included.
    """

    time_zone: str
    summary_days: int

    def day_number(self, time: pl.Expr) -> pl.Expr:
        """Return the local date of naive UTC times as days since 1970."""
        return local_day_number(time, self.time_zone)

    def add_day_number(self, frame: pl.DataFrame, time: str) -> pl.DataFrame:
        """Add the column ``day``: the number of the local day of each row.

        Args:
            frame: Frame with naive UTC times.
            time: Name of the column with the times.
        """
        day = frame.select(self.day_number(pl.col(time)).alias(DAY)).to_series()
        # Polars groups sorted rows by slices, in a third of the time. Times in order are no proof of it: where clocks
        # were set back just after midnight, readings of the new day lie before the last ones of the old day.
        return frame.with_columns(day.set_sorted() if day.is_sorted() else day)

    def expand_trailing_days(self, days: pl.DataFrame) -> pl.DataFrame:
        """Return one row per summary and trailing day.

        Args:
            days: ``AsOf`` (start of the day) and ``day`` of each summary.

        Returns:
            ``AsOf``, ``asof`` (number of the day of the summary) and ``day`` (number of a trailing day).
        """
        # Whole days are numbers here, so trailing days are a subtraction without time zones.
        offsets = pl.DataFrame({"offset": range(self.summary_days)}, schema={"offset": pl.Int64})
        pairs = days.rename({DAY: "asof"}).join(offsets, how="cross")
        return pairs.select("AsOf", "asof", (pl.col("asof") - pl.col("offset")).alias(DAY))
