"""Import of CSV and Parquet files of readings: one pass that decides, one that reads.

``survey`` looks at every file of a machine once, in bounded memory, and settles what no single row can tell: the time
column, the order of day and month, which columns are tags. ``read`` streams the readings with what was settled.
Whatever is not taken as it stands is counted, never dropped in silence.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path

import polars as pl

from acm_etl.errors import InputError, UsageError
from acm_etl.io.files.inputs import InputFile, expand_inputs
from acm_etl.io.files.numbers import (
    REJECTIONS_SCHEMA,
    TagColumnsProfile,
    build_rejections,
    parse_numbers,
    sum_rejections,
)
from acm_etl.io.files.raw_table import RawTable, open_table
from acm_etl.io.files.table_rows import find_ragged_lines, read_chunks
from acm_etl.io.files.time_decision import DecidedTime, decide_times
from acm_etl.io.files.time_search import find_time_column
from acm_etl.io.files.timestamp_column import TimeColumn, TimeOptions
from acm_etl.io.files.timestamps import DateOrder
from acm_etl.io.files.zones import LocalTimeConverter, check_time_zone

TIME_COLUMN = "EntryDateTime"
FILE_COLUMN = "FileOrdinal"
ROW_COLUMN = "RowOrdinal"
"""With FILE: where a reading came from. Of readings of one time, the last file's last row is the valid one."""

#: Names no tag may have; a scored frame has its own ``Timestamp``.
_RESERVED_NAMES = {name.casefold() for name in (TIME_COLUMN, FILE_COLUMN, ROW_COLUMN, "Timestamp")}
_MAX_NAME_LENGTH = 128  # of an identifier in SQL Server

__all__ = [
    "FILE_COLUMN",
    "REJECTIONS_SCHEMA",
    "ROW_COLUMN",
    "TIME_COLUMN",
    "DateOrder",
    "FileProfile",
    "ImportOptions",
    "ImportProfile",
    "ReadingsChunk",
    "profile_files",
    "read_all_readings",
    "stream_readings",
    "sum_rejections",
]  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class ImportOptions:
    """What the user says about the files of one machine.

    Attributes:
        time_zone: IANA zone of stamps that carry no offset of their own.
        time_column: Name of the time column; found by name or content where None.
        time_format: Pattern of all time stamps; found where None.
        date_order: Order of day and month; found from the whole column where None.
    """

    time_zone: str
    time_column: str | None = None
    time_format: str | None = None
    date_order: DateOrder | None = None


@dataclass(frozen=True, slots=True)
class FileProfile:
    """What pass 1 found out about one file.

    Attributes:
        file: The file.
        time: How its time column is read.
        tag_by_column: Name in the file to name of the tag.
        comma_columns: Columns whose numbers have a decimal comma.
        row_count: Rows as wide as the header.
        rejections: Counts that are known before pass 2: ragged rows and columns left out.
    """

    file: RawTable
    time: DecidedTime
    tag_by_column: Mapping[str, str]
    comma_columns: frozenset[str]
    row_count: int
    rejections: pl.DataFrame


@dataclass(frozen=True, slots=True)
class ImportProfile:
    """What pass 1 settled for all files of one machine.

    Attributes:
        options: As given.
        files: In the order given, which is the order of precedence.
        tags: Tags of all files, in order of appearance.
        messages: What was settled, one line each, for the user to see.
    """

    options: ImportOptions
    files: tuple[FileProfile, ...]
    tags: tuple[str, ...]
    messages: tuple[str, ...]

    @property
    def paths(self) -> list[str]:
        """Files on disk, in the order given: one for all members of an archive."""
        return list(dict.fromkeys(str(facts.file.source.path) for facts in self.files))

    @property
    def row_count(self) -> int:
        """Rows of all files."""
        return sum(facts.row_count for facts in self.files)


@dataclass(frozen=True, slots=True)
class ReadingsChunk:
    """A stretch of one file.

    Attributes:
        frame: TIME (``Datetime('ms')``, naive UTC, never null), FILE, ROW, and every tag of the survey as Float64,
            finite or null; in file order, duplicates included.
        rejections: Counts of rows and cells that were not taken as they came, see ``REJECTED_SCHEMA``.
    """

    frame: pl.DataFrame
    rejections: pl.DataFrame


@dataclass(slots=True)
class _FileScan:
    """One file while pass 1 goes through it."""

    file: RawTable
    time_column: TimeColumn
    tags_profile: TagColumnsProfile = field(default_factory=TagColumnsProfile)
    row_count: int = 0
    ragged_count: int = 0
    ragged_samples: list[str] = field(default_factory=list)

    def add_ragged_row(self, text: str) -> None:
        self.ragged_count += 1
        if len(self.ragged_samples) < 5:
            self.ragged_samples.append(text)

    @property
    def tag_columns(self) -> list[str]:
        return [name for name in self.file.columns if name not in self.time_column.columns]


