"""Render the DDL of both engines from ``acm_etl.tables``.

Pure functions from declarations to text. The text is committed under ``sql/`` and compared by a test, so that a change
of a declaration shows up in review as the SQL that a database administrator will run.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Mapping, Sequence
from functools import lru_cache

from acm_etl.dialects import Dialect
from acm_etl.load.schema import indexes, procedures
from acm_etl.schema import Column, Table, View
from acm_etl.tables import (
    aliases,
    common,
    daily,
    events,
    forecast,
    historian_checks,
    models,
    notices,
    reference,
    runs,
    scores,
    summaries,
    views,
)

# Scripts are compared by hash, so that new tables and texts need no new version. It changes when older programs would
# misread the store.
CURRENT_SCHEMA_VERSION = 2
"""Schema version; a store with a higher version was written by a newer acm_etl."""

TIME_ORDER_PAIRS: dict[str, tuple[tuple[str, str], ...]] = {
    "RunLog": (("StartedAt", "CompletedAt"), ("StartedAt", "AttemptStartedAt"), ("WindowStart", "WindowEnd")),
    "ACM_Runs": (("StartedAt", "CompletedAt"),),
    "ACM_Episodes": (("StartTs", "EndTs"),),
    "ACM_DriftEvents": (("SegmentStart", "SegmentEnd"),),
    "ACM_Regime_Episodes": (("StartTs", "EndTs"),),
    "ACM_AlertAge": (("StartTimestamp", "EndTimestamp"),),
}
"""Pairs of time columns by table; a CHECK constraint keeps the second from being before the first."""

_TABLES_BY_SCRIPT = {
    "001_reference.sql": reference.TABLES,
    "002_runs.sql": (*runs.TABLES, *historian_checks.TABLES, *notices.TABLES),
    "003_scores.sql": (*scores.TABLES, *events.TABLES),
    "004_summaries.sql": (*summaries.TABLES, *daily.TABLES, *models.TABLES, *forecast.TABLES),
}
_VIEWS_SCRIPT_SUFFIX = "_views.sql"
_SCRIPT_HEADER = f"-- Rendered from acm_etl/tables, schema version {CURRENT_SCHEMA_VERSION}: do not edit.\n\n"
# The last statement of a script for SQL Server checks that these objects exist before it records the script as applied.
_CREATED_OBJECT_PATTERN = re.compile(r"^CREATE (?:OR ALTER )?(?:TABLE|VIEW|PROCEDURE) (\S+)", re.MULTILINE)


# Each use of a store compares them with it; a process uses one or two dialects.
@lru_cache(maxsize=4)
def build_script_statements(dialect: Dialect) -> Mapping[str, Sequence[str]]:
    """Return the statements by script name, in the order in which ``init`` applies them."""
    rendered = {
        name: [statement for table in tables for statement in build_table_statements(table, dialect)]
        for name, tables in _TABLES_BY_SCRIPT.items()
    }
    # Views convert times with the time-zone script; roles and procedures refer to tables and views.
    further = procedures.render_auxiliary_scripts(dialect)
    before = {name: statements for name, statements in further.items() if name in procedures.SCRIPTS_BEFORE_VIEWS}
    # The number of scripts before the views differs by engine; names must sort in the order of execution.
    number = len(rendered) + len(before) + 1
    viewed = [line for view in views.ALL for line in build_view_statements(view, dialect)]
    return rendered | before | {f"{number:03}{_VIEWS_SCRIPT_SUFFIX}": viewed} | further


def list_script_relations(script_name: str) -> list[str]:
    """Return the names of the tables and views that a script creates."""
    if creates_views(script_name):
        return [view.name for view in views.ALL]
    return [table.name for table in _TABLES_BY_SCRIPT.get(script_name, ())]


def list_cluster_statements(script_name: str, dialect: Dialect) -> list[str]:
    """Return the statements that order existing tables of a script as declared, without effect on tables that are.

    Each is run outside a transaction: on editions with online index builds, nobody waits for it then.
    """
    return [
        statement
        for table in _TABLES_BY_SCRIPT.get(script_name, ())
        for statement in indexes.build_cluster_statements(table, dialect)
    ]


def creates_views(script_name: str) -> bool:
    """Return whether a script creates the views."""
    return script_name.endswith(_VIEWS_SCRIPT_SUFFIX)


def is_optional_script(script_name: str) -> bool:
    """Return whether backfills work without this script (roles and procedures are for other users)."""
    return script_name in procedures.OPTIONAL_SCRIPTS


def hash_statements(statements: Iterable[str]) -> str:
    """Return the SHA-256 of a script; a store whose recorded hash differs applies the script again."""
    # Without prologue, epilogue and separators: a script that was run by hand has the same hash as one applied by init.
    return hashlib.sha256("\n".join(statements).encode()).hexdigest()


def hash_scripts(scripts: Mapping[str, Iterable[str]]) -> dict[str, str]:
    """Return the hash of each script, by its name."""
    return {name: hash_statements(statements) for name, statements in scripts.items()}


def render_init_scripts(dialect: Dialect) -> dict[str, str]:
    """Return the text by name of the scripts that ``init`` applies; each can also be run by hand."""
    return {
        name: _render_script(name, statements, dialect) for name, statements in build_script_statements(dialect).items()
    }


def render_sql_files(dialect: Dialect) -> dict[str, str]:
    """Return the text by name of the scripts that ``init`` applies and of those that only an administrator runs."""
    by_hand = {
        name: join_statements(statements, dialect)
        for name, statements in procedures.render_manual_scripts(dialect).items()
    }
    return dict(sorted((by_hand | render_init_scripts(dialect)).items()))


def build_record_statement(name: str, statements: Sequence[str], dialect: Dialect) -> str:
    """Return the statement that records a script as applied if all its objects exist; empty if only ``init`` does."""
    objects = ", ".join(
        f"({dialect.quote_literal(created)})" for created in _CREATED_OBJECT_PATTERN.findall("\n".join(statements))
    )
    return dialect.script_epilogue.format(
        objects=objects or "(N'sys.objects')",
        script=dialect.quote_literal(name),
        version=CURRENT_SCHEMA_VERSION,
        hash=dialect.quote_literal(hash_statements(statements)),
    )


def _render_script(name: str, statements: Sequence[str], dialect: Dialect) -> str:
    closing = build_record_statement(name, statements, dialect)
    return _SCRIPT_HEADER + join_statements(
        [*filter(None, [dialect.script_prologue]), *statements, *filter(None, [closing])], dialect
    )


def join_statements(statements: Iterable[str], dialect: Dialect) -> str:
    """Return statements as the text of one script, each followed by the separator of the dialect."""
    return "".join(f"{statement}{dialect.batch_separator}\n" for statement in statements).rstrip("\n") + "\n"


def combine_statements(statements: Sequence[str], dialect: Dialect) -> list[str]:
    """Return statements that run the given ones in their order with as few round trips as possible.

    Args:
        statements: Statements without parameters.
        dialect: SQL dialect.
    """
    if not statements:
        return []
    # Sent one by one, the 900 statements of a new store take half as much again: 0.5 s of CPU instead of 0.3 s.
    if dialect.nested_statement is None:
        return [";\n".join(statements)]
    nested = (dialect.nested_statement.format(text=dialect.quote_literal(statement)) for statement in statements)
    return [";\n".join(nested)]


def find_script_name(table: Table) -> str:
    """Return the name of the script that creates a table."""
    return next(name for name, tables in _TABLES_BY_SCRIPT.items() if table in tables)


def build_table_statements(table: Table, dialect: Dialect, *, shared_by_machines: bool = True) -> list[str]:
    """Return all statements that create one table: table, indexes, lock setting, documentation and seed rows.

    Args:
        table: The table.
        dialect: SQL dialect.
        shared_by_machines: Whether several machines write to the table in parallel. If so, lock escalation is turned
            off: one machine must not lock the others out, and a long batch writes thousands of rows to the tables of
            days and runs, too. A historian table belongs to one machine, and a long import should take one table lock
            instead of millions of row locks.
    """
    created = [
        build_create_statement(table, dialect),
        *indexes.build_cluster_statements(table, dialect),
        *indexes.build_index_statements(table, dialect),
        *(_lock_escalation_statements(table, dialect) if shared_by_machines else ()),
    ]
    return [*created, *_doc_statements(table, dialect), *_seed_row_statements(table, dialect)]


def build_create_statement(table: Table, dialect: Dialect) -> str:
    """Return CREATE TABLE with named constraints; an existing table stays untouched."""
    # Named constraints: an error names the rule, and a script can drop it; names that a server generates differ by
    # server.
    clauses = [build_column_clause(column, dialect) for column in table.columns]
    body = ",\n".join(f"    {clause}" for clause in [*clauses, *_constraint_clauses(table, dialect)])
    return dialect.create_table.format(body=body, **dialect.name_object(table.name))


def build_add_column(table: Table, column: Column, dialect: Dialect) -> str:
    """Return ALTER TABLE that adds a column, without its constraints (new stores have them).

    A required column can be added to a table without rows.
    """
    return dialect.add_column.format(column=build_column_clause(column, dialect), **dialect.name_object(table.name))


def build_column_clause(column: Column, dialect: Dialect) -> str:
    """Return the clause of a column for CREATE TABLE and ALTER TABLE."""
    if column.computed is None or dialect.computed_column is None:
        return dialect.column_clause(column)
    start, end = map(dialect.quote, column.computed)
    expression = dialect.seconds_between.format(start=start, end=end)
    return f"{dialect.quote(column.name)} {dialect.computed_column.format(expression=expression)}"


def build_view_statements(view: View, dialect: Dialect) -> list[str]:
    """Return CREATE VIEW and the documentation of the view."""
    names = dialect.name_object(view.name)
    select = _render_view_select(view, dialect)
    created = [line.format(view=names["table"], select=select) for line in dialect.create_view]
    doc = dialect.view_doc.format(text=dialect.quote_literal(view.doc), **names)
    return [*created, *_wrap_doc_statements([doc], view.name, "VIEW", dialect)]


def _render_view_select(view: View, dialect: Dialect) -> str:
    def render_local_time(match: re.Match[str]) -> str:
        return dialect.to_local_time.format(time=match["time"], zone=match["zone"])

    def render_date(match: re.Match[str]) -> str:
        return dialect.add_days.format(time=match["time"], days=match["days"])

    def render_seconds(match: re.Match[str]) -> str:
        return dialect.seconds_between.format(start=match["start"], end=match["end"])

    # Markers first: their arguments contain braced names, which are quoted afterwards.
    select = re.sub(rf"{common.SECONDS_MARKER}\((?P<start>[^|]+)\|(?P<end>[^)]+)\)", render_seconds, view.select)
    select = re.sub(rf"{common.ADD_DAYS_MARKER}\((?P<time>[^|]+)\|(?P<days>[^)]+)\)", render_date, select)
    select = re.sub(rf"{aliases.LOCAL_TIME_MARKER}\((?P<time>[^|]+)\|(?P<zone>[^)]+)\)", render_local_time, select)
    return dialect.sql(select)


def name_key_constraint(table: Table, columns: Sequence[str] = ()) -> str:
    """Return the name of the constraint of the primary key of a table, or of a unique key with the given columns."""
    return _join_name("UQ", table, *columns) if columns else _join_name("PK", table)


def _join_name(kind: str, table: Table, *parts: str) -> str:
    return "_".join((kind, table.name, *parts))


def _constraint_clauses(table: Table, dialect: Dialect) -> Iterable[str]:
    def constraint(kind: str, *parts: str) -> str:
        return f"CONSTRAINT {dialect.quote(_join_name(kind, table, *parts))}"

    # The ART index of a key makes mass inserts into DuckDB about ten times slower.
    if dialect.has_large_table_keys or not table.large:
        yield f"{constraint('PK')} {indexes.primary_key_keywords(table, dialect)} ({dialect.quote_list(table.key)})"
    for columns in table.unique_keys:
        yield f"{constraint('UQ', *columns)} UNIQUE ({dialect.quote_list(columns)})"
    for column, parent in indexes.list_foreign_keys(table) if dialect.has_foreign_keys else ():
        quoted, referenced = dialect.quote(column), dialect.name_object(parent)["table"]
        yield f"{constraint('FK', column)} FOREIGN KEY ({quoted}) REFERENCES {referenced} ({quoted})"
    for checked_column in table.insertable_columns:
        if conditions := list(_check_conditions(checked_column, dialect)):
            yield f"{constraint('CK', checked_column.name)} CHECK ({' AND '.join(conditions)})"
    # Clocks that were set back are clamped when rows are built, so that this check finds only real errors.
    for first, second in TIME_ORDER_PAIRS.get(table.name, ()):
        yield f"{constraint('CK', first, second)} CHECK ({dialect.quote(second)} >= {dialect.quote(first)})"


def _check_conditions(column: Column, dialect: Dialect) -> Iterable[str]:
    """Yield the conditions of a column's CHECK constraint; NULL passes every CHECK."""
    name = dialect.quote(column.name)
    # FLOAT of SQL Server cannot hold NaN or infinity; the check gives DuckDB the same contract.
    if column.base_type == "f64" and dialect.finite_check and not column.allow_nonfinite:
        yield dialect.finite_check.format(column=name)
    if column.allowed_values:
        yield f"{name} IN ({', '.join(map(dialect.quote_literal, column.allowed_values))})"
    elif column.max_length and dialect.length_check:
        yield dialect.length_check.format(column=name, length=column.max_length)


