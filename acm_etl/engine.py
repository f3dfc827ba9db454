"""The Engine protocol: a session with a database, and the types of its results."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal, Protocol

import polars as pl

from acm_etl.dialects import Dialect
from acm_etl.errors import StoreError
from acm_etl.schema import Table


@dataclass(frozen=True, slots=True)
class StagedFrame:
    """Staged rows of one frame.

    Attributes:
        relation: SQL relation (table name or subquery) for the FROM clause of statements of the same session.
        seconds: Duration of the staging.
    """

    relation: str
    seconds: float


SpanParameters = tuple[int, datetime, datetime]
"""Machine, start and end."""


@dataclass(frozen=True, slots=True)
class SpanStatement:
    """A statement that writes one table, for ``Engine.execute_batch``.

    Attributes:
        table: Name of the table, for errors of the statement.
        sql: Text of the statement, which does not depend on the rows.
        span: Values of its three placeholders; None if it has none.
    """

    table: str
    sql: str
    span: SpanParameters | None = None


@dataclass(frozen=True, slots=True)
class StatementResult:
    """Result of a statement of a batch.

    Attributes:
        row_count: Rows that it changed.
        seconds: Duration.
        action_counts: Rows by action (INSERT, UPDATE), of a MERGE that returns them.
    """

    row_count: int
    seconds: float
    action_counts: Mapping[str, int] = field(default_factory=dict)


@contextmanager
def annotate_errors(table: str) -> Iterator[None]:
    """Add the name of a table to a ``StoreError`` that has none."""
    try:
        yield
    except StoreError as error:
        error.table = error.table or table
        raise


@dataclass(frozen=True, slots=True)
class Finding:
    """One line of ``acm-etl doctor`` about a store or its drivers.

    Attributes:
        name: Subject of the check.
        level: ``ok``, ``warn`` (works, with a drawback) or ``fail``.
        text: Result and, unless ``ok``, the action to take.
    """

    name: str
    level: Literal["ok", "warn", "fail"]
    text: str


class Engine(Protocol):
    """One session with a store, for use by one thread. Statements take ``?`` placeholders.

    Implementations translate all errors of their driver to ``StoreError`` or a subclass.
    """

    @property
    def dialect(self) -> Dialect:
        """Facts about the SQL of the store."""

    @property
    def url(self) -> str:
        """URL of the store without user name and password."""

    def query(self, sql: str, params: Sequence[Any] = ()) -> pl.DataFrame:
        """Return all rows of a SELECT: times as ``Datetime("ms")``, UUIDs as lower-case text."""

    def execute(self, sql: str, params: Sequence[Any] = ()) -> int:
        """Run a statement; return the number of affected rows, 0 for DDL."""

    def execute_batch(self, statements: Sequence[SpanStatement]) -> list[StatementResult]:
        """Run statements in the given order, in as few round trips as the engine can; return one result per statement.

        The first error ends the batch. Without a transaction, what the statements before it changed is stored.

        Raises:
            StoreError: A statement was rejected; the error names its table.
        """

    def stream_rows(self, sql: str, params: Sequence[Any] = (), *, chunk_size: int = 100_000) -> Iterator[pl.DataFrame]:
        """Yield the rows of a SELECT in batches of about ``chunk_size`` rows, in bounded memory.

        Only committed rows are read, not rows of an open transaction of this session.
        """

    def stage_frame(self, table: Table, frame: pl.DataFrame) -> str:
        """Stage a frame that conforms to a table; return the SQL relation to select its rows from."""

    def stage_frames(
        self, frames: Sequence[tuple[Table, pl.DataFrame]], *, has_lookups: bool = True
    ) -> list[StagedFrame]:
        """Stage several frames, in parallel if the engine supports that; return results in the given order.

        Args:
            frames: Frames that conform to their tables.
            has_lookups: Whether statements will look up staged rows by their key, so that an index may be worth it.

        Raises:
            StoreError: A frame was rejected; the error names its table.
        """

    def clear_staging(self) -> None:
        """Remove all staged rows of this session; inside a transaction, after its end."""

    def transaction(self) -> AbstractContextManager[None]:
        """Run a block in a transaction: COMMIT at its end, ROLLBACK after any exception.

        Raises:
            StoreError: A transaction is already open in this session.
        """

    def acquire_lock(self, name: str) -> AbstractContextManager[None]:
        """Hold an exclusive lock for the duration of a block, or until the session ends.

        Args:
            name: Code of a machine, or the name of another resource (an import's staging tables).

        Raises:
            MachineLockedError: Another session holds the lock; the call does not wait.
        """

    def is_locked(self, name: str) -> bool | None:
        """Return whether any session holds a lock; None if that cannot be known from a read-only replica."""

    def reserve_memory(self, column_count: int) -> None:
        """Allow an embedded engine the memory that tables of ``column_count`` columns need; nothing on a server."""

    def checkpoint_wal(self) -> None:
        """Write the write-ahead log into the database file, if the engine has such a step."""

    def get_column_types(self, table: str) -> dict[str, str]:
        """Return the columns of a table as name to database type; empty if the table does not exist."""

    def get_table_names(self) -> list[str]:
        """Return the names of all base tables in alphabetical order."""

    def get_relation_names(self) -> list[str]:
        """Return the names of all base tables and views in alphabetical order."""

    def collect_findings(self) -> list[Finding]:
        """Return findings about loaders, readers and settings of the server for ``acm-etl doctor``."""

    def open_session(self) -> Engine:
        """Open another session with the same store, for another thread."""

    def close(self) -> None:
        """End the session; an open transaction is rolled back and its locks are released."""
