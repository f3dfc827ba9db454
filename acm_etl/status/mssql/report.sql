-- The sections of `acm-etl doctor --server`, one query each. A section begins with a line "section: <name> | <title>"; a line
-- "needs: <permission>" names the permission without which the query fails, or shows a part of the rows only. Rows of
-- an "advice" section are settings that differ from the advice. Ages instead of times: the server tells local times.

-- section: permissions | Permissions of this login that are missing
SELECT p.permission, p.granted, p.purpose, p.grant_statement
FROM (VALUES
    (N'VIEW SERVER STATE',
        -- On Azure SQL Database, the permission on the database stands for that on the server.
        IIF(CAST(SERVERPROPERTY('EngineEdition') AS INT) = 5, HAS_PERMS_BY_NAME(DB_NAME(), N'DATABASE', N'VIEW DATABASE STATE'),
            HAS_PERMS_BY_NAME(NULL, NULL, N'VIEW SERVER STATE')),
        N'sections about sessions, locks, log and hardware',
        IIF(CAST(SERVERPROPERTY('EngineEdition') AS INT) = 5, N'GRANT VIEW DATABASE STATE TO ' + QUOTENAME(USER_NAME()),
            N'USE [master]; GRANT VIEW SERVER STATE TO ' + QUOTENAME(SUSER_SNAME()))),
    (N'VIEW DATABASE STATE', HAS_PERMS_BY_NAME(DB_NAME(), N'DATABASE', N'VIEW DATABASE STATE'),
        N'sizes of tables', N'GRANT VIEW DATABASE STATE TO ' + QUOTENAME(USER_NAME())),
    (N'EXECUTE ON SCHEMA stage', HAS_PERMS_BY_NAME(N'stage', N'SCHEMA', N'EXECUTE'),
        N'backfills: create and drop staging tables', N'ALTER ROLE [acm_loader] ADD MEMBER ' + QUOTENAME(USER_NAME())),
    (N'INSERT ON SCHEMA stage', HAS_PERMS_BY_NAME(N'stage', N'SCHEMA', N'INSERT'),
        N'backfills: stage rows', N'ALTER ROLE [acm_loader] ADD MEMBER ' + QUOTENAME(USER_NAME()))
) AS p (permission, granted, purpose, grant_statement)
WHERE COALESCE(p.granted, 0) = 0
GO
-- section: table_permissions | Permissions on tables that are missing
SELECT v.verb AS permission, COUNT(*) AS table_count, STRING_AGG(CAST(t.name AS NVARCHAR(MAX)), N', ') AS table_names,
    IIF(v.verb = N'SELECT', N'acm_reader', t.writer) AS granted_by_role
FROM (VALUES
    {{table_names}}
) AS t (name, writer)
CROSS JOIN (VALUES (N'SELECT'), (N'INSERT'), (N'UPDATE'), (N'DELETE')) AS v (verb)
WHERE COALESCE(HAS_PERMS_BY_NAME(N'[dbo].' + QUOTENAME(t.name), N'OBJECT', v.verb), 0) = 0
GROUP BY v.verb, IIF(v.verb = N'SELECT', N'acm_reader', t.writer)
GO
-- section: server | Server
SELECT CAST(SERVERPROPERTY('ProductVersion') AS NVARCHAR(60)) AS version,
    CAST(SERVERPROPERTY('ProductLevel') AS NVARCHAR(60)) AS product_level,
    CAST(SERVERPROPERTY('ProductUpdateLevel') AS NVARCHAR(60)) AS update_level,
    CAST(SERVERPROPERTY('Edition') AS NVARCHAR(120)) AS edition,
    CAST(SERVERPROPERTY('EngineEdition') AS INT) AS engine_edition,
    CAST(SERVERPROPERTY('IsHadrEnabled') AS INT) AS availability_groups,
    SUSER_SNAME() AS login_name, USER_NAME() AS user_name
GO
-- section: hardware | Processors, memory and uptime
-- needs: VIEW SERVER STATE
SELECT i.cpu_count, i.physical_memory_kb / 1024 AS memory_mb, i.committed_target_kb / 1024 AS memory_target_mb,
    DATEDIFF(hour, i.sqlserver_start_time, GETDATE()) AS uptime_hours
FROM sys.dm_os_sys_info AS i
GO
-- section: configuration | Settings of the server
SELECT c.name, CAST(c.value_in_use AS BIGINT) AS value
FROM sys.configurations AS c
WHERE c.name IN (N'max degree of parallelism', N'cost threshold for parallelism', N'max server memory (MB)',
    N'optimize for ad hoc workloads', N'backup compression default')
