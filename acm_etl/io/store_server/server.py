"""StoreServer: serves sessions with an open store to other processes, one thread per session."""

from __future__ import annotations

import logging
import secrets
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, suppress
from functools import cache, partial
from inspect import Signature, signature
from multiprocessing import AuthenticationError
from multiprocessing.connection import Client, Connection, Listener, answer_challenge, deliver_challenge
from threading import Lock, Thread, Timer
from typing import Any, get_type_hints

import polars as pl

from acm_etl.engine import Engine
from acm_etl.errors import AcmError, UnavailableError
from acm_etl.io.store_server.codec import MalformedMessageError, matches_type
from acm_etl.io.store_server.messages import MessageChannel
from acm_etl.io.store_server.protocol import (
    ABORT_SCOPE,
    CALL_METHODS,
    CONNECTION_ERRORS,
    HANDSHAKE_SECONDS,
    LEAVE_SCOPE,
    MAX_HANDSHAKES,
    MAX_SESSIONS,
    SCOPE_METHODS,
    STREAM_METHODS,
    StoreAddress,
    set_socket_options,
    shut_down,
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
        # Connections before and after their handshake, oldest first, and the thread of each.
        self._handshakes: dict[Connection, Thread] = {}
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
            threads = self._handshakes | self._sessions
        for connection, thread in threads.items():
            shut_down(connection)
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
                if len(self._handshakes) >= MAX_HANDSHAKES:
                    self._reject_oldest_handshake()
                self._handshakes[connection] = thread
                thread.start()

    def _reject_oldest_handshake(self) -> None:
        oldest = next(iter(self._handshakes))
        # Removed here and not by its thread, which may run later: the number of handshakes never exceeds the limit.
        del self._handshakes[oldest]
        shut_down(oldest)

    def _serve_session(self, connection: Connection) -> None:
        try:
            self._admit_client(connection)
            session = self._engine.open_session()
            try:
                _serve_requests(MessageChannel(connection, self.address.key), session)
            finally:
                session.close()
        except AuthenticationError:
            log.warning("connection rejected: invalid key")
        except MalformedMessageError as error:
            log.warning("connection closed, its open transaction was rolled back: %s", error)
        except CONNECTION_ERRORS:
            log.debug("client disconnected; its open transaction was rolled back")
        finally:
            with self._sessions_lock:
                self._handshakes.pop(connection, None)
                self._sessions.pop(connection, None)
            connection.close()

    def _admit_client(self, connection: Connection) -> None:
        # One limit for the whole handshake: a time-out per read would let a caller send a byte every nine seconds.
        timer = Timer(HANDSHAKE_SECONDS, shut_down, (connection,))
        timer.daemon = True
        timer.start()
        try:
            set_socket_options(connection)
            deliver_challenge(connection, self.address.key)
            answer_challenge(connection, self.address.key)
        finally:
            timer.cancel()
            # A timer that fires now must not reach a descriptor that is closed and used for another connection.
            timer.join()
        with self._sessions_lock:
            if len(self._sessions) >= MAX_SESSIONS:
                log.warning("connection rejected: %d sessions are open; start fewer workers", MAX_SESSIONS)
                raise ConnectionRefusedError
            if connection not in self._handshakes:
                # Rejected by the accept thread in the moment in which the handshake succeeded.
                raise ConnectionRefusedError
            self._sessions[connection] = self._handshakes.pop(connection)


class _ScopeAbortedError(Exception):
    """The client has left a scope because of an exception."""


def _serve_requests(channel: MessageChannel, session: Engine) -> None:
    """Run requests until the client leaves the current scope.

    Raises:
        _ScopeAbortedError: The client left the scope because of an exception.
        OSError: The connection ended, or the request names no method of an engine.
        EOFError: The connection ended.
    """
    while True:
        method, args, kwargs = _receive_request(channel)
        if method == LEAVE_SCOPE:
            return
        if method == ABORT_SCOPE:
            raise _ScopeAbortedError
        _check_request(method, args, kwargs)
        operation = partial(getattr(session, method), *args, **kwargs)
        if method in SCOPE_METHODS:
            _run_scope(channel, session, operation)
        elif method in STREAM_METHODS:
            _run_stream(channel, operation)
        else:
            _run_call(channel, operation)


def _receive_request(channel: MessageChannel) -> tuple[str, tuple[Any, ...], dict[str, Any]]:
    match channel.receive():
        case (str(method), tuple(args), dict(kwargs)):
            return method, args, kwargs
    message = "a request is not a method with arguments"
    raise MalformedMessageError(message)


def _check_request(method: str, args: tuple[Any, ...], kwargs: dict[str, Any]) -> None:
    # A list of what is allowed: getattr() must not reach other attributes of the session, such as close().
    if method not in CALL_METHODS | SCOPE_METHODS | STREAM_METHODS:
        message = f"a client requested {method!r}, which is not a method of an engine"
        raise MalformedMessageError(message)
    try:
        arguments = _get_signature(method).bind(None, *args, **kwargs).arguments
    except TypeError as error:
        message = f"invalid arguments of {method}: {error}"
        raise MalformedMessageError(message) from error
    hints = _get_argument_types(method)
    wrong = [name for name, value in arguments.items() if name in hints and not matches_type(value, hints[name])]
    if wrong:
        message = f"invalid arguments of {method}: {', '.join(wrong)}"
        raise MalformedMessageError(message)


@cache
def _get_signature(method: str) -> Signature:
    return signature(getattr(Engine, method))


@cache
def _get_argument_types(method: str) -> dict[str, Any]:
    return get_type_hints(getattr(Engine, method))


def _run_call(channel: MessageChannel, call: Callable[[], object]) -> None:
    try:
        # Errors of other types are defects: they end this session and show their traceback here. A result that cannot
        # be encoded raises before anything is sent, so that the client gets the error as the one reply.
        channel.send((True, call()))
    except AcmError as error:
        channel.send((False, error))


def _run_scope(
    channel: MessageChannel, session: Engine, open_scope: Callable[[], AbstractContextManager[None]]
) -> None:
    # The requests of the client run inside this with block: a connection that ends raises here, so the transaction is
    # rolled back or the lock is released as after any other exception.
    try:
        with open_scope():
            channel.send((True, None))
            _serve_requests(channel, session)
    except _ScopeAbortedError:
        reply: tuple[bool, AcmError | None] = (True, None)
    except AcmError as error:
        reply = (False, error)
    else:
        reply = (True, None)
    # Outside of the with block: a reply from inside would promise a COMMIT that can still fail.
    channel.send(reply)


def _run_stream(channel: MessageChannel, open_stream: Callable[[], Iterator[pl.DataFrame]]) -> None:
    try:
        for batch in open_stream():
            channel.send((True, batch))
    except AcmError as error:
        channel.send((False, error))
    else:
        channel.send((True, None))
