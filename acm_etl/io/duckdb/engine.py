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

from acm_etl.engine import DUCKDB, Dialect, Finding, StagedFrame, empty_relation
from acm_etl.errors import MachineLockedError, StoreError, TransientError, UnavailableError, UsageError
from acm_etl.io.duckdb.errors import file_format_error, file_open_error, first_line
from acm_etl.schema import Table

URL_PREFIX = "duckdb:///"
IN_MEMORY_PATH = ":memory:"
# https://duckdb.org/docs/stable/connect/concurrency: optimistic concurrency, the loser has to start over.
_CONFLICT_PATTERN = re.compile(r"conflict|Failed to commit|has been altered", re.IGNORECASE)


class _SharedFile:
    """What all sessions of one file in this process share: the writer's lock and the machines that are held."""

    def __init__(self) -> None:
        self.writer_lock = threading.RLock()
        self.machines_lock = threading.Lock()
        self.locked_machines: set[str] = set()


_SHARED_FILES: WeakValueDictionary[str, _SharedFile] = WeakValueDictionary()
_SHARED_FILES_LOCK = threading.Lock()


def parse_duckdb_path(url: str) -> str:
    """The file a URL names: relative after three slashes, absolute after four; ``:memory:`` for none.

    Raises:
        UsageError: The URL names no file.
    """
    path = url.removeprefix(URL_PREFIX)
    if not url.startswith(URL_PREFIX) or not path:
        message = f"{url!r} names no DuckDB file; write duckdb:///file.duckdb, duckdb:////absolute/file.duckdb"
        raise UsageError(message)
    return path


