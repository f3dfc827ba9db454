"""Rows of the forecast tables on small timelines worked out by hand."""

from __future__ import annotations

from datetime import datetime, timedelta
from types import SimpleNamespace

import numpy as np
import polars as pl
import pytest

from acm_etl.score.forecast.health_forecast import HealthForecast
from acm_etl.score.forecast.recommendations import SensorContribution, attribution_rows
from acm_etl.score.forecast.tables import forecast_tables
from acm_etl.score.summaries.local_days import LocalCalendar
from acm_etl.tables import BY_NAME
from acm_etl.tables.forecast import TABLES

DAY0 = datetime(2024, 3, 1)
DAY = timedelta(days=1)
MS = pl.Datetime("ms")


def machine(tags=("a", "b")):
    scale = SimpleNamespace(centre_=np.full(len(tags), 10.0), scale_=np.full(len(tags), 2.0))
    return SimpleNamespace(tags=list(tags), scaler=scale, params=SimpleNamespace(z_scale=4.72))


def timeline(levels, *, regimes=None, per_day=4):
    """Some readings a day, all of one z."""
    rows = [
        (DAY0 + day * DAY + (2 + 5 * i) * timedelta(hours=1), z, (regimes or {}).get(day, "0"))
        for day, z in enumerate(levels)
        for i in range(per_day)
    ]
    return pl.DataFrame(rows, schema={"Timestamp": MS, "fused": pl.Float64, "regime_label": pl.String}, orient="row")


def sensors(n, **signed):
    """Daily rows of some sensors, by the z of their last reading."""
    rows = [
        {
            "AsOf": DAY0 + day * DAY,
            "SensorName": name,
            "LatestTimestamp": DAY0 + day * DAY + timedelta(hours=17),
            "LatestSignedZ": float(z[day]),
            "LatestValue": 10 + 2 * float(z[day]),
            "MaxSignedZ": float(z[day]),
            "AboveAlertCount": int(abs(z[day]) >= 3),
        }
        for name, z in signed.items()
        for day in range(n)
    ]
    kinds = {name: BY_NAME["ACM_SensorDaily"].polars_schema[name] for name in
             ("AsOf", "SensorName", "LatestTimestamp", "LatestSignedZ", "LatestValue", "MaxSignedZ",
              "AboveAlertCount")}  # fmt: skip
    return pl.DataFrame(rows, schema=kinds)


def made(line, rows, *, days, model=None, zone="UTC", trailing=30):
    calendar = LocalCalendar(zone, trailing)
    as_of = pl.DataFrame({"AsOf": [DAY0 + day * DAY for day in days]}, schema={"AsOf": MS})
    return forecast_tables(
        calendar.add_day_number(as_of, "AsOf"),
        calendar.add_day_number(line, "Timestamp"),
        calendar.add_day_number(rows, "AsOf"),
        calendar=calendar,
        model=model or machine(),
    )


RAMP = 0.1 * np.arange(1, 26) - 0.05


@pytest.fixture(scope="module")
def worn():
    rows = sensors(25, a=RAMP, b=np.zeros(25))
    return made(timeline(RAMP), rows, days=[24])


def test_every_row_fits_its_declaration(worn):
    assert set(worn) == {table.name for table in TABLES}
    for table in TABLES:
        frame = worn[table.name]
        assert dict(frame.schema) == {k: v for k, v in table.polars_schema.items() if k not in {"RunID", "EquipID"}}
        assert not frame.is_empty()
        assert not frame.select([name for name in table.key if name != "EquipID"]).is_duplicated().any()
        for column in table.columns[2:]:
            values = frame[column.name]
            assert column.nullable or not values.null_count(), column.name
            if values.dtype.is_float():
                assert values.drop_nulls().is_finite().all(), column.name


def test_the_summary_says_what_the_outlook_does(worn):
    (row,) = worn["ACM_RUL_Summary"].rows(named=True)
    outlook = HealthForecast(np.arange(25) - 24.5, RAMP, 4.72)
    assert row["Status"] == "DEGRADING"
    assert row["RUL_Hours"] == pytest.approx(outlook.rul_hours)
    assert (row["LowerBound"], row["UpperBound"]) == pytest.approx(outlook.rul_bounds)
    assert row["IssuedAt"] == DAY0 + 25 * DAY
    assert row["TrendStart"] == DAY0
    assert row["TrendDays"] == 25
    assert row["LastUpdate"] == DAY0 + 24 * DAY + timedelta(hours=17)
    assert row["FailureTime"] == row["IssuedAt"] + timedelta(days=int(np.ceil(row["RUL_Hours"] / 24)))
    assert row["FailureProb24h"] <= row["FailureProb7d"] <= row["FailureProb30d"]


