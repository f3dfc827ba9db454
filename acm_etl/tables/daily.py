"""Statistics of one local day, and summaries of detectors, health and regimes over the last ``summary_days`` days."""

from __future__ import annotations

from acm_etl.schema import col
from acm_etl.tables.common import AS_OF, DETECTOR_NAMES, declare_result_table

# The start of the day in UTC, because a local date does not say at which time the day begins.
_DAY_COLUMN = col("AsOf", "ts3", "Local day of the machine, as the UTC time at which it starts")
_DETECTOR_COLUMN = col("DetectorType", "str(50)", "Detector", allowed_values=DETECTOR_NAMES)

# Counts instead of shares: counts of days can be added up to those of a month.
HEALTH_DAILY = declare_result_table(
    "ACM_HealthDaily",
    "Health of one local day",
    ("AsOf",),
    _DAY_COLUMN,
    col("DaySeconds", "f64", "Length of the local day, seconds: clocks change"),
    col("Readings", "i64", "Readings of the day"),
    col("AssessedCount", "i64", "Assessed readings, which have a health"),
    col("GoodCount", "i64", "Readings in zone GOOD"),
    col("WatchCount", "i64", "Readings in zone WATCH"),
    col("AlertCount", "i64", "Readings in zone ALERT"),
    col("AlarmCount", "i64", "Readings in alarm"),
    col("AvgHealth", "f64?", "Mean health, 0-100"),
    col("MinHealth", "f64?", "Lowest health, 0-100"),
    col("LastHealth", "f64?", "Last health of the day, 0-100"),
    col("MaxFusedZ", "f64?", "Highest fused z of the assessed readings"),
    grain="day",
    time_column="AsOf",
)

DETECTOR_DAILY = declare_result_table(
    "ACM_DetectorDaily",
    "Scores of each detector on one local day",
    ("AsOf", "DetectorType"),
    _DAY_COLUMN,
    _DETECTOR_COLUMN,
    col("DaySeconds", "f64", "Length of the local day, seconds: clocks change"),
    col("Points", "i64", "Assessed readings"),
    col("AboveCount", "i64", "Readings with z >= 2"),
    col("MaxZ", "f64", "Highest z"),
    col("AvgZ", "f64", "Mean z"),
    col("LatestZ", "f64", "z of the last assessed reading"),
    grain="day",
    time_column="AsOf",
)

# A V8 name. By the alarm, unlike ACM_AlertAge, which is by health zone.
SINCE_WHEN = declare_result_table(
    "ACM_SinceWhen",
    "Time in the current state (in alarm or not) at the end of the day",
    ("AsOf",),
    AS_OF,
    col(
        "AlertZone",
        "str(16)",
        "ALERT if the last assessed reading is in alarm, else GOOD",
        allowed_values=("GOOD", "ALERT"),
    ),
    col("StartTimestamp", "ts3", "First assessed reading of the current state, UTC"),
    col("LastTimestamp", "ts3", "Last assessed reading, UTC"),
    col("DurationHours", "f64", "LastTimestamp - StartTimestamp, hours"),
    col("RecordCount", "i64", "Assessed readings from StartTimestamp to LastTimestamp, both included"),
    grain="day",
    time_column="AsOf",
)

SENSOR_DEFECTS = declare_result_table(
    "ACM_SensorDefects",
    "How often the score of each detector reached z = 2 over the last summary_days days",
    ("AsOf", "DetectorType"),
    AS_OF,
    _DETECTOR_COLUMN,
    col(
        "DetectorFamily", "str(50)", "Key of ACM_DetectorMetadata",
        allowed_values=tuple(name.upper() for name in DETECTOR_NAMES),
    ),
    col("Severity", "str(16)", "By ViolationPct: CRITICAL above 20, HIGH above 10, MEDIUM above 5, else LOW",
        allowed_values=("LOW", "MEDIUM", "HIGH", "CRITICAL")),
    col("ViolationCount", "i64", "Readings with z >= 2"),
    col("ViolationPct", "f64", "100 * ViolationCount / assessed readings"),
    col("MaxZ", "f64", "Highest z"),
    col("AvgZ", "f64", "Mean z"),
    col("CurrentZ", "f64", "z of the last assessed reading"),
    col("ActiveDefect", "bool", "Whether the last assessed reading has z >= 2"),
    grain="day",
    time_column="AsOf",
)  # fmt: skip

