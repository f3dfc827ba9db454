"""Bulk loaders for SQL Server behind one interface, and the choice between them."""

from __future__ import annotations

import importlib
import logging
from collections.abc import Callable, Sequence
from threading import Lock
from typing import Any, Protocol

import polars as pl

from acm_etl.dialects.parameters import join_placeholders
from acm_etl.engine import Finding
from acm_etl.errors import DriverError, StoreError, UnavailableError
from acm_etl.io.mssql import errors, login_errors
from acm_etl.io.mssql.cursors import DRIVER_ERRORS
from acm_etl.io.mssql.driver import find_odbc_driver
from acm_etl.io.mssql.session import Session
from acm_etl.io.mssql.statements import LoaderName, StagingKind
from acm_etl.io.mssql.url import ConnectionTarget
from acm_etl.schema import Column, Table
from acm_etl.tables.shared_staging import STAGED_ROWS, TABLE_COLUMN

log = logging.getLogger(__name__)
# Fastest first.
LOADER_ORDER: tuple[LoaderName, ...] = ("arrow", "odbc", "bcp")
# Rows per executemany: pyodbc converts all of them to Python objects and ODBC buffers at once.
_INSERT_ROWS = 10_000
# Shared rows of which an array insert sends all columns.
_MAX_WIDE_ROWS = 1_000


class BulkLoader(Protocol):
    """Copies rows into a staging table that all sessions can see, on a connection of its own."""

    name: LoaderName

    def refusal_reason(self, frame: pl.DataFrame) -> str | None:
        """Return the reason why this loader cannot load a frame; None if it can."""

    def copy_rows(self, session: Session, staging_table: str, table: Table, frame: pl.DataFrame, /) -> int:
        """Copy all rows into a staging table; return the number of rows that arrived.

        Args:
            session: Control session; shared by threads, so no statement may run on it.
            staging_table: Quoted name of the staging table.
            table: Declaration of the rows.
            frame: Frame that conforms to the table.
        """


class ArrowLoader:
    """mssql-python's bulk copy: sends Arrow memory as a BULK INSERT without conversion to Python objects.

    Args:
        target: Server and database.

    Raises:
        ImportError: The native library of the bulk copy does not load.
    """

    name: LoaderName = "arrow"

    def __init__(self, target: ConnectionTarget) -> None:
        self._target = target
        importlib.import_module("mssql_py_core")

    def refusal_reason(self, _frame: pl.DataFrame) -> str | None:
        """Return None: this loader supports every frame."""
        return None

    def copy_rows(self, session: Session, staging_table: str, table: Table, frame: pl.DataFrame) -> int:
        """Copy all rows by BULK INSERT; return the number of rows that arrived."""
        columns = [column.name for column in table.insertable_columns]
        try:
            return session.bulk_connections.copy_frame(staging_table, frame.select(columns))
        except DRIVER_ERRORS as error:
            raise _translate_error(error, self._target) from error


