"""Segment streams: the series that are segmented row by row, and the alarm at the end of each local day."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import polars as pl

from acm_etl.score.arrays import Bools, Floats, Ints, StreamState, add_scope, get_scope, take_columns
from acm_etl.score.events.segments import LabelSeries, SegmentColumns, locate_rows, unpack_open_segment, update_segments
from acm_etl.score.health import health_index, health_zone_code
from acm_etl.score.polars_convert import NO_TIME
from acm_etl.tables.common import CRITICAL_DRIFT_Z, WARN_Z


@dataclass(frozen=True)
class SegmentInputs:
    """Rows to segment, in time order.

    Attributes:
        time: Microseconds since 1970 UTC, all rows.
        local_day: UTC start of the local day of each row, microseconds since 1970.
        is_usable: True for usable rows.
        is_running: True for running rows, which are all usable.
        is_assessed: True for rows that can be in alarm: the running ones, and those of an assessed standstill.
        fused: Fused z of all rows (0 while off, unless the standstill is assessed).
        regime: Regime codes of all rows.
        tag_drift_z: Signed drift z of the running rows, one column per tag.
        drift_z: Largest magnitude of each row of ``tag_drift_z``.
        alarm: Alarm flags of all rows.
        after_training: True for rows after the training period.
        z_scale: z at which health is 50.
    """

    time: Ints
    local_day: Ints
    is_usable: Bools
    is_running: Bools
    is_assessed: Bools
    fused: Floats
    regime: Ints
    tag_drift_z: Floats
    drift_z: Floats
    alarm: Bools
    after_training: Bools
    z_scale: float


@dataclass(frozen=True)
class SegmentStreams:
    """Segments by stream, and the alarm by day.

    Attributes:
        zones: Labels are positions in ``HEALTH_ZONES``; the value is fused z.
        crossings: Label 1 where fused z is above ``WARN_Z``, else 0; the value is fused z.
        drifts: Label 1 where the drift z is critical, else 0; the value is the drift z, the sums are the magnitudes of
            the drift z of each tag.
        regimes: Labels are regime codes; the sums are fused z and the number of rows below ``WARN_Z``.
        since_when: Alarm segment at the end of each local day: day, label, start, at (last running row) and count.
    """

    zones: SegmentColumns
    crossings: SegmentColumns
    drifts: SegmentColumns
    regimes: SegmentColumns
    since_when: SegmentColumns


def update_segment_streams(rows: SegmentInputs, state: StreamState) -> tuple[SegmentStreams, StreamState]:
    """Return the segments of all streams that were open before these rows or begin in them.

    Args:
        rows: Rows after those of ``state``.
        state: State of the previous call, or empty.

    Returns:
        The segments, and the state for the next call.
    """
    series = _label_series(rows)
    segments: dict[str, SegmentColumns] = {}
    state_after: StreamState = {}
    for name, labelled in series.items():
        segments[name], stream_state = update_segments(labelled, get_scope(name, state))
        state_after |= add_scope(name, stream_state)
    # Taken from the state before the update: the segment that the day may still belong to.
    open_alarm = unpack_open_segment(get_scope("alarm", state))
    since_when = _since_when_columns(rows, series["alarm"], segments.pop("alarm"), open_alarm)
    return SegmentStreams(**segments, since_when=since_when), state_after


def reindex_tags(state: StreamState, positions: Ints) -> StreamState:
    """Move the tag columns of a state to the positions of other tags.

    Only segments of drift sum over tags.

    Args:
        state: State of ``update_segment_streams``.
        positions: Old position of each new tag, -1 for a tag that was not scored before: its sum starts at 0.
    """
    if "drifts/floats" not in state:
        return state
    floats = state["drifts/floats"]
    first_tag = 2  # after the first and the largest z of the segment
    # The sums of regime segments are not per tag and stay.
    tag_sums = take_columns(floats[first_tag:], positions, 0.0)
    return state | {"drifts/floats": np.concatenate([floats[:first_tag], tag_sums])}


def _label_series(rows: SegmentInputs) -> dict[str, LabelSeries]:
    """Return the labelled rows of each stream, by the name of its state."""
    running, usable, assessed = rows.is_running, rows.is_usable, rows.is_assessed
    time, fused = rows.time[running], rows.fused[running]
    no_sums = np.empty((len(time), 0))
    # The training period defines what is normal: drift within it is no event.
    is_critical = (rows.drift_z >= CRITICAL_DRIFT_Z) & rows.after_training[running]
    # Regimes include standstill, which has no detector scores but a fused z of 0.
    usable_fused = rows.fused[usable]
    regime_sums = np.column_stack([usable_fused, usable_fused < WARN_Z])
    return {
        "zones": LabelSeries(time, _zone_codes(fused, rows.z_scale), fused, no_sums),
        "crossings": LabelSeries(time, (fused > WARN_Z).astype(np.int64), fused, no_sums),
        "drifts": LabelSeries(time, is_critical.astype(np.int64), rows.drift_z, np.abs(rows.tag_drift_z)),
        "regimes": LabelSeries(rows.time[usable], rows.regime[usable], usable_fused, regime_sums),
        "alarm": LabelSeries(
            rows.time[assessed],
            rows.alarm[assessed].astype(np.int64),
            rows.fused[assessed],
            np.empty((int(assessed.sum()), 0)),
        ),
    }


def _zone_codes(fused: Floats, z_scale: float) -> Ints:
    # The expressions that also fill the zone columns, so that a value near a threshold has the same zone everywhere.
    code = health_zone_code(health_index(pl.col("fused"), z_scale)).cast(pl.Int64)
    return pl.Series("fused", fused).to_frame().select(code).to_series().to_numpy()


def _since_when_columns(
    rows: SegmentInputs, alarm: LabelSeries, segments: SegmentColumns, open_segment: SegmentColumns
) -> SegmentColumns:
    """Return the alarm segment at the end of each local day: that of the last assessed row up to there.

    Args:
        rows: All rows.
        alarm: Assessed rows, labelled by the alarm.
        segments: Segments of ``alarm``.
        open_segment: Segment that was open before these rows; empty if there was none.
    """
    if not len(rows.time):
        return {}
    start, count = locate_rows(alarm, segments) if len(alarm.time) else (alarm.time, alarm.time)
    # The segment before these rows comes first, for days that have no assessed row yet.
    no_segment = {"label": np.zeros(1, np.int64), **dict.fromkeys(("start", "end", "count"), np.array([NO_TIME]))}
    front = open_segment or no_segment
    last_rows = np.flatnonzero(np.append(np.diff(rows.local_day) != 0, True))
    position = np.cumsum(rows.is_assessed)[last_rows]  # 0 is the segment before these rows
    columns = {
        "day": rows.local_day[last_rows],
        "label": np.append(front["label"], alarm.label)[position],
        "start": np.append(front["start"], start)[position],
        "at": np.append(front["end"], alarm.time)[position],
        "count": np.append(front["count"], count)[position],
    }
    # Days before the first assessed row have no alarm segment.
    has_segment = columns["at"] != NO_TIME
    return {name: column[has_segment] for name, column in columns.items()}
