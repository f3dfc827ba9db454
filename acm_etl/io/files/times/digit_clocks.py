"""Columns of numbers that are times of day beside a column of dates: hours, or digits without colons."""

from __future__ import annotations

import polars as pl

from acm_etl.errors import InputError
from acm_etl.io.files.times.time_names import is_time_name

_SAMPLE_ROWS = 1000
# Hour and minute, and hour, minute and second, each with all digits; 2400 ends the day.
_SPELLINGS = (r"^(?:(?:[01]\d|2[0-3])[0-5]\d|2400)$", r"^(?:(?:[01]\d|2[0-3])[0-5]\d[0-5]\d|240000)$")


def holds_hours(values: pl.Series) -> bool:
    """Return whether all values are whole hours of a day; 24 ends the day in columns such as Hour Ending."""
    hours = _strip_texts(values.drop_nulls()).cast(pl.Float64, strict=False)
    return hours.null_count() == 0 and hours.n_unique() > 1 and bool(((hours % 1 == 0) & hours.is_between(0, 24)).all())


def holds_digit_clocks(file_name: str, sample: pl.DataFrame, name: str) -> bool:
    """Return whether a column holds times of day without colons, such as 0030 and 2330, or 003015 with seconds.

    Raises:
        InputError: The leading zeros are missing: 10 may be ten minutes past midnight, or ten o'clock.
    """
    cells = _strip_texts(sample[name].drop_nulls().head(_SAMPLE_ROWS))
    numbers = cells.cast(pl.Float64, strict=False)
    if not is_time_name(name) or numbers.null_count() or numbers.n_unique() < 2:
        return False
    if cells.dtype == pl.String and any(cells.str.contains(pattern).all() for pattern in _SPELLINGS):
        return True
    if not ((numbers % 1 == 0) & numbers.is_between(0, 2400) & (numbers % 100 < 60)).all():
        return False
    message = (
        f"{file_name}: column {name} holds times of day without leading zeros, such as {cells[-1]}; "
        "write them with four digits, such as 0030, or with a colon"
    )
    raise InputError(message)


def _strip_texts(cells: pl.Series) -> pl.Series:
    """Return texts without the blanks that align them, which no cast to numbers reads; other cells as they are."""
    return cells.str.strip_chars() if cells.dtype == pl.String else cells
