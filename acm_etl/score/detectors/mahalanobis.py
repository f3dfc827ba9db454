"""Mahalanobis distance with a shrunk covariance, of single rows and of their EWMA (MEWMA)."""

from __future__ import annotations

from typing import ClassVar, Self

import numpy as np

from acm_etl.config import ScoreParams
from acm_etl.score.array_ops import row_sums
from acm_etl.score.arrays import Floats, StreamState
from acm_etl.score.detectors.base import Detector, DetectorInputs, DetectorScore
from acm_etl.score.detectors.covariance import Moments, compute_moments, invert_covariance, shrink_covariance
from acm_etl.score.ewma import compute_masked_ewma


class MahalanobisDetector(Detector):
    """Squared Mahalanobis distance from the training mean; covariance after Ledoit and Wolf (2004)."""

    name: ClassVar[str] = "mhal_z"
    mean_: Floats
    precision_: Floats
    condition_: Floats

    def fit(self, rows: DetectorInputs) -> Self:
        """Fit mean, precision matrix and the condition number of the covariance."""
        return self._fit_moments(rows.moments)

    def score(self, rows: DetectorInputs, state: StreamState) -> DetectorScore:
        """Return the squared distance of each row."""
        x = rows.Z - self.mean_
        # One product and one pass: the n by d products of the tags are never stored.
        return DetectorScore(np.einsum("ij,ij->i", x @ self.precision_, x), state)

    def _fit_moments(self, moments: Moments) -> Self:
        covariance = shrink_covariance(moments)
        self.mean_, self.precision_ = moments.mean, invert_covariance(covariance)
        # Reported in ACM_CalibrationSummary: a large number means that some tags are nearly redundant.
        self.condition_ = np.asarray(np.linalg.cond(covariance))
        return self

    def _compute_tag_terms(self, X: Floats) -> Floats:
        """Return ``x_i (P x)_i``: the squared distance split into one term per tag."""
        x = X - self.mean_
        tag_terms: Floats = x @ self.precision_
        tag_terms *= x
        return tag_terms


class MewmaDetector(MahalanobisDetector):
    """Multivariate EWMA chart (Lowry et al. 1992): squared distance of the EWMA of the deviations.

    Args:
        weight: Weight of the newest row, 0..1.
    """

    name: ClassVar[str] = "mewma_z"
    is_stateful: ClassVar[bool] = True

    def __init__(self, *, weight: float = 0.2) -> None:
        self.weight = weight

    @classmethod
    def from_settings(cls, params: ScoreParams) -> Self:
        """Return the detector, not yet fitted, with the settings that concern it."""
        return cls(weight=params.ewma)

    def fit(self, rows: DetectorInputs) -> Self:
        """Fit on the smoothed rows.

        The textbook covariance ``lambda / (2 - lambda)`` times that of the rows assumes independent rows; plant data
        is autocorrelated.
        """
        return self._fit_moments(compute_moments(self._smooth_rows(rows, {})[0]))

    def score(self, rows: DetectorInputs, state: StreamState) -> DetectorScore:
        """Return the squared distance of the EWMA; ``residuals`` is the EWMA itself."""
        means, mean_after = self._smooth_rows(rows, state)
        # Attribution needs the terms anyway: their sum is the distance, without a second product.
        tag_terms = self._compute_tag_terms(means)
        return DetectorScore(row_sums(tag_terms), {"smooth": mean_after}, means, tag_terms)

    def _smooth_rows(self, rows: DetectorInputs, state: StreamState) -> tuple[Floats, Floats]:
        # Deviations are centred, so the mean of a healthy machine is near zero: start and restart there.
        zero = np.zeros(rows.Z.shape[1])
        return compute_masked_ewma(rows.Z, rows, self.weight, state.get("smooth", zero), reset_mean=zero)
