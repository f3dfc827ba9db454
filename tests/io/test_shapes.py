"""Exports of further products and countries: the readings of each text, as a person reads them."""

from __future__ import annotations

from datetime import datetime, timedelta
from functools import partial

import numpy as np
import polars as pl
import pytest
from whole_files import read_whole_files

from acm_etl.errors import InputError
from acm_etl.io.files.layout.text_layout import LayoutOptions
from acm_etl.io.files.losses import LossLimits, StoredCounts, build_loss_report, check_losses
from acm_etl.io.files.options import ImportOptions
from acm_etl.io.files.prepare import prepare_import

MIDNIGHT = datetime(2024, 1, 12, 23)
ONE = datetime(2024, 1, 13, 0)
"""13 January 2024, 00:00 and 01:00 in Berlin, in UTC."""

WINCC_WITH_CONTROL_ROWS = (
    "VarName;TimeString;VarValue;Validity;Time_ms\n"
    '"A";13.01.2024 00:00:00;1,5;1;45304000000\n"A";13.01.2024 01:00:00;9,9;0;45304041666\n'
    '"$RT_OFF$";13.01.2024 01:00:00;0;2;45304041666\n"$RT_COUNT$";13.01.2024 01:00:00;3;2;45304041666\n'
)
STATUS_BEHIND_EVERY_VALUE = (
    "Date;Time;LIC101.PV;Status;TIC102.PV;Status\n"
    "13.01.2024;00:00:00.000;12,5;OK;80,1;OK\n13.01.2024;01:00:00.000;12,6;BAD;80,2;OK\n"
)
PHD = (
    "Tagname,Timestamp,Value,Confidence\nFC1.PV,13-JAN-2024 00:00:00.0,1.5,100\nFC1.PV,13-JAN-2024 01:00:00.0,1.6,0\n"
    "TC1.PV,13-JAN-2024 00:00:00.0,7.5,100\nTC1.PV,13-JAN-2024 01:00:00.0,7.6,100\n"
)
PI_DATALINK = (
    "\\\\SRV\\SINUSOID,,\\\\SRV\\CDT158,\n13-Jan-24 00:00:00,1.5,13-Jan-24 00:00:00,100.2\n"
    "13-Jan-24 01:00:00,No Data,13-Jan-24 01:00:00,100.3\n"
)
FACTORYTALK = (
    "Date,Time,Millitm,TagIndex,Value,Status,Marker,Internal\n"
    "01/13/2024,00:00:00,120,0,1.5,,B,-1\n01/13/2024,00:00:00,120,1,7.5,,B,-1\n"
    "01/13/2024,01:00:00,120,0,1.6,,,-1\n01/13/2024,01:00:00,120,1,7.6,,,-1\n"
)
HOBO = (
    '"Plot Title: Boiler"\n"#","Date Time, GMT+01:00","Temp (LGR S/N: 1)","Host Connected (LGR S/N: 1)"\n'
    "1,01/13/24 12:00:00 AM,20.1,\n2,01/13/24 01:00:00 AM,20.2,Logged\n"
)
THINGSPEAK = "created_at,entry_id,field1\n2024-01-12T23:00:00+00:00,1,20.5\n2024-01-13T00:00:00+00:00,2,20.6\n"
NIAGARA = (
    "Timestamp,Trend Flags,Status,Value\n13-Jan-24 12:00:00 AM,{ },{ok},20.5\n13-Jan-24 1:00:00 AM,{ },{fault},99.9\n"
)
KEPWARE = (
    "_NAME,_NUMERICID,_VALUE,_TIMESTAMP,_QUALITY\nA,0,1.5,2024-01-13 00:00:00.000,192\n"
    "B,0,7.5,2024-01-13 00:00:00.000,192\nA,0,1.6,2024-01-13 01:00:00.000,0\nB,0,7.6,2024-01-13 01:00:00.000,192\n"
)
DELTAV = (
    "Time,FIC101/PV.CV,FIC101/PV.ST,TI1/PV.CV,TI1/PV.ST\n"
    "2024-01-13 00:00,1.5,GOOD,7.5,GOOD\n2024-01-13 01:00,1.6,BAD,7.6,GOOD\n"
)
IGNITION = (
    "tagid,floatvalue,dataintegrity,t_stamp\n5,1.5,192,1705100400000\n6,7.5,192,1705100400000\n"
    "5,1.6,500,1705104000000\n6,7.6,192,1705104000000\n"
)
PHD_UNITS = (
    "TagName,TI1.PV,,FI2.PV,\nUnits,DEGC,,M3/H,\nTimestamp,Value,Confidence,Value,Confidence\n"
    "13-Jan-24 00:00:00,1.5,100,7.5,100\n13-Jan-24 01:00:00,1.6,0,7.6,100\n"
)
EXPECTED = {
    "Niagara": (NIAGARA, {"export": [20.5, None]}),
    "Kepware": (KEPWARE, {"A": [1.5, None], "B": [7.5, 7.6]}),
    "WinCC with starts and stops": (WINCC_WITH_CONTROL_ROWS, {"A": [1.5, None]}),
    "a status behind every value": (STATUS_BEHIND_EVERY_VALUE, {"LIC101.PV": [12.5, None], "TIC102.PV": [80.1, 80.2]}),
    "confidence of PHD": (PHD, {"FC1.PV": [1.5, None], "TC1.PV": [7.5, 7.6]}),
    "tags above the times": (PI_DATALINK, {"\\\\SRV\\SINUSOID": [1.5, None], "\\\\SRV\\CDT158": [100.2, 100.3]}),
    "a tag above the times": (
        "PI DataLink\n,\nFC1.PV,\nFeed flow,\nm3/h,\n13-Jan-24 00:00:00,1.5\n13-Jan-24 01:00:00,Bad Input\n",
        {"FC1.PV": [1.5, None]},
    ),
    "tag indices": (FACTORYTALK, {"0": [1.5, 1.6], "1": [7.5, 7.6]}),
    "letters of FactoryTalk": (
        FACTORYTALK.replace("01:00:00,120,0,1.6,", "01:00:00,120,0,1.6,E").replace("7.6,,", "7.6,S,"),
        {"0": [1.5, None], "1": [7.5, 7.6]},
    ),
    "status and current value of DeltaV": (
        DELTAV,
        {"FIC101/PV.CV": [1.5, None], "TI1/PV.CV": [7.5, 7.6]},
    ),
    "codes of Ignition": (IGNITION, {"5": [1.5, None], "6": [7.5, 7.6]}),
    "minus signs of SAP": ("Zeit;A\n13.01.2024 00:00;1.234,5-\n13.01.2024 01:00;2,5\n", {"A": [-1234.5, 2.5]}),
    "units between tags and header": (
        PHD_UNITS,
        {"TI1.PV Value": [1.5, None], "FI2.PV Value": [7.5, 7.6]},
    ),
    "offset in the name of the column": (HOBO, {"Temp (LGR S/N: 1)": [20.1, 20.2]}),
    "numbers of entries": (THINGSPEAK, {"field1": [20.5, 20.6]}),
    "a bad flag": ("Time,A,A Bad\n2024-01-13 00:00,1,0\n2024-01-13 01:00,2,1\n", {"A": [1, None]}),
    "blanks between day, month and year": ("Date/Time,A\n13 01 2024 00:00,1\n13 01 2024 01:00,2\n", {"A": [1, 2]}),
    "blanks, year first": ("Date/Time,A\n2024 01 13 00:00,1\n2024 01 13 01:00,2\n", {"A": [1, 2]}),
    "colon in a compact time": ("time (UTC),A\n20240112:2300,1\n20240113:0000,2\n", {"A": [1, 2]}),
    "zone as the name of the clocks": ("DATE,MST,A\n2024-01-12,16:00,1\n2024-01-12,17:00,2\n", {"A": [1, 2]}),
    "apostrophes": ("Zeit;A\n13.01.2024 00:00;1'234.5\n13.01.2024 01:00;1'235.5\n", {"A": [1234.5, 1235.5]}),
    "narrow blanks": (
        "Date;A\n13/01/2024 00:00;1\u202f234,5\n13/01/2024 01:00;1\u00a0235,5\n",
        {"A": [1234.5, 1235.5]},
    ),
    "lakh": ('Time,A\n13-01-2024 00:00,"12,34,567.5"\n13-01-2024 01:00,"12,34,568.5"\n', {"A": [1234567.5, 1234568.5]}),
}


