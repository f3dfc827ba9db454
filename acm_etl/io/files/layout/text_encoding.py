"""Character encoding of a text file, from its byte order mark or from every byte of the file."""

from __future__ import annotations

import codecs
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from acm_etl.errors import InputError
from acm_etl.io.files.layout.containers import STREAM_ERRORS, InputFile, open_stream, unreadable_error

_BLOCK_BYTES = 4 << 20
_UTF16_SAMPLE_BYTES = 4096
_UTF32_MARKS = (codecs.BOM_UTF32_LE, codecs.BOM_UTF32_BE)
_UTF16_MARKS = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)
# What Windows-1252 text does not hold: bytes without a character; four characters in a row that are not ASCII, as in
# the words of other scripts (but for lines of one character); quotation marks inside of a word, the umlauts of DOS.
_FOREIGN_BYTES = re.compile(rb"[\x81\x8d\x8f\x90\x9d]|([\x80-\xff])(?!\1{3})[\x80-\xff]{3}|[A-Za-z][\x84\x94][a-z]")
# Letters of Central Europe (cp1250) and of the Macintosh, read as Windows-1252: Prùtok, Ciœnienie, DrŸcke.
_ODD_LETTERS = re.compile(r"(?:[Ÿ¿¹¡‡†…‰ìùò]|³(?!h)|œ(?!u|il))[^\W\d_]")


@dataclass(slots=True)
class _ByteScan:
    """Offsets in bytes where each encoding fails for the first time.

    Attributes:
        has_multibyte: UTF-8 characters of several bytes came before the first error.
        not_utf8: First byte that is not UTF-8.
        foreign: First byte, from the first UTF-8 error on, that Windows-1252 text does not hold.
        nul: First NUL byte.
    """

    has_multibyte: bool = False
    not_utf8: int | None = None
    foreign: int | None = None
    nul: int | None = None


def detect_encoding(source: InputFile, head: bytes) -> str:
    """Return the encoding of a text file: UTF-16 by its mark or its NUL bytes, else UTF-8, else Windows-1252.

    Args:
        source: Text file.
        head: First bytes of the file.

    Returns:
        Name of a Python codec.

    Raises:
        InputError: The bytes fit no encoding, or the file is not text.
    """
    # The mark of UTF-32 begins with that of UTF-16: four NUL bytes behind it are UTF-16 text with NUL characters.
    if head.startswith(_UTF32_MARKS) and not head.startswith(codecs.BOM_UTF16_LE + b"\0\0\0\0"):
        return "utf-32"
    if head.startswith(_UTF16_MARKS):
        return "utf-16"
    unmarked = _detect_unmarked_utf16(head)
    return unmarked or _decide_encoding(source, _scan_bytes(source))


def list_odd_names(names: Iterable[str]) -> list[str]:
    """Return the names that Windows-1252 makes of letters of another encoding with as many bytes."""
    return [name for name in names if _ODD_LETTERS.search(name)]


def _detect_unmarked_utf16(head: bytes) -> str | None:
    """Return UTF-16 without a mark: in Western text every second byte is NUL, and no other byte is."""
    # An even number of bytes, so that both halves hold as many.
    sample = head[: min(len(head), _UTF16_SAMPLE_BYTES) // 2 * 2]
    even, odd = sample[::2].count(0), sample[1::2].count(0)
    half = len(sample) // 2
    # 0.7 instead of 1: Greek letters and per mille signs have a high byte that is not NUL.
    if odd > 0.7 * half and even == 0:
        return "utf-16-le"
    return "utf-16-be" if even > 0.7 * half and odd == 0 else None


def _decide_encoding(source: InputFile, scan: _ByteScan) -> str:
    if scan.nul is not None:
        message = (
            f"{source.name} is binary or damaged: NUL bytes, the first in line {_count_lines(source, scan.nul):,}; "
            f"export it again as CSV or Parquet, or remove them: tr -d '\\000' < OLD > NEW"
        )
        raise InputError(message)
    if scan.not_utf8 is None:
        return "utf-8"
    # One broken byte does not turn UTF-8 into Windows-1252: every degree sign of the file would be misread.
    if scan.has_multibyte:
        message = (
            f"{source.name} is UTF-8 text with bytes that are not UTF-8, the first in line "
            f"{_count_lines(source, scan.not_utf8):,}; mend that line, drop such bytes: "
            f"iconv -c -f utf-8 -t utf-8 OLD > NEW, or convert a file of another encoding: "
            f"iconv -f gb18030 -t utf-8 OLD > NEW"
        )
        raise InputError(message)
    if scan.foreign is not None:
        message = (
            f"{source.name} is neither UTF-8 nor Windows-1252 text, see line {_count_lines(source, scan.foreign):,}; "
            "convert it: iconv -f ENCODING -t utf-8 OLD > NEW, with cp1251 (Cyrillic), cp1253 (Greek), shift_jis, "
            "gb18030, big5, euc-kr or cp850 (DOS) as ENCODING"
        )
        raise InputError(message)
    return "cp1252"


def _scan_bytes(source: InputFile) -> _ByteScan:
    scan, offset = _ByteScan(), 0
    decoder = codecs.getincrementaldecoder("utf-8")()
    for block in _iter_blocks(source):
        if scan.not_utf8 is None:
            _check_utf8(scan, decoder, block, offset)
        # From the first error on: before it, these bytes are parts of UTF-8 characters.
        if scan.not_utf8 is not None and scan.foreign is None and (found := _FOREIGN_BYTES.search(block)):
            scan.foreign = offset + found.start()
        if (position := block.find(b"\0")) >= 0:
            scan.nul = offset + position
            break
        offset += len(block)
    return scan


def _iter_blocks(source: InputFile) -> Iterator[bytes]:
    """Yield the bytes of a file in blocks; the last block is empty."""
    stream = open_stream(source)
    try:
        while block := bytes(stream.read(_BLOCK_BYTES)):
            yield block
        yield b""
    except STREAM_ERRORS as error:
        raise unreadable_error(source.name, error) from error
    finally:
        stream.close()


def _check_utf8(scan: _ByteScan, decoder: codecs.IncrementalDecoder, block: bytes, offset: int) -> None:
    # A character may be cut by the end of a block; the decoder keeps its first bytes.
    pending = len(decoder.getstate()[0])
    if block and not pending and block.isascii():
        return  # decoding would take ten times as long
    try:
        decoder.decode(block, final=not block)
    except UnicodeDecodeError as error:
        # The bytes of the error start with what the decoder kept of the block before.
        scan.not_utf8 = offset - pending + error.start
        scan.has_multibyte = scan.has_multibyte or not error.object[: error.start].isascii()
    else:
        scan.has_multibyte = scan.has_multibyte or bool(block)


def _count_lines(source: InputFile, offset: int) -> int:
    """Return the line, from 1, of a byte."""
    line = 1
    for block in _iter_blocks(source):
        line += block.count(b"\n", 0, max(offset, 0))
        offset -= len(block)
        if offset < 0:
            break
    return line
