-- Rendered by acm_etl.load.ddl from acm_etl/tables, schema version 1: do not edit.

-- sqlcmd -b -I -d <database> -i <this file>
SET ANSI_NULLS, QUOTED_IDENTIFIER ON;
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
    CONSTRAINT [PK_ACM_SensorDaily] PRIMARY KEY CLUSTERED ([EquipID], [AsOf], [SensorName]),
    CONSTRAINT [FK_ACM_SensorDaily_RunID] FOREIGN KEY ([RunID]) REFERENCES [dbo].[RunLog] ([RunID]),
    CONSTRAINT [FK_ACM_SensorDaily_EquipID] FOREIGN KEY ([EquipID]) REFERENCES [dbo].[Equipment] ([EquipID])
)
GO

IF NOT EXISTS (SELECT 1 FROM sys.indexes WHERE object_id = OBJECT_ID(N'[dbo].[ACM_SensorDaily]') AND name = N'IX_ACM_SensorDaily_RunID')
CREATE INDEX [IX_ACM_SensorDaily_RunID] ON [dbo].[ACM_SensorDaily] ([RunID])
GO

SET NOCOUNT ON;
DECLARE @docs TABLE (part SYSNAME NULL, about NVARCHAR(3700) NOT NULL);
INSERT INTO @docs (part, about) VALUES
    (NULL, N'What each sensor did on one local day: the base of the sensor summaries'),
    (N'RunID', N'Run that wrote the row (RunLog.RunID)'),
    (N'EquipID', N'Machine (Equipment.EquipID)'),
    (N'AsOf', N'Local day of the machine, as the UTC time at which it starts'),
    (N'SensorName', N'Tag'),
    (N'Readings', N'Readings of the day'),
    (N'Nulls', N'Readings without a usable value, whatever the reason'),
    (N'LongestGap', N'Longest run of unusable values that reaches into the day, readings'),
    (N'LongestFlat', N'Longest run of equal values that reaches into the day, readings'),
    (N'AboveWarnCount', N'Readings with |z| >= 2'),
    (N'AboveAlertCount', N'Readings with |z| >= 3'),
    (N'MaxTimestamp', N'Time of the largest |z|, UTC'),
    (N'MaxSignedZ', N'z at that time'),
    (N'ValueAtPeak', N'Reading at that time'),
    (N'LatestTimestamp', N'Last usable reading, UTC'),
    (N'LatestSignedZ', N'z at that time'),
    (N'LatestValue', N'Reading at that time');
DECLARE @part SYSNAME, @about NVARCHAR(3700), @level VARCHAR(6);
DECLARE docs CURSOR LOCAL FAST_FORWARD FOR SELECT part, about FROM @docs;
OPEN docs;
FETCH NEXT FROM docs INTO @part, @about;
WHILE @@FETCH_STATUS = 0
BEGIN
    SET @level = CASE WHEN @part IS NOT NULL THEN 'COLUMN' END;
    IF EXISTS (
        SELECT 1 FROM sys.extended_properties
        WHERE class = 1 AND major_id = OBJECT_ID(N'[dbo].[ACM_SensorDaily]') AND name = N'MS_Description'
            AND minor_id = COALESCE(COLUMNPROPERTY(OBJECT_ID(N'[dbo].[ACM_SensorDaily]'), @part, 'ColumnId'), 0)
    )
        EXEC sys.sp_updateextendedproperty
            N'MS_Description', @about, 'SCHEMA', N'dbo', 'TABLE', N'ACM_SensorDaily', @level, @part;
    ELSE
        EXEC sys.sp_addextendedproperty
            N'MS_Description', @about, 'SCHEMA', N'dbo', 'TABLE', N'ACM_SensorDaily', @level, @part;
    FETCH NEXT FROM docs INTO @part, @about;
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

IF NOT EXISTS (SELECT 1 FROM sys.indexes WHERE object_id = OBJECT_ID(N'[dbo].[ACM_SensorHotspots]') AND name = N'IX_ACM_SensorHotspots_RunID')
CREATE INDEX [IX_ACM_SensorHotspots_RunID] ON [dbo].[ACM_SensorHotspots] ([RunID])
GO

SET NOCOUNT ON;
DECLARE @docs TABLE (part SYSNAME NULL, about NVARCHAR(3700) NOT NULL);
INSERT INTO @docs (part, about) VALUES
    (NULL, N'Sensors that stood out (largest |z| >= 2) in the trailing days'),
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
    (N'AboveAlertCount', N'Readings with |z| >= 3');
