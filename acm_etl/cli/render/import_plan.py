"""Plan of an import on the terminal: files, times, tags, and doubts, before anything is stored."""

from __future__ import annotations

from dataclasses import replace

from rich.markup import escape

from acm_etl.admin.import_preview import ImportPreview, PreviewedFile, PreviewedTag, PreviewedTime
from acm_etl.cli.render.console import format_cell, print_markup, print_paragraph
from acm_etl.cli.render.fitted_table import print_rows
from acm_etl.counts import format_count
from acm_etl.source_spec import format_duration

# A folder may hold thousands of files of one kind: the plan must fit a screen.
_MAX_FILES = 5
_MAX_TIMES = 3
# Delimiters that cannot be seen have a name.
_DELIMITERS = {"\t": "tab", " ": "blanks", "  ": "blanks", "": ""}


def print_plan(preview: ImportPreview, *, with_tags: bool) -> None:
    """Print the decisions of an import.

    Args:
        preview: The decisions, with exact counts after a dry run.
        with_tags: Print a table of the tags.
    """
    files = format_count(len(preview.files), "file")
    print_markup(f"[bold]Plan[/] for {escape(preview.equip)}: {files}, {_format_rows(preview)}")
    printed: set[tuple[PreviewedTime, ...]] = set()
    for file in preview.files[:_MAX_FILES]:
        _print_file(file)
        # Files of one kind have the same times but for the samples: one look at these is enough.
        spellings = tuple(replace(time, samples=()) for time in file.times)
        if spellings not in printed:
            printed.add(spellings)
            for time in file.times[:_MAX_TIMES]:
                _print_time(time)
    if len(preview.files) > _MAX_FILES:
        print_markup(f"and {format_count(len(preview.files) - _MAX_FILES, 'more file')}", indent=2)
    if preview.readings is not None:
        _print_readings(preview)
    if with_tags:
        _print_tags(preview.tags)
    for note in preview.notes:
        print_paragraph(note, indent=2)
    for doubt in preview.doubts:
        print_markup(f"[yellow]check:[/] {escape(doubt)}", indent=2)
    # Last, so that the reason of a refusal stays on the screen.
    for problem in preview.problems:
        print_markup(f"[red]would be refused:[/] {escape(problem)}", indent=2)


def _format_rows(preview: ImportPreview) -> str:
    zone = f"local times of {preview.time_zone}"
    return f"{format_count(preview.rows, 'row')}, {format_count(len(preview.tags), 'tag')}, {escape(zone)}"


def _print_file(file: PreviewedFile) -> None:
    facts = [file.shape, format_count(file.rows, "row")]
    if file.header_line:
        facts.append(f"header in line {file.header_line}")
    if file.delimiter:
        facts.append(f"delimiter {_DELIMITERS.get(file.delimiter, file.delimiter)}")
    print_markup(f"{escape(file.name)}: {escape(', '.join(facts))}", indent=2)
    for column in file.left_out:
        samples = f": {', '.join(column.samples)}" if column.samples else ""
        print_markup(f"left out: {escape(column.name)} ({escape(column.reason + samples)})", indent=4)


def _print_time(time: PreviewedTime) -> None:
    samples = "; ".join(
        f"{sample.cell} = {sample.utc} UTC" if sample.utc else f"{sample.cell} is not a time" for sample in time.samples
    )
    spelling = f", {time.spelling}" if time.spelling else ""
    print_markup(f"time in {escape(' + '.join(time.columns))}{escape(spelling)}: {escape(samples)}", indent=4)


def _print_readings(preview: ImportPreview) -> None:
    seconds = preview.cadence_seconds
    cadence = f", one every {format_duration(round(seconds * 1000))}" if seconds else ""
    span = f"{format_cell(preview.first)} to {format_cell(preview.last)} UTC"
    print_markup(f"{format_count(preview.readings or 0, 'reading')} from {span}{cadence}", indent=2)
    if preview.sampling:
        readings = format_count(preview.sampled_readings or 0, "reading")
        print_markup(
            f"tags have times of their own; on a grid, {escape(preview.sampling.describe())}: {readings}", indent=2
        )
    _print_reasons("row", "not stored", preview.lost_rows)
    _print_reasons("row", "merged with another row of the same time", preview.merged_rows)
    _print_reasons("time", "in an hour that a clock change skips or repeats", preview.changed_times)


def _print_reasons(unit: str, text: str, counts: dict[str, int]) -> None:
    if counts:
        reasons = ", ".join(f"{reason} {count:,}" for reason, count in counts.items())
        print_markup(f"{format_count(sum(counts.values()), unit)} {text} ({reasons})", indent=2)


def _format_kind(tag: PreviewedTag) -> str:
    states = ", ".join(f"{text} = {value:g}" for text, value in tag.states.items())
    return f"{tag.kind}: {states}" if states else tag.kind


def _format_value(tag: PreviewedTag, cell: str | None, number: float | None) -> str:
    """Return a cell, with the number that is stored for it if its marks or its unit leave that open."""
    # The kind of a digital tag shows the numbers of its states already.
    if cell is None or number is None or tag.states or cell in (repr(number), f"{number:.15g}"):
        return cell or ""
    return f"{cell} = {number:.15g}"


def _print_tags(tags: tuple[PreviewedTag, ...]) -> None:
    rows = [
        (
            tag.tag,
            tag.unit,
            _format_kind(tag),
            _format_value(tag, tag.first, tag.first_number),
            _format_value(tag, tag.last, tag.last_number),
            tag.cells_in,
            f"{tag.kept_share:.1%}",
            ", ".join(f"{reason} {count:,}" for reason, count in tag.lost.items()),
        )
        for tag in tags
    ]
    # On a narrow terminal the losses are worth more than the first and last values.
    columns = {"tag": 0, "unit": 5, "kind": 3, "first": 4, "last": 4, "values": 2, "kept": 0, "lost": 1}
    print_rows("", columns, rows, numeric=("values", "kept"))
