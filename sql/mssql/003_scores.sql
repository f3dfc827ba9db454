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

IF OBJECT_ID(N'[dbo].[ACM_Scores_Wide]', N'U') IS NULL
CREATE TABLE [dbo].[ACM_Scores_Wide] (
    [RunID] UNIQUEIDENTIFIER NOT NULL,
    [EquipID] INT NOT NULL,
    [Timestamp] DATETIME2(3) NOT NULL,
    [Phase] NVARCHAR(8) COLLATE Latin1_General_100_BIN2 NOT NULL,
    [OperatingState] NVARCHAR(16) COLLATE Latin1_General_100_BIN2 NULL,
    [ar1_z] FLOAT(53) NULL,
    [pca_spe_z] FLOAT(53) NULL,
    [pca_t2_z] FLOAT(53) NULL,
    [mhal_z] FLOAT(53) NULL,
    [iforest_z] FLOAT(53) NULL,
    [gmm_z] FLOAT(53) NULL,
    [omr_z] FLOAT(53) NULL,
    [mewma_z] FLOAT(53) NULL,
    [drift_z] FLOAT(53) NULL,
    [fused] FLOAT(53) NULL,
    [alarm] BIT NOT NULL,
    [regime_label] NVARCHAR(50) COLLATE Latin1_General_100_BIN2 NULL,
    [ModelVersion] INT NOT NULL,
    [HealthIndex] FLOAT(53) NULL,
    CONSTRAINT [PK_ACM_Scores_Wide] PRIMARY KEY CLUSTERED ([EquipID], [Timestamp]),
    CONSTRAINT [FK_ACM_Scores_Wide_EquipID] FOREIGN KEY ([EquipID]) REFERENCES [dbo].[Equipment] ([EquipID]),
    CONSTRAINT [CK_ACM_Scores_Wide_Phase] CHECK ([Phase] IN (N'TRAIN', N'SCORE')),
    CONSTRAINT [CK_ACM_Scores_Wide_OperatingState] CHECK ([OperatingState] IN (N'off', N'transient', N'on'))
)
GO

IF EXISTS (
    SELECT 1 FROM sys.tables
    WHERE object_id = OBJECT_ID(N'[dbo].[ACM_Scores_Wide]', N'U') AND lock_escalation_desc <> N'DISABLE'
)
ALTER TABLE [dbo].[ACM_Scores_Wide] SET (LOCK_ESCALATION = DISABLE)
GO

