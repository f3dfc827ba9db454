"""Labels, loops, batches and numbers that look like times or thousands: what was read right before stays so."""

from __future__ import annotations

from datetime import datetime, timedelta

import polars as pl
import pytest
from time_columns import decide, read
from whole_files import read_whole_files

from acm_etl.errors import InputError
from acm_etl.io.files.options import ImportOptions
from acm_etl.io.files.plan import PreparedImport, load_plan, save_plan
from acm_etl.io.files.prepare import prepare_import, repeat_plan
from acm_etl.io.files.reader import stream_readings
from acm_etl.words import HISTORIAN_TIME_COLUMN

HOURS = [datetime(2024, 3, 5) + timedelta(hours=i) for i in range(300)]
UTC = {"time_zone": "UTC"}


def write(path, header, rows, mark=","):
    path.write_text("\n".join([header, *(mark.join(map(str, row)) for row in rows)]) + "\n", encoding="utf-8")
    return path


def prepare(path, **options) -> PreparedImport:
    return prepare_import([path], ImportOptions(**UTC, **options))


def read_values(path, tag, **options):
    frame, _ = read_whole_files([path], ImportOptions(**UTC, **options))
    return dict(zip(frame[frame.columns[0]].to_list(), frame[tag].to_list(), strict=True))


def guard(text):
    return f'"=""{text}"""'


