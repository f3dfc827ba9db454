"""Delete superseded runs, and reject rows whose run is unknown."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from collections.abc import Set as AbstractSet
from datetime import datetime

import polars as pl

from acm_etl.counts import format_count
from acm_etl.dialects.parameters import iter_in_lists
from acm_etl.engine import Engine
from acm_etl.errors import ContractError
from acm_etl.schema import Table
from acm_etl.tables.runs import ACM_RUNS, QUALITY_EVENTS, RUN_LOG, RUN_STATS, WRITE_METRICS


def remove_replaced_runs(
    engine: Engine, equip_id: int, start: datetime, end: datetime, *, keep_run_ids: AbstractSet[str]
) -> int:
    """Remove the scoring runs of [start, end) that a batch has replaced by other runs.

    Runs without results (RUNNING, NOOP, FAIL) and provisional runs are deleted together with their summaries. Runs with
    recorded errors and final OK runs stay as SUPERSEDED, because they belong to the audit trail.

    Args:
        engine: The store.
        equip_id: The machine.
        start: Start of the batch.
        end: End of the batch.
        keep_run_ids: The runs of the batch itself.

    Returns:
        Number of runs deleted or superseded.
    """
    sql = engine.dialect.sql(
        "SELECT r.{RunID}, CASE WHEN r.{Outcome} = 'OK' AND r.{Provisional} = CAST(0 AS {:bool})\n"
        "  OR EXISTS (SELECT 1 FROM {ACM_RunErrors} AS e WHERE e.{RunID} = r.{RunID})\n"
        "  THEN 1 ELSE 0 END AS kept\n"
        "FROM {RunLog} AS r WHERE r.{EquipID} = ? AND r.{Stage} = 'score'\n"
        "  AND r.{WindowStart} >= ? AND r.{WindowStart} < ? AND r.{Outcome} <> 'SUPERSEDED'"
    )
    # WindowStart alone decides: a batch starts and ends at boundaries of the window grid.
    runs = engine.query(sql, [equip_id, start, end]).iter_rows()
    replaced = [(run_id, is_audited) for run_id, is_audited in runs if run_id not in keep_run_ids]
    # RunLog last: the other tables refer to it by a foreign key.
    _delete_runs(
        engine,
        equip_id,
        (run_id for run_id, is_audited in replaced if not is_audited),
        (ACM_RUNS, RUN_STATS, WRITE_METRICS, QUALITY_EVENTS, RUN_LOG),
    )
    # Only the outcome changes: times and message of the old attempt remain readable.
    supersede = "UPDATE {RunLog} SET {Outcome} = 'SUPERSEDED' WHERE {EquipID} = ? AND {RunID} IN ({values})"
    for ids, placeholders in iter_in_lists(run_id for run_id, is_audited in replaced if is_audited):
        engine.execute(engine.dialect.sql(supersede, values=placeholders), [equip_id, *ids])
    return len(replaced)


def supersede_failed_run(engine: Engine, equip_id: int, run_id: str) -> None:
    """Mark a failed run as superseded, and delete its summary; inside the transaction of the caller."""
    engine.execute(engine.dialect.sql("UPDATE {RunLog} SET {Outcome} = 'SUPERSEDED' WHERE {RunID} = ?"), [run_id])
    delete_run_summaries(engine, equip_id, [run_id])


def delete_run_summaries(engine: Engine, equip_id: int, run_ids: Iterable[str]) -> None:
    """Delete the summaries of runs that have no result any more: NOOP after a failed or provisional attempt."""
    _delete_runs(engine, equip_id, run_ids, (ACM_RUNS, RUN_STATS))


def _delete_runs(engine: Engine, equip_id: int, run_ids: Iterable[str], from_tables: Sequence[Table]) -> None:
    # With the machine, which leads the order of these tables: for many ids a server may choose to scan, and would wait
    # for rows that batches of other machines have locked.
    for ids, placeholders in iter_in_lists(run_ids):
        for table in from_tables:
            sql = engine.dialect.sql(
                "DELETE FROM {table} WHERE {EquipID} = ? AND {RunID} IN ({values}) {seek}",
                table=table,
                values=placeholders,
                seek=engine.dialect.seek_option,
            )
            engine.execute(sql, [equip_id, *ids])


def check_foreign_keys(
    engine: Engine, frames: Iterable[tuple[Table, pl.DataFrame]], *, published_run_ids: AbstractSet[str]
) -> None:
    """Reject rows whose run is neither published with them nor stored.

    The database does not check this: DuckDB declares no foreign keys, and large tables have none on SQL Server.

    Raises:
        ContractError: Some rows have an unknown RunID; the text lists tables and runs.
    """
    other_runs = {
        table.name: set(frame["RunID"].unique().to_list()) - published_run_ids
        for table, frame in frames
        if "RunID" in table.polars_schema
    }
    # All tables at once: most batches refer to their own runs only, and then no statement is needed.
    lists = iter_in_lists(sorted(set().union(*other_runs.values())))
    stored = {run_id for ids, placeholders in lists for run_id in _read_known_run_ids(engine, ids, placeholders)}
    missing = {name: sorted(ids - stored) for name, ids in other_runs.items() if ids - stored}
    if missing:
        listed = "; ".join(f"{name}: {len(ids)}, e.g. {ids[0]}" for name, ids in missing.items())
        message = f"{format_count(len(missing), 'table')} with a RunID that RunLog does not have: {listed}"
        raise ContractError(message)


def _read_known_run_ids(engine: Engine, ids: list[str], placeholders: str) -> list[str]:
    sql = engine.dialect.sql("SELECT {RunID} FROM {RunLog} WHERE {RunID} IN ({values})", values=placeholders)
    return engine.query(sql, ids)["RunID"].to_list()
