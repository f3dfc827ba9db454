"""What a server can do, and what it is set to: asked once, told by ``doctor``."""

from __future__ import annotations

from acm_etl.engine import Finding
from acm_etl.errors import StoreError, TransientError, UnavailableError
from acm_etl.io.mssql_session import Session

_ACTIONS = (
    "DECLARE @kept TABLE (k INT NOT NULL); DECLARE @changes TABLE (action NVARCHAR(10) NOT NULL);\n"
    "MERGE INTO @kept AS t USING (SELECT 1 AS k) AS s ON t.k = s.k\n"
    "WHEN NOT MATCHED BY TARGET THEN INSERT (k) VALUES (s.k)\n"
    "OUTPUT $action INTO @changes;\n"
    "SELECT action FROM @changes;"
)
_SNAPSHOT = "SELECT CAST(is_read_committed_snapshot_on AS INT) AS value FROM sys.databases WHERE name = DB_NAME()"
_VERSION = "SELECT CAST(SERVERPROPERTY('ProductVersion') AS NVARCHAR(60)) AS value"
_OLDEST = 14
"""SQL Server 2017"""


def actions_of(session: Session) -> bool:
    """Whether a MERGE of this server can say what it did."""
    try:
        return session.rows(_ACTIONS).rows() == [("INSERT",)]
    except (TransientError, UnavailableError):
        raise
    except StoreError:
        return False


def advice(session: Session, *, actions: bool) -> list[Finding]:
    """Version and settings of the server that matter to a loader and its readers."""
    return [_version(session), _snapshot(session), _merge(actions=actions)]


def _version(session: Session) -> Finding:
    version = _value(session, _VERSION)
    major = str(version).partition(".")[0]
    if major.isdigit() and int(major) < _OLDEST:
        return Finding("server", "warn", f"version {version}: older than SQL Server 2017, which is the oldest tested")
    return Finding("server", "ok", f"version {version or 'unknown'}")


def _snapshot(session: Session) -> Finding:
    value = _value(session, _SNAPSHOT)
    if value == 1:
        return Finding("READ_COMMITTED_SNAPSHOT", "ok", "on: readers never wait for a loader")
    advised = "ALTER DATABASE CURRENT SET READ_COMMITTED_SNAPSHOT ON WITH ROLLBACK IMMEDIATE"
    state = "off" if value == 0 else "unknown"
    return Finding(
        "READ_COMMITTED_SNAPSHOT", "warn", f"{state}: dashboards may wait for a loader; a DBA may run {advised}"
    )


def _merge(*, actions: bool) -> Finding:
    how = "says what it did" if actions else "says no OUTPUT: new keys are counted before it"
    return Finding("MERGE", "ok", how)


def _value(session: Session, sql: str) -> object:
    """One value; None where the server does not answer such questions."""
    try:
        rows = session.rows(sql)
    except (TransientError, UnavailableError):
        raise
    except StoreError:
        return None
    return rows.item() if rows.height else None
