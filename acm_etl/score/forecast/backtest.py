"""Backtest of the trend model on the recent days of the same series, for the width of its interval."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from acm_etl.score.arrays import Floats
from acm_etl.score.forecast.trend_model import Trend
from acm_etl.score.normal import normal_quantile

LOW_QUANTILE, HIGH_QUANTILE = 0.1, 0.9
"""Quantiles of the 80 % interval."""

# Every second day of the last twelve: each origin costs a fit, and neighbours share nearly all of their days.
_ORIGIN_DAYS, _ORIGIN_STEP = 12, 2
_MIN_FITTED_DAYS = 5
_MAX_HORIZON_DAYS = 10  # beyond, few outcomes are known
# Weight, in origins, of the assumption that the model is right: its own past has only six, which are correlated.
_PRIOR_ORIGINS = 5.0
# A quiet past is weak evidence for a narrow interval: faults follow quiet days.
_MIN_FACTOR = 0.9
# Scores that a correct model expects, in units of its interval.
_EXPECTED_SCORES: Floats = np.array([normal_quantile((i + 0.5) / 40) for i in range(40)])
_EXPECTED_SCORES /= normal_quantile(HIGH_QUANTILE)


class Backtest(NamedTuple):
    """Factors that make the interval of a forecast cover what followed earlier ones.

    Attributes:
        lower_factor: Factor of the distance from the median to the 10 % quantile.
        upper_factor: Factor of the distance from the median to the 90 % quantile.
    """

    lower_factor: float = 1.0
    upper_factor: float = 1.0


class _Outcomes(NamedTuple):
    """Forecasts from one earlier origin, and what followed: one value per later day.

    Attributes:
        quantiles: 10 %, 50 % and 90 % quantile, 3 by the number of days.
        actual: Values that followed.
    """

    quantiles: Floats
    actual: Floats

    @property
    def weights(self) -> Floats:
        """Weight of each day; every origin has a total of 1, because its days err together."""
        return np.full(len(self.actual), 1 / len(self.actual))


def backtest_trend(days: Floats, values: Floats, *, min_level: float) -> Backtest:
    """Forecast the last days from the days before them, and compare.

    The factors are split conformal: the 90 % quantile of the scores (value - median) / (90 % quantile - median), and
    the same below the median, where the scores that a correct model expects count as five origins (Romano et al. 2019).
    Each forecast uses only the days before its own origin.

    Args:
        days: Days relative to the forecast origin (negative) since the last change point, ascending, n.
        values: One value per day, n.
        min_level: ``min_level`` of ``Trend.fit``.
    """
    # Counted from the newest day, which the first of them forecasts.
    cuts = range(len(values) - 1, max(_MIN_FITTED_DAYS, len(values) - _ORIGIN_DAYS) - 1, -_ORIGIN_STEP)
    outcomes = [
        found for cut in cuts if len((found := _forecast_outcomes(days, values, cut=cut, min_level=min_level)).actual)
    ]
    if not outcomes:
        return Backtest()
    low, median, high = np.concatenate([part.quantiles for part in outcomes], axis=1)
    actual = np.concatenate([part.actual for part in outcomes])
    weights = np.concatenate([part.weights for part in outcomes])
    return Backtest(
        lower_factor=_width_factor((median - actual) / (median - low), weights),
        upper_factor=_width_factor((actual - median) / (high - median), weights),
    )


def _forecast_outcomes(days: Floats, values: Floats, *, cut: int, min_level: float) -> _Outcomes:
    """Forecast the days from index ``cut`` on, at most ten days ahead, from the days before."""
    # The end of the last known day, as for a forecast of today.
    origin = days[cut - 1] + 0.5
    trend = Trend.fit(days[:cut] - origin, values[:cut], min_level=min_level)
    # A value is the median of a day, and horizons are ends of days.
    ahead = days[cut:] - origin + 0.5
    is_near = ahead <= _MAX_HORIZON_DAYS
    quantiles = trend.value_quantiles((LOW_QUANTILE, 0.5, HIGH_QUANTILE), ahead[is_near])
    return _Outcomes(quantiles, values[cut:][is_near])


def _width_factor(scores: Floats, weights: Floats) -> float:
    """Return the 90 % quantile of the scores and of those that a correct model expects."""
    prior_weights = np.full(len(_EXPECTED_SCORES), _PRIOR_ORIGINS / len(_EXPECTED_SCORES))
    all_scores = np.concatenate([scores, _EXPECTED_SCORES])
    all_weights = np.concatenate([weights, prior_weights])
    order = np.argsort(all_scores, kind="stable")
    shares = np.cumsum(all_weights[order]) / all_weights.sum()
    return max(_MIN_FACTOR, float(np.interp(HIGH_QUANTILE, shares, all_scores[order])))
