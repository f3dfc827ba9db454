"""Conversion of arrays to Polars columns, and of frames to the columns that a table declares."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import polars as pl

from acm_etl.schema import Table
from acm_etl.score.arrays import Array, Floats

_MS_PER_HOUR = 3_600_000
_MS_PER_SECOND = 1_000
_CHUNK_ROWS = 512  # rows transposed at a time, so that a block is read from the processor's cache

NO_TIME = np.iinfo(np.int64).min
"""Microseconds that mean "no time"; the number that numpy's NaT has."""


def nan_to_null(values: Array) -> pl.Series:
    """Return a column with NaN as null."""
    # The store has NULL for "no value"; SQL Server has no NaN at all.
    return pl.Series(values).fill_nan(None)


def to_columns(blocks: Sequence[Floats], width: int) -> list[pl.Series]:
    """Transpose blocks of rows to columns, NaN as null.

    Args:
        blocks: Blocks of rows, ``width`` columns each.
        width: Number of columns.
    """
    columns = np.empty((width, sum(map(len, blocks))))
    offset = 0
    for block in blocks:
        for start in range(0, len(block), _CHUNK_ROWS):
            rows = block[start : start + _CHUNK_ROWS]
            columns[:, offset + start : offset + start + len(rows)] = rows.T
        offset += len(block)
    # One sum finds any NaN; infinities of both signs also give NaN, which costs time but changes nothing.
    is_complete = not np.isnan(columns.sum())
    return [pl.Series(column) if is_complete else nan_to_null(column) for column in columns]


def us_to_datetime(microseconds: Array) -> pl.Series:
    """Return microseconds since 1970 UTC as times in milliseconds; ``NO_TIME`` becomes null."""
    # Null before the cast: NO_TIME is no valid time to round.
    series = pl.Series(microseconds.ravel())
    return series.set(series == NO_TIME, None).cast(pl.Datetime("us")).dt.round("1ms").cast(pl.Datetime("ms"))


def duration_hours(duration: pl.Expr) -> pl.Expr:
    """Return a duration in hours."""
    # Polars divides by a constant by multiplying with its reciprocal: 13.5 h would become 13.499999999999998.
    ms = duration.dt.total_milliseconds()
    return ms // _MS_PER_HOUR + (ms % _MS_PER_HOUR) / _MS_PER_HOUR


def duration_seconds(duration: pl.Expr) -> pl.Expr:
    """Return a duration in seconds, as exact as ``duration_hours``."""
    ms = duration.dt.total_milliseconds()
    return ms // _MS_PER_SECOND + (ms % _MS_PER_SECOND) / _MS_PER_SECOND


def decode_labels(codes: pl.Series, names: Mapping[int, str]) -> pl.Series:
    """Return the names of codes; null for a code without a name."""
    return codes.replace_strict(names, default=None, return_dtype=pl.String)


def row_schema(table: Table) -> dict[str, pl.DataType]:
    """Return the Polars schema of a table without RunID and EquipID, which the load layer adds."""
    return {name: dtype for name, dtype in table.polars_schema.items() if name not in ("RunID", "EquipID")}


def cast_to_schema(frame: pl.DataFrame, table: Table, *extra_columns: str) -> pl.DataFrame:
    """Return the columns that a table declares, in its order and types, NaN as null.

    Args:
        frame: Frame that has the columns.
        table: Table that declares them.
        *extra_columns: Further columns to keep unchanged, at the end.
    """
    return frame.select(*(_cast_column(name, dtype) for name, dtype in row_schema(table).items()), *extra_columns)


def _cast_column(name: str, dtype: pl.DataType) -> pl.Expr:
    column = pl.col(name)
    if dtype.is_float():
        return column.cast(dtype).fill_nan(None)
    # A cast to milliseconds truncates: round first, as all stored times are.
    return (column.dt.round("1ms") if dtype == pl.Datetime("ms") else column).cast(dtype)
