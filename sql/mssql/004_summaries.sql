-- Rendered by acm_etl.load.ddl from acm_etl/tables, schema version 1: do not edit.

IF OBJECT_ID(N'[ACM_SensorDaily]', N'U') IS NULL
CREATE TABLE [ACM_SensorDaily] (
    [RunID] UNIQUEIDENTIFIER NOT NULL,
    [EquipID] INT NOT NULL,
    [AsOf] DATETIME2(3) NOT NULL,
    [SensorName] NVARCHAR(255) NOT NULL,
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
    CONSTRAINT [FK_ACM_SensorDaily_RunID] FOREIGN KEY ([RunID]) REFERENCES [RunLog] ([RunID]),
    CONSTRAINT [FK_ACM_SensorDaily_EquipID] FOREIGN KEY ([EquipID]) REFERENCES [Equipment] ([EquipID])
)
GO

IF NOT EXISTS (SELECT 1 FROM sys.extended_properties WHERE major_id = OBJECT_ID(N'[ACM_SensorDaily]') AND minor_id = 0 AND name = N'MS_Description')
EXEC sys.sp_addextendedproperty N'MS_Description', N'What each sensor did on one local day: the base of the sensor summaries', N'SCHEMA', N'dbo', N'TABLE', N'ACM_SensorDaily'
GO

IF NOT EXISTS (SELECT 1 FROM sys.extended_properties WHERE major_id = OBJECT_ID(N'[ACM_SensorDaily]') AND minor_id = COLUMNPROPERTY(OBJECT_ID(N'[ACM_SensorDaily]'), N'RunID', 'ColumnId') AND name = N'MS_Description')
EXEC sys.sp_addextendedproperty N'MS_Description', N'Run that wrote the row (RunLog.RunID)', N'SCHEMA', N'dbo', N'TABLE', N'ACM_SensorDaily', N'COLUMN', N'RunID'
GO

IF NOT EXISTS (SELECT 1 FROM sys.extended_properties WHERE major_id = OBJECT_ID(N'[ACM_SensorDaily]') AND minor_id = COLUMNPROPERTY(OBJECT_ID(N'[ACM_SensorDaily]'), N'EquipID', 'ColumnId') AND name = N'MS_Description')
EXEC sys.sp_addextendedproperty N'MS_Description', N'Machine (Equipment.EquipID)', N'SCHEMA', N'dbo', N'TABLE', N'ACM_SensorDaily', N'COLUMN', N'EquipID'
GO

IF NOT EXISTS (SELECT 1 FROM sys.extended_properties WHERE major_id = OBJECT_ID(N'[ACM_SensorDaily]') AND minor_id = COLUMNPROPERTY(OBJECT_ID(N'[ACM_SensorDaily]'), N'AsOf', 'ColumnId') AND name = N'MS_Description')
EXEC sys.sp_addextendedproperty N'MS_Description', N'Local day of the machine, as the UTC time at which it starts', N'SCHEMA', N'dbo', N'TABLE', N'ACM_SensorDaily', N'COLUMN', N'AsOf'
GO

IF NOT EXISTS (SELECT 1 FROM sys.extended_properties WHERE major_id = OBJECT_ID(N'[ACM_SensorDaily]') AND minor_id = COLUMNPROPERTY(OBJECT_ID(N'[ACM_SensorDaily]'), N'SensorName', 'ColumnId') AND name = N'MS_Description')
EXEC sys.sp_addextendedproperty N'MS_Description', N'Tag', N'SCHEMA', N'dbo', N'TABLE', N'ACM_SensorDaily', N'COLUMN', N'SensorName'
GO

IF NOT EXISTS (SELECT 1 FROM sys.extended_properties WHERE major_id = OBJECT_ID(N'[ACM_SensorDaily]') AND minor_id = COLUMNPROPERTY(OBJECT_ID(N'[ACM_SensorDaily]'), N'Readings', 'ColumnId') AND name = N'MS_Description')
EXEC sys.sp_addextendedproperty N'MS_Description', N'Readings of the day', N'SCHEMA', N'dbo', N'TABLE', N'ACM_SensorDaily', N'COLUMN', N'Readings'
GO

IF NOT EXISTS (SELECT 1 FROM sys.extended_properties WHERE major_id = OBJECT_ID(N'[ACM_SensorDaily]') AND minor_id = COLUMNPROPERTY(OBJECT_ID(N'[ACM_SensorDaily]'), N'Nulls', 'ColumnId') AND name = N'MS_Description')
EXEC sys.sp_addextendedproperty N'MS_Description', N'Readings without a usable value, whatever the reason', N'SCHEMA', N'dbo', N'TABLE', N'ACM_SensorDaily', N'COLUMN', N'Nulls'
GO

IF NOT EXISTS (SELECT 1 FROM sys.extended_properties WHERE major_id = OBJECT_ID(N'[ACM_SensorDaily]') AND minor_id = COLUMNPROPERTY(OBJECT_ID(N'[ACM_SensorDaily]'), N'LongestGap', 'ColumnId') AND name = N'MS_Description')
EXEC sys.sp_addextendedproperty N'MS_Description', N'Longest run of unusable values that reaches into the day, readings', N'SCHEMA', N'dbo', N'TABLE', N'ACM_SensorDaily', N'COLUMN', N'LongestGap'
GO

IF NOT EXISTS (SELECT 1 FROM sys.extended_properties WHERE major_id = OBJECT_ID(N'[ACM_SensorDaily]') AND minor_id = COLUMNPROPERTY(OBJECT_ID(N'[ACM_SensorDaily]'), N'LongestFlat', 'ColumnId') AND name = N'MS_Description')
EXEC sys.sp_addextendedproperty N'MS_Description', N'Longest run of equal values that reaches into the day, readings', N'SCHEMA', N'dbo', N'TABLE', N'ACM_SensorDaily', N'COLUMN', N'LongestFlat'
GO

IF NOT EXISTS (SELECT 1 FROM sys.extended_properties WHERE major_id = OBJECT_ID(N'[ACM_SensorDaily]') AND minor_id = COLUMNPROPERTY(OBJECT_ID(N'[ACM_SensorDaily]'), N'AboveWarnCount', 'ColumnId') AND name = N'MS_Description')
EXEC sys.sp_addextendedproperty N'MS_Description', N'Readings with |z| >= 2', N'SCHEMA', N'dbo', N'TABLE', N'ACM_SensorDaily', N'COLUMN', N'AboveWarnCount'
GO

IF NOT EXISTS (SELECT 1 FROM sys.extended_properties WHERE major_id = OBJECT_ID(N'[ACM_SensorDaily]') AND minor_id = COLUMNPROPERTY(OBJECT_ID(N'[ACM_SensorDaily]'), N'AboveAlertCount', 'ColumnId') AND name = N'MS_Description')
EXEC sys.sp_addextendedproperty N'MS_Description', N'Readings with |z| >= 3', N'SCHEMA', N'dbo', N'TABLE', N'ACM_SensorDaily', N'COLUMN', N'AboveAlertCount'
GO

IF NOT EXISTS (SELECT 1 FROM sys.extended_properties WHERE major_id = OBJECT_ID(N'[ACM_SensorDaily]') AND minor_id = COLUMNPROPERTY(OBJECT_ID(N'[ACM_SensorDaily]'), N'MaxTimestamp', 'ColumnId') AND name = N'MS_Description')
EXEC sys.sp_addextendedproperty N'MS_Description', N'Time of the largest |z|, UTC', N'SCHEMA', N'dbo', N'TABLE', N'ACM_SensorDaily', N'COLUMN', N'MaxTimestamp'
GO

IF NOT EXISTS (SELECT 1 FROM sys.extended_properties WHERE major_id = OBJECT_ID(N'[ACM_SensorDaily]') AND minor_id = COLUMNPROPERTY(OBJECT_ID(N'[ACM_SensorDaily]'), N'MaxSignedZ', 'ColumnId') AND name = N'MS_Description')
EXEC sys.sp_addextendedproperty N'MS_Description', N'z at that time', N'SCHEMA', N'dbo', N'TABLE', N'ACM_SensorDaily', N'COLUMN', N'MaxSignedZ'
GO

IF NOT EXISTS (SELECT 1 FROM sys.extended_properties WHERE major_id = OBJECT_ID(N'[ACM_SensorDaily]') AND minor_id = COLUMNPROPERTY(OBJECT_ID(N'[ACM_SensorDaily]'), N'ValueAtPeak', 'ColumnId') AND name = N'MS_Description')
EXEC sys.sp_addextendedproperty N'MS_Description', N'Reading at that time', N'SCHEMA', N'dbo', N'TABLE', N'ACM_SensorDaily', N'COLUMN', N'ValueAtPeak'
GO

IF NOT EXISTS (SELECT 1 FROM sys.extended_properties WHERE major_id = OBJECT_ID(N'[ACM_SensorDaily]') AND minor_id = COLUMNPROPERTY(OBJECT_ID(N'[ACM_SensorDaily]'), N'LatestTimestamp', 'ColumnId') AND name = N'MS_Description')
EXEC sys.sp_addextendedproperty N'MS_Description', N'Last usable reading, UTC', N'SCHEMA', N'dbo', N'TABLE', N'ACM_SensorDaily', N'COLUMN', N'LatestTimestamp'
GO

