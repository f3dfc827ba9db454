"""Episodes with their top sensors, the readings of these sensors and their normal ranges."""

from __future__ import annotations

import logging
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import polars as pl

from acm_etl.errors import StoreError, UsageError
from acm_etl.io import historian
from acm_etl.load import equipment
from acm_etl.report.downsample import select_extremes
from acm_etl.report.queries import MachineRows
from acm_etl.report.timeline import ReportPeriod
from acm_etl.run.machine_source import locate_readings
from acm_etl.tables.common import DETECTOR_NAMES

log = logging.getLogger(__name__)
MAX_WITH_READINGS = 80
"""Newest episodes that come with readings; a limit keeps the page small."""
MAX_SENSORS = 4
MAX_POINTS = 260
BAND_Z = 3.0
"""Half width of the normal range, robust standard deviations around the training centre."""
BAND_LOOKBACK = timedelta(days=370)
"""Span of daily tables before the newest episode from which normal ranges are taken."""
_CLIP_LIMIT = 7.9  # a clipped deviation would give a wrong scale

_EPISODE_COLUMNS = ("StartTs", "EndTs", "Status", "DurationHours", "RecordCount", "PeakTimestamp", "PeakFusedZ",
            "MinHealthIndex", "Severity", "PrimaryDetector", "PrimarySensor", "Culprits", "RegimeLabel")  # fmt: skip

Row = dict[str, Any]


def read_episodes(rows: MachineRows, period: ReportPeriod) -> list[Row]:
    """Return the episodes of a period, newest first; the newest with the readings of their top sensors."""
    where, params = period.build_condition("StartTs")
    found = rows.read_rows(
        "ACM_Episodes", _EPISODE_COLUMNS, where=where, params=params, order="{StartTs} DESC"
    ).to_dicts()
    if not found:
        return []
    ranked = rows.read_rows(
        "ACM_EpisodeCulprits",
        ("StartTs", "SensorName", "ContributionPct"),
        where="{Rank} <= ?",
        params=[MAX_SENSORS],
        order="{StartTs}, {Rank}",
    )
    bands, heads, tags = (
        _read_normal_bands(rows, found[0]["EndTs"] - BAND_LOOKBACK),
        _read_detector_means(rows),
        _read_tags(rows),
    )
    for place, episode in enumerate(found):
        sensors = ranked.filter(pl.col("StartTs") == episode["StartTs"]).to_dicts()
        sensor_rows = [_build_sensor_row(sensor, bands, tags) for sensor in sensors]
        has_readings = place < MAX_WITH_READINGS
        episode["sensors"] = _add_readings(rows, episode, sensor_rows) if has_readings else sensor_rows
        episode["heads"] = heads.get(episode["StartTs"], [])
        episode["shown"] = [to_epoch_ms(time) for time in view_range(episode)]
    return found


def to_epoch_ms(time: datetime) -> int:
    """Return a naive UTC time as milliseconds since 1970, the time format of scripts."""
    return round(time.replace(tzinfo=UTC).timestamp() * 1000)


def view_range(episode: Row) -> tuple[datetime, datetime]:
    """Return the time range to show: the episode, its length before it and half of that after it."""
    length = episode["EndTs"] - episode["StartTs"]
    before = min(max(length, timedelta(days=2)), timedelta(days=21))
    return episode["StartTs"] - before, episode["EndTs"] + before / 2


def _build_sensor_row(sensor: Row, bands: dict[str, tuple[float, float]], tags: dict[str, equipment.Tag]) -> Row:
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


def _read_tags(rows: MachineRows) -> dict[str, equipment.Tag]:
    return {tag.name: tag for tag in equipment.read_tags(rows.engine, rows.machine.equip_id)}


def _add_readings(rows: MachineRows, episode: Row, sensors: list[Row]) -> list[Row]:
    source = _locate_readings(rows, [sensor["name"] for sensor in sensors])
    if source is None:
        return sensors
    try:
        readings = historian.pull_readings(rows.engine, source, *view_range(episode))
    except (StoreError, UsageError) as error:
        # A page of results is worth having while the server of a declared source is down.
        log.warning("%s: no readings in the report: %s", rows.machine.code, error)
        return sensors
    return [{**sensor, **_downsample_readings(readings, sensor["name"])} for sensor in sensors]


