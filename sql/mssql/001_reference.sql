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

IF OBJECT_ID(N'[dbo].[Equipment]', N'U') IS NULL
CREATE TABLE [dbo].[Equipment] (
    [EquipID] INT NOT NULL,
    [EquipCode] NVARCHAR(100) COLLATE Latin1_General_100_BIN2 NOT NULL,
    [EquipName] NVARCHAR(200) COLLATE Latin1_General_100_BIN2 NULL,
    [Area] NVARCHAR(100) COLLATE Latin1_General_100_BIN2 NULL,
    [Unit] NVARCHAR(100) COLLATE Latin1_General_100_BIN2 NULL,
    [TimeZone] NVARCHAR(64) COLLATE Latin1_General_100_BIN2 NOT NULL,
    [HistorianTable] NVARCHAR(128) COLLATE Latin1_General_100_BIN2 NOT NULL,
    [TimeColumn] NVARCHAR(128) COLLATE Latin1_General_100_BIN2 NOT NULL,
    [CreatedAtUTC] DATETIME2(3) NOT NULL,
    CONSTRAINT [PK_Equipment] PRIMARY KEY CLUSTERED ([EquipID]),
    CONSTRAINT [UQ_Equipment_EquipCode] UNIQUE ([EquipCode])
)
GO

IF EXISTS (
    SELECT 1 FROM sys.tables
    WHERE object_id = OBJECT_ID(N'[dbo].[Equipment]', N'U') AND lock_escalation_desc <> N'DISABLE'
)
ALTER TABLE [dbo].[Equipment] SET (LOCK_ESCALATION = DISABLE)
GO