IF NOT EXISTS (SELECT 1 FROM sys.extended_properties WHERE major_id = OBJECT_ID(N'[ACM_SensorDaily]') AND minor_id = COLUMNPROPERTY(OBJECT_ID(N'[ACM_SensorDaily]'), N'LatestSignedZ', 'ColumnId') AND name = N'MS_Description')
EXEC sys.sp_addextendedproperty N'MS_Description', N'z at that time', N'SCHEMA', N'dbo', N'TABLE', N'ACM_SensorDaily', N'COLUMN', N'LatestSignedZ'
GO

IF NOT EXISTS (SELECT 1 FROM sys.extended_properties WHERE major_id = OBJECT_ID(N'[ACM_SensorDaily]') AND minor_id = COLUMNPROPERTY(OBJECT_ID(N'[ACM_SensorDaily]'), N'LatestValue', 'ColumnId') AND name = N'MS_Description')
EXEC sys.sp_addextendedproperty N'MS_Description', N'Reading at that time', N'SCHEMA', N'dbo', N'TABLE', N'ACM_SensorDaily', N'COLUMN', N'LatestValue'
GO

IF OBJECT_ID(N'[ACM_SensorHotspots]', N'U') IS NULL
CREATE TABLE [ACM_SensorHotspots] (
    [RunID] UNIQUEIDENTIFIER NOT NULL,
    [EquipID] INT NOT NULL,
    [AsOf] DATETIME2(3) NOT NULL,
    [SensorName] NVARCHAR(255) NOT NULL,
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
    CONSTRAINT [FK_ACM_SensorHotspots_RunID] FOREIGN KEY ([RunID]) REFERENCES [RunLog] ([RunID]),
    CONSTRAINT [FK_ACM_SensorHotspots_EquipID] FOREIGN KEY ([EquipID]) REFERENCES [Equipment] ([EquipID])
)
GO

IF NOT EXISTS (SELECT 1 FROM sys.extended_properties WHERE major_id = OBJECT_ID(N'[ACM_SensorHotspots]') AND minor_id = 0 AND name = N'MS_Description')
EXEC sys.sp_addextendedproperty N'MS_Description', N'Sensors that stood out (largest |z| >= 2) in the trailing days', N'SCHEMA', N'dbo', N'TABLE', N'ACM_SensorHotspots'
GO

IF NOT EXISTS (SELECT 1 FROM sys.extended_properties WHERE major_id = OBJECT_ID(N'[ACM_SensorHotspots]') AND minor_id = COLUMNPROPERTY(OBJECT_ID(N'[ACM_SensorHotspots]'), N'RunID', 'ColumnId') AND name = N'MS_Description')
EXEC sys.sp_addextendedproperty N'MS_Description', N'Run that wrote the row (RunLog.RunID)', N'SCHEMA', N'dbo', N'TABLE', N'ACM_SensorHotspots', N'COLUMN', N'RunID'
GO

IF NOT EXISTS (SELECT 1 FROM sys.extended_properties WHERE major_id = OBJECT_ID(N'[ACM_SensorHotspots]') AND minor_id = COLUMNPROPERTY(OBJECT_ID(N'[ACM_SensorHotspots]'), N'EquipID', 'ColumnId') AND name = N'MS_Description')
EXEC sys.sp_addextendedproperty N'MS_Description', N'Machine (Equipment.EquipID)', N'SCHEMA', N'dbo', N'TABLE', N'ACM_SensorHotspots', N'COLUMN', N'EquipID'
GO

IF NOT EXISTS (SELECT 1 FROM sys.extended_properties WHERE major_id = OBJECT_ID(N'[ACM_SensorHotspots]') AND minor_id = COLUMNPROPERTY(OBJECT_ID(N'[ACM_SensorHotspots]'), N'AsOf', 'ColumnId') AND name = N'MS_Description')
EXEC sys.sp_addextendedproperty N'MS_Description', N'Local day of the machine, as the UTC time at which it starts; the summary includes that day', N'SCHEMA', N'dbo', N'TABLE', N'ACM_SensorHotspots', N'COLUMN', N'AsOf'
GO

IF NOT EXISTS (SELECT 1 FROM sys.extended_properties WHERE major_id = OBJECT_ID(N'[ACM_SensorHotspots]') AND minor_id = COLUMNPROPERTY(OBJECT_ID(N'[ACM_SensorHotspots]'), N'SensorName', 'ColumnId') AND name = N'MS_Description')
EXEC sys.sp_addextendedproperty N'MS_Description', N'Tag', N'SCHEMA', N'dbo', N'TABLE', N'ACM_SensorHotspots', N'COLUMN', N'SensorName'
GO

IF NOT EXISTS (SELECT 1 FROM sys.extended_properties WHERE major_id = OBJECT_ID(N'[ACM_SensorHotspots]') AND minor_id = COLUMNPROPERTY(OBJECT_ID(N'[ACM_SensorHotspots]'), N'MaxTimestamp', 'ColumnId') AND name = N'MS_Description')
EXEC sys.sp_addextendedproperty N'MS_Description', N'Time of the largest |z|, UTC', N'SCHEMA', N'dbo', N'TABLE', N'ACM_SensorHotspots', N'COLUMN', N'MaxTimestamp'
GO

IF NOT EXISTS (SELECT 1 FROM sys.extended_properties WHERE major_id = OBJECT_ID(N'[ACM_SensorHotspots]') AND minor_id = COLUMNPROPERTY(OBJECT_ID(N'[ACM_SensorHotspots]'), N'LatestTimestamp', 'ColumnId') AND name = N'MS_Description')
EXEC sys.sp_addextendedproperty N'MS_Description', N'Last usable reading, UTC', N'SCHEMA', N'dbo', N'TABLE', N'ACM_SensorHotspots', N'COLUMN', N'LatestTimestamp'
GO

IF NOT EXISTS (SELECT 1 FROM sys.extended_properties WHERE major_id = OBJECT_ID(N'[ACM_SensorHotspots]') AND minor_id = COLUMNPROPERTY(OBJECT_ID(N'[ACM_SensorHotspots]'), N'MaxAbsZ', 'ColumnId') AND name = N'MS_Description')
EXEC sys.sp_addextendedproperty N'MS_Description', N'Largest |z|', N'SCHEMA', N'dbo', N'TABLE', N'ACM_SensorHotspots', N'COLUMN', N'MaxAbsZ'
GO

IF NOT EXISTS (SELECT 1 FROM sys.extended_properties WHERE major_id = OBJECT_ID(N'[ACM_SensorHotspots]') AND minor_id = COLUMNPROPERTY(OBJECT_ID(N'[ACM_SensorHotspots]'), N'MaxSignedZ', 'ColumnId') AND name = N'MS_Description')
EXEC sys.sp_addextendedproperty N'MS_Description', N'z at that time', N'SCHEMA', N'dbo', N'TABLE', N'ACM_SensorHotspots', N'COLUMN', N'MaxSignedZ'
GO

IF NOT EXISTS (SELECT 1 FROM sys.extended_properties WHERE major_id = OBJECT_ID(N'[ACM_SensorHotspots]') AND minor_id = COLUMNPROPERTY(OBJECT_ID(N'[ACM_SensorHotspots]'), N'LatestAbsZ', 'ColumnId') AND name = N'MS_Description')
EXEC sys.sp_addextendedproperty N'MS_Description', N'|z| of the last reading', N'SCHEMA', N'dbo', N'TABLE', N'ACM_SensorHotspots', N'COLUMN', N'LatestAbsZ'
GO

IF NOT EXISTS (SELECT 1 FROM sys.extended_properties WHERE major_id = OBJECT_ID(N'[ACM_SensorHotspots]') AND minor_id = COLUMNPROPERTY(OBJECT_ID(N'[ACM_SensorHotspots]'), N'LatestSignedZ', 'ColumnId') AND name = N'MS_Description')
EXEC sys.sp_addextendedproperty N'MS_Description', N'z of the last reading', N'SCHEMA', N'dbo', N'TABLE', N'ACM_SensorHotspots', N'COLUMN', N'LatestSignedZ'
GO

IF NOT EXISTS (SELECT 1 FROM sys.extended_properties WHERE major_id = OBJECT_ID(N'[ACM_SensorHotspots]') AND minor_id = COLUMNPROPERTY(OBJECT_ID(N'[ACM_SensorHotspots]'), N'ValueAtPeak', 'ColumnId') AND name = N'MS_Description')
EXEC sys.sp_addextendedproperty N'MS_Description', N'Reading at the largest |z|', N'SCHEMA', N'dbo', N'TABLE', N'ACM_SensorHotspots', N'COLUMN', N'ValueAtPeak'
GO

