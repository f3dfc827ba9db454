"""What SQL Server's errors mean, by number: the one place that says which are worth another try."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

from acm_etl.errors import (
    ConflictError,
    ConnectionLostError,
    DriverError,
    StoreError,
    TransientError,
    UnavailableError,
)

#: Worth trying again. https://learn.microsoft.com/sql/relational-databases/errors-events/database-engine-events-and-errors
#: and, for Azure, https://learn.microsoft.com/azure/azure-sql/database/troubleshoot-common-errors-issues
TRANSIENT_ERRORS = {
    1205: "chosen as a deadlock victim",
    1222: "waited too long for a lock",
    3960: "a snapshot was updated by somebody else",
    -2: "the statement took too long",
    49918: "the server is busy",
    49919: "the server is busy",
    49920: "the server is busy",
    40501: "the server is throttling",
    10928: "the server is out of sessions",
    10929: "the server is busy",
    8645: "waited too long for memory",
}
#: Worth trying again on a new connection.
CONNECTION_LOST_ERRORS = {
    64: "the connection was reset",
    121: "the network has timed out",
    233: "the server closed the connection",
    596: "the session was killed",
    922: "the database is being recovered",
    6005: "the server is shutting down",
    10053: "the connection was aborted",
    10054: "the connection was reset",
    10060: "the network has timed out",
    40197: "the service is being moved",
    40613: "the database is being moved",
    42108: "the server is warming up",
    42109: "the server is warming up",
}
_CANNOT_OPEN_DATABASE = 4060
#: What a server says to a login while it stops or starts, in the words of its messages 922, 4064, 6005, 17142, 18401
#: and 18451; some of them end with "Login failed".
_SERVER_STARTING_PATTERN = re.compile(
    r"shutdown is in progress|script upgrade mode|only administrators? may connect|user default database"
    r"|being recovered|service has been paused",
    re.IGNORECASE,
)
_LOGIN_ADVICE = "check user and password (ACM_MSSQL_USER, ACM_MSSQL_PASSWORD, or in the URL)"
#: Not worth it: what to do instead.
TERMINAL_ERRORS: dict[int, tuple[type[StoreError], str]] = {
    4060: (UnavailableError, "the database does not exist or this login may not open it"),
    18456: (UnavailableError, f"the login failed: {_LOGIN_ADVICE}"),
    18452: (UnavailableError, f"the login failed: {_LOGIN_ADVICE}"),
    18488: (UnavailableError, "the login's password has to be changed first"),
    3906: (StoreError, "the database is read-only; take a database that may be written"),
    978: (StoreError, "the server is a read-only replica; connect to the primary one"),
    229: (StoreError, "no permission; let a DBA add the login to the role acm_loader"),
    230: (StoreError, "no permission; let a DBA add the login to the role acm_loader"),
    262: (StoreError, "no permission to create it; let a DBA run the scripts of sql/mssql"),
    2760: (StoreError, "the schema does not exist, or there is no permission in it"),
    1105: (StoreError, "a file group of the server is full; make room and run again"),
    9002: (StoreError, "a transaction log of the server is full; make room and run again"),
    1204: (StoreError, "the server is out of locks; lower backfill.batch_rows, or import in several files"),
    701: (StoreError, "the server is out of memory; lower backfill.batch_rows, or import in several files"),
    3967: (StoreError, "tempdb has no room for row versions; make room and run again"),
    1101: (StoreError, "a database of the server is full; make room and run again"),
    207: (StoreError, "a table was altered: it lacks a column; run acm-etl init"),
    208: (StoreError, "a table is missing; run acm-etl init"),
    213: (StoreError, "a table was altered: its columns are others; run acm-etl init"),
    515: (StoreError, "a column takes no NULL"),
    547: (StoreError, "a constraint refuses the rows"),
    2601: (StoreError, "a key is there already"),
    2627: (StoreError, "a key is there already"),
    2628: (StoreError, "a text is longer than its column: the table was altered"),
    8152: (StoreError, "a text is longer than its column: the table was altered"),
}
#: After these the columns of a table are looked up afresh.
SCHEMA_CHANGE_ERRORS = frozenset({207, 208, 213, 515, 2628, 4902, 4922, 8152})
#: SQLSTATE where a driver gives no number. https://learn.microsoft.com/sql/odbc/reference/appendixes/appendix-a-odbc-error-codes
_NUMBER_BY_SQLSTATE = {"40001": 1205, "08S01": 10054, "08003": 10054, "08007": 10054, "HYT00": -2, "28000": 18456}
_NUMBER_PATTERNS = (
    r"Sql Error: (\d+)",  # mssql-python's bulk copy
    r"Native error: (\d+)",  # arrow-odbc
    r"\((\d+)\) \(SQL\w+\)",  # pyodbc
)
_SQLSTATE_PATTERN = r"\b(?:State: |\[|\(')?([0-9A-Z]{2}[0-9A-Z]{3})\b(?=[\],'])"
_CONNECTION_LOST_PATTERN = re.compile(
    r"connection (?:was )?(?:refused|closed|reset|aborted)|broken pipe|communication link failure|TCP Provider"
    r"|unexpected ?eof|end of file|not open",
    re.IGNORECASE,
)
_TIMEOUT_PATTERN = re.compile(r"deadline has elapsed|timeout (?:expired|error)|timed out", re.IGNORECASE)
_PREFIX_PATTERN = re.compile(
    r"(?:\[Microsoft\]|\[ODBC Driver \d+ for SQL Server\]|\[SQL Server\]|\[[0-9A-Z]{5}\]|Driver Error: [^;]*;"
    r"|DDBC Error:|\(\d+\) \(SQL\w+\))\s*"
)


@dataclass(frozen=True, slots=True)
class DriverFault:
    """An error as a driver tells it.

    Attributes:
        text: What it says.
        number: SQL Server's number; None where the driver has lost it.
        sqlstate: SQLSTATE, where known.
    """

    text: str
    number: int | None = None
    sqlstate: str | None = None

    @property
    def is_connection_lost(self) -> bool:
        """Whether the connection is gone with it."""
        if self.number in CONNECTION_LOST_ERRORS or (self.sqlstate or "").startswith("08"):
            return True
        return self.number is None and bool(_CONNECTION_LOST_PATTERN.search(self.text))


def parse_fault(error: BaseException, diagnostics: Iterable[tuple[str, str]] = ()) -> DriverFault:
    """Number and state of a driver's error, from its diagnostic records where there are some, else from its text."""
    text = " ".join(_PREFIX_PATTERN.sub("", str(error)).split())
    for record, _ in diagnostics:  # ("[40001] (1205)", "[Microsoft]...")
        if match := re.fullmatch(r"\[(\w{5})\] \((-?\d+)\)", record):
            return DriverFault(text, _resolve_number(int(match[2]), match[1]), match[1])
    whole = " ".join(str(part) for part in (*error.args, error))
    numbers = [int(found[1]) for pattern in _NUMBER_PATTERNS if (found := re.search(pattern, whole))]
    state = found[1] if (found := re.search(_SQLSTATE_PATTERN, whole)) else None
    return DriverFault(text, _resolve_number(numbers[0] if numbers else 0, state), state)