@pytest.mark.parametrize("label", ["2024-{:03d}", "2024-W{:02d}", "2024-W{:02d}-2", "2024W{:02d}2"])
def test_a_batch_beside_the_times_is_a_label(tmp_path, label):
    rows = [[time, i % 7, label.format(10 + i // 24), i // 72 % 2] for i, time in enumerate(HOURS)]
    path = write(tmp_path / "a.csv", "Timestamp,Temp,Batch,Valve", rows)
    assert read_values(path, "Valve") == {time: i // 72 % 2 for i, time in enumerate(HOURS)}
    assert prepare(path).plan.kinds[0].shape.kind == "wide"


@pytest.mark.parametrize("label", ["2024-{:03d}", "2024-W{:02d}-2"])
@pytest.mark.parametrize("name", ["Date code", "Batch date"])
def test_days_beside_times_are_no_second_time_column(tmp_path, label, name):
    rows = [[time, i % 7, label.format(10 + i // 24), i // 72 % 2] for i, time in enumerate(HOURS)]
    path = write(tmp_path / "a.csv", f"When,Temp,{name},Valve", rows)
    assert read_values(path, "Valve") == {time: i // 72 % 2 for i, time in enumerate(HOURS)}


PERIODS = [
    "{0:%d.%m.%Y} 00:00 - {1:%d.%m.%Y} 00:00",
    "{0:%Y-%m-%d}T00:00Z/P1D",
    "{0:%Y}. {0:%m}. {0:%d}.",
    "{0:%Y.%j}-00:10",
]


@pytest.mark.parametrize("pattern", PERIODS)
def test_a_period_beside_the_times_is_a_label(tmp_path, pattern):
    labels = [pattern.format(time, time + timedelta(days=1)) for time in HOURS]
    rows = [[time, i % 7, labels[i], i // 72 % 2] for i, time in enumerate(HOURS)]
    path = write(tmp_path / "a.csv", "When,Temp,Period,Valve", rows)
    assert read_values(path, "Valve") == {time: i // 72 % 2 for i, time in enumerate(HOURS)}
    path = write(tmp_path / "b.csv", "Period,When,Temp,Valve", [[row[2], row[0], row[1], row[3]] for row in rows])
    assert read_values(path, "Valve") == {time: i // 72 % 2 for i, time in enumerate(HOURS)}


def test_pairs_of_intervals_have_their_own_times(tmp_path):
    rows = [
        [f"{t:%Y-%m-%d %H:%M} - {t:%Y-%m-%d} 23:59", i % 7, f"{t:%Y-%m-%d %H:%M}:30 - {t:%Y-%m-%d} 23:59", i % 5]
        for i, t in enumerate(HOURS[:100])
    ]
    path = write(tmp_path / "a.csv", "Time A,A,Time B,B", rows)
    assert prepare(path).plan.kinds[0].shape.kind == "pairs"


@pytest.mark.parametrize("code", ["10TEM0", "10SUB0", "11-ARA-200", "12KAS0"])
def test_codes_of_instruments_are_no_months(tmp_path, code):
    rows = [[time, i % 7, f"{code}{1 + i // 72}", i // 72 % 2] for i, time in enumerate(HOURS)]
    path = write(tmp_path / "a.csv", "When,Temp,Batch,Valve", rows)
    assert read_values(path, "Valve") == {time: i // 72 % 2 for i, time in enumerate(HOURS)}


@pytest.mark.parametrize("stem", ["2101-00", "4100-10", "0012-10", "2024-06"])
def test_loops_of_one_stream_are_tags(tmp_path, stem):
    rows = [
        [time + timedelta(minutes=k), f"{stem}{k}", 50 + 20 * k + i % 7]
        for i, time in enumerate(HOURS)
        for k in (1, 2, 3)
    ]
    path = write(tmp_path / "a.csv", "Stamp,Loop,Reading", rows)
    assert [tag.name for tag in prepare(path).tags] == [f"{stem}{k}" for k in (1, 2, 3)]


def test_loops_before_epochs_are_tags(tmp_path):
    rows = [[f"2101-00{k}", 1_710_374_400 + 3600 * i + k, 50 + 20 * k] for i in range(300) for k in (1, 2, 3)]
    path = write(tmp_path / "a.csv", "Loop,Epoch,Reading", rows)
    assert [tag.name for tag in prepare(path).tags] == ["2101-001", "2101-002", "2101-003"]


def test_pumps_of_one_stream_are_machines(tmp_path):
    rows = [
        [time + timedelta(minutes=k), f"2101-00{k}", 50 + 20 * k + i % 7, i % 5]
        for i, time in enumerate(HOURS)
        for k in (1, 2, 3)
    ]
    with pytest.raises(InputError, match="several machines"):
        prepare(write(tmp_path / "a.csv", "Time,Pump,Flow,Temp", rows))


@pytest.mark.parametrize("year", [1001, 2019])
def test_part_numbers_are_no_times(tmp_path, year):
    path = write(tmp_path / "a.csv", "PartNo,Length,Width", [[f"{year}-{i:03d}", i % 7, i % 11] for i in range(1, 301)])
    with pytest.raises(InputError, match="no column reads as times"):
        prepare(path)


@pytest.mark.parametrize("cells", [["2024-064"] * 9, ["1001-001", "1001-002"], ["2024-070", "2024-001"] * 9])
def test_days_that_do_not_run_on_are_no_times(cells):
    with pytest.raises(InputError, match="no column reads as times"):
        decide(pl.DataFrame({"Date": cells, "T": range(len(cells))}))


def test_serial_numbers_do_not_replace_the_times(tmp_path):
    path = write(tmp_path / "a.csv", "Serial,When,Reading", [["2019-001", time, i % 9] for i, time in enumerate(HOURS)])
    assert prepare(path).plan.kinds[0].shape.times == (("When",),)


def test_orders_do_not_replace_serial_days_of_excel(tmp_path):
    rows = [[f"2024-{i // 30 + 1:03d}", f"{45356 + i / 24:.6f}", i % 9] for i in range(300)]
    path = write(tmp_path / "a.csv", "Order,Stamp,Reading", rows)
    assert prepare(path).plan.kinds[0].shape.times == (("Stamp",),)


@pytest.mark.parametrize("label", ["2024-W11", "2024-W11-1", "2024-071"])
def test_a_row_of_a_week_among_hours_is_not_stored(tmp_path, label):
    rows = [[label if i == 200 else time, i % 9] for i, time in enumerate(HOURS)]
    values = read_values(write(tmp_path / "a.csv", "Time,T", rows), "T")
    assert values == {time: i % 9 for i, time in enumerate(HOURS) if i != 200}


def test_days_alone_raise_a_doubt():
    frame = pl.DataFrame({"Date": [f"{time:%Y-%j}" for time in HOURS[::24]]})
    assert "numbers of batches" in " ".join(decide(frame).times[0].reading.doubts)


@pytest.mark.parametrize("pattern", ["%Y-%j", "%G-W%V-%u"])
def test_days_beside_clocks_are_dates(pattern):
    frame = pl.DataFrame({"Date": [f"{time:{pattern}}" for time in HOURS], "Time": [f"{time:%H:%M}" for time in HOURS]})
    assert read(frame, zone="UTC") == HOURS


def test_a_week_without_a_day_is_not_read():
    with pytest.raises(InputError, match="no column reads as times"):
        decide(pl.DataFrame({"Week": ["2024-W05", "2024-W06"]}))


def test_a_week_in_a_stated_format():
    cells = [f"{time:%G %V %u}" for time in HOURS[::24]]
    assert read(cells, zone="UTC", time_format="%G %V %u") == HOURS[::24]


@pytest.mark.parametrize("pattern", ["%Y-%m-%d %H:%M", "%s"])
def test_guarded_cells_are_read_where_the_times_are_guarded(tmp_path, pattern):
    epoch = datetime(1970, 1, 1)
    cells = [f"{(t - epoch).total_seconds():.0f}" if pattern == "%s" else f"{t:{pattern}}" for t in HOURS]
    rows = [[guard(cell), guard(f"{i}.25")] for i, cell in enumerate(cells)]
    path = write(tmp_path / "a.csv", f"{guard('Time')},{guard('FI101')}", rows)
    assert read_values(path, "FI101") == {time: i + 0.25 for i, time in enumerate(HOURS)}


def test_guarded_dates_and_clocks_belong_together(tmp_path):
    rows = [[guard(f"{t:%d.%m.%Y}"), guard(f"{t:%H:%M}"), guard(f"{i}.25")] for i, t in enumerate(HOURS)]
    values = read_values(write(tmp_path / "a.csv", "Date,Clock,FI101", rows), "FI101")
    assert values == {time: i + 0.25 for i, time in enumerate(HOURS)}


def test_guarded_times_beside_plain_numbers(tmp_path):
    rows = [[f'="{time}"', f"{i}.25", '=""'] for i, time in enumerate(HOURS)]
    values = read_values(write(tmp_path / "a.csv", "Time,T,Remark", rows), "T")
    assert values == {time: i + 0.25 for i, time in enumerate(HOURS)}


def test_guarded_tags_and_qualities(tmp_path):
    rows = [
        [guard(time), guard(f"FI10{k}"), guard(i % 9 + k), guard(0 if i == 7 else 192)]
        for i, time in enumerate(HOURS)
        for k in (1, 2)
    ]
    path = write(tmp_path / "a.csv", "Time,Tag,Value,Quality", rows)
    values = read_values(path, "FI102")
    assert [time for time, value in values.items() if value is None] == [HOURS[7]]
    assert [tag.name for tag in prepare(path).tags] == ["FI101", "FI102"]


def test_a_saved_plan_reads_guarded_cells(tmp_path):
    rows = [[guard(time), guard(i % 9)] for i, time in enumerate(HOURS)]
    path = write(tmp_path / "a.csv", "Time,T", rows)
    save_plan(prepare(path).plan, tmp_path / "plan.toml")
    again = repeat_plan([path], load_plan(tmp_path / "plan.toml"))
    frame = pl.concat([chunk.frame for chunk in stream_readings(again)], how="diagonal")
    assert (frame[HISTORIAN_TIME_COLUMN].to_list(), frame["T"].to_list()) == (HOURS, [i % 9 for i in range(len(HOURS))])


@pytest.mark.parametrize("text", ["0012", "2024-03-05", "FI101"])
def test_guarded_labels_beside_plain_times_stay_labels(tmp_path, text):
    rows = [[time, i % 7, guard(text), i % 5] for i, time in enumerate(HOURS)]
    prepared = prepare(write(tmp_path / "a.csv", "Time,Flow,Serial,Temp", rows))
    assert [tag.name for tag in prepared.tags] == ["Flow", "Temp"]
    assert prepared.plan.kinds[0].shape.kind == "wide"


@pytest.mark.parametrize("mark", [",", ";"])
@pytest.mark.parametrize("thousands", ["\u066c", "\uff0c"])
def test_thousands_marks_of_other_scripts_are_never_decimal_marks(tmp_path, mark, thousands):
    rows = [[time, f"1{thousands}{234 + i % 9}"] for i, time in enumerate(HOURS)]
    path = write(tmp_path / "a.csv", f"Time{mark}T", rows, mark)
    assert read_values(path, "T") == {time: 1234 + i % 9 for i, time in enumerate(HOURS)}


@pytest.mark.parametrize("unit", ["", " bar"])
@pytest.mark.parametrize("decimal", ["\u066b", "\uff0e"])
def test_decimal_marks_of_other_scripts_never_divide_thousands(tmp_path, unit, decimal):
    rows = [[time, f"1{decimal}{234 + i}{unit}", f"{i},5"] for i, time in enumerate(HOURS)]
    path = write(tmp_path / "a.csv", "Time;T;P", rows, ";")
    assert read_values(path, "T") == {time: (1234 + i) / 1000 for i, time in enumerate(HOURS)}


@pytest.mark.parametrize("cell", ["2E+09", "1.7E+09", "1.7103744e+09", "1.7103744e+12"])
def test_numbers_that_lack_digits_are_no_times(tmp_path, cell):
    path = write(tmp_path / "a.csv", "Time,T", [[cell, i] for i in range(30)])
    with pytest.raises(InputError, match="may be cut"):
        prepare(path)


def test_a_cut_number_among_epochs_is_not_stored(tmp_path):
    rows = [["1.71E+09" if i == 200 else 1_709_596_800 + 3600 * i, i % 9] for i in range(300)]
    values = read_values(write(tmp_path / "a.csv", "Time,T", rows), "T")
    assert values == {time: i % 9 for i, time in enumerate(HOURS) if i != 200}


def test_resistances_are_no_times(tmp_path):
    rows = [[f"{1.5e9 + 1e6 * i:.9E}", i] for i in range(300)]
    with pytest.raises(InputError, match="no column reads as times"):
        prepare(write(tmp_path / "a.csv", "R,T", rows))


@pytest.mark.parametrize(("name", "cell"), [("R", "1.50E+09"), ("Address", "113.3.14.5"), ("Time", "113.3.14.5")])
def test_other_columns_are_not_described_as_times(tmp_path, name, cell):
    path = write(tmp_path / "a.csv", f"Sample,{name},T", [[i, cell, i] for i in range(30)])
    with pytest.raises(InputError, match="no column reads as times"):
        prepare(path)


def test_dotted_dates_with_a_clock_are_times_beside_others(tmp_path):
    stored = timedelta(minutes=2)
    rows = [(f"{t:%Y.%m.%d. %H:%M:%S}", f"{t + stored:%Y-%m-%d %H:%M:%S}", i + 0.5) for i, t in enumerate(HOURS)]
    path = write(tmp_path / "a.csv", "Time,Stored,T", rows)
    assert read_values(path, "T") == {time: i + 0.5 for i, time in enumerate(HOURS)}


def test_a_clock_behind_a_long_dash_without_blanks_may_be_an_offset(tmp_path):
    rows = [(f"{t:%Y-%m-%d %H:%M}\u201305:00", i + 0.5) for i, t in enumerate(HOURS)]
    with pytest.raises(InputError):
        prepare(write(tmp_path / "a.csv", "Time,T", rows))
