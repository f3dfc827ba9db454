"""Rolling features of complete columns of deviations: mean, standard deviation and slope."""

from __future__ import annotations

import numpy as np

from acm_etl.score import kernels
from acm_etl.score.arrays import Float32s, Floats

_CHUNK_ROWS = 1024  # rows at a time, so that what is added up stays in the cache
_KERNEL_CHUNK_ROWS = 256  # the same for compiled sums


def compute_rolling_features(Z: Floats, tail: Floats, window_rows: int) -> tuple[Float32s, Floats]:
    """Rolling mean, standard deviation (population) and least-squares slope per row of every tag.

    Before ``window_rows`` rows of history exist, the first row stands for what was before it.

    Args:
        Z: Complete deviations, n rows by d tags.
        tail: The last ``rows - 1`` rows before them; no row at the very start.
        window_rows: Length of the window.

    Returns:
        Features, n by 3 d, in single precision, as a forest compares them; and the tail for the next call.
    """
    if not len(Z):
        return np.empty((0, 3 * Z.shape[1]), dtype=np.float32), tail
    past = tail if len(tail) else np.repeat(Z[:1], window_rows - 1, axis=0)
    series = np.concatenate([past, Z])
    n, d = Z.shape
    wide = np.empty((n, 3 * d), dtype=np.float32)
    if (fast := kernels.load_kernels(Z.size)) is not None:
        fast.compute_window_features(series, window_rows, _KERNEL_CHUNK_ROWS, wide)
    else:
        _compute_window_features(series, window_rows, wide)
    return wide, series[len(series) - (window_rows - 1) :]


def _compute_window_features(series: Floats, window_rows: int, wide: Float32s) -> None:
    n, d = len(wide), series.shape[1]
    for start in range(0, n, _CHUNK_ROWS):
        windows = series[start : start + _CHUNK_ROWS + window_rows - 1]
        total, lags = window_sums(windows, window_rows)
        squares, _ = window_sums(windows**2, window_rows)
        mean, place = total / window_rows, slice(start, start + len(total))
        wide[place, :d] = mean
        wide[place, d : 2 * d] = np.sqrt(np.maximum(squares / window_rows - mean**2, 0))
        # The newest row of a window lies (rows - 1) / 2 beyond its middle.
        wide[place, 2 * d :] = ((window_rows - 1) / 2 * total - lags) / (window_rows * (window_rows**2 - 1) / 12)


def window_sums(x: Floats, window_rows: int) -> tuple[Floats, Floats]:
    """Sum of every window, and sum of its values times how many rows ago they were.

    Windows of 2, 4, 8 ... rows are added up from two of half the length, and ``window_rows`` from those: a few additions per
    value, none of them carried from window to window. So results do not depend on where a frame starts, while a sum
    that is updated drifts.

    Args:
        x: At least ``window_rows`` rows, any number of columns.
        window_rows: Length of the window.

    Returns:
        One row per whole window, the first ending at row ``rows - 1``.
    """
    n = len(x) - window_rows + 1
    total, lags = np.zeros((n, x.shape[1])), np.zeros((n, x.shape[1]))
    part, part_lags, length, taken = x, np.zeros_like(x), 1, 0
    while True:
        if window_rows & length:  # the newest rows of the window that are not taken yet
            newest = slice(window_rows - taken - length, window_rows - taken - length + n)
            total += part[newest]
            lags += part_lags[newest] + taken * part[newest]
            taken += length
        if taken == window_rows:
            return total, lags
        older, newer = part[:-length], part[length:]
        part_lags = part_lags[length:] + part_lags[:-length] + length * older
        part, length = newer + older, 2 * length
