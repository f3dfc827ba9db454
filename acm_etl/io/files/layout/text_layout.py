"""Layout of a text table: encoding, delimiter, and the lines where the header and the data are."""

from __future__ import annotations

import codecs
import io
import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import dropwhile

from acm_etl.errors import InputError, UsageError
from acm_etl.io.files.layout.containers import InputFile, read_head
from acm_etl.io.files.layout.header import HeaderMatch, match_header
from acm_etl.io.files.layout.text_encoding import detect_encoding
from acm_etl.io.files.layout.text_rows import (
    ANY_BLANKS,
    WIDE_BLANKS,
    TextRow,
    align_cells,
    is_number_like,
    is_time_like,
    iter_rows,
    remove_guards,
)

_HEAD_BYTES = 1 << 20  # a header of 5,000 names and some rows of data
_HEAD_LINES = 400
# Tried in groups: a later group only if an earlier one shows no rows with times. Blanks separate words in any file.
_DELIMITER_GROUPS = ((",", ";", "\t", "|"), (WIDE_BLANKS,), (ANY_BLANKS,))
_SEPARATOR_LINE = re.compile(r'"?sep=(.)"?\s*$', re.IGNORECASE)
_BOM = "\ufeff"
_MIN_READINGS_ABOVE = 5  # lines above a header; a few dated remarks of a title are no readings
_MIN_TIMES_ACROSS = 3  # times in one line: a reading has one, or a date and a time of day


@dataclass(frozen=True, slots=True)
class TextLayout:
    """Layout of a text table or of a sheet; all that is needed to read the same kind of file again.

    Attributes:
        encoding: Name of a Python codec; empty for a sheet.
        delimiter: One character, or one or two blanks for aligned columns; empty for a sheet.
        header_line: Physical line of the header from 1; 0 if there is none.
        first_data_line: Physical line of the first data row.
        comment: Mark that starts the header line; empty if none.
        quote: Quote character; empty if quotes are ordinary characters.
        group_line: Physical line above the header whose names come before the names of the header; 0 if none.
        has_guards: Cells are written as ="0012" and read without these marks.
    """

    encoding: str
    delimiter: str
    header_line: int
    first_data_line: int
    comment: str = ""
    quote: str = '"'
    group_line: int = 0
    has_guards: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class LayoutOptions:
    """Layout as far as the user gives it; the rest is detected.

    Attributes:
        header_line: Physical line of the header from 1; 0 for a file without a header.
        has_guards: Cells are written as ="0012"; never given by the user, but tried where nothing else reads the times.
    """

    header_line: int | None = None
    has_guards: bool = False


@dataclass(frozen=True, slots=True)
class DetectedLayout:
    """Detected layout of a table.

    Attributes:
        layout: The layout.
        unit_rows: Rows of units or descriptions under the header.
        skipped_lines: Texts of the first lines before the header, for messages.
        has_data: Rows with a time, or with numbers, were found.
    """

    layout: TextLayout
    unit_rows: tuple[TextRow, ...]
    skipped_lines: tuple[str, ...]
    has_data: bool


def read_head_lines(source: InputFile, encoding: str) -> list[str]:
    """Return the first lines of a text file with their line ends; an incomplete last line is left out.

    Raises:
        InputError: The file is damaged.
    """
    # The incremental decoder keeps a character that the end of the head cuts in two; it is no error.
    head = read_head(source, _HEAD_BYTES)
    text = codecs.getincrementaldecoder(encoding)(errors="replace").decode(head).removeprefix(_BOM)
    # The line ends of csv and Arrow; str.splitlines also splits at form feeds and at Unicode separators.
    lines = io.StringIO(text, newline="").readlines()
    # The head ends within its last line, which must not pass for a row with too few cells.
    if len(head) == _HEAD_BYTES and len(lines) > 1:
        lines.pop()
    return lines[:_HEAD_LINES]


