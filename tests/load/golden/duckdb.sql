-- Equipment: merged
MERGE INTO "Equipment" AS t
USING "stage_1" AS s
ON t."EquipID" = s."EquipID"
WHEN MATCHED AND (s."EquipCode" IS DISTINCT FROM t."EquipCode" OR s."EquipName" IS DISTINCT FROM t."EquipName" OR s."Area" IS DISTINCT FROM t."Area" OR s."Unit" IS DISTINCT FROM t."Unit" OR s."TimeZone" IS DISTINCT FROM t."TimeZone" OR s."HistorianTable" IS DISTINCT FROM t."HistorianTable" OR s."TimeColumn" IS DISTINCT FROM t."TimeColumn")
  THEN UPDATE SET "EquipCode" = s."EquipCode", "EquipName" = s."EquipName", "Area" = s."Area", "Unit" = s."Unit", "TimeZone" = s."TimeZone", "HistorianTable" = s."HistorianTable", "TimeColumn" = s."TimeColumn", "CreatedAtUTC" = s."CreatedAtUTC"
WHEN NOT MATCHED BY TARGET
  THEN INSERT ("EquipID", "EquipCode", "EquipName", "Area", "Unit", "TimeZone", "HistorianTable", "TimeColumn", "CreatedAtUTC")
  VALUES (s."EquipID", s."EquipCode", s."EquipName", s."Area", s."Unit", s."TimeZone", s."HistorianTable", s."TimeColumn", s."CreatedAtUTC")
RETURNING merge_action;

-- ACM_TagEquipmentMap: merged
MERGE INTO "ACM_TagEquipmentMap" AS t
USING "stage_1" AS s
ON t."EquipID" = s."EquipID" AND t."TagName" = s."TagName"
WHEN MATCHED AND (s."EquipmentName" IS DISTINCT FROM t."EquipmentName" OR s."TagDescription" IS DISTINCT FROM t."TagDescription" OR s."TagUnit" IS DISTINCT FROM t."TagUnit" OR s."TagType" IS DISTINCT FROM t."TagType" OR s."IsActive" IS DISTINCT FROM t."IsActive")
  THEN UPDATE SET "EquipmentName" = s."EquipmentName", "TagDescription" = s."TagDescription", "TagUnit" = s."TagUnit", "TagType" = s."TagType", "IsActive" = s."IsActive", "CreatedAt" = s."CreatedAt"
WHEN NOT MATCHED BY TARGET
  THEN INSERT ("EquipID", "TagName", "EquipmentName", "TagDescription", "TagUnit", "TagType", "IsActive", "CreatedAt")
  VALUES (s."EquipID", s."TagName", s."EquipmentName", s."TagDescription", s."TagUnit", s."TagType", s."IsActive", s."CreatedAt")
RETURNING merge_action;

-- ACM_Config: merged
MERGE INTO "ACM_Config" AS t
USING "stage_1" AS s
ON t."EquipID" = s."EquipID" AND t."ParamPath" = s."ParamPath"
WHEN MATCHED AND (s."ParamValue" IS DISTINCT FROM t."ParamValue")
  THEN UPDATE SET "ParamValue" = s."ParamValue", "UpdatedAt" = s."UpdatedAt", "UpdatedBy" = s."UpdatedBy"
WHEN NOT MATCHED BY TARGET
  THEN INSERT ("EquipID", "ParamPath", "ParamValue", "UpdatedAt", "UpdatedBy")
  VALUES (s."EquipID", s."ParamPath", s."ParamValue", s."UpdatedAt", s."UpdatedBy")
RETURNING merge_action;

-- ACM_ConfigHistory: merged
MERGE INTO "ACM_ConfigHistory" AS t
USING "stage_1" AS s
ON t."EquipID" = s."EquipID" AND t."ParamPath" = s."ParamPath" AND t."Revision" = s."Revision"
WHEN MATCHED AND (s."OldValue" IS DISTINCT FROM t."OldValue" OR s."NewValue" IS DISTINCT FROM t."NewValue")
  THEN UPDATE SET "OldValue" = s."OldValue", "NewValue" = s."NewValue", "ChangedAt" = s."ChangedAt", "ChangedBy" = s."ChangedBy", "ChangeReason" = s."ChangeReason"
WHEN NOT MATCHED BY TARGET
  THEN INSERT ("EquipID", "ParamPath", "Revision", "OldValue", "NewValue", "ChangedAt", "ChangedBy", "ChangeReason")
  VALUES (s."EquipID", s."ParamPath", s."Revision", s."OldValue", s."NewValue", s."ChangedAt", s."ChangedBy", s."ChangeReason")
RETURNING merge_action;

-- ACM_DetectorMetadata: merged
MERGE INTO "ACM_DetectorMetadata" AS t
USING "stage_1" AS s
ON t."DetectorType" = s."DetectorType"
WHEN MATCHED AND (s."DetectorFamily" IS DISTINCT FROM t."DetectorFamily" OR s."ShortName" IS DISTINCT FROM t."ShortName" OR s."Explanation" IS DISTINCT FROM t."Explanation" OR s."OperatorHint" IS DISTINCT FROM t."OperatorHint")
  THEN UPDATE SET "DetectorFamily" = s."DetectorFamily", "ShortName" = s."ShortName", "Explanation" = s."Explanation", "OperatorHint" = s."OperatorHint"
WHEN NOT MATCHED BY TARGET
  THEN INSERT ("DetectorType", "DetectorFamily", "ShortName", "Explanation", "OperatorHint")
  VALUES (s."DetectorType", s."DetectorFamily", s."ShortName", s."Explanation", s."OperatorHint")
RETURNING merge_action;

-- ACM_Sources: merged
MERGE INTO "ACM_Sources" AS t
USING "stage_1" AS s
ON t."EquipID" = s."EquipID"
WHEN MATCHED AND (s."ObjectName" IS DISTINCT FROM t."ObjectName" OR s."Query" IS DISTINCT FROM t."Query" OR s."UrlSetting" IS DISTINCT FROM t."UrlSetting" OR s."Shape" IS DISTINCT FROM t."Shape" OR s."TimeColumn" IS DISTINCT FROM t."TimeColumn" OR s."Clock" IS DISTINCT FROM t."Clock" OR s."TagColumn" IS DISTINCT FROM t."TagColumn" OR s."ValueColumn" IS DISTINCT FROM t."ValueColumn" OR s."QualityColumn" IS DISTINCT FROM t."QualityColumn" OR s."QualityRule" IS DISTINCT FROM t."QualityRule" OR s."FilterColumn" IS DISTINCT FROM t."FilterColumn" OR s."FilterValue" IS DISTINCT FROM t."FilterValue" OR s."TagPatterns" IS DISTINCT FROM t."TagPatterns" OR s."ExcludedPatterns" IS DISTINCT FROM t."ExcludedPatterns" OR s."EveryMs" IS DISTINCT FROM t."EveryMs" OR s."Fill" IS DISTINCT FROM t."Fill" OR s."HoldMaxMs" IS DISTINCT FROM t."HoldMaxMs" OR s."Aggregate" IS DISTINCT FROM t."Aggregate")
  THEN UPDATE SET "ObjectName" = s."ObjectName", "Query" = s."Query", "UrlSetting" = s."UrlSetting", "Shape" = s."Shape", "TimeColumn" = s."TimeColumn", "Clock" = s."Clock", "TagColumn" = s."TagColumn", "ValueColumn" = s."ValueColumn", "QualityColumn" = s."QualityColumn", "QualityRule" = s."QualityRule", "FilterColumn" = s."FilterColumn", "FilterValue" = s."FilterValue", "TagPatterns" = s."TagPatterns", "ExcludedPatterns" = s."ExcludedPatterns", "EveryMs" = s."EveryMs", "Fill" = s."Fill", "HoldMaxMs" = s."HoldMaxMs", "Aggregate" = s."Aggregate", "UpdatedAt" = s."UpdatedAt"
WHEN NOT MATCHED BY TARGET
  THEN INSERT ("EquipID", "ObjectName", "Query", "UrlSetting", "Shape", "TimeColumn", "Clock", "TagColumn", "ValueColumn", "QualityColumn", "QualityRule", "FilterColumn", "FilterValue", "TagPatterns", "ExcludedPatterns", "EveryMs", "Fill", "HoldMaxMs", "Aggregate", "UpdatedAt")
  VALUES (s."EquipID", s."ObjectName", s."Query", s."UrlSetting", s."Shape", s."TimeColumn", s."Clock", s."TagColumn", s."ValueColumn", s."QualityColumn", s."QualityRule", s."FilterColumn", s."FilterValue", s."TagPatterns", s."ExcludedPatterns", s."EveryMs", s."Fill", s."HoldMaxMs", s."Aggregate", s."UpdatedAt")
RETURNING merge_action;

-- ACM_SchemaVersion: merged
MERGE INTO "ACM_SchemaVersion" AS t
USING "stage_1" AS s
ON t."Version" = s."Version" AND t."Name" = s."Name"
WHEN MATCHED AND (s."Hash" IS DISTINCT FROM t."Hash")
  THEN UPDATE SET "Hash" = s."Hash", "AppliedAt" = s."AppliedAt"
WHEN NOT MATCHED BY TARGET
  THEN INSERT ("Version", "Name", "Hash", "AppliedAt")
  VALUES (s."Version", s."Name", s."Hash", s."AppliedAt")
RETURNING merge_action;

-- RunLog: deleted
DELETE FROM "RunLog"
WHERE "RunLog"."EquipID" = ? AND "RunLog"."WindowStart" >= ? AND "RunLog"."WindowStart" < ?
  AND NOT EXISTS (SELECT 1 FROM "stage_1" AS s WHERE "RunLog"."RunID" = s."RunID");

-- RunLog: merged
MERGE INTO "RunLog" AS t
USING "stage_1" AS s
ON t."RunID" = s."RunID"
WHEN MATCHED AND (s."EquipID" IS DISTINCT FROM t."EquipID" OR s."Stage" IS DISTINCT FROM t."Stage" OR s."WindowStart" IS DISTINCT FROM t."WindowStart" OR s."WindowEnd" IS DISTINCT FROM t."WindowEnd" OR s."Outcome" IS DISTINCT FROM t."Outcome" OR s."Provisional" IS DISTINCT FROM t."Provisional" OR s."TickMinutes" IS DISTINCT FROM t."TickMinutes" OR s."ModelVersion" IS DISTINCT FROM t."ModelVersion" OR s."ConfigSignature" IS DISTINCT FROM t."ConfigSignature" OR s."RowsRead" IS DISTINCT FROM t."RowsRead" OR s."RowsWritten" IS DISTINCT FROM t."RowsWritten" OR s."InputHash" IS DISTINCT FROM t."InputHash")
  THEN UPDATE SET "EquipID" = s."EquipID", "Stage" = s."Stage", "WindowStart" = s."WindowStart", "WindowEnd" = s."WindowEnd", "Outcome" = s."Outcome", "Provisional" = s."Provisional", "TickMinutes" = s."TickMinutes", "ModelVersion" = s."ModelVersion", "ConfigSignature" = s."ConfigSignature", "RowsRead" = s."RowsRead", "RowsWritten" = s."RowsWritten", "InputHash" = s."InputHash", "Attempt" = s."Attempt", "AttemptStartedAt" = s."AttemptStartedAt", "StartedAt" = s."StartedAt", "CompletedAt" = s."CompletedAt", "ErrorMessage" = s."ErrorMessage", "Holder" = s."Holder", "Version" = s."Version"
WHEN NOT MATCHED BY TARGET
  THEN INSERT ("RunID", "EquipID", "Stage", "WindowStart", "WindowEnd", "Outcome", "Provisional", "TickMinutes", "ModelVersion", "ConfigSignature", "RowsRead", "RowsWritten", "InputHash", "Attempt", "AttemptStartedAt", "StartedAt", "CompletedAt", "ErrorMessage", "Holder", "Version")
  VALUES (s."RunID", s."EquipID", s."Stage", s."WindowStart", s."WindowEnd", s."Outcome", s."Provisional", s."TickMinutes", s."ModelVersion", s."ConfigSignature", s."RowsRead", s."RowsWritten", s."InputHash", s."Attempt", s."AttemptStartedAt", s."StartedAt", s."CompletedAt", s."ErrorMessage", s."Holder", s."Version")
RETURNING merge_action;

-- ACM_Runs: merged
MERGE INTO "ACM_Runs" AS t
USING "stage_1" AS s
ON t."RunID" = s."RunID"
WHEN MATCHED AND (s."EquipID" IS DISTINCT FROM t."EquipID" OR s."EquipName" IS DISTINCT FROM t."EquipName" OR s."ConfigSignature" IS DISTINCT FROM t."ConfigSignature" OR s."TrainRowCount" IS DISTINCT FROM t."TrainRowCount" OR s."ScoreRowCount" IS DISTINCT FROM t."ScoreRowCount" OR s."EpisodeCount" IS DISTINCT FROM t."EpisodeCount" OR s."HealthStatus" IS DISTINCT FROM t."HealthStatus" OR s."AvgHealthIndex" IS DISTINCT FROM t."AvgHealthIndex" OR s."MinHealthIndex" IS DISTINCT FROM t."MinHealthIndex" OR s."MaxFusedZ" IS DISTINCT FROM t."MaxFusedZ" OR s."DataQualityScore" IS DISTINCT FROM t."DataQualityScore" OR s."RefitRequested" IS DISTINCT FROM t."RefitRequested" OR s."ErrorMessage" IS DISTINCT FROM t."ErrorMessage")
  THEN UPDATE SET "EquipID" = s."EquipID", "EquipName" = s."EquipName", "StartedAt" = s."StartedAt", "CompletedAt" = s."CompletedAt", "ConfigSignature" = s."ConfigSignature", "TrainRowCount" = s."TrainRowCount", "ScoreRowCount" = s."ScoreRowCount", "EpisodeCount" = s."EpisodeCount", "HealthStatus" = s."HealthStatus", "AvgHealthIndex" = s."AvgHealthIndex", "MinHealthIndex" = s."MinHealthIndex", "MaxFusedZ" = s."MaxFusedZ", "DataQualityScore" = s."DataQualityScore", "RefitRequested" = s."RefitRequested", "ErrorMessage" = s."ErrorMessage", "CreatedAt" = s."CreatedAt"
WHEN NOT MATCHED BY TARGET
  THEN INSERT ("RunID", "EquipID", "EquipName", "StartedAt", "CompletedAt", "ConfigSignature", "TrainRowCount", "ScoreRowCount", "EpisodeCount", "HealthStatus", "AvgHealthIndex", "MinHealthIndex", "MaxFusedZ", "DataQualityScore", "RefitRequested", "ErrorMessage", "CreatedAt")
  VALUES (s."RunID", s."EquipID", s."EquipName", s."StartedAt", s."CompletedAt", s."ConfigSignature", s."TrainRowCount", s."ScoreRowCount", s."EpisodeCount", s."HealthStatus", s."AvgHealthIndex", s."MinHealthIndex", s."MaxFusedZ", s."DataQualityScore", s."RefitRequested", s."ErrorMessage", s."CreatedAt")
RETURNING merge_action;

-- ACM_Run_Stats: deleted
DELETE FROM "ACM_Run_Stats"
WHERE "ACM_Run_Stats"."EquipID" = ? AND "ACM_Run_Stats"."WindowStartEntryDateTime" >= ? AND "ACM_Run_Stats"."WindowStartEntryDateTime" < ?
  AND NOT EXISTS (SELECT 1 FROM "stage_1" AS s WHERE "ACM_Run_Stats"."EquipID" = s."EquipID" AND "ACM_Run_Stats"."RunID" = s."RunID");

