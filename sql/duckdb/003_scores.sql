-- Rendered from acm_etl/tables, schema version 2: do not edit.

CREATE TABLE IF NOT EXISTS "ACM_Scores_Wide" (
    "RunID" UUID NOT NULL,
    "EquipID" INTEGER NOT NULL,
    "Timestamp" TIMESTAMP_MS NOT NULL,
    "Phase" VARCHAR NOT NULL,
    "OperatingState" VARCHAR NULL,
    "ar1_z" DOUBLE NULL,
    "pca_spe_z" DOUBLE NULL,
    "pca_t2_z" DOUBLE NULL,
    "mhal_z" DOUBLE NULL,
    "iforest_z" DOUBLE NULL,
    "gmm_z" DOUBLE NULL,
    "omr_z" DOUBLE NULL,
    "mewma_z" DOUBLE NULL,
    "drift_z" DOUBLE NULL,
    "fused" DOUBLE NULL,
    "alarm" BOOLEAN NOT NULL,
    "regime_label" VARCHAR NULL,
    "ModelVersion" INTEGER NOT NULL,
    "HealthIndex" DOUBLE NULL,
    CONSTRAINT "CK_ACM_Scores_Wide_Phase" CHECK ("Phase" IN ('TRAIN', 'SCORE')),
    CONSTRAINT "CK_ACM_Scores_Wide_OperatingState" CHECK ("OperatingState" IN ('off', 'transient', 'on')),
    CONSTRAINT "CK_ACM_Scores_Wide_ar1_z" CHECK (isfinite("ar1_z")),
    CONSTRAINT "CK_ACM_Scores_Wide_pca_spe_z" CHECK (isfinite("pca_spe_z")),
    CONSTRAINT "CK_ACM_Scores_Wide_pca_t2_z" CHECK (isfinite("pca_t2_z")),
    CONSTRAINT "CK_ACM_Scores_Wide_mhal_z" CHECK (isfinite("mhal_z")),
    CONSTRAINT "CK_ACM_Scores_Wide_iforest_z" CHECK (isfinite("iforest_z")),
    CONSTRAINT "CK_ACM_Scores_Wide_gmm_z" CHECK (isfinite("gmm_z")),
    CONSTRAINT "CK_ACM_Scores_Wide_omr_z" CHECK (isfinite("omr_z")),
    CONSTRAINT "CK_ACM_Scores_Wide_mewma_z" CHECK (isfinite("mewma_z")),
    CONSTRAINT "CK_ACM_Scores_Wide_drift_z" CHECK (isfinite("drift_z")),
    CONSTRAINT "CK_ACM_Scores_Wide_fused" CHECK (isfinite("fused")),
    CONSTRAINT "CK_ACM_Scores_Wide_regime_label" CHECK (length("regime_label") <= 50),
    CONSTRAINT "CK_ACM_Scores_Wide_HealthIndex" CHECK (isfinite("HealthIndex"))
);

COMMENT ON TABLE "ACM_Scores_Wide" IS 'One row per reading with the normal-equivalent z of every detector';

COMMENT ON COLUMN "ACM_Scores_Wide"."RunID" IS 'Run that wrote the row (RunLog.RunID)';

COMMENT ON COLUMN "ACM_Scores_Wide"."EquipID" IS 'Machine (Equipment.EquipID)';

COMMENT ON COLUMN "ACM_Scores_Wide"."Timestamp" IS 'Time of the reading, UTC';

COMMENT ON COLUMN "ACM_Scores_Wide"."Phase" IS 'TRAIN inside the training period, else SCORE';

COMMENT ON COLUMN "ACM_Scores_Wide"."OperatingState" IS 'off, transient or on; NULL if the reading is unusable';

COMMENT ON COLUMN "ACM_Scores_Wide"."ar1_z" IS 'z of one-step (AR1) residuals, smoothed';

COMMENT ON COLUMN "ACM_Scores_Wide"."pca_spe_z" IS 'z of squared prediction error outside the principal components (Q statistic)';

COMMENT ON COLUMN "ACM_Scores_Wide"."pca_t2_z" IS 'z of Hotelling''s T2 inside the principal components';

COMMENT ON COLUMN "ACM_Scores_Wide"."mhal_z" IS 'z of Mahalanobis distance';

