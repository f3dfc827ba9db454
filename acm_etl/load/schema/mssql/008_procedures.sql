-- Procedures for other programs. The parameters are those of ACM V8; differences are described at each procedure and in
-- docs/mssql.md, which lists the error numbers of THROW. A procedure opens a transaction if the caller has none. Otherwise
-- it works inside the transaction of the caller and never ends it; an error dooms that transaction.

-- Registers a run as RUNNING before its work begins. V8 generated random RunIDs and entered new runs as OK; here the caller
-- gives the RunID (the same work has the same RunID), and a finished run is not changed. Nothing is deleted: the
-- transaction that publishes a run replaces its rows.
CREATE OR ALTER PROCEDURE [dbo].[usp_ACM_StartRun]
    @EquipID INT,
    @ConfigHash NVARCHAR(64) = NULL,
    @WindowStart DATETIME2(3) = NULL,
    @WindowEnd DATETIME2(3) = NULL,
    @Stage NVARCHAR(32) = N'started',
    @Version NVARCHAR(32) = NULL,
    @TriggerReason NVARCHAR(64) = NULL,
    @RunID UNIQUEIDENTIFIER = NULL OUTPUT
AS
BEGIN
    SET NOCOUNT ON;
    SET XACT_ABORT ON;
    DECLARE @owner BIT = CASE WHEN @@TRANCOUNT = 0 THEN 1 ELSE 0 END,
        @now DATETIME2(3) = SYSUTCDATETIME(),
        @holder NVARCHAR(200) = LEFT(CONCAT(HOST_NAME(), N':', @@SPID, N' ', @TriggerReason), 200),
        @lock_name NVARCHAR(255), @outcome NVARCHAR(16), @other BIT, @message NVARCHAR(2048);
    BEGIN TRY
        IF @RunID IS NULL
            THROW 50003, N'RunID is missing: give a RunID that is derived from machine, window and settings.', 1;
        IF NOT EXISTS (SELECT 1 FROM [dbo].[Equipment] WHERE [EquipID] = @EquipID)
        BEGIN
            SET @message = CONCAT(N'There is no machine with EquipID ', COALESCE(CAST(@EquipID AS NVARCHAR(12)), N'NULL'), N'.');
            THROW 50001, @message, 1;
        END;
        SET @Stage = CASE WHEN @Stage = N'started' THEN N'score' ELSE @Stage END;
        IF @Stage IS NULL OR @Stage COLLATE Latin1_General_100_BIN2 NOT IN (N'score', N'coldstart', N'import')
            THROW 50004, N'Stage must be score (or started), coldstart or import.', 1;
        IF (@Stage = N'score' AND (@WindowStart IS NULL OR @WindowEnd IS NULL)) OR @WindowEnd <= @WindowStart
            THROW 50005, N'A scoring run needs a window: WindowStart (included) before WindowEnd (excluded), UTC.', 1;
        IF @ConfigHash IS NULL OR @ConfigHash = N''
            THROW 50006, N'ConfigHash is missing: give the hash of the settings of the run.', 1;
        SET @lock_name = (SELECT CONCAT(N'acm_etl:machine:', [EquipCode]) FROM [dbo].[Equipment] WHERE [EquipID] = @EquipID);
        IF @Stage <> N'import' AND APPLOCK_TEST(N'public', @lock_name, N'Exclusive', N'Session') = 0
            THROW 50027, N'Another session holds the lock of this machine.', 1;

        IF @owner = 1
            BEGIN TRANSACTION;
        SELECT @outcome = r.[Outcome],
            @other = CASE WHEN r.[EquipID] = @EquipID AND r.[Stage] = @Stage AND NOT EXISTS (
                SELECT r.[WindowStart], r.[WindowEnd] EXCEPT SELECT @WindowStart, @WindowEnd
            ) THEN 0 ELSE 1 END
        FROM [dbo].[RunLog] AS r WITH (UPDLOCK, HOLDLOCK)
        WHERE r.[RunID] = @RunID;

        IF @outcome IS NULL
            INSERT INTO [dbo].[RunLog] (
                [RunID], [EquipID], [Stage], [WindowStart], [WindowEnd], [Outcome], [Provisional], [ConfigSignature],
                [Attempt], [AttemptStartedAt], [StartedAt], [Holder], [Version]
            )
            VALUES (
                @RunID, @EquipID, @Stage, @WindowStart, @WindowEnd, N'RUNNING', 0, @ConfigHash,
                1, @now, @now, @holder, COALESCE(@Version, N'unknown')
            );
        ELSE IF @other = 1
            THROW 50007, N'This RunID belongs to another run with a different machine, stage or window.', 1;
        ELSE IF @outcome NOT IN (N'RUNNING', N'FAIL')
        BEGIN
            SET @message = CONCAT(N'This run is finished (', @outcome, N'); only publishing replaces a finished run.');
            THROW 50008, @message, 1;
        END;
        ELSE
            UPDATE [dbo].[RunLog]
            SET [Outcome] = N'RUNNING', [Attempt] = [Attempt] + 1, [ConfigSignature] = @ConfigHash,
                [AttemptStartedAt] = CASE WHEN @now > [StartedAt] THEN @now ELSE [StartedAt] END,
                [CompletedAt] = NULL, [ErrorMessage] = NULL, [Holder] = @holder,
                [Version] = COALESCE(@Version, [Version])
            WHERE [RunID] = @RunID AND [Outcome] IN (N'RUNNING', N'FAIL');
        IF @owner = 1
            COMMIT TRANSACTION;
    END TRY
    BEGIN CATCH
        IF @owner = 1 AND XACT_STATE() <> 0
            ROLLBACK TRANSACTION;
        THROW;
    END CATCH;
