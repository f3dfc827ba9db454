"""Small cases of episodes worked out by hand: pauses, causes, and calls one after the other."""

from __future__ import annotations

import numpy as np
import pytest

from acm_etl.score.events.episode_tables import episode_rows
from acm_etl.score.events.episodes import UNKNOWN_CAUSE, EpisodeInputs, update_episodes
from acm_etl.score.events.spans import is_closed, last_change_times
from acm_etl.score.prepare.operating_state import (
    ON,
)


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
