"""A store that one process holds, for the sessions of others: an embedded file has one owner, and a fleet many workers.

``StoreServer`` answers in the process that has the store open, a thread per session; ``StoreClient`` is a session of any other
process, on this host or another. It has the verbs and the promises of a server's session: where its process dies, its
transaction is rolled back and its machine is free.

Both sides prove that they know the key before anything is unpickled. What they say after that is not encrypted.
"""

from __future__ import annotations

import logging
import secrets
import socket
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from multiprocessing import AuthenticationError
from multiprocessing.connection import Client, Connection, Listener, answer_challenge, deliver_challenge
from os import dup
from threading import Lock, Thread
from typing import Any

import polars as pl

from acm_etl.dialects import DIALECTS, Dialect
from acm_etl.engine import Engine, Finding, StagedFrame
from acm_etl.errors import AcmError, UnavailableError
from acm_etl.schema import Table

log = logging.getLogger(__name__)
_LEAVE_SCOPE, _ABORT_SCOPE, _STREAM_ROWS = "leave", "abort", "stream_rows"
_SCOPE_METHODS = ("transaction", "acquire_lock")
_RPC_METHODS = (
    "query",
    "execute",
    "stage_frame",
    "stage_frames",
    "clear_staging",
    "checkpoint_wal",
    "get_column_types",
    "get_table_names",
    "collect_findings",
)
_CONNECTION_ERRORS = (EOFError, OSError)


@dataclass(frozen=True, slots=True)
class StoreAddress:
    """Where an owner answers, and the key that opens it.

    Attributes:
        host: Its host, as others reach it.
        port: TCP port.
        key: Shared secret.
        url: The store it holds.
        dialect: Name of the store's dialect.
    """

    host: str
    port: int
    key: bytes = field(repr=False)
    url: str
    dialect: str


class StoreServer:
    """Serves sessions of an open store until it is closed.

    Args:
        engine: A session with the store; every other gets a fork of it.
        host: Address of this host under which the others reach it.

    Raises:
        UnavailableError: This host has no such address.
    """

    def __init__(self, engine: Engine, *, host: str = "127.0.0.1") -> None:
        self._engine = engine
        try:
            self._listener = Listener((host, 0), family="AF_INET", backlog=64)
        except OSError as error:
            message = f"the store cannot be served to workers on {host}: {error.strerror}"
            raise UnavailableError(message) from error
        port = int(self._listener.address[1])
        self.address = StoreAddress(host, port, secrets.token_bytes(32), engine.url, engine.dialect.name)
        self._sessions_lock = Lock()
        self._sessions: dict[Connection, Thread] = {}
        self._is_closed = False
        self._accept_thread = Thread(target=self._accept_sessions, name="acm-owner", daemon=True)
        self._accept_thread.start()

    def close(self) -> None:
        """End all sessions: what they have not committed is rolled back."""
        self._is_closed = True
        with suppress(*_CONNECTION_ERRORS):  # a last caller wakes the listener up
            Client((self.address.host, self.address.port)).close()
        self._accept_thread.join()
        self._listener.close()
        with self._sessions_lock:
            sessions = dict(self._sessions)
        for connection, thread in sessions.items():
            with suppress(*_CONNECTION_ERRORS), _duplicate_socket(connection) as end:
                end.shutdown(socket.SHUT_RDWR)
            thread.join()

    def _accept_sessions(self) -> None:
        while True:
            try:
                connection = self._listener.accept()
            except OSError as error:  # a caller that hung up meanwhile
                log.debug("a caller was gone before it was answered: %s", error)
                continue
            if self._is_closed:
                connection.close()
                return
            # the key is asked for in the session's own thread: a silent caller keeps nobody waiting
            thread = Thread(target=self._serve_session, args=(connection,), name="acm-session", daemon=True)
            with self._sessions_lock:
                self._sessions[connection] = thread
            thread.start()

    def _serve_session(self, connection: Connection) -> None:
        try:
            _set_socket_options(connection)
            deliver_challenge(connection, self.address.key)
            answer_challenge(connection, self.address.key)
            session = self._engine.open_session()
            try:
                _handle_requests(connection, session)
            finally:
                session.close()
        except AuthenticationError:
            log.warning("a caller without the key was sent away")
        except _CONNECTION_ERRORS:
            log.debug("a session ended without a word; what it had not committed is rolled back")
        finally:
            with self._sessions_lock:
                self._sessions.pop(connection, None)
            connection.close()


