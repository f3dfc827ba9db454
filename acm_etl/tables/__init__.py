"""Every table of the store, declared once.

Order is the order of creation and of publishing: referenced tables come first, progress comes last.
"""

from __future__ import annotations

from acm_etl.schema import Table
from acm_etl.tables import forecast, reference, runs, scores, summaries

ALL: tuple[Table, ...] = (*reference.TABLES, *runs.TABLES, *scores.TABLES, *summaries.TABLES, *forecast.TABLES)
BY_NAME: dict[str, Table] = {table.name: table for table in ALL}
RESULTS: tuple[Table, ...] = (*scores.TABLES, *summaries.TABLES, *forecast.TABLES)
"""Tables that scoring fills, in publishing order."""

__all__ = ["ALL", "BY_NAME", "RESULTS", "forecast", "reference", "runs", "scores", "summaries"]
