"""Scripts that move the tables of ACM V8 aside and copy their rows; an administrator reads and runs them."""

from __future__ import annotations

from acm_etl.dialects import Dialect
from acm_etl.legacy_v8 import quarantine
from acm_etl.load.schema import ddl, procedures

# Numbered, because an administrator runs them by hand, in this order, and reads the counts of each before the next.
_SCRIPT_NAMES = tuple(f"migrate_v8/{name}.sql" for name in ("001_quarantine", "002_set_aside", "003_carry_over"))
_PLACEHOLDER_RENDERERS: procedures.PlaceholderRenderers = {
    "ranks": lambda dialect: [quarantine.build_run_ranks_query(dialect) + ";"],
    "quarantine": quarantine.build_quarantine_lines,
    "transfers": quarantine.build_transfer_rows,
}


def render_migration_scripts(dialect: Dialect) -> dict[str, str]:
    """Return the text of the migration scripts by their path below ``sql/<dialect>/``; empty for an embedded store."""
    rendered = procedures.render_scripts(
        dialect, _SCRIPT_NAMES, package="acm_etl.legacy_v8", renderers=_PLACEHOLDER_RENDERERS
    )
    return {name: ddl.join_statements(statements, dialect) for name, statements in rendered.items()}


def render_all_scripts(dialect: Dialect) -> dict[str, str]:
    """Return the text of every file of ``sql/<dialect>/``: the schema, and the scripts for an administrator."""
    # Sorted, so that generated files can be compared with those of the repository.
    return dict(sorted((ddl.render_sql_files(dialect) | render_migration_scripts(dialect)).items()))
