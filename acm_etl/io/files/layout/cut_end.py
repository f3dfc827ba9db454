"""Last line of a text file that was cut within a number: the digits that are left look like a reading."""

from __future__ import annotations

import re

from acm_etl.io.files.layout.containers import InputFile, open_stream

_TAIL_BYTES = 4096
_MIN_LINES = 10
# A comma is a decimal mark only where semicolons divide the cells.
_LAST_NUMBER = re.compile(rb"\d(?:\.(\d*))?$")
_LAST_COMMA_NUMBER = re.compile(rb";[^;]*?\d(?:[.,](\d*))?$")


def find_cut_line(source: InputFile) -> str | None:
    """Return the last line of a file if it has no line break, and its last number fewer decimals than all others.

    Numbers whose decimals vary tell nothing. Files in containers are complete, or they cannot be unpacked.
    """
    if source.format != "text" or source.compression or source.member:
        return None
    with open_stream(source) as stream:
        size = stream.seek(0, 2)
        stream.seek(max(0, size - _TAIL_BYTES))
        *lines, last = bytes(stream.read()).splitlines(keepends=True) or [b""]
    if last.endswith((b"\n", b"\r")):
        return None
    # The first line of the tail may begin anywhere, or be the header.
    decimals = [_count_decimals(line.rstrip(b"\r\n")) for line in lines[1:]]
    cut = _count_decimals(last)
    if cut is None or len(decimals) < _MIN_LINES or len({*decimals}) > 1 or not decimals[0] or cut >= decimals[0]:
        return None
    return last.decode("latin-1")


def _count_decimals(line: bytes) -> int | None:
    """Return the digits behind the decimal mark of the number that ends a line; None without such a number."""
    found = (_LAST_COMMA_NUMBER if b";" in line else _LAST_NUMBER).search(line)
    return len(found[1] or b"") if found else None
