"""Files of readings, opened: CSV in whatever encoding and delimiter it comes, and Parquet; read in bounded batches."""

from __future__ import annotations

import codecs
import csv
import time
import weakref
from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass
from pathlib import Path

import polars as pl
import pyarrow as pa
import pyarrow.csv
import pyarrow.parquet

from acm_etl.errors import InputError, UsageError
from acm_etl.io.arrow import frame_from_arrow

_BLOCK_BYTES = 4 << 20  # bytes per CSV batch: the reader holds several at a time, and they are spread out as columns
_PARQUET_CHUNK_ROWS = 65_536  # rows per Parquet batch
_HEAD_BYTES = 64 << 10
_RELEASE_TIMEOUT = 5.0  # seconds for threads that read ahead: milliseconds are the rule
_SNIFF_LINES = 30
_DELIMITERS = ",;\t|"
_PARQUET_MAGIC = b"PAR1"
_UTF16_MARKS = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)
_BOM = "\ufeff"
_ARCHIVE_MAGIC = {b"\x1f\x8b": "gzip", b"PK": "zip or Excel", b"\xd0\xcf": "old Excel"}


@dataclass(frozen=True, slots=True)
class ReadingsFile:
    """One file, looked at from outside.

    Attributes:
        path: The file.
        columns: Names in its header, as they stand there.
        delimiter: Of a CSV file; empty for Parquet.
        encoding: Of a CSV file; empty for Parquet.
    """

    path: Path
    columns: tuple[str, ...]
    delimiter: str = ""
    encoding: str = ""

    @property
    def is_text(self) -> bool:
        """Whether every cell comes as text."""
        return bool(self.delimiter)


def inspect_file(path: Path) -> ReadingsFile:
    """What a file is and which columns it has.

    Raises:
        UsageError: There is no such file, or it is a directory.
        InputError: It holds no table of readings.
    """
    head = _read_head(path)
    if head.startswith(_PARQUET_MAGIC):
        source = ReadingsFile(path, tuple(_open_parquet(path).schema_arrow.names))
    else:
        source = (
            _inspect_misnamed_text(path, head) if path.suffix.casefold() == ".parquet" else _inspect_text(path, head)
        )
    _check_column_names(source)
    return source


def _inspect_text(path: Path, head: bytes) -> ReadingsFile:
    encoding = _detect_encoding(path, head)
    text = head.decode(encoding, errors="ignore").removeprefix(_BOM)
    delimiter, header = _sniff_delimiter(path, text)
    return ReadingsFile(path, header, delimiter, encoding)


def _inspect_misnamed_text(path: Path, head: bytes) -> ReadingsFile:
    """Text that is only called Parquet is taken all the same; of anything else, what it is not is told by its name."""
    try:
        return _inspect_text(path, head)
    except InputError as error:
        message = f"{path} is no Parquet file: it does not begin with PAR1; write it again"
        raise InputError(message) from error


def find_line(source: ReadingsFile, row: str) -> int | None:
    """The first line of a CSV file that is this row, counted from 1; None where the row is spread over lines."""
    with source.path.open(encoding=source.encoding, newline="") as file:
        return next((number for number, line in enumerate(file, start=1) if line.rstrip("\r\n") == row), None)


def read_chunks(
    source: ReadingsFile, columns: Collection[str], on_ragged: Callable[[str], None] = lambda _: None
) -> Iterator[pl.DataFrame]:
    """The file in batches of the named columns; empty cells are null, CSV cells stay text.

    Args:
        source: The file.
        columns: Columns wanted, names as in the header.
        on_ragged: Called with the text of every CSV row that has more or fewer cells than the header; it is left out.

    Raises:
        InputError: The file breaks off or cannot be parsed.
    """
    wanted = [name for name in source.columns if name in columns]
    reader = _read_text_batches(source, wanted, on_ragged) if source.is_text else _read_parquet_batches(source, wanted)
    try:
        for batch in reader:
            yield frame_from_arrow(batch)
    except (pa.ArrowException, UnicodeDecodeError, OSError) as error:
        raise InputError(_unreadable_message(source.path, error)) from error


def _read_text_batches(
    source: ReadingsFile, wanted: list[str], on_ragged: Callable[[str], None]
) -> Iterator[pa.RecordBatch]:
    def skip(row: pa.csv.InvalidRow) -> str:
        on_ragged(row.text or "")
        return "skip"

    kept = weakref.ref(skip)
    try:
        yield from pa.csv.open_csv(
            source.path,
            read_options=pa.csv.ReadOptions(block_size=_BLOCK_BYTES, encoding=source.encoding),
            parse_options=pa.csv.ParseOptions(
                delimiter=source.delimiter, newlines_in_values=True, invalid_row_handler=skip
            ),
            convert_options=pa.csv.ConvertOptions(
                column_types=dict.fromkeys(source.columns, pa.string()),
                include_columns=wanted,
                strings_can_be_null=True,
                null_values=[""],
            ),
        )
    finally:
        del skip
        _wait_for_release(kept)