-- ACM_Run_Stats: merged
MERGE INTO "ACM_Run_Stats" AS t
USING "stage_1" AS s
ON t."EquipID" = s."EquipID" AND t."RunID" = s."RunID"
WHEN MATCHED AND (s."WindowStartEntryDateTime" IS DISTINCT FROM t."WindowStartEntryDateTime" OR s."WindowEndEntryDateTime" IS DISTINCT FROM t."WindowEndEntryDateTime" OR s."SamplesIn" IS DISTINCT FROM t."SamplesIn" OR s."SamplesKept" IS DISTINCT FROM t."SamplesKept" OR s."SensorsKept" IS DISTINCT FROM t."SensorsKept" OR s."CadenceOKPct" IS DISTINCT FROM t."CadenceOKPct" OR s."DriftP95" IS DISTINCT FROM t."DriftP95" OR s."ReconRMSE" IS DISTINCT FROM t."ReconRMSE" OR s."AnomalyCount" IS DISTINCT FROM t."AnomalyCount")
  THEN UPDATE SET "WindowStartEntryDateTime" = s."WindowStartEntryDateTime", "WindowEndEntryDateTime" = s."WindowEndEntryDateTime", "SamplesIn" = s."SamplesIn", "SamplesKept" = s."SamplesKept", "SensorsKept" = s."SensorsKept", "CadenceOKPct" = s."CadenceOKPct", "DriftP95" = s."DriftP95", "ReconRMSE" = s."ReconRMSE", "AnomalyCount" = s."AnomalyCount"
WHEN NOT MATCHED BY TARGET
  THEN INSERT ("RunID", "EquipID", "WindowStartEntryDateTime", "WindowEndEntryDateTime", "SamplesIn", "SamplesKept", "SensorsKept", "CadenceOKPct", "DriftP95", "ReconRMSE", "AnomalyCount")
  VALUES (s."RunID", s."EquipID", s."WindowStartEntryDateTime", s."WindowEndEntryDateTime", s."SamplesIn", s."SamplesKept", s."SensorsKept", s."CadenceOKPct", s."DriftP95", s."ReconRMSE", s."AnomalyCount")
RETURNING merge_action;

-- ACM_RunErrors: deleted
DELETE FROM "ACM_RunErrors"
WHERE "ACM_RunErrors"."EquipID" = ? AND "ACM_RunErrors"."GroupStart" >= ? AND "ACM_RunErrors"."GroupStart" < ?
  AND NOT EXISTS (SELECT 1 FROM "stage_1" AS s WHERE "ACM_RunErrors"."RunID" = s."RunID" AND "ACM_RunErrors"."Attempt" = s."Attempt");

-- ACM_RunErrors: merged
MERGE INTO "ACM_RunErrors" AS t
USING "stage_1" AS s
ON t."RunID" = s."RunID" AND t."Attempt" = s."Attempt"
WHEN MATCHED AND (s."EquipID" IS DISTINCT FROM t."EquipID" OR s."GroupStart" IS DISTINCT FROM t."GroupStart" OR s."GroupEnd" IS DISTINCT FROM t."GroupEnd" OR s."TableName" IS DISTINCT FROM t."TableName" OR s."ErrorType" IS DISTINCT FROM t."ErrorType" OR s."ErrorMessage" IS DISTINCT FROM t."ErrorMessage")
  THEN UPDATE SET "EquipID" = s."EquipID", "GroupStart" = s."GroupStart", "GroupEnd" = s."GroupEnd", "TableName" = s."TableName", "ErrorType" = s."ErrorType", "ErrorMessage" = s."ErrorMessage", "OccurredAt" = s."OccurredAt"
WHEN NOT MATCHED BY TARGET
  THEN INSERT ("RunID", "EquipID", "Attempt", "GroupStart", "GroupEnd", "TableName", "ErrorType", "ErrorMessage", "OccurredAt")
  VALUES (s."RunID", s."EquipID", s."Attempt", s."GroupStart", s."GroupEnd", s."TableName", s."ErrorType", s."ErrorMessage", s."OccurredAt")
RETURNING merge_action;

-- ACM_WriteMetrics: deleted
DELETE FROM "ACM_WriteMetrics"
WHERE "ACM_WriteMetrics"."EquipID" = ? AND "ACM_WriteMetrics"."GroupStart" >= ? AND "ACM_WriteMetrics"."GroupStart" < ?
  AND NOT EXISTS (SELECT 1 FROM "stage_1" AS s WHERE "ACM_WriteMetrics"."EquipID" = s."EquipID" AND "ACM_WriteMetrics"."RunID" = s."RunID" AND "ACM_WriteMetrics"."TableName" = s."TableName");

-- ACM_WriteMetrics: merged
MERGE INTO "ACM_WriteMetrics" AS t
USING "stage_1" AS s
ON t."EquipID" = s."EquipID" AND t."RunID" = s."RunID" AND t."TableName" = s."TableName"
WHEN MATCHED AND (s."GroupStart" IS DISTINCT FROM t."GroupStart" OR s."GroupEnd" IS DISTINCT FROM t."GroupEnd" OR s."RowsStaged" IS DISTINCT FROM t."RowsStaged")
  THEN UPDATE SET "GroupStart" = s."GroupStart", "GroupEnd" = s."GroupEnd", "RowsStaged" = s."RowsStaged", "RowsInserted" = s."RowsInserted", "RowsUpdated" = s."RowsUpdated", "RowsDeleted" = s."RowsDeleted", "Seconds" = s."Seconds", "RowsPerSecond" = s."RowsPerSecond"
WHEN NOT MATCHED BY TARGET
  THEN INSERT ("RunID", "EquipID", "TableName", "GroupStart", "GroupEnd", "RowsStaged", "RowsInserted", "RowsUpdated", "RowsDeleted", "Seconds", "RowsPerSecond")
  VALUES (s."RunID", s."EquipID", s."TableName", s."GroupStart", s."GroupEnd", s."RowsStaged", s."RowsInserted", s."RowsUpdated", s."RowsDeleted", s."Seconds", s."RowsPerSecond")
RETURNING merge_action;

-- ACM_DataQualityEvents: merged
MERGE INTO "ACM_DataQualityEvents" AS t
USING "stage_1" AS s
ON t."RunID" = s."RunID" AND t."TableName" = s."TableName" AND t."ColumnName" = s."ColumnName" AND t."EventType" = s."EventType"
WHEN MATCHED AND (s."EquipID" IS DISTINCT FROM t."EquipID" OR s."AffectedRows" IS DISTINCT FROM t."AffectedRows" OR s."SampleValues" IS DISTINCT FROM t."SampleValues")
  THEN UPDATE SET "EquipID" = s."EquipID", "AffectedRows" = s."AffectedRows", "SampleValues" = s."SampleValues", "EventTime" = s."EventTime"
WHEN NOT MATCHED BY TARGET
  THEN INSERT ("RunID", "EquipID", "TableName", "ColumnName", "EventType", "AffectedRows", "SampleValues", "EventTime")
  VALUES (s."RunID", s."EquipID", s."TableName", s."ColumnName", s."EventType", s."AffectedRows", s."SampleValues", s."EventTime")
RETURNING merge_action;

-- ACM_ColdstartState: merged
MERGE INTO "ACM_ColdstartState" AS t
USING "stage_1" AS s
ON t."EquipID" = s."EquipID" AND t."Stage" = s."Stage"
WHEN MATCHED AND (s."Status" IS DISTINCT FROM t."Status" OR s."AccumulatedRows" IS DISTINCT FROM t."AccumulatedRows" OR s."RequiredRows" IS DISTINCT FROM t."RequiredRows" OR s."DataStart" IS DISTINCT FROM t."DataStart" OR s."DataEnd" IS DISTINCT FROM t."DataEnd" OR s."TrainEnd" IS DISTINCT FROM t."TrainEnd" OR s."ModelVersion" IS DISTINCT FROM t."ModelVersion" OR s."Reason" IS DISTINCT FROM t."Reason" OR s."PlannedEnd" IS DISTINCT FROM t."PlannedEnd" OR s."PlannedRows" IS DISTINCT FROM t."PlannedRows")
  THEN UPDATE SET "Status" = s."Status", "AccumulatedRows" = s."AccumulatedRows", "RequiredRows" = s."RequiredRows", "DataStart" = s."DataStart", "DataEnd" = s."DataEnd", "TrainEnd" = s."TrainEnd", "ModelVersion" = s."ModelVersion", "Reason" = s."Reason", "RetryAfter" = s."RetryAfter", "AttemptCount" = s."AttemptCount", "FirstAttemptAt" = s."FirstAttemptAt", "LastAttemptAt" = s."LastAttemptAt", "CompletedAt" = s."CompletedAt", "PlannedEnd" = s."PlannedEnd", "PlannedRows" = s."PlannedRows"
WHEN NOT MATCHED BY TARGET
  THEN INSERT ("EquipID", "Stage", "Status", "AccumulatedRows", "RequiredRows", "DataStart", "DataEnd", "TrainEnd", "ModelVersion", "Reason", "RetryAfter", "AttemptCount", "FirstAttemptAt", "LastAttemptAt", "CompletedAt", "PlannedEnd", "PlannedRows")
  VALUES (s."EquipID", s."Stage", s."Status", s."AccumulatedRows", s."RequiredRows", s."DataStart", s."DataEnd", s."TrainEnd", s."ModelVersion", s."Reason", s."RetryAfter", s."AttemptCount", s."FirstAttemptAt", s."LastAttemptAt", s."CompletedAt", s."PlannedEnd", s."PlannedRows")
RETURNING merge_action;

-- ModelRegistry: deleted
DELETE FROM "ModelRegistry"
WHERE "ModelRegistry"."EquipID" = ? AND "ModelRegistry"."HoldsFrom" >= ? AND "ModelRegistry"."HoldsFrom" < ?
  AND NOT EXISTS (SELECT 1 FROM "stage_1" AS s WHERE "ModelRegistry"."EquipID" = s."EquipID" AND "ModelRegistry"."ModelType" = s."ModelType" AND "ModelRegistry"."Version" = s."Version");

-- ModelRegistry: merged
MERGE INTO "ModelRegistry" AS t
USING "stage_1" AS s
ON t."EquipID" = s."EquipID" AND t."ModelType" = s."ModelType" AND t."Version" = s."Version"
WHEN MATCHED AND (s."RunID" IS DISTINCT FROM t."RunID" OR s."HoldsFrom" IS DISTINCT FROM t."HoldsFrom" OR s."TrainStart" IS DISTINCT FROM t."TrainStart" OR s."TrainEnd" IS DISTINCT FROM t."TrainEnd" OR s."TrainRows" IS DISTINCT FROM t."TrainRows" OR s."Tags" IS DISTINCT FROM t."Tags" OR s."ParamsJSON" IS DISTINCT FROM t."ParamsJSON" OR s."LibrariesJSON" IS DISTINCT FROM t."LibrariesJSON" OR s."ConfigSignature" IS DISTINCT FROM t."ConfigSignature" OR s."ModelBytes" IS DISTINCT FROM t."ModelBytes" OR s."Hash" IS DISTINCT FROM t."Hash" OR s."Origin" IS DISTINCT FROM t."Origin")
  THEN UPDATE SET "RunID" = s."RunID", "HoldsFrom" = s."HoldsFrom", "TrainStart" = s."TrainStart", "TrainEnd" = s."TrainEnd", "TrainRows" = s."TrainRows", "Tags" = s."Tags", "ParamsJSON" = s."ParamsJSON", "LibrariesJSON" = s."LibrariesJSON", "ConfigSignature" = s."ConfigSignature", "ModelBytes" = s."ModelBytes", "Hash" = s."Hash", "CreatedAt" = s."CreatedAt", "Origin" = s."Origin"
WHEN NOT MATCHED BY TARGET
  THEN INSERT ("RunID", "EquipID", "ModelType", "Version", "HoldsFrom", "TrainStart", "TrainEnd", "TrainRows", "Tags", "ParamsJSON", "LibrariesJSON", "ConfigSignature", "ModelBytes", "Hash", "CreatedAt", "Origin")
  VALUES (s."RunID", s."EquipID", s."ModelType", s."Version", s."HoldsFrom", s."TrainStart", s."TrainEnd", s."TrainRows", s."Tags", s."ParamsJSON", s."LibrariesJSON", s."ConfigSignature", s."ModelBytes", s."Hash", s."CreatedAt", s."Origin")
RETURNING merge_action;

-- ACM_State: deleted
DELETE FROM "ACM_State"
WHERE "ACM_State"."EquipID" = ? AND "ACM_State"."AsOf" >= ? AND "ACM_State"."AsOf" < ?
  AND NOT EXISTS (SELECT 1 FROM "stage_1" AS s WHERE "ACM_State"."EquipID" = s."EquipID" AND "ACM_State"."AsOf" = s."AsOf");

-- ACM_State: merged
MERGE INTO "ACM_State" AS t
USING "stage_1" AS s
ON t."EquipID" = s."EquipID" AND t."AsOf" = s."AsOf"
WHEN MATCHED AND (s."RunID" IS DISTINCT FROM t."RunID" OR s."ModelVersion" IS DISTINCT FROM t."ModelVersion" OR s."Blob" IS DISTINCT FROM t."Blob" OR s."Hash" IS DISTINCT FROM t."Hash")
  THEN UPDATE SET "RunID" = s."RunID", "ModelVersion" = s."ModelVersion", "Blob" = s."Blob", "Hash" = s."Hash"
WHEN NOT MATCHED BY TARGET
  THEN INSERT ("RunID", "EquipID", "AsOf", "ModelVersion", "Blob", "Hash")
  VALUES (s."RunID", s."EquipID", s."AsOf", s."ModelVersion", s."Blob", s."Hash")
RETURNING merge_action;

-- ACM_RefitRequests: deleted
DELETE FROM "ACM_RefitRequests"
WHERE "ACM_RefitRequests"."EquipID" = ? AND "ACM_RefitRequests"."EffectiveFrom" >= ? AND "ACM_RefitRequests"."EffectiveFrom" < ?
  AND NOT EXISTS (SELECT 1 FROM "stage_1" AS s WHERE "ACM_RefitRequests"."EquipID" = s."EquipID" AND "ACM_RefitRequests"."RequestedAt" = s."RequestedAt" AND "ACM_RefitRequests"."RequestedBy" = s."RequestedBy");

-- ACM_RefitRequests: merged
MERGE INTO "ACM_RefitRequests" AS t
USING "stage_1" AS s
ON t."EquipID" = s."EquipID" AND t."RequestedAt" = s."RequestedAt" AND t."RequestedBy" = s."RequestedBy"
WHEN MATCHED AND (s."Reason" IS DISTINCT FROM t."Reason" OR s."Status" IS DISTINCT FROM t."Status" OR s."EffectiveFrom" IS DISTINCT FROM t."EffectiveFrom" OR s."ModelVersion" IS DISTINCT FROM t."ModelVersion" OR s."CheckedRows" IS DISTINCT FROM t."CheckedRows" OR s."OldAlarmShare" IS DISTINCT FROM t."OldAlarmShare" OR s."NewAlarmShare" IS DISTINCT FROM t."NewAlarmShare" OR s."Message" IS DISTINCT FROM t."Message")
  THEN UPDATE SET "Requester" = s."Requester", "Reason" = s."Reason", "Status" = s."Status", "EffectiveFrom" = s."EffectiveFrom", "AcknowledgedAt" = s."AcknowledgedAt", "ModelVersion" = s."ModelVersion", "CheckedRows" = s."CheckedRows", "OldAlarmShare" = s."OldAlarmShare", "NewAlarmShare" = s."NewAlarmShare", "Message" = s."Message"
WHEN NOT MATCHED BY TARGET
  THEN INSERT ("EquipID", "RequestedAt", "RequestedBy", "Requester", "Reason", "Status", "EffectiveFrom", "AcknowledgedAt", "ModelVersion", "CheckedRows", "OldAlarmShare", "NewAlarmShare", "Message")
  VALUES (s."EquipID", s."RequestedAt", s."RequestedBy", s."Requester", s."Reason", s."Status", s."EffectiveFrom", s."AcknowledgedAt", s."ModelVersion", s."CheckedRows", s."OldAlarmShare", s."NewAlarmShare", s."Message")
