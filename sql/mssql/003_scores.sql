-- Rendered by acm_etl.load.ddl from acm_etl/tables, schema version 1: do not edit.

IF OBJECT_ID(N'[ACM_Scores_Wide]', N'U') IS NULL
CREATE TABLE [ACM_Scores_Wide] (
    [RunID] UNIQUEIDENTIFIER NOT NULL,
    [EquipID] INT NOT NULL,
    [Timestamp] DATETIME2(3) NOT NULL,
    [Phase] NVARCHAR(8) NOT NULL,
    [OperatingState] NVARCHAR(16) NULL,
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
    [regime_label] NVARCHAR(50) NULL,
    [ModelVersion] INT NOT NULL,
    CONSTRAINT [PK_ACM_Scores_Wide] PRIMARY KEY CLUSTERED ([EquipID], [Timestamp]),
    CONSTRAINT [FK_ACM_Scores_Wide_RunID] FOREIGN KEY ([RunID]) REFERENCES [RunLog] ([RunID]),
    CONSTRAINT [FK_ACM_Scores_Wide_EquipID] FOREIGN KEY ([EquipID]) REFERENCES [Equipment] ([EquipID]),
    CONSTRAINT [CK_ACM_Scores_Wide_Phase] CHECK ([Phase] IN (N'TRAIN', N'SCORE')),
    CONSTRAINT [CK_ACM_Scores_Wide_OperatingState] CHECK ([OperatingState] IN (N'off', N'transient', N'on'))
)
GO

ALTER TABLE [ACM_Scores_Wide] SET (LOCK_ESCALATION = DISABLE)
GO

IF NOT EXISTS (SELECT 1 FROM sys.extended_properties WHERE major_id = OBJECT_ID(N'[ACM_Scores_Wide]') AND minor_id = 0 AND name = N'MS_Description')
EXEC sys.sp_addextendedproperty N'MS_Description', N'One row per reading with every detector''s normal-equivalent z', N'SCHEMA', N'dbo', N'TABLE', N'ACM_Scores_Wide'
GO

IF NOT EXISTS (SELECT 1 FROM sys.extended_properties WHERE major_id = OBJECT_ID(N'[ACM_Scores_Wide]') AND minor_id = COLUMNPROPERTY(OBJECT_ID(N'[ACM_Scores_Wide]'), N'RunID', 'ColumnId') AND name = N'MS_Description')
EXEC sys.sp_addextendedproperty N'MS_Description', N'Run that wrote the row (RunLog.RunID)', N'SCHEMA', N'dbo', N'TABLE', N'ACM_Scores_Wide', N'COLUMN', N'RunID'
GO

IF NOT EXISTS (SELECT 1 FROM sys.extended_properties WHERE major_id = OBJECT_ID(N'[ACM_Scores_Wide]') AND minor_id = COLUMNPROPERTY(OBJECT_ID(N'[ACM_Scores_Wide]'), N'EquipID', 'ColumnId') AND name = N'MS_Description')
EXEC sys.sp_addextendedproperty N'MS_Description', N'Machine (Equipment.EquipID)', N'SCHEMA', N'dbo', N'TABLE', N'ACM_Scores_Wide', N'COLUMN', N'EquipID'
GO

IF NOT EXISTS (SELECT 1 FROM sys.extended_properties WHERE major_id = OBJECT_ID(N'[ACM_Scores_Wide]') AND minor_id = COLUMNPROPERTY(OBJECT_ID(N'[ACM_Scores_Wide]'), N'Timestamp', 'ColumnId') AND name = N'MS_Description')
EXEC sys.sp_addextendedproperty N'MS_Description', N'Time of the reading, UTC', N'SCHEMA', N'dbo', N'TABLE', N'ACM_Scores_Wide', N'COLUMN', N'Timestamp'
GO

IF NOT EXISTS (SELECT 1 FROM sys.extended_properties WHERE major_id = OBJECT_ID(N'[ACM_Scores_Wide]') AND minor_id = COLUMNPROPERTY(OBJECT_ID(N'[ACM_Scores_Wide]'), N'Phase', 'ColumnId') AND name = N'MS_Description')
EXEC sys.sp_addextendedproperty N'MS_Description', N'TRAIN inside the training period, else SCORE', N'SCHEMA', N'dbo', N'TABLE', N'ACM_Scores_Wide', N'COLUMN', N'Phase'
GO

IF NOT EXISTS (SELECT 1 FROM sys.extended_properties WHERE major_id = OBJECT_ID(N'[ACM_Scores_Wide]') AND minor_id = COLUMNPROPERTY(OBJECT_ID(N'[ACM_Scores_Wide]'), N'OperatingState', 'ColumnId') AND name = N'MS_Description')
EXEC sys.sp_addextendedproperty N'MS_Description', N'off, transient or on; NULL where the row is unusable', N'SCHEMA', N'dbo', N'TABLE', N'ACM_Scores_Wide', N'COLUMN', N'OperatingState'
GO

IF NOT EXISTS (SELECT 1 FROM sys.extended_properties WHERE major_id = OBJECT_ID(N'[ACM_Scores_Wide]') AND minor_id = COLUMNPROPERTY(OBJECT_ID(N'[ACM_Scores_Wide]'), N'ar1_z', 'ColumnId') AND name = N'MS_Description')
EXEC sys.sp_addextendedproperty N'MS_Description', N'z of one-step (AR1) residuals, smoothed', N'SCHEMA', N'dbo', N'TABLE', N'ACM_Scores_Wide', N'COLUMN', N'ar1_z'
GO

IF NOT EXISTS (SELECT 1 FROM sys.extended_properties WHERE major_id = OBJECT_ID(N'[ACM_Scores_Wide]') AND minor_id = COLUMNPROPERTY(OBJECT_ID(N'[ACM_Scores_Wide]'), N'pca_spe_z', 'ColumnId') AND name = N'MS_Description')
EXEC sys.sp_addextendedproperty N'MS_Description', N'z of squared prediction error outside the principal components (Q statistic)', N'SCHEMA', N'dbo', N'TABLE', N'ACM_Scores_Wide', N'COLUMN', N'pca_spe_z'
GO

IF NOT EXISTS (SELECT 1 FROM sys.extended_properties WHERE major_id = OBJECT_ID(N'[ACM_Scores_Wide]') AND minor_id = COLUMNPROPERTY(OBJECT_ID(N'[ACM_Scores_Wide]'), N'pca_t2_z', 'ColumnId') AND name = N'MS_Description')
EXEC sys.sp_addextendedproperty N'MS_Description', N'z of Hotelling''s T2 inside the principal components', N'SCHEMA', N'dbo', N'TABLE', N'ACM_Scores_Wide', N'COLUMN', N'pca_t2_z'
GO

IF NOT EXISTS (SELECT 1 FROM sys.extended_properties WHERE major_id = OBJECT_ID(N'[ACM_Scores_Wide]') AND minor_id = COLUMNPROPERTY(OBJECT_ID(N'[ACM_Scores_Wide]'), N'mhal_z', 'ColumnId') AND name = N'MS_Description')
EXEC sys.sp_addextendedproperty N'MS_Description', N'z of Mahalanobis distance', N'SCHEMA', N'dbo', N'TABLE', N'ACM_Scores_Wide', N'COLUMN', N'mhal_z'
GO

IF NOT EXISTS (SELECT 1 FROM sys.extended_properties WHERE major_id = OBJECT_ID(N'[ACM_Scores_Wide]') AND minor_id = COLUMNPROPERTY(OBJECT_ID(N'[ACM_Scores_Wide]'), N'iforest_z', 'ColumnId') AND name = N'MS_Description')
EXEC sys.sp_addextendedproperty N'MS_Description', N'z of isolation forest', N'SCHEMA', N'dbo', N'TABLE', N'ACM_Scores_Wide', N'COLUMN', N'iforest_z'
GO

