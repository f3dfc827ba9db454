"""Numba kernels: tree traversal, recursions along rows, and sums that stay in the processor's cache.

Each kernel has a numpy twin that calls it for large inputs (see ``kernels.get_kernels``); results are bit-identical.
So each sum is added in the order of its twin, and ``fastmath`` stays off. Arguments beyond four are passed as tuples.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numba
import numpy as np

FEATURE_BITS = 20
"""Bits of the number of a feature in the test of a tree node; the bits above hold the threshold."""
_FEATURE_MASK = (1 << FEATURE_BITS) - 1
# Counts of a day in ``aggregate_cells``, in the order of ``sensor_daily``.
_NULLS, _GAP, _FLAT, _WARN, _ALERT, _BASE, _PEAK_ROW, _LATEST_ROW = range(8)


def _compile_kernel(function: Callable[..., None]) -> Callable[..., None]:
    """Compile once per installation if numba can write its cache, else once per process."""
    # nogil: other machines score in other threads. error_model: 0 / 0 is NaN as in numpy, not an exception.
    options: dict[str, Any] = {"nogil": True, "boundscheck": False, "error_model": "numpy"}
    try:
        kernel: Callable[..., None] = numba.njit(cache=True, **options)(function)
    except RuntimeError:  # no writable place for the cache
        kernel = numba.njit(**options)(function)
    return kernel


@_compile_kernel
def add_path_lengths(F: Any, trees: Any, depth: int, total: Any) -> None:  # noqa: ANN401 - numba types them
    """Add the path length of each row in each tree to ``total`` (``IsolationForestDetector``).

    Args:
        F: Order keys of the features, n rows by any number of columns.
        trees: Nodes of all trees: roots; test and left child of each node (the right child follows the left one, a
            leaf is its own), m by 2; path length. A test is the order key of the threshold and, in the last
            ``FEATURE_BITS`` bits, the number of the feature.
        depth: Number of steps from a root to the deepest leaf.
        total: One sum per row, changed in place.
    """
    roots, nodes, path = trees
    n = F.shape[0]
    # Eight rows descend side by side: each step waits for memory, and the eight waits overlap.
    full_rows = n - n % 8
    reached = np.empty(8, np.int64)
    for root in roots:
        for i in range(0, full_rows, 8):
            for k in range(8):
                reached[k] = root
            # A leaf is its own child, so all rows take the same number of steps: no branch ends one of them earlier.
            for _ in range(depth):
                for k in range(8):
                    test, child = nodes[reached[k], 0], nodes[reached[k], 1]
                    reached[k] = child + (F[i + k, test & _FEATURE_MASK] > (test >> FEATURE_BITS))
            for k in range(8):
                total[i + k] += path[reached[k]]
        for i in range(full_rows, n):
            node = root
            for _ in range(depth):
                test, child = nodes[node, 0], nodes[node, 1]
                node = child + (F[i, test & _FEATURE_MASK] > (test >> FEATURE_BITS))
            total[i] += path[node]


@_compile_kernel
def compute_masked_ewma(X: Any, params: Any, mean: Any, out: Any) -> None:  # noqa: ANN401 - numba types them
    """Compute the EWMA along the settled rows, column by column (``ewma.compute_masked_ewma``).

    Args:
        X: n rows, any number of columns.
        params: The memory (weight of the newest row, settled rows, rows before which the memory restarts, mean to
            restart from), and the magnitude that values are clipped to.
        mean: Mean just before the first row; changed in place to that after the last row.
        out: Result, of the shape of X.
    """
    (weight, settled, restarts, reset_mean), max_abs = params
    decay = 1 - weight
    n, d = X.shape
    for i in range(n):
        if restarts[i]:
            for j in range(d):
                mean[j] = reset_mean[j]
        for j in range(d):
            out[i, j] = weight * min(max(X[i, j], -max_abs), max_abs) + decay * mean[j]
        # A row that has not settled, as in a start, leaves the mean alone: its transient would be remembered for hours.
        if settled[i]:
            for j in range(d):
                mean[j] = out[i, j]


@_compile_kernel
def compute_innovation_rms(x: Any, params: Any, power: Any, out: Any) -> None:  # noqa: ANN401 - numba types them
    """Compute the root of the EWMA of the squared innovations (``ewma.compute_innovation_rms``).

    Args:
        x: n rows, any number of columns.
        params: The row before the first, phi and sd of each column and the magnitude that innovations are clipped to;
            the rows after gaps in ascending order, and their phi and sd; and the memory as for ``compute_masked_ewma``.
        power: Mean square just before the first row; changed in place to that after the last row.
        out: Result, of the shape of x.
    """
    (last_row, phi, sd, max_abs), (gap_rows, gap_phi, gap_sd), (weight, settled, restarts, reset_power) = params
    decay = 1 - weight
    n, d = x.shape
    gap = 0
    for i in range(n):
        if restarts[i]:
            for j in range(d):
                power[j] = reset_power[j]
        row_before = x[i - 1] if i else last_row
        row_phi, row_sd = phi, sd
        # Behind a gap, the reading before is several steps old, and predicts less.
        if gap < len(gap_rows) and gap_rows[gap] == i:
            row_phi, row_sd = gap_phi[gap], gap_sd[gap]
            gap += 1
        for j in range(d):
            innovation = (x[i, j] - row_phi[j] * row_before[j]) / row_sd[j]
            innovation = min(max(innovation, -max_abs), max_abs)
            out[i, j] = weight * (innovation * innovation) + decay * power[j]
        for j in range(d):
            # Remembered before the root is taken: the memory holds squares.
            if settled[i]:
                power[j] = out[i, j]
            out[i, j] = np.sqrt(out[i, j])


@_compile_kernel
def compute_contributions(innovations: Any, tag_terms: Any, params: Any, out: Any) -> None:  # noqa: ANN401 - as above
    """Compute the contribution of each tag to its row (``inference.compute_contributions``).

    Args:
        innovations: n rows by d tags.
        tag_terms: n by d; negative terms count as 0.
        params: Square up to which an innovation is usual, and the part (0..1) of the innovations in the result.
        out: Result, n by d.
    """
    usual_square, ar1_part = params
    n, d = innovations.shape
    for i in range(n):
        excess_sum = term_sum = 0.0
        for j in range(d):
            excess_sum += max(innovations[i, j] * innovations[i, j] - usual_square, 0.0)
            term_sum += max(tag_terms[i, j], 0.0)
        # A second pass over the row computes the terms again: that costs less than storing them.
        for j in range(d):
            excess = max(innovations[i, j] * innovations[i, j] - usual_square, 0.0)
            # Equal shares where no tag stands out: the contributions of a row always add up to 1.
            excess_share = excess / excess_sum if excess_sum > 0 else 1 / d
            term_share = max(tag_terms[i, j], 0.0) / term_sum if term_sum > 0 else 1 / d
            out[i, j] = ar1_part * excess_share + (1 - ar1_part) * term_share


@_compile_kernel
def compute_widening(slow_residuals: Any, params: Any, projections: Any) -> None:  # noqa: ANN401 - numba types them
    """Compute by how much the limit of each tag is wider (``OperatingRange.measure_widening``).

    Args:
        slow_residuals: n rows by d tags.
        params: Squared norms of the slow scores, n, and of the directions of the tags, d; largest distance in training.
        projections: Slow scores along the directions of the tags, n by d; changed in place to the result.
    """
    score_norms, tag_norms, reach = params
    n, d = slow_residuals.shape
    for i in range(n):
        for j in range(d):
            residual = slow_residuals[i, j]
            # The distance of the row without the part of this tag, so that a faulty tag does not widen its own limit.
            squared_distance = score_norms[i] - 2 * residual * projections[i, j] + residual * residual * tag_norms[j]
            projections[i, j] = max(np.sqrt(max(squared_distance, 0.0)) / reach, 1.0)


@_compile_kernel
def compute_window_features(series: Any, window_rows: int, chunk_rows: int, out: Any) -> None:  # noqa: ANN401 - numba types them
    """Compute mean, standard deviation and slope of every window (``features.compute_rolling_features``).

    Args:
        series: n + window_rows - 1 rows, any number of columns d.
        window_rows: Length of the window, rows.
        chunk_rows: Windows at a time: the partial sums of a block stay in the cache.
        out: Result, n by 3 d, single precision.
    """
    d = series.shape[1]
    n = out.shape[0]
    # One long row of all columns: the compiler vectorises the additions.
    values = series.reshape(-1)
    scratch = np.empty((9, (chunk_rows + window_rows - 1) * d))
    centre_lag, lag_variance = (window_rows - 1) / 2, window_rows * (window_rows**2 - 1) / 12
    sums, lagged_sums, square_sums = scratch[6], scratch[7], scratch[8]
    for start in range(0, n, chunk_rows):
        count = min(chunk_rows, n - start)
        _sum_windows(values[start * d : (start + count + window_rows - 1) * d], window_rows, d, scratch)
        for i in range(count):
            row, offset = out[start + i], i * d
            for j in range(d):
                mean = sums[offset + j] / window_rows
                row[j] = mean
                # Rounding can make the difference of two large squares negative.
                row[d + j] = np.sqrt(max(square_sums[offset + j] / window_rows - mean * mean, 0.0))
                row[2 * d + j] = (centre_lag * sums[offset + j] - lagged_sums[offset + j]) / lag_variance


@_compile_kernel
def _sum_windows(values: Any, window_rows: int, d: int, scratch: Any) -> None:  # noqa: ANN401 - numba types them
    """Write sums, lagged sums and sums of squares to the last three rows of ``scratch`` (``features.window_sums``)."""
    part, lagged, square, next_part, next_lagged, next_square, sums, lagged_sums, square_sums = scratch
    part_cells, count = len(values), len(values) - (window_rows - 1) * d
    for e in range(part_cells):
        part[e], lagged[e], square[e] = values[e], 0.0, values[e] * values[e]
    sums[:count], lagged_sums[:count], square_sums[:count] = 0.0, 0.0, 0.0
    length, rows_done = 1, 0
    while True:
        # The binary digits of window_rows say which lengths make up the window, newest rows first.
        if window_rows & length:
            offset = (window_rows - rows_done - length) * d
            for e in range(count):
                sums[e] += part[offset + e]
                lagged_sums[e] += lagged[offset + e] + rows_done * part[offset + e]
                square_sums[e] += square[offset + e]
            rows_done += length
        if rows_done == window_rows:
            return
        shift = length * d
        part_cells -= shift
        for e in range(part_cells):
            next_lagged[e] = lagged[e + shift] + lagged[e] + length * part[e]
            next_part[e] = part[e + shift] + part[e]
            next_square[e] = square[e + shift] + square[e]
        # Swap instead of adding in place: the next length needs both halves of the present one.
        part, next_part = next_part, part
        lagged, next_lagged = next_lagged, lagged
        square, next_square = next_square, square
        length *= 2


@_compile_kernel
def interpolate_knots(x: Any, knots: Any, lines: Any, out: Any) -> None:  # noqa: ANN401 - numba types them
    """Interpolate as ``np.interp``, whose search branches in a way that no processor can predict (``Calibrator``).

    Args:
        x: Positions to interpolate at, n.
        knots: Positions of the knots, increasing, at least two, padded with infinities to a power of two.
        lines: Values at the knots, and slopes after each knot but the last.
        out: Result, n.
    """
    values, slopes = lines
    last = len(slopes)
    # Eight binary searches side by side: the steps of one depend on each other, those of the eight do not.
    positions = np.empty(8, np.int64)
    for i in range(0, len(x), 8):
        count = min(8, len(x) - i)
        positions[:] = 0
        step = len(knots) // 2
        while step:
            for k in range(count):
                # A product instead of a branch, which the processor would guess wrong half of the time.
                positions[k] += step * (knots[positions[k] + step] <= x[i + k])
            step //= 2
        for k in range(count):
            knot, target = min(positions[k], last - 1), x[i + k]
            value = slopes[knot] * (target - knots[knot]) + values[knot]
            value = values[0] if target < knots[0] else value
            out[i + k] = values[last] if target >= knots[last] else value


@_compile_kernel
def aggregate_cells(rows: Any, first_rows: Any, runs: Any, totals: Any) -> None:  # noqa: ANN401 - numba types them
    """Aggregate each column over each day in one pass (``sensor_daily.aggregate_sensor_days``).

    Args:
        rows: Readings and deviations, n by d; mask of healthy rows; magnitudes that warn and alert.
        first_rows: First row of each day.
        runs: Per column, up to the row before the first: last reading, number of consecutive missing readings and of
            consecutive equal readings; changed in place to those after the last row.
        totals: Results, zero at the start: counts per day and column (nulls, longest gap, longest flat, warn, alert,
            healthy readings, row of the largest deviation or n, last row with a deviation or -1), and the sums of the
            healthy readings.
    """
    X, Z, healthy, warn, alert = rows
    counts, healthy_sums = totals
    last, gap, flat = runs
    n, d = X.shape
    peak = np.empty(d)
    for k in range(len(first_rows)):
        end = first_rows[k + 1] if k + 1 < len(first_rows) else n
        peak[:] = -1.0  # below any magnitude, so the first deviation of the day is a peak
        counts[_PEAK_ROW, k], counts[_LATEST_ROW, k] = n, -1
        for i in range(first_rows[k], end):
            for j in range(d):
                x, z = X[i, j], abs(Z[i, j])
                if np.isnan(x):
                    gap[j] += 1
                    flat[j] = 0
                    counts[_NULLS, k, j] += 1
                else:
                    gap[j] = 0
                    flat[j] = flat[j] + 1 if x == last[j] else 1
                    if healthy[i]:
                        counts[_BASE, k, j] += 1
                        healthy_sums[k, j] += x
                last[j] = x
                counts[_GAP, k, j] = max(counts[_GAP, k, j], gap[j])
                counts[_FLAT, k, j] = max(counts[_FLAT, k, j], flat[j])
                # Comparisons with NaN are false: a missing deviation neither warns nor is a peak.
                counts[_WARN, k, j] += z >= warn
                counts[_ALERT, k, j] += z >= alert
                if z > peak[j]:
                    peak[j] = z
                    counts[_PEAK_ROW, k, j] = i
                if not np.isnan(z):
                    counts[_LATEST_ROW, k, j] = i
