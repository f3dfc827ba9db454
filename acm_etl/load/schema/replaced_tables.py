"""Tables of earlier versions that are views now: copy what only they hold, check the views, set the tables aside.

A migration that is killed continues with the next ``init``: copying an equal value again changes nothing, and a table
keeps its name until its view is checked, in one transaction.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from acm_etl.counts import format_count
from acm_etl.engine import Engine
from acm_etl.errors import StoreError
from acm_etl.load.merge import build_difference_condition
from acm_etl.schema import Table, View
from acm_etl.tables import forecast, reading_views
from acm_etl.tables.scores import EPISODES, SCORES_WIDE
from acm_etl.windows import MILLISECOND

OLD_SUFFIX = "_Replaced"
"""Suffix of the name under which a replaced table is kept."""
_SLICE_ROWS = 100_000  # about this many rows per transaction: short locks, and a log that can be truncated


@dataclass(frozen=True, slots=True)
class ReplacedTable:
    """A table of earlier versions. Its key begins with EquipID and a time.

    Attributes:
        view: The view that has its name and its key now.
        source: Table with its rows now, with the same times in its own time column.
        moved_columns: Columns whose values only the replaced table has; ``source`` has them under the same names.
    """

    view: View
    source: Table
    moved_columns: tuple[str, ...] = ()

    @property
    def name(self) -> str:
        """Name of the table, before it is set aside, and of the view."""
        return self.view.name

    @property
    def time_column(self) -> str:
        """Time column of the table and of the view."""
        return self.view.key[1]

    @property
    def old_name(self) -> str:
        """Name of the table after it is set aside."""
        return self.view.name + OLD_SUFFIX


REPLACED_TABLES = (
    ReplacedTable(reading_views.HEALTH_TIMELINE, SCORES_WIDE, ("HealthIndex",)),
    ReplacedTable(reading_views.REGIME_TIMELINE, SCORES_WIDE),
    ReplacedTable(reading_views.CULPRIT_HISTORY, EPISODES, ("LeadMeanZ", "LagMeanZ")),
    ReplacedTable(forecast.RUL_TS, forecast.RUL_SUMMARY),
)


@dataclass(frozen=True, slots=True)
class _Slice:
    """Rows of one machine with time in [start, end)."""

    equip_id: int
    start: datetime
    end: datetime

    @property
    def params(self) -> list[object]:
        return [self.equip_id, self.start, self.end]


def find_replaced_tables(engine: Engine) -> list[ReplacedTable]:
    """Return the replaced tables that still have the names of their views."""
    present = set(engine.get_table_names())
    return [replaced for replaced in REPLACED_TABLES if replaced.name in present]


def find_old_tables(engine: Engine) -> list[str]:
    """Return the names of the tables that are set aside."""
    present = set(engine.get_table_names())
    return [replaced.old_name for replaced in REPLACED_TABLES if replaced.old_name in present]


def drop_old_tables(engine: Engine) -> list[str]:
    """Drop the tables that are set aside; return their names."""
    names = find_old_tables(engine)
    for name in names:
        engine.execute(engine.dialect.sql("DROP TABLE {table}", table=[name]))
    if names:
        engine.checkpoint_wal()
    return names


def copy_moved_columns(engine: Engine, replaced: ReplacedTable) -> None:
    """Copy the values that only a replaced table has, in transactions of about ``_SLICE_ROWS`` rows."""
    if not replaced.moved_columns:
        return
    target = engine.dialect.quote(replaced.source.name)
    sql = engine.dialect.sql(
        "UPDATE {source} SET {assignments}\nFROM {old} AS o\n"
        # The limits for both tables: neither engine derives those of the one from those of the other.
        "WHERE {source}.{EquipID} = o.{EquipID} AND {source}.{source_time} = o.{time}\n"
        "  AND {source}.{EquipID} = ? AND {source}.{source_time} >= ? AND {source}.{source_time} < ?\n"
        "  AND o.{EquipID} = ? AND o.{time} >= ? AND o.{time} < ?\n"
        "  AND ({changed})",
        source=replaced.source,
        old=[replaced.name],
        assignments=", ".join(engine.dialect.sql("{name} = o.{name}", name=[name]) for name in replaced.moved_columns),
        time=[replaced.time_column],
        source_time=[replaced.source.row_time],
        # Equal values are not written again: a migration that continues has little to do.
        changed=build_difference_condition(replaced.moved_columns, target, "o", engine.dialect),
    )
    for part in _iter_slices(engine, replaced.name, replaced.time_column):
        engine.execute(sql, [*part.params, *part.params])


def set_table_aside(engine: Engine, replaced: ReplacedTable) -> None:
    """Rename a replaced table; inside the transaction that creates its view."""
    table = f"{engine.dialect.schema_prefix}{engine.dialect.quote(replaced.name)}"
    if engine.dialect.has_foreign_keys:
        # Otherwise a run or machine could not be deleted any more while the old table refers to it.
        for column in ("RunID", "EquipID"):
            constraint = engine.dialect.quote(f"FK_{replaced.name}_{column}")
            engine.execute(f"ALTER TABLE {table} DROP CONSTRAINT IF EXISTS {constraint}")
    # The lock of the renaming lasts until the transaction ends: nobody changes the table while it is compared.
    engine.execute(
        engine.dialect.rename_table.format(
            table=table,
            object=engine.dialect.quote_literal(table),
            new_table=engine.dialect.quote(replaced.old_name),
            text=engine.dialect.quote_literal(replaced.old_name),
        )
    )


def check_view(engine: Engine, replaced: ReplacedTable) -> None:
    """Compare a table that is set aside with its view: number of rows, and all values.

    Raises:
        StoreError: They differ; the text names the numbers of rows and the first difference.
    """
    old, new = (_count_rows(engine, name) for name in (replaced.old_name, replaced.name))
    differing, first = _find_differing_rows(engine, replaced)
    if old == new and not differing:
        return
    example = f", the first of machine {first.equip_id} from {first.start}" if first else ""
    message = (
        f"{differing:,} of {format_count(old, 'row')} of {replaced.name} not found among the {format_count(new, 'row')}"
        f" of {replaced.source.name} that replace them{example}; the table keeps its name. To keep its rows as"
        f" {replaced.old_name} and to continue with those of {replaced.source.name}, run"
        " acm-etl init --accept-differences"
    )
    raise StoreError(message, table=replaced.name)


def _find_differing_rows(engine: Engine, replaced: ReplacedTable) -> tuple[int, _Slice | None]:
    """Return the number of old rows that the view does not have, and the first slice with such rows."""
    # Columns of the table, compared by name: an administrator may have added some, which only the old table keeps.
    viewed = engine.get_column_types(replaced.name)
    columns = [name for name in engine.get_column_types(replaced.old_name) if name in viewed]
    rows = "SELECT {columns} FROM {table} WHERE {EquipID} = ? AND {time} >= ? AND {time} < ?"
    selects = [
        engine.dialect.sql(rows, columns=columns, table=[name], time=[replaced.time_column])
        for name in (replaced.old_name, replaced.name)
    ]
    # EXCEPT compares NULLs as equal. Slices bound the memory: the database holds the rows of one.
    sql = f"SELECT COUNT(*) AS n FROM (\n{selects[0]}\nEXCEPT\n{selects[1]}\n) AS d"
    slices = _iter_slices(engine, replaced.old_name, replaced.time_column)
    counts = [(int(engine.query(sql, [*part.params, *part.params]).item()), part) for part in slices]
    return sum(count for count, _ in counts), next((part for count, part in counts if count), None)


def _count_rows(engine: Engine, name: str) -> int:
    return int(engine.query(engine.dialect.sql("SELECT COUNT(*) AS n FROM {table}", table=[name])).item())


def _iter_slices(engine: Engine, name: str, time_column: str) -> Iterator[_Slice]:
    """Yield slices of time of about ``_SLICE_ROWS`` rows each, machine by machine; together they hold all rows."""
    sql = engine.dialect.sql(
        "SELECT {EquipID}, COUNT(*) AS n, MIN({time}) AS first, MAX({time}) AS last FROM {table}\n"
        "GROUP BY {EquipID} ORDER BY {EquipID}",
        table=[name],
        time=[time_column],
    )
    for equip_id, rows, first, last in engine.query(sql).iter_rows():
        # Equal lengths of time, as in retention: readings are evenly spaced, and a range of the key needs no sort.
        slice_count = -(-rows // _SLICE_ROWS)
        end = last + MILLISECOND
        limits = [first + number * (end - first) / slice_count for number in range(slice_count)]
        for start, limit in zip(limits, [*limits[1:], end], strict=True):
            yield _Slice(equip_id, start, limit)
