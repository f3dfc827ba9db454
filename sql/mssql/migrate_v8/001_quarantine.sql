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
    SELECT [RunID], ROW_NUMBER() OVER (ORDER BY CASE WHEN [HealthStatus] = 'ERROR' THEN 0 ELSE 1 END, [StartedAt], [RunID]) AS ranked FROM [dbo].[ACM_Runs];
GO

-- ACM_Scores_Wide: one row per EquipID, Timestamp
IF OBJECT_ID(N'[dbo].[ACM_Scores_Wide]', N'U') IS NOT NULL AND CAST(SESSION_CONTEXT(N'acm_apply') AS INT) = 0
BEGIN
    WITH copied AS (
        SELECT *, ROW_NUMBER() OVER (PARTITION BY [EquipID], [Timestamp] ORDER BY [RunID]) AS acm_copy FROM [dbo].[ACM_Scores_Wide]
    )
    SELECT N'ACM_Scores_Wide' AS [table], COUNT_BIG(*) AS [rows],
        COALESCE(SUM(CASE WHEN acm_copy > 1 THEN 1 ELSE 0 END), 0) AS [doubled],
        COALESCE(SUM(CASE WHEN t.[EquipID] IS NULL OR t.[Timestamp] IS NULL OR t.[Timestamp] = '1900-01-01' THEN 1 ELSE 0 END), 0) AS [without key]
    FROM copied AS t;
