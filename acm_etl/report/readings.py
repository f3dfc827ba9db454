"""Read the readings behind the results of a page, which may be gone or out of reach."""

from __future__ import annotations

import logging
from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import datetime
from functools import cached_property

import polars as pl

from acm_etl.errors import StoreError, TransientError, UsageError
from acm_etl.io import historian
from acm_etl.load.machines import equipment
from acm_etl.report.queries import MachineRows
from acm_etl.run.machine_source import locate_readings

log = logging.getLogger(__name__)


class MachineReadings:
    """Readings of a machine; a page asks for those of up to 80 episodes, and finds tags and source once.

    Args:
        rows: Reader of the rows of the machine.
    """

    def __init__(self, rows: MachineRows) -> None:
        self._rows = rows
        self._is_out_of_reach = False

    @cached_property
    def tags(self) -> Mapping[str, equipment.Tag]:
        """Tags of the machine by name."""
        return {tag.name: tag for tag in equipment.read_tags(self._rows.engine, self._rows.machine.equip_id)}

    def find_tag(self, name: str) -> equipment.Tag:
        """Return a tag; one without unit and description if it was removed from the machine."""
        # A removed tag keeps its place in the episodes it caused.
        return self.tags.get(name) or equipment.Tag(name)

    def pull_readings(self, names: Iterable[str], start: datetime, end: datetime) -> pl.DataFrame | None:
        """Return the readings of some tags from ``start`` to before ``end``; None if they cannot be had.

        Args:
            names: Tags; those whose column is gone are missing in the result.
            start: Start of the period, UTC.
            end: End of the period, UTC, exclusive.
        """
        source, columns = self._source, self._present_columns
        if self._is_out_of_reach or (columns is not None and source.time_column not in columns):
            return None
        present = tuple(name for name in names if columns is None or name in columns)
        try:
            return historian.pull_readings(self._rows.engine, replace(source, tags=present), start, end)
        except (StoreError, UsageError) as error:
            # A page of results is worth having while the server of a declared source is down.
            log.warning("%s: no readings in the report: %s", self._rows.machine.code, error)
            # Waiting for it at each of 80 episodes could take an hour.
            self._is_out_of_reach = isinstance(error, StoreError) and not isinstance(error, TransientError)
            return None

    @cached_property
    def _source(self) -> historian.HistorianSource:
        return locate_readings(self._rows.engine, self._rows.machine, list(self.tags.values()))

    @cached_property
    def _present_columns(self) -> frozenset[str] | None:
        """Columns of the historian table; None for a declared source, which is not looked at before it is read."""
        # The table may have been dropped, or lost columns, since the results were stored.
        if self._source.spec is not None:
            return None
        return frozenset(self._rows.engine.get_column_types(self._source.table))