def detect_layout(source: InputFile, options: LayoutOptions | None = None) -> DetectedLayout:
    """Detect the layout of a text file.

    Args:
        source: Text file.
        options: What the user gives.

    Raises:
        InputError: The file is not text, is empty, has no table, or has no header.
    """
    given = options or LayoutOptions()
    encoding = detect_encoding(source, read_head(source, _HEAD_BYTES))
    lines = read_head_lines(source, encoding)
    if not any(line.strip() for line in lines):
        message = f"{source.name} is empty; export it again"
        raise InputError(message)
    # Excel writes and reads "sep=;" as the first line of a CSV file.
    separator = _SEPARATOR_LINE.match(lines[0])
    first_line = 2 if separator else 1
    delimiter = separator.group(1) if separator else None
    found = _choose_delimiter(lines[first_line - 1 :], first_line, given, delimiter)
    if found is None:
        message = (
            f"{source.name} is no table: no rows with two or more cells separated by , ; | or tab, and no rows of "
            f"times and values separated by blanks; it begins {_quote_line(lines[0])}; export the table as CSV"
        )
        raise InputError(message)
    delimiter, quote, match = found
    layout = _build_layout(
        source.name,
        match,
        TextLayout(encoding, delimiter, 0, 0, "", quote, has_guards=given.has_guards),
        given=given,
        lines=lines,
    )
    return DetectedLayout(layout, match.unit_rows, _list_skipped(lines, layout), match.has_data)


def detect_sheet_layout(name: str, rows: Sequence[TextRow], options: LayoutOptions | None = None) -> DetectedLayout:
    """Detect header and first data row of a sheet.

    Raises:
        InputError: The sheet has no table or no header.
    """
    given = options or LayoutOptions()
    match = match_header(rows, given.header_line)
    if match is None:
        message = f"{name} has no table: no rows with two or more filled cells"
        raise InputError(message)
    # A sheet has no lines of text; they are made for the same messages, blank rows included, so that numbers stay
    # right.
    lines = [""] * (max(row.line for row in rows))
    for row in rows:
        lines[row.line - 1] = ", ".join(cell for cell in row.cells if cell)
    layout = _build_layout(name, match, TextLayout("", "", 0, 0, "", ""), given=given, lines=lines)
    return DetectedLayout(layout, match.unit_rows, _list_skipped(lines, layout), match.has_data)


def _choose_delimiter(
    lines: Sequence[str], first_line: int, given: LayoutOptions, delimiter: str | None
) -> tuple[str, str, HeaderMatch] | None:
    """Return delimiter, quote and header under which the most rows look like readings; None if none does.

    Args:
        lines: First lines of the table.
        first_line: Physical line of the first of them.
        given: What the user gives.
        delimiter: Delimiter that the file itself states.
    """
    fallback: tuple[str, str, HeaderMatch] | None = None
    for group in ((delimiter,),) if delimiter else _DELIMITER_GROUPS:
        is_aligned = group[0] in {WIDE_BLANKS, ANY_BLANKS}
        best: tuple[str, str, HeaderMatch] | None = None
        # A quote that a title opens and never closes swallows the table: the last try takes quotes as characters.
        for quote in ("",) if is_aligned else ('"', ""):
            found = [
                (candidate, quote, match)
                for candidate in group
                if (match := _match_lines(lines, first_line, candidate, quote, given=given))
            ]
            # max keeps the first of equals, so quotes are plain characters only if that reads more rows.
            best = max([*([best] if best else []), *found], key=lambda item: _rank_match(item[2]), default=None)
            # Times under a header settle it; blanks as delimiters would cut "2024-01-13 00:00" into two columns.
            if best and best[2].timed_count and (best[2].header or given.header_line == 0):
                return best
        # Aligned columns need times as proof, and without a header readings in most lines: any text has blanks.
        is_proven = is_aligned and 2 * sum(_is_reading(align_cells(line, group[0])) for line in lines) > len(lines)
        if not is_aligned or delimiter or given.header_line == 0 or is_proven:
            fallback = fallback or best
    return fallback


def _is_reading(cells: Sequence[str]) -> bool:
    """Return whether a number stands right behind the time of a line; words follow it in logs."""
    behind = dropwhile(is_time_like, dropwhile(lambda cell: not is_time_like(cell), cells))
    return is_number_like(next(behind, ""))


