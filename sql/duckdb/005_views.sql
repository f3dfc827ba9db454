-- Rendered by acm_etl.load.ddl from acm_etl/tables, schema version 1: do not edit.

CREATE OR REPLACE VIEW "ACM_DriftSeries" AS
SELECT t."RunID", t."EquipID", t."Timestamp", t."drift_z" AS "DriftValue"
FROM "ACM_Scores_Wide" AS t
WHERE t."drift_z" IS NOT NULL;

COMMENT ON VIEW "ACM_DriftSeries" IS 'Slow mean of the fused score per reading, as z';

CREATE OR REPLACE VIEW "ACM_RunHistory" AS
SELECT r."RunID", r."EquipID", e."EquipCode", r."Stage", r."WindowStart", r."WindowEnd", r."Outcome",
  r."Provisional", r."Attempt", r."StartedAt", r."AttemptStartedAt", r."CompletedAt", a."DurationSeconds",
  r."TickMinutes", r."ModelVersion", r."ConfigSignature", r."RowsRead", r."RowsWritten",
  a."TrainRowCount", a."ScoreRowCount", a."EpisodeCount", a."HealthStatus", a."AvgHealthIndex",
  a."MinHealthIndex", a."MaxFusedZ", a."DataQualityScore", a."RefitRequested",
  COALESCE(a."ErrorMessage", r."ErrorMessage") AS "ErrorMessage", r."Holder", r."Version"
FROM "RunLog" AS r
LEFT JOIN "ACM_Runs" AS a ON a."RunID" = r."RunID"
LEFT JOIN "Equipment" AS e ON e."EquipID" = r."EquipID";

COMMENT ON VIEW "ACM_RunHistory" IS 'Every run with its machine, its outcome and what it found';

CREATE OR REPLACE VIEW "ACM_RunColumns" AS
SELECT r."RunID", r."EquipID", m."Ordinal", m."TagName" AS "ColumnName"
FROM "RunLog" AS r
JOIN "ACM_ModelTags" AS m ON m."EquipID" = r."EquipID" AND m."ModelVersion" = r."ModelVersion"
WHERE m."Used" = CAST(1 AS BOOLEAN);

COMMENT ON VIEW "ACM_RunColumns" IS 'Tags each run scored, one row per tag';

CREATE OR REPLACE VIEW "ACM_LocalTime" AS
SELECT h."EquipID", e."EquipCode", e."TimeZone", h."Timestamp",
  timezone(e."TimeZone", timezone('UTC', h."Timestamp"::TIMESTAMP)) AS "LocalTimestamp",
  h."HealthIndex", h."HealthZone", h."FusedZ"
FROM "ACM_HealthTimeline" AS h
JOIN "Equipment" AS e ON e."EquipID" = h."EquipID";

COMMENT ON VIEW "ACM_LocalTime" IS 'Health per reading with the local time of the machine';

CREATE OR REPLACE VIEW "ACM_EpisodesLocal" AS
SELECT t."EquipID", e."EquipCode", e."TimeZone", t."StartTs", t."EndTs",
  timezone(e."TimeZone", timezone('UTC', t."StartTs"::TIMESTAMP)) AS "LocalStartTs",
  timezone(e."TimeZone", timezone('UTC', t."EndTs"::TIMESTAMP)) AS "LocalEndTs",
  t."Status", t."DurationHours", t."PeakFusedZ", t."MinHealthIndex", t."Severity",
  t."PrimarySensor", t."Culprits"
FROM "ACM_Episodes" AS t
JOIN "Equipment" AS e ON e."EquipID" = t."EquipID";

COMMENT ON VIEW "ACM_EpisodesLocal" IS 'Episodes with the local times of the machine';

CREATE OR REPLACE VIEW "ACM_LatestRun" AS
SELECT h."EquipID", h."EquipCode", h."RunID", h."WindowStart", h."WindowEnd", h."Outcome", h."Provisional",
  h."AttemptStartedAt", h."CompletedAt", h."HealthStatus", h."AvgHealthIndex", h."MinHealthIndex",
  h."MaxFusedZ", h."ModelVersion", h."ErrorMessage"
FROM (
  SELECT r.*, ROW_NUMBER() OVER (
    PARTITION BY r."EquipID" ORDER BY r."AttemptStartedAt" DESC, r."WindowStart" DESC, r."RunID"
  ) AS ranked
  FROM "ACM_RunHistory" AS r WHERE r."Stage" = 'score'
) AS h
WHERE h.ranked = 1;

