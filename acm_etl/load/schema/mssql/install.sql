-- Creates the objects of acm_etl in the current database, or updates them, as `acm-etl init` does. Safe to repeat. All changes
-- are one transaction: after an error nothing has changed. Requires db_owner. It deletes no row of results and no column.
--
--     sqlcmd -b -I -d <database> -i install.sql
SET ANSI_NULLS, ANSI_PADDING, ANSI_WARNINGS, ARITHABORT, CONCAT_NULL_YIELDS_NULL, QUOTED_IDENTIFIER, XACT_ABORT ON;
SET NUMERIC_ROUNDABORT OFF;
-- A change that waits for a table makes all later readers of it wait too: after a minute the script ends with error 1222.
SET LOCK_TIMEOUT 60000;
GO

-- 1 skips the checks of server version and compatibility level, for servers that are compatible with SQL Server but report
-- another version.
DECLARE @SkipVersionCheck BIT = 0;
{{versions}}
DECLARE @edition INT = CAST(SERVERPROPERTY('EngineEdition') AS INT);
DECLARE @major INT = CAST(PARSENAME(CAST(SERVERPROPERTY('ProductVersion') AS NVARCHAR(60)), 4) AS INT);
DECLARE @level INT = (SELECT CAST(compatibility_level AS INT) FROM sys.databases WHERE name = DB_NAME());
DECLARE @tables NVARCHAR(MAX), @stored INT, @problem NVARCHAR(2000);
IF DB_ID() <= 4
    SET @problem = N'This is a system database. Choose a database with sqlcmd -d.';
-- The version of Azure SQL Database (5) and Managed Instance (8) begins with 12 and says nothing.
ELSE IF @SkipVersionCheck = 0 AND @edition NOT IN (5, 8) AND @major < @oldest
    SET @problem = CONCAT(N'acm_etl requires SQL Server 2017 (version 14) or later. This server has version ', @major, N'.');
ELSE IF @SkipVersionCheck = 0 AND @level < 130
    SET @problem = CONCAT(
        N'The compatibility level of this database is ', @level,
        N', acm_etl requires 130 or higher. Run ALTER DATABASE CURRENT SET COMPATIBILITY_LEVEL = 140.'
    );
ELSE IF IS_ROLEMEMBER(N'db_owner') = 0
    SET @problem = N'This login is not a member of db_owner. Run the script with one that is.';
ELSE IF @@TRANCOUNT > 0
    SET @problem = N'This session has an open transaction. Run COMMIT or ROLLBACK first.';
IF @problem IS NULL AND OBJECT_ID(N'[dbo].[ACM_SchemaVersion]', N'U') IS NOT NULL
BEGIN
    -- As dynamic SQL: the table may be absent, and its columns are looked up when a batch is compiled.
    EXEC sys.sp_executesql N'SELECT @stored = MAX([Version]) FROM [dbo].[ACM_SchemaVersion]', N'@stored INT OUTPUT',
        @stored = @stored OUTPUT;
    IF @stored > @schema
        SET @problem = CONCAT(
            N'The database has schema version ', @stored, N', this script creates ', @schema, N'. Upgrade acm_etl.'
        );
    ELSE IF @stored < @schema
        SET @problem = CONCAT(
            N'The database has schema version ', @stored, N'. Update it with acm-etl init, which moves rows between tables.'
        );
END;
-- Tables of earlier versions or of ACM V8: their names are names of views now.
SELECT @tables = STRING_AGG(CAST(v.[name] AS NVARCHAR(MAX)), N', ')
FROM (VALUES
    {{view_names}}
) AS v ([name])
INNER JOIN sys.tables AS t ON t.schema_id = SCHEMA_ID(N'dbo') AND t.name = v.[name] COLLATE DATABASE_DEFAULT;
IF @problem IS NULL AND @tables IS NOT NULL
    SET @problem = CONCAT(
        LEFT(@tables, 1500), N': these tables have the names of views of acm_etl. If they are of an earlier acm_etl, run ',
        N'acm-etl init; if they are of ACM V8, run the scripts in migrate_v8 first.'
    );
IF @problem IS NOT NULL
BEGIN
    RAISERROR(N'Nothing was changed. %s', 16, 1, @problem);
    -- sqlcmd -b stops here. In Management Studio, NOEXEC skips all later batches.
    SET NOEXEC ON;
END;
GO

BEGIN TRANSACTION;
GO

-- Columns that later versions have added to existing tables.
DECLARE @columns TABLE (
    [place] INT IDENTITY NOT NULL, [table] sysname NOT NULL, [column] sysname NOT NULL, [clause] NVARCHAR(400) NOT NULL,
    [required] BIT NOT NULL
);
{{columns}}
DECLARE @missing TABLE (
    [place] INT NOT NULL, [name] NVARCHAR(300) NOT NULL, [change] NVARCHAR(700) NOT NULL, [required] BIT NOT NULL
);
INSERT INTO @missing ([place], [name], [change], [required])
SELECT c.[place], CONCAT(c.[table], N'.', c.[column]),
    CONCAT(N'ALTER TABLE [dbo].', QUOTENAME(c.[table]), N' ADD ', c.[clause]), c.[required]
FROM @columns AS c
WHERE OBJECT_ID(N'[dbo].' + QUOTENAME(c.[table]), N'U') IS NOT NULL
    AND COLUMNPROPERTY(OBJECT_ID(N'[dbo].' + QUOTENAME(c.[table])), c.[column], 'ColumnId') IS NULL;
DECLARE @required NVARCHAR(MAX) = (
    SELECT STRING_AGG(CAST([name] AS NVARCHAR(MAX)), N', ') FROM @missing WHERE [required] = 1
);
-- In the declared order: a computed column comes after those that it is computed from.
DECLARE @change NVARCHAR(MAX) = (
    SELECT STRING_AGG(CAST([change] AS NVARCHAR(MAX)), N'; ') WITHIN GROUP (ORDER BY [place]) FROM @missing
);
IF @required IS NOT NULL
BEGIN
    -- Stored rows have no value for a required column, and a default would look like a measured value.
    SET @required = LEFT(@required, 1500);
    ROLLBACK TRANSACTION;
    RAISERROR(
        N'Nothing was changed. Existing tables lack these required columns: %s. Install into a new database.', 16, 1, @required
    );
END;
ELSE IF @change IS NOT NULL
    EXEC sys.sp_executesql @change;
GO
