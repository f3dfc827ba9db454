"""The first training of a machine, as a backfill goes through it."""

from __future__ import annotations

import signal
import subprocess
import sys
from datetime import datetime, timedelta

import polars as pl
import pytest
from commands import alter, assert_refused, run
from plants import CODE, FAST, START, assert_same, history, leave_out_preparation

from acm_etl import config, score
from acm_etl.admin import ingest
from acm_etl.errors import ColdstartError, StoreError
from acm_etl.load.maintenance import replay
from acm_etl.load.models import coldstart, registry
from acm_etl.run import training
from acm_etl.tables.runs import COLDSTART_STATE

# What tells which attempt wrote a row, and what groups measure of themselves.
ATTEMPTS = ("ACM_ColdstartState", "RunLog")


def add(place, frame):
    ingest.load_frame(
        frame, equip=place.code, time_zone="America/New_York", config=config.load_config({"store.url": place.url})
    )


def state(place):
    """The row of the state machine, by column."""
    rows = place.query(f"SELECT * FROM {COLDSTART_STATE.name}").rows(named=True)
    assert len(rows) == 1
    return rows[0]


def models(place):
    return place.query("SELECT * FROM ModelRegistry ORDER BY Version")


def test_a_short_history_is_told_where_training_may_end(plant):
    place = plant(readings=history(days=9))
    env = {"ACM_TRAINING__DAYS": "12", "ACM_TRAINING__RUNNING_ROWS": "200"}

    def preview(*options, env=env):
        return run(place, "backfill", "--all", "--dry-run", *options, env=env).stdout

    assert "or shorten the period with --train-until 2024-01-08 or training.days" in preview()
    assert "planned: coldstart, then 9 windows" in preview("--train-until", "2024-01-08")
    # A row of an unset clock is one reading, and no years.
    alter(place, f"INSERT INTO \"{CODE}_Data\" (EntryDateTime) VALUES ('1970-01-01')")
    assert "--train-until 2024-01-08 or" in preview()
    # Of the 433 readings, seven tenths are fewer than these.
    assert "with --train-until or training.days" in preview(env=env | {"ACM_TRAINING__RUNNING_ROWS": "400"})


@pytest.mark.slow
def test_a_shortage_waits_and_is_cured_by_later_readings(plant):
    readings = history(days=20)
    first, more = (START + timedelta(days=days) for days in (6, 9))
    time = pl.col("EntryDateTime")
    place, whole = plant(readings=readings.filter(time < first)), plant.scored("whole", readings=readings)
    for until, later in ((first, readings.filter(time.is_between(first, more, closed="left"))),
                         (more, readings.filter(time >= more))):  # fmt: skip
        report = place.backfill().machines[0]
        assert report.outcome == "waiting"
        assert "the training period ends 2024-01-14 00:00" in report.message
        assert "--train-until" in report.message
        row = state(place)
        assert (row["Status"], row["Reason"]) == ("PENDING", report.message)
        assert row["DataEnd"] < until
        # attempts overlap, readings count once: the row says what there is, not what was seen in all attempts
        seen = score.dedupe_readings(readings.filter(time < until).rename({"EntryDateTime": "Timestamp"}))[0]
        assert row["AccumulatedRows"] == score.find_operating_states(seen, config.load_config(FAST).score).running_rows
        for table in ("ACM_Scores_Wide", "ModelRegistry", "ACM_ModelTags", "ACM_BatchProgress"):
            assert place.query(f"SELECT count(*) AS n FROM {table}").item() == 0
        assert f"coldstart PENDING: {report.message}" in run(place, "status").stdout
        add(place, later)
    assert place.backfill().machines[0].outcome == "done"
    assert state(place)["AttemptCount"] == 3
    assert_same(place.dump(), whole.dump())


def test_a_short_history_says_what_would_be_done(plant):
    place = plant(readings=history(days=6))
    before = place.dump()
    found = run(place, "backfill", "--all", "--dry-run")
    assert found.exit_code == 0
    assert "waiting, nothing would be scored: the training period ends 2024" in found.stdout
    assert_same(place.dump(), before)


