-- Rendered by acm_etl.load.ddl from acm_etl/tables, schema version 1: do not edit.

-- sqlcmd -b -I -d <database> -i <this file>
SET ANSI_NULLS, QUOTED_IDENTIFIER ON;
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

SET NOCOUNT ON;
DECLARE @docs TABLE (part SYSNAME NULL, about NVARCHAR(3700) NOT NULL);
INSERT INTO @docs (part, about) VALUES
    (NULL, N'One row per machine'),
    (N'EquipID', N'Machine (Equipment.EquipID)'),
    (N'EquipCode', N'Code by which people and commands name the machine'),
    (N'EquipName', N'Longer name'),
    (N'Area', N'Plant area'),
    (N'Unit', N'Plant unit'),
    (N'TimeZone', N'IANA time zone of the machine: its days are local days of this zone'),
    (N'HistorianTable', N'Wide table that holds its readings'),
    (N'TimeColumn', N'Column of the historian table that holds the time of a reading, UTC'),
    (N'CreatedAtUTC', N'When the machine was registered, UTC');
DECLARE @part SYSNAME, @about NVARCHAR(3700), @level VARCHAR(6);
DECLARE docs CURSOR LOCAL FAST_FORWARD FOR SELECT part, about FROM @docs;
OPEN docs;
FETCH NEXT FROM docs INTO @part, @about;
WHILE @@FETCH_STATUS = 0
BEGIN
    SET @level = CASE WHEN @part IS NOT NULL THEN 'COLUMN' END;
    IF EXISTS (
        SELECT 1 FROM sys.extended_properties
        WHERE class = 1 AND major_id = OBJECT_ID(N'[dbo].[Equipment]') AND name = N'MS_Description'
            AND minor_id = COALESCE(COLUMNPROPERTY(OBJECT_ID(N'[dbo].[Equipment]'), @part, 'ColumnId'), 0)
    )
        EXEC sys.sp_updateextendedproperty
            N'MS_Description', @about, 'SCHEMA', N'dbo', 'TABLE', N'Equipment', @level, @part;
    ELSE
        EXEC sys.sp_addextendedproperty
            N'MS_Description', @about, 'SCHEMA', N'dbo', 'TABLE', N'Equipment', @level, @part;
    FETCH NEXT FROM docs INTO @part, @about;
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

SET NOCOUNT ON;
DECLARE @docs TABLE (part SYSNAME NULL, about NVARCHAR(3700) NOT NULL);
INSERT INTO @docs (part, about) VALUES
    (NULL, N'One row per tag of a machine: a column of its historian table'),
    (N'EquipID', N'Machine (Equipment.EquipID)'),
    (N'TagName', N'Column of the historian table'),
    (N'EquipmentName', N'EquipCode, repeated for readers of V8''s table'),
    (N'TagDescription', N'What the tag measures'),
    (N'TagUnit', N'Unit of measurement'),
    (N'TagType', N'position, current, pressure, temperature, flow, power, vibration, displacement'),
    (N'IsActive', N'Whether the tag is pulled and scored'),
    (N'CreatedAt', N'When the tag was first seen, UTC');
DECLARE @part SYSNAME, @about NVARCHAR(3700), @level VARCHAR(6);
DECLARE docs CURSOR LOCAL FAST_FORWARD FOR SELECT part, about FROM @docs;
OPEN docs;
FETCH NEXT FROM docs INTO @part, @about;
WHILE @@FETCH_STATUS = 0
BEGIN
    SET @level = CASE WHEN @part IS NOT NULL THEN 'COLUMN' END;
    IF EXISTS (
        SELECT 1 FROM sys.extended_properties
        WHERE class = 1 AND major_id = OBJECT_ID(N'[dbo].[ACM_TagEquipmentMap]') AND name = N'MS_Description'
            AND minor_id = COALESCE(COLUMNPROPERTY(OBJECT_ID(N'[dbo].[ACM_TagEquipmentMap]'), @part, 'ColumnId'), 0)
    )
        EXEC sys.sp_updateextendedproperty
            N'MS_Description', @about, 'SCHEMA', N'dbo', 'TABLE', N'ACM_TagEquipmentMap', @level, @part;
    ELSE
        EXEC sys.sp_addextendedproperty
            N'MS_Description', @about, 'SCHEMA', N'dbo', 'TABLE', N'ACM_TagEquipmentMap', @level, @part;
    FETCH NEXT FROM docs INTO @part, @about;
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

SET NOCOUNT ON;
DECLARE @docs TABLE (part SYSNAME NULL, about NVARCHAR(3700) NOT NULL);
INSERT INTO @docs (part, about) VALUES
    (NULL, N'Settings of one machine that override the defaults (EquipID 0: of all machines)'),
    (N'EquipID', N'Machine (Equipment.EquipID)'),
    (N'ParamPath', N'Dotted name of the setting, as in the TOML file'),
    (N'ParamValue', N'Value, as TOML writes it'),
    (N'UpdatedAt', N'When the row was written, UTC'),
    (N'UpdatedBy', N'Who wrote it');
