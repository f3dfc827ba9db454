"""Moments of training rows, shared by all detectors that learn from them, and the covariance shrunk from them."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from acm_etl.score.array_ops import row_squared_norms
from acm_etl.score.arrays import Floats

_RIDGE = 1e-3  # variance added to the diagonal, so tags that are constant in training leave it invertible


class Moments(NamedTuple):
    """Moments of rows.

    Attributes:
        rows: Number of rows.
        mean: Mean of each column, d.
        covariance: Covariance, divided by the number of rows, d by d.
        fourth_norm: Mean of the fourth power of the norms of the centred rows.
    """

    rows: int
    mean: Floats
    covariance: Floats
    fourth_norm: float


def compute_moments(X: Floats) -> Moments:
    """Compute the moments of complete rows, n by d."""
    mean = X.mean(axis=0)
    centred = X - mean
    fourth_norm = float((row_squared_norms(centred) ** 2).mean())
    return Moments(len(X), mean, centred.T @ centred / len(X), fourth_norm)


def shrink_covariance(moments: Moments) -> Floats:
    """Return the covariance shrunk towards a multiple of the identity (Ledoit and Wolf 2004), with a small ridge.

    The weight of the identity minimises the expected squared error. It decreases with the number of rows.
    """
    sample = moments.covariance
    identity = np.eye(len(sample))
    target = identity * (np.trace(sample) / len(sample))
    distance = ((sample - target) ** 2).sum()
    error = (moments.fourth_norm - (sample**2).sum()) / moments.rows
    # Constant rows have no distance: there is nothing to shrink.
    weight = min(error, distance) / distance if distance > 0 else 0.0
    shrunk: Floats = weight * target + (1 - weight) * sample + _RIDGE * identity
    return shrunk


def invert_covariance(shrunk: Floats) -> Floats:
    """Return the inverse of a shrunk covariance; the ridge makes it exist, also with redundant tags."""
    return np.linalg.inv(shrunk).astype(np.float64)


def compute_precision(moments: Moments) -> Floats:
    """Return the inverse of the shrunk covariance of rows."""
    return invert_covariance(shrink_covariance(moments))
