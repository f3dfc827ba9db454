"""The URL of an embedded store. Needs no driver: the path of its status file is read without opening the store."""

from __future__ import annotations

from acm_etl.errors import UsageError
from acm_etl.redaction import redact_address

URL_SCHEME = "duckdb"
URL_PREFIX = f"{URL_SCHEME}:///"
IN_MEMORY_PATH = ":memory:"


def parse_duckdb_path(url: str) -> str:
    """Return the path in a DuckDB URL: relative after three slashes, absolute after four, or ``:memory:``.

    Raises:
        UsageError: The URL contains no path.
    """
    path = url.removeprefix(URL_PREFIX)
    if not url.startswith(URL_PREFIX) or not path:
        shown = redact_address(url)
        message = f"{shown!r} names no DuckDB file; write duckdb:///file.duckdb or duckdb:////absolute/file.duckdb"
        raise UsageError(message)
    return path
