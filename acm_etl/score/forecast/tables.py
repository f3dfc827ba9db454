"""Rows of the forecast tables; each forecast uses only the trailing days of its origin, and nothing later."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cached_property

import numpy as np
import polars as pl

from acm_etl.local_time import local_day_starts, next_local_day_starts
from acm_etl.score.arrays import Array, Floats
from acm_etl.score.forecast.health_forecast import (
    FAILURE_HEALTH,
    HORIZON_HOURS,
    HealthForecast,
    ceil_to_step,
    forecast_band,
)
from acm_etl.score.forecast.recommendations import SensorContribution, attribution_rows, recommendation_rows
from acm_etl.score.forecast.trend_model import MAX_TREND_DAYS, MIN_TREND_DAYS, Trend
from acm_etl.score.model import Model
from acm_etl.score.polars_convert import cast_to_schema
from acm_etl.score.prepare.clean import TIME
from acm_etl.score.reading_tables import TableFrames
from acm_etl.score.summaries.local_days import DAY, LocalCalendar
from acm_etl.tables import BY_NAME
from acm_etl.tables import forecast as declared

_MAX_SENSORS, _MAX_CONTRIBUTORS = 5, 10
_SUMMARY_HOURS: Floats = np.array([24.0, 7 * 24.0, 30 * 24.0])
_SUMMARY_COLUMNS = tuple(column.name for column in declared.RUL_SUMMARY.columns[3:])
# Types that Polars cannot infer from a row whose value is None.
_TIME_TYPES = dict.fromkeys(("IssuedAt", "FailureTime", "TrendStart", "LastUpdate"), pl.Datetime("ms"))
_MIN_READING_SHARE = 0.25  # of the usual number of readings; the median of fewer is unreliable
_NOON = 0.5  # days: a daily value is placed in the middle of its day


def forecast_tables(
    days: pl.DataFrame, timeline: pl.DataFrame, sensor_days: pl.DataFrame, *, calendar: LocalCalendar, model: Model
) -> TableFrames:
    """Return the rows of the forecast tables, with the end of each day as forecast origin.

    Args:
        days: ``AsOf`` and ``day`` of each day with a forecast.
        timeline: Readings with ``fused``, ``regime_label`` and their day number, in time order.
        sensor_days: Rows of ACM_SensorDaily with their day number.
        calendar: Local days; at most 60 trailing days are used.
        model: Model with the scale of health, and centre and scale of each tag.

    Returns:
        Frames by table name, without RunID and EquipID.
    """
    rows: dict[str, list[tuple[datetime, pl.DataFrame]]] = {table.name: [] for table in declared.TABLES}
    # Medians of all days once, not per forecast: consecutive forecasts share all days but one.
    medians = _daily_medians(timeline, calendar)
    series = _build_sensor_series(sensor_days, model)
    reach = min(calendar.summary_days, MAX_TREND_DAYS)
    origins = next_local_day_starts(days["AsOf"], calendar.time_zone).cast(pl.Datetime("ms"))
    for (as_of, day), origin in zip(days.select("AsOf", DAY).iter_rows(), origins, strict=True):
        trailing = (day - reach + 1, day)
        forecast = _DayForecast(
            day_number=day,
            issued_at=origin,
            medians=_drop_sparse_days(medians[_slice_days(medians[DAY].to_numpy(), trailing)]),
            sensor_series=_select_days(series, trailing),
            model=model,
        )
        for name, frame in forecast.iter_tables():
            rows[name].append((as_of, frame))
    return {name: _concat_rows(frames, name) for name, frames in rows.items()}


def _concat_rows(frames: list[tuple[datetime, pl.DataFrame]], name: str) -> pl.DataFrame:
    """Return the rows of all days with their ``AsOf``, in the columns and types of a table."""
    table = BY_NAME[name]
    # Frames without rows have no columns.
    filled = [(as_of, frame) for as_of, frame in frames if frame.height]
    if not filled:
        return table.empty_frame().drop("RunID", "EquipID")
    days = [as_of for as_of, frame in filled for _ in range(frame.height)]
    # Relaxed: a column without a value on one day has no type there. One cast for all days: a cast of thirty columns
    # takes as long as a fit.
    combined = pl.concat([frame for _, frame in filled], how="vertical_relaxed")
    return cast_to_schema(combined.with_columns(pl.Series("AsOf", days, dtype=pl.Datetime("ms"))), table)


def _daily_medians(timeline: pl.DataFrame, calendar: LocalCalendar) -> pl.DataFrame:
    """Return one row per day with running readings.

    Returns:
        ``day``, z (median of fused z), count (running readings), first and last (their times) and start of the day.
    """
    # Fused z is 0 while off: standstill would look like perfect health.
    running = timeline.filter(pl.col("fused").is_not_null() & (pl.col("regime_label") != "off"))
    by_day = running.group_by(DAY).agg(
        z=pl.col("fused").median(), count=pl.len(), first=pl.col(TIME).min(), last=pl.col(TIME).max()
    )
    medians = by_day.sort(DAY)
    return medians.with_columns(start=local_day_starts(medians["first"], calendar.time_zone))


def _drop_sparse_days(medians: pl.DataFrame) -> pl.DataFrame:
    # Relative to the trailing days: a machine may run for an hour a day, every day.
    return medians.filter(pl.col("count") >= _MIN_READING_SHARE * pl.col("count").median())


_NamedArrays = dict[str, Array]


def _build_sensor_series(sensor_days: pl.DataFrame, model: Model) -> dict[str, _NamedArrays]:
    """Return the daily rows with a value by sensor, in the order of the names and in time order."""
    # Days before a refit may have sensors that the new model does not use: these have no scale here.
    known = pl.col("LatestTimestamp").is_not_null() & pl.col("SensorName").is_in(model.tags)
    rows = sensor_days.filter(known).sort("SensorName", DAY)
    columns = (DAY, "LatestValue", "LatestSignedZ", "MaxSignedZ", "AboveAlertCount")
    by_sensor = rows.partition_by("SensorName", maintain_order=True, as_dict=True)
    return {str(name): {key: part[key].to_numpy() for key in columns} for (name,), part in by_sensor.items()}


def _select_days(series: Mapping[str, _NamedArrays], days: tuple[int, int]) -> dict[str, _NamedArrays]:
    """Return the rows of each sensor from the first to the last of ``days``, without sensors that have none there."""
    spans = {name: _slice_days(rows[DAY], days) for name, rows in series.items()}
    return {
        name: {key: column[span] for key, column in series[name].items()}
        for name, span in spans.items()
        if span.start < span.stop
    }


def _slice_days(day_numbers: Array, days: tuple[int, int]) -> slice:
    """Return the positions from the first to the last of ``days`` among ascending day numbers."""
    first, last = days
    start, stop = np.searchsorted(day_numbers, [first, last + 1]).tolist()
    return slice(start, stop)


@dataclass(frozen=True)
class _DayForecast:
    """Forecasts with the end of one local day as origin.

    Attributes:
        day_number: Number of the day.
        issued_at: Forecast origin: end of the day, UTC.
        medians: Result of ``_daily_medians`` for the trailing days, without sparse days.
        sensor_series: Result of ``_build_sensor_series`` for the trailing days.
        model: Model of the machine.
    """

    day_number: int
    issued_at: datetime
    medians: pl.DataFrame
    sensor_series: dict[str, _NamedArrays]
    model: Model

    @cached_property
    def health_forecast(self) -> HealthForecast:
        """Forecast of the machine."""
        days = self._days_from_origin(self.medians[DAY].to_numpy())
        return HealthForecast(days, self.medians["z"].to_numpy(), self.model.params.z_scale)

    @property
    def method(self) -> str:
        """Name of the method in the tables: trend or level."""
        forecast = self.health_forecast
        return "trend" if forecast.has_enough_data and forecast.is_degrading else "level"

    @property
    def failure_time(self) -> datetime | None:
        """Time of the expected failure on the grid of the forecast; None without RUL."""
        rul_hours = self.health_forecast.rul_hours
        return None if rul_hours is None else self.issued_at + timedelta(hours=ceil_to_step(rul_hours))

    def iter_tables(self) -> Iterator[tuple[str, pl.DataFrame]]:
        """Yield the name and the rows of each table that has a forecast; a frame may be empty."""
        yield declared.RUL_SUMMARY.name, pl.DataFrame([self._summary_row()], schema_overrides=_TIME_TYPES)
        yield declared.SENSOR_FORECAST.name, self._sensor_rows()
        forecast = self.health_forecast
        if not forecast.has_enough_data:
            return
        yield declared.HEALTH_FORECAST.name, self._health_rows()
        yield declared.FAILURE_FORECAST.name, self._failure_rows()
        if forecast.rul_hours is not None:
            yield declared.RUL_ATTRIBUTION.name, self._attribution_rows()
        yield declared.MAINTENANCE_RECOMMENDATION.name, recommendation_rows(forecast, self.issued_at)

    def _days_from_origin(self, day_numbers: Array) -> Floats:
        days: Floats = day_numbers - self.day_number - _NOON
        return days

    def _add_horizon(self, columns: Mapping[str, object]) -> pl.DataFrame:
        """Add HorizonHours and Timestamp to columns at ``HORIZON_HOURS``, possibly for several sensors in turn."""
        frame = pl.DataFrame(columns)
        hours = np.tile(HORIZON_HOURS, frame.height // len(HORIZON_HOURS))
        # UTC hours, not local days: horizons are 24 hours long also across a clock change.
        times = np.datetime64(self.issued_at, "ms") + (hours * 3_600_000).astype("timedelta64[ms]")
        return frame.with_columns(HorizonHours=hours, Timestamp=times)

    def _summary_row(self) -> dict[str, object]:
        forecast = self.health_forecast
        # All columns, so that a row without forecast has nulls.
        row: dict[str, object] = dict.fromkeys(_SUMMARY_COLUMNS) | {
            "IssuedAt": self.issued_at,
            "Status": forecast.forecast_status,
            "ThresholdUsed": FAILURE_HEALTH,
            "LastUpdate": self.medians["last"].max(),
            "Method": self.method,
            "TrendDays": self.medians.height,
        }
        if not forecast.has_enough_data:
            return row
        trend, (lower_bound, upper_bound) = forecast.trend, forecast.rul_bounds
        probabilities = forecast.failure_probability(_SUMMARY_HOURS).tolist()
        return row | {
            "RUL_Hours": forecast.rul_hours,
            "LowerBound": lower_bound,
            "UpperBound": upper_bound,
            "Confidence": forecast.rul_confidence,
            "FailureTime": self.failure_time,
            "TrendStart": self.medians["start"][trend.start_index],
            "TrendDays": self.medians.height - trend.start_index,
            "HealthNow": float(forecast.health_band.median[0]),
            "ZPerDay": trend.current_slope,
            "RisingProb": trend.rise_probability,
            **dict(zip(("FailureProb24h", "FailureProb7d", "FailureProb30d"), probabilities, strict=True)),
        }

    def _health_rows(self) -> pl.DataFrame:
        band = self.health_forecast.health_band
        return self._add_horizon(
            {
                "ForecastHealth": band.median,
                "CiLower": band.lower,
                "CiUpper": band.upper,
                "ForecastStd": band.normal_std,
                "Method": [self.method] * len(HORIZON_HOURS),
            }
        )

    def _failure_rows(self) -> pl.DataFrame:
        return self._add_horizon(
            {
                "FailureProb": self.health_forecast.failure_probability(HORIZON_HOURS),
                "ThresholdUsed": np.full(len(HORIZON_HOURS), FAILURE_HEALTH),
                "Method": [self.method] * len(HORIZON_HOURS),
            }
        )

    def _sensor_rows(self) -> pl.DataFrame:
        """Return forecasts of the sensors with the largest peaks, of those with recent values."""
        series = self.sensor_series
        ranked = sorted(series, key=lambda name: -np.abs(series[name]["MaxSignedZ"]).max())
        # A sensor that has been silent for days has no current value to continue from.
        recent = [name for name in ranked if series[name][DAY][-1] > self.day_number - MIN_TREND_DAYS][:_MAX_SENSORS]
        if not recent:
            return pl.DataFrame()
        parts = [self._forecast_sensor(name) for name in recent]
        columns = {key: np.concatenate([part[key] for part in parts]) for key in parts[0]}
        return self._add_horizon({"SensorName": np.repeat(recent, len(HORIZON_HOURS)), **columns})

    def _forecast_sensor(self, name: str) -> _NamedArrays:
        """Return the forecast of a sensor at ``HORIZON_HOURS``, in its unit."""
        sign, trend = self._fit_direction(name, self.sensor_series[name])
        centre, scale = self._centre_and_scale(name)
        band = forecast_band(trend)
        # A falling sensor is fitted upside down: its upper limit is the lower one.
        limits = centre + sign * scale * np.stack([band.lower, band.upper])
        return {
            "ForecastValue": centre + sign * scale * band.median,
            "CiLower": limits.min(axis=0),
            "CiUpper": limits.max(axis=0),
            "ForecastStd": scale * band.normal_std,
            "Method": np.full(len(HORIZON_HOURS), "trend" if trend.is_rising else "level"),
        }

    def _fit_direction(self, name: str, rows: _NamedArrays) -> tuple[float, Trend]:
        """Return the more probable direction of a sensor, up (1) or down (-1), and the trend of its z that way."""
        # From the value instead of the stored z, which is clipped.
        centre, scale = self._centre_and_scale(name)
        days, z = self._days_from_origin(rows[DAY]), (rows["LatestValue"] - centre) / scale
        # A trend only rises (see CandidateCurves.prior_odds): try both directions.
        up, down = (Trend.fit(days, sign * z, allow_growth=False) for sign in (1.0, -1.0))
        return (1.0, up) if up.rise_probability >= down.rise_probability else (-1.0, down)

    def _centre_and_scale(self, name: str) -> tuple[float, float]:
        position = self.model.tags.index(name)
        return float(self.model.scaler.centre_[position]), float(self.model.scaler.scale_[position])

    def _attribution_rows(self) -> pl.DataFrame:
        """Return the sensors by their change from the start of the trend to the expected failure."""
        forecast = self.health_forecast
        first_day = self.medians[DAY][forecast.trend.start_index]
        failure_day = np.array([forecast.rul_hours or 0.0]) / 24
        contributions = []
        for name, rows in self.sensor_series.items():
            since_start = {key: column[rows[DAY] >= first_day] for key, column in rows.items()}
            if not len(since_start[DAY]):
                continue
            sign, trend = self._fit_direction(name, since_start)
            contribution = SensorContribution(
                name=name,
                # The median of a few days: a single first day may be an outlier.
                first_z=float(np.median(since_start["LatestSignedZ"][:MIN_TREND_DAYS])),
                failure_z=sign * float(trend.curve_weights @ trend.curve_means(failure_day)[:, 0]),
                z_per_day=sign * trend.current_slope,
                alert_count=int(since_start["AboveAlertCount"].sum()),
            )
            contributions.append(contribution)
        ranked = attribution_rows(contributions, max_rows=_MAX_CONTRIBUTORS)
        return ranked.with_columns(FailureTime=pl.lit(self.failure_time))