DECLARE @part SYSNAME, @about NVARCHAR(3700), @level VARCHAR(6);
DECLARE docs CURSOR LOCAL FAST_FORWARD FOR SELECT part, about FROM @docs;
OPEN docs;
FETCH NEXT FROM docs INTO @part, @about;
WHILE @@FETCH_STATUS = 0
BEGIN
    SET @level = CASE WHEN @part IS NOT NULL THEN 'COLUMN' END;
    IF EXISTS (
        SELECT 1 FROM sys.extended_properties
        WHERE class = 1 AND major_id = OBJECT_ID(N'[dbo].[ACM_Config]') AND name = N'MS_Description'
            AND minor_id = COALESCE(COLUMNPROPERTY(OBJECT_ID(N'[dbo].[ACM_Config]'), @part, 'ColumnId'), 0)
    )
        EXEC sys.sp_updateextendedproperty
            N'MS_Description', @about, 'SCHEMA', N'dbo', 'TABLE', N'ACM_Config', @level, @part;
    ELSE
        EXEC sys.sp_addextendedproperty
            N'MS_Description', @about, 'SCHEMA', N'dbo', 'TABLE', N'ACM_Config', @level, @part;
    FETCH NEXT FROM docs INTO @part, @about;
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

SET NOCOUNT ON;
DECLARE @docs TABLE (part SYSNAME NULL, about NVARCHAR(3700) NOT NULL);
INSERT INTO @docs (part, about) VALUES
    (NULL, N'One row per change of a setting in ACM_Config'),
    (N'EquipID', N'Machine (Equipment.EquipID)'),
    (N'ParamPath', N'Dotted name of the setting'),
    (N'Revision', N'Counted from 1 per machine and setting'),
    (N'OldValue', N'Value before; NULL where the setting was not stored'),
    (N'NewValue', N'Value from here on'),
    (N'ChangedAt', N'When it was changed, UTC'),
    (N'ChangedBy', N'Who changed it'),
    (N'ChangeReason', N'Why');
DECLARE @part SYSNAME, @about NVARCHAR(3700), @level VARCHAR(6);
DECLARE docs CURSOR LOCAL FAST_FORWARD FOR SELECT part, about FROM @docs;
OPEN docs;
FETCH NEXT FROM docs INTO @part, @about;
WHILE @@FETCH_STATUS = 0
BEGIN
    SET @level = CASE WHEN @part IS NOT NULL THEN 'COLUMN' END;
    IF EXISTS (
        SELECT 1 FROM sys.extended_properties
        WHERE class = 1 AND major_id = OBJECT_ID(N'[dbo].[ACM_ConfigHistory]') AND name = N'MS_Description'
            AND minor_id = COALESCE(COLUMNPROPERTY(OBJECT_ID(N'[dbo].[ACM_ConfigHistory]'), @part, 'ColumnId'), 0)
    )
        EXEC sys.sp_updateextendedproperty
            N'MS_Description', @about, 'SCHEMA', N'dbo', 'TABLE', N'ACM_ConfigHistory', @level, @part;
    ELSE
        EXEC sys.sp_addextendedproperty
            N'MS_Description', @about, 'SCHEMA', N'dbo', 'TABLE', N'ACM_ConfigHistory', @level, @part;
    FETCH NEXT FROM docs INTO @part, @about;
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

SET NOCOUNT ON;
DECLARE @docs TABLE (part SYSNAME NULL, about NVARCHAR(3700) NOT NULL);
INSERT INTO @docs (part, about) VALUES
    (NULL, N'What each detector head looks at, and what an operator does about it'),
    (N'DetectorType', N'Detector head, as in every DetectorType'),
    (N'DetectorFamily', N'The same, as ACM_SensorDefects.DetectorFamily has it'),
    (N'ShortName', N'Name for people'),
    (N'Explanation', N'What it looks at'),
    (N'OperatorHint', N'What to do when it speaks');
DECLARE @part SYSNAME, @about NVARCHAR(3700), @level VARCHAR(6);
DECLARE docs CURSOR LOCAL FAST_FORWARD FOR SELECT part, about FROM @docs;
OPEN docs;
FETCH NEXT FROM docs INTO @part, @about;
WHILE @@FETCH_STATUS = 0
BEGIN
    SET @level = CASE WHEN @part IS NOT NULL THEN 'COLUMN' END;
    IF EXISTS (
        SELECT 1 FROM sys.extended_properties
        WHERE class = 1 AND major_id = OBJECT_ID(N'[dbo].[ACM_DetectorMetadata]') AND name = N'MS_Description'
            AND minor_id = COALESCE(COLUMNPROPERTY(OBJECT_ID(N'[dbo].[ACM_DetectorMetadata]'), @part, 'ColumnId'), 0)
    )
        EXEC sys.sp_updateextendedproperty
            N'MS_Description', @about, 'SCHEMA', N'dbo', 'TABLE', N'ACM_DetectorMetadata', @level, @part;
    ELSE
        EXEC sys.sp_addextendedproperty
            N'MS_Description', @about, 'SCHEMA', N'dbo', 'TABLE', N'ACM_DetectorMetadata', @level, @part;
    FETCH NEXT FROM docs INTO @part, @about;
