-- Rendered by acm_etl.load.ddl from acm_etl/tables, schema version 1: do not edit.

-- sqlcmd -b -I -d <database> -i <this file>
SET ANSI_NULLS, QUOTED_IDENTIFIER ON;
IF DB_ID() <= 4
BEGIN
    PRINT N'This is a system database: nothing is done. Choose a database with sqlcmd -d.';
    SET NOEXEC ON;
END
GO

DROP VIEW IF EXISTS [dbo].[ACM_DriftSeries]
GO

CREATE VIEW [dbo].[ACM_DriftSeries] AS
SELECT t.[RunID], t.[EquipID], t.[Timestamp], t.[drift_z] AS [DriftValue]
FROM [ACM_Scores_Wide] AS t
WHERE t.[drift_z] IS NOT NULL
GO

IF DATABASE_PRINCIPAL_ID(N'acm_reader') IS NOT NULL
GRANT SELECT ON [dbo].[ACM_DriftSeries] TO [acm_reader]
GO

SET NOCOUNT ON;
DECLARE @docs TABLE (part SYSNAME NULL, about NVARCHAR(3700) NOT NULL);
INSERT INTO @docs (part, about) VALUES
    (NULL, N'Slow mean of the fused score per reading, as z');
DECLARE @part SYSNAME, @about NVARCHAR(3700), @level VARCHAR(6);
DECLARE docs CURSOR LOCAL FAST_FORWARD FOR SELECT part, about FROM @docs;
OPEN docs;
FETCH NEXT FROM docs INTO @part, @about;
WHILE @@FETCH_STATUS = 0
BEGIN
    SET @level = CASE WHEN @part IS NOT NULL THEN 'COLUMN' END;
    IF EXISTS (
        SELECT 1 FROM sys.extended_properties
        WHERE class = 1 AND major_id = OBJECT_ID(N'[dbo].[ACM_DriftSeries]') AND name = N'MS_Description'
            AND minor_id = COALESCE(COLUMNPROPERTY(OBJECT_ID(N'[dbo].[ACM_DriftSeries]'), @part, 'ColumnId'), 0)
    )
        EXEC sys.sp_updateextendedproperty
            N'MS_Description', @about, 'SCHEMA', N'dbo', 'VIEW', N'ACM_DriftSeries', @level, @part;
    ELSE
        EXEC sys.sp_addextendedproperty
            N'MS_Description', @about, 'SCHEMA', N'dbo', 'VIEW', N'ACM_DriftSeries', @level, @part;
    FETCH NEXT FROM docs INTO @part, @about;
END;
SET NOCOUNT OFF
GO

DROP VIEW IF EXISTS [dbo].[ACM_RunHistory]
GO

CREATE VIEW [dbo].[ACM_RunHistory] AS
SELECT r.[RunID], r.[EquipID], e.[EquipCode], r.[Stage], r.[WindowStart], r.[WindowEnd], r.[Outcome],
  r.[Provisional], r.[Attempt], r.[StartedAt], r.[AttemptStartedAt], r.[CompletedAt], a.[DurationSeconds],
  r.[TickMinutes], r.[ModelVersion], r.[ConfigSignature], r.[RowsRead], r.[RowsWritten],
  a.[TrainRowCount], a.[ScoreRowCount], a.[EpisodeCount], a.[HealthStatus], a.[AvgHealthIndex],
  a.[MinHealthIndex], a.[MaxFusedZ], a.[DataQualityScore], a.[RefitRequested],
  COALESCE(a.[ErrorMessage], r.[ErrorMessage]) AS [ErrorMessage], r.[Holder], r.[Version]
FROM [RunLog] AS r
LEFT JOIN [ACM_Runs] AS a ON a.[RunID] = r.[RunID]
LEFT JOIN [Equipment] AS e ON e.[EquipID] = r.[EquipID]
GO

IF DATABASE_PRINCIPAL_ID(N'acm_reader') IS NOT NULL
GRANT SELECT ON [dbo].[ACM_RunHistory] TO [acm_reader]
GO

SET NOCOUNT ON;
DECLARE @docs TABLE (part SYSNAME NULL, about NVARCHAR(3700) NOT NULL);
INSERT INTO @docs (part, about) VALUES
    (NULL, N'Every run with its machine, its outcome and what it found');
DECLARE @part SYSNAME, @about NVARCHAR(3700), @level VARCHAR(6);
DECLARE docs CURSOR LOCAL FAST_FORWARD FOR SELECT part, about FROM @docs;
OPEN docs;
FETCH NEXT FROM docs INTO @part, @about;
WHILE @@FETCH_STATUS = 0
BEGIN
    SET @level = CASE WHEN @part IS NOT NULL THEN 'COLUMN' END;
    IF EXISTS (
        SELECT 1 FROM sys.extended_properties
        WHERE class = 1 AND major_id = OBJECT_ID(N'[dbo].[ACM_RunHistory]') AND name = N'MS_Description'
            AND minor_id = COALESCE(COLUMNPROPERTY(OBJECT_ID(N'[dbo].[ACM_RunHistory]'), @part, 'ColumnId'), 0)
    )
        EXEC sys.sp_updateextendedproperty
            N'MS_Description', @about, 'SCHEMA', N'dbo', 'VIEW', N'ACM_RunHistory', @level, @part;
    ELSE
        EXEC sys.sp_addextendedproperty
            N'MS_Description', @about, 'SCHEMA', N'dbo', 'VIEW', N'ACM_RunHistory', @level, @part;
    FETCH NEXT FROM docs INTO @part, @about;
