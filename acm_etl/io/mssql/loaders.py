"""Bulk loaders for SQL Server behind one interface, each on sessions of its own, and the choice between them."""

from __future__ import annotations

import importlib
import logging
from collections.abc import Callable, Sequence
from threading import Lock
from typing import Any, Protocol

import polars as pl

from acm_etl import log_context
from acm_etl.engine import Finding
from acm_etl.errors import DriverError, StoreError, UnavailableError
from acm_etl.io.mssql import errors
from acm_etl.io.mssql.driver import find_odbc_driver as driver_path
from acm_etl.io.mssql.session import DRIVER_ERRORS, Session
from acm_etl.io.mssql.statements import LoaderName, StagingKind
from acm_etl.io.mssql.url import ConnectionTarget
from acm_etl.schema import Column, Table

log = logging.getLogger(__name__)
LOADER_ORDER: tuple[LoaderName, ...] = ("arrow", "odbc", "bcp")
#: Rows of one bulk batch: bounds what the server's log has to hold at once.
BULK_ROWS = 100_000
_INSERT_ROWS = 10_000
#: What the bulk copy says where a mapping names a column that the server has not listed.
_UNKNOWN_COLUMN_TEXT = "Failed to resolve column mappings"


class BulkLoader(Protocol):
    """Copies rows into a staging table that everybody can see."""

    name: LoaderName

    def refusal_reason(self, frame: pl.DataFrame) -> str | None:
        """Why this loader must not take a frame; None where it may."""

    def copy_rows(self, session: Session, staging_table: str, table: Table, frame: pl.DataFrame, /) -> int:
        """Copy all rows into ``staging_table``; how many arrived. Nothing may be asked of ``session``: threads share it."""


class ArrowLoader:
    """mssql-python's Arrow bulk copy: Arrow memory straight into the server's bulk load."""

    name: LoaderName = "arrow"

    def __init__(self, target: ConnectionTarget) -> None:
        self._target, self._uses_lower_case = target, False
        importlib.import_module("mssql_py_core")

    def refusal_reason(self, _frame: pl.DataFrame) -> str | None:
        """It takes every frame that conforms."""
        return None

    def copy_rows(self, session: Session, staging_table: str, table: Table, frame: pl.DataFrame) -> int:
        """Copy all rows on a session of its own."""
        try:
            done = self._copy_frame(
                session, staging_table, frame.select([column.name for column in table.insertable_columns])
            )
        except DRIVER_ERRORS as error:
            raise _translate_error(error, self._target) from error
        return int(done["rows_copied"])

    def _copy_frame(self, session: Session, place: str, frame: pl.DataFrame) -> dict[str, Any]:
        if self._uses_lower_case:
            return self._bulk_copy(session, place, frame.rename(str.lower))
        try:
            return self._bulk_copy(session, place, frame)
        except RuntimeError as error:
            if _UNKNOWN_COLUMN_TEXT not in str(error):
                raise
            # Nothing was sent. PostgreSQL-based servers list the columns in lower case, however they were created.
            copied = self._bulk_copy(session, place, frame.rename(str.lower))
            self._uses_lower_case = True
            return copied

    def _bulk_copy(self, session: Session, place: str, frame: pl.DataFrame) -> dict[str, Any]:
        copied: dict[str, Any] = (
            session.open_bulk_cursor().bulkcopy_arrow(  # it only reads how its own session logged in
                place,
                frame.to_arrow(),
                batch_size=BULK_ROWS,
                timeout=0,  # its default of 30 s ends long copies
                column_mappings=frame.columns,  # else by position, and silently
                table_lock=True,
                keep_nulls=True,
            )
        )
        return copied


