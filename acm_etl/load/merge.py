"""Upserts as text: pure functions of a table, the name of its staged rows and a dialect."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

from acm_etl.engine import Dialect
from acm_etl.schema import Table


@dataclass(frozen=True, slots=True)
class Statement:
    """One statement of an upsert.

    Attributes:
        counts: What its row count means. ``replaced`` rows are inserted again by the statement after it, ``updated``
            rows are not; ``merged`` returns rows (action, count) with the actions INSERT and UPDATE.
        sql: The text.
        spanned: Whether it takes the parameters machine, start and end.
    """

    counts: Literal["replaced", "updated", "inserted", "merged", "deleted"]
    sql: str
    spanned: bool = False


def upsert(
    table: Table, staged: str, dialect: Dialect, *, append: bool = False, spanned: bool = False
) -> tuple[Statement, ...]:
    """Statements that bring the staged rows into the table; equal rows are left alone.

    Only a change in a column that is not volatile makes a row a changed one.

    Args:
        table: The table.
        staged: Quoted name of the staged rows, whose keys are distinct.
        dialect: The SQL to write.
        append: The caller knows that no staged key is stored: insert without looking.
        spanned: All staged rows are of machine ``?`` with time in [``?``, ``?``): look for stored rows only there,
            where no index leads to them.
    """
    if dialect.upsert_strategy in _COUNTING:
        return (Statement("merged", _merge(table, staged, dialect)),)
    if dialect.upsert_strategy == "update-insert":
        return _update_insert(table, staged, dialect)
    if append:
        return (Statement("inserted", insert(table, staged, dialect, anti=False)),)
    span = f" AND {_span(table, dialect)}" if spanned else ""
    added = Statement("inserted", insert(table, staged, dialect, span=span), spanned)
    if not table.change_detection_columns:
        return (added,)
    return (Statement("replaced", _delete_changed(table, staged, dialect, span=span), spanned), added)


def stale(table: Table, staged: str, dialect: Dialect) -> Statement:
    """DELETE of the rows of machine ``?`` with time in [``?``, ``?``) whose key is not staged.

    Raises:
        ValueError: The table has no time column.
    """
    if table.time_column is None:
        message = f"{table.name} has no time column"
        raise ValueError(message)
    target = dialect.quote(table.name)
    missing = f"NOT EXISTS (SELECT 1 FROM {staged} AS s WHERE {_matched(table, target, dialect)})"
    sql = f"DELETE FROM {target}\nWHERE {_span(table, dialect)}\n  AND {missing}"
    return Statement("deleted", sql, spanned=True)


def count(table: Table, dialect: Dialect, *, named: bool = False) -> str:
    """SELECT of how many rows machine ``?`` has with time in [``?``, ``?``); if ``named``, behind its table name."""
    name = f"'{table.name}' AS name, " if named else ""
    return f"SELECT {name}COUNT(*) AS n FROM {dialect.quote(table.name)}\nWHERE {_span(table, dialect)}"


def differs(columns: Iterable[str], left: str, right: str, dialect: Dialect) -> str:
    """Condition under which two rows differ in any of the columns, NULL being a value like others."""
    names = [dialect.quote(name) for name in columns]
    if dialect.has_is_distinct_from:
        return " OR ".join(f"{left}.{name} IS DISTINCT FROM {right}.{name}" for name in names)
    lefts, rights = (", ".join(f"{side}.{name}" for name in names) for side in (left, right))
    return f"EXISTS (SELECT {lefts} EXCEPT SELECT {rights})"


def insert(table: Table, staged: str, dialect: Dialect, *, anti: bool = True, span: str = "") -> str:
    """INSERT of the staged rows; with ``anti`` only of those whose key is not stored."""
    target, columns = dialect.quote(table.name), _columns(table, dialect)
    selected = _columns(table, dialect, prefix="s.")
    sql = f"INSERT INTO {target} ({columns})\nSELECT {selected}\nFROM {staged} AS s"
    if anti:
        sql += f"\nWHERE NOT EXISTS (SELECT 1 FROM {target} WHERE {_matched(table, target, dialect)}{span})"
    return sql


def _delete_changed(table: Table, staged: str, dialect: Dialect, *, span: str) -> str:
    target = dialect.quote(table.name)
    changed = differs((column.name for column in table.change_detection_columns), target, "s", dialect)
    return (
        f"DELETE FROM {target}\nUSING {staged} AS s\nWHERE {_matched(table, target, dialect)}{span}\n  AND ({changed})"
    )


def _merge(table: Table, staged: str, dialect: Dialect) -> str:
    q = dialect.quote
    before, after = _COUNTING[dialect.upsert_strategy]
    # HOLDLOCK: without it two sessions can both find a key missing and both insert it.
    # https://learn.microsoft.com/sql/t-sql/statements/merge-transact-sql#concurrency-considerations-for-merge
    parts = [
        before.format(staged=staged, target=q(table.name), matched=_matched(table, "t", dialect)),
        f"MERGE INTO {q(table.name)} WITH (HOLDLOCK, UPDLOCK) AS t",
        f"USING {staged} AS s",
        f"ON {_matched(table, 't', dialect)}",
    ]
    if table.change_detection_columns:
        changed = differs((column.name for column in table.change_detection_columns), "s", "t", dialect)
        updated = ", ".join(f"{q(c.name)} = s.{q(c.name)}" for c in table.insertable_columns if c.name not in table.key)
        parts.append(f"WHEN MATCHED AND {changed}\n  THEN UPDATE SET {updated}")
    parts += [
        f"WHEN NOT MATCHED BY TARGET\n  THEN INSERT ({_columns(table, dialect)})",
        f"  VALUES ({_columns(table, dialect, prefix='s.')})",
        after,
    ]
    return "\n".join(parts)


def _update_insert(table: Table, staged: str, dialect: Dialect) -> tuple[Statement, ...]:
    """What a MERGE does, in two statements; the caller's lock on the machine keeps others out between them."""
    q, target = dialect.quote, dialect.quote(table.name)
    added = Statement("inserted", insert(table, staged, dialect))
    if not table.change_detection_columns:
        return (added,)
    changed = differs((column.name for column in table.change_detection_columns), "s", target, dialect)
    updated = ", ".join(f"{q(c.name)} = s.{q(c.name)}" for c in table.insertable_columns if c.name not in table.key)
    update = (
        f"UPDATE {target} SET {updated}\nFROM {staged} AS s WHERE {_matched(table, target, dialect)}\n  AND {changed}"
    )
    return (Statement("updated", update), added)


