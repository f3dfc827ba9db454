"""Where the machine stands at the end of each day: health and episodes over the trailing days."""

from __future__ import annotations

import polars as pl

from acm_etl.score.health import health_severity, health_status
from acm_etl.score.polars_convert import duration_hours
from acm_etl.score.prepare.clean import TIME
from acm_etl.score.summaries.local_days import DAY, LocalCalendar
from acm_etl.score.summaries.sensors import sensors_at_last_reading


def episode_ends_by_day(timeline: pl.DataFrame, episode_starts: pl.Series, calendar: LocalCalendar) -> pl.DataFrame:
    """How far each episode had gone by the end of each day with a row in alarm.

    Args:
        timeline: Readings with ``alarm`` and their day number, in sequence.
        episode_starts: Starts of all episodes that are known, sorted.
        calendar: Local days.

    Returns:
        ``StartTs``, ``start_day``, ``day`` and ``end``: the last row in alarm of that day.
    """
    known = episode_starts.cast(timeline.schema[TIME]).to_frame("StartTs")
    in_alarm = timeline.filter("alarm").select(TIME, DAY)
    owned = in_alarm.join_asof(known, left_on=TIME, right_on="StartTs", strategy="backward", check_sortedness=False)
    ends = owned.drop_nulls("StartTs").group_by("StartTs", DAY).agg(end=pl.col(TIME).max())
    return ends.with_columns(calendar.day_number(pl.col("StartTs")).alias("start_day")).sort("StartTs", DAY)


def episode_metrics(trailing_days: pl.DataFrame, episode_ends: pl.DataFrame, timeline: pl.DataFrame) -> pl.DataFrame:
    """Episodes that started in the trailing days, as known at the end of each.

    Args:
        trailing_days: Days of each summary.
        episode_ends: As ``episode_ends_by_day`` gives them.
        timeline: Readings with their day number: days without any are not covered.
    """
    first = pl.col(DAY).min().alias("first")
    spans = trailing_days.group_by("AsOf", "asof", maintain_order=True).agg(first)
    lasting = (
        trailing_days.join(episode_ends, on=DAY)
        .join(spans.select("AsOf", "first"), on="AsOf")
        .filter(pl.col("start_day") >= pl.col("first"))
        .group_by("AsOf", "StartTs")
        .agg(pl.col("end").max())
        .sort("AsOf", "StartTs")
    )
    covered = trailing_days.join(timeline.select(DAY).unique(), on=DAY).group_by("AsOf").agg(covered=pl.len())
    lasted = duration_hours(pl.col("end") - pl.col("StartTs"))
    gaps = duration_hours(pl.col("StartTs").max() - pl.col("StartTs").min()) / (pl.len() - 1)
    counted = lasting.group_by("AsOf").agg(
        TotalEpisodes=pl.len().cast(pl.Int64),
        TotalDurationHours=lasted.sum(),
        AvgDurationHours=lasted.mean(),
        MedianDurationHours=lasted.median(),
        MaxDurationHours=lasted.max(),
        MinDurationHours=lasted.min(),
        MeanInterarrivalHours=pl.when(pl.len() > 1).then(gaps),
    )
    total = pl.col("TotalEpisodes", "TotalDurationHours").fill_null(0)
    return (
        spans.select("AsOf")
        .join(counted, on="AsOf", how="left", maintain_order="left")
        .join(covered, on="AsOf", how="left", maintain_order="left")
        .with_columns(total)
        .with_columns(RatePerDay=pl.col("TotalEpisodes") / pl.col("covered"))
    )


def defect_summary(
    trailing_days: pl.DataFrame, health_stats: pl.DataFrame, sensor_days: pl.DataFrame, metrics: pl.DataFrame
) -> pl.DataFrame:
    """Health at the end of each day and over the trailing days.

    Args:
        trailing_days: Days of each summary.
        health_stats: As ``healths.by_day`` gives it.
        sensor_days: Rows of ACM_SensorDaily with their day number.
        metrics: As ``episode_metrics`` gives them.
    """
    current = health_stats.select(pl.col(DAY).alias("asof"), CurrentHealth="LastHealth")
    combined = (
        trailing_days.join(health_stats, on=DAY, how="left")
        .group_by("AsOf", "asof", maintain_order=True)
        .agg(pl.col("total", "AssessedCount", "GoodCount", "WatchCount", "AlertCount").sum(), pl.col("MinHealth").min())
    )
    count = pl.col("AssessedCount")
    return (
        combined.join(current, on="asof", how="left", maintain_order="left")
        .join(_worst_sensors(sensor_days), on="asof", how="left", maintain_order="left")
        .join(metrics.select("AsOf", EpisodeCount="TotalEpisodes"), on="AsOf", maintain_order="left")
        .with_columns(
            AvgHealth=pl.when(count > 0).then(pl.col("total") / count),
            Status=health_status(pl.col("CurrentHealth")),
            Severity=health_severity(pl.col("CurrentHealth")),
        )
    )


def _worst_sensors(sensor_days: pl.DataFrame) -> pl.DataFrame:
    """The sensor with the largest |z| among those of each day's last usable reading."""
    size = pl.col("LatestSignedZ").abs()
    return (
        sensors_at_last_reading(sensor_days)
        .group_by(asof=DAY)
        .agg(WorstSensor=pl.col("SensorName").get(size.arg_max()))
    )
