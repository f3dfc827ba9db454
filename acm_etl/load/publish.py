"""The one transaction: results, runs, state, metrics and progress of a group of windows, all or nothing."""

from __future__ import annotations

import time as clock
from collections.abc import Mapping
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
from acm_etl.load.staging import clear_staging_at_exit, run_statements
from acm_etl.load.watermark import Watermark
from acm_etl.schema import Table
from acm_etl.tables.runs import ACM_RUNS, BATCH_PROGRESS, RUN_LOG, RUN_STATS, STATE, WRITE_METRICS

_MILLISECOND = timedelta(milliseconds=1)
TableFramePairs = list[tuple[Table, pl.DataFrame]]
_MAX_TIME = datetime(9999, 12, 31)  # noqa: DTZ001 - naive UTC, and the end of DATETIME2


@dataclass(frozen=True, slots=True)
class WatermarkUpdate:
    """A move of the progress row.

    Attributes:
        expected_watermark: The row this run started from; None where there was none.
        new_watermark: The row after the group.
    """

    expected_watermark: Watermark | None
    new_watermark: Watermark


@dataclass(frozen=True)
class Publication:
    """Everything one group of windows has to say about one machine.

    Attributes:
        equip_id: The machine.
        start: Start of the group; what is stored in [start, end) and not given here is deleted.
        end: End of the group.
        run_log: RunLog rows of the group, with their final Outcome; at least one.
        run_summaries: ACM_Runs rows of the group.
        frames: Rows by table name. A table of results left out counts as empty.
        watermark_update: How progress moves; None for provisional windows.
        state_rows: ACM_State rows, with AsOf in (start, end].
        drop_state_times: Times of states that are not needed any more (the old head, unless a replay may start there).
        drop_states_before: Older states are not needed any more.
        drop_forecasts_before: Forecasts as of earlier days are not needed any more.
    """

    equip_id: int
    start: datetime
    end: datetime
    run_log: pl.DataFrame
    run_summaries: pl.DataFrame
    frames: Mapping[str, pl.DataFrame] = field(default_factory=dict)
    watermark_update: WatermarkUpdate | None = None
    state_rows: pl.DataFrame = field(default_factory=STATE.empty_frame)
    drop_state_times: tuple[datetime, ...] = ()
    drop_states_before: datetime | None = None
    drop_forecasts_before: datetime | None = None

    @cached_property
    def first_day_start(self) -> datetime:
        """Start of the first local day that has rows here; it may have begun before the group.

        One for all tables: what has no rows of that day any more may have had some when the day was younger.
        """
        days = (frame["AsOf"].min() for name, frame in self.frames.items() if _PUBLISHED_TABLES[name].grain == "day")
        return min([self.start, *(day for day in days if isinstance(day, datetime))])


@dataclass(frozen=True, slots=True)
class TableMetric:
    """What publishing did to one table."""

    table: str
    rows_staged: int
    rows_inserted: int
    rows_updated: int
    rows_deleted: int
    seconds: float


def publish_batch(engine: Engine, publication: Publication) -> list[TableMetric]:
    """Write a group in one transaction; doing it again changes nothing.

    Raises:
        ContractError: A frame does not fit; nothing was staged.
        ConflictError: Somebody else moved the progress.
        StoreError: The database refused; nothing of the group is stored, and the error names the table.
    """
    batch = _prepare_frames(engine, publication)
    metrics: list[TableMetric] = []
    # Staging is over before the transaction begins: bulk copies take their time, locks on the tables must not.
    with clear_staging_at_exit(engine), ExitStack() as transaction:
        places = engine.stage_frames(batch)
        transaction.enter_context(engine.transaction())
        fresh = _find_empty_targets(engine, publication, batch)
        for (table, frame), place in zip(batch, places, strict=True):
            writing = _TableWrite(table, frame, place, empty_target=table.name in fresh)
            with annotate_errors(table):
                metrics.append(_write_table(engine, publication, writing))
        with annotate_errors(RUN_LOG):
            run_cleanup.delete_run_summaries(engine, _run_ids(publication) - set(publication.run_summaries["RunID"]))
            run_cleanup.remove_replaced_runs(
                engine, publication.equip_id, publication.start, publication.end, keep_run_ids=_run_ids(publication)
            )
        with annotate_errors(STATE):
            _drop_states(engine, publication)
        _drop_forecasts(engine, publication)
        with annotate_errors(WRITE_METRICS):
            _record_metrics(engine, publication, metrics)
        with annotate_errors(BATCH_PROGRESS):
            if publication.watermark_update:
                watermark.move_watermark(
                    engine, publication.watermark_update.expected_watermark, publication.watermark_update.new_watermark
                )
    return metrics


def _prepare_frames(engine: Engine, publication: Publication) -> TableFramePairs:
    """Every frame, checked, in publishing order."""
    unknown = [name for name in publication.frames if name not in _PUBLISHED_TABLES]
    if unknown:
        message = f"{len(unknown)} table(s) are not filled by publishing: {', '.join(unknown)}"
        raise ContractError(message)
    if publication.run_log.is_empty():
        message = f"a group of machine {publication.equip_id} has no runs; give one RunLog row per window"
        raise ContractError(message)
    frames = {
        **publication.frames,
        RUN_LOG.name: restore_attempts(engine, validate_frame(publication.run_log, RUN_LOG)),
        ACM_RUNS.name: publication.run_summaries,
        STATE.name: publication.state_rows,
    }
    batch = [
        (table, validate_frame(frames[table.name], table) if table.name in frames else table.empty_frame())
        for table in _PUBLISHED_TABLES.values()
    ]
    for table, frame in batch:
        _check_scope(table, frame, publication)
    run_cleanup.check_foreign_keys(engine, batch, published_run_ids=_run_ids(publication))
    return batch


