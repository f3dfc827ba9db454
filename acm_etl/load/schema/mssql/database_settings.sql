-- [change] is NULL where nothing has to change, also where the server does not tell the value.
SELECT v.[setting], v.[is], v.[change], v.[reason]
FROM sys.databases AS d
CROSS APPLY (VALUES
    (N'READ_COMMITTED_SNAPSHOT', IIF(d.is_read_committed_snapshot_on = 1, N'on', N'off'),
        IIF(d.is_read_committed_snapshot_on = 0,
            N'ALTER DATABASE CURRENT SET READ_COMMITTED_SNAPSHOT ON WITH ROLLBACK AFTER 60 SECONDS', NULL),
        N'Readers see the last committed rows: they neither wait for a backfill nor block it. Row versions need space.'),
    (N'COMPATIBILITY_LEVEL', CAST(d.compatibility_level AS NVARCHAR(60)),
        IIF(d.compatibility_level < 130, N'ALTER DATABASE CURRENT SET COMPATIBILITY_LEVEL = 140', NULL),
        N'The procedures use STRING_SPLIT, which requires compatibility level 130.'),
    (N'AUTO_CLOSE', IIF(d.is_auto_close_on = 1, N'on', N'off'),
        IIF(d.is_auto_close_on = 1, N'ALTER DATABASE CURRENT SET AUTO_CLOSE OFF', NULL),
        N'The database would be opened, and its plans compiled, again after the last session ends.'),
    (N'AUTO_SHRINK', IIF(d.is_auto_shrink_on = 1, N'on', N'off'),
        IIF(d.is_auto_shrink_on = 1, N'ALTER DATABASE CURRENT SET AUTO_SHRINK OFF', NULL),
        N'Shrinking fragments every index, and the files grow again with the next batch.'),
    (N'AUTO_UPDATE_STATISTICS', IIF(d.is_auto_update_stats_on = 1, N'on', N'off'),
        IIF(d.is_auto_update_stats_on = 0, N'ALTER DATABASE CURRENT SET AUTO_UPDATE_STATISTICS ON', NULL),
        N'Statistics on EquipID and time decide the plans of MERGE.'),
    (N'PAGE_VERIFY', d.page_verify_option_desc,
        IIF(d.page_verify_option <> 2, N'ALTER DATABASE CURRENT SET PAGE_VERIFY CHECKSUM', NULL),
        N'Without a checksum, a damaged page is read as if it were sound.'),
    -- Shown only, because the recovery model determines the backups. Under FULL, the log grows with every backfill until
    -- it is backed up.
    (N'RECOVERY_MODEL', d.recovery_model_desc, NULL, N'The recovery model determines the backups: your choice.')
) AS v ([setting], [is], [change], [reason])
-- By name: on Azure SQL Database, database_id of sys.databases may differ from DB_ID().
WHERE d.name = DB_NAME()
