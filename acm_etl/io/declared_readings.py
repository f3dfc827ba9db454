"""Read the readings of declared sources: rows streamed in the order of time become cells, and cells become readings.

Cells (time, tag, value) are sampled chunk by chunk, so that memory is bounded by the result and one chunk.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime

import numpy as np
import polars as pl

from acm_etl.engine import Engine
from acm_etl.io import sampling, source_clock, source_sql
from acm_etl.io.historian_declared import build_row_condition
from acm_etl.io.historian_source import (
    HistorianSource,
    RawPeriod,
    from_milliseconds,
    open_reader,
    plan_raw_period,
    to_milliseconds,
)
from acm_etl.io.raw_rows import RejectedCells, read_long_cells, read_wide_cells
from acm_etl.io.source_sql import Condition
from acm_etl.source_spec import PIVOT, SourceSpec
from acm_etl.windows import Window

# A wide row becomes one cell per tag: 4 million cells are 32 MB per array of 64-bit values.
_MAX_CHUNK_CELLS = 4_000_000
_MAX_CHUNK_ROWS = 500_000


def pull_declared(
    engine: Engine, source: HistorianSource, start: datetime, end: datetime, *, finds_missing_tags: bool
) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Read the readings with ``start <= Timestamp < end``, ascending and unique in time.

    Args:
        engine: Session with the store.
        source: Location of the readings.
        start: Start of the period, UTC.
        end: End of the period, UTC, exclusive.
        finds_missing_tags: Whether to look for rows of a long source that name no tag, by a statement of its own.

    Returns:
        Frame of ``Timestamp`` (``Datetime("ms")``) and one Float64 column per tag; and the raw cells of the period that
        were not taken as they stand: ``Timestamp``, ``ColumnName``, ``EventType``, ``Value``.
    """
    period = plan_raw_period(source, start, end)
    every_ms = (source.sampling or PIVOT).every_ms
    rejected = RejectedCells(source.tags, to_milliseconds(start), to_milliseconds(end), every_ms)
    held = np.array([tag in source.held_tags for tag in source.tags], np.bool_)
    sampler = sampling.GridSampler(source.sampling or PIVOT, len(source.tags), period.first_grid, held)
    empty = sampling.build_frame(np.empty(0, np.int64), np.empty((0, len(source.tags))), source.tags)
    if period.is_empty:
        return empty, rejected.build_frame()
    with open_reader(engine, source.spec) as reader:
        cells = _stream_cells(reader, source, period, rejected)
        frames = [frame for frame in sampling.sample_chunks(sampler, cells, source.tags) if frame.height]
        if finds_missing_tags:
            _record_missing_tags(reader, source, period, rejected)
    # Only now: the sampler has seen all chunks once the list above is built.
    rejected.add_dropped(sampler.dropped)
    return pl.concat(frames) if frames else empty, rejected.build_frame()