def _match_lines(
    lines: Sequence[str], first_line: int, delimiter: str, quote: str, *, given: LayoutOptions
) -> HeaderMatch | None:
    rows = list(iter_rows(lines, delimiter=delimiter, quote=quote, first_line=first_line))
    if given.has_guards:
        rows = [*map(remove_guards, rows)]
    return match_header(rows, given.header_line) if rows else None


def _rank_match(match: HeaderMatch) -> tuple[bool, int, int, int]:
    # A wrong delimiter also cuts rows of one width, but it leaves no times, or no header over them.
    has_header = match.header is not None
    return has_header and match.timed_count > 0, match.timed_count, match.row_count, match.width


def _build_layout(
    name: str, match: HeaderMatch, layout: TextLayout, *, given: LayoutOptions, lines: Sequence[str]
) -> TextLayout:
    if given.header_line == 0:
        return replace(layout, first_data_line=match.first_data_line)
    header = match.header
    if header is not None:
        if given.header_line is None:
            _refuse_readings_above(name, header.line, layout.delimiter, lines)
        return replace(
            layout,
            header_line=header.line,
            first_data_line=match.first_data_line,
            comment=header.comment,
            group_line=match.group_line,
        )
    # The user named a line without names, so a header that was found elsewhere must not replace it.
    if given.header_line is not None:
        message = f"{name} has no line {given.header_line:,} with names among its first {len(lines):,} lines"
        raise UsageError(message)
    message = (
        f"{name} has no header: the data begin in line {match.first_data_line:,} with {match.width} cells"
        f"{_explain_missing_header(match, layout.delimiter, lines)}; "
        f"name the line of the header with --header-line N, or take the columns as column 1, column 2, ... "
        f"with --header-line 0"
    )
    raise InputError(message)


def _refuse_readings_above(name: str, header_line: int, delimiter: str, lines: Sequence[str]) -> None:
    """Check that no table with readings stands above the header: its rows would be skipped like a title.

    Raises:
        InputError: Several lines above the header begin with a time and hold numbers.
    """
    separator = delimiter if len(delimiter) == 1 else (None if delimiter else ", ")
    rows = [line.split(separator) for line in lines[: header_line - 1]]
    readings = [row for row in rows if is_time_like(row[0].strip(' "')) and any(map(is_number_like, row[1:]))]
    if len(readings) < _MIN_READINGS_ABOVE:
        return
    message = (
        f"{name}: {len(readings):,} rows with readings stand above the header in line {header_line:,}: another table "
        f"begins there; import two files: head -n {header_line - 1} OLD > FIRST, and tail -n +{header_line} OLD > "
        f"SECOND. If they are a title: --header-line {header_line}"
    )
    raise InputError(message)


def _explain_missing_header(match: HeaderMatch, delimiter: str, lines: Sequence[str]) -> str:
    """Return what the first lines show about the cause, as a part of the message; empty if they show nothing."""
    before = [number for number in range(1, match.first_data_line) if lines[number - 1].strip()]
    if not before:
        times = sum(map(is_time_like, lines[match.first_data_line - 1].split(delimiter or None)))
        if times < _MIN_TIMES_ACROSS:
            return ""
        return f"; this line has {times} times: transpose the table, so that each time is a row"
    line = lines[before[-1] - 1]
    reason = f"; line {before[-1]:,} is not as wide as the data: {_quote_line(line)}"
    # A comma in each number but not in the time: n names, and n - 1 cells more.
    if delimiter == "," and match.width == 2 * len(line.split(",")) - 1:
        reason += "; if the numbers have decimal commas, export with semicolons between the cells"
    return reason


def _list_skipped(lines: Sequence[str], layout: TextLayout) -> tuple[str, ...]:
    end = layout.group_line or layout.header_line or layout.first_data_line
    return tuple(line.strip() for line in lines[: end - 1] if line.strip())


def _quote_line(line: str) -> str:
    text = " ".join(line.split())
    return repr(text if len(text) <= 60 else f"{text[:57]}...")
