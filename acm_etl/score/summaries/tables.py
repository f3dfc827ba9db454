"""Rows of the day tables: partial results per local day, combined over the trailing days.

Each summary is as of the end of one local day and uses nothing later, so that it does not matter in which pieces the
history was scored. Days are numbered by their local date, so that clock changes do not shift a window.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

import polars as pl

from acm_etl.local_time import next_local_day_starts
from acm_etl.score.forecast import tables
from acm_etl.score.health import health_index
from acm_etl.score.model import Model
from acm_etl.score.polars_convert import cast_to_schema, row_schema
from acm_etl.score.prepare.clean import TIME
from acm_etl.score.reading_tables import TableFrames
from acm_etl.score.result import ScoreResult
from acm_etl.score.summaries import detectors, health, regimes, sensors
from acm_etl.score.summaries import episodes as standing
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
    """Rows of the day tables for every local day that has a reading in this call.

    Args:
        result: What scoring found.
        model: The machine's model.
        stored_rows: What the store has of the rows before this call, by table name, from the start of the local day that
            lies ``summary_days - 1`` days before the first one here (more does no harm): ``ACM_Scores_Wide``
            (Timestamp, fused, alarm, regime_label and the heads), ``ACM_Episodes`` (StartTs) and ``ACM_SensorDaily``.
            A missing table counts as empty.
        summary_days: Trailing local days of a summary, the day itself included.
        forecast_from: First day (UTC time of its start) that gets a forecast; all days where None.
        until: Days that start at this time or later are left to a later call, which has more of their readings; but
            for what scoring carries along, the daily rows of sensors and of the alarm rule.

    Returns:
        Frames by table name, without RunID and EquipID.
    """
    carried = {summaries.SENSOR_DAILY.name: result.sensor_days, daily.SINCE_WHEN.name: result.since_when}
    closed = days_to_close(result, until)
    if closed.is_empty():
        return {name: cast_to_schema(rows, BY_NAME[name]) for name, rows in carried.items()}
    known = _build_summary_inputs(
        result, closed, model, stored_rows, calendar=LocalCalendar(result.time_zone, summary_days)
    )
    made = carried | _sensor_tables(known, model) | _regime_tables(known) | _detector_tables(known)
    made |= _health_tables(known, _episode_starts(result, stored_rows.get(scores.EPISODES.name)))
    wanted = known.days if forecast_from is None else known.days.filter(pl.col("AsOf") >= forecast_from)
    made |= tables.forecast_tables(wanted, known.timeline, known.sensor_days, calendar=known.calendar, model=model)
    return {name: cast_to_schema(rows, BY_NAME[name]) for name, rows in made.items()}


def days_to_close(result: ScoreResult, until: datetime | None) -> pl.DataFrame:
    """``AsOf`` of the local days that have a reading in this call and start before a time."""
    days = result.sensor_days.select("AsOf").unique(maintain_order=True)
    return days if until is None else days.filter(pl.col("AsOf") < until)


@dataclass(frozen=True)
class _SummaryInputs:
    """What summaries are made from.

    Attributes:
        calendar: Local days.
        days: Days that get summaries, numbered, with their length.
        trailing_days: Days of each summary.
        timeline: Readings of all days, numbered, in sequence.
        sensor_days: Rows of ACM_SensorDaily of all days, numbered.
    """

    calendar: LocalCalendar
    days: pl.DataFrame
    trailing_days: pl.DataFrame
    timeline: pl.DataFrame
    sensor_days: pl.DataFrame


def _build_summary_inputs(
    result: ScoreResult,
    closed: pl.DataFrame,
    model: Model,
    stored_rows: Mapping[str, pl.DataFrame],
    *,
    calendar: LocalCalendar,
) -> _SummaryInputs:
    days = calendar.add_day_number(closed, "AsOf")
    return _SummaryInputs(
        calendar=calendar,
        days=days.with_columns(DaySeconds=_day_seconds(days["AsOf"], calendar)),
        trailing_days=calendar.expand_trailing_days(days),
        timeline=calendar.add_day_number(
            _combine_timeline(result, stored_rows.get(scores.SCORES_WIDE.name), model), TIME
        ),
        sensor_days=calendar.add_day_number(
            _combine_sensor_days(result, stored_rows.get(summaries.SENSOR_DAILY.name)), "AsOf"
        ),
    )


def _day_seconds(starts: pl.Series, calendar: LocalCalendar) -> pl.Series:
    """Return the length of each local day in seconds."""
    ends = next_local_day_starts(starts, calendar.time_zone)
    return (ends - starts.cast(pl.Datetime("us"))).dt.total_seconds().cast(pl.Float64)


def _sensor_tables(inputs: _SummaryInputs, model: Model) -> TableFrames:
    return {
        summaries.SENSOR_HOTSPOTS.name: sensors.sensor_hotspots(inputs.trailing_days, inputs.sensor_days, model),
        summaries.DATA_QUALITY.name: sensors.sensor_quality(inputs.trailing_days, inputs.sensor_days),
    }


def _regime_tables(inputs: _SummaryInputs) -> TableFrames:
    stretches = regimes.regime_spans(inputs.trailing_days, inputs.timeline)
    changes = regimes.regime_transitions(inputs.trailing_days, inputs.timeline, inputs.calendar.summary_days)
    return {
        summaries.REGIME_OCCUPANCY.name: regimes.regime_occupancy(inputs.trailing_days, inputs.timeline),
        summaries.REGIME_TRANSITIONS.name: changes,
        daily.REGIME_DWELL_STATS.name: regimes.regime_dwell(stretches),
        daily.REGIME_STABILITY.name: regimes.regime_stability(stretches),
    }


def _detector_tables(inputs: _SummaryInputs) -> TableFrames:
    per_day = detectors.detector_stats_by_day(inputs.timeline)
    mean = pl.col("SumZ") / pl.col("Points")
    today = inputs.sensor_days.join(inputs.days, on=DAY, how="semi", maintain_order="left")
    return {
        daily.DETECTOR_DAILY.name: inputs.days.join(per_day, on=DAY, maintain_order="left").with_columns(AvgZ=mean),
        daily.SENSOR_DEFECTS.name: detectors.detector_defects(inputs.trailing_days, per_day),
        daily.SENSOR_RANKING.name: sensors.sensor_ranking(today, detectors.top_detectors(inputs.timeline)),
        daily.DETECTOR_CORRELATION.name: detectors.detector_correlations(inputs.trailing_days, inputs.timeline),
    }


def _health_tables(inputs: _SummaryInputs, episode_starts: pl.Series) -> TableFrames:
    per_day = health.health_stats_by_day(inputs.timeline)
    episodes = standing.episode_ends_by_day(inputs.timeline, episode_starts, inputs.calendar)
    metrics = standing.episode_metrics(inputs.trailing_days, episodes, inputs.timeline)
    return {
        summaries.EPISODE_METRICS.name: metrics,
        summaries.DEFECT_SUMMARY.name: standing.defect_summary(
            inputs.trailing_days, per_day, inputs.sensor_days, metrics
        ),
        daily.HEALTH_DAILY.name: inputs.days.join(per_day, on=DAY, maintain_order="left"),
        daily.HEALTH_HISTOGRAM.name: health.health_histogram(inputs.trailing_days, per_day),
    }


def _combine_timeline(result: ScoreResult, stored: pl.DataFrame | None, model: Model) -> pl.DataFrame:
    """Readings in sequence, stored and new, with their ``health``: a machine that stands still has none."""
    new = result.frame.rename({"regime": "regime_label"}).select(
        pl.col(TIME).dt.round("1ms"), *list(_TIMELINE_SCHEMA)[1:]
    )
    both = _append_new_rows(stored, new.cast(_TIMELINE_SCHEMA), _TIMELINE_SCHEMA, before=TIME)  # type: ignore[arg-type]
    runs = pl.col("regime_label") != "off"
    return both.with_columns(health=pl.when(runs).then(health_index(pl.col("fused"), model.params.z_scale)))


def _combine_sensor_days(result: ScoreResult, stored: pl.DataFrame | None) -> pl.DataFrame:
    return _append_new_rows(stored, result.sensor_days, row_schema(summaries.SENSOR_DAILY), before="AsOf")


def _episode_starts(result: ScoreResult, stored: pl.DataFrame | None) -> pl.Series:
    kind = {"StartTs": pl.Datetime("ms")}
    joined = pl.concat([_cast_stored_rows(stored, kind), result.episodes.select("StartTs")])
    return joined["StartTs"].unique().sort()


def _append_new_rows(
    stored: pl.DataFrame | None, new: pl.DataFrame, column_types: Mapping[str, pl.DataType], *, before: str
) -> pl.DataFrame:
    """Stored rows, as far as they lie before the new ones, and the new ones."""
    old = _cast_stored_rows(stored, column_types)
    if len(new):
        old = old.filter(pl.col(before) < new[before].min())
    return pl.concat([old.sort(before, maintain_order=True), new])


def _cast_stored_rows(stored: pl.DataFrame | None, kinds: Mapping[str, pl.DataType]) -> pl.DataFrame:
    if stored is None:
        return pl.DataFrame(schema=dict(kinds))
    return stored.select(pl.col(name).cast(kind) for name, kind in kinds.items())
