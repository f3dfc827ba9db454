"""Highlights of a backfill: the newest episodes that it found."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime

from acm_etl.dialects.parameters import iter_in_lists
from acm_etl.engine import Engine
from acm_etl.load.machines.equipment import Equipment

# A mail or a terminal shows these under each machine; a plant has dozens of machines.
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


def read_newest_episodes(
    engine: Engine, machines: Collection[Equipment], episode_counts: Mapping[str, int]
) -> dict[str, list[EpisodeHighlight]]:
    """Read the newest episodes that a backfill found, at most ``MAX_EPISODES`` per machine.

    Args:
        engine: The store.
        machines: Machines of the backfill.
        episode_counts: Episodes that the backfill found, by machine code. As a backfill goes forward in time, these
            are the newest episodes of the machine.

    Returns:
        Episodes by machine code, newest first.
    """
    # A machine without episodes has an empty list, so that a caller needs no test. It is not looked up.
    episodes: dict[str, list[EpisodeHighlight]] = {machine.code: [] for machine in machines}
    codes = {machine.equip_id: machine.code for machine in machines if episode_counts[machine.code]}
    # SQL Server takes at most 2,100 parameters per statement.
    for equip_ids, placeholders in iter_in_lists(codes):
        rows = engine.query(_newest_episodes_sql(engine, placeholders), equip_ids)
        for equip_id, status, start, end, hours, peak_z, sensor in rows.iter_rows():
            newest = episodes[codes[equip_id]]
            # The store also has episodes of earlier backfills: beyond the count of this one they are not news.
            if len(newest) < episode_counts[codes[equip_id]]:
                newest.append(EpisodeHighlight(start, end, status == "OPEN", hours, peak_z, sensor))
    return episodes


def _newest_episodes_sql(engine: Engine, machines: str) -> str:
    """Return the SELECT of machine, status, start, end, hours, peak z and sensor of the newest episodes, newest first.

    Args:
        engine: The store.
        machines: Placeholders of the machines.
    """
    # ROW_NUMBER per machine: a machine with years of episodes returns a few rows, and all machines need one statement.
    return engine.dialect.sql(
        "SELECT {columns} FROM (\n"
        "  SELECT {columns}, ROW_NUMBER() OVER (PARTITION BY {EquipID} ORDER BY {StartTs} DESC) AS newest\n"
        "  FROM {ACM_Episodes} WHERE {EquipID} IN ({machines})\n"
        f") AS e WHERE newest <= {MAX_EPISODES} ORDER BY {{EquipID}}, {{StartTs}} DESC",
        columns=("EquipID", "Status", "StartTs", "EndTs", "DurationHours", "PeakFusedZ", "PrimarySensor"),
        machines=machines,
    )
