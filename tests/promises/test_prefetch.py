"""Pulling and scoring ahead changes the time a backfill takes and nothing else."""

from __future__ import annotations

import random
import threading
import time

import pytest
import stores
from plants import FAST, assert_same, history, make_plant

from acm_etl.errors import StoreError, TransientError
from acm_etl.fleet.fleet_backfill import backfill_machines
from acm_etl.io import historian
from acm_etl.load import publish as publishing
from acm_etl.run import batch
from acm_etl.run.context import SettingsSources

FOUR_BATCHES = {"backfill.batch_rows": 192}  # half-hours: a batch has four days
READINGS = history(days=16)


def backfill(place, **options):
    return place.backfill(options={**FOUR_BATCHES, **options})


@pytest.fixture(scope="module")
def one_by_one(tmp_path_factory):
    """What a backfill without anything ahead stores."""
    place = make_plant(tmp_path_factory.mktemp("ahead") / "sequential.duckdb", readings=READINGS)
    assert backfill(place, **{"backfill.prefetch": 0}).exit_code == 0
    return place.dump()


@pytest.mark.slow
def test_whatever_takes_long_the_tables_are_the_same(plant, one_by_one, monkeypatch):
    dice, order = random.Random(1), []

    def slowed(function, name):
        def work(*args, **kwargs):
            time.sleep(dice.choice((0, 0, 0.02, 0.08)))
            order.append((name, threading.current_thread().name.split("_")[0]))
            return function(*args, **kwargs)

        return work

    monkeypatch.setattr(historian, "pull_readings", slowed(historian.pull_readings, "pull"))
    monkeypatch.setattr(batch.score, "score", slowed(batch.score.score, "score"))
    monkeypatch.setattr(publishing, "publish_batch", slowed(publishing.publish_batch, "publish"))
    place = plant(readings=READINGS)
    assert backfill(place, **{"backfill.prefetch": 2}).exit_code == 0
    assert_same(place.dump(), one_by_one)
    assert ("pull", "acm-pull") in order
    assert ("score", "acm-score") in order
    assert not {"acm-pull", "acm-score"} & {thread for name, thread in order if name == "publish"}


@pytest.mark.slow
def test_groups_are_scored_while_one_is_published(plant, monkeypatch):
    scored, publish, met = threading.Semaphore(0), publishing.publish_batch, []
    original = batch.score.score

    def score(*args, **kwargs):
        scored.release()
        return original(*args, **kwargs)

    def slow(engine, publication):
        if not met:  # the first batch waits until the next one is scored too
            met.append(all(scored.acquire(timeout=200) for _ in range(2)))
        return publish(engine, publication)

    monkeypatch.setattr(batch.score, "score", score)
    monkeypatch.setattr(publishing, "publish_batch", slow)
    assert backfill(plant(readings=history(days=16)), **{"backfill.prefetch": 1}).exit_code == 0
    assert met == [True]


@pytest.mark.slow
@pytest.mark.parametrize("stage", ["pull", "score"])
def test_what_fails_ahead_once_is_done_again_in_its_place(plant, one_by_one, monkeypatch, stage):
    module, name = {"pull": (historian, "pull_readings"), "score": (batch.score, "score")}[stage]
    original, calls = getattr(module, name), []

    def flaky(*args, **kwargs):
        if threading.current_thread().name.startswith("acm-"):
            calls.append(1)
            if len(calls) == 3:
                message = "the line went dead"
                raise TransientError(message)
        return original(*args, **kwargs)

    monkeypatch.setattr(module, name, flaky)
    place = plant(readings=READINGS)
    assert backfill(place).exit_code == 0
    assert len(calls) > 3, "later batches are prefetched again"
    assert_same(place.dump(), one_by_one)


@pytest.mark.slow
@stores.REAL
@pytest.mark.parametrize("stage", ["pull", "score", "publish"])
def test_a_stage_that_fails_leaves_nothing_half_written(plant, monkeypatch, stage):
    whole, place = plant.scored("whole", readings=READINGS, options=FOUR_BATCHES), plant(readings=READINGS)
    published, publish = [], publishing.publish_batch

    def breaking(function, here):
        def work(*args, **kwargs):
            if here == stage and len(published) >= 2:
                message = "this stage is broken"
                raise StoreError(message)
            return function(*args, **kwargs)

        return work

    def counted(engine, publication):
        found = breaking(publish, "publish")(engine, publication)
        published.append(publication.end)
        return found

    monkeypatch.setattr(publishing, "publish_batch", counted)
    monkeypatch.setattr(historian, "pull_readings", breaking(historian.pull_readings, "pull"))
    monkeypatch.setattr(batch.score, "score", breaking(batch.score.score, "score"))
    report = backfill(place)
    assert report.exit_code == 1
    assert "broken" in report.machines[0].message
    last = place.table("ACM_BatchProgress")["LastBatchEndTime"].item()
    assert last == published[-1]
    assert place.table("ACM_Scores_Wide")["Timestamp"].max() < last
    failed = place.query("SELECT min(WindowStart) AS first, count(*) AS n FROM RunLog WHERE Outcome = 'FAIL'")
    assert failed["first"].item() == last
    assert place.query("SELECT count(*) AS n FROM RunLog WHERE Outcome = 'RUNNING'").item() == 0
    assert place.table("ACM_RunErrors").height == 1
    monkeypatch.undo()
    assert backfill(place).exit_code == 0
    without = {"ACM_RunErrors", "ACM_WriteMetrics"}
    assert_same(attempts_apart(place.dump(without=without)), attempts_apart(whole.dump(without=without)),
                tolerance=place.tolerance)  # fmt: skip


def attempts_apart(dump):
    """RunLog counts attempts, which is what differs here."""
    return {name: frame.drop("Attempt", strict=False) for name, frame in dump.items()}


@pytest.mark.slow
def test_a_stop_ends_after_the_group_at_hand(plant, one_by_one, monkeypatch):
    stop, publish, published = threading.Event(), publishing.publish_batch, []

    def stopping(engine, publication):
        published.append(publication.end)
        if len(published) == 2:
            stop.set()
        return publish(engine, publication)

    monkeypatch.setattr(publishing, "publish_batch", stopping)
    place = plant(readings=READINGS)
    options = {"store.url": place.url, "backfill.tick": "1d", **FAST, **FOUR_BATCHES}
    report = backfill_machines([place.code], sources=SettingsSources(options=options), stop=stop)
    assert report.machines[0].outcome == "stopped"
    assert len(published) == 2
    assert not [thread for thread in threading.enumerate() if thread.name.startswith("acm-")]
    monkeypatch.undo()
    assert backfill(place).exit_code == 0
    assert_same(place.dump(), one_by_one)


def test_an_interrupt_ends_the_threads_and_stores_nothing(plant, monkeypatch):
    def interrupted(_engine, _publication):
        raise KeyboardInterrupt

    monkeypatch.setattr(publishing, "publish_batch", interrupted)
    place = plant(readings=history(days=16))
    report = backfill(place)
    assert report.exit_code == 1
    assert "KeyboardInterrupt" in report.machines[0].message
    assert place.table("ACM_Scores_Wide").is_empty()
    assert not [thread for thread in threading.enumerate() if thread.name.startswith("acm-")]
