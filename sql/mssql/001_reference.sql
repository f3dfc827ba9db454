-- Rendered by acm_etl.load.ddl from acm_etl/tables, schema version 1: do not edit.

IF OBJECT_ID(N'[Equipment]', N'U') IS NULL
CREATE TABLE [Equipment] (
    [EquipID] INT NOT NULL,
    [EquipCode] NVARCHAR(100) NOT NULL,
    [EquipName] NVARCHAR(200) NULL,
    [Area] NVARCHAR(100) NULL,
    [Unit] NVARCHAR(100) NULL,
    [TimeZone] NVARCHAR(64) NOT NULL,
    [HistorianTable] NVARCHAR(128) NOT NULL,
    [TimeColumn] NVARCHAR(128) NOT NULL,
    [CreatedAtUTC] DATETIME2(3) NOT NULL,
    CONSTRAINT [PK_Equipment] PRIMARY KEY CLUSTERED ([EquipID]),
    CONSTRAINT [UQ_Equipment_EquipCode] UNIQUE ([EquipCode])
)
GO

IF NOT EXISTS (SELECT 1 FROM sys.extended_properties WHERE major_id = OBJECT_ID(N'[Equipment]') AND minor_id = 0 AND name = N'MS_Description')
EXEC sys.sp_addextendedproperty N'MS_Description', N'One row per machine', N'SCHEMA', N'dbo', N'TABLE', N'Equipment'
GO

IF NOT EXISTS (SELECT 1 FROM sys.extended_properties WHERE major_id = OBJECT_ID(N'[Equipment]') AND minor_id = COLUMNPROPERTY(OBJECT_ID(N'[Equipment]'), N'EquipID', 'ColumnId') AND name = N'MS_Description')
EXEC sys.sp_addextendedproperty N'MS_Description', N'Machine (Equipment.EquipID)', N'SCHEMA', N'dbo', N'TABLE', N'Equipment', N'COLUMN', N'EquipID'
GO

IF NOT EXISTS (SELECT 1 FROM sys.extended_properties WHERE major_id = OBJECT_ID(N'[Equipment]') AND minor_id = COLUMNPROPERTY(OBJECT_ID(N'[Equipment]'), N'EquipCode', 'ColumnId') AND name = N'MS_Description')
EXEC sys.sp_addextendedproperty N'MS_Description', N'Code by which people and commands name the machine', N'SCHEMA', N'dbo', N'TABLE', N'Equipment', N'COLUMN', N'EquipCode'
GO

IF NOT EXISTS (SELECT 1 FROM sys.extended_properties WHERE major_id = OBJECT_ID(N'[Equipment]') AND minor_id = COLUMNPROPERTY(OBJECT_ID(N'[Equipment]'), N'EquipName', 'ColumnId') AND name = N'MS_Description')
EXEC sys.sp_addextendedproperty N'MS_Description', N'Longer name', N'SCHEMA', N'dbo', N'TABLE', N'Equipment', N'COLUMN', N'EquipName'
GO

IF NOT EXISTS (SELECT 1 FROM sys.extended_properties WHERE major_id = OBJECT_ID(N'[Equipment]') AND minor_id = COLUMNPROPERTY(OBJECT_ID(N'[Equipment]'), N'Area', 'ColumnId') AND name = N'MS_Description')
EXEC sys.sp_addextendedproperty N'MS_Description', N'Plant area', N'SCHEMA', N'dbo', N'TABLE', N'Equipment', N'COLUMN', N'Area'
GO

IF NOT EXISTS (SELECT 1 FROM sys.extended_properties WHERE major_id = OBJECT_ID(N'[Equipment]') AND minor_id = COLUMNPROPERTY(OBJECT_ID(N'[Equipment]'), N'Unit', 'ColumnId') AND name = N'MS_Description')
EXEC sys.sp_addextendedproperty N'MS_Description', N'Plant unit', N'SCHEMA', N'dbo', N'TABLE', N'Equipment', N'COLUMN', N'Unit'
GO

