"""Readings that arrived in the historian behind the progress of their machine."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from acm_etl.engine import Engine
from acm_etl.load.equipment import Equipment
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
    q = engine.dialect.quote
    time = f"h.{q(machine.time_column)}"
    rows = engine.query(
        f"SELECT r.{q('WindowStart')}, r.{q('RowsRead')}, COUNT({time}) AS present\n"
        f"FROM {q(RUN_LOG.name)} AS r LEFT JOIN {q(machine.table)} AS h\n"
        f"  ON {time} >= r.{q('WindowStart')} AND {time} < r.{q('WindowEnd')}\n"
        f"WHERE r.{q('EquipID')} = ? AND r.{q('Stage')} = 'score' AND r.{q('Outcome')} IN ('OK', 'NOOP')\n"
        f"  AND r.{q('Provisional')} = CAST(0 AS {engine.dialect.types['bool']})\n"
        f"GROUP BY r.{q('RunID')}, r.{q('WindowStart')}, r.{q('RowsRead')}\n"
        f"HAVING COUNT({time}) > COALESCE(r.{q('RowsRead')}, 0) ORDER BY r.{q('WindowStart')}",
        [machine.equip_id],
    )
    if rows.is_empty():
        return Late(0, None)
    surplus = int((rows["present"] - rows["RowsRead"].fill_null(0)).sum())
    return Late(surplus, rows["WindowStart"][0])
