"""Spellings of times in exports: month names, compact and dotted dates, zone words, epochs, serial days, patterns."""

from datetime import datetime

import polars as pl
import pytest
from time_columns import decide, read

from acm_etl.errors import InputError, UsageError
from acm_etl.io.files.times.clock_texts import parse_clocks
from acm_etl.io.files.times.month_names import find_month_numbers
from acm_etl.io.files.times.zone_words import parse_offset

MIDNIGHT = datetime(2024, 1, 13)
SPELLINGS = {
    "2024-01-13 {}": "00:00 00:00:00 00:00:00.000 00:00:00,000 00:00:00.000000 0:00 00 00h00 00.00 000000",
    "2024-01-13T{}": "00:00 00:00:00 00:00:00.000000 00 000000",
    "2024-01-13_{}": "00:00 00-00-00",
    "2024-01-13-{}": "00.00.00.000000 00:00:00",
    "2024/01/13 {}": "00:00",
    "2024/1/13 {}": "0:00:00",
    "2024.01.13 {}": "00:00",
    "2024:01:13 {}": "00:00:00",
    "20240113 {}": "00:00 000000 0000",
    "20240113T{}": "00:00 000000",
    "20240113{}": "000000 0000 000000000",
    "13.01.2024 {}": "00:00:00 00:00 0:00",
    "13.01.2024, {}": "00:00:00",
    "13. 1. 2024 {}": "0:00",
    "13/01/2024 {}": "00h00 00h00m00s 00:00",
    "13/01/2024\u00a0{}": "00:00",
    "13/01/2024   {}": "00:00",
    "01/13/2024 {}": "00:00",
    "2024-Jan-13 {}": "00:00",
    "Jan 13 2024 {}": "00:00 00:00:00",
    "Jan. 13, 2024 {}": "00:00",
    "January 13, 2024 {}": "00:00",
    "January 13th, 2024 {}": "00:00",
    "Saturday, January 13, 2024 {}": "00:00",
    "Sat Jan 13 {} 2024": "00:00:00 00:00",
    "Sat, 13 Jan 2024 {}": "00:00:00",
    "13-Jan-24 {}": "00:00:00",
    "13-JAN-2024 {}": "00:00:00.000",
    "13Jan2024 {}": "00:00",
    "13JAN2024:{}": "00:00:00",
    "13/Jan/2024:{}": "00:00:00",
    "13. Januar 2024 {}": "00:00",
    "Sa, 13. Jan. 2024 {}": "00:00",
    "Sa 13.01.2024 {}": "00:00",
    "13 janvier 2024 {}": "00:00 00h00",
    "sam. 13 janv. 2024 {}": "00:00",
    "13 de enero de 2024 {}": "0:00",
    "13 ene 2024 {}": "0:00",
    "13 gen 2024 {}": "00:00",
    "13 stycznia 2024 {}": "00:00",
    "{} 13/01/2024": "00:00",
    "2024年1月13日 {}": "00:00",
}
CELLS = [pattern.format(clock) for pattern, clocks in SPELLINGS.items() for clock in clocks.split()]


@pytest.mark.sampled(10)
@pytest.mark.parametrize("cell", CELLS)
def test_spellings_of_midnight(cell):
    assert read([cell], zone="UTC", name="Time") == [MIDNIGHT]


@pytest.mark.sampled(8)
@pytest.mark.parametrize(
    ("cell", "hour", "minute"),
    [
        ("1/13/2024 12:00:00 AM", 0, 0),
        ("13-Jan-24 12:30:00 PM", 12, 30),
        ("January 13, 2024 1:00 PM", 13, 0),
        ("13/1/2024 1:05 p. m.", 13, 5),
        ("13/1/2024 1:05\u00a0a.\u00a0m.", 1, 5),
        ("13/1/2024 01:05:00 p.m.", 13, 5),
        ("13/1/2024, 1:05\u202fPM", 13, 5),
        ("13.01.2024 02:00 nachm.", 14, 0),
        ("13.01.2024 14 Uhr", 14, 0),
        ("2024-01-13 14", 14, 0),
        ("13/01/2024 14h05", 14, 5),
        ("1/13/2024 3 PM", 15, 0),
        ("2024/01/13 上午 12:05:00", 0, 5),
        ("2024-01-13 오후 12:05:00", 12, 5),
        ("2024年1月13日 14時05分", 14, 5),
        ("2024年1月13日 午後2時05分", 14, 5),
        ("2024年01月13日 14时05分00秒", 14, 5),
        ("2024年1月13日 14时5分0秒", 14, 5),
        ("13/1/2024 2:05:00 μμ", 14, 5),
        ("2024-1-13 14:5:0", 14, 5),
    ],
)
def test_clocks_of_twelve_hours_and_of_hours_alone(cell, hour, minute):
    assert read([cell], zone="UTC") == [MIDNIGHT.replace(hour=hour, minute=minute)]


