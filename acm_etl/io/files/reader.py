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
from acm_etl.io.files.numbers import REJECTED, Content, rejected, tally, to_numbers
from acm_etl.io.files.sources import Source, batches, inspect, line_of
from acm_etl.io.files.timestamp_column import Stamps, time_column
from acm_etl.io.files.timestamps import Order, Orders, decide
from acm_etl.io.files.zones import LocalClock, check_zone

TIME = "EntryDateTime"
FILE = "FileOrdinal"
ROW = "RowOrdinal"
"""With FILE: where a reading came from. Of readings of one time, the last file's last row is the valid one."""

#: Names no tag may have; a scored frame has its own ``Timestamp``.
_RESERVED = {name.casefold() for name in (TIME, FILE, ROW, "Timestamp")}
_LONGEST_NAME = 128  # of an identifier in SQL Server

__all__ = [
    "FILE", "REJECTED", "ROW", "TIME", "Batch", "FileFacts", "Options", "Order", "Survey",
    "read", "read_all", "survey", "tally",
]  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class Options:
    """What the user says about the files of one machine.

    Attributes:
        timezone: IANA zone of stamps that carry no offset of their own.
        time_column: Name of the time column; found by name or content where None.
        date_order: Order of day and month; found from the whole column where None.
    """

    timezone: str
    time_column: str | None = None
    date_order: Order | None = None


@dataclass(frozen=True, slots=True)
class FileFacts:
    """What pass 1 found out about one file.

    Attributes:
        source: The file.
        stamps: Its time column, and how it is read.
        tags: Name in the file to name of the tag.
        comma: Columns whose numbers have a decimal comma.
        rows: Rows as wide as the header.
        refused: Counts that are known before pass 2: ragged rows and columns left out.
    """

    source: Source
    stamps: Stamps
    tags: Mapping[str, str]
    comma: frozenset[str]
    rows: int
    refused: pl.DataFrame


@dataclass(frozen=True, slots=True)
class Survey:
    """What pass 1 settled for all files of one machine.

    Attributes:
        options: As given.
        files: In the order given, which is the order of precedence.
        tags: Tags of all files, in order of appearance.
        orders: How dates are read.
        words: What was settled, one line each, for the user to see.
    """

    options: Options
    files: tuple[FileFacts, ...]
    tags: tuple[str, ...]
    orders: Orders
    words: tuple[str, ...]

    @property
    def rows(self) -> int:
        """Rows of all files."""
        return sum(facts.rows for facts in self.files)


@dataclass(frozen=True, slots=True)
class Batch:
    """A stretch of one file.

    Attributes:
        frame: TIME (``Datetime('ms')``, naive UTC, never null), FILE, ROW, and every tag of the survey as Float64,
            finite or null; in file order, duplicates included.
        rejected: Counts of rows and cells that were not taken as they came, see ``REJECTED``.
    """

    frame: pl.DataFrame
    rejected: pl.DataFrame


@dataclass(slots=True)
class _Scan:
    """One file while pass 1 goes through it."""

    source: Source
    stamps: Stamps
    content: Content = field(default_factory=Content)
    rows: int = 0
    ragged: int = 0
    ragged_samples: list[str] = field(default_factory=list)

    def note_ragged(self, text: str) -> None:
        self.ragged += 1
        if len(self.ragged_samples) < 5:
            self.ragged_samples.append(text)

    @property
    def cells(self) -> list[str]:
        return [name for name in self.source.columns if name != self.stamps.column]


def survey(paths: Sequence[Path], options: Options) -> Survey:
    """Pass 1 over the files of one machine.

    Raises:
        UsageError: No files, a file that is not there, an unknown zone.
        InputError: A file that holds no readings, or whose times cannot be told.
    """
    if not paths:
        message = "no files given; name one or more CSV or Parquet files"
        raise UsageError(message)
    check_zone(options.timezone)
    scans = [_scan(Path(path), options) for path in paths]
    orders = decide([scan.stamps.evidence for scan in scans], options.date_order)
    for scan in scans:
        scan.stamps.check(scan.source.path, orders)
    numeric = {n.strip().casefold() for scan in scans for n in scan.content.numeric}
    names: dict[str, str] = {}
    files = tuple(_facts(scan, numeric, names) for scan in scans)
    ragged = [f"{s.source.path.name}: {s.ragged:,} row(s) {_first_ragged(s)} are left out" for s in scans if s.ragged]
    tags = tuple(dict.fromkeys(tag for facts in files for tag in facts.tags.values()))
    if not tags:
        message = f"{paths[0]} has no column of numbers besides the time"
        raise InputError(message)
    return Survey(options, files, tags, orders, (*_words(files, orders, options), *ragged))


def _scan(path: Path, options: Options) -> _Scan:
    source = inspect(path)
    sample = next((batch for batch in batches(source, source.columns) if len(batch)), None)
    if sample is None:
        message = f"{path} has a header but no rows that fit it"
        raise InputError(message)
    scan = _Scan(source, time_column(source, sample, options.time_column))
    _check_tags(source, scan.cells)
    # Typed numbers of a Parquet file need no look at all.
    unknown = [name for name in scan.cells if not sample[name].dtype.is_numeric()]
    scan.content.numeric.update(set(scan.cells) - set(unknown))
    for batch in batches(source, [scan.stamps.column, *unknown], scan.note_ragged):
        scan.rows += len(batch)
        scan.stamps.see(batch[scan.stamps.column])
        scan.content.see(batch, unknown, commas=source.delimiter == ";")
    if scan.ragged > scan.rows:
        message = f"{path}: {scan.ragged:,} of {scan.ragged + scan.rows:,} rows are {_first_ragged(scan)}"
        raise InputError(message)
    return scan


