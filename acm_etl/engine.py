"""The port between the product and a database: one protocol, and the facts in which databases differ."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
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
        is_embedded: Whether one process holds the store, and every other reaches it through that one.
        identifier_quotes: Opening and closing quote of an identifier; the closing one is doubled inside.
        string_literal: A text literal, ``{text}`` with its quotes already doubled.
        sql_types: SQL type by logical base type; ``{length}`` stands for the length of a text.
        upsert_strategy: ``merge`` for a MERGE that says what it did (OUTPUT $action); ``merge-counted`` where it cannot, so
            that new keys are counted before it; ``update-insert`` where there is no MERGE to rely on;
            ``delete-insert`` where mass updates are slow.
        has_is_distinct_from: Whether ``IS DISTINCT FROM`` exists (else two rows are compared with EXCEPT).
        batch_separator: What ends a statement of a script.
        text_collation: Clause of a text column (staging needs it too) by which texts are compared byte by byte.
        schema_prefix: What stands in front of the names of objects that DDL creates.
        script_prologue: First statement of a script run by hand; empty where none is needed.
        script_epilogue: Last one: it records ``{script}`` of ``{version}`` with ``{hash}`` once all ``{objects}`` are there.
        create_table: CREATE TABLE that leaves an existing table alone, ``{body}`` its columns and constraints.
        add_column: Adds ``{column}`` (with its type) to a table.
        create_view: Statements that create or replace a view.
        create_index: Creates an index unless it is there; None where zone maps serve and an index only costs.
        primary_key: The words in front of the columns of a primary key.
        has_large_table_keys: Whether large time-grained tables get a primary key (else it is checked in the transaction).
        has_foreign_keys: Whether foreign keys are declared (else orphans are checked).
        finite_check: CHECK condition for a finite float; None where the type cannot be NaN.
        length_check: CHECK condition for the length of a text; None where the type enforces it.
        seconds_between: Expression for whole seconds from ``{start}`` to ``{end}``.
        computed_column: Clause of a computed column, ``{expression}`` inside; None where it stays an empty column.
        lock_escalation: Further statement per large table that machines share; None where there is none.
        delete_hint: Hint behind the table of a DELETE of most of a machine's rows: locks by page, where rows are locked else.
        table_doc: Statement that documents a table, or its row of ``docs_statement``.
        view_doc: Statement that documents a view, or its row.
        column_doc: Statement that documents a column, or its row.
        docs_statement: Statement that takes all ``{rows}`` of documentation of one object of this ``{kind}`` (TABLE or VIEW);
            None where each is a statement.
        to_local_time: UTC ``{time}`` as the local time of ``{zone}`` (IANA name).
    """

    name: str
    is_embedded: bool
    identifier_quotes: tuple[str, str]
    string_literal: str
    sql_types: Mapping[str, str]
    upsert_strategy: Literal["merge", "merge-counted", "update-insert", "delete-insert"]
    has_is_distinct_from: bool
    batch_separator: str
    text_collation: str
    schema_prefix: str
    script_prologue: str
    script_epilogue: str
    create_table: str
    add_column: str
    create_view: tuple[str, ...]
    create_index: str | None
    primary_key: str
    has_large_table_keys: bool
    has_foreign_keys: bool
    finite_check: str | None
    length_check: str | None
    seconds_between: str
    computed_column: str | None
    lock_escalation: str | None
    delete_hint: str
    table_doc: str
    view_doc: str
    column_doc: str
    docs_statement: str | None
    to_local_time: str

    def quote(self, name: str) -> str:
        """An identifier, quoted so that no character in it can end it."""
        opening, closing = self.identifier_quotes
        return f"{opening}{name.replace(closing, closing * 2)}{closing}"

    def quote_literal(self, text: str) -> str:
        """A text literal, for DDL and documentation (values are bound)."""
        return self.string_literal.format(text=text.replace("'", "''"))

    def sql(self, text: str, /, **parts: str | Table | Iterable[str]) -> str:
        """Return SQL text in which every ``{braced}`` word is filled in.

        ``{RunLog}`` is an identifier and gets quoted; ``{:bool}`` is the SQL type of a logical base type. A keyword
        argument replaces its word: a table by its quoted name, text as it is (a condition built before), and several
        names by a comma-separated list of identifiers.

        Args:
            text: SQL in the subset that all engines share; values stay ``?`` placeholders.
            parts: Parts by the word that they replace.
        """

        def fill(match: re.Match[str]) -> str:
            word = match[1]
            if word not in parts:
                return self.sql_types[word[1:]] if word.startswith(":") else self.quote(word)
            part = parts[word]
            if isinstance(part, str):
                return part
            return self.quote(part.name) if isinstance(part, Table) else ", ".join(map(self.quote, part))

        # One pass: a quoted name that contains a brace is not filled in again.
        return re.sub(r"\{([^{}]+)\}", fill, text)