RETURNING merge_action;

-- ACM_Baselines: deleted
DELETE FROM "ACM_Baselines"
WHERE "ACM_Baselines"."EquipID" = ? AND "ACM_Baselines"."EffectiveFrom" >= ? AND "ACM_Baselines"."EffectiveFrom" < ?
  AND NOT EXISTS (SELECT 1 FROM "stage_1" AS s WHERE "ACM_Baselines"."EquipID" = s."EquipID" AND "ACM_Baselines"."RequestedAt" = s."RequestedAt");

-- ACM_Baselines: merged
MERGE INTO "ACM_Baselines" AS t
USING "stage_1" AS s
ON t."EquipID" = s."EquipID" AND t."RequestedAt" = s."RequestedAt"
WHEN MATCHED AND (s."Requester" IS DISTINCT FROM t."Requester" OR s."Reason" IS DISTINCT FROM t."Reason" OR s."EffectiveFrom" IS DISTINCT FROM t."EffectiveFrom" OR s."RequestedEnd" IS DISTINCT FROM t."RequestedEnd" OR s."Status" IS DISTINCT FROM t."Status" OR s."TrainEnd" IS DISTINCT FROM t."TrainEnd" OR s."TrainRows" IS DISTINCT FROM t."TrainRows" OR s."ModelVersion" IS DISTINCT FROM t."ModelVersion" OR s."Message" IS DISTINCT FROM t."Message")
  THEN UPDATE SET "Requester" = s."Requester", "Reason" = s."Reason", "EffectiveFrom" = s."EffectiveFrom", "RequestedEnd" = s."RequestedEnd", "Status" = s."Status", "TrainEnd" = s."TrainEnd", "TrainRows" = s."TrainRows", "ModelVersion" = s."ModelVersion", "DecidedAt" = s."DecidedAt", "Message" = s."Message"
WHEN NOT MATCHED BY TARGET
  THEN INSERT ("EquipID", "RequestedAt", "Requester", "Reason", "EffectiveFrom", "RequestedEnd", "Status", "TrainEnd", "TrainRows", "ModelVersion", "DecidedAt", "Message")
  VALUES (s."EquipID", s."RequestedAt", s."Requester", s."Reason", s."EffectiveFrom", s."RequestedEnd", s."Status", s."TrainEnd", s."TrainRows", s."ModelVersion", s."DecidedAt", s."Message")
RETURNING merge_action;

-- ACM_BatchProgress: merged
MERGE INTO "ACM_BatchProgress" AS t
USING "stage_1" AS s
ON t."EquipID" = s."EquipID"
WHEN MATCHED AND (s."LastBatchEndTime" IS DISTINCT FROM t."LastBatchEndTime" OR s."BatchesCompleted" IS DISTINCT FROM t."BatchesCompleted" OR s."TickMinutes" IS DISTINCT FROM t."TickMinutes" OR s."ConfigSignature" IS DISTINCT FROM t."ConfigSignature" OR s."ModelVersion" IS DISTINCT FROM t."ModelVersion" OR s."ColdstartComplete" IS DISTINCT FROM t."ColdstartComplete" OR s."DataMin" IS DISTINCT FROM t."DataMin" OR s."DataMax" IS DISTINCT FROM t."DataMax" OR s."TimeZone" IS DISTINCT FROM t."TimeZone")
  THEN UPDATE SET "LastBatchEndTime" = s."LastBatchEndTime", "BatchesCompleted" = s."BatchesCompleted", "TickMinutes" = s."TickMinutes", "ConfigSignature" = s."ConfigSignature", "ModelVersion" = s."ModelVersion", "ColdstartComplete" = s."ColdstartComplete", "DataMin" = s."DataMin", "DataMax" = s."DataMax", "TimeZone" = s."TimeZone", "UpdatedAt" = s."UpdatedAt"
WHEN NOT MATCHED BY TARGET
  THEN INSERT ("EquipID", "LastBatchEndTime", "BatchesCompleted", "TickMinutes", "ConfigSignature", "ModelVersion", "ColdstartComplete", "DataMin", "DataMax", "TimeZone", "UpdatedAt")
  VALUES (s."EquipID", s."LastBatchEndTime", s."BatchesCompleted", s."TickMinutes", s."ConfigSignature", s."ModelVersion", s."ColdstartComplete", s."DataMin", s."DataMax", s."TimeZone", s."UpdatedAt")
RETURNING merge_action;

-- ACM_ReadingFingerprints: deleted
DELETE FROM "ACM_ReadingFingerprints"
WHERE "ACM_ReadingFingerprints"."EquipID" = ? AND "ACM_ReadingFingerprints"."Day" >= ? AND "ACM_ReadingFingerprints"."Day" < ?
  AND NOT EXISTS (SELECT 1 FROM "stage_1" AS s WHERE "ACM_ReadingFingerprints"."EquipID" = s."EquipID" AND "ACM_ReadingFingerprints"."Day" = s."Day");

-- ACM_ReadingFingerprints: merged
MERGE INTO "ACM_ReadingFingerprints" AS t
USING "stage_1" AS s
ON t."EquipID" = s."EquipID" AND t."Day" = s."Day"
WHEN MATCHED AND (s."ReadingCount" IS DISTINCT FROM t."ReadingCount" OR s."RowsHash" IS DISTINCT FROM t."RowsHash" OR s."HashProbe" IS DISTINCT FROM t."HashProbe" OR s."ModelVersion" IS DISTINCT FROM t."ModelVersion" OR s."PresentCount" IS DISTINCT FROM t."PresentCount")
  THEN UPDATE SET "ReadingCount" = s."ReadingCount", "RowsHash" = s."RowsHash", "HashProbe" = s."HashProbe", "ModelVersion" = s."ModelVersion", "ScoredUntil" = s."ScoredUntil", "PresentCount" = s."PresentCount", "FoundAt" = s."FoundAt"
WHEN NOT MATCHED BY TARGET
  THEN INSERT ("EquipID", "Day", "ReadingCount", "RowsHash", "HashProbe", "ModelVersion", "ScoredUntil", "PresentCount", "FoundAt")
  VALUES (s."EquipID", s."Day", s."ReadingCount", s."RowsHash", s."HashProbe", s."ModelVersion", s."ScoredUntil", s."PresentCount", s."FoundAt")
RETURNING merge_action;

-- ACM_HistorianChecks: merged
MERGE INTO "ACM_HistorianChecks" AS t
USING "stage_1" AS s
ON t."EquipID" = s."EquipID"
WHEN MATCHED AND (s."HistoryStart" IS DISTINCT FROM t."HistoryStart" OR s."SkippedReadings" IS DISTINCT FROM t."SkippedReadings")
  THEN UPDATE SET "HistoryStart" = s."HistoryStart", "SkippedReadings" = s."SkippedReadings", "ComparedAt" = s."ComparedAt"
WHEN NOT MATCHED BY TARGET
  THEN INSERT ("EquipID", "HistoryStart", "SkippedReadings", "ComparedAt")
  VALUES (s."EquipID", s."HistoryStart", s."SkippedReadings", s."ComparedAt")
RETURNING merge_action;

-- ACM_EpisodeNotes: merged
MERGE INTO "ACM_EpisodeNotes" AS t
USING "stage_1" AS s
ON t."EquipID" = s."EquipID" AND t."StartTs" = s."StartTs" AND t."NoteID" = s."NoteID"
WHEN MATCHED AND (s."EndTs" IS DISTINCT FROM t."EndTs" OR s."Action" IS DISTINCT FROM t."Action" OR s."NoteText" IS DISTINCT FROM t."NoteText" OR s."Label" IS DISTINCT FROM t."Label" OR s."Severity" IS DISTINCT FROM t."Severity" OR s."CreatedAt" IS DISTINCT FROM t."CreatedAt" OR s."CreatedBy" IS DISTINCT FROM t."CreatedBy")
  THEN UPDATE SET "EndTs" = s."EndTs", "Action" = s."Action", "NoteText" = s."NoteText", "Label" = s."Label", "Severity" = s."Severity", "CreatedAt" = s."CreatedAt", "CreatedBy" = s."CreatedBy"
WHEN NOT MATCHED BY TARGET
  THEN INSERT ("EquipID", "StartTs", "NoteID", "EndTs", "Action", "NoteText", "Label", "Severity", "CreatedAt", "CreatedBy")
  VALUES (s."EquipID", s."StartTs", s."NoteID", s."EndTs", s."Action", s."NoteText", s."Label", s."Severity", s."CreatedAt", s."CreatedBy")
RETURNING merge_action;

-- ACM_Failures: merged
MERGE INTO "ACM_Failures" AS t
USING "stage_1" AS s
ON t."EquipID" = s."EquipID" AND t."FailedAt" = s."FailedAt"
WHEN MATCHED AND (s."Cause" IS DISTINCT FROM t."Cause" OR s."ImportedAt" IS DISTINCT FROM t."ImportedAt" OR s."ImportedBy" IS DISTINCT FROM t."ImportedBy")
  THEN UPDATE SET "Cause" = s."Cause", "ImportedAt" = s."ImportedAt", "ImportedBy" = s."ImportedBy"
WHEN NOT MATCHED BY TARGET
  THEN INSERT ("EquipID", "FailedAt", "Cause", "ImportedAt", "ImportedBy")
  VALUES (s."EquipID", s."FailedAt", s."Cause", s."ImportedAt", s."ImportedBy")
RETURNING merge_action;

-- ACM_Notifications: merged
MERGE INTO "ACM_Notifications" AS t
USING "stage_1" AS s
ON t."EquipID" = s."EquipID" AND t."Event" = s."Event" AND t."EventKey" = s."EventKey"
WHEN MATCHED AND (s."StartTs" IS DISTINCT FROM t."StartTs")
  THEN UPDATE SET "StartTs" = s."StartTs", "EndTs" = s."EndTs", "Severity" = s."Severity", "PeakFusedZ" = s."PeakFusedZ", "Detail" = s."Detail", "RecordedAt" = s."RecordedAt", "Attempts" = s."Attempts", "LastAttemptAt" = s."LastAttemptAt", "LastError" = s."LastError", "SentTo" = s."SentTo", "SentAt" = s."SentAt"
WHEN NOT MATCHED BY TARGET
  THEN INSERT ("EquipID", "Event", "EventKey", "StartTs", "EndTs", "Severity", "PeakFusedZ", "Detail", "RecordedAt", "Attempts", "LastAttemptAt", "LastError", "SentTo", "SentAt")
  VALUES (s."EquipID", s."Event", s."EventKey", s."StartTs", s."EndTs", s."Severity", s."PeakFusedZ", s."Detail", s."RecordedAt", s."Attempts", s."LastAttemptAt", s."LastError", s."SentTo", s."SentAt")
RETURNING merge_action;

-- ACM_Scores_Wide: deleted
DELETE FROM "ACM_Scores_Wide"
WHERE "ACM_Scores_Wide"."EquipID" = ? AND "ACM_Scores_Wide"."Timestamp" >= ? AND "ACM_Scores_Wide"."Timestamp" < ?
  AND NOT EXISTS (SELECT 1 FROM "stage_1" AS s WHERE "ACM_Scores_Wide"."EquipID" = s."EquipID" AND "ACM_Scores_Wide"."Timestamp" = s."Timestamp");

-- ACM_Scores_Wide: merged
MERGE INTO "ACM_Scores_Wide" AS t
USING "stage_1" AS s
ON t."EquipID" = s."EquipID" AND t."Timestamp" = s."Timestamp" AND t."EquipID" = ? AND t."Timestamp" >= ? AND t."Timestamp" < ?
WHEN MATCHED AND (s."RunID" IS DISTINCT FROM t."RunID" OR s."Phase" IS DISTINCT FROM t."Phase" OR s."OperatingState" IS DISTINCT FROM t."OperatingState" OR s."ar1_z" IS DISTINCT FROM t."ar1_z" OR s."pca_spe_z" IS DISTINCT FROM t."pca_spe_z" OR s."pca_t2_z" IS DISTINCT FROM t."pca_t2_z" OR s."mhal_z" IS DISTINCT FROM t."mhal_z" OR s."iforest_z" IS DISTINCT FROM t."iforest_z" OR s."gmm_z" IS DISTINCT FROM t."gmm_z" OR s."omr_z" IS DISTINCT FROM t."omr_z" OR s."mewma_z" IS DISTINCT FROM t."mewma_z" OR s."drift_z" IS DISTINCT FROM t."drift_z" OR s."fused" IS DISTINCT FROM t."fused" OR s."alarm" IS DISTINCT FROM t."alarm" OR s."regime_label" IS DISTINCT FROM t."regime_label" OR s."ModelVersion" IS DISTINCT FROM t."ModelVersion" OR s."HealthIndex" IS DISTINCT FROM t."HealthIndex")
  THEN UPDATE SET "RunID" = s."RunID", "Phase" = s."Phase", "OperatingState" = s."OperatingState", "ar1_z" = s."ar1_z", "pca_spe_z" = s."pca_spe_z", "pca_t2_z" = s."pca_t2_z", "mhal_z" = s."mhal_z", "iforest_z" = s."iforest_z", "gmm_z" = s."gmm_z", "omr_z" = s."omr_z", "mewma_z" = s."mewma_z", "drift_z" = s."drift_z", "fused" = s."fused", "alarm" = s."alarm", "regime_label" = s."regime_label", "ModelVersion" = s."ModelVersion", "HealthIndex" = s."HealthIndex"
WHEN NOT MATCHED BY TARGET
  THEN INSERT ("RunID", "EquipID", "Timestamp", "Phase", "OperatingState", "ar1_z", "pca_spe_z", "pca_t2_z", "mhal_z", "iforest_z", "gmm_z", "omr_z", "mewma_z", "drift_z", "fused", "alarm", "regime_label", "ModelVersion", "HealthIndex")
  VALUES (s."RunID", s."EquipID", s."Timestamp", s."Phase", s."OperatingState", s."ar1_z", s."pca_spe_z", s."pca_t2_z", s."mhal_z", s."iforest_z", s."gmm_z", s."omr_z", s."mewma_z", s."drift_z", s."fused", s."alarm", s."regime_label", s."ModelVersion", s."HealthIndex")
RETURNING merge_action;

-- ACM_ContributionTimeline: deleted
DELETE FROM "ACM_ContributionTimeline"
WHERE "ACM_ContributionTimeline"."EquipID" = ? AND "ACM_ContributionTimeline"."Timestamp" >= ? AND "ACM_ContributionTimeline"."Timestamp" < ?
  AND NOT EXISTS (SELECT 1 FROM "stage_1" AS s WHERE "ACM_ContributionTimeline"."EquipID" = s."EquipID" AND "ACM_ContributionTimeline"."Timestamp" = s."Timestamp" AND "ACM_ContributionTimeline"."DetectorType" = s."DetectorType");

-- ACM_ContributionTimeline: merged
MERGE INTO "ACM_ContributionTimeline" AS t
USING "stage_1" AS s
ON t."EquipID" = s."EquipID" AND t."Timestamp" = s."Timestamp" AND t."DetectorType" = s."DetectorType" AND t."EquipID" = ? AND t."Timestamp" >= ? AND t."Timestamp" < ?
WHEN MATCHED AND (s."RunID" IS DISTINCT FROM t."RunID" OR s."ContributionPct" IS DISTINCT FROM t."ContributionPct" OR s."ZScore" IS DISTINCT FROM t."ZScore")
  THEN UPDATE SET "RunID" = s."RunID", "ContributionPct" = s."ContributionPct", "ZScore" = s."ZScore"
WHEN NOT MATCHED BY TARGET
  THEN INSERT ("RunID", "EquipID", "Timestamp", "DetectorType", "ContributionPct", "ZScore")
  VALUES (s."RunID", s."EquipID", s."Timestamp", s."DetectorType", s."ContributionPct", s."ZScore")
RETURNING merge_action;

