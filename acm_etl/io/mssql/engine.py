"""The production store: SQL Server, one control session per worker; bulk copies and streams have their own."""

from __future__ import annotations

import logging
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from typing import Any

import polars as pl

from acm_etl.dialects import MSSQL, Dialect
from acm_etl.engine import Finding, StagedFrame
from acm_etl.errors import ConnectionLostError, StoreError, TransientError
from acm_etl.io.errors import lock_held_error, transaction_open_error
from acm_etl.io.mssql import errors
from acm_etl.io.mssql import statements as sql_
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
IDLE_PROBE_SECONDS = 30.0
"""Seconds of idleness after which a session is asked whether it is still there before it is used."""
RELOCK_WAIT_SECONDS = 15
"""Seconds that a runner whose connection was lost waits for its own lock, each time it tries."""
_LOCK_TIMED_OUT = -1


@dataclass(frozen=True, slots=True, kw_only=True)
class MssqlOptions:
    """How the store is used.

    Attributes:
        staging: Where rows wait: ``temp`` (##tables) or ``table`` (schema ``stage``).
        loader: Name of a bulk loader, or ``auto``.
        reader: Name of a reader, or ``auto``.
        parallel_loads: Tables that are bulk-copied at a time.
        timeouts: How long to wait.
    """

    staging: StagingKind = "temp"
    loader: str = "auto"
    reader: ReaderChoice = "auto"
    parallel_loads: int = 4
    timeouts: Timeouts = field(default_factory=Timeouts)


