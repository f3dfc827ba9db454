"""Operating state of every row: off, transient or on, decided by a vote of the tags rather than by one of them."""

from __future__ import annotations

import warnings
from dataclasses import dataclass, field, replace
from typing import NamedTuple, Self

import numpy as np

from acm_etl.config import ScoreParams
from acm_etl.score.array_ops import find_cells, forward_fill, nan_row_mask, row_true_counts, run_length, select_rows
from acm_etl.score.arrays import Array, Bools, Floats, Ints, StreamState
from acm_etl.tables.common import OPERATING_STATES

UNUSABLE = -1
OFF, TRANSIENT, ON = range(3)
STATE_NAMES = OPERATING_STATES
"""Names of the codes ``OFF``, ``TRANSIENT`` and ``ON``."""

_RUNNING_QUANTILE = 0.9  # of the training readings: a level of operation even if the machine stood half of the time
_VALLEY_TOP = 2.0  # multiple of the idle level; between the two a tag is neither idle nor in operation
_VALLEY_SHARE = 0.02  # of the readings, at most, lie in that valley if the tag is a voting tag
_LOW_QUANTILE = 0.01  # of the readings of operation: a low load, or a reading at the lower end of operation
_MIN_RUNNING_LEVELS = 8  # distinct readings in operation: a switch or a mode number is a command, not a load
_LEVEL_ROWS = 2000  # at least, in which different readings are counted
_MAX_DISAGREEMENT = 0.05  # share of readings at which a voting tag may contradict the majority
_FALL_SECONDS = 600.0  # between operation and idle, on average: loads fall within minutes, temperatures within hours
_MIN_OFF_ROWS = 5  # a shorter standstill does not show which tags fall with the load
# In standstills, temperatures of simulated and real fans are idle in 0 to 70 % of the readings, loads in 80 to 100 %.
_MIN_IDLE_SHARE = 0.75
_MIN_STARTS = 5  # fewer do not show how much later than the others a load may come
_NEVER = np.iinfo(np.int64).max
_MIN_FALLING_TAGS = 3  # with fewer, one stuck or dead sensor would decide
_MAX_SETTLE_RATIO = 6  # transient rows per row of standstill, at most: a machine hardly cools during a short stop


class RowStates(NamedTuple):
    """Operating states of rows, in sequence.

    Attributes:
        codes: State codes.
        after_long_stop: True for the first row after a long standstill.
        time_us: Times of the rows, microseconds since 1970 UTC.
        lost_loads: Tags that have lost their load, n by d.
    """

    codes: Ints
    after_long_stop: Bools
    time_us: Ints
    lost_loads: Bools


def count_fall_rows(cadence_seconds: float) -> int:
    """Return the rows within which a load falls; at least one, as a reading may be a mean over the fall."""
    return int(np.ceil(_FALL_SECONDS / cadence_seconds))


