"""Reading a historian: one wide table per machine, a time column and one column per tag."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

import polars as pl

from acm_etl.engine import Engine
from acm_etl.errors import InputError
from acm_etl.windows import Window


@dataclass(frozen=True, slots=True)
class HistorianSource:
    """Where the readings of one machine are.

    Attributes:
        table: Historian table.
        time_column: Its time column, UTC.
        tags: Its tag columns, in model order.
        since: Readings before this time are not looked at; None for all.
        until: Readings at or after this time are not looked at; None for all.
    """

    table: str
    time_column: str
    tags: tuple[str, ...]
    since: datetime | None = None
    until: datetime | None = None


@dataclass(frozen=True, slots=True)
class ReadingsExtent:
    """First and last reading of a source, and how many readings it has."""

    first: datetime
    last: datetime
    reading_count: int


def check_historian_table(engine: Engine, source: HistorianSource) -> None:
    """Make sure that the historian table still has every column that is asked of it.

    Raises:
        InputError: The table or some columns are missing.
    """
    columns = engine.get_column_types(source.table)
    if not columns:
        message = f"historian table {source.table} does not exist; import readings, or set the right table"
        raise InputError(message)
    if "Timestamp" in source.tags:
        message = f"a tag of {source.table} is called Timestamp, as the times of all results are: rename the column"
        raise InputError(message)
    wanted = (source.time_column, *source.tags)
    missing = [name for name in wanted if name not in columns]
    if missing:
        message = (
            f"{len(missing)} of {len(wanted)} columns missing in {source.table}: {', '.join(missing)}. "
            f"The table has: {', '.join(columns)}. Bring them back; or go without them: add the machine again "
            "(acm-etl equipment add) and reset it"
        )
        raise InputError(message)


def read_extent(engine: Engine, source: HistorianSource) -> ReadingsExtent | None:
    """First and last reading and their number; None where there is no reading."""
    time = engine.dialect.quote(source.time_column)
    where, params = _build_time_filter(engine, source)
    columns = f"MIN({time}) AS first, MAX({time}) AS last, COUNT({time}) AS readings"
    sql = f"SELECT {columns} FROM {_quote_table(engine, source)}{where}"
    first, last, readings = engine.query(sql, params).row(0)
    return ReadingsExtent(first, last, readings) if readings else None


def pull_readings(engine: Engine, source: HistorianSource, start: datetime, end: datetime) -> pl.DataFrame:
    """Readings with ``start <= Timestamp < end``, as they are stored (duplicates and all), ordered by time.

    Returns:
        Frame of (readings, 1 + tags): ``Timestamp`` and one Float64 column per tag.
    """
    quote = engine.dialect.quote
    columns = ", ".join(quote(name) for name in (source.time_column, *source.tags))
    where, params = _build_time_filter(engine, source, start, end)
    sql = f"SELECT {columns} FROM {_quote_table(engine, source)}{where} ORDER BY {quote(source.time_column)}"
    kinds = {"Timestamp": pl.Datetime("ms"), **dict.fromkeys(source.tags, pl.Float64())}
    batches = [_cast_readings(batch, kinds) for batch in engine.stream_rows(sql, params)]
    return pl.concat(batches) if batches else pl.DataFrame(schema=kinds)


def _cast_readings(batch: pl.DataFrame, kinds: Mapping[str, pl.DataType]) -> pl.DataFrame:
    """A batch under its own names, in the types that scoring takes, whatever the historian keeps them in."""
    batch.columns = list(kinds)
    return batch.cast(dict(kinds))  # type: ignore[arg-type]


def count_readings(engine: Engine, source: HistorianSource, windows: Sequence[Window]) -> list[int]:
    """How many readings each window has."""
    time = engine.dialect.quote(source.time_column)
    where, params = _build_time_filter(engine, source, windows[0].start, windows[-1].end)
    times = engine.query(f"SELECT {time} AS time FROM {_quote_table(engine, source)}{where}", params)
    starts = pl.Series([window.start for window in windows], dtype=pl.Datetime("ms"))
    index = starts.search_sorted(times["time"].cast(pl.Datetime("ms")), side="right")
    found = index.value_counts().rows()
    tally = dict(found)
    return [tally.get(position + 1, 0) for position in range(len(windows))]


def has_readings(engine: Engine, source: HistorianSource, start: datetime, end: datetime) -> bool:
    """Whether there is a reading with ``start <= Timestamp < end``."""
    where, params = _build_time_filter(engine, source, start, end)
    sql = f"SELECT COUNT({engine.dialect.quote(source.time_column)}) AS n FROM {_quote_table(engine, source)}{where}"
    return bool(engine.query(sql, params).item())


def _quote_table(engine: Engine, source: HistorianSource) -> str:
    return engine.dialect.quote(source.table)


def _build_time_filter(
    engine: Engine, source: HistorianSource, start: datetime | None = None, end: datetime | None = None
) -> tuple[str, list[datetime]]:
    time = engine.dialect.quote(source.time_column)
    lower = max((t for t in (source.since, start) if t is not None), default=None)
    upper = min((t for t in (source.until, end) if t is not None), default=None)
    bounds = [(f"{time} >= ?", lower), (f"{time} < ?", upper)]
    kept = [(sql, value) for sql, value in bounds if value is not None]
    where = " WHERE " + " AND ".join(sql for sql, _ in kept) if kept else ""
    return where, [value for _, value in kept if value is not None]