def _wait_for_release(kept: Callable[[], object]) -> None:
    """Wait until the reader's threads have let go of what they call.

    A thread of Arrow lets go of it after the last batch. Where Python is ending meanwhile, that thread cannot come into
    Python any more and takes the whole process down ("terminate called without an active exception").
    """
    deadline = time.monotonic() + _RELEASE_TIMEOUT
    while kept() is not None and time.monotonic() < deadline:
        time.sleep(0.0005)


def _read_parquet_batches(source: ReadingsFile, wanted: list[str]) -> Iterator[pa.RecordBatch]:
    yield from _open_parquet(source.path).iter_batches(batch_size=_PARQUET_CHUNK_ROWS, columns=wanted)


def _open_parquet(path: Path) -> pa.parquet.ParquetFile:
    try:
        return pa.parquet.ParquetFile(path)
    except (pa.ArrowException, OSError) as error:
        raise InputError(_unreadable_message(path, error)) from error


def _unreadable_message(path: Path, error: Exception) -> str:
    return f"{path} cannot be read: {' '.join(str(error).split())[:200]}"


def _read_head(path: Path) -> bytes:
    if path.is_dir():
        message = f"{path} is a directory; name the files in it"
        raise UsageError(message)
    try:
        with path.open("rb") as file:
            head = file.read(_HEAD_BYTES)
    except FileNotFoundError as error:
        message = f"{path} does not exist"
        raise UsageError(message) from error
    except OSError as error:
        message = f"{path} cannot be opened: {error.strerror}"
        raise InputError(message) from error
    if not head.strip():
        message = f"{path} is empty"
        raise InputError(message)
    return head


def _detect_encoding(path: Path, head: bytes) -> str:
    """UTF-8 if the whole file is, else Windows-1252; UTF-16 by its mark."""
    if head.startswith(_UTF16_MARKS):
        return "utf-16"
    packed = next((kind for magic, kind in _ARCHIVE_MAGIC.items() if head.startswith(magic)), None)
    if packed or b"\0" in head:
        message = f"{path} is not text but {packed or 'binary'}; give CSV or Parquet"
        raise InputError(message)
    for encoding in ("utf-8", "cp1252"):
        if _is_decodable(path, encoding):
            return encoding
    message = f"{path} is neither UTF-8 nor Windows-1252 text; save it as UTF-8"
    raise InputError(message)


def _is_decodable(path: Path, encoding: str) -> bool:
    decoder = codecs.getincrementaldecoder(encoding)()
    try:
        with path.open("rb") as file:
            while block := file.read(_BLOCK_BYTES):
                decoder.decode(block)
            decoder.decode(b"", final=True)
    except UnicodeDecodeError:
        return False
    return True


def _sniff_delimiter(path: Path, text: str) -> tuple[str, tuple[str, ...]]:
    """The delimiter under which most of the first rows are as wide as the header, and the header."""
    lines = text.splitlines(keepends=True)[:_SNIFF_LINES]
    best: tuple[int, int] = (0, 0)
    found: tuple[str, tuple[str, ...]] | None = None
    for delimiter in _DELIMITERS:
        rows = [row for row in csv.reader(lines, delimiter=delimiter) if row]
        width = len(rows[0]) if rows else 0
        rank = (sum(len(row) == width for row in rows), width)
        if width > 1 and rank > best:
            best, found = rank, (delimiter, tuple(rows[0]))
    if found is None:
        message = f"{path} is no table: its first line has no two columns separated by , ; | or a tab"
        raise InputError(message)
    return found


def _check_column_names(source: ReadingsFile) -> None:
    names = [name.strip() for name in source.columns]
    empty = [str(i) for i, name in enumerate(names, start=1) if not name]
    if empty:
        message = f"{source.path} has {len(empty)} column(s) without a name: number {', '.join(empty[:10])}"
        raise InputError(message)
    folded = [name.casefold() for name in names]
    twice = [name for name in dict.fromkeys(names) if folded.count(name.casefold()) > 1]
    if twice:
        message = f"{source.path} has columns of the same name: {', '.join(twice[:10])}"
        raise InputError(message)
