"""The URL of an embedded store. Needs no driver: the path of its status file is read without opening the store."""

from __future__ import annotations

import stat
from pathlib import Path

from acm_etl.errors import UsageError
from acm_etl.host import find_url_path
from acm_etl.redaction import redact_address

URL_SCHEME = "duckdb"
URL_PREFIX = f"{URL_SCHEME}:///"
IN_MEMORY_PATH = ":memory:"


def parse_duckdb_path(url: str) -> str:
    """Return the path in a DuckDB URL: relative after three slashes, absolute after four, or ``:memory:``.

    On Windows a drive comes after three or four.

    Raises:
        UsageError: The URL contains no path.
    """
    path = url.removeprefix(URL_PREFIX)
    if not url.startswith(URL_PREFIX) or not path:
        shown = redact_address(url)
        message = f"{shown!r} names no DuckDB file; write duckdb:///file.duckdb or duckdb:////absolute/file.duckdb"
        raise UsageError(message)
    return find_url_path(path)


def check_store_path(path: str) -> None:
    """Refuse a pipe, a socket or a device: opening a pipe without a writer would wait for ever.

    Raises:
        UsageError: The path is none of a file, a directory or a new name.
    """
    try:
        mode = Path(path).stat().st_mode
    except OSError:  # a new file, or one that DuckDB cannot open either
        return
    if not stat.S_ISREG(mode) and not stat.S_ISDIR(mode):
        message = f"{path} is a pipe, a socket or a device; name a file"
        raise UsageError(message)
