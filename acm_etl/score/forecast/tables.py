"""Rows of the forecast tables: each day's from the days that trail it, and from nothing later."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cached_property
from typing import Any

import numpy as np
import polars as pl

from acm_etl.score.arrays import Floats
from acm_etl.score.forecast import health_forecast
from acm_etl.score.forecast.health_forecast import AHEAD, THRESHOLD, Outlook
from acm_etl.score.forecast.recommendations import attributed, recommended
from acm_etl.score.forecast.trend_model import LEAST_DAYS, LOOK_BACK, Trend
from acm_etl.score.model import Model
from acm_etl.score.polars_convert import shaped
from acm_etl.score.prepare.clean import TIME
from acm_etl.score.summaries import sensor_daily
from acm_etl.score.summaries.local_days import DAY, Calendar
from acm_etl.tables import BY_NAME
from acm_etl.tables import forecast as declared

Frames = dict[str, pl.DataFrame]

_SENSORS, _CARRIERS = 5, 10
_SOON: Floats = np.array([24.0, 7 * 24.0, 30 * 24.0])
_FEW = 0.25  # a day with fewer than this share of the usual readings has no median worth the name


def outlooks(
    days: pl.DataFrame, timeline: pl.DataFrame, sensors: pl.DataFrame, *, calendar: Calendar, model: Model
) -> Frames:
    """Rows of the forecast tables.

    Args:
        days: ``AsOf`` and number of each day that a forecast is wanted for.
        timeline: Readings with ``fused``, ``regime_label`` and their day number, in sequence.
        sensors: Rows of ACM_SensorDaily with their day number.
        calendar: Local days; no more than 60 of the trailing ones are looked at.
        model: Gives the scale of health, and centre and scale of each tag.

    Returns:
        Frames by table name, without RunID and EquipID.
    """
    made: dict[str, list[pl.DataFrame]] = {table.name: [] for table in declared.TABLES}
    medians, reach = _medians(timeline, calendar), min(calendar.trailing, LOOK_BACK)
    ends = sensor_daily.local_days(days["AsOf"] + timedelta(hours=26), calendar.time_zone).cast(pl.Datetime("ms"))
    for (as_of, day), issued in zip(days.select("AsOf", DAY).iter_rows(), ends, strict=True):
        trailing = pl.col(DAY).is_between(day - reach + 1, day)
        view = _View(as_of, day, issued, _usual(medians.filter(trailing)), sensors.filter(trailing), model)
        for name, rows in view.tables():
            made[name].append(rows.with_columns(AsOf=pl.lit(as_of, pl.Datetime("ms"))))
    return {name: _together(rows, name) for name, rows in made.items()}


def _together(rows: list[pl.DataFrame], name: str) -> pl.DataFrame:
    table = BY_NAME[name]
    shapes = [shaped(frame, table) for frame in rows if frame.height]
    return pl.concat(shapes) if shapes else table.empty().drop("RunID", "EquipID")


def _medians(timeline: pl.DataFrame, calendar: Calendar) -> pl.DataFrame:
    """Median z of the running readings of each day, how many there are, the last of them, and the start of the day."""
    running = timeline.filter(pl.col("fused").is_not_null() & (pl.col("regime_label") != "off"))
    found = (
        running.group_by(DAY)
        .agg(z=pl.col("fused").median(), count=pl.len(), first=pl.col(TIME).min(), last=pl.col(TIME).max())
        .sort(DAY)
    )
    return found.with_columns(start=sensor_daily.local_days(found["first"], calendar.time_zone))


def _usual(medians: pl.DataFrame) -> pl.DataFrame:
    return medians.filter(pl.col("count") >= _FEW * pl.col("count").median())


@dataclass(frozen=True)
class _View:
    """All that is known at the end of one day."""

    as_of: datetime
    day: int
    issued: datetime
    medians: pl.DataFrame
    sensors: pl.DataFrame
    model: Model

    def tables(self) -> Iterator[tuple[str, pl.DataFrame]]:
        noons: Floats = self.medians[DAY].to_numpy() - self.day - 0.5
        outlook = Outlook(noons, self.medians["z"].to_numpy(), self.model.params.z_scale)
        summary = self._summary(outlook)
        yield declared.RUL_SUMMARY.name, pl.DataFrame([summary], schema_overrides=_TIMES)
        yield declared.SENSOR_FORECAST.name, self._sensors()
        if not outlook.known:
            return
        band, all_ahead = outlook.band, np.ones(len(AHEAD))
        method = {"Method": [summary["Method"]] * len(AHEAD)}
        health = {"ForecastHealth": band.middle, "CiLower": band.low, "CiUpper": band.high, "ForecastStd": band.std}
        yield declared.HEALTH_FORECAST.name, self._ahead(health | method)
        failing = {"FailureProb": outlook.failed(AHEAD), "ThresholdUsed": THRESHOLD * all_ahead}
        yield declared.FAILURE_FORECAST.name, self._ahead(failing | method)
        if outlook.rul is not None:
            yield declared.RUL_TS.name, self._ahead(_counted_down(summary) | method)
            yield declared.RUL_ATTRIBUTION.name, self._carriers(outlook, summary)
        yield declared.MAINTENANCE.name, recommended(outlook, self.issued)

    def _ahead(self, columns: Mapping[str, Any]) -> pl.DataFrame:
        """Columns at ``AHEAD``, once or several times over, with their times."""
        frame = pl.DataFrame(columns)
        hours = np.tile(AHEAD, frame.height // len(AHEAD))
        times = np.datetime64(self.issued, "ms") + (hours * 3_600_000).astype("timedelta64[ms]")
        return frame.with_columns(HorizonHours=hours, Timestamp=times)

    def _summary(self, outlook: Outlook) -> dict[str, Any]:
        found = {
            "IssuedAt": self.issued,
            "Status": outlook.status,
            "ThresholdUsed": THRESHOLD,
            "LastUpdate": self.medians["last"].max(),
            "Method": "trend" if outlook.known and outlook.degrading else "level",
            "TrendDays": self.medians.height,
        }
        if not outlook.known:
            return dict.fromkeys(_SUMMARY, None) | found
        trend, (low, high) = outlook.trend, outlook.bounds
        soon = outlook.failed(_SOON).tolist()
        return found | {
            "RUL_Hours": outlook.rul,
            "LowerBound": low,
            "UpperBound": high,
            "Confidence": outlook.confidence,
            "FailureTime": None if outlook.rul is None else self.issued + _hours(health_forecast.at_step(outlook.rul)),
            "TrendStart": self.medians["start"][trend.start],
            "TrendDays": self.medians.height - trend.start,
            "HealthNow": float(outlook.band.middle[0]),
            "ZPerDay": trend.speed,
            "RisingProb": trend.rise,
            **dict(zip(("FailureProb24h", "FailureProb7d", "FailureProb30d"), soon, strict=True)),
        }

    def _sensors(self) -> pl.DataFrame:
        """Forecasts of the sensors that stood out most, of those that spoke lately."""
        ranked = sorted(self.spoken, key=lambda name: -np.abs(self.spoken[name]["MaxSignedZ"]).max())
        recent = [name for name in ranked if self.spoken[name][DAY][-1] > self.day - LEAST_DAYS][:_SENSORS]
        parts = [self._sensor(name) for name in recent]
        if not parts:
            return pl.DataFrame()
        columns = {key: np.concatenate([part[key] for part in parts]) for key in parts[0]}
        return self._ahead({"SensorName": np.repeat(recent, len(AHEAD)), **columns})

    def _sensor(self, name: str) -> dict[str, np.ndarray]:
        sign, trend = self._moving(name, self.spoken[name])
        centre, scale = self._scale(name)
        found = health_forecast.band(trend)
        limits = centre + sign * scale * np.stack([found.low, found.high])
        return {
            "ForecastValue": centre + sign * scale * found.middle,
            "CiLower": limits.min(axis=0),
            "CiUpper": limits.max(axis=0),
            "ForecastStd": scale * found.std,
            "Method": np.full(len(AHEAD), "trend" if trend.rising else "level"),
        }

    @cached_property
    def spoken(self) -> dict[str, _Columns]:
        """Daily rows of each sensor that have a value, in order of its name and time."""
        parts = self.sensors.filter(pl.col("LatestTimestamp").is_not_null()).sort("SensorName", DAY)
        wanted = (DAY, "LatestValue", "LatestSignedZ", "MaxSignedZ", "AboveAlertCount")
        split = parts.partition_by("SensorName", maintain_order=True, as_dict=True)
        return {str(name): {key: rows[key].to_numpy() for key in wanted} for (name,), rows in split.items()}

    def _moving(self, name: str, rows: _Columns) -> tuple[float, Trend]:
        """The way a sensor moves, up (1) or down (-1), and its deviations that way."""
        centre, scale = self._scale(name)
        days, z = rows[DAY] - self.day - 0.5, (rows["LatestValue"] - centre) / scale
        up, down = (Trend.fit(days, sign * z, growing=False) for sign in (1.0, -1.0))
        return (1.0, up) if up.rise >= down.rise else (-1.0, down)

    def _scale(self, name: str) -> tuple[float, float]:
        i = self.model.tags.index(name)
        return float(self.model.scale.centre_[i]), float(self.model.scale.scale_[i])

    def _carriers(self, outlook: Outlook, summary: Mapping[str, Any]) -> pl.DataFrame:
        """Where each sensor comes from, where it will be at the failure, and who has come the farthest."""
        since = self.medians[DAY][outlook.trend.start]
        ahead = np.array([outlook.rul or 0.0]) / 24
        found = []
        for name, rows in self.spoken.items():
            mine = {key: column[rows[DAY] >= since] for key, column in rows.items()}
            if not len(mine[DAY]):
                continue
            sign, trend = self._moving(name, mine)
            then = sign * float(trend.weight @ trend.mean(ahead)[:, 0])
            first = float(np.median(mine["LatestSignedZ"][:LEAST_DAYS]))
            found.append((name, first, then, sign * trend.speed, int(mine["AboveAlertCount"].sum())))
        return attributed(found, most=_CARRIERS).with_columns(FailureTime=pl.lit(summary["FailureTime"]))


_Columns = dict[str, np.ndarray]


def _counted_down(summary: Mapping[str, Any]) -> dict[str, Any]:
    left = {
        name: None if summary[name] is None else np.maximum(summary[name] - AHEAD, 0)
        for name in ("RUL_Hours", "LowerBound", "UpperBound")
    }
    return {name: [None] * len(AHEAD) if hours is None else hours for name, hours in left.items()} | {
        "Confidence": np.full(len(AHEAD), summary["Confidence"])
    }


def _hours(hours: float) -> timedelta:
    return timedelta(hours=hours)


_SUMMARY = tuple(column.name for column in declared.RUL_SUMMARY.columns[3:])
_TIMES = dict.fromkeys(("IssuedAt", "FailureTime", "TrendStart", "LastUpdate"), pl.Datetime("ms"))
