"""The Dialect class: one attribute per fact in which the supported databases differ."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Literal

from acm_etl.schema import Column, Table, TypeName


@dataclass(frozen=True, slots=True, eq=False)  # one object per kind of server: compared and hashed by identity
class Dialect:
    """Facts about the SQL of one database.

    A fact is a piece of SQL with ``{words}`` in braces, which the generator of the statement replaces. Everywhere,
    ``{table}``, ``{view}``, ``{index}`` and ``{column}`` are quoted identifiers and ``{text}`` is a literal;
    ``{object}`` and ``{plain}`` are literals with the quoted and the unquoted name of the table.

    Attributes:
        name: ``duckdb`` or ``mssql``; also the name of the folder of its DDL scripts.
        is_embedded: True if one process opens the database file and serves all other processes.
        identifier_quotes: Opening and closing quote of an identifier; a closing quote in a name is doubled.
        string_literal: A text literal around ``{text}``, whose single quotes are doubled already.
        sql_types: SQL type by logical base type; ``{length}`` is the maximum number of characters.
        upsert_strategy: How rows are inserted or updated by key: ``merge`` (MERGE with OUTPUT $action);
            ``merge-returning`` (MERGE with RETURNING); ``merge-counted`` (MERGE with neither, so new keys are counted
            by a query before it); ``update-insert`` (no usable MERGE).
        has_mass_updates: True if one statement may update any number of wide rows; otherwise an import deletes and
            inserts them, slice by slice.
        has_is_distinct_from: True if ``IS DISTINCT FROM`` exists; otherwise EXCEPT compares two rows.
        batch_separator: Text between two statements of a script.
        nested_statement: Statement that runs the statement in the literal ``{text}`` by itself, so that one message
            holds many; None if a statement costs no round trip.
        text_collation: Clause for text columns of all tables, staging included, that compares texts byte by byte.
        schema_prefix: Prefix of the names of objects that DDL creates.
        script_prologue: First statement of a script; empty if none is needed.
        script_epilogue: Last statement of a script; records ``{script}`` of schema ``{version}`` with its ``{hash}``
            after checking that all ``{objects}`` exist.
        create_table: CREATE TABLE with columns and constraints in ``{body}``; no effect on an existing table.
        add_column: ALTER TABLE that adds ``{column}`` (name, type and NULL clause).
        rename_table: Statement that renames ``{table}`` (``{object}`` as a literal) to ``{new_table}`` (``{text}`` as a
            literal).
        create_view: Statements that create or replace a view.
        create_index: CREATE INDEX, without effect on an existing index; None if the database needs no indexes.
        drop_index: DROP INDEX, without effect if the index does not exist; None as for ``create_index``.
        primary_key: Keywords before the columns of a primary key.
        secondary_key: The same for a table that is ordered by other columns than its key.
        cluster_table: Statement that orders a table by ``{columns}`` through ``{index}``, and makes ``{key_columns}`` a
            secondary key if the table was ordered by these; None if tables have no order. ``{unique}`` is UNIQUE or
            empty, ``{replaced}`` is an index that the new order makes superfluous, and ``{children}`` are rows with the
            names of the tables that refer to ``{key_columns}``.
        has_large_table_keys: True if large time-grained tables have a primary key; otherwise each transaction
            checks the keys of its rows.
        max_batch_readings: Readings per transaction, unless ``backfill.batch_rows`` is set.
        has_foreign_keys: True if foreign keys are declared; otherwise each transaction checks the references.
        finite_check: CHECK condition for a finite float; None if the type excludes NaN and infinity.
        length_check: CHECK condition for the length of a text; None if the type enforces the length.
        seconds_between: Expression for the whole seconds from ``{start}`` to ``{end}``.
        add_days: Expression for the date of ``{time}`` plus ``{days}`` days.
        computed_column: Clause of a column computed by ``{expression}``; None if the column stays empty.
        lock_escalation: Extra statement per table that several machines write to; None if not needed.
        find_expired_partitions: Query for the number of leading partitions of a table whose rows are all before a bound
            time, and the time before which they are; the number is 0 if the table has none, or the login may not empty
            them. None if tables have no partitions.
        empty_partitions: Statement that removes all rows of the first ``{count}`` partitions of a table.
        seek_option: Last clause of a statement that has to look up keys and references one by one.
        read_lock_hint: Hint after the name of a table: other sessions change neither the rows read nor the gaps between
            them until the transaction ends.
        delete_hint: Hint after the table name of a DELETE of many rows.
        table_doc: Statement that documents a table; a row of ``docs_statement`` if that is given.
        view_doc: The same for a view.
        column_doc: The same for a column.
        docs_statement: Statement for all documentation ``{rows}`` of one object of a ``{kind}`` (TABLE or VIEW); None
            if ``table_doc``, ``view_doc`` and ``column_doc`` are statements.
        to_local_time: Expression that converts UTC ``{time}`` to local time in ``{zone}`` (IANA name).
        rows_hash: Aggregate of ``{cells}`` to a BIGINT that does not depend on the order of the rows; the sum of the
            hashes of two sets of rows is the hash of both sets.
        time_cell: ``{time}`` as one of the cells, in whole milliseconds.
        value_cell: The number ``{value}`` as one of the cells; NULL differs from every number.
        cell_separator: Text between two cells.
        cell_group: Joined ``{cells}`` as a value that can be joined with others to one of any length.
        text_cell: ``{text}`` of any type as one of the cells.
        count_rows: Number of rows as a BIGINT.
        as_text: ``{text}`` of any type and collation as a text of the collation of the store.
        minute_of: ``{time}`` truncated to its minute.
        offset_to_utc: ``{time}`` of a type that carries the offset, as naive UTC.
        offset_limit: A bound naive UTC time, to be compared with a column whose type carries the offset.
    """

    name: str
    is_embedded: bool
    identifier_quotes: tuple[str, str]
    string_literal: str
    sql_types: Mapping[str, str]
    upsert_strategy: Literal["merge", "merge-returning", "merge-counted", "update-insert"]
    has_mass_updates: bool
    has_is_distinct_from: bool
    batch_separator: str
    nested_statement: str | None
    text_collation: str
    schema_prefix: str
    script_prologue: str
    script_epilogue: str
    create_table: str
    add_column: str
    rename_table: str
    create_view: tuple[str, ...]
    create_index: str | None
    drop_index: str | None
    primary_key: str
    secondary_key: str
    cluster_table: str | None
    has_large_table_keys: bool
    max_batch_readings: int
    has_foreign_keys: bool
    finite_check: str | None
    length_check: str | None
    seconds_between: str
    add_days: str
    computed_column: str | None
    lock_escalation: str | None
    read_lock_hint: str
    delete_hint: str
    find_expired_partitions: str | None
    empty_partitions: str | None
    seek_option: str
    table_doc: str
    view_doc: str
    column_doc: str
    docs_statement: str | None
    to_local_time: str
    rows_hash: str
    time_cell: str
    value_cell: str
    cell_separator: str
    cell_group: str
    text_cell: str
    count_rows: str
    as_text: str
    minute_of: str
    offset_to_utc: str
    offset_limit: str

    def quote(self, name: str) -> str:
        """Return a quoted identifier; no character in the name can end the quotes."""
        opening, closing = self.identifier_quotes
        return f"{opening}{name.replace(closing, closing * 2)}{closing}"

    def quote_list(self, names: Iterable[str]) -> str:
        """Return quoted identifiers, separated by commas."""
        return ", ".join(map(self.quote, names))

    def name_object(self, name: str) -> dict[str, str]:
        """Return the words ``table``, ``object`` and ``plain`` of the name of a table or view, for ``str.format``."""
        quoted = f"{self.schema_prefix}{self.quote(name)}"
        return {"table": quoted, "object": self.quote_literal(quoted), "plain": self.quote_literal(name)}

    def quote_literal(self, text: str) -> str:
        """Return a text literal for DDL and documentation; values of other statements are bound parameters."""
        return self.string_literal.format(text=text.replace("'", "''"))

    def quote_operand(self, text: str) -> str:
        """Return a text literal to compare with a column of somebody else's table.

        SQL Server converts a column of VARCHAR to compare it with NVARCHAR, and under many collations cannot use an
        index on it then. A literal of VARCHAR is converted itself; ASCII is the same in all code pages.
        """
        return "'" + text.replace("'", "''") + "'" if text.isascii() else self.quote_literal(text)

    def sql_type(self, logical_type: TypeName) -> str:
        """Return the SQL type of a logical type, with its length if it has one."""
        base_type, _, length = logical_type.rstrip(")").partition("(")
        return self.sql_types[base_type].format(length=length)

    def column_clause(self, column: Column) -> str:
        """Return the clause of a column of CREATE TABLE and ALTER TABLE that is not computed."""
        # Byte-wise collation for all texts: tags that differ in case only must stay distinct on servers that ignore
        # case, and texts of two collations cannot be compared (error 468).
        text = self.text_collation if column.base_type in ("str", "text") else ""
        null = "NULL" if column.nullable else "NOT NULL"
        return " ".join(filter(None, (self.quote(column.name), self.sql_type(column.type), text, null)))

    def empty_relation(self, table: Table) -> str:
        """Return a subquery with the columns of a table and no rows, for use in FROM."""
        # Most tables have no rows in a short batch; a staging table for each of them would cost a statement.
        return f"(SELECT * FROM {self.quote(table.name)} WHERE 1 = 0)"

    def sql(self, text: str, /, **parts: str | Table | Iterable[str]) -> str:
        """Return SQL text in which every ``{braced}`` word is replaced.

        ``{RunLog}`` becomes a quoted identifier; ``{:bool}`` and ``{:str(16)}`` become the SQL type of a logical type.
        A keyword argument replaces its word: a table by its quoted name, a text (a condition built before) as it is,
        and several names by a comma-separated list of identifiers.

        Args:
            text: SQL in the subset that all engines share; values stay ``?`` placeholders.
            parts: Replacements by word.
        """

        def replace_word(match: re.Match[str]) -> str:
            word = match[1]
            if word not in parts:
                return self.sql_type(word[1:]) if word.startswith(":") else self.quote(word)
            part = parts[word]
            if isinstance(part, str):
                return part
            return self.quote(part.name) if isinstance(part, Table) else ", ".join(map(self.quote, part))

        # A single pass: a name or condition that contains a brace is not replaced again.
        return re.sub(r"\{([^{}]+)\}", replace_word, text)
