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
from acm_etl.score.events.episodes import Ledger
from acm_etl.score.events.streams import Tracks
from acm_etl.score.health import health_index
from acm_etl.score.model import Model, State
from acm_etl.score.prepare.clean import TIME
from acm_etl.score.prepare.operating_state import NAMES
from acm_etl.score.regimes import label
from acm_etl.score.summaries.sensor_daily import Days
from acm_etl.tables.common import HEADS
from acm_etl.tables.summaries import SENSOR_DAILY

_DAY_COLUMNS = {
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
class Part:
    """One scored piece as arrays, a row per reading (``tag_drift``: per hourly one); NaN where there is no value."""

    times: pl.Series
    code: Ints
    fused: Floats
    heads: Floats
    drift: Floats
    alarm: Bools
    regime: Ints
    hourly: Bools
    blame: Floats
    missing: Ints
    Z: Floats
    ledger: Ledger
    days: Days
    tracks: Tracks
    tag_drift: Floats


@dataclass(frozen=True)
class Scored:
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
        days: Columns of ACM_SensorDaily, for every local day touched by this call.
        changes: Rows of the other event tables by table name, each with ``ChangedAt``.
        since: Columns of ACM_SinceWhen, for every local day touched by this call.
        tag_drift: Timestamp and the signed z of each tag's slow path, at the hourly readings.
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
    days: pl.DataFrame
    changes: dict[str, pl.DataFrame]
    since: pl.DataFrame
    tag_drift: pl.DataFrame
    rejected: pl.DataFrame
    time_zone: str
    state: State
    snapshots: dict[datetime, State] = field(default_factory=dict)


def scored(
    parts: Sequence[Part],
    readings: pl.DataFrame,
    model: Model,
    *,
    rejected: pl.DataFrame,
    time_zone: str,
    state: State,
    snapshots: dict[datetime, State],
) -> Scored:
    """Puts the pieces of clean readings together."""
    times = pl.concat([part.times for part in parts])
    ledger = _latest([part.ledger for part in parts], "start")
    days = _latest([part.days for part in parts], "day")
    tags = model.tags
    frame = _frame(times, parts, model)
    return Scored(
        frame=frame,
        contributions=_wide(times, [part.blame for part in parts], tags),
        deviations=_wide(times, [part.Z for part in parts], tags),
        readings=readings.select(TIME, pl.col(tags).cast(pl.Float64)),
        episodes=episode_rows(ledger, tags, model.params.z_scale),
        culprits=culprit_rows(ledger, tags),
        days=_days(days, tags),
        changes=segment_tables.rows(_tracks(parts), tags, z_scale=model.params.z_scale, first=times),
        since=segment_tables.since_rows(_latest([part.tracks.since for part in parts], "day")),
        tag_drift=_wide(frame.filter("hourly")[TIME], [part.tag_drift for part in parts], tags),
        rejected=rejected,
        time_zone=time_zone,
        state=state,
        snapshots=snapshots,
    )


def _tracks(parts: Sequence[Part]) -> dict[str, Ledger]:
    names = ("zones", "crossings", "drifts", "regimes")
    return {name: _latest([getattr(part.tracks, name) for part in parts], "start") for name in names}


def _frame(times: pl.Series, parts: Sequence[Part], model: Model) -> pl.DataFrame:
    heads = np.concatenate([part.heads for part in parts])
    columns = {head: polars_convert.nullable(heads[:, i]) for i, head in enumerate(HEADS)}
    drift, fused = (
        polars_convert.nullable(np.concatenate([getattr(part, n) for part in parts])) for n in ("drift", "fused")
    )
    code = pl.Series(np.concatenate([part.code for part in parts]))
    regime = pl.Series(np.concatenate([part.regime for part in parts]))
    missing = np.concatenate([part.missing for part in parts])
    frame = pl.DataFrame({TIME: times, "state": polars_convert.words(code, dict(enumerate(NAMES)))}).with_columns(
        **columns,
        drift_z=drift,
        fused=fused,
        alarm=pl.Series(np.concatenate([part.alarm for part in parts])),
        regime=polars_convert.words(regime, {c: label(c) for c in regime.unique().to_list()}),
        hourly=pl.Series(np.concatenate([part.hourly for part in parts])),
        missing=pl.Series(missing),
    )
    known = pl.col("state").is_not_null()
    return frame.with_columns(
        regime=pl.when(known).then(pl.col("regime")),
        # A machine that stands still is not healthy, it is not assessed.
        health_index=pl.when(pl.col("state") != "off").then(health_index(pl.col("fused"), model.params.z_scale)),
    )


def _wide(times: pl.Series, parts: Sequence[Floats], tags: Sequence[str]) -> pl.DataFrame:
    columns = polars_convert.columns(parts, len(tags))
    return pl.DataFrame([times, *(column.alias(tag) for column, tag in zip(columns, tags, strict=True))])


def _latest(parts: Sequence[dict[str, Array]], key: str) -> dict[str, Array]:
    """Columns of all pieces; of equal keys the last piece knows most."""
    filled = [part for part in parts if part]
    if not filled:
        return {}
    joined = {name: np.concatenate([part[name] for part in filled]) for name in filled[0]}
    backwards = joined[key][::-1]
    _, last = np.unique(backwards, return_index=True)
    return {name: column[::-1][last] for name, column in joined.items()}


def _days(days: Days, tags: Sequence[str]) -> pl.DataFrame:
    wanted = polars_convert.schema(SENSOR_DAILY)
    if not days:
        return pl.DataFrame(schema=wanted)
    k, d = days["readings"].shape
    columns = {
        name: polars_convert.stamps(days[key]) if key.endswith("_at") else pl.Series(days[key].ravel())
        for key, name in _DAY_COLUMNS.items()
    }
    count = days["base"].ravel()
    mean = np.divide(days["base_sum"].ravel(), count, out=np.full(k * d, np.nan), where=count > 0)
    long = {
        "AsOf": polars_convert.stamps(np.repeat(days["day"], d)),
        "SensorName": list(tags) * k,
        "BaselineMean": mean,
        **columns,
    }
    return polars_convert.shaped(pl.DataFrame(long), SENSOR_DAILY)
