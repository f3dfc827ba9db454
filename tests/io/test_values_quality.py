"""Quality columns: found by name and content, and read by scheme."""

from __future__ import annotations

import polars as pl
import pytest

from acm_etl.io.files.values.quality import classify_quality, flag_bad_quality
from acm_etl.io.files.values.quality_columns import find_quality_columns


def find(**columns):
    frame = {name: pl.Series(name, cells) for name, cells in columns.items()}
    return find_quality_columns(list(frame), frame)


def bad_rows(**columns):
    """Return the bad rows of each value column."""
    owners = find(**columns).map_values()
    return {v: flag_bad_quality(pl.Series(columns[q.column]), q.scheme).to_list() for v, q in owners.items()}


@pytest.mark.parametrize(
    ("name", "cells"),
    [
        ("FI-101.Quality", ["Good", "Bad"]),
        ("FI-101_Quality", ["GOOD", "bad - comm failure"]),
        ("FI-101 Status", ["Good", "Bad"]),
        ("FI-101/Status", ["Uncertain", "Bad"]),
        ("Quality(FI-101)", ["Good", "BadNoData"]),
        ("FI-101_Q", ["192", "0"]),
        ("FI-101_Q", [192, 24]),
        ("FI-101 [Quality]", [216, 4]),
        ("Quality", [65472, 65280]),
        ("Quality", [-64, 0]),
        ("DataQuality", [100, 0]),
        ("OPCQuality", ["192", "28"]),
        ("Validity", [1, 0]),
        ("IsGood", [True, False]),
        ("FI-101.Good", ["True", "False"]),
        ("StatusCode", [0, 0x80020000]),
        ("StatusCode", ["0x00000000", "0x808A0000"]),
        ("StatusCode", [0x40000000, -2147483648]),
        ("qc_flag", [1, 4]),
        ("dataintegrity", [192, 0]),
        ("Qualität", ["gut", "schlecht"]),
        ("Qualità", ["Buona", "Cattiva"]),
        ("Jakość", ["Dobra", "Zła"]),
        ("Qualidade", ["Boa", "Má"]),
        ("Kwaliteit", ["Goed", "Slecht"]),
        ("Kvalita", ["Dobrá", "Špatná"]),
        ("Kvalitet", ["God", "Dårlig"]),
        ("Laatu", ["Hyvä", "Huono"]),
        ("Качество", ["Хорошее", "Плохое"]),
        ("Качество", ["Достоверное", "Недостоверное"]),
    ],
)
def test_bad_quality_is_found_in_every_scheme(name, cells):
    assert bad_rows(**{"FI-101": [1.5, 0.0], name: cells}) == {"FI-101": [False, True]}


def test_uncertain_values_are_kept_unless_told_otherwise():
    for cells, scheme in (
        (["Good", "Uncertain", "Questionable", "Bad"], "text"),
        ([192, 64, 80, 0], "opc"),
        ([0, 0x40000000, 0x40900000, 0x80000000], "opc_ua"),
        ([100, 50, 1, 0], "percent"),
    ):
        series = pl.Series(cells)
        assert flag_bad_quality(series, scheme).to_list() == [False, False, False, True]
        assert flag_bad_quality(series, scheme, uncertain="drop").to_list() == [False, True, True, True]


def test_empty_and_unknown_quality_makes_no_value_bad():
    assert classify_quality(pl.Series(["Good", None, "Purple"]), "text").to_list() == ["good", None, None]
    assert flag_bad_quality(pl.Series(["Good", None, "Purple"]), "text").to_list() == [False] * 3


def test_each_value_gets_its_own_quality_column():
    found = find(**{"A.Value": [1.0], "A.Quality": ["Good"], "B.Value": [2.0], "B.Quality": ["Bad"]})
    assert {value: quality.column for value, quality in found.map_values().items()} == {
        "A.Value": "A.Quality",
        "B.Value": "B.Quality",
    }


def test_repeated_quality_belongs_to_the_value_before():
    found = find(**{"A": [1.0], "Quality": ["Good"], "B": [2.0], "Quality (2)": ["Bad"]})
    assert {v: q.column for v, q in found.map_values().items()} == {"A": "Quality", "B": "Quality (2)"}


def test_one_quality_column_describes_all_values_of_the_row():
    found = find(A=[1.0], B=[2.0], Quality=["Good"])
    assert {v: q.column for v, q in found.map_values().items()} == {"A": "Quality", "B": "Quality"}