def test_spellings_that_begin_late_in_a_column_are_read_too():
    """The rules are selected from the first texts; texts that those do not read get all rules."""
    cells = ["13.01.2024 01:00 fm"] * 99 + ["13.01.2024 01:00 em", "13/Jan/2024:14:00:00 +0000", "Sa 13.01.2024 15 Uhr"]
    assert [time.hour for time in read(cells, zone="UTC")[98:]] == [1, 13, 14, 15]


@pytest.mark.sampled(8)
@pytest.mark.parametrize(
    "cell",
    [
        "2024-01-13T01:00:00.000000+01:00[Europe/Berlin]", "2024-01-13 00:00:00Z", "2024-01-13 00:00 UTC",
        "2024-01-13 00:00 GMT", "2024-01-13 01:00 CET", "2024-01-13 02:00 CEST", "2024-01-13 01:00 MEZ",
        "2024-01-12 19:00 EST", "2024-01-12 20:00:00 EDT", "2024-01-12 16:00 PST", "2024-01-12 17:00 PDT",
        "2024-01-12 17:00 MST", "2024-01-12 18:00 MDT", "2024-01-12 19:00 CDT", "2024-01-13 01:00 +0100",
        "2024-01-13 01:00+01", "2024-01-12 18:30 -05:30", "2024-01-13 01:00 UTC+1", "2024-01-13 01:00 GMT+01:00",
        "20240113T000000Z", "Sat Jan 13 01:00:00 CET 2024", "Sat, 13 Jan 2024 00:00:00 GMT",
        "13/Jan/2024:01:00:00 +0100", "12-Jan-24 7:00 PM EST", "2024-01-13T00:00:00.123456789Z",
    ],
)  # fmt: skip
def test_offsets_and_zone_words_override_the_zone(cell):
    assert read([cell], zone="Asia/Tokyo")[0].replace(microsecond=0) == MIDNIGHT


@pytest.mark.parametrize(
    ("word", "zone", "hour"),
    [("IST", "Asia/Kolkata", 5.5), ("IST", "Asia/Jerusalem", 2), ("CST", "America/Chicago", -6),
     ("CST", "Asia/Shanghai", 8), ("BST", "Europe/London", 1)],
)  # fmt: skip
def test_words_with_several_meanings_follow_the_zone(word, zone, hour):
    utc = read([f"2024-07-01 12:00 {word}"], zone=zone)[0]
    assert (datetime(2024, 7, 1, 12) - utc).total_seconds() == hour * 3600


@pytest.mark.parametrize(("word", "zone"), [("IST", "Europe/Berlin"), ("CST", "Europe/Berlin"), ("BST", "Asia/Tokyo")])
def test_words_that_the_zone_does_not_decide_are_refused(word, zone):
    with pytest.raises(InputError, match=f"zone word {word}"):
        read([f"2024-07-01 12:00 {word}"] * 3, zone=zone)


@pytest.mark.parametrize(
    ("text", "minutes"),
    [("+0100", 60), ("+01", 60), ("-05:30", -330), ("UTC+1", 60), ("GMT+01:00", 60), ("UTC-3", -180), ("x", None),
     ("+99", None), ("12", None)],
)  # fmt: skip
def test_offsets(text, minutes):
    assert parse_offset(text) == minutes


@pytest.mark.parametrize(
    ("month", "names"),
    [
        (1, "Jan January Januar janvier enero gennaio janeiro styczeń leden ene gen sty janv Jän"),
        (2, "Feb Februar février febrero febbraio fevereiro fev fév luty"),
        (3, "Mar March März Mrz maerz mars marzo março maart mrt marca"),
        (4, "Apr April avril avr abril abr aprile kwi duben"),
        (5, "May Mai mayo maggio mag maio mei maj"),
        (6, "Jun June Juni juin junio giugno giu junho czerwca cvn"),
        (7, "Jul Juli juillet juil julio luglio lug lipca cvc"),
        (8, "Aug August août aout agosto ago augustus sierpnia srpen"),
        (9, "Sep Sept September septembre septiembre settembre set wrz září"),
        (10, "Oct Okt October octobre octubre ottobre ott outubro out paź"),
        (11, "Nov November novembre noviembre listopada"),
        (12, "Dec Dez December Dezember décembre déc diciembre dic dezembro desember grudnia"),
    ],
)
def test_month_names(month, names):
    words = names.split()
    cells = [*words, *(word.upper() for word in words), *(f"{word}." for word in words)]
    assert set(find_month_numbers(pl.Series(cells))) == {month}