COMMENT ON VIEW "ACM_LatestRun" IS 'The newest attempt at scoring of each machine: its window, its outcome and what it found';

CREATE OR REPLACE VIEW "ACM_HealthTimeline_Latest" AS
SELECT h."RunID", h."EquipID", h."Timestamp", h."HealthIndex", h."HealthZone", h."FusedZ"
FROM "ACM_HealthTimeline" AS h
WHERE h."Timestamp" = (
  SELECT MAX(m."Timestamp") FROM "ACM_HealthTimeline" AS m
  WHERE m."EquipID" = h."EquipID" AND m."HealthIndex" IS NOT NULL
);

COMMENT ON VIEW "ACM_HealthTimeline_Latest" IS 'The last reading of each machine that has a health';

CREATE OR REPLACE VIEW "ACM_BatchStatus" AS
SELECT e."EquipID", e."EquipCode", COALESCE(c."Status", 'PENDING') AS "ColdstartStatus", c."AccumulatedRows",
  c."RequiredRows", c."Reason" AS "ColdstartReason", p."LastBatchEndTime", p."BatchesCompleted",
  p."TickMinutes", p."DataMin", p."DataMax", p."UpdatedAt", l."RunID" AS "LastRunID",
  l."Outcome" AS "LastOutcome", l."AttemptStartedAt" AS "LastAttemptStartedAt", l."ErrorMessage" AS "LastError"
FROM "Equipment" AS e
LEFT JOIN "ACM_ColdstartState" AS c ON c."EquipID" = e."EquipID" AND c."Stage" = 'score'
LEFT JOIN "ACM_BatchProgress" AS p ON p."EquipID" = e."EquipID"
LEFT JOIN "ACM_LatestRun" AS l ON l."EquipID" = e."EquipID";

COMMENT ON VIEW "ACM_BatchStatus" IS 'How far each machine is: coldstart, progress and its newest run, one row per machine';

CREATE OR REPLACE VIEW "ACM_EnhancedFailureProbability_TS" AS
SELECT f."RunID", f."EquipID", f."AsOf", f."Timestamp", f."HorizonHours" AS "ForecastHorizon_Hours",
  h."ForecastHealth", h."ForecastStd" AS "ForecastUncertainty", f."FailureProb" AS "FailureProbability",
  CASE WHEN f."FailureProb" < 0.1 THEN 'Low' WHEN f."FailureProb" < 0.3 THEN 'Medium'
    WHEN f."FailureProb" < 0.5 THEN 'High' WHEN f."FailureProb" < 0.7 THEN 'VeryHigh'
    ELSE 'Critical' END AS "RiskLevel",
  s."Confidence", f."Method" AS "Model"
FROM "ACM_FailureForecast_TS" AS f
JOIN "ACM_HealthForecast_TS" AS h
  ON h."EquipID" = f."EquipID" AND h."AsOf" = f."AsOf" AND h."Timestamp" = f."Timestamp"
JOIN "ACM_RUL_Summary" AS s ON s."EquipID" = f."EquipID" AND s."AsOf" = f."AsOf";

COMMENT ON VIEW "ACM_EnhancedFailureProbability_TS" IS 'Health and probability of failure side by side, with the band of risk';

CREATE OR REPLACE VIEW "ACM_EnhancedMaintenanceRecommendation" AS
SELECT m."RunID", m."EquipID", m."AsOf", 100 * s."FailureProb7d" AS "UrgencyScore",
  CAST(1 AS BOOLEAN) AS "MaintenanceRequired", m."EarliestMaintenance", m."PreferredWindowStart",
  m."PreferredWindowEnd", m."PreferredWindowEnd" AS "LatestSafeTime",
  m."FailureProbAtWindowEnd" AS "FailureProbAtLatest", s."Method" AS "FailurePattern", s."Confidence",
  CAST(NULL AS DOUBLE) AS "EstimatedDuration_Hours"
FROM "ACM_MaintenanceRecommendation" AS m
JOIN "ACM_RUL_Summary" AS s ON s."EquipID" = m."EquipID" AND s."AsOf" = m."AsOf";

COMMENT ON VIEW "ACM_EnhancedMaintenanceRecommendation" IS 'When to look after a machine that degrades, and how urgent it is (probability of failure within a week, percent)';

