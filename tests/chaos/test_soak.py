"""Hours of work with an error now and then leave nothing behind: no memory, files, threads, sessions, tables, locks.

A short soak in the ordinary run; ``make soak`` takes ``SOAK_WINDOWS=2000``.
"""

from __future__ import annotations

import gc
import os
import random
import threading
import time
from datetime import timedelta
from pathlib import Path

import pytest
import stores
from plants import START, assert_same, history, make_plant, tidy
from statements import call_before_statements

from acm_etl.errors import StoreError, TransientError
from acm_etl.io.duckdb import shared_file

WINDOWS = int(os.environ.get("SOAK_WINDOWS", "40"))
ROUNDS = 5
GROUP = 8
# A run of one batch asks DuckDB about 350 times: every second one fails.
CHANCE = 0.002
# Windows of the training period are published in one batch, before any error.
TRAINING = {"training.days": 2, "training.running_rows": 50}
OPTIONS = {**TRAINING, "backfill.batch_rows": GROUP, "backfill.attempts": 10}
TICK = timedelta(minutes=30)
TRAINED = START + timedelta(days=4)
LOGS = ("ACM_RunErrors", "ACM_WriteMetrics", "ACM_State")


def held() -> dict[str, int]:
    """What this process holds."""
    gc.collect()
    links = list(Path("/proc/self/fd").iterdir())
    targets = [str(link.readlink()) for link in links if link.is_symlink()]
    pages = int(Path("/proc/self/statm").read_text(encoding="utf-8").split()[1])
    return {
        "MiB": pages * os.sysconf("SC_PAGE_SIZE") // 2**20,
        # what DuckDB spills at its memory limit lies in files of its own, which go with the store
        "files": sum(".duckdb.tmp/" not in target for target in targets),
        "threads": threading.active_count(),
    }


def ends_well(place, until):
    """Whether a backfill ends with exit code 0; a store that fails at the first statements is an exception here."""
    try:
        return place.backfill(tick="30min", until=until, options=OPTIONS).exit_code == 0
    except StoreError:
        return False


def soak(place, windows, caplog, settle=lambda: None):
    """Rounds of a backfill, each begun anew where it failed as a scheduler does, and what is held after each."""
    found = []
    for round_ in range(1, ROUNDS + 1):
        until = TRAINED + round_ * windows // ROUNDS * TICK
        assert any(ends_well(place, until) for _ in range(20))
        settle()
        # captured records keep the tracebacks of errors, and with them sessions that a program has dropped
        caplog.clear()
        found.append(held())
    return found


def nothing_grew(found):
    early, late = found[1], found[-1]
    assert late["files"] <= early["files"], found
    assert late["threads"] <= early["threads"], found
    assert late["MiB"] <= 1.2 * early["MiB"] + 40, found


@pytest.mark.slow
@pytest.mark.timeout(7200)
def test_a_long_backfill_with_failures_leaves_nothing_behind(plant, capfd, caplog):
    seed = int(os.environ.get("CHAOS_SEED", random.SystemRandom().randrange(2**31)))
    readings = history(days=5 + WINDOWS // 48)
    calm, place = (
        plant.scored(name, readings=readings, tick="30min", until=TRAINED, options=TRAINING) for name in ("calm", "acm")
    )
    calm.backfill_or_fail(tick="30min", until=TRAINED + WINDOWS * TICK, options=OPTIONS)
    dice, struck = random.Random(seed), []
    first = dice.randint(1, 300)  # one failure is certain, so that no seed proves nothing

    def fail_sometimes(number):
        if number == first or dice.random() < CHANCE:
            struck.append(number)
            message = "injected: try again"
            raise TransientError(message)

    with call_before_statements(fail_sometimes):
        found = soak(place, WINDOWS, caplog)
    with capfd.disabled():
        print(f"\nsoak seed {seed}: {len(struck)} failures; held {found[1]} .. {found[-1]}")
    assert struck
    nothing_grew(found)
    assert not any(shared.locks._held for shared in shared_file._SHARED_FILES.values())
    assert_same(place.dump(without=LOGS), calm.dump(without=LOGS), tolerance=1e-9)


@pytest.mark.slow
@pytest.mark.timeout(7200)
def test_a_server_keeps_no_session_table_or_lock_of_a_long_backfill(tmp_path, caplog):
    stores.needs_driver()
    from mssql.standin import StandIn, prepared  # noqa: PLC0415
    from mssql.tds import Failure  # noqa: PLC0415

    served = StandIn(prepared(tmp_path / "server.duckdb"))
    threads = threading.active_count()  # before any session: the thread of one may still be ending after `make_plant`
    dice = random.Random(7)

    def before(_session, _sql):
        if dice.random() < CHANCE:
            raise Failure(1205, "You were chosen as the deadlock victim.", 13)

    try:
        server = {"store.url": served.server.url()}
        place = make_plant(tmp_path / "x.duckdb", readings=tidy(history(days=5 + WINDOWS // 288)), server=server)
        place.backfill_or_fail(tick="30min", until=TRAINED, options=TRAINING)
        served.before = before

        def settle():
            patience = time.monotonic() + 20  # it hears of the end of a session a little later
            while (served._cursors or threading.active_count() > threads) and time.monotonic() < patience:
                time.sleep(0.05)

        nothing_grew(soak(place, max(ROUNDS, WINDOWS // 8), caplog, settle))
        assert (served._cursors, served._temporary, served._locks) == ({}, {}, {})
    finally:
        served.close()