class _ScopeAbortedError(Exception):
    """The other side has left a scope with an error."""


def _handle_requests(connection: Connection, session: Engine) -> None:
    """Carry out what the other side asks for, until it leaves the scope.

    Raises:
        _AbortedError: It left with an error.
        OSError: It is gone, or ``EOFError``.
    """
    while True:
        verb, args = connection.recv()
        if verb == _LEAVE_SCOPE:
            return
        if verb == _ABORT_SCOPE:
            raise _ScopeAbortedError
        if verb in _SCOPE_METHODS:
            _enter_scope(connection, session, verb, args)
        elif verb == _STREAM_ROWS:
            _send_rows(connection, session, args)
        elif verb in _RPC_METHODS:
            _call_method(connection, session, verb, args)
        else:
            message = f"a session asked for {verb!r}, which no store does"
            raise OSError(message)


def _call_method(connection: Connection, session: Engine, method: str, args: tuple[Any, ...]) -> None:
    try:
        answer = (True, getattr(session, method)(*args))
    except AcmError as error:
        answer = (False, error)
    connection.send(answer)


def _enter_scope(connection: Connection, session: Engine, method: str, args: tuple[Any, ...]) -> None:
    """A transaction or a lease, for as long as the other side stays in it; it ends with the connection."""
    try:
        with getattr(session, method)(*args):
            connection.send((True, None))
            _handle_requests(connection, session)
    except _ScopeAbortedError:
        answer: tuple[bool, AcmError | None] = (True, None)
    except AcmError as error:
        answer = (False, error)
    else:
        answer = (True, None)
    connection.send(answer)


def _send_rows(connection: Connection, session: Engine, args: tuple[Any, ...]) -> None:
    sql, params, rows = args
    try:
        for batch in session.stream_rows(sql, params, chunk_size=rows):
            connection.send((True, batch))
    except AcmError as error:
        connection.send((False, error))
    else:
        connection.send((True, None))


