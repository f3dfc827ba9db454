"""Values of imported files: from cells to numbers, by column."""

from __future__ import annotations

from collections import Counter
from decimal import Decimal

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from acm_etl.io.files.values.decimal_marks import find_decimal_mark, scale_groups
from acm_etl.io.files.values.value_doubts import list_doubts
from acm_etl.io.files.values.value_format import (
    FormatContext,
    LeftOutColumn,
    ValueFormat,
    decide_format,
)
from acm_etl.io.files.values.value_parser import parse_values
from acm_etl.io.files.values.value_profile import ValueProfile


def profile_of(cells, name="FI-101", *, chunk=None):
    series = cells if isinstance(cells, pl.Series) else pl.Series(name, cells)
    profile = ValueProfile(name)
    for start in range(0, len(series), chunk or max(len(series), 1)):
        profile.add_values(series.slice(start, chunk))
    return profile


def decide(cells, name="FI-101", **context):
    return decide_format(profile_of(cells, name), context=FormatContext(**context))


def convert(cells, **context):
    series = cells if isinstance(cells, pl.Series) else pl.Series("FI-101", cells)
    fmt = decide(series, **context)
    assert isinstance(fmt, ValueFormat), fmt
    return parse_values(series, fmt).values.to_list()


def doubt_codes(cells, **context):
    profile, context = profile_of(cells), FormatContext(**context)
    return [doubt.code for doubt in list_doubts(profile, decide_format(profile, context=context), context=context)]


def losses_of(cells, **context):
    series = cells if isinstance(cells, pl.Series) else pl.Series("FI-101", cells)
    parsed = parse_values(series, decide(series, **context))
    return {reason: dict(Counter(map(str, series.filter(mask)))) for reason, mask in parsed.losses.items()}


@pytest.mark.parametrize(
    ("cells", "values"),
    [
        (["10.1", "-0.5", "+3", "1e3"], [10.1, -0.5, 3.0, 1000.0]),
        (["10,1", "10,2", "1,5E+02"], [10.1, 10.2, 150.0]),
        (["10,1", "10,2", "10.3", "10,4"], [10.1, 10.2, 10.3, 10.4]),
        (["12,000.5", "12,100.5", "999.5", "12,050.0"], [12000.5, 12100.5, 999.5, 12050.0]),
        (["12,000.5", "12,100", "1,234,567"], [12000.5, 12100.0, 1234567.0]),
        (["1,23,456.5", "12,345.0"], [123456.5, 12345.0]),
        (["1.234,5", "999,5", "1.000", "1.234.567"], [1234.5, 999.5, 1000.0, 1234567.0]),
        (["999.5", "1,000", "1,001"], [999.5, 1000.0, 1001.0]),
        (["999,5", "1.000", "1.001"], [999.5, 1000.0, 1001.0]),
        (["999", "1,001", "998"], [999.0, 1001.0, 998.0]),
        (["1", "1,234", "2"], [1.0, 1.234, 2.0]),
        (["10.3", "10,123"], [10.3, 10.123]),
        (["0,123", "1,234"], [0.123, 1.234]),
        (["65.993", "66.123"], [65.993, 66.123]),
        (["12 000,5", "1 000,0", "3 456"], [12000.5, 1000.0, 3456.0]),
        (["12\u00a0000,5", "12\u202f000,5", "12\u2009000,5"], [12000.5] * 3),
        (["12'000.5", "12\u2019000.5"], [12000.5, 12000.5]),
        (["\u22125,5", " 6,5 "], [-5.5, 6.5]),
        (["+  20.5", "- 3", "\u2014", "-", "- x"], [20.5, -3.0, None, None, None]),
    ],
)
def test_notation_is_decided_by_the_cells_of_the_column(cells, values):
    assert convert(cells) == values


@pytest.mark.parametrize(
    ("context", "value"),
    [
        ({"file_mark": "."}, 1234.0),
        ({"file_mark": ","}, 1.234),
        ({"delimiter": ","}, 1234.0),
        ({"delimiter": ";"}, 1.234),
    ],
)
def test_one_group_of_three_digits_follows_the_file(context, value):
    assert convert(["1,234", "1,234"], **context) == [value, value]


def test_reading_that_nothing_proves_is_a_doubt():
    assert doubt_codes(["1,234", "1,567"]) == ["thousands"]
    assert doubt_codes(["1,234", "1,567"], file_mark=".") == []
    assert doubt_codes(["65.993", "66.123"]) == []
    assert doubt_codes(["65.993", "66.123"], file_mark=",") == ["thousands"]
    assert doubt_codes(["10,1", "10.3", "10,2"]) == ["several_marks"]


