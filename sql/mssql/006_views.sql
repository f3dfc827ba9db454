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

CREATE OR ALTER VIEW [dbo].[ACM_HealthTimeline] AS
SELECT t.[RunID], t.[EquipID], t.[Timestamp], t.[HealthIndex],
  CAST(CASE WHEN t.[HealthIndex] >= 85.0e0 THEN 'GOOD' WHEN t.[HealthIndex] >= 70.0e0 THEN 'WATCH'
    WHEN t.[HealthIndex] IS NOT NULL THEN 'ALERT' END AS NVARCHAR(16)) AS [HealthZone],
  t.[fused] AS [FusedZ]
FROM [ACM_Scores_Wide] AS t
GO

SET NOCOUNT ON;
DECLARE @object INT = OBJECT_ID(N'[dbo].[ACM_HealthTimeline]');
DECLARE @docs TABLE (part sysname NULL, about NVARCHAR(3700) NOT NULL, is_new BIT NOT NULL);
INSERT INTO @docs (part, about, is_new)
SELECT v.part, v.about, CASE WHEN p.name IS NULL THEN 1 ELSE 0 END
FROM (VALUES
    (CAST(NULL AS sysname), N'Health per reading (main view of dashboards): HealthZone is GOOD from 85, WATCH from 70, ALERT below')
) AS v (part, about)
LEFT JOIN sys.extended_properties AS p
    ON p.class = 1 AND p.major_id = @object AND p.name = N'MS_Description'
        AND p.minor_id = COALESCE(COLUMNPROPERTY(@object, v.part, 'ColumnId'), 0)
WHERE COALESCE(CAST(p.value AS NVARCHAR(3700)), N'') COLLATE Latin1_General_100_BIN2 <> v.about;
DECLARE @part sysname, @about NVARCHAR(3700), @is_new BIT, @level VARCHAR(6);
DECLARE docs CURSOR LOCAL FAST_FORWARD FOR SELECT part, about, is_new FROM @docs;
OPEN docs;
FETCH NEXT FROM docs INTO @part, @about, @is_new;
WHILE @@FETCH_STATUS = 0
BEGIN
    SET @level = CASE WHEN @part IS NOT NULL THEN 'COLUMN' END;
    IF @is_new = 1
        EXEC sys.sp_addextendedproperty
            N'MS_Description', @about, 'SCHEMA', N'dbo', 'VIEW', N'ACM_HealthTimeline', @level, @part;
    ELSE
        EXEC sys.sp_updateextendedproperty
            N'MS_Description', @about, 'SCHEMA', N'dbo', 'VIEW', N'ACM_HealthTimeline', @level, @part;
    FETCH NEXT FROM docs INTO @part, @about, @is_new;
END;
SET NOCOUNT OFF
GO

CREATE OR ALTER VIEW [dbo].[ACM_RegimeTimeline] AS
SELECT t.[RunID], t.[EquipID], t.[Timestamp], t.[regime_label] AS [RegimeLabel],
  CAST(CASE WHEN t.[drift_z] >= 3.09e0 THEN 'critical' WHEN t.[drift_z] >= 2.0e0 THEN 'suspect'
    WHEN t.[drift_z] IS NOT NULL THEN 'healthy' END AS NVARCHAR(16)) AS [RegimeState],
  t.[OperatingState]
FROM [ACM_Scores_Wide] AS t
GO

SET NOCOUNT ON;
DECLARE @object INT = OBJECT_ID(N'[dbo].[ACM_RegimeTimeline]');
DECLARE @docs TABLE (part sysname NULL, about NVARCHAR(3700) NOT NULL, is_new BIT NOT NULL);
INSERT INTO @docs (part, about, is_new)
SELECT v.part, v.about, CASE WHEN p.name IS NULL THEN 1 ELSE 0 END
FROM (VALUES
    (CAST(NULL AS sysname), N'Operating regime per reading: RegimeState is critical from drift_z 3.09, suspect from 2, healthy below')
) AS v (part, about)
LEFT JOIN sys.extended_properties AS p
    ON p.class = 1 AND p.major_id = @object AND p.name = N'MS_Description'
        AND p.minor_id = COALESCE(COLUMNPROPERTY(@object, v.part, 'ColumnId'), 0)
WHERE COALESCE(CAST(p.value AS NVARCHAR(3700)), N'') COLLATE Latin1_General_100_BIN2 <> v.about;
DECLARE @part sysname, @about NVARCHAR(3700), @is_new BIT, @level VARCHAR(6);
DECLARE docs CURSOR LOCAL FAST_FORWARD FOR SELECT part, about, is_new FROM @docs;
OPEN docs;
FETCH NEXT FROM docs INTO @part, @about, @is_new;
WHILE @@FETCH_STATUS = 0
BEGIN
    SET @level = CASE WHEN @part IS NOT NULL THEN 'COLUMN' END;
    IF @is_new = 1
        EXEC sys.sp_addextendedproperty
            N'MS_Description', @about, 'SCHEMA', N'dbo', 'VIEW', N'ACM_RegimeTimeline', @level, @part;
    ELSE
        EXEC sys.sp_updateextendedproperty
            N'MS_Description', @about, 'SCHEMA', N'dbo', 'VIEW', N'ACM_RegimeTimeline', @level, @part;
    FETCH NEXT FROM docs INTO @part, @about, @is_new;
END;
SET NOCOUNT OFF
GO

CREATE OR ALTER VIEW [dbo].[ACM_CulpritHistory] AS
SELECT t.[RunID], t.[EquipID], t.[StartTs] AS [StartTimestamp], t.[EndTs] AS [EndTimestamp], t.[DurationHours],
  t.[PrimaryDetector], t.[PrimarySensor], c.[ContributionPct] AS [WeightedContribution], t.[LeadMeanZ],
  t.[AvgFusedZ] AS [DuringMeanZ], t.[LagMeanZ]
FROM [ACM_Episodes] AS t
LEFT JOIN [ACM_EpisodeCulprits] AS c
  ON c.[EquipID] = t.[EquipID] AND c.[StartTs] = t.[StartTs] AND c.[SensorName] = t.[PrimarySensor]
GO

SET NOCOUNT ON;
DECLARE @object INT = OBJECT_ID(N'[dbo].[ACM_CulpritHistory]');
DECLARE @docs TABLE (part sysname NULL, about NVARCHAR(3700) NOT NULL, is_new BIT NOT NULL);
INSERT INTO @docs (part, about, is_new)
SELECT v.part, v.about, CASE WHEN p.name IS NULL THEN 1 ELSE 0 END
FROM (VALUES
    (CAST(NULL AS sysname), N'Top contributing sensor of each episode (annotations of dashboards)')
) AS v (part, about)
LEFT JOIN sys.extended_properties AS p
    ON p.class = 1 AND p.major_id = @object AND p.name = N'MS_Description'
        AND p.minor_id = COALESCE(COLUMNPROPERTY(@object, v.part, 'ColumnId'), 0)
WHERE COALESCE(CAST(p.value AS NVARCHAR(3700)), N'') COLLATE Latin1_General_100_BIN2 <> v.about;
DECLARE @part sysname, @about NVARCHAR(3700), @is_new BIT, @level VARCHAR(6);
DECLARE docs CURSOR LOCAL FAST_FORWARD FOR SELECT part, about, is_new FROM @docs;
OPEN docs;
FETCH NEXT FROM docs INTO @part, @about, @is_new;
WHILE @@FETCH_STATUS = 0
BEGIN
    SET @level = CASE WHEN @part IS NOT NULL THEN 'COLUMN' END;
    IF @is_new = 1
        EXEC sys.sp_addextendedproperty
            N'MS_Description', @about, 'SCHEMA', N'dbo', 'VIEW', N'ACM_CulpritHistory', @level, @part;
    ELSE
        EXEC sys.sp_updateextendedproperty
            N'MS_Description', @about, 'SCHEMA', N'dbo', 'VIEW', N'ACM_CulpritHistory', @level, @part;
    FETCH NEXT FROM docs INTO @part, @about, @is_new;
END;
SET NOCOUNT OFF
GO

CREATE OR ALTER VIEW [dbo].[ACM_DriftSeries] AS
SELECT t.[RunID], t.[EquipID], t.[Timestamp], t.[drift_z] AS [DriftValue]
FROM [ACM_Scores_Wide] AS t
WHERE t.[drift_z] IS NOT NULL
GO

SET NOCOUNT ON;
DECLARE @object INT = OBJECT_ID(N'[dbo].[ACM_DriftSeries]');
DECLARE @docs TABLE (part sysname NULL, about NVARCHAR(3700) NOT NULL, is_new BIT NOT NULL);
INSERT INTO @docs (part, about, is_new)
SELECT v.part, v.about, CASE WHEN p.name IS NULL THEN 1 ELSE 0 END
FROM (VALUES
    (CAST(NULL AS sysname), N'Drift score per reading, as z')
) AS v (part, about)
LEFT JOIN sys.extended_properties AS p
    ON p.class = 1 AND p.major_id = @object AND p.name = N'MS_Description'
        AND p.minor_id = COALESCE(COLUMNPROPERTY(@object, v.part, 'ColumnId'), 0)
WHERE COALESCE(CAST(p.value AS NVARCHAR(3700)), N'') COLLATE Latin1_General_100_BIN2 <> v.about;
DECLARE @part sysname, @about NVARCHAR(3700), @is_new BIT, @level VARCHAR(6);
DECLARE docs CURSOR LOCAL FAST_FORWARD FOR SELECT part, about, is_new FROM @docs;
OPEN docs;
FETCH NEXT FROM docs INTO @part, @about, @is_new;
WHILE @@FETCH_STATUS = 0
BEGIN
    SET @level = CASE WHEN @part IS NOT NULL THEN 'COLUMN' END;
    IF @is_new = 1
        EXEC sys.sp_addextendedproperty
            N'MS_Description', @about, 'SCHEMA', N'dbo', 'VIEW', N'ACM_DriftSeries', @level, @part;
    ELSE
        EXEC sys.sp_updateextendedproperty
            N'MS_Description', @about, 'SCHEMA', N'dbo', 'VIEW', N'ACM_DriftSeries', @level, @part;
    FETCH NEXT FROM docs INTO @part, @about, @is_new;
END;
SET NOCOUNT OFF
GO

CREATE OR ALTER VIEW [dbo].[ACM_RunHistory] AS
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

SET NOCOUNT ON;
DECLARE @object INT = OBJECT_ID(N'[dbo].[ACM_RunHistory]');
DECLARE @docs TABLE (part sysname NULL, about NVARCHAR(3700) NOT NULL, is_new BIT NOT NULL);
INSERT INTO @docs (part, about, is_new)
SELECT v.part, v.about, CASE WHEN p.name IS NULL THEN 1 ELSE 0 END
FROM (VALUES
    (CAST(NULL AS sysname), N'Every run with its machine, outcome and results')
) AS v (part, about)
LEFT JOIN sys.extended_properties AS p
    ON p.class = 1 AND p.major_id = @object AND p.name = N'MS_Description'
        AND p.minor_id = COALESCE(COLUMNPROPERTY(@object, v.part, 'ColumnId'), 0)
WHERE COALESCE(CAST(p.value AS NVARCHAR(3700)), N'') COLLATE Latin1_General_100_BIN2 <> v.about;
DECLARE @part sysname, @about NVARCHAR(3700), @is_new BIT, @level VARCHAR(6);
DECLARE docs CURSOR LOCAL FAST_FORWARD FOR SELECT part, about, is_new FROM @docs;
OPEN docs;
FETCH NEXT FROM docs INTO @part, @about, @is_new;
WHILE @@FETCH_STATUS = 0
BEGIN
    SET @level = CASE WHEN @part IS NOT NULL THEN 'COLUMN' END;
    IF @is_new = 1
        EXEC sys.sp_addextendedproperty
            N'MS_Description', @about, 'SCHEMA', N'dbo', 'VIEW', N'ACM_RunHistory', @level, @part;
    ELSE
        EXEC sys.sp_updateextendedproperty
            N'MS_Description', @about, 'SCHEMA', N'dbo', 'VIEW', N'ACM_RunHistory', @level, @part;
    FETCH NEXT FROM docs INTO @part, @about, @is_new;
END;
SET NOCOUNT OFF
GO

CREATE OR ALTER VIEW [dbo].[ACM_RunColumns] AS
SELECT r.[RunID], r.[EquipID], m.[Ordinal], m.[TagName] AS [ColumnName]
FROM [RunLog] AS r
JOIN [ACM_ModelTags] AS m ON m.[EquipID] = r.[EquipID] AND m.[ModelVersion] = r.[ModelVersion]
WHERE m.[Used] = CAST(1 AS BIT)
GO

SET NOCOUNT ON;
DECLARE @object INT = OBJECT_ID(N'[dbo].[ACM_RunColumns]');
DECLARE @docs TABLE (part sysname NULL, about NVARCHAR(3700) NOT NULL, is_new BIT NOT NULL);
INSERT INTO @docs (part, about, is_new)
SELECT v.part, v.about, CASE WHEN p.name IS NULL THEN 1 ELSE 0 END
FROM (VALUES
    (CAST(NULL AS sysname), N'Tags that each run scored, one row per tag')
) AS v (part, about)
LEFT JOIN sys.extended_properties AS p
    ON p.class = 1 AND p.major_id = @object AND p.name = N'MS_Description'
        AND p.minor_id = COALESCE(COLUMNPROPERTY(@object, v.part, 'ColumnId'), 0)
WHERE COALESCE(CAST(p.value AS NVARCHAR(3700)), N'') COLLATE Latin1_General_100_BIN2 <> v.about;
DECLARE @part sysname, @about NVARCHAR(3700), @is_new BIT, @level VARCHAR(6);
DECLARE docs CURSOR LOCAL FAST_FORWARD FOR SELECT part, about, is_new FROM @docs;
OPEN docs;
FETCH NEXT FROM docs INTO @part, @about, @is_new;
WHILE @@FETCH_STATUS = 0
BEGIN
    SET @level = CASE WHEN @part IS NOT NULL THEN 'COLUMN' END;
    IF @is_new = 1
        EXEC sys.sp_addextendedproperty
            N'MS_Description', @about, 'SCHEMA', N'dbo', 'VIEW', N'ACM_RunColumns', @level, @part;
    ELSE
        EXEC sys.sp_updateextendedproperty
            N'MS_Description', @about, 'SCHEMA', N'dbo', 'VIEW', N'ACM_RunColumns', @level, @part;
    FETCH NEXT FROM docs INTO @part, @about, @is_new;
END;
SET NOCOUNT OFF
GO

CREATE OR ALTER VIEW [dbo].[ACM_LocalTime] AS
SELECT h.[EquipID], e.[EquipCode], e.[TimeZone], h.[Timestamp],
  (SELECT CAST(h.[Timestamp] AT TIME ZONE 'UTC' AT TIME ZONE zone_map.[WindowsName] AS DATETIME2(3))
    FROM [ACM_TimeZones] AS zone_map WHERE zone_map.[IanaName] = e.[TimeZone]) AS [LocalTimestamp],
  h.[HealthIndex], h.[HealthZone], h.[FusedZ]
FROM [ACM_HealthTimeline] AS h
JOIN [Equipment] AS e ON e.[EquipID] = h.[EquipID]
GO

SET NOCOUNT ON;
DECLARE @object INT = OBJECT_ID(N'[dbo].[ACM_LocalTime]');
DECLARE @docs TABLE (part sysname NULL, about NVARCHAR(3700) NOT NULL, is_new BIT NOT NULL);
INSERT INTO @docs (part, about, is_new)
SELECT v.part, v.about, CASE WHEN p.name IS NULL THEN 1 ELSE 0 END
FROM (VALUES
    (CAST(NULL AS sysname), N'Health per reading with the local time of the machine')
) AS v (part, about)
LEFT JOIN sys.extended_properties AS p
    ON p.class = 1 AND p.major_id = @object AND p.name = N'MS_Description'
        AND p.minor_id = COALESCE(COLUMNPROPERTY(@object, v.part, 'ColumnId'), 0)
WHERE COALESCE(CAST(p.value AS NVARCHAR(3700)), N'') COLLATE Latin1_General_100_BIN2 <> v.about;
DECLARE @part sysname, @about NVARCHAR(3700), @is_new BIT, @level VARCHAR(6);
DECLARE docs CURSOR LOCAL FAST_FORWARD FOR SELECT part, about, is_new FROM @docs;
OPEN docs;
FETCH NEXT FROM docs INTO @part, @about, @is_new;
WHILE @@FETCH_STATUS = 0
BEGIN
    SET @level = CASE WHEN @part IS NOT NULL THEN 'COLUMN' END;
    IF @is_new = 1
        EXEC sys.sp_addextendedproperty
            N'MS_Description', @about, 'SCHEMA', N'dbo', 'VIEW', N'ACM_LocalTime', @level, @part;
    ELSE
        EXEC sys.sp_updateextendedproperty
            N'MS_Description', @about, 'SCHEMA', N'dbo', 'VIEW', N'ACM_LocalTime', @level, @part;
    FETCH NEXT FROM docs INTO @part, @about, @is_new;
END;
SET NOCOUNT OFF
GO

CREATE OR ALTER VIEW [dbo].[ACM_EpisodesLocal] AS
SELECT t.[EquipID], e.[EquipCode], e.[TimeZone], t.[StartTs], t.[EndTs],
  (SELECT CAST(t.[StartTs] AT TIME ZONE 'UTC' AT TIME ZONE zone_map.[WindowsName] AS DATETIME2(3))
    FROM [ACM_TimeZones] AS zone_map WHERE zone_map.[IanaName] = e.[TimeZone]) AS [LocalStartTs],
  (SELECT CAST(t.[EndTs] AT TIME ZONE 'UTC' AT TIME ZONE zone_map.[WindowsName] AS DATETIME2(3))
    FROM [ACM_TimeZones] AS zone_map WHERE zone_map.[IanaName] = e.[TimeZone]) AS [LocalEndTs],
  t.[Status], t.[DurationHours], t.[PeakFusedZ], t.[MinHealthIndex], t.[Severity],
  t.[PrimarySensor], t.[Culprits]
FROM [ACM_Episodes] AS t
JOIN [Equipment] AS e ON e.[EquipID] = t.[EquipID]
GO

SET NOCOUNT ON;
DECLARE @object INT = OBJECT_ID(N'[dbo].[ACM_EpisodesLocal]');
DECLARE @docs TABLE (part sysname NULL, about NVARCHAR(3700) NOT NULL, is_new BIT NOT NULL);
INSERT INTO @docs (part, about, is_new)
SELECT v.part, v.about, CASE WHEN p.name IS NULL THEN 1 ELSE 0 END
FROM (VALUES
    (CAST(NULL AS sysname), N'Episodes with the local times of the machine')
) AS v (part, about)
LEFT JOIN sys.extended_properties AS p
    ON p.class = 1 AND p.major_id = @object AND p.name = N'MS_Description'
        AND p.minor_id = COALESCE(COLUMNPROPERTY(@object, v.part, 'ColumnId'), 0)
WHERE COALESCE(CAST(p.value AS NVARCHAR(3700)), N'') COLLATE Latin1_General_100_BIN2 <> v.about;
DECLARE @part sysname, @about NVARCHAR(3700), @is_new BIT, @level VARCHAR(6);
DECLARE docs CURSOR LOCAL FAST_FORWARD FOR SELECT part, about, is_new FROM @docs;
OPEN docs;
FETCH NEXT FROM docs INTO @part, @about, @is_new;
WHILE @@FETCH_STATUS = 0
BEGIN
    SET @level = CASE WHEN @part IS NOT NULL THEN 'COLUMN' END;
    IF @is_new = 1
        EXEC sys.sp_addextendedproperty
            N'MS_Description', @about, 'SCHEMA', N'dbo', 'VIEW', N'ACM_EpisodesLocal', @level, @part;
    ELSE
        EXEC sys.sp_updateextendedproperty
            N'MS_Description', @about, 'SCHEMA', N'dbo', 'VIEW', N'ACM_EpisodesLocal', @level, @part;
    FETCH NEXT FROM docs INTO @part, @about, @is_new;
END;
SET NOCOUNT OFF
GO

CREATE OR ALTER VIEW [dbo].[ACM_LatestRun] AS
SELECT h.[EquipID], h.[EquipCode], h.[RunID], h.[WindowStart], h.[WindowEnd], h.[Outcome], h.[Provisional],
  h.[AttemptStartedAt], h.[CompletedAt], h.[HealthStatus], h.[AvgHealthIndex], h.[MinHealthIndex],
  h.[MaxFusedZ], h.[ModelVersion], h.[ErrorMessage]
FROM (
  SELECT r.*, ROW_NUMBER() OVER (PARTITION BY r.[EquipID] ORDER BY r.[WindowStart] DESC, r.[RunID]) AS ranked
  FROM (SELECT e.[EquipID], (
    SELECT MAX(m.[AttemptStartedAt]) FROM [RunLog] AS m WHERE m.[EquipID] = e.[EquipID] AND m.[Stage] = 'score'
  ) AS newest FROM [Equipment] AS e) AS n
  JOIN [ACM_RunHistory] AS r ON r.[EquipID] = n.[EquipID] AND r.[AttemptStartedAt] = n.newest
    AND r.[Stage] = 'score'
) AS h
WHERE h.ranked = 1
GO

