"""Segments: spans of consecutive rows with the same label."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from acm_etl.score.arrays import Floats, Ints, StreamState
from acm_etl.score.events.spans import SpanColumns, SpanRows, update_spans
from acm_etl.score.polars_convert import NO_TIME

NO_LABEL = np.iinfo(np.int64).min
"""Label before the first segment; regime codes may be negative, so that -1 would be ambiguous."""

SegmentColumns = SpanColumns
"""Columns of spans, and label, before (label of the preceding segment) and first (value at the start)."""

_INT_COLUMNS = ("start", "end", "count", "label", "before", "peak_at")


@dataclass(frozen=True)
class LabelSeries:
    """Labelled rows, in time order.

    Attributes:
        time: Microseconds since 1970 UTC.
        label: Label of each row.
        value: Series whose first value and maximum are kept per segment.
        sum_columns: Values that are summed per segment, n rows by any number of columns.
    """

    time: Ints
    label: Ints
    value: Floats
    sum_columns: Floats


def update_segments(rows: LabelSeries, state: StreamState) -> tuple[SegmentColumns, StreamState]:
    """Return the segments that were open before these rows or begin in them.

    The first row with another label closes a segment.

    Args:
        rows: Rows after those of ``state``.
        state: State of the previous call, or empty.

    Returns:
        Segments in time order, and the state for the next call.
    """
    open_segment = unpack_open_segment(state)
    if not len(rows.time):
        return open_segment, state
    label_before = open_segment["label"] if open_segment else np.array([NO_LABEL])
    previous = np.concatenate([label_before, rows.label[:-1]])
    begins = previous != rows.label
    start_columns = {"label": rows.label[begins], "before": previous[begins], "first": rows.value[begins]}
    span_rows = SpanRows(rows.time, rows.value, rows.sum_columns)
    segments = update_spans(span_rows, begins, open_segment, start_columns)
    # Segments leave no gaps: the first row of the next segment closes the one before.
    segments["closed"] = np.append(segments["start"][1:], NO_TIME)
    return segments, _pack_open_segment(segments)


def unpack_open_segment(state: StreamState) -> SegmentColumns:
    """Return the segment that was open when the previous call ended; empty if there was none."""
    if not state:
        return {}
    ints = {name: column[None] for name, column in zip(_INT_COLUMNS, state["ints"], strict=True)}
    # The number of sums follows from the length: streams have none, two, or one per tag.
    first, peak, *sums = state["floats"]
    floats = {"first": np.array([first]), "peak": np.array([peak]), "sums": np.array([sums])}
    return ints | floats | {"closed": np.array([NO_TIME])}


def _pack_open_segment(segments: SegmentColumns) -> StreamState:
    """Return the last segment as two arrays."""
    # States are stored often, and every array in them costs a few hundred bytes: two arrays instead of nine.
    last = {name: column[-1] for name, column in segments.items()}
    return {
        "ints": np.array([last[name] for name in _INT_COLUMNS]),
        "floats": np.array([last["first"], last["peak"], *last["sums"]]),
    }


def locate_rows(rows: LabelSeries, segments: SegmentColumns) -> tuple[Ints, Ints]:
    """Return the start of the segment of each row, and the rows of that segment up to and including this row.

    Args:
        rows: Rows given to ``update_segments``.
        segments: Segments that ``update_segments`` returned for these rows.
    """
    n = len(rows.time)
    segment_of_row = np.searchsorted(segments["start"], rows.time, side="right") - 1
    first_row = np.searchsorted(rows.time, segments["start"])
    # A segment that began in an earlier call has more rows than lie here: its earlier rows count as well.
    earlier_rows = segments["count"] - np.bincount(segment_of_row, minlength=len(first_row))
    counts = np.arange(1, n + 1) - first_row[segment_of_row] + earlier_rows[segment_of_row]
    return segments["start"][segment_of_row], counts
