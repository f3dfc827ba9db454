"""Batches of a text table through Arrow's CSV parser, in bounded memory."""

from __future__ import annotations

import io
import re
import time
import weakref
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import pyarrow as pa
import pyarrow.csv

from acm_etl.io.files.layout.containers import InputFile, open_stream
from acm_etl.io.files.layout.text_layout import TextLayout
from acm_etl.io.files.layout.text_rows import ANY_BLANKS, WIDE_BLANKS, align_cells

_BLOCK_BYTES = 4 << 20  # per batch: the reader holds several at a time, and they are spread out as columns
_LONGEST_BLOCK = 16 << 20  # characters; a block goes on while a quote is open
_RELEASE_TIMEOUT = 5.0  # seconds for threads that read ahead: milliseconds are the rule
_MAX_COUNTED_CELLS = 1000  # a line with as many cells is one of the table; longer patterns are refused
_CELL_MARK = "\x1f"  # ASCII unit separator, between the cells of aligned tables


@dataclass(frozen=True, slots=True)
class CsvRequest:
    """Rows and columns to read from a text table.

    Attributes:
        source: File or member.
        layout: Layout of the file.
        width: Cells of a row.
        positions: Positions of the wanted cells.
        float_positions: Positions of cells that are read as numbers, a third of the cost of text.
        on_ragged: Called with every row that has more or fewer cells.
    """

    source: InputFile
    layout: TextLayout
    width: int
    positions: Sequence[int]
    on_ragged: Callable[[str], None]
    float_positions: frozenset[int] = frozenset()

    @property
    def is_aligned(self) -> bool:
        """True if blanks separate the cells."""
        return self.layout.delimiter in {WIDE_BLANKS, ANY_BLANKS}


def read_csv_batches(request: CsvRequest) -> Iterator[pa.RecordBatch]:
    """Yield batches of the wanted cells, named by position ("0", "1", ...), as strings; blank cells are null.

    Raises:
        pyarrow.ArrowException: The content cannot be parsed.
        OSError: The file is damaged.
    """
    # Arrow reads ahead in threads of its own. A thread that is inside a Python stream or codec when Python ends takes
    # the process down, so only files that need neither are given to it.
    if request.layout.encoding == "utf-8" and request.source.compression != "zip" and not request.is_aligned:
        return _stream_batches(request)
    return _parse_blocks(request)


def open_text(stream: Any, encoding: str) -> io.TextIOWrapper:  # noqa: ANN401 - pyarrow ships no type information
    """Return a stream of bytes as text with its own line ends, without a byte order mark."""
    return io.TextIOWrapper(stream, encoding="utf-8-sig" if encoding == "utf-8" else encoding, newline="")


def swallowed_pattern(delimiter: str, position: int) -> str:
    """Return the pattern of a cell that holds lines of the table: a quote was opened and not closed.

    Args:
        delimiter: Between cells.
        position: Position of the cell in its row, from 0.
    """
    # A row keeps its width only if the quote is closed in the column in which it was opened. The line of that column
    # has all cells before it; a remark of several lines hardly has as many commas.
    mark, count = re.escape(delimiter), min(max(1, position), _MAX_COUNTED_CELLS)
    return rf"\n(?:[^\n{mark}]*{mark}){{{count}}}"


def split_ragged(text: str, delimiter: str) -> list[str]:
    """Return the lines of a row that are rows of their own, at least one."""
    # The line ends of Arrow; str.splitlines also splits at form feeds and at Unicode separators.
    lines = io.StringIO(text, newline=None).read().split("\n")
    return [line for i, line in enumerate(lines) if i == 0 or delimiter in line] or [text]


def _stream_batches(request: CsvRequest) -> Iterator[pa.RecordBatch]:
    skip = _make_row_handler(request)
    # A weak reference shows when the last thread of Arrow has released the handler.
    kept = weakref.ref(skip)
    stream = open_stream(request.source)
    try:
        yield from pa.csv.open_csv(
            stream,
            read_options=_stream_options(request),
            parse_options=_parse_options(request, skip),
            convert_options=_convert_options(request),
        )
    finally:
        del skip, stream
        _wait_for_release(kept)


