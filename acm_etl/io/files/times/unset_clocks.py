"""Rows that a logger wrote before its clock was set: far before all others, at the day from which clocks count."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

import polars as pl

from acm_etl.counts import format_count
from acm_etl.io.files.times.date_texts import to_date

# Unix, DOS, GPS, and the year 2000; west of Greenwich, zero falls on the evening before.
_ZERO_DAYS = tuple(
    (date.fromisoformat(text) - date(1970, 1, 1)).days
    for text in ("1969-12-31", "1970-01-01", "1980-01-01", "1980-01-05", "1980-01-06", "1999-12-31", "2000-01-01")
)
_MAX_UNSET_DAYS = 31  # a logger with an empty battery may run for weeks before anybody sets its clock
_MIN_GAP_DAYS = 366  # between these rows and all others
_MIN_UNSET_GAP_DAYS = 3653  # a trial of January 2000 may come some years before the operation
_MAX_GAPS = 2
_MAX_STRAY_SHARE = 0.02
_MAX_UNSET_SHARE = 0.1  # more than may be lost: such a file is refused, and names the rows


@dataclass(frozen=True, slots=True)
class StrayDays:
    """Few rows of a file, far from all others in time.

    Attributes:
        first: Their first date.
        last: Their last date.
        next: The nearest date of the other rows.
        rows: Number of rows.
        is_unset: A clock that was not set wrote them; otherwise the dates may be right.
    """

    first: date
    last: date
    next: date
    rows: int
    is_unset: bool


def find_stray_days(days: pl.DataFrame) -> tuple[StrayDays, ...]:
    """Return the rows before and behind a gap of more than a year, if they are few.

    Args:
        days: ``day`` (days since 1970) and ``rows`` of a file, in any order.
    """
    table = days.group_by("day").agg(pl.col("rows").sum()).sort("day")
    gaps = table.with_row_index("start").filter(pl.col("day").diff() > _MIN_GAP_DAYS)["start"]
    # A history with more gaps is one of campaigns, of which the first may be short.
    if not 0 < len(gaps) <= _MAX_GAPS:
        return ()
    sides = (_describe_side(table, int(gaps[0]), is_early=True), _describe_side(table, int(gaps[-1]), is_early=False))
    return tuple(side for side in sides if side is not None)


def _describe_side(table: pl.DataFrame, start: int, *, is_early: bool) -> StrayDays | None:
    """Return the rows before, or from, a row of the table of days, if they are few."""
    side = table.head(start) if is_early else table.slice(start)
    rows = int(side["rows"].sum())
    share = rows / int(table["rows"].sum())
    first, last = int(side["day"][0]), int(side["day"][-1])
    nearest = int(table["day"][start if is_early else start - 1])
    is_zero = first in _ZERO_DAYS and last <= first + _MAX_UNSET_DAYS
    is_unset = is_early and is_zero and nearest - last > _MIN_UNSET_GAP_DAYS and share <= _MAX_UNSET_SHARE
    if not is_unset and share > _MAX_STRAY_SHARE:
        return None
    return StrayDays(to_date(first), to_date(last), to_date(nearest), rows, is_unset)


def describe_stray_days(days: StrayDays, label: str) -> str:
    """Return the doubt about such rows."""
    span = f"{days.first}" if days.first == days.last else f"{days.first} to {days.last}"
    place = "before" if days.first < days.next else "after"
    found = f"{label}: {format_count(days.rows, 'row')} of {span}, more than a year {place} all others ({days.next})"
    if days.is_unset:
        return f"{found}, at the day from which clocks count: left out, as of a clock that was not set"
    return f"{found}; if a wrong clock wrote them, remove them: the history of the machine would begin or end there"
