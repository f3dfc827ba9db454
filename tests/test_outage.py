"""A server that goes away and comes back: retries, the wait for the connection, and no row lost or duplicated."""

from __future__ import annotations

import threading
import time
from contextlib import contextmanager
from itertools import count

import pytest
import stores
from commands import run
from plants import FAST, Plant, assert_same, history, tidy
from progress_receivers import ActionOnProgress
from tenacity import RetryCallState

from acm_etl import config
from acm_etl.errors import ConnectionLostError, StoreError, TransientError
from acm_etl.fleet.fleet_backfill import backfill_machines
from acm_etl.io.duckdb.engine import DuckDB
from acm_etl.progress import NullProgress
from acm_etl.run import retry
from acm_etl.run.context import SettingsSources
from acm_etl.status import status_file

# Which attempt wrote what differs after an outage, and failed attempts leave their mark.
ATTEMPTS = ("ACM_RunErrors",)


def test_pauses_between_attempts_grow():
    """A store that is away is asked less and less often, and never more than ten times the first pause apart."""
    policy = retry.retry_transient("FAN_1", config.load_config({"backfill.backoff": "2s"}, environ={}).backfill)
    state, pauses = RetryCallState(policy, None, (), {}), []
    for attempt in range(1, 8):
        state.attempt_number = attempt
        pauses.append(policy.wait(state))
    for attempt, pause in enumerate(pauses):
        least = min(2 * 2**attempt, 20)
        assert least <= pause <= least + 2, "the random part keeps workers from retrying in step"


def test_patience_begins_anew_with_every_window_done():
    now, done = [0.0], [0]
    patience = retry.stop_after_no_progress(10, lambda: done[0], clock=lambda: now[0])
    assert [patience(None), now.__setitem__(0, 9.0), patience(None)] == [False, None, False]
    done[0] = 1
    now[0] = 15.0
    assert not patience(None), "a window was published meanwhile"
    now[0] = 25.0
    assert patience(None)


@contextmanager
def failing(monkeypatch, error, times):
    """The next writing transactions of every store fail."""
    numbers, original = count(), DuckDB.transaction

    @contextmanager
    def transaction(engine):
        with original(engine):
            yield
            if next(numbers) in times:
                raise error

    with monkeypatch.context() as patch:
        patch.setattr(DuckDB, "transaction", transaction)
        yield


@pytest.mark.slow
def test_a_lost_connection_is_waited_for_longer_than_the_tries_of_a_group(plant, monkeypatch):
    place, undisturbed = (
        plant(readings=history(days=16)),
        plant.scored("undisturbed", readings=history(days=16), tick="2d"),
    )
    with failing(monkeypatch, ConnectionLostError("the server is shutting down"), range(6, 30)):
        report = place.backfill(tick="2d")
    assert report.exit_code == 0, report.machines[0].message
    assert_same(place.dump(without=ATTEMPTS), undisturbed.dump(without=ATTEMPTS))


@pytest.mark.sampled
@pytest.mark.parametrize("number", range(7))
def test_a_deadlock_before_the_first_group_is_tried_again(plant, monkeypatch, number):
    """Sweeping, the coldstart's steps, models, first group: whichever writing transaction it meets."""
    place = plant(readings=history(days=16))
    with failing(monkeypatch, TransientError("chosen as the deadlock victim"), range(number, number + 1)):
        report = place.backfill(tick="2d", max_windows=1)
    assert (report.exit_code, report.machines[0].outcome) == (0, "stopped"), report.machines[0].message
    status = place.query("SELECT Status, AttemptCount FROM ACM_ColdstartState").to_dicts()
    assert status[0]["Status"] == "COMPLETE"
    assert status[0]["AttemptCount"] <= 2


@pytest.mark.slow
def test_a_deadlock_that_stays_leaves_the_coldstart_free_to_begin_at_once(plant, monkeypatch):
    place = plant(readings=history(days=16))
    with failing(monkeypatch, TransientError("chosen as the deadlock victim"), range(2, 10**6)):
        report = place.backfill(tick="2d")
    assert (report.exit_code, report.machines[0].outcome) == (1, "failed")
    assert "deadlock" in report.machines[0].message
    assert place.backfill(tick="2d").exit_code == 0, "no RetryAfter to wait for"


