"""Create and upgrade the schema of a store: each script in one transaction, together with its record."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from acm_etl import tables
from acm_etl.counts import format_count
from acm_etl.dialects.parameters import join_placeholders
from acm_etl.engine import Engine
from acm_etl.errors import StoreError, TransientError, UnavailableError, UsageError
from acm_etl.load.clock import utc_now
from acm_etl.load.schema import ddl, replaced_tables
from acm_etl.schema import Column, Table
from acm_etl.tables.reference import SCHEMA_VERSION

# One command creates all of them: the names only show what kind of damage it is.
_MAX_LISTED_RELATIONS = 10
# The roles of earlier versions, which a server may still have, let dashboards read all tables but these.
_FORMERLY_HIDDEN_TABLES = ("ModelRegistry", "ACM_State")


@dataclass(frozen=True, slots=True)
class SchemaUpdate:
    """What ``init_schema`` has done.

    Attributes:
        applied: One line per applied script, created or added object, and table that was set aside.
        skipped: One line per script that the login has no permission for.
    """

    applied: list[str] = field(default_factory=list)
    skipped: list[str] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class _PendingScript:
    """A script to apply.

    Attributes:
        name: Name of the script.
        statements: Its statements.
        additions: Columns to add to existing tables before its statements.
        replaced: Tables of earlier versions whose names its views take.
        missing: Tables and views that it has created before, and that somebody dropped since.
    """

    name: str
    statements: Sequence[str]
    additions: Sequence[tuple[Table, Column]]
    replaced: Sequence[replaced_tables.ReplacedTable]
    missing: Sequence[str]


@dataclass(frozen=True, slots=True)
class _StoredSchema:
    """Schema of a store as it is.

    Attributes:
        relations: Names of its tables and views, in lower case as databases compare them.
        applied: Hash of each recorded script by schema version and name.
    """

    relations: frozenset[str]
    applied: Mapping[tuple[int, str], str]

    def is_applied(self, script_name: str, digest: str) -> bool:
        """Return whether a script is recorded with this hash."""
        return self.applied.get((ddl.CURRENT_SCHEMA_VERSION, script_name)) == digest

    def find_missing_relations(self, hashes: Mapping[str, str]) -> dict[str, list[str]]:
        """Return the absent tables and views of applied scripts, by name of the script.

        What a script of a newer version adds is absent, but not missing: its hash is not recorded yet.

        Args:
            hashes: As ``ddl.hash_scripts`` returns them.
        """
        return {
            name: [each for each in ddl.list_script_relations(name) if each.casefold() not in self.relations]
            for name, digest in hashes.items()
            if self.is_applied(name, digest)
        }


def init_schema(engine: Engine, *, accept_differences: bool = False) -> SchemaUpdate:
    """Apply the scripts that are new or have changed, and create missing tables, views and columns again.

    A second call does nothing.

    Tables of earlier versions that are views now are migrated and set aside. After a kill the next call continues.

    Args:
        engine: The store.
        accept_differences: Set a replaced table aside even if its view has other rows.

    Raises:
        StoreError: A replaced table and its view have different rows.
        UnavailableError: The store has a newer schema version.
        UsageError: A table that has rows lacks a required column, or a table lacks a column of its key.
    """
    return _apply_scripts(engine, _list_pending_scripts(engine), accept_differences=accept_differences)


def complete_schema(engine: Engine) -> None:
    """Do the same as ``init_schema``, for a command that needs the tables; nothing if only optional scripts are left.

    A login that may not create roles and procedures would try it in vain with each command: two failed statements of
    20,000 and more characters, and two entries in the audit of the server.
    """
    pending = _list_pending_scripts(engine)
    if not all(ddl.is_optional_script(script.name) for script in pending):
        _apply_scripts(engine, pending, accept_differences=False)


def _apply_scripts(engine: Engine, scripts: Sequence[_PendingScript], *, accept_differences: bool) -> SchemaUpdate:
    update = SchemaUpdate()
    for script in scripts:
        try:
            update.applied.extend(_apply_script(engine, script, accept_differences=accept_differences))
        except (TransientError, UnavailableError):
            raise  # a lost connection is no missing permission
        except StoreError as error:
            if not ddl.is_optional_script(script.name):
                raise
            update.skipped.append(_describe_skipped_script(engine, script, error))
    if update.applied:
        # DuckDB: replaying a log with changes of tables has failed in several versions.
        engine.checkpoint_wal()
    return update


def _list_pending_scripts(engine: Engine) -> list[_PendingScript]:
    """Return the scripts that are new or have changed, or whose tables lack columns, in the order of execution.

    Raises:
        UnavailableError: The store has a newer schema version.
    """
    stored = _read_stored_schema(engine)
    _reject_newer_schema(stored)
    # Compared with the catalogue, not with recorded versions: what somebody dropped comes back, too.
    columns = _find_missing_columns(engine)
    rendered = ddl.build_script_statements(engine.dialect)
    hashes = ddl.hash_scripts(rendered)
    relations = stored.find_missing_relations(hashes)
    # A table gets its last name in the transaction that records the script with its view: later, none is left.
    has_new_views = any(
        ddl.creates_views(name) and (not stored.is_applied(name, digest) or relations[name])
        for name, digest in hashes.items()
    )
    replaced = replaced_tables.find_replaced_tables(engine) if has_new_views else []
    scripts = [
        _PendingScript(
            name,
            statements,
            [(table, column) for table, column in columns if ddl.find_script_name(table) == name],
            replaced if ddl.creates_views(name) else (),
            relations.get(name, ()),
        )
        for name, statements in rendered.items()
    ]
    # Statements of a script have no effect on existing objects, so a changed script is simply applied again.
    return [
        script
        for script in scripts
        if script.additions
        or script.replaced
        or script.missing
        or not stored.is_applied(script.name, hashes[script.name])
    ]


def require_current_schema(engine: Engine) -> None:
    """Check that the store has the current schema, with all its tables and views.

    Columns are not checked: this runs before every command, and ``doctor`` and ``verify`` look at them.

    Raises:
        UsageError: The store has to be initialised, upgraded or mended.
        UnavailableError: The store has a newer schema version.
    """
    stored, hashes = _read_stored_schema(engine), _hash_current_scripts(engine)
    _reject_newer_schema(stored)
    # Optional scripts do not count: a login without the permission for them can still backfill.
    stale = [
        name
        for name, digest in hashes.items()
        if not stored.is_applied(name, digest) and not ddl.is_optional_script(name)
    ]
    # Reported before stale scripts: an empty store needs init, not an upgrade.
    if not stored.applied:
        message = f"the store {engine.url} has no tables yet: run acm-etl init"
        raise UsageError(message)
    if stale:
        message = (
            f"{len(stale)} of {len(hashes)} scripts of the schema are newer than the store {engine.url}"
            f" ({', '.join(stale)}): run acm-etl init"
        )
        raise UsageError(message)
    if missing := _list_visible_missing(engine, stored, hashes):
        message = (
            f"the store {engine.url} lacks {len(missing)} of its tables and views"
            f" ({', '.join(missing[:_MAX_LISTED_RELATIONS])}): run acm-etl init, which creates them again, empty"
        )
        raise UsageError(message)


def list_missing_relations(engine: Engine) -> list[str]:
    """Return the tables and views that the store had, and that somebody dropped."""
    return _list_visible_missing(engine, _read_stored_schema(engine), _hash_current_scripts(engine))


def list_missing_columns(engine: Engine) -> list[str]:
    """Return the declared columns that tables of the store do not have, as ``table.column``."""
    return [f"{table.name}.{column.name}" for table, column in _find_missing_columns(engine)]


def _read_stored_schema(engine: Engine) -> _StoredSchema:
    relations = frozenset(name.casefold() for name in engine.get_relation_names())
    # A store without any table has no record either, and a query would fail.
    if SCHEMA_VERSION.name.casefold() not in relations:
        return _StoredSchema(relations, {})
    rows = engine.query(engine.dialect.sql("SELECT {Version}, {Name}, {Hash} FROM {ACM_SchemaVersion}"))
    return _StoredSchema(relations, {(version, name): digest for version, name, digest in rows.iter_rows()})


def _hash_current_scripts(engine: Engine) -> dict[str, str]:
    return ddl.hash_scripts(ddl.build_script_statements(engine.dialect))


def _list_visible_missing(engine: Engine, stored: _StoredSchema, hashes: Mapping[str, str]) -> list[str]:
    """Return the names of missing tables and views, without those that this login may be unable to see."""
    # A server shows a login only the objects that it may use: to a dashboard, these seem to be missing.
    hidden = () if engine.dialect.is_embedded else _FORMERLY_HIDDEN_TABLES
    missing = stored.find_missing_relations(hashes)
    return [name for names in missing.values() for name in names if name not in hidden]


def _reject_newer_schema(stored: _StoredSchema) -> None:
    newest = max((version for version, _ in stored.applied), default=0)
    if newest > ddl.CURRENT_SCHEMA_VERSION:
        message = (
            f"the store has schema version {newest}, this acm_etl knows up to {ddl.CURRENT_SCHEMA_VERSION}: "
            "upgrade acm_etl"
        )
        raise UnavailableError(message)


def _describe_skipped_script(engine: Engine, script: _PendingScript, error: StoreError) -> str:
    """Return the line about an optional script for which the login lacks a permission, e.g. to create roles."""
    advice = f"backfills work without it, a database owner can run it from sql/{engine.dialect.name}"
    return f"skipped {script.name}: {error}; {advice}"


def _apply_script(engine: Engine, script: _PendingScript, *, accept_differences: bool) -> list[str]:
    _reject_impossible_additions(engine, script.additions)
    # Before the transaction, in transactions of their own: these may be millions of rows.
    for replaced in script.replaced:
        replaced_tables.copy_moved_columns(engine, replaced)
    _execute_all(engine, ddl.list_cluster_statements(script.name, engine.dialect))
    with engine.transaction():
        # Before the statements: views of the same script may already select the new column.
        _execute_all(engine, [ddl.build_add_column(*addition, engine.dialect) for addition in script.additions])
        for replaced in script.replaced:
            replaced_tables.set_table_aside(engine, replaced)
        _execute_all(engine, script.statements)
        for replaced in () if accept_differences else script.replaced:
            replaced_tables.check_view(engine, replaced)
        # Recorded in the same transaction: a script that failed half-way is applied again as a whole.
        _record_script(engine, script)
    return [
        f"applied {script.name}",
        *map(_describe_created_relation, script.missing),
        *(f"added {table.name}.{column.name}" for table, column in script.additions),
        *(f"set {replaced.name} aside as {replaced.old_name}" for replaced in script.replaced),
    ]


def _execute_all(engine: Engine, statements: Sequence[str]) -> None:
    for statement in ddl.combine_statements(statements, engine.dialect):
        engine.execute(statement)


def _describe_created_relation(name: str) -> str:
    """Return the line about a table or view that was missing: what is lost, and the command that computes it again."""
    table = tables.BY_NAME.get(name)
    # Views have no rows of their own, and the texts of a reference table are part of its script.
    if table is None or table.seed_rows:
        return f"{name} was missing and was created"
    lost = f"{name} was missing and was created; its earlier rows are gone"
    if _can_recompute(table):
        return f"{lost}: acm-etl backfill --equip CODE --replay-from TIME (the first reading) computes them again"
    return lost


def _can_recompute(table: Table) -> bool:
    """Return whether a replay from the first reading fills a table."""
    return bool(table.time_column) and table in tables.RESULTS


def _record_script(engine: Engine, script: _PendingScript) -> None:
    key = [ddl.CURRENT_SCHEMA_VERSION, script.name]
    engine.execute(engine.dialect.sql("DELETE FROM {ACM_SchemaVersion} WHERE {Version} = ? AND {Name} = ?"), key)
    insert = engine.dialect.sql(
        "INSERT INTO {ACM_SchemaVersion} ({columns}) VALUES (?, ?, ?, ?)", columns=SCHEMA_VERSION.columns_by_name
    )
    engine.execute(insert, [*key, ddl.hash_statements(script.statements), utc_now()])


def _find_missing_columns(engine: Engine) -> list[tuple[Table, Column]]:
    """Return the declared columns that existing tables do not have, compared without case as databases do."""
    stored = _read_column_names(engine)
    return [
        (table, column)
        for table in tables.ALL
        if (names := stored.get(table.name.casefold()))
        for column in table.columns
        if column.name.casefold() not in names
    ]


def _read_column_names(engine: Engine) -> dict[str, set[str]]:
    """Return the column names of each declared table that exists, all in lower case."""
    names = [table.name for table in tables.ALL]
    # One statement for all tables. INFORMATION_SCHEMA is the one catalogue that both engines have; their default
    # schemas differ.
    sql = (
        "SELECT CAST(TABLE_NAME AS NVARCHAR(128)) AS table_name, CAST(COLUMN_NAME AS NVARCHAR(128)) AS column_name\n"
        "FROM INFORMATION_SCHEMA.COLUMNS WHERE TABLE_SCHEMA IN ('dbo', 'main')\n"
        f"AND TABLE_NAME IN ({join_placeholders(names)})"
    )
    stored: dict[str, set[str]] = {}
    for table, column in engine.query(sql, names).iter_rows():
        stored.setdefault(table.casefold(), set()).add(column.casefold())
    return stored


def _reject_impossible_additions(engine: Engine, additions: Sequence[tuple[Table, Column]]) -> None:
    """Check that the missing columns can be added to their tables.

    Raises:
        UsageError: A table that lacks a required column has rows, or lacks a column of its key.
    """
    required = {table.name: table for table, column in additions if not column.nullable}
    # Stored rows have no value for a required column, and inventing a default would look like a measured value.
    problems = [_describe_lost_columns(table, additions) for table in required.values() if _has_rows(engine, table)]
    # Without the column it has no key, which no statement of a script adds to a table that exists.
    problems += [
        f"{table.name} lacks {column.name}, a column of its key: drop this table and run acm-etl init"
        for table, column in additions
        if column.name in table.key
    ]
    if problems:
        message = f"{'; '.join(problems)}. Nothing was changed"
        raise UsageError(message)


def _has_rows(engine: Engine, table: Table) -> bool:
    rows = engine.query(engine.dialect.sql("SELECT MAX(1) AS found FROM {table}", table=[table.name]))
    return rows.item() is not None


def _describe_lost_columns(table: Table, additions: Sequence[tuple[Table, Column]]) -> str:
    """Return what a table with rows lacks, and what to do."""
    names = [column.name for other, column in additions if other is table and not column.nullable]
    lacks = f"{table.name} has rows and lacks {format_count(len(names), 'required column')} ({', '.join(names)})"
    if _can_recompute(table):
        return (
            f"{lacks}: restore a backup, or drop this table of results and run acm-etl init, which says how to fill it"
        )
    return f"{lacks}: restore a backup"
