"""Rows of the forecast tables: each day's from the days that trail it, and from nothing later."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cached_property
from typing import Any

import numpy as np
import polars as pl

from acm_etl.local_time import local_day_starts, next_local_day_starts
from acm_etl.score.arrays import Floats
from acm_etl.score.forecast.health_forecast import (
    FAILURE_HEALTH,
    HORIZON_HOURS,
    HealthForecast,
    ceil_to_step,
    forecast_band,
)
from acm_etl.score.forecast.recommendations import attribution_rows, recommendation_rows
from acm_etl.score.forecast.trend_model import MAX_TREND_DAYS, MIN_TREND_DAYS, Trend
from acm_etl.score.model import Model
from acm_etl.score.polars_convert import cast_to_schema
from acm_etl.score.prepare.clean import TIME
from acm_etl.score.summaries.local_days import DAY, LocalCalendar
from acm_etl.tables import BY_NAME
from acm_etl.tables import forecast as declared

TableFrames = dict[str, pl.DataFrame]

_MAX_SENSORS, _MAX_CONTRIBUTORS = 5, 10
_SUMMARY_HOURS: Floats = np.array([24.0, 7 * 24.0, 30 * 24.0])
_MIN_READING_SHARE = 0.25  # a day with fewer than this share of the usual readings has no median worth the name


def forecast_tables(
    days: pl.DataFrame, timeline: pl.DataFrame, sensor_days: pl.DataFrame, *, calendar: LocalCalendar, model: Model
) -> TableFrames:
    """Rows of the forecast tables.

    Args:
        days: ``AsOf`` and number of each day that a forecast is wanted for.
        timeline: Readings with ``fused``, ``regime_label`` and their day number, in sequence.
        sensor_days: Rows of ACM_SensorDaily with their day number.
        calendar: Local days; no more than 60 of the trailing ones are looked at.
        model: Gives the scale of health, and centre and scale of each tag.

    Returns:
        Frames by table name, without RunID and EquipID.
    """
    made: dict[str, list[pl.DataFrame]] = {table.name: [] for table in declared.TABLES}
    medians, reach = _daily_medians(timeline, calendar), min(calendar.summary_days, MAX_TREND_DAYS)
    ends = next_local_day_starts(days["AsOf"], calendar.time_zone).cast(pl.Datetime("ms"))
    for (as_of, day), issued in zip(days.select("AsOf", DAY).iter_rows(), ends, strict=True):
        trailing = pl.col(DAY).is_between(day - reach + 1, day)
        view = _DayForecast(
            as_of, day, issued, _drop_sparse_days(medians.filter(trailing)), sensor_days.filter(trailing), model
        )
        for name, rows in view.iter_tables():
            made[name].append(rows.with_columns(AsOf=pl.lit(as_of, pl.Datetime("ms"))))
    return {name: _concat_rows(rows, name) for name, rows in made.items()}


def _concat_rows(rows: list[pl.DataFrame], name: str) -> pl.DataFrame:
    table = BY_NAME[name]
    shapes = [cast_to_schema(frame, table) for frame in rows if frame.height]
    return pl.concat(shapes) if shapes else table.empty_frame().drop("RunID", "EquipID")


def _daily_medians(timeline: pl.DataFrame, calendar: LocalCalendar) -> pl.DataFrame:
    """Median z of the running readings of each day, how many there are, the last of them, and the start of the day."""
    running = timeline.filter(pl.col("fused").is_not_null() & (pl.col("regime_label") != "off"))
    found = (
        running.group_by(DAY)
        .agg(z=pl.col("fused").median(), count=pl.len(), first=pl.col(TIME).min(), last=pl.col(TIME).max())
        .sort(DAY)
    )
    return found.with_columns(start=local_day_starts(found["first"], calendar.time_zone))


def _drop_sparse_days(medians: pl.DataFrame) -> pl.DataFrame:
    return medians.filter(pl.col("count") >= _MIN_READING_SHARE * pl.col("count").median())


@dataclass(frozen=True)
class _DayForecast:
    """All that is known at the end of one day."""

    as_of: datetime
    day_number: int
    issued_at: datetime
    medians: pl.DataFrame
    sensor_days: pl.DataFrame
    model: Model

    def iter_tables(self) -> Iterator[tuple[str, pl.DataFrame]]:
        noons: Floats = self.medians[DAY].to_numpy() - self.day_number - 0.5
        outlook = HealthForecast(noons, self.medians["z"].to_numpy(), self.model.params.z_scale)
        summary = self._summary_row(outlook)
        yield declared.RUL_SUMMARY.name, pl.DataFrame([summary], schema_overrides=_TIME_TYPES)
        yield declared.SENSOR_FORECAST.name, self._sensor_rows()
        if not outlook.has_enough_data:
            return
        band, all_ahead = outlook.health_band, np.ones(len(HORIZON_HOURS))
        method = {"Method": [summary["Method"]] * len(HORIZON_HOURS)}
        health = {
            "ForecastHealth": band.median,
            "CiLower": band.lower,
            "CiUpper": band.upper,
            "ForecastStd": band.normal_std,
        }
        yield declared.HEALTH_FORECAST.name, self._add_horizon(health | method)
        failing = {
            "FailureProb": outlook.failure_probability(HORIZON_HOURS),
            "ThresholdUsed": FAILURE_HEALTH * all_ahead,
        }
        yield declared.FAILURE_FORECAST.name, self._add_horizon(failing | method)
        if outlook.rul_hours is not None:
            yield declared.RUL_TS.name, self._add_horizon(_rul_countdown(summary) | method)
            yield declared.RUL_ATTRIBUTION.name, self._attribution_rows(outlook, summary)
        yield declared.MAINTENANCE_RECOMMENDATION.name, recommendation_rows(outlook, self.issued_at)

    def _add_horizon(self, columns: Mapping[str, Any]) -> pl.DataFrame:
        """Columns at ``HORIZON_HOURS``, once or several times over, with their times."""
        frame = pl.DataFrame(columns)
        hours = np.tile(HORIZON_HOURS, frame.height // len(HORIZON_HOURS))
        times = np.datetime64(self.issued_at, "ms") + (hours * 3_600_000).astype("timedelta64[ms]")
        return frame.with_columns(HorizonHours=hours, Timestamp=times)

    def _summary_row(self, health_forecast: HealthForecast) -> dict[str, Any]:
        found = {
            "IssuedAt": self.issued_at,
            "Status": health_forecast.forecast_status,
            "ThresholdUsed": FAILURE_HEALTH,
            "LastUpdate": self.medians["last"].max(),
            "Method": "trend" if health_forecast.has_enough_data and health_forecast.is_degrading else "level",
            "TrendDays": self.medians.height,
        }
        if not health_forecast.has_enough_data:
            return dict.fromkeys(_SUMMARY_COLUMNS, None) | found
        trend, (low, high) = health_forecast.trend, health_forecast.rul_bounds
        soon = health_forecast.failure_probability(_SUMMARY_HOURS).tolist()
        return found | {
            "RUL_Hours": health_forecast.rul_hours,
            "LowerBound": low,
            "UpperBound": high,
            "Confidence": health_forecast.rul_confidence,
            "FailureTime": None
            if health_forecast.rul_hours is None
            else self.issued_at + _to_timedelta(ceil_to_step(health_forecast.rul_hours)),
            "TrendStart": self.medians["start"][trend.start_index],
            "TrendDays": self.medians.height - trend.start_index,
            "HealthNow": float(health_forecast.health_band.median[0]),
            "ZPerDay": trend.current_slope,
            "RisingProb": trend.rise_probability,
            **dict(zip(("FailureProb24h", "FailureProb7d", "FailureProb30d"), soon, strict=True)),
        }

    def _sensor_rows(self) -> pl.DataFrame:
        """Forecasts of the sensors that stood out most, of those that spoke lately."""
        ranked = sorted(self.sensor_series, key=lambda name: -np.abs(self.sensor_series[name]["MaxSignedZ"]).max())
        recent = [name for name in ranked if self.sensor_series[name][DAY][-1] > self.day_number - MIN_TREND_DAYS][
            :_MAX_SENSORS
        ]
        parts = [self._forecast_sensor(name) for name in recent]
        if not parts:
            return pl.DataFrame()
        columns = {key: np.concatenate([part[key] for part in parts]) for key in parts[0]}
        return self._add_horizon({"SensorName": np.repeat(recent, len(HORIZON_HOURS)), **columns})

    def _forecast_sensor(self, name: str) -> dict[str, np.ndarray]:
        sign, trend = self._fit_direction(name, self.sensor_series[name])
        centre, scale = self._centre_and_scale(name)
        found = forecast_band(trend)
        limits = centre + sign * scale * np.stack([found.lower, found.upper])
        return {
            "ForecastValue": centre + sign * scale * found.median,
            "CiLower": limits.min(axis=0),
            "CiUpper": limits.max(axis=0),
            "ForecastStd": scale * found.normal_std,
            "Method": np.full(len(HORIZON_HOURS), "trend" if trend.is_rising else "level"),
        }

    @cached_property
    def sensor_series(self) -> dict[str, _NamedArrays]:
        """Daily rows of each sensor that have a value, in order of its name and time."""
        parts = self.sensor_days.filter(pl.col("LatestTimestamp").is_not_null()).sort("SensorName", DAY)
        wanted = (DAY, "LatestValue", "LatestSignedZ", "MaxSignedZ", "AboveAlertCount")
        split = parts.partition_by("SensorName", maintain_order=True, as_dict=True)
        return {str(name): {key: rows[key].to_numpy() for key in wanted} for (name,), rows in split.items()}

    def _fit_direction(self, name: str, rows: _NamedArrays) -> tuple[float, Trend]:
        """The way a sensor moves, up (1) or down (-1), and its deviations that way."""
        centre, scale = self._centre_and_scale(name)
        days, z = rows[DAY] - self.day_number - 0.5, (rows["LatestValue"] - centre) / scale
        up, down = (Trend.fit(days, sign * z, allow_growth=False) for sign in (1.0, -1.0))
        return (1.0, up) if up.rise_probability >= down.rise_probability else (-1.0, down)

    def _centre_and_scale(self, name: str) -> tuple[float, float]:
        i = self.model.tags.index(name)
        return float(self.model.scaler.centre_[i]), float(self.model.scaler.scale_[i])

    def _attribution_rows(self, health_forecast: HealthForecast, summary: Mapping[str, Any]) -> pl.DataFrame:
        """Where each sensor comes from, where it will be at the failure, and who has come the farthest."""
        since = self.medians[DAY][health_forecast.trend.start_index]
        ahead = np.array([health_forecast.rul_hours or 0.0]) / 24
        found = []
        for name, rows in self.sensor_series.items():
            mine = {key: column[rows[DAY] >= since] for key, column in rows.items()}
            if not len(mine[DAY]):
                continue
            sign, trend = self._fit_direction(name, mine)
            then = sign * float(trend.curve_weights @ trend.curve_means(ahead)[:, 0])
            first = float(np.median(mine["LatestSignedZ"][:MIN_TREND_DAYS]))
            found.append((name, first, then, sign * trend.current_slope, int(mine["AboveAlertCount"].sum())))
        return attribution_rows(found, max_rows=_MAX_CONTRIBUTORS).with_columns(
            FailureTime=pl.lit(summary["FailureTime"])
        )


_NamedArrays = dict[str, np.ndarray]


def _rul_countdown(summary: Mapping[str, Any]) -> dict[str, Any]:
    left = {
        name: None if summary[name] is None else np.maximum(summary[name] - HORIZON_HOURS, 0)
        for name in ("RUL_Hours", "LowerBound", "UpperBound")
    }
    return {name: [None] * len(HORIZON_HOURS) if hours is None else hours for name, hours in left.items()} | {
        "Confidence": np.full(len(HORIZON_HOURS), summary["Confidence"])
    }


def _to_timedelta(hours: float) -> timedelta:
    return timedelta(hours=hours)


_SUMMARY_COLUMNS = tuple(column.name for column in declared.RUL_SUMMARY.columns[3:])
_TIME_TYPES = dict.fromkeys(("IssuedAt", "FailureTime", "TrendStart", "LastUpdate"), pl.Datetime("ms"))
