"""Containers of tables: what a file is by its first bytes, and its content as one uncompressed stream."""

from __future__ import annotations

import errno
import io
import lzma
import re
import zipfile
import zlib
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, Literal

import pyarrow as pa

from acm_etl.counts import format_count
from acm_etl.errors import InputError, UsageError

TableFormat = Literal["text", "parquet", "ipc", "xlsx"]
Compression = Literal["gzip", "zstd", "zip"]

# A file of such a name has to be a table; any other file may be a README.
TABLE_SUFFIXES = frozenset({".csv", ".tsv", ".parquet", ".pq", ".feather", ".arrow", ".ipc", ".xlsx", ".xlsm", ".xls"})
PACKED_SUFFIXES = frozenset({".gz", ".zst", ".zip"})

_MAGIC_BYTES = 512  # a tar archive names itself at byte 257
# Errors of streams on damaged content; each becomes an InputError that names the file.
STREAM_ERRORS = (
    pa.ArrowException, OSError, EOFError, UnicodeError, zipfile.BadZipFile, zlib.error, lzma.LZMAError,
    NotImplementedError,
)  # fmt: skip

_COMPRESSION_BY_MAGIC: dict[bytes, Compression] = {b"\x1f\x8b": "gzip", b"\x28\xb5\x2f\xfd": "zstd", b"PK": "zip"}
_FORMAT_BY_MAGIC: dict[bytes, TableFormat] = {
    b"PAR1": "parquet",
    b"ARROW1": "ipc",
    b"\xff\xff\xff\xff": "ipc",  # a stream of record batches has no other mark
}
_UNPACK = "unpack it and import the files inside"
_REFUSED_MAGIC = {
    b"%PDF": ("a PDF document", "export the table as CSV or .xlsx"),
    b"BZh": ("compressed with bzip2", "unpack it: bunzip2 FILE"),
    b"\xfd7zXZ\x00": ("compressed with xz", "unpack it: unxz FILE"),
    b"7z\xbc\xaf\x27\x1c": ("a 7-Zip archive", _UNPACK),
    b"Rar!": ("a RAR archive", _UNPACK),
    b"FEA1": ("an old Feather file (version 1)", "write it again with pyarrow.feather.write_feather"),
    b"SQLite format 3": ("a SQLite database", "export the table as CSV"),
    b"\x89HDF": ("an HDF5 file", "export the table as CSV or Parquet"),
    b"MATLAB": ("a MATLAB file", "export the table as CSV"),
}
_OLE_MAGIC = b"\xd0\xcf\x11\xe0"
_HTML_PATTERN = re.compile(rb"\s*<(?:!doctype html|html|head|body|table|meta)\b", re.IGNORECASE)
# A table may begin with [Data] or {title}: only a quote or another bracket behind the first one is JSON.
_JSON_PATTERN = re.compile(rb'\s*(?:\{\s*"|\[\s*[{\[])')
# Dumps of databases begin with remarks; a table has no statement at its beginning.
_SQL_PATTERN = re.compile(
    rb"(?:\s*--[^\n]*\n)*\s*(?:INSERT\s+INTO|CREATE\s+(?:TABLE|DATABASE|SCHEMA)|COPY\s+\S+\s*\(|SET\s+[\w.@]+\s*=|/\*!)",
    re.IGNORECASE,
)
_WORKBOOK_MEMBERS = ("xl/workbook.xml", "xl/workbook.bin")


@dataclass(frozen=True, slots=True)
class InputFile:
    """One table to import: a file, a member of an archive, or a sheet of a workbook.

    Attributes:
        name: Name for messages ("hist.zip/2023/a.csv", "stdin"); two tables are equal whatever their names.
        path: File on disk.
        format: Format of the content after decompression.
        compression: Compression of the file.
        member: Name of the member of a zip archive.
        sheet: Name of the sheet of a workbook.
    """

    name: str = field(compare=False)
    path: Path
    format: TableFormat = "text"
    compression: Compression | None = None
    member: str | None = None
    sheet: str | None = None

    @property
    def is_typed(self) -> bool:
        """Whether the columns have types; cells of text files and sheets are texts."""
        return self.format in {"parquet", "ipc"}


class DocumentError(InputError):
    """A file of a kind that never holds a table: JSON, a script of SQL statements, a PDF document."""