COMMENT ON COLUMN "ACM_Scores_Wide"."iforest_z" IS 'z of isolation forest';

COMMENT ON COLUMN "ACM_Scores_Wide"."gmm_z" IS 'z of Gaussian mixture, negative log-likelihood';

COMMENT ON COLUMN "ACM_Scores_Wide"."omr_z" IS 'z of leave-one-out residuals (each tag predicted from the others), smoothed';

COMMENT ON COLUMN "ACM_Scores_Wide"."mewma_z" IS 'z of multivariate EWMA';

COMMENT ON COLUMN "ACM_Scores_Wide"."drift_z" IS 'Drift score: z of the largest two-day mean leave-one-out residual of any tag';

COMMENT ON COLUMN "ACM_Scores_Wide"."fused" IS 'Fused normal-equivalent z; 0.1 % of healthy readings exceed 3.09';

COMMENT ON COLUMN "ACM_Scores_Wide"."alarm" IS 'Whether the reading is in alarm';

COMMENT ON COLUMN "ACM_Scores_Wide"."regime_label" IS 'Operating regime: ''off'', ''unknown'' or a number that stays the same across runs';

COMMENT ON COLUMN "ACM_Scores_Wide"."ModelVersion" IS 'Models that scored the reading';

COMMENT ON COLUMN "ACM_Scores_Wide"."HealthIndex" IS 'Health: 100 / (1 + (max(fused, 0) / z_scale)^2), 0-100; NULL if not assessed';

CREATE TABLE IF NOT EXISTS "ACM_ContributionTimeline" (
    "RunID" UUID NOT NULL,
    "EquipID" INTEGER NOT NULL,
    "Timestamp" TIMESTAMP_MS NOT NULL,
    "DetectorType" VARCHAR NOT NULL,
    "ContributionPct" DOUBLE NOT NULL,
    "ZScore" DOUBLE NOT NULL,
    CONSTRAINT "CK_ACM_ContributionTimeline_DetectorType" CHECK ("DetectorType" IN ('ar1_z', 'pca_spe_z', 'pca_t2_z', 'mhal_z', 'iforest_z', 'gmm_z', 'omr_z', 'mewma_z')),
    CONSTRAINT "CK_ACM_ContributionTimeline_ContributionPct" CHECK (isfinite("ContributionPct")),
    CONSTRAINT "CK_ACM_ContributionTimeline_ZScore" CHECK (isfinite("ZScore"))
);

COMMENT ON TABLE "ACM_ContributionTimeline" IS 'Contribution of each detector, for readings with fused z >= 2 and the first reading of each hour';

COMMENT ON COLUMN "ACM_ContributionTimeline"."RunID" IS 'Run that wrote the row (RunLog.RunID)';

COMMENT ON COLUMN "ACM_ContributionTimeline"."EquipID" IS 'Machine (Equipment.EquipID)';

COMMENT ON COLUMN "ACM_ContributionTimeline"."Timestamp" IS 'Time of the reading, UTC';

COMMENT ON COLUMN "ACM_ContributionTimeline"."DetectorType" IS 'Detector';

COMMENT ON COLUMN "ACM_ContributionTimeline"."ContributionPct" IS '100 * |z| / sum of |z| over the detectors';

COMMENT ON COLUMN "ACM_ContributionTimeline"."ZScore" IS 'z of the detector';

CREATE TABLE IF NOT EXISTS "ACM_SensorHotspotTimeline" (
    "RunID" UUID NOT NULL,
    "EquipID" INTEGER NOT NULL,
    "Timestamp" TIMESTAMP_MS NOT NULL,
    "SensorName" VARCHAR NOT NULL,
    "Rank" INTEGER NOT NULL,
    "AbsZ" DOUBLE NOT NULL,
    "SignedZ" DOUBLE NOT NULL,
    "Value" DOUBLE NOT NULL,
    "Level" VARCHAR NOT NULL,
    CONSTRAINT "CK_ACM_SensorHotspotTimeline_SensorName" CHECK (length("SensorName") <= 255),
    CONSTRAINT "CK_ACM_SensorHotspotTimeline_AbsZ" CHECK (isfinite("AbsZ")),
    CONSTRAINT "CK_ACM_SensorHotspotTimeline_SignedZ" CHECK (isfinite("SignedZ")),
    CONSTRAINT "CK_ACM_SensorHotspotTimeline_Value" CHECK (isfinite("Value")),
    CONSTRAINT "CK_ACM_SensorHotspotTimeline_Level" CHECK ("Level" IN ('INFO', 'WARN', 'ALERT'))
);