_PUBLISHED_TABLES = {table.name: table for table in (RUN_LOG, ACM_RUNS, RUN_STATS, *tables.RESULTS, STATE)}


def _check_scope(table: Table, frame: pl.DataFrame, publication: Publication) -> None:
    """Refuse rows of another machine, or of a time that this group does not replace."""
    others = frame.filter(pl.col("EquipID") != publication.equip_id).height
    if others:
        message = f"{table.name}: {others} row(s) are of another machine than {publication.equip_id}"
        raise ContractError(message)
    if table.time_column is None or not frame[table.time_column].count():
        return
    first, last = (
        frame.drop_nulls(table.time_column)
        .select(first=pl.col(table.time_column).min(), last=pl.col(table.time_column).max())
        .row(0)
    )
    early = table.grain in ("time", "state") and first < publication.start
    limit = publication.end + _MILLISECOND if table.grain == "state" else publication.end
    if early or (table.grain in ("time", "event", "day", "state", "run") and last >= limit):
        message = f"{table.name}: rows from {first} to {last} reach out of [{publication.start}, {publication.end})"
        raise ContractError(message)


@dataclass(frozen=True, slots=True)
class _TableWrite:
    table: Table
    frame: pl.DataFrame
    staged_frame: StagedFrame
    empty_target: bool


_SPAN_GRAINS = ("time", "event", "day", "state")
"""Grains whose rows have a place in time, where a group replaces a stretch of it."""


def _find_empty_targets(engine: Engine, publication: Publication, frames: TableFramePairs) -> set[str]:
    """Tables of which nothing is stored from the group's start on: their rows are inserted without looking.

    One statement for all of them: a backfill asks this for every group, and nearly always appends.
    """
    asked, params = [], []
    for table, frame in frames:
        start, _ = _span_to_replace(publication, table)
        early = table.grain == "event" and frame.filter(pl.col(table.time_column or "") < start).height
        if table.grain in _SPAN_GRAINS and not early:
            asked.append(table)
            params += [publication.equip_id, start, _MAX_TIME]
    sql = "\nUNION ALL\n".join(merge.build_row_count(table, engine.dialect, with_table_name=True) for table in asked)
    stored = dict(engine.query(sql, params).iter_rows())
    return {table.name for table in asked if not stored[table.name]}


def _write_table(engine: Engine, publication: Publication, table_write: _TableWrite) -> TableMetric:
    began = clock.perf_counter()
    table, frame, stage = table_write.table, table_write.frame, table_write.staged_frame.relation
    params = [publication.equip_id, *_span_to_replace(publication, table)]
    statements: list[merge.LoadStatement] = []
    if table.grain in _SPAN_GRAINS and not table_write.empty_target:
        statements.append(merge.build_stale_delete(table, stage, engine.dialect))
    if frame.height:
        statements += merge.build_upsert(
            table, stage, engine.dialect, empty_target=table_write.empty_target, limit_to_span=table.large
        )
    counts = run_statements(engine, statements, params)
    if table.large and not engine.dialect.has_large_table_keys and not table_write.empty_target:
        _check_unique_keys(engine, table, params, expected_rows=frame.height)
    seconds = table_write.staged_frame.seconds + clock.perf_counter() - began
    return TableMetric(table.name, frame.height, counts.inserted, counts.updated, counts.deleted, seconds)


def _span_to_replace(publication: Publication, table: Table) -> tuple[datetime, datetime]:
    """The stretch of a table's time that this group replaces."""
    if table.grain == "state":  # a state holds as of the end of a window
        return publication.start + _MILLISECOND, publication.end + _MILLISECOND
    return publication.first_day_start if table.grain == "day" else publication.start, publication.end


def _check_unique_keys(engine: Engine, table: Table, params: list[Any], *, expected_rows: int) -> None:
    """Every staged key is stored and no other: then there are as many rows as keys, or some key is stored twice."""
    stored = _count_stored_rows(engine, table, params)
    if stored != expected_rows:
        message = (
            f"{table.name} would have {stored} rows for {expected_rows} keys of machine {params[0]} from {params[1]} to"
            f" {params[2]}; rows were stored twice before; rewind to before them and run again"
        )
        raise StoreError(message, table=table.name)


def _count_stored_rows(engine: Engine, table: Table, params: list[Any]) -> int:
    return int(engine.query(merge.build_row_count(table, engine.dialect), params).item())


def _drop_states(engine: Engine, publication: Publication) -> None:
    q = engine.dialect.quote
    delete = f"DELETE FROM {q(STATE.name)} WHERE {q('EquipID')} = ? AND {q('AsOf')}"
    for as_of in publication.drop_state_times:
        engine.execute(f"{delete} = ?", [publication.equip_id, as_of])
    if publication.drop_states_before:
        engine.execute(f"{delete} < ?", [publication.equip_id, publication.drop_states_before])


def _drop_forecasts(engine: Engine, publication: Publication) -> None:
    q = engine.dialect.quote
    if publication.drop_forecasts_before is None:
        return
    for table in tables.forecast.TABLES:
        with annotate_errors(table):
            sql = f"DELETE FROM {q(table.name)} WHERE {q('EquipID')} = ? AND {q('AsOf')} < ?"
            engine.execute(sql, [publication.equip_id, publication.drop_forecasts_before])


def _record_metrics(engine: Engine, publication: Publication, metrics: list[TableMetric]) -> None:
    name = engine.stage_frame(WRITE_METRICS, validate_frame(_build_metric_rows(publication, metrics), WRITE_METRICS))
    run_statements(engine, merge.build_upsert(WRITE_METRICS, name, engine.dialect))


def _build_metric_rows(publication: Publication, metrics: list[TableMetric]) -> pl.DataFrame:
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