DUCKDB = Dialect(
    name="duckdb",
    is_embedded=True,
    identifier_quotes=('"', '"'),
    string_literal="'{text}'",
    sql_types={
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
    upsert_strategy="delete-insert",
    has_is_distinct_from=True,
    batch_separator=";\n",
    text_collation="",
    schema_prefix="",
    script_prologue="",
    script_epilogue="",
    create_table="CREATE TABLE IF NOT EXISTS {table} (\n{body}\n)",
    add_column="ALTER TABLE {table} ADD COLUMN {column}",
    create_view=("CREATE OR REPLACE VIEW {view} AS\n{select}",),
    create_index=None,  # few indexes: ART indexes in the log are behind upstream's failures to replay it
    primary_key="PRIMARY KEY",
    has_large_table_keys=False,  # an ART index makes mass inserts about ten times slower
    has_foreign_keys=False,  # over-eager: a parent cannot be updated in the transaction that touches its children
    finite_check="isfinite({column})",
    length_check="length({column}) <= {length}",
    seconds_between="date_diff('second', {start}, {end})",
    computed_column="BIGINT GENERATED ALWAYS AS ({expression}) VIRTUAL",
    lock_escalation=None,
    delete_hint="",
    table_doc="COMMENT ON TABLE {table} IS {text}",
    view_doc="COMMENT ON VIEW {table} IS {text}",
    column_doc="COMMENT ON COLUMN {table}.{column} IS {text}",
    docs_statement=None,
    to_local_time="timezone({zone}, timezone('UTC', {time}::TIMESTAMP))",
)

_DOCS_STATEMENT = """SET NOCOUNT ON;
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

_SCRIPT_PROLOGUE = """-- sqlcmd -b -I -d <database> -i <this file>
SET ANSI_NULLS, QUOTED_IDENTIFIER ON;
IF DB_ID() <= 4
BEGIN
    PRINT N'This is a system database: nothing is done. Choose a database with sqlcmd -d.';
    SET NOEXEC ON;
END"""

_SCRIPT_EPILOGUE = """IF EXISTS (SELECT 1 FROM (VALUES {objects}) AS o (name) WHERE OBJECT_ID(o.name) IS NULL)
    THROW 50000, N'Some objects of this script are missing: it is not recorded as applied. Run it with sqlcmd -b.', 1;
DELETE FROM [dbo].[ACM_SchemaVersion] WHERE [Version] = {version} AND [Name] = {script};
INSERT INTO [dbo].[ACM_SchemaVersion] ([Version], [Name], [Hash], [AppliedAt])
VALUES ({version}, {script}, {hash}, SYSUTCDATETIME())"""

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
    has_is_distinct_from=False,  # only from SQL Server 2022
    batch_separator="\nGO\n",
    # Binary: names and codes are equal here when Polars and DuckDB say so, whatever the collation of server, database
    # and tempdb. Without it 'fan' is 'FAN' on most servers, and a MERGE from a ##table may meet a conflict (468).
    text_collation="COLLATE Latin1_General_100_BIN2",
    schema_prefix="[dbo].",
    script_prologue=_SCRIPT_PROLOGUE,
    script_epilogue=_SCRIPT_EPILOGUE,
    create_table="IF OBJECT_ID({object}, N'U') IS NULL\nCREATE TABLE {table} (\n{body}\n)",
    add_column="ALTER TABLE {table} ADD {column}",
    create_view=(
        "DROP VIEW IF EXISTS {view}",
        "CREATE VIEW {view} AS\n{select}",
        "IF DATABASE_PRINCIPAL_ID(N'acm_reader') IS NOT NULL\nGRANT SELECT ON {view} TO [acm_reader]",
    ),
    create_index=(
        "IF NOT EXISTS (SELECT 1 FROM sys.indexes WHERE object_id = OBJECT_ID({object}) AND name = {text})\n"
        "CREATE INDEX {index} ON {table} ({columns})"
    ),
    primary_key="PRIMARY KEY CLUSTERED",
    has_large_table_keys=True,
    has_foreign_keys=True,
    finite_check=None,  # FLOAT takes no NaN and no infinity
    length_check=None,
    seconds_between="DATEDIFF(second, {start}, {end})",
    computed_column="AS ({expression}) PERSISTED",
    lock_escalation="ALTER TABLE {table} SET (LOCK_ESCALATION = DISABLE)",
    delete_hint=" WITH (PAGLOCK)",
    table_doc="(NULL, {text})",
    view_doc="(NULL, {text})",
    column_doc="({name}, {text})",
    docs_statement=_DOCS_STATEMENT,
    # AT TIME ZONE takes Windows' names of zones only; a zone without one has no local time.
    # The alias is one that no view uses: a shorter one would hide the view's own.
    to_local_time=(
        "(SELECT CAST({time} AT TIME ZONE 'UTC' AT TIME ZONE zone_map.[WindowsName] AS DATETIME2(3))\n"
        "    FROM [ACM_TimeZones] AS zone_map WHERE zone_map.[IanaName] = {zone})"
    ),
)

DIALECTS = {dialect.name: dialect for dialect in (DUCKDB, MSSQL)}


@dataclass(frozen=True, slots=True)
class StagedFrame:
    """Rows handed over.

    Attributes:
        relation: What the session's statements put in their FROM for them.
        seconds: What it took.
    """

    relation: str
    seconds: float


def empty_relation(table: Table, dialect: Dialect) -> str:
    """What stands for the staged rows of a frame without rows: most tables have none in a short group."""
    return f"(SELECT * FROM {dialect.quote(table.name)} WHERE 1 = 0)"


@contextmanager
def annotate_errors(table: Table) -> Iterator[None]:
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

    def stream_rows(self, sql: str, params: Sequence[Any] = (), *, chunk_size: int = 100_000) -> Iterator[pl.DataFrame]:
        """Rows of a SELECT in batches of about ``chunk_size``, in bounded memory.

        It reads what is committed: rows of this session's open transaction are not seen.
        """

    def stage_frame(self, table: Table, frame: pl.DataFrame) -> str:
        """Hand a conforming frame over; what this session's statements put in their FROM for it."""

    def stage_frames(self, frames: Sequence[tuple[Table, pl.DataFrame]]) -> list[StagedFrame]:
        """Hand several frames over, side by side where the engine can; in the order in which they were given.

        Raises:
            StoreError: Some frame was not taken; the error names its table.
        """

    def clear_staging(self) -> None:
        """Forget everything that was staged by this session."""

    def transaction(self) -> AbstractContextManager[None]:
        """The one owner of BEGIN, COMMIT and ROLLBACK.

        Raises:
            StoreError: A transaction is already open in this session.
        """

    def acquire_machine_lock(self, machine: str) -> AbstractContextManager[None]:
        """Hold one machine against every other runner.

        Raises:
            HeldError: Somebody else holds it.
        """

    def checkpoint_wal(self) -> None:
        """Bring the log into the store's file after DDL or a bulk load, where the engine has such a step."""

    def get_column_types(self, table: str) -> dict[str, str]:
        """Columns of a table as the database has them, name to type; empty where there is no such table."""

    def get_table_names(self) -> list[str]:
        """Names of all base tables."""

    def collect_findings(self) -> list[Finding]:
        """What ``doctor`` should know: how rows get in, and settings of the server that matter."""

    def open_session(self) -> Engine:
        """A further session with the same store, for another worker."""

    def close(self) -> None:
        """End the session."""
