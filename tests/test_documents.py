"""What the documents show works: every command is run, every query too, examples parse, links lead somewhere."""

from __future__ import annotations

import configparser
import json
import re
import shlex
import shutil
import subprocess
from datetime import datetime
from pathlib import Path

import pytest
from click.testing import CliRunner
from commands import run
from plants import history, make_plant

from acm_etl.cli import main
from acm_etl.cli.render import email_summary
from acm_etl.load import coldstart
from sql import scriptdom

ROOT = Path(__file__).parents[1]
DOCS = sorted((ROOT / "docs").glob("*.md"))
EXAMPLES = ROOT / "docs" / "examples"
ALL = [ROOT / "README.md", ROOT / "CONTRIBUTING.md", *DOCS]
#: Documents whose blocks are run from top to bottom.
RUN = ("nightly.md", "runbook.md", "internals.md")


def blocks(path, language):
    return re.findall(rf"^```{language}\n(.*?)^```", path.read_text(encoding="utf-8"), re.MULTILINE | re.DOTALL)


def commands(text):
    """Commands of a document: lines in blocks, fenced or indented, and words in backticks that have an argument."""
    lines = re.findall(r"^(?: {4}|.*ExecStart\w*=/usr/bin/env )?(acm-etl [^\n#|&>`]+)", text, re.MULTILINE)
    return [*lines, *re.findall(r"`(acm-etl [a-z-]+(?: [^`]*)?)`", text)]


@pytest.fixture(scope="module")
def published(tmp_path_factory):
    place = make_plant(tmp_path_factory.mktemp("docs") / "acm.duckdb", readings=history(days=20), code="FD_FAN")
    assert place.backfill().exit_code == 0
    return place


@pytest.mark.parametrize("name", RUN)
def test_commands_of_a_document_run_in_their_order(published, tmp_path, monkeypatch, name):
    monkeypatch.chdir(tmp_path)
    place = type(published)(tmp_path / "acm.duckdb", published.code)
    shutil.copy(published.path, place.path)
    shown = [line for block in blocks(ROOT / "docs" / name, "sh") for line in block.splitlines()]
    assert shown
    for line in shown:
        command, _, otherwise = line.partition(" || ")
        done = run(place, *shlex.split(command)[1:])
        may_fail = otherwise == "true"
        assert done.exit_code == 0 or (may_fail and done.exit_code == 2), f"{line}\n{done.output}"


@pytest.mark.parametrize("path", ALL, ids=lambda path: path.name)
def test_commands_and_options_that_are_shown_exist(path):
    for shown in commands(path.read_text(encoding="utf-8")):
        words = [word for word in shlex.split(shown.replace("...", "")) if not word.startswith("mssql")][1:]
        names = [word for word in words if word in main.commands]
        assert names, f"{shown}: no such command"
        command = main.commands[names[0]]
        known = {option for one in (main, command, *getattr(command, "commands", {}).values())
                 for parameter in one.params for option in parameter.opts} | {"--help"}  # fmt: skip
        assert {word.split("=")[0] for word in words if word.startswith("--")} <= known, shown


@pytest.mark.parametrize("path", DOCS, ids=lambda path: path.name)
def test_queries_that_are_shown_run(published, path):
    for block in blocks(path, "sql"):
        for statement in filter(None, (part.strip() for part in block.split(";"))):
            published.query(statement)


@pytest.mark.parametrize("path", ALL, ids=lambda path: path.name)
def test_links_lead_somewhere(path):
    text = path.read_text(encoding="utf-8")
    for target in re.findall(r"\]\(([^)\s]+)\)", text):
        if "://" in target:
            continue
        file, _, anchor = target.partition("#")
        found = path.parent / file if file else path
        assert found.exists(), target
        if anchor:
            heads = re.findall(r"^#+ (.*)$", found.read_text(encoding="utf-8"), re.MULTILINE)
            slugs = {re.sub(r"[^\w -]", "", head.lower()).replace(" ", "-") for head in heads}
            assert anchor in slugs, target


@pytest.mark.parametrize("path", DOCS, ids=lambda path: path.name)
def test_settings_that_are_named_exist(path):
    known = json.loads(CliRunner().invoke(main, ["--json", "config"]).stdout)
    sections = "|".join(sorted({name.partition(".")[0] for name in known}))
    for name in re.findall(rf"`((?:{sections})\.[a-z_0-9]+)\b", path.read_text(encoding="utf-8")):
        if (ROOT / "acm_etl" / name.replace(".", "/")).with_suffix(".py").exists():
            continue  # a module
        assert name in known or name.startswith("score.head"), name


