"""AR1: what each tag does that its own last value did not announce."""

from __future__ import annotations

from typing import ClassVar, Self

import numpy as np

from acm_etl.score.arrays import Carry, Floats
from acm_etl.score.head import Head, HeadScore, Rows, ewma

_MAX_PHI = 0.999
_MIN_SD = 0.02  # robust standard deviations: a tag constant in training must not turn noise into alarms


class Ar1(Head):
    """First-order autoregression per tag; one-step residuals over their training spread, smoothed, then averaged.

    Args:
        rows: Span of the exponential mean over the magnitudes of residuals, rows.
    """

    name: ClassVar[str] = "ar1_z"
    mu_: Floats
    phi_: Floats
    sd_: Floats

    def __init__(self, *, rows: int = 15) -> None:
        self.rows = rows

    def fit(self, rows: Rows) -> Self:
        """Learns level, persistence and one-step spread of each tag (Yule-Walker)."""
        self.mu_ = rows.Z.mean(axis=0)
        x = rows.Z - self.mu_
        power = np.maximum((x[:-1] ** 2).sum(axis=0), 1e-12)
        self.phi_ = np.clip((x[1:] * x[:-1]).sum(axis=0) / power, -_MAX_PHI, _MAX_PHI)
        steps = x[1:] - self.phi_ * x[:-1]
        self.sd_ = np.maximum(np.sqrt((steps**2).mean(axis=0)), _MIN_SD)
        return self

    def score(self, rows: Rows, carry: Carry) -> HeadScore:
        """Mean over tags of the smoothed |residual| in training spreads."""
        if not len(rows.Z):
            return HeadScore(np.empty(0), carry, rows.Z)
        x = rows.Z - self.mu_
        last = carry.get("last", x[0])
        steps = x - self.phi_ * np.concatenate([last[None], x[:-1]])
        before = carry.get("smooth", np.zeros(x.shape[1]))
        smooth, after = ewma(np.abs(steps) / self.sd_, 2 / (self.rows + 1), before)
        return HeadScore(smooth.mean(axis=1), {"last": x[-1], "smooth": after}, smooth)
