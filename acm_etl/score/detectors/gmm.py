"""Gaussian mixture in the leading principal dimensions."""

from __future__ import annotations

from typing import ClassVar, Self

import numpy as np

from acm_etl.score.array_ops import row_squared_norms
from acm_etl.score.arrays import Floats, StreamState
from acm_etl.score.detectors.base import Detector, DetectorInputs, DetectorScore
from acm_etl.score.detectors.pca import fit_principal_components, project_rows

_WHITENED_VARIANCE = 0.999  # of the variance: the rest is noise that a full covariance would chase


class GmmDetector(Detector):
    """Negative log-likelihood under a mixture with full covariances.

    Args:
        parts: Components of the mixture.
        dims: Most principal dimensions.
        seed: Seed of the start values.
    """

    name: ClassVar[str] = "gmm_z"
    mean_: Floats
    directions_: Floats
    weights_: Floats
    means_: Floats
    roots_: Floats

    def __init__(self, *, parts: int = 3, dims: int = 12, seed: int = 17) -> None:
        self.parts = parts
        self.dims = dims
        self.seed = seed

    def fit(self, rows: DetectorInputs) -> Self:
        """Learns the whitened plane and the mixture in it (expectation maximisation by scikit-learn)."""
        from acm_etl.score.detectors.sklearn_adapter import fit_mixture  # noqa: PLC0415 - sklearn takes a second to load

        self.mean_, directions, variances = fit_principal_components(rows.Z, _WHITENED_VARIANCE)
        self.directions_ = (directions / np.sqrt(variances[: directions.shape[1]]))[:, : self.dims]
        self.weights_, self.means_, self.roots_ = fit_mixture(self.whiten_rows(rows.Z), self.parts, self.seed)
        return self

    def whiten_rows(self, Z: Floats) -> Floats:
        """Whitened principal scores of deviations."""
        return project_rows(Z, self.mean_, self.directions_)

    def score(self, rows: DetectorInputs, state: StreamState) -> DetectorScore:
        """Negative log-likelihood; ``roots_`` are Cholesky factors of the precisions, as scikit-learn keeps them."""
        Y = self.whiten_rows(rows.Z)
        parts = np.stack([self._component_log_density(Y, k) for k in range(len(self.weights_))])
        most = parts.max(axis=0)
        return DetectorScore(-(most + np.log(np.exp(parts - most).sum(axis=0))), state)

    def _component_log_density(self, Y: Floats, k: int) -> Floats:
        root = self.roots_[k]
        y = Y @ root - self.means_[k] @ root
        constant = np.log(self.weights_[k]) + np.log(np.diag(root)).sum() - 0.5 * Y.shape[1] * np.log(2 * np.pi)
        result: Floats = constant - 0.5 * row_squared_norms(y)
        return result
