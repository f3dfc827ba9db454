-- Migration from ACM V8, step 3, after `acm-etl init`: copy machines and tags from the schema [v8], with their EquipID, so
-- that dashboards which filter by EquipID keep working. Scores are not copied: the backfill scores the whole history
-- again, with one method.
--
--     sqlcmd -b -I -d <database> -i 003_carry_over.sql
--
-- First set @TimeZone (IANA name) for the daily summaries. acm_etl reads the times in the historian tables as UTC; if V8
-- stored local times, import the readings again instead (`acm-etl import`).
SET ANSI_NULLS, ANSI_PADDING, ANSI_WARNINGS, ARITHABORT, CONCAT_NULL_YIELDS_NULL, QUOTED_IDENTIFIER, XACT_ABORT ON;
SET NUMERIC_ROUNDABORT OFF;
SET NOCOUNT ON;
DECLARE @TimeZone NVARCHAR(64) = N'';

IF OBJECT_ID(N'[dbo].[ACM_SchemaVersion]', N'U') IS NULL OR OBJECT_ID(N'[v8].[Equipment]', N'U') IS NULL
    THROW 50021, N'Run 002_set_aside.sql and acm-etl init first.', 1;
IF NOT EXISTS (SELECT 1 FROM [dbo].[ACM_TimeZones] WHERE [IanaName] = @TimeZone)
    THROW 50022, N'Set @TimeZone in this script to an IANA time zone, such as Europe/Berlin.', 1;

BEGIN TRANSACTION;
INSERT INTO [dbo].[Equipment] (
    [EquipID], [EquipCode], [EquipName], [Area], [Unit], [TimeZone], [HistorianTable], [TimeColumn], [CreatedAtUTC]
)
SELECT o.[EquipID], o.[EquipCode], o.[EquipName], o.[Area], o.[Unit], @TimeZone, o.[EquipCode] + N'_Data',
    N'EntryDateTime', SYSUTCDATETIME()
FROM [v8].[Equipment] AS o
WHERE o.[EquipID] > 0 AND o.[EquipCode] <> N'*'
    AND OBJECT_ID(N'[dbo].' + QUOTENAME(o.[EquipCode] + N'_Data')) IS NOT NULL
    AND NOT EXISTS (
        SELECT 1 FROM [dbo].[Equipment] AS e
        WHERE e.[EquipID] = o.[EquipID] OR e.[EquipCode] = o.[EquipCode] COLLATE Latin1_General_100_BIN2
    );

INSERT INTO [dbo].[ACM_TagEquipmentMap] (
    [EquipID], [TagName], [EquipmentName], [TagDescription], [TagUnit], [TagType], [IsActive], [CreatedAt]
)
SELECT e.[EquipID], c.name, e.[EquipCode], o.[TagDescription], o.[TagUnit], o.[TagType],
    COALESCE(o.[IsActive], CAST(1 AS BIT)), SYSUTCDATETIME()
FROM [dbo].[Equipment] AS e
INNER JOIN sys.columns AS c
    ON c.object_id = OBJECT_ID(N'[dbo].' + QUOTENAME(e.[HistorianTable]))
        AND c.name COLLATE Latin1_General_100_BIN2 NOT IN (e.[TimeColumn], N'LoadedAt')
LEFT JOIN [v8].[ACM_TagEquipmentMap] AS o
    ON o.[EquipID] = e.[EquipID]
        AND o.[TagName] COLLATE Latin1_General_100_BIN2 = c.name COLLATE Latin1_General_100_BIN2
WHERE NOT EXISTS (
    SELECT 1 FROM [dbo].[ACM_TagEquipmentMap] AS t
    WHERE t.[EquipID] = e.[EquipID] AND t.[TagName] = c.name COLLATE Latin1_General_100_BIN2
);
COMMIT TRANSACTION;

SELECT [EquipID], [EquipCode], [TimeZone], [HistorianTable] FROM [dbo].[Equipment] ORDER BY [EquipCode];
GO
