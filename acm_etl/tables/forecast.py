"""What comes next, as of the end of a local day: health, failure, remaining life, sensors, what to do.

Only the newest ``backfill.forecast_days`` days are kept: a forecast that time has overtaken is of no use to anybody.
"""

from __future__ import annotations

from acm_etl.schema import View, col
from acm_etl.tables.common import AS_OF, SECONDS_MARKER, declare_result_table

_HORIZON_COLUMNS = (
    AS_OF,
    col("Timestamp", "ts3", "Time the forecast is for, UTC"),
    col("HorizonHours", "f64", "From the end of the day to that time, hours"),
)
_METHODS = ("level", "trend")
_METHOD_COLUMN = col("Method", "str(50)", "trend where health is falling for sure, else level", allowed_values=_METHODS)

HEALTH_FORECAST = declare_result_table(
    "ACM_HealthForecast_TS",
    "Health of the days to come, as of the end of the day",
    ("AsOf", "Timestamp"),
    *_HORIZON_COLUMNS,
    col("ForecastHealth", "f64", "Median of what a day's median health will be, 0-100"),
    col("CiLower", "f64", "It is lower in one case of ten, 0-100"),
    col("CiUpper", "f64", "It is higher in one case of ten, 0-100"),
    col("ForecastStd", "f64", "(CiUpper - CiLower) / 2.563, never falls with the horizon"),
    _METHOD_COLUMN,
    grain="day",
    time_column="AsOf",
)

FAILURE_FORECAST = declare_result_table(
    "ACM_FailureForecast_TS",
    "Probability that health has fallen below the threshold by then, never decreasing with the horizon",
    ("AsOf", "Timestamp"),
    *_HORIZON_COLUMNS,
    col("FailureProb", "f64", "Probability that the level of health has passed ThresholdUsed by then, 0-1"),
    col("ThresholdUsed", "f64", "Health below which the machine counts as failed"),
    _METHOD_COLUMN,
    grain="day",
    time_column="AsOf",
)

RUL_TS = declare_result_table(
    "ACM_RUL_TS",
    "Remaining useful life counted down over the horizon; no rows where nothing degrades",
    ("AsOf", "Timestamp"),
    *_HORIZON_COLUMNS,
    col("RUL_Hours", "f64", "RUL_Hours of the summary less HorizonHours, not below 0"),
    col("LowerBound", "f64?", "The same of its lower bound"),
    col("UpperBound", "f64?", "The same of its upper bound; NULL where it has none"),
    col("Confidence", "f64?", "Confidence of the summary"),
    _METHOD_COLUMN,
    grain="day",
    time_column="AsOf",
)

RUL_SUMMARY = declare_result_table(
    "ACM_RUL_Summary",
    "Whether the machine degrades, and how long until health falls below the threshold",
    ("AsOf",),
    AS_OF,
    col("IssuedAt", "ts3", "End of the day, UTC: hours count from here"),
    col(
        "Status",
        "str(16)",
        "STABLE; DEGRADING: health falls for sure; BELOW: below the threshold, falls no more; UNKNOWN: too few days",
        allowed_values=("STABLE", "DEGRADING", "BELOW", "UNKNOWN"),
    ),
    col("RUL_Hours", "f64?", "Median time to the threshold, hours; 0 where passed; NULL where nothing degrades"),
    col("LowerBound", "f64?", "It is passed earlier in one case of ten, hours"),
    col("UpperBound", "f64?", "It is passed later in one case of ten, hours; NULL where that is past 180 days"),
    col("Confidence", "f64?", "Probability that it is passed between half of RUL_Hours and twice as much, 0-1"),
    col("FailureTime", "ts3?", "IssuedAt + RUL_Hours, at the next time of the forecast, UTC"),
    col("TrendStart", "ts3?", "Start of the first day since the last shift of the level (repair, change), UTC"),
    col("TrendDays", "i32", "Days with a level since then"),
    col("HealthNow", "f64?", "Health at the end of the day as the curves have it, 0-100"),
    col("ZPerDay", "f64?", "By how much the fused z changes per day now"),
    col("RisingProb", "f64?", "Weight of the curves that rise, 0-1: DEGRADING needs 0.8"),
    col("FailureProb24h", "f64?", "FailureProb of the next 24 hours"),
    col("FailureProb7d", "f64?", "FailureProb of the next seven days"),
    col("FailureProb30d", "f64?", "FailureProb of the next thirty days"),
    col("ThresholdUsed", "f64", "Health below which the machine counts as failed"),
    _METHOD_COLUMN,
    col("LastUpdate", "ts3?", "Last reading with a health, UTC"),
    grain="day",
    time_column="AsOf",
)

