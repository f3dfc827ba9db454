"""The embedded store: DuckDB in this process, one writer at a time, one process per file."""

from __future__ import annotations

import re
import secrets
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any
from weakref import WeakValueDictionary

import duckdb
import polars as pl

from acm_etl.engine import DUCKDB, Dialect, Finding, Staged, nothing
from acm_etl.errors import HeldError, StoreError, TransientError, UnavailableError, UsageError
from acm_etl.io.duckdb.errors import cannot_open, first_line, not_duckdb
from acm_etl.schema import Table

SCHEME = "duckdb:///"
MEMORY = ":memory:"
# https://duckdb.org/docs/stable/connect/concurrency: optimistic concurrency, the loser has to start over.
_CONFLICT = re.compile(r"conflict|Failed to commit|has been altered", re.IGNORECASE)


class _Shared:
    """What all sessions of one file in this process share: the writer's lock and the machines that are held."""

    def __init__(self) -> None:
        self.writer = threading.RLock()
        self.guard = threading.Lock()
        self.leased: set[str] = set()


_SHARED: WeakValueDictionary[str, _Shared] = WeakValueDictionary()
_SHARED_GUARD = threading.Lock()


def path_of(url: str) -> str:
    """The file a URL names: relative after three slashes, absolute after four; ``:memory:`` for none.

    Raises:
        UsageError: The URL names no file.
    """
    path = url.removeprefix(SCHEME)
    if not url.startswith(SCHEME) or not path:
        message = f"{url!r} names no DuckDB file; write duckdb:///file.duckdb, duckdb:////absolute/file.duckdb"
        raise UsageError(message)
    return path


