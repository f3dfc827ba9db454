-- Rendered by acm_etl.load.ddl from acm_etl/tables, schema version 1: do not edit.

IF OBJECT_ID(N'[RunLog]', N'U') IS NULL
CREATE TABLE [RunLog] (
    [RunID] UNIQUEIDENTIFIER NOT NULL,
    [EquipID] INT NOT NULL,
    [Stage] NVARCHAR(32) NOT NULL,
    [WindowStart] DATETIME2(3) NULL,
    [WindowEnd] DATETIME2(3) NULL,
    [Outcome] NVARCHAR(16) NOT NULL,
    [Provisional] BIT NOT NULL,
    [TickMinutes] INT NULL,
    [ModelVersion] INT NULL,
    [ConfigSignature] NVARCHAR(64) NOT NULL,
    [RowsRead] BIGINT NULL,
    [RowsWritten] BIGINT NULL,
    [Attempt] INT NOT NULL,
    [AttemptStartedAt] DATETIME2(3) NOT NULL,
    [StartedAt] DATETIME2(3) NOT NULL,
    [CompletedAt] DATETIME2(3) NULL,
    [ErrorMessage] NVARCHAR(1000) NULL,
    [Holder] NVARCHAR(200) NULL,
    [Version] NVARCHAR(32) NOT NULL,
    CONSTRAINT [PK_RunLog] PRIMARY KEY CLUSTERED ([RunID]),
    CONSTRAINT [FK_RunLog_EquipID] FOREIGN KEY ([EquipID]) REFERENCES [Equipment] ([EquipID]),
    CONSTRAINT [CK_RunLog_Stage] CHECK ([Stage] IN (N'score', N'coldstart', N'import')),
    CONSTRAINT [CK_RunLog_Outcome] CHECK ([Outcome] IN (N'RUNNING', N'OK', N'NOOP', N'FAIL', N'SUPERSEDED')),
    CONSTRAINT [CK_RunLog_StartedAt_CompletedAt] CHECK ([CompletedAt] >= [StartedAt]),
    CONSTRAINT [CK_RunLog_StartedAt_AttemptStartedAt] CHECK ([AttemptStartedAt] >= [StartedAt]),
    CONSTRAINT [CK_RunLog_WindowStart_WindowEnd] CHECK ([WindowEnd] >= [WindowStart])
)
GO

IF NOT EXISTS (SELECT 1 FROM sys.indexes WHERE object_id = OBJECT_ID(N'[RunLog]') AND name = N'IX_RunLog_EquipID_StartedAt')
CREATE INDEX [IX_RunLog_EquipID_StartedAt] ON [RunLog] ([EquipID], [StartedAt] DESC)
GO

IF NOT EXISTS (SELECT 1 FROM sys.indexes WHERE object_id = OBJECT_ID(N'[RunLog]') AND name = N'IX_RunLog_EquipID_WindowStart')
CREATE INDEX [IX_RunLog_EquipID_WindowStart] ON [RunLog] ([EquipID], [WindowStart])
GO

IF NOT EXISTS (SELECT 1 FROM sys.extended_properties WHERE major_id = OBJECT_ID(N'[RunLog]') AND minor_id = 0 AND name = N'MS_Description')
EXEC sys.sp_addextendedproperty N'MS_Description', N'Life cycle of every run: one window of one machine, one import, or one coldstart', N'SCHEMA', N'dbo', N'TABLE', N'RunLog'
GO

IF NOT EXISTS (SELECT 1 FROM sys.extended_properties WHERE major_id = OBJECT_ID(N'[RunLog]') AND minor_id = COLUMNPROPERTY(OBJECT_ID(N'[RunLog]'), N'RunID', 'ColumnId') AND name = N'MS_Description')
EXEC sys.sp_addextendedproperty N'MS_Description', N'Run that wrote the row (RunLog.RunID)', N'SCHEMA', N'dbo', N'TABLE', N'RunLog', N'COLUMN', N'RunID'
GO

IF NOT EXISTS (SELECT 1 FROM sys.extended_properties WHERE major_id = OBJECT_ID(N'[RunLog]') AND minor_id = COLUMNPROPERTY(OBJECT_ID(N'[RunLog]'), N'EquipID', 'ColumnId') AND name = N'MS_Description')
EXEC sys.sp_addextendedproperty N'MS_Description', N'Machine (Equipment.EquipID)', N'SCHEMA', N'dbo', N'TABLE', N'RunLog', N'COLUMN', N'EquipID'
GO

IF NOT EXISTS (SELECT 1 FROM sys.extended_properties WHERE major_id = OBJECT_ID(N'[RunLog]') AND minor_id = COLUMNPROPERTY(OBJECT_ID(N'[RunLog]'), N'Stage', 'ColumnId') AND name = N'MS_Description')
EXEC sys.sp_addextendedproperty N'MS_Description', N'What was run', N'SCHEMA', N'dbo', N'TABLE', N'RunLog', N'COLUMN', N'Stage'
GO

IF NOT EXISTS (SELECT 1 FROM sys.extended_properties WHERE major_id = OBJECT_ID(N'[RunLog]') AND minor_id = COLUMNPROPERTY(OBJECT_ID(N'[RunLog]'), N'WindowStart', 'ColumnId') AND name = N'MS_Description')
EXEC sys.sp_addextendedproperty N'MS_Description', N'Start of the window, UTC, included', N'SCHEMA', N'dbo', N'TABLE', N'RunLog', N'COLUMN', N'WindowStart'
GO

IF NOT EXISTS (SELECT 1 FROM sys.extended_properties WHERE major_id = OBJECT_ID(N'[RunLog]') AND minor_id = COLUMNPROPERTY(OBJECT_ID(N'[RunLog]'), N'WindowEnd', 'ColumnId') AND name = N'MS_Description')
EXEC sys.sp_addextendedproperty N'MS_Description', N'End of the window, UTC, excluded', N'SCHEMA', N'dbo', N'TABLE', N'RunLog', N'COLUMN', N'WindowEnd'
GO

IF NOT EXISTS (SELECT 1 FROM sys.extended_properties WHERE major_id = OBJECT_ID(N'[RunLog]') AND minor_id = COLUMNPROPERTY(OBJECT_ID(N'[RunLog]'), N'Outcome', 'ColumnId') AND name = N'MS_Description')
EXEC sys.sp_addextendedproperty N'MS_Description', N'RUNNING until the data transaction says otherwise', N'SCHEMA', N'dbo', N'TABLE', N'RunLog', N'COLUMN', N'Outcome'
GO

IF NOT EXISTS (SELECT 1 FROM sys.extended_properties WHERE major_id = OBJECT_ID(N'[RunLog]') AND minor_id = COLUMNPROPERTY(OBJECT_ID(N'[RunLog]'), N'Provisional', 'ColumnId') AND name = N'MS_Description')
EXEC sys.sp_addextendedproperty N'MS_Description', N'The window was still open: the next run replaces its rows', N'SCHEMA', N'dbo', N'TABLE', N'RunLog', N'COLUMN', N'Provisional'
GO

IF NOT EXISTS (SELECT 1 FROM sys.extended_properties WHERE major_id = OBJECT_ID(N'[RunLog]') AND minor_id = COLUMNPROPERTY(OBJECT_ID(N'[RunLog]'), N'TickMinutes', 'ColumnId') AND name = N'MS_Description')
EXEC sys.sp_addextendedproperty N'MS_Description', N'Length of the window grid, minutes', N'SCHEMA', N'dbo', N'TABLE', N'RunLog', N'COLUMN', N'TickMinutes'
GO

IF NOT EXISTS (SELECT 1 FROM sys.extended_properties WHERE major_id = OBJECT_ID(N'[RunLog]') AND minor_id = COLUMNPROPERTY(OBJECT_ID(N'[RunLog]'), N'ModelVersion', 'ColumnId') AND name = N'MS_Description')
EXEC sys.sp_addextendedproperty N'MS_Description', N'Version of the models that scored the window', N'SCHEMA', N'dbo', N'TABLE', N'RunLog', N'COLUMN', N'ModelVersion'
GO

IF NOT EXISTS (SELECT 1 FROM sys.extended_properties WHERE major_id = OBJECT_ID(N'[RunLog]') AND minor_id = COLUMNPROPERTY(OBJECT_ID(N'[RunLog]'), N'ConfigSignature', 'ColumnId') AND name = N'MS_Description')
EXEC sys.sp_addextendedproperty N'MS_Description', N'SHA-256 over the settings that change stored values', N'SCHEMA', N'dbo', N'TABLE', N'RunLog', N'COLUMN', N'ConfigSignature'
GO

IF NOT EXISTS (SELECT 1 FROM sys.extended_properties WHERE major_id = OBJECT_ID(N'[RunLog]') AND minor_id = COLUMNPROPERTY(OBJECT_ID(N'[RunLog]'), N'RowsRead', 'ColumnId') AND name = N'MS_Description')
EXEC sys.sp_addextendedproperty N'MS_Description', N'Readings pulled for the window', N'SCHEMA', N'dbo', N'TABLE', N'RunLog', N'COLUMN', N'RowsRead'
GO

IF NOT EXISTS (SELECT 1 FROM sys.extended_properties WHERE major_id = OBJECT_ID(N'[RunLog]') AND minor_id = COLUMNPROPERTY(OBJECT_ID(N'[RunLog]'), N'RowsWritten', 'ColumnId') AND name = N'MS_Description')
EXEC sys.sp_addextendedproperty N'MS_Description', N'Rows staged for the window over all time-grained tables', N'SCHEMA', N'dbo', N'TABLE', N'RunLog', N'COLUMN', N'RowsWritten'
GO

IF NOT EXISTS (SELECT 1 FROM sys.extended_properties WHERE major_id = OBJECT_ID(N'[RunLog]') AND minor_id = COLUMNPROPERTY(OBJECT_ID(N'[RunLog]'), N'Attempt', 'ColumnId') AND name = N'MS_Description')
EXEC sys.sp_addextendedproperty N'MS_Description', N'How often the run was tried', N'SCHEMA', N'dbo', N'TABLE', N'RunLog', N'COLUMN', N'Attempt'
GO

