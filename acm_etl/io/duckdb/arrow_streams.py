"""Rows from and to DuckDB as streams of Arrow: without pyarrow, whose import takes as long as twenty small queries."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import duckdb
import polars as pl


@dataclass(frozen=True, slots=True)
class FrameStream:
    """A frame that DuckDB scans as a stream; it would turn the frame itself into a pyarrow table, at twice the cost."""

    frame: pl.DataFrame

    def __arrow_c_stream__(self, requested_schema: object | None = None) -> object:
        """Return a capsule with the rows; called once for each scan."""
        return self.frame.__arrow_c_stream__(requested_schema)


def run_select(connection: duckdb.DuckDBPyConnection, sql: str, params: Sequence[Any]) -> duckdb.DuckDBPyRelation:
    """Return the result of a SELECT, which is read when its rows are."""
    # sql() instead of execute(): from DuckDB 2.0 on, a result of execute() becomes Arrow only by a copy.
    return connection.sql(sql, params=list(params))


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
