"""Readings into a machine's historian table: batches to a staging table, precedence by SQL, one transaction."""

from __future__ import annotations

import logging
import secrets
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import datetime
from itertools import islice

import polars as pl

from acm_etl.engine import Engine
from acm_etl.errors import InputError, MachineLockedError, StoreError
from acm_etl.load import ddl, merge
from acm_etl.load.contract import validate_frame
from acm_etl.load.equipment import HISTORIAN_TABLE_SUFFIX
from acm_etl.load.staging import UpsertCounts, run_statements, stage_temporarily
from acm_etl.schema import Column, Table, col

log = logging.getLogger(__name__)
_STAGING_PREFIX = "ACM_ImportStage_"
_ORDINAL_COLUMN = "ACM_Ordinal"
_MAX_SAMPLES = 3


@dataclass(frozen=True, slots=True)
class ImportCounts:
    """What an import did.

    Attributes:
        rows_read: Readings handed over.
        inserted: New readings.
        updated: Stored readings that said something else and were replaced.
        unchanged: Readings that were stored already.
        exact_duplicates: Readings that repeat another one of the import.
        conflicting_duplicates: Readings of a time for which a later one of the import says something else.
        first_time: Earliest time; None where nothing was read.
        last_time: Latest time.
        conflict_samples: A few of the conflicts, in words.
    """

    rows_read: int
    inserted: int
    updated: int
    unchanged: int
    exact_duplicates: int
    conflicting_duplicates: int
    first_time: datetime | None
    last_time: datetime | None
    conflict_samples: tuple[str, ...]


def declare_historian_table(code: str, tags: Sequence[str], *, time_column: str = "EntryDateTime") -> Table:
    """The wide table of a machine: a time and one column per tag.

    Raises:
        InputError: Two columns would have the same name (databases ignore case).
    """
    names = [time_column, *tags]
    seen = {name.casefold() for name in names}
    if len(seen) < len(names):
        twice = [name for i, name in enumerate(names) if name.casefold() in {n.casefold() for n in names[:i]}]
        message = f"{len(twice)} column(s) of {code!r} differ from others in case only: {', '.join(twice)}; rename them"
        raise InputError(message)
    return Table(
        f"{code}{HISTORIAN_TABLE_SUFFIX}",
        "time",
        f"Readings of machine {code}",
        (
            col(time_column, "ts3", "Time of the reading, UTC"),
            *(col(tag, "f64?", "Reading", allow_nonfinite=True) for tag in tags),
        ),
        key=(time_column,),
        time_column=time_column,
        large=True,
    )


def create_or_extend_table(engine: Engine, table: Table) -> list[str]:
    """Create a historian table, or add the tags it lacks; returns the tags that were added to an existing one."""
    known = {name.casefold() for name in engine.get_column_types(table.name)}
    added = [column for column in table.columns if known and column.name.casefold() not in known]
    statements = [ddl.build_add_column(table, column, engine.dialect) for column in added]
    with engine.transaction():
        for statement in (
            statements if known else ddl.build_table_statements(table, engine.dialect, shared_by_machines=False)
        ):
            engine.execute(statement)
    engine.checkpoint_wal()
    return [column.name for column in added]


def load_readings(engine: Engine, table: Table, chunks: Iterable[pl.DataFrame]) -> ImportCounts:
    """Bring readings into an existing historian table in one transaction; for the same time the last one wins.

    Memory is bounded by the batches (and the engine's limit), not by their number.

    Args:
        engine: The store.
        table: As ``declare_historian_table`` declares it; created or extended before with ``create``.
        chunks: Frames with the table's columns, in order of precedence.

    Raises:
        ContractError: A batch does not fit the table; the historian table is as it was.
        InputError: Stored readings would lose tags that this import does not bring.
    """
    with _open_staging_tables(engine, table) as (stage, winners):
        read = _stage_chunks(engine, stage, chunks)
        if not read:
            return ImportCounts(0, 0, 0, 0, 0, 0, None, None, ())
        times, first, last = _select_winners(engine, stage, winners, table)
        exact, conflicting, samples = (0, 0, ()) if times == read else _count_duplicates(engine, stage, winners, table)
        chosen = engine.dialect.quote(stage.name) if times == read else _build_winners_query(engine, stage, winners)
        append = _count_stored_readings(engine, table, first, last) == 0
        samples = samples if append else (*samples, *_sample_overwritten_readings(engine, table, chosen))
        counts = _merge_readings(engine, table, chosen, empty_target=append)
    engine.checkpoint_wal()
    unchanged = times - counts.inserted - counts.updated
    return ImportCounts(
        read, counts.inserted, counts.updated, unchanged, exact, conflicting, first, last, samples[:_MAX_SAMPLES]
    )