END;
SET NOCOUNT OFF
GO

DROP VIEW IF EXISTS [dbo].[ACM_RunColumns]
GO

CREATE VIEW [dbo].[ACM_RunColumns] AS
SELECT r.[RunID], r.[EquipID], m.[Ordinal], m.[TagName] AS [ColumnName]
FROM [RunLog] AS r
JOIN [ACM_ModelTags] AS m ON m.[EquipID] = r.[EquipID] AND m.[ModelVersion] = r.[ModelVersion]
WHERE m.[Used] = CAST(1 AS BIT)
GO

IF DATABASE_PRINCIPAL_ID(N'acm_reader') IS NOT NULL
GRANT SELECT ON [dbo].[ACM_RunColumns] TO [acm_reader]
GO

SET NOCOUNT ON;
DECLARE @docs TABLE (part SYSNAME NULL, about NVARCHAR(3700) NOT NULL);
INSERT INTO @docs (part, about) VALUES
    (NULL, N'Tags each run scored, one row per tag');
DECLARE @part SYSNAME, @about NVARCHAR(3700), @level VARCHAR(6);
DECLARE docs CURSOR LOCAL FAST_FORWARD FOR SELECT part, about FROM @docs;
OPEN docs;
FETCH NEXT FROM docs INTO @part, @about;
WHILE @@FETCH_STATUS = 0
BEGIN
    SET @level = CASE WHEN @part IS NOT NULL THEN 'COLUMN' END;
    IF EXISTS (
        SELECT 1 FROM sys.extended_properties
        WHERE class = 1 AND major_id = OBJECT_ID(N'[dbo].[ACM_RunColumns]') AND name = N'MS_Description'
            AND minor_id = COALESCE(COLUMNPROPERTY(OBJECT_ID(N'[dbo].[ACM_RunColumns]'), @part, 'ColumnId'), 0)
    )
        EXEC sys.sp_updateextendedproperty
            N'MS_Description', @about, 'SCHEMA', N'dbo', 'VIEW', N'ACM_RunColumns', @level, @part;
    ELSE
        EXEC sys.sp_addextendedproperty
            N'MS_Description', @about, 'SCHEMA', N'dbo', 'VIEW', N'ACM_RunColumns', @level, @part;
    FETCH NEXT FROM docs INTO @part, @about;
END;
SET NOCOUNT OFF
GO

DROP VIEW IF EXISTS [dbo].[ACM_LocalTime]
GO

CREATE VIEW [dbo].[ACM_LocalTime] AS
SELECT h.[EquipID], e.[EquipCode], e.[TimeZone], h.[Timestamp],
  (SELECT CAST(h.[Timestamp] AT TIME ZONE 'UTC' AT TIME ZONE z.[WindowsName] AS DATETIME2(3))
    FROM [ACM_TimeZones] AS z WHERE z.[IanaName] = e.[TimeZone]) AS [LocalTimestamp],
  h.[HealthIndex], h.[HealthZone], h.[FusedZ]
FROM [ACM_HealthTimeline] AS h
JOIN [Equipment] AS e ON e.[EquipID] = h.[EquipID]
GO

IF DATABASE_PRINCIPAL_ID(N'acm_reader') IS NOT NULL
GRANT SELECT ON [dbo].[ACM_LocalTime] TO [acm_reader]
GO

SET NOCOUNT ON;
DECLARE @docs TABLE (part SYSNAME NULL, about NVARCHAR(3700) NOT NULL);
INSERT INTO @docs (part, about) VALUES
    (NULL, N'Health per reading with the local time of the machine');
DECLARE @part SYSNAME, @about NVARCHAR(3700), @level VARCHAR(6);
DECLARE docs CURSOR LOCAL FAST_FORWARD FOR SELECT part, about FROM @docs;
OPEN docs;
FETCH NEXT FROM docs INTO @part, @about;
WHILE @@FETCH_STATUS = 0
BEGIN
    SET @level = CASE WHEN @part IS NOT NULL THEN 'COLUMN' END;
    IF EXISTS (
        SELECT 1 FROM sys.extended_properties
        WHERE class = 1 AND major_id = OBJECT_ID(N'[dbo].[ACM_LocalTime]') AND name = N'MS_Description'
            AND minor_id = COALESCE(COLUMNPROPERTY(OBJECT_ID(N'[dbo].[ACM_LocalTime]'), @part, 'ColumnId'), 0)
    )
        EXEC sys.sp_updateextendedproperty
            N'MS_Description', @about, 'SCHEMA', N'dbo', 'VIEW', N'ACM_LocalTime', @level, @part;
    ELSE
        EXEC sys.sp_addextendedproperty
            N'MS_Description', @about, 'SCHEMA', N'dbo', 'VIEW', N'ACM_LocalTime', @level, @part;
    FETCH NEXT FROM docs INTO @part, @about;