IF NOT EXISTS (SELECT 1 FROM sys.extended_properties WHERE major_id = OBJECT_ID(N'[ACM_Scores_Wide]') AND minor_id = COLUMNPROPERTY(OBJECT_ID(N'[ACM_Scores_Wide]'), N'gmm_z', 'ColumnId') AND name = N'MS_Description')
EXEC sys.sp_addextendedproperty N'MS_Description', N'z of Gaussian mixture, negative log-likelihood', N'SCHEMA', N'dbo', N'TABLE', N'ACM_Scores_Wide', N'COLUMN', N'gmm_z'
GO

IF NOT EXISTS (SELECT 1 FROM sys.extended_properties WHERE major_id = OBJECT_ID(N'[ACM_Scores_Wide]') AND minor_id = COLUMNPROPERTY(OBJECT_ID(N'[ACM_Scores_Wide]'), N'omr_z', 'ColumnId') AND name = N'MS_Description')
EXEC sys.sp_addextendedproperty N'MS_Description', N'z of each tag from the others (leave-one-out residuals), smoothed', N'SCHEMA', N'dbo', N'TABLE', N'ACM_Scores_Wide', N'COLUMN', N'omr_z'
GO

IF NOT EXISTS (SELECT 1 FROM sys.extended_properties WHERE major_id = OBJECT_ID(N'[ACM_Scores_Wide]') AND minor_id = COLUMNPROPERTY(OBJECT_ID(N'[ACM_Scores_Wide]'), N'mewma_z', 'ColumnId') AND name = N'MS_Description')
EXEC sys.sp_addextendedproperty N'MS_Description', N'z of multivariate EWMA', N'SCHEMA', N'dbo', N'TABLE', N'ACM_Scores_Wide', N'COLUMN', N'mewma_z'
GO

IF NOT EXISTS (SELECT 1 FROM sys.extended_properties WHERE major_id = OBJECT_ID(N'[ACM_Scores_Wide]') AND minor_id = COLUMNPROPERTY(OBJECT_ID(N'[ACM_Scores_Wide]'), N'drift_z', 'ColumnId') AND name = N'MS_Description')
EXEC sys.sp_addextendedproperty N'MS_Description', N'z of the slow (two-day) mean of the fused score', N'SCHEMA', N'dbo', N'TABLE', N'ACM_Scores_Wide', N'COLUMN', N'drift_z'
GO

IF NOT EXISTS (SELECT 1 FROM sys.extended_properties WHERE major_id = OBJECT_ID(N'[ACM_Scores_Wide]') AND minor_id = COLUMNPROPERTY(OBJECT_ID(N'[ACM_Scores_Wide]'), N'fused', 'ColumnId') AND name = N'MS_Description')
EXEC sys.sp_addextendedproperty N'MS_Description', N'Fused normal-equivalent z: 3.09 is passed by 0.1 % of healthy readings', N'SCHEMA', N'dbo', N'TABLE', N'ACM_Scores_Wide', N'COLUMN', N'fused'
GO

IF NOT EXISTS (SELECT 1 FROM sys.extended_properties WHERE major_id = OBJECT_ID(N'[ACM_Scores_Wide]') AND minor_id = COLUMNPROPERTY(OBJECT_ID(N'[ACM_Scores_Wide]'), N'alarm', 'ColumnId') AND name = N'MS_Description')
EXEC sys.sp_addextendedproperty N'MS_Description', N'The alarm rule holds', N'SCHEMA', N'dbo', N'TABLE', N'ACM_Scores_Wide', N'COLUMN', N'alarm'
GO

IF NOT EXISTS (SELECT 1 FROM sys.extended_properties WHERE major_id = OBJECT_ID(N'[ACM_Scores_Wide]') AND minor_id = COLUMNPROPERTY(OBJECT_ID(N'[ACM_Scores_Wide]'), N'regime_label', 'ColumnId') AND name = N'MS_Description')
EXEC sys.sp_addextendedproperty N'MS_Description', N'Operating regime, stable across runs; ''off'', ''unknown'' or a number', N'SCHEMA', N'dbo', N'TABLE', N'ACM_Scores_Wide', N'COLUMN', N'regime_label'
GO

IF NOT EXISTS (SELECT 1 FROM sys.extended_properties WHERE major_id = OBJECT_ID(N'[ACM_Scores_Wide]') AND minor_id = COLUMNPROPERTY(OBJECT_ID(N'[ACM_Scores_Wide]'), N'ModelVersion', 'ColumnId') AND name = N'MS_Description')
EXEC sys.sp_addextendedproperty N'MS_Description', N'Models that scored the row', N'SCHEMA', N'dbo', N'TABLE', N'ACM_Scores_Wide', N'COLUMN', N'ModelVersion'
GO

IF OBJECT_ID(N'[ACM_HealthTimeline]', N'U') IS NULL
CREATE TABLE [ACM_HealthTimeline] (
    [RunID] UNIQUEIDENTIFIER NOT NULL,
    [EquipID] INT NOT NULL,
    [Timestamp] DATETIME2(3) NOT NULL,
    [HealthIndex] FLOAT(53) NULL,
    [HealthZone] NVARCHAR(16) NULL,
    [FusedZ] FLOAT(53) NULL,
    CONSTRAINT [PK_ACM_HealthTimeline] PRIMARY KEY CLUSTERED ([EquipID], [Timestamp]),
    CONSTRAINT [FK_ACM_HealthTimeline_RunID] FOREIGN KEY ([RunID]) REFERENCES [RunLog] ([RunID]),
    CONSTRAINT [FK_ACM_HealthTimeline_EquipID] FOREIGN KEY ([EquipID]) REFERENCES [Equipment] ([EquipID]),
    CONSTRAINT [CK_ACM_HealthTimeline_HealthZone] CHECK ([HealthZone] IN (N'GOOD', N'WATCH', N'ALERT'))
)
GO

ALTER TABLE [ACM_HealthTimeline] SET (LOCK_ESCALATION = DISABLE)
GO

IF NOT EXISTS (SELECT 1 FROM sys.extended_properties WHERE major_id = OBJECT_ID(N'[ACM_HealthTimeline]') AND minor_id = 0 AND name = N'MS_Description')
EXEC sys.sp_addextendedproperty N'MS_Description', N'Health per reading (main dashboard table)', N'SCHEMA', N'dbo', N'TABLE', N'ACM_HealthTimeline'
GO

IF NOT EXISTS (SELECT 1 FROM sys.extended_properties WHERE major_id = OBJECT_ID(N'[ACM_HealthTimeline]') AND minor_id = COLUMNPROPERTY(OBJECT_ID(N'[ACM_HealthTimeline]'), N'RunID', 'ColumnId') AND name = N'MS_Description')
EXEC sys.sp_addextendedproperty N'MS_Description', N'Run that wrote the row (RunLog.RunID)', N'SCHEMA', N'dbo', N'TABLE', N'ACM_HealthTimeline', N'COLUMN', N'RunID'
GO

IF NOT EXISTS (SELECT 1 FROM sys.extended_properties WHERE major_id = OBJECT_ID(N'[ACM_HealthTimeline]') AND minor_id = COLUMNPROPERTY(OBJECT_ID(N'[ACM_HealthTimeline]'), N'EquipID', 'ColumnId') AND name = N'MS_Description')
EXEC sys.sp_addextendedproperty N'MS_Description', N'Machine (Equipment.EquipID)', N'SCHEMA', N'dbo', N'TABLE', N'ACM_HealthTimeline', N'COLUMN', N'EquipID'
GO

