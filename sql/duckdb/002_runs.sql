-- Rendered from acm_etl/tables, schema version 2: do not edit.

CREATE TABLE IF NOT EXISTS "RunLog" (
    "RunID" UUID NOT NULL,
    "EquipID" INTEGER NOT NULL,
    "Stage" VARCHAR NOT NULL,
    "WindowStart" TIMESTAMP_MS NULL,
    "WindowEnd" TIMESTAMP_MS NULL,
    "Outcome" VARCHAR NOT NULL,
    "Provisional" BOOLEAN NOT NULL,
    "TickMinutes" INTEGER NULL,
    "ModelVersion" INTEGER NULL,
    "ConfigSignature" VARCHAR NOT NULL,
    "RowsRead" BIGINT NULL,
    "RowsWritten" BIGINT NULL,
    "InputHash" VARCHAR NULL,
    "Attempt" INTEGER NOT NULL,
    "AttemptStartedAt" TIMESTAMP_MS NOT NULL,
    "StartedAt" TIMESTAMP_MS NOT NULL,
    "CompletedAt" TIMESTAMP_MS NULL,
    "ErrorMessage" VARCHAR NULL,
    "Holder" VARCHAR NULL,
    "Version" VARCHAR NOT NULL,
    CONSTRAINT "PK_RunLog" PRIMARY KEY ("RunID"),
    CONSTRAINT "CK_RunLog_Stage" CHECK ("Stage" IN ('score', 'coldstart', 'refit', 'import')),
    CONSTRAINT "CK_RunLog_Outcome" CHECK ("Outcome" IN ('RUNNING', 'OK', 'NOOP', 'FAIL', 'SUPERSEDED')),
    CONSTRAINT "CK_RunLog_ConfigSignature" CHECK (length("ConfigSignature") <= 64),
    CONSTRAINT "CK_RunLog_InputHash" CHECK (length("InputHash") <= 64),
    CONSTRAINT "CK_RunLog_ErrorMessage" CHECK (length("ErrorMessage") <= 1000),
    CONSTRAINT "CK_RunLog_Holder" CHECK (length("Holder") <= 200),
    CONSTRAINT "CK_RunLog_Version" CHECK (length("Version") <= 32),
    CONSTRAINT "CK_RunLog_StartedAt_CompletedAt" CHECK ("CompletedAt" >= "StartedAt"),
    CONSTRAINT "CK_RunLog_StartedAt_AttemptStartedAt" CHECK ("AttemptStartedAt" >= "StartedAt"),
    CONSTRAINT "CK_RunLog_WindowStart_WindowEnd" CHECK ("WindowEnd" >= "WindowStart")
);

COMMENT ON TABLE "RunLog" IS 'Life cycle of every run; a run is one window of one machine, one import, one coldstart or one refit';

COMMENT ON COLUMN "RunLog"."RunID" IS 'Run that wrote the row (RunLog.RunID)';

COMMENT ON COLUMN "RunLog"."EquipID" IS 'Machine (Equipment.EquipID)';

COMMENT ON COLUMN "RunLog"."Stage" IS 'Kind of run';

COMMENT ON COLUMN "RunLog"."WindowStart" IS 'Start of the window, UTC, included';

COMMENT ON COLUMN "RunLog"."WindowEnd" IS 'End of the window, UTC, excluded';

COMMENT ON COLUMN "RunLog"."Outcome" IS 'RUNNING until the transaction that publishes the data sets the result';

COMMENT ON COLUMN "RunLog"."Provisional" IS 'The window was incomplete: the next run replaces its rows';

COMMENT ON COLUMN "RunLog"."TickMinutes" IS 'Length of the window grid, minutes';

COMMENT ON COLUMN "RunLog"."ModelVersion" IS 'Version of the models that scored the window';

COMMENT ON COLUMN "RunLog"."ConfigSignature" IS 'SHA-256 of the settings that change stored values';

COMMENT ON COLUMN "RunLog"."RowsRead" IS 'Readings pulled for the window';

COMMENT ON COLUMN "RunLog"."RowsWritten" IS 'Rows staged for the window in all time-grained tables';

COMMENT ON COLUMN "RunLog"."InputHash" IS 'SHA-256 of the inputs of an incomplete window; NULL: complete, or not known';

COMMENT ON COLUMN "RunLog"."Attempt" IS 'Number of attempts at the run';

COMMENT ON COLUMN "RunLog"."AttemptStartedAt" IS 'Start of the last attempt, UTC';

COMMENT ON COLUMN "RunLog"."StartedAt" IS 'Start of the first attempt, UTC';

COMMENT ON COLUMN "RunLog"."CompletedAt" IS 'End of the last attempt, UTC';

COMMENT ON COLUMN "RunLog"."ErrorMessage" IS 'Why the last attempt failed, or why a cleanup marked it as failed';

COMMENT ON COLUMN "RunLog"."Holder" IS 'Host and process of the last attempt';

COMMENT ON COLUMN "RunLog"."Version" IS 'Version of acm_etl';

