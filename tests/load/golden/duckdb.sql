-- Equipment: replaced
DELETE FROM "Equipment"
USING "stage_1" AS s
WHERE "Equipment"."EquipID" = s."EquipID"
  AND ("Equipment"."EquipCode" IS DISTINCT FROM s."EquipCode" OR "Equipment"."EquipName" IS DISTINCT FROM s."EquipName" OR "Equipment"."Area" IS DISTINCT FROM s."Area" OR "Equipment"."Unit" IS DISTINCT FROM s."Unit" OR "Equipment"."TimeZone" IS DISTINCT FROM s."TimeZone" OR "Equipment"."HistorianTable" IS DISTINCT FROM s."HistorianTable" OR "Equipment"."TimeColumn" IS DISTINCT FROM s."TimeColumn");

-- Equipment: inserted
INSERT INTO "Equipment" ("EquipID", "EquipCode", "EquipName", "Area", "Unit", "TimeZone", "HistorianTable", "TimeColumn", "CreatedAtUTC")
SELECT s."EquipID", s."EquipCode", s."EquipName", s."Area", s."Unit", s."TimeZone", s."HistorianTable", s."TimeColumn", s."CreatedAtUTC"
FROM "stage_1" AS s
WHERE NOT EXISTS (SELECT 1 FROM "Equipment" WHERE "Equipment"."EquipID" = s."EquipID");

-- ACM_TagEquipmentMap: replaced
DELETE FROM "ACM_TagEquipmentMap"
USING "stage_1" AS s
WHERE "ACM_TagEquipmentMap"."EquipID" = s."EquipID" AND "ACM_TagEquipmentMap"."TagName" = s."TagName"
  AND ("ACM_TagEquipmentMap"."EquipmentName" IS DISTINCT FROM s."EquipmentName" OR "ACM_TagEquipmentMap"."TagDescription" IS DISTINCT FROM s."TagDescription" OR "ACM_TagEquipmentMap"."TagUnit" IS DISTINCT FROM s."TagUnit" OR "ACM_TagEquipmentMap"."TagType" IS DISTINCT FROM s."TagType" OR "ACM_TagEquipmentMap"."IsActive" IS DISTINCT FROM s."IsActive");

-- ACM_TagEquipmentMap: inserted
INSERT INTO "ACM_TagEquipmentMap" ("EquipID", "TagName", "EquipmentName", "TagDescription", "TagUnit", "TagType", "IsActive", "CreatedAt")
SELECT s."EquipID", s."TagName", s."EquipmentName", s."TagDescription", s."TagUnit", s."TagType", s."IsActive", s."CreatedAt"
FROM "stage_1" AS s
WHERE NOT EXISTS (SELECT 1 FROM "ACM_TagEquipmentMap" WHERE "ACM_TagEquipmentMap"."EquipID" = s."EquipID" AND "ACM_TagEquipmentMap"."TagName" = s."TagName");

-- ACM_Config: replaced
DELETE FROM "ACM_Config"
USING "stage_1" AS s
WHERE "ACM_Config"."EquipID" = s."EquipID" AND "ACM_Config"."ParamPath" = s."ParamPath"
  AND ("ACM_Config"."ParamValue" IS DISTINCT FROM s."ParamValue");

-- ACM_Config: inserted
INSERT INTO "ACM_Config" ("EquipID", "ParamPath", "ParamValue", "UpdatedAt", "UpdatedBy")
SELECT s."EquipID", s."ParamPath", s."ParamValue", s."UpdatedAt", s."UpdatedBy"
FROM "stage_1" AS s
WHERE NOT EXISTS (SELECT 1 FROM "ACM_Config" WHERE "ACM_Config"."EquipID" = s."EquipID" AND "ACM_Config"."ParamPath" = s."ParamPath");

-- ACM_ConfigHistory: replaced
DELETE FROM "ACM_ConfigHistory"
USING "stage_1" AS s
WHERE "ACM_ConfigHistory"."EquipID" = s."EquipID" AND "ACM_ConfigHistory"."ParamPath" = s."ParamPath" AND "ACM_ConfigHistory"."Revision" = s."Revision"
  AND ("ACM_ConfigHistory"."OldValue" IS DISTINCT FROM s."OldValue" OR "ACM_ConfigHistory"."NewValue" IS DISTINCT FROM s."NewValue");

-- ACM_ConfigHistory: inserted
INSERT INTO "ACM_ConfigHistory" ("EquipID", "ParamPath", "Revision", "OldValue", "NewValue", "ChangedAt", "ChangedBy", "ChangeReason")
SELECT s."EquipID", s."ParamPath", s."Revision", s."OldValue", s."NewValue", s."ChangedAt", s."ChangedBy", s."ChangeReason"
FROM "stage_1" AS s
WHERE NOT EXISTS (SELECT 1 FROM "ACM_ConfigHistory" WHERE "ACM_ConfigHistory"."EquipID" = s."EquipID" AND "ACM_ConfigHistory"."ParamPath" = s."ParamPath" AND "ACM_ConfigHistory"."Revision" = s."Revision");

-- ACM_DetectorMetadata: replaced
DELETE FROM "ACM_DetectorMetadata"
USING "stage_1" AS s
WHERE "ACM_DetectorMetadata"."DetectorType" = s."DetectorType"
  AND ("ACM_DetectorMetadata"."DetectorFamily" IS DISTINCT FROM s."DetectorFamily" OR "ACM_DetectorMetadata"."ShortName" IS DISTINCT FROM s."ShortName" OR "ACM_DetectorMetadata"."Explanation" IS DISTINCT FROM s."Explanation" OR "ACM_DetectorMetadata"."OperatorHint" IS DISTINCT FROM s."OperatorHint");

-- ACM_DetectorMetadata: inserted
INSERT INTO "ACM_DetectorMetadata" ("DetectorType", "DetectorFamily", "ShortName", "Explanation", "OperatorHint")
SELECT s."DetectorType", s."DetectorFamily", s."ShortName", s."Explanation", s."OperatorHint"
FROM "stage_1" AS s
WHERE NOT EXISTS (SELECT 1 FROM "ACM_DetectorMetadata" WHERE "ACM_DetectorMetadata"."DetectorType" = s."DetectorType");

-- ACM_Sources: replaced
DELETE FROM "ACM_Sources"
USING "stage_1" AS s
WHERE "ACM_Sources"."EquipID" = s."EquipID"
  AND ("ACM_Sources"."ObjectName" IS DISTINCT FROM s."ObjectName" OR "ACM_Sources"."Query" IS DISTINCT FROM s."Query" OR "ACM_Sources"."UrlSetting" IS DISTINCT FROM s."UrlSetting" OR "ACM_Sources"."Shape" IS DISTINCT FROM s."Shape" OR "ACM_Sources"."TimeColumn" IS DISTINCT FROM s."TimeColumn" OR "ACM_Sources"."Clock" IS DISTINCT FROM s."Clock" OR "ACM_Sources"."TagColumn" IS DISTINCT FROM s."TagColumn" OR "ACM_Sources"."ValueColumn" IS DISTINCT FROM s."ValueColumn" OR "ACM_Sources"."QualityColumn" IS DISTINCT FROM s."QualityColumn" OR "ACM_Sources"."QualityRule" IS DISTINCT FROM s."QualityRule" OR "ACM_Sources"."FilterColumn" IS DISTINCT FROM s."FilterColumn" OR "ACM_Sources"."FilterValue" IS DISTINCT FROM s."FilterValue" OR "ACM_Sources"."TagPatterns" IS DISTINCT FROM s."TagPatterns" OR "ACM_Sources"."ExcludedPatterns" IS DISTINCT FROM s."ExcludedPatterns" OR "ACM_Sources"."EveryMs" IS DISTINCT FROM s."EveryMs" OR "ACM_Sources"."Fill" IS DISTINCT FROM s."Fill" OR "ACM_Sources"."HoldMaxMs" IS DISTINCT FROM s."HoldMaxMs" OR "ACM_Sources"."Aggregate" IS DISTINCT FROM s."Aggregate");

-- ACM_Sources: inserted
INSERT INTO "ACM_Sources" ("EquipID", "ObjectName", "Query", "UrlSetting", "Shape", "TimeColumn", "Clock", "TagColumn", "ValueColumn", "QualityColumn", "QualityRule", "FilterColumn", "FilterValue", "TagPatterns", "ExcludedPatterns", "EveryMs", "Fill", "HoldMaxMs", "Aggregate", "UpdatedAt")
SELECT s."EquipID", s."ObjectName", s."Query", s."UrlSetting", s."Shape", s."TimeColumn", s."Clock", s."TagColumn", s."ValueColumn", s."QualityColumn", s."QualityRule", s."FilterColumn", s."FilterValue", s."TagPatterns", s."ExcludedPatterns", s."EveryMs", s."Fill", s."HoldMaxMs", s."Aggregate", s."UpdatedAt"
FROM "stage_1" AS s
WHERE NOT EXISTS (SELECT 1 FROM "ACM_Sources" WHERE "ACM_Sources"."EquipID" = s."EquipID");

-- ACM_SchemaVersion: replaced
DELETE FROM "ACM_SchemaVersion"
USING "stage_1" AS s
WHERE "ACM_SchemaVersion"."Version" = s."Version" AND "ACM_SchemaVersion"."Name" = s."Name"
  AND ("ACM_SchemaVersion"."Hash" IS DISTINCT FROM s."Hash");

-- ACM_SchemaVersion: inserted
INSERT INTO "ACM_SchemaVersion" ("Version", "Name", "Hash", "AppliedAt")
SELECT s."Version", s."Name", s."Hash", s."AppliedAt"
FROM "stage_1" AS s
WHERE NOT EXISTS (SELECT 1 FROM "ACM_SchemaVersion" WHERE "ACM_SchemaVersion"."Version" = s."Version" AND "ACM_SchemaVersion"."Name" = s."Name");

-- RunLog: deleted
DELETE FROM "RunLog"
WHERE "RunLog"."EquipID" = ? AND "RunLog"."WindowStart" >= ? AND "RunLog"."WindowStart" < ?
  AND NOT EXISTS (SELECT 1 FROM "stage_1" AS s WHERE "RunLog"."RunID" = s."RunID");

-- RunLog: replaced
DELETE FROM "RunLog"
USING "stage_1" AS s
WHERE "RunLog"."RunID" = s."RunID"
  AND ("RunLog"."EquipID" IS DISTINCT FROM s."EquipID" OR "RunLog"."Stage" IS DISTINCT FROM s."Stage" OR "RunLog"."WindowStart" IS DISTINCT FROM s."WindowStart" OR "RunLog"."WindowEnd" IS DISTINCT FROM s."WindowEnd" OR "RunLog"."Outcome" IS DISTINCT FROM s."Outcome" OR "RunLog"."Provisional" IS DISTINCT FROM s."Provisional" OR "RunLog"."TickMinutes" IS DISTINCT FROM s."TickMinutes" OR "RunLog"."ModelVersion" IS DISTINCT FROM s."ModelVersion" OR "RunLog"."ConfigSignature" IS DISTINCT FROM s."ConfigSignature" OR "RunLog"."RowsRead" IS DISTINCT FROM s."RowsRead" OR "RunLog"."RowsWritten" IS DISTINCT FROM s."RowsWritten" OR "RunLog"."InputHash" IS DISTINCT FROM s."InputHash");

-- RunLog: inserted
INSERT INTO "RunLog" ("RunID", "EquipID", "Stage", "WindowStart", "WindowEnd", "Outcome", "Provisional", "TickMinutes", "ModelVersion", "ConfigSignature", "RowsRead", "RowsWritten", "InputHash", "Attempt", "AttemptStartedAt", "StartedAt", "CompletedAt", "ErrorMessage", "Holder", "Version")
SELECT s."RunID", s."EquipID", s."Stage", s."WindowStart", s."WindowEnd", s."Outcome", s."Provisional", s."TickMinutes", s."ModelVersion", s."ConfigSignature", s."RowsRead", s."RowsWritten", s."InputHash", s."Attempt", s."AttemptStartedAt", s."StartedAt", s."CompletedAt", s."ErrorMessage", s."Holder", s."Version"
FROM "stage_1" AS s
WHERE NOT EXISTS (SELECT 1 FROM "RunLog" WHERE "RunLog"."RunID" = s."RunID");

-- ACM_Runs: replaced
DELETE FROM "ACM_Runs"
USING "stage_1" AS s
WHERE "ACM_Runs"."RunID" = s."RunID"
  AND ("ACM_Runs"."EquipID" IS DISTINCT FROM s."EquipID" OR "ACM_Runs"."EquipName" IS DISTINCT FROM s."EquipName" OR "ACM_Runs"."ConfigSignature" IS DISTINCT FROM s."ConfigSignature" OR "ACM_Runs"."TrainRowCount" IS DISTINCT FROM s."TrainRowCount" OR "ACM_Runs"."ScoreRowCount" IS DISTINCT FROM s."ScoreRowCount" OR "ACM_Runs"."EpisodeCount" IS DISTINCT FROM s."EpisodeCount" OR "ACM_Runs"."HealthStatus" IS DISTINCT FROM s."HealthStatus" OR "ACM_Runs"."AvgHealthIndex" IS DISTINCT FROM s."AvgHealthIndex" OR "ACM_Runs"."MinHealthIndex" IS DISTINCT FROM s."MinHealthIndex" OR "ACM_Runs"."MaxFusedZ" IS DISTINCT FROM s."MaxFusedZ" OR "ACM_Runs"."DataQualityScore" IS DISTINCT FROM s."DataQualityScore" OR "ACM_Runs"."RefitRequested" IS DISTINCT FROM s."RefitRequested" OR "ACM_Runs"."ErrorMessage" IS DISTINCT FROM s."ErrorMessage");

-- ACM_Runs: inserted
INSERT INTO "ACM_Runs" ("RunID", "EquipID", "EquipName", "StartedAt", "CompletedAt", "ConfigSignature", "TrainRowCount", "ScoreRowCount", "EpisodeCount", "HealthStatus", "AvgHealthIndex", "MinHealthIndex", "MaxFusedZ", "DataQualityScore", "RefitRequested", "ErrorMessage", "CreatedAt")
SELECT s."RunID", s."EquipID", s."EquipName", s."StartedAt", s."CompletedAt", s."ConfigSignature", s."TrainRowCount", s."ScoreRowCount", s."EpisodeCount", s."HealthStatus", s."AvgHealthIndex", s."MinHealthIndex", s."MaxFusedZ", s."DataQualityScore", s."RefitRequested", s."ErrorMessage", s."CreatedAt"
FROM "stage_1" AS s
WHERE NOT EXISTS (SELECT 1 FROM "ACM_Runs" WHERE "ACM_Runs"."RunID" = s."RunID");

-- ACM_Run_Stats: deleted
DELETE FROM "ACM_Run_Stats"
WHERE "ACM_Run_Stats"."EquipID" = ? AND "ACM_Run_Stats"."WindowStartEntryDateTime" >= ? AND "ACM_Run_Stats"."WindowStartEntryDateTime" < ?
  AND NOT EXISTS (SELECT 1 FROM "stage_1" AS s WHERE "ACM_Run_Stats"."EquipID" = s."EquipID" AND "ACM_Run_Stats"."RunID" = s."RunID");

-- ACM_Run_Stats: replaced
DELETE FROM "ACM_Run_Stats"
USING "stage_1" AS s
WHERE "ACM_Run_Stats"."EquipID" = s."EquipID" AND "ACM_Run_Stats"."RunID" = s."RunID"
  AND ("ACM_Run_Stats"."WindowStartEntryDateTime" IS DISTINCT FROM s."WindowStartEntryDateTime" OR "ACM_Run_Stats"."WindowEndEntryDateTime" IS DISTINCT FROM s."WindowEndEntryDateTime" OR "ACM_Run_Stats"."SamplesIn" IS DISTINCT FROM s."SamplesIn" OR "ACM_Run_Stats"."SamplesKept" IS DISTINCT FROM s."SamplesKept" OR "ACM_Run_Stats"."SensorsKept" IS DISTINCT FROM s."SensorsKept" OR "ACM_Run_Stats"."CadenceOKPct" IS DISTINCT FROM s."CadenceOKPct" OR "ACM_Run_Stats"."DriftP95" IS DISTINCT FROM s."DriftP95" OR "ACM_Run_Stats"."ReconRMSE" IS DISTINCT FROM s."ReconRMSE" OR "ACM_Run_Stats"."AnomalyCount" IS DISTINCT FROM s."AnomalyCount");

-- ACM_Run_Stats: inserted
INSERT INTO "ACM_Run_Stats" ("RunID", "EquipID", "WindowStartEntryDateTime", "WindowEndEntryDateTime", "SamplesIn", "SamplesKept", "SensorsKept", "CadenceOKPct", "DriftP95", "ReconRMSE", "AnomalyCount")
SELECT s."RunID", s."EquipID", s."WindowStartEntryDateTime", s."WindowEndEntryDateTime", s."SamplesIn", s."SamplesKept", s."SensorsKept", s."CadenceOKPct", s."DriftP95", s."ReconRMSE", s."AnomalyCount"
FROM "stage_1" AS s
WHERE NOT EXISTS (SELECT 1 FROM "ACM_Run_Stats" WHERE "ACM_Run_Stats"."EquipID" = s."EquipID" AND "ACM_Run_Stats"."RunID" = s."RunID");

