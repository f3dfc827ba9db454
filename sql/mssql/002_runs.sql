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

IF OBJECT_ID(N'[dbo].[RunLog]', N'U') IS NULL
CREATE TABLE [dbo].[RunLog] (
    [RunID] UNIQUEIDENTIFIER NOT NULL,
    [EquipID] INT NOT NULL,
    [Stage] NVARCHAR(32) COLLATE Latin1_General_100_BIN2 NOT NULL,
    [WindowStart] DATETIME2(3) NULL,
    [WindowEnd] DATETIME2(3) NULL,
    [Outcome] NVARCHAR(16) COLLATE Latin1_General_100_BIN2 NOT NULL,
    [Provisional] BIT NOT NULL,
    [TickMinutes] INT NULL,
    [ModelVersion] INT NULL,
    [ConfigSignature] NVARCHAR(64) COLLATE Latin1_General_100_BIN2 NOT NULL,
    [RowsRead] BIGINT NULL,
    [RowsWritten] BIGINT NULL,
    [InputHash] NVARCHAR(64) COLLATE Latin1_General_100_BIN2 NULL,
    [Attempt] INT NOT NULL,
    [AttemptStartedAt] DATETIME2(3) NOT NULL,
    [StartedAt] DATETIME2(3) NOT NULL,
    [CompletedAt] DATETIME2(3) NULL,
    [ErrorMessage] NVARCHAR(1000) COLLATE Latin1_General_100_BIN2 NULL,
    [Holder] NVARCHAR(200) COLLATE Latin1_General_100_BIN2 NULL,
    [Version] NVARCHAR(32) COLLATE Latin1_General_100_BIN2 NOT NULL,
    CONSTRAINT [PK_RunLog] PRIMARY KEY NONCLUSTERED ([RunID]),
    CONSTRAINT [FK_RunLog_EquipID] FOREIGN KEY ([EquipID]) REFERENCES [dbo].[Equipment] ([EquipID]),
    CONSTRAINT [CK_RunLog_Stage] CHECK ([Stage] IN (N'score', N'coldstart', N'refit', N'import')),
    CONSTRAINT [CK_RunLog_Outcome] CHECK ([Outcome] IN (N'RUNNING', N'OK', N'NOOP', N'FAIL', N'SUPERSEDED')),
    CONSTRAINT [CK_RunLog_StartedAt_CompletedAt] CHECK ([CompletedAt] >= [StartedAt]),
    CONSTRAINT [CK_RunLog_StartedAt_AttemptStartedAt] CHECK ([AttemptStartedAt] >= [StartedAt]),
    CONSTRAINT [CK_RunLog_WindowStart_WindowEnd] CHECK ([WindowEnd] >= [WindowStart])
)
GO

IF OBJECT_ID(N'[dbo].[RunLog]', N'U') IS NOT NULL AND SERVERPROPERTY('BabelfishVersion') IS NULL
BEGIN
    DECLARE @sql NVARCHAR(MAX), @message NVARCHAR(2048), @online NVARCHAR(20) = CASE
        WHEN CAST(SERVERPROPERTY('EngineEdition') AS INT) IN (3, 5, 8) THEN N' WITH (ONLINE = ON)' ELSE N'' END;
    DECLARE @children TABLE (parent NVARCHAR(300) NOT NULL, reference NVARCHAR(300) NOT NULL);
    INSERT INTO @children (parent, reference)
    SELECT N'[dbo].' + QUOTENAME(v.name), QUOTENAME(N'FK_' + v.name + N'_RunID')
    FROM (VALUES
        (N'ACM_Runs'),
        (N'ACM_Run_Stats'),
        (N'ACM_RunErrors'),
        (N'ACM_WriteMetrics'),
        (N'ModelRegistry'),
        (N'ACM_State'),
        (N'ACM_Episodes'),
        (N'ACM_EpisodeCulprits'),
        (N'ACM_ThresholdCrossings'),
        (N'ACM_DefectTimeline'),
        (N'ACM_DriftEvents'),
        (N'ACM_Regime_Episodes'),
        (N'ACM_AlertAge'),
        (N'ACM_SensorDaily'),
        (N'ACM_SensorHotspots'),
        (N'ACM_DataQuality'),
        (N'ACM_DefectSummary'),
        (N'ACM_EpisodeMetrics'),
        (N'ACM_RegimeOccupancy'),
        (N'ACM_RegimeTransitions'),
        (N'ACM_CalibrationSummary'),
        (N'ACM_ModelTags'),
        (N'ACM_HealthDaily'),
        (N'ACM_DetectorDaily'),
        (N'ACM_SinceWhen'),
        (N'ACM_SensorDefects'),
        (N'ACM_SensorRanking'),
        (N'ACM_DetectorCorrelation'),
        (N'ACM_HealthHistogram'),
        (N'ACM_RegimeDwellStats'),
        (N'ACM_RegimeStability'),
        (N'ACM_PCA_Models'),
        (N'ACM_PCA_Loadings'),
        (N'ACM_PCA_Metrics'),
        (N'ACM_OMR_Diagnostics'),
        (N'ACM_HealthForecast_TS'),
        (N'ACM_FailureForecast_TS'),
        (N'ACM_RUL_Summary'),
        (N'ACM_RUL_Attribution'),
        (N'ACM_SensorForecast_TS'),
        (N'ACM_MaintenanceRecommendation')
    ) AS v (name)
    WHERE v.name <> N'';
    IF EXISTS (SELECT 1 FROM sys.indexes WHERE object_id = OBJECT_ID(N'[dbo].[RunLog]') AND is_primary_key = 1 AND index_id = 1)
    BEGIN
        SELECT @sql = STRING_AGG(CAST(QUOTENAME(OBJECT_NAME(f.parent_object_id)) AS NVARCHAR(MAX)), N', ')
        FROM sys.foreign_keys AS f
        WHERE f.referenced_object_id = OBJECT_ID(N'[dbo].[RunLog]')
            AND f.object_id NOT IN (
                SELECT OBJECT_ID(N'[dbo].' + c.reference) FROM @children AS c
                WHERE OBJECT_ID(N'[dbo].' + c.reference) IS NOT NULL
            );
        IF @sql IS NOT NULL
        BEGIN
            SET @message = N'The key of ' + N'RunLog' + N' changes, but foreign keys of other tables refer to it: '
                + LEFT(@sql, 1000) + N'. Drop them, run acm-etl init, and create them again.';
            THROW 50000, @message, 1;
        END;
        IF NOT EXISTS (SELECT 1 FROM sys.indexes WHERE object_id = OBJECT_ID(N'[dbo].[RunLog]') AND name = N'TMP_RunLog_key')
        BEGIN
            SET @sql = N'CREATE UNIQUE INDEX [TMP_RunLog_key] ON [dbo].[RunLog] ([RunID])' + @online;
            EXEC sys.sp_executesql @sql;
        END;
        SELECT @sql = STRING_AGG(
            CAST(N'ALTER TABLE ' + c.parent + N' DROP CONSTRAINT ' + c.reference AS NVARCHAR(MAX)), N'; ')
        FROM @children AS c
        INNER JOIN sys.foreign_keys AS f ON f.object_id = OBJECT_ID(N'[dbo].' + c.reference)
        WHERE f.referenced_object_id = OBJECT_ID(N'[dbo].[RunLog]');
        IF @sql IS NOT NULL
            EXEC sys.sp_executesql @sql;
        SET @sql = N'ALTER TABLE [dbo].[RunLog] DROP CONSTRAINT [PK_RunLog]' + @online;
        EXEC sys.sp_executesql @sql;
    END;
    IF NOT EXISTS (SELECT 1 FROM sys.indexes WHERE object_id = OBJECT_ID(N'[dbo].[RunLog]') AND index_id = 1)
    BEGIN
        SET @sql = N'CREATE UNIQUE CLUSTERED INDEX [CX_RunLog] ON [dbo].[RunLog] ([EquipID], [WindowStart], [RunID])' + @online;
        EXEC sys.sp_executesql @sql;
    END;
    IF NOT EXISTS (SELECT 1 FROM sys.indexes WHERE object_id = OBJECT_ID(N'[dbo].[RunLog]') AND is_primary_key = 1)
    BEGIN
        SET @sql = N'ALTER TABLE [dbo].[RunLog] ADD CONSTRAINT [PK_RunLog] PRIMARY KEY NONCLUSTERED ([RunID])' + @online;
        EXEC sys.sp_executesql @sql;
    END;
    DROP INDEX IF EXISTS [TMP_RunLog_key] ON [dbo].[RunLog];
    DROP INDEX IF EXISTS [IX_RunLog_EquipID_WindowStart] ON [dbo].[RunLog];
    SELECT @sql = STRING_AGG(
        CAST(N'ALTER TABLE ' + c.parent + N' WITH CHECK ADD CONSTRAINT ' + c.reference
            + N' FOREIGN KEY ([RunID]) REFERENCES [dbo].[RunLog] ([RunID])' AS NVARCHAR(MAX)), N'; ')
    FROM @children AS c
    WHERE OBJECT_ID(c.parent, N'U') IS NOT NULL AND OBJECT_ID(N'[dbo].' + c.reference, N'F') IS NULL;
    IF @sql IS NOT NULL
        EXEC sys.sp_executesql @sql;
END
GO

DROP INDEX IF EXISTS [IX_RunLog_EquipID_StartedAt] ON [dbo].[RunLog]
GO

IF NOT EXISTS (
    SELECT 1 FROM sys.indexes AS i
    INNER JOIN sys.index_columns AS x ON x.object_id = i.object_id AND x.index_id = i.index_id AND x.key_ordinal > 0
    WHERE i.object_id = OBJECT_ID(N'[dbo].[RunLog]') AND (i.name = N'IX_RunLog_EquipID_AttemptStartedAt' OR (i.has_filter = 0 AND i.is_disabled = 0))
    GROUP BY i.index_id
    HAVING MAX(i.name) = N'IX_RunLog_EquipID_AttemptStartedAt' OR STRING_AGG(
        QUOTENAME(COL_NAME(x.object_id, x.column_id))
        + CASE WHEN x.is_descending_key = 1 THEN N' DESC' ELSE N'' END, N', '
    ) WITHIN GROUP (ORDER BY x.key_ordinal) = N'[EquipID], [AttemptStartedAt] DESC'
)
CREATE INDEX [IX_RunLog_EquipID_AttemptStartedAt] ON [dbo].[RunLog] ([EquipID], [AttemptStartedAt] DESC)
GO

IF EXISTS (
    SELECT 1 FROM sys.tables
    WHERE object_id = OBJECT_ID(N'[dbo].[RunLog]', N'U') AND lock_escalation_desc <> N'DISABLE'
)
ALTER TABLE [dbo].[RunLog] SET (LOCK_ESCALATION = DISABLE)
GO

