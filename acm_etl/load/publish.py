"""Publish a batch of windows: results, runs, state, metrics and watermark in one transaction, all or nothing."""

from __future__ import annotations

import time as clock
from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import cached_property
from typing import Any

import polars as pl

from acm_etl import tables
from acm_etl.engine import Engine, StagedFrame, annotate_errors
from acm_etl.errors import ContractError, StoreError
from acm_etl.load import merge, run_cleanup, watermark
from acm_etl.load.contract import validate_frame
from acm_etl.load.runs import restore_attempts
from acm_etl.load.staging import UpsertCounts, clear_staging_at_exit, run_statements
from acm_etl.load.watermark import Watermark
from acm_etl.schema import Table
from acm_etl.tables.historian_checks import READING_FINGERPRINTS
from acm_etl.tables.runs import ACM_RUNS, BATCH_PROGRESS, RUN_LOG, RUN_STATS, STATE, WRITE_METRICS

_MILLISECOND = timedelta(milliseconds=1)
TableFramePairs = list[tuple[Table, pl.DataFrame]]
_MAX_TIME = datetime(9999, 12, 31)  # noqa: DTZ001 - naive UTC, and the end of DATETIME2


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


@dataclass(frozen=True, slots=True)
class TableMetric:
    """Rows and seconds of publishing one table (ACM_WriteMetrics)."""

    table: str
    rows_staged: int
    rows_inserted: int
    rows_updated: int
    rows_deleted: int
    seconds: float


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
        *staged, staged_fingerprints = engine.stage_frames([*batch, (READING_FINGERPRINTS, fingerprints)])
        transaction.enter_context(engine.transaction())
        metrics = _write_tables(engine, publication, batch, staged)
        with annotate_errors(RUN_LOG):
            _clean_up_runs(engine, publication)
        with annotate_errors(STATE):
            _drop_states(engine, publication)
        _drop_forecasts(engine, publication)
        with annotate_errors(WRITE_METRICS):
            _record_metrics(engine, publication, metrics)
        # Provisional windows have no fingerprints.
        if fingerprints.height:
            with annotate_errors(READING_FINGERPRINTS):
                relation = staged_fingerprints.relation
                run_statements(engine, merge.build_upsert(READING_FINGERPRINTS, relation, engine.dialect))
        # Last, so that its row stays locked for as short a time as possible.
        if update := publication.watermark_update:
            with annotate_errors(BATCH_PROGRESS):
                watermark.move_watermark(engine, update.expected_watermark, update.new_watermark)
    return metrics


