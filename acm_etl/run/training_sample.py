"""Training readings in bounded memory: all readings of a period, or blocks of consecutive readings of a long one."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import accumulate, pairwise

import polars as pl

from acm_etl import score
from acm_etl.config import TrainingSettings
from acm_etl.io import historian
from acm_etl.run.context import MachineContext
from acm_etl.windows import EPOCH, MILLISECOND, Window

# Enough blocks for each hour of the day and each week of a period; enough rows in each for the rolling windows.
_BLOCKS = 48
_SLICES_PER_BLOCK = 480  # readings are counted in slices of the period; the limits of blocks lie between slices
_MIN_ROWS_PER_TAG = 10  # a covariance of d tags needs several times d rows, also where that is more than sample_cells
_MIN_RUNNING_FACTOR = 4  # a machine that runs a quarter of the time still reaches running_rows in a sample
_MICROSECOND = timedelta(microseconds=1)
# Offsets of this step, modulo 1, spread evenly for any number of blocks: blocks at equal distances would always show
# the same hours of the day.
_OFFSET_STEP = 0.6180339887498949


@dataclass(frozen=True, slots=True)
class TrainingReadings:
    """Readings to fit models on.

    Attributes:
        frame: The readings, one row per time.
        count: Number of readings of the period.
        last: Time of its last reading, UTC; None without readings.
        sample: Blocks of the frame; None if the frame holds the whole period.
    """

    frame: pl.DataFrame
    count: int
    last: datetime | None
    sample: score.BlockSample | None = None


def pull_training_readings(
    context: MachineContext, source: historian.HistorianSource, start: datetime, end: datetime
) -> TrainingReadings:
    """Read the readings of a period, or a sample of them if there are more than ``training.sample_cells`` cells.

    The sample depends on the readings and the settings only: every run and every batch size gives the same models.

    Args:
        context: The machine.
        source: Location of the readings, with the tags to read.
        start: Start of the period, UTC.
        end: End of the period, UTC, exclusive.
    """
    limit = count_sample_rows(context.config.training, tag_count=len(source.tags))
    # The number of all readings is known: short histories need no count of those of the period.
    if context.extent is not None and context.extent.reading_count > limit:
        slices = _cut_slices(start, end)
        counts = historian.count_readings(context.engine, source, slices)
        if sum(counts) > limit:
            return _pull_blocks(context, source, slices, counts, limit=limit)
    frame = _pull_unique(context, source, [Window(start, end)])
    return TrainingReadings(frame, frame.height, _last_time(frame))


def _pull_blocks(
    context: MachineContext,
    source: historian.HistorianSource,
    slices: Sequence[Window],
    counts: Sequence[int],
    *,
    limit: int,
) -> TrainingReadings:
    blocks = [Window(slices[i].start, slices[j].end) for i, j in select_blocks(counts, limit)]
    frame, total = _pull_unique(context, source, blocks), sum(counts)
    sample = score.BlockSample(frame.height / total, [(block.start - EPOCH) // _MICROSECOND for block in blocks])
    # The end of the period and not of its last block: the slice of the last reading holds few others.
    newest = max(i for i, count in enumerate(counts) if count)
    last = historian.pull_readings(context.engine, source, slices[newest].start, slices[newest].end)
    return TrainingReadings(frame, total, _last_time(last), sample)


def count_sample_rows(settings: TrainingSettings, *, tag_count: int) -> int:
    """Return the number of readings that models are fitted on, at most."""
    rows = settings.sample_cells // max(1, tag_count)
    return max(rows, _MIN_ROWS_PER_TAG * tag_count, _MIN_RUNNING_FACTOR * settings.running_rows)


def select_blocks(counts: Sequence[int], limit: int) -> list[tuple[int, int]]:
    """Select blocks of consecutive slices with about ``limit`` readings together, spread over all readings.

    Args:
        counts: Readings of each slice.
        limit: Readings to select, fewer than there are.

    Returns:
        First and last slice of each block, both included, ascending and without common slices.
    """
    ends = list(accumulate(counts))
    stratum, rows = ends[-1] / _BLOCKS, limit / _BLOCKS
    blocks: list[tuple[int, int]] = []
    for number in range(_BLOCKS):
        # Strata hold equal numbers of readings and not of days: gaps of the history need no block.
        first_row = number * stratum + number * _OFFSET_STEP % 1 * (stratum - rows)
        first = bisect_right(ends, first_row)
        last = bisect_left(ends, first_row + rows)
        if blocks and first <= blocks[-1][1] + 1:  # whole slices: two blocks may meet
            first = blocks.pop()[0]
        blocks.append((first, min(last, len(ends) - 1)))
    return blocks


def _cut_slices(start: datetime, end: datetime) -> list[Window]:
    """Return consecutive slices of equal length, whole milliseconds."""
    length, count = (end - start) // MILLISECOND, _BLOCKS * _SLICES_PER_BLOCK
    # A short period has fewer milliseconds than slices.
    limits = dict.fromkeys(start + length * i // count * MILLISECOND for i in range(count + 1))
    return [Window(*pair) for pair in pairwise(limits)]


def _pull_unique(context: MachineContext, source: historian.HistorianSource, windows: Sequence[Window]) -> pl.DataFrame:
    count = context.extent.reading_count if context.extent else None
    frames = [
        historian.pull_readings(context.engine, source, window.start, window.end, expected_count=count)
        for window in windows
    ]
    return score.dedupe_readings(pl.concat(frames))[0]


def _last_time(frame: pl.DataFrame) -> datetime | None:
    return frame["Timestamp"].cast(pl.Datetime("ms"))[-1] if frame.height else None
