"""A machine that a person declares normal from a date on: what is scored again, by which models, and what stays."""

from __future__ import annotations

import json
from datetime import datetime, timedelta

import polars as pl
import pytest
from commands import assert_refused, run
from json_shapes import check_shape
from plants import CODE, START, assert_same, copy_plant, history, make_plant, make_scored_plant

from acm_etl import tables

# In the middle of an episode, which a tag that has moved for good would keep open.
OVERHAUL = START + timedelta(days=20)
DAYS = 36


def overhauled(days=DAYS):
    """A history in which a tag moves for good, two days before the time that is declared."""
    frame = history(days=days)
    tag = frame.columns[5]
    moved = pl.when(pl.col("EntryDateTime") >= OVERHAUL - timedelta(days=2)).then(pl.col(tag) + 30.0).otherwise(tag)
    return frame.with_columns(moved.alias(tag))


def declare(place, *args):
    result = run(place, "baseline", CODE, "--from", f"{OVERHAUL:%Y-%m-%d}", *args)
    assert result.exit_code == 0, result.output
    return result


def results(place):
    """Rows that must not depend on how the history was cut, nor on when the request came."""
    without = {"RunID", "ModelBytes", "Hash", "RequestedAt", "Requester"}
    dump = place.dump()
    names = [table.name for table in tables.ALL if table.grain in ("time", "event", "day", "model")]
    return {name: dump[name].drop(without & set(dump[name].columns)) for name in (*names, "ACM_Baselines")}


@pytest.fixture(scope="module")
def scored(tmp_path_factory):
    """A store whose history was scored before anybody declared anything."""
    return make_scored_plant(tmp_path_factory.mktemp("scored") / "scored.duckdb", readings=overhauled())


@pytest.fixture(scope="module")
def rebased(scored, tmp_path_factory):
    place = copy_plant(scored, tmp_path_factory.mktemp("rebased"), "rebased")
    declare(place, "--to", "2024-02-02", "--reason", "new rotor")
    place.backfill_or_fail(options={"notify.enabled": True})
    return place


def test_models_from_the_date_on_are_trained_on_what_follows(scored, rebased):
    (baseline,) = rebased.query("SELECT * FROM ACM_Baselines").rows(named=True)
    assert (baseline["Status"], baseline["Reason"], baseline["ModelVersion"]) == ("DONE", "new rotor", 2)
    assert (baseline["EffectiveFrom"], baseline["TrainEnd"]) == (OVERHAUL, datetime(2024, 2, 2))
    model = rebased.query("SELECT HoldsFrom, TrainStart, TrainEnd, Origin FROM ModelRegistry ORDER BY Version").rows()
    assert model[1] == (OVERHAUL, OVERHAUL, datetime(2024, 2, 2), "baseline")
    spans = rebased.query(
        "SELECT ModelVersion, Phase, min(Timestamp), max(Timestamp) FROM ACM_Scores_Wide GROUP BY 1, 2 ORDER BY 3"
    ).rows()
    assert [(version, phase) for version, phase, _, _ in spans] == [
        (1, "TRAIN"), (1, "SCORE"), (2, "TRAIN"), (2, "SCORE"),
    ]  # fmt: skip
    assert spans[1][3] < OVERHAUL <= spans[2][2]
    rows = (place.table("ACM_Scores_Wide").drop("RunID") for place in (scored, rebased))
    earlier = [frame.filter(pl.col("Timestamp") < OVERHAUL) for frame in rows]
    assert earlier[0].equals(earlier[1]), "earlier scores stay"


