"""Slow level of the fused score: where a machine settles above the scores of its training, alarms follow it."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Self

import numpy as np

from acm_etl.score.arrays import Array, Bools, Floats, Ints, StreamState
from acm_etl.score.detectors.base import DetectorInputs
from acm_etl.score.ewma import compute_masked_ewma, span_to_weight

_DRIFT_SPANS = 3  # six days at the defaults: a fault of hours hardly counts, and drift is found before
_RECURRENT_DRIFT_SPANS = 1  # two days: slower, a server at a new load is in alarm for a week
_MAX_SIZE = 3.0  # robust deviations; no level can hide a larger deviation, however long it lasts
# Of training scores: with recurring outliers, so large a deviation is known operation. Of .99, .993, .995 and .999, .99
# leaves most false alarms after half of the training, and .999 learns the faults.
_RECURRENT_QUANTILE = 0.993
# With less, days of a healthy machine unlike training hide faults of a machine with one tag.
_LEVEL_PER_FOLD_MEAN = 2.0


@dataclass(frozen=True)
class LevelTracker:
    """EWMA of the fused effect size over days, and how much of it training explains.

    Scores of a server whose load has changed for good stay above those of its training, and every alarm threshold is
    passed for weeks. The level beyond the allowance is subtracted from the fused effect size.

    Attributes:
        span: Span of the EWMA, rows, 0-d.
        allowance: Level that is not subtracted, robust deviations, 0-d; infinite for models of earlier versions.
        max_size: Magnitude to which effect sizes are clipped, and largest level, robust deviations, 0-d.
    """

    span: Array
    allowance: Floats
    max_size: Floats

    @classmethod
    def fit(cls, raw_fused: Floats, fold_of_row: Ints, drift_span: int, *, recurs: bool) -> Self:
        """Fit the tracker on the fused effect sizes of healthy rows by detectors that were not fitted on them.

        Args:
            raw_fused: Fused effect sizes, n.
            fold_of_row: Number of the fold of each row, n.
            drift_span: Span of the drift monitor, rows.
            recurs: True if gross outliers recur in training: the level then follows within two days, and as far as
                training reached.
        """
        sizes = np.clip(raw_fused, -_MAX_SIZE, _MAX_SIZE)
        fold_means = [sizes[fold_of_row == fold].mean() for fold in np.unique(fold_of_row)]
        arrays = {"allowance": np.array(_LEVEL_PER_FOLD_MEAN * max(0.0, *fold_means))}
        if recurs:
            arrays["span"] = np.array(_RECURRENT_DRIFT_SPANS * drift_span)
            arrays["max_size"] = np.maximum(np.quantile(raw_fused, _RECURRENT_QUANTILE), _MAX_SIZE)
        return cls.from_arrays(arrays, drift_span)

    @classmethod
    def from_arrays(cls, arrays: dict[str, Array], drift_span: int) -> Self:
        """Restore the tracker; models of earlier versions have no arrays, and scores that follow no level."""
        return cls(
            span=arrays.get("span", np.array(_DRIFT_SPANS * drift_span)),
            allowance=arrays.get("allowance", np.array(np.inf)),
            max_size=arrays.get("max_size", np.array(_MAX_SIZE)),
        )

    def measure_excess(
        self, raw_fused: Floats, is_normal: Bools, rows: DetectorInputs, state: StreamState
    ) -> tuple[Floats, StreamState]:
        """Return how far the level of each row is beyond the allowance.

        Args:
            raw_fused: Fused effect sizes, n.
            is_normal: True for rows that count in the level, n.
            rows: The rows that they belong to.
            state: State of the previous call, or empty.

        Returns:
            Excess of the level in robust deviations, at least 0, n; and the state for the next call.
        """
        zero = np.zeros(1)
        counted = replace(rows, settled=rows.settled & is_normal)
        level, after = compute_masked_ewma(
            raw_fused[:, None],
            counted,
            span_to_weight(int(self.span)),
            state.get("level", zero),
            reset_mean=zero,
            max_abs=float(self.max_size),
        )
        return np.maximum(level[:, 0] - self.allowance, 0.0), {"level": after}