DECLARE @part SYSNAME, @about NVARCHAR(3700), @level VARCHAR(6);
DECLARE docs CURSOR LOCAL FAST_FORWARD FOR SELECT part, about FROM @docs;
OPEN docs;
FETCH NEXT FROM docs INTO @part, @about;
WHILE @@FETCH_STATUS = 0
BEGIN
    SET @level = CASE WHEN @part IS NOT NULL THEN 'COLUMN' END;
    IF EXISTS (
        SELECT 1 FROM sys.extended_properties
        WHERE class = 1 AND major_id = OBJECT_ID(N'[dbo].[ACM_SensorHotspots]') AND name = N'MS_Description'
            AND minor_id = COALESCE(COLUMNPROPERTY(OBJECT_ID(N'[dbo].[ACM_SensorHotspots]'), @part, 'ColumnId'), 0)
    )
        EXEC sys.sp_updateextendedproperty
            N'MS_Description', @about, 'SCHEMA', N'dbo', 'TABLE', N'ACM_SensorHotspots', @level, @part;
    ELSE
        EXEC sys.sp_addextendedproperty
            N'MS_Description', @about, 'SCHEMA', N'dbo', 'TABLE', N'ACM_SensorHotspots', @level, @part;
    FETCH NEXT FROM docs INTO @part, @about;
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

IF NOT EXISTS (SELECT 1 FROM sys.indexes WHERE object_id = OBJECT_ID(N'[dbo].[ACM_DataQuality]') AND name = N'IX_ACM_DataQuality_RunID')
CREATE INDEX [IX_ACM_DataQuality_RunID] ON [dbo].[ACM_DataQuality] ([RunID])
GO

SET NOCOUNT ON;
DECLARE @docs TABLE (part SYSNAME NULL, about NVARCHAR(3700) NOT NULL);
INSERT INTO @docs (part, about) VALUES
    (NULL, N'Usability of each sensor in the trailing days'),
    (N'RunID', N'Run that wrote the row (RunLog.RunID)'),
    (N'EquipID', N'Machine (Equipment.EquipID)'),
    (N'AsOf', N'Local day of the machine, as the UTC time at which it starts; the summary includes that day'),
    (N'SensorName', N'Tag'),
    (N'CheckName', N'Check that was made'),
    (N'CheckResult', N'FAIL if all or 80 % unusable, WARN from 10 % or flat'),
    (N'Readings', N'Readings'),
    (N'Nulls', N'Readings without a usable value'),
    (N'NullPct', N'100 * Nulls / Readings'),
    (N'LongestGap', N'Longest run of unusable values, readings'),
    (N'LongestFlat', N'Longest run of equal values, readings'),
    (N'Notes', N'What was found, in words');
DECLARE @part SYSNAME, @about NVARCHAR(3700), @level VARCHAR(6);
DECLARE docs CURSOR LOCAL FAST_FORWARD FOR SELECT part, about FROM @docs;
OPEN docs;
FETCH NEXT FROM docs INTO @part, @about;
WHILE @@FETCH_STATUS = 0
BEGIN
    SET @level = CASE WHEN @part IS NOT NULL THEN 'COLUMN' END;
    IF EXISTS (
        SELECT 1 FROM sys.extended_properties
        WHERE class = 1 AND major_id = OBJECT_ID(N'[dbo].[ACM_DataQuality]') AND name = N'MS_Description'
            AND minor_id = COALESCE(COLUMNPROPERTY(OBJECT_ID(N'[dbo].[ACM_DataQuality]'), @part, 'ColumnId'), 0)
    )
        EXEC sys.sp_updateextendedproperty
            N'MS_Description', @about, 'SCHEMA', N'dbo', 'TABLE', N'ACM_DataQuality', @level, @part;
    ELSE
        EXEC sys.sp_addextendedproperty
            N'MS_Description', @about, 'SCHEMA', N'dbo', 'TABLE', N'ACM_DataQuality', @level, @part;
    FETCH NEXT FROM docs INTO @part, @about;
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

IF NOT EXISTS (SELECT 1 FROM sys.indexes WHERE object_id = OBJECT_ID(N'[dbo].[ACM_DefectSummary]') AND name = N'IX_ACM_DefectSummary_RunID')
CREATE INDEX [IX_ACM_DefectSummary_RunID] ON [dbo].[ACM_DefectSummary] ([RunID])
GO

