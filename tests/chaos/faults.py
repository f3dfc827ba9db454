"""Every kind of fault: ``FAULTS[name](trial_stores, dice)`` makes one trial of it."""

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
from chaos.harness import InjectedFault, Outcome, TrialStores

Fault = Callable[[TrialStores, random.Random], Outcome]


def _run_with_fault(kind: str, trial_stores: TrialStores, begin: str, fault: dict[str, Any]) -> Outcome:
    """Inject a fault into the process of a backfill."""
    with trial_stores.trial(begin) as place:
        started_at = time.perf_counter()
        done = harness.run_backfill(place, fault=fault)
        detail = ", ".join(f"{name} {value}" for name, value in fault.items())
        injected = InjectedFault(kind, detail, (done.returncode,), started_at)
        return harness.judge_trial(place, trial_stores.expected_tables(begin), injected, done.stderr)


def _fail_statement(action: str) -> Fault:
    def fault(trial_stores: TrialStores, dice: random.Random) -> Outcome:
        at = dice.randint(1, trial_stores.statements)
        return _run_with_fault(f"statement: {action}", trial_stores, "fresh", {"statement": at, "action": action})

    return fault


def fill_disk_at_open(trial_stores: TrialStores, dice: random.Random) -> Outcome:
    """A file that the product writes finds no space."""
    return _run_with_fault("disk full: open", trial_stores, "fresh", {"file": dice.randint(1, 12)})


def fill_disk_of_store(trial_stores: TrialStores, dice: random.Random) -> Outcome:
    """The store cannot grow any more."""
    size = trial_stores.half.path.stat().st_size
    return _run_with_fault("disk full: store", trial_stores, "half", {"grows": dice.randint(10_000, size)})


def skew_clock(trial_stores: TrialStores, dice: random.Random) -> Outcome:
    """The clock is set forward and back during the backfill."""
    return _run_with_fault("clock skew", trial_stores, "fresh", {"skew": dice.randint(0, 2**31)})


def _send_signal(number: signal.Signals) -> Fault:
    def fault(trial_stores: TrialStores, dice: random.Random) -> Outcome:
        delay = dice.uniform(0, 1.0)
        with trial_stores.trial("fresh") as place:
            started_at = time.perf_counter()
            process = subprocess.Popen(**harness.build_command(place))
            assert process.stderr is not None
            process.stderr.readline()  # the first sign of work
            time.sleep(delay)
            process.send_signal(number)
            _, output = process.communicate(timeout=600)
            detail, exits = f"after {delay:.2f} s", (process.returncode,)
            injected = InjectedFault(number.name, detail, exits, started_at)
            outcome = harness.finish_trial(place, trial_stores.expected_tables("fresh"), injected)
            return harness.add_unclear_end(outcome, output) if "Traceback" in output else outcome

    return fault


def _run_concurrently(runners: int) -> Fault:
    def fault(trial_stores: TrialStores, dice: random.Random) -> Outcome:
        begin = dice.choice(("half", "fresh"))
        with trial_stores.trial(begin) as place:
            started_at = time.perf_counter()
            exits, output = harness.run_concurrently(place, [dice.uniform(0, 0.2) for _ in range(runners)])
            injected = InjectedFault(f"{runners} runners at once", f"from {begin}", exits, started_at)
            outcome = harness.finish_trial(place, trial_stores.expected_tables(begin), injected)
            return harness.add_unclear_end(outcome, output) if output else outcome

    return fault


def _damage_store(kind: str, damage: str, repair: str, *, refused: bool) -> Fault:
    """Somebody damages the store between two runs, and repairs it after the next."""

    def fault(trial_stores: TrialStores, _dice: random.Random) -> Outcome:
        with trial_stores.trial("half") as place:
            _execute_script(place, damage)
            started_at = time.perf_counter()
            done = harness.run_backfill(place)
            _execute_script(place, repair)
            injected = InjectedFault(kind, damage[:60], (done.returncode,), started_at)
            outcome = harness.finish_trial(place, trial_stores.expected_tables("half"), injected)
            unclear = "Traceback" in done.stderr or (refused and done.returncode == 0)
            output = done.stderr or "it went on as if nothing were wrong"
            return harness.add_unclear_end(outcome, output) if unclear else outcome

    return fault


def _execute_script(place: Plant, script: str) -> None:
    with closing(duckdb.connect(place.path)) as connection:
        connection.execute(script)


def _disturb_server(kind: str, act: Callable[[], None]) -> Fault:
    return lambda trial_stores, dice: wire.disturb_statement(trial_stores.served, dice, kind, act)


_MACHINE = f"(SELECT EquipID FROM Equipment WHERE EquipCode = '{CODE}')"
STORE_DAMAGES: dict[str, Fault] = {
    "model corrupted": _damage_store(
        "model corrupted",
        "CREATE TABLE kept AS SELECT * FROM ModelRegistry;"
        "UPDATE ModelRegistry SET ModelBytes = ModelBytes || '\\x00'::BLOB",
        "UPDATE ModelRegistry r SET ModelBytes = k.ModelBytes FROM kept k"
        " WHERE k.EquipID = r.EquipID AND k.Version = r.Version; DROP TABLE kept",
        refused=True,
    ),
    "setting corrupted": _damage_store(
        "setting corrupted",
        "INSERT INTO ACM_Config (EquipID, ParamPath, ParamValue, UpdatedAt)"
        f" SELECT EquipID, 'score.forest_trees', '\"many\"', TIMESTAMP '2024-01-01' FROM {_MACHINE}",
        "DELETE FROM ACM_Config WHERE ParamPath = 'score.forest_trees'",
        refused=True,
    ),
    "column added": _damage_store(
        "column added",
        "ALTER TABLE ACM_Scores_Wide ADD COLUMN Note VARCHAR",
        "ALTER TABLE ACM_Scores_Wide DROP COLUMN Note",
        refused=False,
    ),
    "column renamed": _damage_store(
        "column renamed",
        "ALTER TABLE ACM_Scores_Wide RENAME COLUMN HealthIndex TO Health",
        "ALTER TABLE ACM_Scores_Wide RENAME COLUMN Health TO HealthIndex",
        refused=True,
    ),
}

FAULTS: dict[str, Fault] = {
    "statement: kill": _fail_statement("kill"),
    "statement: transient": _fail_statement("transient"),
    "statement: terminal": _fail_statement("terminal"),
    "statement: interrupt": _fail_statement("interrupt"),
    "statement: delay": _fail_statement("delay"),
    "disk full: open": fill_disk_at_open,
    "disk full: store": fill_disk_of_store,
    "clock skew": skew_clock,
    **{number.name: _send_signal(number) for number in (signal.SIGKILL, signal.SIGTERM, signal.SIGINT)},
    **{f"{runners} runners at once": _run_concurrently(runners) for runners in (3, 8)},
    **STORE_DAMAGES,
    **{f"server: {name}": _disturb_server(f"server: {name}", act) for name, act in wire.SERVER_FAULTS.items()},
    "server: 3 runners at once": lambda trial_stores, dice: wire.run_concurrently(trial_stores.served, dice, 3),
}
