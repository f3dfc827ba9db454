"""What SQL Server's errors mean, by number: the one place that says which are worth another try."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

from acm_etl.errors import (
    ConflictError,
    DriverError,
    HeldError,
    LostError,
    StoreError,
    TransientError,
    UnavailableError,
)

#: Worth trying again. https://learn.microsoft.com/sql/relational-databases/errors-events/database-engine-events-and-errors
#: and, for Azure, https://learn.microsoft.com/azure/azure-sql/database/troubleshoot-common-errors-issues
TRANSIENT = {
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
LOST = {
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
_NOT_OPEN = 4060
#: What a server says to a login while it stops or starts, in the words of its messages 922, 4064, 6005, 17142, 18401
#: and 18451; some of them end with "Login failed".
_STARTING = re.compile(
    r"shutdown is in progress|script upgrade mode|only administrators? may connect|user default database"
    r"|being recovered|service has been paused",
    re.IGNORECASE,
)
_LOGIN = "check user and password (ACM_MSSQL_USER, ACM_MSSQL_PASSWORD, or in the URL)"
#: Not worth it: what to do instead.
TERMINAL: dict[int, tuple[type[StoreError], str]] = {
    4060: (UnavailableError, "the database does not exist or this login may not open it"),
    18456: (UnavailableError, f"the login failed: {_LOGIN}"),
    18452: (UnavailableError, f"the login failed: {_LOGIN}"),
    18488: (UnavailableError, "the login's password has to be changed first"),
    3906: (StoreError, "the database is read-only; take a database that may be written"),
    978: (StoreError, "the server is a read-only replica; connect to the primary one"),
    229: (StoreError, "no permission; let a DBA add the login to the role acm_loader"),
    230: (StoreError, "no permission; let a DBA add the login to the role acm_loader"),
    262: (StoreError, "no permission to create it; let a DBA run the scripts of sql/mssql"),
    2760: (StoreError, "the schema does not exist, or there is no permission in it"),
    1105: (StoreError, "a file group of the server is full; make room and run again"),
    9002: (StoreError, "a transaction log of the server is full; make room and run again"),
    1204: (StoreError, "the server is out of locks; lower backfill.group, or import in several files"),
    701: (StoreError, "the server is out of memory; lower backfill.group, or import in several files"),
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
SCHEMA = frozenset({207, 208, 213, 515, 2628, 4902, 4922, 8152})
#: SQLSTATE where a driver gives no number. https://learn.microsoft.com/sql/odbc/reference/appendixes/appendix-a-odbc-error-codes
_STATES = {"40001": 1205, "08S01": 10054, "08003": 10054, "08007": 10054, "HYT00": -2, "28000": 18456}
_NUMBER = (
    r"Sql Error: (\d+)",  # mssql-python's bulk copy
    r"Native error: (\d+)",  # arrow-odbc
    r"\((\d+)\) \(SQL\w+\)",  # pyodbc
)
_STATE = r"\b(?:State: |\[|\(')?([0-9A-Z]{2}[0-9A-Z]{3})\b(?=[\],'])"
_GONE = re.compile(
    r"connection (?:was )?(?:refused|closed|reset|aborted)|broken pipe|communication link failure|TCP Provider"
    r"|unexpected ?eof|end of file|not open",
    re.IGNORECASE,
)
_LATE = re.compile(r"deadline has elapsed|timeout (?:expired|error)|timed out", re.IGNORECASE)
_PREFIX = re.compile(
    r"(?:\[Microsoft\]|\[ODBC Driver \d+ for SQL Server\]|\[SQL Server\]|\[[0-9A-Z]{5}\]|Driver Error: [^;]*;"
    r"|DDBC Error:|\(\d+\) \(SQL\w+\))\s*"
)


@dataclass(frozen=True, slots=True)
class Fault:
    """An error as a driver tells it.

    Attributes:
        text: What it says.
        number: SQL Server's number; None where the driver has lost it.
        state: SQLSTATE, where known.
    """

    text: str
    number: int | None = None
    state: str | None = None

    @property
    def lost(self) -> bool:
        """Whether the connection is gone with it."""
        if self.number in LOST or (self.state or "").startswith("08"):
            return True
        return self.number is None and bool(_GONE.search(self.text))


def read(error: BaseException, diagnostics: Iterable[tuple[str, str]] = ()) -> Fault:
    """Number and state of a driver's error, from its diagnostic records where there are some, else from its text."""
    text = " ".join(_PREFIX.sub("", str(error)).split())
    for record, _ in diagnostics:  # ("[40001] (1205)", "[Microsoft]...")
        if match := re.fullmatch(r"\[(\w{5})\] \((-?\d+)\)", record):
            return Fault(text, _meaning(int(match[2]), match[1]), match[1])
    whole = " ".join(str(part) for part in (*error.args, error))
    numbers = [int(found[1]) for pattern in _NUMBER if (found := re.search(pattern, whole))]
    state = found[1] if (found := re.search(_STATE, whole)) else None
    return Fault(text, _meaning(numbers[0] if numbers else 0, state), state)


