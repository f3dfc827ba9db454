"""Describe declared sources: columns, extent and tags of any table, view or query, wide or long.

Without numpy, which ``acm_etl.io.declared_readings`` needs for the readings themselves: ``status`` reads extents only.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

import polars as pl

from acm_etl.engine import Engine
from acm_etl.io import source_clock, source_sql
from acm_etl.io.historian_source import HistorianSource, from_milliseconds, open_reader, to_milliseconds
from acm_etl.io.source_sql import Condition
from acm_etl.source_spec import PIVOT, SourceSpec, ceil_to_grid
from acm_etl.windows import HOUR


def describe_columns(engine: Engine, spec: SourceSpec) -> dict[str, pl.DataType]:
    """Return the columns of a source with their types, by a query that reads no rows.

    Raises:
        StoreError: The source does not exist, or the login may not read it.
    """
    with open_reader(engine, spec) as reader:
        # WHERE instead of LIMIT 0 or TOP 0: every database knows it, and none reads a row for it.
        frame = reader.query(f"SELECT * FROM {source_sql.build_relation(spec, reader.dialect)} WHERE 1 = 0")
    return dict(frame.schema)


def build_row_condition(reader: Engine, source: HistorianSource) -> Condition:
    """Return the condition that a row is a raw reading of one of the tags."""
    spec, dialect = source.declaration, reader.dialect
    if spec.shape == "long":
        tags = source_sql.build_tag_condition(spec, source.tags, dialect)
    else:
        # A row of a sparse table says nothing about tags without a value.
        tags = source_sql.build_value_condition(source.tags, dialect)
    return tags & source_sql.build_filter(spec, dialect)


def read_declared_extent(engine: Engine, source: HistorianSource) -> tuple[datetime, datetime, int] | None:
    """Return first time, last time and number of rows; None if there are none.

    The times are those of readings of the machine: of a sampled source, the grid times of the first and the last raw
    reading. A raw reading at or before a grid time makes that reading, so windows before the last one are complete.
    """
    rows = _read_extent_rows(engine, source)
    if rows.is_empty():
        return None
    every = (source.sampling or PIVOT).every_ms
    first, last = (to_milliseconds(moment) for moment in (rows["first"].min(), rows["last"].max()))  # type: ignore[arg-type]
    limits = ceil_to_grid(first, every), ceil_to_grid(last, every)
    return from_milliseconds(limits[0]), from_milliseconds(limits[1]), int(rows["readings"].sum())


def count_missing_times(engine: Engine, source: HistorianSource) -> int:
    """Return the number of raw rows of the tags, or of no tag, without a time: no period, and so no pull, has them."""
    spec = source.declaration
    with open_reader(engine, spec) as reader:
        # A database answers this from an index on the time, and without reading from a column that is NOT NULL.
        condition = Condition((f"s.{reader.dialect.quote(spec.time_column)} IS NULL",))
        if spec.shape == "long":
            named = source_sql.build_tag_condition(spec, source.tags, reader.dialect)
            nameless = source_sql.build_missing_tag_condition(spec, reader.dialect)
            condition &= named | nameless
            condition &= source_sql.build_filter(spec, reader.dialect)
        else:
            condition &= build_row_condition(reader, source)
        relation = source_sql.build_relation(spec, reader.dialect)
        sql = f"SELECT {reader.dialect.count_rows} AS n FROM {relation}{condition.where}"
        return int(reader.query(sql, condition.params).item())


def _read_extent_rows(engine: Engine, source: HistorianSource) -> pl.DataFrame:
    """Return first time, last time (UTC) and number of the raw rows within the limits of the source.

    One row; of a local clock with limits, one row per minute: such limits are exact only after the conversion to UTC.
    """
    spec, limits = source.declaration, (source.since, source.until)
    by_minute = limits != (None, None) and not source_clock.is_exact(spec.clock)
    with open_reader(engine, spec) as reader:
        time = f"s.{reader.dialect.quote(spec.time_column)}"
        condition = source_sql.build_period(spec, reader.dialect, *limits) & build_row_condition(reader, source)
        # Rows without a time are never pulled, so the number of readings leaves them out.
        condition &= Condition((f"{time} IS NOT NULL",))
        group = f" GROUP BY {reader.dialect.minute_of.format(time=time)}" if by_minute else ""
        sql = (
            f"SELECT MIN({time}) AS first, MAX({time}) AS last, {reader.dialect.count_rows} AS readings\n"
            f"FROM {source_sql.build_relation(spec, reader.dialect)}{condition.where}{group}"
        )
        rows = reader.query(sql, condition.params)
    # MIN and MAX over no rows are one row of NULLs with the count 0.
    rows = rows.filter(pl.col("readings") > 0)
    converted = rows.with_columns(_convert_limits(rows[name], spec.clock) for name in ("first", "last"))
    if by_minute and source.since is not None:
        converted = converted.filter(pl.col("first") >= source.since)
    if by_minute and source.until is not None:
        converted = converted.filter(pl.col("last") < source.until)
    return converted


def _convert_limits(times: pl.Series, clock: str) -> pl.Series:
    utc = source_clock.convert_to_utc(times, clock)
    if not utc.null_count():
        return utc
    # A local time that the clock change skips: as long after the last time that exists as its clock says.
    later = source_clock.convert_to_utc(times.cast(pl.Datetime("ms")) + HOUR, clock)
    return utc.fill_null(later - HOUR)


@dataclass(frozen=True, slots=True)
class TagExtent:
    """Readings of one tag of a source.

    Attributes:
        name: Name of the tag.
        readings: Number of its rows; of a wide source, of its cells with a value.
        first: Time of the first one, UTC; None without readings.
        last: Time of the last one, UTC; None without readings.
    """

    name: str
    readings: int
    first: datetime | None
    last: datetime | None


def read_tag_extents(engine: Engine, spec: SourceSpec, tags: Sequence[str] = ()) -> list[TagExtent]:
    """Return the tags of a source with the extents of their readings.

    Args:
        engine: Session with the store.
        spec: Declaration of the source.
        tags: Columns of a wide source; a long one is asked for its tags.
    """
    if spec.shape == "wide" and not tags:
        return []
    with open_reader(engine, spec) as reader:
        quote, condition = reader.dialect.quote, source_sql.build_filter(spec, reader.dialect)
        time, relation = f"s.{quote(spec.time_column)}", source_sql.build_relation(spec, reader.dialect)
        if spec.shape == "long":
            tag = f"s.{quote(spec.tag_column or '')}"
            measures = (
                f"{tag} AS tag, {reader.dialect.count_rows} AS readings, MIN({time}) AS first, MAX({time}) AS last"
            )
            rows = reader.query(f"SELECT {measures} FROM {relation}{condition.where} GROUP BY {tag}", condition.params)
            # Historians also name tags by numbers (point ids); names of tags are texts everywhere else.
            rows = rows.drop_nulls("tag").with_columns(pl.col("tag").cast(pl.String)).sort("tag")
        else:
            parts = [_query_column(reader, spec, name, condition) for name in tags]
            rows = pl.concat(parts, how="vertical_relaxed")
    first, last = (source_clock.convert_to_utc(rows[name], spec.clock) for name in ("first", "last"))
    return [TagExtent(*row) for row in zip(rows["tag"], rows["readings"].cast(pl.Int64), first, last, strict=True)]


def _query_column(reader: Engine, spec: SourceSpec, name: str, condition: Condition) -> pl.DataFrame:
    quote = reader.dialect.quote
    time, value = f"s.{quote(spec.time_column)}", f"s.{quote(name)}"
    present = condition & Condition((f"{value} IS NOT NULL",))
    sql = (
        f"SELECT {reader.dialect.count_rows} AS readings, MIN({time}) AS first, MAX({time}) AS last\n"
        f"FROM {source_sql.build_relation(spec, reader.dialect)}{present.where}"
    )
    return reader.query(sql, present.params).select(pl.lit(name).alias("tag"), "readings", "first", "last")
