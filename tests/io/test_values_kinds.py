"""Kinds of columns: digital tags, counters, labels, record numbers, and numbers that mean a missing value."""

from __future__ import annotations

import numpy as np
import polars as pl
import pytest

from acm_etl.io.files.values.value_doubts import list_doubts
from acm_etl.io.files.values.value_format import FormatContext, LeftOutColumn, ValueFormat, decide_format
from acm_etl.io.files.values.value_parser import parse_values
from acm_etl.io.files.values.value_profile import ValueProfile


def profile_of(cells, name="PUMP", chunk=1000):
    series = pl.Series(name, cells)
    profile = ValueProfile(name)
    for start in range(0, len(series), chunk):
        profile.add_values(series.slice(start, chunk))
    return profile


def decide(cells, name="PUMP", **context):
    return decide_format(profile_of(cells, name), context=FormatContext(**context))


def sentinels(cells, **context):
    profile, context = profile_of(cells), FormatContext(**context)
    doubts = list_doubts(profile, decide_format(profile, context=context), context=context)
    return [(doubt.count, doubt.text.split()[0]) for doubt in doubts if doubt.code == "sentinel"]


@pytest.mark.parametrize(
    ("cells", "values"),
    [
        (["On", "OFF", "on"], [1, 0, 1]),
        (["Open", "Closed", "Opened", "Close"], [1, 0, 1, 0]),
        (["True", "false"], [1, 0]),
        (["Running", "Stopped", "Stop"], [1, 0, 0]),
        (["Ein", "Aus"], [1, 0]),
        (["Auf", "Zu"], [1, 0]),
        (["Marche", "Arrêt"], [1, 0]),
        (["Alarm", "Normal"], [1, 0]),
        (["Online", "Offline"], [1, 0]),
        (["On", "Off", "1", "0", "Bad", None], [1, 0, 1, 0, None, None]),
        (["On", "On"], [1, 1]),
        (["On", "Off", "On", "Cascade"], [1, 0, 1, None]),
        (["Auto", "1", "0"], [1, 1, 0]),
    ],
)
def test_digital_states_become_one_and_zero(cells, values):
    fmt = decide(cells)
    assert fmt.kind == "digital"
    assert dict(fmt.states)
    assert parse_values(pl.Series("x", cells), fmt).values.to_list() == values


def test_states_of_a_boolean_column_are_reported():
    assert decide([True, False]).states == (("false", 0.0), ("true", 1.0))
    assert decide([0, 1, 1]).kind == "digital"
    assert decide([0.0, 0.5, 1.0]).kind == "analog"


@pytest.mark.parametrize(
    ("cells", "name", "reason", "samples"),
    [
        (["Cascade", "Local", "Remote"], "MODE", "label", ("Cascade", "Local", "Remote")),
        (["On", "Closed"], "MODE", "label", ("Closed", "On")),
        (["Unit 4", "Unit 4"], "PLANT", "constant_text", ("Unit 4",)),
        (["Normal", "Normal"], "MODE", "constant_text", ("Normal",)),
        (["On", "Hand", "Auto", "Auto"], "MODE", "label", ("Auto", "Hand", "On")),
        ([None, None], "X", "empty", ()),
        ([" ", ""], "X", "empty", ()),
        (["Bad", "Bad", "No Data"], "X", "no_values", ("Bad", "No Data")),
        ([0, 1, 2], "RECORD", "record_number", ("0", "2")),
        (["0", "1", "2"], "column 1", "record_number", ("0", "2")),
        ([17, 19, 40], "Id", "record_number", ("17", "40")),
        ([2, 1, 0], "RN", "record_number", ("2", "0")),
        (list(range(200)), "X", "record_number", ("0", "199")),
    ],
)
def test_columns_that_are_no_tags_are_left_out(cells, name, reason, samples):
    left_out = decide(cells, name)
    assert isinstance(left_out, LeftOutColumn)
    assert (left_out.reason, left_out.samples) == (reason, samples)


def test_column_of_nan_stays_a_tag():
    for cells in (["NaN", "NaN"], [float("nan")] * 2, ["NaN", "Bad"]):
        assert parse_values(pl.Series("x", cells), decide(cells)).values.to_list() == [None, None]


