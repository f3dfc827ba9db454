"""DDL of keys and indexes: order of the rows, foreign keys that the database checks, secondary indexes."""

from __future__ import annotations

from collections.abc import Iterator

from acm_etl import tables
from acm_etl.dialects import Dialect
from acm_etl.schema import Table
from acm_etl.tables.runs import RUN_LOG

SECONDARY_INDEXES: dict[str, tuple[tuple[str, ...], ...]] = {
    # The newest attempts of a machine: an attempt to score an old window again is as new as its start.
    "RunLog": (("EquipID", "AttemptStartedAt DESC"),),
    "ACM_Runs": (("EquipID", "HealthStatus"),),
}
"""Secondary indexes by table, for engines whose tables are searched through indexes (SQL Server)."""
_SUPERSEDED_INDEXES = {"RunLog": ("IX_RunLog_EquipID_StartedAt",)}
"""Indexes of earlier versions that no statement uses any longer, by table: each costs time in every batch."""


def primary_key_keywords(table: Table, dialect: Dialect) -> str:
    """Return the keywords before the columns of the primary key of a table."""
    return dialect.secondary_key if table.cluster_columns else dialect.primary_key


def list_foreign_keys(table: Table) -> list[tuple[str, str]]:
    """Return the foreign keys that the database checks, as (column, referenced table).

    RunID of a large table is not among them: for every batch the server would look up tens of thousands of runs, some
    of them locked by other machines' transactions, and it would scan the table whenever a run is deleted. Publishing
    checks the RunID instead (``run_cleanup.check_foreign_keys``).
    """
    return [
        (column, parent)
        for column, parent in table.foreign_keys.items()
        if not (table.large and parent == RUN_LOG.name)
    ]


def build_cluster_statements(table: Table, dialect: Dialect) -> Iterator[str]:
    """Yield the statement that orders a table by its cluster columns; without effect on a table that is ordered so."""
    if not table.cluster_columns or dialect.cluster_table is None:
        return
    columns, temporary = table.cluster_columns, f"TMP_{table.name}_key"
    children = [child.name for child in tables.ALL if (table.key[0], table.name) in list_foreign_keys(child)]
    yield dialect.cluster_table.format(
        index=dialect.quote(f"CX_{table.name}"),
        columns=dialect.quote_list(columns),
        # Columns that contain the key are unique; then the server adds no hidden number to equal rows.
        unique="UNIQUE " if set(table.key) <= set(columns) else "",
        key=dialect.quote(f"PK_{table.name}"),
        key_columns=dialect.quote_list(table.key),
        key_suffix=dialect.quote_literal(f"_{table.key[0]}"),
        temporary=dialect.quote_literal(temporary),
        temporary_index=dialect.quote(temporary),
        # Index of earlier versions with the first columns of the new order.
        replaced=dialect.quote("_".join(("IX", table.name, *columns[:2]))),
        # No references: an empty name, which the statement leaves out, because VALUES needs a row.
        children=",\n        ".join(f"({dialect.quote_literal(name)})" for name in children or [""]),
        **dialect.name_object(table.name),
    )


def build_index_statements(table: Table, dialect: Dialect) -> Iterator[str]:
    """Yield the statements that create the secondary indexes of a table and drop superseded ones, if it has indexes."""
    for name in _SUPERSEDED_INDEXES.get(table.name, ()) if dialect.drop_index else ():
        yield (dialect.drop_index or "").format(index=dialect.quote(name), **dialect.name_object(table.name))
    # A column may carry its direction ("StartedAt DESC"), which is not part of the index name.
    for columns in _secondary_index_columns(table) if dialect.create_index else ():
        words = [column.split(" ") for column in columns]
        name = "_".join(("IX", table.name, *(word[0] for word in words)))
        listed = ", ".join(" ".join((dialect.quote(word[0]), *word[1:])) for word in words)
        yield (dialect.create_index or "").format(
            index=dialect.quote(name),
            text=dialect.quote_literal(name),
            columns=listed,
            column_text=dialect.quote_literal(listed),
            **dialect.name_object(table.name),
        )


def _secondary_index_columns(table: Table) -> list[tuple[str, ...]]:
    # Deleting a run makes the server look for its rows in every table with a foreign key to RunLog.
    needs_run_index = ("RunID", RUN_LOG.name) in list_foreign_keys(table) and table.key[0] != "RunID"
    return [*SECONDARY_INDEXES.get(table.name, ()), *([("RunID",)] if needs_run_index else [])]
