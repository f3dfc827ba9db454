-- Rendered from acm_etl/tables, schema version 2: do not edit.

CREATE TABLE IF NOT EXISTS "ACM_SensorDaily" (
    "RunID" UUID NOT NULL,
    "EquipID" INTEGER NOT NULL,
    "AsOf" TIMESTAMP_MS NOT NULL,
    "SensorName" VARCHAR NOT NULL,
    "Readings" BIGINT NOT NULL,
    "Nulls" BIGINT NOT NULL,
    "LongestGap" BIGINT NOT NULL,
    "LongestFlat" BIGINT NOT NULL,
    "AboveWarnCount" BIGINT NOT NULL,
    "AboveAlertCount" BIGINT NOT NULL,
    "MaxTimestamp" TIMESTAMP_MS NULL,
    "MaxSignedZ" DOUBLE NULL,
    "ValueAtPeak" DOUBLE NULL,
    "LatestTimestamp" TIMESTAMP_MS NULL,
    "LatestSignedZ" DOUBLE NULL,
    "LatestValue" DOUBLE NULL,
    "BaselineCount" BIGINT NOT NULL,
    "BaselineMean" DOUBLE NULL,
    CONSTRAINT "PK_ACM_SensorDaily" PRIMARY KEY ("EquipID", "AsOf", "SensorName"),
    CONSTRAINT "CK_ACM_SensorDaily_SensorName" CHECK (length("SensorName") <= 255),
    CONSTRAINT "CK_ACM_SensorDaily_MaxSignedZ" CHECK (isfinite("MaxSignedZ")),
    CONSTRAINT "CK_ACM_SensorDaily_ValueAtPeak" CHECK (isfinite("ValueAtPeak")),
    CONSTRAINT "CK_ACM_SensorDaily_LatestSignedZ" CHECK (isfinite("LatestSignedZ")),
    CONSTRAINT "CK_ACM_SensorDaily_LatestValue" CHECK (isfinite("LatestValue")),
    CONSTRAINT "CK_ACM_SensorDaily_BaselineMean" CHECK (isfinite("BaselineMean"))
);

COMMENT ON TABLE "ACM_SensorDaily" IS 'Daily statistics of each sensor, from which the sensor summaries are computed';

COMMENT ON COLUMN "ACM_SensorDaily"."RunID" IS 'Run that wrote the row (RunLog.RunID)';

COMMENT ON COLUMN "ACM_SensorDaily"."EquipID" IS 'Machine (Equipment.EquipID)';

COMMENT ON COLUMN "ACM_SensorDaily"."AsOf" IS 'Local day of the machine, as the UTC time at which it starts';

COMMENT ON COLUMN "ACM_SensorDaily"."SensorName" IS 'Tag';

COMMENT ON COLUMN "ACM_SensorDaily"."Readings" IS 'Readings of the day';

COMMENT ON COLUMN "ACM_SensorDaily"."Nulls" IS 'Readings without a usable value';

COMMENT ON COLUMN "ACM_SensorDaily"."LongestGap" IS 'Longest run of unusable values in the day, counted from its first reading on any day, readings';

COMMENT ON COLUMN "ACM_SensorDaily"."LongestFlat" IS 'Longest run of equal values in the day, counted from its first reading on any day, readings';

COMMENT ON COLUMN "ACM_SensorDaily"."AboveWarnCount" IS 'Readings with |z| >= 2';

COMMENT ON COLUMN "ACM_SensorDaily"."AboveAlertCount" IS 'Readings with |z| >= 3';

COMMENT ON COLUMN "ACM_SensorDaily"."MaxTimestamp" IS 'Time of the largest |z|, UTC';

COMMENT ON COLUMN "ACM_SensorDaily"."MaxSignedZ" IS 'z at that time';

COMMENT ON COLUMN "ACM_SensorDaily"."ValueAtPeak" IS 'Reading at that time';

COMMENT ON COLUMN "ACM_SensorDaily"."LatestTimestamp" IS 'Last usable reading, UTC';

COMMENT ON COLUMN "ACM_SensorDaily"."LatestSignedZ" IS 'z at that time';

COMMENT ON COLUMN "ACM_SensorDaily"."LatestValue" IS 'Reading at that time';

COMMENT ON COLUMN "ACM_SensorDaily"."BaselineCount" IS 'Usable readings in state on, with fused z below 2 and no alarm';

COMMENT ON COLUMN "ACM_SensorDaily"."BaselineMean" IS 'Mean of the baseline readings, unit of the tag';

CREATE TABLE IF NOT EXISTS "ACM_SensorHotspots" (
    "RunID" UUID NOT NULL,
    "EquipID" INTEGER NOT NULL,
    "AsOf" TIMESTAMP_MS NOT NULL,
    "SensorName" VARCHAR NOT NULL,
    "MaxTimestamp" TIMESTAMP_MS NOT NULL,
    "LatestTimestamp" TIMESTAMP_MS NOT NULL,
    "MaxAbsZ" DOUBLE NOT NULL,
    "MaxSignedZ" DOUBLE NOT NULL,
    "LatestAbsZ" DOUBLE NOT NULL,
    "LatestSignedZ" DOUBLE NOT NULL,
    "ValueAtPeak" DOUBLE NOT NULL,
    "LatestValue" DOUBLE NOT NULL,
    "TrainMean" DOUBLE NOT NULL,
    "TrainStd" DOUBLE NOT NULL,
    "AboveWarnCount" BIGINT NOT NULL,
    "AboveAlertCount" BIGINT NOT NULL,
    CONSTRAINT "PK_ACM_SensorHotspots" PRIMARY KEY ("EquipID", "AsOf", "SensorName"),
    CONSTRAINT "CK_ACM_SensorHotspots_SensorName" CHECK (length("SensorName") <= 255),
    CONSTRAINT "CK_ACM_SensorHotspots_MaxAbsZ" CHECK (isfinite("MaxAbsZ")),
    CONSTRAINT "CK_ACM_SensorHotspots_MaxSignedZ" CHECK (isfinite("MaxSignedZ")),
    CONSTRAINT "CK_ACM_SensorHotspots_LatestAbsZ" CHECK (isfinite("LatestAbsZ")),
    CONSTRAINT "CK_ACM_SensorHotspots_LatestSignedZ" CHECK (isfinite("LatestSignedZ")),
    CONSTRAINT "CK_ACM_SensorHotspots_ValueAtPeak" CHECK (isfinite("ValueAtPeak")),
    CONSTRAINT "CK_ACM_SensorHotspots_LatestValue" CHECK (isfinite("LatestValue")),
    CONSTRAINT "CK_ACM_SensorHotspots_TrainMean" CHECK (isfinite("TrainMean")),
    CONSTRAINT "CK_ACM_SensorHotspots_TrainStd" CHECK (isfinite("TrainStd"))
);

COMMENT ON TABLE "ACM_SensorHotspots" IS 'Sensors whose largest |z| reached 2 in the last summary_days days';

COMMENT ON COLUMN "ACM_SensorHotspots"."RunID" IS 'Run that wrote the row (RunLog.RunID)';

COMMENT ON COLUMN "ACM_SensorHotspots"."EquipID" IS 'Machine (Equipment.EquipID)';

COMMENT ON COLUMN "ACM_SensorHotspots"."AsOf" IS 'Local day of the machine, as the UTC time at which it starts; the summary includes that day';

COMMENT ON COLUMN "ACM_SensorHotspots"."SensorName" IS 'Tag';

COMMENT ON COLUMN "ACM_SensorHotspots"."MaxTimestamp" IS 'Time of the largest |z|, UTC';

COMMENT ON COLUMN "ACM_SensorHotspots"."LatestTimestamp" IS 'Last usable reading, UTC';

COMMENT ON COLUMN "ACM_SensorHotspots"."MaxAbsZ" IS 'Largest |z|';

COMMENT ON COLUMN "ACM_SensorHotspots"."MaxSignedZ" IS 'z at that time';

COMMENT ON COLUMN "ACM_SensorHotspots"."LatestAbsZ" IS '|z| of the last reading';

COMMENT ON COLUMN "ACM_SensorHotspots"."LatestSignedZ" IS 'z of the last reading';

COMMENT ON COLUMN "ACM_SensorHotspots"."ValueAtPeak" IS 'Reading at the largest |z|';

COMMENT ON COLUMN "ACM_SensorHotspots"."LatestValue" IS 'Last reading';

COMMENT ON COLUMN "ACM_SensorHotspots"."TrainMean" IS 'Centre of the training period (median)';

COMMENT ON COLUMN "ACM_SensorHotspots"."TrainStd" IS 'Scale of the training period (robust standard deviation, floored)';

COMMENT ON COLUMN "ACM_SensorHotspots"."AboveWarnCount" IS 'Readings with |z| >= 2';

COMMENT ON COLUMN "ACM_SensorHotspots"."AboveAlertCount" IS 'Readings with |z| >= 3';

CREATE TABLE IF NOT EXISTS "ACM_DataQuality" (
    "RunID" UUID NOT NULL,
    "EquipID" INTEGER NOT NULL,
    "AsOf" TIMESTAMP_MS NOT NULL,
    "SensorName" VARCHAR NOT NULL,
    "CheckName" VARCHAR NOT NULL,
    "CheckResult" VARCHAR NOT NULL,
    "Readings" BIGINT NOT NULL,
    "Nulls" BIGINT NOT NULL,
    "NullPct" DOUBLE NOT NULL,
    "LongestGap" BIGINT NOT NULL,
    "LongestFlat" BIGINT NOT NULL,
    "Notes" VARCHAR NULL,
    CONSTRAINT "PK_ACM_DataQuality" PRIMARY KEY ("EquipID", "AsOf", "SensorName", "CheckName"),
    CONSTRAINT "CK_ACM_DataQuality_SensorName" CHECK (length("SensorName") <= 255),
    CONSTRAINT "CK_ACM_DataQuality_CheckName" CHECK ("CheckName" IN ('data_quality')),
    CONSTRAINT "CK_ACM_DataQuality_CheckResult" CHECK ("CheckResult" IN ('OK', 'WARN', 'FAIL')),
    CONSTRAINT "CK_ACM_DataQuality_NullPct" CHECK (isfinite("NullPct")),
    CONSTRAINT "CK_ACM_DataQuality_Notes" CHECK (length("Notes") <= 500)
);

COMMENT ON TABLE "ACM_DataQuality" IS 'Usability of each sensor over the last summary_days days';

