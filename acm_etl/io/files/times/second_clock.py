"""A second time column of the same rows: a check of the zone that the user gives for the first one, and of its gaps."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import polars as pl

from acm_etl.counts import format_count
from acm_etl.errors import InputError
from acm_etl.host import quote_word
from acm_etl.io.files.times.sample_cells import SAMPLE_ROWS
from acm_etl.io.files.times.time_column import TimeColumn
from acm_etl.io.files.times.time_decision import decide_times
from acm_etl.io.files.times.time_names import names_other_moment
from acm_etl.io.files.times.time_reading import join_time_cells
from acm_etl.io.files.times.zone_words import find_zone_offsets, format_offset

_MIN_ROWS = 3
_OFFSET_STEP = 15  # minutes; all offsets from UTC are multiples
_MAX_OFFSET = 14 * 60


def doubt_zone(time: TimeColumn, others: Sequence[TimeColumn], sample: pl.DataFrame) -> Iterator[str]:
    """Yield a doubt for each other column by which the clock of the times is at no offset that their zone ever has.

    Args:
        time: Time column of the readings.
        others: Further time columns of the same rows.
        sample: The first rows of the file.
    """
    if names_other_moment(time.name):
        return
    for other in others:
        ahead = None if names_other_moment(other.name) else _measure_offset(time, other, sample.head(SAMPLE_ROWS))
        if ahead is not None:
            yield (
                f"{time.label} is {format_offset(ahead)} if {other.name!r}, which states its offset, has the same "
                f"times; {time.zone} never is. If so, take those: --time-column {other.name!r}"
            )


def doubt_gaps(time: TimeColumn, others: Sequence[TimeColumn], sample: pl.DataFrame) -> Iterator[str]:
    """Yield a doubt for each other column that has a time in rows in which the time column is empty.

    Args:
        time: Time column of the readings.
        others: Further time columns of the same rows.
        sample: The first rows of the file.
    """
    gaps = sample.filter(join_time_cells(sample, time.columns).is_null())
    for other in others if len(gaps) else ():
        count = 0 if names_other_moment(other.name) else join_time_cells(gaps, other.columns).count()
        if count:
            yield (
                f"{time.label} is empty in {format_count(count, 'row')} in which {other.name!r} has a time; if that is "
                f"the time of the readings, add --time-column {quote_word('+'.join(other.columns))}"
            )


def _measure_offset(time: TimeColumn, other: TimeColumn, sample: pl.DataFrame) -> int | None:
    """Return how far a clock is ahead of UTC in all rows, in minutes.

    None if the clock states an offset or the other column has none, or if an offset of the zone explains the distance.
    """
    columns = [_copy_column(time), _copy_column(other)]
    for column in columns:
        column.add_values(sample)
    try:
        local, stated = (decided.reading.parse_local_times(sample) for decided in decide_times(columns).times)
    # The order of their dates is open, or the other column is hardly readable: then it proves nothing.
    except InputError:
        return None
    minutes = pl.col("local").cast(pl.Datetime("ms")).dt.epoch("ms") / 60_000
    clock = local.select(minutes).to_series()
    ahead = (clock - stated.select(minutes - pl.col("offset")).to_series()).drop_nulls()
    # Another distance in each row is that of storage or of change.
    is_fixed = len(ahead) >= _MIN_ROWS and ahead.n_unique() == 1
    if local["offset"].count() or not is_fixed or ahead[0] % _OFFSET_STEP or abs(ahead[0]) > _MAX_OFFSET:
        return None
    steps = clock.diff().abs()
    step = steps.filter(steps > 0).median()
    # Up to a step of the rows, the distance is that of start and end, or of a delay.
    lag = min(abs(ahead[0] - offset) for offset in find_zone_offsets(time.zone))
    return int(ahead[0]) if isinstance(step, float) and lag > step else None


def _copy_column(column: TimeColumn) -> TimeColumn:
    """Return a time column without evidence: that of the first rows must not count twice."""
    return TimeColumn(
        column.file_name, column.columns, column.kind, column.zone, column.offset, column.unit, column.time_format
    )
