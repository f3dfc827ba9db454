"""Upserts as text: pure functions of a table, the name of its staged rows and a dialect."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

from acm_etl.dialects import Dialect
from acm_etl.schema import Table


@dataclass(frozen=True, slots=True)
class LoadStatement:
    """One statement of an upsert.

    Attributes:
        row_effect: Meaning of its row count. ``replaced`` rows are inserted again by the next statement, ``updated``
            rows are not; ``merged`` returns rows (action, count) with the actions INSERT and UPDATE.
        sql: The text.
        takes_span: Whether it takes the parameters machine, start and end.
    """

    row_effect: Literal["replaced", "updated", "inserted", "merged", "deleted"]
    sql: str
    takes_span: bool = False


def build_upsert(
    table: Table, staged: str, dialect: Dialect, *, empty_target: bool = False, limit_to_span: bool = False
) -> tuple[LoadStatement, ...]:
    """Statements that bring the staged rows into the table; equal rows are left alone.

    Only a change in a column that is not volatile makes a row a changed one.

    Args:
        table: The table.
        staged: Quoted name of the staged rows, whose keys are distinct.
        dialect: The SQL to write.
        empty_target: The caller knows that no staged key is stored: insert without looking.
        limit_to_span: All staged rows are of machine ``?`` with time in [``?``, ``?``): search stored rows only there,
            because no index leads to them.
    """
    if dialect.upsert_strategy in _MERGE_WRAPPERS:
        return (LoadStatement("merged", _build_merge(table, staged, dialect)),)
    if dialect.upsert_strategy == "update-insert":
        return _build_update_insert(table, staged, dialect)
    if empty_target:
        return (LoadStatement("inserted", build_insert(table, staged, dialect, skip_stored_keys=False)),)
    span = f" AND {_span_condition(table, dialect)}" if limit_to_span else ""
    added = LoadStatement("inserted", build_insert(table, staged, dialect, span_condition=span), limit_to_span)
    if not table.change_detection_columns:
        return (added,)
    return (
        LoadStatement("replaced", _build_changed_delete(table, staged, dialect, span_condition=span), limit_to_span),
        added,
    )


def build_stale_delete(table: Table, staged: str, dialect: Dialect) -> LoadStatement:
    """DELETE of the rows of machine ``?`` with time in [``?``, ``?``) whose key is not staged.

    Raises:
        ValueError: The table has no time column.
    """
    if table.time_column is None:
        message = f"{table.name} has no time column"
        raise ValueError(message)
    target = dialect.quote(table.name)
    missing = f"NOT EXISTS (SELECT 1 FROM {staged} AS s WHERE {_key_match_condition(table, target, dialect)})"
    sql = f"DELETE FROM {target}\nWHERE {_span_condition(table, dialect)}\n  AND {missing}"
    return LoadStatement("deleted", sql, takes_span=True)


def build_row_count(table: Table, dialect: Dialect, *, with_table_name: bool = False) -> str:
    """Return a SELECT that counts the rows of machine ``?`` with time in [``?``, ``?``).

    If ``with_table_name``, the first column is the name of the table.
    """
    name = f"'{table.name}' AS name, " if with_table_name else ""
    return f"SELECT {name}COUNT(*) AS n FROM {dialect.quote(table.name)}\nWHERE {_span_condition(table, dialect)}"


def build_difference_condition(columns: Iterable[str], left: str, right: str, dialect: Dialect) -> str:
    """Condition under which two rows differ in any of the columns, NULL being a value like others."""
    names = [dialect.quote(name) for name in columns]
    if dialect.has_is_distinct_from:
        return " OR ".join(f"{left}.{name} IS DISTINCT FROM {right}.{name}" for name in names)
    lefts, rights = (", ".join(f"{side}.{name}" for name in names) for side in (left, right))
    return f"EXISTS (SELECT {lefts} EXCEPT SELECT {rights})"


def build_insert(
    table: Table, staged: str, dialect: Dialect, *, skip_stored_keys: bool = True, span_condition: str = ""
) -> str:
    """INSERT of the staged rows; with ``skip_stored_keys`` only of those whose key is not stored."""
    target, columns = dialect.quote(table.name), _column_list(table, dialect)
    selected = _column_list(table, dialect, prefix="s.")
    sql = f"INSERT INTO {target} ({columns})\nSELECT {selected}\nFROM {staged} AS s"
    if skip_stored_keys:
        same_key = _key_match_condition(table, target, dialect)
        sql += f"\nWHERE NOT EXISTS (SELECT 1 FROM {target} WHERE {same_key}{span_condition})"
    return sql


def _build_changed_delete(table: Table, staged: str, dialect: Dialect, *, span_condition: str) -> str:
    target = dialect.quote(table.name)
    changed = build_difference_condition(
        (column.name for column in table.change_detection_columns), target, "s", dialect
    )
    same_key = _key_match_condition(table, target, dialect)
    return f"DELETE FROM {target}\nUSING {staged} AS s\nWHERE {same_key}{span_condition}\n  AND ({changed})"


def _build_merge(table: Table, staged: str, dialect: Dialect) -> str:
    q = dialect.quote
    before, after = _MERGE_WRAPPERS[dialect.upsert_strategy]
    # HOLDLOCK: without it two sessions can both find a key missing and both insert it.
    # https://learn.microsoft.com/sql/t-sql/statements/merge-transact-sql#concurrency-considerations-for-merge
    parts = [
        before.format(staged=staged, target=q(table.name), matched=_key_match_condition(table, "t", dialect)),
        f"MERGE INTO {q(table.name)} WITH (HOLDLOCK, UPDLOCK) AS t",
        f"USING {staged} AS s",
        f"ON {_key_match_condition(table, 't', dialect)}",
    ]
    if table.change_detection_columns:
        changed = build_difference_condition(
            (column.name for column in table.change_detection_columns), "s", "t", dialect
        )
        updated = ", ".join(f"{q(c.name)} = s.{q(c.name)}" for c in table.insertable_columns if c.name not in table.key)
        parts.append(f"WHEN MATCHED AND {changed}\n  THEN UPDATE SET {updated}")
    parts += [
        f"WHEN NOT MATCHED BY TARGET\n  THEN INSERT ({_column_list(table, dialect)})",
        f"  VALUES ({_column_list(table, dialect, prefix='s.')})",
        after,
    ]
    return "\n".join(parts)


def _build_update_insert(table: Table, staged: str, dialect: Dialect) -> tuple[LoadStatement, ...]:
    """What a MERGE does, in two statements; the caller's lock on the machine keeps others out between them."""
    q, target = dialect.quote, dialect.quote(table.name)
    added = LoadStatement("inserted", build_insert(table, staged, dialect))
    if not table.change_detection_columns:
        return (added,)
    changed = build_difference_condition(
        (column.name for column in table.change_detection_columns), "s", target, dialect
    )
    updated = ", ".join(f"{q(c.name)} = s.{q(c.name)}" for c in table.insertable_columns if c.name not in table.key)
    same_key = _key_match_condition(table, target, dialect)
    update = f"UPDATE {target} SET {updated}\nFROM {staged} AS s WHERE {same_key}\n  AND {changed}"
    return (LoadStatement("updated", update), added)


