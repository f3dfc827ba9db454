"""Runs that a group replaces, and rows whose run nobody knows."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from collections.abc import Set as AbstractSet
from datetime import datetime

import polars as pl

from acm_etl.engine import Engine
from acm_etl.errors import ContractError
from acm_etl.load.runs import false_literal
from acm_etl.schema import Table
from acm_etl.tables.runs import ACM_RUNS, QUALITY_EVENTS, RUN_ERRORS, RUN_LOG, RUN_STATS, WRITE_METRICS

_MAX_IN_VALUES = 500
"""Values in one IN list; SQL Server takes 2,100 parameters."""


def remove_replaced_runs(
    engine: Engine, equip_id: int, start: datetime, end: datetime, *, keep_run_ids: AbstractSet[str]
) -> int:
    """Take away the scoring runs of [start, end) that this group has replaced by others.

    Attempts that never became data (RUNNING, NOOP, FAIL) and provisional runs are deleted with what hangs on them;
    those with recorded errors, and OK ones, stay as SUPERSEDED.

    Returns:
        How many runs were deleted or superseded.
    """
    q = engine.dialect.quote
    found = engine.query(
        f"SELECT r.{q('RunID')}, CASE WHEN r.{q('Outcome')} = 'OK' AND r.{q('Provisional')} = {false_literal(engine)}\n"
        f"  OR EXISTS (SELECT 1 FROM {q(RUN_ERRORS.name)} AS e WHERE e.{q('RunID')} = r.{q('RunID')})\n"
        "  THEN 1 ELSE 0 END AS kept\n"
        f"FROM {q(RUN_LOG.name)} AS r WHERE r.{q('EquipID')} = ? AND r.{q('Stage')} = 'score'\n"
        f"  AND r.{q('WindowStart')} >= ? AND r.{q('WindowStart')} < ? AND r.{q('Outcome')} <> 'SUPERSEDED'",
        [equip_id, start, end],
    )
    gone = [(run, kept) for run, kept in found.iter_rows() if run not in keep_run_ids]
    for ids, marks in iter_in_lists(run for run, kept in gone if not kept):
        for table in (ACM_RUNS, RUN_STATS, WRITE_METRICS, QUALITY_EVENTS, RUN_LOG):
            engine.execute(f"DELETE FROM {q(table.name)} WHERE {q('RunID')} IN ({marks})", ids)
    for ids, marks in iter_in_lists(run for run, kept in gone if kept):
        engine.execute(
            f"UPDATE {q(RUN_LOG.name)} SET {q('Outcome')} = 'SUPERSEDED' WHERE {q('RunID')} IN ({marks})", ids
        )
    return len(gone)


def delete_run_summaries(engine: Engine, run_ids: Iterable[str]) -> None:
    """Delete what is told of runs that now have nothing to tell: failed or provisional before, NOOP at last."""
    q = engine.dialect.quote
    for values, marks in iter_in_lists(run_ids):
        for table in (ACM_RUNS, RUN_STATS):
            engine.execute(f"DELETE FROM {q(table.name)} WHERE {q('RunID')} IN ({marks})", values)


def check_foreign_keys(
    engine: Engine, frames: Iterable[tuple[Table, pl.DataFrame]], *, published_run_ids: AbstractSet[str]
) -> None:
    """Refuse rows whose run is neither published with them nor stored: no engine-wide foreign keys do it for us.

    Raises:
        ContractError: Which tables name which unknown run.
    """
    strangers = {
        table.name: set(frame["RunID"].unique().to_list()) - published_run_ids
        for table, frame in frames
        if "RunID" in table.polars_schema
    }
    wanted = sorted(set().union(*strangers.values()))
    stored = {run for ids, marks in iter_in_lists(wanted) for run in _read_known_run_ids(engine, ids, marks)}
    missing = {name: sorted(ids - stored) for name, ids in strangers.items() if ids - stored}
    if missing:
        listed = "; ".join(f"{name}: {len(ids)}, e.g. {ids[0]}" for name, ids in missing.items())
        message = f"{len(missing)} table(s) name runs that RunLog does not have: {listed}"
        raise ContractError(message)


def _read_known_run_ids(engine: Engine, ids: list[str], placeholders: str) -> list[str]:
    q = engine.dialect.quote
    sql = f"SELECT {q('RunID')} FROM {q(RUN_LOG.name)} WHERE {q('RunID')} IN ({placeholders})"
    return engine.query(sql, ids)["RunID"].to_list()


def iter_in_lists(ids: Iterable[str]) -> Iterator[tuple[list[str], str]]:
    """IN lists of bounded length: the values and their placeholders."""
    ordered = list(ids)
    for first in range(0, len(ordered), _MAX_IN_VALUES):
        values = ordered[first : first + _MAX_IN_VALUES]
        yield values, ", ".join("?" * len(values))
