"""Forecasts as of the end of a local day: health, failure probability, time to threshold, sensors, maintenance.

The names with RUL and Failure are those of V8: both mean that health falls below ThresholdUsed, not a breakdown.

Only the newest ``backfill.forecast_days`` days are kept, because the readings have since replaced older forecasts.
"""

from __future__ import annotations

from typing import get_args

from acm_etl.schema import View, col
from acm_etl.tables.common import AS_OF, SECONDS_MARKER, SENSOR_FAULTS, declare_result_table
from acm_etl.words import ForecastStatus

_HORIZON_COLUMNS = (
    AS_OF,
    col("Timestamp", "ts3", "Time the forecast is for, UTC"),
    col("HorizonHours", "f64", "From the end of the day to that time, hours"),
)
_METHODS = ("level", "trend")
_METHOD_COLUMN = col(
    "Method", "str(50)", "trend if health falls with a probability above 0.9, else level", allowed_values=_METHODS
)

# The day is a part of the key: what was forecast on a day can be compared with what came.
HEALTH_FORECAST = declare_result_table(
    "ACM_HealthForecast_TS",
    "Forecast of health, as of the end of the day",
    ("AsOf", "Timestamp"),
    *_HORIZON_COLUMNS,
    col("ForecastHealth", "f64", "Median forecast of the median health of a day, 0-100"),
    col("CiLower", "f64", "Lower limit of the 80 % interval (10th percentile), 0-100"),
    col("CiUpper", "f64", "Upper limit of the 80 % interval (90th percentile), 0-100"),
    col("ForecastStd", "f64", "(CiUpper - CiLower) / 2.563, never falls with the horizon"),
    _METHOD_COLUMN,
    grain="day",
    time_column="AsOf",
)

FAILURE_FORECAST = declare_result_table(
    "ACM_FailureForecast_TS",
    "Probability that health has fallen below the threshold by a time; it never decreases with the horizon",
    ("AsOf", "Timestamp"),
    *_HORIZON_COLUMNS,
    col("FailureProb", "f64", "Probability that the level of health has fallen below ThresholdUsed by Timestamp, 0-1"),
    col("ThresholdUsed", "f64", "Health below which the threshold counts as crossed"),
    _METHOD_COLUMN,
    grain="day",
    time_column="AsOf",
)

# One row per day also without a trend: the status says why there are no hours.
RUL_SUMMARY = declare_result_table(
    "ACM_RUL_Summary",
    "Degradation status, and the time until health falls below the threshold",
    ("AsOf",),
    AS_OF,
    col("IssuedAt", "ts3", "End of the day, UTC; all hours count from this time"),
    col(
        "Status",
        "str(16)",
        "STABLE; DEGRADING: health falls; BELOW: already below the threshold; UNKNOWN: too few days",
        allowed_values=get_args(ForecastStatus),
    ),
    col(
        "RUL_Hours",
        "f64?",
        "Median time to the threshold, hours; NULL without a degradation trend, or if already crossed",
    ),
    col("LowerBound", "f64?", "10th percentile of the time to the threshold, hours"),
    col("UpperBound", "f64?", "90th percentile of the time to the threshold, hours; NULL beyond 180 days"),
    col(
        "Confidence",
        "f64?",
        "Probability that the threshold is crossed between half of RUL_Hours and twice RUL_Hours, 0-1",
    ),
    col("FailureTime", "ts3?", "IssuedAt + RUL_Hours, rounded up to the next time of the forecast, UTC"),
    col("TrendStart", "ts3?", "Start of the first day after the last change point (repair, change), UTC"),
    col("TrendDays", "i32", "Days with a median health since TrendStart"),
    col("HealthNow", "f64?", "Fitted health at the end of the day, 0-100"),
    col("ZPerDay", "f64?", "Current change of the fused z per day"),
    col(
        "RisingProb",
        "f64?",
        "Probability that the fused z rises (weight of the rising curves), 0-1; DEGRADING requires more than 0.9",
    ),
    col("FailureProb24h", "f64?", "FailureProb at 24 hours"),
    col("FailureProb7d", "f64?", "FailureProb at 7 days"),
    col("FailureProb30d", "f64?", "FailureProb at 30 days"),
    col("ThresholdUsed", "f64", "Health below which the threshold counts as crossed"),
    _METHOD_COLUMN,
    col("LastUpdate", "ts3?", "Last assessed reading, UTC"),
    grain="day",
    time_column="AsOf",
)

