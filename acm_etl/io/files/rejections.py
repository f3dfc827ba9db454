"""Counts of rows and cells that are not taken as they came, by column and reason, with samples."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

import polars as pl

REJECTIONS_SCHEMA = {
    "ColumnName": pl.String,
    "EventType": pl.String,
    "AffectedRows": pl.Int64,
    "SampleValues": pl.String,
}
"""Schema of a frame of counts; ``ColumnName`` is empty where whole rows are concerned."""
LINES_COLUMN = "Lines"
"""Optional column of such a frame: line numbers of the first rows concerned, as a list."""

_COUNTER_SCHEMA: dict[str, pl.DataType | type[pl.DataType]] = {**REJECTIONS_SCHEMA, LINES_COLUMN: pl.List(pl.Int64)}
_SAMPLE_COUNT = 5
# The sample of a ragged row is a whole line of the file, and five of them share one column of the store.
_MAX_SAMPLE_LENGTH = 60
_MAX_TEXT_LENGTH = 500  # of ACM_DataQualityEvents.SampleValues


def build_rejections(events: Iterable[tuple[str, str, int, pl.Series | None]]) -> pl.DataFrame:
    """Return a frame of counts from (column, reason, rows, values as they came); entries without rows are left out."""
    rows = [(column, rule, count, format_samples(values)) for column, rule, count, values in events if count]
    return pl.DataFrame(rows, schema=REJECTIONS_SCHEMA, orient="row")


def format_samples(values: pl.Series | None) -> str | None:
    """Return a few distinct values as text, in order of appearance."""
    if values is None or values.is_empty():
        return None
    return _join_samples(_list_samples(values))


def _list_samples(values: pl.Series) -> list[str]:
    # Polars cannot list the distinct values of every nested type; only typed files have these.
    distinct = values if values.dtype.is_nested() else values.unique(maintain_order=True)
    return ["(empty)" if value is None else str(value) for value in distinct.head(_SAMPLE_COUNT).to_list()]


def _join_samples(texts: Iterable[str]) -> str:
    return ", ".join(text[:_MAX_SAMPLE_LENGTH] for text in texts)[:_MAX_TEXT_LENGTH]


def sum_rejections(frames: Iterable[pl.DataFrame]) -> pl.DataFrame:
    """Return the counts of several frames: one row per column and reason, samples of the first frame that has them."""
    # diagonal: only frames of files with physical lines have the column of lines. The empty frame keeps the types where
    # there is nothing to count.
    all_counts = pl.concat([pl.DataFrame(schema=REJECTIONS_SCHEMA), *frames], how="diagonal")
    samples = [
        pl.col(name).drop_nulls().first() for name in ("SampleValues", LINES_COLUMN) if name in all_counts.columns
    ]
    return all_counts.group_by("ColumnName", "EventType", maintain_order=True).agg(
        pl.col("AffectedRows").sum(), *samples
    )


@dataclass(slots=True)
class _Rejection:
    """Count of one column and reason.

    Attributes:
        count: Rows or cells.
        samples: A few distinct values.
        rows: Numbers of the first rows concerned.
    """

    count: int = 0
    samples: list[str] = field(default_factory=list)
    rows: list[int] = field(default_factory=list)


@dataclass(slots=True)
class RejectionCounter:
    """Counts of one file, added up chunk by chunk."""

    counts: dict[tuple[str, str], _Rejection] = field(default_factory=dict)

    def add(self, column: str, reason: str, count: int, samples: Sequence[str] = ()) -> None:
        """Count rows or cells that are known without a look at the rows."""
        if count:
            rejection = self.counts.setdefault((column, reason), _Rejection())
            rejection.count += count
            # The first samples stay: pass 1 gives them in the order of the file.
            rejection.samples = (rejection.samples or list(samples))[:_SAMPLE_COUNT]

    def add_cells(self, column: str, reason: str, values: pl.Series, *, mask: pl.Series, rows: pl.Series) -> None:
        """Count the cells of a mask.

        Args:
            column: Tag; empty where whole rows are concerned.
            reason: Name of the rule.
            values: Cells as they came.
            mask: Boolean, True for the cells to count.
            rows: Number of the row of each cell.
        """
        count = int(mask.sum())
        if not count:
            return
        rejection = self.counts.setdefault((column, reason), _Rejection())
        rejection.count += count
        # A column without any number has millions of such cells; once there are samples enough, only the sum is taken.
        if len(rejection.samples) < _SAMPLE_COUNT:
            lost = values.filter(mask)
            rejection.samples = list(dict.fromkeys([*rejection.samples, *_list_samples(lost)]))[:_SAMPLE_COUNT]
            rejection.rows = [*rejection.rows, *rows.filter(mask).head(_SAMPLE_COUNT).to_list()][:_SAMPLE_COUNT]

    def list_rows(self, limit: int) -> list[int]:
        """Return the numbers of the first rows concerned that are below a limit."""
        # Sorted and distinct: find_lines goes through the file once, in ascending order.
        return sorted({row for rejection in self.counts.values() for row in rejection.rows if row < limit})

    def build_frame(self, lines: dict[int, int]) -> pl.DataFrame:
        """Return the counts as a frame.

        Args:
            lines: Physical line by number of the row, as far as known.
        """
        rows = [
            (
                column,
                reason,
                rejection.count,
                _join_samples(rejection.samples) or None,
                [lines[row] for row in rejection.rows if row in lines] or None,
            )
            for (column, reason), rejection in self.counts.items()
        ]
        return pl.DataFrame(rows, schema=_COUNTER_SCHEMA, orient="row")
