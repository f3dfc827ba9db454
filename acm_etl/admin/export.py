"""Export of a table or view to a Parquet file, streamed: memory is bounded by one batch."""

from __future__ import annotations

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
from acm_etl.errors import UsageError
from acm_etl.formatting import documentation_url, format_file_name
from acm_etl.load.machines import equipment
from acm_etl.load.schema import migrate
from acm_etl.output_files import create_folder, write_output_file
from acm_etl.tables import views

PARQUET_SUFFIX = ".parquet"
# Views have no declaration of their time column; a view of readings may also have other times, such as TrendStart.
_VIEW_TIME_COLUMNS = ("Timestamp", "AsOf", "StartTs", "StartTimestamp", "WindowStart")
"""Time columns of views, in order of preference; a table declares its own."""


@dataclass(frozen=True, slots=True)
class ExportRequest:
    """Selection of rows of a table or view.

    Attributes:
        name: Table or view, in any case.
        equip: Machine code; None for all machines.
        since: Only rows from this time on, UTC.
        until: Only rows before this time, UTC.
    """

    name: str
    equip: str | None = None
    since: datetime | None = None
    until: datetime | None = None


@dataclass(frozen=True, slots=True)
class ExportResult:
    """An exported file.

    Attributes:
        table: Table or view.
        file: Path of the file.
        rows: Rows in the file.
        bytes: Size of the file.
    """

    table: str
    file: Path
    rows: int
    bytes: int


def export_table(engine: Engine, request: ExportRequest, output: str) -> ExportResult:
    """Write the selected rows to a Parquet file.

    Args:
        engine: The store.
        request: Selection of rows.
        output: ``.parquet`` file, or folder of ``TABLE.parquet``, which is created if its parent exists.

    Raises:
        UsageError: The table or machine is unknown, the table has no column to select by, or ``output`` is neither a
            Parquet file nor a folder, its parent does not exist, or it cannot be written.
        UnavailableError: The disk is full; an existing file is unchanged.
    """
    # A view of an older schema may lack columns that the documentation of this version names.
    migrate.require_current_schema(engine)
    name = _resolve_table_name(engine, request.name)
    # Before any query: a wrong path must be refused at once, not after minutes of sorting.
    path = _resolve_output_path(output, name)
    # A query without rows gives names and types of a view as well as of a table.
    shape = engine.query(f"SELECT * FROM {engine.dialect.quote(name)} WHERE 1 = 0")
    where, params = _build_where(engine, request, name, shape)
    order = _build_order_by(engine, name, shape)
    batches = engine.stream_rows(f"SELECT * FROM {engine.dialect.quote(name)}{where}{order}", params)
    rows = _write_parquet(path, shape, batches)
    return ExportResult(name, path, rows, path.stat().st_size)


def _resolve_table_name(engine: Engine, requested: str) -> str:
    """Return the name of a table or view in the case in which the store has it."""
    # Any case: SQL Server and DuckDB compare names of tables without case, too.
    names = {name.casefold(): name for name in (*engine.get_table_names(), *views.BY_NAME)}
    name = names.get(requested.casefold())
    if name is None:
        # A cutoff of 0.5 (the default is 0.6): "scores" has a ratio of 0.57 to "acm_scores_wide", which is meant.
        similar = get_close_matches(requested.casefold(), names, n=3, cutoff=0.5)
        reference = f"see {documentation_url('tables')}"
        hint = f"did you mean {', '.join(names[key] for key in similar)}?" if similar else reference
        message = f"there is no table or view {requested!r}; {hint}"
        raise UsageError(message)
    return name


