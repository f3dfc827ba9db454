"""Principal components: deviations within the usual directions (T2) and out of them (SPE)."""

from __future__ import annotations

from typing import ClassVar, Self

import numpy as np

from acm_etl.score.array_ops import row_squared_norms
from acm_etl.score.arrays import Floats, StreamState
from acm_etl.score.detectors.base import Detector, DetectorInputs, DetectorScore

_MIN_VARIANCE = 1e-6


def fit_principal_components(Z: Floats, variance: float) -> tuple[Floats, Floats, Floats]:
    """Leading principal directions; all variances, of which the first are theirs.

    Args:
        Z: Complete deviations, n by d.
        variance: Share of the variance to keep; at least one and at most d - 1 directions (1 for one tag).

    Returns:
        Mean (d), directions (d by k; the largest entry of each is positive) and variances, the largest first (d).
    """
    mean = Z.mean(axis=0)
    values, vectors = np.linalg.eigh(np.cov(Z, rowvar=False).reshape(Z.shape[1], -1))
    values, vectors = np.maximum(values[::-1], _MIN_VARIANCE), vectors[:, ::-1]
    k = int(np.searchsorted(np.cumsum(values) / values.sum(), variance)) + 1
    k = max(1, min(k, Z.shape[1] - 1))
    largest = np.abs(vectors).argmax(axis=0)
    signs = np.where(vectors[largest, np.arange(len(values))] < 0, -1.0, 1.0)
    return mean, np.ascontiguousarray((vectors * signs)[:, :k]), values


def project_rows(Z: Floats, mean: Floats, directions: Floats) -> Floats:
    """Scores of rows along directions; the mean is taken off the few scores, not off all the tags.

    Args:
        Z: Rows, n by d.
        mean: Where the scores are zero, d.
        directions: d by k.
    """
    scores: Floats = Z @ directions - mean @ directions
    return scores


class _PcaDetector(Detector):
    """What both heads learn.

    Args:
        variance: Share of the training variance that the components keep.
    """

    mean_: Floats
    directions_: Floats
    variances_: Floats
    """Of all directions, kept or not, the largest first."""

    def __init__(self, *, variance: float = 0.9) -> None:
        self.variance = variance

    def fit(self, rows: DetectorInputs) -> Self:
        """Learns the components."""
        self.mean_, self.directions_, self.variances_ = fit_principal_components(rows.Z, self.variance)
        return self


class SpeDetector(_PcaDetector):
    """Squared prediction error, the Q statistic (Jackson and Mudholkar 1979): distance to the component plane."""

    name: ClassVar[str] = "pca_spe_z"

    def score(self, rows: DetectorInputs, state: StreamState) -> DetectorScore:
        """Squared length of what the components leave."""
        return DetectorScore(self.reconstruction_error(rows.Z), state)

    def reconstruction_error(self, Z: Floats) -> Floats:
        """Squared length of what the components leave of each row: by Pythagoras, as they are orthonormal."""
        x = Z - self.mean_
        t = x @ self.directions_
        rest: Floats = np.maximum(row_squared_norms(x) - row_squared_norms(t), 0.0)
        return rest


class T2Detector(_PcaDetector):
    """Hotelling's T2 within the component plane."""

    name: ClassVar[str] = "pca_t2_z"

    def score(self, rows: DetectorInputs, state: StreamState) -> DetectorScore:
        """Squared scores over their training variances."""
        t = project_rows(rows.Z, self.mean_, self.directions_)
        return DetectorScore(np.einsum("ij,ij,j->i", t, t, 1 / self.variances_[: t.shape[1]]), state)