@pytest.mark.slow
def test_a_failed_coldstart_waits_for_its_time_or_a_reset(plant):
    place = plant(readings=history(days=16))
    bad = {"score.min_train_rows": 5000}
    failed = place.backfill(options=bad).machines[0]
    assert (failed.outcome, failed.exit_code) == ("failed", 1)
    assert "training readings are usable and running, 5000 are needed" in failed.message
    row = state(place)
    assert row["Status"] == "FAILED"
    assert row["Reason"] in failed.message
    assert row["RetryAfter"] - row["LastAttemptAt"] >= timedelta(minutes=59)
    early = place.backfill().machines[0]
    assert early.outcome == "failed"
    assert "is not tried again before" in early.message
    assert "acm-etl reset" in early.message
    assert state(place)["AttemptCount"] == 1
    assert run(place, "reset", CODE, "--coldstart-only", "--yes").exit_code == 0
    assert state(place)["Status"] == "PENDING"
    assert place.backfill().machines[0].outcome == "done"
    assert state(place)["Status"] == "COMPLETE"
    whole = plant.scored("whole", readings=history(days=16))
    assert_same(place.dump(), whole.dump())


@pytest.mark.slow
def test_a_failed_coldstart_is_tried_again_after_its_time(plant):
    place = plant(readings=history(days=16))
    place.backfill(options={"score.min_train_rows": 5000})
    alter(place, "UPDATE ACM_ColdstartState SET RetryAfter = RetryAfter - INTERVAL 2 HOUR")
    assert place.backfill().machines[0].outcome == "done"


def test_an_illegal_step_is_refused_and_changes_nothing(plant):
    place = plant.scored(readings=history(days=16))
    before = state(place)
    engine = place.connect()
    try:
        with pytest.raises(ColdstartError, match="begin is not possible from COMPLETE, only from PENDING or FAILED"):
            coldstart.begin_attempt(engine, 1, required_rows=1)
        with pytest.raises(ColdstartError, match="shortage is not possible from COMPLETE"):
            coldstart.record_shortage(engine, 1, coldstart.TrainingData(1, 2, START, None), reason="short")
    finally:
        engine.close()
    assert state(place) == before
    assert_refused(run(place, "reset", CODE, "--coldstart-only", "--yes"), 2, "COMPLETE")


@pytest.mark.slow
def test_deleted_models_are_noticed_and_trained_again_to_the_same_bytes(plant, monkeypatch):
    place = plant.scored(max_windows=15)
    before = models(place)
    alter(place, "DELETE FROM ModelRegistry")
    reasons = []
    original = coldstart.record_lost_models

    def noticed(engine, equip_id, *, reason):
        original(engine, equip_id, reason=reason)
        reasons.append(
            (coldstart.read_coldstart(engine, equip_id).status, coldstart.read_coldstart(engine, equip_id).reason)
        )

    monkeypatch.setattr(coldstart, "record_lost_models", noticed)
    assert place.backfill().machines[0].outcome == "done"
    assert reasons == [("PENDING", "the models were deleted from ModelRegistry")]
    assert models(place).drop("CreatedAt").equals(before.drop("CreatedAt"))
    whole = plant.scored("whole", max_windows=15)
    whole.backfill()
    assert_same(place.dump(), whole.dump())


KILLED = """
import os, signal, sys
from acm_etl.load.models import coldstart
import acm_etl

def die(engine, *args, **options):
    os.kill(os.getpid(), signal.SIGKILL)

coldstart.complete_coldstart = die
acm_etl.backfill(store=sys.argv[1], equip=sys.argv[2], settings={settings})
"""


