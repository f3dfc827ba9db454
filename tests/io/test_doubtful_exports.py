"""Exports whose cells are not what they seem: named with what to do, or refused."""

from __future__ import annotations

from datetime import datetime, timedelta

import polars as pl
import pytest
import xlsxwriter
from commands import assert_refused, run
from plants import make_empty_plant

from acm_etl.errors import InputError
from acm_etl.io.files.options import ImportOptions
from acm_etl.io.files.prepare import prepare_import
from acm_etl.io.files.times.foreign_times import describe_foreign_times

HOURS = [datetime(2024, 3, 5) + timedelta(hours=i) for i in range(60)]
VALUES = [i % 7 + 0.25 for i in range(60)]


def write(path, header, values, encoding="utf-8"):
    rows = [f"{time:%d.%m.%Y %H:%M};{value}" for time, value in zip(HOURS, values, strict=False)]
    path.write_text("\n".join([header, *rows]) + "\n", encoding=encoding)
    return path


def prepare(path, **options):
    return prepare_import([path], ImportOptions(time_zone="UTC", **options))


@pytest.mark.parametrize(
    ("header", "encoding"),
    [("Čas;Průtok", "cp1250"), ("Czas;Ciśnienie", "cp1250"), ("Czas;Przepływ", "cp1250"), ("Zeit;Drücke", "mac_roman")],
)
def test_names_in_an_encoding_like_windows_1252_are_doubted(tmp_path, header, encoding):
    found = prepare(write(tmp_path / "a.csv", header, VALUES, encoding))
    assert any("iconv -f ENCODING" in doubt for doubt in found.doubts)


@pytest.mark.sampled(2)
@pytest.mark.parametrize(
    "name", ["Öltemperatur °C", "Débit à l'arrière", "Manœuvre", "Nm³h", "Più", "Tørrstoff", "Año"]
)
def test_names_in_windows_1252_are_not_doubted(tmp_path, name):
    assert not prepare(write(tmp_path / "a.csv", f"Zeit;{name}", VALUES, "cp1252")).doubts


@pytest.mark.parametrize(("mark", "cut"), [(".", 2), (",", 4)])
def test_a_file_that_ends_within_a_number_is_doubted(tmp_path, mark, cut):
    values = [f"{20 + i % 7}{mark}{1250 + i % 3}" for i in range(60)]
    path = write(tmp_path / "a.csv", "Zeit;A", values)
    whole = path.read_bytes().rstrip(b"\n")
    path.write_bytes(whole)
    assert not prepare(path).doubts
    path.write_bytes(whole[:-cut])
    assert ["if the file was cut there" in doubt for doubt in prepare(path).doubts] == [True]


@pytest.mark.parametrize(
    "spell",
    [
        lambda value: f"{value / 100:.4f}D+02",
        lambda value: f"~{value}",
        lambda value: str(value).replace(".", "·"),
        lambda value: str(value).translate(str.maketrans("0123456789", "০১২৩৪৫৬৭৮৯")),
    ],
)
def test_numbers_in_unknown_spellings_are_not_only_called_machines(tmp_path, spell):
    with pytest.raises(InputError, match="If its cells are numbers"):
        prepare(write(tmp_path / "a.csv", "Zeit;A", [spell(20 + i % 7 + 0.25) for i in range(60)]))


def test_machines_with_names_are_not_called_numbers(tmp_path):
    with pytest.raises(InputError, match="holds several machines") as caught:
        prepare(write(tmp_path / "a.csv", "Zeit;Kennung;A;B", [f"P{i % 3};{i % 7}.5;{i % 5}.5" for i in range(60)]))
    assert "If its cells are numbers" not in str(caught.value)