# Contributions to the increase and not to the present level: an old offset does not drive a trend.
RUL_ATTRIBUTION = declare_result_table(
    "ACM_RUL_Attribution",
    "Sensors driving the degradation trend, by contribution; empty without a trend",
    ("AsOf", "SensorName"),
    AS_OF,
    col("FailureTime", "ts3", "FailureTime of ACM_RUL_Summary, UTC"),
    col("SensorName", "str(255)", "Tag"),
    col(
        "FailureContribution", "f64", "Share of the sensor in the increase of |z| of all sensors until FailureTime, 0-1"
    ),
    col(
        "ZScoreAtFailure",
        "f64",
        "Forecast deviation of the sensor at FailureTime, robust standard deviations of training",
    ),
    col("AlertCount", "i64", "Readings with |z| >= 3 since TrendStart"),
    col("Comment", "str(400)?", "Text with the start and the speed of the change"),
    grain="day",
    time_column="AsOf",
)

# Five sensors: each has a row per time of the horizon, and hundreds of sensors would fill the store.
SENSOR_FORECAST = declare_result_table(
    "ACM_SensorForecast_TS",
    "Forecast of the five sensors with the largest |z| over the last summary_days days",
    ("AsOf", "SensorName", "Timestamp"),
    *_HORIZON_COLUMNS,
    col("SensorName", "str(255)", "Tag"),
    col("ForecastValue", "f64", "Median forecast of the last reading of a day, unit of the tag"),
    col("CiLower", "f64", "Lower limit of the 80 % interval (10th percentile), unit of the tag"),
    col("CiUpper", "f64", "Upper limit of the 80 % interval (90th percentile), unit of the tag"),
    col("ForecastStd", "f64", "(CiUpper - CiLower) / 2.563, never falls with the horizon"),
    col(
        "Method",
        "str(50)",
        "trend if the sensor moves with a probability above 0.9, else level",
        allowed_values=_METHODS,
    ),
    grain="day",
    time_column="AsOf",
)

MAINTENANCE_RECOMMENDATION = declare_result_table(
    "ACM_MaintenanceRecommendation",
    "When to maintain the machine; no row for a machine above the threshold without a degradation trend",
    ("AsOf",),
    AS_OF,
    col("EarliestMaintenance", "ts3", "Time at which FailureProb reaches 0.1, UTC"),
    col("PreferredWindowStart", "ts3", "Time at which FailureProb reaches 0.2, UTC"),
    col("PreferredWindowEnd", "ts3", "Time at which FailureProb reaches 0.5, UTC"),
    col("FailureProbAtWindowEnd", "f64", "FailureProb at PreferredWindowEnd, 0-1"),
    col("Comment", "str(400)?", "Text with the reason"),
    grain="day",
    time_column="AsOf",
)

TABLES = (
    HEALTH_FORECAST,
    FAILURE_FORECAST,
    RUL_SUMMARY,
    RUL_ATTRIBUTION,
    SENSOR_FORECAST,
    MAINTENANCE_RECOMMENDATION,
)


def _count_down(column: str) -> str:
    """Build the SQL of the hours of ACM_RUL_Summary that are left at a time of the horizon, at least 0."""
    return (
        f"CASE WHEN s.{{{column}}} > f.{{HorizonHours}} THEN s.{{{column}}} - f.{{HorizonHours}}\n"
        f"    WHEN s.{{{column}}} IS NOT NULL THEN 0e0 END AS {{{column}}}"
    )


