"""Clock of a source: times of its time column to naive UTC, and limits in UTC to limits in its column."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Literal
from zoneinfo import ZoneInfo

import polars as pl

from acm_etl.source_spec import EPOCH_CLOCKS, OFFSET_CLOCK, UTC_CLOCK
from acm_etl.windows import EPOCH, MILLISECOND

_MS = pl.Datetime("ms")
_AMBIGUOUS: tuple[Literal["latest", "earliest"], ...] = ("latest", "earliest")
# No zone has ever moved its clock by more than a day (Samoa, 2011: 24 hours).
_CLOCK_CHANGE_MARGIN = timedelta(days=1)
# Python knows the years 1 to 9999; a day of room on both sides for the offset of a zone and the next grid time.
_FIRST_TIME, _LAST_TIME = datetime(1, 1, 2), datetime(9999, 12, 30)  # noqa: DTZ001 - all times are naive UTC


def is_time_type(dtype: pl.DataType, clock: str) -> bool:
    """Return whether a column of this type can hold the times of a source with this clock."""
    return dtype.is_numeric() if clock in EPOCH_CLOCKS else isinstance(dtype, (pl.Datetime, pl.Date))


def convert_to_utc(times: pl.Series, clock: str) -> pl.Series:
    """Return the times of a source as naive UTC, ``Datetime("ms")``.

    An ambiguous local time is the earlier one of the two. A local time that the clock change skips becomes null. Times
    outside of the years 1 to 9999, such as infinity, become the first or last time there.

    Args:
        times: Values of the time column.
        clock: Clock of the source, see ``SourceSpec.clock``.
    """
    if clock in EPOCH_CLOCKS:
        # Floats hold seconds with a fraction; they are whole milliseconds after the multiplication. NaN is the largest
        # value for the database, too.
        milliseconds = (times.cast(pl.Float64) * EPOCH_CLOCKS[clock]).floor().fill_nan(float("inf"))
        first, last = ((time - EPOCH) // MILLISECOND for time in (_FIRST_TIME, _LAST_TIME))
        return milliseconds.clip(first, last).cast(pl.Int64).cast(_MS)
    zoned = isinstance(times.dtype, pl.Datetime) and times.dtype.time_zone is not None
    if clock == OFFSET_CLOCK or zoned:
        naive = times.dt.convert_time_zone("UTC").dt.replace_time_zone(None) if zoned else times
        return clip_to_calendar(naive)
    naive = clip_to_calendar(times)
    if clock == UTC_CLOCK:
        return naive
    located = naive.dt.replace_time_zone(clock, ambiguous="earliest", non_existent="null")
    return located.dt.convert_time_zone("UTC").dt.replace_time_zone(None)


def clip_to_calendar(times: pl.Series) -> pl.Series:
    """Return naive UTC as ``Datetime("ms")``; those beyond the years 1 to 9999 are its limits."""
    return times.cast(_MS).clip(_FIRST_TIME, _LAST_TIME)


def flag_ambiguous(times: pl.Series, clock: str) -> pl.Series | None:
    """Return a Boolean mask of the local times that exist twice on a clock; None for a clock without such times."""
    if is_exact(clock):
        return None
    naive = times.cast(_MS)
    latest, earliest = (
        naive.dt.replace_time_zone(clock, ambiguous=choice, non_existent="null") for choice in _AMBIGUOUS
    )
    # Polars has no test for ambiguous times; only these differ between the two choices.
    return (latest != earliest).fill_null(value=False)


def build_limit(utc: datetime, clock: str, *, is_lower: bool) -> datetime | int | float:
    """Return a limit of a period as a value of the time column.

    Args:
        utc: Limit, naive UTC.
        clock: Clock of the source.
        is_lower: Whether the period begins at the limit.

    Returns:
        The limit. For a local clock the period is wider by a day: around a clock change, the order of local times is
        not that of UTC, so the exact limits are applied after the conversion.
    """
    if clock in EPOCH_CLOCKS:
        milliseconds = (utc - EPOCH) // MILLISECOND
        # Seconds as a float: columns of floats have readings within a second.
        return milliseconds if clock == "epoch_ms" else milliseconds / 1000
    if clock in (UTC_CLOCK, OFFSET_CLOCK):
        return utc
    local = utc.replace(tzinfo=UTC).astimezone(ZoneInfo(clock)).replace(tzinfo=None)
    return local - _CLOCK_CHANGE_MARGIN if is_lower else local + _CLOCK_CHANGE_MARGIN


def is_exact(clock: str) -> bool:
    """Return whether limits in the time column are exact, so that the database can apply them alone."""
    return clock in (UTC_CLOCK, OFFSET_CLOCK, *EPOCH_CLOCKS)
