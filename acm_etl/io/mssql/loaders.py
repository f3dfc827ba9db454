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
from acm_etl.io.mssql.driver import path as driver_path
from acm_etl.io.mssql.session import DRIVER_ERRORS, Session
from acm_etl.io.mssql.statements import Name, Staging
from acm_etl.io.mssql.url import Target
from acm_etl.schema import Column, Table

log = logging.getLogger(__name__)
ORDER: tuple[Name, ...] = ("arrow", "odbc", "bcp")
#: Rows of one bulk batch: bounds what the server's log has to hold at once.
BATCH = 100_000
_CHUNK = 10_000
#: What the bulk copy says where a mapping names a column that the server has not listed.
_UNKNOWN_COLUMN = "Failed to resolve column mappings"


class Loader(Protocol):
    """Copies rows into a staging table that everybody can see."""

    name: Name

    def refuses(self, frame: pl.DataFrame) -> str | None:
        """Why this loader must not take a frame; None where it may."""

    def load(self, session: Session, place: str, table: Table, frame: pl.DataFrame, /) -> int:
        """Copy all rows into ``place``; how many arrived. Nothing may be asked of ``session``: threads share it."""


class ArrowLoader:
    """mssql-python's Arrow bulk copy: Arrow memory straight into the server's bulk load."""

    name: Name = "arrow"

    def __init__(self, target: Target) -> None:
        self._target, self._folded = target, False
        importlib.import_module("mssql_py_core")

    def refuses(self, _frame: pl.DataFrame) -> str | None:
        """It takes every frame that conforms."""
        return None

    def load(self, session: Session, place: str, table: Table, frame: pl.DataFrame) -> int:
        """Copy all rows on a session of its own."""
        try:
            done = self._copy(session, place, frame.select([column.name for column in table.stored]))
        except DRIVER_ERRORS as error:
            raise _translated(error, self._target) from error
        return int(done["rows_copied"])

    def _copy(self, session: Session, place: str, frame: pl.DataFrame) -> dict[str, Any]:
        if self._folded:
            return self._bulk(session, place, frame.rename(str.lower))
        try:
            return self._bulk(session, place, frame)
        except RuntimeError as error:
            if _UNKNOWN_COLUMN not in str(error):
                raise
            # Nothing was sent. PostgreSQL-based servers list the columns in lower case, however they were created.
            copied = self._bulk(session, place, frame.rename(str.lower))
            self._folded = True
            return copied

    def _bulk(self, session: Session, place: str, frame: pl.DataFrame) -> dict[str, Any]:
        copied: dict[str, Any] = session.bulk_cursor().bulkcopy_arrow(  # it only reads how its own session logged in
            place,
            frame.to_arrow(),
            batch_size=BATCH,
            timeout=0,  # its default of 30 s ends long copies
            column_mappings=frame.columns,  # else by position, and silently
            table_lock=True,
            keep_nulls=True,
        )
        return copied


class OdbcLoader:
    """pyodbc's array inserts: slower, and works wherever ODBC does."""

    name: Name = "odbc"

    def __init__(self, target: Target) -> None:
        self._target = target
        self._pyodbc = importlib.import_module("pyodbc")
        self._driver = driver_path()

    def refuses(self, _frame: pl.DataFrame) -> str | None:
        """It takes every frame that conforms."""
        return None

    def load(self, _session: Session, place: str, table: Table, frame: pl.DataFrame) -> int:
        """Insert all rows on a connection of its own."""
        columns = ", ".join(f"[{column.name.replace(']', ']]')}]" for column in table.stored)
        marks = ", ".join("?" * len(table.stored))
        try:
            connection = self._pyodbc.connect(self._target.odbc(self._driver), autocommit=False)
            try:
                sql = log_context.marked(f"INSERT INTO {place} ({columns}) VALUES ({marks})")
                self._insert(connection, sql, table, frame)
                connection.commit()
                return int(connection.execute(f"SELECT COUNT_BIG(*) FROM {place}").fetchval())
            finally:
                connection.close()
        except self._pyodbc.Error as error:
            raise _translated(error, self._target) from error

    def _insert(self, connection: Any, sql: str, table: Table, frame: pl.DataFrame) -> None:  # noqa: ANN401 - no types
        cursor = connection.cursor()
        cursor.fast_executemany = True
        for part in frame.select([column.name for column in table.stored]).iter_slices(_CHUNK):
            # Told, not asked: the server cannot describe parameters of temporary tables.
            cursor.setinputsizes([self._size(column, part) for column in table.stored])
            cursor.executemany(sql, part.rows())

    def _size(self, column: Column, part: pl.DataFrame) -> tuple[int, int, int]:
        odbc = self._pyodbc
        if column.base in ("text", "bytes"):  # as long as the longest: buffers are laid out for all rows
            series = part[column.name]
            lengths = series.str.len_chars() if column.base == "text" else series.bin.size()
            kind = odbc.SQL_WVARCHAR if column.base == "text" else odbc.SQL_VARBINARY
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
        return known.get(column.base) or (odbc.SQL_WVARCHAR, column.length or 1, 0)


