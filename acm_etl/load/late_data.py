"""Readings that arrived in the historian behind the progress of their machine."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from acm_etl.engine import Engine
from acm_etl.load.equipment import Equipment
from acm_etl.load.runs import final_runs_condition
from acm_etl.tables.runs import RUN_LOG


@dataclass(frozen=True, slots=True)
class LateReadings:
    """Readings behind progress.

    Attributes:
        row_count: How many more readings the historian has now than the runs have read.
        earliest_window_start: Start of the first window with late readings, from which a replay scores them; None
            without late readings.
    """

    row_count: int
    earliest_window_start: datetime | None


def count_late_readings(engine: Engine, machine: Equipment) -> LateReadings:
    """Compare the historian, window by window, with what the current scoring runs have read."""
    return LateReadings(0, None) if _has_equal_totals(engine, machine) else _count_by_window(engine, machine)


def _has_equal_totals(engine: Engine, machine: Equipment) -> bool:
    """Whether the totals agree: two counts that need no memory, where the comparison by window joins the two."""
    q = engine.dialect.quote
    runs = (
        f"SELECT SUM({q('RowsRead')}) AS n, MIN({q('WindowStart')}) AS first, MAX({q('WindowEnd')}) AS past\n"
        f"FROM {q(RUN_LOG.name)} WHERE {q('EquipID')} = ? AND {final_runs_condition(engine)}"
    )
    read, first, past = engine.query(runs, [machine.equip_id]).row(0)
    if first is None:
        return True
    time, table = q(machine.time_column), q(machine.table)
    present = engine.query(f"SELECT COUNT(*) AS n FROM {table} WHERE {time} >= ? AND {time} < ?", [first, past]).item()
    return int(read or 0) == int(present)


def _count_by_window(engine: Engine, machine: Equipment) -> LateReadings:
    q = engine.dialect.quote
    time = f"h.{q(machine.time_column)}"
    rows = engine.query(
        f"SELECT r.{q('WindowStart')}, r.{q('RowsRead')}, COUNT({time}) AS present\n"
        f"FROM {q(RUN_LOG.name)} AS r LEFT JOIN {q(machine.table)} AS h\n"
        f"  ON {time} >= r.{q('WindowStart')} AND {time} < r.{q('WindowEnd')}\n"
        f"WHERE r.{q('EquipID')} = ? AND {final_runs_condition(engine, 'r')}\n"
        f"GROUP BY r.{q('RunID')}, r.{q('WindowStart')}, r.{q('RowsRead')}\n"
        f"HAVING COUNT({time}) > COALESCE(r.{q('RowsRead')}, 0) ORDER BY r.{q('WindowStart')}",
        [machine.equip_id],
    )
    if rows.is_empty():
        return LateReadings(0, None)
    surplus = int((rows["present"] - rows["RowsRead"].fill_null(0)).sum())
    return LateReadings(surplus, rows["WindowStart"][0])
