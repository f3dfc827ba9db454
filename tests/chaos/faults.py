"""Every kind of fault: ``FAULTS[name](scene, dice)`` makes one trial of it."""

from __future__ import annotations

import random
import signal
import subprocess
import time
from collections.abc import Callable
from contextlib import closing
from typing import Any

import duckdb
from plants import CODE, Plant

from chaos import harness, wire
from chaos.harness import Outcome, Scene, Struck

Fault = Callable[[Scene, random.Random], Outcome]


def _disturbed(kind: str, scene: Scene, begin: str, fault: dict[str, Any]) -> Outcome:
    """A fault inside the process."""
    with scene.trial(begin) as place:
        began = time.perf_counter()
        done = harness.run(place, fault=fault)
        detail = ", ".join(f"{name} {value}" for name, value in fault.items())
        return harness.judged(place, scene.wanted(begin), Struck(kind, detail, (done.returncode,), began), done.stderr)


def _statement(does: str) -> Fault:
    def fault(scene: Scene, dice: random.Random) -> Outcome:
        at = dice.randint(1, scene.statements)
        return _disturbed(f"statement: {does}", scene, "fresh", {"statement": at, "does": does})

    return fault


def full_file(scene: Scene, dice: random.Random) -> Outcome:
    """A file that the product writes finds no space."""
    return _disturbed("disk full: open", scene, "fresh", {"file": dice.randint(1, 12)})


def full_disk(scene: Scene, dice: random.Random) -> Outcome:
    """The store cannot grow any more."""
    size = scene.half.path.stat().st_size
    return _disturbed("disk full: store", scene, "half", {"grows": dice.randint(10_000, size)})


def skewed(scene: Scene, dice: random.Random) -> Outcome:
    """The clock is set back and forth meanwhile."""
    return _disturbed("clock skew", scene, "fresh", {"skew": dice.randint(0, 2**31)})


def _signal(number: signal.Signals) -> Fault:
    def fault(scene: Scene, dice: random.Random) -> Outcome:
        delay = dice.uniform(0, 1.0)
        with scene.trial("fresh") as place:
            began = time.perf_counter()
            process = subprocess.Popen(**harness.command(place))
            assert process.stderr is not None
            process.stderr.readline()  # the first sign of work
            time.sleep(delay)
            process.send_signal(number)
            _, said = process.communicate(timeout=600)
            detail, exits = f"after {delay:.2f} s", (process.returncode,)
            outcome = harness.settle(place, scene.wanted("fresh"), Struck(number.name, detail, exits, began))
            return harness.blamed(outcome, said) if "Traceback" in said else outcome

    return fault


def _crowd(runners: int) -> Fault:
    def fault(scene: Scene, dice: random.Random) -> Outcome:
        begin = dice.choice(("half", "fresh"))
        with scene.trial(begin) as place:
            began = time.perf_counter()
            exits, said = harness.crowd(place, [dice.uniform(0, 0.2) for _ in range(runners)])
            struck = Struck(f"{runners} runners at once", f"from {begin}", exits, began)
            outcome = harness.settle(place, scene.wanted(begin), struck)
            return harness.blamed(outcome, said) if said else outcome

    return fault


def _vandal(kind: str, spoil: str, mend: str, *, refused: bool) -> Fault:
    """Somebody changes the store between two runs, and mends it after the next."""

    def fault(scene: Scene, _dice: random.Random) -> Outcome:
        with scene.trial("half") as place:
            _sql(place, spoil)
            began = time.perf_counter()
            done = harness.run(place)
            _sql(place, mend)
            exits = (done.returncode,)
            outcome = harness.settle(place, scene.wanted("half"), Struck(kind, spoil[:60], exits, began))
            unclear = "Traceback" in done.stderr or (refused and done.returncode == 0)
            return harness.blamed(outcome, done.stderr or "it went on as if nothing were wrong") if unclear else outcome

    return fault


def _sql(place: Plant, script: str) -> None:
    with closing(duckdb.connect(place.path)) as connection:
        connection.execute(script)


def _server(kind: str, strike: Callable[[], None]) -> Fault:
    return lambda scene, dice: wire.struck(scene.served, dice, kind, strike)


_MACHINE = f"(SELECT EquipID FROM Equipment WHERE EquipCode = '{CODE}')"
VANDALS: dict[str, Fault] = {
    "model corrupted": _vandal(
        "model corrupted",
        "CREATE TABLE kept AS SELECT * FROM ModelRegistry;"
        "UPDATE ModelRegistry SET ModelBytes = ModelBytes || '\\x00'::BLOB",
        "UPDATE ModelRegistry r SET ModelBytes = k.ModelBytes FROM kept k"
        " WHERE k.EquipID = r.EquipID AND k.Version = r.Version; DROP TABLE kept",
        refused=True,
    ),
    "setting corrupted": _vandal(
        "setting corrupted",
        "INSERT INTO ACM_Config (EquipID, ParamPath, ParamValue, UpdatedAt)"
        f" SELECT EquipID, 'score.forest_trees', '\"many\"', TIMESTAMP '2024-01-01' FROM {_MACHINE}",
        "DELETE FROM ACM_Config WHERE ParamPath = 'score.forest_trees'",
        refused=True,
    ),
    "column added": _vandal(
        "column added",
        "ALTER TABLE ACM_Scores_Wide ADD COLUMN Note VARCHAR",
        "ALTER TABLE ACM_Scores_Wide DROP COLUMN Note",
        refused=False,
    ),
    "column renamed": _vandal(
        "column renamed",
        "ALTER TABLE ACM_Scores_Wide RENAME COLUMN HealthIndex TO Health",
        "ALTER TABLE ACM_Scores_Wide RENAME COLUMN Health TO HealthIndex",
        refused=True,
    ),
}

FAULTS: dict[str, Fault] = {
    "statement: kill": _statement("kill"),
    "statement: transient": _statement("transient"),
    "statement: terminal": _statement("terminal"),
    "statement: interrupt": _statement("interrupt"),
    "statement: delay": _statement("delay"),
    "disk full: open": full_file,
    "disk full: store": full_disk,
    "clock skew": skewed,
    **{number.name: _signal(number) for number in (signal.SIGKILL, signal.SIGTERM, signal.SIGINT)},
    **{f"{runners} runners at once": _crowd(runners) for runners in (3, 8)},
    **VANDALS,
    **{f"server: {name}": _server(f"server: {name}", strike) for name, strike in wire.STRIKES.items()},
    "server: 3 runners at once": lambda scene, dice: wire.crowd(scene.served, dice, 3),
}
