-- Migration from ACM V8, step 1: in a V8 database, move duplicate rows to the schema [quarantine] and add unique indexes
-- to the V8 tables. Read docs/mssql.md first, and take a backup.
--
--     sqlcmd -b -I -d <V8 database> -i 001_quarantine.sql
--
-- By default the script only counts. To move rows, set acm_apply below to 1 and run the script again. No row is lost: a
-- moved row is in [quarantine].[<table>] with its reason. The script can be repeated at any time.
--
-- Of several rows with one key, the row of the latest run stays (failed runs count as earlier than all others, runs that
-- ACM_Runs does not have as earlier still). Rows without a machine, run or time, and rows with the placeholder time
-- 1900-01-01 of V8, are moved as well.
SET ANSI_NULLS, ANSI_PADDING, ANSI_WARNINGS, ARITHABORT, CONCAT_NULL_YIELDS_NULL, QUOTED_IDENTIFIER, XACT_ABORT ON;
SET NUMERIC_ROUNDABORT OFF;
SET NOCOUNT ON;
EXEC sys.sp_set_session_context N'acm_apply', 0;
IF DB_ID() <= 4 OR OBJECT_ID(N'[dbo].[ACM_SchemaVersion]', N'U') IS NOT NULL
BEGIN
    PRINT N'This is not a V8 database: nothing was changed.';
    SET NOEXEC ON;
END;
GO

IF CAST(SESSION_CONTEXT(N'acm_apply') AS INT) = 1 AND SCHEMA_ID(N'quarantine') IS NULL
    EXEC (N'CREATE SCHEMA [quarantine] AUTHORIZATION [dbo]');
GO

CREATE TABLE #acm_runs ([RunID] UNIQUEIDENTIFIER NOT NULL PRIMARY KEY, ranked BIGINT NOT NULL);
IF OBJECT_ID(N'[dbo].[ACM_Runs]', N'U') IS NOT NULL
    INSERT INTO #acm_runs ([RunID], ranked)
    {{ranks}}
GO

{{quarantine}}
GO

DROP TABLE #acm_runs;
SET NOEXEC OFF;
