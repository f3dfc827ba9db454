"""Sections of the page below the history: forecast, detectors, regimes, drift, data quality, runs."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import polars as pl

from acm_etl.report.episodes import to_epoch_ms
from acm_etl.report.queries import MachineRows
from acm_etl.report.timeline import ReportPeriod, sort_regime_labels
from acm_etl.tables.common import DETECTOR_NAMES

Row = dict[str, Any]
HISTORY_DAYS = 60
"""Days of health drawn before a forecast."""
MAX_RUNS = 25


def read_forecast(rows: MachineRows, daily_health: pl.DataFrame) -> Row | None:
    """Return the health forecast with its interval and the failure probability; None without a forecast.

    Args:
        rows: Reader of the rows of the machine.
        daily_health: Daily health, oldest first.
    """
    health = rows.read_rows(
        "ACM_HealthForecast_TS_Latest", ("Timestamp", "ForecastHealth", "CiLower", "CiUpper"), order="{Timestamp}"
    )
    failure = rows.read_rows("ACM_FailureForecast_TS_Latest", ("Timestamp", "FailureProb"), order="{Timestamp}")
    if not health.height:
        return None
    past = daily_health.tail(HISTORY_DAYS).drop_nulls("AvgHealth")
    return {
        "past": _build_series(past, "AsOf", "AvgHealth"),
        "median": _build_series(health, "Timestamp", "ForecastHealth"),
        "low": _build_series(health, "Timestamp", "CiLower"),
        "high": _build_series(health, "Timestamp", "CiUpper"),
        "failure": _build_series(failure, "Timestamp", "FailureProb", 4),
    }


def _build_series(frame: pl.DataFrame, time: str, value: str, digits: int = 2) -> Row:
    return {"time": [to_epoch_ms(t) for t in frame[time]], "value": frame[value].round(digits).to_list()}


def read_detectors(rows: MachineRows) -> list[Row]:
    """Return what each detector measures, how often it exceeded z = 2 lately, and the hint for operators."""
    q = rows.engine.dialect.quote
    columns = ", ".join(map(q, ("DetectorType", "ShortName", "Explanation", "OperatorHint")))
    told = rows.engine.query(f"SELECT {columns} FROM {q('ACM_DetectorMetadata')}").rows_by_key(
        "DetectorType", named=True, unique=True
    )
    said = rows.read_rows("ACM_SensorDefects_Latest", ("DetectorType", "ViolationPct", "MaxZ", "CurrentZ"))
    by_head = said.rows_by_key("DetectorType", named=True, unique=True)
    return [{"ShortName": head, **told.get(head, {}), **by_head.get(head, {})} for head in DETECTOR_NAMES]


def read_regime_shares(rows: MachineRows) -> list[Row]:
    """Return the share of the last 30 days in each regime."""
    found = rows.read_rows("ACM_RegimeOccupancy_Latest", ("RegimeLabel", "Percentage", "RecordCount")).rows_by_key(
        "RegimeLabel", named=True, unique=True, include_key=True
    )
    return [found[label] for label in sort_regime_labels(list(found))]


def read_drift_events(rows: MachineRows, period: ReportPeriod) -> list[Row]:
    """Return the drift events of a period, newest first."""
    columns = ("SegmentStart", "SegmentEnd", "Status", "DurationHours", "Value", "SensorName")
    where, params = period.build_condition("SegmentStart")
    return rows.read_rows(
        "ACM_DriftEvents", columns, where=where, params=params, order="{SegmentStart} DESC"
    ).to_dicts()


def read_data_quality(rows: MachineRows) -> Row:
    """Return the checks of each sensor of the last 30 days, worst first, and rejected and corrected values."""
    columns = ("SensorName", "CheckResult", "Readings", "NullPct", "LongestGap", "LongestFlat", "Notes")
    rank = pl.col("CheckResult").replace_strict({"FAIL": 0, "WARN": 1}, default=2, return_dtype=pl.Int32)
    checks = rows.read_rows("ACM_DataQuality_Latest", columns).sort(rank, -pl.col("NullPct"), "SensorName")
    what = "SUM({AffectedRows}) AS {AffectedRows}, MAX({SampleValues}) AS {SampleValues}"
    events = rows.aggregate_rows("ACM_DataQualityEvents", ("EventType", "ColumnName"), what).sort(
        "AffectedRows", "ColumnName", descending=[True, False]
    )
    tally = dict(checks["CheckResult"].value_counts().iter_rows())
    return {"checks": checks.to_dicts(), "events": events.head(40).to_dicts(), "tally": tally}


def read_runs(rows: MachineRows, period: ReportPeriod) -> Row:
    """Return counts of runs by outcome, the newest and the failed runs, and the model versions."""
    where, params = period.build_condition("WindowStart")
    columns = ("Stage", "WindowStart", "WindowEnd", "Outcome", "Provisional", "Attempt", "RowsRead", "CompletedAt",
               "DurationSeconds", "EpisodeCount", "AvgHealthIndex", "DataQualityScore", "ModelVersion",
               "ErrorMessage")  # fmt: skip
    tally = rows.aggregate_rows("RunLog", ("Stage", "Outcome"), "COUNT(*) AS {len}", where=where, params=params)
    latest = "MAX({WindowStart}) AS {last}, MAX({TickMinutes}) AS {tick}"
    last = rows.aggregate_rows("RunLog", ("EquipID",), latest, where=where, params=params)
    failed = rows.read_rows(
        "ACM_RunHistory",
        columns,
        where=" AND ".join(filter(None, (where, "{Outcome} = 'FAIL'"))),
        params=params,
        order="{AttemptStartedAt} DESC",
    )
    models = rows.read_rows("ModelRegistry", ("Version", "HoldsFrom", "TrainStart", "TrainEnd", "TrainRows"))
    tags = rows.read_rows(
        "ACM_ModelTags", ("ModelVersion", "TagName", "Used", "Reason"), where="{Used} = ?", params=[False]
    )
    return {
        "tally": tally.sort("Stage", "Outcome").to_dicts(),
        "newest": _read_newest_runs(rows, columns, last).to_dicts(),
        "failed": failed.head(MAX_RUNS).to_dicts(),
        "models": models.sort("Version", descending=True).to_dicts(),
        "left_out": tags.filter(pl.col("ModelVersion") == pl.col("ModelVersion").max()).to_dicts(),
    }


def _read_newest_runs(rows: MachineRows, columns: tuple[str, ...], last: pl.DataFrame) -> pl.DataFrame:
    """Return the newest runs, at most ``MAX_RUNS``."""
    if not last.height or last["last"][0] is None:
        return pl.DataFrame()
    # A range of window starts lets the database skip older runs; every window has one run per stage.
    since = last["last"][0] - MAX_RUNS * timedelta(minutes=int(last["tick"][0] or 1440))
    until = "{WindowStart} >= ? AND {WindowStart} <= ?"
    found = rows.read_rows(
        "ACM_RunHistory", columns, where=until, params=[since, last["last"][0]], order="{WindowStart} DESC"
    )
    return found.head(MAX_RUNS)
