"""Threshold of long runs of readings, for faults below the level of recurring outliers."""

from __future__ import annotations

import numpy as np
import pytest

from acm_etl import score
from acm_etl.config import ScoreParams
from acm_etl.score.arrays import pack_arrays, unpack_arrays
from acm_etl.score.calibrate import StateCalibrator
from acm_etl.score.events.alarm import MIN_FAST_SIZE
from acm_etl.score.model import FUSED, Model
from acm_etl.score.prepare.operating_state import ON
from acm_etl.score.training.cross_validation import Calibration
from acm_etl.score.training.run_level import compute_run_minima, fit_run_z

ROWS = 20_000
PARAMS = ScoreParams()


def calibrate(sizes):
    codes = np.full(ROWS, ON)
    calibrator = StateCalibrator.fit(sizes, codes)
    return Calibration({FUSED: calibrator}, {FUSED: calibrator.transform(sizes, codes)}, sizes)


def make_sizes():
    """Return effect sizes with bursts of three rows in each two hundred, and where these bursts are."""
    is_burst = np.arange(ROWS) % 200 < 3
    # Uncorrelated noise: long runs are never high.
    return np.where(is_burst, 15.0, np.random.default_rng(4).normal(size=ROWS)), is_burst


def test_bursts_that_recur_do_not_set_the_threshold_of_runs():
    sizes, is_burst = make_sizes()
    calibration = calibrate(sizes)
    on = calibration.calibrators[FUSED].on
    assert on.inverse_transform(PARAMS.sustained_z) > 14
    run_z = fit_run_z(calibration, ~is_burst, PARAMS)
    assert run_z < PARAMS.sustained_z
    # Never below the size of a fast start, however quiet the runs are.
    assert on.inverse_transform(run_z) == pytest.approx(MIN_FAST_SIZE, abs=0.1)


def test_runs_that_are_high_in_training_raise_the_threshold():
    sizes, is_burst = make_sizes()
    is_burst[np.arange(ROWS) % 2000 > 1700] = False
    sizes[np.arange(ROWS) % 2000 > 1700] = 9
    calibration = calibrate(sizes)
    assert calibration.calibrators[FUSED].on.inverse_transform(fit_run_z(calibration, ~is_burst, PARAMS)) > 8


def test_run_minima_look_back_and_begin_broken():
    minima = compute_run_minima(np.array([3.0, 1, 2, 4, 5]), 2)
    assert minima.tolist() == [-9, 1, 1, 2, 4]


def test_the_threshold_of_runs_is_stored_and_models_of_earlier_versions_have_none(make_plant, fast):
    model = score.fit(make_plant(600, seed=3), fast)
    assert np.isfinite(model.run_z)
    assert Model.from_bytes(model.to_bytes()).run_z == model.run_z
    header, arrays = unpack_arrays(model.to_bytes(), "model")
    del arrays["alarm/run_z"]
    assert np.isinf(Model.from_bytes(pack_arrays(header, arrays)).run_z)