-- ACM_SensorHotspotTimeline: deleted
DELETE FROM "ACM_SensorHotspotTimeline"
WHERE "ACM_SensorHotspotTimeline"."EquipID" = ? AND "ACM_SensorHotspotTimeline"."Timestamp" >= ? AND "ACM_SensorHotspotTimeline"."Timestamp" < ?
  AND NOT EXISTS (SELECT 1 FROM "stage_1" AS s WHERE "ACM_SensorHotspotTimeline"."EquipID" = s."EquipID" AND "ACM_SensorHotspotTimeline"."Timestamp" = s."Timestamp" AND "ACM_SensorHotspotTimeline"."SensorName" = s."SensorName");

-- ACM_SensorHotspotTimeline: merged
MERGE INTO "ACM_SensorHotspotTimeline" AS t
USING "stage_1" AS s
ON t."EquipID" = s."EquipID" AND t."Timestamp" = s."Timestamp" AND t."SensorName" = s."SensorName" AND t."EquipID" = ? AND t."Timestamp" >= ? AND t."Timestamp" < ?
WHEN MATCHED AND (s."RunID" IS DISTINCT FROM t."RunID" OR s."Rank" IS DISTINCT FROM t."Rank" OR s."AbsZ" IS DISTINCT FROM t."AbsZ" OR s."SignedZ" IS DISTINCT FROM t."SignedZ" OR s."Value" IS DISTINCT FROM t."Value" OR s."Level" IS DISTINCT FROM t."Level")
  THEN UPDATE SET "RunID" = s."RunID", "Rank" = s."Rank", "AbsZ" = s."AbsZ", "SignedZ" = s."SignedZ", "Value" = s."Value", "Level" = s."Level"
WHEN NOT MATCHED BY TARGET
  THEN INSERT ("RunID", "EquipID", "Timestamp", "SensorName", "Rank", "AbsZ", "SignedZ", "Value", "Level")
  VALUES (s."RunID", s."EquipID", s."Timestamp", s."SensorName", s."Rank", s."AbsZ", s."SignedZ", s."Value", s."Level")
RETURNING merge_action;

-- ACM_SensorDrift: deleted
DELETE FROM "ACM_SensorDrift"
WHERE "ACM_SensorDrift"."EquipID" = ? AND "ACM_SensorDrift"."Timestamp" >= ? AND "ACM_SensorDrift"."Timestamp" < ?
  AND NOT EXISTS (SELECT 1 FROM "stage_1" AS s WHERE "ACM_SensorDrift"."EquipID" = s."EquipID" AND "ACM_SensorDrift"."Timestamp" = s."Timestamp" AND "ACM_SensorDrift"."SensorName" = s."SensorName");

-- ACM_SensorDrift: merged
MERGE INTO "ACM_SensorDrift" AS t
USING "stage_1" AS s
ON t."EquipID" = s."EquipID" AND t."Timestamp" = s."Timestamp" AND t."SensorName" = s."SensorName" AND t."EquipID" = ? AND t."Timestamp" >= ? AND t."Timestamp" < ?
WHEN MATCHED AND (s."RunID" IS DISTINCT FROM t."RunID" OR s."DriftValue" IS DISTINCT FROM t."DriftValue")
  THEN UPDATE SET "RunID" = s."RunID", "DriftValue" = s."DriftValue"
WHEN NOT MATCHED BY TARGET
  THEN INSERT ("RunID", "EquipID", "Timestamp", "SensorName", "DriftValue")
  VALUES (s."RunID", s."EquipID", s."Timestamp", s."SensorName", s."DriftValue")
RETURNING merge_action;

-- ACM_Episodes: deleted
DELETE FROM "ACM_Episodes"
WHERE "ACM_Episodes"."EquipID" = ? AND "ACM_Episodes"."StartTs" >= ? AND "ACM_Episodes"."StartTs" < ?
  AND NOT EXISTS (SELECT 1 FROM "stage_1" AS s WHERE "ACM_Episodes"."EquipID" = s."EquipID" AND "ACM_Episodes"."StartTs" = s."StartTs");

-- ACM_Episodes: merged
MERGE INTO "ACM_Episodes" AS t
USING "stage_1" AS s
ON t."EquipID" = s."EquipID" AND t."StartTs" = s."StartTs"
WHEN MATCHED AND (s."RunID" IS DISTINCT FROM t."RunID" OR s."EndTs" IS DISTINCT FROM t."EndTs" OR s."Status" IS DISTINCT FROM t."Status" OR s."DurationHours" IS DISTINCT FROM t."DurationHours" OR s."RecordCount" IS DISTINCT FROM t."RecordCount" OR s."PeakTimestamp" IS DISTINCT FROM t."PeakTimestamp" OR s."PeakFusedZ" IS DISTINCT FROM t."PeakFusedZ" OR s."AvgFusedZ" IS DISTINCT FROM t."AvgFusedZ" OR s."MinHealthIndex" IS DISTINCT FROM t."MinHealthIndex" OR s."Severity" IS DISTINCT FROM t."Severity" OR s."PrimaryDetector" IS DISTINCT FROM t."PrimaryDetector" OR s."PrimarySensor" IS DISTINCT FROM t."PrimarySensor" OR s."Culprits" IS DISTINCT FROM t."Culprits" OR s."RegimeLabel" IS DISTINCT FROM t."RegimeLabel" OR s."LeadMeanZ" IS DISTINCT FROM t."LeadMeanZ" OR s."LagMeanZ" IS DISTINCT FROM t."LagMeanZ" OR s."OpenedBy" IS DISTINCT FROM t."OpenedBy" OR s."ClosedBy" IS DISTINCT FROM t."ClosedBy")
  THEN UPDATE SET "RunID" = s."RunID", "EndTs" = s."EndTs", "Status" = s."Status", "DurationHours" = s."DurationHours", "RecordCount" = s."RecordCount", "PeakTimestamp" = s."PeakTimestamp", "PeakFusedZ" = s."PeakFusedZ", "AvgFusedZ" = s."AvgFusedZ", "MinHealthIndex" = s."MinHealthIndex", "Severity" = s."Severity", "PrimaryDetector" = s."PrimaryDetector", "PrimarySensor" = s."PrimarySensor", "Culprits" = s."Culprits", "RegimeLabel" = s."RegimeLabel", "LeadMeanZ" = s."LeadMeanZ", "LagMeanZ" = s."LagMeanZ", "OpenedBy" = s."OpenedBy", "ClosedBy" = s."ClosedBy"
WHEN NOT MATCHED BY TARGET
  THEN INSERT ("RunID", "EquipID", "StartTs", "EndTs", "Status", "DurationHours", "RecordCount", "PeakTimestamp", "PeakFusedZ", "AvgFusedZ", "MinHealthIndex", "Severity", "PrimaryDetector", "PrimarySensor", "Culprits", "RegimeLabel", "LeadMeanZ", "LagMeanZ", "OpenedBy", "ClosedBy")
  VALUES (s."RunID", s."EquipID", s."StartTs", s."EndTs", s."Status", s."DurationHours", s."RecordCount", s."PeakTimestamp", s."PeakFusedZ", s."AvgFusedZ", s."MinHealthIndex", s."Severity", s."PrimaryDetector", s."PrimarySensor", s."Culprits", s."RegimeLabel", s."LeadMeanZ", s."LagMeanZ", s."OpenedBy", s."ClosedBy")
RETURNING merge_action;

-- ACM_EpisodeCulprits: deleted
DELETE FROM "ACM_EpisodeCulprits"
WHERE "ACM_EpisodeCulprits"."EquipID" = ? AND "ACM_EpisodeCulprits"."StartTs" >= ? AND "ACM_EpisodeCulprits"."StartTs" < ?
  AND NOT EXISTS (SELECT 1 FROM "stage_1" AS s WHERE "ACM_EpisodeCulprits"."EquipID" = s."EquipID" AND "ACM_EpisodeCulprits"."StartTs" = s."StartTs" AND "ACM_EpisodeCulprits"."SensorName" = s."SensorName");

-- ACM_EpisodeCulprits: merged
MERGE INTO "ACM_EpisodeCulprits" AS t
USING "stage_1" AS s
ON t."EquipID" = s."EquipID" AND t."StartTs" = s."StartTs" AND t."SensorName" = s."SensorName"
WHEN MATCHED AND (s."RunID" IS DISTINCT FROM t."RunID" OR s."Rank" IS DISTINCT FROM t."Rank" OR s."ContributionPct" IS DISTINCT FROM t."ContributionPct")
  THEN UPDATE SET "RunID" = s."RunID", "Rank" = s."Rank", "ContributionPct" = s."ContributionPct"
WHEN NOT MATCHED BY TARGET
  THEN INSERT ("RunID", "EquipID", "StartTs", "SensorName", "Rank", "ContributionPct")
  VALUES (s."RunID", s."EquipID", s."StartTs", s."SensorName", s."Rank", s."ContributionPct")
RETURNING merge_action;

-- ACM_ThresholdCrossings: deleted
DELETE FROM "ACM_ThresholdCrossings"
WHERE "ACM_ThresholdCrossings"."EquipID" = ? AND "ACM_ThresholdCrossings"."Timestamp" >= ? AND "ACM_ThresholdCrossings"."Timestamp" < ?
  AND NOT EXISTS (SELECT 1 FROM "stage_1" AS s WHERE "ACM_ThresholdCrossings"."EquipID" = s."EquipID" AND "ACM_ThresholdCrossings"."Timestamp" = s."Timestamp" AND "ACM_ThresholdCrossings"."DetectorType" = s."DetectorType");

-- ACM_ThresholdCrossings: merged
MERGE INTO "ACM_ThresholdCrossings" AS t
USING "stage_1" AS s
ON t."EquipID" = s."EquipID" AND t."Timestamp" = s."Timestamp" AND t."DetectorType" = s."DetectorType"
WHEN MATCHED AND (s."RunID" IS DISTINCT FROM t."RunID" OR s."Threshold" IS DISTINCT FROM t."Threshold" OR s."ZScore" IS DISTINCT FROM t."ZScore" OR s."Direction" IS DISTINCT FROM t."Direction")
  THEN UPDATE SET "RunID" = s."RunID", "Threshold" = s."Threshold", "ZScore" = s."ZScore", "Direction" = s."Direction"
WHEN NOT MATCHED BY TARGET
  THEN INSERT ("RunID", "EquipID", "Timestamp", "DetectorType", "Threshold", "ZScore", "Direction")
  VALUES (s."RunID", s."EquipID", s."Timestamp", s."DetectorType", s."Threshold", s."ZScore", s."Direction")
RETURNING merge_action;

-- ACM_DefectTimeline: deleted
DELETE FROM "ACM_DefectTimeline"
WHERE "ACM_DefectTimeline"."EquipID" = ? AND "ACM_DefectTimeline"."Timestamp" >= ? AND "ACM_DefectTimeline"."Timestamp" < ?
  AND NOT EXISTS (SELECT 1 FROM "stage_1" AS s WHERE "ACM_DefectTimeline"."EquipID" = s."EquipID" AND "ACM_DefectTimeline"."Timestamp" = s."Timestamp");

-- ACM_DefectTimeline: merged
MERGE INTO "ACM_DefectTimeline" AS t
USING "stage_1" AS s
ON t."EquipID" = s."EquipID" AND t."Timestamp" = s."Timestamp"
WHEN MATCHED AND (s."RunID" IS DISTINCT FROM t."RunID" OR s."EventType" IS DISTINCT FROM t."EventType" OR s."FromZone" IS DISTINCT FROM t."FromZone" OR s."ToZone" IS DISTINCT FROM t."ToZone" OR s."HealthZone" IS DISTINCT FROM t."HealthZone" OR s."HealthAtEvent" IS DISTINCT FROM t."HealthAtEvent" OR s."HealthIndex" IS DISTINCT FROM t."HealthIndex" OR s."DefectScore" IS DISTINCT FROM t."DefectScore" OR s."FusedZ" IS DISTINCT FROM t."FusedZ")
  THEN UPDATE SET "RunID" = s."RunID", "EventType" = s."EventType", "FromZone" = s."FromZone", "ToZone" = s."ToZone", "HealthZone" = s."HealthZone", "HealthAtEvent" = s."HealthAtEvent", "HealthIndex" = s."HealthIndex", "DefectScore" = s."DefectScore", "FusedZ" = s."FusedZ"
WHEN NOT MATCHED BY TARGET
  THEN INSERT ("RunID", "EquipID", "Timestamp", "EventType", "FromZone", "ToZone", "HealthZone", "HealthAtEvent", "HealthIndex", "DefectScore", "FusedZ")
  VALUES (s."RunID", s."EquipID", s."Timestamp", s."EventType", s."FromZone", s."ToZone", s."HealthZone", s."HealthAtEvent", s."HealthIndex", s."DefectScore", s."FusedZ")
RETURNING merge_action;

-- ACM_DriftEvents: deleted
DELETE FROM "ACM_DriftEvents"
WHERE "ACM_DriftEvents"."EquipID" = ? AND "ACM_DriftEvents"."SegmentStart" >= ? AND "ACM_DriftEvents"."SegmentStart" < ?
  AND NOT EXISTS (SELECT 1 FROM "stage_1" AS s WHERE "ACM_DriftEvents"."EquipID" = s."EquipID" AND "ACM_DriftEvents"."SegmentStart" = s."SegmentStart");

-- ACM_DriftEvents: merged
MERGE INTO "ACM_DriftEvents" AS t
USING "stage_1" AS s
ON t."EquipID" = s."EquipID" AND t."SegmentStart" = s."SegmentStart"
WHEN MATCHED AND (s."RunID" IS DISTINCT FROM t."RunID" OR s."SegmentEnd" IS DISTINCT FROM t."SegmentEnd" OR s."Timestamp" IS DISTINCT FROM t."Timestamp" OR s."Value" IS DISTINCT FROM t."Value" OR s."Status" IS DISTINCT FROM t."Status" OR s."DurationHours" IS DISTINCT FROM t."DurationHours" OR s."RecordCount" IS DISTINCT FROM t."RecordCount" OR s."SensorName" IS DISTINCT FROM t."SensorName")
  THEN UPDATE SET "RunID" = s."RunID", "SegmentEnd" = s."SegmentEnd", "Timestamp" = s."Timestamp", "Value" = s."Value", "Status" = s."Status", "DurationHours" = s."DurationHours", "RecordCount" = s."RecordCount", "SensorName" = s."SensorName"
WHEN NOT MATCHED BY TARGET
  THEN INSERT ("RunID", "EquipID", "SegmentStart", "SegmentEnd", "Timestamp", "Value", "Status", "DurationHours", "RecordCount", "SensorName")
  VALUES (s."RunID", s."EquipID", s."SegmentStart", s."SegmentEnd", s."Timestamp", s."Value", s."Status", s."DurationHours", s."RecordCount", s."SensorName")
RETURNING merge_action;

-- ACM_Regime_Episodes: deleted
DELETE FROM "ACM_Regime_Episodes"
WHERE "ACM_Regime_Episodes"."EquipID" = ? AND "ACM_Regime_Episodes"."StartTs" >= ? AND "ACM_Regime_Episodes"."StartTs" < ?
  AND NOT EXISTS (SELECT 1 FROM "stage_1" AS s WHERE "ACM_Regime_Episodes"."EquipID" = s."EquipID" AND "ACM_Regime_Episodes"."StartTs" = s."StartTs");

