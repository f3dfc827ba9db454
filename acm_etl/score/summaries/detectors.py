"""Daily statistics of the detector scores, their violations and their correlations over the trailing days."""

from __future__ import annotations

from itertools import combinations, combinations_with_replacement

import numpy as np
import polars as pl

from acm_etl.score.arrays import Floats
from acm_etl.score.health import detector_severity
from acm_etl.score.summaries.local_days import DAY
from acm_etl.tables.common import DETECTOR_NAMES, WARN_Z

_MIN_VARIANCE_SHARE = 1e-6
"""Smallest share of a detector's mean square that must be variance; below it, a correlation is rounding noise."""

_KEY = ("AsOf", "DetectorType")
_DETECTOR_PAIRS = tuple(combinations_with_replacement(DETECTOR_NAMES, 2))
_PAIR_NAMES = pl.DataFrame(list(combinations(DETECTOR_NAMES, 2)), schema=["DetectorA", "DetectorB"], orient="row")
"""Every two different detectors, in the order of the upper triangle of a matrix."""


def detector_stats_by_day(timeline: pl.DataFrame) -> pl.DataFrame:
    """Return one row per detector and day with a scored reading.

    Args:
        timeline: Readings with the detector scores and their day number, in time order.

    Returns:
        ``day``, DetectorType, Points (readings), AboveCount, MaxZ, SumZ and LatestZ.
    """
    # One pass over the readings makes all columns, named "<statistic> <detector>"; reshaped per detector afterwards.
    columns: list[pl.Expr] = []
    for detector in DETECTOR_NAMES:
        z = pl.col(detector)
        columns += [
            (z >= WARN_Z).sum().cast(pl.Int64).alias(f"AboveCount {detector}"),
            z.max().alias(f"MaxZ {detector}"),
            z.sum().alias(f"SumZ {detector}"),
            z.last().alias(f"LatestZ {detector}"),
        ]
    wide = _drop_unscored(timeline).group_by(DAY).agg(*columns, Points=pl.len().cast(pl.Int64)).sort(DAY)
    by_detector = [
        wide.select(
            DAY,
            "Points",
            pl.lit(detector).alias("DetectorType"),
            *(pl.col(f"{name} {detector}").alias(name) for name in ("AboveCount", "MaxZ", "SumZ", "LatestZ")),
        )
        for detector in DETECTOR_NAMES
    ]
    return pl.concat(by_detector).sort(DAY, maintain_order=True)


def detector_defects(trailing_days: pl.DataFrame, detector_stats: pl.DataFrame) -> pl.DataFrame:
    """Return how often each detector was at or above ``WARN_Z`` in the trailing days: rows of ACM_SensorDefects.

    Args:
        trailing_days: Days of each summary.
        detector_stats: Result of ``detector_stats_by_day``.
    """
    return (
        trailing_days.join(detector_stats, on=DAY)
        # Sorted by day, so that the last value of a group is the current one.
        .sort("AsOf", DAY, maintain_order=True)
        .group_by(_KEY, maintain_order=True)
        .agg(
            pl.col("Points", "SumZ").sum(),
            pl.col("MaxZ").max(),
            ViolationCount=pl.col("AboveCount").sum(),
            CurrentZ=pl.col("LatestZ").last(),
        )
        .with_columns(
            ViolationPct=100 * pl.col("ViolationCount") / pl.col("Points"),
            AvgZ=pl.col("SumZ") / pl.col("Points"),
            ActiveDefect=pl.col("CurrentZ") >= WARN_Z,
            DetectorFamily=pl.col("DetectorType").str.to_uppercase(),
        )
        .with_columns(Severity=detector_severity(pl.col("ViolationPct")))
    )


def detector_correlations(trailing_days: pl.DataFrame, timeline: pl.DataFrame) -> pl.DataFrame:
    """Return Pearson's correlation of every two detectors over the trailing days.

    Args:
        trailing_days: Days of each summary.
        timeline: Readings with the detector scores and their day number.
    """
    # Sums per day are made once; each summary then adds up 30 rows instead of all readings of its days.
    sums = [pl.col(detector).sum().alias(detector) for detector in DETECTOR_NAMES]
    products = [(pl.col(a) * pl.col(b)).sum().alias(f"{a} {b}") for a, b in _DETECTOR_PAIRS]
    by_day = _drop_unscored(timeline).group_by(DAY).agg(*sums, *products, Points=pl.len().cast(pl.Int64)).sort(DAY)
    # Added up in the order of the days, so that rounding does not depend on the order of a hash table.
    joined = trailing_days.join(by_day, on=DAY).sort("AsOf", DAY)
    totals = joined.group_by("AsOf", maintain_order=True).agg(pl.exclude("asof", DAY).sum())
    # Cross joined in the order of the pairs, which is that of the columns of the matrix.
    rows = totals.select("AsOf", "Points").join(_PAIR_NAMES, how="cross", maintain_order="left_right")
    return rows.with_columns(pl.Series("PearsonR", _pearson_correlations(totals).ravel(), nan_to_null=True))


def top_detectors(timeline: pl.DataFrame) -> pl.DataFrame:
    """Return the detector with the highest z at the last scored reading of each day.

    Args:
        timeline: Readings with the detector scores and their day number, in time order.

    Returns:
        ``asof`` (number of the day) and ``DetectorType``.
    """
    last_scores = _drop_unscored(timeline).group_by(DAY, maintain_order=True).agg(pl.col(DETECTOR_NAMES).last())
    position = pl.concat_list(DETECTOR_NAMES).list.arg_max()
    name = position.replace_strict(range(len(DETECTOR_NAMES)), DETECTOR_NAMES, return_dtype=pl.String)
    return last_scores.select(pl.col(DAY).alias("asof"), DetectorType=name)


def _pearson_correlations(totals: pl.DataFrame) -> Floats:
    """Return the correlation of every pair of detectors; NaN if one hardly varies.

    Args:
        totals: Sums, sums of products and ``Points``, one row per summary.

    Returns:
        Correlations, n summaries by the pairs of ``_PAIR_NAMES``.
    """
    # As matrices: an expression per pair took as long as the rest of a day's summaries of detectors together.
    n = totals.select(pl.col("Points").cast(pl.Float64)).to_numpy()
    sums = totals.select(DETECTOR_NAMES).to_numpy()
    squares = n * totals.select(f"{name} {name}" for name in DETECTOR_NAMES).to_numpy()
    products = n * totals.select(f"{a} {b}" for a, b in _PAIR_NAMES.iter_rows()).to_numpy()
    variance = squares - sums**2
    varies = variance > _MIN_VARIANCE_SHARE * squares
    a, b = np.triu_indices(len(DETECTOR_NAMES), k=1)
    covariance = products - sums[:, a] * sums[:, b]
    scale = np.sqrt(
        variance[:, a] * variance[:, b], where=varies[:, a] & varies[:, b], out=np.full(products.shape, np.nan)
    )
    # Rounding can push perfectly correlated detectors beyond 1.
    correlations: Floats = np.clip(covariance / scale, -1, 1)
    return correlations


def _drop_unscored(timeline: pl.DataFrame) -> pl.DataFrame:
    # All detectors score the same readings, so one column tells for all.
    return timeline.filter(pl.col(DETECTOR_NAMES[0]).is_not_null())
