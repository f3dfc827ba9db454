"""Columns of numbers that are times of day beside a column of dates: hours, or digits without colons."""

from __future__ import annotations

import polars as pl

from acm_etl.errors import InputError
from acm_etl.io.files.times.sample_cells import SAMPLE_ROWS, strip_texts
from acm_etl.io.files.times.time_names import is_time_name

# Hour and minute, and hour, minute and second, each with all digits; 2400 ends the day.
_MINUTES = r"^(?:(?:[01]\d|2[0-3])[0-5]\d|2400)$"
_SECONDS = r"^(?:(?:[01]\d|2[0-3])[0-5]\d[0-5]\d|240000)$"


def holds_hours(values: pl.Series) -> bool:
    """Return whether all values are whole hours of a day; 24 ends the day in columns such as Hour Ending."""
    hours = strip_texts(values.drop_nulls()).cast(pl.Float64, strict=False)
    return hours.null_count() == 0 and hours.n_unique() > 1 and bool(((hours % 1 == 0) & hours.is_between(0, 24)).all())


def holds_digit_clocks(file_name: str, sample: pl.DataFrame, date_column: str, name: str) -> bool:
    """Return whether a column holds times of day without colons, such as 0030 and 2330, or 003015 with seconds.

    Args:
        file_name: For messages.
        sample: The first rows of the file.
        date_column: Column of dates.
        name: Column that may hold the times of day.

    Raises:
        InputError: The leading zeros are missing: 10 may be ten minutes past midnight, or ten o'clock.
    """
    rows = sample.select(date_column, name).drop_nulls(name).head(SAMPLE_ROWS)
    cells = strip_texts(rows[name])
    numbers = cells.cast(pl.Float64, strict=False)
    if not is_time_name(name) or numbers.null_count() or numbers.n_unique() < 2:
        return False
    is_text = cells.dtype == pl.String
    has_minutes, has_seconds = (is_text and cells.str.contains(each).all() for each in (_MINUTES, _SECONDS))
    is_padded = bool((cells != rows[name]).any())
    # Counters have six digits as well as clocks, and are padded with blanks.
    if (has_seconds or is_padded) and not _turns_back_with_dates(rows[date_column], numbers):
        return False
    # Clocks of four digits may begin later on the next date: after a gap, or with one more reading of a day.
    if has_minutes or has_seconds:
        return True
    are_seconds = (
        _are_minutes(numbers // 100)
        and bool((numbers % 100 < 60).all())
        # Numbers of any size are clocks less likely than those up to 2400; without an hour they may be identifiers.
        and bool((numbers >= 10_000).any())
        and _turns_back_with_dates(rows[date_column], numbers)
    )
    if not (numbers % 1 == 0).all() or not (_are_minutes(numbers) or are_seconds):
        return False
    message = (
        f"{file_name}: column {name} holds times of day without leading zeros, such as {cells[-1]}; "
        "write them with four or six digits, such as 0030, or with a colon"
    )
    raise InputError(message)


def _are_minutes(numbers: pl.Series) -> bool:
    """Return whether all numbers may be hours and minutes: 0 to 2400."""
    return bool((numbers.is_between(0, 2400) & (numbers % 100 < 60)).all())


def _turns_back_with_dates(dates: pl.Series, numbers: pl.Series) -> bool:
    """Return whether numbers begin again with a new date, as clocks do; a counter goes on in its direction."""
    steps, is_new = numbers.diff(), dates != dates.shift()
    changes = steps.filter(is_new).drop_nulls()
    forwards = int((steps.filter(~is_new) > 0).sum()) >= int((steps.filter(~is_new) < 0).sum())
    return changes.is_empty() or bool(((changes < 0) if forwards else (changes > 0)).any())