CREATE TABLE IF NOT EXISTS "ACM_Runs" (
    "RunID" UUID NOT NULL,
    "EquipID" INTEGER NOT NULL,
    "EquipName" VARCHAR NULL,
    "StartedAt" TIMESTAMP_MS NOT NULL,
    "CompletedAt" TIMESTAMP_MS NULL,
    "DurationSeconds" BIGINT GENERATED ALWAYS AS (date_diff('second', "StartedAt", "CompletedAt")) VIRTUAL,
    "ConfigSignature" VARCHAR NOT NULL,
    "TrainRowCount" BIGINT NULL,
    "ScoreRowCount" BIGINT NULL,
    "EpisodeCount" INTEGER NULL,
    "HealthStatus" VARCHAR NOT NULL,
    "AvgHealthIndex" DOUBLE NULL,
    "MinHealthIndex" DOUBLE NULL,
    "MaxFusedZ" DOUBLE NULL,
    "DataQualityScore" DOUBLE NULL,
    "RefitRequested" BOOLEAN NOT NULL,
    "ErrorMessage" VARCHAR NULL,
    "CreatedAt" TIMESTAMP_MS NOT NULL,
    CONSTRAINT "PK_ACM_Runs" PRIMARY KEY ("RunID"),
    CONSTRAINT "CK_ACM_Runs_EquipName" CHECK (length("EquipName") <= 200),
    CONSTRAINT "CK_ACM_Runs_ConfigSignature" CHECK (length("ConfigSignature") <= 64),
    CONSTRAINT "CK_ACM_Runs_HealthStatus" CHECK ("HealthStatus" IN ('HEALTHY', 'CAUTION', 'ALERT', 'UNKNOWN')),
    CONSTRAINT "CK_ACM_Runs_AvgHealthIndex" CHECK (isfinite("AvgHealthIndex")),
    CONSTRAINT "CK_ACM_Runs_MinHealthIndex" CHECK (isfinite("MinHealthIndex")),
    CONSTRAINT "CK_ACM_Runs_MaxFusedZ" CHECK (isfinite("MaxFusedZ")),
    CONSTRAINT "CK_ACM_Runs_DataQualityScore" CHECK (isfinite("DataQualityScore")),
    CONSTRAINT "CK_ACM_Runs_ErrorMessage" CHECK (length("ErrorMessage") <= 1000),
    CONSTRAINT "CK_ACM_Runs_StartedAt_CompletedAt" CHECK ("CompletedAt" >= "StartedAt")
);

COMMENT ON TABLE "ACM_Runs" IS 'Results of a run: one row per scored window';

COMMENT ON COLUMN "ACM_Runs"."RunID" IS 'Run that wrote the row (RunLog.RunID)';

COMMENT ON COLUMN "ACM_Runs"."EquipID" IS 'Machine (Equipment.EquipID)';

COMMENT ON COLUMN "ACM_Runs"."EquipName" IS 'EquipCode of the machine';

COMMENT ON COLUMN "ACM_Runs"."StartedAt" IS 'Start of the attempt, UTC';

COMMENT ON COLUMN "ACM_Runs"."CompletedAt" IS 'End of the attempt, UTC; never before StartedAt';

COMMENT ON COLUMN "ACM_Runs"."DurationSeconds" IS 'CompletedAt - StartedAt, computed by the database';

COMMENT ON COLUMN "ACM_Runs"."ConfigSignature" IS 'Settings the run was made with';

COMMENT ON COLUMN "ACM_Runs"."TrainRowCount" IS 'Readings of the training phase in the window';

COMMENT ON COLUMN "ACM_Runs"."ScoreRowCount" IS 'Readings scored in the window';

COMMENT ON COLUMN "ACM_Runs"."EpisodeCount" IS 'Episodes that start in the window';

COMMENT ON COLUMN "ACM_Runs"."HealthStatus" IS 'Zone of AvgHealthIndex';

COMMENT ON COLUMN "ACM_Runs"."AvgHealthIndex" IS 'Mean health, 0-100';

COMMENT ON COLUMN "ACM_Runs"."MinHealthIndex" IS 'Lowest health, 0-100';

COMMENT ON COLUMN "ACM_Runs"."MaxFusedZ" IS 'Highest fused z';

COMMENT ON COLUMN "ACM_Runs"."DataQualityScore" IS 'Share of cells that were usable without correction, percent';

COMMENT ON COLUMN "ACM_Runs"."RefitRequested" IS 'The run requests new models';

COMMENT ON COLUMN "ACM_Runs"."ErrorMessage" IS 'Why the run failed, and the table at which it failed';

COMMENT ON COLUMN "ACM_Runs"."CreatedAt" IS 'When the row was written, UTC';

CREATE TABLE IF NOT EXISTS "ACM_Run_Stats" (
    "RunID" UUID NOT NULL,
    "EquipID" INTEGER NOT NULL,
    "WindowStartEntryDateTime" TIMESTAMP_MS NOT NULL,
    "WindowEndEntryDateTime" TIMESTAMP_MS NOT NULL,
    "SamplesIn" BIGINT NOT NULL,
    "SamplesKept" BIGINT NOT NULL,
    "SensorsKept" INTEGER NOT NULL,
    "CadenceOKPct" DOUBLE NULL,
    "DriftP95" DOUBLE NULL,
    "ReconRMSE" DOUBLE NULL,
    "AnomalyCount" BIGINT NOT NULL,
    CONSTRAINT "PK_ACM_Run_Stats" PRIMARY KEY ("EquipID", "RunID"),
    CONSTRAINT "CK_ACM_Run_Stats_CadenceOKPct" CHECK (isfinite("CadenceOKPct")),
    CONSTRAINT "CK_ACM_Run_Stats_DriftP95" CHECK (isfinite("DriftP95")),
    CONSTRAINT "CK_ACM_Run_Stats_ReconRMSE" CHECK (isfinite("ReconRMSE"))
);

COMMENT ON TABLE "ACM_Run_Stats" IS 'Statistics of the readings of a run: one row per scored window';

COMMENT ON COLUMN "ACM_Run_Stats"."RunID" IS 'Run that wrote the row (RunLog.RunID)';

COMMENT ON COLUMN "ACM_Run_Stats"."EquipID" IS 'Machine (Equipment.EquipID)';

COMMENT ON COLUMN "ACM_Run_Stats"."WindowStartEntryDateTime" IS 'Start of the window, UTC, included';

COMMENT ON COLUMN "ACM_Run_Stats"."WindowEndEntryDateTime" IS 'End of the window, UTC, excluded';

COMMENT ON COLUMN "ACM_Run_Stats"."SamplesIn" IS 'Readings pulled';

COMMENT ON COLUMN "ACM_Run_Stats"."SamplesKept" IS 'Readings that were usable';

COMMENT ON COLUMN "ACM_Run_Stats"."SensorsKept" IS 'Tags that are scored';

COMMENT ON COLUMN "ACM_Run_Stats"."CadenceOKPct" IS 'Share of intervals between readings of at most 1.5 times the usual interval, percent';

COMMENT ON COLUMN "ACM_Run_Stats"."DriftP95" IS '95th percentile of drift_z';

COMMENT ON COLUMN "ACM_Run_Stats"."ReconRMSE" IS 'Root mean square of the residual outside the principal components, robust standard deviations';

COMMENT ON COLUMN "ACM_Run_Stats"."AnomalyCount" IS 'Readings at which the alarm rule holds';