@pytest.mark.slow
def test_a_kill_between_models_and_state_leaves_neither(plant):
    place, whole = plant(readings=history(days=16)), plant.scored("whole", readings=history(days=16))
    script = KILLED.replace("{settings}", repr(FAST))
    found = subprocess.run([sys.executable, "-c", script, place.url, CODE], check=False, capture_output=True)
    assert found.returncode == -signal.SIGKILL, found.stderr
    for table in ("ModelRegistry", "ACM_ModelTags", "ACM_CalibrationSummary"):
        assert place.query(f"SELECT count(*) AS n FROM {table}").item() == 0
    assert state(place)["Status"] == "IN_PROGRESS"
    assert place.backfill().machines[0].outcome == "done"
    assert_same(place.dump(), whole.dump())


@pytest.mark.sampled
@pytest.mark.parametrize("step", ["complete_coldstart", "run_table_loads"])
def test_an_error_between_models_and_state_leaves_neither(plant, monkeypatch, step):
    place, whole = plant(readings=history(days=16)), plant.scored("whole", readings=history(days=16))

    def fail(*_, **__):
        message = "the disk is on fire"
        raise StoreError(message)

    with monkeypatch.context() as patch:
        patch.setattr(coldstart if step == "complete_coldstart" else registry, step, fail)
        report = place.backfill()
    assert report.exit_code == 1
    assert "on fire" in report.machines[0].message
    for table in ("ModelRegistry", "ACM_ModelTags", "ACM_CalibrationSummary"):
        assert place.query(f"SELECT count(*) AS n FROM {table}").item() == 0
    assert state(place)["Status"] != "COMPLETE"
    assert place.backfill().machines[0].outcome == "done"
    assert_same(leave_out_preparation(place.dump()), whole.dump())


@pytest.mark.slow
@pytest.mark.parametrize(("tick", "group"), [("7d", 50_000), ("11h", 1), ("1d", 100)])
def test_the_training_period_depends_on_data_and_settings_only(plant, tick, group):
    readings = history(days=16)
    wanted = plant.scored("wanted", readings=readings, max_windows=1)
    place = plant.scored(readings=readings, tick=tick, options={"backfill.batch_rows": group}, max_windows=1)
    assert models(place).drop("CreatedAt").equals(models(wanted).drop("CreatedAt"))


def test_the_training_period_is_extended_to_enough_running_readings(plant):
    readings = history(days=30)
    place = plant.scored(readings=readings, options={"training.days": 3, "training.running_rows": 600}, max_windows=1)
    assert models(place)["TrainEnd"].to_list() == [datetime(2024, 1, 15)]  # midnight after three days, and ten more


def test_years_without_readings_after_that_of_an_unset_clock_take_few_queries(plant, monkeypatch):
    place, original, ends, gaps = plant(readings=history(days=16)), training.pull_training_readings, [], []
    alter(place, f"INSERT INTO \"{CODE}_Data\" (EntryDateTime) VALUES ('1900-01-01')")

    def pull(context, source, start, end):
        ends.append(end)
        return original(context, source, start, end)

    monkeypatch.setattr(training, "pull_training_readings", pull)
    monkeypatch.setattr(training, "_skip_gap", record_results(training._skip_gap, gaps))
    assert place.backfill(max_windows=1).exit_code == 0
    assert len(ends) <= 5
    assert {(end - ends[0]) % timedelta(days=10) for end in ends} == {timedelta(0)}
    assert [START - timedelta(days=10) < gap <= START for gap in gaps] == [True]
    assert models(place)["TrainEnd"].to_list() == [ends[-1]]


@pytest.mark.slow
def test_stops_of_a_history_take_no_query_of_their_own(plant, monkeypatch):
    gaps = []
    monkeypatch.setattr(training, "_skip_gap", record_results(training._skip_gap, gaps))
    options = {"training.days": 3, "training.running_rows": 600}
    plant.scored(readings=history(days=29), options=options, max_windows=1)
    assert gaps == []


def record_results(function, results):
    """Return ``function``, which also appends its results to ``results``."""

    def recorded(*args):
        results.append(function(*args))
        return results[-1]

    return recorded