IF NOT EXISTS (SELECT 1 FROM sys.extended_properties WHERE major_id = OBJECT_ID(N'[Equipment]') AND minor_id = COLUMNPROPERTY(OBJECT_ID(N'[Equipment]'), N'TimeZone', 'ColumnId') AND name = N'MS_Description')
EXEC sys.sp_addextendedproperty N'MS_Description', N'IANA time zone of the machine: its days are local days of this zone', N'SCHEMA', N'dbo', N'TABLE', N'Equipment', N'COLUMN', N'TimeZone'
GO

IF NOT EXISTS (SELECT 1 FROM sys.extended_properties WHERE major_id = OBJECT_ID(N'[Equipment]') AND minor_id = COLUMNPROPERTY(OBJECT_ID(N'[Equipment]'), N'HistorianTable', 'ColumnId') AND name = N'MS_Description')
EXEC sys.sp_addextendedproperty N'MS_Description', N'Wide table that holds its readings', N'SCHEMA', N'dbo', N'TABLE', N'Equipment', N'COLUMN', N'HistorianTable'
GO

IF NOT EXISTS (SELECT 1 FROM sys.extended_properties WHERE major_id = OBJECT_ID(N'[Equipment]') AND minor_id = COLUMNPROPERTY(OBJECT_ID(N'[Equipment]'), N'TimeColumn', 'ColumnId') AND name = N'MS_Description')
EXEC sys.sp_addextendedproperty N'MS_Description', N'Column of the historian table that holds the time of a reading, UTC', N'SCHEMA', N'dbo', N'TABLE', N'Equipment', N'COLUMN', N'TimeColumn'
GO

IF NOT EXISTS (SELECT 1 FROM sys.extended_properties WHERE major_id = OBJECT_ID(N'[Equipment]') AND minor_id = COLUMNPROPERTY(OBJECT_ID(N'[Equipment]'), N'CreatedAtUTC', 'ColumnId') AND name = N'MS_Description')
EXEC sys.sp_addextendedproperty N'MS_Description', N'When the machine was registered, UTC', N'SCHEMA', N'dbo', N'TABLE', N'Equipment', N'COLUMN', N'CreatedAtUTC'
GO

IF OBJECT_ID(N'[ACM_TagEquipmentMap]', N'U') IS NULL
CREATE TABLE [ACM_TagEquipmentMap] (
    [EquipID] INT NOT NULL,
    [TagName] NVARCHAR(255) NOT NULL,
    [EquipmentName] NVARCHAR(100) NOT NULL,
    [TagDescription] NVARCHAR(500) NULL,
    [TagUnit] NVARCHAR(50) NULL,
    [TagType] NVARCHAR(50) NULL,
    [IsActive] BIT NOT NULL,
    [CreatedAt] DATETIME2(3) NOT NULL,
    CONSTRAINT [PK_ACM_TagEquipmentMap] PRIMARY KEY CLUSTERED ([EquipID], [TagName]),
    CONSTRAINT [FK_ACM_TagEquipmentMap_EquipID] FOREIGN KEY ([EquipID]) REFERENCES [Equipment] ([EquipID])
)
GO

IF NOT EXISTS (SELECT 1 FROM sys.extended_properties WHERE major_id = OBJECT_ID(N'[ACM_TagEquipmentMap]') AND minor_id = 0 AND name = N'MS_Description')
EXEC sys.sp_addextendedproperty N'MS_Description', N'One row per tag of a machine: a column of its historian table', N'SCHEMA', N'dbo', N'TABLE', N'ACM_TagEquipmentMap'
GO