COMMENT ON TABLE "ACM_SensorHotspotTimeline" IS 'The three largest sensor deviations, for |z| >= 2 and at the first reading of each hour';

COMMENT ON COLUMN "ACM_SensorHotspotTimeline"."RunID" IS 'Run that wrote the row (RunLog.RunID)';

COMMENT ON COLUMN "ACM_SensorHotspotTimeline"."EquipID" IS 'Machine (Equipment.EquipID)';

COMMENT ON COLUMN "ACM_SensorHotspotTimeline"."Timestamp" IS 'Time of the reading, UTC';

COMMENT ON COLUMN "ACM_SensorHotspotTimeline"."SensorName" IS 'Tag';

COMMENT ON COLUMN "ACM_SensorHotspotTimeline"."Rank" IS '1 = largest deviation at that time';

COMMENT ON COLUMN "ACM_SensorHotspotTimeline"."AbsZ" IS '|SignedZ|';

COMMENT ON COLUMN "ACM_SensorHotspotTimeline"."SignedZ" IS 'Deviation from the training median in robust standard deviations';

COMMENT ON COLUMN "ACM_SensorHotspotTimeline"."Value" IS 'Reading, in the unit of the tag';

COMMENT ON COLUMN "ACM_SensorHotspotTimeline"."Level" IS 'ALERT from |z| 3, WARN from 2, else INFO';

CREATE TABLE IF NOT EXISTS "ACM_SensorDrift" (
    "RunID" UUID NOT NULL,
    "EquipID" INTEGER NOT NULL,
    "Timestamp" TIMESTAMP_MS NOT NULL,
    "SensorName" VARCHAR NOT NULL,
    "DriftValue" DOUBLE NOT NULL,
    CONSTRAINT "CK_ACM_SensorDrift_SensorName" CHECK (length("SensorName") <= 255),
    CONSTRAINT "CK_ACM_SensorDrift_DriftValue" CHECK (isfinite("DriftValue"))
);

COMMENT ON TABLE "ACM_SensorDrift" IS 'Drift score of every sensor at the first assessed reading of each hour';

COMMENT ON COLUMN "ACM_SensorDrift"."RunID" IS 'Run that wrote the row (RunLog.RunID)';

COMMENT ON COLUMN "ACM_SensorDrift"."EquipID" IS 'Machine (Equipment.EquipID)';

COMMENT ON COLUMN "ACM_SensorDrift"."Timestamp" IS 'Time of the reading, UTC';

COMMENT ON COLUMN "ACM_SensorDrift"."SensorName" IS 'Tag';

COMMENT ON COLUMN "ACM_SensorDrift"."DriftValue" IS 'Two-day mean of the leave-one-out residual of the sensor, signed z; the largest |z| is drift_z';

