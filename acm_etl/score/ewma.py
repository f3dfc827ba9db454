"""Exponentially weighted moving averages (EWMA) that skip start-up rows and restart after long standstills.

Each function has a numpy path for small inputs and a compiled one for large inputs; both give the same bits, and so do
pieces of a series with the state carried.
"""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np

from acm_etl.score import kernels
from acm_etl.score.arrays import Bools, Floats, Ints, StreamState

# For type checkers only: the package of the detectors imports this module.
if TYPE_CHECKING:
    from acm_etl.score.detectors.base import DetectorInputs

_MAX_INNOVATION = 15.0  # residual spreads; an unclipped outlier would dominate the mean for a day


def span_to_weight(span: int) -> float:
    """Return the weight of the newest row of an EWMA over ``span`` rows."""
    return 2 / (span + 1)


def compute_masked_ewma(
    X: Floats, rows: DetectorInputs, weight: float, mean_before: Floats, *, reset_mean: Floats, max_abs: float = np.inf
) -> tuple[Floats, Floats]:
    """Compute the EWMA along the settled rows: ``s = weight x + (1 - weight) s_before``.

    A row that is not settled gets its own value, computed from the last settled mean, but does not change that mean.
    Start-up readings are so far from normal that their memory would cover hours of good rows.

    Args:
        X: n rows, any number of columns.
        rows: ``settled`` and ``after_long_stop`` of the rows are read.
        weight: Weight of the newest row, 0..1.
        mean_before: Mean just before the first row, one per column.
        reset_mean: Mean to restart from at the first row after a long standstill: the machine may have changed.
        max_abs: Values of X are clipped to this magnitude.

    Returns:
        The mean at each row (shape of X), and the mean after the last settled row.
    """
    if (compiled := kernels.get_kernels()) is not None:
        # The kernel changes the mean in place: copy it, as the state of the previous call may be stored.
        means, mean_after = np.empty(X.shape), mean_before.astype(np.float64)
        compiled.compute_masked_ewma(
            np.ascontiguousarray(X), (_memory_args(rows, weight, reset_mean), max_abs), mean_after, means
        )
        return means, mean_after
    # Between two restarts the recursion is the same for all settled rows.
    X, means = np.clip(X, -max_abs, max_abs), np.empty_like(X)
    restarts = rows.after_long_stop
    for begin, end in pairwise([0, *np.flatnonzero(restarts).tolist(), len(X)]):
        # A restart at row 0 gives an empty first piece, and a second one that begins at 0 as well.
        if begin or restarts[:1].any():
            mean_before = reset_mean
        means[begin:end], mean_before = _compute_settled_ewma(
            X[begin:end], rows.settled[begin:end], weight, mean_before
        )
    return means, mean_before


def compute_innovation_rms(
    x: Floats, rows: DetectorInputs, ar1_params: tuple[Floats, Floats], *, span: int, state: StreamState
) -> tuple[Floats, StreamState]:
    """Compute the root of the EWMA of the squared AR(1) innovations ``(x_t - phi x_(t-1)) / sd`` of each column.

    After a gap of k steps the prediction from the row before is ``phi^k x`` and its spread that of k steps: a machine
    goes on while its historian stores nothing.

    Args:
        x: Deviations around zero, n rows by d columns, in sequence, at least one row.
        rows: ``settled``, ``after_long_stop`` and ``steps`` of the rows are read.
        ar1_params: Lag-one coefficient and spread of the one-step residuals, d each.
        span: Span of the EWMA, rows.
        state: State of the previous call, or empty.

    Returns:
        Root mean squares (n by d), and the state for the next call.
    """
    # Without a predecessor the first row predicts itself, up to (1 - phi) of its value.
    last_row = state.get("last", x[0])
    # Innovations have unit variance in training: start the mean of their squares there.
    unit_power = np.ones(x.shape[1])
    power_before, weight = state.get("power", unit_power), span_to_weight(span)
    gaps = _predict_over_gaps(rows.steps, ar1_params)
    if (compiled := kernels.get_kernels()) is not None:
        rms, power_after = np.empty(x.shape), power_before.astype(np.float64)
        compiled.compute_innovation_rms(
            np.ascontiguousarray(x),
            ((last_row, *ar1_params, _MAX_INNOVATION), gaps, _memory_args(rows, weight, unit_power)),
            power_after,
            rms,
        )
    else:
        squares = _innovation_squares(x, last_row, ar1_params, gaps)
        power, power_after = compute_masked_ewma(squares, rows, weight, power_before, reset_mean=unit_power)
        rms = np.sqrt(power)
    return rms, {"last": x[-1], "power": power_after}


def _memory_args(rows: DetectorInputs, weight: float, reset_mean: Floats) -> tuple[float, Bools, Bools, Floats]:
    """Return the arguments of the compiled kernels that describe the memory."""
    return weight, rows.settled, rows.after_long_stop, reset_mean


def _predict_over_gaps(steps: Ints, ar1_params: tuple[Floats, Floats]) -> tuple[Ints, Floats, Floats]:
    """Return the rows after gaps, g, and coefficient and spread of their predictions, g by d."""
    phi, sd = ar1_params
    gap_rows = np.flatnonzero(steps > 1)
    gap_phi = phi ** steps[gap_rows, None]
    return gap_rows, gap_phi, sd * np.sqrt((1 - gap_phi**2) / (1 - phi**2))


def _innovation_squares(
    x: Floats, last_row: Floats, ar1_params: tuple[Floats, Floats], gaps: tuple[Ints, Floats, Floats]
) -> Floats:
    phi, sd = ar1_params
    rows_before = np.concatenate([last_row[None], x[:-1]])
    innovations = (x - phi * rows_before) / sd
    gap_rows, gap_phi, gap_sd = gaps
    innovations[gap_rows] = (x[gap_rows] - gap_phi * rows_before[gap_rows]) / gap_sd
    squares: Floats = np.clip(innovations, -_MAX_INNOVATION, _MAX_INNOVATION) ** 2
    return squares


def _compute_settled_ewma(X: Floats, settled: Bools, weight: float, mean_before: Floats) -> tuple[Floats, Floats]:
    """Compute the EWMA of rows without a restart."""
    if settled.all():
        return _compute_ewma(X, weight, mean_before)
    # The recursion runs over settled rows only; each other row then takes one step from the last settled mean.
    settled_means, mean_after = _compute_ewma(X[settled], weight, mean_before)
    latest_mean = np.concatenate([mean_before[None], settled_means])[np.cumsum(settled)]
    return np.where(settled[:, None], latest_mean, weight * X + (1 - weight) * latest_mean), mean_after


def _compute_ewma(X: Floats, weight: float, mean_before: Floats) -> tuple[Floats, Floats]:
    if not len(X):
        return X, mean_before
    decay = 1 - weight
    means = np.empty(X.shape)
    # Column by column on plain floats: an array operation per row would take twice as long.
    for column, (terms, mean) in enumerate(zip((weight * X).T.tolist(), mean_before.tolist(), strict=True)):
        means[:, column] = [mean := term + decay * mean for term in terms]
    return means, means[-1]