END;
SET NOCOUNT OFF
GO

DELETE FROM [dbo].[ACM_DetectorMetadata]
GO

INSERT INTO [dbo].[ACM_DetectorMetadata] ([DetectorType], [DetectorFamily], [ShortName], [Explanation], [OperatorHint]) VALUES
    (N'ar1_z', N'AR1_Z', N'AR1', N'One-step residuals of every tag against its own past, averaged: a tag that moves as it never did', N'Look at the tag with the largest share; a sensor fault shows here first'),
    (N'pca_spe_z', N'PCA_SPE_Z', N'PCA SPE', N'Squared distance to the plane of the principal components: tags no longer move together', N'A relation between tags has changed: look at the contributions'),
    (N'pca_t2_z', N'PCA_T2_Z', N'PCA T2', N'Hotelling''s T2 within the principal components: the machine is far from its usual operating points', N'Often an unusual load: compare with the regime'),
    (N'mhal_z', N'MHAL_Z', N'Mahalanobis', N'Distance of the reading from the training mean, by the covariance of the tags', N'The reading as a whole is unusual: look at the strongest sensors'),
    (N'iforest_z', N'IFOREST_Z', N'Isolation forest', N'How few random splits tell the reading and its recent course from the training readings', N'An unusual combination of level, spread and trend'),
    (N'gmm_z', N'GMM_Z', N'Gaussian mixture', N'Negative log-likelihood under the mixture of operating points seen in training', N'No known operating point is near: a new mode, or trouble between modes'),
    (N'omr_z', N'OMR_Z', N'OMR', N'What each tag does that the others do not announce, averaged over recent readings', N'Look at the tag with the largest share, and at its sensor'),
    (N'mewma_z', N'MEWMA_Z', N'MEWMA', N'Multivariate moving average of the deviations: a lasting offset, however small', N'Something has shifted and stays so: look for the start in the drift of the sensors')
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

SET NOCOUNT ON;
DECLARE @docs TABLE (part SYSNAME NULL, about NVARCHAR(3700) NOT NULL);
INSERT INTO @docs (part, about) VALUES
    (NULL, N'One row per script of the schema that was applied to this store'),
    (N'Version', N'Version of the schema: a store of a newer one is refused'),
    (N'Name', N'Script, as in the folder sql/'),
    (N'Hash', N'SHA-256 of the script: a changed one is applied again'),
    (N'AppliedAt', N'When it was applied last, UTC');
DECLARE @part SYSNAME, @about NVARCHAR(3700), @level VARCHAR(6);
DECLARE docs CURSOR LOCAL FAST_FORWARD FOR SELECT part, about FROM @docs;
OPEN docs;
FETCH NEXT FROM docs INTO @part, @about;
WHILE @@FETCH_STATUS = 0
BEGIN
    SET @level = CASE WHEN @part IS NOT NULL THEN 'COLUMN' END;
    IF EXISTS (
        SELECT 1 FROM sys.extended_properties
        WHERE class = 1 AND major_id = OBJECT_ID(N'[dbo].[ACM_SchemaVersion]') AND name = N'MS_Description'
            AND minor_id = COALESCE(COLUMNPROPERTY(OBJECT_ID(N'[dbo].[ACM_SchemaVersion]'), @part, 'ColumnId'), 0)
    )
        EXEC sys.sp_updateextendedproperty
            N'MS_Description', @about, 'SCHEMA', N'dbo', 'TABLE', N'ACM_SchemaVersion', @level, @part;
    ELSE
        EXEC sys.sp_addextendedproperty
            N'MS_Description', @about, 'SCHEMA', N'dbo', 'TABLE', N'ACM_SchemaVersion', @level, @part;
    FETCH NEXT FROM docs INTO @part, @about;
END;
SET NOCOUNT OFF
GO

IF EXISTS (SELECT 1 FROM (VALUES (N'[dbo].[Equipment]'), (N'[dbo].[ACM_TagEquipmentMap]'), (N'[dbo].[ACM_Config]'), (N'[dbo].[ACM_ConfigHistory]'), (N'[dbo].[ACM_DetectorMetadata]'), (N'[dbo].[ACM_SchemaVersion]')) AS o (name) WHERE OBJECT_ID(o.name) IS NULL)
    THROW 50000, N'Some objects of this script are missing: it is not recorded as applied. Run it with sqlcmd -b.', 1;
DELETE FROM [dbo].[ACM_SchemaVersion] WHERE [Version] = 1 AND [Name] = N'001_reference.sql';
INSERT INTO [dbo].[ACM_SchemaVersion] ([Version], [Name], [Hash], [AppliedAt])
VALUES (1, N'001_reference.sql', N'cfcc112989b9bfb25ae7de4bb1349a64b7e6f9183826762e67487929ebaf0762', SYSUTCDATETIME())
GO