END;
GO

IF DATABASE_PRINCIPAL_ID(N'acm_loader') IS NOT NULL
    GRANT EXECUTE ON [dbo].[usp_ACM_StartRun] TO [acm_loader];
GO

-- Ends a RUNNING run as OK, NOOP or FAIL. A repeated call has no effect (V8 finalised some runs twice). Set OK in the
-- transaction that writes the rows of the run, so that both are committed or neither.
CREATE OR ALTER PROCEDURE [dbo].[usp_ACM_FinalizeRun]
    @RunID UNIQUEIDENTIFIER,
    @Outcome NVARCHAR(16),
    @RowsRead BIGINT = NULL,
    @RowsWritten BIGINT = NULL,
    @ErrorJSON NVARCHAR(MAX) = NULL
AS
BEGIN
    SET NOCOUNT ON;
    SET XACT_ABORT ON;
    DECLARE @owner BIT = CASE WHEN @@TRANCOUNT = 0 THEN 1 ELSE 0 END,
        @now DATETIME2(3) = SYSUTCDATETIME(),
        @current NVARCHAR(16), @equip INT, @stage NVARCHAR(32), @start DATETIME2(3), @end DATETIME2(3),
        @reason NVARCHAR(1000), @type NVARCHAR(100), @message NVARCHAR(2048);
    BEGIN TRY
        IF @Outcome IS NULL OR @Outcome COLLATE Latin1_General_100_BIN2 NOT IN (N'OK', N'NOOP', N'FAIL')
            THROW 50009, N'Outcome must be OK, NOOP or FAIL.', 1;
        IF @Outcome = N'FAIL'
        BEGIN
            SET @ErrorJSON = COALESCE(NULLIF(@ErrorJSON, N''), N'no reason was given');
            SET @reason = CASE WHEN LEN(@ErrorJSON) > 1000 THEN LEFT(@ErrorJSON, 997) + N'...' ELSE @ErrorJSON END;
            SET @type = CASE WHEN ISJSON(@ErrorJSON) = 1 THEN LEFT(JSON_VALUE(@ErrorJSON, '$.type'), 100) END;
        END;

        IF @owner = 1
            BEGIN TRANSACTION;
        SELECT @current = [Outcome], @equip = [EquipID], @stage = [Stage], @start = [WindowStart], @end = [WindowEnd]
        FROM [dbo].[RunLog] WITH (UPDLOCK, HOLDLOCK)
        WHERE [RunID] = @RunID;
        IF @current IS NULL
            THROW 50010, N'There is no run with this RunID: register the run with usp_ACM_StartRun first.', 1;
        IF @current <> N'RUNNING' AND @current <> @Outcome COLLATE Latin1_General_100_BIN2
        BEGIN
            SET @message = CONCAT(N'This run is ', @current, N', not RUNNING, so it cannot end as ', @Outcome, N'.');
            THROW 50011, @message, 1;
        END;
        -- Published windows do not overlap: the last one that begins before this one ends is the only candidate.
        IF @current = N'RUNNING' AND @stage = N'score' AND @Outcome <> N'FAIL' AND @start < (
            SELECT TOP (1) r.[WindowEnd] FROM [dbo].[RunLog] AS r WITH (UPDLOCK, HOLDLOCK)
            WHERE r.[EquipID] = @equip AND r.[WindowStart] < @end AND r.[RunID] <> @RunID
                AND r.[Stage] = N'score' AND r.[Outcome] IN (N'OK', N'NOOP')
            ORDER BY r.[WindowStart] DESC
        )
            THROW 50012, N'Another run has published part of this window: run acm-etl backfill --replay-from first.', 1;

        IF @current = N'RUNNING'
        BEGIN
            UPDATE [dbo].[RunLog]
            SET [Outcome] = @Outcome, [RowsRead] = COALESCE(@RowsRead, [RowsRead]),
                [RowsWritten] = COALESCE(@RowsWritten, [RowsWritten]), [ErrorMessage] = @reason,
                [CompletedAt] = CASE WHEN @now > [AttemptStartedAt] THEN @now ELSE [AttemptStartedAt] END
            WHERE [RunID] = @RunID AND [Outcome] = N'RUNNING';
            IF @Outcome = N'FAIL' AND @start IS NOT NULL AND @end IS NOT NULL
                INSERT INTO [dbo].[ACM_RunErrors] (
                    [RunID], [EquipID], [Attempt], [GroupStart], [GroupEnd], [ErrorType], [ErrorMessage], [OccurredAt]
                )
                SELECT r.[RunID], r.[EquipID], r.[Attempt], @start, @end, COALESCE(@type, N'external'), @reason, @now
                FROM [dbo].[RunLog] AS r
                WHERE r.[RunID] = @RunID AND NOT EXISTS (
                    SELECT 1 FROM [dbo].[ACM_RunErrors] AS e WHERE e.[RunID] = r.[RunID] AND e.[Attempt] = r.[Attempt]
                );
        END;
        IF @owner = 1
            COMMIT TRANSACTION;
    END TRY
    BEGIN CATCH
        IF @owner = 1 AND XACT_STATE() <> 0
            ROLLBACK TRANSACTION;
        THROW;
    END CATCH;
END;
GO

IF DATABASE_PRINCIPAL_ID(N'acm_loader') IS NOT NULL
    GRANT EXECUTE ON [dbo].[usp_ACM_FinalizeRun] TO [acm_loader];
GO