IF NOT EXISTS (SELECT 1 FROM sys.extended_properties WHERE major_id = OBJECT_ID(N'[ACM_SensorHotspots]') AND minor_id = COLUMNPROPERTY(OBJECT_ID(N'[ACM_SensorHotspots]'), N'LatestValue', 'ColumnId') AND name = N'MS_Description')
EXEC sys.sp_addextendedproperty N'MS_Description', N'Last reading', N'SCHEMA', N'dbo', N'TABLE', N'ACM_SensorHotspots', N'COLUMN', N'LatestValue'
GO

IF NOT EXISTS (SELECT 1 FROM sys.extended_properties WHERE major_id = OBJECT_ID(N'[ACM_SensorHotspots]') AND minor_id = COLUMNPROPERTY(OBJECT_ID(N'[ACM_SensorHotspots]'), N'TrainMean', 'ColumnId') AND name = N'MS_Description')
EXEC sys.sp_addextendedproperty N'MS_Description', N'Centre of the training period (median)', N'SCHEMA', N'dbo', N'TABLE', N'ACM_SensorHotspots', N'COLUMN', N'TrainMean'
GO

IF NOT EXISTS (SELECT 1 FROM sys.extended_properties WHERE major_id = OBJECT_ID(N'[ACM_SensorHotspots]') AND minor_id = COLUMNPROPERTY(OBJECT_ID(N'[ACM_SensorHotspots]'), N'TrainStd', 'ColumnId') AND name = N'MS_Description')
EXEC sys.sp_addextendedproperty N'MS_Description', N'Scale of the training period (robust standard deviation, floored)', N'SCHEMA', N'dbo', N'TABLE', N'ACM_SensorHotspots', N'COLUMN', N'TrainStd'
GO

IF NOT EXISTS (SELECT 1 FROM sys.extended_properties WHERE major_id = OBJECT_ID(N'[ACM_SensorHotspots]') AND minor_id = COLUMNPROPERTY(OBJECT_ID(N'[ACM_SensorHotspots]'), N'AboveWarnCount', 'ColumnId') AND name = N'MS_Description')
EXEC sys.sp_addextendedproperty N'MS_Description', N'Readings with |z| >= 2', N'SCHEMA', N'dbo', N'TABLE', N'ACM_SensorHotspots', N'COLUMN', N'AboveWarnCount'
GO

IF NOT EXISTS (SELECT 1 FROM sys.extended_properties WHERE major_id = OBJECT_ID(N'[ACM_SensorHotspots]') AND minor_id = COLUMNPROPERTY(OBJECT_ID(N'[ACM_SensorHotspots]'), N'AboveAlertCount', 'ColumnId') AND name = N'MS_Description')
EXEC sys.sp_addextendedproperty N'MS_Description', N'Readings with |z| >= 3', N'SCHEMA', N'dbo', N'TABLE', N'ACM_SensorHotspots', N'COLUMN', N'AboveAlertCount'
GO

IF OBJECT_ID(N'[ACM_DataQuality]', N'U') IS NULL
CREATE TABLE [ACM_DataQuality] (
    [RunID] UNIQUEIDENTIFIER NOT NULL,
    [EquipID] INT NOT NULL,
    [AsOf] DATETIME2(3) NOT NULL,
    [SensorName] NVARCHAR(255) NOT NULL,
    [CheckName] NVARCHAR(100) NOT NULL,
    [CheckResult] NVARCHAR(8) NOT NULL,
    [Readings] BIGINT NOT NULL,
    [Nulls] BIGINT NOT NULL,
    [NullPct] FLOAT(53) NOT NULL,
    [LongestGap] BIGINT NOT NULL,
    [LongestFlat] BIGINT NOT NULL,
    [Notes] NVARCHAR(500) NULL,
    CONSTRAINT [PK_ACM_DataQuality] PRIMARY KEY CLUSTERED ([EquipID], [AsOf], [SensorName], [CheckName]),
    CONSTRAINT [FK_ACM_DataQuality_RunID] FOREIGN KEY ([RunID]) REFERENCES [RunLog] ([RunID]),
    CONSTRAINT [FK_ACM_DataQuality_EquipID] FOREIGN KEY ([EquipID]) REFERENCES [Equipment] ([EquipID]),
    CONSTRAINT [CK_ACM_DataQuality_CheckName] CHECK ([CheckName] IN (N'data_quality')),
    CONSTRAINT [CK_ACM_DataQuality_CheckResult] CHECK ([CheckResult] IN (N'OK', N'WARN', N'FAIL'))
)
GO

IF NOT EXISTS (SELECT 1 FROM sys.extended_properties WHERE major_id = OBJECT_ID(N'[ACM_DataQuality]') AND minor_id = 0 AND name = N'MS_Description')
EXEC sys.sp_addextendedproperty N'MS_Description', N'Usability of each sensor in the trailing days', N'SCHEMA', N'dbo', N'TABLE', N'ACM_DataQuality'
GO

IF NOT EXISTS (SELECT 1 FROM sys.extended_properties WHERE major_id = OBJECT_ID(N'[ACM_DataQuality]') AND minor_id = COLUMNPROPERTY(OBJECT_ID(N'[ACM_DataQuality]'), N'RunID', 'ColumnId') AND name = N'MS_Description')
EXEC sys.sp_addextendedproperty N'MS_Description', N'Run that wrote the row (RunLog.RunID)', N'SCHEMA', N'dbo', N'TABLE', N'ACM_DataQuality', N'COLUMN', N'RunID'
GO

IF NOT EXISTS (SELECT 1 FROM sys.extended_properties WHERE major_id = OBJECT_ID(N'[ACM_DataQuality]') AND minor_id = COLUMNPROPERTY(OBJECT_ID(N'[ACM_DataQuality]'), N'EquipID', 'ColumnId') AND name = N'MS_Description')
EXEC sys.sp_addextendedproperty N'MS_Description', N'Machine (Equipment.EquipID)', N'SCHEMA', N'dbo', N'TABLE', N'ACM_DataQuality', N'COLUMN', N'EquipID'
GO

IF NOT EXISTS (SELECT 1 FROM sys.extended_properties WHERE major_id = OBJECT_ID(N'[ACM_DataQuality]') AND minor_id = COLUMNPROPERTY(OBJECT_ID(N'[ACM_DataQuality]'), N'AsOf', 'ColumnId') AND name = N'MS_Description')
EXEC sys.sp_addextendedproperty N'MS_Description', N'Local day of the machine, as the UTC time at which it starts; the summary includes that day', N'SCHEMA', N'dbo', N'TABLE', N'ACM_DataQuality', N'COLUMN', N'AsOf'
GO

IF NOT EXISTS (SELECT 1 FROM sys.extended_properties WHERE major_id = OBJECT_ID(N'[ACM_DataQuality]') AND minor_id = COLUMNPROPERTY(OBJECT_ID(N'[ACM_DataQuality]'), N'SensorName', 'ColumnId') AND name = N'MS_Description')
EXEC sys.sp_addextendedproperty N'MS_Description', N'Tag', N'SCHEMA', N'dbo', N'TABLE', N'ACM_DataQuality', N'COLUMN', N'SensorName'
GO

IF NOT EXISTS (SELECT 1 FROM sys.extended_properties WHERE major_id = OBJECT_ID(N'[ACM_DataQuality]') AND minor_id = COLUMNPROPERTY(OBJECT_ID(N'[ACM_DataQuality]'), N'CheckName', 'ColumnId') AND name = N'MS_Description')
EXEC sys.sp_addextendedproperty N'MS_Description', N'Check that was made', N'SCHEMA', N'dbo', N'TABLE', N'ACM_DataQuality', N'COLUMN', N'CheckName'
GO

IF NOT EXISTS (SELECT 1 FROM sys.extended_properties WHERE major_id = OBJECT_ID(N'[ACM_DataQuality]') AND minor_id = COLUMNPROPERTY(OBJECT_ID(N'[ACM_DataQuality]'), N'CheckResult', 'ColumnId') AND name = N'MS_Description')
EXEC sys.sp_addextendedproperty N'MS_Description', N'FAIL if all or 80 % unusable, WARN from 10 % or flat', N'SCHEMA', N'dbo', N'TABLE', N'ACM_DataQuality', N'COLUMN', N'CheckResult'
GO

IF NOT EXISTS (SELECT 1 FROM sys.extended_properties WHERE major_id = OBJECT_ID(N'[ACM_DataQuality]') AND minor_id = COLUMNPROPERTY(OBJECT_ID(N'[ACM_DataQuality]'), N'Readings', 'ColumnId') AND name = N'MS_Description')
EXEC sys.sp_addextendedproperty N'MS_Description', N'Readings', N'SCHEMA', N'dbo', N'TABLE', N'ACM_DataQuality', N'COLUMN', N'Readings'
GO

IF NOT EXISTS (SELECT 1 FROM sys.extended_properties WHERE major_id = OBJECT_ID(N'[ACM_DataQuality]') AND minor_id = COLUMNPROPERTY(OBJECT_ID(N'[ACM_DataQuality]'), N'Nulls', 'ColumnId') AND name = N'MS_Description')
EXEC sys.sp_addextendedproperty N'MS_Description', N'Readings without a usable value', N'SCHEMA', N'dbo', N'TABLE', N'ACM_DataQuality', N'COLUMN', N'Nulls'
GO

