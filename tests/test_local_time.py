"""Local days: exact starts at unusual clock changes, and their properties in every zone."""

from __future__ import annotations

import zoneinfo
from datetime import datetime, timedelta

import polars as pl
import pytest

from acm_etl.local_time import local_day_end, local_day_number, local_day_start, local_day_starts, next_local_day_starts

UNUSUAL_ZONES = (
    "America/Danmarkshavn",  # three hours skipped at midnight
    "America/Havana",  # one hour skipped at midnight
    "America/St_Johns",  # clocks set back at one minute past midnight
    "Antarctica/Casey",  # days of 21 and 27 hours
    "Antarctica/Troll",  # clock changes of two hours
    "Asia/Kathmandu",  # offset of 5:45
    "Australia/Lord_Howe",  # clock changes of half an hour
    "Pacific/Apia",  # a day skipped at the date line
    "UTC",
)
# The Linux aliases "localtime" and "Factory" name no zone of their own; Polars rejects them.
OTHER_ZONES = sorted(zoneinfo.available_timezones() - {*UNUSUAL_ZONES, "localtime", "Factory"})


@pytest.mark.parametrize(
    ("zone", "time", "start", "end"),
    [
        ("America/New_York", datetime(2024, 3, 10, 4, 59), datetime(2024, 3, 9, 5), datetime(2024, 3, 10, 5)),
        ("America/New_York", datetime(2024, 3, 10, 5), datetime(2024, 3, 10, 5), datetime(2024, 3, 11, 4)),
        ("America/Havana", datetime(2024, 3, 10, 4, 59), datetime(2024, 3, 9, 5), datetime(2024, 3, 10, 5)),
        ("Pacific/Apia", datetime(2011, 12, 30, 9, 59), datetime(2011, 12, 29, 10), datetime(2011, 12, 30, 10)),
        ("Pacific/Apia", datetime(2011, 12, 30, 10), datetime(2011, 12, 30, 10), datetime(2011, 12, 31, 10)),
        (
            "America/St_Johns",
            datetime(2010, 11, 7, 2, 30, 30),
            datetime(2010, 11, 7, 2, 30),
            datetime(2010, 11, 8, 3, 30),
        ),
        ("America/St_Johns", datetime(2010, 11, 7, 3), datetime(2010, 11, 6, 2, 30), datetime(2010, 11, 7, 2, 30)),
        ("Antarctica/Casey", datetime(2010, 3, 4, 20), datetime(2010, 3, 4, 13), datetime(2010, 3, 5, 16)),
        ("Antarctica/Casey", datetime(2016, 10, 21, 20), datetime(2016, 10, 21, 16), datetime(2016, 10, 22, 13)),
        ("America/Danmarkshavn", datetime(1996, 1, 1, 12), datetime(1996, 1, 1, 3), datetime(1996, 1, 2)),
    ],
)
def test_days_at_clock_changes(zone, time, start, end):
    assert local_day_start(time, zone) == start
    assert local_day_end(start, zone) == end


@pytest.mark.parametrize("zone", UNUSUAL_ZONES)
def test_days_are_complete_in_unusual_zones(zone):
    check_days(zone, step="5h37m")


@pytest.mark.slow
def test_days_are_complete_in_every_zone():
    for zone in OTHER_ZONES:
        check_days(zone, step="13h37m")


def check_days(zone, *, step):
    """From 1995 to 2030, each day begins where its local date begins and ends where the next day begins."""
    times = pl.datetime_range(datetime(1995, 1, 1), datetime(2031, 1, 1), step, time_unit="us", eager=True)
    starts = local_day_starts(times, zone)
    assert starts.null_count() == 0, zone
    assert (starts <= times).all(), zone
    assert numbers(starts, zone).equals(numbers(times, zone)), zone
    days = starts.unique().sort()
    # An hour, not a second: where half an hour of midnight is skipped, the day starts at its first full hour.
    assert (numbers(days - timedelta(hours=1), zone) < numbers(days, zone)).all(), zone
    assert next_local_day_starts(days, zone).head(-1).equals(days.slice(1)), zone


def numbers(times, zone):
    return times.to_frame("time").select(local_day_number(pl.col("time"), zone)).to_series()


def test_days_keep_the_order_of_unsorted_times():
    times = pl.Series([datetime(2024, 3, 10, 5), datetime(2024, 3, 9, 12)], dtype=pl.Datetime("us"))
    assert local_day_starts(times, "America/Havana").to_list() == [datetime(2024, 3, 10, 5), datetime(2024, 3, 9, 5)]


def test_no_times_have_no_days():
    assert local_day_starts(pl.Series([], dtype=pl.Datetime("us")), "UTC").is_empty()
