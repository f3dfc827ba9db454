"""Preview of an import: the plan and exact counts of what would be stored and lost, without a store."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

import polars as pl

from acm_etl.io.files.losses import (
    DUPLICATE_REASONS,
    LOST_ROW_REASONS,
    LossLimits,
    StoredCounts,
    build_loss_report,
    find_problems,
)
from acm_etl.io.files.plan import FileKind, PlannedFile, PlannedTag, PreparedImport
from acm_etl.io.files.reader import TIME_COLUMN, stream_readings
from acm_etl.io.files.rejections import sum_rejections
from acm_etl.io.files.times.time_reading import UNREADABLE_SAMPLE, TimeSample
from acm_etl.io.files.values.value_format import LeftOutColumn
from acm_etl.io.sampling import infer_wide_sampling
from acm_etl.source_spec import SamplingSpec

_SAMPLING_ROWS = 20_000


@dataclass(frozen=True, slots=True)
class PreviewedSample:
    """One cell of a time column.

    Attributes:
        cell: The cell as the file writes it.
        utc: Its time, UTC; None if it cannot be read.
    """

    cell: str
    utc: datetime | None


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
    samples: tuple[PreviewedSample, ...]


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
        left_out: Columns that are no tags, with the reason and a few cells.
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
        merged_rows: Rows of a file that complete another row of the same time, by reason.
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
    """Counts of pass 2."""

    times: pl.Series
    sampling: SamplingSpec | None
    rejections: pl.DataFrame
    problems: tuple[str, ...]


def describe_plan(prepared: PreparedImport, equip: str) -> ImportPreview:
    """Return the preview after pass 1: decisions without exact losses."""
    return _build_preview(prepared, equip, None)


def preview_import(prepared: PreparedImport, equip: str, limits: LossLimits) -> ImportPreview:
    """Read all files once more, and count what would be stored and lost.

    Args:
        prepared: Plan and files.
        equip: Machine code.
        limits: Losses that an import accepts without a question.

    Raises:
        InputError: A file has changed since pass 1.
    """
    times: list[pl.Series] = []
    frames: list[pl.DataFrame] = []
    rejections: list[pl.DataFrame] = []
    cells = dict.fromkeys(prepared.plan.tags, 0)
    for chunk in stream_readings(prepared):
        times.append(chunk.frame[TIME_COLUMN])
        rejections.append(chunk.rejections)
        for tag in cells.keys() & set(chunk.frame.columns):
            cells[tag] += chunk.frame[tag].count()
        # The same stretch of every file: tags with times of their own are often in files of their own.
        frames.append(chunk.frame.head(_SAMPLING_ROWS))
    distinct = pl.concat(times).unique().sort()
    sampling = prepared.plan.sampling or _infer_sampling(frames, prepared.plan.tags)
    counts = sum_rejections(rejections)
    stored = StoredCounts(rows=len(distinct), cells=cells, conflicts_in_file={})
    report = build_loss_report(counts, stored, rows_in=_count_rows(prepared))
    problems = find_problems(report, limits)
    return _build_preview(prepared, equip, _Counts(distinct, sampling, counts, tuple(problems)))


def _count_rows(prepared: PreparedImport) -> int:
    """Return the rows of the files, those that do not fit their header included."""
    return prepared.row_count + sum(file.ragged_count for file in prepared.files)


def _infer_sampling(frames: Sequence[pl.DataFrame], tags: Sequence[str]) -> SamplingSpec | None:
    rows = pl.concat(frames, how="diagonal")
    known = [tag for tag in tags if tag in rows.columns]
    merged = rows.group_by(TIME_COLUMN).agg(pl.col(tag).drop_nulls().last() for tag in known).sort(TIME_COLUMN)
    return infer_wide_sampling(merged.head(_SAMPLING_ROWS))


def _build_preview(prepared: PreparedImport, equip: str, counts: _Counts | None) -> ImportPreview:
    lost: dict[str, dict[str, int]] = {}
    if counts is not None:
        for column, reason, count in counts.rejections.select("ColumnName", "EventType", "AffectedRows").iter_rows():
            lost.setdefault(column, {})[reason] = count
    times = None if counts is None or counts.times.is_empty() else counts.times
    sampling = counts.sampling if counts else prepared.plan.sampling
    row_events = lost.get("", {})
    return ImportPreview(
        equip=equip,
        time_zone=prepared.plan.time_zone,
        files=tuple(_describe_file(file, prepared.plan.kinds[file.kind_index]) for file in prepared.files),
        tags=tuple(_describe_tag(tag, lost.get(tag.name, {})) for tag in prepared.tags),
        rows=prepared.row_count,
        readings=None if times is None else len(times),
        first=None if times is None else times[0],
        last=None if times is None else times[-1],
        cadence_seconds=None if times is None else _measure_cadence(times),
        sampling=sampling,
        sampled_readings=_count_grid_times(times, sampling) if times is not None and sampling else None,
        lost_rows={reason: count for reason, count in row_events.items() if reason in LOST_ROW_REASONS},
        merged_rows={reason: count for reason, count in row_events.items() if reason in DUPLICATE_REASONS},
        changed_times={
            reason: count
            for reason, count in row_events.items()
            if reason not in LOST_ROW_REASONS and reason not in DUPLICATE_REASONS
        },
        problems=counts.problems if counts else (),
        notes=prepared.notes,
        doubts=prepared.doubts,
    )


def _count_grid_times(times: pl.Series, sampling: SamplingSpec) -> int:
    """Return the steps of a grid that have a reading."""
    # A reading at time t belongs to the step (T - every, T] of the first grid time T at or after t.
    return (-(-times.to_physical() // sampling.every_ms)).n_unique()


def _describe_tag(tag: PlannedTag, lost: dict[str, int]) -> PreviewedTag:
    kept = 1.0 - sum(lost.values()) / tag.cells if tag.cells else 1.0
    return PreviewedTag(tag.name, tag.unit, tag.kind, tag.first, tag.last, dict(tag.states), tag.cells, kept, lost)


def _describe_sample(sample: TimeSample) -> PreviewedSample:
    utc = None if sample.utc == UNREADABLE_SAMPLE else datetime.fromisoformat(sample.utc)
    return PreviewedSample(sample.cell, utc)


def _measure_cadence(times: pl.Series) -> float | None:
    cadence = times.diff().median()
    return cadence.total_seconds() if isinstance(cadence, timedelta) else None


def _describe_file(file: PlannedFile, kind: FileKind) -> PreviewedFile:
    times = (
        PreviewedTime(
            time.reading.columns,
            time.reading.spelling,
            time.reading.zone,
            tuple(_describe_sample(sample) for sample in time.reading.samples),
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
