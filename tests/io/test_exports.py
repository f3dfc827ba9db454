"""Exports of products and loggers that were once misread or refused."""

from __future__ import annotations

import re
from datetime import datetime, timedelta

import polars as pl
import pytest

from acm_etl.errors import InputError
from acm_etl.io.files.layout.csv_batches import swallowed_pattern
from acm_etl.io.files.options import ImportOptions
from acm_etl.io.files.prepare import prepare_import
from acm_etl.io.files.reader import stream_readings
from acm_etl.io.files.shape import ShapeOptions

HOURS = [datetime(2024, 3, 5) + timedelta(hours=i) for i in range(300)]
ZONE = {"time_zone": "Europe/Berlin"}


def write(path, header, rows, mark=","):
    path.write_text("\n".join([header, *(mark.join(map(str, row)) for row in rows)]) + "\n")
    return path


def test_remarks_of_several_lines_swallow_no_rows(tmp_path):
    rows = [[time, i, i + 1, '"first line\nsecond line, with a comma"'] for i, time in enumerate(HOURS[:20])]
    prepared = prepare_import([write(tmp_path / "a.csv", "Time,A,B,Remark", rows)], ImportOptions(**ZONE))
    assert prepared.row_count == 20
    assert list(prepared.plan.tags) == ["A", "B"]


def test_dates_of_a_title_as_wide_as_the_table_are_no_readings(tmp_path):
    title = [["Start", "2024-03-05 00:00:00", "", ""], ["End", "2024-03-06 00:00:00", "", ""], ["Ch 1", 1, 2, 3]]
    rows = [*title, [], ["Id", "Date/Time", "Ch 1", "Ch 2"], *((i, t, i + 2, i / 7) for i, t in enumerate(HOURS[:60]))]
    prepared = prepare_import([write(tmp_path / "a.csv", "Device,S4,Serial,412", rows)], ImportOptions(**ZONE))
    assert prepared.row_count == 60
    assert list(prepared.plan.tags) == ["Ch 1", "Ch 2"]


def test_tags_below_their_descriptions_are_the_names(tmp_path):
    rows = [["", "TI-101", "PDI_102"], ["", "degC", "mbar"], *((time, i, 7) for i, time in enumerate(HOURS[:20]))]
    path = write(tmp_path / "a.csv", ",Inlet temperature,Pressure of the filter", rows)
    tags = prepare_import([path], ImportOptions(**ZONE)).tags
    assert [(tag.name, tag.unit) for tag in tags] == [("TI-101", "degC"), ("PDI_102", "mbar")]


def test_two_tables_of_influx_in_one_file(tmp_path):
    head = ["#group,false,false,false", "#datatype,string,dateTime:RFC3339,double", "#default,_result,,"]
    tables = (
        [[*head, f",result,_time,{tag}"], [f",,{t:%Y-%m-%dT%H:%M:%SZ},{i}" for i, t in enumerate(HOURS)]]
        for tag in "TT"
    )
    path = tmp_path / "a.csv"
    path.write_text("\n\n".join("\n".join([*names, *rows]) for names, rows in tables))
    prepared = prepare_import([path], ImportOptions(**ZONE))
    assert list(prepared.plan.tags) == ["T"]
    assert prepared.row_count == 2 * len(HOURS) + 1  # the second header is counted as such


def test_columns_of_the_query_are_no_tags(tmp_path):
    aveva = write(tmp_path / "a.csv", "DateTime,T,wwResolution", [[time, 3 * i, 600] for i, time in enumerate(HOURS)])
    influx = write(
        tmp_path / "b.csv", ",result,table,_time,P", [["", "", 0, time, 7 * i] for i, time in enumerate(HOURS)]
    )
    assert list(prepare_import([aveva, influx], ImportOptions(**ZONE)).plan.tags) == ["T", "P"]


def test_states_in_a_column_of_their_own_are_values(tmp_path):
    rows = [row for time in HOURS[:30] for row in (["P", time, "", 1.5], ["M", time, "Running", ""])]
    path = write(tmp_path / "a.csv", "Tag,Time,TextValue,NumValue", [*rows, ["M", HOURS[30], "Stopped", ""]])
    tags = {tag.name: tag for tag in prepare_import([path], ImportOptions(**ZONE)).tags}
    assert tags["P"].first_number == 1.5
    assert dict(tags["M"].states) == {"running": 1.0, "stopped": 0.0}


