"""Rows of the day tables: statistics per local day, combined over the trailing days.

Each summary is as of the end of one local day and uses no later readings, so the results do not depend on how the
history is split into calls. Days are numbered by their local date, so that clock changes do not shift a window.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

import polars as pl

from acm_etl.local_time import next_local_day_starts
from acm_etl.score.forecast.tables import forecast_tables
from acm_etl.score.health import health_index
from acm_etl.score.model import Model
from acm_etl.score.polars_convert import cast_to_schema, row_schema
from acm_etl.score.prepare.clean import TIME
from acm_etl.score.reading_tables import TableFrames
from acm_etl.score.result import ScoreResult
from acm_etl.score.summaries import detectors, episodes, health, regimes, sensors
from acm_etl.score.summaries.local_days import DAY, LocalCalendar
from acm_etl.tables import BY_NAME, daily, scores, summaries
from acm_etl.tables.common import DETECTOR_NAMES

_TIMELINE_SCHEMA = {
    TIME: pl.Datetime("ms"),
    "fused": pl.Float64(),
    "alarm": pl.Boolean(),
    "regime_label": pl.String(),
    **dict.fromkeys(DETECTOR_NAMES, pl.Float64()),
}


def day_tables(
    result: ScoreResult,
    model: Model,
    stored_rows: Mapping[str, pl.DataFrame],
    *,
    summary_days: int = 30,
    forecast_from: datetime | None = None,
    until: datetime | None = None,
) -> TableFrames:
    """Return the rows of the day tables for every local day with a reading in this call.

    Args:
        result: Result of scoring.
        model: Model of the machine.
        stored_rows: Stored rows before this call, by table name, from the start of the local day ``summary_days - 1``
            days before the first day here; earlier rows do no harm. ``ACM_Scores_Wide`` (Timestamp, fused, alarm,
            regime_label and the detectors), ``ACM_Episodes`` (StartTs) and ``ACM_SensorDaily``. A missing table counts
            as empty.
        summary_days: Trailing local days of a summary, the day itself included.
        forecast_from: UTC start of the first day with a forecast; None for all days.
        until: Days that start at this time or later are left to a later call, which has more of their readings. Only
            the daily rows of sensors and of the alarm are returned for them: they are updated from call to call.

    Returns:
        Frames by table name, without RunID and EquipID.
    """
    frames = {summaries.SENSOR_DAILY.name: result.sensor_days, daily.SINCE_WHEN.name: result.since_when}
    closed_days = days_to_close(result, until)
    if not closed_days.is_empty():
        calendar = LocalCalendar(result.time_zone, summary_days)
        inputs = _build_summary_inputs(result, closed_days, model, stored_rows, calendar=calendar)
        episode_starts = _episode_starts(result, stored_rows.get(scores.EPISODES.name))
        # Forecasts of days long past are of no use, and a fit per sensor and day is slow.
        days = inputs.days if forecast_from is None else inputs.days.filter(pl.col("AsOf") >= forecast_from)
        frames |= _sensor_tables(inputs, model) | _regime_tables(inputs) | _detector_tables(inputs)
        frames |= _health_tables(inputs, episode_starts)
        frames |= forecast_tables(days, inputs.timeline, inputs.sensor_days, calendar=calendar, model=model)
    return {name: cast_to_schema(rows, BY_NAME[name]) for name, rows in frames.items()}


def days_to_close(result: ScoreResult, until: datetime | None) -> pl.DataFrame:
    """Return ``AsOf`` of the local days that have a reading in this call and start before ``until``."""
    # Sensor days exist for every day with a reading, even if nothing was scored.
    days = result.sensor_days.select("AsOf").unique(maintain_order=True)
    return days if until is None else days.filter(pl.col("AsOf") < until)


@dataclass(frozen=True)
class _SummaryInputs:
    """Frames that the summaries are computed from.

    Attributes:
        calendar: Local days.
        days: Days with a summary: ``AsOf``, ``day`` and DaySeconds.
        trailing_days: Days of each summary, from ``LocalCalendar.expand_trailing_days``.
        timeline: Readings of all days with their day number, in time order.
        sensor_days: Rows of ACM_SensorDaily of all days with their day number.
    """

    calendar: LocalCalendar
    days: pl.DataFrame
    trailing_days: pl.DataFrame
    timeline: pl.DataFrame
    sensor_days: pl.DataFrame


def _build_summary_inputs(
    result: ScoreResult,
    closed_days: pl.DataFrame,
    model: Model,
    stored_rows: Mapping[str, pl.DataFrame],
    *,
    calendar: LocalCalendar,
) -> _SummaryInputs:
    days = calendar.add_day_number(closed_days, "AsOf")
    timeline = _combine_timeline(result, stored_rows.get(scores.SCORES_WIDE.name), model)
    sensor_days = _combine_sensor_days(result, stored_rows.get(summaries.SENSOR_DAILY.name))
    return _SummaryInputs(
        calendar=calendar,
        days=days.with_columns(DaySeconds=_day_seconds(days["AsOf"], calendar)),
        trailing_days=calendar.expand_trailing_days(days),
        timeline=calendar.add_day_number(timeline, TIME),
        sensor_days=calendar.add_day_number(sensor_days, "AsOf"),
    )


def _day_seconds(starts: pl.Series, calendar: LocalCalendar) -> pl.Series:
    """Return the length of each local day in seconds."""
    # Days have 23 or 25 hours at most clock changes.
    ends = next_local_day_starts(starts, calendar.time_zone)
    return (ends - starts.cast(pl.Datetime("us"))).dt.total_seconds().cast(pl.Float64)


def _sensor_tables(inputs: _SummaryInputs, model: Model) -> TableFrames:
    return {
        summaries.SENSOR_HOTSPOTS.name: sensors.sensor_hotspots(inputs.trailing_days, inputs.sensor_days, model),
        summaries.DATA_QUALITY.name: sensors.sensor_quality(inputs.trailing_days, inputs.sensor_days),
    }


def _regime_tables(inputs: _SummaryInputs) -> TableFrames:
    trailing_days, timeline = inputs.trailing_days, inputs.timeline
    # Shared by two tables: the join with the trailing days is the expensive step.
    spans = regimes.regime_spans(trailing_days, timeline)
    transitions = regimes.regime_transitions(trailing_days, timeline, inputs.calendar.summary_days)
    return {
        summaries.REGIME_OCCUPANCY.name: regimes.regime_occupancy(trailing_days, timeline),
        summaries.REGIME_TRANSITIONS.name: transitions,
        daily.REGIME_DWELL_STATS.name: regimes.regime_dwell(spans),
        daily.REGIME_STABILITY.name: regimes.regime_stability(spans),
    }


def _detector_tables(inputs: _SummaryInputs) -> TableFrames:
    detector_stats = detectors.detector_stats_by_day(inputs.timeline)
    closed_stats = inputs.days.join(detector_stats, on=DAY, maintain_order="left")
    # The ranking is of single days: only days of this call, not the look-back days.
    closed_sensor_days = inputs.sensor_days.join(inputs.days, on=DAY, how="semi", maintain_order="left")
    top_detectors = detectors.top_detectors(inputs.timeline)
    return {
        daily.DETECTOR_DAILY.name: closed_stats.with_columns(AvgZ=pl.col("SumZ") / pl.col("Points")),
        daily.SENSOR_DEFECTS.name: detectors.detector_defects(inputs.trailing_days, detector_stats),
        daily.SENSOR_RANKING.name: sensors.sensor_ranking(closed_sensor_days, top_detectors),
        daily.DETECTOR_CORRELATION.name: detectors.detector_correlations(inputs.trailing_days, inputs.timeline),
    }


def _health_tables(inputs: _SummaryInputs, episode_starts: pl.Series) -> TableFrames:
    trailing_days = inputs.trailing_days
    # Of all days, look-back days included: the trailing sums need them.
    health_stats = health.health_stats_by_day(inputs.timeline)
    episode_ends = episodes.episode_ends_by_day(inputs.timeline, episode_starts, inputs.calendar)
    metrics = episodes.episode_metrics(trailing_days, episode_ends, inputs.timeline)
    defects = episodes.defect_summary(trailing_days, health_stats, inputs.sensor_days, metrics)
    return {
        summaries.EPISODE_METRICS.name: metrics,
        summaries.DEFECT_SUMMARY.name: defects,
        daily.HEALTH_DAILY.name: inputs.days.join(health_stats, on=DAY, maintain_order="left"),
        daily.HEALTH_HISTOGRAM.name: health.health_histogram(trailing_days, health_stats),
    }


def _combine_timeline(result: ScoreResult, stored: pl.DataFrame | None, model: Model) -> pl.DataFrame:
    """Return stored and new readings in time order, with their ``health``."""
    # Rounded to milliseconds as the stored readings are, so that both sort and join alike.
    new = result.frame.rename({"regime": "regime_label"}).select(
        pl.col(TIME).dt.round("1ms"), *list(_TIMELINE_SCHEMA)[1:]
    )
    timeline = _append_new_rows(stored, new, _TIMELINE_SCHEMA, time_column=TIME)
    # A machine that is off has no health; its fused z of 0 would count as perfect health.
    is_running = pl.col("regime_label") != "off"
    return timeline.with_columns(health=pl.when(is_running).then(health_index(pl.col("fused"), model.params.z_scale)))


def _combine_sensor_days(result: ScoreResult, stored: pl.DataFrame | None) -> pl.DataFrame:
    return _append_new_rows(stored, result.sensor_days, row_schema(summaries.SENSOR_DAILY), time_column="AsOf")


def _episode_starts(result: ScoreResult, stored: pl.DataFrame | None) -> pl.Series:
    schema = {"StartTs": pl.Datetime("ms")}
    starts = pl.concat([_cast_rows(stored, schema), result.episodes.select("StartTs")])
    # An episode that was open before this call is both stored and new.
    return starts["StartTs"].unique().sort()


def _append_new_rows(
    stored: pl.DataFrame | None, new: pl.DataFrame, schema: Mapping[str, pl.DataType], *, time_column: str
) -> pl.DataFrame:
    """Return the stored rows before the first new row, in time order, and then the new rows."""
    old = _cast_rows(stored, schema)
    if len(new):
        # A replay computes stored rows again: the new rows replace them.
        old = old.filter(pl.col(time_column) < new[time_column].min())
    # In one chunk: sums over a day that lies in two chunks are rounded differently.
    return pl.concat([old.sort(time_column, maintain_order=True), _cast_rows(new, schema)], rechunk=True)


def _cast_rows(rows: pl.DataFrame | None, schema: Mapping[str, pl.DataType]) -> pl.DataFrame:
    if rows is None:
        return pl.DataFrame(schema=dict(schema))
    return rows.select(pl.col(name).cast(dtype) for name, dtype in schema.items())
