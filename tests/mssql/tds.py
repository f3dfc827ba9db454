"""The tokens of TDS 7.4 that Microsoft's drivers need of a server: values in, values out.

Written after [MS-TDS] (https://learn.microsoft.com/openspecs/windows_protocols/ms-tds). Only the types of
``acm_etl.tables`` and those that the drivers' own metadata questions use.
"""

from __future__ import annotations

import struct
import uuid
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import cached_property
from typing import Any

COLLATION = bytes.fromhex("0904d00034")
EPOCH = datetime(1, 1, 1)
MORE, ERROR, COUNT = 0x01, 0x02, 0x10
_PLP_NULL, _PLP_UNKNOWN = b"\xff" * 8, b"\xfe" + b"\xff" * 7
_INTEGERS = {"tinyint": 1, "smallint": 2, "int": 4, "bigint": 8}
# Types that stand without a length in bulk rows of columns that take no NULL.
FIXED = {0x30: 1, 0x32: 1, 0x34: 2, 0x38: 4, 0x7F: 8, 0x3E: 8, 0x3B: 4}
# The values of all other types begin with their length in one byte, 0 for NULL.
_OTHER_LENGTHS = {*FIXED, 0x1F, 0x23, 0x63, 0xE7, 0xEF, 0xA7, 0xAF, 0xA5, 0xAD}


@dataclass(frozen=True)
class Col:
    """A column: name, type (``int``, ``nvarchar(50)``, ``datetime2(3)`` ...), and whether it takes NULL."""

    name: str
    type: str
    nullable: bool = True

    # Once per column and not per value: most of the time of a test over the wire goes by in this module.
    @cached_property
    def base(self) -> str:
        return self.type.partition("(")[0]

    @cached_property
    def size(self) -> int | None:
        """What stands in parentheses; None for ``max`` and for nothing."""
        inside = self.type.partition("(")[2].rstrip(")")
        return int(inside) if inside.isdigit() else None


@dataclass
class Rows:
    """A result set."""

    columns: list[Col]
    rows: list[tuple[Any, ...]] = field(default_factory=list)


@dataclass(frozen=True)
class Failure(Exception):  # noqa: N818 - it is what the server says, not an error of the test
    """An error the server reports."""

    number: int
    text: str = "injected"
    severity: int = 16


class Dropped(Exception):  # noqa: N818 - it is what happens to the client
    """The server closes the socket without a word."""


def wide(text: str) -> bytes:
    return text.encode("utf-16-le")


