"""Staging on SQL Server: short frames share a table; long ones have tables of their own, filled by parallel copies."""

from __future__ import annotations

import logging
import secrets
import time
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import nullcontext
from typing import NamedTuple

import polars as pl
from polars import selectors as cs

from acm_etl import log_context
from acm_etl.counts import format_count
from acm_etl.dialects import Dialect
from acm_etl.engine import StagedFrame, annotate_errors
from acm_etl.errors import StoreError
from acm_etl.io.mssql import statements
from acm_etl.io.mssql.loaders import LoaderChain
from acm_etl.io.mssql.session import Session
from acm_etl.io.mssql.statements import StagingKind
from acm_etl.schema import Table
from acm_etl.tables import shared_staging
from acm_etl.tables.shared_staging import STAGED_ROWS

log = logging.getLogger(__name__)
# Staged rows for which another parallel bulk copy is worth its login.
_ROWS_PER_CONNECTION = 100_000


class _StagingTable(NamedTuple):
    """A staging table to fill: its quoted name, the declaration of the rows, and the rows."""

    name: str
    table: Table
    frame: pl.DataFrame


class _Claim(NamedTuple):
    """Part of the staging names that belongs to one session, and what the login may create there.

    Attributes:
        owner: Part of the names.
        may_create: Whether the login may create tables; otherwise procedures do it.
        may_share: Whether it can create the table that short frames share.
    """

    owner: str
    may_create: bool
    may_share: bool