COMMENT ON COLUMN "ACM_DataQuality"."RunID" IS 'Run that wrote the row (RunLog.RunID)';

COMMENT ON COLUMN "ACM_DataQuality"."EquipID" IS 'Machine (Equipment.EquipID)';

COMMENT ON COLUMN "ACM_DataQuality"."AsOf" IS 'Local day of the machine, as the UTC time at which it starts; the summary includes that day';

COMMENT ON COLUMN "ACM_DataQuality"."SensorName" IS 'Tag';

COMMENT ON COLUMN "ACM_DataQuality"."CheckName" IS 'Name of the check';

COMMENT ON COLUMN "ACM_DataQuality"."CheckResult" IS 'FAIL from 80 % unusable values, WARN from 10 % or if flat, else OK';

COMMENT ON COLUMN "ACM_DataQuality"."Readings" IS 'Readings';

COMMENT ON COLUMN "ACM_DataQuality"."Nulls" IS 'Readings without a usable value';

COMMENT ON COLUMN "ACM_DataQuality"."NullPct" IS '100 * Nulls / Readings';

COMMENT ON COLUMN "ACM_DataQuality"."LongestGap" IS 'Longest run of unusable values, readings';

COMMENT ON COLUMN "ACM_DataQuality"."LongestFlat" IS 'Longest run of equal values, readings';

COMMENT ON COLUMN "ACM_DataQuality"."Notes" IS 'Text of the finding';

CREATE TABLE IF NOT EXISTS "ACM_DefectSummary" (
    "RunID" UUID NOT NULL,
    "EquipID" INTEGER NOT NULL,
    "AsOf" TIMESTAMP_MS NOT NULL,
    "Status" VARCHAR NOT NULL,
    "Severity" VARCHAR NOT NULL,
    "CurrentHealth" DOUBLE NULL,
    "AvgHealth" DOUBLE NULL,
    "MinHealth" DOUBLE NULL,
    "EpisodeCount" BIGINT NOT NULL,
    "WorstSensor" VARCHAR NULL,
    "GoodCount" BIGINT NOT NULL,
    "WatchCount" BIGINT NOT NULL,
    "AlertCount" BIGINT NOT NULL,
    CONSTRAINT "PK_ACM_DefectSummary" PRIMARY KEY ("EquipID", "AsOf"),
    CONSTRAINT "CK_ACM_DefectSummary_Status" CHECK ("Status" IN ('HEALTHY', 'CAUTION', 'ALERT', 'UNKNOWN')),
    CONSTRAINT "CK_ACM_DefectSummary_Severity" CHECK ("Severity" IN ('LOW', 'MEDIUM', 'HIGH', 'UNKNOWN')),
    CONSTRAINT "CK_ACM_DefectSummary_CurrentHealth" CHECK (isfinite("CurrentHealth")),
    CONSTRAINT "CK_ACM_DefectSummary_AvgHealth" CHECK (isfinite("AvgHealth")),
    CONSTRAINT "CK_ACM_DefectSummary_MinHealth" CHECK (isfinite("MinHealth")),
    CONSTRAINT "CK_ACM_DefectSummary_WorstSensor" CHECK (length("WorstSensor") <= 255)
);

COMMENT ON TABLE "ACM_DefectSummary" IS 'Status of the machine at the end of the day';

COMMENT ON COLUMN "ACM_DefectSummary"."RunID" IS 'Run that wrote the row (RunLog.RunID)';

COMMENT ON COLUMN "ACM_DefectSummary"."EquipID" IS 'Machine (Equipment.EquipID)';

COMMENT ON COLUMN "ACM_DefectSummary"."AsOf" IS 'Local day of the machine, as the UTC time at which it starts; the summary includes that day';

COMMENT ON COLUMN "ACM_DefectSummary"."Status" IS 'Status by the last health of the day';

COMMENT ON COLUMN "ACM_DefectSummary"."Severity" IS 'LOW, MEDIUM or HIGH for HEALTHY, CAUTION or ALERT';

COMMENT ON COLUMN "ACM_DefectSummary"."CurrentHealth" IS 'Last health of the day, 0-100';

COMMENT ON COLUMN "ACM_DefectSummary"."AvgHealth" IS 'Mean health over the last summary_days days, 0-100';

COMMENT ON COLUMN "ACM_DefectSummary"."MinHealth" IS 'Lowest health over the last summary_days days, 0-100';

COMMENT ON COLUMN "ACM_DefectSummary"."EpisodeCount" IS 'Episodes that started in the last summary_days days';

COMMENT ON COLUMN "ACM_DefectSummary"."WorstSensor" IS 'Sensor with the largest |z| in the last reading';

COMMENT ON COLUMN "ACM_DefectSummary"."GoodCount" IS 'Readings in zone GOOD';

COMMENT ON COLUMN "ACM_DefectSummary"."WatchCount" IS 'Readings in zone WATCH';

COMMENT ON COLUMN "ACM_DefectSummary"."AlertCount" IS 'Readings in zone ALERT';

CREATE TABLE IF NOT EXISTS "ACM_EpisodeMetrics" (
    "RunID" UUID NOT NULL,
    "EquipID" INTEGER NOT NULL,
    "AsOf" TIMESTAMP_MS NOT NULL,
    "TotalEpisodes" BIGINT NOT NULL,
    "TotalDurationHours" DOUBLE NOT NULL,
    "AvgDurationHours" DOUBLE NULL,
    "MedianDurationHours" DOUBLE NULL,
    "MaxDurationHours" DOUBLE NULL,
    "MinDurationHours" DOUBLE NULL,
    "RatePerDay" DOUBLE NOT NULL,
    "MeanInterarrivalHours" DOUBLE NULL,
    CONSTRAINT "PK_ACM_EpisodeMetrics" PRIMARY KEY ("EquipID", "AsOf"),
    CONSTRAINT "CK_ACM_EpisodeMetrics_TotalDurationHours" CHECK (isfinite("TotalDurationHours")),
    CONSTRAINT "CK_ACM_EpisodeMetrics_AvgDurationHours" CHECK (isfinite("AvgDurationHours")),
    CONSTRAINT "CK_ACM_EpisodeMetrics_MedianDurationHours" CHECK (isfinite("MedianDurationHours")),
    CONSTRAINT "CK_ACM_EpisodeMetrics_MaxDurationHours" CHECK (isfinite("MaxDurationHours")),
    CONSTRAINT "CK_ACM_EpisodeMetrics_MinDurationHours" CHECK (isfinite("MinDurationHours")),
    CONSTRAINT "CK_ACM_EpisodeMetrics_RatePerDay" CHECK (isfinite("RatePerDay")),
    CONSTRAINT "CK_ACM_EpisodeMetrics_MeanInterarrivalHours" CHECK (isfinite("MeanInterarrivalHours"))
);

COMMENT ON TABLE "ACM_EpisodeMetrics" IS 'Statistics of the episodes that started in the last summary_days days';

COMMENT ON COLUMN "ACM_EpisodeMetrics"."RunID" IS 'Run that wrote the row (RunLog.RunID)';

COMMENT ON COLUMN "ACM_EpisodeMetrics"."EquipID" IS 'Machine (Equipment.EquipID)';

COMMENT ON COLUMN "ACM_EpisodeMetrics"."AsOf" IS 'Local day of the machine, as the UTC time at which it starts; the summary includes that day';

COMMENT ON COLUMN "ACM_EpisodeMetrics"."TotalEpisodes" IS 'Episodes';

COMMENT ON COLUMN "ACM_EpisodeMetrics"."TotalDurationHours" IS 'Sum of their durations, hours';

COMMENT ON COLUMN "ACM_EpisodeMetrics"."AvgDurationHours" IS 'Mean duration, hours';

COMMENT ON COLUMN "ACM_EpisodeMetrics"."MedianDurationHours" IS 'Median duration, hours';

COMMENT ON COLUMN "ACM_EpisodeMetrics"."MaxDurationHours" IS 'Longest duration, hours';

COMMENT ON COLUMN "ACM_EpisodeMetrics"."MinDurationHours" IS 'Shortest duration, hours';

COMMENT ON COLUMN "ACM_EpisodeMetrics"."RatePerDay" IS 'Episodes per day of the period covered';

COMMENT ON COLUMN "ACM_EpisodeMetrics"."MeanInterarrivalHours" IS 'Mean time from start to start, hours; NULL below two episodes';

CREATE TABLE IF NOT EXISTS "ACM_RegimeOccupancy" (
    "RunID" UUID NOT NULL,
    "EquipID" INTEGER NOT NULL,
    "AsOf" TIMESTAMP_MS NOT NULL,
    "RegimeLabel" VARCHAR NOT NULL,
    "RecordCount" BIGINT NOT NULL,
    "Percentage" DOUBLE NOT NULL,
    CONSTRAINT "PK_ACM_RegimeOccupancy" PRIMARY KEY ("EquipID", "AsOf", "RegimeLabel"),
    CONSTRAINT "CK_ACM_RegimeOccupancy_RegimeLabel" CHECK (length("RegimeLabel") <= 50),
    CONSTRAINT "CK_ACM_RegimeOccupancy_Percentage" CHECK (isfinite("Percentage"))
);

COMMENT ON TABLE "ACM_RegimeOccupancy" IS 'Share of readings in each regime over the last summary_days days';

COMMENT ON COLUMN "ACM_RegimeOccupancy"."RunID" IS 'Run that wrote the row (RunLog.RunID)';

COMMENT ON COLUMN "ACM_RegimeOccupancy"."EquipID" IS 'Machine (Equipment.EquipID)';

COMMENT ON COLUMN "ACM_RegimeOccupancy"."AsOf" IS 'Local day of the machine, as the UTC time at which it starts; the summary includes that day';

COMMENT ON COLUMN "ACM_RegimeOccupancy"."RegimeLabel" IS 'Operating regime';

COMMENT ON COLUMN "ACM_RegimeOccupancy"."RecordCount" IS 'Readings';

COMMENT ON COLUMN "ACM_RegimeOccupancy"."Percentage" IS '100 * RecordCount / readings with a regime';

CREATE TABLE IF NOT EXISTS "ACM_RegimeTransitions" (
    "RunID" UUID NOT NULL,
    "EquipID" INTEGER NOT NULL,
    "AsOf" TIMESTAMP_MS NOT NULL,
    "FromLabel" VARCHAR NOT NULL,
    "ToLabel" VARCHAR NOT NULL,
    "Count" BIGINT NOT NULL,
    "Prob" DOUBLE NOT NULL,
    CONSTRAINT "PK_ACM_RegimeTransitions" PRIMARY KEY ("EquipID", "AsOf", "FromLabel", "ToLabel"),
    CONSTRAINT "CK_ACM_RegimeTransitions_FromLabel" CHECK (length("FromLabel") <= 50),
    CONSTRAINT "CK_ACM_RegimeTransitions_ToLabel" CHECK (length("ToLabel") <= 50),
    CONSTRAINT "CK_ACM_RegimeTransitions_Prob" CHECK (isfinite("Prob"))
);

