"""Exports that look like those of other countries or of damaged writers, and are none: read as ever, or refused."""

from __future__ import annotations

import gzip
import zipfile
from dataclasses import replace
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import polars as pl
import pytest
import xlsxwriter
from commands import run
from plants import make_empty_plant
from time_columns import read
from whole_files import read_whole_files

from acm_etl.errors import InputError
from acm_etl.io.files.options import ImportOptions
from acm_etl.io.files.plan import RowFilter
from acm_etl.io.files.prepare import prepare_import
from acm_etl.io.files.shape import ShapeOptions
from acm_etl.io.files.times.clock_texts import parse_clocks

HOURS = [datetime(2024, 3, 5) + timedelta(hours=i) for i in range(300)]
UTC = ImportOptions(time_zone="UTC")
CSV = "Time,T\n" + "".join(f"{time},{i}.5\n" for i, time in enumerate(HOURS))


def write(path, cells, header="Time,T", **columns):
    more = list(columns.values())
    rows = [[cell, f"{i % 17}.5", *(values[i % len(values)] for values in more)] for i, cell in enumerate(cells)]
    header = ",".join([header, *columns])
    path.write_text("\n".join([header, *(",".join(map(str, row)) for row in rows)]) + "\n", encoding="utf-8")
    return path


def read_times(path):
    frame, rejections = read_whole_files([path], UTC)
    assert rejections.is_empty()
    return frame[frame.columns[0]].to_list()


def write_workbook(path, rows):
    with xlsxwriter.Workbook(path) as book:
        data, more = book.add_worksheet("Data"), book.add_worksheet("More")
        for i, row in enumerate([("Time", "T"), *((str(time), time.hour) for time in HOURS)]):
            data.write_row(i, 0, row)
        for i, row in enumerate(rows):
            more.write_row(i, 0, row)
    return path


# Clocks that were not set


@pytest.mark.parametrize(
    "first",
    [
        [datetime(1970, 1, 1) + timedelta(hours=i) for i in range(200)],
        [datetime(2000, 1, 1) + timedelta(days=i) for i in range(20)],  # a trial before the plant was built
        [datetime(2000, 1, 5)],  # a sample of the laboratory
        [datetime(2000, 1, 1)],
    ],
)
def test_a_history_that_begins_where_clocks_do_is_kept(tmp_path, first):
    times = first + [first[-1] + timedelta(days=600 + i) for i in range(400)]
    assert read_times(write(tmp_path / "a.csv", times)) == times


def test_early_rows_that_do_not_begin_where_clocks_do_are_kept(tmp_path):
    times = [datetime(1999, 12, 20), datetime(2000, 1, 10), *HOURS]
    assert read_times(write(tmp_path / "a.csv", times)) == times


def test_many_rows_of_an_unset_clock_are_refused_until_their_loss_is_accepted(tmp_path):
    place = make_empty_plant(tmp_path / "acm.duckdb", "M1")
    path = write(tmp_path / "a.csv", [*(datetime(1970, 1, 1, hour) for hour in range(15)), *HOURS])
    command = ("import", str(path), "--equip", "M1", "--timezone", "UTC")
    refused = run(place, *command)
    assert refused.exit_code != 0
    assert "unset_clock" in refused.output
    assert run(place, *command, "--accept-loss").exit_code == 0
    assert place.query('SELECT count(*) AS n FROM "M1_Data"')["n"][0] == len(HOURS)


# Dates that a spreadsheet has changed


@pytest.mark.parametrize("hours", [24, 1])
def test_a_logger_that_writes_other_dates_from_april_on_is_read(tmp_path, hours):
    times = [datetime(2024, 3, 13) + timedelta(hours=i) for i in range(0, 31 * 24, hours)]
    cells = [f"{t:%d/%m/%Y %H:%M}" if t.month == 3 else f"{t:%Y-%m-%d %H:%M}" for t in times]
    assert read_times(write(tmp_path / "a.csv", cells)) == times


# Intervals and offsets


@pytest.mark.parametrize(
    ("first", "length", "count"),
    [(5, 1, 7), (6, 1, 6), (0, 12, 2), (6, 8, 1), (6, 8, 3), (0, 6, 2)],
)
def test_intervals_of_a_part_of_the_day_are_refused(tmp_path, first, length, count):
    starts = [
        datetime(2024, 3, 5 + day, first) + timedelta(hours=length * i) for day in range(20) for i in range(count)
    ]
    cells = [f"{t:%d.%m.%Y %H:%M}-{t + timedelta(hours=length):%H:%M}" for t in starts]
    with pytest.raises(InputError):
        prepare_import([write(tmp_path / "a.csv", cells)], UTC)