IF NOT EXISTS (SELECT 1 FROM sys.extended_properties WHERE major_id = OBJECT_ID(N'[ACM_DataQuality]') AND minor_id = COLUMNPROPERTY(OBJECT_ID(N'[ACM_DataQuality]'), N'NullPct', 'ColumnId') AND name = N'MS_Description')
EXEC sys.sp_addextendedproperty N'MS_Description', N'100 * Nulls / Readings', N'SCHEMA', N'dbo', N'TABLE', N'ACM_DataQuality', N'COLUMN', N'NullPct'
GO

IF NOT EXISTS (SELECT 1 FROM sys.extended_properties WHERE major_id = OBJECT_ID(N'[ACM_DataQuality]') AND minor_id = COLUMNPROPERTY(OBJECT_ID(N'[ACM_DataQuality]'), N'LongestGap', 'ColumnId') AND name = N'MS_Description')
EXEC sys.sp_addextendedproperty N'MS_Description', N'Longest run of unusable values, readings', N'SCHEMA', N'dbo', N'TABLE', N'ACM_DataQuality', N'COLUMN', N'LongestGap'
GO

IF NOT EXISTS (SELECT 1 FROM sys.extended_properties WHERE major_id = OBJECT_ID(N'[ACM_DataQuality]') AND minor_id = COLUMNPROPERTY(OBJECT_ID(N'[ACM_DataQuality]'), N'LongestFlat', 'ColumnId') AND name = N'MS_Description')
EXEC sys.sp_addextendedproperty N'MS_Description', N'Longest run of equal values, readings', N'SCHEMA', N'dbo', N'TABLE', N'ACM_DataQuality', N'COLUMN', N'LongestFlat'
GO

IF NOT EXISTS (SELECT 1 FROM sys.extended_properties WHERE major_id = OBJECT_ID(N'[ACM_DataQuality]') AND minor_id = COLUMNPROPERTY(OBJECT_ID(N'[ACM_DataQuality]'), N'Notes', 'ColumnId') AND name = N'MS_Description')
EXEC sys.sp_addextendedproperty N'MS_Description', N'What was found, in words', N'SCHEMA', N'dbo', N'TABLE', N'ACM_DataQuality', N'COLUMN', N'Notes'
GO

IF OBJECT_ID(N'[ACM_DefectSummary]', N'U') IS NULL
CREATE TABLE [ACM_DefectSummary] (
    [RunID] UNIQUEIDENTIFIER NOT NULL,
    [EquipID] INT NOT NULL,
    [AsOf] DATETIME2(3) NOT NULL,
    [Status] NVARCHAR(16) NOT NULL,
    [Severity] NVARCHAR(8) NOT NULL,
    [CurrentHealth] FLOAT(53) NULL,
    [AvgHealth] FLOAT(53) NULL,
    [MinHealth] FLOAT(53) NULL,
    [EpisodeCount] BIGINT NOT NULL,
    [WorstSensor] NVARCHAR(255) NULL,
    [GoodCount] BIGINT NOT NULL,
    [WatchCount] BIGINT NOT NULL,
    [AlertCount] BIGINT NOT NULL,
    CONSTRAINT [PK_ACM_DefectSummary] PRIMARY KEY CLUSTERED ([EquipID], [AsOf]),
    CONSTRAINT [FK_ACM_DefectSummary_RunID] FOREIGN KEY ([RunID]) REFERENCES [RunLog] ([RunID]),
    CONSTRAINT [FK_ACM_DefectSummary_EquipID] FOREIGN KEY ([EquipID]) REFERENCES [Equipment] ([EquipID]),
    CONSTRAINT [CK_ACM_DefectSummary_Status] CHECK ([Status] IN (N'HEALTHY', N'CAUTION', N'ALERT', N'UNKNOWN')),
    CONSTRAINT [CK_ACM_DefectSummary_Severity] CHECK ([Severity] IN (N'LOW', N'MEDIUM', N'HIGH', N'UNKNOWN'))
)
GO

IF NOT EXISTS (SELECT 1 FROM sys.extended_properties WHERE major_id = OBJECT_ID(N'[ACM_DefectSummary]') AND minor_id = 0 AND name = N'MS_Description')
EXEC sys.sp_addextendedproperty N'MS_Description', N'Where the machine stands at the end of the day', N'SCHEMA', N'dbo', N'TABLE', N'ACM_DefectSummary'
GO

IF NOT EXISTS (SELECT 1 FROM sys.extended_properties WHERE major_id = OBJECT_ID(N'[ACM_DefectSummary]') AND minor_id = COLUMNPROPERTY(OBJECT_ID(N'[ACM_DefectSummary]'), N'RunID', 'ColumnId') AND name = N'MS_Description')
EXEC sys.sp_addextendedproperty N'MS_Description', N'Run that wrote the row (RunLog.RunID)', N'SCHEMA', N'dbo', N'TABLE', N'ACM_DefectSummary', N'COLUMN', N'RunID'
GO

IF NOT EXISTS (SELECT 1 FROM sys.extended_properties WHERE major_id = OBJECT_ID(N'[ACM_DefectSummary]') AND minor_id = COLUMNPROPERTY(OBJECT_ID(N'[ACM_DefectSummary]'), N'EquipID', 'ColumnId') AND name = N'MS_Description')
EXEC sys.sp_addextendedproperty N'MS_Description', N'Machine (Equipment.EquipID)', N'SCHEMA', N'dbo', N'TABLE', N'ACM_DefectSummary', N'COLUMN', N'EquipID'
GO

IF NOT EXISTS (SELECT 1 FROM sys.extended_properties WHERE major_id = OBJECT_ID(N'[ACM_DefectSummary]') AND minor_id = COLUMNPROPERTY(OBJECT_ID(N'[ACM_DefectSummary]'), N'AsOf', 'ColumnId') AND name = N'MS_Description')
EXEC sys.sp_addextendedproperty N'MS_Description', N'Local day of the machine, as the UTC time at which it starts; the summary includes that day', N'SCHEMA', N'dbo', N'TABLE', N'ACM_DefectSummary', N'COLUMN', N'AsOf'
GO

IF NOT EXISTS (SELECT 1 FROM sys.extended_properties WHERE major_id = OBJECT_ID(N'[ACM_DefectSummary]') AND minor_id = COLUMNPROPERTY(OBJECT_ID(N'[ACM_DefectSummary]'), N'Status', 'ColumnId') AND name = N'MS_Description')
EXEC sys.sp_addextendedproperty N'MS_Description', N'By the last health of the day', N'SCHEMA', N'dbo', N'TABLE', N'ACM_DefectSummary', N'COLUMN', N'Status'
GO

IF NOT EXISTS (SELECT 1 FROM sys.extended_properties WHERE major_id = OBJECT_ID(N'[ACM_DefectSummary]') AND minor_id = COLUMNPROPERTY(OBJECT_ID(N'[ACM_DefectSummary]'), N'Severity', 'ColumnId') AND name = N'MS_Description')
EXEC sys.sp_addextendedproperty N'MS_Description', N'LOW, MEDIUM, HIGH correspondingly', N'SCHEMA', N'dbo', N'TABLE', N'ACM_DefectSummary', N'COLUMN', N'Severity'
GO

IF NOT EXISTS (SELECT 1 FROM sys.extended_properties WHERE major_id = OBJECT_ID(N'[ACM_DefectSummary]') AND minor_id = COLUMNPROPERTY(OBJECT_ID(N'[ACM_DefectSummary]'), N'CurrentHealth', 'ColumnId') AND name = N'MS_Description')
EXEC sys.sp_addextendedproperty N'MS_Description', N'Last health, 0-100', N'SCHEMA', N'dbo', N'TABLE', N'ACM_DefectSummary', N'COLUMN', N'CurrentHealth'
GO

IF NOT EXISTS (SELECT 1 FROM sys.extended_properties WHERE major_id = OBJECT_ID(N'[ACM_DefectSummary]') AND minor_id = COLUMNPROPERTY(OBJECT_ID(N'[ACM_DefectSummary]'), N'AvgHealth', 'ColumnId') AND name = N'MS_Description')
EXEC sys.sp_addextendedproperty N'MS_Description', N'Mean health of the trailing days', N'SCHEMA', N'dbo', N'TABLE', N'ACM_DefectSummary', N'COLUMN', N'AvgHealth'
GO

IF NOT EXISTS (SELECT 1 FROM sys.extended_properties WHERE major_id = OBJECT_ID(N'[ACM_DefectSummary]') AND minor_id = COLUMNPROPERTY(OBJECT_ID(N'[ACM_DefectSummary]'), N'MinHealth', 'ColumnId') AND name = N'MS_Description')
EXEC sys.sp_addextendedproperty N'MS_Description', N'Lowest health of the trailing days', N'SCHEMA', N'dbo', N'TABLE', N'ACM_DefectSummary', N'COLUMN', N'MinHealth'
GO

