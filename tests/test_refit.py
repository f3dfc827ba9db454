"""New models for a machine that has some: when they come, when they do not, and that nothing else depends on it."""

from __future__ import annotations

import json
import os
from contextlib import contextmanager
from datetime import datetime, timedelta
from itertools import pairwise

import polars as pl
import pytest
from commands import assert_refused, run
from plants import CODE, START, assert_same, copy_plant, history, make_scored_plant

from acm_etl import config, formatting, score, tables
from acm_etl.admin import ingest
from acm_etl.errors import StoreError
from acm_etl.io.duckdb.engine import DuckDB
from acm_etl.run import refit

GRAINS = {"time", "event", "day", "model"}
RESULTS = [t.name for t in tables.ALL if t.grain in GRAINS]
# Two weeks of training, then new models every week; the fault is over before the readings that test the second.
AGE = {"refit.age_days": 7}
DAYS = 33
FIRST, SECOND = datetime(2024, 1, 21), datetime(2024, 1, 28)


def results(place):
    """The rows that must not depend on how the history was cut; which run wrote them does."""
    dump = place.dump()
    runs = {"RunID", "ModelBytes", "Hash"}
    found = {name: dump[name].drop(runs & set(dump[name].columns)) for name in RESULTS}
    return found | {"ACM_RefitRequests": dump["ACM_RefitRequests"]}


def requests(place):
    return place.query("SELECT * FROM ACM_RefitRequests ORDER BY RequestedAt").rows(named=True)


def versions(place):
    """First and last reading that each version scored."""
    rows = place.query(
        "SELECT ModelVersion, min(Timestamp) AS a, max(Timestamp) AS b FROM ACM_Scores_Wide GROUP BY 1 ORDER BY 1"
    )
    return {version: (first, last) for version, first, last in rows.iter_rows()}


@pytest.fixture(scope="module")
def aged(tmp_path_factory):
    """A store whose models were refitted by age, twice."""
    return make_scored_plant(tmp_path_factory.mktemp("aged") / "aged.duckdb", readings=history(days=DAYS), options=AGE)


@pytest.mark.slow
def test_models_are_refitted_by_age_at_day_boundaries(aged):
    found = requests(aged)
    assert [(r["RequestedBy"], r["Status"], r["EffectiveFrom"], r["ModelVersion"]) for r in found] == [
        ("AGE", "DONE", FIRST, 2),
        ("AGE", "DONE", SECOND, 3),
    ]
    spans = versions(aged)
    assert spans[1][1] < FIRST <= spans[2][0]
    assert spans[2][1] < SECOND <= spans[3][0]
    registered = aged.query("SELECT Version, HoldsFrom, TrainStart, TrainEnd FROM ModelRegistry ORDER BY 1").rows()
    assert registered[1:] == [
        (2, FIRST, FIRST - timedelta(days=12), FIRST - timedelta(days=2)),
        (3, SECOND, SECOND - timedelta(days=12), SECOND - timedelta(days=2)),
    ]
    assert aged.query("SELECT ModelVersion FROM ACM_BatchProgress").item() == 3
    for name in ("ACM_CalibrationSummary", "ACM_ModelTags"):
        assert aged.query(f"SELECT DISTINCT ModelVersion AS v FROM {name} ORDER BY 1")["v"].to_list() == [1, 2, 3]
    runs = aged.query("SELECT ModelVersion, WindowStart, WindowEnd FROM RunLog WHERE Stage = 'score'")
    held = {1: (START, FIRST), 2: (FIRST, SECOND), 3: (SECOND, datetime(2024, 3, 1))}
    assert all(held[v][0] <= start < end <= held[v][1] for v, start, end in runs.iter_rows())


@pytest.mark.slow
def test_the_baseline_leaves_episodes_out(aged, monkeypatch, tmp_path):
    place = copy_plant(aged, tmp_path)
    fitted = []
    original = score.fit
    monkeypatch.setattr(
        score, "fit", lambda frame, *args, **named: (fitted.append(frame), original(frame, *args, **named))[1]
    )
    place.backfill(options=AGE, replay_from=FIRST - timedelta(days=1))
    assert len(fitted) == 2
    # the tables say what was an episode: a closed one that began before the second boundary, with its last alarm
    episodes = place.query("SELECT StartTs, EndTs FROM ACM_Episodes WHERE StartTs < ?", [SECOND])
    times = fitted[1]["Timestamp"]
    inside = [times.is_between(start, min(end, SECOND)).sum() for start, end in episodes.iter_rows()]
    assert episodes.height > 0
    assert sum(inside) == 0
    total = place.query(
        "SELECT count(*) AS n FROM ACM_Scores_Wide WHERE Timestamp >= ? AND Timestamp < ?",
        [SECOND - timedelta(days=12), SECOND - timedelta(days=2)],
    ).item()
    assert 200 < times.len() < total