@pytest.mark.slow
def test_a_window_that_contains_the_end_of_training_is_split_there(plant):
    place = plant(readings=history(days=24))
    end = datetime(2024, 1, 13, 7, 30)
    place.backfill(tick="7d", options={"training.until": end})
    edges = place.query("SELECT WindowStart, WindowEnd FROM RunLog WHERE Stage = 'score' ORDER BY 1").rows()
    assert (datetime(2024, 1, 11), end) in edges
    assert (end, datetime(2024, 1, 18)) in edges
    phases = place.query("SELECT Phase, min(Timestamp) AS a, max(Timestamp) AS b FROM ACM_Scores_Wide GROUP BY 1")
    found = {phase: (a, b) for phase, a, b in phases.iter_rows()}
    assert found["TRAIN"][1] < end <= found["SCORE"][0]
    sql = "SELECT count(*) AS n FROM ACM_Episodes WHERE StartTs < ?"
    assert place.query(sql, [end]).item() == 0


@pytest.mark.slow
def test_training_readings_raise_no_episodes(plant):
    place = plant(readings=history(days=24))
    low = 1.5
    place.backfill(options={"score.alarm_z": low, "score.clear_z": 1.0})
    end = models(place)["TrainEnd"][0]
    loud = place.query("SELECT count(*) AS n FROM ACM_Scores_Wide WHERE Timestamp < ? AND fused > ?", [end, low]).item()
    assert loud >= 10, "the training period holds what would be episodes later"
    started = place.query("SELECT StartTs FROM ACM_Episodes")["StartTs"]
    assert started.len() > 0
    assert (started >= end).all()
    late = "SELECT count(*) AS n FROM ACM_Scores_Wide WHERE (Phase = 'TRAIN') <> (Timestamp < ?)"
    assert place.query(late, [end]).item() == 0


@pytest.mark.slow
def test_a_restored_model_scores_bit_for_bit_like_the_fitted_one(plant, monkeypatch):
    place, restored = plant.scored(), plant("restored")
    original = training._publish_model
    monkeypatch.setattr(
        training,
        "_publish_model",
        lambda job, period, model: (original(job, period, model), training.load_trained_model(job))[1],
    )
    restored.backfill()
    assert_same(restored.dump(), place.dump())


@pytest.mark.slow
def test_settings_changed_before_anything_was_published_train_anew(plant, monkeypatch):
    """Models of other settings are never used under the new ones."""
    readings, changed = history(days=16), {"score.forest_trees": 5}
    place, whole = plant(readings=readings), plant.scored("whole", readings=readings, options=changed)
    with monkeypatch.context() as patch:
        patch.setattr(
            "acm_etl.run.batch.WindowBatch.run_with_retries", lambda *_: (_ for _ in ()).throw(StoreError("no space"))
        )
        assert place.backfill().exit_code == 1
    assert models(place).height == 1
    assert place.backfill(options=changed).machines[0].outcome == "done"
    assert_same(place.dump(without=ATTEMPTS), whole.dump(without=ATTEMPTS))


@pytest.mark.slow
def test_a_restart_that_trained_and_died_is_not_continued_with_the_old_settings(plant, monkeypatch):
    place = plant.scored()
    changed, start = {"score.alarm_z": 3.7}, START
    with monkeypatch.context() as patch:
        patch.setattr(
            replay,
            "rewind_machine",
            lambda *_, **__: (_ for _ in ()).throw(StoreError("no space")),
        )
        assert place.backfill(options=changed, replay_from=start).exit_code == 1
    refused = place.backfill().machines[0]
    assert refused.exit_code == 2
    assert "did not finish" in refused.message
    assert place.backfill(options=changed, replay_from=start).exit_code == 0
    whole = plant.scored("whole", options=changed)
    ours, theirs = place.dump(), whole.dump()
    for name in ("ACM_Episodes", "ACM_DefectSummary", "ACM_EpisodeMetrics"):
        assert ours[name].drop("RunID").equals(theirs[name].drop("RunID"))