RUL_TS = View(
    "ACM_RUL_TS",
    "Time to threshold of ACM_RUL_Summary counted down over the horizon; empty without a degradation trend",
    "SELECT s.{RunID}, s.{EquipID}, s.{AsOf}, f.{Timestamp}, f.{HorizonHours},\n"
    f"  {_count_down('RUL_Hours')},\n  {_count_down('LowerBound')},\n  {_count_down('UpperBound')},\n"
    "  s.{Confidence}, s.{Method}\n"
    "FROM {ACM_RUL_Summary} AS s\n"
    # Its rows are the times of the horizon.
    "JOIN {ACM_HealthForecast_TS} AS f ON f.{EquipID} = s.{EquipID} AND f.{AsOf} = s.{AsOf}\n"
    "WHERE s.{RUL_Hours} IS NOT NULL",
    key=("EquipID", "AsOf", "Timestamp"),
)

ENHANCED_FAILURE = View(
    "ACM_EnhancedFailureProbability_TS",
    "Forecast health and failure probability in one row, with the risk level",
    "SELECT f.{RunID}, f.{EquipID}, f.{AsOf}, f.{Timestamp}, f.{HorizonHours} AS {ForecastHorizon_Hours},\n"
    "  h.{ForecastHealth}, h.{ForecastStd} AS {ForecastUncertainty}, f.{FailureProb} AS {FailureProbability},\n"
    "  CASE WHEN f.{FailureProb} < 0.1 THEN 'Low' WHEN f.{FailureProb} < 0.3 THEN 'Medium'\n"
    "    WHEN f.{FailureProb} < 0.5 THEN 'High' WHEN f.{FailureProb} < 0.7 THEN 'VeryHigh'\n"
    "    ELSE 'Critical' END AS {RiskLevel},\n"
    "  s.{Confidence}, f.{Method} AS {Model}\n"
    "FROM {ACM_FailureForecast_TS} AS f\n"
    "JOIN {ACM_HealthForecast_TS} AS h\n"
    "  ON h.{EquipID} = f.{EquipID} AND h.{AsOf} = f.{AsOf} AND h.{Timestamp} = f.{Timestamp}\n"
    "JOIN {ACM_RUL_Summary} AS s ON s.{EquipID} = f.{EquipID} AND s.{AsOf} = f.{AsOf}",
)

ENHANCED_MAINTENANCE = View(
    "ACM_EnhancedMaintenanceRecommendation",
    "When to maintain a machine that degrades, and its urgency (failure probability within a week, percent)",
    "SELECT m.{RunID}, m.{EquipID}, m.{AsOf}, 100 * s.{FailureProb7d} AS {UrgencyScore},\n"
    "  CAST(1 AS {:bool}) AS {MaintenanceRequired}, m.{EarliestMaintenance}, m.{PreferredWindowStart},\n"
    "  m.{PreferredWindowEnd}, m.{PreferredWindowEnd} AS {LatestSafeTime},\n"
    "  m.{FailureProbAtWindowEnd} AS {FailureProbAtLatest}, s.{Method} AS {FailurePattern}, s.{Confidence},\n"
    # Always NULL, for V8 dashboards: how long a repair takes does not follow from readings.
    "  CAST(NULL AS {:f64}) AS {EstimatedDuration_Hours}\n"
    "FROM {ACM_MaintenanceRecommendation} AS m\n"
    "JOIN {ACM_RUL_Summary} AS s ON s.{EquipID} = m.{EquipID} AND s.{AsOf} = m.{AsOf}",
)

