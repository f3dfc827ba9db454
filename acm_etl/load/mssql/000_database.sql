-- Checks the options of the database. `acm-etl init` does not run this script. By default it changes nothing: it shows the
-- current options and prints the statements that would change them. To change the options, set @Apply to 1 and run the
-- script while no other session is connected.
--
--     sqlcmd -b -I -d <database> -i 000_database.sql
SET NOCOUNT ON;
DECLARE @Apply BIT = 0;
DECLARE @name SYSNAME = DB_NAME(), @change NVARCHAR(MAX);
DECLARE @advice TABLE ([setting] NVARCHAR(60) NOT NULL, [is] NVARCHAR(60) NULL, [change] NVARCHAR(400) NULL);

IF DB_ID() <= 4
    THROW 50023, N'This is a system database; choose a database with sqlcmd -d.', 1;

-- By name: on Azure SQL Database, database_id of sys.databases may differ from DB_ID().
-- Readers see the last committed rows and neither wait for a backfill nor block it. Row versions need space in tempdb, as
-- much as the largest batch changes.
INSERT INTO @advice ([setting], [is], [change])
SELECT N'READ_COMMITTED_SNAPSHOT', IIF(is_read_committed_snapshot_on = 1, N'on', N'off'),
    IIF(is_read_committed_snapshot_on = 1, NULL,
        N'ALTER DATABASE ' + QUOTENAME(@name) + N' SET READ_COMMITTED_SNAPSHOT ON WITH ROLLBACK AFTER 60 SECONDS')
FROM sys.databases WHERE name = DB_NAME();

-- usp_ACM_GetHistorianData uses STRING_SPLIT, which requires compatibility level 130.
INSERT INTO @advice ([setting], [is], [change])
SELECT N'COMPATIBILITY_LEVEL', CAST(compatibility_level AS NVARCHAR(60)),
    IIF(compatibility_level >= 130, NULL, N'ALTER DATABASE ' + QUOTENAME(@name) + N' SET COMPATIBILITY_LEVEL = 140')
FROM sys.databases WHERE name = DB_NAME();

INSERT INTO @advice ([setting], [is], [change])
SELECT N'AUTO_CLOSE', IIF(is_auto_close_on = 1, N'on', N'off'),
    IIF(is_auto_close_on = 0, NULL, N'ALTER DATABASE ' + QUOTENAME(@name) + N' SET AUTO_CLOSE OFF')
FROM sys.databases WHERE name = DB_NAME();

INSERT INTO @advice ([setting], [is], [change])
SELECT N'AUTO_SHRINK', IIF(is_auto_shrink_on = 1, N'on', N'off'),
    IIF(is_auto_shrink_on = 0, NULL, N'ALTER DATABASE ' + QUOTENAME(@name) + N' SET AUTO_SHRINK OFF')
FROM sys.databases WHERE name = DB_NAME();

-- Shown only, because the recovery model determines the backups. Under FULL, the log grows with every backfill until it is
-- backed up.
INSERT INTO @advice ([setting], [is], [change])
SELECT N'RECOVERY MODEL', recovery_model_desc, NULL FROM sys.databases WHERE name = DB_NAME();

SELECT [setting], [is], COALESCE([change], N'leave it') AS [advice] FROM @advice;

IF @Apply = 1
BEGIN
    SET @change = (SELECT STRING_AGG(CAST([change] AS NVARCHAR(MAX)), N';' + NCHAR(10)) FROM @advice);
    EXEC sys.sp_executesql @change;
END;