SET NOCOUNT ON;
DECLARE @docs TABLE (part SYSNAME NULL, about NVARCHAR(3700) NOT NULL);
INSERT INTO @docs (part, about) VALUES
    (NULL, N'Where the machine stands at the end of the day'),
    (N'RunID', N'Run that wrote the row (RunLog.RunID)'),
    (N'EquipID', N'Machine (Equipment.EquipID)'),
    (N'AsOf', N'Local day of the machine, as the UTC time at which it starts; the summary includes that day'),
    (N'Status', N'By the last health of the day'),
    (N'Severity', N'LOW, MEDIUM, HIGH correspondingly'),
    (N'CurrentHealth', N'Last health, 0-100'),
    (N'AvgHealth', N'Mean health of the trailing days'),
    (N'MinHealth', N'Lowest health of the trailing days'),
    (N'EpisodeCount', N'Episodes that started in the trailing days'),
    (N'WorstSensor', N'Sensor with the largest |z| in the last reading'),
    (N'GoodCount', N'Readings in zone GOOD'),
    (N'WatchCount', N'Readings in zone WATCH'),
    (N'AlertCount', N'Readings in zone ALERT');
DECLARE @part SYSNAME, @about NVARCHAR(3700), @level VARCHAR(6);
DECLARE docs CURSOR LOCAL FAST_FORWARD FOR SELECT part, about FROM @docs;
OPEN docs;
FETCH NEXT FROM docs INTO @part, @about;
WHILE @@FETCH_STATUS = 0
BEGIN
    SET @level = CASE WHEN @part IS NOT NULL THEN 'COLUMN' END;
    IF EXISTS (
        SELECT 1 FROM sys.extended_properties
        WHERE class = 1 AND major_id = OBJECT_ID(N'[dbo].[ACM_DefectSummary]') AND name = N'MS_Description'
            AND minor_id = COALESCE(COLUMNPROPERTY(OBJECT_ID(N'[dbo].[ACM_DefectSummary]'), @part, 'ColumnId'), 0)
    )
        EXEC sys.sp_updateextendedproperty
            N'MS_Description', @about, 'SCHEMA', N'dbo', 'TABLE', N'ACM_DefectSummary', @level, @part;
    ELSE
        EXEC sys.sp_addextendedproperty
            N'MS_Description', @about, 'SCHEMA', N'dbo', 'TABLE', N'ACM_DefectSummary', @level, @part;
    FETCH NEXT FROM docs INTO @part, @about;
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

IF NOT EXISTS (SELECT 1 FROM sys.indexes WHERE object_id = OBJECT_ID(N'[dbo].[ACM_EpisodeMetrics]') AND name = N'IX_ACM_EpisodeMetrics_RunID')
CREATE INDEX [IX_ACM_EpisodeMetrics_RunID] ON [dbo].[ACM_EpisodeMetrics] ([RunID])
GO

SET NOCOUNT ON;
DECLARE @docs TABLE (part SYSNAME NULL, about NVARCHAR(3700) NOT NULL);
INSERT INTO @docs (part, about) VALUES
    (NULL, N'Episodes that started in the trailing days'),
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
    (N'MeanInterarrivalHours', N'Mean time from start to start, hours; NULL below two episodes');
DECLARE @part SYSNAME, @about NVARCHAR(3700), @level VARCHAR(6);
DECLARE docs CURSOR LOCAL FAST_FORWARD FOR SELECT part, about FROM @docs;
OPEN docs;
FETCH NEXT FROM docs INTO @part, @about;
WHILE @@FETCH_STATUS = 0
BEGIN
    SET @level = CASE WHEN @part IS NOT NULL THEN 'COLUMN' END;
    IF EXISTS (
        SELECT 1 FROM sys.extended_properties
        WHERE class = 1 AND major_id = OBJECT_ID(N'[dbo].[ACM_EpisodeMetrics]') AND name = N'MS_Description'
            AND minor_id = COALESCE(COLUMNPROPERTY(OBJECT_ID(N'[dbo].[ACM_EpisodeMetrics]'), @part, 'ColumnId'), 0)
    )
        EXEC sys.sp_updateextendedproperty
            N'MS_Description', @about, 'SCHEMA', N'dbo', 'TABLE', N'ACM_EpisodeMetrics', @level, @part;
    ELSE
        EXEC sys.sp_addextendedproperty
            N'MS_Description', @about, 'SCHEMA', N'dbo', 'TABLE', N'ACM_EpisodeMetrics', @level, @part;
    FETCH NEXT FROM docs INTO @part, @about;
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