CREATE TABLE IF NOT EXISTS "ACM_RunErrors" (
    "RunID" UUID NOT NULL,
    "EquipID" INTEGER NOT NULL,
    "Attempt" INTEGER NOT NULL,
    "GroupStart" TIMESTAMP_MS NOT NULL,
    "GroupEnd" TIMESTAMP_MS NOT NULL,
    "TableName" VARCHAR NULL,
    "ErrorType" VARCHAR NOT NULL,
    "ErrorMessage" VARCHAR NOT NULL,
    "OccurredAt" TIMESTAMP_MS NOT NULL,
    CONSTRAINT "PK_ACM_RunErrors" PRIMARY KEY ("RunID", "Attempt"),
    CONSTRAINT "CK_ACM_RunErrors_TableName" CHECK (length("TableName") <= 128),
    CONSTRAINT "CK_ACM_RunErrors_ErrorType" CHECK (length("ErrorType") <= 100),
    CONSTRAINT "CK_ACM_RunErrors_ErrorMessage" CHECK (length("ErrorMessage") <= 1000)
);

COMMENT ON TABLE "ACM_RunErrors" IS 'One row per failed attempt at a batch of windows';

COMMENT ON COLUMN "ACM_RunErrors"."RunID" IS 'Run that wrote the row (RunLog.RunID)';

COMMENT ON COLUMN "ACM_RunErrors"."EquipID" IS 'Machine (Equipment.EquipID)';

COMMENT ON COLUMN "ACM_RunErrors"."Attempt" IS 'Number of the attempt, counted from 1';

COMMENT ON COLUMN "ACM_RunErrors"."GroupStart" IS 'Start of the batch, UTC';

COMMENT ON COLUMN "ACM_RunErrors"."GroupEnd" IS 'End of the batch, UTC';

COMMENT ON COLUMN "ACM_RunErrors"."TableName" IS 'Table at which the attempt failed, if known';

COMMENT ON COLUMN "ACM_RunErrors"."ErrorType" IS 'Class of the error';

COMMENT ON COLUMN "ACM_RunErrors"."ErrorMessage" IS 'Text of the error';

COMMENT ON COLUMN "ACM_RunErrors"."OccurredAt" IS 'Time of the failure, UTC';

CREATE TABLE IF NOT EXISTS "ACM_WriteMetrics" (
    "RunID" UUID NOT NULL,
    "EquipID" INTEGER NOT NULL,
    "TableName" VARCHAR NOT NULL,
    "GroupStart" TIMESTAMP_MS NOT NULL,
    "GroupEnd" TIMESTAMP_MS NOT NULL,
    "RowsStaged" BIGINT NOT NULL,
    "RowsInserted" BIGINT NOT NULL,
    "RowsUpdated" BIGINT NOT NULL,
    "RowsDeleted" BIGINT NOT NULL,
    "Seconds" DOUBLE NOT NULL,
    "RowsPerSecond" DOUBLE NULL,
    CONSTRAINT "PK_ACM_WriteMetrics" PRIMARY KEY ("EquipID", "RunID", "TableName"),
    CONSTRAINT "CK_ACM_WriteMetrics_TableName" CHECK (length("TableName") <= 128),
    CONSTRAINT "CK_ACM_WriteMetrics_Seconds" CHECK (isfinite("Seconds")),
    CONSTRAINT "CK_ACM_WriteMetrics_RowsPerSecond" CHECK (isfinite("RowsPerSecond"))
);

COMMENT ON TABLE "ACM_WriteMetrics" IS 'Rows and speed per table and published batch; RunID is the first run of the batch';

COMMENT ON COLUMN "ACM_WriteMetrics"."RunID" IS 'Run that wrote the row (RunLog.RunID)';

COMMENT ON COLUMN "ACM_WriteMetrics"."EquipID" IS 'Machine (Equipment.EquipID)';

COMMENT ON COLUMN "ACM_WriteMetrics"."TableName" IS 'Table written';

COMMENT ON COLUMN "ACM_WriteMetrics"."GroupStart" IS 'Start of the batch, UTC';

COMMENT ON COLUMN "ACM_WriteMetrics"."GroupEnd" IS 'End of the batch, UTC';

COMMENT ON COLUMN "ACM_WriteMetrics"."RowsStaged" IS 'Rows staged';

COMMENT ON COLUMN "ACM_WriteMetrics"."RowsInserted" IS 'New rows';

COMMENT ON COLUMN "ACM_WriteMetrics"."RowsUpdated" IS 'Changed rows';

COMMENT ON COLUMN "ACM_WriteMetrics"."RowsDeleted" IS 'Rows deleted because the recomputed window no longer has them';

COMMENT ON COLUMN "ACM_WriteMetrics"."Seconds" IS 'Time for staging and publishing, seconds';

COMMENT ON COLUMN "ACM_WriteMetrics"."RowsPerSecond" IS 'RowsStaged / Seconds';

CREATE TABLE IF NOT EXISTS "ACM_DataQualityEvents" (
    "RunID" UUID NOT NULL,
    "EquipID" INTEGER NOT NULL,
    "TableName" VARCHAR NOT NULL,
    "ColumnName" VARCHAR NOT NULL,
    "EventType" VARCHAR NOT NULL,
    "AffectedRows" BIGINT NOT NULL,
    "SampleValues" VARCHAR NULL,
    "EventTime" TIMESTAMP_MS NOT NULL,
    CONSTRAINT "PK_ACM_DataQualityEvents" PRIMARY KEY ("RunID", "TableName", "ColumnName", "EventType"),
    CONSTRAINT "CK_ACM_DataQualityEvents_TableName" CHECK (length("TableName") <= 128),
    CONSTRAINT "CK_ACM_DataQualityEvents_ColumnName" CHECK (length("ColumnName") <= 255),
    CONSTRAINT "CK_ACM_DataQualityEvents_EventType" CHECK (length("EventType") <= 50),
    CONSTRAINT "CK_ACM_DataQualityEvents_SampleValues" CHECK (length("SampleValues") <= 500)
);

COMMENT ON TABLE "ACM_DataQualityEvents" IS 'Readings that were dropped, replaced, rejected or outside of training: count, place and reason';

