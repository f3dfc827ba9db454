"""Defects of a historian: gaps, duplicate and conflicting rows, empty and impossible cells, a stuck sensor."""

from __future__ import annotations

import numpy as np
import polars as pl

from acm_etl.simulate.truth import IntArray
from acm_etl.words import HISTORIAN_TIME_COLUMN

_NULL_SHARE = 0.0005
_STUCK_ROWS = 20
_NAN_ROWS = 20
_DUPLICATE_ROWS = 18
_MAX_GAPS, _MAX_GAP_ROWS = 8, 24


def corrupt_readings(frame: pl.DataFrame, rng: np.random.Generator, defect_counts: dict[str, int]) -> pl.DataFrame:
    """Return the readings with defects.

    Args:
        frame: Clean readings.
        rng: Source of the positions of the defects.
        defect_counts: Gets the number of defects by kind; changed in place.
    """
    rows, tags = frame.height, [name for name in frame.columns if name != HISTORIAN_TIME_COLUMN]
    stuck_rows = min(_STUCK_ROWS, rows // 10)
    frame = frame.with_columns(_hold_value(tags[-1], int(rows * 0.6), stuck_rows))
    # A separate step: the cells to empty include those of the stuck sensor.
    is_kept = {tag: pl.Series(rng.random(rows) > _NULL_SHARE) for tag in tags}
    frame = frame.with_columns(pl.when(is_kept[tag]).then(pl.col(tag)).alias(tag) for tag in tags)
    nan_rows = rng.choice(rows, min(_NAN_ROWS, rows), replace=False)
    frame = frame.with_columns(_overwrite_cells(tags[0], float("nan"), nan_rows))
    frame = frame.with_columns(_overwrite_cells(tags[min(1, len(tags) - 1)], float("inf"), np.array([rows // 2])))
    in_gap = _draw_gaps(rng, rows)
    frame = _duplicate_rows(frame.filter(~in_gap), rng, defect_counts)
    defect_counts["stuck_rows"], defect_counts["gap_rows"] = stuck_rows, int(in_gap.sum())
    # Counted at the end: gaps remove and duplicates repeat cells with a defect.
    values = frame.select(tags)
    defect_counts["null_cells"] = int(values.null_count().sum_horizontal()[0])
    defect_counts["nan_cells"] = int(values.select(pl.all().is_nan().sum()).sum_horizontal()[0])
    defect_counts["infinite_cells"] = int(values.select(pl.all().is_infinite().sum()).sum_horizontal()[0])
    return frame


def _hold_value(tag: str, first_row: int, rows: int) -> pl.Expr:
    is_stuck = pl.int_range(pl.len()).is_between(first_row, first_row + rows - 1)
    return pl.when(is_stuck).then(pl.col(tag).gather(first_row)).otherwise(pl.col(tag)).alias(tag)


def _overwrite_cells(tag: str, value: float, rows: IntArray) -> pl.Expr:
    return pl.when(pl.int_range(pl.len()).is_in(rows.tolist())).then(value).otherwise(pl.col(tag)).alias(tag)


def _draw_gaps(rng: np.random.Generator, rows: int) -> pl.Series:
    """Return which rows were never stored."""
    first_row = rng.integers(1, max(2, rows), _MAX_GAPS)
    # In a short history, a gap has at most about a fiftieth of the rows.
    length = rng.integers(2, max(3, min(_MAX_GAP_ROWS, rows // 50)), _MAX_GAPS)
    row = np.arange(rows)[:, None]
    return pl.Series(((row >= first_row) & (row < first_row + length)).any(axis=1))


def _duplicate_rows(frame: pl.DataFrame, rng: np.random.Generator, defect_counts: dict[str, int]) -> pl.DataFrame:
    """Repeat some rows, half of them unchanged and half with other values; the later row is the valid one."""
    repeated = rng.choice(frame.height, min(_DUPLICATE_ROWS, frame.height), replace=False)
    half = len(repeated) // 2
    unchanged = frame[np.sort(repeated[:half])]
    changed = frame[np.sort(repeated[half:])].with_columns(pl.exclude(HISTORIAN_TIME_COLUMN) * 1.02 + 0.5)
    defect_counts["exact_duplicates"], defect_counts["conflicting_duplicates"] = half, len(changed)
    # A stable sort keeps the changed row behind the original.
    return pl.concat([frame, unchanged, changed]).sort(HISTORIAN_TIME_COLUMN, maintain_order=True)
