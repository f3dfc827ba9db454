"""Errors of logins: their numbers, which drivers leave out, and which of them pass by themselves."""

from __future__ import annotations

from collections.abc import Iterable

from acm_etl.errors import ConnectionLostError, UnavailableError
from acm_etl.io.mssql.errors import (
    CANNOT_OPEN_DATABASE,
    CONNECTION_LOST_ERRORS,
    LOGIN_FAILED,
    TERMINAL_ERRORS,
    TRANSIENT_ERRORS,
    DriverFault,
    redact_text,
)

# Number by a part of the English text, in lower case. The first one that is found counts: many texts of other reasons
# contain "Login failed" or "Cannot open ...", too.
# https://learn.microsoft.com/sql/relational-databases/errors-events/database-engine-events-and-errors
_NUMBER_BY_TEXT = {
    "account is disabled": 18470,
    "currently locked out": 18486,
    "password of the account has expired": 18487,
    "password of the account must be changed": 18488,
    "shutdown is in progress": 6005,
    "script upgrade mode": 18401,
    "single user mode": 18461,
    "only administrator": 18451,
    "service has been paused": 17142,
    "login failed due to timeout": 17197,
    "due to trigger execution": 17892,
    "user default database": 4064,
    "not been recovered yet": 921,
    "being recovered": 922,
    "can only have one user at a time": 924,
    "in the middle of a restore": 927,
    "because it is offline": 942,
    "is in transition": 952,
    "not accessible for queries": 976,
    "not in the primary or secondary role": 983,
    "lacks a quorum of nodes": 988,
    "login to read-secondary failed": 4221,
    # Azure SQL, whose texts are always English.
    "is not currently available": 40613,
    "encountered an error processing your request": 40197,
    "not enough resources to process": 49918,
    "too many create or update operations": 49919,
    "too many operations in progress": 49920,
    "service is currently busy": 40501,
    "limit for the database is": 10928,
    "limit for the elastic pool is": 10936,
    "minimum guarantee is": 10929,
    "is not allowed to access the server": 40615,
    "cannot open database": CANNOT_OPEN_DATABASE,
    "login failed": LOGIN_FAILED,
}
# Reasons that pass within a minute or two, without anybody's help: any login is worth another try.
_PASSING_NUMBERS = frozenset(
    {615, 921, 922, 952, 983, 4221, 10928, 10929, 10936, 17197, 18401}
    | {40197, 40501, 40613, 42109, 49918, 49919, 49920}
)  # fmt: skip
# Reasons of a server that stops or starts, or of one that has to be mended: only a server that was in service a moment
# ago is worth another try.
_RESTART_NUMBERS = frozenset({924, 927, 942, 976, 988, CANNOT_OPEN_DATABASE, 4064, 6005, 17142, 18451, 18461})


def connection_error(
    fault: DriverFault, *, url: str, secrets: Iterable[str] = (), was_reachable: bool = False
) -> ConnectionLostError | UnavailableError:
    """Return the product's error for a connection that cannot be opened.

    Args:
        fault: Error of the driver.
        url: URL of the store without secrets.
        secrets: Texts to replace in the message.
        was_reachable: True if an earlier connection succeeded; the server may be restarting, which is worth a retry.

    Returns:
        ``ConnectionLostError`` if another try may succeed.
    """
    number, text = _identify_number(fault), redact_text(fault.text, secrets)
    if number in _PASSING_NUMBERS or (was_reachable and number in _RESTART_NUMBERS):
        return ConnectionLostError(f"{url}: SQL Server error {number}: {_describe_number(number)} ({text})")
    if number in TERMINAL_ERRORS or number in _RESTART_NUMBERS:
        return UnavailableError(f"{url}: SQL Server error {number}: {_describe_number(number)} ({text})")
    error_class = ConnectionLostError if was_reachable else UnavailableError
    if fault.is_from_server:
        return error_class(f"{url}: the server refused the connection: {text}")
    return error_class(f"cannot reach {url}: {text}; check host, port, firewall, encrypt= and trust=")


def is_login_fault(fault: DriverFault) -> bool:
    """Return whether the fault is one of a login, where a driver logs in by itself before a statement."""
    if fault.number is None:
        return _identify_number(fault) is not None
    return fault.number in {LOGIN_FAILED, 18452, CANNOT_OPEN_DATABASE}


def _identify_number(fault: DriverFault) -> int | None:
    # 18456 may be the number of the SQLSTATE, which all reasons of a failed login share.
    if fault.number not in {None, LOGIN_FAILED}:
        return fault.number
    text = fault.words.casefold()
    return next((number for part, number in _NUMBER_BY_TEXT.items() if part in text), fault.number)


def _describe_number(number: int | None) -> str:
    """Return what an error means, and what to do if it does not pass by itself."""
    if number in TERMINAL_ERRORS:
        return TERMINAL_ERRORS[number][1]
    return (CONNECTION_LOST_ERRORS | TRANSIENT_ERRORS)[number or 0]
