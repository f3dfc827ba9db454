"""Detect readings that arrived in the historian after their window had been scored."""

from __future__ import annotations

from acm_etl.engine import Engine
from acm_etl.load.machines.equipment import Equipment
from acm_etl.load.runs import final_runs_condition


def count_late_readings(engine: Engine, machine: Equipment) -> int:
    """Return how many more readings the historian has in the scored windows than the current runs have read.

    Only for a historian table: the rows of a declared source are no readings of the machine, and a count of these scans
    the whole source. The fingerprints of its days show late readings.
    """
    if _has_equal_totals(engine, machine):
        return 0
    # NULL, which counts as 0, where windows have only lost readings: the fingerprints report these.
    return int(engine.query(build_late_query(engine, machine))["surplus"].sum())


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


def build_late_query(engine: Engine, machine: Equipment) -> str:
    """Return the SELECT that compares the readings of one machine with its runs, window by window.

    Its row has EquipID, ``surplus`` (readings beyond those that the runs have read; NULL without any) and ``earliest``
    (start of the first window with such readings, from which a replay scores them).
    """
    q = engine.dialect.quote
    time = f"h.{q(machine.time_column)}"
    # EquipID is an integer from the store, so it can be a literal: parameters per statement are limited.
    # Identifiers are quoted one by one: a table may be named with braces, which dialect.sql would replace.
    start, end, read = (f"r.{q(name)}" for name in ("WindowStart", "WindowEnd", "RowsRead"))
    return (
        f"SELECT {machine.equip_id} AS {q('EquipID')}, SUM(w.surplus) AS surplus, MIN(w.window_start) AS earliest\n"
        f"FROM (\n  SELECT {start} AS window_start, COUNT({time}) - COALESCE({read}, 0) AS surplus\n"
        f"  FROM {q('RunLog')} AS r JOIN {q(machine.table)} AS h ON {time} >= {start} AND {time} < {end}\n"
        f"  WHERE r.{q('EquipID')} = {machine.equip_id} AND {final_runs_condition(engine, 'r')}\n"
        f"  GROUP BY r.{q('RunID')}, {start}, {read}\n"
        f"  HAVING COUNT({time}) > COALESCE({read}, 0)\n) AS w"
    )
