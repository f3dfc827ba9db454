DROP TABLE IF EXISTS [stage].[acm_ACM_StagedRows_s1];
CREATE TABLE [stage].[acm_ACM_StagedRows_s1] (
    [TableName] NVARCHAR(128) COLLATE Latin1_General_100_BIN2 NOT NULL,
    [RowNumber] INT NOT NULL,
    [bool_1] BIT NULL,
    [bytes_1] VARBINARY(MAX) NULL,
    [f64_1] FLOAT(53) NULL,
    [f64_2] FLOAT(53) NULL,
    [f64_3] FLOAT(53) NULL,
    [f64_4] FLOAT(53) NULL,
    [f64_5] FLOAT(53) NULL,
    [f64_6] FLOAT(53) NULL,
    [f64_7] FLOAT(53) NULL,
    [f64_8] FLOAT(53) NULL,
    [f64_9] FLOAT(53) NULL,
    [f64_10] FLOAT(53) NULL,
    [f64_11] FLOAT(53) NULL,
    [i32_1] INT NULL,
    [i32_2] INT NULL,
    [i32_3] INT NULL,
    [i32_4] INT NULL,
    [i64_1] BIGINT NULL,
    [i64_2] BIGINT NULL,
    [i64_3] BIGINT NULL,
    [i64_4] BIGINT NULL,
    [i64_5] BIGINT NULL,
    [i64_6] BIGINT NULL,
    [i64_7] BIGINT NULL,
    [str_1] NVARCHAR(1000) COLLATE Latin1_General_100_BIN2 NULL,
    [str_2] NVARCHAR(1000) COLLATE Latin1_General_100_BIN2 NULL,
    [str_3] NVARCHAR(1000) COLLATE Latin1_General_100_BIN2 NULL,
    [str_4] NVARCHAR(1000) COLLATE Latin1_General_100_BIN2 NULL,
    [str_5] NVARCHAR(1000) COLLATE Latin1_General_100_BIN2 NULL,
    [str_6] NVARCHAR(1000) COLLATE Latin1_General_100_BIN2 NULL,
    [str_7] NVARCHAR(1000) COLLATE Latin1_General_100_BIN2 NULL,
    [str_8] NVARCHAR(1000) COLLATE Latin1_General_100_BIN2 NULL,
    [str_9] NVARCHAR(1000) COLLATE Latin1_General_100_BIN2 NULL,
    [str_10] NVARCHAR(1000) COLLATE Latin1_General_100_BIN2 NULL,
    [str_11] NVARCHAR(1000) COLLATE Latin1_General_100_BIN2 NULL,
    [str_12] NVARCHAR(1000) COLLATE Latin1_General_100_BIN2 NULL,
    [str_13] NVARCHAR(1000) COLLATE Latin1_General_100_BIN2 NULL,
    [text_1] NVARCHAR(MAX) COLLATE Latin1_General_100_BIN2 NULL,
    [text_2] NVARCHAR(MAX) COLLATE Latin1_General_100_BIN2 NULL,
    [text_3] NVARCHAR(MAX) COLLATE Latin1_General_100_BIN2 NULL,
    [ts3_1] DATETIME2(3) NULL,
    [ts3_2] DATETIME2(3) NULL,
    [ts3_3] DATETIME2(3) NULL,
    [ts3_4] DATETIME2(3) NULL,
    [ts3_5] DATETIME2(3) NULL,
    [ts3_6] DATETIME2(3) NULL,
    [ts3_7] DATETIME2(3) NULL,
    [ts3_8] DATETIME2(3) NULL,
    [uuid_1] UNIQUEIDENTIFIER NULL
);
CREATE UNIQUE CLUSTERED INDEX [IX_key] ON [stage].[acm_ACM_StagedRows_s1] ([TableName], [RowNumber])
GO

SELECT * FROM (SELECT [uuid_1] AS [RunID], [i32_1] AS [EquipID], [ts3_1] AS [WindowStartEntryDateTime], [ts3_2] AS [WindowEndEntryDateTime], [i64_1] AS [SamplesIn], [i64_2] AS [SamplesKept], [i32_2] AS [SensorsKept], [f64_1] AS [CadenceOKPct], [f64_2] AS [DriftP95], [f64_3] AS [ReconRMSE], [i64_3] AS [AnomalyCount] FROM [stage].[acm_ACM_StagedRows_s1] WHERE [TableName] = N'ACM_Run_Stats') AS s
GO

SET NOCOUNT ON;
DECLARE @types NVARCHAR(60) = N'@P1 INT, @P2 DATETIME2(3), @P3 DATETIME2(3)', @started DATETIME2(7);
SET @started = SYSUTCDATETIME();
EXEC sys.sp_executesql ?, @types, ?, ?, ?;
SELECT @@ROWCOUNT AS row_count, DATEDIFF_BIG(microsecond, @started, SYSUTCDATETIME()) AS microseconds;
SET @started = SYSUTCDATETIME();
EXEC sys.sp_executesql ?, @types, ?, ?, ?;
SELECT @@ROWCOUNT AS row_count, DATEDIFF_BIG(microsecond, @started, SYSUTCDATETIME()) AS microseconds;
SET @started = SYSUTCDATETIME();
EXEC sys.sp_executesql ?, @types, ?, ?, ?;
SELECT @@ROWCOUNT AS row_count, DATEDIFF_BIG(microsecond, @started, SYSUTCDATETIME()) AS microseconds;
SET @started = SYSUTCDATETIME();
EXEC sys.sp_executesql ?, @types, ?, ?, ?;
SELECT @@ROWCOUNT AS row_count, DATEDIFF_BIG(microsecond, @started, SYSUTCDATETIME()) AS microseconds;
SET NOCOUNT OFF
GO