def _build_where(engine: Engine, request: ExportRequest, name: str, empty_frame: pl.DataFrame) -> tuple[str, list[Any]]:
    """Return a WHERE clause for the selection (empty for all rows) and its parameters."""
    q = engine.dialect.quote
    conditions: list[str] = []
    params: list[Any] = []
    if request.equip is not None:
        _require_column(name, empty_frame, "EquipID", "--equip")
        # By id: the code is not a column of most tables.
        conditions.append(f"{q('EquipID')} = ?")
        params.append(equipment.find_machine(engine, request.equip).equip_id)
    # From is included and until is not: exports of consecutive periods then share no row and miss none.
    time_column = _find_time_column(name, empty_frame)
    for time, operator, option in ((request.since, ">=", "--from"), (request.until, "<", "--to")):
        if time is not None:
            conditions.append(f"{q(_require_column(name, empty_frame, time_column, option))} {operator} ?")
            params.append(time)
    return (f" WHERE {' AND '.join(conditions)}" if conditions else ""), params


def _find_time_column(name: str, empty_frame: pl.DataFrame) -> str | None:
    declared = tables.BY_NAME.get(name)
    if declared is not None:
        return declared.time_column
    # By type, so that a text column of such a name is never compared with a time.
    times = [column for column, kind in empty_frame.schema.items() if isinstance(kind, pl.Datetime)]
    return next((column for column in (*_VIEW_TIME_COLUMNS, *times) if column in times), None)


def _require_column(name: str, empty_frame: pl.DataFrame, column: str | None, option: str) -> str:
    if column is None or column not in empty_frame.columns:
        message = f"{option} does not apply to {name}: it has no {column or 'time column'}"
        raise UsageError(message)
    return column


def _build_order_by(engine: Engine, name: str, empty_frame: pl.DataFrame) -> str:
    """Return an ORDER BY clause, so that two exports of the same rows are the same file."""
    declared = tables.BY_NAME.get(name) or views.BY_NAME.get(name)
    if declared and declared.key:
        # The key is unique, so that the order is complete, and large tables of SQL Server are stored in it: no sort.
        order = list(declared.key)
    else:
        # Floats are left out: engines differ in the last bit, and they identify no row.
        order = [column for column, kind in empty_frame.schema.items() if not kind.is_float() and kind != pl.Binary]
    # Sorted by the database, which spills to disk if necessary; this process holds one batch.
    return f" ORDER BY {', '.join(map(engine.dialect.quote, order))}" if order else ""


def _resolve_output_path(output: str, name: str) -> Path:
    path = Path(output)
    if not path.parent.exists():
        message = f"cannot write {output}: the folder {path.parent} does not exist; create it first"
        raise UsageError(message)
    # A name without a suffix is a folder: a file without ".parquet" would not be found by most readers.
    if path.is_dir() or output.endswith("/") or not path.suffix:
        # The historian table of a machine has the code of the machine in its name, which may contain a slash.
        return path / f"{format_file_name(name)}{PARQUET_SUFFIX}"
    if path.suffix.casefold() != PARQUET_SUFFIX:
        message = f"cannot write {output}: tables are written as Parquet; name FILE{PARQUET_SUFFIX}, or a folder/"
        raise UsageError(message)
    return path


def _write_parquet(path: Path, empty_frame: pl.DataFrame, batches: Iterator[pl.DataFrame]) -> int:
    create_folder(path.parent, option="--output")
    # A broken export must not replace the file of the last good one: a reader would take half of the rows as all.
    with write_output_file(path) as draft:
        return _write_batches(draft, empty_frame, batches)


def _write_batches(path: Path, empty_frame: pl.DataFrame, batches: Iterator[pl.DataFrame]) -> int:
    # Without rows the empty frame still gives the file its schema.
    first = next(batches, empty_frame)
    rows = 0
    # zstd: smaller files than the default snappy, and every common reader supports it.
    with pq.ParquetWriter(path, first.to_arrow().schema, compression="zstd") as writer:
        for batch in chain([first], batches):
            # A batch whose column is all NULL may have another type than the first one.
            writer.write_table(batch.cast(first.schema).to_arrow())
            rows += batch.height
    return rows
