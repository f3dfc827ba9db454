"""From arrays to Polars columns, and to the columns a table declares."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import polars as pl

from acm_etl.schema import Table
from acm_etl.score.arrays import Array, Floats

_MS_PER_HOUR = 3_600_000
_MS_PER_SECOND = 1_000
_ROWS = 512

NEVER = np.iinfo(np.int64).min
"""Stands for no time among microseconds."""


def nullable(values: Array) -> pl.Series:
    """Floats with NaN as null."""
    return pl.Series(values).fill_nan(None)


def columns(parts: Sequence[Floats], width: int) -> list[pl.Series]:
    """The columns of rows that come in parts, NaN as null.

    Args:
        parts: Blocks of rows, ``width`` columns each.
        width: Number of columns.
    """
    turned = np.empty((width, sum(map(len, parts))))
    start = 0
    for part in parts:
        for row in range(0, len(part), _ROWS):  # few rows at a time are read from the cache, column after column
            block = part[row : row + _ROWS]
            turned[:, start + row : start + row + len(block)] = block.T
        start += len(part)
    whole = not np.isnan(turned.sum())  # one pass over all of it; infinities of both signs only look like NaN
    return [pl.Series(column) if whole else nullable(column) for column in turned]


def stamps(microseconds: Array) -> pl.Series:
    """Microseconds since 1970 UTC as times in milliseconds; ``NEVER`` is null."""
    series = pl.Series(microseconds.ravel())
    return series.set(series == NEVER, None).cast(pl.Datetime("us")).dt.round("1ms").cast(pl.Datetime("ms"))


def hours(duration: pl.Expr) -> pl.Expr:
    """A duration in hours.

    Polars divides by a constant as it multiplies by the reciprocal, so 13.5 h would become 13.499999999999998.
    """
    ms = duration.dt.total_milliseconds()
    return ms // _MS_PER_HOUR + (ms % _MS_PER_HOUR) / _MS_PER_HOUR


def seconds(duration: pl.Expr) -> pl.Expr:
    """A duration in seconds, as exact as ``hours``."""
    ms = duration.dt.total_milliseconds()
    return ms // _MS_PER_SECOND + (ms % _MS_PER_SECOND) / _MS_PER_SECOND


def words(codes: pl.Series, names: Mapping[int, str]) -> pl.Series:
    """Codes by their names; null where a code has none."""
    return codes.replace_strict(names, default=None, return_dtype=pl.String)


def schema(table: Table) -> dict[str, pl.DataType]:
    """Polars schema of a table's rows, without the columns that the caller adds."""
    return {name: kind for name, kind in table.polars.items() if name not in ("RunID", "EquipID")}


def shaped(frame: pl.DataFrame, table: Table, *more: str) -> pl.DataFrame:
    """The declared columns in their order and types, NaN as null, times rounded to milliseconds.

    Args:
        frame: Has the columns.
        table: Declares them.
        *more: Further columns that stay as they are, at the end.
    """
    kinds = schema(table)
    times = [name for name, kind in kinds.items() if kind == pl.Datetime("ms")]
    rounded = frame.with_columns(pl.col(name).dt.round("1ms") for name in times)
    return rounded.select(*(pl.col(n).cast(kind) for n, kind in kinds.items()), *more).fill_nan(None)