def test_words_that_fit_no_month_or_two():
    assert find_month_numbers(pl.Series(["jui", "xyz", "ma", "Monday"])).to_list() == [None] * 4


def test_junk_is_counted():
    cells = ["2024-01-13 00:00", "No Data", "2024-01-13 25:00", None, "2024-13-45 00:00", *["2024-01-14 00:00"] * 5]
    reading = decide(pl.DataFrame({"Time": cells})).times[0].reading
    assert (reading.row_count, reading.unreadable_count) == (10, 4)


@pytest.mark.parametrize("cell", ["13 Jan 00:00:00", "Jan 13 00:00", "13.01", "1 2 3", "12:30:45", "00:00"])
def test_times_without_a_year_are_no_times(cell):
    with pytest.raises(InputError):
        read([cell] * 3)


@pytest.mark.parametrize(
    "cell",
    ["24:01", "13:00 PM", "14:60", "99", "14:00 XYZ", "14:00+25:00", "\u09e7\u09e8:\u09e6\u09e6"],
)
def test_clocks_that_do_not_exist(cell):
    assert parse_clocks(pl.Series([cell]))["ms"].to_list() == [None]


@pytest.mark.parametrize(("unit", "scale"), [("s", 1), ("ms", 1000), ("us", 10**6), ("ns", 10**9)])
@pytest.mark.parametrize("kind", [str, int])
def test_epochs_are_found_by_range(unit, scale, kind):
    cells = [kind(1705104000 * scale), kind(1705107600 * scale)]
    frame = pl.DataFrame({"Time": cells})
    decided = decide(frame).times[0]
    assert decided.reading.unit == unit
    assert read(frame) == [MIDNIGHT, MIDNIGHT.replace(hour=1)]


def test_epochs_with_decimals():
    assert read(["1705104000.25", "1705104001,5"]) == [
        MIDNIGHT.replace(microsecond=250_000), MIDNIGHT.replace(second=1, microsecond=500_000),
    ]  # fmt: skip


@pytest.mark.parametrize("first", [133_495_776_000_000_000, 638_407_008_000_000_000])
@pytest.mark.parametrize("name", ["Time", "Ticks"])
def test_times_of_windows_are_refused_and_not_read_as_years_of_1974_or_1990(first, name):
    with pytest.raises(InputError, match=rf"numbers of {name} .* 100 ns"):
        decide(pl.DataFrame({name: [str(first), str(first + 36_000_000_000)], "A": ["1.5", "2"]}))


def test_a_first_column_of_running_epochs_needs_no_usual_name():
    frame = pl.DataFrame({"idx": [str(1705104000 + 60 * i) for i in range(9)], "A": ["1.5"] * 9})
    decided = decide(frame).times[0]
    assert decided.reading.columns == ("idx",)
    assert decided.reading.doubts


@pytest.mark.parametrize(
    "frame",
    [
        {"A": ["1.5", "2"], "Counter": ["1705104000", "1705104060"]},
        {"Counter": ["1705104000", "1705104000"], "A": ["1", "2"]},
        {"Energy": ["1705104000", "1705104060", "1705104010"], "A": ["1", "2", "3"]},
        {"A": ["45170.0", "45170.5"], "B": ["1", "2"]},
        {"Run time": ["45170.0", "45170.5"], "B": ["1", "2"]},
        {"Time": ["45170.0", "45169.0", "45170.5"], "B": ["1", "2", "3"]},
    ],
)
def test_numbers_that_may_be_a_sensor_are_no_times(frame):
    with pytest.raises(InputError, match="no column reads as times"):
        decide(pl.DataFrame(frame))


