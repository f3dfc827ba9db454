"""Pass 1 over one file: counts of its rows, and profiles of its times and cells."""

from __future__ import annotations

from copy import deepcopy
from dataclasses import dataclass, field, replace

import polars as pl

from acm_etl.io.files.inspection import InspectedFile
from acm_etl.io.files.layout.stray_rows import count_second_headers, find_lone_names, flag_readings
from acm_etl.io.files.layout.table_rows import NotANumberError, read_chunks
from acm_etl.io.files.plan import RowFilter
from acm_etl.io.files.tag_cells import (
    TagCells,
    build_tag_names,
    filter_rows,
    list_needed_columns,
    split_by_tag,
    split_long,
)
from acm_etl.io.files.values.number_text import Notation
from acm_etl.io.files.values.value_profile import ValueProfile

_MAX_RAGGED_SAMPLES = 5


@dataclass(slots=True)
class FileScan:
    """One file while pass 1 goes through it.

    Attributes:
        file: The file and its shape.
        where: Rows to take.
        kind_index: Position of its kind in the plan; -1 until it is decided.
        profiles: Profile of the cells by tag.
        units: Units by tag of a long file with a column of units, in order of appearance.
        row_count: Rows that fit the header and the row filter.
        other_machine_count: Rows of other machines.
        untagged_count: Rows of a long file without a tag.
        header_count: Rows that repeat the header.
        last_reading: Number of the last row of a wide file that begins with a time; -1 if none does.
        lone_name: Number and text of the first row below a reading that holds nothing but a name.
        ragged_count: Rows that do not fit the header.
        ragged_samples: Text of the first of them.
    """

    file: InspectedFile
    where: RowFilter | None
    kind_index: int = -1
    profiles: dict[str, ValueProfile] = field(default_factory=dict)
    units: dict[str, dict[str, None]] = field(default_factory=dict)
    row_count: int = 0
    other_machine_count: int = 0
    untagged_count: int = 0
    header_count: int = 0
    last_reading: int = -1
    lone_name: tuple[int, str] | None = None
    ragged_count: int = 0
    ragged_samples: list[str] = field(default_factory=list)

    @property
    def is_blank(self) -> bool:
        """True if the file holds nothing but its header."""
        return not (self.row_count or self.other_machine_count or self.header_count or self.ragged_count)

    def add_ragged_row(self, text: str) -> None:
        """Count a row that does not fit the header."""
        self.ragged_count += 1
        if len(self.ragged_samples) < _MAX_RAGGED_SAMPLES:
            self.ragged_samples.append(text)

    def run(self) -> None:
        """Read the file once.

        Raises:
            InputError: Another table with other columns begins within the file.
            NotANumberError: A column that the sample shows as plain numbers holds something else.
        """
        shape = self.file.shape
        for whole in read_chunks(self.file.table, list_needed_columns(shape, self.where), self.add_ragged_row):
            first_row = self.row_count + self.other_machine_count
            self.header_count += count_second_headers(self.file.table, whole, shape.times[0][0], first_row)
            self._note_parts(whole, first_row)
            chunk = filter_rows(whole, self.where)
            # Counted, because all rows of the file must add up, whichever machine they belong to.
            self.other_machine_count += len(whole) - len(chunk)
            if shape.kind == "long":
                tags = build_tag_names(chunk, shape)
                self.untagged_count += tags.null_count()
                # With the tags: a file in the order of its tags steps back in time at each of them, which is no clock
                # change.
                self.file.times[0].add_values(chunk, tags)
                cells_by_tag = split_long(chunk, shape, tags)
            else:
                for time in self.file.times:
                    # Shorter pairs are padded to the length of the longest one: an empty time there is no unreadable
                    # time.
                    time.add_values(chunk.drop_nulls(time.columns) if shape.kind == "pairs" else chunk)
                cells_by_tag = split_by_tag(chunk, shape, self.file.default_tag)
            self.row_count += len(chunk)
            for cells in cells_by_tag:
                self.profiles.setdefault(cells.tag, ValueProfile(cells.tag)).add_values(cells.values)
                if shape.unit_column is not None:
                    self._add_units(cells, shape.unit_column)
        self._note_decimal_points()

    def _note_parts(self, chunk: pl.DataFrame, first_row: int) -> None:
        """Note where names stand between the readings: rows below may be of another tag or machine."""
        name = self.file.shape.times[0][0]
        if self.file.shape.kind != "wide" or chunk.schema[name] != pl.String:
            return
        is_reading = flag_readings(chunk, name)
        readings = is_reading.arg_true()
        # Most chunks hold readings alone, and need no look at their other columns.
        if self.lone_name is None and not is_reading.all():
            # Without a reading above, it is a row of units or a title.
            start = 0 if self.last_reading >= 0 else next(iter(readings), len(chunk))
            found = next((entry for entry in find_lone_names(chunk, name, is_reading) if entry[0] >= start), None)
            self.lone_name = found and (first_row + found[0], found[1])
        if len(readings):
            self.last_reading = first_row + readings[-1]

    def _add_units(self, cells: TagCells, column: str) -> None:
        # A row without a number may have any unit, as states of a historian have.
        values = cells.values
        has_number = values.str.contains(r"\d") if values.dtype == pl.String else values.is_not_null()
        units = cells.rows[column].filter(has_number.fill_null(value=False)).drop_nulls().unique(maintain_order=True)
        self.units.setdefault(cells.tag, {}).update(dict.fromkeys(units.cast(pl.String).to_list()))

    def _note_decimal_points(self) -> None:
        """Keep the proof of the decimal mark: numbers do not show how they were written."""
        for name in self.file.table.float_columns:
            if (profile := self.profiles.get(name)) is not None:
                profile.notations[Notation.POINT_DECIMAL] = profile.number_count


def scan_file(file: InspectedFile, where: RowFilter | None, *, kind_index: int = -1) -> FileScan:
    """Read a file once: columns of plain numbers as numbers, all others as text.

    Numbers cost a third of text. Where a column turns out to hold other cells, the whole file is read again as text.
    """
    table = replace(file.table, float_columns=file.plain_columns)
    # Times remember what they have seen, so the second attempt needs fresh ones.
    scan = FileScan(replace(file, table=table, times=deepcopy(file.times)), where, kind_index)
    try:
        scan.run()
    # Neither counts nor profiles of the first attempt are kept: it stopped somewhere within the file.
    except NotANumberError:
        scan = FileScan(file, where, kind_index)
        scan.run()
    return scan
