"""Times in ways that are not read: what they are, and how to export them as texts."""

from __future__ import annotations

import re

import polars as pl

from acm_etl.io.files.times.epochs import holds_windows_times, to_numbers

_EXPORT_AS_TEXT = "which are not read; export the times as texts, e.g. 2024-01-13 00:00:00"
# By the name of the column and the range of its numbers for times of 1990 to 2100: the numbers alone may be readings.
_NAMED_NUMBERS = (
    (re.compile(r"time[ _]?ms", re.IGNORECASE), (3.2e10, 7.4e10), "millionths of days since 1899 (WinCC)"),
    (re.compile(r".*datenum.*", re.IGNORECASE), (7.26e5, 7.68e5), "days since the year 0 (MATLAB)"),
)
# 2533 to 2599 is 1990 to 2056.
_BUDDHIST_YEAR = r"(?:^|\D)25[3-9]\d(?:\D|$)"


def describe_foreign_times(name: str, cells: pl.Series) -> str | None:
    """Return what the cells of a column are, if they are times that the import does not read; else None."""
    if holds_windows_times(cells):
        return f"the numbers of {name} are times of Windows or .NET in steps of 100 ns, {_EXPORT_AS_TEXT}"
    filled = cells.drop_nulls()
    numbers = to_numbers(filled).drop_nulls()
    for pattern, limits, meaning in _NAMED_NUMBERS:
        if pattern.fullmatch(name.strip()) and len(numbers) and bool(numbers.is_between(*limits).all()):
            return f"the numbers of {name} are {meaning}, {_EXPORT_AS_TEXT}"
    if filled.dtype == pl.String and len(filled) and bool(filled.str.contains(_BUDDHIST_YEAR).all()):
        return f"{name} begins {filled[0]}: years of the Buddhist calendar are not read; subtract 543"
    return None