def profile_files(paths: Sequence[str | Path], options: ImportOptions) -> ImportProfile:
    """Pass 1 over the files of one machine.

    Raises:
        UsageError: No files, a file that is not there, an unknown zone.
        InputError: A file that holds no readings, or whose times cannot be told.
    """
    if not paths:
        message = "no files given; name one or more CSV or Parquet files"
        raise UsageError(message)
    check_time_zone(options.time_zone)
    notes: list[str] = []
    scans = [_scan_file(source, options) for source in expand_inputs(paths, notes.append)]
    decision = decide_times([scan.time_column for scan in scans], options.date_order)
    numeric = {n.strip().casefold() for scan in scans for n in scan.tags_profile.numeric_columns}
    names: dict[str, str] = {}
    files = tuple(
        _build_file_profile(scan, time, numeric, names) for scan, time in zip(scans, decision.times, strict=True)
    )
    ragged = [
        f"{s.file.path.name}: {s.ragged_count:,} row(s) {_describe_ragged(s)} are left out"
        for s in scans
        if s.ragged_count
    ]
    tags = tuple(dict.fromkeys(tag for facts in files for tag in facts.tag_by_column.values()))
    if not tags:
        message = f"{paths[0]} has no column of numbers besides the time"
        raise InputError(message)
    messages = (*notes, *_profile_messages(files, decision.messages, options), *ragged)
    return ImportProfile(options, files, tags, messages)


def _scan_file(file: InputFile, options: ImportOptions) -> _FileScan:
    source = open_table(file)
    sample = next((batch for batch in read_chunks(source, source.columns) if len(batch)), None)
    if sample is None:
        message = f"{source.name} has a header but no rows that fit it"
        raise InputError(message)
    times = TimeOptions(time_zone=options.time_zone, time_column=options.time_column, time_format=options.time_format)
    scan = _FileScan(source, find_time_column(source.name, sample, times))
    _check_tag_names(source, scan.tag_columns)
    # Typed numbers of a Parquet file need no look at all.
    unknown = [name for name in scan.tag_columns if not sample[name].dtype.is_numeric()]
    scan.tags_profile.numeric_columns.update(set(scan.tag_columns) - set(unknown))
    for batch in read_chunks(source, [*scan.time_column.columns, *unknown], scan.add_ragged_row):
        scan.row_count += len(batch)
        scan.time_column.add_values(batch)
        scan.tags_profile.add_chunk(batch, unknown, detect_commas=_has_semicolons(source))
    if scan.ragged_count > scan.row_count:
        rows = scan.ragged_count + scan.row_count
        message = f"{source.name}: {scan.ragged_count:,} of {rows:,} rows are {_describe_ragged(scan)}"
        raise InputError(message)
    return scan


def _has_semicolons(source: RawTable) -> bool:
    return source.layout is not None and source.layout.delimiter == ";"


def _describe_ragged(scan: _FileScan) -> str:
    lines = find_ragged_lines(scan.file, limit=1)
    return f"not as wide as the header{f', the first in line {lines[0]:,}' if lines else ''}"


def _check_tag_names(source: RawTable, cells: Sequence[str]) -> None:
    reserved = [name for name in cells if name.strip().casefold() in _RESERVED_NAMES]
    if reserved:
        message = f"{source.path} has a tag with a reserved name: {', '.join(reserved)}; rename the column"
        raise InputError(message)
    long = [name for name in cells if len(name.strip()) > _MAX_NAME_LENGTH]
    if long:
        message = (
            f"{source.path} has {len(long)} column name(s) of more than {_MAX_NAME_LENGTH} characters: "
            f"{long[0][:60]}..."
        )
        raise InputError(message)


def _build_file_profile(scan: _FileScan, time: DecidedTime, numeric: set[str], names: dict[str, str]) -> FileProfile:
    """What is settled about one file; ``names`` keeps the first spelling of every tag over all files."""
    left_out = [
        n for n in scan.tag_columns if n in scan.tags_profile.text_columns and n.strip().casefold() not in numeric
    ]
    tags = {
        name: names.setdefault(name.strip().casefold(), name.strip())
        for name in scan.tag_columns
        if name not in left_out
    }
    texts = ((name.strip(), "not_numeric_column", *scan.tags_profile.text_columns[name]) for name in left_out)
    ragged = ("", "ragged_row", scan.ragged_count, pl.Series(scan.ragged_samples, dtype=pl.String))
    refused = build_rejections([ragged, *texts])
    return FileProfile(scan.file, time, tags, scan.tags_profile.decimal_comma_columns(), scan.row_count, refused)


