"""Write single rows by their values, where staging would cost more than the row."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from acm_etl.dialects.parameters import join_placeholders
from acm_etl.engine import Engine
from acm_etl.schema import Table


def insert_row(engine: Engine, table: Table, values: Mapping[str, Any]) -> None:
    """Insert a row.

    Args:
        engine: The store.
        table: The table.
        values: Values by column; columns that are missing are NULL.
    """
    sql = engine.dialect.sql(
        "INSERT INTO {table} ({columns}) VALUES ({values})",
        table=table,
        columns=values,
        values=join_placeholders(values),
    )
    engine.execute(sql, [*values.values()])


def insert_row_unless(
    engine: Engine, table: Table, values: Mapping[str, Any], *, condition: str, params: Sequence[Any]
) -> bool:
    """Insert a row unless the table has one that fulfils a condition; return whether the row was inserted.

    One statement checks and inserts, so that two sessions at the same time cannot both insert.

    Args:
        engine: The store.
        table: The table.
        values: Values by column. A driver does not know the type of a NULL in a SELECT: leave such columns out.
        condition: SQL of the condition, with quoted names.
        params: Values of its placeholders.
    """
    sql = engine.dialect.sql(
        "INSERT INTO {table} ({columns})\nSELECT {values}\nWHERE NOT EXISTS (SELECT 1 FROM {table} WHERE {condition})",
        table=table,
        columns=values,
        values=join_placeholders(values),
        condition=condition,
    )
    return engine.execute(sql, [*values.values(), *params]) == 1


def delete_row(engine: Engine, table: Table, key: Mapping[str, Any]) -> int:
    """Delete the row of a key; return the number of deleted rows."""
    sql = engine.dialect.sql(
        "DELETE FROM {table} WHERE {condition}", table=table, condition=join_equalities(engine, key, " AND ")
    )
    return engine.execute(sql, [*key.values()])


def join_equalities(engine: Engine, names: Iterable[str], separator: str) -> str:
    """Return ``name = ?`` for every name: the SET clause of an UPDATE or, with AND, a condition."""
    return separator.join(f"{engine.dialect.quote(name)} = ?" for name in names)
