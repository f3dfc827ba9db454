"""Conversion of Arrow tables and record batches to Polars, shared by drivers and file readers."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import polars as pl
from polars import selectors as cs


def frame_from_arrow(data: Any) -> pl.DataFrame:  # noqa: ANN401 - pyarrow ships no type information
    """Return a ``pyarrow.Table`` or ``pyarrow.RecordBatch`` as a frame; dictionary-encoded texts become ``String``."""
    frame = pl.from_arrow(data)
    # from_arrow returns a Series only for an Arrow array.
    assert isinstance(frame, pl.DataFrame)  # noqa: S101
    # Each batch has a dictionary of its own, and categoricals of different dictionaries cannot be concatenated cheaply.
    return frame.with_columns(cs.by_dtype(pl.Categorical, pl.Enum).cast(pl.String))


def result_from_arrow(data: Any, *, uuid_columns: Sequence[str] = ()) -> pl.DataFrame:  # noqa: ANN401 - see above
    """Return rows of a query as a frame with the types that every engine promises.

    Args:
        data: ``pyarrow.Table`` or ``pyarrow.RecordBatch`` of a driver.
        uuid_columns: Columns with UUIDs as text; SQL Server writes them in upper case, the product in lower case.

    Returns:
        Frame with times as ``Datetime("ms")`` and UUIDs in lower case.
    """
    frame = frame_from_arrow(data)
    # The product stores whole milliseconds; the cast truncates finer times of historian tables.
    return frame.with_columns(
        cs.datetime(time_unit=["us", "ns"]).dt.cast_time_unit("ms"), pl.col(list(uuid_columns)).str.to_lowercase()
    )
