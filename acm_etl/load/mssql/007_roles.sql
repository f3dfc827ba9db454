-- Three roles with the least permissions that each needs. Add people and services with
-- ALTER ROLE [acm_reader] ADD MEMBER [<user>].
--
--   acm_reader   dashboards: reads tables and views except the models and states
--   acm_loader   backfill, status, show, reset: reads the historian, writes results, stages in the schema [stage]
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

IF SCHEMA_ID(N'stage') IS NULL
    EXEC (N'CREATE SCHEMA [stage] AUTHORIZATION [dbo]');
GO

{{grants}}
GRANT SELECT ON [dbo].[ACM_TimeZones] TO [acm_loader];
GRANT SELECT ON [dbo].[ACM_TimeZones] TO [acm_reader];
GO

-- With staging = table, staging tables are created and dropped in [stage] only: CREATE TABLE needs ALTER on the schema.
GRANT CREATE TABLE TO [acm_loader];
GRANT ALTER, SELECT, INSERT, UPDATE, DELETE ON SCHEMA::[stage] TO [acm_loader];
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
