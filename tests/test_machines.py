"""Machines that are unusual, through the whole product: every table takes them, and holds what it promises."""

from __future__ import annotations

import json
from contextlib import closing
from datetime import timedelta

import numpy as np
import polars as pl
import pytest
from commands import run
from plants import START, history, make_scored_plant

from acm_etl import simulate, tables
from acm_etl.tables import views

# `make test` takes the first machine.
pytestmark = pytest.mark.sampled
DAYS = 16


def few(count):
    return history(days=DAYS).select("EntryDateTime", pl.nth(range(1, count + 1)))


def many():
    """150 tags: those of the fan again and again, each with noise of its own."""
    frame, rng = history(days=DAYS), np.random.default_rng(5)
    tags = frame.columns[1:]
    more = {
        f"tag {i}": frame[tags[i % len(tags)]] + pl.Series(rng.normal(size=len(frame))) for i in range(150 - len(tags))
    }
    return frame.with_columns(**more)


def standing():
    """It ran while it was learned, and has stood still ever since."""
    frame = history(days=DAYS)
    off = frame["EntryDateTime"] >= START + timedelta(days=12)
    return frame.with_columns(pl.when(off).then(0.0).otherwise(pl.col(tag)).alias(tag) for tag in frame.columns[1:])


def silent():
    """Nothing but zeros, from the first reading on."""
    frame = history(days=DAYS)
    return frame.with_columns(pl.lit(0.0).alias(tag) for tag in frame.columns[1:])


def healthy():
    return simulate.simulate_history(
        seed=8, start=START, days=DAYS, cadence=timedelta(minutes=30), faults=(), corrupt=None
    ).frame


def lonely():
    """A last day of a single reading."""
    frame = history(days=DAYS)
    return frame.filter(pl.col("EntryDateTime") <= START + timedelta(days=DAYS - 1))


MACHINES = {
    "only zeros": silent,
    "one tag": lambda: few(1),
    "two tags": lambda: few(2),
    "150 tags": many,
    "stands still": standing,
    "no fault": healthy,
    "one reading": lonely,
}


@pytest.fixture(scope="module", params=MACHINES)
def place(request, tmp_path_factory):
    path = tmp_path_factory.mktemp("machine") / "acm.duckdb"
    return request.param, make_scored_plant(path, readings=MACHINES[request.param](), close_last_window=True)


@pytest.fixture(scope="module")
def dump(place):
    return place[1].dump()


def test_every_table_takes_it(place, dump):
    name, _ = place
    for table in tables.ALL:
        frame = dump.get(table.name, table.empty_frame())
        if set(table.key) <= set(frame.columns):
            assert not frame.select(table.key).is_duplicated().any(), table.name
        for column in frame.select(pl.selectors.float()):
            assert column.drop_nulls().is_finite().all(), f"{table.name}.{column.name}"
    for table in ("ACM_Scores_Wide", "ACM_HealthDaily", "ACM_SinceWhen", "ACM_Regime_Episodes", "ACM_Run_Stats"):
        assert dump[table].height, f"{name}: nothing in {table}"
    assert dump["ACM_SensorDrift"]["SensorName"].n_unique() == dump["ACM_ModelTags"]["Used"].sum()


def test_a_machine_on_which_nothing_moves_is_not_all_right(place):
    """Its scores are those of a healthy one: there is nothing that they could deviate from."""
    name, made = place
    machine = json.loads(run(made, "--json", "status").stdout)["machines"][0]
    is_reported = "motionless_tags" in {reason["code"] for reason in machine["verdict"]["reasons"]}
    assert (is_reported, machine["motionless_readings"] > 0) == (name == "only zeros", name == "only zeros")
    summary = run(made, "status", "--summary").stdout
    assert ("check data collection" in summary) == (name == "only zeros")


@pytest.mark.slow
def test_every_view_answers(place):
    _, made = place
    with closing(made.connect()) as engine:
        for view in views.ALL:
            engine.query(f'SELECT * FROM "{view.name}"')


def test_no_time_belongs_to_two_runs(dump):
    rows = pl.concat(
        dump[table.name].select("EquipID", "RunID", time=table.time_column)
        for table in tables.ALL
        if table.grain == "time"
    ).unique()
    assert not rows.select("EquipID", "time").is_duplicated().any()
    owned = rows.join(dump["RunLog"].filter(pl.col("Stage") == "score"), on="RunID", how="left")
    assert (owned["time"] >= owned["WindowStart"]).all()
    assert (owned["time"] < owned["WindowEnd"]).all()


def test_no_day_and_no_event_belongs_to_two_runs(dump):
    for table, frame in dump.items():
        declared = tables.BY_NAME[table]
        if declared.grain in ("day", "event"):
            runs = frame.group_by("EquipID", declared.time_column).agg(pl.col("RunID").n_unique())
            assert (runs["RunID"] == 1).all(), table


def test_days_of_the_views_are_whole_local_days(place):
    _, made = place
    zones = made.query('SELECT * FROM "ACM_HealthZoneByPeriod"')
    if zones.is_empty():
        return
    sums = zones.group_by("PeriodStart").agg(pl.col("ZonePct").sum(), pl.len(), pl.col("ZoneCount").sum())
    np.testing.assert_allclose(sums["ZonePct"], 100)
    assert set(sums["len"]) == {3}
    counted = made.query(
        "SELECT CAST(timezone('America/New_York', timezone('UTC', Timestamp::TIMESTAMP)) AS DATE) AS day,\n"
        "  COUNT(*) AS n FROM ACM_HealthTimeline WHERE HealthIndex IS NOT NULL GROUP BY 1"
    )
    wanted = dict(counted.rows())
    found = zones.select("Date", "TotalPoints").unique()
    assert dict(found.rows()) == wanted
    rates = made.query('SELECT "Date", "Points" FROM "ACM_SensorAnomalyByPeriod"').unique()
    assert dict(rates.rows()) == wanted


def test_what_is_current_is_of_the_last_assessed_reading(place):
    _, made = place
    now = made.query('SELECT * FROM "ACM_ContributionCurrent"')
    last = made.query("SELECT max(Timestamp) AS t FROM ACM_Scores_Wide WHERE ar1_z IS NOT NULL").item()
    assert set(now["Timestamp"]) == {last}
    assert now.height == 8
    assert now["ContributionPct"].sum() == pytest.approx(100)
    long = made.query('SELECT COUNT(*) AS n FROM "ACM_Scores_Long"').item()
    assert long == 8 * made.query("SELECT count(ar1_z) AS n FROM ACM_Scores_Wide").item()
    ages = made.query('SELECT * FROM "ACM_AlertAge_Latest"')
    assert ages["EndTimestamp"].to_list() == [last]
