"""DuckDB as an embedded store: one process per file, one writer at a time."""

from __future__ import annotations

import secrets
import time
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from typing import Any

import duckdb
import polars as pl

from acm_etl.dialects import DUCKDB, Dialect
from acm_etl.engine import Finding, SpanStatement, StagedFrame, StatementResult, annotate_errors
from acm_etl.errors import StoreError, UnavailableError
from acm_etl.io.arrow import narrow_integers, result_from_arrow
from acm_etl.io.duckdb import memory
from acm_etl.io.duckdb.arrow_streams import FrameStream, read_rows, run_select
from acm_etl.io.duckdb.errors import file_format_error, file_open_error, translate_duckdb_error
from acm_etl.io.duckdb.shared_file import get_shared_file
from acm_etl.io.duckdb.url import IN_MEMORY_PATH, check_store_path, parse_duckdb_path
from acm_etl.io.errors import transaction_open_error
from acm_etl.schema import Table

# At the default of 16 MB most batches end with a checkpoint, which doubles the time of a commit. Replaying a log of
# 256 MB after a crash takes about two seconds. https://duckdb.org/docs/stable/configuration/overview
_WAL_AUTOCHECKPOINT = "256MB"
# Rows and index entries since the last checkpoint stay in memory. 400 commits of one window each fill 35 MB,
# long before the log has 256 MB; a checkpoint takes less than a second (30 Nov 2026, 2 cores).
_COMMITS_PER_CHECKPOINT = 200
_INTERRUPTED_TEXT = "Query interrupted"


