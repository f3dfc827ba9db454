"""Faults between a runner and its server: the stand-in drops connections, answers late, or picks a deadlock victim."""

from __future__ import annotations

import random
import shutil
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from functools import cached_property
from itertools import count
from pathlib import Path
from typing import Any

import polars as pl
from mssql.standin import StandIn, prepared
from mssql.tds import Dropped, Failure
from plants import Plant, history, make_plant, tidy

from chaos import harness
from chaos.harness import LOGS, InjectedFault, Outcome


def _raise(error: Exception) -> None:
    raise error


SERVER_FAULTS: dict[str, Callable[[], None]] = {
    "drops": lambda: _raise(Dropped()),
    "deadlock": lambda: _raise(Failure(1205, "Transaction was deadlocked and has been chosen as the victim.", 13)),
    "kills the session": lambda: _raise(Failure(596, "Cannot continue the execution: the session was killed.", 21)),
    "late": lambda: time.sleep(1),
}


@dataclass
class ServerTrials:
    """Databases of the stand-in that trials begin with, and the tables that they should end with.

    Attributes:
        folder: Where they are made.
    """

    folder: Path

    @cached_property
    def fresh(self) -> Path:
        """Readings and nothing else."""
        self.folder.mkdir()
        path = prepared(self.folder / "fresh.duckdb")
        with closing(StandIn(path)) as standin:
            server = {"store.url": standin.server.url()}
            make_plant(self.folder / "none.duckdb", readings=tidy(history(days=harness.DAYS)), server=server)
        return path

    @cached_property
    def undisturbed(self) -> tuple[int, dict[str, pl.DataFrame]]:
        """How many statements, logins and bulk copies an undisturbed backfill has, and all tables after it."""
        with self.trial() as (standin, place):
            seen = count()
            standin.before = lambda *_: next(seen)
            harness.run_backfill(place).check_returncode()
            statements = next(seen)
            standin.before = lambda *_: None
            return statements, place.dump(without=LOGS)

    @contextmanager
    def trial(self) -> Iterator[tuple[StandIn, Plant]]:
        """A server with a copy of ``fresh``, gone afterwards."""
        with tempfile.TemporaryDirectory(dir=self.fresh.parent) as folder:
            path = Path(shutil.copy(self.fresh, folder))
            with closing(StandIn(path)) as standin:
                yield standin, Plant(path, server={"store.url": standin.server.url()})


def disturb_statement(trials: ServerTrials, dice: random.Random, kind: str, act: Callable[[], None]) -> Outcome:
    """Disturb a random statement, before the server runs it or before it answers."""
    statements, expected = trials.undisturbed
    at, when = dice.randint(1, statements), dice.choice(("before", "after"))
    with trials.trial() as (standin, place):
        seen = count(1)

        def hook(*_: Any) -> None:
            if next(seen) == at:
                act()

        setattr(standin, when, hook)
        started_at = time.perf_counter()
        done = harness.run_backfill(place)
        setattr(standin, when, lambda *_: None)
        detail = f"{when} statement {at} of {statements}"
        injected = InjectedFault(kind, detail, (done.returncode,), started_at)
        return harness.judge_trial(place, expected, injected, done.stderr)


def run_concurrently(trials: ServerTrials, dice: random.Random, runners: int) -> Outcome:
    """Runners of one machine at once: the server's lock lets one of them in."""
    expected = trials.undisturbed[1]
    with trials.trial() as (_, place):
        started_at = time.perf_counter()
        exits, output = harness.run_concurrently(place, [dice.uniform(0, 0.5) for _ in range(runners)])
        injected = InjectedFault(f"server: {runners} runners at once", "", exits, started_at)
        outcome = harness.finish_trial(place, expected, injected)
        return harness.add_unclear_end(outcome, output) if output else outcome
