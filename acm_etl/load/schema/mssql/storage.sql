-- How the tables with a row per reading are stored: compressed, partitioned by month, with a columnstore index. By default the
-- script changes nothing. `acm-etl init --compression page --partition month --columnstore` runs it with the values set; by hand,
-- set them below. Repeat it once a year to add the months to come. Requires ALTER on the tables, and for partitions ALTER ANY
-- DATASPACE. It needs free space for a second copy of the largest table. Stop the backfills first: only Enterprise, Developer and
-- Azure build online, other editions lock a table until it is built.
--
--     sqlcmd -b -I -d <database> -i storage.sql
SET ANSI_NULLS, ANSI_PADDING, ANSI_WARNINGS, ARITHABORT, CONCAT_NULL_YIELDS_NULL, QUOTED_IDENTIFIER, XACT_ABORT ON;
SET NUMERIC_ROUNDABORT OFF;
SET NOCOUNT ON;
-- N'PAGE' or N'NONE'; NULL leaves the tables as they are.
DECLARE @Compression NVARCHAR(4) = NULL;
DECLARE @PartitionByMonth BIT = 0;
-- For reports that aggregate years: one index more to write in every batch. To remove it, DROP INDEX [CS_<table>].
DECLARE @Columnstore BIT = 0;

DECLARE @online NVARCHAR(20) = IIF(CAST(SERVERPROPERTY('EngineEdition') AS INT) IN (3, 5, 8), N', ONLINE = ON', N'');
DECLARE @first DATETIME2(3), @last DATETIME2(3), @limits NVARCHAR(MAX), @sql NVARCHAR(MAX), @place INT = 1;
DECLARE @now DATETIME2(3) = SYSUTCDATETIME(), @exists BIT = 0, @unclustered sysname, @problem NVARCHAR(400);
DECLARE @tables TABLE (
    [name] sysname NOT NULL, [key] NVARCHAR(400) NOT NULL, [time] NVARCHAR(140) NOT NULL,
    [moves] BIT NOT NULL DEFAULT 0, [has_columnstore] BIT NOT NULL DEFAULT 0
);
DECLARE @changes TABLE ([place] INT IDENTITY(1, 1) NOT NULL, [statement] NVARCHAR(MAX) NOT NULL);

IF DB_ID() <= 4 OR OBJECT_ID(N'[dbo].[ACM_Scores_Wide]', N'U') IS NULL
    THROW 50032, N'The tables of acm_etl are not in this database; choose a database with sqlcmd -d, or run acm-etl init.', 1;

INSERT INTO @tables ([name], [key], [time]) VALUES
{{stored_tables}};

-- Its rows would stay as they are: the statements below are built from the clustered index.
SET @unclustered = (
    SELECT MIN(t.[name])
    FROM @tables AS t
    WHERE NOT EXISTS (
        SELECT 1 FROM sys.indexes AS i WHERE i.object_id = OBJECT_ID(N'[dbo].' + QUOTENAME(t.[name])) AND i.index_id = 1
    )
);
IF (@Compression IS NOT NULL OR @PartitionByMonth = 1) AND @unclustered IS NOT NULL
BEGIN
    SET @problem = CONCAT(
        N'Nothing was changed. ', @unclustered, N' has no clustered index. Create its primary key as in the scripts 001 to 004.'
    );
    THROW 50033, @problem, 1;
END;

UPDATE t SET [moves] = 1
FROM @tables AS t
INNER JOIN sys.indexes AS i ON i.object_id = OBJECT_ID(N'[dbo].' + QUOTENAME(t.[name])) AND i.index_id = 1
WHERE @PartitionByMonth = 1 AND NOT EXISTS (SELECT 1 FROM sys.partition_schemes AS s WHERE s.data_space_id = i.data_space_id);
UPDATE t SET [has_columnstore] = 1
FROM @tables AS t
INNER JOIN sys.indexes AS i ON i.object_id = OBJECT_ID(N'[dbo].' + QUOTENAME(t.[name])) AND i.type_desc = N'NONCLUSTERED COLUMNSTORE';