class DuckDB:
    """One session with a DuckDB store; see ``acm_etl.engine.Engine`` for the verbs.

    A session belongs to one thread; ``open_session`` gives another thread its own. Sessions of one file take turns at
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
        path = parse_duckdb_path(url)
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
            raise file_open_error(error, path) from error
        if path != IN_MEMORY_PATH and not _is_duckdb_file(self._connection):
            self._connection.close()
            raise file_format_error(path)
        self._shared_file = _get_shared_file(path)
        self._begin_session()

    def _begin_session(self) -> None:
        self._staged_names: list[str] = []
        self._in_transaction = False
        self._clear_after_transaction = False
        self._is_discarded = False

    def query(self, sql: str, params: Sequence[Any] = ()) -> pl.DataFrame:
        """All rows of a SELECT; times come as ms, UUIDs as lower-case text."""
        with self._translate_errors():
            return _normalize_types(_frame_from_arrow(_run_select(self._connection, sql, params).to_arrow_table()))

    def execute(self, sql: str, params: Sequence[Any] = ()) -> int:
        """Rows affected by a statement; 0 for DDL."""
        with self._translate_errors(), self._shared_file.writer_lock:
            result = self._connection.execute(sql, params)
            counts = bool(result.description) and result.description[0][0] == "Count"
            rows = result.fetchall()
        return int(rows[0][0]) if counts and rows else 0

    def stream_rows(self, sql: str, params: Sequence[Any] = (), *, chunk_size: int = 100_000) -> Iterator[pl.DataFrame]:
        """Rows of a SELECT in batches of about ``chunk_size``, in bounded memory, as they are committed."""
        # Its own cursor: the next statement on a connection ends the result that is still being read.
        with self._translate_errors():
            cursor = self._connection.cursor()
        try:
            with self._translate_errors():
                batches = iter(_run_select(cursor, sql, params).to_arrow_reader(chunk_size))
            while True:
                with self._translate_errors():
                    batch = next(batches, None)
                if batch is None:
                    break
                yield _normalize_types(_frame_from_arrow(batch))
        finally:
            cursor.close()

    def stage_frame(self, table: Table, frame: pl.DataFrame) -> str:
        """Hand a conforming frame over without copying it; what statements put in their FROM for it."""
        if frame.is_empty():
            return empty_relation(table, self.dialect)
        q, name = self.dialect.quote, f"frame_{secrets.token_hex(8)}"
        # A dictionary is cast to UUID once per entry, text once per row: half the time of a whole insert.
        uuids = [c.name for c in table.insertable_columns if c.base_type == "uuid" and c.name in frame.columns]
        columns = ", ".join(f"CAST({q(c)} AS UUID) AS {q(c)}" if c in uuids else q(c) for c in frame.columns)
        with self._translate_errors():
            self._connection.register(name, frame.with_columns(pl.col(uuids).cast(pl.Categorical)))
            self._staged_names.append(name)
        return f'(SELECT {columns} FROM "{name}")'  # no view: making and dropping one takes as long as a small insert

    def stage_frames(self, frames: Sequence[tuple[Table, pl.DataFrame]]) -> list[StagedFrame]:
        """Hand several frames over, which takes no time worth sharing."""
        return [StagedFrame(self.stage_frame(table, frame), 0.0) for table, frame in frames]

    def clear_staging(self) -> None:
        """Forget everything that was staged by this session; inside a transaction, when it ends."""
        if self._in_transaction:  # a rollback would bring the dropped views back, without their frames
            self._clear_after_transaction = True
            return
        staged, self._staged_names, self._clear_after_transaction = self._staged_names, [], False
        if self._is_discarded:
            return
        for name in staged:
            with self._translate_errors():
                self._connection.unregister(name)

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """The one owner of BEGIN, COMMIT and ROLLBACK; holds the file's writer lock meanwhile."""
        if self._in_transaction:
            message = "a transaction is already open in this session: the code that opened it has to end it"
            raise StoreError(message)
        with self._shared_file.writer_lock:
            self._run_statement("BEGIN TRANSACTION")
            self._in_transaction = True
            try:
                yield
            except BaseException as error:
                self._roll_back(error)
                raise
            else:
                self._run_statement("COMMIT")  # a COMMIT that fails has rolled back already
            finally:
                self._in_transaction = False
                if self._clear_after_transaction:
                    self.clear_staging()

    def _roll_back(self, cause: BaseException) -> None:
        try:
            self._run_statement("ROLLBACK")
        except StoreError as error:
            self._discard_connection()
            message = f"the rollback failed ({error}) after: {cause}; the connection was discarded, nothing was kept"
            raise UnavailableError(message) from cause

    def _discard_connection(self) -> None:
        self._is_discarded = True
        with suppress(duckdb.Error):  # it is being thrown away because it does not answer
            self._connection.close()

    @contextmanager
    def acquire_machine_lock(self, machine: str) -> Iterator[None]:
        """Hold one machine against every other runner of this process; other processes cannot open the file."""
        shared = self._shared_file
        with shared.machines_lock:
            if machine in shared.locked_machines:
                message = f"{machine} is being worked on by another runner of this process; wait until it is done"
                raise MachineLockedError(message)
            shared.locked_machines.add(machine)
        try:
            yield
        finally:
            with shared.machines_lock:
                shared.locked_machines.discard(machine)

    def checkpoint_wal(self) -> None:
        """Bring the log into the file; left to DuckDB while another session has a transaction open."""
        # TransactionException: somebody else is in the middle of one, and DuckDB checkpoints by itself later.
        with self._translate_errors(), self._shared_file.writer_lock, suppress(duckdb.TransactionException):
            self._connection.execute("CHECKPOINT").fetchall()

    def get_column_types(self, table: str) -> dict[str, str]:
        """Columns of a table as the database has them, name to type; empty where there is no such table."""
        sql = (
            "SELECT column_name, data_type FROM duckdb_columns() WHERE table_name = ? AND schema_name = 'main' "
            "AND database_name = current_database() ORDER BY column_index"
        )
        return dict(self.query(sql, [table]).iter_rows())

    def get_table_names(self) -> list[str]:
        """Names of all base tables."""
        sql = (
            "SELECT table_name FROM duckdb_tables() WHERE schema_name = 'main' AND NOT temporary "
            "AND database_name = current_database() ORDER BY table_name"
        )
        return self.query(sql)["table_name"].to_list()

    def collect_findings(self) -> list[Finding]:
        """How rows get in."""
        return [Finding("loader", "ok", "duckdb: Arrow frames are scanned in place")]

    def open_session(self) -> DuckDB:
        """A further session with the same store, for another thread."""
        twin = object.__new__(DuckDB)
        with self._translate_errors():
            twin._connection = self._connection.cursor()
        twin.url, twin._shared_file = self.url, self._shared_file
        twin._begin_session()
        return twin

    def close(self) -> None:
        """End the session; the file is released with its last session."""
        self._connection.close()

    def _run_statement(self, sql: str) -> None:
        with self._translate_errors():
            self._connection.execute(sql).fetchall()

    @contextmanager
    def _translate_errors(self) -> Iterator[None]:
        if self._is_discarded:
            message = "this session was discarded after a failed rollback; start again"
            raise UnavailableError(message)
        try:
            yield
        except duckdb.Error as error:
            raise translate_duckdb_error(error) from error


