"""Inference on running rows: detectors, calibration, fusion, drift, attribution and regime."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import reduce
from typing import NamedTuple

import numpy as np

from acm_etl.score import kernels
from acm_etl.score.array_ops import row_max_abs, row_shares
from acm_etl.score.arrays import Array, Bools, Floats, Ints, StreamState, add_scope, get_scope
from acm_etl.score.calibrate import MAX_UNCALIBRATED_Z
from acm_etl.score.detectors.ar1 import Ar1Detector
from acm_etl.score.detectors.base import Detector, DetectorInputs, DetectorScore
from acm_etl.score.detectors.leave_one_out import OmrDetector
from acm_etl.score.detectors.mahalanobis import MahalanobisDetector, MewmaDetector
from acm_etl.score.drift import CONTROL_LIMIT_Z, MAX_FUSED_FLOOR_Z, smooth_residuals
from acm_etl.score.excursions import ExcursionRule
from acm_etl.score.model import FUSED, Model
from acm_etl.score.prepare.features import compute_rolling_features
from acm_etl.score.prepare.operating_state import ON, TRANSIENT, RowStates
from acm_etl.score.regimes import debounce_regimes
from acm_etl.tables.common import DETECTOR_NAMES

_MAX_EFFECT_SIZE = 60.0  # robust spreads; beyond, one broken sensor would drown all that follows in the mean
_MIN_EFFECT_SIZE = -3.0  # an unusually quiet detector must not hide what another one detects
# The first tag is right in .88 of 99 labelled faults of SMD and .87 of 38 of ASD with 0 and .5, in .88 and .95 with
# these, and in .89 and .95 with 5 and .5, which names ramps less well (30 Nov 2026).
_USUAL_SQUARE = 4.0  # squared training spreads: innovations up to here are noise, which says nothing about a tag
_AR1_PART = 0.4


@dataclass(frozen=True)
class InferenceResult:
    """Results of running rows, in sequence.

    Attributes:
        detector_z: z of each detector, n by 8.
        fused: Fused z: the recalibrated fusion of the detectors, or the floor implied by drift if that is higher.
        raw_fused: Fused effect size beyond the slow level, before calibration to z.
        tag_drift_z: Signed drift z of each tag, n by d.
        drift_z: Largest magnitude of ``tag_drift_z`` among the tags: the drift z of the machine.
        contributions: Share (0..1) of each tag, n by d.
        is_excursion: True for rows that are in alarm because they are far outside of training.
        regime: Debounced regime codes.
        state: State for the next call.
    """

    detector_z: Floats
    fused: Floats
    raw_fused: Floats
    tag_drift_z: Floats
    drift_z: Floats
    contributions: Floats
    is_excursion: Bools
    regime: Ints
    state: StreamState


class _FusedScores(NamedTuple):
    """Fused scores of rows, n each.

    Attributes:
        raw: Effect sizes, before calibration to z.
        z: Their z.
    """

    raw: Floats
    z: Floats


def build_detector_inputs(
    Z: Floats, row_states: RowStates, rolling_rows: int, state: StreamState, *, cadence_seconds: float
) -> tuple[DetectorInputs, StreamState]:
    """Add rolling features and the steps between rows to complete deviations of running rows.

    Args:
        Z: Complete deviations, n rows by d tags.
        row_states: Operating states of the rows.
        rolling_rows: Length of the feature window, rows.
        state: State of the previous call, or empty.
        cadence_seconds: Median time between readings of training, seconds.

    Returns:
        The input of the detectors, and the state for the next call.
    """
    features, tail = compute_rolling_features(Z, state.get("tail", Z[:0]), rolling_rows)
    steps, times_state = _count_steps(row_states.time_us, cadence_seconds, state)
    rows = DetectorInputs(Z, features, row_states.codes == ON, row_states.after_long_stop, steps)
    return rows, {"tail": tail} | times_state


def _count_steps(time_us: Ints, cadence_seconds: float, state: StreamState) -> tuple[Ints, StreamState]:
    """Return the steps from the row before to each row, and the state for the next call."""
    # The two rows before the first one; states of earlier versions have none, and their next rows count as one step.
    times = np.concatenate([state.get("times", time_us[:0]), time_us])
    elapsed = np.diff(times)
    # Readings that come at another cadence than in training are no gaps: only a step longer than the one before is.
    known_steps = np.rint(elapsed[1:] / np.maximum(elapsed[:-1], 1e6 * cadence_seconds)).astype(np.int64)
    steps = np.ones(len(time_us), np.int64)
    steps[len(steps) - len(known_steps) :] = np.maximum(known_steps, 1)
    return steps, {"times": times[-2:]}


def score_detectors(
    detectors: Sequence[Detector], rows: DetectorInputs, state: StreamState
) -> tuple[dict[str, DetectorScore], StreamState]:
    """Return the scores of all detectors by name, and their state for the next call."""
    scores = {detector.name: detector.score(rows, get_scope(detector.name, state)) for detector in detectors}
    state_after: dict[str, Array] = {}
    for name, score in scores.items():
        state_after |= add_scope(name, score.state)
    return scores, state_after


def fuse_effect_sizes(effect_sizes: Iterable[Floats], weights: Floats) -> Floats:
    """Return the weighted mean of the detectors' effect sizes, not yet calibrated to z.

    Effect sizes are fused instead of z: z grows only with the root of the logarithm of the distance, so a mean of z
    would let quiet detectors outvote one that is thirty spreads off.

    Args:
        effect_sizes: Results of ``StateCalibrator.effect_size``, n of each detector in stored order.
        weights: Weights of the detectors in stored order.
    """
    # Detector by detector: a sum of columns rounds alike for any number of rows, a matrix product may not.
    weighted = (
        np.clip(sizes, _MIN_EFFECT_SIZE, _MAX_EFFECT_SIZE) * weight
        for sizes, weight in zip(effect_sizes, weights / weights.sum(), strict=True)
    )
    return reduce(np.add, weighted)


def compute_contributions(scores: Mapping[str, DetectorScore]) -> Floats:
    """Return the contribution (0..1) of each tag to the scores of its row, n by d.

    Part of it is the tag's share of the squared smoothed innovations (AR1) beyond the usual ones, the rest its share of
    the squared MEWMA distance. In a slow change no innovation is unusual: the shares of AR1 are then equal, and those
    of MEWMA decide. The MEWMA term ``x_i (P x)_i`` is large if a tag is off both by itself and given the others; the
    residual given the others alone would point at the neighbours of a group of tags that move together.
    """
    # Smoothed innovations: a spike contributes as long as it affects the score.
    innovations = _get_residuals(scores, Ar1Detector.name)
    tag_terms = scores[MewmaDetector.name].tag_terms
    assert tag_terms is not None  # noqa: S101 - for the type checker: MEWMA always returns them
    if (compiled := kernels.get_kernels()) is None:
        excess = np.maximum(np.square(innovations) - _USUAL_SQUARE, 0.0)
        return _AR1_PART * row_shares(excess) + (1 - _AR1_PART) * row_shares(np.maximum(tag_terms, 0.0))
    contributions = np.empty(innovations.shape)
    compiled.compute_contributions(innovations, tag_terms, (_USUAL_SQUARE, _AR1_PART), contributions)
    return contributions


def _raise_fused(fused: Floats, drift_z: Floats, alarms_alone: Bools, model: Model) -> Floats:
    """Return the fused z, at least what drift, and lost loads and excursions, which alarm alone, ask for; n each."""
    # Drift is too slow for the detectors' short memories; it raises the fused z instead of being fused.
    raised = np.maximum(fused, model.drift_scorer.drift_floor(drift_z))
    # Starts and stops are unlike operation, so they widen the levels of scores; none in training lost a load so long.
    raised[alarms_alone] = np.maximum(raised[alarms_alone], model.params.alarm_z)
    return raised


def _blame_lost_loads(contributions: Floats, lost_loads: Bools, has_lost_load: Bools) -> Floats:
    """Return the contributions (n by d), those of rows with lost loads from these alone: a start moves all tags."""
    contributions[has_lost_load] = row_shares(lost_loads[has_lost_load].astype(np.float64))
    return contributions


def run_inference(
    Z: Floats, row_states: RowStates, model: Model, state: StreamState, *, widening: Floats | None = None
) -> InferenceResult:
    """Score running rows.

    Args:
        Z: Complete deviations, n rows by d tags.
        row_states: Operating states of the rows: transient or on.
        model: Model of the machine.
        state: State of the previous call, or empty.
        widening: Factor by which the context tags widen all levels, n; None for 1.
    """
    rows, inputs_state = build_detector_inputs(
        Z, row_states, model.params.rolling_rows, state, cadence_seconds=model.training.seconds
    )
    scores, detector_state = score_detectors(model.detectors, rows, state)
    detector_z, fused = _fuse_scores(scores, row_states.codes, model)
    # What the detectors see clearly is no slow change: in the memory it would look like drift for days after its end.
    slow_rows = replace(rows, settled=rows.settled & (fused.z <= MAX_FUSED_FLOOR_Z))
    contributions = compute_contributions(scores)
    tag_drift_z, season, drift_state = _measure_slow_changes(
        omr_residuals(scores), slow_rows, model, state, contributions=contributions
    )
    # One drifting tag is enough: a mean over tags would hide it in machines with many tags.
    drift_z = row_max_abs(tag_drift_z)
    fused, level_state = _subtract_level(fused, drift_z, rows, model, codes=row_states.codes, state=state)
    fused = _divide_outside_training(fused, row_states.codes, model, context=widening, season=season)
    slow_widening, context_state = model.context_ranges.measure_slow_widening(
        Z, slow_rows, model.drift_scorer.span, state, widening=widening
    )
    if slow_widening is not None:
        drift_z, tag_drift_z = drift_z / slow_widening, tag_drift_z / slow_widening[:, None]
    # Regimes come from the smoothed deviations: single readings would flicker between clusters.
    nearest = model.regime_classifier.nearest_regime(mewma_deviations(scores))
    regime, regime_state = debounce_regimes(nearest, model.params.dwell_rows, get_scope("regime", state))
    has_lost_load = np.asarray(row_states.lost_loads.any(axis=1))
    is_excursion, excursion_state = _flag_excursions(
        scores, row_states.codes, rows, model, state=state, widenings=(widening, season)
    )
    return InferenceResult(
        detector_z=detector_z,
        fused=_raise_fused(fused.z, drift_z, has_lost_load | is_excursion, model),
        raw_fused=fused.raw,
        tag_drift_z=tag_drift_z,
        drift_z=drift_z,
        contributions=_blame_lost_loads(contributions, row_states.lost_loads, has_lost_load),
        is_excursion=is_excursion,
        regime=regime,
        state=inputs_state
        | detector_state
        | drift_state
        | level_state
        | context_state
        | add_scope("excursion", excursion_state)
        | add_scope("regime", regime_state),
    )


def _subtract_level(
    fused: _FusedScores, drift_z: Floats, rows: DetectorInputs, model: Model, *, codes: Ints, state: StreamState
) -> tuple[_FusedScores, StreamState]:
    """Return the fused scores beyond their slow level, and the state for the next call."""
    # A level must not learn a fault: rows that may start an alarm, or that drift, do not count in it.
    is_normal = (fused.z < model.sustained_z) & (drift_z < CONTROL_LIMIT_Z)
    excess, level_state = model.level_tracker.measure_excess(fused.raw, is_normal, rows, state)
    if not excess.any():
        return fused, level_state
    raw = fused.raw - excess
    return _FusedScores(raw, _calibrate_fused(raw, codes, model)), level_state


def _divide_outside_training(
    fused: _FusedScores, codes: Ints, model: Model, *, context: Floats | None, season: Floats | None
) -> _FusedScores:
    """Return the fused scores over the factors by which context and season widen the levels, n each; None for 1."""
    # Divided scores instead of wider thresholds: every table, page and rule that knows a threshold stays true.
    if context is not None:
        fused = fused._replace(z=fused.z / context)
    if season is None:
        return fused
    # Robust deviations instead of z: these are proportional to the distance, as the error of an extrapolation is.
    raw = np.where(fused.raw > 0, fused.raw / season, fused.raw)
    # The context is a part of the season: the wider level of both counts, and not one upon the other.
    in_season = np.minimum(_calibrate_fused(raw, codes, model), fused.z)
    # Row by row: other rows are as in a batch without a season.
    return _FusedScores(raw, np.where(season > 1, in_season, fused.z))


def _flag_excursions(
    scores: Mapping[str, DetectorScore],
    codes: Ints,
    rows: DetectorInputs,
    model: Model,
    *,
    state: StreamState,
    widenings: Iterable[Floats | None],
) -> tuple[Bools, StreamState]:
    """Return which rows are in alarm because they are far outside of training, and the state for the next call."""
    name = MahalanobisDetector.name
    sizes = model.calibrations[name].effect_size(scores[name].raw, codes)
    # The wider level of context and season counts, and not one upon the other.
    if wider := [each for each in widenings if each is not None]:
        sizes = sizes / reduce(np.maximum, wider)
    rule = ExcursionRule.from_params(model.params, model.excursion_limit)
    return rule.flag_rows(sizes, rows, get_scope("excursion", state))


def _measure_slow_changes(
    residuals: Floats, rows: DetectorInputs, model: Model, state: StreamState, *, contributions: Floats
) -> tuple[Floats, Floats | None, StreamState]:
    """Return the signed drift z of each tag (n by d), the widening by the season (n), and the state for the next call.

    The widening is None if it is 1 for all rows.
    """
    span = model.drift_scorer.span
    means, means_state = smooth_residuals(residuals, rows, span, state)
    slow_residuals = means * model.residual_spread
    widening, range_state = model.operating_range.measure_widening(slow_residuals, rows, span, state)
    season, season_state = model.operating_range.measure_season(
        slow_residuals, rows, span, state, contributions=contributions
    )
    return model.drift_scorer.transform(means, widening), season, means_state | range_state | season_state


def _fuse_scores(scores: Mapping[str, DetectorScore], codes: Ints, model: Model) -> tuple[Floats, _FusedScores]:
    """Return the detectors' z (n by 8), and the fused scores."""
    calibrations = model.calibrations
    # Both from raw scores: z is for people and rules of one detector, effect sizes are for the fusion.
    z = np.stack([calibrations[name].transform(scores[name].raw, codes) for name in DETECTOR_NAMES], axis=1)
    sizes = (calibrations[name].effect_size(scores[name].raw, codes) for name in DETECTOR_NAMES)
    raw_fused = fuse_effect_sizes(sizes, model.fusion_weights)
    return z, _FusedScores(raw_fused, _calibrate_fused(raw_fused, codes, model))


def _calibrate_fused(raw_fused: Floats, codes: Ints, model: Model) -> Floats:
    """Return the z of fused effect sizes, n to n."""
    calibrator = model.calibrations[FUSED]
    fused = calibrator.transform(raw_fused, codes)
    # Transient rows then use the calibration of state on, by which every start-up is abnormal.
    if calibrator.lacks_transient_rows:
        fused = np.where(codes == TRANSIENT, np.minimum(fused, MAX_UNCALIBRATED_Z), fused)
    return fused


def mewma_deviations(scores: Mapping[str, DetectorScore]) -> Floats:
    """Return the EWMA of the deviations that MEWMA keeps, n by d: the input of the regime classifier."""
    return _get_residuals(scores, MewmaDetector.name)


def omr_residuals(scores: Mapping[str, DetectorScore]) -> Floats:
    """Return the leave-one-out residuals before smoothing, n by d: the input of the drift monitor."""
    return _get_residuals(scores, OmrDetector.name)


def _get_residuals(scores: Mapping[str, DetectorScore], name: str) -> Floats:
    residuals = scores[name].residuals
    assert residuals is not None  # noqa: S101 - for the type checker: the three detectors asked for always return them
    return residuals