COMMENT ON TABLE "ACM_RegimeTransitions" IS 'Changes of regime in the last summary_days days';

COMMENT ON COLUMN "ACM_RegimeTransitions"."RunID" IS 'Run that wrote the row (RunLog.RunID)';

COMMENT ON COLUMN "ACM_RegimeTransitions"."EquipID" IS 'Machine (Equipment.EquipID)';

COMMENT ON COLUMN "ACM_RegimeTransitions"."AsOf" IS 'Local day of the machine, as the UTC time at which it starts; the summary includes that day';

COMMENT ON COLUMN "ACM_RegimeTransitions"."FromLabel" IS 'Regime before';

COMMENT ON COLUMN "ACM_RegimeTransitions"."ToLabel" IS 'Regime after';

COMMENT ON COLUMN "ACM_RegimeTransitions"."Count" IS 'Changes';

COMMENT ON COLUMN "ACM_RegimeTransitions"."Prob" IS 'Count / all changes out of FromLabel; the sum per FromLabel is 1';

CREATE TABLE IF NOT EXISTS "ACM_CalibrationSummary" (
    "RunID" UUID NOT NULL,
    "EquipID" INTEGER NOT NULL,
    "ModelVersion" INTEGER NOT NULL,
    "DetectorType" VARCHAR NOT NULL,
    "OperatingState" VARCHAR NOT NULL,
    "CalibrationRows" BIGINT NOT NULL,
    "Pooled" BOOLEAN NOT NULL,
    "MeanZ" DOUBLE NULL,
    "StdZ" DOUBLE NULL,
    "P95Z" DOUBLE NULL,
    "P99Z" DOUBLE NULL,
    "ClipZ" DOUBLE NOT NULL,
    "SaturationPct" DOUBLE NULL,
    "MahalCondNum" DOUBLE NULL,
    "TailFoldPct" DOUBLE NULL,
    "TailFoldStart" TIMESTAMP_MS NULL,
    "TailFoldEnd" TIMESTAMP_MS NULL,
    "LeftOutStart" TIMESTAMP_MS NULL,
    "LeftOutEnd" TIMESTAMP_MS NULL,
    CONSTRAINT "PK_ACM_CalibrationSummary" PRIMARY KEY ("EquipID", "ModelVersion", "DetectorType", "OperatingState"),
    CONSTRAINT "CK_ACM_CalibrationSummary_DetectorType" CHECK ("DetectorType" IN ('ar1_z', 'pca_spe_z', 'pca_t2_z', 'mhal_z', 'iforest_z', 'gmm_z', 'omr_z', 'mewma_z', 'fused')),
    CONSTRAINT "CK_ACM_CalibrationSummary_OperatingState" CHECK ("OperatingState" IN ('off', 'transient', 'on')),
    CONSTRAINT "CK_ACM_CalibrationSummary_MeanZ" CHECK (isfinite("MeanZ")),
    CONSTRAINT "CK_ACM_CalibrationSummary_StdZ" CHECK (isfinite("StdZ")),
    CONSTRAINT "CK_ACM_CalibrationSummary_P95Z" CHECK (isfinite("P95Z")),
    CONSTRAINT "CK_ACM_CalibrationSummary_P99Z" CHECK (isfinite("P99Z")),
    CONSTRAINT "CK_ACM_CalibrationSummary_ClipZ" CHECK (isfinite("ClipZ")),
    CONSTRAINT "CK_ACM_CalibrationSummary_SaturationPct" CHECK (isfinite("SaturationPct")),
    CONSTRAINT "CK_ACM_CalibrationSummary_MahalCondNum" CHECK (isfinite("MahalCondNum")),
    CONSTRAINT "CK_ACM_CalibrationSummary_TailFoldPct" CHECK (isfinite("TailFoldPct"))
);

COMMENT ON TABLE "ACM_CalibrationSummary" IS 'Scores of each detector on the calibration readings of a model version (readings that were not fitted)';

COMMENT ON COLUMN "ACM_CalibrationSummary"."RunID" IS 'Run that wrote the row (RunLog.RunID)';

COMMENT ON COLUMN "ACM_CalibrationSummary"."EquipID" IS 'Machine (Equipment.EquipID)';

COMMENT ON COLUMN "ACM_CalibrationSummary"."ModelVersion" IS 'Model version';

COMMENT ON COLUMN "ACM_CalibrationSummary"."DetectorType" IS 'Detector, or fused';

COMMENT ON COLUMN "ACM_CalibrationSummary"."OperatingState" IS 'Operating state of the calibration readings';

COMMENT ON COLUMN "ACM_CalibrationSummary"."CalibrationRows" IS 'Number of calibration readings';

COMMENT ON COLUMN "ACM_CalibrationSummary"."Pooled" IS 'Fewer than 5,000 readings: the tail is pooled or extrapolated, so high z are less certain';

COMMENT ON COLUMN "ACM_CalibrationSummary"."MeanZ" IS 'Mean z';

COMMENT ON COLUMN "ACM_CalibrationSummary"."StdZ" IS 'Standard deviation of z';

COMMENT ON COLUMN "ACM_CalibrationSummary"."P95Z" IS '95th percentile of z';

COMMENT ON COLUMN "ACM_CalibrationSummary"."P99Z" IS '99th percentile of z';

COMMENT ON COLUMN "ACM_CalibrationSummary"."ClipZ" IS 'Limit at which sensor deviations are clipped, robust standard deviations';

COMMENT ON COLUMN "ACM_CalibrationSummary"."SaturationPct" IS 'Share of sensor readings at the clip, percent';

COMMENT ON COLUMN "ACM_CalibrationSummary"."MahalCondNum" IS 'Condition number of the covariance (mhal_z only)';

COMMENT ON COLUMN "ACM_CalibrationSummary"."TailFoldPct" IS 'Share of the highest 1 % of the scores in one fold (block of time) of training, percent';

COMMENT ON COLUMN "ACM_CalibrationSummary"."TailFoldStart" IS 'First reading of this fold, UTC';

COMMENT ON COLUMN "ACM_CalibrationSummary"."TailFoldEnd" IS 'Last reading of this fold, UTC';

COMMENT ON COLUMN "ACM_CalibrationSummary"."LeftOutStart" IS 'First reading of the fold that is unlike all others, and not calibrated on, UTC';

COMMENT ON COLUMN "ACM_CalibrationSummary"."LeftOutEnd" IS 'Last reading of this fold, UTC';

CREATE TABLE IF NOT EXISTS "ACM_ModelTags" (
    "RunID" UUID NOT NULL,
    "EquipID" INTEGER NOT NULL,
    "ModelVersion" INTEGER NOT NULL,
    "TagName" VARCHAR NOT NULL,
    "Ordinal" INTEGER NOT NULL,
    "Used" BOOLEAN NOT NULL,
    "Reason" VARCHAR NULL,
    "IdleLevel" DOUBLE NULL,
    "ContextLow" DOUBLE NULL,
    "ContextHigh" DOUBLE NULL,
    CONSTRAINT "PK_ACM_ModelTags" PRIMARY KEY ("EquipID", "ModelVersion", "TagName"),
    CONSTRAINT "CK_ACM_ModelTags_TagName" CHECK (length("TagName") <= 255),
    CONSTRAINT "CK_ACM_ModelTags_Reason" CHECK (length("Reason") <= 200),
    CONSTRAINT "CK_ACM_ModelTags_IdleLevel" CHECK (isfinite("IdleLevel")),
    CONSTRAINT "CK_ACM_ModelTags_ContextLow" CHECK (isfinite("ContextLow")),
    CONSTRAINT "CK_ACM_ModelTags_ContextHigh" CHECK (isfinite("ContextHigh"))
);

COMMENT ON TABLE "ACM_ModelTags" IS 'Tags of a model version, used or excluded, with the reason of the exclusion';

COMMENT ON COLUMN "ACM_ModelTags"."RunID" IS 'Run that wrote the row (RunLog.RunID)';

COMMENT ON COLUMN "ACM_ModelTags"."EquipID" IS 'Machine (Equipment.EquipID)';

COMMENT ON COLUMN "ACM_ModelTags"."ModelVersion" IS 'Model version';

COMMENT ON COLUMN "ACM_ModelTags"."TagName" IS 'Tag';

COMMENT ON COLUMN "ACM_ModelTags"."Ordinal" IS 'Position in the historian table, from 0';

COMMENT ON COLUMN "ACM_ModelTags"."Used" IS 'Whether the tag is scored';

COMMENT ON COLUMN "ACM_ModelTags"."Reason" IS 'Why the tag is excluded; NULL if it is used';

COMMENT ON COLUMN "ACM_ModelTags"."IdleLevel" IS 'Load indicator: idle below this reading, unit of the tag; NULL if the tag is none';

COMMENT ON COLUMN "ACM_ModelTags"."ContextLow" IS 'Context tag: lower end of its range in training, unit of the tag; NULL if the tag is none';

COMMENT ON COLUMN "ACM_ModelTags"."ContextHigh" IS 'Context tag: upper end of this range; levels are wider outside of it';

CREATE TABLE IF NOT EXISTS "ACM_HealthDaily" (
    "RunID" UUID NOT NULL,
    "EquipID" INTEGER NOT NULL,
    "AsOf" TIMESTAMP_MS NOT NULL,
    "DaySeconds" DOUBLE NOT NULL,
    "Readings" BIGINT NOT NULL,
    "AssessedCount" BIGINT NOT NULL,
    "GoodCount" BIGINT NOT NULL,
    "WatchCount" BIGINT NOT NULL,
    "AlertCount" BIGINT NOT NULL,
    "AlarmCount" BIGINT NOT NULL,
    "AvgHealth" DOUBLE NULL,
    "MinHealth" DOUBLE NULL,
    "LastHealth" DOUBLE NULL,
    "MaxFusedZ" DOUBLE NULL,
    CONSTRAINT "PK_ACM_HealthDaily" PRIMARY KEY ("EquipID", "AsOf"),
    CONSTRAINT "CK_ACM_HealthDaily_DaySeconds" CHECK (isfinite("DaySeconds")),
    CONSTRAINT "CK_ACM_HealthDaily_AvgHealth" CHECK (isfinite("AvgHealth")),
    CONSTRAINT "CK_ACM_HealthDaily_MinHealth" CHECK (isfinite("MinHealth")),
    CONSTRAINT "CK_ACM_HealthDaily_LastHealth" CHECK (isfinite("LastHealth")),
    CONSTRAINT "CK_ACM_HealthDaily_MaxFusedZ" CHECK (isfinite("MaxFusedZ"))
);