@pytest.mark.parametrize(
    ("name", "cells", "word"),
    [
        ("Time_ms", [45356041666.67, 45356083333.33], "WinCC"),
        ("datenum", [739316.0, 739316.5], "MATLAB"),
        ("Time", ["05/03/2567 00:00", "06/03/2567 00:00"], "Buddhist"),
        ("ts", [133540992000000000], "100 ns"),
    ],
)
def test_times_of_other_calendars_are_named(name, cells, word):
    assert word in str(describe_foreign_times(name, pl.Series(cells)))


@pytest.mark.parametrize(
    ("name", "cells"), [("Time", ["2024-03-05 25:30"]), ("A", [739316.0]), ("Time_ms", [1e12]), ("Time", [None])]
)
def test_other_cells_are_no_times_of_other_calendars(name, cells):
    assert describe_foreign_times(name, pl.Series(cells)) is None


def test_years_of_other_calendars_are_named_beside_clocks_too(tmp_path):
    rows = [f"1402/12/{day},{hour}:00,{hour}.5" for day in (11, 12) for hour in range(10, 20)]
    (tmp_path / "a.csv").write_text("\n".join(["Date,Time,A", *rows]))
    with pytest.raises(InputError, match="Solar Hijri"):
        prepare(tmp_path / "a.csv")


@pytest.mark.parametrize(
    ("name", "above", "is_doubted"),
    [("Value", "Point: PI-2\nTime,Value\n", True), ("Value", "", False), ("A", "Time,A\n", False)],
)
def test_parts_below_repeated_headers_without_tags_are_doubted(tmp_path, name, above, is_doubted):
    rows = [f"{time:%Y-%m-%d %H:%M},{value}\n" for time, value in zip(HOURS, VALUES, strict=True)]
    text = f"Point: TI-1\nTime,{name}\n{''.join(rows[:30])}{above}{''.join(rows[30:])}"
    (tmp_path / "a.csv").write_text(text)
    assert any("repeats its header" in doubt for doubt in prepare(tmp_path / "a.csv").doubts) == is_doubted


@pytest.mark.parametrize(
    ("between", "end", "is_doubted"),
    [
        ("TI-2,\n", "", True),
        ("Tag TI-2\n", "", True),
        ("", "End of data,\n", False),
        ("", "Summary\nAverage,1.5\n", False),
        ("Average,\n", "", False),
        ("2024-03-06 11:30,\nWed 2024-03-06 11:40,\n", "", False),
    ],
)
def test_names_between_readings_are_doubted(tmp_path, between, end, is_doubted):
    rows = [f"{time:%Y-%m-%d %H:%M},{value}\n" for time, value in zip(HOURS, VALUES, strict=True)]
    (tmp_path / "a.csv").write_text(f"Time,Value\n{''.join(rows[:30])}{between}{''.join(rows[30:])}{end}")
    assert any("between its readings" in doubt for doubt in prepare(tmp_path / "a.csv").doubts) == is_doubted


def test_seconds_since_1904_are_refused_with_the_cause(tmp_path):
    for zero, path in ((datetime(1904, 1, 1), tmp_path / "a.csv"), (datetime(1970, 1, 1), tmp_path / "b.csv")):
        rows = [f"{(time - zero).total_seconds():.3f},{value}" for time, value in zip(HOURS, VALUES, strict=True)]
        path.write_text("\n".join(["Time,A", *rows, ""]))
    with pytest.raises(InputError, match="LabVIEW do, they begin on 2024-03-05: subtract 2082844800"):
        prepare(tmp_path / "a.csv")
    assert prepare(tmp_path / "b.csv").files[0].row_count == len(HOURS)


@pytest.mark.parametrize(("end", "is_doubted"), [("Time,A", False), ("2024-03-06 00:00,1.5", True)])
def test_only_times_without_an_offset_are_doubted(tmp_path, end, is_doubted):
    rows = [f"{time:%Y-%m-%dT%H:%M}Z,{value}" for time, value in zip(HOURS, VALUES, strict=True)]
    (tmp_path / "a.csv").write_text("\n".join(["Time,A", *rows, end, rows[0]]) + "\n")
    assert any("have an offset" in doubt for doubt in prepare(tmp_path / "a.csv").doubts) == is_doubted


