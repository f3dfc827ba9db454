"""Texts and file names for names that people choose."""

from __future__ import annotations

import tomllib
from datetime import timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from acm_etl.formatting import escape_undecodable, format_file_name, format_setting, format_toml
from acm_etl.status import formatting

_CHARS = st.characters(exclude_categories=["Cs"]) | st.sampled_from("/\\.:~ aA0-\n\t%")


@given(st.lists(st.text(_CHARS, min_size=1, max_size=40), min_size=2, max_size=2, unique=True))
def test_each_name_has_a_file_of_its_own_in_the_folder(names):
    files = [format_file_name(name) for name in names]
    assert files[0] != files[1]
    for file in files:
        assert Path("folder", file).resolve().parent == Path("folder").resolve()
        assert file.isascii()
        assert file.isprintable()


@pytest.mark.parametrize("name", ["FD_FAN", "A-9", "Mill 1", "P.101"])
def test_plain_names_stay(name):
    assert format_file_name(name) == name


@pytest.mark.parametrize("name", ["con", "NUL", "Com1.x", "..", ".", ".a", "a.", "", "x" * 500])
def test_names_that_a_system_does_not_take(name):
    assert format_file_name(name) != name
    assert 0 < len(format_file_name(name)) < 200


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (None, "none"),
        (False, "false"),
        (4.0, "4"),
        (timedelta(hours=36), "36h"),
        (("*ambient*",), '["*ambient*"]'),
        ({"ar1_z": 2.0}, "{ar1_z = 2.0}"),
        (("Außen*", "\U0001f321"), '["Außen*", "\U0001f321"]'),
        ({"Außen 1": "\x7f"}, '{"Außen 1" = "\\u007f"}'),
    ],
)
def test_settings_are_shown_as_a_settings_file_has_them(value, text):
    assert format_setting(value) == text


@given(st.dictionaries(st.text(_CHARS), st.lists(st.text(_CHARS))))
def test_tables_of_any_texts_are_toml(value):
    assert tomllib.loads(f"x = {format_toml(value)}") == {"x": value}


def test_what_rounds_to_zero_has_no_minus():
    assert [formatting.format_signed(z) for z in (-0.04, 0.0, -0.06)] == ["+0.0", "+0.0", "-0.1"]
    assert [formatting.format_number(-0.01), formatting.format_reading(-0.0)] == ["0", "0"]


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("Lüfter", "Lüfter"),
        ("Lüfter".encode().decode("ascii", "surrogateescape"), None),  # as Python reads it where the locale is ASCII
        ("Lüfter".encode("latin-1").decode(errors="surrogateescape"), "L\\udcfcfter"),
        ("\ud800", "\\ud800"),
    ],
)
def test_names_that_are_no_utf_8_are_shown_with_escapes(name, shown):
    assert escape_undecodable(name) == (name if shown is None else shown)