CREATE OR REPLACE VIEW "ACM_FailureCausation" AS
SELECT p."RunID", p."EquipID", p."AsOf", p."Detector", p."PredictedFailureTime", p."FailurePattern",
  AVG(p."ZScore") AS "MeanZ", MAX(p."ZScore") AS "MaxZ",
  SUM(CASE WHEN p."ZScore" >= 3.09 THEN 1 ELSE 0 END) AS "SpikeCount",
  (AVG(p.days * p."ZScore") - AVG(p.days) * AVG(p."ZScore"))
    / NULLIF(AVG(p.days * p.days) - AVG(p.days) * AVG(p.days), 0) AS "TrendSlope",
  AVG(p."ContributionPct") / 100 AS "ContributionWeight", AVG(p."ContributionPct") AS "ContributionPct"
FROM (
  SELECT s."RunID", s."EquipID", s."AsOf", c."DetectorType" AS "Detector",
    s."FailureTime" AS "PredictedFailureTime", s."Method" AS "FailurePattern", c."ZScore", c."ContributionPct",
    CAST(date_diff('second', s."TrendStart", c."Timestamp") AS DOUBLE) / 86400 AS days
  FROM "ACM_RUL_Summary" AS s
  JOIN "ACM_ContributionTimeline" AS c ON c."EquipID" = s."EquipID"
    AND c."Timestamp" >= s."TrendStart" AND c."Timestamp" < s."IssuedAt"
  WHERE s."RUL_Hours" IS NOT NULL
) AS p
GROUP BY p."RunID", p."EquipID", p."AsOf", p."Detector", p."PredictedFailureTime", p."FailurePattern";

COMMENT ON VIEW "ACM_FailureCausation" IS 'What each detector says of a machine that degrades, since its last shift: readings that stand out, one per hour';

CREATE OR REPLACE VIEW "ACM_RecommendedActions" AS
SELECT m."RunID", m."EquipID", m."AsOf",
  CASE WHEN a."SensorName" IS NULL THEN 'Inspect the machine'
    ELSE CONCAT('Inspect what ', a."SensorName", ' measures') END AS "Action",
  CASE WHEN s."FailureProb7d" >= 0.5 THEN 'High' WHEN s."FailureProb30d" >= 0.5 THEN 'Medium'
    ELSE 'Low' END AS "Priority",
  m."PreferredWindowEnd" AS "DueBy", CAST(NULL AS DOUBLE) AS "EstimatedDuration_Hours"
FROM "ACM_MaintenanceRecommendation" AS m
JOIN "ACM_RUL_Summary" AS s ON s."EquipID" = m."EquipID" AND s."AsOf" = m."AsOf"
LEFT JOIN "ACM_RUL_Attribution" AS a
  ON a."EquipID" = m."EquipID" AND a."AsOf" = m."AsOf" AND a."FailureContribution" >= 0.1;

COMMENT ON VIEW "ACM_RecommendedActions" IS 'What to look at: the sensors that carry at least a tenth of the way to failure, else the machine';

CREATE OR REPLACE VIEW "ACM_SensorDaily_Latest" AS
SELECT t."RunID", t."EquipID", t."AsOf", t."SensorName", t."Readings", t."Nulls", t."LongestGap", t."LongestFlat", t."AboveWarnCount", t."AboveAlertCount", t."MaxTimestamp", t."MaxSignedZ", t."ValueAtPeak", t."LatestTimestamp", t."LatestSignedZ", t."LatestValue"
FROM "ACM_SensorDaily" AS t
WHERE t."AsOf" = (SELECT MAX(m."AsOf") FROM "ACM_SensorDaily" AS m WHERE m."EquipID" = t."EquipID");

COMMENT ON VIEW "ACM_SensorDaily_Latest" IS 'What each sensor did on one local day: the base of the sensor summaries: the last day of each machine only';

CREATE OR REPLACE VIEW "ACM_SensorHotspots_Latest" AS
SELECT t."RunID", t."EquipID", t."AsOf", t."SensorName", t."MaxTimestamp", t."LatestTimestamp", t."MaxAbsZ", t."MaxSignedZ", t."LatestAbsZ", t."LatestSignedZ", t."ValueAtPeak", t."LatestValue", t."TrainMean", t."TrainStd", t."AboveWarnCount", t."AboveAlertCount"
FROM "ACM_SensorHotspots" AS t
WHERE t."AsOf" = (SELECT MAX(m."AsOf") FROM "ACM_SensorHotspots" AS m WHERE m."EquipID" = t."EquipID");

