"""Extent of the readings of many machines, and readings that arrived late.

Each machine has a historian table of its own, so one statement combines them with UNION ALL. SQL Server's optimizer
needs minutes for thousands of branches: beyond 200 tables there is one more statement per 200.
"""

from __future__ import annotations

import logging
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from acm_etl.dialects.column_types import is_readable_time_type
from acm_etl.dialects.parameters import join_placeholders
from acm_etl.engine import Engine
from acm_etl.errors import StoreError, UsageError
from acm_etl.io import historian
from acm_etl.io.historian import HistorianSource
from acm_etl.io.source_clock import clip_to_calendar
from acm_etl.load.historian.late_data import build_late_query
from acm_etl.load.machines import equipment, sources
from acm_etl.load.machines.equipment import Equipment
from acm_etl.results import FutureReadings
from acm_etl.run.machine_source import locate_readings
from acm_etl.status.machine_status import LateReadings, Readings
from acm_etl.status.progress_queries import RunTotals

log = logging.getLogger(__name__)
# Each branch has up to 8 parameters: 200 branches stay below the 2,100 that SQL Server takes per statement.
_MAX_BRANCHES = 200
_Branch = tuple[str, list[datetime]]
"""SELECT of one machine, and its parameters."""


@dataclass(frozen=True, slots=True)
class ReadingLimits:
    """Times that divide the readings of a machine.

    Attributes:
        future_from: Readings from this time on are from the future, UTC.
        history_start: Start of the first window, UTC; None before the first backfill.
    """

    future_from: datetime
    history_start: datetime | None = None


@dataclass(frozen=True, slots=True)
class HistorianTotals:
    """Readings of a machine by their place in time.

    Attributes:
        readings: Readings up to now; None if all are from the future.
        in_scored_windows: Readings in windows that are scored.
        before_history: Readings before the first window.
        future: Readings from the future; None if there are none.
    """

    readings: Readings | None
    in_scored_windows: int
    before_history: int
    future: FutureReadings | None


def read_historian_totals(
    engine: Engine,
    machines: Sequence[Equipment],
    run_totals: Mapping[int, RunTotals],
    limits: Mapping[int, ReadingLimits],
) -> dict[int, HistorianTotals]:
    """Read the extent of the readings of each machine that has some.

    Args:
        engine: The store.
        machines: Machines to read.
        run_totals: Scored windows by EquipID.
        limits: Times that divide the readings, by EquipID.

    Returns:
        Totals by EquipID; machines without a historian table or without readings are missing.
    """
    # Read once for all machines: the number of statements must not grow with the fleet.
    declared = sources.read_sources(engine)
    totals = _read_declared_totals(
        engine, [machine for machine in machines if machine.equip_id in declared], run_totals, limits
    )
    undeclared = [machine for machine in machines if machine.equip_id not in declared]
    own = _select_existing(engine, undeclared)
    # A machine that was never scored may still wait for its first import.
    hidden = run_totals.keys() - {machine.equip_id for machine in own}
    _report_hidden_tables(engine, [machine for machine in undeclared if machine.equip_id in hidden])
    # Eight aggregates of 500 tables take DuckDB 1.0 s of CPU to plan, four take 0.45 s: hardly any machine needs all.
    totals |= _read_simple_totals(engine, own, run_totals)
    divided = [machine for machine in own if _is_divided(totals.get(machine.equip_id), limits[machine.equip_id])]
    return totals | _read_divided_totals(engine, divided, run_totals, limits)


def _is_divided(total: HistorianTotals | None, limits: ReadingLimits) -> bool:
    """Return whether some readings are from the future, or older than the first window."""
    if total is None or total.readings is None:
        return False
    is_older = limits.history_start is not None and total.readings.first < limits.history_start
    return is_older or total.readings.last >= limits.future_from


def _read_simple_totals(
    engine: Engine, machines: Sequence[Equipment], run_totals: Mapping[int, RunTotals]
) -> dict[int, HistorianTotals]:
    """Read the totals by EquipID as if no reading were from the future or older than the first window."""
    branches = [_build_extent_branch(engine, machine, run_totals.get(machine.equip_id)) for machine in machines]
    return {
        equip_id: HistorianTotals(Readings(int(count), first, last), int(in_windows), 0, None)
        for equip_id, first, last, count, in_windows in _query_branches(engine, branches)
        # An empty historian table has NULL as first and last reading.
        if count
    }


