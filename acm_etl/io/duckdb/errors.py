"""What is wrong with a DuckDB file that does not open, read from the driver's text."""

from __future__ import annotations

import re
from pathlib import Path

from acm_etl.errors import UnavailableError

_HOLDER_PATTERN = re.compile(r"held in (?P<program>.+?) \(PID (?P<pid>\d+)\)")
_VERSION_PATTERN = re.compile(r"version number (?P<theirs>\d+).*?(?P<ours>\d+)\D*$", re.DOTALL)


def file_open_error(error: Exception, path: str) -> UnavailableError:
    """The error for a file that does not open: what is wrong with it, and what to do."""
    text = first_line(error)
    if holder := _HOLDER_PATTERN.search(text):
        pid = holder["pid"]
        return UnavailableError(
            f"{path} is held by process {pid} ({read_command_line(pid) or holder['program']}); wait until it ends, or stop it"
        )
    for pattern, advice in _ADVICE_BY_TEXT:
        if pattern in text:
            return UnavailableError(f"cannot open {path}: {advice}")
    if newer := _VERSION_PATTERN.search(text):
        return UnavailableError(
            f"{path} was written by another version of DuckDB (storage version {newer['theirs']}, this one reads up to"
            f" {newer['ours']}); use the DuckDB that wrote it"
        )
    return UnavailableError(f"cannot open {path}: {text}")


def file_format_error(path: str) -> UnavailableError:
    """The error for a file that is there and is something else."""
    return UnavailableError(f"cannot open {path}: {_NOT_DUCKDB_ADVICE}")


_NOT_DUCKDB_ADVICE = "it is not a DuckDB file; name another file, or move this one away"
_ADVICE_BY_TEXT = (
    ("not a valid DuckDB database file", _NOT_DUCKDB_ADVICE),
    ("download extension", _NOT_DUCKDB_ADVICE),  # what would read a file of SQLite, say, or an address
    ("No such file or directory", "its directory does not exist; create it first"),
    ("Is a directory", "it is a directory; name a file in it"),
    ("Permission denied", "no permission to write it; name a file you may write"),
    ("Read-only file system", "it lies on a read-only file system; name a file you may write"),
    ("different configuration", "this process has it open with other settings; use the same memory and threads"),
)


def read_command_line(pid: str) -> str:
    """The command line of a process, as far as this system tells."""
    try:
        return Path(f"/proc/{pid}/cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace").strip()[:200]
    except OSError:
        return ""


def first_line(error: BaseException) -> str:
    """The first line of an error's text: the rest repeats the statement."""
    return str(error).strip().partition("\n")[0]
