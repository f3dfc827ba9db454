"""Summaries as of the end of a local day over the trailing ``summary_days``, and what a model version knows."""

from __future__ import annotations

from acm_etl.schema import col
from acm_etl.tables.common import AS_OF, DETECTOR_NAMES, OPERATING_STATES, declare_result_table

SENSOR_DAILY = declare_result_table(
    "ACM_SensorDaily",
    "What each sensor did on one local day: the base of the sensor summaries",
    ("AsOf", "SensorName"),
    col("AsOf", "ts3", "Local day of the machine, as the UTC time at which it starts"),
    col("SensorName", "str(255)", "Tag"),
    col("Readings", "i64", "Readings of the day"),
    col("Nulls", "i64", "Readings without a usable value, whatever the reason"),
    col("LongestGap", "i64", "Longest run of unusable values that reaches into the day, readings"),
    col("LongestFlat", "i64", "Longest run of equal values that reaches into the day, readings"),
    col("AboveWarnCount", "i64", "Readings with |z| >= 2"),
    col("AboveAlertCount", "i64", "Readings with |z| >= 3"),
    col("MaxTimestamp", "ts3?", "Time of the largest |z|, UTC"),
    col("MaxSignedZ", "f64?", "z at that time"),
    col("ValueAtPeak", "f64?", "Reading at that time"),
    col("LatestTimestamp", "ts3?", "Last usable reading, UTC"),
    col("LatestSignedZ", "f64?", "z at that time"),
    col("LatestValue", "f64?", "Reading at that time"),
    col("BaselineCount", "i64", "Usable readings in state on with fused z below 2 and no alarm"),
    col("BaselineMean", "f64?", "Mean of those readings, unit of the tag"),
    grain="day",
    time_column="AsOf",
)

SENSOR_HOTSPOTS = declare_result_table(
    "ACM_SensorHotspots",
    "Sensors that stood out (largest |z| >= 2) in the trailing days",
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

DATA_QUALITY = declare_result_table(
    "ACM_DataQuality",
    "Usability of each sensor in the trailing days",
    ("AsOf", "SensorName", "CheckName"),
    AS_OF,
    col("SensorName", "str(255)", "Tag"),
    col("CheckName", "str(100)", "Check that was made", allowed_values=("data_quality",)),
    col(
        "CheckResult",
        "str(8)",
        "FAIL if all or 80 % unusable, WARN from 10 % or flat",
        allowed_values=("OK", "WARN", "FAIL"),
    ),
    col("Readings", "i64", "Readings"),
    col("Nulls", "i64", "Readings without a usable value"),
    col("NullPct", "f64", "100 * Nulls / Readings"),
    col("LongestGap", "i64", "Longest run of unusable values, readings"),
    col("LongestFlat", "i64", "Longest run of equal values, readings"),
    col("Notes", "str(500)?", "What was found, in words"),
    grain="day",
    time_column="AsOf",
)

DEFECT_SUMMARY = declare_result_table(
    "ACM_DefectSummary",
    "Where the machine stands at the end of the day",
    ("AsOf",),
    AS_OF,
    col(
        "Status", "str(16)", "By the last health of the day", allowed_values=("HEALTHY", "CAUTION", "ALERT", "UNKNOWN")
    ),
    col("Severity", "str(8)", "LOW, MEDIUM, HIGH correspondingly", allowed_values=("LOW", "MEDIUM", "HIGH", "UNKNOWN")),
    col("CurrentHealth", "f64?", "Last health, 0-100"),
    col("AvgHealth", "f64?", "Mean health of the trailing days"),
    col("MinHealth", "f64?", "Lowest health of the trailing days"),
    col("EpisodeCount", "i64", "Episodes that started in the trailing days"),
    col("WorstSensor", "str(255)?", "Sensor with the largest |z| in the last reading"),
    col("GoodCount", "i64", "Readings in zone GOOD"),
    col("WatchCount", "i64", "Readings in zone WATCH"),
    col("AlertCount", "i64", "Readings in zone ALERT"),
    grain="day",
    time_column="AsOf",
)

EPISODE_METRICS = declare_result_table(
    "ACM_EpisodeMetrics",
    "Episodes that started in the trailing days",
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
    "Time spent in each regime in the trailing days",
    ("AsOf", "RegimeLabel"),
    AS_OF,
    col("RegimeLabel", "str(50)", "Operating regime"),
    col("RecordCount", "i64", "Readings"),
    col("Percentage", "f64", "100 * RecordCount / readings with a regime"),
    grain="day",
    time_column="AsOf",
)

REGIME_TRANSITIONS = declare_result_table(
    "ACM_RegimeTransitions",
    "Changes of regime in the trailing days",
    ("AsOf", "FromLabel", "ToLabel"),
    AS_OF,
    col("FromLabel", "str(50)", "Regime before"),
    col("ToLabel", "str(50)", "Regime after"),
    col("Count", "i64", "Changes"),
    col("Prob", "f64", "Count / all changes out of FromLabel: sums to 1 per FromLabel"),
    grain="day",
    time_column="AsOf",
)

CALIBRATION_SUMMARY = declare_result_table(
    "ACM_CalibrationSummary",
    "How each head behaves on the calibration readings of a model version (readings that were not fitted)",
    ("ModelVersion", "DetectorType", "OperatingState"),
    col("ModelVersion", "i32", "Model version"),
    col("DetectorType", "str(50)", "Detector head, or fused", allowed_values=(*DETECTOR_NAMES, "fused")),
    col("OperatingState", "str(16)", "State the calibration is for", allowed_values=OPERATING_STATES),
    col("CalibrationRows", "i64", "Readings calibrated on"),
    col("Pooled", "bool", "Fewer than 5,000 readings: the tail is pooled or extrapolated, take z with care"),
    col("MeanZ", "f64?", "Mean z"),
    col("StdZ", "f64?", "Standard deviation of z"),
    col("P95Z", "f64?", "95th percentile of z"),
    col("P99Z", "f64?", "99th percentile of z"),
    col("ClipZ", "f64", "Sensors are clipped at this many robust standard deviations"),
    col("SaturationPct", "f64?", "Share of sensor readings at the clip, percent"),
    col("MahalCondNum", "f64?", "Condition number of the covariance (mhal_z only)"),
    grain="model",
)

MODEL_TAGS = declare_result_table(
    "ACM_ModelTags",
    "Tags a model version looks at, and why others are left out",
    ("ModelVersion", "TagName"),
    col("ModelVersion", "i32", "Model version"),
    col("TagName", "str(255)", "Tag"),
    col("Ordinal", "i32", "Position in the historian table, from 0"),
    col("Used", "bool", "Whether the tag is scored"),
    col("Reason", "str(200)?", "Why it is not"),
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
