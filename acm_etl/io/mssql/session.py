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
from acm_etl.io.mssql.errors import Fault
from acm_etl.io.mssql.url import Target

_LOGIN_TIMEOUT = 103
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
        altered: Called when the server finds tables other than they were.
        before: Whether the server was there before.

    Raises:
        UnavailableError: There is no way in; the text says why.
        TransientError: There is none at the moment, and there was one before.
    """

    def __init__(
        self, target: Target, timeouts: Timeouts, *, altered: Callable[[], None], before: bool = False
    ) -> None:
        self._target, self._altered = target, altered
        self.lost = False
        try:
            self._connection = mssql_python.connect(
                target.odbc(),
                autocommit=True,
                attrs_before={_LOGIN_TIMEOUT: timeouts.login},
                timeout=timeouts.statement,
                native_uuid=False,
            )
        except (*DRIVER_ERRORS, mssql_python.ConnectionStringParseError) as error:
            fault = errors.read(error)
            raise errors.unreachable(fault, url=target.url, secrets=target.secrets, before=before) from None
        self._settle(timeouts)

    def _settle(self, timeouts: Timeouts) -> None:
        lock = timeouts.lock * 1000 or -1
        implicit, schema, self.number = self.rows(
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

    def rows(self, sql: str, params: Sequence[Any] = ()) -> pl.DataFrame:
        """All rows of the first result set of a statement; a frame without columns where there is none."""
        with self.cursor() as cursor:
            cursor.execute(*_bound(sql, params))
            while cursor.description is None:
                if not cursor.nextset():
                    return pl.DataFrame()
            frame = frame_of(cursor.arrow(_BATCH), _uuids(cursor))
            _finish(cursor)
            return frame

    def count(self, sql: str, params: Sequence[Any] = ()) -> int:
        """Rows affected by a statement."""
        with self.cursor() as cursor:
            cursor.execute(*_bound(sql, params))
            count = int(cursor.rowcount)
            _finish(cursor)
            return max(count, 0)

    def batches(self, sql: str, params: Sequence[Any] = (), *, rows: int) -> Iterator[pl.DataFrame]:
        """Rows of a SELECT in batches of ``rows``; nothing else may be asked of this session meanwhile."""
        with self.cursor() as cursor:
            cursor.execute(*_bound(sql, params))
            uuids = _uuids(cursor)
            reader = cursor.arrow_reader(rows)
            try:
                for batch in reader:
                    yield frame_of(batch, uuids)
            finally:
                reader.close()

    @contextmanager
    def cursor(self) -> Iterator[Cursor]:
        """A cursor; whatever it raises is translated, with the server's number."""
        diagnostics: list[tuple[str, str]] = []
        cursor: Cursor | None = None
        try:
            cursor = self._connection.cursor()
            _listen(cursor, diagnostics)
            yield cursor
        except DRIVER_ERRORS as error:
            found = diagnostics or _diagnostics(cursor)
            raise self.translated(errors.read(error, found)) from error
        finally:
            if cursor is not None and not self.lost:
                with suppress(*DRIVER_ERRORS):  # what was to be said about it has been said
                    cursor.close()

    def bulk_cursor(self) -> Cursor:
        """A cursor for bulk copies: they run on connections of their own, so any thread may have one."""
        return self._connection.cursor()

    def translated(self, fault: Fault) -> Exception:
        """The product's error; a session whose connection went with it says ``lost`` from now on."""
        self.lost = self.lost or fault.lost
        if fault.number in errors.SCHEMA:
            self._altered()
        return errors.translate(fault, url=self._target.url, secrets=self._target.secrets)

    def alive(self) -> bool:
        """Whether the server still answers."""
        try:
            self.rows("SELECT 1 AS alive")
        except (TransientError, UnavailableError):
            self.lost = True
        return not self.lost

    def close(self) -> None:
        """End the session; the server rolls back what it has open."""
        with suppress(*DRIVER_ERRORS):  # an ended connection cannot be ended again
            self._connection.close()


_BATCH = 65_536


def _finish(cursor: Cursor) -> None:
    """Read to the end: an error behind a result set shows only there."""
    while cursor.nextset():
        pass


def _listen(cursor: Cursor, diagnostics: list[tuple[str, str]]) -> None:
    """Keep the server's error numbers.

    mssql-python's errors have none, and it resets the statement, with the records that know it, before it raises.
    """
    reset = getattr(cursor, "_reset_cursor", None)
    if reset is None:  # private, and may go: then SQLSTATE has to do
        return

    def reset_and_keep() -> None:
        diagnostics[:] = _diagnostics(cursor)
        reset()

    cursor._reset_cursor = reset_and_keep  # type: ignore[method-assign]  # noqa: SLF001 - see above


def _diagnostics(cursor: Cursor | None) -> list[tuple[str, str]]:
    if cursor is None or not getattr(cursor, "hstmt", None):
        return []
    try:
        return list(ddbc_bindings.DDBCSQLGetAllDiagRecords(cursor.hstmt))  # type: ignore[attr-defined]
    except (AttributeError, *DRIVER_ERRORS):
        return []


_TOKEN = re.compile(r"'(?:[^']|'')*'|\[(?:[^\]]|\]\])*\]|\"(?:[^\"]|\"\")*\"|--[^\n]*|/\*.*?\*/|\?", re.DOTALL)


def _bound(sql: str, params: Sequence[Any]) -> tuple[Any, ...]:
    """Arguments of ``execute``: the run in a comment, and for each None the word NULL.

    Bound, it would have no type: the driver asks the server for one first, which costs a round trip and fails where
    the server cannot tell.
    """
    sql, values = log_context.marked(sql), list(params)
    if None not in values:
        return (sql, tuple(values)) if values else (sql,)
    left = iter(values)

    def word(match: re.Match[str]) -> str:
        return "NULL" if match[0] == "?" and next(left) is None else match[0]

    kept = tuple(value for value in values if value is not None)
    text = _TOKEN.sub(word, sql)
    return (text, kept) if kept else (text,)


def _uuids(cursor: Cursor) -> list[str]:
    return [column[0] for column in cursor.description or () if column[1] is UUID]


def frame_of(table: Any, uuids: Sequence[str] = ()) -> pl.DataFrame:  # noqa: ANN401 - pyarrow has no types
    """An Arrow table or batch with its times in ms and its ``uuids`` in lower case."""
    frame = pl.from_arrow(table)
    assert isinstance(frame, pl.DataFrame)  # noqa: S101 - a table is never a Series
    times = [name for name, kind in frame.schema.items() if isinstance(kind, pl.Datetime) and kind.time_unit != "ms"]
    return frame.with_columns(pl.col(times).dt.cast_time_unit("ms"), pl.col(list(uuids)).str.to_lowercase())