IF NOT EXISTS (SELECT 1 FROM sys.extended_properties WHERE major_id = OBJECT_ID(N'[RunLog]') AND minor_id = COLUMNPROPERTY(OBJECT_ID(N'[RunLog]'), N'AttemptStartedAt', 'ColumnId') AND name = N'MS_Description')
EXEC sys.sp_addextendedproperty N'MS_Description', N'Start of the last attempt, UTC', N'SCHEMA', N'dbo', N'TABLE', N'RunLog', N'COLUMN', N'AttemptStartedAt'
GO

IF NOT EXISTS (SELECT 1 FROM sys.extended_properties WHERE major_id = OBJECT_ID(N'[RunLog]') AND minor_id = COLUMNPROPERTY(OBJECT_ID(N'[RunLog]'), N'StartedAt', 'ColumnId') AND name = N'MS_Description')
EXEC sys.sp_addextendedproperty N'MS_Description', N'Start of the first attempt, UTC', N'SCHEMA', N'dbo', N'TABLE', N'RunLog', N'COLUMN', N'StartedAt'
GO

IF NOT EXISTS (SELECT 1 FROM sys.extended_properties WHERE major_id = OBJECT_ID(N'[RunLog]') AND minor_id = COLUMNPROPERTY(OBJECT_ID(N'[RunLog]'), N'CompletedAt', 'ColumnId') AND name = N'MS_Description')
EXEC sys.sp_addextendedproperty N'MS_Description', N'End of the last attempt, UTC', N'SCHEMA', N'dbo', N'TABLE', N'RunLog', N'COLUMN', N'CompletedAt'
GO

IF NOT EXISTS (SELECT 1 FROM sys.extended_properties WHERE major_id = OBJECT_ID(N'[RunLog]') AND minor_id = COLUMNPROPERTY(OBJECT_ID(N'[RunLog]'), N'ErrorMessage', 'ColumnId') AND name = N'MS_Description')
EXEC sys.sp_addextendedproperty N'MS_Description', N'Why the last attempt failed or was swept', N'SCHEMA', N'dbo', N'TABLE', N'RunLog', N'COLUMN', N'ErrorMessage'
GO

IF NOT EXISTS (SELECT 1 FROM sys.extended_properties WHERE major_id = OBJECT_ID(N'[RunLog]') AND minor_id = COLUMNPROPERTY(OBJECT_ID(N'[RunLog]'), N'Holder', 'ColumnId') AND name = N'MS_Description')
EXEC sys.sp_addextendedproperty N'MS_Description', N'Host and process of the last attempt', N'SCHEMA', N'dbo', N'TABLE', N'RunLog', N'COLUMN', N'Holder'
GO

IF NOT EXISTS (SELECT 1 FROM sys.extended_properties WHERE major_id = OBJECT_ID(N'[RunLog]') AND minor_id = COLUMNPROPERTY(OBJECT_ID(N'[RunLog]'), N'Version', 'ColumnId') AND name = N'MS_Description')
EXEC sys.sp_addextendedproperty N'MS_Description', N'Version of acm_etl', N'SCHEMA', N'dbo', N'TABLE', N'RunLog', N'COLUMN', N'Version'
GO

IF OBJECT_ID(N'[ACM_Runs]', N'U') IS NULL
CREATE TABLE [ACM_Runs] (
    [RunID] UNIQUEIDENTIFIER NOT NULL,
    [EquipID] INT NOT NULL,
    [EquipName] NVARCHAR(200) NULL,
    [StartedAt] DATETIME2(3) NOT NULL,
    [CompletedAt] DATETIME2(3) NULL,
    [DurationSeconds] AS (DATEDIFF(second, [StartedAt], [CompletedAt])) PERSISTED,
    [ConfigSignature] NVARCHAR(64) NOT NULL,
    [TrainRowCount] BIGINT NULL,
    [ScoreRowCount] BIGINT NULL,
    [EpisodeCount] INT NULL,
    [HealthStatus] NVARCHAR(16) NOT NULL,
    [AvgHealthIndex] FLOAT(53) NULL,
    [MinHealthIndex] FLOAT(53) NULL,
    [MaxFusedZ] FLOAT(53) NULL,
    [DataQualityScore] FLOAT(53) NULL,
    [RefitRequested] BIT NOT NULL,
    [ErrorMessage] NVARCHAR(1000) NULL,
    [CreatedAt] DATETIME2(3) NOT NULL,
    CONSTRAINT [PK_ACM_Runs] PRIMARY KEY CLUSTERED ([RunID]),
    CONSTRAINT [FK_ACM_Runs_RunID] FOREIGN KEY ([RunID]) REFERENCES [RunLog] ([RunID]),
    CONSTRAINT [FK_ACM_Runs_EquipID] FOREIGN KEY ([EquipID]) REFERENCES [Equipment] ([EquipID]),
    CONSTRAINT [CK_ACM_Runs_HealthStatus] CHECK ([HealthStatus] IN (N'HEALTHY', N'CAUTION', N'ALERT', N'UNKNOWN')),
    CONSTRAINT [CK_ACM_Runs_StartedAt_CompletedAt] CHECK ([CompletedAt] >= [StartedAt])
)
GO

IF NOT EXISTS (SELECT 1 FROM sys.indexes WHERE object_id = OBJECT_ID(N'[ACM_Runs]') AND name = N'IX_ACM_Runs_EquipID_StartedAt')
CREATE INDEX [IX_ACM_Runs_EquipID_StartedAt] ON [ACM_Runs] ([EquipID], [StartedAt] DESC)
GO

IF NOT EXISTS (SELECT 1 FROM sys.indexes WHERE object_id = OBJECT_ID(N'[ACM_Runs]') AND name = N'IX_ACM_Runs_EquipID_HealthStatus')
CREATE INDEX [IX_ACM_Runs_EquipID_HealthStatus] ON [ACM_Runs] ([EquipID], [HealthStatus])
GO

IF NOT EXISTS (SELECT 1 FROM sys.extended_properties WHERE major_id = OBJECT_ID(N'[ACM_Runs]') AND minor_id = 0 AND name = N'MS_Description')
EXEC sys.sp_addextendedproperty N'MS_Description', N'What a run found: one row per scored window', N'SCHEMA', N'dbo', N'TABLE', N'ACM_Runs'
GO

IF NOT EXISTS (SELECT 1 FROM sys.extended_properties WHERE major_id = OBJECT_ID(N'[ACM_Runs]') AND minor_id = COLUMNPROPERTY(OBJECT_ID(N'[ACM_Runs]'), N'RunID', 'ColumnId') AND name = N'MS_Description')
EXEC sys.sp_addextendedproperty N'MS_Description', N'Run that wrote the row (RunLog.RunID)', N'SCHEMA', N'dbo', N'TABLE', N'ACM_Runs', N'COLUMN', N'RunID'
GO

IF NOT EXISTS (SELECT 1 FROM sys.extended_properties WHERE major_id = OBJECT_ID(N'[ACM_Runs]') AND minor_id = COLUMNPROPERTY(OBJECT_ID(N'[ACM_Runs]'), N'EquipID', 'ColumnId') AND name = N'MS_Description')
EXEC sys.sp_addextendedproperty N'MS_Description', N'Machine (Equipment.EquipID)', N'SCHEMA', N'dbo', N'TABLE', N'ACM_Runs', N'COLUMN', N'EquipID'
GO

IF NOT EXISTS (SELECT 1 FROM sys.extended_properties WHERE major_id = OBJECT_ID(N'[ACM_Runs]') AND minor_id = COLUMNPROPERTY(OBJECT_ID(N'[ACM_Runs]'), N'EquipName', 'ColumnId') AND name = N'MS_Description')
EXEC sys.sp_addextendedproperty N'MS_Description', N'EquipCode of the machine', N'SCHEMA', N'dbo', N'TABLE', N'ACM_Runs', N'COLUMN', N'EquipName'
GO

IF NOT EXISTS (SELECT 1 FROM sys.extended_properties WHERE major_id = OBJECT_ID(N'[ACM_Runs]') AND minor_id = COLUMNPROPERTY(OBJECT_ID(N'[ACM_Runs]'), N'StartedAt', 'ColumnId') AND name = N'MS_Description')
EXEC sys.sp_addextendedproperty N'MS_Description', N'Start of the attempt, UTC', N'SCHEMA', N'dbo', N'TABLE', N'ACM_Runs', N'COLUMN', N'StartedAt'
GO

IF NOT EXISTS (SELECT 1 FROM sys.extended_properties WHERE major_id = OBJECT_ID(N'[ACM_Runs]') AND minor_id = COLUMNPROPERTY(OBJECT_ID(N'[ACM_Runs]'), N'CompletedAt', 'ColumnId') AND name = N'MS_Description')
EXEC sys.sp_addextendedproperty N'MS_Description', N'End of the attempt, UTC; never before StartedAt', N'SCHEMA', N'dbo', N'TABLE', N'ACM_Runs', N'COLUMN', N'CompletedAt'
GO

IF NOT EXISTS (SELECT 1 FROM sys.extended_properties WHERE major_id = OBJECT_ID(N'[ACM_Runs]') AND minor_id = COLUMNPROPERTY(OBJECT_ID(N'[ACM_Runs]'), N'DurationSeconds', 'ColumnId') AND name = N'MS_Description')
EXEC sys.sp_addextendedproperty N'MS_Description', N'CompletedAt - StartedAt, computed by the database', N'SCHEMA', N'dbo', N'TABLE', N'ACM_Runs', N'COLUMN', N'DurationSeconds'
GO