GO
-- section: database | Database
SELECT d.name, CAST(d.compatibility_level AS INT) AS compatibility_level,
    CAST(d.is_read_committed_snapshot_on AS INT) AS read_committed_snapshot, d.snapshot_isolation_state_desc AS snapshot_isolation,
    d.recovery_model_desc AS recovery_model, d.log_reuse_wait_desc AS log_reuse_wait, CAST(d.is_read_only AS INT) AS is_read_only,
    CAST(d.is_query_store_on AS INT) AS query_store, d.delayed_durability_desc AS delayed_durability
FROM sys.databases AS d
WHERE d.name = DB_NAME()
GO
-- section: replicas | Replicas of the availability group
-- needs: VIEW SERVER STATE
-- Only the primary replica sees the others. Azure SQL Database has no view of their names.
IF CAST(SERVERPROPERTY('EngineEdition') AS INT) <> 5
    SELECT a.replica_server_name AS replica, CAST(r.is_local AS INT) AS is_this_server, CAST(r.is_primary_replica AS INT) AS is_primary,
        a.availability_mode_desc AS availability_mode, a.failover_mode_desc AS failover_mode,
        r.synchronization_state_desc AS synchronization, r.synchronization_health_desc AS health,
        CAST(r.is_suspended AS INT) AS is_suspended, r.suspend_reason_desc AS suspend_reason,
        r.log_send_queue_size AS log_to_send_kb, r.redo_queue_size AS log_to_redo_kb, r.secondary_lag_seconds AS lag_s
    FROM sys.dm_hadr_database_replica_states AS r
    -- LEFT: without VIEW ANY DEFINITION the names are not visible.
    LEFT JOIN sys.availability_replicas AS a ON a.replica_id = r.replica_id AND a.group_id = r.group_id
    WHERE r.database_id = DB_ID()
    ORDER BY r.is_primary_replica DESC, a.replica_server_name
ELSE
    SELECT NULL AS replica WHERE 1 = 0
GO
-- section: collations | Collations
SELECT v.scope, v.collation_name, CAST(COLLATIONPROPERTY(v.collation_name, 'CodePage') AS INT) AS code_page,
    -- Bits of ComparisonStyle: 1 ignores case. Binary collations have 0, and compare code points.
    IIF(CAST(COLLATIONPROPERTY(v.collation_name, 'ComparisonStyle') AS INT) & 1 = 1, 0, 1) AS case_sensitive
FROM (VALUES
    (N'server', CAST(SERVERPROPERTY('Collation') AS NVARCHAR(128))),
    (N'database', CAST(DATABASEPROPERTYEX(DB_NAME(), 'Collation') AS NVARCHAR(128))),
    (N'tempdb', CAST(DATABASEPROPERTYEX(N'tempdb', 'Collation') AS NVARCHAR(128)))
) AS v (scope, collation_name)
GO
-- section: session_options | SET options of this session
-- Filtered indexes and computed columns need all of them as they are here; other values are error 1934.
-- https://learn.microsoft.com/sql/t-sql/statements/set-quoted-identifier-transact-sql
SELECT v.name, CAST(SESSIONPROPERTY(v.name) AS INT) AS value, v.required
FROM (VALUES (N'QUOTED_IDENTIFIER', 1), (N'ANSI_NULLS', 1), (N'ANSI_PADDING', 1), (N'ANSI_WARNINGS', 1), (N'ARITHABORT', 1),
    (N'CONCAT_NULL_YIELDS_NULL', 1), (N'NUMERIC_ROUNDABORT', 0)) AS v (name, required)
GO
-- section: schema | Scripts of acm_etl that were applied
SELECT s.[Version] AS schema_version, COUNT(*) AS scripts, MAX(s.[AppliedAt]) AS last_applied_at
FROM [dbo].[ACM_SchemaVersion] AS s
GROUP BY s.[Version]
GO
-- section: files | Files of the database
SELECT f.name, f.type_desc AS type, CAST(f.size AS BIGINT) * 8 / 1024 AS size_mb,
    CAST(FILEPROPERTY(f.name, 'SpaceUsed') AS BIGINT) * 8 / 1024 AS used_mb,
    IIF(f.max_size = -1, NULL, CAST(f.max_size AS BIGINT) * 8 / 1024) AS max_mb,
    IIF(f.is_percent_growth = 1, NULL, CAST(f.growth AS BIGINT) * 8 / 1024) AS growth_mb,
    IIF(f.is_percent_growth = 1, f.growth, NULL) AS growth_percent
FROM sys.database_files AS f
GO
-- section: log | Transaction log
-- needs: VIEW SERVER STATE
SELECT u.total_log_size_in_bytes / 1048576 AS log_mb, u.used_log_space_in_bytes / 1048576 AS used_mb,
    CAST(u.used_log_space_in_percent AS FLOAT(53)) AS used_percent
