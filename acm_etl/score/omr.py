"""OMR: each tag predicted from all the others."""

from __future__ import annotations

from typing import ClassVar, Self

import numpy as np

from acm_etl.score.arrays import Carry, Floats
from acm_etl.score.head import Head, HeadScore, Rows, ewma

_MIN_SD = 0.02


class Omr(Head):
    """Overall model residual: leave-one-out residuals of all tags from one precision matrix P, smoothed.

    The residual of tag i given all others is ``(P x)_i / P_ii`` (Lauritzen 1996, 5.1.3), so no regression is fitted.

    Args:
        weight: Weight of the newest row in the exponential mean of the residual vectors.
    """

    name: ClassVar[str] = "omr_z"
    mean_: Floats
    residual_: Floats

    def __init__(self, *, weight: float = 0.2) -> None:
        self.weight = weight

    def fit(self, rows: Rows) -> Self:
        """Learns the mean and the matrix that turns deviations into residuals of unit spread."""
        from acm_etl.score.fitting import covariance  # noqa: PLC0415 - sklearn takes a second to load

        self.mean_, shrunk = covariance(rows.Z)
        precision = np.linalg.inv(shrunk)
        loo = precision / np.diag(precision)
        spread = ((rows.Z - self.mean_) @ loo).std(axis=0)
        self.residual_ = loo / np.maximum(spread, _MIN_SD)
        return self

    def score(self, rows: Rows, carry: Carry) -> HeadScore:
        """Mean square of the smoothed residuals."""
        before = carry.get("smooth", np.zeros(rows.Z.shape[1]))
        smooth, after = ewma((rows.Z - self.mean_) @ self.residual_, self.weight, before)
        return HeadScore((smooth**2).mean(axis=1), {"smooth": after}, smooth)
