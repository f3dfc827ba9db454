"""Staging on SQL Server: small frames by an INSERT of the control session, large ones by bulk copies side by side."""

from __future__ import annotations

import logging
import secrets
import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor

import polars as pl

from acm_etl import log_context
from acm_etl.dialects import Dialect
from acm_etl.engine import StagedFrame, annotate_errors
from acm_etl.errors import StoreError
from acm_etl.io.mssql import statements as sql
from acm_etl.io.mssql.loaders import LoaderChain
from acm_etl.io.mssql.session import Session
from acm_etl.io.mssql.statements import StagingKind
from acm_etl.schema import Table

log = logging.getLogger(__name__)
_Frames = Sequence[tuple[Table, pl.DataFrame]]


class Stager:
    """The staging tables of one control session.

    Args:
        dialect: Types of the columns.
        loaders: For large frames.
        staging: Where the tables are.
        parallel_loads: Bulk copies at a time.
    """

    def __init__(self, dialect: Dialect, loaders: LoaderChain, *, staging: StagingKind, parallel_loads: int) -> None:
        self._dialect, self._loaders = dialect, loaders
        self._staging, self._parallel_loads = staging, parallel_loads
        self.reset_session()

    def reset_session(self) -> None:
        """The session is a new one: what the old one staged is gone, or is swept as the dead's."""
        self._session_token, self._table_count = secrets.token_hex(8), 0
        self._table_names: list[str] = []

    def stage_frames(self, session: Session, frames: _Frames, *, control_session_only: bool) -> list[StagedFrame]:
        """Create staging tables and fill them.

        Args:
            session: The control session.
            frames: Conforming frames.
            control_session_only: Other sessions do not see the new tables yet, so that the rows have to come by this one.
        """
        if not self._table_count:
            self._prepare_staging(session)
        places = [self._allocate_table(table, frame) for table, frame in frames]
        filled = [(place, *pair) for place, pair in zip(places, frames, strict=True) if pair[1].height]
        if filled:
            creates = [sql.build_create_table(table, place, self._dialect) for place, table, _ in filled]
            session.execute(";\n".join(creates))
        large = [] if control_session_only else [one for one in filled if not sql.fits_one_insert(one[2])]
        seconds = self._bulk_copy(session, large)
        for place, table, frame in filled:
            if place not in seconds:
                seconds[place] = self._insert_rows(session, place, table, frame)
        return [StagedFrame(place, seconds.get(place, 0.0)) for place in places]

    def _allocate_table(self, table: Table, frame: pl.DataFrame) -> str:
        if frame.is_empty():
            return self._dialect.empty_relation(table)
        self._table_count += 1
        place = sql.staging_table_name(table, self._staging, token=self._session_token, number=self._table_count)
        self._table_names.append(place)
        return place

    def _insert_rows(self, session: Session, place: str, table: Table, frame: pl.DataFrame) -> float:
        began = time.perf_counter()
        with annotate_errors(table):
            for statement, values in sql.build_inserts(table, place, frame, self._dialect):
                session.execute(statement, values)
        return time.perf_counter() - began

    def _bulk_copy(self, session: Session, large: Sequence[tuple[str, Table, pl.DataFrame]]) -> dict[str, float]:
        def copy(one: tuple[str, Table, pl.DataFrame]) -> float:
            place, table, frame = one
            began = time.perf_counter()
            with annotate_errors(table):
                self._loaders.load_rows(session, place, table, frame)
            return time.perf_counter() - began

        if not large:
            return {}
        with ThreadPoolExecutor(min(self._parallel_loads, len(large)), "acm-load") as pool:
            seconds = [
                future.result() for future in [pool.submit(log_context.propagate_context(copy), one) for one in large]
            ]
        for place, table, frame in large:
            if frame.height >= sql.MIN_INDEXED_ROWS:
                with annotate_errors(table):
                    session.execute(sql.build_key_index(table, place, self._dialect))
        return {place: took for (place, _, _), took in zip(large, seconds, strict=True)}

    def _prepare_staging(self, session: Session) -> None:
        """Before the first permanent staging table: say who is alive, and drop what the dead have left.

        Temporary tables need no sweep: the server drops them with their session.
        """
        if self._staging == "temp":
            return
        session.execute(sql.CREATE_STAGING_SCHEMA)
        session.query(sql.build_acquire_lock(), [sql.session_lock_name(self._session_token)])
        left = session.query(sql.LIST_STAGING_TABLES)["name"].to_list()
        tokens = {token for name in left if (token := sql.parse_session_token(name))}
        dead = {token for token in tokens if session.query(sql.IS_LOCK_FREE, [sql.session_lock_name(token)]).item()}
        for name in (name for name in left if sql.parse_session_token(name) in dead):
            session.execute(sql.build_drop_table(f"[{sql.STAGING_SCHEMA}].[{name}]"))
            log.info("dropped staging table %s of a dead session", name)

    def clear_staging(self, session: Session) -> None:
        """Drop the staging tables."""
        places, self._table_names = self._table_names, []
        if not places or session.is_lost:
            return
        try:
            session.execute(";\n".join(map(sql.build_drop_table, places)))
        except StoreError as error:  # the rows are where they belong; next time, or with the session, they go
            log.warning("staging tables could not be dropped now: %s", error)
            self._table_names += places
