"""The detectors of acm_etl as plain scikit-learn calls: what a user would write without acm_etl."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import numpy.typing as npt
import pandas as pd
from sklearn.covariance import LedoitWolf
from sklearn.decomposition import PCA
from sklearn.ensemble import IsolationForest
from sklearn.linear_model import Ridge
from sklearn.mixture import GaussianMixture
from sklearn.preprocessing import StandardScaler

Matrix = npt.NDArray[np.floating]
_SEED = 17
# As pandas' exponential mean weights it; acm_etl has the same default.
_MEWMA_WEIGHT = 0.2


class SklearnDetectors:
    """Eight detectors, fitted on the first rows of a history.

    They return raw scores. Calibration, fusion, alarms, episodes and culprits are not part of them.

    Args:
        X: Readings to fit on, rows x tags.
        features: Matrix that the isolation forest is fitted on, with as many rows.
    """

    def __init__(self, X: Matrix, features: Matrix) -> None:
        self._scaler = StandardScaler().fit(X)
        Z = self._scaler.transform(X)
        self._pca = PCA(min(5, X.shape[1]), random_state=_SEED).fit(Z)
        self._distance = LedoitWolf().fit(Z)
        self._forest = IsolationForest(n_estimators=100, random_state=_SEED).fit(features)
        self._mixture = GaussianMixture(3, reg_covar=1e-3, random_state=_SEED).fit(Z)
        self._ridge = Ridge(1.0).fit(Z, Z)
        self._phi = (Z[1:] * Z[:-1]).sum(axis=0) / (Z[:-1] ** 2).sum(axis=0)
        self._sigma = (Z[1:] - self._phi * Z[:-1]).std(axis=0)

    def score(self, X: Matrix, features: Matrix) -> dict[str, Matrix]:
        """Return the raw scores of rows by the name of acm_etl's detector."""
        Z = self._scaler.transform(X)
        return {name: detector(Z) for name, detector in self.by_name().items()} | {
            "iforest_z": self.score_forest(features)
        }

    def by_name(self) -> dict[str, Callable[[Matrix], Matrix]]:
        """Return the detectors that score standardized readings; the forest has features of its own."""
        return {
            "ar1_z": self._score_ar1,
            "pca_spe_z": self._score_spe,
            "pca_t2_z": self._score_t2,
            "mhal_z": self._distance.mahalanobis,
            "gmm_z": lambda Z: -self._mixture.score_samples(Z),
            "omr_z": lambda Z: np.linalg.norm(Z - self._ridge.predict(Z), axis=1),
            "mewma_z": lambda Z: self._distance.mahalanobis(pd.DataFrame(Z).ewm(alpha=_MEWMA_WEIGHT).mean().to_numpy()),
        }

    def score_forest(self, features: Matrix) -> Matrix:
        """Return the raw scores of the isolation forest."""
        scores: Matrix = -self._forest.score_samples(features)
        return scores

    def _score_ar1(self, Z: Matrix) -> Matrix:
        steps = np.abs(Z[1:] - self._phi * Z[:-1]) / self._sigma
        return np.append(0.0, steps.mean(axis=1))

    def _score_spe(self, Z: Matrix) -> Matrix:
        residuals = Z - self._pca.inverse_transform(self._pca.transform(Z))
        scores: Matrix = (residuals**2).sum(axis=1)
        return scores

    def _score_t2(self, Z: Matrix) -> Matrix:
        scores: Matrix = (self._pca.transform(Z) ** 2 / self._pca.explained_variance_).sum(axis=1)
        return scores
