"""Rows from and to DuckDB as streams of Arrow: without pyarrow, whose import takes as long as twenty small queries."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import duckdb
import polars as pl

_UNREADABLE_TYPES = ("INTERVAL", "UNION(")
"""Types, also within nested ones, at which Polars ends with a panic instead of an error."""


@dataclass(frozen=True, slots=True)
class FrameStream:
    """A frame that DuckDB scans as a stream of one chunk, without a copy.

    DuckDB would turn the frame itself into a pyarrow table, at twice the cost, and split it into pieces of 131,072
    rows, which two threads insert side by side. Their row groups are not full then, and the checkpoint writes them
    again: with 1M rows of ACM_Scores_Wide a file took 109 to 148 MB instead of 82 MB, and its checkpoint 0.3 to 0.7 s
    of CPU instead of 0.02 s (30 Nov 2026).

    Args:
        frame: The rows, in one chunk.
    """

    frame: pl.DataFrame

    def __arrow_c_stream__(self, requested_schema: object | None = None) -> object:
        """Return a capsule with the rows; called once for each scan."""
        return self.frame.__arrow_c_stream__(requested_schema)


def run_select(connection: duckdb.DuckDBPyConnection, sql: str, params: Sequence[Any]) -> duckdb.DuckDBPyRelation:
    """Return the result of a SELECT, which is read when its rows are; intervals and unions are texts."""
    # sql() instead of execute(): from DuckDB 2.0 on, a result of execute() becomes Arrow only by a copy.
    relation = connection.sql(sql, params=list(params))
    types = [str(dtype) for dtype in relation.types]
    if not any(name in dtype for dtype in types for name in _UNREADABLE_TYPES):
        return relation
    columns = [
        column.cast("VARCHAR").alias(name) if any(kind in dtype for kind in _UNREADABLE_TYPES) else column
        for name, dtype in zip(relation.columns, types, strict=True)
        for column in [duckdb.ColumnExpression(name)]
    ]
    return relation.select(*columns)


def read_rows(relation: duckdb.DuckDBPyRelation) -> Any:  # noqa: ANN401 - pyarrow ships no type information
    """Return the rows of a relation as a frame, or as an Arrow table.

    Raises:
        duckdb.Error: The query failed.
    """
    try:
        return pl.DataFrame(relation).rechunk()
    # Polars hides the type of an error in the middle of a stream; DuckDB raises it where it makes a table.
    except pl.exceptions.ComputeError:
        return relation.to_arrow_table()
