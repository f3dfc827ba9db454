"""Every command, as people and schedulers use it."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import time
from datetime import timedelta
from pathlib import Path

import click
import polars as pl
import pytest
from click.testing import CliRunner
from commands import alter, assert_refused, csv, errors, run
from plants import CODE, FAST, START, Plant, assert_same, history, make_empty_plant

from acm_etl.admin import ingest
from acm_etl.cli import main
from acm_etl.config import ScoreParams
from acm_etl.dialects import DIALECTS
from acm_etl.load.machines import machine_settings

ROOT = Path(__file__).parents[1]
# What no command may import before it runs; --help imports none of them.
HEAVY = ("duckdb", "polars", "numba", "sklearn", "pyarrow", "scipy", "numpy", "pydantic", "rich")
# What tells which attempt wrote a row.
ATTEMPTS = ("RunLog", "ACM_Runs", "ACM_WriteMetrics", "ACM_State", "ACM_ColdstartState")


def commands(group=main, path=()):
    for name, command in group.commands.items():
        yield (*path, name), command
        if isinstance(command, click.Group):
            yield from commands(command, (*path, name))


@pytest.mark.parametrize(
    ("path", "command"), list(commands()), ids=lambda value: " ".join(value) if isinstance(value, tuple) else ""
)
def test_every_command_explains_itself_with_an_example(path, command):
    found = CliRunner().invoke(main, [*path, "--help"])
    assert found.exit_code == 0
    assert re.search(rf"acm-etl .*\b{path[0]}\b", found.output.split("Example")[1])
    for parameter in command.params:
        if isinstance(parameter, click.Option):
            assert parameter.help, f"{path}: {parameter.opts} has no help"


def test_help_fits_a_narrow_terminal():
    for path, command in [((), main), *commands()]:
        text = command.get_help(click.Context(command, info_name=" ".join(path), terminal_width=80))
        # A command stays on one line, however long, so that it can be pasted; its comment goes below it.
        wide = [line for line in text.splitlines() if len(line) > 80]
        assert [line for line in wide if "acm-etl " not in line or re.search(r"\S {2,}\S", line)] == [], path


@pytest.mark.parametrize("words", [["--help"], ["backfill", "--help"], ["--version"], []])
def test_help_is_quick(words):
    script = f"""
import sys
from acm_etl.cli import main
try:
    main({words})
except SystemExit:
    pass