END;
SET NOCOUNT OFF
GO

DROP VIEW IF EXISTS [dbo].[ACM_EpisodesLocal]
GO

CREATE VIEW [dbo].[ACM_EpisodesLocal] AS
SELECT t.[EquipID], e.[EquipCode], e.[TimeZone], t.[StartTs], t.[EndTs],
  (SELECT CAST(t.[StartTs] AT TIME ZONE 'UTC' AT TIME ZONE z.[WindowsName] AS DATETIME2(3))
    FROM [ACM_TimeZones] AS z WHERE z.[IanaName] = e.[TimeZone]) AS [LocalStartTs],
  (SELECT CAST(t.[EndTs] AT TIME ZONE 'UTC' AT TIME ZONE z.[WindowsName] AS DATETIME2(3))
    FROM [ACM_TimeZones] AS z WHERE z.[IanaName] = e.[TimeZone]) AS [LocalEndTs],
  t.[Status], t.[DurationHours], t.[PeakFusedZ], t.[MinHealthIndex], t.[Severity],
  t.[PrimarySensor], t.[Culprits]
FROM [ACM_Episodes] AS t
JOIN [Equipment] AS e ON e.[EquipID] = t.[EquipID]
GO

IF DATABASE_PRINCIPAL_ID(N'acm_reader') IS NOT NULL
GRANT SELECT ON [dbo].[ACM_EpisodesLocal] TO [acm_reader]
GO

SET NOCOUNT ON;
DECLARE @docs TABLE (part SYSNAME NULL, about NVARCHAR(3700) NOT NULL);
INSERT INTO @docs (part, about) VALUES
    (NULL, N'Episodes with the local times of the machine');
DECLARE @part SYSNAME, @about NVARCHAR(3700), @level VARCHAR(6);
DECLARE docs CURSOR LOCAL FAST_FORWARD FOR SELECT part, about FROM @docs;
OPEN docs;
FETCH NEXT FROM docs INTO @part, @about;
WHILE @@FETCH_STATUS = 0
BEGIN
    SET @level = CASE WHEN @part IS NOT NULL THEN 'COLUMN' END;
    IF EXISTS (
        SELECT 1 FROM sys.extended_properties
        WHERE class = 1 AND major_id = OBJECT_ID(N'[dbo].[ACM_EpisodesLocal]') AND name = N'MS_Description'
            AND minor_id = COALESCE(COLUMNPROPERTY(OBJECT_ID(N'[dbo].[ACM_EpisodesLocal]'), @part, 'ColumnId'), 0)
    )
        EXEC sys.sp_updateextendedproperty
            N'MS_Description', @about, 'SCHEMA', N'dbo', 'VIEW', N'ACM_EpisodesLocal', @level, @part;
    ELSE
        EXEC sys.sp_addextendedproperty
            N'MS_Description', @about, 'SCHEMA', N'dbo', 'VIEW', N'ACM_EpisodesLocal', @level, @part;
    FETCH NEXT FROM docs INTO @part, @about;
END;
SET NOCOUNT OFF
GO

DROP VIEW IF EXISTS [dbo].[ACM_LatestRun]
GO

CREATE VIEW [dbo].[ACM_LatestRun] AS
SELECT h.[EquipID], h.[EquipCode], h.[RunID], h.[WindowStart], h.[WindowEnd], h.[Outcome], h.[Provisional],
  h.[AttemptStartedAt], h.[CompletedAt], h.[HealthStatus], h.[AvgHealthIndex], h.[MinHealthIndex],
  h.[MaxFusedZ], h.[ModelVersion], h.[ErrorMessage]
FROM (
  SELECT r.*, ROW_NUMBER() OVER (
    PARTITION BY r.[EquipID] ORDER BY r.[AttemptStartedAt] DESC, r.[WindowStart] DESC, r.[RunID]
  ) AS ranked
  FROM [ACM_RunHistory] AS r WHERE r.[Stage] = 'score'
) AS h
WHERE h.ranked = 1
GO

IF DATABASE_PRINCIPAL_ID(N'acm_reader') IS NOT NULL
GRANT SELECT ON [dbo].[ACM_LatestRun] TO [acm_reader]
GO

SET NOCOUNT ON;
DECLARE @docs TABLE (part SYSNAME NULL, about NVARCHAR(3700) NOT NULL);
INSERT INTO @docs (part, about) VALUES
    (NULL, N'The newest attempt at scoring of each machine: its window, its outcome and what it found');
DECLARE @part SYSNAME, @about NVARCHAR(3700), @level VARCHAR(6);
DECLARE docs CURSOR LOCAL FAST_FORWARD FOR SELECT part, about FROM @docs;
OPEN docs;
FETCH NEXT FROM docs INTO @part, @about;
WHILE @@FETCH_STATUS = 0
BEGIN
    SET @level = CASE WHEN @part IS NOT NULL THEN 'COLUMN' END;
    IF EXISTS (
        SELECT 1 FROM sys.extended_properties
        WHERE class = 1 AND major_id = OBJECT_ID(N'[dbo].[ACM_LatestRun]') AND name = N'MS_Description'
            AND minor_id = COALESCE(COLUMNPROPERTY(OBJECT_ID(N'[dbo].[ACM_LatestRun]'), @part, 'ColumnId'), 0)
    )
        EXEC sys.sp_updateextendedproperty
            N'MS_Description', @about, 'SCHEMA', N'dbo', 'VIEW', N'ACM_LatestRun', @level, @part;
    ELSE
        EXEC sys.sp_addextendedproperty
            N'MS_Description', @about, 'SCHEMA', N'dbo', 'VIEW', N'ACM_LatestRun', @level, @part;
    FETCH NEXT FROM docs INTO @part, @about;