class EmptyFileError(InputError):
    """A file or a member without content."""


def open_stream(source: InputFile) -> Any:  # noqa: ANN401 - pyarrow ships no type information
    """Return the uncompressed bytes of a table as a ``pyarrow.NativeFile``, read forwards only.

    Raises:
        InputError: The archive or the file cannot be opened.
    """
    try:
        if source.compression == "zip":
            # pyarrow unpacks gzip and zstd itself, but knows no zip archives.
            return pa.PythonFile(_open_member(source), mode="r")
        file = pa.OSFile(str(source.path))
        return pa.CompressedInputStream(file, source.compression) if source.compression else file
    except STREAM_ERRORS as error:
        raise unreadable_error(source.name, error) from error


def open_seekable(source: InputFile) -> Any:  # noqa: ANN401 - pyarrow ships no type information
    """Return the uncompressed bytes of a table with random access; compressed content is held in memory.

    Raises:
        InputError: The file cannot be read.
    """
    try:
        if source.compression is None:
            # Mapped, not read: a Parquet file of many gigabytes costs only the pages of the wanted columns.
            return pa.memory_map(str(source.path))
        # Parquet, Arrow and Excel files are compressed inside, so their size here is close to their size on disk.
        return pa.BufferReader(open_stream(source).read())
    except STREAM_ERRORS as error:
        raise unreadable_error(source.name, error) from error


def _open_member(source: InputFile) -> io.BufferedIOBase:
    """Return a member of a zip archive as a stream; the archive stays open until the stream is closed."""
    # ZipFile counts its open members, so leaving the block does not close the file under the stream.
    with zipfile.ZipFile(source.path) as archive:
        return archive.open(source.member or "")  # type: ignore[return-value] # IO[bytes] of a ZipExtFile


def read_head(source: InputFile, size: int) -> bytes:
    """Return the first bytes of the uncompressed content.

    Raises:
        InputError: The content is damaged within these bytes.
    """
    stream = open_stream(source)
    try:
        return bytes(stream.read(size))
    except STREAM_ERRORS as error:
        raise unreadable_error(source.name, error) from error
    finally:
        stream.close()


def identify_file(path: Path, name: str) -> InputFile:
    """Return a file with its compression and format, both by content.

    A zip archive of several members comes back as ``compression="zip"`` without ``member``.

    Raises:
        UsageError: There is no such file.
        InputError: The file is empty, damaged or of a kind that holds no table.
    """
    source = InputFile(name, path)
    head = _read_magic(path, name)
    compression = next((kind for magic, kind in _COMPRESSION_BY_MAGIC.items() if head.startswith(magic)), None)
    if compression == "zip":
        return _identify_zip(replace(source, compression="zip"))
    return identify_content(replace(source, compression=compression))


def identify_content(source: InputFile) -> InputFile:
    """Return a table with the format of its uncompressed content.

    Raises:
        EmptyFileError: There is no content.
        InputError: The content is damaged or of a kind that holds no table.
    """
    head = read_head(source, _MAGIC_BYTES)
    # A file of blanks and line ends is as empty as one of 0 bytes.
    if not head.strip():
        message = f"{source.name} is empty; export it again"
        raise EmptyFileError(message)
    is_parquet_name = source.path.suffix.casefold() == ".parquet"
    if is_parquet_name and not head.startswith(b"PAR1") and (b"\0" in head or _HTML_PATTERN.match(head)):
        message = f"{source.name} is not a Parquet file: it does not begin with PAR1; write it again"
        raise InputError(message)
    _refuse_foreign_content(source, head)
    known = next((kind for magic, kind in _FORMAT_BY_MAGIC.items() if head.startswith(magic)), None)
    # A workbook is a zip archive itself; inside another container it is told from a plain archive by its members.
    if head.startswith(b"PK") and source.compression:
        return replace(source, format=_identify_packed_workbook(source))
    return replace(source, format=known or "text")


