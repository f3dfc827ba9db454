"""Translation of DuckDB's errors: a file that does not open, and a statement that fails."""

from __future__ import annotations

import os
import re
from pathlib import Path

import duckdb

from acm_etl.errors import MissingTableError, StoreError, StoreInUseError, TransientError, UnavailableError
from acm_etl.host import is_locked_file, read_command_line

# DuckDB has no error codes for these cases: the text is all there is to read.
# On Windows DuckDB asks the system who has the file open and writes this on further lines.
_HOLDER_PATTERN = re.compile(r"(?:held|already open) in\s+(?P<program>.+?) \(PID (?P<pid>\d+)\)")
_VERSION_PATTERN = re.compile(r"version number (?P<theirs>\d+).*?(?P<ours>\d+)\D*$", re.DOTALL)
_WRITE_ERROR_PATTERN = re.compile(
    r"could not write.*?: (?P<reason>.*)|(?P<full>no space left on device)", re.IGNORECASE
)
# A file that may be written in a folder that may not: the log of transactions beside it cannot be made.
_READ_ONLY_PATTERN = re.compile(
    r'Failed to commit: Cannot open file "(?P<file>.+)": '
    r"(?P<reason>Permission denied|Read-only file system|Access is denied)"
)
# Optimistic concurrency control: the loser has to repeat its transaction.
# https://duckdb.org/docs/stable/connect/concurrency
_CONFLICT_PATTERN = re.compile(r"conflict|Failed to commit|has been altered", re.IGNORECASE)
_MISSING_COLUMN_PATTERN = re.compile(r"Referenced column .* not found|does not have a column", re.IGNORECASE)
_MISSING_TABLE_PATTERN = re.compile(r"(?:Table|View) with name .* does not exist", re.IGNORECASE)


def translate_duckdb_error(error: duckdb.Error) -> StoreError:
    """Return the product's error for the error of a statement."""
    text = first_line(error)
    # First: these are failed commits, too, which would be repeated for minutes.
    if refused := _file_write_error(text):
        return refused
    if isinstance(error, duckdb.TransactionException) and _CONFLICT_PATTERN.search(text):
        return TransientError(f"write conflict with another session: {text}")
    if isinstance(error, duckdb.OutOfMemoryException):
        return StoreError(
            f"DuckDB ran out of memory; set store.memory_limit higher, e.g. ACM_STORE__MEMORY_LIMIT=4GB: {text}"
        )
    if isinstance(error, duckdb.CatalogException) and _MISSING_TABLE_PATTERN.search(text):
        return MissingTableError(f"database error: {text}")
    # After a FatalException DuckDB invalidates the whole database instance of this process.
    if isinstance(error, duckdb.FatalException | duckdb.ConnectionException):
        return UnavailableError(f"the database connection failed; run the command again: {text}")
    lacks_column = isinstance(error, duckdb.BinderException) and _MISSING_COLUMN_PATTERN.search(text)
    reason = "a column is missing; if a table was altered, run acm-etl init" if lacks_column else "database error"
    return StoreError(f"{reason}: {text}")


def _file_write_error(text: str) -> UnavailableError | None:
    """Return the error if the system refuses to write the file, or the log beside it."""
    if found := _WRITE_ERROR_PATTERN.search(text):
        reason = found["reason"] or found["full"]
        return UnavailableError(
            f"the disk of the store cannot be written ({reason}); nothing was committed. Make space, then run the "
            "command again"
        )
    if found := _READ_ONLY_PATTERN.search(text):
        return UnavailableError(
            f"cannot open {found['file']}: {found['reason']}; nothing was committed. DuckDB writes files beside the "
            "store: put it into a folder that you may write"
        )
    return None


def file_open_error(error: Exception, path: str) -> UnavailableError:
    """Return the error for a file that does not open, with the reason and the action to take."""
    text = first_line(error)
    if holder := _HOLDER_PATTERN.search(str(error)):
        pid = holder["pid"]
        # DuckDB names only the program ("python3.12").
        command = read_command_line(int(pid)) or holder["program"]
        return StoreInUseError(f"{path} is held by process {pid} ({command}); wait until it ends, or stop it")
    if is_locked_file(path):
        return StoreInUseError(f"{path} is held by another process; wait until it ends, or stop it")
    if advice := _find_advice(text, path):
        return UnavailableError(f"cannot open {path}: {advice}")
    if newer := _VERSION_PATTERN.search(text):
        return UnavailableError(
            f"{path} was written by another version of DuckDB (storage version {newer['theirs']}, this one reads up to"
            f" {newer['ours']}); use the DuckDB that wrote it"
        )
    return UnavailableError(f"cannot open {path}: {text}")


def _find_advice(text: str, path: str) -> str | None:
    if os.path.isdir(path):  # noqa: PTH112 - False where pathlib raises an error
        return "it is a directory; name a file in it"
    for pattern, advice in _ADVICE_BY_TEXT:
        if pattern in text:
            return advice
    # Not by the text, which Windows writes in its own language.
    if not os.path.isdir(os.path.dirname(path) or "."):  # noqa: PTH112, PTH120 - as above
        return _missing_directory_advice(path)
    return None


def file_format_error(path: str) -> UnavailableError:
    """Return the error for an existing file that is not a DuckDB file."""
    return UnavailableError(f"cannot open {path}: {_NOT_DUCKDB_ADVICE}")


_NOT_DUCKDB_ADVICE = "it is not a DuckDB file; name another file, or move this one away"
_DAMAGED_ADVICE = "the file is damaged or incomplete; restore its newest backup"
_FORBIDDEN_ADVICE = "no permission to write it; name a file that you may write"
_ADVICE_BY_TEXT = (
    ("Could not read enough bytes", _DAMAGED_ADVICE),
    ("Corrupt database file", _DAMAGED_ADVICE),
    # As Windows reports the end of the file.
    ("Could not read all bytes", _DAMAGED_ADVICE),
    ("error in ReadFile", _DAMAGED_ADVICE),
    ("not a valid DuckDB database file", _NOT_DUCKDB_ADVICE),
    # DuckDB wants an extension for files of SQLite and for web addresses.
    (".duckdb_extension", _NOT_DUCKDB_ADVICE),
    ("required extension", _NOT_DUCKDB_ADVICE),
    ("Permission denied", _FORBIDDEN_ADVICE),
    ("Access is denied", _FORBIDDEN_ADVICE),
    ("Read-only file system", "it is on a read-only file system; name a file that you may write"),
    ("different configuration", "this process has it open with other settings; use the same memory and threads"),
)


def _missing_directory_advice(path: str) -> str:
    advice = "its directory does not exist; create it first"
    absolute = Path("/", path)
    # Three slashes look like the start of an absolute path, as in file:///tmp; in the URL of a store they are not.
    if not Path(path).is_absolute() and absolute.parent.is_dir():
        return f"{advice}. An absolute path has four slashes: --store duckdb:///{absolute}"
    return advice


def first_line(error: BaseException) -> str:
    """Return the first line of an error's text; the other lines repeat the statement."""
    return str(error).strip().partition("\n")[0]