RUL_ATTRIBUTION = declare_result_table(
    "ACM_RUL_Attribution",
    "Sensors that will have carried the machine to the threshold, strongest first; no rows where nothing degrades",
    ("AsOf", "SensorName"),
    AS_OF,
    col("FailureTime", "ts3", "As in the summary, UTC"),
    col("SensorName", "str(255)", "Tag"),
    col("FailureContribution", "f64", "Its share of the |z| that all sensors have gained by then, 0-1"),
    col("ZScoreAtFailure", "f64", "Its deviation then, in robust standard deviations of training"),
    col("AlertCount", "i64", "Readings with |z| >= 3 since TrendStart"),
    col("Comment", "str(400)?", "Where it comes from and how fast, in words"),
    grain="day",
    time_column="AsOf",
)

SENSOR_FORECAST = declare_result_table(
    "ACM_SensorForecast_TS",
    "The five sensors with the largest |z| of the trailing days, in the days to come",
    ("AsOf", "SensorName", "Timestamp"),
    *_HORIZON_COLUMNS,
    col("SensorName", "str(255)", "Tag"),
    col("ForecastValue", "f64", "Median of what the last reading of a day will be, in the unit of the tag"),
    col("CiLower", "f64", "It is lower in one case of ten"),
    col("CiUpper", "f64", "It is higher in one case of ten"),
    col("ForecastStd", "f64", "(CiUpper - CiLower) / 2.563, never falls with the horizon"),
    col("Method", "str(50)", "trend where the sensor moves for sure, else level", allowed_values=_METHODS),
    grain="day",
    time_column="AsOf",
)

MAINTENANCE_RECOMMENDATION = declare_result_table(
    "ACM_MaintenanceRecommendation",
    "When to look after the machine; no row for one that does not degrade and is above the threshold",
    ("AsOf",),
    AS_OF,
    col("EarliestMaintenance", "ts3", "FailureProb reaches 0.1, UTC"),
    col("PreferredWindowStart", "ts3", "FailureProb reaches 0.2, UTC"),
    col("PreferredWindowEnd", "ts3", "FailureProb reaches 0.5, UTC"),
    col("FailureProbAtWindowEnd", "f64", "FailureProb at PreferredWindowEnd, 0-1"),
    col("Comment", "str(400)?", "Why, in words"),
    grain="day",
    time_column="AsOf",
)

TABLES = (
    HEALTH_FORECAST,
    FAILURE_FORECAST,
    RUL_TS,
    RUL_SUMMARY,
    RUL_ATTRIBUTION,
    SENSOR_FORECAST,
    MAINTENANCE_RECOMMENDATION,
)

ENHANCED_FAILURE = View(
    "ACM_EnhancedFailureProbability_TS",
    "Health and probability of failure side by side, with the band of risk",
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
    "When to look after a machine that degrades, and how urgent it is (probability of failure within a week, percent)",
    "SELECT m.{RunID}, m.{EquipID}, m.{AsOf}, 100 * s.{FailureProb7d} AS {UrgencyScore},\n"
    "  CAST(1 AS {:bool}) AS {MaintenanceRequired}, m.{EarliestMaintenance}, m.{PreferredWindowStart},\n"
    "  m.{PreferredWindowEnd}, m.{PreferredWindowEnd} AS {LatestSafeTime},\n"
    "  m.{FailureProbAtWindowEnd} AS {FailureProbAtLatest}, s.{Method} AS {FailurePattern}, s.{Confidence},\n"
    "  CAST(NULL AS {:f64}) AS {EstimatedDuration_Hours}\n"
    "FROM {ACM_MaintenanceRecommendation} AS m\n"
    "JOIN {ACM_RUL_Summary} AS s ON s.{EquipID} = m.{EquipID} AND s.{AsOf} = m.{AsOf}",
)

