-- Rendered from acm_etl/tables, schema version 2: do not edit.

CREATE OR REPLACE VIEW "ACM_HealthTimeline" AS
SELECT t."RunID", t."EquipID", t."Timestamp", t."HealthIndex",
  CAST(CASE WHEN t."HealthIndex" >= 85.0e0 THEN 'GOOD' WHEN t."HealthIndex" >= 70.0e0 THEN 'WATCH'
    WHEN t."HealthIndex" IS NOT NULL THEN 'ALERT' END AS VARCHAR) AS "HealthZone",
  t."fused" AS "FusedZ"
FROM "ACM_Scores_Wide" AS t;

COMMENT ON VIEW "ACM_HealthTimeline" IS 'Health per reading (main view of dashboards): HealthZone is GOOD from 85, WATCH from 70, ALERT below';

CREATE OR REPLACE VIEW "ACM_RegimeTimeline" AS
SELECT t."RunID", t."EquipID", t."Timestamp", t."regime_label" AS "RegimeLabel",
  CAST(CASE WHEN t."drift_z" >= 3.09e0 THEN 'critical' WHEN t."drift_z" >= 2.0e0 THEN 'suspect'
    WHEN t."drift_z" IS NOT NULL THEN 'healthy' END AS VARCHAR) AS "RegimeState",
  t."OperatingState"
FROM "ACM_Scores_Wide" AS t;

COMMENT ON VIEW "ACM_RegimeTimeline" IS 'Operating regime per reading: RegimeState is critical from drift_z 3.09, suspect from 2, healthy below';

CREATE OR REPLACE VIEW "ACM_CulpritHistory" AS
SELECT t."RunID", t."EquipID", t."StartTs" AS "StartTimestamp", t."EndTs" AS "EndTimestamp", t."DurationHours",
  t."PrimaryDetector", t."PrimarySensor", c."ContributionPct" AS "WeightedContribution", t."LeadMeanZ",
  t."AvgFusedZ" AS "DuringMeanZ", t."LagMeanZ"
FROM "ACM_Episodes" AS t
LEFT JOIN "ACM_EpisodeCulprits" AS c
  ON c."EquipID" = t."EquipID" AND c."StartTs" = t."StartTs" AND c."SensorName" = t."PrimarySensor";

COMMENT ON VIEW "ACM_CulpritHistory" IS 'Top contributing sensor of each episode (annotations of dashboards)';

CREATE OR REPLACE VIEW "ACM_DriftSeries" AS
SELECT t."RunID", t."EquipID", t."Timestamp", t."drift_z" AS "DriftValue"
FROM "ACM_Scores_Wide" AS t
WHERE t."drift_z" IS NOT NULL;

COMMENT ON VIEW "ACM_DriftSeries" IS 'Drift score per reading, as z';

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

COMMENT ON VIEW "ACM_RunHistory" IS 'Every run with its machine, outcome and results';

CREATE OR REPLACE VIEW "ACM_RunColumns" AS
SELECT r."RunID", r."EquipID", m."Ordinal", m."TagName" AS "ColumnName"
FROM "RunLog" AS r
JOIN "ACM_ModelTags" AS m ON m."EquipID" = r."EquipID" AND m."ModelVersion" = r."ModelVersion"
WHERE m."Used" = CAST(1 AS BOOLEAN);

COMMENT ON VIEW "ACM_RunColumns" IS 'Tags that each run scored, one row per tag';

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
  SELECT r.*, ROW_NUMBER() OVER (PARTITION BY r."EquipID" ORDER BY r."WindowStart" DESC, r."RunID") AS ranked
  FROM (SELECT e."EquipID", (
    SELECT MAX(m."AttemptStartedAt") FROM "RunLog" AS m WHERE m."EquipID" = e."EquipID" AND m."Stage" = 'score'
  ) AS newest FROM "Equipment" AS e) AS n
  JOIN "ACM_RunHistory" AS r ON r."EquipID" = n."EquipID" AND r."AttemptStartedAt" = n.newest
    AND r."Stage" = 'score'
) AS h
WHERE h.ranked = 1;

COMMENT ON VIEW "ACM_LatestRun" IS 'Latest scoring attempt of each machine: window, outcome and results';

CREATE OR REPLACE VIEW "ACM_HealthTimeline_Latest" AS
SELECT h."RunID", h."EquipID", h."Timestamp", h."HealthIndex", h."HealthZone", h."FusedZ"
FROM (SELECT e."EquipID", (
    SELECT MAX(m."Timestamp") FROM "ACM_HealthTimeline" AS m WHERE m."EquipID" = e."EquipID" AND m."HealthIndex" IS NOT NULL
  ) AS newest FROM "Equipment" AS e) AS n
JOIN "ACM_HealthTimeline" AS h ON h."EquipID" = n."EquipID" AND h."Timestamp" = n.newest;

COMMENT ON VIEW "ACM_HealthTimeline_Latest" IS 'Last assessed reading of each machine';

CREATE OR REPLACE VIEW "ACM_BatchStatus" AS
SELECT e."EquipID", e."EquipCode", COALESCE(c."Status", 'PENDING') AS "ColdstartStatus", c."AccumulatedRows",
  c."RequiredRows", c."Reason" AS "ColdstartReason", p."LastBatchEndTime", p."BatchesCompleted",
  p."TickMinutes", p."DataMin", p."DataMax", p."UpdatedAt", l."RunID" AS "LastRunID",
  l."Outcome" AS "LastOutcome", l."AttemptStartedAt" AS "LastAttemptStartedAt", l."ErrorMessage" AS "LastError"
FROM "Equipment" AS e
LEFT JOIN "ACM_ColdstartState" AS c ON c."EquipID" = e."EquipID" AND c."Stage" = 'score'
LEFT JOIN "ACM_BatchProgress" AS p ON p."EquipID" = e."EquipID"
LEFT JOIN "ACM_LatestRun" AS l ON l."EquipID" = e."EquipID";

COMMENT ON VIEW "ACM_BatchStatus" IS 'Coldstart, progress and latest run of each machine, one row per machine';

CREATE OR REPLACE VIEW "ACM_RUL_TS" AS
SELECT s."RunID", s."EquipID", s."AsOf", f."Timestamp", f."HorizonHours",
  CASE WHEN s."RUL_Hours" > f."HorizonHours" THEN s."RUL_Hours" - f."HorizonHours"
    WHEN s."RUL_Hours" IS NOT NULL THEN 0e0 END AS "RUL_Hours",
  CASE WHEN s."LowerBound" > f."HorizonHours" THEN s."LowerBound" - f."HorizonHours"
    WHEN s."LowerBound" IS NOT NULL THEN 0e0 END AS "LowerBound",
  CASE WHEN s."UpperBound" > f."HorizonHours" THEN s."UpperBound" - f."HorizonHours"
    WHEN s."UpperBound" IS NOT NULL THEN 0e0 END AS "UpperBound",
  s."Confidence", s."Method"
