"""Principal component detectors: deviations within the component plane (T2) and out of it (SPE)."""

from __future__ import annotations

from typing import ClassVar, Self

import numpy as np

from acm_etl.config import ScoreParams
from acm_etl.score.array_ops import row_squared_norms
from acm_etl.score.arrays import Floats, StreamState
from acm_etl.score.detectors.base import Detector, DetectorInputs, DetectorScore
from acm_etl.score.detectors.principal_components import fit_principal_components, project_rows


class _PcaDetector(Detector):
    """Principal components, shared by both detectors.

    Args:
        variance: Share (0..1) of the training variance that the components keep.
    """

    mean_: Floats
    directions_: Floats
    variances_: Floats
    """Variances of all directions, kept or not, descending."""

    def __init__(self, *, variance: float = 0.9) -> None:
        self.variance = variance

    @classmethod
    def from_settings(cls, params: ScoreParams) -> Self:
        """Return the detector, not yet fitted, with the settings that concern it."""
        return cls(variance=params.pca_variance)

    def fit(self, rows: DetectorInputs) -> Self:
        """Fit the components."""
        self.mean_, self.directions_, self.variances_ = fit_principal_components(rows.moments, self.variance)
        return self


class SpeDetector(_PcaDetector):
    """Squared prediction error, the Q statistic (Jackson and Mudholkar 1979): squared distance from the plane."""

    name: ClassVar[str] = "pca_spe_z"

    def score(self, rows: DetectorInputs, state: StreamState) -> DetectorScore:
        """Return the squared reconstruction error."""
        return DetectorScore(self.reconstruction_error(rows.Z), state)

    def reconstruction_error(self, Z: Floats) -> Floats:
        """Return the squared norm of the part of each row outside the component plane, n by d to n."""
        x = Z - self.mean_
        t = x @ self.directions_
        # Pythagoras, as the directions are orthonormal: no n by d reconstruction is needed. Rounding may give -1e-16.
        squared_errors: Floats = np.maximum(row_squared_norms(x) - row_squared_norms(t), 0.0)
        return squared_errors


class T2Detector(_PcaDetector):
    """Hotelling's T2 within the component plane."""

    name: ClassVar[str] = "pca_t2_z"

    def score(self, rows: DetectorInputs, state: StreamState) -> DetectorScore:
        """Return the sum of the squared scores over their training variances."""
        t = project_rows(rows.Z, self.mean_, self.directions_)
        return DetectorScore(np.einsum("ij,ij,j->i", t, t, 1 / self.variances_[: t.shape[1]]), state)