def _locate_readings(rows: MachineRows, names: list[str]) -> historian.HistorianSource | None:
    """Return where the readings of the tags are; None if the historian table is gone."""
    machine, tags = rows.machine, _read_tags(rows)
    source = locate_readings(rows.engine, machine, [tags.get(name) or equipment.Tag(name) for name in names])
    if source.spec is not None:
        return source
    # The historian table may have been dropped, or lost columns, since the episode.
    columns = rows.engine.get_column_types(machine.table)
    present = tuple(name for name in names if name in columns)
    return replace(source, tags=present) if machine.time_column in columns else None


def _downsample_readings(readings: pl.DataFrame, name: str) -> Row:
    if name not in readings.columns:
        return {}
    usable = readings.select("Timestamp", pl.col(name).alias("value")).filter(pl.col("value").is_finite())
    points = select_extremes(usable, "value", max_rows=MAX_POINTS)
    # Five digits are finer than a pixel and halve the size of the page.
    values = [float(f"{value:.5g}") for value in points["value"]]
    return {"time": [to_epoch_ms(time) for time in points["Timestamp"]], "value": values}


def _read_detector_means(rows: MachineRows) -> dict[datetime, list[float | None]]:
    """Return the mean z of each detector, by start of the episode."""
    q = rows.engine.dialect.quote
    means = ", ".join(f"AVG(s.{q(head)}) AS {q(head)}" for head in DETECTOR_NAMES)
    equip, time, start, end = q("EquipID"), q("Timestamp"), q("StartTs"), q("EndTs")
    found = rows.engine.query(
        f"SELECT e.{start}, {means}\nFROM {q('ACM_Episodes')} AS e\n"
        f"JOIN {q('ACM_Scores_Wide')} AS s"
        f" ON s.{equip} = e.{equip} AND s.{time} >= e.{start} AND s.{time} <= e.{end}\n"
        f"WHERE e.{equip} = ?\nGROUP BY e.{start}",
        [rows.machine.equip_id],
    )
    return {row[0]: [None if z is None else round(z, 2) for z in row[1:]] for row in found.iter_rows()}


def _read_normal_bands(rows: MachineRows, since: datetime) -> dict[str, tuple[float, float]]:
    """Return the normal range of each sensor: training centre plus and minus three robust standard deviations."""
    columns = ("SensorName", "TrainMean", "TrainStd")
    hot = rows.read_rows("ACM_SensorHotspots", columns, where="{AsOf} >= ?", params=[since], order="{AsOf}")
    known = {name: (centre, scale) for name, centre, scale in hot.iter_rows()}
    trained = {**_estimate_quiet_scales(rows, since), **known}
    return {name: (centre - BAND_Z * scale, centre + BAND_Z * scale) for name, (centre, scale) in trained.items()}


def _estimate_quiet_scales(rows: MachineRows, since: datetime) -> dict[str, tuple[float, float]]:
    """Estimate centre and scale of sensors without hotspot rows, from two readings of a day and their deviations."""
    # Both readings satisfy z = (value - centre) / scale, so their difference gives the scale.
    columns = ("SensorName", "MaxSignedZ", "ValueAtPeak", "LatestSignedZ", "LatestValue")
    z, latest = pl.col("MaxSignedZ"), pl.col("LatestSignedZ")
    scale = (pl.col("ValueAtPeak") - pl.col("LatestValue")) / (z - latest)
    found = (
        rows.read_rows("ACM_SensorDaily", columns, where="{AsOf} >= ?", params=[since], order="{AsOf}")
        .filter((z - latest).abs() >= 0.5, z.abs() < _CLIP_LIMIT)
        .group_by("SensorName")
        .agg(scale=scale.last(), centre=(pl.col("LatestValue") - latest * scale).last())
        .filter(pl.col("scale") > 0)
    )
    return {name: (centre, scale) for name, centre, scale in found.select("SensorName", "centre", "scale").iter_rows()}
