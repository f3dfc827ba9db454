"""Data quality events: readings that were dropped, replaced or rejected.

Those of a backfill are written in a transaction of their own, so that they survive a rollback of the results.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import polars as pl

from acm_etl.dialects.parameters import build_in_condition
from acm_etl.engine import Engine
from acm_etl.load.clock import utc_now
from acm_etl.load.runs import final_runs_condition
from acm_etl.load.single_rows import delete_rows, join_equalities
from acm_etl.load.staging import UpsertCounts, upsert_frame
from acm_etl.results import FutureReadings
from acm_etl.source_spec import MISSING_TIME
from acm_etl.tables.runs import QUALITY_EVENTS

FUTURE_READING = "future_reading"
"""EventType of readings later than the clock plus ``backfill.allowed_lateness``."""


def record_quality_events(
    engine: Engine,
    events: pl.DataFrame,
    *,
    equip_id: int | None = None,
    run_ids: Sequence[str] = (),
) -> UpsertCounts:
    """Upsert rows of ACM_DataQualityEvents in a transaction of their own; a retry adds no duplicates.

    Args:
        engine: The store.
        events: The rows.
        equip_id: Machine of ``run_ids``.
        run_ids: Runs for which ``events`` is complete: stored events of these runs that are not in ``events`` are
            deleted (an incomplete window whose readings were corrected since).

    Raises:
        ContractError: The frame does not fit the table; nothing was staged.
    """
    # Without run_ids the frame says nothing about other events: nothing may be deleted.
    resolved = _find_resolved_events(engine, events, equip_id=equip_id, run_ids=run_ids) if run_ids else events.clear()
    # Most batches reject nothing: no transaction for them.
    if events.is_empty() and resolved.is_empty():
        return UpsertCounts()
    with engine.transaction():
        return _write_changes(engine, events, resolved)


def write_quality_events(engine: Engine, events: pl.DataFrame, *, equip_id: int, run_ids: Sequence[str]) -> None:
    """Do the same as ``record_quality_events`` inside the transaction of the caller.

    Raises:
        ContractError: The frame does not fit the table; nothing was staged.
    """
    resolved = _find_resolved_events(engine, events, equip_id=equip_id, run_ids=run_ids)
    _write_changes(engine, events, resolved)


def record_future_readings(engine: Engine, equip_id: int, *, table: str, future: FutureReadings) -> None:
    """Record readings from the future once, with the newest complete run; later only their number is updated.

    A machine without a complete run has no run to record them with: they are recorded after its first one.

    Args:
        engine: The store.
        equip_id: Machine.
        table: Historian table.
        future: Number and first time of the readings.
    """
    # The time of the first reading identifies the event: as long as it stays, later backfills update one row.
    sample = f"{future.first:%Y-%m-%d %H:%M:%S}"
    event = {"TableName": table, "ColumnName": "", "EventType": FUTURE_READING, "SampleValues": sample}
    _record_standing_event(engine, equip_id, event, future.count)


def record_missing_times(engine: Engine, equip_id: int, *, table: str, column: str, count: int) -> int:
    """Record the rows of a source without a time once; return how many of them were not recorded before.

    Args:
        engine: The store.
        equip_id: Machine.
        table: Historian table.
        column: Its time column.
        count: Number of the rows.
    """
    event = {"TableName": table, "ColumnName": column, "EventType": MISSING_TIME, "SampleValues": "NULL"}
    return _record_standing_event(engine, equip_id, event, count)


def _record_standing_event(engine: Engine, equip_id: int, event: Mapping[str, str], count: int) -> int:
    """Record what belongs to no period with the newest complete run, or update it; return how many rows are new.

    Without a complete run nothing is recorded, and nothing is new yet.

    Args:
        engine: The store.
        equip_id: Machine.
        event: Table, column, type and sample, which identify the event.
        count: Number of rows now; 0 deletes the event.
    """
    recorded = engine.dialect.sql(
        f"SELECT {{RunID}}, {{AffectedRows}} FROM {{ACM_DataQualityEvents}}\n"
        f"WHERE {{EquipID}} = ? AND {join_equalities(engine, list(event), ' AND ')}"
    )
    known = engine.query(recorded, [equip_id, *event.values()])
    before = int(known["AffectedRows"].sum())
    if count == before:
        return 0
    newest = engine.dialect.sql(
        f"SELECT {{RunID}} FROM {{RunLog}} WHERE {{EquipID}} = ? AND {final_runs_condition(engine)}\n"
        "ORDER BY {WindowStart} DESC OFFSET 0 ROWS FETCH NEXT 1 ROWS ONLY"
    )
    runs = known if known.height else engine.query(newest, [equip_id])
    if runs.is_empty():
        return 0
    row = {"RunID": runs["RunID"][0], "EquipID": equip_id, **event, "AffectedRows": count, "EventTime": utc_now()}
    events = pl.DataFrame([row], schema=QUALITY_EVENTS.polars_schema)
    with engine.transaction():
        if count:
            _write_changes(engine, events, events.clear())
        else:
            _write_changes(engine, events.clear(), events.select(QUALITY_EVENTS.key))
    return max(0, count - before)


def _find_resolved_events(
    engine: Engine, events: pl.DataFrame, *, equip_id: int | None, run_ids: Sequence[str]
) -> pl.DataFrame:
    """Return the keys of the stored events of some runs that are not in ``events``."""
    key = list(QUALITY_EVENTS.key)
    # A batch of many short windows reads all keys of the machine.
    runs, params = build_in_condition("{RunID}", run_ids)
    select = engine.dialect.sql(
        f"SELECT {{key}} FROM {{table}} WHERE {{EquipID}} = ? AND {runs}", key=key, table=QUALITY_EVENTS
    )
    stored = engine.query(select, [equip_id, *params])
    return stored.filter(pl.col("RunID").is_in(list(run_ids))).join(events, on=key, how="anti")


def _write_changes(engine: Engine, events: pl.DataFrame, resolved: pl.DataFrame) -> UpsertCounts:
    # Row by row: events that disappear are rare, one statement each needs no staging.
    deleted = sum(delete_rows(engine, QUALITY_EVENTS, row) for row in resolved.iter_rows(named=True))
    written = upsert_frame(engine, QUALITY_EVENTS, events) if events.height else UpsertCounts()
    return UpsertCounts(written.inserted, written.updated, deleted)
