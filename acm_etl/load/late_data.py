"""Readings that arrived in the historian behind the progress of their machine."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from acm_etl.engine import Engine
from acm_etl.load.equipment import Equipment
from acm_etl.load.runs import final
from acm_etl.tables.runs import RUN_LOG


@dataclass(frozen=True, slots=True)
class Late:
    """Readings behind progress.

    Attributes:
        rows: How many more readings the historian has now than the runs have read.
        earliest: Start of the first window concerned: a replay from here takes them in; None where there are none.
    """

    rows: int
    earliest: datetime | None


def count(engine: Engine, machine: Equipment) -> Late:
    """Compare the historian, window by window, with what the current scoring runs have read."""
    return Late(0, None) if _agree(engine, machine) else _surplus(engine, machine)


def _agree(engine: Engine, machine: Equipment) -> bool:
    """Whether the totals agree: two counts that need no memory, where the comparison by window joins the two."""
    q = engine.dialect.quote
    runs = (
        f"SELECT SUM({q('RowsRead')}) AS n, MIN({q('WindowStart')}) AS first, MAX({q('WindowEnd')}) AS past\n"
        f"FROM {q(RUN_LOG.name)} WHERE {q('EquipID')} = ? AND {final(engine)}"
    )
    read, first, past = engine.query(runs, [machine.equip_id]).row(0)
    if first is None:
        return True
    time, table = q(machine.time_column), q(machine.table)
    present = engine.query(f"SELECT COUNT(*) AS n FROM {table} WHERE {time} >= ? AND {time} < ?", [first, past]).item()
    return int(read or 0) == int(present)


def _surplus(engine: Engine, machine: Equipment) -> Late:
    q = engine.dialect.quote
    time = f"h.{q(machine.time_column)}"
    rows = engine.query(
        f"SELECT r.{q('WindowStart')}, r.{q('RowsRead')}, COUNT({time}) AS present\n"
        f"FROM {q(RUN_LOG.name)} AS r LEFT JOIN {q(machine.table)} AS h\n"
        f"  ON {time} >= r.{q('WindowStart')} AND {time} < r.{q('WindowEnd')}\n"
        f"WHERE r.{q('EquipID')} = ? AND {final(engine, 'r')}\n"
        f"GROUP BY r.{q('RunID')}, r.{q('WindowStart')}, r.{q('RowsRead')}\n"
        f"HAVING COUNT({time}) > COALESCE(r.{q('RowsRead')}, 0) ORDER BY r.{q('WindowStart')}",
        [machine.equip_id],
    )
    if rows.is_empty():
        return Late(0, None)
    surplus = int((rows["present"] - rows["RowsRead"].fill_null(0)).sum())
    return Late(surplus, rows["WindowStart"][0])
