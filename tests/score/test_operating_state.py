"""Small cases of operating states worked out by hand: load indicators, starts, and what is no stop."""

from __future__ import annotations

import numpy as np
import pytest

from acm_etl.config import ScoreParams
from acm_etl.score.prepare.operating_state import (
    OFF,
    ON,
    TRANSIENT,
    UNUSABLE,
    StateClassifier,
)

PARAMS = ScoreParams(alarm_rows=2, alarm_z=3, clear_z=2)


@pytest.fixture
def running():
    rng = np.random.default_rng(0)
    return np.column_stack([rng.normal(m, 1, 500) for m in (30, 50, 100, 1000)])


def test_training_without_a_stop_still_tells_one(running):
    states = StateClassifier.fit(running, PARAMS, cadence_seconds=1800)
    rows = np.array([[30, 50, 100, 1000], [0, 0, -5, 20], [0, 50, 100, 1000], [0, 0, 100, 1000], [np.nan] * 4])
    usable = ~np.isnan(rows).all(axis=1)
    code, _, _ = states.classify_rows(rows, usable, {})
    assert code.tolist() == [ON, OFF, ON, OFF, UNUSABLE]


@pytest.mark.parametrize("cut", range(9))
def test_rows_after_a_start_are_transient(running, cut):
    states = StateClassifier.fit(running, PARAMS, cadence_seconds=1800).with_durations(8, 2)
    rows = np.array([[30, 50, 100, 1000.0]] * 16)
    rows[1] = rows[9:11] = 0
    codes, news, carry = [], [], {}
    for part in (rows[:cut], rows[cut:]):
        code, anew, carry = states.classify_rows(part, np.ones(len(part), bool), carry)
        codes += code.tolist()
        news += anew.tolist()
    # six rows for one row of standstill, eight at most; two rows of standstill are a long one here
    assert codes == [ON, OFF, *[TRANSIENT] * 6, ON, OFF, OFF, *[TRANSIENT] * 5]
    assert np.flatnonzero(news).tolist() == [11]


def test_a_noisy_tag_around_zero_tells_no_stop(running):
    noisy = np.column_stack([running, np.random.default_rng(1).normal(0, 1, 500)])
    assert np.isnan(StateClassifier.fit(noisy, PARAMS, cadence_seconds=1800).level_).tolist() == [False] * 4 + [True]


def test_a_temperature_that_cools_slowly_is_no_load_indicator(running):
    rng = np.random.default_rng(6)
    warm = 60 + rng.normal(size=(500, 3))
    X = np.column_stack([running, warm])
    X[200:220, :4] = 0
    # It falls below its idle level only at the end of the standstill.
    X[215:220, 4:] = 1
    states = StateClassifier.fit(X, PARAMS, cadence_seconds=1800).with_durations(0, 24)
    assert np.isnan(states.level_).tolist() == [False] * 4 + [True] * 3
    # A standstill is found in its first reading, although one load indicator is stuck.
    stopped = np.array([[0, 0, 100, 0, 60, 60, 60.0]])
    assert states.classify_rows(stopped, np.ones(1, bool), {})[0].tolist() == [OFF]
    short = X.copy()
    short[204:220] = X[100:116]
    assert not np.isnan(StateClassifier.fit(short, PARAMS, cadence_seconds=1800).level_).any()


def test_many_temperatures_of_a_cold_season_do_not_outvote_three_loads(running):
    rng = np.random.default_rng(6)
    X = np.column_stack([running[:, :3], 60 + rng.normal(size=(500, 9))])
    X[200:260, :3] = 0
    cooled = 60 * np.exp(-np.arange(60) / 6)  # four rows between twice the idle level and the idle level
    X[200:260, 3:] = cooled[:, None]
    states = StateClassifier.fit(X, PARAMS, cadence_seconds=1800).with_durations(0, 24)
    assert np.isnan(states.level_).tolist() == [False] * 3 + [True] * 9
    warm_standstill = np.array([[0, 0, 0, *[20.0] * 9]])
    assert states.classify_rows(warm_standstill, np.ones(1, bool), {})[0].tolist() == [OFF]
    # Two loads are too few to decide without the others.
    assert (~np.isnan(StateClassifier.fit(X[:, 1:], PARAMS, cadence_seconds=1800).level_)).sum() > 2


RAMP = 30
"""Rows in which the loads of ``ramping`` fall that do not fall at once."""


@pytest.fixture
def ramping():
    """Four loads that ramp down at each stop and three that fall at once, and which rows are of standstill."""
    X = np.random.default_rng(0).normal((80, 50, 100, 60, 20, 30, 40), 1, (9000, 7))
    since_stop = (np.arange(len(X)) - 1500) % 2500
    is_off = (since_stop < 600) & (np.arange(len(X)) >= 1500)
    X[is_off, :4] *= np.maximum(1 - (since_stop[is_off, None] + 1) / (RAMP + 1), 0)
    X[is_off, 4:] = 0
    return X, is_off


def test_dosing_flows_that_rest_together_do_not_outvote_loads_that_ramp_down(ramping):
    X, is_off = ramping
    X[np.arange(len(X)) // 400 % 3 == 0, 4:] = 0
    states = StateClassifier.fit(X, PARAMS, cadence_seconds=1800).with_durations(0, 24)
    assert np.isnan(states.level_).tolist() == [False] * 4 + [True] * 3
    codes, _, _ = states.classify_rows(X, np.ones(len(X), bool), {})
    assert not (codes[~is_off] == OFF).any()
    assert (codes[is_off] == OFF).mean() > 0.9


@pytest.mark.parametrize(("cadence_seconds", "is_slow"), [(10, False), (600, True)])
def test_a_load_may_fall_for_ten_minutes(ramping, cadence_seconds, is_slow):
    states = StateClassifier.fit(ramping[0], PARAMS, cadence_seconds=cadence_seconds)
    assert np.isnan(states.level_).tolist() == [is_slow] * 4 + [False] * 3


def test_missing_readings_are_no_part_of_a_fall(ramping):
    X, is_off = ramping
    X[:, :4] = np.where(is_off[:, None], 0, X[:, :4])
    for stop in np.flatnonzero(is_off[1:] & ~is_off[:-1]) + 1:
        X[stop - RAMP : stop, :4] = np.nan
    assert not np.isnan(StateClassifier.fit(X, PARAMS, cadence_seconds=1800).level_).any()


def test_switches_and_signed_quantities_are_no_load_indicators(running):
    rng = np.random.default_rng(2)
    # Each is far above its idle level, or clearly below it, as a load indicator is.
    switch = (rng.random(500) < 0.3).astype(float)
    mode = rng.choice([0.0, 100.0, 110.0, 120.0], 500)
    signed = rng.choice([-1.0, 1.0], 500) * rng.uniform(0.9, 1.1, 500)
    level = StateClassifier.fit(np.column_stack([running, switch, mode, signed]), PARAMS, cadence_seconds=1800).level_
    assert np.isnan(level).tolist() == [False] * 4 + [True] * 3
    alone = StateClassifier.fit(np.column_stack([switch, mode, signed]), PARAMS, cadence_seconds=1800)
    code, _, _ = alone.classify_rows(np.column_stack([switch, mode, signed]), np.ones(500, bool), {})
    assert (code == ON).all()


def test_operating_states_can_be_switched_off(running):
    states = StateClassifier.fit(running, ScoreParams(states="off"), cadence_seconds=1800)
    code, _, _ = states.classify_rows(np.zeros((3, 4)), np.ones(3, bool), {})
    assert np.isnan(states.level_).all()
    assert code.tolist() == [ON] * 3
