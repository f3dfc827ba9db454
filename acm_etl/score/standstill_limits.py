"""Limits of the tags of a machine that is off, where training has too few standstills to know their spread."""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Self

import numpy as np

from acm_etl.config import ScoreParams
from acm_etl.score.array_ops import row_shares, run_length
from acm_etl.score.arrays import Array, Bools, Floats, Ints, StreamState
from acm_etl.score.events.alarm import MIN_FAST_SIZE
from acm_etl.score.prepare.operating_state import OFF
from acm_etl.score.standstill import StandstillScores, count_rows_since_stop
from acm_etl.source_spec import matches_pattern

_MIN_ROWS = 5  # after run-downs: fewer readings do not even show which tags fall
_RUN_DOWN_SECONDS = 600.0  # loads fall within minutes, temperatures within hours
_RUN_DOWN_MARGIN = 2  # of the next run-down over those of training
_IDLE_MARGIN = 2  # times the highest reading at standstill: the next standstill may have more wind or draught
_RANGE_MARGIN = 0.25  # of the range in training
# Moved by hand while the machine stands: no load, whatever they read.
_POSITIONS = ("*damper*", "*valve*", "*vane*", "*position*")


@dataclass(frozen=True)
class StandstillLimits:
    """Readings that no tag should exceed while the machine is off.

    A few standstills show neither all weather nor how tags move together, so only gross deviations count: a load
    indicator that fell at once in all of them, but now reads a load while the machine stands, and a tag that falls at
    standstill, but now reads more than ever in operation.

    Attributes:
        high: Limit of each tag, unit of the tag, d; infinite for tags without one.
        run_down_rows: Rows after a stop in which the machine may run down, 0-d.
    """

    high: Floats
    run_down_rows: Array

    @classmethod
    def fit(
        cls, X: Floats, codes: Ints, idle_level: Floats, tags: Sequence[str], *, cadence_seconds: float
    ) -> Self | None:
        """Fit on the usable training readings; None where they hardly show a standstill.

        Args:
            X: Usable readings, n rows by d tags, NaN where missing.
            codes: State codes of the rows, n.
            idle_level: Idle level of each load indicator, unit of the tag, d; NaN for other tags.
            tags: Names of the tags, d: those of positions have no limit.
            cadence_seconds: Median time between readings, seconds.
        """
        is_off = codes == OFF
        # The first reading may be a mean over the run-down.
        fall_rows = int(np.ceil(_RUN_DOWN_SECONDS / cadence_seconds))
        rests = run_length(is_off, 0) > fall_rows
        if rests.sum() < _MIN_ROWS:
            return None
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", RuntimeWarning)  # a tag without readings has no limit
            low, high, rest_high = np.nanmin(X, axis=0), np.nanmax(X, axis=0), np.nanmax(X[rests], axis=0)
            usual = np.nanmedian(X[~is_off], axis=0)
        falls_at_once = rest_high < idle_level  # false for tags that are no load indicators
        load_limit = np.maximum(idle_level, _IDLE_MARGIN * rest_high)
        # Pressures and levels may rise at standstill, by an amount that few standstills do not show.
        hot_limit = np.where(rest_high < usual, high + _RANGE_MARGIN * (high - low), np.inf)
        is_position = [any(matches_pattern(tag, pattern) for pattern in _POSITIONS) for tag in tags]
        has_limit = np.isfinite(high) & ~np.array(is_position)
        limit = np.where(has_limit, np.where(falls_at_once, load_limit, hot_limit), np.inf)
        return cls(limit, np.array(_RUN_DOWN_MARGIN * fall_rows))

    @property
    def max_supported_z(self) -> float:
        """Infinite: z is not calibrated here."""
        return np.inf

    def score(
        self, X: Floats, codes: Ints, params: ScoreParams, state: StreamState
    ) -> tuple[StandstillScores, StreamState]:
        """Score the rows of state off: beyond a limit they have the z of a fast alarm, else 0.

        Args:
            X: Usable readings, n rows by d tags, NaN where missing.
            codes: State codes of the rows, n.
            params: ``alarm_z`` is read.
            state: State of the previous call, or empty.

        Returns:
            The scores of the rows of state off, and the state for the next call.
        """
        is_off = codes == OFF
        rows_since_stop, after = count_rows_since_stop(is_off, self.run_down_rows, state)
        # A comparison with NaN is false: a missing reading is beyond no limit.
        is_beyond: Bools = (X[is_off] > self.high) & (rows_since_stop > self.run_down_rows)[:, None]
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
