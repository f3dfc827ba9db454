"""Where a machine stands now: what the header of its page and its row of the fleet are made of."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

import polars as pl

from acm_etl.io import historian
from acm_etl.load import coldstart, quality_events, watermark
from acm_etl.load.equipment import Equipment
from acm_etl.report.queries import MachineRows

Row = dict[str, Any]
RECENT_SPAN = timedelta(days=30)
"""How far back episodes count as recent."""

_EPISODE_COLUMNS = ("StartTs", "EndTs", "DurationHours", "PeakFusedZ", "Severity", "Culprits")
_RUL_COLUMNS = ("IssuedAt", "Status", "RUL_Hours", "LowerBound", "UpperBound", "FailureTime", "FailureProb7d", "FailureProb30d",
        "ThresholdUsed", "TrendStart", "Confidence")  # fmt: skip
_HOTSPOT_COLUMNS = ("SensorName", "LatestSignedZ", "MaxAbsZ", "MaxTimestamp", "LatestValue", "TrainMean", "TrainStd")


@dataclass(frozen=True, slots=True)
class MachineStatus:
    """What is known of a machine as of its last scored reading.

    Attributes:
        machine: The machine.
        coldstart: Its coldstart: status, reason and rows; None before the first backfill.
        extent: First and last reading of its historian table; None where there is none.
        final_until: End of its last final window, UTC.
        health: Newest reading with a health: ``Timestamp``, ``HealthIndex``, ``HealthZone``, ``FusedZ``.
        zone: The open stretch in that zone: ``StartTimestamp``, ``DurationHours``.
        regime: The open stretch in a regime: ``RegimeLabel``, ``StartTs``.
        open_episodes: Open episodes, newest first.
        recent_episodes: Episodes that ended in the trailing days, newest first.
        culprits: Sensors of the newest of these episodes, open ones first; strongest first.
        rul: Newest summary of the remaining life.
        attribution: Sensors that carry the machine to its threshold, strongest first.
        maintenance: When to look after it, where something degrades.
        open_drifts: Open drift events.
        hotspots: Sensors that stood out in the trailing days, the largest deviation now first.
        last_run: Newest attempt at scoring.
        failed_windows: Windows whose last attempt failed.
        daily_health: Daily health, oldest first.
        motionless_readings: Readings in which no tag has changed; 0 where one has.
    """

    machine: Equipment
    coldstart: coldstart.ColdstartState | None
    extent: historian.ReadingsExtent | None
    final_until: datetime | None
    health: Row | None
    zone: Row | None
    regime: Row | None
    rul: Row | None
    maintenance: Row | None
    last_run: Row | None
    failed_windows: int
    open_episodes: list[Row] = field(default_factory=list)
    recent_episodes: list[Row] = field(default_factory=list)
    culprits: list[Row] = field(default_factory=list)
    attribution: list[Row] = field(default_factory=list)
    open_drifts: list[Row] = field(default_factory=list)
    hotspots: list[Row] = field(default_factory=list)
    daily_health: pl.DataFrame = field(default_factory=pl.DataFrame)
    motionless_readings: int = 0

    @property
    def lag(self) -> timedelta | None:
        """How far the newest reading is ahead of the final windows."""
        if self.extent is None or self.final_until is None:
            return None
        return max(self.extent.last - self.final_until, timedelta())


def read_machine_status(rows: MachineRows, *, days: int = 120) -> MachineStatus:
    """Where a machine stands.

    Args:
        rows: The machine's rows.
        days: How many of the last days of health are wanted.
    """
    progress = watermark.read_watermark(rows.engine, rows.machine.equip_id)
    now = _read_latest_rows(rows)
    episodes = rows.read_rows(
        "ACM_Episodes", _EPISODE_COLUMNS, where="{Status} = 'OPEN'", order="{StartTs} DESC"
    ).to_dicts()
    recent = _read_recent_episodes(rows, now["health"])
    history = rows.read_rows("ACM_HealthDaily", ("AsOf", "AvgHealth", "MinHealth"), order="{AsOf}")
    hot = rows.read_rows("ACM_SensorHotspots_Latest", _HOTSPOT_COLUMNS).sort(
        pl.col("LatestSignedZ").abs(), descending=True
    )
    return MachineStatus(
        machine=rows.machine,
        coldstart=coldstart.read_coldstart(rows.engine, rows.machine.equip_id),
        extent=_read_extent(rows),
        final_until=progress.last_window_end if progress else None,
        motionless_readings=quality_events.count_motionless_readings(rows.engine, rows.machine.equip_id),
        open_episodes=episodes,
        recent_episodes=recent,
        culprits=_read_culprits(rows, [*episodes, *recent]),
        attribution=_read_attribution(rows),
        open_drifts=_read_open_drifts(rows),
        hotspots=hot.to_dicts(),
        last_run=_read_last_run(rows),
        failed_windows=rows.read_rows("RunLog", ("RunID",), where="{Outcome} = 'FAIL' AND {Stage} = 'score'").height,
        daily_health=history.tail(days),
        **now,
    )


def _read_latest_rows(rows: MachineRows) -> dict[str, Row | None]:
    health = ("Timestamp", "HealthIndex", "HealthZone", "FusedZ")
    return {
        "health": rows.read_first("ACM_HealthTimeline_Latest", health),
        "zone": rows.read_first("ACM_AlertAge_Latest", ("StartTimestamp", "DurationHours", "AlertZone")),
        "regime": rows.read_first(
            "ACM_Regime_Episodes", ("RegimeLabel", "StartTs"), where="{Status} = 'OPEN'", order="{StartTs} DESC"
        ),
        "rul": rows.read_first("ACM_RUL_Summary_Latest", _RUL_COLUMNS),
        "maintenance": rows.read_first(
            "ACM_MaintenanceRecommendation_Latest", ("AsOf", "PreferredWindowStart", "PreferredWindowEnd", "Comment")
        ),
    }


def _read_extent(rows: MachineRows) -> historian.ReadingsExtent | None:
    machine = rows.machine
    if machine.time_column not in rows.engine.get_column_types(machine.table):
        return None
    return historian.read_extent(rows.engine, historian.HistorianSource(machine.table, machine.time_column, ()))


def _read_recent_episodes(rows: MachineRows, health: Row | None) -> list[Row]:
    if health is None:
        return []
    since = health["Timestamp"] - RECENT_SPAN
    closed = "{Status} = 'CLOSED' AND {EndTs} >= ?"
    return rows.read_rows(
        "ACM_Episodes", _EPISODE_COLUMNS, where=closed, params=[since], order="{StartTs} DESC"
    ).to_dicts()


def _read_culprits(rows: MachineRows, episodes: Sequence[Row]) -> list[Row]:
    if not episodes:
        return []
    found = rows.read_rows(
        "ACM_EpisodeCulprits",
        ("SensorName", "ContributionPct"),
        where="{StartTs} = ?",
        params=[episodes[0]["StartTs"]],
        order="{Rank}",
    )
    return found.head(3).to_dicts()


def _read_attribution(rows: MachineRows) -> list[Row]:
    columns = ("SensorName", "FailureContribution", "Comment")
    return rows.read_rows("ACM_RUL_Attribution_Latest", columns, order="{FailureContribution} DESC").to_dicts()


def _read_open_drifts(rows: MachineRows) -> list[Row]:
    columns = ("SegmentStart", "SensorName", "Value")
    return rows.read_rows("ACM_DriftEvents", columns, where="{Status} = 'OPEN'", order="{SegmentStart} DESC").to_dicts()


def _read_last_run(rows: MachineRows) -> Row | None:
    columns = ("WindowStart", "WindowEnd", "Outcome", "CompletedAt", "ErrorMessage")
    return rows.read_first("ACM_LatestRun", columns)
