"""Read a historian: one wide table per machine, with a time column and one column per tag."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

import polars as pl

from acm_etl.engine import Engine
from acm_etl.errors import InputError
from acm_etl.windows import Window

_DAY = timedelta(days=1)
_FINGERPRINT_SCHEMA: dict[str, pl.DataType] = {"Day": pl.Date(), "ReadingCount": pl.Int64(), "RowsHash": pl.Int64()}


@dataclass(frozen=True, slots=True)
class HistorianSource:
    """Location of the readings of one machine.

    Attributes:
        table: Name of the historian table.
        time_column: Name of the time column (UTC).
        tags: Names of the tag columns, in the order of the model.
        since: Ignore readings before this time; None for no limit.
        until: Ignore readings at or after this time; None for no limit.
    """

    table: str
    time_column: str
    tags: tuple[str, ...]
    since: datetime | None = None
    until: datetime | None = None


@dataclass(frozen=True, slots=True)
class ReadingsExtent:
    """Time of the first and the last reading of a source, and the number of readings."""

    first: datetime
    last: datetime
    reading_count: int


def check_historian_table(engine: Engine, source: HistorianSource) -> None:
    """Check that the historian table has the columns of a source.

    Raises:
        InputError: The table or a column is missing, or a tag has the name ``Timestamp``.
    """
    columns = engine.get_column_types(source.table)
    if not columns:
        message = f"historian table {source.table} does not exist; import readings, or set the right table"
        raise InputError(message)
    # pull_readings names the time column Timestamp, whatever its name in the historian.
    if "Timestamp" in source.tags:
        message = (
            f"{source.table} has a tag named Timestamp, the name of the time column of all results; rename the column"
        )
        raise InputError(message)
    required = (source.time_column, *source.tags)
    missing = [name for name in required if name not in columns]
    if missing:
        message = (
            f"{len(missing)} of {len(required)} columns missing in {source.table}: {', '.join(missing)}. "
            f"The table has: {', '.join(columns)}. Restore the columns; or continue without them: register the machine "
            "again (acm-etl equipment add) and reset it (acm-etl reset)"
        )
        raise InputError(message)


def read_extent(engine: Engine, source: HistorianSource) -> ReadingsExtent | None:
    """Return first time, last time and number of the readings; None if there are none."""
    time = engine.dialect.quote(source.time_column)
    where, params = _build_time_filter(engine, source)
    columns = f"MIN({time}) AS first, MAX({time}) AS last, COUNT({time}) AS readings"
    sql = f"SELECT {columns} FROM {_quote_table(engine, source)}{where}"
    first, last, readings = engine.query(sql, params).row(0)
    return ReadingsExtent(first, last, readings) if readings else None


def pull_readings(engine: Engine, source: HistorianSource, start: datetime, end: datetime) -> pl.DataFrame:
    """Read all readings with ``start <= Timestamp < end``, ordered by time, duplicate times included.

    Returns:
        Frame of (readings, 1 + tags): ``Timestamp`` as ``Datetime("ms")`` and one Float64 column per tag.
    """
    quote = engine.dialect.quote
    columns = ", ".join(quote(name) for name in (source.time_column, *source.tags))
    where, params = _build_time_filter(engine, source, start, end)
    sql = f"SELECT {columns} FROM {_quote_table(engine, source)}{where} ORDER BY {quote(source.time_column)}"
    schema = {"Timestamp": pl.Datetime("ms"), **dict.fromkeys(source.tags, pl.Float64())}
    # Streamed: one result of millions of rows would need its memory twice, as Arrow and as a frame.
    batches = [_cast_readings(batch, schema) for batch in engine.stream_rows(sql, params)]
    return pl.concat(batches) if batches else pl.DataFrame(schema=schema)


def _cast_readings(batch: pl.DataFrame, schema: Mapping[str, pl.DataType]) -> pl.DataFrame:
    # By position: some servers return the names of columns in lower case. A historian may store tags as integers,
    # decimals or bits.
    batch.columns = list(schema)
    return batch.cast(dict(schema))  # type: ignore[arg-type]


def count_readings(engine: Engine, source: HistorianSource, windows: Sequence[Window]) -> list[int]:
    """Return the number of readings of each window.

    Args:
        engine: Session with the store.
        source: Location of the readings.
        windows: Consecutive windows in ascending order, at least one.
    """
    time = engine.dialect.quote(source.time_column)
    where, params = _build_time_filter(engine, source, windows[0].start, windows[-1].end)
    times = engine.query(f"SELECT {time} AS time FROM {_quote_table(engine, source)}{where}", params)
    starts = pl.Series([window.start for window in windows], dtype=pl.Datetime("ms"))
    # side="right": a reading at the start of a window belongs to that window; positions count from 1.
    positions = starts.search_sorted(times["time"].cast(pl.Datetime("ms")), side="right")
    rows: list[tuple[int, int]] = positions.value_counts().rows()
    counts = dict(rows)
    return [counts.get(position, 0) for position in range(1, len(windows) + 1)]


def has_readings(engine: Engine, source: HistorianSource, start: datetime, end: datetime) -> bool:
    """Return True if there is a reading with ``start <= Timestamp < end``."""
    where, params = _build_time_filter(engine, source, start, end)
    sql = f"SELECT COUNT({engine.dialect.quote(source.time_column)}) AS n FROM {_quote_table(engine, source)}{where}"
    return bool(engine.query(sql, params).item())


def read_day_fingerprints(
    engine: Engine, source: HistorianSource, first_day: date | None = None, last_day: date | None = None
) -> pl.DataFrame:
    """Return count and hash of the readings of each UTC day, by one grouped query.

    Args:
        engine: Session with the store.
        source: Location of the readings; the hash covers its tags, in their order.
        first_day: First day; None for the first day of the source.
        last_day: Last day, inclusive; None for the last day of the source.

    Returns:
        Frame of ``Day`` (Date), ``ReadingCount`` and ``RowsHash`` (Int64), by day; days without readings are missing.
        Hashes of different engines differ, and those of DuckDB may differ between its versions: see
        ``read_hash_probe``.
    """
    dialect = engine.dialect
    start = datetime.combine(first_day, time.min) if first_day else None
    end = datetime.combine(last_day, time.min) + _DAY if last_day else None
    where, params = _build_time_filter(engine, source, start, end)
    day = f"CAST({dialect.quote(source.time_column)} AS DATE)"
    cells = [dialect.time_cell.format(time=dialect.quote(source.time_column))]
    cells += [dialect.value_cell.format(value=dialect.quote(tag)) for tag in source.tags]
    rows_hash = dialect.rows_hash.format(cells=dialect.cell_separator.join(cells))
    sql = (
        f"SELECT CAST({day} AS {dialect.sql_types['ts3']}) AS day, COUNT(*) AS readings, {rows_hash} AS rows_hash\n"
        f"FROM {_quote_table(engine, source)}{where} GROUP BY {day} ORDER BY {day}"
    )
    days = engine.query(sql, params)
    days.columns = list(_FINGERPRINT_SCHEMA)
    # A NULL time has no day; it cannot be scored either.
    return days.cast(pl.Schema(_FINGERPRINT_SCHEMA)).filter(pl.col("Day").is_not_null())


def read_hash_probe(engine: Engine) -> int:
    """Return the hash of a constant row.

    Fingerprints can be compared only with those that were stored together with an equal probe.
    """
    dialect = engine.dialect
    cells = [dialect.time_cell.format(time="'2000-01-01'"), dialect.value_cell.format(value="1.5")]
    rows_hash = dialect.rows_hash.format(cells=dialect.cell_separator.join(cells))
    return int(engine.query(f"SELECT {rows_hash} AS probe").item())


def _quote_table(engine: Engine, source: HistorianSource) -> str:
    return engine.dialect.quote(source.table)


def _build_time_filter(
    engine: Engine, source: HistorianSource, start: datetime | None = None, end: datetime | None = None
) -> tuple[str, list[datetime]]:
    time = engine.dialect.quote(source.time_column)
    # The limits of the source and of the call: the narrower ones apply.
    lower = max((t for t in (source.since, start) if t is not None), default=None)
    upper = min((t for t in (source.until, end) if t is not None), default=None)
    bounds = [(f"{time} >= ?", lower), (f"{time} < ?", upper)]
    conditions = [condition for condition, value in bounds if value is not None]
    where = f" WHERE {' AND '.join(conditions)}" if conditions else ""
    return where, [value for _, value in bounds if value is not None]