-- Returns whether a machine still needs its initial training. It only reads; the V8 procedure also wrote, and returned yes
-- for every machine it had ever checked. COMPLETE counts only while the models of the training exist. RequiredRows and
-- TickMinutes are ignored and remain for callers; the required readings are a setting, stored in ACM_ColdstartState.
CREATE OR ALTER PROCEDURE [dbo].[usp_ACM_CheckColdstartStatus]
    @EquipID INT,
    @Stage NVARCHAR(20) = N'score',
    @RequiredRows INT = 500,
    @TickMinutes INT = 30,
    @NeedsColdstart BIT = NULL OUTPUT,
    @AccumulatedRows BIGINT = NULL OUTPUT,
    @AttemptCount INT = NULL OUTPUT
AS
BEGIN
    SET NOCOUNT ON;
    SET XACT_ABORT ON;
    IF NOT EXISTS (SELECT 1 FROM [dbo].[Equipment] WHERE [EquipID] = @EquipID)
        THROW 50001, N'There is no machine with this EquipID.', 1;
    SELECT @NeedsColdstart = 1, @AccumulatedRows = 0, @AttemptCount = 0;
    SELECT @AccumulatedRows = c.[AccumulatedRows], @AttemptCount = c.[AttemptCount],
        @NeedsColdstart = CASE WHEN c.[Status] = N'COMPLETE' AND EXISTS (
            SELECT 1 FROM [dbo].[ModelRegistry] AS m
            WHERE m.[EquipID] = c.[EquipID] AND m.[Version] = c.[ModelVersion]
        ) THEN 0 ELSE 1 END
    FROM [dbo].[ACM_ColdstartState] AS c
    WHERE c.[EquipID] = @EquipID AND c.[Stage] = @Stage;
END;
GO

IF DATABASE_PRINCIPAL_ID(N'acm_loader') IS NOT NULL
    GRANT EXECUTE ON [dbo].[usp_ACM_CheckColdstartStatus] TO [acm_loader];
IF DATABASE_PRINCIPAL_ID(N'acm_reader') IS NOT NULL
    GRANT EXECUTE ON [dbo].[usp_ACM_CheckColdstartStatus] TO [acm_reader];
GO

-- Records one attempt at the initial training, with the transitions of acm_etl.load.models.coldstart: PENDING or FAILED (after
-- RetryAfter) becomes IN_PROGRESS; IN_PROGRESS becomes COMPLETE (Success = 1, enough rows, models stored), FAILED
-- (ErrorMessage) or PENDING (rows are missing). COMPLETE stays COMPLETE. RowsReceived replaces the count instead of adding
-- to it: attempts overlap, and V8 counted the same readings several times.
CREATE OR ALTER PROCEDURE [dbo].[usp_ACM_UpdateColdstartProgress]
    @EquipID INT,
    @Stage NVARCHAR(20) = N'score',
    @RowsReceived BIGINT = 0,
    @DataStart DATETIME2(3) = NULL,
    @DataEnd DATETIME2(3) = NULL,
    @ErrorMessage NVARCHAR(2000) = NULL,
    @Success BIT = 0
