-- Three roles with the least permissions that each needs. Add people and services with
-- ALTER ROLE [acm_reader] ADD MEMBER [<user>].
--
--   acm_reader   dashboards, status, report: reads all tables and views
--   acm_loader   backfill, status, show, reset, episode, baseline: reads the historian, writes results, stages in the schema [stage]; no DDL
--   acm_admin    init, import, equipment: controls the schema [dbo] of this database; all permissions of acm_loader
--
-- Requires db_owner. Run this script again after historian tables are added, so that the roles can read them.
IF DATABASE_PRINCIPAL_ID(N'acm_reader') IS NULL
    CREATE ROLE [acm_reader] AUTHORIZATION [dbo];
GO

IF DATABASE_PRINCIPAL_ID(N'acm_loader') IS NULL
    CREATE ROLE [acm_loader] AUTHORIZATION [dbo];
GO

IF DATABASE_PRINCIPAL_ID(N'acm_admin') IS NULL
    CREATE ROLE [acm_admin] AUTHORIZATION [dbo];
GO

-- The schema [stage] has an owner of its own that may do nothing in [dbo]. If [dbo] owned both schemas, a trigger or view in
-- [stage] would reach every table of [dbo] by ownership chaining, whoever made it.
IF DATABASE_PRINCIPAL_ID(N'acm_stage_owner') IS NULL
    CREATE USER [acm_stage_owner] WITHOUT LOGIN;
GO

IF SCHEMA_ID(N'stage') IS NULL
    EXEC (N'CREATE SCHEMA [stage] AUTHORIZATION [acm_stage_owner]');
ELSE
    ALTER AUTHORIZATION ON SCHEMA::[stage] TO [acm_stage_owner];
GO

-- The owner runs the procedures below. It sees the columns of the tables in [dbo] and not their rows.
GRANT CREATE TABLE TO [acm_stage_owner];
GRANT VIEW DEFINITION ON SCHEMA::[dbo] TO [acm_stage_owner];
GO

-- Creates an empty staging table with the columns of a table of [dbo], for logins that may not create tables. A login with
-- DDL rights in [stage] could add a trigger to a staging table, and would run it with the rights of the next login that
-- stages rows there, an administrator's for example.
CREATE OR ALTER PROCEDURE [stage].[usp_ACM_CreateStagingTable]
    @Name sysname,
    @Table sysname,
    @WithKeyIndex BIT = 0
WITH EXECUTE AS OWNER
AS
BEGIN
    SET NOCOUNT ON;
    SET XACT_ABORT ON;
    DECLARE @object INT = OBJECT_ID(N'[dbo].' + QUOTENAME(@Table), N'U'), @columns NVARCHAR(MAX), @key NVARCHAR(MAX),
        @sql NVARCHAR(MAX);
    IF @Name NOT LIKE N'acm[_]%'
        THROW 50028, N'The name of a staging table begins with acm_.', 1;
    IF @object IS NULL
        THROW 50029, N'There is no such table in the schema dbo.', 1;
    SELECT @columns = STRING_AGG(
        CONVERT(NVARCHAR(MAX), QUOTENAME(c.name)) + N' ' + TYPE_NAME(c.system_type_id)
        + CASE
            WHEN TYPE_NAME(c.system_type_id) IN (N'nvarchar', N'varbinary') AND c.max_length = -1 THEN N'(MAX)'
            WHEN TYPE_NAME(c.system_type_id) = N'nvarchar' THEN CONCAT(N'(', c.max_length / 2, N')')
            WHEN TYPE_NAME(c.system_type_id) = N'varbinary' THEN CONCAT(N'(', c.max_length, N')')
            WHEN TYPE_NAME(c.system_type_id) = N'datetime2' THEN CONCAT(N'(', c.scale, N')')
            ELSE N''
        END
        + COALESCE(N' COLLATE ' + c.collation_name, N'')
        + CASE WHEN c.is_nullable = 1 THEN N' NULL' ELSE N' NOT NULL' END,
        N', '
    ) WITHIN GROUP (ORDER BY c.column_id)
    FROM sys.columns AS c
    WHERE c.object_id = @object AND c.is_computed = 0;
    SELECT @key = STRING_AGG(QUOTENAME(c.name), N', ') WITHIN GROUP (ORDER BY x.key_ordinal)
    FROM sys.indexes AS i
    INNER JOIN sys.index_columns AS x ON x.object_id = i.object_id AND x.index_id = i.index_id
    INNER JOIN sys.columns AS c ON c.object_id = x.object_id AND c.column_id = x.column_id
    WHERE i.object_id = @object AND i.is_primary_key = 1;
    SET @sql = CONCAT(
        N'DROP TABLE IF EXISTS [stage].', QUOTENAME(@Name), N'; CREATE TABLE [stage].', QUOTENAME(@Name), N' (', @columns, N');'
    );
    IF @WithKeyIndex = 1 AND @key IS NOT NULL
        SET @sql = CONCAT(
            @sql, N' CREATE UNIQUE CLUSTERED INDEX [IX_key] ON [stage].', QUOTENAME(@Name), N' (', @key, N');'
        );
    EXEC sys.sp_executesql @sql;
