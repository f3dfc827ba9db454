"""Thresholds of alarms that start after a run of readings, by the highest runs of training."""

from __future__ import annotations

import numpy as np

from acm_etl.config import ScoreParams
from acm_etl.score.arrays import Bools, Floats
from acm_etl.score.detectors.mahalanobis import MahalanobisDetector
from acm_etl.score.events.alarm import LONG_RUN, MIN_FAST_SIZE, RunLevel
from acm_etl.score.model import FUSED
from acm_etl.score.training.cross_validation import Calibration, OutOfFoldScores

# With 1.0, the readings of training would start an alarm when they are scored again; with 1.2, faults are missed.
_PER_HIGHEST_RUN = 1.05
# With 3.3 to 3.7, a healthy year has an alarm more; with 4.5, a fault of a spacecraft channel is missed.
_MIN_RUN_SIZE = 4.0
# Where training hardly varies, a small change is many times as large.
_MIN_EXCURSION_LIMIT = 3.0
_BREAK_SIZE = -9.0  # below any fused effect size: a run with a row that does not count is never high


def fit_run_level(calibration: Calibration, train_rows: Bools, params: ScoreParams, *, recurs: bool) -> RunLevel:
    """Return the level that no run of training readings has reached.

    z counts single readings: where training has short bursts, z = 3 is the level of these bursts, and a fault below it
    would last unseen. But no run of training stays there.

    Args:
        calibration: Fused effect sizes of all rows by detectors that were not fitted on them, and their calibrator.
        train_rows: Rows that the detectors are fitted on, n; others break the runs.
        params: ``sustained_rows`` is read.
        recurs: True if gross outliers recur in training: the memory of the detectors makes a burst last for two
            sustained runs, so the run is eight times as long, and the level at least that of a fast start.
    """
    rows = (LONG_RUN if recurs else 1) * params.sustained_rows
    minima = compute_run_minima(np.where(train_rows, calibration.raw_fused, _BREAK_SIZE), rows)
    size = max(_PER_HIGHEST_RUN * float(minima.max()), MIN_FAST_SIZE if recurs else _MIN_RUN_SIZE)
    return RunLevel(float(calibration.calibrators[FUSED].on.transform(np.array([size]))[0]), rows)


def fit_excursion_limit(
    calibration: Calibration, out_of_fold: OutOfFoldScores, settled_rows: Bools, params: ScoreParams
) -> float:
    """Return the highest run of training: what lies several times as far outside is no operation that training knew.

    Args:
        calibration: Calibrators of the detectors.
        out_of_fold: Scores of all rows by detectors that were not fitted on them.
        settled_rows: Rows in state on that scores are calibrated on, with outliers if these recur; others break runs.
        params: ``alarm_rows`` is the length of a run.
    """
    name = MahalanobisDetector.name
    sizes = calibration.calibrators[name].on.effect_size(out_of_fold.raw[name])
    is_known = settled_rows & ~out_of_fold.is_extrapolated
    minima = compute_run_minima(np.where(is_known, sizes, _BREAK_SIZE), params.alarm_rows)
    return max(float(minima.max()), _MIN_EXCURSION_LIMIT)


def compute_run_minima(values: Floats, length: int) -> Floats:
    """Return the smallest of the last ``length`` values at each position, n to n; before them, a run is broken."""
    padded = np.concatenate([np.full(length - 1, _BREAK_SIZE), values])
    minima: Floats = np.lib.stride_tricks.sliding_window_view(padded, length).min(axis=1)
    return minima