AS
BEGIN
    SET NOCOUNT ON;
    SET XACT_ABORT ON;
    DECLARE @owner BIT = CASE WHEN @@TRANCOUNT = 0 THEN 1 ELSE 0 END,
        @now DATETIME2(3) = SYSUTCDATETIME(),
        @lock_name NVARCHAR(255), @status NVARCHAR(20), @required BIGINT, @retry DATETIME2(3), @version INT, @trained DATETIME2(3),
        @message NVARCHAR(2048);
    BEGIN TRY
        IF @Stage IS NULL OR @Stage COLLATE Latin1_General_100_BIN2 <> N'score'
            THROW 50004, N'Stage of a coldstart must be score.', 1;
        IF @RowsReceived < 0 OR @DataEnd < @DataStart OR (@Success = 1 AND @ErrorMessage IS NOT NULL)
            THROW 50013, N'The parameters contradict each other: rows below 0, end before start, or success with an error.', 1;
        IF NOT EXISTS (SELECT 1 FROM [dbo].[Equipment] WHERE [EquipID] = @EquipID)
            THROW 50001, N'There is no machine with this EquipID.', 1;
        SET @lock_name = (SELECT CONCAT(N'acm_etl:machine:', [EquipCode]) FROM [dbo].[Equipment] WHERE [EquipID] = @EquipID);
        IF APPLOCK_TEST(N'public', @lock_name, N'Exclusive', N'Session') = 0
            THROW 50027, N'Another session holds the lock of this machine.', 1;

        IF @owner = 1
            BEGIN TRANSACTION;
        SELECT @status = [Status], @required = [RequiredRows], @retry = [RetryAfter]
        FROM [dbo].[ACM_ColdstartState] WITH (UPDLOCK, HOLDLOCK)
        WHERE [EquipID] = @EquipID AND [Stage] = @Stage;
        IF @status = N'COMPLETE'
            THROW 50014, N'This coldstart is COMPLETE; acm-etl reset starts it again.', 1;
        IF @status = N'FAILED' AND @now < @retry
        BEGIN
            SET @message = CONCAT(N'This coldstart failed and is not repeated before ', CONVERT(NVARCHAR(23), @retry, 121), N' UTC.');
            THROW 50014, @message, 1;
        END;

        IF @status IS NULL
        BEGIN
            SET @required = 1000;
            INSERT INTO [dbo].[ACM_ColdstartState] (
                [EquipID], [Stage], [Status], [AccumulatedRows], [RequiredRows], [AttemptCount],
                [FirstAttemptAt], [LastAttemptAt]
            )
            VALUES (@EquipID, @Stage, N'IN_PROGRESS', 0, @required, 1, @now, @now);
        END;
        ELSE IF @status <> N'IN_PROGRESS'
            UPDATE [dbo].[ACM_ColdstartState]
            SET [Status] = N'IN_PROGRESS', [AttemptCount] = [AttemptCount] + 1, [LastAttemptAt] = @now,
                [FirstAttemptAt] = COALESCE([FirstAttemptAt], @now), [Reason] = NULL, [RetryAfter] = NULL
            WHERE [EquipID] = @EquipID AND [Stage] = @Stage AND [Status] = @status;

        SELECT TOP (1) @version = [Version], @trained = [TrainEnd]
        FROM [dbo].[ModelRegistry]
        WHERE [EquipID] = @EquipID
        ORDER BY [Version] DESC;
        IF @Success = 1 AND (@version IS NULL OR @RowsReceived < @required)
        BEGIN
            SET @message = CONCAT(
                N'COMPLETE needs models in ModelRegistry (', CASE WHEN @version IS NULL THEN N'none' ELSE N'there' END,
                N') and ', @required, N' readings (', @RowsReceived, N').'
            );
            THROW 50015, @message, 1;
        END;

        UPDATE [dbo].[ACM_ColdstartState]
        SET [Status] = CASE
                WHEN @ErrorMessage IS NOT NULL THEN N'FAILED' WHEN @Success = 1 THEN N'COMPLETE' ELSE N'PENDING'
            END,
            [AccumulatedRows] = CASE WHEN @ErrorMessage IS NULL THEN @RowsReceived ELSE [AccumulatedRows] END,
            [DataStart] = COALESCE(@DataStart, [DataStart]),
            [DataEnd] = COALESCE(@DataEnd, [DataEnd]),
            [TrainEnd] = CASE WHEN @Success = 1 THEN @trained ELSE [TrainEnd] END,
            [ModelVersion] = CASE WHEN @Success = 1 THEN @version ELSE [ModelVersion] END,
            [CompletedAt] = CASE WHEN @Success = 1 THEN @now ELSE [CompletedAt] END,
            [RetryAfter] = CASE WHEN @ErrorMessage IS NOT NULL THEN DATEADD(HOUR, 1, @now) END,
            [Reason] = CASE
                WHEN @ErrorMessage IS NOT NULL THEN LEFT(@ErrorMessage, 1000)
                WHEN @Success = 1 THEN NULL
                ELSE CONCAT(@RowsReceived, N' of ', @required, N' running readings so far')
            END
        WHERE [EquipID] = @EquipID AND [Stage] = @Stage AND [Status] = N'IN_PROGRESS';
        IF @@ROWCOUNT <> 1
            THROW 50014, N'Another session changed the coldstart meanwhile: read its status again.', 1;
        IF @owner = 1
            COMMIT TRANSACTION;
    END TRY
    BEGIN CATCH
        IF @owner = 1 AND XACT_STATE() <> 0
            ROLLBACK TRANSACTION;
        THROW;
    END CATCH;
END;
GO

IF DATABASE_PRINCIPAL_ID(N'acm_loader') IS NOT NULL
    GRANT EXECUTE ON [dbo].[usp_ACM_UpdateColdstartProgress] TO [acm_loader];
GO

-- Registers a machine under the next free EquipID, with every numeric column of its historian table as a tag. For a
-- registered machine, it adds new tags. ExternalDb and Active remain for callers: a historian in another database needs a
-- view in this database, and a machine is retired by IsActive = 0 on its tags. The other parameters are new and optional.
CREATE OR ALTER PROCEDURE [dbo].[usp_ACM_RegisterEquipment]
    @EquipCode NVARCHAR(100),
    @ExternalDb sysname = NULL,
    @Active BIT = 1,
    @EquipID INT = NULL OUTPUT,
    @TimeZone NVARCHAR(64) = NULL,
    @HistorianTable NVARCHAR(128) = NULL,
    @TimeColumn NVARCHAR(128) = NULL,
    @EquipName NVARCHAR(200) = NULL,
    @Area NVARCHAR(100) = NULL,
    @Unit NVARCHAR(100) = NULL
