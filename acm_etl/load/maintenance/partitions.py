"""Empty whole partitions whose rows have expired for all machines."""

from __future__ import annotations

import logging
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime

from acm_etl import tables
from acm_etl.dialects import Dialect
from acm_etl.engine import Engine
from acm_etl.schema import Table

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class EmptiedTable:
    """Rows of one table that were removed with their partitions.

    Attributes:
        table: The table.
        row_counts: Number of removed rows by EquipID.
    """

    table: str
    row_counts: Mapping[int, int]


def empty_expired_partitions(engine: Engine, cutoffs: Mapping[int, datetime | None]) -> Iterator[EmptiedTable]:
    """Empty the partitions that have expired for every machine, table by table; yield each emptied table.

    Of tables with a row per reading. DELETE writes every row to the log, emptying a partition writes a few pages. The
    caller must hold the locks of all machines.

    Args:
        engine: The store.
        cutoffs: Time before which rows have expired by EquipID, for all machines of the store; None for a machine whose
            rows do not expire.
    """
    for table in tables.ALL:
        if table.grain == "time" and (emptied := _empty_table(engine, table, cutoffs)):
            yield emptied


def has_partitions(dialect: Dialect) -> bool:
    """Return whether tables of a dialect can have partitions."""
    return dialect.find_expired_partitions is not None


def _empty_table(engine: Engine, table: Table, cutoffs: Mapping[int, datetime | None]) -> EmptiedTable | None:
    cutoff = _find_common_cutoff(engine, table, cutoffs)
    if cutoff is None:
        return None
    names = engine.dialect.name_object(table.name)
    find = (engine.dialect.find_expired_partitions or "").format(**names)
    count, before = engine.query(find, [cutoff]).row(0)
    if not count:
        return None
    # Counted before, per machine: the statement that empties partitions reports no rows.
    row_counts = {equip_id: _count_rows(engine, table, equip_id, before) for equip_id in cutoffs}
    if not any(row_counts.values()):
        return None
    engine.execute((engine.dialect.empty_partitions or "").format(count=count, **names))
    log.info("%s: emptied the partitions before %s, %d rows", table.name, before, sum(row_counts.values()))
    return EmptiedTable(table.name, row_counts)


def _find_common_cutoff(engine: Engine, table: Table, cutoffs: Mapping[int, datetime | None]) -> datetime | None:
    """Return the time before which the rows of all machines have expired; None if a machine keeps its rows."""
    # A partition holds the rows of all machines: the machine that keeps its rows for longest decides.
    times = []
    for equip_id, cutoff in cutoffs.items():
        if cutoff is not None:
            times.append(cutoff)
        # A machine that was registered and never scored has nothing to lose.
        elif _has_rows(engine, table, equip_id):
            return None
    return min(times, default=None)


def _has_rows(engine: Engine, table: Table, equip_id: int) -> bool:
    # The least time is the first row of the key; a count would read all rows.
    sql = engine.dialect.sql(
        "SELECT MIN({time}) AS n FROM {table} WHERE {EquipID} = ?", table=table, time=[table.row_time]
    )
    return engine.query(sql, [equip_id]).item() is not None


def _count_rows(engine: Engine, table: Table, equip_id: int, before: datetime) -> int:
    sql = engine.dialect.sql(
        "SELECT COUNT(*) AS n FROM {table} WHERE {EquipID} = ? AND {time} < ?", table=table, time=[table.row_time]
    )
    return int(engine.query(sql, [equip_id, before]).item())
