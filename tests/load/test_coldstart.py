from __future__ import annotations

import threading
from functools import partial

import pytest
import stores

from acm_etl.errors import ColdstartError, ConflictError, ModelError, StoreError
from acm_etl.load import publish
from acm_etl.load.models import coldstart, registry
from load.made import SIGNATURE, START, T, day, episode, log, publication, run_of

AT = day(50)
MODEL = {"train_end": day(9), "model_version": 1}
WHOLE = coldstart.TrainingData(100, 100, day(0), day(9))
SHORT = coldstart.TrainingData(7, 100, day(0), day(1))

CALLS = {
    "begin": lambda e: coldstart.begin_attempt(e, 1, required_rows=100, started_at=AT),
    "shortage": lambda e: coldstart.record_shortage(e, 1, SHORT, reason="too short"),
    "abandon": lambda e: coldstart.abandon_attempt(e, 1),
    "fail": lambda e: coldstart.fail_attempt(e, 1, reason="singular", retry_after=AT),
    "complete": lambda e: coldstart.complete_coldstart(e, 1, WHOLE, **MODEL),
    "models_lost": lambda e: coldstart.record_lost_models(e, 1, reason="deleted"),
    "reset": lambda e: coldstart.reset_coldstart(e, 1),
}
PATHS = {
    None: [],
    "PENDING": ["begin", "shortage"],
    "IN_PROGRESS": ["begin"],
    "COMPLETE": ["begin", "complete"],
    "FAILED": ["begin", "fail"],
}


def _walk(engine, status):
    for step in PATHS[status]:
        CALLS[step](engine)
    state = coldstart.read_coldstart(engine, 1)
    assert (state.status if state else None) == status


LEGAL = {(source, step): target for step, (sources, target) in coldstart.TRANSITIONS.items() for source in sources}
LEGAL |= {(None, "begin"): "IN_PROGRESS", (None, "reset"): None}
QUIET = {"abandon"}  # it tells whether there was anything to take back


@pytest.mark.sampled(8)
@pytest.mark.parametrize("step", CALLS)
@pytest.mark.parametrize("status", PATHS)
def test_every_step_from_every_state(engine, status, step):
    _walk(engine, status)
    if (status, step) in LEGAL or step in QUIET:
        CALLS[step](engine)
        expected = LEGAL.get((status, step), status)
    else:
        with pytest.raises(ColdstartError, match=f"{step} is not possible from {status or 'absent'}"):
            CALLS[step](engine)
        expected = status
    state = coldstart.read_coldstart(engine, 1)
    assert (state.status if state else None) == expected


def test_a_failed_coldstart_waits_for_its_time(engine):
    _walk(engine, "FAILED")
    with pytest.raises(ColdstartError, match="not tried again before 2024-02-20 00:00:00 UTC; wait, or reset it"):
        coldstart.begin_attempt(engine, 1, required_rows=100, started_at=day(49))
    coldstart.begin_attempt(engine, 1, required_rows=100, started_at=AT)
    assert coldstart.read_coldstart(engine, 1).attempt_count == 2


def test_rows_are_replaced_never_added_up(engine):
    for _ in range(2):
        coldstart.begin_attempt(engine, 1, required_rows=100, started_at=AT)
        CALLS["shortage"](engine)
    stored = engine.query('SELECT "AccumulatedRows", "Reason" FROM "ACM_ColdstartState"')
    assert stored.row(0) == (7, "too short")


@stores.WIRE_TOO
@pytest.mark.parametrize("status", [None, "PENDING"])
def test_of_two_simultaneous_beginnings_one_wins(engine, status):
    _walk(engine, status)
    barrier, results = threading.Barrier(2), []

    def begin(fork):
        barrier.wait()
        try:
            coldstart.begin_attempt(fork, 1, required_rows=100, started_at=AT)
            results.append("won")
        except (ColdstartError, StoreError) as error:
            results.append(str(error))
        finally:
            fork.close()

    threads = [threading.Thread(target=begin, args=(engine.open_session(),)) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert results.count("won") == 1, results
    assert coldstart.read_coldstart(engine, 1).status == "IN_PROGRESS"


def record(version=1, model_bytes=b"model", **changes):
    values = {
        "equip_id": 1,
        "run_id": run_of(0),
        "version": version,
        "valid_from": START,
        "train_start": START,
        "train_end": day(9),
        "train_rows": 216,
        "tags": ("a", "b c"),
        "params_json": "{}",
        "libraries_json": "{}",
        "signature": SIGNATURE,
        "model_bytes": model_bytes,
        "origin": "coldstart",
    }
    return registry.ModelRecord(**{**values, **changes})


def _publish(engine, record_, **changes):
    step = partial(coldstart.complete_coldstart, equip_id=1, data=WHOLE, **MODEL)
    values = {"frames": {}, "run_log": log(0, outcome="OK", Stage="coldstart"), "completion_step": step}
    return registry.publish_model(engine, record=record_, **{**values, **changes})


def test_models_and_complete_come_together(engine):
    coldstart.begin_attempt(engine, 1, required_rows=100)
    _publish(engine, record())
    assert registry.read_latest_model(engine, 1) == record()
    assert coldstart.read_coldstart(engine, 1).status == "COMPLETE"
    assert registry.next_model_version(engine, 1) == 2


def test_without_complete_there_are_no_models(engine):
    with pytest.raises(ColdstartError):
        _publish(engine, record())
    assert registry.read_latest_model(engine, 1) is None
    assert engine.query('SELECT COUNT(*) FROM "RunLog"').item() == 0


def test_a_version_is_never_overwritten(engine):
    _publish(engine, record(), completion_step=None)
    _publish(engine, record(), completion_step=None)
    with pytest.raises(ConflictError, match="has other models as version 1"):
        _publish(engine, record(model_bytes=b"other"), completion_step=None)


@stores.WIRE_TOO
def test_a_version_holds_from_a_time(engine):
    for version in (1, 2):
        _publish(engine, record(version, valid_from=day(20 * version)), completion_step=None)
    holding = [registry.read_model_at(engine, 1, day(n)) for n in (19, 20, 39, 40)]
    assert [found and found.version for found in holding] == [None, 1, 1, 2]
    for number in (19, 20, 39, 40):
        publish.publish_batch(
            engine, publication(number, frames={"ACM_Episodes": episode(number)}, watermark_update=None)
        )
    assert registry.read_episode_versions(engine, 1) == {day(20): 1, day(39): 1, day(40): 2}


def test_a_corrupt_model_is_an_error_with_its_reason(engine):
    _publish(engine, record(), completion_step=None)
    engine.execute(f'UPDATE "{T["ModelRegistry"].name}" SET "ModelBytes" = ?', [b"modem"])
    with pytest.raises(ModelError, match="machine 1, version 1, are corrupt: their bytes do not have the stored hash"):
        registry.read_latest_model(engine, 1)
