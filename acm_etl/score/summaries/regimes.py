"""Regimes over the trailing days: how long in which, from which to which, and how steadily."""

from __future__ import annotations

import polars as pl

from acm_etl.score.polars_convert import duration_seconds
from acm_etl.score.prepare.clean import TIME
from acm_etl.score.summaries.local_days import DAY
from acm_etl.tables.daily import STABILITY_METRICS

_REGIME_COLUMN = "regime_label"


def regime_occupancy(trailing_days: pl.DataFrame, timeline: pl.DataFrame) -> pl.DataFrame:
    """Readings in each regime.

    Args:
        trailing_days: Days of each summary.
        timeline: Readings with ``regime_label`` and their day number.
    """
    per_day = timeline.filter(pl.col(_REGIME_COLUMN).is_not_null()).group_by(DAY, _REGIME_COLUMN).len("count")
    count = pl.col("RecordCount")
    return (
        trailing_days.join(per_day, on=DAY)
        .group_by("AsOf", RegimeLabel=_REGIME_COLUMN)
        .agg(RecordCount=pl.col("count").sum())
        .with_columns(Percentage=100 * count / count.sum().over("AsOf"))
        .sort("AsOf", "RegimeLabel")
    )


def regime_transitions(trailing_days: pl.DataFrame, timeline: pl.DataFrame, summary_days: int) -> pl.DataFrame:
    """Changes of regime between successive readings that both lie in the trailing days.

    Args:
        trailing_days: Days of each summary.
        timeline: Readings with ``regime_label`` and their day number, in sequence.
        summary_days: Days of a summary.
    """
    labelled = timeline.filter(pl.col(_REGIME_COLUMN).is_not_null())
    steps = labelled.select(
        DAY, ToLabel=_REGIME_COLUMN, FromLabel=pl.col(_REGIME_COLUMN).shift(), from_day=pl.col(DAY).shift()
    ).filter(pl.col("FromLabel") != pl.col("ToLabel"))
    per_day = steps.group_by(DAY, "from_day", "FromLabel", "ToLabel").len("count")
    count = pl.col("Count")
    return (
        trailing_days.join(per_day, on=DAY)
        .filter(pl.col("from_day") > pl.col("asof") - summary_days)
        .group_by("AsOf", "FromLabel", "ToLabel")
        .agg(Count=pl.col("count").sum())
        .with_columns(Prob=count / count.sum().over("AsOf", "FromLabel"))
        .sort("AsOf", "FromLabel", "ToLabel")
    )


def regime_spans(trailing_days: pl.DataFrame, timeline: pl.DataFrame) -> pl.DataFrame:
    """Stretches in one regime, as far as they lie within the trailing days of each summary.

    Args:
        trailing_days: Days of each summary.
        timeline: Readings with ``regime_label`` and their day number, in sequence.

    Returns:
        ``AsOf``, ``RegimeLabel``, ``seconds`` from the first to the last reading, and ``readings``.
    """
    labelled = timeline.filter(pl.col(_REGIME_COLUMN).is_not_null())
    number = (pl.col(_REGIME_COLUMN) != pl.col(_REGIME_COLUMN).shift()).fill_null(value=True).cum_sum()
    per_day = (
        labelled.select(DAY, TIME, _REGIME_COLUMN, number=number)
        .group_by("number", DAY, RegimeLabel=_REGIME_COLUMN)
        .agg(first=pl.col(TIME).min(), last=pl.col(TIME).max(), readings=pl.len().cast(pl.Int64))
    )
    return (
        trailing_days.join(per_day, on=DAY)
        .group_by("AsOf", "number", "RegimeLabel")
        .agg(pl.col("first").min(), pl.col("last").max(), pl.col("readings").sum())
        .select("AsOf", "number", "RegimeLabel", "readings", seconds=duration_seconds(pl.col("last") - pl.col("first")))
        .sort("AsOf", "number")
    )


def regime_dwell(spans: pl.DataFrame) -> pl.DataFrame:
    """How long the stretches of each regime last.

    Args:
        spans: As ``stretches`` gives them.
    """
    lasted = pl.col("seconds")
    return (
        spans.group_by("AsOf", "RegimeLabel")
        .agg(
            Runs=pl.len().cast(pl.Int64),
            MeanSeconds=lasted.mean(),
            MedianSeconds=lasted.median(),
            MinSeconds=lasted.min(),
            MaxSeconds=lasted.max(),
        )
        .sort("AsOf", "RegimeLabel")
    )


def regime_stability(spans: pl.DataFrame) -> pl.DataFrame:
    """How steady the regimes are: the metrics of ACM_RegimeStability, a row each.

    Args:
        spans: As ``stretches`` gives them.
    """
    readings, changes = pl.col("readings"), pl.len().cast(pl.Int64) - 1
    metrics = (100 * changes / readings.sum(), changes.cast(pl.Float64), readings.mean(), readings.median())
    wide = spans.group_by("AsOf").agg(made.alias(name) for name, made in zip(STABILITY_METRICS, metrics, strict=True))
    return wide.unpivot(STABILITY_METRICS, index="AsOf", variable_name="MetricName", value_name="MetricValue").sort(
        "AsOf", maintain_order=True
    )
