"""Translation of SQL Server's errors by number; the only place that decides which of them are worth a retry."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

from acm_etl.errors import (
    ConflictError,
    ConnectionLostError,
    DriverError,
    MissingTableError,
    StoreError,
    TransientError,
    UnavailableError,
)

# Errors after which the transaction may be repeated on the same connection.
# https://learn.microsoft.com/sql/relational-databases/errors-events/database-engine-events-and-errors
# and, for Azure, https://learn.microsoft.com/azure/azure-sql/database/troubleshoot-common-errors-issues
TRANSIENT_ERRORS = {
    1205: "chosen as a deadlock victim",
    1222: "waited too long for a lock",
    3960: "update conflict under snapshot isolation",
    # Timeouts of the client have no number of the server; drivers of .NET use -2, and so does this module.
    -2: "the statement timed out",
    49918: "the server is busy",
    49919: "the server is busy",
    49920: "the server is busy",
    40501: "the server is throttling",
    10928: "the server has no free session",
    10929: "the server is busy",
    10936: "the elastic pool has no free request",
    701: "the server is out of memory",
    802: "the server has no memory for its buffers",
    845: "the server waited too long for a page of a file",
    8628: "the server waited too long to optimize the query",
    8645: "the server has no memory for the query",
    8651: "the server has no memory for the query",
}
# Errors after which the transaction may be repeated on a new connection.
CONNECTION_LOST_ERRORS = {
    64: "the connection was reset",
    121: "the network timed out",
    233: "the server closed the connection",
    596: "the session was killed",
    615: "the database is being moved",
    921: "the database is not recovered yet",
    922: "the database is being recovered",
    952: "the database is changing its state",
    # Availability groups: during a failover neither replica serves the database.
    976: "the replica is not the primary one yet",
    983: "the replica is changing its role",
    988: "the availability group has no quorum yet",
    4221: "the readable replica is not ready yet",
    6005: "the server is shutting down",
    10053: "the connection was aborted",
    10054: "the connection was reset",
    10060: "the network timed out",
    # Its text begins with "Login failed", as that of a wrong password does.
    17197: "the login took too long on a busy server",
    # Azure SQL moves databases between nodes: they are away for seconds.
    40197: "the service is being moved",
    40613: "the database is being moved, or resumed after a pause",
    42108: "the SQL pool is paused; resume it",
    42109: "the server is warming up",
}
CANNOT_OPEN_DATABASE = 4060
LOGIN_FAILED = 18456
_LOGIN_ADVICE = "check user and password (ACM_MSSQL_USER, ACM_MSSQL_PASSWORD, or in the URL)"
_NO_LOGIN_YET = "the server accepts administrators only, or is paused; run the command again when it is in service"
_EXPIRED_LOGIN = "the password of the login has expired; change it first"
_FULL_AZURE = (
    "the database has reached its storage limit; delete data (acm-etl prune) or raise the limit, and run again"
)
_DAMAGED_FILE = "a file of the database is damaged; let a DBA run DBCC CHECKDB, and restore the database"
# Errors that a retry cannot cure: error class and the action to take.
TERMINAL_ERRORS: dict[int, tuple[type[StoreError], str]] = {
    CANNOT_OPEN_DATABASE: (
        UnavailableError,
        "the database does not exist or this login may not open it; it may be offline or restricted",
    ),
    LOGIN_FAILED: (UnavailableError, f"the login failed: {_LOGIN_ADVICE}"),
    18452: (UnavailableError, f"the login failed: {_LOGIN_ADVICE}"),
    18487: (UnavailableError, _EXPIRED_LOGIN),
    18488: (UnavailableError, _EXPIRED_LOGIN),
    40615: (
        UnavailableError,
        "the firewall of the server does not admit this address; let an administrator add a rule for it",
    ),
    # Their texts begin with "Login failed" as well, but another password would not help.
    18470: (UnavailableError, "the login is disabled; let a DBA enable it: ALTER LOGIN [name] ENABLE"),
    18486: (
        UnavailableError,
        "the login is locked; let a DBA unlock it: ALTER LOGIN [name] WITH PASSWORD = '...' UNLOCK",
    ),
    17892: (UnavailableError, "a logon trigger of the server refused the login; let a DBA except it from the trigger"),
    4064: (
        UnavailableError,
        "the default database of the login cannot be opened; let a DBA set another: ALTER LOGIN ... DEFAULT_DATABASE",
    ),
    17142: (UnavailableError, _NO_LOGIN_YET),
    18401: (UnavailableError, _NO_LOGIN_YET),
    18451: (UnavailableError, _NO_LOGIN_YET),
    18461: (UnavailableError, _NO_LOGIN_YET),
    # A declared source may be in another database of the server.
    916: (StoreError, "the login is no user of that database; let a DBA run CREATE USER there and grant SELECT"),
    924: (StoreError, "another session has that database for itself (SINGLE_USER); run again when it is released"),
    927: (StoreError, "that database is being restored; run again when it is online"),
    942: (StoreError, "that database is offline; run again when it is online"),
    3906: (StoreError, "the database is read-only; use a writable database"),
    978: (StoreError, "the server is a read-only replica; connect to the primary one"),
    229: (StoreError, "no permission; let a DBA add the login to the role acm_loader"),
    230: (StoreError, "no permission; let a DBA add the login to the role acm_loader"),
    # 262: CREATE TABLE and the like; 229 and 230: data and columns of an existing object.
    262: (StoreError, "no permission to create it; let a DBA run the scripts of sql/mssql"),
    2760: (StoreError, "the schema does not exist, or there is no permission in it"),
    1105: (StoreError, "a file group of the server is full; make room and run again"),
    9002: (StoreError, "a transaction log of the server is full; make room and run again"),
    1204: (StoreError, "the server is out of locks; lower backfill.batch_rows, or import in several files"),
    # Azure SQL Database ends the session; the same batch would meet the same limit again.
    40549: (StoreError, "the service ended a transaction that took too long; lower backfill.batch_rows"),
    40550: (StoreError, "the service ended a transaction with too many locks; lower backfill.batch_rows"),
    40551: (StoreError, "the service ended a session with too much tempdb; lower backfill.batch_rows"),
    40552: (StoreError, "the service ended a transaction with too much log; lower backfill.batch_rows"),
    40553: (StoreError, "the service ended a session with too much memory; lower backfill.batch_rows"),
    1132: (StoreError, _FULL_AZURE),
    40544: (StoreError, _FULL_AZURE),
    823: (StoreError, _DAMAGED_FILE),
    824: (StoreError, _DAMAGED_FILE),
    3967: (StoreError, "tempdb has no space for row versions; make room and run again"),
    1101: (StoreError, "a database of the server is full; make room and run again"),
    207: (StoreError, "a table was altered: a column is missing; run acm-etl init"),
    # Of acm_etl, or of a declared source.
    208: (MissingTableError, "a table or view is missing; acm-etl init creates those of acm_etl"),
    213: (StoreError, "a table was altered: its columns differ; run acm-etl init"),
    515: (StoreError, "a column does not accept NULL"),
    547: (StoreError, "the rows violate a constraint"),
    2601: (StoreError, "duplicate key"),
    2627: (StoreError, "duplicate key"),
    2628: (StoreError, "a text is longer than its column: the table was altered"),
    8152: (StoreError, "a text is longer than its column: the table was altered"),
}
# Errors that may mean that a table has other columns than the column cache has.
SCHEMA_CHANGE_ERRORS = frozenset({207, 208, 213, 515, 2628, 4902, 4922, 8152})
# Number by SQLSTATE, for drivers that give no number.
# https://learn.microsoft.com/sql/odbc/reference/appendixes/appendix-a-odbc-error-codes
_NUMBER_BY_SQLSTATE = {"40001": 1205, "08S01": 10054, "08003": 10054, "08007": 10054, "HYT00": -2, "28000": 18456}
_NUMBER_PATTERNS = (
    # Formats of mssql-python's bulk copy, arrow-odbc and pyodbc, in this order.
    r"Sql Error: (\d+)",
    r"Native error: (\d+)",
    r"\((\d+)\) \(SQL\w+\)",
)
_SQLSTATE_PATTERN = r"\b(?:State: |\[|\(')?([0-9A-Z]{2}[0-9A-Z]{3})\b(?=[\],'])"
_CONNECTION_LOST_PATTERN = re.compile(
    r"connection (?:was )?(?:refused|closed|reset|aborted)|broken pipe|communication link failure|TCP Provider"
    r"|unexpected ?eof|end of file|not open",
    re.IGNORECASE,
)
_TIMEOUT_PATTERN = re.compile(r"deadline has elapsed|timeout (?:expired|error)|timed out", re.IGNORECASE)
# mssql-python's words for SQLSTATE 28000, whatever the language of the server.
_LOGIN_REFUSED = "Driver Error: Invalid authorization specification"
# What ODBC drivers and mssql-python's bulk copy write before errors that the server has sent.
_SERVER_MARKS = ("[SQL Server]", "Sql Error:")
# Names of logins, databases and columns, which may contain any words. Not the apostrophe of "can't".
_QUOTED_PATTERN = re.compile(r"(?<!\w)'[^']*'|\"[^\"]*\"|\[[^\]]*\]")
# Parts of a driver's text that say nothing about the error.
_PREFIX_PATTERN = re.compile(
    r"(?:\[Microsoft\]|\[ODBC Driver \d+ for SQL Server\]|\[SQL Server\]|\[[0-9A-Z]{5}\]|Driver Error: [^;]*;"
    r"|DDBC Error:|\(\d+\) \(SQL\w+\))\s*"
)


@dataclass(frozen=True, slots=True)
class DriverFault:
    """Error of a driver, parsed.

    Attributes:
        text: Text on one line, without the driver's prefixes.
        number: Error number of SQL Server; None if the driver does not give it.
        sqlstate: SQLSTATE of five characters; None if unknown.
        is_from_server: True if the server has sent the error, so that it can be reached.
    """

    text: str
    number: int | None = None
    sqlstate: str | None = None
    is_from_server: bool = False

    @property
    def words(self) -> str:
        """The text without quoted names, to be searched for what the error is."""
        return _QUOTED_PATTERN.sub("''", self.text)

    @property
    def is_connection_lost(self) -> bool:
        """True if the connection cannot be used any more."""
        # SQLSTATE class 08: connection exceptions.
        if self.number in CONNECTION_LOST_ERRORS or (self.sqlstate or "").startswith("08"):
            return True
        return self.number is None and bool(_CONNECTION_LOST_PATTERN.search(self.words))


def parse_fault(error: BaseException, diagnostics: Iterable[tuple[str, str]] = ()) -> DriverFault:
    """Return text, number and SQLSTATE of a driver's error.

    Args:
        error: Exception of the driver.
        diagnostics: ODBC diagnostic records, such as ``("[40001] (1205)", "[Microsoft]...")``; preferred to the text.
    """
    text = " ".join(_PREFIX_PATTERN.sub("", str(error)).split())
    for record, _ in diagnostics:
        if match := re.fullmatch(r"\[(\w{5})\] \((-?\d+)\)", record):
            return DriverFault(text, _resolve_number(int(match[2]), match[1]), match[1])
    # pyodbc has SQLSTATE and text as separate arguments.
    whole = " ".join(str(part) for part in (*error.args, error))
    numbers = [int(match[1]) for pattern in _NUMBER_PATTERNS if (match := re.search(pattern, whole))]
    state = match[1] if (match := re.search(_SQLSTATE_PATTERN, whole)) else None
    if state is None and _LOGIN_REFUSED in whole:
        state = "28000"
    is_from_server = any(mark in whole for mark in _SERVER_MARKS)
    return DriverFault(text, _resolve_number(numbers[0] if numbers else 0, state), state, is_from_server)


def _resolve_number(number: int, state: str | None) -> int | None:
    # Errors of the client, such as timeouts, have number 0.
    return number or _NUMBER_BY_SQLSTATE.get(state or "")


def translate_fault(fault: DriverFault, *, url: str, secrets: Iterable[str] = ()) -> StoreError:
    """Return the product's error for the error of a statement.

    Args:
        fault: Error of the driver.
        url: URL of the store without secrets.
        secrets: Texts to replace in the message; servers and drivers repeat parts of connection strings.
    """
    number, text = fault.number, redact_text(fault.text, secrets)
    prefix = f"SQL Server error {number}: " if number and number > 0 else ""
    if number in TRANSIENT_ERRORS:
        return TransientError(f"{prefix}{TRANSIENT_ERRORS[number]} ({text})")
    if number in TERMINAL_ERRORS:
        error_class, advice = TERMINAL_ERRORS[number]
        # Errors of a login need the server's name: the user may have several stores.
        where = f"{url}: " if error_class is UnavailableError else ""
        return error_class(f"{where}{prefix}{advice} ({text})")
    if fault.is_connection_lost:
        reason = CONNECTION_LOST_ERRORS.get(number or 0, "the connection was lost")
        return ConnectionLostError(f"{prefix}{reason} ({text})")
    if number is None and _TIMEOUT_PATTERN.search(fault.words):
        return TransientError(f"{TRANSIENT_ERRORS[-2]} ({text})")
    # A number proves that the server saw the statement; without one, another driver may succeed.
    return StoreError(f"{prefix}{text}") if prefix else DriverError(f"driver error: {text}")


def relock_pending_error(name: str) -> ConnectionLostError:
    """Return the error for a new connection that could not take the lock of the lost one.

    Args:
        name: Name of the lock, e.g. the code of a machine.
    """
    return ConnectionLostError(
        f"the connection was lost, and the server has not released its lock on {name} yet, or another process has it;"
        " run the command again"
    )


def lock_failure_error(name: str, result: int) -> StoreError:
    """Return the error for a lock that the server did not grant for another reason than its holder.

    Args:
        name: Name of the lock, e.g. the code of a machine.
        result: Result of ``sp_getapplock``, below -1.
    """
    # https://learn.microsoft.com/sql/relational-databases/system-stored-procedures/sp-getapplock-transact-sql
    reasons = {-2: "the request was cancelled", -3: "the request was chosen as a deadlock victim"}
    if reason := reasons.get(result):
        return TransientError(f"the lock on {name} was not granted: {reason} (sp_getapplock returned {result})")
    return StoreError(
        f"the lock on {name} was not granted: the server rejected the call (sp_getapplock returned {result});"
        " let a DBA check that the login is a user of the database: SELECT USER_NAME(), DB_NAME()"
    )


def lock_lost_error(name: str) -> ConflictError:
    """Return the error for a lock that the session does not hold any more."""
    return ConflictError(
        f"the lock on {name} was lost with its session: nothing more is written; run the command again to resume"
    )


def redact_text(text: str, secrets: Iterable[str]) -> str:
    """Return a text of a driver without secrets, in at most 500 characters."""
    for secret in secrets:
        text = text.replace(secret, "***")
    # A server repeats whole statements in some errors.
    return text if len(text) <= 500 else text[:497] + "..."