END;
SET NOCOUNT OFF
GO

DROP VIEW IF EXISTS [dbo].[ACM_HealthTimeline_Latest]
GO

CREATE VIEW [dbo].[ACM_HealthTimeline_Latest] AS
SELECT h.[RunID], h.[EquipID], h.[Timestamp], h.[HealthIndex], h.[HealthZone], h.[FusedZ]
FROM [ACM_HealthTimeline] AS h
WHERE h.[Timestamp] = (
  SELECT MAX(m.[Timestamp]) FROM [ACM_HealthTimeline] AS m
  WHERE m.[EquipID] = h.[EquipID] AND m.[HealthIndex] IS NOT NULL
)
GO

IF DATABASE_PRINCIPAL_ID(N'acm_reader') IS NOT NULL
GRANT SELECT ON [dbo].[ACM_HealthTimeline_Latest] TO [acm_reader]
GO

SET NOCOUNT ON;
DECLARE @docs TABLE (part SYSNAME NULL, about NVARCHAR(3700) NOT NULL);
INSERT INTO @docs (part, about) VALUES
    (NULL, N'The last reading of each machine that has a health');
DECLARE @part SYSNAME, @about NVARCHAR(3700), @level VARCHAR(6);
DECLARE docs CURSOR LOCAL FAST_FORWARD FOR SELECT part, about FROM @docs;
OPEN docs;
FETCH NEXT FROM docs INTO @part, @about;
WHILE @@FETCH_STATUS = 0
BEGIN
    SET @level = CASE WHEN @part IS NOT NULL THEN 'COLUMN' END;
    IF EXISTS (
        SELECT 1 FROM sys.extended_properties
        WHERE class = 1 AND major_id = OBJECT_ID(N'[dbo].[ACM_HealthTimeline_Latest]') AND name = N'MS_Description'
            AND minor_id = COALESCE(COLUMNPROPERTY(OBJECT_ID(N'[dbo].[ACM_HealthTimeline_Latest]'), @part, 'ColumnId'), 0)
    )
        EXEC sys.sp_updateextendedproperty
            N'MS_Description', @about, 'SCHEMA', N'dbo', 'VIEW', N'ACM_HealthTimeline_Latest', @level, @part;
    ELSE
        EXEC sys.sp_addextendedproperty
            N'MS_Description', @about, 'SCHEMA', N'dbo', 'VIEW', N'ACM_HealthTimeline_Latest', @level, @part;
    FETCH NEXT FROM docs INTO @part, @about;
END;
SET NOCOUNT OFF
GO

DROP VIEW IF EXISTS [dbo].[ACM_BatchStatus]
GO

CREATE VIEW [dbo].[ACM_BatchStatus] AS
SELECT e.[EquipID], e.[EquipCode], COALESCE(c.[Status], 'PENDING') AS [ColdstartStatus], c.[AccumulatedRows],
  c.[RequiredRows], c.[Reason] AS [ColdstartReason], p.[LastBatchEndTime], p.[BatchesCompleted],
  p.[TickMinutes], p.[DataMin], p.[DataMax], p.[UpdatedAt], l.[RunID] AS [LastRunID],
  l.[Outcome] AS [LastOutcome], l.[AttemptStartedAt] AS [LastAttemptStartedAt], l.[ErrorMessage] AS [LastError]
FROM [Equipment] AS e
LEFT JOIN [ACM_ColdstartState] AS c ON c.[EquipID] = e.[EquipID] AND c.[Stage] = 'score'
LEFT JOIN [ACM_BatchProgress] AS p ON p.[EquipID] = e.[EquipID]
LEFT JOIN [ACM_LatestRun] AS l ON l.[EquipID] = e.[EquipID]
GO

IF DATABASE_PRINCIPAL_ID(N'acm_reader') IS NOT NULL
GRANT SELECT ON [dbo].[ACM_BatchStatus] TO [acm_reader]
GO

SET NOCOUNT ON;
DECLARE @docs TABLE (part SYSNAME NULL, about NVARCHAR(3700) NOT NULL);
INSERT INTO @docs (part, about) VALUES
    (NULL, N'How far each machine is: coldstart, progress and its newest run, one row per machine');
