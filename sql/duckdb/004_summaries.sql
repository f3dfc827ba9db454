-- Rendered by acm_etl.load.ddl from acm_etl/tables, schema version 1: do not edit.

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

COMMENT ON TABLE "ACM_SensorDaily" IS 'What each sensor did on one local day: the base of the sensor summaries';

COMMENT ON COLUMN "ACM_SensorDaily"."RunID" IS 'Run that wrote the row (RunLog.RunID)';

COMMENT ON COLUMN "ACM_SensorDaily"."EquipID" IS 'Machine (Equipment.EquipID)';

COMMENT ON COLUMN "ACM_SensorDaily"."AsOf" IS 'Local day of the machine, as the UTC time at which it starts';

COMMENT ON COLUMN "ACM_SensorDaily"."SensorName" IS 'Tag';

COMMENT ON COLUMN "ACM_SensorDaily"."Readings" IS 'Readings of the day';

COMMENT ON COLUMN "ACM_SensorDaily"."Nulls" IS 'Readings without a usable value, whatever the reason';

COMMENT ON COLUMN "ACM_SensorDaily"."LongestGap" IS 'Longest run of unusable values that reaches into the day, readings';

COMMENT ON COLUMN "ACM_SensorDaily"."LongestFlat" IS 'Longest run of equal values that reaches into the day, readings';

COMMENT ON COLUMN "ACM_SensorDaily"."AboveWarnCount" IS 'Readings with |z| >= 2';

COMMENT ON COLUMN "ACM_SensorDaily"."AboveAlertCount" IS 'Readings with |z| >= 3';

COMMENT ON COLUMN "ACM_SensorDaily"."MaxTimestamp" IS 'Time of the largest |z|, UTC';

COMMENT ON COLUMN "ACM_SensorDaily"."MaxSignedZ" IS 'z at that time';

COMMENT ON COLUMN "ACM_SensorDaily"."ValueAtPeak" IS 'Reading at that time';

COMMENT ON COLUMN "ACM_SensorDaily"."LatestTimestamp" IS 'Last usable reading, UTC';

COMMENT ON COLUMN "ACM_SensorDaily"."LatestSignedZ" IS 'z at that time';

COMMENT ON COLUMN "ACM_SensorDaily"."LatestValue" IS 'Reading at that time';

COMMENT ON COLUMN "ACM_SensorDaily"."BaselineCount" IS 'Usable readings in state on with fused z below 2 and no alarm';

COMMENT ON COLUMN "ACM_SensorDaily"."BaselineMean" IS 'Mean of those readings, unit of the tag';

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

COMMENT ON TABLE "ACM_SensorHotspots" IS 'Sensors that stood out (largest |z| >= 2) in the trailing days';

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

COMMENT ON TABLE "ACM_DataQuality" IS 'Usability of each sensor in the trailing days';

COMMENT ON COLUMN "ACM_DataQuality"."RunID" IS 'Run that wrote the row (RunLog.RunID)';

COMMENT ON COLUMN "ACM_DataQuality"."EquipID" IS 'Machine (Equipment.EquipID)';

COMMENT ON COLUMN "ACM_DataQuality"."AsOf" IS 'Local day of the machine, as the UTC time at which it starts; the summary includes that day';

COMMENT ON COLUMN "ACM_DataQuality"."SensorName" IS 'Tag';

COMMENT ON COLUMN "ACM_DataQuality"."CheckName" IS 'Check that was made';

COMMENT ON COLUMN "ACM_DataQuality"."CheckResult" IS 'FAIL if all or 80 % unusable, WARN from 10 % or flat';

COMMENT ON COLUMN "ACM_DataQuality"."Readings" IS 'Readings';

COMMENT ON COLUMN "ACM_DataQuality"."Nulls" IS 'Readings without a usable value';

COMMENT ON COLUMN "ACM_DataQuality"."NullPct" IS '100 * Nulls / Readings';

COMMENT ON COLUMN "ACM_DataQuality"."LongestGap" IS 'Longest run of unusable values, readings';

COMMENT ON COLUMN "ACM_DataQuality"."LongestFlat" IS 'Longest run of equal values, readings';

COMMENT ON COLUMN "ACM_DataQuality"."Notes" IS 'What was found, in words';

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

COMMENT ON TABLE "ACM_DefectSummary" IS 'Where the machine stands at the end of the day';

COMMENT ON COLUMN "ACM_DefectSummary"."RunID" IS 'Run that wrote the row (RunLog.RunID)';

COMMENT ON COLUMN "ACM_DefectSummary"."EquipID" IS 'Machine (Equipment.EquipID)';

COMMENT ON COLUMN "ACM_DefectSummary"."AsOf" IS 'Local day of the machine, as the UTC time at which it starts; the summary includes that day';

