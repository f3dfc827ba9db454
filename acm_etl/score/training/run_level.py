"""Threshold of sustained alarms where outliers recur in training: calibrated on runs of readings."""

from __future__ import annotations

import numpy as np

from acm_etl.config import ScoreParams
from acm_etl.score.arrays import Bools, Floats
from acm_etl.score.calibrate import Calibrator
from acm_etl.score.events.alarm import SUSTAINED_SIZE_PER_Z
from acm_etl.score.model import FUSED
from acm_etl.score.training.cross_validation import Calibration

_BREAK_SIZE = -9.0  # below any fused effect size: a run with a row that does not count is never high
_MIN_RUN_SIZE = -3.0  # smallest fused effect size


def fit_run_z(calibration: Calibration, train_rows: Bools, params: ScoreParams) -> float:
    """Return the fused z that runs of training rows pass as rarely as single rows pass ``alarm_z``.

    Recurring outliers are a few rows each, but they set the z of all single rows: with 2 % of them, z = 3 is the level
    of the outliers themselves. They are no training rows, so they break the runs.
    Other machines keep the threshold of single rows: that of runs nearly doubles the alarms of healthy years.

    Args:
        calibration: Fused effect sizes of all rows by detectors that were not fitted on them, and their calibrator.
        train_rows: Rows that the detectors are fitted on, n.
        params: ``sustained_rows`` is the length of a run; ``alarm_z`` and ``sustained_z`` are read.
    """
    calibrator = calibration.calibrators[FUSED]
    sizes = np.where(train_rows, calibration.raw_fused, _BREAK_SIZE)
    minima = np.maximum(compute_run_minima(sizes, params.sustained_rows), _MIN_RUN_SIZE)
    size = Calibrator.fit(minima[train_rows]).inverse_transform(min(params.alarm_z, calibrator.max_supported_z))
    # Small deviations are no alarm, however rare they are.
    least = SUSTAINED_SIZE_PER_Z * min(params.sustained_z, calibrator.max_supported_z)
    return float(calibrator.on.transform(np.array([max(size, least)]))[0])


def compute_run_minima(values: Floats, length: int) -> Floats:
    """Return the smallest of the last ``length`` values at each position, n to n; before them, a run is broken."""
    padded = np.concatenate([np.full(length - 1, _BREAK_SIZE), values])
    minima: Floats = np.lib.stride_tricks.sliding_window_view(padded, length).min(axis=1)
    return minima
