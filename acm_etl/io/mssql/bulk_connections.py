"""Connections of the bulk copy, kept from one copy to the next."""

from __future__ import annotations

import importlib
import time
from contextlib import closing, suppress
from typing import Any, NamedTuple

import polars as pl
from mssql_python.connection import Connection
from mssql_python.cursor import Cursor

from acm_etl.io.mssql.cursors import DRIVER_ERRORS
from acm_etl.io.mssql.statements import BULK_ROWS

# Seconds after which an idle connection is not used again: firewalls drop idle connections without a notice.
MAX_IDLE_SECONDS = 30.0
# Text of the error for a mapped column that the server does not list; the error has no code.
_UNKNOWN_COLUMN_TEXT = "Failed to resolve column mappings"


class _IdleConnection(NamedTuple):
    """A connection of the native library, and when its last copy ended, in seconds of the monotonic clock."""

    connection: Any
    idle_since: float


class BulkConnections:
    """Idle connections of the bulk copies of one session; usable by several threads at the same time.

    ``cursor.bulkcopy_arrow`` logs in for each copy. The login takes longer than copying a thousand rows, and a batch
    has about five copies.

    Args:
        connection: Connection of the session, whose login the copies use.
    """

    def __init__(self, connection: Connection) -> None:
        self._login = connection
        self._idle: list[_IdleConnection] = []
        self._uses_lower_case = False

    def copy_frame(self, staging_table: str, frame: pl.DataFrame) -> int:
        """Copy all rows by BULK INSERT; return the number of rows that arrived.

        Args:
            staging_table: Quoted name of the table.
            frame: Rows, with the column names of the table.
        """
        connection = self._take_idle() or self._open_connection()
        is_reusable = False
        try:
            row_count = self._copy_on(connection, staging_table, frame)
            is_reusable = True
        finally:
            # After an error nothing is known about the state of the connection.
            if is_reusable:
                self._idle.append(_IdleConnection(connection, time.monotonic()))
            else:
                _close_connection(connection)
        return row_count

    def _copy_on(self, connection: Any, staging_table: str, frame: pl.DataFrame) -> int:  # noqa: ANN401 - no types
        if not self._uses_lower_case:
            try:
                return _bulk_copy(connection, staging_table, frame)
            except RuntimeError as error:
                if _UNKNOWN_COLUMN_TEXT not in str(error):
                    raise
        # No row was sent yet. PostgreSQL-based servers list columns in lower case, whatever CREATE TABLE said.
        row_count = _bulk_copy(connection, staging_table, frame.rename(str.lower))
        self._uses_lower_case = True
        return row_count

    def close(self) -> None:
        """Close the idle connections."""
        while self._idle:
            _close_connection(self._idle.pop().connection)

    def _take_idle(self) -> Any | None:  # noqa: ANN401 - no types
        """Return a connection that no other thread uses; None if there is none."""
        while True:
            # Not "if idle: pop": another thread may take the last one in between.
            try:
                connection, idle_since = self._idle.pop()
            except IndexError:
                return None
            if time.monotonic() - idle_since <= MAX_IDLE_SECONDS and connection.is_connected():
                return connection
            _close_connection(connection)

    def _open_connection(self) -> Any:  # noqa: ANN401 - no types
        with closing(self._login.cursor()) as cursor:
            # Private: the driver has no public way to keep the connection of a copy.
            build_context = getattr(cursor, "_build_pycore_context", None)
            if build_context is None:
                return _ConnectionPerCopy(self._login)
            context = build_context()
        try:
            return importlib.import_module("mssql_py_core").PyCoreConnection(context)
        finally:
            # Neither a password nor a token of Entra stays in memory longer than the login takes.
            context.clear()


class _ConnectionPerCopy:
    """Stand-in for a kept connection with a driver that cannot keep one: its cursors log in for each copy."""

    def __init__(self, login: Connection) -> None:
        self._login = login

    def cursor(self) -> Cursor:
        return self._login.cursor()

    def is_connected(self) -> bool:
        return False

    def close(self) -> None:
        """Do nothing: the connection belongs to the session."""


def _bulk_copy(connection: Any, staging_table: str, frame: pl.DataFrame) -> int:  # noqa: ANN401 - no types
    with closing(connection.cursor()) as cursor:
        summary: dict[str, Any] = cursor.bulkcopy_arrow(
            staging_table,
            frame.to_arrow(),
            batch_size=BULK_ROWS,
            # The default of 30 s ends long copies.
            timeout=0,
            # By name; the default is by position, without a check.
            column_mappings=frame.columns,
            # Parallel bulk loads of one heap, and minimal logging, need a table lock.
            table_lock=True,
            # Without this, NULL becomes the default of the column.
            keep_nulls=True,
        )
    return int(summary["rows_copied"])


def _close_connection(connection: Any) -> None:  # noqa: ANN401 - no types
    # It may be lost already, and what it copied is complete.
    with suppress(*DRIVER_ERRORS):
        connection.close()
