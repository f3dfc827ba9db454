"""Columns that hold the time: names, two columns, offsets in names, typed columns, readings that a plan repeats."""

from dataclasses import asdict, replace
from datetime import date, datetime, time, timedelta

import polars as pl
import pytest
from time_columns import decide, read, to_utc

from acm_etl.errors import InputError
from acm_etl.io.files.times.time_column import TimeOptions, open_time_column
from acm_etl.io.files.times.time_decision import decide_times
from acm_etl.io.files.times.time_names import find_zone_in_name, is_time_name
from acm_etl.io.files.times.time_reading import TimeReading, TimeSample
from acm_etl.io.files.times.time_search import TimeSearch, is_timestamp

HOURS = [datetime(2024, 1, 13, hour) for hour in range(3)]
TEXTS = [f"{hour:%Y-%m-%d %H:%M}" for hour in HOURS]


@pytest.mark.parametrize(
    ("cells", "is_time"),
    [
        (["12.5", "-3", "+7,25", ""], False), (["20240113"] * 2, True), (["12.5", "2024-01-13"], False),
        (["12.5", "2024-01-13", "13.01.2024 00:30"], True), (["9999999", "1234567."], False), ([None], False),
    ],
)  # fmt: skip
def test_columns_of_numbers_are_no_times(cells, is_time):
    assert is_timestamp(pl.Series(cells, dtype=pl.String)) is is_time


@pytest.mark.parametrize(
    ("name", "zone"),
    [
        ("Time (UTC)", 0), ("Timestamp [UTC+01:00]", 60), ("Zeit (MEZ)", "MEZ"), ("time_utc", 0), ("UTC time", 0),
        ("Date/Time (GMT-5)", -300), ("DateTime(UTC)", 0), ("DateTimeUTC", 0), ("utc", 0), ("Time [+05:30]", 330),
        ("Time [Europe/Berlin]", "Europe/Berlin"), ("Time", None), ("Time (s)", None), ("Outcome", None),
        ("Time (local)", None), ("t_stamp", None), ("Tijd (MET/CET)", "MET"), ("Zeit (CET/CEST)", None),
        ("Time (EST/EDT)", None), ("Wind (N/A)", None), ("Time (h/min)", None), ("Time (IST/CST)", None),
        ("Time (BST/IST)", None), ("Time (AST/GST)", None), ("Time (EST/IST)", None),
    ],
)  # fmt: skip
def test_zones_in_names(name, zone):
    assert find_zone_in_name(name) == zone


@pytest.mark.sampled(4)
@pytest.mark.parametrize(
    ("name", "hours"),
    [("Time (UTC)", 0), ("Timestamp [UTC+01:00]", 1), ("Zeit (MEZ)", 1), ("Zeit (MESZ)", 2), ("time_utc", 0),
     ("Date/Time (GMT-5)", -5), ("Time [+05:30]", 5.5), ("Time [Asia/Tokyo]", 9), ("Time", 1)],
)  # fmt: skip
def test_the_offset_in_a_name_holds_for_all_values(name, hours):
    assert read(TEXTS, name=name) == [hour - timedelta(hours=hours) for hour in HOURS]
    decision = decide(pl.DataFrame({name: TEXTS}))
    assert bool(decision.messages) == (decision.times[0].reading.offset is not None)


def test_an_offset_of_the_value_outranks_that_of_the_name():
    assert read(["2024-01-13 01:00+01:00", "2024-01-13 01:00"], name="Time (UTC)") == HOURS[:2]


def test_a_word_with_several_meanings_in_a_name_is_refused():
    with pytest.raises(InputError, match="IST"):
        read(TEXTS, name="Time (IST)")
    assert read(TEXTS, name="Time (IST)", zone="Asia/Kolkata")[0] == HOURS[0] - timedelta(hours=5.5)


@pytest.mark.parametrize(
    "name",
    ["Time", "t_stamp", "Zeitstempel", "Datum", "Uhrzeit", "Fecha y hora", "Date/Time", "LogTime", "_time", "TS"],
)
def test_names_of_times(name):
    assert is_time_name(name)


@pytest.mark.parametrize("name", ["Pressure", "Run time", "Operating hours", "Datalogger", "Tsat", "Response time"])
def test_names_of_other_things(name):
    assert not is_time_name(name)