def _prepare_frames(engine: Engine, publication: Publication) -> TableFramePairs:
    """Validate all frames; return those with rows, in publishing order (referenced tables first)."""
    unknown = [name for name in publication.frames if name not in _PUBLISHED_TABLES]
    if unknown:
        message = f"{len(unknown)} table(s) are not result tables and cannot be published: {', '.join(unknown)}"
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
        message = f"{table.name}: {others} row(s) are of another machine than {publication.equip_id}"
        raise ContractError(message)
    # Without a time there is nothing to compare with the span of the batch.
    if first is None:
        return
    # Events and days may begin before the batch: they were open at its start.
    early = table.grain in ("time", "state") and first < publication.start
    # A state is as of the end of a window, and so may lie at the very end of the batch.
    limit = publication.end + _MILLISECOND if table.grain == "state" else publication.end
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
        stored_count: Stored rows from the start of the batch on; None if staged rows may lie before it.
    """

    table: Table
    row_count: int
    staged_frame: StagedFrame | None
    stored_count: int | None


_SPAN_GRAINS = ("time", "event", "day", "state")
"""Grains whose rows have a time, so that a batch replaces a span of them."""


def _count_rows_from_start(engine: Engine, publication: Publication, frames: TableFramePairs) -> dict[str, int]:
    """Return the number of stored rows from the start of the batch on, by table.

    A table whose staged rows may lie before that start has no entry.

    One statement for all tables, because every batch needs it. The count makes most statements of a table unnecessary:

    - Nothing is stored, as nearly always in a backfill: insert without a look-up, delete nothing.
    - After the upsert as many rows are stored as staged: none is stale, and no key is stored twice.
    """
    first_events = {
        table.name: frame[table.time_column or ""].min() for table, frame in frames if table.grain == "event"
    }
    candidates, params = [], []
    for table in _PUBLISHED_TABLES.values():
        start, _ = _span_to_replace(publication, table)
        first = first_events.get(table.name)
        # An event that began before the batch may be stored already, outside the span counted here.
        early = isinstance(first, datetime) and first < start
        if table.grain in _SPAN_GRAINS and not early:
            candidates.append(table)
            params += [publication.equip_id, start, _MAX_TIME]
    counts = (merge.build_row_count(table, engine.dialect, with_table_name=True) for table in candidates)
    return dict(engine.query("\nUNION ALL\n".join(counts), params).iter_rows())


def _write_tables(
    engine: Engine, publication: Publication, frames: TableFramePairs, staged: Sequence[StagedFrame]
) -> list[TableMetric]:
    stored_counts = _count_rows_from_start(engine, publication, frames)
    # Staged frames come back in the order of the batch.
    staged_by_table = {
        table.name: (frame.height, staged_frame) for (table, frame), staged_frame in zip(frames, staged, strict=True)
    }
    metrics = []
    for table in _PUBLISHED_TABLES.values():
        row_count, staged_frame = staged_by_table.get(table.name, (0, None))
        stored_count = stored_counts.get(table.name)
        has_stored_rows = table.grain in _SPAN_GRAINS and stored_count != 0
        if row_count or has_stored_rows:
            with annotate_errors(table):
                table_write = _TableWrite(table, row_count, staged_frame, stored_count)
                metrics.append(_write_table(engine, publication, table_write))
    return metrics


def _write_table(engine: Engine, publication: Publication, table_write: _TableWrite) -> TableMetric:
    started_at = clock.perf_counter()
    table, row_count, staged_frame = table_write.table, table_write.row_count, table_write.staged_frame
    params = [publication.equip_id, *_span_to_replace(publication, table)]
    upserted = UpsertCounts()
    if staged_frame:
        upsert = merge.build_upsert(
            table,
            staged_frame.relation,
            engine.dialect,
            empty_target=table_write.stored_count == 0,
            limit_to_span=table.large,
        )
        upserted = run_statements(engine, upsert, params)
    deleted = 0
    # All staged keys are stored now, and a key contains machine and time. If no further rows are stored from the start
    # of the batch on, none is stale and none is stored twice.
    is_exact = table_write.stored_count is not None and table_write.stored_count + upserted.inserted == row_count
    if table.grain in _SPAN_GRAINS and not is_exact:
        # Rows of a replay that are not computed any more must go: an episode that has vanished, a removed reading.
        relation = staged_frame.relation if staged_frame else None
        deleted = run_statements(engine, [merge.build_stale_delete(table, relation, engine.dialect)], params).deleted
        if table.large and not engine.dialect.has_large_table_keys:
            _check_unique_keys(engine, table, params, expected_rows=row_count)
    seconds = (staged_frame.seconds if staged_frame else 0.0) + clock.perf_counter() - started_at
    return TableMetric(table.name, row_count, upserted.inserted, upserted.updated, deleted, seconds)


def _span_to_replace(publication: Publication, table: Table) -> tuple[datetime, datetime]:
    """Return the span [start, end) of a table that this batch replaces."""
    if table.grain == "state":  # AsOf is the end of a window: (start, end] in whole milliseconds
        return publication.start + _MILLISECOND, publication.end + _MILLISECOND
    # Day rows are replaced from the start of the day, because a batch may begin in the middle of a local day.
    return publication.first_day_start if table.grain == "day" else publication.start, publication.end


def _check_unique_keys(engine: Engine, table: Table, params: list[Any], *, expected_rows: int) -> None:
    """Check that no key is stored twice, where the engine has no primary key on large tables.

    After the upsert every staged key is stored, and no other; so more rows than staged keys means a duplicate.
    """
    stored = _count_stored_rows(engine, table, params)
    if stored != expected_rows:
        message = (
            f"{table.name} would have {stored} rows for {expected_rows} keys of machine {params[0]} from {params[1]}"
            f" to {params[2]}: some keys were stored twice before; replay this period with --replay-from '{params[1]}'"
        )
        raise StoreError(message, table=table.name)


def _count_stored_rows(engine: Engine, table: Table, params: list[Any]) -> int:
    return int(engine.query(merge.build_row_count(table, engine.dialect), params).item())


def _drop_states(engine: Engine, publication: Publication) -> None:
    delete = engine.dialect.sql("DELETE FROM {ACM_State} WHERE {EquipID} = ? AND {AsOf}")
    # In the transaction that stores the new state, so that a resume point always exists.
    for as_of in publication.drop_state_times:
        engine.execute(f"{delete} = ?", [publication.equip_id, as_of])
    if publication.drop_states_before:
        engine.execute(f"{delete} < ?", [publication.equip_id, publication.drop_states_before])


def _drop_forecasts(engine: Engine, publication: Publication) -> None:
    # Only the newest days keep their forecasts: readings have superseded the older ones.
    if publication.drop_forecasts_before is None:
        return
    for table in tables.forecast.TABLES:
        with annotate_errors(table):
            sql = engine.dialect.sql("DELETE FROM {table} WHERE {EquipID} = ? AND {AsOf} < ?", table=table)
            engine.execute(sql, [publication.equip_id, publication.drop_forecasts_before])


def _clean_up_runs(engine: Engine, publication: Publication) -> None:
    # A NOOP run has no row in ACM_Runs; the row of an earlier failed attempt of the same run has to go.
    run_ids = _run_ids(publication)
    run_cleanup.delete_run_summaries(engine, run_ids - set(publication.run_summaries["RunID"]))
    run_cleanup.remove_replaced_runs(
        engine, publication.equip_id, publication.start, publication.end, keep_run_ids=run_ids
    )


def _record_metrics(engine: Engine, publication: Publication, metrics: list[TableMetric]) -> None:
    # Metrics are known only now, so this table is staged inside the transaction; it has one row per table.
    name = engine.stage_frame(WRITE_METRICS, validate_frame(_build_metric_rows(publication, metrics), WRITE_METRICS))
    run_statements(engine, merge.build_upsert(WRITE_METRICS, name, engine.dialect))


def _build_metric_rows(publication: Publication, metrics: list[TableMetric]) -> pl.DataFrame:
    # One row per table and batch, under the id of the first run of the batch.
    first = publication.run_log.sort("WindowStart", "RunID")["RunID"][0]
    rows = [
        {
            "RunID": first,
            "EquipID": publication.equip_id,
            "TableName": metric.table,
            "GroupStart": publication.start,
            "GroupEnd": publication.end,
            "RowsStaged": metric.rows_staged,
            "RowsInserted": metric.rows_inserted,
            "RowsUpdated": metric.rows_updated,
            "RowsDeleted": metric.rows_deleted,
            "Seconds": metric.seconds,
            "RowsPerSecond": metric.rows_staged / metric.seconds if metric.seconds else None,
        }
        for metric in metrics
    ]
    return pl.DataFrame(rows, schema=WRITE_METRICS.polars_schema)


def _run_ids(publication: Publication) -> set[str]:
    return set(publication.run_log["RunID"].cast(pl.String).unique().to_list())
