"""``acm-etl demo``: a store, an open episode and a page in one folder, and the same page again."""

from __future__ import annotations

import json
import webbrowser
from datetime import datetime
from pathlib import Path

import pytest
from click.testing import CliRunner
from commands import assert_refused
from json_shapes import check_shape

from acm_etl.cli import demo as demo_module
from acm_etl.cli import main
from acm_etl.cli.context import open_in_browser
from acm_etl.fleet import fleet_backfill
from acm_etl.load import clock
from acm_etl.results import BackfillReport, MachineReport


def demo(*words):
    return CliRunner().invoke(main, ["demo", "--no-open", *words])


@pytest.mark.slow
def test_demo_shows_an_open_episode_and_goes_on_in_its_folder(tmp_path, monkeypatch):
    # The season of the simulated air depends on the date.
    monkeypatch.setattr(clock, "utc_now", lambda: datetime(2026, 11, 29, 12))
    folder = tmp_path / "demo"
    first = json.loads(demo("--dir", str(folder), "--json").stdout)
    check_shape(first, "demo")
    check_shape(first["report"], "report", "status")
    (page,) = first["report"]["pages"]
    assert Path(page["file"]) == folder / "FD_FAN.html"
    assert page["machine"]["verdict"]["level"] == "act_now"
    assert {path.suffix for path in folder.iterdir()} == {".duckdb", ".html", ".json"}
    again = json.loads(demo("--dir", str(folder), "--json").stdout)
    assert again["simulate"]["truth"] is None
    assert again["report"]["pages"][0]["machine"]["health"] == page["machine"]["health"]


def test_demo_refuses_another_store_and_creates_no_tree_of_folders(tmp_path):
    assert_refused(demo("--store", "duckdb:///x.duckdb"), 2, "--store")
    assert_refused(demo("--dir", str(tmp_path / "missing" / "demo")), 2, "--dir")
    assert not (tmp_path / "missing").exists()


def test_an_interrupted_demo_reports_the_interruption(tmp_path, monkeypatch):
    stopped = BackfillReport("", [MachineReport("FD_FAN", "stopped")], 0.0, interrupted=True)
    monkeypatch.setattr(demo_module, "_simulate_fan", lambda _ctx: None)
    monkeypatch.setattr(fleet_backfill, "backfill_machines", lambda *_words, **_options: stopped)
    result = demo("--dir", str(tmp_path / "demo"))
    assert result.exit_code == 130
    assert "interrupted" in result.stderr


@pytest.mark.parametrize("has_browser", [True, False])
def test_a_page_is_opened_and_a_missing_browser_costs_one_line(tmp_path, monkeypatch, capsys, has_browser):
    opened = []
    monkeypatch.setattr(webbrowser, "open", lambda url: opened.append(url) or has_browser)
    open_in_browser(tmp_path / "FD FAN.html")
    assert opened == [(tmp_path / "FD FAN.html").as_uri()]
    assert len(capsys.readouterr().err.splitlines()) == int(not has_browser)


def test_completion_scripts_are_printed_for_each_shell():
    for shell in ("bash", "zsh", "fish"):
        result = CliRunner().invoke(main, [], env={"_ACM_ETL_COMPLETE": f"{shell}_source"}, prog_name="acm-etl")
        assert "_ACM_ETL_COMPLETE" in result.stdout
