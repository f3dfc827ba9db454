"""The contract of every detector head."""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass
from itertools import pairwise
from typing import Any, ClassVar, NamedTuple, Self

import numpy as np
from scipy.signal import lfilter

from acm_etl.score import kernels
from acm_etl.score.arrays import Array, Bools, Float32s, Floats, StreamState


@dataclass(frozen=True)
class DetectorInputs:
    """Running rows, in sequence, as the heads see them.

    Attributes:
        Z: Complete deviations, n rows by d tags.
        F: Rolling features, n rows by 3 d, single precision.
        settled: Rows that are not transient.
        after_long_stop: Rows before which the machine stood still for long.
    """

    Z: Floats
    F: Float32s
    settled: Bools
    after_long_stop: Bools

    def ewma_kernel_args(self, weight: float, reset_mean: Floats) -> tuple[float, Bools, Bools, Floats]:
        """How an exponential mean remembers these rows, as the compiled loops take it."""
        return weight, self.settled, self.after_long_stop, reset_mean

    def select_rows(self, selection: Bools | slice) -> DetectorInputs:
        """Some of the rows."""
        return DetectorInputs(
            self.Z[selection], self.F[selection], self.settled[selection], self.after_long_stop[selection]
        )


class DetectorScore(NamedTuple):
    """What a head says about rows.

    Attributes:
        raw: One score per row, higher = more abnormal, in the head's own unit.
        state: What the next call continues from; empty for heads without memory.
        residuals: Residual per row and tag, for heads that can name the tag.
        tag_terms: What each tag adds to the score, for heads whose score is a sum over tags.
    """

    raw: Floats
    state: StreamState
    residuals: Floats | None = None
    tag_terms: Floats | None = None


class Detector(ABC):
    """A detector: ``__init__`` only stores settings, ``fit`` returns self, what it learns ends with ``_``.

    ``score`` changes nothing: memory comes in and goes out as ``carry``, so scoring rows in pieces gives the scores of
    scoring them at once.
    """

    name: ClassVar[str]
    is_stateful: ClassVar[bool] = False
    """Whether a score rests on rows before its own."""

    @abstractmethod
    def fit(self, rows: DetectorInputs) -> Self:
        """Learns from healthy rows, in sequence."""

    @abstractmethod
    def score(self, rows: DetectorInputs, state: StreamState) -> DetectorScore:
        """Scores rows that follow those of ``state`` (empty at the start)."""

    def get_params(self) -> dict[str, Any]:
        """The arguments of ``__init__``."""
        return {name: value for name, value in vars(self).items() if not name.endswith("_")}

    def to_arrays(self) -> dict[str, Array]:
        """What ``fit`` learned, as arrays."""
        return {name: np.asarray(value) for name, value in vars(self).items() if name.endswith("_")}

    @classmethod
    def from_arrays(cls, params: dict[str, Any], arrays: dict[str, Array]) -> Self:
        """The head that had these settings and had learned these arrays."""
        head = cls(**params)
        vars(head).update(arrays)
        return head


def compute_masked_ewma(
    X: Floats, rows: DetectorInputs, weight: float, mean_before: Floats, *, reset_mean: Floats, max_abs: float = np.inf
) -> tuple[Floats, Floats]:
    """Exponentially weighted mean along the settled rows: ``s = weight x + (1 - weight) s_before``.

    Each other row moves on from the last settled one and is forgotten: a start-up is so far from normal that its memory
    would cover hours of good rows, and after a long standstill the machine may not be the one it was.

    Args:
        X: n rows, any number of columns.
        rows: Tell which rows are settled, and which begin anew.
        weight: Weight of the newest row.
        mean_before: The mean just before the first row, one per column.
        reset_mean: The mean where memory begins anew.
        max_abs: Largest magnitude of a value; larger ones are cut to it.

    Returns:
        The mean at each row and after the last one. Pieces give the bits of the whole.
    """
    if (fast := kernels.load_kernels(X.size)) is not None:
        smooth, after = np.empty(X.shape), mean_before.astype(np.float64)
        fast.compute_masked_ewma(
            np.ascontiguousarray(X), (rows.ewma_kernel_args(weight, reset_mean), max_abs), after, smooth
        )
        return smooth, after
    X, smooth = np.clip(X, -max_abs, max_abs), np.empty_like(X)
    for begin, end in pairwise([0, *np.flatnonzero(rows.after_long_stop).tolist(), len(X)]):
        if begin or rows.after_long_stop[:1].any():
            mean_before = reset_mean
        smooth[begin:end], mean_before = _compute_settled_ewma(
            X[begin:end], rows.settled[begin:end], weight, mean_before
        )
    return smooth, mean_before


def _compute_settled_ewma(X: Floats, settled: Bools, weight: float, mean_before: Floats) -> tuple[Floats, Floats]:
    if settled.all():
        return _compute_ewma(X, weight, mean_before)
    kept, after = _compute_ewma(X[settled], weight, mean_before)
    latest = np.concatenate([mean_before[None], kept])[np.cumsum(settled)]
    return np.where(settled[:, None], latest, weight * X + (1 - weight) * latest), after


def _compute_ewma(X: Floats, weight: float, mean_before: Floats) -> tuple[Floats, Floats]:
    if not len(X):
        return X, mean_before
    keep = 1 - weight
    smooth, _ = lfilter([weight], [1.0, -keep], X, axis=0, zi=keep * mean_before[None])
    return smooth, smooth[-1]
