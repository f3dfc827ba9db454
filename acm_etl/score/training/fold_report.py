"""Report on the blocks of time (folds) of a calibration: which one set a level, and which one was left out."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from acm_etl.score.arrays import Bools, Floats, Ints

_TAIL_QUANTILE = 0.99


class FoldSpan(NamedTuple):
    """Times of the first and the last row of a fold, microseconds since 1970 UTC."""

    start: int
    end: int


class TailFold(NamedTuple):
    """The fold with most of the highest scores.

    Attributes:
        percent: Its share of the highest 1 % of the scores, percent; a share of a fold without any peculiarity is
            100 divided by the number of folds.
        span: Its times.
    """

    percent: float
    span: FoldSpan


@dataclass(frozen=True)
class CalibrationFolds:
    """Folds of the rows that detectors are calibrated on.

    Attributes:
        fold_of_row: Number of the fold of each row, n.
        time_us: Times of the rows, microseconds since 1970 UTC, n.
        is_left_out: True for rows of the fold that is left out of the calibration, n.
    """

    fold_of_row: Ints
    time_us: Ints
    is_left_out: Bools

    def find_tail_fold(self, z: Floats, rows: Bools) -> TailFold | None:
        """Return the fold that has most of the highest 1 % of the scores; None without rows.

        Args:
            z: Scores, n.
            rows: Rows to calibrate on, n.
        """
        if not rows.any():
            return None
        is_high = rows & (z >= np.quantile(z[rows], _TAIL_QUANTILE))
        counts = np.bincount(self.fold_of_row[is_high])
        largest = int(counts.argmax())
        return TailFold(100 * float(counts[largest] / counts.sum()), self._find_span(self.fold_of_row == largest))

    def find_left_out_fold(self) -> FoldSpan | None:
        """Return the times of the fold that is left out; None if there is none."""
        return self._find_span(self.is_left_out) if self.is_left_out.any() else None

    def _find_span(self, rows: Bools) -> FoldSpan:
        return FoldSpan(int(self.time_us[rows][0]), int(self.time_us[rows][-1]))