def test_maintenance_stands_where_the_probability_says(worn):
    (row,) = worn["ACM_MaintenanceRecommendation"].rows(named=True)
    failing = worn["ACM_FailureForecast_TS"]
    for name, share in (("EarliestMaintenance", 0.1), ("PreferredWindowStart", 0.2), ("PreferredWindowEnd", 0.5)):
        assert row[name] == failing.filter(pl.col("FailureProb") >= share)["Timestamp"][0]
    at_end = failing.filter(pl.col("Timestamp") == row["PreferredWindowEnd"])["FailureProb"][0]
    assert row["FailureProbAtWindowEnd"] == pytest.approx(at_end)
    assert "below 70 in about" in row["Comment"]


def test_the_sensor_that_moved_carries_it(worn):
    rows = worn["ACM_RUL_Attribution"]
    assert rows["SensorName"].to_list() == ["a", "b"]
    assert rows["FailureContribution"].to_list() == pytest.approx([1, 0], abs=0.02)
    assert rows["ZScoreAtFailure"][0] == pytest.approx(3.09, abs=0.4)


def test_shares_by_hand():
    carriers = [
        SensorContribution("up", 0.0, 3.0, 0.1, 4),
        SensorContribution("down", -1.0, -2.0, -0.1, 0),
        SensorContribution("back", 2.0, 1.0, -0.1, 1),
    ]
    found = attribution_rows(carriers, max_rows=2)
    assert found["SensorName"].to_list() == ["up", "down"]
    assert found["FailureContribution"].to_list() == [0.75, 0.25]  # 3 and 1 of the 4 that were gained
    assert found["Comment"][1] == "from -1.0 to -2.0 standard deviations, -0.1 a day now"
    still = attribution_rows([SensorContribution("one", 1.0, 1.0, 0.0, 0)], max_rows=2)
    assert still["FailureContribution"].to_list() == [0.0]


def test_sensors_are_forecast_in_their_own_unit():
    frames = made(timeline(np.zeros(25)), sensors(25, a=-RAMP, b=np.zeros(25)), days=[24])
    rows = frames["ACM_SensorForecast_TS"]
    assert rows["SensorName"].unique(maintain_order=True).to_list() == ["a", "b"]
    a, b = (rows.filter(SensorName=name) for name in "ab")
    assert set(a["Method"]) == {"trend"}
    assert a["ForecastValue"][0] == pytest.approx(10 - 2 * 2.5, abs=0.4)  # z is -2.5 at the end of the last day
    assert a["ForecastValue"][10] == pytest.approx(10 - 2 * 3.5, abs=0.8)
    assert set(b["Method"]) == {"level"}
    assert b["ForecastValue"][30] == pytest.approx(10, abs=0.2)
    for frame in (a, b):
        assert (frame["CiLower"] < frame["ForecastValue"]).all()
        assert (frame["ForecastValue"] < frame["CiUpper"]).all()
        assert (np.diff(frame["ForecastStd"]) >= -1e-9).all()


def test_a_healthy_machine_needs_nothing():
    frames = made(timeline(np.tile([0.1, -0.2, 0.3], 8)), sensors(24, a=np.zeros(24)), days=[23])
    for name in ("ACM_MaintenanceRecommendation", "ACM_RUL_Attribution"):
        assert frames[name].is_empty()
    (row,) = frames["ACM_RUL_Summary"].rows(named=True)
    assert (row["Status"], row["RUL_Hours"], row["FailureTime"]) == ("STABLE", None, None)
    assert row["FailureProb30d"] < 0.05
    assert frames["ACM_HealthForecast_TS"]["ForecastHealth"].min() > 99


def test_a_machine_that_stays_below_is_recommended_at_once():
    frames = made(timeline([0.0] * 10 + [9.0] * 10), sensors(20, a=np.zeros(20)), days=[19])
    (row,) = frames["ACM_MaintenanceRecommendation"].rows(named=True)
    assert row["EarliestMaintenance"] == row["PreferredWindowEnd"] == DAY0 + 20 * DAY
    assert row["Comment"] == "health is below 70 and falls no further"
    assert frames["ACM_RUL_Summary"].select("Status", "RUL_Hours").row(0) == ("BELOW", None)


