-- Drops everything that acm_etl has created in the current database: tables with their rows, views, procedures, the schema
-- [stage], roles. By default it changes nothing: it lists the objects with their rows. To drop them, set @Apply to 1.
-- Requires db_owner. All changes are one transaction: after an error, e.g. because an object of yours refers to a table, nothing
-- has changed. The models cannot be computed again exactly: back up the database first.
--
--     sqlcmd -b -I -d <database> -i uninstall.sql
SET ANSI_NULLS, ANSI_PADDING, ANSI_WARNINGS, ARITHABORT, CONCAT_NULL_YIELDS_NULL, QUOTED_IDENTIFIER, XACT_ABORT ON;
SET NUMERIC_ROUNDABORT OFF;
-- A change that waits for a table makes all later readers of it wait too: after a minute the script ends with error 1222.
SET LOCK_TIMEOUT 60000;
SET NOCOUNT ON;
DECLARE @Apply BIT = 0;
-- 1 also drops the tables of readings in [dbo] that Equipment names. These may be the only copy of the readings, and other
-- programs may use them.
DECLARE @DropHistorian BIT = 0;

DECLARE @objects TABLE ([name] sysname NOT NULL, [kind] NVARCHAR(20) NOT NULL, [place] INT NOT NULL);
DECLARE @found TABLE (
    [place] INT NOT NULL, [kind] NVARCHAR(20) NOT NULL, [name] NVARCHAR(300) NOT NULL, [rows] BIGINT NULL,
    [drop] NVARCHAR(700) NOT NULL
);
DECLARE @busy NVARCHAR(MAX), @machines NVARCHAR(MAX), @sql NVARCHAR(MAX);

IF DB_ID() <= 4
    THROW 50023, N'This is a system database; choose a database with sqlcmd -d.', 1;
IF OBJECT_ID(N'[dbo].[ACM_SchemaVersion]', N'U') IS NULL
    THROW 50030, N'This database has no table ACM_SchemaVersion: acm_etl is not installed here, nothing was changed.', 1;
IF IS_ROLEMEMBER(N'db_owner') = 0
    THROW 50031, N'This login is not a member of db_owner: nothing was changed.', 1;

-- Procedures and views before the tables that they read; tables before those that they refer to.
{{objects}}

INSERT INTO @found ([place], [kind], [name], [rows], [drop])
SELECT o.[place], o.[kind], N'[dbo].' + QUOTENAME(o.[name]),
    (SELECT SUM(p.rows) FROM sys.partitions AS p WHERE p.object_id = OBJECT_ID(N'[dbo].' + QUOTENAME(o.[name])) AND p.index_id IN (0, 1)),
    CONCAT(N'DROP ', o.[kind], N' [dbo].', QUOTENAME(o.[name]))
FROM @objects AS o
WHERE OBJECT_ID(
    N'[dbo].' + QUOTENAME(o.[name]), CASE o.[kind] WHEN N'TABLE' THEN N'U' WHEN N'VIEW' THEN N'V' ELSE N'P' END
) IS NOT NULL;

IF @DropHistorian = 1
    INSERT INTO @found ([place], [kind], [name], [rows], [drop])
    SELECT 300000, N'TABLE', N'[dbo].' + QUOTENAME(t.name),
        (SELECT SUM(p.rows) FROM sys.partitions AS p WHERE p.object_id = t.object_id AND p.index_id IN (0, 1)),
        CONCAT(N'DROP TABLE [dbo].', QUOTENAME(t.name))
    FROM sys.tables AS t
    WHERE t.schema_id = SCHEMA_ID(N'dbo')
        AND EXISTS (
            SELECT 1 FROM [dbo].[Equipment] AS e WHERE e.[HistorianTable] = t.name COLLATE Latin1_General_100_BIN2
        );

-- An import that was killed leaves its tables to the next one.
INSERT INTO @found ([place], [kind], [name], [rows], [drop])
SELECT 1, N'TABLE', N'[dbo].' + QUOTENAME(t.name), NULL, N'DROP TABLE [dbo].' + QUOTENAME(t.name)
FROM sys.tables AS t
WHERE t.schema_id = SCHEMA_ID(N'dbo') AND t.name LIKE N'ACM[_]ImportStage[_]%';

