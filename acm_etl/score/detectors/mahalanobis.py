"""Mahalanobis distance with a shrunk covariance, as it is and over an exponential mean (MEWMA)."""

from __future__ import annotations

from typing import ClassVar, Self

import numpy as np

from acm_etl.score.array_ops import row_sums
from acm_etl.score.arrays import Floats, StreamState
from acm_etl.score.detectors.base import Detector, DetectorInputs, DetectorScore, compute_masked_ewma


class MahalanobisDetector(Detector):
    """Squared Mahalanobis distance, covariance after Ledoit and Wolf (2004)."""

    name: ClassVar[str] = "mhal_z"
    mean_: Floats
    precision_: Floats
    condition_: Floats

    def fit(self, rows: DetectorInputs) -> Self:
        """Learns mean, precision and the condition number of the covariance."""
        return self._fit_covariance(rows.Z)

    def score(self, rows: DetectorInputs, state: StreamState) -> DetectorScore:
        """Squared distance from the training mean."""
        x = rows.Z - self.mean_
        return DetectorScore(np.einsum("ij,ij->i", x @ self.precision_, x), state)

    def _fit_covariance(self, X: Floats) -> Self:
        from acm_etl.score.detectors.sklearn_adapter import fit_covariance  # noqa: PLC0415 - sklearn takes a second to load

        self.mean_, shrunk = fit_covariance(X)
        self.precision_ = np.linalg.inv(shrunk).astype(np.float64)
        self.condition_ = np.asarray(np.linalg.cond(shrunk))
        return self

    def _tag_terms(self, X: Floats) -> Floats:
        """``x_i (P x)_i``: the squared distance as a sum over tags."""
        x = X - self.mean_
        parts: Floats = x @ self.precision_
        parts *= x
        return parts


class MewmaDetector(MahalanobisDetector):
    """Multivariate EWMA chart (Lowry et al. 1992): distance of the exponential mean of the deviations.

    Args:
        weight: Weight of the newest row.
    """

    name: ClassVar[str] = "mewma_z"
    is_stateful: ClassVar[bool] = True

    def __init__(self, *, weight: float = 0.2) -> None:
        self.weight = weight

    def fit(self, rows: DetectorInputs) -> Self:
        """Learns from the smoothed rows: plant data is autocorrelated, so lambda / (2 - lambda) does not hold."""
        return self._fit_covariance(self._smooth_rows(rows, {})[0])

    def score(self, rows: DetectorInputs, state: StreamState) -> DetectorScore:
        """Squared distance of the exponential mean."""
        smooth, after = self._smooth_rows(rows, state)
        parts = self._tag_terms(smooth)
        return DetectorScore(row_sums(parts), {"smooth": after}, smooth, parts)

    def _smooth_rows(self, rows: DetectorInputs, state: StreamState) -> tuple[Floats, Floats]:
        start = np.zeros(rows.Z.shape[1])
        return compute_masked_ewma(rows.Z, rows, self.weight, state.get("smooth", start), reset_mean=start)