def _stream_cells(
    reader: Engine, source: HistorianSource, period: RawPeriod, rejected: RejectedCells
) -> Iterator[sampling.CellChunk]:
    spec = source.declaration
    build = _build_long_select if spec.shape == "long" else _build_wide_select
    sql, params = build(reader, source, _build_period(reader, spec, period.lookback, period.end))
    # The lower limit keeps chunks worthwhile: 4,000 tags would otherwise be read 1,000 rows at a time.
    chunk_rows = max(10_000, min(_MAX_CHUNK_ROWS, _MAX_CHUNK_CELLS // max(1, len(source.tags))))
    limits = (period.lookback, period.end)
    for rows in reader.stream_rows(sql, params, chunk_size=chunk_rows):
        if spec.shape == "long":
            yield read_long_cells(rows, spec, limits, rejected)
        else:
            yield read_wide_cells(rows, spec, limits, rejected)


def _record_missing_tags(reader: Engine, source: HistorianSource, period: RawPeriod, rejected: RejectedCells) -> None:
    """Record the rows of a long source that name no tag, which the join with the tags leaves out."""
    spec = source.declaration
    if spec.shape != "long":
        return
    # Apart from the readings, whose statement stays as fast as it is: a database answers this one from its statistics
    # or an index if all rows have a tag, and without reading at all from a column that is NOT NULL.
    condition = _build_period(reader, spec, period.first_raw, period.end)
    condition &= source_sql.build_missing_tag_condition(spec, reader.dialect)
    condition &= source_sql.build_filter(spec, reader.dialect)
    time, relation = reader.dialect.quote(spec.time_column), source_sql.build_relation(spec, reader.dialect)
    sql = f"SELECT s.{time} AS acm_time FROM {relation}{condition.where}"
    for rows in reader.stream_rows(sql, condition.params, chunk_size=_MAX_CHUNK_ROWS):
        rejected.add_missing_tags(rows.to_series(), spec)


def _build_period(reader: Engine, spec: SourceSpec, start: int, end: int) -> Condition:
    lower, upper = from_milliseconds(start), from_milliseconds(end)
    return source_sql.build_period(spec, reader.dialect, lower, upper)


def _build_long_select(reader: Engine, source: HistorianSource, period: Condition) -> tuple[str, Sequence[object]]:
    spec, dialect, quote = source.declaration, reader.dialect, reader.dialect.quote
    quality = f", s.{quote(spec.quality_column)} AS acm_quality" if spec.quality_column else ""
    tag = dialect.as_text.format(text=f"s.{quote(spec.tag_column or '')}")
    # The names twice: the join has converted the column, so only the IN list can use an index on it.
    tags = source_sql.build_tag_condition(spec, source.tags, dialect)
    condition = period & tags & source_sql.build_filter(spec, dialect)
    sql = (
        f"SELECT s.{quote(spec.time_column)} AS acm_time, m.tag_index AS acm_tag, "
        f"s.{quote(spec.value_column or '')} AS acm_value{quality}\n"
        f"FROM {source_sql.build_relation(spec, dialect)}\n"
        # The position instead of the name: an integer per row crosses the wire faster than a text.
        f"JOIN {source_sql.build_tag_table(source.tags, dialect)} ON {tag} = m.tag_name"
        f"{condition.where}\nORDER BY s.{quote(spec.time_column)}"
    )
    return sql, condition.params


def _build_wide_select(reader: Engine, source: HistorianSource, period: Condition) -> tuple[str, Sequence[object]]:
    spec, dialect, quote = source.declaration, reader.dialect, reader.dialect.quote
    columns = ", ".join(f"s.{quote(name)}" for name in (spec.time_column, *source.tags))
    condition = period & source_sql.build_filter(spec, dialect)
    sql = (
        f"SELECT {columns} FROM {source_sql.build_relation(spec, dialect)}{condition.where}\n"
        f"ORDER BY s.{quote(spec.time_column)}"
    )
    return sql, condition.params


def count_declared(engine: Engine, source: HistorianSource, windows: Sequence[Window]) -> list[int]:
    """Return the number of readings of each window: the rows that ``pull_declared`` returns for it."""
    period = plan_raw_period(source, windows[0].start, windows[-1].end)
    if period.is_empty:
        return [0] * len(windows)
    grid_times = _read_grid_times(engine, source, period)
    starts = np.array([to_milliseconds(window.start) for window in windows], np.int64)
    # side="right": a reading at the start of a window belongs to that window; positions count from 1.
    positions = np.searchsorted(starts, grid_times, side="right")
    return [int(count) for count in np.bincount(positions, minlength=len(windows) + 1)[1:]]


def _read_grid_times(engine: Engine, source: HistorianSource, period: RawPeriod) -> sampling.Times:
    spec = source.declaration
    every = (source.sampling or PIVOT).every_ms
    found: list[sampling.Times] = []
    with open_reader(engine, spec) as reader:
        time = f"s.{reader.dialect.quote(spec.time_column)}"
        condition = _build_period(reader, spec, period.first_raw, period.end)
        condition &= build_row_condition(reader, source)
        # DISTINCT: a long source has one row per tag and time.
        sql = f"SELECT DISTINCT {time} FROM {source_sql.build_relation(spec, reader.dialect)}{condition.where}"
        for rows in reader.stream_rows(sql, condition.params, chunk_size=_MAX_CHUNK_ROWS):
            times = source_clock.convert_to_utc(rows.to_series(), spec.clock).drop_nulls().to_physical().to_numpy()
            inside = times[(times >= period.first_raw) & (times < period.end)]
            # Rounded up as in GridSampler, or the counts would differ from the readings that are pulled. Unique per
            # chunk: a coarse grid has far fewer times than the source has rows.
            found.append(np.unique(-(-inside // every) * every))
    return np.unique(np.concatenate(found)) if found else np.empty(0, np.int64)


def read_sample_cells(
    engine: Engine, source: HistorianSource, start: datetime, end: datetime
) -> tuple[sampling.CellChunk, pl.DataFrame]:
    """Return the first raw cells of a period, and those of them that are not taken as they stand.

    Args:
        engine: Session with the store.
        source: Location of the readings.
        start: Start of the period, UTC.
        end: End of the period, UTC, exclusive.
    """
    limits = to_milliseconds(start), to_milliseconds(end)
    rejected = RejectedCells(source.tags, *limits)
    with open_reader(engine, source.spec) as reader:
        # Without look-back: the sample shows raw cells, and nothing is held from before the period.
        period = RawPeriod(limits[0], limits[0], *limits)
        # Before the cells, of which the first chunk is enough: a stream that is left open would block the session.
        _record_missing_tags(reader, source, period, rejected)
        first = next(_stream_cells(reader, source, period, rejected), None)
    return first or sampling.empty_chunk(), rejected.build_frame()
