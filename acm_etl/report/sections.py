"""Sections of the page below the history: forecast, detectors, drift and data quality."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

import polars as pl

from acm_etl.report.queries import MachineRows
from acm_etl.report.timeline import ReportPeriod, to_epoch_ms
from acm_etl.tables.common import DETECTOR_NAMES

HISTORY_DAYS = 60
"""Days of health drawn before a forecast."""
_MAX_REJECTION_ROWS = 40


@dataclass(frozen=True, slots=True)
class Series:
    """A line of a chart, as the scripts of the page read it.

    Attributes:
        time: Milliseconds since 1970, UTC.
        value: Value at each time.
    """

    time: list[int]
    value: list[float | None]


@dataclass(frozen=True, slots=True)
class ForecastSeries:
    """The health forecast as lines of two charts.

    Attributes:
        past: Mean health of the days before the forecast.
        median: Median forecast of health.
        low: Lower limit of the 80 % interval.
        high: Upper limit of the 80 % interval.
        failure: Probability that health is below the threshold, 0 to 1.
    """

    past: Series
    median: Series
    low: Series
    high: Series
    failure: Series


@dataclass(frozen=True, slots=True)
class DetectorSummary:
    """A detector over the last 30 days.

    Attributes:
        short_name: Display name.
        explanation: What the detector measures; None if the store has no texts.
        operator_hint: What to do when its score is high.
        violation_percent: Share of readings with z >= 2, percent; None before the first summary.
    """

    short_name: str
    explanation: str | None = None
    operator_hint: str | None = None
    violation_percent: float | None = None


@dataclass(frozen=True, slots=True)
class DriftEvent:
    """A period of critical drift; ``end`` is the last reading so far while the event is open."""

    sensor: str
    start: datetime
    end: datetime
    is_open: bool
    peak_z: float


@dataclass(frozen=True, slots=True)
class SensorCheck:
    """Data quality of a sensor over the last 30 days.

    Attributes:
        sensor: Tag name.
        result: ``OK``, ``WARN`` or ``FAIL``.
        null_percent: Share of readings without a usable value, percent.
        longest_gap: Longest run of unusable values, readings.
        longest_flat: Longest run of equal values, readings.
        notes: Text of the finding.
    """

    sensor: str
    result: str
    null_percent: float
    longest_gap: int
    longest_flat: int
    notes: str | None


@dataclass(frozen=True, slots=True)
class RejectedValues:
    """Values that were rejected or changed, by reason and column (empty for whole rows)."""

    reason: str
    column: str
    readings: int
    samples: str | None


@dataclass(frozen=True, slots=True)
class DataQuality:
    """Checks of all sensors, worst first, and rejected values, most first."""

    checks: tuple[SensorCheck, ...]
    rejections: tuple[RejectedValues, ...]

    @property
    def ok_count(self) -> int:
        """Number of sensors without a finding."""
        return sum(check.result == "OK" for check in self.checks)


def read_forecast(rows: MachineRows, daily_health: pl.DataFrame) -> ForecastSeries | None:
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
    # Days without an assessed reading have no health; the line of the chart bridges them.
    past = daily_health.tail(HISTORY_DAYS).drop_nulls("AvgHealth")
    return ForecastSeries(
        past=_build_series(past, "AsOf", "AvgHealth"),
        median=_build_series(health, "Timestamp", "ForecastHealth"),
        low=_build_series(health, "Timestamp", "CiLower"),
        high=_build_series(health, "Timestamp", "CiUpper"),
        # Probabilities near 0 need more digits than health near 100.
        failure=_build_series(failure, "Timestamp", "FailureProb", 4),
    )


def _build_series(frame: pl.DataFrame, time: str, value: str, digits: int = 2) -> Series:
    # Rounded, because further digits are finer than a pixel and only make the page larger.
    return Series([to_epoch_ms(t) for t in frame[time]], frame[value].round(digits).to_list())


def read_detectors(rows: MachineRows) -> list[DetectorSummary]:
    """Return what each detector measures, how often it exceeded z = 2 lately, and the hint for operators."""
    sql = "SELECT {DetectorType}, {ShortName}, {Explanation}, {OperatorHint} FROM {ACM_DetectorMetadata}"
    texts = {name: texts for name, *texts in rows.engine.query(rows.engine.dialect.sql(sql)).iter_rows()}
    violations = dict(rows.read_rows("ACM_SensorDefects_Latest", ("DetectorType", "ViolationPct")).iter_rows())
    # The declared order, not that of the store: the charts draw one row per detector in this order.
    summaries = []
    for name in DETECTOR_NAMES:
        # Named by its column if somebody has deleted its texts: a page without texts is better than none.
        short_name, explanation, hint = texts.get(name, (name, None, None))
        summaries.append(DetectorSummary(short_name, explanation, hint, violations.get(name)))
    return summaries


def read_drift_events(rows: MachineRows, period: ReportPeriod) -> list[DriftEvent]:
    """Return the drift events of a period, newest first."""
    # In the order of the fields of ``DriftEvent``.
    columns = ("SensorName", "SegmentStart", "SegmentEnd", "Status", "Value")
    where, params = period.build_condition("SegmentStart")
    events = rows.read_rows("ACM_DriftEvents", columns, where=where, params=params, order="{SegmentStart} DESC")
    return [DriftEvent(sensor, start, end, status == "OPEN", z) for sensor, start, end, status, z in events.iter_rows()]


def read_data_quality(rows: MachineRows) -> DataQuality:
    """Return the checks of each sensor of the last 30 days, worst first, and rejected and corrected values."""
    # In the order of the fields of ``SensorCheck``.
    columns = ("SensorName", "CheckResult", "NullPct", "LongestGap", "LongestFlat", "Notes")
    rank = pl.col("CheckResult").replace_strict({"FAIL": 0, "WARN": 1}, default=2, return_dtype=pl.Int32)
    checks = rows.read_rows("ACM_DataQuality_Latest", columns).sort(rank, -pl.col("NullPct"), "SensorName")
    # Summed by the database over all runs: a nightly job writes the same event every night.
    totals = "SUM({AffectedRows}) AS {AffectedRows}, MAX({SampleValues}) AS {SampleValues}"
    events = rows.aggregate_rows("ACM_DataQualityEvents", ("EventType", "ColumnName"), totals).sort(
        "AffectedRows", "ColumnName", descending=[True, False]
    )
    return DataQuality(
        tuple(SensorCheck(*row) for row in checks.iter_rows()),
        tuple(RejectedValues(*row) for row in events.head(_MAX_REJECTION_ROWS).iter_rows()),
    )
