"""Worker processes on this host: the same rows as one machine after the other, whoever dies on the way."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from multiprocessing import active_children
from multiprocessing.connection import wait

import pytest
import stores
from commands import assert_refused
from commands import run as command
from plants import assert_same
from progress_receivers import ActionOnProgress, RecordingProgress

from acm_etl.fleet import processes
from fleet.fleet_stores import (
    MACHINES,
    OPTIONS,
    backfill_fleet,
    kill_workers,
    make_fleet,
    outcomes_by_machine,
)

DONE = dict.fromkeys(MACHINES, "done")


def test_two_workers_give_the_rows_of_one_machine_after_the_other(fleet, sequential, caplog):
    caplog.set_level("INFO")
    progress = RecordingProgress()
    report = backfill_fleet(fleet, workers=2, progress=progress)
    assert (report.exit_code, outcomes_by_machine(report)) == (0, DONE)
    assert [machine.equip for machine in report.machines] == list(MACHINES)
    assert_same(fleet.dump(), sequential)
    assert not active_children()
    for code in MACHINES:
        events = progress.list_events(code)
        assert events[0] == "coldstart"
        assert events[-1] == "end"
        assert events.count("advance") > 2
    published = [record for record in caplog.records if "published" in record.getMessage()]
    assert {record.machine for record in published} == set(MACHINES)
    assert {record.run for record in published} <= set(fleet.query("SELECT RunID FROM RunLog")["RunID"].cast(str))


@pytest.mark.slow
@pytest.mark.parametrize("skip", [0, 1])
def test_workers_killed_while_they_publish_are_replaced_and_no_row_is_lost(fleet, sequential, skip, caplog):
    caplog.set_level("INFO")
    progress = ActionOnProgress("publish", "FAN_2", kill_workers, skip=skip)
    report = backfill_fleet(fleet, workers=2, progress=progress)
    assert progress.left == 0
    assert (report.exit_code, outcomes_by_machine(report)) == (0, DONE)
    assert "FAN_2: its worker process died (signal 9, " in caplog.text
    assert "another worker resumes the machine" in caplog.text
    assert_same(fleet.dump(), sequential)
    assert {record.machine for record in caplog.records if "published" in record.getMessage()} == set(MACHINES)


@pytest.mark.slow
def test_a_machine_that_costs_every_worker_fails_and_the_others_are_done(fleet, sequential):
    # the other one is over when publishing is disturbed
    backfill_fleet(fleet, equip="FAN_1")
    progress = ActionOnProgress("publish", "FAN_2", kill_workers, times=99)
    report = backfill_fleet(fleet, workers=2, progress=progress)
    (good, bad) = report.machines
    assert (report.exit_code, bad.outcome) == (1, "failed")
    assert bad.message.startswith("3 worker processes died on this machine, the last one with signal 9")
    assert good.outcome == "up to date"
    assert backfill_fleet(fleet).exit_code == 0
    assert_same(fleet.dump(), sequential)


@pytest.mark.slow
def test_a_machine_that_fails_every_time_is_named_and_the_others_are_done(fleet):
    engine = fleet.connect()
    engine.execute('DROP TABLE "FAN_2_Data"')
    engine.close()
    found = command(fleet, "backfill", "--all", "--workers", "2", "--max-windows", "1")
    assert_refused(found, 1, "FAN_2: historian table FAN_2_Data does not exist")
    (line,) = [line for line in found.stdout.splitlines() if "FAN_2" in line]
    assert {"FAN_2", "failed"} <= set(line.split())
    assert fleet.query("SELECT count(DISTINCT EquipID) AS n FROM ACM_Scores_Wide").item() == 1


def test_more_workers_than_machines_are_reported(fleet, caplog):
    assert backfill_fleet(fleet, workers=9, dry_run=True).exit_code == 0
    assert "using 2 workers instead of 9: no more machines" in caplog.text


def test_a_wait_that_a_signal_ends_is_repeated(fleet, monkeypatch):
    """Windows raises an error there, although a handler has dealt with Ctrl-C."""
    waits = iter([InterruptedError])

    def interrupt_once(*arguments, **options):
        for error in waits:
            raise error
        return wait(*arguments, **options)

    monkeypatch.setattr(processes, "wait", interrupt_once)
    assert outcomes_by_machine(backfill_fleet(fleet, workers=2, max_windows=1)) == dict.fromkeys(MACHINES, "stopped")
    assert next(waits, None) is None


def test_each_worker_has_its_share_of_the_processors(monkeypatch):
    for name in processes.THREAD_VARIABLES:
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("OMP_NUM_THREADS", "7")
    ask = "import os, polars; print(polars.thread_pool_size(), os.environ['OMP_NUM_THREADS'])"
    with processes._limit_threads(1):
        output = subprocess.run([sys.executable, "-c", ask], capture_output=True, text=True, check=True).stdout
    assert output.split() == ["1", "7"]  # the user's word counts
    assert "POLARS_MAX_THREADS" not in os.environ


@pytest.fixture
def started(fleet):
    """The command in a process group of its own, at work on two machines."""
    settings = {f"ACM_{name.upper().replace('.', '__')}": str(value) for name, value in OPTIONS.items()}
    words = ["--store", fleet.url, "backfill", "--all", "--workers", "2"]
    process = subprocess.Popen(
        [sys.executable, "-m", "acm_etl", *words],
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, start_new_session=True,
        env={**os.environ, **settings},
    )  # fmt: skip
    while "windows to do" not in process.stderr.readline():
        assert process.poll() is None
    yield process
    if process.poll() is None:
        process.kill()
    process.communicate()


def assert_all_gone(group, within=200.0):
    """No process of the group is left."""
    end = time.monotonic() + within
    while time.monotonic() < end:
        try:
            os.killpg(group, 0)
        except ProcessLookupError:
            return
        time.sleep(0.05)
    pytest.fail("some process of the command goes on")


@pytest.mark.slow
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_to_all_processes_finishes_the_batches_and_ends_the_workers(fleet, sequential, started, number):
    """Ctrl-C reaches all processes of a terminal, SIGTERM of systemd all processes of a service."""
    os.killpg(started.pid, number)
    output, errors = started.communicate(timeout=200)
    assert started.returncode == 130
    assert "Traceback" not in errors
    assert output.count("stopped") >= len(MACHINES)
    assert_all_gone(started.pid)
    assert fleet.query("SELECT count(*) AS n FROM RunLog WHERE Outcome = 'RUNNING'").item() == 0
    assert backfill_fleet(fleet).exit_code == 0
    assert_equal_results(fleet, sequential)


@pytest.mark.slow
def test_workers_end_with_the_command_that_started_them(fleet, sequential, started):
    started.kill()
    started.communicate(timeout=200)
    assert started.returncode == -signal.SIGKILL
    assert_all_gone(started.pid)
    assert backfill_fleet(fleet).exit_code == 0
    assert_same(fleet.dump(), sequential)


def assert_equal_results(fleet, sequential):
    """A group that the user ended has other measurements of itself, and may have left an open window."""
    without = ("ACM_WriteMetrics",)
    found = fleet.dump(without=without)
    assert_same(found, {name: frame for name, frame in sequential.items() if name not in without})


@pytest.mark.slow
def test_with_a_server_the_workers_connect_themselves(tmp_path, sequential):
    with stores.serve(tmp_path / "server.duckdb") as server:
        place = make_fleet(tmp_path / "none", server=server)
        report = backfill_fleet(place, workers=2, progress=ActionOnProgress("publish", "FAN_2", kill_workers))
        assert (report.exit_code, outcomes_by_machine(report)) == (0, DONE)
        assert_same(place.dump(), sequential, tolerance=1e-9)