SET NOCOUNT ON;
DECLARE @object INT = OBJECT_ID(N'[dbo].[ACM_LatestRun]');
DECLARE @docs TABLE (part sysname NULL, about NVARCHAR(3700) NOT NULL, is_new BIT NOT NULL);
INSERT INTO @docs (part, about, is_new)
SELECT v.part, v.about, CASE WHEN p.name IS NULL THEN 1 ELSE 0 END
FROM (VALUES
    (CAST(NULL AS sysname), N'Latest scoring attempt of each machine: window, outcome and results')
) AS v (part, about)
LEFT JOIN sys.extended_properties AS p
    ON p.class = 1 AND p.major_id = @object AND p.name = N'MS_Description'
        AND p.minor_id = COALESCE(COLUMNPROPERTY(@object, v.part, 'ColumnId'), 0)
WHERE COALESCE(CAST(p.value AS NVARCHAR(3700)), N'') COLLATE Latin1_General_100_BIN2 <> v.about;
DECLARE @part sysname, @about NVARCHAR(3700), @is_new BIT, @level VARCHAR(6);
DECLARE docs CURSOR LOCAL FAST_FORWARD FOR SELECT part, about, is_new FROM @docs;
OPEN docs;
FETCH NEXT FROM docs INTO @part, @about, @is_new;
WHILE @@FETCH_STATUS = 0
BEGIN
    SET @level = CASE WHEN @part IS NOT NULL THEN 'COLUMN' END;
    IF @is_new = 1
        EXEC sys.sp_addextendedproperty
            N'MS_Description', @about, 'SCHEMA', N'dbo', 'VIEW', N'ACM_LatestRun', @level, @part;
    ELSE
        EXEC sys.sp_updateextendedproperty
            N'MS_Description', @about, 'SCHEMA', N'dbo', 'VIEW', N'ACM_LatestRun', @level, @part;
    FETCH NEXT FROM docs INTO @part, @about, @is_new;
END;
SET NOCOUNT OFF
GO

CREATE OR ALTER VIEW [dbo].[ACM_HealthTimeline_Latest] AS
SELECT h.[RunID], h.[EquipID], h.[Timestamp], h.[HealthIndex], h.[HealthZone], h.[FusedZ]
FROM (SELECT e.[EquipID], (
    SELECT MAX(m.[Timestamp]) FROM [ACM_HealthTimeline] AS m WHERE m.[EquipID] = e.[EquipID] AND m.[HealthIndex] IS NOT NULL
  ) AS newest FROM [Equipment] AS e) AS n
JOIN [ACM_HealthTimeline] AS h ON h.[EquipID] = n.[EquipID] AND h.[Timestamp] = n.newest
GO

SET NOCOUNT ON;
DECLARE @object INT = OBJECT_ID(N'[dbo].[ACM_HealthTimeline_Latest]');
DECLARE @docs TABLE (part sysname NULL, about NVARCHAR(3700) NOT NULL, is_new BIT NOT NULL);
INSERT INTO @docs (part, about, is_new)
SELECT v.part, v.about, CASE WHEN p.name IS NULL THEN 1 ELSE 0 END
FROM (VALUES
    (CAST(NULL AS sysname), N'Last assessed reading of each machine')
) AS v (part, about)
LEFT JOIN sys.extended_properties AS p
    ON p.class = 1 AND p.major_id = @object AND p.name = N'MS_Description'
        AND p.minor_id = COALESCE(COLUMNPROPERTY(@object, v.part, 'ColumnId'), 0)
WHERE COALESCE(CAST(p.value AS NVARCHAR(3700)), N'') COLLATE Latin1_General_100_BIN2 <> v.about;
DECLARE @part sysname, @about NVARCHAR(3700), @is_new BIT, @level VARCHAR(6);
DECLARE docs CURSOR LOCAL FAST_FORWARD FOR SELECT part, about, is_new FROM @docs;
OPEN docs;
FETCH NEXT FROM docs INTO @part, @about, @is_new;
WHILE @@FETCH_STATUS = 0
BEGIN
    SET @level = CASE WHEN @part IS NOT NULL THEN 'COLUMN' END;
    IF @is_new = 1
        EXEC sys.sp_addextendedproperty
            N'MS_Description', @about, 'SCHEMA', N'dbo', 'VIEW', N'ACM_HealthTimeline_Latest', @level, @part;
    ELSE
        EXEC sys.sp_updateextendedproperty
            N'MS_Description', @about, 'SCHEMA', N'dbo', 'VIEW', N'ACM_HealthTimeline_Latest', @level, @part;
    FETCH NEXT FROM docs INTO @part, @about, @is_new;
END;
SET NOCOUNT OFF
GO

CREATE OR ALTER VIEW [dbo].[ACM_BatchStatus] AS
SELECT e.[EquipID], e.[EquipCode], COALESCE(c.[Status], 'PENDING') AS [ColdstartStatus], c.[AccumulatedRows],
  c.[RequiredRows], c.[Reason] AS [ColdstartReason], p.[LastBatchEndTime], p.[BatchesCompleted],
  p.[TickMinutes], p.[DataMin], p.[DataMax], p.[UpdatedAt], l.[RunID] AS [LastRunID],
  l.[Outcome] AS [LastOutcome], l.[AttemptStartedAt] AS [LastAttemptStartedAt], l.[ErrorMessage] AS [LastError]
FROM [Equipment] AS e
LEFT JOIN [ACM_ColdstartState] AS c ON c.[EquipID] = e.[EquipID] AND c.[Stage] = 'score'
LEFT JOIN [ACM_BatchProgress] AS p ON p.[EquipID] = e.[EquipID]
LEFT JOIN [ACM_LatestRun] AS l ON l.[EquipID] = e.[EquipID]
GO

SET NOCOUNT ON;
DECLARE @object INT = OBJECT_ID(N'[dbo].[ACM_BatchStatus]');
DECLARE @docs TABLE (part sysname NULL, about NVARCHAR(3700) NOT NULL, is_new BIT NOT NULL);
INSERT INTO @docs (part, about, is_new)
SELECT v.part, v.about, CASE WHEN p.name IS NULL THEN 1 ELSE 0 END
FROM (VALUES
    (CAST(NULL AS sysname), N'Coldstart, progress and latest run of each machine, one row per machine')
) AS v (part, about)
LEFT JOIN sys.extended_properties AS p
    ON p.class = 1 AND p.major_id = @object AND p.name = N'MS_Description'
        AND p.minor_id = COALESCE(COLUMNPROPERTY(@object, v.part, 'ColumnId'), 0)
WHERE COALESCE(CAST(p.value AS NVARCHAR(3700)), N'') COLLATE Latin1_General_100_BIN2 <> v.about;
DECLARE @part sysname, @about NVARCHAR(3700), @is_new BIT, @level VARCHAR(6);
DECLARE docs CURSOR LOCAL FAST_FORWARD FOR SELECT part, about, is_new FROM @docs;
OPEN docs;
FETCH NEXT FROM docs INTO @part, @about, @is_new;
WHILE @@FETCH_STATUS = 0
BEGIN
    SET @level = CASE WHEN @part IS NOT NULL THEN 'COLUMN' END;
    IF @is_new = 1
        EXEC sys.sp_addextendedproperty
            N'MS_Description', @about, 'SCHEMA', N'dbo', 'VIEW', N'ACM_BatchStatus', @level, @part;
    ELSE
        EXEC sys.sp_updateextendedproperty
            N'MS_Description', @about, 'SCHEMA', N'dbo', 'VIEW', N'ACM_BatchStatus', @level, @part;
    FETCH NEXT FROM docs INTO @part, @about, @is_new;
END;
SET NOCOUNT OFF
GO

CREATE OR ALTER VIEW [dbo].[ACM_RUL_TS] AS
SELECT s.[RunID], s.[EquipID], s.[AsOf], f.[Timestamp], f.[HorizonHours],
  CASE WHEN s.[RUL_Hours] > f.[HorizonHours] THEN s.[RUL_Hours] - f.[HorizonHours]
    WHEN s.[RUL_Hours] IS NOT NULL THEN 0e0 END AS [RUL_Hours],
  CASE WHEN s.[LowerBound] > f.[HorizonHours] THEN s.[LowerBound] - f.[HorizonHours]
    WHEN s.[LowerBound] IS NOT NULL THEN 0e0 END AS [LowerBound],
  CASE WHEN s.[UpperBound] > f.[HorizonHours] THEN s.[UpperBound] - f.[HorizonHours]
    WHEN s.[UpperBound] IS NOT NULL THEN 0e0 END AS [UpperBound],
  s.[Confidence], s.[Method]
FROM [ACM_RUL_Summary] AS s
JOIN [ACM_HealthForecast_TS] AS f ON f.[EquipID] = s.[EquipID] AND f.[AsOf] = s.[AsOf]
WHERE s.[RUL_Hours] IS NOT NULL
GO

SET NOCOUNT ON;
DECLARE @object INT = OBJECT_ID(N'[dbo].[ACM_RUL_TS]');
DECLARE @docs TABLE (part sysname NULL, about NVARCHAR(3700) NOT NULL, is_new BIT NOT NULL);
INSERT INTO @docs (part, about, is_new)
SELECT v.part, v.about, CASE WHEN p.name IS NULL THEN 1 ELSE 0 END
FROM (VALUES
    (CAST(NULL AS sysname), N'Time to threshold of ACM_RUL_Summary counted down over the horizon; empty without a degradation trend')
) AS v (part, about)
LEFT JOIN sys.extended_properties AS p
    ON p.class = 1 AND p.major_id = @object AND p.name = N'MS_Description'
        AND p.minor_id = COALESCE(COLUMNPROPERTY(@object, v.part, 'ColumnId'), 0)
WHERE COALESCE(CAST(p.value AS NVARCHAR(3700)), N'') COLLATE Latin1_General_100_BIN2 <> v.about;
DECLARE @part sysname, @about NVARCHAR(3700), @is_new BIT, @level VARCHAR(6);
DECLARE docs CURSOR LOCAL FAST_FORWARD FOR SELECT part, about, is_new FROM @docs;
OPEN docs;
FETCH NEXT FROM docs INTO @part, @about, @is_new;
WHILE @@FETCH_STATUS = 0
BEGIN
    SET @level = CASE WHEN @part IS NOT NULL THEN 'COLUMN' END;
    IF @is_new = 1
        EXEC sys.sp_addextendedproperty
            N'MS_Description', @about, 'SCHEMA', N'dbo', 'VIEW', N'ACM_RUL_TS', @level, @part;
    ELSE
        EXEC sys.sp_updateextendedproperty
            N'MS_Description', @about, 'SCHEMA', N'dbo', 'VIEW', N'ACM_RUL_TS', @level, @part;
    FETCH NEXT FROM docs INTO @part, @about, @is_new;
END;
SET NOCOUNT OFF
GO

CREATE OR ALTER VIEW [dbo].[ACM_EnhancedFailureProbability_TS] AS
SELECT f.[RunID], f.[EquipID], f.[AsOf], f.[Timestamp], f.[HorizonHours] AS [ForecastHorizon_Hours],
  h.[ForecastHealth], h.[ForecastStd] AS [ForecastUncertainty], f.[FailureProb] AS [FailureProbability],
  CASE WHEN f.[FailureProb] < 0.1 THEN 'Low' WHEN f.[FailureProb] < 0.3 THEN 'Medium'
    WHEN f.[FailureProb] < 0.5 THEN 'High' WHEN f.[FailureProb] < 0.7 THEN 'VeryHigh'
    ELSE 'Critical' END AS [RiskLevel],
  s.[Confidence], f.[Method] AS [Model]
FROM [ACM_FailureForecast_TS] AS f
JOIN [ACM_HealthForecast_TS] AS h
  ON h.[EquipID] = f.[EquipID] AND h.[AsOf] = f.[AsOf] AND h.[Timestamp] = f.[Timestamp]
JOIN [ACM_RUL_Summary] AS s ON s.[EquipID] = f.[EquipID] AND s.[AsOf] = f.[AsOf]
GO

SET NOCOUNT ON;
DECLARE @object INT = OBJECT_ID(N'[dbo].[ACM_EnhancedFailureProbability_TS]');
DECLARE @docs TABLE (part sysname NULL, about NVARCHAR(3700) NOT NULL, is_new BIT NOT NULL);
INSERT INTO @docs (part, about, is_new)
SELECT v.part, v.about, CASE WHEN p.name IS NULL THEN 1 ELSE 0 END
FROM (VALUES
    (CAST(NULL AS sysname), N'Forecast health and failure probability in one row, with the risk level')
) AS v (part, about)
LEFT JOIN sys.extended_properties AS p
    ON p.class = 1 AND p.major_id = @object AND p.name = N'MS_Description'
        AND p.minor_id = COALESCE(COLUMNPROPERTY(@object, v.part, 'ColumnId'), 0)
WHERE COALESCE(CAST(p.value AS NVARCHAR(3700)), N'') COLLATE Latin1_General_100_BIN2 <> v.about;
DECLARE @part sysname, @about NVARCHAR(3700), @is_new BIT, @level VARCHAR(6);
DECLARE docs CURSOR LOCAL FAST_FORWARD FOR SELECT part, about, is_new FROM @docs;
OPEN docs;
FETCH NEXT FROM docs INTO @part, @about, @is_new;
WHILE @@FETCH_STATUS = 0
BEGIN
    SET @level = CASE WHEN @part IS NOT NULL THEN 'COLUMN' END;
    IF @is_new = 1
        EXEC sys.sp_addextendedproperty
            N'MS_Description', @about, 'SCHEMA', N'dbo', 'VIEW', N'ACM_EnhancedFailureProbability_TS', @level, @part;
    ELSE
        EXEC sys.sp_updateextendedproperty
            N'MS_Description', @about, 'SCHEMA', N'dbo', 'VIEW', N'ACM_EnhancedFailureProbability_TS', @level, @part;
    FETCH NEXT FROM docs INTO @part, @about, @is_new;
END;
SET NOCOUNT OFF
GO

CREATE OR ALTER VIEW [dbo].[ACM_EnhancedMaintenanceRecommendation] AS
SELECT m.[RunID], m.[EquipID], m.[AsOf], 100 * s.[FailureProb7d] AS [UrgencyScore],
  CAST(1 AS BIT) AS [MaintenanceRequired], m.[EarliestMaintenance], m.[PreferredWindowStart],
  m.[PreferredWindowEnd], m.[PreferredWindowEnd] AS [LatestSafeTime],
  m.[FailureProbAtWindowEnd] AS [FailureProbAtLatest], s.[Method] AS [FailurePattern], s.[Confidence],
  CAST(NULL AS FLOAT(53)) AS [EstimatedDuration_Hours]
FROM [ACM_MaintenanceRecommendation] AS m
JOIN [ACM_RUL_Summary] AS s ON s.[EquipID] = m.[EquipID] AND s.[AsOf] = m.[AsOf]
GO

SET NOCOUNT ON;
DECLARE @object INT = OBJECT_ID(N'[dbo].[ACM_EnhancedMaintenanceRecommendation]');
DECLARE @docs TABLE (part sysname NULL, about NVARCHAR(3700) NOT NULL, is_new BIT NOT NULL);
INSERT INTO @docs (part, about, is_new)
SELECT v.part, v.about, CASE WHEN p.name IS NULL THEN 1 ELSE 0 END
FROM (VALUES
    (CAST(NULL AS sysname), N'When to maintain a machine that degrades, and its urgency (failure probability within a week, percent)')
) AS v (part, about)
LEFT JOIN sys.extended_properties AS p
    ON p.class = 1 AND p.major_id = @object AND p.name = N'MS_Description'
        AND p.minor_id = COALESCE(COLUMNPROPERTY(@object, v.part, 'ColumnId'), 0)
WHERE COALESCE(CAST(p.value AS NVARCHAR(3700)), N'') COLLATE Latin1_General_100_BIN2 <> v.about;
DECLARE @part sysname, @about NVARCHAR(3700), @is_new BIT, @level VARCHAR(6);
DECLARE docs CURSOR LOCAL FAST_FORWARD FOR SELECT part, about, is_new FROM @docs;
OPEN docs;
FETCH NEXT FROM docs INTO @part, @about, @is_new;
WHILE @@FETCH_STATUS = 0
BEGIN
    SET @level = CASE WHEN @part IS NOT NULL THEN 'COLUMN' END;
    IF @is_new = 1
        EXEC sys.sp_addextendedproperty
            N'MS_Description', @about, 'SCHEMA', N'dbo', 'VIEW', N'ACM_EnhancedMaintenanceRecommendation', @level, @part;
    ELSE
        EXEC sys.sp_updateextendedproperty
            N'MS_Description', @about, 'SCHEMA', N'dbo', 'VIEW', N'ACM_EnhancedMaintenanceRecommendation', @level, @part;
    FETCH NEXT FROM docs INTO @part, @about, @is_new;
END;
SET NOCOUNT OFF
GO

CREATE OR ALTER VIEW [dbo].[ACM_FailureCausation] AS
SELECT p.[RunID], p.[EquipID], p.[AsOf], p.[Detector], p.[PredictedFailureTime], p.[FailurePattern],
  AVG(p.[ZScore]) AS [MeanZ], MAX(p.[ZScore]) AS [MaxZ],
  SUM(CASE WHEN p.[ZScore] >= 3.09 THEN 1 ELSE 0 END) AS [SpikeCount],
  (AVG(p.days * p.[ZScore]) - AVG(p.days) * AVG(p.[ZScore]))
    / NULLIF(AVG(p.days * p.days) - AVG(p.days) * AVG(p.days), 0) AS [TrendSlope],
  AVG(p.[ContributionPct]) / 100 AS [ContributionWeight], AVG(p.[ContributionPct]) AS [ContributionPct]
FROM (
  SELECT s.[RunID], s.[EquipID], s.[AsOf], c.[DetectorType] AS [Detector],
    s.[FailureTime] AS [PredictedFailureTime], s.[Method] AS [FailurePattern], c.[ZScore], c.[ContributionPct],
    CAST(DATEDIFF(second, s.[TrendStart], c.[Timestamp]) AS FLOAT(53)) / 86400 AS days
  FROM [ACM_RUL_Summary] AS s
  JOIN [ACM_ContributionTimeline] AS c ON c.[EquipID] = s.[EquipID]
    AND c.[Timestamp] >= s.[TrendStart] AND c.[Timestamp] < s.[IssuedAt]
  WHERE s.[RUL_Hours] IS NOT NULL
) AS p
GROUP BY p.[RunID], p.[EquipID], p.[AsOf], p.[Detector], p.[PredictedFailureTime], p.[FailurePattern]
GO

SET NOCOUNT ON;
DECLARE @object INT = OBJECT_ID(N'[dbo].[ACM_FailureCausation]');
DECLARE @docs TABLE (part sysname NULL, about NVARCHAR(3700) NOT NULL, is_new BIT NOT NULL);
INSERT INTO @docs (part, about, is_new)
SELECT v.part, v.about, CASE WHEN p.name IS NULL THEN 1 ELSE 0 END
FROM (VALUES
    (CAST(NULL AS sysname), N'Scores of each detector since the last change point of a degrading machine (rows of ACM_ContributionTimeline)')
) AS v (part, about)
LEFT JOIN sys.extended_properties AS p
    ON p.class = 1 AND p.major_id = @object AND p.name = N'MS_Description'
        AND p.minor_id = COALESCE(COLUMNPROPERTY(@object, v.part, 'ColumnId'), 0)
WHERE COALESCE(CAST(p.value AS NVARCHAR(3700)), N'') COLLATE Latin1_General_100_BIN2 <> v.about;
DECLARE @part sysname, @about NVARCHAR(3700), @is_new BIT, @level VARCHAR(6);
DECLARE docs CURSOR LOCAL FAST_FORWARD FOR SELECT part, about, is_new FROM @docs;
OPEN docs;
FETCH NEXT FROM docs INTO @part, @about, @is_new;
WHILE @@FETCH_STATUS = 0
BEGIN
    SET @level = CASE WHEN @part IS NOT NULL THEN 'COLUMN' END;
    IF @is_new = 1
        EXEC sys.sp_addextendedproperty
            N'MS_Description', @about, 'SCHEMA', N'dbo', 'VIEW', N'ACM_FailureCausation', @level, @part;
    ELSE
        EXEC sys.sp_updateextendedproperty
            N'MS_Description', @about, 'SCHEMA', N'dbo', 'VIEW', N'ACM_FailureCausation', @level, @part;
    FETCH NEXT FROM docs INTO @part, @about, @is_new;
END;
SET NOCOUNT OFF
GO

CREATE OR ALTER VIEW [dbo].[ACM_RecommendedActions] AS
SELECT m.[RunID], m.[EquipID], m.[AsOf],
  CASE WHEN a.[SensorName] IS NULL THEN 'Inspect the machine'
    ELSE CONCAT('Inspect what ', a.[SensorName], ' measures') END AS [Action],
  CASE WHEN s.[FailureProb7d] >= 0.5 THEN 'High' WHEN s.[FailureProb30d] >= 0.5 THEN 'Medium'
    ELSE 'Low' END AS [Priority],
  m.[PreferredWindowEnd] AS [DueBy], CAST(NULL AS FLOAT(53)) AS [EstimatedDuration_Hours]
FROM [ACM_MaintenanceRecommendation] AS m
JOIN [ACM_RUL_Summary] AS s ON s.[EquipID] = m.[EquipID] AND s.[AsOf] = m.[AsOf]
LEFT JOIN [ACM_RUL_Attribution] AS a
  ON a.[EquipID] = m.[EquipID] AND a.[AsOf] = m.[AsOf] AND a.[FailureContribution] >= 0.1