COMMENT ON COLUMN "ACM_DefectSummary"."Status" IS 'By the last health of the day';

COMMENT ON COLUMN "ACM_DefectSummary"."Severity" IS 'LOW, MEDIUM, HIGH correspondingly';

COMMENT ON COLUMN "ACM_DefectSummary"."CurrentHealth" IS 'Last health, 0-100';

COMMENT ON COLUMN "ACM_DefectSummary"."AvgHealth" IS 'Mean health of the trailing days';

COMMENT ON COLUMN "ACM_DefectSummary"."MinHealth" IS 'Lowest health of the trailing days';

COMMENT ON COLUMN "ACM_DefectSummary"."EpisodeCount" IS 'Episodes that started in the trailing days';

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

COMMENT ON TABLE "ACM_EpisodeMetrics" IS 'Episodes that started in the trailing days';

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

COMMENT ON TABLE "ACM_RegimeOccupancy" IS 'Time spent in each regime in the trailing days';

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

COMMENT ON TABLE "ACM_RegimeTransitions" IS 'Changes of regime in the trailing days';

COMMENT ON COLUMN "ACM_RegimeTransitions"."RunID" IS 'Run that wrote the row (RunLog.RunID)';

COMMENT ON COLUMN "ACM_RegimeTransitions"."EquipID" IS 'Machine (Equipment.EquipID)';

COMMENT ON COLUMN "ACM_RegimeTransitions"."AsOf" IS 'Local day of the machine, as the UTC time at which it starts; the summary includes that day';

COMMENT ON COLUMN "ACM_RegimeTransitions"."FromLabel" IS 'Regime before';

COMMENT ON COLUMN "ACM_RegimeTransitions"."ToLabel" IS 'Regime after';

COMMENT ON COLUMN "ACM_RegimeTransitions"."Count" IS 'Changes';

COMMENT ON COLUMN "ACM_RegimeTransitions"."Prob" IS 'Count / all changes out of FromLabel: sums to 1 per FromLabel';

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
    CONSTRAINT "PK_ACM_CalibrationSummary" PRIMARY KEY ("EquipID", "ModelVersion", "DetectorType", "OperatingState"),
    CONSTRAINT "CK_ACM_CalibrationSummary_DetectorType" CHECK ("DetectorType" IN ('ar1_z', 'pca_spe_z', 'pca_t2_z', 'mhal_z', 'iforest_z', 'gmm_z', 'omr_z', 'mewma_z', 'fused')),
    CONSTRAINT "CK_ACM_CalibrationSummary_OperatingState" CHECK ("OperatingState" IN ('off', 'transient', 'on')),
    CONSTRAINT "CK_ACM_CalibrationSummary_MeanZ" CHECK (isfinite("MeanZ")),
    CONSTRAINT "CK_ACM_CalibrationSummary_StdZ" CHECK (isfinite("StdZ")),
    CONSTRAINT "CK_ACM_CalibrationSummary_P95Z" CHECK (isfinite("P95Z")),
    CONSTRAINT "CK_ACM_CalibrationSummary_P99Z" CHECK (isfinite("P99Z")),
    CONSTRAINT "CK_ACM_CalibrationSummary_ClipZ" CHECK (isfinite("ClipZ")),
    CONSTRAINT "CK_ACM_CalibrationSummary_SaturationPct" CHECK (isfinite("SaturationPct")),
    CONSTRAINT "CK_ACM_CalibrationSummary_MahalCondNum" CHECK (isfinite("MahalCondNum"))
);

COMMENT ON TABLE "ACM_CalibrationSummary" IS 'How each head behaves on the calibration readings of a model version (readings that were not fitted)';

COMMENT ON COLUMN "ACM_CalibrationSummary"."RunID" IS 'Run that wrote the row (RunLog.RunID)';

COMMENT ON COLUMN "ACM_CalibrationSummary"."EquipID" IS 'Machine (Equipment.EquipID)';

COMMENT ON COLUMN "ACM_CalibrationSummary"."ModelVersion" IS 'Model version';

COMMENT ON COLUMN "ACM_CalibrationSummary"."DetectorType" IS 'Detector head, or fused';

COMMENT ON COLUMN "ACM_CalibrationSummary"."OperatingState" IS 'State the calibration is for';

COMMENT ON COLUMN "ACM_CalibrationSummary"."CalibrationRows" IS 'Readings calibrated on';

COMMENT ON COLUMN "ACM_CalibrationSummary"."Pooled" IS 'Fewer than 5,000 readings: the tail is pooled or extrapolated, take z with care';

COMMENT ON COLUMN "ACM_CalibrationSummary"."MeanZ" IS 'Mean z';

COMMENT ON COLUMN "ACM_CalibrationSummary"."StdZ" IS 'Standard deviation of z';

