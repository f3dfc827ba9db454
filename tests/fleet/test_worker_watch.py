"""A scheduler whose last worker vanishes: a warning every minute, and an end after the time-out."""

from __future__ import annotations

import logging
from datetime import timedelta

import pytest

from acm_etl.config import Config
from acm_etl.errors import UnavailableError


class Clock:
    def __init__(self, dask_cluster):
        self.now, self.workers, self.dask_cluster = 0.0, 0, dask_cluster

    def watch(self, timeout):
        return self.dask_cluster.WorkerWatch(lambda: self.workers, "tcp://etl-1:8786", timeout, lambda: self.now)

    def run(self, watch, seconds):
        """Poll for some time, as the executor does."""
        for _ in range(seconds * 5):
            watch.check_workers()
            self.now += 0.2


@pytest.fixture
def clock():
    # not when tests are collected: Dask takes half a second, in every process
    return Clock(pytest.importorskip("acm_etl.fleet.dask_cluster", exc_type=Exception))


def test_no_workers_are_reported_every_minute_and_end_the_fleet(clock, caplog):
    watch = clock.watch(timeout=300)
    clock.run(watch, 299)
    assert [record.levelno for record in caplog.records] == [logging.WARNING] * 5
    with pytest.raises(UnavailableError, match=r"tcp://etl-1:8786 .*worker_timeout") as caught:
        clock.run(watch, 10)
    assert caught.value.exit_code == 3


def test_a_worker_that_comes_starts_the_time_again(clock, caplog):
    watch = clock.watch(timeout=300)
    clock.run(watch, 290)
    clock.workers = 1
    clock.run(watch, 30)
    clock.workers = 0
    caplog.clear()
    clock.run(watch, 290)
    assert len(caplog.records) == 5


def test_without_a_time_out_the_fleet_waits(clock):
    clock.run(clock.watch(timeout=0), 4000)
    assert Config().backfill.worker_timeout == timedelta(minutes=10)