def _first_ragged(scan: _Scan) -> str:
    line = line_of(scan.source, scan.ragged_samples[0])
    return f"not as wide as the header{f', the first in line {line:,}' if line else ''}"


def _check_tags(source: Source, cells: Sequence[str]) -> None:
    reserved = [name for name in cells if name.strip().casefold() in _RESERVED]
    if reserved:
        message = f"{source.path} has a tag with a reserved name: {', '.join(reserved)}; rename the column"
        raise InputError(message)
    long = [name for name in cells if len(name.strip()) > _LONGEST_NAME]
    if long:
        message = (
            f"{source.path} has {len(long)} column name(s) of more than {_LONGEST_NAME} characters: {long[0][:60]}..."
        )
        raise InputError(message)


def _facts(scan: _Scan, numeric: set[str], names: dict[str, str]) -> FileFacts:
    """What is settled about one file; ``names`` keeps the first spelling of every tag over all files."""
    left_out = [n for n in scan.cells if n in scan.content.words and n.strip().casefold() not in numeric]
    tags = {
        name: names.setdefault(name.strip().casefold(), name.strip()) for name in scan.cells if name not in left_out
    }
    texts = ((name.strip(), "not_numeric_column", *scan.content.words[name]) for name in left_out)
    ragged = ("", "ragged_row", scan.ragged, pl.Series(scan.ragged_samples, dtype=pl.String))
    refused = rejected([ragged, *texts])
    return FileFacts(scan.source, scan.stamps, tags, scan.content.decimal_comma(), scan.rows, refused)


def _words(files: Sequence[FileFacts], orders: Orders, options: Options) -> Iterator[str]:
    for facts in files:
        name = facts.source.path.name
        yield f"{name}: {facts.rows:,} rows, {len(facts.tags)} tags, time in {facts.stamps.column.strip()!r}"
        if facts.source.encoding == "cp1252":
            yield f"{name} is not UTF-8: read as Windows-1252"
        if facts.comma:
            yield f"{name}: decimal comma in {', '.join(sorted(facts.comma))}"
        for column, rule, _, values in facts.refused.iter_rows():
            if rule == "not_numeric_column":
                yield f"{name}: column {column} is left out, it holds no number but {values}"
        for raw, tag in facts.tags.items():
            if raw.strip() != tag:
                yield f"{name}: column {raw.strip()} is taken for {tag}"
    yield from orders.words
    yield f"times without an offset are local times of {options.timezone}"


def read(found: Survey) -> Iterator[Batch]:
    """Pass 2: the readings of all files, in bounded memory.

    Raises:
        InputError: A file has changed since the survey and cannot be read any more.
    """
    for ordinal, facts in enumerate(found.files):
        clock = LocalClock(found.options.timezone)
        refused, row = facts.refused, 0
        for raw in batches(facts.source, [facts.stamps.column, *facts.tags]):
            take = partial(_take, facts=facts, found=found, clock=clock)
            batch = take(raw.with_columns(pl.lit(ordinal, pl.Int32).alias(FILE), _ordinals(len(raw), row)))
            yield Batch(batch.frame, tally([refused, batch.rejected]))
            refused, row = refused.clear(), row + len(raw)


def _ordinals(count: int, first: int) -> pl.Series:
    return pl.int_range(first, first + count, dtype=pl.Int64, eager=True).alias(ROW)


def _take(raw: pl.DataFrame, *, facts: FileFacts, found: Survey, clock: LocalClock) -> Batch:
    """One raw batch as readings, and the counts of what was lost on the way."""
    written = raw[facts.stamps.column]
    stamps = facts.stamps.local(written, found.orders)
    times = clock.utc(stamps["local"], stamps["offset"])
    parsed = times["utc"].is_not_null()
    events = rejected(
        ("", rule, int(flags.sum()), written.filter(flags))
        for rule, flags in (
            ("unparsed_time", ~parsed),
            ("nonexistent_local_time", times["skipped"]),
            ("ambiguous_local_time", times["repeated"]),
        )
    )
    taken = raw.filter(parsed)
    numbers, lost = to_numbers(taken, facts.tags, comma=facts.comma)
    missing = [pl.lit(None, pl.Float64).alias(tag) for tag in found.tags if tag not in numbers.columns]
    frame = taken.select(times["utc"].filter(parsed).alias(TIME), FILE, ROW).hstack(numbers).with_columns(missing)
    return Batch(frame.select(TIME, FILE, ROW, *found.tags), tally([events, lost]))


def read_all(paths: Sequence[Path], options: Options) -> tuple[pl.DataFrame, pl.DataFrame]:
    """All readings of small files at once: one row per time, sorted, and the counts of what was not taken.

    Of several readings of one time the last file's last row counts; the others are counted as ``duplicate`` where they
    say the same, else as ``conflicting_duplicate``.
    """
    found = survey(paths, options)
    parts = list(read(found))
    rows = pl.concat([part.frame for part in parts]).sort(TIME, FILE, ROW)
    last = rows.unique(TIME, keep="last", maintain_order=True)
    losers = rows.join(last.select(FILE, ROW), on=[FILE, ROW], how="anti")
    pairs = losers.join(last, on=TIME, how="left", suffix=":kept").sort(TIME)
    same = pl.all_horizontal(pl.col(tag).eq_missing(pl.col(f"{tag}:kept")) for tag in found.tags)
    events = rejected(
        ("", rule, len(times), times)
        for rule, times in (
            ("duplicate", pairs.filter(same)[TIME]),
            ("conflicting_duplicate", pairs.filter(~same)[TIME]),
        )
    )
    return last.drop(FILE, ROW), tally([*(part.rejected for part in parts), events])
