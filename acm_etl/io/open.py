"""From a store's URL to a session with it."""

from __future__ import annotations

from pathlib import Path

from acm_etl.config import Store, masked
from acm_etl.engine import Engine
from acm_etl.errors import UsageError


def connect(store: Store, *, create: bool = True) -> Engine:
    """A session with the store the settings name.

    Args:
        store: Where it is.
        create: Whether an embedded store that does not exist is created; who only looks must leave no file behind.

    Raises:
        UsageError: No engine serves this kind of URL, or there is no store yet.
        UnavailableError: The store cannot be opened.
    """
    scheme = store.url.partition("://")[0]
    if scheme == "duckdb":
        # the driver is loaded only where it is used
        from acm_etl.io.duckdb import MEMORY, DuckDB, path_of  # noqa: PLC0415

        path = Path(path_of(store.url))
        if not create and str(path) != MEMORY and path.parent.is_dir() and not path.exists():
            message = f"there is no store {path} yet: run acm-etl init, or name another one with --store"
            raise UsageError(message)
        return DuckDB(store.url, memory_limit=store.memory_limit, threads=store.threads)
    if scheme == "mssql":
        message = "SQL Server comes with the next version; use a duckdb:///PATH store until then"
        raise UsageError(message)
    message = f"{masked(store.url)!r} is no store this version knows; write duckdb:///PATH, e.g. duckdb:///acm.duckdb"
    raise UsageError(message)
