"""The commands backfill and reset: what they print, which options they heed, how failures are reported."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys

import pytest
from click.testing import CliRunner
from commands import alter, assert_refused, run
from plants import CODE, FAST, assert_same, history

from acm_etl.cli import main


def test_a_backfill_in_a_pipe_writes_its_progress_in_plain_lines(plant):
    place = plant(readings=history(days=16))
    found = run(place, "backfill", "--equip", CODE, "--batch", "240")
    lines = found.stderr.splitlines()
    assert lines[0] == f"{CODE}: coldstart reading"
    assert lines[1].startswith(f"{CODE}: coldstart fitting")
    assert lines[2] == f"{CODE}: 15 windows to do"
    assert lines[-2].startswith(f"{CODE}: 15 of 15 windows, ")
    assert lines[-1] == f"{CODE}: done"
    assert "\x1b" not in found.output
    assert f"{CODE}: done" in found.stdout
    assert re.search(r"Rows: [1-9][\d,]+ written", found.stdout)
    assert "Next run starts at 2024-01-16 00:00 UTC" in found.stdout
    assert f"acm-etl show {CODE}" in found.stdout


@pytest.mark.slow
def test_a_backfill_without_new_readings_writes_nothing_and_reports_it(plant):
    place = plant(readings=history(days=16))
    first = run(place, "backfill", "--all").stdout
    assert re.search(r"^  Rows: [1-9][\d,]+ written", first, re.MULTILINE)
    assert "Slowest tables: " in first
    again = run(place, "backfill", "--all").stdout
    assert again.startswith("FAN_1: up to date\n")
    assert not re.search(r"^  Rows: ", again, re.MULTILINE)
    assert "ACM_" not in again


def test_a_dry_run_changes_nothing_before_and_after_coldstart(plant):
    place = plant()
    before = place.dump()
    found = run(place, "backfill", "--all", "--dry-run")
    assert f"{CODE}: planned: coldstart, then 30 windows of 1d from 2024-01-01 00:00 UTC with 1," in found.stdout
    assert_same(place.dump(), before)
    place.backfill(max_windows=10)
    before = place.dump()
    found = run(place, "backfill", "--all", "--dry-run")
    assert "planned: 20 windows of 1d from 2024-01-11 00:00 UTC" in found.stdout
    assert_same(place.dump(), before)
    assert found.stderr == ""


def test_from_and_to_bound_what_is_read(plant):
    place = plant()
    found = run(place, "backfill", "--all", "--from", "2024-01-05", "--to", "2024-01-25T12:00")
    assert found.exit_code == 0, found.stderr
    first, last = place.query("SELECT min(Timestamp) AS a, max(Timestamp) AS b FROM ACM_Scores_Wide").row(0)
    assert f"{first:%Y-%m-%d %H:%M}" >= "2024-01-05 00:00"
    assert f"{last:%Y-%m-%d %H:%M}" == "2024-01-25 11:30"
    assert place.query("SELECT count(*) AS n FROM RunLog WHERE Provisional").item() == 1


@pytest.mark.slow
def test_offsets_in_times_are_heeded(plant):
    place = plant()
    assert run(place, "backfill", "--all", "--train-until", "2024-01-13T02:00+02:00").exit_code == 0
    end = place.query("SELECT TrainEnd FROM ModelRegistry").item()
    assert f"{end:%Y-%m-%dT%H:%M}" == "2024-01-13T00:00"


@pytest.mark.slow
def test_the_end_of_training_is_asked_for_once(plant):
    """Whoever shortened the training to get a machine going does not have to say so every night."""
    place = plant()
    assert run(place, "backfill", "--all", "--train-until", "2024-01-13").exit_code == 0
    assert run(place, "backfill", "--all").exit_code == 0
    assert run(place, "verify", "--all").exit_code == 0
    refused = run(place, "backfill", "--all", "--train-until", "2024-01-12")
    assert_refused(refused, 2, "made with training.until 2024-01-13T00:00:00, requested 2024-01-12T00:00:00")


@pytest.mark.slow
def test_group_and_workers_change_no_result(plant):
    one, two = plant("one"), plant("two")
    assert run(one, "backfill", "--all").exit_code == 0
    assert run(two, "backfill", "--all", "--batch", "100", "--workers", "2").exit_code == 0
    without = ("RunLog", "ACM_Runs", "ACM_WriteMetrics", "ACM_State")
    assert_same(two.dump(without=without), one.dump(without=without), tolerance=1e-9)


@pytest.mark.slow
def test_all_machines_have_a_closing_table_and_one_failure_does_not_stop_the_others(plant):
    place = plant(readings=history(days=16))
    alter(place, f'CREATE TABLE "MILL_Data" AS SELECT * FROM "{CODE}_Data"')
    run(place, "equipment", "add", "MILL", "--timezone", "UTC")
    alter(place, 'ALTER TABLE "MILL_Data" RENAME TO "GONE_Data"')
    found = run(place, "backfill", "--all", "--workers", "2")
    assert found.exit_code == 1
    assert [line.split()[1:4:2] for line in found.stdout.splitlines() if "MILL" in line] == [["MILL", "failed"]]
    assert [line for line in found.stderr.splitlines() if line.startswith("error: ")] == [
        "error: MILL: historian table MILL_Data does not exist; import readings, or set the right table"
    ]
    assert place.query("SELECT count(DISTINCT EquipID) AS n FROM ACM_Scores_Wide").item() == 1


def test_a_failure_is_reported_once_with_its_reason(plant):
    place = plant.scored(readings=history(days=16))
    found = run(place, "backfill", "--all", "--tick", "12h")
    assert found.exit_code == 2
    (line,) = found.output.splitlines()
    assert line.startswith(f"error: {CODE}: the stored rows were made with tick 1d, requested 12h; repeat with")


@pytest.mark.slow
def test_a_reset_asks_and_a_fresh_backfill_equals_the_first(plant):
    place = plant.scored(readings=history(days=16))
    first = place.dump()
    for answer in ("n\n", ""):
        refused = CliRunner().invoke(main, ["--store", place.url, "reset", CODE], input=answer)
        assert refused.exit_code == 1
        assert f"{CODE}: delete its models, progress and results?" in refused.stdout
        assert refused.stderr.strip().endswith("error: nothing was changed; use --yes to skip this prompt")
        assert_same(place.dump(), first)
    assert CliRunner().invoke(main, ["--store", place.url, "reset", CODE], input="y\n").exit_code == 0
    for table in ("ACM_Scores_Wide", "ACM_Episodes", "ModelRegistry", "ACM_State", "ACM_BatchProgress"):
        assert place.query(f"SELECT count(*) AS n FROM {table}").item() == 0
    assert json.loads(run(place, "--json", "show", CODE).stdout)["machine"]["scored_until"] is None
    place.backfill()
    assert_same(place.dump(), first)
    assert json.loads(run(place, "--json", "reset", CODE, "--yes").stdout)["deleted_rows"]["ACM_Scores_Wide"] > 0


@pytest.mark.sampled
@pytest.mark.parametrize("answer", ["n\n", ""])
def test_a_reset_looks_before_it_asks_and_its_refusal_has_a_line_of_its_own(plant, answer):
    place = plant(readings=history(days=3))
    words = [sys.executable, "-m", "acm_etl", "--store", place.url, "reset"]
    asked = {"input": answer, "stdout": subprocess.PIPE, "stderr": subprocess.STDOUT, "text": True}
    assert subprocess.run([*words, CODE], check=False, **asked).stdout.splitlines() == [
        f"{CODE}: delete its models, progress and results? [y/N]: ",
        "error: nothing was changed; use --yes to skip this prompt",
    ]
    unknown = subprocess.run([*words, "NOPE"], check=False, **asked)
    assert unknown.returncode == 2
    assert unknown.stdout.startswith("error: there is no machine 'NOPE'")


@pytest.mark.slow
def test_verbose_logs_what_happens(plant):
    place = plant(readings=history(days=16))
    words = [sys.executable, "-m", "acm_etl", "--store", place.url]
    env = os.environ | {f"ACM_{name.upper().replace('.', '__')}": str(value) for name, value in FAST.items()}
    output = subprocess.run(
        [*words, "-v", "backfill", "--all"], capture_output=True, text=True, check=True, env=env
    ).stderr
    assert f"INFO {CODE}: models 1 trained on 2024-01-01" in output
    assert f"INFO {CODE}: published 16 windows, 2024-01-01T00:00 to 2024-01-17T00:00" in output
    assert "DEBUG" not in output
    more = subprocess.run(
        [*words, "-vv", "backfill", "--all", "--replay-from", "2024-01-15"],
        capture_output=True, text=True, check=True, env=env,
    ).stderr  # fmt: skip
    assert "DEBUG" in more