def test_groups_of_three_digits_in_a_file_with_semicolons_raise_a_doubt(tmp_path):
    rows = [[time, f"1.{i:03}"] for i, time in enumerate(HOURS)]
    doubts = prepare_import([write(tmp_path / "a.csv", "Time;P", rows, ";")], ImportOptions(**ZONE)).doubts
    assert any("three digits" in doubt for doubt in doubts)
    proven = write(tmp_path / "b.csv", "Time;P;X", [[*row, 0.25] for row in rows], ";")
    assert not prepare_import([proven], ImportOptions(**ZONE)).doubts


@pytest.mark.parametrize("places", [("1:1", "1:2"), ("1:01", "1:02")])
@pytest.mark.parametrize("column", ["Time", "Position"])
def test_a_column_of_tags_that_the_user_names_is_no_clock(tmp_path, column, places):
    rows = [[f"2024-01-{day:02}", place, day] for day in range(1, 31) for place in places]
    path = write(tmp_path / "a.csv", f"Date,{column},Value", rows)
    prepared = prepare_import([path], ImportOptions(**ZONE, shape=ShapeOptions(tag_columns=(column,))))
    assert [tag.name for tag in prepared.tags] == list(places)
    assert prepared.plan.kinds[0].shape.times == (("Date",),)


def test_dates_in_merged_cells_are_refused(tmp_path):
    rows = [[f"{time:%Y-%m-%d}" if time.hour == 0 else "", f"{time:%H:%M}", 7] for time in HOURS]
    with pytest.raises(InputError, match="merged cells"):
        prepare_import([write(tmp_path / "a.csv", "Date,Clock,A", rows)], ImportOptions(**ZONE))


@pytest.mark.parametrize("name", ["b.zip", "b.log.gz"])
def test_a_damaged_archive_in_a_folder_is_not_skipped(tmp_path, name):
    write(tmp_path / "a.csv", "Time,A", [[time, 1] for time in HOURS])
    write(tmp_path / "README.gz", "no archive", [])  # neither by content nor by name
    (tmp_path / name).write_bytes((b"PK\3\4" if name == "b.zip" else b"\x1f\x8b\x08") + bytes(300))
    with pytest.raises(InputError, match=name):
        prepare_import([tmp_path], ImportOptions(**ZONE))


def test_dates_alone_beside_midnights_raise_a_doubt(tmp_path):
    rows = [[f"{time:%Y-%m-%d %H:%M}", i % 7] for i, time in enumerate(HOURS)]
    with_total = write(tmp_path / "a.csv", "Time,A", [*rows, ["2024-03-08", 1234]])
    assert any("as midnight" in doubt for doubt in prepare_import([with_total], ImportOptions(**ZONE)).doubts)
    without_midnights = write(tmp_path / "b.csv", "Time,A", [[time.removesuffix(" 00:00"), a] for time, a in rows])
    assert not prepare_import([without_midnights], ImportOptions(**ZONE)).doubts


def test_messages_of_a_broker_have_their_topics_as_tags(tmp_path):
    rows = [[topic, i % 7, time] for i, time in enumerate(HOURS) for topic in ("plant/t1", "plant/p1")]
    tags = prepare_import([write(tmp_path / "a.csv", "topic,payload,time", rows)], ImportOptions(**ZONE)).plan.tags
    assert tags == ("plant/t1", "plant/p1")


def test_a_mark_before_the_times_loses_no_reading(tmp_path):
    rows = [["#" if i % 2 else "", time, 3 * i] for i, time in enumerate(HOURS)]
    assert prepare_import([write(tmp_path / "a.csv", ",Time,A", rows)], ImportOptions(**ZONE)).row_count == len(HOURS)


