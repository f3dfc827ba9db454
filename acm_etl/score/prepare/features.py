"""Rolling features of complete deviations: mean, standard deviation and slope of every window."""

from __future__ import annotations

import numpy as np

from acm_etl.score import kernels
from acm_etl.score.arrays import Float32s, Floats

# Rows per block, so that the partial sums stay in the processor's cache. The kernel keeps nine of them per cell.
_CHUNK_ROWS = 1024
_KERNEL_CHUNK_ROWS = 256


def compute_rolling_features(Z: Floats, tail: Floats, window_rows: int) -> tuple[Float32s, Floats]:
    """Compute rolling mean, population standard deviation and least-squares slope of every tag.

    Args:
        Z: Complete deviations, n rows by d tags.
        tail: The ``window_rows - 1`` rows before them; no row at the very start, where the first row is repeated.
        window_rows: Length of the window, rows.

    Returns:
        Features, n by 3 d, in single precision as isolation forests compare them; and the tail for the next call.
    """
    if not len(Z):
        return np.empty((0, 3 * Z.shape[1]), dtype=np.float32), tail
    # A constant history gives the first windows the slope and spread of a steady machine.
    history = tail if len(tail) else np.repeat(Z[:1], window_rows - 1, axis=0)
    series = np.concatenate([history, Z])
    n, d = Z.shape
    features = np.empty((n, 3 * d), dtype=np.float32)
    if (compiled := kernels.get_kernels()) is not None:
        compiled.compute_window_features(series, window_rows, _KERNEL_CHUNK_ROWS, features)
    else:
        _compute_window_features(series, window_rows, features)
    return features, series[len(series) - (window_rows - 1) :]


def _compute_window_features(series: Floats, window_rows: int, features: Float32s) -> None:
    """Fill ``features`` block by block."""
    n, d = len(features), series.shape[1]
    centre_lag = (window_rows - 1) / 2
    lag_variance = window_rows * (window_rows**2 - 1) / 12
    for start in range(0, n, _CHUNK_ROWS):
        block = series[start : start + _CHUNK_ROWS + window_rows - 1]
        sums, lagged_sums = window_sums(block, window_rows)
        square_sums, _ = window_sums(block**2, window_rows)
        mean, rows = sums / window_rows, slice(start, start + len(sums))
        features[rows, :d] = mean
        # Rounding can make the variance of a constant window negative.
        features[rows, d : 2 * d] = np.sqrt(np.maximum(square_sums / window_rows - mean**2, 0))
        features[rows, 2 * d :] = (centre_lag * sums - lagged_sums) / lag_variance


def window_sums(x: Floats, window_rows: int) -> tuple[Floats, Floats]:
    """Sum the values of every window, and the values times their lag (rows before the end of the window).

    Windows of 2, 4, 8 ... rows are sums of two windows of half the length, and the window is a sum of those: a few
    additions per value. Nothing is carried from window to window, so results do not depend on where a frame starts;
    a running sum would accumulate rounding errors.

    Args:
        x: At least ``window_rows`` rows, any number of columns.
        window_rows: Length of the window, rows.

    Returns:
        Sums and lagged sums, one row per whole window; the first window ends at row ``window_rows - 1``.
    """
    n = len(x) - window_rows + 1
    sums, lagged_sums = np.zeros((n, x.shape[1])), np.zeros((n, x.shape[1]))
    part, lagged_part, length, rows_done = x, np.zeros_like(x), 1, 0
    while True:
        # The binary digits of window_rows say which lengths make up the window, newest rows first.
        if window_rows & length:
            newest = slice(window_rows - rows_done - length, window_rows - rows_done - length + n)
            sums += part[newest]
            lagged_sums += lagged_part[newest] + rows_done * part[newest]
            rows_done += length
        if rows_done == window_rows:
            return sums, lagged_sums
        older, newer = part[:-length], part[length:]
        lagged_part = lagged_part[length:] + lagged_part[:-length] + length * older
        part, length = newer + older, 2 * length