FROM "ACM_RUL_Summary" AS s
JOIN "ACM_HealthForecast_TS" AS f ON f."EquipID" = s."EquipID" AND f."AsOf" = s."AsOf"
WHERE s."RUL_Hours" IS NOT NULL;

COMMENT ON VIEW "ACM_RUL_TS" IS 'Time to threshold of ACM_RUL_Summary counted down over the horizon; empty without a degradation trend';

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

COMMENT ON VIEW "ACM_EnhancedFailureProbability_TS" IS 'Forecast health and failure probability in one row, with the risk level';

CREATE OR REPLACE VIEW "ACM_EnhancedMaintenanceRecommendation" AS
SELECT m."RunID", m."EquipID", m."AsOf", 100 * s."FailureProb7d" AS "UrgencyScore",
  CAST(1 AS BOOLEAN) AS "MaintenanceRequired", m."EarliestMaintenance", m."PreferredWindowStart",
  m."PreferredWindowEnd", m."PreferredWindowEnd" AS "LatestSafeTime",
  m."FailureProbAtWindowEnd" AS "FailureProbAtLatest", s."Method" AS "FailurePattern", s."Confidence",
  CAST(NULL AS DOUBLE) AS "EstimatedDuration_Hours"
FROM "ACM_MaintenanceRecommendation" AS m
JOIN "ACM_RUL_Summary" AS s ON s."EquipID" = m."EquipID" AND s."AsOf" = m."AsOf";

COMMENT ON VIEW "ACM_EnhancedMaintenanceRecommendation" IS 'When to maintain a machine that degrades, and its urgency (failure probability within a week, percent)';

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

COMMENT ON VIEW "ACM_FailureCausation" IS 'Scores of each detector since the last change point of a degrading machine (rows of ACM_ContributionTimeline)';

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
  ON a."EquipID" = m."EquipID" AND a."AsOf" = m."AsOf" AND a."FailureContribution" >= 0.1
UNION ALL
SELECT q."RunID", q."EquipID", r."WindowStart",
  CONCAT(CASE WHEN q."EventType" = 'sensor_unit_changed' THEN 'Correct the unit of ' WHEN q."EventType" = 'sensor_swapped' THEN 'Correct the connection or the name of ' ELSE 'Check or replace the sensor ' END, q."ColumnName"),
  'Medium', CAST(NULL AS TIMESTAMP_MS), CAST(NULL AS DOUBLE)
FROM "ACM_DataQualityEvents" AS q JOIN "RunLog" AS r ON r."RunID" = q."RunID"
WHERE r."Outcome" = 'OK' AND q."EventType" IN ('sensor_stuck', 'sensor_dead', 'sensor_saturated', 'sensor_unit_changed', 'sensor_swapped', 'sensor_coarse');

COMMENT ON VIEW "ACM_RecommendedActions" IS 'Recommended work: sensors with at least 10 % of the degradation, else the machine; and faulty sensors by window';

CREATE OR REPLACE VIEW "ACM_Scores_Long" AS
SELECT t."RunID", t."EquipID", t."Timestamp", 'ar1_z' AS "DetectorType", t."ar1_z" AS "ZScore"
FROM "ACM_Scores_Wide" AS t WHERE t."ar1_z" IS NOT NULL
UNION ALL
SELECT t."RunID", t."EquipID", t."Timestamp", 'pca_spe_z' AS "DetectorType", t."pca_spe_z" AS "ZScore"
FROM "ACM_Scores_Wide" AS t WHERE t."pca_spe_z" IS NOT NULL
UNION ALL
SELECT t."RunID", t."EquipID", t."Timestamp", 'pca_t2_z' AS "DetectorType", t."pca_t2_z" AS "ZScore"
FROM "ACM_Scores_Wide" AS t WHERE t."pca_t2_z" IS NOT NULL
UNION ALL
SELECT t."RunID", t."EquipID", t."Timestamp", 'mhal_z' AS "DetectorType", t."mhal_z" AS "ZScore"
FROM "ACM_Scores_Wide" AS t WHERE t."mhal_z" IS NOT NULL
UNION ALL
SELECT t."RunID", t."EquipID", t."Timestamp", 'iforest_z' AS "DetectorType", t."iforest_z" AS "ZScore"
FROM "ACM_Scores_Wide" AS t WHERE t."iforest_z" IS NOT NULL
UNION ALL
SELECT t."RunID", t."EquipID", t."Timestamp", 'gmm_z' AS "DetectorType", t."gmm_z" AS "ZScore"
FROM "ACM_Scores_Wide" AS t WHERE t."gmm_z" IS NOT NULL
UNION ALL
SELECT t."RunID", t."EquipID", t."Timestamp", 'omr_z' AS "DetectorType", t."omr_z" AS "ZScore"
FROM "ACM_Scores_Wide" AS t WHERE t."omr_z" IS NOT NULL
UNION ALL
SELECT t."RunID", t."EquipID", t."Timestamp", 'mewma_z' AS "DetectorType", t."mewma_z" AS "ZScore"
FROM "ACM_Scores_Wide" AS t WHERE t."mewma_z" IS NOT NULL;

COMMENT ON VIEW "ACM_Scores_Long" IS 'ACM_Scores_Wide in long form: one row per assessed reading and detector';

CREATE OR REPLACE VIEW "ACM_Drift_TS" AS
SELECT t."RunID", t."EquipID", t."Timestamp", t."drift_z" AS "DriftValue", t."drift_z" AS "DriftZ"
FROM "ACM_Scores_Wide" AS t
WHERE t."drift_z" IS NOT NULL;

COMMENT ON VIEW "ACM_Drift_TS" IS 'ACM_DriftSeries, under another V8 name';

CREATE OR REPLACE VIEW "ACM_Anomaly_Events" AS
SELECT t."RunID", t."EquipID", t."StartTs", t."EndTs", t."PeakFusedZ" AS "PeakScore", t."Severity", t."Status",
  t."PrimaryDetector", t."PrimarySensor", t."Culprits"
FROM "ACM_Episodes" AS t;

COMMENT ON VIEW "ACM_Anomaly_Events" IS 'ACM_Episodes, under another V8 name';

