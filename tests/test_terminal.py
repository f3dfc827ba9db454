"""Commands as people see them: in terminals of several sizes, without colour, on a dumb terminal, and in a pipe."""

from __future__ import annotations

import io
import os
import re
import shutil
import subprocess
import sys
from datetime import datetime

import pytest
from plants import FAST, Plant, history, make_plant
from rich.console import Console
from terminal import run_in_terminal

import acm_etl
from acm_etl.admin.highlights import EpisodeHighlight
from acm_etl.cli.render import console
from acm_etl.cli.render.backfill import print_backfill_report
from acm_etl.results import BackfillReport, MachineReport

SIZES = [(80, 24), (100, 30), (160, 50)]
# Each size and each number of workers; bars of two workers are tightest on the smallest screen.
SIZES_AND_WORKERS = [(80, 24, 1), (80, 24, 2), (100, 30, 1), (160, 50, 2)]
SETTINGS = {f"ACM_{name.upper().replace('.', '__')}": str(value) for name, value in FAST.items()}
MACHINES = ("FAN_1", "FAN_2")


@pytest.fixture(scope="module")
def readings_only(tmp_path_factory):
    """A store with two machines that nothing has been scored of."""
    place = make_plant(tmp_path_factory.mktemp("readings") / "acm.duckdb", readings=history(days=17))
    place.load(history(days=17, seed=4), code="FAN_2")
    return place.path


@pytest.fixture(scope="module")
def trained(readings_only, tmp_path_factory):
    """The same store after initial training, with windows left to score."""
    path = tmp_path_factory.mktemp("trained") / "acm.duckdb"
    shutil.copy(readings_only, path)
    report = acm_etl.backfill(store=Plant(path).url, settings=FAST, until=datetime(2024, 1, 15))
    assert report.exit_code == 0, report
    return path


@pytest.fixture
def copy_store(tmp_path):
    """Copy a store into this test's folder; return the variables that name the copy."""

    def copy(path):
        target = tmp_path / "acm.duckdb"
        shutil.copy(path, target)
        return store_settings(target)

    return copy


def store_settings(path):
    return {**os.environ, **SETTINGS, "ACM_STORE": f"duckdb:///{path}"}


def assert_backfilled(screen, *machines, columns=80):
    """Bars and closing output, which fit the smallest terminal: 24 lines with the prompt that follows."""
    screen.assert_readable()
    screen.assert_no_broken_word(columns)
    assert screen.exit_code == 0, screen.text
    assert len(screen.printed) < 24, screen.text
    for machine in machines:
        assert machine in screen.text
        assert any(machine in frame and "windows" in frame for frame in screen.frames), "no progress bar was seen"
    # Only the final bars: a frame may have been read in the middle of a line.
    bars = [line for line in screen.lines if "\u2501" in line and "rows/s" in line]
    assert bars
    for line in bars:
        assert re.search(r" \d:\d{2}:\d{2}$", line), line


@pytest.mark.sampled
@pytest.mark.parametrize(("columns", "rows", "workers"), SIZES_AND_WORKERS)
def test_backfill_with_initial_training(copy_store, readings_only, columns, rows, workers):
    env = copy_store(readings_only)
    machines = MACHINES[:workers]
    screen = run_in_terminal(
        "backfill", "--equip", *machines, "--workers", str(workers), columns=columns, rows=rows, env=env
    )
    assert_backfilled(screen, *machines, columns=columns)


@pytest.mark.slow
@pytest.mark.parametrize(("columns", "rows", "workers"), SIZES_AND_WORKERS[1:3])
def test_backfill_of_trained_machines(copy_store, trained, columns, rows, workers):
    env = copy_store(trained)
    machines = MACHINES[:workers]
    screen = run_in_terminal(
        "backfill", "--equip", *machines, "--workers", str(workers), columns=columns, rows=rows, env=env
    )
    assert_backfilled(screen, *machines, columns=columns)


