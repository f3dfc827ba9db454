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

PARQUET_SUFFIX = ".parquet"
_TIME_COLUMNS = ("Timestamp", "AsOf", "StartTs", "StartTimestamp", "WindowStart")
"""Columns that place the rows of a view in time, the first that it has; a table says which it is."""


@dataclass(frozen=True, slots=True)
class ExportRequest:
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


def export_table(engine: Engine, request: ExportRequest, output: str) -> dict[str, Any]:
    """Write the rows to ``output``, a ``.parquet`` file or a folder; what was written, in words and numbers.

    Raises:
        UsageError: There is no such table or machine, the table has no such column to choose by, or ``output`` is
            neither a Parquet file nor a folder, or lies in a folder that does not exist.
        InputError: The file cannot be written; what was there before is still there.
    """
    migrate.require_current_schema(engine)
    name = _resolve_table_name(engine, request.name)
    path = _resolve_output_path(output, name)
    shape = engine.query(f"SELECT * FROM {engine.dialect.quote(name)} WHERE 1 = 0")
    where, params = _build_where(engine, request, name, shape)
    order = _build_order_by(engine, name, shape)
    batches = engine.stream_rows(f"SELECT * FROM {engine.dialect.quote(name)}{where}{order}", params)
    try:
        rows = _write_parquet(path, shape, batches)
    except OSError as error:
        message = f"cannot write {path}: {error.strerror or error}"
        raise InputError(message) from error
    return {"table": name, "file": str(path), "rows": rows, "bytes": path.stat().st_size}


def _resolve_table_name(engine: Engine, requested: str) -> str:
    """The name as the store has it, whatever its case."""
    names = {name.casefold(): name for name in (*engine.get_table_names(), *(view.name for view in views.ALL))}
    found = names.get(requested.casefold())
    if found is None:
        near = get_close_matches(requested.casefold(), names, n=3, cutoff=0.5)
        hint = f"did you mean {', '.join(names[name] for name in near)}?" if near else "see docs/tables.md"
        message = f"there is no table or view {requested!r}; {hint}"
        raise UsageError(message)
    return found


def _build_where(engine: Engine, request: ExportRequest, name: str, empty_frame: pl.DataFrame) -> tuple[str, list[Any]]:
    q, conditions = engine.dialect.quote, list[str]()
    params: list[Any] = []
    if request.equip is not None:
        _require_column(name, empty_frame, "EquipID", "--equip")
        conditions.append(f"{q('EquipID')} = ?")
        params.append(equipment.find_machine(engine, request.equip).equip_id)
    for time, sign, option in ((request.since, ">=", "--from"), (request.until, "<", "--to")):
        if time is not None:
            conditions.append(
                f"{q(_require_column(name, empty_frame, _find_time_column(name, empty_frame), option))} {sign} ?"
            )
            params.append(time)
    return (f" WHERE {' AND '.join(conditions)}" if conditions else ""), params


def _find_time_column(name: str, empty_frame: pl.DataFrame) -> str | None:
    declared = tables.BY_NAME.get(name)
    if declared is not None:
        return declared.time_column
    times = [column for column, kind in empty_frame.schema.items() if isinstance(kind, pl.Datetime)]
    return next((column for column in (*_TIME_COLUMNS, *times) if column in times), None)


def _require_column(name: str, empty_frame: pl.DataFrame, column: str | None, option: str) -> str:
    if column is None or column not in empty_frame.columns:
        message = f"{option} does not apply to {name}: it has no {column or 'column of times'}"
        raise UsageError(message)
    return column


def _build_order_by(engine: Engine, name: str, empty_frame: pl.DataFrame) -> str:
    """By a table's key, else by all columns that are no measurement: two exports of the same rows are the same file."""
    declared = tables.BY_NAME.get(name)
    if declared:
        order = list(declared.key)
    else:
        order = [column for column, kind in empty_frame.schema.items() if not kind.is_float() and kind != pl.Binary]
    return f" ORDER BY {', '.join(map(engine.dialect.quote, order))}" if order else ""


def _resolve_output_path(output: str, name: str) -> Path:
    path = Path(output)
    if not path.parent.exists():
        message = f"cannot write {output}: the folder {path.parent} does not exist; create it first"
        raise UsageError(message)
    if path.is_dir() or output.endswith("/") or not path.suffix:
        return path / f"{name}{PARQUET_SUFFIX}"
    if path.suffix.casefold() != PARQUET_SUFFIX:
        message = f"cannot write {output}: tables are written as Parquet; name FILE{PARQUET_SUFFIX}, or a folder/"
        raise UsageError(message)
    return path


def _write_parquet(path: Path, empty_frame: pl.DataFrame, batches: Iterator[pl.DataFrame]) -> int:
    path.parent.mkdir(exist_ok=True)
    # written aside and renamed: a reader never sees half a file
    draft = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        rows = _write_batches(draft, empty_frame, batches)
        draft.replace(path)
    finally:
        draft.unlink(missing_ok=True)
    return rows


def _write_batches(path: Path, empty_frame: pl.DataFrame, batches: Iterator[pl.DataFrame]) -> int:
    first = next(batches, empty_frame)
    schema, rows = first.to_arrow().schema, 0
    with pq.ParquetWriter(path, schema, compression="zstd") as writer:
        for batch in chain([first], batches):
            writer.write_table(batch.cast(first.schema).to_arrow())
            rows += batch.height
    return rows