COMMENT ON COLUMN "ACM_DataQualityEvents"."RunID" IS 'Run that wrote the row (RunLog.RunID)';

COMMENT ON COLUMN "ACM_DataQualityEvents"."EquipID" IS 'Machine (Equipment.EquipID)';

COMMENT ON COLUMN "ACM_DataQualityEvents"."TableName" IS 'Table that the reading came from';

COMMENT ON COLUMN "ACM_DataQualityEvents"."ColumnName" IS 'Tag or column; empty if the whole row is affected';

COMMENT ON COLUMN "ACM_DataQualityEvents"."EventType" IS 'Rule that the reading breaks, e.g. nan, out_of_range, duplicate, sensor_stuck, outside_training';

COMMENT ON COLUMN "ACM_DataQualityEvents"."AffectedRows" IS 'Number of readings affected';

COMMENT ON COLUMN "ACM_DataQualityEvents"."SampleValues" IS 'Some of the original values';

COMMENT ON COLUMN "ACM_DataQualityEvents"."EventTime" IS 'When the row was recorded, UTC';

CREATE TABLE IF NOT EXISTS "ACM_ColdstartState" (
    "EquipID" INTEGER NOT NULL,
    "Stage" VARCHAR NOT NULL,
    "Status" VARCHAR NOT NULL,
    "AccumulatedRows" BIGINT NOT NULL,
    "RequiredRows" BIGINT NOT NULL,
    "DataStart" TIMESTAMP_MS NULL,
    "DataEnd" TIMESTAMP_MS NULL,
    "TrainEnd" TIMESTAMP_MS NULL,
    "ModelVersion" INTEGER NULL,
    "Reason" VARCHAR NULL,
    "RetryAfter" TIMESTAMP_MS NULL,
    "AttemptCount" INTEGER NOT NULL,
    "FirstAttemptAt" TIMESTAMP_MS NULL,
    "LastAttemptAt" TIMESTAMP_MS NULL,
    "CompletedAt" TIMESTAMP_MS NULL,
    "PlannedEnd" TIMESTAMP_MS NULL,
    "PlannedRows" BIGINT NULL,
    CONSTRAINT "PK_ACM_ColdstartState" PRIMARY KEY ("EquipID", "Stage"),
    CONSTRAINT "CK_ACM_ColdstartState_Stage" CHECK ("Stage" IN ('score')),
    CONSTRAINT "CK_ACM_ColdstartState_Status" CHECK ("Status" IN ('PENDING', 'IN_PROGRESS', 'COMPLETE', 'FAILED')),
    CONSTRAINT "CK_ACM_ColdstartState_Reason" CHECK (length("Reason") <= 1000)
);

COMMENT ON TABLE "ACM_ColdstartState" IS 'State of the initial training (coldstart) of a machine';

COMMENT ON COLUMN "ACM_ColdstartState"."EquipID" IS 'Machine (Equipment.EquipID)';

COMMENT ON COLUMN "ACM_ColdstartState"."Stage" IS 'What is trained';

COMMENT ON COLUMN "ACM_ColdstartState"."Status" IS 'PENDING, IN_PROGRESS, COMPLETE or FAILED';

COMMENT ON COLUMN "ACM_ColdstartState"."AccumulatedRows" IS 'Distinct readings in operation in the training period so far';

COMMENT ON COLUMN "ACM_ColdstartState"."RequiredRows" IS 'Readings in operation that the training needs';

COMMENT ON COLUMN "ACM_ColdstartState"."DataStart" IS 'First reading of the training period, UTC';

COMMENT ON COLUMN "ACM_ColdstartState"."DataEnd" IS 'Last reading seen by the last attempt, UTC';

COMMENT ON COLUMN "ACM_ColdstartState"."TrainEnd" IS 'End of the training period, UTC, excluded';

COMMENT ON COLUMN "ACM_ColdstartState"."ModelVersion" IS 'Models that were committed in the same transaction as COMPLETE';

COMMENT ON COLUMN "ACM_ColdstartState"."Reason" IS 'Reason of the status';

COMMENT ON COLUMN "ACM_ColdstartState"."RetryAfter" IS 'Time before which a FAILED coldstart is not repeated, UTC';

COMMENT ON COLUMN "ACM_ColdstartState"."AttemptCount" IS 'Number of attempts so far';

COMMENT ON COLUMN "ACM_ColdstartState"."FirstAttemptAt" IS 'Time of the first attempt, UTC';

COMMENT ON COLUMN "ACM_ColdstartState"."LastAttemptAt" IS 'Time of the last attempt, UTC';

COMMENT ON COLUMN "ACM_ColdstartState"."CompletedAt" IS 'When the status became COMPLETE, UTC';

COMMENT ON COLUMN "ACM_ColdstartState"."PlannedEnd" IS 'End of the training period by training.days alone, UTC; NULL: training.until gave it';

COMMENT ON COLUMN "ACM_ColdstartState"."PlannedRows" IS 'Distinct readings in operation before PlannedEnd; too few of them extend the period';

CREATE TABLE IF NOT EXISTS "ModelRegistry" (
    "RunID" UUID NOT NULL,
    "EquipID" INTEGER NOT NULL,
    "ModelType" VARCHAR NOT NULL,
    "Version" INTEGER NOT NULL,
    "HoldsFrom" TIMESTAMP_MS NOT NULL,
    "TrainStart" TIMESTAMP_MS NOT NULL,
    "TrainEnd" TIMESTAMP_MS NOT NULL,
    "TrainRows" BIGINT NOT NULL,
    "Tags" VARCHAR NOT NULL,
    "ParamsJSON" VARCHAR NOT NULL,
    "LibrariesJSON" VARCHAR NOT NULL,
    "ConfigSignature" VARCHAR NOT NULL,
    "ModelBytes" BLOB NOT NULL,
    "Hash" VARCHAR NOT NULL,
    "CreatedAt" TIMESTAMP_MS NOT NULL,
    "Origin" VARCHAR NULL,
    CONSTRAINT "PK_ModelRegistry" PRIMARY KEY ("EquipID", "ModelType", "Version"),
    CONSTRAINT "CK_ModelRegistry_ModelType" CHECK ("ModelType" IN ('pipeline')),
    CONSTRAINT "CK_ModelRegistry_ConfigSignature" CHECK (length("ConfigSignature") <= 64),
    CONSTRAINT "CK_ModelRegistry_Hash" CHECK (length("Hash") <= 64),
    CONSTRAINT "CK_ModelRegistry_Origin" CHECK ("Origin" IN ('coldstart', 'refit', 'baseline'))
);