@pytest.mark.slow
def test_the_open_episode_ends_at_the_date(scored, rebased):
    around = "SELECT * FROM ACM_Episodes WHERE StartTs < ? AND EndTs >= ?"
    (before,) = scored.query(around, [OVERHAUL] * 2).rows(named=True)
    after = rebased.query("SELECT * FROM ACM_Episodes WHERE StartTs = ?", [before["StartTs"]]).row(0, named=True)
    assert (after["Status"], after["ClosedBy"]) == ("CLOSED", "baseline")
    assert after["EndTs"] < OVERHAUL <= before["EndTs"]
    culprits = rebased.query("SELECT RunID FROM ACM_EpisodeCulprits WHERE StartTs = ?", [before["StartTs"]])
    assert set(culprits["RunID"]) == {after["RunID"]}
    sent = rebased.query("SELECT StartTs FROM ACM_Notifications WHERE Event = 'episode_closed'")["StartTs"]
    assert before["StartTs"] in sent.to_list()
    alarms = "SELECT count(*) AS n FROM ACM_Scores_Wide WHERE alarm AND Timestamp >= ?"
    assert rebased.query(alarms, [OVERHAUL]).item() == 0
    assert run(rebased, "verify", CODE, "--sample", "4").exit_code == 0


def test_a_second_backfill_changes_nothing(rebased, tmp_path):
    place = copy_plant(rebased, tmp_path)
    before = place.dump()
    assert place.backfill_or_fail().machines[0].windows == 0
    assert_same(place.dump(), before)


@pytest.mark.slow
@pytest.mark.parametrize(("tick", "group", "when"), [("11h", 300, 45), ("7d", 50_000, 0)])
def test_windows_batches_and_the_time_of_the_request_change_nothing(rebased, tmp_path, tick, group, when):
    place = make_plant(tmp_path / "other.duckdb", readings=overhauled())
    options = {"backfill.batch_rows": group}
    place.backfill_or_fail(tick=tick, options=options, max_windows=when or 3)
    declare(place, "--to", "2024-02-02", "--reason", "new rotor")
    place.backfill_or_fail(tick=tick, options=options, max_windows=4)
    place.backfill_or_fail(tick=tick, options=options)
    assert_same(results(place), results(rebased), tolerance=1e-9)


@pytest.mark.slow
@pytest.mark.parametrize("days", [-3, 0, 4])
def test_a_replay_trains_the_baseline_again(rebased, tmp_path, days):
    place = copy_plant(rebased, tmp_path)
    place.backfill_or_fail(replay_from=OVERHAUL + timedelta(days=days))
    assert_same(results(place), results(rebased), tolerance=1e-9)


@pytest.mark.slow
def test_a_baseline_waits_for_enough_readings(tmp_path):
    readings = overhauled()
    place = make_plant(
        tmp_path / "short.duckdb", readings=readings.filter(pl.col("EntryDateTime") < OVERHAUL + timedelta(days=3))
    )
    place.backfill_or_fail()
    result = json.loads(declare(place, "--json").stdout)
    assert (result["is_complete"], result["train_end"]) == (False, None)
    place.backfill_or_fail()
    assert place.query("SELECT Status, ModelVersion FROM ACM_Baselines").row(0) == ("PENDING", None)
    assert place.query("SELECT max(ModelVersion) AS v FROM ACM_Scores_Wide").item() == 1
    place.load(readings)
    place.backfill_or_fail()
    status, end = place.query("SELECT Status, TrainEnd FROM ACM_Baselines").row(0)
    assert (status, end) == ("DONE", OVERHAUL + timedelta(days=11))


@pytest.mark.slow
def test_a_baseline_that_cannot_be_trained_keeps_the_models(scored, tmp_path):
    place = copy_plant(scored, tmp_path)
    declare(place, "--to", f"{OVERHAUL + timedelta(days=1):%Y-%m-%d}")
    place.backfill_or_fail()
    (row,) = place.query("SELECT Status, ModelVersion, Message FROM ACM_Baselines").rows()
    assert row[:2] == ("REJECTED", None)
    assert row[2]
    assert place.query("SELECT max(Version) AS v FROM ModelRegistry").item() == 1
    machine = json.loads(run(place, "show", CODE, "--json").stdout)["machine"]
    assert (machine["baseline"]["status"], machine["baseline"]["message"]) == ("REJECTED", row[2])