CREATE OR REPLACE VIEW "ACM_EpisodeDiagnostics" AS
SELECT t."RunID", t."EquipID",
  ROW_NUMBER() OVER (PARTITION BY t."EquipID" ORDER BY t."StartTs") AS "episode_id",
  t."StartTs", t."EndTs", t."PeakFusedZ" AS "peak_z", t."PeakTimestamp" AS "peak_timestamp",
  t."DurationHours" AS "duration_h", t."PrimarySensor" AS "dominant_sensor",
  t."PrimaryDetector" AS "dominant_detector", t."Severity" AS "severity",
  CASE t."Severity" WHEN 'HIGH' THEN 'peak z of 6 or more' WHEN 'MEDIUM' THEN 'peak z of 4 or more'
    ELSE 'peak z below 4' END AS "severity_reason",
  t."AvgFusedZ" AS "avg_z", t."MinHealthIndex" AS "min_health_index"
FROM "ACM_Episodes" AS t;

COMMENT ON VIEW "ACM_EpisodeDiagnostics" IS 'ACM_Episodes, numbered per machine, with the reason of the severity';

CREATE OR REPLACE VIEW "ACM_ContributionCurrent" AS
SELECT c."RunID", c."EquipID", c."Timestamp", c."DetectorType", c."ZScore",
  CASE WHEN c."Total" > 0 THEN 1e2 * ABS(c."ZScore") / c."Total" ELSE 0.0 END AS "ContributionPct"
FROM (
  SELECT t."RunID", t."EquipID", t."Timestamp", 'ar1_z' AS "DetectorType", t."ar1_z" AS "ZScore",
    ABS(t."ar1_z") + ABS(t."pca_spe_z") + ABS(t."pca_t2_z") + ABS(t."mhal_z") + ABS(t."iforest_z") + ABS(t."gmm_z") + ABS(t."omr_z") + ABS(t."mewma_z") AS "Total"
  FROM (SELECT e."EquipID", (
    SELECT MAX(m."Timestamp") FROM "ACM_Scores_Wide" AS m WHERE m."EquipID" = e."EquipID" AND m."ar1_z" IS NOT NULL
  ) AS newest FROM "Equipment" AS e) AS n
  JOIN "ACM_Scores_Wide" AS t ON t."EquipID" = n."EquipID" AND t."Timestamp" = n.newest
UNION ALL
  SELECT t."RunID", t."EquipID", t."Timestamp", 'pca_spe_z' AS "DetectorType", t."pca_spe_z" AS "ZScore",
    ABS(t."ar1_z") + ABS(t."pca_spe_z") + ABS(t."pca_t2_z") + ABS(t."mhal_z") + ABS(t."iforest_z") + ABS(t."gmm_z") + ABS(t."omr_z") + ABS(t."mewma_z") AS "Total"
  FROM (SELECT e."EquipID", (
    SELECT MAX(m."Timestamp") FROM "ACM_Scores_Wide" AS m WHERE m."EquipID" = e."EquipID" AND m."ar1_z" IS NOT NULL
  ) AS newest FROM "Equipment" AS e) AS n
  JOIN "ACM_Scores_Wide" AS t ON t."EquipID" = n."EquipID" AND t."Timestamp" = n.newest
UNION ALL
  SELECT t."RunID", t."EquipID", t."Timestamp", 'pca_t2_z' AS "DetectorType", t."pca_t2_z" AS "ZScore",
    ABS(t."ar1_z") + ABS(t."pca_spe_z") + ABS(t."pca_t2_z") + ABS(t."mhal_z") + ABS(t."iforest_z") + ABS(t."gmm_z") + ABS(t."omr_z") + ABS(t."mewma_z") AS "Total"
  FROM (SELECT e."EquipID", (
    SELECT MAX(m."Timestamp") FROM "ACM_Scores_Wide" AS m WHERE m."EquipID" = e."EquipID" AND m."ar1_z" IS NOT NULL
  ) AS newest FROM "Equipment" AS e) AS n
  JOIN "ACM_Scores_Wide" AS t ON t."EquipID" = n."EquipID" AND t."Timestamp" = n.newest
UNION ALL
  SELECT t."RunID", t."EquipID", t."Timestamp", 'mhal_z' AS "DetectorType", t."mhal_z" AS "ZScore",
    ABS(t."ar1_z") + ABS(t."pca_spe_z") + ABS(t."pca_t2_z") + ABS(t."mhal_z") + ABS(t."iforest_z") + ABS(t."gmm_z") + ABS(t."omr_z") + ABS(t."mewma_z") AS "Total"
  FROM (SELECT e."EquipID", (
    SELECT MAX(m."Timestamp") FROM "ACM_Scores_Wide" AS m WHERE m."EquipID" = e."EquipID" AND m."ar1_z" IS NOT NULL
  ) AS newest FROM "Equipment" AS e) AS n
  JOIN "ACM_Scores_Wide" AS t ON t."EquipID" = n."EquipID" AND t."Timestamp" = n.newest
UNION ALL
  SELECT t."RunID", t."EquipID", t."Timestamp", 'iforest_z' AS "DetectorType", t."iforest_z" AS "ZScore",
    ABS(t."ar1_z") + ABS(t."pca_spe_z") + ABS(t."pca_t2_z") + ABS(t."mhal_z") + ABS(t."iforest_z") + ABS(t."gmm_z") + ABS(t."omr_z") + ABS(t."mewma_z") AS "Total"
  FROM (SELECT e."EquipID", (
    SELECT MAX(m."Timestamp") FROM "ACM_Scores_Wide" AS m WHERE m."EquipID" = e."EquipID" AND m."ar1_z" IS NOT NULL
  ) AS newest FROM "Equipment" AS e) AS n
  JOIN "ACM_Scores_Wide" AS t ON t."EquipID" = n."EquipID" AND t."Timestamp" = n.newest
UNION ALL
  SELECT t."RunID", t."EquipID", t."Timestamp", 'gmm_z' AS "DetectorType", t."gmm_z" AS "ZScore",
    ABS(t."ar1_z") + ABS(t."pca_spe_z") + ABS(t."pca_t2_z") + ABS(t."mhal_z") + ABS(t."iforest_z") + ABS(t."gmm_z") + ABS(t."omr_z") + ABS(t."mewma_z") AS "Total"
  FROM (SELECT e."EquipID", (
    SELECT MAX(m."Timestamp") FROM "ACM_Scores_Wide" AS m WHERE m."EquipID" = e."EquipID" AND m."ar1_z" IS NOT NULL
  ) AS newest FROM "Equipment" AS e) AS n
  JOIN "ACM_Scores_Wide" AS t ON t."EquipID" = n."EquipID" AND t."Timestamp" = n.newest
UNION ALL
  SELECT t."RunID", t."EquipID", t."Timestamp", 'omr_z' AS "DetectorType", t."omr_z" AS "ZScore",
    ABS(t."ar1_z") + ABS(t."pca_spe_z") + ABS(t."pca_t2_z") + ABS(t."mhal_z") + ABS(t."iforest_z") + ABS(t."gmm_z") + ABS(t."omr_z") + ABS(t."mewma_z") AS "Total"
  FROM (SELECT e."EquipID", (
    SELECT MAX(m."Timestamp") FROM "ACM_Scores_Wide" AS m WHERE m."EquipID" = e."EquipID" AND m."ar1_z" IS NOT NULL
  ) AS newest FROM "Equipment" AS e) AS n
  JOIN "ACM_Scores_Wide" AS t ON t."EquipID" = n."EquipID" AND t."Timestamp" = n.newest
UNION ALL
  SELECT t."RunID", t."EquipID", t."Timestamp", 'mewma_z' AS "DetectorType", t."mewma_z" AS "ZScore",
    ABS(t."ar1_z") + ABS(t."pca_spe_z") + ABS(t."pca_t2_z") + ABS(t."mhal_z") + ABS(t."iforest_z") + ABS(t."gmm_z") + ABS(t."omr_z") + ABS(t."mewma_z") AS "Total"
  FROM (SELECT e."EquipID", (
    SELECT MAX(m."Timestamp") FROM "ACM_Scores_Wide" AS m WHERE m."EquipID" = e."EquipID" AND m."ar1_z" IS NOT NULL
  ) AS newest FROM "Equipment" AS e) AS n
  JOIN "ACM_Scores_Wide" AS t ON t."EquipID" = n."EquipID" AND t."Timestamp" = n.newest
) AS c;

