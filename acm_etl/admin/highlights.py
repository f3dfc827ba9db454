"""Highlights of a backfill: the newest episodes that it found."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
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


def read_newest_episodes(engine: Engine, episode_counts: Mapping[str, int]) -> dict[str, list[EpisodeHighlight]]:
    """Read the newest episodes that a backfill found, at most ``MAX_EPISODES`` per machine.

    Args:
        engine: The store.
        episode_counts: Episodes that the backfill found, by machine code. As a backfill goes forward in time, these
            are the newest episodes of the machine.

    Returns:
        Episodes by machine code, newest first.
    """
    codes = {m.equip_id: m.code for m in equipment.read_machines(engine) if m.code in episode_counts}
    episodes: dict[str, list[EpisodeHighlight]] = {code: [] for code in codes.values()}
    equip_ids = list(codes)
    for first in range(0, len(equip_ids), _MACHINES_PER_STATEMENT):
        rows = _query_episodes(engine, equip_ids[first : first + _MACHINES_PER_STATEMENT])
        for equip_id, status, start, end, hours, peak_z, sensor in rows.iter_rows():
            newest = episodes[codes[equip_id]]
            if len(newest) < episode_counts[codes[equip_id]]:
                newest.append(EpisodeHighlight(start, end, status == "OPEN", hours, peak_z, sensor))
    return episodes


def _query_episodes(engine: Engine, equip_ids: list[int]) -> pl.DataFrame:
    """Query the newest episodes of machines, newest first: machine, status, start, end, hours, peak z and sensor."""
    q, marks = engine.dialect.quote, ", ".join("?" * len(equip_ids))
    columns = ", ".join(
        map(q, ("EquipID", "Status", "StartTs", "EndTs", "DurationHours", "PeakFusedZ", "PrimarySensor"))
    )
    ranked = f"ROW_NUMBER() OVER (PARTITION BY {q('EquipID')} ORDER BY {q('StartTs')} DESC)"
    return engine.query(
        f"SELECT {columns} FROM (\n"
        f"  SELECT {columns}, {ranked} AS newest FROM {q('ACM_Episodes')} WHERE {q('EquipID')} IN ({marks})\n"
        f") AS e WHERE newest <= {MAX_EPISODES} ORDER BY {q('EquipID')}, {q('StartTs')} DESC",
        equip_ids,
    )