def test_tomorrow_changes_nothing_of_today():
    levels = np.append(RAMP, [9.0, -3.0, 5.0])
    rows = sensors(28, a=levels, b=-levels)
    whole = made(timeline(levels), rows, days=[20, 24, 27])
    cut = made(timeline(levels[:25]), rows.filter(pl.col("AsOf") < DAY0 + 25 * DAY), days=[20, 24])
    for name, frame in cut.items():
        assert whole[name].filter(pl.col("AsOf") <= DAY0 + 24 * DAY).equals(frame), name


def test_stopped_and_poor_days_do_not_count():
    levels = RAMP.copy()
    levels[[5, 12]] = 25.0
    line = timeline(levels, regimes={5: "off"})
    poor = (pl.col("Timestamp") >= DAY0 + 12 * DAY + timedelta(hours=3)) & (pl.col("Timestamp") < DAY0 + 13 * DAY)
    line = pl.concat([timeline(RAMP, per_day=4).filter(pl.lit(value=False)), line.filter(~poor)])
    line = line.filter((pl.col("Timestamp") < DAY0 + 12 * DAY) | (pl.col("Timestamp") >= DAY0 + 13 * DAY)
                       | (pl.int_range(pl.len()) < 0))  # fmt: skip
    days = made(line, sensors(25, a=RAMP), days=[24])["ACM_RUL_Summary"]
    assert days.select("Status", "TrendDays").row(0) == ("DEGRADING", 23)


@pytest.mark.parametrize("levels", [[], [0.5], [0.5, 0.7]])
def test_hardly_any_history_is_unknown(levels):
    rows = sensors(len(levels), a=levels)
    frames = made(timeline(levels), rows, days=[max(len(levels) - 1, 0)])
    (row,) = frames["ACM_RUL_Summary"].rows(named=True)
    assert (row["Status"], row["RUL_Hours"], row["TrendDays"]) == ("UNKNOWN", None, len(levels))
    assert frames["ACM_HealthForecast_TS"].is_empty()
    assert frames["ACM_SensorForecast_TS"].height == (31 if levels else 0)


def test_a_machine_that_is_always_off_is_unknown():
    line = timeline([0.0] * 20, regimes=dict.fromkeys(range(20), "off"))
    rows = sensors(20, a=np.zeros(20)).with_columns(LatestTimestamp=pl.lit(None, MS))
    frames = made(line, rows, days=[18, 19])
    assert frames["ACM_RUL_Summary"]["Status"].to_list() == ["UNKNOWN", "UNKNOWN"]
    assert all(frames[table.name].is_empty() for table in TABLES if table.name != "ACM_RUL_Summary")


@pytest.mark.parametrize("tags", [1, 300])
def test_any_number_of_tags(tags):
    names = [f"tag {i:03}" for i in range(tags)]
    rng = np.random.default_rng(1)
    rows = sensors(25, **{name: RAMP * rng.uniform(-1, 1) for name in names})
    frames = made(timeline(RAMP), rows, days=[24], model=machine(names))
    assert frames["ACM_SensorForecast_TS"]["SensorName"].n_unique() == min(tags, 5)
    assert frames["ACM_RUL_Attribution"].height == min(tags, 10)


def test_days_end_at_local_midnight_whatever_the_clock_does():
    line = timeline(np.zeros(12))
    calendar_days = pl.DataFrame({"AsOf": [datetime(2024, 3, 10, 5)]}, schema={"AsOf": MS})  # 23 hours in New York
    calendar = LocalCalendar("America/New_York", 30)
    frames = forecast_tables(
        calendar.add_day_number(calendar_days, "AsOf"),
        calendar.add_day_number(line, "Timestamp"),
        calendar.add_day_number(sensors(12, a=np.zeros(12)), "AsOf"),
        calendar=calendar,
        model=machine(),
    )
    assert frames["ACM_RUL_Summary"]["IssuedAt"].to_list() == [datetime(2024, 3, 11, 4)]
    assert frames["ACM_HealthForecast_TS"]["Timestamp"][0] == datetime(2024, 3, 11, 4)
