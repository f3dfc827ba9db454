"""When an alarm holds: a state machine with hysteresis, over whole columns at once."""

from __future__ import annotations

from typing import NamedTuple, Self

import numpy as np

from acm_etl.config import ScoreParams
from acm_etl.score.arrays import Bools, Carry, Floats, Ints
from acm_etl.score.states import OFF, ON, carried, run_length


class Rule(NamedTuple):
    """How high for how long.

    Attributes:
        high: z that starts an alarm quickly.
        high_rows: Successive rows that start it quickly, and that end it.
        lasting: z that starts an alarm by lasting.
        lasting_rows: Successive rows that start it so.
        clear: z below which rows count towards the end.
    """

    high: float
    high_rows: int
    lasting: float
    lasting_rows: int
    clear: float

    @classmethod
    def of(cls, params: ScoreParams, lasting: float) -> Self:
        """The rule of the settings, with the lasting level that the calibration can vouch for."""
        clear = min(params.clear_z, lasting)  # above the level that started it, an alarm would end at once
        return cls(params.alarm_z, params.alarm_rows, lasting, params.lasting_rows, clear)


def alarms(fused: Floats, when: tuple[Ints, Bools], rule: Rule, carry: Carry) -> tuple[Bools, Carry]:
    """Whether the alarm rule holds at each row.

    An alarm starts at the row that completes ``high_rows`` successive rows with z >= ``high``, or ``lasting_rows``
    with z >= ``lasting``: a small shift that stays is as telling as a large one that does not. It ends at the row
    that completes ``high_rows`` below ``clear``. Rows that are not in state on count for nothing and break all runs.
    No alarm is shown while the machine is off; it shows again when the machine restarts, unless it stood for long.

    Args:
        fused: Fused z of the usable rows, in sequence.
        when: State codes of the rows, and which run again after a long standstill.
        rule: Levels and lengths.
        carry: Of the call before, or empty.
    """
    code, anew = when
    on = code == ON
    runs = {
        "high": on & (fused >= rule.high),
        "lasting": on & (fused >= rule.lasting),
        "low": on & (fused < rule.clear),
    }
    length = {name: run_length(true, int(carry.get(name, np.int64(0)))) for name, true in runs.items()}
    starts = (length["high"] >= rule.high_rows) | (length["lasting"] >= rule.lasting_rows)
    mark = np.where(starts, 1, np.where((length["low"] >= rule.high_rows) | anew, 0, -1))
    active = carried(mark, int(carry.get("active", np.int64(0))))
    if not len(active):
        return active == 1, carry
    limit = max(rule.high_rows, rule.lasting_rows)
    after = {name: np.minimum(run[-1], limit) for name, run in length.items()} | {"active": active[-1]}
    return (active == 1) & (code != OFF), after
