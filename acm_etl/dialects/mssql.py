"""SQL of SQL Server (T-SQL), from version 2017 on."""

from __future__ import annotations

from acm_etl.dialects.base import Dialect

# sp_addextendedproperty fails on an existing property and sp_updateextendedproperty on a missing one, and both take
# one property per call: a cursor runs one of the two per new or changed text. One look-up per object: one per column
# was three quarters of the time of init. One batch per object instead of one per column.
# https://learn.microsoft.com/sql/relational-databases/system-stored-procedures/sp-addextendedproperty-transact-sql
_DOCS_STATEMENT = """SET NOCOUNT ON;
DECLARE @object INT = OBJECT_ID({object});
DECLARE @docs TABLE (part sysname NULL, about NVARCHAR(3700) NOT NULL, is_new BIT NOT NULL);
INSERT INTO @docs (part, about, is_new)
SELECT v.part, v.about, CASE WHEN p.name IS NULL THEN 1 ELSE 0 END
FROM (VALUES
    {rows}
) AS v (part, about)
LEFT JOIN sys.extended_properties AS p
    ON p.class = 1 AND p.major_id = @object AND p.name = N'MS_Description'
        AND p.minor_id = COALESCE(COLUMNPROPERTY(@object, v.part, 'ColumnId'), 0)
WHERE COALESCE(CAST(p.value AS NVARCHAR(3700)), N'') COLLATE Latin1_General_100_BIN2 <> v.about;
DECLARE @part sysname, @about NVARCHAR(3700), @is_new BIT, @level VARCHAR(6);
DECLARE docs CURSOR LOCAL FAST_FORWARD FOR SELECT part, about, is_new FROM @docs;
OPEN docs;
FETCH NEXT FROM docs INTO @part, @about, @is_new;
WHILE @@FETCH_STATUS = 0
BEGIN
    SET @level = CASE WHEN @part IS NOT NULL THEN 'COLUMN' END;
    IF @is_new = 1
        EXEC sys.sp_addextendedproperty
            N'MS_Description', @about, 'SCHEMA', N'dbo', '{kind}', {plain}, @level, @part;
    ELSE
        EXEC sys.sp_updateextendedproperty
            N'MS_Description', @about, 'SCHEMA', N'dbo', '{kind}', {plain}, @level, @part;
    FETCH NEXT FROM docs INTO @part, @about, @is_new;
END;
SET NOCOUNT OFF"""

# Tables with computed columns or filtered indexes, which a DBA may add, reject writes under other options (error 1934).
# Defaults of the server, the database or a DSN may change each of them. Procedures keep the first and the last one as
# they are when created.
# https://learn.microsoft.com/sql/t-sql/statements/set-statements-transact-sql
SESSION_OPTIONS = (
    "SET ANSI_NULLS, ANSI_PADDING, ANSI_WARNINGS, ARITHABORT, CONCAT_NULL_YIELDS_NULL, QUOTED_IDENTIFIER ON;\n"
    "SET NUMERIC_ROUNDABORT OFF"
)
"""Statements for the SET options under which tables are created and written."""

# A DBA who forgets -d runs the script in master (DB_ID 1 to 4 are the system databases). NOEXEC also skips all later
# batches, which RETURN would not.
_SCRIPT_PROLOGUE = f"""-- sqlcmd -b -I -d <database> -i <this file>
{SESSION_OPTIONS};
IF DB_ID() <= 4
BEGIN
    PRINT N'This is a system database: nothing is done. Choose a database with sqlcmd -d.';
    SET NOEXEC ON;
END"""

# sqlcmd without -b goes on after an error: a script is recorded as applied only if all of its objects exist.
_SCRIPT_EPILOGUE = """IF EXISTS (SELECT 1 FROM (VALUES {objects}) AS o (name) WHERE OBJECT_ID(o.name) IS NULL)
    THROW 50000, N'Some objects of this script are missing: it is not recorded as applied. Run it with sqlcmd -b.', 1;
DELETE FROM [dbo].[ACM_SchemaVersion] WHERE [Version] = {version} AND [Name] = {script};
INSERT INTO [dbo].[ACM_SchemaVersion] ([Version], [Name], [Hash], [AppliedAt])
VALUES ({version}, {script}, {hash}, SYSUTCDATETIME())"""

