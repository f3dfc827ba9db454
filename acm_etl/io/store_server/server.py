"""StoreServer: serves sessions with an open store to other processes, one thread per session."""

from __future__ import annotations

import logging
import secrets
import socket
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, suppress
from functools import partial
from multiprocessing import AuthenticationError
from multiprocessing.connection import Client, Connection, Listener, answer_challenge, deliver_challenge
from threading import Lock, Thread

import polars as pl

from acm_etl.engine import Engine
from acm_etl.errors import AcmError, UnavailableError
from acm_etl.io.store_server.protocol import (
    ABORT_SCOPE,
    CALL_METHODS,
    CONNECTION_ERRORS,
    LEAVE_SCOPE,
    SCOPE_METHODS,
    STREAM_METHODS,
    StoreAddress,
    duplicate_socket,
    set_socket_options,
)

log = logging.getLogger(__name__)


class StoreServer:
    """Serves sessions until it is closed.

    Args:
        engine: Session with the store; each client gets a session opened from it.
        host: Address of this host that clients can reach.

    Raises:
        UnavailableError: This host does not have the address.
    """

    def __init__(self, engine: Engine, *, host: str = "127.0.0.1") -> None:
        self._engine = engine
        try:
            # No authkey: Listener.accept would then wait for the handshake and let one silent client block all others.
            # Port 0: the kernel picks a free one, so that several runs on one host do not collide.
            self._listener = Listener((host, 0), family="AF_INET", backlog=64)
        except OSError as error:
            message = f"cannot serve the store on {host}: {error.strerror}; give an address of this host"
            raise UnavailableError(message) from error
        port = int(self._listener.address[1])
        self.address = StoreAddress(host, port, secrets.token_bytes(32), engine.url, engine.dialect.name)
        self._sessions_lock = Lock()
        self._sessions: dict[Connection, Thread] = {}
        self._is_closed = False
        self._accept_thread = Thread(target=self._accept_sessions, name="acm-store-server", daemon=True)
        self._accept_thread.start()

    def close(self) -> None:
        """End all sessions; their open transactions are rolled back."""
        self._is_closed = True
        # accept() cannot be interrupted: a last connection lets it return.
        with suppress(*CONNECTION_ERRORS):
            Client((self.address.host, self.address.port)).close()
        self._accept_thread.join()
        self._listener.close()
        with self._sessions_lock:
            # A copy: threads that end remove themselves under the same lock, so that joining them under it would
            # deadlock.
            sessions = dict(self._sessions)
        for connection, thread in sessions.items():
            # shutdown() wakes the thread that waits in recv(); close() alone would not.
            with suppress(*CONNECTION_ERRORS), duplicate_socket(connection) as end:
                end.shutdown(socket.SHUT_RDWR)
            thread.join()

    def _accept_sessions(self) -> None:
        while True:
            try:
                connection = self._listener.accept()
            except OSError as error:
                log.debug("client disconnected before it was accepted: %s", error)
                continue
            if self._is_closed:
                connection.close()
                return
            thread = Thread(target=self._serve_session, args=(connection,), name="acm-session", daemon=True)
            # Registered before it runs: close() has to find each thread that can still use the store.
            with self._sessions_lock:
                self._sessions[connection] = thread
            thread.start()

    def _serve_session(self, connection: Connection) -> None:
        try:
            set_socket_options(connection)
            deliver_challenge(connection, self.address.key)
            answer_challenge(connection, self.address.key)
            session = self._engine.open_session()
            try:
                _serve_requests(connection, session)
            finally:
                session.close()
        except AuthenticationError:
            log.warning("connection rejected: invalid key")
        except CONNECTION_ERRORS:
            log.debug("client disconnected; its open transaction was rolled back")
        finally:
            with self._sessions_lock:
                self._sessions.pop(connection, None)
            connection.close()


class _ScopeAbortedError(Exception):
    """The client has left a scope because of an exception."""


def _serve_requests(connection: Connection, session: Engine) -> None:
    """Run requests until the client leaves the current scope.

    Raises:
        _ScopeAbortedError: The client left the scope because of an exception.
        OSError: The connection ended, or the request names no method of an engine.
        EOFError: The connection ended.
    """
    while True:
        # recv() unpickles, which can run any code: the handshake has admitted only holders of the key.
        method, args, kwargs = connection.recv()
        if method == LEAVE_SCOPE:
            return
        if method == ABORT_SCOPE:
            raise _ScopeAbortedError
        # A list of what is allowed: getattr() must not reach other attributes of the session, such as close().
        if method not in CALL_METHODS | SCOPE_METHODS | STREAM_METHODS:
            message = f"a client requested {method!r}, which is not a method of an engine"
            raise OSError(message)
        operation = partial(getattr(session, method), *args, **kwargs)
        if method in SCOPE_METHODS:
            _run_scope(connection, session, operation)
        elif method in STREAM_METHODS:
            _run_stream(connection, operation)
        else:
            _run_call(connection, operation)


def _run_call(connection: Connection, call: Callable[[], object]) -> None:
    try:
        # Errors of other types are defects: they end this session and show their traceback here.
        reply = (True, call())
    except AcmError as error:
        reply = (False, error)
    connection.send(reply)


def _run_scope(connection: Connection, session: Engine, open_scope: Callable[[], AbstractContextManager[None]]) -> None:
    # The requests of the client run inside this with block: a connection that ends raises here, so the transaction is
    # rolled back or the lock is released as after any other exception.
    try:
        with open_scope():
            connection.send((True, None))
            _serve_requests(connection, session)
    except _ScopeAbortedError:
        reply: tuple[bool, AcmError | None] = (True, None)
    except AcmError as error:
        reply = (False, error)
    else:
        reply = (True, None)
    # Outside of the with block: a reply from inside would promise a COMMIT that can still fail.
    connection.send(reply)


def _run_stream(connection: Connection, open_stream: Callable[[], Iterator[pl.DataFrame]]) -> None:
    try:
        for batch in open_stream():
            connection.send((True, batch))
    except AcmError as error:
        connection.send((False, error))
    else:
        connection.send((True, None))
