"""Report about the server of the store for its administrator: read-only, in sections that fail one by one."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime
from importlib.metadata import version
from typing import Any, Literal

from acm_etl import tables
from acm_etl.dialects import Dialect
from acm_etl.engine import Engine
from acm_etl.errors import StoreError, TransientError, UnavailableError
from acm_etl.load.clock import utc_now
from acm_etl.load.schema import procedures

_SCRIPT = "report.sql"
_HEADER_PATTERN = re.compile(r"^-- (?P<kind>section|advice): (?P<name>\w+) \| (?P<title>.+)$", re.MULTILINE)
_NEEDS_PATTERN = re.compile(r"^-- needs: (.+)$", re.MULTILINE)
# The first section: its rows are permissions that the login does not have.
_PERMISSIONS_SECTION = "permissions"


@dataclass(frozen=True, slots=True)
class SectionQuery:
    """Query of one section.

    Attributes:
        kind: ``section`` for facts, ``advice`` for settings that differ from the advice.
        name: Key of the section.
        title: Heading.
        needs: Permission without which rows are missing; None if every login sees all.
        sql: The query.
    """

    kind: Literal["section", "advice"]
    name: str
    title: str
    needs: str | None
    sql: str


@dataclass(frozen=True, slots=True)
class Section:
    """Facts about one subject.

    Attributes:
        name: Key of the section.
        title: Heading.
        rows: One mapping of column to value per row.
        problem: Why there are no rows, with the statement that mends it; None if the section was read.
    """

    name: str
    title: str
    rows: list[dict[str, Any]]
    problem: str | None = None


@dataclass(frozen=True, slots=True)
class Advice:
    """A setting that differs from the advice.

    Attributes:
        setting: Name of the setting.
        current: Its value; None if the server does not tell it.
        statement: Statement that changes it.
        reason: Consequence of the current value.
    """

    setting: str
    current: str | None
    statement: str
    reason: str


@dataclass(frozen=True, slots=True)
class ServerReport:
    """Report of ``acm-etl doctor --server``.

    Attributes:
        store: URL of the store without secrets.
        observed_at: Time of the report, UTC.
        acm_etl_version: Version of acm_etl that wrote it.
        sections: Facts by subject.
        advice: Settings that differ from the advice.
    """

    store: str
    observed_at: datetime
    acm_etl_version: str
    sections: list[Section]
    advice: list[Advice]


def build_server_report(engine: Engine) -> ServerReport:
    """Query the server of the store; nothing is changed, and no section that fails ends the report.

    Raises:
        UnavailableError: The connection was lost.
    """
    missing: dict[str, str] = {}
    sections: list[Section] = []
    advice: list[Advice] = []
    for query in list_section_queries(engine.dialect):
        section = _read_section(engine, query, missing)
        if query.name == _PERMISSIONS_SECTION:
            missing = {row["permission"]: row["grant_statement"] for row in section.rows}
        if query.kind == "section" or section.problem:
            sections.append(section)
        else:
            advice += [
                Advice(row["setting"], row["is"], row["change"], row["reason"])
                for row in section.rows
                # Settings that are as advised have no statement.
                if row["change"] is not None
            ]
    return ServerReport(engine.url, utc_now(), version("acm_etl"), sections, advice)


def list_section_queries(dialect: Dialect) -> list[SectionQuery]:
    """Return the queries of the report in their order."""
    (batches,) = procedures.render_scripts(
        dialect, [_SCRIPT], package="acm_etl.status", renderers=_PLACEHOLDER_RENDERERS
    ).values()
    return [_parse_query(batch) for batch in batches]


def _parse_query(batch: str) -> SectionQuery:
    header = _HEADER_PATTERN.search(batch)
    if header is None:
        message = f"a query of {_SCRIPT} has no header: {batch[:60]!r}"
        raise ValueError(message)
    needs = _NEEDS_PATTERN.search(batch)
    kind: Literal["section", "advice"] = "advice" if header["kind"] == "advice" else "section"
    return SectionQuery(kind, header["name"], header["title"], needs[1] if needs else None, batch[header.start() :])


def _read_section(engine: Engine, query: SectionQuery, missing: dict[str, str]) -> Section:
    # Without the permission, some views fail, and others show this session only: the server would look idle.
    if query.needs in missing:
        problem = f"needs {query.needs}: let a DBA run {missing[query.needs]}"
        return Section(query.name, query.title, [], problem)
    try:
        return Section(query.name, query.title, engine.query(query.sql).to_dicts())
    except (TransientError, UnavailableError):
        raise
    except StoreError as error:
        needs = f"; the query needs {query.needs}" if query.needs else ""
        return Section(query.name, query.title, [], f"{error}{needs}")


def _table_name_rows(dialect: Dialect) -> list[str]:
    return procedures.append_commas(
        [
            f"({dialect.quote_literal(table.name)}, {dialect.quote_literal(writer)})"
            for table in tables.ALL
            for writer in ["acm_admin" if table in tables.ADMINISTERED else "acm_loader or acm_admin"]
        ]
    )


_PLACEHOLDER_RENDERERS: procedures.PlaceholderRenderers = {
    "table_names": _table_name_rows,
    "database_settings": procedures.render_database_settings,
}