IF NOT EXISTS (SELECT 1 FROM sys.extended_properties WHERE major_id = OBJECT_ID(N'[ACM_Runs]') AND minor_id = COLUMNPROPERTY(OBJECT_ID(N'[ACM_Runs]'), N'ConfigSignature', 'ColumnId') AND name = N'MS_Description')
EXEC sys.sp_addextendedproperty N'MS_Description', N'Settings the run was made with', N'SCHEMA', N'dbo', N'TABLE', N'ACM_Runs', N'COLUMN', N'ConfigSignature'
GO

IF NOT EXISTS (SELECT 1 FROM sys.extended_properties WHERE major_id = OBJECT_ID(N'[ACM_Runs]') AND minor_id = COLUMNPROPERTY(OBJECT_ID(N'[ACM_Runs]'), N'TrainRowCount', 'ColumnId') AND name = N'MS_Description')
EXEC sys.sp_addextendedproperty N'MS_Description', N'Readings of the training phase in the window', N'SCHEMA', N'dbo', N'TABLE', N'ACM_Runs', N'COLUMN', N'TrainRowCount'
GO

IF NOT EXISTS (SELECT 1 FROM sys.extended_properties WHERE major_id = OBJECT_ID(N'[ACM_Runs]') AND minor_id = COLUMNPROPERTY(OBJECT_ID(N'[ACM_Runs]'), N'ScoreRowCount', 'ColumnId') AND name = N'MS_Description')
EXEC sys.sp_addextendedproperty N'MS_Description', N'Readings scored in the window', N'SCHEMA', N'dbo', N'TABLE', N'ACM_Runs', N'COLUMN', N'ScoreRowCount'
GO

IF NOT EXISTS (SELECT 1 FROM sys.extended_properties WHERE major_id = OBJECT_ID(N'[ACM_Runs]') AND minor_id = COLUMNPROPERTY(OBJECT_ID(N'[ACM_Runs]'), N'EpisodeCount', 'ColumnId') AND name = N'MS_Description')
EXEC sys.sp_addextendedproperty N'MS_Description', N'Episodes that start in the window', N'SCHEMA', N'dbo', N'TABLE', N'ACM_Runs', N'COLUMN', N'EpisodeCount'
GO

IF NOT EXISTS (SELECT 1 FROM sys.extended_properties WHERE major_id = OBJECT_ID(N'[ACM_Runs]') AND minor_id = COLUMNPROPERTY(OBJECT_ID(N'[ACM_Runs]'), N'HealthStatus', 'ColumnId') AND name = N'MS_Description')
EXEC sys.sp_addextendedproperty N'MS_Description', N'Zone of AvgHealthIndex', N'SCHEMA', N'dbo', N'TABLE', N'ACM_Runs', N'COLUMN', N'HealthStatus'
GO

IF NOT EXISTS (SELECT 1 FROM sys.extended_properties WHERE major_id = OBJECT_ID(N'[ACM_Runs]') AND minor_id = COLUMNPROPERTY(OBJECT_ID(N'[ACM_Runs]'), N'AvgHealthIndex', 'ColumnId') AND name = N'MS_Description')
EXEC sys.sp_addextendedproperty N'MS_Description', N'Mean health, 0-100', N'SCHEMA', N'dbo', N'TABLE', N'ACM_Runs', N'COLUMN', N'AvgHealthIndex'
GO

IF NOT EXISTS (SELECT 1 FROM sys.extended_properties WHERE major_id = OBJECT_ID(N'[ACM_Runs]') AND minor_id = COLUMNPROPERTY(OBJECT_ID(N'[ACM_Runs]'), N'MinHealthIndex', 'ColumnId') AND name = N'MS_Description')
EXEC sys.sp_addextendedproperty N'MS_Description', N'Lowest health, 0-100', N'SCHEMA', N'dbo', N'TABLE', N'ACM_Runs', N'COLUMN', N'MinHealthIndex'
GO

IF NOT EXISTS (SELECT 1 FROM sys.extended_properties WHERE major_id = OBJECT_ID(N'[ACM_Runs]') AND minor_id = COLUMNPROPERTY(OBJECT_ID(N'[ACM_Runs]'), N'MaxFusedZ', 'ColumnId') AND name = N'MS_Description')
EXEC sys.sp_addextendedproperty N'MS_Description', N'Highest fused z', N'SCHEMA', N'dbo', N'TABLE', N'ACM_Runs', N'COLUMN', N'MaxFusedZ'
GO

IF NOT EXISTS (SELECT 1 FROM sys.extended_properties WHERE major_id = OBJECT_ID(N'[ACM_Runs]') AND minor_id = COLUMNPROPERTY(OBJECT_ID(N'[ACM_Runs]'), N'DataQualityScore', 'ColumnId') AND name = N'MS_Description')
EXEC sys.sp_addextendedproperty N'MS_Description', N'Share of cells that were usable as they came, percent', N'SCHEMA', N'dbo', N'TABLE', N'ACM_Runs', N'COLUMN', N'DataQualityScore'
GO

IF NOT EXISTS (SELECT 1 FROM sys.extended_properties WHERE major_id = OBJECT_ID(N'[ACM_Runs]') AND minor_id = COLUMNPROPERTY(OBJECT_ID(N'[ACM_Runs]'), N'RefitRequested', 'ColumnId') AND name = N'MS_Description')
EXEC sys.sp_addextendedproperty N'MS_Description', N'The run asks for new models', N'SCHEMA', N'dbo', N'TABLE', N'ACM_Runs', N'COLUMN', N'RefitRequested'
GO

IF NOT EXISTS (SELECT 1 FROM sys.extended_properties WHERE major_id = OBJECT_ID(N'[ACM_Runs]') AND minor_id = COLUMNPROPERTY(OBJECT_ID(N'[ACM_Runs]'), N'ErrorMessage', 'ColumnId') AND name = N'MS_Description')
EXEC sys.sp_addextendedproperty N'MS_Description', N'Why the run failed, and at which table', N'SCHEMA', N'dbo', N'TABLE', N'ACM_Runs', N'COLUMN', N'ErrorMessage'
GO

IF NOT EXISTS (SELECT 1 FROM sys.extended_properties WHERE major_id = OBJECT_ID(N'[ACM_Runs]') AND minor_id = COLUMNPROPERTY(OBJECT_ID(N'[ACM_Runs]'), N'CreatedAt', 'ColumnId') AND name = N'MS_Description')
EXEC sys.sp_addextendedproperty N'MS_Description', N'When the row was written, UTC', N'SCHEMA', N'dbo', N'TABLE', N'ACM_Runs', N'COLUMN', N'CreatedAt'
GO

IF OBJECT_ID(N'[ACM_RunErrors]', N'U') IS NULL
CREATE TABLE [ACM_RunErrors] (
    [RunID] UNIQUEIDENTIFIER NOT NULL,
    [EquipID] INT NOT NULL,
    [Attempt] INT NOT NULL,
    [GroupStart] DATETIME2(3) NOT NULL,
    [GroupEnd] DATETIME2(3) NOT NULL,
    [TableName] NVARCHAR(128) NULL,
    [ErrorType] NVARCHAR(100) NOT NULL,
    [ErrorMessage] NVARCHAR(1000) NOT NULL,
    [OccurredAt] DATETIME2(3) NOT NULL,
    CONSTRAINT [PK_ACM_RunErrors] PRIMARY KEY CLUSTERED ([RunID], [Attempt]),
    CONSTRAINT [FK_ACM_RunErrors_RunID] FOREIGN KEY ([RunID]) REFERENCES [RunLog] ([RunID])
)
GO

IF NOT EXISTS (SELECT 1 FROM sys.indexes WHERE object_id = OBJECT_ID(N'[ACM_RunErrors]') AND name = N'IX_ACM_RunErrors_EquipID_OccurredAt')
CREATE INDEX [IX_ACM_RunErrors_EquipID_OccurredAt] ON [ACM_RunErrors] ([EquipID], [OccurredAt] DESC)
GO

IF NOT EXISTS (SELECT 1 FROM sys.extended_properties WHERE major_id = OBJECT_ID(N'[ACM_RunErrors]') AND minor_id = 0 AND name = N'MS_Description')
EXEC sys.sp_addextendedproperty N'MS_Description', N'One row per failed attempt at a group of windows', N'SCHEMA', N'dbo', N'TABLE', N'ACM_RunErrors'
GO

IF NOT EXISTS (SELECT 1 FROM sys.extended_properties WHERE major_id = OBJECT_ID(N'[ACM_RunErrors]') AND minor_id = COLUMNPROPERTY(OBJECT_ID(N'[ACM_RunErrors]'), N'RunID', 'ColumnId') AND name = N'MS_Description')
EXEC sys.sp_addextendedproperty N'MS_Description', N'Run that wrote the row (RunLog.RunID)', N'SCHEMA', N'dbo', N'TABLE', N'ACM_RunErrors', N'COLUMN', N'RunID'
GO

IF NOT EXISTS (SELECT 1 FROM sys.extended_properties WHERE major_id = OBJECT_ID(N'[ACM_RunErrors]') AND minor_id = COLUMNPROPERTY(OBJECT_ID(N'[ACM_RunErrors]'), N'EquipID', 'ColumnId') AND name = N'MS_Description')
EXEC sys.sp_addextendedproperty N'MS_Description', N'Machine (Equipment.EquipID)', N'SCHEMA', N'dbo', N'TABLE', N'ACM_RunErrors', N'COLUMN', N'EquipID'
GO

IF NOT EXISTS (SELECT 1 FROM sys.extended_properties WHERE major_id = OBJECT_ID(N'[ACM_RunErrors]') AND minor_id = COLUMNPROPERTY(OBJECT_ID(N'[ACM_RunErrors]'), N'Attempt', 'ColumnId') AND name = N'MS_Description')
EXEC sys.sp_addextendedproperty N'MS_Description', N'Attempt that failed, counted from 1', N'SCHEMA', N'dbo', N'TABLE', N'ACM_RunErrors', N'COLUMN', N'Attempt'
GO

