"""Selection of training rows, settling time after a start, masked averages and the drift monitor."""

from __future__ import annotations

from datetime import timedelta

import numpy as np
import polars as pl
import pytest

from acm_etl import score
from acm_etl.config import ScoreParams
from acm_etl.score.detectors.base import DetectorInputs
from acm_etl.score.ewma import compute_masked_ewma
from acm_etl.score.training import selection


@pytest.fixture
def healthy():
    return np.random.default_rng(0).normal(size=(2000, 5))


def test_gross_outliers_are_dropped_and_unusual_rows_kept(healthy):
    healthy[100:110] = 25
    healthy[200:210] *= 2
    kept, _ = selection.trim_outliers(healthy, np.ones(2000, bool), 0.02)
    assert np.flatnonzero(~kept).tolist() == list(range(100, 110))


def test_at_most_the_share_is_dropped(healthy):
    healthy[::10] = 25 + np.arange(200)[:, None] / 100
    kept, _ = selection.trim_outliers(healthy, np.ones(2000, bool), 0.02)
    assert 1955 <= kept.sum() < 2000


def test_contaminated_training_still_detects(make_plant, fast):
    frame = make_plant(3000, seed=5)
    tags = [name for name in frame.columns if name != "Timestamp"]
    wild = pl.int_range(pl.len()).is_between(1000, 1030)
    dirty = frame.with_columns(pl.when(wild).then(pl.col(tag) * 0.4).otherwise(pl.col(tag)) for tag in tags)
    model = score.fit(dirty, fast)
    assert 0.009 < model.training.trimmed < 0.012
    later = make_plant(400, seed=6, start=frame["Timestamp"][-1] + timedelta(days=1))
    shifted = later.with_columns(pl.col("tag 0") + 8)
    assert (score.score(shifted, model).frame["fused"][50:] >= 3.09).mean() > 0.9
    assert (score.score(later, model).frame["fused"] >= 3.09).mean() < 0.02


def test_settling_time_is_fitted_on_starts():
    rng = np.random.default_rng(1)
    size, since = rng.normal(size=1000), np.full(1000, 49)
    for start in (300, 500, 700):
        since[start : start + 200] = np.arange(1, 201)
        size[start : start + 10] += 20
    since[900:] = 201
    assert selection.fit_settling_time(size, since, 48) in range(16, 22)
    assert selection.fit_settling_time(size[:499], since[:499], 48) == 48  # one start is no sample


def test_masked_ewma_skips_starts_and_restarts_after_stops():
    X = np.array([[1.0], [1.0], [100.0], [1.0], [1.0]])
    settled = np.array([True, True, False, True, True])
    rows = DetectorInputs(X, X, settled, np.zeros(5, bool), np.ones(5, np.int64))
    smooth, after = compute_masked_ewma(X, rows, 0.5, np.zeros(1), reset_mean=np.zeros(1))
    kept = DetectorInputs(X[settled], X[settled], np.ones(4, bool), np.zeros(4, bool), np.ones(4, np.int64))
    plain, plain_after = compute_masked_ewma(X[settled], kept, 0.5, np.zeros(1), reset_mean=np.zeros(1))
    np.testing.assert_array_equal(smooth[settled], plain)
    np.testing.assert_array_equal(after, plain_after)
    assert smooth[2] == 0.5 * 100 + 0.5 * plain[1]
    anew = DetectorInputs(X, X, np.ones(5, bool), np.arange(5) == 3, np.ones(5, np.int64))
    smooth, _ = compute_masked_ewma(X, anew, 0.5, np.zeros(1), reset_mean=np.zeros(1))
    assert smooth[:, 0].tolist()[3:] == [0.5, 0.75]


@pytest.mark.parametrize("days", [20, 60])
def test_drift_needs_long_training(make_plant, days):
    params = ScoreParams(forest_trees=12, forest_samples=64)
    frame = make_plant(days * 48, seed=8)
    later = make_plant(20 * 48, seed=9, start=frame["Timestamp"][-1] + timedelta(hours=1))
    model = score.fit(frame, params)
    drifting = score.score(later.with_columns(pl.col("tag 1") + 3), model).frame["drift_z"][-200:]
    assert (drifting >= 3.09).all() == (days > 30)
    assert (score.score(later, model).frame["drift_z"] < 3.09).all()


def test_a_stopped_machine_has_no_health(whole):
    frame = whole.frame
    assert frame.filter(pl.col("state") == "off")["health_index"].null_count() == (frame["state"] == "off").sum()
    assert frame.filter(pl.col("state") != "off")["health_index"].null_count() == 0


def test_outliers_in_every_quarter_are_recurrent():
    wild = np.zeros(4000, bool)
    wild[::300] = True
    assert selection.is_recurrent(wild)
    wild[1000:2000] = False
    assert not selection.is_recurrent(wild)
    assert not selection.is_recurrent(np.zeros(4000, bool))


def test_recurrent_outliers_may_be_rare_in_one_quarter_by_chance():
    wild = np.zeros(4000, bool)
    wild[[1500, *range(0, 1000, 200), *range(2000, 4000, 300)]] = True
    assert selection.is_recurrent(wild)
    wild[:400] = False
    assert not selection.is_recurrent(wild)


def test_a_run_down_lasts_as_long_as_gross_outliers_after_most_stops():
    rows_since_stop = np.tile(np.arange(1, 41), 8)
    rng = np.random.default_rng(5)
    log_distance = rng.normal(0, 0.5, rows_since_stop.size)
    assert selection.fit_run_down(log_distance, rows_since_stop) == 1
    log_distance[(rows_since_stop <= 4) | (rows_since_stop == 20)] += 8  # one outlier in the middle is none of it
    assert selection.fit_run_down(log_distance, rows_since_stop) == 6
