"""Summaries as of the end of a local day over the last ``summary_days`` days, and properties of model versions."""

from __future__ import annotations

from typing import get_args

from acm_etl.schema import col
from acm_etl.tables.common import AS_OF, DETECTOR_NAMES, OPERATING_STATES, declare_result_table
from acm_etl.words import HealthStatus

# Aggregates of one day, so that a summary of 30 days reads 30 rows per sensor instead of every reading.
SENSOR_DAILY = declare_result_table(
    "ACM_SensorDaily",
    "Daily statistics of each sensor, from which the sensor summaries are computed",
    ("AsOf", "SensorName"),
    col("AsOf", "ts3", "Local day of the machine, as the UTC time at which it starts"),
    col("SensorName", "str(255)", "Tag"),
    col("Readings", "i64", "Readings of the day"),
    col("Nulls", "i64", "Readings without a usable value"),
    col(
        "LongestGap",
        "i64",
        "Longest run of unusable values in the day, counted from its first reading on any day, readings",
    ),
    col(
        "LongestFlat",
        "i64",
        "Longest run of equal values in the day, counted from its first reading on any day, readings",
    ),
    col("AboveWarnCount", "i64", "Readings with |z| >= 2"),
    col("AboveAlertCount", "i64", "Readings with |z| >= 3"),
    col("MaxTimestamp", "ts3?", "Time of the largest |z|, UTC"),
    col("MaxSignedZ", "f64?", "z at that time"),
    col("ValueAtPeak", "f64?", "Reading at that time"),
    col("LatestTimestamp", "ts3?", "Last usable reading, UTC"),
    col("LatestSignedZ", "f64?", "z at that time"),
    col("LatestValue", "f64?", "Reading at that time"),
    col("BaselineCount", "i64", "Usable readings in state on, with fused z below 2 and no alarm"),
    col("BaselineMean", "f64?", "Mean of the baseline readings, unit of the tag"),
    grain="day",
    time_column="AsOf",
)

# Only sensors that reached 2: a dashboard lists what is conspicuous, not all tags.
SENSOR_HOTSPOTS = declare_result_table(
    "ACM_SensorHotspots",
    "Sensors whose largest |z| reached 2 in the last summary_days days",
    ("AsOf", "SensorName"),
    AS_OF,
    col("SensorName", "str(255)", "Tag"),
    col("MaxTimestamp", "ts3", "Time of the largest |z|, UTC"),
    col("LatestTimestamp", "ts3", "Last usable reading, UTC"),
    col("MaxAbsZ", "f64", "Largest |z|"),
    col("MaxSignedZ", "f64", "z at that time"),
    col("LatestAbsZ", "f64", "|z| of the last reading"),
    col("LatestSignedZ", "f64", "z of the last reading"),
    col("ValueAtPeak", "f64", "Reading at the largest |z|"),
    col("LatestValue", "f64", "Last reading"),
    col("TrainMean", "f64", "Centre of the training period (median)"),
    col("TrainStd", "f64", "Scale of the training period (robust standard deviation, floored)"),
    col("AboveWarnCount", "i64", "Readings with |z| >= 2"),
    col("AboveAlertCount", "i64", "Readings with |z| >= 3"),
    grain="day",
    time_column="AsOf",
)

# CheckName is a part of V8's key; there is one check.
DATA_QUALITY = declare_result_table(
    "ACM_DataQuality",
    "Usability of each sensor over the last summary_days days",
    ("AsOf", "SensorName", "CheckName"),
    AS_OF,
    col("SensorName", "str(255)", "Tag"),
    col("CheckName", "str(100)", "Name of the check", allowed_values=("data_quality",)),
    col(
        "CheckResult",
        "str(8)",
        "FAIL from 80 % unusable values, WARN from 10 % or if flat, else OK",
        allowed_values=("OK", "WARN", "FAIL"),
    ),
    col("Readings", "i64", "Readings"),
    col("Nulls", "i64", "Readings without a usable value"),
    col("NullPct", "f64", "100 * Nulls / Readings"),
    col("LongestGap", "i64", "Longest run of unusable values, readings"),
    col("LongestFlat", "i64", "Longest run of equal values, readings"),
    col("Notes", "str(500)?", "Text of the finding"),
    grain="day",
    time_column="AsOf",
)

# UNKNOWN is a status of its own: a day without an assessed reading is not a healthy day.
DEFECT_SUMMARY = declare_result_table(
    "ACM_DefectSummary",
    "Status of the machine at the end of the day",
    ("AsOf",),
    AS_OF,
    col(
        "Status",
        "str(16)",
        "Status by the last health of the day",
        allowed_values=get_args(HealthStatus),
    ),
    col(
        "Severity",
        "str(8)",
        "LOW, MEDIUM or HIGH for HEALTHY, CAUTION or ALERT",
        allowed_values=("LOW", "MEDIUM", "HIGH", "UNKNOWN"),
    ),
    col("CurrentHealth", "f64?", "Last health of the day, 0-100"),
    col("AvgHealth", "f64?", "Mean health over the last summary_days days, 0-100"),
    col("MinHealth", "f64?", "Lowest health over the last summary_days days, 0-100"),
    col("EpisodeCount", "i64", "Episodes that started in the last summary_days days"),
    col("WorstSensor", "str(255)?", "Sensor with the largest |z| in the last reading"),
    col("GoodCount", "i64", "Readings in zone GOOD"),
    col("WatchCount", "i64", "Readings in zone WATCH"),
    col("AlertCount", "i64", "Readings in zone ALERT"),
    grain="day",
    time_column="AsOf",
)