IF NOT EXISTS (SELECT 1 FROM sys.extended_properties WHERE major_id = OBJECT_ID(N'[ACM_RunErrors]') AND minor_id = COLUMNPROPERTY(OBJECT_ID(N'[ACM_RunErrors]'), N'GroupStart', 'ColumnId') AND name = N'MS_Description')
EXEC sys.sp_addextendedproperty N'MS_Description', N'Start of the group of windows, UTC', N'SCHEMA', N'dbo', N'TABLE', N'ACM_RunErrors', N'COLUMN', N'GroupStart'
GO

IF NOT EXISTS (SELECT 1 FROM sys.extended_properties WHERE major_id = OBJECT_ID(N'[ACM_RunErrors]') AND minor_id = COLUMNPROPERTY(OBJECT_ID(N'[ACM_RunErrors]'), N'GroupEnd', 'ColumnId') AND name = N'MS_Description')
EXEC sys.sp_addextendedproperty N'MS_Description', N'End of the group of windows, UTC', N'SCHEMA', N'dbo', N'TABLE', N'ACM_RunErrors', N'COLUMN', N'GroupEnd'
GO

IF NOT EXISTS (SELECT 1 FROM sys.extended_properties WHERE major_id = OBJECT_ID(N'[ACM_RunErrors]') AND minor_id = COLUMNPROPERTY(OBJECT_ID(N'[ACM_RunErrors]'), N'TableName', 'ColumnId') AND name = N'MS_Description')
EXEC sys.sp_addextendedproperty N'MS_Description', N'Table at which it failed, where known', N'SCHEMA', N'dbo', N'TABLE', N'ACM_RunErrors', N'COLUMN', N'TableName'
GO

IF NOT EXISTS (SELECT 1 FROM sys.extended_properties WHERE major_id = OBJECT_ID(N'[ACM_RunErrors]') AND minor_id = COLUMNPROPERTY(OBJECT_ID(N'[ACM_RunErrors]'), N'ErrorType', 'ColumnId') AND name = N'MS_Description')
EXEC sys.sp_addextendedproperty N'MS_Description', N'Class of the error', N'SCHEMA', N'dbo', N'TABLE', N'ACM_RunErrors', N'COLUMN', N'ErrorType'
GO

IF NOT EXISTS (SELECT 1 FROM sys.extended_properties WHERE major_id = OBJECT_ID(N'[ACM_RunErrors]') AND minor_id = COLUMNPROPERTY(OBJECT_ID(N'[ACM_RunErrors]'), N'ErrorMessage', 'ColumnId') AND name = N'MS_Description')
EXEC sys.sp_addextendedproperty N'MS_Description', N'Text of the error', N'SCHEMA', N'dbo', N'TABLE', N'ACM_RunErrors', N'COLUMN', N'ErrorMessage'
GO

IF NOT EXISTS (SELECT 1 FROM sys.extended_properties WHERE major_id = OBJECT_ID(N'[ACM_RunErrors]') AND minor_id = COLUMNPROPERTY(OBJECT_ID(N'[ACM_RunErrors]'), N'OccurredAt', 'ColumnId') AND name = N'MS_Description')
EXEC sys.sp_addextendedproperty N'MS_Description', N'When it failed, UTC', N'SCHEMA', N'dbo', N'TABLE', N'ACM_RunErrors', N'COLUMN', N'OccurredAt'
GO

IF OBJECT_ID(N'[ACM_WriteMetrics]', N'U') IS NULL
CREATE TABLE [ACM_WriteMetrics] (
    [RunID] UNIQUEIDENTIFIER NOT NULL,
    [EquipID] INT NOT NULL,
    [TableName] NVARCHAR(128) NOT NULL,
    [GroupStart] DATETIME2(3) NOT NULL,
    [GroupEnd] DATETIME2(3) NOT NULL,
    [RowsStaged] BIGINT NOT NULL,
    [RowsInserted] BIGINT NOT NULL,
    [RowsUpdated] BIGINT NOT NULL,
    [RowsDeleted] BIGINT NOT NULL,
    [Seconds] FLOAT(53) NOT NULL,
    [RowsPerSecond] FLOAT(53) NULL,
    CONSTRAINT [PK_ACM_WriteMetrics] PRIMARY KEY CLUSTERED ([EquipID], [RunID], [TableName]),
    CONSTRAINT [FK_ACM_WriteMetrics_RunID] FOREIGN KEY ([RunID]) REFERENCES [RunLog] ([RunID]),
    CONSTRAINT [FK_ACM_WriteMetrics_EquipID] FOREIGN KEY ([EquipID]) REFERENCES [Equipment] ([EquipID])
)
GO

IF NOT EXISTS (SELECT 1 FROM sys.extended_properties WHERE major_id = OBJECT_ID(N'[ACM_WriteMetrics]') AND minor_id = 0 AND name = N'MS_Description')
EXEC sys.sp_addextendedproperty N'MS_Description', N'Rows and speed per table and published group; RunID is the first run of the group', N'SCHEMA', N'dbo', N'TABLE', N'ACM_WriteMetrics'
GO

IF NOT EXISTS (SELECT 1 FROM sys.extended_properties WHERE major_id = OBJECT_ID(N'[ACM_WriteMetrics]') AND minor_id = COLUMNPROPERTY(OBJECT_ID(N'[ACM_WriteMetrics]'), N'RunID', 'ColumnId') AND name = N'MS_Description')
EXEC sys.sp_addextendedproperty N'MS_Description', N'Run that wrote the row (RunLog.RunID)', N'SCHEMA', N'dbo', N'TABLE', N'ACM_WriteMetrics', N'COLUMN', N'RunID'
GO

IF NOT EXISTS (SELECT 1 FROM sys.extended_properties WHERE major_id = OBJECT_ID(N'[ACM_WriteMetrics]') AND minor_id = COLUMNPROPERTY(OBJECT_ID(N'[ACM_WriteMetrics]'), N'EquipID', 'ColumnId') AND name = N'MS_Description')
EXEC sys.sp_addextendedproperty N'MS_Description', N'Machine (Equipment.EquipID)', N'SCHEMA', N'dbo', N'TABLE', N'ACM_WriteMetrics', N'COLUMN', N'EquipID'
GO

IF NOT EXISTS (SELECT 1 FROM sys.extended_properties WHERE major_id = OBJECT_ID(N'[ACM_WriteMetrics]') AND minor_id = COLUMNPROPERTY(OBJECT_ID(N'[ACM_WriteMetrics]'), N'TableName', 'ColumnId') AND name = N'MS_Description')
EXEC sys.sp_addextendedproperty N'MS_Description', N'Table written', N'SCHEMA', N'dbo', N'TABLE', N'ACM_WriteMetrics', N'COLUMN', N'TableName'
GO

IF NOT EXISTS (SELECT 1 FROM sys.extended_properties WHERE major_id = OBJECT_ID(N'[ACM_WriteMetrics]') AND minor_id = COLUMNPROPERTY(OBJECT_ID(N'[ACM_WriteMetrics]'), N'GroupStart', 'ColumnId') AND name = N'MS_Description')
EXEC sys.sp_addextendedproperty N'MS_Description', N'Start of the group of windows, UTC', N'SCHEMA', N'dbo', N'TABLE', N'ACM_WriteMetrics', N'COLUMN', N'GroupStart'
GO

IF NOT EXISTS (SELECT 1 FROM sys.extended_properties WHERE major_id = OBJECT_ID(N'[ACM_WriteMetrics]') AND minor_id = COLUMNPROPERTY(OBJECT_ID(N'[ACM_WriteMetrics]'), N'GroupEnd', 'ColumnId') AND name = N'MS_Description')
EXEC sys.sp_addextendedproperty N'MS_Description', N'End of the group of windows, UTC', N'SCHEMA', N'dbo', N'TABLE', N'ACM_WriteMetrics', N'COLUMN', N'GroupEnd'
GO

IF NOT EXISTS (SELECT 1 FROM sys.extended_properties WHERE major_id = OBJECT_ID(N'[ACM_WriteMetrics]') AND minor_id = COLUMNPROPERTY(OBJECT_ID(N'[ACM_WriteMetrics]'), N'RowsStaged', 'ColumnId') AND name = N'MS_Description')
EXEC sys.sp_addextendedproperty N'MS_Description', N'Rows handed over', N'SCHEMA', N'dbo', N'TABLE', N'ACM_WriteMetrics', N'COLUMN', N'RowsStaged'
GO

IF NOT EXISTS (SELECT 1 FROM sys.extended_properties WHERE major_id = OBJECT_ID(N'[ACM_WriteMetrics]') AND minor_id = COLUMNPROPERTY(OBJECT_ID(N'[ACM_WriteMetrics]'), N'RowsInserted', 'ColumnId') AND name = N'MS_Description')
EXEC sys.sp_addextendedproperty N'MS_Description', N'New rows', N'SCHEMA', N'dbo', N'TABLE', N'ACM_WriteMetrics', N'COLUMN', N'RowsInserted'
GO

IF NOT EXISTS (SELECT 1 FROM sys.extended_properties WHERE major_id = OBJECT_ID(N'[ACM_WriteMetrics]') AND minor_id = COLUMNPROPERTY(OBJECT_ID(N'[ACM_WriteMetrics]'), N'RowsUpdated', 'ColumnId') AND name = N'MS_Description')
EXEC sys.sp_addextendedproperty N'MS_Description', N'Changed rows', N'SCHEMA', N'dbo', N'TABLE', N'ACM_WriteMetrics', N'COLUMN', N'RowsUpdated'
GO

IF NOT EXISTS (SELECT 1 FROM sys.extended_properties WHERE major_id = OBJECT_ID(N'[ACM_WriteMetrics]') AND minor_id = COLUMNPROPERTY(OBJECT_ID(N'[ACM_WriteMetrics]'), N'RowsDeleted', 'ColumnId') AND name = N'MS_Description')
EXEC sys.sp_addextendedproperty N'MS_Description', N'Rows the window no longer has', N'SCHEMA', N'dbo', N'TABLE', N'ACM_WriteMetrics', N'COLUMN', N'RowsDeleted'
GO