-- ACM_RunErrors: deleted
DELETE FROM "ACM_RunErrors"
WHERE "ACM_RunErrors"."EquipID" = ? AND "ACM_RunErrors"."GroupStart" >= ? AND "ACM_RunErrors"."GroupStart" < ?
  AND NOT EXISTS (SELECT 1 FROM "stage_1" AS s WHERE "ACM_RunErrors"."RunID" = s."RunID" AND "ACM_RunErrors"."Attempt" = s."Attempt");

-- ACM_RunErrors: replaced
DELETE FROM "ACM_RunErrors"
USING "stage_1" AS s
WHERE "ACM_RunErrors"."RunID" = s."RunID" AND "ACM_RunErrors"."Attempt" = s."Attempt"
  AND ("ACM_RunErrors"."EquipID" IS DISTINCT FROM s."EquipID" OR "ACM_RunErrors"."GroupStart" IS DISTINCT FROM s."GroupStart" OR "ACM_RunErrors"."GroupEnd" IS DISTINCT FROM s."GroupEnd" OR "ACM_RunErrors"."TableName" IS DISTINCT FROM s."TableName" OR "ACM_RunErrors"."ErrorType" IS DISTINCT FROM s."ErrorType" OR "ACM_RunErrors"."ErrorMessage" IS DISTINCT FROM s."ErrorMessage");

-- ACM_RunErrors: inserted
INSERT INTO "ACM_RunErrors" ("RunID", "EquipID", "Attempt", "GroupStart", "GroupEnd", "TableName", "ErrorType", "ErrorMessage", "OccurredAt")
SELECT s."RunID", s."EquipID", s."Attempt", s."GroupStart", s."GroupEnd", s."TableName", s."ErrorType", s."ErrorMessage", s."OccurredAt"
FROM "stage_1" AS s
WHERE NOT EXISTS (SELECT 1 FROM "ACM_RunErrors" WHERE "ACM_RunErrors"."RunID" = s."RunID" AND "ACM_RunErrors"."Attempt" = s."Attempt");

-- ACM_WriteMetrics: deleted
DELETE FROM "ACM_WriteMetrics"
WHERE "ACM_WriteMetrics"."EquipID" = ? AND "ACM_WriteMetrics"."GroupStart" >= ? AND "ACM_WriteMetrics"."GroupStart" < ?
  AND NOT EXISTS (SELECT 1 FROM "stage_1" AS s WHERE "ACM_WriteMetrics"."EquipID" = s."EquipID" AND "ACM_WriteMetrics"."RunID" = s."RunID" AND "ACM_WriteMetrics"."TableName" = s."TableName");

-- ACM_WriteMetrics: replaced
DELETE FROM "ACM_WriteMetrics"
USING "stage_1" AS s
WHERE "ACM_WriteMetrics"."EquipID" = s."EquipID" AND "ACM_WriteMetrics"."RunID" = s."RunID" AND "ACM_WriteMetrics"."TableName" = s."TableName"
  AND ("ACM_WriteMetrics"."GroupStart" IS DISTINCT FROM s."GroupStart" OR "ACM_WriteMetrics"."GroupEnd" IS DISTINCT FROM s."GroupEnd" OR "ACM_WriteMetrics"."RowsStaged" IS DISTINCT FROM s."RowsStaged");

-- ACM_WriteMetrics: inserted
INSERT INTO "ACM_WriteMetrics" ("RunID", "EquipID", "TableName", "GroupStart", "GroupEnd", "RowsStaged", "RowsInserted", "RowsUpdated", "RowsDeleted", "Seconds", "RowsPerSecond")
SELECT s."RunID", s."EquipID", s."TableName", s."GroupStart", s."GroupEnd", s."RowsStaged", s."RowsInserted", s."RowsUpdated", s."RowsDeleted", s."Seconds", s."RowsPerSecond"
FROM "stage_1" AS s
WHERE NOT EXISTS (SELECT 1 FROM "ACM_WriteMetrics" WHERE "ACM_WriteMetrics"."EquipID" = s."EquipID" AND "ACM_WriteMetrics"."RunID" = s."RunID" AND "ACM_WriteMetrics"."TableName" = s."TableName");

-- ACM_DataQualityEvents: replaced
DELETE FROM "ACM_DataQualityEvents"
USING "stage_1" AS s
WHERE "ACM_DataQualityEvents"."RunID" = s."RunID" AND "ACM_DataQualityEvents"."TableName" = s."TableName" AND "ACM_DataQualityEvents"."ColumnName" = s."ColumnName" AND "ACM_DataQualityEvents"."EventType" = s."EventType"
  AND ("ACM_DataQualityEvents"."EquipID" IS DISTINCT FROM s."EquipID" OR "ACM_DataQualityEvents"."AffectedRows" IS DISTINCT FROM s."AffectedRows" OR "ACM_DataQualityEvents"."SampleValues" IS DISTINCT FROM s."SampleValues");

-- ACM_DataQualityEvents: inserted
INSERT INTO "ACM_DataQualityEvents" ("RunID", "EquipID", "TableName", "ColumnName", "EventType", "AffectedRows", "SampleValues", "EventTime")
SELECT s."RunID", s."EquipID", s."TableName", s."ColumnName", s."EventType", s."AffectedRows", s."SampleValues", s."EventTime"
FROM "stage_1" AS s
WHERE NOT EXISTS (SELECT 1 FROM "ACM_DataQualityEvents" WHERE "ACM_DataQualityEvents"."RunID" = s."RunID" AND "ACM_DataQualityEvents"."TableName" = s."TableName" AND "ACM_DataQualityEvents"."ColumnName" = s."ColumnName" AND "ACM_DataQualityEvents"."EventType" = s."EventType");

-- ACM_ColdstartState: replaced
DELETE FROM "ACM_ColdstartState"
USING "stage_1" AS s
WHERE "ACM_ColdstartState"."EquipID" = s."EquipID" AND "ACM_ColdstartState"."Stage" = s."Stage"
  AND ("ACM_ColdstartState"."Status" IS DISTINCT FROM s."Status" OR "ACM_ColdstartState"."AccumulatedRows" IS DISTINCT FROM s."AccumulatedRows" OR "ACM_ColdstartState"."RequiredRows" IS DISTINCT FROM s."RequiredRows" OR "ACM_ColdstartState"."DataStart" IS DISTINCT FROM s."DataStart" OR "ACM_ColdstartState"."DataEnd" IS DISTINCT FROM s."DataEnd" OR "ACM_ColdstartState"."TrainEnd" IS DISTINCT FROM s."TrainEnd" OR "ACM_ColdstartState"."ModelVersion" IS DISTINCT FROM s."ModelVersion" OR "ACM_ColdstartState"."Reason" IS DISTINCT FROM s."Reason" OR "ACM_ColdstartState"."PlannedEnd" IS DISTINCT FROM s."PlannedEnd" OR "ACM_ColdstartState"."PlannedRows" IS DISTINCT FROM s."PlannedRows");

-- ACM_ColdstartState: inserted
INSERT INTO "ACM_ColdstartState" ("EquipID", "Stage", "Status", "AccumulatedRows", "RequiredRows", "DataStart", "DataEnd", "TrainEnd", "ModelVersion", "Reason", "RetryAfter", "AttemptCount", "FirstAttemptAt", "LastAttemptAt", "CompletedAt", "PlannedEnd", "PlannedRows")
SELECT s."EquipID", s."Stage", s."Status", s."AccumulatedRows", s."RequiredRows", s."DataStart", s."DataEnd", s."TrainEnd", s."ModelVersion", s."Reason", s."RetryAfter", s."AttemptCount", s."FirstAttemptAt", s."LastAttemptAt", s."CompletedAt", s."PlannedEnd", s."PlannedRows"
FROM "stage_1" AS s
WHERE NOT EXISTS (SELECT 1 FROM "ACM_ColdstartState" WHERE "ACM_ColdstartState"."EquipID" = s."EquipID" AND "ACM_ColdstartState"."Stage" = s."Stage");

-- ModelRegistry: deleted
DELETE FROM "ModelRegistry"
WHERE "ModelRegistry"."EquipID" = ? AND "ModelRegistry"."HoldsFrom" >= ? AND "ModelRegistry"."HoldsFrom" < ?
  AND NOT EXISTS (SELECT 1 FROM "stage_1" AS s WHERE "ModelRegistry"."EquipID" = s."EquipID" AND "ModelRegistry"."ModelType" = s."ModelType" AND "ModelRegistry"."Version" = s."Version");

-- ModelRegistry: replaced
DELETE FROM "ModelRegistry"
USING "stage_1" AS s
WHERE "ModelRegistry"."EquipID" = s."EquipID" AND "ModelRegistry"."ModelType" = s."ModelType" AND "ModelRegistry"."Version" = s."Version"
  AND ("ModelRegistry"."RunID" IS DISTINCT FROM s."RunID" OR "ModelRegistry"."HoldsFrom" IS DISTINCT FROM s."HoldsFrom" OR "ModelRegistry"."TrainStart" IS DISTINCT FROM s."TrainStart" OR "ModelRegistry"."TrainEnd" IS DISTINCT FROM s."TrainEnd" OR "ModelRegistry"."TrainRows" IS DISTINCT FROM s."TrainRows" OR "ModelRegistry"."Tags" IS DISTINCT FROM s."Tags" OR "ModelRegistry"."ParamsJSON" IS DISTINCT FROM s."ParamsJSON" OR "ModelRegistry"."LibrariesJSON" IS DISTINCT FROM s."LibrariesJSON" OR "ModelRegistry"."ConfigSignature" IS DISTINCT FROM s."ConfigSignature" OR "ModelRegistry"."ModelBytes" IS DISTINCT FROM s."ModelBytes" OR "ModelRegistry"."Hash" IS DISTINCT FROM s."Hash" OR "ModelRegistry"."Origin" IS DISTINCT FROM s."Origin");

-- ModelRegistry: inserted
INSERT INTO "ModelRegistry" ("RunID", "EquipID", "ModelType", "Version", "HoldsFrom", "TrainStart", "TrainEnd", "TrainRows", "Tags", "ParamsJSON", "LibrariesJSON", "ConfigSignature", "ModelBytes", "Hash", "CreatedAt", "Origin")
SELECT s."RunID", s."EquipID", s."ModelType", s."Version", s."HoldsFrom", s."TrainStart", s."TrainEnd", s."TrainRows", s."Tags", s."ParamsJSON", s."LibrariesJSON", s."ConfigSignature", s."ModelBytes", s."Hash", s."CreatedAt", s."Origin"
FROM "stage_1" AS s
WHERE NOT EXISTS (SELECT 1 FROM "ModelRegistry" WHERE "ModelRegistry"."EquipID" = s."EquipID" AND "ModelRegistry"."ModelType" = s."ModelType" AND "ModelRegistry"."Version" = s."Version");

-- ACM_State: deleted
DELETE FROM "ACM_State"
WHERE "ACM_State"."EquipID" = ? AND "ACM_State"."AsOf" >= ? AND "ACM_State"."AsOf" < ?
  AND NOT EXISTS (SELECT 1 FROM "stage_1" AS s WHERE "ACM_State"."EquipID" = s."EquipID" AND "ACM_State"."AsOf" = s."AsOf");

-- ACM_State: replaced
DELETE FROM "ACM_State"
USING "stage_1" AS s
WHERE "ACM_State"."EquipID" = s."EquipID" AND "ACM_State"."AsOf" = s."AsOf"
  AND ("ACM_State"."RunID" IS DISTINCT FROM s."RunID" OR "ACM_State"."ModelVersion" IS DISTINCT FROM s."ModelVersion" OR "ACM_State"."Blob" IS DISTINCT FROM s."Blob" OR "ACM_State"."Hash" IS DISTINCT FROM s."Hash");

-- ACM_State: inserted
INSERT INTO "ACM_State" ("RunID", "EquipID", "AsOf", "ModelVersion", "Blob", "Hash")
SELECT s."RunID", s."EquipID", s."AsOf", s."ModelVersion", s."Blob", s."Hash"
FROM "stage_1" AS s
WHERE NOT EXISTS (SELECT 1 FROM "ACM_State" WHERE "ACM_State"."EquipID" = s."EquipID" AND "ACM_State"."AsOf" = s."AsOf");

-- ACM_RefitRequests: deleted
DELETE FROM "ACM_RefitRequests"
WHERE "ACM_RefitRequests"."EquipID" = ? AND "ACM_RefitRequests"."EffectiveFrom" >= ? AND "ACM_RefitRequests"."EffectiveFrom" < ?
  AND NOT EXISTS (SELECT 1 FROM "stage_1" AS s WHERE "ACM_RefitRequests"."EquipID" = s."EquipID" AND "ACM_RefitRequests"."RequestedAt" = s."RequestedAt" AND "ACM_RefitRequests"."RequestedBy" = s."RequestedBy");

-- ACM_RefitRequests: replaced
DELETE FROM "ACM_RefitRequests"
USING "stage_1" AS s
WHERE "ACM_RefitRequests"."EquipID" = s."EquipID" AND "ACM_RefitRequests"."RequestedAt" = s."RequestedAt" AND "ACM_RefitRequests"."RequestedBy" = s."RequestedBy"
  AND ("ACM_RefitRequests"."Reason" IS DISTINCT FROM s."Reason" OR "ACM_RefitRequests"."Status" IS DISTINCT FROM s."Status" OR "ACM_RefitRequests"."EffectiveFrom" IS DISTINCT FROM s."EffectiveFrom" OR "ACM_RefitRequests"."ModelVersion" IS DISTINCT FROM s."ModelVersion" OR "ACM_RefitRequests"."CheckedRows" IS DISTINCT FROM s."CheckedRows" OR "ACM_RefitRequests"."OldAlarmShare" IS DISTINCT FROM s."OldAlarmShare" OR "ACM_RefitRequests"."NewAlarmShare" IS DISTINCT FROM s."NewAlarmShare" OR "ACM_RefitRequests"."Message" IS DISTINCT FROM s."Message");

-- ACM_RefitRequests: inserted
INSERT INTO "ACM_RefitRequests" ("EquipID", "RequestedAt", "RequestedBy", "Requester", "Reason", "Status", "EffectiveFrom", "AcknowledgedAt", "ModelVersion", "CheckedRows", "OldAlarmShare", "NewAlarmShare", "Message")
SELECT s."EquipID", s."RequestedAt", s."RequestedBy", s."Requester", s."Reason", s."Status", s."EffectiveFrom", s."AcknowledgedAt", s."ModelVersion", s."CheckedRows", s."OldAlarmShare", s."NewAlarmShare", s."Message"
FROM "stage_1" AS s
WHERE NOT EXISTS (SELECT 1 FROM "ACM_RefitRequests" WHERE "ACM_RefitRequests"."EquipID" = s."EquipID" AND "ACM_RefitRequests"."RequestedAt" = s."RequestedAt" AND "ACM_RefitRequests"."RequestedBy" = s."RequestedBy");

-- ACM_Baselines: deleted
DELETE FROM "ACM_Baselines"
WHERE "ACM_Baselines"."EquipID" = ? AND "ACM_Baselines"."EffectiveFrom" >= ? AND "ACM_Baselines"."EffectiveFrom" < ?
  AND NOT EXISTS (SELECT 1 FROM "stage_1" AS s WHERE "ACM_Baselines"."EquipID" = s."EquipID" AND "ACM_Baselines"."RequestedAt" = s."RequestedAt");

-- ACM_Baselines: replaced
DELETE FROM "ACM_Baselines"
USING "stage_1" AS s
WHERE "ACM_Baselines"."EquipID" = s."EquipID" AND "ACM_Baselines"."RequestedAt" = s."RequestedAt"
  AND ("ACM_Baselines"."Requester" IS DISTINCT FROM s."Requester" OR "ACM_Baselines"."Reason" IS DISTINCT FROM s."Reason" OR "ACM_Baselines"."EffectiveFrom" IS DISTINCT FROM s."EffectiveFrom" OR "ACM_Baselines"."RequestedEnd" IS DISTINCT FROM s."RequestedEnd" OR "ACM_Baselines"."Status" IS DISTINCT FROM s."Status" OR "ACM_Baselines"."TrainEnd" IS DISTINCT FROM s."TrainEnd" OR "ACM_Baselines"."TrainRows" IS DISTINCT FROM s."TrainRows" OR "ACM_Baselines"."ModelVersion" IS DISTINCT FROM s."ModelVersion" OR "ACM_Baselines"."Message" IS DISTINCT FROM s."Message");

-- ACM_Baselines: inserted
INSERT INTO "ACM_Baselines" ("EquipID", "RequestedAt", "Requester", "Reason", "EffectiveFrom", "RequestedEnd", "Status", "TrainEnd", "TrainRows", "ModelVersion", "DecidedAt", "Message")
SELECT s."EquipID", s."RequestedAt", s."Requester", s."Reason", s."EffectiveFrom", s."RequestedEnd", s."Status", s."TrainEnd", s."TrainRows", s."ModelVersion", s."DecidedAt", s."Message"
FROM "stage_1" AS s
WHERE NOT EXISTS (SELECT 1 FROM "ACM_Baselines" WHERE "ACM_Baselines"."EquipID" = s."EquipID" AND "ACM_Baselines"."RequestedAt" = s."RequestedAt");

