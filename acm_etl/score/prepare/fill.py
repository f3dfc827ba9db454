"""Imputation of missing deviations."""

from __future__ import annotations

import numpy as np

from acm_etl.score.arrays import Bools, Floats

_MAX_CELLS = 4_000_000  # of the stacked matrices solved at once, 32 MB


def impute_missing(Z: Floats, mean: Floats, precision: Floats) -> Floats:
    """Replace missing deviations by their Gaussian expectation given the present ones.

    A value at its expectation adds nothing to a Mahalanobis distance, so a missing reading never raises a score. The
    expectation of the missing part m is ``mean - P_mm^-1 P_mo (x_o - mean)`` with the precision matrix P
    (Bishop 2006, eq. 2.75).

    Args:
        Z: Deviations, n rows by d tags, NaN where missing.
        mean: Mean deviation of each tag, d.
        precision: Inverse covariance of the deviations, d by d.

    Returns:
        Complete deviations; Z itself if nothing is missing.
    """
    missing = np.isnan(Z)
    if not missing.any():
        return Z
    counts = missing.sum(axis=1)
    filled = Z.copy()
    # Rows with equally many missing tags have systems of the same size, which one stacked solve handles.
    for missing_tags in np.unique(counts[counts > 0]):
        rows = np.flatnonzero(counts == missing_tags)
        step = max(1, _MAX_CELLS // int(missing_tags) ** 2)
        for start in range(0, len(rows), step):
            block = rows[start : start + step]
            filled[block] = _conditional_mean(Z[block], missing[block], mean, precision)
    return filled


def _conditional_mean(Z: Floats, missing: Bools, mean: Floats, precision: Floats) -> Floats:
    """Impute rows that miss equally many tags."""
    positions = np.nonzero(missing)[1].reshape(len(Z), -1)
    # With zeros for the missing values, x P at their positions is P_mo (x_o - mean).
    centred = np.where(missing, 0.0, Z - mean)
    right_sides = np.take_along_axis(centred @ precision, positions, axis=1)
    blocks = precision[positions[:, :, None], positions[:, None, :]]
    expectations = -np.linalg.solve(blocks, right_sides[..., None])[..., 0]
    np.put_along_axis(centred, positions, expectations, axis=1)
    # Present values are copied from Z: adding and subtracting the mean would change their last bits.
    return np.where(missing, centred + mean, Z)