PAIRS = [
    ({"Date": ["2024-01-13"] * 3, "Clock": ["00:00:00", "01:00:00", "02:00:00"]}, ("Date", "Clock")),
    ({"Uhrzeit": ["00:00", "01:00", "02:00"], "A": ["1"] * 3, "Datum": ["13.01.2024"] * 3}, ("Datum", "Uhrzeit")),
    ({"DATE": ["01/13/2024"] * 3, "TIME": ["12:00 AM", "1:00 AM", "2:00 AM"]}, ("DATE", "TIME")),
    ({"Date": ["20240113"] * 3, "x": ["00:00", "01:00", "02:00"]}, ("Date", "x")),
    ({"Date": ["13.01.2024 00:00:00"] * 3, "Time": ["00:00", "01:00", "02:00"]}, ("Date", "Time")),
    ({"Date": ["2024-01-13"] * 3, "Time": [f"1899-12-30 0{hour}:00:00" for hour in range(3)]}, ("Date", "Time")),
    ({"Date": [date(2024, 1, 13)] * 3, "Time": [time(hour) for hour in range(3)]}, ("Date", "Time")),
    ({"Date": [datetime(2024, 1, 13)] * 3, "Time": [time(hour) for hour in range(3)]}, ("Date", "Time")),
    ({"Date": [date(2024, 1, 13)] * 3, "Time": [datetime(1899, 12, 31, hour) for hour in range(3)]}, ("Date", "Time")),
]


@pytest.mark.sampled(3)
@pytest.mark.parametrize(("frame", "columns"), PAIRS)
def test_a_date_and_a_time_of_day_are_joined(frame, columns):
    frame = pl.DataFrame(frame)
    assert decide(frame, zone="UTC").times[0].reading.columns == columns
    assert read(frame, zone="UTC") == HOURS
    assert read(frame, zone="UTC", time_column="+".join(columns)) == HOURS
    assert read(frame, zone="UTC", time_column=columns[0]) == HOURS


def test_a_row_without_one_of_the_two_has_no_time():
    frame = pl.DataFrame(
        {"Date": ["2024-01-13", "2024-01-13", None, "2024-01-13"], "Time": ["00:00", None, "1:00", "2:00"]}
    )
    assert read(frame, zone="UTC") == [HOURS[0], None, None, HOURS[2]]


def test_a_duration_beside_daily_readings_is_no_time_of_day():
    frame = pl.DataFrame({"Date": [f"2024-01-{day}" for day in range(13, 16)], "Runtime": ["08:00", "09:30", "07:15"]})
    assert decide(frame, zone="UTC").times[0].reading.columns == ("Date",)


@pytest.mark.parametrize(
    "clocks", [["00:00", "01:00"], [time(0), time(1)], [datetime(1899, 12, 31), datetime(1899, 12, 31, 1)]]
)
def test_times_of_day_alone_are_refused(clocks):
    frame = pl.DataFrame({"Time": clocks, "A": [1.0, 2.0]})
    for options in ({}, {"time_column": "Time"}):
        with pytest.raises(InputError, match="times of day without a date"):
            decide(frame, **options)


@pytest.mark.parametrize("unit", ["ms", "us", "ns"])
@pytest.mark.parametrize("zone", [None, "UTC", "Asia/Tokyo"])
def test_typed_times(unit, zone):
    series = pl.Series("Time", HOURS, dtype=pl.Datetime(unit))
    if zone:
        series = series.dt.replace_time_zone("UTC").dt.convert_time_zone(zone)
    expected = HOURS if zone else [hour - timedelta(hours=1) for hour in HOURS]
    assert read(series.to_frame()) == expected


def test_typed_dates_are_local_midnights():
    assert read([date(2024, 1, 13), date(2024, 7, 13)]) == [datetime(2024, 1, 12, 23), datetime(2024, 7, 12, 22)]


def test_pairs_of_time_and_value_have_a_time_column_each():
    frame = pl.DataFrame({"Time": TEXTS, "A": ["1"] * 3, "Time (2)": ["14.01.2024 00:00"] * 3, "B": ["2"] * 3})
    columns = TimeSearch("a.csv", frame, TimeOptions(time_zone="UTC")).find_all()
    assert [column.columns for column in columns] == [("Time",), ("Time (2)",)]
    for column in columns:
        column.add_values(frame)
    decided = decide_times(columns).times
    assert [to_utc(one, frame)[0] for one in decided] == [HOURS[0], datetime(2024, 1, 14)]


