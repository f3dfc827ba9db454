"""Columns with times of day beside a column of dates."""

from __future__ import annotations

from functools import partial
from itertools import chain

import polars as pl

from acm_etl.io.files.times.clock_texts import parse_clocks
from acm_etl.io.files.times.date_parts import (
    MIN_PARTS,
    find_date_parts,
    find_minute_parts,
    join_date_parts,
    split_time_columns,
)
from acm_etl.io.files.times.date_texts import split_timestamps
from acm_etl.io.files.times.digit_clocks import holds_digit_clocks, holds_hours
from acm_etl.io.files.times.sample_cells import SAMPLE_ROWS, is_majority
from acm_etl.io.files.times.time_names import is_clock_name, is_hour_name, is_time_name
from acm_etl.io.files.times.time_reading import to_clock_texts, to_texts

_SHORT_CLOCK = r"^\d{1,2}:(?:\d|\d\d:\d)(?:\D|$)"


def find_time_parts(file_name: str, sample: pl.DataFrame) -> tuple[str, ...] | None:
    """Return the columns of a date in parts with those of the time of day; None if the file has no such columns."""
    parts = find_date_parts(sample)
    if parts is None or split_time_columns(parts)[1]:
        return parts
    # One column in place of the parts, so that clocks are found as beside any dates.
    dates = join_date_parts(sample, parts).alias(parts[-1])
    joined = (*parts, *find_clock_columns(file_name, sample.drop(parts[:-1]).with_columns(dates), parts[-1]))
    return joined if len(joined) >= MIN_PARTS else None


def find_clock_columns(file_name: str, sample: pl.DataFrame, date_column: str) -> tuple[str, ...]:
    """Return the columns of times of day that belong to a column of dates: clocks, or hours and their parts."""
    name = _find_clock_column(file_name, sample, date_column)
    if name is None:
        return ()
    return (name, *(find_minute_parts(sample, date_column, name) if is_hour_name(name) else ()))


def _find_clock_column(file_name: str, sample: pl.DataFrame, date_column: str) -> str | None:
    """Return the column of times of day that belongs to a column of dates; None where the dates need none."""
    dates = sample[date_column].drop_nulls().head(SAMPLE_ROWS)
    if not has_dates_alone(dates):
        return None
    # Rows of one date are told apart by the time of day. Where each row has its own date, a duration may look alike.
    repeated = dates.n_unique() < len(dates)
    # Of several clocks the one behind the dates: pairs may have both.
    behind = sample.columns[sample.columns.index(date_column) + 1 :][:1]
    candidates = [
        name
        for name in (*filter(is_time_name, behind), *sample.columns)
        if name != date_column and (repeated or is_time_name(name))
    ]
    if clock := next((name for name in candidates if holds_clocks(sample[name])), None):
        return clock
    others = [name for name in sample.columns if name != date_column] if repeated else []
    hours = (name for name in others if is_hour_name(name) and holds_hours(sample[name]))
    digits = filter(partial(holds_digit_clocks, file_name, sample, date_column), others)
    # Behind clocks with zeros: 0:1:0 beside 00:30:00 may be the time that has passed since the start. So may 0:1 beside
    # hours and digits.
    shorts = [name for name in candidates if holds_short_clocks(sample[name])]
    with_seconds = (name for name in shorts if is_majority(sample[name].str.count_matches(":") > 1))
    return next(chain(with_seconds, hours, digits, shorts), None)


def has_dates_alone(dates: pl.Series) -> bool:
    """Return whether all values are dates without a time of day, or with midnight."""
    if dates.dtype == pl.Date:
        return True
    if dates.dtype == pl.Datetime:
        return bool((dates == dates.dt.truncate("1d")).all())
    parts = split_timestamps(to_texts(dates))
    clocks = parse_clocks(parts["clock"].drop_nulls().unique())
    return bool((clocks["ms"] == 0).all()) and not clocks["offset"].count()


def holds_clocks(values: pl.Series) -> bool:
    """Return whether most values are times of day without a date; a lone number is none, whatever its name."""
    if values.dtype == pl.Time:
        return values.null_count() < len(values)
    if values.dtype == pl.Datetime:
        return values.count() > 0 and is_day_zero(values)
    # Two decimals, as in 14.05, are a number: only texts that cannot be one count.
    marks = r"^\d{1,2}\s?[:hH]\s?\d|^\d{1,2}\.\d\d\.\d\d|^\d{1,2}\s?[AaPp]\.?\s?[Mm]"
    # 1:2:3 may be rack, slot and channel, or a duration.
    return values.dtype == pl.String and _are_clocks(values, marks, without=_SHORT_CLOCK)


def holds_any_clocks(values: pl.Series) -> bool:
    """Return whether most values are times of day, with leading zeros or under a name of such times without them."""
    return holds_clocks(values) or holds_short_clocks(values)


def holds_short_clocks(values: pl.Series) -> bool:
    """Return whether most values are times of day, some without leading zeros (9:5:7), under a name of such times."""
    return values.dtype == pl.String and is_clock_name(values.name) and _are_clocks(values, r"^\d{1,2}:\d")


def _are_clocks(values: pl.Series, marks: str, *, without: str | None = None) -> bool:
    texts = to_clock_texts(values.drop_nulls().head(SAMPLE_ROWS))
    marked = texts.str.contains(marks)
    if without is not None:
        marked &= ~texts.str.contains(without)
    return not texts.is_empty() and is_majority(marked & is_clock(texts))


def is_clock(texts: pl.Series) -> pl.Series:
    """Return for each text whether it is a time of day; False where missing."""
    legal = parse_clocks(texts.unique()).drop_nulls("ms")["text"]
    return texts.is_in(legal.implode()).fill_null(value=False)


def is_day_zero(times: pl.Series) -> bool:
    """Return whether all values are of the days around zero of Excel and Access: times of day without a date."""
    return int(str(times.dt.year().max())) <= 1900
