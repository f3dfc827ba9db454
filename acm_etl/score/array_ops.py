"""Row reductions for narrow matrices, run lengths and forward-fill along rows.

Sums use ``einsum``: numpy's own reductions have an overhead per row, which dominates if rows are short.
"""

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
    # initial: rows without columns have a maximum, too.
    largest: Floats = np.abs(X).max(axis=1, initial=0.0)
    return largest


def row_shares(values: Floats) -> Floats:
    """Return non-negative values over the sum of their row; equal shares if the sum is 0."""
    # cumsum adds from left to right as the compiled kernel does; sum adds in pairs and would give other last bits.
    total = values.cumsum(axis=1)[:, -1:]
    shares: Floats = np.full(values.shape, 1 / values.shape[1])
    np.divide(values, total, out=shares, where=total > 0)
    return shares


def row_true_counts(flags: Bools) -> Ints:
    """Return the number of true flags of each row, n by d to n."""
    # Summing bytes instead of booleans lets numpy add without a conversion per element.
    counts: Ints = flags.view(np.uint8).sum(axis=1, dtype=np.int64)
    return counts


def row_missing_counts(X: Floats) -> Ints:
    """Return the number of NaN of each row, n by d to n."""
    # Few rows have gaps: build the mask of missing cells for those only.
    counts, candidates = np.zeros(len(X), dtype=np.int64), nan_row_mask(X)
    counts[candidates] = row_true_counts(np.isnan(X[candidates]))
    return counts


def nan_row_mask(X: Floats) -> Bools:
    """Return which rows may contain NaN: all that do, and rows with infinities of both signs."""
    # A sum with NaN is NaN: one addition per cell is cheaper than an n by d mask.
    candidates: Bools = np.isnan(row_sums(X))
    return candidates


def find_cells(values: Array) -> tuple[Ints, Ints]:
    """Return rows and columns of the cells that are not zero, as ``np.nonzero`` of a matrix.

    Where nearly all cells are zero, the positions in one long row are found in a sixtieth of the time.
    """
    rows, columns = np.divmod(np.flatnonzero(values), values.shape[1])
    return rows, columns


def select_rows(values: Array, rows: Bools) -> Array:
    """Return the selected rows; the array itself, without a copy, if all rows are selected."""
    return values if rows.all() else values[rows]


def forward_fill(values: Ints, initial: int) -> Ints:
    """Replace each -1 (missing) by the value before it.

    Args:
        values: One value per row.
        initial: Value just before the first row.
    """
    # Position 0 of the padded array is the initial value, hence numbers from 1.
    row_numbers = np.arange(1, len(values) + 1)
    latest = np.maximum.accumulate(np.where(values != -1, row_numbers, 0)) if len(values) else row_numbers
    filled: Ints = np.concatenate([[initial], values])[latest]
    return filled


def hold_selected(values: Array, selected: Bools, initial: Array, *, rows: Bools | None = None) -> Array:
    """Return for each row the values of the last selected row up to there.

    Args:
        values: Values of the selected rows, d columns.
        selected: True for the selected rows, n.
        initial: Values before the first selected row, d.
        rows: True for the rows to return, n; None for all rows.

    Returns:
        As many rows as are asked for, by d.
    """
    # The initial values are row 0, hence the counts are the row numbers.
    counts = np.cumsum(selected)
    held: Array = np.concatenate([initial[None], values])[counts if rows is None else counts[rows]]
    return held


def run_length(flags: Bools, length_before: Ints | int) -> Ints:
    """Return the number of consecutive true flags up to each row; 0 where the flag is false.

    Args:
        flags: One flag per row, or per row and column.
        length_before: Length of the run that ends just before the first row (one per column).
    """
    row_numbers = np.arange(len(flags), dtype=np.int64).reshape(-1, *[1] * (flags.ndim - 1))
    if not flags.any():  # the common case of alarms, and accumulate is the expensive step
        return np.zeros(flags.shape, dtype=np.int64)
    # The run before the first row began after a false flag at row -1 - length_before.
    last_false = np.maximum.accumulate(np.where(flags, -1 - np.asarray(length_before), row_numbers), axis=0)
    return row_numbers - last_false
