"""A table as it stands in its file: names, units, and the layout to read it; cells are not interpreted here."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

from acm_etl.counts import format_count
from acm_etl.errors import InputError
from acm_etl.io.files.layout.containers import InputFile, read_head, unreadable_error
from acm_etl.io.files.layout.text_layout import (
    DetectedLayout,
    LayoutOptions,
    TextLayout,
    detect_layout,
    detect_sheet_layout,
    read_head_lines,
)
from acm_etl.io.files.layout.text_rows import TextRow, iter_rows, remove_guards
from acm_etl.io.files.layout.typed_tables import read_schema
from acm_etl.io.files.layout.unit_texts import may_be_unit, names_units
from acm_etl.io.files.layout.workbook import read_sheet

_SAMPLE_ROWS = 400
_GUARD_BYTES = 1 << 16
# Cells of a row of types, as Ignition writes them: "date", "F" for a float.
_TYPE_NAMES = {"date", "string", "str", "float", "double", "int", "integer", "long", "boolean", "bool"}
_UNIT_IN_NAME = re.compile(r"[\[(]([^\[\]()]{1,12})[\])]\s*$")


@dataclass(frozen=True, slots=True)
class RawTable:
    """Columns of a table and the layout under which they are read.

    Attributes:
        source: File, member or sheet.
        columns: Names, stripped, never empty, unique without regard to case.
        units: Units by column, where the file names them.
        layout: Layout of text and sheets; None for tables with typed columns.
        notes: What was skipped or renamed, one line each, for the user to see.
        positions: Physical position from 0 of every column.
        width: Cells of a row, unnamed blank ones included.
        float_columns: Columns of a text file that hold nothing but numbers with a decimal point; they are read as such.
        file_state: Size and time of change of the file when the table was opened.
    """

    source: InputFile
    columns: tuple[str, ...]
    units: Mapping[str, str] = field(default_factory=dict)
    layout: TextLayout | None = None
    notes: tuple[str, ...] = ()
    positions: tuple[int, ...] = ()
    width: int = 0
    file_state: tuple[int, int] | None = None
    float_columns: frozenset[str] = frozenset()

    @property
    def name(self) -> str:
        """Name for messages."""
        return self.source.name

    @property
    def is_text(self) -> bool:
        """True if every cell comes as text."""
        return self.layout is not None

    @property
    def blank_positions(self) -> tuple[int, ...]:
        """Positions of unnamed columns that are blank in the first rows; content further down makes a row ragged."""
        return tuple(sorted(set(range(self.width)) - set(self.positions)))


def open_table(source: InputFile, options: LayoutOptions | None = None) -> RawTable:
    """Open a table: detect its layout and read its names.

    Args:
        source: File, member or sheet.
        options: What the user gives about the layout.

    Returns:
        The table; ``read_chunks`` reads its rows.

    Raises:
        UsageError: The given header line is not in the file.
        InputError: The file is damaged or holds no table.
    """
    if source.is_typed:
        return _open_typed(source)
    found = detect_cell_layout(source, options)
    table = rebuild_table(source, found.layout)
    # A row of units outranks brackets in the names: brackets also hold remarks.
    units = {**table.units, **_read_units(table, found.unit_rows)}
    notes = (*_describe_layout(found), *_describe_unit_rows(found.unit_rows), *table.notes)
    return replace(table, units=units, notes=notes)


def detect_cell_layout(source: InputFile, options: LayoutOptions | None = None) -> DetectedLayout:
    """Detect the layout of a text file or a sheet.

    Args:
        source: File, member or sheet, whose cells are texts.
        options: What the user gives about the layout.

    Raises:
        UsageError: The given header line is not in the file.
        InputError: The file is damaged or holds no table.
    """
    if source.format != "xlsx":
        return detect_layout(source, options)
    rows = list_sheet_rows(source, _SAMPLE_ROWS)
    if not rows:
        message = f"{source.name} is empty"
        raise InputError(message)
    return detect_sheet_layout(source.name, rows, options)


def holds_guards(source: InputFile) -> bool:
    """Return True if cells of a text file may be written as ="0012", so that a spreadsheet does not change them."""
    return source.format == "text" and b'="' in read_head(source, _GUARD_BYTES)


def rebuild_table(source: InputFile, layout: TextLayout) -> RawTable:
    """Open a table of text or a sheet under a known layout, without detection.

    Args:
        source: File, member or sheet.
        layout: Layout of an earlier file of the same kind.

    Raises:
        InputError: The file is damaged, or its header does not fit its rows.
    """
    # The header is read again even under a saved layout: cells must not get the names of columns that have moved.
    if source.format == "xlsx":
        rows = list_sheet_rows(source, _SAMPLE_ROWS)
        header, group = (
            next((row for row in rows if row.line == line), None) for line in (layout.header_line, layout.group_line)
        )
    else:
        lines = read_head_lines(source, layout.encoding)
        rows = _parse_rows(lines, layout, layout.first_data_line)
        header, group = (
            next(iter(_parse_rows(lines, layout, line)), None) if line else None
            for line in (layout.header_line, layout.group_line)
        )
    data = [row for row in rows if row.line >= layout.first_data_line]
    if header and group:
        header = header._replace(cells=_join_group_names(group, header))
    if layout.header_line and header is None:
        message = f"{source.name} has no header in line {layout.header_line:,}; import it without the saved layout"
        raise InputError(message)
    names, width = _fit_header(source, header, data)
    return _name_columns(source, layout, names=[name.strip() for name in names], data=data, width=width)


def list_sheet_rows(source: InputFile, count: int | None = None) -> list[TextRow]:
    """Return the first rows of a sheet that are not blank; the line is the number of the row within the used range."""
    frame = read_sheet(source)
    frame = frame if count is None else frame.head(count)
    rows = enumerate(frame.iter_rows(), start=1)
    return [
        TextRow(line, line + 1, tuple(cell or "" for cell in cells)) for line, cells in rows if any(map(bool, cells))
    ]


def read_file_state(source: InputFile) -> tuple[int, int]:
    """Return size in bytes and time of change in nanoseconds of the file on disk."""
    try:
        # Pass 2 compares both: a logger that writes on between the passes would make the counts of pass 1 wrong.
        state = source.path.stat()
    except OSError as error:
        raise unreadable_error(source.name, error) from error
    return state.st_size, state.st_mtime_ns


def _open_typed(source: InputFile) -> RawTable:
    schema = read_schema(source)
    try:
        names = [name.strip() for name in schema.names]
    except UnicodeDecodeError as error:  # Arrow decodes names only when they are asked for
        raise unreadable_error(source.name, error) from error
    if not names:
        message = f"{source.name} has no columns; export it again"
        raise InputError(message)
    columns = _make_unique([name or f"column {i}" for i, name in enumerate(names, start=1)])
    return RawTable(
        source,
        columns,
        notes=_describe_names(names, columns),
        positions=tuple(range(len(names))),
        width=len(names),
        file_state=read_file_state(source),
    )


def _parse_rows(lines: Sequence[str], layout: TextLayout, first_line: int) -> list[TextRow]:
    # From the wanted line on: a lone quote in the preamble would otherwise swallow the header.
    rest = lines[first_line - 1 :]
    rows = iter_rows(rest, delimiter=layout.delimiter, quote=layout.quote, first_line=first_line)
    return [*map(remove_guards, rows)] if layout.has_guards else [*rows]


def _join_group_names(group: TextRow, header: TextRow) -> tuple[str, ...]:
    """Return the names of the header behind those of their groups: "T1,,T2," above "Time,Value,Time,Value"."""
    names, current = [], ""
    # Names that are unique stay as they are: the line above has only those that the header leaves blank.
    is_repeated = header.repeat_count > 1
    has_units = names_units(header)
    for i, cell in enumerate(header.uncommented_cells):
        above = group.cells[i].strip() if i < len(group.cells) else ""
        # Spreadsheets write the text of merged cells into the first one and leave the others blank.
        current = (above or current) if is_repeated else ""
        if has_units and i:
            names.append(f"{above} [{cell.strip()}]")
            continue
        names.append(f"{current} {cell.strip()}".strip() if cell.strip() else above)
    return tuple(names)


def _fit_header(source: InputFile, header: TextRow | None, data: Sequence[TextRow]) -> tuple[list[str], int]:
    """Return the names of all cells of a row, "" for unnamed ones, and the number of cells.

    Rows or the header may end with a delimiter, and a header may lack the name of the index.
    """
    # The width of most rows decides, not that of the header: exporters end rows with a delimiter but not the header.
    counts = Counter(len(row.cells) for row in data)
    if header is None:
        width = max(counts, key=lambda key: (counts[key], key), default=0)
        return [f"column {i}" for i in range(1, width + 1)], width
    names, named = list(header.uncommented_cells), header.width
    fitting = {
        width: count for width, count in counts.items() if width == len(names) or _ends_blank(data, width, named)
    }
    if fitting or not counts:
        # A tie goes to the wider rows: under the narrower width they would be left out as ragged.
        width = max(fitting, key=lambda key: (fitting[key], key), default=len(names))
        return (names + [""] * width)[:width], width
    width = max(counts, key=lambda key: (counts[key], key))
    if width == named + 1:  # R and pandas write no name for the index
        return ["", *names[:named]], width
    example = next(row for row in data if len(row.cells) == width)
    message = (
        f"{source.name}: the header in line {header.line:,} has {named} names, but most rows have {width} cells, "
        f"for example line {example.line:,}; mend the header, or name its line with --header-line N"
    )
    raise InputError(message)


def _ends_blank(data: Sequence[TextRow], width: int, named: int) -> bool:
    return width >= named and all(row.width <= named for row in data if len(row.cells) == width)


def _name_columns(
    source: InputFile, layout: TextLayout, *, names: Sequence[str], data: Sequence[TextRow], width: int
) -> RawTable:
    # Ragged rows say nothing about a column: their cells may have moved. Annotations fill a column without a name.
    rows = [row for row in data if len(row.cells) == width and (names[0] or not row.is_annotation)]
    positions = [i for i, name in enumerate(names) if name or any(row.cells[i].strip() for row in rows)]
    # A blank name with blank cells is an artefact of a trailing delimiter; with cells it may be the index.
    written = [names[i] for i in positions]
    columns = _make_unique([names[i] or f"column {i + 1}" for i in positions])
    blank = width - len(positions)
    notes = [f"{format_count(blank, 'blank column')} without a name left out"] if blank else []
    return RawTable(
        source,
        columns,
        {name: unit for name in columns if (unit := _find_unit_in_name(name))},
        layout,
        (*notes, *_describe_names(written, columns)),
        tuple(positions),
        width,
        read_file_state(source),
    )


def _make_unique(names: Sequence[str]) -> tuple[str, ...]:
    """Return names that differ without regard to case, as the databases compare them: "Time", "Time (2)"."""
    taken = {name.casefold() for name in names}
    seen: set[str] = set()
    unique: list[str] = []
    for name in names:
        found, number = name, 2
        # A generated name must not equal the name of another column: "T", "T", "T (2)".
        while found.casefold() in seen or (found != name and found.casefold() in taken):
            found, number = f"{name} ({number})", number + 1
        seen.add(found.casefold())
        unique.append(found)
    return tuple(unique)


def _read_units(table: RawTable, unit_rows: Sequence[TextRow]) -> dict[str, str]:
    """Return the units of the row that looks most like units; descriptions and processing are not units."""

    def list_units(row: TextRow) -> dict[str, str]:
        # "F" and "s" are units as well, so one clear name of a type decides about the whole row.
        if any(cell.strip().casefold() in _TYPE_NAMES for cell in row.cells):
            return {}
        cells = zip(table.columns, table.positions, strict=True)
        found = {name: row.cells[i].strip().strip("[]()") for name, i in cells if i < len(row.cells)}
        return {name: text for name, text in found.items() if may_be_unit(text)}

    # TOA5 writes two rows under its names: units, then the kind of processing (Avg, Smp). The latter match few units.
    return max(map(list_units, unit_rows), key=len, default={})


def _find_unit_in_name(name: str) -> str | None:
    found = _UNIT_IN_NAME.search(name)
    return found.group(1).strip() if found and may_be_unit(found.group(1).strip()) else None


def _describe_names(written: Sequence[str], columns: Sequence[str]) -> tuple[str, ...]:
    unnamed = [column for name, column in zip(written, columns, strict=True) if not name]
    renamed = [column for name, column in zip(written, columns, strict=True) if name and name != column]
    notes = []
    if unnamed:
        notes.append(f"{format_count(len(unnamed), 'column')} without a name: {', '.join(unnamed[:5])}")
    if renamed:
        notes.append(f"{format_count(len(renamed), 'column')} with a repeated name: {', '.join(renamed[:5])}")
    return tuple(notes)


def _describe_layout(found: DetectedLayout) -> list[str]:
    notes, skipped = [], found.skipped_lines
    if found.layout.encoding == "cp1252":
        notes.append("not UTF-8: read as Windows-1252")
    if skipped:
        sample = skipped[0] if len(skipped[0]) <= 60 else f"{skipped[0][:57]}..."
        notes.append(f"{format_count(len(skipped), 'line')} before the header skipped, the first is {sample!r}")
    return notes


def _describe_unit_rows(rows: Sequence[TextRow]) -> list[str]:
    if not rows:
        return []
    lines = ", ".join(f"{row.line:,}" for row in rows)
    return [f"{format_count(len(rows), 'row')} of units or descriptions under the header, not readings: line {lines}"]
