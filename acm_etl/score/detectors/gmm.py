"""Gaussian mixture in the leading principal dimensions."""

from __future__ import annotations

from typing import ClassVar, Self

import numpy as np

from acm_etl.score.array_ops import row_squared_norms
from acm_etl.score.arrays import Floats, StreamState
from acm_etl.score.detectors.base import Detector, DetectorInputs, DetectorScore
from acm_etl.score.detectors.pca import fit_principal_components, project_rows

_WHITENED_VARIANCE = 0.999  # share of the variance; the rest is noise that a full covariance would fit


class GmmDetector(Detector):
    """Negative log-likelihood under a Gaussian mixture with full covariances.

    Args:
        parts: Maximum number of mixture components.
        dims: Maximum number of principal dimensions.
        seed: Seed of the start values.
    """

    name: ClassVar[str] = "gmm_z"
    mean_: Floats
    directions_: Floats
    weights_: Floats
    means_: Floats
    roots_: Floats
    """Cholesky factors of the precision matrices, as scikit-learn stores them: no factorisation when scoring."""

    def __init__(self, *, parts: int = 3, dims: int = 12, seed: int = 17) -> None:
        self.parts = parts
        self.dims = dims
        self.seed = seed

    def fit(self, rows: DetectorInputs) -> Self:
        """Fit the whitened plane and the mixture in it (expectation maximisation by scikit-learn)."""
        from acm_etl.score.detectors.sklearn_adapter import fit_mixture  # noqa: PLC0415 - sklearn takes a second to load

        self.mean_, directions, variances = fit_principal_components(rows.Z, _WHITENED_VARIANCE)
        # Whitened, so that the mixture's regularisation means the same in every direction.
        self.directions_ = (directions / np.sqrt(variances[: directions.shape[1]]))[:, : self.dims]
        self.weights_, self.means_, self.roots_ = fit_mixture(self.whiten_rows(rows.Z), self.parts, self.seed)
        return self

    def whiten_rows(self, Z: Floats) -> Floats:
        """Return the whitened principal scores of deviations, n rows by at most ``dims`` columns."""
        return project_rows(Z, self.mean_, self.directions_)

    def score(self, rows: DetectorInputs, state: StreamState) -> DetectorScore:
        """Return the negative log-likelihood of each row."""
        Y = self.whiten_rows(rows.Z)
        log_densities = np.stack([self._component_log_density(Y, k) for k in range(len(self.weights_))])
        # log-sum-exp: far rows have densities that underflow to zero.
        largest = log_densities.max(axis=0)
        return DetectorScore(-(largest + np.log(np.exp(log_densities - largest).sum(axis=0))), state)

    def _component_log_density(self, Y: Floats, k: int) -> Floats:
        # With the Cholesky factor R of the precision, (y R)^2 is the squared distance and log det R the normalisation.
        root = self.roots_[k]
        y = Y @ root - self.means_[k] @ root
        constant = np.log(self.weights_[k]) + np.log(np.diag(root)).sum() - 0.5 * Y.shape[1] * np.log(2 * np.pi)
        log_density: Floats = constant - 0.5 * row_squared_norms(y)
        return log_density
