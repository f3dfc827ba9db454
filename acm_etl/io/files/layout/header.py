"""Find the header of a table by content: a row of names, as wide as the data, right before rows with times."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from acm_etl.io.files.column_names import TAG_NAMES, UNIT_NAMES, simplify_name
from acm_etl.io.files.layout.text_rows import TextRow, is_number_like, is_time_like
from acm_etl.io.files.layout.unit_texts import are_units, holds_unit, names_units

_UNIT_ROWS = 3  # rows of units, descriptions or processing between the header and the data
_TIME_SHARE = 0.3  # of the rows of a column: titles, units and damaged rows are among them
_NUMBER_SHARE = 0.5
# Whole words of a time column's name; a header that has one is told from titles of the same width.
_TIME_WORDS = re.compile(
    r"(?:^|[\W_])(?:ts|time|timestamp|date|datetime|zeit|zeitpunkt|zeitstempel|datum|uhrzeit|fecha|hora|heure|horodatage"
    r"|data|ora|tijd|tid|dato|aika|czas|utc|t_stamp|entrydatetime|timestring)(?:$|[\W_])|time$|^time|zeit$|stamp$",
    re.IGNORECASE,
)
# Names that only a time column has; such a row is the header even across blank lines.
_TIME_NAMES = re.compile(
    r"^\W*(?:ts|time|times?tamp|date|datetime|date[ _/&]*time|zeit|zeitpunkt|zeitstempel|datum|uhrzeit|fecha|hora|heure"
    r"|horodatage|utc|t_stamp|entrydatetime|timestring|_time)\W*$",
    re.IGNORECASE,
)
# First cell of a row of names, if another row is called units. Rows called area, type or text may say anything.
_NAME_WORDS = frozenset({"name", "names", "nom", "nombre", "nome", "naam", "nazwa"})
_TAG_NUMBER = re.compile(r"\d\d")
# Campbell loggers write the station in line 1; such a line can be as wide as the data.
_STATION_MARKS = ("TOA5", "TOACI1")


@dataclass(frozen=True, slots=True)
class HeaderMatch:
    """Header and first data row of a table.

    Attributes:
        header: Row with the names; None if the table has none.
        unit_rows: Rows between header and data: units, descriptions.
        group_line: Physical line above the header with the names of groups of columns; 0 if there is none.
        first_data_line: Physical line of the first data row.
        timed_count: Rows with a time.
        row_count: Rows as wide as the data.
        has_data: Rows with a time, or with numbers, were found.
        width: Cells of a data row.
    """

    header: TextRow | None
    unit_rows: tuple[TextRow, ...]
    group_line: int
    first_data_line: int
    timed_count: int
    row_count: int
    has_data: bool
    width: int


@dataclass(frozen=True, slots=True)
class _Body:
    """Rows as wide as the data, and the columns that hold times and numbers."""

    rows: tuple[TextRow, ...]
    width: int
    time_positions: tuple[int, ...]
    number_positions: tuple[int, ...]

    def has_time(self, row: TextRow) -> bool:
        return any(is_time_like(_cell(row, position)) for position in self.time_positions)

    def has_numbers(self, row: TextRow) -> bool:
        """Return True if at least half of the number columns hold a number in this row."""
        count = sum(is_number_like(_cell(row, position)) for position in self.number_positions)
        return count > 0 and 2 * count >= len(self.number_positions)

    def is_data(self, row: TextRow) -> bool:
        return self.has_time(row) if self.time_positions else self.has_numbers(row)


def match_header(rows: Sequence[TextRow], header_line: int | None = None) -> HeaderMatch | None:
    """Find the header among the first rows of a table.

    Args:
        rows: First rows, comments included.
        header_line: Physical line of the header as given by the user; 0 for a table without a header.

    Returns:
        The header and where the data begin; None if no two rows look like a table.
    """
    named = [row for row in rows if row.cells[0].strip().strip('"') not in _STATION_MARKS]
    body = _find_body([row for row in named if not row.comment or is_time_like(row.cells[0])])
    if body is None:
        return None
    first = _find_first_reading(body)
    if header_line is None:
        header, units, data_line = _find_header(named, body, first)
    else:
        header, units, data_line = _take_header(rows, body, first, header_line)
    timed = sum(body.has_time(row) for row in body.rows)
    return HeaderMatch(
        header, units, _find_group_line(named, header), data_line, timed, len(body.rows), first is not None, body.width
    )


def _find_body(rows: Sequence[TextRow]) -> _Body | None:
    """Return the rows of the width under which most rows look like data."""
    scores: Counter[int] = Counter()
    for row in rows:
        if len(row.cells) > 1:
            scores[len(row.cells)] += _rate_row(row)
    if not scores:
        return None
    # Of equal scores the wider one: titles are narrower than the data.
    width = max(scores, key=lambda key: (scores[key], key))
    group = tuple(row for row in rows if len(row.cells) == width)
    times = _find_positions([[is_time_like(cell) for cell in row.cells] for row in group], _TIME_SHARE)
    numbers = _find_positions([[is_number_like(cell) for cell in row.cells] for row in group], _NUMBER_SHARE)
    return _Body(group, width, times, tuple(position for position in numbers if position not in times))


def _find_first_reading(body: _Body) -> TextRow | None:
    """Return the first row of data; lines of a title with a date, above the name of the time, are none (Testo)."""
    readings = [row for row in body.rows if body.is_data(row)]
    numbered = next((row for row in readings if body.has_numbers(row)), None)
    above = [row for row in body.rows if numbered and row.line < numbered.line]
    header = _find_time_name(above, body, _TIME_NAMES)
    return next((row for row in readings if header is None or row.line > header.line), None)


def _rate_row(row: TextRow) -> int:
    """Return the weight of a row when the width of the table is chosen: a time counts most."""
    return 1 + 4 * any(map(is_time_like, row.cells)) + 2 * any(map(is_number_like, row.cells))


def _find_positions(flags: Sequence[Sequence[bool]], share: float) -> tuple[int, ...]:
    counts = [sum(column) for column in zip(*flags, strict=True)]
    return tuple(position for position, count in enumerate(counts) if count and count >= share * len(flags))


def _find_header(
    rows: Sequence[TextRow], body: _Body, first: TextRow | None
) -> tuple[TextRow | None, tuple[TextRow, ...], int]:
    if first is None:
        # Without any row of data (all cells are texts) the first full row is the best guess for the names.
        return body.rows[0], (), body.rows[0].next_line
    before = [row for row in rows if row.line < first.line]
    run, contiguous = _collect_run(before, body, first)
    header = _find_time_name(run, body, _TIME_NAMES) or _choose_header(contiguous, body)
    if header is None:
        # Some loggers mark the header as a comment: "# Date and time,A".
        last = next((row for row in reversed(before) if row.comment), None)
        is_header = last is not None and _fits_width(last, body, _count_filled(body)) and not body.is_data(last)
        return (last if is_header else None), (), first.line
    header = _skip_index_name(header, run, body)
    return header, *_split_units(run, rows, header, body)


def _skip_index_name(header: TextRow, run: Sequence[TextRow], body: _Body) -> TextRow:
    """Return the row of names above a header that names the time only, as pandas and some historians write it.

    A row of units right above it holds no names if there are names above the units.
    """
    if header.filled_count != 1 or body.width <= 2:
        return header
    above: list[TextRow] = []
    for row in reversed([row for row in run if row.line < header.line]):
        is_adjacent = row.next_line == (above[-1].line if above else header.line)
        if not is_adjacent or row.filled_count < body.width - 1 or any(map(is_time_like, row.cells)):
            break
        above.append(row)
    if not above:
        return header
    return _find_names_above_units(above) or above[0]


def _find_names_above_units(rows: Sequence[TextRow]) -> TextRow | None:
    """Return the row of names above units, of rows from the lowest one up; None if the lowest one may hold names."""
    units, *others = rows
    is_named = simplify_name(units.cells[0]) in UNIT_NAMES
    has_units = holds_unit(units.cells[1:]) if is_named else not units.cells[0].strip() and are_units(units.cells[1:])
    # A unit of several columns stands behind the names of their tags: "T-1 °C".
    if units.repeat_count > 1 or not has_units:
        return None
    found = next(filter(_names_tags, others), None)
    if found is None and is_named:
        found = next((row for row in others if simplify_name(row.cells[0]) in _NAME_WORDS), None)
    return found if found and _holds_names(found) else None


def _take_header(
    rows: Sequence[TextRow], body: _Body, first: TextRow | None, header_line: int
) -> tuple[TextRow | None, tuple[TextRow, ...], int]:
    # A quoted name may span several lines; the user may give any of them.
    header = next((row for row in rows if row.line <= header_line < row.next_line), None)
    if header is None:
        return None, (), first.line if first else body.rows[0].line
    if first is None or first.line < header.next_line:
        return header, (), header.next_line
    between = [row for row in rows if header.line < row.line < first.line and not row.comment]
    return header, *_split_units([header, *between], rows, header, body)


def _collect_run(rows: Sequence[TextRow], body: _Body, first: TextRow) -> tuple[list[TextRow], list[TextRow]]:
    """Return the rows as wide as the data that stand before them, and those of them without a blank line in between.

    Comments between the rows do not end a run: Ignition has one above the names and one above the types.
    """
    run: list[TextRow] = []
    expected, gap = first.line, 0
    filled = _count_filled(body)
    for row in reversed(rows):
        if row.comment:
            expected = row.line if row.next_line == expected else expected
            continue
        if not run and body.has_time(row):
            continue  # a reading that is too short or too long
        if not _fits_width(row, body, filled):
            break
        if run and row.next_line < expected and not gap:
            gap = expected
        run.insert(0, row)
        expected = row.line
    return run, [row for row in run if row.line >= gap]


def _count_filled(body: _Body) -> int:
    """Return the cells of a data row up to the last one that is filled in any of them."""
    return max((row.width for row in body.rows if body.is_data(row)), default=body.width)


def _fits_width(row: TextRow, body: _Body, filled: int) -> bool:
    """Return True if a row is as wide as the data.

    Trailing blank cells do not count, on either side. A header may be one name short: R and pandas leave out the name
    of the index.
    """
    if len(row.cells) == body.width:
        return True
    has_index = 0 not in body.time_positions and row.width == filled - 1 and row.width > 0
    return filled <= row.width <= body.width or (has_index and _TIME_WORDS.search(row.cells[0]) is not None)


def _find_time_name(rows: Sequence[TextRow], body: _Body, names: re.Pattern[str]) -> TextRow | None:
    """Return the first row whose cell above the times is a usual name of a time column."""
    for row in rows:
        cells = [_cell(row, position).strip() for position in body.time_positions]
        # "Start time, 2024-01-01" is a title: a name of a time column never stands next to a time.
        if any(map(names.search, cells)) and not any(map(is_time_like, row.cells)):
            return row
    return None


def _choose_header(run: Sequence[TextRow], body: _Body) -> TextRow | None:
    """Return the header of the rows right before the data: one that names the time, else the first full row."""
    names = [row for row in run if row.filled_count > 1 or body.width <= 2]
    texts = [row for row in names if not body.has_numbers(row) or row.filled_count == body.width > 2]
    if timed := _find_time_name(names, body, _TIME_WORDS):
        return timed
    if len(texts) > _UNIT_ROWS + 1:
        return texts[-1]  # lines "name, value" without a blank line before the header
    fullest = max((row.filled_count for row in texts), default=0)
    full = [row for row in texts if row.filled_count == fullest]
    # "Site,Plant,Plant,Plant" above "Tag,FI-1,TI-2,PI-3": one text for all columns names none of them.
    telling = [row for row in full if len({*row.cells[1:]}) > 1] or full
    if telling and _holds_phrases(telling[0]):
        # PI DataLink: "Inlet temperature" above TI-101. The rows below may also be units, which have no numbers.
        telling = [*filter(_holds_tag_codes, telling), *telling]
    return next(iter(telling), names[0] if names else None)


def _holds_phrases(row: TextRow) -> bool:
    """Return True if at least half of the names behind the first cell have several words, as descriptions have."""
    cells = [cell.strip() for cell in row.cells[1:] if cell.strip()]
    return 2 * sum(" " in cell for cell in cells) >= len(cells) > 0


def _holds_tag_codes(row: TextRow) -> bool:
    """Return True if the names behind the first cell are unique single words, and at least half have a number."""
    cells = [cell.strip() for cell in row.cells[1:] if cell.strip()]
    is_unique = len({*cells}) == len(cells) and not any(" " in cell for cell in cells)
    return is_unique and 2 * sum(_TAG_NUMBER.search(cell) is not None for cell in cells) >= len(cells)


def _split_units(
    run: Sequence[TextRow], rows: Sequence[TextRow], header: TextRow, body: _Body
) -> tuple[tuple[TextRow, ...], int]:
    """Return the rows of units after the header, and the line where the data begin."""
    after = [row for row in run if row.line > header.line]
    units: list[TextRow] = []
    for row in after if len(after) <= _UNIT_ROWS else ():
        # A row with numbers but without a time is a damaged reading: it stays with the data and is counted there.
        if body.has_numbers(row):
            break
        units.append(row)
    start = units[-1] if units else header
    for comment in (row for row in rows if row.line > start.line):
        if not comment.comment or body.is_data(comment):
            break
        start = comment
    return tuple(units), start.next_line


def _find_group_line(rows: Sequence[TextRow], header: TextRow | None) -> int:
    """Return the line of tag names above a header that repeats its names, leaves some blank, or has units; 0 if none.

    ``Time,Value,Time,Value`` repeats them; loggers of Yokogawa write ``Date,Time,Sub-sec,,`` below the tags, others
    ``Time,°C,bar`` below ``Tag,TI-101,PI-102``.
    """
    if header is None:
        return 0
    repeats = header.repeat_count
    blanks = [i for i, name in enumerate(header.uncommented_cells) if not name.strip()]
    has_units = names_units(header)
    found: list[TextRow] = []
    for row in reversed([row for row in rows if row.line < header.line and not row.comment]):
        is_adjacent = row.next_line == (found[-1].line if found else header.line)
        # A title has fewer cells than the header, or fewer filled ones than the names repeat.
        is_group = row.filled_count >= repeats >= 2 or (len(blanks) >= 2 and all(_cell(row, i).strip() for i in blanks))
        is_group |= has_units and _holds_names(row)
        if not is_adjacent or not is_group or len(row.cells) != len(header.cells):
            break
        found.append(row)
    if not found or any(map(is_time_like, found[0].cells)):
        return 0
    # Uniformance PHD writes the units between the names of the tags and the header: "TagName,TI101.PV,,FI102.PV,".
    # Where the header has blanks, the line of the channels is the first one, and units are below it.
    nearest = found[0] if repeats >= 2 else found[-1]
    # A word that is not one for tags, as in "Station,Berlin,Nord" above "Time,kW,kvar", may begin a title.
    default = 0 if has_units and nearest.cells[0].strip() else nearest.line
    return next((row.line for row in found if _names_tags(row)), default)


def _names_tags(row: TextRow) -> bool:
    """Return True if the first cell says that the others are names of tags."""
    return simplify_name(row.cells[0]) in TAG_NAMES


def _holds_names(row: TextRow) -> bool:
    """Return True if the cells behind the first one are filled, differ, and are neither numbers nor times."""
    cells = [cell.strip().casefold() for cell in row.cells[1:]]
    is_text = not any(is_number_like(cell) or is_time_like(cell) for cell in cells)
    return is_text and all(cells) and len({*cells}) == len(cells)


def _cell(row: TextRow, position: int) -> str:
    return row.cells[position] if position < len(row.cells) else ""
