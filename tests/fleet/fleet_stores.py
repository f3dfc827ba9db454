"""A store with two machines, and workers that are killed."""

from __future__ import annotations

import os
import shutil
import signal
from multiprocessing import active_children
from pathlib import Path

import pytest
from plants import FAST, Plant, history, make_plant, tidy

import acm_etl

MACHINES = ("FAN_1", "FAN_2")
# Models that take a moment to fit, and two weeks of a machine in four batches.
OPTIONS = {**FAST, "score.folds": 2, "score.forest_trees": 2, "backfill.batch_rows": 240}


def make_fleet(path: Path, *, server=None) -> Plant:
    """Return a store with the readings of two machines, in a form that every engine stores unchanged."""
    place = make_plant(path, readings=tidy(history(days=14)), code=MACHINES[0], zone="UTC", server=server)
    for seed, code in enumerate(MACHINES[1:], start=4):
        place.load(tidy(history(days=14, seed=seed)), code=code, zone="UTC")
    return place


@pytest.fixture(scope="session")
def unscored(tmp_path_factory):
    """A store with two machines, nothing scored yet."""
    return make_fleet(tmp_path_factory.mktemp("fleet") / "unscored.duckdb")


@pytest.fixture(scope="session")
def sequential(unscored, tmp_path_factory):
    """All tables after a backfill of one machine after the other."""
    place = Plant(shutil.copy(unscored.path, tmp_path_factory.mktemp("fleet") / "sequential.duckdb"))
    assert backfill_fleet(place).exit_code == 0
    return place.dump()


@pytest.fixture
def fleet(unscored, tmp_path):
    """A copy of the unscored store for one test."""
    return Plant(Path(shutil.copy(unscored.path, tmp_path / "fleet.duckdb")))


def backfill_fleet(place, **options):
    return acm_etl.backfill(store=place.url, settings={**OPTIONS, **place.server}, **options)


def outcomes_by_machine(report):
    return {machine.equip: machine.outcome for machine in report.machines}


def kill_workers():
    """Kill every worker process of this process."""
    for child in active_children():
        if child.name == "acm-worker":
            os.kill(child.pid, signal.SIGKILL)
