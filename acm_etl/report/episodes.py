"""Episodes with what an engineer asks next: which sensors, how they read, what is normal for them."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import polars as pl

from acm_etl.io import historian
from acm_etl.load import equipment
from acm_etl.report.downsample import extremes
from acm_etl.report.queries import Rows
from acm_etl.report.timeline import Period
from acm_etl.tables.common import HEADS

READ = 80
"""Episodes that come with readings: the newest ones, so that the page stays small."""
SENSORS = 4
POINTS = 260
BAND_Z = 3.0
"""Readings within so many robust standard deviations of the training centre are called normal."""
LEARNED = timedelta(days=370)
"""What is normal is told by the day tables of so long before the newest episode."""
_CLIPPED = 7.9  # a deviation near the clip says nothing of the scale

_COLUMNS = ("StartTs", "EndTs", "Status", "DurationHours", "RecordCount", "PeakTimestamp", "PeakFusedZ",
            "MinHealthIndex", "Severity", "PrimaryDetector", "PrimarySensor", "Culprits", "RegimeLabel")  # fmt: skip

Row = dict[str, Any]


def read(rows: Rows, period: Period) -> list[Row]:
    """Episodes of the period, newest first; the newest with the readings of their culprits."""
    where, params = period.where("StartTs")
    found = rows.all("ACM_Episodes", _COLUMNS, where=where, params=params, order="{StartTs} DESC").to_dicts()
    if not found:
        return []
    ranked = rows.all(
        "ACM_EpisodeCulprits",
        ("StartTs", "SensorName", "ContributionPct"),
        where="{Rank} <= ?",
        params=[SENSORS],
        order="{StartTs}, {Rank}",
    )
    bands, heads, tags = _bands(rows, found[0]["EndTs"] - LEARNED), _heads(rows), _tags(rows)
    for place, episode in enumerate(found):
        sensors = ranked.filter(pl.col("StartTs") == episode["StartTs"]).to_dicts()
        told = [_sensor(sensor, bands, tags) for sensor in sensors]
        episode["sensors"] = _with_readings(rows, episode, told) if place < READ else told
        episode["heads"] = heads.get(episode["StartTs"], [])
        episode["shown"] = [milliseconds(time) for time in shown(episode)]
    return found


def milliseconds(time: datetime) -> int:
    """A UTC time as scripts have it."""
    return round(time.replace(tzinfo=UTC).timestamp() * 1000)


def shown(episode: Row) -> tuple[datetime, datetime]:
    """The readings that are in view: the episode with as much before it, and half as much after it."""
    length = episode["EndTs"] - episode["StartTs"]
    before = min(max(length, timedelta(days=2)), timedelta(days=21))
    return episode["StartTs"] - before, episode["EndTs"] + before / 2


def _sensor(sensor: Row, bands: dict[str, tuple[float, float]], tags: dict[str, equipment.Tag]) -> Row:
    name = sensor["SensorName"]
    tag = tags.get(name)
    return {
        "name": name,
        "share": round(sensor["ContributionPct"]),
        "unit": tag.unit if tag else None,
        "about": tag.description if tag else None,
        "band": bands.get(name),
        "time": [],
        "value": [],
    }


def _tags(rows: Rows) -> dict[str, equipment.Tag]:
    return {tag.name: tag for tag in equipment.tags(rows.engine, rows.machine.equip_id)}


def _with_readings(rows: Rows, episode: Row, sensors: list[Row]) -> list[Row]:
    machine = rows.machine
    there = rows.engine.columns(machine.table)
    if machine.time_column not in there:
        return sensors
    names = tuple(sensor["name"] for sensor in sensors if sensor["name"] in there)
    source = historian.Source(machine.table, machine.time_column, names)
    readings = historian.readings(rows.engine, source, *shown(episode))
    return [{**sensor, **_thinned(readings, sensor["name"])} for sensor in sensors]


def _thinned(readings: pl.DataFrame, name: str) -> Row:
    if name not in readings.columns:
        return {}
    usable = readings.select("Timestamp", pl.col(name).alias("value")).filter(pl.col("value").is_finite())
    kept = extremes(usable, "value", most=POINTS)
    values = [float(f"{value:.5g}") for value in kept["value"]]
    return {"time": [milliseconds(time) for time in kept["Timestamp"]], "value": values}


def _heads(rows: Rows) -> dict[datetime, list[float | None]]:
    """Mean z of each detector head over each episode."""
    q = rows.engine.dialect.quote
    means = ", ".join(f"AVG(s.{q(head)}) AS {q(head)}" for head in HEADS)
    equip, time, start, end = q("EquipID"), q("Timestamp"), q("StartTs"), q("EndTs")
    found = rows.engine.query(
        f"SELECT e.{start}, {means}\nFROM {q('ACM_Episodes')} AS e\n"
        f"JOIN {q('ACM_Scores_Wide')} AS s"
        f" ON s.{equip} = e.{equip} AND s.{time} >= e.{start} AND s.{time} <= e.{end}\n"
        f"WHERE e.{equip} = ?\nGROUP BY e.{start}",
        [rows.machine.equip_id],
    )
    return {row[0]: [None if z is None else round(z, 2) for z in row[1:]] for row in found.iter_rows()}


def _bands(rows: Rows, since: datetime) -> dict[str, tuple[float, float]]:
    """What is normal for each sensor: the training centre give or take three robust standard deviations."""
    columns = ("SensorName", "TrainMean", "TrainStd")
    hot = rows.all("ACM_SensorHotspots", columns, where="{AsOf} >= ?", params=[since], order="{AsOf}")
    known = {name: (centre, scale) for name, centre, scale in hot.iter_rows()}
    trained = {**_quiet(rows, since), **known}
    return {name: (centre - BAND_Z * scale, centre + BAND_Z * scale) for name, (centre, scale) in trained.items()}


def _quiet(rows: Rows, since: datetime) -> dict[str, tuple[float, float]]:
    """Centre and scale of sensors that never stood out: two readings of a day and their deviations give both."""
    columns = ("SensorName", "MaxSignedZ", "ValueAtPeak", "LatestSignedZ", "LatestValue")
    z, latest = pl.col("MaxSignedZ"), pl.col("LatestSignedZ")
    scale = (pl.col("ValueAtPeak") - pl.col("LatestValue")) / (z - latest)
    found = (
        rows.all("ACM_SensorDaily", columns, where="{AsOf} >= ?", params=[since], order="{AsOf}")
        .filter((z - latest).abs() >= 0.5, z.abs() < _CLIPPED)
        .group_by("SensorName")
        .agg(scale=scale.last(), centre=(pl.col("LatestValue") - latest * scale).last())
        .filter(pl.col("scale") > 0)
    )
    return {name: (centre, scale) for name, centre, scale in found.select("SensorName", "centre", "scale").iter_rows()}