IF NOT EXISTS (SELECT 1 FROM sys.indexes WHERE object_id = OBJECT_ID(N'[dbo].[ACM_RegimeOccupancy]') AND name = N'IX_ACM_RegimeOccupancy_RunID')
CREATE INDEX [IX_ACM_RegimeOccupancy_RunID] ON [dbo].[ACM_RegimeOccupancy] ([RunID])
GO

SET NOCOUNT ON;
DECLARE @docs TABLE (part SYSNAME NULL, about NVARCHAR(3700) NOT NULL);
INSERT INTO @docs (part, about) VALUES
    (NULL, N'Time spent in each regime in the trailing days'),
    (N'RunID', N'Run that wrote the row (RunLog.RunID)'),
    (N'EquipID', N'Machine (Equipment.EquipID)'),
    (N'AsOf', N'Local day of the machine, as the UTC time at which it starts; the summary includes that day'),
    (N'RegimeLabel', N'Operating regime'),
    (N'RecordCount', N'Readings'),
    (N'Percentage', N'100 * RecordCount / readings with a regime');
DECLARE @part SYSNAME, @about NVARCHAR(3700), @level VARCHAR(6);
DECLARE docs CURSOR LOCAL FAST_FORWARD FOR SELECT part, about FROM @docs;
OPEN docs;
FETCH NEXT FROM docs INTO @part, @about;
WHILE @@FETCH_STATUS = 0
BEGIN
    SET @level = CASE WHEN @part IS NOT NULL THEN 'COLUMN' END;
    IF EXISTS (
        SELECT 1 FROM sys.extended_properties
        WHERE class = 1 AND major_id = OBJECT_ID(N'[dbo].[ACM_RegimeOccupancy]') AND name = N'MS_Description'
            AND minor_id = COALESCE(COLUMNPROPERTY(OBJECT_ID(N'[dbo].[ACM_RegimeOccupancy]'), @part, 'ColumnId'), 0)
    )
        EXEC sys.sp_updateextendedproperty
            N'MS_Description', @about, 'SCHEMA', N'dbo', 'TABLE', N'ACM_RegimeOccupancy', @level, @part;
    ELSE
        EXEC sys.sp_addextendedproperty
            N'MS_Description', @about, 'SCHEMA', N'dbo', 'TABLE', N'ACM_RegimeOccupancy', @level, @part;
    FETCH NEXT FROM docs INTO @part, @about;
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

IF NOT EXISTS (SELECT 1 FROM sys.indexes WHERE object_id = OBJECT_ID(N'[dbo].[ACM_RegimeTransitions]') AND name = N'IX_ACM_RegimeTransitions_RunID')
CREATE INDEX [IX_ACM_RegimeTransitions_RunID] ON [dbo].[ACM_RegimeTransitions] ([RunID])
GO

SET NOCOUNT ON;
DECLARE @docs TABLE (part SYSNAME NULL, about NVARCHAR(3700) NOT NULL);
INSERT INTO @docs (part, about) VALUES
    (NULL, N'Changes of regime in the trailing days'),
    (N'RunID', N'Run that wrote the row (RunLog.RunID)'),
    (N'EquipID', N'Machine (Equipment.EquipID)'),
    (N'AsOf', N'Local day of the machine, as the UTC time at which it starts; the summary includes that day'),
    (N'FromLabel', N'Regime before'),
    (N'ToLabel', N'Regime after'),
    (N'Count', N'Changes'),
    (N'Prob', N'Count / all changes out of FromLabel: sums to 1 per FromLabel');