CREATE TABLE IF NOT EXISTS "ACM_Episodes" (
    "RunID" UUID NOT NULL,
    "EquipID" INTEGER NOT NULL,
    "StartTs" TIMESTAMP_MS NOT NULL,
    "EndTs" TIMESTAMP_MS NOT NULL,
    "Status" VARCHAR NOT NULL,
    "DurationHours" DOUBLE NOT NULL,
    "RecordCount" BIGINT NOT NULL,
    "PeakTimestamp" TIMESTAMP_MS NOT NULL,
    "PeakFusedZ" DOUBLE NOT NULL,
    "AvgFusedZ" DOUBLE NOT NULL,
    "MinHealthIndex" DOUBLE NOT NULL,
    "Severity" VARCHAR NOT NULL,
    "PrimaryDetector" VARCHAR NOT NULL,
    "PrimarySensor" VARCHAR NOT NULL,
    "Culprits" VARCHAR NOT NULL,
    "RegimeLabel" VARCHAR NULL,
    "LeadMeanZ" DOUBLE NULL,
    "LagMeanZ" DOUBLE NULL,
    "OpenedBy" VARCHAR NULL,
    "ClosedBy" VARCHAR NULL,
    CONSTRAINT "PK_ACM_Episodes" PRIMARY KEY ("EquipID", "StartTs"),
    CONSTRAINT "CK_ACM_Episodes_Status" CHECK ("Status" IN ('OPEN', 'CLOSED')),
    CONSTRAINT "CK_ACM_Episodes_DurationHours" CHECK (isfinite("DurationHours")),
    CONSTRAINT "CK_ACM_Episodes_PeakFusedZ" CHECK (isfinite("PeakFusedZ")),
    CONSTRAINT "CK_ACM_Episodes_AvgFusedZ" CHECK (isfinite("AvgFusedZ")),
    CONSTRAINT "CK_ACM_Episodes_MinHealthIndex" CHECK (isfinite("MinHealthIndex")),
    CONSTRAINT "CK_ACM_Episodes_Severity" CHECK ("Severity" IN ('LOW', 'MEDIUM', 'HIGH')),
    CONSTRAINT "CK_ACM_Episodes_PrimaryDetector" CHECK ("PrimaryDetector" IN ('ar1_z', 'pca_spe_z', 'pca_t2_z', 'mhal_z', 'iforest_z', 'gmm_z', 'omr_z', 'mewma_z')),
    CONSTRAINT "CK_ACM_Episodes_PrimarySensor" CHECK (length("PrimarySensor") <= 255),
    CONSTRAINT "CK_ACM_Episodes_Culprits" CHECK (length("Culprits") <= 500),
    CONSTRAINT "CK_ACM_Episodes_RegimeLabel" CHECK (length("RegimeLabel") <= 50),
    CONSTRAINT "CK_ACM_Episodes_LeadMeanZ" CHECK (isfinite("LeadMeanZ")),
    CONSTRAINT "CK_ACM_Episodes_LagMeanZ" CHECK (isfinite("LagMeanZ")),
    CONSTRAINT "CK_ACM_Episodes_OpenedBy" CHECK ("OpenedBy" IN ('detectors', 'drift')),
    CONSTRAINT "CK_ACM_Episodes_ClosedBy" CHECK ("ClosedBy" IN ('cleared', 'baseline')),
    CONSTRAINT "CK_ACM_Episodes_StartTs_EndTs" CHECK ("EndTs" >= "StartTs")
);

COMMENT ON TABLE "ACM_Episodes" IS 'One row per alarm episode, updated while the episode is open';

COMMENT ON COLUMN "ACM_Episodes"."RunID" IS 'Run that wrote the row (RunLog.RunID)';

COMMENT ON COLUMN "ACM_Episodes"."EquipID" IS 'Machine (Equipment.EquipID)';

COMMENT ON COLUMN "ACM_Episodes"."StartTs" IS 'First reading in alarm, UTC';

COMMENT ON COLUMN "ACM_Episodes"."EndTs" IS 'Last reading in alarm so far, UTC';

COMMENT ON COLUMN "ACM_Episodes"."Status" IS 'OPEN while further readings can extend the episode';

COMMENT ON COLUMN "ACM_Episodes"."DurationHours" IS 'EndTs - StartTs, hours';

COMMENT ON COLUMN "ACM_Episodes"."RecordCount" IS 'Readings in alarm';

COMMENT ON COLUMN "ACM_Episodes"."PeakTimestamp" IS 'Time of the highest fused z, UTC';

COMMENT ON COLUMN "ACM_Episodes"."PeakFusedZ" IS 'Highest fused z';

COMMENT ON COLUMN "ACM_Episodes"."AvgFusedZ" IS 'Mean fused z of the readings in alarm';

COMMENT ON COLUMN "ACM_Episodes"."MinHealthIndex" IS 'Lowest health, 0-100';

COMMENT ON COLUMN "ACM_Episodes"."Severity" IS 'By PeakFusedZ: LOW below 4, MEDIUM below 6, else HIGH';

COMMENT ON COLUMN "ACM_Episodes"."PrimaryDetector" IS 'Detector with the highest mean z';

COMMENT ON COLUMN "ACM_Episodes"."PrimarySensor" IS 'Sensor that contributes most';

COMMENT ON COLUMN "ACM_Episodes"."Culprits" IS 'Up to three sensors with the largest contributions, and their shares';

COMMENT ON COLUMN "ACM_Episodes"."RegimeLabel" IS 'Regime at the start';