DECLARE @part SYSNAME, @about NVARCHAR(3700), @level VARCHAR(6);
DECLARE docs CURSOR LOCAL FAST_FORWARD FOR SELECT part, about FROM @docs;
OPEN docs;
FETCH NEXT FROM docs INTO @part, @about;
WHILE @@FETCH_STATUS = 0
BEGIN
    SET @level = CASE WHEN @part IS NOT NULL THEN 'COLUMN' END;
    IF EXISTS (
        SELECT 1 FROM sys.extended_properties
        WHERE class = 1 AND major_id = OBJECT_ID(N'[dbo].[ACM_BatchStatus]') AND name = N'MS_Description'
            AND minor_id = COALESCE(COLUMNPROPERTY(OBJECT_ID(N'[dbo].[ACM_BatchStatus]'), @part, 'ColumnId'), 0)
    )
        EXEC sys.sp_updateextendedproperty
            N'MS_Description', @about, 'SCHEMA', N'dbo', 'VIEW', N'ACM_BatchStatus', @level, @part;
    ELSE
        EXEC sys.sp_addextendedproperty
            N'MS_Description', @about, 'SCHEMA', N'dbo', 'VIEW', N'ACM_BatchStatus', @level, @part;
    FETCH NEXT FROM docs INTO @part, @about;
END;
SET NOCOUNT OFF
GO

DROP VIEW IF EXISTS [dbo].[ACM_SensorDaily_Latest]
GO

CREATE VIEW [dbo].[ACM_SensorDaily_Latest] AS
SELECT t.[RunID], t.[EquipID], t.[AsOf], t.[SensorName], t.[Readings], t.[Nulls], t.[LongestGap], t.[LongestFlat], t.[AboveWarnCount], t.[AboveAlertCount], t.[MaxTimestamp], t.[MaxSignedZ], t.[ValueAtPeak], t.[LatestTimestamp], t.[LatestSignedZ], t.[LatestValue]
FROM [ACM_SensorDaily] AS t
WHERE t.[AsOf] = (SELECT MAX(m.[AsOf]) FROM [ACM_SensorDaily] AS m WHERE m.[EquipID] = t.[EquipID])
GO

IF DATABASE_PRINCIPAL_ID(N'acm_reader') IS NOT NULL
GRANT SELECT ON [dbo].[ACM_SensorDaily_Latest] TO [acm_reader]
GO

SET NOCOUNT ON;
DECLARE @docs TABLE (part SYSNAME NULL, about NVARCHAR(3700) NOT NULL);
INSERT INTO @docs (part, about) VALUES
    (NULL, N'What each sensor did on one local day: the base of the sensor summaries: the last day of each machine only');
DECLARE @part SYSNAME, @about NVARCHAR(3700), @level VARCHAR(6);
DECLARE docs CURSOR LOCAL FAST_FORWARD FOR SELECT part, about FROM @docs;
OPEN docs;
FETCH NEXT FROM docs INTO @part, @about;
WHILE @@FETCH_STATUS = 0
BEGIN
    SET @level = CASE WHEN @part IS NOT NULL THEN 'COLUMN' END;
    IF EXISTS (
        SELECT 1 FROM sys.extended_properties
        WHERE class = 1 AND major_id = OBJECT_ID(N'[dbo].[ACM_SensorDaily_Latest]') AND name = N'MS_Description'
            AND minor_id = COALESCE(COLUMNPROPERTY(OBJECT_ID(N'[dbo].[ACM_SensorDaily_Latest]'), @part, 'ColumnId'), 0)
    )
        EXEC sys.sp_updateextendedproperty
            N'MS_Description', @about, 'SCHEMA', N'dbo', 'VIEW', N'ACM_SensorDaily_Latest', @level, @part;
    ELSE
        EXEC sys.sp_addextendedproperty
            N'MS_Description', @about, 'SCHEMA', N'dbo', 'VIEW', N'ACM_SensorDaily_Latest', @level, @part;
    FETCH NEXT FROM docs INTO @part, @about;
END;
SET NOCOUNT OFF
GO

DROP VIEW IF EXISTS [dbo].[ACM_SensorHotspots_Latest]
GO

CREATE VIEW [dbo].[ACM_SensorHotspots_Latest] AS
SELECT t.[RunID], t.[EquipID], t.[AsOf], t.[SensorName], t.[MaxTimestamp], t.[LatestTimestamp], t.[MaxAbsZ], t.[MaxSignedZ], t.[LatestAbsZ], t.[LatestSignedZ], t.[ValueAtPeak], t.[LatestValue], t.[TrainMean], t.[TrainStd], t.[AboveWarnCount], t.[AboveAlertCount]
FROM [ACM_SensorHotspots] AS t
WHERE t.[AsOf] = (SELECT MAX(m.[AsOf]) FROM [ACM_SensorHotspots] AS m WHERE m.[EquipID] = t.[EquipID])
GO

IF DATABASE_PRINCIPAL_ID(N'acm_reader') IS NOT NULL
GRANT SELECT ON [dbo].[ACM_SensorHotspots_Latest] TO [acm_reader]
GO

SET NOCOUNT ON;
DECLARE @docs TABLE (part SYSNAME NULL, about NVARCHAR(3700) NOT NULL);
INSERT INTO @docs (part, about) VALUES
    (NULL, N'Sensors that stood out (largest |z| >= 2) in the trailing days: the last day of each machine only');
