"""Exports of plants in other countries, and of writers with spellings of their own: read exactly, or refused."""

from __future__ import annotations

import gzip
import io
import zipfile
from datetime import datetime, timedelta

import polars as pl
import pytest
import xlsxwriter
from commands import run
from plants import make_empty_plant
from time_columns import read
from whole_files import read_whole_files

from acm_etl.errors import InputError
from acm_etl.io.files.options import ImportOptions
from acm_etl.io.files.prepare import prepare_import

HOURS = [datetime(2024, 3, 5) + timedelta(hours=i) for i in range(300)]
QUARTERS = [datetime(2024, 3, 15) + timedelta(minutes=15 * i) for i in range(96)]
UTC = {"time_zone": "UTC"}


def write(path, header, rows, mark=","):
    path.write_text("\n".join([header, *(mark.join(map(str, row)) for row in rows)]) + "\n", encoding="utf-8")
    return path


def read_values(path, tag):
    frame, _ = read_whole_files([path], ImportOptions(**UTC))
    return dict(zip(frame[frame.columns[0]].to_list(), frame[tag].to_list(), strict=True))


@pytest.mark.parametrize(
    "cell",
    [
        "13.01.2024 00:00 - 13.01.2024 01:00",
        "13/01/2024 00:00:00 - 13/01/2024 01:00:00",
        "2024-01-13T00:00:00Z/2024-01-13T01:00:00Z",
        "2024-01-13T00:00:00.0/2024-01-13T00:01:00.0",
        "2024-01-13T00:00Z/PT1H",
        "13.01.2024 00:00 - 01:00",
        "13.01.2024 00:00 \u2013 01:00",
        "13.01.2024 00:00 bis 01:00",
    ],
)
def test_an_interval_in_one_cell_has_the_time_of_its_start(cell):
    assert read([cell], zone="UTC") == [datetime(2024, 1, 13)]


def test_intervals_of_a_repeated_hour_are_told_apart_by_their_zones():
    cells = [f"27/10/2024 02:00:00 ({zone}) - 27/10/2024 02:00:00 (CET)" for zone in ("CEST", "CET")]
    assert read(cells) == [datetime(2024, 10, 27, hour) for hour in (0, 1)]


def test_intervals_of_a_day_have_their_date_in_another_column(tmp_path):
    rows = [
        [f"{t:%d.%m.%Y}", f"{t:%H:%M} - {t + timedelta(minutes=15):%H:%M}", i + 0.5] for i, t in enumerate(QUARTERS)
    ]
    path = write(tmp_path / "a.csv", "Datum,von - bis,Last", rows)
    assert read_values(path, "Last") == {time: i + 0.5 for i, time in enumerate(QUARTERS)}


@pytest.mark.parametrize("minutes", [15, 60])
def test_an_interval_without_blanks_is_not_taken_for_an_offset(tmp_path, minutes):
    step = timedelta(minutes=minutes)
    times = [QUARTERS[0] + i * step for i in range(24)]
    rows = [[f"{t:%d.%m.%Y %H:%M}-{t + step:%H:%M}", i + 0.5] for i, t in enumerate(times)]
    with pytest.raises(InputError, match="are intervals"):
        prepare_import([write(tmp_path / "a.csv", "Zeit,Last", rows)], ImportOptions(**UTC))


@pytest.mark.parametrize("zone", ["America/New_York", "America/St_Johns", "Asia/Kathmandu", "Pacific/Marquesas"])
def test_offsets_of_a_year_are_no_intervals(zone):
    times = pl.Series(HOURS).dt.replace_time_zone("UTC").dt.offset_by("5mo").sample(200, seed=1).sort()
    cells = times.dt.convert_time_zone(zone).dt.strftime("%Y-%m-%d %H:%M%:z")
    assert read(cells.to_list()) == times.dt.replace_time_zone(None).to_list()


@pytest.mark.parametrize(
    ("pattern", "times"),
    [
        ("%G-W%V-%uT%H:%M:%S", HOURS),
        ("%GW%V%uT%H%M", HOURS),
        ("%G-W%V-%u", HOURS[::24]),
        ("%Y-%jT%H:%M:%S", HOURS),
        ("%Y-%j %H:%M", HOURS),
        ("%Y:%j:%H:%M:%S", HOURS),
        ("%Y-%j", HOURS[::24]),
        ("%Y. %m. %d. %H:%M", HOURS),
    ],
)
def test_dates_of_weeks_and_of_days_of_the_year(pattern, times):
    assert read([time.strftime(pattern) for time in times], zone="UTC") == times


