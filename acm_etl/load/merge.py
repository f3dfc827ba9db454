"""Build upserts: pure functions from a table, the relation of its staged rows and a dialect to SQL text.

Equal rows are never written again, so that a second run of the same batch reports no changes. Per dialect:

- ``merge``: MERGE with the actions from its OUTPUT clause (SQL Server)
- ``merge-returning``: MERGE that returns the action of each row (DuckDB)
- ``merge-counted``: MERGE for servers without OUTPUT; new keys are counted before
- ``update-insert``: UPDATE of changed rows, INSERT of new keys
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

from acm_etl.dialects import Dialect
from acm_etl.schema import Table
from acm_etl.tables import ADMINISTERED, ALL

# Written under the lock of the machine alone.
_BACKFILL_TABLES = frozenset(table.name for table in ALL) - {table.name for table in ADMINISTERED}


@dataclass(frozen=True, slots=True)
class LoadStatement:
    """One statement of an upsert.

    Attributes:
        row_effect: Meaning of the row count; ``merged`` has counts by action, INSERT and UPDATE.
        sql: Text of the statement.
        takes_span: Whether the statement takes the parameters machine, start and end.
    """

    row_effect: Literal["updated", "inserted", "merged", "deleted"]
    sql: str
    takes_span: bool = False


def build_upsert(
    table: Table, staged: str, dialect: Dialect, *, empty_target: bool = False, limit_to_span: bool = False
) -> tuple[LoadStatement, ...]:
    """Return the statements that upsert the staged rows; stored rows that are equal stay untouched.

    A difference in a volatile column alone (a clock, a duration) does not update a row.

    Args:
        table: The table.
        staged: Relation of the staged rows; their keys are distinct.
        dialect: SQL dialect.
        empty_target: The caller knows that no staged key is stored: insert without a look-up.
        limit_to_span: All staged rows belong to machine ``?`` with time in [``?``, ``?``). Look for stored rows only in
            that span: a large table has no index on DuckDB, and SQL Server locks and reads that range only.
    """
    if empty_target:
        return (LoadStatement("inserted", build_insert(table, staged, dialect, skip_stored_keys=False)),)
    if dialect.upsert_strategy in _MERGE_WRAPPERS:
        return (_build_merge(table, staged, dialect, limit_to_span=limit_to_span),)
    return _build_update_insert(table, staged, dialect)


def build_stale_delete(table: Table, staged: str | None, dialect: Dialect) -> LoadStatement:
    """Return the DELETE of the rows of machine ``?`` with time in [``?``, ``?``) whose key is not staged.

    Args:
        table: The table.
        staged: Relation of the staged rows; None if there are none, so that all rows of the span are deleted.
        dialect: SQL dialect.

    Raises:
        ValueError: The table has no time column.
    """
    if table.time_column is None:
        message = f"{table.name} has no time column"
        raise ValueError(message)
    target = dialect.quote(table.name)
    sql = f"DELETE FROM {target}\nWHERE {_span_condition(table, dialect)}"
    # NOT EXISTS instead of NOT IN: a NULL among the staged keys would make NOT IN delete nothing.
    if staged:
        sql += f"\n  AND NOT EXISTS (SELECT 1 FROM {staged} AS s WHERE {_key_match_condition(table, target, dialect)})"
    return LoadStatement("deleted", sql, takes_span=True)


def build_row_count(table: Table, dialect: Dialect) -> str:
    """Return the SELECT that counts the rows of machine ``?`` with time in [``?``, ``?``)."""
    return f"SELECT COUNT(*) AS n FROM {dialect.quote(table.name)}\nWHERE {_span_condition(table, dialect)}"


def build_row_counts_from_start(counted: Iterable[Table], dialect: Dialect) -> str:
    """Return the SELECT of (name, n): per table, the number of rows of machine ``?`` with time from ``?`` on."""
    q = dialect.quote
    # Table names are declared in this program, so a literal is safe; a parameter would be repeated per table.
    return "\nUNION ALL\n".join(
        f"SELECT '{table.name}' AS name, COUNT(*) AS n FROM {q(table.name)}\n"
        f"WHERE {q('EquipID')} = ? AND {q(table.row_time)} >= ?"
        for table in counted
    )


def build_difference_condition(columns: Iterable[str], left: str, right: str, dialect: Dialect) -> str:
    """Return the condition under which two rows differ in any of the columns; NULL equals NULL."""
    names = [dialect.quote(name) for name in columns]
    # SQL Server has IS DISTINCT FROM from 2022 on; supported are servers from 2017 on.
    if dialect.has_is_distinct_from:
        return f"({' OR '.join(f'{left}.{name} IS DISTINCT FROM {right}.{name}' for name in names)})"
    lefts, rights = (", ".join(f"{side}.{name}" for name in names) for side in (left, right))
    # EXCEPT compares NULLs as equal; ``<>`` would miss a change from or to NULL.
    return f"EXISTS (SELECT {lefts} EXCEPT SELECT {rights})"


def build_insert(table: Table, staged: str, dialect: Dialect, *, skip_stored_keys: bool = True) -> str:
    """Return the INSERT of the staged rows; with ``skip_stored_keys``, only of rows whose key is not stored."""
    target, columns = dialect.quote(table.name), _column_list(table, dialect)
    selected = _column_list(table, dialect, prefix="s.")
    # Columns are named on both sides: a table that was extended by ALTER TABLE has another order.
    sql = f"INSERT INTO {target} ({columns})\nSELECT {selected}\nFROM {staged} AS s"
    if skip_stored_keys:
        sql += f"\nWHERE NOT EXISTS (SELECT 1 FROM {target} WHERE {_key_match_condition(table, target, dialect)})"
    return sql + _seek_clause(table, dialect)


def build_counted_merge(
    table: Table, staged: str, dialect: Dialect, *, changed: str, assignments: str, span_condition: str = ""
) -> str:
    """Return a MERGE whose result is (action, count).

    Args:
        table: The table, with the alias ``t``.
        staged: The staged rows, with the alias ``s``.
        dialect: The SQL to write.
        changed: Condition under which a stored row is updated; empty if it never is.
        assignments: SET list of the update.
        span_condition: Further condition on the alias ``t``, which all stored rows of the staged keys meet.
    """
    q = dialect.quote
    before, after = _MERGE_WRAPPERS[dialect.upsert_strategy]
    # An embedded store has one writer at a time, and no locks on rows.
    hints = "" if dialect.is_embedded else f" WITH ({_lock_hints(table)})"
    parts = [
        before.format(
            staged=staged,
            target=q(table.name),
            hints=_lock_hints(table),
            matched=_key_match_condition(table, "t", dialect),
        ),
        f"MERGE INTO {q(table.name)}{hints} AS t",
        f"USING {staged} AS s",
        f"ON {_key_match_condition(table, 't', dialect)}{span_condition}",
    ]
    if changed:
        parts.append(f"WHEN MATCHED AND {changed}\n  THEN UPDATE SET {assignments}")
    # BY TARGET explicitly: rows that are stored and not staged must never be touched by this statement.
    parts += [
        f"WHEN NOT MATCHED BY TARGET\n  THEN INSERT ({_column_list(table, dialect)})",
        f"  VALUES ({_column_list(table, dialect, prefix='s.')})",
        after.format(seek=_seek_clause(table, dialect)),
    ]
    return "\n".join(filter(None, parts))


def _lock_hints(table: Table) -> str:
    # HOLDLOCK: without it two sessions can both find a key missing and both insert it.
    # https://learn.microsoft.com/sql/t-sql/statements/merge-transact-sql#concurrency-considerations-for-merge
    # It also locks the gap up to the next key, which is that of the next machine behind the newest rows of a machine:
    # batches of two machines would wait for each other. There the lock of the machine suffices.
    return "UPDLOCK" if table.name in _BACKFILL_TABLES else "HOLDLOCK, UPDLOCK"


def _build_merge(table: Table, staged: str, dialect: Dialect, *, limit_to_span: bool) -> LoadStatement:
    changed = build_difference_condition((column.name for column in table.change_detection_columns), "s", "t", dialect)
    sql = build_counted_merge(
        table,
        staged,
        dialect,
        changed=changed if table.change_detection_columns else "",
        assignments=_build_assignments(table, dialect),
        span_condition=f" AND {_span_condition(table, dialect, target='t')}" if limit_to_span else "",
    )
    return LoadStatement("merged", sql, limit_to_span)


def _build_update_insert(table: Table, staged: str, dialect: Dialect) -> tuple[LoadStatement, ...]:
    """Return an upsert in two statements; the caller's lock on the machine excludes other writers between them."""
    target = dialect.quote(table.name)
    # UPDATE first: the other way round it would compare every row that was just inserted.
    added = LoadStatement("inserted", build_insert(table, staged, dialect))
    if not table.change_detection_columns:
        return (added,)
    changed = build_difference_condition(
        (column.name for column in table.change_detection_columns), "s", target, dialect
    )
    same_key = _key_match_condition(table, target, dialect)
    assignments = _build_assignments(table, dialect)
    update = f"UPDATE {target} SET {assignments}\nFROM {staged} AS s WHERE {same_key}\n  AND {changed}"
    update += _seek_clause(table, dialect)
    return (LoadStatement("updated", update), added)