AS
BEGIN
    SET NOCOUNT ON;
    SET XACT_ABORT ON;
    DECLARE @owner BIT = CASE WHEN @@TRANCOUNT = 0 THEN 1 ELSE 0 END,
        @now DATETIME2(3) = SYSUTCDATETIME(),
        @zone NVARCHAR(64), @table NVARCHAR(128), @time NVARCHAR(128), @object INT, @message NVARCHAR(2048);
    BEGIN TRY
        IF @EquipCode IS NULL OR LTRIM(@EquipCode) = N''
            THROW 50002, N'A machine needs a code.', 1;
        IF @ExternalDb IS NOT NULL AND @ExternalDb <> DB_NAME()
            THROW 50016, N'Historian tables are read from this database: create a view here over the table in ExternalDb.', 1;
        IF @Active IS NULL OR @Active = 0
            THROW 50016, N'A machine is retired by IsActive = 0 on its tags in ACM_TagEquipmentMap.', 1;

        IF @owner = 1
            BEGIN TRANSACTION;
        SET @EquipID = NULL;
        SELECT @EquipID = [EquipID], @zone = [TimeZone], @table = [HistorianTable], @time = [TimeColumn]
        FROM [dbo].[Equipment] WITH (UPDLOCK, HOLDLOCK)
        WHERE [EquipCode] = @EquipCode;
        IF @zone <> @TimeZone COLLATE Latin1_General_100_BIN2
            OR @table <> @HistorianTable COLLATE Latin1_General_100_BIN2
            OR @time <> @TimeColumn COLLATE Latin1_General_100_BIN2
        BEGIN
            SET @message = CONCAT(N'This machine is registered with ', @table, N'.', @time, N' in ', @zone, N'; its results depend on them.');
            THROW 50017, @message, 1;
        END;
        SELECT @zone = COALESCE(@zone, @TimeZone, N'UTC'), @time = COALESCE(@time, @TimeColumn, N'EntryDateTime'),
            @table = COALESCE(@table, @HistorianTable, @EquipCode + N'_Data');
        IF NOT EXISTS (SELECT 1 FROM [dbo].[ACM_TimeZones] WHERE [IanaName] = @zone)
            THROW 50018, N'TimeZone must be an IANA name of a time zone, such as Europe/Berlin.', 1;
        SET @object = OBJECT_ID(N'[dbo].' + QUOTENAME(@table));
        IF @object IS NULL OR COLUMNPROPERTY(@object, @time, 'ColumnId') IS NULL
        BEGIN
            SET @message = CONCAT(N'There is no historian table dbo.', @table, N' with a column ', @time, N' that you may read.');
            THROW 50019, @message, 1;
        END;

        IF @EquipID IS NULL
        BEGIN
            SELECT @EquipID = COALESCE(MAX([EquipID]), 0) + 1 FROM [dbo].[Equipment] WITH (UPDLOCK, HOLDLOCK);
            INSERT INTO [dbo].[Equipment] (
                [EquipID], [EquipCode], [EquipName], [Area], [Unit], [TimeZone], [HistorianTable], [TimeColumn],
                [CreatedAtUTC]
            )
            VALUES (@EquipID, @EquipCode, @EquipName, @Area, @Unit, @zone, @table, @time, @now);
        END;
        ELSE
            UPDATE [dbo].[Equipment]
            SET [EquipName] = COALESCE(@EquipName, [EquipName]), [Area] = COALESCE(@Area, [Area]),
                [Unit] = COALESCE(@Unit, [Unit])
            WHERE [EquipID] = @EquipID;

        INSERT INTO [dbo].[ACM_TagEquipmentMap] ([EquipID], [TagName], [EquipmentName], [IsActive], [CreatedAt])
        SELECT @EquipID, c.name, @EquipCode, 1, @now
        FROM sys.columns AS c
        WHERE c.object_id = @object AND c.name NOT IN (@time, N'LoadedAt')
            AND TYPE_NAME(c.system_type_id) IN (
                N'float', N'real', N'decimal', N'numeric', N'int', N'bigint', N'smallint', N'tinyint', N'bit'
            )
            AND NOT EXISTS (
                SELECT 1 FROM [dbo].[ACM_TagEquipmentMap] AS t
                WHERE t.[EquipID] = @EquipID AND t.[TagName] = c.name COLLATE Latin1_General_100_BIN2
            );
        IF @owner = 1
            COMMIT TRANSACTION;
    END TRY
    BEGIN CATCH
        IF @owner = 1 AND XACT_STATE() <> 0
            ROLLBACK TRANSACTION;
        THROW;
    END CATCH;
END;
GO

-- Returns the readings of a machine in [StartTime, EndTime), UTC, ordered by time: the time and one column per tag, with
-- the names of the historian table. V8 included both ends (BETWEEN), which returned a reading on a boundary twice. TagNames
-- is a comma-separated list; the default is all active tags. Only tags in ACM_TagEquipmentMap are read. The caller needs
-- SELECT on the historian table, because dynamic SQL runs with the permissions of the caller.
CREATE OR ALTER PROCEDURE [dbo].[usp_ACM_GetHistorianData]
    @StartTime DATETIME2(3),
    @EndTime DATETIME2(3),
    @TagNames NVARCHAR(MAX) = NULL,
    @EquipID INT = NULL,
    @EquipmentName NVARCHAR(100) = NULL
