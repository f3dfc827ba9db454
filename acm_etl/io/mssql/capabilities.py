"""What a server can do, and what it is set to: asked once, told by ``doctor``."""

from __future__ import annotations

from dataclasses import replace

import polars as pl

from acm_etl import tables
from acm_etl.dialects import MSSQL, Dialect
from acm_etl.engine import Finding
from acm_etl.errors import StoreError, TransientError, UnavailableError
from acm_etl.io.mssql.session import Session
from acm_etl.io.mssql.staging import Stager
from acm_etl.schema import Table, col

PROBE_TABLE = Table("Probe", "reference", "What a MERGE is tried on", (col("k", "i32", "A key"),), key=("k",))
_MERGE_TEMPLATE = (
    "{declare}DECLARE @kept TABLE (k INT NOT NULL);\n"
    "MERGE INTO @kept AS t USING {staged} AS s ON t.k = s.k\n"
    "WHEN NOT MATCHED BY TARGET THEN INSERT (k) VALUES (s.k){output};\nSELECT {found};"
)
_MERGE_WITH_OUTPUT = _MERGE_TEMPLATE.format(
    declare="DECLARE @changes TABLE (action NVARCHAR(10) NOT NULL);\n",
    staged="{staged}",
    output="\nOUTPUT $action INTO @changes",
    found="action FROM @changes",
)
_MERGE_WITH_ROWCOUNT = _MERGE_TEMPLATE.format(declare="", staged="{staged}", output="", found="@@ROWCOUNT AS n")
_SNAPSHOT_QUERY = "SELECT CAST(is_read_committed_snapshot_on AS INT) AS value FROM sys.databases WHERE name = DB_NAME()"
_VERSION_QUERY = "SELECT CAST(SERVERPROPERTY('ProductVersion') AS NVARCHAR(60)) AS value"
_PERMISSIONS = ("SELECT", "INSERT", "UPDATE", "DELETE")
_OLDEST_MAJOR_VERSION = 14
"""SQL Server 2017"""


def detect_dialect(session: Session, stager: Stager) -> Dialect:
    """The dialect, with the kind of MERGE that this server carries out on this staging."""
    try:
        staged = stager.stage_frames(
            session,
            [(PROBE_TABLE, pl.DataFrame({"k": [1]}, schema=PROBE_TABLE.polars_schema))],
            control_session_only=True,
        )[0].relation
    except (TransientError, UnavailableError):
        raise
    except StoreError:  # a login that may only read never merges
        return MSSQL
    try:
        if _try_query_rows(session, _MERGE_WITH_OUTPUT.format(staged=staged)) == [("INSERT",)]:
            return MSSQL
        counted = _try_query_rows(session, _MERGE_WITH_ROWCOUNT.format(staged=staged)) == [(1,)]
        return replace(MSSQL, upsert_strategy="merge-counted" if counted else "update-insert")
    finally:
        stager.clear_staging(session)


def collect_server_findings(session: Session, dialect: Dialect) -> list[Finding]:
    """Version and settings of the server that matter to a loader and its readers."""
    merge = Finding("MERGE", "ok", _UPSERT_TEXTS[dialect.upsert_strategy])
    return [_version_finding(session), _snapshot_finding(session), _permissions_finding(session), merge]


_UPSERT_TEXTS = {
    "merge": "says what it did",
    "merge-counted": "knows no OUTPUT: new keys are counted before it",
    "update-insert": "cannot be relied on: UPDATE and INSERT do its work",
}


def _version_finding(session: Session) -> Finding:
    version = _try_query_value(session, _VERSION_QUERY)
    major = str(version).partition(".")[0]
    if major.isdigit() and int(major) < _OLDEST_MAJOR_VERSION:
        return Finding("server", "warn", f"version {version}: older than SQL Server 2017, which is the oldest tested")
    return Finding("server", "ok", f"version {version or 'unknown'}")


def _snapshot_finding(session: Session) -> Finding:
    value = _try_query_value(session, _SNAPSHOT_QUERY)
    if value == 1:
        return Finding("READ_COMMITTED_SNAPSHOT", "ok", "on: readers never wait for a loader")
    advised = "ALTER DATABASE CURRENT SET READ_COMMITTED_SNAPSHOT ON WITH ROLLBACK IMMEDIATE"
    state = "off" if value == 0 else "unknown"
    return Finding(
        "READ_COMMITTED_SNAPSHOT", "warn", f"{state}: dashboards may wait for a loader; a DBA may run {advised}"
    )


def _permissions_finding(session: Session) -> Finding:
    """What this login may do with our tables; those that are not there yet are left out."""
    asked = ", ".join(
        f"HAS_PERMS_BY_NAME(N'[dbo].[' + v.name + N']', N'OBJECT', N'{verb}') AS may_{verb}" for verb in _PERMISSIONS
    )
    names = ", ".join(f"(N'{table.name}')" for table in tables.ALL)
    answers = _try_query_rows(session, f"SELECT v.name, {asked} FROM (VALUES {names}) AS v(name)")
    known = [row for row in answers if None not in row]
    if not known:
        return Finding("permissions", "warn", "unknown: the server does not tell, or has none of our tables")
    lacking = {
        verb: [str(row[0]) for row in known if not row[place]] for place, verb in enumerate(_PERMISSIONS, start=1)
    }
    told = [f"no {verb} on {len(names)} table(s) such as {names[0]}" for verb, names in lacking.items() if names]
    if told:
        advice = "let a DBA add the login to the role acm_loader, if it is to write"
        return Finding("permissions", "warn", f"{'; '.join(told)}; {advice}")
    return Finding("permissions", "ok", f"{', '.join(_PERMISSIONS)} on all {len(known)} tables")


def _try_query_value(session: Session, sql: str) -> object:
    """One value; None where the server does not answer such questions."""
    rows = _try_query_rows(session, sql)
    return rows[0][0] if rows else None


def _try_query_rows(session: Session, sql: str) -> list[tuple[object, ...]]:
    try:
        return session.query(sql).rows()
    except (TransientError, UnavailableError):
        raise
    except StoreError:
        return []
