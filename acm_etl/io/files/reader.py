"""Pass 2 of an import: readings of all files by the plan, in bounded memory, and counts of all that is not taken."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

import polars as pl

from acm_etl.io.files.layout.stray_rows import flag_repeated_headers, flag_summary_rows
from acm_etl.io.files.layout.table_rows import find_lines, read_chunks
from acm_etl.io.files.losses import (
    COMPLEMENTARY_REASON,
    LEFT_OUT_REASON,
    REPEATED_HEADER_REASON,
    SUMMARY_ROW_REASON,
    UNSET_CLOCK_REASON,
)
from acm_etl.io.files.plan import FileKind, ImportPlan, PlannedFile, PreparedImport, RowFilter
from acm_etl.io.files.rejections import REJECTIONS_SCHEMA, RejectionCounter
from acm_etl.io.files.tag_cells import (
    TagCells,
    build_tag_names,
    filter_rows,
    fit_filter,
    list_needed_columns,
    split_by_tag,
    split_long,
)
from acm_etl.io.files.times.zones import LocalTimeConverter
from acm_etl.io.files.values.value_format import ValueFormat
from acm_etl.io.files.values.value_parser import parse_values
from acm_etl.words import FILE_COLUMN, HISTORIAN_TIME_COLUMN, ROW_COLUMN

_OCCURRENCE = "occurrence:"
_TAG = "tag:"
_VALUE = "value:"
_MAX_ROW_WITH_LINE = 200_000
"""Rows beyond are not looked up again for the number of their line: that takes a slow pass over the file."""


@dataclass(frozen=True, slots=True)
class ReadingsChunk:
    """Readings of a stretch of one file.

    Attributes:
        frame: Frame of (readings, 3 + tags): time (``Datetime("ms")``, UTC, never null), number of the file, number of
            the row, and the tags of the chunk as Float64, finite or null. Duplicates are included.
        rejections: Counts of rows and cells that were not taken as they came.
        row_count: Rows of the file that were read for the readings; a long file has several per reading.
    """

    frame: pl.DataFrame
    rejections: pl.DataFrame
    row_count: int


def stream_readings(prepared: PreparedImport) -> Iterator[ReadingsChunk]:
    """Yield the readings of all files, in order of precedence.

    Raises:
        InputError: A file has changed since pass 1 and cannot be read any more.
    """
    for ordinal, file in enumerate(prepared.files):
        yield from _FileStream(prepared.plan, file, ordinal).read()


@dataclass(slots=True)
class _FileStream:
    """One file while pass 2 goes through it."""

    plan: ImportPlan
    file: PlannedFile
    ordinal: int
    next_row: int = 0
    rejections: RejectionCounter = field(init=False)
    kind: FileKind = field(init=False)
    where: RowFilter | None = field(init=False)
    formats: Mapping[str, tuple[str, ValueFormat]] = field(init=False)
    converters: tuple[LocalTimeConverter, ...] = field(init=False)

    def __post_init__(self) -> None:
        self.kind = self.plan.kinds[self.file.kind_index]
        self.where = fit_filter(self.plan.where, self.kind.shape)
        # Databases ignore case in names, so files that spell a tag in two ways mean one tag.
        self.formats = {entry.tag.casefold(): (entry.tag, entry.format) for entry in self.kind.formats}
        self.rejections = _count_before_rows(self.file)
        self.converters = tuple(time.make_converter() for time in self.file.times)

    def read(self) -> Iterator[ReadingsChunk]:
        names = list_needed_columns(self.kind.shape, self.where)
        none = pl.DataFrame(schema=REJECTIONS_SCHEMA)
        for whole in read_chunks(self.file.table, names):
            # Numbered before the filter: find_lines counts all rows of the file to find a line.
            numbered = whole.with_columns(_number_rows(len(whole), self.next_row))
            self.next_row += len(whole)
            rows = filter_rows(numbered, self.where)
            for frame in self._convert(rows):
                yield ReadingsChunk(frame, none, len(rows) if self.kind.shape.kind == "long" else len(frame))
        # One frame of counts per file: samples and lines are those of the first rows, not of every chunk.
        yield ReadingsChunk(_empty_frame(), self._build_rejections(), 0)

    def _build_rejections(self) -> pl.DataFrame:
        rows = self.rejections.list_rows(_MAX_ROW_WITH_LINE)
        if not rows:
            return self.rejections.build_frame({})
        lines = find_lines(self.file.table, rows, list_needed_columns(self.kind.shape, self.where))
        return self.rejections.build_frame(dict(zip(rows, lines, strict=True)))

    def _convert(self, chunk: pl.DataFrame) -> Iterator[pl.DataFrame]:
        """Yield the readings of a chunk: one frame, or one per pair."""
        shape = self.kind.shape
        if shape.kind == "long":
            yield self._convert_long(chunk)
            return
        cells = [c for c in split_by_tag(chunk, shape, self.file.default_tag) if c.tag.casefold() in self.formats]
        for group in range(len(shape.times)):
            # A pair whose tag is left out brings no readings at all, not readings without values.
            if members := [cell for cell in cells if cell.time_index == group]:
                yield self._convert_wide(members, group)

    def _convert_wide(self, cells: Sequence[TagCells], group: int) -> pl.DataFrame:
        """Return readings of rows that hold one time and all tags of a group."""
        # All cells of a group come from the same rows, see split_by_tag.
        rows = cells[0].rows
        times = self._convert_times(rows, group)
        is_timed = times.is_not_null()
        columns = [self._parse(cell, is_timed).filter(is_timed) for cell in cells]
        return _build_frame(times.filter(is_timed), self.ordinal, rows[ROW_COLUMN].filter(is_timed), columns)

    def _convert_long(self, chunk: pl.DataFrame) -> pl.DataFrame:
        """Return readings of rows that hold one tag each: rows of one time are put together."""
        tags = build_tag_names(chunk, self.kind.shape)
        known = [tag for tag in tags.drop_nulls().unique() if tag.casefold() in self.formats]
        # Rows of unknown tags are counted as such already, so their times are not counted again. The keys: in a long
        # file sorted by tag, time starts again with each tag, which is no clock change.
        times = self._convert_times(chunk, 0, keys=tags, counted=tags.is_in(known).fill_null(value=False))
        timed = chunk.with_columns(times.alias(HISTORIAN_TIME_COLUMN))
        parts = []
        for cell in split_long(timed, self.kind.shape, tags):
            if cell.tag.casefold() in self.formats:
                is_timed = cell.rows[HISTORIAN_TIME_COLUMN].is_not_null()
                numbers = self._parse(cell, is_timed)
                rows = cell.rows.select(HISTORIAN_TIME_COLUMN, ROW_COLUMN)
                columns = (numbers.alias(_VALUE), pl.lit(numbers.name).alias(_TAG))
                parts.append(rows.with_columns(columns).filter(is_timed))
        return self._pivot(pl.concat(parts)) if parts else _empty_frame()

    def _pivot(self, cells: pl.DataFrame) -> pl.DataFrame:
        """Return one row per time; a tag that comes twice for a time fills a second row, which is counted later."""
        nth = pl.int_range(pl.len()).over(HISTORIAN_TIME_COLUMN, _TAG)
        wide = (
            cells.sort(ROW_COLUMN)
            .with_columns(nth.alias(_OCCURRENCE))
            # A reading has the number of the last of its rows: of readings of one time, the last row counts.
            .with_columns(pl.col(ROW_COLUMN).max().over(HISTORIAN_TIME_COLUMN, _OCCURRENCE))
            .pivot(
                on=_TAG,
                index=[HISTORIAN_TIME_COLUMN, _OCCURRENCE, ROW_COLUMN],
                values=_VALUE,
                aggregate_function="first",
            )
            .sort(_OCCURRENCE, ROW_COLUMN)
        )
        # A row that became part of another reading is counted, or rows in and rows stored would never agree.
        self.rejections.add("", COMPLEMENTARY_REASON, len(cells) - len(wide))
        tags = [column for column in wide.columns if column not in {HISTORIAN_TIME_COLUMN, _OCCURRENCE, ROW_COLUMN}]
        return _build_frame(wide[HISTORIAN_TIME_COLUMN], self.ordinal, wide[ROW_COLUMN], [wide[tag] for tag in tags])

    def _parse(self, cell: TagCells, is_timed: pl.Series) -> pl.Series:
        """Return the numbers of a tag under its name, and count the cells that are none."""
        tag, fmt = self.formats[cell.tag.casefold()]
        parsed = parse_values(cell.values, fmt, bad_quality=cell.flag_bad(keep_uncertain=self.plan.keep_uncertain))
        for reason, mask in parsed.losses.items():
            # The cells of a row without a time are lost with the row, and counted with it.
            self.rejections.add_cells(tag, reason, cell.values, mask=mask & is_timed, rows=cell.rows[ROW_COLUMN])
        return parsed.values.alias(tag)

    def _convert_times(
        self,
        rows: pl.DataFrame,
        group: int,
        keys: pl.Series | None = None,
        counted: pl.Series | None = None,
    ) -> pl.Series:
        """Return the UTC times of rows, null where the file has none that can be read."""
        reading = self.file.times[group].reading
        local = reading.parse_local_times(rows)
        is_unset = self.file.times[group].flag_unset_clock(local["local"])
        times = self.converters[group].convert_to_utc(local["local"].set(is_unset, None), local["offset"], keys)
        cells = reading.get_cells(rows)
        is_lost = times["utc"].is_null()
        is_header = is_summary = pl.repeat(value=False, n=len(cells), eager=True)
        # Few chunks lose a row: the others are not searched for texts. Typed files have none.
        if cells.dtype == pl.String and is_lost.any():
            is_header = flag_repeated_headers(cells, reading.columns) & is_lost
            is_summary = flag_summary_rows(cells) & is_lost & ~is_header
        for reason, mask in (
            (REPEATED_HEADER_REASON, is_header),
            (SUMMARY_ROW_REASON, is_summary),
            ("unparsed_time", is_lost & ~is_header & ~is_summary & ~is_unset),
            (UNSET_CLOCK_REASON, is_unset),
            ("nonexistent_local_time", times["skipped"]),
            ("ambiguous_local_time", times["repeated"]),
        ):
            kept = mask if counted is None else mask & counted
            self.rejections.add_cells("", reason, cells, mask=kept, rows=rows[ROW_COLUMN])
        return times["utc"].alias(HISTORIAN_TIME_COLUMN)


def _count_before_rows(file: PlannedFile) -> RejectionCounter:
    """Return a counter with the counts that pass 1 knows: rows that do not fit, and columns that are left out."""
    counter = RejectionCounter()
    counter.add("", "ragged_row", file.ragged_count, file.ragged_samples)
    counter.add("", "untagged_row", file.untagged_count)
    counter.add("", "unknown_tag", file.unknown_count, file.unknown_tags)
    for column in file.left_out:
        # The user knows of the columns that the options leave out.
        if column.reason != "excluded":
            counter.add(column.name, LEFT_OUT_REASON, column.count, column.samples)
    return counter


def _empty_frame() -> pl.DataFrame:
    return pl.DataFrame(schema={HISTORIAN_TIME_COLUMN: pl.Datetime("ms"), FILE_COLUMN: pl.Int32, ROW_COLUMN: pl.Int64})


def _number_rows(count: int, first: int) -> pl.Series:
    return pl.int_range(first, first + count, dtype=pl.Int64, eager=True).alias(ROW_COLUMN)


def _build_frame(times: pl.Series, ordinal: int, rows: pl.Series, columns: Sequence[pl.Series]) -> pl.DataFrame:
    number = pl.repeat(ordinal, len(times), dtype=pl.Int32, eager=True)
    return pl.DataFrame(
        [times.alias(HISTORIAN_TIME_COLUMN), number.alias(FILE_COLUMN), rows.alias(ROW_COLUMN), *columns]
    )
