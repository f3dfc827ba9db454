-- Rendered from acm_etl/tables, schema version 2: do not edit.

-- sqlcmd -b -I -d <database> -i <this file>
SET ANSI_NULLS, ANSI_PADDING, ANSI_WARNINGS, ARITHABORT, CONCAT_NULL_YIELDS_NULL, QUOTED_IDENTIFIER ON;
SET NUMERIC_ROUNDABORT OFF;
IF DB_ID() <= 4
BEGIN
    PRINT N'This is a system database: nothing is done. Choose a database with sqlcmd -d.';
    SET NOEXEC ON;
END
GO

-- Three roles with the least permissions that each needs. Add people and services with
-- ALTER ROLE [acm_reader] ADD MEMBER [<user>].
--
--   acm_reader   dashboards, status, report: reads all tables and views
--   acm_loader   backfill, status, show, reset, episode, baseline: reads the historian, writes results, stages in the schema [stage]; no DDL
--   acm_admin    init, import, equipment: controls the schema [dbo] of this database; all permissions of acm_loader
--
-- Requires db_owner. Run this script again after historian tables are added, so that the roles can read them.
IF DATABASE_PRINCIPAL_ID(N'acm_reader') IS NULL
    CREATE ROLE [acm_reader] AUTHORIZATION [dbo];
GO

IF DATABASE_PRINCIPAL_ID(N'acm_loader') IS NULL
    CREATE ROLE [acm_loader] AUTHORIZATION [dbo];
GO

IF DATABASE_PRINCIPAL_ID(N'acm_admin') IS NULL
    CREATE ROLE [acm_admin] AUTHORIZATION [dbo];
GO

-- The schema [stage] has an owner of its own that may do nothing in [dbo]. If [dbo] owned both schemas, a trigger or view in
-- [stage] would reach every table of [dbo] by ownership chaining, whoever made it.
IF DATABASE_PRINCIPAL_ID(N'acm_stage_owner') IS NULL
    CREATE USER [acm_stage_owner] WITHOUT LOGIN;
GO

IF SCHEMA_ID(N'stage') IS NULL
    EXEC (N'CREATE SCHEMA [stage] AUTHORIZATION [acm_stage_owner]');
ELSE
    ALTER AUTHORIZATION ON SCHEMA::[stage] TO [acm_stage_owner];
GO

-- The owner runs the procedures below. It sees the columns of the tables in [dbo] and not their rows.
GRANT CREATE TABLE TO [acm_stage_owner];
GRANT VIEW DEFINITION ON SCHEMA::[dbo] TO [acm_stage_owner];
GO

-- Creates an empty staging table with the columns of a table of [dbo], for logins that may not create tables. A login with
-- DDL rights in [stage] could add a trigger to a staging table, and would run it with the rights of the next login that
-- stages rows there, an administrator's for example.
CREATE OR ALTER PROCEDURE [stage].[usp_ACM_CreateStagingTable]
    @Name sysname,
    @Table sysname,
    @WithKeyIndex BIT = 0
WITH EXECUTE AS OWNER
AS
BEGIN
    SET NOCOUNT ON;
    SET XACT_ABORT ON;
    DECLARE @object INT = OBJECT_ID(N'[dbo].' + QUOTENAME(@Table), N'U'), @columns NVARCHAR(MAX), @key NVARCHAR(MAX),
        @sql NVARCHAR(MAX);
    IF @Name NOT LIKE N'acm[_]%'
        THROW 50028, N'The name of a staging table begins with acm_.', 1;
    IF @object IS NULL
        THROW 50029, N'There is no such table in the schema dbo.', 1;
    SELECT @columns = STRING_AGG(
        CONVERT(NVARCHAR(MAX), QUOTENAME(c.name)) + N' ' + TYPE_NAME(c.system_type_id)
        + CASE
            WHEN TYPE_NAME(c.system_type_id) IN (N'nvarchar', N'varbinary') AND c.max_length = -1 THEN N'(MAX)'
            WHEN TYPE_NAME(c.system_type_id) = N'nvarchar' THEN CONCAT(N'(', c.max_length / 2, N')')
            WHEN TYPE_NAME(c.system_type_id) = N'varbinary' THEN CONCAT(N'(', c.max_length, N')')
            WHEN TYPE_NAME(c.system_type_id) = N'datetime2' THEN CONCAT(N'(', c.scale, N')')
            ELSE N''
        END
        + COALESCE(N' COLLATE ' + c.collation_name, N'')
        + CASE WHEN c.is_nullable = 1 THEN N' NULL' ELSE N' NOT NULL' END,
        N', '
    ) WITHIN GROUP (ORDER BY c.column_id)
    FROM sys.columns AS c
    WHERE c.object_id = @object AND c.is_computed = 0;
    SELECT @key = STRING_AGG(QUOTENAME(c.name), N', ') WITHIN GROUP (ORDER BY x.key_ordinal)
    FROM sys.indexes AS i
    INNER JOIN sys.index_columns AS x ON x.object_id = i.object_id AND x.index_id = i.index_id
    INNER JOIN sys.columns AS c ON c.object_id = x.object_id AND c.column_id = x.column_id
    WHERE i.object_id = @object AND i.is_primary_key = 1;
    SET @sql = CONCAT(
        N'DROP TABLE IF EXISTS [stage].', QUOTENAME(@Name), N'; CREATE TABLE [stage].', QUOTENAME(@Name), N' (', @columns, N');'
    );
    IF @WithKeyIndex = 1 AND @key IS NOT NULL
        SET @sql = CONCAT(
            @sql, N' CREATE UNIQUE CLUSTERED INDEX [IX_key] ON [stage].', QUOTENAME(@Name), N' (', @key, N');'
        );
    EXEC sys.sp_executesql @sql;
