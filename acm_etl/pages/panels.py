"""What stands below a machine's history: forecast, sensors, detectors, regimes, data quality, runs."""

from __future__ import annotations

from typing import Any

import polars as pl

from acm_etl.pages.episodes import milliseconds
from acm_etl.pages.history import Period, regime_labels
from acm_etl.pages.rows import Rows
from acm_etl.tables.common import HEADS

Row = dict[str, Any]
TRAIL = 60
"""Days of health that are shown before a forecast."""
RUNS = 25


def forecast(rows: Rows, days: pl.DataFrame) -> Row | None:
    """Health of the days to come with its band, and the probability of failure; None where there is none.

    Args:
        rows: The machine's rows.
        days: Daily health, oldest first.
    """
    health = rows.all(
        "ACM_HealthForecast_TS_Latest", ("Timestamp", "ForecastHealth", "CiLower", "CiUpper"), order="{Timestamp}"
    )
    failure = rows.all("ACM_FailureForecast_TS_Latest", ("Timestamp", "FailureProb"), order="{Timestamp}")
    if not health.height:
        return None
    past = days.tail(TRAIL).drop_nulls("AvgHealth")
    return {
        "past": _series(past, "AsOf", "AvgHealth"),
        "median": _series(health, "Timestamp", "ForecastHealth"),
        "low": _series(health, "Timestamp", "CiLower"),
        "high": _series(health, "Timestamp", "CiUpper"),
        "failure": _series(failure, "Timestamp", "FailureProb", 4),
    }


def _series(frame: pl.DataFrame, time: str, value: str, digits: int = 2) -> Row:
    return {"time": [milliseconds(t) for t in frame[time]], "value": frame[value].round(digits).to_list()}


def detectors(rows: Rows) -> list[Row]:
    """What each detector looks at, how often it spoke in the trailing days, and what an operator does about it."""
    q = rows.engine.dialect.quote
    columns = ", ".join(map(q, ("DetectorType", "ShortName", "Explanation", "OperatorHint")))
    told = rows.engine.query(f"SELECT {columns} FROM {q('ACM_DetectorMetadata')}").rows_by_key(
        "DetectorType", named=True, unique=True
    )
    said = rows.all("ACM_SensorDefects_Latest", ("DetectorType", "ViolationPct", "MaxZ", "CurrentZ"))
    by_head = said.rows_by_key("DetectorType", named=True, unique=True)
    return [{"ShortName": head, **told.get(head, {}), **by_head.get(head, {})} for head in HEADS]


def regimes(rows: Rows) -> list[Row]:
    """Share of the trailing days in each regime."""
    found = rows.all("ACM_RegimeOccupancy_Latest", ("RegimeLabel", "Percentage", "RecordCount")).rows_by_key(
        "RegimeLabel", named=True, unique=True, include_key=True
    )
    return [found[label] for label in regime_labels(list(found))]


def drifts(rows: Rows, period: Period) -> list[Row]:
    """Drift events, newest first."""
    columns = ("SegmentStart", "SegmentEnd", "Status", "DurationHours", "Value", "SensorName")
    where, params = period.where("SegmentStart")
    return rows.all("ACM_DriftEvents", columns, where=where, params=params, order="{SegmentStart} DESC").to_dicts()


def quality(rows: Rows) -> Row:
    """Usability of each sensor in the trailing days, the worst first, and what was not taken as it came."""
    columns = ("SensorName", "CheckResult", "Readings", "NullPct", "LongestGap", "LongestFlat", "Notes")
    rank = pl.col("CheckResult").replace_strict({"FAIL": 0, "WARN": 1}, default=2, return_dtype=pl.Int32)
    checks = rows.all("ACM_DataQuality_Latest", columns).sort(rank, -pl.col("NullPct"), "SensorName")
    events = (
        rows.all("ACM_DataQualityEvents", ("ColumnName", "EventType", "AffectedRows", "SampleValues"))
        .group_by("EventType", "ColumnName")
        .agg(pl.col("AffectedRows").sum(), pl.col("SampleValues").drop_nulls().first())
        .sort("AffectedRows", descending=True)
    )
    tally = dict(checks["CheckResult"].value_counts().iter_rows())
    return {"checks": checks.to_dicts(), "events": events.head(40).to_dicts(), "tally": tally}


def runs(rows: Rows, period: Period) -> Row:
    """How often runs ended how, the newest ones, those that failed, and the models."""
    where, params = period.where("WindowStart")
    columns = ("Stage", "WindowStart", "WindowEnd", "Outcome", "Provisional", "Attempt", "RowsRead", "CompletedAt",
               "DurationSeconds", "EpisodeCount", "AvgHealthIndex", "DataQualityScore", "ModelVersion",
               "ErrorMessage")  # fmt: skip
    found = rows.all("ACM_RunHistory", columns, where=where, params=params, order="{AttemptStartedAt} DESC")
    newest = found.sort("WindowStart", descending=True, nulls_last=True).head(RUNS)
    tally = found.group_by("Stage", "Outcome").len().sort("Stage", "Outcome")
    models = rows.all("ModelRegistry", ("Version", "HoldsFrom", "TrainStart", "TrainEnd", "TrainRows"))
    tags = rows.all("ACM_ModelTags", ("ModelVersion", "TagName", "Used", "Reason"), where="{Used} = ?", params=[False])
    return {
        "tally": tally.to_dicts(),
        "newest": newest.to_dicts(),
        "failed": found.filter(pl.col("Outcome") == "FAIL").head(RUNS).to_dicts(),
        "models": models.sort("Version", descending=True).to_dicts(),
        "left_out": tags.filter(pl.col("ModelVersion") == pl.col("ModelVersion").max()).to_dicts(),
    }
