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
from chaos.harness import LOGS, Outcome, Struck

# The first four are the training period.
DAYS = 8


def _raised(error: Exception) -> None:
    raise error


STRIKES: dict[str, Callable[[], None]] = {
    "drops": lambda: _raised(Dropped()),
    "deadlock": lambda: _raised(Failure(1205, "Transaction was deadlocked and has been chosen as the victim.", 13)),
    "kills the session": lambda: _raised(Failure(596, "Cannot continue the execution: the session was killed.", 21)),
    "late": lambda: time.sleep(1),
}


@dataclass
class Served:
    """Databases of the stand-in that trials begin with, and how the tables should look in the end.

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
            make_plant(self.folder / "none.duckdb", readings=tidy(history(days=DAYS)), server=server)
        return path

    @cached_property
    def undisturbed(self) -> tuple[int, dict[str, pl.DataFrame]]:
        """How many statements, logins and bulk copies an undisturbed backfill has, and all tables after it."""
        with self.trial() as (standin, place):
            seen = count()
            standin.before = lambda *_: next(seen)
            harness.run(place).check_returncode()
            asked = next(seen)
            standin.before = lambda *_: None
            return asked, place.dump(without=LOGS)

    @contextmanager
    def trial(self) -> Iterator[tuple[StandIn, Plant]]:
        """A server with a copy of ``fresh``, gone afterwards."""
        with tempfile.TemporaryDirectory(dir=self.fresh.parent) as folder:
            path = Path(shutil.copy(self.fresh, folder))
            with closing(StandIn(path)) as standin:
                yield standin, Plant(path, server={"store.url": standin.server.url()})


def struck(served: Served, dice: random.Random, kind: str, strike: Callable[[], None]) -> Outcome:
    """Something happens at any statement, before the server carries it out or before it says so."""
    statements, wanted = served.undisturbed
    at, when = dice.randint(1, statements), dice.choice(("before", "after"))
    with served.trial() as (standin, place):
        seen = count(1)

        def hook(*_: Any) -> None:
            if next(seen) == at:
                strike()

        setattr(standin, when, hook)
        began = time.perf_counter()
        done = harness.run(place)
        setattr(standin, when, lambda *_: None)
        detail = f"{when} statement {at} of {statements}"
        return harness.judged(place, wanted, Struck(kind, detail, (done.returncode,), began), done.stderr)


def crowd(served: Served, dice: random.Random, runners: int) -> Outcome:
    """Runners of one machine at once: the server's lock lets one of them in."""
    wanted = served.undisturbed[1]
    with served.trial() as (_, place):
        began = time.perf_counter()
        exits, said = harness.crowd(place, [dice.uniform(0, 0.5) for _ in range(runners)])
        outcome = harness.settle(place, wanted, Struck(f"server: {runners} runners at once", "", exits, began))
        return harness.blamed(outcome, said) if said else outcome