IF NOT EXISTS (SELECT 1 FROM sys.extended_properties WHERE major_id = OBJECT_ID(N'[ACM_HealthTimeline]') AND minor_id = COLUMNPROPERTY(OBJECT_ID(N'[ACM_HealthTimeline]'), N'Timestamp', 'ColumnId') AND name = N'MS_Description')
EXEC sys.sp_addextendedproperty N'MS_Description', N'Time of the reading, UTC', N'SCHEMA', N'dbo', N'TABLE', N'ACM_HealthTimeline', N'COLUMN', N'Timestamp'
GO

IF NOT EXISTS (SELECT 1 FROM sys.extended_properties WHERE major_id = OBJECT_ID(N'[ACM_HealthTimeline]') AND minor_id = COLUMNPROPERTY(OBJECT_ID(N'[ACM_HealthTimeline]'), N'HealthIndex', 'ColumnId') AND name = N'MS_Description')
EXEC sys.sp_addextendedproperty N'MS_Description', N'100 / (1 + (max(fused, 0) / z_scale)^2), 0-100', N'SCHEMA', N'dbo', N'TABLE', N'ACM_HealthTimeline', N'COLUMN', N'HealthIndex'
GO

IF NOT EXISTS (SELECT 1 FROM sys.extended_properties WHERE major_id = OBJECT_ID(N'[ACM_HealthTimeline]') AND minor_id = COLUMNPROPERTY(OBJECT_ID(N'[ACM_HealthTimeline]'), N'HealthZone', 'ColumnId') AND name = N'MS_Description')
EXEC sys.sp_addextendedproperty N'MS_Description', N'GOOD from 85, WATCH from 70, ALERT below', N'SCHEMA', N'dbo', N'TABLE', N'ACM_HealthTimeline', N'COLUMN', N'HealthZone'
GO

IF NOT EXISTS (SELECT 1 FROM sys.extended_properties WHERE major_id = OBJECT_ID(N'[ACM_HealthTimeline]') AND minor_id = COLUMNPROPERTY(OBJECT_ID(N'[ACM_HealthTimeline]'), N'FusedZ', 'ColumnId') AND name = N'MS_Description')
EXEC sys.sp_addextendedproperty N'MS_Description', N'Fused z', N'SCHEMA', N'dbo', N'TABLE', N'ACM_HealthTimeline', N'COLUMN', N'FusedZ'
GO

IF OBJECT_ID(N'[ACM_RegimeTimeline]', N'U') IS NULL
CREATE TABLE [ACM_RegimeTimeline] (
    [RunID] UNIQUEIDENTIFIER NOT NULL,
    [EquipID] INT NOT NULL,
    [Timestamp] DATETIME2(3) NOT NULL,
    [RegimeLabel] NVARCHAR(50) NULL,
    [RegimeState] NVARCHAR(16) NULL,
    [OperatingState] NVARCHAR(16) NULL,
    CONSTRAINT [PK_ACM_RegimeTimeline] PRIMARY KEY CLUSTERED ([EquipID], [Timestamp]),
    CONSTRAINT [FK_ACM_RegimeTimeline_RunID] FOREIGN KEY ([RunID]) REFERENCES [RunLog] ([RunID]),
    CONSTRAINT [FK_ACM_RegimeTimeline_EquipID] FOREIGN KEY ([EquipID]) REFERENCES [Equipment] ([EquipID]),
    CONSTRAINT [CK_ACM_RegimeTimeline_RegimeState] CHECK ([RegimeState] IN (N'healthy', N'suspect', N'critical')),
    CONSTRAINT [CK_ACM_RegimeTimeline_OperatingState] CHECK ([OperatingState] IN (N'off', N'transient', N'on'))
)
GO

ALTER TABLE [ACM_RegimeTimeline] SET (LOCK_ESCALATION = DISABLE)
GO

IF NOT EXISTS (SELECT 1 FROM sys.extended_properties WHERE major_id = OBJECT_ID(N'[ACM_RegimeTimeline]') AND minor_id = 0 AND name = N'MS_Description')
EXEC sys.sp_addextendedproperty N'MS_Description', N'Operating regime per reading', N'SCHEMA', N'dbo', N'TABLE', N'ACM_RegimeTimeline'
GO

IF NOT EXISTS (SELECT 1 FROM sys.extended_properties WHERE major_id = OBJECT_ID(N'[ACM_RegimeTimeline]') AND minor_id = COLUMNPROPERTY(OBJECT_ID(N'[ACM_RegimeTimeline]'), N'RunID', 'ColumnId') AND name = N'MS_Description')
EXEC sys.sp_addextendedproperty N'MS_Description', N'Run that wrote the row (RunLog.RunID)', N'SCHEMA', N'dbo', N'TABLE', N'ACM_RegimeTimeline', N'COLUMN', N'RunID'
GO

IF NOT EXISTS (SELECT 1 FROM sys.extended_properties WHERE major_id = OBJECT_ID(N'[ACM_RegimeTimeline]') AND minor_id = COLUMNPROPERTY(OBJECT_ID(N'[ACM_RegimeTimeline]'), N'EquipID', 'ColumnId') AND name = N'MS_Description')
EXEC sys.sp_addextendedproperty N'MS_Description', N'Machine (Equipment.EquipID)', N'SCHEMA', N'dbo', N'TABLE', N'ACM_RegimeTimeline', N'COLUMN', N'EquipID'
GO

IF NOT EXISTS (SELECT 1 FROM sys.extended_properties WHERE major_id = OBJECT_ID(N'[ACM_RegimeTimeline]') AND minor_id = COLUMNPROPERTY(OBJECT_ID(N'[ACM_RegimeTimeline]'), N'Timestamp', 'ColumnId') AND name = N'MS_Description')
EXEC sys.sp_addextendedproperty N'MS_Description', N'Time of the reading, UTC', N'SCHEMA', N'dbo', N'TABLE', N'ACM_RegimeTimeline', N'COLUMN', N'Timestamp'
GO

IF NOT EXISTS (SELECT 1 FROM sys.extended_properties WHERE major_id = OBJECT_ID(N'[ACM_RegimeTimeline]') AND minor_id = COLUMNPROPERTY(OBJECT_ID(N'[ACM_RegimeTimeline]'), N'RegimeLabel', 'ColumnId') AND name = N'MS_Description')
EXEC sys.sp_addextendedproperty N'MS_Description', N'Operating regime', N'SCHEMA', N'dbo', N'TABLE', N'ACM_RegimeTimeline', N'COLUMN', N'RegimeLabel'
GO

IF NOT EXISTS (SELECT 1 FROM sys.extended_properties WHERE major_id = OBJECT_ID(N'[ACM_RegimeTimeline]') AND minor_id = COLUMNPROPERTY(OBJECT_ID(N'[ACM_RegimeTimeline]'), N'RegimeState', 'ColumnId') AND name = N'MS_Description')
EXEC sys.sp_addextendedproperty N'MS_Description', N'State of health by the slow mean', N'SCHEMA', N'dbo', N'TABLE', N'ACM_RegimeTimeline', N'COLUMN', N'RegimeState'
GO

IF NOT EXISTS (SELECT 1 FROM sys.extended_properties WHERE major_id = OBJECT_ID(N'[ACM_RegimeTimeline]') AND minor_id = COLUMNPROPERTY(OBJECT_ID(N'[ACM_RegimeTimeline]'), N'OperatingState', 'ColumnId') AND name = N'MS_Description')
EXEC sys.sp_addextendedproperty N'MS_Description', N'off, transient or on', N'SCHEMA', N'dbo', N'TABLE', N'ACM_RegimeTimeline', N'COLUMN', N'OperatingState'
GO

