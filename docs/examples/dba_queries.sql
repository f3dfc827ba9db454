-- Queries for the administrator of SQL Server. Run them in the database of acm_etl, one batch at a time. All only read, except
-- the extended events session, which is created stopped. Each names the permission that it needs.

-- 1. Sessions of acm_etl except those of bulk copies, and the run that each writes. Needs VIEW SERVER STATE (Azure SQL
-- Database: VIEW DATABASE STATE).
SELECT s.session_id, s.login_name, s.host_name, s.status, s.last_request_start_time,
    CAST(s.context_info AS VARCHAR(128)) AS run, s.open_transaction_count, s.cpu_time AS cpu_ms, s.logical_reads
FROM sys.dm_exec_sessions AS s
WHERE CAST(s.context_info AS VARCHAR(128)) LIKE 'acm_etl%'
ORDER BY s.session_id;
GO

-- 2. Blocking: who waits, for whom, for how long. Needs VIEW SERVER STATE.
SELECT r.session_id, r.blocking_session_id, r.wait_type, r.wait_time AS wait_ms, r.wait_resource,
    CAST(w.context_info AS VARCHAR(128)) AS waiting_run, CAST(b.context_info AS VARCHAR(128)) AS blocking_run,
    b.login_name AS blocking_login, t.text
FROM sys.dm_exec_requests AS r
INNER JOIN sys.dm_exec_sessions AS w ON w.session_id = r.session_id
-- LEFT: negative numbers stand for orphaned transactions, which have no session.
LEFT JOIN sys.dm_exec_sessions AS b ON b.session_id = r.blocking_session_id
CROSS APPLY sys.dm_exec_sql_text(r.sql_handle) AS t
WHERE r.blocking_session_id <> 0 AND r.database_id = DB_ID()
ORDER BY r.wait_time DESC;
GO

-- 3. Waits of the sessions of acm_etl since they logged in. Needs VIEW SERVER STATE.
SELECT x.wait_type, SUM(x.waiting_tasks_count) AS waits, SUM(x.wait_time_ms) AS wait_ms, MAX(x.max_wait_time_ms) AS longest_ms
FROM sys.dm_exec_session_wait_stats AS x
INNER JOIN sys.dm_exec_sessions AS s ON s.session_id = x.session_id
WHERE CAST(s.context_info AS VARCHAR(128)) LIKE 'acm_etl%'
GROUP BY x.wait_type
ORDER BY wait_ms DESC;
GO

-- 4. Locked machines: one application lock per machine that a command works on. Needs VIEW SERVER STATE.
SELECT l.request_session_id, l.resource_description, l.request_mode, l.request_status, s.login_name, s.host_name
FROM sys.dm_tran_locks AS l
INNER JOIN sys.dm_exec_sessions AS s ON s.session_id = l.request_session_id
WHERE l.resource_type = 'APPLICATION' AND l.resource_database_id = DB_ID() AND l.resource_description LIKE '%acm[_]etl%';
GO

-- 5. Log: size, use, and why it cannot be truncated (LOG_BACKUP: back up the log). Needs VIEW SERVER STATE.
SELECT d.recovery_model_desc, d.log_reuse_wait_desc, u.total_log_size_in_bytes / 1048576 AS log_mb,
    u.used_log_space_in_bytes / 1048576 AS used_mb, u.used_log_space_in_percent AS used_percent
FROM sys.databases AS d
CROSS JOIN sys.dm_db_log_space_usage AS u
WHERE d.name = DB_NAME();
GO

-- 6. tempdb: row versions and objects, in MB. Needs VIEW SERVER STATE.
SELECT SUM(f.version_store_reserved_page_count) / 128 AS versions_mb, SUM(f.user_object_reserved_page_count) / 128 AS tables_mb,
    SUM(f.internal_object_reserved_page_count) / 128 AS sorts_mb, SUM(f.unallocated_extent_page_count) / 128 AS free_mb
FROM tempdb.sys.dm_db_file_space_usage AS f;
GO

-- 7. Size of every table: rows, MB of data and of indexes. Needs VIEW DATABASE STATE.
SELECT t.name, SUM(CASE WHEN p.index_id IN (0, 1) THEN p.row_count ELSE 0 END) AS row_count,
    SUM(CASE WHEN p.index_id IN (0, 1) THEN p.reserved_page_count ELSE 0 END) / 128 AS data_mb,
    SUM(CASE WHEN p.index_id > 1 THEN p.reserved_page_count ELSE 0 END) / 128 AS index_mb
FROM sys.dm_db_partition_stats AS p
INNER JOIN sys.tables AS t ON t.object_id = p.object_id
WHERE t.schema_id = SCHEMA_ID(N'dbo')
GROUP BY t.name
ORDER BY SUM(p.reserved_page_count) DESC;
GO

