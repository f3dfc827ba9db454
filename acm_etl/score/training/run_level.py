"""Threshold of alarms that start after a long run of readings, calibrated on such runs."""

from __future__ import annotations

import numpy as np

from acm_etl.config import ScoreParams
from acm_etl.score.arrays import Bools, Floats
from acm_etl.score.calibrate import Calibrator
from acm_etl.score.events.alarm import LONG_RUN, MIN_FAST_SIZE
from acm_etl.score.model import FUSED
from acm_etl.score.training.cross_validation import Calibration

_BREAK_SIZE = -9.0  # below any fused effect size: a run with a row that does not count is never high
_MIN_RUN_SIZE = -3.0  # smallest fused effect size


def fit_run_z(calibration: Calibration, train_rows: Bools, params: ScoreParams) -> float:
    """Return the fused z that long runs of training rows pass as rarely as single rows pass ``alarm_z``.

    Where gross outliers recur in training, they set the z of all single rows: with 2 % of them, z = 3 is their level,
    and a fault below it would last unseen. But each outlier is short, so a long run at a lower level is none of them.

    Args:
        calibration: Fused effect sizes of all rows by detectors that were not fitted on them, and their calibrator.
        train_rows: Rows that the detectors are fitted on, n; others break the runs.
        params: ``sustained_rows`` and ``alarm_z`` are read.
    """
    calibrator = calibration.calibrators[FUSED]
    sizes = np.where(train_rows, calibration.raw_fused, _BREAK_SIZE)
    minima = np.maximum(compute_run_minima(sizes, LONG_RUN * params.sustained_rows), _MIN_RUN_SIZE)
    size = Calibrator.fit(minima[train_rows]).inverse_transform(min(params.alarm_z, calibrator.max_supported_z))
    # Runs of training are often far below: small deviations are no alarm, however rare they are.
    return float(calibrator.on.transform(np.array([max(size, MIN_FAST_SIZE)]))[0])


def compute_run_minima(values: Floats, length: int) -> Floats:
    """Return the smallest of the last ``length`` values at each position, n to n; before them, a run is broken."""
    padded = np.concatenate([np.full(length - 1, _BREAK_SIZE), values])
    minima: Floats = np.lib.stride_tricks.sliding_window_view(padded, length).min(axis=1)
    return minima