# Each step looks at the catalogue, so that a batch that was killed continues where it was. A plain unique index keeps
# the keys unique and quick to find while they have no constraint. The server refuses to drop a key that others refer
# to; these references are checked anew at the end. Editions 3, 5 and 8 (Enterprise and Developer, Azure SQL Database,
# Managed Instance) build indexes online; the others refuse the option (error 1712).
# https://learn.microsoft.com/sql/relational-databases/indexes/perform-index-operations-online
# Babelfish has no clustered indexes, and lists an index under another name than it was given.
_CLUSTER_TABLE = """IF OBJECT_ID({object}, N'U') IS NOT NULL AND SERVERPROPERTY('BabelfishVersion') IS NULL
BEGIN
    DECLARE @sql NVARCHAR(MAX), @message NVARCHAR(2048), @online NVARCHAR(20) = CASE
        WHEN CAST(SERVERPROPERTY('EngineEdition') AS INT) IN (3, 5, 8) THEN N' WITH (ONLINE = ON)' ELSE N'' END;
    DECLARE @children TABLE (parent NVARCHAR(300) NOT NULL, reference NVARCHAR(300) NOT NULL);
    INSERT INTO @children (parent, reference)
    SELECT N'[dbo].' + QUOTENAME(v.name), QUOTENAME(N'FK_' + v.name + {key_suffix})
    FROM (VALUES
        {children}
    ) AS v (name)
    WHERE v.name <> N'';
    IF EXISTS (SELECT 1 FROM sys.indexes WHERE object_id = OBJECT_ID({object}) AND is_primary_key = 1 AND index_id = 1)
    BEGIN
        SELECT @sql = STRING_AGG(CAST(QUOTENAME(OBJECT_NAME(f.parent_object_id)) AS NVARCHAR(MAX)), N', ')
        FROM sys.foreign_keys AS f
        WHERE f.referenced_object_id = OBJECT_ID({object})
            AND f.object_id NOT IN (
                SELECT OBJECT_ID(N'[dbo].' + c.reference) FROM @children AS c
                WHERE OBJECT_ID(N'[dbo].' + c.reference) IS NOT NULL
            );
        IF @sql IS NOT NULL
        BEGIN
            SET @message = N'The key of ' + {plain} + N' changes, but foreign keys of other tables refer to it: '
                + LEFT(@sql, 1000) + N'. Drop them, run acm-etl init, and create them again.';
            THROW 50000, @message, 1;
        END;
        IF NOT EXISTS (SELECT 1 FROM sys.indexes WHERE object_id = OBJECT_ID({object}) AND name = {temporary})
        BEGIN
            SET @sql = N'CREATE UNIQUE INDEX {temporary_index} ON {table} ({key_columns})' + @online;
            EXEC sys.sp_executesql @sql;
        END;
        SELECT @sql = STRING_AGG(
            CAST(N'ALTER TABLE ' + c.parent + N' DROP CONSTRAINT ' + c.reference AS NVARCHAR(MAX)), N'; ')
        FROM @children AS c
        INNER JOIN sys.foreign_keys AS f ON f.object_id = OBJECT_ID(N'[dbo].' + c.reference)
        WHERE f.referenced_object_id = OBJECT_ID({object});
        IF @sql IS NOT NULL
            EXEC sys.sp_executesql @sql;
        SET @sql = N'ALTER TABLE {table} DROP CONSTRAINT {key}' + @online;
        EXEC sys.sp_executesql @sql;
    END;
    IF NOT EXISTS (SELECT 1 FROM sys.indexes WHERE object_id = OBJECT_ID({object}) AND index_id = 1)
    BEGIN
        SET @sql = N'CREATE {unique}CLUSTERED INDEX {index} ON {table} ({columns})' + @online;
        EXEC sys.sp_executesql @sql;
    END;
    IF NOT EXISTS (SELECT 1 FROM sys.indexes WHERE object_id = OBJECT_ID({object}) AND is_primary_key = 1)
    BEGIN
        SET @sql = N'ALTER TABLE {table} ADD CONSTRAINT {key} PRIMARY KEY NONCLUSTERED ({key_columns})' + @online;
        EXEC sys.sp_executesql @sql;
    END;
    DROP INDEX IF EXISTS {temporary_index} ON {table};
    DROP INDEX IF EXISTS {replaced} ON {table};
    SELECT @sql = STRING_AGG(
        CAST(N'ALTER TABLE ' + c.parent + N' WITH CHECK ADD CONSTRAINT ' + c.reference
            + N' FOREIGN KEY ({key_columns}) REFERENCES {table} ({key_columns})' AS NVARCHAR(MAX)), N'; ')
    FROM @children AS c
    WHERE OBJECT_ID(c.parent, N'U') IS NOT NULL AND OBJECT_ID(N'[dbo].' + c.reference, N'F') IS NULL;
    IF @sql IS NOT NULL
        EXEC sys.sp_executesql @sql;
END"""