-- 8. Rows and bytes per machine-year: growth of this database, from its own history of at least a day.
-- Needs VIEW DATABASE STATE and SELECT on ACM_BatchProgress and ACM_Scores_Wide.
WITH years AS (
    SELECT SUM(DATEDIFF(minute, m.first_reading, m.last_reading)) / 525600e0 AS machine_years
    FROM (
        SELECT s.[EquipID], MIN(s.[Timestamp]) AS first_reading, MAX(s.[Timestamp]) AS last_reading
        FROM [dbo].[ACM_Scores_Wide] AS s
        GROUP BY s.[EquipID]
    ) AS m
)
SELECT t.name, SUM(CASE WHEN p.index_id IN (0, 1) THEN p.row_count ELSE 0 END) / NULLIF(y.machine_years, 0) AS rows_per_machine_year,
    SUM(p.reserved_page_count) / 128e0 / NULLIF(y.machine_years, 0) AS mb_per_machine_year
FROM sys.dm_db_partition_stats AS p
INNER JOIN sys.tables AS t ON t.object_id = p.object_id
CROSS JOIN years AS y
WHERE t.schema_id = SCHEMA_ID(N'dbo')
GROUP BY t.name, y.machine_years
ORDER BY mb_per_machine_year DESC;
GO

-- 9. Age of statistics, and rows changed since. Update those of large tables with many changes. Needs SELECT on the tables.
SELECT t.name AS table_name, s.name AS statistics_name, p.last_updated, p.rows, p.modification_counter
FROM sys.stats AS s
INNER JOIN sys.tables AS t ON t.object_id = s.object_id
CROSS APPLY sys.dm_db_stats_properties(s.object_id, s.stats_id) AS p
WHERE t.schema_id = SCHEMA_ID(N'dbo') AND p.rows > 10000 AND p.modification_counter > 0
ORDER BY p.modification_counter DESC;
GO

-- 10. Fragmentation of the large tables. LIMITED reads the upper levels of the index only. Needs VIEW DATABASE STATE.
SELECT t.name AS table_name, i.name AS index_name, f.avg_fragmentation_in_percent AS fragmentation, f.page_count
FROM sys.dm_db_index_physical_stats(DB_ID(), NULL, NULL, NULL, 'LIMITED') AS f
INNER JOIN sys.tables AS t ON t.object_id = f.object_id
INNER JOIN sys.indexes AS i ON i.object_id = f.object_id AND i.index_id = f.index_id
WHERE f.page_count > 1000 AND f.avg_fragmentation_in_percent > 10
ORDER BY f.page_count DESC;
GO

-- 11. Query Store: the statements of acm_etl that took the most time in the last day. Needs VIEW DATABASE STATE, and Query Store on.
-- The texts are the same in every batch, so that each statement is one row.
SELECT TOP (20) q.query_id, SUM(r.count_executions) AS executions,
    SUM(r.avg_duration * r.count_executions) / 1000000 AS seconds, COUNT(DISTINCT p.plan_id) AS plans, MAX(t.query_sql_text) AS text
FROM sys.query_store_runtime_stats AS r
INNER JOIN sys.query_store_plan AS p ON p.plan_id = r.plan_id
INNER JOIN sys.query_store_query AS q ON q.query_id = p.query_id
INNER JOIN sys.query_store_query_text AS t ON t.query_text_id = q.query_text_id
WHERE r.last_execution_time > DATEADD(day, -1, SYSUTCDATETIME())
    AND (t.query_sql_text LIKE N'%ACM[_]%' OR t.query_sql_text LIKE N'%RunLog%')
GROUP BY q.query_id
ORDER BY seconds DESC;
GO

-- 12. Extended events: statements that took longer than a second, and deadlocks. Needs ALTER ANY EVENT SESSION. context_info shows
-- the run as bytes: CAST(context_info AS VARCHAR(128)). Start it with ALTER EVENT SESSION [acm_etl] ON SERVER STATE = START, and
-- remove it with DROP EVENT SESSION [acm_etl] ON SERVER. On Azure SQL Database, write ON DATABASE instead of ON SERVER. Put the
-- account of the backfills in place of svc_acm.
CREATE EVENT SESSION [acm_etl] ON SERVER
ADD EVENT sqlserver.sql_batch_completed (
    ACTION (sqlserver.session_id, sqlserver.context_info, sqlserver.database_name, sqlserver.username)
    WHERE (duration > 1000000 AND sqlserver.username = N'svc_acm')
),
ADD EVENT sqlserver.rpc_completed (
    ACTION (sqlserver.session_id, sqlserver.context_info, sqlserver.database_name, sqlserver.username)
    WHERE (duration > 1000000 AND sqlserver.username = N'svc_acm')
),
ADD EVENT sqlserver.xml_deadlock_report
ADD TARGET package0.event_file (SET filename = N'acm_etl.xel', max_file_size = (50), max_rollover_files = (4))
WITH (STARTUP_STATE = OFF, MAX_DISPATCH_LATENCY = 5 SECONDS);
GO
