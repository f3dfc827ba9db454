"""Rows of a table: chunks in bounded memory, and the physical lines of single rows for messages."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterator, Sequence
from itertools import islice

import numpy as np
import polars as pl
import pyarrow as pa

from acm_etl.errors import InputError
from acm_etl.io.arrow import frame_from_arrow
from acm_etl.io.files.layout.containers import STREAM_ERRORS, open_stream, unreadable_error
from acm_etl.io.files.layout.csv_batches import (
    CsvRequest,
    open_text,
    read_csv_batches,
    split_ragged,
    swallowed_pattern,
)
from acm_etl.io.files.layout.raw_table import RawTable, list_sheet_rows, read_file_state
from acm_etl.io.files.layout.text_layout import TextLayout
from acm_etl.io.files.layout.text_rows import ANNOTATION, GUARDED_CELL, TextRow, iter_rows, remove_guards
from acm_etl.io.files.layout.typed_tables import cast_foreign_columns, iter_batches
from acm_etl.io.files.layout.workbook import read_sheet

_MIN_BLANK_WIDTH = 2  # columns; of a single column a blank cell is a blank cell
_CHUNK_ROWS = 65_536  # rows per batch of typed files and sheets, at most
_CHUNK_CELLS = 4_000_000  # of a batch of a wide file: each copy of it takes 32 MB
_MIN_CHUNK_ROWS = 1024
_LINE_FEED = 10
_CONVERSION_ERROR = "CSV conversion error to double"  # Arrow has no type of its own for this error


class NotANumberError(InputError):
    """A column that was taken for plain numbers holds something else: the file is to be read as text."""


def read_chunks(
    table: RawTable, columns: Collection[str], on_ragged: Callable[[str], None] = lambda _: None
) -> Iterator[pl.DataFrame]:
    """Yield the rows of a table in order, in bounded memory.

    Args:
        table: The table.
        columns: Columns wanted, by name.
        on_ragged: Called with the text of every row that has more or fewer cells than the table; the row is left out.

    Yields:
        Frames of (rows, wanted columns in the order of the table). Cells of text files and sheets are String, blank
        cells null; rows whose wanted cells are all blank are left out. Columns of typed files keep their type.

    Raises:
        NotANumberError: A column of ``float_columns`` holds something else.
        InputError: The content is damaged, or has changed since the table was opened.
    """
    if table.file_state not in {None, read_file_state(table.source)}:
        message = f"{table.name} cannot be read: another program changed it meanwhile; import it again"
        raise InputError(message)
    # By position: names were made unique by the import, so the file itself does not know all of them.
    wanted = [(name, i) for name, i in zip(table.columns, table.positions, strict=True) if name in columns]
    frames: Iterator[pl.DataFrame]
    try:
        if table.source.format == "xlsx":
            frames = map(_drop_blank_rows, _read_sheet_frames(table, wanted, on_ragged))
        elif table.source.format == "text":
            frames = map(_drop_blank_rows, _read_text_frames(table, wanted, on_ragged))
        else:
            frames = _read_typed_frames(table, wanted)
        yield from frames
    except STREAM_ERRORS as error:
        if table.float_columns and _CONVERSION_ERROR in str(error):
            raise NotANumberError(str(error)) from error
        raise unreadable_error(table.source.name, error) from error


def find_lines(table: RawTable, row_ordinals: Sequence[int], columns: Collection[str] | None = None) -> list[int]:
    """Return the physical lines of rows that ``read_chunks`` delivers; a slow pass, for messages only.

    Args:
        table: The table; of a typed file the line is the number of the row from 1.
        row_ordinals: Rows from 0, as delivered.
        columns: Columns as given to ``read_chunks``; all if omitted.

    Returns:
        Lines from 1, one per ordinal that exists, in ascending order.
    """
    wanted = sorted(set(row_ordinals))
    if not table.is_text:
        return [ordinal + 1 for ordinal in wanted]
    wanted_set = set(wanted)
    named = zip(table.columns, table.positions, strict=True)
    positions = [i for name, i in named if columns is None or name in columns]
    delivered = (
        row
        for row in _iter_data_rows(table, ragged=False)
        if len(positions) < _MIN_BLANK_WIDTH or any(row.cells[i] for i in positions)
    )
    # The reading stops behind the last wanted row: the pass is slow, and the first losses are near the beginning.
    numbered = enumerate(islice(delivered, wanted[-1] + 1 if wanted else 0))
    return [row.line for ordinal, row in numbered if ordinal in wanted_set]


def find_ragged_lines(table: RawTable, limit: int = 5) -> list[int]:
    """Return the physical lines of the first rows that ``read_chunks`` leaves out; a slow pass, for messages only."""
    if not table.is_text:
        return []
    return [row.line for row in islice(_iter_data_rows(table, ragged=True), limit)]


def _drop_blank_rows(frame: pl.DataFrame) -> pl.DataFrame:
    """Leave out rows without any cell: spreadsheets write rows of delimiters for formatted cells below a table."""
    if frame.width < _MIN_BLANK_WIDTH or not all(column.null_count() for column in frame):
        return frame
    return frame.filter(~pl.all_horizontal(pl.all().is_null()))


def _iter_data_rows(table: RawTable, *, ragged: bool) -> Iterator[TextRow]:
    """Yield the rows that ``read_chunks`` leaves out for their cells, or all others."""
    blank, delimiter = table.blank_positions, _get_layout(table).delimiter
    for row in _iter_text_rows(table):
        if 0 in blank and len(row.cells) == table.width and row.is_annotation:
            continue
        is_ragged = len(row.cells) != table.width or any(row.cells[i] for i in blank)
        # Only a row of several lines can have swallowed others.
        if not is_ragged and row.next_line > row.line + 1:
            is_ragged = any(re.search(swallowed_pattern(delimiter, i), cell) for i, cell in enumerate(row.cells))
        if is_ragged == ragged:
            yield row


def _iter_text_rows(table: RawTable) -> Iterator[TextRow]:
    layout = _get_layout(table)
    if table.source.format == "xlsx":
        yield from (row for row in list_sheet_rows(table.source) if row.line >= layout.first_data_line)
        return
    stream = open_stream(table.source)
    try:
        lines = open_text(stream, layout.encoding)
        rest = islice(lines, layout.first_data_line - 1, None)
        rows = iter_rows(rest, delimiter=layout.delimiter, quote=layout.quote, first_line=layout.first_data_line)
        yield from map(remove_guards, rows) if layout.has_guards else rows
    except STREAM_ERRORS as error:
        raise unreadable_error(table.source.name, error) from error
    finally:
        stream.close()


def _get_layout(table: RawTable) -> TextLayout:
    # Text tables and sheets always have a layout; the field is optional for typed files.
    assert table.layout is not None  # noqa: S101
    return table.layout


def _read_text_frames(
    table: RawTable, wanted: Sequence[tuple[str, int]], on_ragged: Callable[[str], None]
) -> Iterator[pl.DataFrame]:
    blank = [str(i) for i in table.blank_positions]
    layout = _get_layout(table)
    positions = [*(i for _, i in wanted), *table.blank_positions]
    floats = frozenset(i for name, i in wanted if name in table.float_columns)
    for batch in read_csv_batches(CsvRequest(table.source, layout, table.width, positions, on_ragged, floats)):
        frame = frame_from_arrow(batch)
        if layout.has_guards:
            frame = frame.with_columns(pl.col(pl.String).str.replace(GUARDED_CELL, "$1").replace("", None))
        if blank:
            frame = _drop_overfull_rows(_drop_annotations(frame, blank[0]), blank, on_ragged)
        if layout.quote and _has_line_end(batch):
            frame = _drop_swallowed_rows(frame, layout.delimiter, on_ragged)
        yield frame.rename({str(i): name for name, i in wanted})


def _drop_annotations(frame: pl.DataFrame, column: str) -> pl.DataFrame:
    """Leave out the annotations of further tables of Influx, if the first column is blank otherwise."""
    return frame.filter(~pl.col(column).str.contains(ANNOTATION).fill_null(value=False)) if column == "0" else frame


def _drop_overfull_rows(frame: pl.DataFrame, blank: Sequence[str], on_ragged: Callable[[str], None]) -> pl.DataFrame:
    """Leave out rows with content in a column that has no name and was blank when the table was opened."""
    overfull = frame.select(pl.any_horizontal(pl.col(blank).is_not_null())).to_series()
    for cells in frame.filter(overfull).iter_rows():
        on_ragged(",".join("" if cell is None else str(cell) for cell in cells))
    return (frame.filter(~overfull) if overfull.any() else frame).drop(blank)


def _drop_swallowed_rows(frame: pl.DataFrame, delimiter: str, on_ragged: Callable[[str], None]) -> pl.DataFrame:
    """Leave out rows with a cell that holds whole lines of the table: a quote was opened and not closed.

    The columns of the frame are called by their positions.
    """
    texts = [name for name in frame.columns if frame.schema[name] == pl.String]
    cells = [pl.col(name).str.contains(swallowed_pattern(delimiter, int(name))) for name in texts]
    swallowed = frame.select(pl.any_horizontal(cells).fill_null(value=False)).to_series()
    for row in frame.filter(swallowed).iter_rows():
        # Each swallowed line is a lost row of its own: counted as one, it would hide how many are lost.
        for text in split_ragged(delimiter.join("" if cell is None else str(cell) for cell in row), delimiter):
            on_ragged(text)
    return frame.filter(~swallowed)


def _has_line_end(batch: pa.RecordBatch) -> bool:
    """Return True if a cell holds a line end: a look at the raw bytes, as a search cell by cell triples the time."""
    # The bytes of a number are not characters.
    buffers = (column.buffers()[-1] for column in batch.columns if column.type == pa.string())
    return any(bool((np.frombuffer(buffer, np.uint8) == _LINE_FEED).any()) for buffer in buffers if buffer)


def _read_typed_frames(table: RawTable, wanted: Sequence[tuple[str, int]]) -> Iterator[pl.DataFrame]:
    for batch in iter_batches(table.source, [i for _, i in wanted], _count_chunk_rows(len(wanted))):
        named = batch.rename_columns([name for name, _ in wanted])
        yield _drop_unshowable_times(frame_from_arrow(cast_foreign_columns(named)))


def _drop_unshowable_times(frame: pl.DataFrame) -> pl.DataFrame:
    """Return a frame in which times of damaged files, beyond the years 1 to 9999, are null: polars panics on them."""
    times = pl.selectors.temporal() - pl.selectors.time() - pl.selectors.duration()
    return frame.with_columns(pl.when(times.dt.year().is_between(1, 9999)).then(times))


def _read_sheet_frames(
    table: RawTable, wanted: Sequence[tuple[str, int]], on_ragged: Callable[[str], None]
) -> Iterator[pl.DataFrame]:
    cells = read_sheet(table.source).slice(_get_layout(table).first_data_line - 1)
    # Blank rows go before rows are numbered, because list_sheet_rows leaves them out as well.
    filled = cells.filter(pl.any_horizontal(pl.all().is_not_null()))
    blank = [str(i) for i in table.blank_positions]
    if blank:
        filled = filled.select(*(str(i) for _, i in wanted), *blank)
        filled = _drop_overfull_rows(filled, blank, on_ragged)
    step = _count_chunk_rows(len(wanted))
    for start in range(0, filled.height, step):
        yield filled.slice(start, step).select(pl.col(str(i)).alias(name) for name, i in wanted)


def _count_chunk_rows(column_count: int) -> int:
    """Return the rows of a batch: its cells are bounded, so that memory does not grow with the tags."""
    return min(_CHUNK_ROWS, max(_MIN_CHUNK_ROWS, _CHUNK_CELLS // max(1, column_count)))
