"""Declared sources and tags on the terminal."""

from __future__ import annotations

from datetime import datetime

from rich.markup import escape

from acm_etl.admin.sources import SourceReport, format_options
from acm_etl.admin.tags import TagsReport
from acm_etl.cli.render.console import print_line, print_markup
from acm_etl.cli.render.fitted_table import print_rows
from acm_etl.counts import format_count
from acm_etl.formatting import format_command
from acm_etl.status.formatting import format_span

_MAX_NAMES = 10


def print_source(report: SourceReport, *, dry_run: bool) -> None:
    """Print the source of a machine as a command, its tags, and doubts."""
    code = escape(report.equip)
    print_markup(f"[bold]{code}[/] {_describe_state(report, dry_run=dry_run)} {escape(report.source)}")
    # As a command: it can be pasted, changed and repeated.
    print_line(f"  Declaration: {escape(format_command('source', report.equip, *format_options(report.spec)))}")
    if report.columns:
        columns = ", ".join(f"{name} ({kind})" for name, kind in report.columns.items())
        print_markup(f"Columns: {escape(columns)}", indent=2)
    if report.found:
        found = ", ".join(f"{part} {value}" for part, value in report.found.items())
        print_markup(f"Found by themselves: {escape(found)}", indent=2)
    _print_source_tags(report)
    for event, count in report.sample_losses.items():
        print_markup(f"In the first readings: {count:,} {escape(event)}", indent=2)
    for doubt in report.doubts:
        print_markup(f"[yellow]Check:[/] {escape(doubt)}", indent=2)
    _print_next_steps(report, dry_run=dry_run)


def _describe_state(report: SourceReport, *, dry_run: bool) -> str:
    if dry_run:
        return "would read"
    if report.is_stored:
        return "now reads" if report.is_declared else "has no declared source any more and reads"
    return "reads the declared source" if report.is_declared else "has no declared source and reads"


def _print_source_tags(report: SourceReport) -> None:
    if not report.tags:
        return
    # Priorities: a narrow terminal keeps tag, readings and the last reading.
    columns = {"tag": 0, "readings": 1, "first": 2, "last": 1, "every": 3, "kind": 4}
    rows = [
        (
            tag.name,
            tag.readings,
            tag.first,
            tag.last,
            format_span(tag.cadence_seconds / 3600) if tag.cadence_seconds else None,
            tag.kind,
        )
        for tag in report.tags
    ]
    print_rows(
        f"{format_count(len(rows), 'tag')}, {report.readings:,} raw readings", columns, rows, numeric=("readings",)
    )
    # Named, because a tag that is left out by mistake is missed only when results are read.
    if report.left_out:
        print_markup(
            f"{format_count(len(report.left_out), 'tag')} or columns left out: {_join_names(report.left_out)}", indent=2
        )


def _print_next_steps(report: SourceReport, *, dry_run: bool) -> None:
    # The last line is what to do next.
    if dry_run:
        print_markup("Nothing was stored. To declare this source, repeat the command without --dry-run.")
    elif report.scored_since is not None:
        print_markup("The stored results are of the source before; they stay, and new readings come from this one.")
        _print_reset(report.equip, report.scored_since)
    elif report.is_stored:
        print_line(f"Next: {escape(format_command('backfill', '--equip', report.equip))}")


def _print_reset(code: str, start: datetime) -> None:
    # A replay would keep the models, which were trained on the tags or the source before.
    commands = f"{format_command('reset', code)} && {format_command('backfill', '--equip', code)}"
    print_line(f"To train and score again from {start:%Y-%m-%d} on: {escape(commands)}")


def print_tags(report: TagsReport) -> None:
    """Print the tags of a machine, and the command that makes a change effective."""
    columns = {"tag": 0, "used": 0, "unit": 2, "type": 3, "readings": 1, "first": 2, "last": 1}
    rows = [(tag.name, tag.is_used, tag.unit, tag.type, tag.readings, tag.first, tag.last) for tag in report.tags]
    print_rows(f"Tags of {report.equip}", columns, rows, numeric=("readings",))
    if report.message:
        print_markup(f"[yellow]Check:[/] {escape(report.message)}", indent=2)
    for verb, names in (
        ("left out", report.excluded),
        ("used again", report.included),
        ("with a new unit", report.with_new_unit),
    ):
        if names:
            print_markup(f"{format_count(len(names), 'tag')} {verb}: {_join_names(names)}", indent=2)
    if report.scored_since is not None:
        refit = escape(format_command("refit", report.equip, "--reason", "tags changed"))
        print_line(f"The current models keep their tags. New models for new readings: {refit}")
        _print_reset(report.equip, report.scored_since)


def _join_names(names: list[str]) -> str:
    # A historian may have thousands of tags; all of them are in --json.
    more = len(names) - _MAX_NAMES
    return escape(", ".join(names[:_MAX_NAMES]) + (f" and {more} more" if more > 0 else ""))
