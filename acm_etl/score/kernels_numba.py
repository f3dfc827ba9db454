"""The loops that arrays cannot express well, compiled: a walk down trees, recursions along rows, and sums in the cache.

Importing this costs half a second, so only calls with much to do use it (``loops.compiled``). Each loop is called by
the plain form that it stands for, and its results are those of it, bit by bit.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numba
import numpy as np


def _compile_kernel(function: Callable[..., None]) -> Callable[..., None]:
    """Compiled once per installation where its cache can be written, else once per process."""
    options: dict[str, Any] = {"nogil": True, "boundscheck": False, "error_model": "numpy"}
    try:
        made: Callable[..., None] = numba.njit(cache=True, **options)(function)
    except RuntimeError:  # numba found no place for its cache
        made = numba.njit(**options)(function)
    return made


@_compile_kernel
def add_path_lengths(F: Any, trees: Any, depth: int, total: Any) -> None:  # noqa: ANN401 - numba types them
    """Add the path length of each row in each tree to ``total``.

    Eight rows go down side by side: each step waits for memory, and eight wait together.

    Args:
        F: Features, n rows by any number, single precision.
        trees: Of all nodes: roots, feature, threshold, left child (the right one follows; a leaf's is itself), path.
        depth: Steps down.
        total: One sum per row, changed in place.
    """
    roots, feature, threshold, child, path = trees
    n = F.shape[0]
    whole = n - n % 8
    at = np.empty(8, np.int64)
    for root in roots:
        for i in range(0, whole, 8):
            for k in range(8):
                at[k] = root
            for _ in range(depth):
                for k in range(8):
                    node = at[k]
                    at[k] = child[node] + (F[i + k, feature[node]] > threshold[node])
            for k in range(8):
                total[i + k] += path[at[k]]
        for i in range(whole, n):
            node = root
            for _ in range(depth):
                node = child[node] + (F[i, feature[node]] > threshold[node])
            total[i] += path[node]


@_compile_kernel
def compute_masked_ewma(X: Any, params: Any, state: Any, out: Any) -> None:  # noqa: ANN401 - numba types them
    """Exponential mean along rows, column by column, that only settled rows move on (``head.held_ewma``).

    Args:
        X: n rows, any number of columns.
        params: The memory (weight of the newest row, which rows are settled, before which memory begins anew, and with
            what mean), and the largest magnitude of a value: larger ones are cut to it.
        state: The mean just before the first row; changed to that after the last.
        out: The result, as large as X.
    """
    (weight, settled, anew, start), most = params
    keep = 1 - weight
    n, d = X.shape
    for i in range(n):
        if anew[i]:
            for j in range(d):
                state[j] = start[j]
        for j in range(d):
            out[i, j] = weight * min(max(X[i, j], -most), most) + keep * state[j]
        if settled[i]:
            for j in range(d):
                state[j] = out[i, j]


@_compile_kernel
def compute_innovation_rms(x: Any, params: Any, state: Any, out: Any) -> None:  # noqa: ANN401 - numba types them
    """Root of the ``compute_masked_ewma`` of the squared one-step residuals (``ar1.smoothed_steps``).

    Args:
        x: n rows, any number of columns.
        params: The row before the first, phi and sd of each column, the largest magnitude of a residual; and the memory
            of ``compute_masked_ewma``.
        state: As for ``compute_masked_ewma``.
        out: The result, as large as x.
    """
    (last, phi, sd, most), memory = params
    weight, settled, anew, start = memory
    keep = 1 - weight
    n, d = x.shape
    for i in range(n):
        if anew[i]:
            for j in range(d):
                state[j] = start[j]
        before = x[i - 1] if i else last
        for j in range(d):
            step = (x[i, j] - phi[j] * before[j]) / sd[j]
            step = min(max(step, -most), most)
            out[i, j] = weight * (step * step) + keep * state[j]
        for j in range(d):
            if settled[i]:
                state[j] = out[i, j]
            out[i, j] = np.sqrt(out[i, j])


@_compile_kernel
def compute_contributions(innovations: Any, tag_terms: Any, out: Any) -> None:  # noqa: ANN401 - numba types them
    """Half the share of the square of each step in its row, and half that of each positive part (``assess.blame``).

    Args:
        innovations: n rows by d columns.
        tag_terms: As large.
        out: The result, as large.
    """
    n, d = innovations.shape
    for i in range(n):
        all_steps = all_parts = 0.0
        for j in range(d):
            all_steps += innovations[i, j] * innovations[i, j]
            all_parts += max(tag_terms[i, j], 0.0)
        for j in range(d):
            step = innovations[i, j] * innovations[i, j] / all_steps if all_steps > 0 else 1 / d
            part = max(tag_terms[i, j], 0.0) / all_parts if all_parts > 0 else 1 / d
            out[i, j] = (step + part) / 2


@_compile_kernel
def compute_window_features(series: Any, window_rows: int, chunk_rows: int, out: Any) -> None:  # noqa: ANN401 - numba types them
    """Mean, standard deviation and slope of every window, added up as ``features.window_sums`` does.

    A block of rows at a time, which stays in the cache, and as one long row, which the processor takes in fours.

    Args:
        series: n + rows - 1 rows, any number of columns d.
        window_rows: Length of the window.
        chunk_rows: Windows at a time.
        out: n by 3 d, single precision.
    """
    d = series.shape[1]
    n = out.shape[0]
    values = series.reshape(-1)
    scratch = np.empty((9, (chunk_rows + window_rows - 1) * d))
    half, spread = (window_rows - 1) / 2, window_rows * (window_rows**2 - 1) / 12
    sums, lags, squares = scratch[6], scratch[7], scratch[8]
    for start in range(0, n, chunk_rows):
        count = min(chunk_rows, n - start)
        _sum_windows(values[start * d : (start + count + window_rows - 1) * d], window_rows, d, scratch)
        for i in range(count):
            row, at = out[start + i], i * d
            for j in range(d):
                mean = sums[at + j] / window_rows
                row[j] = mean
                row[d + j] = np.sqrt(max(squares[at + j] / window_rows - mean * mean, 0.0))
                row[2 * d + j] = (half * sums[at + j] - lags[at + j]) / spread


@_compile_kernel
def _sum_windows(values: Any, window_rows: int, d: int, scratch: Any) -> None:  # noqa: ANN401 - numba types them
    """Sums, lagged sums and sums of squares into the last three rows of ``scratch``."""
    part, lagged, square, longer, longer_lagged, longer_square, sums, lags, squares = scratch
    held, count = len(values), len(values) - (window_rows - 1) * d
    for e in range(held):
        part[e], lagged[e], square[e] = values[e], 0.0, values[e] * values[e]
    sums[:count], lags[:count], squares[:count] = 0.0, 0.0, 0.0
    length, taken = 1, 0
    while True:
        if window_rows & length:  # the newest rows of the window that are not taken yet
            at = (window_rows - taken - length) * d
            for e in range(count):
                sums[e] += part[at + e]
                lags[e] += lagged[at + e] + taken * part[at + e]
                squares[e] += square[at + e]
            taken += length
        if taken == window_rows:
            return
        ahead = length * d
        held -= ahead
        for e in range(held):
            longer_lagged[e] = lagged[e + ahead] + lagged[e] + length * part[e]
            longer[e] = part[e + ahead] + part[e]
            longer_square[e] = square[e + ahead] + square[e]
        part, longer = longer, part
        lagged, longer_lagged = longer_lagged, lagged
        square, longer_square = longer_square, square
        length *= 2


@_compile_kernel
def interpolate_knots(x: Any, knots: Any, lines: Any, out: Any) -> None:  # noqa: ANN401 - numba types them
    """As ``np.interp``, whose search for the place is a branch that no processor can guess.

    Eight are looked for side by side: each step waits for the one before, and eight wait together.

    Args:
        x: Where.
        knots: Increasing, at least two, filled up with infinities to a power of two.
        lines: Values at the knots, and slopes behind all of them but the last.
        out: One per x.
    """
    values, slopes = lines
    last = len(slopes)
    place = np.empty(8, np.int64)
    for i in range(0, len(x), 8):
        count = min(8, len(x) - i)
        place[:] = 0
        step = len(knots) // 2
        while step:
            for k in range(count):
                place[k] += step * (knots[place[k] + step] <= x[i + k])
            step //= 2
        for k in range(count):
            at, it = min(place[k], last - 1), x[i + k]
            value = slopes[at] * (it - knots[at]) + values[at]
            value = values[0] if it < knots[0] else value
            out[i + k] = values[last] if it >= knots[last] else value


@_compile_kernel
def aggregate_cells(rows: Any, first_rows: Any, runs: Any, totals: Any) -> None:  # noqa: ANN401 - numba types them
    """What each column did on each day (``daily.by_day``), in one pass.

    Args:
        rows: Readings and deviations, n by d; which rows are healthy; the sizes that warn and alert.
        first_rows: The first row of each day.
        runs: Per column: the reading before the first row, the missing and the equal ones up to there; changed to
            those after the last row.
        totals: Per day and column, zero: nulls, longest gap, longest flat, warn, alert, base, row of the peak (n where
            there is none), last row with a deviation (-1 where there is none); and sums of the healthy readings.
    """
    X, Z, healthy, warn, alert = rows
    counts, base_sum = totals
    last, gap, flat = runs
    n, d = X.shape
    peak = np.empty(d)
    for k in range(len(first_rows)):
        end = first_rows[k + 1] if k + 1 < len(first_rows) else n
        peak[:] = -1.0
        counts[6, k], counts[7, k] = n, -1
        for i in range(first_rows[k], end):
            for j in range(d):
                x, z = X[i, j], abs(Z[i, j])
                if np.isnan(x):
                    gap[j] += 1
                    flat[j] = 0
                    counts[0, k, j] += 1
                else:
                    gap[j] = 0
                    flat[j] = flat[j] + 1 if x == last[j] else 1
                    if healthy[i]:
                        counts[5, k, j] += 1
                        base_sum[k, j] += x
                last[j] = x
                counts[1, k, j] = max(counts[1, k, j], gap[j])
                counts[2, k, j] = max(counts[2, k, j], flat[j])
                counts[3, k, j] += z >= warn
                counts[4, k, j] += z >= alert
                if z > peak[j]:
                    peak[j] = z
                    counts[6, k, j] = i
                if not np.isnan(z):
                    counts[7, k, j] = i