def test_serial_days_of_excel_are_read_with_a_doubt():
    frame = pl.DataFrame({"Time": ["45170.0", "45170.041667", "45170.083333"], "A": ["1", "2", "3"]})
    decided = decide(frame, zone="UTC").times[0]
    assert decided.reading.unit == "excel"
    assert decided.reading.doubts
    assert read(frame, zone="UTC") == [datetime(2023, 9, 1, hour) for hour in range(3)]
    tags = pl.DataFrame(
        {"Time": [f"{45170 + i / 24:.6f}" for i in range(24) for _ in range(5)] * 2, "Tag": ["a"] * 240}
    )
    assert read(tags, zone="UTC")[:6] == [datetime(2023, 9, 1)] * 5 + [datetime(2023, 9, 1, 1)]
    exact = [45170 + hour / 24 for hour in range(24)]
    assert read(exact, zone="UTC") == [datetime(2023, 9, 1, hour) for hour in range(24)]
    assert read([f"{day:.4f}".replace(".", ",") for day in exact], zone="UTC")[1] == datetime(2023, 9, 1, 1)


def test_compact_numbers_of_a_typed_column():
    assert read([20240113000000, 20240113010000], zone="UTC") == [MIDNIGHT, MIDNIGHT.replace(hour=1)]
    assert read([20240113.0, 20240114.0], zone="UTC") == [MIDNIGHT, datetime(2024, 1, 14)]


@pytest.mark.parametrize(
    ("pattern", "cell"),
    [
        ("%d.%m.%Y %H:%M:%S", "13.01.2024 00:00:00"),
        ("%Y%j %H%M", "2024013 0000"),
        ("%d/%m/%y %I:%M %p", "13/01/24 12:00 AM"),
        ("%Y-%m-%d %H:%M:%S.%f", "2024-01-13 00:00:00.000"),
        ("%Y-%m-%d %H:%M:%S,%f", "2024-01-13 00:00:00,000"),
        ("%m-%d-%Y %H", "01-13-2024 00"),
        ("%d%m%Y", "13012024"),
        ("%Y-%m-%dT%H:%M:%S%z", "2024-01-13T09:00:00+0900"),
    ],
)
def test_a_format_is_used_for_all_values(pattern, cell):
    frame = pl.DataFrame({"A": ["1"], "When": [cell]})
    for options in ({}, {"time_column": "When"}):
        decided = decide(frame, zone="UTC", time_format=pattern, **options).times[0]
        assert (decided.reading.kind, decided.reading.time_format) == ("format", pattern)
        assert read(frame, zone="UTC", time_format=pattern, **options) == [MIDNIGHT]


def test_a_format_that_does_not_fit_shows_cells():
    frame = pl.DataFrame({"Time": ["13.01.2024 00:00", "13.01.2024 01:00", "13.01.2024 02:00"]})
    for options in ({}, {"time_column": "Time"}):
        with pytest.raises(InputError, match=r"13\.01\.2024 00:00.*13\.01\.2024 01:00.*13\.01\.2024 02:00") as error:
            decide(frame, time_format="%Y-%m-%d %H:%M", **options)
        assert "%Y-%m-%d %H:%M" in str(error.value)


@pytest.mark.parametrize(
    "pattern", ["%Q", "%s", "%H:%M", "%Y-%m-%d %S", "%Y-%m-%d %I:%M", "%Y%m%d%H%M%S%f", "abc", "%Y-%m-%d %"]
)
def test_formats_that_cannot_give_times(pattern):
    with pytest.raises(UsageError, match="%H hour"):
        decide(pl.DataFrame({"Time": ["2024-01-13"]}), time_format=pattern)


@pytest.mark.parametrize("order", ["dmy", "mdy"])
def test_the_order_is_proved_from_new_spellings_too(order):
    day, month = ("{d:02}", "{m:02}") if order == "dmy" else ("{m:02}", "{d:02}")
    cells = [f"{day}/{month}/2024, 00h30".format(d=d, m=m) for m, d in ((1, 2), (1, 12), (1, 13))]
    decision = decide(pl.DataFrame({"Time": cells}), zone="UTC")
    assert decision.times[0].reading.date_orders == (("/4", order),)
    assert read(cells, zone="UTC") == [datetime(2024, 1, d, 0, 30) for d in (2, 12, 13)]


@pytest.mark.parametrize(
    ("cell", "words"),
    [
        ("31.01.2024 23:59", "day.month.year hour:minute, read day first"),
        ("1/31/2024 11:59:00 PM", "month/day/year hour:minute:second AM/PM, read month first"),
        ("2024-01-31T23:59:00Z", "year-month-day hour:minute:second offset"),
        ("Jan 31 2024 00:00", "month-name day year hour:minute"),
        ("31-Jan-2024 00:00", "day month-name year hour:minute"),
        ("20240131", "yearmonthday"),
    ],
)
def test_spellings_in_words(cell, words):
    assert decide(pl.DataFrame({"Time": [cell]})).times[0].reading.spelling == words