def drop_dead_staging_tables(engine: Engine) -> list[str]:
    """Drop staging tables of imports that have died, and return their names."""
    left = [name for name in engine.get_table_names() if name.startswith(_STAGING_PREFIX)]
    dropped = []
    for token in sorted({name.removeprefix(_STAGING_PREFIX).partition("_")[0] for name in left}):
        with (
            suppress(MachineLockedError),
            engine.acquire_lock(_STAGING_PREFIX + token),
        ):  # held: that import is alive, whoever runs it
            dead = [name for name in left if name.startswith(_STAGING_PREFIX + token)]
            for name in dead:
                engine.execute(f"DROP TABLE IF EXISTS {engine.dialect.quote(name)}")
            dropped += dead
    return dropped


@contextmanager
def _open_staging_tables(engine: Engine, table: Table) -> Iterator[tuple[Table, Table]]:
    """Two tables for one import: all rows in their order, and which of them wins for each time."""
    token = secrets.token_hex(6)
    ordinal, time = col(_ORDINAL_COLUMN, "i64", "Order of precedence"), table.columns[0]
    stage = Table(
        f"{_STAGING_PREFIX}{token}",
        "time",
        "Import",
        (ordinal, *table.columns),
        key=(_ORDINAL_COLUMN,),
        time_column=_ORDINAL_COLUMN,
        large=True,
    )
    copies = col("ACM_Copies", "i64", "Rows of this time")
    winners = Table(
        f"{_STAGING_PREFIX}{token}_w", "time", "Import", (ordinal, time, copies), key=(time.name,), large=True
    )
    with engine.acquire_lock(_STAGING_PREFIX + token):
        try:
            for each in (stage, winners):
                engine.execute(ddl.build_create_statement(each, engine.dialect))
            yield stage, winners
        finally:
            for each in (stage, winners):
                _drop_table(engine, each.name)


def _drop_table(engine: Engine, name: str) -> None:
    try:
        engine.execute(f"DROP TABLE IF EXISTS {engine.dialect.quote(name)}")
    except StoreError as error:  # whatever went wrong before is what has to be told
        log.warning("%s could not be dropped, the next import does it: %s", name, error)


def _stage_chunks(engine: Engine, stage: Table, chunks: Iterable[pl.DataFrame]) -> int:
    read = 0
    for batch in chunks:
        if batch.is_empty():
            continue
        frame = validate_frame(
            batch.with_columns(pl.int_range(read, read + batch.height).alias(_ORDINAL_COLUMN)), stage
        )
        with stage_temporarily(engine, [(stage, frame)]) as names:
            engine.execute(merge.build_insert(stage, names[stage.name], engine.dialect, skip_stored_keys=False))
        read += batch.height
    return read


def _select_winners(engine: Engine, stage: Table, winners: Table, table: Table) -> tuple[int, datetime, datetime]:
    """For each time the last row; how many times there are, the first and the last."""
    q = engine.dialect.quote
    time, target = q(table.key[0]), q(winners.name)
    engine.execute(
        f"INSERT INTO {target} ({q(_ORDINAL_COLUMN)}, {time}, {q('ACM_Copies')})\n"
        f"SELECT MAX({q(_ORDINAL_COLUMN)}), {time}, COUNT(*) FROM {q(stage.name)} GROUP BY {time}"
    )
    sql = f"SELECT COUNT(*) AS n, MIN({time}) AS first, MAX({time}) AS last FROM {target}"
    times, first, last = engine.query(sql).row(0)
    return times, first, last


def _build_winners_query(engine: Engine, stage: Table, winners: Table) -> str:
    q = engine.dialect.quote
    columns = ", ".join(f"a.{q(column.name)}" for column in stage.columns[1:])
    same_row = f"w.{q(_ORDINAL_COLUMN)} = a.{q(_ORDINAL_COLUMN)}"
    return f"(SELECT {columns} FROM {q(stage.name)} AS a JOIN {q(winners.name)} AS w ON {same_row})"


