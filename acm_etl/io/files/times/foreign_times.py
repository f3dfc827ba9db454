"""Times in ways that are not read: what they are, and how to export them as texts."""

from __future__ import annotations

import re

import polars as pl

from acm_etl.io.files.times.epochs import holds_cut_numbers, holds_windows_times, to_numbers

_EXPORT_AS_TEXT = "which are not read; export the times as texts, e.g. 2024-01-13 00:00:00"
# By the name of the column and the range of its numbers for times of 1990 to 2100: the numbers alone may be readings.
_NAMED_NUMBERS = (
    (re.compile(r"time[ _]?ms", re.IGNORECASE), (3.2e10, 7.4e10), "millionths of days since 1899 (WinCC)"),
    (re.compile(r".*datenum.*", re.IGNORECASE), (7.26e5, 7.68e5), "days since the year 0 (MATLAB)"),
)
# Years of other calendars, for times of 1990 to 2056. Of Taiwan only dates with three digits of the year are certain.
_CALENDARS = (
    ("the Buddhist calendar are not read; subtract 543", r"(?:^|\D)25[3-9]\d(?:\D|$)"),
    (
        "the Solar Hijri calendar are not read; export the times in the Gregorian one",
        r"^1(?:3[6-9]|4[0-3])\d[/.-]\d\d?[/.-]\d",
    ),
    ("the Republic of China are not read; add 1911", r"^1[0-4]\d[/.-]\d\d?[/.-]\d\d?(?:[^\d.]|$)"),
    (
        "Japanese eras are not read; export the times in the Gregorian calendar",
        r"^(?:[HR]|平成|令和)\d\d?[/.年-]\d\d?[/.月-]\d",
    ),
)


def describe_foreign_times(name: str, cells: pl.Series) -> str | None:
    """Return what the cells of a column are, if they are times that the import does not read; else None."""
    if holds_windows_times(cells):
        return f"the numbers of {name} are times of Windows or .NET in steps of 100 ns, {_EXPORT_AS_TEXT}"
    filled = cells.drop_nulls()
    numbers = to_numbers(filled).drop_nulls()
    for pattern, limits, meaning in _NAMED_NUMBERS:
        if pattern.fullmatch(name.strip()) and len(numbers) and bool(numbers.is_between(*limits).all()):
            return f"the numbers of {name} are {meaning}, {_EXPORT_AS_TEXT}"
    if holds_cut_numbers(filled):
        return f"the numbers of {name} may be cut, as {filled[0]}; export the times as whole numbers or as texts"
    if filled.dtype != pl.String or filled.is_empty():
        return None
    calendar = next((words for words, pattern in _CALENDARS if bool(filled.str.contains(pattern).all())), None)
    return None if calendar is None else f"{name} begins {filled[0]}: years of {calendar}"