UNION ALL
SELECT q.[RunID], q.[EquipID], r.[WindowStart],
  CONCAT(CASE WHEN q.[EventType] = 'sensor_unit_changed' THEN 'Correct the unit of ' WHEN q.[EventType] = 'sensor_swapped' THEN 'Correct the connection or the name of ' ELSE 'Check or replace the sensor ' END, q.[ColumnName]),
  'Medium', CAST(NULL AS DATETIME2(3)), CAST(NULL AS FLOAT(53))
FROM [ACM_DataQualityEvents] AS q JOIN [RunLog] AS r ON r.[RunID] = q.[RunID]
WHERE r.[Outcome] = 'OK' AND q.[EventType] IN ('sensor_stuck', 'sensor_dead', 'sensor_saturated', 'sensor_unit_changed', 'sensor_swapped', 'sensor_coarse')
GO

SET NOCOUNT ON;
DECLARE @object INT = OBJECT_ID(N'[dbo].[ACM_RecommendedActions]');
DECLARE @docs TABLE (part sysname NULL, about NVARCHAR(3700) NOT NULL, is_new BIT NOT NULL);
INSERT INTO @docs (part, about, is_new)
SELECT v.part, v.about, CASE WHEN p.name IS NULL THEN 1 ELSE 0 END
FROM (VALUES
    (CAST(NULL AS sysname), N'Recommended work: sensors with at least 10 % of the degradation, else the machine; and faulty sensors by window')
) AS v (part, about)
LEFT JOIN sys.extended_properties AS p
    ON p.class = 1 AND p.major_id = @object AND p.name = N'MS_Description'
        AND p.minor_id = COALESCE(COLUMNPROPERTY(@object, v.part, 'ColumnId'), 0)
WHERE COALESCE(CAST(p.value AS NVARCHAR(3700)), N'') COLLATE Latin1_General_100_BIN2 <> v.about;
DECLARE @part sysname, @about NVARCHAR(3700), @is_new BIT, @level VARCHAR(6);
DECLARE docs CURSOR LOCAL FAST_FORWARD FOR SELECT part, about, is_new FROM @docs;
OPEN docs;
FETCH NEXT FROM docs INTO @part, @about, @is_new;
WHILE @@FETCH_STATUS = 0
BEGIN
    SET @level = CASE WHEN @part IS NOT NULL THEN 'COLUMN' END;
    IF @is_new = 1
        EXEC sys.sp_addextendedproperty
            N'MS_Description', @about, 'SCHEMA', N'dbo', 'VIEW', N'ACM_RecommendedActions', @level, @part;
    ELSE
        EXEC sys.sp_updateextendedproperty
            N'MS_Description', @about, 'SCHEMA', N'dbo', 'VIEW', N'ACM_RecommendedActions', @level, @part;
    FETCH NEXT FROM docs INTO @part, @about, @is_new;
END;
SET NOCOUNT OFF
GO

CREATE OR ALTER VIEW [dbo].[ACM_Scores_Long] AS
SELECT t.[RunID], t.[EquipID], t.[Timestamp], 'ar1_z' AS [DetectorType], t.[ar1_z] AS [ZScore]
FROM [ACM_Scores_Wide] AS t WHERE t.[ar1_z] IS NOT NULL
UNION ALL
SELECT t.[RunID], t.[EquipID], t.[Timestamp], 'pca_spe_z' AS [DetectorType], t.[pca_spe_z] AS [ZScore]
FROM [ACM_Scores_Wide] AS t WHERE t.[pca_spe_z] IS NOT NULL
UNION ALL
SELECT t.[RunID], t.[EquipID], t.[Timestamp], 'pca_t2_z' AS [DetectorType], t.[pca_t2_z] AS [ZScore]
FROM [ACM_Scores_Wide] AS t WHERE t.[pca_t2_z] IS NOT NULL
UNION ALL
SELECT t.[RunID], t.[EquipID], t.[Timestamp], 'mhal_z' AS [DetectorType], t.[mhal_z] AS [ZScore]
FROM [ACM_Scores_Wide] AS t WHERE t.[mhal_z] IS NOT NULL
UNION ALL
SELECT t.[RunID], t.[EquipID], t.[Timestamp], 'iforest_z' AS [DetectorType], t.[iforest_z] AS [ZScore]
FROM [ACM_Scores_Wide] AS t WHERE t.[iforest_z] IS NOT NULL
UNION ALL
SELECT t.[RunID], t.[EquipID], t.[Timestamp], 'gmm_z' AS [DetectorType], t.[gmm_z] AS [ZScore]
FROM [ACM_Scores_Wide] AS t WHERE t.[gmm_z] IS NOT NULL
UNION ALL
SELECT t.[RunID], t.[EquipID], t.[Timestamp], 'omr_z' AS [DetectorType], t.[omr_z] AS [ZScore]
FROM [ACM_Scores_Wide] AS t WHERE t.[omr_z] IS NOT NULL
UNION ALL
SELECT t.[RunID], t.[EquipID], t.[Timestamp], 'mewma_z' AS [DetectorType], t.[mewma_z] AS [ZScore]
FROM [ACM_Scores_Wide] AS t WHERE t.[mewma_z] IS NOT NULL
GO

SET NOCOUNT ON;
DECLARE @object INT = OBJECT_ID(N'[dbo].[ACM_Scores_Long]');
DECLARE @docs TABLE (part sysname NULL, about NVARCHAR(3700) NOT NULL, is_new BIT NOT NULL);
INSERT INTO @docs (part, about, is_new)
SELECT v.part, v.about, CASE WHEN p.name IS NULL THEN 1 ELSE 0 END
FROM (VALUES
    (CAST(NULL AS sysname), N'ACM_Scores_Wide in long form: one row per assessed reading and detector')
) AS v (part, about)
LEFT JOIN sys.extended_properties AS p
    ON p.class = 1 AND p.major_id = @object AND p.name = N'MS_Description'
        AND p.minor_id = COALESCE(COLUMNPROPERTY(@object, v.part, 'ColumnId'), 0)
WHERE COALESCE(CAST(p.value AS NVARCHAR(3700)), N'') COLLATE Latin1_General_100_BIN2 <> v.about;
DECLARE @part sysname, @about NVARCHAR(3700), @is_new BIT, @level VARCHAR(6);
DECLARE docs CURSOR LOCAL FAST_FORWARD FOR SELECT part, about, is_new FROM @docs;
OPEN docs;
FETCH NEXT FROM docs INTO @part, @about, @is_new;
WHILE @@FETCH_STATUS = 0
BEGIN
    SET @level = CASE WHEN @part IS NOT NULL THEN 'COLUMN' END;
    IF @is_new = 1
        EXEC sys.sp_addextendedproperty
            N'MS_Description', @about, 'SCHEMA', N'dbo', 'VIEW', N'ACM_Scores_Long', @level, @part;
    ELSE
        EXEC sys.sp_updateextendedproperty
            N'MS_Description', @about, 'SCHEMA', N'dbo', 'VIEW', N'ACM_Scores_Long', @level, @part;
    FETCH NEXT FROM docs INTO @part, @about, @is_new;
END;
SET NOCOUNT OFF
GO

CREATE OR ALTER VIEW [dbo].[ACM_Drift_TS] AS
SELECT t.[RunID], t.[EquipID], t.[Timestamp], t.[drift_z] AS [DriftValue], t.[drift_z] AS [DriftZ]
FROM [ACM_Scores_Wide] AS t
WHERE t.[drift_z] IS NOT NULL
GO

SET NOCOUNT ON;
DECLARE @object INT = OBJECT_ID(N'[dbo].[ACM_Drift_TS]');
DECLARE @docs TABLE (part sysname NULL, about NVARCHAR(3700) NOT NULL, is_new BIT NOT NULL);
INSERT INTO @docs (part, about, is_new)
SELECT v.part, v.about, CASE WHEN p.name IS NULL THEN 1 ELSE 0 END
FROM (VALUES
    (CAST(NULL AS sysname), N'ACM_DriftSeries, under another V8 name')
) AS v (part, about)
LEFT JOIN sys.extended_properties AS p
    ON p.class = 1 AND p.major_id = @object AND p.name = N'MS_Description'
        AND p.minor_id = COALESCE(COLUMNPROPERTY(@object, v.part, 'ColumnId'), 0)
WHERE COALESCE(CAST(p.value AS NVARCHAR(3700)), N'') COLLATE Latin1_General_100_BIN2 <> v.about;
DECLARE @part sysname, @about NVARCHAR(3700), @is_new BIT, @level VARCHAR(6);
DECLARE docs CURSOR LOCAL FAST_FORWARD FOR SELECT part, about, is_new FROM @docs;
OPEN docs;
FETCH NEXT FROM docs INTO @part, @about, @is_new;
WHILE @@FETCH_STATUS = 0
BEGIN
    SET @level = CASE WHEN @part IS NOT NULL THEN 'COLUMN' END;
    IF @is_new = 1
        EXEC sys.sp_addextendedproperty
            N'MS_Description', @about, 'SCHEMA', N'dbo', 'VIEW', N'ACM_Drift_TS', @level, @part;
    ELSE
        EXEC sys.sp_updateextendedproperty
            N'MS_Description', @about, 'SCHEMA', N'dbo', 'VIEW', N'ACM_Drift_TS', @level, @part;
    FETCH NEXT FROM docs INTO @part, @about, @is_new;
END;
SET NOCOUNT OFF
GO

CREATE OR ALTER VIEW [dbo].[ACM_Anomaly_Events] AS
SELECT t.[RunID], t.[EquipID], t.[StartTs], t.[EndTs], t.[PeakFusedZ] AS [PeakScore], t.[Severity], t.[Status],
  t.[PrimaryDetector], t.[PrimarySensor], t.[Culprits]
FROM [ACM_Episodes] AS t
GO

SET NOCOUNT ON;
DECLARE @object INT = OBJECT_ID(N'[dbo].[ACM_Anomaly_Events]');
DECLARE @docs TABLE (part sysname NULL, about NVARCHAR(3700) NOT NULL, is_new BIT NOT NULL);
INSERT INTO @docs (part, about, is_new)
SELECT v.part, v.about, CASE WHEN p.name IS NULL THEN 1 ELSE 0 END
FROM (VALUES
    (CAST(NULL AS sysname), N'ACM_Episodes, under another V8 name')
) AS v (part, about)
LEFT JOIN sys.extended_properties AS p
    ON p.class = 1 AND p.major_id = @object AND p.name = N'MS_Description'
        AND p.minor_id = COALESCE(COLUMNPROPERTY(@object, v.part, 'ColumnId'), 0)
WHERE COALESCE(CAST(p.value AS NVARCHAR(3700)), N'') COLLATE Latin1_General_100_BIN2 <> v.about;
DECLARE @part sysname, @about NVARCHAR(3700), @is_new BIT, @level VARCHAR(6);
DECLARE docs CURSOR LOCAL FAST_FORWARD FOR SELECT part, about, is_new FROM @docs;
OPEN docs;
FETCH NEXT FROM docs INTO @part, @about, @is_new;
WHILE @@FETCH_STATUS = 0
BEGIN
    SET @level = CASE WHEN @part IS NOT NULL THEN 'COLUMN' END;
    IF @is_new = 1
        EXEC sys.sp_addextendedproperty
            N'MS_Description', @about, 'SCHEMA', N'dbo', 'VIEW', N'ACM_Anomaly_Events', @level, @part;
    ELSE
        EXEC sys.sp_updateextendedproperty
            N'MS_Description', @about, 'SCHEMA', N'dbo', 'VIEW', N'ACM_Anomaly_Events', @level, @part;
    FETCH NEXT FROM docs INTO @part, @about, @is_new;
END;
SET NOCOUNT OFF
GO

CREATE OR ALTER VIEW [dbo].[ACM_EpisodeDiagnostics] AS
SELECT t.[RunID], t.[EquipID],
  ROW_NUMBER() OVER (PARTITION BY t.[EquipID] ORDER BY t.[StartTs]) AS [episode_id],
  t.[StartTs], t.[EndTs], t.[PeakFusedZ] AS [peak_z], t.[PeakTimestamp] AS [peak_timestamp],
  t.[DurationHours] AS [duration_h], t.[PrimarySensor] AS [dominant_sensor],
  t.[PrimaryDetector] AS [dominant_detector], t.[Severity] AS [severity],
  CASE t.[Severity] WHEN 'HIGH' THEN 'peak z of 6 or more' WHEN 'MEDIUM' THEN 'peak z of 4 or more'
    ELSE 'peak z below 4' END AS [severity_reason],
  t.[AvgFusedZ] AS [avg_z], t.[MinHealthIndex] AS [min_health_index]
FROM [ACM_Episodes] AS t
GO

SET NOCOUNT ON;
DECLARE @object INT = OBJECT_ID(N'[dbo].[ACM_EpisodeDiagnostics]');
DECLARE @docs TABLE (part sysname NULL, about NVARCHAR(3700) NOT NULL, is_new BIT NOT NULL);
INSERT INTO @docs (part, about, is_new)
SELECT v.part, v.about, CASE WHEN p.name IS NULL THEN 1 ELSE 0 END
FROM (VALUES
    (CAST(NULL AS sysname), N'ACM_Episodes, numbered per machine, with the reason of the severity')
) AS v (part, about)
LEFT JOIN sys.extended_properties AS p
    ON p.class = 1 AND p.major_id = @object AND p.name = N'MS_Description'
        AND p.minor_id = COALESCE(COLUMNPROPERTY(@object, v.part, 'ColumnId'), 0)
WHERE COALESCE(CAST(p.value AS NVARCHAR(3700)), N'') COLLATE Latin1_General_100_BIN2 <> v.about;
DECLARE @part sysname, @about NVARCHAR(3700), @is_new BIT, @level VARCHAR(6);
DECLARE docs CURSOR LOCAL FAST_FORWARD FOR SELECT part, about, is_new FROM @docs;
OPEN docs;
FETCH NEXT FROM docs INTO @part, @about, @is_new;
WHILE @@FETCH_STATUS = 0
BEGIN
    SET @level = CASE WHEN @part IS NOT NULL THEN 'COLUMN' END;
    IF @is_new = 1
        EXEC sys.sp_addextendedproperty
            N'MS_Description', @about, 'SCHEMA', N'dbo', 'VIEW', N'ACM_EpisodeDiagnostics', @level, @part;
    ELSE
        EXEC sys.sp_updateextendedproperty
            N'MS_Description', @about, 'SCHEMA', N'dbo', 'VIEW', N'ACM_EpisodeDiagnostics', @level, @part;
    FETCH NEXT FROM docs INTO @part, @about, @is_new;
END;
SET NOCOUNT OFF
GO

CREATE OR ALTER VIEW [dbo].[ACM_ContributionCurrent] AS
SELECT c.[RunID], c.[EquipID], c.[Timestamp], c.[DetectorType], c.[ZScore],
  CASE WHEN c.[Total] > 0 THEN 1e2 * ABS(c.[ZScore]) / c.[Total] ELSE 0.0 END AS [ContributionPct]
FROM (
  SELECT t.[RunID], t.[EquipID], t.[Timestamp], 'ar1_z' AS [DetectorType], t.[ar1_z] AS [ZScore],
    ABS(t.[ar1_z]) + ABS(t.[pca_spe_z]) + ABS(t.[pca_t2_z]) + ABS(t.[mhal_z]) + ABS(t.[iforest_z]) + ABS(t.[gmm_z]) + ABS(t.[omr_z]) + ABS(t.[mewma_z]) AS [Total]
  FROM (SELECT e.[EquipID], (
    SELECT MAX(m.[Timestamp]) FROM [ACM_Scores_Wide] AS m WHERE m.[EquipID] = e.[EquipID] AND m.[ar1_z] IS NOT NULL
  ) AS newest FROM [Equipment] AS e) AS n
  JOIN [ACM_Scores_Wide] AS t ON t.[EquipID] = n.[EquipID] AND t.[Timestamp] = n.newest
UNION ALL
  SELECT t.[RunID], t.[EquipID], t.[Timestamp], 'pca_spe_z' AS [DetectorType], t.[pca_spe_z] AS [ZScore],
    ABS(t.[ar1_z]) + ABS(t.[pca_spe_z]) + ABS(t.[pca_t2_z]) + ABS(t.[mhal_z]) + ABS(t.[iforest_z]) + ABS(t.[gmm_z]) + ABS(t.[omr_z]) + ABS(t.[mewma_z]) AS [Total]
  FROM (SELECT e.[EquipID], (
    SELECT MAX(m.[Timestamp]) FROM [ACM_Scores_Wide] AS m WHERE m.[EquipID] = e.[EquipID] AND m.[ar1_z] IS NOT NULL
  ) AS newest FROM [Equipment] AS e) AS n
  JOIN [ACM_Scores_Wide] AS t ON t.[EquipID] = n.[EquipID] AND t.[Timestamp] = n.newest
UNION ALL
  SELECT t.[RunID], t.[EquipID], t.[Timestamp], 'pca_t2_z' AS [DetectorType], t.[pca_t2_z] AS [ZScore],
    ABS(t.[ar1_z]) + ABS(t.[pca_spe_z]) + ABS(t.[pca_t2_z]) + ABS(t.[mhal_z]) + ABS(t.[iforest_z]) + ABS(t.[gmm_z]) + ABS(t.[omr_z]) + ABS(t.[mewma_z]) AS [Total]
  FROM (SELECT e.[EquipID], (
    SELECT MAX(m.[Timestamp]) FROM [ACM_Scores_Wide] AS m WHERE m.[EquipID] = e.[EquipID] AND m.[ar1_z] IS NOT NULL
  ) AS newest FROM [Equipment] AS e) AS n
  JOIN [ACM_Scores_Wide] AS t ON t.[EquipID] = n.[EquipID] AND t.[Timestamp] = n.newest
UNION ALL
  SELECT t.[RunID], t.[EquipID], t.[Timestamp], 'mhal_z' AS [DetectorType], t.[mhal_z] AS [ZScore],
    ABS(t.[ar1_z]) + ABS(t.[pca_spe_z]) + ABS(t.[pca_t2_z]) + ABS(t.[mhal_z]) + ABS(t.[iforest_z]) + ABS(t.[gmm_z]) + ABS(t.[omr_z]) + ABS(t.[mewma_z]) AS [Total]
  FROM (SELECT e.[EquipID], (
    SELECT MAX(m.[Timestamp]) FROM [ACM_Scores_Wide] AS m WHERE m.[EquipID] = e.[EquipID] AND m.[ar1_z] IS NOT NULL
  ) AS newest FROM [Equipment] AS e) AS n
  JOIN [ACM_Scores_Wide] AS t ON t.[EquipID] = n.[EquipID] AND t.[Timestamp] = n.newest
UNION ALL
  SELECT t.[RunID], t.[EquipID], t.[Timestamp], 'iforest_z' AS [DetectorType], t.[iforest_z] AS [ZScore],
    ABS(t.[ar1_z]) + ABS(t.[pca_spe_z]) + ABS(t.[pca_t2_z]) + ABS(t.[mhal_z]) + ABS(t.[iforest_z]) + ABS(t.[gmm_z]) + ABS(t.[omr_z]) + ABS(t.[mewma_z]) AS [Total]
  FROM (SELECT e.[EquipID], (
    SELECT MAX(m.[Timestamp]) FROM [ACM_Scores_Wide] AS m WHERE m.[EquipID] = e.[EquipID] AND m.[ar1_z] IS NOT NULL
  ) AS newest FROM [Equipment] AS e) AS n
  JOIN [ACM_Scores_Wide] AS t ON t.[EquipID] = n.[EquipID] AND t.[Timestamp] = n.newest
UNION ALL
  SELECT t.[RunID], t.[EquipID], t.[Timestamp], 'gmm_z' AS [DetectorType], t.[gmm_z] AS [ZScore],
    ABS(t.[ar1_z]) + ABS(t.[pca_spe_z]) + ABS(t.[pca_t2_z]) + ABS(t.[mhal_z]) + ABS(t.[iforest_z]) + ABS(t.[gmm_z]) + ABS(t.[omr_z]) + ABS(t.[mewma_z]) AS [Total]
  FROM (SELECT e.[EquipID], (
    SELECT MAX(m.[Timestamp]) FROM [ACM_Scores_Wide] AS m WHERE m.[EquipID] = e.[EquipID] AND m.[ar1_z] IS NOT NULL
  ) AS newest FROM [Equipment] AS e) AS n
  JOIN [ACM_Scores_Wide] AS t ON t.[EquipID] = n.[EquipID] AND t.[Timestamp] = n.newest
UNION ALL
  SELECT t.[RunID], t.[EquipID], t.[Timestamp], 'omr_z' AS [DetectorType], t.[omr_z] AS [ZScore],
    ABS(t.[ar1_z]) + ABS(t.[pca_spe_z]) + ABS(t.[pca_t2_z]) + ABS(t.[mhal_z]) + ABS(t.[iforest_z]) + ABS(t.[gmm_z]) + ABS(t.[omr_z]) + ABS(t.[mewma_z]) AS [Total]
  FROM (SELECT e.[EquipID], (
    SELECT MAX(m.[Timestamp]) FROM [ACM_Scores_Wide] AS m WHERE m.[EquipID] = e.[EquipID] AND m.[ar1_z] IS NOT NULL
  ) AS newest FROM [Equipment] AS e) AS n
  JOIN [ACM_Scores_Wide] AS t ON t.[EquipID] = n.[EquipID] AND t.[Timestamp] = n.newest
UNION ALL
  SELECT t.[RunID], t.[EquipID], t.[Timestamp], 'mewma_z' AS [DetectorType], t.[mewma_z] AS [ZScore],
    ABS(t.[ar1_z]) + ABS(t.[pca_spe_z]) + ABS(t.[pca_t2_z]) + ABS(t.[mhal_z]) + ABS(t.[iforest_z]) + ABS(t.[gmm_z]) + ABS(t.[omr_z]) + ABS(t.[mewma_z]) AS [Total]
  FROM (SELECT e.[EquipID], (
    SELECT MAX(m.[Timestamp]) FROM [ACM_Scores_Wide] AS m WHERE m.[EquipID] = e.[EquipID] AND m.[ar1_z] IS NOT NULL
  ) AS newest FROM [Equipment] AS e) AS n
  JOIN [ACM_Scores_Wide] AS t ON t.[EquipID] = n.[EquipID] AND t.[Timestamp] = n.newest
) AS c
GO