COMMENT ON TABLE "ModelRegistry" IS 'Versioned models in a safe format';

COMMENT ON COLUMN "ModelRegistry"."RunID" IS 'Run that wrote the row (RunLog.RunID)';

COMMENT ON COLUMN "ModelRegistry"."EquipID" IS 'Machine (Equipment.EquipID)';

COMMENT ON COLUMN "ModelRegistry"."ModelType" IS 'Kind of model';

COMMENT ON COLUMN "ModelRegistry"."Version" IS 'Counted from 1 per machine';

COMMENT ON COLUMN "ModelRegistry"."HoldsFrom" IS 'Time of the data from which the version scores, UTC';

COMMENT ON COLUMN "ModelRegistry"."TrainStart" IS 'Start of the training period, UTC, included';

COMMENT ON COLUMN "ModelRegistry"."TrainEnd" IS 'End of the training period, UTC, excluded';

COMMENT ON COLUMN "ModelRegistry"."TrainRows" IS 'Readings in operation used for fitting or calibration';

COMMENT ON COLUMN "ModelRegistry"."Tags" IS 'Tags in the order of the model, JSON list';

COMMENT ON COLUMN "ModelRegistry"."ParamsJSON" IS 'Scoring settings of the fit, JSON';

COMMENT ON COLUMN "ModelRegistry"."LibrariesJSON" IS 'Versions of the libraries that fitted the models';

COMMENT ON COLUMN "ModelRegistry"."ConfigSignature" IS 'Settings signature of the fit';

COMMENT ON COLUMN "ModelRegistry"."ModelBytes" IS 'Serialised models (score.Model.to_bytes)';

COMMENT ON COLUMN "ModelRegistry"."Hash" IS 'SHA-256 of ModelBytes';

COMMENT ON COLUMN "ModelRegistry"."CreatedAt" IS 'When the version was written, UTC';

COMMENT ON COLUMN "ModelRegistry"."Origin" IS 'Why the version was trained; NULL: by an earlier version, which trained no baselines';

CREATE TABLE IF NOT EXISTS "ACM_State" (
    "RunID" UUID NOT NULL,
    "EquipID" INTEGER NOT NULL,
    "AsOf" TIMESTAMP_MS NOT NULL,
    "ModelVersion" INTEGER NOT NULL,
    "Blob" BLOB NOT NULL,
    "Hash" VARCHAR NOT NULL,
    CONSTRAINT "PK_ACM_State" PRIMARY KEY ("EquipID", "AsOf"),
    CONSTRAINT "CK_ACM_State_Hash" CHECK (length("Hash") <= 64)
);

COMMENT ON TABLE "ACM_State" IS 'Scoring state that is carried from window to window, as of the end of a window';

COMMENT ON COLUMN "ACM_State"."RunID" IS 'Run that wrote the row (RunLog.RunID)';

COMMENT ON COLUMN "ACM_State"."EquipID" IS 'Machine (Equipment.EquipID)';

COMMENT ON COLUMN "ACM_State"."AsOf" IS 'End of the window that the state follows, UTC';

COMMENT ON COLUMN "ACM_State"."ModelVersion" IS 'Models that the state belongs to';

COMMENT ON COLUMN "ACM_State"."Blob" IS 'Serialised state (score.State.to_bytes)';

COMMENT ON COLUMN "ACM_State"."Hash" IS 'SHA-256 of machine, AsOf, ModelVersion and Blob; of Blob alone in older rows';

CREATE TABLE IF NOT EXISTS "ACM_RefitRequests" (
    "EquipID" INTEGER NOT NULL,
    "RequestedAt" TIMESTAMP_MS NOT NULL,
    "RequestedBy" VARCHAR NOT NULL,
    "Requester" VARCHAR NULL,
    "Reason" VARCHAR NOT NULL,
    "Status" VARCHAR NOT NULL,
    "EffectiveFrom" TIMESTAMP_MS NULL,
    "AcknowledgedAt" TIMESTAMP_MS NULL,
    "ModelVersion" INTEGER NULL,
    "CheckedRows" BIGINT NULL,
    "OldAlarmShare" DOUBLE NULL,
    "NewAlarmShare" DOUBLE NULL,
    "Message" VARCHAR NULL,
    CONSTRAINT "PK_ACM_RefitRequests" PRIMARY KEY ("EquipID", "RequestedAt", "RequestedBy"),
    CONSTRAINT "CK_ACM_RefitRequests_RequestedBy" CHECK ("RequestedBy" IN ('REQUEST', 'AGE', 'DRIFT')),
    CONSTRAINT "CK_ACM_RefitRequests_Requester" CHECK (length("Requester") <= 100),
    CONSTRAINT "CK_ACM_RefitRequests_Reason" CHECK (length("Reason") <= 1000),
    CONSTRAINT "CK_ACM_RefitRequests_Status" CHECK ("Status" IN ('PENDING', 'DONE', 'REJECTED')),
    CONSTRAINT "CK_ACM_RefitRequests_OldAlarmShare" CHECK (isfinite("OldAlarmShare")),
    CONSTRAINT "CK_ACM_RefitRequests_NewAlarmShare" CHECK (isfinite("NewAlarmShare")),
    CONSTRAINT "CK_ACM_RefitRequests_Message" CHECK (length("Message") <= 1000)
);

COMMENT ON TABLE "ACM_RefitRequests" IS 'Refits that a person or a rule requested, with their outcome';

COMMENT ON COLUMN "ACM_RefitRequests"."EquipID" IS 'Machine (Equipment.EquipID)';

COMMENT ON COLUMN "ACM_RefitRequests"."RequestedAt" IS 'Time of the request, UTC; for a rule, the day boundary at which the rule triggered, UTC';