@pytest.mark.slow
def test_a_newer_request_replaces_the_one_for_the_same_date(rebased, tmp_path):
    place = copy_plant(rebased, tmp_path)
    assert json.loads(declare(place, "--to", "2024-02-05", "--json").stdout)["replaced"] == 1
    place.backfill_or_fail()
    found = place.query("SELECT Status, ModelVersion FROM ACM_Baselines ORDER BY RequestedAt").rows()
    assert found == [("REPLACED", 2), ("DONE", 3)]
    versions = place.query("SELECT DISTINCT ModelVersion AS v FROM ACM_Scores_Wide WHERE Timestamp >= ?", [OVERHAUL])
    assert versions["v"].to_list() == [3]


def test_a_dry_run_stores_nothing(scored, tmp_path):
    place = copy_plant(scored, tmp_path)
    result = json.loads(declare(place, "--dry-run", "--json").stdout)
    assert (result["stored"], result["effective_from"]) == (False, "2024-01-21T00:00:00Z")
    assert place.query("SELECT count(*) AS n FROM ACM_Baselines").item() == 0


@pytest.mark.parametrize("times", [("2023-01-01",), ("2030-01-01",), ("2024-01-20", "--to", "2024-01-20")])
def test_times_outside_of_the_history_are_refused(scored, times):
    assert_refused(run(scored, "baseline", CODE, "--from", *times), 2)
    assert scored.query("SELECT count(*) AS n FROM ACM_Baselines").item() == 0


def test_a_baseline_that_would_lose_results_is_refused(scored, tmp_path):
    place = copy_plant(scored, tmp_path)
    engine = place.connect()
    try:
        engine.execute('DELETE FROM ACM_State WHERE "AsOf" <= ?', [OVERHAUL])
        engine.execute(f'DELETE FROM "{CODE}_Data" WHERE EntryDateTime < ?', [START + timedelta(days=5)])
    finally:
        engine.close()
    assert_refused(run(place, "baseline", CODE, "--from", f"{OVERHAUL:%Y-%m-%d}"), 2)
    assert place.query("SELECT count(*) AS n FROM ACM_Baselines").item() == 0


@pytest.mark.slow
def test_other_settings_are_replayed_from_before_a_baseline(rebased, tmp_path):
    place = copy_plant(rebased, tmp_path)
    options = {"score.alarm_z": 3.6}
    report = place.backfill(options=options, replay_from=OVERHAUL + timedelta(days=2))
    assert report.exit_code == 2
    place.backfill_or_fail(options=options, replay_from=OVERHAUL - timedelta(days=2))
    ((status, version),) = place.query("SELECT Status, ModelVersion FROM ACM_Baselines").rows()
    assert status == "DONE"
    (newest,) = place.query("SELECT Version FROM ModelRegistry WHERE Origin = 'coldstart' ORDER BY 1 DESC LIMIT 1").row(
        0
    )
    assert version > newest


@pytest.mark.slow
def test_a_withdrawn_baseline_leaves_the_scores_of_the_models_before(scored, rebased, tmp_path):
    place = copy_plant(rebased, tmp_path)
    withdrawn = json.loads(declare(place, "--withdraw", "--json").stdout)
    check_shape(withdrawn, "baseline_withdrawal")
    assert (withdrawn["effective_from"], withdrawn["withdrawn"]) == ("2024-01-21T00:00:00Z", 1)
    place.backfill_or_fail()
    assert place.query("SELECT Status FROM ACM_Baselines").item() == "WITHDRAWN"
    found, expected = results(place), results(scored)
    found.pop("ACM_Baselines"), expected.pop("ACM_Baselines")
    assert_same(found, expected, tolerance=1e-9)
    assert place.backfill_or_fail().machines[0].windows == 0
    assert_refused(run(place, "baseline", CODE, "--from", "2024-01-21", "--withdraw"), 2)


def test_a_request_for_a_refit_prints_the_last_decision(scored, tmp_path):
    place = copy_plant(scored, tmp_path)
    assert json.loads(run(place, "refit", CODE, "--json").stdout)["last_decision"] is None
    engine = place.connect()
    try:
        engine.execute("UPDATE ACM_RefitRequests SET Status = 'REJECTED', Message = 'keeping the current models'")
    finally:
        engine.close()
    assert json.loads(run(place, "refit", CODE, "--json").stdout)["last_decision"] == "keeping the current models"
