"""Documents are true: commands and queries that they show run, examples parse, links and navigation lead somewhere."""

from __future__ import annotations

import configparser
import json
import re
import shlex
import shutil
import subprocess
from pathlib import Path

import pytest
from click.testing import CliRunner
from commands import run
from plants import history, make_plant, make_scored_plant

from acm_etl.cli import main
from acm_etl.io.duckdb.engine import DuckDB
from acm_etl.load.models import coldstart
from acm_etl.load.schema import migrate
from acm_etl.tables import star_views
from sql import scriptdom

ROOT = Path(__file__).parents[1]
DOCS_FOLDER = ROOT / "docs"
DOCS = sorted(DOCS_FOLDER.rglob("*.md"))
EXAMPLES = DOCS_FOLDER / "examples"
ALL = [ROOT / "README.md", ROOT / "CONTRIBUTING.md", *DOCS]
RUN = ("start.md", "nightly.md", "runbook.md")
"""Documents whose blocks of commands are run from top to bottom."""


def page_name(path):
    return path.relative_to(ROOT).as_posix()


def blocks(path, language):
    """Fenced blocks of a language."""
    return re.findall(rf"^```{language}\n(.*?)^```", path.read_text(encoding="utf-8"), re.MULTILINE | re.DOTALL)


def commands(text):
    """Commands of a document: lines in blocks, fenced or indented, and inline code that has an argument."""
    lines = re.findall(r"^(?: {4}|.*ExecStart\w*=/usr/bin/env )?(acm-etl [^\n#|&>`]+)", text, re.MULTILINE)
    return [*lines, *re.findall(r"`(acm-etl [a-z-]+(?: [^`]*)?)`", text)]


@pytest.fixture(scope="module")
def published(tmp_path_factory):
    path = tmp_path_factory.mktemp("docs") / "acm.duckdb"
    return make_scored_plant(path, readings=history(days=20), code="FD_FAN")


@pytest.mark.sampled
@pytest.mark.parametrize("name", RUN)
def test_commands_of_a_document_run_in_their_order(published, tmp_path, monkeypatch, name):
    monkeypatch.chdir(tmp_path)
    place = type(published)(tmp_path / "acm.duckdb", published.code)
    shutil.copy(published.path, place.path)
    lines = [line for block in blocks(DOCS_FOLDER / name, "sh") for line in block.splitlines()]
    assert lines
    for line in lines:
        command, _, alternative = line.partition(" || ")
        result = run(place, *shlex.split(command)[1:])
        may_fail = alternative == "true"
        assert result.exit_code == 0 or (may_fail and result.exit_code == 2), f"{line}\n{result.output}"


@pytest.mark.parametrize("path", ALL, ids=page_name)
def test_commands_and_options_that_are_shown_exist(path):
    for line in commands(path.read_text(encoding="utf-8")):
        words = [word for word in shlex.split(line.replace("...", "")) if not word.startswith("mssql")][1:]
        names = [word for word in words if word in main.commands]
        assert names, f"{line}: no such command"
        command = main.commands[names[0]]
        options = {option for one in (main, command, *getattr(command, "commands", {}).values())
                   for parameter in one.params for option in parameter.opts} | {"--help"}  # fmt: skip
        assert {word.split("=")[0] for word in words if word.startswith("--")} <= options, line


@pytest.mark.sampled(8)
@pytest.mark.parametrize("path", DOCS, ids=page_name)
def test_queries_that_are_shown_run(published, path):
    for block in blocks(path, "sql"):
        for statement in filter(None, (part.strip() for part in block.split(";"))):
            published.query(statement)


def anchors(path):
    """Names that links to a part of a document may use: those of its headings, and ids in HTML."""
    text = path.read_text(encoding="utf-8")
    headings = re.findall(r"^#+ (.*)$", text, re.MULTILINE)
    slugs = {re.sub(r"[^\w -]", "", heading.lower()).replace(" ", "-") for heading in headings}
    return slugs | set(re.findall(r'<a id="([\w-]+)">', text))


@pytest.mark.parametrize("path", ALL, ids=page_name)
def test_links_lead_somewhere(path):
    text = path.read_text(encoding="utf-8")
    for target in re.findall(r"\]\(([^)\s]+)\)", text):
        if "://" in target:
            continue
        file, _, anchor = target.partition("#")
        linked = (path.parent / file).resolve() if file else path
        assert linked.exists(), target
        if path in DOCS:  # the site contains the files of docs/ only
            assert linked.is_relative_to(DOCS_FOLDER), f"{target}: name files outside docs/, do not link them"
        if anchor:
            assert anchor in anchors(linked), target