def read(folder, text, **options):
    file = folder / "export.csv"
    file.write_text(text, encoding="utf-8")
    return read_whole_files([file], ImportOptions(time_zone="Europe/Berlin", **options))


@pytest.mark.sampled(8)
@pytest.mark.parametrize("kind", EXPECTED)
def test_exports_of_many_products(tmp_path, kind):
    text, expected = EXPECTED[kind]
    readings, _ = read(tmp_path, text)
    assert readings.to_dict(as_series=False) == {"EntryDateTime": [MIDNIGHT, ONE], **expected}


SWITCHES = {
    "Dutch": ("Aan", "Uit"),
    "Polish": ("Wł", "Wył"),
    "Swedish": ("Till", "Från"),
    "Russian": ("Вкл", "Выкл"),
    "Chinese": ("运行", "停止"),
}


@pytest.mark.parametrize("language", SWITCHES)
def test_switches_of_many_languages(tmp_path, language):
    on, off = SWITCHES[language]
    readings, _ = read(tmp_path, f"Time;A;Pump\n2024-01-13 00:00;20,5;{on}\n2024-01-13 01:00;20,6;{off}\n")
    assert readings["Pump"].to_list() == [1.0, 0.0]


@pytest.mark.parametrize(("name", "first"), [("Hour", 0), ("Stunde", 0), ("Hour Ending", 1), ("HE", 1)])
def test_hours_of_a_day_beside_a_date(tmp_path, name, first):
    rows = "".join(f"2024-01-{13 + i // 24},{i % 24 + first},{i}\n" for i in range(48))
    readings, _ = read(tmp_path, f"Date,{name},A\n{rows}")
    assert readings.columns == ["EntryDateTime", "A"]
    assert readings["A"].to_list() == list(range(48))
    assert readings["EntryDateTime"][0] == (ONE if first else MIDNIGHT)
    assert readings["EntryDateTime"].diff().drop_nulls().dt.total_minutes().unique().to_list() == [60]


