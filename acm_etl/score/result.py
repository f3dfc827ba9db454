"""Result of scoring: chunks of arrays merged into frames."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property

import numpy as np
import polars as pl

from acm_etl.score import polars_convert
from acm_etl.score.arrays import Array, Floats
from acm_etl.score.events import segment_tables
from acm_etl.score.events.episode_tables import culprit_rows, episode_rows
from acm_etl.score.events.episodes import EpisodeColumns
from acm_etl.score.events.streams import SegmentStreams
from acm_etl.score.health import health_index
from acm_etl.score.model import Model
from acm_etl.score.prepare.clean import TIME, CleanReadings
from acm_etl.score.prepare.operating_state import STATE_NAMES
from acm_etl.score.regimes import regime_label
from acm_etl.score.state import ScoringState
from acm_etl.score.summaries.sensor_daily import SensorDayColumns
from acm_etl.tables.summaries import SENSOR_DAILY

# Keys of SensorDayColumns and the columns of ACM_SensorDaily; the keys are part of stored states.
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
    """Results of a chunk of readings.

    Attributes:
        frame: Columns of ``ScoreResult.frame`` except ``health_index``, one row per reading; state and regime as codes,
            NaN where there is no value.
        contributions: Share of each tag, n rows by d tags; None if they are not kept.
        Z: Deviations, n by d.
        tag_drift_z: Signed drift z of each tag at the hourly readings.
        episodes: Episodes that were open before the chunk or began in it.
        sensor_days: Aggregates of the local days of the chunk.
        segments: Segments that were open before the chunk or began in it.
        fault_cells: One row per reading of a faulty sensor, as ``rejected``.
        context_cells: One row per reading of a context tag outside its range in training.
    """

    frame: pl.DataFrame
    contributions: Floats | None
    Z: Floats
    tag_drift_z: Floats
    episodes: EpisodeColumns
    sensor_days: SensorDayColumns
    segments: SegmentStreams
    fault_cells: pl.DataFrame
    context_cells: pl.DataFrame


@dataclass(frozen=True)
class ScoreResult:
    """Result of one call of ``score``.

    Attributes:
        frame: One row per reading: Timestamp, state, z of the detectors, drift_z, fused, alarm, regime, hourly
            (first scored reading of its UTC hour), missing (number of tags without a usable value) and health_index.
        contribution_blocks: Values of ``contributions``, block by block of rows; none if they are not kept.
        deviations: Timestamp and each tag's deviation from its training centre in robust standard deviations,
            clipped; null where missing or nothing was scored.
        readings: Timestamp and the readings that were used; null where unusable.
        episodes: Columns of ACM_Episodes (without RunID and EquipID) and ``ChangedAt``, one row per episode that was
            open before this call or began in it.
        culprits: Columns of ACM_EpisodeCulprits and ``ChangedAt``.
        sensor_days: Columns of ACM_SensorDaily, for every local day with a reading.
        segment_tables: Rows of the other event tables by table name, each with ``ChangedAt``.
        since_when: Columns of ACM_SinceWhen, for every local day with a reading.
        tag_drift_z: Timestamp and the signed drift z of each tag, at the hourly readings.
        rejected: One row per rejected cell and per reading of a faulty sensor: Timestamp, ColumnName, EventType,
            Value.
        outside_training: One row per reading of a context tag outside its range in training, as ``rejected``; these
            readings are used.
        time_zone: IANA name of the zone of the local days.
        state: State for the next call.
        snapshots: The requested states, by time.
    """

    frame: pl.DataFrame
    contribution_blocks: Sequence[Floats]
    deviations: pl.DataFrame
    readings: pl.DataFrame
    episodes: pl.DataFrame
    culprits: pl.DataFrame
    sensor_days: pl.DataFrame
    segment_tables: dict[str, pl.DataFrame]
    since_when: pl.DataFrame
    tag_drift_z: pl.DataFrame
    rejected: pl.DataFrame
    outside_training: pl.DataFrame
    time_zone: str
    state: ScoringState
    snapshots: dict[datetime, ScoringState] = field(default_factory=dict)

    @cached_property
    def contributions(self) -> pl.DataFrame:
        """Timestamp and the share (0..1) of each tag; null where nothing was scored.

        Raises:
            ValueError: They were not kept.
        """
        if not self.contribution_blocks:
            message = "score() was called with keep_contributions=False"
            raise ValueError(message)
        # On demand: no table has the shares of every reading, and the columns cost as much as a detector.
        return _build_tag_frame(self.frame[TIME], self.contribution_blocks, self.deviations.columns[1:])


def build_result(
    chunks: Sequence[ScoredChunk],
    cleaned: CleanReadings,
    model: Model,
    *,
    time_zone: str,
    state: ScoringState,
    snapshots: dict[datetime, ScoringState],
) -> ScoreResult:
    """Merge the chunks of one call.

    Args:
        chunks: Chunks in order, at least one.
        cleaned: Readings of the call.
        model: Model of the machine.
        time_zone: IANA name of the zone of the local days.
        state: State after the last chunk.
        snapshots: The requested states, by time.
    """
    tags, z_scale = model.tags, model.params.z_scale
    frame = _build_score_frame(chunks, z_scale)
    times = frame[TIME]
    episodes = _keep_latest([chunk.episodes for chunk in chunks], "start")
    return ScoreResult(
        frame=frame,
        contribution_blocks=[chunk.contributions for chunk in chunks if chunk.contributions is not None],
        deviations=_build_tag_frame(times, [chunk.Z for chunk in chunks], tags),
        readings=cleaned.readings.select(TIME, pl.col(tags).cast(pl.Float64)),
        episodes=episode_rows(episodes, tags, z_scale),
        culprits=culprit_rows(episodes, tags),
        sensor_days=_build_sensor_days(_keep_latest([chunk.sensor_days for chunk in chunks], "day"), tags),
        segment_tables=segment_tables.segment_tables(_merge_segments(chunks), tags, z_scale=z_scale, call_times=times),
        since_when=segment_tables.since_when_rows(_keep_latest([chunk.segments.since_when for chunk in chunks], "day")),
        tag_drift_z=_build_tag_frame(frame.filter("hourly")[TIME], [chunk.tag_drift_z for chunk in chunks], tags),
        rejected=pl.concat([cleaned.rejected, *(chunk.fault_cells for chunk in chunks)]),
        outside_training=pl.concat([chunk.context_cells for chunk in chunks]),
        time_zone=time_zone,
        state=state,
        snapshots=snapshots,
    )


def _merge_segments(chunks: Sequence[ScoredChunk]) -> dict[str, EpisodeColumns]:
    # since_when is keyed by day, the others by the start of the segment.
    names = ("zones", "crossings", "drifts", "regimes")
    return {name: _keep_latest([getattr(chunk.segments, name) for chunk in chunks], "start") for name in names}


def _build_score_frame(chunks: Sequence[ScoredChunk], z_scale: float) -> pl.DataFrame:
    """Concatenate the values per reading, replace codes by labels and add the health index."""
    # Codes are decoded once for all chunks: strings are slow to concatenate.
    codes = pl.concat([chunk.frame for chunk in chunks], rechunk=True)
    regime_labels = {code: regime_label(code) for code in codes["regime"].unique().to_list()}
    frame = codes.fill_nan(None).with_columns(
        state=polars_convert.decode_labels(codes["state"], dict(enumerate(STATE_NAMES))),
        regime=polars_convert.decode_labels(codes["regime"], regime_labels),
    )
    return frame.with_columns(
        # An unusable row has the code of a regime that is off, but its state is unknown.
        regime=pl.when(pl.col("state").is_not_null()).then(pl.col("regime")),
        # A machine that is off has a fused z of 0, but it is not healthy: it is not assessed.
        health_index=pl.when(pl.col("state") != "off").then(health_index(pl.col("fused"), z_scale)),
    )


def _build_tag_frame(times: pl.Series, blocks: Sequence[Floats], tags: Sequence[str]) -> pl.DataFrame:
    columns = polars_convert.to_columns(blocks, len(tags))
    return pl.DataFrame([times, *(column.alias(tag) for column, tag in zip(columns, tags, strict=True))])


def _keep_latest(parts: Sequence[dict[str, Array]], key: str) -> dict[str, Array]:
    """Concatenate the columns of all chunks; of rows with equal keys keep the last, as it covers the most readings."""
    non_empty = [part for part in parts if part]
    if not non_empty:
        return {}
    columns = {name: np.concatenate([part[name] for part in non_empty]) for name in non_empty[0]}
    # np.unique returns the first row of each key, so search from the end.
    reversed_keys = columns[key][::-1]
    _, last_rows = np.unique(reversed_keys, return_index=True)
    return {name: column[::-1][last_rows] for name, column in columns.items()}


def _build_sensor_days(days: SensorDayColumns, tags: Sequence[str]) -> pl.DataFrame:
    """Return the rows of ACM_SensorDaily: day by day, one row per tag."""
    if not days:
        return pl.DataFrame(schema=polars_convert.row_schema(SENSOR_DAILY))
    day_count, tag_count = days["readings"].shape
    columns = {
        name: polars_convert.us_to_datetime(days[key]) if key.endswith("_at") else pl.Series(days[key].ravel())
        for key, name in _SENSOR_DAILY_COLUMNS.items()
    }
    healthy_count = days["base"].ravel()
    # A tag without a healthy reading on a day has no mean, rather than 0 or a warning about 0 / 0.
    no_mean = np.full(day_count * tag_count, np.nan)
    mean = np.divide(days["base_sum"].ravel(), healthy_count, out=no_mean, where=healthy_count > 0)
    rows = {
        "AsOf": polars_convert.us_to_datetime(np.repeat(days["day"], tag_count)),
        "SensorName": list(tags) * day_count,
        "BaselineMean": mean,
        **columns,
    }
    return polars_convert.cast_to_schema(pl.DataFrame(rows), SENSOR_DAILY)