@pytest.mark.slow
def test_a_replay_that_begins_with_a_refit_knows_the_episode_that_was_open(plant, monkeypatch):
    boundary = START + timedelta(days=20)  # in the middle of the fault
    seen = []
    original = refit._select_refit_data
    monkeypatch.setattr(refit, "_select_refit_data", lambda *a, **k: seen.append(original(*a, **k)) or seen[-1])
    straight, again = plant.scored("straight", max_windows=20), plant.scored()
    for place, restart in ((straight, None), (again, boundary)):
        assert run(place, "refit", CODE).exit_code == 0
        place.backfill(replay_from=restart)
        assert requests(place)[-1]["EffectiveFrom"] == boundary
    wanted, found = seen
    assert found.holdout_readings.equals(wanted.holdout_readings)
    assert found.train_readings.frame.equals(wanted.train_readings.frame)
    (start,) = again.query("SELECT StartTs FROM ACM_Episodes WHERE StartTs < ? AND EndTs > ?", [boundary] * 2)[
        "StartTs"
    ]
    assert found.holdout_readings.filter(pl.col("Timestamp").is_between(start, boundary)).height < 5


@pytest.mark.slow
@pytest.mark.parametrize(("tick", "group"), [("7d", 50_000), ("11h", 300)])
def test_ticks_and_groups_do_not_change_when(aged, plant, tick, group):
    place = plant(readings=history(days=DAYS))
    report = place.backfill(tick=tick, options={**AGE, "backfill.batch_rows": group})
    assert report.exit_code == 0, report.machines[0].message
    assert_same(results(place), results(aged), tolerance=1e-9)