@pytest.mark.parametrize(
    ("cell", "hour"),
    [
        ("2024년 1월 13일 14시 00분", 14),
        ("2024. 1. 13. 오후 2:00:00", 14),
        ("13/01/2024 02:00:00 م", 14),
        ("13/01/2024 02:00:00 ص", 2),
        ("\uff12\uff10\uff12\uff14\uff0f\uff10\uff11\uff0f\uff11\uff13 \uff11\uff14\uff1a\uff10\uff10", 14),
        ("\u0662\u0660\u0662\u0664-\u0660\u0661-\u0661\u0663 \u0661\u0664:\u0660\u0660", 14),
        ("13 янв 2024 14:00", 14),
        ("13 января 2024 14:00", 14),
        ("13 Ocak 2024 14:00", 14),
        ("2024. január 13. 14:00", 14),
    ],
)
def test_spellings_of_asia_and_eastern_europe(cell, hour):
    assert read([cell], zone="UTC") == [datetime(2024, 1, 13, hour)]


@pytest.mark.parametrize(
    ("digits", "mark"), [("\uff10", "\uff0e"), ("\u0660", "\u066b"), ("\u06f0", "\u066b"), ("\u0966", ".")]
)
@pytest.mark.parametrize("decimals", [1, 2, 3, 4])
def test_numbers_in_digits_of_other_scripts(tmp_path, digits, mark, decimals):
    table = str.maketrans({str(i): chr(ord(digits) + i) for i in range(10)} | {".": mark})
    values = [round(i + 0.25, decimals) for i in range(len(HOURS))]
    rows = [[time, f"{value:.{decimals}f}".translate(table)] for time, value in zip(HOURS, values, strict=True)]
    path = write(tmp_path / "a.csv", "Time,T", rows)
    assert read_values(path, "T") == dict(zip(HOURS, values, strict=True))


def test_cells_that_excel_must_not_change(tmp_path):
    rows = [[f'"=""{time}"""', f'"=""{i}.25"""'] for i, time in enumerate(HOURS)]
    assert read_values(write(tmp_path / "a.csv", "Time,T", rows), "T") == {t: i + 0.25 for i, t in enumerate(HOURS)}


@pytest.mark.parametrize(
    ("cell", "hint"),
    [
        ("14/03/2567 00:00", "subtract 543"),
        ("1402/12/24 00:00", "Solar Hijri"),
        ("113/03/14 00:00", "add 1911"),
        ("R6.3.14 00:00", "Japanese eras"),
        ("1.71037E+09", "may be cut"),
    ],
)
def test_times_of_other_calendars_are_refused_by_name(tmp_path, cell, hint):
    path = write(tmp_path / "a.csv", "Time,T", [[cell, i + 0.5] for i in range(30)])
    with pytest.raises(InputError, match=hint):
        prepare_import([path], ImportOptions(**UTC))


@pytest.mark.parametrize(("factor", "pattern"), [(1, "{:.9E}"), (1, "{:.9e}"), (1000, "{:.12E}")])
def test_seconds_since_1970_in_scientific_notation(tmp_path, factor, pattern):
    seconds = [1_710_374_400 + 7 * i for i in range(50)]
    path = write(
        tmp_path / "a.csv", "timestamp,T", [[pattern.format(s * factor), i + 0.5] for i, s in enumerate(seconds)]
    )
    assert read_values(path, "T") == {datetime(2024, 3, 14) + timedelta(seconds=7 * i): i + 0.5 for i in range(50)}


@pytest.mark.parametrize("zero", [datetime(1970, 1, 1), datetime(1980, 1, 6), datetime(2000, 1, 1)])
def test_rows_of_a_clock_that_was_not_set_are_left_out(tmp_path, zero):
    times = [zero + timedelta(seconds=i) if i in (150, 151) else time for i, time in enumerate(HOURS)]
    path = write(tmp_path / "a.csv", "Time,T", [[time, i + 0.5] for i, time in enumerate(times)])
    frame, rejections = read_whole_files([path], ImportOptions(**UTC))
    assert len(frame) == len(HOURS) - 2
    assert rejections.select("EventType", "AffectedRows").rows() == [("unset_clock", 2)]
    assert "not set" in " ".join(prepare_import([path], ImportOptions(**UTC)).doubts)


@pytest.mark.parametrize("factor", [1, 1000])
def test_seconds_since_1970_of_a_clock_that_was_not_set_are_left_out(tmp_path, factor):
    seconds = [946_684_800 + i if i in (150, 151) else 1_710_374_400 + 60 * i for i in range(300)]
    path = write(tmp_path / "a.csv", "ts,T", [[factor * second, i + 0.5] for i, second in enumerate(seconds)])
    frame, rejections = read_whole_files([path], ImportOptions(**UTC))
    assert len(frame) == 298
    assert rejections.select("EventType", "AffectedRows").rows() == [("unset_clock", 2)]


@pytest.mark.parametrize("year", [2014, 2026])
def test_a_date_far_from_all_others_raises_a_doubt(tmp_path, year):
    times = [time.replace(year=year) if i == 150 else time for i, time in enumerate(HOURS)]
    prepared = prepare_import(
        [write(tmp_path / "a.csv", "Time,T", [[time, i + 0.5] for i, time in enumerate(times)])], ImportOptions(**UTC)
    )
    assert f"1 row of {year}" in " ".join(prepared.doubts)


