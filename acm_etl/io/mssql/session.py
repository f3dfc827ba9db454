"""One connection to SQL Server through mssql-python: statements in, frames and counts out, errors translated.

mssql-python comes with Microsoft's ODBC driver in its wheels: pip is enough, and one apt line for two small libraries.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import mssql_python
import polars as pl
from mssql_python import ddbc_bindings
from mssql_python.cursor import Cursor

from acm_etl import log_context
from acm_etl.errors import TransientError, UnavailableError
from acm_etl.io.mssql import errors
from acm_etl.io.mssql.errors import DriverFault
from acm_etl.io.mssql.url import ConnectionTarget

_LOGIN_TIMEOUT_ATTRIBUTE = 103
"""SQL_ATTR_LOGIN_TIMEOUT"""
#: Everything a driver of this module raises: its own tree, and RuntimeError and ValueError out of its bulk copy.
DRIVER_ERRORS = (mssql_python.Error, mssql_python.Warning, RuntimeError, ValueError)
# What a session keeps between statements: a pooled one might belong to somebody else's settings.
mssql_python.pooling(enabled=False)


@dataclass(frozen=True, slots=True)
class Timeouts:
    """Seconds; 0 waits for ever."""

    login: int = 15
    statement: int = 0
    lock: int = 60


class Session:
    """One connection, for one thread, with autocommit on: transactions are begun and ended by statements.

    Args:
        target: Where it goes.
        timeouts: How long it waits.
        on_schema_change: Called when the server finds tables other than they were.
        was_reachable: Whether the server was there before.

    Raises:
        UnavailableError: There is no way in; the text says why.
        TransientError: There is none at the moment, and there was one before.
    """

    def __init__(
        self,
        target: ConnectionTarget,
        timeouts: Timeouts,
        *,
        on_schema_change: Callable[[], None],
        was_reachable: bool = False,
    ) -> None:
        self._target, self._on_schema_change = target, on_schema_change
        self.is_lost = False
        try:
            self._connection = mssql_python.connect(
                target.connection_string(),
                autocommit=True,
                attrs_before={_LOGIN_TIMEOUT_ATTRIBUTE: timeouts.login},
                timeout=timeouts.statement,
                native_uuid=False,
            )
        except (*DRIVER_ERRORS, mssql_python.ConnectionStringParseError) as error:
            fault = errors.parse_fault(error)
            raise errors.connection_error(
                fault, url=target.url, secrets=target.secrets, was_reachable=was_reachable
            ) from None
        self._apply_settings(timeouts)

    def _apply_settings(self, timeouts: Timeouts) -> None:
        lock = timeouts.lock * 1000 or -1
        implicit, schema, self.session_id = self.query(
            f"SET XACT_ABORT ON; SET NOCOUNT OFF; SET IMPLICIT_TRANSACTIONS OFF; SET LOCK_TIMEOUT {lock};\n"
            "SELECT @@OPTIONS & 2 AS implicit, SCHEMA_NAME() AS home, CAST(@@SPID AS INT) AS number"
        ).row(0)
        # Read back: with implicit transactions a lost COMMIT would look like a stored group.
        if not self._connection.autocommit or implicit:
            self.close()
            message = f"{self._target.url}: the session does not commit by itself although it was told to"
            raise UnavailableError(message)
        if schema != "dbo":
            self.close()
            message = f"{self._target.url}: the login's default schema is {schema!r}; it has to be dbo"
            raise UnavailableError(message)

    def query(self, sql: str, params: Sequence[Any] = ()) -> pl.DataFrame:
        """All rows of the first result set of a statement; a frame without columns where there is none."""
        with self.open_cursor() as cursor:
            cursor.execute(*_bind_parameters(sql, params))
            while cursor.description is None:
                if not cursor.nextset():
                    return pl.DataFrame()
            frame = frame_from_arrow(cursor.arrow(_FETCH_ROWS), _uuid_columns(cursor))
            _drain_results(cursor)
            return frame

    def execute(self, sql: str, params: Sequence[Any] = ()) -> int:
        """Rows affected by a statement."""
        with self.open_cursor() as cursor:
            cursor.execute(*_bind_parameters(sql, params))
            count = int(cursor.rowcount)
            _drain_results(cursor)
            return max(count, 0)

    def stream_rows(self, sql: str, params: Sequence[Any] = (), *, chunk_size: int) -> Iterator[pl.DataFrame]:
        """Rows of a SELECT in batches of ``chunk_size``; nothing else may be asked of this session meanwhile."""
        with self.open_cursor() as cursor:
            cursor.execute(*_bind_parameters(sql, params))
            uuids = _uuid_columns(cursor)
            reader = cursor.arrow_reader(chunk_size)
            try:
                for batch in reader:
                    yield frame_from_arrow(batch, uuids)
            finally:
                reader.close()

    @contextmanager
    def open_cursor(self) -> Iterator[Cursor]:
        """A cursor; whatever it raises is translated, with the server's number."""
        diagnostics: list[tuple[str, str]] = []
        cursor: Cursor | None = None
        try:
            cursor = self._connection.cursor()
            _capture_diagnostics(cursor, diagnostics)
            yield cursor
        except DRIVER_ERRORS as error:
            found = diagnostics or _read_diagnostics(cursor)
            raise self.record_fault(errors.parse_fault(error, found)) from error
        finally:
            if cursor is not None and not self.is_lost:
                with suppress(*DRIVER_ERRORS):  # what was to be said about it has been said
                    cursor.close()

    def open_bulk_cursor(self) -> Cursor:
        """A cursor for bulk copies: they run on connections of their own, so any thread may have one."""
        return self._connection.cursor()

    def record_fault(self, fault: DriverFault) -> Exception:
        """The product's error; a session whose connection went with it says ``lost`` from now on."""
        self.is_lost = self.is_lost or fault.is_connection_lost
        if fault.number in errors.SCHEMA_CHANGE_ERRORS:
            self._on_schema_change()
        return errors.translate_fault(fault, url=self._target.url, secrets=self._target.secrets)

    def check_alive(self) -> bool:
        """Whether the server still answers."""
        try:
            self.query("SELECT 1 AS alive")
        except (TransientError, UnavailableError):
            self.is_lost = True
        return not self.is_lost

    def close(self) -> None:
        """End the session; the server rolls back what it has open."""
        with suppress(*DRIVER_ERRORS):  # an ended connection cannot be ended again
            self._connection.close()


