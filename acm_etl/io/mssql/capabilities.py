"""Capabilities and settings of a server: detected once per store, and reported by ``acm-etl doctor``."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from acm_etl import tables
from acm_etl.counts import format_count
from acm_etl.dialects import MSSQL, Dialect
from acm_etl.engine import Finding
from acm_etl.errors import StoreError, TransientError, UnavailableError
from acm_etl.io.mssql.session import Session
from acm_etl.io.mssql.statements import STAGING_SCHEMA, StagingKind

# The MERGE goes to a table variable: the trial leaves nothing behind and needs no permission to create tables.
_MERGE_TEMPLATE = (
    "{declare}DECLARE @kept TABLE (k INT NOT NULL);\n"
    "MERGE INTO @kept AS t USING (SELECT 1 AS k) AS s ON t.k = s.k\n"
    "WHEN NOT MATCHED BY TARGET THEN INSERT (k) VALUES (s.k){output};\nSELECT {found};"
)
_MERGE_WITH_OUTPUT = _MERGE_TEMPLATE.format(
    declare="DECLARE @changes TABLE (action NVARCHAR(10) NOT NULL);\n",
    output="\nOUTPUT $action INTO @changes",
    found="action FROM @changes",
)
_MERGE_WITH_ROWCOUNT = _MERGE_TEMPLATE.format(declare="", output="", found="@@ROWCOUNT AS n")
# By name: on Azure SQL Database, database_id of sys.databases may differ from DB_ID().
_DATABASE_QUERY = (
    "SELECT CAST(is_read_committed_snapshot_on AS INT) AS snapshot, CAST(compatibility_level AS INT) AS level\n"
    "FROM sys.databases WHERE name = DB_NAME()"
)
_VERSION_QUERY = (
    "SELECT CAST(SERVERPROPERTY('ProductVersion') AS NVARCHAR(60)) AS version,\n"
    "    CAST(SERVERPROPERTY('EngineEdition') AS INT) AS edition"
)
_PERMISSIONS = ("SELECT", "INSERT", "UPDATE", "DELETE")
# A login that may alter the schema creates its staging tables; others call the procedures of the schema.
_STAGING_QUERY = (
    f"SELECT HAS_PERMS_BY_NAME(N'{STAGING_SCHEMA}', N'SCHEMA', N'ALTER') AS may_alter,\n"
    "    HAS_PERMS_BY_NAME(QUOTENAME(DB_NAME()), N'DATABASE', N'CREATE TABLE') AS may_create,\n"
    f"    HAS_PERMS_BY_NAME(N'{STAGING_SCHEMA}', N'SCHEMA', N'INSERT') AS may_insert,\n"
    f"    HAS_PERMS_BY_NAME(N'{STAGING_SCHEMA}.usp_ACM_CreateStagingTable', N'OBJECT', N'EXECUTE') AS may_call"
)
# SQL Server 2017.
_OLDEST_MAJOR_VERSION = 14
# Of SQL Server 2016: STRING_SPLIT and OPENJSON need this level.
_LOWEST_COMPATIBILITY_LEVEL = 130
# Services that are always up to date; their version begins with 12 and says nothing, by EngineEdition.
# https://learn.microsoft.com/sql/t-sql/functions/serverproperty-transact-sql
_SERVICES = {5: "Azure SQL Database", 8: "Azure SQL Managed Instance"}


_WITHOUT_OUTPUT = replace(MSSQL, upsert_strategy="merge-counted")
_WITHOUT_MERGE = replace(MSSQL, upsert_strategy="update-insert")


def detect_dialect(session: Session) -> Dialect:
    """Return the dialect of a server with an upsert strategy that works there.

    Servers that speak the protocol of SQL Server, but are not SQL Server, support MERGE in part or not at all. A trial
    shows more than a version number.
    """
    if _try_query_rows(session, _MERGE_WITH_OUTPUT) == [("INSERT",)]:
        return MSSQL
    has_merge = _try_query_rows(session, _MERGE_WITH_ROWCOUNT) == [(1,)]
    return _WITHOUT_OUTPUT if has_merge else _WITHOUT_MERGE


def collect_server_findings(session: Session, dialect: Dialect, staging: StagingKind) -> list[Finding]:
    """Return findings about version, settings and permissions that matter to backfills and dashboards."""
    return [
        _version_finding(session),
        *_database_findings(session),
        _permissions_finding(session),
        _staging_finding(session, staging),
        Finding("MERGE", "ok", _UPSERT_TEXTS[dialect.upsert_strategy]),
    ]


_UPSERT_TEXTS = {
    "merge": "supported, with OUTPUT",
    "merge-counted": "supported without OUTPUT: new keys are counted by a query before it",
    "update-insert": "not supported: rows are written by UPDATE and INSERT",
}


def _version_finding(session: Session) -> Finding:
    version, edition = _try_query_pair(session, _VERSION_QUERY)
    if edition in _SERVICES:
        return Finding("server", "ok", f"{_SERVICES[edition]}, version {version}")
    major = str(version).partition(".")[0]
    if major.isdigit() and int(major) < _OLDEST_MAJOR_VERSION:
        return Finding("server", "warn", f"version {version}: older than SQL Server 2017, the oldest tested version")
    return Finding("server", "ok", f"version {version or 'unknown'}")


def _database_findings(session: Session) -> list[Finding]:
    snapshot, level = _try_query_pair(session, _DATABASE_QUERY)
    return [_snapshot_finding(snapshot), _compatibility_finding(level)]


def _snapshot_finding(snapshot: Any) -> Finding:  # noqa: ANN401 - None if unknown
    if snapshot == 1:
        return Finding("READ_COMMITTED_SNAPSHOT", "ok", "on: dashboards never wait for a backfill")
    # The same statement as 000_database.sql recommends.
    # https://learn.microsoft.com/sql/t-sql/statements/set-transaction-isolation-level-transact-sql
    statement = "ALTER DATABASE CURRENT SET READ_COMMITTED_SNAPSHOT ON WITH ROLLBACK AFTER 60 SECONDS"
    state = "off" if snapshot == 0 else "unknown"
    return Finding(
        "READ_COMMITTED_SNAPSHOT", "warn", f"{state}: dashboards may wait for a backfill; let a DBA run {statement}"
    )


def _compatibility_finding(level: Any) -> Finding:  # noqa: ANN401 - None if unknown
    if level is None or level >= _LOWEST_COMPATIBILITY_LEVEL:
        return Finding("compatibility level", "ok", str(level or "unknown"))
    statement = "ALTER DATABASE CURRENT SET COMPATIBILITY_LEVEL = 140"
    return Finding(
        "compatibility level",
        "warn",
        f"{level}: procedures need {_LOWEST_COMPATIBILITY_LEVEL} or higher; let a DBA run {statement}",
    )


def _permissions_finding(session: Session) -> Finding:
    # One query for all tables. HAS_PERMS_BY_NAME is NULL for a table that does not exist (yet).
    # https://learn.microsoft.com/sql/t-sql/functions/has-perms-by-name-transact-sql
    checks = ", ".join(
        f"HAS_PERMS_BY_NAME(N'[dbo].[' + v.name + N']', N'OBJECT', N'{verb}') AS may_{verb}" for verb in _PERMISSIONS
    )
    names = ", ".join(f"(N'{table.name}')" for table in tables.ALL)
    rows = _try_query_rows(session, f"SELECT v.name, {checks} FROM (VALUES {names}) AS v(name)")
    existing = [row for row in rows if None not in row]
    if not existing:
        return Finding("permissions", "warn", "unknown: permissions not visible, or tables missing (run acm-etl init)")
    read_only = {table.name for table in tables.ADMINISTERED}
    denied_by_verb = {
        verb: [str(row[0]) for row in existing if not row[place] and (verb == "SELECT" or row[0] not in read_only)]
        for place, verb in enumerate(_PERMISSIONS, start=1)
    }
    problems = [
        f"no {verb} on {format_count(len(denied), 'table')} such as {denied[0]}"
        for verb, denied in denied_by_verb.items()
        if denied
    ]
    if problems:
        advice = "let a DBA add the login to the role acm_loader, if it is to write"
        return Finding("permissions", "warn", f"{'; '.join(problems)}; {advice}")
    written = len(existing) - len(read_only.intersection(str(row[0]) for row in existing))
    return Finding("permissions", "ok", f"SELECT on all {len(existing)} tables, write on the {written} of a backfill")


def _staging_finding(session: Session, staging: StagingKind) -> Finding:
    if staging == "temp":
        return Finding("staging", "ok", "global temporary tables, which every login of the server can read and change")
    rows = _try_query_rows(session, _STAGING_QUERY)
    may_alter, may_create, may_insert, may_call = rows[0] if rows else (None,) * 4
    place = f"tables in the schema {STAGING_SCHEMA}, created by"
    if may_alter and may_create:
        return Finding("staging", "ok", f"{place} this login")
    if not may_alter and may_insert and may_call:
        return Finding("staging", "ok", f"{place} its procedures")
    return Finding(
        "staging",
        "warn",
        f"no permission to stage rows in the schema {STAGING_SCHEMA}, or no such schema; if the login is to write, let"
        " a DBA run 007_roles.sql and add it to the role acm_loader",
    )


def _try_query_pair(session: Session, sql: str) -> tuple[Any, ...]:
    """Return the first row of two columns; two times None if the query fails or returns no row."""
    rows = _try_query_rows(session, sql)
    return rows[0] if rows else (None, None)


def _try_query_rows(session: Session, sql: str) -> list[tuple[Any, ...]]:
    # A missing permission or an unknown system view must not end the session; a lost connection must.
    try:
        return session.query(sql).rows()
    except (TransientError, UnavailableError):
        raise
    except StoreError:
        return []