def _meaning(number: int, state: str | None) -> int | None:
    """Errors of the client have no number of the server: their state stands for one."""
    return number or _STATES.get(state or "")


def translate(fault: Fault, *, url: str, secrets: Iterable[str] = ()) -> StoreError:
    """The product's error for a fault, on one line and without secrets."""
    said, number = f" ({_clean(fault.text, secrets)})", fault.number
    told = f"SQL Server error {number}: " if number and number > 0 else ""
    if number in TRANSIENT:
        return TransientError(f"{told}{TRANSIENT[number]}{said}")
    if number in TERMINAL:
        kind, advice = TERMINAL[number]
        return kind(f"{url}: {told}{advice}{said}" if kind is UnavailableError else f"{told}{advice}{said}")
    if fault.lost:
        return LostError(f"{told}{LOST.get(number or 0, 'the connection was lost')}{said}")
    if number is None and _LATE.search(fault.text):
        return TransientError(f"{TRANSIENT[-2]}{said}")
    if told:
        return StoreError(f"{told}{_clean(fault.text, secrets)}")
    return DriverError(f"the driver refused a statement: {_clean(fault.text, secrets)}")


def unreachable(fault: Fault, *, url: str, secrets: Iterable[str] = (), before: bool = False) -> StoreError:
    """The error for a connection that cannot be made.

    Args:
        fault: Why.
        url: The server, without secrets.
        secrets: What must not be repeated.
        before: It could be made before: the server may be starting again, which is worth another try.
    """
    number = fault.number
    if number is None or number not in TERMINAL:
        by_text = {"Cannot open database": _NOT_OPEN, "Login failed": 18456}
        number = next((n for text, n in by_text.items() if text in fault.text), number)
    told = translate(Fault(fault.text, number, fault.state), url=url, secrets=secrets)
    # a database in recovery answers as if it were not there
    starting = number == _NOT_OPEN or _STARTING.search(fault.text)
    if isinstance(told, UnavailableError) and not (before and starting):
        return told
    kind = LostError if before else UnavailableError
    return kind(f"cannot reach {url}: {_clean(fault.text, secrets)}; check host, port, firewall, encrypt= and trust=")


def taken(machine: str) -> HeldError:
    """The error of the second runner of a machine."""
    return HeldError(f"{machine} is being worked on by another runner; wait until it is done, or stop that one")


def not_retaken(machine: str) -> LostError:
    """The error of a runner that has a new connection, and not its lock."""
    return LostError(
        f"the connection was lost, and the server has not freed its lock on {machine} yet; or another runner has it now"
    )


def lost_lease(machine: str) -> ConflictError:
    """The error of a runner whose lock is gone."""
    return ConflictError(
        f"the lock on {machine} was lost with its session: nothing more is written; start again to resume"
    )


def _clean(text: str, secrets: Iterable[str]) -> str:
    for secret in secrets:
        text = text.replace(secret, "***")
    return text if len(text) <= 500 else text[:497] + "..."