# By its columns as well: a server may list an index under another name than it was given, and an index of the DBA on
# the same columns is enough. Columns that are only included have ordinal 0; a filtered index does not have every row.
_CREATE_INDEX = """IF NOT EXISTS (
    SELECT 1 FROM sys.indexes AS i
    INNER JOIN sys.index_columns AS x ON x.object_id = i.object_id AND x.index_id = i.index_id AND x.key_ordinal > 0
    WHERE i.object_id = OBJECT_ID({object}) AND (i.name = {text} OR (i.has_filter = 0 AND i.is_disabled = 0))
    GROUP BY i.index_id
    HAVING MAX(i.name) = {text} OR STRING_AGG(
        QUOTENAME(COL_NAME(x.object_id, x.column_id))
        + CASE WHEN x.is_descending_key = 1 THEN N' DESC' ELSE N'' END, N', '
    ) WITHIN GROUP (ORDER BY x.key_ordinal) = {column_text}
)
CREATE INDEX {index} ON {table} ({columns})"""

# RANGE RIGHT: a limit belongs to the partition after it, so as many partitions end at a limit as there are limits up to
# it. Compared as sql_variant: limits of other functions may be of a type that no cast makes a time.
# None of a table under replication or Change Data Capture: the server refuses to truncate it (error 4711).
# https://learn.microsoft.com/sql/t-sql/statements/create-partition-function-transact-sql
_FIND_EXPIRED_PARTITIONS = """SELECT COUNT(*) AS partitions, CAST(MAX(v.value) AS DATETIME2(3)) AS before
FROM sys.indexes AS i
INNER JOIN sys.partition_schemes AS s ON s.data_space_id = i.data_space_id
INNER JOIN sys.partition_functions AS f ON f.function_id = s.function_id AND f.name = N'PF_ACM_Month'
INNER JOIN sys.partition_range_values AS v ON v.function_id = f.function_id
INNER JOIN sys.tables AS t ON t.object_id = i.object_id
    AND t.is_published = 0 AND t.is_merge_published = 0 AND t.is_tracked_by_cdc = 0
WHERE i.object_id = OBJECT_ID({object}) AND i.index_id = 1 AND v.value <= CAST(? AS DATETIME2(3))
    AND HAS_PERMS_BY_NAME({object}, N'OBJECT', N'ALTER') = 1"""

