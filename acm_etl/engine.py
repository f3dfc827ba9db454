"""The port between the product and a database: one protocol, and the facts in which databases differ."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from typing import Any, Literal, Protocol

import polars as pl

from acm_etl.errors import StoreError
from acm_etl.schema import Table


@dataclass(frozen=True, slots=True)
class Dialect:
    """Facts about one SQL dialect; generators of SQL read them and never ask which engine it is.

    Braced words inside a fact are filled in by the generator: ``{table}`` and ``{column}`` are quoted identifiers,
    ``{text}`` is a literal, ``{plain}`` the name and ``{object}`` the quoted name of the table as literals.

    Attributes:
        name: ``duckdb`` or ``mssql``; names the folder of its DDL.
        embedded: Whether one process holds the store, and every other reaches it through that one.
        quotes: Opening and closing quote of an identifier; the closing one is doubled inside.
        text: A text literal, ``{text}`` with its quotes already doubled.
        types: SQL type by logical base type; ``{length}`` stands for the length of a text.
        upsert: ``merge`` for a MERGE that says what it did (OUTPUT $action); ``merge-counted`` where it cannot, so
            that new keys are counted before it; ``update-insert`` where there is no MERGE to rely on;
            ``delete-insert`` where mass updates are slow.
        distinct: Whether ``IS DISTINCT FROM`` exists (else two rows are compared with EXCEPT).
        separator: What ends a statement of a script.
        collation: Clause of a text column (staging needs it too) by which texts are compared byte by byte.
        schema: What stands in front of the names of objects that DDL creates.
        opening: First statement of a script run by hand; empty where none is needed.
        closing: Last one: it records ``{script}`` of ``{version}`` with ``{hash}`` once all ``{objects}`` are there.
        create: CREATE TABLE that leaves an existing table alone, ``{body}`` its columns and constraints.
        alter: Adds ``{column}`` (with its type) to a table.
        view: Statements that create or replace a view.
        index: Creates an index unless it is there; None where zone maps serve and an index only costs.
        primary: The words in front of the columns of a primary key.
        large_keys: Whether large time-grained tables get a primary key (else it is checked in the transaction).
        foreign_keys: Whether foreign keys are declared (else orphans are checked).
        finite: CHECK condition for a finite float; None where the type cannot be NaN.
        length: CHECK condition for the length of a text; None where the type enforces it.
        duration: Expression for whole seconds from ``{start}`` to ``{end}``.
        computed: Clause of a computed column, ``{expression}`` inside; None where it stays an empty column.
        lines: Further statement per large table that machines share; None where there is none.
        pages: Hint behind the table of a DELETE of most of a machine's rows: locks by page, where rows are locked else.
        table_doc: Statement that documents a table, or its row of ``docs``.
        view_doc: Statement that documents a view, or its row.
        column_doc: Statement that documents a column, or its row.
        docs: Statement that takes all ``{rows}`` of documentation of one object of this ``{kind}`` (TABLE or VIEW);
            None where each is a statement.
        local: UTC ``{time}`` as the local time of ``{zone}`` (IANA name).
    """

    name: str
    embedded: bool
    quotes: tuple[str, str]
    text: str
    types: Mapping[str, str]
    upsert: Literal["merge", "merge-counted", "update-insert", "delete-insert"]
    distinct: bool
    separator: str
    collation: str
    schema: str
    opening: str
    closing: str
    create: str
    alter: str
    view: tuple[str, ...]
    index: str | None
    primary: str
    large_keys: bool
    foreign_keys: bool
    finite: str | None
    length: str | None
    duration: str
    computed: str | None
    lines: str | None
    pages: str
    table_doc: str
    view_doc: str
    column_doc: str
    docs: str | None
    local: str

    def quote(self, name: str) -> str:
        """An identifier, quoted so that no character in it can end it."""
        opening, closing = self.quotes
        return f"{opening}{name.replace(closing, closing * 2)}{closing}"

    def literal(self, text: str) -> str:
        """A text literal, for DDL and documentation (values are bound)."""
        return self.text.format(text=text.replace("'", "''"))


DUCKDB = Dialect(
    name="duckdb",
    embedded=True,
    quotes=('"', '"'),
    text="'{text}'",
    types={
        "uuid": "UUID",
        "i32": "INTEGER",
        "i64": "BIGINT",
        "f64": "DOUBLE",
        "bool": "BOOLEAN",
        "str": "VARCHAR",
        "text": "VARCHAR",
        "ts3": "TIMESTAMP_MS",
        "bytes": "BLOB",
    },
    upsert="delete-insert",
    distinct=True,
    separator=";\n",
    collation="",
    schema="",
    opening="",
    closing="",
    create="CREATE TABLE IF NOT EXISTS {table} (\n{body}\n)",
    alter="ALTER TABLE {table} ADD COLUMN {column}",
    view=("CREATE OR REPLACE VIEW {view} AS\n{select}",),
    index=None,  # few indexes: ART indexes in the log are behind upstream's failures to replay it
    primary="PRIMARY KEY",
    large_keys=False,  # an ART index makes mass inserts about ten times slower
    foreign_keys=False,  # over-eager: a parent cannot be updated in the transaction that touches its children
    finite="isfinite({column})",
    length="length({column}) <= {length}",
    duration="date_diff('second', {start}, {end})",
    computed="BIGINT GENERATED ALWAYS AS ({expression}) VIRTUAL",
    lines=None,
    pages="",
    table_doc="COMMENT ON TABLE {table} IS {text}",
    view_doc="COMMENT ON VIEW {table} IS {text}",
    column_doc="COMMENT ON COLUMN {table}.{column} IS {text}",
    docs=None,
    local="timezone({zone}, timezone('UTC', {time}::TIMESTAMP))",
)

_DOCS = """SET NOCOUNT ON;
DECLARE @docs TABLE (part SYSNAME NULL, about NVARCHAR(3700) NOT NULL);
INSERT INTO @docs (part, about) VALUES
    {rows};