FROM sys.dm_db_log_space_usage AS u
GO
-- section: tempdb | Files of tempdb
SELECT f.name, f.type_desc AS type, CAST(f.size AS BIGINT) * 8 / 1024 AS size_mb,
    IIF(f.is_percent_growth = 1, NULL, CAST(f.growth AS BIGINT) * 8 / 1024) AS growth_mb
FROM tempdb.sys.database_files AS f
GO
-- section: tempdb_use | Use of tempdb
-- needs: VIEW SERVER STATE
SELECT SUM(f.version_store_reserved_page_count) / 128 AS versions_mb, SUM(f.user_object_reserved_page_count) / 128 AS tables_mb,
    SUM(f.internal_object_reserved_page_count) / 128 AS sorts_mb, SUM(f.unallocated_extent_page_count) / 128 AS free_mb
FROM tempdb.sys.dm_db_file_space_usage AS f
GO
-- section: tables | Sizes of tables
-- needs: VIEW DATABASE STATE
SELECT SCHEMA_NAME(t.schema_id) + N'.' + t.name AS table_name,
    SUM(IIF(p.index_id < 2, p.row_count, 0)) AS row_count,
    SUM(IIF(p.index_id < 2, p.reserved_page_count, 0)) * 8 / 1024 AS data_mb,
    SUM(IIF(p.index_id > 1, p.reserved_page_count, 0)) * 8 / 1024 AS index_mb,
    COUNT(DISTINCT p.partition_number) AS partitions,
    (SELECT MAX(c.data_compression_desc) FROM sys.partitions AS c WHERE c.object_id = t.object_id AND c.index_id < 2) AS compression
FROM sys.dm_db_partition_stats AS p
INNER JOIN sys.tables AS t ON t.object_id = p.object_id
GROUP BY t.schema_id, t.object_id, t.name
ORDER BY SUM(p.reserved_page_count) DESC, t.name
GO
-- section: statistics | Statistics with the most changed rows
SELECT TOP (30) t.name AS table_name, s.name AS statistics_name, DATEDIFF(day, p.last_updated, GETDATE()) AS age_days,
    p.rows AS row_count, p.modification_counter AS changed_rows
FROM sys.stats AS s
INNER JOIN sys.tables AS t ON t.object_id = s.object_id
CROSS APPLY sys.dm_db_stats_properties(s.object_id, s.stats_id) AS p
WHERE p.rows > 0
ORDER BY p.modification_counter DESC
GO
-- section: indexes | Indexes of large tables: use since the start of the server
-- needs: VIEW SERVER STATE
SELECT TOP (30) t.name AS table_name, i.name AS index_name, i.type_desc AS type,
    DATEDIFF(day, STATS_DATE(i.object_id, i.index_id), GETDATE()) AS statistics_age_days,
    u.user_seeks AS seeks, u.user_scans AS scans, u.user_updates AS updates
FROM sys.indexes AS i
INNER JOIN sys.tables AS t ON t.object_id = i.object_id
INNER JOIN sys.dm_db_index_usage_stats AS u ON u.object_id = i.object_id AND u.index_id = i.index_id AND u.database_id = DB_ID()
ORDER BY u.user_updates DESC
GO
-- section: sessions | Sessions of acm_etl
-- needs: VIEW SERVER STATE
SELECT s.session_id, s.login_name, s.host_name, s.status, CAST(s.context_info AS VARCHAR(128)) AS run,
    s.open_transaction_count AS open_transactions, DATEDIFF(second, s.last_request_start_time, GETDATE()) AS request_age_s,
    s.cpu_time AS cpu_ms, s.logical_reads
FROM sys.dm_exec_sessions AS s
WHERE CAST(s.context_info AS VARCHAR(128)) LIKE 'acm_etl%' OR s.session_id = @@SPID
ORDER BY s.session_id
GO
-- section: blocking | Blocked statements in this database
-- needs: VIEW SERVER STATE
SELECT r.session_id, r.blocking_session_id, r.wait_type, r.wait_time AS wait_ms, r.wait_resource,
    CAST(w.context_info AS VARCHAR(128)) AS waiting_run, CAST(b.context_info AS VARCHAR(128)) AS blocking_run,
    b.login_name AS blocking_login