def _read_divided_totals(
    engine: Engine,
    machines: Sequence[Equipment],
    run_totals: Mapping[int, RunTotals],
    limits: Mapping[int, ReadingLimits],
) -> dict[int, HistorianTotals]:
    """Read the totals of machines with readings from the future, or older than the first window."""
    branches = [
        _build_divided_branch(engine, machine, run_totals.get(machine.equip_id), limits[machine.equip_id])
        for machine in machines
    ]
    return {
        equip_id: HistorianTotals(
            Readings(int(count), first, last) if count else None,
            int(in_windows),
            int(older),
            FutureReadings(int(future), first_future) if future else None,
        )
        for equip_id, first, last, count, in_windows, older, first_future, future in _query_branches(engine, branches)
    }


def _query_branches(engine: Engine, branches: Sequence[_Branch]) -> Iterator[tuple[Any, ...]]:
    """Yield the rows of all branches, in as few statements as SQL Server can optimize."""
    for start in range(0, len(branches), _MAX_BRANCHES):
        part = branches[start : start + _MAX_BRANCHES]
        sql = "\nUNION ALL\n".join(branch for branch, _ in part)
        params = [param for _, branch_params in part for param in branch_params]
        frame = engine.query(sql, params)
        times = [column for column in frame.iter_columns() if column.dtype.is_temporal()]
        yield from frame.with_columns(map(clip_to_calendar, times)).iter_rows()


def _read_declared_totals(
    engine: Engine,
    machines: Sequence[Equipment],
    run_totals: Mapping[int, RunTotals],
    limits: Mapping[int, ReadingLimits],
) -> dict[int, HistorianTotals]:
    """Read the extent of declared sources, one by one: each may be on another server."""
    totals: dict[int, HistorianTotals] = {}
    for machine in machines:
        tags = [tag for tag in equipment.read_tags(engine, machine.equip_id) if tag.is_active]
        # Without tags in use no row of the source is a reading.
        if not tags:
            continue
        runs = run_totals.get(machine.equip_id)
        try:
            source = locate_readings(engine, machine, tags)
            total = _read_declared_total(engine, source, limits[machine.equip_id], scored=runs.read if runs else 0)
        except (StoreError, UsageError) as error:
            # The status of the other machines is worth having while the server of one source is down.
            log.warning("%s: its source cannot be read: %s", machine.code, error)
            continue
        if total is not None:
            totals[machine.equip_id] = total
    return totals


def _read_declared_total(
    engine: Engine, source: HistorianSource, limits: ReadingLimits, *, scored: int
) -> HistorianTotals | None:
    past = historian.read_extent(engine, replace(source, until=limits.future_from))
    future = historian.read_extent(engine, replace(source, since=limits.future_from))
    older = None
    if past is not None and limits.history_start is not None and past.first < limits.history_start:
        # Only if the first reading is older: each extent scans the source once more.
        older = historian.read_extent(engine, replace(source, until=limits.history_start))
    if past is None and future is None:
        return None
    # Late readings show in the fingerprints of the days; a count of readings would scan the whole source.
    return HistorianTotals(
        Readings(past.reading_count, past.first, past.last) if past else None,
        scored,
        older.reading_count if older else 0,
        FutureReadings(future.reading_count, future.first) if future else None,
    )


def read_late_readings(
    engine: Engine,
    machines: Sequence[Equipment],
    run_totals: Mapping[int, RunTotals],
    historian_totals: Mapping[int, HistorianTotals],
) -> dict[int, LateReadings]:
    """Count readings that arrived in windows after these were scored.

    Args:
        engine: The store.
        machines: Machines to compare.
        run_totals: Readings counted when the windows were scored, by EquipID.
        historian_totals: Readings that the windows have now, by EquipID.

    Returns:
        Late readings by EquipID; machines without any are missing.
    """
    # Equal totals need no memory to compare; only where they differ are readings joined to their windows.
    differing = [
        machine
        for machine in machines
        if (runs := run_totals.get(machine.equip_id))
        and (total := historian_totals.get(machine.equip_id))
        and runs.read != total.in_scored_windows
    ]
    branches: list[_Branch] = [(build_late_query(engine, machine), []) for machine in differing]
    return {
        equip_id: LateReadings(int(surplus), earliest)
        for equip_id, surplus, earliest in _query_branches(engine, branches)
        # SUM over no row is NULL: the window that differs has lost readings, which the fingerprints report.
        if surplus
    }