class MsSql:
    """One control session with a SQL Server store; see ``acm_etl.engine.Engine`` for the verbs.

    Staging tables, the transaction and the locks of a group are all this session's, and share its fate. When the
    connection is lost outside a transaction, the next statement makes a new one and takes its locks again.

    Args:
        url: ``mssql://user:password@host:1433/ACM?encrypt=yes`` or ``mssql+odbc:///?odbc_connect=...``.
        options: How it is used.

    Raises:
        UsageError: The URL cannot be read.
        UnavailableError: The server cannot be reached; the text says why.
    """

    def __init__(self, url: str, options: MssqlOptions | None = None) -> None:
        self._target, self._options = parse_mssql_url(url), options or MssqlOptions()
        self._loaders = LoaderChain(self._target, self._options.loader, self._options.staging)
        self._readers = ReaderChain(self._target, self._options.reader)
        self._column_cache = ColumnCache()
        self.dialect: Dialect = MSSQL
        self._begin_session(was_reachable=False)
        self.dialect = detect_dialect(self._ensure_session(), self._stager)
        log.info("%s: %s", self.url, format_findings(self._loaders.collect_findings()))

    def _begin_session(self, *, was_reachable: bool) -> None:
        self._locked_machines: list[str] = []
        self._in_transaction = self._clear_after_transaction = False
        self._last_used = time.monotonic()
        self._stager = Stager(
            self.dialect, self._loaders, staging=self._options.staging, parallel_loads=self._options.parallel_loads
        )
        self._stream_session: Session | None = None
        self._control_session: Session | None = self._connect_session(was_reachable=was_reachable)

    @property
    def url(self) -> str:
        """Where the store is, without secrets."""
        return self._target.url

    def _connect_session(self, *, was_reachable: bool) -> Session:
        return Session(
            self._target, self._options.timeouts, on_schema_change=self._column_cache.clear, was_reachable=was_reachable
        )

    def _ensure_session(self) -> Session:
        """The control session, alive.

        Raises:
            LostError: It was lost in the middle of a transaction, or the server does not answer yet, or has not freed
                the lock on a machine that went with it.
        """
        session, idle = self._control_session, time.monotonic() - self._last_used > IDLE_PROBE_SECONDS
        self._last_used = time.monotonic()
        if session is not None and not session.is_lost and (self._in_transaction or not idle or session.check_alive()):
            return session
        if self._in_transaction:
            message = "the connection was lost in the middle of a transaction; nothing of it was stored"
            raise ConnectionLostError(message)
        self._discard_session()
        self._control_session = session = self._reacquire_locks(self._connect_session(was_reachable=True))
        log.warning("the connection was lost and has been made anew as session %s", session.session_id)
        return session

    def _reacquire_locks(self, session: Session) -> Session:
        """The new session, holding what the lost one held; without its locks nothing may be done by it."""
        try:
            for machine in self._locked_machines:
                # The server may need a moment to end the old session, and to free its locks.
                if not _acquire_lock(session, machine, wait=RELOCK_WAIT_SECONDS):
                    raise errors.relock_pending_error(machine)
        except StoreError:
            session.close()
            raise
        return session

    def _discard_session(self) -> None:
        """Throw the control session away: its locks, staging tables and open transaction go with it."""
        self._stager.reset_session()
        if self._control_session is not None:
            self._control_session.close()
            self._control_session = None

    def query(self, sql: str, params: Sequence[Any] = ()) -> pl.DataFrame:
        """All rows of a SELECT; times come as ms, UUIDs as lower-case text."""
        return self._ensure_session().query(sql, params)

    def execute(self, sql: str, params: Sequence[Any] = ()) -> int:
        """Rows affected by a statement; 0 for DDL."""
        if sql_.changes_tables(sql):
            self._column_cache.clear()
        return self._ensure_session().execute(sql, params)

    def stream_rows(self, sql: str, params: Sequence[Any] = (), *, chunk_size: int = 100_000) -> Iterator[pl.DataFrame]:
        """Rows of a SELECT in batches of about ``chunk_size``, in bounded memory, as they are committed."""
        # Its own session: a connection is busy until its last row is read.
        session, self._stream_session = self._stream_session, None
        if session is None or not session.check_alive():
            session = self._connect_session(was_reachable=True)
        try:
            yield from self._readers.stream_rows(session, sql, params, chunk_size=chunk_size)
        finally:
            if self._stream_session is None and self._control_session is not None and not session.is_lost:
                self._stream_session = session
            else:
                session.close()

    def stage_frame(self, table: Table, frame: pl.DataFrame) -> str:
        """Hand a conforming frame over; the quoted name under which statements see it."""
        return self.stage_frames([(table, frame)])[0].relation

    def stage_frames(self, frames: Sequence[tuple[Table, pl.DataFrame]]) -> list[StagedFrame]:
        """Hand several frames over, large ones by bulk copies side by side."""
        return self._stager.stage_frames(self._ensure_session(), frames, control_session_only=self._in_transaction)

    def clear_staging(self) -> None:
        """Forget everything that was staged by this session; inside a transaction, when it ends."""
        self._clear_after_transaction = self._in_transaction
        if not self._in_transaction and self._control_session is not None:
            self._stager.clear_staging(self._control_session)

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """The one owner of BEGIN, COMMIT and ROLLBACK; before the first write it looks at its locks."""
        if self._in_transaction:
            raise transaction_open_error()
        session = self._ensure_session()
        self._in_transaction = True
        try:
            self._begin_transaction(session)
            yield
            self._commit_transaction(session)
        except BaseException as error:
            self._roll_back(session, error)
            raise
        finally:
            self._in_transaction = False
            if self._clear_after_transaction:
                self.clear_staging()

    def _begin_transaction(self, session: Session) -> None:
        begin = sql_.build_begin_transaction(
            [sql_.machine_lock_name(machine) for machine in self._locked_machines], self.dialect
        )
        before, depth, *modes = session.query(begin).row(0)
        if (before, depth) != (0, 1):
            message = f"the session had {before} open transaction(s) before this one began"
            raise StoreError(message)
        for machine, mode in zip(self._locked_machines, modes, strict=True):
            if mode != "Exclusive":
                raise errors.lock_lost_error(machine)

    def _commit_transaction(self, session: Session) -> None:
        if depth := session.query(sql_.COMMIT).item():
            message = f"{depth} transaction(s) were still open after the commit"
            raise StoreError(message)

    def _roll_back(self, session: Session, cause: BaseException) -> None:
        """Undo. A session that cannot say that it did is thrown away, which undoes it too."""
        failed = "the connection is gone"
        if not session.is_lost:
            try:
                depth = session.query(sql_.ROLLBACK).item()
            except StoreError as error:
                failed = str(error)
            else:
                if not depth:
                    return
                failed = f"{depth} transaction(s) stayed open"
        self._discard_session()
        log.warning("no rollback (%s) after: %s; the connection was discarded, and nothing kept", failed, cause)

    @contextmanager
    def acquire_lock(self, machine: str) -> Iterator[None]:
        """Hold one machine against every other runner of this database, until the session ends at the latest."""
        if machine in self._locked_machines:
            raise lock_held_error(machine)
        if not _acquire_lock(self._ensure_session(), machine):
            raise lock_held_error(machine)
        self._locked_machines.append(machine)
        try:
            yield
        finally:
            self._locked_machines.remove(machine)
            if self._control_session is not None and not self._control_session.is_lost:
                with suppress(StoreError):  # a session that does not answer holds nothing any more
                    self._control_session.execute(sql_.RELEASE_LOCK, [sql_.machine_lock_name(machine)])

    def checkpoint_wal(self) -> None:
        """Nothing to do: the server sees to its log."""

    def get_column_types(self, table: str) -> dict[str, str]:
        """Columns of a table as the database has them, name to type; empty where there is no such table."""
        return self._column_cache.get_column_types(
            table, lambda name: dict(self.query(sql_.LIST_COLUMNS, [name]).iter_rows())
        )

    def get_table_names(self) -> list[str]:
        """Names of all base tables."""
        return self.query(sql_.LIST_TABLES)["name"].to_list()

    def collect_findings(self) -> list[Finding]:
        """Which loader and reader are used and why, and what the server is set to."""
        return [
            *self._loaders.collect_findings(),
            self._readers.reader_finding(),
            *collect_server_findings(self._ensure_session(), self.dialect),
        ]

    def open_session(self) -> MsSql:
        """A further session with the same store, for another worker."""
        twin = object.__new__(MsSql)
        twin._target, twin._options, twin.dialect = self._target, self._options, self.dialect
        twin._loaders, twin._readers, twin._column_cache = self._loaders, self._readers, self._column_cache
        twin._begin_session(was_reachable=True)  # a server that restarts fails this machine, not the fleet
        return twin

    def close(self) -> None:
        """End the session."""
        self.clear_staging()
        self._discard_session()
        if self._stream_session is not None:
            self._stream_session.close()
            self._stream_session = None


def _acquire_lock(session: Session, machine: str, *, wait: int = 0) -> bool:
    """Whether the session holds the lock of a machine now; False where somebody else has it.

    Raises:
        TransientError: The server was disturbed while it was asked.
    """
    # https://learn.microsoft.com/sql/relational-databases/system-stored-procedures/sp-getapplock-transact-sql
    answer = int(session.query(sql_.build_acquire_lock(wait), [sql_.machine_lock_name(machine)]).item())
    if answer < _LOCK_TIMED_OUT:
        message = f"the lock on {machine} was not given: sp_getapplock returned {answer}"
        raise TransientError(message)
    return answer != _LOCK_TIMED_OUT
