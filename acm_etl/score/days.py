"""Rows of the day tables: partial results per local day, combined over the trailing days.

Each summary is as of the end of one local day and uses nothing later, so that it does not matter in which pieces the
history was scored. Days are numbered by their local date, so that clock changes do not shift a window.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

import polars as pl

from acm_etl.score import outlook, regularity, sensors, standing
from acm_etl.score.calendar import Calendar
from acm_etl.score.clean import TIME
from acm_etl.score.frames import schema, shaped
from acm_etl.score.model import Model
from acm_etl.score.output import Scored
from acm_etl.score.timelines import Frames
from acm_etl.tables import BY_NAME, scores, summaries

_TIMELINE = {TIME: pl.Datetime("ms"), "fused": pl.Float64(), "alarm": pl.Boolean(), "regime_label": pl.String()}


def day_tables(
    scored: Scored,
    model: Model,
    stored: Mapping[str, pl.DataFrame],
    *,
    summary_days: int = 30,
    forecast_from: datetime | None = None,
) -> Frames:
    """Rows of the day tables for every local day that has a reading in this call.

    Args:
        scored: What scoring found.
        model: The machine's model.
        stored: What the store has of the rows before this call, by table name, from the start of the local day that
            lies ``summary_days - 1`` days before the first one here (more does no harm): ``ACM_Scores_Wide``
            (Timestamp, fused, alarm, regime_label), ``ACM_Episodes`` (StartTs) and ``ACM_SensorDaily``. A missing
            table counts as empty.
        summary_days: Trailing local days of a summary, the day itself included.
        forecast_from: First day (UTC time of its start) that gets a forecast; all days where None.

    Returns:
        Frames by table name, without RunID and EquipID.
    """
    calendar = Calendar(scored.time_zone, summary_days)
    timeline = calendar.numbered(_timeline(scored, stored.get(scores.SCORES_WIDE.name)), TIME)
    daily = calendar.numbered(_daily(scored, stored.get(summaries.SENSOR_DAILY.name)), "AsOf")
    starts = _starts(scored, stored.get(scores.EPISODES.name))
    days = calendar.numbered(scored.days.select("AsOf").unique(maintain_order=True), "AsOf")
    trail = calendar.trail(days)
    episodes = standing.episodes_known(timeline, starts, calendar)
    metrics = standing.episode_metrics(trail, episodes, timeline)
    made = {
        summaries.SENSOR_DAILY.name: scored.days,
        summaries.SENSOR_HOTSPOTS.name: sensors.hotspots(trail, daily, model),
        summaries.DATA_QUALITY.name: sensors.quality(trail, daily),
        summaries.DEFECT_SUMMARY.name: standing.defect_summary(
            trail, timeline, daily, metrics, z_scale=model.params.z_scale
        ),
        summaries.EPISODE_METRICS.name: metrics,
        summaries.REGIME_OCCUPANCY.name: regularity.occupancy(trail, timeline),
        summaries.REGIME_TRANSITIONS.name: regularity.transitions(trail, timeline, summary_days),
    }
    wanted = days if forecast_from is None else days.filter(pl.col("AsOf") >= forecast_from)
    made |= outlook.outlooks(wanted, timeline, daily, calendar=calendar, model=model)
    return {name: shaped(rows, BY_NAME[name]) for name, rows in made.items()}


def _timeline(scored: Scored, stored: pl.DataFrame | None) -> pl.DataFrame:
    new = scored.frame.rename({"regime": "regime_label"}).select(pl.col(TIME).dt.round("1ms"), *list(_TIMELINE)[1:])
    return _after(stored, new.cast(_TIMELINE), _TIMELINE, before=TIME)  # type: ignore[arg-type]


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
