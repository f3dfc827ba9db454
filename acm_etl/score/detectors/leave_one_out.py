"""OMR detector: residual of each tag predicted from all other tags."""

from __future__ import annotations

from typing import ClassVar, Self

import numpy as np

from acm_etl.config import ScoreParams
from acm_etl.score.array_ops import row_sums
from acm_etl.score.arrays import Floats, StreamState
from acm_etl.score.detectors.ar1 import MIN_RESIDUAL_SD, fit_ar1
from acm_etl.score.detectors.base import Detector, DetectorInputs, DetectorScore
from acm_etl.score.detectors.covariance import compute_precision
from acm_etl.score.ewma import compute_innovation_rms


class OmrDetector(Detector):
    """Overall model residual: leave-one-out residuals of all tags from one precision matrix P, whitened in time.

    The residual of tag i given all other tags is ``(P x)_i / P_ii`` (Lauritzen 1996, 5.1.3), so no regression is
    fitted per tag. The score uses the AR(1) innovations of the residuals (a residual chart, Alwan and Roberts 1988), so
    one tag that wanders freely does not mask the others. Permanent offsets are left to MEWMA, Mahalanobis and the
    drift monitor; the drift monitor smooths the ``residuals`` returned here.

    Args:
        rows: Span of the EWMA of the squared innovations, rows.
    """

    name: ClassVar[str] = "omr_z"
    is_stateful: ClassVar[bool] = True
    mean_: Floats
    residual_: Floats
    phi_: Floats
    sd_: Floats

    def __init__(self, *, rows: int = 24) -> None:
        self.rows = rows

    @classmethod
    def from_settings(cls, params: ScoreParams) -> Self:
        """Return the detector, not yet fitted, with the settings that concern it."""
        return cls(rows=params.ar1_rows)

    def fit(self, rows: DetectorInputs) -> Self:
        """Fit the mean, the matrix from deviations to residuals of unit spread, and the AR(1) of the residuals."""
        self.mean_ = rows.moments.mean
        precision = compute_precision(rows.moments)
        leave_one_out = precision / np.diag(precision)
        # The variances of linear combinations follow from the covariance: no second product of all rows.
        variance = np.einsum("ij,ik,kj->j", leave_one_out, rows.moments.covariance, leave_one_out, optimize=True)
        spread = np.sqrt(np.maximum(variance, 0.0))
        self.residual_ = leave_one_out / np.maximum(spread, MIN_RESIDUAL_SD)
        self.phi_, self.sd_ = fit_ar1((rows.Z - self.mean_) @ self.residual_)
        return self

    @property
    def residual_spread(self) -> Floats:
        """Spread of the residual of each tag in training, robust standard deviations, d."""
        return 1 / np.diag(self.residual_)

    def score(self, rows: DetectorInputs, state: StreamState) -> DetectorScore:
        """Return the mean over tags of the smoothed innovations; ``residuals`` are those before whitening."""
        if not len(rows.Z):  # the recursion starts at a first row
            return DetectorScore(np.empty(0), state, rows.Z)
        # Subtracting the projected mean saves a centred copy of all rows.
        residuals = rows.Z @ self.residual_
        residuals -= self.mean_ @ self.residual_
        rms, after = compute_innovation_rms(residuals, rows, (self.phi_, self.sd_), span=self.rows, state=state)
        return DetectorScore(row_sums(rms) / rms.shape[1], after, residuals)