def _lock_escalation_statements(table: Table, dialect: Dialect) -> Iterable[str]:
    # Above 5,000 row locks SQL Server takes a lock on the whole table, which would block every other machine in it.
    if dialect.lock_escalation:
        yield dialect.lock_escalation.format(**dialect.name_object(table.name))


def _seed_row_statements(table: Table, dialect: Dialect) -> list[str]:
    if not table.seed_rows:
        return []
    name, columns = (
        dialect.name_object(table.name)["table"],
        dialect.quote_list(c.name for c in table.insertable_columns),
    )
    values = ",\n".join(f"    ({', '.join(map(dialect.quote_literal, row))})" for row in table.seed_rows)
    # Replaced as a whole: texts change between versions, and no table refers to these rows.
    return [f"DELETE FROM {name}", f"INSERT INTO {name} ({columns}) VALUES\n{values}"]


def _doc_statements(table: Table, dialect: Dialect) -> list[str]:
    names = dialect.name_object(table.name)
    texts = [dialect.table_doc.format(text=dialect.quote_literal(table.doc), **names)]
    texts += [
        dialect.column_doc.format(
            text=dialect.quote_literal(column.doc),
            column=dialect.quote(column.name),
            name=dialect.quote_literal(column.name),
            **names,
        )
        for column in table.columns
    ]
    return _wrap_doc_statements(texts, table.name, "TABLE", dialect)


def _wrap_doc_statements(texts: list[str], name: str, kind: str, dialect: Dialect) -> list[str]:
    if dialect.docs_statement is None:
        return texts
    # One statement per object instead of one call of sp_addextendedproperty per column: init would send hundreds.
    return [dialect.docs_statement.format(rows=",\n    ".join(texts), kind=kind, **dialect.name_object(name))]
