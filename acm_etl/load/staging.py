"""Frames into tables: checked, staged, merged, counted."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import polars as pl

from acm_etl.engine import Engine
from acm_etl.load import merge
from acm_etl.load.contract import validate_frame
from acm_etl.schema import Table


@dataclass(frozen=True, slots=True)
class UpsertCounts:
    """What an upsert did."""

    inserted: int = 0
    updated: int = 0
    deleted: int = 0


@contextmanager
def clear_staging_at_exit(engine: Engine) -> Iterator[None]:
    """Whatever is staged inside is forgotten at the end, whatever happens. Not nested."""
    try:
        yield
    finally:
        engine.clear_staging()


@contextmanager
def stage_temporarily(engine: Engine, frames: Iterable[tuple[Table, pl.DataFrame]]) -> Iterator[dict[str, str]]:
    """Stage conforming frames, quoted names by table, and forget them at the end. Not nested."""
    with clear_staging_at_exit(engine):
        yield {table.name: engine.stage_frame(table, frame) for table, frame in frames}


def run_statements(
    engine: Engine, statements: Iterable[merge.LoadStatement], span_params: Sequence[Any] = ()
) -> UpsertCounts:
    """Run the statements of one upsert and add up what they did; those that look at a span take ``span_params``."""
    totals = {"replaced": 0, "updated": 0, "inserted": 0, "deleted": 0}
    for statement in statements:
        bound = span_params if statement.takes_span else ()
        if statement.row_effect == "merged":
            actions = dict(engine.query(statement.sql, bound).iter_rows())
            totals["inserted"] += actions.get("INSERT", 0)
            totals["updated"] += actions.get("UPDATE", 0)
        else:
            totals[statement.row_effect] += engine.execute(statement.sql, bound)
    # what was deleted to be inserted again was updated
    again = totals["replaced"]
    return UpsertCounts(totals["inserted"] - again, totals["updated"] + again, totals["deleted"])


def upsert_frame(engine: Engine, table: Table, frame: pl.DataFrame) -> UpsertCounts:
    """Check, stage and upsert one frame, inside the caller's transaction or as statements of their own.

    Raises:
        ContractError: The frame does not fit the table; nothing was staged.
    """
    fitted = validate_frame(frame, table)
    with stage_temporarily(engine, [(table, fitted)]) as names:
        return run_statements(engine, merge.build_upsert(table, names[table.name], engine.dialect))
