"""Highlights of a backfill: the current health and the newest episodes of each machine."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime

import polars as pl

from acm_etl.engine import Engine
from acm_etl.load import equipment

_MACHINES_PER_STATEMENT = 500
"""SQL Server takes at most 2,100 parameters per statement."""
MAX_EPISODES = 3
"""Episodes that are listed per machine."""


@dataclass(frozen=True, slots=True)
class EpisodeHighlight:
    """An alarm episode.

    Attributes:
        start: Start, UTC.
        end: Last reading in alarm so far, UTC.
        is_open: Whether it may still continue.
        duration_hours: Duration, hours.
        peak_z: Highest anomaly score, z.
        top_sensor: Sensor that contributes most.
    """

    start: datetime
    end: datetime
    is_open: bool
    duration_hours: float
    peak_z: float
    top_sensor: str


@dataclass(frozen=True, slots=True)
class MachineHighlights:
    """Health and newest episodes of a machine.

    Attributes:
        health_index: Health of the last assessed reading, 0 to 100; None if none was assessed.
        health_zone: ``GOOD``, ``WATCH`` or ``ALERT``.
        assessed_at: Time of the last assessed reading, UTC.
        newest_episodes: Newest episodes of the backfill, newest first.
    """

    health_index: float | None = None
    health_zone: str | None = None
    assessed_at: datetime | None = None
    newest_episodes: tuple[EpisodeHighlight, ...] = ()


def read_highlights(engine: Engine, episode_counts: Mapping[str, int]) -> dict[str, MachineHighlights]:
    """Read the highlights of machines after a backfill.

    Args:
        engine: The store.
        episode_counts: Episodes that the backfill found, by machine code. As a backfill goes forward in time, these
            are the newest episodes of the machine.

    Returns:
        Highlights by machine code; machines that are not registered are left out.
    """
    codes = {machine.equip_id: machine.code for machine in equipment.read_machines(engine)}
    codes = {equip_id: code for equip_id, code in codes.items() if code in episode_counts}
    healths: dict[int, MachineHighlights] = {}
    episodes: dict[int, list[EpisodeHighlight]] = {equip_id: [] for equip_id in codes}
    all_ids = list(codes)
    for first in range(0, len(all_ids), _MACHINES_PER_STATEMENT):
        ids = all_ids[first : first + _MACHINES_PER_STATEMENT]
        marks = ", ".join("?" * len(ids))
        for equip_id, index, zone, time in _query_health(engine, ids, marks).iter_rows():
            healths[equip_id] = MachineHighlights(index, zone, time)
        for equip_id, status, *values in _query_episodes(engine, ids, marks).iter_rows():
            start, end, hours, peak_z, sensor = values
            episodes[equip_id].append(EpisodeHighlight(start, end, status == "OPEN", hours, peak_z, sensor))
    return {
        code: replace(
            healths.get(equip_id, MachineHighlights()),
            newest_episodes=tuple(episodes[equip_id][: episode_counts[code]]),
        )
        for equip_id, code in codes.items()
    }


def _query_health(engine: Engine, ids: list[int], marks: str) -> pl.DataFrame:
    """Query machine, health, zone and time of the last assessed reading."""
    q = engine.dialect.quote
    columns = ", ".join(map(q, ("EquipID", "HealthIndex", "HealthZone", "Timestamp")))
    return engine.query(
        f"SELECT {columns} FROM {q('ACM_HealthTimeline_Latest')} WHERE {q('EquipID')} IN ({marks})", ids
    )


def _query_episodes(engine: Engine, ids: list[int], marks: str) -> pl.DataFrame:
    """Query the newest episodes of machines, newest first: machine, status, start, end, hours, peak z and sensor."""
    q = engine.dialect.quote
    columns = ", ".join(
        map(q, ("EquipID", "Status", "StartTs", "EndTs", "DurationHours", "PeakFusedZ", "PrimarySensor"))
    )
    ranked = f"ROW_NUMBER() OVER (PARTITION BY {q('EquipID')} ORDER BY {q('StartTs')} DESC)"
    return engine.query(
        f"SELECT {columns} FROM (\n"
        f"  SELECT {columns}, {ranked} AS newest FROM {q('ACM_Episodes')} WHERE {q('EquipID')} IN ({marks})\n"
        f") AS e WHERE newest <= {MAX_EPISODES} ORDER BY {q('EquipID')}, {q('StartTs')} DESC",
        ids,
    )
