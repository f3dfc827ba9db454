"""The time column of a file: which one it is, and its values on the writer's clock, whatever their type."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from difflib import get_close_matches
from pathlib import Path
from typing import Literal

import polars as pl

from acm_etl.errors import InputError
from acm_etl.io.files.numbers import samples
from acm_etl.io.files.sources import Source
from acm_etl.io.files.timestamps import Evidence, Orders, clocks, dates, split

Kind = Literal["text", "typed", "epoch"]

_NAMES = (
    "entrydatetime", "timestamp", "ts", "datetime", "date_time", "date time", "time_stamp", "time stamp",
    "utc", "date", "time",
)  # fmt: skip
_EPOCH = {"s": (1e8, 1e11), "ms": (1e11, 1e14)}  # 1973 to 5138, and never the one where it is the other
_DIGITS = r"^\s*\d{9,14}(?:\.\d+)?\s*$"
_SAMPLE = 1000


@dataclass(slots=True)
class Stamps:
    """The time column of one file, and what pass 1 saw of it.

    Attributes:
        column: Name in the file.
        kind: ``text``, ``typed`` (a time of a Parquet file) or ``epoch`` (numbers since 1970).
        evidence: Date texts, for deciding the order of day and month.
        rows: Rows seen.
        readable: Rows of ``typed`` columns that have a time.
        epochs: Rows of ``epoch`` columns per unit that they can be.
        first: The first values seen, for messages.
    """

    column: str
    kind: Kind
    evidence: Evidence = field(default_factory=Evidence)
    rows: int = 0
    readable: int = 0
    epochs: dict[str, int] = field(default_factory=dict)
    first: str | None = None

    def see(self, values: pl.Series) -> None:
        """Take the next batch of pass 1 in."""
        self.rows += len(values)
        self.first = self.first or samples(values)
        if self.kind == "text":
            self.evidence.see(values)
        elif self.kind == "typed":
            self.readable += values.count()
        else:
            number = values.cast(pl.Float64, strict=False)
            for unit, (low, high) in _EPOCH.items():
                count = int(number.is_between(low, high, closed="left").sum())
                self.epochs[unit] = self.epochs.get(unit, 0) + count

    def check(self, path: Path, orders: Orders) -> None:
        """Whether most rows have a time, and epoch numbers are of one unit.

        Raises:
            InputError: They are not.
        """
        units = [unit for unit, count in self.epochs.items() if count]
        if len(units) > 1:
            message = f"{path}: column {self.column} mixes epoch seconds and milliseconds; make it one of them"
            raise InputError(message)
        parsed = self._parsed(orders)
        if 2 * parsed < self.rows:
            lost = f"{self.rows - parsed:,} of {self.rows:,} rows have no readable time in column {self.column!r}"
            message = f"{path}: {lost}, which begins {self.first}; check --time-column and --date-order"
            raise InputError(message)

    def _parsed(self, orders: Orders) -> int:
        if self.kind != "text":
            return self.readable + sum(self.epochs.values())
        read = orders.read(self.evidence.counts["text"]).drop_nulls()
        return int(self.evidence.counts.join(read, on="text", how="semi")["rows"].sum())

    def local(self, values: pl.Series, orders: Orders) -> pl.DataFrame:
        """``local`` (``Datetime('ms')``, the writer's clock) and ``offset`` (minutes east of UTC, null if unknown)."""
        if self.kind == "text":
            return orders.local(values).with_columns(pl.col("local").cast(pl.Datetime("ms")))
        if self.kind == "epoch":
            return _told(self._epoch(values))
        if isinstance(values.dtype, pl.Datetime) and values.dtype.time_zone:
            return _told(_milliseconds(values.dt.convert_time_zone("UTC").dt.replace_time_zone(None)))
        return pl.DataFrame({"local": _milliseconds(values)}).with_columns(offset=pl.lit(None, pl.Int64))

    def _epoch(self, values: pl.Series) -> pl.Series:
        unit = max(self.epochs, key=self.epochs.__getitem__)
        number = values.cast(pl.Float64, strict=False)
        legal = number.is_between(*_EPOCH[unit], closed="left")
        scaled = (number * (1000 if unit == "s" else 1)).round().cast(pl.Int64, strict=False)
        return pl.select(pl.when(legal).then(scaled)).to_series().cast(pl.Datetime("ms"))


def _told(utc: pl.Series) -> pl.DataFrame:
    return pl.DataFrame({"local": utc}).with_columns(offset=pl.lit(0, pl.Int64))


def _milliseconds(values: pl.Series) -> pl.Series:
    if values.dtype == pl.Date:
        return values.cast(pl.Datetime("ms"))
    return values.dt.round("1ms").cast(pl.Datetime("ms"))


def time_column(source: Source, sample: pl.DataFrame, named: str | None) -> Stamps:
    """The time column: the one that is named, else one with a usual name, else the first that reads as times.

    Args:
        source: The file.
        sample: Its first rows.
        named: What the user says.

    Raises:
        InputError: There is none, or dates and clocks stand in two columns.
    """
    column = _found(source, sample) if named is None else _named(source, named)
    if _reads(pl.Series([column])):
        message = f"{source.path} has no header: its first line holds readings ({column}); put the names there"
        raise InputError(message)
    return Stamps(column, _kind(source, sample[column], epoch=named is not None))


def _found(source: Source, sample: pl.DataFrame) -> str:
    for column in _candidates(source.columns):
        if _reads(sample[column]):
            _check_clock(source, sample, column)
            return column
    usual = next((c for c in source.columns if c.strip().casefold() in _NAMES), None)
    hint = ""
    if usual and _is_epoch(sample[usual]):
        hint = f"; {usual} holds numbers: if they are epoch seconds or milliseconds, say --time-column {usual}"
    elif usual:
        hint = f"; most of {usual} is not readable, it begins {samples(sample[usual])}"
    message = f"{source.path}: no column reads as times{hint}; the columns are {_listed(source.columns)}"
    raise InputError(message)


def _named(source: Source, named: str) -> str:
    exact = [c for c in source.columns if c.strip() == named.strip()]
    folded = exact or [c for c in source.columns if c.strip().casefold() == named.strip().casefold()]
    if folded:
        return folded[0]
    close = get_close_matches(named, source.columns, n=1)
    hint = f" Did you mean {close[0]}?" if close else ""
    message = f"{source.path} has no column {named!r}.{hint} It has {_listed(source.columns)}"
    raise InputError(message)


def _candidates(columns: tuple[str, ...]) -> Iterator[str]:
    by_name = {column.strip().casefold(): column for column in columns}
    usual = [by_name[name] for name in _NAMES if name in by_name]
    yield from usual
    yield from (column for column in columns if column not in usual)


def _kind(source: Source, values: pl.Series, *, epoch: bool) -> Kind:
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
    return values.dtype == pl.String and _mostly(values.drop_nulls().str.contains(_DIGITS))


def _reads(values: pl.Series) -> bool:
    """Whether most values are a date, or a date and a clock."""
    if values.dtype in (pl.Date, pl.Datetime):
        return values.null_count() < len(values)
    if values.dtype != pl.String:
        return False
    parts = split(values.drop_nulls().head(_SAMPLE))
    if parts.is_empty():
        return False
    date = parts["date"].is_in(dates(parts["date"].unique()).drop_nulls("spelling")["text"].implode())
    return _mostly(date & (parts["clock"].is_null() | _is_clock(parts["clock"])))


def _mostly(flags: pl.Series) -> bool:
    return 2 * int(flags.sum()) > len(flags)


def _is_clock(texts: pl.Series) -> pl.Series:
    legal = clocks(texts.unique()).drop_nulls("ms")["text"]
    return texts.is_in(legal.implode()).fill_null(value=False)


def _check_clock(source: Source, sample: pl.DataFrame, column: str) -> None:
    """Refuse dates in one column and clocks in another: every day would collapse to one reading."""
    if sample[column].dtype != pl.String or split(sample[column])["clock"].count():
        return
    others = [c for c in source.columns if c != column and sample[c].dtype == pl.String]
    for other in others:
        if _mostly(_is_clock(sample[other].drop_nulls().head(_SAMPLE))):
            message = f"{source.path}: date and time stand in two columns, {column} and {other}; join them into one"
            raise InputError(message)


def _listed(columns: tuple[str, ...]) -> str:
    return ", ".join(columns[:30]) + (f" and {len(columns) - 30} more" if len(columns) > 30 else "")
