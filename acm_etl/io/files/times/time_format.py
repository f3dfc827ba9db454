"""Time stamps in a pattern that the user gives (``--time-format``), in the codes of Python and chrono."""

from __future__ import annotations

import re

import polars as pl

from acm_etl.errors import InputError, UsageError

CODE_TEXTS = {
    "%Y": "year", "%y": "year of two digits", "%m": "month", "%d": "day", "%e": "day, padded with a blank",
    "%j": "day of the year", "%b": "English month name, short", "%B": "English month name", "%H": "hour",
    "%I": "hour of 12", "%p": "AM or PM", "%M": "minute", "%S": "second", "%f": "fraction of a second",
    "%z": "offset", "%T": "%H:%M:%S", "%D": "%m/%d/%y", "%F": "%Y-%m-%d", "%R": "%H:%M", "%a": "weekday, short",
    "%A": "weekday", "%G": "year of a week of ISO 8601", "%V": "week of ISO 8601", "%u": "weekday as a number",
    "%%": "a percent sign",
}  # fmt: skip
"""Codes of a time format with their meaning."""

_CODE_PATTERN = re.compile(r"%\.?\d?[A-Za-z%]?")
_ALLOWED = {*CODE_TEXTS, "%h", "%k", "%l", "%.f", "%.3f", "%.6f", "%.9f", "%3f", "%6f", "%9f"}
_DATE_CODES = ({"%Y", "%y", "%F", "%D", "%G"}, {"%m", "%b", "%B", "%j", "%F", "%D", "%h", "%V"})


def check_time_format(pattern: str) -> str:
    """Return the pattern if it can give times.

    Raises:
        UsageError: A code is unknown, or the pattern has no date.
    """
    reason = _find_fault(pattern)
    if reason is not None:
        listed = ", ".join(f"{code} {text}" for code, text in CODE_TEXTS.items())
        message = f"--time-format {pattern!r} {reason}; e.g. --time-format '%d.%m.%Y %H:%M:%S'; the codes are {listed}"
        raise UsageError(message)
    return pattern


def _find_fault(pattern: str) -> str | None:
    """Return why a pattern cannot give times; None if it can."""
    codes = set(_CODE_PATTERN.findall(_to_chrono(pattern)))
    unknown = sorted(codes - _ALLOWED)
    if unknown:
        return f"has the unknown code {unknown[0]}"
    if "%f" in codes:
        return "has a fraction that is not behind a point, comma or colon; give its digits, e.g. %3f"
    if not all(codes & group for group in _DATE_CODES):
        return "has no year, month and day"
    try:
        # Polars rejects a pattern before it looks at a cell, so any text will do for the trial.
        parse_with_format(pl.Series(["-"]), pattern)
    except pl.exceptions.ComputeError as error:
        # Such as hours of 12 without AM and PM, or seconds without hours.
        return f"gives no times: {str(error).splitlines()[0]}"
    return None


def _to_chrono(pattern: str) -> str:
    """Return the pattern with fractions as chrono writes them; it knows fractions behind a point only."""
    return re.sub(r"[.,:]%f", "%.f", pattern)


def parse_with_format(values: pl.Series, pattern: str) -> pl.DataFrame:
    """Parse texts by a pattern.

    Args:
        values: Texts; other types are written as text first.
        pattern: Checked by `check_time_format`.

    Returns:
        ``local`` (``Datetime('ms')``, null where a text does not fit) and ``offset`` (minutes; 0 where the pattern
        has ``%z``, because the times are UTC then).
    """
    texts = values.cast(pl.String).str.strip_chars()
    chrono = _to_chrono(pattern)
    if re.search("[,:]%f", pattern):
        texts = texts.str.replace(r"(\d\d)[,:](\d{3,9})\b", "$1.$2")
    codes = set(_CODE_PATTERN.findall(chrono))
    if codes & {"%H", "%I"} and "%M" not in codes:
        # chrono gives no time of day without minutes.
        texts, chrono = texts + " 00", f"{chrono} %M"
    has_clock = codes & {"%H", "%I", "%T", "%R"}
    times = texts.str.to_datetime(chrono, strict=False) if has_clock else texts.str.to_date(chrono, strict=False)
    # With %z the parser gives UTC; without, local times of the machine's zone.
    is_utc = isinstance(times.dtype, pl.Datetime) and times.dtype.time_zone is not None
    naive = times.dt.convert_time_zone("UTC").dt.replace_time_zone(None) if is_utc else times.cast(pl.Datetime("us"))
    offset = 0 if "%z" in codes else None
    return pl.DataFrame({"local": naive.dt.round("1ms").cast(pl.Datetime("ms"))}).with_columns(
        pl.lit(offset, pl.Int64).alias("offset")
    )


def refuse_format(where: str, pattern: str, cells: list[str], row_count: int) -> InputError:
    """Return the error of a pattern that most of the cells do not fit."""
    shown = ", ".join(repr(cell) for cell in cells[:3])
    message = (
        f"{where}: --time-format {pattern!r} does not fit most of {row_count:,} rows, e.g. {shown}; "
        "correct the pattern (%d day, %m month, %Y year, %H hour, %M minute, %S second), or omit --time-format"
    )
    return InputError(message)