@pytest.mark.parametrize(
    ("header", "cells"),
    [
        ("Date;Time;Millitm", ["13.01.2024;00:00:00;050", "13.01.2024;00:00:00;750", "13.01.2024;01:00:00;0"]),
        ("Date;Time;Sub-sec", ["2024/01/13;00:00:00;050", "2024/01/13;00:00:00;750", "2024/01/13;01:00:00;000"]),
        ("Time;ms", ["2024-01-13 00:00:00;50", "2024-01-13 00:00:00;750", "2024-01-13 01:00:00;0"]),
        ("Time;msec", ["1/13/2024 12:00:00 AM;50", "1/13/2024 12:00:00 AM;750", "1/13/2024 1:00:00 AM;0"]),
    ],
)
def test_milliseconds_in_a_column_tell_readings_of_a_second_apart(tmp_path, header, cells):
    rows = "".join(f"{time};{number}\n" for number, time in enumerate(cells))
    readings, rejections = read(tmp_path, f"{header};A\n{rows}")
    times = [MIDNIGHT + timedelta(milliseconds=50), MIDNIGHT + timedelta(milliseconds=750), ONE]
    assert readings.to_dict(as_series=False) == {"EntryDateTime": times, "A": [0, 1, 2]}
    assert rejections.is_empty()


@pytest.mark.parametrize("mark", ["", "\ufeff"])
def test_a_second_table_in_a_file_is_refused(tmp_path, mark):
    rows = "2024-01-13 00:00,1,2\n2024-01-13 01:00,3,4\n"
    with pytest.raises(InputError, match=r"line 5, with the columns C, D"):
        read(tmp_path, f"Time,A,B\n{rows}\n{mark}Time,C,D\n{rows}")


@pytest.mark.parametrize("mark", ["", "\ufeff"])
def test_a_repeated_header_is_counted(tmp_path, mark):
    first, second, third = "2024-01-13 00:00,1\n", "2024-01-13 01:00,2\n", "2024-01-13 02:00,3\n"
    readings, rejections = read(tmp_path, f"Time,A\n{first}{mark}Time,A\n{second}{mark}{third}")
    assert readings["A"].to_list() == [1, 2, 3]
    assert rejections.select("EventType", "AffectedRows").rows() == [("repeated_header", 1)]


_AUTUMN = [("01:30", 0), ("02:30", 0), ("02:30", 1), ("03:30", 1)]
"""Times of day of 27 October 2024 in Berlin, and whether they are winter time."""


def check_autumn(readings, rejections):
    times = [datetime(2024, 10, 26, 23, 30) + timedelta(hours=hour) for hour in range(4)]
    assert readings.to_dict(as_series=False) == {"EntryDateTime": times, "A": [0, 1, 2, 3]}
    assert rejections.is_empty()