SET NOCOUNT ON;
DECLARE @object INT = OBJECT_ID(N'[dbo].[ACM_ContributionCurrent]');
DECLARE @docs TABLE (part sysname NULL, about NVARCHAR(3700) NOT NULL, is_new BIT NOT NULL);
INSERT INTO @docs (part, about, is_new)
SELECT v.part, v.about, CASE WHEN p.name IS NULL THEN 1 ELSE 0 END
FROM (VALUES
    (CAST(NULL AS sysname), N'Contribution of each detector at the last assessed reading of each machine')
) AS v (part, about)
LEFT JOIN sys.extended_properties AS p
    ON p.class = 1 AND p.major_id = @object AND p.name = N'MS_Description'
        AND p.minor_id = COALESCE(COLUMNPROPERTY(@object, v.part, 'ColumnId'), 0)
WHERE COALESCE(CAST(p.value AS NVARCHAR(3700)), N'') COLLATE Latin1_General_100_BIN2 <> v.about;
DECLARE @part sysname, @about NVARCHAR(3700), @is_new BIT, @level VARCHAR(6);
DECLARE docs CURSOR LOCAL FAST_FORWARD FOR SELECT part, about, is_new FROM @docs;
OPEN docs;
FETCH NEXT FROM docs INTO @part, @about, @is_new;
WHILE @@FETCH_STATUS = 0
BEGIN
    SET @level = CASE WHEN @part IS NOT NULL THEN 'COLUMN' END;
    IF @is_new = 1
        EXEC sys.sp_addextendedproperty
            N'MS_Description', @about, 'SCHEMA', N'dbo', 'VIEW', N'ACM_ContributionCurrent', @level, @part;
    ELSE
        EXEC sys.sp_updateextendedproperty
            N'MS_Description', @about, 'SCHEMA', N'dbo', 'VIEW', N'ACM_ContributionCurrent', @level, @part;
    FETCH NEXT FROM docs INTO @part, @about, @is_new;
END;
SET NOCOUNT OFF
GO

CREATE OR ALTER VIEW [dbo].[ACM_HealthZoneByPeriod] AS
SELECT z.[RunID], z.[EquipID], z.[PeriodStart], 'DAY' AS [PeriodType], z.[HealthZone], z.[ZoneCount],
  z.[TotalPoints], 1e2 * z.[ZoneCount] / z.[TotalPoints] AS [ZonePct],
  CAST((SELECT CAST(z.[PeriodStart] AT TIME ZONE 'UTC' AT TIME ZONE zone_map.[WindowsName] AS DATETIME2(3))
    FROM [ACM_TimeZones] AS zone_map WHERE zone_map.[IanaName] = e.[TimeZone]) AS DATE) AS [Date]
FROM (
  SELECT t.[RunID], t.[EquipID], t.[AsOf] AS [PeriodStart], 'GOOD' AS [HealthZone],
    t.[GoodCount] AS [ZoneCount], t.[AssessedCount] AS [TotalPoints]
  FROM [ACM_HealthDaily] AS t WHERE t.[AssessedCount] > 0
UNION ALL
  SELECT t.[RunID], t.[EquipID], t.[AsOf] AS [PeriodStart], 'WATCH' AS [HealthZone],
    t.[WatchCount] AS [ZoneCount], t.[AssessedCount] AS [TotalPoints]
  FROM [ACM_HealthDaily] AS t WHERE t.[AssessedCount] > 0
UNION ALL
  SELECT t.[RunID], t.[EquipID], t.[AsOf] AS [PeriodStart], 'ALERT' AS [HealthZone],
    t.[AlertCount] AS [ZoneCount], t.[AssessedCount] AS [TotalPoints]
  FROM [ACM_HealthDaily] AS t WHERE t.[AssessedCount] > 0
) AS z
JOIN [Equipment] AS e ON e.[EquipID] = z.[EquipID]
GO

SET NOCOUNT ON;
DECLARE @object INT = OBJECT_ID(N'[dbo].[ACM_HealthZoneByPeriod]');
DECLARE @docs TABLE (part sysname NULL, about NVARCHAR(3700) NOT NULL, is_new BIT NOT NULL);
INSERT INTO @docs (part, about, is_new)
SELECT v.part, v.about, CASE WHEN p.name IS NULL THEN 1 ELSE 0 END
FROM (VALUES
    (CAST(NULL AS sysname), N'Share of each health zone per local day: three rows per day with assessed readings')
) AS v (part, about)
LEFT JOIN sys.extended_properties AS p
    ON p.class = 1 AND p.major_id = @object AND p.name = N'MS_Description'
        AND p.minor_id = COALESCE(COLUMNPROPERTY(@object, v.part, 'ColumnId'), 0)
WHERE COALESCE(CAST(p.value AS NVARCHAR(3700)), N'') COLLATE Latin1_General_100_BIN2 <> v.about;
DECLARE @part sysname, @about NVARCHAR(3700), @is_new BIT, @level VARCHAR(6);
DECLARE docs CURSOR LOCAL FAST_FORWARD FOR SELECT part, about, is_new FROM @docs;
OPEN docs;
FETCH NEXT FROM docs INTO @part, @about, @is_new;
WHILE @@FETCH_STATUS = 0
BEGIN
    SET @level = CASE WHEN @part IS NOT NULL THEN 'COLUMN' END;
    IF @is_new = 1
        EXEC sys.sp_addextendedproperty
            N'MS_Description', @about, 'SCHEMA', N'dbo', 'VIEW', N'ACM_HealthZoneByPeriod', @level, @part;
    ELSE
        EXEC sys.sp_updateextendedproperty
            N'MS_Description', @about, 'SCHEMA', N'dbo', 'VIEW', N'ACM_HealthZoneByPeriod', @level, @part;
    FETCH NEXT FROM docs INTO @part, @about, @is_new;
END;
SET NOCOUNT OFF
GO

CREATE OR ALTER VIEW [dbo].[ACM_SensorAnomalyByPeriod] AS
SELECT t.[RunID], t.[EquipID], t.[AsOf] AS [PeriodStart], 'DAY' AS [PeriodType],
  t.[DaySeconds] AS [PeriodSeconds], t.[DetectorType], t.[Points], t.[MaxZ], t.[AvgZ],
  1e2 * t.[AboveCount] / t.[Points] AS [AnomalyRatePct],
  CAST((SELECT CAST(t.[AsOf] AT TIME ZONE 'UTC' AT TIME ZONE zone_map.[WindowsName] AS DATETIME2(3))
    FROM [ACM_TimeZones] AS zone_map WHERE zone_map.[IanaName] = e.[TimeZone]) AS DATE) AS [Date]
FROM [ACM_DetectorDaily] AS t
JOIN [Equipment] AS e ON e.[EquipID] = t.[EquipID]
GO

SET NOCOUNT ON;
DECLARE @object INT = OBJECT_ID(N'[dbo].[ACM_SensorAnomalyByPeriod]');
DECLARE @docs TABLE (part sysname NULL, about NVARCHAR(3700) NOT NULL, is_new BIT NOT NULL);
INSERT INTO @docs (part, about, is_new)
SELECT v.part, v.about, CASE WHEN p.name IS NULL THEN 1 ELSE 0 END
FROM (VALUES
    (CAST(NULL AS sysname), N'How often the score of each detector reached z = 2, per local day')
) AS v (part, about)
LEFT JOIN sys.extended_properties AS p
    ON p.class = 1 AND p.major_id = @object AND p.name = N'MS_Description'
        AND p.minor_id = COALESCE(COLUMNPROPERTY(@object, v.part, 'ColumnId'), 0)
WHERE COALESCE(CAST(p.value AS NVARCHAR(3700)), N'') COLLATE Latin1_General_100_BIN2 <> v.about;
DECLARE @part sysname, @about NVARCHAR(3700), @is_new BIT, @level VARCHAR(6);
DECLARE docs CURSOR LOCAL FAST_FORWARD FOR SELECT part, about, is_new FROM @docs;
OPEN docs;
FETCH NEXT FROM docs INTO @part, @about, @is_new;
WHILE @@FETCH_STATUS = 0
BEGIN
    SET @level = CASE WHEN @part IS NOT NULL THEN 'COLUMN' END;
    IF @is_new = 1
        EXEC sys.sp_addextendedproperty
            N'MS_Description', @about, 'SCHEMA', N'dbo', 'VIEW', N'ACM_SensorAnomalyByPeriod', @level, @part;
    ELSE
        EXEC sys.sp_updateextendedproperty
            N'MS_Description', @about, 'SCHEMA', N'dbo', 'VIEW', N'ACM_SensorAnomalyByPeriod', @level, @part;
    FETCH NEXT FROM docs INTO @part, @about, @is_new;
END;
SET NOCOUNT OFF
GO

CREATE OR ALTER VIEW [dbo].[ACM_BaselineBuffer] AS
SELECT t.[RunID], t.[EquipID], t.[AsOf] AS [Timestamp], t.[SensorName], t.[BaselineMean] AS [SensorValue],
  t.[BaselineCount] AS [Readings], 1e2 * t.[BaselineCount] / t.[Readings] AS [DataQuality]
FROM [ACM_SensorDaily] AS t
WHERE t.[BaselineCount] > 0
GO

SET NOCOUNT ON;
DECLARE @object INT = OBJECT_ID(N'[dbo].[ACM_BaselineBuffer]');
DECLARE @docs TABLE (part sysname NULL, about NVARCHAR(3700) NOT NULL, is_new BIT NOT NULL);
INSERT INTO @docs (part, about, is_new)
SELECT v.part, v.about, CASE WHEN p.name IS NULL THEN 1 ELSE 0 END
FROM (VALUES
    (CAST(NULL AS sysname), N'Baseline: mean of the healthy readings of each sensor per local day')
) AS v (part, about)
LEFT JOIN sys.extended_properties AS p
    ON p.class = 1 AND p.major_id = @object AND p.name = N'MS_Description'
        AND p.minor_id = COALESCE(COLUMNPROPERTY(@object, v.part, 'ColumnId'), 0)
WHERE COALESCE(CAST(p.value AS NVARCHAR(3700)), N'') COLLATE Latin1_General_100_BIN2 <> v.about;
DECLARE @part sysname, @about NVARCHAR(3700), @is_new BIT, @level VARCHAR(6);
DECLARE docs CURSOR LOCAL FAST_FORWARD FOR SELECT part, about, is_new FROM @docs;
OPEN docs;
FETCH NEXT FROM docs INTO @part, @about, @is_new;
WHILE @@FETCH_STATUS = 0
BEGIN
    SET @level = CASE WHEN @part IS NOT NULL THEN 'COLUMN' END;
    IF @is_new = 1
        EXEC sys.sp_addextendedproperty
            N'MS_Description', @about, 'SCHEMA', N'dbo', 'VIEW', N'ACM_BaselineBuffer', @level, @part;
    ELSE
        EXEC sys.sp_updateextendedproperty
            N'MS_Description', @about, 'SCHEMA', N'dbo', 'VIEW', N'ACM_BaselineBuffer', @level, @part;
    FETCH NEXT FROM docs INTO @part, @about, @is_new;
END;
SET NOCOUNT OFF
GO

CREATE OR ALTER VIEW [dbo].[ACM_FeatureDropLog] AS
SELECT t.[RunID], t.[EquipID], t.[ModelVersion], t.[TagName] AS [FeatureName], t.[Reason]
FROM [ACM_ModelTags] AS t
WHERE t.[Used] = CAST(0 AS BIT)
GO

SET NOCOUNT ON;
DECLARE @object INT = OBJECT_ID(N'[dbo].[ACM_FeatureDropLog]');
DECLARE @docs TABLE (part sysname NULL, about NVARCHAR(3700) NOT NULL, is_new BIT NOT NULL);
INSERT INTO @docs (part, about, is_new)
SELECT v.part, v.about, CASE WHEN p.name IS NULL THEN 1 ELSE 0 END
FROM (VALUES
    (CAST(NULL AS sysname), N'Tags that a model version excludes, with the reason')
) AS v (part, about)
LEFT JOIN sys.extended_properties AS p
    ON p.class = 1 AND p.major_id = @object AND p.name = N'MS_Description'
        AND p.minor_id = COALESCE(COLUMNPROPERTY(@object, v.part, 'ColumnId'), 0)
WHERE COALESCE(CAST(p.value AS NVARCHAR(3700)), N'') COLLATE Latin1_General_100_BIN2 <> v.about;
DECLARE @part sysname, @about NVARCHAR(3700), @is_new BIT, @level VARCHAR(6);
DECLARE docs CURSOR LOCAL FAST_FORWARD FOR SELECT part, about, is_new FROM @docs;
OPEN docs;
FETCH NEXT FROM docs INTO @part, @about, @is_new;
WHILE @@FETCH_STATUS = 0
BEGIN
    SET @level = CASE WHEN @part IS NOT NULL THEN 'COLUMN' END;
    IF @is_new = 1
        EXEC sys.sp_addextendedproperty
            N'MS_Description', @about, 'SCHEMA', N'dbo', 'VIEW', N'ACM_FeatureDropLog', @level, @part;
    ELSE
        EXEC sys.sp_updateextendedproperty
            N'MS_Description', @about, 'SCHEMA', N'dbo', 'VIEW', N'ACM_FeatureDropLog', @level, @part;
    FETCH NEXT FROM docs INTO @part, @about, @is_new;
END;
SET NOCOUNT OFF
GO

CREATE OR ALTER VIEW [dbo].[Runs] AS
SELECT r.[RunID], r.[EquipID], r.[Stage], r.[StartedAt] AS [EntryDateTime],
  r.[CompletedAt] AS [EndEntryDateTime], r.[WindowStart] AS [WindowStartEntryDateTime],
  r.[WindowEnd] AS [WindowEndEntryDateTime], r.[Outcome], r.[Version], r.[ConfigSignature] AS [ConfigHash],
  r.[RowsRead], r.[RowsWritten], r.[ErrorMessage]
FROM [RunLog] AS r
GO

SET NOCOUNT ON;
DECLARE @object INT = OBJECT_ID(N'[dbo].[Runs]');
DECLARE @docs TABLE (part sysname NULL, about NVARCHAR(3700) NOT NULL, is_new BIT NOT NULL);
INSERT INTO @docs (part, about, is_new)
SELECT v.part, v.about, CASE WHEN p.name IS NULL THEN 1 ELSE 0 END
FROM (VALUES
    (CAST(NULL AS sysname), N'RunLog, with the columns of the V8 table Runs')
) AS v (part, about)
LEFT JOIN sys.extended_properties AS p
    ON p.class = 1 AND p.major_id = @object AND p.name = N'MS_Description'
        AND p.minor_id = COALESCE(COLUMNPROPERTY(@object, v.part, 'ColumnId'), 0)
WHERE COALESCE(CAST(p.value AS NVARCHAR(3700)), N'') COLLATE Latin1_General_100_BIN2 <> v.about;
DECLARE @part sysname, @about NVARCHAR(3700), @is_new BIT, @level VARCHAR(6);
DECLARE docs CURSOR LOCAL FAST_FORWARD FOR SELECT part, about, is_new FROM @docs;
OPEN docs;
FETCH NEXT FROM docs INTO @part, @about, @is_new;
WHILE @@FETCH_STATUS = 0
BEGIN
    SET @level = CASE WHEN @part IS NOT NULL THEN 'COLUMN' END;
    IF @is_new = 1
        EXEC sys.sp_addextendedproperty
            N'MS_Description', @about, 'SCHEMA', N'dbo', 'VIEW', N'Runs', @level, @part;
    ELSE
        EXEC sys.sp_updateextendedproperty
            N'MS_Description', @about, 'SCHEMA', N'dbo', 'VIEW', N'Runs', @level, @part;
    FETCH NEXT FROM docs INTO @part, @about, @is_new;
END;
SET NOCOUNT OFF
GO

CREATE OR ALTER VIEW [dbo].[ACM_AlertAge_Latest] AS
SELECT t.[RunID], t.[EquipID], t.[StartTimestamp], t.[EndTimestamp], t.[AlertZone], t.[DurationHours],
  t.[RecordCount], t.[MinHealthIndex]
FROM [ACM_AlertAge] AS t
WHERE t.[Status] = 'OPEN'
GO

SET NOCOUNT ON;
DECLARE @object INT = OBJECT_ID(N'[dbo].[ACM_AlertAge_Latest]');
DECLARE @docs TABLE (part sysname NULL, about NVARCHAR(3700) NOT NULL, is_new BIT NOT NULL);
INSERT INTO @docs (part, about, is_new)
SELECT v.part, v.about, CASE WHEN p.name IS NULL THEN 1 ELSE 0 END
FROM (VALUES
    (CAST(NULL AS sysname), N'Time in the current health zone of each machine')
) AS v (part, about)
LEFT JOIN sys.extended_properties AS p
    ON p.class = 1 AND p.major_id = @object AND p.name = N'MS_Description'
        AND p.minor_id = COALESCE(COLUMNPROPERTY(@object, v.part, 'ColumnId'), 0)
WHERE COALESCE(CAST(p.value AS NVARCHAR(3700)), N'') COLLATE Latin1_General_100_BIN2 <> v.about;
DECLARE @part sysname, @about NVARCHAR(3700), @is_new BIT, @level VARCHAR(6);
DECLARE docs CURSOR LOCAL FAST_FORWARD FOR SELECT part, about, is_new FROM @docs;
OPEN docs;
FETCH NEXT FROM docs INTO @part, @about, @is_new;
WHILE @@FETCH_STATUS = 0
BEGIN
    SET @level = CASE WHEN @part IS NOT NULL THEN 'COLUMN' END;
    IF @is_new = 1
        EXEC sys.sp_addextendedproperty
            N'MS_Description', @about, 'SCHEMA', N'dbo', 'VIEW', N'ACM_AlertAge_Latest', @level, @part;
    ELSE
        EXEC sys.sp_updateextendedproperty
            N'MS_Description', @about, 'SCHEMA', N'dbo', 'VIEW', N'ACM_AlertAge_Latest', @level, @part;
    FETCH NEXT FROM docs INTO @part, @about, @is_new;
END;
SET NOCOUNT OFF
GO

CREATE OR ALTER VIEW [dbo].[ACM_SensorDrift_Latest] AS
SELECT t.[RunID], t.[EquipID], t.[Timestamp], t.[SensorName], t.[DriftValue]
FROM (SELECT e.[EquipID], (
    SELECT MAX(m.[Timestamp]) FROM [ACM_SensorDrift] AS m WHERE m.[EquipID] = e.[EquipID]
  ) AS newest FROM [Equipment] AS e) AS n
JOIN [ACM_SensorDrift] AS t ON t.[EquipID] = n.[EquipID] AND t.[Timestamp] = n.newest
GO

SET NOCOUNT ON;
DECLARE @object INT = OBJECT_ID(N'[dbo].[ACM_SensorDrift_Latest]');
DECLARE @docs TABLE (part sysname NULL, about NVARCHAR(3700) NOT NULL, is_new BIT NOT NULL);
INSERT INTO @docs (part, about, is_new)
SELECT v.part, v.about, CASE WHEN p.name IS NULL THEN 1 ELSE 0 END
FROM (VALUES
    (CAST(NULL AS sysname), N'Drift score of every sensor in the last assessed hour')
) AS v (part, about)
LEFT JOIN sys.extended_properties AS p
    ON p.class = 1 AND p.major_id = @object AND p.name = N'MS_Description'
        AND p.minor_id = COALESCE(COLUMNPROPERTY(@object, v.part, 'ColumnId'), 0)
WHERE COALESCE(CAST(p.value AS NVARCHAR(3700)), N'') COLLATE Latin1_General_100_BIN2 <> v.about;
DECLARE @part sysname, @about NVARCHAR(3700), @is_new BIT, @level VARCHAR(6);
DECLARE docs CURSOR LOCAL FAST_FORWARD FOR SELECT part, about, is_new FROM @docs;
OPEN docs;
FETCH NEXT FROM docs INTO @part, @about, @is_new;
WHILE @@FETCH_STATUS = 0
BEGIN
    SET @level = CASE WHEN @part IS NOT NULL THEN 'COLUMN' END;
    IF @is_new = 1
        EXEC sys.sp_addextendedproperty
            N'MS_Description', @about, 'SCHEMA', N'dbo', 'VIEW', N'ACM_SensorDrift_Latest', @level, @part;
    ELSE
        EXEC sys.sp_updateextendedproperty
            N'MS_Description', @about, 'SCHEMA', N'dbo', 'VIEW', N'ACM_SensorDrift_Latest', @level, @part;
    FETCH NEXT FROM docs INTO @part, @about, @is_new;
END;
SET NOCOUNT OFF
GO

