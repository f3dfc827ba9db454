"""Rows of a text table with their physical lines, and broad guesses about single cells.

The guesses only separate names from data while the header is looked for; times and numbers are parsed elsewhere.
"""

from __future__ import annotations

import csv
import re
from collections import Counter
from collections.abc import Iterable, Iterator
from typing import Final, NamedTuple

# Delimiters of aligned tables: at least two blanks (cells may contain one), or any blanks.
WIDE_BLANKS: Final = "  "
ANY_BLANKS: Final = " "
_BLANKS_PATTERN = {WIDE_BLANKS: re.compile(r"[ \t]{2,}|\t"), ANY_BLANKS: re.compile(r"[ \t]+")}
ANNOTATION: Final = r"^#(?:group|datatype|default)$"
"""First cell of a row of annotations in CSV of Influx. A lone # may mark a reading."""
_COMMENT_MARKS = ("#", "//", ";")
# A line that is drawn below the names, as psql and sqlcmd do.
_DRAWN_LINE = re.compile(r"[-=+| \t]*-{3}[-=+| \t]*")

_DAY_NAME = r"(?:[^\W\d]{2,}[.,]?\s)?"
# Clock, fraction, AM or PM, zone after a date; a number after a blank is not part of a time.
_CLOCK_TAIL = (
    r"(?:[T\s_:.,-]{1,3}\d{1,2}(?:[:.h]\d{2}){0,2}(?:[.,:]\d{1,9})?(?:\s?[ap]\.?\s?m\.?)?"
    r"(?:\s?[A-Za-z+(-][\w:/+)-]{0,40}(?:\s[^\W\d]+){0,2})?)?"
)
_DATE = _DAY_NAME + r"\d{1,4}[-/.:]\d{1,2}[-/.:]\d{1,4}(?!\d)" + _CLOCK_TAIL
_EAST_ASIAN_DATE = r"\d{4}[年년]\s?\d{1,2}[月월]\s?\d{1,2}[日일].*"
_CLOCK = r"\d{1,2}:\d{2}(?::\d{2})?(?:[.,]\d+)?(?:\s?[ap]\.?m\.?)?"
_DAY_MONTH_NAME = _DAY_NAME + r"\d{1,2}[\s./-]*[^\W\d]{3,}[\s./,-]*(?:\d{4}|\d{2}).*"
_MONTH_NAME_DAY = _DAY_NAME + r"[^\W\d]{3,}\.?[\s/-]+\d{1,2}(?:[,\s/-].*)?\d{4}.*"
# Year, month and day in their ranges: a counter of 12 digits must not pass for 202401131200.
_COMPACT = r"(?:19|20)\d{2}(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01])[T ]?\d{4,6}(?:\.\d+)?Z?"
_TIME_SPELLINGS = (_DATE, _CLOCK, _DAY_MONTH_NAME, _MONTH_NAME_DAY, _COMPACT, _EAST_ASIAN_DATE)
_TIME = re.compile("|".join(f"(?:{part})" for part in _TIME_SPELLINGS), re.IGNORECASE)
_LONGEST_TIME = 48  # characters; "Saturday, 13 September 2024 00:00:00 GMT+01:00" has 46
GUARDED_CELL: Final = r'^="([^"]*)"$'
"""Cell of a text file that a spreadsheet must not change, such as ="0012"."""
_NUMBER = re.compile(r"[-+]?(?:\d[\d.,' \u00a0\u202f]*|[.,]\d+)(?:[eE][-+]?\d+)?")


class TextRow(NamedTuple):
    """One row of a text table.

    Attributes:
        line: Physical line of its first cell, from 1.
        next_line: Physical line after the row; a quoted cell may span several.
        cells: Cells as they stand, without quotes.
        comment: Mark that starts the line; empty if none.
    """

    line: int
    next_line: int
    cells: tuple[str, ...]
    comment: str = ""

    @property
    def width(self) -> int:
        """Cells up to the last one that is not blank."""
        return next((i for i in range(len(self.cells), 0, -1) if self.cells[i - 1].strip()), 0)

    @property
    def filled_count(self) -> int:
        """Cells that are not blank."""
        return sum(1 for cell in self.cells if cell.strip())

    @property
    def is_annotation(self) -> bool:
        """True for a row of annotations, which Influx writes above each table of a file."""
        return bool(self.cells) and re.match(ANNOTATION, self.cells[0]) is not None

    @property
    def uncommented_cells(self) -> tuple[str, ...]:
        """Cells without the comment mark."""
        if not self.comment or not self.cells:
            return self.cells
        # Some writers repeat the mark: "## Time".
        return (self.cells[0].strip().removeprefix(self.comment).lstrip("#"), *self.cells[1:])

    @property
    def repeat_count(self) -> int:
        """Cells with the most frequent name, without regard to case and comment mark; 0 if all cells are blank."""
        names = Counter(cell.strip().casefold() for cell in self.uncommented_cells if cell.strip())
        return max(names.values(), default=0)