def short_text(text: str) -> bytes:
    return bytes([len(wide(text)) // 2]) + wide(text)


def type_info(col: Col) -> bytes:
    """TYPE_INFO of a column."""
    base, size = col.base, col.size
    if base in _INTEGERS:
        return bytes([0x26, _INTEGERS[base]])
    if base in ("nvarchar", "sysname"):
        return b"\xe7" + struct.pack("<H", min(2 * size, 8000) if size else 0xFFFF) + COLLATION
    if base in ("varbinary", "binary"):
        return b"\xa5" + struct.pack("<H", size or 0xFFFF)
    simple = {"float": b"\x6d\x08", "bit": b"\x68\x01", "uniqueidentifier": b"\x24\x10"}
    return bytes([0x2A, 7 if size is None else size]) if base == "datetime2" else simple[base]


def value(col: Col, item: Any) -> bytes:
    """A value as it stands in a row."""
    base, long = col.base, col.size is None
    if base in ("nvarchar", "sysname", "varbinary", "binary"):
        data = None if item is None else item if isinstance(item, bytes) else wide(str(item))
        if long:
            return _PLP_NULL if data is None else _plp(data)
        return b"\xff\xff" if data is None else struct.pack("<H", len(data)) + data
    if item is None:
        return b"\x00"
    if base == "datetime2":
        data = _datetime2(item, 7 if col.size is None else col.size)
    elif base == "uniqueidentifier":
        data = uuid.UUID(str(item)).bytes_le
    elif base == "float":
        data = struct.pack("<d", item)
    else:
        data = int(item).to_bytes(_INTEGERS.get(base, 1), "little", signed=base != "tinyint")
    return bytes([len(data)]) + data


def _plp(data: bytes) -> bytes:
    chunk = struct.pack("<I", len(data)) + data if data else b""
    return struct.pack("<Q", len(data)) + chunk + struct.pack("<I", 0)


def _datetime2(time: datetime, scale: int) -> bytes:
    ticks = ((time - time.replace(hour=0, minute=0, second=0, microsecond=0)) // timedelta(microseconds=1)) * 10
    width = 3 if scale <= 2 else 4 if scale <= 4 else 5
    return (ticks // 10 ** (7 - scale)).to_bytes(width, "little") + (time - EPOCH).days.to_bytes(3, "little")


def metadata(columns: list[Col]) -> bytes:
    body = b"".join(struct.pack("<IH", 0, 8 | int(c.nullable)) + type_info(c) + short_text(c.name) for c in columns)
    return b"\x81" + struct.pack("<H", len(columns)) + body


def done(*, count: int | None = None, status: int = 0, token: int = 0xFD) -> bytes:
    counted = COUNT if count is not None else 0
    return bytes([token]) + struct.pack("<HHQ", status | counted, 0, count or 0)


def error(failure: Failure) -> bytes:
    text = struct.pack("<H", len(wide(failure.text)) // 2) + wide(failure.text)
    body = struct.pack("<iBB", failure.number, 1, failure.severity) + text + short_text("tds.py") + b"\x00"
    body += struct.pack("<I", 1)
    return b"\xaa" + struct.pack("<H", len(body)) + body


def change(kind: int, new: bytes, old: bytes = b"\x00") -> bytes:
    """ENVCHANGE."""
    body = bytes([kind]) + new + old
    return b"\xe3" + struct.pack("<H", len(body)) + body


def result(rows: Rows) -> bytes:
    lines = (b"\xd1" + b"".join(map(value, rows.columns, row)) for row in rows.rows)
    return metadata(rows.columns) + b"".join(lines)


class Reader:
    """Takes bytes apart."""

    def __init__(self, data: bytes) -> None:
        self.data, self.at = data, 0

    def __bool__(self) -> bool:
        return self.at < len(self.data)

    def take(self, count: int) -> bytes:
        self.at += count
        return self.data[self.at - count : self.at]

    def number(self, count: int) -> int:
        return int.from_bytes(self.take(count), "little")

    def text(self, characters: int) -> str:
        return self.take(2 * characters).decode("utf-16-le")

    def peek(self) -> int:
        return self.data[self.at]

    def type(self) -> tuple[int, int]:
        """TYPE_INFO: the type and its length or scale."""
        kind = self.number(1)
        if kind in FIXED:
            return kind, FIXED[kind]
        if kind in (0xE7, 0xEF, 0xA7, 0xAF, 0xA5, 0xAD):
            length = self.number(2)
            self.take(5 if kind in (0xE7, 0xEF, 0xA7, 0xAF) else 0)
            return kind, length
        if kind in (0x6A, 0x6C):
            return kind, self.take(3)[2]
        if kind in (0x23, 0x63):
            self.take(9)
            return kind, 0
        return kind, 0 if kind in (0x28, 0x1F) else self.number(1)

    def item(self, kind: int, length: int) -> Any:
        """A value of a type."""
        if kind not in _OTHER_LENGTHS:
            size = self.data[self.at]
            self.at += size + 1
            return _decode(kind, length, self.data[self.at - size : self.at]) if size else None
        if kind in FIXED:
            return _decode(kind, length, self.take(FIXED[kind]))
        if kind in (0x23, 0x63):
            size = int.from_bytes(self.take(4), "little", signed=True)
            return None if size < 0 else _decode(0xE7 if kind == 0x63 else 0xA7, 0, self.take(size))
        if kind == 0x1F:
            return None
        data = self._plp() if length == 0xFFFF else self._short()
        return None if data is None else _decode(kind, length, data)

    def _short(self) -> bytes | None:
        size = self.number(2)
        return None if size == 0xFFFF else self.take(size)

    def _plp(self) -> bytes | None:
        if self.take(8) == _PLP_NULL:
            return None
        chunks = []
        while size := self.number(4):
            chunks.append(self.take(size))
        return b"".join(chunks)


def _decode(kind: int, length: int, data: bytes) -> Any:  # noqa: PLR0911 - one per type
    if kind in (0xE7, 0xEF):
        return data.decode("utf-16-le")
    if kind in (0xA7, 0xAF):
        return data.decode("latin-1")
    if kind == 0x24:
        return str(uuid.UUID(bytes_le=data))
    if kind == 0x2A:
        micros = int.from_bytes(data[:-3], "little") * 10 ** (7 - length) // 10
        return EPOCH + timedelta(days=int.from_bytes(data[-3:], "little"), microseconds=micros)
    if kind in (0x6D, 0x3E, 0x3B):
        return struct.unpack("<d" if len(data) == 8 else "<f", data)[0]
    if kind in (0x68, 0x32):
        return bool(data[0])
    if kind in (0x6A, 0x6C):
        sign = 1 if data[0] else -1
        return sign * int.from_bytes(data[1:], "little") / 10**length
    if kind in (0x26, 0x38, 0x7F, 0x34, 0x30):
        return int.from_bytes(data, "little", signed=len(data) > 1)
    return data


def bulk_rows(data: bytes) -> tuple[list[str], list[tuple[Any, ...]]]:
    """Names and rows of a bulk load."""
    reader = Reader(data)
    if reader.number(1) != 0x81:
        message = "a bulk load begins with its columns"
        raise ValueError(message)
    columns = []
    for _ in range(reader.number(2)):
        reader.take(6)
        kind = reader.type()
        columns.append((reader.text(reader.number(1)), kind))
    rows = []
    while reader and reader.peek() == 0xD1:
        reader.take(1)
        rows.append(tuple(reader.item(*kind) for _, kind in columns))
    return [name for name, _ in columns], rows