-- ACM_Regime_Episodes: merged
MERGE INTO "ACM_Regime_Episodes" AS t
USING "stage_1" AS s
ON t."EquipID" = s."EquipID" AND t."StartTs" = s."StartTs"
WHEN MATCHED AND (s."RunID" IS DISTINCT FROM t."RunID" OR s."EndTs" IS DISTINCT FROM t."EndTs" OR s."Status" IS DISTINCT FROM t."Status" OR s."RegimeLabel" IS DISTINCT FROM t."RegimeLabel" OR s."DurationSeconds" IS DISTINCT FROM t."DurationSeconds" OR s."DurationHours" IS DISTINCT FROM t."DurationHours" OR s."RecordCount" IS DISTINCT FROM t."RecordCount" OR s."AvgFusedZ" IS DISTINCT FROM t."AvgFusedZ" OR s."MaxFusedZ" IS DISTINCT FROM t."MaxFusedZ" OR s."StabilityScore" IS DISTINCT FROM t."StabilityScore")
  THEN UPDATE SET "RunID" = s."RunID", "EndTs" = s."EndTs", "Status" = s."Status", "RegimeLabel" = s."RegimeLabel", "DurationSeconds" = s."DurationSeconds", "DurationHours" = s."DurationHours", "RecordCount" = s."RecordCount", "AvgFusedZ" = s."AvgFusedZ", "MaxFusedZ" = s."MaxFusedZ", "StabilityScore" = s."StabilityScore"
WHEN NOT MATCHED BY TARGET
  THEN INSERT ("RunID", "EquipID", "StartTs", "EndTs", "Status", "RegimeLabel", "DurationSeconds", "DurationHours", "RecordCount", "AvgFusedZ", "MaxFusedZ", "StabilityScore")
  VALUES (s."RunID", s."EquipID", s."StartTs", s."EndTs", s."Status", s."RegimeLabel", s."DurationSeconds", s."DurationHours", s."RecordCount", s."AvgFusedZ", s."MaxFusedZ", s."StabilityScore")
RETURNING merge_action;

-- ACM_AlertAge: deleted
DELETE FROM "ACM_AlertAge"
WHERE "ACM_AlertAge"."EquipID" = ? AND "ACM_AlertAge"."StartTimestamp" >= ? AND "ACM_AlertAge"."StartTimestamp" < ?
  AND NOT EXISTS (SELECT 1 FROM "stage_1" AS s WHERE "ACM_AlertAge"."EquipID" = s."EquipID" AND "ACM_AlertAge"."StartTimestamp" = s."StartTimestamp");

-- ACM_AlertAge: merged
MERGE INTO "ACM_AlertAge" AS t
USING "stage_1" AS s
ON t."EquipID" = s."EquipID" AND t."StartTimestamp" = s."StartTimestamp"
WHEN MATCHED AND (s."RunID" IS DISTINCT FROM t."RunID" OR s."EndTimestamp" IS DISTINCT FROM t."EndTimestamp" OR s."AlertZone" IS DISTINCT FROM t."AlertZone" OR s."Status" IS DISTINCT FROM t."Status" OR s."DurationHours" IS DISTINCT FROM t."DurationHours" OR s."RecordCount" IS DISTINCT FROM t."RecordCount" OR s."MinHealthIndex" IS DISTINCT FROM t."MinHealthIndex")
  THEN UPDATE SET "RunID" = s."RunID", "EndTimestamp" = s."EndTimestamp", "AlertZone" = s."AlertZone", "Status" = s."Status", "DurationHours" = s."DurationHours", "RecordCount" = s."RecordCount", "MinHealthIndex" = s."MinHealthIndex"
WHEN NOT MATCHED BY TARGET
  THEN INSERT ("RunID", "EquipID", "StartTimestamp", "EndTimestamp", "AlertZone", "Status", "DurationHours", "RecordCount", "MinHealthIndex")
  VALUES (s."RunID", s."EquipID", s."StartTimestamp", s."EndTimestamp", s."AlertZone", s."Status", s."DurationHours", s."RecordCount", s."MinHealthIndex")
RETURNING merge_action;

-- ACM_SensorDaily: deleted
DELETE FROM "ACM_SensorDaily"
WHERE "ACM_SensorDaily"."EquipID" = ? AND "ACM_SensorDaily"."AsOf" >= ? AND "ACM_SensorDaily"."AsOf" < ?
  AND NOT EXISTS (SELECT 1 FROM "stage_1" AS s WHERE "ACM_SensorDaily"."EquipID" = s."EquipID" AND "ACM_SensorDaily"."AsOf" = s."AsOf" AND "ACM_SensorDaily"."SensorName" = s."SensorName");

-- ACM_SensorDaily: merged
MERGE INTO "ACM_SensorDaily" AS t
USING "stage_1" AS s
ON t."EquipID" = s."EquipID" AND t."AsOf" = s."AsOf" AND t."SensorName" = s."SensorName"
WHEN MATCHED AND (s."RunID" IS DISTINCT FROM t."RunID" OR s."Readings" IS DISTINCT FROM t."Readings" OR s."Nulls" IS DISTINCT FROM t."Nulls" OR s."LongestGap" IS DISTINCT FROM t."LongestGap" OR s."LongestFlat" IS DISTINCT FROM t."LongestFlat" OR s."AboveWarnCount" IS DISTINCT FROM t."AboveWarnCount" OR s."AboveAlertCount" IS DISTINCT FROM t."AboveAlertCount" OR s."MaxTimestamp" IS DISTINCT FROM t."MaxTimestamp" OR s."MaxSignedZ" IS DISTINCT FROM t."MaxSignedZ" OR s."ValueAtPeak" IS DISTINCT FROM t."ValueAtPeak" OR s."LatestTimestamp" IS DISTINCT FROM t."LatestTimestamp" OR s."LatestSignedZ" IS DISTINCT FROM t."LatestSignedZ" OR s."LatestValue" IS DISTINCT FROM t."LatestValue" OR s."BaselineCount" IS DISTINCT FROM t."BaselineCount" OR s."BaselineMean" IS DISTINCT FROM t."BaselineMean")
  THEN UPDATE SET "RunID" = s."RunID", "Readings" = s."Readings", "Nulls" = s."Nulls", "LongestGap" = s."LongestGap", "LongestFlat" = s."LongestFlat", "AboveWarnCount" = s."AboveWarnCount", "AboveAlertCount" = s."AboveAlertCount", "MaxTimestamp" = s."MaxTimestamp", "MaxSignedZ" = s."MaxSignedZ", "ValueAtPeak" = s."ValueAtPeak", "LatestTimestamp" = s."LatestTimestamp", "LatestSignedZ" = s."LatestSignedZ", "LatestValue" = s."LatestValue", "BaselineCount" = s."BaselineCount", "BaselineMean" = s."BaselineMean"
WHEN NOT MATCHED BY TARGET
  THEN INSERT ("RunID", "EquipID", "AsOf", "SensorName", "Readings", "Nulls", "LongestGap", "LongestFlat", "AboveWarnCount", "AboveAlertCount", "MaxTimestamp", "MaxSignedZ", "ValueAtPeak", "LatestTimestamp", "LatestSignedZ", "LatestValue", "BaselineCount", "BaselineMean")
  VALUES (s."RunID", s."EquipID", s."AsOf", s."SensorName", s."Readings", s."Nulls", s."LongestGap", s."LongestFlat", s."AboveWarnCount", s."AboveAlertCount", s."MaxTimestamp", s."MaxSignedZ", s."ValueAtPeak", s."LatestTimestamp", s."LatestSignedZ", s."LatestValue", s."BaselineCount", s."BaselineMean")
RETURNING merge_action;

-- ACM_SensorHotspots: deleted
DELETE FROM "ACM_SensorHotspots"
WHERE "ACM_SensorHotspots"."EquipID" = ? AND "ACM_SensorHotspots"."AsOf" >= ? AND "ACM_SensorHotspots"."AsOf" < ?
  AND NOT EXISTS (SELECT 1 FROM "stage_1" AS s WHERE "ACM_SensorHotspots"."EquipID" = s."EquipID" AND "ACM_SensorHotspots"."AsOf" = s."AsOf" AND "ACM_SensorHotspots"."SensorName" = s."SensorName");

-- ACM_SensorHotspots: merged
MERGE INTO "ACM_SensorHotspots" AS t
USING "stage_1" AS s
ON t."EquipID" = s."EquipID" AND t."AsOf" = s."AsOf" AND t."SensorName" = s."SensorName"
WHEN MATCHED AND (s."RunID" IS DISTINCT FROM t."RunID" OR s."MaxTimestamp" IS DISTINCT FROM t."MaxTimestamp" OR s."LatestTimestamp" IS DISTINCT FROM t."LatestTimestamp" OR s."MaxAbsZ" IS DISTINCT FROM t."MaxAbsZ" OR s."MaxSignedZ" IS DISTINCT FROM t."MaxSignedZ" OR s."LatestAbsZ" IS DISTINCT FROM t."LatestAbsZ" OR s."LatestSignedZ" IS DISTINCT FROM t."LatestSignedZ" OR s."ValueAtPeak" IS DISTINCT FROM t."ValueAtPeak" OR s."LatestValue" IS DISTINCT FROM t."LatestValue" OR s."TrainMean" IS DISTINCT FROM t."TrainMean" OR s."TrainStd" IS DISTINCT FROM t."TrainStd" OR s."AboveWarnCount" IS DISTINCT FROM t."AboveWarnCount" OR s."AboveAlertCount" IS DISTINCT FROM t."AboveAlertCount")
  THEN UPDATE SET "RunID" = s."RunID", "MaxTimestamp" = s."MaxTimestamp", "LatestTimestamp" = s."LatestTimestamp", "MaxAbsZ" = s."MaxAbsZ", "MaxSignedZ" = s."MaxSignedZ", "LatestAbsZ" = s."LatestAbsZ", "LatestSignedZ" = s."LatestSignedZ", "ValueAtPeak" = s."ValueAtPeak", "LatestValue" = s."LatestValue", "TrainMean" = s."TrainMean", "TrainStd" = s."TrainStd", "AboveWarnCount" = s."AboveWarnCount", "AboveAlertCount" = s."AboveAlertCount"
WHEN NOT MATCHED BY TARGET
  THEN INSERT ("RunID", "EquipID", "AsOf", "SensorName", "MaxTimestamp", "LatestTimestamp", "MaxAbsZ", "MaxSignedZ", "LatestAbsZ", "LatestSignedZ", "ValueAtPeak", "LatestValue", "TrainMean", "TrainStd", "AboveWarnCount", "AboveAlertCount")
  VALUES (s."RunID", s."EquipID", s."AsOf", s."SensorName", s."MaxTimestamp", s."LatestTimestamp", s."MaxAbsZ", s."MaxSignedZ", s."LatestAbsZ", s."LatestSignedZ", s."ValueAtPeak", s."LatestValue", s."TrainMean", s."TrainStd", s."AboveWarnCount", s."AboveAlertCount")
RETURNING merge_action;

-- ACM_DataQuality: deleted
DELETE FROM "ACM_DataQuality"
WHERE "ACM_DataQuality"."EquipID" = ? AND "ACM_DataQuality"."AsOf" >= ? AND "ACM_DataQuality"."AsOf" < ?
  AND NOT EXISTS (SELECT 1 FROM "stage_1" AS s WHERE "ACM_DataQuality"."EquipID" = s."EquipID" AND "ACM_DataQuality"."AsOf" = s."AsOf" AND "ACM_DataQuality"."SensorName" = s."SensorName" AND "ACM_DataQuality"."CheckName" = s."CheckName");

-- ACM_DataQuality: merged
MERGE INTO "ACM_DataQuality" AS t
USING "stage_1" AS s
ON t."EquipID" = s."EquipID" AND t."AsOf" = s."AsOf" AND t."SensorName" = s."SensorName" AND t."CheckName" = s."CheckName"
WHEN MATCHED AND (s."RunID" IS DISTINCT FROM t."RunID" OR s."CheckResult" IS DISTINCT FROM t."CheckResult" OR s."Readings" IS DISTINCT FROM t."Readings" OR s."Nulls" IS DISTINCT FROM t."Nulls" OR s."NullPct" IS DISTINCT FROM t."NullPct" OR s."LongestGap" IS DISTINCT FROM t."LongestGap" OR s."LongestFlat" IS DISTINCT FROM t."LongestFlat" OR s."Notes" IS DISTINCT FROM t."Notes")
  THEN UPDATE SET "RunID" = s."RunID", "CheckResult" = s."CheckResult", "Readings" = s."Readings", "Nulls" = s."Nulls", "NullPct" = s."NullPct", "LongestGap" = s."LongestGap", "LongestFlat" = s."LongestFlat", "Notes" = s."Notes"
WHEN NOT MATCHED BY TARGET
  THEN INSERT ("RunID", "EquipID", "AsOf", "SensorName", "CheckName", "CheckResult", "Readings", "Nulls", "NullPct", "LongestGap", "LongestFlat", "Notes")
  VALUES (s."RunID", s."EquipID", s."AsOf", s."SensorName", s."CheckName", s."CheckResult", s."Readings", s."Nulls", s."NullPct", s."LongestGap", s."LongestFlat", s."Notes")
RETURNING merge_action;

-- ACM_DefectSummary: deleted
DELETE FROM "ACM_DefectSummary"
WHERE "ACM_DefectSummary"."EquipID" = ? AND "ACM_DefectSummary"."AsOf" >= ? AND "ACM_DefectSummary"."AsOf" < ?
  AND NOT EXISTS (SELECT 1 FROM "stage_1" AS s WHERE "ACM_DefectSummary"."EquipID" = s."EquipID" AND "ACM_DefectSummary"."AsOf" = s."AsOf");

-- ACM_DefectSummary: merged
MERGE INTO "ACM_DefectSummary" AS t
USING "stage_1" AS s
ON t."EquipID" = s."EquipID" AND t."AsOf" = s."AsOf"
WHEN MATCHED AND (s."RunID" IS DISTINCT FROM t."RunID" OR s."Status" IS DISTINCT FROM t."Status" OR s."Severity" IS DISTINCT FROM t."Severity" OR s."CurrentHealth" IS DISTINCT FROM t."CurrentHealth" OR s."AvgHealth" IS DISTINCT FROM t."AvgHealth" OR s."MinHealth" IS DISTINCT FROM t."MinHealth" OR s."EpisodeCount" IS DISTINCT FROM t."EpisodeCount" OR s."WorstSensor" IS DISTINCT FROM t."WorstSensor" OR s."GoodCount" IS DISTINCT FROM t."GoodCount" OR s."WatchCount" IS DISTINCT FROM t."WatchCount" OR s."AlertCount" IS DISTINCT FROM t."AlertCount")
  THEN UPDATE SET "RunID" = s."RunID", "Status" = s."Status", "Severity" = s."Severity", "CurrentHealth" = s."CurrentHealth", "AvgHealth" = s."AvgHealth", "MinHealth" = s."MinHealth", "EpisodeCount" = s."EpisodeCount", "WorstSensor" = s."WorstSensor", "GoodCount" = s."GoodCount", "WatchCount" = s."WatchCount", "AlertCount" = s."AlertCount"
WHEN NOT MATCHED BY TARGET
  THEN INSERT ("RunID", "EquipID", "AsOf", "Status", "Severity", "CurrentHealth", "AvgHealth", "MinHealth", "EpisodeCount", "WorstSensor", "GoodCount", "WatchCount", "AlertCount")
  VALUES (s."RunID", s."EquipID", s."AsOf", s."Status", s."Severity", s."CurrentHealth", s."AvgHealth", s."MinHealth", s."EpisodeCount", s."WorstSensor", s."GoodCount", s."WatchCount", s."AlertCount")
RETURNING merge_action;

-- ACM_EpisodeMetrics: deleted
DELETE FROM "ACM_EpisodeMetrics"
WHERE "ACM_EpisodeMetrics"."EquipID" = ? AND "ACM_EpisodeMetrics"."AsOf" >= ? AND "ACM_EpisodeMetrics"."AsOf" < ?
  AND NOT EXISTS (SELECT 1 FROM "stage_1" AS s WHERE "ACM_EpisodeMetrics"."EquipID" = s."EquipID" AND "ACM_EpisodeMetrics"."AsOf" = s."AsOf");

