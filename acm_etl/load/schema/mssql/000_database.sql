-- Checks the options of the database. `acm-etl init` does not run this script. By default it changes nothing: it shows the
-- current options and prints the statements that would change them. To change the options, set @Apply to 1 and run the
-- script while no other session is connected.
--
--     sqlcmd -b -I -d <database> -i 000_database.sql
SET NOCOUNT ON;
DECLARE @Apply BIT = 0;
DECLARE @change NVARCHAR(MAX);
DECLARE @advice TABLE (
    [setting] NVARCHAR(60) NOT NULL, [is] NVARCHAR(60) NULL, [change] NVARCHAR(400) NULL, [reason] NVARCHAR(400) NOT NULL
);

IF DB_ID() <= 4
    THROW 50023, N'This is a system database; choose a database with sqlcmd -d.', 1;

INSERT INTO @advice ([setting], [is], [change], [reason])
{{database_settings}};

SELECT [setting], [is], COALESCE([change], N'leave it') AS [advice], [reason] FROM @advice;

IF @Apply = 1
BEGIN
    SET @change = (SELECT STRING_AGG(CAST([change] AS NVARCHAR(MAX)), N';' + NCHAR(10)) FROM @advice);
    EXEC sys.sp_executesql @change;
END;
