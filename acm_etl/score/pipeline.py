"""Scoring: readings, a model and a state in; scores, episodes, daily results and the next state out."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from itertools import pairwise

import numpy as np
import polars as pl

from acm_etl.errors import InputError, ModelError
from acm_etl.score import kernels
from acm_etl.score import result as output
from acm_etl.score.array_ops import row_missing_counts, select_rows
from acm_etl.score.arrays import Bools, Floats, Ints, StreamState, add_scope, get_scope
from acm_etl.score.blas_threads import limit_blas_threads
from acm_etl.score.events import episodes, streams
from acm_etl.score.events.alarm import AlarmInputs, AlarmRule, compute_alarm_flags
from acm_etl.score.events.episodes import EpisodeColumns
from acm_etl.score.events.streams import ACTIVE_Z
from acm_etl.score.inference import InferenceResult, run_inference
from acm_etl.score.model import DriftScorer, Model, ScoringState
from acm_etl.score.prepare.clean import (
    TIME,
    check_times,
    clean_readings,
    require_numeric_tags,
    to_matrix,
    usable_row_mask,
)
from acm_etl.score.prepare.fill import impute_missing
from acm_etl.score.prepare.operating_state import OFF, ON
from acm_etl.score.regimes import REGIME_OFF
from acm_etl.score.result import ScoredChunk, ScoreResult
from acm_etl.score.summaries import sensor_daily
from acm_etl.score.summaries.sensor_daily import SensorDayColumns

_HOUR_US = 3_600_000_000  # microseconds
_MAX_CELLS = 1_000_000  # scored at a time: bounds memory, and pieces give the rows of the whole anyway


@limit_blas_threads()
def score(
    frame: pl.DataFrame,
    model: Model,
    state: ScoringState | None = None,
    *,
    snapshot_times: Sequence[datetime] = (),
    time_zone: str = "UTC",
    train_end: datetime | None = None,
) -> ScoreResult:
    """Scores readings in sequence; pieces of a frame with the state carried give the rows of the whole.

    Args:
        frame: ``Timestamp`` (naive UTC, strictly increasing) and the model's tags; any number of rows.
        model: The machine's model.
        state: What the call before left; None at the very start.
        snapshot_times: Increasing times T for which the state after all rows before T is wanted. Each costs about as much
            as a call of its own.
        time_zone: IANA name; days of the daily results are local days of this zone.
        train_end: No alarm is raised before this time.

    Raises:
        InputError: Missing or unknown columns, times out of order or not after the state's last.
        ModelError: The state belongs to another model.
    """
    state = state or ScoringState(model.fingerprint)
    _validate_inputs(frame, model, state)
    readings, rejected = clean_readings(frame, model.tags, model.params.max_abs)
    kernels.load_kernels(len(readings) * len(model.tags))  # loaded for all of the pieces, however small each is
    call = _ChunkScorer(model, time_zone, train_end)
    parts: list[ScoredChunk] = []
    kept: dict[datetime, ScoringState] = {}
    for piece, until in _split_chunks(readings, snapshot_times):
        part, state = call.score_chunk(piece, state)
        parts.append(part)
        if until is not None:
            kept[until] = state
    return output.build_result(
        parts, readings, model, rejected=rejected, time_zone=time_zone, state=state, snapshots=kept
    )


@dataclass(frozen=True)
class _ChunkScorer:
    model: Model
    time_zone: str
    train_end: datetime | None

    def score_chunk(self, readings: pl.DataFrame, state: ScoringState) -> tuple[ScoredChunk, ScoringState]:
        """Scores one piece of clean readings."""
        carry = state.arrays
        rows, memory = self._infer_rows(readings, carry)
        alarm, memory["alarm"] = self._flag_alarms(rows, get_scope("alarm", carry))
        hourly, memory["hour"] = _hour_start_mask(rows.time_us[rows.is_running], get_scope("hour", carry))
        merge_rows = self.model.params.merge_rows
        ledger, memory["episode"] = episodes.update_episodes(
            rows.build_episode_inputs(alarm), merge_rows, get_scope("episode", carry)
        )
        day = sensor_daily.local_day_starts(readings[TIME], self.time_zone).to_physical().to_numpy()
        cells = sensor_daily.SensorReadings(rows.time_us, day, rows.X, rows.Z, rows.is_healthy(alarm))
        days, memory["day"] = sensor_daily.aggregate_sensor_days(cells, get_scope("day", carry))
        tracked, memory["track"] = streams.update_segment_streams(
            rows.build_segment_inputs(alarm, day, self), get_scope("track", carry)
        )
        return rows.to_scored_chunk(alarm, hourly, (ledger, days, tracked)), _build_next_state(state, readings, memory)

    def _infer_rows(self, readings: pl.DataFrame, state: StreamState) -> tuple[_ChunkRows, dict[str, StreamState]]:
        """Operating states of all rows, and the assessment of those that run."""
        model, params = self.model, self.model.params
        X = to_matrix(readings, model.tags)
        ok = usable_row_mask(X, params)
        code, anew, states_after = model.state_classifier.classify_rows(X, ok, get_scope("states", state))
        running = code > OFF
        deviations = model.scaler.transform(select_rows(X, running), params.clip_z)
        Z = _scatter_rows(deviations, running)
        complete = impute_missing(deviations, model.imputation_mean, model.imputation_precision)
        found = run_inference(complete, (code[running], anew[running]), model, get_scope("assess", state))
        return _ChunkRows(readings[TIME], code, anew, ok, X, Z, found), {"states": states_after, "assess": found.state}

    def _flag_alarms(self, rows: _ChunkRows, state: StreamState) -> tuple[Bools, StreamState]:
        """The alarm flag of the usable rows."""
        rule = AlarmRule.from_params(self.model.params, self.model.sustained_z, self.model.drift_scorer.span)
        alarm, after = compute_alarm_flags(rows.alarm_inputs, rule, state)
        if self.train_end is not None:
            alarm &= (rows.times >= self.train_end).to_numpy()[rows.is_usable]
        return alarm, after


@dataclass(frozen=True)
class _ChunkRows:
    """All rows of a piece; ``inference`` is about the running ones."""

    times: pl.Series
    operating_state: Ints
    after_long_stop: Bools
    is_usable: Bools
    X: Floats
    Z: Floats
    inference: InferenceResult

    @cached_property
    def time_us(self) -> Ints:
        """Microseconds since 1970 UTC."""
        return self.times.to_physical().to_numpy()

    @cached_property
    def is_running(self) -> Bools:
        """Rows that were assessed."""
        return self.operating_state > OFF

    @cached_property
    def fused(self) -> Floats:
        """Fused z: 0 while off, as nothing is assessed then; NaN where unusable."""
        return np.where(self.operating_state == OFF, 0.0, self.scatter_running(self.inference.fused))

    @cached_property
    def regime(self) -> Ints:
        """Regime codes; ``REGIME_OFF`` while off."""
        regime = np.full(len(self.operating_state), REGIME_OFF)
        regime[self.is_running] = self.inference.regime
        return regime

    def scatter_running(self, values: Floats) -> Floats:
        """Values of running rows in their places among all rows, NaN elsewhere."""
        return _scatter_rows(values, self.is_running)

    @property
    def alarm_inputs(self) -> AlarmInputs:
        """The usable rows, as the alarm rule looks at them."""
        ok = self.is_usable
        size, lift = (
            self.scatter_running(self.inference.raw_fused)[ok],
            self.scatter_running(DriftScorer.drift_floor(self.inference.drift_z))[ok],
        )
        return AlarmInputs(self.fused[ok], size, lift, self.operating_state[ok], self.after_long_stop[ok])

    def build_episode_inputs(self, alarm: Bools) -> episodes.EpisodeInputs:
        """The usable rows, as episodes look at them."""
        ok, found = self.is_usable, self.inference
        parts = tuple(
            select_rows(self.scatter_running(part), ok) for part in (found.fused, found.detector_z, found.contributions)
        )
        return episodes.EpisodeInputs(
            self.time_us[ok], self.operating_state[ok], alarm, self.fused[ok], self.regime[ok], parts
        )

    def is_healthy(self, alarm: Bools) -> Bools:
        """Rows in state on at which nothing speaks; ``alarm`` is about the usable rows."""
        healthy: Bools = (self.operating_state == ON) & (self.fused < ACTIVE_Z)
        healthy[self.is_usable] &= ~alarm
        return healthy

    def build_segment_inputs(self, alarm: Bools, local_day: Ints, scorer: _ChunkScorer) -> streams.SegmentInputs:
        """All rows, as tracks look at them."""
        on_alarm = np.zeros(len(self.operating_state), dtype=bool)
        on_alarm[self.is_usable] = alarm
        trained = (
            np.ones(len(local_day), bool) if scorer.train_end is None else (self.times >= scorer.train_end).to_numpy()
        )
        return streams.SegmentInputs(
            time=self.time_us,
            local_day=local_day,
            is_usable=self.is_usable,
            is_running=self.is_running,
            fused=self.fused,
            regime=self.regime,
            tag_drift_z=self.inference.tag_drift_z,
            drift_z=self.inference.drift_z,
            alarm=on_alarm,
            after_training=trained,
            z_scale=scorer.model.params.z_scale,
        )

    def to_scored_chunk(
        self, alarm: Bools, hourly: Bools, found: tuple[EpisodeColumns, SensorDayColumns, streams.SegmentStreams]
    ) -> ScoredChunk:
        """The rows as columns."""
        ledger, days, tracked = found
        on_alarm, on_hour = np.zeros((2, len(self.operating_state)), dtype=bool)
        on_alarm[self.is_usable] = alarm
        on_hour[self.is_running] = hourly
        return ScoredChunk(
            times=self.times,
            operating_state=self.operating_state,
            fused=self.fused,
            detector_z=self.scatter_running(self.inference.detector_z),
            drift_z=self.scatter_running(self.inference.drift_z),
            tag_drift_z=self.inference.tag_drift_z[hourly],
            alarm=on_alarm,
            regime=self.regime,
            hourly=on_hour,
            contributions=self.scatter_running(self.inference.contributions),
            missing=row_missing_counts(self.X),
            Z=self.Z,
            episodes=ledger,
            sensor_days=days,
            segments=tracked,
        )


def _scatter_rows(values: Floats, rows: Bools) -> Floats:
    """Values in the places of some rows among all, NaN elsewhere; the values themselves where those are all."""
    if len(values) == len(rows):
        return values
    result = np.full((len(rows), *values.shape[1:]), np.nan)
    result[rows] = values
    return result


def _hour_start_mask(time: Ints, state: StreamState) -> tuple[Bools, StreamState]:
    """Which of the running rows are the first of their UTC hour."""
    if not len(time):
        return np.zeros(0, dtype=bool), state
    hour = time // _HOUR_US
    first: Bools = np.diff(hour, prepend=state.get("last", hour[:1] - 1)) != 0
    return first, {"last": hour[-1:]}


def _build_next_state(
    state: ScoringState, readings: pl.DataFrame, stage_states: dict[str, StreamState]
) -> ScoringState:
    if readings.is_empty():
        return state
    flat: StreamState = {}
    for stage, carry in stage_states.items():
        flat |= add_scope(stage, carry)
    return ScoringState(state.model_fingerprint, readings[TIME][-1], flat)


def _split_chunks(
    readings: pl.DataFrame, snapshot_times: Sequence[datetime]
) -> list[tuple[pl.DataFrame, datetime | None]]:
    """The readings cut at the snapshot times and into bounded pieces, each with the time whose state follows it."""
    if any(later <= earlier for earlier, later in pairwise(snapshot_times)):
        message = "snapshot times must increase"
        raise InputError(message)
    step = max(1, _MAX_CELLS // readings.width)
    stamps = pl.Series(snapshot_times, dtype=readings.schema[TIME])
    cuts: list[tuple[int, datetime | None]] = list(
        zip(readings[TIME].search_sorted(stamps, side="left").to_list(), snapshot_times, strict=True)
    )
    cuts += [(row, None) for row in range(step, len(readings), step)]
    cuts = [*sorted(cuts, key=lambda cut: cut[0]), (len(readings), None)]
    starts = [0, *(row for row, _ in cuts[:-1])]
    return [(readings.slice(start, row - start), time) for start, (row, time) in zip(starts, cuts, strict=True)]


def _validate_inputs(frame: pl.DataFrame, model: Model, state: ScoringState) -> None:
    check_times(frame)
    missing = [tag for tag in model.tags if tag not in frame.columns]
    if missing:
        message = f"{len(missing)} of {len(model.tags)} tags of the model are missing: {', '.join(missing[:5])}"
        raise InputError(message)
    extra = [name for name in frame.columns if name != TIME and name not in model.columns]
    if extra:
        message = f"{len(extra)} column(s) that the model does not know: {', '.join(extra[:5])}; drop them or fit anew"
        raise InputError(message)
    require_numeric_tags(frame)
    if state.model_fingerprint != model.fingerprint:
        message = "the scoring state belongs to another model; start from a state of this one, or from none"
        raise ModelError(message)
    if state.last_time is not None and len(frame) and frame[TIME][0] <= state.last_time:
        message = f"the first reading ({frame[TIME][0]}) is not after the last one scored ({state.last_time})"
        raise InputError(message)