COMMENT ON COLUMN "ACM_CalibrationSummary"."P95Z" IS '95th percentile of z';

COMMENT ON COLUMN "ACM_CalibrationSummary"."P99Z" IS '99th percentile of z';

COMMENT ON COLUMN "ACM_CalibrationSummary"."ClipZ" IS 'Sensors are clipped at this many robust standard deviations';

COMMENT ON COLUMN "ACM_CalibrationSummary"."SaturationPct" IS 'Share of sensor readings at the clip, percent';

COMMENT ON COLUMN "ACM_CalibrationSummary"."MahalCondNum" IS 'Condition number of the covariance (mhal_z only)';

CREATE TABLE IF NOT EXISTS "ACM_ModelTags" (
    "RunID" UUID NOT NULL,
    "EquipID" INTEGER NOT NULL,
    "ModelVersion" INTEGER NOT NULL,
    "TagName" VARCHAR NOT NULL,
    "Ordinal" INTEGER NOT NULL,
    "Used" BOOLEAN NOT NULL,
    "Reason" VARCHAR NULL,
    CONSTRAINT "PK_ACM_ModelTags" PRIMARY KEY ("EquipID", "ModelVersion", "TagName"),
    CONSTRAINT "CK_ACM_ModelTags_TagName" CHECK (length("TagName") <= 255),
    CONSTRAINT "CK_ACM_ModelTags_Reason" CHECK (length("Reason") <= 200)
);

COMMENT ON TABLE "ACM_ModelTags" IS 'Tags a model version looks at, and why others are left out';

COMMENT ON COLUMN "ACM_ModelTags"."RunID" IS 'Run that wrote the row (RunLog.RunID)';

COMMENT ON COLUMN "ACM_ModelTags"."EquipID" IS 'Machine (Equipment.EquipID)';

COMMENT ON COLUMN "ACM_ModelTags"."ModelVersion" IS 'Model version';

COMMENT ON COLUMN "ACM_ModelTags"."TagName" IS 'Tag';

COMMENT ON COLUMN "ACM_ModelTags"."Ordinal" IS 'Position in the historian table, from 0';

COMMENT ON COLUMN "ACM_ModelTags"."Used" IS 'Whether the tag is scored';

COMMENT ON COLUMN "ACM_ModelTags"."Reason" IS 'Why it is not';

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

COMMENT ON COLUMN "ACM_HealthDaily"."AssessedCount" IS 'Readings that have a health';

COMMENT ON COLUMN "ACM_HealthDaily"."GoodCount" IS 'Readings in zone GOOD';

COMMENT ON COLUMN "ACM_HealthDaily"."WatchCount" IS 'Readings in zone WATCH';

COMMENT ON COLUMN "ACM_HealthDaily"."AlertCount" IS 'Readings in zone ALERT';

COMMENT ON COLUMN "ACM_HealthDaily"."AlarmCount" IS 'Readings at which the alarm rule holds';

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

COMMENT ON TABLE "ACM_DetectorDaily" IS 'What each detector head said on one local day';

COMMENT ON COLUMN "ACM_DetectorDaily"."RunID" IS 'Run that wrote the row (RunLog.RunID)';

COMMENT ON COLUMN "ACM_DetectorDaily"."EquipID" IS 'Machine (Equipment.EquipID)';

COMMENT ON COLUMN "ACM_DetectorDaily"."AsOf" IS 'Local day of the machine, as the UTC time at which it starts';

COMMENT ON COLUMN "ACM_DetectorDaily"."DetectorType" IS 'Detector head';

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

COMMENT ON TABLE "ACM_SinceWhen" IS 'Since when the alarm rule holds at the end of the day, or since when it does not';

COMMENT ON COLUMN "ACM_SinceWhen"."RunID" IS 'Run that wrote the row (RunLog.RunID)';

COMMENT ON COLUMN "ACM_SinceWhen"."EquipID" IS 'Machine (Equipment.EquipID)';

COMMENT ON COLUMN "ACM_SinceWhen"."AsOf" IS 'Local day of the machine, as the UTC time at which it starts; the summary includes that day';

COMMENT ON COLUMN "ACM_SinceWhen"."AlertZone" IS 'ALERT where the alarm rule holds at the last assessed one';

COMMENT ON COLUMN "ACM_SinceWhen"."StartTimestamp" IS 'First assessed reading since which nothing has changed, UTC';

COMMENT ON COLUMN "ACM_SinceWhen"."LastTimestamp" IS 'Last assessed reading, UTC';

COMMENT ON COLUMN "ACM_SinceWhen"."DurationHours" IS 'LastTimestamp - StartTimestamp, hours';

COMMENT ON COLUMN "ACM_SinceWhen"."RecordCount" IS 'Assessed readings in between, both included';

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

