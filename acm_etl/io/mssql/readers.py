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
from acm_etl.io.mssql.driver import path as driver_path
from acm_etl.io.mssql.session import Session, frame_of
from acm_etl.io.mssql.url import Target

log = logging.getLogger(__name__)
Choice = Literal["auto", "arrow", "odbc"]
#: Longest text or bytes that arrow-odbc is given room for in every row.
_LONGEST = 64 << 10


class Readers:
    """The readers of this machine, the chosen one first.

    Args:
        target: The server.
        wanted: ``arrow``, ``odbc``, or ``auto``: the first, and from its first refusal on the second.
    """

    def __init__(self, target: Target, wanted: Choice) -> None:
        self._target, self._wanted = target, wanted
        self._refusal: str | None = None

    def batches(self, session: Session, sql: str, params: Sequence[Any], *, rows: int) -> Iterator[pl.DataFrame]:
        """Rows of a SELECT in batches of ``rows``.

        Raises:
            StoreError: The server refused the statement, or no reader takes its columns.
        """
        if self._wanted == "odbc" or self._refusal:
            yield from self._by_odbc(sql, params, rows=rows)
            return
        arrived = False
        try:
            for frame in session.batches(sql, params, rows=rows):
                arrived = True
                yield frame
        except DriverError as error:
            # Only the driver itself, and before anything was handed out: no row may come twice.
            if self._wanted != "auto" or arrived:
                raise
            self._refusal = str(error)
            log.warning("reading by arrow-odbc from now on: %s", error)
            yield from self._by_odbc(sql, params, rows=rows)

    def _by_odbc(self, sql: str, params: Sequence[Any], *, rows: int) -> Iterator[pl.DataFrame]:
        arrow_odbc = importlib.import_module("arrow_odbc")
        try:
            reader = arrow_odbc.read_arrow_batches_from_odbc(
                log_context.marked(sql),
                self._target.odbc(driver_path()),
                batch_size=rows,
                parameters=[_text(value) for value in params],
                max_text_size=_LONGEST,
                max_binary_size=_LONGEST,
            )
            for batch in reader:
                yield frame_of(batch)
        except arrow_odbc.Error as error:
            fault = errors.read(error)
            raise errors.translate(fault, url=self._target.url, secrets=self._target.secrets) from error

    def finding(self) -> Finding:
        """Which reader is used, and why."""
        if self._wanted == "odbc":
            return Finding("reader", "ok", "odbc (as set)")
        if self._refusal:
            return Finding("reader", "ok", f"odbc (the other one refused: {self._refusal})")
        return Finding("reader", "ok", f"arrow ({'chosen by itself' if self._wanted == 'auto' else 'as set'})")


def _text(value: object) -> str | None:
    """arrow-odbc binds texts only. ISO 8601 with its T is read alike by every type of time, in every language."""
    if isinstance(value, datetime):
        return value.isoformat(timespec="milliseconds")
    return None if value is None else str(value)