DECLARE @part SYSNAME, @about NVARCHAR(3700), @level VARCHAR(6);
DECLARE docs CURSOR LOCAL FAST_FORWARD FOR SELECT part, about FROM @docs;
OPEN docs;
FETCH NEXT FROM docs INTO @part, @about;
WHILE @@FETCH_STATUS = 0
BEGIN
    SET @level = CASE WHEN @part IS NOT NULL THEN 'COLUMN' END;
    IF EXISTS (
        SELECT 1 FROM sys.extended_properties
        WHERE class = 1 AND major_id = OBJECT_ID(N'[dbo].[ACM_SensorHotspots_Latest]') AND name = N'MS_Description'
            AND minor_id = COALESCE(COLUMNPROPERTY(OBJECT_ID(N'[dbo].[ACM_SensorHotspots_Latest]'), @part, 'ColumnId'), 0)
    )
        EXEC sys.sp_updateextendedproperty
            N'MS_Description', @about, 'SCHEMA', N'dbo', 'VIEW', N'ACM_SensorHotspots_Latest', @level, @part;
    ELSE
        EXEC sys.sp_addextendedproperty
            N'MS_Description', @about, 'SCHEMA', N'dbo', 'VIEW', N'ACM_SensorHotspots_Latest', @level, @part;
    FETCH NEXT FROM docs INTO @part, @about;
END;
SET NOCOUNT OFF
GO

DROP VIEW IF EXISTS [dbo].[ACM_DataQuality_Latest]
GO

CREATE VIEW [dbo].[ACM_DataQuality_Latest] AS
SELECT t.[RunID], t.[EquipID], t.[AsOf], t.[SensorName], t.[CheckName], t.[CheckResult], t.[Readings], t.[Nulls], t.[NullPct], t.[LongestGap], t.[LongestFlat], t.[Notes]
FROM [ACM_DataQuality] AS t
WHERE t.[AsOf] = (SELECT MAX(m.[AsOf]) FROM [ACM_DataQuality] AS m WHERE m.[EquipID] = t.[EquipID])
GO

IF DATABASE_PRINCIPAL_ID(N'acm_reader') IS NOT NULL
GRANT SELECT ON [dbo].[ACM_DataQuality_Latest] TO [acm_reader]
GO

SET NOCOUNT ON;
DECLARE @docs TABLE (part SYSNAME NULL, about NVARCHAR(3700) NOT NULL);
INSERT INTO @docs (part, about) VALUES
    (NULL, N'Usability of each sensor in the trailing days: the last day of each machine only');
DECLARE @part SYSNAME, @about NVARCHAR(3700), @level VARCHAR(6);
DECLARE docs CURSOR LOCAL FAST_FORWARD FOR SELECT part, about FROM @docs;
OPEN docs;
FETCH NEXT FROM docs INTO @part, @about;
WHILE @@FETCH_STATUS = 0
BEGIN
    SET @level = CASE WHEN @part IS NOT NULL THEN 'COLUMN' END;
    IF EXISTS (
        SELECT 1 FROM sys.extended_properties
        WHERE class = 1 AND major_id = OBJECT_ID(N'[dbo].[ACM_DataQuality_Latest]') AND name = N'MS_Description'
            AND minor_id = COALESCE(COLUMNPROPERTY(OBJECT_ID(N'[dbo].[ACM_DataQuality_Latest]'), @part, 'ColumnId'), 0)
    )
        EXEC sys.sp_updateextendedproperty
            N'MS_Description', @about, 'SCHEMA', N'dbo', 'VIEW', N'ACM_DataQuality_Latest', @level, @part;
    ELSE
        EXEC sys.sp_addextendedproperty
            N'MS_Description', @about, 'SCHEMA', N'dbo', 'VIEW', N'ACM_DataQuality_Latest', @level, @part;
    FETCH NEXT FROM docs INTO @part, @about;
END;
SET NOCOUNT OFF
GO

DROP VIEW IF EXISTS [dbo].[ACM_DefectSummary_Latest]
GO

CREATE VIEW [dbo].[ACM_DefectSummary_Latest] AS
SELECT t.[RunID], t.[EquipID], t.[AsOf], t.[Status], t.[Severity], t.[CurrentHealth], t.[AvgHealth], t.[MinHealth], t.[EpisodeCount], t.[WorstSensor], t.[GoodCount], t.[WatchCount], t.[AlertCount]
FROM [ACM_DefectSummary] AS t
WHERE t.[AsOf] = (SELECT MAX(m.[AsOf]) FROM [ACM_DefectSummary] AS m WHERE m.[EquipID] = t.[EquipID])
GO

IF DATABASE_PRINCIPAL_ID(N'acm_reader') IS NOT NULL
GRANT SELECT ON [dbo].[ACM_DefectSummary_Latest] TO [acm_reader]
GO

SET NOCOUNT ON;
DECLARE @docs TABLE (part SYSNAME NULL, about NVARCHAR(3700) NOT NULL);
INSERT INTO @docs (part, about) VALUES
    (NULL, N'Where the machine stands at the end of the day: the last day of each machine only');
