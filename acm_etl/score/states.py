"""Operating state of every row: off, transient or on, by the agreement of many tags rather than by one of them."""

from __future__ import annotations

import warnings
from dataclasses import dataclass
from typing import Self

import numpy as np

from acm_etl.config import ScoreParams
from acm_etl.score.arrays import Bools, Carry, Floats, Ints
from acm_etl.tables.common import OPERATING

UNUSABLE = -1
OFF, TRANSIENT, ON = range(3)
NAMES = OPERATING
"""Names of the codes 0, 1 and 2."""

_RUNNING_QUANTILE = 0.9
_VALLEY_TOP = 0.5  # between idle_level and this share of its running level a tag is neither idle nor running
_VALLEY_SHARE = 0.02
_DISAGREEMENT = 0.05


@dataclass(frozen=True)
class States:
    """Which tags tell a standstill, and from which level.

    A tag is a witness if its training readings hardly ever lie in the valley between idle and running, and if it
    agrees with the majority of the other witnesses. A row is off when at least half of the witnesses that are
    present, and at least two where there are two, are idle. So one dead sensor never stops a machine, and training
    data without any stop still gives witnesses.

    Attributes:
        level_: Reading of each tag that counts as idle below, unit of the tag; NaN for tags that are no witness.
    """

    level_: Floats

    @classmethod
    def fit(cls, X: Floats, params: ScoreParams) -> Self:
        """Learns the witnesses from training readings.

        Args:
            X: Readings, rows by tags, NaN where missing.
            params: ``idle_level`` is read.
        """
        with warnings.catch_warnings(), np.errstate(all="ignore"):
            warnings.simplefilter("ignore", RuntimeWarning)  # all-NaN tags are no witnesses, by design
            running = np.nanquantile(X, _RUNNING_QUANTILE, axis=0)
            ratio = X / running
            valley = np.nanmean((ratio >= params.idle_level) & (ratio < _VALLEY_TOP), axis=0)
        level = running * params.idle_level
        witness = (running > 0) & (valley <= _VALLEY_SHARE)
        off = _vote(X, np.where(witness, level, np.nan))
        present = ~np.isnan(X)
        wrong = ((level > X) != off[:, None]) & present
        agrees = wrong.sum(axis=0) <= _DISAGREEMENT * np.maximum(present.sum(axis=0), 1)
        return cls(np.where(witness & agrees, level, np.nan))

    def apply(self, X: Floats, usable: Bools, transient_rows: int, carry: Carry) -> tuple[Ints, Carry]:
        """Codes of the rows, in sequence.

        Args:
            X: Readings, rows by tags.
            usable: Rows that have enough readings.
            transient_rows: Usable rows after a standstill that are transient.
            carry: Of the call before, or empty.

        Returns:
            One code per row, and the carry.
        """
        code = np.full(len(X), UNUSABLE, dtype=np.int64)
        off = _vote(X[usable], self.level_)
        # Rows since the last standstill; before the first one the machine is taken to have run for long.
        since = run_length(~off, carry.get("since", np.array([transient_rows]))[0])
        code[usable] = np.where(off, OFF, np.where(since <= transient_rows, TRANSIENT, ON))
        if since.size:
            carry = {"since": np.minimum(since[-1:], transient_rows)}
        return code, carry


def _vote(X: Floats, level: Floats) -> Bools:
    witness = ~np.isnan(level)
    readings = X[:, witness]
    idle = (readings < level[witness]).sum(axis=1)
    present = (~np.isnan(readings)).sum(axis=1)
    needed = np.maximum(min(2, int(witness.sum())), (present + 1) // 2)
    result: Bools = (idle >= needed) & (present > 0)
    return result


def run_length(true: Bools, before: Ints | int) -> Ints:
    """How many successive rows up to each row are true, 0 where it is not.

    Args:
        true: One flag per row, or per row and column.
        before: Length of the run that ends just before the first row (one per column).
    """
    rows = np.arange(len(true), dtype=np.int64).reshape(-1, *[1] * (true.ndim - 1))
    if not len(true):
        return np.zeros(true.shape, dtype=np.int64)
    return rows - np.maximum.accumulate(np.where(true, -1 - np.asarray(before), rows), axis=0)
