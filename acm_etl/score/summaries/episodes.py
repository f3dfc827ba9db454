"""Episode metrics and the defect summary, as of the end of each local day."""

from __future__ import annotations

import polars as pl

from acm_etl.score.health import health_severity, health_status
from acm_etl.score.polars_convert import duration_hours
from acm_etl.score.prepare.clean import TIME
from acm_etl.score.summaries.local_days import DAY, LocalCalendar
from acm_etl.score.summaries.sensors import sensors_at_last_reading


def episode_ends_by_day(timeline: pl.DataFrame, episode_starts: pl.Series, calendar: LocalCalendar) -> pl.DataFrame:
    """Return the end of each episode as known at the end of each day with a row in alarm.

    Summaries must not look ahead: the stored end of an episode may lie after the day of a summary.

    Args:
        timeline: Readings with ``alarm`` and their day number, in time order.
        episode_starts: Starts of all known episodes, ascending.
        calendar: Local days.

    Returns:
        ``StartTs``, ``start_day``, ``day`` and ``end``: the last row in alarm of that day.
    """
    starts = episode_starts.cast(timeline.schema[TIME]).to_frame("StartTs")
    # Alarm rows, not all rows of an episode: quiet rows in its gaps do not extend it.
    alarm_rows = timeline.filter("alarm").select(TIME, DAY)
    # An alarm row belongs to the last episode that started at or before the row.
    assigned = alarm_rows.join_asof(
        starts, left_on=TIME, right_on="StartTs", strategy="backward", check_sortedness=False
    )
    ends = assigned.drop_nulls("StartTs").group_by("StartTs", DAY).agg(end=pl.col(TIME).max())
    return ends.with_columns(calendar.day_number(pl.col("StartTs")).alias("start_day")).sort("StartTs", DAY)


def episode_metrics(trailing_days: pl.DataFrame, episode_ends: pl.DataFrame, timeline: pl.DataFrame) -> pl.DataFrame:
    """Return number, durations and rate of the episodes that started in the trailing days.

    Args:
        trailing_days: Days of each summary.
        episode_ends: Result of ``episode_ends_by_day``.
        timeline: Readings with their day number; only days with readings count in the rate.
    """
    first_day = pl.col(DAY).min().alias("first_day")
    spans = trailing_days.group_by("AsOf", "asof", maintain_order=True).agg(first_day)
    # Sorted before the mean and the median, whose rounding depends on the order.
    recent = (
        trailing_days.join(episode_ends, on=DAY)
        .join(spans.select("AsOf", "first_day"), on="AsOf")
        .filter(pl.col("start_day") >= pl.col("first_day"))
        .group_by("AsOf", "StartTs")
        .agg(pl.col("end").max())
        .sort("AsOf", "StartTs")
    )
    days_with_readings = trailing_days.join(timeline.select(DAY).unique(), on=DAY)
    covered = days_with_readings.group_by("AsOf").agg(covered_days=pl.len())
    return (
        spans.select("AsOf")
        .join(recent.group_by("AsOf").agg(**_duration_stats()), on="AsOf", how="left", maintain_order="left")
        .join(covered, on="AsOf", how="left", maintain_order="left")
        # No episode means 0 episodes and 0 hours; averages of none stay null.
        .with_columns(pl.col("TotalEpisodes", "TotalDurationHours").fill_null(0))
        .with_columns(RatePerDay=pl.col("TotalEpisodes") / pl.col("covered_days"))
    )


def _duration_stats() -> dict[str, pl.Expr]:
    duration = duration_hours(pl.col("end") - pl.col("StartTs"))
    # The gaps between starts add up to the distance of the first and the last one.
    mean_gap = duration_hours(pl.col("StartTs").max() - pl.col("StartTs").min()) / (pl.len() - 1)
    return {
        "TotalEpisodes": pl.len().cast(pl.Int64),
        "TotalDurationHours": duration.sum(),
        "AvgDurationHours": duration.mean(),
        "MedianDurationHours": duration.median(),
        "MaxDurationHours": duration.max(),
        "MinDurationHours": duration.min(),
        "MeanInterarrivalHours": pl.when(pl.len() > 1).then(mean_gap),
    }


def defect_summary(
    trailing_days: pl.DataFrame, health_stats: pl.DataFrame, sensor_days: pl.DataFrame, metrics: pl.DataFrame
) -> pl.DataFrame:
    """Return the health at the end of each day and over the trailing days: rows of ACM_DefectSummary.

    Args:
        trailing_days: Days of each summary.
        health_stats: Result of ``health_stats_by_day``.
        sensor_days: Rows of ACM_SensorDaily with their day number.
        metrics: Result of ``episode_metrics``.
    """
    # The last health of the day, not an average: the state at the end of the day.
    current = health_stats.select(pl.col(DAY).alias("asof"), CurrentHealth="LastHealth")
    totals = (
        trailing_days.join(health_stats, on=DAY, how="left")
        .group_by("AsOf", "asof", maintain_order=True)
        .agg(
            pl.col("total_health", "AssessedCount", "GoodCount", "WatchCount", "AlertCount").sum(),
            pl.col("MinHealth").min(),
        )
    )
    count = pl.col("AssessedCount")
    return (
        totals.join(current, on="asof", how="left", maintain_order="left")
        .join(_worst_sensors(sensor_days), on="asof", how="left", maintain_order="left")
        .join(metrics.select("AsOf", EpisodeCount="TotalEpisodes"), on="AsOf", maintain_order="left")
        .with_columns(
            AvgHealth=pl.when(count > 0).then(pl.col("total_health") / count),
            Status=health_status(pl.col("CurrentHealth")),
            Severity=health_severity(pl.col("CurrentHealth")),
        )
    )


def _worst_sensors(sensor_days: pl.DataFrame) -> pl.DataFrame:
    """Return the sensor with the largest deviation at the last usable reading of each day."""
    # Ties go to the sensor that comes first in the table.
    abs_z = pl.col("LatestSignedZ").abs()
    return (
        sensors_at_last_reading(sensor_days)
        .group_by(asof=DAY)
        .agg(WorstSensor=pl.col("SensorName").get(abs_z.arg_max()))
    )
