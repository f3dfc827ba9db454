"""Rollback of a machine: to a time from which it is scored again, or to before its coldstart."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta

import polars as pl

from acm_etl import tables, windows
from acm_etl.engine import Engine, annotate_errors
from acm_etl.load import watermark
from acm_etl.load.historian import fingerprints
from acm_etl.load.models import baselines, coldstart, refit_requests
from acm_etl.load.models.registry import INITIAL_MODELS
from acm_etl.load.runs import final_runs_condition
from acm_etl.load.watermark import Watermark
from acm_etl.schema import Table
from acm_etl.tables.historian_checks import READING_FINGERPRINTS
from acm_etl.tables.runs import BATCH_PROGRESS, MODEL_REGISTRY, REFIT_REQUESTS, STATE

# Rows of grain model go with their version, and rows of runs stay as history.
_REWOUND_TABLES = tuple(table for table in tables.RESULTS if table.grain in tables.TIMED_GRAINS)


@dataclass(frozen=True, slots=True)
class RewindResult:
    """Result of a rollback.

    Attributes:
        deleted_rows: Rows by table.
        superseded_runs: Runs that were marked SUPERSEDED.
        new_watermark: The progress row after the rollback; None if there is none.
    """

    deleted_rows: dict[str, int]
    superseded_runs: int
    new_watermark: Watermark | None = None


def rewind_machine(
    engine: Engine,
    equip_id: int,
    *,
    to: datetime,
    base_watermark: Watermark,
    cut_day_fingerprint: pl.DataFrame | None = None,
) -> RewindResult:
    """Delete all results from ``to`` on in one transaction; the next run starts there.

    Deleted are rows at or after ``to``; rows of runs that end after ``to`` (a day or an episode that was closed later);
    states after ``to``; and models that are valid from a later time, with the decisions that led to these. Runs that
    end after ``to`` are marked SUPERSEDED. A run without readings that contains ``to`` is shortened to end at ``to``,
    so that each window before ``to`` still has its run.

    Args:
        engine: The store.
        equip_id: The machine.
        to: The time, a window boundary at which a state is stored.
        base_watermark: The row to start again from (tick, signature, model version, data range);
            ``last_window_end`` and ``window_count`` are set here.
        cut_day_fingerprint: Fingerprint of the day that contains ``to``, of its readings before ``to``; None if ``to``
            is a UTC midnight, or if there are no such readings.
    """
    with engine.transaction():
        first_window = _find_first_later_window(engine, equip_id, to)
        deleted = {
            table.name: _delete_rows_from(engine, table, equip_id, to, first_window=first_window)
            for table in _REWOUND_TABLES
        }
        # Later, not equal: the state as of ``to`` is the one from which the replay resumes.
        later_states = engine.dialect.sql("DELETE FROM {ACM_State} WHERE {EquipID} = ? AND {AsOf} > ?")
        deleted[STATE.name] = engine.execute(later_states, [equip_id, to])
        # Fingerprints are per UTC day: the day that is cut has to be counted again, up to the cut.
        cut_day = windows.floor_to_midnight(to)
        deleted[READING_FINGERPRINTS.name] = fingerprints.delete_fingerprints(engine, equip_id, since=cut_day)
        if cut_day_fingerprint is not None:
            fingerprints.upsert_fingerprints(engine, cut_day_fingerprint)
        deleted |= _delete_later_models(engine, equip_id, to)
        refit_requests.revert_refit_decisions(engine, equip_id, to)
        baselines.revert_baseline_decisions(engine, equip_id, after=to)
        _shorten_noop_run(engine, equip_id, to)
        superseded = _supersede_runs(engine, equip_id, to)
        with annotate_errors(BATCH_PROGRESS.name):
            # Counted from the runs that remain: the old count includes windows that are taken back.
            batches = _count_windows_before(engine, equip_id, to, tick=base_watermark.tick)
            moved = replace(base_watermark, last_window_end=to, window_count=batches)
            # Deleted first: the insert below expects no row, so that the present position of the machine does not
            # matter.
            watermark.delete_watermark(engine, equip_id)
            watermark.move_watermark(engine, None, moved)
    engine.checkpoint_wal()
    return RewindResult(deleted, superseded, moved)


def reset_machine_data(engine: Engine, equip_id: int, *, reason: str = "reset by hand") -> RewindResult:
    """Take a machine back to before its coldstart in one transaction; readings, settings and history of runs stay."""
    with engine.transaction():
        deleted = {
            table.name: _delete_machine_rows(engine, table, equip_id)
            for table in (*tables.RESULTS, STATE, MODEL_REGISTRY, REFIT_REQUESTS, BATCH_PROGRESS)
        }
        # Kept, unlike requests for a refit: an overhaul has happened, whatever the models.
        baselines.revert_baseline_decisions(engine, equip_id)
        # The next coldstart may begin at another time, with other readings before it.
        deleted |= fingerprints.forget_history(engine, equip_id)
        # Imports stay as they are: the readings that they stored are not taken back.
        supersede = engine.dialect.sql(
            "UPDATE {RunLog} SET {Outcome} = 'SUPERSEDED'\n"
            "WHERE {EquipID} = ? AND {Stage} <> 'import' AND {Outcome} <> 'SUPERSEDED'"
        )
        superseded = engine.execute(supersede, [equip_id])
        coldstart.reset_coldstart(engine, equip_id, reason=reason)
    engine.checkpoint_wal()
    return RewindResult(deleted, superseded)


def _delete_machine_rows(engine: Engine, table: Table, equip_id: int) -> int:
    sql = engine.dialect.sql("DELETE FROM {target} WHERE {EquipID} = ?", target=_bulk_delete_target(engine, table))
    return engine.execute(sql, [equip_id])


def _find_first_later_window(engine: Engine, equip_id: int, to: datetime) -> datetime:
    """Return the start of the first window that ends after a time; the time itself if no window contains it."""
    sql = engine.dialect.sql(
        "SELECT MIN({WindowStart}) AS first_window FROM {RunLog} WHERE {late} AND {Stage} = 'score'",
        late=_later_runs_condition(engine),
    )
    first: datetime | None = engine.query(sql, [equip_id, to]).item()
    return to if first is None else min(first, to)


def _delete_rows_from(engine: Engine, table: Table, equip_id: int, to: datetime, *, first_window: datetime) -> int:
    """Delete rows at or after a time, and rows of runs that end after it; return their number."""
    target, time = _bulk_delete_target(engine, table), [table.row_time]
    # Two statements: with OR between them, a server reads the whole history of the machine.
    sql = engine.dialect.sql("DELETE FROM {target} WHERE {EquipID} = ? AND {time} >= ?", target=target, time=time)
    deleted = engine.execute(sql, [equip_id, to])
    # Rows of a large table lie in the window of their run, and that table has no index on RunID. A row of another table
    # may begin before the window: an episode that was found or closed afterwards.
    if table.large and first_window >= to:
        return deleted
    since, limits = (" AND {time} >= ?", [first_window]) if table.large else ("", [])
    sql = engine.dialect.sql(
        "DELETE FROM {target} WHERE {EquipID} = ?{since} AND {time} < ?\n"
        "  AND {RunID} IN (SELECT {RunID} FROM {RunLog} WHERE {late})",
        target=target,
        since=engine.dialect.sql(since, time=time),
        time=time,
        late=_later_runs_condition(engine),
    )
    return deleted + engine.execute(sql, [equip_id, *limits, to, equip_id, to])


def _bulk_delete_target(engine: Engine, table: Table) -> str:
    """Return the target of a DELETE, with the hint of the dialect for years of rows.

    Without the hint, a lock per row would take gigabytes of the server's memory.
    """
    return engine.dialect.quote(table.name) + (engine.dialect.delete_hint if table.large else "")


def _delete_later_models(engine: Engine, equip_id: int, to: datetime) -> dict[str, int]:
    """Delete models of refits and baselines with HoldsFrom > ``to``; return the deleted rows by table.

    Initial models stay: they also score the readings before their HoldsFrom.
    """
    sql = engine.dialect.sql
    refits = sql(f"{{ModelRegistry}} WHERE {{EquipID}} = ? AND {{HoldsFrom}} > ? AND NOT ({INITIAL_MODELS})")
    deleted = {
        table.name: engine.execute(
            sql(
                "DELETE FROM {table} WHERE {EquipID} = ? AND {ModelVersion} IN (SELECT {Version} FROM {refits})",
                table=table,
                refits=refits,
            ),
            [equip_id, equip_id, to],
        )
        for table in tables.MODEL_RESULTS
    }
    # Last: the tables above find their versions through the registry.
    return deleted | {MODEL_REGISTRY.name: engine.execute(f"DELETE FROM {refits}", [equip_id, to])}


def _supersede_runs(engine: Engine, equip_id: int, to: datetime) -> int:
    sql = engine.dialect.sql(
        "UPDATE {RunLog} SET {Outcome} = 'SUPERSEDED'\nWHERE {late} AND {Outcome} <> 'SUPERSEDED'",
        late=_later_runs_condition(engine),
    )
    return engine.execute(sql, [equip_id, to])


def _shorten_noop_run(engine: Engine, equip_id: int, to: datetime) -> None:
    """End at ``to`` the run of windows without readings that contains ``to``.

    The windows before ``to`` stay final: readings that arrive for them later must be found as late.
    """
    sql = engine.dialect.sql(
        "UPDATE {RunLog} SET {WindowEnd} = ?\nWHERE {late} AND {Outcome} = 'NOOP' AND {WindowStart} < ?",
        late=_later_runs_condition(engine),
    )
    engine.execute(sql, [to, equip_id, to, to])


def _later_runs_condition(engine: Engine) -> str:
    return engine.dialect.sql("{EquipID} = ? AND {Stage} IN ('score', 'refit') AND {WindowEnd} > ?")


def _count_windows_before(engine: Engine, equip_id: int, to: datetime, *, tick: timedelta) -> int:
    """Return the number of final windows up to a time; a NOOP run counts all of its windows."""
    sql = engine.dialect.sql(
        "SELECT {WindowStart}, {WindowEnd} FROM {RunLog}\nWHERE {EquipID} = ? AND {final_runs} AND {WindowEnd} <= ?",
        final_runs=final_runs_condition(engine),
    )
    # Many windows without readings are one run.
    runs = engine.query(sql, [equip_id, to]).iter_rows()
    return sum(windows.count_windows(tick, start, end) for start, end in runs)