COMMENT ON TABLE "ACM_SensorDefects" IS 'Detector heads over the trailing days: how often each went beyond z = 2';

COMMENT ON COLUMN "ACM_SensorDefects"."RunID" IS 'Run that wrote the row (RunLog.RunID)';

COMMENT ON COLUMN "ACM_SensorDefects"."EquipID" IS 'Machine (Equipment.EquipID)';

COMMENT ON COLUMN "ACM_SensorDefects"."AsOf" IS 'Local day of the machine, as the UTC time at which it starts; the summary includes that day';

COMMENT ON COLUMN "ACM_SensorDefects"."DetectorType" IS 'Detector head';

COMMENT ON COLUMN "ACM_SensorDefects"."DetectorFamily" IS 'Key of ACM_DetectorMetadata';

COMMENT ON COLUMN "ACM_SensorDefects"."Severity" IS 'CRITICAL above 20 %, HIGH above 10 %, MEDIUM above 5 %, else LOW';

COMMENT ON COLUMN "ACM_SensorDefects"."ViolationCount" IS 'Readings with z >= 2';

COMMENT ON COLUMN "ACM_SensorDefects"."ViolationPct" IS '100 * ViolationCount / assessed readings';

COMMENT ON COLUMN "ACM_SensorDefects"."MaxZ" IS 'Highest z';

COMMENT ON COLUMN "ACM_SensorDefects"."AvgZ" IS 'Mean z';

COMMENT ON COLUMN "ACM_SensorDefects"."CurrentZ" IS 'z of the last assessed reading';

COMMENT ON COLUMN "ACM_SensorDefects"."ActiveDefect" IS 'The last assessed reading has z >= 2';

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

COMMENT ON TABLE "ACM_SensorRanking" IS 'Sensors by their last deviation of the day';

COMMENT ON COLUMN "ACM_SensorRanking"."RunID" IS 'Run that wrote the row (RunLog.RunID)';

COMMENT ON COLUMN "ACM_SensorRanking"."EquipID" IS 'Machine (Equipment.EquipID)';

COMMENT ON COLUMN "ACM_SensorRanking"."AsOf" IS 'Local day of the machine, as the UTC time at which it starts; the summary includes that day';

COMMENT ON COLUMN "ACM_SensorRanking"."SensorName" IS 'Tag';

COMMENT ON COLUMN "ACM_SensorRanking"."RankPosition" IS '1 = largest |z|';

COMMENT ON COLUMN "ACM_SensorRanking"."ContributionPct" IS '100 * |z| / sum of |z| over the sensors';

COMMENT ON COLUMN "ACM_SensorRanking"."ZScore" IS '|z| from the training centre, robust standard deviations';

COMMENT ON COLUMN "ACM_SensorRanking"."DetectorType" IS 'Head with the highest z at the last assessed reading of the day';

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

COMMENT ON TABLE "ACM_DetectorCorrelation" IS 'How alike two detector heads are over the trailing days';

COMMENT ON COLUMN "ACM_DetectorCorrelation"."RunID" IS 'Run that wrote the row (RunLog.RunID)';

COMMENT ON COLUMN "ACM_DetectorCorrelation"."EquipID" IS 'Machine (Equipment.EquipID)';

COMMENT ON COLUMN "ACM_DetectorCorrelation"."AsOf" IS 'Local day of the machine, as the UTC time at which it starts; the summary includes that day';

COMMENT ON COLUMN "ACM_DetectorCorrelation"."DetectorA" IS 'Detector head';

COMMENT ON COLUMN "ACM_DetectorCorrelation"."DetectorB" IS 'A later head in stored order';

COMMENT ON COLUMN "ACM_DetectorCorrelation"."PearsonR" IS 'Correlation of their z, -1 to 1; NULL where one of them does not vary';

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

COMMENT ON TABLE "ACM_HealthHistogram" IS 'How health is spread over the trailing days: ten bins of ten, the last with both ends';

COMMENT ON COLUMN "ACM_HealthHistogram"."RunID" IS 'Run that wrote the row (RunLog.RunID)';

COMMENT ON COLUMN "ACM_HealthHistogram"."EquipID" IS 'Machine (Equipment.EquipID)';

COMMENT ON COLUMN "ACM_HealthHistogram"."AsOf" IS 'Local day of the machine, as the UTC time at which it starts; the summary includes that day';

COMMENT ON COLUMN "ACM_HealthHistogram"."HealthBin" IS 'Health from (included) and to (excluded)';

COMMENT ON COLUMN "ACM_HealthHistogram"."RecordCount" IS 'Readings in the bin';

COMMENT ON COLUMN "ACM_HealthHistogram"."Percentage" IS '100 * RecordCount / readings that have a health';

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

COMMENT ON TABLE "ACM_RegimeDwellStats" IS 'How long the machine stays in each regime, by its stretches within the trailing days';