FAILURE_CAUSATION = View(
    "ACM_FailureCausation",
    "What each detector says of a machine that degrades, since its last shift: readings that stand out, one per hour",
    "SELECT p.{RunID}, p.{EquipID}, p.{AsOf}, p.{Detector}, p.{PredictedFailureTime}, p.{FailurePattern},\n"
    "  AVG(p.{ZScore}) AS {MeanZ}, MAX(p.{ZScore}) AS {MaxZ},\n"
    "  SUM(CASE WHEN p.{ZScore} >= 3.09 THEN 1 ELSE 0 END) AS {SpikeCount},\n"
    "  (AVG(p.days * p.{ZScore}) - AVG(p.days) * AVG(p.{ZScore}))\n"
    "    / NULLIF(AVG(p.days * p.days) - AVG(p.days) * AVG(p.days), 0) AS {TrendSlope},\n"
    "  AVG(p.{ContributionPct}) / 100 AS {ContributionWeight}, AVG(p.{ContributionPct}) AS {ContributionPct}\n"
    "FROM (\n"
    "  SELECT s.{RunID}, s.{EquipID}, s.{AsOf}, c.{DetectorType} AS {Detector},\n"
    "    s.{FailureTime} AS {PredictedFailureTime}, s.{Method} AS {FailurePattern}, c.{ZScore}, c.{ContributionPct},\n"
    f"    CAST({SECONDS_MARKER}(s.{{TrendStart}}|c.{{Timestamp}}) AS {{:f64}}) / 86400 AS days\n"
    "  FROM {ACM_RUL_Summary} AS s\n"
    "  JOIN {ACM_ContributionTimeline} AS c ON c.{EquipID} = s.{EquipID}\n"
    "    AND c.{Timestamp} >= s.{TrendStart} AND c.{Timestamp} < s.{IssuedAt}\n"
    "  WHERE s.{RUL_Hours} IS NOT NULL\n"
    ") AS p\n"
    "GROUP BY p.{RunID}, p.{EquipID}, p.{AsOf}, p.{Detector}, p.{PredictedFailureTime}, p.{FailurePattern}",
)

RECOMMENDED_ACTIONS = View(
    "ACM_RecommendedActions",
    "What to look at: the sensors that carry at least a tenth of the way to failure, else the machine",
    "SELECT m.{RunID}, m.{EquipID}, m.{AsOf},\n"
    "  CASE WHEN a.{SensorName} IS NULL THEN 'Inspect the machine'\n"
    "    ELSE CONCAT('Inspect what ', a.{SensorName}, ' measures') END AS {Action},\n"
    "  CASE WHEN s.{FailureProb7d} >= 0.5 THEN 'High' WHEN s.{FailureProb30d} >= 0.5 THEN 'Medium'\n"
    "    ELSE 'Low' END AS {Priority},\n"
    "  m.{PreferredWindowEnd} AS {DueBy}, CAST(NULL AS {:f64}) AS {EstimatedDuration_Hours}\n"
    "FROM {ACM_MaintenanceRecommendation} AS m\n"
    "JOIN {ACM_RUL_Summary} AS s ON s.{EquipID} = m.{EquipID} AND s.{AsOf} = m.{AsOf}\n"
    "LEFT JOIN {ACM_RUL_Attribution} AS a\n"
    "  ON a.{EquipID} = m.{EquipID} AND a.{AsOf} = m.{AsOf} AND a.{FailureContribution} >= 0.1",
)

VIEWS = (ENHANCED_FAILURE, ENHANCED_MAINTENANCE, FAILURE_CAUSATION, RECOMMENDED_ACTIONS)
