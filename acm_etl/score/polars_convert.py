"""From arrays to Polars columns, and to the columns a table declares."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import polars as pl

from acm_etl.schema import Table
from acm_etl.score.arrays import Array, Floats

_MS_PER_HOUR = 3_600_000
_MS_PER_SECOND = 1_000
_CHUNK_ROWS = 512

NO_TIME = np.iinfo(np.int64).min
"""Stands for no time among microseconds."""


def nan_to_null(values: Array) -> pl.Series:
    """Floats with NaN as null."""
    return pl.Series(values).fill_nan(None)


def to_columns(blocks: Sequence[Floats], width: int) -> list[pl.Series]:
    """The columns of rows that come in parts, NaN as null.

    Args:
        blocks: Blocks of rows, ``width`` columns each.
        width: Number of columns.
    """
    turned = np.empty((width, sum(map(len, blocks))))
    start = 0
    for part in blocks:
        for row in range(0, len(part), _CHUNK_ROWS):  # few rows at a time are read from the cache, column after column
            block = part[row : row + _CHUNK_ROWS]
            turned[:, start + row : start + row + len(block)] = block.T
        start += len(part)
    whole = not np.isnan(turned.sum())  # one pass over all of it; infinities of both signs only look like NaN
    return [pl.Series(column) if whole else nan_to_null(column) for column in turned]


def us_to_datetime(microseconds: Array) -> pl.Series:
    """Microseconds since 1970 UTC as times in milliseconds; ``NO_TIME`` is null."""
    series = pl.Series(microseconds.ravel())
    return series.set(series == NO_TIME, None).cast(pl.Datetime("us")).dt.round("1ms").cast(pl.Datetime("ms"))


def duration_hours(duration: pl.Expr) -> pl.Expr:
    """A duration in hours.

    Polars divides by a constant as it multiplies by the reciprocal, so 13.5 h would become 13.499999999999998.
    """
    ms = duration.dt.total_milliseconds()
    return ms // _MS_PER_HOUR + (ms % _MS_PER_HOUR) / _MS_PER_HOUR


def duration_seconds(duration: pl.Expr) -> pl.Expr:
    """A duration in seconds, as exact as ``hours``."""
    ms = duration.dt.total_milliseconds()
    return ms // _MS_PER_SECOND + (ms % _MS_PER_SECOND) / _MS_PER_SECOND


def decode_labels(codes: pl.Series, names: Mapping[int, str]) -> pl.Series:
    """Codes by their names; null where a code has none."""
    return codes.replace_strict(names, default=None, return_dtype=pl.String)


def row_schema(table: Table) -> dict[str, pl.DataType]:
    """Polars schema of a table's rows, without the columns that the caller adds."""
    return {name: kind for name, kind in table.polars_schema.items() if name not in ("RunID", "EquipID")}


def cast_to_schema(frame: pl.DataFrame, table: Table, *extra_columns: str) -> pl.DataFrame:
    """The declared columns in their order and types, NaN as null, times rounded to milliseconds.

    Args:
        frame: Has the columns.
        table: Declares them.
        *extra_columns: Further columns that stay as they are, at the end.
    """
    kinds = row_schema(table)
    times = [name for name, kind in kinds.items() if kind == pl.Datetime("ms")]
    rounded = frame.with_columns(pl.col(name).dt.round("1ms") for name in times)
    return rounded.select(*(pl.col(n).cast(kind) for n, kind in kinds.items()), *extra_columns).fill_nan(None)
