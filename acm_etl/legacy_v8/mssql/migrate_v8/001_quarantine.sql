-- Coming from ACM V8, first step: in a V8 database, move doubled rows to the schema [quarantine] and put unique keys on
-- V8's tables. Read docs/mssql.md first, and take a backup.
--
--     sqlcmd -b -I -d <V8 database> -i 001_quarantine.sql
--
-- As it stands it only counts. To move rows, set acm_apply below to 1 and run it again. Nothing is lost: every row that
-- leaves a table is in [quarantine].[<table>] with its reason. It can be run again at any time.
--
-- Of several rows of one key the one of the latest run stays (a run that failed counts as earlier than all others; a run
-- unknown to ACM_Runs as earlier still). Rows without machine, run or time, or of the time 1900-01-01 that V8 invents,
-- go as well.
SET ANSI_NULLS, QUOTED_IDENTIFIER, XACT_ABORT ON;
SET NOCOUNT ON;
EXEC sys.sp_set_session_context N'acm_apply', 0;
IF DB_ID() <= 4 OR OBJECT_ID(N'[dbo].[ACM_SchemaVersion]', N'U') IS NOT NULL
BEGIN
    PRINT N'This is no V8 database: nothing is done.';
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
