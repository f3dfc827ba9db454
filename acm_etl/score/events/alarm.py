"""Alarm rule: thresholds, hysteresis and recovery, as a state machine that steps from change to change."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import NamedTuple, Self

import numpy as np

from acm_etl.config import ScoreParams
from acm_etl.score.array_ops import run_length
from acm_etl.score.arrays import Bools, Floats, Ints, StreamState
from acm_etl.score.prepare.operating_state import OFF, ON

MIN_FAST_SIZE = 5.0
"""Robust deviations of a fast start: where scores hardly vary, z = 3.5 is passed by bursts of half that size."""

LONG_RUN = 8
"""Length of a long run in sustained runs. The memory of one burst of outliers lasts for two of them."""

# A normally distributed score has as many robust deviations as z; one with a shorter tail has fewer: rare, but small.
_SUSTAINED_SIZE_PER_Z = 1.1
_RARE_Z_MARGIN = 0.5  # healthy bursts rarely pass z = 4: there, as many robust deviations as z are enough
_MAX_RAW_FUSED = 60.0  # robust deviations; without a cap, one wild reading makes all later rows look recovered


class RunLevel(NamedTuple):
    """Condition of an alarm that starts after a run of readings.

    Attributes:
        z: Fused z that all readings of the run must reach; infinite if no alarm starts so.
        rows: Length of the run, rows.
    """

    z: float
    rows: int


NO_RUN_LEVEL = RunLevel(np.inf, 1)


class AlarmRule(NamedTuple):
    """Alarm thresholds, and the number of consecutive rows for which each must hold.

    Attributes:
        fast_z: Fused z that starts an alarm after ``fast_rows`` rows.
        fast_size: Fused score in robust deviations that these rows must reach as well.
        rare_z: Fused z from which a fast start needs only as many robust deviations as z.
        fast_rows: Rows for a fast start, and for recovery.
        sustained_z: Fused z that starts an alarm after ``sustained_rows`` rows.
        sustained_size: Fused score in robust deviations that these rows must reach as well.
        sustained_rows: Rows for a sustained start, and for the end of an alarm.
        clear_z: Fused z below which rows count towards the end of an alarm.
        run_z: Fused z that starts an alarm after ``run_rows`` rows.
        run_rows: Rows for such a start.
        run_clear_z: Fused z below which rows count towards the end of an alarm that started so.
        recovery_ratio: Fraction of an alarm's mean size below which a row counts as recovered.
        max_holdoff_rows: Longest hold-off after recovery, during which a new alarm must exceed the size of the old one.
    """

    fast_z: float
    fast_size: float
    rare_z: float
    fast_rows: int
    sustained_z: float
    sustained_size: float
    sustained_rows: int
    clear_z: float
    run_z: float
    run_rows: int
    run_clear_z: float
    recovery_ratio: float
    max_holdoff_rows: int

    @classmethod
    def from_params(
        cls, params: ScoreParams, sustained_z: float, max_holdoff_rows: int, *, run_level: RunLevel = NO_RUN_LEVEL
    ) -> Self:
        """Return the rule of the settings.

        Args:
            params: Settings.
            sustained_z: Threshold of sustained alarms: the one of the settings, or less where the model has too few
                calibration rows to support it.
            max_holdoff_rows: As the attribute.
            run_level: z and rows of starts after a run.
        """
        # Where the threshold is lowered, the clear threshold follows, so that the hysteresis keeps its width.
        hysteresis = max(params.sustained_z - params.clear_z, 0.0)
        clear_z = sustained_z - hysteresis
        return cls(
            fast_z=params.alarm_z,
            fast_size=MIN_FAST_SIZE,
            rare_z=params.alarm_z + _RARE_Z_MARGIN,
            fast_rows=params.alarm_rows,
            sustained_z=sustained_z,
            sustained_size=_SUSTAINED_SIZE_PER_Z * sustained_z,
            sustained_rows=params.sustained_rows,
            clear_z=clear_z,
            run_z=run_level.z,
            run_rows=run_level.rows,
            run_clear_z=min(clear_z, run_level.z - hysteresis),
            recovery_ratio=params.recovery_ratio,
            max_holdoff_rows=max_holdoff_rows,
        )


class AlarmInputs(NamedTuple):
    """Usable rows, in time order.

    Attributes:
        fused: Fused z.
        raw_fused: Fused score in robust deviations, NaN while off. Unlike z, the score grows in proportion to the
            deviation, so ratios of two rows are meaningful.
        drift_floor: Minimum fused z implied by the drift score.
        operating_state: State codes.
        after_long_stop: True for the first row after a long standstill.
    """

    fused: Floats
    raw_fused: Floats
    drift_floor: Floats
    operating_state: Ints
    after_long_stop: Bools


@dataclass(frozen=True)
class _AlarmState:
    """State of the alarm after a row; the default is "no alarm, no hold-off".

    Attributes:
        is_active: True while the alarm is on.
        size_sum: Sum of ``raw_fused`` over the alarm's rows in state on.
        row_count: Number of those rows.
        recovered_run: Consecutive recovered rows up to here.
        min_new_size: Size that a new alarm must exceed during the hold-off; 0 without hold-off.
        holdoff_rows: Remaining rows of the hold-off.
        is_rearmed: True once fused z stayed below the clear threshold during the hold-off: fast starts apply again.
    """

    is_active: bool = False
    size_sum: float = 0.0
    row_count: int = 0
    recovered_run: int = 0
    min_new_size: float = 0.0
    holdoff_rows: int = 0
    is_rearmed: bool = False

    @classmethod
    def from_arrays(cls, state: StreamState) -> Self:
        """Return the state that ``to_arrays`` serialised; the default state if ``state`` is empty."""
        return cls(**{field: state[key].item() for field, key in _STATE_KEYS.items() if key in state})

    def to_arrays(self) -> StreamState:
        """Return the fields as arrays by their stored names."""
        return {key: np.asarray(getattr(self, field)) for field, key in _STATE_KEYS.items()}


# Stored scoring states have these keys: with another key, an open alarm would be lost at the next call.
_STATE_KEYS = {
    "is_active": "active",
    "size_sum": "total",
    "row_count": "count",
    "recovered_run": "halved",
    "min_new_size": "least",
    "holdoff_rows": "left",
    "is_rearmed": "cleared",
}


def compute_alarm_flags(inputs: AlarmInputs, rule: AlarmRule, state: StreamState) -> tuple[Bools, StreamState]:
    """Return the alarm flag of each row.

    Start: ``fast_rows`` consecutive rows with fused z >= ``fast_z`` and a size of at least ``fast_size``, or both of at
    least ``rare_z``; ``sustained_rows`` with fused z >= ``sustained_z`` and a size of at least ``sustained_size``; or
    ``run_rows`` with fused z >= ``run_z`` and a size of at least ``sustained_size``. If the drift score alone reaches
    ``sustained_z``, the alarm starts immediately: the drift score already averages two days. The alarm is on from the
    row that completes the condition.

    End: ``sustained_rows`` consecutive rows with fused z < ``run_clear_z``, or a long standstill, or recovery.

    Recovery: ``fast_rows`` consecutive rows below ``recovery_ratio`` of the alarm's mean size, unless the drift score
    reaches ``clear_z``. The fault is gone, even if the machine does not return to its condition in training.
    After recovery, for min(alarm length, ``max_holdoff_rows``) rows, a new alarm needs a size above the old alarm's
    mean. Once fused z stayed below ``run_clear_z`` for ``sustained_rows`` rows, fast starts apply again.

    Rows that are not in state on break all of these runs. The flag is False while the machine is off, and True again
    after a restart, unless the standstill was long.

    Args:
        inputs: Rows after those of ``state``.
        rule: Thresholds and lengths.
        state: State of the previous call, or empty.

    Returns:
        Flags, and the state for the next call.
    """
    if not len(inputs.operating_state):
        return np.zeros(0, dtype=bool), state
    # Start-up transients have high scores without a fault: they neither start nor end an alarm.
    is_on = inputs.operating_state == ON
    is_large = (inputs.fused >= rule.fast_z) & (inputs.raw_fused >= rule.fast_size)
    is_rare = (inputs.fused >= rule.rare_z) & (inputs.raw_fused >= rule.rare_z)
    conditions = {
        "high": is_on & (is_large | is_rare),
        "lasting": is_on & (inputs.fused >= rule.sustained_z) & (inputs.raw_fused >= rule.sustained_size),
        "run": is_on & (inputs.fused >= rule.run_z) & (inputs.raw_fused >= rule.sustained_size),
        "low": is_on & (inputs.fused < rule.run_clear_z),
    }
    lengths = {name: run_length(flags, int(state.get(name, np.int64(0)))) for name, flags in conditions.items()}
    fast_starts = (lengths["high"] >= rule.fast_rows) | (is_on & (inputs.drift_floor >= rule.sustained_z))
    starts = fast_starts | (lengths["lasting"] >= rule.sustained_rows) | (lengths["run"] >= rule.run_rows)
    ends = (lengths["low"] >= rule.sustained_rows) | inputs.after_long_stop
    machine = _AlarmStateMachine(inputs, rule, starts=starts, fast_starts=fast_starts, ends=ends)
    is_active, alarm_state = machine.run(_AlarmState.from_arrays(state))
    # No condition looks further back than this: capped, the stored state of a quiet machine stays the same.
    longest = max(rule.fast_rows, rule.sustained_rows, rule.run_rows)
    run_state = {name: np.minimum(length[-1], longest) for name, length in lengths.items()}
    # The state machine keeps the alarm through a standstill; only its display is suppressed.
    return is_active & (inputs.operating_state != OFF), run_state | alarm_state.to_arrays()


class _AlarmStateMachine:
    """Steps from one change of the alarm to the next; the rows in between are handled as arrays.

    Args:
        inputs: Usable rows.
        rule: Thresholds and lengths.
        starts: Rows at which an alarm may start.
        fast_starts: Those of them at which the condition of a fast start holds.
        ends: Rows at which an alarm or a hold-off ends.
    """

    def __init__(self, inputs: AlarmInputs, rule: AlarmRule, *, starts: Bools, fast_starts: Bools, ends: Bools) -> None:
        self.is_on = inputs.operating_state == ON
        # Rows that are not in state on have size 0: they add nothing to the sum of an alarm.
        self.size = np.where(self.is_on, np.clip(np.nan_to_num(inputs.raw_fused), 0.0, _MAX_RAW_FUSED), 0.0)
        self.is_drifting = np.nan_to_num(inputs.drift_floor) >= rule.clear_z
        self.rule = rule
        self.starts, self.fast_starts = starts, fast_starts
        # A row that meets a start condition ends no alarm: the alarm would start again at the same row.
        self.end_rows = np.flatnonzero(ends & ~starts)
        self.long_stop_rows = np.flatnonzero(inputs.after_long_stop)

    def run(self, alarm_state: _AlarmState) -> tuple[Bools, _AlarmState]:
        """Return whether the alarm is on at each row, and the state after the last row."""
        is_active = np.zeros(len(self.is_on), dtype=bool)
        row = 0
        while row < len(is_active):
            was_active = alarm_state.is_active
            advance = self._advance_alarm if was_active else self._advance_quiet
            end, alarm_state = advance(row, alarm_state)
            is_active[row:end] = was_active
            row = end
        return is_active, alarm_state

    def _next_row(self, candidates: Ints, row: int) -> int:
        """Return the first candidate at or after a row; the number of rows if there is none."""
        position = int(np.searchsorted(candidates, row))
        return int(candidates[position]) if position < len(candidates) else len(self.is_on)

    def _advance_quiet(self, row: int, alarm_state: _AlarmState) -> tuple[int, _AlarmState]:
        """Go to the start of the next alarm, or to the end of the hold-off."""
        end = len(self.is_on)
        if alarm_state.min_new_size:
            # A long stop ends the hold-off: the machine may have been repaired.
            end = min(row + alarm_state.holdoff_rows, self._next_row(self.long_stop_rows, row), end)
        start_rows = np.flatnonzero(self._select_starts(row, end, alarm_state))
        if len(start_rows):
            return row + int(start_rows[0]), _AlarmState(is_active=True)
        holdoff_rows = alarm_state.holdoff_rows - (end - row)
        if end < len(self.is_on) or holdoff_rows <= 0:
            return end, _AlarmState()
        is_rearmed = alarm_state.is_rearmed or self._next_row(self.end_rows, row) < end
        return end, replace(alarm_state, holdoff_rows=holdoff_rows, is_rearmed=is_rearmed)

    def _select_starts(self, row: int, end: int, alarm_state: _AlarmState) -> Bools:
        """Return which of the rows from ``row`` to ``end`` start an alarm."""
        rows = slice(row, end)
        if not alarm_state.min_new_size:
            return self.starts[rows]
        is_rearmed = alarm_state.is_rearmed | (np.arange(row, end) >= self._next_row(self.end_rows, row))
        # Drift is a slow increase; the size of single rows cannot show it.
        is_larger = (self.size[rows] > alarm_state.min_new_size) | self.is_drifting[rows]
        return (self.starts[rows] & is_larger) | (self.fast_starts[rows] & is_rearmed)

    def _advance_alarm(self, row: int, alarm_state: _AlarmState) -> tuple[int, _AlarmState]:
        """Go to the end of the alarm, or to its recovery."""
        end = self._next_row(self.end_rows, row)
        rows = slice(row, end)
        # Entry i is about the alarm before row i of the slice: a row is compared with the mean of the rows before it.
        size_sum = np.cumsum(np.concatenate([[alarm_state.size_sum], self.size[rows]]))
        row_count = np.cumsum(np.concatenate([[alarm_state.row_count], self.is_on[rows]]))
        mean_size = size_sum / np.maximum(row_count, 1)
        is_small = self.is_on[rows] & (self.size[rows] < self.rule.recovery_ratio * mean_size[:-1])
        # The mean of a few rows is no measure of the alarm: recovery needs ``sustained_rows`` of them.
        is_recovered = is_small & ~self.is_drifting[rows] & (row_count[:-1] >= self.rule.sustained_rows)
        recovered_run = run_length(is_recovered, alarm_state.recovered_run)
        recovery_rows = np.flatnonzero(recovered_run >= self.rule.fast_rows)
        if len(recovery_rows):
            first = int(recovery_rows[0])
            # At most as long as the alarm lasted: a short alarm must not suppress the next one for days.
            holdoff_rows = min(int(row_count[first]), self.rule.max_holdoff_rows)
            return row + first, _AlarmState(min_new_size=float(mean_size[first]), holdoff_rows=holdoff_rows)
        if end < len(self.is_on):
            return end, _AlarmState()
        return end, replace(
            alarm_state,
            size_sum=float(size_sum[-1]),
            row_count=int(row_count[-1]),
            recovered_run=int(recovered_run[-1]) if len(recovered_run) else alarm_state.recovered_run,
        )
