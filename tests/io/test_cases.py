"""Exports as plants make them: what the command stores from each, or the refusal that leads to success."""

from __future__ import annotations

import gzip
import io
import os
import subprocess
import sys
import zipfile
from datetime import datetime
from pathlib import Path

import polars as pl
import pyarrow as pa
import pytest
from commands import assert_refused, run
from plants import make_empty_plant

CASES = Path(__file__).with_name("cases")
HOURS = [datetime(2023, 12, 31, 23), datetime(2024, 1, 1, 0)]
"""The first two hours of 2024 in Berlin, in UTC."""


@pytest.fixture
def place(tmp_path):
    return make_empty_plant(tmp_path / "acm.duckdb", "M1")


def imported(place, *files, options=(), zone="Europe/Berlin"):
    """Import files of one case, and return the stored readings."""
    paths = [str(file if isinstance(file, Path) else CASES / file) for file in files]
    result = run(place, "import", *paths, "--equip", "M1", "--timezone", zone, *options)
    assert result.exit_code == 0, result.output
    return place.query('SELECT * FROM "M1_Data" ORDER BY "EntryDateTime"')


def refusal(place, *files, words, options=(), code=1):
    paths = [str(CASES / file) for file in files]
    assert_refused(run(place, "import", *paths, "--equip", "M1", "--timezone", "Europe/Berlin", *options), code, *words)
    assert not has_table(place)


def has_table(place):
    engine = place.connect()
    try:
        return bool(engine.get_column_types("M1_Data"))
    finally:
        engine.close()


def values(frame, tag):
    return frame[tag].to_list()


def times(frame):
    return frame["EntryDateTime"].to_list()


# -- shapes ----------------------------------------------------------------------------------------------------------


def test_a_long_file_brings_every_tag(place):
    stored = imported(place, "long_format/long.csv")
    assert times(stored) == HOURS
    assert (values(stored, "FI-101"), values(stored, "TI-103")) == ([120.1, 120.4], [65.2, 65.1])


LONG_SPELLINGS = {
    "WinCC": "VarName;TimeString;VarValue;Validity;Time_ms\n"
    '"A";01.01.2024 00:00:00;1,5;1;45292000000\n"B";01.01.2024 00:00:00;7,5;1;45292000000\n'
    '"A";01.01.2024 01:00:00;2,5;1;45292041666\n"B";01.01.2024 01:00:00;8,5;1;45292041666\n',
    "GE": "Tagname,TimeStamp,Value,DataQuality\nA,2024-01-01 00:00:00,1.5,Good\nB,2024-01-01 00:00:00,7.5,Good\n"
    "A,2024-01-01 01:00:00,2.5,Good\nB,2024-01-01 01:00:00,8.5,Good\n",
    "AVEVA": "TagName,DateTime,Value,OPCQuality\nA,2024-01-01 00:00:00.000,1.5,192\nB,2024-01-01 00:00:00.000,7.5,192\n"
    "A,2024-01-01 01:00:00.000,2.5,192\nB,2024-01-01 01:00:00.000,8.5,192\n",
    "Influx": "#group,false,false,true,true,false,false,true,true\n"
    "#datatype,string,long,dateTime:RFC3339,dateTime:RFC3339,dateTime:RFC3339,double,string,string\n"
    "#default,_result,,,,,,,\n,result,table,_start,_stop,_time,_value,_field,_measurement\n"
    ",,0,2023-12-01T00:00:00Z,2024-02-01T00:00:00Z,2023-12-31T23:00:00Z,1.5,A,m\n"
    ",,0,2023-12-01T00:00:00Z,2024-02-01T00:00:00Z,2024-01-01T00:00:00Z,2.5,A,m\n"
    ",,1,2023-12-01T00:00:00Z,2024-02-01T00:00:00Z,2023-12-31T23:00:00Z,7.5,B,m\n"
    ",,1,2023-12-01T00:00:00Z,2024-02-01T00:00:00Z,2024-01-01T00:00:00Z,8.5,B,m\n",
    "Home Assistant": "entity_id,state,last_changed\nA,1.5,2023-12-31T23:00:00.000Z\nB,7.5,2023-12-31T23:00:00.000Z\n"
    "A,2.5,2024-01-01T00:00:00.000Z\nB,8.5,2024-01-01T00:00:00.000Z\n",
    "Ignition": "tagid,intvalue,floatvalue,stringvalue,datevalue,dataintegrity,t_stamp\n"
    "1,,1.5,,,192,1704063600000\n2,,7.5,,,192,1704063600000\n1,,2.5,,,192,1704067200000\n2,,8.5,,,192,1704067200000\n",
    "Ignition with NULL": "tagid,intvalue,floatvalue,stringvalue,datevalue,dataintegrity,t_stamp\n"
    "1,NULL,1.5,NULL,NULL,192,1704063600000\n2,7,NULL,NULL,NULL,192,1704063600000\n"
    "1,NULL,2.5,NULL,NULL,192,1704067200000\n2,8,NULL,NULL,NULL,192,1704067200000\n",
    "own words": "Zeitpunkt\tLeitstelle X\tErgebnis\n2024-01-01 00:00\tA\t1.5\n2024-01-01 00:00\tB\t7.5\n"
    "2024-01-01 01:00\tA\t2.5\n2024-01-01 01:00\tB\t8.5\n",
}


