"""A machine with few standstills in training alarms at standstill on gross deviations only."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import polars as pl
import pytest
from polars.testing import assert_frame_equal

from acm_etl import score
from acm_etl.config import ScoreParams
from acm_etl.score.standstill_limits import StandstillLimits

PARAMS = ScoreParams(forest_trees=12, forest_samples=64, merge_rows=6, dwell_rows=2, transient_hours=4)
ROWS, STOP = 1600, 40
TRAINED_STOPS, LATER_STOP = (300, 700), 1400
COASTS = 3
"""Rows after a stop in which the second load still falls: by its speed, it may be a temperature."""
RUN_DOWN = 2
"""Rows after a stop that are not assessed: twice ten minutes, at least a reading each."""


@pytest.fixture(scope="module")
def readings(make_plant):
    """Two loads and a vibration fall to zero at standstill, a temperature to a third, and another one rises."""
    frame = make_plant(ROWS, d=5, seed=4)
    X = frame.drop("Timestamp").to_numpy().copy()
    rng = np.random.default_rng(8)
    for stop in (*TRAINED_STOPS, LATER_STOP):
        off = slice(stop, stop + STOP)
        X[off, :3] = np.abs(rng.normal(0, 0.05, (STOP, 3)))
        X[stop : stop + COASTS, 1] = X[stop - 1, 1] / 2
        X[off, 3] *= 0.3
        X[off, 4] *= 1.5
    return pl.DataFrame([frame["Timestamp"], *(pl.Series(f"tag {i}", X[:, i]) for i in range(5))])


@pytest.fixture(scope="module")
def model(readings):
    return score.fit(readings[:1200], PARAMS)


def change(readings, tag, value, first=10, rows=20):
    """The readings after training, one tag at a value in some rows of the later standstill."""
    row = pl.int_range(pl.len())
    start = LATER_STOP - 1200 + first
    return readings[1200:].with_columns(
        pl.when(row.is_between(start, start + rows - 1)).then(float(value)).otherwise(pl.col(tag)).alias(tag)
    )


def test_two_standstills_in_training_give_limits(model):
    assert isinstance(model.standstill, StandstillLimits)
    high, level = model.standstill.high, model.state_classifier.level_
    assert high[[0, 2]].tolist() == level[[0, 2]].tolist()
    assert (high[[1, 3]] > 50).all(), "tags that fall slowly are compared with operation"
    assert high[4] == np.inf, "a tag that rises at standstill has no limit"
    assert model.standstill.run_down_rows == RUN_DOWN


def test_one_standstill_gives_no_limit_of_idle_loads(readings, model):
    """A pump that was drained once may be on standby at a header under pressure the next time."""
    once = score.fit(readings[TRAINED_STOPS[0] + STOP : 1200], PARAMS).standstill
    assert (once.high[:3] > model.state_classifier.level_[:3] * 3).all()


@pytest.mark.parametrize("name", ["Inlet Damper", "Discharge Pressure", "Seal Level", "Ambient Temperature"])
def test_a_tag_that_is_set_from_outside_has_no_limit(readings, name):
    renamed = readings[:1200].rename({"tag 0": name})
    assert np.isinf(score.fit(renamed, PARAMS).standstill.high).tolist() == [True, False, False, False, True]


def test_a_tag_that_may_follow_the_weather_has_no_limit(readings):
    """Inlet air that was cold in the standstills of a winter is warmer than ever in summer."""
    rng = np.random.default_rng(1)
    air = 5 + np.cumsum(rng.normal(0, 0.1, ROWS))
    is_off = (readings["tag 0"] < 1).to_numpy()
    air[is_off] = np.quantile(air[:1200], 0.01) - 1
    followed = readings.with_columns(pl.Series("tag 3", air))
    assert score.fit(followed[:1200], PARAMS).standstill.high[3] == np.inf


def test_a_wrong_reading_in_training_does_not_lift_a_limit(readings, model):
    spiked = readings[:1200].with_columns(
        pl.when(pl.int_range(pl.len()) == 77).then(1e5).otherwise("tag 3").alias("tag 3")
    )
    assert score.fit(spiked, PARAMS).standstill.high[3] < 2 * model.standstill.high[3]


def test_a_healthy_standstill_is_quiet(readings, model):
    scored = score.score(readings[1200:], model)
    off = scored.frame.filter(state="off")
    assert len(off) == STOP
    assert not off["alarm"].any()
    assert (off["fused"] == 0).all()


@pytest.mark.parametrize(("tag", "value"), [("tag 2", 20.0), ("tag 3", 500.0)])
def test_a_load_or_heat_at_standstill_is_an_alarm_of_its_tag(readings, model, tag, value):
    scored = score.score(change(readings, tag, value), model)
    off = scored.frame.filter(state="off")
    assert off["alarm"].to_list()[:13] == [False] * 12 + [True]
    assert off["health_index"].null_count() == STOP
    assert scored.episodes["PrimarySensor"].to_list() == [tag]
    assert scored.episodes["PeakFusedZ"].to_list() == [PARAMS.alarm_z]


def test_two_readings_and_a_longer_run_down_are_no_alarm(readings, model):
    for first, rows in ((10, 2), (0, RUN_DOWN + 2)):
        scored = score.score(change(readings, "tag 2", 20.0, first, rows), model)
        assert not scored.frame.filter(state="off")["alarm"].any()


def test_a_load_that_repeats_its_last_reading_of_operation_is_beyond_no_limit(readings, model):
    running = readings["tag 2"][LATER_STOP - 1]
    for value, is_alarm in ((running, False), (running + 0.01, True)):
        scored = score.score(change(readings, "tag 2", value, first=COASTS), model)
        assert scored.frame.filter(state="off")["alarm"].any() == is_alarm


def test_a_missing_reading_is_beyond_no_limit(readings, model):
    scored = score.score(change(readings, "tag 3", np.nan), model)
    assert not scored.frame.filter(state="off")["alarm"].any()


def test_a_machine_that_never_stood_has_no_limits(readings):
    assert score.fit(readings[: TRAINED_STOPS[0]], PARAMS).standstill is None


@pytest.mark.parametrize(("tag", "is_alarm"), [("tag 0", False), ("tag 2", True)])
def test_limits_do_not_depend_on_the_pieces_and_are_restored(readings, model, tag, is_alarm):
    """One tag repeats its last reading of operation, one has a load."""
    frame = change(readings, tag, 20.0 if is_alarm else readings[tag][LATER_STOP - 1], first=COASTS)
    restored = score.Model.from_bytes(model.to_bytes())
    assert restored.to_bytes() == model.to_bytes()
    whole, state, found = score.score(frame, model), None, []
    for start, end in pairwise([0, 201, 204, 212, 213, len(frame)]):
        found.append(score.score(frame[start:end], restored, state))
        state = score.ScoringState.from_bytes(found[-1].state.to_bytes())
    assert_frame_equal(pl.concat([piece.frame for piece in found]), whole.frame)
    assert found[-1].state.to_bytes() == whole.state.to_bytes()
    assert whole.frame["alarm"].any() == is_alarm