def test_opc_quality_comes_before_other_quality_columns():
    found = find(Value=[1.0, 2.0], Quality=[0, 1], QualityDetail=[192, 24], OPCQuality=[192, 0])
    assert [column.name for column in found.columns] == ["Quality", "QualityDetail", "OPCQuality"]
    assert {v: q.scheme for v, q in found.map_values().items()} == {"Value": "opc"}


def test_zero_and_one_follow_the_majority_where_the_name_does_not_tell():
    assert bad_rows(Value=[1.0] * 4, Quality=[0, 0, 0, 1])["Value"] == [False, False, False, True]
    assert bad_rows(Value=[1.0] * 4, Quality=[1, 1, 1, 0])["Value"] == [False, False, False, True]


@pytest.mark.parametrize(
    ("name", "cells"),
    [
        ("FI-101_Q", [12.5, 13.0]),
        ("FI-101 Status", [0, 1]),
        ("FI-101 Status", ["Running", "Stopped"]),
        ("Status", ["OK", "Fault"]),
        ("Quality", [7.3, 6.2]),
    ],
)
def test_column_that_is_only_named_like_a_quality_stays_with_a_doubt(name, cells):
    found = find(**{"FI-101": [1.0, 2.0], name: cells})
    assert found.columns == ()
    assert len(found.doubts) == 1


@pytest.mark.parametrize("cells", [[0, 0], [0, 2], [None, None]])
def test_quality_that_does_not_tell_is_neither_used_nor_a_tag(cells):
    found = find(**{"FI-101": [1.0, 2.0], "Quality": cells})
    assert [column.scheme for column in found.columns] == ["unknown"]
    assert found.map_values() == {}
    assert len(found.doubts) == 1


def test_tags_without_a_quality_name_are_left_alone():
    found = find(**{"FI-101": [192, 0], "QI-104": [192, 192], "STATUS_WORD": [1, 2]})
    assert found.columns == ()
    assert found.doubts == ()


@pytest.mark.parametrize(
    ("name", "codes", "bad"),
    [
        ("PV.Quality", [128, 64, 0, 192], [False, False, True, False]),
        ("Confidence", [100, 50, 0, -1], [False, False, True, True]),
    ],
    ids=["fieldbus", "PHD without a value"],
)
def test_codes_of_control_systems_tell_bad_from_good(name, codes, bad):
    assert bad_rows(PV=[1.0] * 4, **{name: codes}) == {"PV": bad}


@pytest.mark.parametrize("name", ["IP_TREND_QLEVEL", "QualityDesc", "Zustand", "FI-101 Stat", "FI-101_OPC"])
def test_cells_prove_a_quality_column_of_any_name(name):
    cells = ["Good", "Bad", "Comms Failure", "I/O Timeout"]
    assert bad_rows(**{"FI-101": [1.5, 0.0, 0.0, 0.0], name: cells}) == {"FI-101": [False, True, True, True]}


def test_a_quality_column_of_another_name_describes_the_value_of_its_name_only():
    found = find(**{"FI-101": [1.5, 0.0], "FI-101 Stat": ["Good", "Bad"], "PI-102": [1.0, 2.0]})
    assert found.map_values().keys() == {"FI-101"}


@pytest.mark.parametrize("cells", [["A", "B", "C"], ["OK", "Low"], ["Goods in", "Goods out"], ["Good", "Maintenance"]])
def test_labels_are_no_quality(cells):
    assert find(**{"FI-101": [1.5] * len(cells), "Zustand": cells}).columns == ()


def test_letters_of_ovation_are_quality():
    cells = ["G"] * 6 + ["F", "P", "B"]
    assert bad_rows(**{"FI-101": [1.0] * 9, "Quality": cells}) == {"FI-101": [False] * 7 + [True] * 2}


def test_unknown_texts_among_qualities_raise_a_doubt():
    found = find(**{"FI-101": [1.0] * 20, "Quality": ["Good"] * 19 + ["Under repair"]})
    assert len(found.doubts) == 1
    assert "Under repair" in found.doubts[0]


def test_a_status_that_may_be_one_of_the_machine_is_named_with_its_option():
    found = find(**{"FI-101": [1.0] * 4, "Status": ["OK", "OK", "OK", "FAULT"]})
    assert found.columns == ()
    assert "--quality-column Status" in found.doubts[0]


def test_texts_behind_every_value_are_its_quality():
    columns = {"FI-101": [1.0] * 4, "Status": ["OK", "OK", "OK", "ERR"], "PI-102": [1.0] * 4, "Status (2)": ["OK"] * 4}
    assert bad_rows(**columns) == {"FI-101": [False] * 3 + [True], "PI-102": [False] * 4}