-- Only names that begin with acm_ or usp_ACM_, as those of acm_etl do: the schema stays if it contains others.
INSERT INTO @found ([place], [kind], [name], [rows], [drop])
SELECT 1, N'TABLE', N'[stage].' + QUOTENAME(t.name), NULL, N'DROP TABLE [stage].' + QUOTENAME(t.name)
FROM sys.tables AS t
WHERE t.schema_id = SCHEMA_ID(N'stage') AND t.name LIKE N'acm[_]%';
INSERT INTO @found ([place], [kind], [name], [rows], [drop])
SELECT 1, N'PROCEDURE', N'[stage].' + QUOTENAME(p.name), NULL, N'DROP PROCEDURE [stage].' + QUOTENAME(p.name)
FROM sys.procedures AS p
WHERE p.schema_id = SCHEMA_ID(N'stage') AND p.name LIKE N'usp[_]ACM[_]%';
IF SCHEMA_ID(N'stage') IS NOT NULL AND NOT EXISTS (
    SELECT 1 FROM sys.objects AS o
    WHERE o.schema_id = SCHEMA_ID(N'stage') AND o.parent_object_id = 0 AND o.name NOT LIKE N'acm[_]%'
        AND o.name NOT LIKE N'usp[_]ACM[_]%'
)
    INSERT INTO @found ([place], [kind], [name], [rows], [drop])
    SELECT d.[place], d.[kind], d.[name], NULL, d.[drop]
    FROM (VALUES
        (400000, N'SCHEMA', N'stage', N'DROP SCHEMA [stage]'),
        (400001, N'USER', N'acm_stage_owner', N'DROP USER [acm_stage_owner]')
    ) AS d ([place], [kind], [name], [drop])
    WHERE d.[kind] = N'SCHEMA' OR DATABASE_PRINCIPAL_ID(d.[name]) IS NOT NULL;

-- A role with members cannot be dropped. Users and logins stay.
INSERT INTO @found ([place], [kind], [name], [rows], [drop])
SELECT 500000, N'MEMBER', CONCAT(r.name, N' of ', m.name), NULL,
    CONCAT(N'ALTER ROLE ', QUOTENAME(r.name), N' DROP MEMBER ', QUOTENAME(m.name))
FROM sys.database_role_members AS x
INNER JOIN sys.database_principals AS r ON r.principal_id = x.role_principal_id
INNER JOIN sys.database_principals AS m ON m.principal_id = x.member_principal_id
WHERE r.name IN (N'acm_reader', N'acm_loader', N'acm_admin');
INSERT INTO @found ([place], [kind], [name], [rows], [drop])
SELECT 500001, N'ROLE', r.name, NULL, N'DROP ROLE ' + QUOTENAME(r.name)
FROM sys.database_principals AS r
WHERE r.type = 'R' AND r.name IN (N'acm_reader', N'acm_loader', N'acm_admin');

-- The months of storage.sql, after the tables on them.
INSERT INTO @found ([place], [kind], [name], [rows], [drop])
SELECT 350000, N'PARTITION SCHEME', s.name, NULL, N'DROP PARTITION SCHEME ' + QUOTENAME(s.name)
FROM sys.partition_schemes AS s
WHERE s.name = N'PS_ACM_Month';
INSERT INTO @found ([place], [kind], [name], [rows], [drop])
SELECT 350001, N'PARTITION FUNCTION', f.name, NULL, N'DROP PARTITION FUNCTION ' + QUOTENAME(f.name)
FROM sys.partition_functions AS f
WHERE f.name = N'PF_ACM_Month';

SELECT [kind], [name], [rows] FROM @found ORDER BY [place], [name];

IF @Apply = 1
BEGIN
    BEGIN TRANSACTION;
    -- The locks of all machines, until the end: a backfill keeps its own from start to end.
    SET @machines = (
        SELECT STRING_AGG(
            CAST(CONCAT(
                N'EXEC @result = sp_getapplock @Resource = N''acm_etl:machine:', REPLACE(e.[EquipCode], N'''', N''''''),
                N''', @LockMode = ''Exclusive'', @LockOwner = ''Transaction'', @LockTimeout = 0; IF @result < 0 SET @busy = CONCAT(@busy, N'' ',
                REPLACE(e.[EquipCode], N'''', N''''''), N''')'
            ) AS NVARCHAR(MAX)),
            N'; '
        )
        FROM [dbo].[Equipment] AS e
    );
    SET @sql = CONCAT(N'DECLARE @result INT; ', @machines);
    IF @machines IS NOT NULL
        EXEC sys.sp_executesql @sql, N'@busy NVARCHAR(MAX) OUTPUT', @busy = @busy OUTPUT;
    IF @busy IS NOT NULL
    BEGIN
        ROLLBACK TRANSACTION;
        SET @busy = LEFT(CONCAT(N'A backfill or another command works on', @busy, N'; stop it. Nothing was changed.'), 2000);
        THROW 50027, @busy, 1;
    END;
    SET @sql = (SELECT STRING_AGG(CAST([drop] AS NVARCHAR(MAX)), N'; ') WITHIN GROUP (ORDER BY [place], [name]) FROM @found);
    EXEC sys.sp_executesql @sql;
    COMMIT TRANSACTION;
    PRINT N'acm_etl was removed from this database.';
END;
ELSE
    PRINT N'Nothing was changed. To drop these objects, set @Apply to 1.';
GO