class StoreClient:
    """One session with a store that another process holds; see ``acm_etl.engine.Engine`` for the verbs.

    Args:
        address: Where the owner answers.

    Raises:
        UnavailableError: It does not, or not to this key.
    """

    def __init__(self, address: StoreAddress) -> None:
        self._address = address
        try:
            self._connection = Client((address.host, address.port), family="AF_INET")
            _set_socket_options(self._connection)
            answer_challenge(self._connection, address.key)
            deliver_challenge(self._connection, address.key)
        except (*_CONNECTION_ERRORS, AuthenticationError) as error:
            raise self._connection_lost_error() from error

    @property
    def dialect(self) -> Dialect:
        """Facts about the SQL it speaks."""
        return DIALECTS[self._address.dialect]

    @property
    def url(self) -> str:
        """Where the store is, without secrets."""
        return self._address.url

    def query(self, sql: str, params: Sequence[Any] = ()) -> pl.DataFrame:
        """All rows of a SELECT."""
        frame: pl.DataFrame = self._call_server("query", sql, params)
        return frame

    def execute(self, sql: str, params: Sequence[Any] = ()) -> int:
        """Rows affected by a statement; 0 for DDL."""
        return int(self._call_server("execute", sql, params))

    def stream_rows(self, sql: str, params: Sequence[Any] = (), *, chunk_size: int = 100_000) -> Iterator[pl.DataFrame]:
        """Rows of a SELECT in batches of about ``chunk_size``, as they are committed."""
        # its own session: this one goes on answering while rows come
        other = self.open_session()
        try:
            yield from other.receive_rows(sql, params, chunk_size)
        finally:
            other.close()

    def receive_rows(self, sql: str, params: Sequence[Any], chunk_size: int) -> Iterator[pl.DataFrame]:
        """Rows of a SELECT; nothing else may be asked of this session meanwhile."""
        batch = self._call_server(_STREAM_ROWS, sql, params, chunk_size)
        while batch is not None:
            yield batch
            batch = self._receive_answer()

    def stage_frame(self, table: Table, frame: pl.DataFrame) -> str:
        """Hand a conforming frame over; the quoted name under which this session's statements see it."""
        return (
            self.dialect.empty_relation(table)
            if frame.is_empty()
            else str(self._call_server("stage_frame", table, frame))
        )

    def stage_frames(self, frames: Sequence[tuple[Table, pl.DataFrame]]) -> list[StagedFrame]:
        """Hand several frames over at once."""
        given = [(table, frame) for table, frame in frames if frame.height]
        staged = iter(self._call_server("stage_frames", given) if given else ())
        return [
            next(staged) if frame.height else StagedFrame(self.dialect.empty_relation(table), 0.0)
            for table, frame in frames
        ]

    def clear_staging(self) -> None:
        """Forget everything that was staged by this session."""
        self._call_server("clear_staging")

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """The one owner of BEGIN, COMMIT and ROLLBACK; rolled back where this process dies."""
        with self._open_scope("transaction"):
            yield

    @contextmanager
    def acquire_lock(self, machine: str) -> Iterator[None]:
        """Hold one machine against every other runner, until this process ends at the latest."""
        with self._open_scope("acquire_lock", machine):
            yield

    def checkpoint_wal(self) -> None:
        """Bring the log into the store's file."""
        self._call_server("checkpoint_wal")

    def get_column_types(self, table: str) -> dict[str, str]:
        """Columns of a table as the database has them, name to type; empty where there is no such table."""
        return dict(self._call_server("get_column_types", table))

    def get_table_names(self) -> list[str]:
        """Names of all base tables."""
        return list(self._call_server("get_table_names"))

    def collect_findings(self) -> list[Finding]:
        """What ``doctor`` should know."""
        return list(self._call_server("collect_findings"))

    def open_session(self) -> StoreClient:
        """A further session with the same store."""
        return StoreClient(self._address)

    def close(self) -> None:
        """End the session."""
        self._connection.close()

    @contextmanager
    def _open_scope(self, method: str, *args: object) -> Iterator[None]:
        self._call_server(method, *args)
        try:
            yield
        except BaseException:
            self._call_server(_ABORT_SCOPE)
            raise
        else:
            self._call_server(_LEAVE_SCOPE)

    def _call_server(self, method: str, *args: object) -> Any:  # noqa: ANN401 - what a verb gives
        try:
            self._connection.send((method, args))
        except OSError as error:
            raise self._connection_lost_error() from error
        return self._receive_answer()

    def _receive_answer(self) -> Any:  # noqa: ANN401 - what a verb gives
        try:
            done, answer = self._connection.recv()
        except _CONNECTION_ERRORS as error:
            raise self._connection_lost_error() from error
        if not done:
            raise answer
        return answer

    def _connection_lost_error(self) -> UnavailableError:
        where = f"{self._address.host}:{self._address.port}"
        return UnavailableError(f"the process that holds {self.url} does not answer on {where}; start again to resume")


def _duplicate_socket(connection: Connection) -> socket.socket:
    return socket.socket(fileno=dup(connection.fileno()))


def _set_socket_options(connection: Connection) -> None:
    """Questions go out at once, and a host that vanished is noticed."""
    with _duplicate_socket(connection) as end:
        end.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        end.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