@pytest.mark.sampled
@pytest.mark.parametrize("product", LONG_SPELLINGS)
def test_long_files_of_many_products_are_found_by_themselves(place, tmp_path, product):
    file = tmp_path / "export.csv"
    file.write_text(LONG_SPELLINGS[product])
    stored = imported(place, file)
    first, second = ("1", "2") if product.startswith("Ignition") else ("A", "B")
    assert times(stored) == HOURS
    assert values(stored, first) == [1.5, 2.5]
    assert values(stored, second) == ([7, 8] if "NULL" in product else [7.5, 8.5])
    assert stored.width == 3


PAIRS = {
    "named": "Time,FI-101,Time,PI-102\n2024-01-01 00:00,1,2024-01-01 00:10,7\n2024-01-01 01:00,2,,\n",
    "WinCC": "FI-101 Time;FI-101 ValueY;PI-102 Time;PI-102 ValueY\n"
    "01.01.2024 00:00:00;1,0;01.01.2024 00:10:00;7,0\n01.01.2024 01:00:00;2,0;;\n",
}


@pytest.mark.sampled
@pytest.mark.parametrize("spelling", PAIRS)
def test_pairs_of_time_and_value_keep_their_own_times(place, tmp_path, spelling):
    file = tmp_path / "pairs.csv"
    file.write_text(PAIRS[spelling])
    stored = imported(place, file)
    assert times(stored) == [HOURS[0], HOURS[0].replace(minute=10), HOURS[1]]
    assert (values(stored, "FI-101"), values(stored, "PI-102")) == ([1, None, 2], [None, 7, None])


def test_one_file_per_tag_merges_cell_by_cell(place):
    stored = imported(place, "tag_per_file_erased/a.csv", "tag_per_file_erased/b.csv")
    assert (values(stored, "FI-101"), values(stored, "PI-102")) == ([1.0, 1.1], [7.0, 7.1])


def test_a_file_without_a_tag_of_its_own_is_called_by_its_name(place, tmp_path):
    for tag, value in (("FI-101", 1), ("PI-102", 7)):
        rows = f"2024-01-01 00:00,{value}\n2024-01-01 01:00,{value + 1}\n"
        (tmp_path / f"{tag}.csv").write_text("Timestamp,Value\n" + rows)
    stored = imported(place, tmp_path / "FI-101.csv", tmp_path / "PI-102.csv")
    assert (values(stored, "FI-101"), values(stored, "PI-102")) == ([1, 2], [7, 8])


def test_several_machines_in_one_file_are_refused_with_the_offer(place):
    refusal(place, "several_machines/fleet.csv", words=["Asset", "P-1", "--where"])


def test_one_machine_of_several_is_chosen(place):
    stored = imported(place, "several_machines/fleet.csv", options=["--where", "Asset=P-1"])
    assert stored.columns == ["EntryDateTime", "FLOW", "TEMP"]
    assert (values(stored, "FLOW"), values(stored, "TEMP")) == ([10, 11], [50, 51])


def test_every_machine_of_a_file_becomes_one(place):
    file = str(CASES / "several_machines" / "fleet.csv")
    result = run(place, "import", file, "--equip-from", "Asset", "--timezone", "Europe/Berlin")
    assert result.exit_code == 0, result.output
    assert place.query('SELECT "FLOW" FROM "P-2_Data" ORDER BY 1')["FLOW"].to_list() == [20, 21]


# -- containers and layout -------------------------------------------------------------------------------------------


