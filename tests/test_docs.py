"""README and the generated documents agree with the product: tables, commands, exit codes, settings, Python."""

from __future__ import annotations

import re
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest
from click.testing import CliRunner
from plants import history

import acm_etl
from acm_etl import errors, tables
from acm_etl.cli import main
from acm_etl.config import Config
from acm_etl.run import verify
from acm_etl.tables import docs, views

ROOT = Path(__file__).parents[1]
README = (ROOT / "README.md").read_text(encoding="utf-8")
COMMANDS = (ROOT / "docs" / "commands.md").read_text(encoding="utf-8")
TABLES = (ROOT / "docs" / "tables.md").read_text(encoding="utf-8")


def test_the_table_of_tables_is_up_to_date():
    assert docs.refresh_document(TABLES) == TABLES, "run: python -m acm_etl.tables.docs docs/tables.md"
    overview = TABLES.partition(docs.OVERVIEW_BEGIN)[2].partition(docs.OVERVIEW_END)[0]
    for table in (*tables.ALL, *views.ALL):
        assert overview.count(f"| `{table.name}` |") == 1


def test_the_reference_of_tables_is_up_to_date():
    for table in tables.ALL:
        section = TABLES.partition(f"### {table.name}\n")[2].partition("\n### ")[0]
        assert table.doc in section
        assert f"Key: {', '.join(table.key)}." in section
        assert re.findall(r"^\| `(\w+)` \|", section, re.MULTILINE) == [column.name for column in table.columns]


@pytest.mark.parametrize("table", tables.ALL, ids=lambda table: table.name)
def test_every_number_has_a_unit_or_the_note_that_it_has_none(table):
    for column in table.columns:
        if column.base_type == "ts3":
            assert docs.column_unit(column) == "UTC"
        if column.name.endswith(("Pct", "Hours", "Seconds", "Z", "_z", "HealthIndex")):
            assert docs.column_unit(column) not in ("-", "")


def test_every_row_of_the_table_of_tables_has_four_cells():
    rows = docs.render_overview().splitlines()
    assert len(rows) == 2 + len(tables.ALL) + len(views.ALL)
    assert {len(re.findall(r"(?<!\\)\|", row)) for row in rows} == {5}


@pytest.mark.parametrize("name", main.commands)
def test_every_command_is_documented(name):
    assert main.commands[name].hidden or re.search(rf"^\| `{name}` \|", COMMANDS, re.MULTILINE)


def collect_exit_codes(error_type):
    """Exit codes of an error type and of all its subclasses."""
    return {error_type.exit_code}.union(*map(collect_exit_codes, error_type.__subclasses__()))


def test_every_exit_code_is_documented_and_in_help():
    line = re.search(r"Exit codes:(.*?)\n\n", COMMANDS, re.DOTALL)
    documented = {int(code) for code in re.findall(r"\b(\d+) [a-z]", line[1])}
    assert documented == collect_exit_codes(errors.AcmError) | {0, verify.FINDINGS_EXIT_CODE, 130}
    help_text = " ".join(CliRunner().invoke(main, ["--help"]).output.split())
    assert " ".join(line[0].split()) in f"{help_text} "


def test_every_setting_is_listed_with_its_meaning_and_variable():
    listing = CliRunner().invoke(main, ["config"]).output
    for section, part in Config():
        for name, field in type(part).model_fields.items():
            assert field.description, f"{section}.{name} has no description"
            assert f"{section}.{name} " in listing
            variable = "ACM_STORE" if (section, name) == ("store", "url") else f"ACM_{section}__{name}".upper()
            assert f"{variable} " in listing


def test_settings_and_variables_named_in_readme_exist():
    listing = CliRunner().invoke(main, ["config"]).output
    for name in re.findall(r"`((?:score|training|backfill|refit|retention|store)\.[a-z_.]+)`", README):
        assert f" {name} " in listing
    for variable in re.findall(r"`(ACM_[A-Z]+__[A-Z_]+)", README):
        assert f" {variable} " in listing


def test_options_named_in_readme_exist():
    options = {option for command in [main, *main.commands.values()] for p in command.params for option in p.opts}
    options |= {"--help"}
    text = re.sub(r"<!--.*?-->", "", README, flags=re.DOTALL)
    assert set(re.findall(r"(?<![\w-])--[a-z][a-z-]+", text)) <= options


def test_the_python_of_readme_runs(plant, tmp_path, monkeypatch):
    code = re.search(r"```python\n(.*?)```", README, re.DOTALL)[1]
    place = plant("acm", readings=history(days=16), code="FD_FAN")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("ACM_TRAINING__DAYS", "12")
    monkeypatch.setenv("ACM_TRAINING__RUNNING_ROWS", "200")
    frame = acm_etl.score.dedupe_readings(history(days=16).rename({"EntryDateTime": "Timestamp"}))[0]
    names = {"training_frame": frame.head(500), "frame": frame[500:600], "next_frame": frame[600:]}
    exec(compile(code, "README.md", "exec"), names)  # noqa: S102 - the code of our own README
    assert names["report"].exit_code == 0, names["report"].machines[0].message
    assert place.query("SELECT count(*) AS n FROM ACM_Scores_Wide").item() > 500
    assert names["later"].frame.height == frame.height - 600


def test_the_files_readme_points_at_exist():
    for target in re.findall(r"\]\(([^)#:]+)\)", README):
        assert (ROOT / target).exists(), target


def test_the_picture_shows_a_backfill():
    assert "](docs/backfill.svg)" in README
    picture = ET.parse(ROOT / "docs" / "backfill.svg")  # noqa: S314 - our own file
    text = "".join(picture.getroot().itertext()).replace("\xa0", " ")
    for words in (
        "make backfill EQUIP=FD_FAN",
        "windows",
        "rows/s",
        "Verdict:",
        "Rows:",
        "readings/s end to end",
    ):
        assert words in text