IF NOT EXISTS (SELECT 1 FROM sys.extended_properties WHERE major_id = OBJECT_ID(N'[ACM_DefectSummary]') AND minor_id = COLUMNPROPERTY(OBJECT_ID(N'[ACM_DefectSummary]'), N'EpisodeCount', 'ColumnId') AND name = N'MS_Description')
EXEC sys.sp_addextendedproperty N'MS_Description', N'Episodes that started in the trailing days', N'SCHEMA', N'dbo', N'TABLE', N'ACM_DefectSummary', N'COLUMN', N'EpisodeCount'
GO

IF NOT EXISTS (SELECT 1 FROM sys.extended_properties WHERE major_id = OBJECT_ID(N'[ACM_DefectSummary]') AND minor_id = COLUMNPROPERTY(OBJECT_ID(N'[ACM_DefectSummary]'), N'WorstSensor', 'ColumnId') AND name = N'MS_Description')
EXEC sys.sp_addextendedproperty N'MS_Description', N'Sensor with the largest |z| in the last reading', N'SCHEMA', N'dbo', N'TABLE', N'ACM_DefectSummary', N'COLUMN', N'WorstSensor'
GO

IF NOT EXISTS (SELECT 1 FROM sys.extended_properties WHERE major_id = OBJECT_ID(N'[ACM_DefectSummary]') AND minor_id = COLUMNPROPERTY(OBJECT_ID(N'[ACM_DefectSummary]'), N'GoodCount', 'ColumnId') AND name = N'MS_Description')
EXEC sys.sp_addextendedproperty N'MS_Description', N'Readings in zone GOOD', N'SCHEMA', N'dbo', N'TABLE', N'ACM_DefectSummary', N'COLUMN', N'GoodCount'
GO

IF NOT EXISTS (SELECT 1 FROM sys.extended_properties WHERE major_id = OBJECT_ID(N'[ACM_DefectSummary]') AND minor_id = COLUMNPROPERTY(OBJECT_ID(N'[ACM_DefectSummary]'), N'WatchCount', 'ColumnId') AND name = N'MS_Description')
EXEC sys.sp_addextendedproperty N'MS_Description', N'Readings in zone WATCH', N'SCHEMA', N'dbo', N'TABLE', N'ACM_DefectSummary', N'COLUMN', N'WatchCount'
GO

IF NOT EXISTS (SELECT 1 FROM sys.extended_properties WHERE major_id = OBJECT_ID(N'[ACM_DefectSummary]') AND minor_id = COLUMNPROPERTY(OBJECT_ID(N'[ACM_DefectSummary]'), N'AlertCount', 'ColumnId') AND name = N'MS_Description')
EXEC sys.sp_addextendedproperty N'MS_Description', N'Readings in zone ALERT', N'SCHEMA', N'dbo', N'TABLE', N'ACM_DefectSummary', N'COLUMN', N'AlertCount'
GO

IF OBJECT_ID(N'[ACM_EpisodeMetrics]', N'U') IS NULL
CREATE TABLE [ACM_EpisodeMetrics] (
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
    CONSTRAINT [FK_ACM_EpisodeMetrics_RunID] FOREIGN KEY ([RunID]) REFERENCES [RunLog] ([RunID]),
    CONSTRAINT [FK_ACM_EpisodeMetrics_EquipID] FOREIGN KEY ([EquipID]) REFERENCES [Equipment] ([EquipID])
)
GO

IF NOT EXISTS (SELECT 1 FROM sys.extended_properties WHERE major_id = OBJECT_ID(N'[ACM_EpisodeMetrics]') AND minor_id = 0 AND name = N'MS_Description')
EXEC sys.sp_addextendedproperty N'MS_Description', N'Episodes that started in the trailing days', N'SCHEMA', N'dbo', N'TABLE', N'ACM_EpisodeMetrics'
GO

IF NOT EXISTS (SELECT 1 FROM sys.extended_properties WHERE major_id = OBJECT_ID(N'[ACM_EpisodeMetrics]') AND minor_id = COLUMNPROPERTY(OBJECT_ID(N'[ACM_EpisodeMetrics]'), N'RunID', 'ColumnId') AND name = N'MS_Description')
EXEC sys.sp_addextendedproperty N'MS_Description', N'Run that wrote the row (RunLog.RunID)', N'SCHEMA', N'dbo', N'TABLE', N'ACM_EpisodeMetrics', N'COLUMN', N'RunID'
GO

IF NOT EXISTS (SELECT 1 FROM sys.extended_properties WHERE major_id = OBJECT_ID(N'[ACM_EpisodeMetrics]') AND minor_id = COLUMNPROPERTY(OBJECT_ID(N'[ACM_EpisodeMetrics]'), N'EquipID', 'ColumnId') AND name = N'MS_Description')
EXEC sys.sp_addextendedproperty N'MS_Description', N'Machine (Equipment.EquipID)', N'SCHEMA', N'dbo', N'TABLE', N'ACM_EpisodeMetrics', N'COLUMN', N'EquipID'
GO

IF NOT EXISTS (SELECT 1 FROM sys.extended_properties WHERE major_id = OBJECT_ID(N'[ACM_EpisodeMetrics]') AND minor_id = COLUMNPROPERTY(OBJECT_ID(N'[ACM_EpisodeMetrics]'), N'AsOf', 'ColumnId') AND name = N'MS_Description')
EXEC sys.sp_addextendedproperty N'MS_Description', N'Local day of the machine, as the UTC time at which it starts; the summary includes that day', N'SCHEMA', N'dbo', N'TABLE', N'ACM_EpisodeMetrics', N'COLUMN', N'AsOf'
GO

IF NOT EXISTS (SELECT 1 FROM sys.extended_properties WHERE major_id = OBJECT_ID(N'[ACM_EpisodeMetrics]') AND minor_id = COLUMNPROPERTY(OBJECT_ID(N'[ACM_EpisodeMetrics]'), N'TotalEpisodes', 'ColumnId') AND name = N'MS_Description')
EXEC sys.sp_addextendedproperty N'MS_Description', N'Episodes', N'SCHEMA', N'dbo', N'TABLE', N'ACM_EpisodeMetrics', N'COLUMN', N'TotalEpisodes'
GO

IF NOT EXISTS (SELECT 1 FROM sys.extended_properties WHERE major_id = OBJECT_ID(N'[ACM_EpisodeMetrics]') AND minor_id = COLUMNPROPERTY(OBJECT_ID(N'[ACM_EpisodeMetrics]'), N'TotalDurationHours', 'ColumnId') AND name = N'MS_Description')
EXEC sys.sp_addextendedproperty N'MS_Description', N'Sum of their durations, hours', N'SCHEMA', N'dbo', N'TABLE', N'ACM_EpisodeMetrics', N'COLUMN', N'TotalDurationHours'
GO

IF NOT EXISTS (SELECT 1 FROM sys.extended_properties WHERE major_id = OBJECT_ID(N'[ACM_EpisodeMetrics]') AND minor_id = COLUMNPROPERTY(OBJECT_ID(N'[ACM_EpisodeMetrics]'), N'AvgDurationHours', 'ColumnId') AND name = N'MS_Description')
EXEC sys.sp_addextendedproperty N'MS_Description', N'Mean duration, hours', N'SCHEMA', N'dbo', N'TABLE', N'ACM_EpisodeMetrics', N'COLUMN', N'AvgDurationHours'
GO

IF NOT EXISTS (SELECT 1 FROM sys.extended_properties WHERE major_id = OBJECT_ID(N'[ACM_EpisodeMetrics]') AND minor_id = COLUMNPROPERTY(OBJECT_ID(N'[ACM_EpisodeMetrics]'), N'MedianDurationHours', 'ColumnId') AND name = N'MS_Description')
EXEC sys.sp_addextendedproperty N'MS_Description', N'Median duration, hours', N'SCHEMA', N'dbo', N'TABLE', N'ACM_EpisodeMetrics', N'COLUMN', N'MedianDurationHours'
GO

IF NOT EXISTS (SELECT 1 FROM sys.extended_properties WHERE major_id = OBJECT_ID(N'[ACM_EpisodeMetrics]') AND minor_id = COLUMNPROPERTY(OBJECT_ID(N'[ACM_EpisodeMetrics]'), N'MaxDurationHours', 'ColumnId') AND name = N'MS_Description')
EXEC sys.sp_addextendedproperty N'MS_Description', N'Longest duration, hours', N'SCHEMA', N'dbo', N'TABLE', N'ACM_EpisodeMetrics', N'COLUMN', N'MaxDurationHours'
GO

IF NOT EXISTS (SELECT 1 FROM sys.extended_properties WHERE major_id = OBJECT_ID(N'[ACM_EpisodeMetrics]') AND minor_id = COLUMNPROPERTY(OBJECT_ID(N'[ACM_EpisodeMetrics]'), N'MinDurationHours', 'ColumnId') AND name = N'MS_Description')
EXEC sys.sp_addextendedproperty N'MS_Description', N'Shortest duration, hours', N'SCHEMA', N'dbo', N'TABLE', N'ACM_EpisodeMetrics', N'COLUMN', N'MinDurationHours'
GO