COMMENT ON TABLE "ACM_HealthDaily" IS 'Health of one local day';

COMMENT ON COLUMN "ACM_HealthDaily"."RunID" IS 'Run that wrote the row (RunLog.RunID)';

COMMENT ON COLUMN "ACM_HealthDaily"."EquipID" IS 'Machine (Equipment.EquipID)';

COMMENT ON COLUMN "ACM_HealthDaily"."AsOf" IS 'Local day of the machine, as the UTC time at which it starts';

COMMENT ON COLUMN "ACM_HealthDaily"."DaySeconds" IS 'Length of the local day, seconds: clocks change';

COMMENT ON COLUMN "ACM_HealthDaily"."Readings" IS 'Readings of the day';

COMMENT ON COLUMN "ACM_HealthDaily"."AssessedCount" IS 'Assessed readings, which have a health';

COMMENT ON COLUMN "ACM_HealthDaily"."GoodCount" IS 'Readings in zone GOOD';

COMMENT ON COLUMN "ACM_HealthDaily"."WatchCount" IS 'Readings in zone WATCH';

COMMENT ON COLUMN "ACM_HealthDaily"."AlertCount" IS 'Readings in zone ALERT';

COMMENT ON COLUMN "ACM_HealthDaily"."AlarmCount" IS 'Readings in alarm';

COMMENT ON COLUMN "ACM_HealthDaily"."AvgHealth" IS 'Mean health, 0-100';

COMMENT ON COLUMN "ACM_HealthDaily"."MinHealth" IS 'Lowest health, 0-100';

COMMENT ON COLUMN "ACM_HealthDaily"."LastHealth" IS 'Last health of the day, 0-100';

COMMENT ON COLUMN "ACM_HealthDaily"."MaxFusedZ" IS 'Highest fused z of the assessed readings';

CREATE TABLE IF NOT EXISTS "ACM_DetectorDaily" (
    "RunID" UUID NOT NULL,
    "EquipID" INTEGER NOT NULL,
    "AsOf" TIMESTAMP_MS NOT NULL,
    "DetectorType" VARCHAR NOT NULL,
    "DaySeconds" DOUBLE NOT NULL,
    "Points" BIGINT NOT NULL,
    "AboveCount" BIGINT NOT NULL,
    "MaxZ" DOUBLE NOT NULL,
    "AvgZ" DOUBLE NOT NULL,
    "LatestZ" DOUBLE NOT NULL,
    CONSTRAINT "PK_ACM_DetectorDaily" PRIMARY KEY ("EquipID", "AsOf", "DetectorType"),
    CONSTRAINT "CK_ACM_DetectorDaily_DetectorType" CHECK ("DetectorType" IN ('ar1_z', 'pca_spe_z', 'pca_t2_z', 'mhal_z', 'iforest_z', 'gmm_z', 'omr_z', 'mewma_z')),
    CONSTRAINT "CK_ACM_DetectorDaily_DaySeconds" CHECK (isfinite("DaySeconds")),
    CONSTRAINT "CK_ACM_DetectorDaily_MaxZ" CHECK (isfinite("MaxZ")),
    CONSTRAINT "CK_ACM_DetectorDaily_AvgZ" CHECK (isfinite("AvgZ")),
    CONSTRAINT "CK_ACM_DetectorDaily_LatestZ" CHECK (isfinite("LatestZ"))
);

COMMENT ON TABLE "ACM_DetectorDaily" IS 'Scores of each detector on one local day';

COMMENT ON COLUMN "ACM_DetectorDaily"."RunID" IS 'Run that wrote the row (RunLog.RunID)';

COMMENT ON COLUMN "ACM_DetectorDaily"."EquipID" IS 'Machine (Equipment.EquipID)';

COMMENT ON COLUMN "ACM_DetectorDaily"."AsOf" IS 'Local day of the machine, as the UTC time at which it starts';

COMMENT ON COLUMN "ACM_DetectorDaily"."DetectorType" IS 'Detector';

COMMENT ON COLUMN "ACM_DetectorDaily"."DaySeconds" IS 'Length of the local day, seconds: clocks change';

COMMENT ON COLUMN "ACM_DetectorDaily"."Points" IS 'Assessed readings';

COMMENT ON COLUMN "ACM_DetectorDaily"."AboveCount" IS 'Readings with z >= 2';

COMMENT ON COLUMN "ACM_DetectorDaily"."MaxZ" IS 'Highest z';

COMMENT ON COLUMN "ACM_DetectorDaily"."AvgZ" IS 'Mean z';

COMMENT ON COLUMN "ACM_DetectorDaily"."LatestZ" IS 'z of the last assessed reading';

CREATE TABLE IF NOT EXISTS "ACM_SinceWhen" (
    "RunID" UUID NOT NULL,
    "EquipID" INTEGER NOT NULL,
    "AsOf" TIMESTAMP_MS NOT NULL,
    "AlertZone" VARCHAR NOT NULL,
    "StartTimestamp" TIMESTAMP_MS NOT NULL,
    "LastTimestamp" TIMESTAMP_MS NOT NULL,
    "DurationHours" DOUBLE NOT NULL,
    "RecordCount" BIGINT NOT NULL,
    CONSTRAINT "PK_ACM_SinceWhen" PRIMARY KEY ("EquipID", "AsOf"),
    CONSTRAINT "CK_ACM_SinceWhen_AlertZone" CHECK ("AlertZone" IN ('GOOD', 'ALERT')),
    CONSTRAINT "CK_ACM_SinceWhen_DurationHours" CHECK (isfinite("DurationHours"))
);

COMMENT ON TABLE "ACM_SinceWhen" IS 'Time in the current state (in alarm or not) at the end of the day';

COMMENT ON COLUMN "ACM_SinceWhen"."RunID" IS 'Run that wrote the row (RunLog.RunID)';

COMMENT ON COLUMN "ACM_SinceWhen"."EquipID" IS 'Machine (Equipment.EquipID)';

COMMENT ON COLUMN "ACM_SinceWhen"."AsOf" IS 'Local day of the machine, as the UTC time at which it starts; the summary includes that day';

COMMENT ON COLUMN "ACM_SinceWhen"."AlertZone" IS 'ALERT if the last assessed reading is in alarm, else GOOD';

COMMENT ON COLUMN "ACM_SinceWhen"."StartTimestamp" IS 'First assessed reading of the current state, UTC';

COMMENT ON COLUMN "ACM_SinceWhen"."LastTimestamp" IS 'Last assessed reading, UTC';

COMMENT ON COLUMN "ACM_SinceWhen"."DurationHours" IS 'LastTimestamp - StartTimestamp, hours';

COMMENT ON COLUMN "ACM_SinceWhen"."RecordCount" IS 'Assessed readings from StartTimestamp to LastTimestamp, both included';

CREATE TABLE IF NOT EXISTS "ACM_SensorDefects" (
    "RunID" UUID NOT NULL,
    "EquipID" INTEGER NOT NULL,
    "AsOf" TIMESTAMP_MS NOT NULL,
    "DetectorType" VARCHAR NOT NULL,
    "DetectorFamily" VARCHAR NOT NULL,
    "Severity" VARCHAR NOT NULL,
    "ViolationCount" BIGINT NOT NULL,
    "ViolationPct" DOUBLE NOT NULL,
    "MaxZ" DOUBLE NOT NULL,
    "AvgZ" DOUBLE NOT NULL,
    "CurrentZ" DOUBLE NOT NULL,
    "ActiveDefect" BOOLEAN NOT NULL,
    CONSTRAINT "PK_ACM_SensorDefects" PRIMARY KEY ("EquipID", "AsOf", "DetectorType"),
    CONSTRAINT "CK_ACM_SensorDefects_DetectorType" CHECK ("DetectorType" IN ('ar1_z', 'pca_spe_z', 'pca_t2_z', 'mhal_z', 'iforest_z', 'gmm_z', 'omr_z', 'mewma_z')),
    CONSTRAINT "CK_ACM_SensorDefects_DetectorFamily" CHECK ("DetectorFamily" IN ('AR1_Z', 'PCA_SPE_Z', 'PCA_T2_Z', 'MHAL_Z', 'IFOREST_Z', 'GMM_Z', 'OMR_Z', 'MEWMA_Z')),
    CONSTRAINT "CK_ACM_SensorDefects_Severity" CHECK ("Severity" IN ('LOW', 'MEDIUM', 'HIGH', 'CRITICAL')),
    CONSTRAINT "CK_ACM_SensorDefects_ViolationPct" CHECK (isfinite("ViolationPct")),
    CONSTRAINT "CK_ACM_SensorDefects_MaxZ" CHECK (isfinite("MaxZ")),
    CONSTRAINT "CK_ACM_SensorDefects_AvgZ" CHECK (isfinite("AvgZ")),
    CONSTRAINT "CK_ACM_SensorDefects_CurrentZ" CHECK (isfinite("CurrentZ"))
);

COMMENT ON TABLE "ACM_SensorDefects" IS 'How often the score of each detector reached z = 2 over the last summary_days days';

COMMENT ON COLUMN "ACM_SensorDefects"."RunID" IS 'Run that wrote the row (RunLog.RunID)';

COMMENT ON COLUMN "ACM_SensorDefects"."EquipID" IS 'Machine (Equipment.EquipID)';

COMMENT ON COLUMN "ACM_SensorDefects"."AsOf" IS 'Local day of the machine, as the UTC time at which it starts; the summary includes that day';

COMMENT ON COLUMN "ACM_SensorDefects"."DetectorType" IS 'Detector';

COMMENT ON COLUMN "ACM_SensorDefects"."DetectorFamily" IS 'Key of ACM_DetectorMetadata';

COMMENT ON COLUMN "ACM_SensorDefects"."Severity" IS 'By ViolationPct: CRITICAL above 20, HIGH above 10, MEDIUM above 5, else LOW';

COMMENT ON COLUMN "ACM_SensorDefects"."ViolationCount" IS 'Readings with z >= 2';

