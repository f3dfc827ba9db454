"""Render the SQL scripts that do not belong to one table: time zones, roles, procedures, database settings.

Each dialect has a folder of scripts beside this module, with batches separated by GO. A line ``{{name}}`` is a
placeholder for lines rendered from ``acm_etl.tables``.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from importlib.resources import files

from acm_etl import tables
from acm_etl.dialects import Dialect
from acm_etl.load.maintenance import retention
from acm_etl.tables import runs, views
from acm_etl.tables.shared_staging import STAGED_ROWS

SCRIPTS_BEFORE_VIEWS = ("005_time_zones.sql",)
OPTIONAL_SCRIPTS = ("007_roles.sql", "008_procedures.sql")
_AUXILIARY_SCRIPTS = (*SCRIPTS_BEFORE_VIEWS, *OPTIONAL_SCRIPTS)
_MANUAL_SCRIPTS = ("000_database.sql", "storage.sql")


def render_auxiliary_scripts(dialect: Dialect) -> dict[str, list[str]]:
    """Return the statements, by script name, that ``init`` applies besides tables and views."""
    return render_scripts(dialect, _AUXILIARY_SCRIPTS)


def render_manual_scripts(dialect: Dialect) -> dict[str, list[str]]:
    """Return the statements, by script name, that only an administrator runs, after reading them."""
    return render_scripts(dialect, _MANUAL_SCRIPTS)


PlaceholderRenderers = Mapping[str, Callable[[Dialect], list[str]]]
"""Functions that render the lines of a placeholder, by its name."""


def render_scripts(
    dialect: Dialect,
    names: Sequence[str],
    *,
    package: str = "acm_etl.load.schema",
    renderers: PlaceholderRenderers | None = None,
) -> dict[str, list[str]]:
    """Read scripts of a dialect and fill in their placeholders.

    Args:
        dialect: SQL dialect; one without a folder of scripts has none.
        names: Paths of the scripts within the folder.
        package: Package that contains the folder.
        renderers: Renderers of the placeholders; the ones of this module by default.

    Returns:
        Statements by script name.
    """
    folder = files(package) / dialect.name
    # DuckDB has no stored procedures, roles or time-zone table, and so no folder.
    if not folder.is_dir():
        return {}
    # Package resources instead of paths: the scripts are also found in a wheel or zip.
    texts = {name: folder.joinpath(name).read_text(encoding="utf-8") for name in names}
    return {
        name: _split_go_batches(
            _fill_placeholders(text, dialect, _PLACEHOLDER_RENDERERS if renderers is None else renderers)
        )
        for name, text in texts.items()
    }


def _split_go_batches(text: str) -> list[str]:
    # GO is a word of sqlcmd, not of T-SQL: a driver must send the batches one by one.
    return [batch.strip() for batch in re.split(r"^GO$", text, flags=re.MULTILINE) if batch.strip()]


def _fill_placeholders(text: str, dialect: Dialect, renderers: PlaceholderRenderers) -> str:
    # A placeholder stands on a line of its own; its indentation and its semicolon apply to the rendered lines.
    def fill_mark(match: re.Match[str]) -> str:
        lines = renderers[match["name"]](dialect)
        # A rendered line may itself have several lines, each of which needs the indentation.
        lines = [part for line in lines for part in line.split("\n")]
        return "\n".join(f"{match['indent']}{line}" if line else "" for line in lines) + match["tail"]

    return re.sub(r"^(?P<indent> *)\{\{(?P<name>\w+)\}\}(?P<tail>;?)$", fill_mark, text, flags=re.MULTILINE)


def _grant_statements(dialect: Dialect) -> list[str]:
    lines = []
    for table in tables.ALL:
        name = f"{dialect.schema_prefix}{dialect.quote(table.name)}"
        rights = "SELECT" if table in tables.ADMINISTERED else "SELECT, INSERT, UPDATE, DELETE"
        lines += [f"GRANT {rights} ON {name} TO [acm_loader];", f"GRANT SELECT ON {name} TO [acm_reader];"]
    for view in views.ALL:
        lines += [
            f"GRANT SELECT ON {dialect.schema_prefix}{dialect.quote(view.name)} TO [{role}];"
            for role in ("acm_loader", "acm_reader")
        ]
    return lines


def _shared_staging_columns(dialect: Dialect) -> list[str]:
    """Return the columns of the staging table that short frames share, as lines of CREATE TABLE."""
    return append_commas([dialect.column_clause(column) for column in STAGED_ROWS.columns])


def _retention_rows(dialect: Dialect) -> list[str]:
    """Return name, time column and grain of the tables with a retention period, as rows of a VALUES list."""
    return append_commas(
        [
            f"({', '.join(map(dialect.quote_literal, (table.name, table.row_time, table.grain)))})"
            for table, _ in retention.list_retention_tables()
        ]
    )


def _model_delete_statements(dialect: Dialect) -> list[str]:
    """Return the DELETE statements for versions of models, the tables that describe them first."""
    # The registry last: a failure in between then leaves a version that is listed, not rows that nobody finds.
    grained = [(table.name, "ModelVersion") for table in tables.MODEL_RESULTS]
    return [
        f"DELETE t FROM {dialect.schema_prefix}{dialect.quote(name)} AS t INNER JOIN @versions AS x\n"
        f"    ON x.[EquipID] = t.[EquipID] AND x.[Version] = t.{dialect.quote(column)};"
        for name, column in (*grained, (runs.MODEL_REGISTRY.name, "Version"))
    ]


def render_database_settings(dialect: Dialect) -> list[str]:
    """Return the lines of the query for the settings of the database, with the statement that changes each.

    The script for administrators and ``acm-etl doctor --server`` give the same advice.
    """
    text = files("acm_etl.load.schema").joinpath(dialect.name, "database_settings.sql").read_text(encoding="utf-8")
    return text.rstrip().split("\n")


def _stored_table_rows(dialect: Dialect) -> list[str]:
    """Return name, key and time column of the tables with a row per reading, as rows of a VALUES list."""
    return append_commas(
        [
            f"    ({', '.join(map(dialect.quote_literal, texts))})"
            for table in tables.ALL
            if table.grain == "time"
            for texts in [(table.name, dialect.quote_list(table.key), dialect.quote(table.row_time))]
        ]
    )


def append_commas(rows: list[str]) -> list[str]:
    """Return rows of a VALUES list with a comma after each but the last."""
    return [f"{row}," for row in rows[:-1]] + rows[-1:]


_PLACEHOLDER_RENDERERS: PlaceholderRenderers = {
    "grants": _grant_statements,
    "expiring": _retention_rows,
    "shared_columns": _shared_staging_columns,
    "owned": retention.no_owner_conditions,
    "with_models": _model_delete_statements,
    "stored_tables": _stored_table_rows,
    "database_settings": render_database_settings,
}
