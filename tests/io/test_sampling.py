"""Sampling of raw readings: equal to its definition, whatever the chunks and the windows are."""

from __future__ import annotations

import math
from datetime import datetime, timedelta
from itertools import pairwise

import numpy as np
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from acm_etl.errors import UsageError
from acm_etl.io import sampling
from acm_etl.io.sampling import CellChunk, GridSampler, SamplingSpec
from acm_etl.source_spec import PIVOT, format_duration, parse_duration_ms

TAGS = 3
VALUE = st.sampled_from([math.nan, -1.0, 0.0, 0.25, 7.0])
CELLS = st.lists(st.tuples(st.integers(-40, 160), st.integers(0, TAGS - 1), VALUE), max_size=60)
SPECS = st.builds(
    SamplingSpec,
    every_ms=st.sampled_from([1, 5, 10]),
    fill=st.sampled_from(["hold", "none"]),
    hold_max_ms=st.sampled_from([10, 25]),
    aggregate=st.sampled_from(["last", "mean", "min", "max"]),
)
HELD = np.array([False, False, True])


def chunk(cells) -> CellChunk:
    ordered = sorted(cells, key=lambda cell: cell[0])
    columns = list(zip(*ordered, strict=True)) or [(), (), ()]
    return CellChunk(np.array(columns[0], np.int64), np.array(columns[1], np.int32), np.array(columns[2], np.float64))


def sample(spec, cells, *, first, cuts=()):
    """Rows {grid time: values} of cells that come in chunks."""
    sampler = GridSampler(spec, TAGS, first, HELD)
    whole, rows = chunk(cells), {}
    edges = [0, *sorted(cuts), whole.times.size]
    parts = [whole.take(slice(a, b)) for a, b in pairwise(edges)]
    for times, values in [*(sampler.add(part) for part in parts), sampler.finish()]:
        for time, row in zip(times.tolist(), values.tolist(), strict=True):
            assert time not in rows
            rows[time] = tuple(None if math.isnan(value) else value for value in row)
    return rows


