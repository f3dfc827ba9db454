"""Search for the last change point of a daily series: a jump that no trend explains."""

from __future__ import annotations

import numpy as np

from acm_etl.score.arrays import Floats
from acm_etl.score.forecast.candidate_curves import CandidateCurves, difference_scatter, median_of_three

_MIN_SHIFT = 1.0  # z; smaller jumps count as scatter
_MIN_SHIFT_STDS = 2.5
# Decrease of the residual sum of squares, in variances of a day, that a jump must achieve: about three standard
# deviations on either side of the jump.
_SHIFT_PENALTY = 24.0
_MIN_LINE_DAYS = 5  # days from which a line is fitted, below only a level
_MAX_SKIPPED_DAYS = 2


def find_last_shift(days: Floats, values: Floats) -> int:
    """Return the index of the first day after the last change point; 0 if there is none.

    Earlier days are irrelevant for a forecast: after a repair or a change of operation, the machine is another one.
    Jumps compete with trends: a jump counts if two curves fit better than the best single one by more than chance
    (binary segmentation, Scott and Knott 1974).

    Args:
        days: Days relative to the forecast origin (negative), ascending, n.
        values: One value per day, n.
    """
    # A single outlier is no jump.
    smooth = median_of_three(values)
    start = 0
    while (shift := _find_shift(days[start:], smooth[start:])) is not None:
        start += shift
    return start


def _find_shift(t: Floats, y: Floats) -> int | None:
    """Return the index of the first day after the best jump; None if no jump is significant."""
    n = len(y)
    if n < 2:
        return None
    var = difference_scatter(y) ** 2
    rss_before, value_before = _fit_prefixes(t, y)
    # Fits of the suffixes are fits of the prefixes of the reversed series.
    rss_after, value_after = (fits[::-1] for fits in _fit_prefixes(-t[::-1], y[::-1]))
    first_after = np.arange(1, n)[:, None]
    # Up to two days may lie on the way from one level to the other; each costs one variance.
    last_before = first_after - np.minimum(np.arange(1, _MAX_SKIPPED_DAYS + 2), first_after)
    skipped_days = first_after - 1 - last_before
    cost = (rss_before[last_before] + rss_after[first_after]) / var + skipped_days
    jump = np.abs(value_after[first_after] - value_before[last_before])
    cost = np.where(jump > max(_MIN_SHIFT, _MIN_SHIFT_STDS * np.sqrt(var)), cost, np.inf).min(axis=1)
    best = int(cost.argmin())
    # Most series have no jump that is large enough: spare the curves that it would have to beat.
    if not np.isfinite(cost[best]):
        return None
    is_significant = cost[best] < CandidateCurves(t, y, allow_step=False).best_rss / var - _SHIFT_PENALTY
    return best + 1 if is_significant else None


def _fit_prefixes(t: Floats, y: Floats) -> tuple[Floats, Floats]:
    """Fit a level (a line from five days on) to the first day, the first two days and so on.

    Returns:
        Residual sum of squares and fitted last value of each prefix, n each.
    """
    n = np.arange(1, len(y) + 1)
    # Centred first: sums of squares of large values would lose all digits in the subtractions below.
    offset = y.mean()
    t, y = t - t.mean(), y - offset
    sum_t, sum_y, sum_tt, sum_ty, sum_yy = np.cumsum([t, y, t * t, t * y, y * y], axis=1)
    spread, product = sum_tt - sum_t**2 / n, sum_ty - sum_t * sum_y / n
    slope = np.where(n < _MIN_LINE_DAYS, 0, product / np.maximum(spread, 1e-9))
    # Rounding can make the sum of squares of a perfect fit negative.
    rss = np.maximum(sum_yy - sum_y**2 / n - slope * product, 0)
    return rss, offset + sum_y / n + slope * (t - sum_t / n)
