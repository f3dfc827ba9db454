"""``--json`` of every command that is not about a status: its shape, its place on the command line, CSV beside it."""

from __future__ import annotations

import contextlib
import csv
import io
import json
import re
from pathlib import Path

import pytest
from click.testing import CliRunner
from commands import assert_refused, run
from json_shapes import SCHEMAS, check_shape
from jsonschema import Draft202012Validator
from plants import CODE, Plant, history, make_empty_plant, make_plant, make_scored_plant

from acm_etl import plain_values
from acm_etl.cli import main, output
from acm_etl.cli.aliases import COMMAND_ALIASES, OPTION_ALIASES
from acm_etl.load.machines import machine_settings

ROOT = Path(__file__).parents[1]


def parse(entity, text):
    value = json.loads(text)
    check_shape(value, entity)
    return value


def test_the_schemas_are_valid():
    for schema in SCHEMAS.values():
        Draft202012Validator.check_schema(schema)


@pytest.fixture(scope="module")
def published(tmp_path_factory):
    path = tmp_path_factory.mktemp("json") / "acm.duckdb"
    return make_scored_plant(path, readings=history(days=20), max_windows=18)


def test_json_reaches_an_output_without_an_encoding(published):
    text = io.StringIO()
    with contextlib.redirect_stdout(text):
        main(["--store", published.url, "--json", "status"], standalone_mode=False)
    assert json.loads(text.getvalue())["machines"][0]["code"] == CODE


def test_the_shape_of_a_backfill(published):
    report = parse("backfill", run(published, "backfill", "--all", "--json").stdout)
    machine = report["machines"][0]
    assert (machine["equip"], machine["outcome"]) == (CODE, "done")
    assert machine["tables"]["ACM_Scores_Wide"]["staged"] > 0
    check_shape(machine["status"], "machine", "status")
    planned = parse("backfill", run(published, "backfill", "--all", "--dry-run", "--json").stdout)["machines"][0]
    assert (planned["status"], planned["newest_episodes"]) == (None, [])


@pytest.mark.slow
def test_the_newest_episodes_of_a_backfill_are_those_that_it_found(tmp_path):
    place = make_plant(tmp_path / "acm.duckdb", readings=history())
    machine = parse("backfill", run(place, "--json", "backfill", "--all").stdout)["machines"][0]
    sql = "SELECT StartTs, PrimarySensor FROM ACM_Episodes ORDER BY StartTs DESC"
    stored = [(f"{start.isoformat()}Z", sensor) for start, sensor in place.query(sql).iter_rows()]
    assert machine["episodes"] == len(stored) > 0
    assert [(one["start"], one["top_sensor"]) for one in machine["newest_episodes"]] == stored[:3]


COMMANDS = pytest.mark.parametrize(
    ("entity", "words"),
    [
        ("equipment_list", ["equipment"]),
        ("source", ["source", CODE]),
        ("source", ["source", CODE, "--every", "1h", "--dry-run"]),
        ("tags", ["tags", CODE]),
        ("failures_list", ["failures", "list"]),
        ("prune", ["prune", "--all", "--run-days", "1"]),
        ("verify", ["verify", CODE, "--sample", "1"]),
        ("doctor", ["doctor"]),
        ("doctor_server", ["doctor", "--server"]),
        ("config_list", ["config"]),
        ("config_list", ["config", "list", "--equip", CODE]),
        ("metrics", ["metrics"]),
        ("refit", ["refit", CODE]),
        ("baseline", ["baseline", CODE, "--from", "2024-01-20", "--dry-run"]),
        ("init", ["init"]),
        ("sql", ["sql", "duckdb"]),
        ("simulate", ["simulate", "--equip", CODE, "--if-missing"]),
    ],
    ids=lambda value: value if isinstance(value, str) else " ".join(value),
)


@COMMANDS
def test_the_shape_of_a_result(published, entity, words):
    parse(entity, run(published, *words, "--json").stdout)


@pytest.mark.sampled
@COMMANDS
def test_json_may_stand_before_the_command(published, entity, words):
    parse(entity, run(published, "--json", *words).stdout)


def test_the_shapes_of_commands_that_change_a_store(tmp_path):
    place = Plant(tmp_path / "acm.duckdb")
    assert parse("init", run(place, "init", "--json").stdout)["created"]
    path = tmp_path / "fan.csv"
    path.write_text("when,a,note\n2024-01-15 12:00,1,x\n2024-01-15 12:00,2,x\n2024-01-16 12:00,3,x\n", encoding="utf-8")
    words = ["import", str(path), "--equip", "F", "--timezone", "Asia/Kolkata", "--json"]
    report = parse("import", run(place, *words).stdout)
    assert (report["inserted"], report["first"]) == (2, "2024-01-15T06:30:00Z")
    exported = parse("export", run(place, "export", "F_Data", "--output", str(tmp_path), "--json").stdout)
    assert exported["rows"] == 2
    added = parse("equipment_add", run(place, "equipment", "add", "F", "--timezone", "Asia/Kolkata", "--json").stdout)
    assert (added["tags"], added["new_tags"]) == (1, [])
    reset = parse("reset", run(place, "reset", "F", "--yes", "--json").stdout)
    assert not reset["coldstart_only"]
    v8 = tmp_path / "progress.json"
    v8.write_text('{"F": {"batches_completed": 3}, "G": {}}', encoding="utf-8")
    machines = parse("import_progress", run(place, "import-progress", str(v8), "--json").stdout)["machines"]
    assert [machine["state"] for machine in machines] == ["noted", "not_registered"]