DECLARE @part SYSNAME, @about NVARCHAR(3700), @level VARCHAR(6);
DECLARE docs CURSOR LOCAL FAST_FORWARD FOR SELECT part, about FROM @docs;
OPEN docs;
FETCH NEXT FROM docs INTO @part, @about;
WHILE @@FETCH_STATUS = 0
BEGIN
    SET @level = CASE WHEN @part IS NOT NULL THEN 'COLUMN' END;
    IF EXISTS (
        SELECT 1 FROM sys.extended_properties
        WHERE class = 1 AND major_id = OBJECT_ID(N'[dbo].[ACM_DefectSummary_Latest]') AND name = N'MS_Description'
            AND minor_id = COALESCE(COLUMNPROPERTY(OBJECT_ID(N'[dbo].[ACM_DefectSummary_Latest]'), @part, 'ColumnId'), 0)
    )
        EXEC sys.sp_updateextendedproperty
            N'MS_Description', @about, 'SCHEMA', N'dbo', 'VIEW', N'ACM_DefectSummary_Latest', @level, @part;
    ELSE
        EXEC sys.sp_addextendedproperty
            N'MS_Description', @about, 'SCHEMA', N'dbo', 'VIEW', N'ACM_DefectSummary_Latest', @level, @part;
    FETCH NEXT FROM docs INTO @part, @about;
END;
SET NOCOUNT OFF
GO

DROP VIEW IF EXISTS [dbo].[ACM_EpisodeMetrics_Latest]
GO

CREATE VIEW [dbo].[ACM_EpisodeMetrics_Latest] AS
SELECT t.[RunID], t.[EquipID], t.[AsOf], t.[TotalEpisodes], t.[TotalDurationHours], t.[AvgDurationHours], t.[MedianDurationHours], t.[MaxDurationHours], t.[MinDurationHours], t.[RatePerDay], t.[MeanInterarrivalHours]
FROM [ACM_EpisodeMetrics] AS t
WHERE t.[AsOf] = (SELECT MAX(m.[AsOf]) FROM [ACM_EpisodeMetrics] AS m WHERE m.[EquipID] = t.[EquipID])
GO

IF DATABASE_PRINCIPAL_ID(N'acm_reader') IS NOT NULL
GRANT SELECT ON [dbo].[ACM_EpisodeMetrics_Latest] TO [acm_reader]
GO

SET NOCOUNT ON;
DECLARE @docs TABLE (part SYSNAME NULL, about NVARCHAR(3700) NOT NULL);
INSERT INTO @docs (part, about) VALUES
    (NULL, N'Episodes that started in the trailing days: the last day of each machine only');
DECLARE @part SYSNAME, @about NVARCHAR(3700), @level VARCHAR(6);
DECLARE docs CURSOR LOCAL FAST_FORWARD FOR SELECT part, about FROM @docs;
OPEN docs;
FETCH NEXT FROM docs INTO @part, @about;
WHILE @@FETCH_STATUS = 0
BEGIN
    SET @level = CASE WHEN @part IS NOT NULL THEN 'COLUMN' END;
    IF EXISTS (
        SELECT 1 FROM sys.extended_properties
        WHERE class = 1 AND major_id = OBJECT_ID(N'[dbo].[ACM_EpisodeMetrics_Latest]') AND name = N'MS_Description'
            AND minor_id = COALESCE(COLUMNPROPERTY(OBJECT_ID(N'[dbo].[ACM_EpisodeMetrics_Latest]'), @part, 'ColumnId'), 0)
    )
        EXEC sys.sp_updateextendedproperty
            N'MS_Description', @about, 'SCHEMA', N'dbo', 'VIEW', N'ACM_EpisodeMetrics_Latest', @level, @part;
    ELSE
        EXEC sys.sp_addextendedproperty
            N'MS_Description', @about, 'SCHEMA', N'dbo', 'VIEW', N'ACM_EpisodeMetrics_Latest', @level, @part;
    FETCH NEXT FROM docs INTO @part, @about;
END;
SET NOCOUNT OFF
GO

DROP VIEW IF EXISTS [dbo].[ACM_RegimeOccupancy_Latest]
GO

CREATE VIEW [dbo].[ACM_RegimeOccupancy_Latest] AS
SELECT t.[RunID], t.[EquipID], t.[AsOf], t.[RegimeLabel], t.[RecordCount], t.[Percentage]
FROM [ACM_RegimeOccupancy] AS t
WHERE t.[AsOf] = (SELECT MAX(m.[AsOf]) FROM [ACM_RegimeOccupancy] AS m WHERE m.[EquipID] = t.[EquipID])
GO

IF DATABASE_PRINCIPAL_ID(N'acm_reader') IS NOT NULL
GRANT SELECT ON [dbo].[ACM_RegimeOccupancy_Latest] TO [acm_reader]
GO

SET NOCOUNT ON;
DECLARE @docs TABLE (part SYSNAME NULL, about NVARCHAR(3700) NOT NULL);
INSERT INTO @docs (part, about) VALUES
    (NULL, N'Time spent in each regime in the trailing days: the last day of each machine only');
