"""A small TDS server in a thread: it speaks to Microsoft's real drivers and leaves the answers to a script.

It listens on the loopback, keeps a log of every message by connection, and asks its ``answer`` what to say to a
statement. The drivers' own questions about a table (metadata before a bulk load) are answered here.
"""

from __future__ import annotations

import re
import socket
import struct
import threading
import traceback
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any

from mssql import tds
from mssql.tds import Col, Dropped, Failure, Reader, Rows, change, done, short_text

Answer = int | Rows | Failure | None | list["Answer"]
_PROCEDURES = {10: "sp_executesql", 11: "sp_prepare", 12: "sp_execute", 13: "sp_prepexec", 15: "sp_unprepare"}


@dataclass(frozen=True)
class Seen:
    """One message of a client."""

    session: int
    kind: str
    sql: str = ""
    params: tuple[Any, ...] = ()
    rows: tuple[tuple[Any, ...], ...] = ()
    columns: tuple[str, ...] = ()


@dataclass
class Session:
    """What the server knows of a connection."""

    number: int
    app: str = ""
    transaction: int = 0
    prepared: dict[int, str] = field(default_factory=dict)
    bulk: str = ""


class Server:
    """Listens on a free port of the loopback until it is closed.

    Attributes:
        log: Every statement and bulk load, in order.
        messages: Number of requests by session.
        declare: Called with the declared parameters of a statement that is prepared.
        calls: Names of the procedures that were called, those of the protocol (sp_prepexec) included.

    Args:
        answer: Called as ``answer(session, sql, params)``: rows affected, a result set, None, or a list of these;
            it may raise ``Failure`` or ``Dropped``,
            and a ``Failure`` may be the last of a list: what came before it is sent.
        describe: Columns of a table, for bulk loads.
        load: Takes the rows of a bulk load: ``load(session, table, names, rows)``.
        ended: Told that a session is over.
    """

    def __init__(
        self,
        answer: Callable[[Session, str, tuple[Any, ...]], Answer],
        *,
        describe: Callable[[str], list[Col]] = lambda _: [],
        load: Callable[..., None] = lambda *_: None,
        ended: Callable[[Session], None] = lambda _: None,
    ) -> None:
        self.answer, self.describe, self.load, self.ended = answer, describe, load, ended
        self.log: list[Seen] = []
        self.logins: list[str] = []
        self.faults: list[str] = []
        self.messages: dict[int, int] = {}
        self.calls: list[str] = []
        self.declare: Callable[[str], None] = lambda _: None
        self._guard = threading.Lock()
        self._sockets: dict[int, socket.socket] = {}
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port = self._listener.getsockname()[1]
        threading.Thread(target=self._listen, daemon=True, name="tds").start()

    def url(self, *, password: str = "s3cret-Word!", **query: str) -> str:  # noqa: S107 - made up
        extra = "".join(f"&{name}={text}" for name, text in query.items())
        return f"mssql://loader:{password}@127.0.0.1:{self.port}/ACM?encrypt=no{extra}"

    def kill(self, session: int) -> None:
        """End one connection from the server's side."""
        with suppress(OSError):
            self._sockets[session].shutdown(socket.SHUT_RDWR)

    def close(self) -> None:
        with suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)  # accept() would keep it open
        self._listener.close()
        for number in list(self._sockets):
            self.kill(number)

    def statements(self, pattern: str = "", *, session: int | None = None) -> list[str]:
        """Texts of statements that match, in order."""
        return [
            seen.sql
            for seen in self.log
            if re.search(pattern, seen.sql) and session in (None, seen.session) and seen.kind != "prepare"
        ]

    def note(self, seen: Seen) -> None:
        with self._guard:
            self.log.append(seen)

    def _listen(self) -> None:
        number = 0
        with suppress(OSError):  # closed
            while True:
                client, _ = self._listener.accept()
                number += 1
                self._sockets[number] = client
                connection = _Connection(self, client, Session(number))
                threading.Thread(target=connection.run, daemon=True, name=f"tds-{number}").start()