EPISODE_METRICS = declare_result_table(
    "ACM_EpisodeMetrics",
    "Statistics of the episodes that started in the last summary_days days",
    ("AsOf",),
    AS_OF,
    col("TotalEpisodes", "i64", "Episodes"),
    col("TotalDurationHours", "f64", "Sum of their durations, hours"),
    col("AvgDurationHours", "f64?", "Mean duration, hours"),
    col("MedianDurationHours", "f64?", "Median duration, hours"),
    col("MaxDurationHours", "f64?", "Longest duration, hours"),
    col("MinDurationHours", "f64?", "Shortest duration, hours"),
    col("RatePerDay", "f64", "Episodes per day of the period covered"),
    col("MeanInterarrivalHours", "f64?", "Mean time from start to start, hours; NULL below two episodes"),
    grain="day",
    time_column="AsOf",
)

REGIME_OCCUPANCY = declare_result_table(
    "ACM_RegimeOccupancy",
    "Share of readings in each regime over the last summary_days days",
    ("AsOf", "RegimeLabel"),
    AS_OF,
    col("RegimeLabel", "str(50)", "Operating regime"),
    col("RecordCount", "i64", "Readings"),
    col("Percentage", "f64", "100 * RecordCount / readings with a regime"),
    grain="day",
    time_column="AsOf",
)

# Probabilities by the regime before: they add up to 1 for each, whatever their number of changes.
REGIME_TRANSITIONS = declare_result_table(
    "ACM_RegimeTransitions",
    "Changes of regime in the last summary_days days",
    ("AsOf", "FromLabel", "ToLabel"),
    AS_OF,
    col("FromLabel", "str(50)", "Regime before"),
    col("ToLabel", "str(50)", "Regime after"),
    col("Count", "i64", "Changes"),
    col("Prob", "f64", "Count / all changes out of FromLabel; the sum per FromLabel is 1"),
    grain="day",
    time_column="AsOf",
)

# By operating state, because each state is calibrated by itself.
CALIBRATION_SUMMARY = declare_result_table(
    "ACM_CalibrationSummary",
    "Scores of each detector on the calibration readings of a model version (readings that were not fitted)",
    ("ModelVersion", "DetectorType", "OperatingState"),
    col("ModelVersion", "i32", "Model version"),
    col("DetectorType", "str(50)", "Detector, or fused", allowed_values=(*DETECTOR_NAMES, "fused")),
    col("OperatingState", "str(16)", "Operating state of the calibration readings", allowed_values=OPERATING_STATES),
    col("CalibrationRows", "i64", "Number of calibration readings"),
    col("Pooled", "bool", "Fewer than 5,000 readings: the tail is pooled or extrapolated, so high z are less certain"),
    col("MeanZ", "f64?", "Mean z"),
    col("StdZ", "f64?", "Standard deviation of z"),
    col("P95Z", "f64?", "95th percentile of z"),
    col("P99Z", "f64?", "99th percentile of z"),
    col("ClipZ", "f64", "Limit at which sensor deviations are clipped, robust standard deviations"),
    col("SaturationPct", "f64?", "Share of sensor readings at the clip, percent"),
    col("MahalCondNum", "f64?", "Condition number of the covariance (mhal_z only)"),
    # Last, because stores of earlier versions get these columns by ALTER TABLE.
    col(
        "TailFoldPct", "f64?", "Share of the highest 1 % of the scores in one fold (block of time) of training, percent"
    ),
    col("TailFoldStart", "ts3?", "First reading of this fold, UTC"),
    col("TailFoldEnd", "ts3?", "Last reading of this fold, UTC"),
    col("LeftOutStart", "ts3?", "First reading of the fold that is unlike all others, and not calibrated on, UTC"),
    col("LeftOutEnd", "ts3?", "Last reading of this fold, UTC"),
    grain="model",
)

# Excluded tags have a row, too: nothing is left out of the models without a reason that can be read.
MODEL_TAGS = declare_result_table(
    "ACM_ModelTags",
    "Tags of a model version, used or excluded, with the reason of the exclusion",
    ("ModelVersion", "TagName"),
    col("ModelVersion", "i32", "Model version"),
    col("TagName", "str(255)", "Tag"),
    col("Ordinal", "i32", "Position in the historian table, from 0"),
    col("Used", "bool", "Whether the tag is scored"),
    col("Reason", "str(200)?", "Why the tag is excluded; NULL if it is used"),
    col("IdleLevel", "f64?", "Load indicator: idle below this reading, unit of the tag; NULL if the tag is none"),
    # Last, because stores of earlier versions get these columns by ALTER TABLE.
    col(
        "ContextLow",
        "f64?",
        "Context tag: lower end of its range in training, unit of the tag; NULL if the tag is none",
    ),
    col("ContextHigh", "f64?", "Context tag: upper end of this range; levels are wider outside of it"),
    grain="model",
)

TABLES = (
    SENSOR_DAILY,
    SENSOR_HOTSPOTS,
    DATA_QUALITY,
    DEFECT_SUMMARY,
    EPISODE_METRICS,
    REGIME_OCCUPANCY,
    REGIME_TRANSITIONS,
    CALIBRATION_SUMMARY,
    MODEL_TAGS,
)