_DECLARE_CHANGES = "DECLARE @changes TABLE (action NVARCHAR(10) NOT NULL);"
_OUTPUT_CHANGES = "OUTPUT $action INTO @changes;\nSELECT action, COUNT_BIG(*) AS changed FROM @changes GROUP BY action;"
_COUNT_NEW_KEYS = (
    "DECLARE @new BIGINT, @all BIGINT;\n"
    "SELECT @new = COUNT_BIG(*) FROM {staged} AS s\n"
    "WHERE NOT EXISTS (SELECT 1 FROM {target} AS t WITH (HOLDLOCK, UPDLOCK) WHERE {matched});"
)
_SELECT_COUNTS = (
    ";\nSELECT @all = @@ROWCOUNT;\nSELECT N'INSERT' AS action, @new AS changed UNION ALL SELECT N'UPDATE', @all - @new;"
)
#: What stands before and after a MERGE so that it tells (action, count): by its OUTPUT, or where the server's MERGE
#: has none, by counting the new keys first.
_MERGE_WRAPPERS = {"merge": (_DECLARE_CHANGES, _OUTPUT_CHANGES), "merge-counted": (_COUNT_NEW_KEYS, _SELECT_COUNTS)}


def _span_condition(table: Table, dialect: Dialect) -> str:
    target, time = dialect.quote(table.name), dialect.quote(table.time_column or "")
    return f"{target}.{dialect.quote('EquipID')} = ? AND {target}.{time} >= ? AND {target}.{time} < ?"


def _key_match_condition(table: Table, target: str, dialect: Dialect) -> str:
    return " AND ".join(f"{target}.{dialect.quote(name)} = s.{dialect.quote(name)}" for name in table.key)


def _column_list(table: Table, dialect: Dialect, *, prefix: str = "") -> str:
    return ", ".join(prefix + dialect.quote(column.name) for column in table.insertable_columns)
