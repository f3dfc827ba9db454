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
    CONSTRAINT "PK_ACM_SensorDaily" PRIMARY KEY ("EquipID", "AsOf", "SensorName"),
    CONSTRAINT "CK_ACM_SensorDaily_SensorName" CHECK (length("SensorName") <= 255),
    CONSTRAINT "CK_ACM_SensorDaily_MaxSignedZ" CHECK (isfinite("MaxSignedZ")),
    CONSTRAINT "CK_ACM_SensorDaily_ValueAtPeak" CHECK (isfinite("ValueAtPeak")),
    CONSTRAINT "CK_ACM_SensorDaily_LatestSignedZ" CHECK (isfinite("LatestSignedZ")),
    CONSTRAINT "CK_ACM_SensorDaily_LatestValue" CHECK (isfinite("LatestValue"))
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
