"""Errors that every engine raises with the same text."""

from __future__ import annotations

from acm_etl.errors import MachineLockedError, StoreError


def transaction_open_error() -> StoreError:
    """Return the error for a second transaction in one session."""
    return StoreError("a transaction is already open in this session; end it before beginning another one")


def lock_held_error(name: str) -> MachineLockedError:
    """Return the error for a lock that another session holds.

    Args:
        name: Name of the lock: the code of a machine, or the staging tables of an import.
    """
    return MachineLockedError(f"{name} is locked by another process; wait until it ends, or stop it")
