"""A Dask cluster of real processes: the same rows as one machine after the other, whoever dies on the way."""

from __future__ import annotations

import importlib
import os
import re
import signal
import subprocess
import sys

import pytest
from commands import assert_refused
from commands import run as command
from plants import assert_same
from progress_receivers import ActionOnProgress

from acm_etl.errors import AcmError, UnavailableError
from fleet.fleet_stores import MACHINES, backfill_fleet, outcomes_by_machine

# what Dask leaves behind in this process when its children are killed
pytestmark = [
    pytest.mark.slow,
    pytest.mark.usefixtures("distributed"),
    pytest.mark.filterwarnings("ignore::ResourceWarning", "ignore::pytest.PytestUnraisableExceptionWarning"),
]


@pytest.fixture(scope="module")
def distributed():
    # not when tests are collected: Dask takes half a second, in every process
    return pytest.importorskip("distributed")


@pytest.fixture
def dask_cluster(monkeypatch):
    """The module under test, without patience."""
    module = importlib.import_module("acm_etl.fleet.dask_cluster")
    monkeypatch.setattr(module, "_CONNECT_SECONDS", 1)
    return module


@pytest.fixture(scope="module")
def local(distributed):
    """A cluster with two worker processes."""
    # any free port: its pages would else ask for 8787, which another cluster of this host may hold
    with distributed.LocalCluster(
        n_workers=2, threads_per_worker=1, processes=True, dashboard_address="127.0.0.1:0"
    ) as made:
        yield made


@pytest.fixture
def kill_one(distributed, local):
    """SIGKILL for the worker that does most."""

    def kill():
        with distributed.Client(local, set_as_default=False) as client:
            busy = {worker: len(tasks) for worker, tasks in client.processing().items()}
            worker = max(busy, key=lambda name: busy[name])
            os.kill(client.run(os.getpid, workers=[worker])[worker], signal.SIGKILL)

    return kill


def test_a_worker_killed_while_it_publishes_is_resumed_by_another(fleet, sequential, local, kill_one):
    progress = ActionOnProgress("publish", "FAN_2", kill_one, skip=1)
    report = backfill_fleet(fleet, scheduler=local.scheduler_address, progress=progress)
    assert progress.left == 0
    assert (report.exit_code, outcomes_by_machine(report)) == (0, dict.fromkeys(MACHINES, "done"))
    assert_same(fleet.dump(), sequential)
    for code in MACHINES:
        assert progress.list_events(code).count("advance") > 2


def test_a_machine_that_fails_is_named(fleet, local):
    engine = fleet.connect()
    engine.execute('DROP TABLE "FAN_2_Data"')
    engine.close()
    words = ("backfill", "--all", "--max-windows", "1", "--scheduler", local.scheduler_address)
    found = command(fleet, *words)
    assert_refused(found, 1, "FAN_2: historian table FAN_2_Data does not exist")
    assert fleet.query("SELECT count(DISTINCT EquipID) AS n FROM ACM_Scores_Wide").item() == 1


@pytest.fixture
def alone():
    """A scheduler and its worker, as the command line starts them; the scheduler's process and its address."""
    scheduler = subprocess.Popen(
        [sys.executable, "-m", "distributed.cli.dask_scheduler", "--port", "0", "--no-dashboard"],
        stderr=subprocess.PIPE, stdout=subprocess.DEVNULL, text=True,
    )  # fmt: skip
    address = None
    while address is None:
        address = re.search(r"Scheduler at: +(tcp://\S+)", scheduler.stderr.readline())
    worker = subprocess.Popen(
        [sys.executable, "-m", "distributed.cli.dask_worker", address[1], "--nthreads", "1", "--no-nanny"],
        stderr=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
    )  # fmt: skip
    yield scheduler, address[1]
    for process in (worker, scheduler):
        process.kill()
        process.communicate()


def test_a_scheduler_that_goes_away_is_reported_and_no_row_is_lost(fleet, sequential, alone):
    scheduler, address = alone
    with pytest.raises(
        UnavailableError, match=f"the scheduler {address} is unreachable or has restarted.*again to resume"
    ):
        backfill_fleet(fleet, scheduler=address, progress=ActionOnProgress("publish", "FAN_1", scheduler.kill, skip=1))
    assert backfill_fleet(fleet).exit_code == 0
    assert_same(fleet.dump(), sequential)


@pytest.mark.usefixtures("dask_cluster")
def test_what_is_no_scheduler_is_refused(fleet):
    words = ("backfill", "--all", "--scheduler")
    assert_refused(command(fleet, *words, "etl-1"), 2, "'***' is not the address of a scheduler; use tcp://HOST:8786")
    assert_refused(command(fleet, *words, "ftp://etl-1:21"), 2, "'ftp://etl-1:21' is not the address of a scheduler")
    assert_refused(command(fleet, *words, "tcp://127.0.0.1:1"), 3, "tcp://127.0.0.1:1 does not answer within 1 s")
    both = command(fleet, *words, "tcp://127.0.0.1:1", "--workers", "2")
    assert_refused(both, 2, "--workers", "--scheduler")


@pytest.mark.parametrize("address", ["u:S3CRET@etl-1", "ftp://u:S3CRET@etl-1:21", "tcp://u:S3CRET@127.0.0.1:1"])
def test_passwords_in_the_address_of_a_scheduler_are_masked(dask_cluster, address):
    with pytest.raises(AcmError) as caught, dask_cluster.connect_scheduler(address):
        pass
    assert "S3CRET" not in str(caught.value)
