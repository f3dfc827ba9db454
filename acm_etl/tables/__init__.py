"""Every table of the store, declared once.

Order is the order of creation and of publishing: referenced tables come first, progress comes last.
"""

from __future__ import annotations

from acm_etl.schema import Grain, Table
from acm_etl.tables import (
    daily,
    events,
    forecast,
    historian_checks,
    models,
    notices,
    reference,
    runs,
    scores,
    summaries,
)

# A fixed order for all batches: two processes then lock the tables in the same order, and no deadlock arises.
RESULTS: tuple[Table, ...] = (
    *scores.TABLES,
    *events.TABLES,
    *summaries.TABLES,
    *daily.TABLES,
    *models.TABLES,
    *forecast.TABLES,
)
"""Tables that scoring fills, in publishing order."""
# By the grain and not by a list, so that a table that is added later is not forgotten at a refit or replay.
MODEL_RESULTS: tuple[Table, ...] = tuple(table for table in RESULTS if table.grain == "model")
"""Tables that describe a model version; their rows are written and deleted together with the version."""
# Referenced tables first: SQL Server refuses a foreign key to a table that does not exist yet.
ALL: tuple[Table, ...] = (*reference.TABLES, *runs.TABLES, *historian_checks.TABLES, *notices.TABLES, *RESULTS)
TIMED_GRAINS: tuple[Grain, ...] = ("time", "event", "day")
"""Grains of results whose rows belong to a time of the history; rows of a model or a run do not."""
BY_NAME: dict[str, Table] = {table.name: table for table in ALL}
# A stolen login of a backfill cannot register machines, change settings, or declare a source, whose query the next
# administrator would run.
ADMINISTERED: tuple[Table, ...] = reference.TABLES
"""Tables that only administrators write; a backfill reads them."""

__all__ = [
    "ADMINISTERED",
    "ALL",
    "BY_NAME",
    "MODEL_RESULTS",
    "RESULTS",
    "daily",
    "events",
    "forecast",
    "historian_checks",
    "models",
    "notices",
    "reference",
    "runs",
    "scores",
    "summaries",
]
