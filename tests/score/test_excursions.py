"""Excursions: far outside of training for a while, an alarm where the fused score sees too little."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

import numpy as np
import polars as pl
import pytest

from acm_etl import score
from acm_etl.config import ScoreParams
from acm_etl.score.arrays import pack_arrays, unpack_arrays
from acm_etl.score.calibrate import Calibrator, StateCalibrator
from acm_etl.score.detectors.base import DetectorInputs
from acm_etl.score.excursions import ExcursionRule
from acm_etl.score.model import Model
from acm_etl.score.training.cross_validation import Calibration, OutOfFoldScores
from acm_etl.score.training.run_level import fit_excursion_limit

PARAMS = ScoreParams()
RULE = ExcursionRule.from_params(PARAMS, 5.0)
ROWS = 200


def make_rows(*, unsettled=(), restarts=()):
    places = np.arange(ROWS)
    steps = np.ones(ROWS, np.int64)
    Z, F = np.zeros((ROWS, 2)), np.zeros((ROWS, 6), np.float32)
    return DetectorInputs(Z, F, ~np.isin(places, unsettled), np.isin(places, restarts), steps)


def make_sizes(*spans):
    """Return sizes of 1, and of the given size between two rows."""
    sizes = np.ones(ROWS)
    for first, end, size in spans:
        sizes[first:end] = size
    return sizes


def find_alarms(sizes, rows=None, rule=RULE):
    return np.flatnonzero(rule.flag_rows(sizes, rows or make_rows(), {})[0]).tolist()


@pytest.mark.parametrize(
    ("sizes", "alarms"),
    [
        pytest.param([(50, 52, 100)], [], id="two readings are too few"),
        pytest.param([(50, 60, 14)], [], id="not far enough"),
        pytest.param([(50, 54, 15), (54, 58, 5)], range(52, 58), id="on until within the limit"),
        pytest.param([(50, 150, 20)], range(52, 98), id="another condition after 48 readings"),
        pytest.param([(50, 70, 6), (70, 75, 20)], range(72, 75), id="far only later"),
        pytest.param([(50, 55, 20), (60, 65, 20)], [52, 53, 54, 62, 63, 64], id="again after readings within"),
        pytest.param([(50, 130, 6), (130, 140, 20)], [], id="outside for too long before"),
    ],
)
def test_rows_in_alarm(sizes, alarms):
    assert find_alarms(make_sizes(*sizes)) == list(alarms)


def test_a_stop_neither_breaks_an_excursion_nor_counts():
    sizes, stop = make_sizes((50, 150, 20)), range(60, 70)
    assert find_alarms(sizes, make_rows(unsettled=stop)) == [*range(52, 60), *range(70, 108)]
    # The first reading after a long stop belongs to a start.
    assert find_alarms(sizes, make_rows(unsettled=stop, restarts=[69]))[8:] == list(range(72, 118))


def test_an_excursion_may_last_as_long_as_its_start():
    rule = ExcursionRule.from_params(ScoreParams(alarm_rows=10, sustained_rows=2), 5.0)
    flags, _ = rule.flag_rows(make_sizes((50, 60, 100.0)), make_rows(), {})
    assert np.flatnonzero(flags).tolist() == [59]


def test_models_without_a_limit_have_none():
    assert find_alarms(make_sizes((50, 60, 60)), rule=RULE._replace(limit=np.inf)) == []


@pytest.mark.parametrize("cut", [0, 1, 51, 52, 53, 60, 97, 98, 120, 200])
def test_excursions_do_not_depend_on_the_pieces(cut):
    sizes, rows = make_sizes((50, 58, 20), (58, 120, 7), (125, 140, 30)), make_rows(unsettled=[55, 60, 130])
    whole, after = RULE.flag_rows(sizes, rows, {})
    first, state = RULE.flag_rows(sizes[:cut], rows.select_rows(slice(cut)), {})
    second, state = RULE.flag_rows(sizes[cut:], rows.select_rows(slice(cut, None)), state)
    assert np.array_equal(np.concatenate([first, second]), whole)
    assert state == after == {}  # all runs have ended


@pytest.mark.parametrize(("size", "limit"), [(40.0, 40.0), (2.0, 3.0)])
def test_the_limit_is_the_highest_run_of_training_and_at_least_three(size, limit):
    # Two readings are no run; an outlier and a fold that is unlike the others are no training.
    sizes = make_sizes((50, 53, size), (100, 102, 90), (120, 123, 90), (150, 153, 90))
    settled = np.arange(ROWS) // 10 != 12
    scores = OutOfFoldScores({"mhal_z": sizes**2}, np.empty(0), np.arange(ROWS) >= 150)
    # Squared distances by a calibrator whose robust deviations are distances.
    calibrator = Calibrator(np.arange(2.0), np.arange(2.0), np.zeros(3), np.array([0.0, 1.0]))
    calibration = Calibration({"mhal_z": StateCalibrator(calibrator, calibrator, {})}, {}, sizes)
    assert fit_excursion_limit(calibration, scores, settled, PARAMS) == limit


def test_a_broken_relation_alarms_where_the_fused_score_hardly_counts_relations(autoregress, fast):
    # 20 slow tags in 600 readings: too few independent ones for the detectors that learn relations.
    random = np.random.default_rng(7)
    common = autoregress(random.normal(size=(900, 2)), 0.95) @ random.normal(size=(2, 20))
    X = common + autoregress(0.3 * random.normal(size=(900, 20)), 0.9)
    X[800:808, 3] += 1.75 * X[:600, 3].std()
    times = pl.select(pl.lit(datetime(2024, 1, 1)) + pl.duration(minutes=30) * pl.int_range(900)).to_series()
    frame = pl.DataFrame([times.alias("Timestamp"), *(pl.Series(f"tag {tag}", X[:, tag]) for tag in range(20))])
    model = score.fit(frame[:600], fast)
    scored = score.score(frame[600:], model).frame
    assert scored["alarm"].arg_true().to_list() == list(range(202, 208))
    assert scored.filter("alarm")["fused"].min() == fast.alarm_z
    assert not score.score(frame[600:], replace(model, excursion_limit=np.inf)).frame["alarm"].any()


def test_the_limit_is_stored_and_models_of_earlier_versions_have_none(model):
    assert Model.from_bytes(model.to_bytes()).excursion_limit == model.excursion_limit
    header, arrays = unpack_arrays(model.to_bytes(), "model")
    del arrays["alarm/excursion_limit"]
    assert np.isinf(Model.from_bytes(pack_arrays(header, arrays)).excursion_limit)
