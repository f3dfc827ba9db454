"""Mahalanobis distance with a shrunk covariance, as it is and over an exponential mean (MEWMA)."""

from __future__ import annotations

from typing import ClassVar, Self

import numpy as np

from acm_etl.score.array_ops import row_sums
from acm_etl.score.arrays import Carry, Floats
from acm_etl.score.detectors.base import Head, HeadScore, Rows, held_ewma


class Mahalanobis(Head):
    """Squared Mahalanobis distance, covariance after Ledoit and Wolf (2004)."""

    name: ClassVar[str] = "mhal_z"
    mean_: Floats
    precision_: Floats
    condition_: Floats

    def fit(self, rows: Rows) -> Self:
        """Learns mean, precision and the condition number of the covariance."""
        return self._learn(rows.Z)

    def score(self, rows: Rows, carry: Carry) -> HeadScore:
        """Squared distance from the training mean."""
        x = rows.Z - self.mean_
        return HeadScore(np.einsum("ij,ij->i", x @ self.precision_, x), carry)

    def _learn(self, X: Floats) -> Self:
        from acm_etl.score.detectors.sklearn_adapter import covariance  # noqa: PLC0415 - sklearn takes a second to load

        self.mean_, shrunk = covariance(X)
        self.precision_ = np.linalg.inv(shrunk).astype(np.float64)
        self.condition_ = np.asarray(np.linalg.cond(shrunk))
        return self

    def _parts(self, X: Floats) -> Floats:
        """``x_i (P x)_i``: the squared distance as a sum over tags."""
        x = X - self.mean_
        parts: Floats = x @ self.precision_
        parts *= x
        return parts


class Mewma(Mahalanobis):
    """Multivariate EWMA chart (Lowry et al. 1992): distance of the exponential mean of the deviations.

    Args:
        weight: Weight of the newest row.
    """

    name: ClassVar[str] = "mewma_z"
    remembers: ClassVar[bool] = True

    def __init__(self, *, weight: float = 0.2) -> None:
        self.weight = weight

    def fit(self, rows: Rows) -> Self:
        """Learns from the smoothed rows: plant data is autocorrelated, so lambda / (2 - lambda) does not hold."""
        return self._learn(self._smooth(rows, {})[0])

    def score(self, rows: Rows, carry: Carry) -> HeadScore:
        """Squared distance of the exponential mean."""
        smooth, after = self._smooth(rows, carry)
        parts = self._parts(smooth)
        return HeadScore(row_sums(parts), {"smooth": after}, smooth, parts)

    def _smooth(self, rows: Rows, carry: Carry) -> tuple[Floats, Floats]:
        start = np.zeros(rows.Z.shape[1])
        return held_ewma(rows.Z, rows, self.weight, carry.get("smooth", start), start=start)
