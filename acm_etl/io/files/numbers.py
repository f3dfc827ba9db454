"""Cells to numbers: what a text column says, and what is replaced or refused, counted with samples."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

import polars as pl

REJECTIONS_SCHEMA = {
    "ColumnName": pl.String,
    "EventType": pl.String,
    "AffectedRows": pl.Int64,
    "SampleValues": pl.String,
}
"""Schema of a frame of counts: what was not taken as it came, per column and rule."""

_SAMPLE_COUNT = 5
_MAX_SAMPLE_LENGTH = 60
_MAX_TEXT_LENGTH = 500  # what ACM_DataQualityEvents.SampleValues takes
_DECIMAL_POINT_PATTERN = r"^\s*[+-]?\d*\.\d+(?:[eE][+-]?\d+)?\s*$"
_DECIMAL_COMMA_PATTERN = r"^\s*[+-]?\d+,\d+(?:[eE][+-]?\d+)?\s*$"


def build_rejections(events: Iterable[tuple[str, str, int, pl.Series | None]]) -> pl.DataFrame:
    """A frame of counts from (column, rule, rows, values as they came); entries with no rows are left out."""
    rows = [(column, rule, count, format_samples(values)) for column, rule, count, values in events if count]
    return pl.DataFrame(rows, schema=REJECTIONS_SCHEMA, orient="row")


def format_samples(values: pl.Series | None) -> str | None:
    """A few distinct values as text, in order of appearance."""
    if values is None or values.is_empty():
        return None
    distinct = values if values.dtype.is_nested() else values.unique(maintain_order=True)
    texts = ("(empty)" if value is None else str(value) for value in distinct.head(_SAMPLE_COUNT).to_list())
    return ", ".join(text[:_MAX_SAMPLE_LENGTH] for text in texts)[:_MAX_TEXT_LENGTH]


def sum_rejections(frames: Iterable[pl.DataFrame]) -> pl.DataFrame:
    """Counts of several batches, added up: one row per column and rule, samples of the first batch that has them."""
    return (
        pl.concat([pl.DataFrame(schema=REJECTIONS_SCHEMA), *frames])
        .group_by("ColumnName", "EventType", maintain_order=True)
        .agg(pl.col("AffectedRows").sum(), pl.col("SampleValues").drop_nulls().first())
    )


@dataclass(slots=True)
class TagColumnsProfile:
    """What pass 1 knows of the tag columns of one file.

    Attributes:
        numeric_columns: Columns that hold a number somewhere.
        text_columns: Columns that hold text that is no number, with the count of such cells and a few of them.
        comma_columns: Columns with a number that only a decimal comma makes one (looked for in ``;`` files).
        point_columns: Columns with a number that has a decimal point (looked for likewise).
    """

    numeric_columns: set[str] = field(default_factory=set)
    text_columns: dict[str, tuple[int, pl.Series]] = field(default_factory=dict)
    comma_columns: set[str] = field(default_factory=set)
    point_columns: set[str] = field(default_factory=set)

    def add_chunk(self, chunk: pl.DataFrame, columns: Iterable[str], *, detect_commas: bool) -> None:
        """Take the next batch in. Columns that are known to hold numbers cost nothing more, unless commas count."""
        for name in columns:
            if detect_commas or name not in self.numeric_columns:
                self._add_column(chunk[name], commas=detect_commas)

    def decimal_comma_columns(self) -> frozenset[str]:
        """Columns in which the whole column speaks for the decimal comma."""
        return frozenset(self.comma_columns - self.point_columns)

    def _add_column(self, series: pl.Series, *, commas: bool) -> None:
        if series.dtype != pl.String:
            self._add_typed_column(series)
            return
        if commas:
            self._detect_comma(series)
        if series.name not in self.numeric_columns and _cast_to_float(series).is_not_null().any():
            self.numeric_columns.add(series.name)
        self._count_texts(series.drop_nulls())

    def _detect_comma(self, series: pl.Series) -> None:
        """Look for numbers with a comma and numbers with a point; only a column that has no point counts commas."""
        if series.name not in self.point_columns and series.str.contains(_DECIMAL_POINT_PATTERN).any():
            self.point_columns.add(series.name)
        if series.str.contains(",", literal=True).any() and series.str.contains(_DECIMAL_COMMA_PATTERN).any():
            self.comma_columns.add(series.name)
            self.numeric_columns.add(series.name)

    def _add_typed_column(self, series: pl.Series) -> None:
        if series.dtype.is_numeric() or series.dtype in (pl.Boolean, pl.Null):
            self.numeric_columns.add(series.name)
        else:
            self._count_texts(series.drop_nulls())

    def _count_texts(self, cells: pl.Series) -> None:
        if len(cells) and cells.name not in self.numeric_columns:
            count, first = self.text_columns.get(cells.name, (0, cells.head(_SAMPLE_COUNT)))
            self.text_columns[cells.name] = count + len(cells), first


def parse_numbers(
    frame: pl.DataFrame, columns: Mapping[str, str], *, comma_columns: frozenset[str] = frozenset()
) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Columns of a raw batch as finite Float64, and the counts of cells that became null.

    Args:
        frame: Raw batch: text as the file has it, or typed columns.
        columns: Name in the file to name in the result.
        comma_columns: Columns whose numbers are written with a decimal comma.

    Returns:
        The numbers, and counts by ``not_a_number``, ``nan`` and ``infinite``.
    """
    events: list[tuple[str, str, int, pl.Series | None]] = []
    values = []
    for source, name in columns.items():
        value = _parse_column(frame[source], comma=source in comma_columns).alias(name)
        values.append(_null_non_finite(value, frame[source], events))
    return pl.DataFrame(values), build_rejections(events)


def _parse_column(series: pl.Series, *, comma: bool) -> pl.Series:
    if comma:
        series = series.str.replace(",", ".", literal=True)
    return _cast_to_float(series)


def _cast_to_float(series: pl.Series) -> pl.Series:
    numbers = series.cast(pl.Float64, strict=False)
    if series.dtype == pl.String and numbers.null_count() > series.null_count():
        # Only columns with a cell that did not parse pay for the blanks around numbers.
        numbers = series.str.strip_chars().cast(pl.Float64, strict=False)
    return numbers


def _null_non_finite(
    value: pl.Series, raw: pl.Series, events: list[tuple[str, str, int, pl.Series | None]]
) -> pl.Series:
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