AS
BEGIN
    SET NOCOUNT ON;
    SET XACT_ABORT ON;
    DECLARE @equip INT, @table NVARCHAR(128), @time NVARCHAR(128), @object INT, @columns NVARCHAR(MAX),
        @missing NVARCHAR(1000), @sql NVARCHAR(MAX), @message NVARCHAR(2048);
    DECLARE @wanted TABLE ([TagName] NVARCHAR(255) COLLATE Latin1_General_100_BIN2 NOT NULL PRIMARY KEY);
    IF @StartTime IS NULL OR @EndTime IS NULL OR @EndTime <= @StartTime
        THROW 50005, N'StartTime (included) must be before EndTime (excluded), UTC.', 1;
    IF @EquipID IS NULL AND @EquipmentName IS NULL
        THROW 50002, N'Name the machine with EquipID or EquipmentName.', 1;
    SELECT @equip = [EquipID], @table = [HistorianTable], @time = [TimeColumn]
    FROM [dbo].[Equipment]
    WHERE (@EquipID IS NULL OR [EquipID] = @EquipID) AND (@EquipmentName IS NULL OR [EquipCode] = @EquipmentName);
    IF @equip IS NULL
        THROW 50001, N'There is no machine with this EquipID and EquipmentName.', 1;
    SET @object = OBJECT_ID(N'[dbo].' + QUOTENAME(@table));
    IF @object IS NULL OR COLUMNPROPERTY(@object, @time, 'ColumnId') IS NULL
    BEGIN
        SET @message = CONCAT(N'There is no historian table dbo.', @table, N' with a column ', @time, N' that you may read.');
        THROW 50019, @message, 1;
    END;

    IF @TagNames IS NULL
        INSERT INTO @wanted ([TagName])
        SELECT t.[TagName] FROM [dbo].[ACM_TagEquipmentMap] AS t
        WHERE t.[EquipID] = @equip AND t.[IsActive] = 1;
    ELSE
        INSERT INTO @wanted ([TagName])
        SELECT DISTINCT LTRIM(RTRIM(s.value)) COLLATE Latin1_General_100_BIN2
        FROM STRING_SPLIT(@TagNames, N',') AS s
        WHERE LTRIM(RTRIM(s.value)) <> N'';
    SET @missing = LEFT((
        SELECT STRING_AGG(CAST(w.[TagName] AS NVARCHAR(MAX)), N', ')
        FROM @wanted AS w
        WHERE NOT EXISTS (
            SELECT 1 FROM [dbo].[ACM_TagEquipmentMap] AS t WHERE t.[EquipID] = @equip AND t.[TagName] = w.[TagName]
        ) OR NOT EXISTS (
            SELECT 1 FROM sys.columns AS c
            WHERE c.object_id = @object AND c.name COLLATE Latin1_General_100_BIN2 = w.[TagName]
        )
    ), 1000);
    IF @missing IS NOT NULL
    BEGIN
        SET @message = CONCAT(N'Not tags of this machine, or not columns of dbo.', @table, N': ', @missing, N'.');
        THROW 50024, @message, 1;
    END;

    SET @columns = (
        SELECT STRING_AGG(CAST(QUOTENAME(c.name) AS NVARCHAR(MAX)), N', ') WITHIN GROUP (ORDER BY c.column_id)
        FROM sys.columns AS c
        INNER JOIN @wanted AS w ON w.[TagName] = c.name COLLATE Latin1_General_100_BIN2
        WHERE c.object_id = @object
    );
    IF @columns IS NULL
        THROW 50024, N'TagNames lists no tag of this machine, or no tag is active.', 1;
    SET @sql = N'SELECT ' + QUOTENAME(@time) + N', ' + @columns + N' FROM [dbo].' + QUOTENAME(@table)
        + N' WHERE ' + QUOTENAME(@time) + N' >= @from AND ' + QUOTENAME(@time) + N' < @to ORDER BY ' + QUOTENAME(@time);
    EXEC sys.sp_executesql @sql, N'@from DATETIME2(3), @to DATETIME2(3)', @from = @StartTime, @to = @EndTime;
END;
GO

IF DATABASE_PRINCIPAL_ID(N'acm_loader') IS NOT NULL
    GRANT EXECUTE ON [dbo].[usp_ACM_GetHistorianData] TO [acm_loader];
IF DATABASE_PRINCIPAL_ID(N'acm_reader') IS NOT NULL
    GRANT EXECUTE ON [dbo].[usp_ACM_GetHistorianData] TO [acm_reader];
GO

-- Deletes expired rows in small transactions of at most MaxRows rows, and returns the number of rows per table. By default
-- it only counts (DryRun = 1). It holds the lock of a machine while it deletes its rows; a machine that another session works
-- on is left out, and is an error if @EquipID names it. The rules are those of acm-etl prune and its settings retention.*:
--   TimeDays, EventDays, DayDays
--                  days of results to keep, counted back from the progress of the machine (not from today: results of
--                  a backfilled history are not expired because its readings are old); at least 400.
--   RunDays        the same for ACM_WriteMetrics; at least 1.
--   NoopDays       days to keep runs that ended as NOOP, counted back from now.
--   FailedDays     days to keep runs that ended as FAIL or SUPERSEDED, counted back from now.
--   ModelVersions  newest model versions to keep per machine.
-- NULL keeps everything. Rows that are still needed are never deleted: rows from 400 days before the oldest state of the
-- machine on (replays start at that state, and day tables look back 400 days); rows since the start of an open episode;
-- runs that rows of results refer to; NOOP runs after the oldest state; the models of the coldstart, and the models in use
-- at or after the oldest state.
CREATE OR ALTER PROCEDURE [dbo].[usp_ACM_DataRetention]
    @EquipID INT = NULL,
    @TimeDays INT = NULL,
    @EventDays INT = NULL,
    @DayDays INT = NULL,
    @RunDays INT = NULL,
    @NoopDays INT = NULL,
    @FailedDays INT = NULL,
    @ModelVersions INT = NULL,
    -- Short transactions: few locks, and a log that can be truncated in between.
    @MaxRows INT = 4000,
    @DryRun BIT = 1
