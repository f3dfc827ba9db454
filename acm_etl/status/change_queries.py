"""Status rows of many machines from the store: what the last backfill found when it compared the historian."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import polars as pl

from acm_etl.load.historian import fingerprints
from acm_etl.results import ChangedReadings
from acm_etl.status.machine_queries import MachineQueries
from acm_etl.tables.historian_checks import READING_FINGERPRINTS

_DAY_COLUMNS = ("Day", "ReadingCount", "PresentCount")


@dataclass(frozen=True, slots=True)
class HistoryStart:
    """Start of the first window, UTC, and the readings before it that --from left out."""

    time: datetime
    skipped_readings: int


class ChangeQueries(MachineQueries):
    """Set-based queries for the comparison of the historian with the scored readings."""

    def read_history_starts(self) -> dict[int, HistoryStart]:
        """Return the start of the scored history of each machine."""
        # A machine that was scored before there were fingerprints has no row, and then no older readings are reported.
        sql = "SELECT {EquipID}, {HistoryStart}, {SkippedReadings} FROM {ACM_HistorianChecks} WHERE {machines}"
        return {
            row["EquipID"]: HistoryStart(row["HistoryStart"], int(row["SkippedReadings"])) for row in self._read(sql)
        }

    def read_changed_readings(self, train_ends: Mapping[int, datetime]) -> dict[int, ChangedReadings]:
        """Return the scored days that have changed; machines without changes are missing.

        Args:
            train_ends: End of the training period by EquipID.
        """
        # Changed days are few, and a day is marked in its row: no reading is looked at here.
        sql = (
            "SELECT {EquipID}, {Day}, {ReadingCount}, {PresentCount} FROM {ACM_ReadingFingerprints}\n"
            "WHERE {machines} AND {PresentCount} IS NOT NULL"
        )
        rows: defaultdict[int, list[dict[str, Any]]] = defaultdict(list)
        for row in self._read(sql):
            rows[row["EquipID"]].append({name: row[name] for name in _DAY_COLUMNS})
        # Given, because the rows of one machine may hold only NULLs in a column, whose type Polars cannot infer.
        schema = {name: READING_FINGERPRINTS.polars_schema[name] for name in _DAY_COLUMNS}
        found = {
            equip_id: fingerprints.summarize_changes(
                pl.DataFrame(days, schema=schema), train_end=train_ends.get(equip_id)
            )
            for equip_id, days in rows.items()
        }
        return {equip_id: changed for equip_id, changed in found.items() if changed is not None}