IF NOT EXISTS (SELECT 1 FROM sys.extended_properties WHERE major_id = OBJECT_ID(N'[ACM_TagEquipmentMap]') AND minor_id = COLUMNPROPERTY(OBJECT_ID(N'[ACM_TagEquipmentMap]'), N'EquipID', 'ColumnId') AND name = N'MS_Description')
EXEC sys.sp_addextendedproperty N'MS_Description', N'Machine (Equipment.EquipID)', N'SCHEMA', N'dbo', N'TABLE', N'ACM_TagEquipmentMap', N'COLUMN', N'EquipID'
GO

IF NOT EXISTS (SELECT 1 FROM sys.extended_properties WHERE major_id = OBJECT_ID(N'[ACM_TagEquipmentMap]') AND minor_id = COLUMNPROPERTY(OBJECT_ID(N'[ACM_TagEquipmentMap]'), N'TagName', 'ColumnId') AND name = N'MS_Description')
EXEC sys.sp_addextendedproperty N'MS_Description', N'Column of the historian table', N'SCHEMA', N'dbo', N'TABLE', N'ACM_TagEquipmentMap', N'COLUMN', N'TagName'
GO

IF NOT EXISTS (SELECT 1 FROM sys.extended_properties WHERE major_id = OBJECT_ID(N'[ACM_TagEquipmentMap]') AND minor_id = COLUMNPROPERTY(OBJECT_ID(N'[ACM_TagEquipmentMap]'), N'EquipmentName', 'ColumnId') AND name = N'MS_Description')
EXEC sys.sp_addextendedproperty N'MS_Description', N'EquipCode, repeated for readers of V8''s table', N'SCHEMA', N'dbo', N'TABLE', N'ACM_TagEquipmentMap', N'COLUMN', N'EquipmentName'
GO

IF NOT EXISTS (SELECT 1 FROM sys.extended_properties WHERE major_id = OBJECT_ID(N'[ACM_TagEquipmentMap]') AND minor_id = COLUMNPROPERTY(OBJECT_ID(N'[ACM_TagEquipmentMap]'), N'TagDescription', 'ColumnId') AND name = N'MS_Description')
EXEC sys.sp_addextendedproperty N'MS_Description', N'What the tag measures', N'SCHEMA', N'dbo', N'TABLE', N'ACM_TagEquipmentMap', N'COLUMN', N'TagDescription'
GO

IF NOT EXISTS (SELECT 1 FROM sys.extended_properties WHERE major_id = OBJECT_ID(N'[ACM_TagEquipmentMap]') AND minor_id = COLUMNPROPERTY(OBJECT_ID(N'[ACM_TagEquipmentMap]'), N'TagUnit', 'ColumnId') AND name = N'MS_Description')
EXEC sys.sp_addextendedproperty N'MS_Description', N'Unit of measurement', N'SCHEMA', N'dbo', N'TABLE', N'ACM_TagEquipmentMap', N'COLUMN', N'TagUnit'
GO

IF NOT EXISTS (SELECT 1 FROM sys.extended_properties WHERE major_id = OBJECT_ID(N'[ACM_TagEquipmentMap]') AND minor_id = COLUMNPROPERTY(OBJECT_ID(N'[ACM_TagEquipmentMap]'), N'TagType', 'ColumnId') AND name = N'MS_Description')
EXEC sys.sp_addextendedproperty N'MS_Description', N'position, current, pressure, temperature, flow, power, vibration, displacement', N'SCHEMA', N'dbo', N'TABLE', N'ACM_TagEquipmentMap', N'COLUMN', N'TagType'
GO

IF NOT EXISTS (SELECT 1 FROM sys.extended_properties WHERE major_id = OBJECT_ID(N'[ACM_TagEquipmentMap]') AND minor_id = COLUMNPROPERTY(OBJECT_ID(N'[ACM_TagEquipmentMap]'), N'IsActive', 'ColumnId') AND name = N'MS_Description')
EXEC sys.sp_addextendedproperty N'MS_Description', N'Whether the tag is pulled and scored', N'SCHEMA', N'dbo', N'TABLE', N'ACM_TagEquipmentMap', N'COLUMN', N'IsActive'
GO