-- ACM_EpisodeMetrics: merged
MERGE INTO "ACM_EpisodeMetrics" AS t
USING "stage_1" AS s
ON t."EquipID" = s."EquipID" AND t."AsOf" = s."AsOf"
WHEN MATCHED AND (s."RunID" IS DISTINCT FROM t."RunID" OR s."TotalEpisodes" IS DISTINCT FROM t."TotalEpisodes" OR s."TotalDurationHours" IS DISTINCT FROM t."TotalDurationHours" OR s."AvgDurationHours" IS DISTINCT FROM t."AvgDurationHours" OR s."MedianDurationHours" IS DISTINCT FROM t."MedianDurationHours" OR s."MaxDurationHours" IS DISTINCT FROM t."MaxDurationHours" OR s."MinDurationHours" IS DISTINCT FROM t."MinDurationHours" OR s."RatePerDay" IS DISTINCT FROM t."RatePerDay" OR s."MeanInterarrivalHours" IS DISTINCT FROM t."MeanInterarrivalHours")
  THEN UPDATE SET "RunID" = s."RunID", "TotalEpisodes" = s."TotalEpisodes", "TotalDurationHours" = s."TotalDurationHours", "AvgDurationHours" = s."AvgDurationHours", "MedianDurationHours" = s."MedianDurationHours", "MaxDurationHours" = s."MaxDurationHours", "MinDurationHours" = s."MinDurationHours", "RatePerDay" = s."RatePerDay", "MeanInterarrivalHours" = s."MeanInterarrivalHours"
WHEN NOT MATCHED BY TARGET
  THEN INSERT ("RunID", "EquipID", "AsOf", "TotalEpisodes", "TotalDurationHours", "AvgDurationHours", "MedianDurationHours", "MaxDurationHours", "MinDurationHours", "RatePerDay", "MeanInterarrivalHours")
  VALUES (s."RunID", s."EquipID", s."AsOf", s."TotalEpisodes", s."TotalDurationHours", s."AvgDurationHours", s."MedianDurationHours", s."MaxDurationHours", s."MinDurationHours", s."RatePerDay", s."MeanInterarrivalHours")
RETURNING merge_action;

-- ACM_RegimeOccupancy: deleted
DELETE FROM "ACM_RegimeOccupancy"
WHERE "ACM_RegimeOccupancy"."EquipID" = ? AND "ACM_RegimeOccupancy"."AsOf" >= ? AND "ACM_RegimeOccupancy"."AsOf" < ?
  AND NOT EXISTS (SELECT 1 FROM "stage_1" AS s WHERE "ACM_RegimeOccupancy"."EquipID" = s."EquipID" AND "ACM_RegimeOccupancy"."AsOf" = s."AsOf" AND "ACM_RegimeOccupancy"."RegimeLabel" = s."RegimeLabel");

-- ACM_RegimeOccupancy: merged
MERGE INTO "ACM_RegimeOccupancy" AS t
USING "stage_1" AS s
ON t."EquipID" = s."EquipID" AND t."AsOf" = s."AsOf" AND t."RegimeLabel" = s."RegimeLabel"
WHEN MATCHED AND (s."RunID" IS DISTINCT FROM t."RunID" OR s."RecordCount" IS DISTINCT FROM t."RecordCount" OR s."Percentage" IS DISTINCT FROM t."Percentage")
  THEN UPDATE SET "RunID" = s."RunID", "RecordCount" = s."RecordCount", "Percentage" = s."Percentage"
WHEN NOT MATCHED BY TARGET
  THEN INSERT ("RunID", "EquipID", "AsOf", "RegimeLabel", "RecordCount", "Percentage")
  VALUES (s."RunID", s."EquipID", s."AsOf", s."RegimeLabel", s."RecordCount", s."Percentage")
RETURNING merge_action;

-- ACM_RegimeTransitions: deleted
DELETE FROM "ACM_RegimeTransitions"
WHERE "ACM_RegimeTransitions"."EquipID" = ? AND "ACM_RegimeTransitions"."AsOf" >= ? AND "ACM_RegimeTransitions"."AsOf" < ?
  AND NOT EXISTS (SELECT 1 FROM "stage_1" AS s WHERE "ACM_RegimeTransitions"."EquipID" = s."EquipID" AND "ACM_RegimeTransitions"."AsOf" = s."AsOf" AND "ACM_RegimeTransitions"."FromLabel" = s."FromLabel" AND "ACM_RegimeTransitions"."ToLabel" = s."ToLabel");

-- ACM_RegimeTransitions: merged
MERGE INTO "ACM_RegimeTransitions" AS t
USING "stage_1" AS s
ON t."EquipID" = s."EquipID" AND t."AsOf" = s."AsOf" AND t."FromLabel" = s."FromLabel" AND t."ToLabel" = s."ToLabel"
WHEN MATCHED AND (s."RunID" IS DISTINCT FROM t."RunID" OR s."Count" IS DISTINCT FROM t."Count" OR s."Prob" IS DISTINCT FROM t."Prob")
  THEN UPDATE SET "RunID" = s."RunID", "Count" = s."Count", "Prob" = s."Prob"
WHEN NOT MATCHED BY TARGET
  THEN INSERT ("RunID", "EquipID", "AsOf", "FromLabel", "ToLabel", "Count", "Prob")
  VALUES (s."RunID", s."EquipID", s."AsOf", s."FromLabel", s."ToLabel", s."Count", s."Prob")
RETURNING merge_action;

-- ACM_CalibrationSummary: merged
MERGE INTO "ACM_CalibrationSummary" AS t
USING "stage_1" AS s
ON t."EquipID" = s."EquipID" AND t."ModelVersion" = s."ModelVersion" AND t."DetectorType" = s."DetectorType" AND t."OperatingState" = s."OperatingState"
WHEN MATCHED AND (s."RunID" IS DISTINCT FROM t."RunID" OR s."CalibrationRows" IS DISTINCT FROM t."CalibrationRows" OR s."Pooled" IS DISTINCT FROM t."Pooled" OR s."MeanZ" IS DISTINCT FROM t."MeanZ" OR s."StdZ" IS DISTINCT FROM t."StdZ" OR s."P95Z" IS DISTINCT FROM t."P95Z" OR s."P99Z" IS DISTINCT FROM t."P99Z" OR s."ClipZ" IS DISTINCT FROM t."ClipZ" OR s."SaturationPct" IS DISTINCT FROM t."SaturationPct" OR s."MahalCondNum" IS DISTINCT FROM t."MahalCondNum" OR s."TailFoldPct" IS DISTINCT FROM t."TailFoldPct" OR s."TailFoldStart" IS DISTINCT FROM t."TailFoldStart" OR s."TailFoldEnd" IS DISTINCT FROM t."TailFoldEnd" OR s."LeftOutStart" IS DISTINCT FROM t."LeftOutStart" OR s."LeftOutEnd" IS DISTINCT FROM t."LeftOutEnd")
  THEN UPDATE SET "RunID" = s."RunID", "CalibrationRows" = s."CalibrationRows", "Pooled" = s."Pooled", "MeanZ" = s."MeanZ", "StdZ" = s."StdZ", "P95Z" = s."P95Z", "P99Z" = s."P99Z", "ClipZ" = s."ClipZ", "SaturationPct" = s."SaturationPct", "MahalCondNum" = s."MahalCondNum", "TailFoldPct" = s."TailFoldPct", "TailFoldStart" = s."TailFoldStart", "TailFoldEnd" = s."TailFoldEnd", "LeftOutStart" = s."LeftOutStart", "LeftOutEnd" = s."LeftOutEnd"
WHEN NOT MATCHED BY TARGET
  THEN INSERT ("RunID", "EquipID", "ModelVersion", "DetectorType", "OperatingState", "CalibrationRows", "Pooled", "MeanZ", "StdZ", "P95Z", "P99Z", "ClipZ", "SaturationPct", "MahalCondNum", "TailFoldPct", "TailFoldStart", "TailFoldEnd", "LeftOutStart", "LeftOutEnd")
  VALUES (s."RunID", s."EquipID", s."ModelVersion", s."DetectorType", s."OperatingState", s."CalibrationRows", s."Pooled", s."MeanZ", s."StdZ", s."P95Z", s."P99Z", s."ClipZ", s."SaturationPct", s."MahalCondNum", s."TailFoldPct", s."TailFoldStart", s."TailFoldEnd", s."LeftOutStart", s."LeftOutEnd")
RETURNING merge_action;

-- ACM_ModelTags: merged
MERGE INTO "ACM_ModelTags" AS t
USING "stage_1" AS s
ON t."EquipID" = s."EquipID" AND t."ModelVersion" = s."ModelVersion" AND t."TagName" = s."TagName"
WHEN MATCHED AND (s."RunID" IS DISTINCT FROM t."RunID" OR s."Ordinal" IS DISTINCT FROM t."Ordinal" OR s."Used" IS DISTINCT FROM t."Used" OR s."Reason" IS DISTINCT FROM t."Reason" OR s."IdleLevel" IS DISTINCT FROM t."IdleLevel" OR s."ContextLow" IS DISTINCT FROM t."ContextLow" OR s."ContextHigh" IS DISTINCT FROM t."ContextHigh")
  THEN UPDATE SET "RunID" = s."RunID", "Ordinal" = s."Ordinal", "Used" = s."Used", "Reason" = s."Reason", "IdleLevel" = s."IdleLevel", "ContextLow" = s."ContextLow", "ContextHigh" = s."ContextHigh"
WHEN NOT MATCHED BY TARGET
  THEN INSERT ("RunID", "EquipID", "ModelVersion", "TagName", "Ordinal", "Used", "Reason", "IdleLevel", "ContextLow", "ContextHigh")
  VALUES (s."RunID", s."EquipID", s."ModelVersion", s."TagName", s."Ordinal", s."Used", s."Reason", s."IdleLevel", s."ContextLow", s."ContextHigh")
RETURNING merge_action;

-- ACM_HealthDaily: deleted
DELETE FROM "ACM_HealthDaily"
WHERE "ACM_HealthDaily"."EquipID" = ? AND "ACM_HealthDaily"."AsOf" >= ? AND "ACM_HealthDaily"."AsOf" < ?
  AND NOT EXISTS (SELECT 1 FROM "stage_1" AS s WHERE "ACM_HealthDaily"."EquipID" = s."EquipID" AND "ACM_HealthDaily"."AsOf" = s."AsOf");

-- ACM_HealthDaily: merged
MERGE INTO "ACM_HealthDaily" AS t
USING "stage_1" AS s
ON t."EquipID" = s."EquipID" AND t."AsOf" = s."AsOf"
WHEN MATCHED AND (s."RunID" IS DISTINCT FROM t."RunID" OR s."DaySeconds" IS DISTINCT FROM t."DaySeconds" OR s."Readings" IS DISTINCT FROM t."Readings" OR s."AssessedCount" IS DISTINCT FROM t."AssessedCount" OR s."GoodCount" IS DISTINCT FROM t."GoodCount" OR s."WatchCount" IS DISTINCT FROM t."WatchCount" OR s."AlertCount" IS DISTINCT FROM t."AlertCount" OR s."AlarmCount" IS DISTINCT FROM t."AlarmCount" OR s."AvgHealth" IS DISTINCT FROM t."AvgHealth" OR s."MinHealth" IS DISTINCT FROM t."MinHealth" OR s."LastHealth" IS DISTINCT FROM t."LastHealth" OR s."MaxFusedZ" IS DISTINCT FROM t."MaxFusedZ")
  THEN UPDATE SET "RunID" = s."RunID", "DaySeconds" = s."DaySeconds", "Readings" = s."Readings", "AssessedCount" = s."AssessedCount", "GoodCount" = s."GoodCount", "WatchCount" = s."WatchCount", "AlertCount" = s."AlertCount", "AlarmCount" = s."AlarmCount", "AvgHealth" = s."AvgHealth", "MinHealth" = s."MinHealth", "LastHealth" = s."LastHealth", "MaxFusedZ" = s."MaxFusedZ"
WHEN NOT MATCHED BY TARGET
  THEN INSERT ("RunID", "EquipID", "AsOf", "DaySeconds", "Readings", "AssessedCount", "GoodCount", "WatchCount", "AlertCount", "AlarmCount", "AvgHealth", "MinHealth", "LastHealth", "MaxFusedZ")
  VALUES (s."RunID", s."EquipID", s."AsOf", s."DaySeconds", s."Readings", s."AssessedCount", s."GoodCount", s."WatchCount", s."AlertCount", s."AlarmCount", s."AvgHealth", s."MinHealth", s."LastHealth", s."MaxFusedZ")
RETURNING merge_action;

-- ACM_DetectorDaily: deleted
DELETE FROM "ACM_DetectorDaily"
WHERE "ACM_DetectorDaily"."EquipID" = ? AND "ACM_DetectorDaily"."AsOf" >= ? AND "ACM_DetectorDaily"."AsOf" < ?
  AND NOT EXISTS (SELECT 1 FROM "stage_1" AS s WHERE "ACM_DetectorDaily"."EquipID" = s."EquipID" AND "ACM_DetectorDaily"."AsOf" = s."AsOf" AND "ACM_DetectorDaily"."DetectorType" = s."DetectorType");

-- ACM_DetectorDaily: merged
MERGE INTO "ACM_DetectorDaily" AS t
USING "stage_1" AS s
ON t."EquipID" = s."EquipID" AND t."AsOf" = s."AsOf" AND t."DetectorType" = s."DetectorType"
WHEN MATCHED AND (s."RunID" IS DISTINCT FROM t."RunID" OR s."DaySeconds" IS DISTINCT FROM t."DaySeconds" OR s."Points" IS DISTINCT FROM t."Points" OR s."AboveCount" IS DISTINCT FROM t."AboveCount" OR s."MaxZ" IS DISTINCT FROM t."MaxZ" OR s."AvgZ" IS DISTINCT FROM t."AvgZ" OR s."LatestZ" IS DISTINCT FROM t."LatestZ")
  THEN UPDATE SET "RunID" = s."RunID", "DaySeconds" = s."DaySeconds", "Points" = s."Points", "AboveCount" = s."AboveCount", "MaxZ" = s."MaxZ", "AvgZ" = s."AvgZ", "LatestZ" = s."LatestZ"
WHEN NOT MATCHED BY TARGET
  THEN INSERT ("RunID", "EquipID", "AsOf", "DetectorType", "DaySeconds", "Points", "AboveCount", "MaxZ", "AvgZ", "LatestZ")
  VALUES (s."RunID", s."EquipID", s."AsOf", s."DetectorType", s."DaySeconds", s."Points", s."AboveCount", s."MaxZ", s."AvgZ", s."LatestZ")
RETURNING merge_action;

-- ACM_SinceWhen: deleted
DELETE FROM "ACM_SinceWhen"
WHERE "ACM_SinceWhen"."EquipID" = ? AND "ACM_SinceWhen"."AsOf" >= ? AND "ACM_SinceWhen"."AsOf" < ?
  AND NOT EXISTS (SELECT 1 FROM "stage_1" AS s WHERE "ACM_SinceWhen"."EquipID" = s."EquipID" AND "ACM_SinceWhen"."AsOf" = s."AsOf");

-- ACM_SinceWhen: merged
MERGE INTO "ACM_SinceWhen" AS t
USING "stage_1" AS s
ON t."EquipID" = s."EquipID" AND t."AsOf" = s."AsOf"
WHEN MATCHED AND (s."RunID" IS DISTINCT FROM t."RunID" OR s."AlertZone" IS DISTINCT FROM t."AlertZone" OR s."StartTimestamp" IS DISTINCT FROM t."StartTimestamp" OR s."LastTimestamp" IS DISTINCT FROM t."LastTimestamp" OR s."DurationHours" IS DISTINCT FROM t."DurationHours" OR s."RecordCount" IS DISTINCT FROM t."RecordCount")
  THEN UPDATE SET "RunID" = s."RunID", "AlertZone" = s."AlertZone", "StartTimestamp" = s."StartTimestamp", "LastTimestamp" = s."LastTimestamp", "DurationHours" = s."DurationHours", "RecordCount" = s."RecordCount"