def _build_assignments(table: Table, dialect: Dialect) -> str:
    q = dialect.quote
    return ", ".join(f"{q(c.name)} = s.{q(c.name)}" for c in table.insertable_columns if c.name not in table.key)


_DECLARE_CHANGES = "DECLARE @changes TABLE (action NVARCHAR(10) NOT NULL);"
_OUTPUT_CHANGES = (
    "OUTPUT $action INTO @changes{seek};\nSELECT action, COUNT_BIG(*) AS changed FROM @changes GROUP BY action;"
)
# With the same lock hints as the MERGE, so that the count still holds when the MERGE runs.
_COUNT_NEW_KEYS = (
    "DECLARE @new BIGINT, @all BIGINT;\n"
    "SELECT @new = COUNT_BIG(*) FROM {staged} AS s\n"
    "WHERE NOT EXISTS (SELECT 1 FROM {target} AS t WITH ({hints}) WHERE {matched});"
)
_SELECT_COUNTS = (
    "{seek};\nSELECT @all = @@ROWCOUNT;\n"
    # @@ROWCOUNT of a MERGE is the sum of inserts and updates; what is not new was updated.
    "SELECT N'INSERT' AS action, @new AS changed UNION ALL SELECT N'UPDATE', @all - @new;"
)
# Text before and after a MERGE that makes the statement return (action, count).
_MERGE_WRAPPERS = {
    "merge": (_DECLARE_CHANGES, _OUTPUT_CHANGES),
    "merge-returning": ("", "RETURNING merge_action"),
    "merge-counted": (_COUNT_NEW_KEYS, _SELECT_COUNTS),
}


def _seek_clause(table: Table, dialect: Dialect) -> str:
    # Large tables have their own range of the key instead: 50,000 look-ups would take longer than reading that range.
    return "" if table.large or not dialect.seek_option else f"\n{dialect.seek_option}"


def _span_condition(table: Table, dialect: Dialect, *, target: str | None = None) -> str:
    target, time = target or dialect.quote(table.name), dialect.quote(table.row_time)
    return f"{target}.{dialect.quote('EquipID')} = ? AND {target}.{time} >= ? AND {target}.{time} < ?"


def _key_match_condition(table: Table, target: str, dialect: Dialect) -> str:
    return " AND ".join(f"{target}.{dialect.quote(name)} = s.{dialect.quote(name)}" for name in table.key)


def _column_list(table: Table, dialect: Dialect, *, prefix: str = "") -> str:
    return ", ".join(prefix + dialect.quote(column.name) for column in table.insertable_columns)