COMMENT ON VIEW "ACM_ContributionCurrent" IS 'Contribution of each detector at the last assessed reading of each machine';

CREATE OR REPLACE VIEW "ACM_HealthZoneByPeriod" AS
SELECT z."RunID", z."EquipID", z."PeriodStart", 'DAY' AS "PeriodType", z."HealthZone", z."ZoneCount",
  z."TotalPoints", 1e2 * z."ZoneCount" / z."TotalPoints" AS "ZonePct",
  CAST(timezone(e."TimeZone", timezone('UTC', z."PeriodStart"::TIMESTAMP)) AS DATE) AS "Date"
FROM (
  SELECT t."RunID", t."EquipID", t."AsOf" AS "PeriodStart", 'GOOD' AS "HealthZone",
    t."GoodCount" AS "ZoneCount", t."AssessedCount" AS "TotalPoints"
  FROM "ACM_HealthDaily" AS t WHERE t."AssessedCount" > 0
UNION ALL
  SELECT t."RunID", t."EquipID", t."AsOf" AS "PeriodStart", 'WATCH' AS "HealthZone",
    t."WatchCount" AS "ZoneCount", t."AssessedCount" AS "TotalPoints"
  FROM "ACM_HealthDaily" AS t WHERE t."AssessedCount" > 0
UNION ALL
  SELECT t."RunID", t."EquipID", t."AsOf" AS "PeriodStart", 'ALERT' AS "HealthZone",
    t."AlertCount" AS "ZoneCount", t."AssessedCount" AS "TotalPoints"
  FROM "ACM_HealthDaily" AS t WHERE t."AssessedCount" > 0
) AS z
JOIN "Equipment" AS e ON e."EquipID" = z."EquipID";

COMMENT ON VIEW "ACM_HealthZoneByPeriod" IS 'Share of each health zone per local day: three rows per day with assessed readings';

CREATE OR REPLACE VIEW "ACM_SensorAnomalyByPeriod" AS
SELECT t."RunID", t."EquipID", t."AsOf" AS "PeriodStart", 'DAY' AS "PeriodType",
  t."DaySeconds" AS "PeriodSeconds", t."DetectorType", t."Points", t."MaxZ", t."AvgZ",
  1e2 * t."AboveCount" / t."Points" AS "AnomalyRatePct",
  CAST(timezone(e."TimeZone", timezone('UTC', t."AsOf"::TIMESTAMP)) AS DATE) AS "Date"
FROM "ACM_DetectorDaily" AS t
JOIN "Equipment" AS e ON e."EquipID" = t."EquipID";

COMMENT ON VIEW "ACM_SensorAnomalyByPeriod" IS 'How often the score of each detector reached z = 2, per local day';

CREATE OR REPLACE VIEW "ACM_BaselineBuffer" AS
SELECT t."RunID", t."EquipID", t."AsOf" AS "Timestamp", t."SensorName", t."BaselineMean" AS "SensorValue",
  t."BaselineCount" AS "Readings", 1e2 * t."BaselineCount" / t."Readings" AS "DataQuality"
FROM "ACM_SensorDaily" AS t
WHERE t."BaselineCount" > 0;

COMMENT ON VIEW "ACM_BaselineBuffer" IS 'Baseline: mean of the healthy readings of each sensor per local day';

CREATE OR REPLACE VIEW "ACM_FeatureDropLog" AS
SELECT t."RunID", t."EquipID", t."ModelVersion", t."TagName" AS "FeatureName", t."Reason"
FROM "ACM_ModelTags" AS t
WHERE t."Used" = CAST(0 AS BOOLEAN);

COMMENT ON VIEW "ACM_FeatureDropLog" IS 'Tags that a model version excludes, with the reason';

CREATE OR REPLACE VIEW "Runs" AS
SELECT r."RunID", r."EquipID", r."Stage", r."StartedAt" AS "EntryDateTime",
  r."CompletedAt" AS "EndEntryDateTime", r."WindowStart" AS "WindowStartEntryDateTime",
  r."WindowEnd" AS "WindowEndEntryDateTime", r."Outcome", r."Version", r."ConfigSignature" AS "ConfigHash",
  r."RowsRead", r."RowsWritten", r."ErrorMessage"
FROM "RunLog" AS r;

COMMENT ON VIEW "Runs" IS 'RunLog, with the columns of the V8 table Runs';

CREATE OR REPLACE VIEW "ACM_AlertAge_Latest" AS
SELECT t."RunID", t."EquipID", t."StartTimestamp", t."EndTimestamp", t."AlertZone", t."DurationHours",
  t."RecordCount", t."MinHealthIndex"