def test_every_page_is_in_the_navigation():
    navigation = (ROOT / "mkdocs.yml").read_text(encoding="utf-8").partition("\nnav:\n")[2]
    pages = re.findall(r"^ +- (?:[^:\n]+: )?(\S+\.md)$", navigation, re.MULTILINE)
    assert len(pages) == len(set(pages)), "a page is listed twice"
    assert set(pages) == {path.relative_to(DOCS_FOLDER).as_posix() for path in DOCS}


@pytest.mark.parametrize("path", DOCS, ids=page_name)
def test_settings_that_are_named_exist(path):
    settings = {
        setting["name"] for setting in json.loads(CliRunner().invoke(main, ["--json", "config"]).stdout)["settings"]
    }
    sections = "|".join(sorted({name.partition(".")[0] for name in settings}))
    for name in re.findall(rf"`((?:{sections})\.[a-z_0-9]+)\b", path.read_text(encoding="utf-8")):
        if (ROOT / "acm_etl" / name.replace(".", "/")).with_suffix(".py").exists():
            continue  # a module
        assert name in settings, name


def test_the_table_of_the_coldstart_is_the_state_machine():
    text = (DOCS_FOLDER / "internals.md").read_text(encoding="utf-8")
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
        result = subprocess.run([tool, "verify", tmp_path / name], capture_output=True, text=True, check=False)
        # The command need not be installed where the tests run.
        problems = [line for line in result.stderr.splitlines() if "acm-etl" in line and "not executable" not in line]
        assert problems == []


def test_the_crontab_parses():
    lines = [line for line in (EXAMPLES / "acm-etl.cron").read_text(encoding="utf-8").splitlines() if line]
    jobs = [line for line in lines if not line.startswith("#") and not re.match(r"\w+=", line)]
    limits = ((0, 59), (0, 23), (1, 31), (1, 12), (0, 7))
    assert len(jobs) == 2
    for job in jobs:
        *times, command = job.split(None, 5)
        for field, (low, high) in zip(times, limits, strict=True):
            assert field == "*" or low <= int(field) <= high
        assert "%" not in command, "cron reads % as a line break"
        for line in re.findall(r"acm-etl [^>|]+", command):
            assert any(word in main.commands for word in line.split())
        assert subprocess.run(["sh", "-n", "-c", command], check=False).returncode == 0


@pytest.mark.parametrize("name", ["agent_job.sql", "dba_queries.sql"])
def test_scripts_for_sql_server_parse(name, tmp_path):
    text = (EXAMPLES / name).read_text(encoding="utf-8")
    if scriptdom.MISSING:
        sqlfluff = pytest.importorskip("sqlfluff.core")
        linter = sqlfluff.Linter(config=sqlfluff.FluffConfig(overrides={"dialect": "tsql"}))
        # sqlfluff does not know this statement; Microsoft's parser reads it as well.
        batches = [batch for batch in text.split("\nGO\n") if "CREATE EVENT SESSION" not in batch]
        assert linter.parse_string("\nGO\n".join(batches)).violations == []
    else:
        assert scriptdom.parse({name: text}, tmp_path)[name].errors == []


def test_the_connection_file_of_power_bi_has_the_documented_shape():
    connection = json.loads((EXAMPLES / "acm-etl.pbids").read_text(encoding="utf-8"))
    (only,) = connection["connections"]
    assert (connection["version"], only["mode"], only["details"]["protocol"]) == ("0.1", "Import", "tds")
    assert set(only["details"]["address"]) == {"server", "database"}


def test_the_page_about_power_bi_names_columns_that_exist():
    text = (DOCS_FOLDER / "powerbi.md").read_text(encoding="utf-8")
    named = set(re.findall(r"\b(\w+)\[(\w+)\]", text))
    store = DuckDB("duckdb:///:memory:")
    migrate.init_schema(store)
    columns = {view.name: store.query(f"SELECT * FROM {view.name}").columns for view in star_views.ALL}
    store.close()
    assert {view for view, _ in named} == set(columns)
    assert [(view, column) for view, column in named if column not in columns[view]] == []


def test_the_summary_counts_the_machines_that_need_attention(published):
    result = run(published, "status", "--summary")
    assert result.exit_code == 0
    # The simulated history ended years ago, so its data are stale.
    assert re.match(r"acm_etl: 1 of 1 machine ", result.stdout)


def test_the_summary_lists_machines_without_a_result_as_waiting(tmp_path):
    place = make_plant(tmp_path / "acm.duckdb", readings=history(days=3), code="FD_FAN")
    environment = {"ACM_STATUS__STALE_AFTER": "0s"}
    for _ in range(2):  # before its first run, and after a run with too few readings to train on
        summary = run(place, "status", "--summary", env=environment).stdout
        assert "0 of 1 machine " in summary
        assert "waiting: 1 (FD_FAN)" in summary
        assert run(place, "backfill", "--all").exit_code == 0
