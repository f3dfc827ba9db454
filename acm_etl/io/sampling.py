"""Raw readings of single tags to readings of the machine: pivot by time, or sampling on a grid.

Raw readings come as cells (time, tag, value) in the order of time, chunk by chunk, so that memory is bounded. A pivot
is sampling on a grid of one millisecond without holding values.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import pairwise

import numpy as np
import numpy.typing as npt
import polars as pl

from acm_etl.source_spec import DEFAULT_HOLD_MAX_MS, SamplingSpec, ceil_to_grid

__all__ = [
    "CellChunk",
    "DroppedCells",
    "GridSampler",
    "SamplingSpec",
    "build_frame",
    "empty_chunk",
    "infer_sampling",
    "infer_wide_sampling",
    "measure_cadences",
    "round_cadence",
    "sample_chunks",
]

_STEPS = (1, 2, 5, 10, 15, 20, 30)
_USUAL_INTERVALS_MS = (
    *(1000 * step for step in _STEPS),
    *(60_000 * step for step in _STEPS),
    *(3_600_000 * hours for hours in (1, 2, 3, 4, 6, 8, 12, 24)),
)
_MIN_FILLED_SHARE = 0.5
"""Share of filled cells from which readings are taken as they stand: gaps of single tags are usual below that."""
# A missed report doubles a distance, so some distances of a regular tag always differ from the median.
_MAX_REGULAR_SPREAD = 0.1
_NEVER = np.iinfo(np.int64).min
Times = npt.NDArray[np.int64]
Tags = npt.NDArray[np.int32]
Values = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class CellChunk:
    """Raw readings of single tags, ascending by time.

    Attributes:
        times: Milliseconds since the epoch, UTC; shape (cells,).
        tags: Position of the tag; shape (cells,).
        values: Values; NaN is a reading without a usable value, which ends the hold of the value before.
    """

    times: Times
    tags: Tags
    values: Values

    def take(self, selection: npt.NDArray[np.bool_] | npt.NDArray[np.intp] | slice) -> CellChunk:
        """Return a selection of the cells."""
        return CellChunk(self.times[selection], self.tags[selection], self.values[selection])


@dataclass(frozen=True, slots=True)
class DroppedCells:
    """Duplicate cells that are not kept: another cell has the same time and tag.

    Attributes:
        cells: The dropped cells.
        is_conflict: True where the kept cell has another value; shape (cells,).
    """

    cells: CellChunk
    is_conflict: npt.NDArray[np.bool_]


def _join_chunks(first: CellChunk, second: CellChunk) -> CellChunk:
    return CellChunk(
        np.concatenate([first.times, second.times]),
        np.concatenate([first.tags, second.tags]),
        np.concatenate([first.values, second.values]),
    )


def empty_chunk() -> CellChunk:
    """Return a chunk without cells."""
    return CellChunk(np.empty(0, np.int64), np.empty(0, np.int32), np.empty(0, np.float64))


def _number_runs(sorted_values: Times) -> npt.NDArray[np.intp]:
    """Return the position of each value among the distinct values, counted from 0."""
    numbers = np.zeros(sorted_values.size, np.intp)
    np.cumsum(sorted_values[1:] != sorted_values[:-1], out=numbers[1:])
    return numbers


@dataclass(slots=True)
class GridSampler:
    """Sample cells on a grid; call ``add`` for each chunk in order of time, then ``finish``.

    A row exists for each grid time T with a raw reading in (T - every, T]. It depends on raw readings up to T only, so
    that any division of a history into windows gives the same rows.

    Attributes:
        spec: The grid.
        tag_count: Number of tags.
        first_ms: First grid time of the result; earlier cells only give values to hold.
        held: Tags that keep their last value whatever the aggregate; shape (tags,).
        dropped: Duplicate cells so far.
    """

    spec: SamplingSpec
    tag_count: int
    first_ms: int
    held: npt.NDArray[np.bool_]
    dropped: list[DroppedCells] = field(default_factory=list)
    _pending: CellChunk = field(default_factory=empty_chunk)
    _carry_values: Values = field(init=False)
    _carry_times: Times = field(init=False)

    def __post_init__(self) -> None:
        self._carry_values = np.full(self.tag_count, np.nan)
        self._carry_times = np.full(self.tag_count, _NEVER)

    def add(self, chunk: CellChunk) -> tuple[Times, Values]:
        """Add cells; return the rows that no later cell can change: grid times and values of (rows, tags)."""
        cells = _join_chunks(self._pending, chunk) if self._pending.times.size else chunk
        if not cells.times.size:
            return np.empty(0, np.int64), np.empty((0, self.tag_count))
        # Cells of the last grid time wait: more of these may come with the next chunk.
        edge = ceil_to_grid(int(cells.times[-1]), self.spec.every_ms) - self.spec.every_ms
        position = int(np.searchsorted(cells.times, edge, side="right"))
        self._pending = cells.take(slice(position, None))
        return self._sample_cells(cells.take(slice(0, position)))

    def finish(self) -> tuple[Times, Values]:
        """Return the remaining rows."""
        rest, self._pending = self._pending, empty_chunk()
        return self._sample_cells(rest)

    def _sample_cells(self, raw: CellChunk) -> tuple[Times, Values]:
        cells = self._drop_duplicates(raw)
        # Rounded up: a reading counts for the first grid time at or after it. Rounded to the nearest one, it would
        # change a row of the past, which may be scored already.
        bins = -(-cells.times // self.spec.every_ms)
        rows = _number_runs(bins)
        row_count = int(rows[-1]) + 1 if rows.size else 0
        grid_times = np.zeros(row_count, np.int64)
        grid_times[rows] = bins * self.spec.every_ms
        values = self._take_last(cells, rows, grid_times)
        if self.spec.aggregate != "last":
            self._aggregate_cells(cells, rows, values)
        # Rows before the first grid time only served to find the values to hold.
        start = int(np.searchsorted(grid_times, self.first_ms))
        return grid_times[start:], values[start:]

    def _drop_duplicates(self, cells: CellChunk) -> CellChunk:
        """Keep one cell per time and tag: the smallest known value, so that the order of delivery does not matter."""
        keys = _number_runs(cells.times) * self.tag_count + cells.tags
        order = np.argsort(keys, kind="stable")
        repeats = keys[order[1:]] == keys[order[:-1]]
        # Most chunks end here; only duplicates need the second sort, by value.
        if not repeats.any():
            return cells
        order = np.lexsort((cells.values, keys))  # NaN sorts last
        is_first = np.ones(keys.size, np.bool_)
        is_first[1:] = keys[order[1:]] != keys[order[:-1]]
        kept_of = order[is_first][np.cumsum(is_first) - 1]
        losers, winners = order[~is_first], kept_of[~is_first]
        lost, kept = cells.values[losers], cells.values[winners]
        conflicts = (lost != kept) & ~(np.isnan(lost) & np.isnan(kept))
        self.dropped.append(DroppedCells(cells.take(losers), conflicts))
        # Positions in ascending order keep the cells in the order of time.
        return cells.take(np.sort(order[is_first]))

    def _take_last(self, cells: CellChunk, rows: npt.NDArray[np.intp], grid_times: Times) -> Values:
        """Return the last value of each tag at each grid time, held if the grid asks for that."""
        shape = (grid_times.size, self.tag_count)
        values = np.full(shape, np.nan)
        # Of repeated positions the last assignment stays, which is the latest time.
        values[rows, cells.tags] = cells.values
        if self.spec.fill == "none":
            return values
        times = np.full(shape, _NEVER)
        times[rows, cells.tags] = cells.times
        return self._hold_values(values, times, grid_times)

    def _hold_values(self, values: Values, times: Times, grid_times: Times) -> Values:
        """Fill cells from the rows before, and remember the last ones for the next chunk."""
        values, times = np.vstack([self._carry_values, values]), np.vstack([self._carry_times, times])
        source = np.where(times != _NEVER, np.arange(times.shape[0])[:, None], 0)
        # The running maximum of the positions of readings is a forward fill; row 0 is what the chunks before handed
        # over.
        np.maximum.accumulate(source, axis=0, out=source)
        values, times = np.take_along_axis(values, source, 0), np.take_along_axis(times, source, 0)
        self._carry_values, self._carry_times = values[-1].copy(), times[-1].copy()
        # Compared with the sum, not by the age: times - _NEVER would overflow.
        is_old = times[1:] < (grid_times - self.spec.hold_max_ms)[:, None]
        return np.where(is_old, np.nan, values[1:])

    def _aggregate_cells(self, cells: CellChunk, rows: npt.NDArray[np.intp], values: Values) -> None:
        """Replace the last value by the mean, minimum or maximum of (T - every, T] where the tag has values there."""
        # A reading without a value ends a hold, but takes no part in a mean: a NaN would spread to the whole interval.
        usable = ~self.held[cells.tags] & ~np.isnan(cells.values)
        keys = rows[usable] * self.tag_count + cells.tags[usable]
        if not keys.size:
            return
        # Stable: values are added in the order of time, so that rounding does not depend on the chunks.
        order = np.argsort(keys, kind="stable")
        keys, ordered = keys[order], cells.values[usable][order]
        starts = np.flatnonzero(np.concatenate([[True], keys[1:] != keys[:-1]]))
        if self.spec.aggregate == "mean":
            counts = np.diff(np.append(starts, keys.size))
            result = np.add.reduceat(ordered, starts) / counts
        else:
            result = (np.minimum if self.spec.aggregate == "min" else np.maximum).reduceat(ordered, starts)
        # A view, because the array is contiguous: the assignment changes the rows themselves.
        values.reshape(-1)[keys[starts]] = result


def build_frame(times: Times, values: Values, tags: Sequence[str]) -> pl.DataFrame:
    """Return rows as a frame of ``Timestamp`` and one Float64 column per tag; NaN becomes null."""
    columns = {tag: pl.Series(values[:, index], dtype=pl.Float64) for index, tag in enumerate(tags)}
    stamps = pl.Series(times, dtype=pl.Int64).cast(pl.Datetime("ms"))
    return pl.DataFrame({"Timestamp": stamps, **columns}).with_columns(pl.col(list(tags)).fill_nan(None))


def sample_chunks(sampler: GridSampler, chunks: Iterator[CellChunk], tags: Sequence[str]) -> Iterator[pl.DataFrame]:
    """Yield the sampled rows of all chunks as frames, in order of time."""
    for chunk in chunks:
        yield build_frame(*sampler.add(chunk), tags)
    yield build_frame(*sampler.finish(), tags)


def infer_sampling(cells: CellChunk, tag_count: int) -> SamplingSpec | None:
    """Propose a grid for tags that have times of their own.

    Args:
        cells: Raw readings, ascending by time.
        tag_count: Number of tags.

    Returns:
        The grid; None if most times have readings of most tags, so that the readings can be taken as they stand. Values
        are held for three cadences of the slowest tag; for a shift at least if the tags report irregularly.
    """
    times = np.unique(cells.times).size
    if tag_count < 2 or not times or cells.times.size >= _MIN_FILLED_SHARE * times * tag_count:
        return None
    cadences, spreads = measure_cadences(cells, tag_count)
    known = cadences[cadences > 0]
    if not known.size:
        return None
    # The median of the tags: neither one slow tag nor one fast tag decides about all others.
    every = round_cadence(float(np.median(known)))
    slowest = round_cadence(float(known.max()))
    regular = bool((spreads[cadences > 0] <= _MAX_REGULAR_SPREAD).all()) and slowest <= every
    # Held also for regular tags: with a jitter around the grid times, two readings fall into one interval and none into
    # the next. A tag that misses two of its reports in a row has still not failed.
    hold_max = 3 * slowest if regular else max(DEFAULT_HOLD_MAX_MS, 3 * slowest)
    return SamplingSpec(every, "hold", max(hold_max, every))


def infer_wide_sampling(readings: pl.DataFrame) -> SamplingSpec | None:
    """Propose a grid for a wide frame of which most cells are empty.

    Args:
        readings: A time column, ascending, and one numeric column per tag.
    """
    columns = readings.get_columns()
    if readings.is_empty() or len(columns) < 2:
        return None
    present = np.column_stack([column.is_not_null().to_numpy() for column in columns[1:]])
    rows, tags = np.nonzero(present)
    times = columns[0].cast(pl.Datetime("ms")).to_physical().to_numpy()[rows]
    return infer_sampling(CellChunk(times, tags.astype(np.int32), np.zeros(times.size)), len(columns) - 1)


def measure_cadences(cells: CellChunk, tag_count: int) -> tuple[Values, Values]:
    """Return the median distance of the readings of each tag, and the share of distances that differ from it.

    Args:
        cells: Raw readings, ascending by time.
        tag_count: Number of tags.

    Returns:
        Milliseconds, 0 for a tag with fewer than two readings; and shares of 0 to 1. Both have the shape (tags,).
    """
    order = np.lexsort((cells.times, cells.tags))
    tags, times = cells.tags[order], cells.times[order]
    bounds = np.searchsorted(tags, np.arange(tag_count + 1))
    medians, spreads = np.zeros(tag_count), np.zeros(tag_count)
    for tag, (start, end) in enumerate(pairwise(bounds.tolist())):
        gaps = np.diff(times[start:end])
        # Repeated times are duplicates, not a cadence of 0.
        gaps = gaps[gaps > 0]
        if gaps.size:
            medians[tag] = np.median(gaps)
            # A tenth covers the jitter of pollers and clocks.
            spreads[tag] = np.mean(np.abs(gaps - medians[tag]) > medians[tag] / 10)
    return medians, spreads


def round_cadence(milliseconds: float) -> int:
    """Return the usual interval (1, 2, 5, 10, 15, 20, 30 s or min, 1, 2, 3, 4, 6, 8, 12, 24 h) nearest in ratio."""
    return min(_USUAL_INTERVALS_MS, key=lambda usual: abs(math.log(usual / max(milliseconds, 1.0))))