FROM "ACM_AlertAge" AS t
WHERE t."Status" = 'OPEN';

COMMENT ON VIEW "ACM_AlertAge_Latest" IS 'Time in the current health zone of each machine';

CREATE OR REPLACE VIEW "ACM_SensorDrift_Latest" AS
SELECT t."RunID", t."EquipID", t."Timestamp", t."SensorName", t."DriftValue"
FROM (SELECT e."EquipID", (
    SELECT MAX(m."Timestamp") FROM "ACM_SensorDrift" AS m WHERE m."EquipID" = e."EquipID"
  ) AS newest FROM "Equipment" AS e) AS n
JOIN "ACM_SensorDrift" AS t ON t."EquipID" = n."EquipID" AND t."Timestamp" = n.newest;

COMMENT ON VIEW "ACM_SensorDrift_Latest" IS 'Drift score of every sensor in the last assessed hour';

CREATE OR REPLACE VIEW "ACM_DriftEventsLocal" AS
SELECT t."EquipID", e."EquipCode", e."TimeZone", t."SegmentStart", t."SegmentEnd",
  timezone(e."TimeZone", timezone('UTC', t."SegmentStart"::TIMESTAMP)) AS "LocalSegmentStart",
  timezone(e."TimeZone", timezone('UTC', t."SegmentEnd"::TIMESTAMP)) AS "LocalSegmentEnd",
  t."Status", t."DurationHours", t."Value", t."SensorName"
FROM "ACM_DriftEvents" AS t
JOIN "Equipment" AS e ON e."EquipID" = t."EquipID";

COMMENT ON VIEW "ACM_DriftEventsLocal" IS 'Drift events with the local times of the machine';

CREATE OR REPLACE VIEW "ACM_SensorDaily_Latest" AS
SELECT t."RunID", t."EquipID", t."AsOf", t."SensorName", t."Readings", t."Nulls", t."LongestGap", t."LongestFlat", t."AboveWarnCount", t."AboveAlertCount", t."MaxTimestamp", t."MaxSignedZ", t."ValueAtPeak", t."LatestTimestamp", t."LatestSignedZ", t."LatestValue", t."BaselineCount", t."BaselineMean"
FROM (SELECT e."EquipID", (
    SELECT MAX(m."AsOf") FROM "ACM_SensorDaily" AS m WHERE m."EquipID" = e."EquipID"
  ) AS newest FROM "Equipment" AS e) AS n
JOIN "ACM_SensorDaily" AS t ON t."EquipID" = n."EquipID" AND t."AsOf" = n.newest;

COMMENT ON VIEW "ACM_SensorDaily_Latest" IS 'Daily statistics of each sensor, from which the sensor summaries are computed; latest day of each machine only';

CREATE OR REPLACE VIEW "ACM_SensorHotspots_Latest" AS
SELECT t."RunID", t."EquipID", t."AsOf", t."SensorName", t."MaxTimestamp", t."LatestTimestamp", t."MaxAbsZ", t."MaxSignedZ", t."LatestAbsZ", t."LatestSignedZ", t."ValueAtPeak", t."LatestValue", t."TrainMean", t."TrainStd", t."AboveWarnCount", t."AboveAlertCount"
FROM (SELECT e."EquipID", (
    SELECT MAX(m."AsOf") FROM "ACM_SensorHotspots" AS m WHERE m."EquipID" = e."EquipID"
  ) AS newest FROM "Equipment" AS e) AS n
JOIN "ACM_SensorHotspots" AS t ON t."EquipID" = n."EquipID" AND t."AsOf" = n.newest;

COMMENT ON VIEW "ACM_SensorHotspots_Latest" IS 'Sensors whose largest |z| reached 2 in the last summary_days days; latest day of each machine only';

CREATE OR REPLACE VIEW "ACM_DataQuality_Latest" AS
SELECT t."RunID", t."EquipID", t."AsOf", t."SensorName", t."CheckName", t."CheckResult", t."Readings", t."Nulls", t."NullPct", t."LongestGap", t."LongestFlat", t."Notes"
FROM (SELECT e."EquipID", (
    SELECT MAX(m."AsOf") FROM "ACM_DataQuality" AS m WHERE m."EquipID" = e."EquipID"
  ) AS newest FROM "Equipment" AS e) AS n
JOIN "ACM_DataQuality" AS t ON t."EquipID" = n."EquipID" AND t."AsOf" = n.newest;

COMMENT ON VIEW "ACM_DataQuality_Latest" IS 'Usability of each sensor over the last summary_days days; latest day of each machine only';

CREATE OR REPLACE VIEW "ACM_DefectSummary_Latest" AS
SELECT t."RunID", t."EquipID", t."AsOf", t."Status", t."Severity", t."CurrentHealth", t."AvgHealth", t."MinHealth", t."EpisodeCount", t."WorstSensor", t."GoodCount", t."WatchCount", t."AlertCount"
FROM (SELECT e."EquipID", (
    SELECT MAX(m."AsOf") FROM "ACM_DefectSummary" AS m WHERE m."EquipID" = e."EquipID"
  ) AS newest FROM "Equipment" AS e) AS n
JOIN "ACM_DefectSummary" AS t ON t."EquipID" = n."EquipID" AND t."AsOf" = n.newest;

COMMENT ON VIEW "ACM_DefectSummary_Latest" IS 'Status of the machine at the end of the day; latest day of each machine only';

CREATE OR REPLACE VIEW "ACM_EpisodeMetrics_Latest" AS
SELECT t."RunID", t."EquipID", t."AsOf", t."TotalEpisodes", t."TotalDurationHours", t."AvgDurationHours", t."MedianDurationHours", t."MaxDurationHours", t."MinDurationHours", t."RatePerDay", t."MeanInterarrivalHours"
FROM (SELECT e."EquipID", (
    SELECT MAX(m."AsOf") FROM "ACM_EpisodeMetrics" AS m WHERE m."EquipID" = e."EquipID"
  ) AS newest FROM "Equipment" AS e) AS n
JOIN "ACM_EpisodeMetrics" AS t ON t."EquipID" = n."EquipID" AND t."AsOf" = n.newest;

COMMENT ON VIEW "ACM_EpisodeMetrics_Latest" IS 'Statistics of the episodes that started in the last summary_days days; latest day of each machine only';

CREATE OR REPLACE VIEW "ACM_RegimeOccupancy_Latest" AS
SELECT t."RunID", t."EquipID", t."AsOf", t."RegimeLabel", t."RecordCount", t."Percentage"
FROM (SELECT e."EquipID", (
    SELECT MAX(m."AsOf") FROM "ACM_RegimeOccupancy" AS m WHERE m."EquipID" = e."EquipID"
  ) AS newest FROM "Equipment" AS e) AS n