SET NOCOUNT ON;
DECLARE @object INT = OBJECT_ID(N'[dbo].[ACM_Scores_Wide]');
DECLARE @docs TABLE (part sysname NULL, about NVARCHAR(3700) NOT NULL, is_new BIT NOT NULL);
INSERT INTO @docs (part, about, is_new)
SELECT v.part, v.about, CASE WHEN p.name IS NULL THEN 1 ELSE 0 END
FROM (VALUES
    (CAST(NULL AS sysname), N'One row per reading with the normal-equivalent z of every detector'),
    (N'RunID', N'Run that wrote the row (RunLog.RunID)'),
    (N'EquipID', N'Machine (Equipment.EquipID)'),
    (N'Timestamp', N'Time of the reading, UTC'),
    (N'Phase', N'TRAIN inside the training period, else SCORE'),
    (N'OperatingState', N'off, transient or on; NULL if the reading is unusable'),
    (N'ar1_z', N'z of one-step (AR1) residuals, smoothed'),
    (N'pca_spe_z', N'z of squared prediction error outside the principal components (Q statistic)'),
    (N'pca_t2_z', N'z of Hotelling''s T2 inside the principal components'),
    (N'mhal_z', N'z of Mahalanobis distance'),
    (N'iforest_z', N'z of isolation forest'),
    (N'gmm_z', N'z of Gaussian mixture, negative log-likelihood'),
    (N'omr_z', N'z of leave-one-out residuals (each tag predicted from the others), smoothed'),
    (N'mewma_z', N'z of multivariate EWMA'),
    (N'drift_z', N'Drift score: z of the largest two-day mean leave-one-out residual of any tag'),
    (N'fused', N'Fused normal-equivalent z; 0.1 % of healthy readings exceed 3.09'),
    (N'alarm', N'Whether the reading is in alarm'),
    (N'regime_label', N'Operating regime: ''off'', ''unknown'' or a number that stays the same across runs'),
    (N'ModelVersion', N'Models that scored the reading'),
    (N'HealthIndex', N'Health: 100 / (1 + (max(fused, 0) / z_scale)^2), 0-100; NULL if not assessed')
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
            N'MS_Description', @about, 'SCHEMA', N'dbo', 'TABLE', N'ACM_Scores_Wide', @level, @part;
    ELSE
        EXEC sys.sp_updateextendedproperty
            N'MS_Description', @about, 'SCHEMA', N'dbo', 'TABLE', N'ACM_Scores_Wide', @level, @part;
    FETCH NEXT FROM docs INTO @part, @about, @is_new;
END;
SET NOCOUNT OFF
GO

IF OBJECT_ID(N'[dbo].[ACM_ContributionTimeline]', N'U') IS NULL
CREATE TABLE [dbo].[ACM_ContributionTimeline] (
    [RunID] UNIQUEIDENTIFIER NOT NULL,
    [EquipID] INT NOT NULL,
    [Timestamp] DATETIME2(3) NOT NULL,
    [DetectorType] NVARCHAR(50) COLLATE Latin1_General_100_BIN2 NOT NULL,
    [ContributionPct] FLOAT(53) NOT NULL,
    [ZScore] FLOAT(53) NOT NULL,
    CONSTRAINT [PK_ACM_ContributionTimeline] PRIMARY KEY CLUSTERED ([EquipID], [Timestamp], [DetectorType]),
    CONSTRAINT [FK_ACM_ContributionTimeline_EquipID] FOREIGN KEY ([EquipID]) REFERENCES [dbo].[Equipment] ([EquipID]),
    CONSTRAINT [CK_ACM_ContributionTimeline_DetectorType] CHECK ([DetectorType] IN (N'ar1_z', N'pca_spe_z', N'pca_t2_z', N'mhal_z', N'iforest_z', N'gmm_z', N'omr_z', N'mewma_z'))
)
GO

IF EXISTS (
    SELECT 1 FROM sys.tables
    WHERE object_id = OBJECT_ID(N'[dbo].[ACM_ContributionTimeline]', N'U') AND lock_escalation_desc <> N'DISABLE'
)
ALTER TABLE [dbo].[ACM_ContributionTimeline] SET (LOCK_ESCALATION = DISABLE)
GO

SET NOCOUNT ON;
DECLARE @object INT = OBJECT_ID(N'[dbo].[ACM_ContributionTimeline]');
DECLARE @docs TABLE (part sysname NULL, about NVARCHAR(3700) NOT NULL, is_new BIT NOT NULL);
INSERT INTO @docs (part, about, is_new)
SELECT v.part, v.about, CASE WHEN p.name IS NULL THEN 1 ELSE 0 END
FROM (VALUES
    (CAST(NULL AS sysname), N'Contribution of each detector, for readings with fused z >= 2 and the first reading of each hour'),
    (N'RunID', N'Run that wrote the row (RunLog.RunID)'),
    (N'EquipID', N'Machine (Equipment.EquipID)'),
    (N'Timestamp', N'Time of the reading, UTC'),
    (N'DetectorType', N'Detector'),
    (N'ContributionPct', N'100 * |z| / sum of |z| over the detectors'),
    (N'ZScore', N'z of the detector')
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
            N'MS_Description', @about, 'SCHEMA', N'dbo', 'TABLE', N'ACM_ContributionTimeline', @level, @part;
    ELSE
        EXEC sys.sp_updateextendedproperty
            N'MS_Description', @about, 'SCHEMA', N'dbo', 'TABLE', N'ACM_ContributionTimeline', @level, @part;
    FETCH NEXT FROM docs INTO @part, @about, @is_new;
END;
SET NOCOUNT OFF
GO

IF OBJECT_ID(N'[dbo].[ACM_SensorHotspotTimeline]', N'U') IS NULL
CREATE TABLE [dbo].[ACM_SensorHotspotTimeline] (
    [RunID] UNIQUEIDENTIFIER NOT NULL,
    [EquipID] INT NOT NULL,
    [Timestamp] DATETIME2(3) NOT NULL,
    [SensorName] NVARCHAR(255) COLLATE Latin1_General_100_BIN2 NOT NULL,
    [Rank] INT NOT NULL,
    [AbsZ] FLOAT(53) NOT NULL,
    [SignedZ] FLOAT(53) NOT NULL,
    [Value] FLOAT(53) NOT NULL,
    [Level] NVARCHAR(16) COLLATE Latin1_General_100_BIN2 NOT NULL,
    CONSTRAINT [PK_ACM_SensorHotspotTimeline] PRIMARY KEY CLUSTERED ([EquipID], [Timestamp], [SensorName]),
    CONSTRAINT [FK_ACM_SensorHotspotTimeline_EquipID] FOREIGN KEY ([EquipID]) REFERENCES [dbo].[Equipment] ([EquipID]),
    CONSTRAINT [CK_ACM_SensorHotspotTimeline_Level] CHECK ([Level] IN (N'INFO', N'WARN', N'ALERT'))
)
GO

IF EXISTS (
    SELECT 1 FROM sys.tables
    WHERE object_id = OBJECT_ID(N'[dbo].[ACM_SensorHotspotTimeline]', N'U') AND lock_escalation_desc <> N'DISABLE'
)
ALTER TABLE [dbo].[ACM_SensorHotspotTimeline] SET (LOCK_ESCALATION = DISABLE)
GO

SET NOCOUNT ON;
DECLARE @object INT = OBJECT_ID(N'[dbo].[ACM_SensorHotspotTimeline]');
DECLARE @docs TABLE (part sysname NULL, about NVARCHAR(3700) NOT NULL, is_new BIT NOT NULL);
INSERT INTO @docs (part, about, is_new)
SELECT v.part, v.about, CASE WHEN p.name IS NULL THEN 1 ELSE 0 END
FROM (VALUES
    (CAST(NULL AS sysname), N'The three largest sensor deviations, for |z| >= 2 and at the first reading of each hour'),
    (N'RunID', N'Run that wrote the row (RunLog.RunID)'),
    (N'EquipID', N'Machine (Equipment.EquipID)'),
    (N'Timestamp', N'Time of the reading, UTC'),
    (N'SensorName', N'Tag'),
    (N'Rank', N'1 = largest deviation at that time'),
    (N'AbsZ', N'|SignedZ|'),
    (N'SignedZ', N'Deviation from the training median in robust standard deviations'),
    (N'Value', N'Reading, in the unit of the tag'),
    (N'Level', N'ALERT from |z| 3, WARN from 2, else INFO')
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
            N'MS_Description', @about, 'SCHEMA', N'dbo', 'TABLE', N'ACM_SensorHotspotTimeline', @level, @part;
    ELSE
        EXEC sys.sp_updateextendedproperty
            N'MS_Description', @about, 'SCHEMA', N'dbo', 'TABLE', N'ACM_SensorHotspotTimeline', @level, @part;
    FETCH NEXT FROM docs INTO @part, @about, @is_new;
END;
SET NOCOUNT OFF
GO

IF OBJECT_ID(N'[dbo].[ACM_SensorDrift]', N'U') IS NULL
CREATE TABLE [dbo].[ACM_SensorDrift] (
    [RunID] UNIQUEIDENTIFIER NOT NULL,
    [EquipID] INT NOT NULL,
    [Timestamp] DATETIME2(3) NOT NULL,
    [SensorName] NVARCHAR(255) COLLATE Latin1_General_100_BIN2 NOT NULL,
    [DriftValue] FLOAT(53) NOT NULL,
    CONSTRAINT [PK_ACM_SensorDrift] PRIMARY KEY CLUSTERED ([EquipID], [Timestamp], [SensorName]),
    CONSTRAINT [FK_ACM_SensorDrift_EquipID] FOREIGN KEY ([EquipID]) REFERENCES [dbo].[Equipment] ([EquipID])
)
GO

IF EXISTS (
    SELECT 1 FROM sys.tables
    WHERE object_id = OBJECT_ID(N'[dbo].[ACM_SensorDrift]', N'U') AND lock_escalation_desc <> N'DISABLE'
)
ALTER TABLE [dbo].[ACM_SensorDrift] SET (LOCK_ESCALATION = DISABLE)
GO

SET NOCOUNT ON;
DECLARE @object INT = OBJECT_ID(N'[dbo].[ACM_SensorDrift]');
DECLARE @docs TABLE (part sysname NULL, about NVARCHAR(3700) NOT NULL, is_new BIT NOT NULL);
INSERT INTO @docs (part, about, is_new)
SELECT v.part, v.about, CASE WHEN p.name IS NULL THEN 1 ELSE 0 END
FROM (VALUES
    (CAST(NULL AS sysname), N'Drift score of every sensor at the first assessed reading of each hour'),
    (N'RunID', N'Run that wrote the row (RunLog.RunID)'),
    (N'EquipID', N'Machine (Equipment.EquipID)'),
    (N'Timestamp', N'Time of the reading, UTC'),
    (N'SensorName', N'Tag'),
    (N'DriftValue', N'Two-day mean of the leave-one-out residual of the sensor, signed z; the largest |z| is drift_z')
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
            N'MS_Description', @about, 'SCHEMA', N'dbo', 'TABLE', N'ACM_SensorDrift', @level, @part;
    ELSE
        EXEC sys.sp_updateextendedproperty
            N'MS_Description', @about, 'SCHEMA', N'dbo', 'TABLE', N'ACM_SensorDrift', @level, @part;
    FETCH NEXT FROM docs INTO @part, @about, @is_new;
END;
SET NOCOUNT OFF
GO

IF OBJECT_ID(N'[dbo].[ACM_Episodes]', N'U') IS NULL
CREATE TABLE [dbo].[ACM_Episodes] (
    [RunID] UNIQUEIDENTIFIER NOT NULL,
    [EquipID] INT NOT NULL,
    [StartTs] DATETIME2(3) NOT NULL,
    [EndTs] DATETIME2(3) NOT NULL,
    [Status] NVARCHAR(8) COLLATE Latin1_General_100_BIN2 NOT NULL,
    [DurationHours] FLOAT(53) NOT NULL,
    [RecordCount] BIGINT NOT NULL,
    [PeakTimestamp] DATETIME2(3) NOT NULL,
    [PeakFusedZ] FLOAT(53) NOT NULL,
    [AvgFusedZ] FLOAT(53) NOT NULL,
    [MinHealthIndex] FLOAT(53) NOT NULL,
    [Severity] NVARCHAR(8) COLLATE Latin1_General_100_BIN2 NOT NULL,
    [PrimaryDetector] NVARCHAR(50) COLLATE Latin1_General_100_BIN2 NOT NULL,
    [PrimarySensor] NVARCHAR(255) COLLATE Latin1_General_100_BIN2 NOT NULL,
    [Culprits] NVARCHAR(500) COLLATE Latin1_General_100_BIN2 NOT NULL,
    [RegimeLabel] NVARCHAR(50) COLLATE Latin1_General_100_BIN2 NULL,
    [LeadMeanZ] FLOAT(53) NULL,
    [LagMeanZ] FLOAT(53) NULL,
    [OpenedBy] NVARCHAR(16) COLLATE Latin1_General_100_BIN2 NULL,
    [ClosedBy] NVARCHAR(16) COLLATE Latin1_General_100_BIN2 NULL,
    CONSTRAINT [PK_ACM_Episodes] PRIMARY KEY CLUSTERED ([EquipID], [StartTs]),
    CONSTRAINT [FK_ACM_Episodes_RunID] FOREIGN KEY ([RunID]) REFERENCES [dbo].[RunLog] ([RunID]),
    CONSTRAINT [FK_ACM_Episodes_EquipID] FOREIGN KEY ([EquipID]) REFERENCES [dbo].[Equipment] ([EquipID]),
    CONSTRAINT [CK_ACM_Episodes_Status] CHECK ([Status] IN (N'OPEN', N'CLOSED')),
    CONSTRAINT [CK_ACM_Episodes_Severity] CHECK ([Severity] IN (N'LOW', N'MEDIUM', N'HIGH')),
    CONSTRAINT [CK_ACM_Episodes_PrimaryDetector] CHECK ([PrimaryDetector] IN (N'ar1_z', N'pca_spe_z', N'pca_t2_z', N'mhal_z', N'iforest_z', N'gmm_z', N'omr_z', N'mewma_z')),
    CONSTRAINT [CK_ACM_Episodes_OpenedBy] CHECK ([OpenedBy] IN (N'detectors', N'drift')),
    CONSTRAINT [CK_ACM_Episodes_ClosedBy] CHECK ([ClosedBy] IN (N'cleared', N'baseline')),
    CONSTRAINT [CK_ACM_Episodes_StartTs_EndTs] CHECK ([EndTs] >= [StartTs])
)
GO

IF NOT EXISTS (
    SELECT 1 FROM sys.indexes AS i
    INNER JOIN sys.index_columns AS x ON x.object_id = i.object_id AND x.index_id = i.index_id AND x.key_ordinal > 0
    WHERE i.object_id = OBJECT_ID(N'[dbo].[ACM_Episodes]') AND (i.name = N'IX_ACM_Episodes_RunID' OR (i.has_filter = 0 AND i.is_disabled = 0))
    GROUP BY i.index_id
    HAVING MAX(i.name) = N'IX_ACM_Episodes_RunID' OR STRING_AGG(
        QUOTENAME(COL_NAME(x.object_id, x.column_id))
        + CASE WHEN x.is_descending_key = 1 THEN N' DESC' ELSE N'' END, N', '
    ) WITHIN GROUP (ORDER BY x.key_ordinal) = N'[RunID]'
)
CREATE INDEX [IX_ACM_Episodes_RunID] ON [dbo].[ACM_Episodes] ([RunID])
GO

IF EXISTS (
    SELECT 1 FROM sys.tables
    WHERE object_id = OBJECT_ID(N'[dbo].[ACM_Episodes]', N'U') AND lock_escalation_desc <> N'DISABLE'
)
ALTER TABLE [dbo].[ACM_Episodes] SET (LOCK_ESCALATION = DISABLE)
GO

SET NOCOUNT ON;
DECLARE @object INT = OBJECT_ID(N'[dbo].[ACM_Episodes]');
DECLARE @docs TABLE (part sysname NULL, about NVARCHAR(3700) NOT NULL, is_new BIT NOT NULL);
INSERT INTO @docs (part, about, is_new)
SELECT v.part, v.about, CASE WHEN p.name IS NULL THEN 1 ELSE 0 END
FROM (VALUES
    (CAST(NULL AS sysname), N'One row per alarm episode, updated while the episode is open'),
    (N'RunID', N'Run that wrote the row (RunLog.RunID)'),
    (N'EquipID', N'Machine (Equipment.EquipID)'),
    (N'StartTs', N'First reading in alarm, UTC'),
    (N'EndTs', N'Last reading in alarm so far, UTC'),
    (N'Status', N'OPEN while further readings can extend the episode'),
    (N'DurationHours', N'EndTs - StartTs, hours'),
    (N'RecordCount', N'Readings in alarm'),
    (N'PeakTimestamp', N'Time of the highest fused z, UTC'),
    (N'PeakFusedZ', N'Highest fused z'),
    (N'AvgFusedZ', N'Mean fused z of the readings in alarm'),
    (N'MinHealthIndex', N'Lowest health, 0-100'),
    (N'Severity', N'By PeakFusedZ: LOW below 4, MEDIUM below 6, else HIGH'),
    (N'PrimaryDetector', N'Detector with the highest mean z'),
    (N'PrimarySensor', N'Sensor that contributes most'),
    (N'Culprits', N'Up to three sensors with the largest contributions, and their shares'),
    (N'RegimeLabel', N'Regime at the start'),
    (N'LeadMeanZ', N'Mean fused z of the ten readings before the episode'),
    (N'LagMeanZ', N'Mean fused z from the last reading in alarm to the close of the episode; NULL while open'),
    (N'OpenedBy', N'drift if the drift score alone raised the first reading in alarm, else detectors; NULL: earlier version'),
    (N'ClosedBy', N'cleared by readings without alarm, or closed by a new baseline; NULL while open, or of an earlier version')
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
            N'MS_Description', @about, 'SCHEMA', N'dbo', 'TABLE', N'ACM_Episodes', @level, @part;
    ELSE
        EXEC sys.sp_updateextendedproperty
            N'MS_Description', @about, 'SCHEMA', N'dbo', 'TABLE', N'ACM_Episodes', @level, @part;
    FETCH NEXT FROM docs INTO @part, @about, @is_new;
END;
SET NOCOUNT OFF
GO

IF OBJECT_ID(N'[dbo].[ACM_EpisodeCulprits]', N'U') IS NULL
CREATE TABLE [dbo].[ACM_EpisodeCulprits] (
    [RunID] UNIQUEIDENTIFIER NOT NULL,
    [EquipID] INT NOT NULL,
    [StartTs] DATETIME2(3) NOT NULL,
    [SensorName] NVARCHAR(255) COLLATE Latin1_General_100_BIN2 NOT NULL,
    [Rank] INT NOT NULL,
    [ContributionPct] FLOAT(53) NOT NULL,
    CONSTRAINT [PK_ACM_EpisodeCulprits] PRIMARY KEY CLUSTERED ([EquipID], [StartTs], [SensorName]),
    CONSTRAINT [FK_ACM_EpisodeCulprits_RunID] FOREIGN KEY ([RunID]) REFERENCES [dbo].[RunLog] ([RunID]),
    CONSTRAINT [FK_ACM_EpisodeCulprits_EquipID] FOREIGN KEY ([EquipID]) REFERENCES [dbo].[Equipment] ([EquipID])
)
GO

IF NOT EXISTS (
    SELECT 1 FROM sys.indexes AS i
    INNER JOIN sys.index_columns AS x ON x.object_id = i.object_id AND x.index_id = i.index_id AND x.key_ordinal > 0
    WHERE i.object_id = OBJECT_ID(N'[dbo].[ACM_EpisodeCulprits]') AND (i.name = N'IX_ACM_EpisodeCulprits_RunID' OR (i.has_filter = 0 AND i.is_disabled = 0))
    GROUP BY i.index_id
    HAVING MAX(i.name) = N'IX_ACM_EpisodeCulprits_RunID' OR STRING_AGG(
        QUOTENAME(COL_NAME(x.object_id, x.column_id))
        + CASE WHEN x.is_descending_key = 1 THEN N' DESC' ELSE N'' END, N', '
    ) WITHIN GROUP (ORDER BY x.key_ordinal) = N'[RunID]'
)
CREATE INDEX [IX_ACM_EpisodeCulprits_RunID] ON [dbo].[ACM_EpisodeCulprits] ([RunID])
GO

IF EXISTS (
    SELECT 1 FROM sys.tables
    WHERE object_id = OBJECT_ID(N'[dbo].[ACM_EpisodeCulprits]', N'U') AND lock_escalation_desc <> N'DISABLE'
)
ALTER TABLE [dbo].[ACM_EpisodeCulprits] SET (LOCK_ESCALATION = DISABLE)
GO

SET NOCOUNT ON;
DECLARE @object INT = OBJECT_ID(N'[dbo].[ACM_EpisodeCulprits]');
DECLARE @docs TABLE (part sysname NULL, about NVARCHAR(3700) NOT NULL, is_new BIT NOT NULL);
INSERT INTO @docs (part, about, is_new)
SELECT v.part, v.about, CASE WHEN p.name IS NULL THEN 1 ELSE 0 END
FROM (VALUES
    (CAST(NULL AS sysname), N'Sensors of each episode, ranked by contribution'),
    (N'RunID', N'Run that wrote the row (RunLog.RunID)'),
    (N'EquipID', N'Machine (Equipment.EquipID)'),
    (N'StartTs', N'Start of the episode, UTC'),
    (N'SensorName', N'Tag'),
    (N'Rank', N'1 = largest contribution; all sensors are ranked'),
    (N'ContributionPct', N'Share of the sensor in the deviation of the episode, percent')
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
            N'MS_Description', @about, 'SCHEMA', N'dbo', 'TABLE', N'ACM_EpisodeCulprits', @level, @part;
    ELSE
        EXEC sys.sp_updateextendedproperty
            N'MS_Description', @about, 'SCHEMA', N'dbo', 'TABLE', N'ACM_EpisodeCulprits', @level, @part;
    FETCH NEXT FROM docs INTO @part, @about, @is_new;
END;
SET NOCOUNT OFF
GO

IF OBJECT_ID(N'[dbo].[ACM_ThresholdCrossings]', N'U') IS NULL
CREATE TABLE [dbo].[ACM_ThresholdCrossings] (
    [RunID] UNIQUEIDENTIFIER NOT NULL,
    [EquipID] INT NOT NULL,
    [Timestamp] DATETIME2(3) NOT NULL,
    [DetectorType] NVARCHAR(50) COLLATE Latin1_General_100_BIN2 NOT NULL,
    [Threshold] FLOAT(53) NOT NULL,
    [ZScore] FLOAT(53) NOT NULL,
    [Direction] NVARCHAR(10) COLLATE Latin1_General_100_BIN2 NOT NULL,
    CONSTRAINT [PK_ACM_ThresholdCrossings] PRIMARY KEY CLUSTERED ([EquipID], [Timestamp], [DetectorType]),
    CONSTRAINT [FK_ACM_ThresholdCrossings_RunID] FOREIGN KEY ([RunID]) REFERENCES [dbo].[RunLog] ([RunID]),
    CONSTRAINT [FK_ACM_ThresholdCrossings_EquipID] FOREIGN KEY ([EquipID]) REFERENCES [dbo].[Equipment] ([EquipID]),
    CONSTRAINT [CK_ACM_ThresholdCrossings_DetectorType] CHECK ([DetectorType] IN (N'fused')),
    CONSTRAINT [CK_ACM_ThresholdCrossings_Direction] CHECK ([Direction] IN (N'up', N'down'))
)
GO

IF NOT EXISTS (
    SELECT 1 FROM sys.indexes AS i
    INNER JOIN sys.index_columns AS x ON x.object_id = i.object_id AND x.index_id = i.index_id AND x.key_ordinal > 0
    WHERE i.object_id = OBJECT_ID(N'[dbo].[ACM_ThresholdCrossings]') AND (i.name = N'IX_ACM_ThresholdCrossings_RunID' OR (i.has_filter = 0 AND i.is_disabled = 0))
    GROUP BY i.index_id
    HAVING MAX(i.name) = N'IX_ACM_ThresholdCrossings_RunID' OR STRING_AGG(
        QUOTENAME(COL_NAME(x.object_id, x.column_id))
        + CASE WHEN x.is_descending_key = 1 THEN N' DESC' ELSE N'' END, N', '
    ) WITHIN GROUP (ORDER BY x.key_ordinal) = N'[RunID]'
)
CREATE INDEX [IX_ACM_ThresholdCrossings_RunID] ON [dbo].[ACM_ThresholdCrossings] ([RunID])
GO

IF EXISTS (
    SELECT 1 FROM sys.tables
    WHERE object_id = OBJECT_ID(N'[dbo].[ACM_ThresholdCrossings]', N'U') AND lock_escalation_desc <> N'DISABLE'
)
ALTER TABLE [dbo].[ACM_ThresholdCrossings] SET (LOCK_ESCALATION = DISABLE)
GO

SET NOCOUNT ON;
DECLARE @object INT = OBJECT_ID(N'[dbo].[ACM_ThresholdCrossings]');
DECLARE @docs TABLE (part sysname NULL, about NVARCHAR(3700) NOT NULL, is_new BIT NOT NULL);
INSERT INTO @docs (part, about, is_new)
SELECT v.part, v.about, CASE WHEN p.name IS NULL THEN 1 ELSE 0 END
FROM (VALUES
    (CAST(NULL AS sysname), N'Readings at which the fused z crosses 2, the level from which contributions are stored for every reading'),
    (N'RunID', N'Run that wrote the row (RunLog.RunID)'),
    (N'EquipID', N'Machine (Equipment.EquipID)'),
    (N'Timestamp', N'First assessed reading on the other side of the threshold, UTC'),
    (N'DetectorType', N'Score that crosses the threshold'),
    (N'Threshold', N'Threshold, as z'),
    (N'ZScore', N'Fused z of the reading'),
    (N'Direction', N'up: above the threshold from this reading on; down: no longer above the threshold')
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
            N'MS_Description', @about, 'SCHEMA', N'dbo', 'TABLE', N'ACM_ThresholdCrossings', @level, @part;
    ELSE
        EXEC sys.sp_updateextendedproperty
            N'MS_Description', @about, 'SCHEMA', N'dbo', 'TABLE', N'ACM_ThresholdCrossings', @level, @part;
    FETCH NEXT FROM docs INTO @part, @about, @is_new;
END;
SET NOCOUNT OFF
GO

IF OBJECT_ID(N'[dbo].[ACM_DefectTimeline]', N'U') IS NULL
CREATE TABLE [dbo].[ACM_DefectTimeline] (
    [RunID] UNIQUEIDENTIFIER NOT NULL,
    [EquipID] INT NOT NULL,
    [Timestamp] DATETIME2(3) NOT NULL,
    [EventType] NVARCHAR(16) COLLATE Latin1_General_100_BIN2 NOT NULL,
    [FromZone] NVARCHAR(16) COLLATE Latin1_General_100_BIN2 NOT NULL,
    [ToZone] NVARCHAR(16) COLLATE Latin1_General_100_BIN2 NOT NULL,
    [HealthZone] NVARCHAR(16) COLLATE Latin1_General_100_BIN2 NOT NULL,
    [HealthAtEvent] FLOAT(53) NOT NULL,
    [HealthIndex] FLOAT(53) NOT NULL,
    [DefectScore] FLOAT(53) NOT NULL,
    [FusedZ] FLOAT(53) NOT NULL,
    CONSTRAINT [PK_ACM_DefectTimeline] PRIMARY KEY CLUSTERED ([EquipID], [Timestamp]),
    CONSTRAINT [FK_ACM_DefectTimeline_RunID] FOREIGN KEY ([RunID]) REFERENCES [dbo].[RunLog] ([RunID]),
    CONSTRAINT [FK_ACM_DefectTimeline_EquipID] FOREIGN KEY ([EquipID]) REFERENCES [dbo].[Equipment] ([EquipID]),
    CONSTRAINT [CK_ACM_DefectTimeline_EventType] CHECK ([EventType] IN (N'ZONE_CHANGE')),
    CONSTRAINT [CK_ACM_DefectTimeline_FromZone] CHECK ([FromZone] IN (N'START', N'GOOD', N'WATCH', N'ALERT')),
    CONSTRAINT [CK_ACM_DefectTimeline_ToZone] CHECK ([ToZone] IN (N'GOOD', N'WATCH', N'ALERT')),
    CONSTRAINT [CK_ACM_DefectTimeline_HealthZone] CHECK ([HealthZone] IN (N'GOOD', N'WATCH', N'ALERT'))
)
GO

IF NOT EXISTS (
    SELECT 1 FROM sys.indexes AS i
    INNER JOIN sys.index_columns AS x ON x.object_id = i.object_id AND x.index_id = i.index_id AND x.key_ordinal > 0
    WHERE i.object_id = OBJECT_ID(N'[dbo].[ACM_DefectTimeline]') AND (i.name = N'IX_ACM_DefectTimeline_RunID' OR (i.has_filter = 0 AND i.is_disabled = 0))
    GROUP BY i.index_id
    HAVING MAX(i.name) = N'IX_ACM_DefectTimeline_RunID' OR STRING_AGG(
        QUOTENAME(COL_NAME(x.object_id, x.column_id))
        + CASE WHEN x.is_descending_key = 1 THEN N' DESC' ELSE N'' END, N', '
    ) WITHIN GROUP (ORDER BY x.key_ordinal) = N'[RunID]'
)
CREATE INDEX [IX_ACM_DefectTimeline_RunID] ON [dbo].[ACM_DefectTimeline] ([RunID])
GO

IF EXISTS (
    SELECT 1 FROM sys.tables
    WHERE object_id = OBJECT_ID(N'[dbo].[ACM_DefectTimeline]', N'U') AND lock_escalation_desc <> N'DISABLE'
)
ALTER TABLE [dbo].[ACM_DefectTimeline] SET (LOCK_ESCALATION = DISABLE)
GO

SET NOCOUNT ON;
DECLARE @object INT = OBJECT_ID(N'[dbo].[ACM_DefectTimeline]');
DECLARE @docs TABLE (part sysname NULL, about NVARCHAR(3700) NOT NULL, is_new BIT NOT NULL);
INSERT INTO @docs (part, about, is_new)
SELECT v.part, v.about, CASE WHEN p.name IS NULL THEN 1 ELSE 0 END
FROM (VALUES
    (CAST(NULL AS sysname), N'Changes of the health zone from one assessed reading to the next'),
    (N'RunID', N'Run that wrote the row (RunLog.RunID)'),
    (N'EquipID', N'Machine (Equipment.EquipID)'),
    (N'Timestamp', N'First assessed reading in the new zone, UTC'),
    (N'EventType', N'Kind of event'),
    (N'FromZone', N'Zone before the change; START at the first reading of the machine'),
    (N'ToZone', N'Zone after the change'),
    (N'HealthZone', N'ToZone, under the name that V8 dashboards read'),
    (N'HealthAtEvent', N'Health of the reading, 0-100'),
    (N'HealthIndex', N'HealthAtEvent, under the name that V8 dashboards read'),
    (N'DefectScore', N'100 - HealthIndex'),
    (N'FusedZ', N'Fused z of the reading')
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
            N'MS_Description', @about, 'SCHEMA', N'dbo', 'TABLE', N'ACM_DefectTimeline', @level, @part;
    ELSE
        EXEC sys.sp_updateextendedproperty
            N'MS_Description', @about, 'SCHEMA', N'dbo', 'TABLE', N'ACM_DefectTimeline', @level, @part;
    FETCH NEXT FROM docs INTO @part, @about, @is_new;
END;
SET NOCOUNT OFF
GO

IF OBJECT_ID(N'[dbo].[ACM_DriftEvents]', N'U') IS NULL
CREATE TABLE [dbo].[ACM_DriftEvents] (
    [RunID] UNIQUEIDENTIFIER NOT NULL,
    [EquipID] INT NOT NULL,
    [SegmentStart] DATETIME2(3) NOT NULL,
    [SegmentEnd] DATETIME2(3) NOT NULL,
    [Timestamp] DATETIME2(3) NOT NULL,
    [Value] FLOAT(53) NOT NULL,
    [Status] NVARCHAR(8) COLLATE Latin1_General_100_BIN2 NOT NULL,
    [DurationHours] FLOAT(53) NOT NULL,
    [RecordCount] BIGINT NOT NULL,
    [SensorName] NVARCHAR(255) COLLATE Latin1_General_100_BIN2 NOT NULL,
    CONSTRAINT [PK_ACM_DriftEvents] PRIMARY KEY CLUSTERED ([EquipID], [SegmentStart]),
    CONSTRAINT [FK_ACM_DriftEvents_RunID] FOREIGN KEY ([RunID]) REFERENCES [dbo].[RunLog] ([RunID]),
    CONSTRAINT [FK_ACM_DriftEvents_EquipID] FOREIGN KEY ([EquipID]) REFERENCES [dbo].[Equipment] ([EquipID]),
    CONSTRAINT [CK_ACM_DriftEvents_Status] CHECK ([Status] IN (N'OPEN', N'CLOSED')),
    CONSTRAINT [CK_ACM_DriftEvents_SegmentStart_SegmentEnd] CHECK ([SegmentEnd] >= [SegmentStart])
)
GO

IF NOT EXISTS (
    SELECT 1 FROM sys.indexes AS i
    INNER JOIN sys.index_columns AS x ON x.object_id = i.object_id AND x.index_id = i.index_id AND x.key_ordinal > 0
    WHERE i.object_id = OBJECT_ID(N'[dbo].[ACM_DriftEvents]') AND (i.name = N'IX_ACM_DriftEvents_RunID' OR (i.has_filter = 0 AND i.is_disabled = 0))
    GROUP BY i.index_id
    HAVING MAX(i.name) = N'IX_ACM_DriftEvents_RunID' OR STRING_AGG(
        QUOTENAME(COL_NAME(x.object_id, x.column_id))
        + CASE WHEN x.is_descending_key = 1 THEN N' DESC' ELSE N'' END, N', '
    ) WITHIN GROUP (ORDER BY x.key_ordinal) = N'[RunID]'
)
CREATE INDEX [IX_ACM_DriftEvents_RunID] ON [dbo].[ACM_DriftEvents] ([RunID])
GO

IF EXISTS (
    SELECT 1 FROM sys.tables
    WHERE object_id = OBJECT_ID(N'[dbo].[ACM_DriftEvents]', N'U') AND lock_escalation_desc <> N'DISABLE'
)
ALTER TABLE [dbo].[ACM_DriftEvents] SET (LOCK_ESCALATION = DISABLE)
GO

SET NOCOUNT ON;
DECLARE @object INT = OBJECT_ID(N'[dbo].[ACM_DriftEvents]');
DECLARE @docs TABLE (part sysname NULL, about NVARCHAR(3700) NOT NULL, is_new BIT NOT NULL);
INSERT INTO @docs (part, about, is_new)
SELECT v.part, v.about, CASE WHEN p.name IS NULL THEN 1 ELSE 0 END
FROM (VALUES
    (CAST(NULL AS sysname), N'Periods with critical drift (drift_z >= 3.09) after the training period'),
    (N'RunID', N'Run that wrote the row (RunLog.RunID)'),
    (N'EquipID', N'Machine (Equipment.EquipID)'),
    (N'SegmentStart', N'First reading of the period, UTC'),
    (N'SegmentEnd', N'Last reading of the period so far, UTC'),
    (N'Timestamp', N'Time of the highest drift_z, UTC'),
    (N'Value', N'Highest drift_z'),
    (N'Status', N'OPEN while further readings can extend the period'),
    (N'DurationHours', N'SegmentEnd - SegmentStart, hours'),
    (N'RecordCount', N'Readings in the period'),
    (N'SensorName', N'Tag with the largest mean drift')
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
            N'MS_Description', @about, 'SCHEMA', N'dbo', 'TABLE', N'ACM_DriftEvents', @level, @part;
    ELSE
        EXEC sys.sp_updateextendedproperty
            N'MS_Description', @about, 'SCHEMA', N'dbo', 'TABLE', N'ACM_DriftEvents', @level, @part;
    FETCH NEXT FROM docs INTO @part, @about, @is_new;
END;
SET NOCOUNT OFF
GO

IF OBJECT_ID(N'[dbo].[ACM_Regime_Episodes]', N'U') IS NULL
CREATE TABLE [dbo].[ACM_Regime_Episodes] (
    [RunID] UNIQUEIDENTIFIER NOT NULL,
    [EquipID] INT NOT NULL,
    [StartTs] DATETIME2(3) NOT NULL,
    [EndTs] DATETIME2(3) NOT NULL,
    [Status] NVARCHAR(8) COLLATE Latin1_General_100_BIN2 NOT NULL,
    [RegimeLabel] NVARCHAR(50) COLLATE Latin1_General_100_BIN2 NOT NULL,
    [DurationSeconds] FLOAT(53) NOT NULL,
    [DurationHours] FLOAT(53) NOT NULL,
    [RecordCount] BIGINT NOT NULL,
    [AvgFusedZ] FLOAT(53) NOT NULL,
    [MaxFusedZ] FLOAT(53) NOT NULL,
    [StabilityScore] FLOAT(53) NOT NULL,
    CONSTRAINT [PK_ACM_Regime_Episodes] PRIMARY KEY CLUSTERED ([EquipID], [StartTs]),
    CONSTRAINT [FK_ACM_Regime_Episodes_RunID] FOREIGN KEY ([RunID]) REFERENCES [dbo].[RunLog] ([RunID]),
    CONSTRAINT [FK_ACM_Regime_Episodes_EquipID] FOREIGN KEY ([EquipID]) REFERENCES [dbo].[Equipment] ([EquipID]),
    CONSTRAINT [CK_ACM_Regime_Episodes_Status] CHECK ([Status] IN (N'OPEN', N'CLOSED')),
    CONSTRAINT [CK_ACM_Regime_Episodes_StartTs_EndTs] CHECK ([EndTs] >= [StartTs])
)
GO

IF NOT EXISTS (
    SELECT 1 FROM sys.indexes AS i
    INNER JOIN sys.index_columns AS x ON x.object_id = i.object_id AND x.index_id = i.index_id AND x.key_ordinal > 0
    WHERE i.object_id = OBJECT_ID(N'[dbo].[ACM_Regime_Episodes]') AND (i.name = N'IX_ACM_Regime_Episodes_RunID' OR (i.has_filter = 0 AND i.is_disabled = 0))
    GROUP BY i.index_id
    HAVING MAX(i.name) = N'IX_ACM_Regime_Episodes_RunID' OR STRING_AGG(
        QUOTENAME(COL_NAME(x.object_id, x.column_id))
        + CASE WHEN x.is_descending_key = 1 THEN N' DESC' ELSE N'' END, N', '
    ) WITHIN GROUP (ORDER BY x.key_ordinal) = N'[RunID]'
)
CREATE INDEX [IX_ACM_Regime_Episodes_RunID] ON [dbo].[ACM_Regime_Episodes] ([RunID])
GO

IF EXISTS (
    SELECT 1 FROM sys.tables
    WHERE object_id = OBJECT_ID(N'[dbo].[ACM_Regime_Episodes]', N'U') AND lock_escalation_desc <> N'DISABLE'
)
ALTER TABLE [dbo].[ACM_Regime_Episodes] SET (LOCK_ESCALATION = DISABLE)
GO

SET NOCOUNT ON;
DECLARE @object INT = OBJECT_ID(N'[dbo].[ACM_Regime_Episodes]');
DECLARE @docs TABLE (part sysname NULL, about NVARCHAR(3700) NOT NULL, is_new BIT NOT NULL);
INSERT INTO @docs (part, about, is_new)
SELECT v.part, v.about, CASE WHEN p.name IS NULL THEN 1 ELSE 0 END
FROM (VALUES
    (CAST(NULL AS sysname), N'Periods in one operating regime'),
    (N'RunID', N'Run that wrote the row (RunLog.RunID)'),
    (N'EquipID', N'Machine (Equipment.EquipID)'),
    (N'StartTs', N'First reading in the regime, UTC'),
    (N'EndTs', N'Last reading in the regime so far, UTC'),
    (N'Status', N'OPEN while further readings can extend the period'),
    (N'RegimeLabel', N'Operating regime'),
    (N'DurationSeconds', N'EndTs - StartTs, seconds'),
    (N'DurationHours', N'EndTs - StartTs, hours'),
    (N'RecordCount', N'Usable readings in the period'),
    (N'AvgFusedZ', N'Mean fused z'),
    (N'MaxFusedZ', N'Highest fused z'),
    (N'StabilityScore', N'Share of readings with fused z below 2, percent')
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
            N'MS_Description', @about, 'SCHEMA', N'dbo', 'TABLE', N'ACM_Regime_Episodes', @level, @part;
    ELSE
        EXEC sys.sp_updateextendedproperty
            N'MS_Description', @about, 'SCHEMA', N'dbo', 'TABLE', N'ACM_Regime_Episodes', @level, @part;
    FETCH NEXT FROM docs INTO @part, @about, @is_new;
END;
SET NOCOUNT OFF
GO

IF OBJECT_ID(N'[dbo].[ACM_AlertAge]', N'U') IS NULL
CREATE TABLE [dbo].[ACM_AlertAge] (
    [RunID] UNIQUEIDENTIFIER NOT NULL,
    [EquipID] INT NOT NULL,
    [StartTimestamp] DATETIME2(3) NOT NULL,
    [EndTimestamp] DATETIME2(3) NOT NULL,
    [AlertZone] NVARCHAR(16) COLLATE Latin1_General_100_BIN2 NOT NULL,
    [Status] NVARCHAR(8) COLLATE Latin1_General_100_BIN2 NOT NULL,
    [DurationHours] FLOAT(53) NOT NULL,
    [RecordCount] BIGINT NOT NULL,
    [MinHealthIndex] FLOAT(53) NOT NULL,
    CONSTRAINT [PK_ACM_AlertAge] PRIMARY KEY CLUSTERED ([EquipID], [StartTimestamp]),
    CONSTRAINT [FK_ACM_AlertAge_RunID] FOREIGN KEY ([RunID]) REFERENCES [dbo].[RunLog] ([RunID]),
    CONSTRAINT [FK_ACM_AlertAge_EquipID] FOREIGN KEY ([EquipID]) REFERENCES [dbo].[Equipment] ([EquipID]),
    CONSTRAINT [CK_ACM_AlertAge_AlertZone] CHECK ([AlertZone] IN (N'GOOD', N'WATCH', N'ALERT')),
    CONSTRAINT [CK_ACM_AlertAge_Status] CHECK ([Status] IN (N'OPEN', N'CLOSED')),
    CONSTRAINT [CK_ACM_AlertAge_StartTimestamp_EndTimestamp] CHECK ([EndTimestamp] >= [StartTimestamp])
)
GO

IF NOT EXISTS (
    SELECT 1 FROM sys.indexes AS i
    INNER JOIN sys.index_columns AS x ON x.object_id = i.object_id AND x.index_id = i.index_id AND x.key_ordinal > 0
    WHERE i.object_id = OBJECT_ID(N'[dbo].[ACM_AlertAge]') AND (i.name = N'IX_ACM_AlertAge_RunID' OR (i.has_filter = 0 AND i.is_disabled = 0))
    GROUP BY i.index_id
    HAVING MAX(i.name) = N'IX_ACM_AlertAge_RunID' OR STRING_AGG(
        QUOTENAME(COL_NAME(x.object_id, x.column_id))
        + CASE WHEN x.is_descending_key = 1 THEN N' DESC' ELSE N'' END, N', '
    ) WITHIN GROUP (ORDER BY x.key_ordinal) = N'[RunID]'
)
CREATE INDEX [IX_ACM_AlertAge_RunID] ON [dbo].[ACM_AlertAge] ([RunID])
GO

IF EXISTS (
    SELECT 1 FROM sys.tables
    WHERE object_id = OBJECT_ID(N'[dbo].[ACM_AlertAge]', N'U') AND lock_escalation_desc <> N'DISABLE'
)
ALTER TABLE [dbo].[ACM_AlertAge] SET (LOCK_ESCALATION = DISABLE)
GO

SET NOCOUNT ON;
DECLARE @object INT = OBJECT_ID(N'[dbo].[ACM_AlertAge]');
DECLARE @docs TABLE (part sysname NULL, about NVARCHAR(3700) NOT NULL, is_new BIT NOT NULL);
INSERT INTO @docs (part, about, is_new)
SELECT v.part, v.about, CASE WHEN p.name IS NULL THEN 1 ELSE 0 END
FROM (VALUES
    (CAST(NULL AS sysname), N'Periods in one health zone; the open row gives the time in the current zone'),
    (N'RunID', N'Run that wrote the row (RunLog.RunID)'),
    (N'EquipID', N'Machine (Equipment.EquipID)'),
    (N'StartTimestamp', N'First assessed reading in the zone, UTC'),
    (N'EndTimestamp', N'Last assessed reading in the zone so far, UTC'),
    (N'AlertZone', N'Health zone'),
    (N'Status', N'OPEN while further readings can extend the period'),
    (N'DurationHours', N'EndTimestamp - StartTimestamp, hours'),
    (N'RecordCount', N'Assessed readings in the period'),
    (N'MinHealthIndex', N'Lowest health, 0-100')
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
            N'MS_Description', @about, 'SCHEMA', N'dbo', 'TABLE', N'ACM_AlertAge', @level, @part;
    ELSE
        EXEC sys.sp_updateextendedproperty
            N'MS_Description', @about, 'SCHEMA', N'dbo', 'TABLE', N'ACM_AlertAge', @level, @part;
    FETCH NEXT FROM docs INTO @part, @about, @is_new;
END;
SET NOCOUNT OFF
GO

IF EXISTS (SELECT 1 FROM (VALUES (N'[dbo].[ACM_Scores_Wide]'), (N'[dbo].[ACM_ContributionTimeline]'), (N'[dbo].[ACM_SensorHotspotTimeline]'), (N'[dbo].[ACM_SensorDrift]'), (N'[dbo].[ACM_Episodes]'), (N'[dbo].[ACM_EpisodeCulprits]'), (N'[dbo].[ACM_ThresholdCrossings]'), (N'[dbo].[ACM_DefectTimeline]'), (N'[dbo].[ACM_DriftEvents]'), (N'[dbo].[ACM_Regime_Episodes]'), (N'[dbo].[ACM_AlertAge]')) AS o (name) WHERE OBJECT_ID(o.name) IS NULL)
    THROW 50000, N'Some objects of this script are missing: it is not recorded as applied. Run it with sqlcmd -b.', 1;
DELETE FROM [dbo].[ACM_SchemaVersion] WHERE [Version] = 2 AND [Name] = N'003_scores.sql';
INSERT INTO [dbo].[ACM_SchemaVersion] ([Version], [Name], [Hash], [AppliedAt])
VALUES (2, N'003_scores.sql', N'09190edf7bd6787ab77db09e35a78cb3725cd1eb5b0ab8519b78c29a1a7a337f', SYSUTCDATETIME())
GO