@dataclass(frozen=True)
class StateClassifier:
    """Voting tags and their idle levels, and the durations of start-ups and long standstills.

    A tag votes if it has a running level and an idle level: a quantity that is not negative, hardly ever lies in the
    valley between idle and running, and takes many values in operation. It has to agree with the majority of the other
    voting tags, in all training readings and in those of the standstills. Switches and quantities around zero never
    vote. A row is off if at least half of the voting tags that are present are idle, and at least two if there are two.
    So one dead sensor never switches a machine off, and training data without any standstill still give voting tags.

    Attributes:
        level_: Idle level of each tag, unit of the tag: readings below it are idle; NaN for tags that do not vote.
        settle_: Number of usable rows after a standstill that are transient.
        long_: Number of usable rows of standstill after which detector memory restarts.
        lost_rows_: Longest run of rows without load between start and stop in training, d; more than any run for tags
            that do not vote or are near their idle level at low load, without standstills in training, and in models of
            earlier versions.
        late_rows_: The same from a start on until the tag runs for the first time, with a margin of half of it and from
            five starts on.
    """

    level_: Floats
    settle_: Array
    long_: Array
    lost_rows_: Ints = field(default_factory=lambda: np.array(_NEVER))
    late_rows_: Ints = field(default_factory=lambda: np.array(_NEVER))

    @classmethod
    def fit(cls, X: Floats, params: ScoreParams, *, cadence_seconds: float) -> Self:
        """Find the voting tags in training readings; the durations are set by ``with_durations``.

        Args:
            X: Readings, n rows by d tags, NaN where missing.
            params: ``idle_level`` and ``states`` are read.
            cadence_seconds: Median time between readings, seconds.
        """
        if params.states == "off":
            return cls(np.full(X.shape[1], np.nan), np.asarray(0), np.asarray(1))
        with warnings.catch_warnings(), np.errstate(all="ignore"):
            warnings.simplefilter("ignore", RuntimeWarning)  # tags without readings do not vote
            running = np.nanquantile(X, _RUNNING_QUANTILE, axis=0)
            ratio = X / running
            valley = np.nanmean((ratio >= params.idle_level) & (ratio < _VALLEY_TOP * params.idle_level), axis=0)
            below_zero = np.nanmean(ratio <= -params.idle_level, axis=0)
        level = running * params.idle_level
        # An idle level makes sense for positive quantities only: a temperature may be below zero in operation.
        is_positive = (running > 0) & (below_zero <= _VALLEY_SHARE)
        is_candidate = is_positive & (valley <= _VALLEY_SHARE) & _has_running_levels(X, level)
        candidate_level = _drop_slow_tags(X, np.where(is_candidate, level, np.nan), count_fall_rows(cadence_seconds))
        agrees = _agrees_with_majority(X, candidate_level, _vote_off(X, candidate_level))
        return cls(_add_witnesses(X, np.where(agrees, candidate_level, np.nan)), np.asarray(0), np.asarray(1))

    def with_durations(self, settle_rows: int, long_stop_rows: int) -> StateClassifier:
        """Return the same voting tags with the durations of a start-up and of a long standstill, usable rows."""
        return replace(self, settle_=np.asarray(settle_rows), long_=np.asarray(max(long_stop_rows, 1)))

    def with_lost_rows(self, X: Floats, codes: Ints) -> StateClassifier:
        """Return the same classifier with the longest losses of load in training.

        Args:
            X: Usable readings, n rows by d tags, NaN where missing.
            codes: State codes of the rows, n.
        """
        if (codes == OFF).sum() < _MIN_OFF_ROWS:
            return self
        is_idle = _find_idle_cells(X, codes, self.level_)
        has_run = _has_run_since_stop(X, codes, self.level_, np.zeros(X.shape[1], np.int64))
        rows = run_length(is_idle, 0)
        lost_rows, late_rows = (np.where(which, rows, 0).max(axis=0, initial=0) for which in (has_run, ~has_run))
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", RuntimeWarning)  # tags without readings do not vote
            low = np.nanquantile(X[codes == ON], _LOW_QUANTILE, axis=0)
        # A load that falls gradually, as the pressure behind a fan, is idle at low load: that is no loss.
        is_steady = low >= _VALLEY_TOP * self.level_  # false for tags that do not vote
        # A start that takes a little longer than ever is none to alarm on.
        late_rows += late_rows // 2
        has_starts = np.count_nonzero((codes[:-1] == OFF) & (codes[1:] != OFF)) >= _MIN_STARTS
        return replace(
            self,
            lost_rows_=np.where(is_steady, lost_rows, _NEVER),
            late_rows_=np.where(is_steady & has_starts, late_rows, _NEVER),
        )

    def find_lost_loads(self, X: Floats, codes: Ints, state: StreamState) -> tuple[Bools, Ints, StreamState]:
        """Return which cells of running rows have lost their load for longer than ever in training (n by d).

        Tags start to run one after the other and then go on: one that is idle again has lost its load, or its sensor.
        Up to the longest time of training, the machine may just run down before a standstill.

        Args:
            X: Usable readings, n rows by d tags, NaN where missing or not trusted.
            codes: State codes of the rows, n.
            state: State of the previous call, or empty.

        Returns:
            The cells, the state codes with ``TRANSIENT`` for rows that may be of a run-down (n), and the state for the
            next call.
        """
        limit, late_limit = (np.broadcast_to(rows, X.shape[1]) for rows in (self.lost_rows_, self.late_rows_))
        lost = np.zeros(X.shape, dtype=bool)
        tags = np.flatnonzero(limit < _NEVER)
        if not len(X) or not len(tags):
            return lost, codes, state
        known_X, level = X[:, tags], self.level_[tags]
        is_idle = _find_idle_cells(known_X, codes, level)
        after = {
            "has_run": _find_running_tags(known_X, codes, level, state),
            "idle_rows": np.zeros(len(tags), np.int64),
        }
        # Few tags are idle while the machine runs, mostly none.
        idle = np.unique(find_cells(is_idle)[1])
        if not len(idle):
            return lost, codes, after
        tags, is_idle = tags[idle], is_idle[:, idle]
        has_run = _has_run_since_stop(known_X[:, idle], codes, level[idle], _count_before(state, "has_run", idle))
        rows = run_length(is_idle, _count_before(state, "idle_rows", idle))
        lost[:, tags] = rows > np.where(has_run, limit[tags], late_limit[tags])
        may_stop = (is_idle & has_run).any(axis=1) & ~lost.any(axis=1)
        # Runs beyond the limits decide nothing more, and bounded numbers keep states of equal situations equal.
        known_limit = np.where(late_limit[tags] < _NEVER, np.maximum(limit, late_limit)[tags], limit[tags])
        after["idle_rows"][idle] = np.minimum(rows[-1], known_limit + 1)
        return lost, np.where(may_stop, TRANSIENT, codes), after

    def classify_rows(self, X: Floats, usable: Bools, state: StreamState) -> tuple[Ints, Bools, StreamState]:
        """Classify rows, in sequence.

        Args:
            X: Readings, n rows by d tags.
            usable: Rows that have enough readings; the others get ``UNUSABLE``.
            state: State of the previous call, or empty.

        Returns:
            State codes (n), the mask of the first rows after a long standstill (n), and the state for the next call.
        """
        codes, after_long_stop = np.full(len(X), UNUSABLE, dtype=np.int64), np.zeros(len(X), dtype=bool)
        off = _vote_off(select_rows(X, usable), self.level_)
        if not off.size:
            return codes, after_long_stop, state
        settle = int(self.settle_)
        # Before the first row the machine is assumed to have run for long: no start-up at the start of a history.
        stopped_before = int(state.get("stood", np.int64(0)))
        running_rows = run_length(~off, int(state.get("since", np.int64(settle))))
        stopped_rows = run_length(off, stopped_before)
        # Length of the standstill that ends just before the row; 0 everywhere else.
        ended_stop = np.where(off, 0, np.concatenate([[stopped_before], stopped_rows[:-1]]))
        settle_after_stop = np.where(ended_stop, np.minimum(settle, _MAX_SETTLE_RATIO * ended_stop), -1)
        settle_rows = forward_fill(settle_after_stop, int(state.get("needed", 0)))
        codes[usable] = np.where(off, OFF, np.where(running_rows <= settle_rows, TRANSIENT, ON))
        after_long_stop[usable] = ended_stop >= int(self.long_)
        # Runs beyond the limit decide nothing more, and bounded numbers keep states of equal situations equal.
        limit = max(settle, int(self.long_))
        after = {
            "since": np.minimum(running_rows[-1], limit),
            "stood": np.minimum(stopped_rows[-1], limit),
            "needed": settle_rows[-1],
        }
        return codes, after_long_stop, after