DECLARE @part SYSNAME, @about NVARCHAR(3700), @level VARCHAR(6);
DECLARE docs CURSOR LOCAL FAST_FORWARD FOR SELECT part, about FROM @docs;
OPEN docs;
FETCH NEXT FROM docs INTO @part, @about;
WHILE @@FETCH_STATUS = 0
BEGIN
    SET @level = CASE WHEN @part IS NOT NULL THEN 'COLUMN' END;
    IF EXISTS (
        SELECT 1 FROM sys.extended_properties
        WHERE class = 1 AND major_id = OBJECT_ID(N'[dbo].[ACM_RegimeTransitions]') AND name = N'MS_Description'
            AND minor_id = COALESCE(COLUMNPROPERTY(OBJECT_ID(N'[dbo].[ACM_RegimeTransitions]'), @part, 'ColumnId'), 0)
    )
        EXEC sys.sp_updateextendedproperty
            N'MS_Description', @about, 'SCHEMA', N'dbo', 'TABLE', N'ACM_RegimeTransitions', @level, @part;
    ELSE
        EXEC sys.sp_addextendedproperty
            N'MS_Description', @about, 'SCHEMA', N'dbo', 'TABLE', N'ACM_RegimeTransitions', @level, @part;
    FETCH NEXT FROM docs INTO @part, @about;
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
    CONSTRAINT [PK_ACM_CalibrationSummary] PRIMARY KEY CLUSTERED ([EquipID], [ModelVersion], [DetectorType], [OperatingState]),
    CONSTRAINT [FK_ACM_CalibrationSummary_RunID] FOREIGN KEY ([RunID]) REFERENCES [dbo].[RunLog] ([RunID]),
    CONSTRAINT [FK_ACM_CalibrationSummary_EquipID] FOREIGN KEY ([EquipID]) REFERENCES [dbo].[Equipment] ([EquipID]),
    CONSTRAINT [CK_ACM_CalibrationSummary_DetectorType] CHECK ([DetectorType] IN (N'ar1_z', N'pca_spe_z', N'pca_t2_z', N'mhal_z', N'iforest_z', N'gmm_z', N'omr_z', N'mewma_z', N'fused')),
    CONSTRAINT [CK_ACM_CalibrationSummary_OperatingState] CHECK ([OperatingState] IN (N'off', N'transient', N'on'))
)
GO

IF NOT EXISTS (SELECT 1 FROM sys.indexes WHERE object_id = OBJECT_ID(N'[dbo].[ACM_CalibrationSummary]') AND name = N'IX_ACM_CalibrationSummary_RunID')
CREATE INDEX [IX_ACM_CalibrationSummary_RunID] ON [dbo].[ACM_CalibrationSummary] ([RunID])
GO

SET NOCOUNT ON;
DECLARE @docs TABLE (part SYSNAME NULL, about NVARCHAR(3700) NOT NULL);
INSERT INTO @docs (part, about) VALUES
    (NULL, N'How each head behaves on the calibration readings of a model version (readings that were not fitted)'),
    (N'RunID', N'Run that wrote the row (RunLog.RunID)'),
    (N'EquipID', N'Machine (Equipment.EquipID)'),
    (N'ModelVersion', N'Model version'),
    (N'DetectorType', N'Detector head, or fused'),
    (N'OperatingState', N'State the calibration is for'),
    (N'CalibrationRows', N'Readings calibrated on'),
    (N'Pooled', N'Fewer than 5,000 readings: the tail is pooled or extrapolated, take z with care'),
    (N'MeanZ', N'Mean z'),
    (N'StdZ', N'Standard deviation of z'),
    (N'P95Z', N'95th percentile of z'),
    (N'P99Z', N'99th percentile of z'),
    (N'ClipZ', N'Sensors are clipped at this many robust standard deviations'),
    (N'SaturationPct', N'Share of sensor readings at the clip, percent'),
    (N'MahalCondNum', N'Condition number of the covariance (mhal_z only)');
DECLARE @part SYSNAME, @about NVARCHAR(3700), @level VARCHAR(6);
DECLARE docs CURSOR LOCAL FAST_FORWARD FOR SELECT part, about FROM @docs;
OPEN docs;
FETCH NEXT FROM docs INTO @part, @about;
WHILE @@FETCH_STATUS = 0
BEGIN
    SET @level = CASE WHEN @part IS NOT NULL THEN 'COLUMN' END;
    IF EXISTS (
        SELECT 1 FROM sys.extended_properties
        WHERE class = 1 AND major_id = OBJECT_ID(N'[dbo].[ACM_CalibrationSummary]') AND name = N'MS_Description'
            AND minor_id = COALESCE(COLUMNPROPERTY(OBJECT_ID(N'[dbo].[ACM_CalibrationSummary]'), @part, 'ColumnId'), 0)
    )
        EXEC sys.sp_updateextendedproperty
            N'MS_Description', @about, 'SCHEMA', N'dbo', 'TABLE', N'ACM_CalibrationSummary', @level, @part;
    ELSE
        EXEC sys.sp_addextendedproperty
            N'MS_Description', @about, 'SCHEMA', N'dbo', 'TABLE', N'ACM_CalibrationSummary', @level, @part;
    FETCH NEXT FROM docs INTO @part, @about;
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
    CONSTRAINT [PK_ACM_ModelTags] PRIMARY KEY CLUSTERED ([EquipID], [ModelVersion], [TagName]),
    CONSTRAINT [FK_ACM_ModelTags_RunID] FOREIGN KEY ([RunID]) REFERENCES [dbo].[RunLog] ([RunID]),
    CONSTRAINT [FK_ACM_ModelTags_EquipID] FOREIGN KEY ([EquipID]) REFERENCES [dbo].[Equipment] ([EquipID])
)
GO

