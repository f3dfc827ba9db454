"""Values of messages between processes keep their types; anything else is refused before a method runs."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime

import numpy as np
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st
from polars.testing import assert_frame_equal

from acm_etl import errors, tables
from acm_etl.engine import Finding, StagedFrame
from acm_etl.errors import AcmError, InternalError, StoreError
from acm_etl.io.store_server.codec import MalformedMessageError, count_payloads, decode_message, encode_message

SCALARS = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(),
    st.floats(allow_nan=False),
    st.text(st.characters()),
    st.binary(),
    st.datetimes(),
    st.datetimes(timezones=st.just(UTC)),
    st.dates(),
    st.builds(StagedFrame, st.text(), st.floats(allow_nan=False)),
    st.builds(Finding, st.text(), st.sampled_from(["ok", "warn", "fail"]), st.text()),
    st.sampled_from(tables.ALL),
)
VALUES = st.recursive(
    SCALARS,
    lambda inner: st.lists(inner) | st.lists(inner).map(tuple) | st.dictionaries(st.text(), inner),
    max_leaves=12,
)
ERRORS = [cls for cls in vars(errors).values() if isinstance(cls, type) and issubclass(cls, AcmError)]


def transfer(value):
    head, *payloads = [bytes(part) for part in encode_message(value)]
    count, content = count_payloads(head)
    assert count == len(payloads)
    return decode_message(content, payloads)


def types_of(value):
    """The type of a value and of everything in it: True equals 1, and 1 equals 1.0."""
    inner = value.values() if isinstance(value, dict) else value if isinstance(value, list | tuple) else ()
    return type(value), [types_of(element) for element in inner]


@given(VALUES)
def test_values_keep_their_types(value):
    received = transfer(value)
    assert received == value
    assert types_of(received) == types_of(value)


def test_integers_of_numpy_become_plain_ones():
    assert types_of(transfer([np.int64(7), np.float64(0.5)])) == (list, [(int, []), (float, [])])


@pytest.mark.parametrize("error_type", ERRORS)
def test_errors_keep_type_text_and_table(error_type):
    options = {"table": "ACM_Runs"} if issubclass(error_type, StoreError) else {}
    error = error_type("full", **options)
    received = transfer((False, error))[1]
    assert type(received) is error_type
    assert (str(received), getattr(received, "table", None)) == (str(error), options.get("table"))


FRAME = pl.DataFrame(
    {
        "run": pl.Series(["a", "b", None], dtype=pl.Enum(["b", "a"])),
        "tag": pl.Series(["x", None, "y"], dtype=pl.Categorical),
        "at": pl.Series([datetime(2024, 1, 1), None, datetime(2024, 1, 2)], dtype=pl.Datetime("ms")),
        "blob": pl.Series([b"\0", b"", None], dtype=pl.Binary),
        "value": pl.Series([1.5, float("nan"), None], dtype=pl.Float64),
        "small": pl.Series([1, None, 3], dtype=pl.Int32),
        "flag": pl.Series([True, None, False]),
        "nothing": pl.Series([None, None, None], dtype=pl.Null),
    }
)


@pytest.mark.parametrize("frame", [FRAME, FRAME.clear(), FRAME.reverse(), FRAME.slice(1, 1), pl.concat([FRAME, FRAME])])
def test_frames_keep_types_and_order(frame):
    first, second = transfer([(tables.ALL[0], frame), (tables.ALL[0], frame.clear())])
    assert first[1].schema == frame.schema
    assert_frame_equal(first[1], frame, categorical_as_str=False)
    assert_frame_equal(second[1], frame.clear())


def test_a_value_of_another_type_is_not_sent():
    for value in (object(), {1, 2}, print, date):
        with pytest.raises(InternalError):
            encode_message(value)


@pytest.mark.parametrize(
    "content",
    [
        ["eval", "1"],
        ["bytes", "?"],
        ["frame", 0],
        ["frame", -1],
        ["frame", True],
        ["Table", "{}"],
        ["Finding", json.dumps({"name": 1, "level": "ok", "text": ""})],
        ["error", ["SystemExit", "", None]],
        ["dict", [[["list", []], 1]]],
        ["datetime", "today"],
        [],
        {},
    ],
)
def test_unknown_tags_and_invalid_contents_are_refused(content):
    with pytest.raises(MalformedMessageError):
        decode_message(content, [])


@pytest.mark.parametrize("head", [b"", b"\x80\x04.", b"[", b"[-1, 0]", b"{}", b"[0]", b"[" * 100_000])
def test_heads_that_are_none_are_refused(head):
    with pytest.raises(MalformedMessageError):
        count_payloads(head)