def define(spec, cells, *, first):
    """The definition, reading by reading."""
    unique = {}
    for time, tag, value in cells:
        best = unique.get((time, tag), math.nan)
        unique[time, tag] = min((v for v in (best, value) if not math.isnan(v)), default=math.nan)
    every = spec.every_ms
    grid = sorted({-(-time // every) * every for time, _ in unique})
    return {
        moment: tuple(_define_cell(spec, unique, moment, tag) for tag in range(TAGS))
        for moment in grid
        if moment >= first
    }


def _define_cell(spec, unique, moment, tag):
    inside = [v for (t, i), v in sorted(unique.items()) if i == tag and moment - spec.every_ms < t <= moment]
    known = [v for v in inside if not math.isnan(v)]
    if spec.aggregate != "last" and not HELD[tag] and known:
        return {"mean": sum(known) / len(known), "min": min(known), "max": max(known)}[spec.aggregate]
    oldest = moment - spec.hold_max_ms if spec.fill == "hold" else moment - spec.every_ms + 1
    before = [v for (t, i), v in sorted(unique.items()) if i == tag and oldest <= t <= moment]
    return before[-1] if before and not math.isnan(before[-1]) else None


@given(SPECS, CELLS, st.lists(st.integers(0, 60), max_size=4))
def test_rows_equal_the_definition_in_any_chunks(spec, cells, cuts):
    cuts = [cut for cut in cuts if cut <= len(cells)]
    assert sample(spec, cells, first=0, cuts=cuts) == define(spec, cells, first=0)


@given(SPECS, CELLS, st.integers(0, 12))
def test_a_window_that_looks_back_has_the_rows_of_the_whole(spec, cells, step):
    start = step * 10
    whole = sample(spec, cells, first=0)
    window = [cell for cell in cells if cell[0] >= start - spec.lookback_ms]
    assert sample(spec, window, first=start) == {time: row for time, row in whole.items() if time >= start}


@given(CELLS, st.randoms())
def test_the_order_of_delivery_does_not_matter(cells, dice):
    spec, shuffled = SamplingSpec(10, hold_max_ms=25), cells[:]
    dice.shuffle(shuffled)
    assert sample(spec, cells, first=0) == sample(spec, shuffled, first=0)


def test_duplicates_are_counted():
    sampler = GridSampler(PIVOT, TAGS, 0, HELD)
    sampler.add(chunk([(1, 0, 5.0), (1, 0, 5.0), (1, 1, 2.0), (1, 1, 3.0), (1, 2, math.nan), (1, 2, 1.0), (2, 0, 1.0)]))
    (dropped,) = sampler.dropped
    assert sorted(zip(dropped.cells.tags.tolist(), dropped.is_conflict.tolist(), strict=True)) == [
        (0, False), (1, True), (2, True)]  # fmt: skip


def test_an_outage_has_no_rows_and_ends_the_hold():
    spec = SamplingSpec(10, hold_max_ms=30)
    rows = sample(spec, [(0, 0, 1.0), (0, 1, 5.0), (10, 1, 6.0), (100, 1, 7.0)], first=0)
    assert rows == {0: (1.0, 5.0, None), 10: (1.0, 6.0, None), 100: (None, 7.0, None)}


def test_a_bad_reading_ends_the_hold():
    rows = sample(SamplingSpec(10, hold_max_ms=50), [(0, 0, 1.0), (5, 0, math.nan), (20, 1, 2.0)], first=0)
    assert rows == {0: (1.0, None, None), 10: (None, None, None), 20: (None, 2.0, None)}


@pytest.mark.parametrize(
    ("options", "grid"),
    [
        ({"every": "10m"}, SamplingSpec(600_000, "hold", 8 * 3_600_000, "last")),
        ({"every": "1h", "fill": "none", "aggregate": "mean"}, SamplingSpec(3_600_000, "none", 28_800_000, "mean")),
        ({"every": "12h"}, SamplingSpec(43_200_000, "hold", 43_200_000)),
        ({"every": "30s", "hold_max": "5m"}, SamplingSpec(30_000, "hold", 300_000)),
    ],
)
def test_grids_are_written_as_texts(options, grid):
    assert SamplingSpec.parse(**options) == grid


@pytest.mark.parametrize(
    "options",
    [{"every": "0m"}, {"every": "ten"}, {"every": "-5m"}, {"every": "1h", "hold_max": "10m"},
     {"every": "1h", "fill": "spline"}, {"every": "1h", "aggregate": "sum"}],
)  # fmt: skip
def test_impossible_grids_are_refused(options):
    with pytest.raises(UsageError):
        SamplingSpec.parse(**options)


@given(st.integers(1, 10**10))
def test_durations_are_read_as_they_are_written(seconds):
    assert parse_duration_ms(format_duration(seconds * 1000)) == seconds * 1000


def _readings(*, offsets, every=timedelta(hours=1), count=200):
    start = datetime(2024, 1, 1)
    frames = [
        pl.DataFrame(
            {"Time": [start + i * every + offset for i in range(count)], f"T{tag}": [float(i) for i in range(count)]}
        )
        for tag, offset in enumerate(offsets)
    ]
    return pl.concat(frames, how="diagonal").sort("Time")


def test_tags_with_times_of_their_own_need_a_grid():
    proposal = sampling.infer_wide_sampling(_readings(offsets=[timedelta(seconds=7 * i) for i in range(6)]))
    assert proposal == SamplingSpec(3_600_000, "hold", 3 * 3_600_000)
    slow = _readings(offsets=[timedelta(seconds=3 + i) for i in range(3)], every=timedelta(seconds=61))
    assert sampling.infer_wide_sampling(slow).every_ms == 60_000


def test_full_rows_need_no_grid():
    rows = _readings(offsets=[timedelta()]).with_columns(T1=pl.col("T0"), T2=pl.col("T0"))
    assert sampling.infer_wide_sampling(rows) is None
    gaps = rows.with_columns(pl.when(pl.int_range(pl.len()) % 3 > 0).then(pl.col("T1")).alias("T1"))
    assert sampling.infer_wide_sampling(gaps) is None
    assert sampling.infer_wide_sampling(rows.clear()) is None
