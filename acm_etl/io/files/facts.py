"""Facts about the files and tags of an import, for a person to check before anything is stored."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

import polars as pl

from acm_etl.counts import format_count
from acm_etl.io.files.layout.stray_rows import is_lone_name
from acm_etl.io.files.layout.table_rows import find_ragged_lines
from acm_etl.io.files.plan import FileKind, ImportPlan, PlannedFile, PlannedTag, TagFormat
from acm_etl.io.files.scan import FileScan
from acm_etl.io.files.times.time_decision import DecidedTime
from acm_etl.io.files.values.states import normalise_text
from acm_etl.io.files.values.value_format import LeftOutColumn
from acm_etl.io.files.values.value_parser import parse_values
from acm_etl.io.files.values.value_profile import ValueProfile

_MAX_NAMED_TAGS = 5
_SHOWN_LINE = 40  # characters


def build_file(scan: FileScan, plan: ImportPlan, times: tuple[DecidedTime, ...]) -> PlannedFile:
    """Return the facts about one file under a plan."""
    kind = plan.kinds[scan.kind_index]
    unknown = _list_unknown_tags(scan, kind)
    unknown_count = sum(scan.profiles[tag].row_count for tag in unknown)
    return PlannedFile(
        table=scan.file.table,
        kind_index=scan.kind_index,
        times=times,
        # Rows that no tag takes count too: otherwise they would be neither stored nor lost, and nobody would miss them.
        row_count=_count_readings(scan, kind) + scan.untagged_count + unknown_count,
        ragged_count=scan.ragged_count,
        ragged_samples=tuple(scan.ragged_samples),
        untagged_count=scan.untagged_count,
        unknown_count=unknown_count,
        unknown_tags=tuple(unknown[:_MAX_NAMED_TAGS]),
        other_machine_count=scan.other_machine_count,
        default_tag=scan.file.default_tag,
        left_out=tuple(_count_left_out(column, scan) for column in kind.left_out),
    )


def _count_left_out(column: LeftOutColumn, scan: FileScan) -> LeftOutColumn:
    """Return a column of the plan with its cells in one file."""
    # The plan counts the cells of all files of a kind; each file has to report its own, or their sum is too high.
    profile = scan.profiles.get(column.name)
    return replace(column, count=profile.cell_count if profile else 0)


def _list_taken_tags(scan: FileScan, kind: FileKind) -> list[str]:
    taken = {entry.tag.casefold() for entry in kind.formats}
    return [tag for tag in scan.profiles if tag.casefold() in taken]


def _list_unknown_tags(scan: FileScan, kind: FileKind) -> list[str]:
    """Return the tags of a file that the plan neither takes nor leaves out."""
    known = {entry.tag.casefold() for entry in kind.formats}
    known |= {column.name.casefold() for column in kind.left_out}
    return [tag for tag in scan.profiles if tag.casefold() not in known]


def _count_readings(scan: FileScan, kind: FileKind) -> int:
    taken = _list_taken_tags(scan, kind)
    # A row of a wide file is one reading, however many tags it has; a row of a long file or of a pair holds one value.
    if scan.file.shape.kind == "wide":
        return scan.row_count if taken else 0
    return sum(scan.profiles[tag].row_count for tag in taken)


def build_tags(scans: Sequence[FileScan], plan: ImportPlan) -> tuple[PlannedTag, ...]:
    """Return the facts about each tag over all files."""
    # Merged without regard to case: files that spell a tag in two ways fill one column of the store.
    merged: dict[str, ValueProfile] = {}
    for scan in scans:
        for tag, profile in scan.profiles.items():
            known = merged.get(tag.casefold())
            merged[tag.casefold()] = known.merge(profile) if known else profile
    entries = {entry.tag: entry for kind in plan.kinds for entry in kind.formats}
    # A saved plan may know tags that the files of tonight do not have.
    present = [tag for tag in plan.tags if tag.casefold() in merged]
    return tuple(_build_tag(entries[tag], merged[tag.casefold()]) for tag in present)


def _build_tag(entry: TagFormat, profile: ValueProfile) -> PlannedTag:
    fmt = entry.format
    states = dict(fmt.states)
    words = sum(count for text, count in profile.texts.items() if normalise_text(text) in states)
    # Read as pass 2 reads them: the marks and units of a number are the decision that a person has to check.
    ends = pl.Series([profile.first_value, profile.last_value], dtype=pl.String)
    first_number, last_number = parse_values(ends, fmt).values
    return PlannedTag(
        name=entry.tag,
        # The unit behind the numbers comes first: it belongs to these very cells.
        unit=fmt.unit or entry.unit,
        kind=fmt.kind,
        cells=profile.cell_count,
        numbers=profile.number_count + words,
        first=profile.first_value,
        last=profile.last_value,
        first_number=first_number,
        last_number=last_number,
        states=fmt.states,
    )


def describe_file(scan: FileScan) -> Iterator[str]:
    """Yield sentences about lines that were skipped, names that were made, and rows of other machines."""
    table = scan.file.table
    yield from (f"{table.name}: {note}" for note in table.notes)
    if scan.ragged_count:
        yield f"{table.name}: {describe_ragged_rows(scan)} are left out"
    if scan.file.default_tag:
        yield f"{table.name}: its values have no tag; the name of the file is the tag, {scan.file.default_tag}"
    if scan.other_machine_count and scan.where:
        others = f"{scan.where.column} is not {scan.where.value}"
        yield f"{table.name}: {scan.other_machine_count:,} rows of other machines, {others}"


def doubt_parts(scans: Sequence[FileScan]) -> Iterator[str]:
    """Yield a doubt for each file whose parts may be of several tags: a header is repeated, or names stand between."""
    for scan in scans:
        if scan.file.default_tag and scan.header_count:
            lines = f", and lines such as {scan.ragged_samples[0][:_SHOWN_LINE]!r}" if scan.ragged_samples else ""
            found = f"{scan.file.table.name} repeats its header, which names no tag{lines}"
            yield f"{found}; if its parts are of several tags, import each as a file called by its tag"
        elif name := _find_name_between(scan):
            found = f"{scan.file.table.name} has lines such as {name[:_SHOWN_LINE]!r} between its readings"
            yield f"{found}; if these name tags or machines, import each part as a file of its own"


def _find_name_between(scan: FileScan) -> str | None:
    """Return the first line of nothing but a name that stands between the readings of a wide file."""
    # Lines below the last reading are the end of a report.
    if scan.lone_name is not None:
        row, name = scan.lone_name
        return name if row < scan.last_reading else None
    layout = scan.file.table.layout
    if not scan.ragged_samples or layout is None or not is_lone_name(scan.ragged_samples[0], layout.delimiter):
        return None
    line = find_ragged_lines(scan.file.table, 1)[0]
    # Each row takes a line at least, so that more rows than lines above the name are below it.
    is_between = layout.first_data_line < line <= layout.first_data_line + scan.last_reading
    return scan.ragged_samples[0] if is_between else None


def describe_ragged_rows(scan: FileScan) -> str:
    """Return how many rows of a file do not fit its header, and the line of the first of them."""
    # One line only: the search reads the file from its beginning until it has found enough.
    lines = find_ragged_lines(scan.file.table, 1)
    first = f" (the first in line {lines[0]:,})" if lines else ""
    return f"{format_count(scan.ragged_count, 'row')} not as wide as the header{first}"


def describe_no_tags(scans: Sequence[FileScan], kinds: Sequence[FileKind]) -> str:
    """Return why no tag is left to import."""
    left_out = [column for kind in kinds for column in kind.left_out][:_MAX_NAMED_TAGS]
    listed = "; ".join(f"{column.name} ({column.reason}: {', '.join(column.samples)})" for column in left_out)
    hint = f"left out: {listed}" if listed else "check --tags and --exclude"
    return f"{scans[0].file.table.name} has no column of numbers besides the time; {hint}"
