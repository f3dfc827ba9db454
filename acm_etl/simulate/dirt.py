"""What a historian does to readings: gaps, repeated and changed rows, empty and impossible cells, a stuck sensor."""

from __future__ import annotations

import numpy as np
import polars as pl

from acm_etl.simulate.truth import TIME, Integers


def soil(frame: pl.DataFrame, rng: np.random.Generator, counts: dict[str, int]) -> pl.DataFrame:
    """The frame as a historian would hand it over; ``counts`` takes what was done to it."""
    rows, tags = frame.height, [name for name in frame.columns if name != TIME]
    stuck = tags[-1]
    at, length = int(rows * 0.6), min(20, rows // 10)
    row = pl.int_range(pl.len())
    held = pl.when(row.is_between(at, at + length - 1)).then(pl.col(stuck).gather(at)).otherwise(pl.col(stuck))
    empty = [pl.when(pl.Series(rng.random(rows) > 0.0005)).then(pl.col(tag)).alias(tag) for tag in tags]
    frame = frame.with_columns(held.alias(stuck)).with_columns(empty)
    frame = frame.with_columns(_spoil(tags[0], float("nan"), rng.choice(rows, min(20, rows), replace=False)))
    frame = frame.with_columns(_spoil(tags[min(1, len(tags) - 1)], float("inf"), np.array([rows // 2])))
    lost = _gaps(rng, rows)
    frame = frame.filter(~lost)
    frame = _repeat(frame, rng, counts)
    counts["stuck_rows"], counts["gap_rows"] = length, int(lost.sum())
    numbers = frame.select(tags)
    counts["null_cells"] = int(numbers.null_count().sum_horizontal()[0])
    counts["nan_cells"] = int(numbers.select(pl.all().is_nan().sum()).sum_horizontal()[0])
    counts["infinite_cells"] = int(numbers.select(pl.all().is_infinite().sum()).sum_horizontal()[0])
    return frame


def _spoil(tag: str, value: float, rows: Integers) -> pl.Expr:
    return pl.when(pl.int_range(pl.len()).is_in(rows.tolist())).then(value).otherwise(pl.col(tag)).alias(tag)


def _gaps(rng: np.random.Generator, rows: int) -> pl.Series:
    """Rows that were never stored: up to eight stretches of up to 24."""
    begin = rng.integers(1, max(2, rows), 8)
    length = rng.integers(2, max(3, min(24, rows // 50)), 8)
    row = np.arange(rows)[:, None]
    return pl.Series(((row >= begin) & (row < begin + length)).any(axis=1))


def _repeat(frame: pl.DataFrame, rng: np.random.Generator, counts: dict[str, int]) -> pl.DataFrame:
    """Some rows twice, and some again with other values: the later row is the valid one."""
    twice = rng.choice(frame.height, min(18, frame.height), replace=False)
    half = len(twice) // 2
    changed = frame[np.sort(twice[half:])].with_columns(pl.exclude(TIME) * 1.02 + 0.5)
    counts["exact_duplicates"], counts["conflicting_duplicates"] = half, len(changed)
    return pl.concat([frame, frame[np.sort(twice[:half])], changed]).sort(TIME, maintain_order=True)
