"""Read the readings behind the results of a page, which may be gone or out of reach."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

import polars as pl

from acm_etl.errors import StoreError, UsageError
from acm_etl.io import historian
from acm_etl.load import equipment
from acm_etl.report.queries import MachineRows
from acm_etl.run.machine_source import locate_readings

log = logging.getLogger(__name__)


def read_tags(rows: MachineRows) -> dict[str, equipment.Tag]:
    """Return the tags of the machine by name."""
    return {tag.name: tag for tag in equipment.read_tags(rows.engine, rows.machine.equip_id)}


def pull_tag_readings(
    rows: MachineRows, tags: Sequence[equipment.Tag], start: datetime, end: datetime
) -> pl.DataFrame | None:
    """Return the readings of some tags from ``start`` to before ``end``; None if they cannot be had.

    Args:
        rows: Reader of the rows of the machine.
        tags: Tags; those whose column is gone are missing in the result.
        start: Start of the period, UTC.
        end: End of the period, UTC, exclusive.
    """
    source = _locate_present_readings(rows, tags)
    if source is None:
        return None
    try:
        return historian.pull_readings(rows.engine, source, start, end)
    except (StoreError, UsageError) as error:
        # A page of results is worth having while the server of a declared source is down.
        log.warning("%s: no readings in the report: %s", rows.machine.code, error)
        return None


def _locate_present_readings(rows: MachineRows, tags: Sequence[equipment.Tag]) -> historian.HistorianSource | None:
    """Return where the readings of the tags are; None if the historian table is gone."""
    machine = rows.machine
    source = locate_readings(rows.engine, machine, tags)
    if source.spec is not None:
        return source
    # The historian table may have been dropped, or lost columns, since the results were stored.
    columns = rows.engine.get_column_types(machine.table)
    present = tuple(tag.name for tag in tags if tag.name in columns)
    return replace(source, tags=present) if machine.time_column in columns else None
