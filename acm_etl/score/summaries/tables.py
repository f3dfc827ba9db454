"""Rows of the day tables: partial results per local day, combined over the trailing days.

Each summary is as of the end of one local day and uses nothing later, so that it does not matter in which pieces the
history was scored. Days are numbered by their local date, so that clock changes do not shift a window.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

import polars as pl

from acm_etl.score.forecast import tables
from acm_etl.score.health import health_index
from acm_etl.score.model import Model
from acm_etl.score.polars_convert import schema, shaped
from acm_etl.score.prepare.clean import TIME
from acm_etl.score.reading_tables import Frames
from acm_etl.score.result import Scored
from acm_etl.score.summaries import detectors, health, regimes, sensors
from acm_etl.score.summaries import episodes as standing
from acm_etl.score.summaries.local_days import DAY, Calendar
from acm_etl.score.summaries.sensor_daily import local_days
from acm_etl.tables import BY_NAME, daily, scores, summaries
from acm_etl.tables.common import HEADS

_TIMELINE = {
    TIME: pl.Datetime("ms"),
    "fused": pl.Float64(),
    "alarm": pl.Boolean(),
    "regime_label": pl.String(),
    **dict.fromkeys(HEADS, pl.Float64()),
}


def day_tables(
    scored: Scored,
    model: Model,
    stored: Mapping[str, pl.DataFrame],
    *,
    summary_days: int = 30,
    forecast_from: datetime | None = None,
    until: datetime | None = None,
) -> Frames:
    """Rows of the day tables for every local day that has a reading in this call.

    Args:
        scored: What scoring found.
        model: The machine's model.
        stored: What the store has of the rows before this call, by table name, from the start of the local day that
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
    carried = {summaries.SENSOR_DAILY.name: scored.days, daily.SINCE_WHEN.name: scored.since}
    closed = closing(scored, until)
    if closed.is_empty():
        return {name: shaped(rows, BY_NAME[name]) for name, rows in carried.items()}
    known = _known(scored, closed, model, stored, calendar=Calendar(scored.time_zone, summary_days))
    made = carried | _by_sensor(known, model) | _by_regime(known) | _by_detector(known)
    made |= _by_health(known, _starts(scored, stored.get(scores.EPISODES.name)))
    wanted = known.days if forecast_from is None else known.days.filter(pl.col("AsOf") >= forecast_from)
    made |= tables.outlooks(wanted, known.timeline, known.sensors, calendar=known.calendar, model=model)
    return {name: shaped(rows, BY_NAME[name]) for name, rows in made.items()}


def closing(scored: Scored, until: datetime | None) -> pl.DataFrame:
    """``AsOf`` of the local days that have a reading in this call and start before a time."""
    days = scored.days.select("AsOf").unique(maintain_order=True)
    return days if until is None else days.filter(pl.col("AsOf") < until)


@dataclass(frozen=True)
class _Known:
    """What summaries are made from.

    Attributes:
        calendar: Local days.
        days: Days that get summaries, numbered, with their length.
        trail: Days of each summary.
        timeline: Readings of all days, numbered, in sequence.
        sensors: Rows of ACM_SensorDaily of all days, numbered.
    """

    calendar: Calendar
    days: pl.DataFrame
    trail: pl.DataFrame
    timeline: pl.DataFrame
    sensors: pl.DataFrame


def _known(
    scored: Scored, closed: pl.DataFrame, model: Model, stored: Mapping[str, pl.DataFrame], *, calendar: Calendar
) -> _Known:
    days = calendar.numbered(closed, "AsOf")
    return _Known(
        calendar=calendar,
        days=days.with_columns(DaySeconds=_lengths(days["AsOf"], calendar)),
        trail=calendar.trail(days),
        timeline=calendar.numbered(_timeline(scored, stored.get(scores.SCORES_WIDE.name), model), TIME),
        sensors=calendar.numbered(_daily(scored, stored.get(summaries.SENSOR_DAILY.name)), "AsOf"),
    )


def _lengths(starts: pl.Series, calendar: Calendar) -> pl.Series:
    """Seconds of each local day: 36 hours after its start it is the next day in any zone."""
    later = (starts.cast(pl.Datetime("us")) + timedelta(hours=36)).alias("end")
    ends = local_days(later, calendar.time_zone)
    return (ends - starts.cast(pl.Datetime("us"))).dt.total_seconds().cast(pl.Float64)


