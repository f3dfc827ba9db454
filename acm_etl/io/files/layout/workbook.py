"""Sheets of Excel workbooks as frames of text cells."""

from __future__ import annotations

import logging
import re
import zipfile
from dataclasses import dataclass, replace
from functools import lru_cache

import fastexcel
import polars as pl

from acm_etl.io.files.layout.containers import STREAM_ERRORS, InputFile, open_seekable, unreadable_error
from acm_etl.io.files.layout.workbook_parts import WorkbookFacts, read_facts

# A cell with a clock time only is stored as a fraction of day 0, and day 0 depends on the date system of the workbook.
_DAY_ZERO = r"^(?:1899-12-3[01]|1904-01-01)[ T]"
_ERROR_DETAIL = re.compile(r"Error\((\w+)\)")
_ERROR_TEXTS = {
    "Div0": "#DIV/0!", "NA": "#N/A", "Name": "#NAME?", "Null": "#NULL!", "Num": "#NUM!", "Ref": "#REF!",
    "Value": "#VALUE!",
}  # fmt: skip
_OTHER_ERROR = "#ERROR"
# The parser behind fastexcel warns of each sheet that is a chart; such a sheet holds no cells.
logging.getLogger("calamine").setLevel(logging.ERROR)
_MIDNIGHT = r"[ T]00:00:00(?:\.0+)?$"


@dataclass(frozen=True, slots=True)
class Workbook:
    """An open workbook.

    Attributes:
        sheet_names: Names of the sheets, in order.
        facts: What the cells do not show.
        reader: Reader of the cells.
    """

    sheet_names: tuple[str, ...]
    facts: WorkbookFacts
    reader: fastexcel.ExcelReader


def open_workbook(source: InputFile) -> Workbook:
    """Open the workbook of a sheet; it stays open for its other sheets until the next workbook is opened.

    Raises:
        InputError: The workbook is damaged.
    """
    try:
        return _open_cached(replace(source, sheet=None), source.path.stat().st_mtime_ns)
    except (*STREAM_ERRORS, fastexcel.FastExcelError) as error:
        raise unreadable_error(source.name, error) from error


@lru_cache(maxsize=1)
def _open_cached(source: InputFile, modified_ns: int) -> Workbook:
    """Open a workbook. ``modified_ns`` is part of the key."""
    del modified_ns
    content = open_seekable(source)
    # The checksums are verified first: the parser of damaged XML may abort instead of raising.
    with zipfile.ZipFile(content) as archive:
        facts = read_facts(archive)
    content.seek(0)
    reader = fastexcel.read_excel(content.read())
    return Workbook(tuple(reader.sheet_names), facts, reader)


@lru_cache(maxsize=2)
def _read_cached(source: InputFile, modified_ns: int) -> pl.DataFrame:
    """Return the cells of a sheet; both passes of an import read the same sheet. ``modified_ns`` is part of the key."""
    del modified_ns
    try:
        # Everything as text and without a header: the import finds header and types itself, as in a text file.
        sheet = open_workbook(source).reader.load_sheet(
            source.sheet or 0, header_row=None, skip_rows=0, dtypes="string"
        )
        frame = _read_cells(sheet) if sheet.width else pl.DataFrame()
    except (fastexcel.FastExcelError, pl.exceptions.PolarsError) as error:
        raise unreadable_error(source.name, error) from error
    return _drop_blank_end(_clean_cells(frame))


def _read_cells(sheet: fastexcel.ExcelSheet) -> pl.DataFrame:
    """Return the cells of a sheet as text, errors of formulas as Excel shows them."""
    batch, errors = sheet.to_arrow_with_errors()
    frame = pl.DataFrame(batch)
    # fastexcel leaves cells with an error empty. An empty cell is not a reading; an error is a lost one and counts.
    texts: dict[int, dict[int, str]] = {}
    for error in errors.errors if errors else ():
        row, column = error.offset_position
        match = _ERROR_DETAIL.search(error.detail)
        texts.setdefault(column, {})[row] = _ERROR_TEXTS.get(match[1], _OTHER_ERROR) if match else _OTHER_ERROR
    for column, found in texts.items():
        frame.replace_column(column, frame.to_series(column).scatter([*found], [*found.values()]))
    return frame


def read_sheet(source: InputFile) -> pl.DataFrame:
    """Return all cells of a sheet as text.

    Args:
        source: Sheet of a workbook.

    Returns:
        Frame of (rows, columns) with String columns "0", "1", ...; blank cells are null. Excel stores times as numbers
        with a format; they come as ISO text.

    Raises:
        InputError: The workbook is damaged, or has no such sheet.
    """
    return _read_cached(source, source.path.stat().st_mtime_ns)


def _clean_cells(frame: pl.DataFrame) -> pl.DataFrame:
    # By position: names of columns in a sheet may repeat.
    columns = [_clean_column(frame.to_series(i).cast(pl.String)).alias(str(i)) for i in range(frame.width)]
    return pl.DataFrame(columns)


def _clean_column(cells: pl.Series) -> pl.Series:
    times = cells.str.replace(_DAY_ZERO, "").replace({"": None})
    dated = times.str.contains(r"^\d{4}-\d{2}-\d{2}[ T]\d{2}:").fill_null(value=False)
    # A column of dates without a clock comes with midnight in every cell; a date next to a clock column stays a date.
    if dated.any() and times.filter(dated).str.contains(_MIDNIGHT).all():
        return times.str.replace(_MIDNIGHT, "")
    return times


def _drop_blank_end(frame: pl.DataFrame) -> pl.DataFrame:
    """Drop blank rows at the end: formatted cells without content belong to the used range of a sheet."""
    if not frame.width:
        return frame
    filled = frame.select(pl.any_horizontal(pl.all().is_not_null()).arg_true()).to_series()
    return frame.head(int(filled[-1]) + 1 if len(filled) else 0)
