"""Exports that look well and would be stored wrongly: each is refused, or its doubt is named."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
import xlsxwriter
from commands import assert_refused, run
from plants import make_empty_plant

from acm_etl.errors import InputError
from acm_etl.io.files.options import ImportOptions
from acm_etl.io.files.prepare import prepare_import, repeat_plan

HOURS = [datetime(2024, 3, 5) + timedelta(hours=i) for i in range(300)]
ZONE = {"time_zone": "Europe/Berlin"}


@pytest.fixture
def place(tmp_path):
    return make_empty_plant(tmp_path / "acm.duckdb", "M1")


def write(path, header, rows, mark=","):
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("\n".join([header, *(mark.join(map(str, row)) for row in rows)]) + "\n")
    return path


def test_a_wider_table_below_is_not_taken_for_the_only_one(tmp_path):
    head = [f"{time},{i}" for i, time in enumerate(HOURS[:20])]
    path = write(tmp_path / "a.csv", "Time,A", [[row] for row in [*head, "Time,A,B", *(f"{row},7" for row in head)]])
    with pytest.raises(InputError, match=r"20 rows with readings.*line 22.*tail -n \+22"):
        prepare_import([path], ImportOptions(**ZONE))


def test_dated_remarks_above_a_header_are_a_title(tmp_path):
    rows = [["2024-01-01", "5"], ["Time", "A", "B"], *((time, i, 7) for i, time in enumerate(HOURS[:20]))]
    assert prepare_import([write(tmp_path / "a.csv", "Last calibration", rows)], ImportOptions(**ZONE)).row_count == 20


@pytest.mark.parametrize("name", ["HE{}", "{}", "{}h", "Hour {}"])
def test_a_table_with_a_column_for_each_hour_is_refused(tmp_path, name):
    header = ",".join(["Date", *(name.format(hour) for hour in range(1, 25))])
    path = write(tmp_path / "a.csv", header, [[f"2024-03-{day:02d}", *range(24)] for day in range(1, 20)])
    with pytest.raises(InputError, match="one row per time"):
        prepare_import([path], ImportOptions(**ZONE))


def test_numbered_channels_of_a_logger_are_tags(tmp_path):
    header = ",".join(["Time", *map(str, range(1, 25))])
    path = write(tmp_path / "a.csv", header, [[time, *range(24)] for time in HOURS[:20]])
    assert len(prepare_import([path], ImportOptions(**ZONE)).tags) == 24


def test_numbered_channels_have_a_clock_in_a_column_of_its_own(tmp_path):
    header = ",".join(["Date", "Clock", *map(str, range(1, 25))])
    rows = [[f"{time:%Y-%m-%d}", f"{time:%H:%M}", *range(24)] for time in HOURS[:20]]
    assert len(prepare_import([write(tmp_path / "a.csv", header, rows)], ImportOptions(**ZONE)).tags) == 24


@pytest.mark.sampled
@pytest.mark.parametrize("pattern", ["%Y%m%d%H%M%S", "%d.%m.%Y %Hh", "%d.%m.%Y %I %p"])
def test_numbered_channels_have_a_clock_without_colons(tmp_path, pattern):
    header = ",".join(["Time", *map(str, range(1, 25))])
    rows = [[time.strftime(pattern), *range(24)] for time in HOURS]
    assert len(prepare_import([write(tmp_path / "a.csv", header, rows)], ImportOptions(**ZONE)).tags) == 24


def test_another_unit_in_a_later_file_raises_a_doubt(tmp_path):
    files = [
        write(tmp_path / f"{unit}.csv", f"Time,A,B\n,{unit},bar", [[time, 1.5, 2] for time in HOURS[:5]])
        for unit in ("degC", "°C", "degF")
    ]
    doubts = [doubt for doubt in prepare_import(files, ImportOptions(**ZONE)).doubts if "unit" in doubt]
    assert len(doubts) == 1
    assert "degF" in doubts[0]


def test_files_of_one_name_and_other_values_are_not_one_tag(place, tmp_path):
    for tag in ("A", "B"):
        write(
            tmp_path / "x" / tag / "part-0.csv",
            "Time,Value",
            [[time, f"{i}.{ord(tag)}"] for i, time in enumerate(HOURS)],
        )
    result = run(place, "import", str(tmp_path / "x"), "--equip", "M1", "--timezone", "UTC")
    assert_refused(result, 1, "300 of 600 values of part-0")


def test_months_of_one_tag_in_folders_are_one_tag(place, tmp_path):
    for month, hours in (("03a", HOURS[:150]), ("03b", HOURS[140:])):
        write(tmp_path / "x" / month / "TI-101.csv", "Time,Value", [[time, time.hour] for time in hours])
    result = run(place, "import", str(tmp_path / "x"), "--equip", "M1", "--timezone", "UTC")
    assert result.exit_code == 0, result.output
    assert place.query('SELECT * FROM "M1_Data"').columns == ["EntryDateTime", "TI-101"]


def test_the_sheets_of_a_workbook_name_their_values(tmp_path):
    with xlsxwriter.Workbook(tmp_path / "export.xlsx") as book:
        for tag in ("TI-101", "PI-102"):
            sheet = book.add_worksheet(tag)
            for i, row in enumerate([("Time", "Value"), *((str(time), time.hour) for time in HOURS[:9])]):
                sheet.write_row(i, 0, row)
    prepared = prepare_import([tmp_path / "export.xlsx"], ImportOptions(**ZONE))
    assert prepared.undivided_tags == {"TI-101", "PI-102"}


def test_a_file_whose_dates_change_their_order_is_refused(tmp_path):
    patterns = ["%d/%m/%Y %H:%M"] * 150 + ["%m/%d/%Y %H:%M"] * 150
    rows = [[time.strftime(pattern), 1] for time, pattern in zip(HOURS, patterns, strict=True)]
    with pytest.raises(InputError, match=r"06/03/2024.*--date-order"):
        prepare_import([write(tmp_path / "a.csv", "Time,A", rows)], ImportOptions(**ZONE))


def test_a_file_is_not_read_in_the_order_that_another_one_proves_if_it_would_jump(tmp_path):
    first = write(tmp_path / "a.csv", "Time,A", [[time.strftime("%d/%m/%Y %H:%M"), 1] for time in HOURS[:100]])
    second = write(tmp_path / "b.csv", "Time,A", [[time.strftime("%m/%d/%Y %H:%M"), 1] for time in HOURS[100:]])
    with pytest.raises(InputError, match=r"a\.csv"):
        prepare_import([first, second], ImportOptions(**ZONE))
    stated = prepare_import([first], ImportOptions(**ZONE, date_order="dmy"))
    assert stated.files[0].times[0].reading.samples[0].utc == datetime(2024, 3, 4, 23)


def test_dates_that_a_spreadsheet_has_swapped_are_refused(tmp_path):
    texts = [time.strftime("%Y-%d-%m %H:%M" if time.day <= 12 else "%d.%m.%Y %H:%M") for time in HOURS]
    with pytest.raises(InputError, match="a spreadsheet has changed it"):
        prepare_import([write(tmp_path / "a.csv", "Time;A", [[text, 1] for text in texts], ";")], ImportOptions(**ZONE))


def test_readings_of_the_first_of_each_month_are_no_jumps(tmp_path):
    days = [datetime(2024, month, day, hour) for month in range(1, 13) for day in (1, 20) for hour in range(24)]
    path = write(tmp_path / "a.csv", "Time,A", [[day.strftime("%d/%m/%Y %H:%M"), 1] for day in days])
    assert prepare_import([path], ImportOptions(**ZONE)).row_count == len(days)


@pytest.mark.parametrize("pattern", ["%d/%m/%Y %H:%M", "%m/%d/%Y %H:%M"])
def test_tags_that_follow_each_other_from_one_month_to_the_next_are_no_jumps(tmp_path, pattern):
    times = [datetime(2024, 5, 1) + timedelta(hours=i) for i in range(31 * 24 + 6)]
    rows = [[tag, time.strftime(pattern), time.hour] for tag in "ABCDE" for time in times]
    prepared = prepare_import([write(tmp_path / "a.csv", "Tag,Time,Value", rows)], ImportOptions(**ZONE))
    assert prepared.files[0].times[0].reading.samples[0].utc == datetime(2024, 4, 30, 22)


def write_monthly(path, times, tags="A"):
    rows = [[tag, time.strftime("%d/%m/%Y %H:%M"), time.hour] for tag in tags for time in times]
    return write(path, "Tag,Time,Value", rows)


@pytest.mark.parametrize("tags", ["A", "ABC"])
def test_measurements_on_the_same_day_of_each_month_are_no_jumps(tmp_path, tags):
    times = [datetime(2024, month, 5, hour) for month in range(1, 13) for hour in range(24)]
    path = write_monthly(tmp_path / "a.csv", [*times, datetime(2024, 12, 20)], tags)
    assert prepare_import([path], ImportOptions(**ZONE)).row_count == len(tags) * (len(times) + 1)


@pytest.mark.parametrize(("start", "days"), [("2024-12-01", 31), ("2023-12-20", 22)])
def test_swapped_dates_that_rise_go_on_from_the_others(tmp_path, start, days):
    times = [datetime.fromisoformat(start) + timedelta(hours=i) for i in range(24 * days)]
    texts = [time.strftime("%m/%d/%Y %H:%M" if time.day <= 12 else "%d/%m/%Y %H:%M") for time in times]
    with pytest.raises(InputError, match="a spreadsheet has changed it"):
        prepare_import([write(tmp_path / "a.csv", "Time,A", [[text, 1] for text in texts])], ImportOptions(**ZONE))


def test_values_of_every_type_have_a_column_of_their_own(tmp_path):
    rows = [row for time in HOURS[:20] for row in (["A", time, 1.5, "-"], ["B", time, "-", time.hour > 5])]
    path = write(tmp_path / "a.csv", "TagName,Time,FloatValue,BoolValue", rows)
    assert prepare_import([path], ImportOptions(**ZONE)).plan.tags == ("A", "B")


@pytest.mark.parametrize("is_1904", [False, True])
def test_serial_days_of_a_workbook_that_counts_from_1904_are_refused(tmp_path, is_1904):
    path = tmp_path / "a.xlsx"
    with xlsxwriter.Workbook(path, {"date_1904": is_1904}) as book:
        sheet = book.add_worksheet("S")
        sheet.write_row(0, 0, ["Time", "TI-101"])
        for i in range(50):
            sheet.write_row(i + 1, 0, [45_000 - 1462 * is_1904 + i / 24, 20 + i % 7])
    if is_1904:
        with pytest.raises(InputError, match="counts them from 1904"):
            prepare_import([path], ImportOptions(**ZONE))
    else:
        assert prepare_import([path], ImportOptions(**ZONE)).row_count == 50


@pytest.mark.sampled
@pytest.mark.parametrize(
    ("name", "cell"),
    [("Comment", lambda i: "ok" if i % 9 else "checked"), ("Unit", lambda _: "bar"), ("RecordNo", lambda i: 1000 + i)],
)
def test_files_called_by_their_tags_may_hold_labels(tmp_path, name, cell):
    for tag in ("A", "B"):
        rows = [[time, i / 4, cell(i)] for i, time in enumerate(HOURS)]
        write(tmp_path / "x" / f"{tag}.csv", f"Time,Value,{name}", rows)
    assert prepare_import([tmp_path / "x"], ImportOptions(**ZONE)).plan.tags == ("A", "B")


def test_values_beside_other_tags_raise_a_doubt(tmp_path):
    rows = [[time, i / 4, i / 5] for i, time in enumerate(HOURS)]
    prepared = prepare_import([write(tmp_path / "A.csv", "Time,Value,Max", rows)], ImportOptions(**ZONE))
    assert prepared.plan.tags == ("Value", "Max")
    assert any("files are called by their tags" in doubt for doubt in prepared.doubts)


def test_a_lone_name_beside_the_values_is_their_tag(tmp_path):
    rows = [["TI-101", time, i / 4] for i, time in enumerate(HOURS)]
    path = write(tmp_path / "x.csv", "NAME,IP_TREND_TIME,IP_TREND_VALUE", rows)
    assert prepare_import([path], ImportOptions(**ZONE)).plan.tags == ("TI-101",)


def test_numbers_beside_the_values_of_a_long_file_raise_a_doubt(tmp_path):
    rows = [["A", time, i / 4, 8 * (i % 50 == 0)] for i, time in enumerate(HOURS)]
    prepared = prepare_import([write(tmp_path / "a.csv", "Tag,Time,Value,ErrorCode", rows)], ImportOptions(**ZONE))
    assert any("ErrorCode is left out (8, 0)" in doubt for doubt in prepared.doubts)


def test_each_pair_keeps_its_times_beside_milliseconds(place, tmp_path):
    rows = [[time, i, i / 4, time + timedelta(minutes=7), i, i / 5] for i, time in enumerate(HOURS)]
    header = "A Time,A Milliseconds,A,B Time,B Milliseconds,B"
    path = write(tmp_path / "a.csv", header, rows)
    assert run(place, "import", str(path), "--equip", "M1", "--timezone", "UTC").exit_code == 0
    stored = place.query('SELECT * FROM "M1_Data" ORDER BY 1')
    assert stored.columns == ["EntryDateTime", "A", "B"]
    assert stored.drop_nulls("B")["EntryDateTime"][0] == HOURS[0] + timedelta(minutes=7)


def test_each_pair_has_a_date_and_a_clock(tmp_path):
    rows = [[f"{time:%Y-%m-%d}", f"{time:%H:%M}", 1, f"{time:%Y-%m-%d}", f"{time:%H}:07", 2] for time in HOURS]
    prepared = prepare_import([write(tmp_path / "a.csv", "Date,Time,A,Date,Time,B", rows)], ImportOptions(**ZONE))
    assert [time.reading.columns for time in prepared.files[0].times] == [("Date", "Time"), ("Date (2)", "Time (2)")]


@pytest.mark.parametrize("name", ["Milliseconds", "Millisec"])
def test_milliseconds_that_tell_no_rows_apart_are_no_tag(tmp_path, name):
    rows = [[time, i, i / 4] for i, time in enumerate(HOURS)]
    prepared = prepare_import([write(tmp_path / "a.csv", f"Time,{name},A", rows)], ImportOptions(**ZONE))
    assert prepared.plan.tags == ("A",)


@pytest.mark.parametrize("names", [["site,P1,P1,P2", "tag,TI,PI,TI", "time,,,"], [",P1 TI,P1 PI,P2 TI", "Time,,,"]])
def test_the_name_of_an_index_below_the_header_is_no_header(tmp_path, names):
    rows = [[name] for name in names[1:]] + [[time, 1, 2, 3] for time in HOURS]
    prepared = prepare_import([write(tmp_path / "a.csv", names[0], rows)], ImportOptions(**ZONE))
    assert prepared.plan.tags == ("P1 TI", "P1 PI", "P2 TI")


def write_book(path, sheets):
    with xlsxwriter.Workbook(path) as book:
        for name, rows in sheets.items():
            sheet = book.add_worksheet(name)
            for i, row in enumerate(rows):
                sheet.write_row(i, 0, row)
            if name.startswith("Old"):
                sheet.hide()
    return path


def test_a_hidden_sheet_does_not_replace_a_visible_one(tmp_path):
    rows = {
        name: [("Time", "A"), *((str(time), k) for time in HOURS)] for k, name in enumerate(["New", "Old", "Old 2"])
    }
    prepared = prepare_import([write_book(tmp_path / "a.xlsx", rows)], ImportOptions(**ZONE))
    assert [file.table.source.sheet for file in prepared.files] == ["New"]
    assert sum("a hidden sheet" in note for note in prepared.notes) == 2


def test_sheets_called_by_months_are_no_tags(tmp_path):
    rows = {name: [("Time", "Value"), *((str(time), k) for time in HOURS)] for k, name in enumerate(["Jan", "Feb"])}
    prepared = prepare_import([write_book(tmp_path / "TI-101.xlsx", rows)], ImportOptions(**ZONE))
    assert prepared.undivided_tags == {"TI-101"}


def test_values_called_by_a_month_raise_a_doubt(tmp_path):
    path = write(tmp_path / "2024-03.csv", "Time,Value", [[time, 1.5] for time in HOURS])
    assert any("2024-03 is the tag" in doubt for doubt in prepare_import([path], ImportOptions(**ZONE)).doubts)


def test_formulas_without_results_are_refused(tmp_path):
    rows = [("Time", "A", "B"), *((str(time), 2, f"=B{i}+1") for i, time in enumerate(HOURS, start=2))]
    with pytest.raises(InputError, match="formulas without results in 300 rows"):
        prepare_import([write_book(tmp_path / "a.xlsx", {"S": rows})], ImportOptions(**ZONE))


def test_averages_below_the_readings_need_no_results(tmp_path):
    rows = [("Time", "A"), *((str(time), 2) for time in HOURS), ("Average", "=AVERAGE(B2:B301)")]
    assert prepare_import([write_book(tmp_path / "a.xlsx", {"S": rows})], ImportOptions(**ZONE)).row_count


def test_names_of_people_behind_the_values_are_no_tags(tmp_path):
    rows = [[time, i / 4, f"operator {i // 100}"] for i, time in enumerate(HOURS)]
    prepared = prepare_import([write(tmp_path / "TI-9.csv", "Time,Value,Name", rows)], ImportOptions(**ZONE))
    assert prepared.plan.tags == ("TI-9",)


def test_a_response_time_in_milliseconds_is_a_tag(tmp_path):
    rows = [[time, i * 7 % 900, i / 4] for i, time in enumerate(HOURS)]
    path = write(tmp_path / "a.csv", "Time,Response Milliseconds,A", rows)
    assert prepare_import([path], ImportOptions(**ZONE)).plan.tags == ("Response Milliseconds", "A")


@pytest.mark.parametrize("above", [["Ch.,,,TI-1,PI-2"], ["Ch.,,,A1,A2", "Tag,,,TI-1,PI-2"]])
def test_tags_above_the_blanks_of_a_header_are_its_names(tmp_path, above):
    rows = [[f"{time:%Y/%m/%d}", f"{time:%H:%M:%S}", "000", 1, 2] for time in HOURS]
    head = [*above, "Unit,,,degC,bar", "Date,Time,Sub-sec,,"]
    path = write(tmp_path / "a.csv", head[0], [*([line] for line in head[1:]), *rows])
    assert prepare_import([path], ImportOptions(**ZONE)).plan.tags == ("TI-1", "PI-2")


def test_names_of_tags_outrank_their_numbers(tmp_path):
    rows = [[k, tag, time, i / 4, 192 * (i > 0)] for k, tag in enumerate("AB") for i, time in enumerate(HOURS)]
    path = write(tmp_path / "a.csv", "TagId,TagName,TimeStr,Value,IQuality", rows)
    prepared = prepare_import([path], ImportOptions(**ZONE))
    assert prepared.plan.tags == ("A", "B")
    assert prepared.plan.kinds[0].shape.quality.column == "IQuality"
    assert not prepared.doubts


def write_units(tmp_path, units):
    rows = [
        (tag, time, *((i % 17, unit) if i % 9 else ("Bad", "state")))
        for tag, unit in units
        for i, time in enumerate(HOURS[:50])
    ]
    return write(tmp_path / "a.csv", "Tag,Time,Value,Unit", rows)


def test_values_of_one_tag_in_two_units_are_refused(tmp_path):
    rows = [("A", time, i % 17, "bar" if i < 150 else "mbar") for i, time in enumerate(HOURS)]
    path = write(tmp_path / "a.csv", "Tag,Time,Value,Unit", rows)
    with pytest.raises(InputError, match=r"several units in column Unit: bar, mbar.*--exclude Unit"):
        prepare_import([path], ImportOptions(**ZONE))
    assert prepare_import([path], ImportOptions(**ZONE, exclude=("Unit",))).row_count == 300


def test_a_plan_refuses_a_night_in_another_unit(tmp_path):
    first = prepare_import([write_units(tmp_path / "1", [("A", "bar")])], ImportOptions(**ZONE))
    night = write_units(tmp_path / "2", [("A", "mbar")])
    with pytest.raises(InputError, match="bar, mbar"):
        repeat_plan([night], first.plan)
    assert repeat_plan([write_units(tmp_path / "3", [("A", "Bar")])], first.plan).row_count == 50


def test_a_column_of_units_tells_the_unit_of_each_tag(tmp_path):
    found = prepare_import([write_units(tmp_path, [("A", "bar"), ("B", "°C"), ("C", "n/a")])], ImportOptions(**ZONE))
    assert [(tag.name, tag.unit) for tag in found.tags] == [("A", "bar"), ("B", "°C"), ("C", "")]


@pytest.mark.parametrize("form", ["({})", "'{}", '="{}"'])
def test_marked_numbers_that_come_again_are_no_tags(tmp_path, form):
    rows = [[time, form.format(50 + i * 7 % 13 / 10), i % 7 + 0.5] for i, time in enumerate(HOURS)]
    path = write(tmp_path / "a.csv", "Time,TI-1,PI-2", rows)
    with pytest.raises(InputError, match="If its cells are numbers"):
        prepare_import([path], ImportOptions(**ZONE))


def test_a_second_time_column_without_the_gaps_of_the_first_one_is_named(tmp_path):
    rows = [["" if i == 20 else time, time + timedelta(minutes=3 + i % 5), i % 7] for i, time in enumerate(HOURS)]
    path = write(tmp_path / "a.csv", "Timestamp,Log Time,A", rows)
    doubts = " ".join(prepare_import([path], ImportOptions(**ZONE)).doubts)
    assert "empty in 1 row in which 'Log Time' has a time" in doubts


def write_machines(path, *words):
    """Write rows of machines in turn."""
    rows = [[time, words[i % len(words)], i % 7 + 0.5] for i, time in enumerate(HOURS)]
    return write(path, "Time,Machine,A", rows)


@pytest.mark.parametrize("word", ["None", "NULL", "n/a", "-"])
def test_a_word_for_an_empty_cell_is_no_machine(tmp_path, place, word):
    path = str(write_machines(tmp_path / "a.csv", "P1", "P2", word))
    assert_refused(run(place, "import", path, "--equip", "M1", "--timezone", "UTC"), 1, "names P1, P2. Import")
    result = run(place, "import", path, "--equip-from", "Machine", "--timezone", "UTC", "--dry-run")
    assert "100 rows without a machine in column Machine" in result.output
    assert f"Plan for {word}" not in result.output


def test_a_machine_is_the_same_in_upper_and_lower_case(tmp_path, place):
    path = str(write_machines(tmp_path / "a.csv", "P1", "p1"))
    result = run(place, "import", path, "--equip-from", "Machine", "--timezone", "UTC")
    assert f"P1: {len(HOURS)} rows read" in result.output
    assert "p1" not in result.output


def test_rows_without_a_machine_beside_those_of_one_are_refused(tmp_path):
    with pytest.raises(InputError, match=r"names P1, None\. Import one with --where Machine=P1"):
        prepare_import([write_machines(tmp_path / "a.csv", None, "P1")], ImportOptions(**ZONE))


def test_a_column_that_names_no_machine_is_none(tmp_path, place):
    path = write_machines(tmp_path / "a.csv", "None", "NULL")
    assert prepare_import([path], ImportOptions(**ZONE)).row_count == len(HOURS)
    result = run(place, "import", str(path), "--equip-from", "Machine", "--timezone", "UTC")
    assert_refused(result, 1, "names no machine")