-- ACM_BatchProgress: replaced
DELETE FROM "ACM_BatchProgress"
USING "stage_1" AS s
WHERE "ACM_BatchProgress"."EquipID" = s."EquipID"
  AND ("ACM_BatchProgress"."LastBatchEndTime" IS DISTINCT FROM s."LastBatchEndTime" OR "ACM_BatchProgress"."BatchesCompleted" IS DISTINCT FROM s."BatchesCompleted" OR "ACM_BatchProgress"."TickMinutes" IS DISTINCT FROM s."TickMinutes" OR "ACM_BatchProgress"."ConfigSignature" IS DISTINCT FROM s."ConfigSignature" OR "ACM_BatchProgress"."ModelVersion" IS DISTINCT FROM s."ModelVersion" OR "ACM_BatchProgress"."ColdstartComplete" IS DISTINCT FROM s."ColdstartComplete" OR "ACM_BatchProgress"."DataMin" IS DISTINCT FROM s."DataMin" OR "ACM_BatchProgress"."DataMax" IS DISTINCT FROM s."DataMax" OR "ACM_BatchProgress"."TimeZone" IS DISTINCT FROM s."TimeZone");

-- ACM_BatchProgress: inserted
INSERT INTO "ACM_BatchProgress" ("EquipID", "LastBatchEndTime", "BatchesCompleted", "TickMinutes", "ConfigSignature", "ModelVersion", "ColdstartComplete", "DataMin", "DataMax", "TimeZone", "UpdatedAt")
SELECT s."EquipID", s."LastBatchEndTime", s."BatchesCompleted", s."TickMinutes", s."ConfigSignature", s."ModelVersion", s."ColdstartComplete", s."DataMin", s."DataMax", s."TimeZone", s."UpdatedAt"
FROM "stage_1" AS s
WHERE NOT EXISTS (SELECT 1 FROM "ACM_BatchProgress" WHERE "ACM_BatchProgress"."EquipID" = s."EquipID");

-- ACM_ReadingFingerprints: deleted
DELETE FROM "ACM_ReadingFingerprints"
WHERE "ACM_ReadingFingerprints"."EquipID" = ? AND "ACM_ReadingFingerprints"."Day" >= ? AND "ACM_ReadingFingerprints"."Day" < ?
  AND NOT EXISTS (SELECT 1 FROM "stage_1" AS s WHERE "ACM_ReadingFingerprints"."EquipID" = s."EquipID" AND "ACM_ReadingFingerprints"."Day" = s."Day");

-- ACM_ReadingFingerprints: replaced
DELETE FROM "ACM_ReadingFingerprints"
USING "stage_1" AS s
WHERE "ACM_ReadingFingerprints"."EquipID" = s."EquipID" AND "ACM_ReadingFingerprints"."Day" = s."Day"
  AND ("ACM_ReadingFingerprints"."ReadingCount" IS DISTINCT FROM s."ReadingCount" OR "ACM_ReadingFingerprints"."RowsHash" IS DISTINCT FROM s."RowsHash" OR "ACM_ReadingFingerprints"."HashProbe" IS DISTINCT FROM s."HashProbe" OR "ACM_ReadingFingerprints"."ModelVersion" IS DISTINCT FROM s."ModelVersion" OR "ACM_ReadingFingerprints"."PresentCount" IS DISTINCT FROM s."PresentCount");

-- ACM_ReadingFingerprints: inserted
INSERT INTO "ACM_ReadingFingerprints" ("EquipID", "Day", "ReadingCount", "RowsHash", "HashProbe", "ModelVersion", "ScoredUntil", "PresentCount", "FoundAt")
SELECT s."EquipID", s."Day", s."ReadingCount", s."RowsHash", s."HashProbe", s."ModelVersion", s."ScoredUntil", s."PresentCount", s."FoundAt"
FROM "stage_1" AS s
WHERE NOT EXISTS (SELECT 1 FROM "ACM_ReadingFingerprints" WHERE "ACM_ReadingFingerprints"."EquipID" = s."EquipID" AND "ACM_ReadingFingerprints"."Day" = s."Day");

-- ACM_HistorianChecks: replaced
DELETE FROM "ACM_HistorianChecks"
USING "stage_1" AS s
WHERE "ACM_HistorianChecks"."EquipID" = s."EquipID"
  AND ("ACM_HistorianChecks"."HistoryStart" IS DISTINCT FROM s."HistoryStart" OR "ACM_HistorianChecks"."SkippedReadings" IS DISTINCT FROM s."SkippedReadings");

-- ACM_HistorianChecks: inserted
INSERT INTO "ACM_HistorianChecks" ("EquipID", "HistoryStart", "SkippedReadings", "ComparedAt")
SELECT s."EquipID", s."HistoryStart", s."SkippedReadings", s."ComparedAt"
FROM "stage_1" AS s
WHERE NOT EXISTS (SELECT 1 FROM "ACM_HistorianChecks" WHERE "ACM_HistorianChecks"."EquipID" = s."EquipID");

-- ACM_EpisodeNotes: replaced
DELETE FROM "ACM_EpisodeNotes"
USING "stage_1" AS s
WHERE "ACM_EpisodeNotes"."EquipID" = s."EquipID" AND "ACM_EpisodeNotes"."StartTs" = s."StartTs" AND "ACM_EpisodeNotes"."NoteID" = s."NoteID"
  AND ("ACM_EpisodeNotes"."EndTs" IS DISTINCT FROM s."EndTs" OR "ACM_EpisodeNotes"."Action" IS DISTINCT FROM s."Action" OR "ACM_EpisodeNotes"."NoteText" IS DISTINCT FROM s."NoteText" OR "ACM_EpisodeNotes"."Label" IS DISTINCT FROM s."Label" OR "ACM_EpisodeNotes"."Severity" IS DISTINCT FROM s."Severity" OR "ACM_EpisodeNotes"."CreatedAt" IS DISTINCT FROM s."CreatedAt" OR "ACM_EpisodeNotes"."CreatedBy" IS DISTINCT FROM s."CreatedBy");

-- ACM_EpisodeNotes: inserted
INSERT INTO "ACM_EpisodeNotes" ("EquipID", "StartTs", "NoteID", "EndTs", "Action", "NoteText", "Label", "Severity", "CreatedAt", "CreatedBy")
SELECT s."EquipID", s."StartTs", s."NoteID", s."EndTs", s."Action", s."NoteText", s."Label", s."Severity", s."CreatedAt", s."CreatedBy"
FROM "stage_1" AS s
WHERE NOT EXISTS (SELECT 1 FROM "ACM_EpisodeNotes" WHERE "ACM_EpisodeNotes"."EquipID" = s."EquipID" AND "ACM_EpisodeNotes"."StartTs" = s."StartTs" AND "ACM_EpisodeNotes"."NoteID" = s."NoteID");

-- ACM_Failures: replaced
DELETE FROM "ACM_Failures"
USING "stage_1" AS s
WHERE "ACM_Failures"."EquipID" = s."EquipID" AND "ACM_Failures"."FailedAt" = s."FailedAt"
  AND ("ACM_Failures"."Cause" IS DISTINCT FROM s."Cause" OR "ACM_Failures"."ImportedAt" IS DISTINCT FROM s."ImportedAt" OR "ACM_Failures"."ImportedBy" IS DISTINCT FROM s."ImportedBy");

-- ACM_Failures: inserted
INSERT INTO "ACM_Failures" ("EquipID", "FailedAt", "Cause", "ImportedAt", "ImportedBy")
SELECT s."EquipID", s."FailedAt", s."Cause", s."ImportedAt", s."ImportedBy"
FROM "stage_1" AS s
WHERE NOT EXISTS (SELECT 1 FROM "ACM_Failures" WHERE "ACM_Failures"."EquipID" = s."EquipID" AND "ACM_Failures"."FailedAt" = s."FailedAt");

-- ACM_Notifications: replaced
DELETE FROM "ACM_Notifications"
USING "stage_1" AS s
WHERE "ACM_Notifications"."EquipID" = s."EquipID" AND "ACM_Notifications"."Event" = s."Event" AND "ACM_Notifications"."EventKey" = s."EventKey"
  AND ("ACM_Notifications"."StartTs" IS DISTINCT FROM s."StartTs");

-- ACM_Notifications: inserted
INSERT INTO "ACM_Notifications" ("EquipID", "Event", "EventKey", "StartTs", "EndTs", "Severity", "PeakFusedZ", "Detail", "RecordedAt", "Attempts", "LastAttemptAt", "LastError", "SentTo", "SentAt")
SELECT s."EquipID", s."Event", s."EventKey", s."StartTs", s."EndTs", s."Severity", s."PeakFusedZ", s."Detail", s."RecordedAt", s."Attempts", s."LastAttemptAt", s."LastError", s."SentTo", s."SentAt"
FROM "stage_1" AS s
WHERE NOT EXISTS (SELECT 1 FROM "ACM_Notifications" WHERE "ACM_Notifications"."EquipID" = s."EquipID" AND "ACM_Notifications"."Event" = s."Event" AND "ACM_Notifications"."EventKey" = s."EventKey");

-- ACM_Scores_Wide: deleted
DELETE FROM "ACM_Scores_Wide"
WHERE "ACM_Scores_Wide"."EquipID" = ? AND "ACM_Scores_Wide"."Timestamp" >= ? AND "ACM_Scores_Wide"."Timestamp" < ?
  AND NOT EXISTS (SELECT 1 FROM "stage_1" AS s WHERE "ACM_Scores_Wide"."EquipID" = s."EquipID" AND "ACM_Scores_Wide"."Timestamp" = s."Timestamp");

-- ACM_Scores_Wide: replaced
DELETE FROM "ACM_Scores_Wide"
USING "stage_1" AS s
WHERE "ACM_Scores_Wide"."EquipID" = s."EquipID" AND "ACM_Scores_Wide"."Timestamp" = s."Timestamp" AND "ACM_Scores_Wide"."EquipID" = ? AND "ACM_Scores_Wide"."Timestamp" >= ? AND "ACM_Scores_Wide"."Timestamp" < ?
  AND ("ACM_Scores_Wide"."RunID" IS DISTINCT FROM s."RunID" OR "ACM_Scores_Wide"."Phase" IS DISTINCT FROM s."Phase" OR "ACM_Scores_Wide"."OperatingState" IS DISTINCT FROM s."OperatingState" OR "ACM_Scores_Wide"."ar1_z" IS DISTINCT FROM s."ar1_z" OR "ACM_Scores_Wide"."pca_spe_z" IS DISTINCT FROM s."pca_spe_z" OR "ACM_Scores_Wide"."pca_t2_z" IS DISTINCT FROM s."pca_t2_z" OR "ACM_Scores_Wide"."mhal_z" IS DISTINCT FROM s."mhal_z" OR "ACM_Scores_Wide"."iforest_z" IS DISTINCT FROM s."iforest_z" OR "ACM_Scores_Wide"."gmm_z" IS DISTINCT FROM s."gmm_z" OR "ACM_Scores_Wide"."omr_z" IS DISTINCT FROM s."omr_z" OR "ACM_Scores_Wide"."mewma_z" IS DISTINCT FROM s."mewma_z" OR "ACM_Scores_Wide"."drift_z" IS DISTINCT FROM s."drift_z" OR "ACM_Scores_Wide"."fused" IS DISTINCT FROM s."fused" OR "ACM_Scores_Wide"."alarm" IS DISTINCT FROM s."alarm" OR "ACM_Scores_Wide"."regime_label" IS DISTINCT FROM s."regime_label" OR "ACM_Scores_Wide"."ModelVersion" IS DISTINCT FROM s."ModelVersion" OR "ACM_Scores_Wide"."HealthIndex" IS DISTINCT FROM s."HealthIndex");

-- ACM_Scores_Wide: inserted
INSERT INTO "ACM_Scores_Wide" ("RunID", "EquipID", "Timestamp", "Phase", "OperatingState", "ar1_z", "pca_spe_z", "pca_t2_z", "mhal_z", "iforest_z", "gmm_z", "omr_z", "mewma_z", "drift_z", "fused", "alarm", "regime_label", "ModelVersion", "HealthIndex")
SELECT s."RunID", s."EquipID", s."Timestamp", s."Phase", s."OperatingState", s."ar1_z", s."pca_spe_z", s."pca_t2_z", s."mhal_z", s."iforest_z", s."gmm_z", s."omr_z", s."mewma_z", s."drift_z", s."fused", s."alarm", s."regime_label", s."ModelVersion", s."HealthIndex"
FROM "stage_1" AS s
WHERE NOT EXISTS (SELECT 1 FROM "ACM_Scores_Wide" WHERE "ACM_Scores_Wide"."EquipID" = s."EquipID" AND "ACM_Scores_Wide"."Timestamp" = s."Timestamp" AND "ACM_Scores_Wide"."EquipID" = ? AND "ACM_Scores_Wide"."Timestamp" >= ? AND "ACM_Scores_Wide"."Timestamp" < ?);

-- ACM_ContributionTimeline: deleted
DELETE FROM "ACM_ContributionTimeline"
WHERE "ACM_ContributionTimeline"."EquipID" = ? AND "ACM_ContributionTimeline"."Timestamp" >= ? AND "ACM_ContributionTimeline"."Timestamp" < ?
  AND NOT EXISTS (SELECT 1 FROM "stage_1" AS s WHERE "ACM_ContributionTimeline"."EquipID" = s."EquipID" AND "ACM_ContributionTimeline"."Timestamp" = s."Timestamp" AND "ACM_ContributionTimeline"."DetectorType" = s."DetectorType");

-- ACM_ContributionTimeline: replaced
DELETE FROM "ACM_ContributionTimeline"
USING "stage_1" AS s
WHERE "ACM_ContributionTimeline"."EquipID" = s."EquipID" AND "ACM_ContributionTimeline"."Timestamp" = s."Timestamp" AND "ACM_ContributionTimeline"."DetectorType" = s."DetectorType" AND "ACM_ContributionTimeline"."EquipID" = ? AND "ACM_ContributionTimeline"."Timestamp" >= ? AND "ACM_ContributionTimeline"."Timestamp" < ?
  AND ("ACM_ContributionTimeline"."RunID" IS DISTINCT FROM s."RunID" OR "ACM_ContributionTimeline"."ContributionPct" IS DISTINCT FROM s."ContributionPct" OR "ACM_ContributionTimeline"."ZScore" IS DISTINCT FROM s."ZScore");

-- ACM_ContributionTimeline: inserted
INSERT INTO "ACM_ContributionTimeline" ("RunID", "EquipID", "Timestamp", "DetectorType", "ContributionPct", "ZScore")
SELECT s."RunID", s."EquipID", s."Timestamp", s."DetectorType", s."ContributionPct", s."ZScore"
FROM "stage_1" AS s
WHERE NOT EXISTS (SELECT 1 FROM "ACM_ContributionTimeline" WHERE "ACM_ContributionTimeline"."EquipID" = s."EquipID" AND "ACM_ContributionTimeline"."Timestamp" = s."Timestamp" AND "ACM_ContributionTimeline"."DetectorType" = s."DetectorType" AND "ACM_ContributionTimeline"."EquipID" = ? AND "ACM_ContributionTimeline"."Timestamp" >= ? AND "ACM_ContributionTimeline"."Timestamp" < ?);

-- ACM_SensorHotspotTimeline: deleted
DELETE FROM "ACM_SensorHotspotTimeline"
WHERE "ACM_SensorHotspotTimeline"."EquipID" = ? AND "ACM_SensorHotspotTimeline"."Timestamp" >= ? AND "ACM_SensorHotspotTimeline"."Timestamp" < ?
  AND NOT EXISTS (SELECT 1 FROM "stage_1" AS s WHERE "ACM_SensorHotspotTimeline"."EquipID" = s."EquipID" AND "ACM_SensorHotspotTimeline"."Timestamp" = s."Timestamp" AND "ACM_SensorHotspotTimeline"."SensorName" = s."SensorName");

-- ACM_SensorHotspotTimeline: replaced
DELETE FROM "ACM_SensorHotspotTimeline"
USING "stage_1" AS s
WHERE "ACM_SensorHotspotTimeline"."EquipID" = s."EquipID" AND "ACM_SensorHotspotTimeline"."Timestamp" = s."Timestamp" AND "ACM_SensorHotspotTimeline"."SensorName" = s."SensorName" AND "ACM_SensorHotspotTimeline"."EquipID" = ? AND "ACM_SensorHotspotTimeline"."Timestamp" >= ? AND "ACM_SensorHotspotTimeline"."Timestamp" < ?
  AND ("ACM_SensorHotspotTimeline"."RunID" IS DISTINCT FROM s."RunID" OR "ACM_SensorHotspotTimeline"."Rank" IS DISTINCT FROM s."Rank" OR "ACM_SensorHotspotTimeline"."AbsZ" IS DISTINCT FROM s."AbsZ" OR "ACM_SensorHotspotTimeline"."SignedZ" IS DISTINCT FROM s."SignedZ" OR "ACM_SensorHotspotTimeline"."Value" IS DISTINCT FROM s."Value" OR "ACM_SensorHotspotTimeline"."Level" IS DISTINCT FROM s."Level");

-- ACM_SensorHotspotTimeline: inserted
INSERT INTO "ACM_SensorHotspotTimeline" ("RunID", "EquipID", "Timestamp", "SensorName", "Rank", "AbsZ", "SignedZ", "Value", "Level")
SELECT s."RunID", s."EquipID", s."Timestamp", s."SensorName", s."Rank", s."AbsZ", s."SignedZ", s."Value", s."Level"
FROM "stage_1" AS s
WHERE NOT EXISTS (SELECT 1 FROM "ACM_SensorHotspotTimeline" WHERE "ACM_SensorHotspotTimeline"."EquipID" = s."EquipID" AND "ACM_SensorHotspotTimeline"."Timestamp" = s."Timestamp" AND "ACM_SensorHotspotTimeline"."SensorName" = s."SensorName" AND "ACM_SensorHotspotTimeline"."EquipID" = ? AND "ACM_SensorHotspotTimeline"."Timestamp" >= ? AND "ACM_SensorHotspotTimeline"."Timestamp" < ?);