COMMENT ON COLUMN "ACM_RefitRequests"."RequestedBy" IS 'A person (REQUEST), or the rule that triggered';

COMMENT ON COLUMN "ACM_RefitRequests"."Requester" IS 'User who made the request';

COMMENT ON COLUMN "ACM_RefitRequests"."Reason" IS 'Reason of the request';

COMMENT ON COLUMN "ACM_RefitRequests"."Status" IS 'PENDING until decided; REJECTED if the old models stay in use';

COMMENT ON COLUMN "ACM_RefitRequests"."EffectiveFrom" IS 'Day boundary of the data at which the request is decided, UTC; NULL until a backfill picks it up';

COMMENT ON COLUMN "ACM_RefitRequests"."AcknowledgedAt" IS 'Time of the decision, UTC';

COMMENT ON COLUMN "ACM_RefitRequests"."ModelVersion" IS 'Version of the new models, which score from EffectiveFrom on';

COMMENT ON COLUMN "ACM_RefitRequests"."CheckedRows" IS 'Healthy readings outside the fit on which the old and the new models were compared';

COMMENT ON COLUMN "ACM_RefitRequests"."OldAlarmShare" IS 'Share of CheckedRows above alarm_z with the old models, 0-1';

COMMENT ON COLUMN "ACM_RefitRequests"."NewAlarmShare" IS 'Share of CheckedRows above alarm_z with the new models, 0-1';

COMMENT ON COLUMN "ACM_RefitRequests"."Message" IS 'Text of the decision';

CREATE TABLE IF NOT EXISTS "ACM_Baselines" (
    "EquipID" INTEGER NOT NULL,
    "RequestedAt" TIMESTAMP_MS NOT NULL,
    "Requester" VARCHAR NULL,
    "Reason" VARCHAR NOT NULL,
    "EffectiveFrom" TIMESTAMP_MS NOT NULL,
    "RequestedEnd" TIMESTAMP_MS NULL,
    "Status" VARCHAR NOT NULL,
    "TrainEnd" TIMESTAMP_MS NULL,
    "TrainRows" BIGINT NULL,
    "ModelVersion" INTEGER NULL,
    "DecidedAt" TIMESTAMP_MS NULL,
    "Message" VARCHAR NULL,
    CONSTRAINT "PK_ACM_Baselines" PRIMARY KEY ("EquipID", "RequestedAt"),
    CONSTRAINT "CK_ACM_Baselines_Requester" CHECK (length("Requester") <= 100),
    CONSTRAINT "CK_ACM_Baselines_Reason" CHECK (length("Reason") <= 1000),
    CONSTRAINT "CK_ACM_Baselines_Status" CHECK ("Status" IN ('PENDING', 'DONE', 'REJECTED', 'REPLACED', 'WITHDRAWN')),
    CONSTRAINT "CK_ACM_Baselines_Message" CHECK (length("Message") <= 1000)
);

COMMENT ON TABLE "ACM_Baselines" IS 'Times from which a person declared the machine normal, and the models that were trained from there on';

COMMENT ON COLUMN "ACM_Baselines"."EquipID" IS 'Machine (Equipment.EquipID)';

COMMENT ON COLUMN "ACM_Baselines"."RequestedAt" IS 'Time of the request, UTC';

COMMENT ON COLUMN "ACM_Baselines"."Requester" IS 'User who made the request';

COMMENT ON COLUMN "ACM_Baselines"."Reason" IS 'Reason of the request';

COMMENT ON COLUMN "ACM_Baselines"."EffectiveFrom" IS 'Midnight of the data from which the machine is normal, UTC';

COMMENT ON COLUMN "ACM_Baselines"."RequestedEnd" IS 'End of the training period, UTC, excluded; NULL: as soon as it is long enough';

COMMENT ON COLUMN "ACM_Baselines"."Status" IS 'PENDING until trained; REJECTED: the old models stay; REPLACED by a newer request; WITHDRAWN by a person';

COMMENT ON COLUMN "ACM_Baselines"."TrainEnd" IS 'End of the training period that was used, UTC, excluded';

COMMENT ON COLUMN "ACM_Baselines"."TrainRows" IS 'Readings in operation in the training period';

COMMENT ON COLUMN "ACM_Baselines"."ModelVersion" IS 'Version of the new models, which score from EffectiveFrom on';

COMMENT ON COLUMN "ACM_Baselines"."DecidedAt" IS 'Time of the training, UTC';

COMMENT ON COLUMN "ACM_Baselines"."Message" IS 'Text of the decision';

CREATE TABLE IF NOT EXISTS "ACM_BatchProgress" (
    "EquipID" INTEGER NOT NULL,
    "LastBatchEndTime" TIMESTAMP_MS NOT NULL,
    "BatchesCompleted" BIGINT NOT NULL,
    "TickMinutes" INTEGER NOT NULL,
    "ConfigSignature" VARCHAR NOT NULL,
    "ModelVersion" INTEGER NOT NULL,
    "ColdstartComplete" BOOLEAN NOT NULL,
    "DataMin" TIMESTAMP_MS NOT NULL,
    "DataMax" TIMESTAMP_MS NULL,
    "TimeZone" VARCHAR NULL,
    "UpdatedAt" TIMESTAMP_MS NOT NULL,
    CONSTRAINT "PK_ACM_BatchProgress" PRIMARY KEY ("EquipID"),
    CONSTRAINT "CK_ACM_BatchProgress_ConfigSignature" CHECK (length("ConfigSignature") <= 64),
    CONSTRAINT "CK_ACM_BatchProgress_TimeZone" CHECK (length("TimeZone") <= 64)
);

COMMENT ON TABLE "ACM_BatchProgress" IS 'Watermark of each machine; it moves in the transaction that publishes the data';

COMMENT ON COLUMN "ACM_BatchProgress"."EquipID" IS 'Machine (Equipment.EquipID)';

COMMENT ON COLUMN "ACM_BatchProgress"."LastBatchEndTime" IS 'End of the last complete window, UTC; the next run starts here';

COMMENT ON COLUMN "ACM_BatchProgress"."BatchesCompleted" IS 'Complete windows published, NOOP windows included';

COMMENT ON COLUMN "ACM_BatchProgress"."TickMinutes" IS 'Length of a window, minutes';

