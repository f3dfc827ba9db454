"""Errors that acm_etl raises on purpose.

    AcmError                     exit code
    ├── UsageError               2   wrong option, file or setting: the user can mend it
    │   ├── ConfigError          2   unknown setting, value out of range
    │   ├── StoreMissingError    2   the embedded store does not exist yet
    │   └── MismatchError        2   tick or settings differ from those of the stored rows
    ├── InputError               1   a file or table of readings cannot be used
    ├── ContractError            1   a frame does not match its table
    ├── ModelError               1   a stored model or scoring state cannot be used
    ├── ColdstartError           1   an invalid transition of the coldstart state machine
    ├── InternalError            1   an invariant of acm_etl does not hold: a defect, nothing was stored
    ├── ConflictError            1   another process moved the progress of the machine
    │   └── MachineLockedError   1   another process works on the machine
    └── StoreError               1   the database rejected a statement (permanent)
        ├── MissingTableError    1   a table or view does not exist, or the login may not see it
        ├── DriverError          1   the driver failed before the server saw the statement; another driver may succeed
        ├── TransientError       1   worth a retry: deadlock, write conflict, timeout
        │   └── ConnectionLostError  3   the connection was lost: worth retries until the server is back
        └── UnavailableError     3   store or scheduler unreachable, or of a newer version
            └── StoreInUseError  3   another process has the embedded store open

Each engine translates the errors of its driver in one place (``acm_etl.io``). Only ``acm_etl.run.retry`` retries, and
only ``TransientError``.
"""

from __future__ import annotations

OUT_OF_MEMORY_MESSAGE = (
    "out of memory; close other programs, or use fewer --workers and a lower backfill.batch_memory_mb or "
    "store.memory_limit, then run the command again: it continues"
)


class AcmError(Exception):
    """Base class; the text is one line with the problem and the action to take."""

    exit_code = 1


class UsageError(AcmError):
    """The command has a wrong option, file or setting; the user can fix it."""

    exit_code = 2


class ConfigError(UsageError):
    """A setting is unknown or out of range."""


class StoreMissingError(UsageError):
    """The file of an embedded store does not exist."""


class MismatchError(UsageError):
    """The tick or a signed setting differs from that of the stored rows."""


class InputError(AcmError):
    """A file or frame of readings cannot be used."""


class ContractError(AcmError):
    """A frame does not match the declaration of its table; nothing was staged."""


class ModelError(AcmError):
    """A model or scoring state is corrupt, or belongs to another machine or model version."""


class ColdstartError(AcmError):
    """An invalid transition of the coldstart state machine."""


class InternalError(AcmError):
    """An invariant of acm_etl does not hold; a defect of acm_etl and not of the input."""


class ConflictError(AcmError):
    """Another process changed the progress of the machine, or has locked the machine."""


class MachineLockedError(ConflictError):
    """The machine is locked by another process; a retry may succeed shortly."""


class StoreError(AcmError):
    """The database rejected a statement, and would reject it again.

    Args:
        message: One line for the user.
        table: Table of the statement, if known.
    """

    def __init__(self, message: str, *, table: str | None = None) -> None:
        super().__init__(message)
        self.message, self.table = message, table

    def __str__(self) -> str:
        """Return the message, after the table name unless the message contains the name."""
        names_table = not self.table or self.table in self.message
        return self.message if names_table else f"at {self.table}: {self.message}"


class MissingTableError(StoreError):
    """A statement names a table or view that does not exist, or that the login may not see."""


class DriverError(StoreError):
    """The driver failed to send a statement or to convert its rows; the server has not rejected anything."""


class TransientError(StoreError):
    """The database rejected a statement that may succeed if the whole batch is repeated."""


class ConnectionLostError(TransientError):
    """The connection was lost or cannot be reopened: the server restarts, or the network is down."""

    exit_code = 3


class UnavailableError(StoreError):
    """The store cannot be opened (unreachable, in use, of a newer version), or the scheduler is unreachable."""

    exit_code = 3


class StoreInUseError(UnavailableError):
    """Another process has the embedded store open; a running backfill does so until it ends."""