def _by_sensor(known: _Known, model: Model) -> Frames:
    return {
        summaries.SENSOR_HOTSPOTS.name: sensors.hotspots(known.trail, known.sensors, model),
        summaries.DATA_QUALITY.name: sensors.quality(known.trail, known.sensors),
    }


def _by_regime(known: _Known) -> Frames:
    stretches = regimes.stretches(known.trail, known.timeline)
    changes = regimes.transitions(known.trail, known.timeline, known.calendar.trailing)
    return {
        summaries.REGIME_OCCUPANCY.name: regimes.occupancy(known.trail, known.timeline),
        summaries.REGIME_TRANSITIONS.name: changes,
        daily.REGIME_DWELL.name: regimes.dwell(stretches),
        daily.REGIME_STABILITY.name: regimes.stability(stretches),
    }


def _by_detector(known: _Known) -> Frames:
    per_day = detectors.by_day(known.timeline)
    mean = pl.col("SumZ") / pl.col("Points")
    today = known.sensors.join(known.days, on=DAY, how="semi", maintain_order="left")
    return {
        daily.DETECTOR_DAILY.name: known.days.join(per_day, on=DAY, maintain_order="left").with_columns(AvgZ=mean),
        daily.SENSOR_DEFECTS.name: detectors.defects(known.trail, per_day),
        daily.SENSOR_RANKING.name: sensors.ranking(today, detectors.loudest(known.timeline)),
        daily.DETECTOR_CORRELATION.name: detectors.correlation(known.trail, known.timeline),
    }


def _by_health(known: _Known, starts: pl.Series) -> Frames:
    per_day = health.by_day(known.timeline)
    episodes = standing.episodes_known(known.timeline, starts, known.calendar)
    metrics = standing.episode_metrics(known.trail, episodes, known.timeline)
    return {
        summaries.EPISODE_METRICS.name: metrics,
        summaries.DEFECT_SUMMARY.name: standing.defect_summary(known.trail, per_day, known.sensors, metrics),
        daily.HEALTH_DAILY.name: known.days.join(per_day, on=DAY, maintain_order="left"),
        daily.HEALTH_HISTOGRAM.name: health.histogram(known.trail, per_day),
    }


def _timeline(scored: Scored, stored: pl.DataFrame | None, model: Model) -> pl.DataFrame:
    """Readings in sequence, stored and new, with their ``health``: a machine that stands still has none."""
    new = scored.frame.rename({"regime": "regime_label"}).select(pl.col(TIME).dt.round("1ms"), *list(_TIMELINE)[1:])
    both = _after(stored, new.cast(_TIMELINE), _TIMELINE, before=TIME)  # type: ignore[arg-type]
    runs = pl.col("regime_label") != "off"
    return both.with_columns(health=pl.when(runs).then(health_index(pl.col("fused"), model.params.z_scale)))


def _daily(scored: Scored, stored: pl.DataFrame | None) -> pl.DataFrame:
    return _after(stored, scored.days, schema(summaries.SENSOR_DAILY), before="AsOf")


def _starts(scored: Scored, stored: pl.DataFrame | None) -> pl.Series:
    kind = {"StartTs": pl.Datetime("ms")}
    joined = pl.concat([_as(stored, kind), scored.episodes.select("StartTs")])
    return joined["StartTs"].unique().sort()


def _after(
    stored: pl.DataFrame | None, new: pl.DataFrame, kinds: Mapping[str, pl.DataType], *, before: str
) -> pl.DataFrame:
    """Stored rows, as far as they lie before the new ones, and the new ones."""
    old = _as(stored, kinds)
    if len(new):
        old = old.filter(pl.col(before) < new[before].min())
    return pl.concat([old.sort(before, maintain_order=True), new])


def _as(stored: pl.DataFrame | None, kinds: Mapping[str, pl.DataType]) -> pl.DataFrame:
    if stored is None:
        return pl.DataFrame(schema=dict(kinds))
    return stored.select(pl.col(name).cast(kind) for name, kind in kinds.items())