IF OBJECT_ID(N'[ACM_ContributionTimeline]', N'U') IS NULL
CREATE TABLE [ACM_ContributionTimeline] (
    [RunID] UNIQUEIDENTIFIER NOT NULL,
    [EquipID] INT NOT NULL,
    [Timestamp] DATETIME2(3) NOT NULL,
    [DetectorType] NVARCHAR(50) NOT NULL,
    [ContributionPct] FLOAT(53) NOT NULL,
    [ZScore] FLOAT(53) NOT NULL,
    CONSTRAINT [PK_ACM_ContributionTimeline] PRIMARY KEY CLUSTERED ([EquipID], [Timestamp], [DetectorType]),
    CONSTRAINT [FK_ACM_ContributionTimeline_RunID] FOREIGN KEY ([RunID]) REFERENCES [RunLog] ([RunID]),
    CONSTRAINT [FK_ACM_ContributionTimeline_EquipID] FOREIGN KEY ([EquipID]) REFERENCES [Equipment] ([EquipID]),
    CONSTRAINT [CK_ACM_ContributionTimeline_DetectorType] CHECK ([DetectorType] IN (N'ar1_z', N'pca_spe_z', N'pca_t2_z', N'mhal_z', N'iforest_z', N'gmm_z', N'omr_z', N'mewma_z'))
)
GO

ALTER TABLE [ACM_ContributionTimeline] SET (LOCK_ESCALATION = DISABLE)
GO

IF NOT EXISTS (SELECT 1 FROM sys.extended_properties WHERE major_id = OBJECT_ID(N'[ACM_ContributionTimeline]') AND minor_id = 0 AND name = N'MS_Description')
EXEC sys.sp_addextendedproperty N'MS_Description', N'Which detector speaks: readings with fused z >= 2, and the first of each hour', N'SCHEMA', N'dbo', N'TABLE', N'ACM_ContributionTimeline'
GO

IF NOT EXISTS (SELECT 1 FROM sys.extended_properties WHERE major_id = OBJECT_ID(N'[ACM_ContributionTimeline]') AND minor_id = COLUMNPROPERTY(OBJECT_ID(N'[ACM_ContributionTimeline]'), N'RunID', 'ColumnId') AND name = N'MS_Description')
EXEC sys.sp_addextendedproperty N'MS_Description', N'Run that wrote the row (RunLog.RunID)', N'SCHEMA', N'dbo', N'TABLE', N'ACM_ContributionTimeline', N'COLUMN', N'RunID'
GO

IF NOT EXISTS (SELECT 1 FROM sys.extended_properties WHERE major_id = OBJECT_ID(N'[ACM_ContributionTimeline]') AND minor_id = COLUMNPROPERTY(OBJECT_ID(N'[ACM_ContributionTimeline]'), N'EquipID', 'ColumnId') AND name = N'MS_Description')
EXEC sys.sp_addextendedproperty N'MS_Description', N'Machine (Equipment.EquipID)', N'SCHEMA', N'dbo', N'TABLE', N'ACM_ContributionTimeline', N'COLUMN', N'EquipID'
GO

IF NOT EXISTS (SELECT 1 FROM sys.extended_properties WHERE major_id = OBJECT_ID(N'[ACM_ContributionTimeline]') AND minor_id = COLUMNPROPERTY(OBJECT_ID(N'[ACM_ContributionTimeline]'), N'Timestamp', 'ColumnId') AND name = N'MS_Description')
EXEC sys.sp_addextendedproperty N'MS_Description', N'Time of the reading, UTC', N'SCHEMA', N'dbo', N'TABLE', N'ACM_ContributionTimeline', N'COLUMN', N'Timestamp'
GO

IF NOT EXISTS (SELECT 1 FROM sys.extended_properties WHERE major_id = OBJECT_ID(N'[ACM_ContributionTimeline]') AND minor_id = COLUMNPROPERTY(OBJECT_ID(N'[ACM_ContributionTimeline]'), N'DetectorType', 'ColumnId') AND name = N'MS_Description')
EXEC sys.sp_addextendedproperty N'MS_Description', N'Detector head', N'SCHEMA', N'dbo', N'TABLE', N'ACM_ContributionTimeline', N'COLUMN', N'DetectorType'
GO

IF NOT EXISTS (SELECT 1 FROM sys.extended_properties WHERE major_id = OBJECT_ID(N'[ACM_ContributionTimeline]') AND minor_id = COLUMNPROPERTY(OBJECT_ID(N'[ACM_ContributionTimeline]'), N'ContributionPct', 'ColumnId') AND name = N'MS_Description')
EXEC sys.sp_addextendedproperty N'MS_Description', N'100 * |z| / sum of |z| over the heads', N'SCHEMA', N'dbo', N'TABLE', N'ACM_ContributionTimeline', N'COLUMN', N'ContributionPct'
GO

IF NOT EXISTS (SELECT 1 FROM sys.extended_properties WHERE major_id = OBJECT_ID(N'[ACM_ContributionTimeline]') AND minor_id = COLUMNPROPERTY(OBJECT_ID(N'[ACM_ContributionTimeline]'), N'ZScore', 'ColumnId') AND name = N'MS_Description')
EXEC sys.sp_addextendedproperty N'MS_Description', N'z of the head', N'SCHEMA', N'dbo', N'TABLE', N'ACM_ContributionTimeline', N'COLUMN', N'ZScore'
GO

IF OBJECT_ID(N'[ACM_SensorHotspotTimeline]', N'U') IS NULL
CREATE TABLE [ACM_SensorHotspotTimeline] (
    [RunID] UNIQUEIDENTIFIER NOT NULL,
    [EquipID] INT NOT NULL,
    [Timestamp] DATETIME2(3) NOT NULL,
    [SensorName] NVARCHAR(255) NOT NULL,
    [Rank] INT NOT NULL,
    [AbsZ] FLOAT(53) NOT NULL,
    [SignedZ] FLOAT(53) NOT NULL,
    [Value] FLOAT(53) NOT NULL,
    [Level] NVARCHAR(16) NOT NULL,
    CONSTRAINT [PK_ACM_SensorHotspotTimeline] PRIMARY KEY CLUSTERED ([EquipID], [Timestamp], [SensorName]),
    CONSTRAINT [FK_ACM_SensorHotspotTimeline_RunID] FOREIGN KEY ([RunID]) REFERENCES [RunLog] ([RunID]),
    CONSTRAINT [FK_ACM_SensorHotspotTimeline_EquipID] FOREIGN KEY ([EquipID]) REFERENCES [Equipment] ([EquipID]),
    CONSTRAINT [CK_ACM_SensorHotspotTimeline_Level] CHECK ([Level] IN (N'INFO', N'WARN', N'ALERT'))
)
GO

ALTER TABLE [ACM_SensorHotspotTimeline] SET (LOCK_ESCALATION = DISABLE)
GO

IF NOT EXISTS (SELECT 1 FROM sys.extended_properties WHERE major_id = OBJECT_ID(N'[ACM_SensorHotspotTimeline]') AND minor_id = 0 AND name = N'MS_Description')
EXEC sys.sp_addextendedproperty N'MS_Description', N'The three strongest sensor deviations: |z| >= 2, and at the first reading of each hour', N'SCHEMA', N'dbo', N'TABLE', N'ACM_SensorHotspotTimeline'
GO