IF @PartitionByMonth = 1
BEGIN
    -- By machine, along the key: a minimum over the whole table would scan it.
    SET @first = (
        SELECT MIN(x.[Timestamp])
        FROM [dbo].[Equipment] AS e
        CROSS APPLY (
            SELECT TOP (1) r.[Timestamp] FROM [dbo].[ACM_Scores_Wide] AS r WHERE r.[EquipID] = e.[EquipID] ORDER BY r.[Timestamp]
        ) AS x
    );
    -- Without readings yet, months for a history of ten years: rows before the first month share one partition.
    SET @first = COALESCE(@first, DATEADD(year, -10, @now));
    SET @first = DATEFROMPARTS(YEAR(@first), MONTH(@first), 1);
    SET @last = DATEADD(month, 24, DATEFROMPARTS(YEAR(@now), MONTH(@now), 1));
    SET @exists = IIF(EXISTS (SELECT 1 FROM sys.partition_functions WHERE name = N'PF_ACM_Month'), 1, 0);
    IF @exists = 0
    BEGIN
        WHILE @first <= @last
        BEGIN
            SET @limits = CONCAT(@limits + N', ', N'''', CONVERT(NVARCHAR(10), @first, 23), N'''');
            SET @first = DATEADD(month, 1, @first);
        END;
        INSERT INTO @changes ([statement]) VALUES
            (CONCAT(N'CREATE PARTITION FUNCTION [PF_ACM_Month] (DATETIME2(3)) AS RANGE RIGHT FOR VALUES (', @limits, N')'));
    END;
    -- Apart from the function: an earlier call may have been interrupted between the two.
    IF NOT EXISTS (SELECT 1 FROM sys.partition_schemes WHERE name = N'PS_ACM_Month')
        INSERT INTO @changes ([statement]) VALUES
            (N'CREATE PARTITION SCHEME [PS_ACM_Month] AS PARTITION [PF_ACM_Month] ALL TO ([PRIMARY])');
    IF @exists = 1
    BEGIN
        -- After the last month only: splitting an empty partition moves no row.
        SET @first = (
            SELECT DATEADD(month, 1, CAST(MAX(v.value) AS DATETIME2(3)))
            FROM sys.partition_range_values AS v
            INNER JOIN sys.partition_functions AS f ON f.function_id = v.function_id
            WHERE f.name = N'PF_ACM_Month'
        );
        WHILE @first <= @last
        BEGIN
            INSERT INTO @changes ([statement]) VALUES (CONCAT(
                N'ALTER PARTITION SCHEME [PS_ACM_Month] NEXT USED [PRIMARY]; ',
                N'ALTER PARTITION FUNCTION [PF_ACM_Month]() SPLIT RANGE (''', CONVERT(NVARCHAR(10), @first, 23), N''')'
            ));
            SET @first = DATEADD(month, 1, @first);
        END;
    END;
    -- A columnstore index has the partitions of its table (error 35316): it is built again below.
    INSERT INTO @changes ([statement])
    SELECT CONCAT(N'DROP INDEX ', QUOTENAME(N'CS_' + t.[name]), N' ON [dbo].', QUOTENAME(t.[name]))
    FROM @tables AS t
    WHERE t.[moves] = 1 AND t.[has_columnstore] = 1;
    -- DROP_EXISTING keeps the constraint of the primary key. The time is a part of the key, as a partitioned key requires.
    INSERT INTO @changes ([statement])
    SELECT CONCAT(
        N'CREATE UNIQUE CLUSTERED INDEX ', QUOTENAME(N'PK_' + t.[name]), N' ON [dbo].', QUOTENAME(t.[name]), N' (', t.[key],
        N') WITH (DROP_EXISTING = ON', N', DATA_COMPRESSION = ',
        -- Descriptions of the catalogue have a collation of their own.
        COALESCE(@Compression, p.data_compression_desc COLLATE DATABASE_DEFAULT), @online,
        N') ON [PS_ACM_Month](', t.[time], N')'
    )
    FROM @tables AS t
    INNER JOIN sys.indexes AS i ON i.object_id = OBJECT_ID(N'[dbo].' + QUOTENAME(t.[name])) AND i.index_id = 1
    INNER JOIN sys.partitions AS p ON p.object_id = i.object_id AND p.index_id = 1 AND p.partition_number = 1
    WHERE t.[moves] = 1;
END;

IF @Compression IS NOT NULL
    INSERT INTO @changes ([statement])
    SELECT CONCAT(
        N'ALTER INDEX ', QUOTENAME(N'PK_' + t.[name]), N' ON [dbo].', QUOTENAME(t.[name]), N' REBUILD PARTITION = ALL',
        N' WITH (DATA_COMPRESSION = ', @Compression, @online, N')'
    )
    FROM @tables AS t
    INNER JOIN sys.indexes AS i ON i.object_id = OBJECT_ID(N'[dbo].' + QUOTENAME(t.[name])) AND i.index_id = 1
    WHERE EXISTS (
            SELECT 1 FROM sys.partitions AS p
            WHERE p.object_id = i.object_id AND p.index_id = 1 AND p.data_compression_desc <> @Compression
        )
        -- A table that moves to the months is compressed on the way.
        AND t.[moves] = 0;

-- MAXDOP = 1 keeps the order of the key in the segments, so that a query of one machine and period skips the others.
INSERT INTO @changes ([statement])
SELECT CONCAT(
    N'CREATE NONCLUSTERED COLUMNSTORE INDEX ', QUOTENAME(N'CS_' + t.[name]), N' ON [dbo].', QUOTENAME(t.[name]), N' (', c.names,
    N') WITH (MAXDOP = 1)'
)
FROM @tables AS t
CROSS APPLY (
    SELECT STRING_AGG(CAST(QUOTENAME(s.name) AS NVARCHAR(MAX)), N', ') WITHIN GROUP (ORDER BY s.column_id) AS names
    FROM sys.columns AS s
    WHERE s.object_id = OBJECT_ID(N'[dbo].' + QUOTENAME(t.[name]))
) AS c
WHERE (@Columnstore = 1 AND t.[has_columnstore] = 0) OR (t.[moves] = 1 AND t.[has_columnstore] = 1);

WHILE EXISTS (SELECT 1 FROM @changes WHERE [place] = @place)
BEGIN
    SET @sql = (SELECT [statement] FROM @changes WHERE [place] = @place);
    EXEC sys.sp_executesql @sql;
    SET @place += 1;
END;
SELECT [statement] FROM @changes ORDER BY [place];
SET NOCOUNT OFF;