JOIN "ACM_RegimeOccupancy" AS t ON t."EquipID" = n."EquipID" AND t."AsOf" = n.newest;

COMMENT ON VIEW "ACM_RegimeOccupancy_Latest" IS 'Share of readings in each regime over the last summary_days days; latest day of each machine only';

CREATE OR REPLACE VIEW "ACM_RegimeTransitions_Latest" AS
SELECT t."RunID", t."EquipID", t."AsOf", t."FromLabel", t."ToLabel", t."Count", t."Prob"
FROM (SELECT e."EquipID", (
    SELECT MAX(m."AsOf") FROM "ACM_RegimeTransitions" AS m WHERE m."EquipID" = e."EquipID"
  ) AS newest FROM "Equipment" AS e) AS n
JOIN "ACM_RegimeTransitions" AS t ON t."EquipID" = n."EquipID" AND t."AsOf" = n.newest;

COMMENT ON VIEW "ACM_RegimeTransitions_Latest" IS 'Changes of regime in the last summary_days days; latest day of each machine only';

CREATE OR REPLACE VIEW "ACM_HealthDaily_Latest" AS
SELECT t."RunID", t."EquipID", t."AsOf", t."DaySeconds", t."Readings", t."AssessedCount", t."GoodCount", t."WatchCount", t."AlertCount", t."AlarmCount", t."AvgHealth", t."MinHealth", t."LastHealth", t."MaxFusedZ"
FROM (SELECT e."EquipID", (
    SELECT MAX(m."AsOf") FROM "ACM_HealthDaily" AS m WHERE m."EquipID" = e."EquipID"
  ) AS newest FROM "Equipment" AS e) AS n
JOIN "ACM_HealthDaily" AS t ON t."EquipID" = n."EquipID" AND t."AsOf" = n.newest;

COMMENT ON VIEW "ACM_HealthDaily_Latest" IS 'Health of one local day; latest day of each machine only';

CREATE OR REPLACE VIEW "ACM_DetectorDaily_Latest" AS
SELECT t."RunID", t."EquipID", t."AsOf", t."DetectorType", t."DaySeconds", t."Points", t."AboveCount", t."MaxZ", t."AvgZ", t."LatestZ"
FROM (SELECT e."EquipID", (
    SELECT MAX(m."AsOf") FROM "ACM_DetectorDaily" AS m WHERE m."EquipID" = e."EquipID"
  ) AS newest FROM "Equipment" AS e) AS n
JOIN "ACM_DetectorDaily" AS t ON t."EquipID" = n."EquipID" AND t."AsOf" = n.newest;

COMMENT ON VIEW "ACM_DetectorDaily_Latest" IS 'Scores of each detector on one local day; latest day of each machine only';

CREATE OR REPLACE VIEW "ACM_SinceWhen_Latest" AS
SELECT t."RunID", t."EquipID", t."AsOf", t."AlertZone", t."StartTimestamp", t."LastTimestamp", t."DurationHours", t."RecordCount"
FROM (SELECT e."EquipID", (
    SELECT MAX(m."AsOf") FROM "ACM_SinceWhen" AS m WHERE m."EquipID" = e."EquipID"
  ) AS newest FROM "Equipment" AS e) AS n
JOIN "ACM_SinceWhen" AS t ON t."EquipID" = n."EquipID" AND t."AsOf" = n.newest;

COMMENT ON VIEW "ACM_SinceWhen_Latest" IS 'Time in the current state (in alarm or not) at the end of the day; latest day of each machine only';

CREATE OR REPLACE VIEW "ACM_SensorDefects_Latest" AS
SELECT t."RunID", t."EquipID", t."AsOf", t."DetectorType", t."DetectorFamily", t."Severity", t."ViolationCount", t."ViolationPct", t."MaxZ", t."AvgZ", t."CurrentZ", t."ActiveDefect"
FROM (SELECT e."EquipID", (
    SELECT MAX(m."AsOf") FROM "ACM_SensorDefects" AS m WHERE m."EquipID" = e."EquipID"
  ) AS newest FROM "Equipment" AS e) AS n
JOIN "ACM_SensorDefects" AS t ON t."EquipID" = n."EquipID" AND t."AsOf" = n.newest;

COMMENT ON VIEW "ACM_SensorDefects_Latest" IS 'How often the score of each detector reached z = 2 over the last summary_days days; latest day of each machine only';

CREATE OR REPLACE VIEW "ACM_SensorRanking_Latest" AS
SELECT t."RunID", t."EquipID", t."AsOf", t."SensorName", t."RankPosition", t."ContributionPct", t."ZScore", t."DetectorType"
FROM (SELECT e."EquipID", (
    SELECT MAX(m."AsOf") FROM "ACM_SensorRanking" AS m WHERE m."EquipID" = e."EquipID"
  ) AS newest FROM "Equipment" AS e) AS n
JOIN "ACM_SensorRanking" AS t ON t."EquipID" = n."EquipID" AND t."AsOf" = n.newest;

COMMENT ON VIEW "ACM_SensorRanking_Latest" IS 'Sensors ranked by their last deviation of the day; latest day of each machine only';

CREATE OR REPLACE VIEW "ACM_DetectorCorrelation_Latest" AS
SELECT t."RunID", t."EquipID", t."AsOf", t."DetectorA", t."DetectorB", t."PearsonR", t."Points"
FROM (SELECT e."EquipID", (
    SELECT MAX(m."AsOf") FROM "ACM_DetectorCorrelation" AS m WHERE m."EquipID" = e."EquipID"
  ) AS newest FROM "Equipment" AS e) AS n
JOIN "ACM_DetectorCorrelation" AS t ON t."EquipID" = n."EquipID" AND t."AsOf" = n.newest;

COMMENT ON VIEW "ACM_DetectorCorrelation_Latest" IS 'Correlation of the scores of two detectors over the last summary_days days; latest day of each machine only';

CREATE OR REPLACE VIEW "ACM_HealthHistogram_Latest" AS
SELECT t."RunID", t."EquipID", t."AsOf", t."HealthBin", t."RecordCount", t."Percentage"
FROM (SELECT e."EquipID", (
    SELECT MAX(m."AsOf") FROM "ACM_HealthHistogram" AS m WHERE m."EquipID" = e."EquipID"
  ) AS newest FROM "Equipment" AS e) AS n
