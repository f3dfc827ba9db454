"""Losses of an import: rows and cells of the files that are not stored, by reason, and the limits for them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import polars as pl

from acm_etl.errors import InputError, InternalError
from acm_etl.io.files.rejections import LINES_COLUMN

LEFT_OUT_REASON = "not_numeric_column"
"""A column that is left out, named with the number of its cells; a tag of a long file may have the same name."""
REPEATED_HEADER_REASON = "repeated_header"
"""A row that repeats the header, as in daily exports that were copied into one file."""
SUMMARY_ROW_REASON = "summary_row"
"""A row of averages, totals or the like above or below the readings."""
UNSET_CLOCK_REASON = "unset_clock"
"""A row that a logger wrote before its clock was set, at 1970-01-01 or the like."""
EXEMPT_ROW_REASONS = frozenset({REPEATED_HEADER_REASON, SUMMARY_ROW_REASON})
"""Reasons for which a row is not stored, but not counted against the limit: it does not hold a reading."""
LOST_ROW_REASONS = EXEMPT_ROW_REASONS | frozenset({
    "ragged_row", "unparsed_time", "untagged_row", "unknown_tag", "future_reading", UNSET_CLOCK_REASON,
})  # fmt: skip
"""Reasons for which a whole row is not stored."""
CHANGED_TIME_REASONS = frozenset({"ambiguous_local_time", "nonexistent_local_time"})
"""Reasons for which a row is stored with a time that a clock change made ambiguous or moved."""
COMPLEMENTARY_REASON = "complementary_row"
"""A row that has other tags than the other rows of its time, as in files of one tag each."""
DUPLICATE_REASONS = frozenset({"duplicate", COMPLEMENTARY_REASON, "conflicting_duplicate"})
"""Reasons for which a row is merged with another row of its time. What such a row says is stored, but for conflicts."""
CONFLICT_REASON = "conflicting_value"
"""A later row of the same file has another value for the same cell."""
EXEMPT_CELL_REASONS = frozenset({"nan", "text_state", "bad_quality", "missing_value", CONFLICT_REASON})
"""Reasons that are counted like all others, but not against the limit.