WHEN NOT MATCHED BY TARGET
  THEN INSERT ("RunID", "EquipID", "AsOf", "AlertZone", "StartTimestamp", "LastTimestamp", "DurationHours", "RecordCount")
  VALUES (s."RunID", s."EquipID", s."AsOf", s."AlertZone", s."StartTimestamp", s."LastTimestamp", s."DurationHours", s."RecordCount")
RETURNING merge_action;

-- ACM_SensorDefects: deleted
DELETE FROM "ACM_SensorDefects"
WHERE "ACM_SensorDefects"."EquipID" = ? AND "ACM_SensorDefects"."AsOf" >= ? AND "ACM_SensorDefects"."AsOf" < ?
  AND NOT EXISTS (SELECT 1 FROM "stage_1" AS s WHERE "ACM_SensorDefects"."EquipID" = s."EquipID" AND "ACM_SensorDefects"."AsOf" = s."AsOf" AND "ACM_SensorDefects"."DetectorType" = s."DetectorType");

-- ACM_SensorDefects: merged
MERGE INTO "ACM_SensorDefects" AS t
USING "stage_1" AS s
ON t."EquipID" = s."EquipID" AND t."AsOf" = s."AsOf" AND t."DetectorType" = s."DetectorType"
WHEN MATCHED AND (s."RunID" IS DISTINCT FROM t."RunID" OR s."DetectorFamily" IS DISTINCT FROM t."DetectorFamily" OR s."Severity" IS DISTINCT FROM t."Severity" OR s."ViolationCount" IS DISTINCT FROM t."ViolationCount" OR s."ViolationPct" IS DISTINCT FROM t."ViolationPct" OR s."MaxZ" IS DISTINCT FROM t."MaxZ" OR s."AvgZ" IS DISTINCT FROM t."AvgZ" OR s."CurrentZ" IS DISTINCT FROM t."CurrentZ" OR s."ActiveDefect" IS DISTINCT FROM t."ActiveDefect")
  THEN UPDATE SET "RunID" = s."RunID", "DetectorFamily" = s."DetectorFamily", "Severity" = s."Severity", "ViolationCount" = s."ViolationCount", "ViolationPct" = s."ViolationPct", "MaxZ" = s."MaxZ", "AvgZ" = s."AvgZ", "CurrentZ" = s."CurrentZ", "ActiveDefect" = s."ActiveDefect"
WHEN NOT MATCHED BY TARGET
  THEN INSERT ("RunID", "EquipID", "AsOf", "DetectorType", "DetectorFamily", "Severity", "ViolationCount", "ViolationPct", "MaxZ", "AvgZ", "CurrentZ", "ActiveDefect")
  VALUES (s."RunID", s."EquipID", s."AsOf", s."DetectorType", s."DetectorFamily", s."Severity", s."ViolationCount", s."ViolationPct", s."MaxZ", s."AvgZ", s."CurrentZ", s."ActiveDefect")
RETURNING merge_action;

-- ACM_SensorRanking: deleted
DELETE FROM "ACM_SensorRanking"
WHERE "ACM_SensorRanking"."EquipID" = ? AND "ACM_SensorRanking"."AsOf" >= ? AND "ACM_SensorRanking"."AsOf" < ?
  AND NOT EXISTS (SELECT 1 FROM "stage_1" AS s WHERE "ACM_SensorRanking"."EquipID" = s."EquipID" AND "ACM_SensorRanking"."AsOf" = s."AsOf" AND "ACM_SensorRanking"."SensorName" = s."SensorName");

-- ACM_SensorRanking: merged
MERGE INTO "ACM_SensorRanking" AS t
USING "stage_1" AS s
ON t."EquipID" = s."EquipID" AND t."AsOf" = s."AsOf" AND t."SensorName" = s."SensorName"
WHEN MATCHED AND (s."RunID" IS DISTINCT FROM t."RunID" OR s."RankPosition" IS DISTINCT FROM t."RankPosition" OR s."ContributionPct" IS DISTINCT FROM t."ContributionPct" OR s."ZScore" IS DISTINCT FROM t."ZScore" OR s."DetectorType" IS DISTINCT FROM t."DetectorType")
  THEN UPDATE SET "RunID" = s."RunID", "RankPosition" = s."RankPosition", "ContributionPct" = s."ContributionPct", "ZScore" = s."ZScore", "DetectorType" = s."DetectorType"
WHEN NOT MATCHED BY TARGET
  THEN INSERT ("RunID", "EquipID", "AsOf", "SensorName", "RankPosition", "ContributionPct", "ZScore", "DetectorType")
  VALUES (s."RunID", s."EquipID", s."AsOf", s."SensorName", s."RankPosition", s."ContributionPct", s."ZScore", s."DetectorType")
RETURNING merge_action;

-- ACM_DetectorCorrelation: deleted
DELETE FROM "ACM_DetectorCorrelation"
WHERE "ACM_DetectorCorrelation"."EquipID" = ? AND "ACM_DetectorCorrelation"."AsOf" >= ? AND "ACM_DetectorCorrelation"."AsOf" < ?
  AND NOT EXISTS (SELECT 1 FROM "stage_1" AS s WHERE "ACM_DetectorCorrelation"."EquipID" = s."EquipID" AND "ACM_DetectorCorrelation"."AsOf" = s."AsOf" AND "ACM_DetectorCorrelation"."DetectorA" = s."DetectorA" AND "ACM_DetectorCorrelation"."DetectorB" = s."DetectorB");

-- ACM_DetectorCorrelation: merged
MERGE INTO "ACM_DetectorCorrelation" AS t
USING "stage_1" AS s
ON t."EquipID" = s."EquipID" AND t."AsOf" = s."AsOf" AND t."DetectorA" = s."DetectorA" AND t."DetectorB" = s."DetectorB"
WHEN MATCHED AND (s."RunID" IS DISTINCT FROM t."RunID" OR s."PearsonR" IS DISTINCT FROM t."PearsonR" OR s."Points" IS DISTINCT FROM t."Points")
  THEN UPDATE SET "RunID" = s."RunID", "PearsonR" = s."PearsonR", "Points" = s."Points"
WHEN NOT MATCHED BY TARGET
  THEN INSERT ("RunID", "EquipID", "AsOf", "DetectorA", "DetectorB", "PearsonR", "Points")
  VALUES (s."RunID", s."EquipID", s."AsOf", s."DetectorA", s."DetectorB", s."PearsonR", s."Points")
RETURNING merge_action;

-- ACM_HealthHistogram: deleted
DELETE FROM "ACM_HealthHistogram"
WHERE "ACM_HealthHistogram"."EquipID" = ? AND "ACM_HealthHistogram"."AsOf" >= ? AND "ACM_HealthHistogram"."AsOf" < ?
  AND NOT EXISTS (SELECT 1 FROM "stage_1" AS s WHERE "ACM_HealthHistogram"."EquipID" = s."EquipID" AND "ACM_HealthHistogram"."AsOf" = s."AsOf" AND "ACM_HealthHistogram"."HealthBin" = s."HealthBin");

-- ACM_HealthHistogram: merged
MERGE INTO "ACM_HealthHistogram" AS t
USING "stage_1" AS s
ON t."EquipID" = s."EquipID" AND t."AsOf" = s."AsOf" AND t."HealthBin" = s."HealthBin"
WHEN MATCHED AND (s."RunID" IS DISTINCT FROM t."RunID" OR s."RecordCount" IS DISTINCT FROM t."RecordCount" OR s."Percentage" IS DISTINCT FROM t."Percentage")
  THEN UPDATE SET "RunID" = s."RunID", "RecordCount" = s."RecordCount", "Percentage" = s."Percentage"
WHEN NOT MATCHED BY TARGET
  THEN INSERT ("RunID", "EquipID", "AsOf", "HealthBin", "RecordCount", "Percentage")
  VALUES (s."RunID", s."EquipID", s."AsOf", s."HealthBin", s."RecordCount", s."Percentage")
RETURNING merge_action;

-- ACM_RegimeDwellStats: deleted
DELETE FROM "ACM_RegimeDwellStats"
WHERE "ACM_RegimeDwellStats"."EquipID" = ? AND "ACM_RegimeDwellStats"."AsOf" >= ? AND "ACM_RegimeDwellStats"."AsOf" < ?
  AND NOT EXISTS (SELECT 1 FROM "stage_1" AS s WHERE "ACM_RegimeDwellStats"."EquipID" = s."EquipID" AND "ACM_RegimeDwellStats"."AsOf" = s."AsOf" AND "ACM_RegimeDwellStats"."RegimeLabel" = s."RegimeLabel");

-- ACM_RegimeDwellStats: merged
MERGE INTO "ACM_RegimeDwellStats" AS t
USING "stage_1" AS s
ON t."EquipID" = s."EquipID" AND t."AsOf" = s."AsOf" AND t."RegimeLabel" = s."RegimeLabel"
WHEN MATCHED AND (s."RunID" IS DISTINCT FROM t."RunID" OR s."Runs" IS DISTINCT FROM t."Runs" OR s."MeanSeconds" IS DISTINCT FROM t."MeanSeconds" OR s."MedianSeconds" IS DISTINCT FROM t."MedianSeconds" OR s."MinSeconds" IS DISTINCT FROM t."MinSeconds" OR s."MaxSeconds" IS DISTINCT FROM t."MaxSeconds")
  THEN UPDATE SET "RunID" = s."RunID", "Runs" = s."Runs", "MeanSeconds" = s."MeanSeconds", "MedianSeconds" = s."MedianSeconds", "MinSeconds" = s."MinSeconds", "MaxSeconds" = s."MaxSeconds"
WHEN NOT MATCHED BY TARGET
  THEN INSERT ("RunID", "EquipID", "AsOf", "RegimeLabel", "Runs", "MeanSeconds", "MedianSeconds", "MinSeconds", "MaxSeconds")
  VALUES (s."RunID", s."EquipID", s."AsOf", s."RegimeLabel", s."Runs", s."MeanSeconds", s."MedianSeconds", s."MinSeconds", s."MaxSeconds")
RETURNING merge_action;

-- ACM_RegimeStability: deleted
DELETE FROM "ACM_RegimeStability"
WHERE "ACM_RegimeStability"."EquipID" = ? AND "ACM_RegimeStability"."AsOf" >= ? AND "ACM_RegimeStability"."AsOf" < ?
  AND NOT EXISTS (SELECT 1 FROM "stage_1" AS s WHERE "ACM_RegimeStability"."EquipID" = s."EquipID" AND "ACM_RegimeStability"."AsOf" = s."AsOf" AND "ACM_RegimeStability"."MetricName" = s."MetricName");

-- ACM_RegimeStability: merged
MERGE INTO "ACM_RegimeStability" AS t
USING "stage_1" AS s
ON t."EquipID" = s."EquipID" AND t."AsOf" = s."AsOf" AND t."MetricName" = s."MetricName"
WHEN MATCHED AND (s."RunID" IS DISTINCT FROM t."RunID" OR s."MetricValue" IS DISTINCT FROM t."MetricValue")
  THEN UPDATE SET "RunID" = s."RunID", "MetricValue" = s."MetricValue"
WHEN NOT MATCHED BY TARGET
  THEN INSERT ("RunID", "EquipID", "AsOf", "MetricName", "MetricValue")
  VALUES (s."RunID", s."EquipID", s."AsOf", s."MetricName", s."MetricValue")
RETURNING merge_action;

-- ACM_PCA_Models: merged
MERGE INTO "ACM_PCA_Models" AS t
USING "stage_1" AS s
ON t."EquipID" = s."EquipID" AND t."ModelVersion" = s."ModelVersion"
WHEN MATCHED AND (s."RunID" IS DISTINCT FROM t."RunID" OR s."EntryDateTime" IS DISTINCT FROM t."EntryDateTime" OR s."NComponents" IS DISTINCT FROM t."NComponents" OR s."TargetVar" IS DISTINCT FROM t."TargetVar" OR s."VarExplainedJSON" IS DISTINCT FROM t."VarExplainedJSON" OR s."ScalingSpecJSON" IS DISTINCT FROM t."ScalingSpecJSON" OR s."TrainStartEntryDateTime" IS DISTINCT FROM t."TrainStartEntryDateTime" OR s."TrainEndEntryDateTime" IS DISTINCT FROM t."TrainEndEntryDateTime")
  THEN UPDATE SET "RunID" = s."RunID", "EntryDateTime" = s."EntryDateTime", "NComponents" = s."NComponents", "TargetVar" = s."TargetVar", "VarExplainedJSON" = s."VarExplainedJSON", "ScalingSpecJSON" = s."ScalingSpecJSON", "TrainStartEntryDateTime" = s."TrainStartEntryDateTime", "TrainEndEntryDateTime" = s."TrainEndEntryDateTime"
WHEN NOT MATCHED BY TARGET
  THEN INSERT ("RunID", "EquipID", "ModelVersion", "EntryDateTime", "NComponents", "TargetVar", "VarExplainedJSON", "ScalingSpecJSON", "TrainStartEntryDateTime", "TrainEndEntryDateTime")
  VALUES (s."RunID", s."EquipID", s."ModelVersion", s."EntryDateTime", s."NComponents", s."TargetVar", s."VarExplainedJSON", s."ScalingSpecJSON", s."TrainStartEntryDateTime", s."TrainEndEntryDateTime")
RETURNING merge_action;

-- ACM_PCA_Loadings: merged
MERGE INTO "ACM_PCA_Loadings" AS t
USING "stage_1" AS s
ON t."EquipID" = s."EquipID" AND t."ModelVersion" = s."ModelVersion" AND t."ComponentNo" = s."ComponentNo" AND t."Sensor" = s."Sensor"
WHEN MATCHED AND (s."RunID" IS DISTINCT FROM t."RunID" OR s."EntryDateTime" IS DISTINCT FROM t."EntryDateTime" OR s."ComponentID" IS DISTINCT FROM t."ComponentID" OR s."FeatureName" IS DISTINCT FROM t."FeatureName" OR s."Loading" IS DISTINCT FROM t."Loading")
  THEN UPDATE SET "RunID" = s."RunID", "EntryDateTime" = s."EntryDateTime", "ComponentID" = s."ComponentID", "FeatureName" = s."FeatureName", "Loading" = s."Loading"
WHEN NOT MATCHED BY TARGET
  THEN INSERT ("RunID", "EquipID", "ModelVersion", "EntryDateTime", "ComponentNo", "ComponentID", "Sensor", "FeatureName", "Loading")
  VALUES (s."RunID", s."EquipID", s."ModelVersion", s."EntryDateTime", s."ComponentNo", s."ComponentID", s."Sensor", s."FeatureName", s."Loading")
RETURNING merge_action;

-- ACM_PCA_Metrics: merged
MERGE INTO "ACM_PCA_Metrics" AS t
USING "stage_1" AS s
ON t."EquipID" = s."EquipID" AND t."ModelVersion" = s."ModelVersion"
WHEN MATCHED AND (s."RunID" IS DISTINCT FROM t."RunID" OR s."EntryDateTime" IS DISTINCT FROM t."EntryDateTime" OR s."Var90_N" IS DISTINCT FROM t."Var90_N" OR s."ReconRMSE" IS DISTINCT FROM t."ReconRMSE" OR s."P95_ReconRMSE" IS DISTINCT FROM t."P95_ReconRMSE" OR s."Notes" IS DISTINCT FROM t."Notes")
  THEN UPDATE SET "RunID" = s."RunID", "EntryDateTime" = s."EntryDateTime", "Var90_N" = s."Var90_N", "ReconRMSE" = s."ReconRMSE", "P95_ReconRMSE" = s."P95_ReconRMSE", "Notes" = s."Notes"
WHEN NOT MATCHED BY TARGET
  THEN INSERT ("RunID", "EquipID", "ModelVersion", "EntryDateTime", "Var90_N", "ReconRMSE", "P95_ReconRMSE", "Notes")
  VALUES (s."RunID", s."EquipID", s."ModelVersion", s."EntryDateTime", s."Var90_N", s."ReconRMSE", s."P95_ReconRMSE", s."Notes")