@pytest.mark.sampled(2)
@pytest.mark.parametrize(
    ("column", "zones"),
    [
        ("TZ", ("CEST", "CET")),
        ("TZ", ("+02:00", "+01:00")),
        ("S/W", ("S", "W")),
        ("SZ/WZ", ("SZ", "WZ")),
        ("DST", (1, 0)),
        ("is_dst", ("True", "False")),
        ("Sommerzeit", ("ja", "nein")),
    ],
)
def test_zones_in_a_column_tell_the_hours_of_a_clock_change_apart(tmp_path, column, zones):
    rows = "".join(f"27.10.2024;{clock};{zones[half]};{i}\n" for i, (clock, half) in enumerate(_AUTUMN))
    check_autumn(*read(tmp_path, f"Datum;Uhrzeit;{column};A\n{rows}"))


@pytest.mark.sampled
@pytest.mark.parametrize("spelling", ["02{}:30", "2{}:30:00"])
def test_letters_tell_the_hours_of_a_clock_change_apart(tmp_path, spelling):
    clocks = ["01:30", spelling.format("A"), spelling.format("B"), "03:30"]
    check_autumn(*read(tmp_path, "Zeit;A\n" + "".join(f"27.10.2024 {clock};{i}\n" for i, clock in enumerate(clocks))))
    rows = "".join(f"27.10.2024 {clock} {'SW'[half]};{i}\n" for i, (clock, half) in enumerate(_AUTUMN))
    check_autumn(*read(tmp_path, f"Zeit;A\n{rows}"))


def test_a_doubt_about_the_clock_of_many_files_is_told_once(tmp_path):
    hours = [datetime(2024, 10, 26, 12) + timedelta(hours=hour) for hour in range(48)]
    for tag in "ABC":
        rows = "".join(f"{time:%Y-%m-%d %H:%M},{time.hour % 5}.5\n" for time in hours)
        (tmp_path / f"{tag}.csv").write_text(f"Time,{tag}\n{rows}", encoding="utf-8")
    (doubt,) = prepare_import([tmp_path], ImportOptions(time_zone="Europe/Berlin")).doubts
    assert "Etc/GMT-1" in doubt


def test_summer_time_needs_a_zone_that_has_it(tmp_path):
    for flag, is_refused in (("0", False), ("1", True)):
        (tmp_path / "export.csv").write_text(f"Time,DST,A\n2024-07-13 00:00,{flag},1.5\n2024-07-13 01:00,{flag},2\n")
        prepare = partial(prepare_import, [tmp_path / "export.csv"], ImportOptions(time_zone="Etc/GMT-1"))
        if is_refused:
            with pytest.raises(InputError, match="Etc/GMT-1 has 1 offset"):
                prepare()
        else:
            assert prepare().plan.tags == ("A",)


def test_a_switch_and_a_standard_deviation_are_no_seasons(tmp_path):
    readings, _ = read(tmp_path, "Time,SW,STD\n2024-01-13 00:00,1,0.5\n2024-01-13 01:00,0,0.6\n")
    assert readings.to_dict(as_series=False) == {"EntryDateTime": [MIDNIGHT, ONE], "SW": [1, 0], "STD": [0.5, 0.6]}


def test_a_pump_that_starts_and_stops_often_is_a_tag(tmp_path):
    rows = "".join(f"2024-01-13 {hour:02}:00,{'Run' if hour % 3 else 'Stop'},{hour}\n" for hour in range(24))
    readings, _ = read(tmp_path, f"Time,Pump,A\n{rows}")
    assert readings["Pump"].to_list() == [float(hour % 3 > 0) for hour in range(24)]


def test_rows_of_statistics_do_not_count_against_the_limit(tmp_path):
    rows = "2024-01-13 00:00,1\n2024-01-13 01:00,3\n2024-01-13 02:00,2\n\nAverage:,2\nMAX,3\n"
    readings, rejections = read(tmp_path, f"Time,A\n{rows}")
    assert readings["A"].to_list() == [1, 3, 2]
    assert rejections.select("EventType", "AffectedRows").rows() == [("summary_row", 2)]
    report = build_loss_report(rejections, StoredCounts(rows=3, cells={"A": 3}, conflicts_in_file={}), rows_in=5)
    check_losses(report, LossLimits(max_lost_rows=0, max_lost_cells=0))


