"""From a store's URL to a session with it."""

from __future__ import annotations

from pathlib import Path

from acm_etl.config import StoreSettings
from acm_etl.engine import Engine
from acm_etl.errors import UnavailableError, UsageError
from acm_etl.formatting import redact_url
from acm_etl.io.mssql.url import ODBC_URL_SCHEME, URL_SCHEME, parse_mssql_url

LIBRARIES_HINT = "on Debian and Ubuntu run: apt-get install -y libltdl7 libkrb5-3 libgssapi-krb5-2 libodbc2"


def open_store(store: StoreSettings, *, create: bool = True) -> Engine:
    """A session with the store the settings name.

    Args:
        store: Where it is.
        create: Whether an embedded store that does not exist is created; who only looks must leave no file behind.

    Raises:
        UsageError: No engine serves this kind of URL, or there is no store yet.
        UnavailableError: The store cannot be opened.
    """
    scheme = store.url.partition("://")[0].casefold()
    if scheme == "duckdb":
        # the driver is loaded only where it is used
        from acm_etl.io.duckdb.engine import IN_MEMORY_PATH, DuckDB, parse_duckdb_path  # noqa: PLC0415

        path = Path(parse_duckdb_path(store.url))
        if not create and str(path) != IN_MEMORY_PATH and path.parent.is_dir() and not path.exists():
            message = f"there is no store {path} yet: run acm-etl init, or name another one with --store"
            raise UsageError(message)
        return DuckDB(store.url, memory_limit=store.memory_limit, threads=store.threads)
    if scheme in (URL_SCHEME, ODBC_URL_SCHEME):
        return _open_mssql(store)
    message = f"{redact_url(store.url)!r} is no store; write duckdb:///PATH, or mssql://user@host:1433/DATABASE"
    raise UsageError(message)


def public_store_url(url: str) -> str:
    """A store's URL as its engine tells it, without secrets.

    Raises:
        UsageError: It cannot be read.
    """
    return parse_mssql_url(url).url if url.casefold().startswith("mssql") else url


def _open_mssql(store: StoreSettings) -> Engine:
    try:
        from acm_etl.io.mssql.engine import MsSql, MssqlOptions  # noqa: PLC0415
        from acm_etl.io.mssql.session import Timeouts  # noqa: PLC0415
    except (ImportError, OSError, RuntimeError) as error:  # how a driver says that it lacks a library differs
        message = f"the driver for SQL Server does not load ({' '.join(str(error).split())}); {LIBRARIES_HINT}"
        raise UnavailableError(message) from error
    seconds = (store.login_timeout, store.statement_timeout, store.lock_timeout)
    timeouts = Timeouts(*(round(time.total_seconds()) for time in seconds))
    options = MssqlOptions(
        staging=store.staging,
        loader=store.loader,
        reader=store.reader,
        parallel_loads=store.parallel_loads,
        timeouts=timeouts,
    )
    return MsSql(store.url, options)