RETURNING merge_action;

-- ACM_OMR_Diagnostics: merged
MERGE INTO "ACM_OMR_Diagnostics" AS t
USING "stage_1" AS s
ON t."EquipID" = s."EquipID" AND t."ModelVersion" = s."ModelVersion" AND t."SensorName" = s."SensorName"
WHEN MATCHED AND (s."RunID" IS DISTINCT FROM t."RunID" OR s."ResidualStd" IS DISTINCT FROM t."ResidualStd" OR s."ExplainedPct" IS DISTINCT FROM t."ExplainedPct" OR s."Persistence" IS DISTINCT FROM t."Persistence" OR s."BestPredictor" IS DISTINCT FROM t."BestPredictor" OR s."BestWeight" IS DISTINCT FROM t."BestWeight")
  THEN UPDATE SET "RunID" = s."RunID", "ResidualStd" = s."ResidualStd", "ExplainedPct" = s."ExplainedPct", "Persistence" = s."Persistence", "BestPredictor" = s."BestPredictor", "BestWeight" = s."BestWeight"
WHEN NOT MATCHED BY TARGET
  THEN INSERT ("RunID", "EquipID", "ModelVersion", "SensorName", "ResidualStd", "ExplainedPct", "Persistence", "BestPredictor", "BestWeight")
  VALUES (s."RunID", s."EquipID", s."ModelVersion", s."SensorName", s."ResidualStd", s."ExplainedPct", s."Persistence", s."BestPredictor", s."BestWeight")
RETURNING merge_action;

-- ACM_HealthForecast_TS: deleted
DELETE FROM "ACM_HealthForecast_TS"
WHERE "ACM_HealthForecast_TS"."EquipID" = ? AND "ACM_HealthForecast_TS"."AsOf" >= ? AND "ACM_HealthForecast_TS"."AsOf" < ?
  AND NOT EXISTS (SELECT 1 FROM "stage_1" AS s WHERE "ACM_HealthForecast_TS"."EquipID" = s."EquipID" AND "ACM_HealthForecast_TS"."AsOf" = s."AsOf" AND "ACM_HealthForecast_TS"."Timestamp" = s."Timestamp");

-- ACM_HealthForecast_TS: merged
MERGE INTO "ACM_HealthForecast_TS" AS t
USING "stage_1" AS s
ON t."EquipID" = s."EquipID" AND t."AsOf" = s."AsOf" AND t."Timestamp" = s."Timestamp"
WHEN MATCHED AND (s."RunID" IS DISTINCT FROM t."RunID" OR s."HorizonHours" IS DISTINCT FROM t."HorizonHours" OR s."ForecastHealth" IS DISTINCT FROM t."ForecastHealth" OR s."CiLower" IS DISTINCT FROM t."CiLower" OR s."CiUpper" IS DISTINCT FROM t."CiUpper" OR s."ForecastStd" IS DISTINCT FROM t."ForecastStd" OR s."Method" IS DISTINCT FROM t."Method")
  THEN UPDATE SET "RunID" = s."RunID", "HorizonHours" = s."HorizonHours", "ForecastHealth" = s."ForecastHealth", "CiLower" = s."CiLower", "CiUpper" = s."CiUpper", "ForecastStd" = s."ForecastStd", "Method" = s."Method"
WHEN NOT MATCHED BY TARGET
  THEN INSERT ("RunID", "EquipID", "AsOf", "Timestamp", "HorizonHours", "ForecastHealth", "CiLower", "CiUpper", "ForecastStd", "Method")
  VALUES (s."RunID", s."EquipID", s."AsOf", s."Timestamp", s."HorizonHours", s."ForecastHealth", s."CiLower", s."CiUpper", s."ForecastStd", s."Method")
RETURNING merge_action;

-- ACM_FailureForecast_TS: deleted
DELETE FROM "ACM_FailureForecast_TS"
WHERE "ACM_FailureForecast_TS"."EquipID" = ? AND "ACM_FailureForecast_TS"."AsOf" >= ? AND "ACM_FailureForecast_TS"."AsOf" < ?
  AND NOT EXISTS (SELECT 1 FROM "stage_1" AS s WHERE "ACM_FailureForecast_TS"."EquipID" = s."EquipID" AND "ACM_FailureForecast_TS"."AsOf" = s."AsOf" AND "ACM_FailureForecast_TS"."Timestamp" = s."Timestamp");

-- ACM_FailureForecast_TS: merged
MERGE INTO "ACM_FailureForecast_TS" AS t
USING "stage_1" AS s
ON t."EquipID" = s."EquipID" AND t."AsOf" = s."AsOf" AND t."Timestamp" = s."Timestamp"
WHEN MATCHED AND (s."RunID" IS DISTINCT FROM t."RunID" OR s."HorizonHours" IS DISTINCT FROM t."HorizonHours" OR s."FailureProb" IS DISTINCT FROM t."FailureProb" OR s."ThresholdUsed" IS DISTINCT FROM t."ThresholdUsed" OR s."Method" IS DISTINCT FROM t."Method")
  THEN UPDATE SET "RunID" = s."RunID", "HorizonHours" = s."HorizonHours", "FailureProb" = s."FailureProb", "ThresholdUsed" = s."ThresholdUsed", "Method" = s."Method"
WHEN NOT MATCHED BY TARGET
  THEN INSERT ("RunID", "EquipID", "AsOf", "Timestamp", "HorizonHours", "FailureProb", "ThresholdUsed", "Method")
  VALUES (s."RunID", s."EquipID", s."AsOf", s."Timestamp", s."HorizonHours", s."FailureProb", s."ThresholdUsed", s."Method")
RETURNING merge_action;

-- ACM_RUL_Summary: deleted
DELETE FROM "ACM_RUL_Summary"
WHERE "ACM_RUL_Summary"."EquipID" = ? AND "ACM_RUL_Summary"."AsOf" >= ? AND "ACM_RUL_Summary"."AsOf" < ?
  AND NOT EXISTS (SELECT 1 FROM "stage_1" AS s WHERE "ACM_RUL_Summary"."EquipID" = s."EquipID" AND "ACM_RUL_Summary"."AsOf" = s."AsOf");

-- ACM_RUL_Summary: merged
MERGE INTO "ACM_RUL_Summary" AS t
USING "stage_1" AS s
ON t."EquipID" = s."EquipID" AND t."AsOf" = s."AsOf"
WHEN MATCHED AND (s."RunID" IS DISTINCT FROM t."RunID" OR s."IssuedAt" IS DISTINCT FROM t."IssuedAt" OR s."Status" IS DISTINCT FROM t."Status" OR s."RUL_Hours" IS DISTINCT FROM t."RUL_Hours" OR s."LowerBound" IS DISTINCT FROM t."LowerBound" OR s."UpperBound" IS DISTINCT FROM t."UpperBound" OR s."Confidence" IS DISTINCT FROM t."Confidence" OR s."FailureTime" IS DISTINCT FROM t."FailureTime" OR s."TrendStart" IS DISTINCT FROM t."TrendStart" OR s."TrendDays" IS DISTINCT FROM t."TrendDays" OR s."HealthNow" IS DISTINCT FROM t."HealthNow" OR s."ZPerDay" IS DISTINCT FROM t."ZPerDay" OR s."RisingProb" IS DISTINCT FROM t."RisingProb" OR s."FailureProb24h" IS DISTINCT FROM t."FailureProb24h" OR s."FailureProb7d" IS DISTINCT FROM t."FailureProb7d" OR s."FailureProb30d" IS DISTINCT FROM t."FailureProb30d" OR s."ThresholdUsed" IS DISTINCT FROM t."ThresholdUsed" OR s."Method" IS DISTINCT FROM t."Method" OR s."LastUpdate" IS DISTINCT FROM t."LastUpdate")
  THEN UPDATE SET "RunID" = s."RunID", "IssuedAt" = s."IssuedAt", "Status" = s."Status", "RUL_Hours" = s."RUL_Hours", "LowerBound" = s."LowerBound", "UpperBound" = s."UpperBound", "Confidence" = s."Confidence", "FailureTime" = s."FailureTime", "TrendStart" = s."TrendStart", "TrendDays" = s."TrendDays", "HealthNow" = s."HealthNow", "ZPerDay" = s."ZPerDay", "RisingProb" = s."RisingProb", "FailureProb24h" = s."FailureProb24h", "FailureProb7d" = s."FailureProb7d", "FailureProb30d" = s."FailureProb30d", "ThresholdUsed" = s."ThresholdUsed", "Method" = s."Method", "LastUpdate" = s."LastUpdate"
WHEN NOT MATCHED BY TARGET
  THEN INSERT ("RunID", "EquipID", "AsOf", "IssuedAt", "Status", "RUL_Hours", "LowerBound", "UpperBound", "Confidence", "FailureTime", "TrendStart", "TrendDays", "HealthNow", "ZPerDay", "RisingProb", "FailureProb24h", "FailureProb7d", "FailureProb30d", "ThresholdUsed", "Method", "LastUpdate")
  VALUES (s."RunID", s."EquipID", s."AsOf", s."IssuedAt", s."Status", s."RUL_Hours", s."LowerBound", s."UpperBound", s."Confidence", s."FailureTime", s."TrendStart", s."TrendDays", s."HealthNow", s."ZPerDay", s."RisingProb", s."FailureProb24h", s."FailureProb7d", s."FailureProb30d", s."ThresholdUsed", s."Method", s."LastUpdate")
RETURNING merge_action;

-- ACM_RUL_Attribution: deleted
DELETE FROM "ACM_RUL_Attribution"
WHERE "ACM_RUL_Attribution"."EquipID" = ? AND "ACM_RUL_Attribution"."AsOf" >= ? AND "ACM_RUL_Attribution"."AsOf" < ?
  AND NOT EXISTS (SELECT 1 FROM "stage_1" AS s WHERE "ACM_RUL_Attribution"."EquipID" = s."EquipID" AND "ACM_RUL_Attribution"."AsOf" = s."AsOf" AND "ACM_RUL_Attribution"."SensorName" = s."SensorName");

-- ACM_RUL_Attribution: merged
MERGE INTO "ACM_RUL_Attribution" AS t
USING "stage_1" AS s
ON t."EquipID" = s."EquipID" AND t."AsOf" = s."AsOf" AND t."SensorName" = s."SensorName"
WHEN MATCHED AND (s."RunID" IS DISTINCT FROM t."RunID" OR s."FailureTime" IS DISTINCT FROM t."FailureTime" OR s."FailureContribution" IS DISTINCT FROM t."FailureContribution" OR s."ZScoreAtFailure" IS DISTINCT FROM t."ZScoreAtFailure" OR s."AlertCount" IS DISTINCT FROM t."AlertCount" OR s."Comment" IS DISTINCT FROM t."Comment")
  THEN UPDATE SET "RunID" = s."RunID", "FailureTime" = s."FailureTime", "FailureContribution" = s."FailureContribution", "ZScoreAtFailure" = s."ZScoreAtFailure", "AlertCount" = s."AlertCount", "Comment" = s."Comment"
WHEN NOT MATCHED BY TARGET
  THEN INSERT ("RunID", "EquipID", "AsOf", "FailureTime", "SensorName", "FailureContribution", "ZScoreAtFailure", "AlertCount", "Comment")
  VALUES (s."RunID", s."EquipID", s."AsOf", s."FailureTime", s."SensorName", s."FailureContribution", s."ZScoreAtFailure", s."AlertCount", s."Comment")
RETURNING merge_action;

-- ACM_SensorForecast_TS: deleted
DELETE FROM "ACM_SensorForecast_TS"
WHERE "ACM_SensorForecast_TS"."EquipID" = ? AND "ACM_SensorForecast_TS"."AsOf" >= ? AND "ACM_SensorForecast_TS"."AsOf" < ?
  AND NOT EXISTS (SELECT 1 FROM "stage_1" AS s WHERE "ACM_SensorForecast_TS"."EquipID" = s."EquipID" AND "ACM_SensorForecast_TS"."AsOf" = s."AsOf" AND "ACM_SensorForecast_TS"."SensorName" = s."SensorName" AND "ACM_SensorForecast_TS"."Timestamp" = s."Timestamp");

-- ACM_SensorForecast_TS: merged
MERGE INTO "ACM_SensorForecast_TS" AS t
USING "stage_1" AS s
ON t."EquipID" = s."EquipID" AND t."AsOf" = s."AsOf" AND t."SensorName" = s."SensorName" AND t."Timestamp" = s."Timestamp"
WHEN MATCHED AND (s."RunID" IS DISTINCT FROM t."RunID" OR s."HorizonHours" IS DISTINCT FROM t."HorizonHours" OR s."ForecastValue" IS DISTINCT FROM t."ForecastValue" OR s."CiLower" IS DISTINCT FROM t."CiLower" OR s."CiUpper" IS DISTINCT FROM t."CiUpper" OR s."ForecastStd" IS DISTINCT FROM t."ForecastStd" OR s."Method" IS DISTINCT FROM t."Method")
  THEN UPDATE SET "RunID" = s."RunID", "HorizonHours" = s."HorizonHours", "ForecastValue" = s."ForecastValue", "CiLower" = s."CiLower", "CiUpper" = s."CiUpper", "ForecastStd" = s."ForecastStd", "Method" = s."Method"
WHEN NOT MATCHED BY TARGET
  THEN INSERT ("RunID", "EquipID", "AsOf", "Timestamp", "HorizonHours", "SensorName", "ForecastValue", "CiLower", "CiUpper", "ForecastStd", "Method")
  VALUES (s."RunID", s."EquipID", s."AsOf", s."Timestamp", s."HorizonHours", s."SensorName", s."ForecastValue", s."CiLower", s."CiUpper", s."ForecastStd", s."Method")
RETURNING merge_action;

-- ACM_MaintenanceRecommendation: deleted
DELETE FROM "ACM_MaintenanceRecommendation"
WHERE "ACM_MaintenanceRecommendation"."EquipID" = ? AND "ACM_MaintenanceRecommendation"."AsOf" >= ? AND "ACM_MaintenanceRecommendation"."AsOf" < ?
  AND NOT EXISTS (SELECT 1 FROM "stage_1" AS s WHERE "ACM_MaintenanceRecommendation"."EquipID" = s."EquipID" AND "ACM_MaintenanceRecommendation"."AsOf" = s."AsOf");

-- ACM_MaintenanceRecommendation: merged
MERGE INTO "ACM_MaintenanceRecommendation" AS t
USING "stage_1" AS s
ON t."EquipID" = s."EquipID" AND t."AsOf" = s."AsOf"
WHEN MATCHED AND (s."RunID" IS DISTINCT FROM t."RunID" OR s."EarliestMaintenance" IS DISTINCT FROM t."EarliestMaintenance" OR s."PreferredWindowStart" IS DISTINCT FROM t."PreferredWindowStart" OR s."PreferredWindowEnd" IS DISTINCT FROM t."PreferredWindowEnd" OR s."FailureProbAtWindowEnd" IS DISTINCT FROM t."FailureProbAtWindowEnd" OR s."Comment" IS DISTINCT FROM t."Comment")
  THEN UPDATE SET "RunID" = s."RunID", "EarliestMaintenance" = s."EarliestMaintenance", "PreferredWindowStart" = s."PreferredWindowStart", "PreferredWindowEnd" = s."PreferredWindowEnd", "FailureProbAtWindowEnd" = s."FailureProbAtWindowEnd", "Comment" = s."Comment"
WHEN NOT MATCHED BY TARGET
  THEN INSERT ("RunID", "EquipID", "AsOf", "EarliestMaintenance", "PreferredWindowStart", "PreferredWindowEnd", "FailureProbAtWindowEnd", "Comment")
  VALUES (s."RunID", s."EquipID", s."AsOf", s."EarliestMaintenance", s."PreferredWindowStart", s."PreferredWindowEnd", s."FailureProbAtWindowEnd", s."Comment")
RETURNING merge_action;
