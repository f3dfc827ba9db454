"""When an alarm holds: levels, hysteresis and recovery, as a state machine that walks from change to change."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple, Self

import numpy as np

from acm_etl.config import ScoreParams
from acm_etl.score.array_ops import run_length
from acm_etl.score.arrays import Bools, Floats, Ints, StreamState
from acm_etl.score.prepare.operating_state import OFF, ON

_MAX_RAW_FUSED = 60.0  # robust spreads: one wild reading must not make all that follows look like recovery


class AlarmRule(NamedTuple):
    """How high for how long.

    Attributes:
        fast_z: z that starts an alarm quickly.
        fast_rows: Successive rows that start it quickly, and that tell recovery.
        sustained_z: z that starts an alarm by lasting.
        sustained_rows: Successive rows that start it so, and that end it.
        clear_z: z below which rows count towards the end.
        recovery_ratio: Share of an alarm's mean size below which rows count as recovered.
        max_holdoff_rows: Most rows for which an alarm that recovered asks for more than its own size.
    """

    fast_z: float
    fast_rows: int
    sustained_z: float
    sustained_rows: int
    clear_z: float
    recovery_ratio: float
    max_holdoff_rows: int

    @classmethod
    def from_params(cls, params: ScoreParams, sustained_z: float, max_holdoff_rows: int) -> Self:
        """The rule of the settings, with the lasting level that the calibration can vouch for."""
        clear = sustained_z - max(params.sustained_z - params.clear_z, 0.0)  # the hysteresis moves with the level
        return cls(
            params.alarm_z,
            params.alarm_rows,
            sustained_z,
            params.sustained_rows,
            clear,
            params.recovery_ratio,
            max_holdoff_rows,
        )


class AlarmInputs(NamedTuple):
    """The usable rows, in sequence, as the rule looks at them.

    Attributes:
        fused: Fused z.
        raw_fused: Fused robust size, which grows with the distance, as z does not; NaN while off.
        drift_floor: z that the slow path asks of ``fused``.
        operating_state: State codes.
        after_long_stop: Which rows run again after a long standstill.
    """

    fused: Floats
    raw_fused: Floats
    drift_floor: Floats
    operating_state: Ints
    after_long_stop: Bools


@dataclass
class _AlarmState:
    """Where the walk stands.

    Attributes:
        active: Whether an alarm holds.
        total: Sum of the sizes of the alarm's rows in state on.
        count: Number of those rows.
        halved: Successive recovered rows.
        least: Size that a new alarm must exceed; 0 for none.
        left: Rows for which it must.
        cleared: Whether all was over since the recovery, so that a quick start need not.
    """

    active: bool = False
    total: float = 0.0
    count: int = 0
    halved: int = 0
    least: float = 0.0
    left: int = 0
    cleared: bool = False

    @classmethod
    def from_arrays(cls, state: StreamState) -> Self:
        """What ``state`` says."""
        return cls(**{name: state[name].item() for name in cls.__dataclass_fields__ if name in state})

    def to_arrays(self) -> StreamState:
        """All of it, as arrays."""
        return {name: np.asarray(value) for name, value in vars(self).items()}


def compute_alarm_flags(inputs: AlarmInputs, rule: AlarmRule, state: StreamState) -> tuple[Bools, StreamState]:
    """Whether the alarm rule holds at each row.

    An alarm starts at the row that completes ``high_rows`` successive rows with z >= ``high``, or ``lasting_rows``
    with z >= ``lasting``: a small shift that stays is as telling as a large one that does not. Where the slow path
    asks for that level, it starts at once: a mean over two days has lasted already.

    It ends at the row that completes ``lasting_rows`` below ``clear``, or, unless the slow path holds it, ``high_rows``
    below a share of the alarm's own mean size: the fault is over, even if the machine is not back where it was in
    training. For as long as the alarm had held, at most ``memory`` rows, what is left then alarms again where it grows
    beyond that mean; and once it was below ``clear`` as for an end, where it starts quickly.

    Rows that are not in state on count for nothing and break all runs. No alarm is shown while the machine is off; it
    shows again when the machine restarts, unless it stood for long.

    Args:
        inputs: Rows after those of ``state``.
        rule: Levels and lengths.
        state: Of the call before, or empty.
    """
    if not len(inputs.operating_state):
        return np.zeros(0, dtype=bool), state
    on = inputs.operating_state == ON
    runs = {
        "high": on & (inputs.fused >= rule.fast_z),
        "lasting": on & (inputs.fused >= rule.sustained_z),
        "low": on & (inputs.fused < rule.clear_z),
    }
    length = {name: run_length(true, int(state.get(name, np.int64(0)))) for name, true in runs.items()}
    quick = (length["high"] >= rule.fast_rows) | (on & (inputs.drift_floor >= rule.sustained_z))
    starts = quick | (length["lasting"] >= rule.sustained_rows)
    ends = (length["low"] >= rule.sustained_rows) | inputs.after_long_stop
    limit = max(rule.fast_rows, rule.sustained_rows)
    after = {name: np.minimum(run[-1], limit) for name, run in length.items()}
    memory = _AlarmState.from_arrays(state)
    active = _AlarmStateMachine(inputs, rule, (starts, quick), np.flatnonzero(ends & ~starts)).compute_flags(memory)
    return active & (inputs.operating_state != OFF), after | memory.to_arrays()


class _AlarmStateMachine:
    """From change to change: a step for each alarm, not for each row."""

    def __init__(self, seen: AlarmInputs, rule: AlarmRule, starts: tuple[Bools, Bools], ends: Ints) -> None:
        self.is_on = seen.operating_state == ON
        self.raw_fused = np.where(self.is_on, np.clip(np.nan_to_num(seen.raw_fused), 0.0, _MAX_RAW_FUSED), 0.0)
        self.is_drifting = np.nan_to_num(seen.drift_floor) >= rule.clear_z
        self.rule = rule
        self.may_start, self.may_start_fast = starts
        self.end_rows = ends
        self.long_stop_rows = np.flatnonzero(seen.after_long_stop)

    def compute_flags(self, alarm_state: _AlarmState) -> Bools:
        """Whether an alarm holds at each row; ``alarm_state`` moves on."""
        active = np.zeros(len(self.is_on), dtype=bool)
        row = 0
        while row < len(active):
            step = self._advance_alarm if alarm_state.active else self._advance_quiet
            held = alarm_state.active
            end = step(row, alarm_state)
            active[row:end] = held
            row = end
        return active

    def _next_row(self, candidates: Ints, row: int) -> int:
        """The first of the places that is not before a row."""
        place = int(np.searchsorted(candidates, row))
        return int(candidates[place]) if place < len(candidates) else len(self.is_on)

    def _advance_quiet(self, row: int, alarm_state: _AlarmState) -> int:
        """Goes to the start of the next alarm, or to where the last one is forgotten."""
        end = len(self.is_on)
        if alarm_state.least:
            end = min(row + alarm_state.left, self._next_row(self.long_stop_rows, row), end)
        start = np.flatnonzero(self._select_starts(row, end, alarm_state))
        if len(start):
            vars(alarm_state).update(vars(_AlarmState(active=True)))
            return row + int(start[0])
        alarm_state.cleared |= self._next_row(self.end_rows, row) < end
        alarm_state.left -= end - row
        if end < len(self.is_on) or alarm_state.left <= 0:
            vars(alarm_state).update(vars(_AlarmState()))
        return end

    def _select_starts(self, row: int, end: int, alarm_state: _AlarmState) -> Bools:
        """Which of some rows without an alarm start one."""
        part = slice(row, end)
        if not alarm_state.least:
            return self.may_start[part]
        cleared = alarm_state.cleared | (np.arange(row, end) >= self._next_row(self.end_rows, row))
        grown = (self.raw_fused[part] > alarm_state.least) | self.is_drifting[part]
        return (self.may_start[part] & grown) | (self.may_start_fast[part] & cleared)

    def _advance_alarm(self, row: int, alarm_state: _AlarmState) -> int:
        """Goes to the row at which the alarm no longer holds."""
        end = self._next_row(self.end_rows, row)
        part = slice(row, end)
        total = np.cumsum(np.concatenate([[alarm_state.total], self.raw_fused[part]]))
        count = np.cumsum(np.concatenate([[alarm_state.count], self.is_on[part]]))
        mean = total / np.maximum(count, 1)
        halved = (
            self.is_on[part] & (self.raw_fused[part] < self.rule.recovery_ratio * mean[:-1]) & ~self.is_drifting[part]
        )
        run = run_length(halved & (count[:-1] >= self.rule.sustained_rows), alarm_state.halved)
        over = np.flatnonzero(run >= self.rule.fast_rows)
        if len(over):
            lasted = min(int(count[over[0]]), self.rule.max_holdoff_rows)
            vars(alarm_state).update(vars(_AlarmState(least=float(mean[over[0]]), left=lasted)))
            return row + int(over[0])
        if end < len(self.is_on):
            vars(alarm_state).update(vars(_AlarmState()))
        else:
            alarm_state.total, alarm_state.count = float(total[-1]), int(count[-1])
            alarm_state.halved = int(run[-1]) if len(run) else alarm_state.halved
        return end
