"""Statements for SQL Server other than upserts: staging tables, locks, transactions and the catalogue."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import Any, Literal, NamedTuple

import polars as pl

from acm_etl.dialects import Dialect
from acm_etl.engine import SpanStatement
from acm_etl.io.mssql.parameters import (
    BATCH_PARAMETER_TYPES,
    ParameterType,
    get_column_parameter_type,
    number_placeholders,
)
from acm_etl.schema import Table
from acm_etl.tables.shared_staging import STAGED_ROWS


class ParameterizedStatement(NamedTuple):
    """A statement with value and type of each placeholder."""

    sql: str
    values: list[Any]
    types: list[ParameterType]


StagingKind = Literal["temp", "table"]
LoaderName = Literal["arrow", "odbc", "bcp"]
STAGING_SCHEMA = "stage"
# Rows per batch of a bulk copy. Each batch is a transaction of its own: the limit bounds the active part of the log.
BULK_ROWS = 100_000
# Limits of SQL Server: 2,100 parameters per statement (some are the driver's own), 1,000 rows per VALUES clause.
# https://learn.microsoft.com/sql/sql-server/maximum-capacity-specifications-for-sql-server
# https://learn.microsoft.com/sql/t-sql/queries/table-value-constructor-transact-sql
MAX_INSERT_PARAMETERS, MAX_INSERT_ROWS = 2_000, 1_000
# From this number of rows on, a staging table gets an index on its key.
MIN_INDEXED_ROWS = 5_000
# Rows per INSERT: few numbers, so that a staging table has few statement texts and each is compiled once.
_INSERT_SIZES = (1, 4, 16, 64, 256, MAX_INSERT_ROWS)
# Sessions that can stage in the schema ``stage`` at the same time.
MAX_STAGING_SLOTS = 256


def build_staging_name(table: Table, staging: StagingKind, *, owner: str, number: int) -> str:
    """Return the quoted name of a staging table.

    Args:
        table: Declaration of the rows.
        staging: ``temp`` for a global temporary table, ``table`` for a table in the schema ``stage``.
        owner: Identifies the session: its slot, or a random token for a temporary table.
        number: Counts the staging tables of the same declaration that the session has at the same time, from 1 on.
    """
    # Cut, so that the whole name stays within 116 characters, the limit for temporary tables.
    clean = re.sub(r"\W", "_", table.name, flags=re.ASCII)[:60]
    name = f"acm_{clean}_{owner}" + (f"_{number}" if number > 1 else "")
    return f"[##{name}]" if staging == "temp" else f"[{STAGING_SCHEMA}].[{name}]"


def is_staging_name(name: str, owner: str) -> bool:
    """Return True if a table of the schema ``stage`` belongs to the session with this slot."""
    return bool(re.fullmatch(rf"acm_.*_{owner}(_\d+)?", name))


def build_create_table(table: Table, name: str, dialect: Dialect, *, with_key_index: bool) -> str:
    """Return statements that create a staging table with the insertable columns.

    Args:
        table: Declaration of the rows.
        name: Quoted name of the staging table.
        dialect: Dialect of the server.
        with_key_index: True for large frames: a heap has no statistics, so the optimizer may choose a nested loop over
            both tables for a MERGE.
    """
    columns = ",\n".join(f"    {dialect.column_clause(column)}" for column in table.insertable_columns)
    # A rollback or a lost connection may have left a table of the same name.
    created = f"{build_drop_table(name)};\nCREATE TABLE {name} (\n{columns}\n)"
    if not with_key_index:
        return created
    return f"{created};\nCREATE UNIQUE CLUSTERED INDEX [IX_key] ON {name} ({', '.join(map(dialect.quote, table.key))})"


def build_drop_table(name: str) -> str:
    """Return DROP TABLE, which does not fail for a table that a rollback has removed."""
    return f"DROP TABLE IF EXISTS {name}"


def build_truncate_table(name: str) -> str:
    """Return the statement that removes all rows of a staging table; unlike a new table, it keeps the plans."""
    return f"TRUNCATE TABLE {name}"


def build_create_call(table: Table, name: str, dialect: Dialect, *, with_key_index: bool) -> str:
    """Return the call of the procedure that creates a staging table, for logins that may not.

    The procedure copies names and types of the columns from the table itself.
    """
    if table is STAGED_ROWS:
        return f"EXEC [{STAGING_SCHEMA}].[usp_ACM_CreateSharedStagingTable] @Name = {_plain_name(name)}"
    return (
        f"EXEC [{STAGING_SCHEMA}].[usp_ACM_CreateStagingTable] @Name = {_plain_name(name)},"
        f" @Table = {dialect.quote_literal(table.name)}, @WithKeyIndex = {int(with_key_index)}"
    )


def build_drop_call(name: str) -> str:
    """Return the call of the procedure that drops a staging table, for logins that may not."""
    return f"EXEC [{STAGING_SCHEMA}].[usp_ACM_DropStagingTable] @Name = {_plain_name(name)}"


def build_empty_call(name: str) -> str:
    """Return the call of the procedure that empties a staging table, for logins that may not."""
    return f"EXEC [{STAGING_SCHEMA}].[{_EMPTY_PROCEDURE}] @Name = {_plain_name(name)}"


def _plain_name(name: str) -> str:
    # Staging names have letters, digits and underscores only.
    return "N'" + name.rpartition("[")[2].removesuffix("]") + "'"


def fits_one_insert(frame: pl.DataFrame) -> bool:
    """Return True if one INSERT takes all rows; the login of a bulk copy would take longer than that INSERT."""
    return frame.height <= MAX_INSERT_ROWS and frame.height * frame.width <= MAX_INSERT_PARAMETERS


def build_inserts(table: Table, name: str, frame: pl.DataFrame, dialect: Dialect) -> Iterator[ParameterizedStatement]:
    """Yield INSERT statements for all rows; the texts depend on the table and a few sizes, not on the rows."""
    columns = [table.columns_by_name[column] for column in frame.columns]
    names = ", ".join(map(dialect.quote, frame.columns))
    # Once per column, not per value: the statement of 64 rows of metrics would be four times as long. The parameters
    # have types of their own, and the cast turns the text of a UUID into one.
    casts = ", ".join(f"CAST({dialect.quote(column.name)} AS {dialect.sql_type(column.type)})" for column in columns)
    row = f"({', '.join('?' * len(columns))})"
    required = next(dialect.quote(column.name) for column in columns if not column.nullable)
    types = [get_column_parameter_type(column) for column in columns]
    rows_per_insert = max(1, min(MAX_INSERT_ROWS, MAX_INSERT_PARAMETERS // frame.width))
    for part in frame.iter_slices(rows_per_insert):
        # The statement of the next larger size takes the rows; rows of NULLs fill the rest and are left out again.
        size = min(rows_per_insert, next(size for size in _INSERT_SIZES if size >= part.height))
        values = [value for values in part.iter_rows() for value in values]
        sql = (
            f"INSERT INTO {name} ({names})\nSELECT {casts}\nFROM (VALUES {', '.join([row] * size)}) AS v ({names})\n"
            f"WHERE {required} IS NOT NULL"
        )
        yield ParameterizedStatement(sql, values + [None] * (size * len(columns) - len(values)), types * size)


# Statements per round trip. One that runs fewer leaves the rest empty: few texts, which the server compiles once.
BATCH_SIZES = (4, 16, 32, 48, 64)
# Last column of the row that follows the results of each statement of a batch.
BATCH_TIME_COLUMN = "microseconds"
# Each statement is a parameter, and sp_executesql keeps its plan by its own text: the plans do not depend on which
# tables have rows in a batch. EXECUTE preserves @@ROWCOUNT of the last statement inside.
# https://learn.microsoft.com/sql/t-sql/functions/rowcount-transact-sql
_SPAN_TYPES = "N'@P1 INT, @P2 DATETIME2(3), @P3 DATETIME2(3)'"
_BATCHED_STATEMENT = f"""SET @started = SYSUTCDATETIME();
EXEC sys.sp_executesql ?, @types, ?, ?, ?;
SELECT @@ROWCOUNT AS row_count, DATEDIFF_BIG(microsecond, @started, SYSUTCDATETIME()) AS {BATCH_TIME_COLUMN};
"""


def build_batch(statements: Sequence[SpanStatement]) -> ParameterizedStatement:
    """Return one statement that runs up to 64 statements; after the results of each, a row with row count and time."""
    size = next(size for size in BATCH_SIZES if size >= len(statements))
    values: list[Any] = []
    for statement in statements:
        values += [number_placeholders(statement.sql), *(statement.span or (None,) * 3)]
    values += ["", None, None, None] * (size - len(statements))
    # NOCOUNT: without it the driver has to skip a result without rows for each statement. OFF again, because servers
    # other than SQL Server keep the option after the call.
    declared = f"DECLARE @types NVARCHAR(60) = {_SPAN_TYPES}, @started DATETIME2(7);"
    sql = f"SET NOCOUNT ON;\n{declared}\n{_BATCHED_STATEMENT * size}SET NOCOUNT OFF"
    return ParameterizedStatement(sql, values, [*BATCH_PARAMETER_TYPES] * size)


# Roles that were made by an earlier version lack this procedure until `init` runs again.
_EMPTY_PROCEDURE = "usp_ACM_EmptyStagingTable"
CLAIM_SLOT = f"""IF SCHEMA_ID(N'{STAGING_SCHEMA}') IS NULL EXEC(N'CREATE SCHEMA [{STAGING_SCHEMA}]');
DECLARE @slot INT = 0, @result INT = -1, @name NVARCHAR(255);
WHILE @result < 0 AND @slot < {MAX_STAGING_SLOTS}
BEGIN
    SET @slot += 1;
    SET @name = CONCAT(N'acm_etl:stage:', @slot);
    EXEC @result = sp_getapplock @Resource = @name, @LockMode = 'Exclusive', @LockOwner = 'Session', @LockTimeout = 0;
