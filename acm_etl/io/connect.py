"""Open a session with the store that a URL names."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from acm_etl.config import StoreSettings
from acm_etl.engine import Engine
from acm_etl.errors import StoreMissingError, UnavailableError, UsageError
from acm_etl.io.duckdb.url import IN_MEMORY_PATH, URL_PREFIX, URL_SCHEME, parse_duckdb_path
from acm_etl.io.mssql import url as mssql_url
from acm_etl.redaction import redact_address

# Libraries of the system that the wheel of mssql-python does not contain.
# https://github.com/microsoft/mssql-python#installation
LIBRARIES_HINT = "on Debian and Ubuntu run: apt-get install -y libltdl7 libkrb5-3 libgssapi-krb5-2 libodbc2"


def open_store(
    store: StoreSettings, *, create: bool = True, read_only: bool = False, allow_replica: bool = False
) -> Engine:
    """Open a session with a store.

    Args:
        store: URL, memory and timeouts of the store.
        create: Create a DuckDB file that does not exist. Commands that only read pass False, so that a mistyped path
            leaves no empty file behind.
        read_only: Open an embedded store for reading only. On a server, the permissions of the login decide; only the
            trial of MERGE is left out.
        allow_replica: The caller accepts rows that are seconds old, and writes nothing: a server that has readable
            replicas may answer from one of them, if the setting ``store.read_replica`` says so.

    Raises:
        UsageError: No engine supports the URL, or the file does not exist and ``create`` is False.
        UnavailableError: The store cannot be opened.
    """
    if _url_scheme(store.url) == URL_SCHEME:
        return _open_duckdb(store, create=create, read_only=read_only)
    if is_server_url(store.url):
        writes_rows = not (read_only or allow_replica)
        return _open_mssql(store, writes_rows=writes_rows, from_replica=allow_replica and store.read_replica)
    # A text without a scheme is not shown: it may be a password.
    shown = repr(redact_address(store.url)) if "://" in store.url else "a text without ://"
    message = f"{shown} is not a store; write duckdb:///PATH or mssql://user@host:1433/DATABASE"
    raise UsageError(message)


def check_store(store: StoreSettings) -> None:
    """Check that a store can be opened or created, before work that takes minutes; nothing is created.

    Raises:
        UsageError: No engine supports the URL.
        UnavailableError: The store cannot be opened, or the directory of its file does not exist.
    """
    # A file that does not exist yet is no problem: the command creates it.
    with suppress(StoreMissingError):
        # Reading only spares a server the trial of MERGE; an embedded store has to be writable.
        open_store(store, create=False, read_only=is_server_url(store.url)).close()


@contextmanager
def open_scratch_store() -> Iterator[Engine]:
    """Open an embedded store of its own in a temporary folder, and delete it at the end of the block."""
    # In a file and not in memory, so that staged readings of any number fit.
    with tempfile.TemporaryDirectory(prefix="acm-etl-") as folder:
        engine = _open_duckdb(StoreSettings(url=f"{URL_PREFIX}{folder}/scratch.duckdb"), create=True, read_only=False)
        try:
            yield engine
        finally:
            engine.close()


def engine_url(url: str) -> str:
    """Return ``Engine.url`` of a store without opening it: the identity of the store, e.g. for its status file.

    To show a URL with its options, use ``redaction.redact_url``.

    Raises:
        UsageError: The URL cannot be parsed.
    """
    # The URL of an embedded store has no secrets.
    return mssql_url.parse_mssql_url(url).url if is_server_url(url) else url


def is_server_url(url: str) -> bool:
    """Return whether a URL names a store on SQL Server."""
    return _url_scheme(url) in (mssql_url.URL_SCHEME, mssql_url.ODBC_URL_SCHEME)


def find_store_file(url: str) -> Path | None:
    """Return the file of an embedded store; None for a store on a server or in memory, which has none."""
    is_file = len(url) > len(URL_PREFIX) and url.startswith(URL_PREFIX) and IN_MEMORY_PATH not in url
    return Path(parse_duckdb_path(url)) if is_file else None


def _url_scheme(url: str) -> str:
    return url.partition("://")[0].casefold()


def _open_duckdb(store: StoreSettings, *, create: bool, read_only: bool) -> Engine:
    # Imported on use: a user of SQL Server does not load DuckDB, and the other way round.
    from acm_etl.io.duckdb.engine import DuckDB  # noqa: PLC0415

    path = Path(parse_duckdb_path(store.url))
    # A missing directory has a message of its own, from the driver's error.
    if not create and str(path) != IN_MEMORY_PATH and path.parent.is_dir() and not path.exists():
        message = f"there is no store {path} yet: run acm-etl init, or name another one with --store"
        raise StoreMissingError(message)
    return DuckDB(store.url, memory_limit=store.memory_limit, threads=store.threads, read_only=read_only)


def _open_mssql(store: StoreSettings, *, writes_rows: bool, from_replica: bool) -> Engine:
    # A missing system library shows as one of the other errors, depending on the driver that needs it.
    try:
        from acm_etl.io.mssql.engine import MsSql, MssqlOptions  # noqa: PLC0415
        from acm_etl.io.mssql.session import Timeouts  # noqa: PLC0415
    except ModuleNotFoundError as error:
        message = f"a store on SQL Server needs the extra [mssql] ({error}); run: pip install 'acm_etl[mssql]'"
        raise UsageError(message) from error
    except (ImportError, OSError, RuntimeError) as error:
        message = f"cannot load the driver for SQL Server ({' '.join(str(error).split())}); {LIBRARIES_HINT}"
        raise UnavailableError(message) from error
    options = MssqlOptions(
        staging=store.staging,
        loader=store.loader,
        reader=store.reader,
        parallel_loads=store.parallel_loads,
        writes_rows=writes_rows,
        from_replica=from_replica,
        timeouts=Timeouts(
            login=round(store.login_timeout.total_seconds()),
            statement=round(store.statement_timeout.total_seconds()),
            lock=round(store.lock_timeout.total_seconds()),
        ),
    )
    return MsSql(store.url, options)
