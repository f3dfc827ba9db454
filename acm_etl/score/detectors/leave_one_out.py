"""OMR: each tag predicted from all the others."""

from __future__ import annotations

from typing import ClassVar, Self

import numpy as np

from acm_etl.score.array_ops import row_sums
from acm_etl.score.arrays import Floats, StreamState
from acm_etl.score.detectors.ar1 import compute_innovation_rms, fit_ar1
from acm_etl.score.detectors.base import Detector, DetectorInputs, DetectorScore

_MIN_SD = 0.02


class OmrDetector(Detector):
    """Overall model residual: leave-one-out residuals of all tags from one precision matrix P, whitened in time.

    The residual of tag i given all others is ``(P x)_i / P_ii`` (Lauritzen 1996, 5.1.3), so no regression is fitted.
    The score looks at what the last residual did not announce (a residual chart, Alwan and Roberts 1988), so that a
    tag that wanders freely does not drown the others. Lasting offsets are what MEWMA, Mahalanobis and the slow path
    see; the slow path works on the residuals handed out.

    Args:
        rows: Span of the exponential mean over the squared whitened residuals, rows.
    """

    name: ClassVar[str] = "omr_z"
    is_stateful: ClassVar[bool] = True
    mean_: Floats
    residual_: Floats
    phi_: Floats
    sd_: Floats

    def __init__(self, *, rows: int = 24) -> None:
        self.rows = rows

    def fit(self, rows: DetectorInputs) -> Self:
        """Learns the mean, the matrix that turns deviations into residuals of unit spread, and their persistence."""
        from acm_etl.score.detectors.sklearn_adapter import fit_covariance  # noqa: PLC0415 - sklearn takes a second to load

        self.mean_, shrunk = fit_covariance(rows.Z)
        precision = np.linalg.inv(shrunk)
        loo = precision / np.diag(precision)
        spread = ((rows.Z - self.mean_) @ loo).std(axis=0)
        self.residual_ = loo / np.maximum(spread, _MIN_SD)
        self.phi_, self.sd_ = fit_ar1((rows.Z - self.mean_) @ self.residual_)
        return self

    def score(self, rows: DetectorInputs, state: StreamState) -> DetectorScore:
        """Mean of the smoothed whitened residuals; ``residuals`` are those before whitening."""
        if not len(rows.Z):
            return DetectorScore(np.empty(0), state, rows.Z)
        found = rows.Z @ self.residual_
        found -= self.mean_ @ self.residual_
        steps, memory = compute_innovation_rms(found, rows, (self.phi_, self.sd_), span=self.rows, state=state)
        return DetectorScore(row_sums(steps) / steps.shape[1], memory, found)
