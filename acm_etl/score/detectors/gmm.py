"""Gaussian mixture in the leading principal dimensions."""

from __future__ import annotations

from typing import ClassVar, Self

import numpy as np

from acm_etl.config import ScoreParams
from acm_etl.score.arrays import Floats, StreamState
from acm_etl.score.detectors.base import Detector, DetectorInputs, DetectorScore
from acm_etl.score.detectors.mixture_em import (
    MixtureParams,
    component_log_densities,
    fit_mixture,
    sum_log_densities,
)
from acm_etl.score.detectors.principal_components import fit_principal_components, project_rows

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
    """Cholesky factors of the precision matrices, no factorisation when scoring."""

    def __init__(self, *, parts: int = 3, dims: int = 12, seed: int = 17) -> None:
        self.parts = parts
        self.dims = dims
        self.seed = seed

    @classmethod
    def from_settings(cls, params: ScoreParams) -> Self:
        """Return the detector, not yet fitted, with the settings that concern it."""
        return cls(parts=params.mixture_components, dims=params.mixture_dims, seed=params.seed)

    def fit(self, rows: DetectorInputs) -> Self:
        """Fit the whitened plane and the mixture in it."""
        self.mean_, directions, variances = fit_principal_components(rows.moments, _WHITENED_VARIANCE)
        # Whitened, so that the mixture's regularisation means the same in every direction.
        self.directions_ = (directions / np.sqrt(variances[: directions.shape[1]]))[:, : self.dims]
        self.weights_, self.means_, self.roots_ = fit_mixture(self.whiten_rows(rows.Z), self.parts, self.seed)
        return self

    def whiten_rows(self, Z: Floats) -> Floats:
        """Return the whitened principal scores of deviations, n rows by at most ``dims`` columns."""
        return project_rows(Z, self.mean_, self.directions_)

    def score(self, rows: DetectorInputs, state: StreamState) -> DetectorScore:
        """Return the negative log-likelihood of each row."""
        params = MixtureParams(self.weights_, self.means_, self.roots_)
        log_densities = component_log_densities(self.whiten_rows(rows.Z), params)
        return DetectorScore(-sum_log_densities(log_densities), state)
