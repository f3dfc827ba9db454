"""A store that one process holds, for the sessions of others: an embedded file has one owner, and a fleet many workers.

``Owner`` answers in the process that has the store open, a thread per session; ``Remote`` is a session of any other
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

from acm_etl.engine import DIALECTS, Dialect, Engine, Finding, Staged, nothing
from acm_etl.errors import AcmError, UnavailableError
from acm_etl.schema import Table

log = logging.getLogger(__name__)
_LEAVE, _ABORT, _STREAM = "leave", "abort", "stream"
_SCOPES = ("transaction", "lease")
_VERBS = ("query", "execute", "stage", "stage_all", "unstage", "checkpoint", "columns", "tables", "findings")
_LOST = (EOFError, OSError)


@dataclass(frozen=True, slots=True)
class Address:
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


class Owner:
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
        self.address = Address(host, port, secrets.token_bytes(32), engine.url, engine.dialect.name)
        self._guard = Lock()
        self._sessions: dict[Connection, Thread] = {}
        self._closed = False
        self._accepting = Thread(target=self._accept, name="acm-owner", daemon=True)
        self._accepting.start()

    def close(self) -> None:
        """End all sessions: what they have not committed is rolled back."""
        self._closed = True
        with suppress(*_LOST):  # a last caller wakes the listener up
            Client((self.address.host, self.address.port)).close()
        self._accepting.join()
        self._listener.close()
        with self._guard:
            sessions = dict(self._sessions)
        for connection, thread in sessions.items():
            with suppress(*_LOST), _socket(connection) as end:
                end.shutdown(socket.SHUT_RDWR)
            thread.join()

    def _accept(self) -> None:
        while True:
            try:
                connection = self._listener.accept()
            except OSError as error:  # a caller that hung up meanwhile
                log.debug("a caller was gone before it was answered: %s", error)
                continue
            if self._closed:
                connection.close()
                return
            # the key is asked for in the session's own thread: a silent caller keeps nobody waiting
            thread = Thread(target=self._serve, args=(connection,), name="acm-session", daemon=True)
            with self._guard:
                self._sessions[connection] = thread
            thread.start()

    def _serve(self, connection: Connection) -> None:
        try:
            _tune(connection)
            deliver_challenge(connection, self.address.key)
            answer_challenge(connection, self.address.key)
            session = self._engine.fork()
            try:
                _answer(connection, session)
            finally:
                session.close()
        except AuthenticationError:
            log.warning("a caller without the key was sent away")
        except _LOST:
            log.debug("a session ended without a word; what it had not committed is rolled back")
        finally:
            with self._guard:
                self._sessions.pop(connection, None)
            connection.close()


class _AbortedError(Exception):
    """The other side has left a scope with an error."""


def _answer(connection: Connection, session: Engine) -> None:
    """Carry out what the other side asks for, until it leaves the scope.

    Raises:
        _AbortedError: It left with an error.
        OSError: It is gone, or ``EOFError``.
    """
    while True:
        verb, args = connection.recv()
        if verb == _LEAVE:
            return
        if verb == _ABORT:
            raise _AbortedError
        if verb in _SCOPES:
            _enter(connection, session, verb, args)
        elif verb == _STREAM:
            _stream(connection, session, args)
        elif verb in _VERBS:
            _reply(connection, session, verb, args)
        else:
            message = f"a session asked for {verb!r}, which no store does"
            raise OSError(message)


def _reply(connection: Connection, session: Engine, verb: str, args: tuple[Any, ...]) -> None:
    try:
        answer = (True, getattr(session, verb)(*args))
    except AcmError as error:
        answer = (False, error)
    connection.send(answer)


def _enter(connection: Connection, session: Engine, verb: str, args: tuple[Any, ...]) -> None:
    """A transaction or a lease, for as long as the other side stays in it; it ends with the connection."""
    try:
        with getattr(session, verb)(*args):
            connection.send((True, None))
            _answer(connection, session)
    except _AbortedError:
        answer: tuple[bool, AcmError | None] = (True, None)
    except AcmError as error:
        answer = (False, error)
    else:
        answer = (True, None)
    connection.send(answer)


def _stream(connection: Connection, session: Engine, args: tuple[Any, ...]) -> None:
    sql, params, rows = args
    try:
        for batch in session.stream(sql, params, rows=rows):
            connection.send((True, batch))
    except AcmError as error:
        connection.send((False, error))
    else:
        connection.send((True, None))


class Remote:
    """One session with a store that another process holds; see ``acm_etl.engine.Engine`` for the verbs.

    Args:
        address: Where the owner answers.

    Raises:
        UnavailableError: It does not, or not to this key.
    """

    def __init__(self, address: Address) -> None:
        self._address = address
        try:
            self._connection = Client((address.host, address.port), family="AF_INET")
            _tune(self._connection)
            answer_challenge(self._connection, address.key)
            deliver_challenge(self._connection, address.key)
        except (*_LOST, AuthenticationError) as error:
            raise self._gone() from error

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
        frame: pl.DataFrame = self._ask("query", sql, params)
        return frame

    def execute(self, sql: str, params: Sequence[Any] = ()) -> int:
        """Rows affected by a statement; 0 for DDL."""
        return int(self._ask("execute", sql, params))

    def stream(self, sql: str, params: Sequence[Any] = (), *, rows: int = 100_000) -> Iterator[pl.DataFrame]:
        """Rows of a SELECT in batches of about ``rows``, as they are committed."""
        # its own session: this one goes on answering while rows come
        other = self.fork()
        try:
            yield from other.batches(sql, params, rows)
        finally:
            other.close()

    def batches(self, sql: str, params: Sequence[Any], rows: int) -> Iterator[pl.DataFrame]:
        """Rows of a SELECT; nothing else may be asked of this session meanwhile."""
        batch = self._ask(_STREAM, sql, params, rows)
        while batch is not None:
            yield batch
            batch = self._receive()

    def stage(self, table: Table, frame: pl.DataFrame) -> str:
        """Hand a conforming frame over; the quoted name under which this session's statements see it."""
        return nothing(table, self.dialect) if frame.is_empty() else str(self._ask("stage", table, frame))

    def stage_all(self, frames: Sequence[tuple[Table, pl.DataFrame]]) -> list[Staged]:
        """Hand several frames over at once."""
        given = [(table, frame) for table, frame in frames if frame.height]
        staged = iter(self._ask("stage_all", given) if given else ())
        return [next(staged) if frame.height else Staged(nothing(table, self.dialect), 0.0) for table, frame in frames]

    def unstage(self) -> None:
        """Forget everything that was staged by this session."""
        self._ask("unstage")

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """The one owner of BEGIN, COMMIT and ROLLBACK; rolled back where this process dies."""
        with self._scope("transaction"):
            yield

    @contextmanager
    def lease(self, machine: str) -> Iterator[None]:
        """Hold one machine against every other runner, until this process ends at the latest."""
        with self._scope("lease", machine):
            yield

    def checkpoint(self) -> None:
        """Bring the log into the store's file."""
        self._ask("checkpoint")

    def columns(self, table: str) -> dict[str, str]:
        """Columns of a table as the database has them, name to type; empty where there is no such table."""
        return dict(self._ask("columns", table))

    def tables(self) -> list[str]:
        """Names of all base tables."""
        return list(self._ask("tables"))

    def findings(self) -> list[Finding]:
        """What ``doctor`` should know."""
        return list(self._ask("findings"))

    def fork(self) -> Remote:
        """A further session with the same store."""
        return Remote(self._address)

    def close(self) -> None:
        """End the session."""
        self._connection.close()

    @contextmanager
    def _scope(self, verb: str, *args: object) -> Iterator[None]:
        self._ask(verb, *args)
        try:
            yield
        except BaseException:
            self._ask(_ABORT)
            raise
        else:
            self._ask(_LEAVE)

    def _ask(self, verb: str, *args: object) -> Any:  # noqa: ANN401 - what a verb gives
        try:
            self._connection.send((verb, args))
        except OSError as error:
            raise self._gone() from error
        return self._receive()

    def _receive(self) -> Any:  # noqa: ANN401 - what a verb gives
        try:
            done, answer = self._connection.recv()
        except _LOST as error:
            raise self._gone() from error
        if not done:
            raise answer
        return answer

    def _gone(self) -> UnavailableError:
        where = f"{self._address.host}:{self._address.port}"
        return UnavailableError(f"the process that holds {self.url} does not answer on {where}; start again to resume")


def _socket(connection: Connection) -> socket.socket:
    return socket.socket(fileno=dup(connection.fileno()))


def _tune(connection: Connection) -> None:
    """Questions go out at once, and a host that vanished is noticed."""
    with _socket(connection) as end:
        end.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        end.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
