"""Sensors over the trailing days, from their daily rows."""

from __future__ import annotations

import polars as pl

from acm_etl.score.health import WARN_Z
from acm_etl.score.model import Model
from acm_etl.score.summaries.local_days import DAY

FAIL_NULL_PCT = 80.0
WARN_NULL_PCT = 10.0
MIN_FLAT_ROWS = 100
"""So many equal readings in a row are called flat."""

_KEY = ("AsOf", "SensorName")


def sensor_hotspots(trailing_days: pl.DataFrame, sensor_days: pl.DataFrame, model: Model) -> pl.DataFrame:
    """Sensors whose largest |z| of the trailing days reaches 2.

    Args:
        trailing_days: Days of each summary.
        sensor_days: Rows of ACM_SensorDaily with their day number.
        model: Gives centre and scale of the training period.
    """
    size = pl.col("MaxSignedZ").abs()
    peak = size.arg_max()
    latest = pl.col("LatestTimestamp").arg_max()
    found = (
        _join_trailing_days(trailing_days, sensor_days.filter(pl.col("MaxTimestamp").is_not_null()))
        .group_by(_KEY, maintain_order=True)
        .agg(
            pl.col("MaxTimestamp", "MaxSignedZ", "ValueAtPeak").get(peak),
            pl.col("LatestTimestamp", "LatestSignedZ", "LatestValue").get(latest),
            pl.col("AboveWarnCount", "AboveAlertCount").sum(),
        )
    )
    trained = pl.DataFrame(
        {"SensorName": model.tags, "TrainMean": model.scaler.centre_, "TrainStd": model.scaler.scale_},
        schema={"SensorName": pl.String, "TrainMean": pl.Float64, "TrainStd": pl.Float64},
    )
    return (
        found.with_columns(MaxAbsZ=size, LatestAbsZ=pl.col("LatestSignedZ").abs())
        .filter(pl.col("MaxAbsZ") >= WARN_Z)
        .join(trained, on="SensorName", maintain_order="left")
    )


def sensor_quality(trailing_days: pl.DataFrame, sensor_days: pl.DataFrame) -> pl.DataFrame:
    """Usability of every sensor over the trailing days.

    Args:
        trailing_days: Days of each summary.
        sensor_days: Rows of ACM_SensorDaily with their day number.
    """
    null_pct, flat = pl.col("NullPct"), pl.col("LongestFlat") >= MIN_FLAT_ROWS
    fails = null_pct >= FAIL_NULL_PCT
    warns = (null_pct >= WARN_NULL_PCT) | flat
    notes = [pl.when(null_pct >= WARN_NULL_PCT).then(_null_note()), pl.when(flat).then(_flat_note())]
    return (
        _join_trailing_days(trailing_days, sensor_days)
        .group_by(_KEY, maintain_order=True)
        .agg(pl.col("Readings", "Nulls").sum(), pl.col("LongestGap", "LongestFlat").max())
        .with_columns(NullPct=100 * pl.col("Nulls") / pl.col("Readings"))
        .with_columns(
            CheckName=pl.lit("data_quality"),
            CheckResult=pl.when(fails).then(pl.lit("FAIL")).when(warns).then(pl.lit("WARN")).otherwise(pl.lit("OK")),
            Notes=pl.concat_str(notes, separator="; ", ignore_nulls=True).replace("", None),
        )
    )


def sensor_ranking(sensor_days: pl.DataFrame, top_detectors: pl.DataFrame) -> pl.DataFrame:
    """Sensors by their last deviation of each day.

    Args:
        sensor_days: Rows of ACM_SensorDaily with their day number.
        top_detectors: ``asof`` and ``DetectorType``: the loudest head of each day.
    """
    size, total = pl.col("ZScore"), pl.col("ZScore").sum().over("AsOf")
    even = 100 / pl.len().over("AsOf")
    return (
        sensor_days.filter(pl.col("LatestTimestamp").is_not_null())
        .with_columns(ZScore=pl.col("LatestSignedZ").abs())
        .sort("AsOf", "ZScore", descending=[False, True], maintain_order=True)
        .with_columns(
            RankPosition=pl.int_range(1, pl.len() + 1).over("AsOf"),
            ContributionPct=pl.when(total > 0).then(100 * size / total).otherwise(even),
        )
        .join(top_detectors, left_on=DAY, right_on="asof", how="left", maintain_order="left")
    )


def sensors_at_last_reading(sensor_days: pl.DataFrame) -> pl.DataFrame:
    """Of each day, the sensors that spoke at its last reading with a deviation.

    Args:
        sensor_days: Rows of ACM_SensorDaily with their day number.
    """
    return sensor_days.filter(pl.col("LatestTimestamp") == pl.col("LatestTimestamp").max().over(DAY))


def _join_trailing_days(trailing_days: pl.DataFrame, sensor_days: pl.DataFrame) -> pl.DataFrame:
    return trailing_days.join(sensor_days.drop("AsOf"), on=DAY).sort("AsOf", DAY, maintain_order=True)


def _null_note() -> pl.Expr:
    return pl.format("{} of {} readings unusable", "Nulls", "Readings")


def _flat_note() -> pl.Expr:
    return pl.format("{} equal readings in a row", "LongestFlat")