IF NOT EXISTS (SELECT 1 FROM sys.extended_properties WHERE major_id = OBJECT_ID(N'[ACM_WriteMetrics]') AND minor_id = COLUMNPROPERTY(OBJECT_ID(N'[ACM_WriteMetrics]'), N'Seconds', 'ColumnId') AND name = N'MS_Description')
EXEC sys.sp_addextendedproperty N'MS_Description', N'Staging and publishing, seconds', N'SCHEMA', N'dbo', N'TABLE', N'ACM_WriteMetrics', N'COLUMN', N'Seconds'
GO

IF NOT EXISTS (SELECT 1 FROM sys.extended_properties WHERE major_id = OBJECT_ID(N'[ACM_WriteMetrics]') AND minor_id = COLUMNPROPERTY(OBJECT_ID(N'[ACM_WriteMetrics]'), N'RowsPerSecond', 'ColumnId') AND name = N'MS_Description')
EXEC sys.sp_addextendedproperty N'MS_Description', N'RowsStaged / Seconds', N'SCHEMA', N'dbo', N'TABLE', N'ACM_WriteMetrics', N'COLUMN', N'RowsPerSecond'
GO

IF OBJECT_ID(N'[ACM_DataQualityEvents]', N'U') IS NULL
CREATE TABLE [ACM_DataQualityEvents] (
    [RunID] UNIQUEIDENTIFIER NOT NULL,
    [EquipID] INT NOT NULL,
    [TableName] NVARCHAR(128) NOT NULL,
    [ColumnName] NVARCHAR(255) NOT NULL,
    [EventType] NVARCHAR(50) NOT NULL,
    [AffectedRows] BIGINT NOT NULL,
    [SampleValues] NVARCHAR(500) NULL,
    [EventTime] DATETIME2(3) NOT NULL,
    CONSTRAINT [PK_ACM_DataQualityEvents] PRIMARY KEY CLUSTERED ([RunID], [TableName], [ColumnName], [EventType])
)
GO

IF NOT EXISTS (SELECT 1 FROM sys.indexes WHERE object_id = OBJECT_ID(N'[ACM_DataQualityEvents]') AND name = N'IX_ACM_DataQualityEvents_EquipID_EventTime')
CREATE INDEX [IX_ACM_DataQualityEvents_EquipID_EventTime] ON [ACM_DataQualityEvents] ([EquipID], [EventTime] DESC)
GO

IF NOT EXISTS (SELECT 1 FROM sys.extended_properties WHERE major_id = OBJECT_ID(N'[ACM_DataQualityEvents]') AND minor_id = 0 AND name = N'MS_Description')
EXEC sys.sp_addextendedproperty N'MS_Description', N'Every reading that was dropped, replaced or refused: how many, where, why', N'SCHEMA', N'dbo', N'TABLE', N'ACM_DataQualityEvents'
GO

IF NOT EXISTS (SELECT 1 FROM sys.extended_properties WHERE major_id = OBJECT_ID(N'[ACM_DataQualityEvents]') AND minor_id = COLUMNPROPERTY(OBJECT_ID(N'[ACM_DataQualityEvents]'), N'RunID', 'ColumnId') AND name = N'MS_Description')
EXEC sys.sp_addextendedproperty N'MS_Description', N'Run that wrote the row (RunLog.RunID)', N'SCHEMA', N'dbo', N'TABLE', N'ACM_DataQualityEvents', N'COLUMN', N'RunID'
GO

IF NOT EXISTS (SELECT 1 FROM sys.extended_properties WHERE major_id = OBJECT_ID(N'[ACM_DataQualityEvents]') AND minor_id = COLUMNPROPERTY(OBJECT_ID(N'[ACM_DataQualityEvents]'), N'EquipID', 'ColumnId') AND name = N'MS_Description')
EXEC sys.sp_addextendedproperty N'MS_Description', N'Machine (Equipment.EquipID)', N'SCHEMA', N'dbo', N'TABLE', N'ACM_DataQualityEvents', N'COLUMN', N'EquipID'
GO

IF NOT EXISTS (SELECT 1 FROM sys.extended_properties WHERE major_id = OBJECT_ID(N'[ACM_DataQualityEvents]') AND minor_id = COLUMNPROPERTY(OBJECT_ID(N'[ACM_DataQualityEvents]'), N'TableName', 'ColumnId') AND name = N'MS_Description')
EXEC sys.sp_addextendedproperty N'MS_Description', N'Table the reading came from', N'SCHEMA', N'dbo', N'TABLE', N'ACM_DataQualityEvents', N'COLUMN', N'TableName'
GO

IF NOT EXISTS (SELECT 1 FROM sys.extended_properties WHERE major_id = OBJECT_ID(N'[ACM_DataQualityEvents]') AND minor_id = COLUMNPROPERTY(OBJECT_ID(N'[ACM_DataQualityEvents]'), N'ColumnName', 'ColumnId') AND name = N'MS_Description')
EXEC sys.sp_addextendedproperty N'MS_Description', N'Tag or column; empty where the whole row is meant', N'SCHEMA', N'dbo', N'TABLE', N'ACM_DataQualityEvents', N'COLUMN', N'ColumnName'
GO

IF NOT EXISTS (SELECT 1 FROM sys.extended_properties WHERE major_id = OBJECT_ID(N'[ACM_DataQualityEvents]') AND minor_id = COLUMNPROPERTY(OBJECT_ID(N'[ACM_DataQualityEvents]'), N'EventType', 'ColumnId') AND name = N'MS_Description')
EXEC sys.sp_addextendedproperty N'MS_Description', N'Rule that was broken, e.g. nan, infinite, out_of_range, duplicate, unparsed_time', N'SCHEMA', N'dbo', N'TABLE', N'ACM_DataQualityEvents', N'COLUMN', N'EventType'
GO

IF NOT EXISTS (SELECT 1 FROM sys.extended_properties WHERE major_id = OBJECT_ID(N'[ACM_DataQualityEvents]') AND minor_id = COLUMNPROPERTY(OBJECT_ID(N'[ACM_DataQualityEvents]'), N'AffectedRows', 'ColumnId') AND name = N'MS_Description')
EXEC sys.sp_addextendedproperty N'MS_Description', N'Readings concerned', N'SCHEMA', N'dbo', N'TABLE', N'ACM_DataQualityEvents', N'COLUMN', N'AffectedRows'
GO

IF NOT EXISTS (SELECT 1 FROM sys.extended_properties WHERE major_id = OBJECT_ID(N'[ACM_DataQualityEvents]') AND minor_id = COLUMNPROPERTY(OBJECT_ID(N'[ACM_DataQualityEvents]'), N'SampleValues', 'ColumnId') AND name = N'MS_Description')
EXEC sys.sp_addextendedproperty N'MS_Description', N'A few of the values, as they came', N'SCHEMA', N'dbo', N'TABLE', N'ACM_DataQualityEvents', N'COLUMN', N'SampleValues'
GO

IF NOT EXISTS (SELECT 1 FROM sys.extended_properties WHERE major_id = OBJECT_ID(N'[ACM_DataQualityEvents]') AND minor_id = COLUMNPROPERTY(OBJECT_ID(N'[ACM_DataQualityEvents]'), N'EventTime', 'ColumnId') AND name = N'MS_Description')
EXEC sys.sp_addextendedproperty N'MS_Description', N'When it was recorded, UTC', N'SCHEMA', N'dbo', N'TABLE', N'ACM_DataQualityEvents', N'COLUMN', N'EventTime'
GO

IF OBJECT_ID(N'[ACM_ColdstartState]', N'U') IS NULL
CREATE TABLE [ACM_ColdstartState] (
    [EquipID] INT NOT NULL,
    [Stage] NVARCHAR(20) NOT NULL,
    [Status] NVARCHAR(20) NOT NULL,
    [AccumulatedRows] BIGINT NOT NULL,
    [RequiredRows] BIGINT NOT NULL,
    [DataStart] DATETIME2(3) NULL,
    [DataEnd] DATETIME2(3) NULL,
    [TrainEnd] DATETIME2(3) NULL,
    [ModelVersion] INT NULL,
    [Reason] NVARCHAR(1000) NULL,
    [RetryAfter] DATETIME2(3) NULL,
    [AttemptCount] INT NOT NULL,
    [FirstAttemptAt] DATETIME2(3) NULL,
    [LastAttemptAt] DATETIME2(3) NULL,
    [CompletedAt] DATETIME2(3) NULL,
    CONSTRAINT [PK_ACM_ColdstartState] PRIMARY KEY CLUSTERED ([EquipID], [Stage]),
    CONSTRAINT [FK_ACM_ColdstartState_EquipID] FOREIGN KEY ([EquipID]) REFERENCES [Equipment] ([EquipID]),
    CONSTRAINT [CK_ACM_ColdstartState_Stage] CHECK ([Stage] IN (N'score')),
    CONSTRAINT [CK_ACM_ColdstartState_Status] CHECK ([Status] IN (N'PENDING', N'IN_PROGRESS', N'COMPLETE', N'FAILED'))
)
GO

IF NOT EXISTS (SELECT 1 FROM sys.extended_properties WHERE major_id = OBJECT_ID(N'[ACM_ColdstartState]') AND minor_id = 0 AND name = N'MS_Description')
EXEC sys.sp_addextendedproperty N'MS_Description', N'State machine of the first training of a machine', N'SCHEMA', N'dbo', N'TABLE', N'ACM_ColdstartState'
GO

IF NOT EXISTS (SELECT 1 FROM sys.extended_properties WHERE major_id = OBJECT_ID(N'[ACM_ColdstartState]') AND minor_id = COLUMNPROPERTY(OBJECT_ID(N'[ACM_ColdstartState]'), N'EquipID', 'ColumnId') AND name = N'MS_Description')
EXEC sys.sp_addextendedproperty N'MS_Description', N'Machine (Equipment.EquipID)', N'SCHEMA', N'dbo', N'TABLE', N'ACM_ColdstartState', N'COLUMN', N'EquipID'
GO

