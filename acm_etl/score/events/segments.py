"""Stretches of rows with the same label, followed across calls: what crossings, zones, drifts and regimes rest on."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from acm_etl.score.arrays import Array, Bools, Floats, Ints, StreamState
from acm_etl.score.polars_convert import NO_TIME

NO_LABEL = np.iinfo(np.int64).min
"""Label before the first stretch."""

SegmentColumns = dict[str, Array]
"""Stretches as columns: start, end, count, label, before (label of the stretch before), first (value at the start),
peak, peak_at, sums (of the parts), closed (time of the row that ended it, or ``NO_TIME`` while open); times in
microseconds since 1970 UTC."""


_INT_COLUMNS = ("start", "end", "count", "label", "before", "peak_at")


@dataclass(frozen=True)
class LabelSeries:
    """Rows, in sequence.

    Attributes:
        time: Microseconds since 1970 UTC.
        label: What stretches are told apart by.
        value: Whose first and highest are kept.
        sum_columns: What is summed over a stretch, n by any number.
    """

    time: Ints
    label: Ints
    value: Floats
    sum_columns: Floats


def update_segments(rows: LabelSeries, state: StreamState) -> tuple[SegmentColumns, StreamState]:
    """Stretches that were open before these rows or that begin in them.

    A stretch is closed by the first row with another label.

    Args:
        rows: Rows after those of ``state``.
        state: Of the call before, or empty.

    Returns:
        The ledger, and the carry.
    """
    before = unpack_open_segment(state)
    if not len(rows.time):
        return before, state
    last = before["label"] if before else np.array([NO_LABEL])
    begins = np.concatenate([last, rows.label[:-1]]) != rows.label
    ledger = _aggregate_segments(rows, begins, last)
    if before:
        ledger = _concat_segments(before, ledger) if begins[0] else _extend_open_segment(before, ledger)
    ledger["closed"] = np.append(ledger["start"][1:], NO_TIME)
    return ledger, _pack_open_segment({name: column[-1] for name, column in ledger.items()})


def unpack_open_segment(state: StreamState) -> SegmentColumns:
    """The stretch that was open when the call before ended; empty where there was none."""
    if not state:
        return {}
    ints = {name: column[None] for name, column in zip(_INT_COLUMNS, state["ints"], strict=True)}
    first, peak, *sums = state["floats"]
    floats = {"first": np.array([first]), "peak": np.array([peak]), "sums": np.array([sums])}
    return ints | floats | {"closed": np.array([NO_TIME])}


def _pack_open_segment(last: SegmentColumns) -> StreamState:
    """The last stretch in two arrays: a state is stored often, and every array in it takes its room."""
    return {
        "ints": np.array([last[name] for name in _INT_COLUMNS]),
        "floats": np.array([last["first"], last["peak"], *last["sums"]]),
    }


def locate_rows(rows: LabelSeries, segments: SegmentColumns) -> tuple[Ints, Ints]:
    """Start of the stretch each row is in, and its rows up to that one.

    Args:
        rows: As for ``follow``.
        segments: What it gave.
    """
    n = len(rows.time)
    stretch = np.searchsorted(segments["start"], rows.time, side="right") - 1
    first = np.searchsorted(rows.time, segments["start"])
    # of a stretch that began before these rows, those are in front that lie behind neither its end nor them
    in_front = segments["count"] - np.bincount(stretch, minlength=len(first))
    return segments["start"][stretch], np.arange(1, n + 1) - first[stretch] + in_front[stretch]


def _aggregate_segments(rows: LabelSeries, begins: Bools, last: Ints) -> SegmentColumns:
    """Stretches of these rows alone; the first may go on from before."""
    starts = begins.copy()
    starts[0] = True
    first = np.flatnonzero(starts)
    sizes = np.diff(np.append(first, len(rows.time)))
    group = np.repeat(np.arange(len(first)), sizes)
    peak = np.maximum.reduceat(rows.value, first)
    at_peak = np.flatnonzero(rows.value == peak[group])
    return {
        "start": rows.time[first],
        "end": rows.time[first + sizes - 1],
        "count": sizes,
        "label": rows.label[first],
        "before": np.append(last, rows.label[first[:-1]]),
        "first": rows.value[first],
        "peak": peak,
        "peak_at": rows.time[at_peak[np.unique(group[at_peak], return_index=True)[1]]],
        "sums": np.add.reduceat(rows.sum_columns, first, axis=0),
    }


def _concat_segments(first: SegmentColumns, second: SegmentColumns) -> SegmentColumns:
    return {name: np.concatenate([first[name], second[name]]) for name in second}


def _extend_open_segment(before: SegmentColumns, segments: SegmentColumns) -> SegmentColumns:
    """The stretch that was open before put in front of the first one here."""
    here = {name: column[:1] for name, column in segments.items()}
    higher = here["peak"] > before["peak"]
    one = before | {
        "end": here["end"],
        "count": before["count"] + here["count"],
        "peak": np.where(higher, here["peak"], before["peak"]),
        "peak_at": np.where(higher, here["peak_at"], before["peak_at"]),
        "sums": before["sums"] + here["sums"],
    }
    return _concat_segments(one, {name: column[1:] for name, column in segments.items()})


def last_change_times(segments: SegmentColumns) -> Ints:
    """Data time of the last change: the row that closed the stretch, else its last row."""
    return np.where(segments["closed"] == NO_TIME, segments["end"], segments["closed"])
