-- Migration from ACM V8, step 2: move the tables and procedures of V8 to the schema [v8]. The historian tables
-- (<code>_Data) stay. V8 no longer runs after this step: stop it first.
--
--     sqlcmd -b -I -d <V8 database> -i 002_set_aside.sql
--
-- By default the script only lists the objects. To move them, set @Apply to 1 and run the script again. To undo:
-- ALTER SCHEMA [dbo] TRANSFER [v8].[<name>].
SET ANSI_NULLS, ANSI_PADDING, ANSI_WARNINGS, ARITHABORT, CONCAT_NULL_YIELDS_NULL, QUOTED_IDENTIFIER, XACT_ABORT ON;
SET NUMERIC_ROUNDABORT OFF;
SET NOCOUNT ON;
DECLARE @Apply BIT = 0;

IF DB_ID() <= 4 OR OBJECT_ID(N'[dbo].[ACM_SchemaVersion]', N'U') IS NOT NULL
    THROW 50020, N'This is not a V8 database, or acm-etl init has initialised it already: nothing was changed.', 1;

DECLARE @names TABLE (name sysname NOT NULL PRIMARY KEY);
INSERT INTO @names (name) VALUES
    (N'ACM_Scores_Wide'),
    (N'ACM_HealthTimeline'),
    (N'ACM_RegimeTimeline'),
    (N'ACM_DriftSeries'),
    (N'ACM_DefectTimeline'),
    (N'ACM_ContributionTimeline'),
    (N'ACM_ThresholdCrossings'),
    (N'ACM_SensorHotspotTimeline'),
    (N'ACM_CulpritHistory'),
    (N'ACM_DriftEvents'),
    (N'ACM_Episodes'),
    (N'ACM_EpisodeMetrics'),
    (N'ACM_DefectSummary'),
    (N'ACM_SinceWhen'),
    (N'ACM_AlertAge'),
    (N'ACM_ContributionCurrent'),
    (N'ACM_SensorRanking'),
    (N'ACM_SensorDefects'),
    (N'ACM_CalibrationSummary'),
    (N'ACM_SensorHotspots'),
    (N'ACM_DetectorCorrelation'),
    (N'ACM_HealthHistogram'),
    (N'ACM_RegimeOccupancy'),
    (N'ACM_RegimeDwellStats'),
    (N'ACM_RegimeTransitions'),
    (N'ACM_RegimeStability'),
    (N'ACM_HealthZoneByPeriod'),
    (N'ACM_SensorAnomalyByPeriod'),
    (N'ACM_Runs'),
    (N'Runs'),
    (N'RunLog'),
    (N'ACM_ColdstartState'),
    (N'ModelRegistry'),
    (N'Equipment'),
    (N'ACM_Config'),
    (N'ACM_ConfigHistory'),
    (N'ACM_TagEquipmentMap'),
    (N'ACM_DetectorMetadata'),
    (N'ACM_BaselineBuffer'),
    (N'ACM_DataQuality'),
    (N'ACM_Scores_Long'),
    (N'ACM_Drift_TS'),
    (N'ACM_Anomaly_Events'),
    (N'ACM_Regime_Episodes'),
    (N'ACM_Run_Stats'),
    (N'ACM_PCA_Models'),
    (N'ACM_PCA_Loadings'),
    (N'ACM_PCA_Metrics'),
    (N'ACM_EpisodeCulprits'),
    (N'ACM_EpisodeDiagnostics'),
    (N'ACM_HealthForecast_TS'),
    (N'ACM_FailureForecast_TS'),
    (N'ACM_RUL_TS'),
    (N'ACM_RUL_Summary'),
    (N'ACM_RUL_Attribution'),
    (N'ACM_SensorForecast_TS'),
    (N'ACM_MaintenanceRecommendation'),
    (N'ACM_EnhancedFailureProbability_TS'),
    (N'ACM_FailureCausation'),
    (N'ACM_EnhancedMaintenanceRecommendation'),
    (N'ACM_RecommendedActions'),
    (N'ACM_Sources'),
    (N'ACM_RunErrors'),
    (N'ACM_WriteMetrics'),
    (N'ACM_DataQualityEvents'),
    (N'ACM_State'),
    (N'ACM_RefitRequests'),
    (N'ACM_Baselines'),
    (N'ACM_BatchProgress'),
    (N'ACM_ReadingFingerprints'),
    (N'ACM_HistorianChecks'),
    (N'ACM_EpisodeNotes'),
    (N'ACM_Failures'),
    (N'ACM_Notifications'),
    (N'ACM_SensorDrift'),
    (N'ACM_SensorDaily'),
    (N'ACM_ModelTags'),
    (N'ACM_HealthDaily'),
    (N'ACM_DetectorDaily'),
    (N'ACM_OMR_Diagnostics'),
    (N'usp_ACM_StartRun'),
    (N'usp_ACM_FinalizeRun'),
    (N'usp_ACM_RegisterEquipment'),
    (N'usp_ACM_GetHistorianData_TEMP'),
    (N'usp_ACM_CheckColdstartStatus'),
    (N'usp_ACM_UpdateColdstartProgress'),
    (N'usp_CleanupBaselineBuffer');

SELECT n.name, CASE WHEN @Apply = 1 THEN N'moves to [v8]' ELSE N'would move to [v8]' END AS [what]
FROM @names AS n
WHERE OBJECT_ID(N'[dbo].' + QUOTENAME(n.name)) IS NOT NULL;

IF @Apply = 1
BEGIN
    IF SCHEMA_ID(N'v8') IS NULL
        EXEC (N'CREATE SCHEMA [v8] AUTHORIZATION [dbo]');
    DECLARE @move NVARCHAR(MAX) = (
        SELECT STRING_AGG(
            CAST(N'ALTER SCHEMA [v8] TRANSFER [dbo].' + QUOTENAME(n.name) AS NVARCHAR(MAX)), N';' + NCHAR(10)
        )
        FROM @names AS n
        WHERE OBJECT_ID(N'[dbo].' + QUOTENAME(n.name)) IS NOT NULL
    );
    BEGIN TRANSACTION;
    EXEC sys.sp_executesql @move;
    COMMIT TRANSACTION;
END;
GO
