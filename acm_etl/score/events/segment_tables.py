"""Crossings, zone changes, drifts, regimes and the age of alerts as rows of their tables, each with ``ChangedAt``."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import polars as pl

from acm_etl.schema import Table
from acm_etl.score import polars_convert
from acm_etl.score.arrays import Array, Bools
from acm_etl.score.events.segments import NO_LABEL, SegmentColumns
from acm_etl.score.events.spans import last_change_times
from acm_etl.score.health import WARN_Z, health_index
from acm_etl.score.polars_convert import NO_TIME, cast_to_schema
from acm_etl.score.regimes import regime_label
from acm_etl.tables import daily, events
from acm_etl.tables.common import HEALTH_ZONES

_CHANGED_AT = "ChangedAt"


def segment_tables(
    segments: Mapping[str, SegmentColumns], tags: Sequence[str], *, z_scale: float, call_times: pl.Series
) -> dict[str, pl.DataFrame]:
    """Rows by table name.

    Args:
        segments: Ledgers of ``tracks.Tracks``: zones, crossings, drifts, regimes.
        tags: Scored tags, in order.
        z_scale: z at which health is 50.
        call_times: Times of the call: what happened at one reading is a row of the call that saw it.
    """
    seen = int(call_times.cast(pl.Datetime("us")).to_physical()[0]) if len(call_times) else None
    ages = _alert_age_rows(segments["zones"], z_scale)
    zones, crossings = (_select_new_segments(segments[name], seen) for name in ("zones", "crossings"))
    return {
        events.THRESHOLD_CROSSINGS.name: _threshold_crossing_rows(crossings),
        events.DEFECT_TIMELINE.name: _zone_change_rows(zones, z_scale),
        events.DRIFT_EVENTS.name: _drift_rows(segments["drifts"], tags),
        events.REGIME_EPISODES.name: _regime_rows(segments["regimes"]),
        events.ALERT_AGE.name: ages,
    }


def since_when_rows(since_when: Mapping[str, Array]) -> pl.DataFrame:
    """Columns of ACM_SinceWhen, one row per local day.

    Args:
        since_when: As ``tracks.Tracks`` has it.
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
    lasted = polars_convert.duration_hours(pl.col("LastTimestamp") - pl.col("StartTimestamp"))
    return cast_to_schema(frame.with_columns(DurationHours=lasted), daily.SINCE_WHEN)


def _select_new_segments(segments: SegmentColumns, call_start: int | None) -> SegmentColumns:
    """Stretches that begin in this call."""
    return _select_segments(segments, segments["start"] >= call_start) if segments and call_start is not None else {}


def _select_segments(segments: SegmentColumns, chosen: Bools) -> SegmentColumns:
    return {name: column[chosen] for name, column in segments.items()} if chosen.any() else {}


def _threshold_crossing_rows(segments: SegmentColumns) -> pl.DataFrame:
    table = events.THRESHOLD_CROSSINGS
    crossed = _select_segments(segments, segments["before"] != NO_LABEL) if segments else {}
    if not crossed:
        return _empty_frame(table)
    frame = pl.DataFrame(
        {
            "Timestamp": polars_convert.us_to_datetime(crossed["start"]),
            "ZScore": crossed["first"],
            "Direction": np.where(crossed["label"] == 1, "up", "down").tolist(),
        }
    )
    words = {"DetectorType": pl.lit("fused"), "Threshold": pl.lit(WARN_Z), _CHANGED_AT: pl.col("Timestamp")}
    return cast_to_schema(frame.with_columns(**words), table, _CHANGED_AT)


def _zone_change_rows(segments: SegmentColumns, z_scale: float) -> pl.DataFrame:
    table = events.DEFECT_TIMELINE
    if not segments:
        return _empty_frame(table)
    known = np.maximum(segments["before"], 0)
    before = np.where(segments["before"] == NO_LABEL, "START", np.array(HEALTH_ZONES)[known])
    frame = pl.DataFrame(
        {
            "Timestamp": polars_convert.us_to_datetime(segments["start"]),
            "FromZone": before.tolist(),
            "ToZone": np.array(HEALTH_ZONES)[segments["label"]].tolist(),
            "FusedZ": segments["first"],
        }
    ).with_columns(HealthIndex=health_index(pl.col("FusedZ"), z_scale))
    more = {"HealthZone": "ToZone", "HealthAtEvent": "HealthIndex", _CHANGED_AT: "Timestamp"}
    defect = 100 - pl.col("HealthIndex")
    return cast_to_schema(
        frame.with_columns(EventType=pl.lit("ZONE_CHANGE"), DefectScore=defect, **more), table, _CHANGED_AT
    )


def _drift_rows(segments: SegmentColumns, tags: Sequence[str]) -> pl.DataFrame:
    table = events.DRIFT_EVENTS
    critical = _select_segments(segments, segments["label"] == 1) if segments else {}
    if not critical:
        return _empty_frame(table)
    frame = _segment_frame(critical, "SegmentStart", "SegmentEnd").with_columns(
        Timestamp=polars_convert.us_to_datetime(critical["peak_at"]),
        Value=pl.Series(critical["peak"]),
        SensorName=pl.Series([tags[i] for i in critical["sums"].argmax(axis=1).tolist()]),
    )
    return cast_to_schema(frame, table, _CHANGED_AT)


def _regime_rows(segments: SegmentColumns) -> pl.DataFrame:
    table = events.REGIME_EPISODES
    if not segments:
        return _empty_frame(table)
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
    frame = _segment_frame(segments, "StartTimestamp", "EndTimestamp").with_columns(
        AlertZone=pl.Series(np.array(HEALTH_ZONES)[segments["label"]].tolist()),
        MinHealthIndex=health_index(pl.lit(pl.Series(segments["peak"])), z_scale),
    )
    return cast_to_schema(frame, table, _CHANGED_AT)


def _segment_frame(segments: SegmentColumns, start: str, end: str) -> pl.DataFrame:
    """What all stretches say of themselves, under the names their tables have for it."""
    frame = pl.DataFrame(
        {
            start: polars_convert.us_to_datetime(segments["start"]),
            end: polars_convert.us_to_datetime(segments["end"]),
            "Status": np.where(segments["closed"] == NO_TIME, "OPEN", "CLOSED").tolist(),
            "RecordCount": segments["count"],
            _CHANGED_AT: polars_convert.us_to_datetime(last_change_times(segments)),
        }
    )
    return frame.with_columns(DurationHours=polars_convert.duration_hours(pl.col(end) - pl.col(start)))


def _empty_frame(table: Table) -> pl.DataFrame:
    return pl.DataFrame(schema=polars_convert.row_schema(table) | {_CHANGED_AT: pl.Datetime("ms")})