COMMENT ON VIEW "ACM_SensorHotspots_Latest" IS 'Sensors that stood out (largest |z| >= 2) in the trailing days: the last day of each machine only';

CREATE OR REPLACE VIEW "ACM_DataQuality_Latest" AS
SELECT t."RunID", t."EquipID", t."AsOf", t."SensorName", t."CheckName", t."CheckResult", t."Readings", t."Nulls", t."NullPct", t."LongestGap", t."LongestFlat", t."Notes"
FROM "ACM_DataQuality" AS t
WHERE t."AsOf" = (SELECT MAX(m."AsOf") FROM "ACM_DataQuality" AS m WHERE m."EquipID" = t."EquipID");

COMMENT ON VIEW "ACM_DataQuality_Latest" IS 'Usability of each sensor in the trailing days: the last day of each machine only';

CREATE OR REPLACE VIEW "ACM_DefectSummary_Latest" AS
SELECT t."RunID", t."EquipID", t."AsOf", t."Status", t."Severity", t."CurrentHealth", t."AvgHealth", t."MinHealth", t."EpisodeCount", t."WorstSensor", t."GoodCount", t."WatchCount", t."AlertCount"
FROM "ACM_DefectSummary" AS t
WHERE t."AsOf" = (SELECT MAX(m."AsOf") FROM "ACM_DefectSummary" AS m WHERE m."EquipID" = t."EquipID");

COMMENT ON VIEW "ACM_DefectSummary_Latest" IS 'Where the machine stands at the end of the day: the last day of each machine only';

CREATE OR REPLACE VIEW "ACM_EpisodeMetrics_Latest" AS
SELECT t."RunID", t."EquipID", t."AsOf", t."TotalEpisodes", t."TotalDurationHours", t."AvgDurationHours", t."MedianDurationHours", t."MaxDurationHours", t."MinDurationHours", t."RatePerDay", t."MeanInterarrivalHours"
FROM "ACM_EpisodeMetrics" AS t
WHERE t."AsOf" = (SELECT MAX(m."AsOf") FROM "ACM_EpisodeMetrics" AS m WHERE m."EquipID" = t."EquipID");

COMMENT ON VIEW "ACM_EpisodeMetrics_Latest" IS 'Episodes that started in the trailing days: the last day of each machine only';

CREATE OR REPLACE VIEW "ACM_RegimeOccupancy_Latest" AS
SELECT t."RunID", t."EquipID", t."AsOf", t."RegimeLabel", t."RecordCount", t."Percentage"
FROM "ACM_RegimeOccupancy" AS t
WHERE t."AsOf" = (SELECT MAX(m."AsOf") FROM "ACM_RegimeOccupancy" AS m WHERE m."EquipID" = t."EquipID");

COMMENT ON VIEW "ACM_RegimeOccupancy_Latest" IS 'Time spent in each regime in the trailing days: the last day of each machine only';

CREATE OR REPLACE VIEW "ACM_RegimeTransitions_Latest" AS
SELECT t."RunID", t."EquipID", t."AsOf", t."FromLabel", t."ToLabel", t."Count", t."Prob"
FROM "ACM_RegimeTransitions" AS t
WHERE t."AsOf" = (SELECT MAX(m."AsOf") FROM "ACM_RegimeTransitions" AS m WHERE m."EquipID" = t."EquipID");

COMMENT ON VIEW "ACM_RegimeTransitions_Latest" IS 'Changes of regime in the trailing days: the last day of each machine only';

CREATE OR REPLACE VIEW "ACM_HealthForecast_TS_Latest" AS
SELECT t."RunID", t."EquipID", t."AsOf", t."Timestamp", t."HorizonHours", t."ForecastHealth", t."CiLower", t."CiUpper", t."ForecastStd", t."Method"
FROM "ACM_HealthForecast_TS" AS t
WHERE t."AsOf" = (SELECT MAX(m."AsOf") FROM "ACM_HealthForecast_TS" AS m WHERE m."EquipID" = t."EquipID");

COMMENT ON VIEW "ACM_HealthForecast_TS_Latest" IS 'Health of the days to come, as of the end of the day: the last day of each machine only';