COMMENT ON COLUMN "ACM_Episodes"."LeadMeanZ" IS 'Mean fused z of the ten readings before the episode';

COMMENT ON COLUMN "ACM_Episodes"."LagMeanZ" IS 'Mean fused z from the last reading in alarm to the close of the episode; NULL while open';

COMMENT ON COLUMN "ACM_Episodes"."OpenedBy" IS 'drift if the drift score alone raised the first reading in alarm, else detectors; NULL: earlier version';

COMMENT ON COLUMN "ACM_Episodes"."ClosedBy" IS 'cleared by readings without alarm, or closed by a new baseline; NULL while open, or of an earlier version';

CREATE TABLE IF NOT EXISTS "ACM_EpisodeCulprits" (
    "RunID" UUID NOT NULL,
    "EquipID" INTEGER NOT NULL,
    "StartTs" TIMESTAMP_MS NOT NULL,
    "SensorName" VARCHAR NOT NULL,
    "Rank" INTEGER NOT NULL,
    "ContributionPct" DOUBLE NOT NULL,
    CONSTRAINT "PK_ACM_EpisodeCulprits" PRIMARY KEY ("EquipID", "StartTs", "SensorName"),
    CONSTRAINT "CK_ACM_EpisodeCulprits_SensorName" CHECK (length("SensorName") <= 255),
    CONSTRAINT "CK_ACM_EpisodeCulprits_ContributionPct" CHECK (isfinite("ContributionPct"))
);

COMMENT ON TABLE "ACM_EpisodeCulprits" IS 'Sensors of each episode, ranked by contribution';

COMMENT ON COLUMN "ACM_EpisodeCulprits"."RunID" IS 'Run that wrote the row (RunLog.RunID)';

COMMENT ON COLUMN "ACM_EpisodeCulprits"."EquipID" IS 'Machine (Equipment.EquipID)';

COMMENT ON COLUMN "ACM_EpisodeCulprits"."StartTs" IS 'Start of the episode, UTC';

COMMENT ON COLUMN "ACM_EpisodeCulprits"."SensorName" IS 'Tag';

COMMENT ON COLUMN "ACM_EpisodeCulprits"."Rank" IS '1 = largest contribution; all sensors are ranked';

COMMENT ON COLUMN "ACM_EpisodeCulprits"."ContributionPct" IS 'Share of the sensor in the deviation of the episode, percent';

CREATE TABLE IF NOT EXISTS "ACM_ThresholdCrossings" (
    "RunID" UUID NOT NULL,
    "EquipID" INTEGER NOT NULL,
    "Timestamp" TIMESTAMP_MS NOT NULL,
    "DetectorType" VARCHAR NOT NULL,
    "Threshold" DOUBLE NOT NULL,
    "ZScore" DOUBLE NOT NULL,
    "Direction" VARCHAR NOT NULL,
    CONSTRAINT "PK_ACM_ThresholdCrossings" PRIMARY KEY ("EquipID", "Timestamp", "DetectorType"),
    CONSTRAINT "CK_ACM_ThresholdCrossings_DetectorType" CHECK ("DetectorType" IN ('fused')),
    CONSTRAINT "CK_ACM_ThresholdCrossings_Threshold" CHECK (isfinite("Threshold")),
    CONSTRAINT "CK_ACM_ThresholdCrossings_ZScore" CHECK (isfinite("ZScore")),
    CONSTRAINT "CK_ACM_ThresholdCrossings_Direction" CHECK ("Direction" IN ('up', 'down'))
);

COMMENT ON TABLE "ACM_ThresholdCrossings" IS 'Readings at which the fused z crosses 2, the level from which contributions are stored for every reading';

COMMENT ON COLUMN "ACM_ThresholdCrossings"."RunID" IS 'Run that wrote the row (RunLog.RunID)';

COMMENT ON COLUMN "ACM_ThresholdCrossings"."EquipID" IS 'Machine (Equipment.EquipID)';

COMMENT ON COLUMN "ACM_ThresholdCrossings"."Timestamp" IS 'First assessed reading on the other side of the threshold, UTC';

COMMENT ON COLUMN "ACM_ThresholdCrossings"."DetectorType" IS 'Score that crosses the threshold';

COMMENT ON COLUMN "ACM_ThresholdCrossings"."Threshold" IS 'Threshold, as z';

