"""Local time to UTC: the gap of spring, the double hour of autumn, offsets in the text."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from acm_etl.errors import UsageError
from acm_etl.io.files.times.zones import LocalTimeConverter, check_time_zone

ZONES = ("America/New_York", "Europe/Berlin", "Australia/Lord_Howe", "Asia/Kolkata", "UTC")


def times(*texts):
    return pl.Series([datetime.fromisoformat(f"2013-{text}") for text in texts], dtype=pl.Datetime("ms"))


def utc(clock, *texts):
    frame = clock.convert_to_utc(times(*texts))
    return frame["utc"].dt.strftime("%m-%d %H:%M").to_list(), frame["skipped"].sum(), frame["repeated"].sum()


def test_skipped_times_move_forward_by_the_gap():
    found = utc(LocalTimeConverter("America/New_York"), "03-10 01:30", "03-10 02:00", "03-10 02:45", "03-10 03:00")
    assert found == (["03-10 06:30", "03-10 07:00", "03-10 07:45", "03-10 07:00"], 2, 0)
    assert utc(LocalTimeConverter("Australia/Lord_Howe"), "10-06 02:10") == (
        ["10-05 15:40"],
        1,
        0,
    )  # a gap of 30 minutes


def test_repeated_times_are_the_first_unless_they_come_again():
    clock = LocalTimeConverter("America/New_York")
    assert utc(clock, "11-03 00:30", "11-03 01:00", "11-03 01:30") == (
        ["11-03 04:30", "11-03 05:00", "11-03 05:30"],
        0,
        2,
    )
    assert utc(clock, "11-03 01:00", "11-03 01:30", "11-03 02:00") == (
        ["11-03 06:00", "11-03 06:30", "11-03 07:00"],
        0,
        2,
    )
    assert utc(clock, "11-03 01:30") == (["11-03 06:30"], 0, 1)
    once = utc(LocalTimeConverter("America/New_York"), "11-03 01:00", "11-03 01:00", "11-03 01:15", "11-03 01:00")
    assert once == (["11-03 05:00", "11-03 06:00", "11-03 05:15", "11-03 06:00"], 0, 4)


def test_offsets_in_the_text_override_the_zone():
    frame = LocalTimeConverter("America/New_York").convert_to_utc(
        times("03-10 02:30", "11-03 01:00", "06-01 12:00"), pl.Series([60, -300, None])
    )
    assert frame["utc"].to_list() == times("03-10 01:30", "11-03 06:00", "06-01 16:00").to_list()
    assert frame["skipped"].sum() + frame["repeated"].sum() == 0


def test_no_time_stays_none():
    assert LocalTimeConverter("UTC").convert_to_utc(pl.Series([None], dtype=pl.Datetime("ms"))).row(0) == (
        None,
        False,
        False,
    )


@given(st.datetimes(datetime(1975, 1, 1), datetime(2036, 1, 1)), st.sampled_from(ZONES))
def test_times_that_exist_once_agree_with_the_standard_library(time, zone):
    instant = time.replace(microsecond=0, tzinfo=UTC)
    local = instant.astimezone(ZoneInfo(zone)).replace(tzinfo=None)
    frame = LocalTimeConverter(zone).convert_to_utc(pl.Series([local], dtype=pl.Datetime("ms")))
    found = frame["utc"][0]
    later = found + timedelta(hours=1 if zone != "Australia/Lord_Howe" else 0.5)
    assert instant.replace(tzinfo=None) in ((found, later) if frame["repeated"][0] else (found,))
    assert not frame["skipped"][0]


@pytest.mark.parametrize(
    ("name", "hint"),
    [
        ("America/NewYork", "America/New_York"),
        ("berlin", "Europe/Berlin"),
        ("Europe/Berln", "Europe/Berlin"),
        ("??", "e.g."),
    ],
)
def test_unknown_zone_is_refused_with_a_suggestion(name, hint):
    with pytest.raises(UsageError, match=hint):
        check_time_zone(name)
