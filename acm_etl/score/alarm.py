"""When an alarm holds: a state machine with hysteresis, over whole columns at once."""

from __future__ import annotations

import numpy as np

from acm_etl.config import ScoreParams
from acm_etl.score.arrays import Bools, Carry, Floats, Ints
from acm_etl.score.states import OFF, ON, carried, run_length


def alarms(fused: Floats, when: tuple[Ints, Bools], params: ScoreParams, carry: Carry) -> tuple[Bools, Carry]:
    """Whether the alarm rule holds at each row.

    An alarm starts at the row that completes ``alarm_rows`` successive rows with z >= ``alarm_z`` and ends at the row
    that completes as many below ``clear_z``. Rows that are not in state on count for neither and break both runs. No
    alarm is shown while the machine is off; it shows again when the machine restarts, unless it stood for long.

    Args:
        fused: Fused z of the usable rows, in sequence.
        when: State codes of the rows, and which run again after a long standstill.
        params: ``alarm_z``, ``clear_z`` and ``alarm_rows`` are read.
        carry: Of the call before, or empty.
    """
    code, anew = when
    on = code == ON
    high = run_length(on & (fused >= params.alarm_z), int(carry.get("high", np.int64(0))))
    low = run_length(on & (fused < params.clear_z), int(carry.get("low", np.int64(0))))
    mark = np.where(high >= params.alarm_rows, 1, np.where((low >= params.alarm_rows) | anew, 0, -1))
    active = carried(mark, int(carry.get("active", np.int64(0))))
    if not len(active):
        return active == 1, carry
    limit = params.alarm_rows
    after = {"high": np.minimum(high[-1], limit), "low": np.minimum(low[-1], limit), "active": active[-1]}
    return (active == 1) & (code != OFF), after
