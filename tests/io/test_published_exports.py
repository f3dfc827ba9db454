"""Exports as institutes, network operators and makers of loggers publish them; the files are generated."""

from __future__ import annotations

from datetime import datetime, timedelta

import polars as pl
import pytest
from time_columns import decide, read
from whole_files import read_whole_files

from acm_etl.errors import InputError
from acm_etl.io.files.layout.text_layout import LayoutOptions
from acm_etl.io.files.options import ImportOptions
from acm_etl.io.files.prepare import prepare_import

HOURS = [datetime(2024, 3, 5) + timedelta(hours=i) for i in range(96)]
SECONDS = [datetime(2024, 3, 5, 23, 59) + timedelta(seconds=2 * i) for i in range(90)]
QUARTERS = [datetime(2024, 3, 5) + timedelta(minutes=15 * i) for i in range(1, 4 * 96 + 1)]


def write(path, *lines):
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return path


def read_times(path, **options):
    frame, _ = read_whole_files([path], ImportOptions(time_zone="UTC", **options))
    return frame[frame.columns[0]].to_list()


def test_aligned_rows_without_a_header_are_read_as_columns_without_names(tmp_path):
    rows = (f"{time:%Y/%m/%d %H:%M:%S.0}      {10 + i / 10:.4f}       {i % 7}" for i, time in enumerate(HOURS))
    path = write(tmp_path / "a.mon", "Data file of a logger.", "=" * 60, "[Data]", "96", *rows, "END OF DATA FILE")
    with pytest.raises(InputError, match="--header-line 0"):
        read_times(path)
    assert read_times(path, layout=LayoutOptions(header_line=0)) == HOURS


def test_lines_of_words_with_times_are_no_table(tmp_path):
    lines = [f"{time:%Y-%m-%d %H:%M:%S} pump{' not' * (i % 5)} started" for i, time in enumerate(HOURS)]
    with pytest.raises(InputError, match="no table"):
        read_times(write(tmp_path / "a.log", *lines))


@pytest.mark.parametrize("words", ["", " INFO Pump 3 started", "    INFO    3"])
def test_lines_of_equal_words_and_times_alone_are_no_table(tmp_path, words):
    path = write(tmp_path / "a.log", *(f"{time:%Y-%m-%d %H:%M:%S}{words}" for time in HOURS))
    with pytest.raises(InputError, match="no table"):
        read_times(path)


def test_clocks_of_six_digits_stand_beside_the_dates(tmp_path):
    rows = (f"{i % 7},{time:%Y%m%d},{time:%H%M%S}" for i, time in enumerate(SECONDS))
    assert read_times(write(tmp_path / "a.txt", "Level,Date,Time", *rows)) == SECONDS


@pytest.mark.parametrize("name", ["Level", "Rate"])
def test_numbers_of_six_digits_under_other_names_are_values(tmp_path, name):
    rows = (f"{time:%Y%m%d},{time:%H%M%S}" for time in HOURS[::24])
    path = write(tmp_path / "a.txt", f"Date,{name}", *rows)
    assert read_times(path) == HOURS[::24]


@pytest.mark.parametrize("step", [1, -1])
def test_counters_of_six_digits_beside_repeated_dates_are_values(tmp_path, step):
    rows = (f"{HOURS[24 * (i // 16)]:%Y-%m-%d},{120030 + step * (i % 30)}" for i in range(30))
    assert read_times(write(tmp_path / "a.txt", "Date,Time", *rows)) == HOURS[:48:24]


@pytest.mark.parametrize("direction", [1, -1])
def test_clocks_of_four_digits_begin_again_with_each_date(tmp_path, direction):
    rows = (f"{time:%Y-%m-%d},{time:%H%M},{i % 7}" for i, time in enumerate(HOURS[::direction]))
    assert read_times(write(tmp_path / "a.txt", "Date,Time,P", *rows)) == HOURS


@pytest.mark.parametrize(
    ("head", "clocks"),
    [
        ("Date,Time", [(0, "0800"), (1, "0800"), (2, "0800"), (2, "1400")]),  # one more reading on the last date
        ("Date,Sample time", [*((0, f"{i:02}00") for i in range(8)), *((1, f"{i:02}00") for i in range(8, 16))]),
        ("Date,Time", [(0, "1500"), (1, "1645"), (1, "1700")]),
    ],
)
def test_clocks_of_four_digits_may_begin_later_on_the_next_date(tmp_path, head, clocks):
    rows = (f"{HOURS[24 * day]:%Y-%m-%d},{clock},{i % 7}" for i, (day, clock) in enumerate(clocks))
    times = [HOURS[24 * day] + timedelta(hours=int(clock[:2]), minutes=int(clock[2:])) for day, clock in clocks]
    assert read_times(write(tmp_path / "a.txt", f"{head},P", *rows)) == times


@pytest.mark.parametrize("first", [5, 1200])
def test_counters_that_blanks_align_beside_repeated_dates_are_values(tmp_path, first):
    rows = (f"{HOURS[24 * (i // 16)]:%Y-%m-%d},{first + i:6}" for i in range(30))
    assert read_times(write(tmp_path / "a.txt", "Date,Op Time", *rows)) == HOURS[:48:24]


@pytest.mark.parametrize("direction", [1, -1])
def test_clocks_of_six_digits_begin_again_with_each_date(tmp_path, direction):
    rows = (f"{time:%Y%m%d},{time:%H%M%S},{i % 7}" for i, time in enumerate(HOURS[::direction]))
    assert read_times(write(tmp_path / "a.txt", "Date,Time,P", *rows)) == HOURS