COMMENT ON COLUMN "ACM_ThresholdCrossings"."ZScore" IS 'Fused z of the reading';

COMMENT ON COLUMN "ACM_ThresholdCrossings"."Direction" IS 'up: above the threshold from this reading on; down: no longer above the threshold';

CREATE TABLE IF NOT EXISTS "ACM_DefectTimeline" (
    "RunID" UUID NOT NULL,
    "EquipID" INTEGER NOT NULL,
    "Timestamp" TIMESTAMP_MS NOT NULL,
    "EventType" VARCHAR NOT NULL,
    "FromZone" VARCHAR NOT NULL,
    "ToZone" VARCHAR NOT NULL,
    "HealthZone" VARCHAR NOT NULL,
    "HealthAtEvent" DOUBLE NOT NULL,
    "HealthIndex" DOUBLE NOT NULL,
    "DefectScore" DOUBLE NOT NULL,
    "FusedZ" DOUBLE NOT NULL,
    CONSTRAINT "PK_ACM_DefectTimeline" PRIMARY KEY ("EquipID", "Timestamp"),
    CONSTRAINT "CK_ACM_DefectTimeline_EventType" CHECK ("EventType" IN ('ZONE_CHANGE')),
    CONSTRAINT "CK_ACM_DefectTimeline_FromZone" CHECK ("FromZone" IN ('START', 'GOOD', 'WATCH', 'ALERT')),
    CONSTRAINT "CK_ACM_DefectTimeline_ToZone" CHECK ("ToZone" IN ('GOOD', 'WATCH', 'ALERT')),
    CONSTRAINT "CK_ACM_DefectTimeline_HealthZone" CHECK ("HealthZone" IN ('GOOD', 'WATCH', 'ALERT')),
    CONSTRAINT "CK_ACM_DefectTimeline_HealthAtEvent" CHECK (isfinite("HealthAtEvent")),
    CONSTRAINT "CK_ACM_DefectTimeline_HealthIndex" CHECK (isfinite("HealthIndex")),
    CONSTRAINT "CK_ACM_DefectTimeline_DefectScore" CHECK (isfinite("DefectScore")),
    CONSTRAINT "CK_ACM_DefectTimeline_FusedZ" CHECK (isfinite("FusedZ"))
);

COMMENT ON TABLE "ACM_DefectTimeline" IS 'Changes of the health zone from one assessed reading to the next';

COMMENT ON COLUMN "ACM_DefectTimeline"."RunID" IS 'Run that wrote the row (RunLog.RunID)';

COMMENT ON COLUMN "ACM_DefectTimeline"."EquipID" IS 'Machine (Equipment.EquipID)';

COMMENT ON COLUMN "ACM_DefectTimeline"."Timestamp" IS 'First assessed reading in the new zone, UTC';

COMMENT ON COLUMN "ACM_DefectTimeline"."EventType" IS 'Kind of event';

COMMENT ON COLUMN "ACM_DefectTimeline"."FromZone" IS 'Zone before the change; START at the first reading of the machine';

COMMENT ON COLUMN "ACM_DefectTimeline"."ToZone" IS 'Zone after the change';

COMMENT ON COLUMN "ACM_DefectTimeline"."HealthZone" IS 'ToZone, under the name that V8 dashboards read';

COMMENT ON COLUMN "ACM_DefectTimeline"."HealthAtEvent" IS 'Health of the reading, 0-100';

COMMENT ON COLUMN "ACM_DefectTimeline"."HealthIndex" IS 'HealthAtEvent, under the name that V8 dashboards read';

COMMENT ON COLUMN "ACM_DefectTimeline"."DefectScore" IS '100 - HealthIndex';

COMMENT ON COLUMN "ACM_DefectTimeline"."FusedZ" IS 'Fused z of the reading';