def _resolve_number(number: int, state: str | None) -> int | None:
    """Errors of the client have no number of the server: their state stands for one."""
    return number or _NUMBER_BY_SQLSTATE.get(state or "")


def translate_fault(fault: DriverFault, *, url: str, secrets: Iterable[str] = ()) -> StoreError:
    """The product's error for a fault, on one line and without secrets."""
    said, number = f" ({_redact_text(fault.text, secrets)})", fault.number
    told = f"SQL Server error {number}: " if number and number > 0 else ""
    if number in TRANSIENT_ERRORS:
        return TransientError(f"{told}{TRANSIENT_ERRORS[number]}{said}")
    if number in TERMINAL_ERRORS:
        kind, advice = TERMINAL_ERRORS[number]
        return kind(f"{url}: {told}{advice}{said}" if kind is UnavailableError else f"{told}{advice}{said}")
    if fault.is_connection_lost:
        return ConnectionLostError(f"{told}{CONNECTION_LOST_ERRORS.get(number or 0, 'the connection was lost')}{said}")
    if number is None and _TIMEOUT_PATTERN.search(fault.text):
        return TransientError(f"{TRANSIENT_ERRORS[-2]}{said}")
    if told:
        return StoreError(f"{told}{_redact_text(fault.text, secrets)}")
    return DriverError(f"the driver refused a statement: {_redact_text(fault.text, secrets)}")


def connection_error(
    fault: DriverFault, *, url: str, secrets: Iterable[str] = (), was_reachable: bool = False
) -> StoreError:
    """The error for a connection that cannot be made.

    Args:
        fault: Why.
        url: The server, without secrets.
        secrets: What must not be repeated.
        was_reachable: It could be made before: the server may be starting again, which is worth another try.
    """
    number = fault.number
    if number is None or number not in TERMINAL_ERRORS:
        by_text = {"Cannot open database": _CANNOT_OPEN_DATABASE, "Login failed": 18456}
        number = next((n for text, n in by_text.items() if text in fault.text), number)
    told = translate_fault(DriverFault(fault.text, number, fault.sqlstate), url=url, secrets=secrets)
    # a database in recovery answers as if it were not there
    starting = number == _CANNOT_OPEN_DATABASE or _SERVER_STARTING_PATTERN.search(fault.text)
    if isinstance(told, UnavailableError) and not (was_reachable and starting):
        return told
    kind = ConnectionLostError if was_reachable else UnavailableError
    return kind(
        f"cannot reach {url}: {_redact_text(fault.text, secrets)}; check host, port, firewall, encrypt= and trust="
    )


def relock_pending_error(machine: str) -> ConnectionLostError:
    """The error of a runner that has a new connection, and not its lock."""
    return ConnectionLostError(
        f"the connection was lost, and the server has not freed its lock on {machine} yet; or another runner has it now"
    )


def lock_lost_error(machine: str) -> ConflictError:
    """The error of a runner whose lock is gone."""
    return ConflictError(
        f"the lock on {machine} was lost with its session: nothing more is written; start again to resume"
    )


def _redact_text(text: str, secrets: Iterable[str]) -> str:
    for secret in secrets:
        text = text.replace(secret, "***")
    return text if len(text) <= 500 else text[:497] + "..."