IF NOT EXISTS (SELECT 1 FROM sys.indexes WHERE object_id = OBJECT_ID(N'[dbo].[ACM_ModelTags]') AND name = N'IX_ACM_ModelTags_RunID')
CREATE INDEX [IX_ACM_ModelTags_RunID] ON [dbo].[ACM_ModelTags] ([RunID])
GO

SET NOCOUNT ON;
DECLARE @docs TABLE (part SYSNAME NULL, about NVARCHAR(3700) NOT NULL);
INSERT INTO @docs (part, about) VALUES
    (NULL, N'Tags a model version looks at, and why others are left out'),
    (N'RunID', N'Run that wrote the row (RunLog.RunID)'),
    (N'EquipID', N'Machine (Equipment.EquipID)'),
    (N'ModelVersion', N'Model version'),
    (N'TagName', N'Tag'),
    (N'Ordinal', N'Position in the historian table, from 0'),
    (N'Used', N'Whether the tag is scored'),
    (N'Reason', N'Why it is not');
DECLARE @part SYSNAME, @about NVARCHAR(3700), @level VARCHAR(6);
DECLARE docs CURSOR LOCAL FAST_FORWARD FOR SELECT part, about FROM @docs;
OPEN docs;
FETCH NEXT FROM docs INTO @part, @about;
WHILE @@FETCH_STATUS = 0
BEGIN
    SET @level = CASE WHEN @part IS NOT NULL THEN 'COLUMN' END;
    IF EXISTS (
        SELECT 1 FROM sys.extended_properties
        WHERE class = 1 AND major_id = OBJECT_ID(N'[dbo].[ACM_ModelTags]') AND name = N'MS_Description'
            AND minor_id = COALESCE(COLUMNPROPERTY(OBJECT_ID(N'[dbo].[ACM_ModelTags]'), @part, 'ColumnId'), 0)
    )
        EXEC sys.sp_updateextendedproperty
            N'MS_Description', @about, 'SCHEMA', N'dbo', 'TABLE', N'ACM_ModelTags', @level, @part;
    ELSE
        EXEC sys.sp_addextendedproperty
            N'MS_Description', @about, 'SCHEMA', N'dbo', 'TABLE', N'ACM_ModelTags', @level, @part;
    FETCH NEXT FROM docs INTO @part, @about;
END;
SET NOCOUNT OFF
GO

IF EXISTS (SELECT 1 FROM (VALUES (N'[dbo].[ACM_SensorDaily]'), (N'[dbo].[ACM_SensorHotspots]'), (N'[dbo].[ACM_DataQuality]'), (N'[dbo].[ACM_DefectSummary]'), (N'[dbo].[ACM_EpisodeMetrics]'), (N'[dbo].[ACM_RegimeOccupancy]'), (N'[dbo].[ACM_RegimeTransitions]'), (N'[dbo].[ACM_CalibrationSummary]'), (N'[dbo].[ACM_ModelTags]')) AS o (name) WHERE OBJECT_ID(o.name) IS NULL)
    THROW 50000, N'Some objects of this script are missing: it is not recorded as applied. Run it with sqlcmd -b.', 1;
DELETE FROM [dbo].[ACM_SchemaVersion] WHERE [Version] = 1 AND [Name] = N'004_summaries.sql';
INSERT INTO [dbo].[ACM_SchemaVersion] ([Version], [Name], [Hash], [AppliedAt])
VALUES (1, N'004_summaries.sql', N'b122d8ae1ab9993353aa6e75d5ae518732dbfb451b4ed0e281e4c0953b30c370', SYSUTCDATETIME())
GO
