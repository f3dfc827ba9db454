"""Sums over the tags of each row: numpy starts anew for every short row, which these do not."""

from __future__ import annotations

import numpy as np

from acm_etl.score.arrays import Bools, Floats, Ints


def row_sums(X: Floats) -> Floats:
    """Sum of each row, n by d to n."""
    total: Floats = np.einsum("ij->i", X)
    return total


def row_counts(flags: Bools) -> Ints:
    """How many flags of each row are up, n by d to n."""
    count: Ints = flags.view(np.uint8).sum(axis=1, dtype=np.int64)
    return count


def missing_tags(X: Floats) -> Ints:
    """How many values each row lacks, n by d to n."""
    return row_counts(np.isnan(X))