def translate_duckdb_error(error: duckdb.Error) -> StoreError:
    """The product's error for an error of a statement."""
    text = first_line(error)
    if isinstance(error, duckdb.TransactionException) and _CONFLICT_PATTERN.search(text):
        return TransientError(f"another writer was faster: {text}")
    if isinstance(error, duckdb.OutOfMemoryException):
        return StoreError(f"DuckDB ran out of memory; raise store.memory_limit: {text}")
    if isinstance(error, duckdb.FatalException | duckdb.ConnectionException):
        return UnavailableError(f"the store has stopped answering; start again: {text}")
    return StoreError(f"the store refused a statement: {text}")


def _is_duckdb_file(connection: duckdb.DuckDBPyConnection) -> bool:
    """Whether what is written goes into a DuckDB file.

    From 2.0 on a CSV, JSON or Parquet file is taken as data to look at, and everything else happens in memory. DuckDB
    is asked, not the file's first bytes: closing a file that was opened to read them would end the lock that this
    process has on a store (POSIX locks go with the first descriptor that is closed).
    """
    sql = "SELECT path IS NOT NULL AND type = 'duckdb' FROM duckdb_databases() WHERE database_name = current_database()"
    return connection.execute(sql).fetchall() == [(True,)]


def _get_shared_file(path: str) -> _SharedFile:
    """What the sessions of a file share; every in-memory store is its own."""
    if path == IN_MEMORY_PATH:
        return _SharedFile()
    with _SHARED_FILES_LOCK:
        return _SHARED_FILES.setdefault(str(Path(path).resolve()), _SharedFile())


def _run_select(connection: duckdb.DuckDBPyConnection, sql: str, params: Sequence[Any]) -> duckdb.DuckDBPyRelation:
    """The rows of a SELECT, as a relation: from 2.0 on, what ``execute`` returns has no Arrow without a copy."""
    return connection.sql(sql, params=list(params))


def _frame_from_arrow(arrow: Any) -> pl.DataFrame:  # noqa: ANN401 - pyarrow has no types
    frame = pl.from_arrow(arrow)
    assert isinstance(frame, pl.DataFrame)  # noqa: S101 - tables and record batches are never a Series
    return frame


def _normalize_types(frame: pl.DataFrame) -> pl.DataFrame:
    """Times in ms, and sums of integers (128 bits in DuckDB) as ordinary integers."""
    casts: dict[str, pl.DataType] = {}
    for name, dtype in frame.schema.items():
        if isinstance(dtype, pl.Datetime) and dtype.time_unit != "ms":
            casts[name] = pl.Datetime("ms", dtype.time_zone)
        elif isinstance(dtype, pl.Decimal) and dtype.scale == 0:
            casts[name] = pl.Int64()
    return frame.cast(casts) if casts else frame  # type: ignore[arg-type]