FROM sys.dm_exec_requests AS r
INNER JOIN sys.dm_exec_sessions AS w ON w.session_id = r.session_id
-- LEFT: negative numbers stand for orphaned transactions, which have no session.
LEFT JOIN sys.dm_exec_sessions AS b ON b.session_id = r.blocking_session_id
WHERE r.blocking_session_id <> 0 AND r.database_id = DB_ID()
ORDER BY r.wait_time DESC
GO
-- section: machine_locks | Locked machines and staging slots
-- needs: VIEW SERVER STATE
SELECT l.request_session_id AS session_id, l.resource_description AS resource, l.request_status AS status, s.host_name
FROM sys.dm_tran_locks AS l
INNER JOIN sys.dm_exec_sessions AS s ON s.session_id = l.request_session_id
WHERE l.resource_type = 'APPLICATION' AND l.resource_database_id = DB_ID() AND l.resource_description LIKE '%acm[_]etl%'
GO
-- advice: database_settings | Settings of the database
{{database_settings}}
GO
-- advice: query_store | Query Store
SELECT N'QUERY_STORE' AS [setting], N'off' AS [is],
    N'ALTER DATABASE CURRENT SET QUERY_STORE = ON (OPERATION_MODE = READ_WRITE, QUERY_CAPTURE_MODE = AUTO)' AS [change],
    N'It keeps the plans of the statements, which are the same in every batch; query 11 of dba_queries.sql reads it.' AS [reason]
FROM sys.databases AS d
WHERE d.name = DB_NAME() AND d.is_query_store_on = 0
GO
-- advice: file_growth | Growth of the files
SELECT N'FILEGROWTH of ' + f.name AS [setting], CAST(f.growth AS NVARCHAR(20)) + N' percent' AS [is],
    N'ALTER DATABASE CURRENT MODIFY FILE (NAME = ' + QUOTENAME(f.name) + N', FILEGROWTH = '
        -- The log is filled with zeros as it grows: small steps keep the pause of the writer short.
        + IIF(f.type = 1, N'64MB', N'512MB') + N')' AS [change],
    N'Steps in percent become longer pauses with every step.' AS [reason]
FROM sys.database_files AS f
WHERE f.is_percent_growth = 1
GO
-- advice: tempdb_files | Data files of tempdb
-- needs: VIEW SERVER STATE
SELECT N'tempdb data files' AS [setting], CAST(n.files AS NVARCHAR(20)) + N' for ' + CAST(i.cpu_count AS NVARCHAR(20)) + N' cores' AS [is],
    N'ALTER DATABASE [tempdb] ADD FILE (NAME = N''acm_temp' + CAST(n.files + 1 AS NVARCHAR(20)) + N''', FILENAME = N'''
        + REPLACE(n.folder, N'''', N'''''') + N'acm_temp' + CAST(n.files + 1 AS NVARCHAR(20)) + N'.ndf'', SIZE = 512MB, FILEGROWTH = 64MB)'
        AS [change],
    N'One data file per core, up to eight: otherwise sessions wait for the same allocation pages. Repeat per file.' AS [reason]
FROM sys.dm_os_sys_info AS i
CROSS JOIN (
    SELECT COUNT(*) AS files,
        MIN(LEFT(f.physical_name, LEN(f.physical_name) - CHARINDEX(IIF(f.physical_name LIKE N'%\%', N'\', N'/'), REVERSE(f.physical_name)) + 1))
            AS folder
    FROM tempdb.sys.database_files AS f
    WHERE f.type = 0
) AS n
-- Not on the services of Azure, which set the files of tempdb themselves.
WHERE n.files < IIF(i.cpu_count < 8, i.cpu_count, 8) AND CAST(SERVERPROPERTY('EngineEdition') AS INT) NOT IN (5, 8)
GO
-- advice: log_backup | Backups of the log
-- needs: VIEW SERVER STATE
SELECT N'log backup' AS [setting], CAST(CAST(u.used_log_space_in_percent AS INT) AS NVARCHAR(20)) + N' percent of the log in use' AS [is],
    N'BACKUP LOG ' + QUOTENAME(d.name) + N' TO DISK = N''' + REPLACE(d.name, N'''', N'''''') + N'.trn''' AS [change],
    N'The log cannot be truncated before it is backed up (log_reuse_wait LOG_BACKUP).' AS [reason]
FROM sys.databases AS d
CROSS JOIN sys.dm_db_log_space_usage AS u
WHERE d.name = DB_NAME() AND d.log_reuse_wait_desc = N'LOG_BACKUP' AND u.used_log_space_in_percent > 50
GO
-- advice: stale_statistics | Statistics that are out of date
SELECT N'statistics of ' + t.name AS [setting], CAST(MAX(p.modification_counter) AS NVARCHAR(20)) + N' rows changed since' AS [is],
    N'UPDATE STATISTICS [dbo].' + QUOTENAME(t.name) AS [change],
    N'Statistics on EquipID and time decide the plans of MERGE.' AS [reason]
FROM sys.stats AS s
INNER JOIN sys.tables AS t ON t.object_id = s.object_id
CROSS APPLY sys.dm_db_stats_properties(s.object_id, s.stats_id) AS p
-- Half of the rows: automatic updates begin earlier, so that these have not worked.
WHERE t.schema_id = SCHEMA_ID(N'dbo') AND p.rows > 10000 AND p.modification_counter > p.rows / 2
GROUP BY t.name
