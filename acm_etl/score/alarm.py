"""When an alarm holds: a state machine with hysteresis, over whole columns at once."""

from __future__ import annotations

import numpy as np

from acm_etl.config import ScoreParams
from acm_etl.score.arrays import Bools, Carry, Floats, Ints
from acm_etl.score.states import ON, run_length


def alarms(fused: Floats, code: Ints, params: ScoreParams, carry: Carry) -> tuple[Bools, Carry]:
    """Whether the alarm rule holds at each row.

    An alarm starts at the row that completes ``alarm_rows`` successive rows with z >= ``alarm_z`` and ends at the row
    that completes as many below ``clear_z``. Rows that are not in state on break every run and end the alarm.

    Args:
        fused: Fused z of the usable rows, in sequence.
        code: State codes of the rows.
        params: ``alarm_z``, ``clear_z`` and ``alarm_rows`` are read.
        carry: Of the call before, or empty.
    """
    on = code == ON
    high = run_length(on & (fused >= params.alarm_z), int(carry.get("high", np.int64(0))))
    low = run_length(on & (fused < params.clear_z), int(carry.get("low", np.int64(0))))
    mark = np.where(high >= params.alarm_rows, 1, np.where((low >= params.alarm_rows) | ~on, 0, -1))
    active = carried(mark, int(carry.get("active", np.int64(0))))
    if not len(active):
        return active == 1, carry
    limit = params.alarm_rows
    after = {"high": np.minimum(high[-1], limit), "low": np.minimum(low[-1], limit), "active": active[-1]}
    return active == 1, after


def carried(marks: Ints, before: int) -> Ints:
    """Each mark until the next; -1 is no mark.

    Args:
        marks: One mark per row.
        before: The mark that holds just before the first row.
    """
    rows = np.arange(1, len(marks) + 1)
    latest = np.maximum.accumulate(np.where(marks != -1, rows, 0)) if len(marks) else rows
    result: Ints = np.concatenate([[before], marks])[latest]
    return result
