"""The contract of every detector head."""

from __future__ import annotations

import sys
from abc import ABC, abstractmethod
from dataclasses import dataclass
from itertools import pairwise
from typing import Any, ClassVar, NamedTuple, Self

import numpy as np
from scipy.signal import lfilter

from acm_etl.score.arrays import Array, Bools, Carry, Floats

_MANY = 20_000
_COMPILED = "acm_etl.score.compiled"


def compiles(rows: int) -> bool:
    """Whether compiled loops serve a call: for many rows they make up for being loaded, half a second once per process.

    Args:
        rows: Rows in the call.
    """
    return rows >= _MANY or _COMPILED in sys.modules


@dataclass(frozen=True)
class Rows:
    """Running rows, in sequence, as the heads see them.

    Attributes:
        Z: Complete deviations, n rows by d tags.
        F: Rolling features, n rows by 3 d.
        settled: Rows that are not transient.
        anew: Rows before which the machine stood still for long.
    """

    Z: Floats
    F: Floats
    settled: Bools
    anew: Bools

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


def ewma(X: Floats, weight: float, before: Floats) -> tuple[Floats, Floats]:
    """Exponentially weighted mean along rows: ``s = weight x + (1 - weight) s_before``.

    Args:
        X: n rows, any number of columns.
        weight: Weight of the newest row.
        before: The mean just before the first row, one per column.

    Returns:
        The mean at each row and after the last one. Pieces give the bits of the whole.
    """
    if not len(X):
        return X, before
    if compiles(len(X)):
        from acm_etl.score.compiled import smoothed  # noqa: PLC0415 - half a second that only many rows are worth

        smooth = smoothed(X, weight, before)
    else:
        keep = 1 - weight
        smooth, _ = lfilter([weight], [1.0, -keep], X, axis=0, zi=keep * before[None])
    return smooth, smooth[-1]


def held_ewma(X: Floats, rows: Rows, weight: float, before: Floats, *, start: Floats) -> tuple[Floats, Floats]:
    """As ``ewma`` over the settled rows; each other row moves on from the last settled one and is forgotten.

    A start-up is so far from normal that its memory would cover hours of good rows, and after a long standstill the
    machine may not be the one it was.

    Args:
        X: n rows, any number of columns.
        rows: Tell which rows are settled, and which begin anew.
        weight: Weight of the newest row.
        before: The mean just before the first row, one per column.
        start: The mean where memory begins anew.
    """
    anew = np.flatnonzero(rows.anew)
    if not len(anew):
        return _held(X, rows.settled, weight, before)
    smooth = np.empty_like(X)
    for begin, end in pairwise([0, *anew.tolist(), len(X)]):
        if begin or rows.anew[0]:
            before = start
        smooth[begin:end], before = _held(X[begin:end], rows.settled[begin:end], weight, before)
    return smooth, before


def _held(X: Floats, settled: Bools, weight: float, before: Floats) -> tuple[Floats, Floats]:
    if settled.all():
        return ewma(X, weight, before)
    kept, after = ewma(X[settled], weight, before)
    latest = np.concatenate([before[None], kept])[np.cumsum(settled)]
    return np.where(settled[:, None], latest, weight * X + (1 - weight) * latest), after
