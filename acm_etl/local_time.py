"""Local days of a time zone: all times are naive UTC, all days begin at local midnight.

Every module that groups by local day uses these functions, so that one reading belongs to the same day everywhere.
"""

from __future__ import annotations

import zoneinfo
from datetime import datetime, time, timedelta
from functools import cache, lru_cache

import polars as pl

_US = pl.Datetime("us")

# About noon of the next day in every zone from 1995 to 2030 (tested). 26 hours are too few: Antarctica/Casey had days
# of 27 hours in 2010 and 2012. 48 hours are too many: days may have less than 24 hours.
_INTO_NEXT_DAY = timedelta(hours=36)

# Clocks that go forward at midnight skip one hour in most zones; America/Danmarkshavn skipped three on 1 January 1996.
_LATER_HOURS = range(1, 4)


@cache
def list_time_zones() -> frozenset[str]:
    """Return the IANA names of all zones of this computer."""
    # Python reads the first bytes of 600 files for this list, at every call.
    return frozenset(zoneinfo.available_timezones())


def local_day_number(time: pl.Expr, time_zone: str) -> pl.Expr:
    """Return the local date of naive UTC times as days since 1970.

    Args:
        time: Naive UTC.
        time_zone: IANA name.
    """
    return _to_local(time, time_zone).dt.date().to_physical().cast(pl.Int64)


def local_day_starts(times: pl.Series, time_zone: str) -> pl.Series:
    """Return the UTC start of the local day of each time, in microseconds.

    A midnight that occurs twice counts at its first occurrence. A day without midnight (some zones change their clocks
    then) starts at its first full hour.

    Args:
        times: Naive UTC, in any order.
        time_zone: IANA name.
    """
    dates = times.to_frame("time").select(_to_local(pl.col("time"), time_zone).dt.date()).to_series()
    # A chunk of readings has few distinct days, and the conversion back to UTC is the expensive step.
    distinct = dates.unique().sort()
    starts = _local_hour_to_utc(distinct, time_zone, 0)
    # Hardly any day has no midnight, and the conversion is a tenth of the cost of scoring a short batch.
    for hour in _LATER_HOURS:
        if not starts.has_nulls():
            break
        starts = starts.fill_null(_local_hour_to_utc(distinct, time_zone, hour))
    return starts.gather(distinct.search_sorted(dates)).alias(times.name)


def next_local_day_starts(starts: pl.Series, time_zone: str) -> pl.Series:
    """Return the UTC start of the local day after each day, in microseconds.

    Args:
        starts: Starts of local days, naive UTC.
        time_zone: IANA name.
    """
    return local_day_starts(starts.cast(_US) + _INTO_NEXT_DAY, time_zone)


@lru_cache(maxsize=256)  # a batch asks ten times for the same two or three days
def local_day_start(time: datetime, time_zone: str) -> datetime:
    """Return the UTC start of the local day that contains a naive UTC time."""
    # A series of one time: the scalar and the column form cannot disagree.
    start: datetime = local_day_starts(pl.Series([time], dtype=_US), time_zone).item()
    return start


def local_day_end(start: datetime, time_zone: str) -> datetime:
    """Return the UTC end of the local day that begins at ``start``."""
    return local_day_start(start + _INTO_NEXT_DAY, time_zone)


def local_clock(moment: datetime, time_zone: str) -> time:
    """Return the local clock time of a naive UTC time."""
    clock: time = (
        pl.Series([moment], dtype=_US).to_frame("t").select(_to_local(pl.col("t"), time_zone).dt.time()).item()
    )
    return clock


def _to_local(time: pl.Expr, time_zone: str) -> pl.Expr:
    return time.dt.replace_time_zone("UTC").dt.convert_time_zone(time_zone)


def _local_hour_to_utc(dates: pl.Series, time_zone: str, hour: int) -> pl.Series:
    """Return an hour of local dates in UTC; null where the clocks skip that hour."""
    local = pl.first().cast(_US) + timedelta(hours=hour)
    # ``earliest``: where midnight occurs twice, the day starts at the first one.
    zoned = local.dt.replace_time_zone(time_zone, ambiguous="earliest", non_existent="null")
    return dates.to_frame().select(zoned.dt.convert_time_zone("UTC").dt.replace_time_zone(None)).to_series()
