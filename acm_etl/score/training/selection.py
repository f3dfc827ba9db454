"""What counts as healthy in training: rows that have settled after a start, less the few that are grossly off."""

from __future__ import annotations

from itertools import pairwise

import numpy as np

from acm_etl.score.arrays import Bools, Floats, Ints
from acm_etl.score.prepare.operating_state import run_length
from acm_etl.score.prepare.scale import Scale, fill

_CORE = 0.9  # share of the rows, those nearest to the medians, that the first round is fitted on
_ROUNDS = 3
_GROSS = 5.0  # robust standard deviations of the log distance
_GROSS_RATIO = 30.0  # times the median squared distance, at least: more than five times as far as usual
_APART = 50  # rows between two occurrences
_TIMES = 3  # occurrences in each quarter of the training
_CALM_QUANTILE = 0.95
_CALM_ROWS = 3
_FEWEST = 100  # rows that are settled for sure, to say what calm is
_STARTS = 2
_MARGIN = 1.5


def deviations(X: Floats, rows: Bools, clip: float) -> tuple[Scale, Floats, Floats, Floats]:
    """Scale, mean and precision of some rows, and the complete deviations of all.

    Args:
        X: Readings, rows by tags, NaN where missing.
        rows: Rows to learn from.
        clip: Largest magnitude of a deviation.
    """
    from acm_etl.score.detectors.sklearn_adapter import covariance  # noqa: PLC0415 - sklearn takes a second to load

    scale = Scale.fit(X[rows])
    Z = scale.apply(X, clip)
    mean, cov = covariance(np.nan_to_num(Z[rows]))
    precision = np.linalg.inv(cov).astype(np.float64)
    return scale, mean, precision, fill(Z, mean, precision)


def admitted(Z: Floats, rows: Bools, most: float) -> tuple[Bools, Floats]:
    """Rows that may teach: all but gross outliers, found in a few rounds of fitting and trimming.

    The rounds are the concentration steps of Rousseeuw and Van Driessen (1999), from the rows nearest to the medians.
    Rows on the way into a standstill and bad data are an order of magnitude off; a few of them in training widen
    every covariance and fatten every tail until nothing can be seen any more. What is merely odd stays: it is the
    machine's nature.

    Args:
        Z: Complete deviations.
        rows: Candidates.
        most: Largest share of them that is left out, the farthest first.

    Returns:
        The rows, and the logarithm of the squared Mahalanobis distance of all rows.
    """
    from acm_etl.score.detectors.sklearn_adapter import covariance  # noqa: PLC0415 - sklearn takes a second to load

    size = (Z**2).sum(axis=1)
    kept = rows & (size <= np.quantile(size[rows], _CORE))
    for _ in range(_ROUNDS):
        mean, cov = covariance(Z[kept])
        x = Z - mean
        size = np.log(np.maximum(((x @ np.linalg.inv(cov)) * x).sum(axis=1), 1e-12))
        middle = np.median(size[rows])
        spread = 1.4826 * np.median(np.abs(size[rows] - middle))
        gross = middle + max(_GROSS * spread, np.log(_GROSS_RATIO))
        kept = rows & (size <= gross)
    return rows & (size <= max(gross, np.quantile(size[rows], 1 - most))), size


def recurs(wild: Bools) -> bool:
    """Whether gross rows come again and again all through training.

    Then they are how the machine runs: they teach no shape, but they count in how rare a score is.
    """
    quiet = np.concatenate([[_APART], run_length(~wild, _APART)[:-1]])
    begins = np.flatnonzero(wild & (quiet >= _APART))
    quarters = np.bincount(begins * 4 // len(wild), minlength=4)
    return bool(quarters.min() >= _TIMES)


def settling(size: Floats, since: Ints, longest: int) -> int:
    """Rows that the machine takes to settle after a start, learned from the starts in training.

    Args:
        size: Logarithm of the distance of each running row.
        since: Running rows since the last start, the row itself included; more than ``longest`` before the first.
        longest: Rows at most, and where there are too few starts to learn from.
    """
    sure = size[since > longest]
    calm = size <= np.quantile(sure if len(sure) >= _FEWEST else size, _CALM_QUANTILE)
    streak = run_length(calm, 0) >= _CALM_ROWS
    starts = np.flatnonzero(since == 1)
    took = []
    for start, end in pairwise([*starts.tolist(), len(since)]):
        found = np.flatnonzero(streak[start : min(end, start + longest)])
        if len(found) or end - start >= longest:
            took.append(max(int(found[0]) + 1 - _CALM_ROWS, 0) if len(found) else longest)
    if len(took) < _STARTS:
        return longest
    return min(int(np.ceil(_MARGIN * np.quantile(took, 0.75))) + 1, longest)
