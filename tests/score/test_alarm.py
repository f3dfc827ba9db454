"""Small cases of alarms and regimes worked out by hand."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest

from acm_etl.config import ScoreParams
from acm_etl.score.array_ops import forward_fill, run_length
from acm_etl.score.events.alarm import AlarmInputs, AlarmRule, RunLevel, compute_alarm_flags
from acm_etl.score.prepare.operating_state import (
    OFF,
    ON,
    TRANSIENT,
)
from acm_etl.score.regimes import REGIME_UNKNOWN, debounce_regimes, regime_label

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