COMMENT ON COLUMN "ACM_BatchProgress"."ConfigSignature" IS 'Settings the rows were made with';

COMMENT ON COLUMN "ACM_BatchProgress"."ModelVersion" IS 'Models in use';

COMMENT ON COLUMN "ACM_BatchProgress"."ColdstartComplete" IS 'Whether models exist';

COMMENT ON COLUMN "ACM_BatchProgress"."DataMin" IS 'Start of the history to backfill, UTC';

COMMENT ON COLUMN "ACM_BatchProgress"."DataMax" IS 'Newest reading known, UTC';

COMMENT ON COLUMN "ACM_BatchProgress"."TimeZone" IS 'Time zone of the local days of the rows; NULL: an earlier version wrote them';

COMMENT ON COLUMN "ACM_BatchProgress"."UpdatedAt" IS 'When the row was written, UTC';

CREATE TABLE IF NOT EXISTS "ACM_ReadingFingerprints" (
    "EquipID" INTEGER NOT NULL,
    "Day" TIMESTAMP_MS NOT NULL,
    "ReadingCount" BIGINT NOT NULL,
    "RowsHash" BIGINT NOT NULL,
    "HashProbe" BIGINT NOT NULL,
    "ModelVersion" INTEGER NOT NULL,
    "ScoredUntil" TIMESTAMP_MS NOT NULL,
    "PresentCount" BIGINT NULL,
    "FoundAt" TIMESTAMP_MS NULL,
    CONSTRAINT "PK_ACM_ReadingFingerprints" PRIMARY KEY ("EquipID", "Day")
);

COMMENT ON TABLE "ACM_ReadingFingerprints" IS 'Fingerprint per day of the readings that were scored; the backfill compares the historian with it';

COMMENT ON COLUMN "ACM_ReadingFingerprints"."EquipID" IS 'Machine (Equipment.EquipID)';

COMMENT ON COLUMN "ACM_ReadingFingerprints"."Day" IS 'UTC day, as the time at which it starts';

COMMENT ON COLUMN "ACM_ReadingFingerprints"."ReadingCount" IS 'Readings of the day that were scored, duplicates of a time included';

COMMENT ON COLUMN "ACM_ReadingFingerprints"."RowsHash" IS 'Hash of the times and values of these readings, whatever their order';

COMMENT ON COLUMN "ACM_ReadingFingerprints"."HashProbe" IS 'Hash of a constant row; hashes with another probe cannot be compared';

COMMENT ON COLUMN "ACM_ReadingFingerprints"."ModelVersion" IS 'Models that scored the day; the hash covers their tags';

COMMENT ON COLUMN "ACM_ReadingFingerprints"."ScoredUntil" IS 'End of the windows that the row covers, at most the end of the day, UTC';

COMMENT ON COLUMN "ACM_ReadingFingerprints"."PresentCount" IS 'Readings of the day in the historian when a change was found; NULL: no change';

COMMENT ON COLUMN "ACM_ReadingFingerprints"."FoundAt" IS 'When the change was found, UTC; NULL: no change';

CREATE TABLE IF NOT EXISTS "ACM_HistorianChecks" (
    "EquipID" INTEGER NOT NULL,
    "HistoryStart" TIMESTAMP_MS NOT NULL,
    "SkippedReadings" BIGINT NOT NULL,
    "ComparedAt" TIMESTAMP_MS NOT NULL,
    CONSTRAINT "PK_ACM_HistorianChecks" PRIMARY KEY ("EquipID")
);

COMMENT ON TABLE "ACM_HistorianChecks" IS 'Start of the scored history, and the last comparison of all its days with the historian; one row per machine';

COMMENT ON COLUMN "ACM_HistorianChecks"."EquipID" IS 'Machine (Equipment.EquipID)';

COMMENT ON COLUMN "ACM_HistorianChecks"."HistoryStart" IS 'Start of the first window, UTC';

COMMENT ON COLUMN "ACM_HistorianChecks"."SkippedReadings" IS 'Readings before HistoryStart when the history began: left out by --from';

COMMENT ON COLUMN "ACM_HistorianChecks"."ComparedAt" IS 'When all days were last compared, UTC';

CREATE TABLE IF NOT EXISTS "ACM_EpisodeNotes" (
    "EquipID" INTEGER NOT NULL,
    "StartTs" TIMESTAMP_MS NOT NULL,
    "NoteID" UUID NOT NULL,
    "EndTs" TIMESTAMP_MS NOT NULL,
    "Action" VARCHAR NOT NULL,
    "NoteText" VARCHAR NULL,
    "Label" VARCHAR NULL,
    "Severity" VARCHAR NOT NULL,
    "CreatedAt" TIMESTAMP_MS NOT NULL,
    "CreatedBy" VARCHAR NOT NULL,
    CONSTRAINT "PK_ACM_EpisodeNotes" PRIMARY KEY ("EquipID", "StartTs", "NoteID"),
    CONSTRAINT "CK_ACM_EpisodeNotes_Action" CHECK ("Action" IN ('ack', 'note', 'cause')),
    CONSTRAINT "CK_ACM_EpisodeNotes_NoteText" CHECK (length("NoteText") <= 1000),
    CONSTRAINT "CK_ACM_EpisodeNotes_Label" CHECK ("Label" IN ('fault', 'sensor', 'operation', 'maintenance', 'false_alarm')),
    CONSTRAINT "CK_ACM_EpisodeNotes_Severity" CHECK ("Severity" IN ('LOW', 'MEDIUM', 'HIGH')),
    CONSTRAINT "CK_ACM_EpisodeNotes_CreatedBy" CHECK (length("CreatedBy") <= 100)
);

COMMENT ON TABLE "ACM_EpisodeNotes" IS 'What people recorded about episodes: one row per acknowledgement, note or cause; rows are only added';

COMMENT ON COLUMN "ACM_EpisodeNotes"."EquipID" IS 'Machine (Equipment.EquipID)';

COMMENT ON COLUMN "ACM_EpisodeNotes"."StartTs" IS 'Start of the episode when the row was written, UTC';

COMMENT ON COLUMN "ACM_EpisodeNotes"."NoteID" IS 'Random number of the row';

