-- The sections of `acm-etl doctor --server` for an embedded store, one query each.

-- section: server | Library
SELECT version() AS version, current_setting('memory_limit') AS memory_limit, current_setting('threads') AS threads,
    current_setting('temp_directory') AS temp_directory
GO
-- section: database | File
SELECT d.path, s.database_size, s.block_size, s.total_blocks, s.used_blocks, s.free_blocks, s.wal_size
FROM pragma_database_size() AS s
INNER JOIN duckdb_databases() AS d ON d.database_name = s.database_name
WHERE s.database_name = current_database()
GO
-- section: schema | Scripts of acm_etl that were applied
SELECT Version AS schema_version, COUNT(*) AS scripts, MAX(AppliedAt) AS last_applied_at
FROM ACM_SchemaVersion
GROUP BY Version
GO
-- section: tables | Rows of tables
SELECT table_name, estimated_size AS row_count, column_count
FROM duckdb_tables()
WHERE database_name = current_database()
ORDER BY estimated_size DESC, table_name