@pytest.mark.slow
def test_many_small_runs_end_in_the_same_tables(aged, plant):
    place = plant(readings=history(days=DAYS))
    for _ in range(DAYS // 7 + 1):
        place.backfill(options=AGE, max_windows=7)
    assert_same(results(place), results(aged), tolerance=1e-9)
    assert place.backfill(options=AGE).machines[0].windows == 0


@pytest.mark.slow
def test_later_readings_do_not_change_what_is_decided(aged, plant):
    readings = history(days=DAYS)
    place = plant.scored(readings=readings.filter(pl.col("EntryDateTime") < SECOND - timedelta(days=2)), options=AGE)
    assert place.query("SELECT max(Version) AS v FROM ModelRegistry").item() == 2
    both = [p.query("SELECT * EXCLUDE (CreatedAt) FROM ModelRegistry WHERE Version = 2") for p in (place, aged)]
    assert both[0].equals(both[1])


@pytest.mark.slow
@pytest.mark.parametrize("days", [-3, 0, 5])
def test_a_restart_replays_with_the_versions_that_held(aged, tmp_path, days):
    place = copy_plant(aged, tmp_path)
    report = place.backfill(options=AGE, replay_from=FIRST + timedelta(days=days))
    assert report.exit_code == 0, report.machines[0].message
    assert_same(results(place), results(aged), tolerance=1e-9)
    assert place.query("SELECT count(*) AS n FROM RunLog WHERE Outcome = 'SUPERSEDED'").item() == 0


@pytest.mark.slow
def test_a_restart_at_the_beginning_makes_all_versions_again(aged, tmp_path):
    place = copy_plant(aged, tmp_path)
    assert place.backfill(options=AGE, replay_from=START).exit_code == 0
    assert_same(results(place), results(aged), tolerance=1e-9)


SWITCHED = ("ModelRegistry", "ACM_ModelTags", "ACM_CalibrationSummary", "ACM_State", "ACM_BatchProgress", "RunLog",
            "ACM_RefitRequests")  # fmt: skip


@pytest.mark.slow
def test_a_failure_inside_the_switch_leaves_the_old_version(aged, plant, monkeypatch):
    place = plant(readings=history(days=DAYS))
    with monkeypatch.context() as patch:
        patch.setattr(refit, "evaluate_refit", lambda *_: None)
        place.backfill(options=AGE, max_windows=(FIRST - START).days)
    assert place.query("SELECT LastBatchEndTime FROM ACM_BatchProgress").item() == FIRST, "the switch writes first"
    before = place.dump()
    with failing_table(monkeypatch, SWITCHED[0]):
        report = place.backfill(options=AGE)
    assert report.exit_code == 1
    assert f"{SWITCHED[0]} is on fire" in report.machines[0].message
    assert_same(place.dump(), before)
    commit, tried = refit.commit_switch, []

    def fail_at_each_table(*args, **kwargs):
        # All with one switch: fitting its models takes far longer.
        for table in SWITCHED if not tried else ():
            with failing_table(monkeypatch, table), pytest.raises(StoreError, match=f"{table} is on fire"):
                commit(*args, **kwargs)
            assert_same(place.dump(), before)
            tried.append(table)
        return commit(*args, **kwargs)

    monkeypatch.setattr(refit, "commit_switch", fail_at_each_table)
    report = place.backfill(options=AGE)
    assert report.exit_code == 0, report.machines[0].message
    assert tried == list(SWITCHED)
    assert_same(results(place), results(aged), tolerance=1e-9)


@contextmanager
def failing_table(monkeypatch, table):
    """A store in which a transaction can write no row to this table."""
    original = DuckDB._change_rows

    def change_rows(engine, sql, params):
        verb, target = sql.lstrip().split(" ", 1)[0], sql.split("WHERE")[0]
        if verb in ("INSERT", "UPDATE", "MERGE") and f'"{table}"' in target and engine._in_transaction:
            message = f"{table} is on fire"
            raise StoreError(message)
        return original(engine, sql, params)

    with monkeypatch.context() as patch:
        patch.setattr(DuckDB, "_change_rows", change_rows)
        yield


@pytest.mark.slow
def test_a_request_is_decided_at_the_next_day_boundary_and_replayed_there(plant):
    readings = history(days=34)
    noon = START + timedelta(days=27, hours=12)
    place = plant.scored(readings=readings.filter(pl.col("EntryDateTime") < noon))
    found = run(place, "refit", CODE, "--reason", "new bearings")
    assert found.exit_code == 0, found.output
    assert not json.loads(run(place, "--json", "refit", CODE).stdout)["created"]
    assert "refit PENDING: new bearings" in run(place, "status").stdout
    later = readings.filter(pl.col("EntryDateTime") >= noon)
    ingest.load_frame(
        later, equip=CODE, time_zone="America/New_York", config=config.load_config({"store.url": place.url})
    )
    place.backfill()
    asked = requests(place)
    boundary = START + timedelta(days=27)
    assert [(r["RequestedBy"], r["Reason"], r["Status"], r["EffectiveFrom"], r["ModelVersion"]) for r in asked] == [
        ("REQUEST", "new bearings", "DONE", boundary, 2)
    ]
    assert asked[0]["AcknowledgedAt"] >= asked[0]["RequestedAt"]
    assert versions(place)[2][0] >= boundary > versions(place)[1][1]
    before = results(place)
    for restart in (START, boundary):
        assert place.backfill(replay_from=restart).exit_code == 0
        assert_same(results(place), before, tolerance=1e-9)


def test_a_request_of_a_machine_without_models_is_refused(plant):
    assert_refused(run(plant(readings=history(days=3)), "refit", CODE), 2, "no models yet", "backfill")


@pytest.mark.skipif(not hasattr(os, "setresuid") or os.geteuid() != 0, reason="only root may take another uid")
def test_who_has_no_name_asks_with_a_uid(plant):
    place = plant.scored(max_windows=5)
    os.setresuid(54_321, 0, 0)
    try:
        found = run(place, "refit", CODE, env=dict.fromkeys(("LOGNAME", "USER", "LNAME", "USERNAME")))
    finally:
        os.setresuid(0, 0, 0)
    assert found.exit_code == 0, found.exception
    assert [row["Requester"] for row in requests(place)] == ["uid 54321"]


# With a slow path of half a day, so that twelve days of training cover what it does by itself.
DRIFT = {"refit.drift_share": 0.15, "refit.drift_z": 1.0, "refit.drift_days": 5, "refit.check_days": 3,
         "score.drift_hours": 12}  # fmt: skip


@pytest.fixture(scope="module")
def drifted(tmp_path_factory):
    path = tmp_path_factory.mktemp("drift") / "drift.duckdb"
    return make_scored_plant(path, readings=history(days=DAYS), options=DRIFT)


def test_models_are_refitted_by_drift(drifted):
    found = requests(drifted)
    assert found, "drift was seen"
    for row in found:
        at = row["EffectiveFrom"]
        assert row["RequestedBy"] == "DRIFT"
        assert (at - datetime(1970, 1, 1)) % timedelta(days=3) == timedelta()
        share = drifted.query(
            "SELECT avg(CAST(NOT alarm AND coalesce(drift_z, 0) >= 1.0 AS INT)) AS s FROM ACM_Scores_Wide "
            "WHERE Phase = 'SCORE' AND OperatingState = 'on' AND Timestamp >= ? AND Timestamp < ?",
            [at - timedelta(days=5), at],
        ).item()
        assert share > 0.15
        assert f"{share:.1%}" in row["Reason"]
    boundaries = [row["EffectiveFrom"] for row in found]
    assert all(later - earlier >= timedelta(days=5) for earlier, later in pairwise(boundaries))


@pytest.mark.slow
def test_drift_is_seen_whatever_the_tick(drifted, plant):
    place = plant.scored(readings=history(days=DAYS), tick="11h", options={**DRIFT, "backfill.batch_rows": 300})
    assert_same(results(place), results(drifted), tolerance=1e-9)


@pytest.mark.slow
def test_worse_models_are_not_promoted_and_the_reason_is_recorded(plant, monkeypatch):
    shares = iter([(0.001, 96), (0.25, 96)] * 3)
    monkeypatch.setattr(score, "false_alarm_share", lambda *_: next(shares))
    place, plain = plant(readings=history(days=DAYS)), plant.scored("plain", readings=history(days=DAYS))
    assert place.backfill(options=AGE).exit_code == 0
    row = requests(place)[0]
    assert (row["Status"], row["EffectiveFrom"], row["ModelVersion"]) == ("REJECTED", FIRST, None)
    assert (row["OldAlarmShare"], row["NewAlarmShare"], row["CheckedRows"]) == (0.001, 0.25, 96)
    assert "false alarms in 96 hold-out readings 25.00% with the new models" in row["Message"]
    assert "refit REJECTED: keeping the current models: false alarms" in run(place, "status").stdout
    for name in ("ACM_Scores_Wide", "ACM_Episodes", "ACM_SensorDaily", "ACM_CalibrationSummary"):
        ours, theirs = (p.dump()[name].drop("RunID") for p in (place, plain))
        assert ours.equals(theirs), name


@pytest.mark.slow
def test_too_few_healthy_readings_are_no_models(plant):
    place = plant.scored(
        readings=history(days=30), options={**AGE, "training.running_rows": 450, "score.min_train_rows": 200}
    )
    row = requests(place)[0]
    assert row["Status"] == "REJECTED"
    assert "(training.running_rows)" in row["Message"]


def test_rules_switched_off_change_no_signature():
    assert config.Config().signature_payload == config.load_config({"refit.check_days": 7}).signature_payload
    assert '"refit"' not in config.Config().signature_payload
    assert config.load_config(AGE).signature != config.Config().signature
    assert formatting.diff_settings(config.load_config(AGE).signature_payload, config.Config().signature_payload) == [
        f"refit.age_days {AGE['refit.age_days']}, requested none"
    ]


@pytest.mark.slow
def test_prune_counts_first_and_deletes_with_apply(aged, tmp_path):
    place = copy_plant(aged, tmp_path)
    options = ("prune", "--equip", CODE, "--run-days", "10", "--model-versions", "1")
    before = place.dump()
    dry = json.loads(run(place, "--json", *options).stdout)
    assert not dry["applied"]
    assert json.loads(run(place, "--json", *options, "--dry-run").stdout) == dry
    assert_same(place.dump(), before)
    expired = {row["table"]: row["rows"] for row in dry["expired"]}
    assert expired["ACM_WriteMetrics"] > 0
    assert expired["ModelRegistry"] == 0, "replays may still start where each version held"
    done = json.loads(run(place, "--json", *options, "--apply").stdout)
    assert done["expired"] == dry["expired"]
    kept = place.dump()
    assert kept["ACM_WriteMetrics"].height == before["ACM_WriteMetrics"].height - expired["ACM_WriteMetrics"]
    again = json.loads(run(place, "--json", *options, "--apply").stdout)["expired"]
    assert sum(row["rows"] for row in again) == 0
    assert place.backfill(options=AGE, replay_from=FIRST - timedelta(days=1)).exit_code == 0
    assert_same(results(place), results(aged), tolerance=1e-9)