def write_fleet(folder):
    """Write a file of two machines with a tag, a switch, an excluded tag and a value that is lost."""
    rows = [
        f"P{number},2024-01-15 {hour:02}:00,{'Bad' if hour == 3 else hour + 0.5},{'Open' if hour % 2 else 'Closed'},50"
        for number in (1, 2)
        for hour in range(12)
    ]
    path = folder / "fleet.csv"
    path.write_text("\n".join(["Asset,Time,TI-1 [°C],Valve,SP-1", *rows]), encoding="utf-8")
    return str(path)


def test_the_shape_of_a_plan(tmp_path):
    place = Plant(tmp_path / "acm.duckdb")
    words = ["import", write_fleet(tmp_path), "--timezone", "Asia/Kolkata", "--dry-run", "--json", "--exclude", "SP-*"]
    plan = parse("import_plan", run(place, *words, "--equip", "F", "--where", "Asset=P1").stdout)
    assert (plan["equip"], plan["rows"], plan["readings"], plan["cadence_seconds"]) == ("F", 12, 12, 3600)
    assert (plan["first"], plan["last"]) == ("2024-01-14T18:30:00Z", "2024-01-15T05:30:00Z")
    assert plan["files"][0]["times"][0]["samples"][0] == {"cell": "2024-01-15 00:00", "utc": "2024-01-14T18:30:00Z"}
    assert {column["name"]: column["reason"] for column in plan["files"][0]["left_out"]}["SP-1"] == "excluded"
    tags = {tag["tag"]: tag for tag in plan["tags"]}
    assert (tags["TI-1 [°C]"]["unit"], tags["TI-1 [°C]"]["lost"]) == ("°C", {"text_state": 1})
    assert tags["TI-1 [°C]"]["kept_share"] == pytest.approx(11 / 12)
    assert tags["Valve"]["states"] == {"open": 1, "closed": 0}
    assert (tags["Valve"]["first"], tags["Valve"]["first_number"]) == ("Closed", 0)
    assert not place.path.exists(), "a dry run opens no store"


def test_a_plan_names_the_losses_beyond_the_limits(tmp_path):
    path = tmp_path / "fan.csv"
    rows = [f"2024-01-15 {hour:02}:00,{'?!' if hour % 3 else hour}" for hour in range(24)]
    path.write_text("\n".join(["Time,A", *rows]), encoding="utf-8")
    words = ["import", str(path), "--equip", "F", "--timezone", "UTC", "--dry-run", "--json"]
    plan = parse("import_plan", run(Plant(tmp_path / "acm.duckdb"), *words).stdout)
    assert len(plan["problems"]) == 1
    assert plan["tags"][0]["lost"] == {"not_a_number": 16}


def test_a_saved_plan_is_for_one_machine_and_without_other_decisions(tmp_path):
    place, file, plan = make_empty_plant(tmp_path / "acm.duckdb"), write_fleet(tmp_path), str(tmp_path / "fan.toml")
    words = ["import", file, "--equip", "F", "--where", "Asset=P1", "--timezone", "UTC", "--dry-run", "--save", plan]
    assert run(place, *words).exit_code == 0
    assert_refused(run(place, "import", file, "--equip-from", "Asset", "--plan", plan), 2, "--where")
    assert_refused(run(place, "import", file, "--equip", "F", "--plan", plan, "--missing", "-999"), 2, "--missing")
    repeated = parse("import", run(place, "import", file, "--equip", "F", "--plan", plan, "--json").stdout)
    assert repeated["inserted"] == 12


@pytest.mark.slow
def test_the_shape_of_an_import_of_several_machines(tmp_path):
    place = make_empty_plant(tmp_path / "acm.duckdb")
    words = ["import", write_fleet(tmp_path), "--equip-from", "Asset", "--timezone", "UTC", "--json"]
    planned = parse("import_machines", run(place, *words, "--dry-run").stdout)["machines"]
    assert [(machine["equip"], machine["readings"]) for machine in planned] == [("P1", 12), ("P2", 12)]
    stored = parse("import_machines", run(place, *words).stdout)["machines"]
    assert [(machine["equip"], machine["inserted"]) for machine in stored] == [("P1", 12), ("P2", 12)]


