"""What counts as healthy in training: rows that have settled after a start, less the few that are grossly off."""

from __future__ import annotations

from itertools import pairwise

import numpy as np

from acm_etl.score.arrays import Bools, Floats, Ints
from acm_etl.score.prepare.operating_state import run_length
from acm_etl.score.prepare.scale import RobustScaler, impute_missing

_CORE_SHARE = 0.9  # share of the rows, those nearest to the medians, that the first round is fitted on
_TRIM_ROUNDS = 3
_OUTLIER_SPREADS = 5.0  # robust standard deviations of the log distance
_MIN_OUTLIER_RATIO = 30.0  # times the median squared distance, at least: more than five times as far as usual
_MIN_ROWS_APART = 50  # rows between two occurrences
_MIN_RECURRENCES = 3  # occurrences in each quarter of the training
_CALM_QUANTILE = 0.95
_CALM_ROWS = 3
_MIN_SETTLED_ROWS = 100  # rows that are settled for sure, to say what calm is
_MIN_STARTS = 2
_SETTLING_MARGIN = 1.5


def fit_deviations(X: Floats, rows: Bools, clip: float) -> tuple[RobustScaler, Floats, Floats, Floats]:
    """Scale, mean and precision of some rows, and the complete deviations of all.

    Args:
        X: Readings, rows by tags, NaN where missing.
        rows: Rows to learn from.
        clip: Largest magnitude of a deviation.
    """
    from acm_etl.score.detectors.sklearn_adapter import fit_covariance  # noqa: PLC0415 - sklearn takes a second to load

    scale = RobustScaler.fit(X[rows])
    Z = scale.transform(X, clip)
    mean, cov = fit_covariance(np.nan_to_num(Z[rows]))
    precision = np.linalg.inv(cov).astype(np.float64)
    return scale, mean, precision, impute_missing(Z, mean, precision)


def trim_outliers(Z: Floats, candidates: Bools, max_share: float) -> tuple[Bools, Floats]:
    """Rows that may teach: all but gross outliers, found in a few rounds of fitting and trimming.

    The rounds are the concentration steps of Rousseeuw and Van Driessen (1999), from the rows nearest to the medians.
    Rows on the way into a standstill and bad data are an order of magnitude off; a few of them in training widen
    every covariance and fatten every tail until nothing can be seen any more. What is merely odd stays: it is the
    machine's nature.

    Args:
        Z: Complete deviations.
        candidates: Candidates.
        max_share: Largest share of them that is left out, the farthest first.

    Returns:
        The rows, and the logarithm of the squared Mahalanobis distance of all rows.
    """
    from acm_etl.score.detectors.sklearn_adapter import fit_covariance  # noqa: PLC0415 - sklearn takes a second to load

    size = (Z**2).sum(axis=1)
    kept = candidates & (size <= np.quantile(size[candidates], _CORE_SHARE))
    for _ in range(_TRIM_ROUNDS):
        mean, cov = fit_covariance(Z[kept])
        x = Z - mean
        size = np.log(np.maximum(((x @ np.linalg.inv(cov)) * x).sum(axis=1), 1e-12))
        middle = np.median(size[candidates])
        spread = 1.4826 * np.median(np.abs(size[candidates] - middle))
        gross = middle + max(_OUTLIER_SPREADS * spread, np.log(_MIN_OUTLIER_RATIO))
        kept = candidates & (size <= gross)
    return candidates & (size <= max(gross, np.quantile(size[candidates], 1 - max_share))), size


def is_recurrent(outliers: Bools) -> bool:
    """Whether gross rows come again and again all through training.

    Then they are how the machine runs: they teach no shape, but they count in how rare a score is.
    """
    quiet = np.concatenate([[_MIN_ROWS_APART], run_length(~outliers, _MIN_ROWS_APART)[:-1]])
    begins = np.flatnonzero(outliers & (quiet >= _MIN_ROWS_APART))
    quarters = np.bincount(begins * 4 // len(outliers), minlength=4)
    return bool(quarters.min() >= _MIN_RECURRENCES)


def fit_settling_time(log_distance: Floats, rows_since_start: Ints, max_rows: int) -> int:
    """Rows that the machine takes to settle after a start, learned from the starts in training.

    Args:
        log_distance: Logarithm of the distance of each running row.
        rows_since_start: Running rows since the last start, the row itself included; more than ``max_rows`` before the first.
        max_rows: Rows at most, and where there are too few starts to learn from.
    """
    sure = log_distance[rows_since_start > max_rows]
    calm = log_distance <= np.quantile(sure if len(sure) >= _MIN_SETTLED_ROWS else log_distance, _CALM_QUANTILE)
    streak = run_length(calm, 0) >= _CALM_ROWS
    starts = np.flatnonzero(rows_since_start == 1)
    took = []
    for start, end in pairwise([*starts.tolist(), len(rows_since_start)]):
        found = np.flatnonzero(streak[start : min(end, start + max_rows)])
        if len(found) or end - start >= max_rows:
            took.append(max(int(found[0]) + 1 - _CALM_ROWS, 0) if len(found) else max_rows)
    if len(took) < _MIN_STARTS:
        return max_rows
    return min(int(np.ceil(_SETTLING_MARGIN * np.quantile(took, 0.75))) + 1, max_rows)