COMMENT ON COLUMN "ACM_RegimeDwellStats"."RunID" IS 'Run that wrote the row (RunLog.RunID)';

COMMENT ON COLUMN "ACM_RegimeDwellStats"."EquipID" IS 'Machine (Equipment.EquipID)';

COMMENT ON COLUMN "ACM_RegimeDwellStats"."AsOf" IS 'Local day of the machine, as the UTC time at which it starts; the summary includes that day';

COMMENT ON COLUMN "ACM_RegimeDwellStats"."RegimeLabel" IS 'Operating regime';

COMMENT ON COLUMN "ACM_RegimeDwellStats"."Runs" IS 'Stretches';

COMMENT ON COLUMN "ACM_RegimeDwellStats"."MeanSeconds" IS 'Mean time from the first to the last reading of a stretch, seconds';

COMMENT ON COLUMN "ACM_RegimeDwellStats"."MedianSeconds" IS 'Median of it, seconds';

COMMENT ON COLUMN "ACM_RegimeDwellStats"."MinSeconds" IS 'Shortest, seconds';

COMMENT ON COLUMN "ACM_RegimeDwellStats"."MaxSeconds" IS 'Longest, seconds';

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

COMMENT ON TABLE "ACM_RegimeStability" IS 'How steady the regimes are over the trailing days';

COMMENT ON COLUMN "ACM_RegimeStability"."RunID" IS 'Run that wrote the row (RunLog.RunID)';

COMMENT ON COLUMN "ACM_RegimeStability"."EquipID" IS 'Machine (Equipment.EquipID)';

COMMENT ON COLUMN "ACM_RegimeStability"."AsOf" IS 'Local day of the machine, as the UTC time at which it starts; the summary includes that day';

COMMENT ON COLUMN "ACM_RegimeStability"."MetricName" IS 'churn_rate: percent of the readings; total_transitions: changes; avg_dwell_periods and median_dwell_periods: readings per stretch';

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

COMMENT ON COLUMN "ACM_PCA_Models"."ScalingSpecJSON" IS 'JSON: how readings are scaled before';

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

COMMENT ON TABLE "ACM_PCA_Loadings" IS 'What each tag adds to each component';

COMMENT ON COLUMN "ACM_PCA_Loadings"."RunID" IS 'Run that wrote the row (RunLog.RunID)';

COMMENT ON COLUMN "ACM_PCA_Loadings"."EquipID" IS 'Machine (Equipment.EquipID)';

COMMENT ON COLUMN "ACM_PCA_Loadings"."ModelVersion" IS 'Model version';

COMMENT ON COLUMN "ACM_PCA_Loadings"."EntryDateTime" IS 'Last reading of the training, UTC';

COMMENT ON COLUMN "ACM_PCA_Loadings"."ComponentNo" IS 'Component, 1 = largest variance';

COMMENT ON COLUMN "ACM_PCA_Loadings"."ComponentID" IS 'PC and ComponentNo';

COMMENT ON COLUMN "ACM_PCA_Loadings"."Sensor" IS 'Tag';

COMMENT ON COLUMN "ACM_PCA_Loadings"."FeatureName" IS 'Sensor, under V8''s other name';

COMMENT ON COLUMN "ACM_PCA_Loadings"."Loading" IS 'Entry of the unit direction, -1 to 1';

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

COMMENT ON TABLE "ACM_PCA_Metrics" IS 'How well the components stand for the readings';

COMMENT ON COLUMN "ACM_PCA_Metrics"."RunID" IS 'Run that wrote the row (RunLog.RunID)';

COMMENT ON COLUMN "ACM_PCA_Metrics"."EquipID" IS 'Machine (Equipment.EquipID)';

COMMENT ON COLUMN "ACM_PCA_Metrics"."ModelVersion" IS 'Model version';

COMMENT ON COLUMN "ACM_PCA_Metrics"."EntryDateTime" IS 'Last reading of the training, UTC';

COMMENT ON COLUMN "ACM_PCA_Metrics"."Var90_N" IS 'Components that explain 90 % of the variance';

COMMENT ON COLUMN "ACM_PCA_Metrics"."ReconRMSE" IS 'Root mean square of what the kept components leave, robust standard deviations per tag';

COMMENT ON COLUMN "ACM_PCA_Metrics"."P95_ReconRMSE" IS '95th percentile of it over readings that were not fitted';

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

COMMENT ON TABLE "ACM_OMR_Diagnostics" IS 'How well each tag follows from the others in a model version';

COMMENT ON COLUMN "ACM_OMR_Diagnostics"."RunID" IS 'Run that wrote the row (RunLog.RunID)';

COMMENT ON COLUMN "ACM_OMR_Diagnostics"."EquipID" IS 'Machine (Equipment.EquipID)';

