"""Conversion of Arrow data to Polars, shared by drivers and file readers."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import polars as pl


def frame_from_arrow(data: Any) -> pl.DataFrame:  # noqa: ANN401 - pyarrow ships no type information
    """Return a table, record batch or stream of Arrow as a frame; dictionary-encoded texts become ``String``."""
    # Not from_arrow(), which returns a Series of structs for an object that is only a stream.
    frame = pl.DataFrame(data)
    # Each batch has a dictionary of its own, and categoricals of different dictionaries cannot be concatenated cheaply.
    categorical = [name for name, dtype in frame.schema.items() if isinstance(dtype, pl.Categorical | pl.Enum)]
    # Most results have none, and an empty with_columns takes longer than this test.
    return frame.with_columns(pl.col(categorical).cast(pl.String)) if categorical else frame


def result_from_arrow(data: Any, *, uuid_columns: Sequence[str] = ()) -> pl.DataFrame:  # noqa: ANN401 - see above
    """Return rows of a query as a frame with the types that every engine promises.

    Args:
        data: ``pyarrow.Table``, ``pyarrow.RecordBatch`` or an object with ``__arrow_c_stream__``.
        uuid_columns: Columns with UUIDs as text; SQL Server writes them in upper case, the product in lower case.

    Returns:
        Frame with times as ``Datetime("ms")`` and UUIDs in lower case.
    """
    frame = frame_from_arrow(data)
    casts = [
        # The product stores whole milliseconds; the cast truncates finer times of historian tables.
        pl.col(name).dt.cast_time_unit("ms")
        for name, dtype in frame.schema.items()
        if isinstance(dtype, pl.Datetime) and dtype.time_unit != "ms"
    ]
    casts += [pl.col(name).str.to_lowercase() for name in uuid_columns]
    return frame.with_columns(casts) if casts else frame


def narrow_integers(frame: pl.DataFrame) -> pl.DataFrame:
    """Return a frame whose decimals without fraction digits are 64-bit integers."""
    # SUM of integers is a HUGEINT (128 bits), which arrives as a decimal without fraction digits.
    # https://duckdb.org/docs/stable/sql/data_types/numeric
    wide = [name for name, dtype in frame.schema.items() if isinstance(dtype, pl.Decimal) and dtype.scale == 0]
    return frame.with_columns(pl.col(wide).cast(pl.Int64)) if wide else frame