FRAMES = [
    pl.DataFrame({"Time": ["13/01/2024 00h00", "13/01/2024 01h00", "13/01/2024 02h00"]}),
    pl.DataFrame({"Time": ["2024-01-13 05:30 IST", "2024-01-13 06:30 IST", "2024-01-13 07:30 IST"]}),
    pl.DataFrame({"Time": ["45304.0", "45304.041667", "45304.083333"]}),
    pl.DataFrame({"Time (UTC)": ["1705104000", "1705107600", "1705111200"]}),
    pl.DataFrame(PAIRS[1][0]),
]


@pytest.mark.parametrize("frame", FRAMES)
def test_a_plan_repeats_a_reading_without_detection(frame):
    zone = "Asia/Kolkata"
    decided = decide(frame, zone=zone).times[0]
    fields = asdict(decided.reading)
    fields |= {name: tuple(map(tuple, fields[name])) for name in ("date_orders", "zone_words")}
    fields["samples"] = tuple(TimeSample(**sample) for sample in fields["samples"])
    reading = TimeReading(**fields)
    assert reading == decided.reading
    assert reading.parse_local_times(frame).equals(decided.reading.parse_local_times(frame))
    column = open_time_column("night.csv", replace(reading, doubts=()))
    column.add_values(frame.head(1))
    again = decide_times([column]).times[0]
    assert (again.reading.row_count, again.reading.unreadable_count) == (1, 0)
    assert to_utc(again, frame) == to_utc(decided, frame)


def test_a_plan_refuses_a_file_that_it_does_not_fit():
    reading = decide(pl.DataFrame({"Time": TEXTS})).times[0].reading
    column = open_time_column("night.csv", reading)
    column.add_values(pl.DataFrame({"Time": ["1705104000", "1705107600"]}))
    with pytest.raises(InputError, match="2 of 2 rows have no readable time"):
        decide_times([column])


def test_samples_show_cells_with_their_time_in_utc():
    reading = decide(pl.DataFrame({"Time": [None, *TEXTS, "x"]})).times[0].reading
    assert reading.samples[0] == TimeSample("2024-01-13 00:00", datetime(2024, 1, 12, 23))
    assert (len(reading.samples), reading.row_count, reading.unreadable_count) == (3, 5, 2)


YEARS_END = [datetime(2020, 12, 31, 22), datetime(2020, 12, 31, 23), datetime(2021, 1, 1)]


@pytest.mark.parametrize(
    ("names", "pattern"),
    [
        (("No", "year", "month", "day", "hour"), None),
        (("Year", "Month", "Day", "Hour", "Minute", "Second"), None),
        (("#YY", "MM", "DD", "hh", "mm"), None),
        (("Jahr", "Monat", "Tag", "Stunde"), None),
        (("year", "doy", "hour"), None),
        (("Y", "Mth", "D", "H"), "Y+Mth+D+H"),
    ],
)
def test_times_in_number_columns(names, pattern):
    """Parts of a date, or the day of the year, found by their names or named by the user; as text, whole or 5.0."""
    parts = {"N": 7, "S": 0}
    rows = [[{**parts, "Y": t.year, "M": t.month, "D": t.day, "H": t.hour}[each] for each in "YMDH"] for t in YEARS_END]
    days = [[t.year, t.timetuple().tm_yday, t.hour] for t in YEARS_END]
    cells = [[7, *row] for row in rows] if names[0] == "No" else days if "doy" in names else rows
    frame = pl.DataFrame([row + [0] * (len(names) - len(row)) for row in cells], schema=list(names), orient="row")
    for typed in (frame, frame.cast(pl.String), frame.cast(pl.Float64)):
        assert read(typed, time_column=pattern, zone="UTC") == YEARS_END


QUARTERS = [datetime(2024, 3, 5, 22) + timedelta(minutes=15 * i) for i in range(16)]


@pytest.mark.sampled(4)
@pytest.mark.parametrize("date", ["{t.year},{t.month:3},{t.day:3}", "{t:%Y,%m,%d}", "{t.year},{t.month},{t.day}"])
@pytest.mark.parametrize("clock", ["{t:%H:%M}", "{t:%H%M}", "{t:%H%M%S}", "{t:%I:%M %p}"])
def test_clocks_beside_the_parts_of_a_date(date, clock):
    rows = [f"{date},{clock},7".format(t=time).split(",") for time in QUARTERS]
    assert read(pl.DataFrame(rows, schema=["Year", "Month", "Day", "Time", "P"], orient="row"), zone="UTC") == QUARTERS