IF NOT EXISTS (SELECT 1 FROM sys.extended_properties WHERE major_id = OBJECT_ID(N'[ACM_EpisodeMetrics]') AND minor_id = COLUMNPROPERTY(OBJECT_ID(N'[ACM_EpisodeMetrics]'), N'RatePerDay', 'ColumnId') AND name = N'MS_Description')
EXEC sys.sp_addextendedproperty N'MS_Description', N'Episodes per day of the period covered', N'SCHEMA', N'dbo', N'TABLE', N'ACM_EpisodeMetrics', N'COLUMN', N'RatePerDay'
GO

IF NOT EXISTS (SELECT 1 FROM sys.extended_properties WHERE major_id = OBJECT_ID(N'[ACM_EpisodeMetrics]') AND minor_id = COLUMNPROPERTY(OBJECT_ID(N'[ACM_EpisodeMetrics]'), N'MeanInterarrivalHours', 'ColumnId') AND name = N'MS_Description')
EXEC sys.sp_addextendedproperty N'MS_Description', N'Mean time from start to start, hours; NULL below two episodes', N'SCHEMA', N'dbo', N'TABLE', N'ACM_EpisodeMetrics', N'COLUMN', N'MeanInterarrivalHours'
GO

IF OBJECT_ID(N'[ACM_RegimeOccupancy]', N'U') IS NULL
CREATE TABLE [ACM_RegimeOccupancy] (
    [RunID] UNIQUEIDENTIFIER NOT NULL,
    [EquipID] INT NOT NULL,
    [AsOf] DATETIME2(3) NOT NULL,
    [RegimeLabel] NVARCHAR(50) NOT NULL,
    [RecordCount] BIGINT NOT NULL,
    [Percentage] FLOAT(53) NOT NULL,
    CONSTRAINT [PK_ACM_RegimeOccupancy] PRIMARY KEY CLUSTERED ([EquipID], [AsOf], [RegimeLabel]),
    CONSTRAINT [FK_ACM_RegimeOccupancy_RunID] FOREIGN KEY ([RunID]) REFERENCES [RunLog] ([RunID]),
    CONSTRAINT [FK_ACM_RegimeOccupancy_EquipID] FOREIGN KEY ([EquipID]) REFERENCES [Equipment] ([EquipID])
)
GO

IF NOT EXISTS (SELECT 1 FROM sys.extended_properties WHERE major_id = OBJECT_ID(N'[ACM_RegimeOccupancy]') AND minor_id = 0 AND name = N'MS_Description')
EXEC sys.sp_addextendedproperty N'MS_Description', N'Time spent in each regime in the trailing days', N'SCHEMA', N'dbo', N'TABLE', N'ACM_RegimeOccupancy'
GO

IF NOT EXISTS (SELECT 1 FROM sys.extended_properties WHERE major_id = OBJECT_ID(N'[ACM_RegimeOccupancy]') AND minor_id = COLUMNPROPERTY(OBJECT_ID(N'[ACM_RegimeOccupancy]'), N'RunID', 'ColumnId') AND name = N'MS_Description')
EXEC sys.sp_addextendedproperty N'MS_Description', N'Run that wrote the row (RunLog.RunID)', N'SCHEMA', N'dbo', N'TABLE', N'ACM_RegimeOccupancy', N'COLUMN', N'RunID'
GO

IF NOT EXISTS (SELECT 1 FROM sys.extended_properties WHERE major_id = OBJECT_ID(N'[ACM_RegimeOccupancy]') AND minor_id = COLUMNPROPERTY(OBJECT_ID(N'[ACM_RegimeOccupancy]'), N'EquipID', 'ColumnId') AND name = N'MS_Description')
EXEC sys.sp_addextendedproperty N'MS_Description', N'Machine (Equipment.EquipID)', N'SCHEMA', N'dbo', N'TABLE', N'ACM_RegimeOccupancy', N'COLUMN', N'EquipID'
GO

IF NOT EXISTS (SELECT 1 FROM sys.extended_properties WHERE major_id = OBJECT_ID(N'[ACM_RegimeOccupancy]') AND minor_id = COLUMNPROPERTY(OBJECT_ID(N'[ACM_RegimeOccupancy]'), N'AsOf', 'ColumnId') AND name = N'MS_Description')
EXEC sys.sp_addextendedproperty N'MS_Description', N'Local day of the machine, as the UTC time at which it starts; the summary includes that day', N'SCHEMA', N'dbo', N'TABLE', N'ACM_RegimeOccupancy', N'COLUMN', N'AsOf'
GO

IF NOT EXISTS (SELECT 1 FROM sys.extended_properties WHERE major_id = OBJECT_ID(N'[ACM_RegimeOccupancy]') AND minor_id = COLUMNPROPERTY(OBJECT_ID(N'[ACM_RegimeOccupancy]'), N'RegimeLabel', 'ColumnId') AND name = N'MS_Description')
EXEC sys.sp_addextendedproperty N'MS_Description', N'Operating regime', N'SCHEMA', N'dbo', N'TABLE', N'ACM_RegimeOccupancy', N'COLUMN', N'RegimeLabel'
GO

IF NOT EXISTS (SELECT 1 FROM sys.extended_properties WHERE major_id = OBJECT_ID(N'[ACM_RegimeOccupancy]') AND minor_id = COLUMNPROPERTY(OBJECT_ID(N'[ACM_RegimeOccupancy]'), N'RecordCount', 'ColumnId') AND name = N'MS_Description')
EXEC sys.sp_addextendedproperty N'MS_Description', N'Readings', N'SCHEMA', N'dbo', N'TABLE', N'ACM_RegimeOccupancy', N'COLUMN', N'RecordCount'
GO

IF NOT EXISTS (SELECT 1 FROM sys.extended_properties WHERE major_id = OBJECT_ID(N'[ACM_RegimeOccupancy]') AND minor_id = COLUMNPROPERTY(OBJECT_ID(N'[ACM_RegimeOccupancy]'), N'Percentage', 'ColumnId') AND name = N'MS_Description')
EXEC sys.sp_addextendedproperty N'MS_Description', N'100 * RecordCount / readings with a regime', N'SCHEMA', N'dbo', N'TABLE', N'ACM_RegimeOccupancy', N'COLUMN', N'Percentage'
GO

IF OBJECT_ID(N'[ACM_RegimeTransitions]', N'U') IS NULL
CREATE TABLE [ACM_RegimeTransitions] (
    [RunID] UNIQUEIDENTIFIER NOT NULL,
    [EquipID] INT NOT NULL,
    [AsOf] DATETIME2(3) NOT NULL,
    [FromLabel] NVARCHAR(50) NOT NULL,
    [ToLabel] NVARCHAR(50) NOT NULL,
    [Count] BIGINT NOT NULL,
    [Prob] FLOAT(53) NOT NULL,
    CONSTRAINT [PK_ACM_RegimeTransitions] PRIMARY KEY CLUSTERED ([EquipID], [AsOf], [FromLabel], [ToLabel]),
    CONSTRAINT [FK_ACM_RegimeTransitions_RunID] FOREIGN KEY ([RunID]) REFERENCES [RunLog] ([RunID]),
    CONSTRAINT [FK_ACM_RegimeTransitions_EquipID] FOREIGN KEY ([EquipID]) REFERENCES [Equipment] ([EquipID])
)
GO

IF NOT EXISTS (SELECT 1 FROM sys.extended_properties WHERE major_id = OBJECT_ID(N'[ACM_RegimeTransitions]') AND minor_id = 0 AND name = N'MS_Description')
EXEC sys.sp_addextendedproperty N'MS_Description', N'Changes of regime in the trailing days', N'SCHEMA', N'dbo', N'TABLE', N'ACM_RegimeTransitions'
GO

IF NOT EXISTS (SELECT 1 FROM sys.extended_properties WHERE major_id = OBJECT_ID(N'[ACM_RegimeTransitions]') AND minor_id = COLUMNPROPERTY(OBJECT_ID(N'[ACM_RegimeTransitions]'), N'RunID', 'ColumnId') AND name = N'MS_Description')
EXEC sys.sp_addextendedproperty N'MS_Description', N'Run that wrote the row (RunLog.RunID)', N'SCHEMA', N'dbo', N'TABLE', N'ACM_RegimeTransitions', N'COLUMN', N'RunID'
GO

IF NOT EXISTS (SELECT 1 FROM sys.extended_properties WHERE major_id = OBJECT_ID(N'[ACM_RegimeTransitions]') AND minor_id = COLUMNPROPERTY(OBJECT_ID(N'[ACM_RegimeTransitions]'), N'EquipID', 'ColumnId') AND name = N'MS_Description')
EXEC sys.sp_addextendedproperty N'MS_Description', N'Machine (Equipment.EquipID)', N'SCHEMA', N'dbo', N'TABLE', N'ACM_RegimeTransitions', N'COLUMN', N'EquipID'
GO