CREATE OR ALTER VIEW [dbo].[ACM_DriftEventsLocal] AS
SELECT t.[EquipID], e.[EquipCode], e.[TimeZone], t.[SegmentStart], t.[SegmentEnd],
  (SELECT CAST(t.[SegmentStart] AT TIME ZONE 'UTC' AT TIME ZONE zone_map.[WindowsName] AS DATETIME2(3))
    FROM [ACM_TimeZones] AS zone_map WHERE zone_map.[IanaName] = e.[TimeZone]) AS [LocalSegmentStart],
  (SELECT CAST(t.[SegmentEnd] AT TIME ZONE 'UTC' AT TIME ZONE zone_map.[WindowsName] AS DATETIME2(3))
    FROM [ACM_TimeZones] AS zone_map WHERE zone_map.[IanaName] = e.[TimeZone]) AS [LocalSegmentEnd],
  t.[Status], t.[DurationHours], t.[Value], t.[SensorName]
FROM [ACM_DriftEvents] AS t
JOIN [Equipment] AS e ON e.[EquipID] = t.[EquipID]
GO

SET NOCOUNT ON;
DECLARE @object INT = OBJECT_ID(N'[dbo].[ACM_DriftEventsLocal]');
DECLARE @docs TABLE (part sysname NULL, about NVARCHAR(3700) NOT NULL, is_new BIT NOT NULL);
INSERT INTO @docs (part, about, is_new)
SELECT v.part, v.about, CASE WHEN p.name IS NULL THEN 1 ELSE 0 END
FROM (VALUES
    (CAST(NULL AS sysname), N'Drift events with the local times of the machine')
) AS v (part, about)
LEFT JOIN sys.extended_properties AS p
    ON p.class = 1 AND p.major_id = @object AND p.name = N'MS_Description'
        AND p.minor_id = COALESCE(COLUMNPROPERTY(@object, v.part, 'ColumnId'), 0)
WHERE COALESCE(CAST(p.value AS NVARCHAR(3700)), N'') COLLATE Latin1_General_100_BIN2 <> v.about;
DECLARE @part sysname, @about NVARCHAR(3700), @is_new BIT, @level VARCHAR(6);
DECLARE docs CURSOR LOCAL FAST_FORWARD FOR SELECT part, about, is_new FROM @docs;
OPEN docs;
FETCH NEXT FROM docs INTO @part, @about, @is_new;
WHILE @@FETCH_STATUS = 0
BEGIN
    SET @level = CASE WHEN @part IS NOT NULL THEN 'COLUMN' END;
    IF @is_new = 1
        EXEC sys.sp_addextendedproperty
            N'MS_Description', @about, 'SCHEMA', N'dbo', 'VIEW', N'ACM_DriftEventsLocal', @level, @part;
    ELSE
        EXEC sys.sp_updateextendedproperty
            N'MS_Description', @about, 'SCHEMA', N'dbo', 'VIEW', N'ACM_DriftEventsLocal', @level, @part;
    FETCH NEXT FROM docs INTO @part, @about, @is_new;
END;
SET NOCOUNT OFF
GO

CREATE OR ALTER VIEW [dbo].[ACM_SensorDaily_Latest] AS
SELECT t.[RunID], t.[EquipID], t.[AsOf], t.[SensorName], t.[Readings], t.[Nulls], t.[LongestGap], t.[LongestFlat], t.[AboveWarnCount], t.[AboveAlertCount], t.[MaxTimestamp], t.[MaxSignedZ], t.[ValueAtPeak], t.[LatestTimestamp], t.[LatestSignedZ], t.[LatestValue], t.[BaselineCount], t.[BaselineMean]
FROM (SELECT e.[EquipID], (
    SELECT MAX(m.[AsOf]) FROM [ACM_SensorDaily] AS m WHERE m.[EquipID] = e.[EquipID]
  ) AS newest FROM [Equipment] AS e) AS n
JOIN [ACM_SensorDaily] AS t ON t.[EquipID] = n.[EquipID] AND t.[AsOf] = n.newest
GO

SET NOCOUNT ON;
DECLARE @object INT = OBJECT_ID(N'[dbo].[ACM_SensorDaily_Latest]');
DECLARE @docs TABLE (part sysname NULL, about NVARCHAR(3700) NOT NULL, is_new BIT NOT NULL);
INSERT INTO @docs (part, about, is_new)
SELECT v.part, v.about, CASE WHEN p.name IS NULL THEN 1 ELSE 0 END
FROM (VALUES
    (CAST(NULL AS sysname), N'Daily statistics of each sensor, from which the sensor summaries are computed; latest day of each machine only')
) AS v (part, about)
LEFT JOIN sys.extended_properties AS p
    ON p.class = 1 AND p.major_id = @object AND p.name = N'MS_Description'
        AND p.minor_id = COALESCE(COLUMNPROPERTY(@object, v.part, 'ColumnId'), 0)
WHERE COALESCE(CAST(p.value AS NVARCHAR(3700)), N'') COLLATE Latin1_General_100_BIN2 <> v.about;
DECLARE @part sysname, @about NVARCHAR(3700), @is_new BIT, @level VARCHAR(6);
DECLARE docs CURSOR LOCAL FAST_FORWARD FOR SELECT part, about, is_new FROM @docs;
OPEN docs;
FETCH NEXT FROM docs INTO @part, @about, @is_new;
WHILE @@FETCH_STATUS = 0
BEGIN
    SET @level = CASE WHEN @part IS NOT NULL THEN 'COLUMN' END;
    IF @is_new = 1
        EXEC sys.sp_addextendedproperty
            N'MS_Description', @about, 'SCHEMA', N'dbo', 'VIEW', N'ACM_SensorDaily_Latest', @level, @part;
    ELSE
        EXEC sys.sp_updateextendedproperty
            N'MS_Description', @about, 'SCHEMA', N'dbo', 'VIEW', N'ACM_SensorDaily_Latest', @level, @part;
    FETCH NEXT FROM docs INTO @part, @about, @is_new;
END;
SET NOCOUNT OFF
GO

CREATE OR ALTER VIEW [dbo].[ACM_SensorHotspots_Latest] AS
SELECT t.[RunID], t.[EquipID], t.[AsOf], t.[SensorName], t.[MaxTimestamp], t.[LatestTimestamp], t.[MaxAbsZ], t.[MaxSignedZ], t.[LatestAbsZ], t.[LatestSignedZ], t.[ValueAtPeak], t.[LatestValue], t.[TrainMean], t.[TrainStd], t.[AboveWarnCount], t.[AboveAlertCount]
FROM (SELECT e.[EquipID], (
    SELECT MAX(m.[AsOf]) FROM [ACM_SensorHotspots] AS m WHERE m.[EquipID] = e.[EquipID]
  ) AS newest FROM [Equipment] AS e) AS n
JOIN [ACM_SensorHotspots] AS t ON t.[EquipID] = n.[EquipID] AND t.[AsOf] = n.newest
GO

SET NOCOUNT ON;
DECLARE @object INT = OBJECT_ID(N'[dbo].[ACM_SensorHotspots_Latest]');
DECLARE @docs TABLE (part sysname NULL, about NVARCHAR(3700) NOT NULL, is_new BIT NOT NULL);
INSERT INTO @docs (part, about, is_new)
SELECT v.part, v.about, CASE WHEN p.name IS NULL THEN 1 ELSE 0 END
FROM (VALUES
    (CAST(NULL AS sysname), N'Sensors whose largest |z| reached 2 in the last summary_days days; latest day of each machine only')
) AS v (part, about)
LEFT JOIN sys.extended_properties AS p
    ON p.class = 1 AND p.major_id = @object AND p.name = N'MS_Description'
        AND p.minor_id = COALESCE(COLUMNPROPERTY(@object, v.part, 'ColumnId'), 0)
WHERE COALESCE(CAST(p.value AS NVARCHAR(3700)), N'') COLLATE Latin1_General_100_BIN2 <> v.about;
DECLARE @part sysname, @about NVARCHAR(3700), @is_new BIT, @level VARCHAR(6);
DECLARE docs CURSOR LOCAL FAST_FORWARD FOR SELECT part, about, is_new FROM @docs;
OPEN docs;
FETCH NEXT FROM docs INTO @part, @about, @is_new;
WHILE @@FETCH_STATUS = 0
BEGIN
    SET @level = CASE WHEN @part IS NOT NULL THEN 'COLUMN' END;
    IF @is_new = 1
        EXEC sys.sp_addextendedproperty
            N'MS_Description', @about, 'SCHEMA', N'dbo', 'VIEW', N'ACM_SensorHotspots_Latest', @level, @part;
    ELSE
        EXEC sys.sp_updateextendedproperty
            N'MS_Description', @about, 'SCHEMA', N'dbo', 'VIEW', N'ACM_SensorHotspots_Latest', @level, @part;
    FETCH NEXT FROM docs INTO @part, @about, @is_new;
END;
SET NOCOUNT OFF
GO

CREATE OR ALTER VIEW [dbo].[ACM_DataQuality_Latest] AS
SELECT t.[RunID], t.[EquipID], t.[AsOf], t.[SensorName], t.[CheckName], t.[CheckResult], t.[Readings], t.[Nulls], t.[NullPct], t.[LongestGap], t.[LongestFlat], t.[Notes]
FROM (SELECT e.[EquipID], (
    SELECT MAX(m.[AsOf]) FROM [ACM_DataQuality] AS m WHERE m.[EquipID] = e.[EquipID]
  ) AS newest FROM [Equipment] AS e) AS n
JOIN [ACM_DataQuality] AS t ON t.[EquipID] = n.[EquipID] AND t.[AsOf] = n.newest
GO

SET NOCOUNT ON;
DECLARE @object INT = OBJECT_ID(N'[dbo].[ACM_DataQuality_Latest]');
DECLARE @docs TABLE (part sysname NULL, about NVARCHAR(3700) NOT NULL, is_new BIT NOT NULL);
INSERT INTO @docs (part, about, is_new)
SELECT v.part, v.about, CASE WHEN p.name IS NULL THEN 1 ELSE 0 END
FROM (VALUES
    (CAST(NULL AS sysname), N'Usability of each sensor over the last summary_days days; latest day of each machine only')
) AS v (part, about)
LEFT JOIN sys.extended_properties AS p
    ON p.class = 1 AND p.major_id = @object AND p.name = N'MS_Description'
        AND p.minor_id = COALESCE(COLUMNPROPERTY(@object, v.part, 'ColumnId'), 0)
WHERE COALESCE(CAST(p.value AS NVARCHAR(3700)), N'') COLLATE Latin1_General_100_BIN2 <> v.about;
DECLARE @part sysname, @about NVARCHAR(3700), @is_new BIT, @level VARCHAR(6);
DECLARE docs CURSOR LOCAL FAST_FORWARD FOR SELECT part, about, is_new FROM @docs;
OPEN docs;
FETCH NEXT FROM docs INTO @part, @about, @is_new;
WHILE @@FETCH_STATUS = 0
BEGIN
    SET @level = CASE WHEN @part IS NOT NULL THEN 'COLUMN' END;
    IF @is_new = 1
        EXEC sys.sp_addextendedproperty
            N'MS_Description', @about, 'SCHEMA', N'dbo', 'VIEW', N'ACM_DataQuality_Latest', @level, @part;
    ELSE
        EXEC sys.sp_updateextendedproperty
            N'MS_Description', @about, 'SCHEMA', N'dbo', 'VIEW', N'ACM_DataQuality_Latest', @level, @part;
    FETCH NEXT FROM docs INTO @part, @about, @is_new;
END;
SET NOCOUNT OFF
GO

CREATE OR ALTER VIEW [dbo].[ACM_DefectSummary_Latest] AS
SELECT t.[RunID], t.[EquipID], t.[AsOf], t.[Status], t.[Severity], t.[CurrentHealth], t.[AvgHealth], t.[MinHealth], t.[EpisodeCount], t.[WorstSensor], t.[GoodCount], t.[WatchCount], t.[AlertCount]
FROM (SELECT e.[EquipID], (
    SELECT MAX(m.[AsOf]) FROM [ACM_DefectSummary] AS m WHERE m.[EquipID] = e.[EquipID]
  ) AS newest FROM [Equipment] AS e) AS n
JOIN [ACM_DefectSummary] AS t ON t.[EquipID] = n.[EquipID] AND t.[AsOf] = n.newest
GO

SET NOCOUNT ON;
DECLARE @object INT = OBJECT_ID(N'[dbo].[ACM_DefectSummary_Latest]');
DECLARE @docs TABLE (part sysname NULL, about NVARCHAR(3700) NOT NULL, is_new BIT NOT NULL);
INSERT INTO @docs (part, about, is_new)
SELECT v.part, v.about, CASE WHEN p.name IS NULL THEN 1 ELSE 0 END
FROM (VALUES
    (CAST(NULL AS sysname), N'Status of the machine at the end of the day; latest day of each machine only')
) AS v (part, about)
LEFT JOIN sys.extended_properties AS p
    ON p.class = 1 AND p.major_id = @object AND p.name = N'MS_Description'
        AND p.minor_id = COALESCE(COLUMNPROPERTY(@object, v.part, 'ColumnId'), 0)
WHERE COALESCE(CAST(p.value AS NVARCHAR(3700)), N'') COLLATE Latin1_General_100_BIN2 <> v.about;
DECLARE @part sysname, @about NVARCHAR(3700), @is_new BIT, @level VARCHAR(6);
DECLARE docs CURSOR LOCAL FAST_FORWARD FOR SELECT part, about, is_new FROM @docs;
OPEN docs;
FETCH NEXT FROM docs INTO @part, @about, @is_new;
WHILE @@FETCH_STATUS = 0
BEGIN
    SET @level = CASE WHEN @part IS NOT NULL THEN 'COLUMN' END;
    IF @is_new = 1
        EXEC sys.sp_addextendedproperty
            N'MS_Description', @about, 'SCHEMA', N'dbo', 'VIEW', N'ACM_DefectSummary_Latest', @level, @part;
    ELSE
        EXEC sys.sp_updateextendedproperty
            N'MS_Description', @about, 'SCHEMA', N'dbo', 'VIEW', N'ACM_DefectSummary_Latest', @level, @part;
    FETCH NEXT FROM docs INTO @part, @about, @is_new;
END;
SET NOCOUNT OFF
GO

CREATE OR ALTER VIEW [dbo].[ACM_EpisodeMetrics_Latest] AS
SELECT t.[RunID], t.[EquipID], t.[AsOf], t.[TotalEpisodes], t.[TotalDurationHours], t.[AvgDurationHours], t.[MedianDurationHours], t.[MaxDurationHours], t.[MinDurationHours], t.[RatePerDay], t.[MeanInterarrivalHours]
FROM (SELECT e.[EquipID], (
    SELECT MAX(m.[AsOf]) FROM [ACM_EpisodeMetrics] AS m WHERE m.[EquipID] = e.[EquipID]
  ) AS newest FROM [Equipment] AS e) AS n
JOIN [ACM_EpisodeMetrics] AS t ON t.[EquipID] = n.[EquipID] AND t.[AsOf] = n.newest
GO

SET NOCOUNT ON;
DECLARE @object INT = OBJECT_ID(N'[dbo].[ACM_EpisodeMetrics_Latest]');
DECLARE @docs TABLE (part sysname NULL, about NVARCHAR(3700) NOT NULL, is_new BIT NOT NULL);
INSERT INTO @docs (part, about, is_new)
SELECT v.part, v.about, CASE WHEN p.name IS NULL THEN 1 ELSE 0 END
FROM (VALUES
    (CAST(NULL AS sysname), N'Statistics of the episodes that started in the last summary_days days; latest day of each machine only')
) AS v (part, about)
LEFT JOIN sys.extended_properties AS p
    ON p.class = 1 AND p.major_id = @object AND p.name = N'MS_Description'
        AND p.minor_id = COALESCE(COLUMNPROPERTY(@object, v.part, 'ColumnId'), 0)
WHERE COALESCE(CAST(p.value AS NVARCHAR(3700)), N'') COLLATE Latin1_General_100_BIN2 <> v.about;
DECLARE @part sysname, @about NVARCHAR(3700), @is_new BIT, @level VARCHAR(6);
DECLARE docs CURSOR LOCAL FAST_FORWARD FOR SELECT part, about, is_new FROM @docs;
OPEN docs;
FETCH NEXT FROM docs INTO @part, @about, @is_new;
WHILE @@FETCH_STATUS = 0
BEGIN
    SET @level = CASE WHEN @part IS NOT NULL THEN 'COLUMN' END;
    IF @is_new = 1
        EXEC sys.sp_addextendedproperty
            N'MS_Description', @about, 'SCHEMA', N'dbo', 'VIEW', N'ACM_EpisodeMetrics_Latest', @level, @part;
    ELSE
        EXEC sys.sp_updateextendedproperty
            N'MS_Description', @about, 'SCHEMA', N'dbo', 'VIEW', N'ACM_EpisodeMetrics_Latest', @level, @part;
    FETCH NEXT FROM docs INTO @part, @about, @is_new;
END;
SET NOCOUNT OFF
GO

CREATE OR ALTER VIEW [dbo].[ACM_RegimeOccupancy_Latest] AS
SELECT t.[RunID], t.[EquipID], t.[AsOf], t.[RegimeLabel], t.[RecordCount], t.[Percentage]
FROM (SELECT e.[EquipID], (
    SELECT MAX(m.[AsOf]) FROM [ACM_RegimeOccupancy] AS m WHERE m.[EquipID] = e.[EquipID]
  ) AS newest FROM [Equipment] AS e) AS n
JOIN [ACM_RegimeOccupancy] AS t ON t.[EquipID] = n.[EquipID] AND t.[AsOf] = n.newest
GO

SET NOCOUNT ON;
DECLARE @object INT = OBJECT_ID(N'[dbo].[ACM_RegimeOccupancy_Latest]');
DECLARE @docs TABLE (part sysname NULL, about NVARCHAR(3700) NOT NULL, is_new BIT NOT NULL);
INSERT INTO @docs (part, about, is_new)
SELECT v.part, v.about, CASE WHEN p.name IS NULL THEN 1 ELSE 0 END
FROM (VALUES
    (CAST(NULL AS sysname), N'Share of readings in each regime over the last summary_days days; latest day of each machine only')
) AS v (part, about)
LEFT JOIN sys.extended_properties AS p
    ON p.class = 1 AND p.major_id = @object AND p.name = N'MS_Description'
        AND p.minor_id = COALESCE(COLUMNPROPERTY(@object, v.part, 'ColumnId'), 0)
WHERE COALESCE(CAST(p.value AS NVARCHAR(3700)), N'') COLLATE Latin1_General_100_BIN2 <> v.about;
DECLARE @part sysname, @about NVARCHAR(3700), @is_new BIT, @level VARCHAR(6);
DECLARE docs CURSOR LOCAL FAST_FORWARD FOR SELECT part, about, is_new FROM @docs;
OPEN docs;
FETCH NEXT FROM docs INTO @part, @about, @is_new;
WHILE @@FETCH_STATUS = 0
BEGIN
    SET @level = CASE WHEN @part IS NOT NULL THEN 'COLUMN' END;
    IF @is_new = 1
        EXEC sys.sp_addextendedproperty
            N'MS_Description', @about, 'SCHEMA', N'dbo', 'VIEW', N'ACM_RegimeOccupancy_Latest', @level, @part;
    ELSE
        EXEC sys.sp_updateextendedproperty
            N'MS_Description', @about, 'SCHEMA', N'dbo', 'VIEW', N'ACM_RegimeOccupancy_Latest', @level, @part;
    FETCH NEXT FROM docs INTO @part, @about, @is_new;
END;
SET NOCOUNT OFF
GO

CREATE OR ALTER VIEW [dbo].[ACM_RegimeTransitions_Latest] AS
SELECT t.[RunID], t.[EquipID], t.[AsOf], t.[FromLabel], t.[ToLabel], t.[Count], t.[Prob]
FROM (SELECT e.[EquipID], (
    SELECT MAX(m.[AsOf]) FROM [ACM_RegimeTransitions] AS m WHERE m.[EquipID] = e.[EquipID]
  ) AS newest FROM [Equipment] AS e) AS n
JOIN [ACM_RegimeTransitions] AS t ON t.[EquipID] = n.[EquipID] AND t.[AsOf] = n.newest
GO

SET NOCOUNT ON;
DECLARE @object INT = OBJECT_ID(N'[dbo].[ACM_RegimeTransitions_Latest]');
DECLARE @docs TABLE (part sysname NULL, about NVARCHAR(3700) NOT NULL, is_new BIT NOT NULL);
INSERT INTO @docs (part, about, is_new)
SELECT v.part, v.about, CASE WHEN p.name IS NULL THEN 1 ELSE 0 END
FROM (VALUES
    (CAST(NULL AS sysname), N'Changes of regime in the last summary_days days; latest day of each machine only')
) AS v (part, about)
LEFT JOIN sys.extended_properties AS p
    ON p.class = 1 AND p.major_id = @object AND p.name = N'MS_Description'
        AND p.minor_id = COALESCE(COLUMNPROPERTY(@object, v.part, 'ColumnId'), 0)
WHERE COALESCE(CAST(p.value AS NVARCHAR(3700)), N'') COLLATE Latin1_General_100_BIN2 <> v.about;
DECLARE @part sysname, @about NVARCHAR(3700), @is_new BIT, @level VARCHAR(6);
DECLARE docs CURSOR LOCAL FAST_FORWARD FOR SELECT part, about, is_new FROM @docs;
OPEN docs;
FETCH NEXT FROM docs INTO @part, @about, @is_new;
WHILE @@FETCH_STATUS = 0
BEGIN
    SET @level = CASE WHEN @part IS NOT NULL THEN 'COLUMN' END;
    IF @is_new = 1
        EXEC sys.sp_addextendedproperty
            N'MS_Description', @about, 'SCHEMA', N'dbo', 'VIEW', N'ACM_RegimeTransitions_Latest', @level, @part;
    ELSE
        EXEC sys.sp_updateextendedproperty
            N'MS_Description', @about, 'SCHEMA', N'dbo', 'VIEW', N'ACM_RegimeTransitions_Latest', @level, @part;
    FETCH NEXT FROM docs INTO @part, @about, @is_new;
