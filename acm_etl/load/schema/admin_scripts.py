"""Scripts with which a database administrator installs and removes acm_etl without its commands."""

from __future__ import annotations

import re

from acm_etl import tables
from acm_etl.dialects import Dialect
from acm_etl.load.schema import ddl, procedures
from acm_etl.load.schema.replaced_tables import REPLACED_TABLES
from acm_etl.schema import Table
from acm_etl.tables import views

# SQL Server 2017.
_OLDEST_MAJOR_VERSION = 14
_INSTALL_SCRIPT = "install.sql"
_UNINSTALL_SCRIPT = "uninstall.sql"
# Management Studio goes on after an error. XACT_ABORT ends the transaction after most errors, but not after those of
# RAISERROR and of compilation: @@ERROR, of the last statement of the batch before, shows these.
_STOP_AFTER_ERROR = """IF @@ERROR <> 0 OR @@TRANCOUNT = 0
BEGIN
    IF @@TRANCOUNT > 0
        ROLLBACK TRANSACTION;
    PRINT N'The installation failed and was rolled back: see the error above.';
    SET NOEXEC ON;
END"""
_PROCEDURE_PATTERN = re.compile(r"^CREATE OR ALTER PROCEDURE \[dbo\]\.\[(\w+)\]", re.MULTILINE)


def render_install_script(dialect: Dialect) -> str:
    """Return one script that creates or updates the schema in one transaction; safe to repeat.

    Args:
        dialect: SQL dialect with stored procedures.
    """
    opening = procedures.render_scripts(dialect, [_INSTALL_SCRIPT], renderers=_RENDERERS)[_INSTALL_SCRIPT]
    # Of the batches of the template, those up to BEGIN TRANSACTION come before there is one to guard.
    before = opening.index("BEGIN TRANSACTION;") + 1
    guarded = opening[before:]
    for name, statements in ddl.build_script_statements(dialect).items():
        guarded += [*statements, ddl.build_record_statement(name, statements, dialect)]
    closing = f"COMMIT TRANSACTION;\nPRINT N'acm_etl: schema version {ddl.CURRENT_SCHEMA_VERSION} is installed.'"
    batches = [part for statement in guarded for part in (statement, _STOP_AFTER_ERROR)]
    # NOEXEC holds for the session, and would skip whatever a person runs next in the same window.
    return ddl.join_statements([*opening[:before], *batches, closing, "SET NOEXEC OFF"], dialect)


def render_uninstall_script(dialect: Dialect) -> str:
    """Return one script that lists what acm_etl has created, and drops it if ``@Apply`` is set to 1.

    Args:
        dialect: SQL dialect with stored procedures.
    """
    statements = procedures.render_scripts(dialect, [_UNINSTALL_SCRIPT], renderers=_RENDERERS)[_UNINSTALL_SCRIPT]
    return ddl.join_statements(statements, dialect)


def _version_lines(_dialect: Dialect) -> list[str]:
    return [f"DECLARE @oldest INT = {_OLDEST_MAJOR_VERSION}, @schema INT = {ddl.CURRENT_SCHEMA_VERSION};"]


def _list_created_objects(dialect: Dialect) -> list[tuple[str, str]]:
    """Return name and kind of the objects in the main schema, in an order in which they can be dropped."""
    scripts = procedures.render_auxiliary_scripts(dialect)
    created = _PROCEDURE_PATTERN.findall("\n".join(line for lines in scripts.values() for line in lines))
    # Reversed: later views read earlier ones, and later tables refer to earlier ones.
    names = [
        *((name, "PROCEDURE") for name in created),
        *((view.name, "VIEW") for view in reversed(views.ALL)),
        *((replaced.old_name, "TABLE") for replaced in REPLACED_TABLES),
        *((table.name, "TABLE") for table in reversed(tables.ALL)),
    ]
    return [*names, ("ACM_TimeZones", "TABLE")]


def _object_lines(dialect: Dialect) -> list[str]:
    rows = [
        f"({dialect.quote_literal(name)}, {dialect.quote_literal(kind)}, {place})"
        for place, (name, kind) in enumerate(_list_created_objects(dialect), start=10)
    ]
    return _insert_lines("@objects ([name], [kind], [place])", rows)


def _column_lines(dialect: Dialect) -> list[str]:
    # One INSERT per table: a list of VALUES may have at most 1,000 rows.
    return [line for table in tables.ALL for line in _table_column_lines(table, dialect)]


def _table_column_lines(table: Table, dialect: Dialect) -> list[str]:
    rows = [
        f"({', '.join(map(dialect.quote_literal, texts))}, {int(not column.nullable)})"
        for column in table.columns
        for texts in [(table.name, column.name, ddl.build_column_clause(column, dialect))]
    ]
    return _insert_lines("@columns ([table], [column], [clause], [required])", rows)


def _insert_lines(target: str, rows: list[str]) -> list[str]:
    return [f"INSERT INTO {target} VALUES", "    " + ",\n    ".join(rows) + ";"]


def _view_name_rows(dialect: Dialect) -> list[str]:
    return procedures.append_commas([f"({dialect.quote_literal(view.name)})" for view in views.ALL])


_RENDERERS: procedures.PlaceholderRenderers = {
    "versions": _version_lines,
    "objects": _object_lines,
    "columns": _column_lines,
    "view_names": _view_name_rows,
}
