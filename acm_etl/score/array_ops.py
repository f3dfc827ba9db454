"""Over the tags of each row (numpy starts anew for every short row, which these do not), and some rows of all."""

from __future__ import annotations

import numpy as np

from acm_etl.score import kernels
from acm_etl.score.arrays import Array, Bools, Floats, Ints


def row_sums(X: Floats) -> Floats:
    """Sum of each row, n by d to n."""
    total: Floats = np.einsum("ij->i", X)
    return total


def row_squared_norms(X: Floats) -> Floats:
    """Squared length of each row, n by d to n."""
    total: Floats = np.einsum("ij,ij->i", X, X)
    return total


def row_max_abs(X: Floats) -> Floats:
    """Largest magnitude of each row, n by d to n."""
    if (fast := kernels.load_kernels(X.size)) is None:
        plain: Floats = np.abs(X).max(axis=1, initial=0.0)
        return plain
    peaks = np.empty(len(X))
    fast.row_max_abs(X, peaks)
    return peaks


def row_true_counts(flags: Bools) -> Ints:
    """How many flags of each row are up, n by d to n."""
    count: Ints = flags.view(np.uint8).sum(axis=1, dtype=np.int64)
    return count


def row_missing_counts(X: Floats) -> Ints:
    """How many values each row lacks, n by d to n."""
    missing, some = np.zeros(len(X), dtype=np.int64), nan_row_mask(X)
    missing[some] = row_true_counts(np.isnan(X[some]))
    return missing


def nan_row_mask(X: Floats) -> Bools:
    """Which rows may lack a value: all that do, as a sum with NaN is NaN, and hardly any other."""
    some: Bools = np.isnan(row_sums(X))
    return some


def select_rows(values: Array, rows: Bools) -> Array:
    """Some rows; the values themselves, not a copy, where those are all."""
    return values if rows.all() else values[rows]
