"""Account and report of an import: losses before it is stored, counts after."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

import polars as pl

from acm_etl.admin.import_results import (
    ConflictSample,
    ImportConflicts,
    ImportedCells,
    ImportedTag,
    ImportReport,
    RejectedCount,
)
from acm_etl.admin.import_source import CountedChunks
from acm_etl.counts import format_count
from acm_etl.formatting import format_command, format_setting
from acm_etl.io.files.losses import (
    COMPLEMENTARY_REASON,
    LossLimits,
    LossReport,
    StoredCounts,
    build_loss_report,
    find_conflicting_tags,
)
from acm_etl.io.files.plan import PreparedImport
from acm_etl.io.files.rejections import REJECTIONS_SCHEMA
from acm_etl.load.historian.historian_table import MergeCounts
from acm_etl.load.historian.import_staging import CellConflict, DuplicateCounts, StagedReadings

_MAX_SAMPLE_LENGTH = 500  # of ACM_DataQualityEvents.SampleValues
_MAX_NAMED_TAGS = 5


def account_for_losses(prepared: PreparedImport, chunks: CountedChunks, staged: StagedReadings) -> LossReport:
    """Return what of the files would be stored, and what not, before anything is."""
    conflicts = staged.duplicates.conflict_cells
    # Files of one name in several folders are hardly one tag if their values differ: part-0.parquet, data.csv. Sheets
    # of one workbook that differ are machines.
    in_files = {tag: conflicts[tag] for tag in prepared.undivided_tags if tag in conflicts}
    # What is neither stored nor rejected by a rule must show as a loss, so that the stored counts come from the staging
    # tables of the database and not from the reader.
    stored = StoredCounts(
        rows=staged.times,
        cells=staged.delivered_cells,
        conflicts_in_file={**staged.duplicates.conflict_cells_in_file, **in_files},
    )
    # Rows that complete another row of their time enter the account, or rows in and rows stored would not agree.
    duplicates = [*_list_duplicates(staged.duplicates), (COMPLEMENTARY_REASON, staged.duplicates.complementary, None)]
    rejections = pl.concat([chunks.sum_rejections(), _build_row_events(duplicates)], how="diagonal")
    return build_loss_report(rejections, stored, rows_in=chunks.count_rows())


def tally_rejected(chunks: CountedChunks, duplicates: DuplicateCounts) -> pl.DataFrame:
    """Return the rejected and changed values by column and rule, repeated rows included."""
    counts = pl.concat([chunks.sum_rejections(), _build_row_events(_list_duplicates(duplicates))], how="diagonal")
    # A row that completes another one is neither rejected nor changed.
    return counts.filter(pl.col("EventType") != COMPLEMENTARY_REASON)


def complete_report(
    report: ImportReport, chunks: CountedChunks, staged: StagedReadings, *, losses: LossReport, merged: MergeCounts
) -> None:
    """Enter the counts of a successful import."""
    # The counts of the merge: only the database knows which of the staged readings were stored before.
    report.rows, report.first, report.last = chunks.source.row_count, staged.first_time, staged.last_time
    report.inserted, report.updated, report.unchanged = merged.inserted, merged.updated, merged.unchanged
    report.deleted, report.lost_rows = merged.deleted, losses.lost_row_count
    report.merged_rows = staged.duplicates.rows
    cells = merged.cells
    report.cells = ImportedCells(cells.inserted, cells.updated, cells.unchanged, cells.erased)
    report.file_counts = chunks.list_files()
    report.tags = [
        ImportedTag(tag.tag, tag.cells_in, tag.cells_stored, {loss.reason: loss.count for loss in tag.losses})
        for tag in losses.tags
    ]
    report.conflicts = [*_list_conflicts(staged.duplicates, merged)]
    rejected = tally_rejected(chunks, staged.duplicates)
    report.rejected = [RejectedCount(*row) for row in rejected.select(*REJECTIONS_SCHEMA).iter_rows()]


def describe_future_readings(count: int, *, now: datetime, allowed_lateness: timedelta) -> str:
    """Return a sentence about readings that were left out because they are from the future."""
    return (
        f"{format_count(count, 'reading')} left out, later than the clock of this computer ({now:%Y-%m-%d %H:%M} UTC) "
        f"plus backfill.allowed_lateness ({format_setting(allowed_lateness)}). Check the clock of the source, "
        "the order of day and month (--date-order) and the time zone (--timezone), then import the files again"
    )


def describe_new_tags(equip: str, new_tags: Sequence[str]) -> list[str]:
    """Return a warning about tags that a machine with readings did not have: the files may be another machine's."""
    if not new_tags:
        return []
    named = ", ".join(new_tags[:_MAX_NAMED_TAGS]) + (", ..." if len(new_tags) > _MAX_NAMED_TAGS else "")
    warning = (
        f"{format_count(len(new_tags), 'new tag')} of {equip}: {named}. Check that the files are of this machine. "
        f"Models that are trained already do not use new tags until {format_command('refit', equip)}"
    )
    return [warning]


def describe_conflicts(losses: LossReport, limits: LossLimits) -> list[str]:
    """Return a warning if much of a file says different things about the same time."""
    found = find_conflicting_tags(losses, limits)
    if not found:
        return []
    # Sorted by share: the first tag has the most conflicts.
    worst, count = found[0]
    warning = (
        f"several different values at many times of {format_count(len(found), 'tag')}, {worst.tag} at "
        f"{count / worst.cells_in:.0%} of its values: the last one of each file counts. "
        "A file with several machines, or with times cut to the minute, looks like this"
    )
    return [warning]


def _list_duplicates(duplicates: DuplicateCounts) -> list[tuple[str, int, str | None]]:
    samples = "; ".join(_format_conflict(conflict) for conflict in duplicates.samples)
    return [
        # Equal rows need no sample: the value is stored, and nothing is lost.
        ("duplicate", duplicates.exact, None),
        ("conflicting_duplicate", duplicates.conflicting, samples[:_MAX_SAMPLE_LENGTH] or None),
    ]


def _build_row_events(events: list[tuple[str, int, str | None]]) -> pl.DataFrame:
    # An empty name of a column stands for whole rows, here as in the counts of the reader.
    rows = [("", reason, count, samples) for reason, count, samples in events if count]
    return pl.DataFrame(rows, schema=REJECTIONS_SCHEMA, orient="row")


def _format_conflict(conflict: CellConflict) -> str:
    return f"{conflict.time}: {conflict.tag} {conflict.old_value} -> {conflict.new_value}"


def _list_conflicts(duplicates: DuplicateCounts, merged: MergeCounts) -> list[ImportConflicts]:
    # Apart from each other: a conflict within the files doubts the files, one with the store may be a wanted
    # correction.
    in_files = ImportConflicts(
        "files",
        duplicates.conflicting,
        sum(duplicates.conflict_cells.values()),
        tuple(_build_sample(conflict) for conflict in duplicates.samples),
    )
    in_store = ImportConflicts(
        "store",
        merged.conflicting,
        merged.cells.updated,
        tuple(_build_sample(conflict) for conflict in merged.conflict_samples),
    )
    # By cells: a row can conflict only through a cell.
    return [conflicts for conflicts in (in_files, in_store) if conflicts.cells]


def _build_sample(conflict: CellConflict) -> ConflictSample:
    return ConflictSample(conflict.time, conflict.tag, conflict.old_value, conflict.new_value)