MSSQL = Dialect(
    name="mssql",
    is_embedded=False,
    identifier_quotes=("[", "]"),
    string_literal="N'{text}'",
    sql_types={
        "uuid": "UNIQUEIDENTIFIER",
        "i32": "INT",
        "i64": "BIGINT",
        "f64": "FLOAT(53)",
        "bool": "BIT",
        "str": "NVARCHAR({length})",
        "text": "NVARCHAR(MAX)",
        "ts3": "DATETIME2(3)",
        "bytes": "VARBINARY(MAX)",
    },
    upsert_strategy="merge",
    has_mass_updates=True,
    # Only from SQL Server 2022 on; 2017 is the oldest supported version.
    # https://learn.microsoft.com/sql/t-sql/queries/is-distinct-from-transact-sql
    has_is_distinct_from=False,
    batch_separator="\nGO\n",
    # CREATE VIEW and CREATE PROCEDURE must be alone in their batch, and variables of two statements may share a name.
    nested_statement="EXEC ({text})",
    # Binary: texts are equal exactly if Polars and DuckDB find them equal, whatever the collation of server, database
    # and tempdb. Without it 'fan' equals 'FAN' on most servers, and a MERGE from a ##table may fail with a collation
    # conflict (error 468) because tempdb has the collation of the server.
    text_collation="COLLATE Latin1_General_100_BIN2",
    schema_prefix="[dbo].",
    script_prologue=_SCRIPT_PROLOGUE,
    script_epilogue=_SCRIPT_EPILOGUE,
    # SQL Server has no CREATE TABLE IF NOT EXISTS.
    create_table="IF OBJECT_ID({object}, N'U') IS NULL\nCREATE TABLE {table} (\n{body}\n)",
    add_column="ALTER TABLE {table} ADD {column}",
    rename_table="EXEC sys.sp_rename {object}, {text}",
    # DROP VIEW would also remove the permissions that a DBA has granted on the view.
    create_view=("CREATE OR ALTER VIEW {view} AS\n{select}",),
    create_index=_CREATE_INDEX,
    drop_index="DROP INDEX IF EXISTS {index} ON {table}",
    primary_key="PRIMARY KEY CLUSTERED",
    secondary_key="PRIMARY KEY NONCLUSTERED",
    cluster_table=_CLUSTER_TABLE,
    has_large_table_keys=True,
    # Every row of a batch holds a lock of about 96 bytes until COMMIT.
    max_batch_readings=50_000,
    has_foreign_keys=True,
    # FLOAT rejects NaN and infinity, NVARCHAR(n) rejects longer texts: no CHECK is needed.
    finite_check=None,
    length_check=None,
    seconds_between="DATEDIFF(second, {start}, {end})",
    add_days="DATEADD(day, {days}, CAST({time} AS DATE))",
    computed_column="AS ({expression}) PERSISTED",
    # Backfills of several machines write the same table: with a table lock they would wait for each other.
    # https://learn.microsoft.com/sql/t-sql/statements/alter-table-transact-sql
    # Not again: the statement waits for all sessions that use the table.
    lock_escalation=(
        "IF EXISTS (\n"
        "    SELECT 1 FROM sys.tables\n"
        "    WHERE object_id = OBJECT_ID({object}, N'U') AND lock_escalation_desc <> N'DISABLE'\n"
        ")\n"
        "ALTER TABLE {table} SET (LOCK_ESCALATION = DISABLE)"
    ),
    # Without escalation a mass DELETE would take one lock per row; page locks need far less memory (error 1204).
    read_lock_hint=" WITH (UPDLOCK, HOLDLOCK)",
    delete_hint=" WITH (PAGLOCK)",
    find_expired_partitions=_FIND_EXPIRED_PARTITIONS,
    empty_partitions="TRUNCATE TABLE {table} WITH (PARTITIONS (1 TO {count}))",
    # It also applies to the check of foreign keys: a hash join would read RunLog as a whole, and wait for the rows that
    # other machines' transactions hold.
    # https://learn.microsoft.com/sql/t-sql/queries/hints-transact-sql-query
    seek_option="OPTION (LOOP JOIN)",
    # Typed: a column of untyped NULLs alone is an INT.
    table_doc="(CAST(NULL AS sysname), {text})",
    view_doc="(CAST(NULL AS sysname), {text})",
    column_doc="({name}, {text})",
    docs_statement=_DOCS_STATEMENT,
    # AT TIME ZONE accepts Windows zone names only: ACM_TimeZones maps IANA names to them; no row gives NULL. No view
    # uses the alias zone_map, so it cannot hide an alias of the view around this expression.
    # https://learn.microsoft.com/sql/t-sql/queries/at-time-zone-transact-sql
    to_local_time=(
        "(SELECT CAST({time} AT TIME ZONE 'UTC' AT TIME ZONE zone_map.[WindowsName] AS DATETIME2(3))\n"
        "    FROM [ACM_TimeZones] AS zone_map WHERE zone_map.[IanaName] = {zone})"
    ),
    # HASHBYTES, not BINARY_CHECKSUM: the latter is linear, so that two rows which swap a value keep their checksum.
    # https://learn.microsoft.com/sql/t-sql/functions/hashbytes-transact-sql
    # SUM, not CHECKSUM_AGG, whose way to combine two checksums is not documented.
    rows_hash="SUM(CAST(CAST(HASHBYTES('MD5', {cells}) AS BINARY(4)) AS BIGINT))",
    time_cell="CAST(CAST({time} AS DATETIME2(3)) AS BINARY(8))",
    # FLOAT holds no NaN: this pattern of bits stands for NULL.
    value_cell="COALESCE(CAST(CAST({value} AS FLOAT(53)) AS BINARY(8)), 0x7FF8000000000001)",
    cell_separator=" + ",
    # https://learn.microsoft.com/sql/t-sql/language-elements/string-concatenation-transact-sql#remarks
    cell_group="CAST({cells} AS VARBINARY(MAX))",
    text_cell="COALESCE(CAST(CAST({text} AS NVARCHAR(400)) AS VARBINARY(800)), 0x7FF8000000000001)",
    # COUNT is an INT: the rows of a long source, which has one per tag and second, overflow after 2 ** 31.
    count_rows="COUNT_BIG(*)",
    # Comparing columns of two collations is error 468; another database often has another collation.
    as_text="CAST({text} AS NVARCHAR(255)) COLLATE DATABASE_DEFAULT",
    # From the start of its day: the minutes since 1900 overflow at 9999-12-31, which stands for "no end" (error 535).
    minute_of=(
        "DATEADD(minute, DATEDIFF(minute, CAST({time} AS DATE), {time}), CAST(CAST({time} AS DATE) AS DATETIME2(3)))"
    ),
    offset_to_utc="CAST(SWITCHOFFSET({time}, '+00:00') AS DATETIME2(3))",
    offset_limit="TODATETIMEOFFSET(CAST(? AS DATETIME2(3)), '+00:00')",
)
