"""The words in which ``tables.py`` declares a table.

A declaration is the single source of the Polars schema, of both engines' DDL, of staging and MERGE, and of the docs.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from functools import cached_property
from typing import Literal

import polars as pl

Grain = Literal["reference", "time", "event", "day", "model", "run", "state"]
#: Name of a logical type: ``uuid i32 i64 f64 bool str(n) text ts3 bytes``.
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
        name: Column name, as dashboards read it.
        type: Logical type, see ``TypeName``.
        doc: One line: meaning and unit.
        nullable: Whether NULL is a legal value.
        volatile: Clock, duration or attempt: left out of comparisons, and no reason to update a row.
        allowed_values: Allowed values of a text column, enforced by the database.
        allow_nonfinite: A float as a historian has it: NaN and infinities are taken where the engine can store them.
        computed: Name of the computation the database does itself (no row is ever inserted into it).
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
        """Logical type without its length: ``str`` for ``str(50)``."""
        return self.type.partition("(")[0]

    @property
    def max_length(self) -> int | None:
        """Longest text the column takes, in characters; None where it has no bound."""
        match = re.fullmatch(r"str\((\d+)\)", self.type)
        return int(match[1]) if match else None

    @property
    def polars_type(self) -> pl.DataType:
        """The Polars type of the column in a frame."""
        return _POLARS_TYPES[self.base_type]


@dataclass(frozen=True)
class Table:
    """One table: its columns, its natural key and what one row stands for.

    Attributes:
        name: Table name.
        grain: What one row stands for.
        doc: One line for the docs and the database.
        columns: In the order in which they stand in the database.
        key: Columns that identify a row.
        time_column: Column that places a row on the time axis; None where rows have no time.
        unique_keys: Further unique column sets.
        foreign_keys: ``{column: referenced table}``, enforced where the engine can.
        large: Grows with the readings: no index on DuckDB, uniqueness is checked in the transaction instead.
        seed_rows: Texts that the table always has, written when it is created and after every change of them.
    """

    name: str
    grain: Grain
    doc: str
    columns: tuple[Column, ...]
    key: tuple[str, ...]
    time_column: str | None = None
    unique_keys: tuple[tuple[str, ...], ...] = ()
    foreign_keys: dict[str, str] = field(default_factory=dict)
    large: bool = False
    seed_rows: tuple[tuple[str, ...], ...] = ()

    @cached_property
    def columns_by_name(self) -> dict[str, Column]:
        """Columns by name."""
        return {column.name: column for column in self.columns}

    @cached_property
    def insertable_columns(self) -> tuple[Column, ...]:
        """Columns that a row brings along (all but the computed ones)."""
        return tuple(column for column in self.columns if column.computed is None)

    @cached_property
    def change_detection_columns(self) -> tuple[Column, ...]:
        """Columns whose change makes a row a changed row: neither key nor volatile."""
        return tuple(c for c in self.insertable_columns if not c.volatile and c.name not in self.key)

    @cached_property
    def polars_schema(self) -> dict[str, pl.DataType]:
        """Polars schema of a frame of rows for this table."""
        return {column.name: column.polars_type for column in self.insertable_columns}

    def empty_frame(self) -> pl.DataFrame:
        """A frame of no rows with this table's schema."""
        return pl.DataFrame(schema=self.polars_schema)


@dataclass(frozen=True, slots=True)
class View:
    """A name that one SELECT answers.

    Attributes:
        name: View name.
        doc: One line.
        select: The SELECT, in the SQL both engines share; ``{name}`` marks an identifier to quote.
    """

    name: str
    doc: str
    select: str


def col(name: str, type_: TypeName, doc: str, **options: object) -> Column:
    """A required column; a trailing ``?`` on the type makes it nullable."""
    nullable = type_.endswith("?")
    return Column(name, type_.rstrip("?"), doc, nullable=nullable, **options)  # type: ignore[arg-type]
