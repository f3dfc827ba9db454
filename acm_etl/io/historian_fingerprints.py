"""Count and hash of the raw readings per day, to find readings that changed after they were scored."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

import polars as pl

from acm_etl.dialects import Dialect
from acm_etl.engine import Engine
from acm_etl.io import source_clock, source_sql
from acm_etl.io.historian_declared import build_row_condition, describe_columns
from acm_etl.io.historian_source import HistorianSource, open_reader
from acm_etl.io.source_sql import Condition
from acm_etl.source_spec import EPOCH_CLOCKS, OFFSET_CLOCK, UTC_CLOCK, SourceSpec, format_object_name
from acm_etl.windows import DAY

_SCHEMA: dict[str, pl.DataType] = {"Day": pl.Date(), "ReadingCount": pl.Int64(), "RowsHash": pl.Int64()}

# SQL Server cuts a join of short values at 8,000 bytes. A number has 8 of them, and a text up to 800.
_CELLS_PER_GROUP, _TEXT_CELLS_PER_GROUP = 250, 10


@dataclass(frozen=True, slots=True)
class _Expressions:
    """SQL of one grouped query.

    Attributes:
        slot: Expression to group by: a part of a UTC day.
        hash: Aggregate of the rows of a slot.
    """

    slot: str
    hash: str


def read_day_fingerprints(engine: Engine, source: HistorianSource) -> pl.DataFrame:
    """Return count and hash of the raw readings of each UTC day, by one grouped query.

    Args:
        engine: Session with the store.
        source: Location and time limits of the readings; the hash covers its tags, in their order.

    Returns:
        Frame of ``Day`` (Date), ``ReadingCount`` and ``RowsHash`` (Int64), by day; days without readings are missing.
        Hashes of different engines differ, and those of DuckDB may differ between its versions: see
        ``read_hash_probe``.
    """
    spec = source.spec or SourceSpec(object_name=format_object_name(source.table), time_column=source.time_column)
    # Numbers are hashed by their bits, texts by their characters; only the types tell which is which. The columns of an
    # undeclared table are numbers: check_historian_table holds that.
    types = describe_columns(engine, spec) if source.spec is not None else {}
    with open_reader(engine, spec) as reader:
        parts = _build_expressions(reader.dialect, source, spec, types)
        condition = source_sql.build_period(spec, reader.dialect, source.since, source.until)
        if source.spec is not None:
            condition &= build_row_condition(reader, source)
        sql = _build_statement(reader.dialect, spec, parts, condition)
        slots = reader.query(sql, condition.params)
    return _sum_days(slots, spec.clock, source.since, source.until)


def read_hash_probe(engine: Engine) -> int:
    """Return the hash of a constant row.

    Fingerprints can be compared only with those that were stored together with an equal probe.
    """
    dialect = engine.dialect
    cells = [dialect.time_cell.format(time="'2000-01-01'"), dialect.value_cell.format(value="1.5")]
    rows_hash = dialect.rows_hash.format(cells=dialect.cell_separator.join(cells))
    return int(engine.query(f"SELECT {rows_hash} AS probe").item())


def _build_statement(dialect: Dialect, spec: SourceSpec, parts: _Expressions, condition: Condition) -> str:
    # As a timestamp: the product knows no dates without a time.
    slot = parts.slot if spec.clock in EPOCH_CLOCKS else f"CAST({parts.slot} AS {dialect.sql_types['ts3']})"
    return (
        f"SELECT {slot} AS slot, COUNT(*) AS readings, {parts.hash} AS rows_hash\n"
        f"FROM {source_sql.build_relation(spec, dialect)}{condition.where} GROUP BY {parts.slot}"
    )


def _build_expressions(
    dialect: Dialect, source: HistorianSource, spec: SourceSpec, types: dict[str, pl.DataType]
) -> _Expressions:
    column = f"s.{dialect.quote(spec.time_column)}"
    if spec.clock in EPOCH_CLOCKS:
        slot = f"FLOOR({column} / {DAY.total_seconds() * 1000 / EPOCH_CLOCKS[spec.clock]})"
        cells = [dialect.value_cell.format(value=column)]
    else:
        utc = dialect.offset_to_utc.format(time=column) if spec.clock == OFFSET_CLOCK else column
        # Local times by the minute: days of UTC begin at any quarter of an hour of a local clock.
        local = spec.clock not in (UTC_CLOCK, OFFSET_CLOCK)
        slot = dialect.minute_of.format(time=utc) if local else f"CAST({utc} AS DATE)"
        cells = [dialect.time_cell.format(time=utc)]
    if spec.shape == "long":
        names = (spec.tag_column, spec.value_column, spec.quality_column)
        cells += [_build_cell(dialect, name, types[name]) for name in names if name]
    else:
        cells += [_build_tag_cell(dialect, tag, types) for tag in source.tags]
    has_texts = spec.shape == "wide" and any(types.get(tag) == pl.String for tag in source.tags)
    size = _TEXT_CELLS_PER_GROUP if has_texts else _CELLS_PER_GROUP
    return _Expressions(slot, dialect.rows_hash.format(cells=_join_cells(dialect, cells, group_size=size)))


def _join_cells(dialect: Dialect, cells: list[str], *, group_size: int) -> str:
    """Join the cells of a row, in groups if there are many."""
    separator = dialect.cell_separator
    if len(cells) <= group_size:
        return separator.join(cells)
    groups = (separator.join(cells[first : first + group_size]) for first in range(0, len(cells), group_size))
    return separator.join(dialect.cell_group.format(cells=group) for group in groups)


def _build_tag_cell(dialect: Dialect, tag: str, types: dict[str, pl.DataType]) -> str:
    # A column that became text holds cells that are no numbers; all others keep the hashes that are stored.
    is_text = types.get(tag) == pl.String
    column = f"s.{dialect.quote(tag)}"
    return dialect.text_cell.format(text=column) if is_text else dialect.value_cell.format(value=column)


def _build_cell(dialect: Dialect, name: str, dtype: pl.DataType) -> str:
    column = f"s.{dialect.quote(name)}"
    return dialect.value_cell.format(value=column) if dtype.is_numeric() else dialect.text_cell.format(text=column)


def _sum_days(slots: pl.DataFrame, clock: str, lower: datetime | None, upper: datetime | None) -> pl.DataFrame:
    """Return the sums of the slots by UTC day."""
    slots.columns = ["Slot", "ReadingCount", "RowsHash"]
    if clock in EPOCH_CLOCKS:
        times = (slots["Slot"].cast(pl.Float64) * DAY.total_seconds() * 1000).cast(pl.Int64).cast(pl.Datetime("ms"))
    else:
        # The slots of an offset column are UTC already.
        times = source_clock.convert_to_utc(slots["Slot"], UTC_CLOCK if clock == OFFSET_CLOCK else clock)
    frame = slots.with_columns(Time=times)
    if not source_clock.is_exact(clock):
        # The limits in the local column were wider than asked for.
        if lower is not None:
            frame = frame.filter(pl.col("Time") >= lower)
        if upper is not None:
            frame = frame.filter(pl.col("Time") < upper)
    # A NULL time has no day; it cannot be scored either.
    days = frame.filter(pl.col("Time").is_not_null()).group_by(pl.col("Time").dt.date().alias("Day"))
    # Hashes of the parts of a day add up to that of the day.
    return days.agg(pl.col("ReadingCount", "RowsHash").sum()).cast(pl.Schema(_SCHEMA)).sort("Day")