DECLARE @part SYSNAME, @about NVARCHAR(3700), @level VARCHAR(6);
DECLARE docs CURSOR LOCAL FAST_FORWARD FOR SELECT part, about FROM @docs;
OPEN docs;
FETCH NEXT FROM docs INTO @part, @about;
WHILE @@FETCH_STATUS = 0
BEGIN
    SET @level = CASE WHEN @part IS NOT NULL THEN 'COLUMN' END;
    IF EXISTS (
        SELECT 1 FROM sys.extended_properties
        WHERE class = 1 AND major_id = OBJECT_ID(N'[dbo].[ACM_RegimeOccupancy_Latest]') AND name = N'MS_Description'
            AND minor_id = COALESCE(COLUMNPROPERTY(OBJECT_ID(N'[dbo].[ACM_RegimeOccupancy_Latest]'), @part, 'ColumnId'), 0)
    )
        EXEC sys.sp_updateextendedproperty
            N'MS_Description', @about, 'SCHEMA', N'dbo', 'VIEW', N'ACM_RegimeOccupancy_Latest', @level, @part;
    ELSE
        EXEC sys.sp_addextendedproperty
            N'MS_Description', @about, 'SCHEMA', N'dbo', 'VIEW', N'ACM_RegimeOccupancy_Latest', @level, @part;
    FETCH NEXT FROM docs INTO @part, @about;
END;
SET NOCOUNT OFF
GO

DROP VIEW IF EXISTS [dbo].[ACM_RegimeTransitions_Latest]
GO

CREATE VIEW [dbo].[ACM_RegimeTransitions_Latest] AS
SELECT t.[RunID], t.[EquipID], t.[AsOf], t.[FromLabel], t.[ToLabel], t.[Count], t.[Prob]
FROM [ACM_RegimeTransitions] AS t
WHERE t.[AsOf] = (SELECT MAX(m.[AsOf]) FROM [ACM_RegimeTransitions] AS m WHERE m.[EquipID] = t.[EquipID])
GO

IF DATABASE_PRINCIPAL_ID(N'acm_reader') IS NOT NULL
GRANT SELECT ON [dbo].[ACM_RegimeTransitions_Latest] TO [acm_reader]
GO

SET NOCOUNT ON;
DECLARE @docs TABLE (part SYSNAME NULL, about NVARCHAR(3700) NOT NULL);
INSERT INTO @docs (part, about) VALUES
    (NULL, N'Changes of regime in the trailing days: the last day of each machine only');
DECLARE @part SYSNAME, @about NVARCHAR(3700), @level VARCHAR(6);
DECLARE docs CURSOR LOCAL FAST_FORWARD FOR SELECT part, about FROM @docs;
OPEN docs;
FETCH NEXT FROM docs INTO @part, @about;
WHILE @@FETCH_STATUS = 0
BEGIN
    SET @level = CASE WHEN @part IS NOT NULL THEN 'COLUMN' END;
    IF EXISTS (
        SELECT 1 FROM sys.extended_properties
        WHERE class = 1 AND major_id = OBJECT_ID(N'[dbo].[ACM_RegimeTransitions_Latest]') AND name = N'MS_Description'
            AND minor_id = COALESCE(COLUMNPROPERTY(OBJECT_ID(N'[dbo].[ACM_RegimeTransitions_Latest]'), @part, 'ColumnId'), 0)
    )
        EXEC sys.sp_updateextendedproperty
            N'MS_Description', @about, 'SCHEMA', N'dbo', 'VIEW', N'ACM_RegimeTransitions_Latest', @level, @part;
    ELSE
        EXEC sys.sp_addextendedproperty
            N'MS_Description', @about, 'SCHEMA', N'dbo', 'VIEW', N'ACM_RegimeTransitions_Latest', @level, @part;
    FETCH NEXT FROM docs INTO @part, @about;
END;
SET NOCOUNT OFF
GO

IF EXISTS (SELECT 1 FROM (VALUES (N'[dbo].[ACM_DriftSeries]'), (N'[dbo].[ACM_RunHistory]'), (N'[dbo].[ACM_RunColumns]'), (N'[dbo].[ACM_LocalTime]'), (N'[dbo].[ACM_EpisodesLocal]'), (N'[dbo].[ACM_LatestRun]'), (N'[dbo].[ACM_HealthTimeline_Latest]'), (N'[dbo].[ACM_BatchStatus]'), (N'[dbo].[ACM_SensorDaily_Latest]'), (N'[dbo].[ACM_SensorHotspots_Latest]'), (N'[dbo].[ACM_DataQuality_Latest]'), (N'[dbo].[ACM_DefectSummary_Latest]'), (N'[dbo].[ACM_EpisodeMetrics_Latest]'), (N'[dbo].[ACM_RegimeOccupancy_Latest]'), (N'[dbo].[ACM_RegimeTransitions_Latest]')) AS o (name) WHERE OBJECT_ID(o.name) IS NULL)
    THROW 50000, N'Some objects of this script are missing: it is not recorded as applied. Run it with sqlcmd -b.', 1;
DELETE FROM [dbo].[ACM_SchemaVersion] WHERE [Version] = 1 AND [Name] = N'006_views.sql';
INSERT INTO [dbo].[ACM_SchemaVersion] ([Version], [Name], [Hash], [AppliedAt])
VALUES (1, N'006_views.sql', N'39fea8fa74c3585068af6eac5cd5f2fefb8c6eea35d90f171c7c4c9fe7a743e8', SYSUTCDATETIME())
GO
