"""The time column of a file: which one it is, and its values on the writer's clock, whatever their type."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from difflib import get_close_matches
from pathlib import Path
from typing import Literal

import polars as pl

from acm_etl.errors import InputError
from acm_etl.io.files.numbers import format_samples
from acm_etl.io.files.sources import ReadingsFile
from acm_etl.io.files.timestamps import DateEvidence, DateOrders, parse_clocks, parse_dates, split_timestamps

TimeColumnKind = Literal["text", "typed", "epoch"]

_USUAL_NAMES = (
    "entrydatetime", "timestamp", "ts", "datetime", "date_time", "date time", "time_stamp", "time stamp",
    "utc", "date", "time",
)  # fmt: skip
_EPOCH_RANGES = {"s": (1e8, 1e11), "ms": (1e11, 1e14)}  # 1973 to 5138, and never the one where it is the other
_EPOCH_PATTERN = r"^\s*\d{9,14}(?:\.\d+)?\s*$"
_SAMPLE_ROWS = 1000


@dataclass(slots=True)
class TimeColumn:
    """The time column of one file, and what pass 1 saw of it.

    Attributes:
        name: Name in the file.
        kind: ``text``, ``typed`` (a time of a Parquet file) or ``epoch`` (numbers since 1970).
        date_evidence: Date texts, for deciding the order of day and month.
        row_count: Rows seen.
        readable_count: Rows of ``typed`` columns that have a time.
        epoch_counts: Rows of ``epoch`` columns per unit that they can be.
        first_values: The first values seen, for messages.
    """

    name: str
    kind: TimeColumnKind
    date_evidence: DateEvidence = field(default_factory=DateEvidence)
    row_count: int = 0
    readable_count: int = 0
    epoch_counts: dict[str, int] = field(default_factory=dict)
    first_values: str | None = None

    def add_values(self, values: pl.Series) -> None:
        """Take the next batch of pass 1 in."""
        self.row_count += len(values)
        self.first_values = self.first_values or format_samples(values)
        if self.kind == "text":
            self.date_evidence.add_values(values)
        elif self.kind == "typed":
            self.readable_count += values.count()
        else:
            number = values.cast(pl.Float64, strict=False)
            for unit, (low, high) in _EPOCH_RANGES.items():
                count = int(number.is_between(low, high, closed="left").sum())
                self.epoch_counts[unit] = self.epoch_counts.get(unit, 0) + count

    def check_readable(self, path: Path, orders: DateOrders) -> None:
        """Whether most rows have a time, and epoch numbers are of one unit.

        Raises:
            InputError: They are not.
        """
        units = [unit for unit, count in self.epoch_counts.items() if count]
        if len(units) > 1:
            message = f"{path}: column {self.name} mixes epoch seconds and milliseconds; make it one of them"
            raise InputError(message)
        parsed = self._count_parsed(orders)
        if 2 * parsed < self.row_count:
            lost = (
                f"{self.row_count - parsed:,} of {self.row_count:,} rows have no readable time in column {self.name!r}"
            )
            message = f"{path}: {lost}, which begins {self.first_values}; check --time-column and --date-order"
            raise InputError(message)

    def _count_parsed(self, orders: DateOrders) -> int:
        if self.kind != "text":
            return self.readable_count + sum(self.epoch_counts.values())
        read = orders.parse_days(self.date_evidence.date_counts["text"]).drop_nulls()
        return int(self.date_evidence.date_counts.join(read, on="text", how="semi")["rows"].sum())

    def parse_local_times(self, values: pl.Series, orders: DateOrders) -> pl.DataFrame:
        """``local`` (``Datetime('ms')``, the writer's clock) and ``offset`` (minutes east of UTC, null if unknown)."""
        if self.kind == "text":
            return orders.parse_local_times(values).with_columns(pl.col("local").cast(pl.Datetime("ms")))
        if self.kind == "epoch":
            return _utc_frame(self._parse_epoch(values))
        if isinstance(values.dtype, pl.Datetime) and values.dtype.time_zone:
            return _utc_frame(_to_milliseconds(values.dt.convert_time_zone("UTC").dt.replace_time_zone(None)))
        return pl.DataFrame({"local": _to_milliseconds(values)}).with_columns(offset=pl.lit(None, pl.Int64))

    def _parse_epoch(self, values: pl.Series) -> pl.Series:
        unit = max(self.epoch_counts, key=self.epoch_counts.__getitem__)
        number = values.cast(pl.Float64, strict=False)
        legal = number.is_between(*_EPOCH_RANGES[unit], closed="left")
        scaled = (number * (1000 if unit == "s" else 1)).round().cast(pl.Int64, strict=False)
        return pl.select(pl.when(legal).then(scaled)).to_series().cast(pl.Datetime("ms"))


def _utc_frame(utc: pl.Series) -> pl.DataFrame:
    return pl.DataFrame({"local": utc}).with_columns(offset=pl.lit(0, pl.Int64))


def _to_milliseconds(values: pl.Series) -> pl.Series:
    if values.dtype == pl.Date:
        return values.cast(pl.Datetime("ms"))
    return values.dt.round("1ms").cast(pl.Datetime("ms"))


def find_time_column(source: ReadingsFile, sample: pl.DataFrame, requested: str | None) -> TimeColumn:
    """The time column: the one that is named, else one with a usual name, else the first that reads as times.

    Args:
        source: The file.
        sample: Its first rows.
        requested: What the user says.

    Raises:
        InputError: There is none, or dates and clocks stand in two columns.
    """
    column = _detect_column(source, sample) if requested is None else _match_column(source, requested)
    if _is_timestamp(pl.Series([column])):
        message = f"{source.path} has no header: its first line holds readings ({column}); put the names there"
        raise InputError(message)
    return TimeColumn(column, _detect_kind(source, sample[column], epoch=requested is not None))


def _detect_column(source: ReadingsFile, sample: pl.DataFrame) -> str:
    for column in _candidate_columns(source.columns):
        if _is_timestamp(sample[column]):
            _refuse_split_time(source, sample, column)
            return column
    usual = next((c for c in source.columns if c.strip().casefold() in _USUAL_NAMES), None)
    hint = ""
    if usual and _is_epoch(sample[usual]):
        hint = f"; {usual} holds numbers: if they are epoch seconds or milliseconds, say --time-column {usual}"
    elif usual:
        hint = f"; most of {usual} is not readable, it begins {format_samples(sample[usual])}"
    message = f"{source.path}: no column reads as times{hint}; the columns are {_format_columns(source.columns)}"
    raise InputError(message)


def _match_column(source: ReadingsFile, named: str) -> str:
    exact = [c for c in source.columns if c.strip() == named.strip()]
    folded = exact or [c for c in source.columns if c.strip().casefold() == named.strip().casefold()]
    if folded:
        return folded[0]
    close = get_close_matches(named, source.columns, n=1)
    hint = f" Did you mean {close[0]}?" if close else ""
    message = f"{source.path} has no column {named!r}.{hint} It has {_format_columns(source.columns)}"
    raise InputError(message)


def _candidate_columns(columns: tuple[str, ...]) -> Iterator[str]:
    by_name = {column.strip().casefold(): column for column in columns}
    usual = [by_name[name] for name in _USUAL_NAMES if name in by_name]
    yield from usual
    yield from (column for column in columns if column not in usual)


def _detect_kind(source: ReadingsFile, values: pl.Series, *, epoch: bool) -> TimeColumnKind:
    if epoch and _is_epoch(values):
        return "epoch"
    if values.dtype in (pl.Date, pl.Datetime):
        return "typed"
    if values.dtype == pl.String:
        return "text"
    message = f"{source.path}: column {values.name!r} holds {values.dtype}, not times"
    raise InputError(message)


def _is_epoch(values: pl.Series) -> bool:
    if values.dtype.is_numeric():
        return True
    return values.dtype == pl.String and _is_majority(values.drop_nulls().str.contains(_EPOCH_PATTERN))


def _is_timestamp(values: pl.Series) -> bool:
    """Whether most values are a date, or a date and a clock."""
    if values.dtype in (pl.Date, pl.Datetime):
        return values.null_count() < len(values)
    if values.dtype != pl.String:
        return False
    parts = split_timestamps(values.drop_nulls().head(_SAMPLE_ROWS))
    if parts.is_empty():
        return False
    date = parts["date"].is_in(parse_dates(parts["date"].unique()).drop_nulls("spelling")["text"].implode())
    return _is_majority(date & (parts["clock"].is_null() | _is_clock(parts["clock"])))


def _is_majority(flags: pl.Series) -> bool:
    return 2 * int(flags.sum()) > len(flags)


def _is_clock(texts: pl.Series) -> pl.Series:
    legal = parse_clocks(texts.unique()).drop_nulls("ms")["text"]
    return texts.is_in(legal.implode()).fill_null(value=False)


def _refuse_split_time(source: ReadingsFile, sample: pl.DataFrame, column: str) -> None:
    """Refuse dates in one column and clocks in another: every day would collapse to one reading."""
    if sample[column].dtype != pl.String or split_timestamps(sample[column])["clock"].count():
        return
    others = [c for c in source.columns if c != column and sample[c].dtype == pl.String]
    for other in others:
        if _is_majority(_is_clock(sample[other].drop_nulls().head(_SAMPLE_ROWS))):
            message = f"{source.path}: date and time stand in two columns, {column} and {other}; join them into one"
            raise InputError(message)


def _format_columns(columns: tuple[str, ...]) -> str:
    return ", ".join(columns[:30]) + (f" and {len(columns) - 30} more" if len(columns) > 30 else "")