END;
SET NOCOUNT OFF
GO

CREATE OR ALTER VIEW [dbo].[ACM_HealthDaily_Latest] AS
SELECT t.[RunID], t.[EquipID], t.[AsOf], t.[DaySeconds], t.[Readings], t.[AssessedCount], t.[GoodCount], t.[WatchCount], t.[AlertCount], t.[AlarmCount], t.[AvgHealth], t.[MinHealth], t.[LastHealth], t.[MaxFusedZ]
FROM (SELECT e.[EquipID], (
    SELECT MAX(m.[AsOf]) FROM [ACM_HealthDaily] AS m WHERE m.[EquipID] = e.[EquipID]
  ) AS newest FROM [Equipment] AS e) AS n
JOIN [ACM_HealthDaily] AS t ON t.[EquipID] = n.[EquipID] AND t.[AsOf] = n.newest
GO

SET NOCOUNT ON;
DECLARE @object INT = OBJECT_ID(N'[dbo].[ACM_HealthDaily_Latest]');
DECLARE @docs TABLE (part sysname NULL, about NVARCHAR(3700) NOT NULL, is_new BIT NOT NULL);
INSERT INTO @docs (part, about, is_new)
SELECT v.part, v.about, CASE WHEN p.name IS NULL THEN 1 ELSE 0 END
FROM (VALUES
    (CAST(NULL AS sysname), N'Health of one local day; latest day of each machine only')
) AS v (part, about)
LEFT JOIN sys.extended_properties AS p
    ON p.class = 1 AND p.major_id = @object AND p.name = N'MS_Description'
        AND p.minor_id = COALESCE(COLUMNPROPERTY(@object, v.part, 'ColumnId'), 0)
WHERE COALESCE(CAST(p.value AS NVARCHAR(3700)), N'') COLLATE Latin1_General_100_BIN2 <> v.about;
DECLARE @part sysname, @about NVARCHAR(3700), @is_new BIT, @level VARCHAR(6);
DECLARE docs CURSOR LOCAL FAST_FORWARD FOR SELECT part, about, is_new FROM @docs;
OPEN docs;
FETCH NEXT FROM docs INTO @part, @about, @is_new;
WHILE @@FETCH_STATUS = 0
BEGIN
    SET @level = CASE WHEN @part IS NOT NULL THEN 'COLUMN' END;
    IF @is_new = 1
        EXEC sys.sp_addextendedproperty
            N'MS_Description', @about, 'SCHEMA', N'dbo', 'VIEW', N'ACM_HealthDaily_Latest', @level, @part;
    ELSE
        EXEC sys.sp_updateextendedproperty
            N'MS_Description', @about, 'SCHEMA', N'dbo', 'VIEW', N'ACM_HealthDaily_Latest', @level, @part;
    FETCH NEXT FROM docs INTO @part, @about, @is_new;
END;
SET NOCOUNT OFF
GO

CREATE OR ALTER VIEW [dbo].[ACM_DetectorDaily_Latest] AS
SELECT t.[RunID], t.[EquipID], t.[AsOf], t.[DetectorType], t.[DaySeconds], t.[Points], t.[AboveCount], t.[MaxZ], t.[AvgZ], t.[LatestZ]
FROM (SELECT e.[EquipID], (
    SELECT MAX(m.[AsOf]) FROM [ACM_DetectorDaily] AS m WHERE m.[EquipID] = e.[EquipID]
  ) AS newest FROM [Equipment] AS e) AS n
JOIN [ACM_DetectorDaily] AS t ON t.[EquipID] = n.[EquipID] AND t.[AsOf] = n.newest
GO

SET NOCOUNT ON;
DECLARE @object INT = OBJECT_ID(N'[dbo].[ACM_DetectorDaily_Latest]');
DECLARE @docs TABLE (part sysname NULL, about NVARCHAR(3700) NOT NULL, is_new BIT NOT NULL);
INSERT INTO @docs (part, about, is_new)
SELECT v.part, v.about, CASE WHEN p.name IS NULL THEN 1 ELSE 0 END
FROM (VALUES
    (CAST(NULL AS sysname), N'Scores of each detector on one local day; latest day of each machine only')
) AS v (part, about)
LEFT JOIN sys.extended_properties AS p
    ON p.class = 1 AND p.major_id = @object AND p.name = N'MS_Description'
        AND p.minor_id = COALESCE(COLUMNPROPERTY(@object, v.part, 'ColumnId'), 0)
WHERE COALESCE(CAST(p.value AS NVARCHAR(3700)), N'') COLLATE Latin1_General_100_BIN2 <> v.about;
DECLARE @part sysname, @about NVARCHAR(3700), @is_new BIT, @level VARCHAR(6);
DECLARE docs CURSOR LOCAL FAST_FORWARD FOR SELECT part, about, is_new FROM @docs;
OPEN docs;
FETCH NEXT FROM docs INTO @part, @about, @is_new;
WHILE @@FETCH_STATUS = 0
BEGIN
    SET @level = CASE WHEN @part IS NOT NULL THEN 'COLUMN' END;
    IF @is_new = 1
        EXEC sys.sp_addextendedproperty
            N'MS_Description', @about, 'SCHEMA', N'dbo', 'VIEW', N'ACM_DetectorDaily_Latest', @level, @part;
    ELSE
        EXEC sys.sp_updateextendedproperty
            N'MS_Description', @about, 'SCHEMA', N'dbo', 'VIEW', N'ACM_DetectorDaily_Latest', @level, @part;
    FETCH NEXT FROM docs INTO @part, @about, @is_new;
END;
SET NOCOUNT OFF
GO

CREATE OR ALTER VIEW [dbo].[ACM_SinceWhen_Latest] AS
SELECT t.[RunID], t.[EquipID], t.[AsOf], t.[AlertZone], t.[StartTimestamp], t.[LastTimestamp], t.[DurationHours], t.[RecordCount]
FROM (SELECT e.[EquipID], (
    SELECT MAX(m.[AsOf]) FROM [ACM_SinceWhen] AS m WHERE m.[EquipID] = e.[EquipID]
  ) AS newest FROM [Equipment] AS e) AS n
JOIN [ACM_SinceWhen] AS t ON t.[EquipID] = n.[EquipID] AND t.[AsOf] = n.newest
GO

SET NOCOUNT ON;
DECLARE @object INT = OBJECT_ID(N'[dbo].[ACM_SinceWhen_Latest]');
DECLARE @docs TABLE (part sysname NULL, about NVARCHAR(3700) NOT NULL, is_new BIT NOT NULL);
INSERT INTO @docs (part, about, is_new)
SELECT v.part, v.about, CASE WHEN p.name IS NULL THEN 1 ELSE 0 END
FROM (VALUES
    (CAST(NULL AS sysname), N'Time in the current state (in alarm or not) at the end of the day; latest day of each machine only')
) AS v (part, about)
LEFT JOIN sys.extended_properties AS p
    ON p.class = 1 AND p.major_id = @object AND p.name = N'MS_Description'
        AND p.minor_id = COALESCE(COLUMNPROPERTY(@object, v.part, 'ColumnId'), 0)
WHERE COALESCE(CAST(p.value AS NVARCHAR(3700)), N'') COLLATE Latin1_General_100_BIN2 <> v.about;
DECLARE @part sysname, @about NVARCHAR(3700), @is_new BIT, @level VARCHAR(6);
DECLARE docs CURSOR LOCAL FAST_FORWARD FOR SELECT part, about, is_new FROM @docs;
OPEN docs;
FETCH NEXT FROM docs INTO @part, @about, @is_new;
WHILE @@FETCH_STATUS = 0
BEGIN
    SET @level = CASE WHEN @part IS NOT NULL THEN 'COLUMN' END;
    IF @is_new = 1
        EXEC sys.sp_addextendedproperty
            N'MS_Description', @about, 'SCHEMA', N'dbo', 'VIEW', N'ACM_SinceWhen_Latest', @level, @part;
    ELSE
        EXEC sys.sp_updateextendedproperty
            N'MS_Description', @about, 'SCHEMA', N'dbo', 'VIEW', N'ACM_SinceWhen_Latest', @level, @part;
    FETCH NEXT FROM docs INTO @part, @about, @is_new;
END;
SET NOCOUNT OFF
GO

CREATE OR ALTER VIEW [dbo].[ACM_SensorDefects_Latest] AS
SELECT t.[RunID], t.[EquipID], t.[AsOf], t.[DetectorType], t.[DetectorFamily], t.[Severity], t.[ViolationCount], t.[ViolationPct], t.[MaxZ], t.[AvgZ], t.[CurrentZ], t.[ActiveDefect]
FROM (SELECT e.[EquipID], (
    SELECT MAX(m.[AsOf]) FROM [ACM_SensorDefects] AS m WHERE m.[EquipID] = e.[EquipID]
  ) AS newest FROM [Equipment] AS e) AS n
JOIN [ACM_SensorDefects] AS t ON t.[EquipID] = n.[EquipID] AND t.[AsOf] = n.newest
GO

SET NOCOUNT ON;
DECLARE @object INT = OBJECT_ID(N'[dbo].[ACM_SensorDefects_Latest]');
DECLARE @docs TABLE (part sysname NULL, about NVARCHAR(3700) NOT NULL, is_new BIT NOT NULL);
INSERT INTO @docs (part, about, is_new)
SELECT v.part, v.about, CASE WHEN p.name IS NULL THEN 1 ELSE 0 END
FROM (VALUES
    (CAST(NULL AS sysname), N'How often the score of each detector reached z = 2 over the last summary_days days; latest day of each machine only')
) AS v (part, about)
LEFT JOIN sys.extended_properties AS p
    ON p.class = 1 AND p.major_id = @object AND p.name = N'MS_Description'
        AND p.minor_id = COALESCE(COLUMNPROPERTY(@object, v.part, 'ColumnId'), 0)
WHERE COALESCE(CAST(p.value AS NVARCHAR(3700)), N'') COLLATE Latin1_General_100_BIN2 <> v.about;
DECLARE @part sysname, @about NVARCHAR(3700), @is_new BIT, @level VARCHAR(6);
DECLARE docs CURSOR LOCAL FAST_FORWARD FOR SELECT part, about, is_new FROM @docs;
OPEN docs;
FETCH NEXT FROM docs INTO @part, @about, @is_new;
WHILE @@FETCH_STATUS = 0
BEGIN
    SET @level = CASE WHEN @part IS NOT NULL THEN 'COLUMN' END;
    IF @is_new = 1
        EXEC sys.sp_addextendedproperty
            N'MS_Description', @about, 'SCHEMA', N'dbo', 'VIEW', N'ACM_SensorDefects_Latest', @level, @part;
    ELSE
        EXEC sys.sp_updateextendedproperty
            N'MS_Description', @about, 'SCHEMA', N'dbo', 'VIEW', N'ACM_SensorDefects_Latest', @level, @part;
    FETCH NEXT FROM docs INTO @part, @about, @is_new;
END;
SET NOCOUNT OFF
GO

CREATE OR ALTER VIEW [dbo].[ACM_SensorRanking_Latest] AS
SELECT t.[RunID], t.[EquipID], t.[AsOf], t.[SensorName], t.[RankPosition], t.[ContributionPct], t.[ZScore], t.[DetectorType]
FROM (SELECT e.[EquipID], (
    SELECT MAX(m.[AsOf]) FROM [ACM_SensorRanking] AS m WHERE m.[EquipID] = e.[EquipID]
  ) AS newest FROM [Equipment] AS e) AS n
JOIN [ACM_SensorRanking] AS t ON t.[EquipID] = n.[EquipID] AND t.[AsOf] = n.newest
GO

SET NOCOUNT ON;
DECLARE @object INT = OBJECT_ID(N'[dbo].[ACM_SensorRanking_Latest]');
DECLARE @docs TABLE (part sysname NULL, about NVARCHAR(3700) NOT NULL, is_new BIT NOT NULL);
INSERT INTO @docs (part, about, is_new)
SELECT v.part, v.about, CASE WHEN p.name IS NULL THEN 1 ELSE 0 END
FROM (VALUES
    (CAST(NULL AS sysname), N'Sensors ranked by their last deviation of the day; latest day of each machine only')
) AS v (part, about)
LEFT JOIN sys.extended_properties AS p
    ON p.class = 1 AND p.major_id = @object AND p.name = N'MS_Description'
        AND p.minor_id = COALESCE(COLUMNPROPERTY(@object, v.part, 'ColumnId'), 0)
WHERE COALESCE(CAST(p.value AS NVARCHAR(3700)), N'') COLLATE Latin1_General_100_BIN2 <> v.about;
DECLARE @part sysname, @about NVARCHAR(3700), @is_new BIT, @level VARCHAR(6);
DECLARE docs CURSOR LOCAL FAST_FORWARD FOR SELECT part, about, is_new FROM @docs;
OPEN docs;
FETCH NEXT FROM docs INTO @part, @about, @is_new;
WHILE @@FETCH_STATUS = 0
BEGIN
    SET @level = CASE WHEN @part IS NOT NULL THEN 'COLUMN' END;
    IF @is_new = 1
        EXEC sys.sp_addextendedproperty
            N'MS_Description', @about, 'SCHEMA', N'dbo', 'VIEW', N'ACM_SensorRanking_Latest', @level, @part;
    ELSE
        EXEC sys.sp_updateextendedproperty
            N'MS_Description', @about, 'SCHEMA', N'dbo', 'VIEW', N'ACM_SensorRanking_Latest', @level, @part;
    FETCH NEXT FROM docs INTO @part, @about, @is_new;
END;
SET NOCOUNT OFF
GO

CREATE OR ALTER VIEW [dbo].[ACM_DetectorCorrelation_Latest] AS
SELECT t.[RunID], t.[EquipID], t.[AsOf], t.[DetectorA], t.[DetectorB], t.[PearsonR], t.[Points]
FROM (SELECT e.[EquipID], (
    SELECT MAX(m.[AsOf]) FROM [ACM_DetectorCorrelation] AS m WHERE m.[EquipID] = e.[EquipID]
  ) AS newest FROM [Equipment] AS e) AS n
JOIN [ACM_DetectorCorrelation] AS t ON t.[EquipID] = n.[EquipID] AND t.[AsOf] = n.newest
GO

SET NOCOUNT ON;
DECLARE @object INT = OBJECT_ID(N'[dbo].[ACM_DetectorCorrelation_Latest]');
DECLARE @docs TABLE (part sysname NULL, about NVARCHAR(3700) NOT NULL, is_new BIT NOT NULL);
INSERT INTO @docs (part, about, is_new)
SELECT v.part, v.about, CASE WHEN p.name IS NULL THEN 1 ELSE 0 END
FROM (VALUES
    (CAST(NULL AS sysname), N'Correlation of the scores of two detectors over the last summary_days days; latest day of each machine only')
) AS v (part, about)
LEFT JOIN sys.extended_properties AS p
    ON p.class = 1 AND p.major_id = @object AND p.name = N'MS_Description'
        AND p.minor_id = COALESCE(COLUMNPROPERTY(@object, v.part, 'ColumnId'), 0)
WHERE COALESCE(CAST(p.value AS NVARCHAR(3700)), N'') COLLATE Latin1_General_100_BIN2 <> v.about;
DECLARE @part sysname, @about NVARCHAR(3700), @is_new BIT, @level VARCHAR(6);
DECLARE docs CURSOR LOCAL FAST_FORWARD FOR SELECT part, about, is_new FROM @docs;
OPEN docs;
FETCH NEXT FROM docs INTO @part, @about, @is_new;
WHILE @@FETCH_STATUS = 0
BEGIN
    SET @level = CASE WHEN @part IS NOT NULL THEN 'COLUMN' END;
    IF @is_new = 1
        EXEC sys.sp_addextendedproperty
            N'MS_Description', @about, 'SCHEMA', N'dbo', 'VIEW', N'ACM_DetectorCorrelation_Latest', @level, @part;
    ELSE
        EXEC sys.sp_updateextendedproperty
            N'MS_Description', @about, 'SCHEMA', N'dbo', 'VIEW', N'ACM_DetectorCorrelation_Latest', @level, @part;
    FETCH NEXT FROM docs INTO @part, @about, @is_new;
END;
SET NOCOUNT OFF
GO

CREATE OR ALTER VIEW [dbo].[ACM_HealthHistogram_Latest] AS
SELECT t.[RunID], t.[EquipID], t.[AsOf], t.[HealthBin], t.[RecordCount], t.[Percentage]
FROM (SELECT e.[EquipID], (
    SELECT MAX(m.[AsOf]) FROM [ACM_HealthHistogram] AS m WHERE m.[EquipID] = e.[EquipID]
  ) AS newest FROM [Equipment] AS e) AS n
JOIN [ACM_HealthHistogram] AS t ON t.[EquipID] = n.[EquipID] AND t.[AsOf] = n.newest
GO

SET NOCOUNT ON;
DECLARE @object INT = OBJECT_ID(N'[dbo].[ACM_HealthHistogram_Latest]');
DECLARE @docs TABLE (part sysname NULL, about NVARCHAR(3700) NOT NULL, is_new BIT NOT NULL);
INSERT INTO @docs (part, about, is_new)
SELECT v.part, v.about, CASE WHEN p.name IS NULL THEN 1 ELSE 0 END
FROM (VALUES
    (CAST(NULL AS sysname), N'Distribution of health over the last summary_days days, in ten bins of width ten; latest day of each machine only')
) AS v (part, about)
LEFT JOIN sys.extended_properties AS p
    ON p.class = 1 AND p.major_id = @object AND p.name = N'MS_Description'
        AND p.minor_id = COALESCE(COLUMNPROPERTY(@object, v.part, 'ColumnId'), 0)
WHERE COALESCE(CAST(p.value AS NVARCHAR(3700)), N'') COLLATE Latin1_General_100_BIN2 <> v.about;
DECLARE @part sysname, @about NVARCHAR(3700), @is_new BIT, @level VARCHAR(6);
DECLARE docs CURSOR LOCAL FAST_FORWARD FOR SELECT part, about, is_new FROM @docs;
OPEN docs;
FETCH NEXT FROM docs INTO @part, @about, @is_new;
WHILE @@FETCH_STATUS = 0
BEGIN
    SET @level = CASE WHEN @part IS NOT NULL THEN 'COLUMN' END;
    IF @is_new = 1
        EXEC sys.sp_addextendedproperty
            N'MS_Description', @about, 'SCHEMA', N'dbo', 'VIEW', N'ACM_HealthHistogram_Latest', @level, @part;
    ELSE
        EXEC sys.sp_updateextendedproperty
            N'MS_Description', @about, 'SCHEMA', N'dbo', 'VIEW', N'ACM_HealthHistogram_Latest', @level, @part;
    FETCH NEXT FROM docs INTO @part, @about, @is_new;
END;
SET NOCOUNT OFF
GO

CREATE OR ALTER VIEW [dbo].[ACM_RegimeDwellStats_Latest] AS
SELECT t.[RunID], t.[EquipID], t.[AsOf], t.[RegimeLabel], t.[Runs], t.[MeanSeconds], t.[MedianSeconds], t.[MinSeconds], t.[MaxSeconds]
FROM (SELECT e.[EquipID], (
    SELECT MAX(m.[AsOf]) FROM [ACM_RegimeDwellStats] AS m WHERE m.[EquipID] = e.[EquipID]
  ) AS newest FROM [Equipment] AS e) AS n
JOIN [ACM_RegimeDwellStats] AS t ON t.[EquipID] = n.[EquipID] AND t.[AsOf] = n.newest
GO

SET NOCOUNT ON;
DECLARE @object INT = OBJECT_ID(N'[dbo].[ACM_RegimeDwellStats_Latest]');
DECLARE @docs TABLE (part sysname NULL, about NVARCHAR(3700) NOT NULL, is_new BIT NOT NULL);
INSERT INTO @docs (part, about, is_new)
SELECT v.part, v.about, CASE WHEN p.name IS NULL THEN 1 ELSE 0 END
FROM (VALUES
    (CAST(NULL AS sysname), N'How long the machine stays in each regime, by its periods within the last summary_days days; latest day of each machine only')
) AS v (part, about)
LEFT JOIN sys.extended_properties AS p
    ON p.class = 1 AND p.major_id = @object AND p.name = N'MS_Description'
        AND p.minor_id = COALESCE(COLUMNPROPERTY(@object, v.part, 'ColumnId'), 0)
WHERE COALESCE(CAST(p.value AS NVARCHAR(3700)), N'') COLLATE Latin1_General_100_BIN2 <> v.about;
DECLARE @part sysname, @about NVARCHAR(3700), @is_new BIT, @level VARCHAR(6);
DECLARE docs CURSOR LOCAL FAST_FORWARD FOR SELECT part, about, is_new FROM @docs;
OPEN docs;
FETCH NEXT FROM docs INTO @part, @about, @is_new;
WHILE @@FETCH_STATUS = 0
BEGIN
    SET @level = CASE WHEN @part IS NOT NULL THEN 'COLUMN' END;
    IF @is_new = 1
        EXEC sys.sp_addextendedproperty
            N'MS_Description', @about, 'SCHEMA', N'dbo', 'VIEW', N'ACM_RegimeDwellStats_Latest', @level, @part;
    ELSE
        EXEC sys.sp_updateextendedproperty
            N'MS_Description', @about, 'SCHEMA', N'dbo', 'VIEW', N'ACM_RegimeDwellStats_Latest', @level, @part;
    FETCH NEXT FROM docs INTO @part, @about, @is_new;