JOIN "ACM_HealthHistogram" AS t ON t."EquipID" = n."EquipID" AND t."AsOf" = n.newest;

COMMENT ON VIEW "ACM_HealthHistogram_Latest" IS 'Distribution of health over the last summary_days days, in ten bins of width ten; latest day of each machine only';

CREATE OR REPLACE VIEW "ACM_RegimeDwellStats_Latest" AS
SELECT t."RunID", t."EquipID", t."AsOf", t."RegimeLabel", t."Runs", t."MeanSeconds", t."MedianSeconds", t."MinSeconds", t."MaxSeconds"
FROM (SELECT e."EquipID", (
    SELECT MAX(m."AsOf") FROM "ACM_RegimeDwellStats" AS m WHERE m."EquipID" = e."EquipID"
  ) AS newest FROM "Equipment" AS e) AS n
JOIN "ACM_RegimeDwellStats" AS t ON t."EquipID" = n."EquipID" AND t."AsOf" = n.newest;

COMMENT ON VIEW "ACM_RegimeDwellStats_Latest" IS 'How long the machine stays in each regime, by its periods within the last summary_days days; latest day of each machine only';

CREATE OR REPLACE VIEW "ACM_RegimeStability_Latest" AS
SELECT t."RunID", t."EquipID", t."AsOf", t."MetricName", t."MetricValue"
FROM (SELECT e."EquipID", (
    SELECT MAX(m."AsOf") FROM "ACM_RegimeStability" AS m WHERE m."EquipID" = e."EquipID"
  ) AS newest FROM "Equipment" AS e) AS n
JOIN "ACM_RegimeStability" AS t ON t."EquipID" = n."EquipID" AND t."AsOf" = n.newest;

COMMENT ON VIEW "ACM_RegimeStability_Latest" IS 'Stability of the regimes over the last summary_days days; latest day of each machine only';

CREATE OR REPLACE VIEW "ACM_HealthForecast_TS_Latest" AS
SELECT t."RunID", t."EquipID", t."AsOf", t."Timestamp", t."HorizonHours", t."ForecastHealth", t."CiLower", t."CiUpper", t."ForecastStd", t."Method"
FROM (SELECT e."EquipID", (
    SELECT MAX(m."AsOf") FROM "ACM_HealthForecast_TS" AS m WHERE m."EquipID" = e."EquipID"
  ) AS newest FROM "Equipment" AS e) AS n
JOIN "ACM_HealthForecast_TS" AS t ON t."EquipID" = n."EquipID" AND t."AsOf" = n.newest;

COMMENT ON VIEW "ACM_HealthForecast_TS_Latest" IS 'Forecast of health, as of the end of the day; latest day of each machine only';

CREATE OR REPLACE VIEW "ACM_FailureForecast_TS_Latest" AS
SELECT t."RunID", t."EquipID", t."AsOf", t."Timestamp", t."HorizonHours", t."FailureProb", t."ThresholdUsed", t."Method"
FROM (SELECT e."EquipID", (
    SELECT MAX(m."AsOf") FROM "ACM_FailureForecast_TS" AS m WHERE m."EquipID" = e."EquipID"
  ) AS newest FROM "Equipment" AS e) AS n
JOIN "ACM_FailureForecast_TS" AS t ON t."EquipID" = n."EquipID" AND t."AsOf" = n.newest;

COMMENT ON VIEW "ACM_FailureForecast_TS_Latest" IS 'Probability that health has fallen below the threshold by a time; it never decreases with the horizon; latest day of each machine only';

CREATE OR REPLACE VIEW "ACM_RUL_Summary_Latest" AS
SELECT t."RunID", t."EquipID", t."AsOf", t."IssuedAt", t."Status", t."RUL_Hours", t."LowerBound", t."UpperBound", t."Confidence", t."FailureTime", t."TrendStart", t."TrendDays", t."HealthNow", t."ZPerDay", t."RisingProb", t."FailureProb24h", t."FailureProb7d", t."FailureProb30d", t."ThresholdUsed", t."Method", t."LastUpdate"
FROM (SELECT e."EquipID", (
    SELECT MAX(m."AsOf") FROM "ACM_RUL_Summary" AS m WHERE m."EquipID" = e."EquipID"
  ) AS newest FROM "Equipment" AS e) AS n
JOIN "ACM_RUL_Summary" AS t ON t."EquipID" = n."EquipID" AND t."AsOf" = n.newest;

COMMENT ON VIEW "ACM_RUL_Summary_Latest" IS 'Degradation status, and the time until health falls below the threshold; latest day of each machine only';

CREATE OR REPLACE VIEW "ACM_RUL_Attribution_Latest" AS
SELECT t."RunID", t."EquipID", t."AsOf", t."FailureTime", t."SensorName", t."FailureContribution", t."ZScoreAtFailure", t."AlertCount", t."Comment"
FROM (SELECT e."EquipID", (
    SELECT MAX(m."AsOf") FROM "ACM_RUL_Attribution" AS m WHERE m."EquipID" = e."EquipID"
  ) AS newest FROM "Equipment" AS e) AS n
JOIN "ACM_RUL_Attribution" AS t ON t."EquipID" = n."EquipID" AND t."AsOf" = n.newest;

COMMENT ON VIEW "ACM_RUL_Attribution_Latest" IS 'Sensors driving the degradation trend, by contribution; empty without a trend; latest day of each machine only';

CREATE OR REPLACE VIEW "ACM_SensorForecast_TS_Latest" AS
SELECT t."RunID", t."EquipID", t."AsOf", t."Timestamp", t."HorizonHours", t."SensorName", t."ForecastValue", t."CiLower", t."CiUpper", t."ForecastStd", t."Method"
FROM (SELECT e."EquipID", (
    SELECT MAX(m."AsOf") FROM "ACM_SensorForecast_TS" AS m WHERE m."EquipID" = e."EquipID"
  ) AS newest FROM "Equipment" AS e) AS n
JOIN "ACM_SensorForecast_TS" AS t ON t."EquipID" = n."EquipID" AND t."AsOf" = n.newest;

COMMENT ON VIEW "ACM_SensorForecast_TS_Latest" IS 'Forecast of the five sensors with the largest |z| over the last summary_days days; latest day of each machine only';

CREATE OR REPLACE VIEW "ACM_MaintenanceRecommendation_Latest" AS
SELECT t."RunID", t."EquipID", t."AsOf", t."EarliestMaintenance", t."PreferredWindowStart", t."PreferredWindowEnd", t."FailureProbAtWindowEnd", t."Comment"
FROM (SELECT e."EquipID", (
    SELECT MAX(m."AsOf") FROM "ACM_MaintenanceRecommendation" AS m WHERE m."EquipID" = e."EquipID"
  ) AS newest FROM "Equipment" AS e) AS n