COMMENT ON COLUMN "ACM_OMR_Diagnostics"."ModelVersion" IS 'Model version';

COMMENT ON COLUMN "ACM_OMR_Diagnostics"."SensorName" IS 'Tag';

COMMENT ON COLUMN "ACM_OMR_Diagnostics"."ResidualStd" IS 'Standard deviation of the tag given all others, robust standard deviations, floored';

COMMENT ON COLUMN "ACM_OMR_Diagnostics"."ExplainedPct" IS 'Share of the tag''s variance that the others explain, percent';

COMMENT ON COLUMN "ACM_OMR_Diagnostics"."Persistence" IS 'Correlation of successive residuals';

COMMENT ON COLUMN "ACM_OMR_Diagnostics"."BestPredictor" IS 'Other tag with the largest weight; NULL where there is none';

COMMENT ON COLUMN "ACM_OMR_Diagnostics"."BestWeight" IS 'Its weight: change of the tag per change of that one, in robust standard deviations';

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

COMMENT ON TABLE "ACM_HealthForecast_TS" IS 'Health of the days to come, as of the end of the day';

COMMENT ON COLUMN "ACM_HealthForecast_TS"."RunID" IS 'Run that wrote the row (RunLog.RunID)';

COMMENT ON COLUMN "ACM_HealthForecast_TS"."EquipID" IS 'Machine (Equipment.EquipID)';

COMMENT ON COLUMN "ACM_HealthForecast_TS"."AsOf" IS 'Local day of the machine, as the UTC time at which it starts; the summary includes that day';

COMMENT ON COLUMN "ACM_HealthForecast_TS"."Timestamp" IS 'Time the forecast is for, UTC';

COMMENT ON COLUMN "ACM_HealthForecast_TS"."HorizonHours" IS 'From the end of the day to that time, hours';

COMMENT ON COLUMN "ACM_HealthForecast_TS"."ForecastHealth" IS 'Median of what a day''s median health will be, 0-100';

COMMENT ON COLUMN "ACM_HealthForecast_TS"."CiLower" IS 'It is lower in one case of ten, 0-100';

COMMENT ON COLUMN "ACM_HealthForecast_TS"."CiUpper" IS 'It is higher in one case of ten, 0-100';

COMMENT ON COLUMN "ACM_HealthForecast_TS"."ForecastStd" IS '(CiUpper - CiLower) / 2.563, never falls with the horizon';

COMMENT ON COLUMN "ACM_HealthForecast_TS"."Method" IS 'trend where health is falling for sure, else level';

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

COMMENT ON TABLE "ACM_FailureForecast_TS" IS 'Probability that health has fallen below the threshold by then, never decreasing with the horizon';

COMMENT ON COLUMN "ACM_FailureForecast_TS"."RunID" IS 'Run that wrote the row (RunLog.RunID)';

COMMENT ON COLUMN "ACM_FailureForecast_TS"."EquipID" IS 'Machine (Equipment.EquipID)';

COMMENT ON COLUMN "ACM_FailureForecast_TS"."AsOf" IS 'Local day of the machine, as the UTC time at which it starts; the summary includes that day';

COMMENT ON COLUMN "ACM_FailureForecast_TS"."Timestamp" IS 'Time the forecast is for, UTC';

COMMENT ON COLUMN "ACM_FailureForecast_TS"."HorizonHours" IS 'From the end of the day to that time, hours';

COMMENT ON COLUMN "ACM_FailureForecast_TS"."FailureProb" IS 'Probability that the level of health has passed ThresholdUsed by then, 0-1';

COMMENT ON COLUMN "ACM_FailureForecast_TS"."ThresholdUsed" IS 'Health below which the machine counts as failed';

COMMENT ON COLUMN "ACM_FailureForecast_TS"."Method" IS 'trend where health is falling for sure, else level';

CREATE TABLE IF NOT EXISTS "ACM_RUL_TS" (
    "RunID" UUID NOT NULL,
    "EquipID" INTEGER NOT NULL,
    "AsOf" TIMESTAMP_MS NOT NULL,
    "Timestamp" TIMESTAMP_MS NOT NULL,
    "HorizonHours" DOUBLE NOT NULL,
    "RUL_Hours" DOUBLE NOT NULL,
    "LowerBound" DOUBLE NULL,
    "UpperBound" DOUBLE NULL,
    "Confidence" DOUBLE NULL,
    "Method" VARCHAR NOT NULL,
    CONSTRAINT "PK_ACM_RUL_TS" PRIMARY KEY ("EquipID", "AsOf", "Timestamp"),
    CONSTRAINT "CK_ACM_RUL_TS_HorizonHours" CHECK (isfinite("HorizonHours")),
    CONSTRAINT "CK_ACM_RUL_TS_RUL_Hours" CHECK (isfinite("RUL_Hours")),
    CONSTRAINT "CK_ACM_RUL_TS_LowerBound" CHECK (isfinite("LowerBound")),
    CONSTRAINT "CK_ACM_RUL_TS_UpperBound" CHECK (isfinite("UpperBound")),
    CONSTRAINT "CK_ACM_RUL_TS_Confidence" CHECK (isfinite("Confidence")),
    CONSTRAINT "CK_ACM_RUL_TS_Method" CHECK ("Method" IN ('level', 'trend'))
);