-- ACM_SensorDrift: deleted
DELETE FROM "ACM_SensorDrift"
WHERE "ACM_SensorDrift"."EquipID" = ? AND "ACM_SensorDrift"."Timestamp" >= ? AND "ACM_SensorDrift"."Timestamp" < ?
  AND NOT EXISTS (SELECT 1 FROM "stage_1" AS s WHERE "ACM_SensorDrift"."EquipID" = s."EquipID" AND "ACM_SensorDrift"."Timestamp" = s."Timestamp" AND "ACM_SensorDrift"."SensorName" = s."SensorName");

-- ACM_SensorDrift: replaced
DELETE FROM "ACM_SensorDrift"
USING "stage_1" AS s
WHERE "ACM_SensorDrift"."EquipID" = s."EquipID" AND "ACM_SensorDrift"."Timestamp" = s."Timestamp" AND "ACM_SensorDrift"."SensorName" = s."SensorName" AND "ACM_SensorDrift"."EquipID" = ? AND "ACM_SensorDrift"."Timestamp" >= ? AND "ACM_SensorDrift"."Timestamp" < ?
  AND ("ACM_SensorDrift"."RunID" IS DISTINCT FROM s."RunID" OR "ACM_SensorDrift"."DriftValue" IS DISTINCT FROM s."DriftValue");

-- ACM_SensorDrift: inserted
INSERT INTO "ACM_SensorDrift" ("RunID", "EquipID", "Timestamp", "SensorName", "DriftValue")
SELECT s."RunID", s."EquipID", s."Timestamp", s."SensorName", s."DriftValue"
FROM "stage_1" AS s
WHERE NOT EXISTS (SELECT 1 FROM "ACM_SensorDrift" WHERE "ACM_SensorDrift"."EquipID" = s."EquipID" AND "ACM_SensorDrift"."Timestamp" = s."Timestamp" AND "ACM_SensorDrift"."SensorName" = s."SensorName" AND "ACM_SensorDrift"."EquipID" = ? AND "ACM_SensorDrift"."Timestamp" >= ? AND "ACM_SensorDrift"."Timestamp" < ?);

-- ACM_Episodes: deleted
DELETE FROM "ACM_Episodes"
WHERE "ACM_Episodes"."EquipID" = ? AND "ACM_Episodes"."StartTs" >= ? AND "ACM_Episodes"."StartTs" < ?
  AND NOT EXISTS (SELECT 1 FROM "stage_1" AS s WHERE "ACM_Episodes"."EquipID" = s."EquipID" AND "ACM_Episodes"."StartTs" = s."StartTs");

-- ACM_Episodes: replaced
DELETE FROM "ACM_Episodes"
USING "stage_1" AS s
WHERE "ACM_Episodes"."EquipID" = s."EquipID" AND "ACM_Episodes"."StartTs" = s."StartTs"
  AND ("ACM_Episodes"."RunID" IS DISTINCT FROM s."RunID" OR "ACM_Episodes"."EndTs" IS DISTINCT FROM s."EndTs" OR "ACM_Episodes"."Status" IS DISTINCT FROM s."Status" OR "ACM_Episodes"."DurationHours" IS DISTINCT FROM s."DurationHours" OR "ACM_Episodes"."RecordCount" IS DISTINCT FROM s."RecordCount" OR "ACM_Episodes"."PeakTimestamp" IS DISTINCT FROM s."PeakTimestamp" OR "ACM_Episodes"."PeakFusedZ" IS DISTINCT FROM s."PeakFusedZ" OR "ACM_Episodes"."AvgFusedZ" IS DISTINCT FROM s."AvgFusedZ" OR "ACM_Episodes"."MinHealthIndex" IS DISTINCT FROM s."MinHealthIndex" OR "ACM_Episodes"."Severity" IS DISTINCT FROM s."Severity" OR "ACM_Episodes"."PrimaryDetector" IS DISTINCT FROM s."PrimaryDetector" OR "ACM_Episodes"."PrimarySensor" IS DISTINCT FROM s."PrimarySensor" OR "ACM_Episodes"."Culprits" IS DISTINCT FROM s."Culprits" OR "ACM_Episodes"."RegimeLabel" IS DISTINCT FROM s."RegimeLabel" OR "ACM_Episodes"."LeadMeanZ" IS DISTINCT FROM s."LeadMeanZ" OR "ACM_Episodes"."LagMeanZ" IS DISTINCT FROM s."LagMeanZ" OR "ACM_Episodes"."OpenedBy" IS DISTINCT FROM s."OpenedBy" OR "ACM_Episodes"."ClosedBy" IS DISTINCT FROM s."ClosedBy");

-- ACM_Episodes: inserted
INSERT INTO "ACM_Episodes" ("RunID", "EquipID", "StartTs", "EndTs", "Status", "DurationHours", "RecordCount", "PeakTimestamp", "PeakFusedZ", "AvgFusedZ", "MinHealthIndex", "Severity", "PrimaryDetector", "PrimarySensor", "Culprits", "RegimeLabel", "LeadMeanZ", "LagMeanZ", "OpenedBy", "ClosedBy")
SELECT s."RunID", s."EquipID", s."StartTs", s."EndTs", s."Status", s."DurationHours", s."RecordCount", s."PeakTimestamp", s."PeakFusedZ", s."AvgFusedZ", s."MinHealthIndex", s."Severity", s."PrimaryDetector", s."PrimarySensor", s."Culprits", s."RegimeLabel", s."LeadMeanZ", s."LagMeanZ", s."OpenedBy", s."ClosedBy"
FROM "stage_1" AS s
WHERE NOT EXISTS (SELECT 1 FROM "ACM_Episodes" WHERE "ACM_Episodes"."EquipID" = s."EquipID" AND "ACM_Episodes"."StartTs" = s."StartTs");

-- ACM_EpisodeCulprits: deleted
DELETE FROM "ACM_EpisodeCulprits"
WHERE "ACM_EpisodeCulprits"."EquipID" = ? AND "ACM_EpisodeCulprits"."StartTs" >= ? AND "ACM_EpisodeCulprits"."StartTs" < ?
  AND NOT EXISTS (SELECT 1 FROM "stage_1" AS s WHERE "ACM_EpisodeCulprits"."EquipID" = s."EquipID" AND "ACM_EpisodeCulprits"."StartTs" = s."StartTs" AND "ACM_EpisodeCulprits"."SensorName" = s."SensorName");

-- ACM_EpisodeCulprits: replaced
DELETE FROM "ACM_EpisodeCulprits"
USING "stage_1" AS s
WHERE "ACM_EpisodeCulprits"."EquipID" = s."EquipID" AND "ACM_EpisodeCulprits"."StartTs" = s."StartTs" AND "ACM_EpisodeCulprits"."SensorName" = s."SensorName"
  AND ("ACM_EpisodeCulprits"."RunID" IS DISTINCT FROM s."RunID" OR "ACM_EpisodeCulprits"."Rank" IS DISTINCT FROM s."Rank" OR "ACM_EpisodeCulprits"."ContributionPct" IS DISTINCT FROM s."ContributionPct");

-- ACM_EpisodeCulprits: inserted
INSERT INTO "ACM_EpisodeCulprits" ("RunID", "EquipID", "StartTs", "SensorName", "Rank", "ContributionPct")
SELECT s."RunID", s."EquipID", s."StartTs", s."SensorName", s."Rank", s."ContributionPct"
FROM "stage_1" AS s
WHERE NOT EXISTS (SELECT 1 FROM "ACM_EpisodeCulprits" WHERE "ACM_EpisodeCulprits"."EquipID" = s."EquipID" AND "ACM_EpisodeCulprits"."StartTs" = s."StartTs" AND "ACM_EpisodeCulprits"."SensorName" = s."SensorName");

-- ACM_ThresholdCrossings: deleted
DELETE FROM "ACM_ThresholdCrossings"
WHERE "ACM_ThresholdCrossings"."EquipID" = ? AND "ACM_ThresholdCrossings"."Timestamp" >= ? AND "ACM_ThresholdCrossings"."Timestamp" < ?
  AND NOT EXISTS (SELECT 1 FROM "stage_1" AS s WHERE "ACM_ThresholdCrossings"."EquipID" = s."EquipID" AND "ACM_ThresholdCrossings"."Timestamp" = s."Timestamp" AND "ACM_ThresholdCrossings"."DetectorType" = s."DetectorType");

-- ACM_ThresholdCrossings: replaced
DELETE FROM "ACM_ThresholdCrossings"
USING "stage_1" AS s
WHERE "ACM_ThresholdCrossings"."EquipID" = s."EquipID" AND "ACM_ThresholdCrossings"."Timestamp" = s."Timestamp" AND "ACM_ThresholdCrossings"."DetectorType" = s."DetectorType"
  AND ("ACM_ThresholdCrossings"."RunID" IS DISTINCT FROM s."RunID" OR "ACM_ThresholdCrossings"."Threshold" IS DISTINCT FROM s."Threshold" OR "ACM_ThresholdCrossings"."ZScore" IS DISTINCT FROM s."ZScore" OR "ACM_ThresholdCrossings"."Direction" IS DISTINCT FROM s."Direction");

-- ACM_ThresholdCrossings: inserted
INSERT INTO "ACM_ThresholdCrossings" ("RunID", "EquipID", "Timestamp", "DetectorType", "Threshold", "ZScore", "Direction")
SELECT s."RunID", s."EquipID", s."Timestamp", s."DetectorType", s."Threshold", s."ZScore", s."Direction"
FROM "stage_1" AS s
WHERE NOT EXISTS (SELECT 1 FROM "ACM_ThresholdCrossings" WHERE "ACM_ThresholdCrossings"."EquipID" = s."EquipID" AND "ACM_ThresholdCrossings"."Timestamp" = s."Timestamp" AND "ACM_ThresholdCrossings"."DetectorType" = s."DetectorType");

-- ACM_DefectTimeline: deleted
DELETE FROM "ACM_DefectTimeline"
WHERE "ACM_DefectTimeline"."EquipID" = ? AND "ACM_DefectTimeline"."Timestamp" >= ? AND "ACM_DefectTimeline"."Timestamp" < ?
  AND NOT EXISTS (SELECT 1 FROM "stage_1" AS s WHERE "ACM_DefectTimeline"."EquipID" = s."EquipID" AND "ACM_DefectTimeline"."Timestamp" = s."Timestamp");

-- ACM_DefectTimeline: replaced
DELETE FROM "ACM_DefectTimeline"
USING "stage_1" AS s
WHERE "ACM_DefectTimeline"."EquipID" = s."EquipID" AND "ACM_DefectTimeline"."Timestamp" = s."Timestamp"
  AND ("ACM_DefectTimeline"."RunID" IS DISTINCT FROM s."RunID" OR "ACM_DefectTimeline"."EventType" IS DISTINCT FROM s."EventType" OR "ACM_DefectTimeline"."FromZone" IS DISTINCT FROM s."FromZone" OR "ACM_DefectTimeline"."ToZone" IS DISTINCT FROM s."ToZone" OR "ACM_DefectTimeline"."HealthZone" IS DISTINCT FROM s."HealthZone" OR "ACM_DefectTimeline"."HealthAtEvent" IS DISTINCT FROM s."HealthAtEvent" OR "ACM_DefectTimeline"."HealthIndex" IS DISTINCT FROM s."HealthIndex" OR "ACM_DefectTimeline"."DefectScore" IS DISTINCT FROM s."DefectScore" OR "ACM_DefectTimeline"."FusedZ" IS DISTINCT FROM s."FusedZ");

-- ACM_DefectTimeline: inserted
INSERT INTO "ACM_DefectTimeline" ("RunID", "EquipID", "Timestamp", "EventType", "FromZone", "ToZone", "HealthZone", "HealthAtEvent", "HealthIndex", "DefectScore", "FusedZ")
SELECT s."RunID", s."EquipID", s."Timestamp", s."EventType", s."FromZone", s."ToZone", s."HealthZone", s."HealthAtEvent", s."HealthIndex", s."DefectScore", s."FusedZ"
FROM "stage_1" AS s
WHERE NOT EXISTS (SELECT 1 FROM "ACM_DefectTimeline" WHERE "ACM_DefectTimeline"."EquipID" = s."EquipID" AND "ACM_DefectTimeline"."Timestamp" = s."Timestamp");

-- ACM_DriftEvents: deleted
DELETE FROM "ACM_DriftEvents"
WHERE "ACM_DriftEvents"."EquipID" = ? AND "ACM_DriftEvents"."SegmentStart" >= ? AND "ACM_DriftEvents"."SegmentStart" < ?
  AND NOT EXISTS (SELECT 1 FROM "stage_1" AS s WHERE "ACM_DriftEvents"."EquipID" = s."EquipID" AND "ACM_DriftEvents"."SegmentStart" = s."SegmentStart");

-- ACM_DriftEvents: replaced
DELETE FROM "ACM_DriftEvents"
USING "stage_1" AS s
WHERE "ACM_DriftEvents"."EquipID" = s."EquipID" AND "ACM_DriftEvents"."SegmentStart" = s."SegmentStart"
  AND ("ACM_DriftEvents"."RunID" IS DISTINCT FROM s."RunID" OR "ACM_DriftEvents"."SegmentEnd" IS DISTINCT FROM s."SegmentEnd" OR "ACM_DriftEvents"."Timestamp" IS DISTINCT FROM s."Timestamp" OR "ACM_DriftEvents"."Value" IS DISTINCT FROM s."Value" OR "ACM_DriftEvents"."Status" IS DISTINCT FROM s."Status" OR "ACM_DriftEvents"."DurationHours" IS DISTINCT FROM s."DurationHours" OR "ACM_DriftEvents"."RecordCount" IS DISTINCT FROM s."RecordCount" OR "ACM_DriftEvents"."SensorName" IS DISTINCT FROM s."SensorName");

-- ACM_DriftEvents: inserted
INSERT INTO "ACM_DriftEvents" ("RunID", "EquipID", "SegmentStart", "SegmentEnd", "Timestamp", "Value", "Status", "DurationHours", "RecordCount", "SensorName")
SELECT s."RunID", s."EquipID", s."SegmentStart", s."SegmentEnd", s."Timestamp", s."Value", s."Status", s."DurationHours", s."RecordCount", s."SensorName"
FROM "stage_1" AS s
WHERE NOT EXISTS (SELECT 1 FROM "ACM_DriftEvents" WHERE "ACM_DriftEvents"."EquipID" = s."EquipID" AND "ACM_DriftEvents"."SegmentStart" = s."SegmentStart");

-- ACM_Regime_Episodes: deleted
DELETE FROM "ACM_Regime_Episodes"
WHERE "ACM_Regime_Episodes"."EquipID" = ? AND "ACM_Regime_Episodes"."StartTs" >= ? AND "ACM_Regime_Episodes"."StartTs" < ?
  AND NOT EXISTS (SELECT 1 FROM "stage_1" AS s WHERE "ACM_Regime_Episodes"."EquipID" = s."EquipID" AND "ACM_Regime_Episodes"."StartTs" = s."StartTs");

-- ACM_Regime_Episodes: replaced
DELETE FROM "ACM_Regime_Episodes"
USING "stage_1" AS s
WHERE "ACM_Regime_Episodes"."EquipID" = s."EquipID" AND "ACM_Regime_Episodes"."StartTs" = s."StartTs"
  AND ("ACM_Regime_Episodes"."RunID" IS DISTINCT FROM s."RunID" OR "ACM_Regime_Episodes"."EndTs" IS DISTINCT FROM s."EndTs" OR "ACM_Regime_Episodes"."Status" IS DISTINCT FROM s."Status" OR "ACM_Regime_Episodes"."RegimeLabel" IS DISTINCT FROM s."RegimeLabel" OR "ACM_Regime_Episodes"."DurationSeconds" IS DISTINCT FROM s."DurationSeconds" OR "ACM_Regime_Episodes"."DurationHours" IS DISTINCT FROM s."DurationHours" OR "ACM_Regime_Episodes"."RecordCount" IS DISTINCT FROM s."RecordCount" OR "ACM_Regime_Episodes"."AvgFusedZ" IS DISTINCT FROM s."AvgFusedZ" OR "ACM_Regime_Episodes"."MaxFusedZ" IS DISTINCT FROM s."MaxFusedZ" OR "ACM_Regime_Episodes"."StabilityScore" IS DISTINCT FROM s."StabilityScore");

-- ACM_Regime_Episodes: inserted
INSERT INTO "ACM_Regime_Episodes" ("RunID", "EquipID", "StartTs", "EndTs", "Status", "RegimeLabel", "DurationSeconds", "DurationHours", "RecordCount", "AvgFusedZ", "MaxFusedZ", "StabilityScore")
SELECT s."RunID", s."EquipID", s."StartTs", s."EndTs", s."Status", s."RegimeLabel", s."DurationSeconds", s."DurationHours", s."RecordCount", s."AvgFusedZ", s."MaxFusedZ", s."StabilityScore"
FROM "stage_1" AS s
WHERE NOT EXISTS (SELECT 1 FROM "ACM_Regime_Episodes" WHERE "ACM_Regime_Episodes"."EquipID" = s."EquipID" AND "ACM_Regime_Episodes"."StartTs" = s."StartTs");

-- ACM_AlertAge: deleted
DELETE FROM "ACM_AlertAge"
WHERE "ACM_AlertAge"."EquipID" = ? AND "ACM_AlertAge"."StartTimestamp" >= ? AND "ACM_AlertAge"."StartTimestamp" < ?
  AND NOT EXISTS (SELECT 1 FROM "stage_1" AS s WHERE "ACM_AlertAge"."EquipID" = s."EquipID" AND "ACM_AlertAge"."StartTimestamp" = s."StartTimestamp");

