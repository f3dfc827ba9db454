"""Day and model tables against slow formulas: a loop over days, NumPy on the readings of each window."""

from __future__ import annotations

import json
from datetime import datetime, timedelta
from itertools import combinations, groupby
from zoneinfo import ZoneInfo

import numpy as np
import polars as pl
import pytest

from acm_etl import score
from acm_etl.score.summaries.detectors import detector_correlations
from acm_etl.score.summaries.local_days import LocalCalendar
from acm_etl.tables.common import DETECTOR_NAMES

ZONE = ZoneInfo("America/New_York")
TRAILING = 5


@pytest.fixture(scope="module")
def made(model, whole):
    frames = score.timeline_tables(whole, model_version=1) | score.day_tables(whole, model, {}, summary_days=TRAILING)
    return frames | score.model_tables(model, model_version=1)


@pytest.fixture(scope="module")
def readings(made):
    """Scores, with the local date of each reading."""
    scores = made["ACM_Scores_Wide"]
    dates = [local(time).date() for time in scores["Timestamp"]]
    return scores.with_columns(date=pl.Series(dates))


def local(time: datetime) -> datetime:
    return time.replace(tzinfo=ZoneInfo("UTC")).astimezone(ZONE)


def windows(made, readings, table):
    """Rows of a table by summary, each with the readings of its days."""
    for (as_of,), rows in sorted(made[table].group_by("AsOf", maintain_order=True)):
        today = local(as_of).date()
        inside = (pl.col("date") <= today) & (pl.col("date") > today - timedelta(days=TRAILING))
        yield rows, readings.filter(inside), readings.filter(pl.col("date") == today)


def test_health_of_each_day(made, readings):
    for rows, _, today in windows(made, readings, "ACM_HealthDaily"):
        (row,) = rows.iter_rows(named=True)
        known = today["HealthIndex"].drop_nulls()
        assert (row["Readings"], row["AssessedCount"]) == (len(today), len(known))
        zones = [(known >= 85).sum(), ((known < 85) & (known >= 70)).sum(), (known < 70).sum()]
        assert [row["GoodCount"], row["WatchCount"], row["AlertCount"]] == zones
        assert row["AlarmCount"] == today["alarm"].sum()
        if len(known):
            assert (row["AvgHealth"], row["MinHealth"]) == pytest.approx((known.mean(), known.min()))
            assert row["LastHealth"] == pytest.approx(known[-1])
        begin = local(row["AsOf"])
        midnight = datetime.combine(begin.date() + timedelta(days=1), datetime.min.time(), ZONE)
        assert row["DaySeconds"] == midnight.timestamp() - begin.timestamp()


def test_histogram(made, readings):
    for rows, window, _ in windows(made, readings, "ACM_HealthHistogram"):
        counts, _ = np.histogram(window["HealthIndex"].drop_nulls(), bins=np.arange(0, 101, 10))
        assert rows["RecordCount"].to_list() == counts.tolist()
        np.testing.assert_allclose(rows["Percentage"], 100 * counts / counts.sum())


def test_detectors_of_each_day(made, readings):
    for rows, _, today in windows(made, readings, "ACM_DetectorDaily"):
        known = today.drop_nulls("ar1_z")
        for row in rows.iter_rows(named=True):
            z = known[row["DetectorType"]]
            assert (row["Points"], row["AboveCount"]) == (len(z), (z >= 2).sum())
            assert (row["MaxZ"], row["AvgZ"], row["LatestZ"]) == pytest.approx((z.max(), z.mean(), z[-1]))
        assert rows["DetectorType"].to_list() == list(DETECTOR_NAMES)


def test_defects_of_detectors(made, readings):
    seen = set()
    for rows, window, _ in windows(made, readings, "ACM_SensorDefects"):
        known = window.drop_nulls("ar1_z")
        for row in rows.iter_rows(named=True):
            z = known[row["DetectorType"]]
            share = 100 * (z >= 2).mean()
            wanted = "CRITICAL" if share > 20 else "HIGH" if share > 10 else "MEDIUM" if share > 5 else "LOW"
            assert (row["ViolationPct"], row["Severity"]) == (pytest.approx(share), wanted)
            assert (row["MaxZ"], row["AvgZ"], row["CurrentZ"]) == pytest.approx((z.max(), z.mean(), z[-1]))
            assert row["ActiveDefect"] == (z[-1] >= 2)
            seen.add(wanted)
    assert len(seen) > 1


