"""Scores from plain arrays equal those of the scikit-learn estimators they were fitted by."""

from __future__ import annotations

import numpy as np
import pytest
from sklearn.covariance import LedoitWolf
from sklearn.decomposition import PCA
from sklearn.ensemble import IsolationForest
from sklearn.linear_model import LinearRegression
from sklearn.mixture import GaussianMixture

from acm_etl.score.detectors.base import DetectorInputs
from acm_etl.score.detectors.gmm import GmmDetector
from acm_etl.score.detectors.isolation_forest import IsolationForestDetector
from acm_etl.score.detectors.leave_one_out import OmrDetector
from acm_etl.score.detectors.mahalanobis import MahalanobisDetector
from acm_etl.score.detectors.pca import SpeDetector, T2Detector


def rows(X):
    return DetectorInputs(X, X, np.ones(len(X), bool), np.zeros(len(X), bool))


@pytest.fixture(scope="module")
def data():
    rng = np.random.default_rng(0)
    mix = rng.normal(size=(6, 6))
    return [rng.normal(size=(n, 6)) @ mix + rng.normal(size=(n, 1)) for n in (700, 300)]


@pytest.mark.parametrize(("trees", "samples"), [(1, 8), (40, 256), (25, 5000)])
def test_forest(data, trees, samples):
    train, test = data
    ours = IsolationForestDetector(trees=trees, samples=samples, seed=3).fit(rows(train))
    theirs = IsolationForest(n_estimators=trees, max_samples=min(samples, 700), random_state=3).fit(train)
    np.testing.assert_allclose(ours.score(rows(test), {}).raw, -theirs.score_samples(test), atol=1e-9)


def test_forest_on_values_that_equal_thresholds(data):
    train, _ = data
    coarse = np.round(train)
    ours = IsolationForestDetector(trees=20, samples=128, seed=1).fit(rows(coarse))
    theirs = IsolationForest(n_estimators=20, max_samples=128, random_state=1).fit(coarse)
    np.testing.assert_allclose(ours.score(rows(coarse), {}).raw, -theirs.score_samples(coarse), atol=1e-9)


def test_mixture(data):
    train, test = data
    ours = GmmDetector(parts=3, dims=4, seed=5).fit(rows(train))
    theirs = GaussianMixture(3, reg_covar=1e-3, random_state=5).fit(ours.whiten_rows(train))
    expected = -theirs.score_samples(ours.whiten_rows(test))
    np.testing.assert_allclose(ours.score(rows(test), {}).raw, expected, rtol=1e-9)


def test_mahalanobis_with_a_ridge(data):
    train, test = data
    ours = MahalanobisDetector().fit(rows(train))
    theirs = LedoitWolf().fit(train)
    theirs.precision_ = np.linalg.inv(theirs.covariance_ + 1e-3 * np.eye(6))
    np.testing.assert_allclose(ours.score(rows(test), {}).raw, theirs.mahalanobis(test), rtol=1e-9)


def test_spe_and_t2_split_the_distance_as_pca_does(data):
    train, test = data
    spe, t2 = (kind(variance=0.8).fit(rows(train)) for kind in (SpeDetector, T2Detector))
    k = spe.directions_.shape[1]
    theirs = PCA(k).fit(train)
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
    plain = train[:, 2] - LinearRegression().fit(others, train[:, 2]).predict(others)
    assert np.corrcoef(found[:, 2], plain)[0, 1] > 0.99