END;
SET NOCOUNT OFF
GO

CREATE OR ALTER VIEW [dbo].[ACM_RegimeStability_Latest] AS
SELECT t.[RunID], t.[EquipID], t.[AsOf], t.[MetricName], t.[MetricValue]
FROM (SELECT e.[EquipID], (
    SELECT MAX(m.[AsOf]) FROM [ACM_RegimeStability] AS m WHERE m.[EquipID] = e.[EquipID]
  ) AS newest FROM [Equipment] AS e) AS n
JOIN [ACM_RegimeStability] AS t ON t.[EquipID] = n.[EquipID] AND t.[AsOf] = n.newest
GO

SET NOCOUNT ON;
DECLARE @object INT = OBJECT_ID(N'[dbo].[ACM_RegimeStability_Latest]');
DECLARE @docs TABLE (part sysname NULL, about NVARCHAR(3700) NOT NULL, is_new BIT NOT NULL);
INSERT INTO @docs (part, about, is_new)
SELECT v.part, v.about, CASE WHEN p.name IS NULL THEN 1 ELSE 0 END
FROM (VALUES
    (CAST(NULL AS sysname), N'Stability of the regimes over the last summary_days days; latest day of each machine only')
) AS v (part, about)
LEFT JOIN sys.extended_properties AS p
    ON p.class = 1 AND p.major_id = @object AND p.name = N'MS_Description'
        AND p.minor_id = COALESCE(COLUMNPROPERTY(@object, v.part, 'ColumnId'), 0)
WHERE COALESCE(CAST(p.value AS NVARCHAR(3700)), N'') COLLATE Latin1_General_100_BIN2 <> v.about;
DECLARE @part sysname, @about NVARCHAR(3700), @is_new BIT, @level VARCHAR(6);
DECLARE docs CURSOR LOCAL FAST_FORWARD FOR SELECT part, about, is_new FROM @docs;
OPEN docs;
FETCH NEXT FROM docs INTO @part, @about, @is_new;
WHILE @@FETCH_STATUS = 0
BEGIN
    SET @level = CASE WHEN @part IS NOT NULL THEN 'COLUMN' END;
    IF @is_new = 1
        EXEC sys.sp_addextendedproperty
            N'MS_Description', @about, 'SCHEMA', N'dbo', 'VIEW', N'ACM_RegimeStability_Latest', @level, @part;
    ELSE
        EXEC sys.sp_updateextendedproperty
            N'MS_Description', @about, 'SCHEMA', N'dbo', 'VIEW', N'ACM_RegimeStability_Latest', @level, @part;
    FETCH NEXT FROM docs INTO @part, @about, @is_new;
END;
SET NOCOUNT OFF
GO

CREATE OR ALTER VIEW [dbo].[ACM_HealthForecast_TS_Latest] AS
SELECT t.[RunID], t.[EquipID], t.[AsOf], t.[Timestamp], t.[HorizonHours], t.[ForecastHealth], t.[CiLower], t.[CiUpper], t.[ForecastStd], t.[Method]
FROM (SELECT e.[EquipID], (
    SELECT MAX(m.[AsOf]) FROM [ACM_HealthForecast_TS] AS m WHERE m.[EquipID] = e.[EquipID]
  ) AS newest FROM [Equipment] AS e) AS n
JOIN [ACM_HealthForecast_TS] AS t ON t.[EquipID] = n.[EquipID] AND t.[AsOf] = n.newest
GO

SET NOCOUNT ON;
DECLARE @object INT = OBJECT_ID(N'[dbo].[ACM_HealthForecast_TS_Latest]');
DECLARE @docs TABLE (part sysname NULL, about NVARCHAR(3700) NOT NULL, is_new BIT NOT NULL);
INSERT INTO @docs (part, about, is_new)
SELECT v.part, v.about, CASE WHEN p.name IS NULL THEN 1 ELSE 0 END
FROM (VALUES
    (CAST(NULL AS sysname), N'Forecast of health, as of the end of the day; latest day of each machine only')
) AS v (part, about)
LEFT JOIN sys.extended_properties AS p
    ON p.class = 1 AND p.major_id = @object AND p.name = N'MS_Description'
        AND p.minor_id = COALESCE(COLUMNPROPERTY(@object, v.part, 'ColumnId'), 0)
WHERE COALESCE(CAST(p.value AS NVARCHAR(3700)), N'') COLLATE Latin1_General_100_BIN2 <> v.about;
DECLARE @part sysname, @about NVARCHAR(3700), @is_new BIT, @level VARCHAR(6);
DECLARE docs CURSOR LOCAL FAST_FORWARD FOR SELECT part, about, is_new FROM @docs;
OPEN docs;
FETCH NEXT FROM docs INTO @part, @about, @is_new;
WHILE @@FETCH_STATUS = 0
BEGIN
    SET @level = CASE WHEN @part IS NOT NULL THEN 'COLUMN' END;
    IF @is_new = 1
        EXEC sys.sp_addextendedproperty
            N'MS_Description', @about, 'SCHEMA', N'dbo', 'VIEW', N'ACM_HealthForecast_TS_Latest', @level, @part;
    ELSE
        EXEC sys.sp_updateextendedproperty
            N'MS_Description', @about, 'SCHEMA', N'dbo', 'VIEW', N'ACM_HealthForecast_TS_Latest', @level, @part;
    FETCH NEXT FROM docs INTO @part, @about, @is_new;
END;
SET NOCOUNT OFF
GO

CREATE OR ALTER VIEW [dbo].[ACM_FailureForecast_TS_Latest] AS
SELECT t.[RunID], t.[EquipID], t.[AsOf], t.[Timestamp], t.[HorizonHours], t.[FailureProb], t.[ThresholdUsed], t.[Method]
FROM (SELECT e.[EquipID], (
    SELECT MAX(m.[AsOf]) FROM [ACM_FailureForecast_TS] AS m WHERE m.[EquipID] = e.[EquipID]
  ) AS newest FROM [Equipment] AS e) AS n
JOIN [ACM_FailureForecast_TS] AS t ON t.[EquipID] = n.[EquipID] AND t.[AsOf] = n.newest
GO

SET NOCOUNT ON;
DECLARE @object INT = OBJECT_ID(N'[dbo].[ACM_FailureForecast_TS_Latest]');
DECLARE @docs TABLE (part sysname NULL, about NVARCHAR(3700) NOT NULL, is_new BIT NOT NULL);
INSERT INTO @docs (part, about, is_new)
SELECT v.part, v.about, CASE WHEN p.name IS NULL THEN 1 ELSE 0 END
FROM (VALUES
    (CAST(NULL AS sysname), N'Probability that health has fallen below the threshold by a time; it never decreases with the horizon; latest day of each machine only')
) AS v (part, about)
LEFT JOIN sys.extended_properties AS p
    ON p.class = 1 AND p.major_id = @object AND p.name = N'MS_Description'
        AND p.minor_id = COALESCE(COLUMNPROPERTY(@object, v.part, 'ColumnId'), 0)
WHERE COALESCE(CAST(p.value AS NVARCHAR(3700)), N'') COLLATE Latin1_General_100_BIN2 <> v.about;
DECLARE @part sysname, @about NVARCHAR(3700), @is_new BIT, @level VARCHAR(6);
DECLARE docs CURSOR LOCAL FAST_FORWARD FOR SELECT part, about, is_new FROM @docs;
OPEN docs;
FETCH NEXT FROM docs INTO @part, @about, @is_new;
WHILE @@FETCH_STATUS = 0
BEGIN
    SET @level = CASE WHEN @part IS NOT NULL THEN 'COLUMN' END;
    IF @is_new = 1
        EXEC sys.sp_addextendedproperty
            N'MS_Description', @about, 'SCHEMA', N'dbo', 'VIEW', N'ACM_FailureForecast_TS_Latest', @level, @part;
    ELSE
        EXEC sys.sp_updateextendedproperty
            N'MS_Description', @about, 'SCHEMA', N'dbo', 'VIEW', N'ACM_FailureForecast_TS_Latest', @level, @part;
    FETCH NEXT FROM docs INTO @part, @about, @is_new;
END;
SET NOCOUNT OFF
GO

CREATE OR ALTER VIEW [dbo].[ACM_RUL_Summary_Latest] AS
SELECT t.[RunID], t.[EquipID], t.[AsOf], t.[IssuedAt], t.[Status], t.[RUL_Hours], t.[LowerBound], t.[UpperBound], t.[Confidence], t.[FailureTime], t.[TrendStart], t.[TrendDays], t.[HealthNow], t.[ZPerDay], t.[RisingProb], t.[FailureProb24h], t.[FailureProb7d], t.[FailureProb30d], t.[ThresholdUsed], t.[Method], t.[LastUpdate]
FROM (SELECT e.[EquipID], (
    SELECT MAX(m.[AsOf]) FROM [ACM_RUL_Summary] AS m WHERE m.[EquipID] = e.[EquipID]
  ) AS newest FROM [Equipment] AS e) AS n
JOIN [ACM_RUL_Summary] AS t ON t.[EquipID] = n.[EquipID] AND t.[AsOf] = n.newest
GO

SET NOCOUNT ON;
DECLARE @object INT = OBJECT_ID(N'[dbo].[ACM_RUL_Summary_Latest]');
DECLARE @docs TABLE (part sysname NULL, about NVARCHAR(3700) NOT NULL, is_new BIT NOT NULL);
INSERT INTO @docs (part, about, is_new)
SELECT v.part, v.about, CASE WHEN p.name IS NULL THEN 1 ELSE 0 END
FROM (VALUES
    (CAST(NULL AS sysname), N'Degradation status, and the time until health falls below the threshold; latest day of each machine only')
) AS v (part, about)
LEFT JOIN sys.extended_properties AS p
    ON p.class = 1 AND p.major_id = @object AND p.name = N'MS_Description'
        AND p.minor_id = COALESCE(COLUMNPROPERTY(@object, v.part, 'ColumnId'), 0)
WHERE COALESCE(CAST(p.value AS NVARCHAR(3700)), N'') COLLATE Latin1_General_100_BIN2 <> v.about;
DECLARE @part sysname, @about NVARCHAR(3700), @is_new BIT, @level VARCHAR(6);
DECLARE docs CURSOR LOCAL FAST_FORWARD FOR SELECT part, about, is_new FROM @docs;
OPEN docs;
FETCH NEXT FROM docs INTO @part, @about, @is_new;
WHILE @@FETCH_STATUS = 0
BEGIN
    SET @level = CASE WHEN @part IS NOT NULL THEN 'COLUMN' END;
    IF @is_new = 1
        EXEC sys.sp_addextendedproperty
            N'MS_Description', @about, 'SCHEMA', N'dbo', 'VIEW', N'ACM_RUL_Summary_Latest', @level, @part;
    ELSE
        EXEC sys.sp_updateextendedproperty
            N'MS_Description', @about, 'SCHEMA', N'dbo', 'VIEW', N'ACM_RUL_Summary_Latest', @level, @part;
    FETCH NEXT FROM docs INTO @part, @about, @is_new;
END;
SET NOCOUNT OFF
GO

CREATE OR ALTER VIEW [dbo].[ACM_RUL_Attribution_Latest] AS
SELECT t.[RunID], t.[EquipID], t.[AsOf], t.[FailureTime], t.[SensorName], t.[FailureContribution], t.[ZScoreAtFailure], t.[AlertCount], t.[Comment]
FROM (SELECT e.[EquipID], (
    SELECT MAX(m.[AsOf]) FROM [ACM_RUL_Attribution] AS m WHERE m.[EquipID] = e.[EquipID]
  ) AS newest FROM [Equipment] AS e) AS n
JOIN [ACM_RUL_Attribution] AS t ON t.[EquipID] = n.[EquipID] AND t.[AsOf] = n.newest
GO

SET NOCOUNT ON;
DECLARE @object INT = OBJECT_ID(N'[dbo].[ACM_RUL_Attribution_Latest]');
DECLARE @docs TABLE (part sysname NULL, about NVARCHAR(3700) NOT NULL, is_new BIT NOT NULL);
INSERT INTO @docs (part, about, is_new)
SELECT v.part, v.about, CASE WHEN p.name IS NULL THEN 1 ELSE 0 END
FROM (VALUES
    (CAST(NULL AS sysname), N'Sensors driving the degradation trend, by contribution; empty without a trend; latest day of each machine only')
) AS v (part, about)
LEFT JOIN sys.extended_properties AS p
    ON p.class = 1 AND p.major_id = @object AND p.name = N'MS_Description'
        AND p.minor_id = COALESCE(COLUMNPROPERTY(@object, v.part, 'ColumnId'), 0)
WHERE COALESCE(CAST(p.value AS NVARCHAR(3700)), N'') COLLATE Latin1_General_100_BIN2 <> v.about;
DECLARE @part sysname, @about NVARCHAR(3700), @is_new BIT, @level VARCHAR(6);
DECLARE docs CURSOR LOCAL FAST_FORWARD FOR SELECT part, about, is_new FROM @docs;
OPEN docs;
FETCH NEXT FROM docs INTO @part, @about, @is_new;
WHILE @@FETCH_STATUS = 0
BEGIN
    SET @level = CASE WHEN @part IS NOT NULL THEN 'COLUMN' END;
    IF @is_new = 1
        EXEC sys.sp_addextendedproperty
            N'MS_Description', @about, 'SCHEMA', N'dbo', 'VIEW', N'ACM_RUL_Attribution_Latest', @level, @part;
    ELSE
        EXEC sys.sp_updateextendedproperty
            N'MS_Description', @about, 'SCHEMA', N'dbo', 'VIEW', N'ACM_RUL_Attribution_Latest', @level, @part;
    FETCH NEXT FROM docs INTO @part, @about, @is_new;
END;
SET NOCOUNT OFF
GO

CREATE OR ALTER VIEW [dbo].[ACM_SensorForecast_TS_Latest] AS
SELECT t.[RunID], t.[EquipID], t.[AsOf], t.[Timestamp], t.[HorizonHours], t.[SensorName], t.[ForecastValue], t.[CiLower], t.[CiUpper], t.[ForecastStd], t.[Method]
FROM (SELECT e.[EquipID], (
    SELECT MAX(m.[AsOf]) FROM [ACM_SensorForecast_TS] AS m WHERE m.[EquipID] = e.[EquipID]
  ) AS newest FROM [Equipment] AS e) AS n
JOIN [ACM_SensorForecast_TS] AS t ON t.[EquipID] = n.[EquipID] AND t.[AsOf] = n.newest
GO

SET NOCOUNT ON;
DECLARE @object INT = OBJECT_ID(N'[dbo].[ACM_SensorForecast_TS_Latest]');
DECLARE @docs TABLE (part sysname NULL, about NVARCHAR(3700) NOT NULL, is_new BIT NOT NULL);
INSERT INTO @docs (part, about, is_new)
SELECT v.part, v.about, CASE WHEN p.name IS NULL THEN 1 ELSE 0 END
FROM (VALUES
    (CAST(NULL AS sysname), N'Forecast of the five sensors with the largest |z| over the last summary_days days; latest day of each machine only')
) AS v (part, about)
LEFT JOIN sys.extended_properties AS p
    ON p.class = 1 AND p.major_id = @object AND p.name = N'MS_Description'
        AND p.minor_id = COALESCE(COLUMNPROPERTY(@object, v.part, 'ColumnId'), 0)
WHERE COALESCE(CAST(p.value AS NVARCHAR(3700)), N'') COLLATE Latin1_General_100_BIN2 <> v.about;
DECLARE @part sysname, @about NVARCHAR(3700), @is_new BIT, @level VARCHAR(6);
DECLARE docs CURSOR LOCAL FAST_FORWARD FOR SELECT part, about, is_new FROM @docs;
OPEN docs;
FETCH NEXT FROM docs INTO @part, @about, @is_new;
WHILE @@FETCH_STATUS = 0
BEGIN
    SET @level = CASE WHEN @part IS NOT NULL THEN 'COLUMN' END;
    IF @is_new = 1
        EXEC sys.sp_addextendedproperty
            N'MS_Description', @about, 'SCHEMA', N'dbo', 'VIEW', N'ACM_SensorForecast_TS_Latest', @level, @part;
    ELSE
        EXEC sys.sp_updateextendedproperty
            N'MS_Description', @about, 'SCHEMA', N'dbo', 'VIEW', N'ACM_SensorForecast_TS_Latest', @level, @part;
    FETCH NEXT FROM docs INTO @part, @about, @is_new;
END;
SET NOCOUNT OFF
GO

CREATE OR ALTER VIEW [dbo].[ACM_MaintenanceRecommendation_Latest] AS
SELECT t.[RunID], t.[EquipID], t.[AsOf], t.[EarliestMaintenance], t.[PreferredWindowStart], t.[PreferredWindowEnd], t.[FailureProbAtWindowEnd], t.[Comment]
FROM (SELECT e.[EquipID], (
    SELECT MAX(m.[AsOf]) FROM [ACM_MaintenanceRecommendation] AS m WHERE m.[EquipID] = e.[EquipID]
  ) AS newest FROM [Equipment] AS e) AS n
JOIN [ACM_MaintenanceRecommendation] AS t ON t.[EquipID] = n.[EquipID] AND t.[AsOf] = n.newest
GO

SET NOCOUNT ON;
DECLARE @object INT = OBJECT_ID(N'[dbo].[ACM_MaintenanceRecommendation_Latest]');
DECLARE @docs TABLE (part sysname NULL, about NVARCHAR(3700) NOT NULL, is_new BIT NOT NULL);
INSERT INTO @docs (part, about, is_new)
SELECT v.part, v.about, CASE WHEN p.name IS NULL THEN 1 ELSE 0 END
FROM (VALUES
    (CAST(NULL AS sysname), N'When to maintain the machine; no row for a machine above the threshold without a degradation trend; latest day of each machine only')
) AS v (part, about)
LEFT JOIN sys.extended_properties AS p
    ON p.class = 1 AND p.major_id = @object AND p.name = N'MS_Description'
        AND p.minor_id = COALESCE(COLUMNPROPERTY(@object, v.part, 'ColumnId'), 0)
WHERE COALESCE(CAST(p.value AS NVARCHAR(3700)), N'') COLLATE Latin1_General_100_BIN2 <> v.about;
DECLARE @part sysname, @about NVARCHAR(3700), @is_new BIT, @level VARCHAR(6);
DECLARE docs CURSOR LOCAL FAST_FORWARD FOR SELECT part, about, is_new FROM @docs;
OPEN docs;
FETCH NEXT FROM docs INTO @part, @about, @is_new;
WHILE @@FETCH_STATUS = 0
BEGIN
    SET @level = CASE WHEN @part IS NOT NULL THEN 'COLUMN' END;
    IF @is_new = 1
        EXEC sys.sp_addextendedproperty
            N'MS_Description', @about, 'SCHEMA', N'dbo', 'VIEW', N'ACM_MaintenanceRecommendation_Latest', @level, @part;
    ELSE
        EXEC sys.sp_updateextendedproperty
            N'MS_Description', @about, 'SCHEMA', N'dbo', 'VIEW', N'ACM_MaintenanceRecommendation_Latest', @level, @part;
    FETCH NEXT FROM docs INTO @part, @about, @is_new;
END;
SET NOCOUNT OFF
GO

CREATE OR ALTER VIEW [dbo].[ACM_RUL_TS_Latest] AS
SELECT t.[RunID], t.[EquipID], t.[AsOf], t.[Timestamp], t.[HorizonHours], t.[RUL_Hours], t.[LowerBound], t.[UpperBound], t.[Confidence], t.[Method]
FROM (SELECT e.[EquipID], (
    SELECT MAX(m.[AsOf]) FROM [ACM_RUL_TS] AS m WHERE m.[EquipID] = e.[EquipID]
  ) AS newest FROM [Equipment] AS e) AS n
JOIN [ACM_RUL_TS] AS t ON t.[EquipID] = n.[EquipID] AND t.[AsOf] = n.newest
GO

SET NOCOUNT ON;
DECLARE @object INT = OBJECT_ID(N'[dbo].[ACM_RUL_TS_Latest]');
DECLARE @docs TABLE (part sysname NULL, about NVARCHAR(3700) NOT NULL, is_new BIT NOT NULL);
INSERT INTO @docs (part, about, is_new)
SELECT v.part, v.about, CASE WHEN p.name IS NULL THEN 1 ELSE 0 END
FROM (VALUES
    (CAST(NULL AS sysname), N'Time to threshold of ACM_RUL_Summary counted down over the horizon; empty without a degradation trend; latest day of each machine only')
) AS v (part, about)
LEFT JOIN sys.extended_properties AS p
    ON p.class = 1 AND p.major_id = @object AND p.name = N'MS_Description'
        AND p.minor_id = COALESCE(COLUMNPROPERTY(@object, v.part, 'ColumnId'), 0)