@pytest.mark.parametrize("columns", [width for width, _ in SIZES])
def test_a_line_of_the_closing_output_holds_an_episode_whatever_its_sensor(monkeypatch, capsys, columns):
    monkeypatch.setenv("FORCE_COLOR", "1")
    monkeypatch.setenv("COLUMNS", str(columns))
    sensor = "DEMO.SIM.06T32-1_1FD Fan Bearing Temperature of the Drive End" * 3
    start, end = datetime(2024, 1, 2), datetime(2024, 1, 3)
    episode = EpisodeHighlight(start, end, is_open=False, duration_hours=24.0, peak_z=10.2, top_sensor=sensor)
    machine = MachineReport("FAN_1", outcome="done", windows=1, episodes=1)
    report = BackfillReport("duckdb:///acm.duckdb", [machine], 1.0)
    print_backfill_report(report, {}, {"FAN_1": [episode]})
    lines = re.sub(r"\x1b\[[0-9;]*m", "", capsys.readouterr().out).splitlines()
    (index,) = [number for number, line in enumerate(lines) if line.startswith("    2024-01-02 00:00")]
    assert lines[index].rstrip().endswith("Drive End")
    assert not [line for line in lines[index + 1 :] if line.startswith("    ")]


def test_a_long_machine_code_is_folded_and_the_other_columns_stay(monkeypatch, capsys):
    monkeypatch.setenv("FORCE_COLOR", "1")
    monkeypatch.setenv("COLUMNS", "80")
    code = "FEEDWATER_PUMP_OF_THE_BOILER_HOUSE_BEHIND_THE_RIVER_NUMBER_12"
    print_backfill_report(
        BackfillReport("duckdb:///acm.duckdb", [MachineReport(code), MachineReport("B")], 1.0), {}, {}
    )
    text = re.sub(r"\x1b\[[0-9;]*m", "", capsys.readouterr().out)
    assert {"outcome", "verdict,", "episodes"} <= set(text.split())
    assert code in "".join(line[2:].partition(" ")[0] for line in text.splitlines() if line.startswith("│"))


@pytest.mark.slow
def test_backfill_of_a_simulated_machine_fits_a_small_terminal(tmp_path):
    """All of ``make backfill``: the simulated faults are listed, with their columns, in 24 lines."""
    env = {**store_settings(tmp_path), "ACM_STORE": "duckdb:///acm.duckdb"}  # a short path, as make backfill has it
    screens = [
        run_in_terminal(*words, env=env, cwd=tmp_path)
        for words in (("init",), ("simulate", "--equip", "FD_FAN", "--days", "60"), ("backfill", "--equip", "FD_FAN"))
    ]
    assert_backfilled(screens[-1], "FD_FAN")
    assert re.search(r"fault +kind +start +detected +delay +faulty sensor", screens[-1].text)
    assert "Verdict: " in screens[-1].text
    for screen in screens:
        screen.assert_no_broken_word(80)
    printed = [line for screen in screens for line in screen.printed]
    assert len(printed) < 24, "\n".join(printed)


@pytest.mark.slow
def test_all_tables_are_listed_on_request(copy_store, trained):
    screen = run_in_terminal("backfill", "--equip", "FAN_1", "-v", env=copy_store(trained))
    screen.assert_readable()
    assert len(set(re.findall(r"\bACM_\w+", screen.text))) > 10


@pytest.mark.slow
def test_backfill_without_colour(copy_store, trained):
    screen = run_in_terminal("backfill", "--equip", "FAN_1", env={**copy_store(trained), "NO_COLOR": "1"})
    assert_backfilled(screen, "FAN_1")
    colours = [f"\x1b[{code}m" for code in (31, 32, 33, 36)]
    assert not any(colour in screen.raw for colour in colours)


@pytest.mark.slow
def test_backfill_on_a_dumb_terminal(copy_store, trained):
    screen = run_in_terminal("backfill", "--equip", "FAN_1", env={**copy_store(trained), "TERM": "dumb"})
    screen.assert_readable()
    screen.assert_no_broken_word(80)
    assert screen.exit_code == 0
    assert len(screen.printed) < 24, screen.text
    assert "\x1b" not in screen.raw, "a dumb terminal knows no escape sequences"