def test_first_and_last_value_of_a_digital_tag_are_its_words():
    profile = profile_of(["Bad", "On", "Off", None, "No Data"], chunk=2)
    assert (profile.first_value, profile.last_value) == ("On", "Off")


def test_at_most_five_labels_are_shown():
    assert len(decide([f"word {n}" for n in range(9)]).samples) == 5


@pytest.mark.parametrize("name", ["A", "NO", "Id"])
def test_measured_values_stay_whatever_their_name(name):
    assert isinstance(decide([3, 5, 4, 4], name), ValueFormat)


def test_short_tag_that_increases_is_no_record_number():
    assert isinstance(decide([1, 2], "A"), ValueFormat)


def test_counter_increases_irregularly():
    steps = np.random.default_rng(1).integers(0, 5, 500)
    energy = (1000 + steps.cumsum()).tolist()
    assert decide(energy, "kWh").kind == "counter"
    assert decide(energy[::-1], "kWh").kind == "counter"
    assert decide([str(value) for value in energy], "kWh").kind == "counter"
    assert decide(energy + energy, "kWh").kind == "analog"
    assert decide((steps.cumsum()[:250]).tolist() * 2, "kWh").kind == "counter"
    assert decide(steps.tolist(), "level").kind == "analog"


def test_text_in_a_column_of_numbers_does_not_leave_the_column_out():
    assert isinstance(decide(["1.5"] * 5 + ["Off", "foo"]), ValueFormat)
    assert decide(["M12", "K7", "5"]).reason == "label"


NORMAL = np.random.default_rng(0).normal(120, 3, 5000).round(3)


@pytest.mark.parametrize("value", [-999.0, -9999.0, -200.0, 9999.0, 32767.0, -32768.0, 65535.0, 1e30, 1.7e308])
@pytest.mark.parametrize("dtype", [pl.Float64, pl.String])
def test_far_value_that_repeats_is_proposed_as_missing(value, dtype):
    cells = NORMAL.copy()
    cells[::100] = value
    found = sentinels(pl.Series(cells).cast(dtype))
    assert [(count, float(text)) for count, text in found] == [(50, value)]


def test_named_missing_value_is_no_doubt():
    cells = NORMAL.copy()
    cells[::100] = -999
    assert sentinels(cells, missing=(-999.0,)) == []


def test_missing_value_of_a_wide_quantity_is_found():
    cells = np.random.default_rng(2).uniform(2, 1479, 3000).round(1)
    cells[::7] = -200
    assert sentinels(cells) == [(429, "-200")]


def test_two_missing_values_are_both_found():
    cells = NORMAL.copy()
    cells[::100], cells[1::50] = -999, -9999
    assert sentinels(cells) == [(100, "-9999"), (50, "-999")]


def test_untypical_far_value_is_found():
    cells = NORMAL.copy()
    cells[::100] = 5555.5
    assert sentinels(cells) == [(50, "5555.5")]


def test_readings_are_not_proposed_as_missing():
    stopped = NORMAL.copy()
    stopped[1000:1500] = 0.0
    assert sentinels(stopped) == []
    assert sentinels(NORMAL) == []
    spikes = NORMAL.copy()
    spikes[::500] = np.linspace(5000, 6000, 10)
    assert sentinels(spikes) == []
    assert sentinels([0.0] * 900 + [1.0] * 100) == []
    assert sentinels(np.random.default_rng(3).integers(-150, 30, 5000).astype(float)) == []


def test_missing_value_in_a_digital_tag_is_proposed():
    cells = [0.0, 1.0] * 400 + [-999.0] * 20
    assert sentinels(cells) == [(20, "-999")]
    assert decide(cells).kind == "digital"
    assert dict(decide(["On", "Off"] * 20 + ["-999"] * 3).states) == {"on": 1.0, "off": 0.0}


@pytest.mark.parametrize("factor", ["k", " K", " M", " Mil"])
def test_a_factor_behind_some_numbers_is_no_unit(factor):
    left = decide([f"1.3{factor}", "950.1", f"1.2{factor}", "990"])
    assert isinstance(left, LeftOutColumn)
    assert left.reason == "mixed_units"


def test_kelvin_behind_every_number_is_a_unit():
    assert decide(["273.1 K", "274.2 K"]).unit == "K"