CREATE TABLE IF NOT EXISTS "ACM_DriftEvents" (
    "RunID" UUID NOT NULL,
    "EquipID" INTEGER NOT NULL,
    "SegmentStart" TIMESTAMP_MS NOT NULL,
    "SegmentEnd" TIMESTAMP_MS NOT NULL,
    "Timestamp" TIMESTAMP_MS NOT NULL,
    "Value" DOUBLE NOT NULL,
    "Status" VARCHAR NOT NULL,
    "DurationHours" DOUBLE NOT NULL,
    "RecordCount" BIGINT NOT NULL,
    "SensorName" VARCHAR NOT NULL,
    CONSTRAINT "PK_ACM_DriftEvents" PRIMARY KEY ("EquipID", "SegmentStart"),
    CONSTRAINT "CK_ACM_DriftEvents_Value" CHECK (isfinite("Value")),
    CONSTRAINT "CK_ACM_DriftEvents_Status" CHECK ("Status" IN ('OPEN', 'CLOSED')),
    CONSTRAINT "CK_ACM_DriftEvents_DurationHours" CHECK (isfinite("DurationHours")),
    CONSTRAINT "CK_ACM_DriftEvents_SensorName" CHECK (length("SensorName") <= 255),
    CONSTRAINT "CK_ACM_DriftEvents_SegmentStart_SegmentEnd" CHECK ("SegmentEnd" >= "SegmentStart")
);

COMMENT ON TABLE "ACM_DriftEvents" IS 'Periods with critical drift (drift_z >= 3.09) after the training period';

COMMENT ON COLUMN "ACM_DriftEvents"."RunID" IS 'Run that wrote the row (RunLog.RunID)';

COMMENT ON COLUMN "ACM_DriftEvents"."EquipID" IS 'Machine (Equipment.EquipID)';

COMMENT ON COLUMN "ACM_DriftEvents"."SegmentStart" IS 'First reading of the period, UTC';

COMMENT ON COLUMN "ACM_DriftEvents"."SegmentEnd" IS 'Last reading of the period so far, UTC';

COMMENT ON COLUMN "ACM_DriftEvents"."Timestamp" IS 'Time of the highest drift_z, UTC';

COMMENT ON COLUMN "ACM_DriftEvents"."Value" IS 'Highest drift_z';

COMMENT ON COLUMN "ACM_DriftEvents"."Status" IS 'OPEN while further readings can extend the period';

COMMENT ON COLUMN "ACM_DriftEvents"."DurationHours" IS 'SegmentEnd - SegmentStart, hours';

COMMENT ON COLUMN "ACM_DriftEvents"."RecordCount" IS 'Readings in the period';

COMMENT ON COLUMN "ACM_DriftEvents"."SensorName" IS 'Tag with the largest mean drift';

CREATE TABLE IF NOT EXISTS "ACM_Regime_Episodes" (
    "RunID" UUID NOT NULL,
    "EquipID" INTEGER NOT NULL,
    "StartTs" TIMESTAMP_MS NOT NULL,
    "EndTs" TIMESTAMP_MS NOT NULL,
    "Status" VARCHAR NOT NULL,
    "RegimeLabel" VARCHAR NOT NULL,
    "DurationSeconds" DOUBLE NOT NULL,
    "DurationHours" DOUBLE NOT NULL,
    "RecordCount" BIGINT NOT NULL,
    "AvgFusedZ" DOUBLE NOT NULL,
    "MaxFusedZ" DOUBLE NOT NULL,
    "StabilityScore" DOUBLE NOT NULL,
    CONSTRAINT "PK_ACM_Regime_Episodes" PRIMARY KEY ("EquipID", "StartTs"),
    CONSTRAINT "CK_ACM_Regime_Episodes_Status" CHECK ("Status" IN ('OPEN', 'CLOSED')),
    CONSTRAINT "CK_ACM_Regime_Episodes_RegimeLabel" CHECK (length("RegimeLabel") <= 50),
    CONSTRAINT "CK_ACM_Regime_Episodes_DurationSeconds" CHECK (isfinite("DurationSeconds")),
    CONSTRAINT "CK_ACM_Regime_Episodes_DurationHours" CHECK (isfinite("DurationHours")),
    CONSTRAINT "CK_ACM_Regime_Episodes_AvgFusedZ" CHECK (isfinite("AvgFusedZ")),
    CONSTRAINT "CK_ACM_Regime_Episodes_MaxFusedZ" CHECK (isfinite("MaxFusedZ")),
    CONSTRAINT "CK_ACM_Regime_Episodes_StabilityScore" CHECK (isfinite("StabilityScore")),
    CONSTRAINT "CK_ACM_Regime_Episodes_StartTs_EndTs" CHECK ("EndTs" >= "StartTs")
);

