"""What was dropped, replaced or refused, recorded apart from the data so that it survives a rollback."""

from __future__ import annotations

from collections.abc import Sequence

import polars as pl

from acm_etl.engine import Engine
from acm_etl.load.staging import UpsertCounts, upsert_frame
from acm_etl.tables.runs import QUALITY_EVENTS
from acm_etl.tables.summaries import DATA_QUALITY


def record_quality_events(
    engine: Engine, events: pl.DataFrame, *, equip_id: int | None = None, run_ids: Sequence[str] = ()
) -> UpsertCounts:
    """Upsert ACM_DataQualityEvents in a transaction of its own; a retry does not double.

    Args:
        engine: The store.
        events: The rows.
        equip_id: Machine of ``run_ids``.
        run_ids: Runs of which the frame says everything: what was recorded of them before and was not found again (an
            open window whose readings were mended) is deleted.

    Raises:
        ContractError: The frame does not fit; nothing was staged.
    """
    with engine.transaction():
        mended = _delete_resolved_events(engine, events, equip_id=equip_id, run_ids=run_ids) if run_ids else 0
        written = upsert_frame(engine, QUALITY_EVENTS, events) if events.height else UpsertCounts()
    return UpsertCounts(written.inserted, written.updated, mended)


def count_motionless_readings(engine: Engine, equip_id: int) -> int:
    """Readings of the trailing days if no tag has changed in them, else 0: such a machine is healthy on paper."""
    q, table = engine.dialect.quote, engine.dialect.quote(DATA_QUALITY.name)
    flat = f"SUM(CASE WHEN {q('LongestFlat')} >= {q('Readings')} THEN 1 ELSE 0 END)"
    newest = f"SELECT MAX({q('AsOf')}) FROM {table} WHERE {q('EquipID')} = ?"
    sql = (
        f"SELECT COUNT(*) AS tags, {flat} AS flat, MAX({q('Readings')}) AS readings FROM {table}\n"
        f"WHERE {q('EquipID')} = ? AND {q('AsOf')} = ({newest})"
    )
    tags, still, readings = engine.query(sql, [equip_id, equip_id]).row(0)
    return int(readings) if tags and still == tags else 0


def _delete_resolved_events(
    engine: Engine, events: pl.DataFrame, *, equip_id: int | None, run_ids: Sequence[str]
) -> int:
    q, key = engine.dialect.quote, list(QUALITY_EVENTS.key)
    table = q(QUALITY_EVENTS.name)
    stored = engine.query(f"SELECT {', '.join(map(q, key))} FROM {table} WHERE {q('EquipID')} = ?", [equip_id])
    gone = stored.filter(pl.col("RunID").is_in(list(run_ids))).join(events, on=key, how="anti")
    where = " AND ".join(f"{q(name)} = ?" for name in key)
    return sum(engine.execute(f"DELETE FROM {table} WHERE {where}", row) for row in gone.iter_rows())