_FETCH_ROWS = 65_536


def _drain_results(cursor: Cursor) -> None:
    """Read to the end: an error behind a result set shows only there."""
    while cursor.nextset():
        pass


def _capture_diagnostics(cursor: Cursor, diagnostics: list[tuple[str, str]]) -> None:
    """Keep the server's error numbers.

    mssql-python's errors have none, and it resets the statement, with the records that know it, before it raises.
    """
    reset = getattr(cursor, "_reset_cursor", None)
    if reset is None:  # private, and may go: then SQLSTATE has to do
        return

    def reset_and_keep() -> None:
        diagnostics[:] = _read_diagnostics(cursor)
        reset()

    cursor._reset_cursor = reset_and_keep  # type: ignore[method-assign]  # noqa: SLF001 - see above


def _read_diagnostics(cursor: Cursor | None) -> list[tuple[str, str]]:
    if cursor is None or not getattr(cursor, "hstmt", None):
        return []
    try:
        return list(ddbc_bindings.DDBCSQLGetAllDiagRecords(cursor.hstmt))  # type: ignore[attr-defined]
    except (AttributeError, *DRIVER_ERRORS):
        return []


_SQL_TOKEN_PATTERN = re.compile(
    r"'(?:[^']|'')*'|\[(?:[^\]]|\]\])*\]|\"(?:[^\"]|\"\")*\"|--[^\n]*|/\*.*?\*/|\?", re.DOTALL
)


def _bind_parameters(sql: str, params: Sequence[Any]) -> tuple[Any, ...]:
    """Arguments of ``execute``: the run in a comment, and for each None the word NULL.

    Bound, it would have no type: the driver asks the server for one first, which costs a round trip and fails where
    the server cannot tell.
    """
    sql, values = log_context.add_run_comment(sql), list(params)
    if None not in values:
        return (sql, tuple(values)) if values else (sql,)
    left = iter(values)

    def word(match: re.Match[str]) -> str:
        return "NULL" if match[0] == "?" and next(left) is None else match[0]

    kept = tuple(value for value in values if value is not None)
    text = _SQL_TOKEN_PATTERN.sub(word, sql)
    return (text, kept) if kept else (text,)


def _uuid_columns(cursor: Cursor) -> list[str]:
    return [column[0] for column in cursor.description or () if column[1] is UUID]


def frame_from_arrow(table: Any, uuids: Sequence[str] = ()) -> pl.DataFrame:  # noqa: ANN401 - pyarrow has no types
    """An Arrow table or batch with its times in ms and its ``uuids`` in lower case."""
    frame = pl.from_arrow(table)
    assert isinstance(frame, pl.DataFrame)  # noqa: S101 - a table is never a Series
    times = [name for name, kind in frame.schema.items() if isinstance(kind, pl.Datetime) and kind.time_unit != "ms"]
    return frame.with_columns(pl.col(times).dt.cast_time_unit("ms"), pl.col(list(uuids)).str.to_lowercase())