@pytest.mark.parametrize(
    "cell", ["2024-03-{:02}T00:00-07:00", "2024-03-{:02} 07:00-07:00", "2024-03-{:02}T06:00-12:00"]
)
def test_days_with_a_western_offset_are_read(tmp_path, cell):
    cells = [cell.format(day) for day in range(1, 31)]
    assert [time.isoformat() for time in read_times(write(tmp_path / "a.csv", cells))] == [
        (datetime.fromisoformat(c).replace(tzinfo=None) - datetime.fromisoformat(c).utcoffset()).isoformat()
        for c in cells
    ]


def test_one_time_of_day_with_an_offset_raises_a_doubt_but_midnight(tmp_path):
    for clock, is_doubted in (("06:00-07:00", True), ("00:00-07:00", False), ("06:00-0700", False)):
        path = write(tmp_path / "a.csv", [f"2024-03-{day:02} {clock}" for day in range(1, 31)])
        assert any("intervals" in doubt for doubt in prepare_import([path], UTC).doubts) == is_doubted


def test_the_hours_of_several_zones_in_one_column_are_offsets():
    zones = ["America/New_York", "America/Chicago", "America/Denver", "America/Los_Angeles", "America/Anchorage"]
    utc = [datetime(2024, 3, 8) + timedelta(hours=i) for i in range(120)]
    texts = [to_local(time, zones[i % 5]) for i, time in enumerate(utc)]
    assert read(texts) == utc


def to_local(time, zone):
    return time.replace(tzinfo=ZoneInfo("UTC")).astimezone(ZoneInfo(zone)).isoformat()


@pytest.mark.parametrize(
    ("cell", "is_time"), [("-12:00", True), ("-12:30", False), ("+14:00", True), ("+14:30", False)]
)
def test_no_clock_is_farther_west_than_twelve_hours(cell, is_time):
    assert (parse_clocks(pl.Series([f"06:00{cell}"]))["ms"][0] is not None) == is_time


# Members and sheets without a table


@pytest.mark.parametrize("content", [b'{"error": "timeout"}', b"%PDF-1.4 ", b"CREATE TABLE a (b int);"])
def test_a_document_under_the_name_of_a_table_refuses_its_archive(tmp_path, content):
    with pytest.raises(InputError, match=r"d2\.csv is not a table"):
        prepare_import([write_archive(tmp_path / "a.zip", "d2.csv", content)], UTC)


@pytest.mark.parametrize("name", ["d2.gz", "d2.txt.gz", "d2.csv.gz"])
def test_a_packed_member_refuses_its_archive(tmp_path, name):
    with pytest.raises(InputError, match="packed inside an archive"):
        prepare_import([write_archive(tmp_path / "a.zip", name, gzip.compress(CSV.encode()))], UTC)


@pytest.mark.parametrize("name", ["logo.png.gz", "README.txt.gz", "docs/readme.gz", "status.json.gz", "status.json"])
def test_documents_in_an_archive_are_skipped(tmp_path, name):
    content = b'{"a": 1}' if name == "status.json" else gzip.compress(b"about this archive\n")
    prepared = prepare_import([write_archive(tmp_path / "a.zip", name, content)], UTC)
    assert prepared.row_count == len(HOURS)
    assert any(name in note and "skipped" in note for note in prepared.notes)


def write_archive(path, name, content):
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("d1.csv", CSV)
        archive.writestr(name, content)
    return path


@pytest.mark.parametrize(
    "spell",
    [
        lambda t: f"{t:%G-W%V-%uT%H:%M}",
        lambda t: f"{t:%d.%m.%Y %H:%M} - {t:%H:%M}",
    ],
)
@pytest.mark.parametrize("count", [3, 50])
def test_sheets_of_states_with_rare_times_are_read(tmp_path, spell, count):
    rows = [("Time", "T2"), *((spell(time), ("On", "Off")[i % 2]) for i, time in enumerate(HOURS[:count]))]
    path = write_workbook(tmp_path / "a.xlsx", rows)
    assert prepare_import([path], replace(UTC, date_order="dmy")).row_count == len(HOURS) + count


def test_a_sheet_whose_readings_begin_far_below_is_read(tmp_path):
    rows = [("Time", "T2"), *[("", "")] * 400, *((str(time), time.day) for time in HOURS[:50])]
    assert prepare_import([write_workbook(tmp_path / "a.xlsx", rows)], UTC).row_count == len(HOURS) + 50


