"""Running rows to z: heads, calibration, fusion, drift, blame and regime."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from acm_etl.score.arrays import Array, Carry, Floats, Ints, prefixed, under
from acm_etl.score.features import features
from acm_etl.score.head import Head, HeadScore, Rows, ewma
from acm_etl.score.model import FUSED, Drift, Model
from acm_etl.score.regimes import believed
from acm_etl.tables.common import HEADS

DRIFT_CLIP = 5.0
"""The slow mean sees the fused z clipped at this, so that one burst does not look like drift for days."""

_LOWEST = -3.0  # an unusually quiet head must not hide what another one sees


@dataclass(frozen=True)
class Assessment:
    """What running rows look like, in sequence.

    Attributes:
        z: z of the heads, n by 8.
        fused: Fused z.
        drift: z of the slow mean.
        blame: Share of each tag, 0..1, n by d.
        regime: Believed regime codes.
        carry: What the next call continues from.
    """

    z: Floats
    fused: Floats
    drift: Floats
    blame: Floats
    regime: Ints
    carry: Carry


def observe(Z: Floats, rolling_rows: int, carry: Carry) -> tuple[Rows, Carry]:
    """Complete deviations with their rolling features."""
    F, tail = features(Z, carry.get("tail", Z[:0]), rolling_rows)
    return Rows(Z, F), {"tail": tail}


def score_heads(heads: Sequence[Head], rows: Rows, carry: Carry) -> tuple[dict[str, HeadScore], Carry]:
    """Raw scores of all heads by name, and their carry."""
    scores = {head.name: head.score(rows, under(head.name, carry)) for head in heads}
    after: dict[str, Array] = {}
    for name, score in scores.items():
        after |= prefixed(name, score.carry)
    return scores, after


def fuse(z: Floats, weights: Mapping[str, float]) -> Floats:
    """Weighted mean of the heads' z, before it is calibrated itself."""
    weight = np.array([weights.get(name, 0.0) for name in HEADS])
    result: Floats = np.maximum(z, _LOWEST) @ (weight / weight.sum())
    return result


def slow_mean(fused: Floats, span: int, carry: Carry) -> tuple[Floats, Carry]:
    """Exponential mean of the clipped fused z over ``span`` rows."""
    clipped = np.clip(fused, -DRIFT_CLIP, DRIFT_CLIP)[:, None]
    slow, after = ewma(clipped, 2 / (span + 1), carry.get("slow", np.zeros(1)))
    return slow[:, 0], {"slow": after}


def blame(scores: Mapping[str, HeadScore]) -> Floats:
    """Share of each tag: half by smoothed one-step, half by smoothed leave-one-out residuals."""
    return (_shares(scores["ar1_z"].residuals) + _shares(scores["omr_z"].residuals)) / 2


def assess(Z: Floats, code: Ints, model: Model, carry: Carry) -> Assessment:
    """Assesses running rows.

    Args:
        Z: Complete deviations, n rows by d tags.
        code: State codes, transient or on.
        model: The machine's model.
        carry: Of the call before, or empty.
    """
    rows, after = observe(Z, model.params.rolling_rows, carry)
    scores, memory = score_heads(model.heads, rows, carry)
    z = np.stack([model.calibrations[name].apply(scores[name].raw, code) for name in HEADS], axis=1)
    fused = model.calibrations[FUSED].apply(fuse(z, model.params.weights), code)
    slow, slow_after = slow_mean(fused, model.drift.span, carry)
    near = model.regimes.nearest(smoothed(scores))
    regime, regime_after = believed(near, model.params.dwell_rows, under("regime", carry))
    after |= memory | slow_after | prefixed("regime", regime_after)
    return Assessment(z, fused, _drift_z(slow, model.drift), blame(scores), regime, after)


def smoothed(scores: Mapping[str, HeadScore]) -> Floats:
    """The exponential mean of the deviations, as MEWMA keeps it: the basis of the regimes."""
    vectors = scores["mewma_z"].residuals
    assert vectors is not None  # noqa: S101 - for the type checker: MEWMA always gives them
    return vectors


def _drift_z(slow: Floats, drift: Drift) -> Floats:
    result: Floats = (slow - drift.mean) / drift.sd
    return result


def _shares(residuals: Floats | None) -> Floats:
    assert residuals is not None  # noqa: S101 - for the type checker: both heads give them
    power: Floats = residuals**2
    total = power.sum(axis=1, keepdims=True)
    even = 1 / power.shape[1]
    shares: Floats = np.divide(power, total, out=np.full_like(power, even), where=total > 0)
    return shares