AS
BEGIN
    SET NOCOUNT ON;
    SET XACT_ABORT ON;
    DECLARE @now DATETIME2(3) = SYSUTCDATETIME(), @equip INT, @cutoff DATETIME2(3), @name sysname, @time sysname,
        @sql NVARCHAR(MAX), @rows BIGINT, @total BIGINT, @machine INT, @lock_name NVARCHAR(255), @locked INT,
        @message NVARCHAR(400);
    DECLARE @tables TABLE (
        [Ordinal] INT IDENTITY(1, 1) PRIMARY KEY, [Name] sysname NOT NULL, [TimeColumn] sysname NOT NULL,
        [Grain] NVARCHAR(10) NOT NULL
    );
    DECLARE @done TABLE ([EquipID] INT NOT NULL, [TableName] sysname NULL, [Rows] BIGINT NOT NULL);
    DECLARE @expired TABLE ([RunID] UNIQUEIDENTIFIER NOT NULL PRIMARY KEY);
    DECLARE @versions TABLE ([EquipID] INT NOT NULL, [Version] INT NOT NULL, PRIMARY KEY ([EquipID], [Version]));
    IF @@TRANCOUNT > 0
        THROW 50025, N'usp_ACM_DataRetention commits its own transactions: call it outside a transaction.', 1;
    IF @TimeDays < 400 OR @EventDays < 400 OR @DayDays < 400 OR @RunDays < 1 OR @NoopDays < 1 OR @FailedDays < 1
        OR @ModelVersions < 1 OR @MaxRows IS NULL OR @MaxRows < 1
        THROW 50026, N'TimeDays, EventDays and DayDays must be at least 400, all other values at least 1.', 1;
    IF @EquipID IS NOT NULL AND NOT EXISTS (SELECT 1 FROM [dbo].[Equipment] WHERE [EquipID] = @EquipID)
        THROW 50001, N'There is no machine with this EquipID.', 1;

    INSERT INTO @tables ([Name], [TimeColumn], [Grain]) VALUES
        {{expiring}};

    DECLARE machines CURSOR LOCAL STATIC FORWARD_ONLY READ_ONLY FOR
        SELECT e.[EquipID], CONCAT(N'acm_etl:machine:', e.[EquipCode])
        FROM [dbo].[Equipment] AS e
        WHERE @EquipID IS NULL OR e.[EquipID] = @EquipID
        ORDER BY e.[EquipID];
    OPEN machines;
    FETCH NEXT FROM machines INTO @machine, @lock_name;
    WHILE @@FETCH_STATUS = 0
    BEGIN
        SET @locked = 0;
        IF @DryRun = 0
            EXEC @locked = sp_getapplock @Resource = @lock_name, @LockMode = 'Exclusive', @LockOwner = 'Session',
                @LockTimeout = 0;
        -- -1: another session holds the lock. Lower: the call was cancelled (-2, -3) or rejected (-999).
        IF @locked < -1
        BEGIN
            SET @message = CONCAT(N'No lock on ', @lock_name, N': sp_getapplock returned ', @locked, N'.');
            THROW 50034, @message, 1;
        END;
        IF @locked < 0 AND @EquipID IS NOT NULL
            THROW 50027, N'Another session holds the lock of this machine.', 1;
        IF @locked < 0
            INSERT INTO @done ([EquipID], [TableName], [Rows]) VALUES (@machine, NULL, 0);
        ELSE
        BEGIN TRY
            DECLARE work CURSOR LOCAL STATIC FORWARD_ONLY READ_ONLY FOR
                SELECT p.[EquipID], t.[Name], t.[TimeColumn],
                    CASE WHEN t.[Grain] <> N'run' AND n.[Needed] < c.[Cutoff] THEN n.[Needed] ELSE c.[Cutoff] END
                FROM [dbo].[ACM_BatchProgress] AS p
                CROSS APPLY (
                    SELECT MIN(u.[Time]) AS [Needed]
                    FROM (
                        SELECT MIN(e.[StartTs]) AS [Time] FROM [dbo].[ACM_Episodes] AS e
                        WHERE e.[EquipID] = p.[EquipID] AND e.[Status] = N'OPEN'
                        UNION ALL
                        SELECT DATEADD(DAY, -400, MIN(s.[AsOf])) FROM [dbo].[ACM_State] AS s
                        WHERE s.[EquipID] = p.[EquipID]
                    ) AS u
                ) AS n
                CROSS JOIN @tables AS t
                CROSS APPLY (
                    SELECT DATEADD(DAY, -CASE t.[Grain]
                        WHEN N'time' THEN @TimeDays WHEN N'event' THEN @EventDays WHEN N'day' THEN @DayDays ELSE @RunDays
                    END, p.[LastBatchEndTime]) AS [Cutoff]
                ) AS c
                WHERE c.[Cutoff] IS NOT NULL AND p.[EquipID] = @machine
                ORDER BY p.[EquipID], t.[Ordinal];
            OPEN work;
            FETCH NEXT FROM work INTO @equip, @name, @time, @cutoff;
            WHILE @@FETCH_STATUS = 0
            BEGIN
                SET @sql = CASE WHEN @DryRun = 0 THEN N'DELETE TOP (@max) FROM ' ELSE N'SELECT @rows = COUNT_BIG(*) FROM ' END
                    + N'[dbo].' + QUOTENAME(@name) + N' WHERE [EquipID] = @equip AND ' + QUOTENAME(@time) + N' < @cutoff;'
                    + CASE WHEN @DryRun = 0 THEN N' SET @rows = ROWCOUNT_BIG();' ELSE N'' END;
                SELECT @total = 0, @rows = @MaxRows;
                WHILE @rows >= @MaxRows
                BEGIN
                    EXEC sys.sp_executesql @sql,
                        N'@equip INT, @cutoff DATETIME2(3), @max INT, @rows BIGINT OUTPUT',
                        @equip = @equip, @cutoff = @cutoff, @max = @MaxRows, @rows = @rows OUTPUT;
                    SET @total = @total + @rows;
                    IF @DryRun = 1 OR @DryRun IS NULL
                        BREAK;
                END;
                INSERT INTO @done ([EquipID], [TableName], [Rows]) VALUES (@equip, @name, @total);
                FETCH NEXT FROM work INTO @equip, @name, @time, @cutoff;
            END;
            CLOSE work;
            DEALLOCATE work;

            SELECT @total = 0, @rows = @MaxRows;
            WHILE (@NoopDays IS NOT NULL OR @FailedDays IS NOT NULL) AND @rows >= @MaxRows
            BEGIN
                DELETE FROM @expired;
                INSERT INTO @expired ([RunID])
                SELECT TOP (@MaxRows) r.[RunID]
                FROM [dbo].[RunLog] AS r
                WHERE r.[EquipID] = @machine
                    AND (
                        (r.[Outcome] IN (N'FAIL', N'SUPERSEDED') AND r.[CompletedAt] < DATEADD(DAY, -@FailedDays, @now))
                        OR (
                            r.[Outcome] = N'NOOP' AND r.[CompletedAt] < DATEADD(DAY, -@NoopDays, @now)
                            AND r.[WindowEnd] <= (SELECT MIN(s.[AsOf]) FROM [dbo].[ACM_State] AS s WHERE s.[EquipID] = r.[EquipID])
                        )
                    )
                    {{owned}}
                OPTION (RECOMPILE);
                SET @rows = ROWCOUNT_BIG();
                SET @total = @total + @rows;
                IF @DryRun = 1 OR @DryRun IS NULL
                BEGIN
                    SELECT @total = COUNT_BIG(*)
                    FROM [dbo].[RunLog] AS r
                    WHERE r.[EquipID] = @machine
                        AND (
                            (r.[Outcome] IN (N'FAIL', N'SUPERSEDED') AND r.[CompletedAt] < DATEADD(DAY, -@FailedDays, @now))
                            OR (
                                r.[Outcome] = N'NOOP' AND r.[CompletedAt] < DATEADD(DAY, -@NoopDays, @now)
                                AND r.[WindowEnd] <= (SELECT MIN(s.[AsOf]) FROM [dbo].[ACM_State] AS s WHERE s.[EquipID] = r.[EquipID])
                            )
                        )
                        {{owned}};
                    BREAK;
                END;
                BEGIN TRANSACTION;
                -- A failed run that another session has started again since the SELECT is kept.
                DELETE x FROM @expired AS x
                WHERE NOT EXISTS (
                    SELECT 1 FROM [dbo].[RunLog] AS r WITH (UPDLOCK, HOLDLOCK)
                    WHERE r.[RunID] = x.[RunID] AND r.[Outcome] IN (N'NOOP', N'FAIL', N'SUPERSEDED')
                );
                -- Loops also check the foreign keys one by one: a scan would wait for the runs of other machines.
                DELETE t FROM [dbo].[ACM_RunErrors] AS t INNER JOIN @expired AS x ON x.[RunID] = t.[RunID] OPTION (LOOP JOIN);
                DELETE t FROM [dbo].[ACM_DataQualityEvents] AS t INNER JOIN @expired AS x ON x.[RunID] = t.[RunID] OPTION (LOOP JOIN);
                DELETE t FROM [dbo].[ACM_WriteMetrics] AS t INNER JOIN @expired AS x ON x.[RunID] = t.[RunID] OPTION (LOOP JOIN);
                DELETE t FROM [dbo].[ACM_Run_Stats] AS t INNER JOIN @expired AS x ON x.[RunID] = t.[RunID] OPTION (LOOP JOIN);
                DELETE t FROM [dbo].[ACM_Runs] AS t INNER JOIN @expired AS x ON x.[RunID] = t.[RunID] OPTION (LOOP JOIN);
                DELETE t FROM [dbo].[RunLog] AS t INNER JOIN @expired AS x ON x.[RunID] = t.[RunID] OPTION (LOOP JOIN);
                COMMIT TRANSACTION;
            END;
            IF @NoopDays IS NOT NULL OR @FailedDays IS NOT NULL
                INSERT INTO @done ([EquipID], [TableName], [Rows]) VALUES (@machine, N'RunLog', @total);

            DELETE FROM @versions;
            INSERT INTO @versions ([EquipID], [Version])
            SELECT m.[EquipID], m.[Version]
            FROM [dbo].[ModelRegistry] AS m
            CROSS APPLY (
                SELECT MAX(k.[Version]) AS [Newest],
                    MAX(CASE WHEN k.[HoldsFrom] < k.[TrainEnd] AND COALESCE(k.[Origin], 'coldstart') <> 'baseline'
                        THEN k.[Version] END) AS [Coldstart],
                    MAX(CASE WHEN k.[HoldsFrom] <= o.[Oldest] THEN k.[Version] END) AS [Held]
                FROM [dbo].[ModelRegistry] AS k
                CROSS JOIN (
                    SELECT MIN(s.[AsOf]) AS [Oldest] FROM [dbo].[ACM_State] AS s WHERE s.[EquipID] = m.[EquipID]
                ) AS o
                WHERE k.[EquipID] = m.[EquipID]
            ) AS v
            WHERE m.[EquipID] = @machine AND m.[Version] <= v.[Newest] - @ModelVersions
                AND m.[Version] <> v.[Coldstart] AND m.[Version] < v.[Held];
            IF @ModelVersions IS NOT NULL
                INSERT INTO @done ([EquipID], [TableName], [Rows])
                SELECT @machine, N'ModelRegistry', COUNT_BIG(*) FROM @versions;
            IF @DryRun = 0
            BEGIN
                BEGIN TRANSACTION;
                {{with_models}}
                COMMIT TRANSACTION;
            END;
            IF @DryRun = 0
                EXEC sp_releaseapplock @Resource = @lock_name, @LockOwner = 'Session';
        END TRY
        BEGIN CATCH
            IF XACT_STATE() <> 0
                ROLLBACK TRANSACTION;
            IF @DryRun = 0
                EXEC sp_releaseapplock @Resource = @lock_name, @LockOwner = 'Session';
            THROW;
        END CATCH;
        FETCH NEXT FROM machines INTO @machine, @lock_name;
    END;
    CLOSE machines;
    DEALLOCATE machines;
    SELECT [EquipID], [TableName], [Rows],
        CASE
            WHEN [TableName] IS NULL THEN N'left out: another session holds the lock of the machine'
            WHEN @DryRun = 0 THEN N'deleted'
            ELSE N'would be deleted'
        END AS [What]
    FROM @done
    ORDER BY [EquipID], [TableName];
END;