The source itself says that it has no usable value: a sensor that was out of order for a month is no fault of the
import. Of conflicting values the later one is stored. A text without a known meaning and an infinite value do count.
"""
# Appended corrections replace a few values. Readings of every 30 s whose times are cut to the minute lose one in two.
_MAX_CONFLICT_SHARE = 1 / 3
# A file in an unknown notation loses all its tags: the worst three show the cause, a hundred sentences hide it.
_MAX_NAMED_PROBLEMS = 3


@dataclass(frozen=True, slots=True)
class LossLimits:
    """Shares of an import that may be lost.

    Attributes:
        max_lost_rows: Share of the rows of the files, 0-1.
        max_lost_cells: Share of the values of one tag, 0-1.
    """

    max_lost_rows: float
    max_lost_cells: float


@dataclass(frozen=True, slots=True)
class Loss:
    """Rows, or cells of one tag, that one rule does not store as they are.

    Attributes:
        reason: Name of the rule.
        count: Rows or cells.
        samples: A few of the values as they came; None if there is none to show.
        lines: Line numbers of a few of them, counted from 1; empty if not known.
    """

    reason: str
    count: int
    samples: str | None = None
    lines: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class TagLosses:
    """Values of one tag.

    Attributes:
        tag: Name of the tag.
        cells_in: Values in the files: all cells that are not empty.
        cells_stored: Values that are stored, equal a stored one, or are corrected by a later file.
        losses: The others, by reason.
    """

    tag: str
    cells_in: int
    cells_stored: int
    losses: tuple[Loss, ...]

    @property
    def limited(self) -> int:
        """Lost values that count against the limit."""
        return sum(loss.count for loss in self.losses if loss.reason not in EXEMPT_CELL_REASONS)


@dataclass(frozen=True, slots=True)
class LossReport:
    """Rows and values of an import, and what is not stored of them.

    Attributes:
        rows_in: Rows of the files.
        rows_stored: Rows that are stored: one per time.
        lost_rows: Rows that are not stored, by reason.
        merged_rows: Rows that are merged with another row of their time, by reason.
        tags: Values by tag.
    """

    rows_in: int
    rows_stored: int
    lost_rows: tuple[Loss, ...]
    merged_rows: tuple[Loss, ...]
    tags: tuple[TagLosses, ...]

    @property
    def lost_row_count(self) -> int:
        """Rows that are not stored."""
        return sum(loss.count for loss in self.lost_rows)

    @property
    def limited_rows(self) -> tuple[Loss, ...]:
        """Losses of rows that count against the limit."""
        return tuple(loss for loss in self.lost_rows if loss.reason not in EXEMPT_ROW_REASONS)


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredCounts:
    """Readings of an import that the store would take.

    Attributes:
        rows: Rows, one per time.
        cells: Values by tag, those of the same cell included.
        conflicts_in_file: Values by tag that a later row of the same file replaces by another value; of a tag that is
            the name of a file, or of sheets of a workbook, also those that another file or sheet replaces.
    """

    rows: int
    cells: Mapping[str, int]
    conflicts_in_file: Mapping[str, int]


def build_loss_report(rejections: pl.DataFrame, stored: StoredCounts, *, rows_in: int) -> LossReport:
    """Build the account of an import.

    Args:
        rejections: Counts of all chunks and of duplicate rows, see ``REJECTIONS_SCHEMA``; optional column ``Lines``.
        stored: Rows and values that the store would take.
        rows_in: Rows of the files, those that do not fit the header included.
    """
    by_column: dict[str, list[Loss]] = {}
    for row in rejections.iter_rows(named=True):
        lines = tuple(row.get(LINES_COLUMN) or ())
        loss = Loss(row["EventType"], row["AffectedRows"], row["SampleValues"], lines)
        by_column.setdefault(row["ColumnName"], []).append(loss)
    # Rejections of whole rows name no column.
    rows = by_column.get("", [])
    return LossReport(
        rows_in=rows_in,
        rows_stored=stored.rows,
        lost_rows=tuple(loss for loss in rows if loss.reason in LOST_ROW_REASONS),
        merged_rows=tuple(loss for loss in rows if loss.reason in DUPLICATE_REASONS),
        # Only tags: columns that the plan leaves out have rejections as well, but the plan has named them already.
        tags=tuple(_build_tag_losses(tag, by_column.get(tag, ()), stored) for tag in stored.cells),
    )


def _build_tag_losses(tag: str, losses: Iterable[Loss], stored: StoredCounts) -> TagLosses:
    all_losses = [loss for loss in losses if loss.reason != LEFT_OUT_REASON]
    conflicts = stored.conflicts_in_file.get(tag, 0)
    if conflicts:
        all_losses.append(Loss(CONFLICT_REASON, conflicts))
    # The store counts every value that it is given, also one that a later row replaces.
    kept = stored.cells[tag] - conflicts
    # Only rows are counted in both passes; the cells of a tag are the sum of their parts.
    return TagLosses(tag, kept + sum(loss.count for loss in all_losses), kept, tuple(all_losses))


def check_losses(report: LossReport, limits: LossLimits, *, accept_loss: bool = False) -> None:
    """Check that every row is accounted for, and that no more is lost than the limits allow.

    Args:
        report: The account of an import.
        limits: Shares that may be lost.
        accept_loss: The user has accepted larger losses.

    Raises:
        InternalError: Rows are neither stored nor counted.
        InputError: More is lost than a limit allows; the message names the reasons, the worst tag first.
    """
    counted = report.rows_stored + sum(loss.count for loss in (*report.lost_rows, *report.merged_rows))
    # Two independent counts: pass 1 counts rows, pass 2 counts what becomes of them. A difference means that rows
    # vanish without a trace, so --accept-loss does not excuse it.
    if counted != report.rows_in:
        message = (
            f"{report.rows_in:,} rows were read, but {counted:,} are stored or counted; nothing was stored. "
            "This is a defect of acm_etl: report it with the files"
        )
        raise InternalError(message)
    problems = [] if accept_loss else find_problems(report, limits)
    if problems:
        more = len(problems) - _MAX_NAMED_PROBLEMS
        text = "; ".join(problems[:_MAX_NAMED_PROBLEMS]) + (
            f"; {more} more tags lose too many values" if more > 0 else ""
        )
        message = (
            f"{text}. Nothing was stored: correct the files, leave tags out (--exclude TAG), or add --accept-loss to "
            "import the rest"
        )
        raise InputError(message)


def find_problems(report: LossReport, limits: LossLimits) -> list[str]:
    """Return a sentence for the rows, and for each tag, of which more is lost than a limit allows; the worst first."""
    return [*_find_row_problems(report, limits), *_find_conflict_problems(report), *_find_tag_problems(report, limits)]


def find_conflicting_tags(report: LossReport, limits: LossLimits) -> list[tuple[TagLosses, int]]:
    """Return the tags with more conflicts within one file than may be lost, with their number, the worst first."""
    return _list_conflicts(report, limits.max_lost_cells)


def _list_conflicts(report: LossReport, max_share: float) -> list[tuple[TagLosses, int]]:
    counts = [(tag, sum(loss.count for loss in tag.losses if loss.reason == CONFLICT_REASON)) for tag in report.tags]
    found = [(tag, count) for tag, count in counts if count > max_share * tag.cells_in]
    # No division by zero: a tag with conflicts has cells.
    return sorted(found, key=lambda pair: pair[1] / pair[0].cells_in, reverse=True)


def _find_row_problems(report: LossReport, limits: LossLimits) -> list[str]:
    # Compared as a product: a file without rows has no share, and a loss at the limit is within it.
    lost = sum(loss.count for loss in report.limited_rows)
    if lost <= limits.max_lost_rows * report.rows_in:
        return []
    # The setting is named, so that a plant with other habits can change it instead of accepting each loss.
    total = _format_share(lost, report.rows_in, "rows", limits.max_lost_rows)
    return [f"{total} (setting import.max_lost_rows): {_format_losses(report.limited_rows)}"]


def _find_conflict_problems(report: LossReport) -> list[str]:
    found = _list_conflicts(report, _MAX_CONFLICT_SHARE)
    if not found:
        return []
    worst, count = found[0]
    message = (
        f"{count:,} of {worst.cells_in:,} values of {worst.tag} ({count / worst.cells_in:.1%}) have the time of a "
        "later row with another value, which would replace them: export the times with seconds if they are cut to the "
        "minute, choose one machine (--where) if the file holds several, save sheets of several machines as files, or "
        "name files by their tags if they have none; names that differ only in case are one tag"
    )
    return [message]


def _find_tag_problems(report: LossReport, limits: LossLimits) -> list[str]:
    # Strictly more, so that a tag without cells never divides by zero below.
    over = [tag for tag in report.tags if tag.limited > limits.max_lost_cells * tag.cells_in]
    return [
        f"{_format_share(tag.limited, tag.cells_in, f'values of {tag.tag}', limits.max_lost_cells)} "
        f"(setting import.max_lost_cells): {_format_losses(tag.losses)}"
        for tag in sorted(over, key=lambda tag: tag.limited / tag.cells_in, reverse=True)
    ]


def _format_share(lost: int, total: int, unit: str, limit: float) -> str:
    return f"{lost:,} of {total:,} {unit} ({lost / total:.1%}) would be lost; the limit is {limit * 100:.3g}%"


def _format_losses(losses: Iterable[Loss]) -> str:
    # Exempt losses did not cause the refusal: among the reasons they would mislead the reader.
    limited = [loss for loss in losses if loss.reason not in EXEMPT_CELL_REASONS]
    return ", ".join(_format_loss(loss) for loss in sorted(limited, key=lambda loss: -loss.count))


def _format_loss(loss: Loss) -> str:
    samples = f", e.g. {loss.samples}" if loss.samples else ""
    lines = f" in lines {', '.join(f'{line:,}' for line in loss.lines)}" if loss.lines else ""
    return f"{loss.count:,} {loss.reason}{samples}{lines}"