def _count_duplicates(engine: Engine, stage: Table, winners: Table, table: Table) -> tuple[int, int, tuple[str, ...]]:
    """Rows that lose to a later one: how many say the same, how many something else, and a few of those."""
    q = engine.dialect.quote
    time = q(table.key[0])
    differs = _tag_difference_condition(engine, table.insertable_columns[1:], "a", "b")
    pairs = (
        f"FROM {q(winners.name)} AS w\n"
        f"JOIN {q(stage.name)} AS a ON a.{time} = w.{time} AND a.{q(_ORDINAL_COLUMN)} <> w.{q(_ORDINAL_COLUMN)}\n"
        f"JOIN {q(stage.name)} AS b ON b.{q(_ORDINAL_COLUMN)} = w.{q(_ORDINAL_COLUMN)}\nWHERE w.{q('ACM_Copies')} > 1"
    )
    total = engine.query(f"SELECT COUNT(*) AS n {pairs}").item()
    conflicting = engine.query(f"SELECT COUNT(*) AS n {pairs} AND {differs}").item()
    samples = _fetch_conflict_samples(engine, table.insertable_columns, f"{pairs} AND {differs}") if conflicting else ()
    return total - conflicting, conflicting, samples


def _sample_overwritten_readings(engine: Engine, table: Table, chosen: str) -> tuple[str, ...]:
    """A few of the stored readings that the import contradicts."""
    time = engine.dialect.quote(table.key[0])
    differs = _tag_difference_condition(engine, table.insertable_columns[1:], "a", "b")
    pairs = f"FROM {engine.dialect.quote(table.name)} AS a JOIN {chosen} AS b ON b.{time} = a.{time} WHERE {differs}"
    return _fetch_conflict_samples(engine, table.insertable_columns, pairs)


def _tag_difference_condition(engine: Engine, tags: Sequence[Column], left: str, right: str) -> str:
    return (
        f"({merge.build_difference_condition([tag.name for tag in tags], left, right, engine.dialect)})"
        if tags
        else "1 = 0"
    )


def _fetch_conflict_samples(engine: Engine, columns: Sequence[Column], pairs: str) -> tuple[str, ...]:
    q = engine.dialect.quote
    selected = ", ".join(
        f"{side}.{q(column.name)} AS {q(f'{side}{i}')}" for side in "ab" for i, column in enumerate(columns)
    )
    frames = engine.stream_rows(f"SELECT {selected} {pairs}", chunk_size=_MAX_SAMPLES)
    rows = islice((row for frame in frames for row in frame.iter_rows()), _MAX_SAMPLES)
    return tuple(_format_conflict(columns, row) for row in rows)


def _format_conflict(columns: Sequence[Column], row: Sequence[object]) -> str:
    old, new = row[: len(columns)], row[len(columns) :]
    changes = [
        f"{column.name} {before} -> {after}"
        for column, before, after in zip(columns, old, new, strict=True)
        if before != after
    ]
    return f"{old[0]}: {', '.join(changes[:3])}"


def _count_stored_readings(engine: Engine, table: Table, first: datetime, last: datetime) -> int:
    q = engine.dialect.quote
    time = q(table.key[0])
    sql = f"SELECT COUNT(*) AS n FROM {q(table.name)} WHERE {time} >= ? AND {time} <= ?"
    return int(engine.query(sql, [first, last]).item())


def _merge_readings(engine: Engine, table: Table, chosen: str, *, empty_target: bool) -> UpsertCounts:
    with engine.transaction():
        counts = run_statements(engine, merge.build_upsert(table, chosen, engine.dialect, empty_target=empty_target))
        brought = {name.casefold() for name in table.columns_by_name}  # as the database compares them
        lost = [name for name in engine.get_column_types(table.name) if name.casefold() not in brought]
        if counts.updated and lost:
            message = (
                f"{counts.updated} stored reading(s) of {table.name} would lose {len(lost)} tag(s) that this import"
                f" does not bring: {', '.join(lost[:5])}; import all tags of these times together"
            )
            raise InputError(message)
    return counts
