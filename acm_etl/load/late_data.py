"""Detect readings that arrived in the historian after their window had been scored."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from acm_etl.engine import Engine
from acm_etl.load import sources
from acm_etl.load.equipment import Equipment
from acm_etl.load.runs import final_runs_condition


@dataclass(frozen=True, slots=True)
class LateReadings:
    """Readings that arrived behind the watermark.

    Attributes:
        row_count: How many more readings the historian has now than the runs have read.
        earliest_window_start: Start of the first window with late readings, from which a replay scores them; None
            without late readings.
    """

    row_count: int
    earliest_window_start: datetime | None


def count_late_readings(engine: Engine, machine: Equipment) -> LateReadings:
    """Compare the historian, window by window, with the readings that the current scoring runs have read.

    Readings of a declared source are not counted here: its rows are no readings of the machine, and a count of these
    scans the whole source. The fingerprints of its days show late readings.
    """
    # A long or sampled source has many rows per reading: the two numbers could never agree.
    if sources.read_source(engine, machine.equip_id) is not None:
        return LateReadings(0, None)
    return LateReadings(0, None) if _has_equal_totals(engine, machine) else _count_by_window(engine, machine)


def _has_equal_totals(engine: Engine, machine: Equipment) -> bool:
    """Return whether both totals are equal.

    Checked first because this is the usual case: two counts need no memory, the comparison by window is a join.
    """
    # MIN and MAX of the windows bound the second count to scored time: readings after it are new, not late.
    runs = engine.dialect.sql(
        "SELECT SUM({RowsRead}) AS n, MIN({WindowStart}) AS first, MAX({WindowEnd}) AS past\n"
        "FROM {RunLog} WHERE {EquipID} = ? AND {final_runs}",
        final_runs=final_runs_condition(engine),
    )
    rows_read, first, past = engine.query(runs, [machine.equip_id]).row(0)
    # No window was scored yet, so that no reading can be late.
    if first is None:
        return True
    readings = engine.dialect.sql(
        "SELECT COUNT(*) AS n FROM {table} WHERE {time} >= ? AND {time} < ?",
        table=[machine.table],
        time=[machine.time_column],
    )
    return int(rows_read or 0) == int(engine.query(readings, [first, past]).item())


def _count_by_window(engine: Engine, machine: Equipment) -> LateReadings:
    sql = engine.dialect.sql(
        "SELECT r.{WindowStart}, r.{RowsRead}, COUNT(h.{time}) AS present\n"
        "FROM {RunLog} AS r LEFT JOIN {historian} AS h\n"
        "  ON h.{time} >= r.{WindowStart} AND h.{time} < r.{WindowEnd}\n"
        "WHERE r.{EquipID} = ? AND {final_runs}\n"
        "GROUP BY r.{RunID}, r.{WindowStart}, r.{RowsRead}\n"
        # More than were read: fewer readings than then are a change, which the fingerprints report.
        "HAVING COUNT(h.{time}) > COALESCE(r.{RowsRead}, 0) ORDER BY r.{WindowStart}",
        historian=[machine.table],
        time=[machine.time_column],
        final_runs=final_runs_condition(engine, "r"),
    )
    rows = engine.query(sql, [machine.equip_id])
    if rows.is_empty():
        return LateReadings(0, None)
    # A NOOP run has read nothing, and its RowsRead may be NULL.
    surplus = int((rows["present"] - rows["RowsRead"].fill_null(0)).sum())
    return LateReadings(surplus, rows["WindowStart"][0])