IF NOT EXISTS (SELECT 1 FROM sys.extended_properties WHERE major_id = OBJECT_ID(N'[ACM_SensorHotspotTimeline]') AND minor_id = COLUMNPROPERTY(OBJECT_ID(N'[ACM_SensorHotspotTimeline]'), N'RunID', 'ColumnId') AND name = N'MS_Description')
EXEC sys.sp_addextendedproperty N'MS_Description', N'Run that wrote the row (RunLog.RunID)', N'SCHEMA', N'dbo', N'TABLE', N'ACM_SensorHotspotTimeline', N'COLUMN', N'RunID'
GO

IF NOT EXISTS (SELECT 1 FROM sys.extended_properties WHERE major_id = OBJECT_ID(N'[ACM_SensorHotspotTimeline]') AND minor_id = COLUMNPROPERTY(OBJECT_ID(N'[ACM_SensorHotspotTimeline]'), N'EquipID', 'ColumnId') AND name = N'MS_Description')
EXEC sys.sp_addextendedproperty N'MS_Description', N'Machine (Equipment.EquipID)', N'SCHEMA', N'dbo', N'TABLE', N'ACM_SensorHotspotTimeline', N'COLUMN', N'EquipID'
GO

IF NOT EXISTS (SELECT 1 FROM sys.extended_properties WHERE major_id = OBJECT_ID(N'[ACM_SensorHotspotTimeline]') AND minor_id = COLUMNPROPERTY(OBJECT_ID(N'[ACM_SensorHotspotTimeline]'), N'Timestamp', 'ColumnId') AND name = N'MS_Description')
EXEC sys.sp_addextendedproperty N'MS_Description', N'Time of the reading, UTC', N'SCHEMA', N'dbo', N'TABLE', N'ACM_SensorHotspotTimeline', N'COLUMN', N'Timestamp'
GO

IF NOT EXISTS (SELECT 1 FROM sys.extended_properties WHERE major_id = OBJECT_ID(N'[ACM_SensorHotspotTimeline]') AND minor_id = COLUMNPROPERTY(OBJECT_ID(N'[ACM_SensorHotspotTimeline]'), N'SensorName', 'ColumnId') AND name = N'MS_Description')
EXEC sys.sp_addextendedproperty N'MS_Description', N'Tag', N'SCHEMA', N'dbo', N'TABLE', N'ACM_SensorHotspotTimeline', N'COLUMN', N'SensorName'
GO

IF NOT EXISTS (SELECT 1 FROM sys.extended_properties WHERE major_id = OBJECT_ID(N'[ACM_SensorHotspotTimeline]') AND minor_id = COLUMNPROPERTY(OBJECT_ID(N'[ACM_SensorHotspotTimeline]'), N'Rank', 'ColumnId') AND name = N'MS_Description')
EXEC sys.sp_addextendedproperty N'MS_Description', N'1 = strongest at that time', N'SCHEMA', N'dbo', N'TABLE', N'ACM_SensorHotspotTimeline', N'COLUMN', N'Rank'
GO

IF NOT EXISTS (SELECT 1 FROM sys.extended_properties WHERE major_id = OBJECT_ID(N'[ACM_SensorHotspotTimeline]') AND minor_id = COLUMNPROPERTY(OBJECT_ID(N'[ACM_SensorHotspotTimeline]'), N'AbsZ', 'ColumnId') AND name = N'MS_Description')
EXEC sys.sp_addextendedproperty N'MS_Description', N'|SignedZ|', N'SCHEMA', N'dbo', N'TABLE', N'ACM_SensorHotspotTimeline', N'COLUMN', N'AbsZ'
GO

IF NOT EXISTS (SELECT 1 FROM sys.extended_properties WHERE major_id = OBJECT_ID(N'[ACM_SensorHotspotTimeline]') AND minor_id = COLUMNPROPERTY(OBJECT_ID(N'[ACM_SensorHotspotTimeline]'), N'SignedZ', 'ColumnId') AND name = N'MS_Description')
EXEC sys.sp_addextendedproperty N'MS_Description', N'Deviation from the training median in robust standard deviations', N'SCHEMA', N'dbo', N'TABLE', N'ACM_SensorHotspotTimeline', N'COLUMN', N'SignedZ'
GO

IF NOT EXISTS (SELECT 1 FROM sys.extended_properties WHERE major_id = OBJECT_ID(N'[ACM_SensorHotspotTimeline]') AND minor_id = COLUMNPROPERTY(OBJECT_ID(N'[ACM_SensorHotspotTimeline]'), N'Value', 'ColumnId') AND name = N'MS_Description')
EXEC sys.sp_addextendedproperty N'MS_Description', N'Reading, in the unit of the tag', N'SCHEMA', N'dbo', N'TABLE', N'ACM_SensorHotspotTimeline', N'COLUMN', N'Value'
GO

IF NOT EXISTS (SELECT 1 FROM sys.extended_properties WHERE major_id = OBJECT_ID(N'[ACM_SensorHotspotTimeline]') AND minor_id = COLUMNPROPERTY(OBJECT_ID(N'[ACM_SensorHotspotTimeline]'), N'Level', 'ColumnId') AND name = N'MS_Description')
EXEC sys.sp_addextendedproperty N'MS_Description', N'ALERT from |z| 3, WARN from 2, else INFO', N'SCHEMA', N'dbo', N'TABLE', N'ACM_SensorHotspotTimeline', N'COLUMN', N'Level'
GO

IF OBJECT_ID(N'[ACM_Episodes]', N'U') IS NULL
CREATE TABLE [ACM_Episodes] (
    [RunID] UNIQUEIDENTIFIER NOT NULL,
    [EquipID] INT NOT NULL,
    [StartTs] DATETIME2(3) NOT NULL,
    [EndTs] DATETIME2(3) NOT NULL,
    [Status] NVARCHAR(8) NOT NULL,
    [DurationHours] FLOAT(53) NOT NULL,
    [RecordCount] BIGINT NOT NULL,
    [PeakTimestamp] DATETIME2(3) NOT NULL,
    [PeakFusedZ] FLOAT(53) NOT NULL,
    [AvgFusedZ] FLOAT(53) NOT NULL,
    [MinHealthIndex] FLOAT(53) NOT NULL,
    [Severity] NVARCHAR(8) NOT NULL,
    [PrimaryDetector] NVARCHAR(50) NOT NULL,
    [PrimarySensor] NVARCHAR(255) NOT NULL,
    [Culprits] NVARCHAR(500) NOT NULL,
    [RegimeLabel] NVARCHAR(50) NULL,
    CONSTRAINT [PK_ACM_Episodes] PRIMARY KEY CLUSTERED ([EquipID], [StartTs]),
    CONSTRAINT [FK_ACM_Episodes_RunID] FOREIGN KEY ([RunID]) REFERENCES [RunLog] ([RunID]),
    CONSTRAINT [FK_ACM_Episodes_EquipID] FOREIGN KEY ([EquipID]) REFERENCES [Equipment] ([EquipID]),
    CONSTRAINT [CK_ACM_Episodes_Status] CHECK ([Status] IN (N'OPEN', N'CLOSED')),
    CONSTRAINT [CK_ACM_Episodes_Severity] CHECK ([Severity] IN (N'LOW', N'MEDIUM', N'HIGH')),
    CONSTRAINT [CK_ACM_Episodes_PrimaryDetector] CHECK ([PrimaryDetector] IN (N'ar1_z', N'pca_spe_z', N'pca_t2_z', N'mhal_z', N'iforest_z', N'gmm_z', N'omr_z', N'mewma_z')),
    CONSTRAINT [CK_ACM_Episodes_StartTs_EndTs] CHECK ([EndTs] >= [StartTs])
)
GO

