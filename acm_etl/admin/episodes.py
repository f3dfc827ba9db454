"""Episodes and what people record about them: list, show, acknowledge, annotate, give a cause, export as labels."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, fields
from datetime import datetime
from pathlib import Path
from typing import Any

import polars as pl

from acm_etl.admin.similar_episodes import rank_similar
from acm_etl.engine import Engine
from acm_etl.errors import UsageError
from acm_etl.load.episodes import episode_notes
from acm_etl.load.episodes.episode_notes import NO_NOTES, EpisodeNote, MachineNotes, Review
from acm_etl.load.machines import equipment
from acm_etl.load.machines.equipment import Equipment
from acm_etl.load.schema import migrate
from acm_etl.output_files import write_output_file
from acm_etl.tables.notices import EPISODE_NOTES
from acm_etl.windows import MINUTE
from acm_etl.words import EpisodeLabel, EpisodeSeverity, EpisodeStatus, NoteAction

_MAX_TEXT_CHARS = EPISODE_NOTES.columns_by_name["NoteText"].max_length or 0
_MAX_AUTHOR_CHARS = EPISODE_NOTES.columns_by_name["CreatedBy"].max_length or 0
_LABEL_SCHEMA = {
    "machine": pl.String(),
    "start": pl.Datetime("ms"),
    "end": pl.Datetime("ms"),
    "label": pl.String(),
    "cause": pl.String(),
    "severity": pl.String(),
    "labelled_by": pl.String(),
    "failed_at": pl.Datetime("ms"),
}


@dataclass(frozen=True, slots=True)
class EpisodeRow:
    """An episode with its review.

    Attributes:
        machine: Machine code.
        start: First reading in alarm, UTC.
        end: Last reading in alarm so far, UTC.
        status: ``OPEN`` or ``CLOSED``.
        duration_hours: Duration, hours.
        peak_z: Highest fused z.
        severity: ``LOW``, ``MEDIUM`` or ``HIGH``.
        culprits: Top contributing sensors with their shares, as text.
        review: Acknowledgement and cause.
    """

    machine: str
    start: datetime
    end: datetime
    status: EpisodeStatus
    duration_hours: float
    peak_z: float
    severity: EpisodeSeverity
    culprits: str
    review: Review


FLAT_COLUMNS = tuple(field.name for part in (EpisodeRow, Review) for field in fields(part) if field.name != "review")
"""Columns of ``flatten_episode``, in their order."""


@dataclass(frozen=True, slots=True)
class EpisodeList:
    """Episodes of some machines.

    Attributes:
        episodes: The episodes, newest first.
        unassigned_notes: Notes of these machines whose episode is not stored any more.
    """

    episodes: tuple[EpisodeRow, ...]
    unassigned_notes: int


@dataclass(frozen=True, slots=True)
class SimilarEpisode:
    """An earlier episode of the same machine with similar contributions.

    Attributes:
        similarity: Cosine of the contributions of all sensors, 0 to 1.
        episode: The earlier episode.
    """

    similarity: float
    episode: EpisodeRow


@dataclass(frozen=True, slots=True)
class EpisodeRecord:
    """One episode with its notes, oldest first, and similar earlier episodes, most similar first."""

    episode: EpisodeRow
    notes: tuple[EpisodeNote, ...] = ()
    similar: tuple[SimilarEpisode, ...] = ()


@dataclass(frozen=True, slots=True)
class NoteRequest:
    """Note to record about an episode.

    Attributes:
        action: ``ack``, ``note`` or ``cause``.
        author: Who records it.
        text: Remark or cause.
        label: Kind of the cause.
    """

    action: NoteAction
    author: str
    text: str | None = None
    label: EpisodeLabel | None = None


@dataclass(frozen=True, slots=True)
class LabelExport:
    """A file of labels: its path, and the number of episodes in it."""

    file: Path
    rows: int


def list_episodes(
    engine: Engine, codes: Sequence[str] = (), *, only_open: bool = False, only_new: bool = False
) -> EpisodeList:
    """List episodes, newest first.

    Args:
        engine: The store.
        codes: Machines; all machines if empty.
        only_open: Leave out closed episodes.
        only_new: Leave out episodes that somebody acknowledged or gave a cause for.

    Raises:
        UsageError: A machine is unknown.
    """
    migrate.require_current_schema(engine)
    machines = equipment.find_machines(engine, codes)
    notes = episode_notes.read_notes(engine, [machine.equip_id for machine in machines])
    # Over all machines: the newest alarm of the plant comes first.
    rows = sorted(_read_episodes(engine, machines, notes), key=lambda row: (row.start, row.machine), reverse=True)
    shown = (row for row in rows if row.status == "OPEN" or not only_open)
    return EpisodeList(
        tuple(row for row in shown if not (only_new and row.review.acknowledged)),
        sum(len(notes.get(machine.equip_id, NO_NOTES).unassigned) for machine in machines),
    )


def show_episode(engine: Engine, code: str, at: datetime | None = None) -> EpisodeRecord:
    """Return an episode of a machine with its notes and similar earlier episodes.

    Args:
        engine: The store.
        code: Machine code.
        at: A time within the episode, UTC; None for the newest episode.

    Raises:
        UsageError: The machine is unknown, or has no such episode.
    """
    migrate.require_current_schema(engine)
    machine = equipment.find_machine(engine, code)
    notes = episode_notes.read_notes(engine, [machine.equip_id])
    episodes = list(_read_episodes(engine, [machine], notes))
    episode = _select_episode(episodes, code, at)
    own_notes = notes.get(machine.equip_id, NO_NOTES).by_start.get(episode.start, ())
    return EpisodeRecord(episode, own_notes, tuple(_find_similar(engine, machine, episode, episodes)))


def record_note(engine: Engine, code: str, request: NoteRequest, at: datetime | None = None) -> EpisodeRecord:
    """Record an acknowledgement, a note or a cause; return the episode as it is then.

    Args:
        engine: The store.
        code: Machine code.
        request: What to record.
        at: A time within the episode, UTC; None for the newest episode.

    Raises:
        UsageError: The machine is unknown or has no such episode, or a text is missing or too long.
    """
    _require_text(request)
    _require_length("text", request.text or "", _MAX_TEXT_CHARS)
    _require_length("name", request.author, _MAX_AUTHOR_CHARS)
    migrate.require_current_schema(engine)
    machine = equipment.find_machine(engine, code)
    # Which episode is meant does not depend on its notes.
    episode = _select_episode(list(_read_episodes(engine, [machine], {})), code, at)
    note = episode_notes.make_note(
        (episode.start, episode.end),
        request.action,
        text=request.text,
        label=request.label,
        severity=episode.severity,
        author=request.author,
    )
    episode_notes.add_note(engine, machine.equip_id, note)
    # Read again and not built here: the caller sees what is stored.
    return show_episode(engine, code, episode.start)


def export_labels(engine: Engine, output: Path, codes: Sequence[str] = ()) -> LabelExport:
    """Write the episodes with a cause, or with a failure that followed, to a CSV or Parquet file, oldest first.

    Args:
        engine: The store.
        output: File ending in ``.csv`` or ``.parquet``; an existing one is replaced only by a complete one.
        codes: Machines; all machines if empty.

    Raises:
        UsageError: A machine is unknown, or the file has another ending or cannot be written.
        UnavailableError: The disk is full.
    """
    if output.suffix not in (".csv", ".parquet"):
        message = f"the file {output} ends in neither .csv nor .parquet: choose one of them"
        raise UsageError(message)
    # Oldest first, so that a later export appends to an earlier one.
    labelled = [row for row in reversed(list_episodes(engine, codes).episodes) if _is_labelled(row.review)]
    frame = pl.DataFrame([_build_label(row) for row in labelled], schema=_LABEL_SCHEMA)
    with write_output_file(output) as path:
        # With milliseconds and Z, so that a reader needs no assumption about the zone.
        if output.suffix == ".csv":
            frame.write_csv(path, datetime_format="%Y-%m-%dT%H:%M:%S%.3fZ")
        else:
            frame.write_parquet(path)
    return LabelExport(output, frame.height)


def flatten_episode(row: EpisodeRow) -> dict[str, Any]:
    """Return an episode as one flat row, for CSV."""
    flat = asdict(row)
    review: dict[str, Any] = flat.pop("review")
    return flat | review


def _is_labelled(review: Review) -> bool:
    return review.cause is not None or review.failed_at is not None


def _build_label(row: EpisodeRow) -> dict[str, Any]:
    review = row.review
    # A person who looked at the episode knows more than the time of a failure after it.
    has_cause = review.cause is not None
    return {
        "machine": row.machine,
        "start": row.start,
        "end": row.end,
        "label": review.label if has_cause else "fault",
        "cause": review.cause if has_cause else review.failure_cause,
        "severity": row.severity,
        "labelled_by": review.cause_by,
        "failed_at": review.failed_at,
    }


def _require_text(request: NoteRequest) -> None:
    # An acknowledgement needs no words; a cause without any would close the case and label nothing.
    if request.action != "ack" and not (request.text or "").strip():
        message = f"the {request.action} has no text: say in a few words what it is"
        raise UsageError(message)


def _require_length(name: str, text: str, limit: int) -> None:
    # Refused and not cut: half of a cause would be stored as if it were the whole.
    if len(text) > limit:
        message = f"the {name} has {len(text)} characters, the limit is {limit}: shorten it"
        raise UsageError(message)


def _read_episodes(
    engine: Engine, machines: Sequence[Equipment], notes: Mapping[int, MachineNotes]
) -> Iterator[EpisodeRow]:
    """Yield the episodes of machines, oldest first within a machine."""
    # In the order of the fields of ``EpisodeRow``.
    sql = engine.dialect.sql(
        "SELECT {StartTs}, {EndTs}, {Status}, {DurationHours}, {PeakFusedZ}, {Severity}, {Culprits}\n"
        "FROM {ACM_Episodes} WHERE {EquipID} = ? ORDER BY {StartTs}"
    )
    # A statement per machine: a plant has dozens of them, and nobody lists episodes every second.
    for machine in machines:
        known = notes.get(machine.equip_id, NO_NOTES)
        for start, end, status, hours, peak_z, severity, culprits in engine.query(sql, [machine.equip_id]).iter_rows():
            review = known.review_episode(start, end, severity)
            yield EpisodeRow(machine.code, start, end, status, hours, peak_z, severity, culprits, review)


def _select_episode(episodes: Sequence[EpisodeRow], code: str, at: datetime | None) -> EpisodeRow:
    """Return the episode at a time, or the newest one."""
    # Times are shown to the minute: that minute must find the episode, whatever the second of its first reading.
    # The last of them: two episodes may share a minute, and the newer one is meant more often.
    found = [row for row in episodes if at is None or row.start - MINUTE < at < row.end + MINUTE]
    if found:
        return found[-1]
    listing = f"list them with: acm-etl episode list --equip {code}"
    if at is None:
        message = f"{code} has no episodes yet; {listing}"
    else:
        message = f"{code} has no episode at {at:%Y-%m-%dT%H:%M} UTC among its {len(episodes)}; {listing}"
    raise UsageError(message)


def _find_similar(
    engine: Engine, machine: Equipment, episode: EpisodeRow, episodes: Sequence[EpisodeRow]
) -> Iterator[SimilarEpisode]:
    """Yield the earlier episodes whose sensors contribute in similar proportions, most similar first."""
    # Earlier ones only: what came later was not known when the episode happened.
    sql = engine.dialect.sql(
        "SELECT {StartTs}, {SensorName}, {ContributionPct} FROM {ACM_EpisodeCulprits}\n"
        "WHERE {EquipID} = ? AND {StartTs} <= ?"
    )
    shares = engine.query(sql, [machine.equip_id, episode.start])
    by_start = {row.start: row for row in episodes}
    for start, similarity in rank_similar(shares, episode.start):
        yield SimilarEpisode(similarity, by_start[start])
