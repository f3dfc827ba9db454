"""Publish a batch of windows: results, runs, state, metrics and watermark in one transaction, all or nothing."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field, replace
from datetime import datetime
from functools import cached_property

import polars as pl

from acm_etl import tables
from acm_etl.counts import format_count
from acm_etl.dialects import Dialect
from acm_etl.engine import Engine, SpanParameters, StagedFrame, annotate_errors
from acm_etl.errors import ContractError, StoreError
from acm_etl.load import merge, run_cleanup, watermark
from acm_etl.load.contract import validate_frame
from acm_etl.load.episodes import outbox
from acm_etl.load.episodes.outbox import Notice
from acm_etl.load.runs import restore_attempts
from acm_etl.load.staging import TableLoad, UpsertCounts, clear_staging_at_exit, run_table_loads
from acm_etl.load.watermark import Watermark
from acm_etl.load.write_metrics import TableMetric, build_metric_rows
from acm_etl.schema import Table
from acm_etl.tables.historian_checks import READING_FINGERPRINTS
from acm_etl.tables.notices import NOTIFICATIONS
from acm_etl.tables.runs import ACM_RUNS, BATCH_PROGRESS, RUN_LOG, RUN_STATS, STATE, WRITE_METRICS
from acm_etl.windows import MILLISECOND

TableFramePairs = list[tuple[Table, pl.DataFrame]]
# Naive UTC, and the first day of DATETIME2.
_MIN_TIME = datetime(1, 1, 1)  # noqa: DTZ001


@dataclass(frozen=True, slots=True)
class WatermarkUpdate:
    """A move of the watermark.

    Attributes:
        expected_watermark: The watermark that this run started from; None if there was none.
        new_watermark: The watermark after the batch.
    """

    expected_watermark: Watermark | None
    new_watermark: Watermark


@dataclass(frozen=True)
class Publication:
    """All rows of one batch of windows of one machine.

    Attributes:
        equip_id: The machine.
        start: Start of the batch. Stored rows in [start, end) that are not in ``frames`` are deleted.
        end: End of the batch.
        run_log: RunLog rows of the batch with their final Outcome; at least one.
        run_summaries: ACM_Runs rows of the batch.
        frames: Rows by table name. A result table that is missing counts as empty.
        watermark_update: Move of the watermark; None for provisional windows.
        notices: Events of the batch that messages are sent about.
        state_rows: ACM_State rows, with AsOf in (start, end].
        fingerprint_rows: ACM_ReadingFingerprints rows of the days of the batch; none for provisional windows.
        drop_state_times: Times of states to delete: the previous one, unless a replay may start there.
        drop_states_before: Older states are deleted.
        drop_forecasts_before: Forecasts as of earlier days are deleted.
    """

    equip_id: int
    start: datetime
    end: datetime
    run_log: pl.DataFrame
    run_summaries: pl.DataFrame
    frames: Mapping[str, pl.DataFrame] = field(default_factory=dict)
    watermark_update: WatermarkUpdate | None = None
    notices: tuple[Notice, ...] = ()
    state_rows: pl.DataFrame = field(default_factory=STATE.empty_frame)
    fingerprint_rows: pl.DataFrame = field(default_factory=READING_FINGERPRINTS.empty_frame)
    drop_state_times: tuple[datetime, ...] = ()
    drop_states_before: datetime | None = None
    drop_forecasts_before: datetime | None = None

    @cached_property
    def first_day_start(self) -> datetime:
        """Start of the first local day that has rows in this batch; it may lie before ``start``.

        One time for all day tables: a table without rows of that day may have had some while the day was incomplete.
        """
        days = (frame["AsOf"].min() for name, frame in self.frames.items() if _PUBLISHED_TABLES[name].grain == "day")
        return min([self.start, *(day for day in days if isinstance(day, datetime))])


def publish_batch(engine: Engine, publication: Publication) -> list[TableMetric]:
    """Write a batch in one transaction; publishing the same batch again changes no row.

    Returns:
        Metrics by table, in publishing order; none for a table without rows to write or to delete.

    Raises:
        ContractError: A frame does not fit its table; nothing was staged.
        ConflictError: Another process moved the watermark; nothing was stored.
        StoreError: The database rejected a statement; nothing was stored, and the error names the table.
    """
    batch = _prepare_frames(engine, publication)
    fingerprints = validate_frame(publication.fingerprint_rows, READING_FINGERPRINTS)
    # Staging ends before the transaction begins: bulk copies are slow, and locks on the tables must be short.
    with clear_staging_at_exit(engine), ExitStack() as transaction:
        *staged, staged_fingerprints = engine.stage_frames(
            [*batch, (READING_FINGERPRINTS, fingerprints)], has_lookups=_may_replace_rows(engine, publication, batch)
        )
        transaction.enter_context(engine.transaction())
        writes = _plan_writes(engine, publication, batch, staged)
        metrics = _write_tables(engine, publication, writes)
        with annotate_errors(RUN_LOG.name):
            _clean_up_runs(engine, publication)
        loads = []
        # Provisional windows have no fingerprints.
        if fingerprints.height:
            upsert = merge.build_upsert(READING_FINGERPRINTS, staged_fingerprints.relation, engine.dialect)
            loads.append(TableLoad(READING_FINGERPRINTS, upsert))
        with annotate_errors(WRITE_METRICS.name):
            loads.append(_stage_metrics(engine, publication, metrics))
        run_table_loads(engine, loads)
        with annotate_errors(NOTIFICATIONS.name):
            outbox.record_notices(engine, publication.equip_id, publication.notices)
        # Last, so that its row stays locked for as short a time as possible.
        if update := publication.watermark_update:
            with annotate_errors(BATCH_PROGRESS.name):
                watermark.move_watermark(engine, update.expected_watermark, update.new_watermark)
    return metrics


def _prepare_frames(engine: Engine, publication: Publication) -> TableFramePairs:
    """Validate all frames; return those with rows, in publishing order (referenced tables first)."""
    unknown = [name for name in publication.frames if name not in _PUBLISHED_TABLES]
    if unknown:
        others = format_count(len(unknown), "table")
        message = f"{others} other than the result tables cannot be published: {', '.join(unknown)}"
        raise ContractError(message)
    if publication.run_log.is_empty():
        message = f"the batch of machine {publication.equip_id} has no runs; pass one RunLog row per window"
        raise ContractError(message)
    frames = {
        **publication.frames,
        RUN_LOG.name: restore_attempts(engine, validate_frame(publication.run_log, RUN_LOG)),
        ACM_RUNS.name: publication.run_summaries,
        STATE.name: publication.state_rows,
    }
    # Most tables have no rows in a batch of one window: nothing is staged or looked up for them.
    validated = [
        (table, validate_frame(frames[name], table)) for name, table in _PUBLISHED_TABLES.items() if name in frames
    ]
    batch = [(table, frame) for table, frame in validated if frame.height]
    # Before anything is staged: DuckDB has no foreign keys, and an error after the bulk copies is expensive.
    for table, frame in batch:
        _check_scope(table, frame, publication)
    run_cleanup.check_foreign_keys(engine, batch, published_run_ids=_run_ids(publication))
    return batch


# Fixed order: two batches then lock the tables in the same order, and rows come after the RunLog rows they refer to.
_PUBLISHED_TABLES = {table.name: table for table in (RUN_LOG, ACM_RUNS, RUN_STATS, *tables.RESULTS, STATE)}


def _check_scope(table: Table, frame: pl.DataFrame, publication: Publication) -> None:
    """Reject rows of another machine, or of a time that this batch does not replace."""
    # The lock covers one machine only: rows of another one could overwrite the work of the process that holds its lock.
    times = pl.lit(None) if table.time_column is None else pl.col(table.time_column)
    is_other = pl.col("EquipID") != publication.equip_id
    others, first, last = frame.select(others=is_other.sum(), first=times.min(), last=times.max()).row(0)
    if others:
        message = f"{table.name}: {format_count(others, 'row')} of another machine than {publication.equip_id}"
        raise ContractError(message)
    # Without a time there is nothing to compare with the span of the batch.
    if first is None:
        return
    # Events and days may begin before the batch: they were open at its start.
    early = table.grain in ("time", "state") and first < publication.start
    # A state is as of the end of a window, and so may lie at the very end of the batch.
    limit = publication.end + MILLISECOND if table.grain == "state" else publication.end
    if early or (table.grain in ("time", "event", "day", "state", "run") and last >= limit):
        span = f"[{publication.start}, {publication.end})"
        message = f"{table.name}: rows from {first} to {last} are not within the batch {span}"
        raise ContractError(message)


@dataclass(frozen=True, slots=True)
class _TableWrite:
    """Rows to write to one table.

    Attributes:
        table: The table.
        row_count: Number of staged rows.
        staged_frame: The staged rows; None if there are none.
        stored_count: Stored rows from the start of the batch on, or from the first staged row if that is earlier; None
            for tables of runs.
        span: Machine, and the start and end between which other rows are deleted.
    """

    table: Table
    row_count: int
    staged_frame: StagedFrame | None
    stored_count: int | None
    span: SpanParameters

    def build_upsert(self, dialect: Dialect) -> TableLoad:
        """Return the statements that store the staged rows; none if there are none."""
        if self.staged_frame is None:
            return TableLoad(self.table, ())
        upsert = merge.build_upsert(
            self.table,
            self.staged_frame.relation,
            dialect,
            empty_target=self.stored_count == 0,
            limit_to_span=self.table.large,
        )
        return TableLoad(self.table, upsert, self.span)

    def build_stale_delete(self, dialect: Dialect, upserted: UpsertCounts) -> TableLoad:
        """Return the statement that deletes the rows of the span that are not staged; none if there are no such rows.

        Args:
            dialect: SQL dialect.
            upserted: Rows changed by ``build_upsert``.
        """
        if self.table.grain not in _SPAN_GRAINS or self._is_exact(upserted):
            return TableLoad(self.table, ())
        # Rows of a replay that are not computed any more must go: an episode that has vanished, a removed reading.
        relation = self.staged_frame.relation if self.staged_frame else None
        return TableLoad(self.table, (merge.build_stale_delete(self.table, relation, dialect),), self.span)

    def _is_exact(self, upserted: UpsertCounts) -> bool:
        # All staged keys are stored now, and a key contains machine and time. If no further rows are stored from the
        # start of the count on, none is stale and none is stored twice.
        return self.stored_count is not None and self.stored_count + upserted.inserted == self.row_count


_MIN_COUNTED_ROWS = 20_000
"""Staged rows whose index takes longer than a count of the stored rows."""
_SPAN_GRAINS = ("time", "event", "day", "state")
"""Grains whose rows have a time, so that a batch replaces a span of them."""


def _count_rows_from_start(engine: Engine, publication: Publication, frames: TableFramePairs) -> dict[str, int]:
    """Return the number of stored rows from the start of the batch on, or from an earlier staged row on, by table.

    One statement for all tables, because every batch needs it. The count makes most statements of a table unnecessary:

    - Nothing is stored, as nearly always in a backfill: insert without a look-up, delete nothing.
    - After the upsert as many rows are stored as staged: none is stale, and no key is stored twice.
    """
    counted = [table for table in _PUBLISHED_TABLES.values() if table.grain in _SPAN_GRAINS]
    starts = {table.name: _span_to_replace(publication, table)[0] for table in counted}
    for table, frame in frames:
        # An event that began before the batch is stored already.
        first = frame[table.row_time].min() if table.grain == "event" else None
        if isinstance(first, datetime):
            starts[table.name] = min(starts[table.name], first)
    params = [value for table in counted for value in (publication.equip_id, starts[table.name])]
    # All tables in each batch: the text stays the same, and a server compiles it once.
    return dict(engine.query(merge.build_row_counts_from_start(counted, engine.dialect), params).iter_rows())


def _may_replace_rows(engine: Engine, publication: Publication, frames: TableFramePairs) -> bool:
    """Return whether rows of the large tables may be stored already; a hint, as the transaction counts again.

    A first backfill stages hundreds of thousands of rows, which need an index only to be compared with stored ones.
    """
    is_long = sum(frame.height for _, frame in frames) >= _MIN_COUNTED_ROWS
    if engine.dialect.is_embedded or not is_long:
        return True
    stored_counts = _count_rows_from_start(engine, publication, frames)
    return any(stored_counts[table.name] for table, _ in frames if table.large and table.grain in _SPAN_GRAINS)


def _plan_writes(
    engine: Engine, publication: Publication, frames: TableFramePairs, staged: Sequence[StagedFrame]
) -> list[_TableWrite]:
    """Return the tables with rows to write or to delete, in publishing order."""
    stored_counts = _count_rows_from_start(engine, publication, frames)
    # Staged frames come back in the order of the batch.
    staged_by_table = {
        table.name: (frame.height, staged_frame) for (table, frame), staged_frame in zip(frames, staged, strict=True)
    }
    writes = []
    for table in _PUBLISHED_TABLES.values():
        row_count, staged_frame = staged_by_table.get(table.name, (0, None))
        stored_count = stored_counts.get(table.name)
        if row_count or (table.grain in _SPAN_GRAINS and stored_count != 0):
            span = (publication.equip_id, *_span_to_replace(publication, table))
            writes.append(_TableWrite(table, row_count, staged_frame, stored_count, span))
    return writes


def _write_tables(engine: Engine, publication: Publication, writes: Sequence[_TableWrite]) -> list[TableMetric]:
    """Upsert the staged rows of all tables, then delete what they replace: two round trips to a server."""
    dialect = engine.dialect
    upserts = run_table_loads(engine, [write.build_upsert(dialect) for write in writes])
    stale = [write.build_stale_delete(dialect, done.counts) for write, done in zip(writes, upserts, strict=True)]
    deletes = run_table_loads(engine, [*stale, *_build_expiry_deletes(dialect, publication)])
    if not dialect.has_large_table_keys:
        for write, load in zip(writes, stale, strict=True):
            if write.table.large and load.statements:
                _check_unique_keys(engine, write)
    return [
        TableMetric.from_counts(
            write.table,
            write.row_count,
            replace(done.counts, deleted=deleted.counts.deleted),
            seconds=(write.staged_frame.seconds if write.staged_frame else 0.0) + done.seconds + deleted.seconds,
        )
        for write, done, deleted in zip(writes, upserts, deletes, strict=False)
    ]


def _span_to_replace(publication: Publication, table: Table) -> tuple[datetime, datetime]:
    """Return the span [start, end) of a table that this batch replaces."""
    if table.grain == "state":  # AsOf is the end of a window: (start, end] in whole milliseconds
        return publication.start + MILLISECOND, publication.end + MILLISECOND
    # Day rows are replaced from the start of the day, because a batch may begin in the middle of a local day.
    return publication.first_day_start if table.grain == "day" else publication.start, publication.end


def _check_unique_keys(engine: Engine, write: _TableWrite) -> None:
    """Check that no key is stored twice, where the engine has no primary key on large tables.

    After the upsert every staged key is stored, and no other; so more rows than staged keys means a duplicate.
    """
    table, (equip_id, start, end) = write.table, write.span
    with annotate_errors(table.name):
        stored = int(engine.query(merge.build_row_count(table, engine.dialect), write.span).item())
    if stored != write.row_count:
        message = (
            f"{table.name} would have {stored} rows for {write.row_count} keys of machine {equip_id} from {start}"
            f" to {end}: some keys were stored twice before; replay this period with --replay-from '{start}'"
        )
        raise StoreError(message, table=table.name)


def _build_expiry_deletes(dialect: Dialect, publication: Publication) -> list[TableLoad]:
    """Return the deletes of the states and forecasts that nobody needs any more."""
    # In the transaction that stores the new state, so that a resume point always exists.
    expired = [(STATE, as_of, as_of + MILLISECOND) for as_of in publication.drop_state_times]
    if publication.drop_states_before:
        expired.append((STATE, _MIN_TIME, publication.drop_states_before))
    # Only the newest days keep their forecasts: readings have superseded the older ones.
    if publication.drop_forecasts_before:
        expired += [(table, _MIN_TIME, publication.drop_forecasts_before) for table in tables.forecast.TABLES]
    return [
        TableLoad(table, (merge.build_stale_delete(table, None, dialect),), (publication.equip_id, start, end))
        for table, start, end in expired
    ]


def _clean_up_runs(engine: Engine, publication: Publication) -> None:
    # A NOOP run has no row in ACM_Runs; the row of an earlier failed attempt of the same run has to go.
    run_ids = _run_ids(publication)
    run_cleanup.delete_run_summaries(engine, publication.equip_id, run_ids - set(publication.run_summaries["RunID"]))
    run_cleanup.remove_replaced_runs(
        engine, publication.equip_id, publication.start, publication.end, keep_run_ids=run_ids
    )


def _stage_metrics(engine: Engine, publication: Publication, metrics: list[TableMetric]) -> TableLoad:
    # One row per table and batch, under the id of the first run of the batch.
    first_run_id = publication.run_log.sort("WindowStart", "RunID")["RunID"][0]
    rows = build_metric_rows(
        metrics, run_id=first_run_id, equip_id=publication.equip_id, span=(publication.start, publication.end)
    )
    # Metrics are known only now, so this table is staged inside the transaction; it has one row per table.
    name = engine.stage_frame(WRITE_METRICS, validate_frame(rows, WRITE_METRICS))
    return TableLoad(WRITE_METRICS, merge.build_upsert(WRITE_METRICS, name, engine.dialect))


def _run_ids(publication: Publication) -> set[str]:
    return set(publication.run_log["RunID"].cast(pl.String).unique().to_list())
