"""SQL Server as the production store: one control session per thread; bulk copies and streams have their own."""

from __future__ import annotations

import logging
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from typing import Any

import polars as pl

from acm_etl.counts import format_count
from acm_etl.dialects import MSSQL, Dialect
from acm_etl.engine import Finding, SpanStatement, StagedFrame, StatementResult
from acm_etl.errors import ConnectionLostError, StoreError, UnavailableError
from acm_etl.io.errors import lock_held_error, transaction_open_error
from acm_etl.io.mssql import errors, statements
from acm_etl.io.mssql.capabilities import collect_server_findings, detect_dialect
from acm_etl.io.mssql.column_cache import ColumnCache
from acm_etl.io.mssql.loaders import LoaderChain, format_findings
from acm_etl.io.mssql.readers import ReaderChain, ReaderChoice
from acm_etl.io.mssql.session import Session, Timeouts
from acm_etl.io.mssql.staging import Stager
from acm_etl.io.mssql.statements import StagingKind
from acm_etl.io.mssql.url import parse_mssql_url
from acm_etl.schema import Table

log = logging.getLogger(__name__)
# Seconds without a statement after which a session is tested before its next use: firewalls drop idle connections.
IDLE_PROBE_SECONDS = 30.0
# Seconds per attempt that a new connection waits for the lock of the lost one.
RELOCK_WAIT_SECONDS = 15
# Seconds for which the first login waits for a database that is busy or being resumed, and between its tries. A paused
# serverless database takes up to a minute to resume.
FIRST_LOGIN_WAIT_SECONDS = 90.0
FIRST_LOGIN_PAUSE_SECONDS = 5.0
# Result of sp_getapplock if another session holds the lock; lower results are other failures.
_LOCK_TIMED_OUT = -1


@dataclass(frozen=True, slots=True, kw_only=True)
class MssqlOptions:
    """Settings of a SQL Server store.

    Attributes:
        staging: Kind of staging tables: ``table`` (schema ``stage``) or ``temp`` (##tables).
        loader: Name of a bulk loader, or ``auto``.
        reader: Name of a reader, or ``auto``.
        parallel_loads: Maximum number of parallel bulk copies.
        writes_rows: The session may change rows. Otherwise the server's kind of MERGE is not tried.
        from_replica: Declare that the session only reads: the listener of an availability group then sends it to a
            readable secondary.
        timeouts: Timeouts of each connection.
    """

    staging: StagingKind = "table"
    loader: str = "auto"
    reader: ReaderChoice = "auto"
    parallel_loads: int = 4
    writes_rows: bool = True
    from_replica: bool = False
    timeouts: Timeouts = field(default_factory=Timeouts)


