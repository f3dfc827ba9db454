"""Level of runs of readings, for faults below the level of single readings."""

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
from acm_etl.score.training.run_level import compute_run_minima, fit_run_level

ROWS = 20_000
PARAMS = ScoreParams()


def make_sizes():
    """Return effect sizes with bursts of three rows in each two hundred, and where these bursts are."""
    is_burst = np.arange(ROWS) % 200 < 3
    # Uncorrelated noise: long runs are never high.
    return np.where(is_burst, 15.0, np.random.default_rng(4).normal(size=ROWS)), is_burst


def fit_run_size(sizes, train_rows, *, recurs):
    """Return the run level in robust deviations, and its z and rows."""
    codes = np.full(ROWS, ON)
    calibrator = StateCalibrator.fit(sizes, codes)
    calibration = Calibration({FUSED: calibrator}, {FUSED: calibrator.transform(sizes, codes)}, sizes)
    level = fit_run_level(calibration, train_rows, PARAMS, recurs=recurs)
    return calibrator.on.inverse_transform(level.z), level


@pytest.mark.parametrize(("recurs", "rows", "size"), [(False, 12, 4.0), (True, 96, MIN_FAST_SIZE)])
def test_short_bursts_set_no_level_of_runs(recurs, rows, size):
    sizes, is_burst = make_sizes()
    run_size, level = fit_run_size(sizes, ~is_burst, recurs=recurs)
    assert level.rows == rows
    assert level.z < PARAMS.sustained_z
    # Never below the smallest size, however quiet the runs are.
    assert run_size == pytest.approx(size, abs=0.1)


@pytest.mark.parametrize("recurs", [False, True])
def test_runs_that_are_high_in_training_raise_the_level(recurs):
    sizes, is_burst = make_sizes()
    is_high = np.arange(ROWS) % 2000 > 1700
    sizes[is_high] = 9
    run_size, _ = fit_run_size(sizes, ~is_burst | is_high, recurs=recurs)
    assert run_size == pytest.approx(1.05 * 9, abs=0.1)


def test_run_minima_look_back_and_begin_broken():
    minima = compute_run_minima(np.array([3.0, 1, 2, 4, 5]), 2)
    assert minima.tolist() == [-9, 1, 1, 2, 4]


def test_the_level_of_runs_is_stored(make_plant, fast):
    model = score.fit(make_plant(600, seed=3), fast)
    assert np.isfinite(model.run_level.z)
    assert Model.from_bytes(model.to_bytes()).run_level == model.run_level


def test_models_of_earlier_versions_have_long_runs_or_none(make_plant, fast):
    header, arrays = unpack_arrays(score.fit(make_plant(600, seed=3), fast).to_bytes(), "model")
    del arrays["alarm/run_rows"]
    assert Model.from_bytes(pack_arrays(header, arrays)).run_level.rows == 8 * fast.sustained_rows
    del arrays["alarm/run_z"]
    assert np.isinf(Model.from_bytes(pack_arrays(header, arrays)).run_level.z)
