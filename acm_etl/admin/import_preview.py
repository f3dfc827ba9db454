"""Preview of an import: the plan and exact counts of what would be stored and lost, without touching the store."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

import polars as pl

from acm_etl.admin import import_report, import_sampling
from acm_etl.admin.import_source import CountedChunks, open_source
from acm_etl.io.connect import open_scratch_store
from acm_etl.io.files.losses import (
    CHANGED_TIME_REASONS,
    Loss,
    LossLimits,
    LossReport,
    TagLosses,
    check_losses,
    find_problems,
)
from acm_etl.io.files.plan import FileKind, PlannedFile, PlannedTag, PreparedImport
from acm_etl.io.files.times.time_reading import TimeSample
from acm_etl.io.files.values.value_format import LeftOutColumn
from acm_etl.load.historian import historian_table, import_staging
from acm_etl.progress import NullProgress, Progress
from acm_etl.source_spec import SamplingSpec
from acm_etl.words import HISTORIAN_TIME_COLUMN


@dataclass(frozen=True, slots=True)
class PreviewedTime:
    """Reading of one group of time columns of a file.

    Attributes:
        columns: Names of the columns.
        spelling: Spelling in words.
        zone: IANA zone of times without an offset.
        samples: Three cells with their times.
    """

    columns: tuple[str, ...]
    spelling: str
    zone: str
    samples: tuple[TimeSample, ...]


@dataclass(frozen=True, slots=True)
class PreviewedFile:
    """One file.

    Attributes:
        name: Name of the file.
        shape: Wide, long or pairs.
        rows: Rows, or readings of a file of pairs.
        header_line: Line of the header from 1, 0 if there is none; None for files with typed columns.
        delimiter: Delimiter of a text file; None for other files.
        times: Reading of its times.
        left_out: Columns that are not tags, with the reason and a few cells.
    """

    name: str
    shape: str
    rows: int
    header_line: int | None
    delimiter: str | None
    times: tuple[PreviewedTime, ...]
    left_out: tuple[LeftOutColumn, ...]


@dataclass(frozen=True, slots=True)
class PreviewedTag:
    """One tag.

    Attributes:
        tag: Name of the tag.
        unit: Unit; empty if the files name none.
        kind: Analog, digital or counter.
        first: First value, as the file writes it.
        last: Last value, as the file writes it.
        first_number: Number that is stored for the first value; None if the value is lost.
        last_number: Number that is stored for the last value; None if the value is lost.
        states: Number of each text of a digital tag.
        cells_in: Cells that are not empty.
        kept_share: Share of them that would be stored, 0-1.
        lost: The others, by reason.
    """

    tag: str
    unit: str
    kind: str
    first: str | None
    last: str | None
    first_number: float | None
    last_number: float | None
    states: dict[str, float]
    cells_in: int
    kept_share: float
    lost: dict[str, int]


@dataclass(frozen=True, slots=True)
class ImportPreview:
    """Decisions, counts and expected losses of an import, before anything is stored.

    Attributes:
        equip: Machine code.
        time_zone: IANA zone of times without an offset.
        files: The files.
        tags: The tags; without exact losses before pass 2.
        rows: Rows of the files.
        readings: Distinct times; None before pass 2.
        first: First time, UTC; None before pass 2.
        last: Last time, UTC.
        cadence_seconds: Median distance of two readings.
        sampling: Grid that the readings need; None if they can be taken as they stand.
        sampled_readings: Readings of the machine on this grid.
        lost_rows: Rows that would not be stored, by reason.
        merged_rows: Rows beyond the first of each time, by reason: they repeat, complete or replace what it says.
        changed_times: Rows whose local time a clock change skips or repeats, by reason.
        problems: Sentences about losses beyond the limits, for which the import would be refused.
        notes: Sentences about what was skipped, renamed or chosen.
        doubts: Sentences about choices that a person should check.
    """

    equip: str
    time_zone: str
    files: tuple[PreviewedFile, ...]
    tags: tuple[PreviewedTag, ...]
    rows: int
    readings: int | None
    first: datetime | None
    last: datetime | None
    cadence_seconds: float | None
    sampling: SamplingSpec | None
    sampled_readings: int | None
    lost_rows: dict[str, int]
    merged_rows: dict[str, int]
    changed_times: dict[str, int]
    problems: tuple[str, ...]
    notes: tuple[str, ...]
    doubts: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class _Counts:
    """Counts of pass 2: as the import makes them, up to the point where it would store the readings."""

    times: pl.Series
    sampling: SamplingSpec | None
    losses: LossReport
    changed_times: dict[str, int]
    problems: tuple[str, ...]
    doubts: tuple[str, ...]


def describe_plan(prepared: PreparedImport, equip: str) -> ImportPreview:
    """Return the preview after pass 1: decisions without exact losses."""
    return _build_preview(prepared, equip, None)


def preview_import(
    prepared: PreparedImport, equip: str, limits: LossLimits, *, latest: datetime, progress: Progress | None = None
) -> ImportPreview:
    """Read all files once more, and count what would be stored, merged and lost.

    Args:
        prepared: Plan and files.
        equip: Machine code.
        limits: Losses that an import accepts without a question.
        latest: Latest time that a reading may have, UTC.
        progress: Receives the progress.

    Raises:
        InputError: A file has changed since pass 1.
    """
    chunks = CountedChunks(open_source(prepared), HISTORIAN_TIME_COLUMN, latest, equip, progress or NullProgress())
    table = historian_table.declare_historian_table(equip, prepared.plan.tags, time_column=HISTORIAN_TIME_COLUMN)
    # Staged like an import, in a store of its own: a second way of counting rows of the same time would sooner or later
    # disagree with the first one.
    with open_scratch_store() as engine, import_staging.stage_readings(engine, table, chunks) as staged:
        losses = import_report.account_for_losses(prepared, chunks, staged)
        # Losses beyond the limits are shown and do not end the preview; rows that nobody counted do.
        check_losses(losses, limits, accept_loss=True)
        counts = _Counts(
            times=engine.query(f"SELECT {HISTORIAN_TIME_COLUMN} FROM {staged.relation} AS r ORDER BY 1").to_series(),
            sampling=prepared.plan.sampling
            or import_sampling.infer_relation_sampling(
                engine, staged.relation, HISTORIAN_TIME_COLUMN, staged.tables.tags
            ),
            losses=losses,
            changed_times=_list_changed_times(chunks.sum_rejections()),
            problems=tuple(find_problems(losses, limits)),
            doubts=tuple(import_report.describe_conflicts(losses, limits)),
        )
    return _build_preview(prepared, equip, counts)


def _list_changed_times(rejections: pl.DataFrame) -> dict[str, int]:
    """Return the rows that are stored with a time which a clock change made ambiguous, by reason."""
    rows = rejections.filter(pl.col("ColumnName") == "", pl.col("EventType").is_in(CHANGED_TIME_REASONS))
    return dict(rows.select("EventType", "AffectedRows").iter_rows())


def _build_preview(prepared: PreparedImport, equip: str, counts: _Counts | None) -> ImportPreview:
    times = None if counts is None or counts.times.is_empty() else counts.times
    sampling = counts.sampling if counts else prepared.plan.sampling
    losses = {tag.tag: tag for tag in counts.losses.tags} if counts else {}
    return ImportPreview(
        equip=equip,
        time_zone=prepared.plan.time_zone,
        files=tuple(_describe_file(file, prepared.plan.kinds[file.kind_index]) for file in prepared.files),
        tags=tuple(_describe_tag(tag, losses.get(tag.name)) for tag in prepared.tags),
        rows=prepared.row_count,
        readings=None if times is None else len(times),
        first=None if times is None else times[0],
        last=None if times is None else times[-1],
        cadence_seconds=None if times is None else _measure_cadence(times),
        sampling=sampling,
        sampled_readings=_count_grid_times(times, sampling) if times is not None and sampling else None,
        lost_rows=_count_by_reason(counts.losses.lost_rows) if counts else {},
        merged_rows=_count_by_reason(counts.losses.merged_rows) if counts else {},
        changed_times=counts.changed_times if counts else {},
        problems=counts.problems if counts else (),
        notes=prepared.notes,
        doubts=(*prepared.doubts, *(counts.doubts if counts else ())),
    )


def _count_by_reason(losses: Iterable[Loss]) -> dict[str, int]:
    return {loss.reason: loss.count for loss in losses}


def _count_grid_times(times: pl.Series, sampling: SamplingSpec) -> int:
    """Return the steps of a grid that have a reading."""
    # A reading at time t belongs to the step (T - every, T] of the first grid time T at or after t.
    return (-(-times.to_physical() // sampling.every_ms)).n_unique()


def _describe_tag(tag: PlannedTag, losses: TagLosses | None) -> PreviewedTag:
    # Pass 1 counts the cells of a column; pass 2 knows which of them were values.
    kept = losses.cells_stored / losses.cells_in if losses and losses.cells_in else 1.0
    lost = _count_by_reason(losses.losses) if losses else {}
    return PreviewedTag(
        tag=tag.name,
        unit=tag.unit,
        kind=tag.kind,
        first=tag.first,
        last=tag.last,
        first_number=tag.first_number,
        last_number=tag.last_number,
        states=dict(tag.states),
        cells_in=tag.cells,
        kept_share=kept,
        lost=lost,
    )


def _measure_cadence(times: pl.Series) -> float | None:
    cadence = times.diff().median()
    return cadence.total_seconds() if isinstance(cadence, timedelta) else None


def _describe_file(file: PlannedFile, kind: FileKind) -> PreviewedFile:
    times = (
        PreviewedTime(
            time.reading.columns,
            time.reading.spelling,
            time.reading.zone,
            time.reading.samples,
        )
        for time in file.times
    )
    layout = kind.layout
    return PreviewedFile(
        name=file.table.name,
        shape=kind.shape.kind,
        rows=file.row_count,
        header_line=layout.header_line if layout else None,
        delimiter=layout.delimiter or None if layout else None,
        times=tuple(times),
        left_out=file.left_out,
    )