print("heavy:", [name for name in {HEAVY} if name in sys.modules], len(sys.modules) < 400, file=sys.stderr)
"""
    found = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert found.stderr == "heavy: [] True\n"
    assert "acm-etl" in found.stdout


def test_the_module_and_the_command_are_the_same():
    outputs = [
        subprocess.run([*start, "--version"], capture_output=True, text=True, check=True).stdout
        for start in ([sys.executable, "-m", "acm_etl"], [str(Path(sys.executable).with_name("acm-etl"))])
    ]
    assert outputs[0] == outputs[1]


def test_init_creates_and_then_reports_up_to_date(tmp_path):
    place = Plant(tmp_path / "acm.duckdb")
    made = json.loads(run(place, "--json", "init").stdout)
    assert (made["created"], len(made["applied"])) == (True, 5)
    before = place.dump()
    assert run(place, "init").exit_code == 0
    result = json.loads(run(place, "--json", "init").stdout)
    changes = {"applied": [], "skipped": [], "dropped": [], "old_tables": [], "storage": [], "closed": []}
    assert result == {"store": place.url, "created": False, **changes}
    assert_same(place.dump(), before)


def events(place):
    sql = "SELECT ColumnName, EventType, AffectedRows FROM ACM_DataQualityEvents ORDER BY ALL"
    return place.query(sql).rows()


def test_an_import_is_a_run_and_doing_it_again_counts_nothing_twice(tmp_path):
    place, readings = Plant(tmp_path / "acm.duckdb"), history(days=16)
    first, second = csv(tmp_path / "a.csv", readings.head(400)), csv(tmp_path / "b.csv", readings.tail(-400))
    words = ["import", first, second, "--equip", CODE, "--timezone", "UTC"]
    found = run(place, *words)
    assert found.exit_code == 0, found.stderr
    times = readings["EntryDateTime"].n_unique()
    assert f"{times:,} new" in found.stdout
    assert f"Next: acm-etl backfill --equip {CODE}" in found.stdout
    assert f"{readings.height:,} rows to do" in found.stderr
    logged = place.query("SELECT Stage, Outcome, RowsRead, RowsWritten, WindowStart FROM RunLog").rows()
    assert logged == [("import", "OK", readings.height, times, readings["EntryDateTime"].min())]
    counted = events(place)
    assert ("", "duplicate") in [event[:2] for event in counted]
    before = place.dump(without=("RunLog",))
    again = run(place, *words)
    assert f"0 new, 0 updated, {times:,} unchanged" in again.stdout
    assert_same(place.dump(without=("RunLog",)), before)
    assert events(place) == counted
    assert place.query("SELECT count(*) AS n, min(Outcome) AS o FROM RunLog").rows() == [(1, "OK")]
    stored = place.query(f'SELECT count(*) AS n FROM "{CODE}_Data"').item()
    assert stored == times


def test_an_import_in_local_time_is_stored_in_utc(tmp_path):
    place = make_empty_plant(tmp_path / "acm.duckdb")
    path = tmp_path / "fan.csv"
    path.write_text("when,a\n15.01.2024 12:00,1\n16.01.2024 12:00,2\n")
    report = json.loads(run(place, "--json", "import", str(path), "--equip", "F", "--timezone", "Asia/Kolkata").stdout)
    assert (report["first"], report["last"], report["inserted"]) == ("2024-01-15T06:30:00Z", "2024-01-16T06:30:00Z", 2)
    assert any("day first" in words for words in report["statements"])


@pytest.mark.slow
def test_the_same_file_in_another_time_zone_is_another_run(tmp_path):
    place, path = make_empty_plant(tmp_path / "acm.duckdb"), tmp_path / "fan.csv"
    path.write_text("when,a\n2024-01-15 12:00,1\n2024-01-16 12:00,2\n")
    for zone in ("UTC", "Asia/Kolkata"):
        assert run(place, "import", str(path), "--equip", "F", "--timezone", zone).exit_code == 0
    logged = place.query("SELECT Outcome, RowsWritten FROM RunLog").rows()
    assert logged == [("OK", 2), ("OK", 2)]


@pytest.mark.slow
def test_the_command_of_a_replay_can_be_pasted_whatever_the_machine_is_called(plant):
    readings, name = history(days=16), "Größe 5"
    late = pl.col("EntryDateTime").dt.date() == START.date() + timedelta(days=13)
    place = plant.scored(readings=readings.filter(~late), code=name)
    again = csv(Path(place.path).with_name("all.csv"), readings)
    assert run(place, "import", again, "--equip", name, "--timezone", "UTC").exit_code == 0
    assert f"--equip '{name}' --replay-from" in run(place, "status").stdout


@pytest.mark.slow
def test_a_historian_of_somebody_else_is_found_added_and_scored(plant):
    place = plant(readings=history(days=16))
    alter(place, f'CREATE TABLE "MILL_Data" AS SELECT * FROM "{CODE}_Data"')
    listed = json.loads(run(place, "--json", "equipment").stdout)
    assert listed["unregistered"] == ["MILL"]
    assert [machine["code"] for machine in listed["machines"]] == [CODE]
    words = ("equipment", "add", "MILL", "--timezone", "UTC", "--area", "Grinding")
    assert json.loads(run(place, "--json", *words).stdout)["tags"] == 9
    assert json.loads(run(place, "--json", "equipment", "list").stdout)["unregistered"] == []
    assert run(place, "backfill", "--equip", "MILL").exit_code == 0
    assert json.loads(run(place, "--json", "show", "MILL").stdout)["machine"]["scored_until"]


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


@pytest.mark.slow
def test_json_is_all_that_a_program_reads(plant):
    place = plant()
    found = run(place, "--json", "backfill", "--all", "--max-windows", "3")
    report = json.loads(found.stdout)
    assert found.stderr == ""
    machine = report["machines"][0]
    assert (report["exit_code"], machine["equip"], machine["outcome"], machine["windows"]) == (0, CODE, "stopped", 3)
    assert machine["resume_at"] == "2024-01-04T00:00:00Z"
    for words in (["status"], ["show", CODE], ["config"], ["doctor"], ["sql", "duckdb"], ["equipment"]):
        assert isinstance(json.loads(run(place, "--json", *words).stdout), dict)
    failed = run(place, "--json", "backfill", "--all", "--tick", "7d")
    assert failed.exit_code == json.loads(failed.stdout)["exit_code"] == 2
    assert failed.stderr.startswith(f"error: {CODE}: ")


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


def test_a_misspelt_option_is_not_taken_for_help():
    refused, guessed = (CliRunner().invoke(main, ["status", word]) for word in ("--equip", "--summry"))
    assert (refused.exit_code, guessed.exit_code) == (2, 2)
    assert "--help'" not in refused.stderr
    assert "--summary" in guessed.stderr


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


def planned(place, *words, env=None):
    """The tick a backfill would take."""
    found = run(place, *words, env=env).stdout
    return found.split(" windows of ")[1].split(" ")[0]


def test_options_beat_variables_beat_the_file_beats_the_store_beats_the_default(plant, tmp_path):
    place, toml = plant(), tmp_path / "acm.toml"
    toml.write_text('[backfill]\ntick = "6h"\n')
    file, dry = ["--config", str(toml)], ["backfill", "--all", "--dry-run"]
    variable = {"ACM_BACKFILL__TICK": "12h"}
    assert planned(place, *dry) == "1d"
    engine = place.connect()
    machine_settings.save_settings(engine, 0, {"backfill.tick": '"2d"'})
    engine.close()
    assert planned(place, *dry) == "2d"
    engine = place.connect()
    machine_settings.save_settings(engine, 1, {"backfill.tick": '"3d"'})
    engine.close()
    assert planned(place, *dry) == "3d"
    assert planned(place, *file, *dry) == "6h"
    assert planned(place, *dry, env={"ACM_CONFIG": str(toml)}) == "6h"
    assert planned(place, *file, *dry, env=variable) == "12h"
    assert planned(place, *file, *dry, "--tick", "30m", env=variable) == "30m"


def test_config_shows_what_is_in_force(tmp_path):
    toml = tmp_path / "acm.toml"
    toml.write_text("[score]\nalarm_z = 7.5\n")
    listed = json.loads(CliRunner().invoke(main, ["--json", "--config", str(toml), "config"]).stdout)["settings"]
    found = {setting["name"]: (setting["value"], setting["source"]) for setting in listed}
    assert found["score.alarm_z"] == (7.5, "file")
    assert (found["backfill.tick"], found["score.seed"]) == (("1d", "default"), (17, "default"))
    shown = CliRunner().invoke(main, ["--config", str(toml), "config"]).stdout
    (line,) = [line for line in shown.splitlines() if "score.alarm_z" in line]
    assert "7.5" in line
    assert f"(default {ScoreParams().alarm_z:g}; value from: file)" in line
    assert "ACM_SCORE__ALARM_Z" in line


@pytest.mark.parametrize("engine", DIALECTS)
def test_sql_prints_what_is_committed(engine, tmp_path):
    files = {path.name: path.read_text(encoding="utf-8") for path in (ROOT / "sql" / engine).glob("*.sql")}
    scripts = json.loads(CliRunner().invoke(main, ["--json", "sql", engine]).stdout)["scripts"]
    shown = {script["name"]: script["text"] for script in scripts}
    assert shown
    assert shown.items() <= files.items()  # what init applies; some files are for a person only
    printed = CliRunner().invoke(main, ["sql", engine]).stdout
    assert all(text in printed for text in shown.values())
    folder = tmp_path / "new"
    assert CliRunner().invoke(main, ["sql", engine, "--write", str(folder)]).exit_code == 0
    assert {path.name: path.read_text(encoding="utf-8") for path in folder.glob("*.sql")} == files


def test_doctor_distinguishes_good_from_bad(plant, tmp_path):
    place = plant(readings=history(days=3))
    missing = Plant(tmp_path / "none.duckdb")
    bad = Plant(tmp_path / "no" / "folder.duckdb")
    for store, exit_code, check in (
        (place, 0, ("tables", "ok")),
        (missing, 0, ("store", "warn")),
        (bad, 3, ("store: out of reach", "fail")),
    ):
        found = run(store, "--json", "doctor")
        assert found.exit_code == exit_code
        assert check in [(each["check"], each["level"]) for each in json.loads(found.stdout)["checks"]]
    assert not missing.path.exists()


@pytest.mark.slow
def test_verbose_logs_what_happens(plant):
    place = plant(readings=history(days=16))
    words = [sys.executable, "-m", "acm_etl", "--store", place.url]
    env = os.environ | {f"ACM_{name.upper().replace('.', '__')}": str(value) for name, value in FAST.items()}
    output = subprocess.run(
        [*words, "-v", "backfill", "--all"], capture_output=True, text=True, check=True, env=env
    ).stderr
    assert f"INFO {CODE}: models 1 trained on 2024-01-01" in output
    assert f"INFO {CODE}: published 16 window(s), 2024-01-01T00:00 to 2024-01-17T00:00" in output
    assert "DEBUG" not in output
    more = subprocess.run(
        [*words, "-vv", "backfill", "--all", "--replay-from", "2024-01-15"],
        capture_output=True, text=True, check=True, env=env,
    ).stderr  # fmt: skip
    assert "DEBUG" in more


@pytest.mark.slow
def test_simulate_makes_a_machine_once(tmp_path):
    place = Plant(tmp_path / "acm.duckdb", "DEMO")
    made = run(place, "simulate", "--equip", "DEMO", "--days", "40")
    assert made.exit_code == 0
    assert "3 known faults" in made.stdout
    assert Path(f"{place.path}.DEMO.truth.json").exists()
    assert "already has" in run(place, "simulate", "--equip", "DEMO", "--if-missing").stdout
    found = run(place, "backfill", "--equip", "DEMO")
    assert "Simulated faults:" in found.stdout


def test_known_faults_are_compared_before_the_first_training(tmp_path):
    place = make_empty_plant(tmp_path / "acm.duckdb", "DEMO")
    assert run(place, "simulate", "--equip", "DEMO", "--days", "10").exit_code == 0
    found = run(place, "--json", "backfill", "--equip", "DEMO", "--train-until", "2099-01-01")
    assert found.exit_code == 0, found.output
    (machine,) = json.loads(found.stdout)["machines"]
    assert {fault["in_training"] for fault in machine["truth"]["faults"]} == {False}
    # Nothing is scored yet, so nothing is missed.
    assert {fault["in_scored_period"] for fault in machine["truth"]["faults"]} == {False}


@pytest.mark.slow
def test_a_planted_fault_within_the_training_is_not_called_missed(tmp_path):
    place = make_empty_plant(tmp_path / "acm.duckdb", "DEMO")
    assert run(place, "simulate", "--equip", "DEMO", "--days", "40").exit_code == 0
    truth = json.loads(Path(f"{place.path}.DEMO.truth.json").read_text(encoding="utf-8"))
    first, *others = sorted(truth["faults"], key=lambda fault: fault["end"])
    words = ["backfill", "--equip", "DEMO", "--train-until", first["end"][:10] + "T23:59"]
    found = run(place, *words)
    assert found.exit_code == 0, found.output
    (line,) = [line for line in found.stdout.splitlines() if f" {first['name']} " in line]
    assert " in training " in line
    machine = json.loads(run(place, "--json", *words).stdout)["machines"][0]
    assert {fault["name"]: fault["in_training"] for fault in machine["truth"]["faults"]} == {
        first["name"]: True, **{fault["name"]: False for fault in others},
    }  # fmt: skip


def test_the_reader_of_a_pipe_may_leave_early(plant):
    place = plant(readings=history(days=3))
    words = f"{sys.executable} -m acm_etl --store {place.url} config | head -1"
    found = subprocess.run(["bash", "-o", "pipefail", "-c", words], capture_output=True, text=True, check=False)
    assert "Traceback" not in found.stderr
    assert "Error" not in found.stderr


@pytest.mark.sampled
@pytest.mark.skipif(not Path("/dev/full").exists(), reason="a device of Linux")
@pytest.mark.parametrize(
    ("words", "code"),
    [(f"reset {CODE} <&-", 1), ("import - --equip M1 --timezone UTC <&-", 1), ("config >/dev/full", 3)],
)
def test_no_input_and_full_output_end_in_one_line(plant, words, code):
    words = f"{sys.executable} -m acm_etl --store {plant(readings=history(days=3)).url} {words}"
    found = subprocess.run(["bash", "-c", words], capture_output=True, text=True, check=False, timeout=200)
    assert found.returncode == code
    assert len(errors(found)) == 1
    assert "Traceback" not in found.stderr


@pytest.mark.slow
def test_a_run_that_was_left_running_names_its_process(plant):
    place = plant.scored(readings=history(days=16))
    alter(place, "UPDATE RunLog SET Outcome = 'RUNNING', CompletedAt = NULL, Holder = 'plant-7:4711' WHERE Provisional")
    alter(place, "UPDATE RunLog SET AttemptStartedAt = AttemptStartedAt + INTERVAL 1 DAY WHERE Provisional")
    assert "plant-7:4711" in run(place, "status").stdout
    place.backfill()
    assert "plant-7:4711" not in run(place, "status").stdout


@pytest.mark.slow
def test_a_simulation_that_was_killed_before_its_readings_is_made_again(tmp_path, monkeypatch):
    place = make_empty_plant(tmp_path / "acm.duckdb", "DEMO")
    words = ("simulate", "--equip", "DEMO", "--days", "5", "--if-missing")
    with monkeypatch.context() as patch:
        patch.setattr(ingest, "_append_readings", lambda *_: (_ for _ in ()).throw(KeyboardInterrupt))
        assert run(place, *words).exit_code != 0
    assert run(place, *words).exit_code == 0
    assert json.loads(run(place, "--json", "tags", "DEMO").stdout)
    assert "already has" in run(place, *words).stdout