IF NOT EXISTS (SELECT 1 FROM sys.extended_properties WHERE major_id = OBJECT_ID(N'[ACM_Episodes]') AND minor_id = 0 AND name = N'MS_Description')
EXEC sys.sp_addextendedproperty N'MS_Description', N'One row per episode of trouble, updated while it lasts', N'SCHEMA', N'dbo', N'TABLE', N'ACM_Episodes'
GO

IF NOT EXISTS (SELECT 1 FROM sys.extended_properties WHERE major_id = OBJECT_ID(N'[ACM_Episodes]') AND minor_id = COLUMNPROPERTY(OBJECT_ID(N'[ACM_Episodes]'), N'RunID', 'ColumnId') AND name = N'MS_Description')
EXEC sys.sp_addextendedproperty N'MS_Description', N'Run that wrote the row (RunLog.RunID)', N'SCHEMA', N'dbo', N'TABLE', N'ACM_Episodes', N'COLUMN', N'RunID'
GO

IF NOT EXISTS (SELECT 1 FROM sys.extended_properties WHERE major_id = OBJECT_ID(N'[ACM_Episodes]') AND minor_id = COLUMNPROPERTY(OBJECT_ID(N'[ACM_Episodes]'), N'EquipID', 'ColumnId') AND name = N'MS_Description')
EXEC sys.sp_addextendedproperty N'MS_Description', N'Machine (Equipment.EquipID)', N'SCHEMA', N'dbo', N'TABLE', N'ACM_Episodes', N'COLUMN', N'EquipID'
GO

IF NOT EXISTS (SELECT 1 FROM sys.extended_properties WHERE major_id = OBJECT_ID(N'[ACM_Episodes]') AND minor_id = COLUMNPROPERTY(OBJECT_ID(N'[ACM_Episodes]'), N'StartTs', 'ColumnId') AND name = N'MS_Description')
EXEC sys.sp_addextendedproperty N'MS_Description', N'First reading in alarm, UTC', N'SCHEMA', N'dbo', N'TABLE', N'ACM_Episodes', N'COLUMN', N'StartTs'
GO

IF NOT EXISTS (SELECT 1 FROM sys.extended_properties WHERE major_id = OBJECT_ID(N'[ACM_Episodes]') AND minor_id = COLUMNPROPERTY(OBJECT_ID(N'[ACM_Episodes]'), N'EndTs', 'ColumnId') AND name = N'MS_Description')
EXEC sys.sp_addextendedproperty N'MS_Description', N'Last reading in alarm so far, UTC', N'SCHEMA', N'dbo', N'TABLE', N'ACM_Episodes', N'COLUMN', N'EndTs'
GO

IF NOT EXISTS (SELECT 1 FROM sys.extended_properties WHERE major_id = OBJECT_ID(N'[ACM_Episodes]') AND minor_id = COLUMNPROPERTY(OBJECT_ID(N'[ACM_Episodes]'), N'Status', 'ColumnId') AND name = N'MS_Description')
EXEC sys.sp_addextendedproperty N'MS_Description', N'OPEN while it may go on', N'SCHEMA', N'dbo', N'TABLE', N'ACM_Episodes', N'COLUMN', N'Status'
GO

IF NOT EXISTS (SELECT 1 FROM sys.extended_properties WHERE major_id = OBJECT_ID(N'[ACM_Episodes]') AND minor_id = COLUMNPROPERTY(OBJECT_ID(N'[ACM_Episodes]'), N'DurationHours', 'ColumnId') AND name = N'MS_Description')
EXEC sys.sp_addextendedproperty N'MS_Description', N'EndTs - StartTs, hours', N'SCHEMA', N'dbo', N'TABLE', N'ACM_Episodes', N'COLUMN', N'DurationHours'
GO

IF NOT EXISTS (SELECT 1 FROM sys.extended_properties WHERE major_id = OBJECT_ID(N'[ACM_Episodes]') AND minor_id = COLUMNPROPERTY(OBJECT_ID(N'[ACM_Episodes]'), N'RecordCount', 'ColumnId') AND name = N'MS_Description')
EXEC sys.sp_addextendedproperty N'MS_Description', N'Readings in alarm', N'SCHEMA', N'dbo', N'TABLE', N'ACM_Episodes', N'COLUMN', N'RecordCount'
GO

IF NOT EXISTS (SELECT 1 FROM sys.extended_properties WHERE major_id = OBJECT_ID(N'[ACM_Episodes]') AND minor_id = COLUMNPROPERTY(OBJECT_ID(N'[ACM_Episodes]'), N'PeakTimestamp', 'ColumnId') AND name = N'MS_Description')
EXEC sys.sp_addextendedproperty N'MS_Description', N'Time of the highest fused z, UTC', N'SCHEMA', N'dbo', N'TABLE', N'ACM_Episodes', N'COLUMN', N'PeakTimestamp'
GO

IF NOT EXISTS (SELECT 1 FROM sys.extended_properties WHERE major_id = OBJECT_ID(N'[ACM_Episodes]') AND minor_id = COLUMNPROPERTY(OBJECT_ID(N'[ACM_Episodes]'), N'PeakFusedZ', 'ColumnId') AND name = N'MS_Description')
EXEC sys.sp_addextendedproperty N'MS_Description', N'Highest fused z', N'SCHEMA', N'dbo', N'TABLE', N'ACM_Episodes', N'COLUMN', N'PeakFusedZ'
GO

IF NOT EXISTS (SELECT 1 FROM sys.extended_properties WHERE major_id = OBJECT_ID(N'[ACM_Episodes]') AND minor_id = COLUMNPROPERTY(OBJECT_ID(N'[ACM_Episodes]'), N'AvgFusedZ', 'ColumnId') AND name = N'MS_Description')
EXEC sys.sp_addextendedproperty N'MS_Description', N'Mean fused z of the readings in alarm', N'SCHEMA', N'dbo', N'TABLE', N'ACM_Episodes', N'COLUMN', N'AvgFusedZ'
GO

IF NOT EXISTS (SELECT 1 FROM sys.extended_properties WHERE major_id = OBJECT_ID(N'[ACM_Episodes]') AND minor_id = COLUMNPROPERTY(OBJECT_ID(N'[ACM_Episodes]'), N'MinHealthIndex', 'ColumnId') AND name = N'MS_Description')
EXEC sys.sp_addextendedproperty N'MS_Description', N'Lowest health, 0-100', N'SCHEMA', N'dbo', N'TABLE', N'ACM_Episodes', N'COLUMN', N'MinHealthIndex'
GO

IF NOT EXISTS (SELECT 1 FROM sys.extended_properties WHERE major_id = OBJECT_ID(N'[ACM_Episodes]') AND minor_id = COLUMNPROPERTY(OBJECT_ID(N'[ACM_Episodes]'), N'Severity', 'ColumnId') AND name = N'MS_Description')
EXEC sys.sp_addextendedproperty N'MS_Description', N'By peak z: LOW below 4, MEDIUM below 6, else HIGH', N'SCHEMA', N'dbo', N'TABLE', N'ACM_Episodes', N'COLUMN', N'Severity'
GO

IF NOT EXISTS (SELECT 1 FROM sys.extended_properties WHERE major_id = OBJECT_ID(N'[ACM_Episodes]') AND minor_id = COLUMNPROPERTY(OBJECT_ID(N'[ACM_Episodes]'), N'PrimaryDetector', 'ColumnId') AND name = N'MS_Description')
EXEC sys.sp_addextendedproperty N'MS_Description', N'Head with the highest mean z', N'SCHEMA', N'dbo', N'TABLE', N'ACM_Episodes', N'COLUMN', N'PrimaryDetector'
GO

