"""AR(1) detector: deviation of each tag from the value that its own previous reading predicts."""

from __future__ import annotations

from typing import ClassVar, Self

import numpy as np

from acm_etl.config import ScoreParams
from acm_etl.score.array_ops import row_sums
from acm_etl.score.arrays import Floats, StreamState
from acm_etl.score.detectors.base import Detector, DetectorInputs, DetectorScore
from acm_etl.score.ewma import compute_innovation_rms

MIN_RESIDUAL_SD = 0.02
"""Lower limit of a residual spread, robust standard deviations: noise on a tag constant in training is no alarm."""

_MAX_PHI = 0.999  # a coefficient of 1 would be a random walk, whose level is never forgotten


def fit_ar1(x: Floats) -> tuple[Floats, Floats]:
    """Fit a first-order autoregression to each column (Yule-Walker).

    The estimate is biased low by ``(1 + 3 phi) / n`` (Marriott and Pope 1954). The bias is added back: otherwise short
    histories of slow tags leave a permanent offset in the residuals.

    Args:
        x: Deviations around zero, n rows by d columns, in sequence.

    Returns:
        Lag-one coefficient and standard deviation of the one-step residuals, d each.
    """
    power = np.maximum((x[:-1] ** 2).sum(axis=0), 1e-12)  # a constant column has none
    phi = (x[1:] * x[:-1]).sum(axis=0) / power
    phi = np.clip(phi + (1 + 3 * phi) / len(x), -_MAX_PHI, _MAX_PHI)
    # Spread of the corrected residuals, not sd * sqrt(1 - phi^2): the correction changes them.
    residuals = x[1:] - phi * x[:-1]
    return phi, np.maximum(np.sqrt((residuals**2).mean(axis=0)), MIN_RESIDUAL_SD)


class Ar1Detector(Detector):
    """First-order autoregression per tag; innovations over their training spread, smoothed, then averaged over tags.

    Args:
        rows: Span of the EWMA of the squared innovations, rows.
    """

    name: ClassVar[str] = "ar1_z"
    is_stateful: ClassVar[bool] = True
    mu_: Floats
    phi_: Floats
    sd_: Floats

    def __init__(self, *, rows: int = 24) -> None:
        self.rows = rows

    @classmethod
    def from_settings(cls, params: ScoreParams) -> Self:
        """Return the detector, not yet fitted, with the settings that concern it."""
        return cls(rows=params.ar1_rows)

    def fit(self, rows: DetectorInputs) -> Self:
        """Fit mean, lag-one coefficient and residual spread of each tag."""
        self.mu_ = rows.Z.mean(axis=0)
        self.phi_, self.sd_ = fit_ar1(rows.Z - self.mu_)
        return self

    def score(self, rows: DetectorInputs, state: StreamState) -> DetectorScore:
        """Return the mean over tags of the smoothed innovations, training spreads."""
        if not len(rows.Z):  # the recursion starts at a first row
            return DetectorScore(np.empty(0), state, rows.Z)
        rms, after = compute_innovation_rms(rows.Z - self.mu_, rows, (self.phi_, self.sd_), span=self.rows, state=state)
        return DetectorScore(row_sums(rms) / rms.shape[1], after, rms)