SET NOCOUNT ON;
DECLARE @object INT = OBJECT_ID(N'[dbo].[RunLog]');
DECLARE @docs TABLE (part sysname NULL, about NVARCHAR(3700) NOT NULL, is_new BIT NOT NULL);
INSERT INTO @docs (part, about, is_new)
SELECT v.part, v.about, CASE WHEN p.name IS NULL THEN 1 ELSE 0 END
FROM (VALUES
    (CAST(NULL AS sysname), N'Life cycle of every run; a run is one window of one machine, one import, one coldstart or one refit'),
    (N'RunID', N'Run that wrote the row (RunLog.RunID)'),
    (N'EquipID', N'Machine (Equipment.EquipID)'),
    (N'Stage', N'Kind of run'),
    (N'WindowStart', N'Start of the window, UTC, included'),
    (N'WindowEnd', N'End of the window, UTC, excluded'),
    (N'Outcome', N'RUNNING until the transaction that publishes the data sets the result'),
    (N'Provisional', N'The window was incomplete: the next run replaces its rows'),
    (N'TickMinutes', N'Length of the window grid, minutes'),
    (N'ModelVersion', N'Version of the models that scored the window'),
    (N'ConfigSignature', N'SHA-256 of the settings that change stored values'),
    (N'RowsRead', N'Readings pulled for the window'),
    (N'RowsWritten', N'Rows staged for the window in all time-grained tables'),
    (N'InputHash', N'SHA-256 of the inputs of an incomplete window; NULL: complete, or not known'),
    (N'Attempt', N'Number of attempts at the run'),
    (N'AttemptStartedAt', N'Start of the last attempt, UTC'),
    (N'StartedAt', N'Start of the first attempt, UTC'),
    (N'CompletedAt', N'End of the last attempt, UTC'),
    (N'ErrorMessage', N'Why the last attempt failed, or why a cleanup marked it as failed'),
    (N'Holder', N'Host and process of the last attempt'),
    (N'Version', N'Version of acm_etl')
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
            N'MS_Description', @about, 'SCHEMA', N'dbo', 'TABLE', N'RunLog', @level, @part;
    ELSE
        EXEC sys.sp_updateextendedproperty
            N'MS_Description', @about, 'SCHEMA', N'dbo', 'TABLE', N'RunLog', @level, @part;
    FETCH NEXT FROM docs INTO @part, @about, @is_new;
END;
SET NOCOUNT OFF
GO

IF OBJECT_ID(N'[dbo].[ACM_Runs]', N'U') IS NULL
CREATE TABLE [dbo].[ACM_Runs] (
    [RunID] UNIQUEIDENTIFIER NOT NULL,
    [EquipID] INT NOT NULL,
    [EquipName] NVARCHAR(200) COLLATE Latin1_General_100_BIN2 NULL,
    [StartedAt] DATETIME2(3) NOT NULL,
    [CompletedAt] DATETIME2(3) NULL,
    [DurationSeconds] AS (DATEDIFF(second, [StartedAt], [CompletedAt])) PERSISTED,
    [ConfigSignature] NVARCHAR(64) COLLATE Latin1_General_100_BIN2 NOT NULL,
    [TrainRowCount] BIGINT NULL,
    [ScoreRowCount] BIGINT NULL,
    [EpisodeCount] INT NULL,
    [HealthStatus] NVARCHAR(16) COLLATE Latin1_General_100_BIN2 NOT NULL,
    [AvgHealthIndex] FLOAT(53) NULL,
    [MinHealthIndex] FLOAT(53) NULL,
    [MaxFusedZ] FLOAT(53) NULL,
    [DataQualityScore] FLOAT(53) NULL,
    [RefitRequested] BIT NOT NULL,
    [ErrorMessage] NVARCHAR(1000) COLLATE Latin1_General_100_BIN2 NULL,
    [CreatedAt] DATETIME2(3) NOT NULL,
    CONSTRAINT [PK_ACM_Runs] PRIMARY KEY NONCLUSTERED ([RunID]),
    CONSTRAINT [FK_ACM_Runs_RunID] FOREIGN KEY ([RunID]) REFERENCES [dbo].[RunLog] ([RunID]),
    CONSTRAINT [FK_ACM_Runs_EquipID] FOREIGN KEY ([EquipID]) REFERENCES [dbo].[Equipment] ([EquipID]),
    CONSTRAINT [CK_ACM_Runs_HealthStatus] CHECK ([HealthStatus] IN (N'HEALTHY', N'CAUTION', N'ALERT', N'UNKNOWN')),
    CONSTRAINT [CK_ACM_Runs_StartedAt_CompletedAt] CHECK ([CompletedAt] >= [StartedAt])
)
GO

IF OBJECT_ID(N'[dbo].[ACM_Runs]', N'U') IS NOT NULL AND SERVERPROPERTY('BabelfishVersion') IS NULL
BEGIN
    DECLARE @sql NVARCHAR(MAX), @message NVARCHAR(2048), @online NVARCHAR(20) = CASE
        WHEN CAST(SERVERPROPERTY('EngineEdition') AS INT) IN (3, 5, 8) THEN N' WITH (ONLINE = ON)' ELSE N'' END;
    DECLARE @children TABLE (parent NVARCHAR(300) NOT NULL, reference NVARCHAR(300) NOT NULL);
    INSERT INTO @children (parent, reference)
    SELECT N'[dbo].' + QUOTENAME(v.name), QUOTENAME(N'FK_' + v.name + N'_RunID')
    FROM (VALUES
        (N'')
    ) AS v (name)
    WHERE v.name <> N'';
    IF EXISTS (SELECT 1 FROM sys.indexes WHERE object_id = OBJECT_ID(N'[dbo].[ACM_Runs]') AND is_primary_key = 1 AND index_id = 1)
    BEGIN
        SELECT @sql = STRING_AGG(CAST(QUOTENAME(OBJECT_NAME(f.parent_object_id)) AS NVARCHAR(MAX)), N', ')
        FROM sys.foreign_keys AS f
        WHERE f.referenced_object_id = OBJECT_ID(N'[dbo].[ACM_Runs]')
            AND f.object_id NOT IN (
                SELECT OBJECT_ID(N'[dbo].' + c.reference) FROM @children AS c
                WHERE OBJECT_ID(N'[dbo].' + c.reference) IS NOT NULL
            );
        IF @sql IS NOT NULL
        BEGIN
            SET @message = N'The key of ' + N'ACM_Runs' + N' changes, but foreign keys of other tables refer to it: '
                + LEFT(@sql, 1000) + N'. Drop them, run acm-etl init, and create them again.';
            THROW 50000, @message, 1;
        END;
        IF NOT EXISTS (SELECT 1 FROM sys.indexes WHERE object_id = OBJECT_ID(N'[dbo].[ACM_Runs]') AND name = N'TMP_ACM_Runs_key')
        BEGIN
            SET @sql = N'CREATE UNIQUE INDEX [TMP_ACM_Runs_key] ON [dbo].[ACM_Runs] ([RunID])' + @online;
            EXEC sys.sp_executesql @sql;
        END;
        SELECT @sql = STRING_AGG(
            CAST(N'ALTER TABLE ' + c.parent + N' DROP CONSTRAINT ' + c.reference AS NVARCHAR(MAX)), N'; ')
        FROM @children AS c
        INNER JOIN sys.foreign_keys AS f ON f.object_id = OBJECT_ID(N'[dbo].' + c.reference)
        WHERE f.referenced_object_id = OBJECT_ID(N'[dbo].[ACM_Runs]');
        IF @sql IS NOT NULL
            EXEC sys.sp_executesql @sql;
        SET @sql = N'ALTER TABLE [dbo].[ACM_Runs] DROP CONSTRAINT [PK_ACM_Runs]' + @online;
        EXEC sys.sp_executesql @sql;
    END;
    IF NOT EXISTS (SELECT 1 FROM sys.indexes WHERE object_id = OBJECT_ID(N'[dbo].[ACM_Runs]') AND index_id = 1)
    BEGIN
        SET @sql = N'CREATE UNIQUE CLUSTERED INDEX [CX_ACM_Runs] ON [dbo].[ACM_Runs] ([EquipID], [StartedAt], [RunID])' + @online;
        EXEC sys.sp_executesql @sql;
    END;
    IF NOT EXISTS (SELECT 1 FROM sys.indexes WHERE object_id = OBJECT_ID(N'[dbo].[ACM_Runs]') AND is_primary_key = 1)
    BEGIN
        SET @sql = N'ALTER TABLE [dbo].[ACM_Runs] ADD CONSTRAINT [PK_ACM_Runs] PRIMARY KEY NONCLUSTERED ([RunID])' + @online;
        EXEC sys.sp_executesql @sql;
    END;
    DROP INDEX IF EXISTS [TMP_ACM_Runs_key] ON [dbo].[ACM_Runs];
    DROP INDEX IF EXISTS [IX_ACM_Runs_EquipID_StartedAt] ON [dbo].[ACM_Runs];
    SELECT @sql = STRING_AGG(
        CAST(N'ALTER TABLE ' + c.parent + N' WITH CHECK ADD CONSTRAINT ' + c.reference
            + N' FOREIGN KEY ([RunID]) REFERENCES [dbo].[ACM_Runs] ([RunID])' AS NVARCHAR(MAX)), N'; ')
    FROM @children AS c
    WHERE OBJECT_ID(c.parent, N'U') IS NOT NULL AND OBJECT_ID(N'[dbo].' + c.reference, N'F') IS NULL;
    IF @sql IS NOT NULL
        EXEC sys.sp_executesql @sql;
END
GO

IF NOT EXISTS (
    SELECT 1 FROM sys.indexes AS i
    INNER JOIN sys.index_columns AS x ON x.object_id = i.object_id AND x.index_id = i.index_id AND x.key_ordinal > 0
    WHERE i.object_id = OBJECT_ID(N'[dbo].[ACM_Runs]') AND (i.name = N'IX_ACM_Runs_EquipID_HealthStatus' OR (i.has_filter = 0 AND i.is_disabled = 0))
    GROUP BY i.index_id
    HAVING MAX(i.name) = N'IX_ACM_Runs_EquipID_HealthStatus' OR STRING_AGG(
        QUOTENAME(COL_NAME(x.object_id, x.column_id))
        + CASE WHEN x.is_descending_key = 1 THEN N' DESC' ELSE N'' END, N', '
    ) WITHIN GROUP (ORDER BY x.key_ordinal) = N'[EquipID], [HealthStatus]'
)
CREATE INDEX [IX_ACM_Runs_EquipID_HealthStatus] ON [dbo].[ACM_Runs] ([EquipID], [HealthStatus])
GO

IF EXISTS (
    SELECT 1 FROM sys.tables
    WHERE object_id = OBJECT_ID(N'[dbo].[ACM_Runs]', N'U') AND lock_escalation_desc <> N'DISABLE'
)
ALTER TABLE [dbo].[ACM_Runs] SET (LOCK_ESCALATION = DISABLE)
GO

SET NOCOUNT ON;
DECLARE @object INT = OBJECT_ID(N'[dbo].[ACM_Runs]');
DECLARE @docs TABLE (part sysname NULL, about NVARCHAR(3700) NOT NULL, is_new BIT NOT NULL);
INSERT INTO @docs (part, about, is_new)
SELECT v.part, v.about, CASE WHEN p.name IS NULL THEN 1 ELSE 0 END
FROM (VALUES
    (CAST(NULL AS sysname), N'Results of a run: one row per scored window'),
    (N'RunID', N'Run that wrote the row (RunLog.RunID)'),
    (N'EquipID', N'Machine (Equipment.EquipID)'),
    (N'EquipName', N'EquipCode of the machine'),
    (N'StartedAt', N'Start of the attempt, UTC'),
    (N'CompletedAt', N'End of the attempt, UTC; never before StartedAt'),
    (N'DurationSeconds', N'CompletedAt - StartedAt, computed by the database'),
    (N'ConfigSignature', N'Settings the run was made with'),
    (N'TrainRowCount', N'Readings of the training phase in the window'),
    (N'ScoreRowCount', N'Readings scored in the window'),
    (N'EpisodeCount', N'Episodes that start in the window'),
    (N'HealthStatus', N'Zone of AvgHealthIndex'),
    (N'AvgHealthIndex', N'Mean health, 0-100'),
    (N'MinHealthIndex', N'Lowest health, 0-100'),
    (N'MaxFusedZ', N'Highest fused z'),
    (N'DataQualityScore', N'Share of cells that were usable without correction, percent'),
    (N'RefitRequested', N'The run requests new models'),
    (N'ErrorMessage', N'Why the run failed, and the table at which it failed'),
    (N'CreatedAt', N'When the row was written, UTC')
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
            N'MS_Description', @about, 'SCHEMA', N'dbo', 'TABLE', N'ACM_Runs', @level, @part;
    ELSE
        EXEC sys.sp_updateextendedproperty
            N'MS_Description', @about, 'SCHEMA', N'dbo', 'TABLE', N'ACM_Runs', @level, @part;
    FETCH NEXT FROM docs INTO @part, @about, @is_new;
END;
SET NOCOUNT OFF
GO

IF OBJECT_ID(N'[dbo].[ACM_Run_Stats]', N'U') IS NULL
CREATE TABLE [dbo].[ACM_Run_Stats] (
    [RunID] UNIQUEIDENTIFIER NOT NULL,
    [EquipID] INT NOT NULL,
    [WindowStartEntryDateTime] DATETIME2(3) NOT NULL,
    [WindowEndEntryDateTime] DATETIME2(3) NOT NULL,
    [SamplesIn] BIGINT NOT NULL,
    [SamplesKept] BIGINT NOT NULL,
    [SensorsKept] INT NOT NULL,
    [CadenceOKPct] FLOAT(53) NULL,
    [DriftP95] FLOAT(53) NULL,
    [ReconRMSE] FLOAT(53) NULL,
    [AnomalyCount] BIGINT NOT NULL,
    CONSTRAINT [PK_ACM_Run_Stats] PRIMARY KEY NONCLUSTERED ([EquipID], [RunID]),
    CONSTRAINT [FK_ACM_Run_Stats_RunID] FOREIGN KEY ([RunID]) REFERENCES [dbo].[RunLog] ([RunID]),
    CONSTRAINT [FK_ACM_Run_Stats_EquipID] FOREIGN KEY ([EquipID]) REFERENCES [dbo].[Equipment] ([EquipID])
)
GO

IF OBJECT_ID(N'[dbo].[ACM_Run_Stats]', N'U') IS NOT NULL AND SERVERPROPERTY('BabelfishVersion') IS NULL
BEGIN
    DECLARE @sql NVARCHAR(MAX), @message NVARCHAR(2048), @online NVARCHAR(20) = CASE
        WHEN CAST(SERVERPROPERTY('EngineEdition') AS INT) IN (3, 5, 8) THEN N' WITH (ONLINE = ON)' ELSE N'' END;
    DECLARE @children TABLE (parent NVARCHAR(300) NOT NULL, reference NVARCHAR(300) NOT NULL);
    INSERT INTO @children (parent, reference)
    SELECT N'[dbo].' + QUOTENAME(v.name), QUOTENAME(N'FK_' + v.name + N'_EquipID')
    FROM (VALUES
        (N'')
    ) AS v (name)
    WHERE v.name <> N'';
    IF EXISTS (SELECT 1 FROM sys.indexes WHERE object_id = OBJECT_ID(N'[dbo].[ACM_Run_Stats]') AND is_primary_key = 1 AND index_id = 1)
    BEGIN
        SELECT @sql = STRING_AGG(CAST(QUOTENAME(OBJECT_NAME(f.parent_object_id)) AS NVARCHAR(MAX)), N', ')
        FROM sys.foreign_keys AS f
        WHERE f.referenced_object_id = OBJECT_ID(N'[dbo].[ACM_Run_Stats]')
            AND f.object_id NOT IN (
                SELECT OBJECT_ID(N'[dbo].' + c.reference) FROM @children AS c
                WHERE OBJECT_ID(N'[dbo].' + c.reference) IS NOT NULL
            );
        IF @sql IS NOT NULL
        BEGIN
            SET @message = N'The key of ' + N'ACM_Run_Stats' + N' changes, but foreign keys of other tables refer to it: '
                + LEFT(@sql, 1000) + N'. Drop them, run acm-etl init, and create them again.';
            THROW 50000, @message, 1;
        END;
        IF NOT EXISTS (SELECT 1 FROM sys.indexes WHERE object_id = OBJECT_ID(N'[dbo].[ACM_Run_Stats]') AND name = N'TMP_ACM_Run_Stats_key')
        BEGIN
            SET @sql = N'CREATE UNIQUE INDEX [TMP_ACM_Run_Stats_key] ON [dbo].[ACM_Run_Stats] ([EquipID], [RunID])' + @online;
            EXEC sys.sp_executesql @sql;
        END;
        SELECT @sql = STRING_AGG(
            CAST(N'ALTER TABLE ' + c.parent + N' DROP CONSTRAINT ' + c.reference AS NVARCHAR(MAX)), N'; ')
        FROM @children AS c
        INNER JOIN sys.foreign_keys AS f ON f.object_id = OBJECT_ID(N'[dbo].' + c.reference)
        WHERE f.referenced_object_id = OBJECT_ID(N'[dbo].[ACM_Run_Stats]');
        IF @sql IS NOT NULL
            EXEC sys.sp_executesql @sql;
        SET @sql = N'ALTER TABLE [dbo].[ACM_Run_Stats] DROP CONSTRAINT [PK_ACM_Run_Stats]' + @online;
        EXEC sys.sp_executesql @sql;
    END;
    IF NOT EXISTS (SELECT 1 FROM sys.indexes WHERE object_id = OBJECT_ID(N'[dbo].[ACM_Run_Stats]') AND index_id = 1)
    BEGIN
        SET @sql = N'CREATE UNIQUE CLUSTERED INDEX [CX_ACM_Run_Stats] ON [dbo].[ACM_Run_Stats] ([EquipID], [WindowStartEntryDateTime], [RunID])' + @online;
        EXEC sys.sp_executesql @sql;
    END;
    IF NOT EXISTS (SELECT 1 FROM sys.indexes WHERE object_id = OBJECT_ID(N'[dbo].[ACM_Run_Stats]') AND is_primary_key = 1)
    BEGIN
        SET @sql = N'ALTER TABLE [dbo].[ACM_Run_Stats] ADD CONSTRAINT [PK_ACM_Run_Stats] PRIMARY KEY NONCLUSTERED ([EquipID], [RunID])' + @online;
        EXEC sys.sp_executesql @sql;
    END;
    DROP INDEX IF EXISTS [TMP_ACM_Run_Stats_key] ON [dbo].[ACM_Run_Stats];
    DROP INDEX IF EXISTS [IX_ACM_Run_Stats_EquipID_WindowStartEntryDateTime] ON [dbo].[ACM_Run_Stats];
    SELECT @sql = STRING_AGG(
        CAST(N'ALTER TABLE ' + c.parent + N' WITH CHECK ADD CONSTRAINT ' + c.reference
            + N' FOREIGN KEY ([EquipID], [RunID]) REFERENCES [dbo].[ACM_Run_Stats] ([EquipID], [RunID])' AS NVARCHAR(MAX)), N'; ')
    FROM @children AS c
    WHERE OBJECT_ID(c.parent, N'U') IS NOT NULL AND OBJECT_ID(N'[dbo].' + c.reference, N'F') IS NULL;
    IF @sql IS NOT NULL
        EXEC sys.sp_executesql @sql;
END
GO

IF NOT EXISTS (
    SELECT 1 FROM sys.indexes AS i
    INNER JOIN sys.index_columns AS x ON x.object_id = i.object_id AND x.index_id = i.index_id AND x.key_ordinal > 0
    WHERE i.object_id = OBJECT_ID(N'[dbo].[ACM_Run_Stats]') AND (i.name = N'IX_ACM_Run_Stats_RunID' OR (i.has_filter = 0 AND i.is_disabled = 0))
    GROUP BY i.index_id
    HAVING MAX(i.name) = N'IX_ACM_Run_Stats_RunID' OR STRING_AGG(
        QUOTENAME(COL_NAME(x.object_id, x.column_id))
        + CASE WHEN x.is_descending_key = 1 THEN N' DESC' ELSE N'' END, N', '
    ) WITHIN GROUP (ORDER BY x.key_ordinal) = N'[RunID]'
)
CREATE INDEX [IX_ACM_Run_Stats_RunID] ON [dbo].[ACM_Run_Stats] ([RunID])
GO

IF EXISTS (
    SELECT 1 FROM sys.tables
    WHERE object_id = OBJECT_ID(N'[dbo].[ACM_Run_Stats]', N'U') AND lock_escalation_desc <> N'DISABLE'
)
ALTER TABLE [dbo].[ACM_Run_Stats] SET (LOCK_ESCALATION = DISABLE)
GO

SET NOCOUNT ON;
DECLARE @object INT = OBJECT_ID(N'[dbo].[ACM_Run_Stats]');
DECLARE @docs TABLE (part sysname NULL, about NVARCHAR(3700) NOT NULL, is_new BIT NOT NULL);
INSERT INTO @docs (part, about, is_new)
SELECT v.part, v.about, CASE WHEN p.name IS NULL THEN 1 ELSE 0 END
FROM (VALUES
    (CAST(NULL AS sysname), N'Statistics of the readings of a run: one row per scored window'),
    (N'RunID', N'Run that wrote the row (RunLog.RunID)'),
    (N'EquipID', N'Machine (Equipment.EquipID)'),
    (N'WindowStartEntryDateTime', N'Start of the window, UTC, included'),
    (N'WindowEndEntryDateTime', N'End of the window, UTC, excluded'),
    (N'SamplesIn', N'Readings pulled'),
    (N'SamplesKept', N'Readings that were usable'),
    (N'SensorsKept', N'Tags that are scored'),
    (N'CadenceOKPct', N'Share of intervals between readings of at most 1.5 times the usual interval, percent'),
    (N'DriftP95', N'95th percentile of drift_z'),
    (N'ReconRMSE', N'Root mean square of the residual outside the principal components, robust standard deviations'),
    (N'AnomalyCount', N'Readings at which the alarm rule holds')
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
            N'MS_Description', @about, 'SCHEMA', N'dbo', 'TABLE', N'ACM_Run_Stats', @level, @part;
    ELSE
        EXEC sys.sp_updateextendedproperty
            N'MS_Description', @about, 'SCHEMA', N'dbo', 'TABLE', N'ACM_Run_Stats', @level, @part;
    FETCH NEXT FROM docs INTO @part, @about, @is_new;
END;
SET NOCOUNT OFF
GO

IF OBJECT_ID(N'[dbo].[ACM_RunErrors]', N'U') IS NULL
CREATE TABLE [dbo].[ACM_RunErrors] (
    [RunID] UNIQUEIDENTIFIER NOT NULL,
    [EquipID] INT NOT NULL,
    [Attempt] INT NOT NULL,
    [GroupStart] DATETIME2(3) NOT NULL,
    [GroupEnd] DATETIME2(3) NOT NULL,
    [TableName] NVARCHAR(128) COLLATE Latin1_General_100_BIN2 NULL,
    [ErrorType] NVARCHAR(100) COLLATE Latin1_General_100_BIN2 NOT NULL,
    [ErrorMessage] NVARCHAR(1000) COLLATE Latin1_General_100_BIN2 NOT NULL,
    [OccurredAt] DATETIME2(3) NOT NULL,
    CONSTRAINT [PK_ACM_RunErrors] PRIMARY KEY NONCLUSTERED ([RunID], [Attempt]),
    CONSTRAINT [FK_ACM_RunErrors_RunID] FOREIGN KEY ([RunID]) REFERENCES [dbo].[RunLog] ([RunID])
)
GO

IF OBJECT_ID(N'[dbo].[ACM_RunErrors]', N'U') IS NOT NULL AND SERVERPROPERTY('BabelfishVersion') IS NULL
BEGIN
    DECLARE @sql NVARCHAR(MAX), @message NVARCHAR(2048), @online NVARCHAR(20) = CASE
        WHEN CAST(SERVERPROPERTY('EngineEdition') AS INT) IN (3, 5, 8) THEN N' WITH (ONLINE = ON)' ELSE N'' END;
    DECLARE @children TABLE (parent NVARCHAR(300) NOT NULL, reference NVARCHAR(300) NOT NULL);
    INSERT INTO @children (parent, reference)
    SELECT N'[dbo].' + QUOTENAME(v.name), QUOTENAME(N'FK_' + v.name + N'_RunID')
    FROM (VALUES
        (N'')
    ) AS v (name)
    WHERE v.name <> N'';
    IF EXISTS (SELECT 1 FROM sys.indexes WHERE object_id = OBJECT_ID(N'[dbo].[ACM_RunErrors]') AND is_primary_key = 1 AND index_id = 1)
    BEGIN
        SELECT @sql = STRING_AGG(CAST(QUOTENAME(OBJECT_NAME(f.parent_object_id)) AS NVARCHAR(MAX)), N', ')
        FROM sys.foreign_keys AS f
        WHERE f.referenced_object_id = OBJECT_ID(N'[dbo].[ACM_RunErrors]')
            AND f.object_id NOT IN (
                SELECT OBJECT_ID(N'[dbo].' + c.reference) FROM @children AS c
                WHERE OBJECT_ID(N'[dbo].' + c.reference) IS NOT NULL
            );
        IF @sql IS NOT NULL
        BEGIN
            SET @message = N'The key of ' + N'ACM_RunErrors' + N' changes, but foreign keys of other tables refer to it: '
                + LEFT(@sql, 1000) + N'. Drop them, run acm-etl init, and create them again.';
            THROW 50000, @message, 1;
        END;
        IF NOT EXISTS (SELECT 1 FROM sys.indexes WHERE object_id = OBJECT_ID(N'[dbo].[ACM_RunErrors]') AND name = N'TMP_ACM_RunErrors_key')
        BEGIN
            SET @sql = N'CREATE UNIQUE INDEX [TMP_ACM_RunErrors_key] ON [dbo].[ACM_RunErrors] ([RunID], [Attempt])' + @online;
            EXEC sys.sp_executesql @sql;
        END;
        SELECT @sql = STRING_AGG(
            CAST(N'ALTER TABLE ' + c.parent + N' DROP CONSTRAINT ' + c.reference AS NVARCHAR(MAX)), N'; ')
        FROM @children AS c
        INNER JOIN sys.foreign_keys AS f ON f.object_id = OBJECT_ID(N'[dbo].' + c.reference)
        WHERE f.referenced_object_id = OBJECT_ID(N'[dbo].[ACM_RunErrors]');
        IF @sql IS NOT NULL
            EXEC sys.sp_executesql @sql;
        SET @sql = N'ALTER TABLE [dbo].[ACM_RunErrors] DROP CONSTRAINT [PK_ACM_RunErrors]' + @online;
        EXEC sys.sp_executesql @sql;
    END;
    IF NOT EXISTS (SELECT 1 FROM sys.indexes WHERE object_id = OBJECT_ID(N'[dbo].[ACM_RunErrors]') AND index_id = 1)
    BEGIN
        SET @sql = N'CREATE CLUSTERED INDEX [CX_ACM_RunErrors] ON [dbo].[ACM_RunErrors] ([EquipID], [OccurredAt], [RunID])' + @online;
        EXEC sys.sp_executesql @sql;
    END;
    IF NOT EXISTS (SELECT 1 FROM sys.indexes WHERE object_id = OBJECT_ID(N'[dbo].[ACM_RunErrors]') AND is_primary_key = 1)
    BEGIN
        SET @sql = N'ALTER TABLE [dbo].[ACM_RunErrors] ADD CONSTRAINT [PK_ACM_RunErrors] PRIMARY KEY NONCLUSTERED ([RunID], [Attempt])' + @online;
        EXEC sys.sp_executesql @sql;
    END;
    DROP INDEX IF EXISTS [TMP_ACM_RunErrors_key] ON [dbo].[ACM_RunErrors];
    DROP INDEX IF EXISTS [IX_ACM_RunErrors_EquipID_OccurredAt] ON [dbo].[ACM_RunErrors];
    SELECT @sql = STRING_AGG(
        CAST(N'ALTER TABLE ' + c.parent + N' WITH CHECK ADD CONSTRAINT ' + c.reference
            + N' FOREIGN KEY ([RunID], [Attempt]) REFERENCES [dbo].[ACM_RunErrors] ([RunID], [Attempt])' AS NVARCHAR(MAX)), N'; ')
    FROM @children AS c
    WHERE OBJECT_ID(c.parent, N'U') IS NOT NULL AND OBJECT_ID(N'[dbo].' + c.reference, N'F') IS NULL;
    IF @sql IS NOT NULL
        EXEC sys.sp_executesql @sql;
END
GO

IF EXISTS (
    SELECT 1 FROM sys.tables
    WHERE object_id = OBJECT_ID(N'[dbo].[ACM_RunErrors]', N'U') AND lock_escalation_desc <> N'DISABLE'
)
ALTER TABLE [dbo].[ACM_RunErrors] SET (LOCK_ESCALATION = DISABLE)
GO

SET NOCOUNT ON;
DECLARE @object INT = OBJECT_ID(N'[dbo].[ACM_RunErrors]');
DECLARE @docs TABLE (part sysname NULL, about NVARCHAR(3700) NOT NULL, is_new BIT NOT NULL);
INSERT INTO @docs (part, about, is_new)
SELECT v.part, v.about, CASE WHEN p.name IS NULL THEN 1 ELSE 0 END
FROM (VALUES
    (CAST(NULL AS sysname), N'One row per failed attempt at a batch of windows'),
    (N'RunID', N'Run that wrote the row (RunLog.RunID)'),
    (N'EquipID', N'Machine (Equipment.EquipID)'),
    (N'Attempt', N'Number of the attempt, counted from 1'),
    (N'GroupStart', N'Start of the batch, UTC'),
    (N'GroupEnd', N'End of the batch, UTC'),
    (N'TableName', N'Table at which the attempt failed, if known'),
    (N'ErrorType', N'Class of the error'),
    (N'ErrorMessage', N'Text of the error'),
    (N'OccurredAt', N'Time of the failure, UTC')
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
            N'MS_Description', @about, 'SCHEMA', N'dbo', 'TABLE', N'ACM_RunErrors', @level, @part;
    ELSE
        EXEC sys.sp_updateextendedproperty
            N'MS_Description', @about, 'SCHEMA', N'dbo', 'TABLE', N'ACM_RunErrors', @level, @part;
    FETCH NEXT FROM docs INTO @part, @about, @is_new;
END;
SET NOCOUNT OFF
GO

IF OBJECT_ID(N'[dbo].[ACM_WriteMetrics]', N'U') IS NULL
CREATE TABLE [dbo].[ACM_WriteMetrics] (
    [RunID] UNIQUEIDENTIFIER NOT NULL,
    [EquipID] INT NOT NULL,
    [TableName] NVARCHAR(128) COLLATE Latin1_General_100_BIN2 NOT NULL,
    [GroupStart] DATETIME2(3) NOT NULL,
    [GroupEnd] DATETIME2(3) NOT NULL,
    [RowsStaged] BIGINT NOT NULL,
    [RowsInserted] BIGINT NOT NULL,
    [RowsUpdated] BIGINT NOT NULL,
    [RowsDeleted] BIGINT NOT NULL,
    [Seconds] FLOAT(53) NOT NULL,
    [RowsPerSecond] FLOAT(53) NULL,
    CONSTRAINT [PK_ACM_WriteMetrics] PRIMARY KEY NONCLUSTERED ([EquipID], [RunID], [TableName]),
    CONSTRAINT [FK_ACM_WriteMetrics_RunID] FOREIGN KEY ([RunID]) REFERENCES [dbo].[RunLog] ([RunID]),
    CONSTRAINT [FK_ACM_WriteMetrics_EquipID] FOREIGN KEY ([EquipID]) REFERENCES [dbo].[Equipment] ([EquipID])
)
GO

IF OBJECT_ID(N'[dbo].[ACM_WriteMetrics]', N'U') IS NOT NULL AND SERVERPROPERTY('BabelfishVersion') IS NULL
BEGIN
    DECLARE @sql NVARCHAR(MAX), @message NVARCHAR(2048), @online NVARCHAR(20) = CASE
        WHEN CAST(SERVERPROPERTY('EngineEdition') AS INT) IN (3, 5, 8) THEN N' WITH (ONLINE = ON)' ELSE N'' END;
    DECLARE @children TABLE (parent NVARCHAR(300) NOT NULL, reference NVARCHAR(300) NOT NULL);
    INSERT INTO @children (parent, reference)
    SELECT N'[dbo].' + QUOTENAME(v.name), QUOTENAME(N'FK_' + v.name + N'_EquipID')
    FROM (VALUES
        (N'')
    ) AS v (name)
    WHERE v.name <> N'';
    IF EXISTS (SELECT 1 FROM sys.indexes WHERE object_id = OBJECT_ID(N'[dbo].[ACM_WriteMetrics]') AND is_primary_key = 1 AND index_id = 1)
    BEGIN
        SELECT @sql = STRING_AGG(CAST(QUOTENAME(OBJECT_NAME(f.parent_object_id)) AS NVARCHAR(MAX)), N', ')
        FROM sys.foreign_keys AS f
        WHERE f.referenced_object_id = OBJECT_ID(N'[dbo].[ACM_WriteMetrics]')
            AND f.object_id NOT IN (
                SELECT OBJECT_ID(N'[dbo].' + c.reference) FROM @children AS c
                WHERE OBJECT_ID(N'[dbo].' + c.reference) IS NOT NULL
            );
        IF @sql IS NOT NULL
        BEGIN
            SET @message = N'The key of ' + N'ACM_WriteMetrics' + N' changes, but foreign keys of other tables refer to it: '
                + LEFT(@sql, 1000) + N'. Drop them, run acm-etl init, and create them again.';
            THROW 50000, @message, 1;
        END;
        IF NOT EXISTS (SELECT 1 FROM sys.indexes WHERE object_id = OBJECT_ID(N'[dbo].[ACM_WriteMetrics]') AND name = N'TMP_ACM_WriteMetrics_key')
        BEGIN
            SET @sql = N'CREATE UNIQUE INDEX [TMP_ACM_WriteMetrics_key] ON [dbo].[ACM_WriteMetrics] ([EquipID], [RunID], [TableName])' + @online;
            EXEC sys.sp_executesql @sql;
        END;
        SELECT @sql = STRING_AGG(
            CAST(N'ALTER TABLE ' + c.parent + N' DROP CONSTRAINT ' + c.reference AS NVARCHAR(MAX)), N'; ')
        FROM @children AS c
        INNER JOIN sys.foreign_keys AS f ON f.object_id = OBJECT_ID(N'[dbo].' + c.reference)
        WHERE f.referenced_object_id = OBJECT_ID(N'[dbo].[ACM_WriteMetrics]');
        IF @sql IS NOT NULL
            EXEC sys.sp_executesql @sql;
        SET @sql = N'ALTER TABLE [dbo].[ACM_WriteMetrics] DROP CONSTRAINT [PK_ACM_WriteMetrics]' + @online;
        EXEC sys.sp_executesql @sql;
    END;
    IF NOT EXISTS (SELECT 1 FROM sys.indexes WHERE object_id = OBJECT_ID(N'[dbo].[ACM_WriteMetrics]') AND index_id = 1)
    BEGIN
        SET @sql = N'CREATE CLUSTERED INDEX [CX_ACM_WriteMetrics] ON [dbo].[ACM_WriteMetrics] ([EquipID], [GroupStart], [RunID])' + @online;
        EXEC sys.sp_executesql @sql;
    END;
    IF NOT EXISTS (SELECT 1 FROM sys.indexes WHERE object_id = OBJECT_ID(N'[dbo].[ACM_WriteMetrics]') AND is_primary_key = 1)
    BEGIN
        SET @sql = N'ALTER TABLE [dbo].[ACM_WriteMetrics] ADD CONSTRAINT [PK_ACM_WriteMetrics] PRIMARY KEY NONCLUSTERED ([EquipID], [RunID], [TableName])' + @online;
        EXEC sys.sp_executesql @sql;
    END;
    DROP INDEX IF EXISTS [TMP_ACM_WriteMetrics_key] ON [dbo].[ACM_WriteMetrics];
    DROP INDEX IF EXISTS [IX_ACM_WriteMetrics_EquipID_GroupStart] ON [dbo].[ACM_WriteMetrics];
    SELECT @sql = STRING_AGG(
        CAST(N'ALTER TABLE ' + c.parent + N' WITH CHECK ADD CONSTRAINT ' + c.reference
            + N' FOREIGN KEY ([EquipID], [RunID], [TableName]) REFERENCES [dbo].[ACM_WriteMetrics] ([EquipID], [RunID], [TableName])' AS NVARCHAR(MAX)), N'; ')
    FROM @children AS c
    WHERE OBJECT_ID(c.parent, N'U') IS NOT NULL AND OBJECT_ID(N'[dbo].' + c.reference, N'F') IS NULL;
    IF @sql IS NOT NULL
        EXEC sys.sp_executesql @sql;
END
GO

IF NOT EXISTS (
    SELECT 1 FROM sys.indexes AS i
    INNER JOIN sys.index_columns AS x ON x.object_id = i.object_id AND x.index_id = i.index_id AND x.key_ordinal > 0
    WHERE i.object_id = OBJECT_ID(N'[dbo].[ACM_WriteMetrics]') AND (i.name = N'IX_ACM_WriteMetrics_RunID' OR (i.has_filter = 0 AND i.is_disabled = 0))
    GROUP BY i.index_id
    HAVING MAX(i.name) = N'IX_ACM_WriteMetrics_RunID' OR STRING_AGG(
        QUOTENAME(COL_NAME(x.object_id, x.column_id))
        + CASE WHEN x.is_descending_key = 1 THEN N' DESC' ELSE N'' END, N', '
    ) WITHIN GROUP (ORDER BY x.key_ordinal) = N'[RunID]'
)
CREATE INDEX [IX_ACM_WriteMetrics_RunID] ON [dbo].[ACM_WriteMetrics] ([RunID])
GO

IF EXISTS (
    SELECT 1 FROM sys.tables
    WHERE object_id = OBJECT_ID(N'[dbo].[ACM_WriteMetrics]', N'U') AND lock_escalation_desc <> N'DISABLE'
)
ALTER TABLE [dbo].[ACM_WriteMetrics] SET (LOCK_ESCALATION = DISABLE)
GO

SET NOCOUNT ON;
DECLARE @object INT = OBJECT_ID(N'[dbo].[ACM_WriteMetrics]');
DECLARE @docs TABLE (part sysname NULL, about NVARCHAR(3700) NOT NULL, is_new BIT NOT NULL);
INSERT INTO @docs (part, about, is_new)
SELECT v.part, v.about, CASE WHEN p.name IS NULL THEN 1 ELSE 0 END
FROM (VALUES
    (CAST(NULL AS sysname), N'Rows and speed per table and published batch; RunID is the first run of the batch'),
    (N'RunID', N'Run that wrote the row (RunLog.RunID)'),
    (N'EquipID', N'Machine (Equipment.EquipID)'),
    (N'TableName', N'Table written'),
    (N'GroupStart', N'Start of the batch, UTC'),
    (N'GroupEnd', N'End of the batch, UTC'),
    (N'RowsStaged', N'Rows staged'),
    (N'RowsInserted', N'New rows'),
    (N'RowsUpdated', N'Changed rows'),
    (N'RowsDeleted', N'Rows deleted because the recomputed window no longer has them'),
    (N'Seconds', N'Time for staging and publishing, seconds'),
    (N'RowsPerSecond', N'RowsStaged / Seconds')
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
            N'MS_Description', @about, 'SCHEMA', N'dbo', 'TABLE', N'ACM_WriteMetrics', @level, @part;
    ELSE
        EXEC sys.sp_updateextendedproperty
            N'MS_Description', @about, 'SCHEMA', N'dbo', 'TABLE', N'ACM_WriteMetrics', @level, @part;
    FETCH NEXT FROM docs INTO @part, @about, @is_new;
END;
SET NOCOUNT OFF
GO

IF OBJECT_ID(N'[dbo].[ACM_DataQualityEvents]', N'U') IS NULL
CREATE TABLE [dbo].[ACM_DataQualityEvents] (
    [RunID] UNIQUEIDENTIFIER NOT NULL,
    [EquipID] INT NOT NULL,
    [TableName] NVARCHAR(128) COLLATE Latin1_General_100_BIN2 NOT NULL,
    [ColumnName] NVARCHAR(255) COLLATE Latin1_General_100_BIN2 NOT NULL,
    [EventType] NVARCHAR(50) COLLATE Latin1_General_100_BIN2 NOT NULL,
    [AffectedRows] BIGINT NOT NULL,
    [SampleValues] NVARCHAR(500) COLLATE Latin1_General_100_BIN2 NULL,
    [EventTime] DATETIME2(3) NOT NULL,
    CONSTRAINT [PK_ACM_DataQualityEvents] PRIMARY KEY NONCLUSTERED ([RunID], [TableName], [ColumnName], [EventType])
)
GO

IF OBJECT_ID(N'[dbo].[ACM_DataQualityEvents]', N'U') IS NOT NULL AND SERVERPROPERTY('BabelfishVersion') IS NULL
BEGIN
    DECLARE @sql NVARCHAR(MAX), @message NVARCHAR(2048), @online NVARCHAR(20) = CASE
        WHEN CAST(SERVERPROPERTY('EngineEdition') AS INT) IN (3, 5, 8) THEN N' WITH (ONLINE = ON)' ELSE N'' END;
    DECLARE @children TABLE (parent NVARCHAR(300) NOT NULL, reference NVARCHAR(300) NOT NULL);
    INSERT INTO @children (parent, reference)
    SELECT N'[dbo].' + QUOTENAME(v.name), QUOTENAME(N'FK_' + v.name + N'_RunID')
    FROM (VALUES
        (N'')
    ) AS v (name)
    WHERE v.name <> N'';
    IF EXISTS (SELECT 1 FROM sys.indexes WHERE object_id = OBJECT_ID(N'[dbo].[ACM_DataQualityEvents]') AND is_primary_key = 1 AND index_id = 1)
    BEGIN
        SELECT @sql = STRING_AGG(CAST(QUOTENAME(OBJECT_NAME(f.parent_object_id)) AS NVARCHAR(MAX)), N', ')
        FROM sys.foreign_keys AS f
        WHERE f.referenced_object_id = OBJECT_ID(N'[dbo].[ACM_DataQualityEvents]')
            AND f.object_id NOT IN (
                SELECT OBJECT_ID(N'[dbo].' + c.reference) FROM @children AS c
                WHERE OBJECT_ID(N'[dbo].' + c.reference) IS NOT NULL
            );
        IF @sql IS NOT NULL
        BEGIN
            SET @message = N'The key of ' + N'ACM_DataQualityEvents' + N' changes, but foreign keys of other tables refer to it: '
                + LEFT(@sql, 1000) + N'. Drop them, run acm-etl init, and create them again.';
            THROW 50000, @message, 1;
        END;
        IF NOT EXISTS (SELECT 1 FROM sys.indexes WHERE object_id = OBJECT_ID(N'[dbo].[ACM_DataQualityEvents]') AND name = N'TMP_ACM_DataQualityEvents_key')
        BEGIN
            SET @sql = N'CREATE UNIQUE INDEX [TMP_ACM_DataQualityEvents_key] ON [dbo].[ACM_DataQualityEvents] ([RunID], [TableName], [ColumnName], [EventType])' + @online;
            EXEC sys.sp_executesql @sql;
        END;
        SELECT @sql = STRING_AGG(
            CAST(N'ALTER TABLE ' + c.parent + N' DROP CONSTRAINT ' + c.reference AS NVARCHAR(MAX)), N'; ')
        FROM @children AS c
        INNER JOIN sys.foreign_keys AS f ON f.object_id = OBJECT_ID(N'[dbo].' + c.reference)
        WHERE f.referenced_object_id = OBJECT_ID(N'[dbo].[ACM_DataQualityEvents]');
        IF @sql IS NOT NULL
            EXEC sys.sp_executesql @sql;
        SET @sql = N'ALTER TABLE [dbo].[ACM_DataQualityEvents] DROP CONSTRAINT [PK_ACM_DataQualityEvents]' + @online;
        EXEC sys.sp_executesql @sql;
    END;
    IF NOT EXISTS (SELECT 1 FROM sys.indexes WHERE object_id = OBJECT_ID(N'[dbo].[ACM_DataQualityEvents]') AND index_id = 1)
    BEGIN
        SET @sql = N'CREATE CLUSTERED INDEX [CX_ACM_DataQualityEvents] ON [dbo].[ACM_DataQualityEvents] ([EquipID], [EventTime], [RunID])' + @online;
        EXEC sys.sp_executesql @sql;
    END;
    IF NOT EXISTS (SELECT 1 FROM sys.indexes WHERE object_id = OBJECT_ID(N'[dbo].[ACM_DataQualityEvents]') AND is_primary_key = 1)
    BEGIN
        SET @sql = N'ALTER TABLE [dbo].[ACM_DataQualityEvents] ADD CONSTRAINT [PK_ACM_DataQualityEvents] PRIMARY KEY NONCLUSTERED ([RunID], [TableName], [ColumnName], [EventType])' + @online;
        EXEC sys.sp_executesql @sql;
    END;
    DROP INDEX IF EXISTS [TMP_ACM_DataQualityEvents_key] ON [dbo].[ACM_DataQualityEvents];
    DROP INDEX IF EXISTS [IX_ACM_DataQualityEvents_EquipID_EventTime] ON [dbo].[ACM_DataQualityEvents];
    SELECT @sql = STRING_AGG(
        CAST(N'ALTER TABLE ' + c.parent + N' WITH CHECK ADD CONSTRAINT ' + c.reference
            + N' FOREIGN KEY ([RunID], [TableName], [ColumnName], [EventType]) REFERENCES [dbo].[ACM_DataQualityEvents] ([RunID], [TableName], [ColumnName], [EventType])' AS NVARCHAR(MAX)), N'; ')
    FROM @children AS c
    WHERE OBJECT_ID(c.parent, N'U') IS NOT NULL AND OBJECT_ID(N'[dbo].' + c.reference, N'F') IS NULL;
    IF @sql IS NOT NULL
        EXEC sys.sp_executesql @sql;
END
GO

IF EXISTS (
    SELECT 1 FROM sys.tables
    WHERE object_id = OBJECT_ID(N'[dbo].[ACM_DataQualityEvents]', N'U') AND lock_escalation_desc <> N'DISABLE'
)
ALTER TABLE [dbo].[ACM_DataQualityEvents] SET (LOCK_ESCALATION = DISABLE)
GO

SET NOCOUNT ON;
DECLARE @object INT = OBJECT_ID(N'[dbo].[ACM_DataQualityEvents]');
DECLARE @docs TABLE (part sysname NULL, about NVARCHAR(3700) NOT NULL, is_new BIT NOT NULL);
INSERT INTO @docs (part, about, is_new)
SELECT v.part, v.about, CASE WHEN p.name IS NULL THEN 1 ELSE 0 END
FROM (VALUES
    (CAST(NULL AS sysname), N'Readings that were dropped, replaced, rejected or outside of training: count, place and reason'),
    (N'RunID', N'Run that wrote the row (RunLog.RunID)'),
    (N'EquipID', N'Machine (Equipment.EquipID)'),
    (N'TableName', N'Table that the reading came from'),
    (N'ColumnName', N'Tag or column; empty if the whole row is affected'),
    (N'EventType', N'Rule that the reading breaks, e.g. nan, out_of_range, duplicate, sensor_stuck, outside_training'),
    (N'AffectedRows', N'Number of readings affected'),
    (N'SampleValues', N'Some of the original values'),
    (N'EventTime', N'When the row was recorded, UTC')
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
            N'MS_Description', @about, 'SCHEMA', N'dbo', 'TABLE', N'ACM_DataQualityEvents', @level, @part;
    ELSE
        EXEC sys.sp_updateextendedproperty
            N'MS_Description', @about, 'SCHEMA', N'dbo', 'TABLE', N'ACM_DataQualityEvents', @level, @part;
    FETCH NEXT FROM docs INTO @part, @about, @is_new;
END;
SET NOCOUNT OFF
GO

IF OBJECT_ID(N'[dbo].[ACM_ColdstartState]', N'U') IS NULL
CREATE TABLE [dbo].[ACM_ColdstartState] (
    [EquipID] INT NOT NULL,
    [Stage] NVARCHAR(20) COLLATE Latin1_General_100_BIN2 NOT NULL,
    [Status] NVARCHAR(20) COLLATE Latin1_General_100_BIN2 NOT NULL,
    [AccumulatedRows] BIGINT NOT NULL,
    [RequiredRows] BIGINT NOT NULL,
    [DataStart] DATETIME2(3) NULL,
    [DataEnd] DATETIME2(3) NULL,
    [TrainEnd] DATETIME2(3) NULL,
    [ModelVersion] INT NULL,
    [Reason] NVARCHAR(1000) COLLATE Latin1_General_100_BIN2 NULL,
    [RetryAfter] DATETIME2(3) NULL,
    [AttemptCount] INT NOT NULL,
    [FirstAttemptAt] DATETIME2(3) NULL,
    [LastAttemptAt] DATETIME2(3) NULL,
    [CompletedAt] DATETIME2(3) NULL,
    [PlannedEnd] DATETIME2(3) NULL,
    [PlannedRows] BIGINT NULL,
    CONSTRAINT [PK_ACM_ColdstartState] PRIMARY KEY CLUSTERED ([EquipID], [Stage]),
    CONSTRAINT [FK_ACM_ColdstartState_EquipID] FOREIGN KEY ([EquipID]) REFERENCES [dbo].[Equipment] ([EquipID]),
    CONSTRAINT [CK_ACM_ColdstartState_Stage] CHECK ([Stage] IN (N'score')),
    CONSTRAINT [CK_ACM_ColdstartState_Status] CHECK ([Status] IN (N'PENDING', N'IN_PROGRESS', N'COMPLETE', N'FAILED'))
)
GO

IF EXISTS (
    SELECT 1 FROM sys.tables
    WHERE object_id = OBJECT_ID(N'[dbo].[ACM_ColdstartState]', N'U') AND lock_escalation_desc <> N'DISABLE'
)
ALTER TABLE [dbo].[ACM_ColdstartState] SET (LOCK_ESCALATION = DISABLE)
GO

SET NOCOUNT ON;
DECLARE @object INT = OBJECT_ID(N'[dbo].[ACM_ColdstartState]');
DECLARE @docs TABLE (part sysname NULL, about NVARCHAR(3700) NOT NULL, is_new BIT NOT NULL);
INSERT INTO @docs (part, about, is_new)
SELECT v.part, v.about, CASE WHEN p.name IS NULL THEN 1 ELSE 0 END
FROM (VALUES
    (CAST(NULL AS sysname), N'State of the initial training (coldstart) of a machine'),
    (N'EquipID', N'Machine (Equipment.EquipID)'),
    (N'Stage', N'What is trained'),
    (N'Status', N'PENDING, IN_PROGRESS, COMPLETE or FAILED'),
    (N'AccumulatedRows', N'Distinct readings in operation in the training period so far'),
    (N'RequiredRows', N'Readings in operation that the training needs'),
    (N'DataStart', N'First reading of the training period, UTC'),
    (N'DataEnd', N'Last reading seen by the last attempt, UTC'),
    (N'TrainEnd', N'End of the training period, UTC, excluded'),
    (N'ModelVersion', N'Models that were committed in the same transaction as COMPLETE'),
    (N'Reason', N'Reason of the status'),
    (N'RetryAfter', N'Time before which a FAILED coldstart is not repeated, UTC'),
    (N'AttemptCount', N'Number of attempts so far'),
    (N'FirstAttemptAt', N'Time of the first attempt, UTC'),
    (N'LastAttemptAt', N'Time of the last attempt, UTC'),
    (N'CompletedAt', N'When the status became COMPLETE, UTC'),
    (N'PlannedEnd', N'End of the training period by training.days alone, UTC; NULL: training.until gave it'),
    (N'PlannedRows', N'Distinct readings in operation before PlannedEnd; too few of them extend the period')
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
            N'MS_Description', @about, 'SCHEMA', N'dbo', 'TABLE', N'ACM_ColdstartState', @level, @part;
    ELSE
        EXEC sys.sp_updateextendedproperty
            N'MS_Description', @about, 'SCHEMA', N'dbo', 'TABLE', N'ACM_ColdstartState', @level, @part;
    FETCH NEXT FROM docs INTO @part, @about, @is_new;
END;
SET NOCOUNT OFF
GO

IF OBJECT_ID(N'[dbo].[ModelRegistry]', N'U') IS NULL
CREATE TABLE [dbo].[ModelRegistry] (
    [RunID] UNIQUEIDENTIFIER NOT NULL,
    [EquipID] INT NOT NULL,
    [ModelType] NVARCHAR(16) COLLATE Latin1_General_100_BIN2 NOT NULL,
    [Version] INT NOT NULL,
    [HoldsFrom] DATETIME2(3) NOT NULL,
    [TrainStart] DATETIME2(3) NOT NULL,
    [TrainEnd] DATETIME2(3) NOT NULL,
    [TrainRows] BIGINT NOT NULL,
    [Tags] NVARCHAR(MAX) COLLATE Latin1_General_100_BIN2 NOT NULL,
    [ParamsJSON] NVARCHAR(MAX) COLLATE Latin1_General_100_BIN2 NOT NULL,
    [LibrariesJSON] NVARCHAR(MAX) COLLATE Latin1_General_100_BIN2 NOT NULL,
    [ConfigSignature] NVARCHAR(64) COLLATE Latin1_General_100_BIN2 NOT NULL,
    [ModelBytes] VARBINARY(MAX) NOT NULL,
    [Hash] NVARCHAR(64) COLLATE Latin1_General_100_BIN2 NOT NULL,
    [CreatedAt] DATETIME2(3) NOT NULL,
    [Origin] NVARCHAR(16) COLLATE Latin1_General_100_BIN2 NULL,
    CONSTRAINT [PK_ModelRegistry] PRIMARY KEY CLUSTERED ([EquipID], [ModelType], [Version]),
    CONSTRAINT [FK_ModelRegistry_RunID] FOREIGN KEY ([RunID]) REFERENCES [dbo].[RunLog] ([RunID]),
    CONSTRAINT [FK_ModelRegistry_EquipID] FOREIGN KEY ([EquipID]) REFERENCES [dbo].[Equipment] ([EquipID]),
    CONSTRAINT [CK_ModelRegistry_ModelType] CHECK ([ModelType] IN (N'pipeline')),
    CONSTRAINT [CK_ModelRegistry_Origin] CHECK ([Origin] IN (N'coldstart', N'refit', N'baseline'))
)
GO

IF NOT EXISTS (
    SELECT 1 FROM sys.indexes AS i
    INNER JOIN sys.index_columns AS x ON x.object_id = i.object_id AND x.index_id = i.index_id AND x.key_ordinal > 0
    WHERE i.object_id = OBJECT_ID(N'[dbo].[ModelRegistry]') AND (i.name = N'IX_ModelRegistry_RunID' OR (i.has_filter = 0 AND i.is_disabled = 0))
    GROUP BY i.index_id
    HAVING MAX(i.name) = N'IX_ModelRegistry_RunID' OR STRING_AGG(
        QUOTENAME(COL_NAME(x.object_id, x.column_id))
        + CASE WHEN x.is_descending_key = 1 THEN N' DESC' ELSE N'' END, N', '
    ) WITHIN GROUP (ORDER BY x.key_ordinal) = N'[RunID]'
)
CREATE INDEX [IX_ModelRegistry_RunID] ON [dbo].[ModelRegistry] ([RunID])
GO

IF EXISTS (
    SELECT 1 FROM sys.tables
    WHERE object_id = OBJECT_ID(N'[dbo].[ModelRegistry]', N'U') AND lock_escalation_desc <> N'DISABLE'
)
ALTER TABLE [dbo].[ModelRegistry] SET (LOCK_ESCALATION = DISABLE)
GO

SET NOCOUNT ON;
DECLARE @object INT = OBJECT_ID(N'[dbo].[ModelRegistry]');
DECLARE @docs TABLE (part sysname NULL, about NVARCHAR(3700) NOT NULL, is_new BIT NOT NULL);
INSERT INTO @docs (part, about, is_new)
SELECT v.part, v.about, CASE WHEN p.name IS NULL THEN 1 ELSE 0 END
FROM (VALUES
    (CAST(NULL AS sysname), N'Versioned models in a safe format'),
    (N'RunID', N'Run that wrote the row (RunLog.RunID)'),
    (N'EquipID', N'Machine (Equipment.EquipID)'),
    (N'ModelType', N'Kind of model'),
    (N'Version', N'Counted from 1 per machine'),
    (N'HoldsFrom', N'Time of the data from which the version scores, UTC'),
    (N'TrainStart', N'Start of the training period, UTC, included'),
    (N'TrainEnd', N'End of the training period, UTC, excluded'),
    (N'TrainRows', N'Readings in operation used for fitting or calibration'),
    (N'Tags', N'Tags in the order of the model, JSON list'),
    (N'ParamsJSON', N'Scoring settings of the fit, JSON'),
    (N'LibrariesJSON', N'Versions of the libraries that fitted the models'),
    (N'ConfigSignature', N'Settings signature of the fit'),
    (N'ModelBytes', N'Serialised models (score.Model.to_bytes)'),
    (N'Hash', N'SHA-256 of ModelBytes'),
    (N'CreatedAt', N'When the version was written, UTC'),
    (N'Origin', N'Why the version was trained; NULL: by an earlier version, which trained no baselines')
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
            N'MS_Description', @about, 'SCHEMA', N'dbo', 'TABLE', N'ModelRegistry', @level, @part;
    ELSE
        EXEC sys.sp_updateextendedproperty
            N'MS_Description', @about, 'SCHEMA', N'dbo', 'TABLE', N'ModelRegistry', @level, @part;
    FETCH NEXT FROM docs INTO @part, @about, @is_new;
END;
SET NOCOUNT OFF
GO

IF OBJECT_ID(N'[dbo].[ACM_State]', N'U') IS NULL
CREATE TABLE [dbo].[ACM_State] (
    [RunID] UNIQUEIDENTIFIER NOT NULL,
    [EquipID] INT NOT NULL,
    [AsOf] DATETIME2(3) NOT NULL,
    [ModelVersion] INT NOT NULL,
    [Blob] VARBINARY(MAX) NOT NULL,
    [Hash] NVARCHAR(64) COLLATE Latin1_General_100_BIN2 NOT NULL,
    CONSTRAINT [PK_ACM_State] PRIMARY KEY CLUSTERED ([EquipID], [AsOf]),
    CONSTRAINT [FK_ACM_State_RunID] FOREIGN KEY ([RunID]) REFERENCES [dbo].[RunLog] ([RunID]),
    CONSTRAINT [FK_ACM_State_EquipID] FOREIGN KEY ([EquipID]) REFERENCES [dbo].[Equipment] ([EquipID])
)
GO

IF NOT EXISTS (
    SELECT 1 FROM sys.indexes AS i
    INNER JOIN sys.index_columns AS x ON x.object_id = i.object_id AND x.index_id = i.index_id AND x.key_ordinal > 0
    WHERE i.object_id = OBJECT_ID(N'[dbo].[ACM_State]') AND (i.name = N'IX_ACM_State_RunID' OR (i.has_filter = 0 AND i.is_disabled = 0))
    GROUP BY i.index_id
    HAVING MAX(i.name) = N'IX_ACM_State_RunID' OR STRING_AGG(
        QUOTENAME(COL_NAME(x.object_id, x.column_id))
        + CASE WHEN x.is_descending_key = 1 THEN N' DESC' ELSE N'' END, N', '
    ) WITHIN GROUP (ORDER BY x.key_ordinal) = N'[RunID]'
)
CREATE INDEX [IX_ACM_State_RunID] ON [dbo].[ACM_State] ([RunID])
GO

IF EXISTS (
    SELECT 1 FROM sys.tables
    WHERE object_id = OBJECT_ID(N'[dbo].[ACM_State]', N'U') AND lock_escalation_desc <> N'DISABLE'
)
ALTER TABLE [dbo].[ACM_State] SET (LOCK_ESCALATION = DISABLE)
GO

SET NOCOUNT ON;
DECLARE @object INT = OBJECT_ID(N'[dbo].[ACM_State]');
DECLARE @docs TABLE (part sysname NULL, about NVARCHAR(3700) NOT NULL, is_new BIT NOT NULL);
INSERT INTO @docs (part, about, is_new)
SELECT v.part, v.about, CASE WHEN p.name IS NULL THEN 1 ELSE 0 END
FROM (VALUES
    (CAST(NULL AS sysname), N'Scoring state that is carried from window to window, as of the end of a window'),
    (N'RunID', N'Run that wrote the row (RunLog.RunID)'),
    (N'EquipID', N'Machine (Equipment.EquipID)'),
    (N'AsOf', N'End of the window that the state follows, UTC'),
    (N'ModelVersion', N'Models that the state belongs to'),
    (N'Blob', N'Serialised state (score.State.to_bytes)'),
    (N'Hash', N'SHA-256 of machine, AsOf, ModelVersion and Blob; of Blob alone in older rows')
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
            N'MS_Description', @about, 'SCHEMA', N'dbo', 'TABLE', N'ACM_State', @level, @part;
    ELSE
        EXEC sys.sp_updateextendedproperty
            N'MS_Description', @about, 'SCHEMA', N'dbo', 'TABLE', N'ACM_State', @level, @part;
    FETCH NEXT FROM docs INTO @part, @about, @is_new;
END;
SET NOCOUNT OFF
GO

IF OBJECT_ID(N'[dbo].[ACM_RefitRequests]', N'U') IS NULL
CREATE TABLE [dbo].[ACM_RefitRequests] (
    [EquipID] INT NOT NULL,
    [RequestedAt] DATETIME2(3) NOT NULL,
    [RequestedBy] NVARCHAR(16) COLLATE Latin1_General_100_BIN2 NOT NULL,
    [Requester] NVARCHAR(100) COLLATE Latin1_General_100_BIN2 NULL,
    [Reason] NVARCHAR(1000) COLLATE Latin1_General_100_BIN2 NOT NULL,
    [Status] NVARCHAR(16) COLLATE Latin1_General_100_BIN2 NOT NULL,
    [EffectiveFrom] DATETIME2(3) NULL,
    [AcknowledgedAt] DATETIME2(3) NULL,
    [ModelVersion] INT NULL,
    [CheckedRows] BIGINT NULL,
    [OldAlarmShare] FLOAT(53) NULL,
    [NewAlarmShare] FLOAT(53) NULL,
    [Message] NVARCHAR(1000) COLLATE Latin1_General_100_BIN2 NULL,
    CONSTRAINT [PK_ACM_RefitRequests] PRIMARY KEY CLUSTERED ([EquipID], [RequestedAt], [RequestedBy]),
    CONSTRAINT [FK_ACM_RefitRequests_EquipID] FOREIGN KEY ([EquipID]) REFERENCES [dbo].[Equipment] ([EquipID]),
    CONSTRAINT [CK_ACM_RefitRequests_RequestedBy] CHECK ([RequestedBy] IN (N'REQUEST', N'AGE', N'DRIFT')),
    CONSTRAINT [CK_ACM_RefitRequests_Status] CHECK ([Status] IN (N'PENDING', N'DONE', N'REJECTED'))
)
GO

IF EXISTS (
    SELECT 1 FROM sys.tables
    WHERE object_id = OBJECT_ID(N'[dbo].[ACM_RefitRequests]', N'U') AND lock_escalation_desc <> N'DISABLE'
)
ALTER TABLE [dbo].[ACM_RefitRequests] SET (LOCK_ESCALATION = DISABLE)
GO

SET NOCOUNT ON;
DECLARE @object INT = OBJECT_ID(N'[dbo].[ACM_RefitRequests]');
DECLARE @docs TABLE (part sysname NULL, about NVARCHAR(3700) NOT NULL, is_new BIT NOT NULL);
INSERT INTO @docs (part, about, is_new)
SELECT v.part, v.about, CASE WHEN p.name IS NULL THEN 1 ELSE 0 END
FROM (VALUES
    (CAST(NULL AS sysname), N'Refits that a person or a rule requested, with their outcome'),
    (N'EquipID', N'Machine (Equipment.EquipID)'),
    (N'RequestedAt', N'Time of the request, UTC; for a rule, the day boundary at which the rule triggered, UTC'),
    (N'RequestedBy', N'A person (REQUEST), or the rule that triggered'),
    (N'Requester', N'User who made the request'),
    (N'Reason', N'Reason of the request'),
    (N'Status', N'PENDING until decided; REJECTED if the old models stay in use'),
    (N'EffectiveFrom', N'Day boundary of the data at which the request is decided, UTC; NULL until a backfill picks it up'),
    (N'AcknowledgedAt', N'Time of the decision, UTC'),
    (N'ModelVersion', N'Version of the new models, which score from EffectiveFrom on'),
    (N'CheckedRows', N'Healthy readings outside the fit on which the old and the new models were compared'),
    (N'OldAlarmShare', N'Share of CheckedRows above alarm_z with the old models, 0-1'),
    (N'NewAlarmShare', N'Share of CheckedRows above alarm_z with the new models, 0-1'),
    (N'Message', N'Text of the decision')
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
            N'MS_Description', @about, 'SCHEMA', N'dbo', 'TABLE', N'ACM_RefitRequests', @level, @part;
    ELSE
        EXEC sys.sp_updateextendedproperty
            N'MS_Description', @about, 'SCHEMA', N'dbo', 'TABLE', N'ACM_RefitRequests', @level, @part;
    FETCH NEXT FROM docs INTO @part, @about, @is_new;
END;
SET NOCOUNT OFF
GO

IF OBJECT_ID(N'[dbo].[ACM_Baselines]', N'U') IS NULL
CREATE TABLE [dbo].[ACM_Baselines] (
    [EquipID] INT NOT NULL,
    [RequestedAt] DATETIME2(3) NOT NULL,
    [Requester] NVARCHAR(100) COLLATE Latin1_General_100_BIN2 NULL,
    [Reason] NVARCHAR(1000) COLLATE Latin1_General_100_BIN2 NOT NULL,
    [EffectiveFrom] DATETIME2(3) NOT NULL,
    [RequestedEnd] DATETIME2(3) NULL,
    [Status] NVARCHAR(16) COLLATE Latin1_General_100_BIN2 NOT NULL,
    [TrainEnd] DATETIME2(3) NULL,
    [TrainRows] BIGINT NULL,
    [ModelVersion] INT NULL,
    [DecidedAt] DATETIME2(3) NULL,
    [Message] NVARCHAR(1000) COLLATE Latin1_General_100_BIN2 NULL,
    CONSTRAINT [PK_ACM_Baselines] PRIMARY KEY CLUSTERED ([EquipID], [RequestedAt]),
    CONSTRAINT [FK_ACM_Baselines_EquipID] FOREIGN KEY ([EquipID]) REFERENCES [dbo].[Equipment] ([EquipID]),
    CONSTRAINT [CK_ACM_Baselines_Status] CHECK ([Status] IN (N'PENDING', N'DONE', N'REJECTED', N'REPLACED', N'WITHDRAWN'))
)
GO

IF EXISTS (
    SELECT 1 FROM sys.tables
    WHERE object_id = OBJECT_ID(N'[dbo].[ACM_Baselines]', N'U') AND lock_escalation_desc <> N'DISABLE'
)
ALTER TABLE [dbo].[ACM_Baselines] SET (LOCK_ESCALATION = DISABLE)
GO

SET NOCOUNT ON;
DECLARE @object INT = OBJECT_ID(N'[dbo].[ACM_Baselines]');
DECLARE @docs TABLE (part sysname NULL, about NVARCHAR(3700) NOT NULL, is_new BIT NOT NULL);
INSERT INTO @docs (part, about, is_new)
SELECT v.part, v.about, CASE WHEN p.name IS NULL THEN 1 ELSE 0 END
FROM (VALUES
    (CAST(NULL AS sysname), N'Times from which a person declared the machine normal, and the models that were trained from there on'),
    (N'EquipID', N'Machine (Equipment.EquipID)'),
    (N'RequestedAt', N'Time of the request, UTC'),
    (N'Requester', N'User who made the request'),
    (N'Reason', N'Reason of the request'),
    (N'EffectiveFrom', N'Midnight of the data from which the machine is normal, UTC'),
    (N'RequestedEnd', N'End of the training period, UTC, excluded; NULL: as soon as it is long enough'),
    (N'Status', N'PENDING until trained; REJECTED: the old models stay; REPLACED by a newer request; WITHDRAWN by a person'),
    (N'TrainEnd', N'End of the training period that was used, UTC, excluded'),
    (N'TrainRows', N'Readings in operation in the training period'),
    (N'ModelVersion', N'Version of the new models, which score from EffectiveFrom on'),
    (N'DecidedAt', N'Time of the training, UTC'),
    (N'Message', N'Text of the decision')
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
            N'MS_Description', @about, 'SCHEMA', N'dbo', 'TABLE', N'ACM_Baselines', @level, @part;
    ELSE
        EXEC sys.sp_updateextendedproperty
            N'MS_Description', @about, 'SCHEMA', N'dbo', 'TABLE', N'ACM_Baselines', @level, @part;
    FETCH NEXT FROM docs INTO @part, @about, @is_new;
END;
SET NOCOUNT OFF
GO

IF OBJECT_ID(N'[dbo].[ACM_BatchProgress]', N'U') IS NULL
CREATE TABLE [dbo].[ACM_BatchProgress] (
    [EquipID] INT NOT NULL,
    [LastBatchEndTime] DATETIME2(3) NOT NULL,
    [BatchesCompleted] BIGINT NOT NULL,
    [TickMinutes] INT NOT NULL,
    [ConfigSignature] NVARCHAR(64) COLLATE Latin1_General_100_BIN2 NOT NULL,
    [ModelVersion] INT NOT NULL,
    [ColdstartComplete] BIT NOT NULL,
    [DataMin] DATETIME2(3) NOT NULL,
    [DataMax] DATETIME2(3) NULL,
    [TimeZone] NVARCHAR(64) COLLATE Latin1_General_100_BIN2 NULL,
    [UpdatedAt] DATETIME2(3) NOT NULL,
    CONSTRAINT [PK_ACM_BatchProgress] PRIMARY KEY CLUSTERED ([EquipID]),
    CONSTRAINT [FK_ACM_BatchProgress_EquipID] FOREIGN KEY ([EquipID]) REFERENCES [dbo].[Equipment] ([EquipID])
)
GO

IF EXISTS (
    SELECT 1 FROM sys.tables
    WHERE object_id = OBJECT_ID(N'[dbo].[ACM_BatchProgress]', N'U') AND lock_escalation_desc <> N'DISABLE'
)
ALTER TABLE [dbo].[ACM_BatchProgress] SET (LOCK_ESCALATION = DISABLE)
GO

SET NOCOUNT ON;
DECLARE @object INT = OBJECT_ID(N'[dbo].[ACM_BatchProgress]');
DECLARE @docs TABLE (part sysname NULL, about NVARCHAR(3700) NOT NULL, is_new BIT NOT NULL);
INSERT INTO @docs (part, about, is_new)
SELECT v.part, v.about, CASE WHEN p.name IS NULL THEN 1 ELSE 0 END
FROM (VALUES
    (CAST(NULL AS sysname), N'Watermark of each machine; it moves in the transaction that publishes the data'),
    (N'EquipID', N'Machine (Equipment.EquipID)'),
    (N'LastBatchEndTime', N'End of the last complete window, UTC; the next run starts here'),
    (N'BatchesCompleted', N'Complete windows published, NOOP windows included'),
    (N'TickMinutes', N'Length of a window, minutes'),
    (N'ConfigSignature', N'Settings the rows were made with'),
    (N'ModelVersion', N'Models in use'),
    (N'ColdstartComplete', N'Whether models exist'),
    (N'DataMin', N'Start of the history to backfill, UTC'),
    (N'DataMax', N'Newest reading known, UTC'),
    (N'TimeZone', N'Time zone of the local days of the rows; NULL: an earlier version wrote them'),
    (N'UpdatedAt', N'When the row was written, UTC')
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
            N'MS_Description', @about, 'SCHEMA', N'dbo', 'TABLE', N'ACM_BatchProgress', @level, @part;
    ELSE
        EXEC sys.sp_updateextendedproperty
            N'MS_Description', @about, 'SCHEMA', N'dbo', 'TABLE', N'ACM_BatchProgress', @level, @part;
    FETCH NEXT FROM docs INTO @part, @about, @is_new;
END;
SET NOCOUNT OFF
GO

IF OBJECT_ID(N'[dbo].[ACM_ReadingFingerprints]', N'U') IS NULL
CREATE TABLE [dbo].[ACM_ReadingFingerprints] (
    [EquipID] INT NOT NULL,
    [Day] DATETIME2(3) NOT NULL,
    [ReadingCount] BIGINT NOT NULL,
    [RowsHash] BIGINT NOT NULL,
    [HashProbe] BIGINT NOT NULL,
    [ModelVersion] INT NOT NULL,
    [ScoredUntil] DATETIME2(3) NOT NULL,
    [PresentCount] BIGINT NULL,
    [FoundAt] DATETIME2(3) NULL,
    CONSTRAINT [PK_ACM_ReadingFingerprints] PRIMARY KEY CLUSTERED ([EquipID], [Day]),
    CONSTRAINT [FK_ACM_ReadingFingerprints_EquipID] FOREIGN KEY ([EquipID]) REFERENCES [dbo].[Equipment] ([EquipID])
)
GO

IF EXISTS (
    SELECT 1 FROM sys.tables
    WHERE object_id = OBJECT_ID(N'[dbo].[ACM_ReadingFingerprints]', N'U') AND lock_escalation_desc <> N'DISABLE'
)
ALTER TABLE [dbo].[ACM_ReadingFingerprints] SET (LOCK_ESCALATION = DISABLE)
GO

SET NOCOUNT ON;
DECLARE @object INT = OBJECT_ID(N'[dbo].[ACM_ReadingFingerprints]');
DECLARE @docs TABLE (part sysname NULL, about NVARCHAR(3700) NOT NULL, is_new BIT NOT NULL);
INSERT INTO @docs (part, about, is_new)
SELECT v.part, v.about, CASE WHEN p.name IS NULL THEN 1 ELSE 0 END
FROM (VALUES
    (CAST(NULL AS sysname), N'Fingerprint per day of the readings that were scored; the backfill compares the historian with it'),
    (N'EquipID', N'Machine (Equipment.EquipID)'),
    (N'Day', N'UTC day, as the time at which it starts'),
    (N'ReadingCount', N'Readings of the day that were scored, duplicates of a time included'),
    (N'RowsHash', N'Hash of the times and values of these readings, whatever their order'),
    (N'HashProbe', N'Hash of a constant row; hashes with another probe cannot be compared'),
    (N'ModelVersion', N'Models that scored the day; the hash covers their tags'),
    (N'ScoredUntil', N'End of the windows that the row covers, at most the end of the day, UTC'),
    (N'PresentCount', N'Readings of the day in the historian when a change was found; NULL: no change'),
    (N'FoundAt', N'When the change was found, UTC; NULL: no change')
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
            N'MS_Description', @about, 'SCHEMA', N'dbo', 'TABLE', N'ACM_ReadingFingerprints', @level, @part;
    ELSE
        EXEC sys.sp_updateextendedproperty
            N'MS_Description', @about, 'SCHEMA', N'dbo', 'TABLE', N'ACM_ReadingFingerprints', @level, @part;
    FETCH NEXT FROM docs INTO @part, @about, @is_new;
END;
SET NOCOUNT OFF
GO

IF OBJECT_ID(N'[dbo].[ACM_HistorianChecks]', N'U') IS NULL
CREATE TABLE [dbo].[ACM_HistorianChecks] (
    [EquipID] INT NOT NULL,
    [HistoryStart] DATETIME2(3) NOT NULL,
    [SkippedReadings] BIGINT NOT NULL,
    [ComparedAt] DATETIME2(3) NOT NULL,
    CONSTRAINT [PK_ACM_HistorianChecks] PRIMARY KEY CLUSTERED ([EquipID]),
    CONSTRAINT [FK_ACM_HistorianChecks_EquipID] FOREIGN KEY ([EquipID]) REFERENCES [dbo].[Equipment] ([EquipID])
)
GO

IF EXISTS (
    SELECT 1 FROM sys.tables
    WHERE object_id = OBJECT_ID(N'[dbo].[ACM_HistorianChecks]', N'U') AND lock_escalation_desc <> N'DISABLE'
)
ALTER TABLE [dbo].[ACM_HistorianChecks] SET (LOCK_ESCALATION = DISABLE)
GO

SET NOCOUNT ON;
DECLARE @object INT = OBJECT_ID(N'[dbo].[ACM_HistorianChecks]');
DECLARE @docs TABLE (part sysname NULL, about NVARCHAR(3700) NOT NULL, is_new BIT NOT NULL);
INSERT INTO @docs (part, about, is_new)
SELECT v.part, v.about, CASE WHEN p.name IS NULL THEN 1 ELSE 0 END
FROM (VALUES
    (CAST(NULL AS sysname), N'Start of the scored history, and the last comparison of all its days with the historian; one row per machine'),
    (N'EquipID', N'Machine (Equipment.EquipID)'),
    (N'HistoryStart', N'Start of the first window, UTC'),
    (N'SkippedReadings', N'Readings before HistoryStart when the history began: left out by --from'),
    (N'ComparedAt', N'When all days were last compared, UTC')
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
            N'MS_Description', @about, 'SCHEMA', N'dbo', 'TABLE', N'ACM_HistorianChecks', @level, @part;
    ELSE
        EXEC sys.sp_updateextendedproperty
            N'MS_Description', @about, 'SCHEMA', N'dbo', 'TABLE', N'ACM_HistorianChecks', @level, @part;
    FETCH NEXT FROM docs INTO @part, @about, @is_new;
END;
SET NOCOUNT OFF
GO

IF OBJECT_ID(N'[dbo].[ACM_EpisodeNotes]', N'U') IS NULL
CREATE TABLE [dbo].[ACM_EpisodeNotes] (
    [EquipID] INT NOT NULL,
    [StartTs] DATETIME2(3) NOT NULL,
    [NoteID] UNIQUEIDENTIFIER NOT NULL,
    [EndTs] DATETIME2(3) NOT NULL,
    [Action] NVARCHAR(8) COLLATE Latin1_General_100_BIN2 NOT NULL,
    [NoteText] NVARCHAR(1000) COLLATE Latin1_General_100_BIN2 NULL,
    [Label] NVARCHAR(16) COLLATE Latin1_General_100_BIN2 NULL,
    [Severity] NVARCHAR(8) COLLATE Latin1_General_100_BIN2 NOT NULL,
    [CreatedAt] DATETIME2(3) NOT NULL,
    [CreatedBy] NVARCHAR(100) COLLATE Latin1_General_100_BIN2 NOT NULL,
    CONSTRAINT [PK_ACM_EpisodeNotes] PRIMARY KEY CLUSTERED ([EquipID], [StartTs], [NoteID]),
    CONSTRAINT [FK_ACM_EpisodeNotes_EquipID] FOREIGN KEY ([EquipID]) REFERENCES [dbo].[Equipment] ([EquipID]),
    CONSTRAINT [CK_ACM_EpisodeNotes_Action] CHECK ([Action] IN (N'ack', N'note', N'cause')),
    CONSTRAINT [CK_ACM_EpisodeNotes_Label] CHECK ([Label] IN (N'fault', N'sensor', N'operation', N'maintenance', N'false_alarm')),
    CONSTRAINT [CK_ACM_EpisodeNotes_Severity] CHECK ([Severity] IN (N'LOW', N'MEDIUM', N'HIGH'))
)
GO

IF EXISTS (
    SELECT 1 FROM sys.tables
    WHERE object_id = OBJECT_ID(N'[dbo].[ACM_EpisodeNotes]', N'U') AND lock_escalation_desc <> N'DISABLE'
)
ALTER TABLE [dbo].[ACM_EpisodeNotes] SET (LOCK_ESCALATION = DISABLE)
GO

SET NOCOUNT ON;
DECLARE @object INT = OBJECT_ID(N'[dbo].[ACM_EpisodeNotes]');
DECLARE @docs TABLE (part sysname NULL, about NVARCHAR(3700) NOT NULL, is_new BIT NOT NULL);
INSERT INTO @docs (part, about, is_new)
SELECT v.part, v.about, CASE WHEN p.name IS NULL THEN 1 ELSE 0 END
FROM (VALUES
    (CAST(NULL AS sysname), N'What people recorded about episodes: one row per acknowledgement, note or cause; rows are only added'),
    (N'EquipID', N'Machine (Equipment.EquipID)'),
    (N'StartTs', N'Start of the episode when the row was written, UTC'),
    (N'NoteID', N'Random number of the row'),
    (N'EndTs', N'Last reading of the episode when the row was written, UTC'),
    (N'Action', N'ack: somebody knows of the alarm; note: a remark; cause: why it came about'),
    (N'NoteText', N'Remark or cause; NULL for an acknowledgement without words'),
    (N'Label', N'Kind of the cause, for training data; NULL unless cause'),
    (N'Severity', N'Severity of the episode when the row was written; an acknowledgement holds up to it'),
    (N'CreatedAt', N'When the row was written, UTC'),
    (N'CreatedBy', N'Person who wrote it')
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
            N'MS_Description', @about, 'SCHEMA', N'dbo', 'TABLE', N'ACM_EpisodeNotes', @level, @part;
    ELSE
        EXEC sys.sp_updateextendedproperty
            N'MS_Description', @about, 'SCHEMA', N'dbo', 'TABLE', N'ACM_EpisodeNotes', @level, @part;
    FETCH NEXT FROM docs INTO @part, @about, @is_new;
END;
SET NOCOUNT OFF
GO

IF OBJECT_ID(N'[dbo].[ACM_Failures]', N'U') IS NULL
CREATE TABLE [dbo].[ACM_Failures] (
    [EquipID] INT NOT NULL,
    [FailedAt] DATETIME2(3) NOT NULL,
    [Cause] NVARCHAR(1000) COLLATE Latin1_General_100_BIN2 NULL,
    [ImportedAt] DATETIME2(3) NOT NULL,
    [ImportedBy] NVARCHAR(100) COLLATE Latin1_General_100_BIN2 NOT NULL,
    CONSTRAINT [PK_ACM_Failures] PRIMARY KEY CLUSTERED ([EquipID], [FailedAt]),
    CONSTRAINT [FK_ACM_Failures_EquipID] FOREIGN KEY ([EquipID]) REFERENCES [dbo].[Equipment] ([EquipID])
)
GO

IF EXISTS (
    SELECT 1 FROM sys.tables
    WHERE object_id = OBJECT_ID(N'[dbo].[ACM_Failures]', N'U') AND lock_escalation_desc <> N'DISABLE'
)
ALTER TABLE [dbo].[ACM_Failures] SET (LOCK_ESCALATION = DISABLE)
GO

SET NOCOUNT ON;
DECLARE @object INT = OBJECT_ID(N'[dbo].[ACM_Failures]');
DECLARE @docs TABLE (part sysname NULL, about NVARCHAR(3700) NOT NULL, is_new BIT NOT NULL);
INSERT INTO @docs (part, about, is_new)
SELECT v.part, v.about, CASE WHEN p.name IS NULL THEN 1 ELSE 0 END
FROM (VALUES
    (CAST(NULL AS sysname), N'Failures of machines, imported from a maintenance system; an episode that one follows is labelled with it'),
    (N'EquipID', N'Machine (Equipment.EquipID)'),
    (N'FailedAt', N'Time of the failure, UTC'),
    (N'Cause', N'Cause of the failure; NULL if the file names none'),
    (N'ImportedAt', N'When the row was written, UTC'),
    (N'ImportedBy', N'Person who imported it')
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
            N'MS_Description', @about, 'SCHEMA', N'dbo', 'TABLE', N'ACM_Failures', @level, @part;
    ELSE
        EXEC sys.sp_updateextendedproperty
            N'MS_Description', @about, 'SCHEMA', N'dbo', 'TABLE', N'ACM_Failures', @level, @part;
    FETCH NEXT FROM docs INTO @part, @about, @is_new;
END;
SET NOCOUNT OFF
GO

IF OBJECT_ID(N'[dbo].[ACM_Notifications]', N'U') IS NULL
CREATE TABLE [dbo].[ACM_Notifications] (
    [EquipID] INT NOT NULL,
    [Event] NVARCHAR(20) COLLATE Latin1_General_100_BIN2 NOT NULL,
    [EventKey] NVARCHAR(100) COLLATE Latin1_General_100_BIN2 NOT NULL,
    [StartTs] DATETIME2(3) NOT NULL,
    [EndTs] DATETIME2(3) NOT NULL,
    [Severity] NVARCHAR(8) COLLATE Latin1_General_100_BIN2 NULL,
    [PeakFusedZ] FLOAT(53) NULL,
    [Detail] NVARCHAR(500) COLLATE Latin1_General_100_BIN2 NULL,
    [RecordedAt] DATETIME2(3) NOT NULL,
    [Attempts] INT NOT NULL,
    [LastAttemptAt] DATETIME2(3) NULL,
    [LastError] NVARCHAR(500) COLLATE Latin1_General_100_BIN2 NULL,
    [SentTo] NVARCHAR(500) COLLATE Latin1_General_100_BIN2 NULL,
    [SentAt] DATETIME2(3) NULL,
    CONSTRAINT [PK_ACM_Notifications] PRIMARY KEY CLUSTERED ([EquipID], [Event], [EventKey]),
    CONSTRAINT [FK_ACM_Notifications_EquipID] FOREIGN KEY ([EquipID]) REFERENCES [dbo].[Equipment] ([EquipID]),
    CONSTRAINT [CK_ACM_Notifications_Event] CHECK ([Event] IN (N'episode_opened', N'episode_worsened', N'episode_closed', N'feed_silent', N'machine_failing', N'run_failed')),
    CONSTRAINT [CK_ACM_Notifications_Severity] CHECK ([Severity] IN (N'LOW', N'MEDIUM', N'HIGH'))
)
GO

IF EXISTS (
    SELECT 1 FROM sys.tables
    WHERE object_id = OBJECT_ID(N'[dbo].[ACM_Notifications]', N'U') AND lock_escalation_desc <> N'DISABLE'
)
ALTER TABLE [dbo].[ACM_Notifications] SET (LOCK_ESCALATION = DISABLE)
GO

SET NOCOUNT ON;
DECLARE @object INT = OBJECT_ID(N'[dbo].[ACM_Notifications]');
DECLARE @docs TABLE (part sysname NULL, about NVARCHAR(3700) NOT NULL, is_new BIT NOT NULL);
INSERT INTO @docs (part, about, is_new)
SELECT v.part, v.about, CASE WHEN p.name IS NULL THEN 1 ELSE 0 END
FROM (VALUES
    (CAST(NULL AS sysname), N'Events that messages are sent about: written together with their cause, sent after the commit'),
    (N'EquipID', N'Machine (Equipment.EquipID)'),
    (N'Event', N'Kind of event'),
    (N'EventKey', N'Start of the episode (and the severity it has risen to) or trend, newest reading, start of the window, or cause of a failure before a window'),
    (N'StartTs', N'Start of the episode, trend or window; newest reading of a silent feed; UTC'),
    (N'EndTs', N'Time up to which the event was known when it was recorded, UTC'),
    (N'Severity', N'Severity of the episode when the event was recorded'),
    (N'PeakFusedZ', N'Highest fused z of the episode when the event was recorded'),
    (N'Detail', N'Top sensors of the episode, or the error of the run'),
    (N'RecordedAt', N'When the event was recorded, UTC'),
    (N'Attempts', N'Attempts to send a message about it'),
    (N'LastAttemptAt', N'Time of the last attempt, UTC'),
    (N'LastError', N'Why the last attempt failed; NULL if it did not'),
    (N'SentTo', N'Targets that have accepted the message, by kind and number'),
    (N'SentAt', N'When all targets had accepted it, UTC; NULL: still to be sent')
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
            N'MS_Description', @about, 'SCHEMA', N'dbo', 'TABLE', N'ACM_Notifications', @level, @part;
    ELSE
        EXEC sys.sp_updateextendedproperty
            N'MS_Description', @about, 'SCHEMA', N'dbo', 'TABLE', N'ACM_Notifications', @level, @part;
    FETCH NEXT FROM docs INTO @part, @about, @is_new;
END;
SET NOCOUNT OFF
GO

IF EXISTS (SELECT 1 FROM (VALUES (N'[dbo].[RunLog]'), (N'[dbo].[ACM_Runs]'), (N'[dbo].[ACM_Run_Stats]'), (N'[dbo].[ACM_RunErrors]'), (N'[dbo].[ACM_WriteMetrics]'), (N'[dbo].[ACM_DataQualityEvents]'), (N'[dbo].[ACM_ColdstartState]'), (N'[dbo].[ModelRegistry]'), (N'[dbo].[ACM_State]'), (N'[dbo].[ACM_RefitRequests]'), (N'[dbo].[ACM_Baselines]'), (N'[dbo].[ACM_BatchProgress]'), (N'[dbo].[ACM_ReadingFingerprints]'), (N'[dbo].[ACM_HistorianChecks]'), (N'[dbo].[ACM_EpisodeNotes]'), (N'[dbo].[ACM_Failures]'), (N'[dbo].[ACM_Notifications]')) AS o (name) WHERE OBJECT_ID(o.name) IS NULL)
    THROW 50000, N'Some objects of this script are missing: it is not recorded as applied. Run it with sqlcmd -b.', 1;
DELETE FROM [dbo].[ACM_SchemaVersion] WHERE [Version] = 2 AND [Name] = N'002_runs.sql';
INSERT INTO [dbo].[ACM_SchemaVersion] ([Version], [Name], [Hash], [AppliedAt])
VALUES (2, N'002_runs.sql', N'd0006e3909a72cfe93aa3098f80d1b91dc772f2e91fd8a618ea8f5a8f0f0ba32', SYSUTCDATETIME())
GO