def _count_before(state: StreamState, name: str, columns: Ints) -> Ints:
    """Return some columns of a count of the state before the first row, which has none at the very start."""
    return state[name][columns] if name in state else np.zeros(len(columns), np.int64)


def _find_idle_cells(X: Floats, codes: Ints, level: Floats) -> Bools:
    """Return which tags are idle while the machine runs, n by d."""
    is_idle: Bools = (codes != OFF)[:, None] & (level > X)
    return is_idle


def _find_running_tags(X: Floats, codes: Ints, level: Floats, state: StreamState) -> Ints:
    """Return 1 for each tag that has run since the last standstill, at the end of the rows."""
    stops = np.flatnonzero(codes == OFF)
    has_run: Bools = np.asarray((level <= X[stops[-1] + 1 if len(stops) else 0 :]).any(axis=0))
    if not len(stops):
        has_run = has_run | (state.get("has_run", np.zeros(X.shape[1], np.int64)) > 0)
    return has_run.astype(np.int64)


def _has_run_since_stop(X: Floats, codes: Ints, level: Floats, count_before: Ints) -> Bools:
    """Return which tags have run since the last standstill before each row, n by d."""
    counts = count_before + np.cumsum(level <= X, axis=0)
    # Counts never fall, so their maximum over the rows of standstill is that at the last one.
    since_stop = counts - np.maximum.accumulate(np.where((codes == OFF)[:, None], counts, 0), axis=0)
    has_run: Bools = since_stop > 0
    return has_run


def _add_witnesses(X: Floats, level: Floats) -> Floats:
    """Return the idle levels, with those of further tags where one or two tags vote; n rows by d tags, d to d.

    One tag that fails would decide alone. A vibration may not fall to its idle level, but tells a standstill as well: a
    witness is above the middle of its two medians in operation, and below it at standstill.
    """
    off, voters = _vote_off(X, level), int((~np.isnan(level)).sum())
    if not 0 < voters < _MIN_FALLING_TAGS or off.sum() < _MIN_OFF_ROWS:
        return level
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", RuntimeWarning)  # tags without readings are no witnesses
        stopped, running = np.nanmedian(X[off], axis=0), np.nanmedian(X[~off], axis=0)
    middle, is_present = (stopped + running) / 2, ~np.isnan(X)
    is_witness = np.isnan(level) & (stopped < running) & _has_running_levels(X, middle)
    for rows, is_wrong in ((off, middle < X), (~off, middle > X)):
        is_witness &= is_wrong[rows].sum(axis=0) <= _MAX_DISAGREEMENT * is_present[rows].sum(axis=0)
    return np.where(is_witness, middle, level) if voters + is_witness.sum() >= _MIN_FALLING_TAGS else level


