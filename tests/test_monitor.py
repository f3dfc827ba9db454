"""Watching a fleet: what the store says, what the feed says while it is held, and runners that died."""

from __future__ import annotations

import json
import os
import select
import signal
import subprocess
import sys
import threading
import time
from contextlib import contextmanager
from datetime import datetime, timedelta

import pytest
import stores
from commands import assert_refused, run
from plants import FAST, Plant, history, make_plant, tidy
from stores import EVERYWHERE

from acm_etl.load import clock
from acm_etl.progress import NullProgress
from acm_etl.status import status_file
from acm_etl.status.monitor import Monitor
from acm_etl.status.status_file import StatusFile


def frame(place, *codes):
    return Monitor(place.config.store, codes).read_snapshot()


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


@EVERYWHERE
def test_the_store_says_how_far_machines_are(plant):
    place = plant(readings=history(days=16))
    (before,) = frame(place)["machines"]
    assert (before["state"], before["windows"], before["of"]) == ("waiting", 0, None)
    place.backfill(max_windows=4, options={"backfill.batch_rows": 2000})
    seen = frame(place)
    (machine,) = seen["machines"]
    assert seen["source"] == "store"
    assert seen["runner"] is None
    assert (machine["state"], machine["windows"], machine["failures"]) == ("idle", 4, 0)
    assert machine["of"] > 4
    assert machine["lag_hours"] > 24
    assert machine["rows"] == place.query("SELECT SUM(RowsRead) AS n FROM RunLog WHERE Stage = 'score'").item()
    assert machine["rows_per_second"] > 0


def test_failures_and_their_reason_are_shown(plant):
    place = plant(readings=history(days=16))
    place.backfill(max_windows=2)
    place.query("UPDATE RunLog SET Outcome = 'FAIL', ErrorMessage = 'the disk is full' WHERE Stage = 'score'")
    (machine,) = frame(place)["machines"]
    assert (machine["state"], machine["failures"], machine["error"]) == ("failed", 2, "the disk is full")
    shown = run(place, "monitor", "--once")
    assert shown.exit_code == 0
    assert "FAN_1: the disk is full" in shown.output


@pytest.mark.parametrize(("pid", "state"), [(None, "running"), (2**22 - 7, "dead")])
def test_whoever_left_windows_running_is_looked_for(plant, pid, state):
    import socket  # noqa: PLC0415

    place = plant(readings=history(days=16))
    place.backfill(max_windows=2)
    place.query(f"UPDATE RunLog SET Outcome = 'RUNNING', Holder = '{socket.gethostname()}:{pid or os.getpid()}'")
    (machine,) = frame(place)["machines"]
    assert machine["state"] == state


def test_the_feed_says_how_fast_a_runner_is(plant):
    place = plant(readings=history(days=2))
    with StatusFile(NullProgress(), place.url) as told:
        told.start_machine("A", windows=10)
        told.set_stage("A", "score")
        time.sleep(0.05)
        told.advance("A", windows=4, rows=1000)
        told.start_machine("B", windows=3)
        told.finish_machine("B", outcome="failed")
        seen = frame(place)
        assert seen["source"] == "feed"
        assert seen["runner"]["alive"]
        assert seen["runner"]["pid"] == os.getpid()
        assert clock.utc_now() - seen["runner"]["at"] < timedelta(minutes=1)
        a, b = seen["machines"]
        assert (a["state"], a["windows"], a["of"], a["rows"], a["doing"]) == ("running", 4, 10, 1000, "score")
        assert 0 < a["rows_per_second"] <= 1000 / 0.05
        assert b["doing"] == ""
        assert (b["state"], b["failures"]) == ("failed", 1)
        assert [machine["machine"] for machine in frame(place, "B")["machines"]] == ["B"]
    assert frame(place)["source"] == "store"


def test_a_status_file_with_the_breaker_of_an_older_version_is_read(plant):
    place = plant(readings=history(days=2))
    breaker = {"state": "open", "since": "2024-05-01T10:00:00+00:00", "failures": 7, "error": "the server is gone"}
    content = {"pid": os.getpid(), "at": "2024-05-01T10:00:01+00:00", "breaker": breaker, "machines": {}}
    status_file.status_file_path(place.url).write_text(json.dumps(content), encoding="utf-8")
    assert frame(place)["runner"]["pid"] == os.getpid()
    assert run(place, "monitor", "--once").exit_code == 0