def test_settings_are_stored_listed_and_removed(published, tmp_path):
    change = run(published, "config", "set", "score.alarm_z", "3.8", "--equip", CODE, "--json")
    assert parse("config_change", change.stdout) == {
        "name": "score.alarm_z", "equip": CODE, "old_value": None, "new_value": "3.8",
    }  # fmt: skip
    assert run(published, "config", "set", "retention.time_days", "1095").exit_code == 0
    assert parse("config_init", run(published, "config", "init", str(tmp_path / "a.toml"), "--json").stdout)["settings"]
    listed = parse("config_list", run(published, "config", "list", "--equip", CODE, "--json").stdout)["settings"]
    values = {setting["name"]: (setting["value"], setting["source"]) for setting in listed}
    assert values["score.alarm_z"] == (3.8, "machine")
    assert values["retention.time_days"] == (1095, "all_machines")
    assert values["backfill.tick"] == ("1d", "default")
    assert run(published, "config", "unset", "score.alarm_z", "--equip", CODE).exit_code == 0
    assert run(published, "config", "unset", "retention.time_days").exit_code == 0
    engine = published.connect()
    assert machine_settings.list_settings(engine) == []
    engine.close()


@pytest.mark.parametrize(
    "words",
    [
        ["set", "score.alarmz", "3"],
        ["set", "score.alarm_z", "low"],
        ["set", "store.url", "duckdb:///x"],
        ["set", "score.alarm_z", "3", "--equip", "NOPE"],
        ["unset", "score.alarm_z"],
    ],
    ids=lambda value: value if isinstance(value, str) else " ".join(value),
)
def test_a_setting_that_cannot_be_stored_is_refused(published, words):
    assert_refused(run(published, "config", *words), 2)


@pytest.mark.sampled(2)
@pytest.mark.parametrize(
    "words",
    [["equipment"], ["config"], ["prune", "--all", "--run-days", "1"], ["verify", CODE, "--sample", "0"], ["status"]],
    ids=lambda words: words[0],
)
def test_a_listing_as_csv_has_a_header_and_a_line_per_row(published, words):
    rows = list(csv.DictReader(io.StringIO(run(published, *words, "--format", "csv").stdout)))
    assert rows
    assert all(re.fullmatch(r"[a-z][a-z_0-9]*", name) for name in rows[0])
    assert run(published, *words, "--format", "json").stdout.startswith("{")


def test_values_of_json_are_what_json_has():
    values = {"nan": float("nan"), "path": Path("a/b"), "pair": (1, 2.5), "yes": True, "none": None}
    assert plain_values.to_plain(values) == {"nan": None, "path": "a/b", "pair": [1, 2.5], "yes": True, "none": None}
    assert output.format_csv([{"a": True, "b": [1]}], ["b", "a", "c"]) == "b,a,c\n[1],true,\n"


@pytest.mark.parametrize("charset", ["cp1252", "cp437"])
def test_characters_that_the_encoding_of_the_output_lacks_are_escaped(tmp_path, charset):
    code = "Öl \u6e29\U0001f321"
    url = make_plant(tmp_path / "a.duckdb", readings=history(days=1), code=code).url
    for form in ("csv", "json"):
        result = CliRunner(charset=charset).invoke(main, ["--store", url, "equipment", "--format", form])
        assert result.exit_code == 0
        assert "\\u6e29" in result.stdout
    # Escapes of JSON, not of Python.
    assert json.loads(result.stdout)["machines"][0]["code"] == code


def test_an_old_name_of_a_command_works_and_names_its_new_one(published):
    for old, new in COMMAND_ALIASES.items():
        result = run(published, old, "--all", "--run-days", "1")
        assert result.exit_code == 0, result.stderr
        assert result.stderr == f"warning: the command {old} is now named {new}; change your script\n"
        assert old not in main.commands


def test_old_names_of_options_work_and_name_their_new_ones(published):
    words = ["backfill", "--all", "--dry-run", "--final", "--group=500", "--restart", "2024-01-05"]
    result = run(published, *words)
    assert result.exit_code == 0, result.stderr
    notices = [line for line in result.stderr.splitlines() if "is now named" in line]
    assert notices == [
        f"warning: {old} is now named {OPTION_ALIASES['backfill'][old]}; change your script"
        for old in ("--final", "--group", "--restart")
    ]
    shown = run(published, "backfill", "--help").stdout
    assert not re.search(r"--(final|group|restart)\b", shown)
    assert run(published, "backfill", "--all", "--dry-run", "--window", "1d").exit_code == 0


def test_global_options_stand_before_or_after_the_command(published, tmp_path):
    other = Plant(tmp_path / "other.duckdb")
    assert run(published, "init", "--store", other.url).exit_code == 0
    assert other.path.exists()
    result = run(published, "backfill", "--all", "--dry-run", "--log-json", "--group", "500")
    assert json.loads(result.stderr.splitlines()[0])["level"] == "warning"


def test_every_shape_is_documented():
    text = (ROOT / "docs" / "json.md").read_text(encoding="utf-8")
    schema = SCHEMAS["commands"]
    for entity in schema["$defs"]:
        if entity == "time":
            continue
        section = re.search(rf"^## `?[^\n]*<a id=\"{entity}\"></a>\n(.*?)(?=^## |\Z)", text, re.MULTILINE | re.DOTALL)
        assert section, f"docs/json.md has no section {entity}"
        for key in schema["$defs"][entity].get("properties", {}):
            assert f"`{key}`" in section[1], f"docs/json.md: {entity}.{key} is not described"