WHERE COALESCE(CAST(p.value AS NVARCHAR(3700)), N'') COLLATE Latin1_General_100_BIN2 <> v.about;
DECLARE @part sysname, @about NVARCHAR(3700), @is_new BIT, @level VARCHAR(6);
DECLARE docs CURSOR LOCAL FAST_FORWARD FOR SELECT part, about, is_new FROM @docs;
OPEN docs;
FETCH NEXT FROM docs INTO @part, @about, @is_new;
WHILE @@FETCH_STATUS = 0
BEGIN
    SET @level = CASE WHEN @part IS NOT NULL THEN 'COLUMN' END;
    IF @is_new = 1
        EXEC sys.sp_addextendedproperty
            N'MS_Description', @about, 'SCHEMA', N'dbo', 'VIEW', N'ACM_RUL_TS_Latest', @level, @part;
    ELSE
        EXEC sys.sp_updateextendedproperty
            N'MS_Description', @about, 'SCHEMA', N'dbo', 'VIEW', N'ACM_RUL_TS_Latest', @level, @part;
    FETCH NEXT FROM docs INTO @part, @about, @is_new;
END;
SET NOCOUNT OFF
GO

CREATE OR ALTER VIEW [dbo].[DimMachine] AS
SELECT e.[EquipID], e.[EquipCode], COALESCE(e.[EquipName], e.[EquipCode]) AS [EquipName], e.[Area], e.[Unit],
  e.[TimeZone]
FROM [Equipment] AS e
GO

SET NOCOUNT ON;
DECLARE @object INT = OBJECT_ID(N'[dbo].[DimMachine]');
DECLARE @docs TABLE (part sysname NULL, about NVARCHAR(3700) NOT NULL, is_new BIT NOT NULL);
INSERT INTO @docs (part, about, is_new)
SELECT v.part, v.about, CASE WHEN p.name IS NULL THEN 1 ELSE 0 END
FROM (VALUES
    (CAST(NULL AS sysname), N'Star schema: one row per machine')
) AS v (part, about)
LEFT JOIN sys.extended_properties AS p
    ON p.class = 1 AND p.major_id = @object AND p.name = N'MS_Description'
        AND p.minor_id = COALESCE(COLUMNPROPERTY(@object, v.part, 'ColumnId'), 0)
WHERE COALESCE(CAST(p.value AS NVARCHAR(3700)), N'') COLLATE Latin1_General_100_BIN2 <> v.about;
DECLARE @part sysname, @about NVARCHAR(3700), @is_new BIT, @level VARCHAR(6);
DECLARE docs CURSOR LOCAL FAST_FORWARD FOR SELECT part, about, is_new FROM @docs;
OPEN docs;
FETCH NEXT FROM docs INTO @part, @about, @is_new;
WHILE @@FETCH_STATUS = 0
BEGIN
    SET @level = CASE WHEN @part IS NOT NULL THEN 'COLUMN' END;
    IF @is_new = 1
        EXEC sys.sp_addextendedproperty
            N'MS_Description', @about, 'SCHEMA', N'dbo', 'VIEW', N'DimMachine', @level, @part;
    ELSE
        EXEC sys.sp_updateextendedproperty
            N'MS_Description', @about, 'SCHEMA', N'dbo', 'VIEW', N'DimMachine', @level, @part;
    FETCH NEXT FROM docs INTO @part, @about, @is_new;
END;
SET NOCOUNT OFF
GO

CREATE OR ALTER VIEW [dbo].[DimTag] AS
SELECT CONCAT(t.[EquipID], '|', t.[TagName]) AS [TagKey], t.[EquipID], t.[TagName], t.[TagDescription],
  t.[TagUnit], t.[TagType], t.[IsActive]
FROM [ACM_TagEquipmentMap] AS t
GO

SET NOCOUNT ON;
DECLARE @object INT = OBJECT_ID(N'[dbo].[DimTag]');
DECLARE @docs TABLE (part sysname NULL, about NVARCHAR(3700) NOT NULL, is_new BIT NOT NULL);
INSERT INTO @docs (part, about, is_new)
SELECT v.part, v.about, CASE WHEN p.name IS NULL THEN 1 ELSE 0 END
FROM (VALUES
    (CAST(NULL AS sysname), N'Star schema: one row per tag of a machine')
) AS v (part, about)
LEFT JOIN sys.extended_properties AS p
    ON p.class = 1 AND p.major_id = @object AND p.name = N'MS_Description'
        AND p.minor_id = COALESCE(COLUMNPROPERTY(@object, v.part, 'ColumnId'), 0)
WHERE COALESCE(CAST(p.value AS NVARCHAR(3700)), N'') COLLATE Latin1_General_100_BIN2 <> v.about;
DECLARE @part sysname, @about NVARCHAR(3700), @is_new BIT, @level VARCHAR(6);
DECLARE docs CURSOR LOCAL FAST_FORWARD FOR SELECT part, about, is_new FROM @docs;
OPEN docs;
FETCH NEXT FROM docs INTO @part, @about, @is_new;
WHILE @@FETCH_STATUS = 0
BEGIN
    SET @level = CASE WHEN @part IS NOT NULL THEN 'COLUMN' END;
    IF @is_new = 1
        EXEC sys.sp_addextendedproperty
            N'MS_Description', @about, 'SCHEMA', N'dbo', 'VIEW', N'DimTag', @level, @part;
    ELSE
        EXEC sys.sp_updateextendedproperty
            N'MS_Description', @about, 'SCHEMA', N'dbo', 'VIEW', N'DimTag', @level, @part;
    FETCH NEXT FROM docs INTO @part, @about, @is_new;
END;
SET NOCOUNT OFF
GO

CREATE OR ALTER VIEW [dbo].[DimDate] AS
SELECT d.[Date], YEAR(d.[Date]) AS [Year], MONTH(d.[Date]) AS [Month], DAY(d.[Date]) AS [Day],
  CASE WHEN MONTH(d.[Date]) <= 3 THEN 1 WHEN MONTH(d.[Date]) <= 6 THEN 2
    WHEN MONTH(d.[Date]) <= 9 THEN 3 ELSE 4 END AS [Quarter],
  100 * YEAR(d.[Date]) + MONTH(d.[Date]) AS [YearMonth], d.[Number] % 7 + 1 AS [Weekday]
FROM (
  SELECT n.[Number], DATEADD(day, n.[Number], CAST('1900-01-01' AS DATE)) AS [Date]
  FROM (
    SELECT d1.[n] + 10 * d2.[n] + 100 * d3.[n] + 1000 * d4.[n] + 10000 * d5.[n] AS [Number]
    FROM (VALUES (0), (1), (2), (3), (4), (5), (6), (7), (8), (9)) AS d1 ([n])
    CROSS JOIN (VALUES (0), (1), (2), (3), (4), (5), (6), (7), (8), (9)) AS d2 ([n])
    CROSS JOIN (VALUES (0), (1), (2), (3), (4), (5), (6), (7), (8), (9)) AS d3 ([n])
    CROSS JOIN (VALUES (0), (1), (2), (3), (4), (5), (6), (7), (8), (9)) AS d4 ([n])
    CROSS JOIN (VALUES (0), (1), (2), (3), (4), (5), (6), (7), (8), (9)) AS d5 ([n])
  ) AS n
) AS d
CROSS JOIN (
  SELECT YEAR(DATEADD(day, -1, CAST(MIN(h.[AsOf]) AS DATE))) AS [FirstYear],
    YEAR(DATEADD(day, 1, CAST(MAX(h.[AsOf]) AS DATE))) AS [LastYear]
  FROM [ACM_HealthDaily] AS h
) AS y
WHERE YEAR(d.[Date]) >= y.[FirstYear] AND YEAR(d.[Date]) <= y.[LastYear]
GO

SET NOCOUNT ON;
DECLARE @object INT = OBJECT_ID(N'[dbo].[DimDate]');
DECLARE @docs TABLE (part sysname NULL, about NVARCHAR(3700) NOT NULL, is_new BIT NOT NULL);
INSERT INTO @docs (part, about, is_new)
SELECT v.part, v.about, CASE WHEN p.name IS NULL THEN 1 ELSE 0 END
FROM (VALUES
    (CAST(NULL AS sysname), N'Star schema: one row per day of the years with results, without gaps')
) AS v (part, about)
LEFT JOIN sys.extended_properties AS p
    ON p.class = 1 AND p.major_id = @object AND p.name = N'MS_Description'
        AND p.minor_id = COALESCE(COLUMNPROPERTY(@object, v.part, 'ColumnId'), 0)
WHERE COALESCE(CAST(p.value AS NVARCHAR(3700)), N'') COLLATE Latin1_General_100_BIN2 <> v.about;
DECLARE @part sysname, @about NVARCHAR(3700), @is_new BIT, @level VARCHAR(6);
DECLARE docs CURSOR LOCAL FAST_FORWARD FOR SELECT part, about, is_new FROM @docs;
OPEN docs;
FETCH NEXT FROM docs INTO @part, @about, @is_new;
WHILE @@FETCH_STATUS = 0
BEGIN
    SET @level = CASE WHEN @part IS NOT NULL THEN 'COLUMN' END;
    IF @is_new = 1
        EXEC sys.sp_addextendedproperty
            N'MS_Description', @about, 'SCHEMA', N'dbo', 'VIEW', N'DimDate', @level, @part;
    ELSE
        EXEC sys.sp_updateextendedproperty
            N'MS_Description', @about, 'SCHEMA', N'dbo', 'VIEW', N'DimDate', @level, @part;
    FETCH NEXT FROM docs INTO @part, @about, @is_new;
END;
SET NOCOUNT OFF
GO

CREATE OR ALTER VIEW [dbo].[FactHealthDaily] AS
SELECT t.[EquipID], CAST((SELECT CAST(t.[AsOf] AT TIME ZONE 'UTC' AT TIME ZONE zone_map.[WindowsName] AS DATETIME2(3))
    FROM [ACM_TimeZones] AS zone_map WHERE zone_map.[IanaName] = e.[TimeZone]) AS DATE) AS [Date], t.[AvgHealth], t.[MinHealth],
  t.[LastHealth], t.[MaxFusedZ], t.[Readings], t.[AssessedCount], t.[GoodCount], t.[WatchCount], t.[AlertCount],
  t.[AlarmCount],
  t.[AvgHealth] * t.[AssessedCount] AS [HealthSum]
FROM [ACM_HealthDaily] AS t
JOIN [Equipment] AS e ON e.[EquipID] = t.[EquipID]
GO

SET NOCOUNT ON;
DECLARE @object INT = OBJECT_ID(N'[dbo].[FactHealthDaily]');
DECLARE @docs TABLE (part sysname NULL, about NVARCHAR(3700) NOT NULL, is_new BIT NOT NULL);
INSERT INTO @docs (part, about, is_new)
SELECT v.part, v.about, CASE WHEN p.name IS NULL THEN 1 ELSE 0 END
FROM (VALUES
    (CAST(NULL AS sysname), N'Star schema: health of each machine on each local day')
) AS v (part, about)
LEFT JOIN sys.extended_properties AS p
    ON p.class = 1 AND p.major_id = @object AND p.name = N'MS_Description'
        AND p.minor_id = COALESCE(COLUMNPROPERTY(@object, v.part, 'ColumnId'), 0)
WHERE COALESCE(CAST(p.value AS NVARCHAR(3700)), N'') COLLATE Latin1_General_100_BIN2 <> v.about;
DECLARE @part sysname, @about NVARCHAR(3700), @is_new BIT, @level VARCHAR(6);
DECLARE docs CURSOR LOCAL FAST_FORWARD FOR SELECT part, about, is_new FROM @docs;
OPEN docs;
FETCH NEXT FROM docs INTO @part, @about, @is_new;
WHILE @@FETCH_STATUS = 0
BEGIN
    SET @level = CASE WHEN @part IS NOT NULL THEN 'COLUMN' END;
    IF @is_new = 1
        EXEC sys.sp_addextendedproperty
            N'MS_Description', @about, 'SCHEMA', N'dbo', 'VIEW', N'FactHealthDaily', @level, @part;
    ELSE
        EXEC sys.sp_updateextendedproperty
            N'MS_Description', @about, 'SCHEMA', N'dbo', 'VIEW', N'FactHealthDaily', @level, @part;
    FETCH NEXT FROM docs INTO @part, @about, @is_new;
END;
SET NOCOUNT OFF
GO

CREATE OR ALTER VIEW [dbo].[FactEpisodes] AS
SELECT t.[EquipID], CAST((SELECT CAST(t.[StartTs] AT TIME ZONE 'UTC' AT TIME ZONE zone_map.[WindowsName] AS DATETIME2(3))
    FROM [ACM_TimeZones] AS zone_map WHERE zone_map.[IanaName] = e.[TimeZone]) AS DATE) AS [Date], t.[StartTs], t.[EndTs], t.[Status],
  t.[Severity], t.[DurationHours], t.[PeakFusedZ], t.[MinHealthIndex], t.[PrimarySensor],
  CONCAT(t.[EquipID], '|', t.[PrimarySensor]) AS [TagKey]
FROM [ACM_Episodes] AS t
JOIN [Equipment] AS e ON e.[EquipID] = t.[EquipID]
GO

SET NOCOUNT ON;
DECLARE @object INT = OBJECT_ID(N'[dbo].[FactEpisodes]');
DECLARE @docs TABLE (part sysname NULL, about NVARCHAR(3700) NOT NULL, is_new BIT NOT NULL);
INSERT INTO @docs (part, about, is_new)
SELECT v.part, v.about, CASE WHEN p.name IS NULL THEN 1 ELSE 0 END
FROM (VALUES
    (CAST(NULL AS sysname), N'Star schema: alarm episodes, by the local date of their start')
) AS v (part, about)
LEFT JOIN sys.extended_properties AS p
    ON p.class = 1 AND p.major_id = @object AND p.name = N'MS_Description'
        AND p.minor_id = COALESCE(COLUMNPROPERTY(@object, v.part, 'ColumnId'), 0)
WHERE COALESCE(CAST(p.value AS NVARCHAR(3700)), N'') COLLATE Latin1_General_100_BIN2 <> v.about;
DECLARE @part sysname, @about NVARCHAR(3700), @is_new BIT, @level VARCHAR(6);
DECLARE docs CURSOR LOCAL FAST_FORWARD FOR SELECT part, about, is_new FROM @docs;
OPEN docs;
FETCH NEXT FROM docs INTO @part, @about, @is_new;
WHILE @@FETCH_STATUS = 0
BEGIN
    SET @level = CASE WHEN @part IS NOT NULL THEN 'COLUMN' END;
    IF @is_new = 1
        EXEC sys.sp_addextendedproperty
            N'MS_Description', @about, 'SCHEMA', N'dbo', 'VIEW', N'FactEpisodes', @level, @part;
    ELSE
        EXEC sys.sp_updateextendedproperty
            N'MS_Description', @about, 'SCHEMA', N'dbo', 'VIEW', N'FactEpisodes', @level, @part;
    FETCH NEXT FROM docs INTO @part, @about, @is_new;
END;
SET NOCOUNT OFF
GO

CREATE OR ALTER VIEW [dbo].[FactSensorDaily] AS
SELECT t.[EquipID], CONCAT(t.[EquipID], '|', t.[SensorName]) AS [TagKey], CAST((SELECT CAST(t.[AsOf] AT TIME ZONE 'UTC' AT TIME ZONE zone_map.[WindowsName] AS DATETIME2(3))
    FROM [ACM_TimeZones] AS zone_map WHERE zone_map.[IanaName] = e.[TimeZone]) AS DATE) AS [Date],
  t.[Readings], t.[Nulls], t.[AboveWarnCount], t.[AboveAlertCount], t.[MaxSignedZ], t.[ValueAtPeak],
  t.[LatestSignedZ], t.[LatestValue], t.[BaselineCount], t.[BaselineMean]
FROM [ACM_SensorDaily] AS t
JOIN [Equipment] AS e ON e.[EquipID] = t.[EquipID]
GO

SET NOCOUNT ON;
DECLARE @object INT = OBJECT_ID(N'[dbo].[FactSensorDaily]');
DECLARE @docs TABLE (part sysname NULL, about NVARCHAR(3700) NOT NULL, is_new BIT NOT NULL);
INSERT INTO @docs (part, about, is_new)
SELECT v.part, v.about, CASE WHEN p.name IS NULL THEN 1 ELSE 0 END
FROM (VALUES
    (CAST(NULL AS sysname), N'Star schema: statistics of each tag on each local day')
) AS v (part, about)
LEFT JOIN sys.extended_properties AS p
    ON p.class = 1 AND p.major_id = @object AND p.name = N'MS_Description'
        AND p.minor_id = COALESCE(COLUMNPROPERTY(@object, v.part, 'ColumnId'), 0)
WHERE COALESCE(CAST(p.value AS NVARCHAR(3700)), N'') COLLATE Latin1_General_100_BIN2 <> v.about;
DECLARE @part sysname, @about NVARCHAR(3700), @is_new BIT, @level VARCHAR(6);
DECLARE docs CURSOR LOCAL FAST_FORWARD FOR SELECT part, about, is_new FROM @docs;
OPEN docs;
FETCH NEXT FROM docs INTO @part, @about, @is_new;
WHILE @@FETCH_STATUS = 0
BEGIN
    SET @level = CASE WHEN @part IS NOT NULL THEN 'COLUMN' END;
    IF @is_new = 1
        EXEC sys.sp_addextendedproperty
            N'MS_Description', @about, 'SCHEMA', N'dbo', 'VIEW', N'FactSensorDaily', @level, @part;
    ELSE
        EXEC sys.sp_updateextendedproperty
            N'MS_Description', @about, 'SCHEMA', N'dbo', 'VIEW', N'FactSensorDaily', @level, @part;
    FETCH NEXT FROM docs INTO @part, @about, @is_new;
END;
SET NOCOUNT OFF
GO

IF EXISTS (SELECT 1 FROM (VALUES (N'[dbo].[ACM_HealthTimeline]'), (N'[dbo].[ACM_RegimeTimeline]'), (N'[dbo].[ACM_CulpritHistory]'), (N'[dbo].[ACM_DriftSeries]'), (N'[dbo].[ACM_RunHistory]'), (N'[dbo].[ACM_RunColumns]'), (N'[dbo].[ACM_LocalTime]'), (N'[dbo].[ACM_EpisodesLocal]'), (N'[dbo].[ACM_LatestRun]'), (N'[dbo].[ACM_HealthTimeline_Latest]'), (N'[dbo].[ACM_BatchStatus]'), (N'[dbo].[ACM_RUL_TS]'), (N'[dbo].[ACM_EnhancedFailureProbability_TS]'), (N'[dbo].[ACM_EnhancedMaintenanceRecommendation]'), (N'[dbo].[ACM_FailureCausation]'), (N'[dbo].[ACM_RecommendedActions]'), (N'[dbo].[ACM_Scores_Long]'), (N'[dbo].[ACM_Drift_TS]'), (N'[dbo].[ACM_Anomaly_Events]'), (N'[dbo].[ACM_EpisodeDiagnostics]'), (N'[dbo].[ACM_ContributionCurrent]'), (N'[dbo].[ACM_HealthZoneByPeriod]'), (N'[dbo].[ACM_SensorAnomalyByPeriod]'), (N'[dbo].[ACM_BaselineBuffer]'), (N'[dbo].[ACM_FeatureDropLog]'), (N'[dbo].[Runs]'), (N'[dbo].[ACM_AlertAge_Latest]'), (N'[dbo].[ACM_SensorDrift_Latest]'), (N'[dbo].[ACM_DriftEventsLocal]'), (N'[dbo].[ACM_SensorDaily_Latest]'), (N'[dbo].[ACM_SensorHotspots_Latest]'), (N'[dbo].[ACM_DataQuality_Latest]'), (N'[dbo].[ACM_DefectSummary_Latest]'), (N'[dbo].[ACM_EpisodeMetrics_Latest]'), (N'[dbo].[ACM_RegimeOccupancy_Latest]'), (N'[dbo].[ACM_RegimeTransitions_Latest]'), (N'[dbo].[ACM_HealthDaily_Latest]'), (N'[dbo].[ACM_DetectorDaily_Latest]'), (N'[dbo].[ACM_SinceWhen_Latest]'), (N'[dbo].[ACM_SensorDefects_Latest]'), (N'[dbo].[ACM_SensorRanking_Latest]'), (N'[dbo].[ACM_DetectorCorrelation_Latest]'), (N'[dbo].[ACM_HealthHistogram_Latest]'), (N'[dbo].[ACM_RegimeDwellStats_Latest]'), (N'[dbo].[ACM_RegimeStability_Latest]'), (N'[dbo].[ACM_HealthForecast_TS_Latest]'), (N'[dbo].[ACM_FailureForecast_TS_Latest]'), (N'[dbo].[ACM_RUL_Summary_Latest]'), (N'[dbo].[ACM_RUL_Attribution_Latest]'), (N'[dbo].[ACM_SensorForecast_TS_Latest]'), (N'[dbo].[ACM_MaintenanceRecommendation_Latest]'), (N'[dbo].[ACM_RUL_TS_Latest]'), (N'[dbo].[DimMachine]'), (N'[dbo].[DimTag]'), (N'[dbo].[DimDate]'), (N'[dbo].[FactHealthDaily]'), (N'[dbo].[FactEpisodes]'), (N'[dbo].[FactSensorDaily]')) AS o (name) WHERE OBJECT_ID(o.name) IS NULL)
    THROW 50000, N'Some objects of this script are missing: it is not recorded as applied. Run it with sqlcmd -b.', 1;
DELETE FROM [dbo].[ACM_SchemaVersion] WHERE [Version] = 2 AND [Name] = N'006_views.sql';
INSERT INTO [dbo].[ACM_SchemaVersion] ([Version], [Name], [Hash], [AppliedAt])
VALUES (2, N'006_views.sql', N'd5d3f339aa704a74b7c38e56d4bc172dfcfe734dfa204700a31b8d462d3085fe', SYSUTCDATETIME())
GO
