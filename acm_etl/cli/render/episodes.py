"""Episodes and what people recorded about them, on the terminal."""

from __future__ import annotations

from collections.abc import Sequence

from rich.markup import escape
from rich.text import Text

from acm_etl.admin.episodes import EpisodeList, EpisodeRecord, EpisodeRow, LabelExport
from acm_etl.cli.render.console import format_cell, print_line, print_paragraph
from acm_etl.cli.render.fitted_table import FittedColumn, print_columns
from acm_etl.counts import format_count
from acm_etl.load.episodes.episode_notes import EpisodeNote
from acm_etl.status.formatting import format_number, format_span
from acm_etl.status.texts import describe_review

_ACTION_WORDS = {"ack": "acknowledged", "note": "note", "cause": "cause"}


def print_episodes(listing: EpisodeList) -> None:
    """Print one row per episode, newest first."""
    if listing.episodes:
        columns = _build_columns(listing.episodes)
        print_columns("Episodes, newest first (times in UTC)", columns)
    else:
        print_line("no such episodes")
    # Counted, because a note without an episode would otherwise seem to be lost.
    if listing.unassigned_notes:
        notes = format_count(listing.unassigned_notes, "note")
        print_line(f"{notes} about episodes that are not stored any more: they stay in ACM_EpisodeNotes")


def _build_columns(episodes: Sequence[EpisodeRow]) -> list[FittedColumn]:
    cells = [
        (
            *(row.machine, format_cell(row.start), format_span(row.duration_hours), row.status),
            *(row.severity, format_number(row.peak_z), describe_review(row.review) or "-", row.culprits),
        )
        for row in episodes
    ]
    machine, start, length, status, severity, peak, review, culprits = (
        [Text(cell) for cell in column] for column in zip(*cells, strict=True)
    )
    return [
        FittedColumn("machine", machine, is_folded=True),
        FittedColumn("start", start),
        FittedColumn("length", length, priority=3, is_numeric=True),
        FittedColumn("status", status, priority=2),
        FittedColumn("severity", severity, priority=1),
        FittedColumn("peak z", peak, priority=5, is_numeric=True),
        FittedColumn("review", review, is_wrapped=True),
        FittedColumn("top sensors", culprits, priority=4, is_wrapped=True),
    ]


def print_episode(record: EpisodeRecord) -> None:
    """Print an episode, its notes and similar earlier episodes."""
    row = record.episode
    heading = Text.assemble(
        (row.machine, "bold"), f": episode from {format_cell(row.start)} to {format_cell(row.end)} UTC"
    )
    heading.append(f", {row.status}, {row.severity}, peak z {format_number(row.peak_z)}")
    print_paragraph(heading)
    print_paragraph(f"top sensors: {row.culprits}", indent=2)
    for note in record.notes:
        print_paragraph(_describe_note(note), indent=2)
    if not record.similar:
        print_paragraph("no similar earlier episode", indent=2)
    for similar in record.similar:
        earlier = similar.episode
        text = f"similar ({similar.similarity:.0%}): {format_cell(earlier.start)} UTC, {earlier.severity}"
        print_paragraph(f"{text}; {describe_review(earlier.review) or 'no cause recorded'}", indent=2)


def _describe_note(note: EpisodeNote) -> str:
    label = f" ({note.label.replace('_', ' ')})" if note.label else ""
    text = f": {note.text}" if note.text else ""
    return f"{format_cell(note.created_at)} UTC, {note.created_by}: {_ACTION_WORDS[note.action]}{label}{text}"


def print_label_export(result: LabelExport) -> None:
    """Print the file and the number of its rows."""
    print_line(f"{escape(str(result.file))}: {format_count(result.rows, 'labelled episode')}")