def test_daily_dates_that_a_spreadsheet_has_changed_are_refused(tmp_path):
    days = [datetime(2024, 3, 1) + timedelta(days=i) for i in range(31)]
    cells = [f"{d:%Y-%d-%m}" if d.day <= 12 else f"{d:%d/%m/%Y}" for d in days]
    path = write(tmp_path / "a.csv", "Time,T", enumerate_rows(cells))
    with pytest.raises(InputError, match="a spreadsheet has changed those"):
        prepare_import([path], ImportOptions(**UTC))
    assert prepare_import([path], ImportOptions(**UTC, date_order="dmy")).row_count == len(days)


def test_daily_dates_in_two_spellings_are_read(tmp_path):
    days = [datetime(2024, 3, 1) + timedelta(days=i) for i in range(31)]
    cells = [f"{d:%Y-%m-%d}" if d.day <= 12 else f"{d:%d/%m/%Y}" for d in days]
    path = write(tmp_path / "a.csv", "Time,T", enumerate_rows(cells))
    assert list(read_values(path, "T")) == days


def enumerate_rows(cells):
    return [[cell, i + 0.5] for i, cell in enumerate(cells)]


@pytest.mark.parametrize("more", [[], ["_msgid"], ["qos", "retain"]])
def test_the_payload_of_a_topic_is_its_value(tmp_path, more):
    extra = {"_msgid": "{:08x}", "qos": "0", "retain": "false"}
    rows = [
        [time, topic, i + 0.5, *(extra[name].format(7919 * i) for name in more)]
        for i, time in enumerate(HOURS)
        for topic in ("plant/t1", "plant/p1")
    ]
    path = write(tmp_path / "a.csv", ",".join(["timestamp", "topic", "payload", *more]), rows)
    assert [tag.name for tag in prepare_import([path], ImportOptions(**UTC)).tags] == ["plant/t1", "plant/p1"]


@pytest.mark.parametrize("name", ["status.json.gz", "schema.sql.gz"])
def test_packed_documents_in_a_folder_are_skipped(tmp_path, name):
    write(tmp_path / "a.csv", "Time,T", [[time, i + 0.5] for i, time in enumerate(HOURS)])
    text = b'{"a": 1}\n' if "json" in name else b"CREATE TABLE a (b int);\n"
    (tmp_path / name).write_bytes(gzip.compress(text))
    prepared = prepare_import([tmp_path], ImportOptions(**UTC))
    assert len(prepared.files) == 1
    assert any(name in note and "skipped" in note for note in prepared.notes)


def test_an_archive_inside_an_archive_of_a_folder_is_refused(tmp_path):
    inner = io.BytesIO()
    with zipfile.ZipFile(inner, "w") as archive:
        archive.writestr("a.csv", "Time,T\n2024-01-13,1\n")
    with zipfile.ZipFile(tmp_path / "all.zip", "w") as archive:
        archive.writestr("day1.zip", inner.getvalue())
    with pytest.raises(InputError, match="archive inside an archive"):
        prepare_import([tmp_path], ImportOptions(**UTC))


@pytest.mark.parametrize("row_count", [1, 5])
def test_a_sheet_of_remarks_does_not_refuse_the_workbook(tmp_path, row_count):
    with xlsxwriter.Workbook(tmp_path / "a.xlsx") as book:
        data, info = book.add_worksheet("Data"), book.add_worksheet("Info")
        for i, row in enumerate([("Time", "T"), *((str(time), time.hour) for time in HOURS[:9])]):
            data.write_row(i, 0, row)
        for i in range(row_count):
            info.write_row(i, 0, ["Plant", "North"])
    assert len(prepare_import([tmp_path / "a.xlsx"], ImportOptions(**UTC)).files) == 1


@pytest.mark.parametrize(
    ("name", "good", "bad"),
    [("质量", "好", "坏"), ("品質", "良", "不良"), ("Kalite", "İyi", "Kötü"), ("Minőség", "jó", "rossz")],
)
def test_quality_in_further_languages(tmp_path, name, good, bad):
    rows = [[time, i + 0.5, good if i % 11 else bad] for i, time in enumerate(HOURS)]
    values = read_values(write(tmp_path / "a.csv", f"Time,T,{name}", rows), "T")
    assert [time for time, value in values.items() if value is None] == HOURS[::11]


def test_a_command_leaves_out_the_rows_of_an_unset_clock(tmp_path):
    place = make_empty_plant(tmp_path / "acm.duckdb", "M1")
    times = [datetime(1970, 1, 1) if i == 150 else time for i, time in enumerate(HOURS)]
    path = write(tmp_path / "a.csv", "Time,T", [[time, i + 0.5] for i, time in enumerate(times)])
    result = run(place, "import", str(path), "--equip", "M1", "--timezone", "UTC")
    assert result.exit_code == 0, result.output
    assert place.query('SELECT min(EntryDateTime) AS first FROM "M1_Data"')["first"][0] == HOURS[0]
