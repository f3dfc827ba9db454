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
from acm_etl.report.queries import Rows

Row = dict[str, Any]
TRAIL = timedelta(days=30)
"""How far back episodes count as recent."""

_EPISODE = ("StartTs", "EndTs", "DurationHours", "PeakFusedZ", "Severity", "Culprits")
_RUL = ("IssuedAt", "Status", "RUL_Hours", "LowerBound", "UpperBound", "FailureTime", "FailureProb7d", "FailureProb30d",
        "ThresholdUsed", "TrendStart", "Confidence")  # fmt: skip
_HOT = ("SensorName", "LatestSignedZ", "MaxAbsZ", "MaxTimestamp", "LatestValue", "TrainMean", "TrainStd")


@dataclass(frozen=True, slots=True)
class Standing:
    """What is known of a machine as of its last scored reading.

    Attributes:
        machine: The machine.
        coldstart: Its coldstart: status, reason and rows; None before the first backfill.
        extent: First and last reading of its historian table; None where there is none.
        until: End of its last final window, UTC.
        health: Newest reading with a health: ``Timestamp``, ``HealthIndex``, ``HealthZone``, ``FusedZ``.
        zone: The open stretch in that zone: ``StartTimestamp``, ``DurationHours``.
        regime: The open stretch in a regime: ``RegimeLabel``, ``StartTs``.
        episodes: Open episodes, newest first.
        recent: Episodes that ended in the trailing days, newest first.
        culprits: Sensors of the newest of these episodes, open ones first; strongest first.
        rul: Newest summary of the remaining life.
        attribution: Sensors that carry the machine to its threshold, strongest first.
        maintenance: When to look after it, where something degrades.
        drifts: Open drift events.
        hot: Sensors that stood out in the trailing days, the largest deviation now first.
        run: Newest attempt at scoring.
        failures: Windows whose last attempt failed.
        days: Daily health, oldest first.
        motionless: Readings in which no tag has changed; 0 where one has.
    """

    machine: Equipment
    coldstart: coldstart.Coldstart | None
    extent: historian.Extent | None
    until: datetime | None
    health: Row | None
    zone: Row | None
    regime: Row | None
    rul: Row | None
    maintenance: Row | None
    run: Row | None
    failures: int
    episodes: list[Row] = field(default_factory=list)
    recent: list[Row] = field(default_factory=list)
    culprits: list[Row] = field(default_factory=list)
    attribution: list[Row] = field(default_factory=list)
    drifts: list[Row] = field(default_factory=list)
    hot: list[Row] = field(default_factory=list)
    days: pl.DataFrame = field(default_factory=pl.DataFrame)
    motionless: int = 0

    @property
    def lag(self) -> timedelta | None:
        """How far the newest reading is ahead of the final windows."""
        if self.extent is None or self.until is None:
            return None
        return max(self.extent.last - self.until, timedelta())


def read(rows: Rows, *, days: int = 120) -> Standing:
    """Where a machine stands.

    Args:
        rows: The machine's rows.
        days: How many of the last days of health are wanted.
    """
    progress = watermark.read(rows.engine, rows.machine.equip_id)
    now = _now(rows)
    episodes = rows.all("ACM_Episodes", _EPISODE, where="{Status} = 'OPEN'", order="{StartTs} DESC").to_dicts()
    recent = _recent(rows, now["health"])
    history = rows.all("ACM_HealthDaily", ("AsOf", "AvgHealth", "MinHealth"), order="{AsOf}")
    hot = rows.all("ACM_SensorHotspots_Latest", _HOT).sort(pl.col("LatestSignedZ").abs(), descending=True)
    return Standing(
        machine=rows.machine,
        coldstart=coldstart.read(rows.engine, rows.machine.equip_id),
        extent=_extent(rows),
        until=progress.last_end if progress else None,
        motionless=quality_events.motionless(rows.engine, rows.machine.equip_id),
        episodes=episodes,
        recent=recent,
        culprits=_culprits(rows, [*episodes, *recent]),
        attribution=_attribution(rows),
        drifts=_drifts(rows),
        hot=hot.to_dicts(),
        run=_run(rows),
        failures=rows.all("RunLog", ("RunID",), where="{Outcome} = 'FAIL' AND {Stage} = 'score'").height,
        days=history.tail(days),
        **now,
    )


def _now(rows: Rows) -> dict[str, Row | None]:
    health = ("Timestamp", "HealthIndex", "HealthZone", "FusedZ")
    return {
        "health": rows.one("ACM_HealthTimeline_Latest", health),
        "zone": rows.one("ACM_AlertAge_Latest", ("StartTimestamp", "DurationHours", "AlertZone")),
        "regime": rows.one(
            "ACM_Regime_Episodes", ("RegimeLabel", "StartTs"), where="{Status} = 'OPEN'", order="{StartTs} DESC"
        ),
        "rul": rows.one("ACM_RUL_Summary_Latest", _RUL),
        "maintenance": rows.one(
            "ACM_MaintenanceRecommendation_Latest", ("AsOf", "PreferredWindowStart", "PreferredWindowEnd", "Comment")
        ),
    }


def _extent(rows: Rows) -> historian.Extent | None:
    machine = rows.machine
    if machine.time_column not in rows.engine.columns(machine.table):
        return None
    return historian.extent(rows.engine, historian.Source(machine.table, machine.time_column, ()))


def _recent(rows: Rows, health: Row | None) -> list[Row]:
    if health is None:
        return []
    since = health["Timestamp"] - TRAIL
    closed = "{Status} = 'CLOSED' AND {EndTs} >= ?"
    return rows.all("ACM_Episodes", _EPISODE, where=closed, params=[since], order="{StartTs} DESC").to_dicts()


def _culprits(rows: Rows, episodes: Sequence[Row]) -> list[Row]:
    if not episodes:
        return []
    found = rows.all(
        "ACM_EpisodeCulprits",
        ("SensorName", "ContributionPct"),
        where="{StartTs} = ?",
        params=[episodes[0]["StartTs"]],
        order="{Rank}",
    )
    return found.head(3).to_dicts()


def _attribution(rows: Rows) -> list[Row]:
    columns = ("SensorName", "FailureContribution", "Comment")
    return rows.all("ACM_RUL_Attribution_Latest", columns, order="{FailureContribution} DESC").to_dicts()


def _drifts(rows: Rows) -> list[Row]:
    columns = ("SegmentStart", "SensorName", "Value")
    return rows.all("ACM_DriftEvents", columns, where="{Status} = 'OPEN'", order="{SegmentStart} DESC").to_dicts()


def _run(rows: Rows) -> Row | None:
    columns = ("WindowStart", "WindowEnd", "Outcome", "CompletedAt", "ErrorMessage")
    return rows.one("ACM_LatestRun", columns)