DECLARE @part SYSNAME, @about NVARCHAR(3700), @level VARCHAR(6);
DECLARE docs CURSOR LOCAL FAST_FORWARD FOR SELECT part, about FROM @docs;
OPEN docs;
FETCH NEXT FROM docs INTO @part, @about;
WHILE @@FETCH_STATUS = 0
BEGIN
    SET @level = CASE WHEN @part IS NOT NULL THEN 'COLUMN' END;
    IF EXISTS (
        SELECT 1 FROM sys.extended_properties
        WHERE class = 1 AND major_id = OBJECT_ID({object}) AND name = N'MS_Description'
            AND minor_id = COALESCE(COLUMNPROPERTY(OBJECT_ID({object}), @part, 'ColumnId'), 0)
    )
        EXEC sys.sp_updateextendedproperty
            N'MS_Description', @about, 'SCHEMA', N'dbo', '{kind}', {plain}, @level, @part;
    ELSE
        EXEC sys.sp_addextendedproperty
            N'MS_Description', @about, 'SCHEMA', N'dbo', '{kind}', {plain}, @level, @part;
    FETCH NEXT FROM docs INTO @part, @about;
END;
SET NOCOUNT OFF"""

_OPENING = """-- sqlcmd -b -I -d <database> -i <this file>
SET ANSI_NULLS, QUOTED_IDENTIFIER ON;
IF DB_ID() <= 4
BEGIN
    PRINT N'This is a system database: nothing is done. Choose a database with sqlcmd -d.';
    SET NOEXEC ON;
END"""

_CLOSING = """IF EXISTS (SELECT 1 FROM (VALUES {objects}) AS o (name) WHERE OBJECT_ID(o.name) IS NULL)
    THROW 50000, N'Some objects of this script are missing: it is not recorded as applied. Run it with sqlcmd -b.', 1;
