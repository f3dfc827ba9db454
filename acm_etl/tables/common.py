"""Columns that many tables share, so that they mean the same everywhere."""

from __future__ import annotations

from typing import get_args

from acm_etl.schema import Column, Table, col
from acm_etl.tables.detectors import DETECTORS
from acm_etl.words import EpisodeCause, EpisodeSeverity, HealthZone, OperatingState

# Shared columns are declared once, so that a name has one type and one meaning in all tables.
RUN_ID = col("RunID", "uuid", "Run that wrote the row (RunLog.RunID)")
EQUIP_ID = col("EquipID", "i32", "Machine (Equipment.EquipID)")
TIMESTAMP = col("Timestamp", "ts3", "Time of the reading, UTC")
AS_OF = col(
    "AsOf", "ts3", "Local day of the machine, as the UTC time at which it starts; the summary includes that day"
)

DETECTOR_NAMES = tuple(DETECTORS)
"""Detectors, in the order in which they are stored."""

# Positions in these tuples are codes of scoring.
HEALTH_ZONES: tuple[HealthZone, ...] = get_args(HealthZone)
OPERATING_STATES: tuple[OperatingState, ...] = get_args(OperatingState)
EPISODE_CAUSES: tuple[EpisodeCause, ...] = get_args(EpisodeCause)
EPISODE_SEVERITIES: tuple[EpisodeSeverity, ...] = get_args(EpisodeSeverity)
"""Severities of an episode, in ascending order."""
OUTSIDE_TRAINING = "outside_training"
"""Event type of a reading of a context tag outside its range in training; the reading is used."""
SENSOR_FAULTS = (
    "sensor_stuck",
    "sensor_dead",
    "sensor_saturated",
    "sensor_unit_changed",
    "sensor_swapped",
    "sensor_coarse",
)
"""Event types of readings that say nothing about the machine: those of a faulty sensor, or rounded too far."""

# Thresholds are declared beside the words: scoring grades by them in memory, and views grade by them in the database.
MIN_GOOD_HEALTH = 85.0
MIN_WATCH_HEALTH = 70.0

WARN_Z = 2.0
"""z from which a value is elevated: the fused z, a detector's z, the drift z and the magnitude of a sensor's deviation.

About 2 % of healthy readings exceed z = 2 in one direction. With the default ``z_scale``, health is 84.8 there: the
elevated range begins just where health leaves GOOD.
"""

CRITICAL_DRIFT_Z = 3.09
"""Drift z that 0.1 % of healthy readings exceed. With the default ``z_scale``, this fused z gives a health of 70."""

# A marker instead of SQL: the engines have no common function for the difference of two times.
SECONDS_MARKER = "SECONDS"
"""Marks the whole seconds between two times in a view: ``SECONDS(s.{TrendStart}|c.{Timestamp})``; DDL renders it."""

ADD_DAYS_MARKER = "ADD_DAYS"
"""Marks the date some days after a time in a view: ``ADD_DAYS(h.{AsOf}|1)``; DDL renders it."""


def select_newest(source: str, column: str, *, condition: str = "", machines: str = "") -> str:
    """Return a subquery with the columns EquipID and ``newest``, the greatest value of a column of each machine.

    Args:
        source: Braced name of a table or view with the column EquipID.
        column: Braced name of the column.
        condition: Condition on the rows, which have the alias ``m``.
        machines: Condition on the machines.
    """
    # One MAX per machine instead of MAX with GROUP BY: SQL Server finds each by a seek from the end of the index, and
    # reads none of the years before it.
    rows = f" AND {condition}" if condition else ""
    where = f" WHERE {machines}" if machines else ""
    return (
        "(SELECT e.{EquipID}, (\n"
        f"    SELECT MAX(m.{column}) FROM {source} AS m WHERE m.{{EquipID}} = e.{{EquipID}}{rows}\n"
        f"  ) AS newest FROM {{Equipment}} AS e{where})"
    )


def declare_result_table(name: str, doc: str, key: tuple[str, ...], *columns: Column, **options: object) -> Table:
    """Declare a table of results: RunID and EquipID come first, EquipID starts the key, both are references."""
    # EquipID first in the key: rows of a machine lie together, and machines write to separate ranges of the index.
    foreign = {"RunID": "RunLog", "EquipID": "Equipment"}
    return Table(
        name,
        doc=doc,
        columns=(RUN_ID, EQUIP_ID, *columns),
        key=("EquipID", *key),
        foreign_keys=foreign,
        **options,  # type: ignore[arg-type]
    )
