"""Any table or view as a Parquet file, streamed: memory is bounded by a batch, and no half file is left behind."""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from difflib import get_close_matches
from itertools import chain
from pathlib import Path
from typing import Any

import polars as pl
import pyarrow.parquet as pq

from acm_etl import tables
from acm_etl.engine import Engine
from acm_etl.errors import InputError, UsageError
from acm_etl.load import equipment, migrate
from acm_etl.tables import views

SUFFIX = ".parquet"
_TIMES = ("Timestamp", "AsOf", "StartTs", "StartTimestamp", "WindowStart")
"""Columns that place the rows of a view in time, the first that it has; a table says which it is."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which rows of a table or view.

    Attributes:
        name: Its name.
        equip: Machine code; None for all.
        since: Rows from this time on, UTC.
        until: Rows before this time, UTC.
    """

    name: str
    equip: str | None = None
    since: datetime | None = None
    until: datetime | None = None


def export(engine: Engine, wanted: Wanted, output: str) -> dict[str, Any]:
    """Write the rows to ``output``, a ``.parquet`` file or a folder; what was written, in words and numbers.

    Raises:
        UsageError: There is no such table or machine, the table has no such column to choose by, or ``output`` is
            neither a Parquet file nor a folder, or lies in a folder that does not exist.
        InputError: The file cannot be written; what was there before is still there.
    """
    migrate.check(engine)
    name = _known(engine, wanted.name)
    path = _path(output, name)
    shape = engine.query(f"SELECT * FROM {engine.dialect.quote(name)} WHERE 1 = 0")
    where, params = _where(engine, wanted, name, shape)
    order = _order(engine, name, shape)
    batches = engine.stream(f"SELECT * FROM {engine.dialect.quote(name)}{where}{order}", params)
    try:
        rows = _write(path, shape, batches)
    except OSError as error:
        message = f"cannot write {path}: {error.strerror or error}"
        raise InputError(message) from error
    return {"table": name, "file": str(path), "rows": rows, "bytes": path.stat().st_size}


def _known(engine: Engine, asked: str) -> str:
    """The name as the store has it, whatever its case."""
    names = {name.casefold(): name for name in (*engine.tables(), *(view.name for view in views.ALL))}
    found = names.get(asked.casefold())
    if found is None:
        near = get_close_matches(asked.casefold(), names, n=3, cutoff=0.5)
        hint = f"did you mean {', '.join(names[name] for name in near)}?" if near else "see docs/tables.md"
        message = f"there is no table or view {asked!r}; {hint}"
        raise UsageError(message)
    return found


def _where(engine: Engine, wanted: Wanted, name: str, shape: pl.DataFrame) -> tuple[str, list[Any]]:
    q, conditions = engine.dialect.quote, list[str]()
    params: list[Any] = []
    if wanted.equip is not None:
        _has(name, shape, "EquipID", "--equip")
        conditions.append(f"{q('EquipID')} = ?")
        params.append(equipment.find(engine, wanted.equip).equip_id)
    for time, sign, option in ((wanted.since, ">=", "--from"), (wanted.until, "<", "--to")):
        if time is not None:
            conditions.append(f"{q(_has(name, shape, _time(name, shape), option))} {sign} ?")
            params.append(time)
    return (f" WHERE {' AND '.join(conditions)}" if conditions else ""), params


def _time(name: str, shape: pl.DataFrame) -> str | None:
    declared = tables.BY_NAME.get(name)
    if declared is not None:
        return declared.time
    times = [column for column, kind in shape.schema.items() if isinstance(kind, pl.Datetime)]
    return next((column for column in (*_TIMES, *times) if column in times), None)


def _has(name: str, shape: pl.DataFrame, column: str | None, option: str) -> str:
    if column is None or column not in shape.columns:
        message = f"{option} does not apply to {name}: it has no {column or 'column of times'}"
        raise UsageError(message)
    return column


def _order(engine: Engine, name: str, shape: pl.DataFrame) -> str:
    """By a table's key, else by all columns that are no measurement: two exports of the same rows are the same file."""
    declared = tables.BY_NAME.get(name)
    if declared:
        order = list(declared.key)
    else:
        order = [column for column, kind in shape.schema.items() if not kind.is_float() and kind != pl.Binary]
    return f" ORDER BY {', '.join(map(engine.dialect.quote, order))}" if order else ""


def _path(output: str, name: str) -> Path:
    path = Path(output)
    if not path.parent.exists():
        message = f"cannot write {output}: the folder {path.parent} does not exist; create it first"
        raise UsageError(message)
    if path.is_dir() or output.endswith("/") or not path.suffix:
        return path / f"{name}{SUFFIX}"
    if path.suffix.casefold() != SUFFIX:
        message = f"cannot write {output}: tables are written as Parquet; name FILE{SUFFIX}, or a folder/"
        raise UsageError(message)
    return path


def _write(path: Path, shape: pl.DataFrame, batches: Iterator[pl.DataFrame]) -> int:
    path.parent.mkdir(exist_ok=True)
    # written aside and renamed: a reader never sees half a file
    draft = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        rows = _fill(draft, shape, batches)
        draft.replace(path)
    finally:
        draft.unlink(missing_ok=True)
    return rows


def _fill(path: Path, shape: pl.DataFrame, batches: Iterator[pl.DataFrame]) -> int:
    first = next(batches, shape)
    schema, rows = first.to_arrow().schema, 0
    with pq.ParquetWriter(path, schema, compression="zstd") as writer:
        for batch in chain([first], batches):
            writer.write_table(batch.cast(first.schema).to_arrow())
            rows += batch.height
    return rows