IF NOT EXISTS (SELECT 1 FROM sys.extended_properties WHERE major_id = OBJECT_ID(N'[ACM_ColdstartState]') AND minor_id = COLUMNPROPERTY(OBJECT_ID(N'[ACM_ColdstartState]'), N'Stage', 'ColumnId') AND name = N'MS_Description')
EXEC sys.sp_addextendedproperty N'MS_Description', N'What is started', N'SCHEMA', N'dbo', N'TABLE', N'ACM_ColdstartState', N'COLUMN', N'Stage'
GO

IF NOT EXISTS (SELECT 1 FROM sys.extended_properties WHERE major_id = OBJECT_ID(N'[ACM_ColdstartState]') AND minor_id = COLUMNPROPERTY(OBJECT_ID(N'[ACM_ColdstartState]'), N'Status', 'ColumnId') AND name = N'MS_Description')
EXEC sys.sp_addextendedproperty N'MS_Description', N'PENDING, IN_PROGRESS, COMPLETE or FAILED', N'SCHEMA', N'dbo', N'TABLE', N'ACM_ColdstartState', N'COLUMN', N'Status'
GO

IF NOT EXISTS (SELECT 1 FROM sys.extended_properties WHERE major_id = OBJECT_ID(N'[ACM_ColdstartState]') AND minor_id = COLUMNPROPERTY(OBJECT_ID(N'[ACM_ColdstartState]'), N'AccumulatedRows', 'ColumnId') AND name = N'MS_Description')
EXEC sys.sp_addextendedproperty N'MS_Description', N'Distinct running readings of the training period seen so far', N'SCHEMA', N'dbo', N'TABLE', N'ACM_ColdstartState', N'COLUMN', N'AccumulatedRows'
GO

IF NOT EXISTS (SELECT 1 FROM sys.extended_properties WHERE major_id = OBJECT_ID(N'[ACM_ColdstartState]') AND minor_id = COLUMNPROPERTY(OBJECT_ID(N'[ACM_ColdstartState]'), N'RequiredRows', 'ColumnId') AND name = N'MS_Description')
EXEC sys.sp_addextendedproperty N'MS_Description', N'Running readings the training needs', N'SCHEMA', N'dbo', N'TABLE', N'ACM_ColdstartState', N'COLUMN', N'RequiredRows'
GO

IF NOT EXISTS (SELECT 1 FROM sys.extended_properties WHERE major_id = OBJECT_ID(N'[ACM_ColdstartState]') AND minor_id = COLUMNPROPERTY(OBJECT_ID(N'[ACM_ColdstartState]'), N'DataStart', 'ColumnId') AND name = N'MS_Description')
EXEC sys.sp_addextendedproperty N'MS_Description', N'First reading of the training period, UTC', N'SCHEMA', N'dbo', N'TABLE', N'ACM_ColdstartState', N'COLUMN', N'DataStart'
GO

IF NOT EXISTS (SELECT 1 FROM sys.extended_properties WHERE major_id = OBJECT_ID(N'[ACM_ColdstartState]') AND minor_id = COLUMNPROPERTY(OBJECT_ID(N'[ACM_ColdstartState]'), N'DataEnd', 'ColumnId') AND name = N'MS_Description')
EXEC sys.sp_addextendedproperty N'MS_Description', N'Last reading seen by the last attempt, UTC', N'SCHEMA', N'dbo', N'TABLE', N'ACM_ColdstartState', N'COLUMN', N'DataEnd'
GO

IF NOT EXISTS (SELECT 1 FROM sys.extended_properties WHERE major_id = OBJECT_ID(N'[ACM_ColdstartState]') AND minor_id = COLUMNPROPERTY(OBJECT_ID(N'[ACM_ColdstartState]'), N'TrainEnd', 'ColumnId') AND name = N'MS_Description')
EXEC sys.sp_addextendedproperty N'MS_Description', N'End of the training period, UTC, excluded', N'SCHEMA', N'dbo', N'TABLE', N'ACM_ColdstartState', N'COLUMN', N'TrainEnd'
GO

IF NOT EXISTS (SELECT 1 FROM sys.extended_properties WHERE major_id = OBJECT_ID(N'[ACM_ColdstartState]') AND minor_id = COLUMNPROPERTY(OBJECT_ID(N'[ACM_ColdstartState]'), N'ModelVersion', 'ColumnId') AND name = N'MS_Description')
EXEC sys.sp_addextendedproperty N'MS_Description', N'Models that were committed together with COMPLETE', N'SCHEMA', N'dbo', N'TABLE', N'ACM_ColdstartState', N'COLUMN', N'ModelVersion'
GO

IF NOT EXISTS (SELECT 1 FROM sys.extended_properties WHERE major_id = OBJECT_ID(N'[ACM_ColdstartState]') AND minor_id = COLUMNPROPERTY(OBJECT_ID(N'[ACM_ColdstartState]'), N'Reason', 'ColumnId') AND name = N'MS_Description')
EXEC sys.sp_addextendedproperty N'MS_Description', N'Why the machine is in this state', N'SCHEMA', N'dbo', N'TABLE', N'ACM_ColdstartState', N'COLUMN', N'Reason'
GO

IF NOT EXISTS (SELECT 1 FROM sys.extended_properties WHERE major_id = OBJECT_ID(N'[ACM_ColdstartState]') AND minor_id = COLUMNPROPERTY(OBJECT_ID(N'[ACM_ColdstartState]'), N'RetryAfter', 'ColumnId') AND name = N'MS_Description')
EXEC sys.sp_addextendedproperty N'MS_Description', N'A FAILED coldstart is not tried again before this time, UTC', N'SCHEMA', N'dbo', N'TABLE', N'ACM_ColdstartState', N'COLUMN', N'RetryAfter'
GO

IF NOT EXISTS (SELECT 1 FROM sys.extended_properties WHERE major_id = OBJECT_ID(N'[ACM_ColdstartState]') AND minor_id = COLUMNPROPERTY(OBJECT_ID(N'[ACM_ColdstartState]'), N'AttemptCount', 'ColumnId') AND name = N'MS_Description')
EXEC sys.sp_addextendedproperty N'MS_Description', N'Attempts so far', N'SCHEMA', N'dbo', N'TABLE', N'ACM_ColdstartState', N'COLUMN', N'AttemptCount'
GO

IF NOT EXISTS (SELECT 1 FROM sys.extended_properties WHERE major_id = OBJECT_ID(N'[ACM_ColdstartState]') AND minor_id = COLUMNPROPERTY(OBJECT_ID(N'[ACM_ColdstartState]'), N'FirstAttemptAt', 'ColumnId') AND name = N'MS_Description')
EXEC sys.sp_addextendedproperty N'MS_Description', N'First attempt, UTC', N'SCHEMA', N'dbo', N'TABLE', N'ACM_ColdstartState', N'COLUMN', N'FirstAttemptAt'
GO

IF NOT EXISTS (SELECT 1 FROM sys.extended_properties WHERE major_id = OBJECT_ID(N'[ACM_ColdstartState]') AND minor_id = COLUMNPROPERTY(OBJECT_ID(N'[ACM_ColdstartState]'), N'LastAttemptAt', 'ColumnId') AND name = N'MS_Description')
EXEC sys.sp_addextendedproperty N'MS_Description', N'Last attempt, UTC', N'SCHEMA', N'dbo', N'TABLE', N'ACM_ColdstartState', N'COLUMN', N'LastAttemptAt'
GO

IF NOT EXISTS (SELECT 1 FROM sys.extended_properties WHERE major_id = OBJECT_ID(N'[ACM_ColdstartState]') AND minor_id = COLUMNPROPERTY(OBJECT_ID(N'[ACM_ColdstartState]'), N'CompletedAt', 'ColumnId') AND name = N'MS_Description')
EXEC sys.sp_addextendedproperty N'MS_Description', N'When COMPLETE was reached, UTC', N'SCHEMA', N'dbo', N'TABLE', N'ACM_ColdstartState', N'COLUMN', N'CompletedAt'
GO

IF OBJECT_ID(N'[ModelRegistry]', N'U') IS NULL
CREATE TABLE [ModelRegistry] (
    [RunID] UNIQUEIDENTIFIER NOT NULL,
    [EquipID] INT NOT NULL,
    [ModelType] NVARCHAR(16) NOT NULL,
    [Version] INT NOT NULL,
    [HoldsFrom] DATETIME2(3) NOT NULL,
    [TrainStart] DATETIME2(3) NOT NULL,
    [TrainEnd] DATETIME2(3) NOT NULL,
    [TrainRows] BIGINT NOT NULL,
    [Tags] NVARCHAR(MAX) NOT NULL,
    [ParamsJSON] NVARCHAR(MAX) NOT NULL,
    [LibrariesJSON] NVARCHAR(MAX) NOT NULL,
    [ConfigSignature] NVARCHAR(64) NOT NULL,
    [ModelBytes] VARBINARY(MAX) NOT NULL,
    [Hash] NVARCHAR(64) NOT NULL,
    [CreatedAt] DATETIME2(3) NOT NULL,
    CONSTRAINT [PK_ModelRegistry] PRIMARY KEY CLUSTERED ([EquipID], [ModelType], [Version]),
    CONSTRAINT [FK_ModelRegistry_RunID] FOREIGN KEY ([RunID]) REFERENCES [RunLog] ([RunID]),
    CONSTRAINT [FK_ModelRegistry_EquipID] FOREIGN KEY ([EquipID]) REFERENCES [Equipment] ([EquipID]),
    CONSTRAINT [CK_ModelRegistry_ModelType] CHECK ([ModelType] IN (N'pipeline'))
)
GO

IF NOT EXISTS (SELECT 1 FROM sys.extended_properties WHERE major_id = OBJECT_ID(N'[ModelRegistry]') AND minor_id = 0 AND name = N'MS_Description')
EXEC sys.sp_addextendedproperty N'MS_Description', N'Versioned models in a safe format', N'SCHEMA', N'dbo', N'TABLE', N'ModelRegistry'
GO

