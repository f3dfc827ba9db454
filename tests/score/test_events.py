"""Event tables against loops over the readings that they are made from."""

from __future__ import annotations

from itertools import groupby

import numpy as np
import polars as pl
import pytest

from acm_etl import score
from acm_etl.config import ScoreParams

ZONE = "America/New_York"


@pytest.fixture(scope="module")
def made(model, whole):
    return (
        score.timeline_tables(whole, model_version=1) | score.event_tables(whole) | score.day_tables(whole, model, {})
    )


@pytest.fixture(scope="module")
def assessed(made):
    """Readings that have a health, in sequence."""
    known = made["ACM_Scores_Wide"].drop_nulls("HealthIndex")
    health = known["HealthIndex"].to_numpy()
    zones = np.where(health >= 85, "GOOD", np.where(health >= 70, "WATCH", "ALERT"))
    return known.with_columns(HealthZone=pl.Series(zones))


def stretches(rows, label):
    """Successive rows of equal label, as lists of dicts."""
    return [list(group) for _, group in groupby(rows, key=lambda row: row[label])]


def hours(rows, time="Timestamp"):
    return (rows[-1][time] - rows[0][time]).total_seconds() / 3600


def test_crossings(made, assessed):
    rows = [{**row, "up": row["fused"] > 2} for row in assessed.iter_rows(named=True)]
    wanted = [
        (run[0]["Timestamp"], 2.0, run[0]["fused"], "up" if run[0]["up"] else "down")
        for run in stretches(rows, "up")[1:]
    ]
    found = made["ACM_ThresholdCrossings"].select("Timestamp", "Threshold", "ZScore", "Direction").rows()
    assert found == wanted
    assert len(wanted) > 10


def test_zone_changes_and_ages(made, assessed):
    runs = stretches(list(assessed.iter_rows(named=True)), "HealthZone")
    zones = [run[0]["HealthZone"] for run in runs]
    changes = made["ACM_DefectTimeline"]
    assert changes.select("Timestamp", "FromZone", "ToZone").rows() == list(
        zip((run[0]["Timestamp"] for run in runs), ["START", *zones], zones, strict=False)
    )
    np.testing.assert_allclose(changes["HealthIndex"], [run[0]["HealthIndex"] for run in runs])
    np.testing.assert_allclose(changes["DefectScore"] + changes["HealthAtEvent"], 100)
    ages = made["ACM_AlertAge"]
    wanted = [(run[0]["Timestamp"], run[-1]["Timestamp"], run[0]["HealthZone"], len(run)) for run in runs]
    assert ages.select("StartTimestamp", "EndTimestamp", "AlertZone", "RecordCount").rows() == wanted
    np.testing.assert_allclose(ages["DurationHours"], [hours(run) for run in runs])
    np.testing.assert_allclose(ages["MinHealthIndex"], [min(row["HealthIndex"] for row in run) for run in runs])
    assert ages["Status"].to_list() == ["CLOSED"] * (len(runs) - 1) + ["OPEN"]


def test_regimes(made):
    wide = made["ACM_Scores_Wide"].drop_nulls("regime_label")
    runs = stretches(list(wide.iter_rows(named=True)), "regime_label")
    found = made["ACM_Regime_Episodes"]
    wanted = [(run[0]["Timestamp"], run[-1]["Timestamp"], run[0]["regime_label"], len(run)) for run in runs]
    assert found.select("StartTs", "EndTs", "RegimeLabel", "RecordCount").rows() == wanted
    np.testing.assert_allclose(found["DurationSeconds"], [3600 * hours(run) for run in runs])
    np.testing.assert_allclose(found["AvgFusedZ"], [np.mean([row["fused"] for row in run]) for run in runs])
    quiet = [100 * np.mean([row["fused"] < 2 for row in run]) for run in runs]
    np.testing.assert_allclose(found["StabilityScore"], quiet)
    assert len(set(found["RegimeLabel"])) > 1


def test_drift_events_and_the_sensor_that_drifts(made):
    wide = made["ACM_Scores_Wide"].drop_nulls("drift_z").with_columns(critical=pl.col("drift_z") >= 3.09)
    runs = [run for run in stretches(list(wide.iter_rows(named=True)), "critical") if run[0]["critical"]]
    found = made["ACM_DriftEvents"]
    assert found.select("SegmentStart", "SegmentEnd", "RecordCount").rows() == [
        (run[0]["Timestamp"], run[-1]["Timestamp"], len(run)) for run in runs
    ]
    peaks = [max(run, key=lambda row: row["drift_z"]) for run in runs]
    assert found["Timestamp"].to_list() == [peak["Timestamp"] for peak in peaks]
    np.testing.assert_allclose(found["Value"], [peak["drift_z"] for peak in peaks])
    assert set(found["SensorName"]) == {"tag 0"}, "the tag with the fault"


def test_no_drift_and_no_alarm_is_told_of_the_training(model, history, whole):
    end = whole.frame["Timestamp"][-1]
    found = score.score(history, model, time_zone=ZONE, train_end=end)
    assert found.segment_tables["ACM_DriftEvents"].is_empty()
    assert set(found.since_when["AlertZone"]) == {"GOOD"}


def test_the_drift_of_the_strongest_sensor_is_that_of_the_machine(made, whole):
    hourly = whole.frame.filter("hourly").select(pl.col("Timestamp").dt.cast_time_unit("ms"), "drift_z")
    found = made["ACM_SensorDrift"].group_by("Timestamp").agg(pl.col("DriftValue").abs().max(), pl.len())
    joined = hourly.join(found, on="Timestamp", how="full", coalesce=True)
    assert joined.null_count().sum_horizontal().item() == 0
    np.testing.assert_allclose(joined["DriftValue"], joined["drift_z"])
    assert set(found["len"]) == {4}


def test_since_when_at_the_end_of_each_day(made):
    wide = made["ACM_Scores_Wide"].drop_nulls("ar1_z").sort("Timestamp")
    ends = made["ACM_SinceWhen"].sort("AsOf")
    days = made["ACM_HealthDaily"].sort("AsOf").select("AsOf", "DaySeconds")
    for row in ends.join(days, on="AsOf").iter_rows(named=True):
        end = row["AsOf"] + pl.select(pl.duration(seconds=row["DaySeconds"])).item()
        upto = list(wide.filter(pl.col("Timestamp") < end).iter_rows(named=True))
        last = stretches(upto, "alarm")[-1]
        assert row["AlertZone"] == ("ALERT" if last[0]["alarm"] else "GOOD")
        assert (row["StartTimestamp"], row["LastTimestamp"]) == (last[0]["Timestamp"], last[-1]["Timestamp"])
        assert row["RecordCount"] == len(last)
        assert row["DurationHours"] == pytest.approx(hours(last))
    assert set(ends["AlertZone"]) == {"GOOD", "ALERT"}


def test_a_fault_that_the_detectors_see_is_no_drift_after_its_end(make_plant):
    readings = make_plant(2300, d=6, seed=3)
    X = readings.drop("Timestamp").to_numpy().copy()
    X[2000:2040, 4] += 15
    broken = pl.DataFrame([readings["Timestamp"], *(pl.Series(f"tag {i}", X[:, i]) for i in range(6))])
    scored = score.score(
        broken[1900:], score.fit(readings[:1900], ScoreParams(forest_trees=12, forest_samples=64))
    ).frame
    assert scored["alarm"][104:140].all()
    assert scored["drift_z"][140:].max() < 1.75
    assert scored["fused"][180:].max() < 3
