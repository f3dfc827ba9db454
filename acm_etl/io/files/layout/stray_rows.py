"""Rows among the readings that are none: headers, names of parts, averages and totals."""

from __future__ import annotations

from collections.abc import Sequence

import polars as pl

from acm_etl.errors import InputError
from acm_etl.io.files.column_names import strip_repeat_number
from acm_etl.io.files.layout.raw_table import RawTable
from acm_etl.io.files.layout.table_rows import find_lines
from acm_etl.io.files.layout.text_rows import is_time_like

# A name begins with a letter, and so do times with days of weeks or months, whose clocks tell them apart.
_NAME = r"^\W*\p{L}"
_CLOCK = r"\d:\d\d"
_SUMMARY_WORDS = frozenset({
    "average", "avg", "mean", "median", "min", "minimum", "max", "maximum", "sum", "total", "totals", "count", "range",
    "std", "stdev", "std dev", "standard deviation", "mittelwert", "mittel", "durchschnitt", "summe", "anzahl",
    "standardabweichung", "moyenne", "somme", "media", "promedio", "suma", "totale", "gemiddelde", "som", "medel",
    "medelvärde", "gennemsnit", "średnia",
})  # fmt: skip
_MAX_NAMES = 1000  # of a chunk: dates such as "March 3, 2025" are told from names one by one


def count_second_headers(table: RawTable, chunk: pl.DataFrame, time_name: str, first_row: int) -> int:
    """Return how many rows of a chunk repeat the header, and check that none has other names than that of the table.

    Files that were put together repeat their header. Where the names are the same, the row is counted, see
    ``flag_repeated_headers``. Where they differ, the readings below would be stored under the tags of the first table.

    Args:
        table: The table.
        chunk: Rows, with the columns that are read.
        time_name: Name of the time column.
        first_row: Number of the first row of the chunk among all rows that are read.

    Raises:
        InputError: A row names the time column like the header, and other columns otherwise.
    """
    # Only texts can hold names: typed files have one schema from the beginning to the end.
    if chunk.schema[time_name] != pl.String:
        return 0
    rows = (_strip_cells(chunk[time_name]) == _strip_suffix(time_name)).fill_null(value=False).arg_true()
    for row in rows:
        # Columns that are not read cannot tell the tables apart, and need not: no cell of theirs is stored.
        names = {column: (chunk[column][row] or "") for column in chunk.columns}
        others = [
            str(cell)
            for column, cell in names.items()
            if str(cell).strip().removeprefix("\ufeff") not in {"", _strip_suffix(column)}
        ]
        if others:
            # With the columns of the chunk: rows that are blank in all of these were not numbered.
            line = find_lines(table, [first_row + row], chunk.columns)[0]
            message = (
                f"{table.name}: another table begins in line {line:,}, with the columns {', '.join(others[:5])}; "
                f"import two files: head -n {line - 1} OLD > FIRST, and tail -n +{line} OLD > SECOND"
            )
            raise InputError(message)
    return len(rows)


def flag_readings(chunk: pl.DataFrame, time_name: str) -> pl.Series:
    """Return the mask of rows that begin with a time, and not with a name, such as that of a total."""
    cells = chunk[time_name]
    return (~cells.str.contains(_NAME) | cells.str.contains(_CLOCK)).fill_null(value=False)


def find_lone_names(chunk: pl.DataFrame, time_name: str, is_reading: pl.Series) -> list[tuple[int, str]]:
    """Return rows of nothing but a name in the place of the time, which may be that of the tag of the rows below.

    Args:
        chunk: Rows of the table, as texts.
        time_name: Time column.
        is_reading: Mask of ``flag_readings``.
    """
    cells = chunk[time_name].str.strip_chars()
    is_lone = chunk.select(pl.all_horizontal(pl.exclude(time_name).is_null())).to_series()
    is_name = is_lone & ~is_reading & cells.is_not_null() & ~flag_summary_rows(cells)
    is_name &= _strip_cells(cells) != _strip_suffix(time_name)
    rows = is_name.fill_null(value=False).arg_true().head(_MAX_NAMES)
    return [(row, name) for row, name in zip(rows, cells.gather(rows), strict=True) if not is_time_like(name)]


def is_lone_name(line: str, delimiter: str) -> bool:
    """Return True if a line is a single cell with a name, and no time."""
    text = line.strip()
    is_cell = bool(delimiter.strip()) and delimiter not in text
    return is_cell and text.lstrip("[<(*#= ")[:1].isalpha() and not is_time_like(text)


def drop_repeated_headers(rows: pl.DataFrame) -> pl.DataFrame:
    """Leave out rows that repeat the header, as files that were put together do: a name is no label of a reading."""
    texts = [name for name, dtype in rows.schema.items() if dtype == pl.String]
    # One column first: the comparison of all cells costs as much as the rest of the look at a wide file.
    if not texts or not (rows[texts[0]] == texts[0]).any():
        return rows
    names = sum((pl.col(name) == name).fill_null(value=False).cast(pl.Int32) for name in texts)
    # Most names, not all: one that occurs twice has got a number, which the file does not write.
    return rows.filter(2 * names <= len(texts))


def flag_repeated_headers(cells: pl.Series, columns: Sequence[str]) -> pl.Series:
    """Return the mask of rows that repeat the header: their time is the name of its column.

    Args:
        cells: Texts of the times; those of several columns are joined by a blank.
        columns: Names of these columns.

    Returns:
        Boolean mask without nulls.
    """
    header = " ".join(_strip_suffix(column) for column in columns)
    return (_strip_cells(cells) == header).fill_null(value=False)


def flag_summary_rows(cells: pl.Series) -> pl.Series:
    """Return the mask of rows with the name of a statistic in place of a time.

    Args:
        cells: Texts of the times; those of several columns are joined by a blank.

    Returns:
        Boolean mask without nulls.
    """
    words = cells.str.to_lowercase().str.strip_chars(" .:")
    return words.is_in(list(_SUMMARY_WORDS)).fill_null(value=False)


def _strip_cells(cells: pl.Series) -> pl.Series:
    # A file that was appended to another one brings its byte order mark along.
    return cells.str.strip_chars().str.strip_prefix("\ufeff")


def _strip_suffix(name: str) -> str:
    return strip_repeat_number(name).strip()
