"""Spellings of dates and clocks, and the order of day and month."""

from datetime import date, datetime, timedelta

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from acm_etl.errors import InputError
from acm_etl.io.files.times.clock_texts import parse_clocks
from acm_etl.io.files.times.date_orders import DateEvidence, DateOrders, decide_date_orders, parse_distinct_clocks
from acm_etl.io.files.times.date_texts import parse_dates, split_timestamps

EPOCH = date(1970, 1, 1)
SPELLINGS = {
    "mdy": ("{m}/{d}/{y}", "{m:02}-{d:02}-{y}", "{m:02}.{d:02}.{y}", "{m}/{d}/{s:02}"),
    "dmy": ("{d}/{m}/{y}", "{d:02}-{m:02}-{y}", "{d:02}.{m:02}.{y}", "{d}-{m}-{s:02}"),
    "ymd": ("{s:02}-{m:02}-{d:02}", "{s:02}/{m}/{d}"),
}
CERTAIN = ("{y}-{m:02}-{d:02}", "{y}/{m}/{d}", "{y}{m:02}{d:02}", "{d}-{b}-{y}", "{d:02}-{b}-{s:02}", "{d}{b}{y}")


def spell(day, pattern):
    return pattern.format(y=day.year, s=day.year % 100, m=day.month, d=day.day, b=day.strftime("%b"))


def evidence(stamps):
    seen = DateEvidence()
    parts = split_timestamps(pl.Series(stamps, dtype=pl.String))
    seen.add_dates(parts["date"], parts["clock"].is_not_null(), parse_distinct_clocks(parts["clock"])["ms"])
    return seen


def walk(pattern, start, days, *, clocks_per_day=(0, 6, 12, 18)):
    return [f"{spell(start + timedelta(days=i), pattern)} {hour:02}:00" for i in range(days) for hour in clocks_per_day]


some_day = st.dates(date(1970, 1, 1), date(2069, 12, 31))


@given(some_day, st.sampled_from([(order, p) for order, ps in SPELLINGS.items() for p in ps]))
def test_any_date_comes_back_from_its_spelling(day, spelling):
    order, pattern = spelling
    assert parse_dates(pl.Series([spell(day, pattern)]))[order].to_list() == [(day - EPOCH).days]


@given(some_day, st.sampled_from(CERTAIN))
def test_certain_spellings_need_no_order(day, pattern):
    row = parse_dates(pl.Series([spell(day, pattern)])).row(0, named=True)
    assert {row["mdy"], row["dmy"], row["ymd"]} == {(day - EPOCH).days}
    assert row["spelling"] == ""


