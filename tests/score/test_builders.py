"""Table rows, against the declarations and against small cases worked out by hand."""

from __future__ import annotations

from datetime import datetime, timedelta

import numpy as np
import polars as pl
import pytest

from acm_etl import score, tables
from acm_etl.score.summaries.episodes import episode_ends_by_day, episode_metrics
from acm_etl.score.summaries.local_days import LocalCalendar
from acm_etl.score.summaries.regimes import regime_occupancy, regime_transitions
from acm_etl.score.summaries.sensor_daily import SensorReadings, aggregate_sensor_days
from acm_etl.score.summaries.sensors import sensor_quality
from acm_etl.tables.common import DETECTOR_NAMES

DAY0 = datetime(2024, 3, 1)
# Nothing degrades in this history: a sudden fault is no trend (tests/score/test_forecast_tables.py fills them).
ONLY_OF_THE_DEGRADING = {"ACM_RUL_Attribution"}


@pytest.fixture(scope="module")
def made(model, whole):
    end = whole.frame["Timestamp"][100]
    frames = score.timeline_tables(whole, model_version=3, train_end=end) | score.event_tables(whole)
    return frames | score.day_tables(whole, model, {}) | score.model_tables(model, model_version=3)


def test_every_result_table_is_made(made):
    assert set(made) == {table.name for table in tables.RESULTS}


@pytest.mark.parametrize("table", tables.RESULTS, ids=lambda table: table.name)
def test_rows_fit_the_declaration(made, table):
    frame = made[table.name].drop("ChangedAt", strict=False)
    assert dict(frame.schema) == {k: v for k, v in table.polars_schema.items() if k not in {"RunID", "EquipID"}}
    assert not frame.is_empty() or table.name in ONLY_OF_THE_DEGRADING
    assert not frame.select([name for name in table.key if name != "EquipID"]).is_duplicated().any()
    for column in table.insertable_columns:
        if column.name not in frame.columns:
            continue
        values = frame[column.name]
        assert column.nullable or not values.null_count(), column.name
        if values.dtype.is_float():
            assert values.drop_nulls().is_finite().all(), column.name
        if column.allowed_values:
            assert set(values.drop_nulls()) <= set(column.allowed_values), column.name
        if column.max_length:
            assert (values.str.len_chars().max() or 0) <= column.max_length, column.name


def test_phases_and_health(made, whole):
    wide = made["ACM_Scores_Wide"]
    assert wide["Phase"].to_list() == ["TRAIN"] * 100 + ["SCORE"] * (len(wide) - 100)
    known = wide.drop_nulls("HealthIndex")
    expected = 100 / (1 + (np.maximum(known["fused"], 0) / 4.72) ** 2)
    np.testing.assert_allclose(known["HealthIndex"], expected)
    # A machine that is off is not assessed, although its fused z is 0.
    assert set(wide.filter(pl.col("OperatingState") == "off")["HealthIndex"]) <= {None}
    assert len(wide) == len(whole.frame)


def test_contributions_sum_to_a_hundred(made, whole):
    rows = made["ACM_ContributionTimeline"]
    sums = rows.group_by("Timestamp").agg(pl.col("ContributionPct").sum(), pl.len())
    np.testing.assert_allclose(sums["ContributionPct"], 100)
    assert set(sums["len"]) == {len(DETECTOR_NAMES)}
    loud = whole.frame.filter((pl.col("fused") >= 2) & pl.col("ar1_z").is_not_null())
    assert set(loud["Timestamp"].cast(pl.Datetime("ms"))) <= set(rows["Timestamp"])


def test_hotspots_show_the_strongest_tags(made, whole):
    rows = made["ACM_SensorHotspotTimeline"]
    time = rows.filter(pl.col("Rank") == 3)["Timestamp"][-1]
    at = rows.filter(pl.col("Timestamp") == time)
    z = whole.deviations.filter(pl.col("Timestamp") == time).drop("Timestamp").row(0, named=True)
    ranked = sorted((tag for tag in z if z[tag] is not None), key=lambda tag: -abs(z[tag]))
    assert at.sort("Rank")["SensorName"].to_list() == ranked[:3]
    quiet = ~pl.col("Timestamp").is_in(whole.frame.filter("hourly")["Timestamp"].cast(pl.Datetime("ms")).implode())
    assert (rows.filter(quiet)["AbsZ"] >= 2).all()


def test_the_fault_is_an_episode_and_its_tag_the_culprit(made, history):
    episodes = made["ACM_Episodes"]
    fault = history["Timestamp"][450].replace(microsecond=0)
    found = episodes.filter(pl.col("StartTs").is_between(fault, fault + timedelta(hours=6)))
    assert len(found) == 1
    assert found["PrimarySensor"][0] == "tag 0"
    assert found["Culprits"][0].startswith("tag 0 (")
    assert found["Status"][0] == "CLOSED"
    assert found["DurationHours"][0] == (found["EndTs"] - found["StartTs"])[0].total_seconds() / 3600
    shares = made["ACM_EpisodeCulprits"].filter(pl.col("StartTs") == found["StartTs"][0])
    assert shares["Rank"].to_list() == [1, 2, 3, 4]
    assert shares["ContributionPct"].sum() == pytest.approx(100)
    assert shares["SensorName"][0] == found["PrimarySensor"][0]
    assert found["LagMeanZ"][0] < found["AvgFusedZ"][0]


