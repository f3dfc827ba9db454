"""Staging on SQL Server: small frames by INSERT on the control session, large ones by parallel bulk copies."""

from __future__ import annotations

import logging
import secrets
import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import NamedTuple

import polars as pl

from acm_etl import log_context
from acm_etl.dialects import Dialect
from acm_etl.engine import StagedFrame, annotate_errors
from acm_etl.errors import StoreError
from acm_etl.io.mssql import statements
from acm_etl.io.mssql.loaders import LoaderChain
from acm_etl.io.mssql.session import Session
from acm_etl.io.mssql.statements import StagingKind
from acm_etl.schema import Table

log = logging.getLogger(__name__)


class _StagingTable(NamedTuple):
    """A staging table to fill: its quoted name, the declaration of the rows, and the rows."""

    name: str
    table: Table
    frame: pl.DataFrame


class Stager:
    """Staging tables of one control session.

    Args:
        dialect: Dialect of the server.
        loaders: Bulk loaders for large frames.
        staging: ``temp`` (global temporary tables) or ``table`` (tables in the schema ``stage``).
        parallel_loads: Maximum number of parallel bulk copies.
    """

    def __init__(self, dialect: Dialect, loaders: LoaderChain, *, staging: StagingKind, parallel_loads: int) -> None:
        self._dialect, self._loaders = dialect, loaders
        self._staging, self._parallel_loads = staging, parallel_loads
        self.reset_session()

    def reset_session(self) -> None:
        """Forget all staging tables after a change of the session.

        The server has dropped temporary tables; a later session drops permanent ones (``_prepare_staging``).
        """
        # A new token: names of a dead session may still exist.
        self._session_token, self._table_count = secrets.token_hex(8), 0
        self._table_names: list[str] = []

    def stage_frames(
        self, session: Session, frames: Sequence[tuple[Table, pl.DataFrame]], *, control_session_only: bool
    ) -> list[StagedFrame]:
        """Create staging tables and fill them; return one result per frame, in the given order.

        Args:
            session: Control session.
            frames: Frames that conform to their tables.
            control_session_only: True inside a transaction: other sessions do not see its new tables, so all rows have
                to be inserted on the control session.

        Raises:
            StoreError: A frame was rejected; the error names its table.
        """
        if not self._table_count:
            self._prepare_staging(session)
        staged = [
            None if frame.is_empty() else _StagingTable(self._allocate_name(table), table, frame)
            for table, frame in frames
        ]
        filled = [item for item in staged if item is not None]
        if filled:
            # One round trip for all tables.
            creates = [statements.build_create_table(item.table, item.name, self._dialect) for item in filled]
            session.execute(";\n".join(creates))
        large = [] if control_session_only else [item for item in filled if not statements.fits_one_insert(item.frame)]
        seconds = self._bulk_copy(session, large)
        for item in filled:
            if item.name not in seconds:
                seconds[item.name] = self._insert_rows(session, item)
        return [
            StagedFrame(item.name, seconds[item.name])
            if item is not None
            else StagedFrame(self._dialect.empty_relation(table), 0.0)
            for item, (table, _) in zip(staged, frames, strict=True)
        ]

    def _allocate_name(self, table: Table) -> str:
        self._table_count += 1
        name = statements.staging_table_name(table, self._staging, token=self._session_token, number=self._table_count)
        # Recorded before CREATE TABLE: clear_staging also drops a table whose filling failed.
        self._table_names.append(name)
        return name

    def _insert_rows(self, session: Session, item: _StagingTable) -> float:
        started_at = time.perf_counter()
        with annotate_errors(item.table):
            for sql, values in statements.build_inserts(item.table, item.name, item.frame, self._dialect):
                session.execute(sql, values)
        return time.perf_counter() - started_at

    def _bulk_copy(self, session: Session, large: Sequence[_StagingTable]) -> dict[str, float]:
        """Copy large frames in parallel; return the seconds per staging table."""

        def copy(item: _StagingTable) -> float:
            started_at = time.perf_counter()
            with annotate_errors(item.table):
                self._loaders.load_rows(session, item.name, item.table, item.frame)
            return time.perf_counter() - started_at

        if not large:
            return {}
        with ThreadPoolExecutor(min(self._parallel_loads, len(large)), "acm-load") as pool:
            # Threads of a pool do not inherit context variables: without this the log lines would lack the machine.
            futures = [pool.submit(log_context.propagate_context(copy), item) for item in large]
            seconds = [future.result() for future in futures]
        # After the copy: building an index once is faster than maintaining it per batch.
        for item in large:
            if item.frame.height >= statements.MIN_INDEXED_ROWS:
                with annotate_errors(item.table):
                    session.execute(statements.build_key_index(item.table, item.name, self._dialect))
        return {item.name: duration for item, duration in zip(large, seconds, strict=True)}

    def _prepare_staging(self, session: Session) -> None:
        """Drop permanent staging tables of dead sessions, before the first staging table of this session."""
        # The server drops global temporary tables when the session that created them ends.
        # https://learn.microsoft.com/sql/t-sql/statements/create-table-transact-sql#temporary-tables
        if self._staging == "temp":
            return
        session.execute(statements.CREATE_STAGING_SCHEMA)
        # Held until the session ends: tells other sessions that the tables with this token are in use.
        session.query(statements.build_acquire_lock(), [statements.session_lock_name(self._session_token)])
        names = session.query(statements.LIST_STAGING_TABLES)["name"].to_list()
        tokens = {token for name in names if (token := statements.parse_session_token(name))}
        dead_tokens = {token for token in tokens if _is_session_dead(session, token)}
        for name in names:
            if statements.parse_session_token(name) in dead_tokens:
                session.execute(statements.build_drop_table(f"[{statements.STAGING_SCHEMA}].[{name}]"))
                log.info("dropped staging table %s of a terminated session", name)

    def clear_staging(self, session: Session) -> None:
        """Drop all staging tables of the session."""
        names, self._table_names = self._table_names, []
        # With a lost session temporary tables are gone, and permanent ones are dropped by a later session.
        if not names or session.is_lost:
            return
        try:
            session.execute(";\n".join(map(statements.build_drop_table, names)))
        # The data is committed already: a failed cleanup must not fail the batch. The next call tries again.
        except StoreError as error:
            log.warning("%d staging table(s) could not be dropped; trying again later: %s", len(names), error)
            self._table_names += names


def _is_session_dead(session: Session, token: str) -> bool:
    is_lock_free = session.query(statements.IS_LOCK_FREE, [statements.session_lock_name(token)]).item()
    return bool(is_lock_free)