def test_an_outage_that_stays_ends_with_store_unreachable(plant, monkeypatch):
    place = plant(readings=history(days=16))
    with failing(monkeypatch, ConnectionLostError("the server is shutting down"), range(3, 10**6)):
        report = place.backfill(options={"backfill.reconnect_timeout": "0.3s"})
    assert report.exit_code == 3
    assert "shutting down" in report.machines[0].message
    assert place.backfill().exit_code == 0, "the next night goes on"


@pytest.mark.slow
def test_another_error_is_not_waited_for(plant, monkeypatch):
    place = plant(readings=history(days=16))
    with failing(monkeypatch, StoreError("the disk is full"), range(4, 10**6)):
        # longer than a test may take
        assert place.backfill(options={"backfill.reconnect_timeout": "1h"}).exit_code == 1


def test_a_user_who_stops_is_not_kept_waiting_for_the_store(plant, monkeypatch):
    place, stop = plant(readings=history(days=16)), threading.Event()
    progress = ActionOnProgress("waiting", place.code, stop.set)
    with failing(monkeypatch, ConnectionLostError("the server is shutting down"), range(3, 10**6)):
        # longer than a test may take
        options = {**FAST, "store.url": place.url, "backfill.reconnect_timeout": "1h"}
        sources = SettingsSources(options=options)
        report = backfill_machines([place.code], sources=sources, progress=progress, stop=stop)
    assert report.interrupted
    assert progress.left == 0


def test_a_server_has_a_status_file_too_and_an_old_one_is_ignored(monkeypatch):
    url = "mssql://loader@plant:1433/ACM"
    with status_file.StatusFile(NullProgress(), url) as progress:
        progress.start_machine("FAN_1", windows=3)
        assert status_file.inspect_status_file(url)[0].machines["FAN_1"].windows == 3
        monkeypatch.setattr(status_file, "_MAX_AGE", status_file.timedelta(seconds=-1))
        assert status_file.inspect_status_file(url)[0] is None
    assert not status_file.status_file_path(url).exists()
    monkeypatch.setenv("XDG_STATE_HOME", "/proc/nowhere")
    with status_file.StatusFile(NullProgress(), url) as progress:
        progress.start_machine("FAN_1", windows=3)  # no place for it: the work goes on


def test_doctor_reports_an_unreachable_store_with_its_exit_code(tmp_path, monkeypatch):
    stores.needs_driver()
    monkeypatch.setenv("ACM_MSSQL_PASSWORD", "secret")
    away = Plant(tmp_path, server={"store.url": "mssql://loader@127.0.0.1:1/ACM?encrypt=no"})
    for command in (["doctor"], ["status"], ["backfill", "--all"]):
        assert run(away, *command, env={"ACM_STORE__LOGIN_TIMEOUT": "1s"}).exit_code == 3, command


@pytest.mark.slow
def test_a_server_that_restarts_is_waited_for(request, tmp_path):
    """On the wire: every statement and every login is refused for a while, in the middle of a backfill."""
    stores.needs_driver()
    from mssql.standin import StandIn, prepared  # noqa: PLC0415 - needs the driver
    from mssql.tds import Failure  # noqa: PLC0415

    standin = StandIn(prepared(tmp_path / "server.duckdb"))
    request.addfinalizer(standin.close)
    place = Plant(tmp_path / "acm.duckdb", server={"store.url": standin.server.url()})
    place.load(tidy(history(days=14)))
    down, seen = [None], []

    def before(_session, sql):
        if down[0] is None and "INTO [ACM_Scores_Wide]" in sql:
            down[0] = time.monotonic() + 2
        if down[0] and time.monotonic() < down[0]:
            seen.append(sql)
            raise Failure(6005, "SHUTDOWN is in progress.", 21)

    standin.before = before
    assert place.backfill(tick="7d").exit_code == 0
    assert len(seen) > 3
    assert "LOGIN" in seen
    embedded = Plant(tmp_path / "embedded.duckdb")
    embedded.load(tidy(history(days=14)))
    assert embedded.backfill(tick="7d").exit_code == 0
    without = (*ATTEMPTS, "RunLog", "ACM_Runs", "ACM_State", "ModelRegistry")
    assert_same(place.dump(without=without), embedded.dump(without=without), tolerance=1e-9)


@pytest.mark.parametrize("kind", [ConnectionLostError, TransientError])
def test_what_is_lost_is_transient_too(kind):
    assert issubclass(kind, TransientError)
