"""The contract of every detector head."""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass
from typing import Any, ClassVar, NamedTuple, Self

import numpy as np
from scipy.signal import lfilter

from acm_etl.score.arrays import Array, Bools, Carry, Floats


@dataclass(frozen=True)
class Rows:
    """Running rows, in sequence, as the heads see them.

    Attributes:
        Z: Complete deviations, n rows by d tags.
        F: Rolling features, n rows by 3 d.
    """

    Z: Floats
    F: Floats

    def take(self, rows: Bools | slice) -> Rows:
        """Some of the rows."""
        return Rows(self.Z[rows], self.F[rows])


class HeadScore(NamedTuple):
    """What a head says about rows.

    Attributes:
        raw: One score per row, higher = more abnormal, in the head's own unit.
        carry: What the next call continues from; empty for heads without memory.
        residuals: Smoothed residual per row and tag, for heads that can name the tag.
    """

    raw: Floats
    carry: Carry
    residuals: Floats | None = None


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
    keep = 1 - weight
    smooth, _ = lfilter([weight], [1.0, -keep], X, axis=0, zi=keep * before[None])
    return smooth, smooth[-1]
