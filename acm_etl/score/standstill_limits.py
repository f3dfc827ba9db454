"""Limits of the tags of a machine that is off, where training has too few standstills to know their spread."""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar, Self

import numpy as np

from acm_etl.config import ScoreParams
from acm_etl.score.array_ops import hold_selected, row_shares, run_length
from acm_etl.score.arrays import Array, Bools, Floats, Ints, StreamState
from acm_etl.score.events.alarm import MIN_FAST_SIZE
from acm_etl.score.prepare.operating_state import OFF, ON, count_fall_rows
from acm_etl.score.standstill_scorer import StandstillScores, count_rows_since_stop
from acm_etl.source_spec import matches_any_pattern

_MIN_ROWS = 5  # after run-downs: fewer readings do not even show which tags fall
_RUN_DOWN_MARGIN = 2  # of the next run-down over those of training
_IDLE_MARGIN = 2  # times the highest reading at standstill: the next standstill may have more wind or draught
_MIN_STOPS = 2  # one stop shows one way to stand: a pump that was drained may be on standby the next time
_TAIL_SHARE = 0.001  # of the readings of operation at each end: a few wrong readings must not widen the range
_RANGE_MARGIN = 1.0  # of the width of the range of operation: training may show one season only
# What they read at standstill is set from outside: by hand, by a header under pressure, by a tank.
_SET_FROM_OUTSIDE = ("*damper*", "*valve*", "*vane*", "*position*", "*pressure*", "*level*")


@dataclass(frozen=True)
class StandstillLimits:
    """Readings that no tag should exceed while the machine is off.

    A few standstills show neither all weather nor how tags move together, so only gross deviations count: a load
    indicator that fell at once in all of them, but now reads a load while the machine stands, and a tag that falls by
    more than it varies in operation, but now reads more than ever there.

    Attributes:
        high: Limit of each tag, unit of the tag, d; infinite for tags without one.
        run_down_rows: Rows after a stop in which the machine may run down, 0-d.
    """

    scope: ClassVar[str] = "standstill_limits"

    high: Floats
    run_down_rows: Array

    @classmethod
    def fit(
        cls,
        X: Floats,
        codes: Ints,
        idle_level: Floats,
        tags: Sequence[str],
        *,
        params: ScoreParams,
        cadence_seconds: float,
    ) -> Self | None:
        """Fit on the usable training readings; None where they hardly show a standstill.

        Args:
            X: Usable readings, n rows by d tags, NaN where missing.
            codes: State codes of the rows, n.
            idle_level: Idle level of each load indicator, unit of the tag, d; NaN for other tags.
            tags: Names of the tags, d: those of positions, pressures, levels and context tags have no limit.
            params: ``context_tags`` is read.
            cadence_seconds: Median time between readings, seconds.
        """
        fall_rows = count_fall_rows(cadence_seconds)
        rests = run_length(codes == OFF, 0) > fall_rows
        if rests.sum() < _MIN_ROWS:
            return None
        patterns = (*_SET_FROM_OUTSIDE, *params.context_tags)
        is_set = np.array([matches_any_pattern(tag, patterns) for tag in tags])
        load_limit = _limit_idle_loads(X, rests, idle_level)
        limit = np.where(np.isnan(load_limit), _limit_falling_tags(X[rests], X[codes == ON]), load_limit)
        return cls(np.where(is_set | np.isnan(limit), np.inf, limit), np.array(_RUN_DOWN_MARGIN * fall_rows))

    @property
    def max_supported_z(self) -> float:
        """Infinite: z is not calibrated here."""
        return np.inf

    def score(
        self,
        X: Floats,
        codes: Ints,
        params: ScoreParams,
        state: StreamState,
        *,
        drift_span: int,  # noqa: ARG002 - limits know no season
    ) -> tuple[StandstillScores, StreamState]:
        """Score the rows of state off: beyond a limit they have the z of a fast alarm (``alarm_z``), else 0."""
        is_off = codes == OFF
        rows_since_stop, after = count_rows_since_stop(is_off, self.run_down_rows, state)
        running_before = state.get("running", np.full(X.shape[1], np.nan))
        running = X[~is_off]
        last_running = hold_selected(running, ~is_off, running_before, rows=is_off)
        after["running"] = running[-1] if len(running) else running_before
        # A comparison with NaN is false: a missing reading is beyond no limit. And one that repeats the last reading of
        # operation to the last digit tells of the sensor.
        is_beyond: Bools = (X[is_off] > self.high) & (X[is_off] != last_running)
        is_beyond &= (rows_since_stop > self.run_down_rows)[:, None]
        is_alarming = is_beyond.any(axis=1)
        z, raw = (np.where(is_alarming, level, 0.0) for level in (params.alarm_z, MIN_FAST_SIZE))
        return StandstillScores(z, raw, row_shares(is_beyond.astype(np.float64))), after

    def to_arrays(self) -> dict[str, Array]:
        """Return all fitted values as arrays."""
        return vars(self)

    @classmethod
    def from_arrays(cls, arrays: dict[str, Array]) -> Self | None:
        """Restore the limits from ``to_arrays``; None if there were none."""
        return cls(**arrays) if arrays else None


def _limit_idle_loads(X: Floats, rests: Bools, idle_level: Floats) -> Floats:
    """Return the limit of each load indicator that was idle in all rests of at least two stops (d), NaN for others.

    Args:
        X: Usable readings, n rows by d tags, NaN where missing.
        rests: True for rows of standstill after the run-down, n.
        idle_level: Idle level of each load indicator, d; NaN for other tags.
    """
    starts, ends = (np.flatnonzero(np.diff(rests.astype(np.int8), prepend=0, append=0) == sign) for sign in (1, -1))
    # fmax leaves missing readings out.
    highest = np.array([np.fmax.reduce(X[start:end]) for start, end in zip(starts, ends, strict=True)])
    is_idle = ((highest < idle_level).sum(axis=0) >= _MIN_STOPS) & ~(highest >= idle_level).any(axis=0)
    limit: Floats = np.where(is_idle, np.maximum(idle_level, _IDLE_MARGIN * np.fmax.reduce(highest)), np.nan)
    return limit


def _limit_falling_tags(rest_X: Floats, running_X: Floats) -> Floats:
    """Return the limit of each tag that leaves its range of operation by more than its width (d), NaN for others.

    A tag that falls less may follow the weather: it would be beyond the limit in the standstills of a warmer season.

    Args:
        rest_X: Readings at standstill after the run-down, n rows by d tags, NaN where missing.
        running_X: Readings of state on.
    """
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", RuntimeWarning)  # a tag without readings has no limit
        # Temperatures cool for hours: the highest reading at standstill is still one of operation.
        usual_rest = np.nanmedian(rest_X, axis=0)
        low, high = np.nanquantile(running_X, [_TAIL_SHARE, 1 - _TAIL_SHARE], axis=0)
    limit: Floats = np.where(low - usual_rest > high - low, high + _RANGE_MARGIN * (high - low), np.nan)
    return limit