-- ACM_AlertAge: replaced
DELETE FROM "ACM_AlertAge"
USING "stage_1" AS s
WHERE "ACM_AlertAge"."EquipID" = s."EquipID" AND "ACM_AlertAge"."StartTimestamp" = s."StartTimestamp"
  AND ("ACM_AlertAge"."RunID" IS DISTINCT FROM s."RunID" OR "ACM_AlertAge"."EndTimestamp" IS DISTINCT FROM s."EndTimestamp" OR "ACM_AlertAge"."AlertZone" IS DISTINCT FROM s."AlertZone" OR "ACM_AlertAge"."Status" IS DISTINCT FROM s."Status" OR "ACM_AlertAge"."DurationHours" IS DISTINCT FROM s."DurationHours" OR "ACM_AlertAge"."RecordCount" IS DISTINCT FROM s."RecordCount" OR "ACM_AlertAge"."MinHealthIndex" IS DISTINCT FROM s."MinHealthIndex");

-- ACM_AlertAge: inserted
INSERT INTO "ACM_AlertAge" ("RunID", "EquipID", "StartTimestamp", "EndTimestamp", "AlertZone", "Status", "DurationHours", "RecordCount", "MinHealthIndex")
SELECT s."RunID", s."EquipID", s."StartTimestamp", s."EndTimestamp", s."AlertZone", s."Status", s."DurationHours", s."RecordCount", s."MinHealthIndex"
FROM "stage_1" AS s
WHERE NOT EXISTS (SELECT 1 FROM "ACM_AlertAge" WHERE "ACM_AlertAge"."EquipID" = s."EquipID" AND "ACM_AlertAge"."StartTimestamp" = s."StartTimestamp");

-- ACM_SensorDaily: deleted
DELETE FROM "ACM_SensorDaily"
WHERE "ACM_SensorDaily"."EquipID" = ? AND "ACM_SensorDaily"."AsOf" >= ? AND "ACM_SensorDaily"."AsOf" < ?
  AND NOT EXISTS (SELECT 1 FROM "stage_1" AS s WHERE "ACM_SensorDaily"."EquipID" = s."EquipID" AND "ACM_SensorDaily"."AsOf" = s."AsOf" AND "ACM_SensorDaily"."SensorName" = s."SensorName");

-- ACM_SensorDaily: replaced
DELETE FROM "ACM_SensorDaily"
USING "stage_1" AS s
WHERE "ACM_SensorDaily"."EquipID" = s."EquipID" AND "ACM_SensorDaily"."AsOf" = s."AsOf" AND "ACM_SensorDaily"."SensorName" = s."SensorName"
  AND ("ACM_SensorDaily"."RunID" IS DISTINCT FROM s."RunID" OR "ACM_SensorDaily"."Readings" IS DISTINCT FROM s."Readings" OR "ACM_SensorDaily"."Nulls" IS DISTINCT FROM s."Nulls" OR "ACM_SensorDaily"."LongestGap" IS DISTINCT FROM s."LongestGap" OR "ACM_SensorDaily"."LongestFlat" IS DISTINCT FROM s."LongestFlat" OR "ACM_SensorDaily"."AboveWarnCount" IS DISTINCT FROM s."AboveWarnCount" OR "ACM_SensorDaily"."AboveAlertCount" IS DISTINCT FROM s."AboveAlertCount" OR "ACM_SensorDaily"."MaxTimestamp" IS DISTINCT FROM s."MaxTimestamp" OR "ACM_SensorDaily"."MaxSignedZ" IS DISTINCT FROM s."MaxSignedZ" OR "ACM_SensorDaily"."ValueAtPeak" IS DISTINCT FROM s."ValueAtPeak" OR "ACM_SensorDaily"."LatestTimestamp" IS DISTINCT FROM s."LatestTimestamp" OR "ACM_SensorDaily"."LatestSignedZ" IS DISTINCT FROM s."LatestSignedZ" OR "ACM_SensorDaily"."LatestValue" IS DISTINCT FROM s."LatestValue" OR "ACM_SensorDaily"."BaselineCount" IS DISTINCT FROM s."BaselineCount" OR "ACM_SensorDaily"."BaselineMean" IS DISTINCT FROM s."BaselineMean");

-- ACM_SensorDaily: inserted
INSERT INTO "ACM_SensorDaily" ("RunID", "EquipID", "AsOf", "SensorName", "Readings", "Nulls", "LongestGap", "LongestFlat", "AboveWarnCount", "AboveAlertCount", "MaxTimestamp", "MaxSignedZ", "ValueAtPeak", "LatestTimestamp", "LatestSignedZ", "LatestValue", "BaselineCount", "BaselineMean")
SELECT s."RunID", s."EquipID", s."AsOf", s."SensorName", s."Readings", s."Nulls", s."LongestGap", s."LongestFlat", s."AboveWarnCount", s."AboveAlertCount", s."MaxTimestamp", s."MaxSignedZ", s."ValueAtPeak", s."LatestTimestamp", s."LatestSignedZ", s."LatestValue", s."BaselineCount", s."BaselineMean"
FROM "stage_1" AS s
WHERE NOT EXISTS (SELECT 1 FROM "ACM_SensorDaily" WHERE "ACM_SensorDaily"."EquipID" = s."EquipID" AND "ACM_SensorDaily"."AsOf" = s."AsOf" AND "ACM_SensorDaily"."SensorName" = s."SensorName");

-- ACM_SensorHotspots: deleted
DELETE FROM "ACM_SensorHotspots"
WHERE "ACM_SensorHotspots"."EquipID" = ? AND "ACM_SensorHotspots"."AsOf" >= ? AND "ACM_SensorHotspots"."AsOf" < ?
  AND NOT EXISTS (SELECT 1 FROM "stage_1" AS s WHERE "ACM_SensorHotspots"."EquipID" = s."EquipID" AND "ACM_SensorHotspots"."AsOf" = s."AsOf" AND "ACM_SensorHotspots"."SensorName" = s."SensorName");

-- ACM_SensorHotspots: replaced
DELETE FROM "ACM_SensorHotspots"
USING "stage_1" AS s
WHERE "ACM_SensorHotspots"."EquipID" = s."EquipID" AND "ACM_SensorHotspots"."AsOf" = s."AsOf" AND "ACM_SensorHotspots"."SensorName" = s."SensorName"
  AND ("ACM_SensorHotspots"."RunID" IS DISTINCT FROM s."RunID" OR "ACM_SensorHotspots"."MaxTimestamp" IS DISTINCT FROM s."MaxTimestamp" OR "ACM_SensorHotspots"."LatestTimestamp" IS DISTINCT FROM s."LatestTimestamp" OR "ACM_SensorHotspots"."MaxAbsZ" IS DISTINCT FROM s."MaxAbsZ" OR "ACM_SensorHotspots"."MaxSignedZ" IS DISTINCT FROM s."MaxSignedZ" OR "ACM_SensorHotspots"."LatestAbsZ" IS DISTINCT FROM s."LatestAbsZ" OR "ACM_SensorHotspots"."LatestSignedZ" IS DISTINCT FROM s."LatestSignedZ" OR "ACM_SensorHotspots"."ValueAtPeak" IS DISTINCT FROM s."ValueAtPeak" OR "ACM_SensorHotspots"."LatestValue" IS DISTINCT FROM s."LatestValue" OR "ACM_SensorHotspots"."TrainMean" IS DISTINCT FROM s."TrainMean" OR "ACM_SensorHotspots"."TrainStd" IS DISTINCT FROM s."TrainStd" OR "ACM_SensorHotspots"."AboveWarnCount" IS DISTINCT FROM s."AboveWarnCount" OR "ACM_SensorHotspots"."AboveAlertCount" IS DISTINCT FROM s."AboveAlertCount");

-- ACM_SensorHotspots: inserted
INSERT INTO "ACM_SensorHotspots" ("RunID", "EquipID", "AsOf", "SensorName", "MaxTimestamp", "LatestTimestamp", "MaxAbsZ", "MaxSignedZ", "LatestAbsZ", "LatestSignedZ", "ValueAtPeak", "LatestValue", "TrainMean", "TrainStd", "AboveWarnCount", "AboveAlertCount")
SELECT s."RunID", s."EquipID", s."AsOf", s."SensorName", s."MaxTimestamp", s."LatestTimestamp", s."MaxAbsZ", s."MaxSignedZ", s."LatestAbsZ", s."LatestSignedZ", s."ValueAtPeak", s."LatestValue", s."TrainMean", s."TrainStd", s."AboveWarnCount", s."AboveAlertCount"
FROM "stage_1" AS s
WHERE NOT EXISTS (SELECT 1 FROM "ACM_SensorHotspots" WHERE "ACM_SensorHotspots"."EquipID" = s."EquipID" AND "ACM_SensorHotspots"."AsOf" = s."AsOf" AND "ACM_SensorHotspots"."SensorName" = s."SensorName");

-- ACM_DataQuality: deleted
DELETE FROM "ACM_DataQuality"
WHERE "ACM_DataQuality"."EquipID" = ? AND "ACM_DataQuality"."AsOf" >= ? AND "ACM_DataQuality"."AsOf" < ?
  AND NOT EXISTS (SELECT 1 FROM "stage_1" AS s WHERE "ACM_DataQuality"."EquipID" = s."EquipID" AND "ACM_DataQuality"."AsOf" = s."AsOf" AND "ACM_DataQuality"."SensorName" = s."SensorName" AND "ACM_DataQuality"."CheckName" = s."CheckName");

-- ACM_DataQuality: replaced
DELETE FROM "ACM_DataQuality"
USING "stage_1" AS s
WHERE "ACM_DataQuality"."EquipID" = s."EquipID" AND "ACM_DataQuality"."AsOf" = s."AsOf" AND "ACM_DataQuality"."SensorName" = s."SensorName" AND "ACM_DataQuality"."CheckName" = s."CheckName"
  AND ("ACM_DataQuality"."RunID" IS DISTINCT FROM s."RunID" OR "ACM_DataQuality"."CheckResult" IS DISTINCT FROM s."CheckResult" OR "ACM_DataQuality"."Readings" IS DISTINCT FROM s."Readings" OR "ACM_DataQuality"."Nulls" IS DISTINCT FROM s."Nulls" OR "ACM_DataQuality"."NullPct" IS DISTINCT FROM s."NullPct" OR "ACM_DataQuality"."LongestGap" IS DISTINCT FROM s."LongestGap" OR "ACM_DataQuality"."LongestFlat" IS DISTINCT FROM s."LongestFlat" OR "ACM_DataQuality"."Notes" IS DISTINCT FROM s."Notes");

-- ACM_DataQuality: inserted
INSERT INTO "ACM_DataQuality" ("RunID", "EquipID", "AsOf", "SensorName", "CheckName", "CheckResult", "Readings", "Nulls", "NullPct", "LongestGap", "LongestFlat", "Notes")
SELECT s."RunID", s."EquipID", s."AsOf", s."SensorName", s."CheckName", s."CheckResult", s."Readings", s."Nulls", s."NullPct", s."LongestGap", s."LongestFlat", s."Notes"
FROM "stage_1" AS s
WHERE NOT EXISTS (SELECT 1 FROM "ACM_DataQuality" WHERE "ACM_DataQuality"."EquipID" = s."EquipID" AND "ACM_DataQuality"."AsOf" = s."AsOf" AND "ACM_DataQuality"."SensorName" = s."SensorName" AND "ACM_DataQuality"."CheckName" = s."CheckName");

-- ACM_DefectSummary: deleted
DELETE FROM "ACM_DefectSummary"
WHERE "ACM_DefectSummary"."EquipID" = ? AND "ACM_DefectSummary"."AsOf" >= ? AND "ACM_DefectSummary"."AsOf" < ?
  AND NOT EXISTS (SELECT 1 FROM "stage_1" AS s WHERE "ACM_DefectSummary"."EquipID" = s."EquipID" AND "ACM_DefectSummary"."AsOf" = s."AsOf");

-- ACM_DefectSummary: replaced
DELETE FROM "ACM_DefectSummary"
USING "stage_1" AS s
WHERE "ACM_DefectSummary"."EquipID" = s."EquipID" AND "ACM_DefectSummary"."AsOf" = s."AsOf"
  AND ("ACM_DefectSummary"."RunID" IS DISTINCT FROM s."RunID" OR "ACM_DefectSummary"."Status" IS DISTINCT FROM s."Status" OR "ACM_DefectSummary"."Severity" IS DISTINCT FROM s."Severity" OR "ACM_DefectSummary"."CurrentHealth" IS DISTINCT FROM s."CurrentHealth" OR "ACM_DefectSummary"."AvgHealth" IS DISTINCT FROM s."AvgHealth" OR "ACM_DefectSummary"."MinHealth" IS DISTINCT FROM s."MinHealth" OR "ACM_DefectSummary"."EpisodeCount" IS DISTINCT FROM s."EpisodeCount" OR "ACM_DefectSummary"."WorstSensor" IS DISTINCT FROM s."WorstSensor" OR "ACM_DefectSummary"."GoodCount" IS DISTINCT FROM s."GoodCount" OR "ACM_DefectSummary"."WatchCount" IS DISTINCT FROM s."WatchCount" OR "ACM_DefectSummary"."AlertCount" IS DISTINCT FROM s."AlertCount");

-- ACM_DefectSummary: inserted
INSERT INTO "ACM_DefectSummary" ("RunID", "EquipID", "AsOf", "Status", "Severity", "CurrentHealth", "AvgHealth", "MinHealth", "EpisodeCount", "WorstSensor", "GoodCount", "WatchCount", "AlertCount")
SELECT s."RunID", s."EquipID", s."AsOf", s."Status", s."Severity", s."CurrentHealth", s."AvgHealth", s."MinHealth", s."EpisodeCount", s."WorstSensor", s."GoodCount", s."WatchCount", s."AlertCount"
FROM "stage_1" AS s
WHERE NOT EXISTS (SELECT 1 FROM "ACM_DefectSummary" WHERE "ACM_DefectSummary"."EquipID" = s."EquipID" AND "ACM_DefectSummary"."AsOf" = s."AsOf");

-- ACM_EpisodeMetrics: deleted
DELETE FROM "ACM_EpisodeMetrics"
WHERE "ACM_EpisodeMetrics"."EquipID" = ? AND "ACM_EpisodeMetrics"."AsOf" >= ? AND "ACM_EpisodeMetrics"."AsOf" < ?
  AND NOT EXISTS (SELECT 1 FROM "stage_1" AS s WHERE "ACM_EpisodeMetrics"."EquipID" = s."EquipID" AND "ACM_EpisodeMetrics"."AsOf" = s."AsOf");

-- ACM_EpisodeMetrics: replaced
DELETE FROM "ACM_EpisodeMetrics"
USING "stage_1" AS s
WHERE "ACM_EpisodeMetrics"."EquipID" = s."EquipID" AND "ACM_EpisodeMetrics"."AsOf" = s."AsOf"
  AND ("ACM_EpisodeMetrics"."RunID" IS DISTINCT FROM s."RunID" OR "ACM_EpisodeMetrics"."TotalEpisodes" IS DISTINCT FROM s."TotalEpisodes" OR "ACM_EpisodeMetrics"."TotalDurationHours" IS DISTINCT FROM s."TotalDurationHours" OR "ACM_EpisodeMetrics"."AvgDurationHours" IS DISTINCT FROM s."AvgDurationHours" OR "ACM_EpisodeMetrics"."MedianDurationHours" IS DISTINCT FROM s."MedianDurationHours" OR "ACM_EpisodeMetrics"."MaxDurationHours" IS DISTINCT FROM s."MaxDurationHours" OR "ACM_EpisodeMetrics"."MinDurationHours" IS DISTINCT FROM s."MinDurationHours" OR "ACM_EpisodeMetrics"."RatePerDay" IS DISTINCT FROM s."RatePerDay" OR "ACM_EpisodeMetrics"."MeanInterarrivalHours" IS DISTINCT FROM s."MeanInterarrivalHours");

-- ACM_EpisodeMetrics: inserted
INSERT INTO "ACM_EpisodeMetrics" ("RunID", "EquipID", "AsOf", "TotalEpisodes", "TotalDurationHours", "AvgDurationHours", "MedianDurationHours", "MaxDurationHours", "MinDurationHours", "RatePerDay", "MeanInterarrivalHours")
SELECT s."RunID", s."EquipID", s."AsOf", s."TotalEpisodes", s."TotalDurationHours", s."AvgDurationHours", s."MedianDurationHours", s."MaxDurationHours", s."MinDurationHours", s."RatePerDay", s."MeanInterarrivalHours"
FROM "stage_1" AS s
WHERE NOT EXISTS (SELECT 1 FROM "ACM_EpisodeMetrics" WHERE "ACM_EpisodeMetrics"."EquipID" = s."EquipID" AND "ACM_EpisodeMetrics"."AsOf" = s."AsOf");

-- ACM_RegimeOccupancy: deleted
DELETE FROM "ACM_RegimeOccupancy"
WHERE "ACM_RegimeOccupancy"."EquipID" = ? AND "ACM_RegimeOccupancy"."AsOf" >= ? AND "ACM_RegimeOccupancy"."AsOf" < ?
  AND NOT EXISTS (SELECT 1 FROM "stage_1" AS s WHERE "ACM_RegimeOccupancy"."EquipID" = s."EquipID" AND "ACM_RegimeOccupancy"."AsOf" = s."AsOf" AND "ACM_RegimeOccupancy"."RegimeLabel" = s."RegimeLabel");