class DuckDB:
    """One session with a DuckDB store; see ``acm_etl.engine.Engine`` for the verbs.

    A session belongs to one thread; ``fork`` gives another thread its own. Sessions of one file take turns at
    writing, since DuckDB answers two writers of one table with a conflict.

    Args:
        url: ``duckdb:///PATH`` or ``duckdb:///:memory:``.
        memory_limit: Memory DuckDB may use before it spills to disk.
        threads: Threads DuckDB may use.

    Raises:
        UsageError: The URL names no file.
        UnavailableError: The file cannot be opened; the text says who holds it or what is wrong with it.
    """

    dialect: Dialect = DUCKDB

    def __init__(self, url: str, *, memory_limit: str = "512MB", threads: int = 2) -> None:
        path = path_of(url)
        self.url = url
        # Larger-than-memory inserts stay within the limit only where the order of rows may be given up.
        settings: dict[str, str | bool | int | float | list[str]] = {
            "memory_limit": memory_limit,
            "threads": threads,
            "preserve_insertion_order": False,
            # A checkpoint per group takes more time than it saves: a log of this size is read in two seconds.
            "wal_autocheckpoint": "256MB",
        }
        try:
            self._connection = duckdb.connect(path, config=settings)
        except duckdb.Error as error:
            raise cannot_open(error, path) from error
        if path != MEMORY and not _is_kept(self._connection):
            self._connection.close()
            raise not_duckdb(path)
        self._shared = _shared(path)
        self._begin_session()

    def _begin_session(self) -> None:
        self._staged: list[str] = []
        self._open = False
        self._forget = False
        self._discarded = False

    def query(self, sql: str, params: Sequence[Any] = ()) -> pl.DataFrame:
        """All rows of a SELECT; times come as ms, UUIDs as lower-case text."""
        with self._translated():
            return _plain(_polars(_result(self._connection, sql, params).to_arrow_table()))

    def execute(self, sql: str, params: Sequence[Any] = ()) -> int:
        """Rows affected by a statement; 0 for DDL."""
        with self._translated(), self._shared.writer:
            result = self._connection.execute(sql, params)
            counts = bool(result.description) and result.description[0][0] == "Count"
            rows = result.fetchall()
        return int(rows[0][0]) if counts and rows else 0

    def stream(self, sql: str, params: Sequence[Any] = (), *, rows: int = 100_000) -> Iterator[pl.DataFrame]:
        """Rows of a SELECT in batches of about ``rows``, in bounded memory, as they are committed."""
        # Its own cursor: the next statement on a connection ends the result that is still being read.
        with self._translated():
            cursor = self._connection.cursor()
        try:
            with self._translated():
                batches = iter(_result(cursor, sql, params).to_arrow_reader(rows))
            while True:
                with self._translated():
                    batch = next(batches, None)
                if batch is None:
                    break
                yield _plain(_polars(batch))
        finally:
            cursor.close()

    def stage(self, table: Table, frame: pl.DataFrame) -> str:
        """Hand a conforming frame over without copying it; what statements put in their FROM for it."""
        if frame.is_empty():
            return nothing(table, self.dialect)
        q, name = self.dialect.quote, f"frame_{secrets.token_hex(8)}"
        # A dictionary is cast to UUID once per entry, text once per row: half the time of a whole insert.
        uuids = [c.name for c in table.stored if c.base == "uuid" and c.name in frame.columns]
        columns = ", ".join(f"CAST({q(c)} AS UUID) AS {q(c)}" if c in uuids else q(c) for c in frame.columns)
        with self._translated():
            self._connection.register(name, frame.with_columns(pl.col(uuids).cast(pl.Categorical)))
            self._staged.append(name)
        return f'(SELECT {columns} FROM "{name}")'  # no view: making and dropping one takes as long as a small insert

    def stage_all(self, frames: Sequence[tuple[Table, pl.DataFrame]]) -> list[Staged]:
        """Hand several frames over, which takes no time worth sharing."""
        return [Staged(self.stage(table, frame), 0.0) for table, frame in frames]

    def unstage(self) -> None:
        """Forget everything that was staged by this session; inside a transaction, when it ends."""
        if self._open:  # a rollback would bring the dropped views back, without their frames
            self._forget = True
            return
        staged, self._staged, self._forget = self._staged, [], False
        if self._discarded:
            return
        for name in staged:
            with self._translated():
                self._connection.unregister(name)

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """The one owner of BEGIN, COMMIT and ROLLBACK; holds the file's writer lock meanwhile."""
        if self._open:
            message = "a transaction is already open in this session: the code that opened it has to end it"
            raise StoreError(message)
        with self._shared.writer:
            self._run("BEGIN TRANSACTION")
            self._open = True
            try:
                yield
            except BaseException as error:
                self._roll_back(error)
                raise
            else:
                self._run("COMMIT")  # a COMMIT that fails has rolled back already
            finally:
                self._open = False
                if self._forget:
                    self.unstage()

    def _roll_back(self, cause: BaseException) -> None:
        try:
            self._run("ROLLBACK")
        except StoreError as error:
            self._discard()
            message = f"the rollback failed ({error}) after: {cause}; the connection was discarded, nothing was kept"
            raise UnavailableError(message) from cause

    def _discard(self) -> None:
        self._discarded = True
        with suppress(duckdb.Error):  # it is being thrown away because it does not answer
            self._connection.close()

    @contextmanager
    def lease(self, machine: str) -> Iterator[None]:
        """Hold one machine against every other runner of this process; other processes cannot open the file."""
        shared = self._shared
        with shared.guard:
            if machine in shared.leased:
                message = f"{machine} is being worked on by another runner of this process; wait until it is done"
                raise HeldError(message)
            shared.leased.add(machine)
        try:
            yield
        finally:
            with shared.guard:
                shared.leased.discard(machine)

    def checkpoint(self) -> None:
        """Bring the log into the file; left to DuckDB while another session has a transaction open."""
        # TransactionException: somebody else is in the middle of one, and DuckDB checkpoints by itself later.
        with self._translated(), self._shared.writer, suppress(duckdb.TransactionException):
            self._connection.execute("CHECKPOINT").fetchall()

    def columns(self, table: str) -> dict[str, str]:
        """Columns of a table as the database has them, name to type; empty where there is no such table."""
        sql = (
            "SELECT column_name, data_type FROM duckdb_columns() WHERE table_name = ? AND schema_name = 'main' "
            "AND database_name = current_database() ORDER BY column_index"
        )
        return dict(self.query(sql, [table]).iter_rows())

    def tables(self) -> list[str]:
        """Names of all base tables."""
        sql = (
            "SELECT table_name FROM duckdb_tables() WHERE schema_name = 'main' AND NOT temporary "
            "AND database_name = current_database() ORDER BY table_name"
        )
        return self.query(sql)["table_name"].to_list()

    def findings(self) -> list[Finding]:
        """How rows get in."""
        return [Finding("loader", "ok", "duckdb: Arrow frames are scanned in place")]

    def fork(self) -> DuckDB:
        """A further session with the same store, for another thread."""
        twin = object.__new__(DuckDB)
        with self._translated():
            twin._connection = self._connection.cursor()
        twin.url, twin._shared = self.url, self._shared
        twin._begin_session()
        return twin

    def close(self) -> None:
        """End the session; the file is released with its last session."""
        self._connection.close()

    def _run(self, sql: str) -> None:
        with self._translated():
            self._connection.execute(sql).fetchall()

    @contextmanager
    def _translated(self) -> Iterator[None]:
        if self._discarded:
            message = "this session was discarded after a failed rollback; start again"
            raise UnavailableError(message)
        try:
            yield
        except duckdb.Error as error:
            raise translate(error) from error


