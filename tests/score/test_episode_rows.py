"""Small cases of episodes worked out by hand: pauses, causes, and calls one after the other."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from acm_etl.score.events.episode_tables import episode_rows
from acm_etl.score.events.episodes import UNKNOWN_CAUSE, EpisodeInputs, update_episodes
from acm_etl.score.events.spans import is_closed, last_change_times
from acm_etl.score.polars_convert import NO_TIME
from acm_etl.score.prepare.operating_state import OFF, ON

HOUR_US = 3_600_000_000


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


def make_rows(pairs):
    """Return one row each two hours: operating states, and whether the row is in alarm."""
    rows = watched([alarm for _, alarm in pairs], [4.0 * alarm for _, alarm in pairs], [state for state, _ in pairs])
    return replace(rows, time=np.arange(len(pairs)) * 2 * HOUR_US)


@pytest.mark.parametrize(
    ("pairs", "starts", "closed"),
    [
        ([(OFF, 1), *[(ON, 0)] * 5, (OFF, 1)], [0], [NO_TIME]),
        ([(ON, 1), *[(OFF, 0)] * 5, (ON, 1)], [0], [NO_TIME]),
        # Two quiet rows at standstill, a run in between or not.
        ([(OFF, 1), *[(ON, 0)] * 2, (OFF, 0), (ON, 0), (OFF, 0), (OFF, 1)], [0, 12], [10, NO_TIME]),
        # A day of operation shows nothing of the standstill, but an episode has to end.
        ([(OFF, 1), *[(ON, 0)] * 12, (OFF, 1)], [0, 26], [24, NO_TIME]),
        # A fault in operation must not hide in the episode of a standstill; soon after it, it may be the same one.
        ([(OFF, 1), *[(ON, 0)] * 2, (ON, 1)], [0, 6], [6, NO_TIME]),
        ([(OFF, 1), (ON, 0), (ON, 1)], [0], [NO_TIME]),
    ],
)
def test_rows_of_the_other_kind_close_no_episode_for_a_day(pairs, starts, closed):
    ledger, _ = update_episodes(make_rows(pairs), 2, {})
    assert ledger["start"].tolist() == [hours * HOUR_US for hours in starts]
    assert ledger["closed"].tolist() == [at if at == NO_TIME else at * HOUR_US for at in closed]


def test_an_alarm_after_a_gap_of_a_day_is_another_episode():
    rows = make_rows([(OFF, 1), *[(ON, 0)] * 2, (OFF, 1)])
    rows = replace(rows, time=rows.time + np.array([0, 0, 0, 24]) * HOUR_US)
    ledger, _ = update_episodes(rows, 2, {})
    assert is_closed(ledger).tolist() == [True, False]


@pytest.mark.parametrize("cut", range(0, 40, 3))
def test_episodes_of_nights_follow_across_calls(cut):
    random = np.random.default_rng(7)
    states = np.where(np.arange(40) % 12 < 5, OFF, ON)
    rows = make_rows(list(zip(states, random.random(40) < 0.2, strict=True)))
    whole, whole_after = update_episodes(rows, 2, {})
    first, carry = update_episodes(select_rows(rows, slice(0, cut)), 2, {})
    second, carry = update_episodes(select_rows(rows, slice(cut, None)), 2, carry)
    merged = {}
    for ledger in (first, second):
        merged |= {
            start: {k: v[i].tolist() for k, v in ledger.items()} for i, start in enumerate(ledger.get("start", []))
        }
    assert len(whole["start"]) == 4
    assert merged == {start: {k: v[i].tolist() for k, v in whole.items()} for i, start in enumerate(whole["start"])}
    assert all(np.array_equal(carry[name], whole_after[name]) for name in whole_after)


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
