"""Validate, stage and upsert frames, and count the rows that changed."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager, nullcontext
from dataclasses import dataclass
from typing import Any

import polars as pl

from acm_etl.engine import Engine
from acm_etl.load import merge
from acm_etl.load.contract import validate_frame
from acm_etl.schema import Table


@dataclass(frozen=True, slots=True)
class UpsertCounts:
    """Rows changed by an upsert; rows that were equal already count nowhere."""

    inserted: int = 0
    updated: int = 0
    deleted: int = 0


@contextmanager
def clear_staging_at_exit(engine: Engine) -> Iterator[None]:
    """Clear the staging area of the session on exit, also after an error. Do not nest."""
    # A session serves all batches of a machine: without this, the staging of every batch would stay in memory.
    try:
        yield
    finally:
        engine.clear_staging()


def begin_transaction(engine: Engine, *, joins_open_one: bool) -> AbstractContextManager[None]:
    """Return a new transaction, or nothing to enter if the caller has one open: engines do not nest transactions."""
    return nullcontext() if joins_open_one else engine.transaction()


@contextmanager
def stage_temporarily(engine: Engine, frames: Iterable[tuple[Table, pl.DataFrame]]) -> Iterator[dict[str, str]]:
    """Stage validated frames; yield the relation of each by table name and clear them on exit. Do not nest."""
    with clear_staging_at_exit(engine):
        yield {table.name: engine.stage_frame(table, frame) for table, frame in frames}


def run_statements(
    engine: Engine, statements: Iterable[merge.LoadStatement], span_params: Sequence[Any] = ()
) -> UpsertCounts:
    """Run the statements of one upsert and add up their row counts.

    Args:
        engine: The store.
        statements: From ``merge``, in order.
        span_params: Machine, start and end, for the statements that are limited to a span.
    """
    totals = {"replaced": 0, "updated": 0, "inserted": 0, "deleted": 0}
    for statement in statements:
        params = span_params if statement.takes_span else ()
        if statement.row_effect == "merged":
            # A MERGE returns its counts as rows (action, count): drivers report one total for all actions.
            actions = dict(engine.query(statement.sql, params).iter_rows())
            totals["inserted"] += actions.get("INSERT", 0)
            totals["updated"] += actions.get("UPDATE", 0)
        else:
            totals[statement.row_effect] += engine.execute(statement.sql, params)
    # Replaced rows were deleted and inserted again: count them as updates, not as inserts.
    replaced = totals["replaced"]
    return UpsertCounts(totals["inserted"] - replaced, totals["updated"] + replaced, totals["deleted"])


def upsert_frame(engine: Engine, table: Table, frame: pl.DataFrame) -> UpsertCounts:
    """Validate, stage and upsert one frame, inside the caller's transaction if there is one.

    Raises:
        ContractError: The frame does not fit the table; nothing was staged.
    """
    # Before anything reaches the database: a frame that breaks the contract leaves no trace.
    validated = validate_frame(frame, table)
    with stage_temporarily(engine, [(table, validated)]) as relations:
        return run_statements(engine, merge.build_upsert(table, relations[table.name], engine.dialect))