END;
IF OBJECT_ID(N'[dbo].[ACM_Scores_Wide]', N'U') IS NOT NULL AND CAST(SESSION_CONTEXT(N'acm_apply') AS INT) = 1
BEGIN
    BEGIN TRANSACTION;
    IF OBJECT_ID(N'[quarantine].[ACM_Scores_Wide]', N'U') IS NULL
        SELECT *, CAST(0 AS BIGINT) AS acm_copy, CAST(N'' AS NVARCHAR(40)) AS acm_reason, SYSUTCDATETIME() AS acm_at
        INTO [quarantine].[ACM_Scores_Wide]
        FROM (SELECT * FROM [dbo].[ACM_Scores_Wide] UNION ALL SELECT * FROM [dbo].[ACM_Scores_Wide]) AS t
        WHERE 1 = 0;
    DELETE t
    OUTPUT deleted.*, CAST(0 AS BIGINT), N'no machine, run or time', SYSUTCDATETIME() INTO [quarantine].[ACM_Scores_Wide]
    FROM [dbo].[ACM_Scores_Wide] AS t
    WHERE t.[EquipID] IS NULL OR t.[Timestamp] IS NULL OR t.[Timestamp] = '1900-01-01';
    DELETE t
    OUTPUT deleted.*, CAST(0 AS BIGINT), N'replaced by a later run', SYSUTCDATETIME() INTO [quarantine].[ACM_Scores_Wide]
    FROM [dbo].[ACM_Scores_Wide] AS t
    WHERE EXISTS (SELECT 1 FROM [dbo].[ACM_Scores_Wide] AS n WHERE n.[EquipID] = t.[EquipID] AND n.[Timestamp] = t.[Timestamp] AND COALESCE((SELECT MAX(o.ranked) FROM #acm_runs AS o WHERE o.[RunID] = n.[RunID]), 0) > COALESCE((SELECT MAX(o.ranked) FROM #acm_runs AS o WHERE o.[RunID] = t.[RunID]), 0));
    WITH copied AS (
        SELECT *, ROW_NUMBER() OVER (PARTITION BY [EquipID], [Timestamp] ORDER BY [RunID]) AS acm_copy FROM [dbo].[ACM_Scores_Wide]
    )
    DELETE FROM copied
    OUTPUT deleted.*, N'copy within a run', SYSUTCDATETIME() INTO [quarantine].[ACM_Scores_Wide]
    WHERE acm_copy > 1;
    IF NOT EXISTS (SELECT 1 FROM sys.indexes WHERE object_id = OBJECT_ID(N'[dbo].[ACM_Scores_Wide]') AND name = N'UQ_ACM_Scores_Wide_V8')
        CREATE UNIQUE INDEX [UQ_ACM_Scores_Wide_V8] ON [dbo].[ACM_Scores_Wide] ([EquipID], [Timestamp]);
    COMMIT TRANSACTION;
    SELECT N'ACM_Scores_Wide' AS [table], acm_reason AS [reason], COUNT_BIG(*) AS [rows]
    FROM [quarantine].[ACM_Scores_Wide]
    GROUP BY acm_reason;
END;
GO

-- ACM_HealthTimeline: one row per EquipID, Timestamp
IF OBJECT_ID(N'[dbo].[ACM_HealthTimeline]', N'U') IS NOT NULL AND CAST(SESSION_CONTEXT(N'acm_apply') AS INT) = 0
BEGIN
    WITH copied AS (
        SELECT *, ROW_NUMBER() OVER (PARTITION BY [EquipID], [Timestamp] ORDER BY [RunID]) AS acm_copy FROM [dbo].[ACM_HealthTimeline]
    )
    SELECT N'ACM_HealthTimeline' AS [table], COUNT_BIG(*) AS [rows],
        COALESCE(SUM(CASE WHEN acm_copy > 1 THEN 1 ELSE 0 END), 0) AS [doubled],
        COALESCE(SUM(CASE WHEN t.[EquipID] IS NULL OR t.[Timestamp] IS NULL OR t.[Timestamp] = '1900-01-01' THEN 1 ELSE 0 END), 0) AS [without key]
    FROM copied AS t;
END;
IF OBJECT_ID(N'[dbo].[ACM_HealthTimeline]', N'U') IS NOT NULL AND CAST(SESSION_CONTEXT(N'acm_apply') AS INT) = 1
BEGIN
    BEGIN TRANSACTION;
    IF OBJECT_ID(N'[quarantine].[ACM_HealthTimeline]', N'U') IS NULL
        SELECT *, CAST(0 AS BIGINT) AS acm_copy, CAST(N'' AS NVARCHAR(40)) AS acm_reason, SYSUTCDATETIME() AS acm_at
        INTO [quarantine].[ACM_HealthTimeline]
        FROM (SELECT * FROM [dbo].[ACM_HealthTimeline] UNION ALL SELECT * FROM [dbo].[ACM_HealthTimeline]) AS t
        WHERE 1 = 0;
    DELETE t
    OUTPUT deleted.*, CAST(0 AS BIGINT), N'no machine, run or time', SYSUTCDATETIME() INTO [quarantine].[ACM_HealthTimeline]
    FROM [dbo].[ACM_HealthTimeline] AS t
    WHERE t.[EquipID] IS NULL OR t.[Timestamp] IS NULL OR t.[Timestamp] = '1900-01-01';
    DELETE t
    OUTPUT deleted.*, CAST(0 AS BIGINT), N'replaced by a later run', SYSUTCDATETIME() INTO [quarantine].[ACM_HealthTimeline]
    FROM [dbo].[ACM_HealthTimeline] AS t
    WHERE EXISTS (SELECT 1 FROM [dbo].[ACM_HealthTimeline] AS n WHERE n.[EquipID] = t.[EquipID] AND n.[Timestamp] = t.[Timestamp] AND COALESCE((SELECT MAX(o.ranked) FROM #acm_runs AS o WHERE o.[RunID] = n.[RunID]), 0) > COALESCE((SELECT MAX(o.ranked) FROM #acm_runs AS o WHERE o.[RunID] = t.[RunID]), 0));
    WITH copied AS (
        SELECT *, ROW_NUMBER() OVER (PARTITION BY [EquipID], [Timestamp] ORDER BY [RunID]) AS acm_copy FROM [dbo].[ACM_HealthTimeline]
    )
    DELETE FROM copied
    OUTPUT deleted.*, N'copy within a run', SYSUTCDATETIME() INTO [quarantine].[ACM_HealthTimeline]
    WHERE acm_copy > 1;
    IF NOT EXISTS (SELECT 1 FROM sys.indexes WHERE object_id = OBJECT_ID(N'[dbo].[ACM_HealthTimeline]') AND name = N'UQ_ACM_HealthTimeline_V8')
        CREATE UNIQUE INDEX [UQ_ACM_HealthTimeline_V8] ON [dbo].[ACM_HealthTimeline] ([EquipID], [Timestamp]);
    COMMIT TRANSACTION;
    SELECT N'ACM_HealthTimeline' AS [table], acm_reason AS [reason], COUNT_BIG(*) AS [rows]
    FROM [quarantine].[ACM_HealthTimeline]
    GROUP BY acm_reason;
END;
GO

-- ACM_RegimeTimeline: one row per EquipID, Timestamp
IF OBJECT_ID(N'[dbo].[ACM_RegimeTimeline]', N'U') IS NOT NULL AND CAST(SESSION_CONTEXT(N'acm_apply') AS INT) = 0
BEGIN
    WITH copied AS (
        SELECT *, ROW_NUMBER() OVER (PARTITION BY [EquipID], [Timestamp] ORDER BY [RunID]) AS acm_copy FROM [dbo].[ACM_RegimeTimeline]
    )
    SELECT N'ACM_RegimeTimeline' AS [table], COUNT_BIG(*) AS [rows],
        COALESCE(SUM(CASE WHEN acm_copy > 1 THEN 1 ELSE 0 END), 0) AS [doubled],
        COALESCE(SUM(CASE WHEN t.[EquipID] IS NULL OR t.[Timestamp] IS NULL OR t.[Timestamp] = '1900-01-01' THEN 1 ELSE 0 END), 0) AS [without key]
    FROM copied AS t;
END;
IF OBJECT_ID(N'[dbo].[ACM_RegimeTimeline]', N'U') IS NOT NULL AND CAST(SESSION_CONTEXT(N'acm_apply') AS INT) = 1
BEGIN
    BEGIN TRANSACTION;
    IF OBJECT_ID(N'[quarantine].[ACM_RegimeTimeline]', N'U') IS NULL
        SELECT *, CAST(0 AS BIGINT) AS acm_copy, CAST(N'' AS NVARCHAR(40)) AS acm_reason, SYSUTCDATETIME() AS acm_at
        INTO [quarantine].[ACM_RegimeTimeline]
        FROM (SELECT * FROM [dbo].[ACM_RegimeTimeline] UNION ALL SELECT * FROM [dbo].[ACM_RegimeTimeline]) AS t
        WHERE 1 = 0;
    DELETE t
    OUTPUT deleted.*, CAST(0 AS BIGINT), N'no machine, run or time', SYSUTCDATETIME() INTO [quarantine].[ACM_RegimeTimeline]
    FROM [dbo].[ACM_RegimeTimeline] AS t
    WHERE t.[EquipID] IS NULL OR t.[Timestamp] IS NULL OR t.[Timestamp] = '1900-01-01';
    DELETE t
    OUTPUT deleted.*, CAST(0 AS BIGINT), N'replaced by a later run', SYSUTCDATETIME() INTO [quarantine].[ACM_RegimeTimeline]
    FROM [dbo].[ACM_RegimeTimeline] AS t
    WHERE EXISTS (SELECT 1 FROM [dbo].[ACM_RegimeTimeline] AS n WHERE n.[EquipID] = t.[EquipID] AND n.[Timestamp] = t.[Timestamp] AND COALESCE((SELECT MAX(o.ranked) FROM #acm_runs AS o WHERE o.[RunID] = n.[RunID]), 0) > COALESCE((SELECT MAX(o.ranked) FROM #acm_runs AS o WHERE o.[RunID] = t.[RunID]), 0));
    WITH copied AS (
        SELECT *, ROW_NUMBER() OVER (PARTITION BY [EquipID], [Timestamp] ORDER BY [RunID]) AS acm_copy FROM [dbo].[ACM_RegimeTimeline]
    )
    DELETE FROM copied
    OUTPUT deleted.*, N'copy within a run', SYSUTCDATETIME() INTO [quarantine].[ACM_RegimeTimeline]
    WHERE acm_copy > 1;
    IF NOT EXISTS (SELECT 1 FROM sys.indexes WHERE object_id = OBJECT_ID(N'[dbo].[ACM_RegimeTimeline]') AND name = N'UQ_ACM_RegimeTimeline_V8')
        CREATE UNIQUE INDEX [UQ_ACM_RegimeTimeline_V8] ON [dbo].[ACM_RegimeTimeline] ([EquipID], [Timestamp]);
    COMMIT TRANSACTION;
    SELECT N'ACM_RegimeTimeline' AS [table], acm_reason AS [reason], COUNT_BIG(*) AS [rows]
    FROM [quarantine].[ACM_RegimeTimeline]
    GROUP BY acm_reason;
END;
GO

-- ACM_DriftSeries: one row per EquipID, Timestamp
IF OBJECT_ID(N'[dbo].[ACM_DriftSeries]', N'U') IS NOT NULL AND CAST(SESSION_CONTEXT(N'acm_apply') AS INT) = 0
BEGIN
    WITH copied AS (
        SELECT *, ROW_NUMBER() OVER (PARTITION BY [EquipID], [Timestamp] ORDER BY [RunID]) AS acm_copy FROM [dbo].[ACM_DriftSeries]
    )
    SELECT N'ACM_DriftSeries' AS [table], COUNT_BIG(*) AS [rows],
        COALESCE(SUM(CASE WHEN acm_copy > 1 THEN 1 ELSE 0 END), 0) AS [doubled],
        COALESCE(SUM(CASE WHEN t.[EquipID] IS NULL OR t.[Timestamp] IS NULL OR t.[Timestamp] = '1900-01-01' THEN 1 ELSE 0 END), 0) AS [without key]
    FROM copied AS t;
END;
IF OBJECT_ID(N'[dbo].[ACM_DriftSeries]', N'U') IS NOT NULL AND CAST(SESSION_CONTEXT(N'acm_apply') AS INT) = 1
BEGIN
    BEGIN TRANSACTION;
    IF OBJECT_ID(N'[quarantine].[ACM_DriftSeries]', N'U') IS NULL
        SELECT *, CAST(0 AS BIGINT) AS acm_copy, CAST(N'' AS NVARCHAR(40)) AS acm_reason, SYSUTCDATETIME() AS acm_at
        INTO [quarantine].[ACM_DriftSeries]
        FROM (SELECT * FROM [dbo].[ACM_DriftSeries] UNION ALL SELECT * FROM [dbo].[ACM_DriftSeries]) AS t
        WHERE 1 = 0;
    DELETE t
    OUTPUT deleted.*, CAST(0 AS BIGINT), N'no machine, run or time', SYSUTCDATETIME() INTO [quarantine].[ACM_DriftSeries]
    FROM [dbo].[ACM_DriftSeries] AS t
    WHERE t.[EquipID] IS NULL OR t.[Timestamp] IS NULL OR t.[Timestamp] = '1900-01-01';
    DELETE t
    OUTPUT deleted.*, CAST(0 AS BIGINT), N'replaced by a later run', SYSUTCDATETIME() INTO [quarantine].[ACM_DriftSeries]
    FROM [dbo].[ACM_DriftSeries] AS t
    WHERE EXISTS (SELECT 1 FROM [dbo].[ACM_DriftSeries] AS n WHERE n.[EquipID] = t.[EquipID] AND n.[Timestamp] = t.[Timestamp] AND COALESCE((SELECT MAX(o.ranked) FROM #acm_runs AS o WHERE o.[RunID] = n.[RunID]), 0) > COALESCE((SELECT MAX(o.ranked) FROM #acm_runs AS o WHERE o.[RunID] = t.[RunID]), 0));
    WITH copied AS (
        SELECT *, ROW_NUMBER() OVER (PARTITION BY [EquipID], [Timestamp] ORDER BY [RunID]) AS acm_copy FROM [dbo].[ACM_DriftSeries]
    )
    DELETE FROM copied
    OUTPUT deleted.*, N'copy within a run', SYSUTCDATETIME() INTO [quarantine].[ACM_DriftSeries]
    WHERE acm_copy > 1;
    IF NOT EXISTS (SELECT 1 FROM sys.indexes WHERE object_id = OBJECT_ID(N'[dbo].[ACM_DriftSeries]') AND name = N'UQ_ACM_DriftSeries_V8')
        CREATE UNIQUE INDEX [UQ_ACM_DriftSeries_V8] ON [dbo].[ACM_DriftSeries] ([EquipID], [Timestamp]);
    COMMIT TRANSACTION;
    SELECT N'ACM_DriftSeries' AS [table], acm_reason AS [reason], COUNT_BIG(*) AS [rows]
    FROM [quarantine].[ACM_DriftSeries]
    GROUP BY acm_reason;
END;
GO

-- ACM_DefectTimeline: one row per EquipID, Timestamp
IF OBJECT_ID(N'[dbo].[ACM_DefectTimeline]', N'U') IS NOT NULL AND CAST(SESSION_CONTEXT(N'acm_apply') AS INT) = 0
BEGIN
    WITH copied AS (
        SELECT *, ROW_NUMBER() OVER (PARTITION BY [EquipID], [Timestamp] ORDER BY [RunID]) AS acm_copy FROM [dbo].[ACM_DefectTimeline]
    )
    SELECT N'ACM_DefectTimeline' AS [table], COUNT_BIG(*) AS [rows],
        COALESCE(SUM(CASE WHEN acm_copy > 1 THEN 1 ELSE 0 END), 0) AS [doubled],
        COALESCE(SUM(CASE WHEN t.[EquipID] IS NULL OR t.[Timestamp] IS NULL OR t.[Timestamp] = '1900-01-01' THEN 1 ELSE 0 END), 0) AS [without key]
    FROM copied AS t;
END;
IF OBJECT_ID(N'[dbo].[ACM_DefectTimeline]', N'U') IS NOT NULL AND CAST(SESSION_CONTEXT(N'acm_apply') AS INT) = 1
BEGIN
    BEGIN TRANSACTION;
    IF OBJECT_ID(N'[quarantine].[ACM_DefectTimeline]', N'U') IS NULL
        SELECT *, CAST(0 AS BIGINT) AS acm_copy, CAST(N'' AS NVARCHAR(40)) AS acm_reason, SYSUTCDATETIME() AS acm_at
        INTO [quarantine].[ACM_DefectTimeline]
        FROM (SELECT * FROM [dbo].[ACM_DefectTimeline] UNION ALL SELECT * FROM [dbo].[ACM_DefectTimeline]) AS t
        WHERE 1 = 0;
    DELETE t
    OUTPUT deleted.*, CAST(0 AS BIGINT), N'no machine, run or time', SYSUTCDATETIME() INTO [quarantine].[ACM_DefectTimeline]
    FROM [dbo].[ACM_DefectTimeline] AS t
    WHERE t.[EquipID] IS NULL OR t.[Timestamp] IS NULL OR t.[Timestamp] = '1900-01-01';
    DELETE t
    OUTPUT deleted.*, CAST(0 AS BIGINT), N'replaced by a later run', SYSUTCDATETIME() INTO [quarantine].[ACM_DefectTimeline]
    FROM [dbo].[ACM_DefectTimeline] AS t
    WHERE EXISTS (SELECT 1 FROM [dbo].[ACM_DefectTimeline] AS n WHERE n.[EquipID] = t.[EquipID] AND n.[Timestamp] = t.[Timestamp] AND COALESCE((SELECT MAX(o.ranked) FROM #acm_runs AS o WHERE o.[RunID] = n.[RunID]), 0) > COALESCE((SELECT MAX(o.ranked) FROM #acm_runs AS o WHERE o.[RunID] = t.[RunID]), 0));
    WITH copied AS (
        SELECT *, ROW_NUMBER() OVER (PARTITION BY [EquipID], [Timestamp] ORDER BY [RunID]) AS acm_copy FROM [dbo].[ACM_DefectTimeline]
    )
    DELETE FROM copied
    OUTPUT deleted.*, N'copy within a run', SYSUTCDATETIME() INTO [quarantine].[ACM_DefectTimeline]
    WHERE acm_copy > 1;
    IF NOT EXISTS (SELECT 1 FROM sys.indexes WHERE object_id = OBJECT_ID(N'[dbo].[ACM_DefectTimeline]') AND name = N'UQ_ACM_DefectTimeline_V8')
        CREATE UNIQUE INDEX [UQ_ACM_DefectTimeline_V8] ON [dbo].[ACM_DefectTimeline] ([EquipID], [Timestamp]);
    COMMIT TRANSACTION;
    SELECT N'ACM_DefectTimeline' AS [table], acm_reason AS [reason], COUNT_BIG(*) AS [rows]
    FROM [quarantine].[ACM_DefectTimeline]
    GROUP BY acm_reason;
END;
GO

-- ACM_ContributionTimeline: one row per EquipID, Timestamp, DetectorType
IF OBJECT_ID(N'[dbo].[ACM_ContributionTimeline]', N'U') IS NOT NULL AND CAST(SESSION_CONTEXT(N'acm_apply') AS INT) = 0
BEGIN
    WITH copied AS (
        SELECT *, ROW_NUMBER() OVER (PARTITION BY [EquipID], [Timestamp], [DetectorType] ORDER BY [RunID]) AS acm_copy FROM [dbo].[ACM_ContributionTimeline]
    )
    SELECT N'ACM_ContributionTimeline' AS [table], COUNT_BIG(*) AS [rows],
        COALESCE(SUM(CASE WHEN acm_copy > 1 THEN 1 ELSE 0 END), 0) AS [doubled],
        COALESCE(SUM(CASE WHEN t.[EquipID] IS NULL OR t.[Timestamp] IS NULL OR t.[DetectorType] IS NULL OR t.[Timestamp] = '1900-01-01' THEN 1 ELSE 0 END), 0) AS [without key]
    FROM copied AS t;
END;
IF OBJECT_ID(N'[dbo].[ACM_ContributionTimeline]', N'U') IS NOT NULL AND CAST(SESSION_CONTEXT(N'acm_apply') AS INT) = 1
BEGIN
    BEGIN TRANSACTION;
    IF OBJECT_ID(N'[quarantine].[ACM_ContributionTimeline]', N'U') IS NULL
        SELECT *, CAST(0 AS BIGINT) AS acm_copy, CAST(N'' AS NVARCHAR(40)) AS acm_reason, SYSUTCDATETIME() AS acm_at
        INTO [quarantine].[ACM_ContributionTimeline]
        FROM (SELECT * FROM [dbo].[ACM_ContributionTimeline] UNION ALL SELECT * FROM [dbo].[ACM_ContributionTimeline]) AS t
        WHERE 1 = 0;
    DELETE t
    OUTPUT deleted.*, CAST(0 AS BIGINT), N'no machine, run or time', SYSUTCDATETIME() INTO [quarantine].[ACM_ContributionTimeline]
    FROM [dbo].[ACM_ContributionTimeline] AS t
    WHERE t.[EquipID] IS NULL OR t.[Timestamp] IS NULL OR t.[DetectorType] IS NULL OR t.[Timestamp] = '1900-01-01';
    DELETE t
    OUTPUT deleted.*, CAST(0 AS BIGINT), N'replaced by a later run', SYSUTCDATETIME() INTO [quarantine].[ACM_ContributionTimeline]
    FROM [dbo].[ACM_ContributionTimeline] AS t
    WHERE EXISTS (SELECT 1 FROM [dbo].[ACM_ContributionTimeline] AS n WHERE n.[EquipID] = t.[EquipID] AND n.[Timestamp] = t.[Timestamp] AND n.[DetectorType] = t.[DetectorType] AND COALESCE((SELECT MAX(o.ranked) FROM #acm_runs AS o WHERE o.[RunID] = n.[RunID]), 0) > COALESCE((SELECT MAX(o.ranked) FROM #acm_runs AS o WHERE o.[RunID] = t.[RunID]), 0));
    WITH copied AS (
        SELECT *, ROW_NUMBER() OVER (PARTITION BY [EquipID], [Timestamp], [DetectorType] ORDER BY [RunID]) AS acm_copy FROM [dbo].[ACM_ContributionTimeline]
    )
    DELETE FROM copied
    OUTPUT deleted.*, N'copy within a run', SYSUTCDATETIME() INTO [quarantine].[ACM_ContributionTimeline]
    WHERE acm_copy > 1;
    IF NOT EXISTS (SELECT 1 FROM sys.indexes WHERE object_id = OBJECT_ID(N'[dbo].[ACM_ContributionTimeline]') AND name = N'UQ_ACM_ContributionTimeline_V8')
        CREATE UNIQUE INDEX [UQ_ACM_ContributionTimeline_V8] ON [dbo].[ACM_ContributionTimeline] ([EquipID], [Timestamp], [DetectorType]);
    COMMIT TRANSACTION;
    SELECT N'ACM_ContributionTimeline' AS [table], acm_reason AS [reason], COUNT_BIG(*) AS [rows]
    FROM [quarantine].[ACM_ContributionTimeline]
    GROUP BY acm_reason;
END;
GO

-- ACM_ThresholdCrossings: one row per EquipID, Timestamp, DetectorType
IF OBJECT_ID(N'[dbo].[ACM_ThresholdCrossings]', N'U') IS NOT NULL AND CAST(SESSION_CONTEXT(N'acm_apply') AS INT) = 0
BEGIN
    WITH copied AS (
        SELECT *, ROW_NUMBER() OVER (PARTITION BY [EquipID], [Timestamp], [DetectorType] ORDER BY [RunID]) AS acm_copy FROM [dbo].[ACM_ThresholdCrossings]
    )
    SELECT N'ACM_ThresholdCrossings' AS [table], COUNT_BIG(*) AS [rows],
        COALESCE(SUM(CASE WHEN acm_copy > 1 THEN 1 ELSE 0 END), 0) AS [doubled],
        COALESCE(SUM(CASE WHEN t.[EquipID] IS NULL OR t.[Timestamp] IS NULL OR t.[DetectorType] IS NULL OR t.[Timestamp] = '1900-01-01' THEN 1 ELSE 0 END), 0) AS [without key]
    FROM copied AS t;
END;
IF OBJECT_ID(N'[dbo].[ACM_ThresholdCrossings]', N'U') IS NOT NULL AND CAST(SESSION_CONTEXT(N'acm_apply') AS INT) = 1
BEGIN
    BEGIN TRANSACTION;
    IF OBJECT_ID(N'[quarantine].[ACM_ThresholdCrossings]', N'U') IS NULL
        SELECT *, CAST(0 AS BIGINT) AS acm_copy, CAST(N'' AS NVARCHAR(40)) AS acm_reason, SYSUTCDATETIME() AS acm_at
        INTO [quarantine].[ACM_ThresholdCrossings]
        FROM (SELECT * FROM [dbo].[ACM_ThresholdCrossings] UNION ALL SELECT * FROM [dbo].[ACM_ThresholdCrossings]) AS t
        WHERE 1 = 0;
    DELETE t
    OUTPUT deleted.*, CAST(0 AS BIGINT), N'no machine, run or time', SYSUTCDATETIME() INTO [quarantine].[ACM_ThresholdCrossings]
    FROM [dbo].[ACM_ThresholdCrossings] AS t
    WHERE t.[EquipID] IS NULL OR t.[Timestamp] IS NULL OR t.[DetectorType] IS NULL OR t.[Timestamp] = '1900-01-01';
    DELETE t
    OUTPUT deleted.*, CAST(0 AS BIGINT), N'replaced by a later run', SYSUTCDATETIME() INTO [quarantine].[ACM_ThresholdCrossings]
    FROM [dbo].[ACM_ThresholdCrossings] AS t
    WHERE EXISTS (SELECT 1 FROM [dbo].[ACM_ThresholdCrossings] AS n WHERE n.[EquipID] = t.[EquipID] AND n.[Timestamp] = t.[Timestamp] AND n.[DetectorType] = t.[DetectorType] AND COALESCE((SELECT MAX(o.ranked) FROM #acm_runs AS o WHERE o.[RunID] = n.[RunID]), 0) > COALESCE((SELECT MAX(o.ranked) FROM #acm_runs AS o WHERE o.[RunID] = t.[RunID]), 0));
    WITH copied AS (
        SELECT *, ROW_NUMBER() OVER (PARTITION BY [EquipID], [Timestamp], [DetectorType] ORDER BY [RunID]) AS acm_copy FROM [dbo].[ACM_ThresholdCrossings]
    )
    DELETE FROM copied
    OUTPUT deleted.*, N'copy within a run', SYSUTCDATETIME() INTO [quarantine].[ACM_ThresholdCrossings]
    WHERE acm_copy > 1;
    IF NOT EXISTS (SELECT 1 FROM sys.indexes WHERE object_id = OBJECT_ID(N'[dbo].[ACM_ThresholdCrossings]') AND name = N'UQ_ACM_ThresholdCrossings_V8')
        CREATE UNIQUE INDEX [UQ_ACM_ThresholdCrossings_V8] ON [dbo].[ACM_ThresholdCrossings] ([EquipID], [Timestamp], [DetectorType]);
    COMMIT TRANSACTION;
    SELECT N'ACM_ThresholdCrossings' AS [table], acm_reason AS [reason], COUNT_BIG(*) AS [rows]
    FROM [quarantine].[ACM_ThresholdCrossings]
    GROUP BY acm_reason;
END;
GO

-- ACM_SensorHotspotTimeline: one row per EquipID, Timestamp, SensorName
IF OBJECT_ID(N'[dbo].[ACM_SensorHotspotTimeline]', N'U') IS NOT NULL AND CAST(SESSION_CONTEXT(N'acm_apply') AS INT) = 0
BEGIN
    WITH copied AS (
        SELECT *, ROW_NUMBER() OVER (PARTITION BY [EquipID], [Timestamp], [SensorName] ORDER BY [RunID]) AS acm_copy FROM [dbo].[ACM_SensorHotspotTimeline]
    )
    SELECT N'ACM_SensorHotspotTimeline' AS [table], COUNT_BIG(*) AS [rows],
        COALESCE(SUM(CASE WHEN acm_copy > 1 THEN 1 ELSE 0 END), 0) AS [doubled],
        COALESCE(SUM(CASE WHEN t.[EquipID] IS NULL OR t.[Timestamp] IS NULL OR t.[SensorName] IS NULL OR t.[Timestamp] = '1900-01-01' THEN 1 ELSE 0 END), 0) AS [without key]
    FROM copied AS t;
END;
IF OBJECT_ID(N'[dbo].[ACM_SensorHotspotTimeline]', N'U') IS NOT NULL AND CAST(SESSION_CONTEXT(N'acm_apply') AS INT) = 1
BEGIN
    BEGIN TRANSACTION;
    IF OBJECT_ID(N'[quarantine].[ACM_SensorHotspotTimeline]', N'U') IS NULL
        SELECT *, CAST(0 AS BIGINT) AS acm_copy, CAST(N'' AS NVARCHAR(40)) AS acm_reason, SYSUTCDATETIME() AS acm_at
        INTO [quarantine].[ACM_SensorHotspotTimeline]
        FROM (SELECT * FROM [dbo].[ACM_SensorHotspotTimeline] UNION ALL SELECT * FROM [dbo].[ACM_SensorHotspotTimeline]) AS t
        WHERE 1 = 0;
    DELETE t
    OUTPUT deleted.*, CAST(0 AS BIGINT), N'no machine, run or time', SYSUTCDATETIME() INTO [quarantine].[ACM_SensorHotspotTimeline]
    FROM [dbo].[ACM_SensorHotspotTimeline] AS t
    WHERE t.[EquipID] IS NULL OR t.[Timestamp] IS NULL OR t.[SensorName] IS NULL OR t.[Timestamp] = '1900-01-01';
    DELETE t
    OUTPUT deleted.*, CAST(0 AS BIGINT), N'replaced by a later run', SYSUTCDATETIME() INTO [quarantine].[ACM_SensorHotspotTimeline]
    FROM [dbo].[ACM_SensorHotspotTimeline] AS t
    WHERE EXISTS (SELECT 1 FROM [dbo].[ACM_SensorHotspotTimeline] AS n WHERE n.[EquipID] = t.[EquipID] AND n.[Timestamp] = t.[Timestamp] AND n.[SensorName] = t.[SensorName] AND COALESCE((SELECT MAX(o.ranked) FROM #acm_runs AS o WHERE o.[RunID] = n.[RunID]), 0) > COALESCE((SELECT MAX(o.ranked) FROM #acm_runs AS o WHERE o.[RunID] = t.[RunID]), 0));
    WITH copied AS (
        SELECT *, ROW_NUMBER() OVER (PARTITION BY [EquipID], [Timestamp], [SensorName] ORDER BY [RunID]) AS acm_copy FROM [dbo].[ACM_SensorHotspotTimeline]
    )
    DELETE FROM copied
    OUTPUT deleted.*, N'copy within a run', SYSUTCDATETIME() INTO [quarantine].[ACM_SensorHotspotTimeline]
    WHERE acm_copy > 1;
    IF NOT EXISTS (SELECT 1 FROM sys.indexes WHERE object_id = OBJECT_ID(N'[dbo].[ACM_SensorHotspotTimeline]') AND name = N'UQ_ACM_SensorHotspotTimeline_V8')
        CREATE UNIQUE INDEX [UQ_ACM_SensorHotspotTimeline_V8] ON [dbo].[ACM_SensorHotspotTimeline] ([EquipID], [Timestamp], [SensorName]);
    COMMIT TRANSACTION;
    SELECT N'ACM_SensorHotspotTimeline' AS [table], acm_reason AS [reason], COUNT_BIG(*) AS [rows]
    FROM [quarantine].[ACM_SensorHotspotTimeline]
    GROUP BY acm_reason;
END;
GO

-- ACM_CulpritHistory: one row per EquipID, StartTimestamp
IF OBJECT_ID(N'[dbo].[ACM_CulpritHistory]', N'U') IS NOT NULL AND CAST(SESSION_CONTEXT(N'acm_apply') AS INT) = 0
BEGIN
    WITH copied AS (
        SELECT *, ROW_NUMBER() OVER (PARTITION BY [EquipID], [StartTimestamp] ORDER BY [RunID]) AS acm_copy FROM [dbo].[ACM_CulpritHistory]
    )
    SELECT N'ACM_CulpritHistory' AS [table], COUNT_BIG(*) AS [rows],
        COALESCE(SUM(CASE WHEN acm_copy > 1 THEN 1 ELSE 0 END), 0) AS [doubled],
        COALESCE(SUM(CASE WHEN t.[EquipID] IS NULL OR t.[StartTimestamp] IS NULL OR t.[StartTimestamp] = '1900-01-01' THEN 1 ELSE 0 END), 0) AS [without key]
    FROM copied AS t;
END;
IF OBJECT_ID(N'[dbo].[ACM_CulpritHistory]', N'U') IS NOT NULL AND CAST(SESSION_CONTEXT(N'acm_apply') AS INT) = 1
BEGIN
    BEGIN TRANSACTION;
    IF OBJECT_ID(N'[quarantine].[ACM_CulpritHistory]', N'U') IS NULL
        SELECT *, CAST(0 AS BIGINT) AS acm_copy, CAST(N'' AS NVARCHAR(40)) AS acm_reason, SYSUTCDATETIME() AS acm_at
        INTO [quarantine].[ACM_CulpritHistory]
        FROM (SELECT * FROM [dbo].[ACM_CulpritHistory] UNION ALL SELECT * FROM [dbo].[ACM_CulpritHistory]) AS t
        WHERE 1 = 0;
    DELETE t
    OUTPUT deleted.*, CAST(0 AS BIGINT), N'no machine, run or time', SYSUTCDATETIME() INTO [quarantine].[ACM_CulpritHistory]
    FROM [dbo].[ACM_CulpritHistory] AS t
    WHERE t.[EquipID] IS NULL OR t.[StartTimestamp] IS NULL OR t.[StartTimestamp] = '1900-01-01';
    DELETE t
    OUTPUT deleted.*, CAST(0 AS BIGINT), N'replaced by a later run', SYSUTCDATETIME() INTO [quarantine].[ACM_CulpritHistory]
    FROM [dbo].[ACM_CulpritHistory] AS t
    WHERE EXISTS (SELECT 1 FROM [dbo].[ACM_CulpritHistory] AS n WHERE n.[EquipID] = t.[EquipID] AND n.[StartTimestamp] = t.[StartTimestamp] AND COALESCE((SELECT MAX(o.ranked) FROM #acm_runs AS o WHERE o.[RunID] = n.[RunID]), 0) > COALESCE((SELECT MAX(o.ranked) FROM #acm_runs AS o WHERE o.[RunID] = t.[RunID]), 0));
    WITH copied AS (
        SELECT *, ROW_NUMBER() OVER (PARTITION BY [EquipID], [StartTimestamp] ORDER BY [RunID]) AS acm_copy FROM [dbo].[ACM_CulpritHistory]
    )
    DELETE FROM copied
    OUTPUT deleted.*, N'copy within a run', SYSUTCDATETIME() INTO [quarantine].[ACM_CulpritHistory]
    WHERE acm_copy > 1;
    IF NOT EXISTS (SELECT 1 FROM sys.indexes WHERE object_id = OBJECT_ID(N'[dbo].[ACM_CulpritHistory]') AND name = N'UQ_ACM_CulpritHistory_V8')
        CREATE UNIQUE INDEX [UQ_ACM_CulpritHistory_V8] ON [dbo].[ACM_CulpritHistory] ([EquipID], [StartTimestamp]);
    COMMIT TRANSACTION;
    SELECT N'ACM_CulpritHistory' AS [table], acm_reason AS [reason], COUNT_BIG(*) AS [rows]
    FROM [quarantine].[ACM_CulpritHistory]
    GROUP BY acm_reason;
END;
GO

-- ACM_DriftEvents: one row per RunID, EquipID
IF OBJECT_ID(N'[dbo].[ACM_DriftEvents]', N'U') IS NOT NULL AND CAST(SESSION_CONTEXT(N'acm_apply') AS INT) = 0
BEGIN
    WITH copied AS (
        SELECT *, ROW_NUMBER() OVER (PARTITION BY [RunID], [EquipID] ORDER BY [RunID]) AS acm_copy FROM [dbo].[ACM_DriftEvents]
    )
    SELECT N'ACM_DriftEvents' AS [table], COUNT_BIG(*) AS [rows],
        COALESCE(SUM(CASE WHEN acm_copy > 1 THEN 1 ELSE 0 END), 0) AS [doubled],
        COALESCE(SUM(CASE WHEN t.[RunID] IS NULL OR t.[EquipID] IS NULL THEN 1 ELSE 0 END), 0) AS [without key]
    FROM copied AS t;
END;
IF OBJECT_ID(N'[dbo].[ACM_DriftEvents]', N'U') IS NOT NULL AND CAST(SESSION_CONTEXT(N'acm_apply') AS INT) = 1
BEGIN
    BEGIN TRANSACTION;
    IF OBJECT_ID(N'[quarantine].[ACM_DriftEvents]', N'U') IS NULL
        SELECT *, CAST(0 AS BIGINT) AS acm_copy, CAST(N'' AS NVARCHAR(40)) AS acm_reason, SYSUTCDATETIME() AS acm_at
        INTO [quarantine].[ACM_DriftEvents]
        FROM (SELECT * FROM [dbo].[ACM_DriftEvents] UNION ALL SELECT * FROM [dbo].[ACM_DriftEvents]) AS t
        WHERE 1 = 0;
    DELETE t
    OUTPUT deleted.*, CAST(0 AS BIGINT), N'no machine, run or time', SYSUTCDATETIME() INTO [quarantine].[ACM_DriftEvents]
    FROM [dbo].[ACM_DriftEvents] AS t
    WHERE t.[RunID] IS NULL OR t.[EquipID] IS NULL;
    DELETE t
    OUTPUT deleted.*, CAST(0 AS BIGINT), N'replaced by a later run', SYSUTCDATETIME() INTO [quarantine].[ACM_DriftEvents]
    FROM [dbo].[ACM_DriftEvents] AS t
    WHERE EXISTS (SELECT 1 FROM [dbo].[ACM_DriftEvents] AS n WHERE n.[RunID] = t.[RunID] AND n.[EquipID] = t.[EquipID] AND COALESCE((SELECT MAX(o.ranked) FROM #acm_runs AS o WHERE o.[RunID] = n.[RunID]), 0) > COALESCE((SELECT MAX(o.ranked) FROM #acm_runs AS o WHERE o.[RunID] = t.[RunID]), 0));
    WITH copied AS (
        SELECT *, ROW_NUMBER() OVER (PARTITION BY [RunID], [EquipID] ORDER BY [RunID]) AS acm_copy FROM [dbo].[ACM_DriftEvents]
    )
    DELETE FROM copied
    OUTPUT deleted.*, N'copy within a run', SYSUTCDATETIME() INTO [quarantine].[ACM_DriftEvents]
    WHERE acm_copy > 1;
    IF NOT EXISTS (SELECT 1 FROM sys.indexes WHERE object_id = OBJECT_ID(N'[dbo].[ACM_DriftEvents]') AND name = N'UQ_ACM_DriftEvents_V8')
        CREATE UNIQUE INDEX [UQ_ACM_DriftEvents_V8] ON [dbo].[ACM_DriftEvents] ([RunID], [EquipID]);
    COMMIT TRANSACTION;
    SELECT N'ACM_DriftEvents' AS [table], acm_reason AS [reason], COUNT_BIG(*) AS [rows]
    FROM [quarantine].[ACM_DriftEvents]
    GROUP BY acm_reason;
END;
GO

-- ACM_Episodes: one row per RunID, EquipID
IF OBJECT_ID(N'[dbo].[ACM_Episodes]', N'U') IS NOT NULL AND CAST(SESSION_CONTEXT(N'acm_apply') AS INT) = 0
BEGIN
    WITH copied AS (
        SELECT *, ROW_NUMBER() OVER (PARTITION BY [RunID], [EquipID] ORDER BY [RunID]) AS acm_copy FROM [dbo].[ACM_Episodes]
    )
    SELECT N'ACM_Episodes' AS [table], COUNT_BIG(*) AS [rows],
        COALESCE(SUM(CASE WHEN acm_copy > 1 THEN 1 ELSE 0 END), 0) AS [doubled],
        COALESCE(SUM(CASE WHEN t.[RunID] IS NULL OR t.[EquipID] IS NULL THEN 1 ELSE 0 END), 0) AS [without key]
    FROM copied AS t;
END;
IF OBJECT_ID(N'[dbo].[ACM_Episodes]', N'U') IS NOT NULL AND CAST(SESSION_CONTEXT(N'acm_apply') AS INT) = 1
BEGIN
    BEGIN TRANSACTION;
    IF OBJECT_ID(N'[quarantine].[ACM_Episodes]', N'U') IS NULL
        SELECT *, CAST(0 AS BIGINT) AS acm_copy, CAST(N'' AS NVARCHAR(40)) AS acm_reason, SYSUTCDATETIME() AS acm_at
        INTO [quarantine].[ACM_Episodes]
        FROM (SELECT * FROM [dbo].[ACM_Episodes] UNION ALL SELECT * FROM [dbo].[ACM_Episodes]) AS t
        WHERE 1 = 0;
    DELETE t
    OUTPUT deleted.*, CAST(0 AS BIGINT), N'no machine, run or time', SYSUTCDATETIME() INTO [quarantine].[ACM_Episodes]
    FROM [dbo].[ACM_Episodes] AS t
    WHERE t.[RunID] IS NULL OR t.[EquipID] IS NULL;
    DELETE t
    OUTPUT deleted.*, CAST(0 AS BIGINT), N'replaced by a later run', SYSUTCDATETIME() INTO [quarantine].[ACM_Episodes]
    FROM [dbo].[ACM_Episodes] AS t
    WHERE EXISTS (SELECT 1 FROM [dbo].[ACM_Episodes] AS n WHERE n.[RunID] = t.[RunID] AND n.[EquipID] = t.[EquipID] AND COALESCE((SELECT MAX(o.ranked) FROM #acm_runs AS o WHERE o.[RunID] = n.[RunID]), 0) > COALESCE((SELECT MAX(o.ranked) FROM #acm_runs AS o WHERE o.[RunID] = t.[RunID]), 0));
    WITH copied AS (
        SELECT *, ROW_NUMBER() OVER (PARTITION BY [RunID], [EquipID] ORDER BY [RunID]) AS acm_copy FROM [dbo].[ACM_Episodes]
    )
    DELETE FROM copied
    OUTPUT deleted.*, N'copy within a run', SYSUTCDATETIME() INTO [quarantine].[ACM_Episodes]
    WHERE acm_copy > 1;
    IF NOT EXISTS (SELECT 1 FROM sys.indexes WHERE object_id = OBJECT_ID(N'[dbo].[ACM_Episodes]') AND name = N'UQ_ACM_Episodes_V8')
        CREATE UNIQUE INDEX [UQ_ACM_Episodes_V8] ON [dbo].[ACM_Episodes] ([RunID], [EquipID]);
    COMMIT TRANSACTION;
    SELECT N'ACM_Episodes' AS [table], acm_reason AS [reason], COUNT_BIG(*) AS [rows]
    FROM [quarantine].[ACM_Episodes]
    GROUP BY acm_reason;
END;
GO

-- ACM_EpisodeMetrics: one row per RunID, EquipID
IF OBJECT_ID(N'[dbo].[ACM_EpisodeMetrics]', N'U') IS NOT NULL AND CAST(SESSION_CONTEXT(N'acm_apply') AS INT) = 0
BEGIN
    WITH copied AS (
        SELECT *, ROW_NUMBER() OVER (PARTITION BY [RunID], [EquipID] ORDER BY [RunID]) AS acm_copy FROM [dbo].[ACM_EpisodeMetrics]
    )
    SELECT N'ACM_EpisodeMetrics' AS [table], COUNT_BIG(*) AS [rows],
        COALESCE(SUM(CASE WHEN acm_copy > 1 THEN 1 ELSE 0 END), 0) AS [doubled],
        COALESCE(SUM(CASE WHEN t.[RunID] IS NULL OR t.[EquipID] IS NULL THEN 1 ELSE 0 END), 0) AS [without key]
    FROM copied AS t;
END;
IF OBJECT_ID(N'[dbo].[ACM_EpisodeMetrics]', N'U') IS NOT NULL AND CAST(SESSION_CONTEXT(N'acm_apply') AS INT) = 1
BEGIN
    BEGIN TRANSACTION;
    IF OBJECT_ID(N'[quarantine].[ACM_EpisodeMetrics]', N'U') IS NULL
        SELECT *, CAST(0 AS BIGINT) AS acm_copy, CAST(N'' AS NVARCHAR(40)) AS acm_reason, SYSUTCDATETIME() AS acm_at
        INTO [quarantine].[ACM_EpisodeMetrics]
        FROM (SELECT * FROM [dbo].[ACM_EpisodeMetrics] UNION ALL SELECT * FROM [dbo].[ACM_EpisodeMetrics]) AS t
        WHERE 1 = 0;
    DELETE t
    OUTPUT deleted.*, CAST(0 AS BIGINT), N'no machine, run or time', SYSUTCDATETIME() INTO [quarantine].[ACM_EpisodeMetrics]
    FROM [dbo].[ACM_EpisodeMetrics] AS t
    WHERE t.[RunID] IS NULL OR t.[EquipID] IS NULL;
    DELETE t
    OUTPUT deleted.*, CAST(0 AS BIGINT), N'replaced by a later run', SYSUTCDATETIME() INTO [quarantine].[ACM_EpisodeMetrics]
    FROM [dbo].[ACM_EpisodeMetrics] AS t
    WHERE EXISTS (SELECT 1 FROM [dbo].[ACM_EpisodeMetrics] AS n WHERE n.[RunID] = t.[RunID] AND n.[EquipID] = t.[EquipID] AND COALESCE((SELECT MAX(o.ranked) FROM #acm_runs AS o WHERE o.[RunID] = n.[RunID]), 0) > COALESCE((SELECT MAX(o.ranked) FROM #acm_runs AS o WHERE o.[RunID] = t.[RunID]), 0));
    WITH copied AS (
        SELECT *, ROW_NUMBER() OVER (PARTITION BY [RunID], [EquipID] ORDER BY [RunID]) AS acm_copy FROM [dbo].[ACM_EpisodeMetrics]
    )
    DELETE FROM copied
    OUTPUT deleted.*, N'copy within a run', SYSUTCDATETIME() INTO [quarantine].[ACM_EpisodeMetrics]
    WHERE acm_copy > 1;
    IF NOT EXISTS (SELECT 1 FROM sys.indexes WHERE object_id = OBJECT_ID(N'[dbo].[ACM_EpisodeMetrics]') AND name = N'UQ_ACM_EpisodeMetrics_V8')
        CREATE UNIQUE INDEX [UQ_ACM_EpisodeMetrics_V8] ON [dbo].[ACM_EpisodeMetrics] ([RunID], [EquipID]);
    COMMIT TRANSACTION;
    SELECT N'ACM_EpisodeMetrics' AS [table], acm_reason AS [reason], COUNT_BIG(*) AS [rows]
    FROM [quarantine].[ACM_EpisodeMetrics]
    GROUP BY acm_reason;
END;
GO

-- ACM_DefectSummary: one row per RunID, EquipID
IF OBJECT_ID(N'[dbo].[ACM_DefectSummary]', N'U') IS NOT NULL AND CAST(SESSION_CONTEXT(N'acm_apply') AS INT) = 0
BEGIN
    WITH copied AS (
        SELECT *, ROW_NUMBER() OVER (PARTITION BY [RunID], [EquipID] ORDER BY [RunID]) AS acm_copy FROM [dbo].[ACM_DefectSummary]
    )
    SELECT N'ACM_DefectSummary' AS [table], COUNT_BIG(*) AS [rows],
        COALESCE(SUM(CASE WHEN acm_copy > 1 THEN 1 ELSE 0 END), 0) AS [doubled],
        COALESCE(SUM(CASE WHEN t.[RunID] IS NULL OR t.[EquipID] IS NULL THEN 1 ELSE 0 END), 0) AS [without key]
    FROM copied AS t;
END;
IF OBJECT_ID(N'[dbo].[ACM_DefectSummary]', N'U') IS NOT NULL AND CAST(SESSION_CONTEXT(N'acm_apply') AS INT) = 1
BEGIN
    BEGIN TRANSACTION;
    IF OBJECT_ID(N'[quarantine].[ACM_DefectSummary]', N'U') IS NULL
        SELECT *, CAST(0 AS BIGINT) AS acm_copy, CAST(N'' AS NVARCHAR(40)) AS acm_reason, SYSUTCDATETIME() AS acm_at
        INTO [quarantine].[ACM_DefectSummary]
        FROM (SELECT * FROM [dbo].[ACM_DefectSummary] UNION ALL SELECT * FROM [dbo].[ACM_DefectSummary]) AS t
        WHERE 1 = 0;
    DELETE t
    OUTPUT deleted.*, CAST(0 AS BIGINT), N'no machine, run or time', SYSUTCDATETIME() INTO [quarantine].[ACM_DefectSummary]
    FROM [dbo].[ACM_DefectSummary] AS t
    WHERE t.[RunID] IS NULL OR t.[EquipID] IS NULL;
    DELETE t
    OUTPUT deleted.*, CAST(0 AS BIGINT), N'replaced by a later run', SYSUTCDATETIME() INTO [quarantine].[ACM_DefectSummary]
    FROM [dbo].[ACM_DefectSummary] AS t
    WHERE EXISTS (SELECT 1 FROM [dbo].[ACM_DefectSummary] AS n WHERE n.[RunID] = t.[RunID] AND n.[EquipID] = t.[EquipID] AND COALESCE((SELECT MAX(o.ranked) FROM #acm_runs AS o WHERE o.[RunID] = n.[RunID]), 0) > COALESCE((SELECT MAX(o.ranked) FROM #acm_runs AS o WHERE o.[RunID] = t.[RunID]), 0));
    WITH copied AS (
        SELECT *, ROW_NUMBER() OVER (PARTITION BY [RunID], [EquipID] ORDER BY [RunID]) AS acm_copy FROM [dbo].[ACM_DefectSummary]
    )
    DELETE FROM copied
    OUTPUT deleted.*, N'copy within a run', SYSUTCDATETIME() INTO [quarantine].[ACM_DefectSummary]
    WHERE acm_copy > 1;
    IF NOT EXISTS (SELECT 1 FROM sys.indexes WHERE object_id = OBJECT_ID(N'[dbo].[ACM_DefectSummary]') AND name = N'UQ_ACM_DefectSummary_V8')
        CREATE UNIQUE INDEX [UQ_ACM_DefectSummary_V8] ON [dbo].[ACM_DefectSummary] ([RunID], [EquipID]);
    COMMIT TRANSACTION;
    SELECT N'ACM_DefectSummary' AS [table], acm_reason AS [reason], COUNT_BIG(*) AS [rows]
    FROM [quarantine].[ACM_DefectSummary]
    GROUP BY acm_reason;
END;
GO

-- ACM_SinceWhen: one row per RunID, EquipID
IF OBJECT_ID(N'[dbo].[ACM_SinceWhen]', N'U') IS NOT NULL AND CAST(SESSION_CONTEXT(N'acm_apply') AS INT) = 0
BEGIN
    WITH copied AS (
        SELECT *, ROW_NUMBER() OVER (PARTITION BY [RunID], [EquipID] ORDER BY [RunID]) AS acm_copy FROM [dbo].[ACM_SinceWhen]
    )
    SELECT N'ACM_SinceWhen' AS [table], COUNT_BIG(*) AS [rows],
        COALESCE(SUM(CASE WHEN acm_copy > 1 THEN 1 ELSE 0 END), 0) AS [doubled],
        COALESCE(SUM(CASE WHEN t.[RunID] IS NULL OR t.[EquipID] IS NULL THEN 1 ELSE 0 END), 0) AS [without key]
    FROM copied AS t;
END;
IF OBJECT_ID(N'[dbo].[ACM_SinceWhen]', N'U') IS NOT NULL AND CAST(SESSION_CONTEXT(N'acm_apply') AS INT) = 1
BEGIN
    BEGIN TRANSACTION;
    IF OBJECT_ID(N'[quarantine].[ACM_SinceWhen]', N'U') IS NULL
        SELECT *, CAST(0 AS BIGINT) AS acm_copy, CAST(N'' AS NVARCHAR(40)) AS acm_reason, SYSUTCDATETIME() AS acm_at
        INTO [quarantine].[ACM_SinceWhen]
        FROM (SELECT * FROM [dbo].[ACM_SinceWhen] UNION ALL SELECT * FROM [dbo].[ACM_SinceWhen]) AS t
        WHERE 1 = 0;
    DELETE t
    OUTPUT deleted.*, CAST(0 AS BIGINT), N'no machine, run or time', SYSUTCDATETIME() INTO [quarantine].[ACM_SinceWhen]
    FROM [dbo].[ACM_SinceWhen] AS t
    WHERE t.[RunID] IS NULL OR t.[EquipID] IS NULL;
    DELETE t
    OUTPUT deleted.*, CAST(0 AS BIGINT), N'replaced by a later run', SYSUTCDATETIME() INTO [quarantine].[ACM_SinceWhen]
    FROM [dbo].[ACM_SinceWhen] AS t
    WHERE EXISTS (SELECT 1 FROM [dbo].[ACM_SinceWhen] AS n WHERE n.[RunID] = t.[RunID] AND n.[EquipID] = t.[EquipID] AND COALESCE((SELECT MAX(o.ranked) FROM #acm_runs AS o WHERE o.[RunID] = n.[RunID]), 0) > COALESCE((SELECT MAX(o.ranked) FROM #acm_runs AS o WHERE o.[RunID] = t.[RunID]), 0));
    WITH copied AS (
        SELECT *, ROW_NUMBER() OVER (PARTITION BY [RunID], [EquipID] ORDER BY [RunID]) AS acm_copy FROM [dbo].[ACM_SinceWhen]
    )
    DELETE FROM copied
    OUTPUT deleted.*, N'copy within a run', SYSUTCDATETIME() INTO [quarantine].[ACM_SinceWhen]
    WHERE acm_copy > 1;
    IF NOT EXISTS (SELECT 1 FROM sys.indexes WHERE object_id = OBJECT_ID(N'[dbo].[ACM_SinceWhen]') AND name = N'UQ_ACM_SinceWhen_V8')
        CREATE UNIQUE INDEX [UQ_ACM_SinceWhen_V8] ON [dbo].[ACM_SinceWhen] ([RunID], [EquipID]);
    COMMIT TRANSACTION;
    SELECT N'ACM_SinceWhen' AS [table], acm_reason AS [reason], COUNT_BIG(*) AS [rows]
    FROM [quarantine].[ACM_SinceWhen]
    GROUP BY acm_reason;
END;
GO

-- ACM_AlertAge: one row per RunID, EquipID, AlertZone
IF OBJECT_ID(N'[dbo].[ACM_AlertAge]', N'U') IS NOT NULL AND CAST(SESSION_CONTEXT(N'acm_apply') AS INT) = 0
BEGIN
    WITH copied AS (
        SELECT *, ROW_NUMBER() OVER (PARTITION BY [RunID], [EquipID], [AlertZone] ORDER BY [RunID]) AS acm_copy FROM [dbo].[ACM_AlertAge]
    )
    SELECT N'ACM_AlertAge' AS [table], COUNT_BIG(*) AS [rows],
        COALESCE(SUM(CASE WHEN acm_copy > 1 THEN 1 ELSE 0 END), 0) AS [doubled],
        COALESCE(SUM(CASE WHEN t.[RunID] IS NULL OR t.[EquipID] IS NULL OR t.[AlertZone] IS NULL THEN 1 ELSE 0 END), 0) AS [without key]
    FROM copied AS t;
END;
IF OBJECT_ID(N'[dbo].[ACM_AlertAge]', N'U') IS NOT NULL AND CAST(SESSION_CONTEXT(N'acm_apply') AS INT) = 1
BEGIN
    BEGIN TRANSACTION;
    IF OBJECT_ID(N'[quarantine].[ACM_AlertAge]', N'U') IS NULL
        SELECT *, CAST(0 AS BIGINT) AS acm_copy, CAST(N'' AS NVARCHAR(40)) AS acm_reason, SYSUTCDATETIME() AS acm_at
        INTO [quarantine].[ACM_AlertAge]
        FROM (SELECT * FROM [dbo].[ACM_AlertAge] UNION ALL SELECT * FROM [dbo].[ACM_AlertAge]) AS t
        WHERE 1 = 0;
    DELETE t
    OUTPUT deleted.*, CAST(0 AS BIGINT), N'no machine, run or time', SYSUTCDATETIME() INTO [quarantine].[ACM_AlertAge]
    FROM [dbo].[ACM_AlertAge] AS t
    WHERE t.[RunID] IS NULL OR t.[EquipID] IS NULL OR t.[AlertZone] IS NULL;
    DELETE t
    OUTPUT deleted.*, CAST(0 AS BIGINT), N'replaced by a later run', SYSUTCDATETIME() INTO [quarantine].[ACM_AlertAge]
    FROM [dbo].[ACM_AlertAge] AS t
    WHERE EXISTS (SELECT 1 FROM [dbo].[ACM_AlertAge] AS n WHERE n.[RunID] = t.[RunID] AND n.[EquipID] = t.[EquipID] AND n.[AlertZone] = t.[AlertZone] AND COALESCE((SELECT MAX(o.ranked) FROM #acm_runs AS o WHERE o.[RunID] = n.[RunID]), 0) > COALESCE((SELECT MAX(o.ranked) FROM #acm_runs AS o WHERE o.[RunID] = t.[RunID]), 0));
    WITH copied AS (
        SELECT *, ROW_NUMBER() OVER (PARTITION BY [RunID], [EquipID], [AlertZone] ORDER BY [RunID]) AS acm_copy FROM [dbo].[ACM_AlertAge]
    )
    DELETE FROM copied
    OUTPUT deleted.*, N'copy within a run', SYSUTCDATETIME() INTO [quarantine].[ACM_AlertAge]
    WHERE acm_copy > 1;
    IF NOT EXISTS (SELECT 1 FROM sys.indexes WHERE object_id = OBJECT_ID(N'[dbo].[ACM_AlertAge]') AND name = N'UQ_ACM_AlertAge_V8')
        CREATE UNIQUE INDEX [UQ_ACM_AlertAge_V8] ON [dbo].[ACM_AlertAge] ([RunID], [EquipID], [AlertZone]);
    COMMIT TRANSACTION;
    SELECT N'ACM_AlertAge' AS [table], acm_reason AS [reason], COUNT_BIG(*) AS [rows]
    FROM [quarantine].[ACM_AlertAge]
    GROUP BY acm_reason;
END;
GO

-- ACM_ContributionCurrent: one row per RunID, EquipID, DetectorType
IF OBJECT_ID(N'[dbo].[ACM_ContributionCurrent]', N'U') IS NOT NULL AND CAST(SESSION_CONTEXT(N'acm_apply') AS INT) = 0
BEGIN
    WITH copied AS (
        SELECT *, ROW_NUMBER() OVER (PARTITION BY [RunID], [EquipID], [DetectorType] ORDER BY [RunID]) AS acm_copy FROM [dbo].[ACM_ContributionCurrent]
    )
    SELECT N'ACM_ContributionCurrent' AS [table], COUNT_BIG(*) AS [rows],
        COALESCE(SUM(CASE WHEN acm_copy > 1 THEN 1 ELSE 0 END), 0) AS [doubled],
        COALESCE(SUM(CASE WHEN t.[RunID] IS NULL OR t.[EquipID] IS NULL OR t.[DetectorType] IS NULL THEN 1 ELSE 0 END), 0) AS [without key]
    FROM copied AS t;
END;
IF OBJECT_ID(N'[dbo].[ACM_ContributionCurrent]', N'U') IS NOT NULL AND CAST(SESSION_CONTEXT(N'acm_apply') AS INT) = 1
BEGIN
    BEGIN TRANSACTION;
    IF OBJECT_ID(N'[quarantine].[ACM_ContributionCurrent]', N'U') IS NULL
        SELECT *, CAST(0 AS BIGINT) AS acm_copy, CAST(N'' AS NVARCHAR(40)) AS acm_reason, SYSUTCDATETIME() AS acm_at
        INTO [quarantine].[ACM_ContributionCurrent]
        FROM (SELECT * FROM [dbo].[ACM_ContributionCurrent] UNION ALL SELECT * FROM [dbo].[ACM_ContributionCurrent]) AS t
        WHERE 1 = 0;
    DELETE t
    OUTPUT deleted.*, CAST(0 AS BIGINT), N'no machine, run or time', SYSUTCDATETIME() INTO [quarantine].[ACM_ContributionCurrent]
    FROM [dbo].[ACM_ContributionCurrent] AS t
    WHERE t.[RunID] IS NULL OR t.[EquipID] IS NULL OR t.[DetectorType] IS NULL;
    DELETE t
    OUTPUT deleted.*, CAST(0 AS BIGINT), N'replaced by a later run', SYSUTCDATETIME() INTO [quarantine].[ACM_ContributionCurrent]
    FROM [dbo].[ACM_ContributionCurrent] AS t
    WHERE EXISTS (SELECT 1 FROM [dbo].[ACM_ContributionCurrent] AS n WHERE n.[RunID] = t.[RunID] AND n.[EquipID] = t.[EquipID] AND n.[DetectorType] = t.[DetectorType] AND COALESCE((SELECT MAX(o.ranked) FROM #acm_runs AS o WHERE o.[RunID] = n.[RunID]), 0) > COALESCE((SELECT MAX(o.ranked) FROM #acm_runs AS o WHERE o.[RunID] = t.[RunID]), 0));
    WITH copied AS (
        SELECT *, ROW_NUMBER() OVER (PARTITION BY [RunID], [EquipID], [DetectorType] ORDER BY [RunID]) AS acm_copy FROM [dbo].[ACM_ContributionCurrent]
    )
    DELETE FROM copied
    OUTPUT deleted.*, N'copy within a run', SYSUTCDATETIME() INTO [quarantine].[ACM_ContributionCurrent]
    WHERE acm_copy > 1;
    IF NOT EXISTS (SELECT 1 FROM sys.indexes WHERE object_id = OBJECT_ID(N'[dbo].[ACM_ContributionCurrent]') AND name = N'UQ_ACM_ContributionCurrent_V8')
        CREATE UNIQUE INDEX [UQ_ACM_ContributionCurrent_V8] ON [dbo].[ACM_ContributionCurrent] ([RunID], [EquipID], [DetectorType]);
    COMMIT TRANSACTION;
    SELECT N'ACM_ContributionCurrent' AS [table], acm_reason AS [reason], COUNT_BIG(*) AS [rows]
    FROM [quarantine].[ACM_ContributionCurrent]
    GROUP BY acm_reason;
END;
GO

-- ACM_SensorRanking: one row per RunID, EquipID, DetectorType
IF OBJECT_ID(N'[dbo].[ACM_SensorRanking]', N'U') IS NOT NULL AND CAST(SESSION_CONTEXT(N'acm_apply') AS INT) = 0
BEGIN
    WITH copied AS (
        SELECT *, ROW_NUMBER() OVER (PARTITION BY [RunID], [EquipID], [DetectorType] ORDER BY [RunID]) AS acm_copy FROM [dbo].[ACM_SensorRanking]
    )
    SELECT N'ACM_SensorRanking' AS [table], COUNT_BIG(*) AS [rows],
        COALESCE(SUM(CASE WHEN acm_copy > 1 THEN 1 ELSE 0 END), 0) AS [doubled],
        COALESCE(SUM(CASE WHEN t.[RunID] IS NULL OR t.[EquipID] IS NULL OR t.[DetectorType] IS NULL THEN 1 ELSE 0 END), 0) AS [without key]
    FROM copied AS t;
END;
IF OBJECT_ID(N'[dbo].[ACM_SensorRanking]', N'U') IS NOT NULL AND CAST(SESSION_CONTEXT(N'acm_apply') AS INT) = 1
BEGIN
    BEGIN TRANSACTION;
    IF OBJECT_ID(N'[quarantine].[ACM_SensorRanking]', N'U') IS NULL
        SELECT *, CAST(0 AS BIGINT) AS acm_copy, CAST(N'' AS NVARCHAR(40)) AS acm_reason, SYSUTCDATETIME() AS acm_at
        INTO [quarantine].[ACM_SensorRanking]
        FROM (SELECT * FROM [dbo].[ACM_SensorRanking] UNION ALL SELECT * FROM [dbo].[ACM_SensorRanking]) AS t
        WHERE 1 = 0;
    DELETE t
    OUTPUT deleted.*, CAST(0 AS BIGINT), N'no machine, run or time', SYSUTCDATETIME() INTO [quarantine].[ACM_SensorRanking]
    FROM [dbo].[ACM_SensorRanking] AS t
    WHERE t.[RunID] IS NULL OR t.[EquipID] IS NULL OR t.[DetectorType] IS NULL;
    DELETE t
    OUTPUT deleted.*, CAST(0 AS BIGINT), N'replaced by a later run', SYSUTCDATETIME() INTO [quarantine].[ACM_SensorRanking]
    FROM [dbo].[ACM_SensorRanking] AS t
    WHERE EXISTS (SELECT 1 FROM [dbo].[ACM_SensorRanking] AS n WHERE n.[RunID] = t.[RunID] AND n.[EquipID] = t.[EquipID] AND n.[DetectorType] = t.[DetectorType] AND COALESCE((SELECT MAX(o.ranked) FROM #acm_runs AS o WHERE o.[RunID] = n.[RunID]), 0) > COALESCE((SELECT MAX(o.ranked) FROM #acm_runs AS o WHERE o.[RunID] = t.[RunID]), 0));
    WITH copied AS (
        SELECT *, ROW_NUMBER() OVER (PARTITION BY [RunID], [EquipID], [DetectorType] ORDER BY [RunID]) AS acm_copy FROM [dbo].[ACM_SensorRanking]
    )
    DELETE FROM copied
    OUTPUT deleted.*, N'copy within a run', SYSUTCDATETIME() INTO [quarantine].[ACM_SensorRanking]
    WHERE acm_copy > 1;
    IF NOT EXISTS (SELECT 1 FROM sys.indexes WHERE object_id = OBJECT_ID(N'[dbo].[ACM_SensorRanking]') AND name = N'UQ_ACM_SensorRanking_V8')
        CREATE UNIQUE INDEX [UQ_ACM_SensorRanking_V8] ON [dbo].[ACM_SensorRanking] ([RunID], [EquipID], [DetectorType]);
    COMMIT TRANSACTION;
    SELECT N'ACM_SensorRanking' AS [table], acm_reason AS [reason], COUNT_BIG(*) AS [rows]
    FROM [quarantine].[ACM_SensorRanking]
    GROUP BY acm_reason;
END;
GO

-- ACM_SensorDefects: one row per RunID, EquipID, DetectorType
IF OBJECT_ID(N'[dbo].[ACM_SensorDefects]', N'U') IS NOT NULL AND CAST(SESSION_CONTEXT(N'acm_apply') AS INT) = 0
BEGIN
    WITH copied AS (
        SELECT *, ROW_NUMBER() OVER (PARTITION BY [RunID], [EquipID], [DetectorType] ORDER BY [RunID]) AS acm_copy FROM [dbo].[ACM_SensorDefects]
    )
    SELECT N'ACM_SensorDefects' AS [table], COUNT_BIG(*) AS [rows],
        COALESCE(SUM(CASE WHEN acm_copy > 1 THEN 1 ELSE 0 END), 0) AS [doubled],
        COALESCE(SUM(CASE WHEN t.[RunID] IS NULL OR t.[EquipID] IS NULL OR t.[DetectorType] IS NULL THEN 1 ELSE 0 END), 0) AS [without key]
    FROM copied AS t;
END;
IF OBJECT_ID(N'[dbo].[ACM_SensorDefects]', N'U') IS NOT NULL AND CAST(SESSION_CONTEXT(N'acm_apply') AS INT) = 1
BEGIN
    BEGIN TRANSACTION;
    IF OBJECT_ID(N'[quarantine].[ACM_SensorDefects]', N'U') IS NULL
        SELECT *, CAST(0 AS BIGINT) AS acm_copy, CAST(N'' AS NVARCHAR(40)) AS acm_reason, SYSUTCDATETIME() AS acm_at
        INTO [quarantine].[ACM_SensorDefects]
        FROM (SELECT * FROM [dbo].[ACM_SensorDefects] UNION ALL SELECT * FROM [dbo].[ACM_SensorDefects]) AS t
        WHERE 1 = 0;
    DELETE t
    OUTPUT deleted.*, CAST(0 AS BIGINT), N'no machine, run or time', SYSUTCDATETIME() INTO [quarantine].[ACM_SensorDefects]
    FROM [dbo].[ACM_SensorDefects] AS t
    WHERE t.[RunID] IS NULL OR t.[EquipID] IS NULL OR t.[DetectorType] IS NULL;
    DELETE t
    OUTPUT deleted.*, CAST(0 AS BIGINT), N'replaced by a later run', SYSUTCDATETIME() INTO [quarantine].[ACM_SensorDefects]
    FROM [dbo].[ACM_SensorDefects] AS t
    WHERE EXISTS (SELECT 1 FROM [dbo].[ACM_SensorDefects] AS n WHERE n.[RunID] = t.[RunID] AND n.[EquipID] = t.[EquipID] AND n.[DetectorType] = t.[DetectorType] AND COALESCE((SELECT MAX(o.ranked) FROM #acm_runs AS o WHERE o.[RunID] = n.[RunID]), 0) > COALESCE((SELECT MAX(o.ranked) FROM #acm_runs AS o WHERE o.[RunID] = t.[RunID]), 0));
    WITH copied AS (
        SELECT *, ROW_NUMBER() OVER (PARTITION BY [RunID], [EquipID], [DetectorType] ORDER BY [RunID]) AS acm_copy FROM [dbo].[ACM_SensorDefects]
    )
    DELETE FROM copied
    OUTPUT deleted.*, N'copy within a run', SYSUTCDATETIME() INTO [quarantine].[ACM_SensorDefects]
    WHERE acm_copy > 1;
    IF NOT EXISTS (SELECT 1 FROM sys.indexes WHERE object_id = OBJECT_ID(N'[dbo].[ACM_SensorDefects]') AND name = N'UQ_ACM_SensorDefects_V8')
        CREATE UNIQUE INDEX [UQ_ACM_SensorDefects_V8] ON [dbo].[ACM_SensorDefects] ([RunID], [EquipID], [DetectorType]);
    COMMIT TRANSACTION;
    SELECT N'ACM_SensorDefects' AS [table], acm_reason AS [reason], COUNT_BIG(*) AS [rows]
    FROM [quarantine].[ACM_SensorDefects]
    GROUP BY acm_reason;
END;
GO

-- ACM_CalibrationSummary: one row per RunID, EquipID, DetectorType
IF OBJECT_ID(N'[dbo].[ACM_CalibrationSummary]', N'U') IS NOT NULL AND CAST(SESSION_CONTEXT(N'acm_apply') AS INT) = 0
BEGIN
    WITH copied AS (
        SELECT *, ROW_NUMBER() OVER (PARTITION BY [RunID], [EquipID], [DetectorType] ORDER BY [RunID]) AS acm_copy FROM [dbo].[ACM_CalibrationSummary]
    )
    SELECT N'ACM_CalibrationSummary' AS [table], COUNT_BIG(*) AS [rows],
        COALESCE(SUM(CASE WHEN acm_copy > 1 THEN 1 ELSE 0 END), 0) AS [doubled],
        COALESCE(SUM(CASE WHEN t.[RunID] IS NULL OR t.[EquipID] IS NULL OR t.[DetectorType] IS NULL THEN 1 ELSE 0 END), 0) AS [without key]
    FROM copied AS t;
END;
IF OBJECT_ID(N'[dbo].[ACM_CalibrationSummary]', N'U') IS NOT NULL AND CAST(SESSION_CONTEXT(N'acm_apply') AS INT) = 1
BEGIN
    BEGIN TRANSACTION;
    IF OBJECT_ID(N'[quarantine].[ACM_CalibrationSummary]', N'U') IS NULL
        SELECT *, CAST(0 AS BIGINT) AS acm_copy, CAST(N'' AS NVARCHAR(40)) AS acm_reason, SYSUTCDATETIME() AS acm_at
        INTO [quarantine].[ACM_CalibrationSummary]
        FROM (SELECT * FROM [dbo].[ACM_CalibrationSummary] UNION ALL SELECT * FROM [dbo].[ACM_CalibrationSummary]) AS t
        WHERE 1 = 0;
    DELETE t
    OUTPUT deleted.*, CAST(0 AS BIGINT), N'no machine, run or time', SYSUTCDATETIME() INTO [quarantine].[ACM_CalibrationSummary]
    FROM [dbo].[ACM_CalibrationSummary] AS t
    WHERE t.[RunID] IS NULL OR t.[EquipID] IS NULL OR t.[DetectorType] IS NULL;
    DELETE t
    OUTPUT deleted.*, CAST(0 AS BIGINT), N'replaced by a later run', SYSUTCDATETIME() INTO [quarantine].[ACM_CalibrationSummary]
    FROM [dbo].[ACM_CalibrationSummary] AS t
    WHERE EXISTS (SELECT 1 FROM [dbo].[ACM_CalibrationSummary] AS n WHERE n.[RunID] = t.[RunID] AND n.[EquipID] = t.[EquipID] AND n.[DetectorType] = t.[DetectorType] AND COALESCE((SELECT MAX(o.ranked) FROM #acm_runs AS o WHERE o.[RunID] = n.[RunID]), 0) > COALESCE((SELECT MAX(o.ranked) FROM #acm_runs AS o WHERE o.[RunID] = t.[RunID]), 0));
    WITH copied AS (
        SELECT *, ROW_NUMBER() OVER (PARTITION BY [RunID], [EquipID], [DetectorType] ORDER BY [RunID]) AS acm_copy FROM [dbo].[ACM_CalibrationSummary]
    )
    DELETE FROM copied
    OUTPUT deleted.*, N'copy within a run', SYSUTCDATETIME() INTO [quarantine].[ACM_CalibrationSummary]
    WHERE acm_copy > 1;
    IF NOT EXISTS (SELECT 1 FROM sys.indexes WHERE object_id = OBJECT_ID(N'[dbo].[ACM_CalibrationSummary]') AND name = N'UQ_ACM_CalibrationSummary_V8')
        CREATE UNIQUE INDEX [UQ_ACM_CalibrationSummary_V8] ON [dbo].[ACM_CalibrationSummary] ([RunID], [EquipID], [DetectorType]);
    COMMIT TRANSACTION;
    SELECT N'ACM_CalibrationSummary' AS [table], acm_reason AS [reason], COUNT_BIG(*) AS [rows]
    FROM [quarantine].[ACM_CalibrationSummary]
    GROUP BY acm_reason;
END;
GO

-- ACM_SensorHotspots: one row per RunID, EquipID, SensorName
IF OBJECT_ID(N'[dbo].[ACM_SensorHotspots]', N'U') IS NOT NULL AND CAST(SESSION_CONTEXT(N'acm_apply') AS INT) = 0
BEGIN
    WITH copied AS (
        SELECT *, ROW_NUMBER() OVER (PARTITION BY [RunID], [EquipID], [SensorName] ORDER BY [RunID]) AS acm_copy FROM [dbo].[ACM_SensorHotspots]
    )
    SELECT N'ACM_SensorHotspots' AS [table], COUNT_BIG(*) AS [rows],
        COALESCE(SUM(CASE WHEN acm_copy > 1 THEN 1 ELSE 0 END), 0) AS [doubled],
        COALESCE(SUM(CASE WHEN t.[RunID] IS NULL OR t.[EquipID] IS NULL OR t.[SensorName] IS NULL THEN 1 ELSE 0 END), 0) AS [without key]
    FROM copied AS t;
END;
IF OBJECT_ID(N'[dbo].[ACM_SensorHotspots]', N'U') IS NOT NULL AND CAST(SESSION_CONTEXT(N'acm_apply') AS INT) = 1
BEGIN
    BEGIN TRANSACTION;
    IF OBJECT_ID(N'[quarantine].[ACM_SensorHotspots]', N'U') IS NULL
        SELECT *, CAST(0 AS BIGINT) AS acm_copy, CAST(N'' AS NVARCHAR(40)) AS acm_reason, SYSUTCDATETIME() AS acm_at
        INTO [quarantine].[ACM_SensorHotspots]
        FROM (SELECT * FROM [dbo].[ACM_SensorHotspots] UNION ALL SELECT * FROM [dbo].[ACM_SensorHotspots]) AS t
        WHERE 1 = 0;
    DELETE t
    OUTPUT deleted.*, CAST(0 AS BIGINT), N'no machine, run or time', SYSUTCDATETIME() INTO [quarantine].[ACM_SensorHotspots]
    FROM [dbo].[ACM_SensorHotspots] AS t
    WHERE t.[RunID] IS NULL OR t.[EquipID] IS NULL OR t.[SensorName] IS NULL;
    DELETE t
    OUTPUT deleted.*, CAST(0 AS BIGINT), N'replaced by a later run', SYSUTCDATETIME() INTO [quarantine].[ACM_SensorHotspots]
    FROM [dbo].[ACM_SensorHotspots] AS t
    WHERE EXISTS (SELECT 1 FROM [dbo].[ACM_SensorHotspots] AS n WHERE n.[RunID] = t.[RunID] AND n.[EquipID] = t.[EquipID] AND n.[SensorName] = t.[SensorName] AND COALESCE((SELECT MAX(o.ranked) FROM #acm_runs AS o WHERE o.[RunID] = n.[RunID]), 0) > COALESCE((SELECT MAX(o.ranked) FROM #acm_runs AS o WHERE o.[RunID] = t.[RunID]), 0));
    WITH copied AS (
        SELECT *, ROW_NUMBER() OVER (PARTITION BY [RunID], [EquipID], [SensorName] ORDER BY [RunID]) AS acm_copy FROM [dbo].[ACM_SensorHotspots]
    )
    DELETE FROM copied
    OUTPUT deleted.*, N'copy within a run', SYSUTCDATETIME() INTO [quarantine].[ACM_SensorHotspots]
    WHERE acm_copy > 1;
    IF NOT EXISTS (SELECT 1 FROM sys.indexes WHERE object_id = OBJECT_ID(N'[dbo].[ACM_SensorHotspots]') AND name = N'UQ_ACM_SensorHotspots_V8')
        CREATE UNIQUE INDEX [UQ_ACM_SensorHotspots_V8] ON [dbo].[ACM_SensorHotspots] ([RunID], [EquipID], [SensorName]);
    COMMIT TRANSACTION;
    SELECT N'ACM_SensorHotspots' AS [table], acm_reason AS [reason], COUNT_BIG(*) AS [rows]
    FROM [quarantine].[ACM_SensorHotspots]
    GROUP BY acm_reason;
END;
GO

-- ACM_DetectorCorrelation: one row per RunID, EquipID, DetectorA, DetectorB
IF OBJECT_ID(N'[dbo].[ACM_DetectorCorrelation]', N'U') IS NOT NULL AND CAST(SESSION_CONTEXT(N'acm_apply') AS INT) = 0
BEGIN
    WITH copied AS (
        SELECT *, ROW_NUMBER() OVER (PARTITION BY [RunID], [EquipID], [DetectorA], [DetectorB] ORDER BY [RunID]) AS acm_copy FROM [dbo].[ACM_DetectorCorrelation]
    )
    SELECT N'ACM_DetectorCorrelation' AS [table], COUNT_BIG(*) AS [rows],
        COALESCE(SUM(CASE WHEN acm_copy > 1 THEN 1 ELSE 0 END), 0) AS [doubled],
        COALESCE(SUM(CASE WHEN t.[RunID] IS NULL OR t.[EquipID] IS NULL OR t.[DetectorA] IS NULL OR t.[DetectorB] IS NULL THEN 1 ELSE 0 END), 0) AS [without key]
    FROM copied AS t;
END;
IF OBJECT_ID(N'[dbo].[ACM_DetectorCorrelation]', N'U') IS NOT NULL AND CAST(SESSION_CONTEXT(N'acm_apply') AS INT) = 1
BEGIN
    BEGIN TRANSACTION;
    IF OBJECT_ID(N'[quarantine].[ACM_DetectorCorrelation]', N'U') IS NULL
        SELECT *, CAST(0 AS BIGINT) AS acm_copy, CAST(N'' AS NVARCHAR(40)) AS acm_reason, SYSUTCDATETIME() AS acm_at
        INTO [quarantine].[ACM_DetectorCorrelation]
        FROM (SELECT * FROM [dbo].[ACM_DetectorCorrelation] UNION ALL SELECT * FROM [dbo].[ACM_DetectorCorrelation]) AS t
        WHERE 1 = 0;
    DELETE t
    OUTPUT deleted.*, CAST(0 AS BIGINT), N'no machine, run or time', SYSUTCDATETIME() INTO [quarantine].[ACM_DetectorCorrelation]
    FROM [dbo].[ACM_DetectorCorrelation] AS t
    WHERE t.[RunID] IS NULL OR t.[EquipID] IS NULL OR t.[DetectorA] IS NULL OR t.[DetectorB] IS NULL;
    DELETE t
    OUTPUT deleted.*, CAST(0 AS BIGINT), N'replaced by a later run', SYSUTCDATETIME() INTO [quarantine].[ACM_DetectorCorrelation]
    FROM [dbo].[ACM_DetectorCorrelation] AS t
    WHERE EXISTS (SELECT 1 FROM [dbo].[ACM_DetectorCorrelation] AS n WHERE n.[RunID] = t.[RunID] AND n.[EquipID] = t.[EquipID] AND n.[DetectorA] = t.[DetectorA] AND n.[DetectorB] = t.[DetectorB] AND COALESCE((SELECT MAX(o.ranked) FROM #acm_runs AS o WHERE o.[RunID] = n.[RunID]), 0) > COALESCE((SELECT MAX(o.ranked) FROM #acm_runs AS o WHERE o.[RunID] = t.[RunID]), 0));
    WITH copied AS (
        SELECT *, ROW_NUMBER() OVER (PARTITION BY [RunID], [EquipID], [DetectorA], [DetectorB] ORDER BY [RunID]) AS acm_copy FROM [dbo].[ACM_DetectorCorrelation]
    )
    DELETE FROM copied
    OUTPUT deleted.*, N'copy within a run', SYSUTCDATETIME() INTO [quarantine].[ACM_DetectorCorrelation]
    WHERE acm_copy > 1;
    IF NOT EXISTS (SELECT 1 FROM sys.indexes WHERE object_id = OBJECT_ID(N'[dbo].[ACM_DetectorCorrelation]') AND name = N'UQ_ACM_DetectorCorrelation_V8')
        CREATE UNIQUE INDEX [UQ_ACM_DetectorCorrelation_V8] ON [dbo].[ACM_DetectorCorrelation] ([RunID], [EquipID], [DetectorA], [DetectorB]);
    COMMIT TRANSACTION;
    SELECT N'ACM_DetectorCorrelation' AS [table], acm_reason AS [reason], COUNT_BIG(*) AS [rows]
    FROM [quarantine].[ACM_DetectorCorrelation]
    GROUP BY acm_reason;
END;
GO

-- ACM_HealthHistogram: one row per RunID, EquipID, HealthBin
IF OBJECT_ID(N'[dbo].[ACM_HealthHistogram]', N'U') IS NOT NULL AND CAST(SESSION_CONTEXT(N'acm_apply') AS INT) = 0
BEGIN
    WITH copied AS (
        SELECT *, ROW_NUMBER() OVER (PARTITION BY [RunID], [EquipID], [HealthBin] ORDER BY [RunID]) AS acm_copy FROM [dbo].[ACM_HealthHistogram]
    )
    SELECT N'ACM_HealthHistogram' AS [table], COUNT_BIG(*) AS [rows],
        COALESCE(SUM(CASE WHEN acm_copy > 1 THEN 1 ELSE 0 END), 0) AS [doubled],
        COALESCE(SUM(CASE WHEN t.[RunID] IS NULL OR t.[EquipID] IS NULL OR t.[HealthBin] IS NULL THEN 1 ELSE 0 END), 0) AS [without key]
    FROM copied AS t;
END;
IF OBJECT_ID(N'[dbo].[ACM_HealthHistogram]', N'U') IS NOT NULL AND CAST(SESSION_CONTEXT(N'acm_apply') AS INT) = 1
BEGIN
    BEGIN TRANSACTION;
    IF OBJECT_ID(N'[quarantine].[ACM_HealthHistogram]', N'U') IS NULL
        SELECT *, CAST(0 AS BIGINT) AS acm_copy, CAST(N'' AS NVARCHAR(40)) AS acm_reason, SYSUTCDATETIME() AS acm_at
        INTO [quarantine].[ACM_HealthHistogram]
        FROM (SELECT * FROM [dbo].[ACM_HealthHistogram] UNION ALL SELECT * FROM [dbo].[ACM_HealthHistogram]) AS t
        WHERE 1 = 0;
    DELETE t
    OUTPUT deleted.*, CAST(0 AS BIGINT), N'no machine, run or time', SYSUTCDATETIME() INTO [quarantine].[ACM_HealthHistogram]
    FROM [dbo].[ACM_HealthHistogram] AS t
    WHERE t.[RunID] IS NULL OR t.[EquipID] IS NULL OR t.[HealthBin] IS NULL;
    DELETE t
    OUTPUT deleted.*, CAST(0 AS BIGINT), N'replaced by a later run', SYSUTCDATETIME() INTO [quarantine].[ACM_HealthHistogram]
    FROM [dbo].[ACM_HealthHistogram] AS t
    WHERE EXISTS (SELECT 1 FROM [dbo].[ACM_HealthHistogram] AS n WHERE n.[RunID] = t.[RunID] AND n.[EquipID] = t.[EquipID] AND n.[HealthBin] = t.[HealthBin] AND COALESCE((SELECT MAX(o.ranked) FROM #acm_runs AS o WHERE o.[RunID] = n.[RunID]), 0) > COALESCE((SELECT MAX(o.ranked) FROM #acm_runs AS o WHERE o.[RunID] = t.[RunID]), 0));
    WITH copied AS (
        SELECT *, ROW_NUMBER() OVER (PARTITION BY [RunID], [EquipID], [HealthBin] ORDER BY [RunID]) AS acm_copy FROM [dbo].[ACM_HealthHistogram]
    )
    DELETE FROM copied
    OUTPUT deleted.*, N'copy within a run', SYSUTCDATETIME() INTO [quarantine].[ACM_HealthHistogram]
    WHERE acm_copy > 1;
    IF NOT EXISTS (SELECT 1 FROM sys.indexes WHERE object_id = OBJECT_ID(N'[dbo].[ACM_HealthHistogram]') AND name = N'UQ_ACM_HealthHistogram_V8')
        CREATE UNIQUE INDEX [UQ_ACM_HealthHistogram_V8] ON [dbo].[ACM_HealthHistogram] ([RunID], [EquipID], [HealthBin]);
    COMMIT TRANSACTION;
    SELECT N'ACM_HealthHistogram' AS [table], acm_reason AS [reason], COUNT_BIG(*) AS [rows]
    FROM [quarantine].[ACM_HealthHistogram]
    GROUP BY acm_reason;
END;
GO

-- ACM_RegimeOccupancy: one row per RunID, EquipID, RegimeLabel
IF OBJECT_ID(N'[dbo].[ACM_RegimeOccupancy]', N'U') IS NOT NULL AND CAST(SESSION_CONTEXT(N'acm_apply') AS INT) = 0
BEGIN
    WITH copied AS (
        SELECT *, ROW_NUMBER() OVER (PARTITION BY [RunID], [EquipID], [RegimeLabel] ORDER BY [RunID]) AS acm_copy FROM [dbo].[ACM_RegimeOccupancy]
    )
    SELECT N'ACM_RegimeOccupancy' AS [table], COUNT_BIG(*) AS [rows],
        COALESCE(SUM(CASE WHEN acm_copy > 1 THEN 1 ELSE 0 END), 0) AS [doubled],
        COALESCE(SUM(CASE WHEN t.[RunID] IS NULL OR t.[EquipID] IS NULL OR t.[RegimeLabel] IS NULL THEN 1 ELSE 0 END), 0) AS [without key]
    FROM copied AS t;
END;
IF OBJECT_ID(N'[dbo].[ACM_RegimeOccupancy]', N'U') IS NOT NULL AND CAST(SESSION_CONTEXT(N'acm_apply') AS INT) = 1
BEGIN
    BEGIN TRANSACTION;
    IF OBJECT_ID(N'[quarantine].[ACM_RegimeOccupancy]', N'U') IS NULL
        SELECT *, CAST(0 AS BIGINT) AS acm_copy, CAST(N'' AS NVARCHAR(40)) AS acm_reason, SYSUTCDATETIME() AS acm_at
        INTO [quarantine].[ACM_RegimeOccupancy]
        FROM (SELECT * FROM [dbo].[ACM_RegimeOccupancy] UNION ALL SELECT * FROM [dbo].[ACM_RegimeOccupancy]) AS t
        WHERE 1 = 0;
    DELETE t
    OUTPUT deleted.*, CAST(0 AS BIGINT), N'no machine, run or time', SYSUTCDATETIME() INTO [quarantine].[ACM_RegimeOccupancy]
    FROM [dbo].[ACM_RegimeOccupancy] AS t
    WHERE t.[RunID] IS NULL OR t.[EquipID] IS NULL OR t.[RegimeLabel] IS NULL;
    DELETE t
    OUTPUT deleted.*, CAST(0 AS BIGINT), N'replaced by a later run', SYSUTCDATETIME() INTO [quarantine].[ACM_RegimeOccupancy]
    FROM [dbo].[ACM_RegimeOccupancy] AS t
    WHERE EXISTS (SELECT 1 FROM [dbo].[ACM_RegimeOccupancy] AS n WHERE n.[RunID] = t.[RunID] AND n.[EquipID] = t.[EquipID] AND n.[RegimeLabel] = t.[RegimeLabel] AND COALESCE((SELECT MAX(o.ranked) FROM #acm_runs AS o WHERE o.[RunID] = n.[RunID]), 0) > COALESCE((SELECT MAX(o.ranked) FROM #acm_runs AS o WHERE o.[RunID] = t.[RunID]), 0));
    WITH copied AS (
        SELECT *, ROW_NUMBER() OVER (PARTITION BY [RunID], [EquipID], [RegimeLabel] ORDER BY [RunID]) AS acm_copy FROM [dbo].[ACM_RegimeOccupancy]
    )
    DELETE FROM copied
    OUTPUT deleted.*, N'copy within a run', SYSUTCDATETIME() INTO [quarantine].[ACM_RegimeOccupancy]
    WHERE acm_copy > 1;
    IF NOT EXISTS (SELECT 1 FROM sys.indexes WHERE object_id = OBJECT_ID(N'[dbo].[ACM_RegimeOccupancy]') AND name = N'UQ_ACM_RegimeOccupancy_V8')
        CREATE UNIQUE INDEX [UQ_ACM_RegimeOccupancy_V8] ON [dbo].[ACM_RegimeOccupancy] ([RunID], [EquipID], [RegimeLabel]);
    COMMIT TRANSACTION;
    SELECT N'ACM_RegimeOccupancy' AS [table], acm_reason AS [reason], COUNT_BIG(*) AS [rows]
    FROM [quarantine].[ACM_RegimeOccupancy]
    GROUP BY acm_reason;
END;
GO

-- ACM_RegimeDwellStats: one row per RunID, EquipID, RegimeLabel
IF OBJECT_ID(N'[dbo].[ACM_RegimeDwellStats]', N'U') IS NOT NULL AND CAST(SESSION_CONTEXT(N'acm_apply') AS INT) = 0
BEGIN
    WITH copied AS (
        SELECT *, ROW_NUMBER() OVER (PARTITION BY [RunID], [EquipID], [RegimeLabel] ORDER BY [RunID]) AS acm_copy FROM [dbo].[ACM_RegimeDwellStats]
    )
    SELECT N'ACM_RegimeDwellStats' AS [table], COUNT_BIG(*) AS [rows],
        COALESCE(SUM(CASE WHEN acm_copy > 1 THEN 1 ELSE 0 END), 0) AS [doubled],
        COALESCE(SUM(CASE WHEN t.[RunID] IS NULL OR t.[EquipID] IS NULL OR t.[RegimeLabel] IS NULL THEN 1 ELSE 0 END), 0) AS [without key]
    FROM copied AS t;
END;
IF OBJECT_ID(N'[dbo].[ACM_RegimeDwellStats]', N'U') IS NOT NULL AND CAST(SESSION_CONTEXT(N'acm_apply') AS INT) = 1
BEGIN
    BEGIN TRANSACTION;
    IF OBJECT_ID(N'[quarantine].[ACM_RegimeDwellStats]', N'U') IS NULL
        SELECT *, CAST(0 AS BIGINT) AS acm_copy, CAST(N'' AS NVARCHAR(40)) AS acm_reason, SYSUTCDATETIME() AS acm_at
        INTO [quarantine].[ACM_RegimeDwellStats]
        FROM (SELECT * FROM [dbo].[ACM_RegimeDwellStats] UNION ALL SELECT * FROM [dbo].[ACM_RegimeDwellStats]) AS t
        WHERE 1 = 0;
    DELETE t
    OUTPUT deleted.*, CAST(0 AS BIGINT), N'no machine, run or time', SYSUTCDATETIME() INTO [quarantine].[ACM_RegimeDwellStats]
    FROM [dbo].[ACM_RegimeDwellStats] AS t
    WHERE t.[RunID] IS NULL OR t.[EquipID] IS NULL OR t.[RegimeLabel] IS NULL;
    DELETE t
    OUTPUT deleted.*, CAST(0 AS BIGINT), N'replaced by a later run', SYSUTCDATETIME() INTO [quarantine].[ACM_RegimeDwellStats]
    FROM [dbo].[ACM_RegimeDwellStats] AS t
    WHERE EXISTS (SELECT 1 FROM [dbo].[ACM_RegimeDwellStats] AS n WHERE n.[RunID] = t.[RunID] AND n.[EquipID] = t.[EquipID] AND n.[RegimeLabel] = t.[RegimeLabel] AND COALESCE((SELECT MAX(o.ranked) FROM #acm_runs AS o WHERE o.[RunID] = n.[RunID]), 0) > COALESCE((SELECT MAX(o.ranked) FROM #acm_runs AS o WHERE o.[RunID] = t.[RunID]), 0));
    WITH copied AS (
        SELECT *, ROW_NUMBER() OVER (PARTITION BY [RunID], [EquipID], [RegimeLabel] ORDER BY [RunID]) AS acm_copy FROM [dbo].[ACM_RegimeDwellStats]
    )
    DELETE FROM copied
    OUTPUT deleted.*, N'copy within a run', SYSUTCDATETIME() INTO [quarantine].[ACM_RegimeDwellStats]
    WHERE acm_copy > 1;
    IF NOT EXISTS (SELECT 1 FROM sys.indexes WHERE object_id = OBJECT_ID(N'[dbo].[ACM_RegimeDwellStats]') AND name = N'UQ_ACM_RegimeDwellStats_V8')
        CREATE UNIQUE INDEX [UQ_ACM_RegimeDwellStats_V8] ON [dbo].[ACM_RegimeDwellStats] ([RunID], [EquipID], [RegimeLabel]);
    COMMIT TRANSACTION;
    SELECT N'ACM_RegimeDwellStats' AS [table], acm_reason AS [reason], COUNT_BIG(*) AS [rows]
    FROM [quarantine].[ACM_RegimeDwellStats]
    GROUP BY acm_reason;
END;
GO

-- ACM_RegimeTransitions: one row per RunID, EquipID, FromLabel, ToLabel
IF OBJECT_ID(N'[dbo].[ACM_RegimeTransitions]', N'U') IS NOT NULL AND CAST(SESSION_CONTEXT(N'acm_apply') AS INT) = 0
BEGIN
    WITH copied AS (
        SELECT *, ROW_NUMBER() OVER (PARTITION BY [RunID], [EquipID], [FromLabel], [ToLabel] ORDER BY [RunID]) AS acm_copy FROM [dbo].[ACM_RegimeTransitions]
    )
    SELECT N'ACM_RegimeTransitions' AS [table], COUNT_BIG(*) AS [rows],
        COALESCE(SUM(CASE WHEN acm_copy > 1 THEN 1 ELSE 0 END), 0) AS [doubled],
        COALESCE(SUM(CASE WHEN t.[RunID] IS NULL OR t.[EquipID] IS NULL OR t.[FromLabel] IS NULL OR t.[ToLabel] IS NULL THEN 1 ELSE 0 END), 0) AS [without key]
    FROM copied AS t;
END;
IF OBJECT_ID(N'[dbo].[ACM_RegimeTransitions]', N'U') IS NOT NULL AND CAST(SESSION_CONTEXT(N'acm_apply') AS INT) = 1
BEGIN
    BEGIN TRANSACTION;
    IF OBJECT_ID(N'[quarantine].[ACM_RegimeTransitions]', N'U') IS NULL
        SELECT *, CAST(0 AS BIGINT) AS acm_copy, CAST(N'' AS NVARCHAR(40)) AS acm_reason, SYSUTCDATETIME() AS acm_at
        INTO [quarantine].[ACM_RegimeTransitions]
        FROM (SELECT * FROM [dbo].[ACM_RegimeTransitions] UNION ALL SELECT * FROM [dbo].[ACM_RegimeTransitions]) AS t
        WHERE 1 = 0;
    DELETE t
    OUTPUT deleted.*, CAST(0 AS BIGINT), N'no machine, run or time', SYSUTCDATETIME() INTO [quarantine].[ACM_RegimeTransitions]
    FROM [dbo].[ACM_RegimeTransitions] AS t
    WHERE t.[RunID] IS NULL OR t.[EquipID] IS NULL OR t.[FromLabel] IS NULL OR t.[ToLabel] IS NULL;
    DELETE t
    OUTPUT deleted.*, CAST(0 AS BIGINT), N'replaced by a later run', SYSUTCDATETIME() INTO [quarantine].[ACM_RegimeTransitions]
    FROM [dbo].[ACM_RegimeTransitions] AS t
    WHERE EXISTS (SELECT 1 FROM [dbo].[ACM_RegimeTransitions] AS n WHERE n.[RunID] = t.[RunID] AND n.[EquipID] = t.[EquipID] AND n.[FromLabel] = t.[FromLabel] AND n.[ToLabel] = t.[ToLabel] AND COALESCE((SELECT MAX(o.ranked) FROM #acm_runs AS o WHERE o.[RunID] = n.[RunID]), 0) > COALESCE((SELECT MAX(o.ranked) FROM #acm_runs AS o WHERE o.[RunID] = t.[RunID]), 0));
    WITH copied AS (
        SELECT *, ROW_NUMBER() OVER (PARTITION BY [RunID], [EquipID], [FromLabel], [ToLabel] ORDER BY [RunID]) AS acm_copy FROM [dbo].[ACM_RegimeTransitions]
    )
    DELETE FROM copied
    OUTPUT deleted.*, N'copy within a run', SYSUTCDATETIME() INTO [quarantine].[ACM_RegimeTransitions]
    WHERE acm_copy > 1;
    IF NOT EXISTS (SELECT 1 FROM sys.indexes WHERE object_id = OBJECT_ID(N'[dbo].[ACM_RegimeTransitions]') AND name = N'UQ_ACM_RegimeTransitions_V8')
        CREATE UNIQUE INDEX [UQ_ACM_RegimeTransitions_V8] ON [dbo].[ACM_RegimeTransitions] ([RunID], [EquipID], [FromLabel], [ToLabel]);
    COMMIT TRANSACTION;
    SELECT N'ACM_RegimeTransitions' AS [table], acm_reason AS [reason], COUNT_BIG(*) AS [rows]
    FROM [quarantine].[ACM_RegimeTransitions]
    GROUP BY acm_reason;
END;
GO

-- ACM_RegimeStability: one row per RunID, EquipID, MetricName
IF OBJECT_ID(N'[dbo].[ACM_RegimeStability]', N'U') IS NOT NULL AND CAST(SESSION_CONTEXT(N'acm_apply') AS INT) = 0
BEGIN
    WITH copied AS (
        SELECT *, ROW_NUMBER() OVER (PARTITION BY [RunID], [EquipID], [MetricName] ORDER BY [RunID]) AS acm_copy FROM [dbo].[ACM_RegimeStability]
    )
    SELECT N'ACM_RegimeStability' AS [table], COUNT_BIG(*) AS [rows],
        COALESCE(SUM(CASE WHEN acm_copy > 1 THEN 1 ELSE 0 END), 0) AS [doubled],
        COALESCE(SUM(CASE WHEN t.[RunID] IS NULL OR t.[EquipID] IS NULL OR t.[MetricName] IS NULL THEN 1 ELSE 0 END), 0) AS [without key]
    FROM copied AS t;
END;
IF OBJECT_ID(N'[dbo].[ACM_RegimeStability]', N'U') IS NOT NULL AND CAST(SESSION_CONTEXT(N'acm_apply') AS INT) = 1
BEGIN
    BEGIN TRANSACTION;
    IF OBJECT_ID(N'[quarantine].[ACM_RegimeStability]', N'U') IS NULL
        SELECT *, CAST(0 AS BIGINT) AS acm_copy, CAST(N'' AS NVARCHAR(40)) AS acm_reason, SYSUTCDATETIME() AS acm_at
        INTO [quarantine].[ACM_RegimeStability]
        FROM (SELECT * FROM [dbo].[ACM_RegimeStability] UNION ALL SELECT * FROM [dbo].[ACM_RegimeStability]) AS t
        WHERE 1 = 0;
    DELETE t
    OUTPUT deleted.*, CAST(0 AS BIGINT), N'no machine, run or time', SYSUTCDATETIME() INTO [quarantine].[ACM_RegimeStability]
    FROM [dbo].[ACM_RegimeStability] AS t
    WHERE t.[RunID] IS NULL OR t.[EquipID] IS NULL OR t.[MetricName] IS NULL;
    DELETE t
    OUTPUT deleted.*, CAST(0 AS BIGINT), N'replaced by a later run', SYSUTCDATETIME() INTO [quarantine].[ACM_RegimeStability]
    FROM [dbo].[ACM_RegimeStability] AS t
    WHERE EXISTS (SELECT 1 FROM [dbo].[ACM_RegimeStability] AS n WHERE n.[RunID] = t.[RunID] AND n.[EquipID] = t.[EquipID] AND n.[MetricName] = t.[MetricName] AND COALESCE((SELECT MAX(o.ranked) FROM #acm_runs AS o WHERE o.[RunID] = n.[RunID]), 0) > COALESCE((SELECT MAX(o.ranked) FROM #acm_runs AS o WHERE o.[RunID] = t.[RunID]), 0));
    WITH copied AS (
        SELECT *, ROW_NUMBER() OVER (PARTITION BY [RunID], [EquipID], [MetricName] ORDER BY [RunID]) AS acm_copy FROM [dbo].[ACM_RegimeStability]
    )
    DELETE FROM copied
    OUTPUT deleted.*, N'copy within a run', SYSUTCDATETIME() INTO [quarantine].[ACM_RegimeStability]
    WHERE acm_copy > 1;
    IF NOT EXISTS (SELECT 1 FROM sys.indexes WHERE object_id = OBJECT_ID(N'[dbo].[ACM_RegimeStability]') AND name = N'UQ_ACM_RegimeStability_V8')
        CREATE UNIQUE INDEX [UQ_ACM_RegimeStability_V8] ON [dbo].[ACM_RegimeStability] ([RunID], [EquipID], [MetricName]);
    COMMIT TRANSACTION;
    SELECT N'ACM_RegimeStability' AS [table], acm_reason AS [reason], COUNT_BIG(*) AS [rows]
    FROM [quarantine].[ACM_RegimeStability]
    GROUP BY acm_reason;
END;
GO

-- ACM_HealthZoneByPeriod: one row per RunID, EquipID, PeriodType, PeriodStart, HealthZone
IF OBJECT_ID(N'[dbo].[ACM_HealthZoneByPeriod]', N'U') IS NOT NULL AND CAST(SESSION_CONTEXT(N'acm_apply') AS INT) = 0
BEGIN
    WITH copied AS (
        SELECT *, ROW_NUMBER() OVER (PARTITION BY [RunID], [EquipID], [PeriodType], [PeriodStart], [HealthZone] ORDER BY [RunID]) AS acm_copy FROM [dbo].[ACM_HealthZoneByPeriod]
    )
    SELECT N'ACM_HealthZoneByPeriod' AS [table], COUNT_BIG(*) AS [rows],
        COALESCE(SUM(CASE WHEN acm_copy > 1 THEN 1 ELSE 0 END), 0) AS [doubled],
        COALESCE(SUM(CASE WHEN t.[RunID] IS NULL OR t.[EquipID] IS NULL OR t.[PeriodType] IS NULL OR t.[PeriodStart] IS NULL OR t.[HealthZone] IS NULL THEN 1 ELSE 0 END), 0) AS [without key]
    FROM copied AS t;
END;
IF OBJECT_ID(N'[dbo].[ACM_HealthZoneByPeriod]', N'U') IS NOT NULL AND CAST(SESSION_CONTEXT(N'acm_apply') AS INT) = 1
BEGIN
    BEGIN TRANSACTION;
    IF OBJECT_ID(N'[quarantine].[ACM_HealthZoneByPeriod]', N'U') IS NULL
        SELECT *, CAST(0 AS BIGINT) AS acm_copy, CAST(N'' AS NVARCHAR(40)) AS acm_reason, SYSUTCDATETIME() AS acm_at
        INTO [quarantine].[ACM_HealthZoneByPeriod]
        FROM (SELECT * FROM [dbo].[ACM_HealthZoneByPeriod] UNION ALL SELECT * FROM [dbo].[ACM_HealthZoneByPeriod]) AS t
        WHERE 1 = 0;
    DELETE t
    OUTPUT deleted.*, CAST(0 AS BIGINT), N'no machine, run or time', SYSUTCDATETIME() INTO [quarantine].[ACM_HealthZoneByPeriod]
    FROM [dbo].[ACM_HealthZoneByPeriod] AS t
    WHERE t.[RunID] IS NULL OR t.[EquipID] IS NULL OR t.[PeriodType] IS NULL OR t.[PeriodStart] IS NULL OR t.[HealthZone] IS NULL;
    DELETE t
    OUTPUT deleted.*, CAST(0 AS BIGINT), N'replaced by a later run', SYSUTCDATETIME() INTO [quarantine].[ACM_HealthZoneByPeriod]
    FROM [dbo].[ACM_HealthZoneByPeriod] AS t
    WHERE EXISTS (SELECT 1 FROM [dbo].[ACM_HealthZoneByPeriod] AS n WHERE n.[RunID] = t.[RunID] AND n.[EquipID] = t.[EquipID] AND n.[PeriodType] = t.[PeriodType] AND n.[PeriodStart] = t.[PeriodStart] AND n.[HealthZone] = t.[HealthZone] AND COALESCE((SELECT MAX(o.ranked) FROM #acm_runs AS o WHERE o.[RunID] = n.[RunID]), 0) > COALESCE((SELECT MAX(o.ranked) FROM #acm_runs AS o WHERE o.[RunID] = t.[RunID]), 0));
    WITH copied AS (
        SELECT *, ROW_NUMBER() OVER (PARTITION BY [RunID], [EquipID], [PeriodType], [PeriodStart], [HealthZone] ORDER BY [RunID]) AS acm_copy FROM [dbo].[ACM_HealthZoneByPeriod]
    )
    DELETE FROM copied
    OUTPUT deleted.*, N'copy within a run', SYSUTCDATETIME() INTO [quarantine].[ACM_HealthZoneByPeriod]
    WHERE acm_copy > 1;
    IF NOT EXISTS (SELECT 1 FROM sys.indexes WHERE object_id = OBJECT_ID(N'[dbo].[ACM_HealthZoneByPeriod]') AND name = N'UQ_ACM_HealthZoneByPeriod_V8')
        CREATE UNIQUE INDEX [UQ_ACM_HealthZoneByPeriod_V8] ON [dbo].[ACM_HealthZoneByPeriod] ([RunID], [EquipID], [PeriodType], [PeriodStart], [HealthZone]);
    COMMIT TRANSACTION;
    SELECT N'ACM_HealthZoneByPeriod' AS [table], acm_reason AS [reason], COUNT_BIG(*) AS [rows]
    FROM [quarantine].[ACM_HealthZoneByPeriod]
    GROUP BY acm_reason;
END;
GO

-- ACM_SensorAnomalyByPeriod: one row per RunID, EquipID, PeriodType, PeriodStart, DetectorType
IF OBJECT_ID(N'[dbo].[ACM_SensorAnomalyByPeriod]', N'U') IS NOT NULL AND CAST(SESSION_CONTEXT(N'acm_apply') AS INT) = 0
BEGIN
    WITH copied AS (
        SELECT *, ROW_NUMBER() OVER (PARTITION BY [RunID], [EquipID], [PeriodType], [PeriodStart], [DetectorType] ORDER BY [RunID]) AS acm_copy FROM [dbo].[ACM_SensorAnomalyByPeriod]
    )
    SELECT N'ACM_SensorAnomalyByPeriod' AS [table], COUNT_BIG(*) AS [rows],
        COALESCE(SUM(CASE WHEN acm_copy > 1 THEN 1 ELSE 0 END), 0) AS [doubled],
        COALESCE(SUM(CASE WHEN t.[RunID] IS NULL OR t.[EquipID] IS NULL OR t.[PeriodType] IS NULL OR t.[PeriodStart] IS NULL OR t.[DetectorType] IS NULL THEN 1 ELSE 0 END), 0) AS [without key]
    FROM copied AS t;
END;
IF OBJECT_ID(N'[dbo].[ACM_SensorAnomalyByPeriod]', N'U') IS NOT NULL AND CAST(SESSION_CONTEXT(N'acm_apply') AS INT) = 1
BEGIN
    BEGIN TRANSACTION;
    IF OBJECT_ID(N'[quarantine].[ACM_SensorAnomalyByPeriod]', N'U') IS NULL
        SELECT *, CAST(0 AS BIGINT) AS acm_copy, CAST(N'' AS NVARCHAR(40)) AS acm_reason, SYSUTCDATETIME() AS acm_at
        INTO [quarantine].[ACM_SensorAnomalyByPeriod]
        FROM (SELECT * FROM [dbo].[ACM_SensorAnomalyByPeriod] UNION ALL SELECT * FROM [dbo].[ACM_SensorAnomalyByPeriod]) AS t
        WHERE 1 = 0;
    DELETE t
    OUTPUT deleted.*, CAST(0 AS BIGINT), N'no machine, run or time', SYSUTCDATETIME() INTO [quarantine].[ACM_SensorAnomalyByPeriod]
    FROM [dbo].[ACM_SensorAnomalyByPeriod] AS t
    WHERE t.[RunID] IS NULL OR t.[EquipID] IS NULL OR t.[PeriodType] IS NULL OR t.[PeriodStart] IS NULL OR t.[DetectorType] IS NULL;
    DELETE t
    OUTPUT deleted.*, CAST(0 AS BIGINT), N'replaced by a later run', SYSUTCDATETIME() INTO [quarantine].[ACM_SensorAnomalyByPeriod]
    FROM [dbo].[ACM_SensorAnomalyByPeriod] AS t
    WHERE EXISTS (SELECT 1 FROM [dbo].[ACM_SensorAnomalyByPeriod] AS n WHERE n.[RunID] = t.[RunID] AND n.[EquipID] = t.[EquipID] AND n.[PeriodType] = t.[PeriodType] AND n.[PeriodStart] = t.[PeriodStart] AND n.[DetectorType] = t.[DetectorType] AND COALESCE((SELECT MAX(o.ranked) FROM #acm_runs AS o WHERE o.[RunID] = n.[RunID]), 0) > COALESCE((SELECT MAX(o.ranked) FROM #acm_runs AS o WHERE o.[RunID] = t.[RunID]), 0));
    WITH copied AS (
        SELECT *, ROW_NUMBER() OVER (PARTITION BY [RunID], [EquipID], [PeriodType], [PeriodStart], [DetectorType] ORDER BY [RunID]) AS acm_copy FROM [dbo].[ACM_SensorAnomalyByPeriod]
    )
    DELETE FROM copied
    OUTPUT deleted.*, N'copy within a run', SYSUTCDATETIME() INTO [quarantine].[ACM_SensorAnomalyByPeriod]
    WHERE acm_copy > 1;
    IF NOT EXISTS (SELECT 1 FROM sys.indexes WHERE object_id = OBJECT_ID(N'[dbo].[ACM_SensorAnomalyByPeriod]') AND name = N'UQ_ACM_SensorAnomalyByPeriod_V8')
        CREATE UNIQUE INDEX [UQ_ACM_SensorAnomalyByPeriod_V8] ON [dbo].[ACM_SensorAnomalyByPeriod] ([RunID], [EquipID], [PeriodType], [PeriodStart], [DetectorType]);
    COMMIT TRANSACTION;
    SELECT N'ACM_SensorAnomalyByPeriod' AS [table], acm_reason AS [reason], COUNT_BIG(*) AS [rows]
    FROM [quarantine].[ACM_SensorAnomalyByPeriod]
    GROUP BY acm_reason;
END;
GO

DROP TABLE #acm_runs;
SET NOEXEC OFF;
GO