SET NOCOUNT ON;
DECLARE @object INT = OBJECT_ID(N'[dbo].[Equipment]');
DECLARE @docs TABLE (part sysname NULL, about NVARCHAR(3700) NOT NULL, is_new BIT NOT NULL);
INSERT INTO @docs (part, about, is_new)
SELECT v.part, v.about, CASE WHEN p.name IS NULL THEN 1 ELSE 0 END
FROM (VALUES
    (CAST(NULL AS sysname), N'One row per machine'),
    (N'EquipID', N'Machine (Equipment.EquipID)'),
    (N'EquipCode', N'Code of the machine in commands'),
    (N'EquipName', N'Longer name'),
    (N'Area', N'Plant area'),
    (N'Unit', N'Plant unit'),
    (N'TimeZone', N'IANA time zone of the machine; local days are days of this zone'),
    (N'HistorianTable', N'Wide table with the readings of the machine'),
    (N'TimeColumn', N'Column of the historian table that holds the time of a reading, UTC'),
    (N'CreatedAtUTC', N'When the machine was registered, UTC')
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
            N'MS_Description', @about, 'SCHEMA', N'dbo', 'TABLE', N'Equipment', @level, @part;
    ELSE
        EXEC sys.sp_updateextendedproperty
            N'MS_Description', @about, 'SCHEMA', N'dbo', 'TABLE', N'Equipment', @level, @part;
    FETCH NEXT FROM docs INTO @part, @about, @is_new;
END;
SET NOCOUNT OFF
GO

IF OBJECT_ID(N'[dbo].[ACM_TagEquipmentMap]', N'U') IS NULL
CREATE TABLE [dbo].[ACM_TagEquipmentMap] (
    [EquipID] INT NOT NULL,
    [TagName] NVARCHAR(255) COLLATE Latin1_General_100_BIN2 NOT NULL,
    [EquipmentName] NVARCHAR(100) COLLATE Latin1_General_100_BIN2 NOT NULL,
    [TagDescription] NVARCHAR(500) COLLATE Latin1_General_100_BIN2 NULL,
    [TagUnit] NVARCHAR(50) COLLATE Latin1_General_100_BIN2 NULL,
    [TagType] NVARCHAR(50) COLLATE Latin1_General_100_BIN2 NULL,
    [IsActive] BIT NOT NULL,
    [CreatedAt] DATETIME2(3) NOT NULL,
    CONSTRAINT [PK_ACM_TagEquipmentMap] PRIMARY KEY CLUSTERED ([EquipID], [TagName]),
    CONSTRAINT [FK_ACM_TagEquipmentMap_EquipID] FOREIGN KEY ([EquipID]) REFERENCES [dbo].[Equipment] ([EquipID])
)
GO

IF EXISTS (
    SELECT 1 FROM sys.tables
    WHERE object_id = OBJECT_ID(N'[dbo].[ACM_TagEquipmentMap]', N'U') AND lock_escalation_desc <> N'DISABLE'
)
ALTER TABLE [dbo].[ACM_TagEquipmentMap] SET (LOCK_ESCALATION = DISABLE)
GO

SET NOCOUNT ON;
DECLARE @object INT = OBJECT_ID(N'[dbo].[ACM_TagEquipmentMap]');
DECLARE @docs TABLE (part sysname NULL, about NVARCHAR(3700) NOT NULL, is_new BIT NOT NULL);
INSERT INTO @docs (part, about, is_new)
SELECT v.part, v.about, CASE WHEN p.name IS NULL THEN 1 ELSE 0 END
FROM (VALUES
    (CAST(NULL AS sysname), N'One row per tag of a machine; a tag is a column of its historian table'),
    (N'EquipID', N'Machine (Equipment.EquipID)'),
    (N'TagName', N'Column of the historian table'),
    (N'EquipmentName', N'EquipCode, repeated for V8 dashboards'),
    (N'TagDescription', N'What the tag measures'),
    (N'TagUnit', N'Unit of measurement'),
    (N'TagType', N'position, current, pressure, temperature, flow, power, vibration, displacement, digital, counter'),
    (N'IsActive', N'Whether the tag is pulled and scored'),
    (N'CreatedAt', N'When the tag was first seen, UTC')
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
            N'MS_Description', @about, 'SCHEMA', N'dbo', 'TABLE', N'ACM_TagEquipmentMap', @level, @part;
    ELSE
        EXEC sys.sp_updateextendedproperty
            N'MS_Description', @about, 'SCHEMA', N'dbo', 'TABLE', N'ACM_TagEquipmentMap', @level, @part;
    FETCH NEXT FROM docs INTO @part, @about, @is_new;
END;
SET NOCOUNT OFF
GO

IF OBJECT_ID(N'[dbo].[ACM_Config]', N'U') IS NULL
CREATE TABLE [dbo].[ACM_Config] (
    [EquipID] INT NOT NULL,
    [ParamPath] NVARCHAR(200) COLLATE Latin1_General_100_BIN2 NOT NULL,
    [ParamValue] NVARCHAR(MAX) COLLATE Latin1_General_100_BIN2 NOT NULL,
    [UpdatedAt] DATETIME2(3) NOT NULL,
    [UpdatedBy] NVARCHAR(100) COLLATE Latin1_General_100_BIN2 NULL,
    CONSTRAINT [PK_ACM_Config] PRIMARY KEY CLUSTERED ([EquipID], [ParamPath])
)
GO

IF EXISTS (
    SELECT 1 FROM sys.tables
    WHERE object_id = OBJECT_ID(N'[dbo].[ACM_Config]', N'U') AND lock_escalation_desc <> N'DISABLE'
)
ALTER TABLE [dbo].[ACM_Config] SET (LOCK_ESCALATION = DISABLE)
GO

SET NOCOUNT ON;
DECLARE @object INT = OBJECT_ID(N'[dbo].[ACM_Config]');
DECLARE @docs TABLE (part sysname NULL, about NVARCHAR(3700) NOT NULL, is_new BIT NOT NULL);
INSERT INTO @docs (part, about, is_new)
SELECT v.part, v.about, CASE WHEN p.name IS NULL THEN 1 ELSE 0 END
FROM (VALUES
    (CAST(NULL AS sysname), N'Settings of a machine that override the defaults (EquipID 0: settings of all machines)'),
    (N'EquipID', N'Machine (Equipment.EquipID)'),
    (N'ParamPath', N'Dotted name of the setting, as in the TOML file'),
    (N'ParamValue', N'Value as TOML text'),
    (N'UpdatedAt', N'When the row was written, UTC'),
    (N'UpdatedBy', N'User who wrote the row')
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
            N'MS_Description', @about, 'SCHEMA', N'dbo', 'TABLE', N'ACM_Config', @level, @part;
    ELSE
        EXEC sys.sp_updateextendedproperty
            N'MS_Description', @about, 'SCHEMA', N'dbo', 'TABLE', N'ACM_Config', @level, @part;
    FETCH NEXT FROM docs INTO @part, @about, @is_new;
END;
SET NOCOUNT OFF
GO

IF OBJECT_ID(N'[dbo].[ACM_ConfigHistory]', N'U') IS NULL
CREATE TABLE [dbo].[ACM_ConfigHistory] (
    [EquipID] INT NOT NULL,
    [ParamPath] NVARCHAR(200) COLLATE Latin1_General_100_BIN2 NOT NULL,
    [Revision] INT NOT NULL,
    [OldValue] NVARCHAR(MAX) COLLATE Latin1_General_100_BIN2 NULL,
    [NewValue] NVARCHAR(MAX) COLLATE Latin1_General_100_BIN2 NOT NULL,
    [ChangedAt] DATETIME2(3) NOT NULL,
    [ChangedBy] NVARCHAR(100) COLLATE Latin1_General_100_BIN2 NULL,
    [ChangeReason] NVARCHAR(400) COLLATE Latin1_General_100_BIN2 NULL,
    CONSTRAINT [PK_ACM_ConfigHistory] PRIMARY KEY CLUSTERED ([EquipID], [ParamPath], [Revision])
)
GO

IF EXISTS (
    SELECT 1 FROM sys.tables
    WHERE object_id = OBJECT_ID(N'[dbo].[ACM_ConfigHistory]', N'U') AND lock_escalation_desc <> N'DISABLE'
)
ALTER TABLE [dbo].[ACM_ConfigHistory] SET (LOCK_ESCALATION = DISABLE)
GO

SET NOCOUNT ON;
DECLARE @object INT = OBJECT_ID(N'[dbo].[ACM_ConfigHistory]');
DECLARE @docs TABLE (part sysname NULL, about NVARCHAR(3700) NOT NULL, is_new BIT NOT NULL);
INSERT INTO @docs (part, about, is_new)
SELECT v.part, v.about, CASE WHEN p.name IS NULL THEN 1 ELSE 0 END
FROM (VALUES
    (CAST(NULL AS sysname), N'One row per change of a setting in ACM_Config'),
    (N'EquipID', N'Machine (Equipment.EquipID)'),
    (N'ParamPath', N'Dotted name of the setting'),
    (N'Revision', N'Number of the change, counted from 1 per machine and setting'),
    (N'OldValue', N'Value before the change; NULL if none was stored'),
    (N'NewValue', N'Value after the change'),
    (N'ChangedAt', N'Time of the change, UTC'),
    (N'ChangedBy', N'User who made the change'),
    (N'ChangeReason', N'Reason of the change')
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
            N'MS_Description', @about, 'SCHEMA', N'dbo', 'TABLE', N'ACM_ConfigHistory', @level, @part;
    ELSE
        EXEC sys.sp_updateextendedproperty
            N'MS_Description', @about, 'SCHEMA', N'dbo', 'TABLE', N'ACM_ConfigHistory', @level, @part;
    FETCH NEXT FROM docs INTO @part, @about, @is_new;
END;
SET NOCOUNT OFF
GO

IF OBJECT_ID(N'[dbo].[ACM_DetectorMetadata]', N'U') IS NULL
CREATE TABLE [dbo].[ACM_DetectorMetadata] (
    [DetectorType] NVARCHAR(50) COLLATE Latin1_General_100_BIN2 NOT NULL,
    [DetectorFamily] NVARCHAR(50) COLLATE Latin1_General_100_BIN2 NOT NULL,
    [ShortName] NVARCHAR(50) COLLATE Latin1_General_100_BIN2 NOT NULL,
    [Explanation] NVARCHAR(400) COLLATE Latin1_General_100_BIN2 NOT NULL,
    [OperatorHint] NVARCHAR(400) COLLATE Latin1_General_100_BIN2 NOT NULL,
    CONSTRAINT [PK_ACM_DetectorMetadata] PRIMARY KEY CLUSTERED ([DetectorType]),
    CONSTRAINT [UQ_ACM_DetectorMetadata_DetectorFamily] UNIQUE ([DetectorFamily]),
    CONSTRAINT [CK_ACM_DetectorMetadata_DetectorType] CHECK ([DetectorType] IN (N'ar1_z', N'pca_spe_z', N'pca_t2_z', N'mhal_z', N'iforest_z', N'gmm_z', N'omr_z', N'mewma_z'))
)
GO

IF EXISTS (
    SELECT 1 FROM sys.tables
    WHERE object_id = OBJECT_ID(N'[dbo].[ACM_DetectorMetadata]', N'U') AND lock_escalation_desc <> N'DISABLE'
)
ALTER TABLE [dbo].[ACM_DetectorMetadata] SET (LOCK_ESCALATION = DISABLE)
GO

SET NOCOUNT ON;
DECLARE @object INT = OBJECT_ID(N'[dbo].[ACM_DetectorMetadata]');
DECLARE @docs TABLE (part sysname NULL, about NVARCHAR(3700) NOT NULL, is_new BIT NOT NULL);
INSERT INTO @docs (part, about, is_new)
SELECT v.part, v.about, CASE WHEN p.name IS NULL THEN 1 ELSE 0 END
FROM (VALUES
    (CAST(NULL AS sysname), N'Purpose of each detector, and what an operator does when its score is high'),
    (N'DetectorType', N'Detector, as in every DetectorType'),
    (N'DetectorFamily', N'The detector in capitals, as in ACM_SensorDefects.DetectorFamily'),
    (N'ShortName', N'Display name'),
    (N'Explanation', N'What the detector measures'),
    (N'OperatorHint', N'What to do when its score is high')
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
            N'MS_Description', @about, 'SCHEMA', N'dbo', 'TABLE', N'ACM_DetectorMetadata', @level, @part;
    ELSE
        EXEC sys.sp_updateextendedproperty
            N'MS_Description', @about, 'SCHEMA', N'dbo', 'TABLE', N'ACM_DetectorMetadata', @level, @part;
    FETCH NEXT FROM docs INTO @part, @about, @is_new;
END;
SET NOCOUNT OFF
GO

DELETE FROM [dbo].[ACM_DetectorMetadata]
GO

INSERT INTO [dbo].[ACM_DetectorMetadata] ([DetectorType], [DetectorFamily], [ShortName], [Explanation], [OperatorHint]) VALUES
    (N'ar1_z', N'AR1_Z', N'AR1', N'Mean one-step residual of every tag against its own past: a tag moves in a way not seen in training', N'Check the tag with the largest share; sensor faults appear here first'),
    (N'pca_spe_z', N'PCA_SPE_Z', N'PCA SPE', N'Squared distance to the plane of the principal components: tags no longer move together as in training', N'A relation between tags has changed: check the tags with the largest contributions'),
    (N'pca_t2_z', N'PCA_T2_Z', N'PCA T2', N'Hotelling''s T2 within the principal components: the machine is far from its usual operating points', N'Often an unusual load: compare with the operating regime'),
    (N'mhal_z', N'MHAL_Z', N'Mahalanobis', N'Distance of the reading from the training mean, scaled by the covariance of the tags', N'The reading as a whole is unusual: check the sensors with the largest deviation'),
    (N'iforest_z', N'IFOREST_Z', N'Isolation forest', N'How easily random splits isolate the reading and its recent course from the training data', N'An unusual combination of level, spread and trend'),
    (N'gmm_z', N'GMM_Z', N'Gaussian mixture', N'Negative log-likelihood under the mixture of operating points seen in training', N'No known operating point is near: a new operating mode, or a fault during a change of mode'),
    (N'omr_z', N'OMR_Z', N'OMR', N'Part of each tag that the other tags do not predict, averaged over recent readings', N'Check the tag with the largest share, and its sensor'),
    (N'mewma_z', N'MEWMA_Z', N'MEWMA', N'Multivariate moving average of the deviations: a sustained offset, however small', N'A sustained shift: find its start in the drift of the sensors')
GO

IF OBJECT_ID(N'[dbo].[ACM_Sources]', N'U') IS NULL
CREATE TABLE [dbo].[ACM_Sources] (
    [EquipID] INT NOT NULL,
    [ObjectName] NVARCHAR(400) COLLATE Latin1_General_100_BIN2 NULL,
    [Query] NVARCHAR(MAX) COLLATE Latin1_General_100_BIN2 NULL,
    [UrlSetting] NVARCHAR(128) COLLATE Latin1_General_100_BIN2 NULL,
    [Shape] NVARCHAR(8) COLLATE Latin1_General_100_BIN2 NOT NULL,
    [TimeColumn] NVARCHAR(128) COLLATE Latin1_General_100_BIN2 NOT NULL,
    [Clock] NVARCHAR(64) COLLATE Latin1_General_100_BIN2 NOT NULL,
    [TagColumn] NVARCHAR(128) COLLATE Latin1_General_100_BIN2 NULL,
    [ValueColumn] NVARCHAR(128) COLLATE Latin1_General_100_BIN2 NULL,
    [QualityColumn] NVARCHAR(128) COLLATE Latin1_General_100_BIN2 NULL,
    [QualityRule] NVARCHAR(16) COLLATE Latin1_General_100_BIN2 NULL,
    [FilterColumn] NVARCHAR(128) COLLATE Latin1_General_100_BIN2 NULL,
    [FilterValue] NVARCHAR(400) COLLATE Latin1_General_100_BIN2 NULL,
    [TagPatterns] NVARCHAR(MAX) COLLATE Latin1_General_100_BIN2 NULL,
    [ExcludedPatterns] NVARCHAR(MAX) COLLATE Latin1_General_100_BIN2 NULL,
    [EveryMs] BIGINT NULL,
    [Fill] NVARCHAR(8) COLLATE Latin1_General_100_BIN2 NULL,
    [HoldMaxMs] BIGINT NULL,
    [Aggregate] NVARCHAR(8) COLLATE Latin1_General_100_BIN2 NULL,
    [UpdatedAt] DATETIME2(3) NOT NULL,
    CONSTRAINT [PK_ACM_Sources] PRIMARY KEY CLUSTERED ([EquipID]),
    CONSTRAINT [FK_ACM_Sources_EquipID] FOREIGN KEY ([EquipID]) REFERENCES [dbo].[Equipment] ([EquipID]),
    CONSTRAINT [CK_ACM_Sources_Shape] CHECK ([Shape] IN (N'wide', N'long')),
    CONSTRAINT [CK_ACM_Sources_QualityRule] CHECK ([QualityRule] IN (N'opc', N'zero_good', N'one_good', N'percent', N'words')),
    CONSTRAINT [CK_ACM_Sources_Fill] CHECK ([Fill] IN (N'hold', N'none')),
    CONSTRAINT [CK_ACM_Sources_Aggregate] CHECK ([Aggregate] IN (N'last', N'mean', N'min', N'max'))
)
GO

IF EXISTS (
    SELECT 1 FROM sys.tables
    WHERE object_id = OBJECT_ID(N'[dbo].[ACM_Sources]', N'U') AND lock_escalation_desc <> N'DISABLE'
)
ALTER TABLE [dbo].[ACM_Sources] SET (LOCK_ESCALATION = DISABLE)
GO

SET NOCOUNT ON;
DECLARE @object INT = OBJECT_ID(N'[dbo].[ACM_Sources]');
DECLARE @docs TABLE (part sysname NULL, about NVARCHAR(3700) NOT NULL, is_new BIT NOT NULL);
INSERT INTO @docs (part, about, is_new)
SELECT v.part, v.about, CASE WHEN p.name IS NULL THEN 1 ELSE 0 END
FROM (VALUES
    (CAST(NULL AS sysname), N'Declared sources: where the readings of a machine are; without a row, its wide table named in Equipment'),
    (N'EquipID', N'Machine (Equipment.EquipID)'),
    (N'ObjectName', N'Table or view of one to three parts; NULL with a query'),
    (N'Query', N'A single SELECT that returns the readings; NULL with a table or view'),
    (N'UrlSetting', N'Environment variable with the URL of another server; NULL for this one'),
    (N'Shape', N'One column per tag, or one row per tag and time'),
    (N'TimeColumn', N'Column with the time of a reading'),
    (N'Clock', N'IANA zone of the times, UTC, offset (part of the type), epoch_s or epoch_ms'),
    (N'TagColumn', N'Column with the name of the tag, of a long source'),
    (N'ValueColumn', N'Column with the value, of a long source'),
    (N'QualityColumn', N'Column with the quality of the value; NULL if there is none'),
    (N'QualityRule', N'How the quality is read'),
    (N'FilterColumn', N'Column that tells the machines of the source apart; NULL to take all rows'),
    (N'FilterValue', N'Value of the filter column for this machine'),
    (N'TagPatterns', N'Tags to use, as a JSON list of patterns; NULL for all'),
    (N'ExcludedPatterns', N'Tags to leave out, as a JSON list of patterns; NULL for none'),
    (N'EveryMs', N'Distance of the sampled readings, milliseconds; NULL to take raw readings'),
    (N'Fill', N'Values between raw readings'),
    (N'HoldMaxMs', N'Oldest value that is held, milliseconds'),
    (N'Aggregate', N'Value of several raw readings in one interval'),
    (N'UpdatedAt', N'Time of the declaration, UTC')
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
            N'MS_Description', @about, 'SCHEMA', N'dbo', 'TABLE', N'ACM_Sources', @level, @part;
    ELSE
        EXEC sys.sp_updateextendedproperty
            N'MS_Description', @about, 'SCHEMA', N'dbo', 'TABLE', N'ACM_Sources', @level, @part;
    FETCH NEXT FROM docs INTO @part, @about, @is_new;
END;
SET NOCOUNT OFF
GO

IF OBJECT_ID(N'[dbo].[ACM_SchemaVersion]', N'U') IS NULL
CREATE TABLE [dbo].[ACM_SchemaVersion] (
    [Version] INT NOT NULL,
    [Name] NVARCHAR(100) COLLATE Latin1_General_100_BIN2 NOT NULL,
    [Hash] NVARCHAR(64) COLLATE Latin1_General_100_BIN2 NOT NULL,
    [AppliedAt] DATETIME2(3) NOT NULL,
    CONSTRAINT [PK_ACM_SchemaVersion] PRIMARY KEY CLUSTERED ([Version], [Name])
)
GO

IF EXISTS (
    SELECT 1 FROM sys.tables
    WHERE object_id = OBJECT_ID(N'[dbo].[ACM_SchemaVersion]', N'U') AND lock_escalation_desc <> N'DISABLE'
)
ALTER TABLE [dbo].[ACM_SchemaVersion] SET (LOCK_ESCALATION = DISABLE)
GO

SET NOCOUNT ON;
DECLARE @object INT = OBJECT_ID(N'[dbo].[ACM_SchemaVersion]');
DECLARE @docs TABLE (part sysname NULL, about NVARCHAR(3700) NOT NULL, is_new BIT NOT NULL);
INSERT INTO @docs (part, about, is_new)
SELECT v.part, v.about, CASE WHEN p.name IS NULL THEN 1 ELSE 0 END
FROM (VALUES
    (CAST(NULL AS sysname), N'One row per schema script that was applied to this store'),
    (N'Version', N'Version of the schema; a program refuses a store with a newer version than its own'),
    (N'Name', N'Script name, as in the folder sql/'),
    (N'Hash', N'SHA-256 of the script; init applies a changed script again'),
    (N'AppliedAt', N'When the script was last applied, UTC')
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
            N'MS_Description', @about, 'SCHEMA', N'dbo', 'TABLE', N'ACM_SchemaVersion', @level, @part;
    ELSE
        EXEC sys.sp_updateextendedproperty
            N'MS_Description', @about, 'SCHEMA', N'dbo', 'TABLE', N'ACM_SchemaVersion', @level, @part;
    FETCH NEXT FROM docs INTO @part, @about, @is_new;
END;
SET NOCOUNT OFF
GO

IF EXISTS (SELECT 1 FROM (VALUES (N'[dbo].[Equipment]'), (N'[dbo].[ACM_TagEquipmentMap]'), (N'[dbo].[ACM_Config]'), (N'[dbo].[ACM_ConfigHistory]'), (N'[dbo].[ACM_DetectorMetadata]'), (N'[dbo].[ACM_Sources]'), (N'[dbo].[ACM_SchemaVersion]')) AS o (name) WHERE OBJECT_ID(o.name) IS NULL)
    THROW 50000, N'Some objects of this script are missing: it is not recorded as applied. Run it with sqlcmd -b.', 1;
DELETE FROM [dbo].[ACM_SchemaVersion] WHERE [Version] = 2 AND [Name] = N'001_reference.sql';
INSERT INTO [dbo].[ACM_SchemaVersion] ([Version], [Name], [Hash], [AppliedAt])
VALUES (2, N'001_reference.sql', N'f2b53f31a2d117938e3ec0115a8062d6c7f99489162838eb041c26bc3d96d1a2', SYSUTCDATETIME())
GO