class OdbcLoader:
    """pyodbc's array inserts: slower than the bulk copy, but as widely usable as ODBC.

    Args:
        target: Server and database.

    Raises:
        ImportError: pyodbc or the ODBC driver is missing.
    """

    name: LoaderName = "odbc"

    def __init__(self, target: ConnectionTarget) -> None:
        self._target = target
        self._pyodbc = importlib.import_module("pyodbc")
        self._driver = find_odbc_driver()

    def refusal_reason(self, _frame: pl.DataFrame) -> str | None:
        """Return None: this loader supports every frame."""
        return None

    def copy_rows(self, _session: Session, staging_table: str, table: Table, frame: pl.DataFrame) -> int:
        """Insert all rows, up to 10,000 per transaction; return the number of rows that arrived."""
        try:
            connection = self._pyodbc.connect(self._target.connection_string(self._driver), autocommit=False)
            try:
                for part in _split_rows(table, frame):
                    self._insert_rows(connection, staging_table, table, part)
                return int(connection.execute(f"SELECT COUNT_BIG(*) FROM {staging_table}").fetchval())
            finally:
                connection.close()
        except self._pyodbc.Error as error:
            raise _translate_error(error, self._target) from error

    def _insert_rows(self, connection: Any, staging_table: str, table: Table, frame: pl.DataFrame) -> None:  # noqa: ANN401 - no types
        columns = [table.columns_by_name[name] for name in frame.columns]
        names = ", ".join(f"[{column.name.replace(']', ']]')}]" for column in columns)
        # https://github.com/mkleehammer/pyodbc/wiki/Features-beyond-the-DB-API#fast_executemany
        cursor = connection.cursor()
        cursor.fast_executemany = True
        for part in frame.iter_slices(_INSERT_ROWS):
            # Explicit sizes: the server cannot describe the parameters of statements on temporary tables.
            cursor.setinputsizes([self._input_size(column, part) for column in columns])
            cursor.executemany(
                f"INSERT INTO {staging_table} ({names}) VALUES ({join_placeholders(columns)})", part.rows()
            )
            # Before the next statement is prepared: where the server cannot describe it, it rolls back.
            connection.commit()

    def _input_size(self, column: Column, part: pl.DataFrame) -> tuple[int, int, int]:
        odbc = self._pyodbc
        if column.base_type in ("text", "bytes"):
            # The longest value of this part: pyodbc allocates the size for every row. From 4,000 on, 0 means MAX.
            series = part[column.name]
            lengths = series.str.len_chars() if column.base_type == "text" else series.bin.size()
            sql_type = odbc.SQL_WVARCHAR if column.base_type == "text" else odbc.SQL_VARBINARY
            longest = max([1, *lengths.drop_nulls()])
            return sql_type, longest if longest <= 4000 else 0, 0
        sizes = {
            "uuid": (odbc.SQL_WVARCHAR, 36, 0),
            "i32": (odbc.SQL_INTEGER, 0, 0),
            "i64": (odbc.SQL_BIGINT, 0, 0),
            "f64": (odbc.SQL_DOUBLE, 0, 0),
            "bool": (odbc.SQL_BIT, 0, 0),
            "ts3": (odbc.SQL_TYPE_TIMESTAMP, 23, 3),
        }
        return sizes.get(column.base_type) or (odbc.SQL_WVARCHAR, column.max_length or 1, 0)


def _split_rows(table: Table, frame: pl.DataFrame) -> list[pl.DataFrame]:
    """Return the insertable columns of a frame; of long shared rows a frame per table, with its filled columns alone.

    5,500 rows of three tables took 2.5 s with all 51 columns and 0.9 s with those of their tables (PostgreSQL-based
    server, 1 Dec 2026). A short frame is sent at once, because each part costs two round trips.
    """
    sent = frame.select([column.name for column in table.insertable_columns])
    if table is not STAGED_ROWS or sent.height <= _MAX_WIDE_ROWS:
        return [sent]
    parts = sent.partition_by(TABLE_COLUMN, maintain_order=True)
    return [part.select([name for name in part.columns if part[name].null_count() < part.height]) for part in parts]