COMMENT ON TABLE "ACM_Regime_Episodes" IS 'Periods in one operating regime';

COMMENT ON COLUMN "ACM_Regime_Episodes"."RunID" IS 'Run that wrote the row (RunLog.RunID)';

COMMENT ON COLUMN "ACM_Regime_Episodes"."EquipID" IS 'Machine (Equipment.EquipID)';

COMMENT ON COLUMN "ACM_Regime_Episodes"."StartTs" IS 'First reading in the regime, UTC';

COMMENT ON COLUMN "ACM_Regime_Episodes"."EndTs" IS 'Last reading in the regime so far, UTC';

COMMENT ON COLUMN "ACM_Regime_Episodes"."Status" IS 'OPEN while further readings can extend the period';

COMMENT ON COLUMN "ACM_Regime_Episodes"."RegimeLabel" IS 'Operating regime';

COMMENT ON COLUMN "ACM_Regime_Episodes"."DurationSeconds" IS 'EndTs - StartTs, seconds';

COMMENT ON COLUMN "ACM_Regime_Episodes"."DurationHours" IS 'EndTs - StartTs, hours';

COMMENT ON COLUMN "ACM_Regime_Episodes"."RecordCount" IS 'Usable readings in the period';

COMMENT ON COLUMN "ACM_Regime_Episodes"."AvgFusedZ" IS 'Mean fused z';

COMMENT ON COLUMN "ACM_Regime_Episodes"."MaxFusedZ" IS 'Highest fused z';

COMMENT ON COLUMN "ACM_Regime_Episodes"."StabilityScore" IS 'Share of readings with fused z below 2, percent';

CREATE TABLE IF NOT EXISTS "ACM_AlertAge" (
    "RunID" UUID NOT NULL,
    "EquipID" INTEGER NOT NULL,
    "StartTimestamp" TIMESTAMP_MS NOT NULL,
    "EndTimestamp" TIMESTAMP_MS NOT NULL,
    "AlertZone" VARCHAR NOT NULL,
    "Status" VARCHAR NOT NULL,
    "DurationHours" DOUBLE NOT NULL,
    "RecordCount" BIGINT NOT NULL,
    "MinHealthIndex" DOUBLE NOT NULL,
    CONSTRAINT "PK_ACM_AlertAge" PRIMARY KEY ("EquipID", "StartTimestamp"),
    CONSTRAINT "CK_ACM_AlertAge_AlertZone" CHECK ("AlertZone" IN ('GOOD', 'WATCH', 'ALERT')),
    CONSTRAINT "CK_ACM_AlertAge_Status" CHECK ("Status" IN ('OPEN', 'CLOSED')),
    CONSTRAINT "CK_ACM_AlertAge_DurationHours" CHECK (isfinite("DurationHours")),
    CONSTRAINT "CK_ACM_AlertAge_MinHealthIndex" CHECK (isfinite("MinHealthIndex")),
    CONSTRAINT "CK_ACM_AlertAge_StartTimestamp_EndTimestamp" CHECK ("EndTimestamp" >= "StartTimestamp")
);

COMMENT ON TABLE "ACM_AlertAge" IS 'Periods in one health zone; the open row gives the time in the current zone';

COMMENT ON COLUMN "ACM_AlertAge"."RunID" IS 'Run that wrote the row (RunLog.RunID)';

COMMENT ON COLUMN "ACM_AlertAge"."EquipID" IS 'Machine (Equipment.EquipID)';

COMMENT ON COLUMN "ACM_AlertAge"."StartTimestamp" IS 'First assessed reading in the zone, UTC';

COMMENT ON COLUMN "ACM_AlertAge"."EndTimestamp" IS 'Last assessed reading in the zone so far, UTC';

COMMENT ON COLUMN "ACM_AlertAge"."AlertZone" IS 'Health zone';

COMMENT ON COLUMN "ACM_AlertAge"."Status" IS 'OPEN while further readings can extend the period';

COMMENT ON COLUMN "ACM_AlertAge"."DurationHours" IS 'EndTimestamp - StartTimestamp, hours';

COMMENT ON COLUMN "ACM_AlertAge"."RecordCount" IS 'Assessed readings in the period';

COMMENT ON COLUMN "ACM_AlertAge"."MinHealthIndex" IS 'Lowest health, 0-100';