END;
GO

-- Creates the staging table that short frames of different tables share, for the same logins.
CREATE OR ALTER PROCEDURE [stage].[usp_ACM_CreateSharedStagingTable]
    @Name sysname
WITH EXECUTE AS OWNER
AS
BEGIN
    SET NOCOUNT ON;
    SET XACT_ABORT ON;
    DECLARE @sql NVARCHAR(MAX) = CONCAT(
        N'DROP TABLE IF EXISTS [stage].', QUOTENAME(@Name), N'; CREATE TABLE [stage].', QUOTENAME(@Name), N' (',
        CAST(N'
[TableName] NVARCHAR(128) COLLATE Latin1_General_100_BIN2 NOT NULL,
[RowNumber] INT NOT NULL,
[bool_1] BIT NULL,
[bytes_1] VARBINARY(MAX) NULL,
[f64_1] FLOAT(53) NULL,
[f64_2] FLOAT(53) NULL,
[f64_3] FLOAT(53) NULL,
[f64_4] FLOAT(53) NULL,
[f64_5] FLOAT(53) NULL,
[f64_6] FLOAT(53) NULL,
[f64_7] FLOAT(53) NULL,
[f64_8] FLOAT(53) NULL,
[f64_9] FLOAT(53) NULL,
[f64_10] FLOAT(53) NULL,
[f64_11] FLOAT(53) NULL,
[i32_1] INT NULL,
[i32_2] INT NULL,
[i32_3] INT NULL,
[i32_4] INT NULL,
[i64_1] BIGINT NULL,
[i64_2] BIGINT NULL,
[i64_3] BIGINT NULL,
[i64_4] BIGINT NULL,
[i64_5] BIGINT NULL,
[i64_6] BIGINT NULL,
[i64_7] BIGINT NULL,
[str_1] NVARCHAR(1000) COLLATE Latin1_General_100_BIN2 NULL,
[str_2] NVARCHAR(1000) COLLATE Latin1_General_100_BIN2 NULL,
[str_3] NVARCHAR(1000) COLLATE Latin1_General_100_BIN2 NULL,
[str_4] NVARCHAR(1000) COLLATE Latin1_General_100_BIN2 NULL,
[str_5] NVARCHAR(1000) COLLATE Latin1_General_100_BIN2 NULL,
[str_6] NVARCHAR(1000) COLLATE Latin1_General_100_BIN2 NULL,
[str_7] NVARCHAR(1000) COLLATE Latin1_General_100_BIN2 NULL,
[str_8] NVARCHAR(1000) COLLATE Latin1_General_100_BIN2 NULL,
[str_9] NVARCHAR(1000) COLLATE Latin1_General_100_BIN2 NULL,
[str_10] NVARCHAR(1000) COLLATE Latin1_General_100_BIN2 NULL,
[str_11] NVARCHAR(1000) COLLATE Latin1_General_100_BIN2 NULL,
[str_12] NVARCHAR(1000) COLLATE Latin1_General_100_BIN2 NULL,
[str_13] NVARCHAR(1000) COLLATE Latin1_General_100_BIN2 NULL,
[text_1] NVARCHAR(MAX) COLLATE Latin1_General_100_BIN2 NULL,
[text_2] NVARCHAR(MAX) COLLATE Latin1_General_100_BIN2 NULL,
[text_3] NVARCHAR(MAX) COLLATE Latin1_General_100_BIN2 NULL,
[ts3_1] DATETIME2(3) NULL,
[ts3_2] DATETIME2(3) NULL,
[ts3_3] DATETIME2(3) NULL,
[ts3_4] DATETIME2(3) NULL,
[ts3_5] DATETIME2(3) NULL,
[ts3_6] DATETIME2(3) NULL,
[ts3_7] DATETIME2(3) NULL,
[ts3_8] DATETIME2(3) NULL,
[uuid_1] UNIQUEIDENTIFIER NULL
' AS NVARCHAR(MAX)),
        N'); CREATE UNIQUE CLUSTERED INDEX [IX_key] ON [stage].', QUOTENAME(@Name), N' ([TableName], [RowNumber]);'
    );
    IF @Name NOT LIKE N'acm[_]%'
        THROW 50028, N'The name of a staging table begins with acm_.', 1;
    EXEC sys.sp_executesql @sql;
END;
GO

-- Empties a staging table that the session uses again.
CREATE OR ALTER PROCEDURE [stage].[usp_ACM_EmptyStagingTable]
    @Name sysname
WITH EXECUTE AS OWNER
AS
BEGIN
    SET NOCOUNT ON;
    DECLARE @sql NVARCHAR(MAX) = CONCAT(N'TRUNCATE TABLE [stage].', QUOTENAME(@Name));
    IF @Name NOT LIKE N'acm[_]%'
        THROW 50028, N'The name of a staging table begins with acm_.', 1;
    EXEC sys.sp_executesql @sql;
END;
GO

CREATE OR ALTER PROCEDURE [stage].[usp_ACM_DropStagingTable]
    @Name sysname
WITH EXECUTE AS OWNER
AS
BEGIN
    SET NOCOUNT ON;
    DECLARE @sql NVARCHAR(MAX) = CONCAT(N'DROP TABLE IF EXISTS [stage].', QUOTENAME(@Name));
    IF @Name NOT LIKE N'acm[_]%'
        THROW 50028, N'The name of a staging table begins with acm_.', 1;
    EXEC sys.sp_executesql @sql;
END;
GO

GRANT SELECT ON [dbo].[Equipment] TO [acm_loader];
GRANT SELECT ON [dbo].[Equipment] TO [acm_reader];
GRANT SELECT ON [dbo].[ACM_TagEquipmentMap] TO [acm_loader];
GRANT SELECT ON [dbo].[ACM_TagEquipmentMap] TO [acm_reader];
GRANT SELECT ON [dbo].[ACM_Config] TO [acm_loader];
GRANT SELECT ON [dbo].[ACM_Config] TO [acm_reader];
GRANT SELECT ON [dbo].[ACM_ConfigHistory] TO [acm_loader];
GRANT SELECT ON [dbo].[ACM_ConfigHistory] TO [acm_reader];
GRANT SELECT ON [dbo].[ACM_DetectorMetadata] TO [acm_loader];
GRANT SELECT ON [dbo].[ACM_DetectorMetadata] TO [acm_reader];
GRANT SELECT ON [dbo].[ACM_Sources] TO [acm_loader];
GRANT SELECT ON [dbo].[ACM_Sources] TO [acm_reader];
GRANT SELECT ON [dbo].[ACM_SchemaVersion] TO [acm_loader];
GRANT SELECT ON [dbo].[ACM_SchemaVersion] TO [acm_reader];
GRANT SELECT, INSERT, UPDATE, DELETE ON [dbo].[RunLog] TO [acm_loader];
GRANT SELECT ON [dbo].[RunLog] TO [acm_reader];
GRANT SELECT, INSERT, UPDATE, DELETE ON [dbo].[ACM_Runs] TO [acm_loader];
GRANT SELECT ON [dbo].[ACM_Runs] TO [acm_reader];
GRANT SELECT, INSERT, UPDATE, DELETE ON [dbo].[ACM_Run_Stats] TO [acm_loader];
GRANT SELECT ON [dbo].[ACM_Run_Stats] TO [acm_reader];
GRANT SELECT, INSERT, UPDATE, DELETE ON [dbo].[ACM_RunErrors] TO [acm_loader];
GRANT SELECT ON [dbo].[ACM_RunErrors] TO [acm_reader];
GRANT SELECT, INSERT, UPDATE, DELETE ON [dbo].[ACM_WriteMetrics] TO [acm_loader];
GRANT SELECT ON [dbo].[ACM_WriteMetrics] TO [acm_reader];
GRANT SELECT, INSERT, UPDATE, DELETE ON [dbo].[ACM_DataQualityEvents] TO [acm_loader];
GRANT SELECT ON [dbo].[ACM_DataQualityEvents] TO [acm_reader];
GRANT SELECT, INSERT, UPDATE, DELETE ON [dbo].[ACM_ColdstartState] TO [acm_loader];
GRANT SELECT ON [dbo].[ACM_ColdstartState] TO [acm_reader];
GRANT SELECT, INSERT, UPDATE, DELETE ON [dbo].[ModelRegistry] TO [acm_loader];
GRANT SELECT ON [dbo].[ModelRegistry] TO [acm_reader];
GRANT SELECT, INSERT, UPDATE, DELETE ON [dbo].[ACM_State] TO [acm_loader];
GRANT SELECT ON [dbo].[ACM_State] TO [acm_reader];
GRANT SELECT, INSERT, UPDATE, DELETE ON [dbo].[ACM_RefitRequests] TO [acm_loader];
GRANT SELECT ON [dbo].[ACM_RefitRequests] TO [acm_reader];
GRANT SELECT, INSERT, UPDATE, DELETE ON [dbo].[ACM_Baselines] TO [acm_loader];
GRANT SELECT ON [dbo].[ACM_Baselines] TO [acm_reader];
GRANT SELECT, INSERT, UPDATE, DELETE ON [dbo].[ACM_BatchProgress] TO [acm_loader];
GRANT SELECT ON [dbo].[ACM_BatchProgress] TO [acm_reader];
GRANT SELECT, INSERT, UPDATE, DELETE ON [dbo].[ACM_ReadingFingerprints] TO [acm_loader];
GRANT SELECT ON [dbo].[ACM_ReadingFingerprints] TO [acm_reader];
GRANT SELECT, INSERT, UPDATE, DELETE ON [dbo].[ACM_HistorianChecks] TO [acm_loader];
GRANT SELECT ON [dbo].[ACM_HistorianChecks] TO [acm_reader];
GRANT SELECT, INSERT, UPDATE, DELETE ON [dbo].[ACM_EpisodeNotes] TO [acm_loader];
GRANT SELECT ON [dbo].[ACM_EpisodeNotes] TO [acm_reader];
GRANT SELECT, INSERT, UPDATE, DELETE ON [dbo].[ACM_Failures] TO [acm_loader];
GRANT SELECT ON [dbo].[ACM_Failures] TO [acm_reader];
GRANT SELECT, INSERT, UPDATE, DELETE ON [dbo].[ACM_Notifications] TO [acm_loader];
GRANT SELECT ON [dbo].[ACM_Notifications] TO [acm_reader];
GRANT SELECT, INSERT, UPDATE, DELETE ON [dbo].[ACM_Scores_Wide] TO [acm_loader];
GRANT SELECT ON [dbo].[ACM_Scores_Wide] TO [acm_reader];
GRANT SELECT, INSERT, UPDATE, DELETE ON [dbo].[ACM_ContributionTimeline] TO [acm_loader];
GRANT SELECT ON [dbo].[ACM_ContributionTimeline] TO [acm_reader];
GRANT SELECT, INSERT, UPDATE, DELETE ON [dbo].[ACM_SensorHotspotTimeline] TO [acm_loader];
GRANT SELECT ON [dbo].[ACM_SensorHotspotTimeline] TO [acm_reader];
GRANT SELECT, INSERT, UPDATE, DELETE ON [dbo].[ACM_SensorDrift] TO [acm_loader];
GRANT SELECT ON [dbo].[ACM_SensorDrift] TO [acm_reader];
GRANT SELECT, INSERT, UPDATE, DELETE ON [dbo].[ACM_Episodes] TO [acm_loader];
GRANT SELECT ON [dbo].[ACM_Episodes] TO [acm_reader];
GRANT SELECT, INSERT, UPDATE, DELETE ON [dbo].[ACM_EpisodeCulprits] TO [acm_loader];
GRANT SELECT ON [dbo].[ACM_EpisodeCulprits] TO [acm_reader];
GRANT SELECT, INSERT, UPDATE, DELETE ON [dbo].[ACM_ThresholdCrossings] TO [acm_loader];
GRANT SELECT ON [dbo].[ACM_ThresholdCrossings] TO [acm_reader];
GRANT SELECT, INSERT, UPDATE, DELETE ON [dbo].[ACM_DefectTimeline] TO [acm_loader];
GRANT SELECT ON [dbo].[ACM_DefectTimeline] TO [acm_reader];
GRANT SELECT, INSERT, UPDATE, DELETE ON [dbo].[ACM_DriftEvents] TO [acm_loader];
GRANT SELECT ON [dbo].[ACM_DriftEvents] TO [acm_reader];
GRANT SELECT, INSERT, UPDATE, DELETE ON [dbo].[ACM_Regime_Episodes] TO [acm_loader];
GRANT SELECT ON [dbo].[ACM_Regime_Episodes] TO [acm_reader];
GRANT SELECT, INSERT, UPDATE, DELETE ON [dbo].[ACM_AlertAge] TO [acm_loader];
GRANT SELECT ON [dbo].[ACM_AlertAge] TO [acm_reader];
GRANT SELECT, INSERT, UPDATE, DELETE ON [dbo].[ACM_SensorDaily] TO [acm_loader];
GRANT SELECT ON [dbo].[ACM_SensorDaily] TO [acm_reader];
GRANT SELECT, INSERT, UPDATE, DELETE ON [dbo].[ACM_SensorHotspots] TO [acm_loader];
GRANT SELECT ON [dbo].[ACM_SensorHotspots] TO [acm_reader];
GRANT SELECT, INSERT, UPDATE, DELETE ON [dbo].[ACM_DataQuality] TO [acm_loader];
GRANT SELECT ON [dbo].[ACM_DataQuality] TO [acm_reader];
GRANT SELECT, INSERT, UPDATE, DELETE ON [dbo].[ACM_DefectSummary] TO [acm_loader];
GRANT SELECT ON [dbo].[ACM_DefectSummary] TO [acm_reader];
GRANT SELECT, INSERT, UPDATE, DELETE ON [dbo].[ACM_EpisodeMetrics] TO [acm_loader];
GRANT SELECT ON [dbo].[ACM_EpisodeMetrics] TO [acm_reader];
GRANT SELECT, INSERT, UPDATE, DELETE ON [dbo].[ACM_RegimeOccupancy] TO [acm_loader];
GRANT SELECT ON [dbo].[ACM_RegimeOccupancy] TO [acm_reader];
GRANT SELECT, INSERT, UPDATE, DELETE ON [dbo].[ACM_RegimeTransitions] TO [acm_loader];
GRANT SELECT ON [dbo].[ACM_RegimeTransitions] TO [acm_reader];
GRANT SELECT, INSERT, UPDATE, DELETE ON [dbo].[ACM_CalibrationSummary] TO [acm_loader];
GRANT SELECT ON [dbo].[ACM_CalibrationSummary] TO [acm_reader];
GRANT SELECT, INSERT, UPDATE, DELETE ON [dbo].[ACM_ModelTags] TO [acm_loader];
GRANT SELECT ON [dbo].[ACM_ModelTags] TO [acm_reader];
GRANT SELECT, INSERT, UPDATE, DELETE ON [dbo].[ACM_HealthDaily] TO [acm_loader];
GRANT SELECT ON [dbo].[ACM_HealthDaily] TO [acm_reader];
GRANT SELECT, INSERT, UPDATE, DELETE ON [dbo].[ACM_DetectorDaily] TO [acm_loader];
GRANT SELECT ON [dbo].[ACM_DetectorDaily] TO [acm_reader];
GRANT SELECT, INSERT, UPDATE, DELETE ON [dbo].[ACM_SinceWhen] TO [acm_loader];
GRANT SELECT ON [dbo].[ACM_SinceWhen] TO [acm_reader];
GRANT SELECT, INSERT, UPDATE, DELETE ON [dbo].[ACM_SensorDefects] TO [acm_loader];
GRANT SELECT ON [dbo].[ACM_SensorDefects] TO [acm_reader];
GRANT SELECT, INSERT, UPDATE, DELETE ON [dbo].[ACM_SensorRanking] TO [acm_loader];
GRANT SELECT ON [dbo].[ACM_SensorRanking] TO [acm_reader];
GRANT SELECT, INSERT, UPDATE, DELETE ON [dbo].[ACM_DetectorCorrelation] TO [acm_loader];
GRANT SELECT ON [dbo].[ACM_DetectorCorrelation] TO [acm_reader];
GRANT SELECT, INSERT, UPDATE, DELETE ON [dbo].[ACM_HealthHistogram] TO [acm_loader];
GRANT SELECT ON [dbo].[ACM_HealthHistogram] TO [acm_reader];
GRANT SELECT, INSERT, UPDATE, DELETE ON [dbo].[ACM_RegimeDwellStats] TO [acm_loader];
GRANT SELECT ON [dbo].[ACM_RegimeDwellStats] TO [acm_reader];
GRANT SELECT, INSERT, UPDATE, DELETE ON [dbo].[ACM_RegimeStability] TO [acm_loader];
GRANT SELECT ON [dbo].[ACM_RegimeStability] TO [acm_reader];
GRANT SELECT, INSERT, UPDATE, DELETE ON [dbo].[ACM_PCA_Models] TO [acm_loader];
GRANT SELECT ON [dbo].[ACM_PCA_Models] TO [acm_reader];
GRANT SELECT, INSERT, UPDATE, DELETE ON [dbo].[ACM_PCA_Loadings] TO [acm_loader];
GRANT SELECT ON [dbo].[ACM_PCA_Loadings] TO [acm_reader];
GRANT SELECT, INSERT, UPDATE, DELETE ON [dbo].[ACM_PCA_Metrics] TO [acm_loader];
GRANT SELECT ON [dbo].[ACM_PCA_Metrics] TO [acm_reader];
GRANT SELECT, INSERT, UPDATE, DELETE ON [dbo].[ACM_OMR_Diagnostics] TO [acm_loader];
GRANT SELECT ON [dbo].[ACM_OMR_Diagnostics] TO [acm_reader];
GRANT SELECT, INSERT, UPDATE, DELETE ON [dbo].[ACM_HealthForecast_TS] TO [acm_loader];
GRANT SELECT ON [dbo].[ACM_HealthForecast_TS] TO [acm_reader];
GRANT SELECT, INSERT, UPDATE, DELETE ON [dbo].[ACM_FailureForecast_TS] TO [acm_loader];
GRANT SELECT ON [dbo].[ACM_FailureForecast_TS] TO [acm_reader];
GRANT SELECT, INSERT, UPDATE, DELETE ON [dbo].[ACM_RUL_Summary] TO [acm_loader];
GRANT SELECT ON [dbo].[ACM_RUL_Summary] TO [acm_reader];
GRANT SELECT, INSERT, UPDATE, DELETE ON [dbo].[ACM_RUL_Attribution] TO [acm_loader];
GRANT SELECT ON [dbo].[ACM_RUL_Attribution] TO [acm_reader];
GRANT SELECT, INSERT, UPDATE, DELETE ON [dbo].[ACM_SensorForecast_TS] TO [acm_loader];
GRANT SELECT ON [dbo].[ACM_SensorForecast_TS] TO [acm_reader];
GRANT SELECT, INSERT, UPDATE, DELETE ON [dbo].[ACM_MaintenanceRecommendation] TO [acm_loader];
GRANT SELECT ON [dbo].[ACM_MaintenanceRecommendation] TO [acm_reader];
GRANT SELECT ON [dbo].[ACM_HealthTimeline] TO [acm_loader];
GRANT SELECT ON [dbo].[ACM_HealthTimeline] TO [acm_reader];
GRANT SELECT ON [dbo].[ACM_RegimeTimeline] TO [acm_loader];
GRANT SELECT ON [dbo].[ACM_RegimeTimeline] TO [acm_reader];
GRANT SELECT ON [dbo].[ACM_CulpritHistory] TO [acm_loader];
GRANT SELECT ON [dbo].[ACM_CulpritHistory] TO [acm_reader];
GRANT SELECT ON [dbo].[ACM_DriftSeries] TO [acm_loader];
GRANT SELECT ON [dbo].[ACM_DriftSeries] TO [acm_reader];
GRANT SELECT ON [dbo].[ACM_RunHistory] TO [acm_loader];
GRANT SELECT ON [dbo].[ACM_RunHistory] TO [acm_reader];
GRANT SELECT ON [dbo].[ACM_RunColumns] TO [acm_loader];
GRANT SELECT ON [dbo].[ACM_RunColumns] TO [acm_reader];
GRANT SELECT ON [dbo].[ACM_LocalTime] TO [acm_loader];
GRANT SELECT ON [dbo].[ACM_LocalTime] TO [acm_reader];
GRANT SELECT ON [dbo].[ACM_EpisodesLocal] TO [acm_loader];
GRANT SELECT ON [dbo].[ACM_EpisodesLocal] TO [acm_reader];
GRANT SELECT ON [dbo].[ACM_LatestRun] TO [acm_loader];
GRANT SELECT ON [dbo].[ACM_LatestRun] TO [acm_reader];
GRANT SELECT ON [dbo].[ACM_HealthTimeline_Latest] TO [acm_loader];
GRANT SELECT ON [dbo].[ACM_HealthTimeline_Latest] TO [acm_reader];
GRANT SELECT ON [dbo].[ACM_BatchStatus] TO [acm_loader];
GRANT SELECT ON [dbo].[ACM_BatchStatus] TO [acm_reader];
GRANT SELECT ON [dbo].[ACM_RUL_TS] TO [acm_loader];
GRANT SELECT ON [dbo].[ACM_RUL_TS] TO [acm_reader];
GRANT SELECT ON [dbo].[ACM_EnhancedFailureProbability_TS] TO [acm_loader];
GRANT SELECT ON [dbo].[ACM_EnhancedFailureProbability_TS] TO [acm_reader];
GRANT SELECT ON [dbo].[ACM_EnhancedMaintenanceRecommendation] TO [acm_loader];
GRANT SELECT ON [dbo].[ACM_EnhancedMaintenanceRecommendation] TO [acm_reader];
GRANT SELECT ON [dbo].[ACM_FailureCausation] TO [acm_loader];
GRANT SELECT ON [dbo].[ACM_FailureCausation] TO [acm_reader];
GRANT SELECT ON [dbo].[ACM_RecommendedActions] TO [acm_loader];
GRANT SELECT ON [dbo].[ACM_RecommendedActions] TO [acm_reader];
GRANT SELECT ON [dbo].[ACM_Scores_Long] TO [acm_loader];
GRANT SELECT ON [dbo].[ACM_Scores_Long] TO [acm_reader];
GRANT SELECT ON [dbo].[ACM_Drift_TS] TO [acm_loader];
GRANT SELECT ON [dbo].[ACM_Drift_TS] TO [acm_reader];
GRANT SELECT ON [dbo].[ACM_Anomaly_Events] TO [acm_loader];
GRANT SELECT ON [dbo].[ACM_Anomaly_Events] TO [acm_reader];
GRANT SELECT ON [dbo].[ACM_EpisodeDiagnostics] TO [acm_loader];
GRANT SELECT ON [dbo].[ACM_EpisodeDiagnostics] TO [acm_reader];
GRANT SELECT ON [dbo].[ACM_ContributionCurrent] TO [acm_loader];
GRANT SELECT ON [dbo].[ACM_ContributionCurrent] TO [acm_reader];
GRANT SELECT ON [dbo].[ACM_HealthZoneByPeriod] TO [acm_loader];
GRANT SELECT ON [dbo].[ACM_HealthZoneByPeriod] TO [acm_reader];
GRANT SELECT ON [dbo].[ACM_SensorAnomalyByPeriod] TO [acm_loader];
GRANT SELECT ON [dbo].[ACM_SensorAnomalyByPeriod] TO [acm_reader];
GRANT SELECT ON [dbo].[ACM_BaselineBuffer] TO [acm_loader];
GRANT SELECT ON [dbo].[ACM_BaselineBuffer] TO [acm_reader];
GRANT SELECT ON [dbo].[ACM_FeatureDropLog] TO [acm_loader];
GRANT SELECT ON [dbo].[ACM_FeatureDropLog] TO [acm_reader];
GRANT SELECT ON [dbo].[Runs] TO [acm_loader];
GRANT SELECT ON [dbo].[Runs] TO [acm_reader];
GRANT SELECT ON [dbo].[ACM_AlertAge_Latest] TO [acm_loader];
GRANT SELECT ON [dbo].[ACM_AlertAge_Latest] TO [acm_reader];
GRANT SELECT ON [dbo].[ACM_SensorDrift_Latest] TO [acm_loader];
GRANT SELECT ON [dbo].[ACM_SensorDrift_Latest] TO [acm_reader];
GRANT SELECT ON [dbo].[ACM_DriftEventsLocal] TO [acm_loader];
GRANT SELECT ON [dbo].[ACM_DriftEventsLocal] TO [acm_reader];
GRANT SELECT ON [dbo].[ACM_SensorDaily_Latest] TO [acm_loader];
GRANT SELECT ON [dbo].[ACM_SensorDaily_Latest] TO [acm_reader];
GRANT SELECT ON [dbo].[ACM_SensorHotspots_Latest] TO [acm_loader];
GRANT SELECT ON [dbo].[ACM_SensorHotspots_Latest] TO [acm_reader];
GRANT SELECT ON [dbo].[ACM_DataQuality_Latest] TO [acm_loader];
GRANT SELECT ON [dbo].[ACM_DataQuality_Latest] TO [acm_reader];
GRANT SELECT ON [dbo].[ACM_DefectSummary_Latest] TO [acm_loader];
GRANT SELECT ON [dbo].[ACM_DefectSummary_Latest] TO [acm_reader];
GRANT SELECT ON [dbo].[ACM_EpisodeMetrics_Latest] TO [acm_loader];
GRANT SELECT ON [dbo].[ACM_EpisodeMetrics_Latest] TO [acm_reader];
GRANT SELECT ON [dbo].[ACM_RegimeOccupancy_Latest] TO [acm_loader];
GRANT SELECT ON [dbo].[ACM_RegimeOccupancy_Latest] TO [acm_reader];
GRANT SELECT ON [dbo].[ACM_RegimeTransitions_Latest] TO [acm_loader];
GRANT SELECT ON [dbo].[ACM_RegimeTransitions_Latest] TO [acm_reader];
GRANT SELECT ON [dbo].[ACM_HealthDaily_Latest] TO [acm_loader];
GRANT SELECT ON [dbo].[ACM_HealthDaily_Latest] TO [acm_reader];
GRANT SELECT ON [dbo].[ACM_DetectorDaily_Latest] TO [acm_loader];
GRANT SELECT ON [dbo].[ACM_DetectorDaily_Latest] TO [acm_reader];
GRANT SELECT ON [dbo].[ACM_SinceWhen_Latest] TO [acm_loader];
GRANT SELECT ON [dbo].[ACM_SinceWhen_Latest] TO [acm_reader];
GRANT SELECT ON [dbo].[ACM_SensorDefects_Latest] TO [acm_loader];
GRANT SELECT ON [dbo].[ACM_SensorDefects_Latest] TO [acm_reader];
GRANT SELECT ON [dbo].[ACM_SensorRanking_Latest] TO [acm_loader];
GRANT SELECT ON [dbo].[ACM_SensorRanking_Latest] TO [acm_reader];
GRANT SELECT ON [dbo].[ACM_DetectorCorrelation_Latest] TO [acm_loader];
GRANT SELECT ON [dbo].[ACM_DetectorCorrelation_Latest] TO [acm_reader];
GRANT SELECT ON [dbo].[ACM_HealthHistogram_Latest] TO [acm_loader];
GRANT SELECT ON [dbo].[ACM_HealthHistogram_Latest] TO [acm_reader];
GRANT SELECT ON [dbo].[ACM_RegimeDwellStats_Latest] TO [acm_loader];
GRANT SELECT ON [dbo].[ACM_RegimeDwellStats_Latest] TO [acm_reader];
GRANT SELECT ON [dbo].[ACM_RegimeStability_Latest] TO [acm_loader];
GRANT SELECT ON [dbo].[ACM_RegimeStability_Latest] TO [acm_reader];
GRANT SELECT ON [dbo].[ACM_HealthForecast_TS_Latest] TO [acm_loader];
GRANT SELECT ON [dbo].[ACM_HealthForecast_TS_Latest] TO [acm_reader];
GRANT SELECT ON [dbo].[ACM_FailureForecast_TS_Latest] TO [acm_loader];
GRANT SELECT ON [dbo].[ACM_FailureForecast_TS_Latest] TO [acm_reader];
GRANT SELECT ON [dbo].[ACM_RUL_Summary_Latest] TO [acm_loader];
GRANT SELECT ON [dbo].[ACM_RUL_Summary_Latest] TO [acm_reader];
GRANT SELECT ON [dbo].[ACM_RUL_Attribution_Latest] TO [acm_loader];
GRANT SELECT ON [dbo].[ACM_RUL_Attribution_Latest] TO [acm_reader];
GRANT SELECT ON [dbo].[ACM_SensorForecast_TS_Latest] TO [acm_loader];
GRANT SELECT ON [dbo].[ACM_SensorForecast_TS_Latest] TO [acm_reader];
GRANT SELECT ON [dbo].[ACM_MaintenanceRecommendation_Latest] TO [acm_loader];
GRANT SELECT ON [dbo].[ACM_MaintenanceRecommendation_Latest] TO [acm_reader];
GRANT SELECT ON [dbo].[ACM_RUL_TS_Latest] TO [acm_loader];
GRANT SELECT ON [dbo].[ACM_RUL_TS_Latest] TO [acm_reader];
GRANT SELECT ON [dbo].[DimMachine] TO [acm_loader];
GRANT SELECT ON [dbo].[DimMachine] TO [acm_reader];
GRANT SELECT ON [dbo].[DimTag] TO [acm_loader];
GRANT SELECT ON [dbo].[DimTag] TO [acm_reader];
GRANT SELECT ON [dbo].[DimDate] TO [acm_loader];
GRANT SELECT ON [dbo].[DimDate] TO [acm_reader];
GRANT SELECT ON [dbo].[FactHealthDaily] TO [acm_loader];
GRANT SELECT ON [dbo].[FactHealthDaily] TO [acm_reader];
GRANT SELECT ON [dbo].[FactEpisodes] TO [acm_loader];
GRANT SELECT ON [dbo].[FactEpisodes] TO [acm_reader];
GRANT SELECT ON [dbo].[FactSensorDaily] TO [acm_loader];
GRANT SELECT ON [dbo].[FactSensorDaily] TO [acm_reader];
GRANT SELECT ON [dbo].[ACM_TimeZones] TO [acm_loader];
GRANT SELECT ON [dbo].[ACM_TimeZones] TO [acm_reader];
GO

-- Earlier versions of this script gave acm_loader DDL rights, and the right to declare sources; a second run takes them back.
REVOKE INSERT, UPDATE, DELETE ON [dbo].[ACM_Sources] FROM [acm_loader];
REVOKE INSERT, UPDATE, DELETE ON [dbo].[ACM_ConfigHistory] FROM [acm_loader];
REVOKE INSERT, UPDATE, DELETE ON [dbo].[ACM_DetectorMetadata] FROM [acm_loader];
REVOKE CREATE TABLE FROM [acm_loader];
REVOKE ALTER, UPDATE, DELETE ON SCHEMA::[stage] FROM [acm_loader];
GRANT SELECT, INSERT, EXECUTE ON SCHEMA::[stage] TO [acm_loader];
GO

GRANT CREATE TABLE TO [acm_admin];
GRANT CREATE VIEW TO [acm_admin];
GRANT CREATE PROCEDURE TO [acm_admin];
GRANT CONTROL ON SCHEMA::[dbo] TO [acm_admin];
GRANT CONTROL ON SCHEMA::[stage] TO [acm_admin];
GO

-- The historian tables of the registered machines.
DECLARE @grants NVARCHAR(MAX) = (
    SELECT STRING_AGG(
        CAST(
            N'GRANT SELECT ON [dbo].' + QUOTENAME(e.[HistorianTable]) + N' TO [acm_loader], [acm_reader]' AS NVARCHAR(MAX)
        ),
        N';' + NCHAR(10)
    )
    FROM [dbo].[Equipment] AS e
    WHERE OBJECT_ID(N'[dbo].' + QUOTENAME(e.[HistorianTable])) IS NOT NULL
);
IF @grants IS NOT NULL
    EXEC sys.sp_executesql @grants;
GO

IF EXISTS (SELECT 1 FROM (VALUES (N'[stage].[usp_ACM_CreateStagingTable]'), (N'[stage].[usp_ACM_CreateSharedStagingTable]'), (N'[stage].[usp_ACM_EmptyStagingTable]'), (N'[stage].[usp_ACM_DropStagingTable]')) AS o (name) WHERE OBJECT_ID(o.name) IS NULL)
    THROW 50000, N'Some objects of this script are missing: it is not recorded as applied. Run it with sqlcmd -b.', 1;
DELETE FROM [dbo].[ACM_SchemaVersion] WHERE [Version] = 2 AND [Name] = N'007_roles.sql';
INSERT INTO [dbo].[ACM_SchemaVersion] ([Version], [Name], [Hash], [AppliedAt])
VALUES (2, N'007_roles.sql', N'df67f4ee13ff3e92766965f515a56a97d18f873772ee951cc3775ee52ef2156a', SYSUTCDATETIME())
GO
