"""What a historian does to readings: gaps, repeated and changed rows, empty and impossible cells, a stuck sensor."""

from __future__ import annotations

import numpy as np
import polars as pl

from acm_etl.simulate.truth import HISTORIAN_TIME_COLUMN, IntArray


def corrupt_readings(frame: pl.DataFrame, rng: np.random.Generator, defect_counts: dict[str, int]) -> pl.DataFrame:
    """The frame as a historian would hand it over; ``defect_counts`` takes what was done to it."""
    rows, tags = frame.height, [name for name in frame.columns if name != HISTORIAN_TIME_COLUMN]
    stuck = tags[-1]
    at, length = int(rows * 0.6), min(20, rows // 10)
    row = pl.int_range(pl.len())
    held = pl.when(row.is_between(at, at + length - 1)).then(pl.col(stuck).gather(at)).otherwise(pl.col(stuck))
    empty = [pl.when(pl.Series(rng.random(rows) > 0.0005)).then(pl.col(tag)).alias(tag) for tag in tags]
    frame = frame.with_columns(held.alias(stuck)).with_columns(empty)
    frame = frame.with_columns(_overwrite_cells(tags[0], float("nan"), rng.choice(rows, min(20, rows), replace=False)))
    frame = frame.with_columns(_overwrite_cells(tags[min(1, len(tags) - 1)], float("inf"), np.array([rows // 2])))
    lost = _draw_gaps(rng, rows)
    frame = frame.filter(~lost)
    frame = _duplicate_rows(frame, rng, defect_counts)
    defect_counts["stuck_rows"], defect_counts["gap_rows"] = length, int(lost.sum())
    numbers = frame.select(tags)
    defect_counts["null_cells"] = int(numbers.null_count().sum_horizontal()[0])
    defect_counts["nan_cells"] = int(numbers.select(pl.all().is_nan().sum()).sum_horizontal()[0])
    defect_counts["infinite_cells"] = int(numbers.select(pl.all().is_infinite().sum()).sum_horizontal()[0])
    return frame


def _overwrite_cells(tag: str, value: float, rows: IntArray) -> pl.Expr:
    return pl.when(pl.int_range(pl.len()).is_in(rows.tolist())).then(value).otherwise(pl.col(tag)).alias(tag)


def _draw_gaps(rng: np.random.Generator, rows: int) -> pl.Series:
    """Rows that were never stored: up to eight stretches of up to 24."""
    begin = rng.integers(1, max(2, rows), 8)
    length = rng.integers(2, max(3, min(24, rows // 50)), 8)
    row = np.arange(rows)[:, None]
    return pl.Series(((row >= begin) & (row < begin + length)).any(axis=1))


def _duplicate_rows(frame: pl.DataFrame, rng: np.random.Generator, defect_counts: dict[str, int]) -> pl.DataFrame:
    """Some rows twice, and some again with other values: the later row is the valid one."""
    twice = rng.choice(frame.height, min(18, frame.height), replace=False)
    half = len(twice) // 2
    changed = frame[np.sort(twice[half:])].with_columns(pl.exclude(HISTORIAN_TIME_COLUMN) * 1.02 + 0.5)
    defect_counts["exact_duplicates"], defect_counts["conflicting_duplicates"] = half, len(changed)
    return pl.concat([frame, frame[np.sort(twice[:half])], changed]).sort(HISTORIAN_TIME_COLUMN, maintain_order=True)
