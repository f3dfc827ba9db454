"""Choose the clock of a source from its time column."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

import polars as pl

from acm_etl.engine import Engine
from acm_etl.errors import UsageError
from acm_etl.io.historian_source import open_reader
from acm_etl.io.source_sql import build_filter, build_relation
from acm_etl.source_spec import EPOCH_CLOCKS, OFFSET_CLOCK, UTC_CLOCK, SourceSpec
from acm_etl.windows import EPOCH, MILLISECOND

EARLIEST_TIME = datetime(1980, 1, 1)  # noqa: DTZ001 - naive UTC
"""Readings before are of a clock that was not set."""
_END_TIME = datetime(2100, 1, 1)  # noqa: DTZ001 - naive UTC
# In milliseconds since 1970. Seconds and milliseconds that lie there do not overlap, and neither are days of a
# spreadsheet, 20241231 or microseconds among them.
_EPOCH_RANGE_MS = tuple((time - EPOCH) // MILLISECOND for time in (EARLIEST_TIME, _END_TIME))
_QUERY_ADVICE = 'convert them in a query: --query "SELECT ... FROM ..." (examples: docs/sources.md, Time)'


def choose_clock(engine: Engine, spec: SourceSpec, times: pl.Series, *, named: str | None) -> tuple[str, list[str]]:
    """Return the clock of the time column, and doubts about it, one sentence each.

    Args:
        engine: The store.
        spec: The declaration with its columns.
        times: Some values of the time column.
        named: Clock that the user has named.

    Raises:
        UsageError: The column has no type of a time, or numbers that are no seconds or milliseconds since 1970
            although the user has named neither.
    """
    # The type is certain, whatever was asked for.
    if isinstance(times.dtype, pl.Datetime) and times.dtype.time_zone is not None:
        return OFFSET_CLOCK, []
    if times.dtype.is_numeric():
        return _choose_epoch_clock(engine, spec, times, named if named in EPOCH_CLOCKS else None)
    if not isinstance(times.dtype, (pl.Datetime, pl.Date)):
        message = (
            f"column {spec.time_column} of {spec.label} holds {_describe_type(times.dtype)}, not dates with times; "
            f"{_QUERY_ADVICE}"
        )
        raise UsageError(message)
    if named is not None:
        return named, []
    # UTC is a guess: a naive time does not say its zone, and a wrong one shifts every result.
    doubt = f"the times of {spec.time_column} are read as UTC; if its clock is local, add --timezone with its zone"
    return UTC_CLOCK, [doubt]


def _choose_epoch_clock(engine: Engine, spec: SourceSpec, times: pl.Series, named: str | None) -> tuple[str, list[str]]:
    clocks = [named] if named else list(EPOCH_CLOCKS)
    # The median, because single rows may be of a clock that was not set. As floats: one comparison for integers,
    # decimals and floats.
    middle = times.cast(pl.Float64).median()
    # An empty source counts as seconds.
    if not isinstance(middle, float):
        return clocks[0], []
    # All rows of the sample may be of a clock that was not set: a logger writes these for days, and first.
    fitting = _find_epoch_clock(middle, clocks) or _find_epoch_clock(_read_latest_time(engine, spec), clocks)
    if fitting:
        return fitting, []
    problem = (
        f"column {spec.time_column} of {spec.label} holds numbers such as {middle:.15g}, which are not "
        f"{' or '.join(clocks)} between 1980 and 2100; {_QUERY_ADVICE}"
    )
    if named is None:
        raise UsageError(problem)
    # Not refused: the user may know that readings of today will come.
    return named, [problem]


def _find_epoch_clock(time: float, clocks: Sequence[str]) -> str | None:
    first, end = _EPOCH_RANGE_MS
    return next((clock for clock in clocks if first <= time * EPOCH_CLOCKS[clock] < end), None)


def _read_latest_time(engine: Engine, spec: SourceSpec) -> float:
    with open_reader(engine, spec) as reader:
        condition = build_filter(spec, reader.dialect)
        latest = f"MAX(s.{reader.dialect.quote(spec.time_column)}) AS latest"
        rows = reader.query(
            f"SELECT {latest} FROM {build_relation(spec, reader.dialect)}{condition.where}", condition.params
        )
    return float(rows.item())


def _describe_type(dtype: pl.DataType) -> str:
    names: dict[object, str] = {pl.String: "texts", pl.Time: "times of day"}
    return names.get(dtype, str(dtype))
