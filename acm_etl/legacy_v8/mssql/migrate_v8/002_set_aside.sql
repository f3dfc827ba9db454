-- Migration from ACM V8, step 2: move the tables and procedures of V8 to the schema [v8]. The historian tables
-- (<code>_Data) stay. V8 no longer runs after this step: stop it first.
--
--     sqlcmd -b -I -d <V8 database> -i 002_set_aside.sql
--
-- By default the script only lists the objects. To move them, set @Apply to 1 and run the script again. To undo:
-- ALTER SCHEMA [dbo] TRANSFER [v8].[<name>].
SET ANSI_NULLS, ANSI_PADDING, ANSI_WARNINGS, ARITHABORT, CONCAT_NULL_YIELDS_NULL, QUOTED_IDENTIFIER, XACT_ABORT ON;
SET NUMERIC_ROUNDABORT OFF;
SET NOCOUNT ON;
DECLARE @Apply BIT = 0;

IF DB_ID() <= 4 OR OBJECT_ID(N'[dbo].[ACM_SchemaVersion]', N'U') IS NOT NULL
    THROW 50020, N'This is not a V8 database, or acm-etl init has initialised it already: nothing was changed.', 1;

DECLARE @names TABLE (name sysname NOT NULL PRIMARY KEY);
INSERT INTO @names (name) VALUES
    {{transfers}};

SELECT n.name, CASE WHEN @Apply = 1 THEN N'moves to [v8]' ELSE N'would move to [v8]' END AS [what]
FROM @names AS n
WHERE OBJECT_ID(N'[dbo].' + QUOTENAME(n.name)) IS NOT NULL;

IF @Apply = 1
BEGIN
    IF SCHEMA_ID(N'v8') IS NULL
        EXEC (N'CREATE SCHEMA [v8] AUTHORIZATION [dbo]');
    DECLARE @move NVARCHAR(MAX) = (
        SELECT STRING_AGG(
            CAST(N'ALTER SCHEMA [v8] TRANSFER [dbo].' + QUOTENAME(n.name) AS NVARCHAR(MAX)), N';' + NCHAR(10)
        )
        FROM @names AS n
        WHERE OBJECT_ID(N'[dbo].' + QUOTENAME(n.name)) IS NOT NULL
    );
    BEGIN TRANSACTION;
    EXEC sys.sp_executesql @move;
    COMMIT TRANSACTION;
END;
