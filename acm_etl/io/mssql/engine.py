"""The production store: SQL Server, one control session per worker; bulk copies and streams have their own."""

from __future__ import annotations

import logging
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from typing import Any

import polars as pl

from acm_etl.engine import MSSQL, Dialect, Finding, Staged
from acm_etl.errors import LostError, StoreError, TransientError
from acm_etl.io.mssql import errors
from acm_etl.io.mssql import statements as sql_
from acm_etl.io.mssql.capabilities import advice, dialect_of
from acm_etl.io.mssql.column_cache import Catalogue
from acm_etl.io.mssql.loaders import Loaders, names
from acm_etl.io.mssql.readers import Choice, Readers
from acm_etl.io.mssql.session import Session, Timeouts
from acm_etl.io.mssql.staging import Stager
from acm_etl.io.mssql.statements import Staging
from acm_etl.io.mssql.url import parse
from acm_etl.schema import Table

log = logging.getLogger(__name__)
PROBE_AFTER = 30.0
"""Seconds of idleness after which a session is asked whether it is still there before it is used."""
RETAKEN_WITHIN = 15
"""Seconds that a runner whose connection was lost waits for its own lock, each time it tries."""
_TIMED_OUT = -1


@dataclass(frozen=True, slots=True, kw_only=True)
class Options:
    """How the store is used.

    Attributes:
        staging: Where rows wait: ``temp`` (##tables) or ``table`` (schema ``stage``).
        loader: Name of a bulk loader, or ``auto``.
        reader: Name of a reader, or ``auto``.
        side_by_side: Tables that are bulk-copied at a time.
        timeouts: How long to wait.
    """

    staging: Staging = "temp"
    loader: str = "auto"
    reader: Choice = "auto"
    side_by_side: int = 4
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

    def __init__(self, url: str, options: Options | None = None) -> None:
        self._target, self._options = parse(url), options or Options()
        self._loaders = Loaders(self._target, self._options.loader, self._options.staging)
        self._readers = Readers(self._target, self._options.reader)
        self._catalogue = Catalogue()
        self.dialect: Dialect = MSSQL
        self._begin(before=False)
        self.dialect = dialect_of(self._session(), self._stager)
        log.info("%s: %s", self.url, names(self._loaders.findings()))

    def _begin(self, *, before: bool) -> None:
        self._leases: list[str] = []
        self._open = self._forget = False
        self._used = time.monotonic()
        self._stager = Stager(
            self.dialect, self._loaders, staging=self._options.staging, side_by_side=self._options.side_by_side
        )
        self._reader: Session | None = None
        self._control: Session | None = self._connect(before=before)

    @property
    def url(self) -> str:
        """Where the store is, without secrets."""
        return self._target.url

    def _connect(self, *, before: bool) -> Session:
        return Session(self._target, self._options.timeouts, altered=self._catalogue.forget, before=before)

    def _session(self) -> Session:
        """The control session, alive.

        Raises:
            LostError: It was lost in the middle of a transaction, or the server does not answer yet, or has not freed
                the lock on a machine that went with it.
        """
        session, idle = self._control, time.monotonic() - self._used > PROBE_AFTER
        self._used = time.monotonic()
        if session is not None and not session.lost and (self._open or not idle or session.alive()):
            return session
        if self._open:
            message = "the connection was lost in the middle of a transaction; nothing of it was stored"
            raise LostError(message)
        self._discard()
        self._control = session = self._retaken(self._connect(before=True))
        log.warning("the connection was lost and has been made anew as session %s", session.number)
        return session

    def _retaken(self, session: Session) -> Session:
        """The new session, holding what the lost one held; without its locks nothing may be done by it."""
        try:
            for machine in self._leases:
                # The server may need a moment to end the old session, and to free its locks.
                if not _take(session, machine, wait=RETAKEN_WITHIN):
                    raise errors.not_retaken(machine)
        except StoreError:
            session.close()
            raise
        return session

    def _discard(self) -> None:
        """Throw the control session away: its locks, staging tables and open transaction go with it."""
        self._stager.renew()
        if self._control is not None:
            self._control.close()
            self._control = None

    def query(self, sql: str, params: Sequence[Any] = ()) -> pl.DataFrame:
        """All rows of a SELECT; times come as ms, UUIDs as lower-case text."""
        return self._session().rows(sql, params)

    def execute(self, sql: str, params: Sequence[Any] = ()) -> int:
        """Rows affected by a statement; 0 for DDL."""
        if sql_.changes_tables(sql):
            self._catalogue.forget()
        return self._session().count(sql, params)

    def stream(self, sql: str, params: Sequence[Any] = (), *, rows: int = 100_000) -> Iterator[pl.DataFrame]:
        """Rows of a SELECT in batches of about ``rows``, in bounded memory, as they are committed."""
        # Its own session: a connection is busy until its last row is read.
        session, self._reader = self._reader, None
        if session is None or not session.alive():
            session = self._connect(before=True)
        try:
            yield from self._readers.batches(session, sql, params, rows=rows)
        finally:
            if self._reader is None and self._control is not None and not session.lost:
                self._reader = session
            else:
                session.close()

    def stage(self, table: Table, frame: pl.DataFrame) -> str:
        """Hand a conforming frame over; the quoted name under which statements see it."""
        return self.stage_all([(table, frame)])[0].name

    def stage_all(self, frames: Sequence[tuple[Table, pl.DataFrame]]) -> list[Staged]:
        """Hand several frames over, large ones by bulk copies side by side."""
        return self._stager.stage(self._session(), frames, alone=self._open)

    def unstage(self) -> None:
        """Forget everything that was staged by this session; inside a transaction, when it ends."""
        self._forget = self._open
        if not self._open and self._control is not None:
            self._stager.unstage(self._control)

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """The one owner of BEGIN, COMMIT and ROLLBACK; before the first write it looks at its locks."""
        if self._open:
            message = "a transaction is already open in this session: the code that opened it has to end it"
            raise StoreError(message)
        session = self._session()
        self._open = True
        try:
            self._start(session)
            yield
            self._commit(session)
        except BaseException as error:
            self._roll_back(session, error)
            raise
        finally:
            self._open = False
            if self._forget:
                self.unstage()

    def _start(self, session: Session) -> None:
        begin = sql_.begin([sql_.lease(machine) for machine in self._leases], self.dialect)
        before, depth, *modes = session.rows(begin).row(0)
        if (before, depth) != (0, 1):
            message = f"the session had {before} open transaction(s) before this one began"
            raise StoreError(message)
        for machine, mode in zip(self._leases, modes, strict=True):
            if mode != "Exclusive":
                raise errors.lost_lease(machine)

    def _commit(self, session: Session) -> None:
        if depth := session.rows(sql_.COMMIT).item():
            message = f"{depth} transaction(s) were still open after the commit"
            raise StoreError(message)

    def _roll_back(self, session: Session, cause: BaseException) -> None:
        """Undo. A session that cannot say that it did is thrown away, which undoes it too."""
        failed = "the connection is gone"
        if not session.lost:
            try:
                depth = session.rows(sql_.ROLLBACK).item()
            except StoreError as error:
                failed = str(error)
            else:
                if not depth:
                    return
                failed = f"{depth} transaction(s) stayed open"
        self._discard()
        log.warning("no rollback (%s) after: %s; the connection was discarded, and nothing kept", failed, cause)

    @contextmanager
    def lease(self, machine: str) -> Iterator[None]:
        """Hold one machine against every other runner of this database, until the session ends at the latest."""
        if machine in self._leases:
            raise errors.taken(machine)
        if not _take(self._session(), machine):
            raise errors.taken(machine)
        self._leases.append(machine)
        try:
            yield
        finally:
            self._leases.remove(machine)
            if self._control is not None and not self._control.lost:
                with suppress(StoreError):  # a session that does not answer holds nothing any more
                    self._control.count(sql_.RELEASE, [sql_.lease(machine)])

    def checkpoint(self) -> None:
        """Nothing to do: the server sees to its log."""

    def columns(self, table: str) -> dict[str, str]:
        """Columns of a table as the database has them, name to type; empty where there is no such table."""
        return self._catalogue.columns(table, lambda name: dict(self.query(sql_.COLUMNS, [name]).iter_rows()))

    def tables(self) -> list[str]:
        """Names of all base tables."""
        return self.query(sql_.TABLES)["name"].to_list()

    def findings(self) -> list[Finding]:
        """Which loader and reader are used and why, and what the server is set to."""
        return [*self._loaders.findings(), self._readers.finding(), *advice(self._session(), self.dialect)]

    def fork(self) -> MsSql:
        """A further session with the same store, for another worker."""
        twin = object.__new__(MsSql)
        twin._target, twin._options, twin.dialect = self._target, self._options, self.dialect
        twin._loaders, twin._readers, twin._catalogue = self._loaders, self._readers, self._catalogue
        twin._begin(before=True)  # a server that restarts fails this machine, not the fleet
        return twin

    def close(self) -> None:
        """End the session."""
        self.unstage()
        self._discard()
        if self._reader is not None:
            self._reader.close()
            self._reader = None


def _take(session: Session, machine: str, *, wait: int = 0) -> bool:
    """Whether the session holds the lock of a machine now; False where somebody else has it.

    Raises:
        TransientError: The server was disturbed while it was asked.
    """
    # https://learn.microsoft.com/sql/relational-databases/system-stored-procedures/sp-getapplock-transact-sql
    answer = int(session.rows(sql_.take(wait), [sql_.lease(machine)]).item())
    if answer < _TIMED_OUT:
        message = f"the lock on {machine} was not given: sp_getapplock returned {answer}"
        raise TransientError(message)
    return answer != _TIMED_OUT