# Shares beside ranks: a rank does not show whether the first sensor stands out.
SENSOR_RANKING = declare_result_table(
    "ACM_SensorRanking",
    "Sensors ranked by their last deviation of the day",
    ("AsOf", "SensorName"),
    AS_OF,
    col("SensorName", "str(255)", "Tag"),
    col("RankPosition", "i32", "1 = largest |z|"),
    col("ContributionPct", "f64", "100 * |z| / sum of |z| over the sensors"),
    col("ZScore", "f64", "|z| of the last reading: distance from the training median, robust standard deviations"),
    col(
        "DetectorType",
        "str(50)?",
        "Detector with the highest z at the last assessed reading of the day",
        allowed_values=DETECTOR_NAMES,
    ),
    grain="day",
    time_column="AsOf",
)

# Each pair once, in stored order: the correlation is symmetric.
DETECTOR_CORRELATION = declare_result_table(
    "ACM_DetectorCorrelation",
    "Correlation of the scores of two detectors over the last summary_days days",
    ("AsOf", "DetectorA", "DetectorB"),
    AS_OF,
    col("DetectorA", "str(50)", "Detector", allowed_values=DETECTOR_NAMES),
    col("DetectorB", "str(50)", "A later detector in stored order", allowed_values=DETECTOR_NAMES),
    col("PearsonR", "f64?", "Correlation of the two z, -1 to 1; NULL if one of the two is constant"),
    col("Points", "i64", "Assessed readings"),
    grain="day",
    time_column="AsOf",
)

# Texts, because dashboards use them as labels.
HEALTH_BINS = tuple(f"{low}-{low + 10}" for low in range(0, 100, 10))
HEALTH_HISTOGRAM = declare_result_table(
    "ACM_HealthHistogram",
    "Distribution of health over the last summary_days days, in ten bins of width ten",
    ("AsOf", "HealthBin"),
    AS_OF,
    col(
        "HealthBin",
        "str(16)",
        "Range of health: lower end included, upper end excluded except in the last bin",
        allowed_values=HEALTH_BINS,
    ),
    col("RecordCount", "i64", "Readings in the bin"),
    col("Percentage", "f64", "100 * RecordCount / assessed readings"),
    grain="day",
    time_column="AsOf",
)

# Times from first to last reading: when the regime changed between two readings is not known.
REGIME_DWELL_STATS = declare_result_table(
    "ACM_RegimeDwellStats",
    "How long the machine stays in each regime, by its periods within the last summary_days days",
    ("AsOf", "RegimeLabel"),
    AS_OF,
    col("RegimeLabel", "str(50)", "Operating regime"),
    col("Runs", "i64", "Number of periods in the regime"),
    col("MeanSeconds", "f64", "Mean time from the first to the last reading of a period, seconds"),
    col("MedianSeconds", "f64", "Median of that time, seconds"),
    col("MinSeconds", "f64", "Minimum of that time, seconds"),
    col("MaxSeconds", "f64", "Maximum of that time, seconds"),
    grain="day",
    time_column="AsOf",
)

STABILITY_METRICS = ("churn_rate", "total_transitions", "avg_dwell_periods", "median_dwell_periods")
# One row per metric, as in V8, so that a metric can be added without a change of the table.
REGIME_STABILITY = declare_result_table(
    "ACM_RegimeStability",
    "Stability of the regimes over the last summary_days days",
    ("AsOf", "MetricName"),
    AS_OF,
    col("MetricName", "str(100)", "churn_rate: changes in percent of the readings; total_transitions: changes; "
        "avg_dwell_periods and median_dwell_periods: readings per period", allowed_values=STABILITY_METRICS),
    col("MetricValue", "f64", "Value of the metric"),
    grain="day",
    time_column="AsOf",
)  # fmt: skip

TABLES = (
    HEALTH_DAILY,
    DETECTOR_DAILY,
    SINCE_WHEN,
    SENSOR_DEFECTS,
    SENSOR_RANKING,
    DETECTOR_CORRELATION,
    HEALTH_HISTOGRAM,
    REGIME_DWELL_STATS,
    REGIME_STABILITY,
)
