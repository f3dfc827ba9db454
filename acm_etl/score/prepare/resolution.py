"""Resolution of readings: the decimals in which a tag is written, in training and in scoring."""

from __future__ import annotations

import numpy as np

from acm_etl.score.arrays import Array, Bools, Floats, Ints

_DECIMALS = tuple(range(-4, 7))
_SAMPLE_ROWS = 2000  # at least, in which decimals are counted
_MAX_COARSE_SHARE = 0.05  # of the training readings end in so many zeros by chance
_SINGLE_PRECISION = 1e-7  # relative
_MIN_STEPS = 4  # of consecutive readings with rare decimals; by chance at most 1 run in 1e5 readings (0.05 ** 4)
_UNIFORM_SD = 12**-0.5  # standard deviation of the rounding error, steps


def fit_rare_decimals(X: Floats) -> Ints:
    """Return the largest number of decimals with which hardly any reading can be written, n rows by d tags to d."""
    # Evenly spaced readings show it as well.
    sample = X[:: max(1, len(X) // _SAMPLE_ROWS)]
    decimals = np.full(X.shape[1], _DECIMALS[0])
    for count in _DECIMALS:
        is_rare = np.nanmean(has_decimals(sample, np.full(X.shape[1], count)), axis=0) <= _MAX_COARSE_SHARE
        decimals[is_rare] = count
    return decimals


def has_decimals(X: Floats, decimals: Ints) -> Bools:
    """Return which readings can be written with so many decimals of their tag, n rows by d tags."""
    units = 10.0**-decimals
    # Historians store single precision, whose digits end there.
    exact: Bools = np.abs(X - np.round(X / units) * units) <= _SINGLE_PRECISION * np.abs(X)
    return exact


def find_useless_decimals(rare_decimals: Ints, spread: Floats) -> Ints:
    """Return the largest number of decimals with which readings of a tag say nothing, d.

    A reading says nothing if its rounding error is larger than the error of its expectation given the other tags, and
    if training has hardly any reading with so few decimals.

    Args:
        rare_decimals: Result of ``fit_rare_decimals``, d.
        spread: Standard deviation of a reading given the other tags, unit of the tag, d.
    """
    too_few = np.ceil(np.log10(_UNIFORM_SD / np.maximum(spread, 1e-300))) - 1
    decimals: Ints = np.minimum(rare_decimals, np.clip(too_few, _DECIMALS[0], _DECIMALS[-1]).astype(np.int64))
    return decimals


def find_coarse_cells(X: Floats, decimals: Ints, last: Floats, steps_before: Array) -> tuple[Bools, Array]:
    """Return which cells are written too coarsely (n by d), and the steps up to the last row (d).

    A tag is coarse from the fourth step between consecutive readings with too few decimals. A repeated reading is no
    step: a closed valve reads exactly 0 for as long as it is closed. A missing reading changes nothing.

    Args:
        X: Readings, n rows by d tags, NaN where missing; at least one row.
        decimals: Result of ``find_useless_decimals``, d.
        last: The row before the first, d.
        steps_before: Steps up to that row, d.
    """
    is_coarse, steps_after = np.zeros(X.shape, dtype=bool), np.zeros_like(steps_before)
    # Zero has any number of decimals, so a limit below those of all readings leaves only zeros.
    columns = np.flatnonzero(decimals > _DECIMALS[0])
    # Four steps take five rows, and a run that goes on touches an end: a quarter of the rows shows which tags have one.
    seen = np.concatenate([X[::_MIN_STEPS, columns], X[-1:, columns]])
    may_be = (has_decimals(seen, decimals[columns]) | np.isnan(seen)).any(axis=0) | (steps_before[columns] > 0)
    columns = columns[may_be]
    if len(columns):
        rows = np.concatenate([last[None, columns], X[:, columns]])
        is_coarse[:, columns], steps_after[columns] = _count_steps(rows, decimals[columns], steps_before[columns])
    return is_coarse, steps_after


def _count_steps(X: Floats, decimals: Ints, steps_before: Array) -> tuple[Bools, Array]:
    """Return the coarse cells of all rows but the first, and the steps up to the last row."""
    missing = np.isnan(X)
    ends_run = ~(has_decimals(X, decimals) | missing)[1:]
    is_step = ~ends_run & ~missing[1:] & ~missing[:-1] & (X[1:] != X[:-1])
    total = steps_before + np.cumsum(is_step, axis=0)
    # The total is not decreasing, so its maximum over the ends of runs is the total at the last end.
    steps = total - np.maximum.accumulate(np.where(ends_run, total, 0), axis=0)
    return (steps >= _MIN_STEPS) & ~missing[1:], np.minimum(steps[-1], _MIN_STEPS)
