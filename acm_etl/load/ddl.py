"""DDL of both engines, rendered from ``acm_etl.tables``: pure text, committed under ``sql/`` and diffed by a test."""

from __future__ import annotations

import re
from collections.abc import Iterable
from pathlib import Path

from acm_etl.engine import DIALECTS, Dialect
from acm_etl.schema import Column, Table, View
from acm_etl.tables import reference, runs, scores, summaries, views

VERSION = 1
"""Version of the schema; a store with a higher one was written by a newer acm_etl."""

INDEXES: dict[str, tuple[tuple[str, ...], ...]] = {
    "RunLog": (("EquipID", "StartedAt DESC"), ("EquipID", "WindowStart")),
    "ACM_Runs": (("EquipID", "StartedAt DESC"), ("EquipID", "HealthStatus")),
    "ACM_RunErrors": (("EquipID", "OccurredAt DESC"),),
    "ACM_DataQualityEvents": (("EquipID", "EventTime DESC"),),
}
"""Further indexes by table, for engines in which they pay."""

ORDERED: dict[str, tuple[tuple[str, str], ...]] = {
    "RunLog": (("StartedAt", "CompletedAt"), ("StartedAt", "AttemptStartedAt"), ("WindowStart", "WindowEnd")),
    "ACM_Runs": (("StartedAt", "CompletedAt"),),
    "ACM_Episodes": (("StartTs", "EndTs"),),
}
"""Pairs of times of which the second is never before the first."""

_PARTS = {
    "001_reference.sql": reference.TABLES,
    "002_runs.sql": runs.TABLES,
    "003_scores.sql": scores.TABLES,
    "004_summaries.sql": summaries.TABLES,
}
_VIEWS = "005_views.sql"


def parts(dialect: Dialect) -> dict[str, list[str]]:
    """Statements by script name, in the order in which they are applied."""
    rendered = {
        name: [statement for table in tables for statement in table_statements(table, dialect)]
        for name, tables in _PARTS.items()
    }
    rendered[_VIEWS] = [statement for view in known_views(dialect) for statement in view_statements(view, dialect)]
    return rendered


def scripts(dialect: Dialect) -> dict[str, str]:
    """Text by script name: the files of ``sql/<dialect>/``."""
    head = f"-- Rendered by acm_etl.load.ddl from acm_etl/tables, schema version {VERSION}: do not edit.\n\n"
    return {
        name: head + "".join(f"{statement}{dialect.separator}\n" for statement in statements).rstrip("\n") + "\n"
        for name, statements in parts(dialect).items()
    }


def write_scripts(folder: Path) -> list[Path]:
    """Write the scripts of every dialect below ``folder`` and return their paths."""
    written = []
    for dialect in DIALECTS.values():
        place = folder / dialect.name
        place.mkdir(parents=True, exist_ok=True)
        for name, text in scripts(dialect).items():
            (place / name).write_text(text, encoding="utf-8")
            written.append(place / name)
    return written


def script_of(table: Table) -> str:
    """Name of the script that creates a table."""
    return next(name for name, tables in _PARTS.items() if table in tables)


def table_statements(table: Table, dialect: Dialect) -> list[str]:
    """Everything that creates one table: the table, its indexes, its lock setting, its docs."""
    return [create_table(table, dialect), *_indexes(table, dialect), *_lines(table, dialect), *_docs(table, dialect)]


def create_table(table: Table, dialect: Dialect) -> str:
    """CREATE TABLE with named constraints; leaves an existing table alone."""
    clauses = [column_clause(column, dialect) for column in table.columns]
    body = ",\n".join(f"    {clause}" for clause in [*clauses, *_constraints(table, dialect)])
    return dialect.create.format(body=body, **_names(table.name, dialect))


def add_column(table: Table, column: Column, dialect: Dialect) -> str:
    """ALTER TABLE that adds a nullable column (its checks apply to new stores only)."""
    return dialect.alter.format(table=dialect.quote(table.name), column=column_clause(column, dialect))


def column_clause(column: Column, dialect: Dialect) -> str:
    """A column with its type, as CREATE TABLE and ALTER TABLE take it."""
    name = dialect.quote(column.name)
    if column.computed is not None:
        start, end = map(dialect.quote, column.computed)
        expression = dialect.duration.format(start=start, end=end)
        return f"{name} {dialect.computed.format(expression=expression)}"
    kind = dialect.types[column.base].format(length=column.length)
    return f"{name} {kind} {'NULL' if column.nullable else 'NOT NULL'}"


