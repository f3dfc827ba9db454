"""Running rows to z: heads, calibration, fusion, drift, blame and regime."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from acm_etl.config import ScoreParams
from acm_etl.score import kernels
from acm_etl.score.array_ops import row_peaks
from acm_etl.score.arrays import Array, Bools, Carry, Floats, Ints, prefixed, under
from acm_etl.score.detectors.base import Head, HeadScore, Rows, held_ewma
from acm_etl.score.model import FUSED, Model
from acm_etl.score.prepare.features import features
from acm_etl.score.prepare.operating_state import ON, TRANSIENT
from acm_etl.score.regimes import believed
from acm_etl.tables.common import HEADS

DRIFT_CLIP = 9.0
"""Residuals are clipped at this before the slow mean, so that one burst does not look like drift for days."""

_UNJUDGED = 1.9  # fused z at most while nobody knows what is normal: a start is no alert for that
_HIGHEST = 60.0
_LOWEST = -3.0  # an unusually quiet head must not hide what another one sees


@dataclass(frozen=True)
class Assessment:
    """What running rows look like, in sequence.

    Attributes:
        z: z of the heads, n by 8.
        fused: Fused z: the recalibrated fusion of the heads, or the slow path where that is higher.
        size: What ``fuse`` made of the heads, before it became a z.
        drift: Signed z of the slow path of each tag, n by d.
        strongest: Largest magnitude of ``drift`` among the tags, which speaks for the machine.
        blame: Share of each tag, 0..1, n by d.
        regime: Believed regime codes.
        carry: What the next call continues from.
    """

    z: Floats
    fused: Floats
    size: Floats
    drift: Floats
    strongest: Floats
    blame: Floats
    regime: Ints
    carry: Carry


def observe(Z: Floats, when: tuple[Ints, Bools], rolling_rows: int, carry: Carry) -> tuple[Rows, Carry]:
    """Complete deviations of running rows with their rolling features."""
    F, tail = features(Z, carry.get("tail", Z[:0]), rolling_rows)
    return Rows(Z, F, when[0] == ON, when[1]), {"tail": tail}


def score_heads(heads: Sequence[Head], rows: Rows, carry: Carry) -> tuple[dict[str, HeadScore], Carry]:
    """Raw scores of all heads by name, and their carry."""
    scores = {head.name: head.score(rows, under(head.name, carry)) for head in heads}
    after: dict[str, Array] = {}
    for name, score in scores.items():
        after |= prefixed(name, score.carry)
    return scores, after


def fuse(sizes: Floats, params: ScoreParams) -> Floats:
    """Weighted mean of the heads' robust sizes, before it is calibrated itself.

    Sizes grow with the distance, z only with the root of its logarithm: a mean of z would let one head that is
    thirty spreads off be outvoted by quiet ones.

    Args:
        sizes: As ``ByState.size`` gives them, rows by heads.
        params: ``weights`` are read.
    """
    weight = np.array([params.weights.get(name, 0.0) for name in HEADS])
    result: Floats = np.clip(sizes, _LOWEST, _HIGHEST) @ (weight / weight.sum())
    return result


def slow_residuals(plain: Floats, rows: Rows, span: int, carry: Carry) -> tuple[Floats, Carry]:
    """Exponential mean of the clipped leave-one-out residuals over ``span`` rows, tag by tag."""
    start = np.zeros(plain.shape[1])
    slow, after = held_ewma(plain, rows, 2 / (span + 1), carry.get("slow", start), start=start, most=DRIFT_CLIP)
    return slow, {"slow": after}


def blame(scores: Mapping[str, HeadScore]) -> Floats:
    """Share of each tag: half by its smoothed one-step residuals, half by what it adds to MEWMA's distance.

    ``x_i (P x)_i`` is large where a tag is off both by itself and given the others. The residual given the others
    alone would blame the neighbours of a group of tags that move together.
    """
    steps, parts = scores["ar1_z"].residuals, scores["mewma_z"].parts
    assert steps is not None  # noqa: S101 - for the type checker: AR1 and MEWMA always give them
    assert parts is not None  # noqa: S101
    if (fast := kernels.compiled(steps.size)) is None:
        return (_shares(np.square(steps)) + _shares(np.maximum(parts, 0.0))) / 2
    result = np.empty(steps.shape)
    fast.shares(steps, parts, result)
    return result


def assess(Z: Floats, when: tuple[Ints, Bools], model: Model, carry: Carry) -> Assessment:
    """Assesses running rows.

    Args:
        Z: Complete deviations, n rows by d tags.
        when: State codes, transient or on, and before which rows the machine stood still for long.
        model: The machine's model.
        carry: Of the call before, or empty.
    """
    code, _ = when
    rows, after = observe(Z, when, model.params.rolling_rows, carry)
    scores, memory = score_heads(model.heads, rows, carry)
    z = np.stack([model.calibrations[name].apply(scores[name].raw, code) for name in HEADS], axis=1)
    sizes = np.stack([model.calibrations[name].size(scores[name].raw, code) for name in HEADS], axis=1)
    size = fuse(sizes, model.params)
    fused = model.calibrations[FUSED].apply(size, code)
    if model.calibrations[FUSED].starts_unknown:
        fused = np.where(code == TRANSIENT, np.minimum(fused, _UNJUDGED), fused)
    slow, slow_after = slow_residuals(plain_residuals(scores), rows, model.drift.span, carry)
    drift = model.drift.apply(slow)
    strongest = row_peaks(drift)
    near = model.regimes.nearest(smoothed(scores))
    regime, regime_after = believed(near, model.params.dwell_rows, under("regime", carry))
    after |= memory | slow_after | prefixed("regime", regime_after)
    fused = np.maximum(fused, model.drift.lift(strongest))
    return Assessment(z, fused, size, drift, strongest, blame(scores), regime, after)


def smoothed(scores: Mapping[str, HeadScore]) -> Floats:
    """The exponential mean of the deviations, as MEWMA keeps it: the basis of the regimes."""
    vectors = scores["mewma_z"].residuals
    assert vectors is not None  # noqa: S101 - for the type checker: MEWMA always gives them
    return vectors


def plain_residuals(scores: Mapping[str, HeadScore]) -> Floats:
    """The leave-one-out residuals, not smoothed: the basis of the slow path."""
    vectors = scores["omr_z"].residuals
    assert vectors is not None  # noqa: S101 - for the type checker: OMR always gives them
    return vectors


def _shares(power: Floats) -> Floats:
    """Rows over their sums, added up from left to right as a loop does; equal shares of nothing."""
    total = power.cumsum(axis=1)[:, -1:]
    shares: Floats = np.full(power.shape, 1 / power.shape[1])
    np.divide(power, total, out=shares, where=total > 0)
    return shares