def _profile_messages(
    files: Sequence[FileProfile], time_messages: Sequence[str], options: ImportOptions
) -> Iterator[str]:
    for facts in files:
        name = facts.file.path.name
        time_name = " + ".join(column.strip() for column in facts.time.reading.columns)
        yield f"{name}: {facts.row_count:,} rows, {len(facts.tag_by_column)} tags, time in {time_name!r}"
        yield from (f"{name}: {note}" for note in facts.file.notes)
        yield from facts.time.reading.doubts
        if facts.comma_columns:
            yield f"{name}: decimal comma in {', '.join(sorted(facts.comma_columns))}"
        for column, rule, _, values in facts.rejections.iter_rows():
            if rule == "not_numeric_column":
                yield f"{name}: column {column} is left out, it holds no number but {values}"
        for raw, tag in facts.tag_by_column.items():
            if raw.strip() != tag:
                yield f"{name}: column {raw.strip()} is taken for {tag}"
    yield from time_messages
    yield f"times without an offset are local times of {options.time_zone}"


def stream_readings(profile: ImportProfile) -> Iterator[ReadingsChunk]:
    """Pass 2: the readings of all files, in bounded memory.

    Raises:
        InputError: A file has changed since the survey and cannot be read any more.
    """
    for ordinal, facts in enumerate(profile.files):
        clock = facts.time.make_converter()
        refused, row = facts.rejections, 0
        for raw in read_chunks(facts.file, [*facts.time.reading.columns, *facts.tag_by_column]):
            take = partial(_convert_chunk, facts=facts, found=profile, clock=clock)
            batch = take(raw.with_columns(pl.lit(ordinal, pl.Int32).alias(FILE_COLUMN), _row_ordinals(len(raw), row)))
            yield ReadingsChunk(batch.frame, sum_rejections([refused, batch.rejections]))
            refused, row = refused.clear(), row + len(raw)


def _row_ordinals(count: int, first: int) -> pl.Series:
    return pl.int_range(first, first + count, dtype=pl.Int64, eager=True).alias(ROW_COLUMN)


def _convert_chunk(
    raw: pl.DataFrame, *, facts: FileProfile, found: ImportProfile, clock: LocalTimeConverter
) -> ReadingsChunk:
    """One raw batch as readings, and the counts of what was lost on the way."""
    written = facts.time.reading.get_cells(raw)
    stamps = facts.time.reading.parse_local_times(raw)
    times = clock.convert_to_utc(stamps["local"], stamps["offset"])
    parsed = times["utc"].is_not_null()
    events = build_rejections(
        ("", rule, int(flags.sum()), written.filter(flags))
        for rule, flags in (
            ("unparsed_time", ~parsed),
            ("nonexistent_local_time", times["skipped"]),
            ("ambiguous_local_time", times["repeated"]),
        )
    )
    taken = raw.filter(parsed)
    numbers, lost = parse_numbers(taken, facts.tag_by_column, comma_columns=facts.comma_columns)
    missing = [pl.lit(None, pl.Float64).alias(tag) for tag in found.tags if tag not in numbers.columns]
    frame = (
        taken.select(times["utc"].filter(parsed).alias(TIME_COLUMN), FILE_COLUMN, ROW_COLUMN)
        .hstack(numbers)
        .with_columns(missing)
    )
    return ReadingsChunk(
        frame.select(TIME_COLUMN, FILE_COLUMN, ROW_COLUMN, *found.tags), sum_rejections([events, lost])
    )


def read_all_readings(paths: Sequence[Path], options: ImportOptions) -> tuple[pl.DataFrame, pl.DataFrame]:
    """All readings of small files at once: one row per time, sorted, and the counts of what was not taken.

    Of several readings of one time the last file's last row counts; the others are counted as ``duplicate`` where they
    say the same, else as ``conflicting_duplicate``.
    """
    found = profile_files(paths, options)
    parts = list(stream_readings(found))
    rows = pl.concat([part.frame for part in parts]).sort(TIME_COLUMN, FILE_COLUMN, ROW_COLUMN)
    last = rows.unique(TIME_COLUMN, keep="last", maintain_order=True)
    losers = rows.join(last.select(FILE_COLUMN, ROW_COLUMN), on=[FILE_COLUMN, ROW_COLUMN], how="anti")
    pairs = losers.join(last, on=TIME_COLUMN, how="left", suffix=":kept").sort(TIME_COLUMN)
    same = pl.all_horizontal(pl.col(tag).eq_missing(pl.col(f"{tag}:kept")) for tag in found.tags)
    events = build_rejections(
        ("", rule, len(times), times)
        for rule, times in (
            ("duplicate", pairs.filter(same)[TIME_COLUMN]),
            ("conflicting_duplicate", pairs.filter(~same)[TIME_COLUMN]),
        )
    )
    return last.drop(FILE_COLUMN, ROW_COLUMN), sum_rejections([*(part.rejections for part in parts), events])