IF NOT EXISTS (SELECT 1 FROM sys.extended_properties WHERE major_id = OBJECT_ID(N'[ACM_RegimeTransitions]') AND minor_id = COLUMNPROPERTY(OBJECT_ID(N'[ACM_RegimeTransitions]'), N'AsOf', 'ColumnId') AND name = N'MS_Description')
EXEC sys.sp_addextendedproperty N'MS_Description', N'Local day of the machine, as the UTC time at which it starts; the summary includes that day', N'SCHEMA', N'dbo', N'TABLE', N'ACM_RegimeTransitions', N'COLUMN', N'AsOf'
GO

IF NOT EXISTS (SELECT 1 FROM sys.extended_properties WHERE major_id = OBJECT_ID(N'[ACM_RegimeTransitions]') AND minor_id = COLUMNPROPERTY(OBJECT_ID(N'[ACM_RegimeTransitions]'), N'FromLabel', 'ColumnId') AND name = N'MS_Description')
EXEC sys.sp_addextendedproperty N'MS_Description', N'Regime before', N'SCHEMA', N'dbo', N'TABLE', N'ACM_RegimeTransitions', N'COLUMN', N'FromLabel'
GO

IF NOT EXISTS (SELECT 1 FROM sys.extended_properties WHERE major_id = OBJECT_ID(N'[ACM_RegimeTransitions]') AND minor_id = COLUMNPROPERTY(OBJECT_ID(N'[ACM_RegimeTransitions]'), N'ToLabel', 'ColumnId') AND name = N'MS_Description')
EXEC sys.sp_addextendedproperty N'MS_Description', N'Regime after', N'SCHEMA', N'dbo', N'TABLE', N'ACM_RegimeTransitions', N'COLUMN', N'ToLabel'
GO

IF NOT EXISTS (SELECT 1 FROM sys.extended_properties WHERE major_id = OBJECT_ID(N'[ACM_RegimeTransitions]') AND minor_id = COLUMNPROPERTY(OBJECT_ID(N'[ACM_RegimeTransitions]'), N'Count', 'ColumnId') AND name = N'MS_Description')
EXEC sys.sp_addextendedproperty N'MS_Description', N'Changes', N'SCHEMA', N'dbo', N'TABLE', N'ACM_RegimeTransitions', N'COLUMN', N'Count'
GO

IF NOT EXISTS (SELECT 1 FROM sys.extended_properties WHERE major_id = OBJECT_ID(N'[ACM_RegimeTransitions]') AND minor_id = COLUMNPROPERTY(OBJECT_ID(N'[ACM_RegimeTransitions]'), N'Prob', 'ColumnId') AND name = N'MS_Description')
EXEC sys.sp_addextendedproperty N'MS_Description', N'Count / all changes out of FromLabel: sums to 1 per FromLabel', N'SCHEMA', N'dbo', N'TABLE', N'ACM_RegimeTransitions', N'COLUMN', N'Prob'
GO

IF OBJECT_ID(N'[ACM_CalibrationSummary]', N'U') IS NULL
CREATE TABLE [ACM_CalibrationSummary] (
    [RunID] UNIQUEIDENTIFIER NOT NULL,
    [EquipID] INT NOT NULL,
    [ModelVersion] INT NOT NULL,
    [DetectorType] NVARCHAR(50) NOT NULL,
    [OperatingState] NVARCHAR(16) NOT NULL,
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
    CONSTRAINT [FK_ACM_CalibrationSummary_RunID] FOREIGN KEY ([RunID]) REFERENCES [RunLog] ([RunID]),
    CONSTRAINT [FK_ACM_CalibrationSummary_EquipID] FOREIGN KEY ([EquipID]) REFERENCES [Equipment] ([EquipID]),
    CONSTRAINT [CK_ACM_CalibrationSummary_DetectorType] CHECK ([DetectorType] IN (N'ar1_z', N'pca_spe_z', N'pca_t2_z', N'mhal_z', N'iforest_z', N'gmm_z', N'omr_z', N'mewma_z', N'fused')),
    CONSTRAINT [CK_ACM_CalibrationSummary_OperatingState] CHECK ([OperatingState] IN (N'off', N'transient', N'on'))
)
GO

IF NOT EXISTS (SELECT 1 FROM sys.extended_properties WHERE major_id = OBJECT_ID(N'[ACM_CalibrationSummary]') AND minor_id = 0 AND name = N'MS_Description')
EXEC sys.sp_addextendedproperty N'MS_Description', N'How each head behaves on the calibration readings of a model version (readings that were not fitted)', N'SCHEMA', N'dbo', N'TABLE', N'ACM_CalibrationSummary'
GO

IF NOT EXISTS (SELECT 1 FROM sys.extended_properties WHERE major_id = OBJECT_ID(N'[ACM_CalibrationSummary]') AND minor_id = COLUMNPROPERTY(OBJECT_ID(N'[ACM_CalibrationSummary]'), N'RunID', 'ColumnId') AND name = N'MS_Description')
EXEC sys.sp_addextendedproperty N'MS_Description', N'Run that wrote the row (RunLog.RunID)', N'SCHEMA', N'dbo', N'TABLE', N'ACM_CalibrationSummary', N'COLUMN', N'RunID'
GO

IF NOT EXISTS (SELECT 1 FROM sys.extended_properties WHERE major_id = OBJECT_ID(N'[ACM_CalibrationSummary]') AND minor_id = COLUMNPROPERTY(OBJECT_ID(N'[ACM_CalibrationSummary]'), N'EquipID', 'ColumnId') AND name = N'MS_Description')
EXEC sys.sp_addextendedproperty N'MS_Description', N'Machine (Equipment.EquipID)', N'SCHEMA', N'dbo', N'TABLE', N'ACM_CalibrationSummary', N'COLUMN', N'EquipID'
GO

IF NOT EXISTS (SELECT 1 FROM sys.extended_properties WHERE major_id = OBJECT_ID(N'[ACM_CalibrationSummary]') AND minor_id = COLUMNPROPERTY(OBJECT_ID(N'[ACM_CalibrationSummary]'), N'ModelVersion', 'ColumnId') AND name = N'MS_Description')
EXEC sys.sp_addextendedproperty N'MS_Description', N'Model version', N'SCHEMA', N'dbo', N'TABLE', N'ACM_CalibrationSummary', N'COLUMN', N'ModelVersion'
GO

IF NOT EXISTS (SELECT 1 FROM sys.extended_properties WHERE major_id = OBJECT_ID(N'[ACM_CalibrationSummary]') AND minor_id = COLUMNPROPERTY(OBJECT_ID(N'[ACM_CalibrationSummary]'), N'DetectorType', 'ColumnId') AND name = N'MS_Description')
EXEC sys.sp_addextendedproperty N'MS_Description', N'Detector head, or fused', N'SCHEMA', N'dbo', N'TABLE', N'ACM_CalibrationSummary', N'COLUMN', N'DetectorType'
GO

IF NOT EXISTS (SELECT 1 FROM sys.extended_properties WHERE major_id = OBJECT_ID(N'[ACM_CalibrationSummary]') AND minor_id = COLUMNPROPERTY(OBJECT_ID(N'[ACM_CalibrationSummary]'), N'OperatingState', 'ColumnId') AND name = N'MS_Description')
EXEC sys.sp_addextendedproperty N'MS_Description', N'State the calibration is for', N'SCHEMA', N'dbo', N'TABLE', N'ACM_CalibrationSummary', N'COLUMN', N'OperatingState'
GO

IF NOT EXISTS (SELECT 1 FROM sys.extended_properties WHERE major_id = OBJECT_ID(N'[ACM_CalibrationSummary]') AND minor_id = COLUMNPROPERTY(OBJECT_ID(N'[ACM_CalibrationSummary]'), N'CalibrationRows', 'ColumnId') AND name = N'MS_Description')
EXEC sys.sp_addextendedproperty N'MS_Description', N'Readings calibrated on', N'SCHEMA', N'dbo', N'TABLE', N'ACM_CalibrationSummary', N'COLUMN', N'CalibrationRows'
GO

IF NOT EXISTS (SELECT 1 FROM sys.extended_properties WHERE major_id = OBJECT_ID(N'[ACM_CalibrationSummary]') AND minor_id = COLUMNPROPERTY(OBJECT_ID(N'[ACM_CalibrationSummary]'), N'Pooled', 'ColumnId') AND name = N'MS_Description')
EXEC sys.sp_addextendedproperty N'MS_Description', N'Fewer than 5,000 readings: the tail is pooled or extrapolated, take z with care', N'SCHEMA', N'dbo', N'TABLE', N'ACM_CalibrationSummary', N'COLUMN', N'Pooled'
GO