class _Connection:
    def __init__(self, server: Server, client: socket.socket, session: Session) -> None:
        self.server, self.client, self.session, self.packet = server, client, session, 4096

    def run(self) -> None:
        handlers = {
            0x12: self._prelogin, 0x10: self._login, 1: self._batch, 3: self._rpc, 7: self._bulk,
            14: self._transaction, 6: lambda _: done(status=0x20),
        }  # fmt: skip
        try:
            while True:
                kind, data = self._receive()
                self._count()
                self._send(handlers[kind](data))
        except (EOFError, OSError, Dropped):
            pass
        except BaseException:
            self.server.faults.append(traceback.format_exc())
            raise
        finally:
            self.client.close()
            self.server.ended(self.session)

    def _count(self) -> None:
        number = self.session.number
        self.server.messages[number] = self.server.messages.get(number, 0) + 1

    def _exactly(self, count: int) -> bytes:
        parts = []
        while count:
            part = self.client.recv(min(count, 1 << 20))
            if not part:
                raise EOFError
            parts.append(part)
            count -= len(part)
        return b"".join(parts)

    def _receive(self) -> tuple[int, bytes]:
        parts = []
        while True:
            head = self._exactly(8)
            parts.append(self._exactly(struct.unpack(">H", head[2:4])[0] - 8))
            if head[1] & 1:
                return head[0], b"".join(parts)

    def _send(self, data: bytes) -> None:
        room = self.packet - 8
        chunks = [data[i : i + room] for i in range(0, len(data), room)] or [b""]
        packets = (
            struct.pack(">BBHHBB", 4, i == len(chunks) - 1, len(chunk) + 8, 55, (i + 1) & 255, 0) + chunk
            for i, chunk in enumerate(chunks)
        )
        self.client.sendall(b"".join(packets))

    def _prelogin(self, _data: bytes) -> bytes:
        # version, no encryption, instance, thread, no MARS
        options = [(0, bytes([16, 0, 0x10, 0x37, 0, 0])), (1, b"\x02"), (2, b"\x00"), (3, b""), (4, b"\x00")]
        offset, head, body = 5 * len(options) + 1, b"", b""
        for option, text in options:
            head += struct.pack(">BHH", option, offset + len(body), len(text))
            body += text
        return head + b"\xff" + body

    def _login(self, data: bytes) -> bytes:
        def named(place: int) -> str:
            offset, length = struct.unpack("<HH", data[36 + 4 * place : 40 + 4 * place])
            return data[offset : offset + 2 * length].decode("utf-16-le")

        self.session.app = named(3)
        self.server.logins.append(self.session.app)
        asked = struct.unpack("<I", data[8:12])[0]
        try:
            self.server.answer(self.session, "LOGIN", (named(1), named(8)))
        except Failure as failure:
            return tds.error(failure) + done(status=tds.ERROR)
        size = min(max(asked, 512), 32767) if asked else 4096
        program = b"\x01\x74\x00\x00\x04" + short_text("Microsoft SQL Server") + bytes([16, 0, 0x10, 0x37])
        answer = change(1, short_text(named(8) or "master"), short_text("master"))
        answer += change(7, b"\x05" + tds.COLLATION)
        answer += b"\xad" + struct.pack("<H", len(program)) + program
        answer += change(4, short_text(str(size)), short_text("4096"))
        self._count()
        self._send(answer + done())
        self.packet = size
        return self._next()

    def _next(self) -> bytes:
        """Go on with the message that follows."""
        kind, data = self._receive()
        handlers = {1: self._batch, 3: self._rpc, 7: self._bulk, 14: self._transaction}
        return handlers[kind](data)

    def _batch(self, data: bytes) -> bytes:
        sql = _body(data).decode("utf-16-le")
        return self._reply(sql, ())

    def _reply(self, sql: str, params: tuple[Any, ...], *, token: int = 0xFD, kind: str = "batch") -> bytes:
        """The tokens that answer one statement."""
        if bulk := re.match(r"(?is)\s*insert\s+bulk\s+(\S+)", sql):
            self.session.bulk = bulk[1]
        self.server.note(Seen(self.session.number, kind, sql, params))
        about = _metadata(self.server, sql)
        if about is not None:
            return about
        before = self.session.transaction
        try:
            answers = self._answers(sql, params)
        except Failure as failure:
            return self._moved(before) + tds.error(failure) + done(status=tds.ERROR, token=token)
        parts = [self._moved(before)]
        for i, answer in enumerate(answers):
            status = tds.MORE if i < len(answers) - 1 else 0
            if isinstance(answer, Failure):
                parts.append(tds.error(answer) + done(status=tds.ERROR, token=token))
            elif isinstance(answer, Rows):
                parts.append(tds.result(answer) + done(count=len(answer.rows), status=status, token=token))
            else:
                parts.append(done(count=answer, status=status, token=token))
        return b"".join(parts)

    def _moved(self, before: int) -> bytes:
        """The change of the transaction a statement brought about."""
        after = self.session.transaction
        if before == after:
            return b""
        number = struct.pack("<Q", after or before)
        return change(8, b"\x08" + number) if after else change(9, b"\x00", b"\x08" + number)

    def _answers(self, sql: str, params: tuple[Any, ...]) -> list[Any]:
        answer = self.server.answer(self.session, sql, params)
        return answer if isinstance(answer, list) else [answer]

    def _transaction(self, data: bytes) -> bytes:
        """Transaction manager requests: what a driver sends where autocommit is off."""
        request = Reader(_body(data)).number(2)
        word = {5: "BEGIN TRANSACTION", 7: "COMMIT", 8: "ROLLBACK"}[request]
        self.server.note(Seen(self.session.number, "manager", word))
        before = self.session.transaction
        self.server.answer(self.session, word, ())
        return self._moved(before) + done()

    def _bulk(self, data: bytes) -> bytes:
        names, rows = tds.bulk_rows(data)
        self.server.note(Seen(self.session.number, "bulk", self.session.bulk, (), tuple(rows), tuple(names)))
        try:
            self.server.load(self.session, self.session.bulk, names, rows)
        except Failure as failure:
            return tds.error(failure) + done(status=tds.ERROR)
        return done(count=len(rows))

    def _rpc(self, data: bytes) -> bytes:
        reader, answers = Reader(_body(data)), []
        while reader:
            answers.append(self._call(reader))
        # every call but the last one announces that more follows
        return b"".join(tokens + done(status=tds.MORE if i < len(answers) - 1 else 0, token=0xFE)
                        for i, tokens in enumerate(answers))  # fmt: skip

    def _call(self, reader: Reader) -> bytes:
        size = reader.number(2)
        name = _PROCEDURES.get(reader.number(2), "?") if size == 0xFFFF else reader.text(size)
        reader.take(2)
        values = []
        while reader and reader.peek() not in (0x80, 0xFF, 0xFE):
            reader.text(reader.number(1))
            reader.take(1)
            values.append(reader.item(*reader.type()))
        if reader:
            reader.take(1)
        return self._procedure(name, values)

    def _procedure(self, name: str, values: list[Any]) -> bytes:
        self.server.calls.append(name)
        ok = b"\x79" + struct.pack("<i", 0)
        if name == "sp_unprepare":
            return ok
        if name == "sp_executesql":
            return self._inside(values[0], values[2:]) + ok
        if name in ("sp_prepare", "sp_prepexec"):
            self.server.declare(values[1])
            handle = len(self.session.prepared) + 1
            self.session.prepared[handle] = values[2]
            answer = b""
            if name == "sp_prepexec":
                answer = self._inside(values[2], values[3:])
            else:
                self.server.note(Seen(self.session.number, "prepare", values[2]))
            number = b"\x26\x04\x04" + struct.pack("<i", handle)
            return answer + ok + b"\xac\x00\x00\x00\x01" + b"\x00" * 6 + number
        if name == "sp_execute":
            return self._inside(self.session.prepared[values[0]], values[1:]) + ok
        if name == "sp_describe_first_result_set":
            return tds.error(Failure(11526, "not here")) + ok
        return self._inside(f"EXEC {name}", values) + ok

    def _inside(self, sql: str, values: list[Any]) -> bytes:
        """A statement within a procedure: its tokens say so, and announce that the procedure goes on."""
        tokens = self._reply(sql, tuple(values), token=0xFF, kind="rpc")
        at = len(tokens) - 13
        status = struct.unpack("<H", tokens[at + 1 : at + 3])[0] | tds.MORE
        return tokens[: at + 1] + struct.pack("<H", status) + tokens[at + 3 :]