@pytest.mark.sampled
@pytest.mark.parametrize(
    "file",
    [
        "preamble/p.csv",
        "preamble/hash.csv",
        "index_column/record.csv",
        "index_column/unnamed.csv",
        "trailing_delimiter/header_too.csv",
        "trailing_delimiter/rows_only.csv",
    ],
)
def test_what_surrounds_the_readings_is_not_taken_for_them(place, file):
    stored = imported(place, file)
    assert stored.columns == ["EntryDateTime", "A"]
    assert (times(stored), values(stored, "A")) == (HOURS, [1, 2])


def test_a_data_logger_file_brings_its_units(place):
    stored = imported(place, "preamble/toa5.dat")
    assert stored.columns == ["EntryDateTime", "A"]
    assert values(stored, "A") == [2.5, 2.6]


SIMPLE = "Time,A\n2024-01-01 00:00,1\n2024-01-01 01:00,2\n"


def write_gzip(folder):
    (folder / "x.csv.gz").write_bytes(gzip.compress(SIMPLE.encode()))
    return folder / "x.csv.gz"


def write_zstd(folder):
    with pa.CompressedOutputStream(str(folder / "x.csv.zst"), "zstd") as out:
        out.write(SIMPLE.encode())
    return folder / "x.csv.zst"


def write_zip(folder):
    lines = SIMPLE.splitlines(keepends=True)
    with zipfile.ZipFile(folder / "x.zip", "w") as archive:
        archive.writestr("one.csv", lines[0] + lines[1])
        archive.writestr("sub/two.csv", lines[0] + lines[2])
    return folder / "x.zip"


def write_folder(folder):
    lines = SIMPLE.splitlines(keepends=True)
    (folder / "days").mkdir()
    (folder / "days" / "day1.csv").write_text(lines[0] + lines[1])
    (folder / "days" / "day2.csv").write_text(lines[0] + lines[2])
    return folder / "days"


def write_pattern(folder):
    return write_folder(folder) / "day*.csv"


def write_workbook(folder):
    xlsxwriter = pytest.importorskip("xlsxwriter", reason="no writer of workbooks")
    frame = pl.read_csv(io.StringIO(SIMPLE), try_parse_dates=True)
    with xlsxwriter.Workbook(folder / "x.xlsx") as book:
        frame.write_excel(book, "Sheet1")
    return folder / "x.xlsx"


def write_ipc(folder):
    pl.read_csv(io.StringIO(SIMPLE), try_parse_dates=True).write_ipc(folder / "x.arrow")
    return folder / "x.arrow"


@pytest.mark.sampled
@pytest.mark.parametrize(
    "write", [write_gzip, write_zstd, write_zip, write_folder, write_pattern, write_workbook, write_ipc]
)
def test_containers_are_opened(place, tmp_path, write):
    stored = imported(place, write(tmp_path))
    assert (times(stored), values(stored, "A")) == (HOURS, [1, 2])


def test_readings_come_through_a_pipe(place):
    words = ["--store", place.url, "import", "-", "--equip", "M1", "--timezone", "UTC"]
    command = [sys.executable, "-m", "acm_etl", *words]
    subprocess.run(command, input=SIMPLE.encode(), check=True, capture_output=True, env=dict(os.environ))
    assert place.query('SELECT "A" FROM "M1_Data" ORDER BY "EntryDateTime"')["A"].to_list() == [1, 2]


# -- times -----------------------------------------------------------------------------------------------------------

MIDNIGHT = [datetime(2024, 1, 12, 23), datetime(2024, 1, 13, 0)]
SPELLINGS = {
    "colon_date": MIDNIGHT,
    "compact14": MIDNIGHT,
    "month_first": MIDNIGHT,
    "two_columns": MIDNIGHT,
    "zone_word": MIDNIGHT,
    "epoch_us": [datetime(2024, 1, 13, 0), datetime(2024, 1, 13, 1)],
    "excel_serial": [datetime(2023, 8, 31, 22), datetime(2023, 8, 31, 23)],
}


@pytest.mark.sampled
@pytest.mark.parametrize("spelling", SPELLINGS)
def test_usual_spellings_of_times_are_read(place, spelling):
    stored = imported(place, f"time_spellings/{spelling}.csv")
    # Excel counts days: its fractions are no whole milliseconds.
    assert [t.replace(microsecond=0, second=0) if t.second < 30 else t for t in times(stored)] == SPELLINGS[spelling]
    assert values(stored, "A") == [1, 2]