FAILURE_CAUSATION = View(
    "ACM_FailureCausation",
    "Scores of each detector since the last change point of a degrading machine (rows of ACM_ContributionTimeline)",
    "SELECT p.{RunID}, p.{EquipID}, p.{AsOf}, p.{Detector}, p.{PredictedFailureTime}, p.{FailurePattern},\n"
    "  AVG(p.{ZScore}) AS {MeanZ}, MAX(p.{ZScore}) AS {MaxZ},\n"
    "  SUM(CASE WHEN p.{ZScore} >= 3.09 THEN 1 ELSE 0 END) AS {SpikeCount},\n"
    "  (AVG(p.days * p.{ZScore}) - AVG(p.days) * AVG(p.{ZScore}))\n"
    # Least squares by moments: SQL Server has no REGR_SLOPE. NULLIF: a single time has no slope.
    "    / NULLIF(AVG(p.days * p.days) - AVG(p.days) * AVG(p.days), 0) AS {TrendSlope},\n"
    "  AVG(p.{ContributionPct}) / 100 AS {ContributionWeight}, AVG(p.{ContributionPct}) AS {ContributionPct}\n"
    "FROM (\n"
    "  SELECT s.{RunID}, s.{EquipID}, s.{AsOf}, c.{DetectorType} AS {Detector},\n"
    "    s.{FailureTime} AS {PredictedFailureTime}, s.{Method} AS {FailurePattern}, c.{ZScore}, c.{ContributionPct},\n"
    f"    CAST({SECONDS_MARKER}(s.{{TrendStart}}|c.{{Timestamp}}) AS {{:f64}}) / 86400 AS days\n"
    "  FROM {ACM_RUL_Summary} AS s\n"
    "  JOIN {ACM_ContributionTimeline} AS c ON c.{EquipID} = s.{EquipID}\n"
    # Readings before the last change point belong to a machine in another condition.
    "    AND c.{Timestamp} >= s.{TrendStart} AND c.{Timestamp} < s.{IssuedAt}\n"
    "  WHERE s.{RUL_Hours} IS NOT NULL\n"
    ") AS p\n"
    "GROUP BY p.{RunID}, p.{EquipID}, p.{AsOf}, p.{Detector}, p.{PredictedFailureTime}, p.{FailurePattern}",
)

_SENSOR_WORK = {
    "sensor_unit_changed": "Correct the unit of",
    "sensor_swapped": "Correct the connection or the name of",
}


def _build_sensor_action() -> str:
    """Build the SQL of the work on a faulty sensor."""
    cases = "".join(f"WHEN q.{{EventType}} = '{kind}' THEN '{work} ' " for kind, work in _SENSOR_WORK.items())
    return f"CONCAT(CASE {cases}ELSE 'Check or replace the sensor ' END, q.{{ColumnName}})"


RECOMMENDED_ACTIONS = View(
    "ACM_RecommendedActions",
    "Recommended work: sensors with at least 10 % of the degradation, else the machine; and faulty sensors by window",
    "SELECT m.{RunID}, m.{EquipID}, m.{AsOf},\n"
    "  CASE WHEN a.{SensorName} IS NULL THEN 'Inspect the machine'\n"
    "    ELSE CONCAT('Inspect what ', a.{SensorName}, ' measures') END AS {Action},\n"
    "  CASE WHEN s.{FailureProb7d} >= 0.5 THEN 'High' WHEN s.{FailureProb30d} >= 0.5 THEN 'Medium'\n"
    "    ELSE 'Low' END AS {Priority},\n"
    "  m.{PreferredWindowEnd} AS {DueBy}, CAST(NULL AS {:f64}) AS {EstimatedDuration_Hours}\n"
    "FROM {ACM_MaintenanceRecommendation} AS m\n"
    "JOIN {ACM_RUL_Summary} AS s ON s.{EquipID} = m.{EquipID} AND s.{AsOf} = m.{AsOf}\n"
    # LEFT JOIN: without a sensor of 10 % the machine as a whole is recommended.
    "LEFT JOIN {ACM_RUL_Attribution} AS a\n"
    "  ON a.{EquipID} = m.{EquipID} AND a.{AsOf} = m.{AsOf} AND a.{FailureContribution} >= 0.1\n"
    # A faulty sensor is work on the sensor: its readings are left out, and the machine may be healthy.
    "UNION ALL\n"
    f"SELECT q.{{RunID}}, q.{{EquipID}}, r.{{WindowStart}},\n  {_build_sensor_action()},\n"
    "  'Medium', CAST(NULL AS {:ts3}), CAST(NULL AS {:f64})\n"
    "FROM {ACM_DataQualityEvents} AS q JOIN {RunLog} AS r ON r.{RunID} = q.{RunID}\n"
    f"WHERE r.{{Outcome}} = 'OK' AND q.{{EventType}} IN ({', '.join(map(repr, SENSOR_FAULTS))})",
)

VIEWS = (RUL_TS, ENHANCED_FAILURE, ENHANCED_MAINTENANCE, FAILURE_CAUSATION, RECOMMENDED_ACTIONS)
