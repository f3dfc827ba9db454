"""Read the readings of a machine: from its wide table ``<CODE>_Data``, or from its declared source.

A wide table has a UTC time column and one column per tag. ``acm_etl.io.historian_declared`` and ``declared_readings``
read all other sources; the latter is imported on use, because it needs numpy.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

import polars as pl

from acm_etl.counts import format_count
from acm_etl.dialects.column_types import is_numeric_type, is_readable_time_type
from acm_etl.engine import Engine
from acm_etl.errors import InputError
from acm_etl.io.historian_declared import count_missing_times, describe_columns, read_declared_extent
from acm_etl.io.historian_fingerprints import read_day_fingerprints, read_hash_probe
from acm_etl.io.historian_source import HistorianSource
from acm_etl.io.source_clock import clip_to_calendar, is_time_type
from acm_etl.io.source_quality import is_value_type
from acm_etl.source_spec import SourceSpec
from acm_etl.windows import Window

_MAX_CHUNK_ROWS = 100_000
_MAX_CHUNK_CELLS = 5_000_000  # of a batch of a wide machine: 40 MB

__all__ = [
    "HistorianSource",
    "ReadingsExtent",
    "check_historian_table",
    "count_missing_times",
    "count_readings",
    "has_readings",
    "pull_readings",
    "read_day_fingerprints",
    "read_extent",
    "read_hash_probe",
]


@dataclass(frozen=True, slots=True)
class ReadingsExtent:
    """Time of the first and the last reading of a source, and the number of readings.

    Times are those of readings of the machine; the number is that of the rows of the source, which has several rows per
    reading if it is long or sampled.
    """

    first: datetime
    last: datetime
    reading_count: int


def check_historian_table(engine: Engine, source: HistorianSource) -> None:
    """Check that the historian table has the columns of a source, and that they still hold numbers and times.

    Raises:
        InputError: The table or a column is missing, a column has another kind of type than at the registration, or a
            tag has the name ``Timestamp``.
    """
    types = engine.get_column_types(source.table) if source.spec is None else {}
    declared_types = {} if source.spec is None else describe_columns(engine, source.spec)
    columns: Collection[str] = types or declared_types
    if not columns:
        message = f"historian table {source.table} does not exist; import readings, or set the right table"
        raise InputError(message)
    # pull_readings names the time column Timestamp, whatever its name in the historian.
    if "Timestamp" in source.tags:
        message = (
            f"{source.table} has a tag named Timestamp, the name of the time column of all results; rename the column"
        )
        raise InputError(message)
    # Tags of a long source are values; a tag without rows is one without readings, not an error.
    tags = () if source.spec is not None and source.spec.shape == "long" else source.tags
    required = (*(source.spec.columns if source.spec is not None else (source.time_column,)), *tags)
    missing = [name for name in required if name not in columns]
    if missing:
        message = (
            f"{len(missing)} of {len(required)} columns missing in {source.table}: {', '.join(missing)}. "
            f"The table has: {', '.join(columns)}. Restore the columns; or continue without them: register the machine "
            "again (acm-etl equipment add) and reset it (acm-etl reset)"
        )
        raise InputError(message)
    if source.spec is None:
        _check_column_types(source, types)
    else:
        _check_declared_types(source.spec, declared_types)


def _check_column_types(source: HistorianSource, types: Mapping[str, str]) -> None:
    """Check that the time column of a wide table is a timestamp, and that the columns of the tags are numeric.

    Raises:
        InputError: Somebody has changed the type of a column.
    """
    time_type = types[source.time_column]
    changed = (
        [] if is_readable_time_type(time_type) else [f"{source.time_column} is {time_type}, was a time without zone"]
    )
    # A cast would read text as numbers row by row, and fail at the first cell that is none.
    changed += [f"{tag} is {types[tag]}, was numeric" for tag in source.tags if not is_numeric_type(types[tag])]
    if changed:
        message = (
            f"{source.table} has {format_count(len(changed), 'column')} of another type than when the machine was "
            f"registered: {'; '.join(changed)}. Restore the type (ALTER TABLE ... ALTER COLUMN), or declare the "
            "table as it is now with acm-etl source"
        )
        raise InputError(message)


def _check_declared_types(spec: SourceSpec, types: Mapping[str, pl.DataType]) -> None:
    """Check the time column of a declared source, and the value column of a long one.

    Cells of tags are parsed one by one, and those that are no numbers are counted.

    Raises:
        InputError: Somebody has changed the type of a column.
    """
    changed = [] if is_time_type(types[spec.time_column], spec.clock) else [spec.time_column]
    if spec.shape == "long" and not is_value_type(types[spec.value_column or ""]):
        changed.append(spec.value_column or "")
    if changed:
        found = ", ".join(f"{name} is {types[name]}" for name in changed)
        message = (
            f"{spec.label} has {format_count(len(changed), 'column')} of another type than when it was declared: "
            f"{found}. Restore the type, or declare the source again (acm-etl source)"
        )
        raise InputError(message)


def read_extent(engine: Engine, source: HistorianSource) -> ReadingsExtent | None:
    """Return first time, last time and number of the readings; None if there are none."""
    if source.spec is not None:
        declared = read_declared_extent(engine, source)
        return ReadingsExtent(*declared) if declared else None
    time = engine.dialect.quote(source.time_column)
    where, params = _build_time_filter(engine, source)
    # COUNT of the column, not of the rows: a row without a time is no reading and no window can pull it.
    columns = f"MIN({time}) AS first, MAX({time}) AS last, COUNT({time}) AS readings"
    sql = f"SELECT {columns} FROM {_quote_table(engine, source)}{where}"
    row = engine.query(sql, params)
    if not row["readings"].item():
        return None
    first, last = (clip_to_calendar(row[name]).item() for name in ("first", "last"))
    return ReadingsExtent(first, last, row["readings"].item())


def pull_readings(
    engine: Engine,
    source: HistorianSource,
    start: datetime,
    end: datetime,
    *,
    rejected: list[pl.DataFrame] | None = None,
    expected_count: int | None = None,
) -> pl.DataFrame:
    """Read all readings with ``start <= Timestamp < end``, ordered by time, duplicate times included.

    Args:
        engine: Session with the store.
        source: Location of the readings.
        start: Start of the period, UTC.
        end: End of the period, UTC, exclusive.
        rejected: Gets a frame of the raw cells that are not taken as they stand (``Timestamp``, ``ColumnName``,
            ``EventType``, ``Value``), if the source is declared.
        expected_count: Number of readings at most, if it is known; more are read all the same.

    Returns:
        Frame of (readings, 1 + tags): ``Timestamp`` as ``Datetime("ms")`` and one Float64 column per tag.
    """
    if source.spec is not None:
        from acm_etl.io.declared_readings import pull_declared  # noqa: PLC0415 - see above

        readings, losses = pull_declared(engine, source, start, end, finds_missing_tags=rejected is not None)
        if rejected is not None:
            rejected.append(losses)
        return readings
    quote = engine.dialect.quote
    columns = ", ".join(quote(name) for name in (source.time_column, *source.tags))
    where, params = _build_time_filter(engine, source, start, end)
    sql = f"SELECT {columns} FROM {_quote_table(engine, source)}{where} ORDER BY {quote(source.time_column)}"
    schema = {"Timestamp": pl.Datetime("ms"), **dict.fromkeys(source.tags, pl.Float64())}
    chunk_rows = min(_MAX_CHUNK_ROWS, max(1, _MAX_CHUNK_CELLS // max(1, len(source.tags))))
    # The import of pyarrow, which a stream of DuckDB needs, takes as long as scoring a day: 20 ms of CPU.
    if expected_count is not None and expected_count <= chunk_rows:
        return _cast_readings(engine.query(sql, params), schema)
    # Streamed: one result of millions of rows would need its memory twice, as Arrow and as a frame.
    batches = [_cast_readings(batch, schema) for batch in engine.stream_rows(sql, params, chunk_size=chunk_rows)]
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
    if source.spec is not None:
        from acm_etl.io.declared_readings import count_declared  # noqa: PLC0415 - see above

        return count_declared(engine, source, windows)
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
    if source.spec is not None:
        return sum(count_readings(engine, source, [Window(start, end)])) > 0
    where, params = _build_time_filter(engine, source, start, end)
    sql = f"SELECT COUNT({engine.dialect.quote(source.time_column)}) AS n FROM {_quote_table(engine, source)}{where}"
    return bool(engine.query(sql, params).item())


def _quote_table(engine: Engine, source: HistorianSource) -> str:
    return engine.dialect.quote(source.table)


def _build_time_filter(
    engine: Engine, source: HistorianSource, start: datetime | None = None, end: datetime | None = None
) -> tuple[str, list[datetime]]:
    time = engine.dialect.quote(source.time_column)
    lower, upper = source.limit_period(start, end)
    # Half-open: neighbouring windows neither share a reading nor lose one.
    bounds = [(f"{time} >= ?", lower), (f"{time} < ?", upper)]
    conditions = [condition for condition, value in bounds if value is not None]
    where = f" WHERE {' AND '.join(conditions)}" if conditions else ""
    return where, [value for _, value in bounds if value is not None]