IF NOT EXISTS (SELECT 1 FROM sys.extended_properties WHERE major_id = OBJECT_ID(N'[ModelRegistry]') AND minor_id = COLUMNPROPERTY(OBJECT_ID(N'[ModelRegistry]'), N'RunID', 'ColumnId') AND name = N'MS_Description')
EXEC sys.sp_addextendedproperty N'MS_Description', N'Run that wrote the row (RunLog.RunID)', N'SCHEMA', N'dbo', N'TABLE', N'ModelRegistry', N'COLUMN', N'RunID'
GO

IF NOT EXISTS (SELECT 1 FROM sys.extended_properties WHERE major_id = OBJECT_ID(N'[ModelRegistry]') AND minor_id = COLUMNPROPERTY(OBJECT_ID(N'[ModelRegistry]'), N'EquipID', 'ColumnId') AND name = N'MS_Description')
EXEC sys.sp_addextendedproperty N'MS_Description', N'Machine (Equipment.EquipID)', N'SCHEMA', N'dbo', N'TABLE', N'ModelRegistry', N'COLUMN', N'EquipID'
GO

IF NOT EXISTS (SELECT 1 FROM sys.extended_properties WHERE major_id = OBJECT_ID(N'[ModelRegistry]') AND minor_id = COLUMNPROPERTY(OBJECT_ID(N'[ModelRegistry]'), N'ModelType', 'ColumnId') AND name = N'MS_Description')
EXEC sys.sp_addextendedproperty N'MS_Description', N'What the bytes are', N'SCHEMA', N'dbo', N'TABLE', N'ModelRegistry', N'COLUMN', N'ModelType'
GO

IF NOT EXISTS (SELECT 1 FROM sys.extended_properties WHERE major_id = OBJECT_ID(N'[ModelRegistry]') AND minor_id = COLUMNPROPERTY(OBJECT_ID(N'[ModelRegistry]'), N'Version', 'ColumnId') AND name = N'MS_Description')
EXEC sys.sp_addextendedproperty N'MS_Description', N'Counted from 1 per machine', N'SCHEMA', N'dbo', N'TABLE', N'ModelRegistry', N'COLUMN', N'Version'
GO

IF NOT EXISTS (SELECT 1 FROM sys.extended_properties WHERE major_id = OBJECT_ID(N'[ModelRegistry]') AND minor_id = COLUMNPROPERTY(OBJECT_ID(N'[ModelRegistry]'), N'HoldsFrom', 'ColumnId') AND name = N'MS_Description')
EXEC sys.sp_addextendedproperty N'MS_Description', N'Data time from which the version scores, UTC', N'SCHEMA', N'dbo', N'TABLE', N'ModelRegistry', N'COLUMN', N'HoldsFrom'
GO

IF NOT EXISTS (SELECT 1 FROM sys.extended_properties WHERE major_id = OBJECT_ID(N'[ModelRegistry]') AND minor_id = COLUMNPROPERTY(OBJECT_ID(N'[ModelRegistry]'), N'TrainStart', 'ColumnId') AND name = N'MS_Description')
EXEC sys.sp_addextendedproperty N'MS_Description', N'Start of the training period, UTC, included', N'SCHEMA', N'dbo', N'TABLE', N'ModelRegistry', N'COLUMN', N'TrainStart'
GO

IF NOT EXISTS (SELECT 1 FROM sys.extended_properties WHERE major_id = OBJECT_ID(N'[ModelRegistry]') AND minor_id = COLUMNPROPERTY(OBJECT_ID(N'[ModelRegistry]'), N'TrainEnd', 'ColumnId') AND name = N'MS_Description')
EXEC sys.sp_addextendedproperty N'MS_Description', N'End of the training period, UTC, excluded', N'SCHEMA', N'dbo', N'TABLE', N'ModelRegistry', N'COLUMN', N'TrainEnd'
GO

IF NOT EXISTS (SELECT 1 FROM sys.extended_properties WHERE major_id = OBJECT_ID(N'[ModelRegistry]') AND minor_id = COLUMNPROPERTY(OBJECT_ID(N'[ModelRegistry]'), N'TrainRows', 'ColumnId') AND name = N'MS_Description')
EXEC sys.sp_addextendedproperty N'MS_Description', N'Running readings fitted or calibrated on', N'SCHEMA', N'dbo', N'TABLE', N'ModelRegistry', N'COLUMN', N'TrainRows'
GO

IF NOT EXISTS (SELECT 1 FROM sys.extended_properties WHERE major_id = OBJECT_ID(N'[ModelRegistry]') AND minor_id = COLUMNPROPERTY(OBJECT_ID(N'[ModelRegistry]'), N'Tags', 'ColumnId') AND name = N'MS_Description')
EXEC sys.sp_addextendedproperty N'MS_Description', N'Tags in model order, JSON list', N'SCHEMA', N'dbo', N'TABLE', N'ModelRegistry', N'COLUMN', N'Tags'
GO

IF NOT EXISTS (SELECT 1 FROM sys.extended_properties WHERE major_id = OBJECT_ID(N'[ModelRegistry]') AND minor_id = COLUMNPROPERTY(OBJECT_ID(N'[ModelRegistry]'), N'ParamsJSON', 'ColumnId') AND name = N'MS_Description')
EXEC sys.sp_addextendedproperty N'MS_Description', N'Settings the models were fitted with', N'SCHEMA', N'dbo', N'TABLE', N'ModelRegistry', N'COLUMN', N'ParamsJSON'
GO

IF NOT EXISTS (SELECT 1 FROM sys.extended_properties WHERE major_id = OBJECT_ID(N'[ModelRegistry]') AND minor_id = COLUMNPROPERTY(OBJECT_ID(N'[ModelRegistry]'), N'LibrariesJSON', 'ColumnId') AND name = N'MS_Description')
EXEC sys.sp_addextendedproperty N'MS_Description', N'Library versions at fit time', N'SCHEMA', N'dbo', N'TABLE', N'ModelRegistry', N'COLUMN', N'LibrariesJSON'
GO

IF NOT EXISTS (SELECT 1 FROM sys.extended_properties WHERE major_id = OBJECT_ID(N'[ModelRegistry]') AND minor_id = COLUMNPROPERTY(OBJECT_ID(N'[ModelRegistry]'), N'ConfigSignature', 'ColumnId') AND name = N'MS_Description')
EXEC sys.sp_addextendedproperty N'MS_Description', N'Settings the models were fitted under', N'SCHEMA', N'dbo', N'TABLE', N'ModelRegistry', N'COLUMN', N'ConfigSignature'
GO

IF NOT EXISTS (SELECT 1 FROM sys.extended_properties WHERE major_id = OBJECT_ID(N'[ModelRegistry]') AND minor_id = COLUMNPROPERTY(OBJECT_ID(N'[ModelRegistry]'), N'ModelBytes', 'ColumnId') AND name = N'MS_Description')
EXEC sys.sp_addextendedproperty N'MS_Description', N'The models, as score.Model.to_bytes writes them', N'SCHEMA', N'dbo', N'TABLE', N'ModelRegistry', N'COLUMN', N'ModelBytes'
GO

IF NOT EXISTS (SELECT 1 FROM sys.extended_properties WHERE major_id = OBJECT_ID(N'[ModelRegistry]') AND minor_id = COLUMNPROPERTY(OBJECT_ID(N'[ModelRegistry]'), N'Hash', 'ColumnId') AND name = N'MS_Description')
EXEC sys.sp_addextendedproperty N'MS_Description', N'SHA-256 of ModelBytes', N'SCHEMA', N'dbo', N'TABLE', N'ModelRegistry', N'COLUMN', N'Hash'
GO

IF NOT EXISTS (SELECT 1 FROM sys.extended_properties WHERE major_id = OBJECT_ID(N'[ModelRegistry]') AND minor_id = COLUMNPROPERTY(OBJECT_ID(N'[ModelRegistry]'), N'CreatedAt', 'ColumnId') AND name = N'MS_Description')
EXEC sys.sp_addextendedproperty N'MS_Description', N'When the version was written, UTC', N'SCHEMA', N'dbo', N'TABLE', N'ModelRegistry', N'COLUMN', N'CreatedAt'
GO

IF OBJECT_ID(N'[ACM_State]', N'U') IS NULL
CREATE TABLE [ACM_State] (
    [RunID] UNIQUEIDENTIFIER NOT NULL,
    [EquipID] INT NOT NULL,
    [AsOf] DATETIME2(3) NOT NULL,
    [ModelVersion] INT NOT NULL,
    [Blob] VARBINARY(MAX) NOT NULL,
    [Hash] NVARCHAR(64) NOT NULL,
    CONSTRAINT [PK_ACM_State] PRIMARY KEY CLUSTERED ([EquipID], [AsOf]),
    CONSTRAINT [FK_ACM_State_RunID] FOREIGN KEY ([RunID]) REFERENCES [RunLog] ([RunID]),
    CONSTRAINT [FK_ACM_State_EquipID] FOREIGN KEY ([EquipID]) REFERENCES [Equipment] ([EquipID])
)
GO

IF NOT EXISTS (SELECT 1 FROM sys.extended_properties WHERE major_id = OBJECT_ID(N'[ACM_State]') AND minor_id = 0 AND name = N'MS_Description')
EXEC sys.sp_addextendedproperty N'MS_Description', N'What scoring carries across windows, as of the end of a window', N'SCHEMA', N'dbo', N'TABLE', N'ACM_State'
GO

IF NOT EXISTS (SELECT 1 FROM sys.extended_properties WHERE major_id = OBJECT_ID(N'[ACM_State]') AND minor_id = COLUMNPROPERTY(OBJECT_ID(N'[ACM_State]'), N'RunID', 'ColumnId') AND name = N'MS_Description')
EXEC sys.sp_addextendedproperty N'MS_Description', N'Run that wrote the row (RunLog.RunID)', N'SCHEMA', N'dbo', N'TABLE', N'ACM_State', N'COLUMN', N'RunID'
GO

