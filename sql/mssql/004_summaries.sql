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

IF OBJECT_ID(N'[dbo].[ACM_SensorDaily]', N'U') IS NULL
CREATE TABLE [dbo].[ACM_SensorDaily] (
    [RunID] UNIQUEIDENTIFIER NOT NULL,
    [EquipID] INT NOT NULL,
    [AsOf] DATETIME2(3) NOT NULL,
    [SensorName] NVARCHAR(255) COLLATE Latin1_General_100_BIN2 NOT NULL,
    [Readings] BIGINT NOT NULL,
    [Nulls] BIGINT NOT NULL,
    [LongestGap] BIGINT NOT NULL,
    [LongestFlat] BIGINT NOT NULL,
    [AboveWarnCount] BIGINT NOT NULL,
    [AboveAlertCount] BIGINT NOT NULL,
    [MaxTimestamp] DATETIME2(3) NULL,
    [MaxSignedZ] FLOAT(53) NULL,
    [ValueAtPeak] FLOAT(53) NULL,
    [LatestTimestamp] DATETIME2(3) NULL,
    [LatestSignedZ] FLOAT(53) NULL,
    [LatestValue] FLOAT(53) NULL,
    [BaselineCount] BIGINT NOT NULL,
    [BaselineMean] FLOAT(53) NULL,
    CONSTRAINT [PK_ACM_SensorDaily] PRIMARY KEY CLUSTERED ([EquipID], [AsOf], [SensorName]),
    CONSTRAINT [FK_ACM_SensorDaily_RunID] FOREIGN KEY ([RunID]) REFERENCES [dbo].[RunLog] ([RunID]),
    CONSTRAINT [FK_ACM_SensorDaily_EquipID] FOREIGN KEY ([EquipID]) REFERENCES [dbo].[Equipment] ([EquipID])
)
GO

IF NOT EXISTS (
    SELECT 1 FROM sys.indexes AS i
    INNER JOIN sys.index_columns AS x ON x.object_id = i.object_id AND x.index_id = i.index_id AND x.key_ordinal > 0
    WHERE i.object_id = OBJECT_ID(N'[dbo].[ACM_SensorDaily]') AND (i.name = N'IX_ACM_SensorDaily_RunID' OR (i.has_filter = 0 AND i.is_disabled = 0))
    GROUP BY i.index_id
    HAVING MAX(i.name) = N'IX_ACM_SensorDaily_RunID' OR STRING_AGG(
        QUOTENAME(COL_NAME(x.object_id, x.column_id))
        + CASE WHEN x.is_descending_key = 1 THEN N' DESC' ELSE N'' END, N', '
    ) WITHIN GROUP (ORDER BY x.key_ordinal) = N'[RunID]'
)
CREATE INDEX [IX_ACM_SensorDaily_RunID] ON [dbo].[ACM_SensorDaily] ([RunID])
GO

IF EXISTS (
    SELECT 1 FROM sys.tables
    WHERE object_id = OBJECT_ID(N'[dbo].[ACM_SensorDaily]', N'U') AND lock_escalation_desc <> N'DISABLE'
)
ALTER TABLE [dbo].[ACM_SensorDaily] SET (LOCK_ESCALATION = DISABLE)
GO

