"""Excursions: readings several times as far from those of training as any run of training was."""

from __future__ import annotations

from typing import NamedTuple, Self

import numpy as np

from acm_etl.config import ScoreParams
from acm_etl.score.array_ops import run_length
from acm_etl.score.arrays import Bools, Floats, StreamState
from acm_etl.score.detectors.base import DetectorInputs

# With 1.5, a machine whose load or season training has not seen alarms each few days; 2 to 4 find the same faults.
_FAR = 3.0
_MAX_SUSTAINED_RUNS = 4  # what lasts longer is another condition, for the drift score and the sustained thresholds


class ExcursionRule(NamedTuple):
    """When readings are in alarm because they are far outside of training.

    An excursion begins with ``start_rows`` consecutive rows beyond three times the limit. It ends with the first row
    within the limit, at the latest ``max_rows`` after the first row outside of it. The fused score may miss it: where
    training has few independent rows, the detectors that learn relations hardly count there.

    Attributes:
        limit: Highest run of training in robust deviations of the Mahalanobis distance; infinite if nothing is outside.
        start_rows: Rows for a start.
        max_rows: Longest excursion, rows.
    """

    limit: float
    start_rows: int
    max_rows: int

    @classmethod
    def from_params(cls, params: ScoreParams, limit: float) -> Self:
        """Return the rule of the settings."""
        max_rows = max(_MAX_SUSTAINED_RUNS * params.sustained_rows, params.alarm_rows)
        return cls(limit, params.alarm_rows, max_rows)

    def flag_rows(self, sizes: Floats, rows: DetectorInputs, state: StreamState) -> tuple[Bools, StreamState]:
        """Return which rows are in alarm.

        Args:
            sizes: Mahalanobis distances in robust deviations, n.
            rows: ``settled`` and ``after_long_stop`` of the rows are read.
            state: State of the previous call, or empty.

        Returns:
            Flags, and the state for the next call.
        """
        flags = np.zeros(len(sizes), dtype=bool)
        # Starts and stops do not break a run, or a machine that stands each night could begin one each morning.
        counted = rows.settled | rows.after_long_stop
        if not counted.any():
            return flags, state
        counted_sizes = np.where(rows.settled, sizes, 0.0)[counted]
        outside_before, far_before, had_begun = state.get("runs", np.zeros(3, np.int64)).tolist()
        outside = run_length(counted_sizes >= self.limit, outside_before)
        far = run_length(counted_sizes >= _FAR * self.limit, far_before)
        row_numbers = np.arange(len(outside))
        latest_start = np.maximum.accumulate(np.where(far >= self.start_rows, row_numbers, -1))
        has_begun = latest_start >= np.maximum(row_numbers - outside + 1, 0)
        # A run that goes on from the call before is longer than there are rows in this one.
        has_begun |= (outside > row_numbers + 1) & bool(had_begun)
        flags[counted] = has_begun & (outside <= self.max_rows)
        # No condition looks further back than this: capped, the stored state of a lasting condition stays the same.
        lengths = (min(outside[-1], self.max_rows + 1), min(far[-1], self.start_rows))
        runs = np.array([*lengths, has_begun[-1]], np.int64)
        return flags, {"runs": runs} if runs.any() else {}  # a machine within its limit needs no state