@pytest.mark.parametrize("count", [3, 50])
def test_a_sheet_of_times_that_cannot_be_read_is_not_skipped(tmp_path, count):
    rows = [("Time", "T2"), *((f"{t.day} ม.ค. {t.year} {t:%H:%M}", "On") for t in HOURS[:count])]
    with pytest.raises(InputError, match="More"):
        prepare_import([write_workbook(tmp_path / "a.xlsx", rows)], UTC)


def test_a_sheet_of_remarks_with_a_few_dates_is_skipped(tmp_path):
    remarks = [("Plant", "North"), ("Tag", "Meaning"), ("FI-101", "flow"), ("Created", "2024-03-05"), ("By", "Ann")]
    prepared = prepare_import([write_workbook(tmp_path / "a.xlsx", remarks)], UTC)
    assert any("More" in note and "skipped" in note for note in prepared.notes)


def test_a_short_sheet_of_samples_below_remarks_is_not_skipped(tmp_path):
    remarks = [("Laboratory", "North")] * 20
    rows = [*remarks, ("Taken", "pH"), *((str(time), 7.5) for time in HOURS[:4])]
    with pytest.raises(InputError, match="More"):
        prepare_import([write_workbook(tmp_path / "a.xlsx", rows)], UTC)


# Numbers of places


@pytest.mark.parametrize("name", ["device_id", "Station No"])
def test_the_same_number_of_a_place_in_all_rows_renames_no_tag(tmp_path, name):
    rows = {name: [5], "value": [hour + 0.5 for hour in range(len(HOURS))]}
    for month in ("jan", "feb"):
        write(tmp_path / f"{month}.csv", HOURS, **rows)
    assert {tag.name for tag in prepare_import([tmp_path], UTC).tags} >= {"value"}


@pytest.mark.parametrize(
    ("name", "values", "is_tag"),
    [
        ("Unit No", [5, 5, 6], True),
        ("Unit No", [5] * 299 + [900], True),  # far from all others
        ("Project No", [5], True),
        ("Unit load", [5], True),
        ("Line No", list(range(1, 301)), False),  # a record number
        ("line_id", list(range(7, 307)), False),
    ],
)
def test_other_numbers_under_such_names_are_as_ever(tmp_path, name, values, is_tag):
    prepared = prepare_import([write(tmp_path / "a.csv", HOURS, **{name: values})], UTC)
    assert (name in [tag.name for tag in prepared.tags]) == is_tag


# Columns that tell the rows of one date apart


@pytest.mark.parametrize(
    ("name", "cells", "is_clock"),
    [
        ("time", ["0:5:0", "9:5:30", "23:59:7"], True),  # of a logger that writes no leading zeros
        ("time", ["0:5", "9:15", "23:7"], True),
        ("Address", ["1:1:1", "1:1:2", "1:2:1"], False),
        ("Mix", ["1:2", "1:4", "2:3"], False),
        ("Stunde", [*range(1, 26)], None),  # the hours of the day of a clock change
        ("SETTLEMENT_PERIOD", [*range(1, 49)], None),
        ("Time", ["23:30", "24:30"], None),
        ("Well No", [*range(1, 25)], False),
        ("Interval", [5, 10, 15], False),
        ("Time clock", [4711, 4712], False),
        ("Slot time", ["1:1:2", "2:1:2"], False),
        ("Data", ["1:1:2", "2:1:2"], False),  # rack, slot and channel
        ("Interval", [*range(1, 61)], False),  # more than a message lists
    ],
)
def test_times_of_day_and_their_numbers_are_no_tags(tmp_path, name, cells, is_clock):
    rows = [f"{time:%Y-%m-%d},{cell},{i % 17}.5" for i, time in enumerate(HOURS[::24]) for cell in cells]
    (tmp_path / "a.csv").write_text("\n".join([f"Date,{name},MW", *rows]) + "\n")
    if is_clock is None:
        with pytest.raises(InputError, match="--tag-column"):
            prepare_import([tmp_path / "a.csv"], UTC)
        stated = replace(UTC, shape=ShapeOptions(tag_columns=(name,)))
        assert len(prepare_import([tmp_path / "a.csv"], stated).tags) == len(cells)
        return
    assert [tag.name for tag in prepare_import([tmp_path / "a.csv"], UTC).tags] == (
        ["MW"] if is_clock else [*map(str, cells)]
    )


@pytest.mark.parametrize("name", ["Cook time", "Heat time (h:m:s)", "Stop time"])
def test_durations_without_leading_zeros_beside_the_dates_are_no_times_of_day(tmp_path, name):
    rows = [f"{time:%Y-%m-%d},2:{i % 3}:4,{i % 17}.5" for i, time in enumerate(HOURS[::24])]
    (tmp_path / "a.csv").write_text("\n".join([f"Date,{name},MW", *rows]) + "\n")
    assert read_whole_files([tmp_path / "a.csv"], UTC)[0].to_series(0).to_list() == HOURS[::24]