class OdbcLoader:
    """pyodbc's array inserts: slower, and works wherever ODBC does."""

    name: LoaderName = "odbc"

    def __init__(self, target: ConnectionTarget) -> None:
        self._target = target
        self._pyodbc = importlib.import_module("pyodbc")
        self._driver = driver_path()

    def refusal_reason(self, _frame: pl.DataFrame) -> str | None:
        """It takes every frame that conforms."""
        return None

    def copy_rows(self, _session: Session, staging_table: str, table: Table, frame: pl.DataFrame) -> int:
        """Insert all rows on a connection of its own."""
        columns = ", ".join(f"[{column.name.replace(']', ']]')}]" for column in table.insertable_columns)
        marks = ", ".join("?" * len(table.insertable_columns))
        try:
            connection = self._pyodbc.connect(self._target.connection_string(self._driver), autocommit=False)
            try:
                sql = log_context.add_run_comment(f"INSERT INTO {staging_table} ({columns}) VALUES ({marks})")
                self._insert_rows(connection, sql, table, frame)
                connection.commit()
                return int(connection.execute(f"SELECT COUNT_BIG(*) FROM {staging_table}").fetchval())
            finally:
                connection.close()
        except self._pyodbc.Error as error:
            raise _translate_error(error, self._target) from error

    def _insert_rows(self, connection: Any, sql: str, table: Table, frame: pl.DataFrame) -> None:  # noqa: ANN401 - no types
        cursor = connection.cursor()
        cursor.fast_executemany = True
        for part in frame.select([column.name for column in table.insertable_columns]).iter_slices(_INSERT_ROWS):
            # Told, not asked: the server cannot describe parameters of temporary tables.
            cursor.setinputsizes([self._input_size(column, part) for column in table.insertable_columns])
            cursor.executemany(sql, part.rows())

    def _input_size(self, column: Column, part: pl.DataFrame) -> tuple[int, int, int]:
        odbc = self._pyodbc
        if column.base_type in ("text", "bytes"):  # as long as the longest: buffers are laid out for all rows
            series = part[column.name]
            lengths = series.str.len_chars() if column.base_type == "text" else series.bin.size()
            kind = odbc.SQL_WVARCHAR if column.base_type == "text" else odbc.SQL_VARBINARY
            longest = max([1, *lengths.drop_nulls()])
            return kind, longest if longest <= 4000 else 0, 0
        known = {
            "uuid": (odbc.SQL_WVARCHAR, 36, 0),
            "i32": (odbc.SQL_INTEGER, 0, 0),
            "i64": (odbc.SQL_BIGINT, 0, 0),
            "f64": (odbc.SQL_DOUBLE, 0, 0),
            "bool": (odbc.SQL_BIT, 0, 0),
            "ts3": (odbc.SQL_TYPE_TIMESTAMP, 23, 3),
        }
        return known.get(column.base_type) or (odbc.SQL_WVARCHAR, column.max_length or 1, 0)


class LoaderChain:
    """The loaders of this machine, the chosen one first.

    Args:
        target: The server.
        preferred: A name, or ``auto``.
        staging: Where they load to.

    Raises:
        UnavailableError: The wanted one cannot be used here.
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
        """Copy all rows by the first loader that takes them; its name.

        Raises:
            StoreError: The copy failed, or not all rows arrived.
        """
        willing = []
        for loader in list(self._available):  # other threads may take one away meanwhile
            if reason := loader.refusal_reason(frame):
                log.info("%s: not loaded by %s: %s", table.name, loader.name, reason)
            else:
                willing.append(loader)
        for spare, loader in zip([*willing[1:], None], willing, strict=True):
            try:
                arrived = loader.copy_rows(session, staging_table, table, frame)
            except (UnavailableError, DriverError) as error:
                # https://github.com/microsoft/mssql-python/issues/750: its own login can fail where ODBC's does not.
                # DriverError: it cannot make out the columns of the table, or the values; nothing was sent.
                if self.preferred != "auto" or spare is None:
                    raise
                self._retire_loader(loader, error)
                continue
            if arrived == frame.height:
                return loader.name
            message = f"{arrived} of {frame.height} rows of {table.name} arrived by {loader.name}; nothing was stored"
            raise StoreError(message, table=table.name)
        message = f"no loader takes {table.name}; set store.loader to arrow or odbc"
        raise StoreError(message, table=table.name)

    def _retire_loader(self, loader: BulkLoader, error: StoreError) -> None:
        with self._lock:
            if loader in self._available:
                self._available.remove(loader)
                self.unavailable_reasons[loader.name] = str(error)
                log.warning("loader %s is not used any more: %s", loader.name, error)

    def collect_findings(self) -> list[Finding]:
        """Which loader is used, and why the others are not."""
        ready = [loader.name for loader in self._available]
        used = Finding("loader", "ok", f"{ready[0]} ({'chosen by itself' if self.preferred == 'auto' else 'as set'})")
        spare = [Finding(f"loader {name}", "ok", "ready; store.loader chooses it") for name in ready[1:]]
        return [
            used,
            *spare,
            *(Finding(f"loader {name}", "ok", f"not used: {why}") for name, why in self.unavailable_reasons.items()),
        ]


def _make_bcp_loader(target: ConnectionTarget, staging: StagingKind) -> BulkLoader:
    from acm_etl.io.mssql.bcp import BcpLoader  # noqa: PLC0415 - pandas takes half a second

    return BcpLoader(target, staging)


_LOADER_FACTORIES: dict[LoaderName, Callable[[ConnectionTarget, StagingKind], BulkLoader]] = {
    "arrow": lambda target, _: ArrowLoader(target),
    "odbc": lambda target, _: OdbcLoader(target),
    "bcp": _make_bcp_loader,
}


def _translate_error(error: BaseException, target: ConnectionTarget) -> StoreError:
    fault = errors.parse_fault(error)
    if fault.number in (18456, 18452, 4060) or "Login failed" in fault.text:
        # the control session is in: a login that is refused now may be a server that starts again
        return errors.connection_error(fault, url=target.url, secrets=target.secrets, was_reachable=True)
    return errors.translate_fault(fault, url=target.url, secrets=target.secrets)


def format_findings(findings: Sequence[Finding]) -> str:
    """One line for the log."""
    return "; ".join(f"{finding.name}: {finding.text}" for finding in findings)