COMMENT ON COLUMN "ACM_SensorDefects"."ViolationPct" IS '100 * ViolationCount / assessed readings';

COMMENT ON COLUMN "ACM_SensorDefects"."MaxZ" IS 'Highest z';

COMMENT ON COLUMN "ACM_SensorDefects"."AvgZ" IS 'Mean z';

COMMENT ON COLUMN "ACM_SensorDefects"."CurrentZ" IS 'z of the last assessed reading';

COMMENT ON COLUMN "ACM_SensorDefects"."ActiveDefect" IS 'Whether the last assessed reading has z >= 2';

CREATE TABLE IF NOT EXISTS "ACM_SensorRanking" (
    "RunID" UUID NOT NULL,
    "EquipID" INTEGER NOT NULL,
    "AsOf" TIMESTAMP_MS NOT NULL,
    "SensorName" VARCHAR NOT NULL,
    "RankPosition" INTEGER NOT NULL,
    "ContributionPct" DOUBLE NOT NULL,
    "ZScore" DOUBLE NOT NULL,
    "DetectorType" VARCHAR NULL,
    CONSTRAINT "PK_ACM_SensorRanking" PRIMARY KEY ("EquipID", "AsOf", "SensorName"),
    CONSTRAINT "CK_ACM_SensorRanking_SensorName" CHECK (length("SensorName") <= 255),
    CONSTRAINT "CK_ACM_SensorRanking_ContributionPct" CHECK (isfinite("ContributionPct")),
    CONSTRAINT "CK_ACM_SensorRanking_ZScore" CHECK (isfinite("ZScore")),
    CONSTRAINT "CK_ACM_SensorRanking_DetectorType" CHECK ("DetectorType" IN ('ar1_z', 'pca_spe_z', 'pca_t2_z', 'mhal_z', 'iforest_z', 'gmm_z', 'omr_z', 'mewma_z'))
);

COMMENT ON TABLE "ACM_SensorRanking" IS 'Sensors ranked by their last deviation of the day';

COMMENT ON COLUMN "ACM_SensorRanking"."RunID" IS 'Run that wrote the row (RunLog.RunID)';

COMMENT ON COLUMN "ACM_SensorRanking"."EquipID" IS 'Machine (Equipment.EquipID)';

COMMENT ON COLUMN "ACM_SensorRanking"."AsOf" IS 'Local day of the machine, as the UTC time at which it starts; the summary includes that day';

COMMENT ON COLUMN "ACM_SensorRanking"."SensorName" IS 'Tag';

COMMENT ON COLUMN "ACM_SensorRanking"."RankPosition" IS '1 = largest |z|';

COMMENT ON COLUMN "ACM_SensorRanking"."ContributionPct" IS '100 * |z| / sum of |z| over the sensors';

COMMENT ON COLUMN "ACM_SensorRanking"."ZScore" IS '|z| of the last reading: distance from the training median, robust standard deviations';

COMMENT ON COLUMN "ACM_SensorRanking"."DetectorType" IS 'Detector with the highest z at the last assessed reading of the day';

CREATE TABLE IF NOT EXISTS "ACM_DetectorCorrelation" (
    "RunID" UUID NOT NULL,
    "EquipID" INTEGER NOT NULL,
    "AsOf" TIMESTAMP_MS NOT NULL,
    "DetectorA" VARCHAR NOT NULL,
    "DetectorB" VARCHAR NOT NULL,
    "PearsonR" DOUBLE NULL,
    "Points" BIGINT NOT NULL,
    CONSTRAINT "PK_ACM_DetectorCorrelation" PRIMARY KEY ("EquipID", "AsOf", "DetectorA", "DetectorB"),
    CONSTRAINT "CK_ACM_DetectorCorrelation_DetectorA" CHECK ("DetectorA" IN ('ar1_z', 'pca_spe_z', 'pca_t2_z', 'mhal_z', 'iforest_z', 'gmm_z', 'omr_z', 'mewma_z')),
    CONSTRAINT "CK_ACM_DetectorCorrelation_DetectorB" CHECK ("DetectorB" IN ('ar1_z', 'pca_spe_z', 'pca_t2_z', 'mhal_z', 'iforest_z', 'gmm_z', 'omr_z', 'mewma_z')),
    CONSTRAINT "CK_ACM_DetectorCorrelation_PearsonR" CHECK (isfinite("PearsonR"))
);

COMMENT ON TABLE "ACM_DetectorCorrelation" IS 'Correlation of the scores of two detectors over the last summary_days days';

COMMENT ON COLUMN "ACM_DetectorCorrelation"."RunID" IS 'Run that wrote the row (RunLog.RunID)';

COMMENT ON COLUMN "ACM_DetectorCorrelation"."EquipID" IS 'Machine (Equipment.EquipID)';

COMMENT ON COLUMN "ACM_DetectorCorrelation"."AsOf" IS 'Local day of the machine, as the UTC time at which it starts; the summary includes that day';

COMMENT ON COLUMN "ACM_DetectorCorrelation"."DetectorA" IS 'Detector';

COMMENT ON COLUMN "ACM_DetectorCorrelation"."DetectorB" IS 'A later detector in stored order';

COMMENT ON COLUMN "ACM_DetectorCorrelation"."PearsonR" IS 'Correlation of the two z, -1 to 1; NULL if one of the two is constant';

COMMENT ON COLUMN "ACM_DetectorCorrelation"."Points" IS 'Assessed readings';

CREATE TABLE IF NOT EXISTS "ACM_HealthHistogram" (
    "RunID" UUID NOT NULL,
    "EquipID" INTEGER NOT NULL,
    "AsOf" TIMESTAMP_MS NOT NULL,
    "HealthBin" VARCHAR NOT NULL,
    "RecordCount" BIGINT NOT NULL,
    "Percentage" DOUBLE NOT NULL,
    CONSTRAINT "PK_ACM_HealthHistogram" PRIMARY KEY ("EquipID", "AsOf", "HealthBin"),
    CONSTRAINT "CK_ACM_HealthHistogram_HealthBin" CHECK ("HealthBin" IN ('0-10', '10-20', '20-30', '30-40', '40-50', '50-60', '60-70', '70-80', '80-90', '90-100')),
    CONSTRAINT "CK_ACM_HealthHistogram_Percentage" CHECK (isfinite("Percentage"))
);

COMMENT ON TABLE "ACM_HealthHistogram" IS 'Distribution of health over the last summary_days days, in ten bins of width ten';

COMMENT ON COLUMN "ACM_HealthHistogram"."RunID" IS 'Run that wrote the row (RunLog.RunID)';

COMMENT ON COLUMN "ACM_HealthHistogram"."EquipID" IS 'Machine (Equipment.EquipID)';

COMMENT ON COLUMN "ACM_HealthHistogram"."AsOf" IS 'Local day of the machine, as the UTC time at which it starts; the summary includes that day';

COMMENT ON COLUMN "ACM_HealthHistogram"."HealthBin" IS 'Range of health: lower end included, upper end excluded except in the last bin';

COMMENT ON COLUMN "ACM_HealthHistogram"."RecordCount" IS 'Readings in the bin';

COMMENT ON COLUMN "ACM_HealthHistogram"."Percentage" IS '100 * RecordCount / assessed readings';

CREATE TABLE IF NOT EXISTS "ACM_RegimeDwellStats" (
    "RunID" UUID NOT NULL,
    "EquipID" INTEGER NOT NULL,
    "AsOf" TIMESTAMP_MS NOT NULL,
    "RegimeLabel" VARCHAR NOT NULL,
    "Runs" BIGINT NOT NULL,
    "MeanSeconds" DOUBLE NOT NULL,
    "MedianSeconds" DOUBLE NOT NULL,
    "MinSeconds" DOUBLE NOT NULL,
    "MaxSeconds" DOUBLE NOT NULL,
    CONSTRAINT "PK_ACM_RegimeDwellStats" PRIMARY KEY ("EquipID", "AsOf", "RegimeLabel"),
    CONSTRAINT "CK_ACM_RegimeDwellStats_RegimeLabel" CHECK (length("RegimeLabel") <= 50),
    CONSTRAINT "CK_ACM_RegimeDwellStats_MeanSeconds" CHECK (isfinite("MeanSeconds")),
    CONSTRAINT "CK_ACM_RegimeDwellStats_MedianSeconds" CHECK (isfinite("MedianSeconds")),
    CONSTRAINT "CK_ACM_RegimeDwellStats_MinSeconds" CHECK (isfinite("MinSeconds")),
    CONSTRAINT "CK_ACM_RegimeDwellStats_MaxSeconds" CHECK (isfinite("MaxSeconds"))
);

COMMENT ON TABLE "ACM_RegimeDwellStats" IS 'How long the machine stays in each regime, by its periods within the last summary_days days';

COMMENT ON COLUMN "ACM_RegimeDwellStats"."RunID" IS 'Run that wrote the row (RunLog.RunID)';

COMMENT ON COLUMN "ACM_RegimeDwellStats"."EquipID" IS 'Machine (Equipment.EquipID)';

COMMENT ON COLUMN "ACM_RegimeDwellStats"."AsOf" IS 'Local day of the machine, as the UTC time at which it starts; the summary includes that day';

COMMENT ON COLUMN "ACM_RegimeDwellStats"."RegimeLabel" IS 'Operating regime';

COMMENT ON COLUMN "ACM_RegimeDwellStats"."Runs" IS 'Number of periods in the regime';

COMMENT ON COLUMN "ACM_RegimeDwellStats"."MeanSeconds" IS 'Mean time from the first to the last reading of a period, seconds';

COMMENT ON COLUMN "ACM_RegimeDwellStats"."MedianSeconds" IS 'Median of that time, seconds';

COMMENT ON COLUMN "ACM_RegimeDwellStats"."MinSeconds" IS 'Minimum of that time, seconds';

COMMENT ON COLUMN "ACM_RegimeDwellStats"."MaxSeconds" IS 'Maximum of that time, seconds';

CREATE TABLE IF NOT EXISTS "ACM_RegimeStability" (
    "RunID" UUID NOT NULL,
    "EquipID" INTEGER NOT NULL,
    "AsOf" TIMESTAMP_MS NOT NULL,
    "MetricName" VARCHAR NOT NULL,
    "MetricValue" DOUBLE NOT NULL,
    CONSTRAINT "PK_ACM_RegimeStability" PRIMARY KEY ("EquipID", "AsOf", "MetricName"),
    CONSTRAINT "CK_ACM_RegimeStability_MetricName" CHECK ("MetricName" IN ('churn_rate', 'total_transitions', 'avg_dwell_periods', 'median_dwell_periods')),
    CONSTRAINT "CK_ACM_RegimeStability_MetricValue" CHECK (isfinite("MetricValue"))
);