def test_correlations(made, readings):
    pairs = list(combinations(DETECTOR_NAMES, 2))
    for rows, window, _ in windows(made, readings, "ACM_DetectorCorrelation"):
        known = window.drop_nulls("ar1_z").select(DETECTOR_NAMES).to_numpy()
        assert rows.select("DetectorA", "DetectorB").rows() == pairs
        assert set(rows["Points"]) == {len(known)}
        if len(known) > 2:
            r = np.corrcoef(known, rowvar=False)
            wanted = [r[DETECTOR_NAMES.index(a), DETECTOR_NAMES.index(b)] for a, b in pairs]
            np.testing.assert_allclose(rows["PearsonR"], wanted, atol=1e-9)


def test_a_detector_that_does_not_vary_has_no_correlation():
    days = pl.DataFrame(
        {"AsOf": [datetime(2024, 3, 1)], "day": [0]}, schema={"AsOf": pl.Datetime("ms"), "day": pl.Int64}
    )
    timeline = pl.DataFrame({detector: [1.0, 2.0, 4.0] for detector in DETECTOR_NAMES}).with_columns(
        mhal_z=pl.lit(0.5), day=pl.lit(0, pl.Int64)
    )
    found = detector_correlations(LocalCalendar("UTC", 1).expand_trailing_days(days), timeline)
    still = (pl.col("DetectorA") == "mhal_z") | (pl.col("DetectorB") == "mhal_z")
    assert found.filter(still)["PearsonR"].null_count() == len(DETECTOR_NAMES) - 1
    np.testing.assert_allclose(found.filter(~still)["PearsonR"], 1)


def test_dwell_and_stability_of_regimes(made, readings):
    dwell = {rows["AsOf"][0]: rows for rows, _, _ in windows(made, readings, "ACM_RegimeDwellStats")}
    for rows, window, _ in windows(made, readings, "ACM_RegimeStability"):
        known = list(window.drop_nulls("regime_label").iter_rows(named=True))
        runs = [list(group) for _, group in groupby(known, key=lambda row: row["regime_label"])]
        sizes = [len(run) for run in runs]
        wanted = {
            "churn_rate": 100 * (len(runs) - 1) / len(known),
            "total_transitions": len(runs) - 1,
            "avg_dwell_periods": np.mean(sizes),
            "median_dwell_periods": np.median(sizes),
        }
        assert dict(rows.select("MetricName", "MetricValue").rows()) == pytest.approx(wanted)
        lasted = {}
        for run in runs:
            seconds = (run[-1]["Timestamp"] - run[0]["Timestamp"]).total_seconds()
            lasted.setdefault(run[0]["regime_label"], []).append(seconds)
        of_day = dwell[rows["AsOf"][0]]
        assert set(of_day["RegimeLabel"]) == set(lasted)
        for row in of_day.iter_rows(named=True):
            own = lasted[row["RegimeLabel"]]
            assert row["Runs"] == len(own)
            stored = [row[f"{name}Seconds"] for name in ("Mean", "Median", "Min", "Max")]
            assert stored == pytest.approx([np.mean(own), np.median(own), min(own), max(own)])


def test_ranking_of_sensors(made, readings):
    daily = made["ACM_SensorDaily"].drop_nulls("LatestSignedZ")
    for rows, _, today in windows(made, readings, "ACM_SensorRanking"):
        own = daily.filter(pl.col("AsOf") == rows["AsOf"][0]).select("SensorName", "LatestSignedZ").rows()
        ranked = sorted(((name, abs(z)) for name, z in own), key=lambda one: -one[1])
        assert rows["SensorName"].to_list() == [name for name, _ in ranked]
        assert rows["RankPosition"].to_list() == list(range(1, len(own) + 1))
        assert rows["ContributionPct"].sum() == pytest.approx(100)
        last = today.drop_nulls("ar1_z").select(DETECTOR_NAMES).row(-1)
        assert set(rows["DetectorType"]) == {DETECTOR_NAMES[int(np.argmax(last))]}