IF NOT EXISTS (SELECT 1 FROM sys.extended_properties WHERE major_id = OBJECT_ID(N'[ACM_State]') AND minor_id = COLUMNPROPERTY(OBJECT_ID(N'[ACM_State]'), N'EquipID', 'ColumnId') AND name = N'MS_Description')
EXEC sys.sp_addextendedproperty N'MS_Description', N'Machine (Equipment.EquipID)', N'SCHEMA', N'dbo', N'TABLE', N'ACM_State', N'COLUMN', N'EquipID'
GO

IF NOT EXISTS (SELECT 1 FROM sys.extended_properties WHERE major_id = OBJECT_ID(N'[ACM_State]') AND minor_id = COLUMNPROPERTY(OBJECT_ID(N'[ACM_State]'), N'AsOf', 'ColumnId') AND name = N'MS_Description')
EXEC sys.sp_addextendedproperty N'MS_Description', N'End of the window after which the state holds, UTC', N'SCHEMA', N'dbo', N'TABLE', N'ACM_State', N'COLUMN', N'AsOf'
GO

IF NOT EXISTS (SELECT 1 FROM sys.extended_properties WHERE major_id = OBJECT_ID(N'[ACM_State]') AND minor_id = COLUMNPROPERTY(OBJECT_ID(N'[ACM_State]'), N'ModelVersion', 'ColumnId') AND name = N'MS_Description')
EXEC sys.sp_addextendedproperty N'MS_Description', N'Models the state belongs to', N'SCHEMA', N'dbo', N'TABLE', N'ACM_State', N'COLUMN', N'ModelVersion'
GO

IF NOT EXISTS (SELECT 1 FROM sys.extended_properties WHERE major_id = OBJECT_ID(N'[ACM_State]') AND minor_id = COLUMNPROPERTY(OBJECT_ID(N'[ACM_State]'), N'Blob', 'ColumnId') AND name = N'MS_Description')
EXEC sys.sp_addextendedproperty N'MS_Description', N'The state, as score.State.to_bytes writes it', N'SCHEMA', N'dbo', N'TABLE', N'ACM_State', N'COLUMN', N'Blob'
GO

IF NOT EXISTS (SELECT 1 FROM sys.extended_properties WHERE major_id = OBJECT_ID(N'[ACM_State]') AND minor_id = COLUMNPROPERTY(OBJECT_ID(N'[ACM_State]'), N'Hash', 'ColumnId') AND name = N'MS_Description')
EXEC sys.sp_addextendedproperty N'MS_Description', N'SHA-256 of Blob', N'SCHEMA', N'dbo', N'TABLE', N'ACM_State', N'COLUMN', N'Hash'
GO

IF OBJECT_ID(N'[ACM_BatchProgress]', N'U') IS NULL
CREATE TABLE [ACM_BatchProgress] (
    [EquipID] INT NOT NULL,
    [LastBatchEndTime] DATETIME2(3) NOT NULL,
    [BatchesCompleted] BIGINT NOT NULL,
    [TickMinutes] INT NOT NULL,
    [ConfigSignature] NVARCHAR(64) NOT NULL,
    [ModelVersion] INT NOT NULL,
    [ColdstartComplete] BIT NOT NULL,
    [DataMin] DATETIME2(3) NOT NULL,
    [DataMax] DATETIME2(3) NULL,
    [UpdatedAt] DATETIME2(3) NOT NULL,
    CONSTRAINT [PK_ACM_BatchProgress] PRIMARY KEY CLUSTERED ([EquipID]),
    CONSTRAINT [FK_ACM_BatchProgress_EquipID] FOREIGN KEY ([EquipID]) REFERENCES [Equipment] ([EquipID])
)
GO

IF NOT EXISTS (SELECT 1 FROM sys.extended_properties WHERE major_id = OBJECT_ID(N'[ACM_BatchProgress]') AND minor_id = 0 AND name = N'MS_Description')
EXEC sys.sp_addextendedproperty N'MS_Description', N'How far each machine is: moves in the transaction that publishes the data', N'SCHEMA', N'dbo', N'TABLE', N'ACM_BatchProgress'
GO

IF NOT EXISTS (SELECT 1 FROM sys.extended_properties WHERE major_id = OBJECT_ID(N'[ACM_BatchProgress]') AND minor_id = COLUMNPROPERTY(OBJECT_ID(N'[ACM_BatchProgress]'), N'EquipID', 'ColumnId') AND name = N'MS_Description')
EXEC sys.sp_addextendedproperty N'MS_Description', N'Machine (Equipment.EquipID)', N'SCHEMA', N'dbo', N'TABLE', N'ACM_BatchProgress', N'COLUMN', N'EquipID'
GO

IF NOT EXISTS (SELECT 1 FROM sys.extended_properties WHERE major_id = OBJECT_ID(N'[ACM_BatchProgress]') AND minor_id = COLUMNPROPERTY(OBJECT_ID(N'[ACM_BatchProgress]'), N'LastBatchEndTime', 'ColumnId') AND name = N'MS_Description')
EXEC sys.sp_addextendedproperty N'MS_Description', N'End of the last final window, UTC: the next run starts here', N'SCHEMA', N'dbo', N'TABLE', N'ACM_BatchProgress', N'COLUMN', N'LastBatchEndTime'
GO

IF NOT EXISTS (SELECT 1 FROM sys.extended_properties WHERE major_id = OBJECT_ID(N'[ACM_BatchProgress]') AND minor_id = COLUMNPROPERTY(OBJECT_ID(N'[ACM_BatchProgress]'), N'BatchesCompleted', 'ColumnId') AND name = N'MS_Description')
EXEC sys.sp_addextendedproperty N'MS_Description', N'Final windows published (NOOP windows included)', N'SCHEMA', N'dbo', N'TABLE', N'ACM_BatchProgress', N'COLUMN', N'BatchesCompleted'
GO

IF NOT EXISTS (SELECT 1 FROM sys.extended_properties WHERE major_id = OBJECT_ID(N'[ACM_BatchProgress]') AND minor_id = COLUMNPROPERTY(OBJECT_ID(N'[ACM_BatchProgress]'), N'TickMinutes', 'ColumnId') AND name = N'MS_Description')
EXEC sys.sp_addextendedproperty N'MS_Description', N'Length of a window, minutes', N'SCHEMA', N'dbo', N'TABLE', N'ACM_BatchProgress', N'COLUMN', N'TickMinutes'
GO

IF NOT EXISTS (SELECT 1 FROM sys.extended_properties WHERE major_id = OBJECT_ID(N'[ACM_BatchProgress]') AND minor_id = COLUMNPROPERTY(OBJECT_ID(N'[ACM_BatchProgress]'), N'ConfigSignature', 'ColumnId') AND name = N'MS_Description')
EXEC sys.sp_addextendedproperty N'MS_Description', N'Settings the rows were made with', N'SCHEMA', N'dbo', N'TABLE', N'ACM_BatchProgress', N'COLUMN', N'ConfigSignature'
GO

IF NOT EXISTS (SELECT 1 FROM sys.extended_properties WHERE major_id = OBJECT_ID(N'[ACM_BatchProgress]') AND minor_id = COLUMNPROPERTY(OBJECT_ID(N'[ACM_BatchProgress]'), N'ModelVersion', 'ColumnId') AND name = N'MS_Description')
EXEC sys.sp_addextendedproperty N'MS_Description', N'Models in use', N'SCHEMA', N'dbo', N'TABLE', N'ACM_BatchProgress', N'COLUMN', N'ModelVersion'
GO

IF NOT EXISTS (SELECT 1 FROM sys.extended_properties WHERE major_id = OBJECT_ID(N'[ACM_BatchProgress]') AND minor_id = COLUMNPROPERTY(OBJECT_ID(N'[ACM_BatchProgress]'), N'ColdstartComplete', 'ColumnId') AND name = N'MS_Description')
EXEC sys.sp_addextendedproperty N'MS_Description', N'Whether models exist', N'SCHEMA', N'dbo', N'TABLE', N'ACM_BatchProgress', N'COLUMN', N'ColdstartComplete'
GO

IF NOT EXISTS (SELECT 1 FROM sys.extended_properties WHERE major_id = OBJECT_ID(N'[ACM_BatchProgress]') AND minor_id = COLUMNPROPERTY(OBJECT_ID(N'[ACM_BatchProgress]'), N'DataMin', 'ColumnId') AND name = N'MS_Description')
EXEC sys.sp_addextendedproperty N'MS_Description', N'Start of the history that is backfilled, UTC', N'SCHEMA', N'dbo', N'TABLE', N'ACM_BatchProgress', N'COLUMN', N'DataMin'
GO

IF NOT EXISTS (SELECT 1 FROM sys.extended_properties WHERE major_id = OBJECT_ID(N'[ACM_BatchProgress]') AND minor_id = COLUMNPROPERTY(OBJECT_ID(N'[ACM_BatchProgress]'), N'DataMax', 'ColumnId') AND name = N'MS_Description')
EXEC sys.sp_addextendedproperty N'MS_Description', N'Newest reading known, UTC', N'SCHEMA', N'dbo', N'TABLE', N'ACM_BatchProgress', N'COLUMN', N'DataMax'
GO

IF NOT EXISTS (SELECT 1 FROM sys.extended_properties WHERE major_id = OBJECT_ID(N'[ACM_BatchProgress]') AND minor_id = COLUMNPROPERTY(OBJECT_ID(N'[ACM_BatchProgress]'), N'UpdatedAt', 'ColumnId') AND name = N'MS_Description')
EXEC sys.sp_addextendedproperty N'MS_Description', N'When the row was written, UTC', N'SCHEMA', N'dbo', N'TABLE', N'ACM_BatchProgress', N'COLUMN', N'UpdatedAt'
GO
