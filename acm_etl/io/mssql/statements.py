"""Statements for SQL Server other than upserts: staging tables, locks, transactions and the catalogue."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import Any, Literal

import polars as pl

from acm_etl.dialects import Dialect
from acm_etl.schema import Column, Table

StagingKind = Literal["temp", "table"]
LoaderName = Literal["arrow", "odbc", "bcp"]
STAGING_SCHEMA = "stage"
#: Rows per batch of a bulk copy. Each batch is a transaction of its own: the limit bounds the active part of the log.
BULK_ROWS = 100_000
#: Limits of SQL Server: 2,100 parameters per statement (some are the driver's own), 1,000 rows per VALUES clause.
#: https://learn.microsoft.com/sql/sql-server/maximum-capacity-specifications-for-sql-server
#: https://learn.microsoft.com/sql/t-sql/queries/table-value-constructor-transact-sql
MAX_INSERT_PARAMETERS, MAX_INSERT_ROWS = 2_000, 1_000
#: From this number of rows on, a staging table gets an index on its key: a heap has no statistics, so the optimizer may
#: choose a nested loop over both tables for a MERGE.
MIN_INDEXED_ROWS = 5_000
_STAGING_NAME_PATTERN = re.compile(r"^acm_.*_(?P<token>[0-9a-f]{16})_\d+$")


def staging_table_name(table: Table, staging: StagingKind, *, token: str, number: int) -> str:
    """Return the quoted name of a staging table.

    Args:
        table: Declaration of the rows.
        staging: ``temp`` for a global temporary table, ``table`` for a table in the schema ``stage``.
        token: 16 hexadecimal digits that identify the session.
        number: Number of the table within the session.
    """
    # Cut, so that the whole name stays within 116 characters, the limit for temporary tables.
    clean = re.sub(r"\W", "_", table.name, flags=re.ASCII)[:60]
    name = f"acm_{clean}_{token}_{number}"
    return f"[##{name}]" if staging == "temp" else f"[{STAGING_SCHEMA}].[{name}]"


def parse_session_token(name: str) -> str | None:
    """Return the token of the session that a staging table belongs to; None for any other table."""
    match = _STAGING_NAME_PATTERN.match(name)
    return match["token"] if match else None


def build_create_table(table: Table, name: str, dialect: Dialect) -> str:
    """Return CREATE TABLE for a staging table: the insertable columns, without key, so that it is a heap."""
    columns = ",\n".join(f"    {_column_definition(column, dialect)}" for column in table.insertable_columns)
    return f"CREATE TABLE {name} (\n{columns}\n)"


def build_drop_table(name: str) -> str:
    """Return DROP TABLE, which does not fail for a table that a rollback has removed."""
    return f"DROP TABLE IF EXISTS {name}"


def build_key_index(table: Table, name: str, dialect: Dialect) -> str:
    """Return CREATE INDEX for the key of a loaded staging table; it also creates the statistics."""
    return f"CREATE UNIQUE CLUSTERED INDEX [IX_key] ON {name} ({', '.join(map(dialect.quote, table.key))})"


def fits_one_insert(frame: pl.DataFrame) -> bool:
    """Return True if one INSERT takes all rows; the login of a bulk copy would take longer than that INSERT."""
    return frame.height <= MAX_INSERT_ROWS and frame.height * frame.width <= MAX_INSERT_PARAMETERS


def build_inserts(table: Table, name: str, frame: pl.DataFrame, dialect: Dialect) -> Iterator[tuple[str, list[Any]]]:
    """Yield INSERT statements for all rows, each with its parameters."""
    # Explicit casts: a parameter's type depends on the driver, and a parameter that is NULL has none.
    types = [_column_type(table.columns_by_name[column], dialect) for column in frame.columns]
    row = f"({', '.join(f'CAST(? AS {sql_type})' for sql_type in types)})"
    columns = ", ".join(map(dialect.quote, frame.columns))
    rows_per_insert = max(1, min(MAX_INSERT_ROWS, MAX_INSERT_PARAMETERS // frame.width))
    for part in frame.iter_slices(rows_per_insert):
        sql = f"INSERT INTO {name} ({columns})\nVALUES {', '.join([row] * part.height)}"
        yield sql, [value for values in part.iter_rows() for value in values]


def session_lock_name(token: str) -> str:
    """Return the name of the lock that a session with staging tables holds as long as it lives."""
    return f"acm_etl:stage:{token}"


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


RELEASE_LOCK = "EXEC sp_releaseapplock @Resource = ?, @LockOwner = 'Session'"
IS_LOCK_FREE = "SELECT APPLOCK_TEST(N'public', ?, N'Exclusive', N'Session') AS free"
CREATE_STAGING_SCHEMA = (
    f"IF SCHEMA_ID(N'{STAGING_SCHEMA}') IS NULL EXEC(N'CREATE SCHEMA [{STAGING_SCHEMA}] AUTHORIZATION [dbo]')"
)
# As NVARCHAR: some PostgreSQL-based servers return these names as VARCHAR, which turns letters outside the server's
# code page into "?".
_NAME_COLUMN = "CAST(TABLE_NAME AS NVARCHAR(128)) AS name"
LIST_STAGING_TABLES = (
    f"SELECT {_NAME_COLUMN} FROM INFORMATION_SCHEMA.TABLES\n"
    f"WHERE TABLE_SCHEMA = N'{STAGING_SCHEMA}' AND TABLE_TYPE = 'BASE TABLE' ORDER BY TABLE_NAME"
)
LIST_TABLES = (
    f"SELECT {_NAME_COLUMN} FROM INFORMATION_SCHEMA.TABLES\n"
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


def _column_definition(column: Column, dialect: Dialect) -> str:
    # The default is the collation of tempdb or of the database; comparing texts of two collations is error 468.
    collation = f" {dialect.text_collation}" if column.base_type in ("str", "text") else ""
    null = "NULL" if column.nullable else "NOT NULL"
    return f"{dialect.quote(column.name)} {_column_type(column, dialect)}{collation} {null}"


def _column_type(column: Column, dialect: Dialect) -> str:
    return dialect.sql_type(column.type)
