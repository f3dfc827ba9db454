"""Running rows to z: heads, calibration, fusion, drift, blame and regime."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from acm_etl.config import ScoreParams
from acm_etl.score import kernels
from acm_etl.score.array_ops import row_max_abs
from acm_etl.score.arrays import Array, Bools, Floats, Ints, StreamState, add_scope, get_scope
from acm_etl.score.detectors.base import Detector, DetectorInputs, DetectorScore
from acm_etl.score.ewma import compute_masked_ewma
from acm_etl.score.model import FUSED, Model
from acm_etl.score.prepare.features import compute_rolling_features
from acm_etl.score.prepare.operating_state import ON, TRANSIENT
from acm_etl.score.regimes import debounce_regimes
from acm_etl.tables.common import DETECTOR_NAMES

DRIFT_CLIP = 9.0
"""Residuals are clipped at this before the slow mean, so that one burst does not look like drift for days."""

_MAX_UNCALIBRATED_Z = 1.9  # fused z at most while nobody knows what is normal: a start is no alert for that
_MAX_EFFECT_SIZE = 60.0
_MIN_EFFECT_SIZE = -3.0  # an unusually quiet head must not hide what another one sees


@dataclass(frozen=True)
class InferenceResult:
    """What running rows look like, in sequence.

    Attributes:
        detector_z: z of the heads, n by 8.
        fused: Fused z: the recalibrated fusion of the heads, or the slow path where that is higher.
        raw_fused: What ``fuse`` made of the heads, before it became a z.
        tag_drift_z: Signed z of the slow path of each tag, n by d.
        drift_z: Largest magnitude of ``tag_drift_z`` among the tags, which speaks for the machine.
        contributions: Share of each tag, 0..1, n by d.
        regime: Believed regime codes.
        state: What the next call continues from.
    """

    detector_z: Floats
    fused: Floats
    raw_fused: Floats
    tag_drift_z: Floats
    drift_z: Floats
    contributions: Floats
    regime: Ints
    state: StreamState


def build_detector_inputs(
    Z: Floats, row_states: tuple[Ints, Bools], rolling_rows: int, state: StreamState
) -> tuple[DetectorInputs, StreamState]:
    """Complete deviations of running rows with their rolling features."""
    F, tail = compute_rolling_features(Z, state.get("tail", Z[:0]), rolling_rows)
    return DetectorInputs(Z, F, row_states[0] == ON, row_states[1]), {"tail": tail}


def score_detectors(
    detectors: Sequence[Detector], rows: DetectorInputs, state: StreamState
) -> tuple[dict[str, DetectorScore], StreamState]:
    """Raw scores of all heads by name, and their carry."""
    scores = {head.name: head.score(rows, get_scope(head.name, state)) for head in detectors}
    after: dict[str, Array] = {}
    for name, score in scores.items():
        after |= add_scope(name, score.state)
    return scores, after


def fuse_effect_sizes(effect_sizes: Floats, params: ScoreParams) -> Floats:
    """Weighted mean of the heads' robust sizes, before it is calibrated itself.

    Sizes grow with the distance, z only with the root of its logarithm: a mean of z would let one head that is
    thirty spreads off be outvoted by quiet ones.

    Args:
        effect_sizes: As ``ByState.size`` gives them, rows by heads.
        params: ``weights`` are read.
    """
    weight = np.array([params.weights.get(name, 0.0) for name in DETECTOR_NAMES])
    result: Floats = np.clip(effect_sizes, _MIN_EFFECT_SIZE, _MAX_EFFECT_SIZE) @ (weight / weight.sum())
    return result


def smooth_residuals(
    residuals: Floats, rows: DetectorInputs, span: int, state: StreamState
) -> tuple[Floats, StreamState]:
    """Exponential mean of the clipped leave-one-out residuals over ``span`` rows, tag by tag."""
    start = np.zeros(residuals.shape[1])
    slow, after = compute_masked_ewma(
        residuals, rows, 2 / (span + 1), state.get("slow", start), reset_mean=start, max_abs=DRIFT_CLIP
    )
    return slow, {"slow": after}


def compute_contributions(scores: Mapping[str, DetectorScore]) -> Floats:
    """Share of each tag: half by its smoothed one-step residuals, half by what it adds to MEWMA's distance.

    ``x_i (P x)_i`` is large where a tag is off both by itself and given the others. The residual given the others
    alone would blame the neighbours of a group of tags that move together.
    """
    steps, parts = scores["ar1_z"].residuals, scores["mewma_z"].tag_terms
    assert steps is not None  # noqa: S101 - for the type checker: AR1 and MEWMA always give them
    assert parts is not None  # noqa: S101
    if (fast := kernels.load_kernels(steps.size)) is None:
        return (_row_shares(np.square(steps)) + _row_shares(np.maximum(parts, 0.0))) / 2
    result = np.empty(steps.shape)
    fast.compute_contributions(steps, parts, result)
    return result


def run_inference(Z: Floats, row_states: tuple[Ints, Bools], model: Model, state: StreamState) -> InferenceResult:
    """Assesses running rows.

    Args:
        Z: Complete deviations, n rows by d tags.
        row_states: State codes, transient or on, and before which rows the machine stood still for long.
        model: The machine's model.
        state: Of the call before, or empty.
    """
    code, _ = row_states
    rows, after = build_detector_inputs(Z, row_states, model.params.rolling_rows, state)
    scores, memory = score_detectors(model.detectors, rows, state)
    z = np.stack([model.calibrations[name].transform(scores[name].raw, code) for name in DETECTOR_NAMES], axis=1)
    sizes = np.stack([model.calibrations[name].effect_size(scores[name].raw, code) for name in DETECTOR_NAMES], axis=1)
    size = fuse_effect_sizes(sizes, model.params)
    fused = model.calibrations[FUSED].transform(size, code)
    if model.calibrations[FUSED].lacks_transient_rows:
        fused = np.where(code == TRANSIENT, np.minimum(fused, _MAX_UNCALIBRATED_Z), fused)
    slow, slow_after = smooth_residuals(omr_residuals(scores), rows, model.drift_scorer.span, state)
    drift = model.drift_scorer.transform(slow)
    strongest = row_max_abs(drift)
    near = model.regime_classifier.nearest_regime(mewma_deviations(scores))
    regime, regime_after = debounce_regimes(near, model.params.dwell_rows, get_scope("regime", state))
    after |= memory | slow_after | add_scope("regime", regime_after)
    fused = np.maximum(fused, model.drift_scorer.drift_floor(strongest))
    return InferenceResult(z, fused, size, drift, strongest, compute_contributions(scores), regime, after)


def mewma_deviations(scores: Mapping[str, DetectorScore]) -> Floats:
    """The exponential mean of the deviations, as MEWMA keeps it: the basis of the regimes."""
    vectors = scores["mewma_z"].residuals
    assert vectors is not None  # noqa: S101 - for the type checker: MEWMA always gives them
    return vectors


def omr_residuals(scores: Mapping[str, DetectorScore]) -> Floats:
    """The leave-one-out residuals, not smoothed: the basis of the slow path."""
    vectors = scores["omr_z"].residuals
    assert vectors is not None  # noqa: S101 - for the type checker: OMR always gives them
    return vectors


def _row_shares(power: Floats) -> Floats:
    """Rows over their sums, added up from left to right as a loop does; equal shares of nothing."""
    total = power.cumsum(axis=1)[:, -1:]
    shares: Floats = np.full(power.shape, 1 / power.shape[1])
    np.divide(power, total, out=shares, where=total > 0)
    return shares