COMMENT ON TABLE "ACM_RUL_TS" IS 'Remaining useful life counted down over the horizon; no rows where nothing degrades';

COMMENT ON COLUMN "ACM_RUL_TS"."RunID" IS 'Run that wrote the row (RunLog.RunID)';

COMMENT ON COLUMN "ACM_RUL_TS"."EquipID" IS 'Machine (Equipment.EquipID)';

COMMENT ON COLUMN "ACM_RUL_TS"."AsOf" IS 'Local day of the machine, as the UTC time at which it starts; the summary includes that day';

COMMENT ON COLUMN "ACM_RUL_TS"."Timestamp" IS 'Time the forecast is for, UTC';

COMMENT ON COLUMN "ACM_RUL_TS"."HorizonHours" IS 'From the end of the day to that time, hours';

COMMENT ON COLUMN "ACM_RUL_TS"."RUL_Hours" IS 'RUL_Hours of the summary less HorizonHours, not below 0';

COMMENT ON COLUMN "ACM_RUL_TS"."LowerBound" IS 'The same of its lower bound';

COMMENT ON COLUMN "ACM_RUL_TS"."UpperBound" IS 'The same of its upper bound; NULL where it has none';

COMMENT ON COLUMN "ACM_RUL_TS"."Confidence" IS 'Confidence of the summary';

COMMENT ON COLUMN "ACM_RUL_TS"."Method" IS 'trend where health is falling for sure, else level';

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

COMMENT ON TABLE "ACM_RUL_Summary" IS 'Whether the machine degrades, and how long until health falls below the threshold';

COMMENT ON COLUMN "ACM_RUL_Summary"."RunID" IS 'Run that wrote the row (RunLog.RunID)';

COMMENT ON COLUMN "ACM_RUL_Summary"."EquipID" IS 'Machine (Equipment.EquipID)';

COMMENT ON COLUMN "ACM_RUL_Summary"."AsOf" IS 'Local day of the machine, as the UTC time at which it starts; the summary includes that day';

COMMENT ON COLUMN "ACM_RUL_Summary"."IssuedAt" IS 'End of the day, UTC: hours count from here';

COMMENT ON COLUMN "ACM_RUL_Summary"."Status" IS 'STABLE; DEGRADING: health falls for sure; BELOW: below the threshold, falls no more; UNKNOWN: too few days';

COMMENT ON COLUMN "ACM_RUL_Summary"."RUL_Hours" IS 'Median time to the threshold, hours; 0 where passed; NULL where nothing degrades';

COMMENT ON COLUMN "ACM_RUL_Summary"."LowerBound" IS 'It is passed earlier in one case of ten, hours';

COMMENT ON COLUMN "ACM_RUL_Summary"."UpperBound" IS 'It is passed later in one case of ten, hours; NULL where that is past 180 days';

COMMENT ON COLUMN "ACM_RUL_Summary"."Confidence" IS 'Probability that it is passed between half of RUL_Hours and twice as much, 0-1';

COMMENT ON COLUMN "ACM_RUL_Summary"."FailureTime" IS 'IssuedAt + RUL_Hours, at the next time of the forecast, UTC';

COMMENT ON COLUMN "ACM_RUL_Summary"."TrendStart" IS 'Start of the first day since the last shift of the level (repair, change), UTC';

COMMENT ON COLUMN "ACM_RUL_Summary"."TrendDays" IS 'Days with a level since then';

COMMENT ON COLUMN "ACM_RUL_Summary"."HealthNow" IS 'Health at the end of the day as the curves have it, 0-100';

COMMENT ON COLUMN "ACM_RUL_Summary"."ZPerDay" IS 'By how much the fused z changes per day now';

COMMENT ON COLUMN "ACM_RUL_Summary"."RisingProb" IS 'Weight of the curves that rise, 0-1: DEGRADING needs 0.8';

COMMENT ON COLUMN "ACM_RUL_Summary"."FailureProb24h" IS 'FailureProb of the next 24 hours';

COMMENT ON COLUMN "ACM_RUL_Summary"."FailureProb7d" IS 'FailureProb of the next seven days';

COMMENT ON COLUMN "ACM_RUL_Summary"."FailureProb30d" IS 'FailureProb of the next thirty days';

