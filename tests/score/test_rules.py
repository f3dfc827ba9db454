"""Small cases worked out by hand: states, alarms, regimes, episodes, calibration of time."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest

from acm_etl.config import ScoreParams
from acm_etl.score.array_ops import forward_fill, run_length
from acm_etl.score.events.alarm import AlarmInputs, AlarmRule, RunLevel, compute_alarm_flags
from acm_etl.score.events.episode_tables import episode_rows
from acm_etl.score.events.episodes import UNKNOWN_CAUSE, EpisodeInputs, update_episodes
from acm_etl.score.events.spans import is_closed, last_change_times
from acm_etl.score.prepare.operating_state import (
    OFF,
    ON,
    TRANSIENT,
    UNUSABLE,
    StateClassifier,
)
from acm_etl.score.regimes import REGIME_UNKNOWN, debounce_regimes, regime_label

PARAMS = ScoreParams(alarm_rows=2, alarm_z=3, clear_z=2)
RULE = AlarmRule(
    fast_z=3,
    fast_size=5,
    rare_z=4.5,
    fast_rows=2,
    sustained_z=2.5,
    sustained_size=2.75,
    sustained_rows=4,
    clear_z=2,
    run_z=np.inf,
    run_rows=8,
    run_clear_z=2,
    recovery_ratio=0.5,
    max_holdoff_rows=8,
)


def seen(fused, size=None, *, code=None, anew=None, slow=None):
    n = len(fused)
    return AlarmInputs(
        np.array(fused, float),
        np.full(n, 10.0) if size is None else np.array(size, float),
        np.zeros(n) if slow is None else np.array(slow, float),
        np.full(n, ON) if code is None else np.array(code),
        np.zeros(n, bool) if anew is None else anew,
    )


def in_pieces(rows, cuts):
    found, carry = [], {}
    for start, end in pairwise([0, *cuts, len(rows.operating_state)]):
        alarm, carry = compute_alarm_flags(AlarmInputs(*(column[start:end] for column in rows)), RULE, carry)
        found += alarm.tolist()
    return found


def test_run_length_continues_what_came_before():
    assert run_length(np.array([1, 1, 0, 1, 1]) == 1, 3).tolist() == [4, 5, 0, 1, 2]
    assert run_length(np.array([], dtype=bool), 3).tolist() == []
    both = np.array([[1, 0], [1, 1]]) == 1
    assert run_length(both, np.array([2, 5])).tolist() == [[3, 0], [4, 1]]


def test_carried_marks_hold_until_the_next():
    assert forward_fill(np.array([-1, 1, -1, 0, -1]), 0).tolist() == [0, 1, 1, 0, 0]
    assert forward_fill(np.array([-1, REGIME_UNKNOWN, -1]), 7).tolist() == [7, REGIME_UNKNOWN, REGIME_UNKNOWN]


def test_alarm_needs_successive_rows_to_start_and_to_end():
    fused = np.array([4.0, 0, 4, 4, 2.5, 1, 4, 1, 1, 0, 1, 0])
    alarm, after = compute_alarm_flags(seen(fused), RULE, {})
    assert alarm.tolist() == [False] * 3 + [True] * 7 + [False] * 2
    assert after["active"] == 0


@pytest.mark.parametrize("cut", range(8))
def test_small_bursts_start_no_alarm_until_they_have_lasted(cut):
    size = [4.9] * 8
    assert in_pieces(seen([4.0, 4, 4, 0, 4, 4, 4, 4], size), [cut]) == [False] * 7 + [True]
    assert in_pieces(seen([4.0, 4, 4, 0, 4, 4, 4, 4], [5.0] * 8), [cut]) == [False] + [True] * 7


@pytest.mark.parametrize(("fused", "size", "starts"), [(4.4, 4.6, False), (4.6, 4.4, False), (4.6, 4.6, True)])
def test_a_rare_score_starts_an_alarm_with_as_many_deviations(fused, size, starts):
    alarm, _ = compute_alarm_flags(seen([fused] * 3, [size] * 3), RULE, {})
    assert alarm.tolist() == [False, starts, starts]


@pytest.mark.parametrize(("size", "found"), [(2.7, False), (2.75, True)])
def test_a_lasting_shift_must_be_as_large_as_it_is_rare(size, found):
    alarm, _ = compute_alarm_flags(seen([2.6] * 6, [size] * 6), RULE, {})
    assert alarm.any() == found


@pytest.mark.parametrize("cut", range(9))
def test_a_small_shift_alarms_by_lasting(cut):
    fused = np.array([2.6, 2.6, 2.6, 2.4, 2.6, 2.7, 2.6, 2.6, 1.0])
    assert in_pieces(seen(fused), [cut]) == [False] * 7 + [True, True]  # one row below 2 does not end it


@pytest.mark.parametrize("cut", range(1, 30))
def test_an_alarm_ends_when_the_machine_recovers_and_comes_back_when_it_worsens_or_stays(cut):
    size = [20.0] * 6 + [9, 9, 9, 9, 21, 9, 9] + [9] * 18
    expected = [False] + [True] * 6 + [False] * 3 + [True] * 21
    # alarm at the second row; recovered at the second row of 9; 21 is worse than the mean of 20; 9 is then more
    # than half of the mean of the few rows of the new alarm, which is too young to be called recovered
    assert in_pieces(seen([5.0] * 31, size), [cut]) == expected


@pytest.mark.parametrize("cuts", [[], [7], [10], [3, 6, 9, 12, 15], list(range(1, 24))])
@pytest.mark.parametrize(("held", "quiet"), [(6, 6), (7, 7), (10, 8)])
def test_what_is_left_alarms_again_after_as_long_as_the_alarm_held_or_the_memory(held, quiet, cuts):
    size = [20.0] * held + [9.0] * (24 - held)
    expected = [False] + [True] * held + [False] * quiet + [True] * (23 - held - quiet)
    assert in_pieces(seen([5.0] * 24, size), cuts) == expected


@pytest.mark.parametrize("cuts", [[], [14], [15], [16], list(range(1, 20))])
@pytest.mark.parametrize(("level", "again"), [(5.0, 16), (2.6, 19)])
def test_after_a_recovery_that_was_cleared_a_clear_fault_alarms_at_once(level, again, cuts):
    fused = [5.0] * 11 + [0.0] * 4 + [level] * 5
    expected = [False] + [True] * 10 + [False] * (again - 11) + [True] * (20 - again)
    assert in_pieces(seen(fused, [20.0] * 10 + [9.0] * 10), cuts) == expected


@pytest.mark.parametrize("cut", range(14))
def test_a_long_standstill_ends_what_a_recovery_asks_for(cut):
    size = [20.0] * 6 + [9.0] * 8
    anew = np.arange(14) == 9
    assert in_pieces(seen([5.0] * 14, size, anew=anew), [cut]) == [False] + [True] * 6 + [False] * 2 + [True] * 5


@pytest.mark.parametrize("cut", range(5))
def test_what_the_slow_path_says_has_lasted_already(cut):
    assert in_pieces(seen([2.6] * 5, slow=[0, 2.6, 0, 0, 0]), [cut]) == [False, True, True, True, True]


def test_the_slow_path_holds_an_alarm():
    size = [20.0] * 6 + [3.0] * 4
    alarm, _ = compute_alarm_flags(seen([5.0] * 10, size, slow=[2.2] * 10), RULE, {})
    assert alarm.tolist() == [False] + [True] * 9
    later, _ = compute_alarm_flags(seen([5.0] * 10, size, slow=[0] * 9 + [2.2]), RULE, {})
    assert later.tolist() == [False] + [True] * 6 + [False] * 2 + [True]


def test_the_lasting_level_is_what_training_can_vouch_for():
    params = ScoreParams()
    assert AlarmRule.from_params(params, 2.58, 96).sustained_z == 2.58
    assert (
        AlarmRule.from_params(params, 2.58, 96).sustained_size < AlarmRule.from_params(params, 3.0, 96).sustained_size
    )
    rule = AlarmRule.from_params(params, 2.58, 96)
    assert rule.clear_z == pytest.approx(2.58 - (params.sustained_z - params.clear_z))
    assert AlarmRule.from_params(params, params.sustained_z, 96).clear_z == params.clear_z


@pytest.mark.parametrize("cut", [0, 1, 40, 95, 96, 119])
def test_a_long_run_starts_an_alarm_below_the_sustained_threshold(cut):
    params = ScoreParams()
    usual, long = (
        AlarmRule.from_params(params, params.sustained_z, 96, run_level=RunLevel(z, 96)) for z in (np.inf, 2.0)
    )
    assert usual.clear_z - long.run_clear_z == pytest.approx(1.0)
    changed = {"run_z", "run_clear_z"}
    assert {name for name in AlarmRule._fields if getattr(usual, name) != getattr(long, name)} == changed
    rows = seen([2.1] * 120, [6.0] * 120)
    assert not compute_alarm_flags(rows, usual, {})[0].any()
    first, state = compute_alarm_flags(AlarmInputs(*(column[:cut] for column in rows)), long, {})
    second, _ = compute_alarm_flags(AlarmInputs(*(column[cut:] for column in rows)), long, state)
    assert np.concatenate([first, second]).tolist() == [False] * 95 + [True] * 25


def test_drift_needs_the_sustained_threshold_where_long_runs_have_a_lower_one():
    rule = AlarmRule.from_params(ScoreParams(), 3.0, 96, run_level=RunLevel(2.0, 96))
    # The drift score raises fused above the lower threshold, but the deviation of the detectors is small.
    rows = seen([2.5] * 120, [1.0] * 120, slow=[2.5] * 120)
    assert not compute_alarm_flags(rows, rule, {})[0].any()


@pytest.mark.parametrize(("long", "again"), [(False, [True] * 4 + [False] * 2), (True, [False] * 6)])
def test_an_alarm_is_not_shown_at_standstill_and_forgotten_after_a_long_one(*, long, again):
    code = np.array([ON, ON, ON, OFF, TRANSIENT, ON, ON, ON, ON, ON])
    anew = (np.arange(10) == 4) & long
    alarm, _ = compute_alarm_flags(seen([9.0, 9, 9, 0, 9, 1, 1, 1, 1, 1], code=code, anew=anew), RULE, {})
    assert alarm.tolist()[:4] == [False, True, True, False]
    assert alarm.tolist()[4:] == again


def test_rows_that_are_not_on_start_no_alarm():
    code = np.array([TRANSIENT, TRANSIENT, ON, TRANSIENT, ON, ON])
    alarm, _ = compute_alarm_flags(seen(np.full(6, 9.0), code=code), RULE, {})
    assert alarm.tolist() == [False] * 5 + [True]


def test_a_regime_is_believed_after_its_dwell():
    regime, after = debounce_regimes(np.array([0, 0, 1, 0, 1, 1, 1]), 2, {})
    assert regime.tolist() == [REGIME_UNKNOWN, 0, 0, 0, 0, 1, 1]
    regime, _ = debounce_regimes(np.array([0, 0]), 2, after)
    assert regime.tolist() == [1, 0]


def test_regime_labels():
    assert [regime_label(code) for code in (0, 3, REGIME_UNKNOWN, -3)] == ["0", "3", "unknown", "off"]


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


def watched(alarm, fused, code=None):
    n = len(alarm)
    parts = np.column_stack([fused, np.zeros((n, 8)), np.full(n, 0.25), np.full(n, 0.75)]).astype(float)
    code = np.full(n, ON) if code is None else np.array(code)
    flags = np.array(alarm) == 1
    floor = np.full(n, 4.0)
    return EpisodeInputs(np.arange(n) * 10, code, flags, np.array(fused, float), floor, np.zeros(n, np.int64), (parts,))


def select_rows(rows, part):
    columns = {name: column[part] for name, column in vars(rows).items() if name != "sum_columns"}
    return EpisodeInputs(**columns, sum_columns=tuple(block[part] for block in rows.sum_columns))


def test_episode_merges_short_pauses_and_closes_after_quiet_rows():
    rows = watched([0, 1, 0, 1, 1, 0, 0, 0, 1], [1, 4, 2, 6, 5, 1, 2, 0, 7])
    ledger, after = update_episodes(rows, 2, {})
    assert ledger["start"].tolist() == [10, 80]
    assert ledger["end"].tolist() == [40, 80]
    assert ledger["count"].tolist() == [3, 1]
    assert ledger["peak"].tolist() == [6, 7]
    assert ledger["peak_at"].tolist() == [30, 80]
    assert ledger["sums"][:, 0].tolist() == [15, 7]
    assert is_closed(ledger).tolist() == [True, False]
    assert last_change_times(ledger).tolist() == [60, 80]
    assert (ledger["lag_sum"] / np.maximum(ledger["lag_rows"], 1)).tolist() == [1.5, 0]
    assert ledger["lead"].tolist() == [1.0, pytest.approx(np.mean([1, 4, 2, 6, 5, 1, 2, 0]))]
    assert after["open/start"].tolist() == [80]
    assert ledger["opened_by"].tolist() == [1, 0], "the floor of drift gives a fused z of 4"


def test_an_episode_that_an_earlier_version_left_open_has_no_cause():
    _, carry = update_episodes(watched([1], [4]), 2, {})
    before = {name: column for name, column in carry.items() if name != "open/opened_by"}
    ledger, _ = update_episodes(watched([1, 0, 0, 1], [4, 0, 0, 4]), 2, before)
    assert ledger["opened_by"].tolist() == [UNKNOWN_CAUSE, 1]
    rows = episode_rows(ledger, ["a", "b"], 4.72)
    assert rows["OpenedBy"].to_list() == [None, "drift"]
    assert rows["ClosedBy"].to_list() == ["cleared", None]


def test_episode_without_rows_before_has_no_lead():
    ledger, _ = update_episodes(watched([1], [4]), 2, {})
    assert np.isnan(ledger["lead"]).tolist() == [True]


@pytest.mark.parametrize("cut", range(10))
def test_episodes_follow_across_calls(cut):
    rows = watched([0, 1, 0, 1, 1, 0, 0, 0, 1], [1, 4, 2, 6, 5, 1, 2, 0, 7], [2, 2, 2, 2, 2, 0, 2, 2, 2])
    whole, _ = update_episodes(rows, 2, {})
    merged, carry = {}, {}
    for part in (slice(0, cut), slice(cut, None)):
        ledger, carry = update_episodes(select_rows(rows, part), 2, carry)
        for i in range(len(ledger.get("start", []))):
            merged[int(ledger["start"][i])] = {name: column[i].tolist() for name, column in ledger.items()}
    for i, start in enumerate(whole["start"].tolist()):
        assert merged[start] == {name: column[i].tolist() for name, column in whole.items()}


def test_an_open_episode_is_told_even_if_nothing_happens():
    _, carry = update_episodes(watched([1], [4]), 5, {})
    ledger, _ = update_episodes(watched([], []), 5, carry)
    assert ledger["start"].tolist() == [0]
    rows = watched([0, 0], [1, 1])
    ledger, _ = update_episodes(rows, 5, carry)
    assert not is_closed(ledger).any()