@pytest.mark.parametrize(
    ("text", "words", "options"),
    [
        ("Tag,2024-01-13 00:00,2024-01-13 01:00,2024-01-13 02:00\nA,1,2,3\nB,4,5,6\n", "transpose", {}),
        ("Day,A,01:00,02:00,03:00\n2024-01-13,0,1,2,3\n2024-01-14,0,4,5,6\n", "called by times", {"header_line": 1}),
        ("Zeit,A,B\n13.01.2024 00:00,1,5,2,5\n13.01.2024 01:00,1,6,2,6\n", "decimal commas", {}),
    ],
)
def test_tables_of_another_shape_are_refused_with_the_cause(tmp_path, text, words, options):
    with pytest.raises(InputError, match=words):
        read(tmp_path, text, layout=LayoutOptions(**options))


def test_a_clock_of_twelve_hours_without_am_and_pm_is_refused(tmp_path):
    hours = [f"{hour:02}:00" for hour in (12, *range(1, 12))]
    rows = "".join(f"2024-01-{day} {hour},{day}\n" for day in (13, 14) for hour in hours * 2)
    with pytest.raises(InputError, match="12 hours"):
        read(tmp_path, f"Time,A\n{rows}")
    halves = "".join(f"2024-01-{day} {hour} {half},1\n" for day in (13, 14) for half in ("AM",) for hour in hours)
    assert len(read(tmp_path, f"Time,A\n{halves}")[0]) == 24
    # The user knows better: a machine that runs until one o'clock only.
    stated, _ = read(tmp_path, f"Time,A\n{rows}", time_format="%Y-%m-%d %H:%M")
    assert len(stated) == 24


def test_stored_times_of_impossible_years_are_counted(tmp_path):
    days = pl.Series("Time", [2**31 - 1, -(2**31), 19735, 19736], dtype=pl.Int32).cast(pl.Date)
    pl.DataFrame({"Time": days, "A": [1.0, 2.0, 3.0, 4.0]}).write_parquet(tmp_path / "x.parquet")
    readings, rejections = read_whole_files([tmp_path / "x.parquet"], ImportOptions(time_zone="UTC"))
    assert readings["A"].to_list() == [3, 4]
    assert rejections.select("EventType", "AffectedRows").rows() == [("unparsed_time", 2)]


def test_a_form_feed_does_not_end_a_row(tmp_path):
    rows = "".join(f"2024-01-13 00:{i:02},{i},1\n" for i in range(20))
    _, rejections = read(tmp_path, f"Time,A,B\n{rows}2024-01-13 01:00\f1,2\n")
    assert rejections.select("EventType", "AffectedRows").rows() == [("ragged_row", 1)]


def test_clocks_of_four_digits_beside_a_date(tmp_path):
    rows = "".join(f"2024-01-{13 + i // 24},{i % 24:02}30,{i}\n" for i in range(48))
    readings, _ = read(tmp_path, f"Date,Time,A\n{rows}")
    assert readings["A"].to_list() == list(range(48))
    assert readings["EntryDateTime"][:2].to_list() == [MIDNIGHT.replace(minute=30), ONE.replace(minute=30)]


def test_clocks_without_leading_zeros_are_refused(tmp_path):
    rows = "".join(f"2024-01-{13 + i // 24},{i % 24 * 100},{i}\n" for i in range(48))
    with pytest.raises(InputError, match=r"Time .* leading zeros"):
        read(tmp_path, f"Date,Time,A\n{rows}")


def test_a_label_that_persists_is_no_machine(tmp_path):
    """The wind direction of an hour depends on that of the hour before; machines report in turn or independently."""
    random = np.random.default_rng(5)
    wind = [0]
    for _ in range(999):
        wind.append(wind[-1] if random.random() < 0.3 else int(random.integers(16)))
    machines = random.integers(3, size=1000)
    for labels, is_machine in ((wind, False), (machines, True), (np.arange(1000) % 3, True)):
        lines = (f"{MIDNIGHT + timedelta(hours=n)},L{label},{n % 7},{n % 5}" for n, label in enumerate(labels))
        path = tmp_path / "export.csv"
        path.write_text("\n".join(["Time,label,A,B", *lines]), encoding="utf-8")
        prepare = partial(prepare_import, [path], ImportOptions(time_zone="UTC"))
        if is_machine:
            with pytest.raises(InputError, match="several machines"):
                prepare()
        else:
            assert prepare().plan.tags == ("A", "B")
