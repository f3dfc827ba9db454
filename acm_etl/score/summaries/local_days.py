"""Local days by number, and the days that trail each of them."""

from __future__ import annotations

from dataclasses import dataclass

import polars as pl

DAY = "day"


@dataclass(frozen=True)
class LocalCalendar:
    """Local days of a machine.

    Attributes:
        time_zone: IANA name.
        summary_days: Days of a summary, the day itself included.
    """

    time_zone: str
    summary_days: int

    def day_number(self, time: pl.Expr) -> pl.Expr:
        """Local date of a naive UTC time, as days since 1970."""
        local = time.dt.replace_time_zone("UTC").dt.convert_time_zone(self.time_zone)
        return local.dt.date().to_physical().cast(pl.Int64)

    def add_day_number(self, frame: pl.DataFrame, time: str) -> pl.DataFrame:
        """The frame with the number of the local day of each row, as ``day``."""
        return frame.with_columns(self.day_number(pl.col(time)).alias(DAY))

    def expand_trailing_days(self, days: pl.DataFrame) -> pl.DataFrame:
        """Each ``AsOf`` (numbered ``asof``) with every day of its summary, as ``day``."""
        back = pl.DataFrame({"back": range(self.summary_days)}, schema={"back": pl.Int64})
        crossed = days.rename({DAY: "asof"}).join(back, how="cross")
        return crossed.select("AsOf", "asof", (pl.col("asof") - pl.col("back")).alias(DAY))