def translate(error: duckdb.Error) -> StoreError:
    """The product's error for an error of a statement."""
    text = first_line(error)
    if isinstance(error, duckdb.TransactionException) and _CONFLICT.search(text):
        return TransientError(f"another writer was faster: {text}")
    if isinstance(error, duckdb.OutOfMemoryException):
        return StoreError(f"DuckDB ran out of memory; raise store.memory_limit: {text}")
    if isinstance(error, duckdb.FatalException | duckdb.ConnectionException):
        return UnavailableError(f"the store has stopped answering; start again: {text}")
    return StoreError(f"the store refused a statement: {text}")


def _is_kept(connection: duckdb.DuckDBPyConnection) -> bool:
    """Whether what is written goes into a DuckDB file.

    From 2.0 on a CSV, JSON or Parquet file is taken as data to look at, and everything else happens in memory. DuckDB
    is asked, not the file's first bytes: closing a file that was opened to read them would end the lock that this
    process has on a store (POSIX locks go with the first descriptor that is closed).
    """
    sql = "SELECT path IS NOT NULL AND type = 'duckdb' FROM duckdb_databases() WHERE database_name = current_database()"
    return connection.execute(sql).fetchall() == [(True,)]


def _shared(path: str) -> _Shared:
    """What the sessions of a file share; every in-memory store is its own."""
    if path == MEMORY:
        return _Shared()
    with _SHARED_GUARD:
        return _SHARED.setdefault(str(Path(path).resolve()), _Shared())


def _result(connection: duckdb.DuckDBPyConnection, sql: str, params: Sequence[Any]) -> duckdb.DuckDBPyRelation:
    """The rows of a SELECT, as a relation: from 2.0 on, what ``execute`` returns has no Arrow without a copy."""
    return connection.sql(sql, params=list(params))


def _polars(arrow: Any) -> pl.DataFrame:  # noqa: ANN401 - pyarrow has no types
    frame = pl.from_arrow(arrow)
    assert isinstance(frame, pl.DataFrame)  # noqa: S101 - tables and record batches are never a Series
    return frame


def _plain(frame: pl.DataFrame) -> pl.DataFrame:
    """Times in ms, and sums of integers (128 bits in DuckDB) as ordinary integers."""
    casts: dict[str, pl.DataType] = {}
    for name, dtype in frame.schema.items():
        if isinstance(dtype, pl.Datetime) and dtype.time_unit != "ms":
            casts[name] = pl.Datetime("ms", dtype.time_zone)
        elif isinstance(dtype, pl.Decimal) and dtype.scale == 0:
            casts[name] = pl.Int64()
    return frame.cast(casts) if casts else frame  # type: ignore[arg-type]
