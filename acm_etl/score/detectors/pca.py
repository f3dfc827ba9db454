"""Principal component detectors: deviations within the component plane (T2) and out of it (SPE)."""

from __future__ import annotations

from typing import ClassVar, Self

import numpy as np

from acm_etl.score.array_ops import row_squared_norms
from acm_etl.score.arrays import Floats, StreamState
from acm_etl.score.detectors.base import Detector, DetectorInputs, DetectorScore

_MIN_VARIANCE = 1e-6  # T2 divides by variances; rounding can make the smallest eigenvalues negative


def fit_principal_components(Z: Floats, variance: float) -> tuple[Floats, Floats, Floats]:
    """Fit the leading principal directions.

    Args:
        Z: Complete deviations, n rows by d tags.
        variance: Share (0..1) of the variance to keep; at least one and at most d - 1 directions (1 for one tag).

    Returns:
        Mean (d), k leading directions (d by k; the largest entry of each is positive), and the variances of all d
        directions, descending.
    """
    mean = Z.mean(axis=0)
    values, vectors = np.linalg.eigh(np.cov(Z, rowvar=False).reshape(Z.shape[1], -1))
    values, vectors = np.maximum(values[::-1], _MIN_VARIANCE), vectors[:, ::-1]
    k = int(np.searchsorted(np.cumsum(values) / values.sum(), variance)) + 1
    # SPE needs at least one direction outside the plane.
    k = max(1, min(k, Z.shape[1] - 1))
    # LAPACK leaves the sign of an eigenvector open; fix it, so equal data give equal models on all platforms.
    largest = np.abs(vectors).argmax(axis=0)
    signs = np.where(vectors[largest, np.arange(len(values))] < 0, -1.0, 1.0)
    return mean, np.ascontiguousarray((vectors * signs)[:, :k]), values


def project_rows(Z: Floats, mean: Floats, directions: Floats) -> Floats:
    """Return the scores of rows along directions, n by k.

    Args:
        Z: Rows, n by d.
        mean: Origin of the scores, d.
        directions: Directions, d by k.
    """
    # Subtract the mean from k scores instead of d tags: k is much smaller.
    scores: Floats = Z @ directions - mean @ directions
    return scores


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

    def fit(self, rows: DetectorInputs) -> Self:
        """Fit the components."""
        self.mean_, self.directions_, self.variances_ = fit_principal_components(rows.Z, self.variance)
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
