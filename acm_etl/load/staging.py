"""Validate, stage and upsert frames, and count the rows that changed."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

import polars as pl

from acm_etl.engine import Engine, SpanParameters, SpanStatement, StatementResult
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


@contextmanager
def stage_temporarily(engine: Engine, frames: Iterable[tuple[Table, pl.DataFrame]]) -> Iterator[dict[str, str]]:
    """Stage validated frames; yield the relation of each by table name and clear them on exit. Do not nest."""
    with clear_staging_at_exit(engine):
        yield {table.name: engine.stage_frame(table, frame) for table, frame in frames}


@dataclass(frozen=True, slots=True)
class TableLoad:
    """The statements of one table in a batch of statements.

    Attributes:
        table: The table.
        statements: From ``merge``, in order.
        span: Machine, start and end, for the statements that are limited to a span.
    """

    table: Table
    statements: tuple[merge.LoadStatement, ...]
    span: SpanParameters | None = None


@dataclass(frozen=True, slots=True)
class TableLoadResult:
    """Rows that the statements of one table changed, and their duration in seconds."""

    counts: UpsertCounts
    seconds: float


def run_table_loads(engine: Engine, loads: Sequence[TableLoad]) -> list[TableLoadResult]:
    """Run the statements of several tables in as few round trips as the engine can; return one result per table."""
    batch = [
        SpanStatement(load.table.name, statement.sql, load.span if statement.takes_span else None)
        for load in loads
        for statement in load.statements
    ]
    results = iter(engine.execute_batch(batch) if batch else ())
    return [_add_up_results(load.statements, results) for load in loads]


def _add_up_results(statements: Iterable[merge.LoadStatement], results: Iterator[StatementResult]) -> TableLoadResult:
    totals, seconds = {"updated": 0, "inserted": 0, "deleted": 0}, 0.0
    for statement in statements:
        result = next(results)
        seconds += result.seconds
        # A MERGE reports its rows by action, every other statement only how many there were.
        if statement.row_effect == "merged":
            totals["inserted"] += result.action_counts.get("INSERT", 0)
            totals["updated"] += result.action_counts.get("UPDATE", 0)
        else:
            totals[statement.row_effect] += result.row_count
    return TableLoadResult(UpsertCounts(**totals), seconds)


def upsert_frame(engine: Engine, table: Table, frame: pl.DataFrame) -> UpsertCounts:
    """Validate, stage and upsert one frame, inside the caller's transaction if there is one.

    Raises:
        ContractError: The frame does not fit the table; nothing was staged.
    """
    # Before anything reaches the database: a frame that breaks the contract leaves no trace.
    validated = validate_frame(frame, table)
    with stage_temporarily(engine, [(table, validated)]) as relations:
        load = TableLoad(table, merge.build_upsert(table, relations[table.name], engine.dialect))
        return run_table_loads(engine, [load])[0].counts
