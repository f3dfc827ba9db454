"""Rows of the segment tables: threshold crossings, zone changes, drift, regimes, time in a zone, and the alarm by day.

Rows of event tables have ``ChangedAt``: the time of the reading that last changed the row.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import polars as pl

from acm_etl.schema import Table
from acm_etl.score import polars_convert
from acm_etl.score.arrays import Array, Bools
from acm_etl.score.events.segments import NO_LABEL, SegmentColumns
from acm_etl.score.events.spans import is_closed, last_change_times
from acm_etl.score.health import health_index
from acm_etl.score.polars_convert import cast_to_schema
from acm_etl.score.regimes import regime_label
from acm_etl.tables import daily, events
from acm_etl.tables.common import HEALTH_ZONES, WARN_Z

_CHANGED_AT = "ChangedAt"


def segment_tables(
    segments: Mapping[str, SegmentColumns], tags: Sequence[str], *, z_scale: float, call_times: pl.Series
) -> dict[str, pl.DataFrame]:
    """Return the rows of the event tables that are built from segments.

    Args:
        segments: Segments by stream: zones, crossings, drifts and regimes (see ``SegmentStreams``).
        tags: Scored tags, in the order of their columns.
        z_scale: z at which health is 50.
        call_times: Times of the readings of the call.

    Returns:
        Frames by table name, with ``ChangedAt``, without RunID and EquipID.
    """
    # A crossing or zone change happens at one reading: the row belongs to the call with that reading. Segments that
    # were open before would repeat a stored row.
    new_zones, new_crossings = (_select_new(segments[name], call_times) for name in ("zones", "crossings"))
    return {
        events.THRESHOLD_CROSSINGS.name: _threshold_crossing_rows(new_crossings),
        events.DEFECT_TIMELINE.name: _zone_change_rows(new_zones, z_scale),
        events.DRIFT_EVENTS.name: _drift_rows(segments["drifts"], tags),
        events.REGIME_EPISODES.name: _regime_rows(segments["regimes"]),
        events.ALERT_AGE.name: _alert_age_rows(segments["zones"], z_scale),
    }


def since_when_rows(since_when: Mapping[str, Array]) -> pl.DataFrame:
    """Return the rows of ACM_SinceWhen, one per local day.

    Args:
        since_when: ``SegmentStreams.since_when``.
    """
    if not since_when:
        return pl.DataFrame(schema=polars_convert.row_schema(daily.SINCE_WHEN))
    frame = pl.DataFrame(
        {
            "AsOf": polars_convert.us_to_datetime(since_when["day"]),
            "AlertZone": np.where(since_when["label"] == 1, "ALERT", "GOOD").tolist(),
            "StartTimestamp": polars_convert.us_to_datetime(since_when["start"]),
            "LastTimestamp": polars_convert.us_to_datetime(since_when["at"]),
            "RecordCount": since_when["count"],
        }
    )
    # Up to the last running reading, not to midnight: nothing is known after the reading.
    duration = polars_convert.duration_hours(pl.col("LastTimestamp") - pl.col("StartTimestamp"))
    return cast_to_schema(frame.with_columns(DurationHours=duration), daily.SINCE_WHEN)


def _select_new(segments: SegmentColumns, call_times: pl.Series) -> SegmentColumns:
    """Return the segments that begin in this call."""
    if not segments or call_times.is_empty():
        return {}
    # In microseconds, as the segments: stored times are rounded to milliseconds.
    call_start = int(call_times.cast(pl.Datetime("us")).to_physical()[0])
    return _select_segments(segments, segments["start"] >= call_start)


def _select_segments(segments: SegmentColumns, selection: Bools) -> SegmentColumns:
    """Return the selected segments; empty if there are none, as all functions here expect."""
    return {name: column[selection] for name, column in segments.items()} if selection.any() else {}


def _threshold_crossing_rows(segments: SegmentColumns) -> pl.DataFrame:
    table = events.THRESHOLD_CROSSINGS
    # The first segment of all has no row before it, so nothing crossed.
    crossings = _select_segments(segments, segments["before"] != NO_LABEL) if segments else {}
    if not crossings:
        return _empty_frame(table)
    frame = pl.DataFrame(
        {
            "Timestamp": polars_convert.us_to_datetime(crossings["start"]),
            "ZScore": crossings["first"],
            "Direction": np.where(crossings["label"] == 1, "up", "down").tolist(),
        }
    ).with_columns(DetectorType=pl.lit("fused"), Threshold=pl.lit(WARN_Z), ChangedAt="Timestamp")
    return cast_to_schema(frame, table, _CHANGED_AT)


def _zone_change_rows(segments: SegmentColumns, z_scale: float) -> pl.DataFrame:
    table = events.DEFECT_TIMELINE
    if not segments:
        return _empty_frame(table)
    zones = np.array(HEALTH_ZONES)
    # NO_LABEL is no position in the zones: clip before the lookup, as ``where`` evaluates both sides.
    from_zone = np.where(segments["before"] == NO_LABEL, "START", zones[np.maximum(segments["before"], 0)])
    frame = pl.DataFrame(
        {
            "Timestamp": polars_convert.us_to_datetime(segments["start"]),
            "FromZone": from_zone.tolist(),
            "ToZone": zones[segments["label"]].tolist(),
            "FusedZ": segments["first"],
        }
    ).with_columns(HealthIndex=health_index(pl.col("FusedZ"), z_scale))
    frame = frame.with_columns(
        EventType=pl.lit("ZONE_CHANGE"),
        HealthZone="ToZone",
        HealthAtEvent="HealthIndex",
        DefectScore=100 - pl.col("HealthIndex"),
        ChangedAt="Timestamp",
    )
    return cast_to_schema(frame, table, _CHANGED_AT)


def _drift_rows(segments: SegmentColumns, tags: Sequence[str]) -> pl.DataFrame:
    table = events.DRIFT_EVENTS
    drifts = _select_segments(segments, segments["label"] == 1) if segments else {}
    if not drifts:
        return _empty_frame(table)
    # The sensor with the largest drift over the whole segment, which need not have the largest peak.
    strongest = drifts["sums"].argmax(axis=1)
    frame = _segment_frame(drifts, "SegmentStart", "SegmentEnd").with_columns(
        Timestamp=polars_convert.us_to_datetime(drifts["peak_at"]),
        Value=pl.Series(drifts["peak"]),
        SensorName=pl.Series([tags[i] for i in strongest.tolist()]),
    )
    return cast_to_schema(frame, table, _CHANGED_AT)


def _regime_rows(segments: SegmentColumns) -> pl.DataFrame:
    table = events.REGIME_EPISODES
    if not segments:
        return _empty_frame(table)
    # Sums of fused z and of the flag "below WARN_Z" (see SegmentStreams.regimes).
    means = segments["sums"] / segments["count"][:, None]
    frame = _segment_frame(segments, "StartTs", "EndTs").with_columns(
        RegimeLabel=pl.Series([regime_label(code) for code in segments["label"].tolist()]),
        AvgFusedZ=pl.Series(means[:, 0]),
        MaxFusedZ=pl.Series(segments["peak"]),
        StabilityScore=pl.Series(100 * means[:, 1]),
        DurationSeconds=polars_convert.duration_seconds(pl.col("EndTs") - pl.col("StartTs")),
    )
    return cast_to_schema(frame, table, _CHANGED_AT)


def _alert_age_rows(segments: SegmentColumns, z_scale: float) -> pl.DataFrame:
    table = events.ALERT_AGE
    if not segments:
        return _empty_frame(table)
    # Health falls with fused z, so the peak of fused z gives the minimum of health.
    frame = _segment_frame(segments, "StartTimestamp", "EndTimestamp").with_columns(
        AlertZone=pl.Series(np.array(HEALTH_ZONES)[segments["label"]].tolist()),
        MinHealthIndex=health_index(pl.lit(pl.Series(segments["peak"])), z_scale),
    )
    return cast_to_schema(frame, table, _CHANGED_AT)


def _segment_frame(segments: SegmentColumns, start: str, end: str) -> pl.DataFrame:
    """Return the columns that all segment tables have.

    Args:
        segments: Segments as columns.
        start: Name of the column with the start of a segment.
        end: Name of the column with its end.
    """
    frame = pl.DataFrame(
        {
            start: polars_convert.us_to_datetime(segments["start"]),
            end: polars_convert.us_to_datetime(segments["end"]),
            "Status": np.where(is_closed(segments), "CLOSED", "OPEN").tolist(),
            "RecordCount": segments["count"],
            _CHANGED_AT: polars_convert.us_to_datetime(last_change_times(segments)),
        }
    )
    # From the rounded times, so that the stored duration equals the difference of the stored times.
    return frame.with_columns(DurationHours=polars_convert.duration_hours(pl.col(end) - pl.col(start)))


def _empty_frame(table: Table) -> pl.DataFrame:
    return pl.DataFrame(schema=polars_convert.row_schema(table) | {_CHANGED_AT: pl.Datetime("ms")})