JOIN "ACM_MaintenanceRecommendation" AS t ON t."EquipID" = n."EquipID" AND t."AsOf" = n.newest;

COMMENT ON VIEW "ACM_MaintenanceRecommendation_Latest" IS 'When to maintain the machine; no row for a machine above the threshold without a degradation trend; latest day of each machine only';

CREATE OR REPLACE VIEW "ACM_RUL_TS_Latest" AS
SELECT t."RunID", t."EquipID", t."AsOf", t."Timestamp", t."HorizonHours", t."RUL_Hours", t."LowerBound", t."UpperBound", t."Confidence", t."Method"
FROM (SELECT e."EquipID", (
    SELECT MAX(m."AsOf") FROM "ACM_RUL_TS" AS m WHERE m."EquipID" = e."EquipID"
  ) AS newest FROM "Equipment" AS e) AS n
JOIN "ACM_RUL_TS" AS t ON t."EquipID" = n."EquipID" AND t."AsOf" = n.newest;

COMMENT ON VIEW "ACM_RUL_TS_Latest" IS 'Time to threshold of ACM_RUL_Summary counted down over the horizon; empty without a degradation trend; latest day of each machine only';

CREATE OR REPLACE VIEW "DimMachine" AS
SELECT e."EquipID", e."EquipCode", COALESCE(e."EquipName", e."EquipCode") AS "EquipName", e."Area", e."Unit",
  e."TimeZone"
FROM "Equipment" AS e;

COMMENT ON VIEW "DimMachine" IS 'Star schema: one row per machine';

CREATE OR REPLACE VIEW "DimTag" AS
SELECT CONCAT(t."EquipID", '|', t."TagName") AS "TagKey", t."EquipID", t."TagName", t."TagDescription",
  t."TagUnit", t."TagType", t."IsActive"
FROM "ACM_TagEquipmentMap" AS t;

COMMENT ON VIEW "DimTag" IS 'Star schema: one row per tag of a machine';

CREATE OR REPLACE VIEW "DimDate" AS
SELECT d."Date", YEAR(d."Date") AS "Year", MONTH(d."Date") AS "Month", DAY(d."Date") AS "Day",
  CASE WHEN MONTH(d."Date") <= 3 THEN 1 WHEN MONTH(d."Date") <= 6 THEN 2
    WHEN MONTH(d."Date") <= 9 THEN 3 ELSE 4 END AS "Quarter",
  100 * YEAR(d."Date") + MONTH(d."Date") AS "YearMonth", d."Number" % 7 + 1 AS "Weekday"
FROM (
  SELECT n."Number", CAST('1900-01-01' AS DATE) + CAST(n."Number" AS INTEGER) AS "Date"
  FROM (
    SELECT d1."n" + 10 * d2."n" + 100 * d3."n" + 1000 * d4."n" + 10000 * d5."n" AS "Number"
    FROM (VALUES (0), (1), (2), (3), (4), (5), (6), (7), (8), (9)) AS d1 ("n")
    CROSS JOIN (VALUES (0), (1), (2), (3), (4), (5), (6), (7), (8), (9)) AS d2 ("n")
    CROSS JOIN (VALUES (0), (1), (2), (3), (4), (5), (6), (7), (8), (9)) AS d3 ("n")
    CROSS JOIN (VALUES (0), (1), (2), (3), (4), (5), (6), (7), (8), (9)) AS d4 ("n")
    CROSS JOIN (VALUES (0), (1), (2), (3), (4), (5), (6), (7), (8), (9)) AS d5 ("n")
  ) AS n
) AS d
CROSS JOIN (
  SELECT YEAR(CAST(MIN(h."AsOf") AS DATE) + CAST(-1 AS INTEGER)) AS "FirstYear",
    YEAR(CAST(MAX(h."AsOf") AS DATE) + CAST(1 AS INTEGER)) AS "LastYear"
  FROM "ACM_HealthDaily" AS h
) AS y
WHERE YEAR(d."Date") >= y."FirstYear" AND YEAR(d."Date") <= y."LastYear";

COMMENT ON VIEW "DimDate" IS 'Star schema: one row per day of the years with results, without gaps';

CREATE OR REPLACE VIEW "FactHealthDaily" AS
SELECT t."EquipID", CAST(timezone(e."TimeZone", timezone('UTC', t."AsOf"::TIMESTAMP)) AS DATE) AS "Date", t."AvgHealth", t."MinHealth",
  t."LastHealth", t."MaxFusedZ", t."Readings", t."AssessedCount", t."GoodCount", t."WatchCount", t."AlertCount",
  t."AlarmCount",
  t."AvgHealth" * t."AssessedCount" AS "HealthSum"
FROM "ACM_HealthDaily" AS t
JOIN "Equipment" AS e ON e."EquipID" = t."EquipID";

COMMENT ON VIEW "FactHealthDaily" IS 'Star schema: health of each machine on each local day';

CREATE OR REPLACE VIEW "FactEpisodes" AS
SELECT t."EquipID", CAST(timezone(e."TimeZone", timezone('UTC', t."StartTs"::TIMESTAMP)) AS DATE) AS "Date", t."StartTs", t."EndTs", t."Status",
  t."Severity", t."DurationHours", t."PeakFusedZ", t."MinHealthIndex", t."PrimarySensor",
  CONCAT(t."EquipID", '|', t."PrimarySensor") AS "TagKey"
FROM "ACM_Episodes" AS t
JOIN "Equipment" AS e ON e."EquipID" = t."EquipID";

COMMENT ON VIEW "FactEpisodes" IS 'Star schema: alarm episodes, by the local date of their start';

CREATE OR REPLACE VIEW "FactSensorDaily" AS
SELECT t."EquipID", CONCAT(t."EquipID", '|', t."SensorName") AS "TagKey", CAST(timezone(e."TimeZone", timezone('UTC', t."AsOf"::TIMESTAMP)) AS DATE) AS "Date",
  t."Readings", t."Nulls", t."AboveWarnCount", t."AboveAlertCount", t."MaxSignedZ", t."ValueAtPeak",
  t."LatestSignedZ", t."LatestValue", t."BaselineCount", t."BaselineMean"
FROM "ACM_SensorDaily" AS t
JOIN "Equipment" AS e ON e."EquipID" = t."EquipID";

COMMENT ON VIEW "FactSensorDaily" IS 'Star schema: statistics of each tag on each local day';