def _wait_for_release(kept: Callable[[], object]) -> None:
    """Wait until the reader's threads have released what they call.

    A thread of Arrow releases it after the last batch. Where Python is ending meanwhile, that thread cannot enter
    Python any more and takes the whole process down ("terminate called without an active exception").
    """
    deadline = time.monotonic() + _RELEASE_TIMEOUT
    while kept() is not None and time.monotonic() < deadline:
        time.sleep(0.0005)


def _parse_blocks(request: CsvRequest) -> Iterator[pa.RecordBatch]:
    skip = _make_row_handler(request)
    for text in _iter_blocks(request):
        block = (_align_block(text, request.layout.delimiter) if request.is_aligned else text).encode()
        if not block.strip():
            continue
        yield from pa.csv.read_csv(
            pa.BufferReader(block),
            read_options=_block_options(request, block),
            parse_options=_parse_options(request, skip),
            convert_options=_convert_options(request),
        ).to_batches()


def _iter_blocks(request: CsvRequest) -> Iterator[str]:
    """Yield the data as texts of whole lines that end outside quotes."""
    stream = open_stream(request.source)
    try:
        text = open_text(stream, request.layout.encoding)
        for _ in range(request.layout.first_data_line - 1):
            text.readline()
        while block := text.read(_BLOCK_BYTES):
            yield _complete_block(block, text, request.layout.quote)
    finally:
        stream.close()


def _complete_block(block: str, text: io.TextIOWrapper, quote: str) -> str:
    parts, size = [block, text.readline()], len(block)
    # An odd number of quotes leaves one open; a doubled quote inside a cell counts twice and changes nothing.
    is_open = bool(quote) and sum(part.count(quote) for part in parts) % 2 == 1
    while is_open and size < _LONGEST_BLOCK and (line := text.readline()):
        parts.append(line)
        size += len(line)
        is_open = line.count(quote) % 2 == 0
    return "".join(parts)


def _align_block(text: str, delimiter: str) -> str:
    return "\n".join(_CELL_MARK.join(align_cells(line, delimiter)) for line in io.StringIO(text, newline=None))


def _make_row_handler(request: CsvRequest) -> Callable[[Any], str]:
    def skip(row: Any) -> str:  # noqa: ANN401 - pyarrow ships no type information
        for text in split_ragged(row.text or "", request.layout.delimiter):
            request.on_ragged(text.replace(_CELL_MARK, WIDE_BLANKS))
        return "skip"

    return skip


def _stream_options(request: CsvRequest) -> pa.csv.ReadOptions:
    names = [str(i) for i in range(request.width)]
    skipped = request.layout.first_data_line - 1
    return pa.csv.ReadOptions(block_size=_BLOCK_BYTES, column_names=names, skip_rows=skipped)


def _block_options(request: CsvRequest, block: bytes) -> pa.csv.ReadOptions:
    names = [str(i) for i in range(request.width)]
    # One thread: the handler of ragged rows is called in the order of the file.
    return pa.csv.ReadOptions(block_size=len(block), column_names=names, use_threads=False)


def _parse_options(request: CsvRequest, skip: Callable[[Any], str]) -> pa.csv.ParseOptions:
    quote = request.layout.quote
    return pa.csv.ParseOptions(
        delimiter=_CELL_MARK if request.is_aligned else request.layout.delimiter,
        quote_char=quote or False,
        newlines_in_values=bool(quote),
        invalid_row_handler=skip,
    )


def _convert_options(request: CsvRequest) -> pa.csv.ConvertOptions:
    wanted = [str(i) for i in request.positions]
    return pa.csv.ConvertOptions(
        column_types={str(i): pa.float64() if i in request.float_positions else pa.string() for i in request.positions},
        include_columns=wanted,
        strings_can_be_null=True,
        null_values=[""],
    )