-- ACM_RegimeOccupancy: replaced
DELETE FROM "ACM_RegimeOccupancy"
USING "stage_1" AS s
WHERE "ACM_RegimeOccupancy"."EquipID" = s."EquipID" AND "ACM_RegimeOccupancy"."AsOf" = s."AsOf" AND "ACM_RegimeOccupancy"."RegimeLabel" = s."RegimeLabel"
  AND ("ACM_RegimeOccupancy"."RunID" IS DISTINCT FROM s."RunID" OR "ACM_RegimeOccupancy"."RecordCount" IS DISTINCT FROM s."RecordCount" OR "ACM_RegimeOccupancy"."Percentage" IS DISTINCT FROM s."Percentage");

-- ACM_RegimeOccupancy: inserted
INSERT INTO "ACM_RegimeOccupancy" ("RunID", "EquipID", "AsOf", "RegimeLabel", "RecordCount", "Percentage")
SELECT s."RunID", s."EquipID", s."AsOf", s."RegimeLabel", s."RecordCount", s."Percentage"
FROM "stage_1" AS s
WHERE NOT EXISTS (SELECT 1 FROM "ACM_RegimeOccupancy" WHERE "ACM_RegimeOccupancy"."EquipID" = s."EquipID" AND "ACM_RegimeOccupancy"."AsOf" = s."AsOf" AND "ACM_RegimeOccupancy"."RegimeLabel" = s."RegimeLabel");

-- ACM_RegimeTransitions: deleted
DELETE FROM "ACM_RegimeTransitions"
WHERE "ACM_RegimeTransitions"."EquipID" = ? AND "ACM_RegimeTransitions"."AsOf" >= ? AND "ACM_RegimeTransitions"."AsOf" < ?
  AND NOT EXISTS (SELECT 1 FROM "stage_1" AS s WHERE "ACM_RegimeTransitions"."EquipID" = s."EquipID" AND "ACM_RegimeTransitions"."AsOf" = s."AsOf" AND "ACM_RegimeTransitions"."FromLabel" = s."FromLabel" AND "ACM_RegimeTransitions"."ToLabel" = s."ToLabel");

-- ACM_RegimeTransitions: replaced
DELETE FROM "ACM_RegimeTransitions"
USING "stage_1" AS s
WHERE "ACM_RegimeTransitions"."EquipID" = s."EquipID" AND "ACM_RegimeTransitions"."AsOf" = s."AsOf" AND "ACM_RegimeTransitions"."FromLabel" = s."FromLabel" AND "ACM_RegimeTransitions"."ToLabel" = s."ToLabel"
  AND ("ACM_RegimeTransitions"."RunID" IS DISTINCT FROM s."RunID" OR "ACM_RegimeTransitions"."Count" IS DISTINCT FROM s."Count" OR "ACM_RegimeTransitions"."Prob" IS DISTINCT FROM s."Prob");

-- ACM_RegimeTransitions: inserted
INSERT INTO "ACM_RegimeTransitions" ("RunID", "EquipID", "AsOf", "FromLabel", "ToLabel", "Count", "Prob")
SELECT s."RunID", s."EquipID", s."AsOf", s."FromLabel", s."ToLabel", s."Count", s."Prob"
FROM "stage_1" AS s
WHERE NOT EXISTS (SELECT 1 FROM "ACM_RegimeTransitions" WHERE "ACM_RegimeTransitions"."EquipID" = s."EquipID" AND "ACM_RegimeTransitions"."AsOf" = s."AsOf" AND "ACM_RegimeTransitions"."FromLabel" = s."FromLabel" AND "ACM_RegimeTransitions"."ToLabel" = s."ToLabel");

-- ACM_CalibrationSummary: replaced
DELETE FROM "ACM_CalibrationSummary"
USING "stage_1" AS s
WHERE "ACM_CalibrationSummary"."EquipID" = s."EquipID" AND "ACM_CalibrationSummary"."ModelVersion" = s."ModelVersion" AND "ACM_CalibrationSummary"."DetectorType" = s."DetectorType" AND "ACM_CalibrationSummary"."OperatingState" = s."OperatingState"
  AND ("ACM_CalibrationSummary"."RunID" IS DISTINCT FROM s."RunID" OR "ACM_CalibrationSummary"."CalibrationRows" IS DISTINCT FROM s."CalibrationRows" OR "ACM_CalibrationSummary"."Pooled" IS DISTINCT FROM s."Pooled" OR "ACM_CalibrationSummary"."MeanZ" IS DISTINCT FROM s."MeanZ" OR "ACM_CalibrationSummary"."StdZ" IS DISTINCT FROM s."StdZ" OR "ACM_CalibrationSummary"."P95Z" IS DISTINCT FROM s."P95Z" OR "ACM_CalibrationSummary"."P99Z" IS DISTINCT FROM s."P99Z" OR "ACM_CalibrationSummary"."ClipZ" IS DISTINCT FROM s."ClipZ" OR "ACM_CalibrationSummary"."SaturationPct" IS DISTINCT FROM s."SaturationPct" OR "ACM_CalibrationSummary"."MahalCondNum" IS DISTINCT FROM s."MahalCondNum" OR "ACM_CalibrationSummary"."TailFoldPct" IS DISTINCT FROM s."TailFoldPct" OR "ACM_CalibrationSummary"."TailFoldStart" IS DISTINCT FROM s."TailFoldStart" OR "ACM_CalibrationSummary"."TailFoldEnd" IS DISTINCT FROM s."TailFoldEnd" OR "ACM_CalibrationSummary"."LeftOutStart" IS DISTINCT FROM s."LeftOutStart" OR "ACM_CalibrationSummary"."LeftOutEnd" IS DISTINCT FROM s."LeftOutEnd");

-- ACM_CalibrationSummary: inserted
INSERT INTO "ACM_CalibrationSummary" ("RunID", "EquipID", "ModelVersion", "DetectorType", "OperatingState", "CalibrationRows", "Pooled", "MeanZ", "StdZ", "P95Z", "P99Z", "ClipZ", "SaturationPct", "MahalCondNum", "TailFoldPct", "TailFoldStart", "TailFoldEnd", "LeftOutStart", "LeftOutEnd")
SELECT s."RunID", s."EquipID", s."ModelVersion", s."DetectorType", s."OperatingState", s."CalibrationRows", s."Pooled", s."MeanZ", s."StdZ", s."P95Z", s."P99Z", s."ClipZ", s."SaturationPct", s."MahalCondNum", s."TailFoldPct", s."TailFoldStart", s."TailFoldEnd", s."LeftOutStart", s."LeftOutEnd"
FROM "stage_1" AS s
WHERE NOT EXISTS (SELECT 1 FROM "ACM_CalibrationSummary" WHERE "ACM_CalibrationSummary"."EquipID" = s."EquipID" AND "ACM_CalibrationSummary"."ModelVersion" = s."ModelVersion" AND "ACM_CalibrationSummary"."DetectorType" = s."DetectorType" AND "ACM_CalibrationSummary"."OperatingState" = s."OperatingState");

-- ACM_ModelTags: replaced
DELETE FROM "ACM_ModelTags"
USING "stage_1" AS s
WHERE "ACM_ModelTags"."EquipID" = s."EquipID" AND "ACM_ModelTags"."ModelVersion" = s."ModelVersion" AND "ACM_ModelTags"."TagName" = s."TagName"
  AND ("ACM_ModelTags"."RunID" IS DISTINCT FROM s."RunID" OR "ACM_ModelTags"."Ordinal" IS DISTINCT FROM s."Ordinal" OR "ACM_ModelTags"."Used" IS DISTINCT FROM s."Used" OR "ACM_ModelTags"."Reason" IS DISTINCT FROM s."Reason" OR "ACM_ModelTags"."IdleLevel" IS DISTINCT FROM s."IdleLevel" OR "ACM_ModelTags"."ContextLow" IS DISTINCT FROM s."ContextLow" OR "ACM_ModelTags"."ContextHigh" IS DISTINCT FROM s."ContextHigh");

-- ACM_ModelTags: inserted
INSERT INTO "ACM_ModelTags" ("RunID", "EquipID", "ModelVersion", "TagName", "Ordinal", "Used", "Reason", "IdleLevel", "ContextLow", "ContextHigh")
SELECT s."RunID", s."EquipID", s."ModelVersion", s."TagName", s."Ordinal", s."Used", s."Reason", s."IdleLevel", s."ContextLow", s."ContextHigh"
FROM "stage_1" AS s
WHERE NOT EXISTS (SELECT 1 FROM "ACM_ModelTags" WHERE "ACM_ModelTags"."EquipID" = s."EquipID" AND "ACM_ModelTags"."ModelVersion" = s."ModelVersion" AND "ACM_ModelTags"."TagName" = s."TagName");

-- ACM_HealthDaily: deleted
DELETE FROM "ACM_HealthDaily"
WHERE "ACM_HealthDaily"."EquipID" = ? AND "ACM_HealthDaily"."AsOf" >= ? AND "ACM_HealthDaily"."AsOf" < ?
  AND NOT EXISTS (SELECT 1 FROM "stage_1" AS s WHERE "ACM_HealthDaily"."EquipID" = s."EquipID" AND "ACM_HealthDaily"."AsOf" = s."AsOf");

-- ACM_HealthDaily: replaced
DELETE FROM "ACM_HealthDaily"
USING "stage_1" AS s
WHERE "ACM_HealthDaily"."EquipID" = s."EquipID" AND "ACM_HealthDaily"."AsOf" = s."AsOf"
  AND ("ACM_HealthDaily"."RunID" IS DISTINCT FROM s."RunID" OR "ACM_HealthDaily"."DaySeconds" IS DISTINCT FROM s."DaySeconds" OR "ACM_HealthDaily"."Readings" IS DISTINCT FROM s."Readings" OR "ACM_HealthDaily"."AssessedCount" IS DISTINCT FROM s."AssessedCount" OR "ACM_HealthDaily"."GoodCount" IS DISTINCT FROM s."GoodCount" OR "ACM_HealthDaily"."WatchCount" IS DISTINCT FROM s."WatchCount" OR "ACM_HealthDaily"."AlertCount" IS DISTINCT FROM s."AlertCount" OR "ACM_HealthDaily"."AlarmCount" IS DISTINCT FROM s."AlarmCount" OR "ACM_HealthDaily"."AvgHealth" IS DISTINCT FROM s."AvgHealth" OR "ACM_HealthDaily"."MinHealth" IS DISTINCT FROM s."MinHealth" OR "ACM_HealthDaily"."LastHealth" IS DISTINCT FROM s."LastHealth" OR "ACM_HealthDaily"."MaxFusedZ" IS DISTINCT FROM s."MaxFusedZ");

-- ACM_HealthDaily: inserted
INSERT INTO "ACM_HealthDaily" ("RunID", "EquipID", "AsOf", "DaySeconds", "Readings", "AssessedCount", "GoodCount", "WatchCount", "AlertCount", "AlarmCount", "AvgHealth", "MinHealth", "LastHealth", "MaxFusedZ")
SELECT s."RunID", s."EquipID", s."AsOf", s."DaySeconds", s."Readings", s."AssessedCount", s."GoodCount", s."WatchCount", s."AlertCount", s."AlarmCount", s."AvgHealth", s."MinHealth", s."LastHealth", s."MaxFusedZ"
FROM "stage_1" AS s
WHERE NOT EXISTS (SELECT 1 FROM "ACM_HealthDaily" WHERE "ACM_HealthDaily"."EquipID" = s."EquipID" AND "ACM_HealthDaily"."AsOf" = s."AsOf");

-- ACM_DetectorDaily: deleted
DELETE FROM "ACM_DetectorDaily"
WHERE "ACM_DetectorDaily"."EquipID" = ? AND "ACM_DetectorDaily"."AsOf" >= ? AND "ACM_DetectorDaily"."AsOf" < ?
  AND NOT EXISTS (SELECT 1 FROM "stage_1" AS s WHERE "ACM_DetectorDaily"."EquipID" = s."EquipID" AND "ACM_DetectorDaily"."AsOf" = s."AsOf" AND "ACM_DetectorDaily"."DetectorType" = s."DetectorType");

-- ACM_DetectorDaily: replaced
DELETE FROM "ACM_DetectorDaily"
USING "stage_1" AS s
WHERE "ACM_DetectorDaily"."EquipID" = s."EquipID" AND "ACM_DetectorDaily"."AsOf" = s."AsOf" AND "ACM_DetectorDaily"."DetectorType" = s."DetectorType"
  AND ("ACM_DetectorDaily"."RunID" IS DISTINCT FROM s."RunID" OR "ACM_DetectorDaily"."DaySeconds" IS DISTINCT FROM s."DaySeconds" OR "ACM_DetectorDaily"."Points" IS DISTINCT FROM s."Points" OR "ACM_DetectorDaily"."AboveCount" IS DISTINCT FROM s."AboveCount" OR "ACM_DetectorDaily"."MaxZ" IS DISTINCT FROM s."MaxZ" OR "ACM_DetectorDaily"."AvgZ" IS DISTINCT FROM s."AvgZ" OR "ACM_DetectorDaily"."LatestZ" IS DISTINCT FROM s."LatestZ");

-- ACM_DetectorDaily: inserted
INSERT INTO "ACM_DetectorDaily" ("RunID", "EquipID", "AsOf", "DetectorType", "DaySeconds", "Points", "AboveCount", "MaxZ", "AvgZ", "LatestZ")
SELECT s."RunID", s."EquipID", s."AsOf", s."DetectorType", s."DaySeconds", s."Points", s."AboveCount", s."MaxZ", s."AvgZ", s."LatestZ"
FROM "stage_1" AS s
WHERE NOT EXISTS (SELECT 1 FROM "ACM_DetectorDaily" WHERE "ACM_DetectorDaily"."EquipID" = s."EquipID" AND "ACM_DetectorDaily"."AsOf" = s."AsOf" AND "ACM_DetectorDaily"."DetectorType" = s."DetectorType");

-- ACM_SinceWhen: deleted
DELETE FROM "ACM_SinceWhen"
WHERE "ACM_SinceWhen"."EquipID" = ? AND "ACM_SinceWhen"."AsOf" >= ? AND "ACM_SinceWhen"."AsOf" < ?
  AND NOT EXISTS (SELECT 1 FROM "stage_1" AS s WHERE "ACM_SinceWhen"."EquipID" = s."EquipID" AND "ACM_SinceWhen"."AsOf" = s."AsOf");

-- ACM_SinceWhen: replaced
DELETE FROM "ACM_SinceWhen"
USING "stage_1" AS s
WHERE "ACM_SinceWhen"."EquipID" = s."EquipID" AND "ACM_SinceWhen"."AsOf" = s."AsOf"
  AND ("ACM_SinceWhen"."RunID" IS DISTINCT FROM s."RunID" OR "ACM_SinceWhen"."AlertZone" IS DISTINCT FROM s."AlertZone" OR "ACM_SinceWhen"."StartTimestamp" IS DISTINCT FROM s."StartTimestamp" OR "ACM_SinceWhen"."LastTimestamp" IS DISTINCT FROM s."LastTimestamp" OR "ACM_SinceWhen"."DurationHours" IS DISTINCT FROM s."DurationHours" OR "ACM_SinceWhen"."RecordCount" IS DISTINCT FROM s."RecordCount");

-- ACM_SinceWhen: inserted
INSERT INTO "ACM_SinceWhen" ("RunID", "EquipID", "AsOf", "AlertZone", "StartTimestamp", "LastTimestamp", "DurationHours", "RecordCount")
SELECT s."RunID", s."EquipID", s."AsOf", s."AlertZone", s."StartTimestamp", s."LastTimestamp", s."DurationHours", s."RecordCount"
FROM "stage_1" AS s
WHERE NOT EXISTS (SELECT 1 FROM "ACM_SinceWhen" WHERE "ACM_SinceWhen"."EquipID" = s."EquipID" AND "ACM_SinceWhen"."AsOf" = s."AsOf");

-- ACM_SensorDefects: deleted
DELETE FROM "ACM_SensorDefects"
WHERE "ACM_SensorDefects"."EquipID" = ? AND "ACM_SensorDefects"."AsOf" >= ? AND "ACM_SensorDefects"."AsOf" < ?
  AND NOT EXISTS (SELECT 1 FROM "stage_1" AS s WHERE "ACM_SensorDefects"."EquipID" = s."EquipID" AND "ACM_SensorDefects"."AsOf" = s."AsOf" AND "ACM_SensorDefects"."DetectorType" = s."DetectorType");

-- ACM_SensorDefects: replaced
DELETE FROM "ACM_SensorDefects"
USING "stage_1" AS s
WHERE "ACM_SensorDefects"."EquipID" = s."EquipID" AND "ACM_SensorDefects"."AsOf" = s."AsOf" AND "ACM_SensorDefects"."DetectorType" = s."DetectorType"
  AND ("ACM_SensorDefects"."RunID" IS DISTINCT FROM s."RunID" OR "ACM_SensorDefects"."DetectorFamily" IS DISTINCT FROM s."DetectorFamily" OR "ACM_SensorDefects"."Severity" IS DISTINCT FROM s."Severity" OR "ACM_SensorDefects"."ViolationCount" IS DISTINCT FROM s."ViolationCount" OR "ACM_SensorDefects"."ViolationPct" IS DISTINCT FROM s."ViolationPct" OR "ACM_SensorDefects"."MaxZ" IS DISTINCT FROM s."MaxZ" OR "ACM_SensorDefects"."AvgZ" IS DISTINCT FROM s."AvgZ" OR "ACM_SensorDefects"."CurrentZ" IS DISTINCT FROM s."CurrentZ" OR "ACM_SensorDefects"."ActiveDefect" IS DISTINCT FROM s."ActiveDefect");