def view_statements(view: View, dialect: Dialect) -> list[str]:
    """CREATE VIEW and its documentation."""
    names = _names(view.name, dialect)
    create = dialect.view.format(view=dialect.quote(view.name), select=_select(view, dialect))
    return [create, dialect.view_doc.format(text=dialect.literal(view.doc), **names)]


def known_views(dialect: Dialect) -> list[View]:
    """Views this engine can answer: those with local times need IANA time zones."""
    return [view for view in views.ALL if dialect.local is not None or views.LOCAL not in view.select]


def _select(view: View, dialect: Dialect) -> str:
    def localised(match: re.Match[str]) -> str:
        return (dialect.local or "").format(time=match["time"], zone=match["zone"])

    def named(match: re.Match[str]) -> str:
        name = match[1]
        return dialect.types[name[1:]] if name.startswith(":") else dialect.quote(name)

    select = re.sub(rf"{views.LOCAL}\((?P<time>[^|]+)\|(?P<zone>[^)]+)\)", localised, view.select)
    return re.sub(r"\{([^}]+)\}", named, select)


def _constraints(table: Table, dialect: Dialect) -> Iterable[str]:
    def named(kind: str, *parts: str) -> str:
        return f"CONSTRAINT {dialect.quote('_'.join((kind, table.name, *parts)))}"

    if dialect.large_keys or not table.large:
        yield f"{named('PK')} {dialect.primary} ({_listed(table.key, dialect)})"
    for columns in table.unique:
        yield f"{named('UQ', *columns)} UNIQUE ({_listed(columns, dialect)})"
    for column, parent in table.foreign.items() if dialect.foreign_keys else ():
        quoted = dialect.quote(column)
        yield f"{named('FK', column)} FOREIGN KEY ({quoted}) REFERENCES {dialect.quote(parent)} ({quoted})"
    for column_ in table.stored:
        if conditions := list(_conditions(column_, dialect)):
            yield f"{named('CK', column_.name)} CHECK ({' AND '.join(conditions)})"
    for first, second in ORDERED.get(table.name, ()):
        yield f"{named('CK', first, second)} CHECK ({dialect.quote(second)} >= {dialect.quote(first)})"


def _conditions(column: Column, dialect: Dialect) -> Iterable[str]:
    """What a value has to fulfil; NULL passes every CHECK."""
    name = dialect.quote(column.name)
    if column.base == "f64" and dialect.finite and not column.raw:
        yield dialect.finite.format(column=name)
    if column.check:
        yield f"{name} IN ({', '.join(map(dialect.literal, column.check))})"
    elif column.length and dialect.length:
        yield dialect.length.format(column=name, length=column.length)


def _indexes(table: Table, dialect: Dialect) -> Iterable[str]:
    for columns in INDEXES.get(table.name, ()) if dialect.index else ():
        words = [column.split(" ") for column in columns]
        name = "_".join(("IX", table.name, *(word[0] for word in words)))
        listed = ", ".join(" ".join((dialect.quote(word[0]), *word[1:])) for word in words)
        yield (dialect.index or "").format(
            index=dialect.quote(name), text=dialect.literal(name), columns=listed, **_names(table.name, dialect)
        )


def _lines(table: Table, dialect: Dialect) -> Iterable[str]:
    if table.large and dialect.lines:
        yield dialect.lines.format(**_names(table.name, dialect))


def _docs(table: Table, dialect: Dialect) -> Iterable[str]:
    names = _names(table.name, dialect)
    yield dialect.table_doc.format(text=dialect.literal(table.doc), **names)
    for column in table.columns:
        yield dialect.column_doc.format(
            text=dialect.literal(column.doc),
            column=dialect.quote(column.name),
            name=dialect.literal(column.name),
            **names,
        )


def _names(name: str, dialect: Dialect) -> dict[str, str]:
    quoted = dialect.quote(name)
    return {"table": quoted, "object": dialect.literal(quoted), "plain": dialect.literal(name)}


def _listed(names: Iterable[str], dialect: Dialect) -> str:
    return ", ".join(map(dialect.quote, names))