def _drop_slow_tags(X: Floats, level: Floats, max_fall_rows: int) -> Floats:
    """Return the idle levels without those of slow tags, if three others fall at once; n by d, d to d.

    Temperatures cool for hours. In a cold season they fall to their idle level at last, and where they are many they
    would outvote the loads: too late at each standstill, and never in a warmer season.

    Args:
        X: Readings, n rows by d tags, NaN where missing.
        level: Idle level of each tag, d; NaN for tags that do not vote.
        max_fall_rows: Rows from operation to idle, on average, up to which a tag falls at once.
    """
    rows_of_fall = np.full(len(level), np.nan)
    # Tag by tag: an array of row numbers for all of them would be as large as the readings.
    for tag in np.flatnonzero(~np.isnan(level)).tolist():
        if len(rows := _measure_falls(X[:, tag], level[tag])):
            rows_of_fall[tag] = rows.mean()
    is_slow = rows_of_fall > max_fall_rows  # false for tags that never fall, which may vote
    fast_level = np.where(is_slow, np.nan, level)
    if not is_slow.any() or (rows_of_fall <= max_fall_rows).sum() < _MIN_FALLING_TAGS:
        return level
    off = _vote_off(X, fast_level)
    # Three dosing pumps rest together while the machine runs: a standstill is one for the slow tags too.
    is_standstill = off.sum() >= _MIN_OFF_ROWS and _count_fallen_tags(X, off, is_slow) >= is_slow.sum() / 2
    return fast_level if is_standstill else level


def _count_fallen_tags(X: Floats, off: Bools, tags: Bools) -> int:
    """Return how many of some tags (d) mostly read less in rows of standstill (n) than in operation; X is n by d."""
    fallen = 0
    for tag in np.flatnonzero(tags).tolist():
        stopped, running = (x[~np.isnan(x)] for x in (X[off, tag], X[~off, tag]))
        if len(stopped) and len(running):
            fallen += int(np.median(stopped) < np.quantile(running, _LOW_QUANTILE))
    return fallen


def _measure_falls(x: Floats, idle_level: float) -> Ints:
    """Return the rows between operation and idle of each fall of a tag; n readings to the number of falls."""
    x = x[~np.isnan(x)]  # missing readings are no part of a fall
    is_idle = x < idle_level
    ends = np.flatnonzero(is_idle | (x >= _VALLEY_TOP * idle_level))
    # From an end of the valley to the next one: a fall is from operation to idle.
    is_fall = ~is_idle[ends[:-1]] & is_idle[ends[1:]]
    rows: Ints = (np.diff(ends) - 1)[is_fall]
    return rows


def _has_running_levels(X: Floats, level: Floats) -> Bools:
    """Return which tags take many different values above their idle level, n rows by d tags to d."""
    # Evenly spaced readings show it as well, and need no sort of millions.
    sample = X[:: max(1, len(X) // _LEVEL_ROWS)]
    counts = [len(np.unique(column[column > idle])) for column, idle in zip(sample.T, level, strict=True)]
    return np.array(counts) >= _MIN_RUNNING_LEVELS


def _agrees_with_majority(X: Floats, level: Floats, off: Bools) -> Bools:
    """Return which tags are idle when the majority is, n rows by d tags to d; tags without a level never agree.

    Standstills are rare, so a temperature that cools for hours contradicts in few of all readings, and would vote
    against the next standstill: it has to be idle in most readings of the standstills too.
    """
    is_idle, is_present = level > X, ~np.isnan(X)
    contradictions = ((is_idle != off[:, None]) & is_present).sum(axis=0)
    agrees: Bools = ~np.isnan(level) & (contradictions <= _MAX_DISAGREEMENT * np.maximum(is_present.sum(axis=0), 1))
    falls = agrees & (is_idle[off].sum(axis=0) >= _MIN_IDLE_SHARE * is_present[off].sum(axis=0))
    return falls if off.sum() >= _MIN_OFF_ROWS and falls.sum() >= _MIN_FALLING_TAGS else agrees


def _vote_off(X: Floats, level: Floats) -> Bools:
    """Return which rows are off by the vote of the tags that have a level, n rows by d tags to n."""
    voters = int((~np.isnan(level)).sum())
    idle_votes = row_true_counts(level > X)  # a comparison with NaN is false: no vote
    voters_present, has_nan = np.full(len(X), voters), nan_row_mask(X)
    voters_present[has_nan] -= row_true_counts(np.isnan(X[has_nan]) & ~np.isnan(level))
    votes_needed = np.maximum(min(2, voters), (voters_present + 1) // 2)
    off: Bools = (idle_votes >= votes_needed) & (voters_present > 0)
    return off
