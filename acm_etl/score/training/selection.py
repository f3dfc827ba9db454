"""Selection of training rows: rows after the start-up transient, minus gross outliers."""

from __future__ import annotations

from itertools import pairwise
from typing import NamedTuple

import numpy as np

from acm_etl.score.array_ops import MAD_TO_STD, run_length
from acm_etl.score.arrays import Bools, Floats, Ints
from acm_etl.score.detectors.covariance import compute_moments, compute_precision
from acm_etl.score.prepare.fill import impute_missing
from acm_etl.score.prepare.scale import RobustScaler

_CORE_SHARE = 0.9  # of the rows, those nearest to the medians: the first round is fitted on them
_TRIM_ROUNDS = 3
_OUTLIER_SPREADS = 5.0  # robust standard deviations of the log distance
_MIN_OUTLIER_RATIO = 30.0  # of an outlier's squared distance to the median one: more than five times as far as usual
_MIN_ROWS_APART = 50  # rows between two occurrences of recurring outliers
_MIN_RECURRENCES = 12  # occurrences in the training period
_CALM_QUANTILE = 0.95  # of the distances of settled rows: rows below it are calm
_CALM_ROWS = 3  # consecutive calm rows end a start-up; one or two occur by chance on the way
_MIN_SETTLED_ROWS = 100  # rows long after a start that are needed to know their distances
_MIN_STARTS = 2
_SETTLING_MARGIN = 1.5


class FittedDeviations(NamedTuple):
    """Deviations of all rows, and the parameters that were fitted on some of them.

    Attributes:
        scaler: Centre and scale of each tag.
        mean: Mean deviation per tag, d.
        precision: Inverse covariance of the deviations, d by d.
        Z: Complete deviations of all rows, n by d.
    """

    scaler: RobustScaler
    mean: Floats
    precision: Floats
    Z: Floats


def fit_deviations(X: Floats, rows: Bools, clip: float) -> FittedDeviations:
    """Fit scale, mean and precision on some rows, and complete the deviations of all rows.

    Args:
        X: Readings, n rows by d tags, NaN where missing.
        rows: Rows to fit on.
        clip: Largest magnitude of a deviation.
    """
    scaler = RobustScaler.fit(X[rows])
    Z = scaler.transform(X, clip)
    # Zero is the median: a good enough stand-in here, where the covariance for a better one is being fitted.
    moments = compute_moments(np.nan_to_num(Z[rows]))
    precision = compute_precision(moments)
    return FittedDeviations(scaler, moments.mean, precision, impute_missing(Z, moments.mean, precision))


def assign_folds(train_rows: Bools, fold_count: int) -> Ints:
    """Return the number of the fold of each row, from 0.

    Folds are blocks of consecutive rows: plant data is autocorrelated, so the neighbours of a row would give it away.

    Args:
        train_rows: Rows to fit on, n.
        fold_count: Number of folds.
    """
    # Equal numbers of training rows per fold; a row in between belongs to the fold of the training row before it.
    folds: Ints = (np.cumsum(train_rows) - 1).clip(0) * fold_count // max(int(train_rows.sum()), 1)
    return folds


def trim_outliers(Z: Floats, candidates: Bools, max_share: float) -> tuple[Bools, Floats]:
    """Select training rows: drop gross outliers by iterative trimming.

    The rounds are the concentration steps (C-steps) of Rousseeuw and Van Driessen (1999), starting from the rows
    nearest to the medians. Rows during a shutdown and bad data are an order of magnitude off; a few of them in training
    widen every covariance and every tail until no fault is visible. Rows that are merely unusual are kept: they are
    normal operation of this machine.

    Args:
        Z: Complete deviations, n rows by d tags.
        candidates: Rows to select from.
        max_share: Largest share (0..1) of the candidates to drop, the farthest first.

    Returns:
        The selected rows (n), and the logarithm of the squared Mahalanobis distance of all rows (n).
    """
    squared_distance = (Z**2).sum(axis=1)
    selected = candidates & (squared_distance <= np.quantile(squared_distance[candidates], _CORE_SHARE))
    for _ in range(_TRIM_ROUNDS):
        moments = compute_moments(Z[selected])
        x = Z - moments.mean
        # Logarithms, as squared distances are skewed: their spread says nothing about the upper tail.
        log_distance = np.log(np.maximum(((x @ compute_precision(moments)) * x).sum(axis=1), 1e-12))
        limit = find_outlier_limit(log_distance[candidates])
        selected = candidates & (log_distance <= limit)
    share_limit = np.quantile(log_distance[candidates], 1 - max_share)
    return candidates & (log_distance <= max(limit, share_limit)), log_distance


