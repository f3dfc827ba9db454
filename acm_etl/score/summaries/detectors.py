"""Detector heads day by day and over the trailing days: how loud each is, and how alike two of them are."""

from __future__ import annotations

from itertools import combinations, combinations_with_replacement

import polars as pl

from acm_etl.score.health import WARN_Z, detector_severity
from acm_etl.score.summaries.local_days import DAY
from acm_etl.tables.common import DETECTOR_NAMES

_MIN_VARIANCE_SHARE = 1e-6
"""Share of a head's mean square that must be variance for a correlation to mean anything."""

_KEY = ("AsOf", "DetectorType")
_DETECTOR_PAIRS = tuple(combinations_with_replacement(DETECTOR_NAMES, 2))


def detector_stats_by_day(timeline: pl.DataFrame) -> pl.DataFrame:
    """One row per day with an assessed reading and head: Points, AboveCount, MaxZ, SumZ, LatestZ.

    Args:
        timeline: Readings with the heads and their day number, in sequence.
    """
    parts = {"AboveCount": lambda z: (z >= WARN_Z).sum(), "MaxZ": pl.Expr.max, "SumZ": pl.Expr.sum}
    parts["LatestZ"] = pl.Expr.last
    found = (
        _drop_unassessed(timeline)
        .group_by(DAY)
        .agg(
            *(make(pl.col(head)).alias(f"{name} {head}") for name, make in parts.items() for head in DETECTOR_NAMES),
            Points=pl.len().cast(pl.Int64),
        )
        .sort(DAY)
    )
    per_head = [
        found.select(
            DAY, "Points", pl.lit(head).alias("DetectorType"), *(pl.col(f"{p} {head}").alias(p) for p in parts)
        )
        for head in DETECTOR_NAMES
    ]
    return pl.concat(per_head).sort(DAY, maintain_order=True).with_columns(pl.col("AboveCount").cast(pl.Int64))


def detector_defects(trailing_days: pl.DataFrame, detector_stats: pl.DataFrame) -> pl.DataFrame:
    """How often each head went beyond z = 2 in the trailing days.

    Args:
        trailing_days: Days of each summary.
        detector_stats: As ``detector_stats_by_day`` gives it.
    """
    share, current = pl.col("ViolationPct"), pl.col("CurrentZ")
    return (
        trailing_days.join(detector_stats, on=DAY)
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
            ActiveDefect=current >= WARN_Z,
            DetectorFamily=pl.col("DetectorType").str.to_uppercase(),
        )
        .with_columns(Severity=detector_severity(share))
    )


def detector_correlations(trailing_days: pl.DataFrame, timeline: pl.DataFrame) -> pl.DataFrame:
    """Pearson's correlation of every two heads over the trailing days, from sums per day.

    Args:
        trailing_days: Days of each summary.
        timeline: Readings with the heads and their day number.
    """
    sums = [pl.col(head).sum().alias(head) for head in DETECTOR_NAMES]
    products = [(pl.col(a) * pl.col(b)).sum().alias(f"{a} {b}") for a, b in _DETECTOR_PAIRS]
    per_day = _drop_unassessed(timeline).group_by(DAY).agg(*sums, *products, Points=pl.len().cast(pl.Int64)).sort(DAY)
    added = trailing_days.join(per_day, on=DAY).sort("AsOf", DAY).group_by("AsOf", maintain_order=True).agg(
        pl.exclude("asof", DAY).sum()
    )  # fmt: skip
    pairs = [
        added.select("AsOf", "Points", DetectorA=pl.lit(a), DetectorB=pl.lit(b), PearsonR=_pearson_correlation(a, b))
        for a, b in combinations(DETECTOR_NAMES, 2)
    ]
    return pl.concat(pairs).sort("AsOf", maintain_order=True)


def _pearson_correlation(a: str, b: str) -> pl.Expr:
    n = pl.col("Points")
    spread = {head: n * pl.col(f"{head} {head}") - pl.col(head) ** 2 for head in (a, b)}
    together = n * pl.col(f"{a} {b}") - pl.col(a) * pl.col(b)
    varies = [spread[head] > _MIN_VARIANCE_SHARE * n * pl.col(f"{head} {head}") for head in (a, b)]
    return pl.when(*varies).then((together / (spread[a] * spread[b]).sqrt()).clip(-1, 1))


def top_detectors(timeline: pl.DataFrame) -> pl.DataFrame:
    """The head with the highest z at the last assessed reading of each day: ``asof`` and ``DetectorType``.

    Args:
        timeline: Readings with the heads and their day number, in sequence.
    """
    last = _drop_unassessed(timeline).group_by(DAY, maintain_order=True).agg(pl.col(DETECTOR_NAMES).last())
    which = (
        pl.concat_list(DETECTOR_NAMES)
        .list.arg_max()
        .replace_strict(range(len(DETECTOR_NAMES)), DETECTOR_NAMES, return_dtype=pl.String)
    )
    return last.select(pl.col(DAY).alias("asof"), DetectorType=which)


def _drop_unassessed(timeline: pl.DataFrame) -> pl.DataFrame:
    return timeline.filter(pl.col(DETECTOR_NAMES[0]).is_not_null())
