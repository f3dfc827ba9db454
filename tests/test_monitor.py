"""The monitor: status from the store, from the status file while the store is in use, and of dead processes."""

from __future__ import annotations

import contextlib
import json
import os
import select
import signal
import socket
import subprocess
import sys
import threading
import time
from contextlib import contextmanager
from datetime import datetime, timedelta

import pytest
import stores
from commands import alter, assert_refused, run
from plants import CODE, FAST, Plant, history, make_plant, tidy
from stores import EVERYWHERE

from acm_etl.load import clock
from acm_etl.load.machines import equipment
from acm_etl.progress import NullProgress
from acm_etl.run.context import SettingsSources
from acm_etl.status import status_file, store_reader
from acm_etl.status.fleet_monitor import FleetMonitor
from acm_etl.status.machine_status import Activity
from acm_etl.status.status_file import StatusFile
from acm_etl.status.store_reader import StatusInputs


def make_monitor(place, *codes):
    return FleetMonitor(
        SettingsSources(options={"store.url": place.url, **place.server}), codes, prefers_status_file=True
    )


def read_fleet(place, *codes):
    return make_monitor(place, *codes).read_status()


def read_machine(place):
    (machine,) = read_fleet(place).machines
    return machine


@pytest.fixture(scope="module")
def store(tmp_path_factory):
    return make_plant(tmp_path_factory.mktemp("store") / "acm.duckdb", readings=history(days=2))