class LoaderChain:
    """The usable loaders, the preferred one first. Shared by all sessions and threads of a store.

    Args:
        target: Server and database.
        preferred: Name of a loader, or ``auto``.
        staging: Kind of staging tables.

    Raises:
        UnavailableError: The preferred loader cannot be used on this host.
    """

    def __init__(self, target: ConnectionTarget, preferred: str, staging: StagingKind) -> None:
        self._available: list[BulkLoader] = []
        self._lock = Lock()
        self.unavailable_reasons: dict[str, str] = {}
        for name in LOADER_ORDER:
            try:
                self._available.append(_LOADER_FACTORIES[name](target, staging))
            except ImportError as error:
                self.unavailable_reasons[name] = " ".join(str(error).split())
        self.preferred = preferred
        if preferred in self.unavailable_reasons:
            message = f"store.loader = {preferred} cannot be used: {self.unavailable_reasons[preferred]}"
            raise UnavailableError(message)
        if preferred != "auto":
            self._available.sort(key=lambda loader: loader.name != preferred)

    def load_rows(self, session: Session, staging_table: str, table: Table, frame: pl.DataFrame) -> str:
        """Copy all rows with the first loader that can; return the name of that loader.

        Args:
            session: Control session.
            staging_table: Quoted name of the staging table.
            table: Declaration of the rows.
            frame: Frame that conforms to the table.

        Raises:
            StoreError: The copy failed, or not all rows arrived.
        """
        candidates = self._select_candidates(table, frame)
        for fallback, loader in zip([*candidates[1:], None], candidates, strict=True):
            try:
                row_count = loader.copy_rows(session, staging_table, table, frame)
            except (UnavailableError, DriverError) as error:
                # UnavailableError: the login of the bulk copy may fail although ODBC's login succeeds
                # (https://github.com/microsoft/mssql-python/issues/750). DriverError: the driver does not support the
                # table or its values, and has sent nothing. An explicit setting of the user gets no substitute.
                if self.preferred != "auto" or fallback is None:
                    raise
                self._retire_loader(loader, error)
                continue
            # bcp skips rows that it cannot convert, without an error.
            if row_count != frame.height:
                message = (
                    f"{row_count} of {frame.height} rows of {table.name} arrived by {loader.name}; nothing was stored"
                )
                raise StoreError(message, table=table.name)
            return loader.name
        message = f"no loader can load {table.name}; set store.loader to arrow or odbc"
        raise StoreError(message, table=table.name)

    def _select_candidates(self, table: Table, frame: pl.DataFrame) -> list[BulkLoader]:
        candidates = []
        # A copy: another thread may remove a loader meanwhile.
        for loader in list(self._available):
            if reason := loader.refusal_reason(frame):
                log.info("%s: not loaded by %s: %s", table.name, loader.name, reason)
            else:
                candidates.append(loader)
        return candidates

    def _retire_loader(self, loader: BulkLoader, error: StoreError) -> None:
        with self._lock:
            if loader in self._available:
                self._available.remove(loader)
                self.unavailable_reasons[loader.name] = str(error)
                log.warning("loader %s disabled for this run: %s", loader.name, error)

    def collect_findings(self) -> list[Finding]:
        """Return the loader in use, the other usable ones, and the reasons against the rest."""
        names = [loader.name for loader in self._available]
        choice = "auto-selected" if self.preferred == "auto" else "set by store.loader"
        return [
            Finding("loader", "ok", f"{names[0]} ({choice})"),
            *(Finding(f"loader {name}", "ok", f"usable; select it with store.loader = {name}") for name in names[1:]),
            *(Finding(f"loader {name}", "ok", f"not usable: {why}") for name, why in self.unavailable_reasons.items()),
        ]


def _make_bcp_loader(target: ConnectionTarget, staging: StagingKind) -> BulkLoader:
    # Imported on use: pandas takes half a second.
    from acm_etl.io.mssql.bcp import BcpLoader  # noqa: PLC0415

    return BcpLoader(target, staging)


_LOADER_FACTORIES: dict[LoaderName, Callable[[ConnectionTarget, StagingKind], BulkLoader]] = {
    "arrow": lambda target, _: ArrowLoader(target),
    "odbc": lambda target, _: OdbcLoader(target),
    "bcp": _make_bcp_loader,
}


def _translate_error(error: BaseException, target: ConnectionTarget) -> StoreError:
    fault = errors.parse_fault(error)
    if login_errors.is_login_fault(fault):
        # The control session has logged in before, so a rejected login may mean that the server is restarting.
        return login_errors.connection_error(fault, url=target.url, secrets=target.secrets, was_reachable=True)
    return errors.translate_fault(fault, url=target.url, secrets=target.secrets)


def format_findings(findings: Sequence[Finding]) -> str:
    """Return findings on one line, for the log."""
    return "; ".join(f"{finding.name}: {finding.text}" for finding in findings)