COMMENT ON TABLE "ACM_RegimeStability" IS 'Stability of the regimes over the last summary_days days';

COMMENT ON COLUMN "ACM_RegimeStability"."RunID" IS 'Run that wrote the row (RunLog.RunID)';

COMMENT ON COLUMN "ACM_RegimeStability"."EquipID" IS 'Machine (Equipment.EquipID)';

COMMENT ON COLUMN "ACM_RegimeStability"."AsOf" IS 'Local day of the machine, as the UTC time at which it starts; the summary includes that day';

COMMENT ON COLUMN "ACM_RegimeStability"."MetricName" IS 'churn_rate: changes in percent of the readings; total_transitions: changes; avg_dwell_periods and median_dwell_periods: readings per period';

COMMENT ON COLUMN "ACM_RegimeStability"."MetricValue" IS 'Value of the metric';

CREATE TABLE IF NOT EXISTS "ACM_PCA_Models" (
    "RunID" UUID NOT NULL,
    "EquipID" INTEGER NOT NULL,
    "ModelVersion" INTEGER NOT NULL,
    "EntryDateTime" TIMESTAMP_MS NOT NULL,
    "NComponents" INTEGER NOT NULL,
    "TargetVar" VARCHAR NOT NULL,
    "VarExplainedJSON" VARCHAR NOT NULL,
    "ScalingSpecJSON" VARCHAR NOT NULL,
    "TrainStartEntryDateTime" TIMESTAMP_MS NOT NULL,
    "TrainEndEntryDateTime" TIMESTAMP_MS NOT NULL,
    CONSTRAINT "PK_ACM_PCA_Models" PRIMARY KEY ("EquipID", "ModelVersion"),
    CONSTRAINT "CK_ACM_PCA_Models_TargetVar" CHECK (length("TargetVar") <= 200),
    CONSTRAINT "CK_ACM_PCA_Models_ScalingSpecJSON" CHECK (length("ScalingSpecJSON") <= 200)
);

COMMENT ON TABLE "ACM_PCA_Models" IS 'Principal components of a model version';

COMMENT ON COLUMN "ACM_PCA_Models"."RunID" IS 'Run that wrote the row (RunLog.RunID)';

COMMENT ON COLUMN "ACM_PCA_Models"."EquipID" IS 'Machine (Equipment.EquipID)';

COMMENT ON COLUMN "ACM_PCA_Models"."ModelVersion" IS 'Model version';

COMMENT ON COLUMN "ACM_PCA_Models"."EntryDateTime" IS 'Last reading of the training, UTC';

COMMENT ON COLUMN "ACM_PCA_Models"."NComponents" IS 'Components kept';

COMMENT ON COLUMN "ACM_PCA_Models"."TargetVar" IS 'JSON: 95th percentiles of SPE and T2 on readings that were not fitted';

COMMENT ON COLUMN "ACM_PCA_Models"."VarExplainedJSON" IS 'JSON list: share of the variance per kept component';

COMMENT ON COLUMN "ACM_PCA_Models"."ScalingSpecJSON" IS 'JSON: scaling of the readings before the decomposition';

COMMENT ON COLUMN "ACM_PCA_Models"."TrainStartEntryDateTime" IS 'First reading of the training, UTC';

COMMENT ON COLUMN "ACM_PCA_Models"."TrainEndEntryDateTime" IS 'Last reading of the training, UTC';

CREATE TABLE IF NOT EXISTS "ACM_PCA_Loadings" (
    "RunID" UUID NOT NULL,
    "EquipID" INTEGER NOT NULL,
    "ModelVersion" INTEGER NOT NULL,
    "EntryDateTime" TIMESTAMP_MS NOT NULL,
    "ComponentNo" INTEGER NOT NULL,
    "ComponentID" VARCHAR NOT NULL,
    "Sensor" VARCHAR NOT NULL,
    "FeatureName" VARCHAR NOT NULL,
    "Loading" DOUBLE NOT NULL,
    CONSTRAINT "PK_ACM_PCA_Loadings" PRIMARY KEY ("EquipID", "ModelVersion", "ComponentNo", "Sensor"),
    CONSTRAINT "CK_ACM_PCA_Loadings_ComponentID" CHECK (length("ComponentID") <= 16),
    CONSTRAINT "CK_ACM_PCA_Loadings_Sensor" CHECK (length("Sensor") <= 255),
    CONSTRAINT "CK_ACM_PCA_Loadings_FeatureName" CHECK (length("FeatureName") <= 255),
    CONSTRAINT "CK_ACM_PCA_Loadings_Loading" CHECK (isfinite("Loading"))
);

COMMENT ON TABLE "ACM_PCA_Loadings" IS 'PCA loadings: weight of each tag in each component';

COMMENT ON COLUMN "ACM_PCA_Loadings"."RunID" IS 'Run that wrote the row (RunLog.RunID)';

COMMENT ON COLUMN "ACM_PCA_Loadings"."EquipID" IS 'Machine (Equipment.EquipID)';

COMMENT ON COLUMN "ACM_PCA_Loadings"."ModelVersion" IS 'Model version';

COMMENT ON COLUMN "ACM_PCA_Loadings"."EntryDateTime" IS 'Last reading of the training, UTC';

COMMENT ON COLUMN "ACM_PCA_Loadings"."ComponentNo" IS 'Component, 1 = largest variance';

COMMENT ON COLUMN "ACM_PCA_Loadings"."ComponentID" IS 'Text PC followed by ComponentNo';

COMMENT ON COLUMN "ACM_PCA_Loadings"."Sensor" IS 'Tag';

COMMENT ON COLUMN "ACM_PCA_Loadings"."FeatureName" IS 'Sensor, under V8''s other name';

COMMENT ON COLUMN "ACM_PCA_Loadings"."Loading" IS 'Entry of the unit vector of the component, -1 to 1';

CREATE TABLE IF NOT EXISTS "ACM_PCA_Metrics" (
    "RunID" UUID NOT NULL,
    "EquipID" INTEGER NOT NULL,
    "ModelVersion" INTEGER NOT NULL,
    "EntryDateTime" TIMESTAMP_MS NOT NULL,
    "Var90_N" INTEGER NOT NULL,
    "ReconRMSE" DOUBLE NOT NULL,
    "P95_ReconRMSE" DOUBLE NOT NULL,
    "Notes" VARCHAR NULL,
    CONSTRAINT "PK_ACM_PCA_Metrics" PRIMARY KEY ("EquipID", "ModelVersion"),
    CONSTRAINT "CK_ACM_PCA_Metrics_ReconRMSE" CHECK (isfinite("ReconRMSE")),
    CONSTRAINT "CK_ACM_PCA_Metrics_P95_ReconRMSE" CHECK (isfinite("P95_ReconRMSE")),
    CONSTRAINT "CK_ACM_PCA_Metrics_Notes" CHECK (length("Notes") <= 200)
);

COMMENT ON TABLE "ACM_PCA_Metrics" IS 'Explained variance and reconstruction error of the PCA model';

COMMENT ON COLUMN "ACM_PCA_Metrics"."RunID" IS 'Run that wrote the row (RunLog.RunID)';

COMMENT ON COLUMN "ACM_PCA_Metrics"."EquipID" IS 'Machine (Equipment.EquipID)';

COMMENT ON COLUMN "ACM_PCA_Metrics"."ModelVersion" IS 'Model version';

COMMENT ON COLUMN "ACM_PCA_Metrics"."EntryDateTime" IS 'Last reading of the training, UTC';

COMMENT ON COLUMN "ACM_PCA_Metrics"."Var90_N" IS 'Components that explain 90 % of the variance';

COMMENT ON COLUMN "ACM_PCA_Metrics"."ReconRMSE" IS 'Root mean square of the residual outside the kept components, robust standard deviations per tag';

COMMENT ON COLUMN "ACM_PCA_Metrics"."P95_ReconRMSE" IS '95th percentile of that residual per reading, over readings that were not fitted';

COMMENT ON COLUMN "ACM_PCA_Metrics"."Notes" IS 'JSON: tags, components, share of the variance kept';

CREATE TABLE IF NOT EXISTS "ACM_OMR_Diagnostics" (
    "RunID" UUID NOT NULL,
    "EquipID" INTEGER NOT NULL,
    "ModelVersion" INTEGER NOT NULL,
    "SensorName" VARCHAR NOT NULL,
    "ResidualStd" DOUBLE NOT NULL,
    "ExplainedPct" DOUBLE NOT NULL,
    "Persistence" DOUBLE NOT NULL,
    "BestPredictor" VARCHAR NULL,
    "BestWeight" DOUBLE NULL,
    CONSTRAINT "PK_ACM_OMR_Diagnostics" PRIMARY KEY ("EquipID", "ModelVersion", "SensorName"),
    CONSTRAINT "CK_ACM_OMR_Diagnostics_SensorName" CHECK (length("SensorName") <= 255),
    CONSTRAINT "CK_ACM_OMR_Diagnostics_ResidualStd" CHECK (isfinite("ResidualStd")),
    CONSTRAINT "CK_ACM_OMR_Diagnostics_ExplainedPct" CHECK (isfinite("ExplainedPct")),
    CONSTRAINT "CK_ACM_OMR_Diagnostics_Persistence" CHECK (isfinite("Persistence")),
    CONSTRAINT "CK_ACM_OMR_Diagnostics_BestPredictor" CHECK (length("BestPredictor") <= 255),
    CONSTRAINT "CK_ACM_OMR_Diagnostics_BestWeight" CHECK (isfinite("BestWeight"))
);

COMMENT ON TABLE "ACM_OMR_Diagnostics" IS 'Fit of each tag from the others in a model version (leave-one-out regression)';

COMMENT ON COLUMN "ACM_OMR_Diagnostics"."RunID" IS 'Run that wrote the row (RunLog.RunID)';

COMMENT ON COLUMN "ACM_OMR_Diagnostics"."EquipID" IS 'Machine (Equipment.EquipID)';

COMMENT ON COLUMN "ACM_OMR_Diagnostics"."ModelVersion" IS 'Model version';

COMMENT ON COLUMN "ACM_OMR_Diagnostics"."SensorName" IS 'Tag';

COMMENT ON COLUMN "ACM_OMR_Diagnostics"."ResidualStd" IS 'Standard deviation of the tag given all others, robust standard deviations, floored';