class DuckDB:
    """One session with a DuckDB store; implements ``acm_etl.engine.Engine``.

    A session belongs to one thread; ``open_session`` opens one for another thread. The sessions of a file write one
    after the other, because DuckDB rejects concurrent changes of a table with a conflict
    (https://duckdb.org/docs/stable/connect/concurrency).

    Args:
        url: ``duckdb:///PATH`` or ``duckdb:///:memory:``.
        memory_limit: Memory that DuckDB may use before it spills to disk; ``auto`` follows the widest table.
        threads: Threads that DuckDB may use.
        read_only: Open the file for reading only, which other processes may do at the same time.

    Raises:
        UsageError: The URL contains no path, or that of a pipe or a device.
        UnavailableError: The file cannot be opened; the message gives the reason or the process that holds the file.
    """

    dialect: Dialect = DUCKDB

    def __init__(
        self, url: str, *, memory_limit: str = memory.AUTO_LIMIT, threads: int = 2, read_only: bool = False
    ) -> None:
        path = parse_duckdb_path(url)
        check_store_path(path)
        self.url = url
        settings: dict[str, str | bool | int | float | list[str]] = {
            "threads": threads,
            # An insert larger than memory stays within the limit only if DuckDB may reorder its rows.
            # https://duckdb.org/docs/stable/guides/performance/how_to_tune_workloads
            "preserve_insertion_order": False,
            "wal_autocheckpoint": _WAL_AUTOCHECKPOINT,
            "access_mode": "READ_ONLY" if read_only else "AUTOMATIC",
            # A log with a changed table is replayed before the built-in functions of its CHECK constraints are loaded.
            # DuckDB 2.0.1 then wants to download them, and the file of a killed upgrade does not open.
            "autoinstall_known_extensions": False,
        }
        if memory_limit != memory.AUTO_LIMIT:
            settings["memory_limit"] = memory_limit
        try:
            self._connection = duckdb.connect(path, config=settings)
        except duckdb.Error as error:
            raise file_open_error(error, path) from error
        self._begin_session()
        try:
            with self._translate_errors():
                if path != IN_MEMORY_PATH and not _is_duckdb_file(self._connection):
                    raise file_format_error(path)
            self._shared_file = get_shared_file(path)
            if memory_limit == memory.AUTO_LIMIT:
                self._start_memory_limit()
        except StoreError:  # nobody could close the connection, which locks the file for other processes
            self._connection.close()
            raise

    def _begin_session(self) -> None:
        self._staged_names: list[str] = []
        self._in_transaction = False
        self._clear_after_transaction = False
        self._is_discarded = False

    def _start_memory_limit(self) -> None:
        with self._translate_errors(), self._shared_file.memory_lock:
            limit, known = memory.read_memory_limit(self._connection), self._shared_file.available_memory
            # A further connection to an open file reads the limit that the first one has set, and leaves it.
            if known is None or limit >= known:
                self._shared_file.available_memory = limit
                widest = memory.read_widest_table(self._connection)
                memory.set_memory_limit(self._connection, self._compute_memory_limit(widest))

    def _compute_memory_limit(self, column_count: int) -> int:
        ((threads,),) = self._connection.execute("SELECT current_setting('threads')").fetchall()
        return memory.compute_memory_limit(column_count, threads, self._shared_file.available_memory or 0)

    def reserve_memory(self, column_count: int) -> None:
        """Raise the memory limit for tables of ``column_count`` columns, unless the settings name the limit."""
        shared = self._shared_file
        with self._translate_errors(), shared.memory_lock:
            if shared.available_memory is not None:
                limit = self._compute_memory_limit(column_count)
                # Never lowered: another session may need the higher limit.
                if limit > memory.read_memory_limit(self._connection):
                    memory.set_memory_limit(self._connection, limit)

    def query(self, sql: str, params: Sequence[Any] = ()) -> pl.DataFrame:
        """Return all rows of a SELECT: times as ``Datetime("ms")``, UUIDs as lower-case text."""
        with self._translate_errors():
            return narrow_integers(result_from_arrow(read_rows(run_select(self._connection, sql, params))))

    def execute(self, sql: str, params: Sequence[Any] = ()) -> int:
        """Run a statement; return the number of affected rows, 0 for DDL."""
        return self._change_rows(sql, params)[0]

    def execute_batch(self, statements: Sequence[SpanStatement]) -> list[StatementResult]:
        """Run statements in the given order, one by one; return one result per statement."""
        results = []
        for statement in statements:
            started_at = time.perf_counter()
            with annotate_errors(statement.table):
                row_count, action_counts = self._change_rows(statement.sql, statement.span or ())
            results.append(StatementResult(row_count, time.perf_counter() - started_at, action_counts))
        return results

    def _change_rows(self, sql: str, params: Sequence[Any]) -> tuple[int, Mapping[str, int]]:
        """Run a statement; return the number of changed rows, and by action if it is a MERGE with RETURNING."""
        with self._translate_errors(), self._shared_file.writer_lock:
            result = self._connection.execute(sql, params)
            # INSERT, UPDATE and DELETE return one row with one column "Count", a MERGE with RETURNING one row per
            # changed row, and DDL other columns or none.
            column = result.description[0][0] if result.description else None
            rows = result.fetchall()
        if column == "merge_action":
            return len(rows), Counter(action for (action,) in rows)
        return (int(rows[0][0]) if column == "Count" and rows else 0), {}

    def stream_rows(self, sql: str, params: Sequence[Any] = (), *, chunk_size: int = 100_000) -> Iterator[pl.DataFrame]:
        """Yield the committed rows of a SELECT in batches of about ``chunk_size`` rows, in bounded memory."""
        # A cursor of its own: the next statement on a connection would end the result that is still being read.
        with self._translate_errors():
            cursor = self._connection.cursor()
        try:
            with self._translate_errors():
                batches = iter(run_select(cursor, sql, params).to_arrow_reader(chunk_size))
            while True:
                # Not around the yield: an error of the caller is not an error of the driver.
                with self._translate_errors():
                    batch = next(batches, None)
                if batch is None:
                    break
                yield narrow_integers(result_from_arrow(batch))
        finally:
            cursor.close()

    def stage_frame(self, table: Table, frame: pl.DataFrame) -> str:
        """Register a frame without copying; return a subquery over its rows.

        Args:
            table: Declaration of the rows.
            frame: Frame that conforms to the table.
        """
        if frame.is_empty():
            return self.dialect.empty_relation(table)
        quote, name = self.dialect.quote, f"frame_{secrets.token_hex(8)}"
        # As a dictionary, UUIDs are parsed once per distinct text instead of once per row: half the time of an insert.
        uuids = [c.name for c in table.insertable_columns if c.base_type == "uuid" and c.name in frame.columns]
        columns = ", ".join(
            f"CAST({quote(c)} AS UUID) AS {quote(c)}" if c in uuids else quote(c) for c in frame.columns
        )
        with self._translate_errors():
            texts = [c for c in uuids if frame.schema[c] == pl.String]
            # Most frames have a dictionary already, and an empty with_columns takes as long as the registration.
            rows = frame.with_columns(pl.col(texts).cast(pl.Categorical)) if texts else frame
            self._connection.register(name, FrameStream(rows.rechunk()))
            self._staged_names.append(name)
        # A subquery, not a view: creating and dropping a view takes as long as a small insert.
        return f'(SELECT {columns} FROM "{name}")'

    def stage_frames(
        self, frames: Sequence[tuple[Table, pl.DataFrame]], *, has_lookups: bool = True
    ) -> list[StagedFrame]:
        """Register several frames; the time is not measured, because no rows are copied."""
        del has_lookups  # registered frames have no index
        return [StagedFrame(self.stage_frame(table, frame), 0.0) for table, frame in frames]

    def clear_staging(self) -> None:
        """Unregister all staged frames of this session; inside a transaction, after its end."""
        # A rollback would restore the registered views, but not the frames behind them.
        if self._in_transaction:
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
        """Run a block in a transaction and hold the writer lock of the file until its end.

        Raises:
            StoreError: A transaction is already open in this session.
            UnavailableError: The rollback after an exception failed; the session cannot be used again.
        """
        if self._in_transaction:
            raise transaction_open_error()
        with self._shared_file.writer_lock:
            # Before and not after: an error of the checkpoint, e.g. a full disk, ends no transaction that is stored.
            if self._shared_file.commits >= _COMMITS_PER_CHECKPOINT:
                self.checkpoint_wal()
            self._run_statement("BEGIN TRANSACTION")
            self._in_transaction = True
            try:
                yield
            # BaseException: Ctrl-C must not leave a transaction open.
            except BaseException as error:
                self._roll_back(error)
                raise
            else:
                # DuckDB rolls back by itself if COMMIT fails.
                self._run_statement("COMMIT")
                self._shared_file.commits += 1
                # After the commit, so that no moment between check and commit is left.
                self._shared_file.check_presence()
            finally:
                self._in_transaction = False
                if self._clear_after_transaction:
                    self.clear_staging()

    def _roll_back(self, cause: BaseException) -> None:
        try:
            self._run_statement("ROLLBACK")
        except StoreError as error:
            self._discard_connection()
            message = f"rollback failed ({error}) after: {cause}; connection closed, nothing was committed"
            raise UnavailableError(message) from cause

    def _discard_connection(self) -> None:
        self._is_discarded = True
        # The connection is broken already; an error of close() adds nothing.
        with suppress(duckdb.Error):
            self._connection.close()

    @contextmanager
    def acquire_lock(self, name: str) -> Iterator[None]:
        """Hold a lock against all other sessions of the file for the duration of a block.

        Raises:
            MachineLockedError: Another session holds the lock.
        """
        with self._shared_file.locks.acquire_lock(name):
            yield

    def is_locked(self, name: str) -> bool:
        """Return whether a session holds a lock; one of another process cannot, because it cannot open the file."""
        return self._shared_file.locks.is_held(name)

    def checkpoint_wal(self) -> None:
        """Write the write-ahead log into the file; no effect while another session has a transaction open."""
        # TransactionException: a transaction of another session prevents the checkpoint; DuckDB repeats it later.
        with self._translate_errors(), self._shared_file.writer_lock, suppress(duckdb.TransactionException):
            self._shared_file.commits = 0
            self._connection.execute("CHECKPOINT").fetchall()

    def get_column_types(self, table: str) -> dict[str, str]:
        """Return the columns of a table as name to database type; empty if the table does not exist."""
        sql = (
            "SELECT column_name, data_type FROM duckdb_columns() WHERE table_name = ? AND schema_name = 'main' "
            "AND database_name = current_database() ORDER BY column_index"
        )
        return dict(self.query(sql, [table]).iter_rows())

    def get_table_names(self) -> list[str]:
        """Return the names of all base tables in alphabetical order."""
        sql = (
            "SELECT table_name FROM duckdb_tables() WHERE schema_name = 'main' AND NOT temporary "
            "AND database_name = current_database() ORDER BY table_name"
        )
        return self.query(sql)["table_name"].to_list()

    def get_relation_names(self) -> list[str]:
        """Return the names of all base tables and views in alphabetical order."""
        # information_schema.tables contains the views, too, and no system tables.
        sql = (
            "SELECT table_name FROM information_schema.tables WHERE table_schema = 'main' "
            "AND table_catalog = current_database() AND table_type <> 'LOCAL TEMPORARY' ORDER BY table_name"
        )
        return self.query(sql)["table_name"].to_list()

    def collect_findings(self) -> list[Finding]:
        """Return how rows are loaded, and the memory limit."""
        limit = memory.read_memory_limit(self._connection)
        reason = "store.memory_limit"
        if self._shared_file.available_memory is not None:
            reason = f"for {memory.read_widest_table(self._connection)} columns in the widest table"
        return [
            Finding("loader", "ok", "duckdb: Arrow frames are scanned in place"),
            Finding("memory", "ok", f"{limit / 1e6:,.0f} MB ({reason})"),
        ]

    def open_session(self) -> DuckDB:
        """Open another session with the same store, for another thread."""
        # Without __init__: connecting again would need the same settings, a cursor shares the open database.
        session = object.__new__(DuckDB)
        with self._translate_errors():
            session._connection = self._connection.cursor()
        session.url, session._shared_file = self.url, self._shared_file
        session._begin_session()
        return session

    def close(self) -> None:
        """End the session; DuckDB releases the file with its last session."""
        self._connection.close()

    def _run_statement(self, sql: str) -> None:
        with self._translate_errors():
            self._connection.execute(sql).fetchall()

    @contextmanager
    def _translate_errors(self) -> Iterator[None]:
        if self._is_discarded:
            message = "this session was closed after a failed rollback; run the command again"
            raise UnavailableError(message)
        try:
            yield
        except duckdb.Error as error:
            raise translate_duckdb_error(error) from error
        except RuntimeError as error:
            # Ctrl-C during a query: DuckDB clears the KeyboardInterrupt of the signal handler and raises this instead.
            if str(error) == _INTERRUPTED_TEXT:
                raise KeyboardInterrupt from error
            raise


def _is_duckdb_file(connection: duckdb.DuckDBPyConnection) -> bool:
    """Return True if the connection writes to a DuckDB file.

    From DuckDB 2.0 on, ``connect`` opens a CSV, JSON or Parquet file as data to query and keeps all else in memory.
    """
    # Reading the first bytes of the file instead would be wrong: POSIX locks of a process end when any descriptor of
    # the file is closed, so other processes could then open a store that this process has open.
    sql = "SELECT path IS NOT NULL AND type = 'duckdb' FROM duckdb_databases() WHERE database_name = current_database()"
    return connection.execute(sql).fetchall() == [(True,)]
