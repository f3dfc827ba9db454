"""Episodes with their top sensors, the readings of these sensors and their normal ranges."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta

import polars as pl

from acm_etl import score
from acm_etl.load.episodes import episode_notes
from acm_etl.load.episodes.episode_notes import NO_NOTES, NO_REVIEW, Review
from acm_etl.report.downsample import select_extremes
from acm_etl.report.expectations import EpisodeModels, add_expected_readings, name_expected
from acm_etl.report.queries import MachineRows
from acm_etl.report.readings import MachineReadings
from acm_etl.report.timeline import ReportPeriod, to_epoch_ms
from acm_etl.tables.common import DETECTOR_NAMES
from acm_etl.words import EpisodeCause, EpisodeSeverity, EpisodeStatus

MAX_WITH_READINGS = 80
"""Newest episodes that come with readings; a limit keeps the page small."""
MAX_WITH_EXPECTED = 20
"""Newest episodes that come with expected readings, for which the readings of all tags are read."""
MAX_SENSORS = 4
MAX_POINTS = 260
BAND_Z = 3.0
"""Half width of the normal range, robust standard deviations around the training centre."""
BAND_LOOKBACK = timedelta(days=370)
"""Span of daily tables before the newest episode from which normal ranges are taken."""
_MAIN_SHARE = 50  # percent of an episode
_CLIP_LIMIT = 7.9  # a clipped deviation would give a wrong scale

# In the order of the fields of ``EpisodeDetails``.
_EPISODE_COLUMNS = (
    *("StartTs", "EndTs", "Status", "DurationHours", "PeakFusedZ", "MinHealthIndex", "Severity", "Culprits"),
    *("RegimeLabel", "OpenedBy"),
)
_Bands = dict[str, tuple[float, float]]


@dataclass(frozen=True, slots=True)
class EpisodeSensor:
    """A contributing sensor of an episode with its readings, as the scripts of the page read it.

    Attributes:
        name: Tag name.
        share: Contribution to the episode, percent.
        unit: Unit of the tag.
        about: Description of the tag.
        band: Normal range in training, in the unit of the tag; None if it is not known.
        time: Times of the readings, milliseconds since 1970, UTC; empty beyond ``MAX_WITH_READINGS`` episodes.
        value: The readings.
        expected: What the models expected at these times from all other tags; None while the machine was off, empty if
            it is not known or beyond ``MAX_WITH_EXPECTED`` episodes.
    """

    name: str
    share: int
    unit: str | None
    about: str | None
    band: tuple[float, float] | None
    time: tuple[int, ...] = ()
    value: tuple[float, ...] = ()
    expected: tuple[float | None, ...] = ()


@dataclass(frozen=True, slots=True)
class EpisodeDetails:
    """An episode of the page.

    Attributes:
        start: First reading in alarm, UTC.
        end: Last reading in alarm so far, UTC.
        status: ``OPEN`` or ``CLOSED``.
        duration_hours: Duration, hours.
        peak_z: Highest fused z.
        min_health: Lowest health index, 0 to 100.
        severity: ``LOW``, ``MEDIUM`` or ``HIGH``.
        culprits: Top contributing sensors with their shares, as text.
        regime: Operating regime at the start.
        opened_by: ``drift`` if the drift score alone opened it, else ``detectors``; None if it is not known.
        sensors: Top contributing sensors, largest contribution first.
        detector_means: Mean z of each detector; empty without scores.
        review: Notes about the episode and the failure that followed.
    """

    start: datetime
    end: datetime
    status: EpisodeStatus
    duration_hours: float
    peak_z: float
    min_health: float
    severity: EpisodeSeverity
    culprits: str
    regime: str | None
    opened_by: EpisodeCause | None
    sensors: tuple[EpisodeSensor, ...] = ()
    detector_means: tuple[float | None, ...] = ()
    review: Review = NO_REVIEW

    @property
    def is_open(self) -> bool:
        """Whether further readings can extend the episode."""
        return self.status == "OPEN"

    @property
    def view_range(self) -> tuple[datetime, datetime]:
        """Time range to show: the episode, its length before it and half of that after it."""
        # At least two days, so that a short episode is seen against normal operation; at most three weeks of readings.
        before = min(max(self.end - self.start, timedelta(days=2)), timedelta(days=21))
        return self.start - before, self.end + before / 2


def read_episodes(rows: MachineRows, readings: MachineReadings, period: ReportPeriod) -> list[EpisodeDetails]:
    """Return the episodes of a period, newest first; the newest with the readings of their top sensors."""
    where, params = period.build_condition("StartTs")
    found = rows.read_rows("ACM_Episodes", _EPISODE_COLUMNS, where=where, params=params, order="{StartTs} DESC")
    episodes = [EpisodeDetails(*row) for row in found.iter_rows()]
    if not episodes:
        return []
    means = _read_detector_means(rows)
    notes = episode_notes.read_notes(rows.engine, [rows.machine.equip_id]).get(rows.machine.equip_id, NO_NOTES)
    sensors = _read_top_sensors(rows, readings, _read_normal_bands(rows, episodes[0].end - BAND_LOOKBACK))
    models = EpisodeModels(rows)
    return [
        replace(
            episode,
            sensors=_add_readings(
                readings,
                replace(episode, sensors=sensors.get(episode.start, ())),
                models.find_model(episode.start) if place < MAX_WITH_EXPECTED else None,
            )
            if place < MAX_WITH_READINGS
            else sensors.get(episode.start, ()),
            detector_means=means.get(episode.start, ()),
            review=notes.review_episode(episode.start, episode.end, episode.severity),
        )
        for place, episode in enumerate(episodes)
    ]


def _read_top_sensors(
    rows: MachineRows, readings: MachineReadings, bands: _Bands
) -> dict[datetime, tuple[EpisodeSensor, ...]]:
    """Return the top contributing sensors by start of the episode, without readings."""
    ranked = rows.read_rows(
        "ACM_EpisodeCulprits",
        ("StartTs", "SensorName", "ContributionPct"),
        where="{Rank} <= ?",
        params=[MAX_SENSORS],
        order="{StartTs}, {Rank}",
    )
    sensors: dict[datetime, tuple[EpisodeSensor, ...]] = {}
    for start, name, share in ranked.iter_rows():
        tag = readings.find_tag(name)
        sensor = EpisodeSensor(name, round(share), tag.unit, tag.description, bands.get(name))
        sensors[start] = (*sensors.get(start, ()), sensor)
    return sensors


def _add_readings(
    machine_readings: MachineReadings, episode: EpisodeDetails, model: score.Model | None
) -> tuple[EpisodeSensor, ...]:
    """Return the sensors of an episode with their readings, and the expected ones if there is a model."""
    names = dict.fromkeys([*(sensor.name for sensor in episode.sensors), *(model.tags if model else ())])
    readings = machine_readings.pull_readings(names, *episode.view_range)
    if readings is None:
        return episode.sensors
    # The sensor that has most of the deviation would pull the expectation of all others with it.
    distrusted = [sensor.name for sensor in episode.sensors if sensor.share >= _MAIN_SHARE]
    readings = add_expected_readings(readings, model, distrusted=distrusted)
    return tuple(_add_sensor_readings(sensor, readings) for sensor in episode.sensors)


def _add_sensor_readings(sensor: EpisodeSensor, readings: pl.DataFrame) -> EpisodeSensor:
    if sensor.name not in readings.columns:
        return sensor
    expected = name_expected(sensor.name)
    columns = [pl.col(sensor.name).alias("value")]
    columns += [pl.col(expected).alias("expected")] if expected in readings.columns else []
    usable = readings.select("Timestamp", *columns).filter(pl.col("value").is_finite())
    points = select_extremes(usable, max_rows=MAX_POINTS)
    return replace(
        sensor,
        time=tuple(to_epoch_ms(time) for time in points["Timestamp"]),
        value=tuple(_round_reading(value) for value in points["value"]),
        expected=tuple(
            None if value is None else _round_reading(value)
            for value in (points["expected"] if "expected" in points.columns else ())
        ),
    )


def _round_reading(value: float) -> float:
    # Five digits are finer than a pixel and halve the size of the page.
    return float(f"{value:.5g}")


def _read_detector_means(rows: MachineRows) -> dict[datetime, tuple[float | None, ...]]:
    """Return the mean z of each detector, by start of the episode."""
    q = rows.engine.dialect.quote
    # Averaged by the database: an episode may have a hundred thousand readings.
    sql = rows.engine.dialect.sql(
        "SELECT e.{StartTs}, {means}\nFROM {ACM_Episodes} AS e\n"
        "JOIN {ACM_Scores_Wide} AS s"
        " ON s.{EquipID} = e.{EquipID} AND s.{Timestamp} >= e.{StartTs} AND s.{Timestamp} <= e.{EndTs}\n"
        "WHERE e.{EquipID} = ?\nGROUP BY e.{StartTs}",
        means=", ".join(f"AVG(s.{q(name)}) AS {q(name)}" for name in DETECTOR_NAMES),
    )
    found = rows.engine.query(sql, [rows.machine.equip_id])
    return {start: tuple(None if z is None else round(z, 2) for z in means) for start, *means in found.iter_rows()}


def _read_normal_bands(rows: MachineRows, since: datetime) -> _Bands:
    """Return the normal range of each sensor: training centre plus and minus three robust standard deviations."""
    columns = ("SensorName", "TrainMean", "TrainStd")
    hot = rows.read_rows("ACM_SensorHotspots", columns, where="{AsOf} >= ?", params=[since], order="{AsOf}")
    known = {name: (centre, scale) for name, centre, scale in hot.iter_rows()}
    # Stored values win over estimates.
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
        # A small difference of the two deviations would amplify the rounding of the stored values.
        .filter((z - latest).abs() >= 0.5, z.abs() < _CLIP_LIMIT)
        .group_by("SensorName")
        .agg(scale=scale.last(), centre=(pl.col("LatestValue") - latest * scale).last())
        .filter(pl.col("scale") > 0)
    )
    return {name: (centre, scale) for name, centre, scale in found.select("SensorName", "centre", "scale").iter_rows()}