def test_decimal_mark_of_a_file_comes_from_its_other_columns():
    profiles = [profile_of(["1,234", "1,567"]), profile_of(["10,5", "11,5"])]
    assert find_decimal_mark(profiles) == ","
    assert find_decimal_mark(profiles[:1]) is None
    assert find_decimal_mark([profile_of(["12,000.5"])]) == "."


@pytest.mark.parametrize(
    ("cells", "unit", "values"),
    [
        (["20.5 C", "20.6 C"], "°C", [20.5, 20.6]),
        (["20,5 °C", "20,6\u00a0°C", "21,0 degC"], "°C", [20.5, 20.6, 21.0]),
        (["45%", "46 %"], "%", [45.0, 46.0]),
        (["1.2e3 rpm", "1200 rpm"], "rpm", [1200.0, 1200.0]),
        (["3.2 m3/h", "1,200.5 m3/h"], "m3/h", [3.2, 1200.5]),
        (["3.2 bar(g)", "0", "3.1 bar(g)"], "bar(g)", [3.2, 0.0, 3.1]),
    ],
)
def test_one_unit_behind_the_numbers_is_taken(cells, unit, values):
    assert decide(cells).unit == unit
    assert convert(cells) == values


def test_mixed_units_leave_the_column_out():
    left_out = decide(["20.5 C", "3 bar", "3 bar"])
    assert (left_out.reason, left_out.count, left_out.samples) == ("mixed_units", 3, ("bar", "°C"))


def test_stray_unit_is_a_lost_cell():
    cells = ["3.2 bar"] * 200 + ["20 C"]
    assert losses_of(cells) == {"not_a_number": {"20 C": 1}}
    assert losses_of(["1.0"] * 9 + ["20 C"]) == {"not_a_number": {"20 C": 1}}
    assert doubt_codes(["1.0"] * 9 + ["20 C"]) == ["unit"]


def test_flags_and_prefixes_are_no_numbers():
    cells = ["1.5", "2.5*", "2.5 R", "=3", "'4", "$5", "5 \u20ac", "<0.5", "1 2 3", "10:30"]
    assert convert(["1.5"] * 20 + cells)[20:] == [1.5] + [None] * 9


def test_losses_are_counted_by_text():
    cells = ["1.5", "2.5", "Bad", "Bad", "I/O Timeout", "#N/A", "-", "NaN", "inf", "-Infinity", "foo", " ", None]
    dashes = ["-" * 12, "\u2013\u2013", "\u2212", "\u2015"]
    assert set(losses_of(["1.5"] * 20 + dashes)) == {"text_state"}
    assert losses_of(cells) == {
        "text_state": {"Bad": 2, "#N/A": 1, "-": 1, "I/O Timeout": 1},
        "nan": {"NaN": 1},
        "infinite": {"-Infinity": 1, "inf": 1},
        "not_a_number": {"foo": 1},
    }


def test_missing_values_become_null():
    cells = ["1.5", "-999", "-999.00", "2,5", "-200"]
    assert convert(cells, missing=(-999.0, -200.0)) == [1.5, None, None, 2.5, None]
    assert set(losses_of(cells, missing=(-999.0, -200.0))) == {"missing_value"}
    assert convert(pl.Series("x", [1.5, -999.9], dtype=pl.Float32), missing=(-999.9,)) == [1.5, None]


@pytest.mark.parametrize(
    ("series", "values"),
    [
        (pl.Series("x", [1, None, 3]), [1.0, None, 3.0]),
        (pl.Series("x", [1.5, float("nan"), float("inf")]), [1.5, None, None]),
        (pl.Series("x", [Decimal("1.50"), Decimal("2.25")]), [1.5, 2.25]),
        (pl.Series("x", [True, False, None]), [1.0, 0.0, None]),
        (pl.Series("x", ["1.5", "Bad"], dtype=pl.Categorical), [1.5, None]),
    ],
)
def test_typed_columns_take_the_same_way(series, values):
    assert convert(series) == values


def test_bad_quality_makes_values_null():
    series = pl.Series("x", [1.5, 2.5, None])
    parsed = parse_values(series, ValueFormat(), bad_quality=pl.Series([False, True, True]))
    assert parsed.values.to_list() == [1.5, None, None]
    assert {reason: mask.to_list() for reason, mask in parsed.losses.items()} == {"bad_quality": [False, True, False]}


