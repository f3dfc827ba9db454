"""Rows out of SQL Server as Arrow: mssql-python's reader, and arrow-odbc where that one cannot take a column."""

from __future__ import annotations

import importlib
import logging
from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Any, Literal

import polars as pl

from acm_etl import log_context
from acm_etl.engine import Finding
from acm_etl.errors import DriverError
from acm_etl.io.mssql import errors
from acm_etl.io.mssql.driver import find_odbc_driver as driver_path
from acm_etl.io.mssql.session import Session, frame_from_arrow
from acm_etl.io.mssql.url import ConnectionTarget

log = logging.getLogger(__name__)
ReaderChoice = Literal["auto", "arrow", "odbc"]
#: Longest text or bytes that arrow-odbc is given room for in every row.
_MAX_VALUE_BYTES = 64 << 10


class ReaderChain:
    """The readers of this machine, the chosen one first.

    Args:
        target: The server.
        preferred: ``arrow``, ``odbc``, or ``auto``: the first, and from its first refusal on the second.
    """

    def __init__(self, target: ConnectionTarget, preferred: ReaderChoice) -> None:
        self._target, self._preferred = target, preferred
        self._arrow_error: str | None = None

    def stream_rows(
        self, session: Session, sql: str, params: Sequence[Any], *, chunk_size: int
    ) -> Iterator[pl.DataFrame]:
        """Rows of a SELECT in batches of ``chunk_size``.

        Raises:
            StoreError: The server refused the statement, or no reader takes its columns.
        """
        if self._preferred == "odbc" or self._arrow_error:
            yield from self._stream_by_odbc(sql, params, chunk_size=chunk_size)
            return
        arrived = False
        try:
            for frame in session.stream_rows(sql, params, chunk_size=chunk_size):
                arrived = True
                yield frame
        except DriverError as error:
            # Only the driver itself, and before anything was handed out: no row may come twice.
            if self._preferred != "auto" or arrived:
                raise
            self._arrow_error = str(error)
            log.warning("reading by arrow-odbc from now on: %s", error)
            yield from self._stream_by_odbc(sql, params, chunk_size=chunk_size)

    def _stream_by_odbc(self, sql: str, params: Sequence[Any], *, chunk_size: int) -> Iterator[pl.DataFrame]:
        arrow_odbc = importlib.import_module("arrow_odbc")
        try:
            reader = arrow_odbc.read_arrow_batches_from_odbc(
                log_context.add_run_comment(sql),
                self._target.connection_string(driver_path()),
                batch_size=chunk_size,
                parameters=[_to_odbc_text(value) for value in params],
                max_text_size=_MAX_VALUE_BYTES,
                max_binary_size=_MAX_VALUE_BYTES,
            )
            for batch in reader:
                yield frame_from_arrow(batch)
        except arrow_odbc.Error as error:
            fault = errors.parse_fault(error)
            raise errors.translate_fault(fault, url=self._target.url, secrets=self._target.secrets) from error

    def reader_finding(self) -> Finding:
        """Which reader is used, and why."""
        if self._preferred == "odbc":
            return Finding("reader", "ok", "odbc (as set)")
        if self._arrow_error:
            return Finding("reader", "ok", f"odbc (the other one refused: {self._arrow_error})")
        return Finding("reader", "ok", f"arrow ({'chosen by itself' if self._preferred == 'auto' else 'as set'})")


def _to_odbc_text(value: object) -> str | None:
    """arrow-odbc binds texts only. ISO 8601 with its T is read alike by every type of time, in every language."""
    if isinstance(value, datetime):
        return value.isoformat(timespec="milliseconds")
    return None if value is None else str(value)