def _body(data: bytes) -> bytes:
    """A message without its ALL_HEADERS."""
    return data[struct.unpack("<I", data[:4])[0] :]


def _metadata(server: Server, sql: str) -> bytes | None:
    """Answers to what drivers ask about a table before a bulk load; None for any other statement."""
    if "sp_tablecollations_100" not in sql:
        return None
    columns = server.describe(re.findall(r"sp_tablecollations_100 N'((?:[^']|'')*)'", sql)[-1].replace("''", "'"))
    collations = Rows([Col("colid", "int"), Col("name", "nvarchar(128)"), *_COLLATIONS])
    collations.rows += [(i, c.name, *_collation(c)) for i, c in enumerate(columns, 1)]
    open_transactions = Rows([Col("", "int", nullable=False)], [(0,)])
    return b"".join((
        tds.result(open_transactions), done(count=1, status=tds.MORE),
        done(count=1, status=tds.MORE),
        tds.metadata(columns), done(count=0, status=tds.MORE),
        tds.result(collations), done(count=len(columns), status=tds.MORE, token=0xFF),
        b"\x79" + bytes(4), done(token=0xFE),
    ))  # fmt: skip


_COLLATIONS = (Col("tds_collation_100", "varbinary(5)"), Col("collation_100", "nvarchar(128)"))


def _collation(col: Col) -> tuple[bytes | None, str | None]:
    text = col.base in ("nvarchar", "sysname")
    return (tds.COLLATION, "SQL_Latin1_General_CP1_CI_AS") if text else (None, None)