SET NOCOUNT ON;
DECLARE @object INT = OBJECT_ID(N'[dbo].[ACM_SensorDaily]');
DECLARE @docs TABLE (part sysname NULL, about NVARCHAR(3700) NOT NULL, is_new BIT NOT NULL);
INSERT INTO @docs (part, about, is_new)
SELECT v.part, v.about, CASE WHEN p.name IS NULL THEN 1 ELSE 0 END
FROM (VALUES
    (CAST(NULL AS sysname), N'Daily statistics of each sensor, from which the sensor summaries are computed'),
    (N'RunID', N'Run that wrote the row (RunLog.RunID)'),
    (N'EquipID', N'Machine (Equipment.EquipID)'),
    (N'AsOf', N'Local day of the machine, as the UTC time at which it starts'),
    (N'SensorName', N'Tag'),
    (N'Readings', N'Readings of the day'),
    (N'Nulls', N'Readings without a usable value'),
    (N'LongestGap', N'Longest run of unusable values in the day, counted from its first reading on any day, readings'),
    (N'LongestFlat', N'Longest run of equal values in the day, counted from its first reading on any day, readings'),
    (N'AboveWarnCount', N'Readings with |z| >= 2'),
    (N'AboveAlertCount', N'Readings with |z| >= 3'),
    (N'MaxTimestamp', N'Time of the largest |z|, UTC'),
    (N'MaxSignedZ', N'z at that time'),
    (N'ValueAtPeak', N'Reading at that time'),
    (N'LatestTimestamp', N'Last usable reading, UTC'),
    (N'LatestSignedZ', N'z at that time'),
    (N'LatestValue', N'Reading at that time'),
    (N'BaselineCount', N'Usable readings in state on, with fused z below 2 and no alarm'),
    (N'BaselineMean', N'Mean of the baseline readings, unit of the tag')
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
            N'MS_Description', @about, 'SCHEMA', N'dbo', 'TABLE', N'ACM_SensorDaily', @level, @part;
    ELSE
        EXEC sys.sp_updateextendedproperty
            N'MS_Description', @about, 'SCHEMA', N'dbo', 'TABLE', N'ACM_SensorDaily', @level, @part;
    FETCH NEXT FROM docs INTO @part, @about, @is_new;
END;
SET NOCOUNT OFF
GO

IF OBJECT_ID(N'[dbo].[ACM_SensorHotspots]', N'U') IS NULL
CREATE TABLE [dbo].[ACM_SensorHotspots] (
    [RunID] UNIQUEIDENTIFIER NOT NULL,
    [EquipID] INT NOT NULL,
    [AsOf] DATETIME2(3) NOT NULL,
    [SensorName] NVARCHAR(255) COLLATE Latin1_General_100_BIN2 NOT NULL,
    [MaxTimestamp] DATETIME2(3) NOT NULL,
    [LatestTimestamp] DATETIME2(3) NOT NULL,
    [MaxAbsZ] FLOAT(53) NOT NULL,
    [MaxSignedZ] FLOAT(53) NOT NULL,
    [LatestAbsZ] FLOAT(53) NOT NULL,
    [LatestSignedZ] FLOAT(53) NOT NULL,
    [ValueAtPeak] FLOAT(53) NOT NULL,
    [LatestValue] FLOAT(53) NOT NULL,
    [TrainMean] FLOAT(53) NOT NULL,
    [TrainStd] FLOAT(53) NOT NULL,
    [AboveWarnCount] BIGINT NOT NULL,
    [AboveAlertCount] BIGINT NOT NULL,
    CONSTRAINT [PK_ACM_SensorHotspots] PRIMARY KEY CLUSTERED ([EquipID], [AsOf], [SensorName]),
    CONSTRAINT [FK_ACM_SensorHotspots_RunID] FOREIGN KEY ([RunID]) REFERENCES [dbo].[RunLog] ([RunID]),
    CONSTRAINT [FK_ACM_SensorHotspots_EquipID] FOREIGN KEY ([EquipID]) REFERENCES [dbo].[Equipment] ([EquipID])
)
GO

IF NOT EXISTS (
    SELECT 1 FROM sys.indexes AS i
    INNER JOIN sys.index_columns AS x ON x.object_id = i.object_id AND x.index_id = i.index_id AND x.key_ordinal > 0
    WHERE i.object_id = OBJECT_ID(N'[dbo].[ACM_SensorHotspots]') AND (i.name = N'IX_ACM_SensorHotspots_RunID' OR (i.has_filter = 0 AND i.is_disabled = 0))
    GROUP BY i.index_id
    HAVING MAX(i.name) = N'IX_ACM_SensorHotspots_RunID' OR STRING_AGG(
        QUOTENAME(COL_NAME(x.object_id, x.column_id))
        + CASE WHEN x.is_descending_key = 1 THEN N' DESC' ELSE N'' END, N', '
    ) WITHIN GROUP (ORDER BY x.key_ordinal) = N'[RunID]'
)
CREATE INDEX [IX_ACM_SensorHotspots_RunID] ON [dbo].[ACM_SensorHotspots] ([RunID])
GO

IF EXISTS (
    SELECT 1 FROM sys.tables
    WHERE object_id = OBJECT_ID(N'[dbo].[ACM_SensorHotspots]', N'U') AND lock_escalation_desc <> N'DISABLE'
)
ALTER TABLE [dbo].[ACM_SensorHotspots] SET (LOCK_ESCALATION = DISABLE)
GO

SET NOCOUNT ON;
DECLARE @object INT = OBJECT_ID(N'[dbo].[ACM_SensorHotspots]');
DECLARE @docs TABLE (part sysname NULL, about NVARCHAR(3700) NOT NULL, is_new BIT NOT NULL);
INSERT INTO @docs (part, about, is_new)
SELECT v.part, v.about, CASE WHEN p.name IS NULL THEN 1 ELSE 0 END
FROM (VALUES
    (CAST(NULL AS sysname), N'Sensors whose largest |z| reached 2 in the last summary_days days'),
    (N'RunID', N'Run that wrote the row (RunLog.RunID)'),
    (N'EquipID', N'Machine (Equipment.EquipID)'),
    (N'AsOf', N'Local day of the machine, as the UTC time at which it starts; the summary includes that day'),
    (N'SensorName', N'Tag'),
    (N'MaxTimestamp', N'Time of the largest |z|, UTC'),
    (N'LatestTimestamp', N'Last usable reading, UTC'),
    (N'MaxAbsZ', N'Largest |z|'),
    (N'MaxSignedZ', N'z at that time'),
    (N'LatestAbsZ', N'|z| of the last reading'),
    (N'LatestSignedZ', N'z of the last reading'),
    (N'ValueAtPeak', N'Reading at the largest |z|'),
    (N'LatestValue', N'Last reading'),
    (N'TrainMean', N'Centre of the training period (median)'),
    (N'TrainStd', N'Scale of the training period (robust standard deviation, floored)'),
    (N'AboveWarnCount', N'Readings with |z| >= 2'),
    (N'AboveAlertCount', N'Readings with |z| >= 3')
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
            N'MS_Description', @about, 'SCHEMA', N'dbo', 'TABLE', N'ACM_SensorHotspots', @level, @part;
    ELSE
        EXEC sys.sp_updateextendedproperty
            N'MS_Description', @about, 'SCHEMA', N'dbo', 'TABLE', N'ACM_SensorHotspots', @level, @part;
    FETCH NEXT FROM docs INTO @part, @about, @is_new;
END;
SET NOCOUNT OFF
GO

IF OBJECT_ID(N'[dbo].[ACM_DataQuality]', N'U') IS NULL
CREATE TABLE [dbo].[ACM_DataQuality] (
    [RunID] UNIQUEIDENTIFIER NOT NULL,
    [EquipID] INT NOT NULL,
    [AsOf] DATETIME2(3) NOT NULL,
    [SensorName] NVARCHAR(255) COLLATE Latin1_General_100_BIN2 NOT NULL,
    [CheckName] NVARCHAR(100) COLLATE Latin1_General_100_BIN2 NOT NULL,
    [CheckResult] NVARCHAR(8) COLLATE Latin1_General_100_BIN2 NOT NULL,
    [Readings] BIGINT NOT NULL,
    [Nulls] BIGINT NOT NULL,
    [NullPct] FLOAT(53) NOT NULL,
    [LongestGap] BIGINT NOT NULL,
    [LongestFlat] BIGINT NOT NULL,
    [Notes] NVARCHAR(500) COLLATE Latin1_General_100_BIN2 NULL,
    CONSTRAINT [PK_ACM_DataQuality] PRIMARY KEY CLUSTERED ([EquipID], [AsOf], [SensorName], [CheckName]),
    CONSTRAINT [FK_ACM_DataQuality_RunID] FOREIGN KEY ([RunID]) REFERENCES [dbo].[RunLog] ([RunID]),
    CONSTRAINT [FK_ACM_DataQuality_EquipID] FOREIGN KEY ([EquipID]) REFERENCES [dbo].[Equipment] ([EquipID]),
    CONSTRAINT [CK_ACM_DataQuality_CheckName] CHECK ([CheckName] IN (N'data_quality')),
    CONSTRAINT [CK_ACM_DataQuality_CheckResult] CHECK ([CheckResult] IN (N'OK', N'WARN', N'FAIL'))
)
GO

IF NOT EXISTS (
    SELECT 1 FROM sys.indexes AS i
    INNER JOIN sys.index_columns AS x ON x.object_id = i.object_id AND x.index_id = i.index_id AND x.key_ordinal > 0
    WHERE i.object_id = OBJECT_ID(N'[dbo].[ACM_DataQuality]') AND (i.name = N'IX_ACM_DataQuality_RunID' OR (i.has_filter = 0 AND i.is_disabled = 0))
    GROUP BY i.index_id
    HAVING MAX(i.name) = N'IX_ACM_DataQuality_RunID' OR STRING_AGG(
        QUOTENAME(COL_NAME(x.object_id, x.column_id))
        + CASE WHEN x.is_descending_key = 1 THEN N' DESC' ELSE N'' END, N', '
    ) WITHIN GROUP (ORDER BY x.key_ordinal) = N'[RunID]'
)
CREATE INDEX [IX_ACM_DataQuality_RunID] ON [dbo].[ACM_DataQuality] ([RunID])
GO

IF EXISTS (
    SELECT 1 FROM sys.tables
    WHERE object_id = OBJECT_ID(N'[dbo].[ACM_DataQuality]', N'U') AND lock_escalation_desc <> N'DISABLE'
)
ALTER TABLE [dbo].[ACM_DataQuality] SET (LOCK_ESCALATION = DISABLE)
GO

SET NOCOUNT ON;
DECLARE @object INT = OBJECT_ID(N'[dbo].[ACM_DataQuality]');
DECLARE @docs TABLE (part sysname NULL, about NVARCHAR(3700) NOT NULL, is_new BIT NOT NULL);
INSERT INTO @docs (part, about, is_new)
SELECT v.part, v.about, CASE WHEN p.name IS NULL THEN 1 ELSE 0 END
FROM (VALUES
    (CAST(NULL AS sysname), N'Usability of each sensor over the last summary_days days'),
    (N'RunID', N'Run that wrote the row (RunLog.RunID)'),
    (N'EquipID', N'Machine (Equipment.EquipID)'),
    (N'AsOf', N'Local day of the machine, as the UTC time at which it starts; the summary includes that day'),
    (N'SensorName', N'Tag'),
    (N'CheckName', N'Name of the check'),
    (N'CheckResult', N'FAIL from 80 % unusable values, WARN from 10 % or if flat, else OK'),
    (N'Readings', N'Readings'),
    (N'Nulls', N'Readings without a usable value'),
    (N'NullPct', N'100 * Nulls / Readings'),
    (N'LongestGap', N'Longest run of unusable values, readings'),
    (N'LongestFlat', N'Longest run of equal values, readings'),
    (N'Notes', N'Text of the finding')
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
            N'MS_Description', @about, 'SCHEMA', N'dbo', 'TABLE', N'ACM_DataQuality', @level, @part;
    ELSE
        EXEC sys.sp_updateextendedproperty
            N'MS_Description', @about, 'SCHEMA', N'dbo', 'TABLE', N'ACM_DataQuality', @level, @part;
    FETCH NEXT FROM docs INTO @part, @about, @is_new;
END;
SET NOCOUNT OFF
GO

IF OBJECT_ID(N'[dbo].[ACM_DefectSummary]', N'U') IS NULL
CREATE TABLE [dbo].[ACM_DefectSummary] (
    [RunID] UNIQUEIDENTIFIER NOT NULL,
    [EquipID] INT NOT NULL,
    [AsOf] DATETIME2(3) NOT NULL,
    [Status] NVARCHAR(16) COLLATE Latin1_General_100_BIN2 NOT NULL,
    [Severity] NVARCHAR(8) COLLATE Latin1_General_100_BIN2 NOT NULL,
    [CurrentHealth] FLOAT(53) NULL,
    [AvgHealth] FLOAT(53) NULL,
    [MinHealth] FLOAT(53) NULL,
    [EpisodeCount] BIGINT NOT NULL,
    [WorstSensor] NVARCHAR(255) COLLATE Latin1_General_100_BIN2 NULL,
    [GoodCount] BIGINT NOT NULL,
    [WatchCount] BIGINT NOT NULL,
    [AlertCount] BIGINT NOT NULL,
    CONSTRAINT [PK_ACM_DefectSummary] PRIMARY KEY CLUSTERED ([EquipID], [AsOf]),
    CONSTRAINT [FK_ACM_DefectSummary_RunID] FOREIGN KEY ([RunID]) REFERENCES [dbo].[RunLog] ([RunID]),
    CONSTRAINT [FK_ACM_DefectSummary_EquipID] FOREIGN KEY ([EquipID]) REFERENCES [dbo].[Equipment] ([EquipID]),
    CONSTRAINT [CK_ACM_DefectSummary_Status] CHECK ([Status] IN (N'HEALTHY', N'CAUTION', N'ALERT', N'UNKNOWN')),
    CONSTRAINT [CK_ACM_DefectSummary_Severity] CHECK ([Severity] IN (N'LOW', N'MEDIUM', N'HIGH', N'UNKNOWN'))
)
GO

IF NOT EXISTS (
    SELECT 1 FROM sys.indexes AS i
    INNER JOIN sys.index_columns AS x ON x.object_id = i.object_id AND x.index_id = i.index_id AND x.key_ordinal > 0
    WHERE i.object_id = OBJECT_ID(N'[dbo].[ACM_DefectSummary]') AND (i.name = N'IX_ACM_DefectSummary_RunID' OR (i.has_filter = 0 AND i.is_disabled = 0))
    GROUP BY i.index_id
    HAVING MAX(i.name) = N'IX_ACM_DefectSummary_RunID' OR STRING_AGG(
        QUOTENAME(COL_NAME(x.object_id, x.column_id))
        + CASE WHEN x.is_descending_key = 1 THEN N' DESC' ELSE N'' END, N', '
    ) WITHIN GROUP (ORDER BY x.key_ordinal) = N'[RunID]'
)
CREATE INDEX [IX_ACM_DefectSummary_RunID] ON [dbo].[ACM_DefectSummary] ([RunID])
GO

IF EXISTS (
    SELECT 1 FROM sys.tables
    WHERE object_id = OBJECT_ID(N'[dbo].[ACM_DefectSummary]', N'U') AND lock_escalation_desc <> N'DISABLE'
)
ALTER TABLE [dbo].[ACM_DefectSummary] SET (LOCK_ESCALATION = DISABLE)
GO

SET NOCOUNT ON;
DECLARE @object INT = OBJECT_ID(N'[dbo].[ACM_DefectSummary]');
DECLARE @docs TABLE (part sysname NULL, about NVARCHAR(3700) NOT NULL, is_new BIT NOT NULL);
INSERT INTO @docs (part, about, is_new)
SELECT v.part, v.about, CASE WHEN p.name IS NULL THEN 1 ELSE 0 END
FROM (VALUES
    (CAST(NULL AS sysname), N'Status of the machine at the end of the day'),
    (N'RunID', N'Run that wrote the row (RunLog.RunID)'),
    (N'EquipID', N'Machine (Equipment.EquipID)'),
    (N'AsOf', N'Local day of the machine, as the UTC time at which it starts; the summary includes that day'),
    (N'Status', N'Status by the last health of the day'),
    (N'Severity', N'LOW, MEDIUM or HIGH for HEALTHY, CAUTION or ALERT'),
    (N'CurrentHealth', N'Last health of the day, 0-100'),
    (N'AvgHealth', N'Mean health over the last summary_days days, 0-100'),
    (N'MinHealth', N'Lowest health over the last summary_days days, 0-100'),
    (N'EpisodeCount', N'Episodes that started in the last summary_days days'),
    (N'WorstSensor', N'Sensor with the largest |z| in the last reading'),
    (N'GoodCount', N'Readings in zone GOOD'),
    (N'WatchCount', N'Readings in zone WATCH'),
    (N'AlertCount', N'Readings in zone ALERT')
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
            N'MS_Description', @about, 'SCHEMA', N'dbo', 'TABLE', N'ACM_DefectSummary', @level, @part;
    ELSE
        EXEC sys.sp_updateextendedproperty
            N'MS_Description', @about, 'SCHEMA', N'dbo', 'TABLE', N'ACM_DefectSummary', @level, @part;
    FETCH NEXT FROM docs INTO @part, @about, @is_new;
END;
SET NOCOUNT OFF
GO

IF OBJECT_ID(N'[dbo].[ACM_EpisodeMetrics]', N'U') IS NULL
CREATE TABLE [dbo].[ACM_EpisodeMetrics] (
    [RunID] UNIQUEIDENTIFIER NOT NULL,
    [EquipID] INT NOT NULL,
    [AsOf] DATETIME2(3) NOT NULL,
    [TotalEpisodes] BIGINT NOT NULL,
    [TotalDurationHours] FLOAT(53) NOT NULL,
    [AvgDurationHours] FLOAT(53) NULL,
    [MedianDurationHours] FLOAT(53) NULL,
    [MaxDurationHours] FLOAT(53) NULL,
    [MinDurationHours] FLOAT(53) NULL,
    [RatePerDay] FLOAT(53) NOT NULL,
    [MeanInterarrivalHours] FLOAT(53) NULL,
    CONSTRAINT [PK_ACM_EpisodeMetrics] PRIMARY KEY CLUSTERED ([EquipID], [AsOf]),
    CONSTRAINT [FK_ACM_EpisodeMetrics_RunID] FOREIGN KEY ([RunID]) REFERENCES [dbo].[RunLog] ([RunID]),
    CONSTRAINT [FK_ACM_EpisodeMetrics_EquipID] FOREIGN KEY ([EquipID]) REFERENCES [dbo].[Equipment] ([EquipID])
)
GO

IF NOT EXISTS (
    SELECT 1 FROM sys.indexes AS i
    INNER JOIN sys.index_columns AS x ON x.object_id = i.object_id AND x.index_id = i.index_id AND x.key_ordinal > 0
    WHERE i.object_id = OBJECT_ID(N'[dbo].[ACM_EpisodeMetrics]') AND (i.name = N'IX_ACM_EpisodeMetrics_RunID' OR (i.has_filter = 0 AND i.is_disabled = 0))
    GROUP BY i.index_id
    HAVING MAX(i.name) = N'IX_ACM_EpisodeMetrics_RunID' OR STRING_AGG(
        QUOTENAME(COL_NAME(x.object_id, x.column_id))
        + CASE WHEN x.is_descending_key = 1 THEN N' DESC' ELSE N'' END, N', '
    ) WITHIN GROUP (ORDER BY x.key_ordinal) = N'[RunID]'
)
CREATE INDEX [IX_ACM_EpisodeMetrics_RunID] ON [dbo].[ACM_EpisodeMetrics] ([RunID])
GO

IF EXISTS (
    SELECT 1 FROM sys.tables
    WHERE object_id = OBJECT_ID(N'[dbo].[ACM_EpisodeMetrics]', N'U') AND lock_escalation_desc <> N'DISABLE'
)
ALTER TABLE [dbo].[ACM_EpisodeMetrics] SET (LOCK_ESCALATION = DISABLE)
GO

SET NOCOUNT ON;
DECLARE @object INT = OBJECT_ID(N'[dbo].[ACM_EpisodeMetrics]');
DECLARE @docs TABLE (part sysname NULL, about NVARCHAR(3700) NOT NULL, is_new BIT NOT NULL);
INSERT INTO @docs (part, about, is_new)
SELECT v.part, v.about, CASE WHEN p.name IS NULL THEN 1 ELSE 0 END
FROM (VALUES
    (CAST(NULL AS sysname), N'Statistics of the episodes that started in the last summary_days days'),
    (N'RunID', N'Run that wrote the row (RunLog.RunID)'),
    (N'EquipID', N'Machine (Equipment.EquipID)'),
    (N'AsOf', N'Local day of the machine, as the UTC time at which it starts; the summary includes that day'),
    (N'TotalEpisodes', N'Episodes'),
    (N'TotalDurationHours', N'Sum of their durations, hours'),
    (N'AvgDurationHours', N'Mean duration, hours'),
    (N'MedianDurationHours', N'Median duration, hours'),
    (N'MaxDurationHours', N'Longest duration, hours'),
    (N'MinDurationHours', N'Shortest duration, hours'),
    (N'RatePerDay', N'Episodes per day of the period covered'),
    (N'MeanInterarrivalHours', N'Mean time from start to start, hours; NULL below two episodes')
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
            N'MS_Description', @about, 'SCHEMA', N'dbo', 'TABLE', N'ACM_EpisodeMetrics', @level, @part;
    ELSE
        EXEC sys.sp_updateextendedproperty
            N'MS_Description', @about, 'SCHEMA', N'dbo', 'TABLE', N'ACM_EpisodeMetrics', @level, @part;
    FETCH NEXT FROM docs INTO @part, @about, @is_new;
END;
SET NOCOUNT OFF
GO

IF OBJECT_ID(N'[dbo].[ACM_RegimeOccupancy]', N'U') IS NULL
CREATE TABLE [dbo].[ACM_RegimeOccupancy] (
    [RunID] UNIQUEIDENTIFIER NOT NULL,
    [EquipID] INT NOT NULL,
    [AsOf] DATETIME2(3) NOT NULL,
    [RegimeLabel] NVARCHAR(50) COLLATE Latin1_General_100_BIN2 NOT NULL,
    [RecordCount] BIGINT NOT NULL,
    [Percentage] FLOAT(53) NOT NULL,
    CONSTRAINT [PK_ACM_RegimeOccupancy] PRIMARY KEY CLUSTERED ([EquipID], [AsOf], [RegimeLabel]),
    CONSTRAINT [FK_ACM_RegimeOccupancy_RunID] FOREIGN KEY ([RunID]) REFERENCES [dbo].[RunLog] ([RunID]),
    CONSTRAINT [FK_ACM_RegimeOccupancy_EquipID] FOREIGN KEY ([EquipID]) REFERENCES [dbo].[Equipment] ([EquipID])
)
GO

IF NOT EXISTS (
    SELECT 1 FROM sys.indexes AS i
    INNER JOIN sys.index_columns AS x ON x.object_id = i.object_id AND x.index_id = i.index_id AND x.key_ordinal > 0
    WHERE i.object_id = OBJECT_ID(N'[dbo].[ACM_RegimeOccupancy]') AND (i.name = N'IX_ACM_RegimeOccupancy_RunID' OR (i.has_filter = 0 AND i.is_disabled = 0))
    GROUP BY i.index_id
    HAVING MAX(i.name) = N'IX_ACM_RegimeOccupancy_RunID' OR STRING_AGG(
        QUOTENAME(COL_NAME(x.object_id, x.column_id))
        + CASE WHEN x.is_descending_key = 1 THEN N' DESC' ELSE N'' END, N', '
    ) WITHIN GROUP (ORDER BY x.key_ordinal) = N'[RunID]'
)
CREATE INDEX [IX_ACM_RegimeOccupancy_RunID] ON [dbo].[ACM_RegimeOccupancy] ([RunID])
GO

IF EXISTS (
    SELECT 1 FROM sys.tables
    WHERE object_id = OBJECT_ID(N'[dbo].[ACM_RegimeOccupancy]', N'U') AND lock_escalation_desc <> N'DISABLE'
)
ALTER TABLE [dbo].[ACM_RegimeOccupancy] SET (LOCK_ESCALATION = DISABLE)
GO

SET NOCOUNT ON;
DECLARE @object INT = OBJECT_ID(N'[dbo].[ACM_RegimeOccupancy]');
DECLARE @docs TABLE (part sysname NULL, about NVARCHAR(3700) NOT NULL, is_new BIT NOT NULL);
INSERT INTO @docs (part, about, is_new)
SELECT v.part, v.about, CASE WHEN p.name IS NULL THEN 1 ELSE 0 END
FROM (VALUES
    (CAST(NULL AS sysname), N'Share of readings in each regime over the last summary_days days'),
    (N'RunID', N'Run that wrote the row (RunLog.RunID)'),
    (N'EquipID', N'Machine (Equipment.EquipID)'),
    (N'AsOf', N'Local day of the machine, as the UTC time at which it starts; the summary includes that day'),
    (N'RegimeLabel', N'Operating regime'),
    (N'RecordCount', N'Readings'),
    (N'Percentage', N'100 * RecordCount / readings with a regime')
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
            N'MS_Description', @about, 'SCHEMA', N'dbo', 'TABLE', N'ACM_RegimeOccupancy', @level, @part;
    ELSE
        EXEC sys.sp_updateextendedproperty
            N'MS_Description', @about, 'SCHEMA', N'dbo', 'TABLE', N'ACM_RegimeOccupancy', @level, @part;
    FETCH NEXT FROM docs INTO @part, @about, @is_new;
END;
SET NOCOUNT OFF
GO

IF OBJECT_ID(N'[dbo].[ACM_RegimeTransitions]', N'U') IS NULL
CREATE TABLE [dbo].[ACM_RegimeTransitions] (
    [RunID] UNIQUEIDENTIFIER NOT NULL,
    [EquipID] INT NOT NULL,
    [AsOf] DATETIME2(3) NOT NULL,
    [FromLabel] NVARCHAR(50) COLLATE Latin1_General_100_BIN2 NOT NULL,
    [ToLabel] NVARCHAR(50) COLLATE Latin1_General_100_BIN2 NOT NULL,
    [Count] BIGINT NOT NULL,
    [Prob] FLOAT(53) NOT NULL,
    CONSTRAINT [PK_ACM_RegimeTransitions] PRIMARY KEY CLUSTERED ([EquipID], [AsOf], [FromLabel], [ToLabel]),
    CONSTRAINT [FK_ACM_RegimeTransitions_RunID] FOREIGN KEY ([RunID]) REFERENCES [dbo].[RunLog] ([RunID]),
    CONSTRAINT [FK_ACM_RegimeTransitions_EquipID] FOREIGN KEY ([EquipID]) REFERENCES [dbo].[Equipment] ([EquipID])
)
GO

IF NOT EXISTS (
    SELECT 1 FROM sys.indexes AS i
    INNER JOIN sys.index_columns AS x ON x.object_id = i.object_id AND x.index_id = i.index_id AND x.key_ordinal > 0
    WHERE i.object_id = OBJECT_ID(N'[dbo].[ACM_RegimeTransitions]') AND (i.name = N'IX_ACM_RegimeTransitions_RunID' OR (i.has_filter = 0 AND i.is_disabled = 0))
    GROUP BY i.index_id
    HAVING MAX(i.name) = N'IX_ACM_RegimeTransitions_RunID' OR STRING_AGG(
        QUOTENAME(COL_NAME(x.object_id, x.column_id))
        + CASE WHEN x.is_descending_key = 1 THEN N' DESC' ELSE N'' END, N', '
    ) WITHIN GROUP (ORDER BY x.key_ordinal) = N'[RunID]'
)
CREATE INDEX [IX_ACM_RegimeTransitions_RunID] ON [dbo].[ACM_RegimeTransitions] ([RunID])
GO

IF EXISTS (
    SELECT 1 FROM sys.tables
    WHERE object_id = OBJECT_ID(N'[dbo].[ACM_RegimeTransitions]', N'U') AND lock_escalation_desc <> N'DISABLE'
)
ALTER TABLE [dbo].[ACM_RegimeTransitions] SET (LOCK_ESCALATION = DISABLE)
GO

SET NOCOUNT ON;
DECLARE @object INT = OBJECT_ID(N'[dbo].[ACM_RegimeTransitions]');
DECLARE @docs TABLE (part sysname NULL, about NVARCHAR(3700) NOT NULL, is_new BIT NOT NULL);
INSERT INTO @docs (part, about, is_new)
SELECT v.part, v.about, CASE WHEN p.name IS NULL THEN 1 ELSE 0 END
FROM (VALUES
    (CAST(NULL AS sysname), N'Changes of regime in the last summary_days days'),
    (N'RunID', N'Run that wrote the row (RunLog.RunID)'),
    (N'EquipID', N'Machine (Equipment.EquipID)'),
    (N'AsOf', N'Local day of the machine, as the UTC time at which it starts; the summary includes that day'),
    (N'FromLabel', N'Regime before'),
    (N'ToLabel', N'Regime after'),
    (N'Count', N'Changes'),
    (N'Prob', N'Count / all changes out of FromLabel; the sum per FromLabel is 1')
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
            N'MS_Description', @about, 'SCHEMA', N'dbo', 'TABLE', N'ACM_RegimeTransitions', @level, @part;
    ELSE
        EXEC sys.sp_updateextendedproperty
            N'MS_Description', @about, 'SCHEMA', N'dbo', 'TABLE', N'ACM_RegimeTransitions', @level, @part;
    FETCH NEXT FROM docs INTO @part, @about, @is_new;
END;
SET NOCOUNT OFF
GO

IF OBJECT_ID(N'[dbo].[ACM_CalibrationSummary]', N'U') IS NULL
CREATE TABLE [dbo].[ACM_CalibrationSummary] (
    [RunID] UNIQUEIDENTIFIER NOT NULL,
    [EquipID] INT NOT NULL,
    [ModelVersion] INT NOT NULL,
    [DetectorType] NVARCHAR(50) COLLATE Latin1_General_100_BIN2 NOT NULL,
    [OperatingState] NVARCHAR(16) COLLATE Latin1_General_100_BIN2 NOT NULL,
    [CalibrationRows] BIGINT NOT NULL,
    [Pooled] BIT NOT NULL,
    [MeanZ] FLOAT(53) NULL,
    [StdZ] FLOAT(53) NULL,
    [P95Z] FLOAT(53) NULL,
    [P99Z] FLOAT(53) NULL,
    [ClipZ] FLOAT(53) NOT NULL,
    [SaturationPct] FLOAT(53) NULL,
    [MahalCondNum] FLOAT(53) NULL,
    [TailFoldPct] FLOAT(53) NULL,
    [TailFoldStart] DATETIME2(3) NULL,
    [TailFoldEnd] DATETIME2(3) NULL,
    [LeftOutStart] DATETIME2(3) NULL,
    [LeftOutEnd] DATETIME2(3) NULL,
    CONSTRAINT [PK_ACM_CalibrationSummary] PRIMARY KEY CLUSTERED ([EquipID], [ModelVersion], [DetectorType], [OperatingState]),
    CONSTRAINT [FK_ACM_CalibrationSummary_RunID] FOREIGN KEY ([RunID]) REFERENCES [dbo].[RunLog] ([RunID]),
    CONSTRAINT [FK_ACM_CalibrationSummary_EquipID] FOREIGN KEY ([EquipID]) REFERENCES [dbo].[Equipment] ([EquipID]),
    CONSTRAINT [CK_ACM_CalibrationSummary_DetectorType] CHECK ([DetectorType] IN (N'ar1_z', N'pca_spe_z', N'pca_t2_z', N'mhal_z', N'iforest_z', N'gmm_z', N'omr_z', N'mewma_z', N'fused')),
    CONSTRAINT [CK_ACM_CalibrationSummary_OperatingState] CHECK ([OperatingState] IN (N'off', N'transient', N'on'))
)
GO

IF NOT EXISTS (
    SELECT 1 FROM sys.indexes AS i
    INNER JOIN sys.index_columns AS x ON x.object_id = i.object_id AND x.index_id = i.index_id AND x.key_ordinal > 0
    WHERE i.object_id = OBJECT_ID(N'[dbo].[ACM_CalibrationSummary]') AND (i.name = N'IX_ACM_CalibrationSummary_RunID' OR (i.has_filter = 0 AND i.is_disabled = 0))
    GROUP BY i.index_id
    HAVING MAX(i.name) = N'IX_ACM_CalibrationSummary_RunID' OR STRING_AGG(
        QUOTENAME(COL_NAME(x.object_id, x.column_id))
        + CASE WHEN x.is_descending_key = 1 THEN N' DESC' ELSE N'' END, N', '
    ) WITHIN GROUP (ORDER BY x.key_ordinal) = N'[RunID]'
)
CREATE INDEX [IX_ACM_CalibrationSummary_RunID] ON [dbo].[ACM_CalibrationSummary] ([RunID])
GO

IF EXISTS (
    SELECT 1 FROM sys.tables
    WHERE object_id = OBJECT_ID(N'[dbo].[ACM_CalibrationSummary]', N'U') AND lock_escalation_desc <> N'DISABLE'
)
ALTER TABLE [dbo].[ACM_CalibrationSummary] SET (LOCK_ESCALATION = DISABLE)
GO

SET NOCOUNT ON;
DECLARE @object INT = OBJECT_ID(N'[dbo].[ACM_CalibrationSummary]');
DECLARE @docs TABLE (part sysname NULL, about NVARCHAR(3700) NOT NULL, is_new BIT NOT NULL);
INSERT INTO @docs (part, about, is_new)
SELECT v.part, v.about, CASE WHEN p.name IS NULL THEN 1 ELSE 0 END
FROM (VALUES
    (CAST(NULL AS sysname), N'Scores of each detector on the calibration readings of a model version (readings that were not fitted)'),
    (N'RunID', N'Run that wrote the row (RunLog.RunID)'),
    (N'EquipID', N'Machine (Equipment.EquipID)'),
    (N'ModelVersion', N'Model version'),
    (N'DetectorType', N'Detector, or fused'),
    (N'OperatingState', N'Operating state of the calibration readings'),
    (N'CalibrationRows', N'Number of calibration readings'),
    (N'Pooled', N'Fewer than 5,000 readings: the tail is pooled or extrapolated, so high z are less certain'),
    (N'MeanZ', N'Mean z'),
    (N'StdZ', N'Standard deviation of z'),
    (N'P95Z', N'95th percentile of z'),
    (N'P99Z', N'99th percentile of z'),
    (N'ClipZ', N'Limit at which sensor deviations are clipped, robust standard deviations'),
    (N'SaturationPct', N'Share of sensor readings at the clip, percent'),
    (N'MahalCondNum', N'Condition number of the covariance (mhal_z only)'),
    (N'TailFoldPct', N'Share of the highest 1 % of the scores in one fold (block of time) of training, percent'),
    (N'TailFoldStart', N'First reading of this fold, UTC'),
    (N'TailFoldEnd', N'Last reading of this fold, UTC'),
    (N'LeftOutStart', N'First reading of the fold that is unlike all others, and not calibrated on, UTC'),
    (N'LeftOutEnd', N'Last reading of this fold, UTC')
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
            N'MS_Description', @about, 'SCHEMA', N'dbo', 'TABLE', N'ACM_CalibrationSummary', @level, @part;
    ELSE
        EXEC sys.sp_updateextendedproperty
            N'MS_Description', @about, 'SCHEMA', N'dbo', 'TABLE', N'ACM_CalibrationSummary', @level, @part;
    FETCH NEXT FROM docs INTO @part, @about, @is_new;
END;
SET NOCOUNT OFF
GO

IF OBJECT_ID(N'[dbo].[ACM_ModelTags]', N'U') IS NULL
CREATE TABLE [dbo].[ACM_ModelTags] (
    [RunID] UNIQUEIDENTIFIER NOT NULL,
    [EquipID] INT NOT NULL,
    [ModelVersion] INT NOT NULL,
    [TagName] NVARCHAR(255) COLLATE Latin1_General_100_BIN2 NOT NULL,
    [Ordinal] INT NOT NULL,
    [Used] BIT NOT NULL,
    [Reason] NVARCHAR(200) COLLATE Latin1_General_100_BIN2 NULL,
    [IdleLevel] FLOAT(53) NULL,
    [ContextLow] FLOAT(53) NULL,
    [ContextHigh] FLOAT(53) NULL,
    CONSTRAINT [PK_ACM_ModelTags] PRIMARY KEY CLUSTERED ([EquipID], [ModelVersion], [TagName]),
    CONSTRAINT [FK_ACM_ModelTags_RunID] FOREIGN KEY ([RunID]) REFERENCES [dbo].[RunLog] ([RunID]),
    CONSTRAINT [FK_ACM_ModelTags_EquipID] FOREIGN KEY ([EquipID]) REFERENCES [dbo].[Equipment] ([EquipID])
)
GO

IF NOT EXISTS (
    SELECT 1 FROM sys.indexes AS i
    INNER JOIN sys.index_columns AS x ON x.object_id = i.object_id AND x.index_id = i.index_id AND x.key_ordinal > 0
    WHERE i.object_id = OBJECT_ID(N'[dbo].[ACM_ModelTags]') AND (i.name = N'IX_ACM_ModelTags_RunID' OR (i.has_filter = 0 AND i.is_disabled = 0))
    GROUP BY i.index_id
    HAVING MAX(i.name) = N'IX_ACM_ModelTags_RunID' OR STRING_AGG(
        QUOTENAME(COL_NAME(x.object_id, x.column_id))
        + CASE WHEN x.is_descending_key = 1 THEN N' DESC' ELSE N'' END, N', '
    ) WITHIN GROUP (ORDER BY x.key_ordinal) = N'[RunID]'
)
CREATE INDEX [IX_ACM_ModelTags_RunID] ON [dbo].[ACM_ModelTags] ([RunID])
GO

IF EXISTS (
    SELECT 1 FROM sys.tables
    WHERE object_id = OBJECT_ID(N'[dbo].[ACM_ModelTags]', N'U') AND lock_escalation_desc <> N'DISABLE'
)
ALTER TABLE [dbo].[ACM_ModelTags] SET (LOCK_ESCALATION = DISABLE)
GO

SET NOCOUNT ON;
DECLARE @object INT = OBJECT_ID(N'[dbo].[ACM_ModelTags]');
DECLARE @docs TABLE (part sysname NULL, about NVARCHAR(3700) NOT NULL, is_new BIT NOT NULL);
INSERT INTO @docs (part, about, is_new)
SELECT v.part, v.about, CASE WHEN p.name IS NULL THEN 1 ELSE 0 END
FROM (VALUES
    (CAST(NULL AS sysname), N'Tags of a model version, used or excluded, with the reason of the exclusion'),
    (N'RunID', N'Run that wrote the row (RunLog.RunID)'),
    (N'EquipID', N'Machine (Equipment.EquipID)'),
    (N'ModelVersion', N'Model version'),
    (N'TagName', N'Tag'),
    (N'Ordinal', N'Position in the historian table, from 0'),
    (N'Used', N'Whether the tag is scored'),
    (N'Reason', N'Why the tag is excluded; NULL if it is used'),
    (N'IdleLevel', N'Load indicator: idle below this reading, unit of the tag; NULL if the tag is none'),
    (N'ContextLow', N'Context tag: lower end of its range in training, unit of the tag; NULL if the tag is none'),
    (N'ContextHigh', N'Context tag: upper end of this range; levels are wider outside of it')
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
            N'MS_Description', @about, 'SCHEMA', N'dbo', 'TABLE', N'ACM_ModelTags', @level, @part;
    ELSE
        EXEC sys.sp_updateextendedproperty
            N'MS_Description', @about, 'SCHEMA', N'dbo', 'TABLE', N'ACM_ModelTags', @level, @part;
    FETCH NEXT FROM docs INTO @part, @about, @is_new;
END;
SET NOCOUNT OFF
GO

IF OBJECT_ID(N'[dbo].[ACM_HealthDaily]', N'U') IS NULL
CREATE TABLE [dbo].[ACM_HealthDaily] (
    [RunID] UNIQUEIDENTIFIER NOT NULL,
    [EquipID] INT NOT NULL,
    [AsOf] DATETIME2(3) NOT NULL,
    [DaySeconds] FLOAT(53) NOT NULL,
    [Readings] BIGINT NOT NULL,
    [AssessedCount] BIGINT NOT NULL,
    [GoodCount] BIGINT NOT NULL,
    [WatchCount] BIGINT NOT NULL,
    [AlertCount] BIGINT NOT NULL,
    [AlarmCount] BIGINT NOT NULL,
    [AvgHealth] FLOAT(53) NULL,
    [MinHealth] FLOAT(53) NULL,
    [LastHealth] FLOAT(53) NULL,
    [MaxFusedZ] FLOAT(53) NULL,
    CONSTRAINT [PK_ACM_HealthDaily] PRIMARY KEY CLUSTERED ([EquipID], [AsOf]),
    CONSTRAINT [FK_ACM_HealthDaily_RunID] FOREIGN KEY ([RunID]) REFERENCES [dbo].[RunLog] ([RunID]),
    CONSTRAINT [FK_ACM_HealthDaily_EquipID] FOREIGN KEY ([EquipID]) REFERENCES [dbo].[Equipment] ([EquipID])
)
GO

IF NOT EXISTS (
    SELECT 1 FROM sys.indexes AS i
    INNER JOIN sys.index_columns AS x ON x.object_id = i.object_id AND x.index_id = i.index_id AND x.key_ordinal > 0
    WHERE i.object_id = OBJECT_ID(N'[dbo].[ACM_HealthDaily]') AND (i.name = N'IX_ACM_HealthDaily_RunID' OR (i.has_filter = 0 AND i.is_disabled = 0))
    GROUP BY i.index_id
    HAVING MAX(i.name) = N'IX_ACM_HealthDaily_RunID' OR STRING_AGG(
        QUOTENAME(COL_NAME(x.object_id, x.column_id))
        + CASE WHEN x.is_descending_key = 1 THEN N' DESC' ELSE N'' END, N', '
    ) WITHIN GROUP (ORDER BY x.key_ordinal) = N'[RunID]'
)
CREATE INDEX [IX_ACM_HealthDaily_RunID] ON [dbo].[ACM_HealthDaily] ([RunID])
GO

IF EXISTS (
    SELECT 1 FROM sys.tables
    WHERE object_id = OBJECT_ID(N'[dbo].[ACM_HealthDaily]', N'U') AND lock_escalation_desc <> N'DISABLE'
)
ALTER TABLE [dbo].[ACM_HealthDaily] SET (LOCK_ESCALATION = DISABLE)
GO

SET NOCOUNT ON;
DECLARE @object INT = OBJECT_ID(N'[dbo].[ACM_HealthDaily]');
DECLARE @docs TABLE (part sysname NULL, about NVARCHAR(3700) NOT NULL, is_new BIT NOT NULL);
INSERT INTO @docs (part, about, is_new)
SELECT v.part, v.about, CASE WHEN p.name IS NULL THEN 1 ELSE 0 END
FROM (VALUES
    (CAST(NULL AS sysname), N'Health of one local day'),
    (N'RunID', N'Run that wrote the row (RunLog.RunID)'),
    (N'EquipID', N'Machine (Equipment.EquipID)'),
    (N'AsOf', N'Local day of the machine, as the UTC time at which it starts'),
    (N'DaySeconds', N'Length of the local day, seconds: clocks change'),
    (N'Readings', N'Readings of the day'),
    (N'AssessedCount', N'Assessed readings, which have a health'),
    (N'GoodCount', N'Readings in zone GOOD'),
    (N'WatchCount', N'Readings in zone WATCH'),
    (N'AlertCount', N'Readings in zone ALERT'),
    (N'AlarmCount', N'Readings in alarm'),
    (N'AvgHealth', N'Mean health, 0-100'),
    (N'MinHealth', N'Lowest health, 0-100'),
    (N'LastHealth', N'Last health of the day, 0-100'),
    (N'MaxFusedZ', N'Highest fused z of the assessed readings')
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
            N'MS_Description', @about, 'SCHEMA', N'dbo', 'TABLE', N'ACM_HealthDaily', @level, @part;
    ELSE
        EXEC sys.sp_updateextendedproperty
            N'MS_Description', @about, 'SCHEMA', N'dbo', 'TABLE', N'ACM_HealthDaily', @level, @part;
    FETCH NEXT FROM docs INTO @part, @about, @is_new;
END;
SET NOCOUNT OFF
GO

IF OBJECT_ID(N'[dbo].[ACM_DetectorDaily]', N'U') IS NULL
CREATE TABLE [dbo].[ACM_DetectorDaily] (
    [RunID] UNIQUEIDENTIFIER NOT NULL,
    [EquipID] INT NOT NULL,
    [AsOf] DATETIME2(3) NOT NULL,
    [DetectorType] NVARCHAR(50) COLLATE Latin1_General_100_BIN2 NOT NULL,
    [DaySeconds] FLOAT(53) NOT NULL,
    [Points] BIGINT NOT NULL,
    [AboveCount] BIGINT NOT NULL,
    [MaxZ] FLOAT(53) NOT NULL,
    [AvgZ] FLOAT(53) NOT NULL,
    [LatestZ] FLOAT(53) NOT NULL,
    CONSTRAINT [PK_ACM_DetectorDaily] PRIMARY KEY CLUSTERED ([EquipID], [AsOf], [DetectorType]),
    CONSTRAINT [FK_ACM_DetectorDaily_RunID] FOREIGN KEY ([RunID]) REFERENCES [dbo].[RunLog] ([RunID]),
    CONSTRAINT [FK_ACM_DetectorDaily_EquipID] FOREIGN KEY ([EquipID]) REFERENCES [dbo].[Equipment] ([EquipID]),
    CONSTRAINT [CK_ACM_DetectorDaily_DetectorType] CHECK ([DetectorType] IN (N'ar1_z', N'pca_spe_z', N'pca_t2_z', N'mhal_z', N'iforest_z', N'gmm_z', N'omr_z', N'mewma_z'))
)
GO

IF NOT EXISTS (
    SELECT 1 FROM sys.indexes AS i
    INNER JOIN sys.index_columns AS x ON x.object_id = i.object_id AND x.index_id = i.index_id AND x.key_ordinal > 0
    WHERE i.object_id = OBJECT_ID(N'[dbo].[ACM_DetectorDaily]') AND (i.name = N'IX_ACM_DetectorDaily_RunID' OR (i.has_filter = 0 AND i.is_disabled = 0))
    GROUP BY i.index_id
    HAVING MAX(i.name) = N'IX_ACM_DetectorDaily_RunID' OR STRING_AGG(
        QUOTENAME(COL_NAME(x.object_id, x.column_id))
        + CASE WHEN x.is_descending_key = 1 THEN N' DESC' ELSE N'' END, N', '
    ) WITHIN GROUP (ORDER BY x.key_ordinal) = N'[RunID]'
)
CREATE INDEX [IX_ACM_DetectorDaily_RunID] ON [dbo].[ACM_DetectorDaily] ([RunID])
GO

IF EXISTS (
    SELECT 1 FROM sys.tables
    WHERE object_id = OBJECT_ID(N'[dbo].[ACM_DetectorDaily]', N'U') AND lock_escalation_desc <> N'DISABLE'
)
ALTER TABLE [dbo].[ACM_DetectorDaily] SET (LOCK_ESCALATION = DISABLE)
GO

SET NOCOUNT ON;
DECLARE @object INT = OBJECT_ID(N'[dbo].[ACM_DetectorDaily]');
DECLARE @docs TABLE (part sysname NULL, about NVARCHAR(3700) NOT NULL, is_new BIT NOT NULL);
INSERT INTO @docs (part, about, is_new)
SELECT v.part, v.about, CASE WHEN p.name IS NULL THEN 1 ELSE 0 END
FROM (VALUES
    (CAST(NULL AS sysname), N'Scores of each detector on one local day'),
    (N'RunID', N'Run that wrote the row (RunLog.RunID)'),
    (N'EquipID', N'Machine (Equipment.EquipID)'),
    (N'AsOf', N'Local day of the machine, as the UTC time at which it starts'),
    (N'DetectorType', N'Detector'),
    (N'DaySeconds', N'Length of the local day, seconds: clocks change'),
    (N'Points', N'Assessed readings'),
    (N'AboveCount', N'Readings with z >= 2'),
    (N'MaxZ', N'Highest z'),
    (N'AvgZ', N'Mean z'),
    (N'LatestZ', N'z of the last assessed reading')
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
            N'MS_Description', @about, 'SCHEMA', N'dbo', 'TABLE', N'ACM_DetectorDaily', @level, @part;
    ELSE
        EXEC sys.sp_updateextendedproperty
            N'MS_Description', @about, 'SCHEMA', N'dbo', 'TABLE', N'ACM_DetectorDaily', @level, @part;
    FETCH NEXT FROM docs INTO @part, @about, @is_new;
END;
SET NOCOUNT OFF
GO

IF OBJECT_ID(N'[dbo].[ACM_SinceWhen]', N'U') IS NULL
CREATE TABLE [dbo].[ACM_SinceWhen] (
    [RunID] UNIQUEIDENTIFIER NOT NULL,
    [EquipID] INT NOT NULL,
    [AsOf] DATETIME2(3) NOT NULL,
    [AlertZone] NVARCHAR(16) COLLATE Latin1_General_100_BIN2 NOT NULL,
    [StartTimestamp] DATETIME2(3) NOT NULL,
    [LastTimestamp] DATETIME2(3) NOT NULL,
    [DurationHours] FLOAT(53) NOT NULL,
    [RecordCount] BIGINT NOT NULL,
    CONSTRAINT [PK_ACM_SinceWhen] PRIMARY KEY CLUSTERED ([EquipID], [AsOf]),
    CONSTRAINT [FK_ACM_SinceWhen_RunID] FOREIGN KEY ([RunID]) REFERENCES [dbo].[RunLog] ([RunID]),
    CONSTRAINT [FK_ACM_SinceWhen_EquipID] FOREIGN KEY ([EquipID]) REFERENCES [dbo].[Equipment] ([EquipID]),
    CONSTRAINT [CK_ACM_SinceWhen_AlertZone] CHECK ([AlertZone] IN (N'GOOD', N'ALERT'))
)
GO

IF NOT EXISTS (
    SELECT 1 FROM sys.indexes AS i
    INNER JOIN sys.index_columns AS x ON x.object_id = i.object_id AND x.index_id = i.index_id AND x.key_ordinal > 0
    WHERE i.object_id = OBJECT_ID(N'[dbo].[ACM_SinceWhen]') AND (i.name = N'IX_ACM_SinceWhen_RunID' OR (i.has_filter = 0 AND i.is_disabled = 0))
    GROUP BY i.index_id
    HAVING MAX(i.name) = N'IX_ACM_SinceWhen_RunID' OR STRING_AGG(
        QUOTENAME(COL_NAME(x.object_id, x.column_id))
        + CASE WHEN x.is_descending_key = 1 THEN N' DESC' ELSE N'' END, N', '
    ) WITHIN GROUP (ORDER BY x.key_ordinal) = N'[RunID]'
)
CREATE INDEX [IX_ACM_SinceWhen_RunID] ON [dbo].[ACM_SinceWhen] ([RunID])
GO

IF EXISTS (
    SELECT 1 FROM sys.tables
    WHERE object_id = OBJECT_ID(N'[dbo].[ACM_SinceWhen]', N'U') AND lock_escalation_desc <> N'DISABLE'
)
ALTER TABLE [dbo].[ACM_SinceWhen] SET (LOCK_ESCALATION = DISABLE)
GO

SET NOCOUNT ON;
DECLARE @object INT = OBJECT_ID(N'[dbo].[ACM_SinceWhen]');
DECLARE @docs TABLE (part sysname NULL, about NVARCHAR(3700) NOT NULL, is_new BIT NOT NULL);
INSERT INTO @docs (part, about, is_new)
SELECT v.part, v.about, CASE WHEN p.name IS NULL THEN 1 ELSE 0 END
FROM (VALUES
    (CAST(NULL AS sysname), N'Time in the current state (in alarm or not) at the end of the day'),
    (N'RunID', N'Run that wrote the row (RunLog.RunID)'),
    (N'EquipID', N'Machine (Equipment.EquipID)'),
    (N'AsOf', N'Local day of the machine, as the UTC time at which it starts; the summary includes that day'),
    (N'AlertZone', N'ALERT if the last assessed reading is in alarm, else GOOD'),
    (N'StartTimestamp', N'First assessed reading of the current state, UTC'),
    (N'LastTimestamp', N'Last assessed reading, UTC'),
    (N'DurationHours', N'LastTimestamp - StartTimestamp, hours'),
    (N'RecordCount', N'Assessed readings from StartTimestamp to LastTimestamp, both included')
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
            N'MS_Description', @about, 'SCHEMA', N'dbo', 'TABLE', N'ACM_SinceWhen', @level, @part;
    ELSE
        EXEC sys.sp_updateextendedproperty
            N'MS_Description', @about, 'SCHEMA', N'dbo', 'TABLE', N'ACM_SinceWhen', @level, @part;
    FETCH NEXT FROM docs INTO @part, @about, @is_new;
END;
SET NOCOUNT OFF
GO

IF OBJECT_ID(N'[dbo].[ACM_SensorDefects]', N'U') IS NULL
CREATE TABLE [dbo].[ACM_SensorDefects] (
    [RunID] UNIQUEIDENTIFIER NOT NULL,
    [EquipID] INT NOT NULL,
    [AsOf] DATETIME2(3) NOT NULL,
    [DetectorType] NVARCHAR(50) COLLATE Latin1_General_100_BIN2 NOT NULL,
    [DetectorFamily] NVARCHAR(50) COLLATE Latin1_General_100_BIN2 NOT NULL,
    [Severity] NVARCHAR(16) COLLATE Latin1_General_100_BIN2 NOT NULL,
    [ViolationCount] BIGINT NOT NULL,
    [ViolationPct] FLOAT(53) NOT NULL,
    [MaxZ] FLOAT(53) NOT NULL,
    [AvgZ] FLOAT(53) NOT NULL,
    [CurrentZ] FLOAT(53) NOT NULL,
    [ActiveDefect] BIT NOT NULL,
    CONSTRAINT [PK_ACM_SensorDefects] PRIMARY KEY CLUSTERED ([EquipID], [AsOf], [DetectorType]),
    CONSTRAINT [FK_ACM_SensorDefects_RunID] FOREIGN KEY ([RunID]) REFERENCES [dbo].[RunLog] ([RunID]),
    CONSTRAINT [FK_ACM_SensorDefects_EquipID] FOREIGN KEY ([EquipID]) REFERENCES [dbo].[Equipment] ([EquipID]),
    CONSTRAINT [CK_ACM_SensorDefects_DetectorType] CHECK ([DetectorType] IN (N'ar1_z', N'pca_spe_z', N'pca_t2_z', N'mhal_z', N'iforest_z', N'gmm_z', N'omr_z', N'mewma_z')),
    CONSTRAINT [CK_ACM_SensorDefects_DetectorFamily] CHECK ([DetectorFamily] IN (N'AR1_Z', N'PCA_SPE_Z', N'PCA_T2_Z', N'MHAL_Z', N'IFOREST_Z', N'GMM_Z', N'OMR_Z', N'MEWMA_Z')),
    CONSTRAINT [CK_ACM_SensorDefects_Severity] CHECK ([Severity] IN (N'LOW', N'MEDIUM', N'HIGH', N'CRITICAL'))
)
GO

IF NOT EXISTS (
    SELECT 1 FROM sys.indexes AS i
    INNER JOIN sys.index_columns AS x ON x.object_id = i.object_id AND x.index_id = i.index_id AND x.key_ordinal > 0
    WHERE i.object_id = OBJECT_ID(N'[dbo].[ACM_SensorDefects]') AND (i.name = N'IX_ACM_SensorDefects_RunID' OR (i.has_filter = 0 AND i.is_disabled = 0))
    GROUP BY i.index_id
    HAVING MAX(i.name) = N'IX_ACM_SensorDefects_RunID' OR STRING_AGG(
        QUOTENAME(COL_NAME(x.object_id, x.column_id))
        + CASE WHEN x.is_descending_key = 1 THEN N' DESC' ELSE N'' END, N', '
    ) WITHIN GROUP (ORDER BY x.key_ordinal) = N'[RunID]'
)
CREATE INDEX [IX_ACM_SensorDefects_RunID] ON [dbo].[ACM_SensorDefects] ([RunID])
GO

IF EXISTS (
    SELECT 1 FROM sys.tables
    WHERE object_id = OBJECT_ID(N'[dbo].[ACM_SensorDefects]', N'U') AND lock_escalation_desc <> N'DISABLE'
)
ALTER TABLE [dbo].[ACM_SensorDefects] SET (LOCK_ESCALATION = DISABLE)
GO

SET NOCOUNT ON;
DECLARE @object INT = OBJECT_ID(N'[dbo].[ACM_SensorDefects]');
DECLARE @docs TABLE (part sysname NULL, about NVARCHAR(3700) NOT NULL, is_new BIT NOT NULL);
INSERT INTO @docs (part, about, is_new)
SELECT v.part, v.about, CASE WHEN p.name IS NULL THEN 1 ELSE 0 END
FROM (VALUES
    (CAST(NULL AS sysname), N'How often the score of each detector reached z = 2 over the last summary_days days'),
    (N'RunID', N'Run that wrote the row (RunLog.RunID)'),
    (N'EquipID', N'Machine (Equipment.EquipID)'),
    (N'AsOf', N'Local day of the machine, as the UTC time at which it starts; the summary includes that day'),
    (N'DetectorType', N'Detector'),
    (N'DetectorFamily', N'Key of ACM_DetectorMetadata'),
    (N'Severity', N'By ViolationPct: CRITICAL above 20, HIGH above 10, MEDIUM above 5, else LOW'),
    (N'ViolationCount', N'Readings with z >= 2'),
    (N'ViolationPct', N'100 * ViolationCount / assessed readings'),
    (N'MaxZ', N'Highest z'),
    (N'AvgZ', N'Mean z'),
    (N'CurrentZ', N'z of the last assessed reading'),
    (N'ActiveDefect', N'Whether the last assessed reading has z >= 2')
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
            N'MS_Description', @about, 'SCHEMA', N'dbo', 'TABLE', N'ACM_SensorDefects', @level, @part;
    ELSE
        EXEC sys.sp_updateextendedproperty
            N'MS_Description', @about, 'SCHEMA', N'dbo', 'TABLE', N'ACM_SensorDefects', @level, @part;
    FETCH NEXT FROM docs INTO @part, @about, @is_new;
END;
SET NOCOUNT OFF
GO

IF OBJECT_ID(N'[dbo].[ACM_SensorRanking]', N'U') IS NULL
CREATE TABLE [dbo].[ACM_SensorRanking] (
    [RunID] UNIQUEIDENTIFIER NOT NULL,
    [EquipID] INT NOT NULL,
    [AsOf] DATETIME2(3) NOT NULL,
    [SensorName] NVARCHAR(255) COLLATE Latin1_General_100_BIN2 NOT NULL,
    [RankPosition] INT NOT NULL,
    [ContributionPct] FLOAT(53) NOT NULL,
    [ZScore] FLOAT(53) NOT NULL,
    [DetectorType] NVARCHAR(50) COLLATE Latin1_General_100_BIN2 NULL,
    CONSTRAINT [PK_ACM_SensorRanking] PRIMARY KEY CLUSTERED ([EquipID], [AsOf], [SensorName]),
    CONSTRAINT [FK_ACM_SensorRanking_RunID] FOREIGN KEY ([RunID]) REFERENCES [dbo].[RunLog] ([RunID]),
    CONSTRAINT [FK_ACM_SensorRanking_EquipID] FOREIGN KEY ([EquipID]) REFERENCES [dbo].[Equipment] ([EquipID]),
    CONSTRAINT [CK_ACM_SensorRanking_DetectorType] CHECK ([DetectorType] IN (N'ar1_z', N'pca_spe_z', N'pca_t2_z', N'mhal_z', N'iforest_z', N'gmm_z', N'omr_z', N'mewma_z'))
)
GO

IF NOT EXISTS (
    SELECT 1 FROM sys.indexes AS i
    INNER JOIN sys.index_columns AS x ON x.object_id = i.object_id AND x.index_id = i.index_id AND x.key_ordinal > 0
    WHERE i.object_id = OBJECT_ID(N'[dbo].[ACM_SensorRanking]') AND (i.name = N'IX_ACM_SensorRanking_RunID' OR (i.has_filter = 0 AND i.is_disabled = 0))
    GROUP BY i.index_id
    HAVING MAX(i.name) = N'IX_ACM_SensorRanking_RunID' OR STRING_AGG(
        QUOTENAME(COL_NAME(x.object_id, x.column_id))
        + CASE WHEN x.is_descending_key = 1 THEN N' DESC' ELSE N'' END, N', '
    ) WITHIN GROUP (ORDER BY x.key_ordinal) = N'[RunID]'
)
CREATE INDEX [IX_ACM_SensorRanking_RunID] ON [dbo].[ACM_SensorRanking] ([RunID])
GO

IF EXISTS (
    SELECT 1 FROM sys.tables
    WHERE object_id = OBJECT_ID(N'[dbo].[ACM_SensorRanking]', N'U') AND lock_escalation_desc <> N'DISABLE'
)
ALTER TABLE [dbo].[ACM_SensorRanking] SET (LOCK_ESCALATION = DISABLE)
GO

SET NOCOUNT ON;
DECLARE @object INT = OBJECT_ID(N'[dbo].[ACM_SensorRanking]');
DECLARE @docs TABLE (part sysname NULL, about NVARCHAR(3700) NOT NULL, is_new BIT NOT NULL);
INSERT INTO @docs (part, about, is_new)
SELECT v.part, v.about, CASE WHEN p.name IS NULL THEN 1 ELSE 0 END
FROM (VALUES
    (CAST(NULL AS sysname), N'Sensors ranked by their last deviation of the day'),
    (N'RunID', N'Run that wrote the row (RunLog.RunID)'),
    (N'EquipID', N'Machine (Equipment.EquipID)'),
    (N'AsOf', N'Local day of the machine, as the UTC time at which it starts; the summary includes that day'),
    (N'SensorName', N'Tag'),
    (N'RankPosition', N'1 = largest |z|'),
    (N'ContributionPct', N'100 * |z| / sum of |z| over the sensors'),
    (N'ZScore', N'|z| of the last reading: distance from the training median, robust standard deviations'),
    (N'DetectorType', N'Detector with the highest z at the last assessed reading of the day')
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
            N'MS_Description', @about, 'SCHEMA', N'dbo', 'TABLE', N'ACM_SensorRanking', @level, @part;
    ELSE
        EXEC sys.sp_updateextendedproperty
            N'MS_Description', @about, 'SCHEMA', N'dbo', 'TABLE', N'ACM_SensorRanking', @level, @part;
    FETCH NEXT FROM docs INTO @part, @about, @is_new;
END;
SET NOCOUNT OFF
GO

IF OBJECT_ID(N'[dbo].[ACM_DetectorCorrelation]', N'U') IS NULL
CREATE TABLE [dbo].[ACM_DetectorCorrelation] (
    [RunID] UNIQUEIDENTIFIER NOT NULL,
    [EquipID] INT NOT NULL,
    [AsOf] DATETIME2(3) NOT NULL,
    [DetectorA] NVARCHAR(50) COLLATE Latin1_General_100_BIN2 NOT NULL,
    [DetectorB] NVARCHAR(50) COLLATE Latin1_General_100_BIN2 NOT NULL,
    [PearsonR] FLOAT(53) NULL,
    [Points] BIGINT NOT NULL,
    CONSTRAINT [PK_ACM_DetectorCorrelation] PRIMARY KEY CLUSTERED ([EquipID], [AsOf], [DetectorA], [DetectorB]),
    CONSTRAINT [FK_ACM_DetectorCorrelation_RunID] FOREIGN KEY ([RunID]) REFERENCES [dbo].[RunLog] ([RunID]),
    CONSTRAINT [FK_ACM_DetectorCorrelation_EquipID] FOREIGN KEY ([EquipID]) REFERENCES [dbo].[Equipment] ([EquipID]),
    CONSTRAINT [CK_ACM_DetectorCorrelation_DetectorA] CHECK ([DetectorA] IN (N'ar1_z', N'pca_spe_z', N'pca_t2_z', N'mhal_z', N'iforest_z', N'gmm_z', N'omr_z', N'mewma_z')),
    CONSTRAINT [CK_ACM_DetectorCorrelation_DetectorB] CHECK ([DetectorB] IN (N'ar1_z', N'pca_spe_z', N'pca_t2_z', N'mhal_z', N'iforest_z', N'gmm_z', N'omr_z', N'mewma_z'))
)
GO

IF NOT EXISTS (
    SELECT 1 FROM sys.indexes AS i
    INNER JOIN sys.index_columns AS x ON x.object_id = i.object_id AND x.index_id = i.index_id AND x.key_ordinal > 0
    WHERE i.object_id = OBJECT_ID(N'[dbo].[ACM_DetectorCorrelation]') AND (i.name = N'IX_ACM_DetectorCorrelation_RunID' OR (i.has_filter = 0 AND i.is_disabled = 0))
    GROUP BY i.index_id
    HAVING MAX(i.name) = N'IX_ACM_DetectorCorrelation_RunID' OR STRING_AGG(
        QUOTENAME(COL_NAME(x.object_id, x.column_id))
        + CASE WHEN x.is_descending_key = 1 THEN N' DESC' ELSE N'' END, N', '
    ) WITHIN GROUP (ORDER BY x.key_ordinal) = N'[RunID]'
)
CREATE INDEX [IX_ACM_DetectorCorrelation_RunID] ON [dbo].[ACM_DetectorCorrelation] ([RunID])
GO

IF EXISTS (
    SELECT 1 FROM sys.tables
    WHERE object_id = OBJECT_ID(N'[dbo].[ACM_DetectorCorrelation]', N'U') AND lock_escalation_desc <> N'DISABLE'
)
ALTER TABLE [dbo].[ACM_DetectorCorrelation] SET (LOCK_ESCALATION = DISABLE)
GO

SET NOCOUNT ON;
DECLARE @object INT = OBJECT_ID(N'[dbo].[ACM_DetectorCorrelation]');
DECLARE @docs TABLE (part sysname NULL, about NVARCHAR(3700) NOT NULL, is_new BIT NOT NULL);
INSERT INTO @docs (part, about, is_new)
SELECT v.part, v.about, CASE WHEN p.name IS NULL THEN 1 ELSE 0 END
FROM (VALUES
    (CAST(NULL AS sysname), N'Correlation of the scores of two detectors over the last summary_days days'),
    (N'RunID', N'Run that wrote the row (RunLog.RunID)'),
    (N'EquipID', N'Machine (Equipment.EquipID)'),
    (N'AsOf', N'Local day of the machine, as the UTC time at which it starts; the summary includes that day'),
    (N'DetectorA', N'Detector'),
    (N'DetectorB', N'A later detector in stored order'),
    (N'PearsonR', N'Correlation of the two z, -1 to 1; NULL if one of the two is constant'),
    (N'Points', N'Assessed readings')
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
            N'MS_Description', @about, 'SCHEMA', N'dbo', 'TABLE', N'ACM_DetectorCorrelation', @level, @part;
    ELSE
        EXEC sys.sp_updateextendedproperty
            N'MS_Description', @about, 'SCHEMA', N'dbo', 'TABLE', N'ACM_DetectorCorrelation', @level, @part;
    FETCH NEXT FROM docs INTO @part, @about, @is_new;
END;
SET NOCOUNT OFF
GO

IF OBJECT_ID(N'[dbo].[ACM_HealthHistogram]', N'U') IS NULL
CREATE TABLE [dbo].[ACM_HealthHistogram] (
    [RunID] UNIQUEIDENTIFIER NOT NULL,
    [EquipID] INT NOT NULL,
    [AsOf] DATETIME2(3) NOT NULL,
    [HealthBin] NVARCHAR(16) COLLATE Latin1_General_100_BIN2 NOT NULL,
    [RecordCount] BIGINT NOT NULL,
    [Percentage] FLOAT(53) NOT NULL,
    CONSTRAINT [PK_ACM_HealthHistogram] PRIMARY KEY CLUSTERED ([EquipID], [AsOf], [HealthBin]),
    CONSTRAINT [FK_ACM_HealthHistogram_RunID] FOREIGN KEY ([RunID]) REFERENCES [dbo].[RunLog] ([RunID]),
    CONSTRAINT [FK_ACM_HealthHistogram_EquipID] FOREIGN KEY ([EquipID]) REFERENCES [dbo].[Equipment] ([EquipID]),
    CONSTRAINT [CK_ACM_HealthHistogram_HealthBin] CHECK ([HealthBin] IN (N'0-10', N'10-20', N'20-30', N'30-40', N'40-50', N'50-60', N'60-70', N'70-80', N'80-90', N'90-100'))
)
GO

IF NOT EXISTS (
    SELECT 1 FROM sys.indexes AS i
    INNER JOIN sys.index_columns AS x ON x.object_id = i.object_id AND x.index_id = i.index_id AND x.key_ordinal > 0
    WHERE i.object_id = OBJECT_ID(N'[dbo].[ACM_HealthHistogram]') AND (i.name = N'IX_ACM_HealthHistogram_RunID' OR (i.has_filter = 0 AND i.is_disabled = 0))
    GROUP BY i.index_id
    HAVING MAX(i.name) = N'IX_ACM_HealthHistogram_RunID' OR STRING_AGG(
        QUOTENAME(COL_NAME(x.object_id, x.column_id))
        + CASE WHEN x.is_descending_key = 1 THEN N' DESC' ELSE N'' END, N', '
    ) WITHIN GROUP (ORDER BY x.key_ordinal) = N'[RunID]'
)
CREATE INDEX [IX_ACM_HealthHistogram_RunID] ON [dbo].[ACM_HealthHistogram] ([RunID])
GO

IF EXISTS (
    SELECT 1 FROM sys.tables
    WHERE object_id = OBJECT_ID(N'[dbo].[ACM_HealthHistogram]', N'U') AND lock_escalation_desc <> N'DISABLE'
)
ALTER TABLE [dbo].[ACM_HealthHistogram] SET (LOCK_ESCALATION = DISABLE)
GO

SET NOCOUNT ON;
DECLARE @object INT = OBJECT_ID(N'[dbo].[ACM_HealthHistogram]');
DECLARE @docs TABLE (part sysname NULL, about NVARCHAR(3700) NOT NULL, is_new BIT NOT NULL);
INSERT INTO @docs (part, about, is_new)
SELECT v.part, v.about, CASE WHEN p.name IS NULL THEN 1 ELSE 0 END
FROM (VALUES
    (CAST(NULL AS sysname), N'Distribution of health over the last summary_days days, in ten bins of width ten'),
    (N'RunID', N'Run that wrote the row (RunLog.RunID)'),
    (N'EquipID', N'Machine (Equipment.EquipID)'),
    (N'AsOf', N'Local day of the machine, as the UTC time at which it starts; the summary includes that day'),
    (N'HealthBin', N'Range of health: lower end included, upper end excluded except in the last bin'),
    (N'RecordCount', N'Readings in the bin'),
    (N'Percentage', N'100 * RecordCount / assessed readings')
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
            N'MS_Description', @about, 'SCHEMA', N'dbo', 'TABLE', N'ACM_HealthHistogram', @level, @part;
    ELSE
        EXEC sys.sp_updateextendedproperty
            N'MS_Description', @about, 'SCHEMA', N'dbo', 'TABLE', N'ACM_HealthHistogram', @level, @part;
    FETCH NEXT FROM docs INTO @part, @about, @is_new;
END;
SET NOCOUNT OFF
GO

IF OBJECT_ID(N'[dbo].[ACM_RegimeDwellStats]', N'U') IS NULL
CREATE TABLE [dbo].[ACM_RegimeDwellStats] (
    [RunID] UNIQUEIDENTIFIER NOT NULL,
    [EquipID] INT NOT NULL,
    [AsOf] DATETIME2(3) NOT NULL,
    [RegimeLabel] NVARCHAR(50) COLLATE Latin1_General_100_BIN2 NOT NULL,
    [Runs] BIGINT NOT NULL,
    [MeanSeconds] FLOAT(53) NOT NULL,
    [MedianSeconds] FLOAT(53) NOT NULL,
    [MinSeconds] FLOAT(53) NOT NULL,
    [MaxSeconds] FLOAT(53) NOT NULL,
    CONSTRAINT [PK_ACM_RegimeDwellStats] PRIMARY KEY CLUSTERED ([EquipID], [AsOf], [RegimeLabel]),
    CONSTRAINT [FK_ACM_RegimeDwellStats_RunID] FOREIGN KEY ([RunID]) REFERENCES [dbo].[RunLog] ([RunID]),
    CONSTRAINT [FK_ACM_RegimeDwellStats_EquipID] FOREIGN KEY ([EquipID]) REFERENCES [dbo].[Equipment] ([EquipID])
)
GO

IF NOT EXISTS (
    SELECT 1 FROM sys.indexes AS i
    INNER JOIN sys.index_columns AS x ON x.object_id = i.object_id AND x.index_id = i.index_id AND x.key_ordinal > 0
    WHERE i.object_id = OBJECT_ID(N'[dbo].[ACM_RegimeDwellStats]') AND (i.name = N'IX_ACM_RegimeDwellStats_RunID' OR (i.has_filter = 0 AND i.is_disabled = 0))
    GROUP BY i.index_id
    HAVING MAX(i.name) = N'IX_ACM_RegimeDwellStats_RunID' OR STRING_AGG(
        QUOTENAME(COL_NAME(x.object_id, x.column_id))
        + CASE WHEN x.is_descending_key = 1 THEN N' DESC' ELSE N'' END, N', '
    ) WITHIN GROUP (ORDER BY x.key_ordinal) = N'[RunID]'
)
CREATE INDEX [IX_ACM_RegimeDwellStats_RunID] ON [dbo].[ACM_RegimeDwellStats] ([RunID])
GO

IF EXISTS (
    SELECT 1 FROM sys.tables
    WHERE object_id = OBJECT_ID(N'[dbo].[ACM_RegimeDwellStats]', N'U') AND lock_escalation_desc <> N'DISABLE'
)
ALTER TABLE [dbo].[ACM_RegimeDwellStats] SET (LOCK_ESCALATION = DISABLE)
GO

SET NOCOUNT ON;
DECLARE @object INT = OBJECT_ID(N'[dbo].[ACM_RegimeDwellStats]');
DECLARE @docs TABLE (part sysname NULL, about NVARCHAR(3700) NOT NULL, is_new BIT NOT NULL);
INSERT INTO @docs (part, about, is_new)
SELECT v.part, v.about, CASE WHEN p.name IS NULL THEN 1 ELSE 0 END
FROM (VALUES
    (CAST(NULL AS sysname), N'How long the machine stays in each regime, by its periods within the last summary_days days'),
    (N'RunID', N'Run that wrote the row (RunLog.RunID)'),
    (N'EquipID', N'Machine (Equipment.EquipID)'),
    (N'AsOf', N'Local day of the machine, as the UTC time at which it starts; the summary includes that day'),
    (N'RegimeLabel', N'Operating regime'),
    (N'Runs', N'Number of periods in the regime'),
    (N'MeanSeconds', N'Mean time from the first to the last reading of a period, seconds'),
    (N'MedianSeconds', N'Median of that time, seconds'),
    (N'MinSeconds', N'Minimum of that time, seconds'),
    (N'MaxSeconds', N'Maximum of that time, seconds')
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
            N'MS_Description', @about, 'SCHEMA', N'dbo', 'TABLE', N'ACM_RegimeDwellStats', @level, @part;
    ELSE
        EXEC sys.sp_updateextendedproperty
            N'MS_Description', @about, 'SCHEMA', N'dbo', 'TABLE', N'ACM_RegimeDwellStats', @level, @part;
    FETCH NEXT FROM docs INTO @part, @about, @is_new;
END;
SET NOCOUNT OFF
GO

IF OBJECT_ID(N'[dbo].[ACM_RegimeStability]', N'U') IS NULL
CREATE TABLE [dbo].[ACM_RegimeStability] (
    [RunID] UNIQUEIDENTIFIER NOT NULL,
    [EquipID] INT NOT NULL,
    [AsOf] DATETIME2(3) NOT NULL,
    [MetricName] NVARCHAR(100) COLLATE Latin1_General_100_BIN2 NOT NULL,
    [MetricValue] FLOAT(53) NOT NULL,
    CONSTRAINT [PK_ACM_RegimeStability] PRIMARY KEY CLUSTERED ([EquipID], [AsOf], [MetricName]),
    CONSTRAINT [FK_ACM_RegimeStability_RunID] FOREIGN KEY ([RunID]) REFERENCES [dbo].[RunLog] ([RunID]),
    CONSTRAINT [FK_ACM_RegimeStability_EquipID] FOREIGN KEY ([EquipID]) REFERENCES [dbo].[Equipment] ([EquipID]),
    CONSTRAINT [CK_ACM_RegimeStability_MetricName] CHECK ([MetricName] IN (N'churn_rate', N'total_transitions', N'avg_dwell_periods', N'median_dwell_periods'))
)
GO

IF NOT EXISTS (
    SELECT 1 FROM sys.indexes AS i
    INNER JOIN sys.index_columns AS x ON x.object_id = i.object_id AND x.index_id = i.index_id AND x.key_ordinal > 0
    WHERE i.object_id = OBJECT_ID(N'[dbo].[ACM_RegimeStability]') AND (i.name = N'IX_ACM_RegimeStability_RunID' OR (i.has_filter = 0 AND i.is_disabled = 0))
    GROUP BY i.index_id
    HAVING MAX(i.name) = N'IX_ACM_RegimeStability_RunID' OR STRING_AGG(
        QUOTENAME(COL_NAME(x.object_id, x.column_id))
        + CASE WHEN x.is_descending_key = 1 THEN N' DESC' ELSE N'' END, N', '
    ) WITHIN GROUP (ORDER BY x.key_ordinal) = N'[RunID]'
)
CREATE INDEX [IX_ACM_RegimeStability_RunID] ON [dbo].[ACM_RegimeStability] ([RunID])
GO

IF EXISTS (
    SELECT 1 FROM sys.tables
    WHERE object_id = OBJECT_ID(N'[dbo].[ACM_RegimeStability]', N'U') AND lock_escalation_desc <> N'DISABLE'
)
ALTER TABLE [dbo].[ACM_RegimeStability] SET (LOCK_ESCALATION = DISABLE)
GO

SET NOCOUNT ON;
DECLARE @object INT = OBJECT_ID(N'[dbo].[ACM_RegimeStability]');
DECLARE @docs TABLE (part sysname NULL, about NVARCHAR(3700) NOT NULL, is_new BIT NOT NULL);
INSERT INTO @docs (part, about, is_new)
SELECT v.part, v.about, CASE WHEN p.name IS NULL THEN 1 ELSE 0 END
FROM (VALUES
    (CAST(NULL AS sysname), N'Stability of the regimes over the last summary_days days'),
    (N'RunID', N'Run that wrote the row (RunLog.RunID)'),
    (N'EquipID', N'Machine (Equipment.EquipID)'),
    (N'AsOf', N'Local day of the machine, as the UTC time at which it starts; the summary includes that day'),
    (N'MetricName', N'churn_rate: changes in percent of the readings; total_transitions: changes; avg_dwell_periods and median_dwell_periods: readings per period'),
    (N'MetricValue', N'Value of the metric')
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
            N'MS_Description', @about, 'SCHEMA', N'dbo', 'TABLE', N'ACM_RegimeStability', @level, @part;
    ELSE
        EXEC sys.sp_updateextendedproperty
            N'MS_Description', @about, 'SCHEMA', N'dbo', 'TABLE', N'ACM_RegimeStability', @level, @part;
    FETCH NEXT FROM docs INTO @part, @about, @is_new;
END;
SET NOCOUNT OFF
GO

IF OBJECT_ID(N'[dbo].[ACM_PCA_Models]', N'U') IS NULL
CREATE TABLE [dbo].[ACM_PCA_Models] (
    [RunID] UNIQUEIDENTIFIER NOT NULL,
    [EquipID] INT NOT NULL,
    [ModelVersion] INT NOT NULL,
    [EntryDateTime] DATETIME2(3) NOT NULL,
    [NComponents] INT NOT NULL,
    [TargetVar] NVARCHAR(200) COLLATE Latin1_General_100_BIN2 NOT NULL,
    [VarExplainedJSON] NVARCHAR(MAX) COLLATE Latin1_General_100_BIN2 NOT NULL,
    [ScalingSpecJSON] NVARCHAR(200) COLLATE Latin1_General_100_BIN2 NOT NULL,
    [TrainStartEntryDateTime] DATETIME2(3) NOT NULL,
    [TrainEndEntryDateTime] DATETIME2(3) NOT NULL,
    CONSTRAINT [PK_ACM_PCA_Models] PRIMARY KEY CLUSTERED ([EquipID], [ModelVersion]),
    CONSTRAINT [FK_ACM_PCA_Models_RunID] FOREIGN KEY ([RunID]) REFERENCES [dbo].[RunLog] ([RunID]),
    CONSTRAINT [FK_ACM_PCA_Models_EquipID] FOREIGN KEY ([EquipID]) REFERENCES [dbo].[Equipment] ([EquipID])
)
GO

IF NOT EXISTS (
    SELECT 1 FROM sys.indexes AS i
    INNER JOIN sys.index_columns AS x ON x.object_id = i.object_id AND x.index_id = i.index_id AND x.key_ordinal > 0
    WHERE i.object_id = OBJECT_ID(N'[dbo].[ACM_PCA_Models]') AND (i.name = N'IX_ACM_PCA_Models_RunID' OR (i.has_filter = 0 AND i.is_disabled = 0))
    GROUP BY i.index_id
    HAVING MAX(i.name) = N'IX_ACM_PCA_Models_RunID' OR STRING_AGG(
        QUOTENAME(COL_NAME(x.object_id, x.column_id))
        + CASE WHEN x.is_descending_key = 1 THEN N' DESC' ELSE N'' END, N', '
    ) WITHIN GROUP (ORDER BY x.key_ordinal) = N'[RunID]'
)
CREATE INDEX [IX_ACM_PCA_Models_RunID] ON [dbo].[ACM_PCA_Models] ([RunID])
GO

IF EXISTS (
    SELECT 1 FROM sys.tables
    WHERE object_id = OBJECT_ID(N'[dbo].[ACM_PCA_Models]', N'U') AND lock_escalation_desc <> N'DISABLE'
)
ALTER TABLE [dbo].[ACM_PCA_Models] SET (LOCK_ESCALATION = DISABLE)
GO

SET NOCOUNT ON;
DECLARE @object INT = OBJECT_ID(N'[dbo].[ACM_PCA_Models]');
DECLARE @docs TABLE (part sysname NULL, about NVARCHAR(3700) NOT NULL, is_new BIT NOT NULL);
INSERT INTO @docs (part, about, is_new)
SELECT v.part, v.about, CASE WHEN p.name IS NULL THEN 1 ELSE 0 END
FROM (VALUES
    (CAST(NULL AS sysname), N'Principal components of a model version'),
    (N'RunID', N'Run that wrote the row (RunLog.RunID)'),
    (N'EquipID', N'Machine (Equipment.EquipID)'),
    (N'ModelVersion', N'Model version'),
    (N'EntryDateTime', N'Last reading of the training, UTC'),
    (N'NComponents', N'Components kept'),
    (N'TargetVar', N'JSON: 95th percentiles of SPE and T2 on readings that were not fitted'),
    (N'VarExplainedJSON', N'JSON list: share of the variance per kept component'),
    (N'ScalingSpecJSON', N'JSON: scaling of the readings before the decomposition'),
    (N'TrainStartEntryDateTime', N'First reading of the training, UTC'),
    (N'TrainEndEntryDateTime', N'Last reading of the training, UTC')
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
            N'MS_Description', @about, 'SCHEMA', N'dbo', 'TABLE', N'ACM_PCA_Models', @level, @part;
    ELSE
        EXEC sys.sp_updateextendedproperty
            N'MS_Description', @about, 'SCHEMA', N'dbo', 'TABLE', N'ACM_PCA_Models', @level, @part;
    FETCH NEXT FROM docs INTO @part, @about, @is_new;
END;
SET NOCOUNT OFF
GO

IF OBJECT_ID(N'[dbo].[ACM_PCA_Loadings]', N'U') IS NULL
CREATE TABLE [dbo].[ACM_PCA_Loadings] (
    [RunID] UNIQUEIDENTIFIER NOT NULL,
    [EquipID] INT NOT NULL,
    [ModelVersion] INT NOT NULL,
    [EntryDateTime] DATETIME2(3) NOT NULL,
    [ComponentNo] INT NOT NULL,
    [ComponentID] NVARCHAR(16) COLLATE Latin1_General_100_BIN2 NOT NULL,
    [Sensor] NVARCHAR(255) COLLATE Latin1_General_100_BIN2 NOT NULL,
    [FeatureName] NVARCHAR(255) COLLATE Latin1_General_100_BIN2 NOT NULL,
    [Loading] FLOAT(53) NOT NULL,
    CONSTRAINT [PK_ACM_PCA_Loadings] PRIMARY KEY CLUSTERED ([EquipID], [ModelVersion], [ComponentNo], [Sensor]),
    CONSTRAINT [FK_ACM_PCA_Loadings_RunID] FOREIGN KEY ([RunID]) REFERENCES [dbo].[RunLog] ([RunID]),
    CONSTRAINT [FK_ACM_PCA_Loadings_EquipID] FOREIGN KEY ([EquipID]) REFERENCES [dbo].[Equipment] ([EquipID])
)
GO

IF NOT EXISTS (
    SELECT 1 FROM sys.indexes AS i
    INNER JOIN sys.index_columns AS x ON x.object_id = i.object_id AND x.index_id = i.index_id AND x.key_ordinal > 0
    WHERE i.object_id = OBJECT_ID(N'[dbo].[ACM_PCA_Loadings]') AND (i.name = N'IX_ACM_PCA_Loadings_RunID' OR (i.has_filter = 0 AND i.is_disabled = 0))
    GROUP BY i.index_id
    HAVING MAX(i.name) = N'IX_ACM_PCA_Loadings_RunID' OR STRING_AGG(
        QUOTENAME(COL_NAME(x.object_id, x.column_id))
        + CASE WHEN x.is_descending_key = 1 THEN N' DESC' ELSE N'' END, N', '
    ) WITHIN GROUP (ORDER BY x.key_ordinal) = N'[RunID]'
)
CREATE INDEX [IX_ACM_PCA_Loadings_RunID] ON [dbo].[ACM_PCA_Loadings] ([RunID])
GO

IF EXISTS (
    SELECT 1 FROM sys.tables
    WHERE object_id = OBJECT_ID(N'[dbo].[ACM_PCA_Loadings]', N'U') AND lock_escalation_desc <> N'DISABLE'
)
ALTER TABLE [dbo].[ACM_PCA_Loadings] SET (LOCK_ESCALATION = DISABLE)
GO

SET NOCOUNT ON;
DECLARE @object INT = OBJECT_ID(N'[dbo].[ACM_PCA_Loadings]');
DECLARE @docs TABLE (part sysname NULL, about NVARCHAR(3700) NOT NULL, is_new BIT NOT NULL);
INSERT INTO @docs (part, about, is_new)
SELECT v.part, v.about, CASE WHEN p.name IS NULL THEN 1 ELSE 0 END
FROM (VALUES
    (CAST(NULL AS sysname), N'PCA loadings: weight of each tag in each component'),
    (N'RunID', N'Run that wrote the row (RunLog.RunID)'),
    (N'EquipID', N'Machine (Equipment.EquipID)'),
    (N'ModelVersion', N'Model version'),
    (N'EntryDateTime', N'Last reading of the training, UTC'),
    (N'ComponentNo', N'Component, 1 = largest variance'),
    (N'ComponentID', N'Text PC followed by ComponentNo'),
    (N'Sensor', N'Tag'),
    (N'FeatureName', N'Sensor, under V8''s other name'),
    (N'Loading', N'Entry of the unit vector of the component, -1 to 1')
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
            N'MS_Description', @about, 'SCHEMA', N'dbo', 'TABLE', N'ACM_PCA_Loadings', @level, @part;
    ELSE
        EXEC sys.sp_updateextendedproperty
            N'MS_Description', @about, 'SCHEMA', N'dbo', 'TABLE', N'ACM_PCA_Loadings', @level, @part;
    FETCH NEXT FROM docs INTO @part, @about, @is_new;
END;
SET NOCOUNT OFF
GO

IF OBJECT_ID(N'[dbo].[ACM_PCA_Metrics]', N'U') IS NULL
CREATE TABLE [dbo].[ACM_PCA_Metrics] (
    [RunID] UNIQUEIDENTIFIER NOT NULL,
    [EquipID] INT NOT NULL,
    [ModelVersion] INT NOT NULL,
    [EntryDateTime] DATETIME2(3) NOT NULL,
    [Var90_N] INT NOT NULL,
    [ReconRMSE] FLOAT(53) NOT NULL,
    [P95_ReconRMSE] FLOAT(53) NOT NULL,
    [Notes] NVARCHAR(200) COLLATE Latin1_General_100_BIN2 NULL,
    CONSTRAINT [PK_ACM_PCA_Metrics] PRIMARY KEY CLUSTERED ([EquipID], [ModelVersion]),
    CONSTRAINT [FK_ACM_PCA_Metrics_RunID] FOREIGN KEY ([RunID]) REFERENCES [dbo].[RunLog] ([RunID]),
    CONSTRAINT [FK_ACM_PCA_Metrics_EquipID] FOREIGN KEY ([EquipID]) REFERENCES [dbo].[Equipment] ([EquipID])
)
GO

IF NOT EXISTS (
    SELECT 1 FROM sys.indexes AS i
    INNER JOIN sys.index_columns AS x ON x.object_id = i.object_id AND x.index_id = i.index_id AND x.key_ordinal > 0
    WHERE i.object_id = OBJECT_ID(N'[dbo].[ACM_PCA_Metrics]') AND (i.name = N'IX_ACM_PCA_Metrics_RunID' OR (i.has_filter = 0 AND i.is_disabled = 0))
    GROUP BY i.index_id
    HAVING MAX(i.name) = N'IX_ACM_PCA_Metrics_RunID' OR STRING_AGG(
        QUOTENAME(COL_NAME(x.object_id, x.column_id))
        + CASE WHEN x.is_descending_key = 1 THEN N' DESC' ELSE N'' END, N', '
    ) WITHIN GROUP (ORDER BY x.key_ordinal) = N'[RunID]'
)
CREATE INDEX [IX_ACM_PCA_Metrics_RunID] ON [dbo].[ACM_PCA_Metrics] ([RunID])
GO

IF EXISTS (
    SELECT 1 FROM sys.tables
    WHERE object_id = OBJECT_ID(N'[dbo].[ACM_PCA_Metrics]', N'U') AND lock_escalation_desc <> N'DISABLE'
)
ALTER TABLE [dbo].[ACM_PCA_Metrics] SET (LOCK_ESCALATION = DISABLE)
GO

SET NOCOUNT ON;
DECLARE @object INT = OBJECT_ID(N'[dbo].[ACM_PCA_Metrics]');
DECLARE @docs TABLE (part sysname NULL, about NVARCHAR(3700) NOT NULL, is_new BIT NOT NULL);
INSERT INTO @docs (part, about, is_new)
SELECT v.part, v.about, CASE WHEN p.name IS NULL THEN 1 ELSE 0 END
FROM (VALUES
    (CAST(NULL AS sysname), N'Explained variance and reconstruction error of the PCA model'),
    (N'RunID', N'Run that wrote the row (RunLog.RunID)'),
    (N'EquipID', N'Machine (Equipment.EquipID)'),
    (N'ModelVersion', N'Model version'),
    (N'EntryDateTime', N'Last reading of the training, UTC'),
    (N'Var90_N', N'Components that explain 90 % of the variance'),
    (N'ReconRMSE', N'Root mean square of the residual outside the kept components, robust standard deviations per tag'),
    (N'P95_ReconRMSE', N'95th percentile of that residual per reading, over readings that were not fitted'),
    (N'Notes', N'JSON: tags, components, share of the variance kept')
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
            N'MS_Description', @about, 'SCHEMA', N'dbo', 'TABLE', N'ACM_PCA_Metrics', @level, @part;
    ELSE
        EXEC sys.sp_updateextendedproperty
            N'MS_Description', @about, 'SCHEMA', N'dbo', 'TABLE', N'ACM_PCA_Metrics', @level, @part;
    FETCH NEXT FROM docs INTO @part, @about, @is_new;
END;
SET NOCOUNT OFF
GO

IF OBJECT_ID(N'[dbo].[ACM_OMR_Diagnostics]', N'U') IS NULL
CREATE TABLE [dbo].[ACM_OMR_Diagnostics] (
    [RunID] UNIQUEIDENTIFIER NOT NULL,
    [EquipID] INT NOT NULL,
    [ModelVersion] INT NOT NULL,
    [SensorName] NVARCHAR(255) COLLATE Latin1_General_100_BIN2 NOT NULL,
    [ResidualStd] FLOAT(53) NOT NULL,
    [ExplainedPct] FLOAT(53) NOT NULL,
    [Persistence] FLOAT(53) NOT NULL,
    [BestPredictor] NVARCHAR(255) COLLATE Latin1_General_100_BIN2 NULL,
    [BestWeight] FLOAT(53) NULL,
    CONSTRAINT [PK_ACM_OMR_Diagnostics] PRIMARY KEY CLUSTERED ([EquipID], [ModelVersion], [SensorName]),
    CONSTRAINT [FK_ACM_OMR_Diagnostics_RunID] FOREIGN KEY ([RunID]) REFERENCES [dbo].[RunLog] ([RunID]),
    CONSTRAINT [FK_ACM_OMR_Diagnostics_EquipID] FOREIGN KEY ([EquipID]) REFERENCES [dbo].[Equipment] ([EquipID])
)
GO

IF NOT EXISTS (
    SELECT 1 FROM sys.indexes AS i
    INNER JOIN sys.index_columns AS x ON x.object_id = i.object_id AND x.index_id = i.index_id AND x.key_ordinal > 0
    WHERE i.object_id = OBJECT_ID(N'[dbo].[ACM_OMR_Diagnostics]') AND (i.name = N'IX_ACM_OMR_Diagnostics_RunID' OR (i.has_filter = 0 AND i.is_disabled = 0))
    GROUP BY i.index_id
    HAVING MAX(i.name) = N'IX_ACM_OMR_Diagnostics_RunID' OR STRING_AGG(
        QUOTENAME(COL_NAME(x.object_id, x.column_id))
        + CASE WHEN x.is_descending_key = 1 THEN N' DESC' ELSE N'' END, N', '
    ) WITHIN GROUP (ORDER BY x.key_ordinal) = N'[RunID]'
)
CREATE INDEX [IX_ACM_OMR_Diagnostics_RunID] ON [dbo].[ACM_OMR_Diagnostics] ([RunID])
GO

IF EXISTS (
    SELECT 1 FROM sys.tables
    WHERE object_id = OBJECT_ID(N'[dbo].[ACM_OMR_Diagnostics]', N'U') AND lock_escalation_desc <> N'DISABLE'
)
ALTER TABLE [dbo].[ACM_OMR_Diagnostics] SET (LOCK_ESCALATION = DISABLE)
GO

SET NOCOUNT ON;
DECLARE @object INT = OBJECT_ID(N'[dbo].[ACM_OMR_Diagnostics]');
DECLARE @docs TABLE (part sysname NULL, about NVARCHAR(3700) NOT NULL, is_new BIT NOT NULL);
INSERT INTO @docs (part, about, is_new)
SELECT v.part, v.about, CASE WHEN p.name IS NULL THEN 1 ELSE 0 END
FROM (VALUES
    (CAST(NULL AS sysname), N'Fit of each tag from the others in a model version (leave-one-out regression)'),
    (N'RunID', N'Run that wrote the row (RunLog.RunID)'),
    (N'EquipID', N'Machine (Equipment.EquipID)'),
    (N'ModelVersion', N'Model version'),
    (N'SensorName', N'Tag'),
    (N'ResidualStd', N'Standard deviation of the tag given all others, robust standard deviations, floored'),
    (N'ExplainedPct', N'Share of the variance of the tag that the other tags explain, percent (R2)'),
    (N'Persistence', N'Correlation of successive residuals'),
    (N'BestPredictor', N'Other tag with the largest weight; NULL if no tag has a weight'),
    (N'BestWeight', N'Weight of BestPredictor: change of the tag per change of BestPredictor, both in robust standard deviations')
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
            N'MS_Description', @about, 'SCHEMA', N'dbo', 'TABLE', N'ACM_OMR_Diagnostics', @level, @part;
    ELSE
        EXEC sys.sp_updateextendedproperty
            N'MS_Description', @about, 'SCHEMA', N'dbo', 'TABLE', N'ACM_OMR_Diagnostics', @level, @part;
    FETCH NEXT FROM docs INTO @part, @about, @is_new;
END;
SET NOCOUNT OFF
GO

IF OBJECT_ID(N'[dbo].[ACM_HealthForecast_TS]', N'U') IS NULL
CREATE TABLE [dbo].[ACM_HealthForecast_TS] (
    [RunID] UNIQUEIDENTIFIER NOT NULL,
    [EquipID] INT NOT NULL,
    [AsOf] DATETIME2(3) NOT NULL,
    [Timestamp] DATETIME2(3) NOT NULL,
    [HorizonHours] FLOAT(53) NOT NULL,
    [ForecastHealth] FLOAT(53) NOT NULL,
    [CiLower] FLOAT(53) NOT NULL,
    [CiUpper] FLOAT(53) NOT NULL,
    [ForecastStd] FLOAT(53) NOT NULL,
    [Method] NVARCHAR(50) COLLATE Latin1_General_100_BIN2 NOT NULL,
    CONSTRAINT [PK_ACM_HealthForecast_TS] PRIMARY KEY CLUSTERED ([EquipID], [AsOf], [Timestamp]),
    CONSTRAINT [FK_ACM_HealthForecast_TS_RunID] FOREIGN KEY ([RunID]) REFERENCES [dbo].[RunLog] ([RunID]),
    CONSTRAINT [FK_ACM_HealthForecast_TS_EquipID] FOREIGN KEY ([EquipID]) REFERENCES [dbo].[Equipment] ([EquipID]),
    CONSTRAINT [CK_ACM_HealthForecast_TS_Method] CHECK ([Method] IN (N'level', N'trend'))
)
GO

IF NOT EXISTS (
    SELECT 1 FROM sys.indexes AS i
    INNER JOIN sys.index_columns AS x ON x.object_id = i.object_id AND x.index_id = i.index_id AND x.key_ordinal > 0
    WHERE i.object_id = OBJECT_ID(N'[dbo].[ACM_HealthForecast_TS]') AND (i.name = N'IX_ACM_HealthForecast_TS_RunID' OR (i.has_filter = 0 AND i.is_disabled = 0))
    GROUP BY i.index_id
    HAVING MAX(i.name) = N'IX_ACM_HealthForecast_TS_RunID' OR STRING_AGG(
        QUOTENAME(COL_NAME(x.object_id, x.column_id))
        + CASE WHEN x.is_descending_key = 1 THEN N' DESC' ELSE N'' END, N', '
    ) WITHIN GROUP (ORDER BY x.key_ordinal) = N'[RunID]'
)
CREATE INDEX [IX_ACM_HealthForecast_TS_RunID] ON [dbo].[ACM_HealthForecast_TS] ([RunID])
GO

IF EXISTS (
    SELECT 1 FROM sys.tables
    WHERE object_id = OBJECT_ID(N'[dbo].[ACM_HealthForecast_TS]', N'U') AND lock_escalation_desc <> N'DISABLE'
)
ALTER TABLE [dbo].[ACM_HealthForecast_TS] SET (LOCK_ESCALATION = DISABLE)
GO

SET NOCOUNT ON;
DECLARE @object INT = OBJECT_ID(N'[dbo].[ACM_HealthForecast_TS]');
DECLARE @docs TABLE (part sysname NULL, about NVARCHAR(3700) NOT NULL, is_new BIT NOT NULL);
INSERT INTO @docs (part, about, is_new)
SELECT v.part, v.about, CASE WHEN p.name IS NULL THEN 1 ELSE 0 END
FROM (VALUES
    (CAST(NULL AS sysname), N'Forecast of health, as of the end of the day'),
    (N'RunID', N'Run that wrote the row (RunLog.RunID)'),
    (N'EquipID', N'Machine (Equipment.EquipID)'),
    (N'AsOf', N'Local day of the machine, as the UTC time at which it starts; the summary includes that day'),
    (N'Timestamp', N'Time the forecast is for, UTC'),
    (N'HorizonHours', N'From the end of the day to that time, hours'),
    (N'ForecastHealth', N'Median forecast of the median health of a day, 0-100'),
    (N'CiLower', N'Lower limit of the 80 % interval (10th percentile), 0-100'),
    (N'CiUpper', N'Upper limit of the 80 % interval (90th percentile), 0-100'),
    (N'ForecastStd', N'(CiUpper - CiLower) / 2.563, never falls with the horizon'),
    (N'Method', N'trend if health falls with a probability above 0.9, else level')
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
            N'MS_Description', @about, 'SCHEMA', N'dbo', 'TABLE', N'ACM_HealthForecast_TS', @level, @part;
    ELSE
        EXEC sys.sp_updateextendedproperty
            N'MS_Description', @about, 'SCHEMA', N'dbo', 'TABLE', N'ACM_HealthForecast_TS', @level, @part;
    FETCH NEXT FROM docs INTO @part, @about, @is_new;
END;
SET NOCOUNT OFF
GO

IF OBJECT_ID(N'[dbo].[ACM_FailureForecast_TS]', N'U') IS NULL
CREATE TABLE [dbo].[ACM_FailureForecast_TS] (
    [RunID] UNIQUEIDENTIFIER NOT NULL,
    [EquipID] INT NOT NULL,
    [AsOf] DATETIME2(3) NOT NULL,
    [Timestamp] DATETIME2(3) NOT NULL,
    [HorizonHours] FLOAT(53) NOT NULL,
    [FailureProb] FLOAT(53) NOT NULL,
    [ThresholdUsed] FLOAT(53) NOT NULL,
    [Method] NVARCHAR(50) COLLATE Latin1_General_100_BIN2 NOT NULL,
    CONSTRAINT [PK_ACM_FailureForecast_TS] PRIMARY KEY CLUSTERED ([EquipID], [AsOf], [Timestamp]),
    CONSTRAINT [FK_ACM_FailureForecast_TS_RunID] FOREIGN KEY ([RunID]) REFERENCES [dbo].[RunLog] ([RunID]),
    CONSTRAINT [FK_ACM_FailureForecast_TS_EquipID] FOREIGN KEY ([EquipID]) REFERENCES [dbo].[Equipment] ([EquipID]),
    CONSTRAINT [CK_ACM_FailureForecast_TS_Method] CHECK ([Method] IN (N'level', N'trend'))
)
GO

IF NOT EXISTS (
    SELECT 1 FROM sys.indexes AS i
    INNER JOIN sys.index_columns AS x ON x.object_id = i.object_id AND x.index_id = i.index_id AND x.key_ordinal > 0
    WHERE i.object_id = OBJECT_ID(N'[dbo].[ACM_FailureForecast_TS]') AND (i.name = N'IX_ACM_FailureForecast_TS_RunID' OR (i.has_filter = 0 AND i.is_disabled = 0))
    GROUP BY i.index_id
    HAVING MAX(i.name) = N'IX_ACM_FailureForecast_TS_RunID' OR STRING_AGG(
        QUOTENAME(COL_NAME(x.object_id, x.column_id))
        + CASE WHEN x.is_descending_key = 1 THEN N' DESC' ELSE N'' END, N', '
    ) WITHIN GROUP (ORDER BY x.key_ordinal) = N'[RunID]'
)
CREATE INDEX [IX_ACM_FailureForecast_TS_RunID] ON [dbo].[ACM_FailureForecast_TS] ([RunID])
GO

IF EXISTS (
    SELECT 1 FROM sys.tables
    WHERE object_id = OBJECT_ID(N'[dbo].[ACM_FailureForecast_TS]', N'U') AND lock_escalation_desc <> N'DISABLE'
)
ALTER TABLE [dbo].[ACM_FailureForecast_TS] SET (LOCK_ESCALATION = DISABLE)
GO

SET NOCOUNT ON;
DECLARE @object INT = OBJECT_ID(N'[dbo].[ACM_FailureForecast_TS]');
DECLARE @docs TABLE (part sysname NULL, about NVARCHAR(3700) NOT NULL, is_new BIT NOT NULL);
INSERT INTO @docs (part, about, is_new)
SELECT v.part, v.about, CASE WHEN p.name IS NULL THEN 1 ELSE 0 END
FROM (VALUES
    (CAST(NULL AS sysname), N'Probability that health has fallen below the threshold by a time; it never decreases with the horizon'),
    (N'RunID', N'Run that wrote the row (RunLog.RunID)'),
    (N'EquipID', N'Machine (Equipment.EquipID)'),
    (N'AsOf', N'Local day of the machine, as the UTC time at which it starts; the summary includes that day'),
    (N'Timestamp', N'Time the forecast is for, UTC'),
    (N'HorizonHours', N'From the end of the day to that time, hours'),
    (N'FailureProb', N'Probability that the level of health has fallen below ThresholdUsed by Timestamp, 0-1'),
    (N'ThresholdUsed', N'Health below which the threshold counts as crossed'),
    (N'Method', N'trend if health falls with a probability above 0.9, else level')
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
            N'MS_Description', @about, 'SCHEMA', N'dbo', 'TABLE', N'ACM_FailureForecast_TS', @level, @part;
    ELSE
        EXEC sys.sp_updateextendedproperty
            N'MS_Description', @about, 'SCHEMA', N'dbo', 'TABLE', N'ACM_FailureForecast_TS', @level, @part;
    FETCH NEXT FROM docs INTO @part, @about, @is_new;
END;
SET NOCOUNT OFF
GO

IF OBJECT_ID(N'[dbo].[ACM_RUL_Summary]', N'U') IS NULL
CREATE TABLE [dbo].[ACM_RUL_Summary] (
    [RunID] UNIQUEIDENTIFIER NOT NULL,
    [EquipID] INT NOT NULL,
    [AsOf] DATETIME2(3) NOT NULL,
    [IssuedAt] DATETIME2(3) NOT NULL,
    [Status] NVARCHAR(16) COLLATE Latin1_General_100_BIN2 NOT NULL,
    [RUL_Hours] FLOAT(53) NULL,
    [LowerBound] FLOAT(53) NULL,
    [UpperBound] FLOAT(53) NULL,
    [Confidence] FLOAT(53) NULL,
    [FailureTime] DATETIME2(3) NULL,
    [TrendStart] DATETIME2(3) NULL,
    [TrendDays] INT NOT NULL,
    [HealthNow] FLOAT(53) NULL,
    [ZPerDay] FLOAT(53) NULL,
    [RisingProb] FLOAT(53) NULL,
    [FailureProb24h] FLOAT(53) NULL,
    [FailureProb7d] FLOAT(53) NULL,
    [FailureProb30d] FLOAT(53) NULL,
    [ThresholdUsed] FLOAT(53) NOT NULL,
    [Method] NVARCHAR(50) COLLATE Latin1_General_100_BIN2 NOT NULL,
    [LastUpdate] DATETIME2(3) NULL,
    CONSTRAINT [PK_ACM_RUL_Summary] PRIMARY KEY CLUSTERED ([EquipID], [AsOf]),
    CONSTRAINT [FK_ACM_RUL_Summary_RunID] FOREIGN KEY ([RunID]) REFERENCES [dbo].[RunLog] ([RunID]),
    CONSTRAINT [FK_ACM_RUL_Summary_EquipID] FOREIGN KEY ([EquipID]) REFERENCES [dbo].[Equipment] ([EquipID]),
    CONSTRAINT [CK_ACM_RUL_Summary_Status] CHECK ([Status] IN (N'STABLE', N'DEGRADING', N'BELOW', N'UNKNOWN')),
    CONSTRAINT [CK_ACM_RUL_Summary_Method] CHECK ([Method] IN (N'level', N'trend'))
)
GO

IF NOT EXISTS (
    SELECT 1 FROM sys.indexes AS i
    INNER JOIN sys.index_columns AS x ON x.object_id = i.object_id AND x.index_id = i.index_id AND x.key_ordinal > 0
    WHERE i.object_id = OBJECT_ID(N'[dbo].[ACM_RUL_Summary]') AND (i.name = N'IX_ACM_RUL_Summary_RunID' OR (i.has_filter = 0 AND i.is_disabled = 0))
    GROUP BY i.index_id
    HAVING MAX(i.name) = N'IX_ACM_RUL_Summary_RunID' OR STRING_AGG(
        QUOTENAME(COL_NAME(x.object_id, x.column_id))
        + CASE WHEN x.is_descending_key = 1 THEN N' DESC' ELSE N'' END, N', '
    ) WITHIN GROUP (ORDER BY x.key_ordinal) = N'[RunID]'
)
CREATE INDEX [IX_ACM_RUL_Summary_RunID] ON [dbo].[ACM_RUL_Summary] ([RunID])
GO

IF EXISTS (
    SELECT 1 FROM sys.tables
    WHERE object_id = OBJECT_ID(N'[dbo].[ACM_RUL_Summary]', N'U') AND lock_escalation_desc <> N'DISABLE'
)
ALTER TABLE [dbo].[ACM_RUL_Summary] SET (LOCK_ESCALATION = DISABLE)
GO

SET NOCOUNT ON;
DECLARE @object INT = OBJECT_ID(N'[dbo].[ACM_RUL_Summary]');
DECLARE @docs TABLE (part sysname NULL, about NVARCHAR(3700) NOT NULL, is_new BIT NOT NULL);
INSERT INTO @docs (part, about, is_new)
SELECT v.part, v.about, CASE WHEN p.name IS NULL THEN 1 ELSE 0 END
FROM (VALUES
    (CAST(NULL AS sysname), N'Degradation status, and the time until health falls below the threshold'),
    (N'RunID', N'Run that wrote the row (RunLog.RunID)'),
    (N'EquipID', N'Machine (Equipment.EquipID)'),
    (N'AsOf', N'Local day of the machine, as the UTC time at which it starts; the summary includes that day'),
    (N'IssuedAt', N'End of the day, UTC; all hours count from this time'),
    (N'Status', N'STABLE; DEGRADING: health falls; BELOW: already below the threshold; UNKNOWN: too few days'),
    (N'RUL_Hours', N'Median time to the threshold, hours; NULL without a degradation trend, or if already crossed'),
    (N'LowerBound', N'10th percentile of the time to the threshold, hours'),
    (N'UpperBound', N'90th percentile of the time to the threshold, hours; NULL beyond 180 days'),
    (N'Confidence', N'Probability that the threshold is crossed between half of RUL_Hours and twice RUL_Hours, 0-1'),
    (N'FailureTime', N'IssuedAt + RUL_Hours, rounded up to the next time of the forecast, UTC'),
    (N'TrendStart', N'Start of the first day after the last change point (repair, change), UTC'),
    (N'TrendDays', N'Days with a median health since TrendStart'),
    (N'HealthNow', N'Fitted health at the end of the day, 0-100'),
    (N'ZPerDay', N'Current change of the fused z per day'),
    (N'RisingProb', N'Probability that the fused z rises (weight of the rising curves), 0-1; DEGRADING requires more than 0.9'),
    (N'FailureProb24h', N'FailureProb at 24 hours'),
    (N'FailureProb7d', N'FailureProb at 7 days'),
    (N'FailureProb30d', N'FailureProb at 30 days'),
    (N'ThresholdUsed', N'Health below which the threshold counts as crossed'),
    (N'Method', N'trend if health falls with a probability above 0.9, else level'),
    (N'LastUpdate', N'Last assessed reading, UTC')
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
            N'MS_Description', @about, 'SCHEMA', N'dbo', 'TABLE', N'ACM_RUL_Summary', @level, @part;
    ELSE
        EXEC sys.sp_updateextendedproperty
            N'MS_Description', @about, 'SCHEMA', N'dbo', 'TABLE', N'ACM_RUL_Summary', @level, @part;
    FETCH NEXT FROM docs INTO @part, @about, @is_new;
END;
SET NOCOUNT OFF
GO

IF OBJECT_ID(N'[dbo].[ACM_RUL_Attribution]', N'U') IS NULL
CREATE TABLE [dbo].[ACM_RUL_Attribution] (
    [RunID] UNIQUEIDENTIFIER NOT NULL,
    [EquipID] INT NOT NULL,
    [AsOf] DATETIME2(3) NOT NULL,
    [FailureTime] DATETIME2(3) NOT NULL,
    [SensorName] NVARCHAR(255) COLLATE Latin1_General_100_BIN2 NOT NULL,
    [FailureContribution] FLOAT(53) NOT NULL,
    [ZScoreAtFailure] FLOAT(53) NOT NULL,
    [AlertCount] BIGINT NOT NULL,
    [Comment] NVARCHAR(400) COLLATE Latin1_General_100_BIN2 NULL,
    CONSTRAINT [PK_ACM_RUL_Attribution] PRIMARY KEY CLUSTERED ([EquipID], [AsOf], [SensorName]),
    CONSTRAINT [FK_ACM_RUL_Attribution_RunID] FOREIGN KEY ([RunID]) REFERENCES [dbo].[RunLog] ([RunID]),
    CONSTRAINT [FK_ACM_RUL_Attribution_EquipID] FOREIGN KEY ([EquipID]) REFERENCES [dbo].[Equipment] ([EquipID])
)
GO

IF NOT EXISTS (
    SELECT 1 FROM sys.indexes AS i
    INNER JOIN sys.index_columns AS x ON x.object_id = i.object_id AND x.index_id = i.index_id AND x.key_ordinal > 0
    WHERE i.object_id = OBJECT_ID(N'[dbo].[ACM_RUL_Attribution]') AND (i.name = N'IX_ACM_RUL_Attribution_RunID' OR (i.has_filter = 0 AND i.is_disabled = 0))
    GROUP BY i.index_id
    HAVING MAX(i.name) = N'IX_ACM_RUL_Attribution_RunID' OR STRING_AGG(
        QUOTENAME(COL_NAME(x.object_id, x.column_id))
        + CASE WHEN x.is_descending_key = 1 THEN N' DESC' ELSE N'' END, N', '
    ) WITHIN GROUP (ORDER BY x.key_ordinal) = N'[RunID]'
)
CREATE INDEX [IX_ACM_RUL_Attribution_RunID] ON [dbo].[ACM_RUL_Attribution] ([RunID])
GO

IF EXISTS (
    SELECT 1 FROM sys.tables
    WHERE object_id = OBJECT_ID(N'[dbo].[ACM_RUL_Attribution]', N'U') AND lock_escalation_desc <> N'DISABLE'
)
ALTER TABLE [dbo].[ACM_RUL_Attribution] SET (LOCK_ESCALATION = DISABLE)
GO

SET NOCOUNT ON;
DECLARE @object INT = OBJECT_ID(N'[dbo].[ACM_RUL_Attribution]');
DECLARE @docs TABLE (part sysname NULL, about NVARCHAR(3700) NOT NULL, is_new BIT NOT NULL);
INSERT INTO @docs (part, about, is_new)
SELECT v.part, v.about, CASE WHEN p.name IS NULL THEN 1 ELSE 0 END
FROM (VALUES
    (CAST(NULL AS sysname), N'Sensors driving the degradation trend, by contribution; empty without a trend'),
    (N'RunID', N'Run that wrote the row (RunLog.RunID)'),
    (N'EquipID', N'Machine (Equipment.EquipID)'),
    (N'AsOf', N'Local day of the machine, as the UTC time at which it starts; the summary includes that day'),
    (N'FailureTime', N'FailureTime of ACM_RUL_Summary, UTC'),
    (N'SensorName', N'Tag'),
    (N'FailureContribution', N'Share of the sensor in the increase of |z| of all sensors until FailureTime, 0-1'),
    (N'ZScoreAtFailure', N'Forecast deviation of the sensor at FailureTime, robust standard deviations of training'),
    (N'AlertCount', N'Readings with |z| >= 3 since TrendStart'),
    (N'Comment', N'Text with the start and the speed of the change')
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
            N'MS_Description', @about, 'SCHEMA', N'dbo', 'TABLE', N'ACM_RUL_Attribution', @level, @part;
    ELSE
        EXEC sys.sp_updateextendedproperty
            N'MS_Description', @about, 'SCHEMA', N'dbo', 'TABLE', N'ACM_RUL_Attribution', @level, @part;
    FETCH NEXT FROM docs INTO @part, @about, @is_new;
END;
SET NOCOUNT OFF
GO

IF OBJECT_ID(N'[dbo].[ACM_SensorForecast_TS]', N'U') IS NULL
CREATE TABLE [dbo].[ACM_SensorForecast_TS] (
    [RunID] UNIQUEIDENTIFIER NOT NULL,
    [EquipID] INT NOT NULL,
    [AsOf] DATETIME2(3) NOT NULL,
    [Timestamp] DATETIME2(3) NOT NULL,
    [HorizonHours] FLOAT(53) NOT NULL,
    [SensorName] NVARCHAR(255) COLLATE Latin1_General_100_BIN2 NOT NULL,
    [ForecastValue] FLOAT(53) NOT NULL,
    [CiLower] FLOAT(53) NOT NULL,
    [CiUpper] FLOAT(53) NOT NULL,
    [ForecastStd] FLOAT(53) NOT NULL,
    [Method] NVARCHAR(50) COLLATE Latin1_General_100_BIN2 NOT NULL,
    CONSTRAINT [PK_ACM_SensorForecast_TS] PRIMARY KEY CLUSTERED ([EquipID], [AsOf], [SensorName], [Timestamp]),
    CONSTRAINT [FK_ACM_SensorForecast_TS_RunID] FOREIGN KEY ([RunID]) REFERENCES [dbo].[RunLog] ([RunID]),
    CONSTRAINT [FK_ACM_SensorForecast_TS_EquipID] FOREIGN KEY ([EquipID]) REFERENCES [dbo].[Equipment] ([EquipID]),
    CONSTRAINT [CK_ACM_SensorForecast_TS_Method] CHECK ([Method] IN (N'level', N'trend'))
)
GO

IF NOT EXISTS (
    SELECT 1 FROM sys.indexes AS i
    INNER JOIN sys.index_columns AS x ON x.object_id = i.object_id AND x.index_id = i.index_id AND x.key_ordinal > 0
    WHERE i.object_id = OBJECT_ID(N'[dbo].[ACM_SensorForecast_TS]') AND (i.name = N'IX_ACM_SensorForecast_TS_RunID' OR (i.has_filter = 0 AND i.is_disabled = 0))
    GROUP BY i.index_id
    HAVING MAX(i.name) = N'IX_ACM_SensorForecast_TS_RunID' OR STRING_AGG(
        QUOTENAME(COL_NAME(x.object_id, x.column_id))
        + CASE WHEN x.is_descending_key = 1 THEN N' DESC' ELSE N'' END, N', '
    ) WITHIN GROUP (ORDER BY x.key_ordinal) = N'[RunID]'
)
CREATE INDEX [IX_ACM_SensorForecast_TS_RunID] ON [dbo].[ACM_SensorForecast_TS] ([RunID])
GO

IF EXISTS (
    SELECT 1 FROM sys.tables
    WHERE object_id = OBJECT_ID(N'[dbo].[ACM_SensorForecast_TS]', N'U') AND lock_escalation_desc <> N'DISABLE'
)
ALTER TABLE [dbo].[ACM_SensorForecast_TS] SET (LOCK_ESCALATION = DISABLE)
GO

SET NOCOUNT ON;
DECLARE @object INT = OBJECT_ID(N'[dbo].[ACM_SensorForecast_TS]');
DECLARE @docs TABLE (part sysname NULL, about NVARCHAR(3700) NOT NULL, is_new BIT NOT NULL);
INSERT INTO @docs (part, about, is_new)
SELECT v.part, v.about, CASE WHEN p.name IS NULL THEN 1 ELSE 0 END
FROM (VALUES
    (CAST(NULL AS sysname), N'Forecast of the five sensors with the largest |z| over the last summary_days days'),
    (N'RunID', N'Run that wrote the row (RunLog.RunID)'),
    (N'EquipID', N'Machine (Equipment.EquipID)'),
    (N'AsOf', N'Local day of the machine, as the UTC time at which it starts; the summary includes that day'),
    (N'Timestamp', N'Time the forecast is for, UTC'),
    (N'HorizonHours', N'From the end of the day to that time, hours'),
    (N'SensorName', N'Tag'),
    (N'ForecastValue', N'Median forecast of the last reading of a day, unit of the tag'),
    (N'CiLower', N'Lower limit of the 80 % interval (10th percentile), unit of the tag'),
    (N'CiUpper', N'Upper limit of the 80 % interval (90th percentile), unit of the tag'),
    (N'ForecastStd', N'(CiUpper - CiLower) / 2.563, never falls with the horizon'),
    (N'Method', N'trend if the sensor moves with a probability above 0.9, else level')
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
            N'MS_Description', @about, 'SCHEMA', N'dbo', 'TABLE', N'ACM_SensorForecast_TS', @level, @part;
    ELSE
        EXEC sys.sp_updateextendedproperty
            N'MS_Description', @about, 'SCHEMA', N'dbo', 'TABLE', N'ACM_SensorForecast_TS', @level, @part;
    FETCH NEXT FROM docs INTO @part, @about, @is_new;
END;
SET NOCOUNT OFF
GO

IF OBJECT_ID(N'[dbo].[ACM_MaintenanceRecommendation]', N'U') IS NULL
CREATE TABLE [dbo].[ACM_MaintenanceRecommendation] (
    [RunID] UNIQUEIDENTIFIER NOT NULL,
    [EquipID] INT NOT NULL,
    [AsOf] DATETIME2(3) NOT NULL,
    [EarliestMaintenance] DATETIME2(3) NOT NULL,
    [PreferredWindowStart] DATETIME2(3) NOT NULL,
    [PreferredWindowEnd] DATETIME2(3) NOT NULL,
    [FailureProbAtWindowEnd] FLOAT(53) NOT NULL,
    [Comment] NVARCHAR(400) COLLATE Latin1_General_100_BIN2 NULL,
    CONSTRAINT [PK_ACM_MaintenanceRecommendation] PRIMARY KEY CLUSTERED ([EquipID], [AsOf]),
    CONSTRAINT [FK_ACM_MaintenanceRecommendation_RunID] FOREIGN KEY ([RunID]) REFERENCES [dbo].[RunLog] ([RunID]),
    CONSTRAINT [FK_ACM_MaintenanceRecommendation_EquipID] FOREIGN KEY ([EquipID]) REFERENCES [dbo].[Equipment] ([EquipID])
)
GO

IF NOT EXISTS (
    SELECT 1 FROM sys.indexes AS i
    INNER JOIN sys.index_columns AS x ON x.object_id = i.object_id AND x.index_id = i.index_id AND x.key_ordinal > 0
    WHERE i.object_id = OBJECT_ID(N'[dbo].[ACM_MaintenanceRecommendation]') AND (i.name = N'IX_ACM_MaintenanceRecommendation_RunID' OR (i.has_filter = 0 AND i.is_disabled = 0))
    GROUP BY i.index_id
    HAVING MAX(i.name) = N'IX_ACM_MaintenanceRecommendation_RunID' OR STRING_AGG(
        QUOTENAME(COL_NAME(x.object_id, x.column_id))
        + CASE WHEN x.is_descending_key = 1 THEN N' DESC' ELSE N'' END, N', '
    ) WITHIN GROUP (ORDER BY x.key_ordinal) = N'[RunID]'
)
CREATE INDEX [IX_ACM_MaintenanceRecommendation_RunID] ON [dbo].[ACM_MaintenanceRecommendation] ([RunID])
GO

IF EXISTS (
    SELECT 1 FROM sys.tables
    WHERE object_id = OBJECT_ID(N'[dbo].[ACM_MaintenanceRecommendation]', N'U') AND lock_escalation_desc <> N'DISABLE'
)
ALTER TABLE [dbo].[ACM_MaintenanceRecommendation] SET (LOCK_ESCALATION = DISABLE)
GO

SET NOCOUNT ON;
DECLARE @object INT = OBJECT_ID(N'[dbo].[ACM_MaintenanceRecommendation]');
DECLARE @docs TABLE (part sysname NULL, about NVARCHAR(3700) NOT NULL, is_new BIT NOT NULL);
INSERT INTO @docs (part, about, is_new)
SELECT v.part, v.about, CASE WHEN p.name IS NULL THEN 1 ELSE 0 END
FROM (VALUES
    (CAST(NULL AS sysname), N'When to maintain the machine; no row for a machine above the threshold without a degradation trend'),
    (N'RunID', N'Run that wrote the row (RunLog.RunID)'),
    (N'EquipID', N'Machine (Equipment.EquipID)'),
    (N'AsOf', N'Local day of the machine, as the UTC time at which it starts; the summary includes that day'),
    (N'EarliestMaintenance', N'Time at which FailureProb reaches 0.1, UTC'),
    (N'PreferredWindowStart', N'Time at which FailureProb reaches 0.2, UTC'),
    (N'PreferredWindowEnd', N'Time at which FailureProb reaches 0.5, UTC'),
    (N'FailureProbAtWindowEnd', N'FailureProb at PreferredWindowEnd, 0-1'),
    (N'Comment', N'Text with the reason')
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
            N'MS_Description', @about, 'SCHEMA', N'dbo', 'TABLE', N'ACM_MaintenanceRecommendation', @level, @part;
    ELSE
        EXEC sys.sp_updateextendedproperty
            N'MS_Description', @about, 'SCHEMA', N'dbo', 'TABLE', N'ACM_MaintenanceRecommendation', @level, @part;
    FETCH NEXT FROM docs INTO @part, @about, @is_new;
END;
SET NOCOUNT OFF
GO

IF EXISTS (SELECT 1 FROM (VALUES (N'[dbo].[ACM_SensorDaily]'), (N'[dbo].[ACM_SensorHotspots]'), (N'[dbo].[ACM_DataQuality]'), (N'[dbo].[ACM_DefectSummary]'), (N'[dbo].[ACM_EpisodeMetrics]'), (N'[dbo].[ACM_RegimeOccupancy]'), (N'[dbo].[ACM_RegimeTransitions]'), (N'[dbo].[ACM_CalibrationSummary]'), (N'[dbo].[ACM_ModelTags]'), (N'[dbo].[ACM_HealthDaily]'), (N'[dbo].[ACM_DetectorDaily]'), (N'[dbo].[ACM_SinceWhen]'), (N'[dbo].[ACM_SensorDefects]'), (N'[dbo].[ACM_SensorRanking]'), (N'[dbo].[ACM_DetectorCorrelation]'), (N'[dbo].[ACM_HealthHistogram]'), (N'[dbo].[ACM_RegimeDwellStats]'), (N'[dbo].[ACM_RegimeStability]'), (N'[dbo].[ACM_PCA_Models]'), (N'[dbo].[ACM_PCA_Loadings]'), (N'[dbo].[ACM_PCA_Metrics]'), (N'[dbo].[ACM_OMR_Diagnostics]'), (N'[dbo].[ACM_HealthForecast_TS]'), (N'[dbo].[ACM_FailureForecast_TS]'), (N'[dbo].[ACM_RUL_Summary]'), (N'[dbo].[ACM_RUL_Attribution]'), (N'[dbo].[ACM_SensorForecast_TS]'), (N'[dbo].[ACM_MaintenanceRecommendation]')) AS o (name) WHERE OBJECT_ID(o.name) IS NULL)
    THROW 50000, N'Some objects of this script are missing: it is not recorded as applied. Run it with sqlcmd -b.', 1;
DELETE FROM [dbo].[ACM_SchemaVersion] WHERE [Version] = 2 AND [Name] = N'004_summaries.sql';
INSERT INTO [dbo].[ACM_SchemaVersion] ([Version], [Name], [Hash], [AppliedAt])
VALUES (2, N'004_summaries.sql', N'bbf277c7f4c847a299aa779865b182569825c0ed94a6a1c861f970493ea02289', SYSUTCDATETIME())
GO