COMMENT ON COLUMN "ACM_EpisodeNotes"."EndTs" IS 'Last reading of the episode when the row was written, UTC';

COMMENT ON COLUMN "ACM_EpisodeNotes"."Action" IS 'ack: somebody knows of the alarm; note: a remark; cause: why it came about';

COMMENT ON COLUMN "ACM_EpisodeNotes"."NoteText" IS 'Remark or cause; NULL for an acknowledgement without words';

COMMENT ON COLUMN "ACM_EpisodeNotes"."Label" IS 'Kind of the cause, for training data; NULL unless cause';

COMMENT ON COLUMN "ACM_EpisodeNotes"."Severity" IS 'Severity of the episode when the row was written; an acknowledgement holds up to it';

COMMENT ON COLUMN "ACM_EpisodeNotes"."CreatedAt" IS 'When the row was written, UTC';

COMMENT ON COLUMN "ACM_EpisodeNotes"."CreatedBy" IS 'Person who wrote it';

CREATE TABLE IF NOT EXISTS "ACM_Failures" (
    "EquipID" INTEGER NOT NULL,
    "FailedAt" TIMESTAMP_MS NOT NULL,
    "Cause" VARCHAR NULL,
    "ImportedAt" TIMESTAMP_MS NOT NULL,
    "ImportedBy" VARCHAR NOT NULL,
    CONSTRAINT "PK_ACM_Failures" PRIMARY KEY ("EquipID", "FailedAt"),
    CONSTRAINT "CK_ACM_Failures_Cause" CHECK (length("Cause") <= 1000),
    CONSTRAINT "CK_ACM_Failures_ImportedBy" CHECK (length("ImportedBy") <= 100)
);

COMMENT ON TABLE "ACM_Failures" IS 'Failures of machines, imported from a maintenance system; an episode that one follows is labelled with it';

COMMENT ON COLUMN "ACM_Failures"."EquipID" IS 'Machine (Equipment.EquipID)';

COMMENT ON COLUMN "ACM_Failures"."FailedAt" IS 'Time of the failure, UTC';

COMMENT ON COLUMN "ACM_Failures"."Cause" IS 'Cause of the failure; NULL if the file names none';

COMMENT ON COLUMN "ACM_Failures"."ImportedAt" IS 'When the row was written, UTC';

COMMENT ON COLUMN "ACM_Failures"."ImportedBy" IS 'Person who imported it';

CREATE TABLE IF NOT EXISTS "ACM_Notifications" (
    "EquipID" INTEGER NOT NULL,
    "Event" VARCHAR NOT NULL,
    "EventKey" VARCHAR NOT NULL,
    "StartTs" TIMESTAMP_MS NOT NULL,
    "EndTs" TIMESTAMP_MS NOT NULL,
    "Severity" VARCHAR NULL,
    "PeakFusedZ" DOUBLE NULL,
    "Detail" VARCHAR NULL,
    "RecordedAt" TIMESTAMP_MS NOT NULL,
    "Attempts" INTEGER NOT NULL,
    "LastAttemptAt" TIMESTAMP_MS NULL,
    "LastError" VARCHAR NULL,
    "SentTo" VARCHAR NULL,
    "SentAt" TIMESTAMP_MS NULL,
    CONSTRAINT "PK_ACM_Notifications" PRIMARY KEY ("EquipID", "Event", "EventKey"),
    CONSTRAINT "CK_ACM_Notifications_Event" CHECK ("Event" IN ('episode_opened', 'episode_worsened', 'episode_closed', 'feed_silent', 'machine_failing', 'run_failed')),
    CONSTRAINT "CK_ACM_Notifications_EventKey" CHECK (length("EventKey") <= 100),
    CONSTRAINT "CK_ACM_Notifications_Severity" CHECK ("Severity" IN ('LOW', 'MEDIUM', 'HIGH')),
    CONSTRAINT "CK_ACM_Notifications_PeakFusedZ" CHECK (isfinite("PeakFusedZ")),
    CONSTRAINT "CK_ACM_Notifications_Detail" CHECK (length("Detail") <= 500),
    CONSTRAINT "CK_ACM_Notifications_LastError" CHECK (length("LastError") <= 500),
    CONSTRAINT "CK_ACM_Notifications_SentTo" CHECK (length("SentTo") <= 500)
);

COMMENT ON TABLE "ACM_Notifications" IS 'Events that messages are sent about: written together with their cause, sent after the commit';

COMMENT ON COLUMN "ACM_Notifications"."EquipID" IS 'Machine (Equipment.EquipID)';

COMMENT ON COLUMN "ACM_Notifications"."Event" IS 'Kind of event';

COMMENT ON COLUMN "ACM_Notifications"."EventKey" IS 'Start of the episode (and the severity it has risen to) or trend, newest reading, start of the window, or cause of a failure before a window';

COMMENT ON COLUMN "ACM_Notifications"."StartTs" IS 'Start of the episode, trend or window; newest reading of a silent feed; UTC';

COMMENT ON COLUMN "ACM_Notifications"."EndTs" IS 'Time up to which the event was known when it was recorded, UTC';

COMMENT ON COLUMN "ACM_Notifications"."Severity" IS 'Severity of the episode when the event was recorded';

COMMENT ON COLUMN "ACM_Notifications"."PeakFusedZ" IS 'Highest fused z of the episode when the event was recorded';

COMMENT ON COLUMN "ACM_Notifications"."Detail" IS 'Top sensors of the episode, or the error of the run';

COMMENT ON COLUMN "ACM_Notifications"."RecordedAt" IS 'When the event was recorded, UTC';

COMMENT ON COLUMN "ACM_Notifications"."Attempts" IS 'Attempts to send a message about it';

COMMENT ON COLUMN "ACM_Notifications"."LastAttemptAt" IS 'Time of the last attempt, UTC';

COMMENT ON COLUMN "ACM_Notifications"."LastError" IS 'Why the last attempt failed; NULL if it did not';

COMMENT ON COLUMN "ACM_Notifications"."SentTo" IS 'Targets that have accepted the message, by kind and number';

COMMENT ON COLUMN "ACM_Notifications"."SentAt" IS 'When all targets had accepted it, UTC; NULL: still to be sent';