def test_a_clock_with_zeros_goes_before_an_elapsed_time_without(tmp_path):
    rows = [f"{time:%Y-%m-%d},{i // 60}:{i % 60}:0,{time:%H:%M:%S},{i % 17}.5" for i, time in enumerate(HOURS)]
    (tmp_path / "a.csv").write_text("\n".join(["Date,Time,Log Time,A", *rows]) + "\n")
    (readings, *_) = read_whole_files([tmp_path / "a.csv"], UTC)
    assert readings.to_series(0).to_list() == HOURS
    assert readings.columns[1:] == ["A"]


@pytest.mark.parametrize(
    "options",
    [
        {"shape": ShapeOptions(tag_columns=("Time",))},
        {"shape": ShapeOptions(tag_columns=("Time",), value_columns=("MW",)), "time_column": "Date"},
        {"where": RowFilter("Time", "1:1")},
    ],
)
@pytest.mark.parametrize("cells", [["1:1", "1:2"], ["1:1", "1:02"]])
def test_a_column_whose_role_is_stated_is_no_clock(tmp_path, options, cells):
    rows = [f"{time:%Y-%m-%d},{cell},{i % 17}.5" for i, time in enumerate(HOURS[::24]) for cell in cells]
    (tmp_path / "a.csv").write_text("\n".join(["Date,Time,MW", *rows]) + "\n")
    (readings, *_) = read_whole_files([tmp_path / "a.csv"], replace(UTC, **options))
    assert readings.to_series(0).to_list() == HOURS[::24]
    assert readings.columns[1:] == (["MW"] if "where" in options else cells)


def test_hours_that_choose_the_rows_are_a_part_of_the_time(tmp_path):
    rows = [f"{time:%Y-%m-%d},{time:%H:%M},{i % 17}.5" for i, time in enumerate(HOURS)]
    (tmp_path / "a.csv").write_text("\n".join(["Date,Time,MW", *rows]) + "\n")
    (readings, *_) = read_whole_files([tmp_path / "a.csv"], replace(UTC, where=RowFilter("Time", "05:00")))
    assert readings.to_series(0).to_list() == HOURS[5::24]


def test_a_clock_with_seconds_and_without_zeros_goes_before_the_hour_alone(tmp_path):
    rows = [f"{time:%Y-%m-%d},{time.hour},{time.hour}:{time.minute}:0,{i % 17}.5" for i, time in enumerate(HOURS)]
    (tmp_path / "a.csv").write_text("\n".join(["Date,Hour,Time,A", *rows]) + "\n")
    assert read_whole_files([tmp_path / "a.csv"], UTC)[0].to_series(0).to_list() == HOURS


@pytest.mark.parametrize("header", ["Date,Time,Hour,A", "Date,Zeit,Hour,A"])
def test_durations_beside_hours_are_no_times_of_day(tmp_path, header):
    rows = [f"{time:%Y-%m-%d},{i % 9}:{i % 5},{time.hour},{i % 17}.5" for i, time in enumerate(HOURS)]
    (tmp_path / "a.csv").write_text("\n".join([header, *rows]) + "\n")
    with pytest.raises(InputError, match="leave out one of the two"):
        prepare_import([tmp_path / "a.csv"], UTC)


def test_a_second_clock_beside_complete_times_is_not_to_be_written_otherwise(tmp_path):
    rows = [f"{time:%Y-%m-%d %H:%M},00:0{i % 3},{i % 17}.5" for i, time in enumerate(HOURS)]
    (tmp_path / "a.csv").write_text("\n".join(["Time,Uhrzeit,A", *rows]) + "\n")
    with pytest.raises(InputError, match="Time has times of day already"):
        prepare_import([tmp_path / "a.csv"], UTC)


@pytest.mark.parametrize(
    ("is_dated", "cause"), [(lambda i: i % 24 == 0, "merged cells"), (lambda _: False, "without a date")]
)
@pytest.mark.parametrize("clock", ["{0.hour:02}:{0.minute:02}", "{0.hour}:{0.minute}"])
def test_dates_that_are_missing_beside_clocks_are_named(tmp_path, is_dated, cause, clock):
    rows = [f"{time.date() if is_dated(i) else ''},{clock.format(time)},{i % 17}.5" for i, time in enumerate(HOURS)]
    (tmp_path / "a.csv").write_text("\n".join(["Date,Time,A", *rows]) + "\n")
    with pytest.raises(InputError, match=cause):
        prepare_import([tmp_path / "a.csv"], UTC)
