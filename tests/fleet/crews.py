"""A small fleet in a store, and a Progress that lends a hand at a moment of the run."""

from __future__ import annotations

import os
import shutil
import signal
from multiprocessing import active_children
from pathlib import Path

import pytest
from plants import FAST, Plant, history, make_plant, tidy

import acm_etl
from acm_etl.progress import NullProgress

MACHINES = ("FAN_1", "FAN_2")
# Models that are fitted in a moment, and a machine of two weeks published in four groups.
OPTIONS = {**FAST, "score.folds": 2, "score.forest_trees": 2, "backfill.batch_rows": 240}


def fleet_of(path: Path, *, server=None) -> Plant:
    """A store with two machines, their readings such as every engine takes them."""
    place = make_plant(path, readings=tidy(history(days=14)), code=MACHINES[0], zone="UTC", server=server)
    for seed, code in enumerate(MACHINES[1:], start=4):
        place.load(tidy(history(days=14, seed=seed)), code=code, zone="UTC")
    return place


@pytest.fixture(scope="session")
def untouched(tmp_path_factory):
    """Two machines of which nothing is scored."""
    return fleet_of(tmp_path_factory.mktemp("fleet") / "untouched.duckdb")


@pytest.fixture(scope="session")
def sequential(untouched, tmp_path_factory):
    """All tables after one machine was worked on after the other."""
    place = Plant(shutil.copy(untouched.path, tmp_path_factory.mktemp("fleet") / "sequential.duckdb"))
    assert run(place).exit_code == 0
    return place.dump()


@pytest.fixture
def fleet(untouched, tmp_path):
    """The two machines, for one test."""
    return Plant(Path(shutil.copy(untouched.path, tmp_path / "fleet.duckdb")))


def run(place, **options):
    return acm_etl.backfill(store=place.url, settings={**OPTIONS, **place.server}, **options)


def outcomes(report):
    return {machine.equip: machine.outcome for machine in report.machines}


class At(NullProgress):
    """Does something the first ``times`` times that a verb is told of a machine, ``skip`` times apart."""

    def __init__(self, verb, code, do, *, skip=0, times=1):
        self._verb, self._code, self._do, self._skip, self.left = verb, code, do, skip, times
        self.told = []

    def set_stage(self, machine, stage, *, detail=""):  # noqa: ARG002 - the protocol
        self._note(stage, machine)

    def advance(self, machine, *, windows, rows, detail=""):  # noqa: ARG002 - the protocol
        self._note("advance", machine)

    def finish_machine(self, machine, *, outcome):  # noqa: ARG002 - the protocol
        self._note("end", machine)

    def _note(self, verb, machine):
        self.told.append((verb, machine))
        if (verb, machine) != (self._verb, self._code) or not self.left:
            return
        if self._skip:
            self._skip -= 1
            return
        self.left -= 1
        self._do()


def kill_workers():
    """SIGKILL for every worker process of this one."""
    for child in active_children():
        if child.name == "acm-worker":
            os.kill(child.pid, signal.SIGKILL)
