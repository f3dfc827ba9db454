"""Over the tags of each row (numpy starts anew for every short row, which these do not), and some rows of all."""

from __future__ import annotations

import numpy as np

from acm_etl.score import kernels
from acm_etl.score.arrays import Array, Bools, Floats, Ints


def row_sums(X: Floats) -> Floats:
    """Sum of each row, n by d to n."""
    total: Floats = np.einsum("ij->i", X)
    return total


def row_squares(X: Floats) -> Floats:
    """Squared length of each row, n by d to n."""
    total: Floats = np.einsum("ij,ij->i", X, X)
    return total


def row_peaks(X: Floats) -> Floats:
    """Largest magnitude of each row, n by d to n."""
    if (fast := kernels.compiled(X.size)) is None:
        plain: Floats = np.abs(X).max(axis=1, initial=0.0)
        return plain
    peaks = np.empty(len(X))
    fast.largest(X, peaks)
    return peaks


def row_counts(flags: Bools) -> Ints:
    """How many flags of each row are up, n by d to n."""
    count: Ints = flags.view(np.uint8).sum(axis=1, dtype=np.int64)
    return count


def missing_tags(X: Floats) -> Ints:
    """How many values each row lacks, n by d to n."""
    missing, some = np.zeros(len(X), dtype=np.int64), with_gaps(X)
    missing[some] = row_counts(np.isnan(X[some]))
    return missing


def with_gaps(X: Floats) -> Bools:
    """Which rows may lack a value: all that do, as a sum with NaN is NaN, and hardly any other."""
    some: Bools = np.isnan(row_sums(X))
    return some


def taken(values: Array, rows: Bools) -> Array:
    """Some rows; the values themselves, not a copy, where those are all."""
    return values if rows.all() else values[rows]