END;
GO

-- Creates the staging table that short frames of different tables share, for the same logins.
CREATE OR ALTER PROCEDURE [stage].[usp_ACM_CreateSharedStagingTable]
    @Name sysname
WITH EXECUTE AS OWNER
AS
BEGIN
    SET NOCOUNT ON;
    SET XACT_ABORT ON;
    DECLARE @sql NVARCHAR(MAX) = CONCAT(
        N'DROP TABLE IF EXISTS [stage].', QUOTENAME(@Name), N'; CREATE TABLE [stage].', QUOTENAME(@Name), N' (',
        CAST(N'
{{shared_columns}}
' AS NVARCHAR(MAX)),
        N'); CREATE UNIQUE CLUSTERED INDEX [IX_key] ON [stage].', QUOTENAME(@Name), N' ([TableName], [RowNumber]);'
    );
    IF @Name NOT LIKE N'acm[_]%'
        THROW 50028, N'The name of a staging table begins with acm_.', 1;
    EXEC sys.sp_executesql @sql;
END;
GO

-- Empties a staging table that the session uses again.
CREATE OR ALTER PROCEDURE [stage].[usp_ACM_EmptyStagingTable]
    @Name sysname
WITH EXECUTE AS OWNER
AS
BEGIN
    SET NOCOUNT ON;
    DECLARE @sql NVARCHAR(MAX) = CONCAT(N'TRUNCATE TABLE [stage].', QUOTENAME(@Name));
    IF @Name NOT LIKE N'acm[_]%'
        THROW 50028, N'The name of a staging table begins with acm_.', 1;
    EXEC sys.sp_executesql @sql;
END;
GO

CREATE OR ALTER PROCEDURE [stage].[usp_ACM_DropStagingTable]
    @Name sysname
WITH EXECUTE AS OWNER
AS
BEGIN
    SET NOCOUNT ON;
    DECLARE @sql NVARCHAR(MAX) = CONCAT(N'DROP TABLE IF EXISTS [stage].', QUOTENAME(@Name));
    IF @Name NOT LIKE N'acm[_]%'
        THROW 50028, N'The name of a staging table begins with acm_.', 1;
    EXEC sys.sp_executesql @sql;
END;
GO

{{grants}}
GRANT SELECT ON [dbo].[ACM_TimeZones] TO [acm_loader];
GRANT SELECT ON [dbo].[ACM_TimeZones] TO [acm_reader];
GO

-- Earlier versions of this script gave acm_loader DDL rights, and the right to declare sources; a second run takes them back.
REVOKE INSERT, UPDATE, DELETE ON [dbo].[ACM_Sources] FROM [acm_loader];
REVOKE INSERT, UPDATE, DELETE ON [dbo].[ACM_ConfigHistory] FROM [acm_loader];
REVOKE INSERT, UPDATE, DELETE ON [dbo].[ACM_DetectorMetadata] FROM [acm_loader];
REVOKE CREATE TABLE FROM [acm_loader];
REVOKE ALTER, UPDATE, DELETE ON SCHEMA::[stage] FROM [acm_loader];
GRANT SELECT, INSERT, EXECUTE ON SCHEMA::[stage] TO [acm_loader];
GO

GRANT CREATE TABLE TO [acm_admin];
GRANT CREATE VIEW TO [acm_admin];
GRANT CREATE PROCEDURE TO [acm_admin];
GRANT CONTROL ON SCHEMA::[dbo] TO [acm_admin];
GRANT CONTROL ON SCHEMA::[stage] TO [acm_admin];
GO

-- The historian tables of the registered machines.
DECLARE @grants NVARCHAR(MAX) = (
    SELECT STRING_AGG(
        CAST(
            N'GRANT SELECT ON [dbo].' + QUOTENAME(e.[HistorianTable]) + N' TO [acm_loader], [acm_reader]' AS NVARCHAR(MAX)
        ),
        N';' + NCHAR(10)
    )
    FROM [dbo].[Equipment] AS e
    WHERE OBJECT_ID(N'[dbo].' + QUOTENAME(e.[HistorianTable])) IS NOT NULL
);
IF @grants IS NOT NULL
    EXEC sys.sp_executesql @grants;
GO
