"""A load that is lost between start and stop alarms, and no load decides alone that a machine stands."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import polars as pl
import pytest
from polars.testing import assert_frame_equal

from acm_etl import score
from acm_etl.config import ScoreParams
from acm_etl.score.prepare.operating_state import OFF, ON, TRANSIENT, StateClassifier

PARAMS = ScoreParams(forest_trees=12, forest_samples=64, merge_rows=6, dwell_rows=2, transient_hours=12)
RUN, STOP, TAGS = 150, 60, 5
LOADS, VIBRATIONS = [0, 1, 2], [3, 4]
START = RUN
"""Row of the first start of the scored readings, which begin in operation."""


@pytest.fixture(scope="module")
def readings(make_plant):
    """A machine that stops every few days: three loads fall to zero, two vibrations to a third, one load at a time."""
    frame = make_plant(12 * (RUN + STOP), d=TAGS, seed=4)
    X = frame.drop("Timestamp").to_numpy().copy()
    rng = np.random.default_rng(8)
    position = np.arange(len(X)) % (RUN + STOP)
    is_off = position >= RUN
    X[np.ix_(is_off, LOADS)] = rng.normal(0, 0.05, (is_off.sum(), 3))
    X[np.ix_(is_off, VIBRATIONS)] = 25 + rng.normal(0, 0.5, (is_off.sum(), 2))
    X[position < 2, 2] = 0  # the last load comes two rows after the start
    X[position < 10, 4] += 40  # and a vibration settles after ten
    return to_frame(frame["Timestamp"], X)


def to_frame(times, X):
    return pl.DataFrame([times, *(pl.Series(f"tag {i}", X[:, i]) for i in range(X.shape[1]))])


def lose(frame, rows, tag="tag 1"):
    """The readings with a tag at zero in some rows."""
    is_lost = pl.int_range(pl.len()).is_in(list(rows))
    return frame.with_columns(pl.when(is_lost).then(0.0).otherwise(pl.col(tag)).alias(tag))


@pytest.fixture(scope="module")
def model(readings):
    return score.fit(readings[: -2 * (RUN + STOP)], PARAMS)


@pytest.fixture(scope="module")
def later(readings):
    return readings[-2 * (RUN + STOP) + STOP :]


def test_a_load_lost_in_a_start_alarms_until_it_is_back(later, model):
    lost = range(START + 4, START + 10)
    scored = score.score(lose(later, lost), model)
    assert set(scored.frame["state"][lost.start : lost.stop]) == {"transient"}
    assert np.flatnonzero(scored.frame["alarm"]).tolist() == list(lost[PARAMS.alarm_rows - 1 :])
    assert scored.episodes["PrimarySensor"].to_list() == ["tag 1"]
    assert scored.frame["fused"][START + 4] == PARAMS.alarm_z


def test_a_load_that_never_comes_alarms_once_it_is_later_than_ever(later, model):
    assert model.state_classifier.late_rows_[:3].tolist() == [0, 0, 3]  # the last one comes after two rows
    # Two of three loads are idle until the last one comes: the machine is off for two rows more.
    for tag, late in (("tag 1", 2), ("tag 2", 3)):
        for end in (START + 8, START + late):
            frame = score.score(lose(later, range(START, end), tag), model).frame
            expected = range(START + late + PARAMS.alarm_rows - 1, end)
            assert np.flatnonzero(frame["alarm"]).tolist() == list(expected)


def test_few_starts_do_not_show_how_late_a_load_comes(readings):
    X = readings.drop("Timestamp").to_numpy()[: 4 * (RUN + STOP) + RUN]
    classifier = StateClassifier.fit(X, PARAMS, cadence_seconds=1800).with_durations(10, 24)
    codes = np.array(classify(classifier, X))
    lost = classifier.with_lost_rows(X, codes)
    assert lost.lost_rows_.min() == 0
    assert lost.late_rows_.min() > len(X)


def test_a_load_that_comes_later_is_not_lost(later, model):
    assert not score.score(later, model).frame["alarm"].any()


def test_a_loss_as_long_as_in_training_is_none(readings, later):
    lost = range(START + 4, START + 10)
    for rows, expected in ((len(lost), []), (2, list(lost[2 + PARAMS.alarm_rows - 1 :]))):
        training = lose(readings[: -2 * (RUN + STOP)], range(RUN + STOP + 50, RUN + STOP + 50 + rows))
        scored = score.score(lose(later, lost), score.fit(training, PARAMS))
        assert np.flatnonzero(scored.frame["alarm"]).tolist() == expected


@pytest.mark.parametrize("state", [TRANSIENT, ON])
def test_a_missing_reading_is_no_lost_load(model, state):
    running = np.array([[50, 60, 70, 80, 90.0]])
    X = np.concatenate([0 * running, running, running])
    X[2, :2] = 0, np.nan
    lost, _, _ = model.state_classifier.find_lost_loads(X, np.array([OFF, state, state]), {})
    assert np.argwhere(lost).tolist() == [[2, 0]]


def test_a_load_that_falls_gradually_loses_nothing(readings):
    X = readings.drop("Timestamp").to_numpy().copy()
    X[np.arange(len(X)) % (RUN + STOP) // 3 == RUN // 6, 1] = 14  # for three rows of each run: low, but not idle
    states = StateClassifier.fit(X, PARAMS, cadence_seconds=1800).with_durations(10, 24)
    codes = np.array(classify(states, X))
    assert np.flatnonzero(states.with_lost_rows(X, codes).lost_rows_ == 0).tolist() == [0, 2]


def test_training_without_standstills_knows_no_losses(make_plant):
    classifier = score.fit(make_plant(600, d=4), PARAMS).state_classifier
    X = np.array([[50, 60, 70, 80], [0, 60, 70, 80.0]])
    lost, codes, state = classifier.find_lost_loads(X, np.array([ON, ON]), {})
    assert not lost.any()
    assert codes.tolist() == [ON, ON]
    assert not state


def test_a_run_down_before_a_stop_is_no_fault(readings):
    """One load stops and vibrations fall four rows before the others: no alarm, unless it lasts longer than ever."""
    X = readings.drop("Timestamp").to_numpy().copy()
    cycle, position = np.divmod(np.arange(len(X)), RUN + STOP)
    # Only after every fourth run of training: a load that is often low in operation is never lost.
    runs_down = (position >= RUN - 4) & (position < RUN) & ((cycle % 4 == 1) | (cycle >= 10))
    X[runs_down, 1] = 0
    X[np.ix_(runs_down, VIBRATIONS)] *= 0.6
    frame = to_frame(readings["Timestamp"], X)
    model, later = score.fit(frame[: -2 * (RUN + STOP)], PARAMS), frame[-2 * (RUN + STOP) + STOP :]
    end = RUN - STOP
    scored = score.score(later, model).frame
    assert set(scored["state"][end - 4 : end]) == {"transient"}
    assert set(scored["state"][end - 8 : end - 4]) == {"on"}
    assert not scored["alarm"].any()
    longer = score.score(lose(later, range(end - 9, end)), model).frame
    assert np.flatnonzero(longer["alarm"]).tolist() == [end - 3, end - 2, end - 1]


@pytest.mark.sampled
@pytest.mark.parametrize(
    "losses",
    [
        {"tag 1": range(START + 4, START + 10)},
        {"tag 2": range(START, START + 8)},
        {"tag 1": range(START + 4, START + 10), "tag 2": range(START, START + 8)},  # off in between
    ],
)
def test_lost_loads_do_not_depend_on_the_pieces(later, model, losses):
    history = later
    for tag, rows in losses.items():
        history = lose(history, rows, tag)
    state, parts = None, []
    for begin, end in pairwise([0, RUN - STOP, START - 1, START, START + 3, START + 5, START + 7, len(history)]):
        parts.append(score.score(history[begin:end], model, state))
        state = score.ScoringState.from_bytes(parts[-1].state.to_bytes())
    whole = score.score(history, model)
    assert_frame_equal(pl.concat([part.frame for part in parts]), whole.frame, rel_tol=0, abs_tol=1e-9)


def test_a_stored_model_keeps_its_loads(later, model):
    history = lose(later, range(START + 4, START + 10))
    restored = score.Model.from_bytes(model.to_bytes())
    assert_frame_equal(score.score(history, restored).frame, score.score(history, model).frame)


@pytest.fixture
def one_load(readings):
    """One load and two vibrations."""
    return readings.drop("Timestamp").to_numpy()[:, [0, *VIBRATIONS]]


def classify(states, X):
    return states.classify_rows(X, np.ones(len(X), bool), {})[0].tolist()


def test_one_load_does_not_decide_alone(one_load):
    states = StateClassifier.fit(one_load, PARAMS, cadence_seconds=1800)
    assert not np.isnan(states.level_).any()
    assert classify(states, np.array([[0, 80, 90], [0, 25, 25], [0, 80, 25.0]])) == [ON, OFF, OFF]


def test_one_load_decides_without_two_witnesses(one_load):
    for X in (one_load[:, :2], np.column_stack([one_load[:, 0], 80 + 0 * one_load[:, 1:]])):
        states = StateClassifier.fit(X, PARAMS, cadence_seconds=1800)
        assert np.flatnonzero(~np.isnan(states.level_)).tolist() == [0]


def test_a_temperature_that_cools_is_no_witness(one_load):
    cools = np.where(np.arange(len(one_load)) % (RUN + STOP) >= RUN + STOP // 2, 20.0, 60.0)
    states = StateClassifier.fit(np.column_stack([one_load, cools]), PARAMS, cadence_seconds=1800)
    assert np.isnan(states.level_).tolist() == [False] * 3 + [True]
