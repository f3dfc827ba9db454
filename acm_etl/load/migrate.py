"""Bringing a store to this version's schema: each script in one transaction with the record that it was applied."""

from __future__ import annotations

from acm_etl import tables
from acm_etl.engine import Engine
from acm_etl.errors import StoreError, TransientError, UnavailableError, UsageError
from acm_etl.load import ddl
from acm_etl.load.clock import utc_now
from acm_etl.schema import Column, Table
from acm_etl.tables.reference import SCHEMA_VERSION

SKIPPED_PREFIX = "skipped "
"""Start of a line of ``init_schema`` about a script that the permissions of the login do not allow."""
_ColumnAdditions = list[tuple[Table, Column]]


def init_schema(engine: Engine) -> list[str]:
    """Create what is missing and apply what has changed; doing it again does nothing.

    Returns:
        What was done, one line each.

    Raises:
        UnavailableError: The store is of a newer version.
        UsageError: A new required column cannot be added to a table that is there.
    """
    applied = _read_applied_scripts(engine)
    _reject_newer_schema(applied)
    done: list[str] = []
    lacking = _find_missing_columns(engine)
    for name, statements in ddl.build_script_statements(engine.dialect).items():
        digest = ddl.hash_statements(statements)
        additions = [(table, column) for table, column in lacking if ddl.find_script_name(table) == name]
        if additions or applied.get((ddl.CURRENT_SCHEMA_VERSION, name)) != digest:
            apply = _try_apply_script if ddl.is_optional_script(name) else _apply_script
            done += apply(engine, name, statements, additions=additions)
    if done:
        engine.checkpoint_wal()
    return done


def require_current_schema(engine: Engine) -> None:
    """Refuse a store that ``init`` has not brought to this version.

    Raises:
        UsageError: It has to be initialised or upgraded.
        UnavailableError: It is of a newer version.
    """
    applied = _read_applied_scripts(engine)
    _reject_newer_schema(applied)
    parts = ddl.build_script_statements(engine.dialect)
    stale = [
        name
        for name, lines in parts.items()
        if applied.get((ddl.CURRENT_SCHEMA_VERSION, name)) != ddl.hash_statements(lines)
        and not ddl.is_optional_script(name)
    ]
    if not applied:
        message = f"the store {engine.url} has no tables yet: run acm-etl init"
        raise UsageError(message)
    if stale:
        message = (
            f"{len(stale)} of {len(parts)} scripts of the schema are newer than the store {engine.url}"
            f" ({', '.join(stale)}): run acm-etl init"
        )
        raise UsageError(message)


def list_missing_columns(engine: Engine) -> list[str]:
    """Columns that tables of this store have lost since they were created, as ``table.column``."""
    return [f"{table.name}.{column.name}" for table, column in _find_missing_columns(engine)]


def _read_applied_scripts(engine: Engine) -> dict[tuple[int, str], str]:
    if SCHEMA_VERSION.name not in engine.get_table_names():
        return {}
    q = engine.dialect.quote
    rows = engine.query(f"SELECT {q('Version')}, {q('Name')}, {q('Hash')} FROM {q(SCHEMA_VERSION.name)}")
    return {(version, name): digest for version, name, digest in rows.iter_rows()}


def _reject_newer_schema(applied: dict[tuple[int, str], str]) -> None:
    newest = max((version for version, _ in applied), default=0)
    if newest > ddl.CURRENT_SCHEMA_VERSION:
        message = (
            f"the store has schema version {newest}, this acm_etl knows up to {ddl.CURRENT_SCHEMA_VERSION}: "
            "upgrade acm_etl"
        )
        raise UnavailableError(message)


def _try_apply_script(engine: Engine, name: str, statements: list[str], *, additions: _ColumnAdditions) -> list[str]:
    """Apply a script that the runner can do without: who may create tables may not always create roles."""
    try:
        return _apply_script(engine, name, statements, additions=additions)
    except (TransientError, UnavailableError):
        raise
    except StoreError as error:
        folder = f"sql/{engine.dialect.name}"
        advice = f"backfills work without it, a database owner can run it from {folder}"
        return [f"{SKIPPED_PREFIX}{name}: {error}; {advice}"]


def _apply_script(engine: Engine, name: str, statements: list[str], *, additions: _ColumnAdditions) -> list[str]:
    _reject_required_columns(additions)
    digest, q = ddl.hash_statements(statements), engine.dialect.quote
    record = q(SCHEMA_VERSION.name)
    columns = ", ".join(q(column.name) for column in SCHEMA_VERSION.columns)
    with engine.transaction():
        for table, column in additions:
            engine.execute(ddl.build_add_column(table, column, engine.dialect))
        for statement in statements:
            engine.execute(statement)
        engine.execute(
            f"DELETE FROM {record} WHERE {q('Version')} = ? AND {q('Name')} = ?", [ddl.CURRENT_SCHEMA_VERSION, name]
        )
        engine.execute(
            f"INSERT INTO {record} ({columns}) VALUES (?, ?, ?, ?)",
            [ddl.CURRENT_SCHEMA_VERSION, name, digest, utc_now()],
        )
    return [f"applied {name}", *(f"added {table.name}.{column.name}" for table, column in additions)]


def _find_missing_columns(engine: Engine) -> _ColumnAdditions:
    """Columns that the declarations have and the tables that are there have not."""
    present = set(engine.get_table_names())
    return [
        (table, column)
        for table in tables.ALL
        if table.name in present
        for known in [{name.casefold() for name in engine.get_column_types(table.name)}]
        for column in table.columns
        if column.name.casefold() not in known
    ]


def _reject_required_columns(additions: _ColumnAdditions) -> None:
    required = [f"{table.name}.{column.name}" for table, column in additions if not column.nullable]
    if required:
        message = (
            f"{len(required)} required column(s) cannot be added to rows that are there: {', '.join(required)};"
            " backfill into a new store"
        )
        raise UsageError(message)