def find_outlier_limit(log_distance: Floats) -> float:
    """Return the logarithm of the squared distance from which on a row is a gross outlier.

    Args:
        log_distance: Logarithm of the squared distance of each row, n.
    """
    median = np.median(log_distance)
    spread = MAD_TO_STD * np.median(np.abs(log_distance - median))
    return float(median + max(_OUTLIER_SPREADS * spread, np.log(_MIN_OUTLIER_RATIO)))


def is_recurrent(outliers: Bools) -> bool:
    """Return whether gross outliers occur in every quarter of the training period, and twelve times or more in all.

    Recurring outliers are normal operation: they are excluded from detector fitting and kept for calibration. A
    number in each quarter would depend on chance: with six outliers expected, one quarter in 16 has less than three.
    """
    # Outliers less than 50 rows apart are one occurrence.
    rows_since_outlier = np.concatenate([[_MIN_ROWS_APART], run_length(~outliers, _MIN_ROWS_APART)[:-1]])
    first_rows = np.flatnonzero(outliers & (rows_since_outlier >= _MIN_ROWS_APART))
    per_quarter = np.bincount(first_rows * 4 // len(outliers), minlength=4)
    return bool(per_quarter.min() > 0 and per_quarter.sum() >= _MIN_RECURRENCES)


def fit_settling_time(log_distance: Floats, rows_since_start: Ints, max_rows: int) -> int:
    """Fit the number of rows that the machine takes to settle after a start, from the starts in training.

    Args:
        log_distance: Logarithm of the squared distance of each running row, n.
        rows_since_start: Number of running rows since the last start, the row itself included, n; more than
            ``max_rows`` before the first start.
        max_rows: Upper limit, and the result if there are too few starts to fit on.
    """
    settled = log_distance[rows_since_start > max_rows]
    reference = settled if len(settled) >= _MIN_SETTLED_ROWS else log_distance
    is_calm = log_distance <= np.quantile(reference, _CALM_QUANTILE)
    has_settled = run_length(is_calm, 0) >= _CALM_ROWS
    start_rows = np.flatnonzero(rows_since_start == 1)
    durations = []
    for start, end in pairwise([*start_rows.tolist(), len(rows_since_start)]):
        settled_rows = np.flatnonzero(has_settled[start : min(end, start + max_rows)])
        if len(settled_rows):
            # The streak began _CALM_ROWS - 1 rows before the row that completes it.
            durations.append(max(int(settled_rows[0]) + 1 - _CALM_ROWS, 0))
        elif end - start >= max_rows:
            durations.append(max_rows)
        # A run that ends before it settles says nothing about how long settling takes.
    if len(durations) < _MIN_STARTS:
        return max_rows
    return min(_add_margin(durations) + 1, max_rows)


def fit_run_down(log_distance: Floats, rows_since_stop: Ints) -> int:
    """Fit the number of rows that the machine takes to run down after a stop, at least one.

    Readings of a run-down are gross outliers among those of a standstill; a machine that cools is none.

    Args:
        log_distance: Logarithm of the squared distance of each row of standstill, n.
        rows_since_stop: Number of rows since the stop, the row itself included, n.
    """
    is_gross = log_distance > find_outlier_limit(log_distance)
    # A row is of the run-down if all rows since the stop are gross.
    runs_down = run_length(is_gross, 0) >= rows_since_stop
    stops = np.cumsum(rows_since_stop == 1) - 1
    # The first reading may be a mean over the run-down, even if that is too short to be seen.
    return max(_add_margin(np.bincount(stops, weights=runs_down).astype(np.float64)), 1)


def _add_margin(durations: list[int] | Floats) -> int:
    """Return a duration that few of the next ones will exceed."""
    return int(np.ceil(_SETTLING_MARGIN * np.quantile(durations, 0.75)))