def test_a_payload_may_be_measured_and_a_topic_a_remark(tmp_path):
    payload = write(tmp_path / "truck7.csv", "Time,Payload", [[time, 3 * i] for i, time in enumerate(HOURS)])
    assert prepare_import([payload], ImportOptions(**ZONE)).plan.tags == ("Payload",)
    topic = write(tmp_path / "b.csv", "Time,Topic,A", [[time, "repair", 3 * i] for i, time in enumerate(HOURS)])
    assert prepare_import([topic], ImportOptions(**ZONE)).plan.tags == ("A",)


@pytest.mark.parametrize("position", [40, 50_000])
def test_remarks_with_many_commas_are_searched_in_linear_time(position):
    remark = "seen by all\n" + "pump, " * 39
    pattern = swallowed_pattern(",", position)
    assert re.search(pattern, remark) is None
    assert pl.Series([remark, "\n" + "," * position]).str.contains(pattern).to_list() == [False, True]


@pytest.mark.parametrize("code", ["0x80", "0XC0", "0b101"])
def test_codes_in_another_base_are_no_zeros_with_a_unit(tmp_path, code):
    rows = [[time, i / 4, code] for i, time in enumerate(HOURS)]
    prepared = prepare_import([write(tmp_path / "a.csv", "Time,A,State", rows)], ImportOptions(**ZONE))
    assert prepared.plan.tags == ("A",)
    assert [column.name for column in prepared.files[0].left_out] == ["State"]


def test_a_count_of_rows_below_the_table_is_no_date(tmp_path):
    rows = [*(["T", f"{time:%d.%m.%Y %H:%M:%S}", i / 4] for i, time in enumerate(HOURS)), ["$RT_COUNT$", 300, ""]]
    path = write(tmp_path / "a.csv", "VarName;TimeString;VarValue", rows, ";")
    assert prepare_import([path], ImportOptions(**ZONE)).doubts == ()


@pytest.mark.parametrize("mark", ["+OVER", "-OVER", "Overflow", "BURNOUT"])
def test_marks_of_recorders_beyond_the_range_are_no_values(tmp_path, mark):
    rows = [[time, mark if i % 3 else i / 4] for i, time in enumerate(HOURS)]
    (tag,) = prepare_import([write(tmp_path / "a.csv", "Time,A", rows)], ImportOptions(**ZONE)).tags
    assert (tag.states, tag.first_number) == ((), 0.0)


@pytest.mark.parametrize(
    ("name", "offset"),
    [("Offset", "-04:00"), ("UTC Offset", "-4.0"), ("GMT Offset", "-4:00"), ("TzOffset", "-0400")],
)
def test_offsets_in_a_column_behind_the_times_move_them(tmp_path, name, offset):
    rows = [[time, offset, i / 4] for i, time in enumerate(HOURS)]
    prepared = prepare_import([write(tmp_path / "a.csv", f"Time,{name},A", rows)], ImportOptions(**ZONE))
    assert prepared.plan.tags == ("A",)
    (chunk, *_) = stream_readings(prepared)
    assert chunk.frame["EntryDateTime"][0] == HOURS[0] + timedelta(hours=4)


@pytest.mark.parametrize(("name", "offset"), [("Offset", 2), ("UTC Offset", 120)])
def test_offsets_that_may_be_no_hours_move_no_times(tmp_path, name, offset):
    rows = [[time, offset, i / 4] for i, time in enumerate(HOURS)]
    prepared = prepare_import([write(tmp_path / "a.csv", f"Time,{name},A", rows)], ImportOptions(**ZONE))
    assert prepared.plan.tags == (name, "A")


@pytest.mark.parametrize(("name", "offset"), [("UTC Offset", -4), ("TZ", "EDT")])
def test_offsets_behind_typed_times_move_them(tmp_path, name, offset):
    times = [time + timedelta(milliseconds=123) for time in HOURS]
    path = tmp_path / "a.parquet"
    pl.DataFrame({"Time": times, name: [offset] * len(times), "A": [1.5] * len(times)}).write_parquet(path)
    prepared = prepare_import([path], ImportOptions(**ZONE))
    (chunk, *_) = stream_readings(prepared)
    assert chunk.frame["EntryDateTime"].to_list() == [time + timedelta(hours=4) for time in times]
    assert not any("as its name says" in note for note in prepared.notes)
