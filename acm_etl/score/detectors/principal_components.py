"""Leading principal directions of training rows, and scores along them."""

from __future__ import annotations

import numpy as np

from acm_etl.score.arrays import Floats
from acm_etl.score.detectors.covariance import Moments

_MIN_VARIANCE = 1e-6  # T2 divides by variances; rounding can make the smallest eigenvalues negative


def fit_principal_components(moments: Moments, variance: float) -> tuple[Floats, Floats, Floats]:
    """Fit the leading principal directions.

    Args:
        moments: Moments of the rows, d columns.
        variance: Share (0..1) of the variance to keep; at least one and at most d - 1 directions (1 for one tag).

    Returns:
        Mean (d), k leading directions (d by k; the largest entry of each is positive), and the variances of all d
        directions, descending.
    """
    # Variances divided by n - 1, as everywhere where T2 is defined.
    values, vectors = np.linalg.eigh(moments.covariance * (moments.rows / (moments.rows - 1)))
    values, vectors = np.maximum(values[::-1], _MIN_VARIANCE), vectors[:, ::-1]
    k = int(np.searchsorted(np.cumsum(values) / values.sum(), variance)) + 1
    # SPE needs at least one direction outside the plane.
    k = max(1, min(k, len(values) - 1))
    # LAPACK leaves the sign of an eigenvector open; fix it, so equal data give equal models on all platforms.
    largest = np.abs(vectors).argmax(axis=0)
    signs = np.where(vectors[largest, np.arange(len(values))] < 0, -1.0, 1.0)
    return moments.mean, np.ascontiguousarray((vectors * signs)[:, :k]), values


def project_rows(Z: Floats, mean: Floats, directions: Floats) -> Floats:
    """Return the scores of rows along directions, n by k.

    Args:
        Z: Rows, n by d.
        mean: Origin of the scores, d.
        directions: Directions, d by k.
    """
    # Subtract the mean from k scores instead of d tags: k is much smaller.
    scores: Floats = Z @ directions - mean @ directions
    return scores
