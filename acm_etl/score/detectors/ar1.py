"""AR1: what each tag does that its own last value did not announce."""

from __future__ import annotations

from typing import ClassVar, Self

import numpy as np

from acm_etl.score import kernels
from acm_etl.score.array_ops import row_sums
from acm_etl.score.arrays import Floats, StreamState
from acm_etl.score.detectors.base import Detector, DetectorInputs, DetectorScore, compute_masked_ewma

_MAX_PHI = 0.999
_MAX_INNOVATION = 15.0  # spreads: one wild reading must not be remembered for a day
_MIN_SD = 0.02  # robust standard deviations: a tag constant in training must not turn noise into alarms


def fit_ar1(x: Floats) -> tuple[Floats, Floats]:
    """Lag-one coefficient and spread of the one-step residuals of each column (Yule-Walker).

    Around an estimated mean the coefficient comes out too small by ``(1 + 3 phi) / n`` (Marriott and Pope 1954), which
    few rows of a slow tag turn into a level that is never forgotten; that much is added.

    Args:
        x: Deviations around zero, rows in sequence.
    """
    power = np.maximum((x[:-1] ** 2).sum(axis=0), 1e-12)
    phi = (x[1:] * x[:-1]).sum(axis=0) / power
    phi = np.clip(phi + (1 + 3 * phi) / len(x), -_MAX_PHI, _MAX_PHI)
    steps = x[1:] - phi * x[:-1]
    return phi, np.maximum(np.sqrt((steps**2).mean(axis=0)), _MIN_SD)


def compute_innovation_rms(
    x: Floats, rows: DetectorInputs, ar1_params: tuple[Floats, Floats], *, span: int, state: StreamState
) -> tuple[Floats, StreamState]:
    """Root of the exponential mean square of the one-step residuals ``(x_t - phi x_(t-1)) / sd`` of each column.

    Args:
        x: Deviations around zero, rows in sequence.
        rows: Tell which rows are remembered.
        ar1_params: Lag-one coefficients and spread of the residuals.
        span: Of the mean, rows.
        state: Of the call before, or empty.
    """
    last = state.get("last", x[0])
    start = np.ones(x.shape[1])
    before, weight = state.get("power", start), 2 / (span + 1)
    if (fast := kernels.load_kernels(x.size)) is not None:
        root, after = np.empty(x.shape), before.astype(np.float64)
        fast.compute_innovation_rms(
            np.ascontiguousarray(x),
            ((last, *ar1_params, _MAX_INNOVATION), rows.ewma_kernel_args(weight, start)),
            after,
            root,
        )
    else:
        power, after = compute_masked_ewma(
            _innovation_squares(x, last, ar1_params), rows, weight, before, reset_mean=start
        )
        root = np.sqrt(power)
    return root, {"last": x[-1], "power": after}


def _innovation_squares(x: Floats, last: Floats, ar1_params: tuple[Floats, Floats]) -> Floats:
    """Squares of the clipped one-step residuals."""
    phi, sd = ar1_params
    steps = (x - phi * np.concatenate([last[None], x[:-1]])) / sd
    result: Floats = np.clip(steps, -_MAX_INNOVATION, _MAX_INNOVATION) ** 2
    return result


class Ar1Detector(Detector):
    """First-order autoregression per tag; one-step residuals over their training spread, smoothed, then averaged.

    Args:
        rows: Span of the exponential mean over the squared residuals, rows.
    """

    name: ClassVar[str] = "ar1_z"
    is_stateful: ClassVar[bool] = True
    mu_: Floats
    phi_: Floats
    sd_: Floats

    def __init__(self, *, rows: int = 24) -> None:
        self.rows = rows

    def fit(self, rows: DetectorInputs) -> Self:
        """Learns level, persistence and one-step spread of each tag (Yule-Walker)."""
        self.mu_ = rows.Z.mean(axis=0)
        self.phi_, self.sd_ = fit_ar1(rows.Z - self.mu_)
        return self

    def score(self, rows: DetectorInputs, state: StreamState) -> DetectorScore:
        """Mean over tags of the smoothed residual in training spreads."""
        if not len(rows.Z):
            return DetectorScore(np.empty(0), state, rows.Z)
        smooth, after = compute_innovation_rms(
            rows.Z - self.mu_, rows, (self.phi_, self.sd_), span=self.rows, state=state
        )
        return DetectorScore(row_sums(smooth) / smooth.shape[1], after, smooth)