IF NOT EXISTS (SELECT 1 FROM sys.extended_properties WHERE major_id = OBJECT_ID(N'[ACM_TagEquipmentMap]') AND minor_id = COLUMNPROPERTY(OBJECT_ID(N'[ACM_TagEquipmentMap]'), N'CreatedAt', 'ColumnId') AND name = N'MS_Description')
EXEC sys.sp_addextendedproperty N'MS_Description', N'When the tag was first seen, UTC', N'SCHEMA', N'dbo', N'TABLE', N'ACM_TagEquipmentMap', N'COLUMN', N'CreatedAt'
GO

IF OBJECT_ID(N'[ACM_Config]', N'U') IS NULL
CREATE TABLE [ACM_Config] (
    [EquipID] INT NOT NULL,
    [ParamPath] NVARCHAR(200) NOT NULL,
    [ParamValue] NVARCHAR(MAX) NOT NULL,
    [UpdatedAt] DATETIME2(3) NOT NULL,
    [UpdatedBy] NVARCHAR(100) NULL,
    CONSTRAINT [PK_ACM_Config] PRIMARY KEY CLUSTERED ([EquipID], [ParamPath])
)
GO

IF NOT EXISTS (SELECT 1 FROM sys.extended_properties WHERE major_id = OBJECT_ID(N'[ACM_Config]') AND minor_id = 0 AND name = N'MS_Description')
EXEC sys.sp_addextendedproperty N'MS_Description', N'Settings of one machine that override the defaults (EquipID 0: of all machines)', N'SCHEMA', N'dbo', N'TABLE', N'ACM_Config'
GO

IF NOT EXISTS (SELECT 1 FROM sys.extended_properties WHERE major_id = OBJECT_ID(N'[ACM_Config]') AND minor_id = COLUMNPROPERTY(OBJECT_ID(N'[ACM_Config]'), N'EquipID', 'ColumnId') AND name = N'MS_Description')
EXEC sys.sp_addextendedproperty N'MS_Description', N'Machine (Equipment.EquipID)', N'SCHEMA', N'dbo', N'TABLE', N'ACM_Config', N'COLUMN', N'EquipID'
GO

IF NOT EXISTS (SELECT 1 FROM sys.extended_properties WHERE major_id = OBJECT_ID(N'[ACM_Config]') AND minor_id = COLUMNPROPERTY(OBJECT_ID(N'[ACM_Config]'), N'ParamPath', 'ColumnId') AND name = N'MS_Description')
EXEC sys.sp_addextendedproperty N'MS_Description', N'Dotted name of the setting, as in the TOML file', N'SCHEMA', N'dbo', N'TABLE', N'ACM_Config', N'COLUMN', N'ParamPath'
GO

IF NOT EXISTS (SELECT 1 FROM sys.extended_properties WHERE major_id = OBJECT_ID(N'[ACM_Config]') AND minor_id = COLUMNPROPERTY(OBJECT_ID(N'[ACM_Config]'), N'ParamValue', 'ColumnId') AND name = N'MS_Description')
EXEC sys.sp_addextendedproperty N'MS_Description', N'Value, as TOML writes it', N'SCHEMA', N'dbo', N'TABLE', N'ACM_Config', N'COLUMN', N'ParamValue'
GO

IF NOT EXISTS (SELECT 1 FROM sys.extended_properties WHERE major_id = OBJECT_ID(N'[ACM_Config]') AND minor_id = COLUMNPROPERTY(OBJECT_ID(N'[ACM_Config]'), N'UpdatedAt', 'ColumnId') AND name = N'MS_Description')
EXEC sys.sp_addextendedproperty N'MS_Description', N'When the row was written, UTC', N'SCHEMA', N'dbo', N'TABLE', N'ACM_Config', N'COLUMN', N'UpdatedAt'
GO

