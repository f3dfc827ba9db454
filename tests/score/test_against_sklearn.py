"""Fits and scores agree with those of the scikit-learn estimators of the same methods."""

from __future__ import annotations

import importlib
import warnings

import numpy as np
import pytest

from acm_etl.score.clusters import fit_centres, mean_silhouette, nearest_centres
from acm_etl.score.detectors.base import DetectorInputs
from acm_etl.score.detectors.covariance import compute_moments, shrink_covariance
from acm_etl.score.detectors.gmm import GmmDetector
from acm_etl.score.detectors.isolation_forest import IsolationForestDetector
from acm_etl.score.detectors.leave_one_out import OmrDetector
from acm_etl.score.detectors.mahalanobis import MahalanobisDetector
from acm_etl.score.detectors.pca import SpeDetector, T2Detector


def import_sklearn(module):
    """Import a module of scikit-learn when a test needs it: it takes a second, in every process that collects tests."""
    return importlib.import_module(f"sklearn.{module}")


def rows(X):
    return DetectorInputs(X, X, np.ones(len(X), bool), np.zeros(len(X), bool), np.ones(len(X), np.int64))


@pytest.fixture(scope="module")
def data():
    rng = np.random.default_rng(0)
    mix = rng.normal(size=(6, 6))
    return [rng.normal(size=(n, 6)) @ mix + rng.normal(size=(n, 1)) for n in (700, 300)]


@pytest.mark.slow
@pytest.mark.parametrize("decimals", [9, 0])
def test_forest_scores_agree_within_the_noise_of_seeds(data, decimals):
    train, test = (np.round(part, decimals).astype(np.float32) for part in data)
    ours = IsolationForestDetector(trees=400, samples=256, seed=3).fit(rows(train)).score(rows(test), {}).raw
    forest = import_sklearn("ensemble").IsolationForest
    theirs, other = (
        -forest(n_estimators=400, max_samples=256, random_state=seed).fit(train).score_samples(test) for seed in (3, 4)
    )
    noise = np.abs(theirs - other)
    assert np.abs(ours - theirs).mean() < 1.3 * noise.mean()
    assert np.abs(ours - theirs).max() < 1.5 * noise.max()


def test_mixture_is_an_optimum(data):
    train, test = data
    ours = GmmDetector(parts=3, dims=4, seed=5).fit(rows(train))
    Y, mixture = ours.whiten_rows(train), import_sklearn("mixture").GaussianMixture(3, reg_covar=1e-3, random_state=5)
    cold = mixture.fit(Y).lower_bound_
    mixture.set_params(
        weights_init=ours.weights_,
        means_init=ours.means_,
        precisions_init=ours.roots_ @ ours.roots_.transpose(0, 2, 1),
        max_iter=1,
    )
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", import_sklearn("exceptions").ConvergenceWarning)
        warm = mixture.fit(Y).lower_bound_
    reached = -ours.score(rows(train), {}).raw.mean()
    assert warm == pytest.approx(reached, abs=2e-3)  # one more iteration gains next to nothing
    assert reached > cold - 0.01
    expected = -mixture.score_samples(ours.whiten_rows(test))
    np.testing.assert_allclose(ours.score(rows(test), {}).raw, expected, atol=0.5)


@pytest.mark.parametrize("count", [2, 3, 5])
def test_clusters_are_as_compact_and_silhouettes_equal(count):
    rng = np.random.default_rng(8)
    Y = np.concatenate([rng.normal(size=(300, 2)) + 5 * rng.normal(size=2) for _ in range(3)])
    starts = [fit_centres(Y, count, np.random.default_rng(seed)) for seed in range(8)]
    ours = min(((Y - centres[nearest_centres(Y, centres)]) ** 2).sum() for centres in starts)
    theirs = import_sklearn("cluster").KMeans(count, n_init=8, random_state=0).fit(Y)
    assert ours < 1.001 * theirs.inertia_
    distances = np.sqrt(((Y[:, None] - Y) ** 2).sum(axis=2))
    expected = import_sklearn("metrics").silhouette_score(Y, theirs.labels_)
    assert mean_silhouette(distances, theirs.labels_) == pytest.approx(expected, abs=1e-9)


def test_silhouette_of_a_single_row_is_zero():
    Y = np.array([0.0, 1.0, 9.0])
    assert mean_silhouette(np.abs(Y[:, None] - Y), np.array([0, 0, 1])) == pytest.approx((8 / 9 + 7 / 8) / 3)


@pytest.mark.parametrize("n", [20, 700])
def test_covariance_is_that_of_ledoit_and_wolf(data, n):
    X = data[0][:n]
    expected = import_sklearn("covariance").LedoitWolf().fit(X).covariance_ + 1e-3 * np.eye(6)
    np.testing.assert_allclose(shrink_covariance(compute_moments(X)), expected, rtol=1e-9)


def test_mahalanobis_with_a_ridge(data):
    train, test = data
    ours = MahalanobisDetector().fit(rows(train))
    theirs = import_sklearn("covariance").LedoitWolf().fit(train)
    theirs.precision_ = np.linalg.inv(theirs.covariance_ + 1e-3 * np.eye(6))
    np.testing.assert_allclose(ours.score(rows(test), {}).raw, theirs.mahalanobis(test), rtol=1e-9)


def test_spe_and_t2_split_the_distance_as_pca_does(data):
    train, test = data
    spe, t2 = (kind(variance=0.8).fit(rows(train)) for kind in (SpeDetector, T2Detector))
    k = spe.directions_.shape[1]
    theirs = import_sklearn("decomposition").PCA(k).fit(train)
    scores = theirs.transform(test)
    rest = test - theirs.inverse_transform(scores)
    np.testing.assert_allclose(spe.score(rows(test), {}).raw, (rest**2).sum(axis=1), rtol=1e-8)
    np.testing.assert_allclose(
        t2.score(rows(test), {}).raw, (scores**2 / theirs.explained_variance_).sum(axis=1), rtol=1e-8
    )


def test_leave_one_out_residuals_equal_regressions(data):
    train, _ = data
    ours = OmrDetector().fit(rows(train))
    found = ours.score(rows(train), {}).residuals
    others = np.delete(train, 2, axis=1)
    plain = train[:, 2] - import_sklearn("linear_model").LinearRegression().fit(others, train[:, 2]).predict(others)
    assert np.corrcoef(found[:, 2], plain)[0, 1] > 0.99