@pytest.mark.parametrize("text", [
    b"", b"{", b"\xff\xfe", b"[]", b"null", b"[" * 100_000, b'{"pid": 1}',
    b'{"pid": 1, "at": "2024-05-01T10:00:01", "machines": {}}',
    b'{"pid": "x", "at": "2024-05-01T10:00:01+00:00", "machines": {}}',
    b'{"pid": 1, "at": "2024-05-01T10:00:01+00:00", "machines": {"FAN_1": 3}}',
], ids=lambda text: text[:90].decode(errors="replace"))  # fmt: skip
def test_a_damaged_feed_is_no_feed_and_whoever_looks_is_told(store, text):
    status_file.status_file_path(store.url).write_bytes(text)
    assert frame(store)["source"] == "store"
    assert "is damaged" in frame(store)["note"]
    for words in (["monitor", "--once"], ["status"], ["doctor"]):
        found = run(store, *words)
        assert found.exit_code == 0, found.exception
        assert ("damaged" in found.stdout) == (words != ["status"])
    with held(store):
        assert_refused(run(store, "status"), 3, "held", "is damaged", "delete it")
        assert "is damaged" in run(store, "doctor").stdout


def test_a_feed_that_comes_and_goes_while_it_is_looked_for_is_no_error(tmp_path):
    url, done = f"duckdb:///{tmp_path}/acm.duckdb", threading.Event()

    def runners():
        while not done.is_set():
            with StatusFile(NullProgress(), url) as told:
                told.start_machine("A", windows=1)

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
    assert {wrong for _, wrong in seen} == {""}
    assert present(seen) == {True, False}


def present(seen):
    return {told is not None for told, _ in seen}


def test_a_runner_that_was_killed_is_shown_as_dead(plant):
    place = plant(readings=history(days=40))
    settings = {f"ACM_{name.upper().replace('.', '__')}": str(value) for name, value in FAST.items()}
    command = [sys.executable, "-m", "acm_etl", "--store", place.url, "backfill", "--all"]
    runner = subprocess.Popen(command, env={**os.environ, **settings}, stderr=subprocess.DEVNULL)
    deadline = time.monotonic() + 60
    while status_file.read_status_file(place.url) is None and time.monotonic() < deadline:
        time.sleep(0.02)
    alive = frame(place)
    assert (alive["source"], alive["runner"]["alive"], alive["runner"]["pid"]) == ("feed", True, runner.pid)
    runner.kill()
    runner.wait()
    dead = frame(place)
    assert (dead["source"], dead["runner"]["alive"]) == ("store", False)
    shown = run(place, "monitor", "--once")
    assert shown.exit_code == 0
    assert f"runner {runner.pid} is DEAD" in " ".join(shown.output.split())


def test_an_embedded_store_that_has_not_changed_is_not_opened_again(plant, monkeypatch):
    place = plant(readings=history(days=2))
    look = Monitor(place.config.store)
    first = look.read_snapshot()
    monkeypatch.setattr("acm_etl.status.monitor.connect", pytest.fail)
    second = look.read_snapshot()
    assert second["machines"] == first["machines"]
    assert second["at"] >= first["at"]


def test_the_command_gives_a_frame_as_json_and_refuses_what_is_not_there(plant):
    place = plant(readings=history(days=2))
    found = json.loads(run(place, "--json", "monitor").output)
    assert [machine["machine"] for machine in found["machines"]] == ["FAN_1"]
    assert datetime.fromisoformat(found["at"])
    assert_refused(run(place, "monitor", "FAN_9", "--once"), 2, "FAN_9")


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
            assert select.select([ours], [], [], 60)[0], seen[begun:]
            seen += os.read(ours, 65536)

    try:
        yield until
        watcher.send_signal(signal.SIGINT)
        assert watcher.wait(timeout=30) == 0
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
        if faults and "ACM_BatchStatus" in sql:
            raise faults.pop()

    standin.before, logins = before, len(standin.server.logins)
    with watching(place.url) as until:
        until(b"FAN_1", 5)
        sessions = len(standin.server.logins) - logins
        until(b"FAN_1", 5)
        assert len(standin.server.logins) - logins == sessions
        for fault in (Failure(1205, "chosen as the deadlock victim"), Failure(208, "Invalid object name"), Dropped()):
            faults.append(fault)
            until(b"this is how it was: ")
            until(b"FAN_1", 3)
