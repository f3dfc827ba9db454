"""DDL of both engines, rendered from ``acm_etl.tables``: pure text, committed under ``sql/`` and diffed by a test."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable

from acm_etl.dialects import Dialect
from acm_etl.load import procedures
from acm_etl.schema import Column, Table, View
from acm_etl.tables import aliases, common, daily, events, forecast, models, reference, runs, scores, summaries, views

CURRENT_SCHEMA_VERSION = 1
"""Version of the schema; a store with a higher one was written by a newer acm_etl."""

SECONDARY_INDEXES: dict[str, tuple[tuple[str, ...], ...]] = {
    "RunLog": (("EquipID", "StartedAt DESC"), ("EquipID", "WindowStart")),
    "ACM_Runs": (("EquipID", "StartedAt DESC"), ("EquipID", "HealthStatus")),
    "ACM_RunErrors": (("EquipID", "OccurredAt DESC"),),
    "ACM_DataQualityEvents": (("EquipID", "EventTime DESC"),),
}
"""Further indexes by table, for engines in which they pay."""

TIME_ORDER_PAIRS: dict[str, tuple[tuple[str, str], ...]] = {
    "RunLog": (("StartedAt", "CompletedAt"), ("StartedAt", "AttemptStartedAt"), ("WindowStart", "WindowEnd")),
    "ACM_Runs": (("StartedAt", "CompletedAt"),),
    "ACM_Episodes": (("StartTs", "EndTs"),),
    "ACM_DriftEvents": (("SegmentStart", "SegmentEnd"),),
    "ACM_Regime_Episodes": (("StartTs", "EndTs"),),
    "ACM_AlertAge": (("StartTimestamp", "EndTimestamp"),),
}
"""Pairs of times of which the second is never before the first."""

_TABLES_BY_SCRIPT = {
    "001_reference.sql": reference.TABLES,
    "002_runs.sql": runs.TABLES,
    "003_scores.sql": (*scores.TABLES, *events.TABLES),
    "004_summaries.sql": (*summaries.TABLES, *daily.TABLES, *models.TABLES, *forecast.TABLES),
}
_SCRIPT_HEADER = (
    f"-- Rendered by acm_etl.load.ddl from acm_etl/tables, schema version {CURRENT_SCHEMA_VERSION}: do not edit.\n\n"
)
_CREATED_OBJECT_PATTERN = re.compile(r"^CREATE (?:TABLE|VIEW|PROCEDURE) (\S+)", re.MULTILINE)


def build_script_statements(dialect: Dialect) -> dict[str, list[str]]:
    """Statements by script name, in the order in which they are applied."""
    rendered = {
        name: [statement for table in tables for statement in build_table_statements(table, dialect)]
        for name, tables in _TABLES_BY_SCRIPT.items()
    }
    further = procedures.render_auxiliary_scripts(dialect)
    before = {name: statements for name, statements in further.items() if name in procedures.SCRIPTS_BEFORE_VIEWS}
    number = len(rendered) + len(before) + 1
    viewed = {f"{number:03}_views.sql": [line for view in views.ALL for line in build_view_statements(view, dialect)]}
    return rendered | before | viewed | further


def is_optional_script(script_name: str) -> bool:
    """Whether a store works without this script: what it makes is for others than the runner."""
    return script_name in procedures.OPTIONAL_SCRIPTS


def hash_statements(statements: Iterable[str]) -> str:
    """What tells one version of a script from another."""
    return hashlib.sha256("\n".join(statements).encode()).hexdigest()


def render_init_scripts(dialect: Dialect) -> dict[str, str]:
    """Text by name of the scripts that ``init`` applies, each to be run by hand as it is."""
    return {
        name: _render_script(name, statements, dialect) for name, statements in build_script_statements(dialect).items()
    }


def render_sql_files(dialect: Dialect) -> dict[str, str]:
    """Text by name of all files of ``sql/<dialect>/``: these scripts, and those that only a person runs."""
    by_hand = {
        name: join_statements(statements, dialect)
        for name, statements in procedures.render_manual_scripts(dialect).items()
    }
    return dict(sorted((by_hand | render_init_scripts(dialect)).items()))


def _render_script(name: str, statements: list[str], dialect: Dialect) -> str:
    objects = ", ".join(
        f"({dialect.quote_literal(created)})" for created in _CREATED_OBJECT_PATTERN.findall("\n".join(statements))
    )
    closing = dialect.script_epilogue.format(
        objects=objects or "(N'sys.objects')",
        script=dialect.quote_literal(name),
        version=CURRENT_SCHEMA_VERSION,
        hash=dialect.quote_literal(hash_statements(statements)),
    )
    return _SCRIPT_HEADER + join_statements(
        [*filter(None, [dialect.script_prologue]), *statements, *filter(None, [closing])], dialect
    )


def join_statements(statements: Iterable[str], dialect: Dialect) -> str:
    """Return statements as the text of one script, each followed by the separator of the dialect."""
    return "".join(f"{statement}{dialect.batch_separator}\n" for statement in statements).rstrip("\n") + "\n"


def find_script_name(table: Table) -> str:
    """Name of the script that creates a table."""
    return next(name for name, tables in _TABLES_BY_SCRIPT.items() if table in tables)


def build_table_statements(table: Table, dialect: Dialect, *, shared_by_machines: bool = True) -> list[str]:
    """Everything that creates one table: the table, its indexes, its lock setting, its docs, the rows it always has.

    Args:
        table: The table.
        dialect: The SQL to write.
        shared_by_machines: Machines write to the table in parallel, so one that locks many rows must not block the
            others. In a table of one machine it may: a long import then takes one lock and not millions.
    """
    created = [
        build_create_statement(table, dialect),
        *_index_statements(table, dialect),
        *(_lock_escalation_statements(table, dialect) if shared_by_machines else ()),
    ]
    return [*created, *_doc_statements(table, dialect), *_seed_row_statements(table, dialect)]


def build_create_statement(table: Table, dialect: Dialect) -> str:
    """CREATE TABLE with named constraints; leaves an existing table alone."""
    clauses = [build_column_clause(column, dialect) for column in table.columns]
    body = ",\n".join(f"    {clause}" for clause in [*clauses, *_constraint_clauses(table, dialect)])
    return dialect.create_table.format(body=body, **_object_names(table.name, dialect))


def build_add_column(table: Table, column: Column, dialect: Dialect) -> str:
    """ALTER TABLE that adds a nullable column (its checks apply to new stores only)."""
    return dialect.add_column.format(column=build_column_clause(column, dialect), **_object_names(table.name, dialect))


def build_column_clause(column: Column, dialect: Dialect) -> str:
    """A column with its type, as CREATE TABLE and ALTER TABLE take it."""
    name = dialect.quote(column.name)
    if column.computed is not None and dialect.computed_column is not None:
        start, end = map(dialect.quote, column.computed)
        expression = dialect.seconds_between.format(start=start, end=end)
        return f"{name} {dialect.computed_column.format(expression=expression)}"
    kind = dialect.sql_types[column.base_type].format(length=column.max_length)
    text = dialect.text_collation if column.base_type in ("str", "text") else ""
    return " ".join(filter(None, (name, kind, text, "NULL" if column.nullable else "NOT NULL")))


def build_view_statements(view: View, dialect: Dialect) -> list[str]:
    """CREATE VIEW and its documentation."""
    names = _object_names(view.name, dialect)
    select = _render_view_select(view, dialect)
    created = [line.format(view=names["table"], select=select) for line in dialect.create_view]
    doc = dialect.view_doc.format(text=dialect.quote_literal(view.doc), **names)
    return [*created, *_wrap_doc_statements([doc], view.name, "VIEW", dialect)]


def _render_view_select(view: View, dialect: Dialect) -> str:
    def localised(match: re.Match[str]) -> str:
        return dialect.to_local_time.format(time=match["time"], zone=match["zone"])

    def named(match: re.Match[str]) -> str:
        name = match[1]
        return dialect.sql_types[name[1:]] if name.startswith(":") else dialect.quote(name)

    def elapsed(match: re.Match[str]) -> str:
        return dialect.seconds_between.format(start=match["start"], end=match["end"])

    select = re.sub(rf"{common.SECONDS_MARKER}\((?P<start>[^|]+)\|(?P<end>[^)]+)\)", elapsed, view.select)
    select = re.sub(rf"{aliases.LOCAL_TIME_MARKER}\((?P<time>[^|]+)\|(?P<zone>[^)]+)\)", localised, select)
    return re.sub(r"\{([^}]+)\}", named, select)


def _constraint_clauses(table: Table, dialect: Dialect) -> Iterable[str]:
    def named(kind: str, *parts: str) -> str:
        return f"CONSTRAINT {dialect.quote('_'.join((kind, table.name, *parts)))}"

    if dialect.has_large_table_keys or not table.large:
        yield f"{named('PK')} {dialect.primary_key} ({_join_quoted_names(table.key, dialect)})"
    for columns in table.unique_keys:
        yield f"{named('UQ', *columns)} UNIQUE ({_join_quoted_names(columns, dialect)})"
    for column, parent in _database_foreign_keys(table) if dialect.has_foreign_keys else ():
        quoted, referenced = dialect.quote(column), _object_names(parent, dialect)["table"]
        yield f"{named('FK', column)} FOREIGN KEY ({quoted}) REFERENCES {referenced} ({quoted})"
    for column_ in table.insertable_columns:
        if conditions := list(_check_conditions(column_, dialect)):
            yield f"{named('CK', column_.name)} CHECK ({' AND '.join(conditions)})"
    for first, second in TIME_ORDER_PAIRS.get(table.name, ()):
        yield f"{named('CK', first, second)} CHECK ({dialect.quote(second)} >= {dialect.quote(first)})"


def _check_conditions(column: Column, dialect: Dialect) -> Iterable[str]:
    """What a value has to fulfil; NULL passes every CHECK."""
    name = dialect.quote(column.name)
    if column.base_type == "f64" and dialect.finite_check and not column.allow_nonfinite:
        yield dialect.finite_check.format(column=name)
    if column.allowed_values:
        yield f"{name} IN ({', '.join(map(dialect.quote_literal, column.allowed_values))})"
    elif column.max_length and dialect.length_check:
        yield dialect.length_check.format(column=name, length=column.max_length)


def _database_foreign_keys(table: Table) -> list[tuple[str, str]]:
    """Foreign keys that the database checks.

    Not the run of a large table: for every group the server would look up tens of thousands of runs among those that
    other machines' transactions hold, and scan the whole table whenever a run is deleted. Publishing checks it instead
    (``obsolete.orphans``).
    """
    return [
        (column, parent)
        for column, parent in table.foreign_keys.items()
        if not (table.large and parent == _RUN_LOG_NAME)
    ]


_RUN_LOG_NAME = runs.RUN_LOG.name


def secondary_index_columns(table: Table) -> list[tuple[str, ...]]:
    """Columns of the further indexes of a table; deleting a run looks for its rows in every table that refers to it."""
    runs_of = (
        [("RunID",)] if ("RunID", _RUN_LOG_NAME) in _database_foreign_keys(table) and table.key[0] != "RunID" else []
    )
    return [*SECONDARY_INDEXES.get(table.name, ()), *runs_of]


def _index_statements(table: Table, dialect: Dialect) -> Iterable[str]:
    for columns in secondary_index_columns(table) if dialect.create_index else ():
        words = [column.split(" ") for column in columns]
        name = "_".join(("IX", table.name, *(word[0] for word in words)))
        listed = ", ".join(" ".join((dialect.quote(word[0]), *word[1:])) for word in words)
        yield (dialect.create_index or "").format(
            index=dialect.quote(name),
            text=dialect.quote_literal(name),
            columns=listed,
            **_object_names(table.name, dialect),
        )


def _lock_escalation_statements(table: Table, dialect: Dialect) -> Iterable[str]:
    if table.large and dialect.lock_escalation:
        yield dialect.lock_escalation.format(**_object_names(table.name, dialect))


def _seed_row_statements(table: Table, dialect: Dialect) -> list[str]:
    if not table.seed_rows:
        return []
    name, columns = (
        _object_names(table.name, dialect)["table"],
        _join_quoted_names((c.name for c in table.insertable_columns), dialect),
    )
    values = ",\n".join(f"    ({', '.join(map(dialect.quote_literal, row))})" for row in table.seed_rows)
    return [f"DELETE FROM {name}", f"INSERT INTO {name} ({columns}) VALUES\n{values}"]


def _doc_statements(table: Table, dialect: Dialect) -> list[str]:
    names = _object_names(table.name, dialect)
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
    return [dialect.docs_statement.format(rows=",\n    ".join(texts), kind=kind, **_object_names(name, dialect))]


def _object_names(name: str, dialect: Dialect) -> dict[str, str]:
    quoted = f"{dialect.schema_prefix}{dialect.quote(name)}"
    return {"table": quoted, "object": dialect.quote_literal(quoted), "plain": dialect.quote_literal(name)}


def _join_quoted_names(names: Iterable[str], dialect: Dialect) -> str:
    return ", ".join(map(dialect.quote, names))