@pytest.mark.slow
def test_backfill_in_a_pipe(copy_store, trained):
    result = subprocess.run(
        [sys.executable, "-m", "acm_etl", "backfill", "--equip", "FAN_1"],
        env=copy_store(trained), check=False, capture_output=True, text=True,
    )  # fmt: skip
    assert result.returncode == 0, result.stderr
    assert "\x1b" not in result.stdout + result.stderr
    assert "Traceback" not in result.stderr


@pytest.mark.slow
@pytest.mark.parametrize(("columns", "rows"), SIZES)
def test_monitor_until_ctrl_c(copy_store, trained, columns, rows):
    screen = run_in_terminal(
        "monitor", "--every", "1", columns=columns, rows=rows, env=copy_store(trained),
        stop_when=lambda frame: all(machine in frame for machine in MACHINES),
    )  # fmt: skip
    screen.assert_readable()
    assert screen.exit_code in {0, 130}


@pytest.mark.slow
@pytest.mark.parametrize(("columns", "rows"), SIZES)
def test_commands_before_and_after_a_backfill(copy_store, trained, tmp_path, columns, rows):
    env = {**copy_store(trained), "ACM_STORE": "duckdb:///acm.duckdb"}  # a short path: no line is folded in it
    export = tmp_path / "export.csv"
    history(days=3, seed=5).write_csv(export, datetime_format="%Y-%m-%d %H:%M:%S")
    for words in (
        ("simulate", "--equip", "FAN_3", "--days", "20"),
        ("import", str(export), "--equip", "FAN_4", "--timezone", "UTC"),
        ("status",),
        ("show", "FAN_1"),
    ):
        screen = run_in_terminal(*words, columns=columns, rows=rows, env=env, cwd=tmp_path)
        screen.assert_readable()
        # An import prints whole lines, which can be searched and copied; the terminal folds them.
        if words[0] != "import":
            screen.assert_no_broken_word(columns)
        assert screen.exit_code == 0, f"{words}: {screen.text}"


@pytest.mark.slow
@pytest.mark.parametrize(("columns", "rows"), SIZES[::2])
@pytest.mark.parametrize("words", [("verify", "FAN_1"), ("report", "FAN_1"), ("doctor",), ("config",)], ids="-".join)
def test_commands_that_print_whole_lines(copy_store, trained, tmp_path, words, columns, rows):
    screen = run_in_terminal(*words, columns=columns, rows=rows, env=copy_store(trained), cwd=tmp_path)
    screen.assert_readable()
    if words[0] == "verify":  # the others name paths and settings, which are longer than a line
        screen.assert_no_broken_word(columns)
    assert screen.exit_code == 0, screen.text


@pytest.mark.slow
def test_plan_and_refusal_of_an_import_break_no_word(tmp_path):
    times = [f"{time:%d/%m/%Y %H:%M}" for time in (datetime(2024, 11, 3, hour) for hour in range(24))]
    file = tmp_path / "export of the boiler house.csv"
    file.write_text("\n".join(["Time,Temperature of the bearing", *(f"{time},1.5" for time in times)]))
    env = {**os.environ, "ACM_STORE": "duckdb:///acm.duckdb"}
    words = ("import", file.name, "--equip", "FAN", "--timezone", "America/New_York", "--dry-run")
    for options in ((), ("--date-order", "dmy")):
        screen = run_in_terminal(*words, *options, env=env, cwd=tmp_path)
        shown = " ".join(screen.text.split())
        for part in ("--date-order mdy or dmy",) if not options else ("--timezone Etc/GMT+5", "day first, as"):
            assert part in shown, screen.text


def test_a_command_in_a_text_stays_on_one_line_where_it_fits(monkeypatch):
    def show(columns):
        out = io.StringIO()
        terminal = Console(file=out, force_terminal=True, width=columns, no_color=True)
        monkeypatch.setattr(console, "make_console", lambda: terminal)
        console.print_paragraph("if it was changed then, run: acm-etl baseline PUMP_2 --from 2026-11-10; else wait")
        return out.getvalue().splitlines()

    command = "acm-etl baseline PUMP_2 --from 2026-11-10"
    for columns in (50, 60, 80):
        assert [command in line for line in show(columns)].count(True) == 1
    assert " ".join(" ".join(show(30)).split()).endswith(f"run: {command}; else wait")
