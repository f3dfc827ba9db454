"""Records of people about episodes: acknowledgements, notes, causes and the failures that followed.

A note belongs to a machine and to a span of time, not to a row of ACM_Episodes: a replay deletes and writes these rows.
It is found again by the overlap of the spans. The start alone is not a stable key, because a replay over corrected
readings may move it by a reading, merge two episodes or split one.
"""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from acm_etl.dialects.parameters import build_in_condition
from acm_etl.engine import Engine
from acm_etl.load.clock import utc_now
from acm_etl.load.episodes.failures import Failure, find_next_failure, read_failures
from acm_etl.load.single_rows import insert_row
from acm_etl.tables.common import EPISODE_SEVERITIES
from acm_etl.tables.notices import EPISODE_NOTES
from acm_etl.words import EpisodeLabel, EpisodeSeverity, NoteAction

EpisodeSpan = tuple[datetime, datetime]
"""First and last reading of an episode in alarm."""
# An episode of one reading that moves by one reading overlaps nothing: so long a gap still counts as the same episode.
MAX_GAP = timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class EpisodeNote:
    """A row of ACM_EpisodeNotes.

    Attributes:
        start: Start of the episode when the note was written, UTC.
        end: Last reading of the episode when the note was written, UTC.
        action: ``ack``, ``note`` or ``cause``.
        text: Remark or cause.
        label: Kind of the cause.
        severity: Severity of the episode when the note was written.
        created_at: When the note was written, UTC.
        created_by: Who wrote it.
    """

    start: datetime
    end: datetime
    action: NoteAction
    text: str | None
    label: EpisodeLabel | None
    severity: EpisodeSeverity
    created_at: datetime
    created_by: str


@dataclass(frozen=True, slots=True)
class Review:
    """Summary of the notes about an episode, with the failure that followed.

    Attributes:
        acknowledged: Whether somebody knows of the episode as severe as it is now.
        acknowledged_by: Who acknowledged it, or gave its cause, last.
        acknowledged_at: When, UTC.
        failed_at: Time of the failure that followed, UTC; None without one.
        failure_cause: Cause of that failure.
        cause: The last cause given.
        label: Kind of that cause.
        cause_by: Who gave it.
        notes: Number of acknowledgements, notes and causes.
    """

    acknowledged: bool = False
    acknowledged_by: str | None = None
    acknowledged_at: datetime | None = None
    failed_at: datetime | None = None
    failure_cause: str | None = None
    cause: str | None = None
    label: EpisodeLabel | None = None
    cause_by: str | None = None
    notes: int = 0


@dataclass(frozen=True, slots=True)
class MachineNotes:
    """Notes and failures of one machine.

    Attributes:
        by_start: Notes of each episode that has some, by the start of the episode, oldest first.
        unassigned: Notes whose episode is not stored any more.
        failures: Failures of the machine, oldest first.
    """

    by_start: Mapping[datetime, tuple[EpisodeNote, ...]]
    unassigned: tuple[EpisodeNote, ...] = ()
    failures: tuple[Failure, ...] = ()

    def review_episode(self, start: datetime, end: datetime, severity: EpisodeSeverity | None) -> Review:
        """Return the review of an episode: its notes and the failure that followed.

        Args:
            start: Start of the episode.
            end: Last reading of the episode in alarm so far.
            severity: Its severity now.
        """
        review = summarize_notes(self.by_start.get(start, ()), severity)
        failure = find_next_failure(self.failures, start, end)
        return replace(review, failed_at=failure.failed_at, failure_cause=failure.cause) if failure else review


NO_NOTES, NO_REVIEW = MachineNotes({}), Review()


def add_note(engine: Engine, equip_id: int, note: EpisodeNote) -> None:
    """Store a note; earlier ones are never changed."""
    values = {
        "EquipID": equip_id,
        "StartTs": note.start,
        "NoteID": str(uuid.uuid4()),
        "EndTs": note.end,
        "Action": note.action,
        "NoteText": note.text,
        "Label": note.label,
        "Severity": note.severity,
        "CreatedAt": note.created_at,
        "CreatedBy": note.created_by,
    }
    # An INSERT and no upsert: two people may write at the same time.
    insert_row(engine, EPISODE_NOTES, values)


