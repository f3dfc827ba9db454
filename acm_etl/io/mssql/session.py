"""One connection to SQL Server through mssql-python: runs statements, returns frames and counts, translates errors.

The wheels of mssql-python contain Microsoft's ODBC driver, so nothing but a few small system libraries has to be
installed (``acm_etl.io.connect.LIBRARIES_HINT``). https://github.com/microsoft/mssql-python
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import mssql_python
import polars as pl
from mssql_python.cursor import Cursor

from acm_etl import log_context
from acm_etl.dialects.mssql import SESSION_OPTIONS
from acm_etl.engine import SpanStatement, StatementResult
from acm_etl.errors import StoreError, TransientError, UnavailableError
from acm_etl.io.arrow import result_from_arrow
from acm_etl.io.mssql import errors, login_errors, statements
from acm_etl.io.mssql.bulk_connections import BulkConnections
from acm_etl.io.mssql.cursors import DRIVER_ERRORS, CursorCache, StatementCursor
from acm_etl.io.mssql.errors import DriverFault
from acm_etl.io.mssql.parameters import ParameterType, bind_parameters
from acm_etl.io.mssql.url import ConnectionTarget

# SQL_ATTR_LOGIN_TIMEOUT. https://learn.microsoft.com/sql/odbc/reference/syntax/sqlsetconnectattr-function
_LOGIN_TIMEOUT_ATTRIBUTE = 103
_FETCH_ROWS = 65_536
# CONTEXT_INFO, not sp_set_session_context: other sessions see it, in sys.dm_exec_sessions. Not the name of the program
# either: the driver sets its own.
# https://learn.microsoft.com/sql/t-sql/statements/set-context-info-transact-sql
_CONTEXT = "acm_etl"
_SET_CONTEXT = (
    "DECLARE @context VARBINARY(128) = CAST(CAST(? AS VARCHAR(128)) AS VARBINARY(128));\nSET CONTEXT_INFO @context"
)
# A pooled connection would outlive the session with its locks and temporary tables.
mssql_python.pooling(enabled=False)


@dataclass(frozen=True, slots=True)
class Timeouts:
    """Timeouts of a connection in seconds; 0 means no limit.

    Attributes:
        login: Time to connect and log in.
        statement: Duration of a statement.
        lock: Time to wait for a lock on rows, pages or tables.
    """

    login: int = 15
    statement: int = 0
    lock: int = 60


class Session:
    """One connection, for use by one thread, in autocommit mode: transactions are explicit statements.

    Args:
        target: Server, database and login.
        timeouts: Timeouts of the connection.
        on_schema_change: Called after an error that may mean that a table has changed.
        was_reachable: True if an earlier connection succeeded.

    Attributes:
        is_lost: True if the connection cannot be used any more.
        session_id: ``@@SPID`` on the server.
        bulk_connections: Connections for bulk copies, usable by any thread.

    Raises:
        UnavailableError: The connection cannot be opened; the message gives the reason.
        ConnectionLostError: The same, but another try may succeed: the database is busy or being moved; or an earlier
            connection succeeded, and the server may be restarting.
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
        # Until the settings are applied, which write the context of a session without a run.
        self._announced_run = log_context.get_current_run()
        self._cursors = CursorCache()
        try:
            self._connection = mssql_python.connect(
                target.connection_string(),
                autocommit=True,
                attrs_before={_LOGIN_TIMEOUT_ATTRIBUTE: timeouts.login},
                timeout=timeouts.statement,
                # UUIDs as text, as the product keeps them.
                native_uuid=False,
            )
        except (*DRIVER_ERRORS, mssql_python.ConnectionStringParseError) as error:
            fault = errors.parse_fault(error)
            # "from None": the driver's error may contain the connection string with the password.
            raise login_errors.connection_error(
                fault, url=target.url, secrets=target.secrets, was_reachable=was_reachable
            ) from None
        self.bulk_connections = BulkConnections(self._connection)
        self._apply_settings(timeouts)
        self._announced_run = None

    def _apply_settings(self, timeouts: Timeouts) -> None:
        # LOCK_TIMEOUT counts milliseconds; -1 means no limit, and 0 would not wait at all.
        lock_timeout = timeouts.lock * 1000 or -1
        # XACT_ABORT: every error rolls back, so that no transaction continues after a failed statement.
        implicit, schema, self.session_id = self.query(
            f"SET XACT_ABORT ON; SET NOCOUNT OFF; SET IMPLICIT_TRANSACTIONS OFF; SET LOCK_TIMEOUT {lock_timeout};\n"
            f"{SESSION_OPTIONS};\n"
            # In a deadlock with a dashboard this session ends: it repeats its batch, a dashboard shows an error.
            "SET DEADLOCK_PRIORITY LOW;\n"
            f"SET CONTEXT_INFO 0x{_CONTEXT.encode().hex()};\n"
            "SELECT @@OPTIONS & 2 AS implicit, SCHEMA_NAME() AS home, CAST(@@SPID AS INT) AS number"
        ).row(0)
        # Read back instead of trusted: in an implicit transaction, statements seem stored until the session ends, and
        # are rolled back then without an error.
        if not self._connection.autocommit or implicit:
            self.close()
            message = (
                f"{self._target.url}: the driver did not switch autocommit on; install another version of mssql-python"
            )
            raise UnavailableError(message)
        # Statements name tables without a schema.
        if schema != "dbo":
            self.close()
            message = f"{self._target.url}: the default schema of the login is {schema!r}; let a DBA set it to dbo"
            raise UnavailableError(message)

    def query(self, sql: str, params: Sequence[Any] = ()) -> pl.DataFrame:
        """Return all rows of the first result set of a statement; an empty frame if there is none."""
        with self._open_statement(sql, params) as cursor:
            # Skip the counts of statements before the SELECT.
            while cursor.description is None:
                if not cursor.nextset():
                    return pl.DataFrame()
            frame = result_from_arrow(cursor.arrow(_FETCH_ROWS), uuid_columns=_uuid_columns(cursor))
            _drain_results(cursor)
            return frame

    def execute(self, sql: str, params: Sequence[Any] = (), *, types: Sequence[ParameterType] = ()) -> int:
        """Run a statement; return the number of affected rows, 0 for DDL.

        Args:
            sql: The statement.
            params: Value of each placeholder.
            types: Type of each placeholder, if it does not follow from the value (None).
        """
        with self._open_statement(sql, params, types) as cursor:
            count = int(cursor.rowcount)
            _drain_results(cursor)
            # -1: the statement has no count.
            return max(count, 0)

    def execute_batch(self, batch: Sequence[SpanStatement]) -> list[StatementResult]:
        """Run up to 64 statements in one round trip; return one result per statement.

        Raises:
            StoreError: A statement failed, which ended the batch; the error names its table.
        """
        sql, values, types = statements.build_batch(batch)
        results: list[StatementResult] = []
        try:
            with self._open_statement(sql, values, types) as cursor:
                for result in _iter_batch_results(cursor):
                    results.append(result)  # noqa: PERF402 - after an error, what came before it counts
        except StoreError as error:
            # Results arrive in order: the first one that is missing is that of the statement that failed.
            failed = batch[min(len(results), len(batch) - 1)]
            error.table = error.table or failed.table
            raise
        # The empty statements that fill up the batch have results as well.
        return results[: len(batch)]

    def stream_rows(self, sql: str, params: Sequence[Any] = (), *, chunk_size: int) -> Iterator[pl.DataFrame]:
        """Yield the rows of a SELECT in batches of ``chunk_size`` rows; the session is busy until the last batch."""
        with self._open_statement(sql, params) as cursor:
            uuids = _uuid_columns(cursor)
            reader = cursor.arrow_reader(chunk_size)
            try:
                for batch in reader:
                    yield result_from_arrow(batch, uuid_columns=uuids)
            finally:
                reader.close()

    @contextmanager
    def _open_statement(self, sql: str, params: Sequence[Any], types: Sequence[ParameterType] = ()) -> Iterator[Cursor]:
        """Run a statement and open its results for a block, which has to read all of them.

        Raises:
            StoreError: The statement failed.
        """
        values = list(params)
        if not types:
            sql, values, types = bind_parameters(sql, params)
        self._announce_run()
        with self._open_cursor(sql, types) as cursor:
            if values:
                cursor.setinputsizes(list(types))
                cursor.execute(sql, tuple(values))
            else:
                cursor.execute(sql)
            yield cursor

    @contextmanager
    def _open_cursor(self, sql: str, types: Sequence[ParameterType]) -> Iterator[Cursor]:
        """Open a cursor for a statement; errors of the driver inside the block are translated."""
        opened: StatementCursor | None = None
        is_reusable = False
        try:
            opened = self._cursors.take_cursor(self._connection, sql, types)
            yield opened.cursor
            # Only statements with parameters are prepared.
            is_reusable = bool(types)
        except DRIVER_ERRORS as error:
            records = opened.read_diagnostics() if opened else ()
            raise self.record_fault(errors.parse_fault(error, records)) from error
        finally:
            # close() on a lost connection would wait for the server.
            if opened is not None and not self.is_lost:
                if is_reusable:
                    self._cursors.keep_cursor(opened, sql, types)
                else:
                    opened.close()

    def _announce_run(self) -> None:
        """Write the current run to the session's context, where a DBA sees it in ``sys.dm_exec_sessions``."""
        # Not in a comment: the text of each statement would be new, and so would its plan.
        run_id = log_context.get_current_run()
        if run_id == self._announced_run:
            return
        # Before the call, which runs a statement itself.
        self._announced_run = run_id
        self.execute(_SET_CONTEXT, [f"{_CONTEXT} run {run_id}" if run_id else _CONTEXT])

    def record_fault(self, fault: DriverFault) -> Exception:
        """Return the product's error for a fault; update ``is_lost`` and report a possible change of a table."""
        self.is_lost = self.is_lost or fault.is_connection_lost
        if fault.number in errors.SCHEMA_CHANGE_ERRORS:
            self._on_schema_change()
        return errors.translate_fault(fault, url=self._target.url, secrets=self._target.secrets)

    def check_alive(self) -> bool:
        """Return True if the server answers; update ``is_lost``."""
        try:
            self.query("SELECT 1 AS alive")
        except (TransientError, UnavailableError):
            self.is_lost = True
        return not self.is_lost

    def close(self) -> None:
        """End the session; the server rolls back an open transaction."""
        self.bulk_connections.close()
        # Private: the driver would first close each kept cursor, with a message that drops its prepared statement. The
        # server drops all of them with the session.
        getattr(self._connection, "_cursors", set()).clear()
        # The connection may be lost already.
        with suppress(*DRIVER_ERRORS):
            self._connection.close()


def _drain_results(cursor: Cursor) -> None:
    # An error after the first result set is raised only when the driver reaches it.
    while cursor.nextset():
        pass


def _iter_batch_results(cursor: Cursor) -> Iterator[StatementResult]:
    """Yield the results of a batch of statements as they arrive."""
    actions: dict[str, int] = {}
    while True:
        if cursor.description:
            rows = cursor.fetchall()
            if cursor.description[-1][0] == statements.BATCH_TIME_COLUMN:
                row_count, microseconds = rows[0]
                yield StatementResult(row_count, microseconds / 1e6, actions)
                actions = {}
            else:
                actions = {row[0]: row[1] for row in rows}
        if not cursor.nextset():
            return


def _uuid_columns(cursor: Cursor) -> list[str]:
    return [column[0] for column in cursor.description or () if column[1] is UUID]
