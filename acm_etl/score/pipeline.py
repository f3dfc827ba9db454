"""Scoring: readings, a model and a state in; scores, episodes, daily results and the next state out."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import pairwise

import numpy as np
import polars as pl

from acm_etl.errors import InputError, ModelError
from acm_etl.local_time import local_day_starts
from acm_etl.score import kernels
from acm_etl.score.array_ops import run_length
from acm_etl.score.arrays import Bools, Ints, StreamState, add_scope, get_scope
from acm_etl.score.blas_threads import limit_blas_threads
from acm_etl.score.chunk_rows import ChunkRows
from acm_etl.score.events import episodes, streams
from acm_etl.score.events.alarm import NO_RUN_LEVEL, AlarmRule, compute_alarm_flags
from acm_etl.score.inference import run_inference
from acm_etl.score.model import Model
from acm_etl.score.prepare.clean import TIME, check_times, clean_readings, require_numeric_tags
from acm_etl.score.prepare.context import compute_widening
from acm_etl.score.prepare.fill import impute_missing
from acm_etl.score.prepared_rows import PreparedRows, prepare_rows
from acm_etl.score.result import ScoredChunk, ScoreResult, build_result
from acm_etl.score.state import ScoringState
from acm_etl.score.summaries import sensor_daily

_HOUR_US = 3_600_000_000  # microseconds
_MAX_CELLS = 1_000_000  # rows times columns scored at a time: bounds memory; chunks give the results of the whole


@limit_blas_threads()
def score(
    frame: pl.DataFrame,
    model: Model,
    state: ScoringState | None = None,
    *,
    snapshot_times: Sequence[datetime] = (),
    time_zone: str = "UTC",
    train_end: datetime | None = None,
    keep_contributions: bool = True,
) -> ScoreResult:
    """Score readings in sequence.

    Pieces of a frame, scored one after the other with the state passed on, give the rows of the whole frame.

    Args:
        frame: ``Timestamp`` (naive UTC, strictly increasing) and the tags of the model; any number of rows.
        model: Model of the machine.
        state: State of the previous call; None at the very start.
        snapshot_times: Increasing times T; the result has the state after all rows before each T. A snapshot costs
            about as much as a call.
        time_zone: IANA name of the zone whose local days the daily results are for.
        train_end: No alarm is raised before this time.
        keep_contributions: Whether the result has ``contributions``, which take as much memory as the readings.

    Raises:
        InputError: Columns are missing or unknown, or times are out of order or not after those of the state.
        ModelError: The state belongs to another model.
    """
    state = state or ScoringState(model.fingerprint)
    _validate_inputs(frame, model, state)
    cleaned = clean_readings(frame, model.tags, model.params.max_abs)
    readings = cleaned.readings
    kernels.request_kernels(len(readings) * len(model.tags))
    # Days are those of the plant: a UTC day would split its night shift.
    local_days = local_day_starts(readings[TIME], time_zone).to_physical().to_numpy()
    scorer = _ChunkScorer(model, train_end, keep_contributions)
    chunks: list[ScoredChunk] = []
    snapshots: dict[datetime, ScoringState] = {}
    for rows, snapshot_time in _split_rows(readings, snapshot_times):
        chunk, state = scorer.score_chunk(readings[rows], local_days[rows], state)
        chunks.append(chunk)
        if snapshot_time is not None:
            snapshots[snapshot_time] = state
    return build_result(chunks, cleaned, model, time_zone=time_zone, state=state, snapshots=snapshots)


@dataclass(frozen=True)
class _ChunkScorer:
    """Runs all stages of scoring on one chunk of clean readings after the other."""

    model: Model
    train_end: datetime | None
    keep_contributions: bool

    def score_chunk(
        self, readings: pl.DataFrame, local_day: Ints, state: ScoringState
    ) -> tuple[ScoredChunk, ScoringState]:
        """Score the readings after those of ``state``; ``local_day`` has the UTC start of the day of each, in us."""
        arrays, model = state.arrays, self.model
        prepared, stage_states = prepare_rows(readings, model, arrays)
        rows, inference_states = self._infer_rows(prepared, arrays)
        alarm, alarm_states = self._flag_alarms(rows, arrays)
        stage_states |= inference_states | alarm_states
        hourly, stage_states["hour"] = _flag_hour_starts(prepared, get_scope("hour", arrays))
        episode_columns, stage_states["episode"] = episodes.update_episodes(
            rows.build_episode_inputs(alarm), model.params.merge_rows, get_scope("episode", arrays)
        )
        cells = sensor_daily.SensorReadings(
            prepared.time_us, local_day, prepared.X, rows.deviations, rows.is_healthy(alarm)
        )
        day_columns, stage_states["day"] = sensor_daily.aggregate_sensor_days(cells, get_scope("day", arrays))
        segment_inputs = rows.build_segment_inputs(
            alarm, local_day, after_training=self._after_training(prepared.times), z_scale=model.params.z_scale
        )
        segments, stage_states["track"] = streams.update_segment_streams(segment_inputs, get_scope("track", arrays))
        chunk = ScoredChunk(
            frame=rows.to_frame(alarm, hourly),
            contributions=rows.contributions if self.keep_contributions else None,
            Z=rows.deviations,
            # A value per tag and reading would be the largest table of the store; it changes over days, not readings.
            tag_drift_z=rows.inference.tag_drift_z[hourly[prepared.is_running]],
            episodes=episode_columns,
            sensor_days=day_columns,
            segments=segments,
            fault_cells=prepared.list_fault_cells(model),
            context_cells=prepared.list_context_cells(model),
        )
        return chunk, _build_next_state(state, readings, stage_states)

    def _infer_rows(self, prepared: PreparedRows, arrays: StreamState) -> tuple[ChunkRows, dict[str, StreamState]]:
        """Run the inference on the running rows, and score those of state off."""
        model = self.model
        # Stored deviations keep their gaps: imputed values serve the detectors and are no measurements.
        complete = impute_missing(prepared.deviations, model.imputation_mean, model.imputation_precision)
        inference = run_inference(
            complete,
            prepared.running_states,
            model,
            get_scope("assess", arrays),
            widening=compute_widening(prepared.context_excess),
        )
        stage_states, standstill = {"assess": inference.state}, None
        if model.standstill:
            standstill, stage_states["standstill"] = model.standstill.score(
                prepared.trusted_readings,
                prepared.operating_state[prepared.is_usable],
                model.params,
                get_scope("standstill", arrays),
                drift_span=model.drift_scorer.span,
            )
        return ChunkRows(prepared, inference, standstill), stage_states

    def _flag_alarms(self, rows: ChunkRows, arrays: StreamState) -> tuple[Bools, dict[str, StreamState]]:
        """Return the alarm flag of all rows; unusable rows have none."""
        model, prepared = self.model, rows.prepared
        inputs = {"alarm": (rows.alarm_inputs, model.sustained_z, model.run_level)}
        if model.standstill:
            # A second alarm by the same rule: one of operation is neither held nor cleared by a standstill.
            off_sustained_z = min(model.params.sustained_z, model.standstill.max_supported_z)
            inputs["off_alarm"] = (rows.standstill_alarm_inputs, off_sustained_z, NO_RUN_LEVEL)
        alarm, states_after = np.zeros(len(prepared.times), dtype=bool), {}
        for name, (alarm_inputs, sustained_z, run_level) in inputs.items():
            rule = AlarmRule.from_params(model.params, sustained_z, model.drift_scorer.span, run_level=run_level)
            usable_alarm, states_after[name] = compute_alarm_flags(alarm_inputs, rule, get_scope(name, arrays))
            alarm[prepared.is_usable] |= usable_alarm
        alarm[prepared.is_running] |= rows.inference.is_excursion
        # A lost load alarms during a start too, whose scores begin no alarm; the alarm ends when the load is back.
        lost_state = get_scope("lost", arrays)
        lost_rows = run_length(prepared.has_lost_load, int(lost_state.get("rows", np.int64(0))))
        alarm[prepared.is_usable] |= lost_rows >= model.params.alarm_rows
        if len(lost_rows):
            lost_state = {"rows": np.minimum(lost_rows[-1], model.params.alarm_rows)}
        states_after["lost"] = lost_state
        # The rule walks the training period as well, so its state is that of a machine in operation when it ends.
        return alarm & self._after_training(prepared.times), states_after

    def _after_training(self, times: pl.Series) -> Bools:
        if self.train_end is None:  # scored without a coldstart: all rows count
            return np.ones(len(times), dtype=bool)
        return (times >= self.train_end).to_numpy()


def _flag_hour_starts(rows: PreparedRows, hour_state: StreamState) -> tuple[Bools, StreamState]:
    """Return which rows are the first running ones of their UTC hour."""
    is_first = np.zeros(len(rows.times), dtype=bool)
    running = rows.is_running
    if not running.any():
        return is_first, hour_state
    hour = rows.time_us[running] // _HOUR_US
    # At the very start any other hour will do as the one before: the first row is the first of its hour.
    is_first[running] = np.diff(hour, prepend=hour_state.get("last", hour[:1] - 1)) != 0
    return is_first, {"last": hour[-1:]}


def _build_next_state(
    state: ScoringState, readings: pl.DataFrame, stage_states: dict[str, StreamState]
) -> ScoringState:
    if readings.is_empty():  # the very same object, so callers see that nothing happened
        return state
    arrays: StreamState = {}
    for stage, stage_state in stage_states.items():
        arrays |= add_scope(stage, stage_state)
    return ScoringState(state.model_fingerprint, readings[TIME][-1], arrays)


def _split_rows(readings: pl.DataFrame, snapshot_times: Sequence[datetime]) -> list[tuple[slice, datetime | None]]:
    """Split readings at the snapshot times and into chunks of bounded size.

    Returns:
        The rows of the chunks in order, each with the snapshot time that follows its last row, if any.
    """
    if any(later <= earlier for earlier, later in pairwise(snapshot_times)):
        message = "snapshot times must increase"
        raise InputError(message)
    # width counts the time column, so a frame has at least one cell per row.
    step = max(1, _MAX_CELLS // readings.width)
    snapshot_series = pl.Series(snapshot_times, dtype=readings.schema[TIME])
    snapshot_rows = readings[TIME].search_sorted(snapshot_series, side="left").to_list()
    cuts: list[tuple[int, datetime | None]] = list(zip(snapshot_rows, snapshot_times, strict=True))
    cuts += [(row, None) for row in range(step, len(readings), step)]
    # Sorted by row only: several snapshot times may fall between two rows and must keep their order.
    cuts = [*sorted(cuts, key=lambda cut: cut[0]), (len(readings), None)]
    starts = [0, *(row for row, _ in cuts[:-1])]
    return [(slice(start, row), time) for start, (row, time) in zip(starts, cuts, strict=True)]


def _validate_inputs(frame: pl.DataFrame, model: Model, state: ScoringState) -> None:
    """Check that the readings fit the model and follow the state."""
    # Columns first: a wrong machine's frame fails here with its tags, not with a state that does not fit.
    check_times(frame)
    missing = [tag for tag in model.tags if tag not in frame.columns]
    if missing:
        message = f"{len(missing)} of {len(model.tags)} tags of the model are missing: {', '.join(missing[:5])}"
        raise InputError(message)
    # An unknown column is a renamed or new tag: to ignore it silently would hide that the model is outdated.
    unknown = [name for name in frame.columns if name != TIME and name not in model.columns]
    if unknown:
        message = (
            f"columns unknown to the model ({len(unknown)}): {', '.join(unknown[:5])}; drop them or fit a new model"
        )
        raise InputError(message)
    require_numeric_tags(frame)
    if state.model_fingerprint != model.fingerprint:
        message = "the scoring state belongs to another model; pass a state of this model, or none to start anew"
        raise ModelError(message)
    if state.last_time is not None and len(frame) and frame[TIME][0] <= state.last_time:
        message = f"the first reading ({frame[TIME][0]}) is not after the last scored one ({state.last_time})"
        raise InputError(message)
