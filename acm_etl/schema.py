"""Classes to declare a table, a column and a view.

A declaration is the single source of the Polars schema, the DDL of both engines, staging, MERGE and the documentation.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from functools import cached_property
from typing import Literal

import polars as pl

Grain = Literal["reference", "time", "event", "day", "model", "run", "state"]
# Name of a logical type: ``uuid i32 i64 f64 bool str(n) text ts3 bytes``.
TypeName = str

_POLARS_TYPES: dict[str, pl.DataType] = {
    "uuid": pl.String(),
    "i32": pl.Int32(),
    "i64": pl.Int64(),
    "f64": pl.Float64(),
    "bool": pl.Boolean(),
    "str": pl.String(),
    "text": pl.String(),
    "ts3": pl.Datetime("ms"),
    "bytes": pl.Binary(),
}


@dataclass(frozen=True, slots=True)
class Column:
    """One column of a table.

    Attributes:
        name: Column name; dashboards read it.
        type: Logical type, see ``TypeName``.
        doc: One line with meaning and unit.
        nullable: Whether NULL is allowed.
        volatile: Clock time, duration or attempt: ignored when rows are compared, so a change does not update a row.
        allowed_values: Allowed values of a text column, enforced by the database.
        computed: Start and end column of a duration that the database computes; never inserted.
        allow_nonfinite: Whether NaN and infinity are allowed, on engines that can store them.
    """

    name: str
    type: TypeName
    doc: str
    nullable: bool = False
    volatile: bool = False
    allowed_values: tuple[str, ...] = ()
    computed: tuple[str, str] | None = None
    allow_nonfinite: bool = False

    @property
    def base_type(self) -> str:
        """Logical type without the length: ``str`` for ``str(50)``."""
        return self.type.partition("(")[0]

    @property
    def max_length(self) -> int | None:
        """Maximum length of a text in characters; None without a limit."""
        match = re.fullmatch(r"str\((\d+)\)", self.type)
        return int(match[1]) if match else None

    @property
    def polars_type(self) -> pl.DataType:
        """Polars type of the column."""
        return _POLARS_TYPES[self.base_type]


@dataclass(frozen=True)
class Table:
    """One table: columns, natural key and grain.

    Attributes:
        name: Table name.
        grain: Kind of thing that one row describes.
        doc: One line for the documentation and the database.
        columns: Columns in the order of the database.
        key: Columns that identify a row.
        time_column: Column with the time of a row; None if rows have no time.
        unique_keys: Further unique column sets.
        foreign_keys: ``{column: referenced table}``; the database enforces them if it can.
        cluster_columns: Columns by which a server orders the rows; the key if empty. For keys that begin with a random
            RunID, which would scatter the rows of every machine over the whole table.
        large: Whether the table grows with the readings: no index on DuckDB, each transaction checks its keys instead.
        seed_rows: Fixed rows of texts, written at the creation of the table and after every change of the texts.
    """

    name: str
    grain: Grain
    doc: str
    columns: tuple[Column, ...]
    key: tuple[str, ...]
    time_column: str | None = None
    unique_keys: tuple[tuple[str, ...], ...] = ()
    foreign_keys: dict[str, str] = field(default_factory=dict)
    cluster_columns: tuple[str, ...] = ()
    large: bool = False
    seed_rows: tuple[tuple[str, ...], ...] = ()

    @cached_property
    def columns_by_name(self) -> dict[str, Column]:
        """Columns by name."""
        return {column.name: column for column in self.columns}

    @cached_property
    def insertable_columns(self) -> tuple[Column, ...]:
        """Columns of an inserted row: all except computed columns."""
        return tuple(column for column in self.columns if column.computed is None)

    @cached_property
    def change_detection_columns(self) -> tuple[Column, ...]:
        """Columns whose change updates a row: neither key nor volatile."""
        return tuple(c for c in self.insertable_columns if not c.volatile and c.name not in self.key)

    @cached_property
    def polars_schema(self) -> dict[str, pl.DataType]:
        """Polars schema of a frame with rows of this table."""
        return {column.name: column.polars_type for column in self.insertable_columns}

    @property
    def row_time(self) -> str:
        """Column with the time of a row, of a table whose rows have one.

        Raises:
            ValueError: Its rows have none.
        """
        if self.time_column is None:
            message = f"the rows of {self.name} have no time"
            raise ValueError(message)
        return self.time_column

    def empty_frame(self) -> pl.DataFrame:
        """Return a frame with the schema of this table and no rows."""
        return pl.DataFrame(schema=self.polars_schema)

    def cast_frame(self, frame: pl.DataFrame) -> pl.DataFrame:
        """Return the frame with the columns, order and types of this table; missing columns are NULL.

        Values are not checked, see ``acm_etl.load.contract``.
        """
        schema = self.polars_schema
        missing = [pl.lit(None, kind).alias(name) for name, kind in schema.items() if name not in frame.columns]
        return frame.with_columns(missing).select(*schema).cast(pl.Schema(schema))


@dataclass(frozen=True, slots=True)
class View:
    """A view.

    Attributes:
        name: View name.
        doc: One line.
        select: The SELECT, in the SQL that both engines share; ``{name}`` marks an identifier to quote.
        key: Columns that identify a row; empty if no one looks rows up by them.
    """

    name: str
    doc: str
    select: str
    key: tuple[str, ...] = ()


def col(name: str, type_: TypeName, doc: str, **options: object) -> Column:
    """Declare a column: required, or nullable if the type ends in ``?``."""
    nullable = type_.endswith("?")
    return Column(name, type_.rstrip("?"), doc, nullable=nullable, **options)  # type: ignore[arg-type]