def test_the_baseline_is_the_mean_of_healthy_readings(made, readings, whole):
    healthy = (pl.col("OperatingState") == "on") & (pl.col("fused") < 2) & ~pl.col("alarm")
    known = readings.join(whole.readings.with_columns(pl.col("Timestamp").dt.cast_time_unit("ms")), on="Timestamp")
    for rows, _, today in windows(made, readings, "ACM_SensorDaily"):
        own = known.filter(pl.col("Timestamp").is_in(today["Timestamp"].implode())).filter(healthy)
        for row in rows.iter_rows(named=True):
            values = own[row["SensorName"]].drop_nulls()
            assert row["BaselineCount"] == len(values)
            assert row["BaselineMean"] == (pytest.approx(values.mean()) if len(values) else None)


def test_components_are_those_of_the_model(made, model):
    spe = next(head for head in model.detectors if head.name == "pca_spe_z")
    (row,) = made["ACM_PCA_Models"].iter_rows(named=True)
    kept = spe.directions_.shape[1]
    assert row["NComponents"] == kept
    shares = json.loads(row["VarExplainedJSON"])
    assert len(shares) == kept
    assert 0 < sum(shares) <= 1
    loadings = made["ACM_PCA_Loadings"].sort("ComponentNo")["Loading"].to_numpy().reshape(kept, -1)
    np.testing.assert_allclose(loadings, spe.directions_.T)
    np.testing.assert_allclose((loadings**2).sum(axis=1), 1)
    (metrics,) = made["ACM_PCA_Metrics"].iter_rows(named=True)
    assert 1 <= metrics["Var90_N"] <= len(model.tags)
    assert 0 < metrics["ReconRMSE"] < metrics["P95_ReconRMSE"] * 2


def test_what_a_percentile_is_turned_back_into(model):
    for calibration in model.calibrations.values():
        for z in (0.5, 1.6448536269514722, 4.0):
            assert calibration.on.transform(np.array([calibration.on.inverse_transform(z)]))[0] == pytest.approx(
                z, abs=1e-6
            )


def test_the_others_explain_a_tag_as_a_regression_does(made, model, make_plant):
    train = make_plant(1500).drop("Timestamp").to_numpy()
    Z = (train - model.scaler.centre_) / model.scaler.scale_
    rows = made["ACM_OMR_Diagnostics"]
    assert rows["SensorName"].to_list() == list(model.tags)
    for i, row in enumerate(rows.iter_rows(named=True)):
        others = np.column_stack([np.delete(Z, i, axis=1), np.ones(len(Z))])
        weights, *_ = np.linalg.lstsq(others, Z[:, i], rcond=None)
        left = (Z[:, i] - others @ weights).std()
        assert row["ResidualStd"] == pytest.approx(left, rel=0.05)
        assert row["ExplainedPct"] == pytest.approx(100 * (1 - left**2 / Z[:, i].var()), abs=5)
        assert row["BestWeight"] == pytest.approx(weights[np.abs(weights[:-1]).argmax()], abs=0.05)


def test_statistics_of_runs(model, whole):
    days = whole.frame["Timestamp"].dt.date().cast(pl.String)
    found = score.compute_run_stats(whole, model, days)
    frame = whole.frame.with_columns(run=days)
    for row in found.iter_rows(named=True):
        own = frame.filter(pl.col("run") == row["RunID"])
        assert (row["SamplesIn"], row["SamplesKept"]) == (len(own), own["state"].count())
        assert row["AnomalyCount"] == own["alarm"].sum()
        assert row["CadenceOKPct"] == 100
        drift = own["drift_z"].drop_nulls()
        assert row["DriftP95"] == (pytest.approx(np.quantile(drift, 0.95)) if len(drift) else None)


@pytest.mark.parametrize(("zone", "is_sorted"), [("UTC", True), ("America/St_Johns", False)])
def test_days_are_marked_as_sorted_only_if_they_are(zone, is_sorted):
    # On this night, clocks in St. John's were set back from 00:01 to 23:01 of the day before.
    times = pl.datetime_range(datetime(2010, 11, 7), datetime(2010, 11, 7, 6), "10m", eager=True)
    frame = LocalCalendar(zone, 1).add_day_number(times.to_frame("time"), "time")
    assert frame["day"].flags["SORTED_ASC"] == is_sorted
    dates = [time.replace(tzinfo=ZoneInfo("UTC")).astimezone(ZoneInfo(zone)).date() for time in times]
    counted = frame.group_by("day").len().sort("day")["len"].to_list()
    assert counted == [dates.count(date) for date in sorted(set(dates))]
