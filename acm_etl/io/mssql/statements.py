"""Statements for SQL Server that are no upserts: staging tables, locks, transactions, the catalogue."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import Any, Literal

import polars as pl

from acm_etl.engine import Dialect
from acm_etl.schema import Column, Table

Staging = Literal["temp", "table"]
Name = Literal["arrow", "odbc", "bcp"]
"""Of a bulk loader."""
SCHEMA = "stage"
#: SQL Server takes 2,100 parameters in a statement, and 1,000 rows in its VALUES.
CELLS, ROWS = 2_000, 1_000
#: From here on a staging heap gets its key as an index: without statistics a MERGE may be planned row against row.
INDEXED = 5_000
_NAME = re.compile(r"^acm_.*_(?P<token>[0-9a-f]{16})_\d+$")


def place(table: Table, staging: Staging, *, token: str, number: int) -> str:
    """The quoted name of a staging table: whose it is can be read from its token."""
    clean = re.sub(r"\W", "_", table.name, flags=re.ASCII)[:60]
    name = f"acm_{clean}_{token}_{number}"
    return f"[##{name}]" if staging == "temp" else f"[{SCHEMA}].[{name}]"


def token_of(name: str) -> str | None:
    """The session a staging table belongs to; None for a table that is none."""
    match = _NAME.match(name)
    return match["token"] if match else None


def create(table: Table, name: str, dialect: Dialect) -> str:
    """CREATE TABLE of a heap with the columns a row brings along."""
    columns = ",\n".join(f"    {_clause(column, dialect)}" for column in table.stored)
    return f"CREATE TABLE {name} (\n{columns}\n)"


def drop(name: str) -> str:
    """DROP TABLE, also of one that a rollback has taken away."""
    return f"DROP TABLE IF EXISTS {name}"


def index(table: Table, name: str, dialect: Dialect) -> str:
    """The key of a loaded heap, with its statistics."""
    return f"CREATE UNIQUE CLUSTERED INDEX [IX_key] ON {name} ({', '.join(map(dialect.quote, table.key))})"


def small(frame: pl.DataFrame) -> bool:
    """Whether one statement takes all rows: a bulk copy would log in twice as long."""
    return frame.height <= ROWS and frame.height * frame.width <= CELLS


def inserts(table: Table, name: str, frame: pl.DataFrame, dialect: Dialect) -> Iterator[tuple[str, list[Any]]]:
    """INSERTs of all rows with their parameters."""
    types = [_type(table.by_name[column], dialect) for column in frame.columns]
    row = f"({', '.join(f'CAST(? AS {kind})' for kind in types)})"
    columns = ", ".join(map(dialect.quote, frame.columns))
    for part in frame.iter_slices(max(1, min(ROWS, CELLS // frame.width))):
        sql = f"INSERT INTO {name} ({columns})\nVALUES {', '.join([row] * part.height)}"
        yield sql, [value for values in part.iter_rows() for value in values]


def owner(token: str) -> str:
    """The lock that says that the session of a token is alive."""
    return f"acm_etl:stage:{token}"


def lease(machine: str) -> str:
    """The lock of the runner of a machine."""
    return f"acm_etl:machine:{machine}"


def begin(resources: Sequence[str], dialect: Dialect) -> str:
    """BEGIN, with what has to be known before the first write: depth before and after, and the mode of each lock.

    Without parameters: a transaction begun within a procedure, as drivers make of them, would have to end there. What
    a session is set to is said again, since an error may have left it otherwise.
    """
    modes = "".join(
        f",\n  APPLOCK_MODE(N'public', {dialect.literal(resource)}, N'Session') AS mode{number}"
        for number, resource in enumerate(resources)
    )
    return (
        "SET NOCOUNT OFF; SET XACT_ABORT ON;\nDECLARE @before INT = @@TRANCOUNT;\nBEGIN TRANSACTION;\n"
        f"SELECT @before AS before, @@TRANCOUNT AS depth{modes};"
    )


COMMIT = "COMMIT TRANSACTION;\nSET NOCOUNT OFF;\nSELECT @@TRANCOUNT AS depth;"
ROLLBACK = "IF @@TRANCOUNT > 0 ROLLBACK TRANSACTION;\nSELECT @@TRANCOUNT AS depth;"


def take(seconds: int = 0) -> str:
    """Take a lock for as long as the session lasts; below 0 is returned where somebody else has it for too long."""
    return (
        "DECLARE @result INT;\n"
        "EXEC @result = sp_getapplock @Resource = ?, @LockMode = 'Exclusive', @LockOwner = 'Session',\n"
        f"    @LockTimeout = {seconds * 1000};\n"
        "SELECT @result AS result;"
    )


RELEASE = "EXEC sp_releaseapplock @Resource = ?, @LockOwner = 'Session'"
FREE = "SELECT APPLOCK_TEST(N'public', ?, N'Exclusive', N'Session') AS free"
STAGE_SCHEMA = f"IF SCHEMA_ID(N'{SCHEMA}') IS NULL EXEC(N'CREATE SCHEMA [{SCHEMA}] AUTHORIZATION [dbo]')"
# As NVARCHAR: where a server keeps these names as VARCHAR, letters outside its code page would arrive as "?".
_NAME_COLUMN = "CAST(TABLE_NAME AS NVARCHAR(128)) AS name"
LEFT = (
    f"SELECT {_NAME_COLUMN} FROM INFORMATION_SCHEMA.TABLES\n"
    f"WHERE TABLE_SCHEMA = N'{SCHEMA}' AND TABLE_TYPE = 'BASE TABLE' ORDER BY TABLE_NAME"
)
TABLES = (
    f"SELECT {_NAME_COLUMN} FROM INFORMATION_SCHEMA.TABLES\n"
    "WHERE TABLE_SCHEMA = N'dbo' AND TABLE_TYPE = 'BASE TABLE' ORDER BY TABLE_NAME"
)
COLUMNS = (
    "SELECT CAST(COLUMN_NAME AS NVARCHAR(128)) AS name, CAST(DATA_TYPE AS NVARCHAR(128)) AS type\n"
    "FROM INFORMATION_SCHEMA.COLUMNS\n"
    "WHERE TABLE_SCHEMA = N'dbo' AND TABLE_NAME = ? ORDER BY ORDINAL_POSITION"
)
_DDL = re.compile(r"\b(?:CREATE|ALTER|DROP)\s+(?:OR\s+ALTER\s+)?(?:TABLE|VIEW)\b", re.IGNORECASE)


def changes_tables(sql: str) -> bool:
    """Whether a statement may give tables other columns."""
    return bool(_DDL.search(sql))


def _clause(column: Column, dialect: Dialect) -> str:
    # Left to itself it would be tempdb's or the database's, and the server refuses to compare texts of two collations.
    collation = f" {dialect.collation}" if column.base in ("str", "text") else ""
    null = "NULL" if column.nullable else "NOT NULL"
    return f"{dialect.quote(column.name)} {_type(column, dialect)}{collation} {null}"


def _type(column: Column, dialect: Dialect) -> str:
    return dialect.types[column.base].format(length=column.length)