class MsSql:
    """One session with a SQL Server store; implements ``acm_etl.engine.Engine``.

    The control session owns the staging tables, the transaction and the locks; the server removes all three when the
    session ends. If its connection is lost outside a transaction, the next statement opens a new one and takes the
    locks again.

    Args:
        url: ``mssql://user:password@host:1433/ACM?encrypt=yes`` or ``mssql+odbc:///?odbc_connect=...``.
        options: Settings of the store.

    Raises:
        UsageError: The URL cannot be parsed, or lacks a login.
        UnavailableError: The server cannot be reached; the message gives the reason.
    """

    def __init__(self, url: str, options: MssqlOptions | None = None) -> None:
        self._options = options or MssqlOptions()
        target = parse_mssql_url(url)
        self._target = target.declare_read_only() if self._options.from_replica else target
        self._loaders = LoaderChain(self._target, self._options.loader, self._options.staging)
        self._readers = ReaderChain(self._target, self._options.reader)
        self._column_cache = ColumnCache()
        self.dialect: Dialect = MSSQL
        self._begin_session(self._connect_first_session())
        if self._options.writes_rows:
            self.dialect = detect_dialect(self._ensure_session())
        log.info("%s: %s", self.url, format_findings(self._loaders.collect_findings()))

    def _begin_session(self, session: Session) -> None:
        self._held_locks: list[str] = []
        self._in_transaction = self._clear_after_transaction = False
        self._last_used = time.monotonic()
        self._stager = Stager(
            self.dialect, self._loaders, staging=self._options.staging, parallel_loads=self._options.parallel_loads
        )
        self._stream_session: Session | None = None
        self._control_session: Session | None = session

    @property
    def url(self) -> str:
        """URL of the store without user name and password."""
        return self._target.url

    def _connect_first_session(self) -> Session:
        """Connect for the first time; wait a while for a database that is busy or being resumed.

        Raises:
            UnavailableError: The server cannot be reached, or is not in service yet.
        """
        deadline = time.monotonic() + FIRST_LOGIN_WAIT_SECONDS
        level = logging.WARNING
        while True:
            try:
                return self._connect_session(was_reachable=False)
            except ConnectionLostError as error:
                if time.monotonic() + FIRST_LOGIN_PAUSE_SECONDS > deadline:
                    message = f"{error}; run the command again when the database is in service"
                    raise UnavailableError(message) from None
                log.log(level, "waiting for the store, up to %.0f s: %s", FIRST_LOGIN_WAIT_SECONDS, error)
                level = logging.DEBUG  # the user has been told
                time.sleep(FIRST_LOGIN_PAUSE_SECONDS)

    def _connect_session(self, *, was_reachable: bool) -> Session:
        return Session(
            self._target, self._options.timeouts, on_schema_change=self._column_cache.clear, was_reachable=was_reachable
        )

    def _ensure_session(self) -> Session:
        """Return the control session, with a new connection if the old one is lost.

        Raises:
            ConnectionLostError: The connection was lost inside a transaction; or the server does not answer, or has not
                released the locks of the lost connection yet.
        """
        session = self._control_session
        is_idle = time.monotonic() - self._last_used > IDLE_PROBE_SECONDS
        self._last_used = time.monotonic()
        # No probe inside a transaction: its statement fails by itself, and the whole batch is repeated then.
        needs_probe = is_idle and not self._in_transaction
        if session is not None and not session.is_lost and (not needs_probe or session.check_alive()):
            return session
        if self._in_transaction:
            message = "the connection was lost inside a transaction; nothing of it was stored"
            raise ConnectionLostError(message)
        self._discard_session()
        self._control_session = session = self._reacquire_locks(self._connect_session(was_reachable=True))
        log.warning("connection lost; reconnected as session %s", session.session_id)
        return session

    def _reacquire_locks(self, session: Session) -> Session:
        # All or nothing: without its locks the session must not write.
        try:
            for name in self._held_locks:
                # The server may need a moment to notice that the old session is dead, and to release its locks.
                if not _acquire_lock(session, name, wait_seconds=RELOCK_WAIT_SECONDS):
                    raise errors.relock_pending_error(name)
        except StoreError:
            session.close()
            raise
        return session

    def _discard_session(self) -> None:
        """Close the control session; the server drops its locks, temporary tables and open transaction."""
        self._stager.reset_session()
        if self._control_session is not None:
            self._control_session.close()
            self._control_session = None

    def query(self, sql: str, params: Sequence[Any] = ()) -> pl.DataFrame:
        """Return all rows of a SELECT: times as ``Datetime("ms")``, UUIDs as lower-case text."""
        return self._ensure_session().query(sql, params)

    def execute(self, sql: str, params: Sequence[Any] = ()) -> int:
        """Run a statement; return the number of affected rows, 0 for DDL."""
        if statements.changes_tables(sql):
            self._column_cache.clear()
        return self._ensure_session().execute(sql, params)

    def execute_batch(self, batch: Sequence[SpanStatement]) -> list[StatementResult]:
        """Run statements in the given order, up to 64 per round trip; return one result per statement."""
        session, size = self._ensure_session(), statements.BATCH_SIZES[-1]
        chunks = (batch[first : first + size] for first in range(0, len(batch), size))
        return [result for chunk in chunks for result in session.execute_batch(chunk)]

    def stream_rows(self, sql: str, params: Sequence[Any] = (), *, chunk_size: int = 100_000) -> Iterator[pl.DataFrame]:
        """Yield the committed rows of a SELECT in batches of about ``chunk_size`` rows, in bounded memory."""
        # A session of its own: without MARS a connection takes no other statement until the last row is read.
        # It is kept for the next stream, because a login takes longer than most pulls.
        session, self._stream_session = self._stream_session, None
        if session is None or not session.check_alive():
            session = self._connect_session(was_reachable=True)
        try:
            yield from self._readers.stream_rows(session, sql, params, chunk_size=chunk_size)
        finally:
            # Two streams at a time, or a closed store: one session is enough to keep.
            if self._stream_session is None and self._control_session is not None and not session.is_lost:
                self._stream_session = session
            else:
                session.close()

    def stage_frame(self, table: Table, frame: pl.DataFrame) -> str:
        """Stage a frame that conforms to a table; return the SQL relation to select its rows from."""
        return self.stage_frames([(table, frame)])[0].relation

    def stage_frames(
        self, frames: Sequence[tuple[Table, pl.DataFrame]], *, has_lookups: bool = True
    ) -> list[StagedFrame]:
        """Stage several frames, large ones by parallel bulk copies; return results in the given order."""
        return self._stager.stage_frames(
            self._ensure_session(), frames, control_session_only=self._in_transaction, has_lookups=has_lookups
        )

    def clear_staging(self) -> None:
        """Remove all staged rows of this session; inside a transaction, after its end."""
        self._clear_after_transaction = self._in_transaction
        if not self._in_transaction and self._control_session is not None:
            self._stager.clear_staging(self._control_session)

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """Run a block in a transaction: COMMIT at its end, ROLLBACK after any exception.

        Raises:
            StoreError: A transaction is already open in this session.
            ConflictError: A lock of this session was lost; nothing was written.
        """
        if self._in_transaction:
            raise transaction_open_error()
        session = self._ensure_session()
        self._in_transaction, is_ending = True, False
        try:
            self._begin_transaction(session)
            yield
            is_ending = True
            self._commit_transaction(session)
        # BaseException: Ctrl-C must not leave a transaction open.
        except BaseException as error:
            self._roll_back(session, error, is_ending=is_ending)
            raise
        finally:
            self._in_transaction = False
            if self._clear_after_transaction:
                self.clear_staging()

    def _begin_transaction(self, session: Session) -> None:
        resources = [statements.lock_resource(name) for name in self._held_locks]
        before, depth, *modes = session.query(statements.build_begin_transaction(resources, self.dialect)).row(0)
        # Inside another transaction COMMIT would only decrement the counter, and a later ROLLBACK would undo it all.
        # https://learn.microsoft.com/sql/t-sql/functions/trancount-transact-sql
        if (before, depth) != (0, 1):
            message = f"the session had {format_count(before, 'open transaction')} before BEGIN; run the command again"
            raise StoreError(message)
        # A driver that reconnects by itself loses the locks without an error: check them before the first write.
        for name, mode in zip(self._held_locks, modes, strict=True):
            if mode != "Exclusive":
                raise errors.lock_lost_error(name)

    def _commit_transaction(self, session: Session) -> None:
        if depth := session.query(statements.COMMIT).item():
            message = f"{format_count(depth, 'transaction')} still open after COMMIT; run the command again"
            raise StoreError(message)

    def _roll_back(self, session: Session, cause: BaseException, *, is_ending: bool) -> None:
        """Roll back; close the connection if the server does not confirm the rollback, which has the same effect.

        Args:
            session: Session with the transaction.
            cause: What ended the transaction.
            is_ending: True if COMMIT was sent: without an answer only the stored rows tell whether it was carried out.
        """
        # A new column or table of the transaction is gone again.
        self._column_cache.clear()
        problem = "the connection is lost"
        if not session.is_lost:
            try:
                depth = session.query(statements.ROLLBACK).item()
            except StoreError as error:
                problem = str(error)
            else:
                if not depth:
                    return
                problem = f"{format_count(depth, 'transaction')} still open"
        self._discard_session()
        outcome = "the transaction may have been committed" if is_ending else "nothing was committed"
        log.warning("rollback failed (%s) after: %s; connection closed, %s", problem, cause, outcome)

    @contextmanager
    def acquire_lock(self, name: str) -> Iterator[None]:
        """Hold a lock against all other sessions of the database, until the block or the session ends.

        Raises:
            MachineLockedError: Another session holds the lock.
        """
        # sp_getapplock is re-entrant: a second call of the same session would succeed.
        if name in self._held_locks or not _acquire_lock(self._ensure_session(), name):
            raise lock_held_error(name)
        self._held_locks.append(name)
        try:
            yield
        finally:
            self._held_locks.remove(name)
            if self._control_session is not None and not self._control_session.is_lost:
                # A session that fails here is dead, and the server releases its locks.
                with suppress(StoreError):
                    self._control_session.execute(statements.RELEASE_LOCK, [statements.lock_resource(name)])

    def is_locked(self, name: str) -> bool | None:
        """Return whether any session holds a lock; None on a readable secondary, which does not see the locks."""
        # A test of this session's own lock would say that it can be had: the server lets a session take it again.
        if name in self._held_locks:
            return True
        if self._options.from_replica:
            return None
        return not self._ensure_session().query(statements.TEST_LOCK, [statements.lock_resource(name)]).item()

    def reserve_memory(self, column_count: int) -> None:
        """Do nothing: the memory of the server is the task of its administrator."""

    def checkpoint_wal(self) -> None:
        """Do nothing: the server writes checkpoints by itself."""

    def get_column_types(self, table: str) -> dict[str, str]:
        """Return the columns of a table as name to database type; empty if the table does not exist."""
        return self._column_cache.get_column_types(
            table, lambda name: dict(self.query(statements.LIST_COLUMNS, [name]).iter_rows())
        )

    def get_table_names(self) -> list[str]:
        """Return the names of all base tables in alphabetical order."""
        return self.query(statements.LIST_TABLES)["name"].to_list()

    def get_relation_names(self) -> list[str]:
        """Return the names of all base tables and views in alphabetical order."""
        return self.query(statements.LIST_RELATIONS)["name"].to_list()

    def collect_findings(self) -> list[Finding]:
        """Return the loader and reader in use with the reason, and findings about the server."""
        return [
            *self._loaders.collect_findings(),
            self._readers.reader_finding(),
            *collect_server_findings(self._ensure_session(), self.dialect, self._options.staging),
        ]

    def open_session(self) -> MsSql:
        """Open another session with the same store, for another thread."""
        # Without __init__: the twin shares loaders, readers and column cache, and skips the trial of MERGE.
        twin = object.__new__(MsSql)
        twin._target, twin._options, twin.dialect = self._target, self._options, self.dialect
        twin._loaders, twin._readers, twin._column_cache = self._loaders, self._readers, self._column_cache
        # was_reachable: a server that restarts now is worth a retry for this machine, and no end of the whole fleet.
        twin._begin_session(twin._connect_session(was_reachable=True))
        return twin

    def close(self) -> None:
        """End the session; an open transaction is rolled back and its locks are released."""
        if self._control_session is not None and not self._in_transaction:
            self._stager.drop_tables(self._control_session)
        self._discard_session()
        if self._stream_session is not None:
            self._stream_session.close()
            self._stream_session = None


def _acquire_lock(session: Session, name: str, *, wait_seconds: int = 0) -> bool:
    """Take a named lock; return False if another session holds it after the wait.

    Raises:
        TransientError: The call was cancelled or the victim of a deadlock.
        StoreError: The server rejected the call.
    """
    sql = statements.build_acquire_lock(wait_seconds)
    result = int(session.query(sql, [statements.lock_resource(name)]).item())
    if result < _LOCK_TIMED_OUT:
        raise errors.lock_failure_error(name, result)
    return result != _LOCK_TIMED_OUT
