"""What holds for all commands: help, settings, JSON, pipes; and the small ones: init, config, sql, doctor."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from pathlib import Path

import click
import pytest
from click.testing import CliRunner
from commands import assert_refused, csv, errors, run
from plants import CODE, Plant, assert_same, history, make_empty_plant

from acm_etl.cli import main
from acm_etl.config import ScoreParams
from acm_etl.dialects import DIALECTS
from acm_etl.load.machines import machine_settings

ROOT = Path(__file__).parents[1]
# What no command may import before it runs; --help imports none of them.
HEAVY = ("duckdb", "polars", "numba", "sklearn", "pyarrow", "scipy", "numpy", "pydantic", "rich")


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


def test_a_misspelt_option_is_not_taken_for_help():
    refused, guessed = (CliRunner().invoke(main, ["status", word]) for word in ("--equip", "--summry"))
    assert (refused.exit_code, guessed.exit_code) == (2, 2)
    assert "--help'" not in refused.stderr
    assert "--summary" in guessed.stderr


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


@pytest.mark.parametrize(
    "words",
    [
        ["import", "", "--equip", "M1", "--timezone", "UTC"],
        ["export", "Equipment", "--output", ""],
        ["report", "--output", ""],
    ],
    ids=lambda words: words[0],
)
def test_an_empty_name_is_not_the_current_folder(tmp_path, words):
    assert_refused(run(Plant(tmp_path / "acm.duckdb"), *words), 2, "the name is empty")


def test_an_interrupt_while_modules_load_is_one_line_and_ends_only_the_program():
    script = """
import sys
class Interrupted:
    def find_spec(self, name, *_):
        if name == "acm_etl.cli.app":
            raise KeyboardInterrupt
sys.meta_path.insert(0, Interrupted())
try:
    import acm_etl.cli
except KeyboardInterrupt:
    pass
import acm_etl.__main__
"""
    found = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=False)
    assert found.returncode == 130
    assert len(errors(found)) == len(found.stderr.splitlines()) == 1


def test_the_reader_of_a_pipe_may_leave_early(tmp_path):
    place = make_empty_plant(tmp_path / "acm.duckdb")
    words = f"import {csv(tmp_path / 'fan.csv', history(days=1))} --equip M1 --timezone UTC 2>&1 | true"
    line = f"{sys.executable} -m acm_etl --store {place.url} {words}"
    found = subprocess.run(["bash", "-o", "pipefail", "-c", line], capture_output=True, text=True, check=False)
    assert (found.returncode, found.stderr) == (0, "")
    assert place.query('SELECT COUNT(*) AS n FROM "M1_Data"').item() > 0


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