COMMENT ON COLUMN "ACM_RUL_Summary"."ThresholdUsed" IS 'Health below which the machine counts as failed';

COMMENT ON COLUMN "ACM_RUL_Summary"."Method" IS 'trend where health is falling for sure, else level';

COMMENT ON COLUMN "ACM_RUL_Summary"."LastUpdate" IS 'Last reading with a health, UTC';

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

COMMENT ON TABLE "ACM_RUL_Attribution" IS 'Sensors that will have carried the machine to the threshold, strongest first; no rows where nothing degrades';

COMMENT ON COLUMN "ACM_RUL_Attribution"."RunID" IS 'Run that wrote the row (RunLog.RunID)';

COMMENT ON COLUMN "ACM_RUL_Attribution"."EquipID" IS 'Machine (Equipment.EquipID)';

COMMENT ON COLUMN "ACM_RUL_Attribution"."AsOf" IS 'Local day of the machine, as the UTC time at which it starts; the summary includes that day';

COMMENT ON COLUMN "ACM_RUL_Attribution"."FailureTime" IS 'As in the summary, UTC';

COMMENT ON COLUMN "ACM_RUL_Attribution"."SensorName" IS 'Tag';

COMMENT ON COLUMN "ACM_RUL_Attribution"."FailureContribution" IS 'Its share of the |z| that all sensors have gained by then, 0-1';

COMMENT ON COLUMN "ACM_RUL_Attribution"."ZScoreAtFailure" IS 'Its deviation then, in robust standard deviations of training';

COMMENT ON COLUMN "ACM_RUL_Attribution"."AlertCount" IS 'Readings with |z| >= 3 since TrendStart';

COMMENT ON COLUMN "ACM_RUL_Attribution"."Comment" IS 'Where it comes from and how fast, in words';

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

COMMENT ON TABLE "ACM_SensorForecast_TS" IS 'The five sensors with the largest |z| of the trailing days, in the days to come';

COMMENT ON COLUMN "ACM_SensorForecast_TS"."RunID" IS 'Run that wrote the row (RunLog.RunID)';

COMMENT ON COLUMN "ACM_SensorForecast_TS"."EquipID" IS 'Machine (Equipment.EquipID)';

COMMENT ON COLUMN "ACM_SensorForecast_TS"."AsOf" IS 'Local day of the machine, as the UTC time at which it starts; the summary includes that day';

COMMENT ON COLUMN "ACM_SensorForecast_TS"."Timestamp" IS 'Time the forecast is for, UTC';

COMMENT ON COLUMN "ACM_SensorForecast_TS"."HorizonHours" IS 'From the end of the day to that time, hours';

COMMENT ON COLUMN "ACM_SensorForecast_TS"."SensorName" IS 'Tag';

COMMENT ON COLUMN "ACM_SensorForecast_TS"."ForecastValue" IS 'Median of what the last reading of a day will be, in the unit of the tag';

COMMENT ON COLUMN "ACM_SensorForecast_TS"."CiLower" IS 'It is lower in one case of ten';

COMMENT ON COLUMN "ACM_SensorForecast_TS"."CiUpper" IS 'It is higher in one case of ten';

COMMENT ON COLUMN "ACM_SensorForecast_TS"."ForecastStd" IS '(CiUpper - CiLower) / 2.563, never falls with the horizon';

COMMENT ON COLUMN "ACM_SensorForecast_TS"."Method" IS 'trend where the sensor moves for sure, else level';

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

COMMENT ON TABLE "ACM_MaintenanceRecommendation" IS 'When to look after the machine; no row for one that does not degrade and is above the threshold';

COMMENT ON COLUMN "ACM_MaintenanceRecommendation"."RunID" IS 'Run that wrote the row (RunLog.RunID)';

COMMENT ON COLUMN "ACM_MaintenanceRecommendation"."EquipID" IS 'Machine (Equipment.EquipID)';

COMMENT ON COLUMN "ACM_MaintenanceRecommendation"."AsOf" IS 'Local day of the machine, as the UTC time at which it starts; the summary includes that day';

COMMENT ON COLUMN "ACM_MaintenanceRecommendation"."EarliestMaintenance" IS 'FailureProb reaches 0.1, UTC';

COMMENT ON COLUMN "ACM_MaintenanceRecommendation"."PreferredWindowStart" IS 'FailureProb reaches 0.2, UTC';

COMMENT ON COLUMN "ACM_MaintenanceRecommendation"."PreferredWindowEnd" IS 'FailureProb reaches 0.5, UTC';

COMMENT ON COLUMN "ACM_MaintenanceRecommendation"."FailureProbAtWindowEnd" IS 'FailureProb at PreferredWindowEnd, 0-1';

COMMENT ON COLUMN "ACM_MaintenanceRecommendation"."Comment" IS 'Why, in words';