COMMENT ON COLUMN "ACM_OMR_Diagnostics"."ExplainedPct" IS 'Share of the variance of the tag that the other tags explain, percent (R2)';

COMMENT ON COLUMN "ACM_OMR_Diagnostics"."Persistence" IS 'Correlation of successive residuals';

COMMENT ON COLUMN "ACM_OMR_Diagnostics"."BestPredictor" IS 'Other tag with the largest weight; NULL if no tag has a weight';

COMMENT ON COLUMN "ACM_OMR_Diagnostics"."BestWeight" IS 'Weight of BestPredictor: change of the tag per change of BestPredictor, both in robust standard deviations';

CREATE TABLE IF NOT EXISTS "ACM_HealthForecast_TS" (
    "RunID" UUID NOT NULL,
    "EquipID" INTEGER NOT NULL,
    "AsOf" TIMESTAMP_MS NOT NULL,
    "Timestamp" TIMESTAMP_MS NOT NULL,
    "HorizonHours" DOUBLE NOT NULL,
    "ForecastHealth" DOUBLE NOT NULL,
    "CiLower" DOUBLE NOT NULL,
    "CiUpper" DOUBLE NOT NULL,
    "ForecastStd" DOUBLE NOT NULL,
    "Method" VARCHAR NOT NULL,
    CONSTRAINT "PK_ACM_HealthForecast_TS" PRIMARY KEY ("EquipID", "AsOf", "Timestamp"),
    CONSTRAINT "CK_ACM_HealthForecast_TS_HorizonHours" CHECK (isfinite("HorizonHours")),
    CONSTRAINT "CK_ACM_HealthForecast_TS_ForecastHealth" CHECK (isfinite("ForecastHealth")),
    CONSTRAINT "CK_ACM_HealthForecast_TS_CiLower" CHECK (isfinite("CiLower")),
    CONSTRAINT "CK_ACM_HealthForecast_TS_CiUpper" CHECK (isfinite("CiUpper")),
    CONSTRAINT "CK_ACM_HealthForecast_TS_ForecastStd" CHECK (isfinite("ForecastStd")),
    CONSTRAINT "CK_ACM_HealthForecast_TS_Method" CHECK ("Method" IN ('level', 'trend'))
);

COMMENT ON TABLE "ACM_HealthForecast_TS" IS 'Forecast of health, as of the end of the day';

COMMENT ON COLUMN "ACM_HealthForecast_TS"."RunID" IS 'Run that wrote the row (RunLog.RunID)';

COMMENT ON COLUMN "ACM_HealthForecast_TS"."EquipID" IS 'Machine (Equipment.EquipID)';

COMMENT ON COLUMN "ACM_HealthForecast_TS"."AsOf" IS 'Local day of the machine, as the UTC time at which it starts; the summary includes that day';

COMMENT ON COLUMN "ACM_HealthForecast_TS"."Timestamp" IS 'Time the forecast is for, UTC';

COMMENT ON COLUMN "ACM_HealthForecast_TS"."HorizonHours" IS 'From the end of the day to that time, hours';

COMMENT ON COLUMN "ACM_HealthForecast_TS"."ForecastHealth" IS 'Median forecast of the median health of a day, 0-100';

COMMENT ON COLUMN "ACM_HealthForecast_TS"."CiLower" IS 'Lower limit of the 80 % interval (10th percentile), 0-100';

COMMENT ON COLUMN "ACM_HealthForecast_TS"."CiUpper" IS 'Upper limit of the 80 % interval (90th percentile), 0-100';

COMMENT ON COLUMN "ACM_HealthForecast_TS"."ForecastStd" IS '(CiUpper - CiLower) / 2.563, never falls with the horizon';

COMMENT ON COLUMN "ACM_HealthForecast_TS"."Method" IS 'trend if health falls with a probability above 0.9, else level';

CREATE TABLE IF NOT EXISTS "ACM_FailureForecast_TS" (
    "RunID" UUID NOT NULL,
    "EquipID" INTEGER NOT NULL,
    "AsOf" TIMESTAMP_MS NOT NULL,
    "Timestamp" TIMESTAMP_MS NOT NULL,
    "HorizonHours" DOUBLE NOT NULL,
    "FailureProb" DOUBLE NOT NULL,
    "ThresholdUsed" DOUBLE NOT NULL,
    "Method" VARCHAR NOT NULL,
    CONSTRAINT "PK_ACM_FailureForecast_TS" PRIMARY KEY ("EquipID", "AsOf", "Timestamp"),
    CONSTRAINT "CK_ACM_FailureForecast_TS_HorizonHours" CHECK (isfinite("HorizonHours")),
    CONSTRAINT "CK_ACM_FailureForecast_TS_FailureProb" CHECK (isfinite("FailureProb")),
    CONSTRAINT "CK_ACM_FailureForecast_TS_ThresholdUsed" CHECK (isfinite("ThresholdUsed")),
    CONSTRAINT "CK_ACM_FailureForecast_TS_Method" CHECK ("Method" IN ('level', 'trend'))
);

COMMENT ON TABLE "ACM_FailureForecast_TS" IS 'Probability that health has fallen below the threshold by a time; it never decreases with the horizon';

COMMENT ON COLUMN "ACM_FailureForecast_TS"."RunID" IS 'Run that wrote the row (RunLog.RunID)';

COMMENT ON COLUMN "ACM_FailureForecast_TS"."EquipID" IS 'Machine (Equipment.EquipID)';

COMMENT ON COLUMN "ACM_FailureForecast_TS"."AsOf" IS 'Local day of the machine, as the UTC time at which it starts; the summary includes that day';

COMMENT ON COLUMN "ACM_FailureForecast_TS"."Timestamp" IS 'Time the forecast is for, UTC';

COMMENT ON COLUMN "ACM_FailureForecast_TS"."HorizonHours" IS 'From the end of the day to that time, hours';

COMMENT ON COLUMN "ACM_FailureForecast_TS"."FailureProb" IS 'Probability that the level of health has fallen below ThresholdUsed by Timestamp, 0-1';

COMMENT ON COLUMN "ACM_FailureForecast_TS"."ThresholdUsed" IS 'Health below which the threshold counts as crossed';

COMMENT ON COLUMN "ACM_FailureForecast_TS"."Method" IS 'trend if health falls with a probability above 0.9, else level';

CREATE TABLE IF NOT EXISTS "ACM_RUL_Summary" (
    "RunID" UUID NOT NULL,
    "EquipID" INTEGER NOT NULL,
    "AsOf" TIMESTAMP_MS NOT NULL,
    "IssuedAt" TIMESTAMP_MS NOT NULL,
    "Status" VARCHAR NOT NULL,
    "RUL_Hours" DOUBLE NULL,
    "LowerBound" DOUBLE NULL,
    "UpperBound" DOUBLE NULL,
    "Confidence" DOUBLE NULL,
    "FailureTime" TIMESTAMP_MS NULL,
    "TrendStart" TIMESTAMP_MS NULL,
    "TrendDays" INTEGER NOT NULL,
    "HealthNow" DOUBLE NULL,
    "ZPerDay" DOUBLE NULL,
    "RisingProb" DOUBLE NULL,
    "FailureProb24h" DOUBLE NULL,
    "FailureProb7d" DOUBLE NULL,
    "FailureProb30d" DOUBLE NULL,
    "ThresholdUsed" DOUBLE NOT NULL,
    "Method" VARCHAR NOT NULL,
    "LastUpdate" TIMESTAMP_MS NULL,
    CONSTRAINT "PK_ACM_RUL_Summary" PRIMARY KEY ("EquipID", "AsOf"),
    CONSTRAINT "CK_ACM_RUL_Summary_Status" CHECK ("Status" IN ('STABLE', 'DEGRADING', 'BELOW', 'UNKNOWN')),
    CONSTRAINT "CK_ACM_RUL_Summary_RUL_Hours" CHECK (isfinite("RUL_Hours")),
    CONSTRAINT "CK_ACM_RUL_Summary_LowerBound" CHECK (isfinite("LowerBound")),
    CONSTRAINT "CK_ACM_RUL_Summary_UpperBound" CHECK (isfinite("UpperBound")),
    CONSTRAINT "CK_ACM_RUL_Summary_Confidence" CHECK (isfinite("Confidence")),
    CONSTRAINT "CK_ACM_RUL_Summary_HealthNow" CHECK (isfinite("HealthNow")),
    CONSTRAINT "CK_ACM_RUL_Summary_ZPerDay" CHECK (isfinite("ZPerDay")),
    CONSTRAINT "CK_ACM_RUL_Summary_RisingProb" CHECK (isfinite("RisingProb")),
    CONSTRAINT "CK_ACM_RUL_Summary_FailureProb24h" CHECK (isfinite("FailureProb24h")),
    CONSTRAINT "CK_ACM_RUL_Summary_FailureProb7d" CHECK (isfinite("FailureProb7d")),
    CONSTRAINT "CK_ACM_RUL_Summary_FailureProb30d" CHECK (isfinite("FailureProb30d")),
    CONSTRAINT "CK_ACM_RUL_Summary_ThresholdUsed" CHECK (isfinite("ThresholdUsed")),
    CONSTRAINT "CK_ACM_RUL_Summary_Method" CHECK ("Method" IN ('level', 'trend'))
);

COMMENT ON TABLE "ACM_RUL_Summary" IS 'Degradation status, and the time until health falls below the threshold';

COMMENT ON COLUMN "ACM_RUL_Summary"."RunID" IS 'Run that wrote the row (RunLog.RunID)';

COMMENT ON COLUMN "ACM_RUL_Summary"."EquipID" IS 'Machine (Equipment.EquipID)';

COMMENT ON COLUMN "ACM_RUL_Summary"."AsOf" IS 'Local day of the machine, as the UTC time at which it starts; the summary includes that day';

COMMENT ON COLUMN "ACM_RUL_Summary"."IssuedAt" IS 'End of the day, UTC; all hours count from this time';

COMMENT ON COLUMN "ACM_RUL_Summary"."Status" IS 'STABLE; DEGRADING: health falls; BELOW: already below the threshold; UNKNOWN: too few days';

COMMENT ON COLUMN "ACM_RUL_Summary"."RUL_Hours" IS 'Median time to the threshold, hours; NULL without a degradation trend, or if already crossed';

COMMENT ON COLUMN "ACM_RUL_Summary"."LowerBound" IS '10th percentile of the time to the threshold, hours';