def _select_existing(engine: Engine, machines: Sequence[Equipment]) -> list[Equipment]:
    """Return the machines whose historian table exists and has its time column, as a column of times."""
    names = sorted({machine.time_column for machine in machines})
    if not names:
        return []
    # INFORMATION_SCHEMA is the one catalogue that both engines have; their default schemas differ.
    sql = (
        "SELECT CAST(TABLE_NAME AS NVARCHAR(128)) AS table_name, CAST(COLUMN_NAME AS NVARCHAR(128)) AS column_name,"
        " CAST(DATA_TYPE AS NVARCHAR(128)) AS data_type\n"
        "FROM INFORMATION_SCHEMA.COLUMNS WHERE TABLE_SCHEMA IN ('dbo', 'main')\n"
        f"AND COLUMN_NAME IN ({join_placeholders(names)})"
    )
    # Names are compared here: collations of the catalogue differ between servers.
    # A column that somebody made text would fail in the statement for all machines.
    columns = engine.query(sql, names).iter_rows()
    present = {(table, name) for table, name, sql_type in columns if is_readable_time_type(sql_type)}
    return [machine for machine in machines if (machine.table, machine.time_column) in present]


def _report_hidden_tables(engine: Engine, machines: Sequence[Equipment]) -> None:
    """Warn about scored machines without a readable historian table, which would seem to have no readings."""
    for machine in machines:
        table = engine.dialect.name_object(machine.table)["table"]
        # A server shows a login only the tables that it may use.
        grant = f"; let a DBA run: GRANT SELECT ON {table} TO [acm_loader], [acm_reader]"
        log.warning(
            "%s: the historian table %s with the time column %s is not there, or not readable%s",
            machine.code,
            table,
            machine.time_column,
            "" if engine.dialect.is_embedded else grant,
        )


def _build_extent_branch(engine: Engine, machine: Equipment, runs: RunTotals | None) -> _Branch:
    """Return the SELECT of first and last reading, their number, and how many are in scored windows."""
    q = engine.dialect.quote
    time = q(machine.time_column)
    scored, params = _count_scored(time, runs)
    sql = (
        f"SELECT {machine.equip_id} AS {q('EquipID')}, MIN({time}) AS first_time, MAX({time}) AS last_time,"
        f" COUNT({time}) AS readings, {scored} AS in_windows FROM {q(machine.table)}"
    )
    return sql, params


def _count_scored(time: str, runs: RunTotals | None) -> tuple[str, list[datetime]]:
    """Return the number of readings in scored windows as an expression, and its parameters."""
    # Without a scored window there is nothing that readings could be late for.
    if runs is None or runs.first is None or runs.past is None:
        return "0", []
    return f"COUNT(CASE WHEN {time} >= ? AND {time} < ? THEN 1 END)", [runs.first, runs.past]


def _build_divided_branch(engine: Engine, machine: Equipment, runs: RunTotals | None, limits: ReadingLimits) -> _Branch:
    """Return the SELECT of one machine whose readings are divided by the limits."""
    q = engine.dialect.quote
    time, future_from = q(machine.time_column), limits.future_from
    scored, window_params = _count_scored(time, runs)
    older = "0"
    if limits.history_start:
        older = f"COUNT(CASE WHEN {time} < ? THEN 1 END)"
        window_params.append(limits.history_start)
    past, future = f"CASE WHEN {time} < ? THEN {time} END", f"CASE WHEN {time} >= ? THEN {time} END"
    sql = (
        f"SELECT {machine.equip_id} AS {q('EquipID')}, MIN({past}) AS first_time, MAX({past}) AS last_time,"
        f" COUNT({past}) AS readings, {scored} AS in_windows, {older} AS older,"
        f" MIN({future}) AS first_future, COUNT({future}) AS future_readings FROM {q(machine.table)}"
    )
    return sql, [future_from] * 3 + window_params + [future_from] * 2