def test_a_clock_that_never_changes_is_refused_and_its_zone_named(place):
    refusal(place, "clock_without_dst/s.csv", words=["Etc/GMT-1"])
    stored = imported(place, "clock_without_dst/s.csv", zone="Etc/GMT-1")
    assert values(stored, "a") == [1, 2, 3, 4, 5]
    assert times(stored)[0] == datetime(2024, 3, 31, 0, 30)


def test_the_repeated_hour_of_a_file_that_runs_backwards(place):
    stored = imported(place, "dst_descending/d.csv")
    assert values(stored, "a") == [3, 4, 5, 6, 7, 8]
    assert times(stored)[1] == datetime(2023, 10, 29, 0, 0)


# -- values ----------------------------------------------------------------------------------------------------------


@pytest.mark.sampled
@pytest.mark.parametrize(
    ("file", "expected"),
    [
        ("decimal_comma_tab_or_quoted/tab.tsv", [10.1, 10.2]),
        ("decimal_comma_tab_or_quoted/quoted.csv", [10.1, 10.2]),
        ("one_point_kills_comma_column/m.csv", [10.1, 10.2, 10.3, 10.4]),
        ("thousands_lost/t.csv", [12000.5, 12100.5, 999.5, 12050.0]),
    ],
)
def test_numbers_are_read_as_their_column_writes_them(place, file, expected):
    assert values(imported(place, file), "FI-101") == expected


def test_switches_become_numbers(place):
    stored = imported(place, "digital_tags/d.csv")
    assert (values(stored, "A"), values(stored, "PUMP")) == ([1, 2, 2, 2, 2, 3], [1, 1, 1, 1, 1, 0])


def test_units_behind_numbers_are_taken_off(place):
    stored = imported(place, "values_with_units/u.csv")
    assert (values(stored, "A"), values(stored, "B")) == ([1, 2], [20.5, 20.6])


@pytest.mark.sampled
@pytest.mark.parametrize("file", ["q.csv", "q_num.csv"])
def test_readings_of_bad_quality_become_null_and_are_counted(place, file):
    stored = imported(place, f"quality_ignored/{file}")
    assert stored.columns == ["EntryDateTime", "FI-101"]
    assert values(stored, "FI-101") == [10.0, None, 10.2]
    counted = place.query('SELECT * FROM "ACM_DataQualityEvents" WHERE "EventType" = \'bad_quality\'')
    assert counted["AffectedRows"].to_list() == [1]


def test_a_value_that_means_missing(place, tmp_path):
    rows = [f"2024-01-{1 + i // 24:02} {i % 24:02}:00,{-999 if i % 9 == 4 else 50 + i % 7}" for i in range(240)]
    file = tmp_path / "with-999.csv"
    file.write_text("Time,A\n" + "\n".join(rows))
    listed = run(place, "import", str(file), "--equip", "M1", "--timezone", "UTC", "--dry-run")
    assert "--missing -999" in listed.output
    stored = imported(place, file, options=["--missing", "-999"])
    assert stored["A"].null_count() == sum(i % 9 == 4 for i in range(240))
    assert stored["A"].min() == 50


# -- merging ---------------------------------------------------------------------------------------------------------


def test_corrections_and_tags_that_come_later_merge(place):
    for number in range(1, 5):
        stored = imported(place, f"refused_import_leaves_column/{number}.csv")
    assert values(stored, "A") == [1.5, 2.5, 3, 4]
    assert values(stored, "B") == [5, 6, None, None]


def test_a_file_of_which_much_is_lost_is_refused_and_stores_nothing(place, tmp_path):
    file = tmp_path / "lost.csv"
    rows = [f"2024-01-01 {i // 60:02}:{i % 60:02},{'?!' if i % 10 == 3 else i}" for i in range(200)]
    file.write_text("Time,A\n" + "\n".join(rows))
    refusal(place, file, words=["A", "20 of 200", "--accept-loss"])
    stored = imported(place, file, options=["--accept-loss"])
    assert stored["A"].null_count() == 20


@pytest.mark.parametrize("option", ["--tags", "--exclude"])
def test_columns_are_chosen(place, tmp_path, option):
    file = tmp_path / "wide.csv"
    file.write_text("Time,FI-101,TI-103\n2024-01-01 00:00,1,7\n2024-01-01 01:00,2,8\n")
    stored = imported(place, file, options=[option, "FI-*"])
    assert stored.columns == ["EntryDateTime", "FI-101" if option == "--tags" else "TI-103"]
