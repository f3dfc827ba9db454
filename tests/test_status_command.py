"""The commands status and show: progress, health, the next step, and runs of other processes."""

from __future__ import annotations

import json
import subprocess
import sys
import time
from datetime import timedelta

import polars as pl
import pytest
from commands import alter, csv, run
from plants import CODE, FAST, START, history


def test_status_shows_progress_and_the_next_step(plant):
    place, readings = plant(readings=history(days=20)), history(days=20)
    waiting = json.loads(run(place, "--json", "status").stdout)["machines"][0]
    assert (waiting["coldstart"], waiting["scored_until"], waiting["windows_done"]) == (None, None, 0)
    assert waiting["verdict"]["level"] == "waiting"
    place.backfill()
    found = json.loads(run(place, "--json", "status", CODE).stdout)["machines"][0]
    assert (found["coldstart"]["status"], found["scored_until"], found["lag_hours"]) == (
        "COMPLETE",
        "2024-01-20T00:00:00Z",
        23.5,
    )
    assert (found["last_run"]["outcome"], found["windows_done"], found["failed_runs"]) == ("OK", 19, 0)
    assert found["late_readings"]["count"] == 0
    late = readings.filter(pl.col("EntryDateTime") < START.replace(day=3)).with_columns(
        pl.col("EntryDateTime") + pl.duration(minutes=11)
    )
    path = csv(place.path.with_name("late.csv"), late)
    run(place, "import", path, "--equip", CODE, "--timezone", "UTC")
    assert f"--equip {CODE} --replay-from 2024-01-01T00:00" in run(place, "status").stdout


HOLD = """
import sys
import acm_etl
from acm_etl.run import batch

original = batch.WindowBatch.run_with_retries

def run(batch, *ready):
    print("batch", flush=True)
    sys.stdin.readline()
    return original(batch, *ready)

batch.WindowBatch.run_with_retries = run
acm_etl.backfill(store=sys.argv[1], settings={settings})
"""


@pytest.mark.slow
def test_status_while_another_process_holds_the_store(plant):
    place = plant(readings=history(days=16))
    script = HOLD.replace("{settings}", repr({**FAST, "backfill.batch_rows": 96}))
    with subprocess.Popen(
        [sys.executable, "-c", script, place.url], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as runner:
        for _ in range(3):  # two batches are published when the third begins
            assert runner.stdout.readline() == "batch\n"
            runner.stdin.write("\n")
            runner.stdin.flush()
        words = [sys.executable, "-m", "acm_etl", "--store", place.url]
        deadline = time.monotonic() + 200
        while True:
            found = subprocess.run([*words, "status"], capture_output=True, text=True, check=False)
            if " of 15 " in found.stdout or time.monotonic() > deadline:
                break
        refused = subprocess.run([*words, "show", CODE], capture_output=True, text=True, check=False)
        checked = subprocess.run([*words, "doctor"], capture_output=True, text=True, check=False)
        runner.stdin.close()  # it goes on by itself now
        assert runner.wait() == 0
    assert found.returncode == 0, found.stderr
    assert f"A backfill (PID {runner.pid}) has the database open" in found.stdout
    assert " of 15 " in found.stdout
    assert (refused.returncode, refused.stderr.count("\n")) == (3, 1)
    assert "wait until it ends, or stop it" in refused.stderr
    assert checked.returncode == 0
    assert "warn store" in checked.stdout
    after = run(place, "status")
    assert "has the database open" not in after.stdout
    assert "COMPLETE" in after.stdout


def test_show_prints_health_episodes_and_sensors(plant):
    place = plant.scored()
    found = run(place, "show", CODE, "--episodes", "1")
    assert "health " in found.stdout
    assert "Episodes, newest first" in found.stdout
    assert found.stdout.count("CLOSED") + found.stdout.count("OPEN") == 1
    everything = json.loads(run(place, "--json", "show", CODE).stdout)
    assert everything["machine"]["health"]["index"] > 0
    assert len(everything["episodes"]) >= 1
    assert {"sensor", "largest_z"} <= everything["sensors"][0].keys()
    levels = place.query(
        "SELECT TagName, IdleLevel FROM ACM_ModelTags WHERE IdleLevel IS NOT NULL ORDER BY Ordinal"
    ).rows()
    indicators = everything["load_indicators"]
    assert [(each["sensor"], each["idle_level"]) for each in indicators] == levels != []
    assert f"{levels[0][0]} < {levels[0][1]:.4g}" in " ".join(found.stdout.split())


@pytest.mark.slow
def test_a_machine_that_stands_still_shows_its_last_health_and_since_when(plant):
    readings = history(days=20)
    tags, stop = pl.selectors.float(), START + timedelta(days=18)
    place = plant.scored(
        readings=readings.with_columns(pl.when(pl.col("EntryDateTime") < stop).then(tags).otherwise(0.0))
    )
    last = place.query("SELECT * FROM ACM_HealthTimeline_Latest").row(0, named=True)
    assert last["Timestamp"] < stop
    off = place.query("SELECT StartTs FROM ACM_Regime_Episodes WHERE Status = 'OPEN' AND RegimeLabel = 'off'").item()
    assert stop <= off < stop + timedelta(hours=12)
    machine = json.loads(run(place, "--json", "status").stdout)["machines"][0]
    assert (machine["health"]["index"], machine["health"]["zone"]) == (last["HealthIndex"], last["HealthZone"])
    assert machine["off_since"] == f"{off.isoformat()}Z"
    assert f"{CODE}: off since {off:%Y-%m-%d %H:%M} UTC" in run(place, "status").stdout
    shown = run(place, "show", CODE).stdout
    assert f"health {last['HealthIndex']:.0f} (" in shown
    assert f" at {last['Timestamp']:%Y-%m-%d %H:%M} UTC" in shown
    assert f"off since {off:%Y-%m-%d %H:%M} UTC" in shown


@pytest.mark.slow
def test_a_run_that_was_left_running_names_its_process(plant):
    place = plant.scored(readings=history(days=16))
    alter(place, "UPDATE RunLog SET Outcome = 'RUNNING', CompletedAt = NULL, Holder = 'plant-7:4711' WHERE Provisional")
    alter(place, "UPDATE RunLog SET AttemptStartedAt = AttemptStartedAt + INTERVAL 1 DAY WHERE Provisional")
    assert "plant-7:4711" in run(place, "status").stdout
    place.backfill()
    assert "plant-7:4711" not in run(place, "status").stdout
