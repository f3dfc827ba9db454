"""Operating state of every row: off, transient or on, by the agreement of many tags rather than by one of them."""

from __future__ import annotations

import warnings
from dataclasses import dataclass
from typing import Self

import numpy as np

from acm_etl.config import ScoreParams
from acm_etl.score.array_ops import nan_row_mask, row_true_counts, select_rows
from acm_etl.score.arrays import Array, Bools, Floats, Ints, StreamState
from acm_etl.tables.common import OPERATING_STATES

UNUSABLE = -1
OFF, TRANSIENT, ON = range(3)
STATE_NAMES = OPERATING_STATES
"""Names of the codes 0, 1 and 2."""

_RUNNING_QUANTILE = 0.9
_VALLEY_TOP = 2.0  # between idle_level and this many times of it a tag is neither idle nor running
_VALLEY_SHARE = 0.02
_MAX_DISAGREEMENT = 0.05
_MAX_SETTLE_RATIO = 6  # rows a machine needs to settle per row of standstill, at most: a short stop hardly cools it


@dataclass(frozen=True)
class StateClassifier:
    """Which tags tell a standstill, and from which level.

    A tag is a witness if its training readings hardly ever lie in the valley between idle and running, and if it
    agrees with the majority of the other witnesses. A row is off when at least half of the witnesses that are
    present, and at least two where there are two, are idle. So one dead sensor never stops a machine, and training
    data without any stop still gives witnesses.

    Attributes:
        level_: Reading of each tag that counts as idle below, unit of the tag; NaN for tags that are no witness.
        settle_: Usable rows after a standstill that are transient.
        long_: Usable rows of standstill after which the machine may not be the one it was.
    """

    level_: Floats
    settle_: Array
    long_: Array

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
            valley = np.nanmean((ratio >= params.idle_level) & (ratio < _VALLEY_TOP * params.idle_level), axis=0)
        level = running * params.idle_level
        witness = (running > 0) & (valley <= _VALLEY_SHARE)
        off = _vote_off(X, np.where(witness, level, np.nan))
        present = ~np.isnan(X)
        wrong = ((level > X) != off[:, None]) & present
        agrees = wrong.sum(axis=0) <= _MAX_DISAGREEMENT * np.maximum(present.sum(axis=0), 1)
        return cls(np.where(witness & agrees, level, np.nan), np.asarray(0), np.asarray(1))

    def with_durations(self, settle_rows: int, long_stop_rows: int) -> StateClassifier:
        """The same witnesses with other lengths."""
        return StateClassifier(self.level_, np.asarray(settle_rows), np.asarray(max(long_stop_rows, 1)))

    def classify_rows(self, X: Floats, usable: Bools, state: StreamState) -> tuple[Ints, Bools, StreamState]:
        """Codes of the rows, in sequence.

        Args:
            X: Readings, rows by tags.
            usable: Rows that have enough readings.
            state: Of the call before, or empty.

        Returns:
            One code per row, which rows run again after a long standstill, and the carry.
        """
        code, anew = np.full(len(X), UNUSABLE, dtype=np.int64), np.zeros(len(X), dtype=bool)
        off = _vote_off(select_rows(X, usable), self.level_)
        if not off.size:
            return code, anew, state
        settle = int(self.settle_)
        # Before the first standstill the machine is taken to have run for long.
        stood_before = int(state.get("stood", np.int64(0)))
        since = run_length(~off, int(state.get("since", np.int64(settle))))
        stood = run_length(off, stood_before)
        lasted = np.where(off, 0, np.concatenate([[stood_before], stood[:-1]]))
        needed = forward_fill(
            np.where(lasted, np.minimum(settle, _MAX_SETTLE_RATIO * lasted), -1), int(state.get("needed", 0))
        )
        code[usable] = np.where(off, OFF, np.where(since <= needed, TRANSIENT, ON))
        anew[usable] = lasted >= int(self.long_)
        limit = max(settle, int(self.long_))
        after = {"since": np.minimum(since[-1], limit), "stood": np.minimum(stood[-1], limit), "needed": needed[-1]}
        return code, anew, after


def _vote_off(X: Floats, level: Floats) -> Bools:
    witnesses = int((~np.isnan(level)).sum())
    idle = row_true_counts(level > X)  # false where the level is NaN: no witness
    present, some = np.full(len(X), witnesses), nan_row_mask(X)
    present[some] -= row_true_counts(np.isnan(X[some]) & ~np.isnan(level))
    needed = np.maximum(min(2, witnesses), (present + 1) // 2)
    result: Bools = (idle >= needed) & (present > 0)
    return result


def forward_fill(values: Ints, initial: int) -> Ints:
    """Each mark until the next; -1 is no mark.

    Args:
        values: One mark per row.
        initial: The mark that holds just before the first row.
    """
    rows = np.arange(1, len(values) + 1)
    latest = np.maximum.accumulate(np.where(values != -1, rows, 0)) if len(values) else rows
    result: Ints = np.concatenate([[initial], values])[latest]
    return result


def run_length(flags: Bools, length_before: Ints | int) -> Ints:
    """How many successive rows up to each row are true, 0 where it is not.

    Args:
        flags: One flag per row, or per row and column.
        length_before: Length of the run that ends just before the first row (one per column).
    """
    rows = np.arange(len(flags), dtype=np.int64).reshape(-1, *[1] * (flags.ndim - 1))
    if not flags.any():
        return np.zeros(flags.shape, dtype=np.int64)
    return rows - np.maximum.accumulate(np.where(flags, -1 - np.asarray(length_before), rows), axis=0)
