"""Write and delete a few rows by their values, where staging would cost more than the rows."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import polars as pl

from acm_etl.dialects.parameters import join_placeholders
from acm_etl.engine import Engine
from acm_etl.load.contract import validate_frame
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

    One statement checks and inserts, so that two sessions at the same time cannot both insert, and no error has to be
    told from others.

    Args:
        engine: The store.
        table: The table.
        values: Values by column; columns that are missing are NULL.
        condition: SQL of the condition, with quoted names.
        params: Values of its placeholders.
    """
    # No driver knows the type of a NULL in a SELECT.
    known = {name: value for name, value in values.items() if value is not None}
    sql = engine.dialect.sql(
        "INSERT INTO {table} ({columns})\nSELECT {values}\nWHERE NOT EXISTS (SELECT 1 FROM {table} WHERE {condition})",
        table=table,
        columns=known,
        values=join_placeholders(known),
        condition=condition,
    )
    return engine.execute(sql, [*known.values(), *params]) == 1


def replace_row(engine: Engine, table: Table, values: Mapping[str, Any]) -> None:
    """Insert a row in place of the stored one with its key, in the transaction of the caller.

    Unlike an upsert, this also changes a row in which only a volatile column differs.

    Args:
        engine: The store.
        table: The table.
        values: Values by column, those of the key among them; columns that are missing are NULL.
    """
    delete_rows(engine, table, {name: values[name] for name in table.key})
    insert_row(engine, table, values)


def replace_rows(engine: Engine, table: Table, frame: pl.DataFrame) -> None:
    """Insert a few rows in place of the stored ones with their keys, in the transaction of the caller.

    Raises:
        ContractError: The frame does not fit the table.
    """
    for row in validate_frame(frame, table).iter_rows(named=True):
        replace_row(engine, table, row)


def delete_rows(engine: Engine, table: Table, values: Mapping[str, Any]) -> int:
    """Delete the rows that have the given values, none of them None; return their number."""
    sql = engine.dialect.sql(
        "DELETE FROM {table} WHERE {condition}", table=table, condition=join_equalities(engine, values, " AND ")
    )
    return engine.execute(sql, [*values.values()])


def join_equalities(engine: Engine, names: Iterable[str], separator: str) -> str:
    """Return ``name = ?`` for every name: the SET clause of an UPDATE or, with AND, a condition."""
    return separator.join(f"{engine.dialect.quote(name)} = ?" for name in names)
