"""Stretches of equal labels, against a loop over rows, cut anywhere."""

from __future__ import annotations

from itertools import groupby, pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from acm_etl.score.events.segments import NO_LABEL, LabelSeries, locate_rows, update_segments
from acm_etl.score.events.spans import last_change_times
from acm_etl.score.polars_convert import NO_TIME


def labelled(labels, values):
    n = len(labels)
    parts = np.column_stack([values, np.ones(n)]) if n else np.empty((0, 2))
    return LabelSeries(10 * np.arange(n), np.array(labels, dtype=np.int64), np.array(values, dtype=float), parts)


def part(rows, piece):
    return LabelSeries(*(column[piece] for column in vars(rows).values()))


def by_hand(labels, values):
    """One dict per stretch, from a loop."""
    found, place = [], 0
    for label, group in groupby(labels):
        size = len(list(group))
        own = values[place : place + size]
        found.append(
            {
                "start": 10 * place,
                "end": 10 * (place + size - 1),
                "count": size,
                "label": label,
                "before": found[-1]["label"] if found else NO_LABEL,
                "first": own[0],
                "peak": max(own),
                "peak_at": 10 * (place + own.index(max(own))),
                "closed": 10 * (place + size) if place + size < len(labels) else NO_TIME,
            }
        )
        place += size
    return found


ROWS = st.lists(st.tuples(st.integers(-2, 2), st.integers(-9, 9)), max_size=40)


@settings(max_examples=150)
@given(rows=ROWS, cuts=st.lists(st.integers(0, 40), max_size=4))
def test_stretches_are_those_of_a_loop_whatever_the_pieces(rows, cuts):
    labels, values = [label for label, _ in rows], [float(value) for _, value in rows]
    whole = labelled(labels, values)
    edges = [0, *sorted(min(cut, len(rows)) for cut in cuts), len(rows)]
    carry, known, counted = {}, {}, []
    for begin, end in pairwise(edges):
        piece = part(whole, slice(begin, end))
        ledger, carry = update_segments(piece, carry)
        known |= {
            int(start): {name: column[i] for name, column in ledger.items()}
            for i, start in enumerate(ledger.get("start", []))
        }
        if end > begin:
            counted += zip(*(column.tolist() for column in locate_rows(piece, ledger)), strict=True)
    wanted = by_hand(labels, values)
    assert sorted(known) == [one["start"] for one in wanted]
    for one in wanted:
        found = known[one["start"]]
        assert {name: found[name] for name in one} == one
        own = values[one["start"] // 10 : one["end"] // 10 + 1]
        assert found["sums"] == pytest.approx([sum(own), len(own)])
    starts = [10 * (i - len(list(run)) + 1) for i, run in enumerate(_runs(labels))]
    assert counted == [(start, (10 * i - start) // 10 + 1) for i, start in enumerate(starts)]


def _runs(labels):
    """For each row, the rows of its stretch up to it."""
    for i in range(len(labels)):
        begin = i
        while begin and labels[begin - 1] == labels[i]:
            begin -= 1
        yield range(begin, i + 1)


def test_a_stretch_changes_last_where_it_is_closed():
    ledger, _ = update_segments(labelled([1, 1, 2], [0.0, 1.0, 2.0]), {})
    assert last_change_times(ledger).tolist() == [20, 20]


def test_a_call_without_rows_still_knows_the_open_stretch():
    _, carry = update_segments(labelled([1, 1], [0.0, 5.0]), {})
    ledger, after = update_segments(labelled([], []), carry)
    assert (ledger["count"].tolist(), ledger["peak"].tolist()) == ([2], [5.0])
    assert after is carry