COMMENT ON COLUMN "ACM_RUL_Summary"."UpperBound" IS '90th percentile of the time to the threshold, hours; NULL beyond 180 days';

COMMENT ON COLUMN "ACM_RUL_Summary"."Confidence" IS 'Probability that the threshold is crossed between half of RUL_Hours and twice RUL_Hours, 0-1';

COMMENT ON COLUMN "ACM_RUL_Summary"."FailureTime" IS 'IssuedAt + RUL_Hours, rounded up to the next time of the forecast, UTC';

COMMENT ON COLUMN "ACM_RUL_Summary"."TrendStart" IS 'Start of the first day after the last change point (repair, change), UTC';

COMMENT ON COLUMN "ACM_RUL_Summary"."TrendDays" IS 'Days with a median health since TrendStart';

COMMENT ON COLUMN "ACM_RUL_Summary"."HealthNow" IS 'Fitted health at the end of the day, 0-100';

COMMENT ON COLUMN "ACM_RUL_Summary"."ZPerDay" IS 'Current change of the fused z per day';

COMMENT ON COLUMN "ACM_RUL_Summary"."RisingProb" IS 'Probability that the fused z rises (weight of the rising curves), 0-1; DEGRADING requires more than 0.9';

COMMENT ON COLUMN "ACM_RUL_Summary"."FailureProb24h" IS 'FailureProb at 24 hours';

COMMENT ON COLUMN "ACM_RUL_Summary"."FailureProb7d" IS 'FailureProb at 7 days';

COMMENT ON COLUMN "ACM_RUL_Summary"."FailureProb30d" IS 'FailureProb at 30 days';

COMMENT ON COLUMN "ACM_RUL_Summary"."ThresholdUsed" IS 'Health below which the threshold counts as crossed';

COMMENT ON COLUMN "ACM_RUL_Summary"."Method" IS 'trend if health falls with a probability above 0.9, else level';

COMMENT ON COLUMN "ACM_RUL_Summary"."LastUpdate" IS 'Last assessed reading, UTC';

CREATE TABLE IF NOT EXISTS "ACM_RUL_Attribution" (
    "RunID" UUID NOT NULL,
    "EquipID" INTEGER NOT NULL,
    "AsOf" TIMESTAMP_MS NOT NULL,
    "FailureTime" TIMESTAMP_MS NOT NULL,
    "SensorName" VARCHAR NOT NULL,
    "FailureContribution" DOUBLE NOT NULL,
    "ZScoreAtFailure" DOUBLE NOT NULL,
    "AlertCount" BIGINT NOT NULL,
    "Comment" VARCHAR NULL,
    CONSTRAINT "PK_ACM_RUL_Attribution" PRIMARY KEY ("EquipID", "AsOf", "SensorName"),
    CONSTRAINT "CK_ACM_RUL_Attribution_SensorName" CHECK (length("SensorName") <= 255),
    CONSTRAINT "CK_ACM_RUL_Attribution_FailureContribution" CHECK (isfinite("FailureContribution")),
    CONSTRAINT "CK_ACM_RUL_Attribution_ZScoreAtFailure" CHECK (isfinite("ZScoreAtFailure")),
    CONSTRAINT "CK_ACM_RUL_Attribution_Comment" CHECK (length("Comment") <= 400)
);

COMMENT ON TABLE "ACM_RUL_Attribution" IS 'Sensors driving the degradation trend, by contribution; empty without a trend';

COMMENT ON COLUMN "ACM_RUL_Attribution"."RunID" IS 'Run that wrote the row (RunLog.RunID)';

COMMENT ON COLUMN "ACM_RUL_Attribution"."EquipID" IS 'Machine (Equipment.EquipID)';

COMMENT ON COLUMN "ACM_RUL_Attribution"."AsOf" IS 'Local day of the machine, as the UTC time at which it starts; the summary includes that day';

COMMENT ON COLUMN "ACM_RUL_Attribution"."FailureTime" IS 'FailureTime of ACM_RUL_Summary, UTC';

COMMENT ON COLUMN "ACM_RUL_Attribution"."SensorName" IS 'Tag';

COMMENT ON COLUMN "ACM_RUL_Attribution"."FailureContribution" IS 'Share of the sensor in the increase of |z| of all sensors until FailureTime, 0-1';

COMMENT ON COLUMN "ACM_RUL_Attribution"."ZScoreAtFailure" IS 'Forecast deviation of the sensor at FailureTime, robust standard deviations of training';

COMMENT ON COLUMN "ACM_RUL_Attribution"."AlertCount" IS 'Readings with |z| >= 3 since TrendStart';

COMMENT ON COLUMN "ACM_RUL_Attribution"."Comment" IS 'Text with the start and the speed of the change';

CREATE TABLE IF NOT EXISTS "ACM_SensorForecast_TS" (
    "RunID" UUID NOT NULL,
    "EquipID" INTEGER NOT NULL,
    "AsOf" TIMESTAMP_MS NOT NULL,
    "Timestamp" TIMESTAMP_MS NOT NULL,
    "HorizonHours" DOUBLE NOT NULL,
    "SensorName" VARCHAR NOT NULL,
    "ForecastValue" DOUBLE NOT NULL,
    "CiLower" DOUBLE NOT NULL,
    "CiUpper" DOUBLE NOT NULL,
    "ForecastStd" DOUBLE NOT NULL,
    "Method" VARCHAR NOT NULL,
    CONSTRAINT "PK_ACM_SensorForecast_TS" PRIMARY KEY ("EquipID", "AsOf", "SensorName", "Timestamp"),
    CONSTRAINT "CK_ACM_SensorForecast_TS_HorizonHours" CHECK (isfinite("HorizonHours")),
    CONSTRAINT "CK_ACM_SensorForecast_TS_SensorName" CHECK (length("SensorName") <= 255),
    CONSTRAINT "CK_ACM_SensorForecast_TS_ForecastValue" CHECK (isfinite("ForecastValue")),
    CONSTRAINT "CK_ACM_SensorForecast_TS_CiLower" CHECK (isfinite("CiLower")),
    CONSTRAINT "CK_ACM_SensorForecast_TS_CiUpper" CHECK (isfinite("CiUpper")),
    CONSTRAINT "CK_ACM_SensorForecast_TS_ForecastStd" CHECK (isfinite("ForecastStd")),
    CONSTRAINT "CK_ACM_SensorForecast_TS_Method" CHECK ("Method" IN ('level', 'trend'))
);

COMMENT ON TABLE "ACM_SensorForecast_TS" IS 'Forecast of the five sensors with the largest |z| over the last summary_days days';

COMMENT ON COLUMN "ACM_SensorForecast_TS"."RunID" IS 'Run that wrote the row (RunLog.RunID)';

COMMENT ON COLUMN "ACM_SensorForecast_TS"."EquipID" IS 'Machine (Equipment.EquipID)';

COMMENT ON COLUMN "ACM_SensorForecast_TS"."AsOf" IS 'Local day of the machine, as the UTC time at which it starts; the summary includes that day';

COMMENT ON COLUMN "ACM_SensorForecast_TS"."Timestamp" IS 'Time the forecast is for, UTC';

COMMENT ON COLUMN "ACM_SensorForecast_TS"."HorizonHours" IS 'From the end of the day to that time, hours';

COMMENT ON COLUMN "ACM_SensorForecast_TS"."SensorName" IS 'Tag';

COMMENT ON COLUMN "ACM_SensorForecast_TS"."ForecastValue" IS 'Median forecast of the last reading of a day, unit of the tag';

COMMENT ON COLUMN "ACM_SensorForecast_TS"."CiLower" IS 'Lower limit of the 80 % interval (10th percentile), unit of the tag';

COMMENT ON COLUMN "ACM_SensorForecast_TS"."CiUpper" IS 'Upper limit of the 80 % interval (90th percentile), unit of the tag';

COMMENT ON COLUMN "ACM_SensorForecast_TS"."ForecastStd" IS '(CiUpper - CiLower) / 2.563, never falls with the horizon';

COMMENT ON COLUMN "ACM_SensorForecast_TS"."Method" IS 'trend if the sensor moves with a probability above 0.9, else level';

CREATE TABLE IF NOT EXISTS "ACM_MaintenanceRecommendation" (
    "RunID" UUID NOT NULL,
    "EquipID" INTEGER NOT NULL,
    "AsOf" TIMESTAMP_MS NOT NULL,
    "EarliestMaintenance" TIMESTAMP_MS NOT NULL,
    "PreferredWindowStart" TIMESTAMP_MS NOT NULL,
    "PreferredWindowEnd" TIMESTAMP_MS NOT NULL,
    "FailureProbAtWindowEnd" DOUBLE NOT NULL,
    "Comment" VARCHAR NULL,
    CONSTRAINT "PK_ACM_MaintenanceRecommendation" PRIMARY KEY ("EquipID", "AsOf"),
    CONSTRAINT "CK_ACM_MaintenanceRecommendation_FailureProbAtWindowEnd" CHECK (isfinite("FailureProbAtWindowEnd")),
    CONSTRAINT "CK_ACM_MaintenanceRecommendation_Comment" CHECK (length("Comment") <= 400)
);

COMMENT ON TABLE "ACM_MaintenanceRecommendation" IS 'When to maintain the machine; no row for a machine above the threshold without a degradation trend';

COMMENT ON COLUMN "ACM_MaintenanceRecommendation"."RunID" IS 'Run that wrote the row (RunLog.RunID)';

COMMENT ON COLUMN "ACM_MaintenanceRecommendation"."EquipID" IS 'Machine (Equipment.EquipID)';

COMMENT ON COLUMN "ACM_MaintenanceRecommendation"."AsOf" IS 'Local day of the machine, as the UTC time at which it starts; the summary includes that day';

COMMENT ON COLUMN "ACM_MaintenanceRecommendation"."EarliestMaintenance" IS 'Time at which FailureProb reaches 0.1, UTC';

COMMENT ON COLUMN "ACM_MaintenanceRecommendation"."PreferredWindowStart" IS 'Time at which FailureProb reaches 0.2, UTC';

COMMENT ON COLUMN "ACM_MaintenanceRecommendation"."PreferredWindowEnd" IS 'Time at which FailureProb reaches 0.5, UTC';

COMMENT ON COLUMN "ACM_MaintenanceRecommendation"."FailureProbAtWindowEnd" IS 'FailureProb at PreferredWindowEnd, 0-1';

COMMENT ON COLUMN "ACM_MaintenanceRecommendation"."Comment" IS 'Text with the reason';