@contextmanager
def held(place):
    """Another process has the store open."""
    script = "import duckdb, sys; c = duckdb.connect(sys.argv[1]); print('held', flush=True); sys.stdin.read()"
    with subprocess.Popen(
        [sys.executable, "-c", script, str(place.path)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as holder:
        assert holder.stdout.readline() == "held\n"
        yield
        holder.stdin.close()


@pytest.mark.sampled
@EVERYWHERE
def test_progress_and_throughput_come_from_the_store(plant):
    place = plant(readings=history(days=16))
    before = read_machine(place)
    assert (before.activity.state, before.windows_done, before.windows_total) == ("waiting", 0, None)
    place.backfill(max_windows=4, options={"backfill.batch_rows": 2000})
    fleet = read_fleet(place)
    (machine,) = fleet.machines
    assert (fleet.source, fleet.process) == ("store", None)
    assert (machine.activity.state, machine.windows_done, machine.failed_runs) == ("idle", 4, 0)
    assert machine.windows_total > 4
    assert machine.lag_hours > 24
    scored = place.query("SELECT SUM(RowsRead) AS n FROM RunLog WHERE Stage = 'score'").item()
    assert machine.throughput.readings == scored
    assert machine.throughput.readings_per_second > 0


def test_failures_and_their_error_are_shown(plant):
    place = plant.scored(readings=history(days=16), max_windows=2)
    place.query("UPDATE RunLog SET Outcome = 'FAIL', ErrorMessage = 'the disk is full' WHERE Stage = 'score'")
    machine = read_machine(place)
    assert (machine.activity.state, machine.failed_runs, machine.last_run.error) == ("failed", 2, "the disk is full")
    shown = run(place, "monitor", "--once")
    assert shown.exit_code == 0
    assert "FAN_1: the disk is full" in shown.output


@pytest.mark.parametrize(
    "holder", [f"{socket.gethostname()}:{os.getpid()}", "another-host:7"], ids=["this process", "another host"]
)
def test_the_lock_shows_whether_running_windows_are_worked_on(plant, holder):
    place = plant.scored(readings=history(days=16), max_windows=2)
    place.query(f"UPDATE RunLog SET Outcome = 'RUNNING', Holder = '{holder}' WHERE Stage = 'score'")
    with contextlib.closing(place.connect()) as engine, engine.acquire_lock(CODE):
        (machine,) = store_reader.read_statuses(
            engine, equipment.read_machines(engine), StatusInputs(SettingsSources(), clock.utc_now())
        )
        assert (machine.activity.state, machine.activity.holder) == ("running", holder)
    assert read_machine(place).activity.state == "dead"
    shown = json.loads(run(place, "status", "--json").output)["machines"][0]["verdict"]["reasons"]
    facts = next(reason["facts"] for reason in shown if reason["code"] == "process_dead")
    assert (facts["windows"], facts["holder"]) == (2, holder)


def test_a_training_that_nobody_works_on_is_shown_and_closed(plant):
    place = plant.scored(readings=history(days=16), max_windows=2)
    place.query("UPDATE ACM_ColdstartState SET Status = 'IN_PROGRESS', TrainEnd = NULL")
    assert read_machine(place).activity == Activity("dead", "coldstart")
    assert json.loads(run(place, "init", "--json").output)["closed"] == [{"machine": CODE, "runs": 0}]
    assert place.query("SELECT Status FROM ACM_ColdstartState").item() == "PENDING"


@pytest.mark.slow
def test_verify_reports_and_init_closes_runs_that_nobody_works_on(plant):
    place = plant.scored(readings=history(days=16))
    alter(place, "UPDATE RunLog SET Outcome = 'RUNNING', CompletedAt = NULL WHERE Provisional")
    left = place.query("SELECT COUNT(*) AS n FROM RunLog WHERE Outcome = 'RUNNING'").item()
    findings = json.loads(run(place, "verify", CODE, "--sample", "0", "--json").output)["findings"]
    assert ("runs", "warn") in [(finding["check"], finding["level"]) for finding in findings]
    assert json.loads(run(place, "init", "--json").output)["closed"] == [{"machine": CODE, "runs": left}]
    assert read_machine(place).activity.state == "failed"
    assert json.loads(run(place, "init", "--json").output)["closed"] == []


def test_the_status_file_gives_progress_and_speed(plant):
    place = plant(readings=history(days=2))
    with StatusFile(NullProgress(), place.url) as progress:
        progress.start_machine("A", windows=10)
        progress.set_stage("A", "score")
        time.sleep(0.05)
        progress.advance("A", windows=4, rows=1000)
        progress.start_machine("B", windows=3)
        progress.finish_machine("B", outcome="failed")
        fleet = read_fleet(place)
        assert fleet.source == "status_file"
        assert (fleet.process.is_alive, fleet.process.pid) == (True, os.getpid())
        assert clock.utc_now() - fleet.process.updated_at < timedelta(minutes=1)
        a, b = fleet.machines
        assert (a.activity.state, a.activity.stage, a.windows_done, a.windows_total) == ("running", "score", 4, 10)
        assert a.throughput.readings == 1000
        assert 0 < a.throughput.readings_per_second <= 1000 / 0.05
        assert (b.activity.state, b.activity.stage, b.failed_runs) == ("failed", "", 1)
        assert [machine.code for machine in read_fleet(place, "B").machines] == ["B"]
        (missing,) = read_fleet(place, "C").machines
        assert (missing.code, missing.activity.state) == ("C", "unknown")
    assert read_fleet(place).source == "store"


def test_a_status_file_with_the_breaker_of_an_older_version_is_read(plant):
    place = plant(readings=history(days=2))
    breaker = {"state": "open", "since": "2024-05-01T10:00:00+00:00", "failures": 7, "error": "the server is gone"}
    content = {"pid": os.getpid(), "at": "2024-05-01T10:00:01+00:00", "breaker": breaker, "machines": {}}
    status_file.status_file_path(place.url).write_text(json.dumps(content), encoding="utf-8")
    assert read_fleet(place).process.pid == os.getpid()
    assert run(place, "monitor", "--once").exit_code == 0


@pytest.mark.parametrize("text", [
    b"", b"{", b"\xff\xfe", b"[]", b"null", b"[" * 100_000, b'{"pid": 1}',
    b'{"pid": 1, "at": "2024-05-01T10:00:01", "machines": {}}',
    b'{"pid": "x", "at": "2024-05-01T10:00:01+00:00", "machines": {}}',
    b'{"pid": 1, "at": "2024-05-01T10:00:01+00:00", "machines": {"FAN_1": 3}}',
], ids=lambda text: text[:90].decode(errors="replace"))  # fmt: skip
def test_a_damaged_status_file_is_not_used(store, text):
    status_file.status_file_path(store.url).write_bytes(text)
    fleet = read_fleet(store)
    assert fleet.source == "store"
    assert "is damaged" in fleet.note


def test_commands_report_a_damaged_status_file(store):
    status_file.status_file_path(store.url).write_bytes(b"{")
    for words in (["monitor", "--once"], ["status"], ["doctor"]):
        result = run(store, *words)
        assert result.exit_code == 0, result.exception
        assert ("damaged" in result.stdout) == (words != ["status"])
    with held(store):
        assert_refused(run(store, "status"), 3, "is damaged", "delete it")
        assert "is damaged" in run(store, "doctor").stdout


def test_a_status_file_that_comes_and_goes_is_no_error(tmp_path):
    url, done = f"duckdb:///{tmp_path}/acm.duckdb", threading.Event()

    def runners():
        while not done.is_set():
            with StatusFile(NullProgress(), url) as progress:
                progress.start_machine("A", windows=1)

    others = threading.Thread(target=runners)
    others.start()
    seen, deadline = [], time.monotonic() + 60
    try:
        # On a busy machine one thread may have the interpreter for as long as 3,000 looks take.
        while len(seen) < 3000 or (len(present(seen)) < 2 and time.monotonic() < deadline):
            seen += [status_file.inspect_status_file(url) for _ in range(100)]
    finally:
        done.set()
        others.join()
    assert {problem for _, problem in seen} == {""}
    assert present(seen) == {True, False}


def present(seen):
    return {content is not None for content, _ in seen}


def test_a_runner_that_was_killed_is_shown_as_dead(plant):
    place = plant(readings=history(days=40))
    settings = {f"ACM_{name.upper().replace('.', '__')}": str(value) for name, value in FAST.items()}
    command = [sys.executable, "-m", "acm_etl", "--store", place.url, "backfill", "--all"]
    runner = subprocess.Popen(command, env={**os.environ, **settings}, stderr=subprocess.DEVNULL)
    deadline = time.monotonic() + 200
    while status_file.inspect_status_file(place.url)[0] is None and time.monotonic() < deadline:
        time.sleep(0.02)
    alive = read_fleet(place)
    assert (alive.source, alive.process.is_alive, alive.process.pid) == ("status_file", True, runner.pid)
    runner.kill()
    runner.wait()
    dead = read_fleet(place)
    assert (dead.source, dead.process.is_alive) == ("store", False)
    shown = run(place, "monitor", "--once")
    assert shown.exit_code == 0
    assert f"Process {runner.pid} ended unexpectedly" in " ".join(shown.output.split())


def test_an_embedded_store_that_has_not_changed_is_not_opened_again(plant, monkeypatch):
    place = plant(readings=history(days=2))
    monitor = make_monitor(place)
    first = monitor.read_status()
    monkeypatch.setattr("acm_etl.status.fleet_monitor.open_store", pytest.fail)
    second = monitor.read_status()
    assert [machine.readings for machine in second.machines] == [machine.readings for machine in first.machines]
    assert second.observed_at >= first.observed_at


def test_the_command_prints_json_and_rejects_unknown_machines(plant, monkeypatch):
    place = plant(readings=history(days=2))
    fleet = json.loads(run(place, "--json", "monitor").output)
    assert [machine["code"] for machine in fleet["machines"]] == ["FAN_1"]
    assert datetime.fromisoformat(fleet["observed_at"])
    assert_refused(run(place, "monitor", "FAN_9", "--once"), 2, "FAN_9")
    monkeypatch.setenv("FORCE_COLOR", "1")  # as in CI: the output is in colour, but still no terminal
    assert "FAN_1" in run(place, "monitor").stdout, "once where nothing can be redrawn"


@contextmanager
def watching(url, **env):
    """A live view on a terminal of its own; gives what reads it until a text was seen so often."""
    import pty  # noqa: PLC0415 - not on Windows

    ours, theirs = pty.openpty()
    command = [sys.executable, "-m", "acm_etl", "--store", url, "monitor", "--every", "0.2"]
    watcher = subprocess.Popen(
        command, stdin=theirs, stdout=theirs, stderr=theirs, env={**os.environ, "COLUMNS": "150", **env}
    )
    os.close(theirs)
    seen = b""

    def until(text, times=1):
        nonlocal seen
        begun = len(seen)
        while seen[begun:].count(text) < times:
            assert select.select([ours], [], [], 200)[0], seen[begun:]
            seen += os.read(ours, 65536)

    try:
        yield until
        watcher.send_signal(signal.SIGINT)
        assert watcher.wait(timeout=200) == 0
    finally:
        watcher.kill()
        watcher.wait()
        os.close(ours)
    assert b"acm-etl monitor" in seen
    assert b"Traceback" not in seen


needs_a_terminal = pytest.mark.skipif(sys.platform == "win32", reason="a terminal to watch on is made with pty")


@needs_a_terminal
def test_the_live_view_draws_until_it_is_interrupted(plant):
    with watching(plant(readings=history(days=2)).url) as until:
        until(b"FAN_1", 3)


@pytest.mark.slow
@needs_a_terminal
def test_the_live_view_keeps_its_session_and_outlives_what_a_look_may_meet(request, tmp_path):
    stores.needs_driver()
    from mssql.standin import StandIn, prepared  # noqa: PLC0415 - needs the driver
    from mssql.tds import Dropped, Failure  # noqa: PLC0415

    standin = StandIn(prepared(tmp_path / "server.duckdb"))
    request.addfinalizer(standin.close)
    place = Plant(tmp_path / "acm.duckdb", server={"store.url": standin.server.url()})
    place.load(tidy(history(days=2)))
    faults = []

    def before(_session, sql):
        if faults and "ACM_BatchProgress" in sql:
            raise faults.pop()

    standin.before, logins = before, len(standin.server.logins)
    with watching(place.url) as until:
        until(b"FAN_1", 5)
        sessions = len(standin.server.logins) - logins
        until(b"FAN_1", 5)
        assert len(standin.server.logins) - logins == sessions
        for fault in (Failure(1205, "chosen as the deadlock victim"), Failure(208, "Invalid object name"), Dropped()):
            faults.append(fault)
            until(b"Showing the last successful update: ")
            until(b"FAN_1", 3)
