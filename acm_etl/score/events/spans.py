"""Streaming aggregation of consecutive rows into spans, which segments and episodes share.

A span may reach over any number of calls. Each call gets the span that was open when the previous call ended, and
returns that span, extended, followed by the spans that begin in its own rows.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from acm_etl.score.arrays import Array, Bools, Floats, Ints
from acm_etl.score.polars_convert import NO_TIME

SpanColumns = dict[str, Array]
"""Spans as columns, one entry per span; an empty dict means no span.

All spans have start, end, count, peak, peak_at (time of the first row with the peak), sums and closed (time of the row
that ended the span, ``NO_TIME`` while the span is open). Times are microseconds since 1970 UTC.
"""


@dataclass(frozen=True)
class SpanRows:
    """Rows to aggregate, in time order.

    Attributes:
        time: Microseconds since 1970 UTC.
        value: Series whose maximum is kept per span.
        sum_columns: Values that are summed per span, n rows by any number of columns.
    """

    time: Ints
    value: Floats
    sum_columns: Floats


def update_spans(
    rows: SpanRows, begins: Bools, open_span: SpanColumns, start_columns: Mapping[str, Array]
) -> SpanColumns:
    """Extend the open span, and add the spans that begin in these rows.

    Args:
        rows: Rows after those of the open span.
        begins: True for the first row of each span. Rows before the first such row extend the open span; without an
            open span, a span must begin at the first row.
        open_span: Columns of the open span, one entry; empty if there is none.
        start_columns: Further columns of the spans that begin here, one entry per span.

    Returns:
        The open span, then the new spans, which are all open.
    """
    first_rows = np.flatnonzero(begins)
    is_extended = bool(open_span) and len(rows.time) > 0 and not begins[0]
    if is_extended:
        # The rows in front belong to the open span: aggregate them like a span of their own.
        first_rows = np.concatenate([[0], first_rows])
    if not len(first_rows):
        return open_span
    aggregates = _aggregate_rows(rows, first_rows)
    if is_extended:
        open_span = open_span | _combine_aggregates(
            open_span, {name: column[:1] for name, column in aggregates.items()}
        )
        aggregates = {name: column[1:] for name, column in aggregates.items()}
    start = rows.time[begins]
    new_spans = aggregates | {"start": start, "closed": np.full(len(start), NO_TIME), **start_columns}
    if not open_span:
        return new_spans
    # Both have the same columns: a missing one is an error of the caller and raises KeyError.
    return {name: np.concatenate([column, new_spans[name]]) for name, column in open_span.items()}


def is_closed(spans: SpanColumns) -> Bools:
    """Return which spans are over."""
    # ``closed`` is stored in scoring states, so the sentinel must stay the same.
    closed: Bools = spans["closed"] != NO_TIME
    return closed


def last_change_times(spans: SpanColumns) -> Ints:
    """Return the time of the reading that last changed each span: the row that closed the span, else its last row."""
    return np.where(is_closed(spans), spans["closed"], spans["end"])


def _aggregate_rows(rows: SpanRows, first_rows: Ints) -> SpanColumns:
    """Return the aggregates of spans that follow one another without gaps, from the first row to the last."""
    # ``reduceat`` reduces from each first row to the next one, so spans must have no gaps between them.
    sizes = np.diff(np.append(first_rows, len(rows.time)))
    span_of_row = np.repeat(np.arange(len(first_rows)), sizes)
    peak = np.maximum.reduceat(rows.value, first_rows)
    peak_rows = np.flatnonzero(rows.value == peak[span_of_row])
    # ``unique`` gives the first occurrence: of several rows with the same peak, the earliest counts.
    first_peaks = np.unique(span_of_row[peak_rows], return_index=True)[1]
    return {
        "end": rows.time[first_rows + sizes - 1],
        "count": sizes,
        "peak": peak,
        "peak_at": rows.time[peak_rows[first_peaks]],
        "sums": np.add.reduceat(rows.sum_columns, first_rows, axis=0),
    }


def _combine_aggregates(before: SpanColumns, after: SpanColumns) -> SpanColumns:
    """Return the aggregates of one span from those of its rows before and after a cut."""
    # An equal peak after the cut does not count: the earliest row does, as within one call.
    is_higher = after["peak"] > before["peak"]
    return {
        "end": after["end"],
        "count": before["count"] + after["count"],
        "peak": np.where(is_higher, after["peak"], before["peak"]),
        "peak_at": np.where(is_higher, after["peak_at"], before["peak_at"]),
        # Sums of parts round differently from a sum over all rows: equal to about 1e-15, not to the last bit.
        "sums": before["sums"] + after["sums"],
    }