-- ACM_SensorDefects: inserted
INSERT INTO "ACM_SensorDefects" ("RunID", "EquipID", "AsOf", "DetectorType", "DetectorFamily", "Severity", "ViolationCount", "ViolationPct", "MaxZ", "AvgZ", "CurrentZ", "ActiveDefect")
SELECT s."RunID", s."EquipID", s."AsOf", s."DetectorType", s."DetectorFamily", s."Severity", s."ViolationCount", s."ViolationPct", s."MaxZ", s."AvgZ", s."CurrentZ", s."ActiveDefect"
FROM "stage_1" AS s
WHERE NOT EXISTS (SELECT 1 FROM "ACM_SensorDefects" WHERE "ACM_SensorDefects"."EquipID" = s."EquipID" AND "ACM_SensorDefects"."AsOf" = s."AsOf" AND "ACM_SensorDefects"."DetectorType" = s."DetectorType");

-- ACM_SensorRanking: deleted
DELETE FROM "ACM_SensorRanking"
WHERE "ACM_SensorRanking"."EquipID" = ? AND "ACM_SensorRanking"."AsOf" >= ? AND "ACM_SensorRanking"."AsOf" < ?
  AND NOT EXISTS (SELECT 1 FROM "stage_1" AS s WHERE "ACM_SensorRanking"."EquipID" = s."EquipID" AND "ACM_SensorRanking"."AsOf" = s."AsOf" AND "ACM_SensorRanking"."SensorName" = s."SensorName");

-- ACM_SensorRanking: replaced
DELETE FROM "ACM_SensorRanking"
USING "stage_1" AS s
WHERE "ACM_SensorRanking"."EquipID" = s."EquipID" AND "ACM_SensorRanking"."AsOf" = s."AsOf" AND "ACM_SensorRanking"."SensorName" = s."SensorName"
  AND ("ACM_SensorRanking"."RunID" IS DISTINCT FROM s."RunID" OR "ACM_SensorRanking"."RankPosition" IS DISTINCT FROM s."RankPosition" OR "ACM_SensorRanking"."ContributionPct" IS DISTINCT FROM s."ContributionPct" OR "ACM_SensorRanking"."ZScore" IS DISTINCT FROM s."ZScore" OR "ACM_SensorRanking"."DetectorType" IS DISTINCT FROM s."DetectorType");

-- ACM_SensorRanking: inserted
INSERT INTO "ACM_SensorRanking" ("RunID", "EquipID", "AsOf", "SensorName", "RankPosition", "ContributionPct", "ZScore", "DetectorType")
SELECT s."RunID", s."EquipID", s."AsOf", s."SensorName", s."RankPosition", s."ContributionPct", s."ZScore", s."DetectorType"
FROM "stage_1" AS s
WHERE NOT EXISTS (SELECT 1 FROM "ACM_SensorRanking" WHERE "ACM_SensorRanking"."EquipID" = s."EquipID" AND "ACM_SensorRanking"."AsOf" = s."AsOf" AND "ACM_SensorRanking"."SensorName" = s."SensorName");

-- ACM_DetectorCorrelation: deleted
DELETE FROM "ACM_DetectorCorrelation"
WHERE "ACM_DetectorCorrelation"."EquipID" = ? AND "ACM_DetectorCorrelation"."AsOf" >= ? AND "ACM_DetectorCorrelation"."AsOf" < ?
  AND NOT EXISTS (SELECT 1 FROM "stage_1" AS s WHERE "ACM_DetectorCorrelation"."EquipID" = s."EquipID" AND "ACM_DetectorCorrelation"."AsOf" = s."AsOf" AND "ACM_DetectorCorrelation"."DetectorA" = s."DetectorA" AND "ACM_DetectorCorrelation"."DetectorB" = s."DetectorB");

-- ACM_DetectorCorrelation: replaced
DELETE FROM "ACM_DetectorCorrelation"
USING "stage_1" AS s
WHERE "ACM_DetectorCorrelation"."EquipID" = s."EquipID" AND "ACM_DetectorCorrelation"."AsOf" = s."AsOf" AND "ACM_DetectorCorrelation"."DetectorA" = s."DetectorA" AND "ACM_DetectorCorrelation"."DetectorB" = s."DetectorB"
  AND ("ACM_DetectorCorrelation"."RunID" IS DISTINCT FROM s."RunID" OR "ACM_DetectorCorrelation"."PearsonR" IS DISTINCT FROM s."PearsonR" OR "ACM_DetectorCorrelation"."Points" IS DISTINCT FROM s."Points");

-- ACM_DetectorCorrelation: inserted
INSERT INTO "ACM_DetectorCorrelation" ("RunID", "EquipID", "AsOf", "DetectorA", "DetectorB", "PearsonR", "Points")
SELECT s."RunID", s."EquipID", s."AsOf", s."DetectorA", s."DetectorB", s."PearsonR", s."Points"
FROM "stage_1" AS s
WHERE NOT EXISTS (SELECT 1 FROM "ACM_DetectorCorrelation" WHERE "ACM_DetectorCorrelation"."EquipID" = s."EquipID" AND "ACM_DetectorCorrelation"."AsOf" = s."AsOf" AND "ACM_DetectorCorrelation"."DetectorA" = s."DetectorA" AND "ACM_DetectorCorrelation"."DetectorB" = s."DetectorB");

-- ACM_HealthHistogram: deleted
DELETE FROM "ACM_HealthHistogram"
WHERE "ACM_HealthHistogram"."EquipID" = ? AND "ACM_HealthHistogram"."AsOf" >= ? AND "ACM_HealthHistogram"."AsOf" < ?
  AND NOT EXISTS (SELECT 1 FROM "stage_1" AS s WHERE "ACM_HealthHistogram"."EquipID" = s."EquipID" AND "ACM_HealthHistogram"."AsOf" = s."AsOf" AND "ACM_HealthHistogram"."HealthBin" = s."HealthBin");

-- ACM_HealthHistogram: replaced
DELETE FROM "ACM_HealthHistogram"
USING "stage_1" AS s
WHERE "ACM_HealthHistogram"."EquipID" = s."EquipID" AND "ACM_HealthHistogram"."AsOf" = s."AsOf" AND "ACM_HealthHistogram"."HealthBin" = s."HealthBin"
  AND ("ACM_HealthHistogram"."RunID" IS DISTINCT FROM s."RunID" OR "ACM_HealthHistogram"."RecordCount" IS DISTINCT FROM s."RecordCount" OR "ACM_HealthHistogram"."Percentage" IS DISTINCT FROM s."Percentage");

-- ACM_HealthHistogram: inserted
INSERT INTO "ACM_HealthHistogram" ("RunID", "EquipID", "AsOf", "HealthBin", "RecordCount", "Percentage")
SELECT s."RunID", s."EquipID", s."AsOf", s."HealthBin", s."RecordCount", s."Percentage"
FROM "stage_1" AS s
WHERE NOT EXISTS (SELECT 1 FROM "ACM_HealthHistogram" WHERE "ACM_HealthHistogram"."EquipID" = s."EquipID" AND "ACM_HealthHistogram"."AsOf" = s."AsOf" AND "ACM_HealthHistogram"."HealthBin" = s."HealthBin");

-- ACM_RegimeDwellStats: deleted
DELETE FROM "ACM_RegimeDwellStats"
WHERE "ACM_RegimeDwellStats"."EquipID" = ? AND "ACM_RegimeDwellStats"."AsOf" >= ? AND "ACM_RegimeDwellStats"."AsOf" < ?
  AND NOT EXISTS (SELECT 1 FROM "stage_1" AS s WHERE "ACM_RegimeDwellStats"."EquipID" = s."EquipID" AND "ACM_RegimeDwellStats"."AsOf" = s."AsOf" AND "ACM_RegimeDwellStats"."RegimeLabel" = s."RegimeLabel");

-- ACM_RegimeDwellStats: replaced
DELETE FROM "ACM_RegimeDwellStats"
USING "stage_1" AS s
WHERE "ACM_RegimeDwellStats"."EquipID" = s."EquipID" AND "ACM_RegimeDwellStats"."AsOf" = s."AsOf" AND "ACM_RegimeDwellStats"."RegimeLabel" = s."RegimeLabel"
  AND ("ACM_RegimeDwellStats"."RunID" IS DISTINCT FROM s."RunID" OR "ACM_RegimeDwellStats"."Runs" IS DISTINCT FROM s."Runs" OR "ACM_RegimeDwellStats"."MeanSeconds" IS DISTINCT FROM s."MeanSeconds" OR "ACM_RegimeDwellStats"."MedianSeconds" IS DISTINCT FROM s."MedianSeconds" OR "ACM_RegimeDwellStats"."MinSeconds" IS DISTINCT FROM s."MinSeconds" OR "ACM_RegimeDwellStats"."MaxSeconds" IS DISTINCT FROM s."MaxSeconds");

-- ACM_RegimeDwellStats: inserted
INSERT INTO "ACM_RegimeDwellStats" ("RunID", "EquipID", "AsOf", "RegimeLabel", "Runs", "MeanSeconds", "MedianSeconds", "MinSeconds", "MaxSeconds")
SELECT s."RunID", s."EquipID", s."AsOf", s."RegimeLabel", s."Runs", s."MeanSeconds", s."MedianSeconds", s."MinSeconds", s."MaxSeconds"
FROM "stage_1" AS s
WHERE NOT EXISTS (SELECT 1 FROM "ACM_RegimeDwellStats" WHERE "ACM_RegimeDwellStats"."EquipID" = s."EquipID" AND "ACM_RegimeDwellStats"."AsOf" = s."AsOf" AND "ACM_RegimeDwellStats"."RegimeLabel" = s."RegimeLabel");

-- ACM_RegimeStability: deleted
DELETE FROM "ACM_RegimeStability"
WHERE "ACM_RegimeStability"."EquipID" = ? AND "ACM_RegimeStability"."AsOf" >= ? AND "ACM_RegimeStability"."AsOf" < ?
  AND NOT EXISTS (SELECT 1 FROM "stage_1" AS s WHERE "ACM_RegimeStability"."EquipID" = s."EquipID" AND "ACM_RegimeStability"."AsOf" = s."AsOf" AND "ACM_RegimeStability"."MetricName" = s."MetricName");

-- ACM_RegimeStability: replaced
DELETE FROM "ACM_RegimeStability"
USING "stage_1" AS s
WHERE "ACM_RegimeStability"."EquipID" = s."EquipID" AND "ACM_RegimeStability"."AsOf" = s."AsOf" AND "ACM_RegimeStability"."MetricName" = s."MetricName"
  AND ("ACM_RegimeStability"."RunID" IS DISTINCT FROM s."RunID" OR "ACM_RegimeStability"."MetricValue" IS DISTINCT FROM s."MetricValue");

-- ACM_RegimeStability: inserted
INSERT INTO "ACM_RegimeStability" ("RunID", "EquipID", "AsOf", "MetricName", "MetricValue")
SELECT s."RunID", s."EquipID", s."AsOf", s."MetricName", s."MetricValue"
FROM "stage_1" AS s
WHERE NOT EXISTS (SELECT 1 FROM "ACM_RegimeStability" WHERE "ACM_RegimeStability"."EquipID" = s."EquipID" AND "ACM_RegimeStability"."AsOf" = s."AsOf" AND "ACM_RegimeStability"."MetricName" = s."MetricName");

-- ACM_PCA_Models: replaced
DELETE FROM "ACM_PCA_Models"
USING "stage_1" AS s
WHERE "ACM_PCA_Models"."EquipID" = s."EquipID" AND "ACM_PCA_Models"."ModelVersion" = s."ModelVersion"
  AND ("ACM_PCA_Models"."RunID" IS DISTINCT FROM s."RunID" OR "ACM_PCA_Models"."EntryDateTime" IS DISTINCT FROM s."EntryDateTime" OR "ACM_PCA_Models"."NComponents" IS DISTINCT FROM s."NComponents" OR "ACM_PCA_Models"."TargetVar" IS DISTINCT FROM s."TargetVar" OR "ACM_PCA_Models"."VarExplainedJSON" IS DISTINCT FROM s."VarExplainedJSON" OR "ACM_PCA_Models"."ScalingSpecJSON" IS DISTINCT FROM s."ScalingSpecJSON" OR "ACM_PCA_Models"."TrainStartEntryDateTime" IS DISTINCT FROM s."TrainStartEntryDateTime" OR "ACM_PCA_Models"."TrainEndEntryDateTime" IS DISTINCT FROM s."TrainEndEntryDateTime");

-- ACM_PCA_Models: inserted
INSERT INTO "ACM_PCA_Models" ("RunID", "EquipID", "ModelVersion", "EntryDateTime", "NComponents", "TargetVar", "VarExplainedJSON", "ScalingSpecJSON", "TrainStartEntryDateTime", "TrainEndEntryDateTime")
SELECT s."RunID", s."EquipID", s."ModelVersion", s."EntryDateTime", s."NComponents", s."TargetVar", s."VarExplainedJSON", s."ScalingSpecJSON", s."TrainStartEntryDateTime", s."TrainEndEntryDateTime"
FROM "stage_1" AS s
WHERE NOT EXISTS (SELECT 1 FROM "ACM_PCA_Models" WHERE "ACM_PCA_Models"."EquipID" = s."EquipID" AND "ACM_PCA_Models"."ModelVersion" = s."ModelVersion");

-- ACM_PCA_Loadings: replaced
DELETE FROM "ACM_PCA_Loadings"
USING "stage_1" AS s
WHERE "ACM_PCA_Loadings"."EquipID" = s."EquipID" AND "ACM_PCA_Loadings"."ModelVersion" = s."ModelVersion" AND "ACM_PCA_Loadings"."ComponentNo" = s."ComponentNo" AND "ACM_PCA_Loadings"."Sensor" = s."Sensor"
  AND ("ACM_PCA_Loadings"."RunID" IS DISTINCT FROM s."RunID" OR "ACM_PCA_Loadings"."EntryDateTime" IS DISTINCT FROM s."EntryDateTime" OR "ACM_PCA_Loadings"."ComponentID" IS DISTINCT FROM s."ComponentID" OR "ACM_PCA_Loadings"."FeatureName" IS DISTINCT FROM s."FeatureName" OR "ACM_PCA_Loadings"."Loading" IS DISTINCT FROM s."Loading");

-- ACM_PCA_Loadings: inserted
INSERT INTO "ACM_PCA_Loadings" ("RunID", "EquipID", "ModelVersion", "EntryDateTime", "ComponentNo", "ComponentID", "Sensor", "FeatureName", "Loading")
SELECT s."RunID", s."EquipID", s."ModelVersion", s."EntryDateTime", s."ComponentNo", s."ComponentID", s."Sensor", s."FeatureName", s."Loading"
FROM "stage_1" AS s
WHERE NOT EXISTS (SELECT 1 FROM "ACM_PCA_Loadings" WHERE "ACM_PCA_Loadings"."EquipID" = s."EquipID" AND "ACM_PCA_Loadings"."ModelVersion" = s."ModelVersion" AND "ACM_PCA_Loadings"."ComponentNo" = s."ComponentNo" AND "ACM_PCA_Loadings"."Sensor" = s."Sensor");

-- ACM_PCA_Metrics: replaced
DELETE FROM "ACM_PCA_Metrics"
USING "stage_1" AS s
WHERE "ACM_PCA_Metrics"."EquipID" = s."EquipID" AND "ACM_PCA_Metrics"."ModelVersion" = s."ModelVersion"
  AND ("ACM_PCA_Metrics"."RunID" IS DISTINCT FROM s."RunID" OR "ACM_PCA_Metrics"."EntryDateTime" IS DISTINCT FROM s."EntryDateTime" OR "ACM_PCA_Metrics"."Var90_N" IS DISTINCT FROM s."Var90_N" OR "ACM_PCA_Metrics"."ReconRMSE" IS DISTINCT FROM s."ReconRMSE" OR "ACM_PCA_Metrics"."P95_ReconRMSE" IS DISTINCT FROM s."P95_ReconRMSE" OR "ACM_PCA_Metrics"."Notes" IS DISTINCT FROM s."Notes");

-- ACM_PCA_Metrics: inserted
INSERT INTO "ACM_PCA_Metrics" ("RunID", "EquipID", "ModelVersion", "EntryDateTime", "Var90_N", "ReconRMSE", "P95_ReconRMSE", "Notes")
SELECT s."RunID", s."EquipID", s."ModelVersion", s."EntryDateTime", s."Var90_N", s."ReconRMSE", s."P95_ReconRMSE", s."Notes"
FROM "stage_1" AS s
WHERE NOT EXISTS (SELECT 1 FROM "ACM_PCA_Metrics" WHERE "ACM_PCA_Metrics"."EquipID" = s."EquipID" AND "ACM_PCA_Metrics"."ModelVersion" = s."ModelVersion");

-- ACM_OMR_Diagnostics: replaced
DELETE FROM "ACM_OMR_Diagnostics"
USING "stage_1" AS s
WHERE "ACM_OMR_Diagnostics"."EquipID" = s."EquipID" AND "ACM_OMR_Diagnostics"."ModelVersion" = s."ModelVersion" AND "ACM_OMR_Diagnostics"."SensorName" = s."SensorName"
  AND ("ACM_OMR_Diagnostics"."RunID" IS DISTINCT FROM s."RunID" OR "ACM_OMR_Diagnostics"."ResidualStd" IS DISTINCT FROM s."ResidualStd" OR "ACM_OMR_Diagnostics"."ExplainedPct" IS DISTINCT FROM s."ExplainedPct" OR "ACM_OMR_Diagnostics"."Persistence" IS DISTINCT FROM s."Persistence" OR "ACM_OMR_Diagnostics"."BestPredictor" IS DISTINCT FROM s."BestPredictor" OR "ACM_OMR_Diagnostics"."BestWeight" IS DISTINCT FROM s."BestWeight");

