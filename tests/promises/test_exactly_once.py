"""Promise 1: killed anywhere and resumed, the tables equal those of an undisturbed run, row for row."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import time

import pytest
import stores
from plants import CODE, FAST, assert_same, history

# At other moments in every run; `make chaos` injects hundreds of faults.
KILLS = 4
# Where the readings come from, or the rows go to, changes little about what a killed process leaves behind.
KILLS_ELSEWHERE = 1
GROUP = 96  # readings: two days per transaction, so that kills find several of them
HALF = 384  # readings: of two batches the signal finds the first one

# The command, whose first batch waits until its standard input is closed.
HELD = """
import sys
from acm_etl.cli import main
from acm_etl.load import publish

publish_batch = publish.publish_batch

def wait_and_publish(*args):
    sys.stdin.read()
    return publish_batch(*args)

publish.publish_batch = wait_and_publish
main(prog_name="acm-etl")
"""


def command(place, start=("-m", "acm_etl"), batch_rows=GROUP):
    settings = {**FAST, **{name: value for name, value in place.server.items() if name != "store.url"}}
    environment = {name.upper().replace(".", "__"): str(value) for name, value in settings.items()}
    return {
        "args": [
            sys.executable,
            *start,
            "--store",
            place.url,
            "backfill",
            "--equip",
            CODE,
            "--batch",
            str(batch_rows),
        ],
        "env": {**os.environ, **{f"ACM_{name}": value for name, value in environment.items()}},
    }


def kill_after(process, delay):
    """SIGKILL a while after the first sign of work; whether it was still alive then."""
    process.stderr.readline()
    time.sleep(delay)
    alive = process.poll() is None
    process.kill()
    process.wait()
    process.stderr.close()
    return alive


@pytest.mark.slow
@pytest.mark.timeout(1800)
@stores.SOURCES_EVERYWHERE
def test_a_killed_backfill_resumes_without_losing_or_doubling_a_row(plant, capfd, request):
    seed = int(os.environ.get("CHAOS_SEED", random.SystemRandom().randrange(2**32)))
    with capfd.disabled():
        print(f"\nkill seed {seed} (CHAOS_SEED repeats it)")
    dice = random.Random(seed)
    kills, readings = KILLS if request.node.callspec.id == "duckdb" else KILLS_ELSEWHERE, history(days=16)
    undisturbed, disturbed = (
        plant.scored("undisturbed", readings=readings, options={"backfill.batch_rows": GROUP}),
        plant(readings=readings),
    )
    landed = 0
    for _ in range(60):
        process = subprocess.Popen(**command(disturbed), stderr=subprocess.PIPE, stdout=subprocess.DEVNULL)
        landed += kill_after(process, dice.uniform(0, 0.5))
        if landed >= kills:
            break
        if process.returncode == 0:  # it finished first: go on killing a fresh one
            disturbed.path.unlink(missing_ok=True)
            disturbed = plant(readings=readings)
    assert landed >= kills
    assert disturbed.backfill(options={"backfill.batch_rows": GROUP}).exit_code == 0
    assert_same(disturbed.dump(), undisturbed.dump(), tolerance=disturbed.tolerance)


@pytest.mark.sampled
@stores.SOURCES_EVERYWHERE
def test_resume_after_five_of_ten_windows_continues_with_the_sixth(plant):
    readings = history(days=16)
    whole, halves = plant.scored("whole", readings=readings, max_windows=10), plant(readings=readings)
    first = halves.backfill(max_windows=5)
    second = halves.backfill(max_windows=5)
    assert (first.machines[0].windows, second.machines[0].windows) == (5, 5)
    assert first.machines[0].outcome == "stopped"
    starts = halves.query("SELECT WindowStart FROM RunLog WHERE Stage = 'score' ORDER BY WindowStart")["WindowStart"]
    assert starts.len() == starts.n_unique() == 10
    assert second.machines[0].resume_at == starts[-1] + (starts[1] - starts[0])
    # The two halves are two batches: each has measurements of its own, and their results are the same.
    without = ("ACM_WriteMetrics", "ACM_State")
    assert_same(halves.dump(without=without), whole.dump(without=without), tolerance=1e-9)


@pytest.mark.sampled
@stores.REAL
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_ctrl_c_and_sigterm_finish_the_batch_and_print_where_to_resume(plant, number):
    readings, options = history(days=16), {"backfill.batch_rows": HALF}
    undisturbed, place = plant.scored("undisturbed", readings=readings, options=options), plant(readings=readings)
    pipes = dict.fromkeys(("stdin", "stdout", "stderr"), subprocess.PIPE)
    process = subprocess.Popen(**command(place, ("-c", HELD), HALF), **pipes, text=True)
    while "windows to do" not in process.stderr.readline():
        assert process.poll() is None
    process.send_signal(number)
    output, _ = process.communicate(timeout=200)  # closes standard input: the batch goes on after the signal
    assert process.returncode == 130
    assert "Next run starts at" in output
    assert place.query("SELECT count(*) AS n FROM RunLog WHERE Outcome = 'RUNNING'").item() == 0
    assert place.backfill(options=options).exit_code == 0
    assert_same(place.dump(), undisturbed.dump(), tolerance=place.tolerance)