class Loaders:
    """The loaders of this machine, the chosen one first.

    Args:
        target: The server.
        wanted: A name, or ``auto``.
        staging: Where they load to.

    Raises:
        UnavailableError: The wanted one cannot be used here.
    """

    def __init__(self, target: Target, wanted: str, staging: Staging) -> None:
        self._ready: list[Loader] = []
        self._guard = Lock()
        self.missing: dict[str, str] = {}
        for name in ORDER:
            try:
                self._ready.append(_MAKERS[name](target, staging))
            except ImportError as error:
                self.missing[name] = " ".join(str(error).split())
        self.wanted = wanted
        if wanted in self.missing:
            message = f"store.loader = {wanted} cannot be used: {self.missing[wanted]}"
            raise UnavailableError(message)
        if wanted != "auto":
            self._ready.sort(key=lambda loader: loader.name != wanted)

    def load(self, session: Session, place: str, table: Table, frame: pl.DataFrame) -> str:
        """Copy all rows by the first loader that takes them; its name.

        Raises:
            StoreError: The copy failed, or not all rows arrived.
        """
        willing = []
        for loader in list(self._ready):  # other threads may take one away meanwhile
            if reason := loader.refuses(frame):
                log.info("%s: not loaded by %s: %s", table.name, loader.name, reason)
            else:
                willing.append(loader)
        for spare, loader in zip([*willing[1:], None], willing, strict=True):
            try:
                arrived = loader.load(session, place, table, frame)
            except (UnavailableError, DriverError) as error:
                # https://github.com/microsoft/mssql-python/issues/750: its own login can fail where ODBC's does not.
                # DriverError: it cannot make out the columns of the table, or the values; nothing was sent.
                if self.wanted != "auto" or spare is None:
                    raise
                self._retire(loader, error)
                continue
            if arrived == frame.height:
                return loader.name
            message = f"{arrived} of {frame.height} rows of {table.name} arrived by {loader.name}; nothing was stored"
            raise StoreError(message, table=table.name)
        message = f"no loader takes {table.name}; set store.loader to arrow or odbc"
        raise StoreError(message, table=table.name)

    def _retire(self, loader: Loader, error: StoreError) -> None:
        with self._guard:
            if loader in self._ready:
                self._ready.remove(loader)
                self.missing[loader.name] = str(error)
                log.warning("loader %s is not used any more: %s", loader.name, error)

    def findings(self) -> list[Finding]:
        """Which loader is used, and why the others are not."""
        ready = [loader.name for loader in self._ready]
        used = Finding("loader", "ok", f"{ready[0]} ({'chosen by itself' if self.wanted == 'auto' else 'as set'})")
        spare = [Finding(f"loader {name}", "ok", "ready; store.loader chooses it") for name in ready[1:]]
        return [
            used,
            *spare,
            *(Finding(f"loader {name}", "ok", f"not used: {why}") for name, why in self.missing.items()),
        ]


def _bcp(target: Target, staging: Staging) -> Loader:
    from acm_etl.io.mssql.bcp import BcpLoader  # noqa: PLC0415 - pandas takes half a second

    return BcpLoader(target, staging)


_MAKERS: dict[Name, Callable[[Target, Staging], Loader]] = {
    "arrow": lambda target, _: ArrowLoader(target),
    "odbc": lambda target, _: OdbcLoader(target),
    "bcp": _bcp,
}


def _translated(error: BaseException, target: Target) -> StoreError:
    fault = errors.read(error)
    if fault.number in (18456, 18452, 4060) or "Login failed" in fault.text:
        # the control session is in: a login that is refused now may be a server that starts again
        return errors.unreachable(fault, url=target.url, secrets=target.secrets, before=True)
    return errors.translate(fault, url=target.url, secrets=target.secrets)


def names(findings: Sequence[Finding]) -> str:
    """One line for the log."""
    return "; ".join(f"{finding.name}: {finding.text}" for finding in findings)