CREATE OR REPLACE VIEW "ACM_FailureForecast_TS_Latest" AS
SELECT t."RunID", t."EquipID", t."AsOf", t."Timestamp", t."HorizonHours", t."FailureProb", t."ThresholdUsed", t."Method"
FROM "ACM_FailureForecast_TS" AS t
WHERE t."AsOf" = (SELECT MAX(m."AsOf") FROM "ACM_FailureForecast_TS" AS m WHERE m."EquipID" = t."EquipID");

COMMENT ON VIEW "ACM_FailureForecast_TS_Latest" IS 'Probability that health has fallen below the threshold by then, never decreasing with the horizon: the last day of each machine only';

CREATE OR REPLACE VIEW "ACM_RUL_TS_Latest" AS
SELECT t."RunID", t."EquipID", t."AsOf", t."Timestamp", t."HorizonHours", t."RUL_Hours", t."LowerBound", t."UpperBound", t."Confidence", t."Method"
FROM "ACM_RUL_TS" AS t
WHERE t."AsOf" = (SELECT MAX(m."AsOf") FROM "ACM_RUL_TS" AS m WHERE m."EquipID" = t."EquipID");

COMMENT ON VIEW "ACM_RUL_TS_Latest" IS 'Remaining useful life counted down over the horizon; no rows where nothing degrades: the last day of each machine only';

CREATE OR REPLACE VIEW "ACM_RUL_Summary_Latest" AS
SELECT t."RunID", t."EquipID", t."AsOf", t."IssuedAt", t."Status", t."RUL_Hours", t."LowerBound", t."UpperBound", t."Confidence", t."FailureTime", t."TrendStart", t."TrendDays", t."HealthNow", t."ZPerDay", t."RisingProb", t."FailureProb24h", t."FailureProb7d", t."FailureProb30d", t."ThresholdUsed", t."Method", t."LastUpdate"
FROM "ACM_RUL_Summary" AS t
WHERE t."AsOf" = (SELECT MAX(m."AsOf") FROM "ACM_RUL_Summary" AS m WHERE m."EquipID" = t."EquipID");

COMMENT ON VIEW "ACM_RUL_Summary_Latest" IS 'Whether the machine degrades, and how long until health falls below the threshold: the last day of each machine only';

CREATE OR REPLACE VIEW "ACM_RUL_Attribution_Latest" AS
SELECT t."RunID", t."EquipID", t."AsOf", t."FailureTime", t."SensorName", t."FailureContribution", t."ZScoreAtFailure", t."AlertCount", t."Comment"
FROM "ACM_RUL_Attribution" AS t
WHERE t."AsOf" = (SELECT MAX(m."AsOf") FROM "ACM_RUL_Attribution" AS m WHERE m."EquipID" = t."EquipID");

COMMENT ON VIEW "ACM_RUL_Attribution_Latest" IS 'Sensors that will have carried the machine to the threshold, strongest first; no rows where nothing degrades: the last day of each machine only';

CREATE OR REPLACE VIEW "ACM_SensorForecast_TS_Latest" AS
SELECT t."RunID", t."EquipID", t."AsOf", t."Timestamp", t."HorizonHours", t."SensorName", t."ForecastValue", t."CiLower", t."CiUpper", t."ForecastStd", t."Method"
FROM "ACM_SensorForecast_TS" AS t
WHERE t."AsOf" = (SELECT MAX(m."AsOf") FROM "ACM_SensorForecast_TS" AS m WHERE m."EquipID" = t."EquipID");

COMMENT ON VIEW "ACM_SensorForecast_TS_Latest" IS 'The five sensors with the largest |z| of the trailing days, in the days to come: the last day of each machine only';

CREATE OR REPLACE VIEW "ACM_MaintenanceRecommendation_Latest" AS
SELECT t."RunID", t."EquipID", t."AsOf", t."EarliestMaintenance", t."PreferredWindowStart", t."PreferredWindowEnd", t."FailureProbAtWindowEnd", t."Comment"
FROM "ACM_MaintenanceRecommendation" AS t
WHERE t."AsOf" = (SELECT MAX(m."AsOf") FROM "ACM_MaintenanceRecommendation" AS m WHERE m."EquipID" = t."EquipID");

COMMENT ON VIEW "ACM_MaintenanceRecommendation_Latest" IS 'When to look after the machine; no row for one that does not degrade and is above the threshold: the last day of each machine only';