-- ACM_OMR_Diagnostics: inserted
INSERT INTO "ACM_OMR_Diagnostics" ("RunID", "EquipID", "ModelVersion", "SensorName", "ResidualStd", "ExplainedPct", "Persistence", "BestPredictor", "BestWeight")
SELECT s."RunID", s."EquipID", s."ModelVersion", s."SensorName", s."ResidualStd", s."ExplainedPct", s."Persistence", s."BestPredictor", s."BestWeight"
FROM "stage_1" AS s
WHERE NOT EXISTS (SELECT 1 FROM "ACM_OMR_Diagnostics" WHERE "ACM_OMR_Diagnostics"."EquipID" = s."EquipID" AND "ACM_OMR_Diagnostics"."ModelVersion" = s."ModelVersion" AND "ACM_OMR_Diagnostics"."SensorName" = s."SensorName");

-- ACM_HealthForecast_TS: deleted
DELETE FROM "ACM_HealthForecast_TS"
WHERE "ACM_HealthForecast_TS"."EquipID" = ? AND "ACM_HealthForecast_TS"."AsOf" >= ? AND "ACM_HealthForecast_TS"."AsOf" < ?
  AND NOT EXISTS (SELECT 1 FROM "stage_1" AS s WHERE "ACM_HealthForecast_TS"."EquipID" = s."EquipID" AND "ACM_HealthForecast_TS"."AsOf" = s."AsOf" AND "ACM_HealthForecast_TS"."Timestamp" = s."Timestamp");

-- ACM_HealthForecast_TS: replaced
DELETE FROM "ACM_HealthForecast_TS"
USING "stage_1" AS s
WHERE "ACM_HealthForecast_TS"."EquipID" = s."EquipID" AND "ACM_HealthForecast_TS"."AsOf" = s."AsOf" AND "ACM_HealthForecast_TS"."Timestamp" = s."Timestamp"
  AND ("ACM_HealthForecast_TS"."RunID" IS DISTINCT FROM s."RunID" OR "ACM_HealthForecast_TS"."HorizonHours" IS DISTINCT FROM s."HorizonHours" OR "ACM_HealthForecast_TS"."ForecastHealth" IS DISTINCT FROM s."ForecastHealth" OR "ACM_HealthForecast_TS"."CiLower" IS DISTINCT FROM s."CiLower" OR "ACM_HealthForecast_TS"."CiUpper" IS DISTINCT FROM s."CiUpper" OR "ACM_HealthForecast_TS"."ForecastStd" IS DISTINCT FROM s."ForecastStd" OR "ACM_HealthForecast_TS"."Method" IS DISTINCT FROM s."Method");

-- ACM_HealthForecast_TS: inserted
INSERT INTO "ACM_HealthForecast_TS" ("RunID", "EquipID", "AsOf", "Timestamp", "HorizonHours", "ForecastHealth", "CiLower", "CiUpper", "ForecastStd", "Method")
SELECT s."RunID", s."EquipID", s."AsOf", s."Timestamp", s."HorizonHours", s."ForecastHealth", s."CiLower", s."CiUpper", s."ForecastStd", s."Method"
FROM "stage_1" AS s
WHERE NOT EXISTS (SELECT 1 FROM "ACM_HealthForecast_TS" WHERE "ACM_HealthForecast_TS"."EquipID" = s."EquipID" AND "ACM_HealthForecast_TS"."AsOf" = s."AsOf" AND "ACM_HealthForecast_TS"."Timestamp" = s."Timestamp");

-- ACM_FailureForecast_TS: deleted
DELETE FROM "ACM_FailureForecast_TS"
WHERE "ACM_FailureForecast_TS"."EquipID" = ? AND "ACM_FailureForecast_TS"."AsOf" >= ? AND "ACM_FailureForecast_TS"."AsOf" < ?
  AND NOT EXISTS (SELECT 1 FROM "stage_1" AS s WHERE "ACM_FailureForecast_TS"."EquipID" = s."EquipID" AND "ACM_FailureForecast_TS"."AsOf" = s."AsOf" AND "ACM_FailureForecast_TS"."Timestamp" = s."Timestamp");

-- ACM_FailureForecast_TS: replaced
DELETE FROM "ACM_FailureForecast_TS"
USING "stage_1" AS s
WHERE "ACM_FailureForecast_TS"."EquipID" = s."EquipID" AND "ACM_FailureForecast_TS"."AsOf" = s."AsOf" AND "ACM_FailureForecast_TS"."Timestamp" = s."Timestamp"
  AND ("ACM_FailureForecast_TS"."RunID" IS DISTINCT FROM s."RunID" OR "ACM_FailureForecast_TS"."HorizonHours" IS DISTINCT FROM s."HorizonHours" OR "ACM_FailureForecast_TS"."FailureProb" IS DISTINCT FROM s."FailureProb" OR "ACM_FailureForecast_TS"."ThresholdUsed" IS DISTINCT FROM s."ThresholdUsed" OR "ACM_FailureForecast_TS"."Method" IS DISTINCT FROM s."Method");

-- ACM_FailureForecast_TS: inserted
INSERT INTO "ACM_FailureForecast_TS" ("RunID", "EquipID", "AsOf", "Timestamp", "HorizonHours", "FailureProb", "ThresholdUsed", "Method")
SELECT s."RunID", s."EquipID", s."AsOf", s."Timestamp", s."HorizonHours", s."FailureProb", s."ThresholdUsed", s."Method"
FROM "stage_1" AS s
WHERE NOT EXISTS (SELECT 1 FROM "ACM_FailureForecast_TS" WHERE "ACM_FailureForecast_TS"."EquipID" = s."EquipID" AND "ACM_FailureForecast_TS"."AsOf" = s."AsOf" AND "ACM_FailureForecast_TS"."Timestamp" = s."Timestamp");

-- ACM_RUL_Summary: deleted
DELETE FROM "ACM_RUL_Summary"
WHERE "ACM_RUL_Summary"."EquipID" = ? AND "ACM_RUL_Summary"."AsOf" >= ? AND "ACM_RUL_Summary"."AsOf" < ?
  AND NOT EXISTS (SELECT 1 FROM "stage_1" AS s WHERE "ACM_RUL_Summary"."EquipID" = s."EquipID" AND "ACM_RUL_Summary"."AsOf" = s."AsOf");

-- ACM_RUL_Summary: replaced
DELETE FROM "ACM_RUL_Summary"
USING "stage_1" AS s
WHERE "ACM_RUL_Summary"."EquipID" = s."EquipID" AND "ACM_RUL_Summary"."AsOf" = s."AsOf"
  AND ("ACM_RUL_Summary"."RunID" IS DISTINCT FROM s."RunID" OR "ACM_RUL_Summary"."IssuedAt" IS DISTINCT FROM s."IssuedAt" OR "ACM_RUL_Summary"."Status" IS DISTINCT FROM s."Status" OR "ACM_RUL_Summary"."RUL_Hours" IS DISTINCT FROM s."RUL_Hours" OR "ACM_RUL_Summary"."LowerBound" IS DISTINCT FROM s."LowerBound" OR "ACM_RUL_Summary"."UpperBound" IS DISTINCT FROM s."UpperBound" OR "ACM_RUL_Summary"."Confidence" IS DISTINCT FROM s."Confidence" OR "ACM_RUL_Summary"."FailureTime" IS DISTINCT FROM s."FailureTime" OR "ACM_RUL_Summary"."TrendStart" IS DISTINCT FROM s."TrendStart" OR "ACM_RUL_Summary"."TrendDays" IS DISTINCT FROM s."TrendDays" OR "ACM_RUL_Summary"."HealthNow" IS DISTINCT FROM s."HealthNow" OR "ACM_RUL_Summary"."ZPerDay" IS DISTINCT FROM s."ZPerDay" OR "ACM_RUL_Summary"."RisingProb" IS DISTINCT FROM s."RisingProb" OR "ACM_RUL_Summary"."FailureProb24h" IS DISTINCT FROM s."FailureProb24h" OR "ACM_RUL_Summary"."FailureProb7d" IS DISTINCT FROM s."FailureProb7d" OR "ACM_RUL_Summary"."FailureProb30d" IS DISTINCT FROM s."FailureProb30d" OR "ACM_RUL_Summary"."ThresholdUsed" IS DISTINCT FROM s."ThresholdUsed" OR "ACM_RUL_Summary"."Method" IS DISTINCT FROM s."Method" OR "ACM_RUL_Summary"."LastUpdate" IS DISTINCT FROM s."LastUpdate");

-- ACM_RUL_Summary: inserted
INSERT INTO "ACM_RUL_Summary" ("RunID", "EquipID", "AsOf", "IssuedAt", "Status", "RUL_Hours", "LowerBound", "UpperBound", "Confidence", "FailureTime", "TrendStart", "TrendDays", "HealthNow", "ZPerDay", "RisingProb", "FailureProb24h", "FailureProb7d", "FailureProb30d", "ThresholdUsed", "Method", "LastUpdate")
SELECT s."RunID", s."EquipID", s."AsOf", s."IssuedAt", s."Status", s."RUL_Hours", s."LowerBound", s."UpperBound", s."Confidence", s."FailureTime", s."TrendStart", s."TrendDays", s."HealthNow", s."ZPerDay", s."RisingProb", s."FailureProb24h", s."FailureProb7d", s."FailureProb30d", s."ThresholdUsed", s."Method", s."LastUpdate"
FROM "stage_1" AS s
WHERE NOT EXISTS (SELECT 1 FROM "ACM_RUL_Summary" WHERE "ACM_RUL_Summary"."EquipID" = s."EquipID" AND "ACM_RUL_Summary"."AsOf" = s."AsOf");

-- ACM_RUL_Attribution: deleted
DELETE FROM "ACM_RUL_Attribution"
WHERE "ACM_RUL_Attribution"."EquipID" = ? AND "ACM_RUL_Attribution"."AsOf" >= ? AND "ACM_RUL_Attribution"."AsOf" < ?
  AND NOT EXISTS (SELECT 1 FROM "stage_1" AS s WHERE "ACM_RUL_Attribution"."EquipID" = s."EquipID" AND "ACM_RUL_Attribution"."AsOf" = s."AsOf" AND "ACM_RUL_Attribution"."SensorName" = s."SensorName");

-- ACM_RUL_Attribution: replaced
DELETE FROM "ACM_RUL_Attribution"
USING "stage_1" AS s
WHERE "ACM_RUL_Attribution"."EquipID" = s."EquipID" AND "ACM_RUL_Attribution"."AsOf" = s."AsOf" AND "ACM_RUL_Attribution"."SensorName" = s."SensorName"
  AND ("ACM_RUL_Attribution"."RunID" IS DISTINCT FROM s."RunID" OR "ACM_RUL_Attribution"."FailureTime" IS DISTINCT FROM s."FailureTime" OR "ACM_RUL_Attribution"."FailureContribution" IS DISTINCT FROM s."FailureContribution" OR "ACM_RUL_Attribution"."ZScoreAtFailure" IS DISTINCT FROM s."ZScoreAtFailure" OR "ACM_RUL_Attribution"."AlertCount" IS DISTINCT FROM s."AlertCount" OR "ACM_RUL_Attribution"."Comment" IS DISTINCT FROM s."Comment");

-- ACM_RUL_Attribution: inserted
INSERT INTO "ACM_RUL_Attribution" ("RunID", "EquipID", "AsOf", "FailureTime", "SensorName", "FailureContribution", "ZScoreAtFailure", "AlertCount", "Comment")
SELECT s."RunID", s."EquipID", s."AsOf", s."FailureTime", s."SensorName", s."FailureContribution", s."ZScoreAtFailure", s."AlertCount", s."Comment"
FROM "stage_1" AS s
WHERE NOT EXISTS (SELECT 1 FROM "ACM_RUL_Attribution" WHERE "ACM_RUL_Attribution"."EquipID" = s."EquipID" AND "ACM_RUL_Attribution"."AsOf" = s."AsOf" AND "ACM_RUL_Attribution"."SensorName" = s."SensorName");

-- ACM_SensorForecast_TS: deleted
DELETE FROM "ACM_SensorForecast_TS"
WHERE "ACM_SensorForecast_TS"."EquipID" = ? AND "ACM_SensorForecast_TS"."AsOf" >= ? AND "ACM_SensorForecast_TS"."AsOf" < ?
  AND NOT EXISTS (SELECT 1 FROM "stage_1" AS s WHERE "ACM_SensorForecast_TS"."EquipID" = s."EquipID" AND "ACM_SensorForecast_TS"."AsOf" = s."AsOf" AND "ACM_SensorForecast_TS"."SensorName" = s."SensorName" AND "ACM_SensorForecast_TS"."Timestamp" = s."Timestamp");

-- ACM_SensorForecast_TS: replaced
DELETE FROM "ACM_SensorForecast_TS"
USING "stage_1" AS s
WHERE "ACM_SensorForecast_TS"."EquipID" = s."EquipID" AND "ACM_SensorForecast_TS"."AsOf" = s."AsOf" AND "ACM_SensorForecast_TS"."SensorName" = s."SensorName" AND "ACM_SensorForecast_TS"."Timestamp" = s."Timestamp"
  AND ("ACM_SensorForecast_TS"."RunID" IS DISTINCT FROM s."RunID" OR "ACM_SensorForecast_TS"."HorizonHours" IS DISTINCT FROM s."HorizonHours" OR "ACM_SensorForecast_TS"."ForecastValue" IS DISTINCT FROM s."ForecastValue" OR "ACM_SensorForecast_TS"."CiLower" IS DISTINCT FROM s."CiLower" OR "ACM_SensorForecast_TS"."CiUpper" IS DISTINCT FROM s."CiUpper" OR "ACM_SensorForecast_TS"."ForecastStd" IS DISTINCT FROM s."ForecastStd" OR "ACM_SensorForecast_TS"."Method" IS DISTINCT FROM s."Method");

-- ACM_SensorForecast_TS: inserted
INSERT INTO "ACM_SensorForecast_TS" ("RunID", "EquipID", "AsOf", "Timestamp", "HorizonHours", "SensorName", "ForecastValue", "CiLower", "CiUpper", "ForecastStd", "Method")
SELECT s."RunID", s."EquipID", s."AsOf", s."Timestamp", s."HorizonHours", s."SensorName", s."ForecastValue", s."CiLower", s."CiUpper", s."ForecastStd", s."Method"
FROM "stage_1" AS s
WHERE NOT EXISTS (SELECT 1 FROM "ACM_SensorForecast_TS" WHERE "ACM_SensorForecast_TS"."EquipID" = s."EquipID" AND "ACM_SensorForecast_TS"."AsOf" = s."AsOf" AND "ACM_SensorForecast_TS"."SensorName" = s."SensorName" AND "ACM_SensorForecast_TS"."Timestamp" = s."Timestamp");

-- ACM_MaintenanceRecommendation: deleted
DELETE FROM "ACM_MaintenanceRecommendation"
WHERE "ACM_MaintenanceRecommendation"."EquipID" = ? AND "ACM_MaintenanceRecommendation"."AsOf" >= ? AND "ACM_MaintenanceRecommendation"."AsOf" < ?
  AND NOT EXISTS (SELECT 1 FROM "stage_1" AS s WHERE "ACM_MaintenanceRecommendation"."EquipID" = s."EquipID" AND "ACM_MaintenanceRecommendation"."AsOf" = s."AsOf");

-- ACM_MaintenanceRecommendation: replaced
DELETE FROM "ACM_MaintenanceRecommendation"
USING "stage_1" AS s
WHERE "ACM_MaintenanceRecommendation"."EquipID" = s."EquipID" AND "ACM_MaintenanceRecommendation"."AsOf" = s."AsOf"
  AND ("ACM_MaintenanceRecommendation"."RunID" IS DISTINCT FROM s."RunID" OR "ACM_MaintenanceRecommendation"."EarliestMaintenance" IS DISTINCT FROM s."EarliestMaintenance" OR "ACM_MaintenanceRecommendation"."PreferredWindowStart" IS DISTINCT FROM s."PreferredWindowStart" OR "ACM_MaintenanceRecommendation"."PreferredWindowEnd" IS DISTINCT FROM s."PreferredWindowEnd" OR "ACM_MaintenanceRecommendation"."FailureProbAtWindowEnd" IS DISTINCT FROM s."FailureProbAtWindowEnd" OR "ACM_MaintenanceRecommendation"."Comment" IS DISTINCT FROM s."Comment");

-- ACM_MaintenanceRecommendation: inserted
INSERT INTO "ACM_MaintenanceRecommendation" ("RunID", "EquipID", "AsOf", "EarliestMaintenance", "PreferredWindowStart", "PreferredWindowEnd", "FailureProbAtWindowEnd", "Comment")
SELECT s."RunID", s."EquipID", s."AsOf", s."EarliestMaintenance", s."PreferredWindowStart", s."PreferredWindowEnd", s."FailureProbAtWindowEnd", s."Comment"
FROM "stage_1" AS s
WHERE NOT EXISTS (SELECT 1 FROM "ACM_MaintenanceRecommendation" WHERE "ACM_MaintenanceRecommendation"."EquipID" = s."EquipID" AND "ACM_MaintenanceRecommendation"."AsOf" = s."AsOf");
