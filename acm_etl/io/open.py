"""From a store's URL to a session with it."""

from __future__ import annotations

from acm_etl.config import Store
from acm_etl.engine import Engine
from acm_etl.errors import UsageError


def connect(store: Store) -> Engine:
    """A session with the store the settings name.

    Raises:
        UsageError: No engine serves this kind of URL.
        UnavailableError: The store cannot be opened.
    """
    scheme = store.url.partition("://")[0]
    if scheme == "duckdb":
        from acm_etl.io.duckdb import DuckDB  # noqa: PLC0415 - the driver is loaded only where it is used

        return DuckDB(store.url, memory_limit=store.memory_limit, threads=store.threads)
    if scheme == "mssql":
        message = "SQL Server comes with the next version; use a duckdb:///PATH store until then"
        raise UsageError(message)
    message = f"{store.url!r} is no store this version knows; write duckdb:///PATH, e.g. duckdb:///acm.duckdb"
    raise UsageError(message)