END;
SELECT CASE WHEN @result >= 0 THEN @slot END AS slot,
    HAS_PERMS_BY_NAME(N'{STAGING_SCHEMA}', N'SCHEMA', N'ALTER') AS may_alter,
    CASE WHEN OBJECT_ID(N'{STAGING_SCHEMA}.{_EMPTY_PROCEDURE}', N'P') IS NULL THEN 0 ELSE 1 END AS has_shared"""
"""Takes the first free slot for staging tables until the session ends; NULL if no slot is free."""


def lock_resource(name: str) -> str:
    """Return the resource of ``sp_getapplock`` for a named lock."""
    # All names, imports included, share the prefix for machines: the procedures in 008_procedures.sql look for it.
    return f"acm_etl:machine:{name}"


def build_begin_transaction(lock_names: Sequence[str], dialect: Dialect) -> str:
    """Return BEGIN TRANSACTION with a SELECT of the facts to check before the first write.

    The row of the SELECT: ``@@TRANCOUNT`` before and after BEGIN, and the mode of each lock (``Exclusive`` if held).

    Args:
        lock_names: Resources of the locks that the session has to hold.
        dialect: Dialect of the server.
    """
    # Literals instead of parameters: drivers run a statement with parameters in sp_executesql, and a transaction that
    # begins inside a procedure has to end there (error 266).
    # XACT_ABORT and NOCOUNT are set again because a failed statement may have left them otherwise.
    modes = "".join(
        f",\n  APPLOCK_MODE(N'public', {dialect.quote_literal(resource)}, N'Session') AS mode{number}"
        for number, resource in enumerate(lock_names)
    )
    return (
        "SET NOCOUNT OFF; SET XACT_ABORT ON;\nDECLARE @before INT = @@TRANCOUNT;\nBEGIN TRANSACTION;\n"
        f"SELECT @before AS before, @@TRANCOUNT AS depth{modes};"
    )


COMMIT = "COMMIT TRANSACTION;\nSET NOCOUNT OFF;\nSELECT @@TRANCOUNT AS depth;"
ROLLBACK = "IF @@TRANCOUNT > 0 ROLLBACK TRANSACTION;\nSELECT @@TRANCOUNT AS depth;"


def build_acquire_lock(wait_seconds: int = 0) -> str:
    """Return the statement that takes a lock until the session ends.

    Its result is 0 or 1 if the lock was taken, -1 after waiting in vain, and lower after other failures.

    Args:
        wait_seconds: Time to wait for a lock that another session holds.
    """
    # https://learn.microsoft.com/sql/relational-databases/system-stored-procedures/sp-getapplock-transact-sql
    return (
        "DECLARE @result INT;\n"
        "EXEC @result = sp_getapplock @Resource = ?, @LockMode = 'Exclusive', @LockOwner = 'Session',\n"
        f"    @LockTimeout = {wait_seconds * 1000};\n"
        "SELECT @result AS result;"
    )


# https://learn.microsoft.com/sql/t-sql/functions/applock-test-transact-sql
TEST_LOCK = "SELECT APPLOCK_TEST(N'public', ?, N'Exclusive', N'Session') AS is_free"
RELEASE_LOCK = "EXEC sp_releaseapplock @Resource = ?, @LockOwner = 'Session'"
# As NVARCHAR: some PostgreSQL-based servers return these names as VARCHAR, which turns letters outside the server's
# code page into "?". Not INFORMATION_SCHEMA: those servers take seconds there to check the permissions of each view.
_LIST_OBJECTS = (
    "SELECT CAST(name AS NVARCHAR(128)) AS name FROM sys.objects\n"
    "WHERE schema_id = SCHEMA_ID(N'{schema}') AND type IN ({types}) ORDER BY name"
)
LIST_STAGING_TABLES = _LIST_OBJECTS.format(schema=STAGING_SCHEMA, types="'U'")
LIST_RELATIONS = _LIST_OBJECTS.format(schema="dbo", types="'U', 'V'")
# INFORMATION_SCHEMA: sys.objects of those servers has the names in lower case, and imports compare names as they are.
LIST_TABLES = (
    "SELECT CAST(TABLE_NAME AS NVARCHAR(128)) AS name FROM INFORMATION_SCHEMA.TABLES\n"
    "WHERE TABLE_SCHEMA = N'dbo' AND TABLE_TYPE = 'BASE TABLE' ORDER BY TABLE_NAME"
)
LIST_COLUMNS = (
    "SELECT CAST(COLUMN_NAME AS NVARCHAR(128)) AS name, CAST(DATA_TYPE AS NVARCHAR(128)) AS type\n"
    "FROM INFORMATION_SCHEMA.COLUMNS\n"
    "WHERE TABLE_SCHEMA = N'dbo' AND TABLE_NAME = ? ORDER BY ORDINAL_POSITION"
)
_DDL_PATTERN = re.compile(r"\b(?:CREATE|ALTER|DROP)\s+(?:OR\s+ALTER\s+)?(?:TABLE|VIEW)\b", re.IGNORECASE)


def changes_tables(sql: str) -> bool:
    """Return True if a statement may change the columns of a table."""
    return bool(_DDL_PATTERN.search(sql))