def test_model_tables_name_tags_that_are_left_out(make_plant, fast):
    train = make_plant(300, 2).with_columns(pl.lit(None).alias("dead"))
    tags = score.model_tables(score.fit(train, fast), model_version=1)["ACM_ModelTags"]
    assert tags.select("TagName", "Ordinal", "Used").rows() == [
        ("tag 0", 0, True),
        ("tag 1", 1, True),
        ("dead", 2, False),
    ]
    assert tags["Reason"].to_list() == [None, None, "no usable reading in training"]


@pytest.mark.parametrize("cut", range(7))
def test_daily_results_by_hand(cut):
    nan = np.nan
    X = np.array([[1.0], [nan], [nan], [4], [4], [4], [9]])
    Z = np.array([[2.5], [nan], [nan], [-3.5], [3.5], [nan], [1]])
    day = np.array([0, 0, 0, 0, 100, 100, 100])
    healthy = np.array([True, True, False, False, True, False, True])
    rows = (np.arange(7) * 10, day, X, Z, healthy)
    carry, last = {}, {}
    for part in (slice(0, cut), slice(cut, None)):
        found, carry = aggregate_sensor_days(SensorReadings(*(column[part] for column in rows)), carry)
        for i in range(len(found.get("day", []))):
            last[int(found["day"][i])] = {name: column[i].tolist() for name, column in found.items() if name != "day"}
    assert last[0] == {
        "readings": [4], "nulls": [2], "gap": [2], "flat": [1], "warn": [2], "alert": [1],
        "max_at": [30], "max_z": [-3.5], "max_value": [4], "latest_at": [30], "latest_z": [-3.5], "latest_value": [4],
        "base": [1], "base_sum": [1],
    }  # fmt: skip
    assert last[100] == {
        "readings": [3], "nulls": [0], "gap": [0], "flat": [3], "warn": [1], "alert": [1],
        "max_at": [40], "max_z": [3.5], "max_value": [4], "latest_at": [60], "latest_z": [1], "latest_value": [9],
        "base": [2], "base_sum": [13],
    }  # fmt: skip


@pytest.fixture
def calendar():
    return LocalCalendar("UTC", 2)


@pytest.fixture
def trail(calendar):
    days = pl.DataFrame({"AsOf": [DAY0 + timedelta(days=i) for i in (0, 1, 3)]}).cast(pl.Datetime("ms"))
    return calendar.expand_trailing_days(calendar.add_day_number(days, "AsOf"))


@pytest.fixture
def timeline(calendar):
    frame = pl.DataFrame(
        {
            "Timestamp": [DAY0 + timedelta(hours=h) for h in (1, 2, 3, 25, 26, 73, 74)],
            "regime_label": ["0", "1", "1", "0", None, "1", "0"],
            "alarm": [False, True, True, True, False, True, False],
        }
    ).cast({"Timestamp": pl.Datetime("ms")})
    return calendar.add_day_number(frame, "Timestamp")


def test_occupancy_by_hand(trail, timeline):
    rows = regime_occupancy(trail, timeline).select("RegimeLabel", "RecordCount", "Percentage").rows()
    assert [(label, count, round(pct, 1)) for label, count, pct in rows] == [
        ("0", 1, 33.3), ("1", 2, 66.7), ("0", 2, 50.0), ("1", 2, 50.0), ("0", 1, 50.0), ("1", 1, 50.0),
    ]  # fmt: skip


def test_transitions_by_hand(trail, timeline):
    rows = regime_transitions(trail, timeline, 2).select(
        pl.col("AsOf").dt.day(), "FromLabel", "ToLabel", "Count", "Prob"
    )
    # the change from day 1 to day 3 lies outside of the two days that trail day 3
    assert rows.rows() == [(1, "0", "1", 1, 1.0), (2, "0", "1", 1, 1.0), (2, "1", "0", 1, 1.0), (4, "1", "0", 1, 1.0)]


def test_episode_metrics_know_nothing_of_tomorrow(trail, timeline, calendar):
    starts = pl.Series([DAY0 + timedelta(hours=2), DAY0 + timedelta(hours=73)])
    rows = episode_metrics(trail, episode_ends_by_day(timeline, starts, calendar), timeline)
    assert rows["TotalEpisodes"].to_list() == [1, 1, 1]
    assert rows["TotalDurationHours"].to_list() == [1.0, 23.0, 0.0]
    assert rows["RatePerDay"].to_list() == [1.0, 0.5, 1.0]
    assert rows["MeanInterarrivalHours"].to_list() == [None, None, None]


@pytest.mark.parametrize(
    ("nulls", "flat", "expected"),
    [
        (0, 3, ("OK", None)),
        (10, 3, ("WARN", "10 of 100 readings unusable")),
        (0, 100, ("WARN", "100 equal readings in a row")),
        (80, 100, ("FAIL", "80 of 100 readings unusable; 100 equal readings in a row")),
    ],
)
def test_quality_by_hand(trail, calendar, *, nulls, flat, expected):
    daily = pl.DataFrame(
        {
            "AsOf": [DAY0],
            "SensorName": ["a"],
            "Readings": [100],
            "Nulls": [nulls],
            "LongestGap": [nulls],
            "LongestFlat": [flat],
        }
    ).cast({"AsOf": pl.Datetime("ms")})
    found = sensor_quality(trail, calendar.add_day_number(daily, "AsOf"))
    assert found["AsOf"].to_list() == [DAY0, DAY0 + timedelta(days=1)]
    assert found.select("CheckResult", "Notes").row(0) == expected
    assert found["NullPct"].to_list() == [nulls, nulls]
