"""The staging table that short frames of different tables share on a server, and how their columns map to it.

It has a few columns of each type. A batch of one window has short frames of some 30 tables, and one bulk copy takes
them all.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

import polars as pl

from acm_etl import tables
from acm_etl.dialects import Dialect
from acm_etl.schema import Column, Table, TypeName, col

TABLE_COLUMN = "TableName"
"""Column with the name of the table that a row is for."""
MAX_SHARED_ROWS = 5_000
"""Rows of the longest frame that shares the table."""


def _count_columns(table: Table) -> Counter[str]:
    return Counter(column.base_type for column in table.insertable_columns)


def _declare_shared_table() -> Table:
    most: Counter[str] = Counter()
    for table in tables.ALL:
        most |= _count_columns(table)
    lengths = [column.max_length or 0 for table in tables.ALL for column in table.columns]
    types: dict[str, TypeName] = {base: f"{base}({max(lengths)})?" if base == "str" else f"{base}?" for base in most}
    key = [
        col(TABLE_COLUMN, "str(128)", "Table that the row is for"),
        col("RowNumber", "i32", "Number of the row among those of its table"),
    ]
    values = [
        col(f"{base}_{number}", types[base], "Value of the column of this number among those of its type")
        for base in sorted(most)
        for number in range(1, most[base] + 1)
    ]
    return Table(
        "ACM_StagedRows",
        "reference",
        "Staged rows of several tables",
        (*key, *values),
        key=tuple(column.name for column in key),
    )


STAGED_ROWS = _declare_shared_table()


def can_share(table: Table, frame: pl.DataFrame) -> bool:
    """Return whether the shared table takes a frame: a short one of a declared table, whose columns fit."""
    return frame.height <= MAX_SHARED_ROWS and tables.BY_NAME.get(table.name) is table


def pack_frames(frames: Sequence[tuple[Table, pl.DataFrame]]) -> pl.DataFrame:
    """Return the rows of frames of different tables as rows of ``STAGED_ROWS``."""
    parts = [
        frame.select(
            pl.lit(table.name).alias(TABLE_COLUMN),
            pl.int_range(pl.len(), dtype=pl.Int32).alias("RowNumber"),
            *(pl.col(column.name).alias(name) for column, name in _map_columns(table)),
        )
        for table, frame in frames
    ]
    # The columns of one table alone are few, and one INSERT takes more rows; those of several depend on the batch.
    return parts[0] if len(parts) == 1 else pl.concat([STAGED_ROWS.empty_frame(), *parts], how="diagonal")


def build_relation(table: Table, staging_table: str, dialect: Dialect) -> str:
    """Return a subquery that selects the rows of a table with its own column names.

    Args:
        table: The table.
        staging_table: Quoted name of the shared staging table.
        dialect: SQL dialect.
    """
    quote = dialect.quote
    columns = ", ".join(f"{quote(name)} AS {quote(column.name)}" for column, name in _map_columns(table))
    condition = f"{quote(TABLE_COLUMN)} = {dialect.quote_literal(table.name)}"
    return f"(SELECT {columns} FROM {staging_table} WHERE {condition})"


def _map_columns(table: Table) -> list[tuple[Column, str]]:
    """Return the columns of a table, each with the column of ``STAGED_ROWS`` that holds its values."""
    numbers: Counter[str] = Counter()
    mapped = []
    for column in table.insertable_columns:
        numbers[column.base_type] += 1
        mapped.append((column, f"{column.base_type}_{numbers[column.base_type]}"))
    return mapped
