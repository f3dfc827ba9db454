"""Read rows of SQL Server as Arrow: by mssql-python, or by arrow-odbc if mssql-python does not support a column."""

from __future__ import annotations

import importlib
import logging
from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Any, Literal

import polars as pl

from acm_etl.engine import Finding
from acm_etl.errors import DriverError
from acm_etl.io.arrow import result_from_arrow
from acm_etl.io.mssql import errors
from acm_etl.io.mssql.driver import find_odbc_driver
from acm_etl.io.mssql.session import Session
from acm_etl.io.mssql.url import ConnectionTarget

log = logging.getLogger(__name__)
ReaderChoice = Literal["auto", "arrow", "odbc"]
# Bytes per value in arrow-odbc's buffers, which have room for every row of a batch: VARCHAR(MAX) needs a limit.
_MAX_VALUE_BYTES = 64 << 10


class ReaderChain:
    """The reader in use; falls back from mssql-python to arrow-odbc. Shared by all sessions of a store.

    Args:
        target: Server and database.
        preferred: ``arrow`` (mssql-python), ``odbc`` (arrow-odbc), or ``auto``: ``arrow`` until its first driver error.
    """

    def __init__(self, target: ConnectionTarget, preferred: ReaderChoice) -> None:
        self._target, self._preferred = target, preferred
        self._arrow_error: str | None = None

    def stream_rows(
        self, session: Session, sql: str, params: Sequence[Any], *, chunk_size: int
    ) -> Iterator[pl.DataFrame]:
        """Yield the rows of a SELECT in batches of ``chunk_size`` rows.

        Raises:
            StoreError: The server rejected the statement, or no reader supports its columns.
        """
        if self._preferred == "odbc" or self._arrow_error:
            yield from self._stream_by_odbc(sql, params, chunk_size=chunk_size)
            return
        has_yielded = False
        try:
            for frame in session.stream_rows(sql, params, chunk_size=chunk_size):
                has_yielded = True
                yield frame
        except DriverError as error:
            # A second reader starts from the first row: after a batch was yielded, rows would come twice.
            if self._preferred != "auto" or has_yielded:
                raise
            self._arrow_error = str(error)
            log.warning("falling back to arrow-odbc: %s", error)
            yield from self._stream_by_odbc(sql, params, chunk_size=chunk_size)

    def _stream_by_odbc(self, sql: str, params: Sequence[Any], *, chunk_size: int) -> Iterator[pl.DataFrame]:
        arrow_odbc = importlib.import_module("arrow_odbc")
        try:
            reader = arrow_odbc.read_arrow_batches_from_odbc(
                sql,
                self._target.connection_string(find_odbc_driver()),
                batch_size=chunk_size,
                parameters=[_to_odbc_text(value) for value in params],
                max_text_size=_MAX_VALUE_BYTES,
                max_binary_size=_MAX_VALUE_BYTES,
            )
            for batch in reader:
                yield result_from_arrow(batch)
        except arrow_odbc.Error as error:
            fault = errors.parse_fault(error)
            raise errors.translate_fault(fault, url=self._target.url, secrets=self._target.secrets) from error

    def reader_finding(self) -> Finding:
        """Return the reader in use, with the reason."""
        if self._preferred == "odbc":
            return Finding("reader", "ok", "odbc (set by store.reader)")
        if self._arrow_error:
            return Finding("reader", "ok", f"odbc (arrow failed: {self._arrow_error})")
        reason = "auto-selected" if self._preferred == "auto" else "set by store.reader"
        return Finding("reader", "ok", f"arrow ({reason})")


def _to_odbc_text(value: object) -> str | None:
    # arrow-odbc binds texts only. ISO 8601 with "T" does not depend on the language of the session.
    # https://learn.microsoft.com/sql/t-sql/data-types/datetime2-transact-sql
    if isinstance(value, datetime):
        return value.isoformat(timespec="milliseconds")
    return None if value is None else str(value)