IF NOT EXISTS (SELECT 1 FROM sys.extended_properties WHERE major_id = OBJECT_ID(N'[ACM_Episodes]') AND minor_id = COLUMNPROPERTY(OBJECT_ID(N'[ACM_Episodes]'), N'PrimarySensor', 'ColumnId') AND name = N'MS_Description')
EXEC sys.sp_addextendedproperty N'MS_Description', N'Sensor that contributes most', N'SCHEMA', N'dbo', N'TABLE', N'ACM_Episodes', N'COLUMN', N'PrimarySensor'
GO

IF NOT EXISTS (SELECT 1 FROM sys.extended_properties WHERE major_id = OBJECT_ID(N'[ACM_Episodes]') AND minor_id = COLUMNPROPERTY(OBJECT_ID(N'[ACM_Episodes]'), N'Culprits', 'ColumnId') AND name = N'MS_Description')
EXEC sys.sp_addextendedproperty N'MS_Description', N'Up to three sensors, strongest first, with their share', N'SCHEMA', N'dbo', N'TABLE', N'ACM_Episodes', N'COLUMN', N'Culprits'
GO

IF NOT EXISTS (SELECT 1 FROM sys.extended_properties WHERE major_id = OBJECT_ID(N'[ACM_Episodes]') AND minor_id = COLUMNPROPERTY(OBJECT_ID(N'[ACM_Episodes]'), N'RegimeLabel', 'ColumnId') AND name = N'MS_Description')
EXEC sys.sp_addextendedproperty N'MS_Description', N'Regime at the start', N'SCHEMA', N'dbo', N'TABLE', N'ACM_Episodes', N'COLUMN', N'RegimeLabel'
GO

IF OBJECT_ID(N'[ACM_CulpritHistory]', N'U') IS NULL
CREATE TABLE [ACM_CulpritHistory] (
    [RunID] UNIQUEIDENTIFIER NOT NULL,
    [EquipID] INT NOT NULL,
    [StartTimestamp] DATETIME2(3) NOT NULL,
    [EndTimestamp] DATETIME2(3) NOT NULL,
    [DurationHours] FLOAT(53) NOT NULL,
    [PrimaryDetector] NVARCHAR(50) NOT NULL,
    [PrimarySensor] NVARCHAR(255) NOT NULL,
    [WeightedContribution] FLOAT(53) NOT NULL,
    [LeadMeanZ] FLOAT(53) NULL,
    [DuringMeanZ] FLOAT(53) NOT NULL,
    [LagMeanZ] FLOAT(53) NULL,
    CONSTRAINT [PK_ACM_CulpritHistory] PRIMARY KEY CLUSTERED ([EquipID], [StartTimestamp]),
    CONSTRAINT [FK_ACM_CulpritHistory_RunID] FOREIGN KEY ([RunID]) REFERENCES [RunLog] ([RunID]),
    CONSTRAINT [FK_ACM_CulpritHistory_EquipID] FOREIGN KEY ([EquipID]) REFERENCES [Equipment] ([EquipID]),
    CONSTRAINT [CK_ACM_CulpritHistory_PrimaryDetector] CHECK ([PrimaryDetector] IN (N'ar1_z', N'pca_spe_z', N'pca_t2_z', N'mhal_z', N'iforest_z', N'gmm_z', N'omr_z', N'mewma_z'))
)
GO

IF NOT EXISTS (SELECT 1 FROM sys.extended_properties WHERE major_id = OBJECT_ID(N'[ACM_CulpritHistory]') AND minor_id = 0 AND name = N'MS_Description')
EXEC sys.sp_addextendedproperty N'MS_Description', N'Who caused each episode (dashboard annotations)', N'SCHEMA', N'dbo', N'TABLE', N'ACM_CulpritHistory'
GO

IF NOT EXISTS (SELECT 1 FROM sys.extended_properties WHERE major_id = OBJECT_ID(N'[ACM_CulpritHistory]') AND minor_id = COLUMNPROPERTY(OBJECT_ID(N'[ACM_CulpritHistory]'), N'RunID', 'ColumnId') AND name = N'MS_Description')
EXEC sys.sp_addextendedproperty N'MS_Description', N'Run that wrote the row (RunLog.RunID)', N'SCHEMA', N'dbo', N'TABLE', N'ACM_CulpritHistory', N'COLUMN', N'RunID'
GO

IF NOT EXISTS (SELECT 1 FROM sys.extended_properties WHERE major_id = OBJECT_ID(N'[ACM_CulpritHistory]') AND minor_id = COLUMNPROPERTY(OBJECT_ID(N'[ACM_CulpritHistory]'), N'EquipID', 'ColumnId') AND name = N'MS_Description')
EXEC sys.sp_addextendedproperty N'MS_Description', N'Machine (Equipment.EquipID)', N'SCHEMA', N'dbo', N'TABLE', N'ACM_CulpritHistory', N'COLUMN', N'EquipID'
GO

IF NOT EXISTS (SELECT 1 FROM sys.extended_properties WHERE major_id = OBJECT_ID(N'[ACM_CulpritHistory]') AND minor_id = COLUMNPROPERTY(OBJECT_ID(N'[ACM_CulpritHistory]'), N'StartTimestamp', 'ColumnId') AND name = N'MS_Description')
EXEC sys.sp_addextendedproperty N'MS_Description', N'Start of the episode, UTC', N'SCHEMA', N'dbo', N'TABLE', N'ACM_CulpritHistory', N'COLUMN', N'StartTimestamp'
GO

IF NOT EXISTS (SELECT 1 FROM sys.extended_properties WHERE major_id = OBJECT_ID(N'[ACM_CulpritHistory]') AND minor_id = COLUMNPROPERTY(OBJECT_ID(N'[ACM_CulpritHistory]'), N'EndTimestamp', 'ColumnId') AND name = N'MS_Description')
EXEC sys.sp_addextendedproperty N'MS_Description', N'End of the episode so far, UTC', N'SCHEMA', N'dbo', N'TABLE', N'ACM_CulpritHistory', N'COLUMN', N'EndTimestamp'
GO

IF NOT EXISTS (SELECT 1 FROM sys.extended_properties WHERE major_id = OBJECT_ID(N'[ACM_CulpritHistory]') AND minor_id = COLUMNPROPERTY(OBJECT_ID(N'[ACM_CulpritHistory]'), N'DurationHours', 'ColumnId') AND name = N'MS_Description')
EXEC sys.sp_addextendedproperty N'MS_Description', N'EndTimestamp - StartTimestamp, hours', N'SCHEMA', N'dbo', N'TABLE', N'ACM_CulpritHistory', N'COLUMN', N'DurationHours'
GO

IF NOT EXISTS (SELECT 1 FROM sys.extended_properties WHERE major_id = OBJECT_ID(N'[ACM_CulpritHistory]') AND minor_id = COLUMNPROPERTY(OBJECT_ID(N'[ACM_CulpritHistory]'), N'PrimaryDetector', 'ColumnId') AND name = N'MS_Description')
EXEC sys.sp_addextendedproperty N'MS_Description', N'Head with the highest mean z', N'SCHEMA', N'dbo', N'TABLE', N'ACM_CulpritHistory', N'COLUMN', N'PrimaryDetector'
GO

IF NOT EXISTS (SELECT 1 FROM sys.extended_properties WHERE major_id = OBJECT_ID(N'[ACM_CulpritHistory]') AND minor_id = COLUMNPROPERTY(OBJECT_ID(N'[ACM_CulpritHistory]'), N'PrimarySensor', 'ColumnId') AND name = N'MS_Description')
EXEC sys.sp_addextendedproperty N'MS_Description', N'Sensor that contributes most', N'SCHEMA', N'dbo', N'TABLE', N'ACM_CulpritHistory', N'COLUMN', N'PrimarySensor'
GO

