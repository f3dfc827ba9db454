"""Bad cells and duplicate rows are rejected and reported; no value is invented."""

from __future__ import annotations

from datetime import datetime

import polars as pl
import pytest
from polars.testing import assert_frame_equal

from acm_etl.errors import InputError
from acm_etl.score import clean_readings, dedupe_readings
from acm_etl.score.prepare.clean import check_times, require_numeric_tags

T = [datetime(2024, 1, 1, hour) for hour in range(5)]


def test_bad_cells_become_null_and_are_reported():
    frame = pl.DataFrame({"Timestamp": T, "a": [1.0, float("nan"), float("-inf"), 1e13, None], "b": [1, 2, 3, 4, 5]})
    kept, rejected = clean_readings(frame, ["b", "a"], 1e12)
    assert kept.columns == ["Timestamp", "b", "a"]
    assert kept["a"].to_list() == [1.0, None, None, None, None]
    assert kept["b"].to_list() == [1.0, 2.0, 3.0, 4.0, 5.0]
    assert rejected.rows() == [
        (T[1], "a", "nan", "NaN"),
        (T[2], "a", "infinite", "-inf"),
        (T[3], "a", "out_of_range", "10000000000000.0"),
    ]


def test_clean_readings_are_unchanged():
    frame = pl.DataFrame({"Timestamp": T, "a": [1.0, None, 3, 4, 5]})
    kept, rejected = clean_readings(frame, ["a"], 1e12)
    assert kept["a"].to_list() == frame["a"].to_list()
    assert rejected.is_empty()


def test_dedupe_sorts_collapses_and_resolves():
    frame = pl.DataFrame(
        {
            "Timestamp": [T[2], T[0], None, T[1], T[0], T[1], T[1], T[3]],
            "a": [5, 1, 9, 2, 1, None, 3, 7],
            "b": [5.0, 1, 9, 2, 1, 4, 3, 7],
        }
    )
    kept, rejected = dedupe_readings(frame)
    assert kept.rows() == [(T[0], 1, 1.0), (T[1], 2, 2.0), (T[2], 5, 5.0), (T[3], 7, 7.0)]
    assert sorted(rejected.select("Timestamp", "EventType").rows(), key=str) == [
        (None, "null_time"),
        (T[0], "duplicate"),
        (T[1], "conflicting_duplicate"),
        (T[1], "conflicting_duplicate"),
    ]
    assert_frame_equal(dedupe_readings(frame.reverse())[0], kept)


def test_dedupe_keeps_good_frames():
    frame = pl.DataFrame({"Timestamp": T, "a": range(5)})
    kept, rejected = dedupe_readings(frame)
    assert_frame_equal(kept, frame)
    assert rejected.is_empty()
    assert dedupe_readings(frame.clear())[0].is_empty()


@pytest.mark.parametrize(
    ("times", "message"),
    [([T[1], T[0]], "1 of 2 times"), ([T[0], T[0]], "1 of 2 times"), ([T[0], None], "1 of 2 times")],
)
def test_times_out_of_order_are_rejected(times, message):
    with pytest.raises(InputError, match=message):
        check_times(pl.DataFrame({"Timestamp": times, "a": [1, 2]}))


def test_invalid_frames_are_rejected():
    with pytest.raises(InputError, match="column Timestamp is missing"):
        check_times(pl.DataFrame({"a": [1]}))
    with pytest.raises(InputError, match="naive UTC"):
        check_times(pl.DataFrame({"Timestamp": T}).with_columns(pl.col("Timestamp").dt.replace_time_zone("UTC")))
    with pytest.raises(InputError, match="1 of 2 tag columns are not numeric: 'b'"):
        require_numeric_tags(pl.DataFrame({"Timestamp": T, "a": range(5), "b": list("abcde")}))
    with pytest.raises(InputError, match="no column besides Timestamp"):
        require_numeric_tags(pl.DataFrame({"Timestamp": T}))