IF NOT EXISTS (SELECT 1 FROM sys.extended_properties WHERE major_id = OBJECT_ID(N'[ACM_Config]') AND minor_id = COLUMNPROPERTY(OBJECT_ID(N'[ACM_Config]'), N'UpdatedBy', 'ColumnId') AND name = N'MS_Description')
EXEC sys.sp_addextendedproperty N'MS_Description', N'Who wrote it', N'SCHEMA', N'dbo', N'TABLE', N'ACM_Config', N'COLUMN', N'UpdatedBy'
GO

IF OBJECT_ID(N'[ACM_SchemaVersion]', N'U') IS NULL
CREATE TABLE [ACM_SchemaVersion] (
    [Version] INT NOT NULL,
    [Name] NVARCHAR(100) NOT NULL,
    [Hash] NVARCHAR(64) NOT NULL,
    [AppliedAt] DATETIME2(3) NOT NULL,
    CONSTRAINT [PK_ACM_SchemaVersion] PRIMARY KEY CLUSTERED ([Version], [Name])
)
GO

IF NOT EXISTS (SELECT 1 FROM sys.extended_properties WHERE major_id = OBJECT_ID(N'[ACM_SchemaVersion]') AND minor_id = 0 AND name = N'MS_Description')
EXEC sys.sp_addextendedproperty N'MS_Description', N'One row per script of the schema that was applied to this store', N'SCHEMA', N'dbo', N'TABLE', N'ACM_SchemaVersion'
GO

IF NOT EXISTS (SELECT 1 FROM sys.extended_properties WHERE major_id = OBJECT_ID(N'[ACM_SchemaVersion]') AND minor_id = COLUMNPROPERTY(OBJECT_ID(N'[ACM_SchemaVersion]'), N'Version', 'ColumnId') AND name = N'MS_Description')
EXEC sys.sp_addextendedproperty N'MS_Description', N'Version of the schema: a store of a newer one is refused', N'SCHEMA', N'dbo', N'TABLE', N'ACM_SchemaVersion', N'COLUMN', N'Version'
GO

IF NOT EXISTS (SELECT 1 FROM sys.extended_properties WHERE major_id = OBJECT_ID(N'[ACM_SchemaVersion]') AND minor_id = COLUMNPROPERTY(OBJECT_ID(N'[ACM_SchemaVersion]'), N'Name', 'ColumnId') AND name = N'MS_Description')
EXEC sys.sp_addextendedproperty N'MS_Description', N'Script, as in the folder sql/', N'SCHEMA', N'dbo', N'TABLE', N'ACM_SchemaVersion', N'COLUMN', N'Name'
GO

IF NOT EXISTS (SELECT 1 FROM sys.extended_properties WHERE major_id = OBJECT_ID(N'[ACM_SchemaVersion]') AND minor_id = COLUMNPROPERTY(OBJECT_ID(N'[ACM_SchemaVersion]'), N'Hash', 'ColumnId') AND name = N'MS_Description')
EXEC sys.sp_addextendedproperty N'MS_Description', N'SHA-256 of the script: a changed one is applied again', N'SCHEMA', N'dbo', N'TABLE', N'ACM_SchemaVersion', N'COLUMN', N'Hash'
GO

IF NOT EXISTS (SELECT 1 FROM sys.extended_properties WHERE major_id = OBJECT_ID(N'[ACM_SchemaVersion]') AND minor_id = COLUMNPROPERTY(OBJECT_ID(N'[ACM_SchemaVersion]'), N'AppliedAt', 'ColumnId') AND name = N'MS_Description')
EXEC sys.sp_addextendedproperty N'MS_Description', N'When it was applied last, UTC', N'SCHEMA', N'dbo', N'TABLE', N'ACM_SchemaVersion', N'COLUMN', N'AppliedAt'
GO
