"""What is followed row by row beside episodes: zones, crossings, drifts, regimes and the alarm."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import polars as pl

from acm_etl.score.arrays import Bools, Floats, Ints, StreamState, add_scope, get_scope, take_columns
from acm_etl.score.events.segments import LabelSeries, SegmentColumns, locate_rows, unpack_open_segment, update_segments
from acm_etl.score.health import CRITICAL_DRIFT_Z, health_index, health_zone_code
from acm_etl.score.polars_convert import NO_TIME

ACTIVE_Z = 2.0
"""z from which a detector is shown as speaking, and which crossings are of."""


@dataclass(frozen=True)
class SegmentInputs:
    """What there is to follow.

    Attributes:
        time: All rows, microseconds since 1970 UTC.
        local_day: Start of the local day of each, likewise.
        is_usable: Which of them are usable.
        is_running: Which of them run.
        fused: Fused z of all rows (0 while off).
        regime: Regime codes of all rows.
        tag_drift_z: Signed z of the slow path of the running rows, one column per tag.
        drift_z: Largest magnitude among them.
        alarm: Whether the alarm rule holds, all rows.
        after_training: Which rows lie after the training period.
        z_scale: z at which health is 50.
    """

    time: Ints
    local_day: Ints
    is_usable: Bools
    is_running: Bools
    fused: Floats
    regime: Ints
    tag_drift_z: Floats
    drift_z: Floats
    alarm: Bools
    after_training: Bools
    z_scale: float


@dataclass(frozen=True)
class SegmentStreams:
    """Stretches by what they are of.

    Attributes:
        zones: By place in ``HEALTH_ZONES``; the value is the fused z.
        crossings: 1 above ``ACTIVE_Z``, else 0.
        drifts: 1 where the slow path is critical, else 0; the value is its z, the sums are the tags'.
        regimes: By regime code; the sums are fused z and rows below ``ACTIVE_Z``.
        since_when: Per local day (``day``), the stretch of the alarm at its end: label, start, at (last running row), count.
    """

    zones: SegmentColumns
    crossings: SegmentColumns
    drifts: SegmentColumns
    regimes: SegmentColumns
    since_when: SegmentColumns


def update_segment_streams(rows: SegmentInputs, state: StreamState) -> tuple[SegmentStreams, StreamState]:
    """Follows everything.

    Args:
        rows: Rows after those of ``state``.
        state: Of the call before, or empty.
    """
    running = rows.is_running
    time, fused = rows.time[running], rows.fused[running]
    critical = (rows.drift_z >= CRITICAL_DRIFT_Z) & rows.after_training[running]
    usable = rows.fused[rows.is_usable]
    quiet = np.column_stack([usable, usable < ACTIVE_Z])
    none = np.empty((len(time), 0))
    alarm = LabelSeries(time, rows.alarm[running].astype(np.int64), fused, none)
    followed = {
        "zones": LabelSeries(time, _zone_codes(fused, rows.z_scale), fused, none),
        "crossings": LabelSeries(time, (fused > ACTIVE_Z).astype(np.int64), fused, none),
        "drifts": LabelSeries(time, critical.astype(np.int64), rows.drift_z, np.abs(rows.tag_drift_z)),
        "regimes": LabelSeries(rows.time[rows.is_usable], rows.regime[rows.is_usable], usable, quiet),
        "alarm": alarm,
    }
    found: dict[str, SegmentColumns] = {}
    after: StreamState = {}
    for name, labelled in followed.items():
        found[name], memory = update_segments(labelled, get_scope(name, state))
        after |= add_scope(name, memory)
    since = _since_when_columns(rows, alarm, found.pop("alarm"), unpack_open_segment(get_scope("alarm", state)))
    return SegmentStreams(**found, since_when=since), after


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
    tag_sums = take_columns(floats[first_tag:], positions, 0.0)
    return state | {"drifts/floats": np.concatenate([floats[:first_tag], tag_sums])}


def _zone_codes(fused: Floats, z_scale: float) -> Ints:
    health = health_index(pl.col("fused"), z_scale)
    graded = pl.Series("fused", fused).to_frame().select(health_zone_code(health).cast(pl.Int64))
    return graded.to_series().to_numpy()


def _since_when_columns(
    rows: SegmentInputs, alarm: LabelSeries, segments: SegmentColumns, before: SegmentColumns
) -> SegmentColumns:
    """How the alarm stands at the last row of each day, by the last running row up to there."""
    if not len(rows.time):
        return {}
    start, count = locate_rows(alarm, segments) if len(alarm.time) else (alarm.time, alarm.time)
    nobody = {"label": np.zeros(1, np.int64), **dict.fromkeys(("start", "end", "count"), np.array([NO_TIME]))}
    front = before or nobody
    last = np.flatnonzero(np.append(np.diff(rows.local_day) != 0, True))
    at = np.cumsum(rows.is_running)[last]  # 0 stands for what was before
    found = {
        "label": np.append(front["label"], alarm.label)[at],
        "start": np.append(front["start"], start)[at],
        "at": np.append(front["end"], alarm.time)[at],
        "count": np.append(front["count"], count)[at],
    }
    known = found["at"] != NO_TIME
    return {"day": rows.local_day[last][known], **{name: column[known] for name, column in found.items()}}
