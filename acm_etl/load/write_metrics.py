"""Rows and seconds of publishing each table (ACM_WriteMetrics)."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

import polars as pl

from acm_etl.load.staging import UpsertCounts
from acm_etl.results import TableTotal
from acm_etl.schema import Table
from acm_etl.tables.runs import WRITE_METRICS


@dataclass(frozen=True, slots=True)
class TableMetric:
    """Rows and seconds of publishing one table."""

    table: str
    rows_staged: int
    rows_inserted: int
    rows_updated: int
    rows_deleted: int
    seconds: float

    @classmethod
    def from_counts(cls, table: Table, row_count: int, counts: UpsertCounts, *, seconds: float) -> TableMetric:
        """Return the metric of a table with ``row_count`` staged rows."""
        return cls(table.name, row_count, counts.inserted, counts.updated, counts.deleted, seconds)

    @property
    def total(self) -> TableTotal:
        """The metric as a total that others can be added to."""
        return TableTotal(self.rows_staged, self.rows_inserted, self.rows_updated, self.rows_deleted, self.seconds)


def build_metric_rows(
    metrics: Iterable[TableMetric], *, run_id: str, equip_id: int, span: tuple[datetime, datetime]
) -> pl.DataFrame:
    """Build rows of ACM_WriteMetrics.

    Args:
        metrics: Metrics of the tables of a batch.
        run_id: Run that stands for the batch.
        equip_id: Machine.
        span: Start and end of the batch, UTC.
    """
    rows = [
        {
            "RunID": run_id,
            "EquipID": equip_id,
            "TableName": metric.table,
            "GroupStart": span[0],
            "GroupEnd": span[1],
            "RowsStaged": metric.rows_staged,
            "RowsInserted": metric.rows_inserted,
            "RowsUpdated": metric.rows_updated,
            "RowsDeleted": metric.rows_deleted,
            "Seconds": metric.seconds,
            "RowsPerSecond": metric.rows_staged / metric.seconds if metric.seconds else None,
        }
        for metric in metrics
    ]
    return pl.DataFrame(rows, schema=WRITE_METRICS.polars_schema)
