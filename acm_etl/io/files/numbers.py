"""Cells to numbers: what a text column says, and what is replaced or refused, counted with samples."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

import polars as pl

REJECTED = {"ColumnName": pl.String, "EventType": pl.String, "AffectedRows": pl.Int64, "SampleValues": pl.String}
"""Schema of a frame of counts: what was not taken as it came, per column and rule."""

_SAMPLES = 5
_WIDTH = 60
_LONGEST = 500  # what ACM_DataQualityEvents.SampleValues takes
_POINT = r"^\s*[+-]?\d*\.\d+(?:[eE][+-]?\d+)?\s*$"
_COMMA = r"^\s*[+-]?\d+,\d+(?:[eE][+-]?\d+)?\s*$"


def rejected(events: Iterable[tuple[str, str, int, pl.Series | None]]) -> pl.DataFrame:
    """A frame of counts from (column, rule, rows, values as they came); entries with no rows are left out."""
    rows = [(column, rule, count, samples(values)) for column, rule, count, values in events if count]
    return pl.DataFrame(rows, schema=REJECTED, orient="row")


def samples(values: pl.Series | None) -> str | None:
    """A few distinct values as text, in order of appearance."""
    if values is None or values.is_empty():
        return None
    distinct = values if values.dtype.is_nested() else values.unique(maintain_order=True)
    texts = ("(empty)" if value is None else str(value) for value in distinct.head(_SAMPLES).to_list())
    return ", ".join(text[:_WIDTH] for text in texts)[:_LONGEST]


def tally(frames: Iterable[pl.DataFrame]) -> pl.DataFrame:
    """Counts of several batches, added up: one row per column and rule, samples of the first batch that has them."""
    return (
        pl.concat([pl.DataFrame(schema=REJECTED), *frames])
        .group_by("ColumnName", "EventType", maintain_order=True)
        .agg(pl.col("AffectedRows").sum(), pl.col("SampleValues").drop_nulls().first())
    )


@dataclass(slots=True)
class Content:
    """What pass 1 knows of the tag columns of one file.

    Attributes:
        numeric: Columns that hold a number somewhere.
        words: Columns that hold text that is no number, with the count of such cells and a few of them.
        comma: Columns with a number that only a decimal comma makes one (looked for in ``;`` files).
        point: Columns with a number that has a decimal point (looked for likewise).
    """

    numeric: set[str] = field(default_factory=set)
    words: dict[str, tuple[int, pl.Series]] = field(default_factory=dict)
    comma: set[str] = field(default_factory=set)
    point: set[str] = field(default_factory=set)

    def see(self, frame: pl.DataFrame, columns: Iterable[str], *, commas: bool) -> None:
        """Take the next batch in. Columns that are known to hold numbers cost nothing more, unless commas count."""
        for name in columns:
            if commas or name not in self.numeric:
                self._column(frame[name], commas=commas)

    def decimal_comma(self) -> frozenset[str]:
        """Columns in which the whole column speaks for the decimal comma."""
        return frozenset(self.comma - self.point)

    def _column(self, series: pl.Series, *, commas: bool) -> None:
        if series.dtype != pl.String:
            self._typed(series)
            return
        if commas:
            self._comma(series)
        if series.name not in self.numeric and _cast(series).is_not_null().any():
            self.numeric.add(series.name)
        self._words(series.drop_nulls())

    def _comma(self, series: pl.Series) -> None:
        """Look for numbers with a comma and numbers with a point; only a column that has no point counts commas."""
        if series.name not in self.point and series.str.contains(_POINT).any():
            self.point.add(series.name)
        if series.str.contains(",", literal=True).any() and series.str.contains(_COMMA).any():
            self.comma.add(series.name)
            self.numeric.add(series.name)

    def _typed(self, series: pl.Series) -> None:
        if series.dtype.is_numeric() or series.dtype in (pl.Boolean, pl.Null):
            self.numeric.add(series.name)
        else:
            self._words(series.drop_nulls())

    def _words(self, cells: pl.Series) -> None:
        if len(cells) and cells.name not in self.numeric:
            count, first = self.words.get(cells.name, (0, cells.head(_SAMPLES)))
            self.words[cells.name] = count + len(cells), first


def to_numbers(
    frame: pl.DataFrame, columns: Mapping[str, str], *, comma: frozenset[str] = frozenset()
) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Columns of a raw batch as finite Float64, and the counts of cells that became null.

    Args:
        frame: Raw batch: text as the file has it, or typed columns.
        columns: Name in the file to name in the result.
        comma: Columns whose numbers are written with a decimal comma.

    Returns:
        The numbers, and counts by ``not_a_number``, ``nan`` and ``infinite``.
    """
    events: list[tuple[str, str, int, pl.Series | None]] = []
    values = []
    for source, name in columns.items():
        value = _column(frame[source], comma=source in comma).alias(name)
        values.append(_finite(value, frame[source], events))
    return pl.DataFrame(values), rejected(events)


def _column(series: pl.Series, *, comma: bool) -> pl.Series:
    if comma:
        series = series.str.replace(",", ".", literal=True)
    return _cast(series)


def _cast(series: pl.Series) -> pl.Series:
    numbers = series.cast(pl.Float64, strict=False)
    if series.dtype == pl.String and numbers.null_count() > series.null_count():
        # Only columns with a cell that did not parse pay for the blanks around numbers.
        numbers = series.str.strip_chars().cast(pl.Float64, strict=False)
    return numbers


def _finite(value: pl.Series, raw: pl.Series, events: list[tuple[str, str, int, pl.Series | None]]) -> pl.Series:
    """Null instead of NaN and infinities, which a store refuses; every cell lost on the way is an event."""
    unread = value.null_count() - raw.null_count()
    finite = value.is_finite()
    if not unread and finite.all():
        return value
    for rule, lost in (
        ("not_a_number", value.is_null() & raw.is_not_null()),
        ("nan", value.is_nan()),
        ("infinite", value.is_infinite()),
    ):
        lost_rows = lost.fill_null(value=False)
        events.append((value.name, rule, int(lost_rows.sum()), raw.filter(lost_rows)))
    return pl.select(pl.when(finite).then(value)).to_series().alias(value.name)
