"""Statements for SQL Server that are no upserts: staging tables, locks, transactions, the catalogue."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import Any, Literal

import polars as pl

from acm_etl.dialects import Dialect
from acm_etl.schema import Column, Table

StagingKind = Literal["temp", "table"]
LoaderName = Literal["arrow", "odbc", "bcp"]
"""Of a bulk loader."""
STAGING_SCHEMA = "stage"
#: SQL Server takes 2,100 parameters in a statement, and 1,000 rows in its VALUES.
MAX_INSERT_PARAMETERS, MAX_INSERT_ROWS = 2_000, 1_000
#: From here on a staging heap gets its key as an index: without statistics a MERGE may be planned row against row.
MIN_INDEXED_ROWS = 5_000
_STAGING_NAME_PATTERN = re.compile(r"^acm_.*_(?P<token>[0-9a-f]{16})_\d+$")


def staging_table_name(table: Table, staging: StagingKind, *, token: str, number: int) -> str:
    """The quoted name of a staging table: whose it is can be read from its token."""
    clean = re.sub(r"\W", "_", table.name, flags=re.ASCII)[:60]
    name = f"acm_{clean}_{token}_{number}"
    return f"[##{name}]" if staging == "temp" else f"[{STAGING_SCHEMA}].[{name}]"


def parse_session_token(name: str) -> str | None:
    """The session a staging table belongs to; None for a table that is none."""
    match = _STAGING_NAME_PATTERN.match(name)
    return match["token"] if match else None


def build_create_table(table: Table, name: str, dialect: Dialect) -> str:
    """CREATE TABLE of a heap with the columns a row brings along."""
    columns = ",\n".join(f"    {_column_definition(column, dialect)}" for column in table.insertable_columns)
    return f"CREATE TABLE {name} (\n{columns}\n)"


def build_drop_table(name: str) -> str:
    """DROP TABLE, also of one that a rollback has taken away."""
    return f"DROP TABLE IF EXISTS {name}"


def build_key_index(table: Table, name: str, dialect: Dialect) -> str:
    """The key of a loaded heap, with its statistics."""
    return f"CREATE UNIQUE CLUSTERED INDEX [IX_key] ON {name} ({', '.join(map(dialect.quote, table.key))})"


def fits_one_insert(frame: pl.DataFrame) -> bool:
    """Whether one statement takes all rows: a bulk copy would log in twice as long."""
    return frame.height <= MAX_INSERT_ROWS and frame.height * frame.width <= MAX_INSERT_PARAMETERS


def build_inserts(table: Table, name: str, frame: pl.DataFrame, dialect: Dialect) -> Iterator[tuple[str, list[Any]]]:
    """INSERTs of all rows with their parameters."""
    types = [_column_type(table.columns_by_name[column], dialect) for column in frame.columns]
    row = f"({', '.join(f'CAST(? AS {kind})' for kind in types)})"
    columns = ", ".join(map(dialect.quote, frame.columns))
    for part in frame.iter_slices(max(1, min(MAX_INSERT_ROWS, MAX_INSERT_PARAMETERS // frame.width))):
        sql = f"INSERT INTO {name} ({columns})\nVALUES {', '.join([row] * part.height)}"
        yield sql, [value for values in part.iter_rows() for value in values]


def session_lock_name(token: str) -> str:
    """The lock that says that the session of a token is alive."""
    return f"acm_etl:stage:{token}"


def machine_lock_name(machine: str) -> str:
    """The lock of the runner of a machine."""
    return f"acm_etl:machine:{machine}"


def build_begin_transaction(lock_names: Sequence[str], dialect: Dialect) -> str:
    """BEGIN, with what has to be known before the first write: depth before and after, and the mode of each lock.

    Without parameters: a transaction begun within a procedure, as drivers make of them, would have to end there. What
    a session is set to is said again, since an error may have left it otherwise.
    """
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
    """Take a lock for as long as the session lasts; below 0 is returned where somebody else has it for too long."""
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
# As NVARCHAR: where a server keeps these names as VARCHAR, letters outside its code page would arrive as "?".
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
    """Whether a statement may give tables other columns."""
    return bool(_DDL_PATTERN.search(sql))


def _column_definition(column: Column, dialect: Dialect) -> str:
    # Left to itself it would be tempdb's or the database's, and the server refuses to compare texts of two collations.
    collation = f" {dialect.text_collation}" if column.base_type in ("str", "text") else ""
    null = "NULL" if column.nullable else "NOT NULL"
    return f"{dialect.quote(column.name)} {_column_type(column, dialect)}{collation} {null}"


def _column_type(column: Column, dialect: Dialect) -> str:
    return dialect.sql_types[column.base_type].format(length=column.max_length)
