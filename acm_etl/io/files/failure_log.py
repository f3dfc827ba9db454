"""A file of past failures: machine, time and cause per row, as maintenance systems export them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import polars as pl

from acm_etl.counts import format_count
from acm_etl.errors import InputError
from acm_etl.io.files.column_names import MACHINE_NAMES, simplify_name
from acm_etl.io.files.layout.inputs import expand_inputs
from acm_etl.io.files.layout.raw_table import RawTable, open_table
from acm_etl.io.files.layout.table_rows import find_lines, read_chunks
from acm_etl.io.files.shape import match_column
from acm_etl.io.files.times.sample_cells import SAMPLE_ROWS
from acm_etl.io.files.times.time_column import TimeOptions
from acm_etl.io.files.times.time_decision import decide_times
from acm_etl.io.files.times.time_search import TimeSearch
from acm_etl.io.files.times.zones import check_time_zone

_MACHINE_NAMES = MACHINE_NAMES | {"code", "equipcode", "machinecode"}
_CAUSE_NAMES = frozenset({
    "cause", "failurecause", "reason", "failurereason", "failure", "failuremode", "mode", "fault", "description",
    "problem", "damage", "ursache", "schaden",
})  # fmt: skip
_MAX_SHOWN_ROWS = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class FailureLogOptions:
    """Options of reading a file of failures.

    Attributes:
        times: Zone, column and pattern of the times.
        machine_column: Column with the code of the machine; None: by its name.
        cause_column: Column with the cause; None: by its name, if there is one.
    """

    times: TimeOptions
    machine_column: str | None = None
    cause_column: str | None = None


@dataclass(frozen=True, slots=True)
class LoggedFailure:
    """A row of a file of failures.

    Attributes:
        machine: Code of the machine, as the file has it.
        failed_at: Time of the failure, UTC.
        cause: Cause; None if the cell is empty or the file has no such column.
    """

    machine: str
    failed_at: datetime
    cause: str | None


def read_failure_log(path: Path, options: FailureLogOptions) -> list[LoggedFailure]:
    """Return the failures of a CSV, Parquet or Excel file, in the order of its rows.

    Raises:
        UsageError: The file does not exist, or the time zone is unknown.
        InputError: The file is no table, lacks a column, or has a row without a machine or a readable time.
    """
    check_time_zone(options.times.time_zone)
    tables = [open_table(source) for source in expand_inputs([path])]
    if len(tables) != 1:
        message = f"{path} holds {format_count(len(tables), 'table')}; import the failures from one table at a time"
        raise InputError(message)
    return list(_read_table(tables[0], options))


def _read_table(table: RawTable, options: FailureLogOptions) -> Iterator[LoggedFailure]:
    ragged: list[str] = []
    rows = pl.concat(read_chunks(table, table.columns, ragged.append), how="vertical_relaxed")
    if ragged:
        count = format_count(len(ragged), "row")
        message = (
            f"{table.name}: {count} with more or fewer cells than the header, first: {ragged[0]!r}; correct the file"
        )
        raise InputError(message)
    machine = _find_column(table, options.machine_column, _MACHINE_NAMES)
    if machine is None:
        message = (
            f"{table.name} has no column of machines among {', '.join(table.columns)}: name it with --machine-column"
        )
        raise InputError(message)
    cause = _find_column(table, options.cause_column, _CAUSE_NAMES)
    machines, times = _read_texts(rows[machine]), _read_times(table, rows, options.times)
    _refuse_incomplete_rows(table, machines.is_null() | times.is_null())
    causes = pl.Series([None] * rows.height, dtype=pl.String) if cause is None else _read_texts(rows[cause])
    yield from map(LoggedFailure, machines, times, causes)


def _find_column(table: RawTable, given: str | None, names: frozenset[str]) -> str | None:
    if given is not None:
        return match_column(given, table.columns, file=table.name)
    return next((column for column in table.columns if simplify_name(column) in names), None)


def _read_texts(cells: pl.Series) -> pl.Series:
    texts = cells.cast(pl.String).str.strip_chars()
    return texts.set(texts == "", None)


def _read_times(table: RawTable, rows: pl.DataFrame, options: TimeOptions) -> pl.Series:
    """Return the times of all rows, UTC; null where a time cannot be read."""
    column = TimeSearch(table.name, rows.head(SAMPLE_ROWS), options).find_best()
    column.add_values(rows)
    (decided,) = decide_times([column]).times
    local = decided.reading.parse_local_times(rows)
    return decided.make_converter().convert_to_utc(local["local"], local["offset"])["utc"]


def _refuse_incomplete_rows(table: RawTable, is_incomplete: pl.Series) -> None:
    # Refused as a whole: such a file is short and written by people, who can correct it.
    if count := int(is_incomplete.sum()):
        lines = ", ".join(map(str, find_lines(table, _list_first_rows(is_incomplete))))
        message = (
            f"{table.name}: {count} rows have no machine or no readable time (lines {lines}); correct the file, or "
            "give the pattern of the times with --time-format"
        )
        raise InputError(message)


def _list_first_rows(flags: pl.Series) -> Sequence[int]:
    return flags.arg_true().head(_MAX_SHOWN_ROWS).to_list()
