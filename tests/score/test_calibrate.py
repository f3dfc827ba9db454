"""A z of 3.09 is passed by 0.1 % of healthy rows, and nothing ever saturates."""

from __future__ import annotations

from datetime import datetime, timedelta
from statistics import NormalDist

import numpy as np
import polars as pl
import pytest

from acm_etl import score
from acm_etl.config import ScoreParams
from acm_etl.score.calibrate import Calibrator, StateCalibrator
from acm_etl.score.drift import MAX_FUSED_FLOOR_Z, DriftScorer
from acm_etl.score.prepare.operating_state import ON, TRANSIENT
from acm_etl.score.training.cross_validation import find_extrapolated_fold
from acm_etl.tables.common import CRITICAL_DRIFT_Z


@pytest.mark.parametrize("law", ["exponential", "chisquare", "lognormal", "standard_t"])
def test_exceedance_of_new_healthy_scores(law):
    rng = np.random.default_rng(7)
    draw = {"chisquare": lambda n: rng.chisquare(6, n), "standard_t": lambda n: rng.standard_t(4, n)}
    sample = draw.get(law, lambda n: getattr(rng, law)(size=n))
    z = Calibrator.fit(sample(20_000)).transform(sample(200_000))
    for level in (1.0, 2.33, 3.09):
        expected = NormalDist().cdf(-level)
        assert 0.6 * expected < (z >= level).mean() < 1.6 * expected


def test_far_scores_stay_finite_and_ordered():
    rng = np.random.default_rng(1)
    found = Calibrator.fit(rng.exponential(size=5000))
    raw = np.concatenate([np.linspace(0, 10, 500), np.geomspace(10.5, 1e12, 500)])
    z = found.transform(raw)
    assert np.isfinite(z).all()
    assert (np.diff(z) > 0).all()


@pytest.mark.parametrize("raw", [np.zeros(300), np.r_[np.zeros(299), 1.0], np.arange(2.0), np.repeat([0.0, 1.0], 50)])
def test_ties_and_tiny_samples(raw):
    found = Calibrator.fit(raw)
    z = found.transform(np.array([-1e9, *raw, 5.0, 1e9]))
    assert np.isfinite(z).all()
    assert (np.diff(found.transform(np.sort(np.unique(np.r_[raw, 5.0, 1e9])))) > 0).all()


def test_effect_sizes_are_robust_deviations_of_roots():
    raw = np.random.default_rng(2).normal(10, 2, size=20_000) ** 2
    found = Calibrator.fit(raw)
    np.testing.assert_allclose(found.effect_size(np.array([100.0, 144.0, 70.0**2])), [0, 1, 30], atol=0.5)
    assert np.isfinite(Calibrator.fit(np.zeros(300)).effect_size(np.array([-5.0, 0.0, 5.0]))).all()


@pytest.mark.parametrize(("rows", "z"), [(400, 2.326), (2000, 2.878), (3, 0.0)])
def test_max_supported_z(rows, z):
    found = StateCalibrator.fit(np.random.default_rng(0).normal(size=rows), np.full(rows, ON))
    assert found.max_supported_z == pytest.approx(z, abs=1e-3)


def test_few_rows_of_a_state_are_pooled_with_on():
    raw = np.random.default_rng(0).normal(size=1000)
    code = np.where(np.arange(1000) < 50, TRANSIENT, ON)
    pooled = StateCalibrator.fit(raw, code)
    assert pooled.transient is pooled.on
    assert pooled.rows_per_state == {TRANSIENT: 50, ON: 950}
    own = StateCalibrator.fit(raw + 5 * (np.arange(1000) < 500), np.where(np.arange(1000) < 500, TRANSIENT, ON))
    assert own.transient.x_[-1] > own.on.x_[-1] + 3


@pytest.mark.slow
def test_healthy_readings_rarely_pass_the_alarm_threshold(make_plant):
    model = score.fit(make_plant(14_000, seed=3, phi=0.3), ScoreParams(forest_trees=12, forest_samples=64))
    found = score.score(make_plant(20_000, seed=4, phi=0.3), model).frame
    assert set(found["state"]) == {"on"}
    assert (found["fused"] >= 3.09).mean() < 0.003
    assert abs(found["fused"].mean()) < 0.15
    assert found["alarm"].mean() < 0.003
    assert (found["drift_z"].abs() > 5).mean() < 0.01


def test_drift_alone_reaches_an_alarm_and_is_bounded():
    floor = DriftScorer.drift_floor(np.array([1.75, CRITICAL_DRIFT_Z, 30.0, 1e9, np.nan]))
    assert floor[0] == 0
    assert floor[1] == pytest.approx(3.0)
    assert floor[2:4].tolist() == [MAX_FUSED_FLOOR_Z] * 2
    assert np.isnan(floor[4])


def test_one_strange_fold_hardly_widens_the_limit_of_drift():
    fold = np.repeat(np.arange(4), 1000)
    means = np.random.default_rng(3).normal(0, 0.3, (len(fold), 2))
    usual = DriftScorer.fit(means, fold, 96, covered_spans=45).control_limit
    means[fold == 2, 1] *= 3
    strange = DriftScorer.fit(means, fold, 96, covered_spans=45).control_limit
    assert strange[0] == usual[0]
    assert usual[1] < strange[1] < 1.6 * usual[1]


def test_a_short_training_has_no_drift():
    means = np.random.default_rng(3).normal(0, 0.3, (400, 2))
    scorer = DriftScorer.fit(means, np.repeat(np.arange(4), 100), 96, covered_spans=14)
    assert (scorer.transform(means, np.ones(means.shape)) == 0).all()


@pytest.mark.parametrize(("factor", "expected"), [(1.0, -1), (1.5, -1), (10.0, 2)])
def test_only_a_fold_beyond_all_others_is_extrapolated(factor, expected):
    fold = np.repeat(np.arange(4), 1000)
    distance = np.random.default_rng(3).chisquare(6, len(fold)) * np.where(fold == 2, factor, 1.0)
    assert find_extrapolated_fold(distance, fold) == expected


def test_two_unlike_folds_are_both_kept():
    fold = np.repeat(np.arange(4), 1000)
    distance = np.random.default_rng(3).chisquare(6, len(fold)) * np.where(fold < 2, 10.0, 1.0)
    assert find_extrapolated_fold(distance, fold) == -1


@pytest.fixture(scope="module")
def machine_with_run_in():
    """Return readings whose first 500 training rows are a run-in far from the rest, with an offset at the end."""
    rng = np.random.default_rng(5)
    load = rng.normal(size=2800)
    X = 50 + load[:, None] * rng.uniform(0.5, 1.5, 5) + 0.3 * rng.normal(size=(2800, 5))
    X[:500] += rng.normal(size=5) * np.linspace(60, 10, 500)[:, None]
    X[-200:, 0] += 6.0
    start = datetime(2024, 1, 1)
    times = pl.Series([start + timedelta(minutes=10 * row) for row in range(len(X))], dtype=pl.Datetime("us"))
    frame = pl.DataFrame([times.alias("Timestamp"), *(pl.Series(f"tag {i}", X[:, i]) for i in range(5))])
    return frame, times[2000]


def test_one_unlike_fold_does_not_silence_the_alarm(machine_with_run_in):
    frame, end = machine_with_run_in
    scored = score.score(frame.filter(pl.col("Timestamp") >= end), score.fit(frame.filter(pl.col("Timestamp") < end)))
    assert scored.frame["alarm"][-100:].all()
    assert not scored.frame["alarm"][:200].any()