def test_stored_format_does_not_guess_in_later_files():
    later = pl.Series("x", ["10.5", "1,234", "10,5"])
    parsed = parse_values(later, ValueFormat(decimal_mark="."))
    assert parsed.values.to_list() == [10.5, None, 10.5]
    assert parse_values(pl.Series("x", ["1.234", "1,5"]), ValueFormat(decimal_mark=",")).values.to_list() == [None, 1.5]


def test_dates_and_lists_are_left_out():
    series = pl.Series("x", [1, 2]).cast(pl.Date)
    assert decide(series).reason == "not_numeric"


CELLS = st.one_of(
    st.none(),
    st.sampled_from(["", " ", "Bad", "-", "NaN", "inf", "On", "Off", "20 C", "3 bar"]),
    st.sampled_from(["1,234", "1.234", "12 000,5", "0", "1"]),
    st.floats(allow_nan=False, allow_infinity=False, width=32).map(str),
    st.integers(-(10**6), 10**6).map(lambda n: f"{n:,}"),
    st.integers(-(10**6), 10**6).map(lambda n: f"{n / 100:,.2f}".translate(str.maketrans(",.", ".,"))),
    st.text(max_size=12),
)  # fmt: skip


@settings(max_examples=150, deadline=None)
@given(st.lists(CELLS, max_size=30), st.sampled_from([None, ".", ","]))
def test_every_cell_is_a_number_or_has_one_reason(cells, file_mark):
    series = pl.Series("x", cells, dtype=pl.String)
    fmt = decide_format(profile_of(series), context=FormatContext(file_mark=file_mark))
    if isinstance(fmt, LeftOutColumn):
        return
    parsed = parse_values(series, fmt)
    reasons = sum((mask.cast(pl.Int64) for mask in parsed.losses.values()), pl.repeat(0, len(series), eager=True))
    has_text = series.str.strip_chars().fill_null("") != ""
    assert (reasons + parsed.values.is_not_null().cast(pl.Int64)).to_list() == has_text.cast(pl.Int64).to_list()
    assert parsed.values.is_finite().fill_null(value=True).all()


@pytest.mark.slow
@settings(max_examples=60, deadline=None)
@given(st.lists(CELLS, min_size=1, max_size=40), st.integers(1, 10))
def test_decision_does_not_depend_on_the_chunks(cells, chunk):
    series = pl.Series("x", cells, dtype=pl.String)
    whole, parts = profile_of(series), profile_of(series, chunk=chunk)
    assert decide_format(parts) == decide_format(whole)
    assert (parts.number_count, parts.texts, parts.units) == (whole.number_count, whole.texts, whole.units)
    half = len(cells) // 2
    merged = profile_of(series[:half]).merge(profile_of(series[half:]))
    assert (merged.number_count, merged.cell_count, merged.texts) == (whole.number_count, whole.cell_count, whole.texts)


def test_notation_that_appears_late_is_found():
    cells = [f"{n}" for n in range(100, 900)] + ["1.234,5", "Bad"]
    profile = profile_of(pl.Series("x", cells), chunk=100)
    assert decide_format(profile).decimal_mark == ","
    assert profile.texts == {"Bad": 1}


def test_profile_knows_range_digits_first_and_last_value():
    profile = profile_of(pl.Series("x", ["Bad", "12,5", "1.000,25", None, "7,0", " "]))
    numbers = scale_groups(profile, decide_format(profile).thousands_mark)
    assert (min(numbers.core), max(*numbers.core, *numbers.far_counts)) == (7.0, 1000.25)
    assert (profile.first_cell, profile.last_cell) == ("12,5", "7,0")
    assert (profile.row_count, profile.cell_count, profile.number_count) == (6, 4, 3)


def test_long_column_keeps_its_memory_bounded():
    values = np.random.default_rng(0).normal(65, 3, 200_000)
    profile = profile_of(pl.Series("x", values).cast(pl.String), chunk=1000)
    assert len(profile.clear.sample) <= 8192
    assert len(profile.clear.far_counts) <= 256
    assert profile.number_count == 200_000
    many_texts = profile_of(pl.Series("x", [f"label {n}" for n in range(5000)]))
    assert len(many_texts.texts) + many_texts.other_text_count == 5000
    assert len(many_texts.texts) <= 200


@pytest.mark.parametrize(("delimiter", "mark"), [(";", ","), ("\t", ","), (",", "."), ("", None)])
def test_two_marks_before_three_digits_follow_the_custom_of_the_delimiter(delimiter, mark):
    profiles = [profile_of(["1.480", "1.477"]), profile_of(["3,125", "3,167"])]
    assert find_decimal_mark(profiles, delimiter) == mark
