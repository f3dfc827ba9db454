"""What scoring hands out: arrays of one or more pieces put together as frames."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime

import numpy as np
import polars as pl

from acm_etl.score import polars_convert
from acm_etl.score.arrays import Array, Bools, Floats, Ints
from acm_etl.score.events import segment_tables
from acm_etl.score.events.episode_tables import culprit_rows, episode_rows
from acm_etl.score.events.episodes import EpisodeColumns
from acm_etl.score.events.streams import SegmentStreams
from acm_etl.score.health import health_index
from acm_etl.score.model import Model, ScoringState
from acm_etl.score.prepare.clean import TIME
from acm_etl.score.prepare.operating_state import STATE_NAMES
from acm_etl.score.regimes import regime_label
from acm_etl.score.summaries.sensor_daily import SensorDayColumns
from acm_etl.tables.common import DETECTOR_NAMES
from acm_etl.tables.summaries import SENSOR_DAILY

_SENSOR_DAILY_COLUMNS = {
    "readings": "Readings",
    "nulls": "Nulls",
    "gap": "LongestGap",
    "flat": "LongestFlat",
    "warn": "AboveWarnCount",
    "alert": "AboveAlertCount",
    "max_at": "MaxTimestamp",
    "max_z": "MaxSignedZ",
    "max_value": "ValueAtPeak",
    "latest_at": "LatestTimestamp",
    "latest_z": "LatestSignedZ",
    "latest_value": "LatestValue",
    "base": "BaselineCount",
}


@dataclass(frozen=True)
class ScoredChunk:
    """One scored piece as arrays, a row per reading (``tag_drift_z``: per hourly one); NaN where there is no value."""

    times: pl.Series
    operating_state: Ints
    fused: Floats
    detector_z: Floats
    drift_z: Floats
    alarm: Bools
    regime: Ints
    hourly: Bools
    contributions: Floats
    missing: Ints
    Z: Floats
    episodes: EpisodeColumns
    sensor_days: SensorDayColumns
    segments: SegmentStreams
    tag_drift_z: Floats


@dataclass(frozen=True)
class ScoreResult:
    """Everything one call of ``score`` found.

    Attributes:
        frame: One row per reading: Timestamp, state, the eight heads, drift_z, fused, alarm, health_index, regime,
            hourly (first assessed reading of its UTC hour) and missing (tags without a usable value).
        contributions: Timestamp and the share (0..1) of each tag; null where nothing was assessed.
        deviations: Timestamp and each tag's deviation from its training centre in robust standard deviations,
            clipped; null where missing or nothing was assessed.
        readings: Timestamp and the readings that were used; null where unusable.
        episodes: Columns of ACM_Episodes and ACM_CulpritHistory (but for RunID and EquipID) and ``ChangedAt``, one row
            per episode touched by this call or open when it began.
        culprits: Columns of ACM_EpisodeCulprits and ``ChangedAt``.
        sensor_days: Columns of ACM_SensorDaily, for every local day touched by this call.
        segment_tables: Rows of the other event tables by table name, each with ``ChangedAt``.
        since_when: Columns of ACM_SinceWhen, for every local day touched by this call.
        tag_drift_z: Timestamp and the signed z of each tag's slow path, at the hourly readings.
        rejected: One row per refused cell: Timestamp, ColumnName, EventType, Value.
        time_zone: Zone whose local days the daily rows are of.
        state: What the next call continues from.
        snapshots: The states asked for, by time.
    """

    frame: pl.DataFrame
    contributions: pl.DataFrame
    deviations: pl.DataFrame
    readings: pl.DataFrame
    episodes: pl.DataFrame
    culprits: pl.DataFrame
    sensor_days: pl.DataFrame
    segment_tables: dict[str, pl.DataFrame]
    since_when: pl.DataFrame
    tag_drift_z: pl.DataFrame
    rejected: pl.DataFrame
    time_zone: str
    state: ScoringState
    snapshots: dict[datetime, ScoringState] = field(default_factory=dict)


def build_result(
    chunks: Sequence[ScoredChunk],
    readings: pl.DataFrame,
    model: Model,
    *,
    rejected: pl.DataFrame,
    time_zone: str,
    state: ScoringState,
    snapshots: dict[datetime, ScoringState],
) -> ScoreResult:
    """Puts the pieces of clean readings together."""
    times = pl.concat([part.times for part in chunks])
    ledger = _keep_latest([part.episodes for part in chunks], "start")
    days = _keep_latest([part.sensor_days for part in chunks], "day")
    tags = model.tags
    frame = _build_score_frame(times, chunks, model)
    return ScoreResult(
        frame=frame,
        contributions=_build_tag_frame(times, [part.contributions for part in chunks], tags),
        deviations=_build_tag_frame(times, [part.Z for part in chunks], tags),
        readings=readings.select(TIME, pl.col(tags).cast(pl.Float64)),
        episodes=episode_rows(ledger, tags, model.params.z_scale),
        culprits=culprit_rows(ledger, tags),
        sensor_days=_build_sensor_days(days, tags),
        segment_tables=segment_tables.segment_tables(
            _merge_segments(chunks), tags, z_scale=model.params.z_scale, call_times=times
        ),
        since_when=segment_tables.since_when_rows(_keep_latest([part.segments.since_when for part in chunks], "day")),
        tag_drift_z=_build_tag_frame(frame.filter("hourly")[TIME], [part.tag_drift_z for part in chunks], tags),
        rejected=rejected,
        time_zone=time_zone,
        state=state,
        snapshots=snapshots,
    )


def _merge_segments(chunks: Sequence[ScoredChunk]) -> dict[str, EpisodeColumns]:
    names = ("zones", "crossings", "drifts", "regimes")
    return {name: _keep_latest([getattr(part.segments, name) for part in chunks], "start") for name in names}


def _build_score_frame(times: pl.Series, chunks: Sequence[ScoredChunk], model: Model) -> pl.DataFrame:
    heads = np.concatenate([part.detector_z for part in chunks])
    columns = {head: polars_convert.nan_to_null(heads[:, i]) for i, head in enumerate(DETECTOR_NAMES)}
    drift, fused = (
        polars_convert.nan_to_null(np.concatenate([getattr(part, n) for part in chunks])) for n in ("drift_z", "fused")
    )
    code = pl.Series(np.concatenate([part.operating_state for part in chunks]))
    regime = pl.Series(np.concatenate([part.regime for part in chunks]))
    missing = np.concatenate([part.missing for part in chunks])
    frame = pl.DataFrame(
        {TIME: times, "state": polars_convert.decode_labels(code, dict(enumerate(STATE_NAMES)))}
    ).with_columns(
        **columns,
        drift_z=drift,
        fused=fused,
        alarm=pl.Series(np.concatenate([part.alarm for part in chunks])),
        regime=polars_convert.decode_labels(regime, {c: regime_label(c) for c in regime.unique().to_list()}),
        hourly=pl.Series(np.concatenate([part.hourly for part in chunks])),
        missing=pl.Series(missing),
    )
    known = pl.col("state").is_not_null()
    return frame.with_columns(
        regime=pl.when(known).then(pl.col("regime")),
        # A machine that stands still is not healthy, it is not assessed.
        health_index=pl.when(pl.col("state") != "off").then(health_index(pl.col("fused"), model.params.z_scale)),
    )


def _build_tag_frame(times: pl.Series, blocks: Sequence[Floats], tags: Sequence[str]) -> pl.DataFrame:
    columns = polars_convert.to_columns(blocks, len(tags))
    return pl.DataFrame([times, *(column.alias(tag) for column, tag in zip(columns, tags, strict=True))])


def _keep_latest(parts: Sequence[dict[str, Array]], key: str) -> dict[str, Array]:
    """Columns of all pieces; of equal keys the last piece knows most."""
    filled = [part for part in parts if part]
    if not filled:
        return {}
    joined = {name: np.concatenate([part[name] for part in filled]) for name in filled[0]}
    backwards = joined[key][::-1]
    _, last = np.unique(backwards, return_index=True)
    return {name: column[::-1][last] for name, column in joined.items()}


def _build_sensor_days(days: SensorDayColumns, tags: Sequence[str]) -> pl.DataFrame:
    wanted = polars_convert.row_schema(SENSOR_DAILY)
    if not days:
        return pl.DataFrame(schema=wanted)
    k, d = days["readings"].shape
    columns = {
        name: polars_convert.us_to_datetime(days[key]) if key.endswith("_at") else pl.Series(days[key].ravel())
        for key, name in _SENSOR_DAILY_COLUMNS.items()
    }
    count = days["base"].ravel()
    mean = np.divide(days["base_sum"].ravel(), count, out=np.full(k * d, np.nan), where=count > 0)
    long = {
        "AsOf": polars_convert.us_to_datetime(np.repeat(days["day"], d)),
        "SensorName": list(tags) * k,
        "BaselineMean": mean,
        **columns,
    }
    return polars_convert.cast_to_schema(pl.DataFrame(long), SENSOR_DAILY)
