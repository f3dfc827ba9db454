"""StoreClient: a session with a store that another process has open."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from multiprocessing import AuthenticationError
from multiprocessing.connection import Client, answer_challenge, deliver_challenge
from typing import Any, Concatenate, ParamSpec, TypeVar

import polars as pl

from acm_etl.dialects import DIALECTS, Dialect
from acm_etl.engine import Engine, Finding, SpanStatement, StagedFrame, StatementResult
from acm_etl.errors import UnavailableError
from acm_etl.io.store_server.messages import MessageChannel
from acm_etl.io.store_server.protocol import (
    ABORT_SCOPE,
    CONNECTION_ERRORS,
    LEAVE_SCOPE,
    StoreAddress,
    set_socket_options,
)
from acm_etl.schema import Table

P = ParamSpec("P")
R = TypeVar("R")


class StoreClient:
    """One session with the store of a StoreServer; implements ``acm_etl.engine.Engine``.

    If this process dies, the server rolls its transaction back and releases its locks.

    Args:
        address: Address of the server.

    Raises:
        UnavailableError: The server does not answer, or rejects the key.
    """

    def __init__(self, address: StoreAddress) -> None:
        self._address = address
        try:
            self._connection = Client((address.host, address.port), family="AF_INET")
            set_socket_options(self._connection)
            # The order of the server, mirrored.
            answer_challenge(self._connection, address.key)
            deliver_challenge(self._connection, address.key)
        except (*CONNECTION_ERRORS, AuthenticationError) as error:
            raise self._no_answer_error() from error
        self._channel = MessageChannel(self._connection, address.key)

    @property
    def dialect(self) -> Dialect:
        """Facts about the SQL of the store."""
        return DIALECTS[self._address.dialect]

    @property
    def url(self) -> str:
        """URL of the store without user name and password."""
        return self._address.url

    def query(self, sql: str, params: Sequence[Any] = ()) -> pl.DataFrame:
        """Return all rows of a SELECT: times as ``Datetime("ms")``, UUIDs as lower-case text."""
        return self._call_remote(Engine.query, sql, params)

    def execute(self, sql: str, params: Sequence[Any] = ()) -> int:
        """Run a statement; return the number of affected rows, 0 for DDL."""
        return self._call_remote(Engine.execute, sql, params)

    def execute_batch(self, statements: Sequence[SpanStatement]) -> list[StatementResult]:
        """Run statements in the given order, in one request; return one result per statement."""
        return self._call_remote(Engine.execute_batch, statements)

    def stream_rows(self, sql: str, params: Sequence[Any] = (), *, chunk_size: int = 100_000) -> Iterator[pl.DataFrame]:
        """Yield the committed rows of a SELECT in batches of about ``chunk_size`` rows, in bounded memory."""
        # A session of its own: this session has to answer requests between the batches.
        session = self.open_session()
        try:
            yield from session.receive_rows(sql, params, chunk_size=chunk_size)
        finally:
            session.close()

    def receive_rows(self, sql: str, params: Sequence[Any], *, chunk_size: int) -> Iterator[pl.DataFrame]:
        """Yield the rows of a SELECT; until the last batch this session takes no other request."""
        self._send_message(Engine.stream_rows.__name__, sql, params, chunk_size=chunk_size)
        while (batch := self._receive_answer()) is not None:
            yield batch

    def stage_frame(self, table: Table, frame: pl.DataFrame) -> str:
        """Send a frame to the server; return the SQL relation to select its rows from."""
        # Most frames of a short batch are empty: no round trip for them.
        return (
            self.dialect.empty_relation(table)
            if frame.is_empty()
            else self._call_remote(Engine.stage_frame, table, frame)
        )

    def stage_frames(
        self, frames: Sequence[tuple[Table, pl.DataFrame]], *, has_lookups: bool = True
    ) -> list[StagedFrame]:
        """Send several frames in one request; return results in the given order."""
        del has_lookups  # the server is an embedded store, which builds no index
        # The server answers for the filled frames only, in their order.
        filled = [(table, frame) for table, frame in frames if not frame.is_empty()]
        staged = iter(self._call_remote(Engine.stage_frames, filled) if filled else ())
        return [
            StagedFrame(self.dialect.empty_relation(table), 0.0) if frame.is_empty() else next(staged)
            for table, frame in frames
        ]

    def clear_staging(self) -> None:
        """Drop all staged rows of this session; inside a transaction, after its end."""
        self._call_remote(Engine.clear_staging)

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """Run a block in a transaction: COMMIT at its end, ROLLBACK after any exception or if this process dies."""
        with self._open_scope(Engine.transaction):
            yield

    @contextmanager
    def acquire_lock(self, name: str) -> Iterator[None]:
        """Hold an exclusive lock for the duration of a block, or until this process dies."""
        with self._open_scope(Engine.acquire_lock, name):
            yield

    def is_locked(self, name: str) -> bool | None:
        """Return whether any session holds a lock."""
        return self._call_remote(Engine.is_locked, name)

    def reserve_memory(self, column_count: int) -> None:
        """Raise the memory limit of the engine for tables of ``column_count`` columns."""
        self._call_remote(Engine.reserve_memory, column_count)

    def checkpoint_wal(self) -> None:
        """Write the write-ahead log into the database file."""
        self._call_remote(Engine.checkpoint_wal)

    def get_column_types(self, table: str) -> dict[str, str]:
        """Return the columns of a table as name to database type; empty if the table does not exist."""
        return self._call_remote(Engine.get_column_types, table)

    def get_table_names(self) -> list[str]:
        """Return the names of all base tables in alphabetical order."""
        return self._call_remote(Engine.get_table_names)

    def get_relation_names(self) -> list[str]:
        """Return the names of all base tables and views in alphabetical order."""
        return self._call_remote(Engine.get_relation_names)

    def collect_findings(self) -> list[Finding]:
        """Return findings about loaders, readers and settings of the server for ``acm-etl doctor``."""
        return self._call_remote(Engine.collect_findings)

    def open_session(self) -> StoreClient:
        """Open another session with the same store, for another thread."""
        return StoreClient(self._address)

    def close(self) -> None:
        """End the session; an open transaction is rolled back and its locks are released."""
        # The end of the connection is the request: the server then rolls back and releases what this session holds.
        self._connection.close()

    @contextmanager
    def _open_scope(
        self, method: Callable[Concatenate[Engine, P], AbstractContextManager[None]], *args: P.args, **kwargs: P.kwargs
    ) -> Iterator[None]:
        self._send_request(method.__name__, *args, **kwargs)
        try:
            yield
        # BaseException: Ctrl-C rolls back too.
        except BaseException:
            self._send_request(ABORT_SCOPE)
            raise
        else:
            self._send_request(LEAVE_SCOPE)

    def _call_remote(self, method: Callable[Concatenate[Engine, P], R], *args: P.args, **kwargs: P.kwargs) -> R:
        # Typed by the method and sent by its name: mypy checks the arguments of remote calls against those of Engine.
        result: R = self._send_request(method.__name__, *args, **kwargs)
        return result

    def _send_request(self, method: str, *args: object, **kwargs: object) -> Any:  # noqa: ANN401 - any result of a method
        self._send_message(method, *args, **kwargs)
        return self._receive_answer()

    def _send_message(self, method: str, *args: object, **kwargs: object) -> None:
        try:
            self._channel.send((method, args, kwargs))
        except OSError as error:
            raise self._no_answer_error() from error

    def _receive_answer(self) -> Any:  # noqa: ANN401 - any result of a method
        try:
            is_result, payload = self._channel.receive()
        except CONNECTION_ERRORS as error:
            raise self._no_answer_error() from error
        if not is_result:
            # The error of the engine itself: retries decide by its type, as they do with a local engine.
            raise payload
        return payload

    def _no_answer_error(self) -> UnavailableError:
        where = f"{self._address.host}:{self._address.port}"
        return UnavailableError(
            f"the process that has {self.url} open does not answer on {where}; run the backfill again, it will resume"
        )