IF NOT EXISTS (SELECT 1 FROM sys.extended_properties WHERE major_id = OBJECT_ID(N'[ACM_CalibrationSummary]') AND minor_id = COLUMNPROPERTY(OBJECT_ID(N'[ACM_CalibrationSummary]'), N'MeanZ', 'ColumnId') AND name = N'MS_Description')
EXEC sys.sp_addextendedproperty N'MS_Description', N'Mean z', N'SCHEMA', N'dbo', N'TABLE', N'ACM_CalibrationSummary', N'COLUMN', N'MeanZ'
GO

IF NOT EXISTS (SELECT 1 FROM sys.extended_properties WHERE major_id = OBJECT_ID(N'[ACM_CalibrationSummary]') AND minor_id = COLUMNPROPERTY(OBJECT_ID(N'[ACM_CalibrationSummary]'), N'StdZ', 'ColumnId') AND name = N'MS_Description')
EXEC sys.sp_addextendedproperty N'MS_Description', N'Standard deviation of z', N'SCHEMA', N'dbo', N'TABLE', N'ACM_CalibrationSummary', N'COLUMN', N'StdZ'
GO

IF NOT EXISTS (SELECT 1 FROM sys.extended_properties WHERE major_id = OBJECT_ID(N'[ACM_CalibrationSummary]') AND minor_id = COLUMNPROPERTY(OBJECT_ID(N'[ACM_CalibrationSummary]'), N'P95Z', 'ColumnId') AND name = N'MS_Description')
EXEC sys.sp_addextendedproperty N'MS_Description', N'95th percentile of z', N'SCHEMA', N'dbo', N'TABLE', N'ACM_CalibrationSummary', N'COLUMN', N'P95Z'
GO

IF NOT EXISTS (SELECT 1 FROM sys.extended_properties WHERE major_id = OBJECT_ID(N'[ACM_CalibrationSummary]') AND minor_id = COLUMNPROPERTY(OBJECT_ID(N'[ACM_CalibrationSummary]'), N'P99Z', 'ColumnId') AND name = N'MS_Description')
EXEC sys.sp_addextendedproperty N'MS_Description', N'99th percentile of z', N'SCHEMA', N'dbo', N'TABLE', N'ACM_CalibrationSummary', N'COLUMN', N'P99Z'
GO

IF NOT EXISTS (SELECT 1 FROM sys.extended_properties WHERE major_id = OBJECT_ID(N'[ACM_CalibrationSummary]') AND minor_id = COLUMNPROPERTY(OBJECT_ID(N'[ACM_CalibrationSummary]'), N'ClipZ', 'ColumnId') AND name = N'MS_Description')
EXEC sys.sp_addextendedproperty N'MS_Description', N'Sensors are clipped at this many robust standard deviations', N'SCHEMA', N'dbo', N'TABLE', N'ACM_CalibrationSummary', N'COLUMN', N'ClipZ'
GO

IF NOT EXISTS (SELECT 1 FROM sys.extended_properties WHERE major_id = OBJECT_ID(N'[ACM_CalibrationSummary]') AND minor_id = COLUMNPROPERTY(OBJECT_ID(N'[ACM_CalibrationSummary]'), N'SaturationPct', 'ColumnId') AND name = N'MS_Description')
EXEC sys.sp_addextendedproperty N'MS_Description', N'Share of sensor readings at the clip, percent', N'SCHEMA', N'dbo', N'TABLE', N'ACM_CalibrationSummary', N'COLUMN', N'SaturationPct'
GO

IF NOT EXISTS (SELECT 1 FROM sys.extended_properties WHERE major_id = OBJECT_ID(N'[ACM_CalibrationSummary]') AND minor_id = COLUMNPROPERTY(OBJECT_ID(N'[ACM_CalibrationSummary]'), N'MahalCondNum', 'ColumnId') AND name = N'MS_Description')
EXEC sys.sp_addextendedproperty N'MS_Description', N'Condition number of the covariance (mhal_z only)', N'SCHEMA', N'dbo', N'TABLE', N'ACM_CalibrationSummary', N'COLUMN', N'MahalCondNum'
GO

IF OBJECT_ID(N'[ACM_ModelTags]', N'U') IS NULL
CREATE TABLE [ACM_ModelTags] (
    [RunID] UNIQUEIDENTIFIER NOT NULL,
    [EquipID] INT NOT NULL,
    [ModelVersion] INT NOT NULL,
    [TagName] NVARCHAR(255) NOT NULL,
    [Ordinal] INT NOT NULL,
    [Used] BIT NOT NULL,
    [Reason] NVARCHAR(200) NULL,
    CONSTRAINT [PK_ACM_ModelTags] PRIMARY KEY CLUSTERED ([EquipID], [ModelVersion], [TagName]),
    CONSTRAINT [FK_ACM_ModelTags_RunID] FOREIGN KEY ([RunID]) REFERENCES [RunLog] ([RunID]),
    CONSTRAINT [FK_ACM_ModelTags_EquipID] FOREIGN KEY ([EquipID]) REFERENCES [Equipment] ([EquipID])
)
GO

IF NOT EXISTS (SELECT 1 FROM sys.extended_properties WHERE major_id = OBJECT_ID(N'[ACM_ModelTags]') AND minor_id = 0 AND name = N'MS_Description')
EXEC sys.sp_addextendedproperty N'MS_Description', N'Tags a model version looks at, and why others are left out', N'SCHEMA', N'dbo', N'TABLE', N'ACM_ModelTags'
GO

IF NOT EXISTS (SELECT 1 FROM sys.extended_properties WHERE major_id = OBJECT_ID(N'[ACM_ModelTags]') AND minor_id = COLUMNPROPERTY(OBJECT_ID(N'[ACM_ModelTags]'), N'RunID', 'ColumnId') AND name = N'MS_Description')
EXEC sys.sp_addextendedproperty N'MS_Description', N'Run that wrote the row (RunLog.RunID)', N'SCHEMA', N'dbo', N'TABLE', N'ACM_ModelTags', N'COLUMN', N'RunID'
GO

IF NOT EXISTS (SELECT 1 FROM sys.extended_properties WHERE major_id = OBJECT_ID(N'[ACM_ModelTags]') AND minor_id = COLUMNPROPERTY(OBJECT_ID(N'[ACM_ModelTags]'), N'EquipID', 'ColumnId') AND name = N'MS_Description')
EXEC sys.sp_addextendedproperty N'MS_Description', N'Machine (Equipment.EquipID)', N'SCHEMA', N'dbo', N'TABLE', N'ACM_ModelTags', N'COLUMN', N'EquipID'
GO

IF NOT EXISTS (SELECT 1 FROM sys.extended_properties WHERE major_id = OBJECT_ID(N'[ACM_ModelTags]') AND minor_id = COLUMNPROPERTY(OBJECT_ID(N'[ACM_ModelTags]'), N'ModelVersion', 'ColumnId') AND name = N'MS_Description')
EXEC sys.sp_addextendedproperty N'MS_Description', N'Model version', N'SCHEMA', N'dbo', N'TABLE', N'ACM_ModelTags', N'COLUMN', N'ModelVersion'
GO

IF NOT EXISTS (SELECT 1 FROM sys.extended_properties WHERE major_id = OBJECT_ID(N'[ACM_ModelTags]') AND minor_id = COLUMNPROPERTY(OBJECT_ID(N'[ACM_ModelTags]'), N'TagName', 'ColumnId') AND name = N'MS_Description')
EXEC sys.sp_addextendedproperty N'MS_Description', N'Tag', N'SCHEMA', N'dbo', N'TABLE', N'ACM_ModelTags', N'COLUMN', N'TagName'
GO

IF NOT EXISTS (SELECT 1 FROM sys.extended_properties WHERE major_id = OBJECT_ID(N'[ACM_ModelTags]') AND minor_id = COLUMNPROPERTY(OBJECT_ID(N'[ACM_ModelTags]'), N'Ordinal', 'ColumnId') AND name = N'MS_Description')
EXEC sys.sp_addextendedproperty N'MS_Description', N'Position in the historian table, from 0', N'SCHEMA', N'dbo', N'TABLE', N'ACM_ModelTags', N'COLUMN', N'Ordinal'
GO

IF NOT EXISTS (SELECT 1 FROM sys.extended_properties WHERE major_id = OBJECT_ID(N'[ACM_ModelTags]') AND minor_id = COLUMNPROPERTY(OBJECT_ID(N'[ACM_ModelTags]'), N'Used', 'ColumnId') AND name = N'MS_Description')
EXEC sys.sp_addextendedproperty N'MS_Description', N'Whether the tag is scored', N'SCHEMA', N'dbo', N'TABLE', N'ACM_ModelTags', N'COLUMN', N'Used'
GO

IF NOT EXISTS (SELECT 1 FROM sys.extended_properties WHERE major_id = OBJECT_ID(N'[ACM_ModelTags]') AND minor_id = COLUMNPROPERTY(OBJECT_ID(N'[ACM_ModelTags]'), N'Reason', 'ColumnId') AND name = N'MS_Description')
EXEC sys.sp_addextendedproperty N'MS_Description', N'Why it is not', N'SCHEMA', N'dbo', N'TABLE', N'ACM_ModelTags', N'COLUMN', N'Reason'
GO