@given(st.datetimes(datetime(1970, 1, 1), datetime(2069, 12, 31)), st.sampled_from(["mdy", "dmy"]), st.booleans())
@settings(max_examples=200)
def test_any_stamp_comes_back_in_either_spelling(time, order, dashes):
    time = time.replace(microsecond=time.microsecond // 1000 * 1000)
    text = f"{spell(time.date(), SPELLINGS[order][dashes])} {time:%H:%M:%S.%f}"
    spelled = dict.fromkeys(("/4", "-4"), order)
    local = DateOrders(spelled).parse_local_times(pl.Series([text]))["local"].cast(pl.Datetime("ms"))
    assert local.to_list() == [time]


@pytest.mark.slow
@given(st.dates(date(2001, 1, 1), date(2060, 1, 1)), st.integers(15, 400), st.sampled_from(["mdy", "dmy"]))
@settings(max_examples=60, deadline=None)
def test_mixed_spellings_of_one_history_are_read_in_one_order(start, days, order):
    """As spreadsheets write it: slashes where the day is past the 12th, dashes where it may be a month."""
    slash, dash = SPELLINGS[order][:2]
    span = [start + timedelta(days=i) for i in range(days)]
    stamps = [f"{spell(day, dash if day.day <= 12 else slash)} {hour:02}:00" for day in span for hour in (0, 12)]
    orders = decide_date_orders([evidence(stamps)])
    assert set(orders.by_spelling.values()) == {order}
    local = orders.parse_local_times(pl.Series(stamps))["local"].cast(pl.Datetime("ms"))
    assert local.diff().drop_nulls().unique().to_list() == [timedelta(hours=12)]


def test_one_value_proves_the_order_for_all_files():
    ambiguous = evidence(["05/06/2012 00:00"])
    assert decide_date_orders([ambiguous, evidence(["21/05/2012 00:00"])]).by_spelling == {"/4": "dmy"}
    assert decide_date_orders([ambiguous, evidence(["05/21/2012 00:00"])]).by_spelling == {"/4": "mdy"}


@pytest.mark.parametrize("order", ["mdy", "dmy"])
def test_cadence_decides_where_every_value_is_ambiguous(order):
    stamps = walk(SPELLINGS[order][0], date(2012, 3, 1), 9)
    orders = decide_date_orders([evidence(stamps)])
    assert orders.by_spelling == {"/4": order}
    assert "jump back and forth" in orders.messages[0]
    assert decide_date_orders([evidence(stamps[::-1])]).by_spelling == {"/4": order}


@pytest.mark.parametrize(
    "stamps",
    [
        ["05/06/2012 00:00", "05/06/2012 01:00"],
        walk("{m}/{d}/{y}", date(2012, 3, 1), 9, clocks_per_day=(0,)),  # daily, or monthly day-first?
        ["03/04/2012 00:00"] * 9 + ["07/02/2012 00:00"] * 9 + ["01/11/2012 00:00"] * 9,
    ],
)
def test_nothing_decides(stamps):
    with pytest.raises(InputError, match="--date-order mdy or dmy"):
        decide_date_orders([evidence(stamps)])
    assert set(decide_date_orders([evidence(stamps)], "dmy").by_spelling.values()) == {"dmy"}


def test_days_that_read_alike_need_no_decision():
    assert decide_date_orders([evidence(["05/05/2012 00:00", "06/06/2012 00:00"])]).by_spelling == {"/4": "mdy"}


def test_contradiction_names_examples():
    with pytest.raises(InputError, match="5/21/2012 can only be month first, 21/5/2012 can only be day first"):
        decide_date_orders([evidence(["5/21/2012 00:00"]), evidence(["21/5/2012 00:00"])])


def test_what_is_no_date_proves_nothing():
    stamps = ["Description", "13/13/2012 00:00", "2/30/2012 00:00", None, "5/21/2012 25:00", *["1/2/2012 00:00"] * 3]
    with pytest.raises(InputError, match="nothing in the files tells"):
        decide_date_orders([evidence(stamps)])
    local = DateOrders({"/4": "dmy"}).parse_local_times(pl.Series(stamps))["local"]
    assert local.is_null().to_list() == [True] * 5 + [False] * 3


@pytest.mark.parametrize(
    ("text", "ms", "offset"),
    [
        ("14:05", 50_700_000, None),
        ("4:05:06", 14_706_000, None),
        ("04:05:06.7", 14_706_700, None),
        ("04:05:06,789123", 14_706_789, None),
        ("23:59:59.9996", 86_400_000, None),
        ("24:00", 86_400_000, None),
        ("12:00 AM", 0, None),
        ("12:30:00 pm", 45_000_000, None),
        ("2:00 p.m.", 50_400_000, None),
        ("14:00Z", 50_400_000, 0),
        ("14:00 UTC", 50_400_000, 0),
        ("14:00:00+05:30", 50_400_000, 330),
        ("14:00-0500", 50_400_000, -300),
        ("14:00+01", 50_400_000, 60),
        ("24:01", None, None),
        ("13:00 PM", None, None),
        ("14:60", None, None),
        ("14", 50_400_000, None),
        ("14:00 EST", 50_400_000, -300),
        ("14:00 XYZ", None, None),
        ("1:2:3", 3_723_000, None),  # without leading zeros
        ("23:05:7.5", 83_107_500, None),
        ("9:5", 32_700_000, None),
        ("19:5", 68_700_000, None),
        ("9:5:07", 32_707_000, None),
        ("09:5:7", 32_707_000, None),
        ("9:5 PM", 75_900_000, None),
        ("9:5Z", 32_700_000, 0),
        ("9:5+01:00", 32_700_000, 60),
        ("19:5 Uhr", 68_700_000, None),
        ("9:5 CET", 32_700_000, 60),
        ("9:5 Uhr", 32_700_000, None),
        ("9:5 vorm.", 32_700_000, None),
        ("um 09:05", 32_700_000, None),
        ("a las 9:05 p. m.", 75_900_000, None),
        ("09:5", None, None),  # cut: who leaves zeros out writes 9:5
        ("00:1", None, None),
        ("1:2:3:4:5", None, None),
    ],
)
def test_clocks(text, ms, offset):
    row = parse_clocks(pl.Series([text])).row(0, named=True)
    assert (row["ms"], row["offset"] if ms is not None else None) == (ms, offset)


def test_iso_with_t_and_dates_alone():
    stamps = ["2012-05-21T14:00:00", "2012-05-21t14:00Z", "20120521T14:00", "2012-05-21", " 21-Oct-2012 14:00 "]
    local = DateOrders({}).parse_local_times(pl.Series(stamps))
    assert local["local"].cast(pl.Datetime("ms")).dt.to_string("%m-%d %H").to_list() == [
        "05-21 14", "05-21 14", "05-21 14", "05-21 00", "10-21 14",
    ]  # fmt: skip
    assert local["offset"].to_list() == [None, 0, None, None, None]