def is_time_like(cell: str) -> bool:
    """Return True if a cell may be a date, a clock time or both."""
    text = cell.strip()
    # The length first: the pattern backtracks on long texts, and remarks of operators can be long.
    return 4 <= len(text) <= _LONGEST_TIME and _TIME.fullmatch(text) is not None


def is_number_like(cell: str) -> bool:
    """Return True if a cell may be a number in any spelling."""
    return _NUMBER.fullmatch(cell.strip()) is not None


def remove_guards(row: TextRow) -> TextRow:
    """Return a row with the plain texts of cells such as ="0012"."""
    return row._replace(cells=tuple(re.sub(GUARDED_CELL, r"\1", cell) for cell in row.cells))


def align_cells(line: str, delimiter: str) -> list[str]:
    """Return the cells of a line of an aligned table."""
    text = line.strip()
    return _BLANKS_PATTERN[delimiter].split(text) if text else []


def iter_rows(lines: Iterable[str], *, delimiter: str, quote: str, first_line: int = 1) -> Iterator[TextRow]:
    """Yield the rows of a text table; blank lines are not rows.

    Args:
        lines: Lines with their line ends.
        delimiter: Between cells: one character, or ``WIDE_BLANKS`` or ``ANY_BLANKS``.
        quote: Quote character; empty if quotes are ordinary characters.
        first_line: Physical line of the first of ``lines``.

    Yields:
        Rows in order. A cell of more than 131,072 characters ends the rows: a quote was opened and never closed.
    """
    if delimiter in _BLANKS_PATTERN:
        for line, text in enumerate(lines, start=first_line):
            if cells := align_cells(text, delimiter):
                yield TextRow(line, line + 1, tuple(cells), _find_comment_mark(text, delimiter))
        return
    yield from _iter_csv_rows(lines, delimiter, quote, first_line)


def _iter_csv_rows(lines: Iterable[str], delimiter: str, quote: str, first_line: int) -> Iterator[TextRow]:
    starts = _LineStarts(lines)
    if quote:
        reader = csv.reader(starts, delimiter=delimiter, quotechar=quote)
    else:
        reader = csv.reader(starts, delimiter=delimiter, quoting=csv.QUOTE_NONE)
    while True:
        before = reader.line_num
        # csv strips the quotes and tells no positions, so the beginning of a row has to be seen before csv reads it.
        starts.is_first = True
        try:
            cells = next(reader, None)
        # The csv module refuses cells of more than 131,072 characters: an open quote has swallowed the rest of the
        # file.
        except csv.Error:
            return
        if cells is None:
            return
        if cells:
            mark = _find_comment_mark(starts.first_text, delimiter)
            yield TextRow(first_line + before, first_line + reader.line_num, tuple(cells), mark)


class _LineStarts:
    """Iterator over lines that keeps the first line of the row that is being read."""

    def __init__(self, lines: Iterable[str]) -> None:
        self._lines = iter(lines)
        self.is_first = True
        self.first_text = ""

    def __iter__(self) -> _LineStarts:
        return self

    def __next__(self) -> str:
        line = next(self._lines)
        if self.is_first:
            self.first_text, self.is_first = line[:8], False
        return line


def _find_comment_mark(text: str, delimiter: str) -> str:
    start = text.lstrip()
    # Nearly all rows begin with a time, a number or a name.
    if start[:1].isalnum():
        return ""
    # Ignition quotes its marks: "#NAMES". A quoted "#" alone is the name of an index column.
    if start.startswith('"#') and start[2:3].isalpha():
        return '"#'
    if _DRAWN_LINE.fullmatch(start.rstrip()):
        return start[0]
    return next((mark for mark in _COMMENT_MARKS if start.startswith(mark) and mark != delimiter), "")