def test_the_table_of_the_coldstart_is_the_state_machine():
    text = (ROOT / "docs" / "internals.md").read_text(encoding="utf-8")
    rows = re.findall(r"^\| `(\w+)` \| ([A-Z_, ]+) \| ([A-Z_]+) \|", text, re.MULTILINE)
    assert {step: (tuple(states.split(", ")), to) for step, states, to in rows} == coldstart.TRANSITIONS
    drawn = {
        (start, to, step)
        for start, to, label in re.findall(r"^    (\w+) --> (\w+): (.*)$", text, re.MULTILINE)
        for step in re.findall(r"[a-z_]+", label.partition(", after")[0])
    }
    assert drawn == {(start, to, step) for step, (states, to) in coldstart.TRANSITIONS.items() for start in states}


@pytest.mark.parametrize("name", ["acm-etl.service", "acm-etl.timer"])
def test_units_of_systemd_parse(name, tmp_path):
    parser = configparser.ConfigParser(strict=False, interpolation=None)
    parser.optionxform = str
    parser.read(EXAMPLES / name, encoding="utf-8")
    assert "Unit" in parser
    if tool := shutil.which("systemd-analyze"):
        for file in ("acm-etl.service", "acm-etl.timer"):
            shutil.copy(EXAMPLES / file, tmp_path / file)
        said = subprocess.run([tool, "verify", tmp_path / name], capture_output=True, text=True, check=False)
        ours = [line for line in said.stderr.splitlines() if "acm-etl" in line and "not executable" not in line]
        assert ours == []


def test_the_crontab_parses():
    lines = [line for line in (EXAMPLES / "acm-etl.cron").read_text(encoding="utf-8").splitlines() if line]
    jobs = [line for line in lines if not line.startswith("#") and not re.match(r"\w+=", line)]
    limits = ((0, 59), (0, 23), (1, 31), (1, 12), (0, 7))
    assert len(jobs) == 2
    for job in jobs:
        *times, command = job.split(None, 5)
        for field, (low, high) in zip(times, limits, strict=True):
            assert field == "*" or low <= int(field) <= high
        assert "%" not in command, "cron takes it for a line break"
        for shown in re.findall(r"acm-etl [^>|]+", command):
            assert any(word in main.commands for word in shown.split())
        assert subprocess.run(["sh", "-n", "-c", command], check=False).returncode == 0


def test_the_agents_job_parses(tmp_path):
    text = (EXAMPLES / "agent_job.sql").read_text(encoding="utf-8")
    if scriptdom.MISSING:
        sqlfluff = pytest.importorskip("sqlfluff.core")
        linter = sqlfluff.Linter(config=sqlfluff.FluffConfig(overrides={"dialect": "tsql"}))
        assert linter.parse_string(text).violations == []
    else:
        assert scriptdom.parse({"agent_job.sql": text}, tmp_path)["agent_job.sql"].errors == []


def machine(code, **facts):
    quiet = {"last run": "OK", "coldstart": "COMPLETE", "late": 0, "lag": "1.0 h", "health": "97 GOOD", "notes": []}
    return {"machine": code, **quiet, **facts}


def test_a_summary_fits_an_e_mail_however_bad_the_night():
    bad = [machine(f"M_{n}", **{"last run": "FAIL", "notes": [f"last run failed: {'x' * 500}"]}) for n in range(80)]
    text = email_summary.format_summary(
        {"machines": [*bad, machine("GOOD_1")]}, store="mssql://plant/ACM", at=datetime(2024, 1, 1)
    )
    lines = text.splitlines()
    assert lines[0] == "acm_etl: 80 of 81 machine(s) need attention"
    assert len(lines) < 30
    assert max(map(len, lines)) <= 160
    assert "... and 60 more" in text
    assert "all right: 1 (GOOD_1)" in text


@pytest.mark.parametrize(
    ("facts", "said"),
    [({"coldstart": "FAILED"}, "coldstart failed"), ({"late": 1200}, "1,200 late readings"),
     ({"lag": "3.0 d"}, "3.0 d behind"), ({"health": "12 ALERT"}, "health 12 ALERT"), ({}, "all right: 1 (FAN)"),
     ({"coldstart": "PENDING", "health": None}, "waiting: 1 (FAN)"),
     ({"coldstart": None, "health": None}, "all right: 1 (FAN)")],
)  # fmt: skip
def test_a_summary_says_why(facts, said):
    found = {"machines": [machine("FAN", **facts)]}
    text = email_summary.format_summary(found, store="x", at=datetime(2024, 1, 1))
    assert said in text


def test_status_prints_the_summary(published):
    done = run(published, "status", "--summary")
    assert done.exit_code == 0
    assert re.match(r"acm_etl: \d of 1 machine\(s\) need attention\n", done.stdout)


def test_machines_without_a_result_are_waiting_and_not_all_right(tmp_path):
    place = make_plant(tmp_path / "acm.duckdb", readings=history(days=3), code="FD_FAN")
    for _ in range(2):  # before its first run, and after one that was short of readings
        said = run(place, "status", "--summary").stdout
        assert "0 of 1 machine(s) need attention" in said
        assert "waiting: 1 (FD_FAN)" in said
        assert "all right" not in said
        assert run(place, "backfill", "--all").exit_code == 0