DELETE FROM [dbo].[ACM_SchemaVersion] WHERE [Version] = {version} AND [Name] = {script};
INSERT INTO [dbo].[ACM_SchemaVersion] ([Version], [Name], [Hash], [AppliedAt])
VALUES ({version}, {script}, {hash}, SYSUTCDATETIME())"""

MSSQL = Dialect(
    name="mssql",
    embedded=False,
    quotes=("[", "]"),
    text="N'{text}'",
    types={
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
    upsert="merge",
    distinct=False,  # only from SQL Server 2022
    separator="\nGO\n",
    # Binary: names and codes are equal here when Polars and DuckDB say so, whatever the collation of server, database
    # and tempdb. Without it 'fan' is 'FAN' on most servers, and a MERGE from a ##table may meet a conflict (468).
    collation="COLLATE Latin1_General_100_BIN2",
    schema="[dbo].",
    opening=_OPENING,
    closing=_CLOSING,
    create="IF OBJECT_ID({object}, N'U') IS NULL\nCREATE TABLE {table} (\n{body}\n)",
    alter="ALTER TABLE {table} ADD {column}",
    view=(
        "DROP VIEW IF EXISTS {view}",
        "CREATE VIEW {view} AS\n{select}",
        "IF DATABASE_PRINCIPAL_ID(N'acm_reader') IS NOT NULL\nGRANT SELECT ON {view} TO [acm_reader]",
    ),
    index=(
        "IF NOT EXISTS (SELECT 1 FROM sys.indexes WHERE object_id = OBJECT_ID({object}) AND name = {text})\n"
        "CREATE INDEX {index} ON {table} ({columns})"
    ),
    primary="PRIMARY KEY CLUSTERED",
    large_keys=True,
    foreign_keys=True,
    finite=None,  # FLOAT takes no NaN and no infinity
    length=None,
    duration="DATEDIFF(second, {start}, {end})",
    computed="AS ({expression}) PERSISTED",
    lines="ALTER TABLE {table} SET (LOCK_ESCALATION = DISABLE)",
    pages=" WITH (PAGLOCK)",
    table_doc="(NULL, {text})",
    view_doc="(NULL, {text})",
    column_doc="({name}, {text})",
    docs=_DOCS,
    # AT TIME ZONE takes Windows' names of zones only; a zone without one has no local time.
    # The alias is one that no view uses: a shorter one would hide the view's own.
    local=(
        "(SELECT CAST({time} AT TIME ZONE 'UTC' AT TIME ZONE zone_map.[WindowsName] AS DATETIME2(3))\n"
        "    FROM [ACM_TimeZones] AS zone_map WHERE zone_map.[IanaName] = {zone})"
    ),
)

DIALECTS = {dialect.name: dialect for dialect in (DUCKDB, MSSQL)}


@dataclass(frozen=True, slots=True)
class Staged:
    """Rows handed over.

    Attributes:
        name: What the session's statements put in their FROM for them.
        seconds: What it took.
    """

    name: str
    seconds: float


def nothing(table: Table, dialect: Dialect) -> str:
    """What stands for the staged rows of a frame without rows: most tables have none in a short group."""
    return f"(SELECT * FROM {dialect.quote(table.name)} WHERE 1 = 0)"


@contextmanager
def at(table: Table) -> Iterator[None]:
    """Let a store's error say at which table it happened."""
    try:
        yield
    except StoreError as error:
        error.table = error.table or table.name
        raise


@dataclass(frozen=True, slots=True)
class Finding:
    """Something worth knowing about a store or what it is reached with.

    Attributes:
        name: What was looked at.
        level: How it is.
        text: What was found, and what to do.
    """

    name: str
    level: Literal["ok", "warn", "fail"]
    text: str


class Engine(Protocol):
    """One session with a store, for one thread. Statements take ``?`` placeholders.

    Errors of the driver never come through: they are translated into ``StoreError`` and its kinds.
    """

    @property
    def dialect(self) -> Dialect:
        """Facts about the SQL it speaks."""

    @property
    def url(self) -> str:
        """Where the store is, without secrets."""

    def query(self, sql: str, params: Sequence[Any] = ()) -> pl.DataFrame:
        """All rows of a SELECT; times come as ms, UUIDs as lower-case text."""

    def execute(self, sql: str, params: Sequence[Any] = ()) -> int:
        """Rows affected by a statement; 0 for DDL."""

    def stream(self, sql: str, params: Sequence[Any] = (), *, rows: int = 100_000) -> Iterator[pl.DataFrame]:
        """Rows of a SELECT in batches of about ``rows``, in bounded memory.

        It reads what is committed: rows of this session's open transaction are not seen.
        """

    def stage(self, table: Table, frame: pl.DataFrame) -> str:
        """Hand a conforming frame over; what this session's statements put in their FROM for it."""

    def stage_all(self, frames: Sequence[tuple[Table, pl.DataFrame]]) -> list[Staged]:
        """Hand several frames over, side by side where the engine can; in the order in which they were given.

        Raises:
            StoreError: Some frame was not taken; the error names its table.
        """

    def unstage(self) -> None:
        """Forget everything that was staged by this session."""

    def transaction(self) -> AbstractContextManager[None]:
        """The one owner of BEGIN, COMMIT and ROLLBACK.

        Raises:
            StoreError: A transaction is already open in this session.
        """

    def lease(self, machine: str) -> AbstractContextManager[None]:
        """Hold one machine against every other runner.

        Raises:
            HeldError: Somebody else holds it.
        """

    def checkpoint(self) -> None:
        """Bring the log into the store's file after DDL or a bulk load, where the engine has such a step."""

    def columns(self, table: str) -> dict[str, str]:
        """Columns of a table as the database has them, name to type; empty where there is no such table."""

    def tables(self) -> list[str]:
        """Names of all base tables."""

    def findings(self) -> list[Finding]:
        """What ``doctor`` should know: how rows get in, and settings of the server that matter."""

    def fork(self) -> Engine:
        """A further session with the same store, for another worker."""

    def close(self) -> None:
        """End the session."""
