"""Cursors of mssql-python: kept per statement so that it is prepared once, and read for the server's error number."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Sequence
from contextlib import suppress

import mssql_python
from mssql_python import ddbc_bindings
from mssql_python.connection import Connection
from mssql_python.cursor import Cursor

from acm_etl.io.mssql.parameters import ParameterType

# All errors of mssql-python: its own classes, and RuntimeError and ValueError of its bulk copy.
DRIVER_ERRORS = (mssql_python.Error, mssql_python.Warning, RuntimeError, ValueError)
# Prepared statements per connection. A batch has about one statement with parameters per table.
MAX_PREPARED = 200
_StatementKey = tuple[str, tuple[ParameterType, ...]]


class StatementCursor:
    """A cursor whose diagnostic records survive a failing statement.

    The exceptions of mssql-python have no error number, and the driver resets the statement with its records before
    raising.

    Args:
        connection: Open connection.
    """

    def __init__(self, connection: Connection) -> None:
        self.cursor = connection.cursor()
        self._diagnostics: list[tuple[str, str]] = []
        # Private: if a later version lacks this method, only SQLSTATE is left to classify errors.
        reset = getattr(self.cursor, "_reset_cursor", None)
        if reset is None:
            return

        def copy_and_reset() -> None:
            self._diagnostics = _read_diagnostics(self.cursor)
            reset()

        self.cursor._reset_cursor = copy_and_reset  # type: ignore[method-assign]  # noqa: SLF001 - see above

    def read_diagnostics(self) -> list[tuple[str, str]]:
        """Return the ODBC diagnostic records of the statement that failed."""
        return self._diagnostics or _read_diagnostics(self.cursor)

    def close(self) -> None:
        """Close the cursor; errors are ignored, because the error of the statement is the one to report."""
        with suppress(*DRIVER_ERRORS):
            self.cursor.close()


class CursorCache:
    """Idle cursors of one connection by the statement that they have prepared, the last used ones.

    The driver prepares a statement with parameters and drops the handle when the cursor is closed: two messages per
    statement. With a kept cursor, the message that repeats the statement also replaces its handle.
    """

    def __init__(self) -> None:
        self._idle: OrderedDict[_StatementKey, StatementCursor] = OrderedDict()

    def take_cursor(self, connection: Connection, sql: str, types: Sequence[ParameterType]) -> StatementCursor:
        """Return the cursor that has prepared a statement, or a new one; the caller alone uses it."""
        return self._idle.pop((sql, tuple(types)), None) or StatementCursor(connection)

    def keep_cursor(self, cursor: StatementCursor, sql: str, types: Sequence[ParameterType]) -> None:
        """Keep a cursor without pending results for the next run of its statement."""
        self._idle[sql, tuple(types)] = cursor
        if len(self._idle) > MAX_PREPARED:
            self._idle.popitem(last=False)[1].close()


def _read_diagnostics(cursor: Cursor) -> list[tuple[str, str]]:
    if not getattr(cursor, "hstmt", None):
        return []
    try:
        return list(ddbc_bindings.DDBCSQLGetAllDiagRecords(cursor.hstmt))  # type: ignore[attr-defined]
    except (AttributeError, *DRIVER_ERRORS):
        return []
