"""Times that are spread over columns: year, month and day, or year and day of the year, and parts of the day."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Literal

import polars as pl

from acm_etl.io.files.times.month_names import remove_accents
from acm_etl.io.files.times.sample_cells import strip_texts
from acm_etl.io.files.times.time_names import is_hour_name

DatePart = Literal["year", "month", "day", "day of year", "hour", "minute", "second"]

_NAMES: Mapping[DatePart, frozenset[str]] = {
    "year": frozenset(("year", "yyyy", "yy", "yr", "jahr", "annee", "ano", "anno", "jaar", "ar")),
    "month": frozenset(("month", "mm", "mo", "mon", "monat", "mois", "mes", "mese", "maand", "manad")),
    "day": frozenset(("day", "dd", "dy", "tag", "jour", "dia", "giorno", "dag", "day of month")),
    "day of year": frozenset(("day of year", "dayofyear", "doy", "yday", "jday", "julian day", "jd")),
    "hour": frozenset(("hour", "hh", "hr", "stunde", "heure", "hora", "ora", "uur", "timme", "hour of day")),
    # After the month, which writers call MM, too: YY MM DD hh mm.
    "minute": frozenset(("minute", "min", "mm", "mi", "mn", "minuto", "minuut", "minut")),
    "second": frozenset(("second", "sec", "ss", "sek", "sekunde", "seconde", "segundo", "secondo")),
}
_RANGES: Mapping[DatePart, tuple[int, int]] = {
    "year": (1900, 2199),
    "month": (1, 12),
    "day": (1, 31),
    "day of year": (1, 366),
    # 24 ends the day in columns such as Hour Ending.
    "hour": (0, 24),
    "minute": (0, 59),
    "second": (0, 59),
}
_ORDERS: tuple[tuple[DatePart, ...], ...] = (("year", "month", "day"), ("year", "day of year"))
_CLOCK: tuple[DatePart, ...] = ("hour", "minute", "second")
MIN_PARTS = 3
"""Columns of the shortest time: year, month and day; a day of the year comes with the hour or a clock."""
_MIN_SAME_HOURS = 1 / 3  # share of the rows in the hour of the row before; half of them with a step of 30 minutes
_MIN_RUN = 9  # steps of the minutes within hours in the usual direction for each one in the other direction


def find_date_parts(sample: pl.DataFrame) -> tuple[str, ...] | None:
    """Return the columns of a date in the order of their weight, year first, and those of the hour and its parts.

    A day of the year without an hour is no time yet. None if the file has no such columns.

    Args:
        sample: The first rows of the file.
    """
    found: dict[DatePart, str] = {}
    for part in _NAMES:
        if name := _find_part(sample.drop(found.values()), part):
            found[part] = name
    for date in _ORDERS:
        # Parts of the day without a gap: a minute without its hour is something else.
        clock = [part for index, part in enumerate(_CLOCK) if all(each in found for each in _CLOCK[: index + 1])]
        if all(part in found for part in date):
            return tuple(found[part] for part in (*date, *clock))
    return None


def split_time_columns(columns: Sequence[str]) -> tuple[Sequence[str], Sequence[str]]:
    """Return the columns of the date and those of the time of day; the latter may be none."""
    is_one = (len(columns) < MIN_PARTS and not _is_part(columns[-1], "day of year")) or is_hour_name(columns[1])
    count = 1 if is_one else 2 if _is_part(columns[1], "day of year") else 3
    return columns[:count], columns[count:]


def find_minute_parts(sample: pl.DataFrame, date: str, hour: str) -> tuple[str, ...]:
    """Return the columns of minutes and seconds right behind that of the hour; empty where hours stand alone.

    Args:
        sample: The first rows of the file.
        date: Column of dates.
        hour: Column of hours.
    """
    minute, second = (*sample.columns[sample.columns.index(hour) + 1 :], "", "")[:2]
    if (
        not minute
        or not _find_part(sample.select(minute), "minute")
        or not _runs_within_hours(sample, date, hour, minute)
    ):
        return ()
    return (minute, second) if second and _find_part(sample.select(second), "second") else (minute,)


def _runs_within_hours(sample: pl.DataFrame, date: str, hour: str, minute: str) -> bool:
    """Return whether numbers go on in one direction within each hour: those of a minimum go up and down."""
    same_hour = pl.all_horizontal(pl.col(name) == pl.col(name).shift() for name in (date, hour))
    steps = _to_whole_numbers(sample[minute]).diff().filter(sample.select(same_hour).to_series()).drop_nulls()
    counts = sorted((int((steps > 0).sum()), int((steps < 0).sum())))
    # A few steps back are those of an hour that occurs twice.
    return len(steps) >= _MIN_SAME_HOURS * len(sample) and counts[1] > _MIN_RUN * counts[0]


def join_date_parts(chunk: pl.DataFrame, columns: Sequence[str]) -> pl.Series:
    """Return the parts of a date as texts ``2013-03-01``, null where a part is missing or not a whole number.

    Args:
        chunk: Rows with the columns.
        columns: Year, month and day, or year and day of the year.
    """
    numbers = pl.DataFrame([_to_whole_numbers(chunk[name]).alias(str(index)) for index, name in enumerate(columns)])
    return numbers.select(_build_date_texts(len(columns))).to_series()


def join_clock_parts(chunk: pl.DataFrame, columns: Sequence[str]) -> pl.Series:
    """Return hours, minutes and seconds as texts ``05:00``, null where a part is missing or not a whole number.

    Args:
        chunk: Rows with the columns.
        columns: The hour, and the parts of it.
    """
    texts = [_to_whole_numbers(chunk[name]).cast(pl.String).str.zfill(2) for name in columns]
    # An hour alone is not a time of day for the parser; seconds follow where the file has them.
    minutes = [pl.lit("00")] if len(texts) == 1 else []
    return pl.select(pl.concat_str(*texts, *minutes, separator=":")).to_series()


def _build_date_texts(count: int) -> pl.Expr:
    year = pl.col("0").cast(pl.String).str.zfill(4)
    if count == 2:
        days = pl.when(pl.col("1").is_between(*_RANGES["day of year"])).then(pl.col("1") - 1)
        first = pl.concat_str(year, pl.lit("-01-01")).str.to_date(strict=False)
        return (first + pl.duration(days=days)).dt.strftime("%Y-%m-%d")
    return pl.concat_str(year, *(pl.col(index).cast(pl.String).str.zfill(2) for index in ("1", "2")), separator="-")


def _find_part(sample: pl.DataFrame, part: DatePart) -> str | None:
    low, high = _RANGES[part]
    for name in sample.columns:
        numbers = _to_whole_numbers(sample[name]) if _is_part(name, part) else None
        # All cells and not most: a sensor called "min" has other numbers soon.
        if numbers is not None and numbers.count() and numbers.drop_nulls().is_between(low, high).all():
            return name
    return None


def _is_part(name: str, part: DatePart) -> bool:
    return " ".join(remove_accents(name.replace("_", " ").lstrip("#")).split()) in _NAMES[part]


def _to_whole_numbers(cells: pl.Series) -> pl.Series:
    """Return cells as Int64, null where a cell is not a whole number; 5.0, of pandas for integers with gaps, is."""
    # A cast reads no blanks, which align the numbers of some writers.
    numbers = strip_texts(cells).cast(pl.Float64, strict=False)
    return numbers.set(numbers % 1 != 0, None).cast(pl.Int64, strict=False)
