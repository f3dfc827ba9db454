"""Every error the product raises on purpose.

    AcmError                     exit code
    ├── UsageError               2   wrong option, file or setting: the user can mend it
    │   ├── ConfigError          2   unknown key, value out of range
    │   └── MismatchError        2   tick or configuration differs from what the store was filled with
    ├── InputError               1   readings or files that cannot be taken as they are
    ├── ContractError            1   a frame does not fit its table
    ├── ModelError               1   a stored model or state cannot be used
    ├── ColdstartError           1   an illegal step of the coldstart state machine
    ├── ConflictError            1   somebody else moved the progress of the machine
    │   └── HeldError            1   somebody else works on the machine
    └── StoreError               1   the database refused a statement (terminal)
        ├── DriverError          1   the driver refused it before the server saw it: another driver may not
        ├── TransientError       1   worth retrying: deadlock, conflict, timeout
        │   └── LostError        3   the connection is gone: worth retrying until the server is back
        └── UnavailableError     3   store or scheduler cannot be reached; it is held, or newer

Drivers' errors are translated once per engine, in ``acm_etl.io``; only the runner retries, and only ``TransientError``.
"""

from __future__ import annotations


class AcmError(Exception):
    """Base of all errors raised on purpose; its text is one line that says what happened and what to do."""

    exit_code = 1


class UsageError(AcmError):
    """The command cannot be carried out as it was given."""

    exit_code = 2


class ConfigError(UsageError):
    """A setting is unknown or out of range."""


class MismatchError(UsageError):
    """The tick or the configuration differs from the one the stored rows were made with."""


class InputError(AcmError):
    """A file or frame of readings cannot be taken as it is."""


class ContractError(AcmError):
    """A frame does not fit the table it is meant for; nothing was staged."""


class ModelError(AcmError):
    """A model or a scoring state is corrupt or does not belong to what is being scored."""


class ColdstartError(AcmError):
    """An illegal step of the coldstart state machine."""


class ConflictError(AcmError):
    """Somebody else moved the progress of this machine or holds it."""


class MachineLockedError(ConflictError):
    """Another runner works on this machine: it may be done, or dead, in a moment."""


class StoreError(AcmError):
    """The database refused a statement, and would refuse it again.

    Args:
        message: One line for the user.
        table: The table the statement was about, where known.
    """

    def __init__(self, message: str, *, table: str | None = None) -> None:
        super().__init__(message)
        self.message, self.table = message, table

    def __str__(self) -> str:
        """The message, behind the table unless it names it itself."""
        named = not self.table or self.table in self.message
        return self.message if named else f"at {self.table}: {self.message}"


class DriverError(StoreError):
    """The driver cannot carry out a statement or take its rows; the server has not refused anything."""


class TransientError(StoreError):
    """The database refused a statement that may succeed when the whole group is tried again."""


class ConnectionLostError(TransientError):
    """The connection is gone, or cannot be made anew: the server restarts, or the network is down."""

    exit_code = 3


class UnavailableError(StoreError):
    """The store cannot be opened: unreachable, held by another process, or newer; or a scheduler is gone."""

    exit_code = 3