def read_notes(engine: Engine, equip_ids: Sequence[int]) -> dict[int, MachineNotes]:
    """Return the notes and failures of machines by EquipID, without those that have none.

    Args:
        engine: The store.
        equip_ids: Machines to read; the result may hold others as well.
    """
    machines, params = build_in_condition("{EquipID}", equip_ids)
    sql = engine.dialect.sql(
        "SELECT {EquipID}, {StartTs}, {EndTs}, {Action}, {NoteText}, {Label}, {Severity}, {CreatedAt}, {CreatedBy}\n"
        # Two notes of the same millisecond are in the same order in every output.
        f"FROM {{ACM_EpisodeNotes}} WHERE {machines} ORDER BY {{CreatedAt}}, {{NoteID}}"
    )
    notes: dict[int, list[EpisodeNote]] = {}
    for equip_id, *fields in engine.query(sql, params).iter_rows():
        notes.setdefault(equip_id, []).append(EpisodeNote(*fields))
    # Most stores have no notes at all, and then their episodes need not be read.
    spans = _read_spans(engine, list(notes)) if notes else {}
    failures = read_failures(engine, equip_ids)
    return {
        equip_id: replace(
            assign_notes(notes.get(equip_id, ()), spans.get(equip_id, ())), failures=failures.get(equip_id, ())
        )
        for equip_id in {**notes, **failures}
    }


def _read_spans(engine: Engine, equip_ids: Sequence[int]) -> dict[int, list[EpisodeSpan]]:
    machines, params = build_in_condition("{EquipID}", equip_ids)
    # All episodes and not the newest ones: a note belongs to the one that overlaps most.
    sql = engine.dialect.sql(
        "SELECT {EquipID}, {StartTs}, {EndTs} FROM {ACM_Episodes}\n"
        f"WHERE {machines} ORDER BY {{EquipID}}, {{StartTs}}"
    )
    spans: dict[int, list[EpisodeSpan]] = {}
    for equip_id, start, end in engine.query(sql, params).iter_rows():
        spans.setdefault(equip_id, []).append((start, end))
    return spans


def assign_notes(notes: Iterable[EpisodeNote], spans: Sequence[EpisodeSpan]) -> MachineNotes:
    """Assign each note to the episode that its span overlaps most.

    Args:
        notes: Notes of one machine, oldest first.
        spans: Its episodes, in time order.
    """
    by_start: dict[datetime, list[EpisodeNote]] = {}
    unassigned = []
    for note in notes:
        span = find_overlap((note.start, note.end), spans)
        # Kept and counted: the episode may come back with a replay, and what a person wrote is not ours to delete.
        if span is None:
            unassigned.append(note)
        else:
            by_start.setdefault(span[0], []).append(note)
    return MachineNotes({start: tuple(rows) for start, rows in by_start.items()}, tuple(unassigned))


def find_overlap(
    span: EpisodeSpan, others: Sequence[EpisodeSpan], *, max_gap: timedelta = MAX_GAP
) -> EpisodeSpan | None:
    """Return the span with the longest overlap, or with the shortest gap up to ``max_gap``; the first of equal ones."""
    # Negative for a gap: one number ranks overlaps and gaps.
    best = max(others, key=lambda other: _measure_overlap(span, other), default=None)
    return best if best is not None and _measure_overlap(span, best) >= -max_gap else None


def _measure_overlap(span: EpisodeSpan, other: EpisodeSpan) -> timedelta:
    return min(span[1], other[1]) - max(span[0], other[0])


def summarize_notes(notes: Sequence[EpisodeNote], severity: EpisodeSeverity | None) -> Review:
    """Return what the notes of an episode say together.

    An acknowledgement holds up to the severity at which it was given: an alarm that grows asks again. Whoever gives a
    cause knows of the alarm as well.

    Args:
        notes: Notes of the episode, oldest first.
        severity: Severity of the episode now; None if it is not known.
    """
    # A remark may be a question: it does not say that somebody takes care.
    known = [note for note in notes if note.action != "note"]
    causes = [note for note in notes if note.action == "cause"]
    return Review(
        acknowledged=any(_rank_severity(note.severity) >= _rank_severity(severity) for note in known),
        acknowledged_by=known[-1].created_by if known else None,
        acknowledged_at=known[-1].created_at if known else None,
        cause=causes[-1].text if causes else None,
        label=causes[-1].label if causes else None,
        cause_by=causes[-1].created_by if causes else None,
        notes=len(notes),
    )


def _rank_severity(severity: EpisodeSeverity | None) -> int:
    # Episodes of early versions may have no severity: below all others, so that any acknowledgement covers it.
    return EPISODE_SEVERITIES.index(severity) if severity in EPISODE_SEVERITIES else -1


def make_note(
    span: EpisodeSpan,
    action: NoteAction,
    *,
    text: str | None,
    label: EpisodeLabel | None,
    severity: EpisodeSeverity,
    author: str,
) -> EpisodeNote:
    """Return a note of now about an episode.

    Args:
        span: First and last reading of the episode.
        action: ``ack``, ``note`` or ``cause``.
        text: Remark or cause.
        label: Kind of the cause.
        severity: Severity of the episode.
        author: Who writes it.
    """
    return EpisodeNote(*span, action, text, label, severity, utc_now(), author)