def test_hours_that_blanks_align_stand_beside_the_dates(tmp_path):
    rows = (f"  260,{time:%Y%m%d},{time.hour + 1:5},{i % 7:5}" for i, time in enumerate(HOURS))
    path = write(tmp_path / "a.txt", "# STN,YYYYMMDD,   HH,    T", *rows)
    assert read_times(path) == [time + timedelta(hours=1) for time in HOURS]


def test_parts_of_dates_that_blanks_align(tmp_path):
    rows = (f"{time.year},{time.month:3},{time.day:3},{time.hour:3},{i % 7}" for i, time in enumerate(HOURS))
    assert read_times(write(tmp_path / "a.txt", "year, mo, dy, hr,T", *rows)) == HOURS


def find_doubts(times, key=None):
    columns = {"Time": times} if key is None else {"Time": times, "Tag": key}
    return decide(pl.DataFrame(columns), zone="UTC", key=None if key is None else "Tag").times[0].reading.doubts


def test_midnights_at_the_end_of_their_day_raise_a_doubt():
    # The energy of 23:45 to 24:00 has the time 0:00 of the day that it ends.
    cells = [f"{time - timedelta(seconds=1):%d/%m/%Y} {time:%H:%M}" for time in QUARTERS]
    assert len(find_doubts(cells)) == 1
    assert read(cells, zone="UTC")[95] == datetime(2024, 3, 5)


@pytest.mark.parametrize("direction", [1, -1])
def test_midnights_at_the_beginning_of_their_day_raise_none(direction):
    assert not find_doubts([f"{time:%d/%m/%Y %H:%M}" for time in QUARTERS][::direction])


def test_midnights_of_several_tags_raise_none():
    day = [f"{time:%d/%m/%Y %H:%M}" for time in (datetime(2024, 3, 15) + timedelta(hours=i) for i in range(24))]
    assert not find_doubts(day * 5, [f"TI-{i}" for i in range(5) for _ in day])


@pytest.mark.sampled(1)
@pytest.mark.parametrize("hours", [(0, 18), (0, 6, 13), (0, 22)])
def test_midnights_after_a_later_time_in_files_that_run_backwards_raise_none(hours):
    times = [datetime(2024, 3, day, hour) for day in range(30, 4, -1) for hour in reversed(hours)]
    assert not find_doubts([f"{time:%d/%m/%Y %H:%M}" for time in times])
    assert not find_doubts(times)


def test_totals_of_the_day_behind_another_tag_raise_no_doubt():
    days = [
        (f"{day:%Y-%m-%d} {hour:02}:00", "T" if hour else "Total") for day in HOURS[::24] for hour in (*range(1, 24), 0)
    ]
    assert not find_doubts(*map(list, zip(*days, strict=True)))


def test_typed_midnights_at_the_end_of_their_day_cannot_be_written_as_24():
    times = [time - timedelta(days=time.time() == datetime.min.time()) for time in QUARTERS]
    [doubt] = find_doubts(times)
    assert "write the next date" in doubt


def find_zone_doubts(tmp_path, ahead, lags, zone="UTC", name="Time (GMT)"):
    shifts = [(timedelta(hours=ahead), timedelta(minutes=lag)) for lag in lags]
    pairs = ((time + shifts[i % len(lags)][0], time + shifts[i % len(lags)][1]) for i, time in enumerate(HOURS))
    rows = (f"{time:%Y-%m-%d %H:%M},{other:%Y-%m-%d %H:%M},{i % 7}" for i, (time, other) in enumerate(pairs))
    path = write(tmp_path / "a.csv", f"Time,{name},Load", *rows)
    return prepare_import([str(path)], ImportOptions(time_zone=zone)).doubts


@pytest.mark.sampled(2)
@pytest.mark.parametrize(
    ("zone", "ahead", "is_doubted"),
    [("UTC", -5, True), ("UTC", 0, False), ("America/New_York", -5, False), ("America/New_York", 0, True)],
)
def test_a_second_time_column_in_utc_checks_the_zone(tmp_path, zone, ahead, is_doubted):
    assert bool(find_zone_doubts(tmp_path, ahead, [0], zone)) is is_doubted


@pytest.mark.sampled(2)
@pytest.mark.parametrize("lags", [[15], [60], [61], [300, 301], [300, 360]])
def test_ends_and_times_of_storage_check_no_zone(tmp_path, lags):
    assert not find_zone_doubts(tmp_path, 0, lags)


def test_ends_in_utc_of_starts_on_the_clock_of_a_zone_check_no_zone(tmp_path):
    assert not find_zone_doubts(tmp_path, 1, [60], "Europe/Berlin")


@pytest.mark.sampled(2)
@pytest.mark.parametrize("name", ["WindowEnd UTC", "end (UTC)", "Received UTC", "created_utc", "Forecast run (GMT)"])
def test_times_of_other_moments_check_no_zone(tmp_path, name):
    assert not find_zone_doubts(tmp_path, 0, [300], name=name)


@pytest.mark.sampled(2)
@pytest.mark.parametrize("tags", [1, 2, 3])
@pytest.mark.parametrize("direction", [1, -1])
def test_ends_in_files_of_several_tags_and_that_run_backwards_check_no_zone(tmp_path, tags, direction):
    rows = (
        f"{time:%Y-%m-%d %H:%M},{time + timedelta(hours=1):%Y-%m-%dT%H:%MZ},TI-{tag},{tag + time.hour % 7}.5"
        for time in HOURS[::direction]
        for tag in range(tags)
    )
    path = write(tmp_path / "a.csv", "Start,Next,Tag,Value", *rows)
    assert not [
        doubt for doubt in prepare_import([str(path)], ImportOptions(time_zone="UTC")).doubts if "Next" in doubt
    ]


def test_a_second_time_column_without_an_offset_checks_no_zone(tmp_path):
    assert not find_zone_doubts(tmp_path, -5, [0], name="Stored at")