def _refuse_foreign_content(source: InputFile, head: bytes) -> None:
    """Raise if content is of a known kind that holds no table.

    Raises:
        DocumentError: The content is JSON, SQL or PDF.
        InputError: The content is a database, a workbook of an old kind, or an archive inside an archive.
    """
    kind, remedy = next((found for magic, found in _REFUSED_MAGIC.items() if head.startswith(magic)), ("", ""))
    error: type[InputError] = DocumentError if head.startswith(b"%PDF") else InputError
    if head.startswith(_OLE_MAGIC):
        kind, remedy = _describe_ole(source)
    elif _HTML_PATTERN.match(head.removeprefix(b"\xef\xbb\xbf")):
        # Web pages of historians offer such tables as "Excel"; Excel opens them with a warning.
        kind, remedy = "an HTML page, whatever its name says", "open it in Excel and save it as .xlsx or CSV"
    elif _JSON_PATTERN.match(head.removeprefix(b"\xef\xbb\xbf")):
        kind, remedy, error = "JSON", "export the readings as CSV or Parquet", DocumentError
    elif _SQL_PATTERN.match(head):
        kind, remedy, error = (
            "a script of SQL statements",
            "run it in a database, and export the table as CSV",
            DocumentError,
        )
    elif head[257:262] == b"ustar":
        kind, remedy = "a tar archive", f"{_UNPACK}: tar -xf {source.path}"
    elif source.compression and any(head.startswith(magic) for magic in (b"\x1f\x8b", b"\x28\xb5\x2f\xfd")):
        kind, remedy = "packed inside an archive" if source.member else "compressed twice", _UNPACK
    if kind:
        message = f"{source.name} is not a table but {kind}; {remedy}"
        raise error(message)


def unreadable_error(name: str, error: BaseException) -> InputError:
    """Return the error for content that cannot be read, with the reason of the library in one line."""
    reason = " ".join(str(error).split())[:200] or type(error).__name__
    message = f"{name} cannot be read: {reason}; copy or export the file again"
    return InputError(message)


def _read_magic(path: Path, name: str) -> bytes:
    try:
        with path.open("rb") as file:
            return file.read(_MAGIC_BYTES)
    except FileNotFoundError as error:
        message = f"{name} does not exist"
        raise UsageError(message) from error
    except OSError as error:
        if error.errno == errno.ENAMETOOLONG:
            raise  # no such file, as for every command
        message = f"{name} cannot be opened: {error.strerror}"
        raise InputError(message) from error


def _identify_zip(source: InputFile) -> InputFile:
    names = list_member_names(source)
    if any(name in names for name in _WORKBOOK_MEMBERS):
        # The library for workbooks unpacks the archive itself.
        return replace(source, format="xlsx", compression=None)
    if "mimetype" in names and "content.xml" in names:
        message = f"{source.name} is an OpenDocument file; save its table as .xlsx or CSV"
        raise InputError(message)
    return source


def list_member_names(source: InputFile) -> list[str]:
    """Return the names of the files in a zip archive.

    Raises:
        InputError: The archive is damaged, or a member is encrypted.
    """
    try:
        with zipfile.ZipFile(source.path) as archive:
            members = [member for member in archive.infolist() if not member.is_dir()]
    except STREAM_ERRORS as error:
        name = f"{source.name} (a zip archive)"
        raise unreadable_error(name, error) from error
    # Bit 0 of the flags of a member: encrypted. Opening it would fail later, with a bare RuntimeError.
    encrypted = [member.filename for member in members if member.flag_bits & 1]
    if encrypted:
        message = (
            f"{source.name} has {format_count(len(encrypted), 'encrypted member')}, the first is {encrypted[0]}; "
            f"unpack the archive with its password and import the files inside"
        )
        raise InputError(message)
    return [member.filename for member in members]


def _identify_packed_workbook(source: InputFile) -> TableFormat:
    try:
        with zipfile.ZipFile(open_seekable(source)) as archive:
            names = archive.namelist()
    except STREAM_ERRORS as error:
        raise unreadable_error(source.name, error) from error
    if any(name in names for name in _WORKBOOK_MEMBERS):
        return "xlsx"
    message = f"{source.name} is an archive inside an archive; {_UNPACK}"
    raise InputError(message)


def _describe_ole(source: InputFile) -> tuple[str, str]:
    content = read_head(source, 1 << 20)
    # Excel stores an encrypted workbook in the old container; the name of its stream is UTF-16 text.
    if "EncryptedPackage".encode("utf-16-le") in content:
        return "an encrypted workbook", "open it with its password and save it without one"
    return "an old Excel or Office file (.xls)", "open it in Excel and save it as .xlsx or CSV"
