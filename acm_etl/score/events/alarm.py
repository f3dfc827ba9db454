"""When an alarm holds: levels, hysteresis and recovery, as a state machine that walks from change to change."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple, Self

import numpy as np

from acm_etl.config import ScoreParams
from acm_etl.score.arrays import Bools, Carry, Floats, Ints
from acm_etl.score.prepare.operating_state import OFF, ON, run_length

_LARGEST = 60.0  # robust spreads: one wild reading must not make all that follows look like recovery


class Rule(NamedTuple):
    """How high for how long.

    Attributes:
        high: z that starts an alarm quickly.
        high_rows: Successive rows that start it quickly, and that tell recovery.
        lasting: z that starts an alarm by lasting.
        lasting_rows: Successive rows that start it so, and that end it.
        clear: z below which rows count towards the end.
        recovered: Share of an alarm's mean size below which rows count as recovered.
        memory: Most rows for which an alarm that recovered asks for more than its own size.
    """

    high: float
    high_rows: int
    lasting: float
    lasting_rows: int
    clear: float
    recovered: float
    memory: int

    @classmethod
    def of(cls, params: ScoreParams, lasting: float, memory: int) -> Self:
        """The rule of the settings, with the lasting level that the calibration can vouch for."""
        clear = lasting - max(params.lasting_z - params.clear_z, 0.0)  # the hysteresis moves with the level
        return cls(
            params.alarm_z, params.alarm_rows, lasting, params.lasting_rows, clear, params.recovered_share, memory
        )


class Seen(NamedTuple):
    """The usable rows, in sequence, as the rule looks at them.

    Attributes:
        fused: Fused z.
        size: Fused robust size, which grows with the distance, as z does not; NaN while off.
        slow: z that the slow path asks of ``fused``.
        code: State codes.
        anew: Which rows run again after a long standstill.
    """

    fused: Floats
    size: Floats
    slow: Floats
    code: Ints
    anew: Bools


@dataclass
class _Memory:
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
    def of(cls, carry: Carry) -> Self:
        """What ``carry`` says."""
        return cls(**{name: carry[name].item() for name in cls.__dataclass_fields__ if name in carry})

    def carry(self) -> Carry:
        """All of it, as arrays."""
        return {name: np.asarray(value) for name, value in vars(self).items()}


def alarms(seen: Seen, rule: Rule, carry: Carry) -> tuple[Bools, Carry]:
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
        seen: Rows after those of ``carry``.
        rule: Levels and lengths.
        carry: Of the call before, or empty.
    """
    if not len(seen.code):
        return np.zeros(0, dtype=bool), carry
    on = seen.code == ON
    runs = {
        "high": on & (seen.fused >= rule.high),
        "lasting": on & (seen.fused >= rule.lasting),
        "low": on & (seen.fused < rule.clear),
    }
    length = {name: run_length(true, int(carry.get(name, np.int64(0)))) for name, true in runs.items()}
    quick = (length["high"] >= rule.high_rows) | (on & (seen.slow >= rule.lasting))
    starts = quick | (length["lasting"] >= rule.lasting_rows)
    ends = (length["low"] >= rule.lasting_rows) | seen.anew
    limit = max(rule.high_rows, rule.lasting_rows)
    after = {name: np.minimum(run[-1], limit) for name, run in length.items()}
    memory = _Memory.of(carry)
    active = _Walk(seen, rule, (starts, quick), np.flatnonzero(ends & ~starts)).all(memory)
    return active & (seen.code != OFF), after | memory.carry()


class _Walk:
    """From change to change: a step for each alarm, not for each row."""

    def __init__(self, seen: Seen, rule: Rule, starts: tuple[Bools, Bools], ends: Ints) -> None:
        self.on = seen.code == ON
        self.size = np.where(self.on, np.clip(np.nan_to_num(seen.size), 0.0, _LARGEST), 0.0)
        self.drifting = np.nan_to_num(seen.slow) >= rule.clear
        self.rule = rule
        self.starts, self.quick = starts
        self.ends = ends
        self.anew = np.flatnonzero(seen.anew)

    def all(self, memory: _Memory) -> Bools:
        """Whether an alarm holds at each row; ``memory`` moves on."""
        active = np.zeros(len(self.on), dtype=bool)
        row = 0
        while row < len(active):
            step = self._alarm if memory.active else self._quiet
            held = memory.active
            end = step(row, memory)
            active[row:end] = held
            row = end
        return active

    def _next(self, places: Ints, row: int) -> int:
        """The first of the places that is not before a row."""
        place = int(np.searchsorted(places, row))
        return int(places[place]) if place < len(places) else len(self.on)

    def _quiet(self, row: int, memory: _Memory) -> int:
        """Goes to the start of the next alarm, or to where the last one is forgotten."""
        end = len(self.on)
        if memory.least:
            end = min(row + memory.left, self._next(self.anew, row), end)
        start = np.flatnonzero(self._may_start(row, end, memory))
        if len(start):
            vars(memory).update(vars(_Memory(active=True)))
            return row + int(start[0])
        memory.cleared |= self._next(self.ends, row) < end
        memory.left -= end - row
        if end < len(self.on) or memory.left <= 0:
            vars(memory).update(vars(_Memory()))
        return end

    def _may_start(self, row: int, end: int, memory: _Memory) -> Bools:
        """Which of some rows without an alarm start one."""
        part = slice(row, end)
        if not memory.least:
            return self.starts[part]
        cleared = memory.cleared | (np.arange(row, end) >= self._next(self.ends, row))
        grown = (self.size[part] > memory.least) | self.drifting[part]
        return (self.starts[part] & grown) | (self.quick[part] & cleared)

    def _alarm(self, row: int, memory: _Memory) -> int:
        """Goes to the row at which the alarm no longer holds."""
        end = self._next(self.ends, row)
        part = slice(row, end)
        total = np.cumsum(np.concatenate([[memory.total], self.size[part]]))
        count = np.cumsum(np.concatenate([[memory.count], self.on[part]]))
        mean = total / np.maximum(count, 1)
        halved = self.on[part] & (self.size[part] < self.rule.recovered * mean[:-1]) & ~self.drifting[part]
        run = run_length(halved & (count[:-1] >= self.rule.lasting_rows), memory.halved)
        over = np.flatnonzero(run >= self.rule.high_rows)
        if len(over):
            lasted = min(int(count[over[0]]), self.rule.memory)
            vars(memory).update(vars(_Memory(least=float(mean[over[0]]), left=lasted)))
            return row + int(over[0])
        if end < len(self.on):
            vars(memory).update(vars(_Memory()))
        else:
            memory.total, memory.count = float(total[-1]), int(count[-1])
            memory.halved = int(run[-1]) if len(run) else memory.halved
        return end