class Stager:
    """Staging tables of one control session.

    The names of tables in the schema ``stage`` contain the session's slot, a small number that no other session has at
    the same time. So the statements on them have few texts. The table that short frames share stays until the session
    ends, so that the server need not compile them for each batch.

    Args:
        dialect: Dialect of the server.
        loaders: Bulk loaders for large frames.
        staging: ``table`` (tables in the schema ``stage``) or ``temp`` (global temporary tables).
        parallel_loads: Maximum number of parallel bulk copies.
    """

    def __init__(self, dialect: Dialect, loaders: LoaderChain, *, staging: StagingKind, parallel_loads: int) -> None:
        self._dialect, self._loaders = dialect, loaders
        self._staging, self._parallel_loads = staging, parallel_loads
        self.reset_session()

    def reset_session(self) -> None:
        """Forget all staging tables after a change of the session.

        The server has dropped temporary tables; the next session with the same slot drops permanent ones.
        """
        self._claim: _Claim | None = None
        self._table_names: list[str] = []
        # Tables that have rows in the shared table; None: there is no shared table yet.
        self._sharing: set[str] | None = None

    def stage_frames(
        self,
        session: Session,
        frames: Sequence[tuple[Table, pl.DataFrame]],
        *,
        control_session_only: bool,
        has_lookups: bool,
    ) -> list[StagedFrame]:
        """Create staging tables and fill them; return one result per frame, in the given order.

        Args:
            session: Control session.
            frames: Frames that conform to their tables.
            control_session_only: True inside a transaction: other sessions do not see its new tables, so all rows have
                to be inserted on the control session.
            has_lookups: Whether statements will look up staged rows by their key: large frames then get an index.

        Raises:
            StoreError: A frame was rejected; the error names its table.
        """
        claim = self._claim = self._claim or self._claim_names(session)
        # The loaders send texts: a dictionary of run ids ends here.
        filled = {
            number: (table, frame.with_columns(cs.enum().cast(pl.String)))
            for number, (table, frame) in enumerate(frames)
            if frame.height
        }
        shared = self._select_shared_frames(filled, claim, control_session_only=control_session_only)
        alone = {
            number: _StagingTable(self._allocate_name(table, claim), table, frame)
            for number, (table, frame) in filled.items()
            if number not in shared
        }
        rows = shared_staging.pack_frames([*shared.values()])
        packed = _StagingTable(self._name_shared_table(claim), STAGED_ROWS, rows)
        items = [*alone.values(), *([packed] if shared else [])]
        created = [item for item in items if item is not packed or self._sharing is None]
        if created:
            # One round trip for all tables.
            session.execute(";\n".join(self._build_create(item, claim, has_lookups=has_lookups) for item in created))
        if shared:
            self._sharing = (self._sharing or set()) | {table.name for table, _ in shared.values()}
        seconds = self._fill_tables(session, items, control_session_only=control_session_only)
        staged = {number: StagedFrame(item.name, seconds[item.name]) for number, item in alone.items()}
        for number, (table, frame) in shared.items():
            relation = shared_staging.build_relation(table, packed.name, self._dialect)
            staged[number] = StagedFrame(relation, seconds[packed.name] / rows.height * frame.height)
        return [
            staged.get(number) or StagedFrame(self._dialect.empty_relation(table), 0.0)
            for number, (table, _) in enumerate(frames)
        ]

    def _select_shared_frames(
        self, filled: Mapping[int, tuple[Table, pl.DataFrame]], claim: _Claim, *, control_session_only: bool
    ) -> dict[int, tuple[Table, pl.DataFrame]]:
        """Return the frames to stage in the shared table."""
        # Inside a transaction it is not created, because the catalogue would stay locked until the end. Outside,
        # loaders count the rows that arrive in it.
        accepts = self._sharing is not None if control_session_only else not self._sharing
        # bcp loads no bytes, and the shared table has a column of them: what a user wants loaded by bcp stays apart.
        if not accepts or not claim.may_share or self._loaders.preferred == "bcp":
            return {}
        # Rows are found by the name of their table: a second frame of the same table has to stay apart.
        by_name = {
            table.name: number
            for number, (table, frame) in filled.items()
            if shared_staging.can_share(table, frame) and table.name not in (self._sharing or ())
        }
        return {number: filled[number] for number in by_name.values()}

    def _fill_tables(
        self, session: Session, items: Sequence[_StagingTable], *, control_session_only: bool
    ) -> dict[str, float]:
        """Fill staging tables; return the seconds per table."""
        large = [] if control_session_only else [item for item in items if not statements.fits_one_insert(item.frame)]
        seconds = self._bulk_copy(session, large)
        for item in items:
            if item.name not in seconds:
                seconds[item.name] = self._insert_rows(session, item)
        return seconds

    def _name_shared_table(self, claim: _Claim) -> str:
        return statements.build_staging_name(STAGED_ROWS, self._staging, owner=claim.owner, number=1)

    def _allocate_name(self, table: Table, claim: _Claim) -> str:
        number = 1
        while True:
            name = statements.build_staging_name(table, self._staging, owner=claim.owner, number=number)
            if name not in self._table_names:
                break
            number += 1
        # Recorded before CREATE TABLE: clear_staging also drops a table whose filling failed.
        self._table_names.append(name)
        return name

    def _build_create(self, item: _StagingTable, claim: _Claim, *, has_lookups: bool) -> str:
        # The shared table always: each statement reads the rows of one table from it. A heap logs only the allocation
        # of its pages; a clustered index sorts the rows of a copy, and logs all but those of its first batch.
        is_indexed = item.table is STAGED_ROWS or (has_lookups and item.frame.height >= statements.MIN_INDEXED_ROWS)
        if claim.may_create:
            return statements.build_create_table(item.table, item.name, self._dialect, with_key_index=is_indexed)
        return statements.build_create_call(item.table, item.name, self._dialect, with_key_index=is_indexed)

    def _build_drop(self, name: str, claim: _Claim) -> str:
        return statements.build_drop_table(name) if claim.may_create else statements.build_drop_call(name)

    def _build_empty(self, claim: _Claim) -> str:
        name = self._name_shared_table(claim)
        return statements.build_truncate_table(name) if claim.may_create else statements.build_empty_call(name)

    def _insert_rows(self, session: Session, item: _StagingTable) -> float:
        started_at = time.perf_counter()
        with annotate_errors(item.table.name):
            for insert in statements.build_inserts(item.table, item.name, item.frame, self._dialect):
                session.execute(insert.sql, insert.values, types=insert.types)
        return time.perf_counter() - started_at

    def _bulk_copy(self, session: Session, large: Sequence[_StagingTable]) -> dict[str, float]:
        """Copy large frames in parallel; return the seconds per staging table."""

        def copy(item: _StagingTable) -> float:
            started_at = time.perf_counter()
            # An error of the shared table may be one of any of its tables.
            with nullcontext() if item.table is STAGED_ROWS else annotate_errors(item.table.name):
                # Rows of one table alone have its columns, and a loader sends all columns of the shared table.
                rows = pl.concat([item.table.empty_frame(), item.frame], how="diagonal")
                self._loaders.load_rows(session, item.name, item.table, rows)
            return time.perf_counter() - started_at

        if not large:
            return {}
        rows = sum(item.frame.height for item in large)
        threads = min(self._parallel_loads, len(large), 1 + rows // _ROWS_PER_CONNECTION)
        with ThreadPoolExecutor(threads, "acm-load") as pool:
            # Threads of a pool do not inherit context variables: without this the log lines would lack the machine.
            futures = [pool.submit(log_context.propagate_context(copy), item) for item in large]
            seconds = [future.result() for future in futures]
        return {item.name: duration for item, duration in zip(large, seconds, strict=True)}

    def _claim_names(self, session: Session) -> _Claim:
        """Return names that no other session uses, after dropping what a dead session left under them.

        Raises:
            StoreError: All slots are in use.
        """
        if self._staging == "temp":
            # A random token: any login of the server could create a table of a name that it can predict. The server
            # drops global temporary tables when the session that created them ends.
            # https://learn.microsoft.com/sql/t-sql/statements/create-table-transact-sql#temporary-tables
            return _Claim(secrets.token_hex(8), may_create=True, may_share=True)
        slot, may_alter, has_procedure = session.query(statements.CLAIM_SLOT).row(0)
        if slot is None:
            message = (
                f"all {statements.MAX_STAGING_SLOTS} staging slots are in use by other sessions; lower backfill.workers"
            )
            raise StoreError(message)
        # NULL: the server does not know the permission; then the first CREATE TABLE tells.
        may_create = may_alter != 0
        claim = _Claim(f"s{slot}", may_create=may_create, may_share=may_create or bool(has_procedure))
        names = session.query(statements.LIST_STAGING_TABLES)["name"].to_list()
        dead = [name for name in names if statements.is_staging_name(name, claim.owner)]
        if dead:
            quoted = [f"[{statements.STAGING_SCHEMA}].[{name}]" for name in dead]
            session.execute(";\n".join(self._build_drop(name, claim) for name in quoted))
            log.info("dropped %s of a terminated session", format_count(len(dead), "staging table"))
        return claim

    def clear_staging(self, session: Session) -> None:
        """Drop the staging tables of the session; the shared one is emptied, and stays."""
        names, self._table_names = self._table_names, []
        # With a lost session temporary tables are gone, and permanent ones are dropped by a later session.
        if not (names or self._sharing) or session.is_lost or self._claim is None:
            return
        claim = self._claim
        emptied = [self._build_empty(claim)] if self._sharing else []
        try:
            session.execute(";\n".join([*(self._build_drop(name, claim) for name in names), *emptied]))
        # The data is committed already: a failed cleanup must not fail the batch. The next call tries again.
        except StoreError as error:
            tables = format_count(len(names) + len(emptied), "staging table")
            log.warning("could not clear %s, trying again later: %s", tables, error)
            self._table_names += names
        else:
            self._sharing = None if self._sharing is None else set()

    def drop_tables(self, session: Session) -> None:
        """Drop all staging tables of the session, which is about to end."""
        if self._claim is not None and self._sharing is not None:
            self._table_names.append(self._name_shared_table(self._claim))
            self._sharing = None
        self.clear_staging(session)
