"""The protocol between StoreServer and StoreClient: messages of ``codec`` over one TCP connection per session.

1. Handshake: the server and then the client prove by a challenge that they know the key of the address, within
   ``HANDSHAKE_SECONDS``. The messages after it are signed with the key but not encrypted, and a recorded message
   could be sent again: use a trusted network. A holder of the key can run any SQL.
2. The client sends ``(method, args, kwargs)``.
3. The server sends ``(True, result)`` or ``(False, error)``, where ``error`` is an ``AcmError``. The number of replies
   depends on the kind of the method:

   - Call: one reply with the result.
   - Scope (a context manager): one reply when the server has entered the scope. Further requests run inside the scope,
     until the client sends ``LEAVE_SCOPE`` or ``ABORT_SCOPE``; the second reply follows COMMIT, ROLLBACK or release.
   - Stream: one reply per batch and a last one with None. The session takes no other request meanwhile.

If the client dies, the connection ends inside the open scopes: the server rolls the transaction back and releases the
locks. If the server dies, every request of the client fails with ``UnavailableError``.
"""

from __future__ import annotations

import socket
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from multiprocessing.connection import Connection
from typing import Any

from acm_etl.engine import Engine

LEAVE_SCOPE, ABORT_SCOPE = "leave", "abort"
# A handshake takes milliseconds; a busy host may need seconds to schedule a new worker.
HANDSHAKE_SECONDS = 10.0
# Connections in their handshake. A further one ends the oldest: silent callers cannot keep workers out.
MAX_HANDSHAKES = 64
# Sessions of clients that know the key: four for each of 100 workers, and spare ones for workers that restart.
MAX_SESSIONS = 512


def _list_names(*methods: Callable[..., Any]) -> frozenset[str]:
    return frozenset(method.__name__ for method in methods)


# References instead of strings: a renamed method of Engine cannot be forgotten here. A test checks that every member of
# Engine is in one of these sets.
CALL_METHODS = _list_names(
    Engine.query,
    Engine.execute,
    Engine.execute_batch,
    Engine.stage_frame,
    Engine.stage_frames,
    Engine.clear_staging,
    Engine.is_locked,
    Engine.reserve_memory,
    Engine.checkpoint_wal,
    Engine.get_column_types,
    Engine.get_table_names,
    Engine.get_relation_names,
    Engine.collect_findings,
)
SCOPE_METHODS = _list_names(Engine.transaction, Engine.acquire_lock)
STREAM_METHODS = _list_names(Engine.stream_rows)
# Members that the client implements without a request.
LOCAL_MEMBERS = frozenset({"dialect", "url", *_list_names(Engine.open_session, Engine.close)})

# How a connection ends when the other process has died, or has closed it.
CONNECTION_ERRORS = (EOFError, OSError)


@dataclass(frozen=True, slots=True)
class StoreAddress:
    """Address of a StoreServer, and the key that admits clients.

    Attributes:
        host: Host name or IP address for clients.
        port: TCP port.
        key: Shared secret of 32 bytes.
        url: URL of the store.
        dialect: Name of the dialect of the store.
    """

    host: str
    port: int
    key: bytes = field(repr=False)
    url: str
    dialect: str


def duplicate_socket(connection: Connection) -> socket.socket:
    """Return a socket object for the TCP connection, which ``multiprocessing`` keeps as a bare descriptor or handle."""
    # A duplicate: closing the socket object must not close the descriptor of the connection. Not by os.dup, which
    # takes no handle of a socket on Windows.
    return socket.socket(fileno=socket.dup(connection.fileno()))


def shut_down(connection: Connection) -> None:
    """End a connection; a thread that waits for a message of it wakes up, which close() alone would not do."""
    # The connection may have ended meanwhile.
    with suppress(*CONNECTION_ERRORS), duplicate_socket(connection) as end:
        end.shutdown(socket.SHUT_RDWR)


def set_socket_options(connection: Connection) -> None:
    """Send small messages at once, and detect a host that has vanished."""
    with duplicate_socket(connection) as end:
        # Without NODELAY the kernel holds a small request back until the last one is acknowledged (Nagle, 40 ms).
        end.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        # A host without power sends no FIN: only keep-alive probes end its transaction and free its machine.
        end.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
