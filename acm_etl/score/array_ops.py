"""Fast row reductions for narrow matrices (``einsum`` avoids numpy's overhead per row), and row selection."""

from __future__ import annotations

import numpy as np

from acm_etl.score.arrays import Array, Bools, Floats, Ints

MAD_TO_STD = 1.4826
"""Standard deviation of a normal distribution over its median absolute deviation (MAD)."""


def row_sums(X: Floats) -> Floats:
    """Return the sum of each row, n by d to n."""
    sums: Floats = np.einsum("ij->i", X)
    return sums


def row_squared_norms(X: Floats) -> Floats:
    """Return the squared Euclidean norm of each row, n by d to n."""
    squared_norms: Floats = np.einsum("ij,ij->i", X, X)
    return squared_norms


def row_max_abs(X: Floats) -> Floats:
    """Return the largest magnitude of each row, n by d to n."""
    largest: Floats = np.abs(X).max(axis=1, initial=0.0)
    return largest


def row_true_counts(flags: Bools) -> Ints:
    """Return the number of true flags of each row, n by d to n."""
    # Summing bytes instead of booleans lets numpy add without a conversion per element.
    counts: Ints = flags.view(np.uint8).sum(axis=1, dtype=np.int64)
    return counts


def row_missing_counts(X: Floats) -> Ints:
    """Return the number of NaN of each row, n by d to n."""
    counts, candidates = np.zeros(len(X), dtype=np.int64), nan_row_mask(X)
    counts[candidates] = row_true_counts(np.isnan(X[candidates]))
    return counts


def nan_row_mask(X: Floats) -> Bools:
    """Return which rows may contain NaN: all that do, and rows with infinities of both signs."""
    # A sum with NaN is NaN: one addition per cell is cheaper than an n by d mask.
    candidates: Bools = np.isnan(row_sums(X))
    return candidates


def select_rows(values: Array, rows: Bools) -> Array:
    """Return the selected rows; the array itself, without a copy, if all rows are selected."""
    return values if rows.all() else values[rows]
