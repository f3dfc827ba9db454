"""First rows of a file: its table, a sample from all over it, and its time columns."""

from __future__ import annotations

from dataclasses import replace

import polars as pl

from acm_etl.errors import InputError
from acm_etl.io.files.layout.containers import InputFile
from acm_etl.io.files.layout.raw_table import RawTable, holds_guards, open_table
from acm_etl.io.files.layout.stray_rows import drop_repeated_headers
from acm_etl.io.files.layout.table_rows import find_ragged_lines, read_chunks
from acm_etl.io.files.layout.text_rows import is_number_like, is_time_like
from acm_etl.io.files.layout.workbook import open_workbook
from acm_etl.io.files.options import ImportOptions
from acm_etl.io.files.shape import match_column
from acm_etl.io.files.times.clock_columns import holds_clocks, holds_short_clocks
from acm_etl.io.files.times.time_column import TimeColumn, TimeOptions
from acm_etl.io.files.times.time_search import TimeSearch

SAMPLE_ROWS = 20_000
"""Two weeks of minutes: enough to see states, standstills and most tags of a long file."""
_ROWS_PER_PLACE = 500  # of each later chunk, where the beginning of a file does not show its shape


class NoRowsError(InputError):
    """A table of nothing but a header, as idle days have it."""


def open_with_times(source: InputFile, options: ImportOptions) -> tuple[RawTable, pl.DataFrame, tuple[TimeColumn, ...]]:
    """Return a file, a sample of its rows, and its time columns.

    Cells such as ="0012" keep their marks where the times are readable without: beside plain times they may be numbers
    of batches, which no spreadsheet should take for values either.

    Raises:
        InputError: The file holds no table, no rows or no times.
    """
    try:
        table = open_table(source, options.layout)
        sample = _read_sample(table, options)
        return table, sample, _find_times(table, sample, options)
    except InputError:
        if options.layout.has_guards or not holds_guards(source):
            raise
    return open_with_times(source, replace(options, layout=replace(options.layout, has_guards=True)))


def _read_sample(table: RawTable, options: ImportOptions) -> pl.DataFrame:
    """Return the first rows of a file, or rows from all over the file if the first ones have one text throughout.

    Raises:
        InputError: The file has no rows.
    """
    chunks = (chunk for chunk in read_chunks(table, table.columns) if len(chunk))
    first = next(chunks, None)
    if first is None:
        raise _build_no_rows_error(table, options)
    sample = drop_repeated_headers(first.head(SAMPLE_ROWS))
    # A long file in the order of its tags shows a single tag at its beginning.
    if not any(_is_constant_text(column) for column in sample.get_columns()):
        return sample
    # Rows from every chunk: the next tag may begin anywhere in the file.
    places = [chunk.gather_every(max(1, len(chunk) // _ROWS_PER_PLACE)) for chunk in chunks]
    return drop_repeated_headers(pl.concat([sample, *places])) if places else sample


def _build_no_rows_error(table: RawTable, options: ImportOptions) -> InputError:
    hint = "check the file, or name the header line: --header-line N"
    message = f"{table.name} has a header but no rows that fit it; {hint}"
    # A lone reading may pass for a header, above all in a line that the user names; rows of another width are lost.
    is_header = options.layout.header_line is None and not any(map(_may_be_reading, table.columns))
    is_blank = table.is_text and is_header and not find_ragged_lines(table, 1)
    return NoRowsError(message) if is_blank else InputError(message)


def _may_be_reading(cell: str) -> bool:
    return is_time_like(cell) or is_number_like(cell)


def _is_constant_text(column: pl.Series) -> bool:
    return column.dtype == pl.String and column.n_unique() == 1 and column.count() > 0


def _drop_stated_columns(table: RawTable, sample: pl.DataFrame, options: ImportOptions) -> pl.DataFrame:
    """Return a sample without the columns of other roles that the user states: they are no clocks beside the dates."""
    shape, where, times = options.shape, options.where, (options.time_column or "").split("+")
    names = (*shape.tag_columns, *shape.value_columns, shape.machine_column, options.quality_column)
    stated = {_find_column(table, name) for name in names if name}
    # Rows may be chosen by their hour, too, which stays a part of the time; 1:1 may as well be a place.
    filtered = _find_column(table, where.column) if where else None
    if filtered is not None and holds_short_clocks(sample[filtered]) and not holds_clocks(sample[filtered]):
        stated.add(filtered)
    return sample.drop(name for name in stated if name is not None and name not in times)


def _find_column(table: RawTable, name: str) -> str | None:
    """Return the column that the user means; None where a file lacks it, as one of another kind among many may."""
    try:
        return match_column(name, table.columns, file=table.name)
    except InputError:
        return None


def _find_times(table: RawTable, sample: pl.DataFrame, options: ImportOptions) -> tuple[TimeColumn, ...]:
    """Return the time columns, the best candidate first."""
    stated = TimeOptions(time_zone=options.time_zone, time_column=options.time_column, time_format=options.time_format)
    search = TimeSearch(table.name, _drop_stated_columns(table, sample, options), stated)
    best = search.find_best()
    _check_date_system(table, best)
    # A stated time column excludes pairs: other times are then times of storage or of change.
    if options.time_column is not None:
        return (best,)
    # A column belongs to one time: the date of a pair of date and clock is no time of its own.
    return (best, *(time for time in search.find_all() if not set(time.columns) & set(best.columns)))


def _check_date_system(table: RawTable, time: TimeColumn) -> None:
    """Refuse serial days that count from another day than those of all other files."""
    is_serial = time.unit == "excel" and table.source.format == "xlsx"
    if is_serial and open_workbook(table.source).facts.counts_from_1904:
        message = (
            f"{time.label} holds serial days, and this workbook counts them from 1904; "
            "give the column a date format in Excel and save the file again"
        )
        raise InputError(message)