IF NOT EXISTS (SELECT 1 FROM sys.extended_properties WHERE major_id = OBJECT_ID(N'[ACM_CulpritHistory]') AND minor_id = COLUMNPROPERTY(OBJECT_ID(N'[ACM_CulpritHistory]'), N'WeightedContribution', 'ColumnId') AND name = N'MS_Description')
EXEC sys.sp_addextendedproperty N'MS_Description', N'Share of that sensor in the episode, percent', N'SCHEMA', N'dbo', N'TABLE', N'ACM_CulpritHistory', N'COLUMN', N'WeightedContribution'
GO

IF NOT EXISTS (SELECT 1 FROM sys.extended_properties WHERE major_id = OBJECT_ID(N'[ACM_CulpritHistory]') AND minor_id = COLUMNPROPERTY(OBJECT_ID(N'[ACM_CulpritHistory]'), N'LeadMeanZ', 'ColumnId') AND name = N'MS_Description')
EXEC sys.sp_addextendedproperty N'MS_Description', N'Mean fused z of the ten readings before', N'SCHEMA', N'dbo', N'TABLE', N'ACM_CulpritHistory', N'COLUMN', N'LeadMeanZ'
GO

IF NOT EXISTS (SELECT 1 FROM sys.extended_properties WHERE major_id = OBJECT_ID(N'[ACM_CulpritHistory]') AND minor_id = COLUMNPROPERTY(OBJECT_ID(N'[ACM_CulpritHistory]'), N'DuringMeanZ', 'ColumnId') AND name = N'MS_Description')
EXEC sys.sp_addextendedproperty N'MS_Description', N'Mean fused z of the readings in alarm', N'SCHEMA', N'dbo', N'TABLE', N'ACM_CulpritHistory', N'COLUMN', N'DuringMeanZ'
GO

IF NOT EXISTS (SELECT 1 FROM sys.extended_properties WHERE major_id = OBJECT_ID(N'[ACM_CulpritHistory]') AND minor_id = COLUMNPROPERTY(OBJECT_ID(N'[ACM_CulpritHistory]'), N'LagMeanZ', 'ColumnId') AND name = N'MS_Description')
EXEC sys.sp_addextendedproperty N'MS_Description', N'Mean fused z between the last alarm and the close; NULL while open', N'SCHEMA', N'dbo', N'TABLE', N'ACM_CulpritHistory', N'COLUMN', N'LagMeanZ'
GO

IF OBJECT_ID(N'[ACM_EpisodeCulprits]', N'U') IS NULL
CREATE TABLE [ACM_EpisodeCulprits] (
    [RunID] UNIQUEIDENTIFIER NOT NULL,
    [EquipID] INT NOT NULL,
    [StartTs] DATETIME2(3) NOT NULL,
    [SensorName] NVARCHAR(255) NOT NULL,
    [Rank] INT NOT NULL,
    [ContributionPct] FLOAT(53) NOT NULL,
    CONSTRAINT [PK_ACM_EpisodeCulprits] PRIMARY KEY CLUSTERED ([EquipID], [StartTs], [SensorName]),
    CONSTRAINT [FK_ACM_EpisodeCulprits_RunID] FOREIGN KEY ([RunID]) REFERENCES [RunLog] ([RunID]),
    CONSTRAINT [FK_ACM_EpisodeCulprits_EquipID] FOREIGN KEY ([EquipID]) REFERENCES [Equipment] ([EquipID])
)
GO

IF NOT EXISTS (SELECT 1 FROM sys.extended_properties WHERE major_id = OBJECT_ID(N'[ACM_EpisodeCulprits]') AND minor_id = 0 AND name = N'MS_Description')
EXEC sys.sp_addextendedproperty N'MS_Description', N'The sensors of each episode, ranked', N'SCHEMA', N'dbo', N'TABLE', N'ACM_EpisodeCulprits'
GO

IF NOT EXISTS (SELECT 1 FROM sys.extended_properties WHERE major_id = OBJECT_ID(N'[ACM_EpisodeCulprits]') AND minor_id = COLUMNPROPERTY(OBJECT_ID(N'[ACM_EpisodeCulprits]'), N'RunID', 'ColumnId') AND name = N'MS_Description')
EXEC sys.sp_addextendedproperty N'MS_Description', N'Run that wrote the row (RunLog.RunID)', N'SCHEMA', N'dbo', N'TABLE', N'ACM_EpisodeCulprits', N'COLUMN', N'RunID'
GO

IF NOT EXISTS (SELECT 1 FROM sys.extended_properties WHERE major_id = OBJECT_ID(N'[ACM_EpisodeCulprits]') AND minor_id = COLUMNPROPERTY(OBJECT_ID(N'[ACM_EpisodeCulprits]'), N'EquipID', 'ColumnId') AND name = N'MS_Description')
EXEC sys.sp_addextendedproperty N'MS_Description', N'Machine (Equipment.EquipID)', N'SCHEMA', N'dbo', N'TABLE', N'ACM_EpisodeCulprits', N'COLUMN', N'EquipID'
GO

IF NOT EXISTS (SELECT 1 FROM sys.extended_properties WHERE major_id = OBJECT_ID(N'[ACM_EpisodeCulprits]') AND minor_id = COLUMNPROPERTY(OBJECT_ID(N'[ACM_EpisodeCulprits]'), N'StartTs', 'ColumnId') AND name = N'MS_Description')
EXEC sys.sp_addextendedproperty N'MS_Description', N'Start of the episode, UTC', N'SCHEMA', N'dbo', N'TABLE', N'ACM_EpisodeCulprits', N'COLUMN', N'StartTs'
GO

IF NOT EXISTS (SELECT 1 FROM sys.extended_properties WHERE major_id = OBJECT_ID(N'[ACM_EpisodeCulprits]') AND minor_id = COLUMNPROPERTY(OBJECT_ID(N'[ACM_EpisodeCulprits]'), N'SensorName', 'ColumnId') AND name = N'MS_Description')
EXEC sys.sp_addextendedproperty N'MS_Description', N'Tag', N'SCHEMA', N'dbo', N'TABLE', N'ACM_EpisodeCulprits', N'COLUMN', N'SensorName'
GO

IF NOT EXISTS (SELECT 1 FROM sys.extended_properties WHERE major_id = OBJECT_ID(N'[ACM_EpisodeCulprits]') AND minor_id = COLUMNPROPERTY(OBJECT_ID(N'[ACM_EpisodeCulprits]'), N'Rank', 'ColumnId') AND name = N'MS_Description')
EXEC sys.sp_addextendedproperty N'MS_Description', N'1 = contributes most; all sensors are ranked', N'SCHEMA', N'dbo', N'TABLE', N'ACM_EpisodeCulprits', N'COLUMN', N'Rank'
GO

IF NOT EXISTS (SELECT 1 FROM sys.extended_properties WHERE major_id = OBJECT_ID(N'[ACM_EpisodeCulprits]') AND minor_id = COLUMNPROPERTY(OBJECT_ID(N'[ACM_EpisodeCulprits]'), N'ContributionPct', 'ColumnId') AND name = N'MS_Description')
EXEC sys.sp_addextendedproperty N'MS_Description', N'Share of the sensor in the episode, percent', N'SCHEMA', N'dbo', N'TABLE', N'ACM_EpisodeCulprits', N'COLUMN', N'ContributionPct'
GO
