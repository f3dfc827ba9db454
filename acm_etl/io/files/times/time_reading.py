"""Reading of a time column: a record of plain fields that a plan can repeat without looking at the file again."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

import polars as pl

from acm_etl.io.files.times.clock_texts import find_interval_start, parse_clocks
from acm_etl.io.files.times.date_orders import ORDER_TEXTS, DateOrders
from acm_etl.io.files.times.date_parts import join_clock_parts, join_date_parts, split_time_columns
from acm_etl.io.files.times.date_texts import split_timestamps
from acm_etl.io.files.times.epochs import UNIT_TEXTS, NumberUnit, parse_number_times
from acm_etl.io.files.times.millisecond_column import add_milliseconds, is_millisecond_name
from acm_etl.io.files.times.time_format import parse_with_format
from acm_etl.io.files.times.zone_column import add_zones, is_zone_name
from acm_etl.words import DateOrder

TimeColumnKind = Literal["text", "typed", "number", "format"]
# The years of date texts: a year outside is a typing error.
_FIRST_TIME, _END_TIME = datetime(1900, 1, 1), datetime(2200, 1, 1)  # noqa: DTZ001
_MIDNIGHT_PATTERN = r"[ T]0?0:00(?::00(?:\.0+)?)?$|[ ]12:00(?::00)? AM$"
# Day zero of Access and Excel, which stands before a time of day that has no date.
_DAY_ZERO_PATTERN = r"^(?:1899-12-3[01]|12/3[01]/1899|3[01][./]12[./]1899|1900-01-0[01]|0?1[/.]0?[01][/.]1900)[ T]+"


@dataclass(frozen=True, slots=True)
class TimeSample:
    """One cell of a time column and its time in UTC; None where the cell is not a time."""

    cell: str
    utc: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class TimeReading:
    """Reading of the time column of one file.

    Attributes:
        columns: Its column; or columns of dates and of times of day; or the parts of a date, see ``date_parts``.
            Columns of milliseconds and of zones may follow.
        kind: ``text``, ``typed`` (a time of Parquet, Arrow or Excel), ``number`` or ``format``.
        zone: IANA zone of values that have no offset.
        offset: Minutes east of UTC of all values without an offset of their own, where the column's name states it.
        date_orders: Spelling of dates, such as ``/4``, and its order.
        zone_words: Zone words with several meanings, and their minutes east of UTC.
        unit: Unit of numbers.
        resolution_ms: Milliseconds to which serial days are rounded.
        time_format: Pattern that the user gave.
        spelling: The spelling in words.
        samples: First cells with their times.
        row_count: Rows of the file.
        unreadable_count: Rows without a readable time.
        doubts: Sentences for the user.
    """

    columns: tuple[str, ...]
    kind: TimeColumnKind
    zone: str
    offset: int | None = None
    date_orders: tuple[tuple[str, DateOrder], ...] = ()
    zone_words: tuple[tuple[str, int], ...] = ()
    unit: NumberUnit | None = None
    resolution_ms: int = 1
    time_format: str | None = None
    spelling: str = ""
    samples: tuple[TimeSample, ...] = ()
    row_count: int = 0
    unreadable_count: int = 0
    doubts: tuple[str, ...] = ()

    def get_cells(self, chunk: pl.DataFrame) -> pl.Series:
        """Return the cells of the time column; several columns are joined."""
        return join_time_cells(chunk, self.columns)

    def parse_local_times(self, chunk: pl.DataFrame) -> pl.DataFrame:
        """Parse the times of a chunk.

        Returns:
            ``local`` (``Datetime('ms')`` on the writer's clock, null where unreadable) and ``offset`` (minutes east of
            UTC; null where `zone` decides).
        """
        times = self._parse(self.get_cells(chunk))
        # An offset in the value is closer to the writer than that in the name.
        return times if self.offset is None else times.with_columns(pl.col("offset").fill_null(self.offset))

    def _parse(self, cells: pl.Series) -> pl.DataFrame:
        if self.kind == "format" and self.time_format is not None:
            return parse_with_format(cells, self.time_format)
        if self.kind == "number" and self.unit is not None:
            # Numbers since 1970 are UTC whatever the zone of the machine; serial days are the clock of the writer.
            local = parse_number_times(cells, self.unit, self.resolution_ms)
            return _build_times(local, None if self.unit == "excel" else 0)
        if self.kind == "typed":
            return parse_typed_times(cells)
        times = DateOrders(dict(self.date_orders)).parse_local_times(to_texts(cells), dict(self.zone_words))
        return times.with_columns(pl.col("local").cast(pl.Datetime("ms")))


def join_time_cells(chunk: pl.DataFrame, columns: Sequence[str]) -> pl.Series:
    """Return the cells of a time column, or as one text those of a date and a time of day, or of parts of a date.

    Columns of milliseconds and of zones may follow, in this order.
    """
    if len(columns) == 1:
        return chunk[columns[0]]
    if is_zone_name(columns[-1]) or is_millisecond_name(columns[-1], columns[0]):
        add_suffix = add_zones if is_zone_name(columns[-1]) else add_milliseconds
        times = to_texts(join_time_cells(chunk, columns[:-1]))
        return add_suffix(times, chunk[columns[-1]]).alias(" + ".join(columns))
    date_columns, clock_columns = split_time_columns(columns)
    has_parts = len(date_columns) > 1
    joined = join_date_parts(chunk, date_columns) if has_parts else _to_date_texts(chunk[columns[0]])
    if clock_columns:
        clocks = _join_clocks(chunk, clock_columns, has_parts=has_parts)
        # A row without one of the two has no time: a date alone would be read as midnight.
        joined = pl.select(pl.concat_str(joined, clocks, separator=" ")).to_series()
    return joined.alias(" + ".join(columns))


def _join_clocks(chunk: pl.DataFrame, columns: Sequence[str], *, has_parts: bool) -> pl.Series:
    """Return the times of day of one column, or of hours and their parts, as texts."""
    cells = chunk[columns[0]]
    if len(columns) > 1 or (has_parts and cells.dtype.is_numeric()):
        return join_clock_parts(chunk, columns)
    texts = to_clock_texts(cells)
    if not has_parts:
        return texts
    # Beside the parts of a date stand hours, 5.0 of pandas too, or clocks.
    is_hour = texts.str.contains(r"^\d{1,2}(?:\.0*)?$")
    return pl.select(pl.when(is_hour).then(join_clock_parts(chunk, columns)).otherwise(texts)).to_series()


def _to_date_texts(dates: pl.Series) -> pl.Series:
    if dates.dtype in (pl.Date, pl.Datetime):
        # The time of day comes from the other column, so that of a typed date is dropped.
        return dates.dt.strftime("%Y-%m-%d")
    # Spreadsheets export a date as midnight of that day.
    return to_texts(dates).str.strip_chars().str.replace(_MIDNIGHT_PATTERN, "")


def to_clock_texts(clocks: pl.Series) -> pl.Series:
    """Return times of day as text, without the day zero of spreadsheets."""
    if clocks.dtype in (pl.Time, pl.Datetime):
        return clocks.dt.strftime("%H:%M:%S%.3f")
    return to_texts(clocks).str.strip_chars().str.replace(_DAY_ZERO_PATTERN, "")


def to_texts(cells: pl.Series) -> pl.Series:
    """Return cells as text; whole numbers, which Excel stores as 20240113.0, have no decimals."""
    if cells.dtype == pl.String:
        return cells
    # Exact: Float64 holds whole numbers up to 15 digits, a compact time has 14.
    whole = cells.cast(pl.Int64, strict=False) if cells.dtype.is_float() else cells
    return whole.cast(pl.String)


def parse_typed_times(values: pl.Series) -> pl.DataFrame:
    """Return ``local`` and ``offset`` of a ``Date`` or ``Datetime`` column; values with a zone are UTC."""
    if isinstance(values.dtype, pl.Datetime) and values.dtype.time_zone:
        utc = _to_milliseconds(values.dt.convert_time_zone("UTC").dt.replace_time_zone(None))
        return _build_times(_drop_impossible(utc), 0)
    return _build_times(_drop_impossible(_to_milliseconds(values)), None)


def _build_times(local: pl.Series, offset: int | None) -> pl.DataFrame:
    return pl.DataFrame({"local": local}).with_columns(pl.lit(offset, pl.Int64).alias("offset"))


def _to_milliseconds(values: pl.Series) -> pl.Series:
    if values.dtype == pl.Date:
        return values.cast(pl.Datetime("ms"))
    # Rounded, not cut: 12:00:00 that was written as 11:59:59.9999999 stays noon.
    return values.dt.round("1ms").cast(pl.Datetime("ms"))


def _drop_impossible(times: pl.Series) -> pl.Series:
    """Return times with null for years far away: 0001 of .NET, and damaged numbers, which polars cannot show."""
    return times.set((times < _FIRST_TIME) | (times >= _END_TIME), None)


def describe_spelling(reading: TimeReading, cell: str | None) -> str:
    """Return the spelling of a readable cell in words, such as "day.month.year hour:minute, read day first"."""
    if reading.time_format is not None:
        return f"the format {reading.time_format}"
    if reading.unit is not None:
        return UNIT_TEXTS[reading.unit]
    if reading.kind == "typed" or cell is None:
        return "times of the file" if reading.kind == "typed" else "texts"
    # Described with the parser that reads the column: a second grammar could tell another story.
    parts = split_timestamps(pl.Series([cell])).row(0, named=True)
    date_text, order = _describe_date(str(parts["date"]), cell, dict(reading.date_orders))
    words = [text for text in (date_text, _describe_clock(parts["clock"])) if text]
    return " ".join(words) + (f", read {ORDER_TEXTS[order]}" if order else "")


def _describe_date(text: str, cell: str, orders: dict[str, DateOrder]) -> tuple[str, DateOrder | None]:
    match = re.fullmatch(r"(\d{1,4})([/.:-])(\d{1,2})[/.:-](\d{1,4})", text)
    if match is None:
        return ("yearmonthday" if text.isdigit() else _describe_named_date(text, cell)), None
    if len(match[1]) == 4:
        return match[2].join(("year", "month", "day")), None
    # A spelling is a separator and the digits of the year; 13/01/24 and 13/01/2024 may come from two writers.
    order = orders.get(f"{match[2]}{len(match[4])}")
    names = {"d": "day", "m": "month", "y": "year"}
    return match[2].join(names[letter] for letter in order or "dmy"), order


def _describe_named_date(text: str, cell: str) -> str:
    """Return the parts of a date with a month name in the order in which the cell has them."""
    match = re.fullmatch(r"(\d+)\W?([^\W\d_]+)\W?(\d+)", text)
    if match is None:
        return "date"
    name_at = cell.find(match[2])
    day_at = name_at - 1 if cell[:name_at].rstrip(" -/.").endswith(match[1]) else name_at + 1
    year_at = name_at - 2 if cell.startswith(match[3]) and len(match[3]) == 4 else name_at + 2
    places = {"day": day_at, "month-name": name_at, "year": year_at}
    return " ".join(sorted(places, key=places.__getitem__))


def _describe_clock(text: str | None) -> str:
    if text is None:
        return ""
    if start := find_interval_start(text):
        return f"{_describe_clock(start)}, the start of an interval"
    parsed = parse_clocks(pl.Series([text])).row(0, named=True)
    # The digits of an offset are not part of the time of day.
    digits = re.sub(r"[+-]\d\d:?\d*$", "", text)
    words = "hour:minute:second" if len(re.findall(r"\d{1,2}", digits)) > 2 else "hour:minute"
    half = " AM/PM" if re.search(r"\d\s*[AaPp]\.?\s?[Mm]", text) else ""
    return words + half + (" offset" if parsed["offset"] is not None or parsed["word"] is not None else "")
