"""Clock changes in files that run forwards or backwards, are split, hold many tags, or have a clock without changes."""

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import polars as pl
import pytest
from time_columns import decide, to_utc

from acm_etl.errors import InputError, UsageError
from acm_etl.io.files.times.clock_changes import find_clock_changes, find_fixed_zone
from acm_etl.io.files.times.zones import LocalTimeConverter, check_time_zone

BERLIN, NEW_YORK, LORD_HOWE = "Europe/Berlin", "America/New_York", "Australia/Lord_Howe"
AUTUMN = {BERLIN: datetime(2023, 10, 29, 1), NEW_YORK: datetime(2023, 11, 5, 6), LORD_HOWE: datetime(2023, 4, 1, 15)}
SPRING = {
    BERLIN: datetime(2024, 3, 31, 1),
    NEW_YORK: datetime(2024, 3, 10, 7),
    LORD_HOWE: datetime(2023, 9, 30, 15, 30),
}


def series(start, end, minutes):
    return [start + timedelta(minutes=i) for i in range(0, int((end - start).total_seconds() // 60), minutes)]


def around(moment, hours=12, minutes=10):
    return series(moment - timedelta(hours=hours), moment + timedelta(hours=hours), minutes)


def on_clock(utc, zone):
    return [time.replace(tzinfo=ZoneInfo("UTC")).astimezone(ZoneInfo(zone)) for time in utc]


def frame_of(local, **columns):
    return pl.DataFrame({"Time": [f"{time:%Y-%m-%d %H:%M:%S}" for time in local], **columns})


def clock_frame(utc, zone, **columns):
    return frame_of(on_clock(utc, zone), **columns)


def check(utc, zone, *, rows=1000, backwards=False):
    utc = utc[::-1] if backwards else utc
    frame = clock_frame(utc, zone)
    decided = decide(frame, zone=zone, rows=rows).times[0]
    assert decided.clock.direction == ("descending" if backwards else "ascending")
    assert to_utc(decided, frame, rows=rows) == utc


@pytest.mark.sampled
@pytest.mark.parametrize("zone", [BERLIN, NEW_YORK, LORD_HOWE])
@pytest.mark.parametrize("minutes", [10, 1, 30])  # the first are the cheapest in chunks of 7 rows
@pytest.mark.parametrize("backwards", [False, True])
@pytest.mark.parametrize("rows", [7, 1000])
def test_both_changes_come_back_exactly(zone, minutes, backwards, rows):
    # Chunks of 7 rows cost time per chunk: only the hours beside the one that comes twice.
    hours = 12 if rows == 1000 else 2 if minutes == 1 else 3
    for change in (AUTUMN[zone], SPRING[zone]):
        check(around(change, hours, minutes), zone, backwards=backwards, rows=rows)


@pytest.mark.sampled
@pytest.mark.parametrize("backwards", [False, True])
def test_hourly_and_years(backwards):
    check(series(datetime(2020, 1, 1), datetime(2024, 1, 1), 60), BERLIN, backwards=backwards, rows=5000)


@pytest.mark.parametrize("backwards", [False, True])
def test_irregular_readings(backwards):
    utc = [time + timedelta(seconds=(37 * i) % 240) for i, time in enumerate(around(AUTUMN[BERLIN], minutes=7))]
    check(utc, BERLIN, backwards=backwards)


@pytest.mark.sampled(4)
@pytest.mark.parametrize("backwards", [False, True])
@pytest.mark.parametrize("minutes", [-50, -10, 0, 10, 50])
def test_a_file_that_is_split_inside_the_hour(minutes, backwards):
    utc, cut = around(AUTUMN[BERLIN]), AUTUMN[BERLIN] + timedelta(minutes=minutes)
    parts = [[time for time in utc if time < cut], [time for time in utc if time >= cut]]
    parts = [part[::-1] for part in parts] if backwards else parts
    frames = [clock_frame(part, BERLIN) for part in parts]
    for decided, frame, part in zip(decide(*frames).times, frames, parts, strict=True):
        assert to_utc(decided, frame) == part


@pytest.mark.parametrize("hours", [(-12, 2), (-1, 12), (-2, 1), (-1, 0)])
def test_an_overlapping_copy_has_the_same_times(hours):
    """Also the copy of the first pass alone, which looks like a second one behind the first file."""
    utc = around(AUTUMN[BERLIN])
    begin, end = (AUTUMN[BERLIN] + timedelta(hours=hour) for hour in hours)
    copy = [time for time in utc if begin <= time < end]
    frames = [clock_frame(utc, BERLIN), clock_frame(copy, BERLIN)]
    assert to_utc(decide(*frames).times[1], frames[1]) == copy


def test_a_copy_inside_the_same_file_has_the_same_times():
    utc = around(AUTUMN[BERLIN], hours=3) * 2
    frame = clock_frame(utc, BERLIN)
    assert to_utc(decide(frame).times[0], frame) == utc


@pytest.mark.sampled
@pytest.mark.parametrize("layout", ["by tag", "by time"])
@pytest.mark.parametrize("backwards", [False, True])
@pytest.mark.parametrize("rows", [11, 1000])
def test_each_tag_of_a_long_file_runs_on_its_own(layout, backwards, rows):
    utc = [
        (time + timedelta(seconds=shift), tag)
        for tag, shift in (("A", 0), ("B", 17), ("C", 3))
        for time in around(AUTUMN[BERLIN])
    ]
    if layout == "by time":
        utc.sort()
    utc = utc[::-1] if backwards else utc
    times, tags = ([pair[i] for pair in utc] for i in (0, 1))
    frame = clock_frame(times, BERLIN, tag=tags)
    decided = decide(frame, key="tag", rows=rows).times[0]
    assert to_utc(decided, frame, key="tag", rows=rows) == times


def test_shuffled_rows_take_the_earlier_time_and_are_flagged():
    utc = around(AUTUMN[BERLIN], hours=6)
    shuffled = pl.Series(utc).sample(fraction=1, shuffle=True, seed=1).to_list()
    frame = clock_frame(shuffled, BERLIN)
    decided = decide(frame).times[0]
    assert decided.clock.direction == "mixed"
    local = pl.Series([time.replace(tzinfo=None) for time in on_clock(shuffled, BERLIN)], dtype=pl.Datetime("ms"))
    found = decided.make_converter().convert_to_utc(local)
    assert found["repeated"].sum() == 12
    hour = timedelta(hours=1)
    expected = [time - hour if AUTUMN[BERLIN] <= time < AUTUMN[BERLIN] + hour else time for time in shuffled]
    assert found["utc"].to_list() == expected


@pytest.mark.parametrize("backwards", [False, True])
def test_an_hour_that_is_there_once_is_the_first_pass(backwards):
    local = series(datetime(2023, 10, 28, 20), datetime(2023, 10, 29, 12), 10)
    frame = frame_of(local[::-1] if backwards else local)
    decided = decide(frame).times[0]
    assert [passes for _, passes in decided.clock.passes] == ["first"]
    assert decided.reading.doubts
    utc = sorted(to_utc(decided, frame))
    assert utc[utc.index(datetime(2023, 10, 29)) + 6] == datetime(2023, 10, 29, 2)


def test_rows_that_come_twice_are_no_second_pass():
    local = [time for time in series(datetime(2023, 10, 28, 20), datetime(2023, 10, 29, 12), 10) for _ in range(2)]
    frame = frame_of(local)
    assert len(set(to_utc(decide(frame).times[0], frame))) == len(local) // 2


@pytest.mark.slow
@pytest.mark.parametrize("minutes", [1, 10, 30, 60, 120])
@pytest.mark.parametrize("backwards", [False, True])
def test_a_clock_that_never_changes_is_refused_with_its_fixed_zone(minutes, backwards):
    local = series(datetime(2023, 9, 1), datetime(2024, 5, 1), minutes)
    frame = frame_of(local[::-1] if backwards else local)
    with pytest.raises(InputError, match="--timezone Etc/GMT-1 "):
        decide(frame, rows=50_000)
    decided = decide(frame, zone="Etc/GMT-1", rows=50_000).times[0]
    first = local[-1] if backwards else local[0]
    assert to_utc(decided, frame, rows=50_000)[0] == first - timedelta(hours=1)


@pytest.mark.sampled
@pytest.mark.parametrize(
    ("zone", "advice"),
    [
        (NEW_YORK, "--timezone Etc/GMT\\+5 "), ("Europe/London", "--timezone UTC "),
        ("Australia/Adelaide", "--timezone Australia/Darwin "), ("America/St_Johns", "Time \\(UTC-03:30\\)"),
    ],
)  # fmt: skip
def test_fixed_zones_of_other_offsets(zone, advice):
    frame = frame_of(series(datetime(2023, 1, 1), datetime(2024, 1, 1), 30))
    with pytest.raises(InputError, match=advice):
        decide(frame, zone=zone, rows=50_000)


def test_the_advice_without_a_zone_name_leads_to_success():
    frame = frame_of(series(datetime(2023, 1, 1), datetime(2024, 1, 1), 30)).rename({"Time": "Time (UTC-03:30)"})
    decided = decide(frame, zone="America/St_Johns").times[0]
    assert to_utc(decided, frame)[0] == datetime(2023, 1, 1, 3, 30)


def test_zones_without_changes_and_offsets_are_never_refused():
    local = series(datetime(2024, 3, 30), datetime(2024, 4, 2), 10)
    for zone in ("UTC", "Asia/Tokyo", "Etc/GMT-1"):
        decide(frame_of(local), zone=zone)
    decide(frame_of(local).with_columns(pl.col("Time") + "+01:00"))
    decide(frame_of(local).rename({"Time": "Time (UTC)"}))
    decide(pl.DataFrame({"Time": [int(time.timestamp()) for time in local]}))


@pytest.mark.parametrize("minutes", [10, 30])
def test_a_single_stray_reading_in_the_gap_moves_forward(minutes):
    utc = around(SPRING[BERLIN], minutes=minutes)
    local = [time.replace(tzinfo=None) for time in on_clock(utc, BERLIN)]
    if minutes == 10:
        local.insert(local.index(datetime(2024, 3, 31, 3)), datetime(2024, 3, 31, 2, 15))
    frame = frame_of(local)
    converter = decide(frame).times[0].make_converter()
    found = converter.convert_to_utc(pl.Series(local, dtype=pl.Datetime("ms")))
    assert found["skipped"].sum() == (minutes == 10)
    assert found.filter("skipped")["utc"].to_list() == ([datetime(2024, 3, 31, 1, 15)] if minutes == 10 else [])


def test_a_clock_that_changes_keeps_a_spring_that_is_filled():
    """One spring is filled, but autumn repeats its hour: the clock does change."""
    local = [
        time.replace(tzinfo=None) for time in on_clock(series(datetime(2023, 9, 1), datetime(2024, 5, 1), 30), BERLIN)
    ]
    local += [datetime(2024, 3, 31, 2), datetime(2024, 3, 31, 2, 30)]
    assert decide(frame_of(local)).times[0].clock.direction == "ascending"


def test_daily_readings_inside_the_gap_say_nothing():
    decide(frame_of([datetime(2024, 3, 1, 2, 30) + timedelta(days=i) for i in range(90)]))


@pytest.mark.parametrize("kind", ["typed", "excel", "format", "pair", "month first"])
def test_clocks_of_every_kind_of_column_are_checked(kind):
    local = series(datetime(2024, 3, 10), datetime(2024, 4, 20), 30)
    options = {}
    if kind == "typed":
        frame = pl.DataFrame({"Time": local})
    elif kind == "excel":
        frame = pl.DataFrame({"Time": [(time - datetime(1899, 12, 30)) / timedelta(days=1) for time in local]})
    elif kind == "format":
        frame, options = (
            pl.DataFrame({"Time": [f"{time:%d%m%Y %H%M}" for time in local]}),
            {"time_format": "%d%m%Y %H%M"},
        )
    elif kind == "pair":
        frame = pl.DataFrame(
            {"Date": [f"{time:%d.%m.%Y}" for time in local], "Time": [f"{time:%H:%M}" for time in local]}
        )
    else:
        frame = pl.DataFrame({"Time": [f"{time:%m/%d/%Y %I:%M %p}" for time in local]})
    with pytest.raises(InputError, match="Etc/GMT-1"):
        decide(frame, **options)
    decide(frame, zone="Etc/GMT-1", **options)


@pytest.mark.parametrize("kind", [pl.Datetime("ns"), pl.Datetime("ms")])
@pytest.mark.parametrize("backwards", [False, True])
def test_typed_times_run_in_both_directions(kind, backwards):
    utc = around(AUTUMN[BERLIN])[:: -1 if backwards else 1]
    local = [time.replace(tzinfo=None) for time in on_clock(utc, BERLIN)]
    frame = pl.DataFrame({"Time": pl.Series(local, dtype=kind)})
    assert to_utc(decide(frame).times[0], frame) == utc


def test_changes_of_a_zone():
    changes = {change.start: change for change in find_clock_changes(BERLIN)}
    assert changes[datetime(2024, 3, 31, 2)].skipped
    assert changes[datetime(2024, 3, 31, 2)].offset_before == 60
    assert not changes[datetime(2023, 10, 29, 2)].skipped
    assert changes[datetime(2023, 10, 29, 2)].end == datetime(2023, 10, 29, 3)
    assert find_clock_changes("UTC") == ()
    assert {change.minutes for change in find_clock_changes(LORD_HOWE) if change.start.year > 2000} == {30}


@pytest.mark.parametrize(
    ("minutes", "zone"),
    [
        (0, "UTC"),
        (60, "Etc/GMT-1"),
        (-300, "Etc/GMT+5"),
        (840, "Etc/GMT-14"),
        (330, "Asia/Kolkata"),
        (-210, None),
        (900, None),
    ],
)
def test_fixed_zones_have_their_offset(minutes, zone):
    assert find_fixed_zone(minutes) == zone
    if zone:
        assert ZoneInfo(zone).utcoffset(datetime(2024, 7, 1)) == timedelta(minutes=minutes)


@pytest.mark.parametrize(
    ("name", "hint"), [("+01:00", "Etc/GMT-1"), ("UTC-5", "Etc/GMT\\+5"), ("+05:30", "Asia/Kolkata")]
)
def test_offsets_as_zones_are_refused_with_a_name(name, hint):
    with pytest.raises(UsageError, match=hint):
        check_time_zone(name)


def test_a_converter_alone_takes_files_that_run_forwards():
    local = pl.Series([datetime(2023, 10, 29, 2, 30)] * 2, dtype=pl.Datetime("ms"))
    assert LocalTimeConverter(BERLIN).convert_to_utc(local)["utc"].to_list() == [
        datetime(2023, 10, 29, 0, 30),
        datetime(2023, 10, 29, 1, 30),
    ]
