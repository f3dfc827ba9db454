"""Regime occupancy, transitions, dwell times and stability over the trailing days."""

from __future__ import annotations

import polars as pl

from acm_etl.score.polars_convert import duration_seconds
from acm_etl.score.prepare.clean import TIME
from acm_etl.score.summaries.local_days import DAY
from acm_etl.tables.daily import STABILITY_METRICS

_REGIME_COLUMN = "regime_label"


def regime_occupancy(trailing_days: pl.DataFrame, timeline: pl.DataFrame) -> pl.DataFrame:
    """Return the number and the percentage of readings in each regime.

    Args:
        trailing_days: Days of each summary.
        timeline: Readings with ``regime_label`` and their day number.
    """
    # Counted per day first: a summary then adds up a few rows per day.
    by_day = _drop_unlabelled(timeline).group_by(DAY, _REGIME_COLUMN).len("count")
    count = pl.col("RecordCount")
    return (
        trailing_days.join(by_day, on=DAY)
        .group_by("AsOf", RegimeLabel=_REGIME_COLUMN)
        .agg(RecordCount=pl.col("count").sum())
        .with_columns(Percentage=100 * count / count.sum().over("AsOf"))
        .sort("AsOf", "RegimeLabel")
    )


def regime_transitions(trailing_days: pl.DataFrame, timeline: pl.DataFrame, summary_days: int) -> pl.DataFrame:
    """Return the changes of regime between consecutive readings that both lie in the trailing days.

    Args:
        trailing_days: Days of each summary.
        timeline: Readings with ``regime_label`` and their day number, in time order.
        summary_days: Days of a summary.
    """
    regime = pl.col(_REGIME_COLUMN)
    steps = _drop_unlabelled(timeline).select(
        DAY, ToLabel=regime, FromLabel=regime.shift(), from_day=pl.col(DAY).shift()
    )
    changes = steps.filter(pl.col("FromLabel") != pl.col("ToLabel"))
    by_day = changes.group_by(DAY, "from_day", "FromLabel", "ToLabel").len("count")
    count = pl.col("Count")
    return (
        trailing_days.join(by_day, on=DAY)
        # The join covers the day of the second reading; the first one may lie before the trailing days.
        .filter(pl.col("from_day") > pl.col("asof") - summary_days)
        .group_by("AsOf", "FromLabel", "ToLabel")
        .agg(Count=pl.col("count").sum())
        .with_columns(Prob=count / count.sum().over("AsOf", "FromLabel"))
        .sort("AsOf", "FromLabel", "ToLabel")
    )


def regime_spans(trailing_days: pl.DataFrame, timeline: pl.DataFrame) -> pl.DataFrame:
    """Return the spans in one regime, cut off at the trailing days of each summary.

    Args:
        trailing_days: Days of each summary.
        timeline: Readings with ``regime_label`` and their day number, in time order.

    Returns:
        ``AsOf``, ``number`` (of the span), ``RegimeLabel``, ``readings``, and ``seconds`` from the first reading to the
        last.
    """
    regime = pl.col(_REGIME_COLUMN)
    number = (regime != regime.shift()).fill_null(value=True).cum_sum()
    # One row per span and day: a summary adds up those of its days, which also cuts a span at their edge.
    by_day = (
        _drop_unlabelled(timeline)
        .select(DAY, TIME, _REGIME_COLUMN, number=number)
        .group_by("number", DAY, RegimeLabel=_REGIME_COLUMN)
        .agg(first=pl.col(TIME).min(), last=pl.col(TIME).max(), readings=pl.len().cast(pl.Int64))
    )
    return (
        trailing_days.join(by_day, on=DAY)
        .group_by("AsOf", "number", "RegimeLabel")
        .agg(pl.col("first").min(), pl.col("last").max(), pl.col("readings").sum())
        .select("AsOf", "number", "RegimeLabel", "readings", seconds=duration_seconds(pl.col("last") - pl.col("first")))
        .sort("AsOf", "number")
    )


def regime_dwell(spans: pl.DataFrame) -> pl.DataFrame:
    """Return number and durations of the spans in each regime.

    Args:
        spans: Result of ``regime_spans``.
    """
    seconds = pl.col("seconds")
    return (
        spans.group_by("AsOf", "RegimeLabel")
        .agg(
            Runs=pl.len().cast(pl.Int64),
            MeanSeconds=seconds.mean(),
            MedianSeconds=seconds.median(),
            MinSeconds=seconds.min(),
            MaxSeconds=seconds.max(),
        )
        .sort("AsOf", "RegimeLabel")
    )


def regime_stability(spans: pl.DataFrame) -> pl.DataFrame:
    """Return the metrics of ACM_RegimeStability, one row per summary and metric.

    Args:
        spans: Result of ``regime_spans``.
    """
    readings, changes = pl.col("readings"), pl.len().cast(pl.Int64) - 1
    # In the order of STABILITY_METRICS.
    values = (100 * changes / readings.sum(), changes.cast(pl.Float64), readings.mean(), readings.median())
    wide = spans.group_by("AsOf").agg(**dict(zip(STABILITY_METRICS, values, strict=True)))
    long = wide.unpivot(STABILITY_METRICS, index="AsOf", variable_name="MetricName", value_name="MetricValue")
    return long.sort("AsOf", maintain_order=True)


def _drop_unlabelled(timeline: pl.DataFrame) -> pl.DataFrame:
    # Unusable readings have no regime; they do not end the span around them.
    return timeline.filter(pl.col(_REGIME_COLUMN).is_not_null())
