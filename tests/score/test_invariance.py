"""Results do not depend on how a frame is split, nor on later rows."""

from __future__ import annotations

from datetime import timedelta
from itertools import pairwise

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from polars.testing import assert_frame_equal

from acm_etl import score, tables
from acm_etl.score import pipeline

ZONE = "America/New_York"
SUMMARY_DAYS = 5


def pieces(frame, cuts):
    edges = [0, *sorted(cuts), len(frame)]
    return [frame.slice(a, b - a) for a, b in pairwise(edges)]


def in_pieces(frame, model, cuts):
    state, found = None, []
    for piece in pieces(frame, cuts):
        found.append(score.score(piece, model, state, time_zone=ZONE))
        state = score.ScoringState.from_bytes(found[-1].state.to_bytes())
    return found


def built(scored, model, stored):
    made = score.timeline_tables(scored, model_version=1) | score.event_tables(scored)
    made |= score.day_tables(scored, model, stored, summary_days=SUMMARY_DAYS)
    return {name: frame.drop("ChangedAt", strict=False) for name, frame in made.items()}


def key(name):
    return [column for column in tables.BY_NAME[name].key if column != "EquipID"]


def upserted(old, new, name):
    return pl.concat([old.join(new, on=key(name), how="anti", maintain_order="left"), new])


@settings(max_examples=12)
@given(cuts=st.lists(st.integers(0, 900), max_size=8))
def test_rows_do_not_depend_on_the_pieces(model, history, whole, cuts):
    found = in_pieces(history, model, cuts)
    for name in ("frame", "contributions", "deviations", "readings", "rejected"):
        joined = pl.concat([getattr(part, name) for part in found])
        assert_frame_equal(joined, getattr(whole, name), rel_tol=0, abs_tol=1e-9, check_row_order=name != "rejected")


@pytest.mark.slow
@settings(max_examples=8)
@given(cuts=st.lists(st.integers(0, 900), max_size=6))
def test_tables_do_not_depend_on_the_pieces(model, history, whole, cuts):
    at_once = built(whole, model, {})
    store = {name: frame.clear() for name, frame in at_once.items()}
    for part in in_pieces(history, model, cuts):
        for name, rows in built(part, model, store).items():
            if tables.BY_NAME[name].grain == "day":  # publishing deletes what a day no longer has
                store[name] = store[name].filter(~pl.col("AsOf").is_in(part.sensor_days["AsOf"].unique().implode()))
            store[name] = upserted(store[name], rows, name)
    for name, rows in at_once.items():
        assert_frame_equal(store[name].sort(key(name)), rows.sort(key(name)), rel_tol=0, abs_tol=1e-9)


@pytest.mark.slow
def test_one_row_at_a_time(model, history, whole):
    part = history[420:520]
    before = score.score(history[:420], model, time_zone=ZONE)
    state, frames = before.state, []
    for row in range(len(part)):
        found = score.score(part[row : row + 1], model, state, time_zone=ZONE)
        state = found.state
        frames.append(found.frame)
    assert_frame_equal(pl.concat(frames), whole.frame[420:520], rel_tol=0, abs_tol=1e-9)


def test_long_frames_are_scored_in_chunks(model, history, whole, monkeypatch):
    monkeypatch.setattr(pipeline, "_MAX_CELLS", 97 * history.width)
    found = score.score(history, model, snapshot_times=[history["Timestamp"][97]], time_zone=ZONE)
    assert_frame_equal(found.frame, whole.frame, rel_tol=0, abs_tol=1e-9)
    assert_frame_equal(found.episodes, whole.episodes, rel_tol=0, abs_tol=1e-9)
    assert_frame_equal(found.sensor_days, whole.sensor_days, rel_tol=0, abs_tol=1e-9)
    assert found.snapshots[history["Timestamp"][97]].last_time == history["Timestamp"][96]


@pytest.mark.parametrize("cut", [1, 333, 480, 899])
def test_later_rows_change_nothing(model, history, whole, cut):
    tags = [name for name in history.columns if name != "Timestamp"]
    later = pl.int_range(pl.len()) >= cut
    changed = history.with_columns(pl.when(later).then(pl.col(tag) * 3 + 7).otherwise(pl.col(tag)) for tag in tags)
    found = score.score(changed, model, time_zone=ZONE)
    for name in ("frame", "contributions"):
        assert_frame_equal(getattr(found, name)[:cut], getattr(whole, name)[:cut], check_exact=True)


def test_snapshots_are_states_of_shorter_calls(model, history):
    times = [history["Timestamp"][0] - timedelta(days=1), history["Timestamp"][300], history["Timestamp"][-1]]
    found = score.score(history, model, snapshot_times=times, time_zone=ZONE)
    assert found.snapshots[times[0]] == score.ScoringState(model.fingerprint)
    for time in times[1:]:
        until = score.score(history.filter(pl.col("Timestamp") < time), model, time_zone=ZONE, snapshot_times=times[:0])
        assert found.snapshots[time].last_time == until.state.last_time
        rest = [
            score.score(history.filter(pl.col("Timestamp") >= time), model, state, time_zone=ZONE).frame
            for state in (found.snapshots[time], until.state)
        ]
        assert_frame_equal(rest[0], rest[1], rel_tol=0, abs_tol=1e-9)


def test_equal_calls_give_equal_bytes(model, history, whole):
    again = score.score(history, model, time_zone=ZONE)
    assert again.state.to_bytes() == whole.state.to_bytes()
    assert_frame_equal(again.frame, whole.frame, check_exact=True)