_BEFORE_OUTPUT = "DECLARE @changes TABLE (action NVARCHAR(10) NOT NULL);"
_OUTPUT = "OUTPUT $action INTO @changes;\nSELECT action, COUNT_BIG(*) AS changed FROM @changes GROUP BY action;"
_BEFORE_COUNT = (
    "DECLARE @new BIGINT, @all BIGINT;\n"
    "SELECT @new = COUNT_BIG(*) FROM {staged} AS s\n"
    "WHERE NOT EXISTS (SELECT 1 FROM {target} AS t WITH (HOLDLOCK, UPDLOCK) WHERE {matched});"
)
_COUNT = (
    ";\nSELECT @all = @@ROWCOUNT;\nSELECT N'INSERT' AS action, @new AS changed UNION ALL SELECT N'UPDATE', @all - @new;"
)
#: What stands before and after a MERGE so that it tells (action, count): by its OUTPUT, or where the server's MERGE
#: has none, by counting the new keys first.
_COUNTING = {"merge": (_BEFORE_OUTPUT, _OUTPUT), "merge-counted": (_BEFORE_COUNT, _COUNT)}


def _span(table: Table, dialect: Dialect) -> str:
    target, time = dialect.quote(table.name), dialect.quote(table.time_column or "")
    return f"{target}.{dialect.quote('EquipID')} = ? AND {target}.{time} >= ? AND {target}.{time} < ?"


def _matched(table: Table, target: str, dialect: Dialect) -> str:
    return " AND ".join(f"{target}.{dialect.quote(name)} = s.{dialect.quote(name)}" for name in table.key)


def _columns(table: Table, dialect: Dialect, *, prefix: str = "") -> str:
    return ", ".join(prefix + dialect.quote(column.name) for column in table.insertable_columns)