def test_zone_words_of_several_meanings_are_offsets(tmp_path):
    rows = [f"2024-10-27 0{hour}:30 {word},{hour}.5" for hour, word in enumerate(["BST", "BST", "GMT", "GMT"])]
    (tmp_path / "a.csv").write_text("\n".join(["Time,A", *rows, ""]))
    assert not prepare_import([tmp_path / "a.csv"], ImportOptions(time_zone="Europe/London")).doubts


@pytest.mark.parametrize(("year", "is_doubted"), [("02", True), ("24", False), ("2002", False)])
def test_years_of_two_digits_that_are_long_ago_are_doubted(tmp_path, year, is_doubted):
    rows = [f"{year}/12/{day} {hour}:00,{hour}.5" for day in (11, 12, 13) for hour in range(10, 20)]
    (tmp_path / "a.csv").write_text("\n".join(["Time,A", *rows, ""]))
    assert any("two digits" in doubt for doubt in prepare(tmp_path / "a.csv").doubts) == is_doubted


@pytest.mark.parametrize(
    "text",
    [
        "-- MySQL dump\nCREATE TABLE r (t datetime, a double);\nINSERT INTO r VALUES ('2024-03-05',1);\n",
        "--\n-- PostgreSQL database dump\n--\n\nSET client_encoding = 'UTF8';\nCOPY public.r (t, a) FROM stdin;\n",
    ],
)
def test_a_script_of_sql_is_named(tmp_path, text):
    (tmp_path / "dump.sql").write_text(text)
    with pytest.raises(InputError, match="script of SQL statements"):
        prepare(tmp_path / "dump.sql")


def test_sheets_of_one_workbook_that_contradict_one_another_are_refused(tmp_path):
    with xlsxwriter.Workbook(tmp_path / "fleet.xlsx") as book:
        style = book.add_format({"num_format": "yyyy-mm-dd hh:mm"})
        for sheet, add in ((book.add_worksheet("P1"), 0), (book.add_worksheet("P2"), 5)):
            sheet.write_row(0, 0, ["Time", "A"])
            for row, time in enumerate(HOURS, start=1):
                sheet.write_datetime(row, 0, time, style)
                sheet.write_number(row, 1, row % 7 + add)
    place = make_empty_plant(tmp_path / "acm.duckdb", "M1")
    result = run(place, "import", str(tmp_path / "fleet.xlsx"), "--equip", "M1", "--timezone", "UTC")
    assert_refused(result, 1, "sheets of several machines")


def test_a_russian_export_is_read_by_its_names(tmp_path):
    rows = [f"TI-101;{value};Хорошее" if i % 9 else f"PI-102;{value};Плохое" for i, value in enumerate(VALUES)]
    found = prepare(write(tmp_path / "a.csv", "Время;Тег;Значение;Качество", rows))  # noqa: RUF001 - Cyrillic
    assert [tag.name for tag in found.tags] == ["PI-102", "TI-101"]
    assert not found.doubts


@pytest.mark.parametrize(
    ("word", "is_doubted"), [(lambda i: "Rossz" if i % 9 == 0 else "Jó", True), (lambda _: "Jó", False)]
)
def test_words_beside_the_values_of_a_long_file_are_doubted(tmp_path, word, is_doubted):
    rows = [f"{'AB'[i % 2]};{value};{word(i)};{'East' if i % 2 else 'West'}" for i, value in enumerate(VALUES)]
    found = prepare(write(tmp_path / "a.csv", "Time;Tag;Value;Jelz;Area", rows))
    assert [doubt.split()[0] for doubt in found.doubts] == ["Jelz"] * is_doubted
    assert not prepare(tmp_path / "a.csv", exclude=("Jelz",)).doubts