def test_typed_clocks_beside_the_parts_of_a_date():
    cells = {"Year": 2024, "Month": [t.month for t in QUARTERS], "Day": [t.day for t in QUARTERS]}
    frame = pl.DataFrame({**cells, "Time": [t.time() for t in QUARTERS]})
    assert read(frame, zone="UTC") == QUARTERS
    days = frame.select("Year", pl.lit(64).alias("DOY") + pl.Series([t.day for t in QUARTERS]) - 4, "Time")
    assert read(days, zone="UTC") == QUARTERS


def test_clocks_without_leading_zeros_beside_the_parts_of_a_date_are_refused():
    rows = [[str(t.year), str(t.month), str(t.day), str(100 * t.hour + t.minute)] for t in QUARTERS]
    with pytest.raises(InputError, match="without leading zeros"):
        read(pl.DataFrame(rows, schema=["Year", "Month", "Day", "Time"], orient="row"))


def test_clocks_with_seconds_and_without_leading_zeros_are_refused():
    rows = [[f"{t:%Y-%m-%d}", 10_000 * t.hour + 100 * t.minute] for t in QUARTERS]
    with pytest.raises(InputError, match="without leading zeros"):
        read(pl.DataFrame(rows, schema=["Date", "Time"], orient="row"))


@pytest.mark.parametrize("counter", [range(2_100, 3_700, 100), range(90_000, 91_600, 100)])
def test_a_counter_beside_a_date_is_no_clock(counter):
    rows = [[f"{t:%Y-%m-%d}", number] for t, number in zip(QUARTERS, counter, strict=True)]
    assert len(read(pl.DataFrame(rows, schema=["Date", "Time"], orient="row"), zone="UTC")) == len(QUARTERS)


def test_clocks_beside_a_date_in_parts_and_a_time_are_no_time():
    parts = {"Year": [2024] * 3, "Month": [1] * 3, "Day": [13] * 3, "Cooking time": ["5", "6", "7"]}
    found = TimeSearch("1.csv", pl.DataFrame({"Time": TEXTS, **parts}), TimeOptions(time_zone="UTC")).find_all()
    assert [column.columns for column in found] == [("Time",), ("Year", "Month", "Day")]


@pytest.mark.sampled(3)
@pytest.mark.parametrize("width", [1, 2, 3])
@pytest.mark.parametrize("names", [("Hour", "Minute"), ("hh", "mm", "ss"), ("Stunde", "Min")])
def test_hours_and_minutes_beside_a_date(width, names):
    times = [time + timedelta(seconds=30 * (i % 2) * (len(names) - 2)) for i, time in enumerate(QUARTERS)]
    rows = [[f"{t:%Y-%m-%d}", *(f"{n:{width}}" for n in (t.hour, t.minute, t.second)[: len(names)])] for t in times]
    frame = pl.DataFrame(rows, schema=["Date", *names], orient="row").with_columns(P=7.0)
    assert read(frame, zone="UTC") == times


@pytest.mark.parametrize("names", [("Min", "Max"), ("Min", "Mean"), ("Level", "Minute")])
def test_values_beside_an_hour_are_no_minutes(names):
    rows = [[f"{t:%Y-%m-%d}", t.hour, 20 + i * 5 % 7, 20 + i * 5 % 9] for i, t in enumerate(QUARTERS)]
    frame = pl.DataFrame(rows, schema=["Date", "Hour", *names], orient="row")
    for each, step in ((frame, 1), (frame[::4], 4), (pl.concat([frame[::4], frame[12:13]]), 4)):
        assert read(each, zone="UTC")[:4] == [time.replace(minute=0) for time in QUARTERS[::step]][:4]


def test_a_time_in_number_columns_needs_all_of_its_parts():
    cells = {"year": ["2020", "2020", "NA", "2020"], "month": ["2", "2", "1", "3"], "day": ["28", "30", "1", "1"]}
    assert read(pl.DataFrame(cells), zone="UTC") == [datetime(2020, 2, 28), None, None, datetime(2020, 3, 1)]
    for names in (["year", "month"], ["month", "day", "hour"], ["year", "doy"]):
        rows = pl.DataFrame([[1] * len(names)] * 3, schema=names, orient="row").with_columns(T=pl.lit(1.5))
        with pytest.raises(InputError, match="no column reads as times"):
            read(rows)


def test_parts_of_a_date_beside_a_time_are_a_second_time():
    frame = pl.DataFrame({"Time": TEXTS, "year": [2024] * 3, "month": [1] * 3, "day": [13] * 3, "hour": [0, 1, 2]})
    found = TimeSearch("1.csv", frame, TimeOptions(time_zone="UTC")).find_all()
    assert [column.columns for column in found] == [("Time",), ("year", "month", "day", "hour")]
