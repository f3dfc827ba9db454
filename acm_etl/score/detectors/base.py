"""The contract of every detector head."""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass
from itertools import pairwise
from typing import Any, ClassVar, NamedTuple, Self

import numpy as np
from scipy.signal import lfilter

from acm_etl.score import kernels
from acm_etl.score.arrays import Array, Bools, Carry, Floats, Singles


@dataclass(frozen=True)
class Rows:
    """Running rows, in sequence, as the heads see them.

    Attributes:
        Z: Complete deviations, n rows by d tags.
        F: Rolling features, n rows by 3 d, single precision.
        settled: Rows that are not transient.
        anew: Rows before which the machine stood still for long.
    """

    Z: Floats
    F: Singles
    settled: Bools
    anew: Bools

    def memory(self, weight: float, start: Floats) -> tuple[float, Bools, Bools, Floats]:
        """How an exponential mean remembers these rows, as the compiled loops take it."""
        return weight, self.settled, self.anew, start

    def take(self, rows: Bools | slice) -> Rows:
        """Some of the rows."""
        return Rows(self.Z[rows], self.F[rows], self.settled[rows], self.anew[rows])


class HeadScore(NamedTuple):
    """What a head says about rows.

    Attributes:
        raw: One score per row, higher = more abnormal, in the head's own unit.
        carry: What the next call continues from; empty for heads without memory.
        residuals: Residual per row and tag, for heads that can name the tag.
        parts: What each tag adds to the score, for heads whose score is a sum over tags.
    """

    raw: Floats
    carry: Carry
    residuals: Floats | None = None
    parts: Floats | None = None


class Head(ABC):
    """A detector: ``__init__`` only stores settings, ``fit`` returns self, what it learns ends with ``_``.

    ``score`` changes nothing: memory comes in and goes out as ``carry``, so scoring rows in pieces gives the scores of
    scoring them at once.
    """

    name: ClassVar[str]
    remembers: ClassVar[bool] = False
    """Whether a score rests on rows before its own."""

    @abstractmethod
    def fit(self, rows: Rows) -> Self:
        """Learns from healthy rows, in sequence."""

    @abstractmethod
    def score(self, rows: Rows, carry: Carry) -> HeadScore:
        """Scores rows that follow those of ``carry`` (empty at the start)."""

    def settings(self) -> dict[str, Any]:
        """The arguments of ``__init__``."""
        return {name: value for name, value in vars(self).items() if not name.endswith("_")}

    def learned(self) -> dict[str, Array]:
        """What ``fit`` learned, as arrays."""
        return {name: np.asarray(value) for name, value in vars(self).items() if name.endswith("_")}

    @classmethod
    def restored(cls, settings: dict[str, Any], learned: dict[str, Array]) -> Self:
        """The head that had these settings and had learned these arrays."""
        head = cls(**settings)
        vars(head).update(learned)
        return head


def held_ewma(
    X: Floats, rows: Rows, weight: float, before: Floats, *, start: Floats, most: float = np.inf
) -> tuple[Floats, Floats]:
    """Exponentially weighted mean along the settled rows: ``s = weight x + (1 - weight) s_before``.

    Each other row moves on from the last settled one and is forgotten: a start-up is so far from normal that its memory
    would cover hours of good rows, and after a long standstill the machine may not be the one it was.

    Args:
        X: n rows, any number of columns.
        rows: Tell which rows are settled, and which begin anew.
        weight: Weight of the newest row.
        before: The mean just before the first row, one per column.
        start: The mean where memory begins anew.
        most: Largest magnitude of a value; larger ones are cut to it.

    Returns:
        The mean at each row and after the last one. Pieces give the bits of the whole.
    """
    if (fast := kernels.compiled(X.size)) is not None:
        smooth, after = np.empty(X.shape), before.astype(np.float64)
        fast.held_mean(np.ascontiguousarray(X), (rows.memory(weight, start), most), after, smooth)
        return smooth, after
    X, smooth = np.clip(X, -most, most), np.empty_like(X)
    for begin, end in pairwise([0, *np.flatnonzero(rows.anew).tolist(), len(X)]):
        if begin or rows.anew[:1].any():
            before = start
        smooth[begin:end], before = _held(X[begin:end], rows.settled[begin:end], weight, before)
    return smooth, before


def _held(X: Floats, settled: Bools, weight: float, before: Floats) -> tuple[Floats, Floats]:
    if settled.all():
        return _ewma(X, weight, before)
    kept, after = _ewma(X[settled], weight, before)
    latest = np.concatenate([before[None], kept])[np.cumsum(settled)]
    return np.where(settled[:, None], latest, weight * X + (1 - weight) * latest), after


def _ewma(X: Floats, weight: float, before: Floats) -> tuple[Floats, Floats]:
    if not len(X):
        return X, before
    keep = 1 - weight
    smooth, _ = lfilter([weight], [1.0, -keep], X, axis=0, zi=keep * before[None])
    return smooth, smooth[-1]
