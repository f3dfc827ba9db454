"""Rolling features of complete columns of deviations: mean, standard deviation and slope."""

from __future__ import annotations

import numpy as np

from acm_etl.score import kernels
from acm_etl.score.arrays import Floats, Singles

_CHUNK = 1024  # rows at a time, so that what is added up stays in the cache
_BLOCK = 256  # the same for compiled sums


def features(Z: Floats, tail: Floats, rows: int) -> tuple[Singles, Floats]:
    """Rolling mean, standard deviation (population) and least-squares slope per row of every tag.

    Before ``rows`` rows of history exist, the first row stands for what was before it.

    Args:
        Z: Complete deviations, n rows by d tags.
        tail: The last ``rows - 1`` rows before them; no row at the very start.
        rows: Length of the window.

    Returns:
        Features, n by 3 d, in single precision, as a forest compares them; and the tail for the next call.
    """
    if not len(Z):
        return np.empty((0, 3 * Z.shape[1]), dtype=np.float32), tail
    past = tail if len(tail) else np.repeat(Z[:1], rows - 1, axis=0)
    series = np.concatenate([past, Z])
    n, d = Z.shape
    wide = np.empty((n, 3 * d), dtype=np.float32)
    if (fast := kernels.compiled(Z.size)) is not None:
        fast.window_features(series, rows, _BLOCK, wide)
    else:
        _windows(series, rows, wide)
    return wide, series[len(series) - (rows - 1) :]


def _windows(series: Floats, rows: int, wide: Singles) -> None:
    n, d = len(wide), series.shape[1]
    for start in range(0, n, _CHUNK):
        windows = series[start : start + _CHUNK + rows - 1]
        total, lags = window_sums(windows, rows)
        squares, _ = window_sums(windows**2, rows)
        mean, place = total / rows, slice(start, start + len(total))
        wide[place, :d] = mean
        wide[place, d : 2 * d] = np.sqrt(np.maximum(squares / rows - mean**2, 0))
        # The newest row of a window lies (rows - 1) / 2 beyond its middle.
        wide[place, 2 * d :] = ((rows - 1) / 2 * total - lags) / (rows * (rows**2 - 1) / 12)


def window_sums(x: Floats, rows: int) -> tuple[Floats, Floats]:
    """Sum of every window, and sum of its values times how many rows ago they were.

    Windows of 2, 4, 8 ... rows are added up from two of half the length, and ``rows`` from those: a few additions per
    value, none of them carried from window to window. So results do not depend on where a frame starts, while a sum
    that is updated drifts.

    Args:
        x: At least ``rows`` rows, any number of columns.
        rows: Length of the window.

    Returns:
        One row per whole window, the first ending at row ``rows - 1``.
    """
    n = len(x) - rows + 1
    total, lags = np.zeros((n, x.shape[1])), np.zeros((n, x.shape[1]))
    part, part_lags, length, taken = x, np.zeros_like(x), 1, 0
    while True:
        if rows & length:  # the newest rows of the window that are not taken yet
            newest = slice(rows - taken - length, rows - taken - length + n)
            total += part[newest]
            lags += part_lags[newest] + taken * part[newest]
            taken += length
        if taken == rows:
            return total, lags
        older, newer = part[:-length], part[length:]
        part_lags = part_lags[length:] + part_lags[:-length] + length * older
        part, length = newer + older, 2 * length
