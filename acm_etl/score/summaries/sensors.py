"""Summaries of sensors over the trailing days, and their daily ranking."""

from __future__ import annotations

import polars as pl

from acm_etl.score.model import Model
from acm_etl.score.summaries.local_days import DAY
from acm_etl.tables.common import WARN_Z

_FAIL_NULL_PCT = 80.0
_WARN_NULL_PCT = 10.0
_MIN_FLAT_ROWS = 100  # equal readings in a row from which a sensor counts as flat

_KEY = ("AsOf", "SensorName")


def sensor_hotspots(trailing_days: pl.DataFrame, sensor_days: pl.DataFrame, model: Model) -> pl.DataFrame:
    """Return the sensors whose largest deviation in the trailing days reaches ``WARN_Z``.

    Args:
        trailing_days: Days of each summary.
        sensor_days: Rows of ACM_SensorDaily with their day number.
        model: Model with centre and scale of each tag in the training period.
    """
    abs_z = pl.col("MaxSignedZ").abs()
    peak_row, latest_row = abs_z.arg_max(), pl.col("LatestTimestamp").arg_max()
    peaks = (
        _join_trailing_days(trailing_days, sensor_days.filter(pl.col("MaxTimestamp").is_not_null()))
        .group_by(_KEY, maintain_order=True)
        .agg(
            pl.col("MaxTimestamp", "MaxSignedZ", "ValueAtPeak").get(peak_row),
            pl.col("LatestTimestamp", "LatestSignedZ", "LatestValue").get(latest_row),
            pl.col("AboveWarnCount", "AboveAlertCount").sum(),
        )
    )
    training = pl.DataFrame(
        {"SensorName": model.tags, "TrainMean": model.scaler.centre_, "TrainStd": model.scaler.scale_},
        schema={"SensorName": pl.String, "TrainMean": pl.Float64, "TrainStd": pl.Float64},
    )
    return (
        peaks.with_columns(MaxAbsZ=abs_z, LatestAbsZ=pl.col("LatestSignedZ").abs())
        # After the aggregation: a sensor below the threshold on all days has no row.
        .filter(pl.col("MaxAbsZ") >= WARN_Z)
        .join(training, on="SensorName", maintain_order="left")
    )


def sensor_quality(trailing_days: pl.DataFrame, sensor_days: pl.DataFrame) -> pl.DataFrame:
    """Return the data quality of each sensor over the trailing days: rows of ACM_DataQuality.

    Args:
        trailing_days: Days of each summary.
        sensor_days: Rows of ACM_SensorDaily with their day number.
    """
    null_pct, is_flat = pl.col("NullPct"), pl.col("LongestFlat") >= _MIN_FLAT_ROWS
    has_many_nulls = null_pct >= _WARN_NULL_PCT
    check_result = (
        pl.when(null_pct >= _FAIL_NULL_PCT)
        .then(pl.lit("FAIL"))
        .when(has_many_nulls | is_flat)
        .then(pl.lit("WARN"))
        .otherwise(pl.lit("OK"))
    )
    notes = [
        pl.when(has_many_nulls).then(pl.format("{} of {} readings unusable", "Nulls", "Readings")),
        pl.when(is_flat).then(pl.format("{} equal readings in a row", "LongestFlat")),
    ]
    return (
        _join_trailing_days(trailing_days, sensor_days)
        .group_by(_KEY, maintain_order=True)
        # A run of missing or equal readings continues from day to day, so its length is the maximum, not the sum.
        .agg(pl.col("Readings", "Nulls").sum(), pl.col("LongestGap", "LongestFlat").max())
        .with_columns(NullPct=100 * pl.col("Nulls") / pl.col("Readings"))
        .with_columns(
            CheckName=pl.lit("data_quality"),
            CheckResult=check_result,
            Notes=pl.concat_str(notes, separator="; ", ignore_nulls=True).replace("", None),
        )
    )


def sensor_ranking(sensor_days: pl.DataFrame, top_detectors: pl.DataFrame) -> pl.DataFrame:
    """Return the sensors of each day, ranked by the magnitude of their last deviation.

    Args:
        sensor_days: Rows of ACM_SensorDaily with their day number.
        top_detectors: ``asof`` and ``DetectorType``: the detector with the highest z of each day.
    """
    # Shares are of the sensors that were scored on that day, whatever their number.
    size, total = pl.col("ZScore"), pl.col("ZScore").sum().over("AsOf")
    # All sensors exactly at their centre contribute equally.
    equal_share = 100 / pl.len().over("AsOf")
    return (
        sensor_days.filter(pl.col("LatestTimestamp").is_not_null())
        .with_columns(ZScore=pl.col("LatestSignedZ").abs())
        .sort("AsOf", "ZScore", descending=[False, True], maintain_order=True)
        .with_columns(
            RankPosition=pl.int_range(1, pl.len() + 1).over("AsOf"),
            ContributionPct=pl.when(total > 0).then(100 * size / total).otherwise(equal_share),
        )
        .join(top_detectors, left_on=DAY, right_on="asof", how="left", maintain_order="left")
    )


def sensors_at_last_reading(sensor_days: pl.DataFrame) -> pl.DataFrame:
    """Return the rows of the sensors that have a deviation at the last scored reading of their day.

    Sensors whose last deviation is older are left out: values of different times cannot be compared.

    Args:
        sensor_days: Rows of ACM_SensorDaily with their day number.
    """
    return sensor_days.filter(pl.col("LatestTimestamp") == pl.col("LatestTimestamp").max().over(DAY))


def _join_trailing_days(trailing_days: pl.DataFrame, sensor_days: pl.DataFrame) -> pl.DataFrame:
    # Sorted by day: of equal peaks, the earliest day is kept.
    return trailing_days.join(sensor_days.drop("AsOf"), on=DAY).sort("AsOf", DAY, maintain_order=True)
