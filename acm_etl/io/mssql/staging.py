"""Staging on SQL Server: small frames by an INSERT of the control session, large ones by bulk copies side by side."""

from __future__ import annotations

import logging
import secrets
import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor

import polars as pl

from acm_etl import log_context
from acm_etl.engine import Dialect, Staged, at, nothing
from acm_etl.errors import StoreError
from acm_etl.io.mssql import statements as sql
from acm_etl.io.mssql.loaders import Loaders
from acm_etl.io.mssql.session import Session
from acm_etl.io.mssql.statements import Staging
from acm_etl.schema import Table

log = logging.getLogger(__name__)
_Batch = Sequence[tuple[Table, pl.DataFrame]]


class Stager:
    """The staging tables of one control session.

    Args:
        dialect: Types of the columns.
        loaders: For large frames.
        staging: Where the tables are.
        side_by_side: Bulk copies at a time.
    """

    def __init__(self, dialect: Dialect, loaders: Loaders, *, staging: Staging, side_by_side: int) -> None:
        self._dialect, self._loaders = dialect, loaders
        self._staging, self._side_by_side = staging, side_by_side
        self.renew()

    def renew(self) -> None:
        """The session is a new one: what the old one staged is gone, or is swept as the dead's."""
        self._token, self._number = secrets.token_hex(8), 0
        self._places: list[str] = []

    def stage(self, session: Session, batch: _Batch, *, alone: bool) -> list[Staged]:
        """Create staging tables and fill them.

        Args:
            session: The control session.
            batch: Conforming frames.
            alone: Other sessions do not see the new tables yet, so that the rows have to come by this one.
        """
        if not self._number:
            self._prepare(session)
        places = [self._place(table, frame) for table, frame in batch]
        filled = [(place, *pair) for place, pair in zip(places, batch, strict=True) if pair[1].height]
        if filled:
            creates = [sql.create(table, place, self._dialect) for place, table, _ in filled]
            session.count(";\n".join(creates))
        large = [] if alone else [one for one in filled if not sql.small(one[2])]
        seconds = self._copy(session, large)
        for place, table, frame in filled:
            if place not in seconds:
                seconds[place] = self._insert(session, place, table, frame)
        return [Staged(place, seconds.get(place, 0.0)) for place in places]

    def _place(self, table: Table, frame: pl.DataFrame) -> str:
        if frame.is_empty():
            return nothing(table, self._dialect)
        self._number += 1
        place = sql.place(table, self._staging, token=self._token, number=self._number)
        self._places.append(place)
        return place

    def _insert(self, session: Session, place: str, table: Table, frame: pl.DataFrame) -> float:
        began = time.perf_counter()
        with at(table):
            for statement, values in sql.inserts(table, place, frame, self._dialect):
                session.count(statement, values)
        return time.perf_counter() - began

    def _copy(self, session: Session, large: Sequence[tuple[str, Table, pl.DataFrame]]) -> dict[str, float]:
        def copy(one: tuple[str, Table, pl.DataFrame]) -> float:
            place, table, frame = one
            began = time.perf_counter()
            with at(table):
                self._loaders.load(session, place, table, frame)
            return time.perf_counter() - began

        if not large:
            return {}
        with ThreadPoolExecutor(min(self._side_by_side, len(large)), "acm-load") as pool:
            seconds = [future.result() for future in [pool.submit(log_context.carried(copy), one) for one in large]]
        for place, table, frame in large:
            if frame.height >= sql.INDEXED:
                with at(table):
                    session.count(sql.index(table, place, self._dialect))
        return {place: took for (place, _, _), took in zip(large, seconds, strict=True)}

    def _prepare(self, session: Session) -> None:
        """Before the first permanent staging table: say who is alive, and drop what the dead have left.

        Temporary tables need no sweep: the server drops them with their session.
        """
        if self._staging == "temp":
            return
        session.count(sql.STAGE_SCHEMA)
        session.rows(sql.take(), [sql.owner(self._token)])
        left = session.rows(sql.LEFT)["name"].to_list()
        tokens = {token for name in left if (token := sql.token_of(name))}
        dead = {token for token in tokens if session.rows(sql.FREE, [sql.owner(token)]).item()}
        for name in (name for name in left if sql.token_of(name) in dead):
            session.count(sql.drop(f"[{sql.SCHEMA}].[{name}]"))
            log.info("dropped staging table %s of a dead session", name)

    def unstage(self, session: Session) -> None:
        """Drop the staging tables."""
        places, self._places = self._places, []
        if not places or session.lost:
            return
        try:
            session.count(";\n".join(map(sql.drop, places)))
        except StoreError as error:  # the rows are where they belong; next time, or with the session, they go
            log.warning("staging tables could not be dropped now: %s", error)
            self._places += places
