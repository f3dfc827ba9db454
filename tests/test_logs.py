"""Log lines for people and for machines, and the run in every statement that a server sees."""

from __future__ import annotations

import io
import json
import logging
import os
import re
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from functools import partial

import pyte
import pytest
import stores
from commands import run
from plants import FAST, Plant, history, tidy
from rich.console import Console

from acm_etl import log_context, logs
from acm_etl.cli.render.progress import ProgressBars
from acm_etl.fleet import machine_task

RUN = "6f0f7c52-6c2e-5b0e-9d53-0a3d1f0b6a11"


def record(text, **extra):
    return logging.getLogger("acm_etl.test").makeRecord(
        "acm_etl.test", logging.INFO, "f", 1, text, (), None, extra=extra
    )


def test_a_line_for_people_ends_with_the_run():
    assert logs.TextFormatter().format(record("published")).endswith(" INFO published")
    with log_context.bind_machine("FAN_1"), log_context.bind_run(RUN):
        assert logs.TextFormatter().format(record("published")).endswith(f" INFO published [run {RUN}]")


def test_an_event_is_one_line_of_json_with_machine_and_run():
    with log_context.bind_machine("FAN_1"), log_context.bind_run(RUN):
        line = logs.JsonFormatter().format(record('two\nlines and "quotes"', windows=3))
    assert "\n" not in line
    entry = json.loads(line)
    assert (entry["event"], entry["machine"], entry["run"], entry["windows"]) == (
        'two\nlines and "quotes"', "FAN_1", RUN, 3)  # fmt: skip
    assert re.fullmatch(r"[\d-]{10}T[\d:.]{12}\+00:00", entry["at"])


def test_the_run_ends_with_its_block_even_after_an_error():
    with pytest.raises(ValueError, match="x"), log_context.bind_run(RUN):
        raise ValueError("x")  # noqa: EM101
    assert log_context.current_log_context() == {}
    assert log_context.get_current_run() is None


def test_another_thread_is_at_work_for_the_same_machine_and_run():
    with ThreadPoolExecutor(1) as pool, log_context.bind_machine("FAN_1"), log_context.bind_run(RUN):
        assert pool.submit(log_context.current_log_context).result() == {}
        assert pool.submit(log_context.propagate_context(log_context.current_log_context)).result() == {
            "machine": "FAN_1",
            "run": RUN,
        }


def test_a_worker_sends_the_log_of_its_machine_from_any_thread(request):
    # The worker keeps the level until it ends; in this process, other tests follow.
    product = logging.getLogger("acm_etl")
    request.addfinalizer(partial(product.setLevel, product.level))
    sent = []
    with machine_task.forward_logs("FAN", sent.append, logging.INFO), ThreadPoolExecutor(1) as pool:
        log = logging.getLogger("acm_etl.io")
        for code in ("FAN", "FAN_2"):
            with log_context.bind_machine(code), log_context.bind_run(RUN):
                pool.submit(log_context.propagate_context(log.warning), "%s by another thread", code).result()
    (message,) = sent
    assert (message[0], message[2]["msg"], message[2]["run"]) == ("log", "FAN by another thread", RUN)


@pytest.mark.slow
def test_a_backfill_logs_json_and_nothing_else(plant):
    place = plant(readings=history(days=14))
    env = {f"ACM_{name.upper().replace('.', '__')}": str(value) for name, value in FAST.items()}
    words = [sys.executable, "-m", "acm_etl", "--store", place.url, "--log-json", "backfill", "--all"]
    done = subprocess.run(words, capture_output=True, text=True, check=True, env=os.environ | env)
    entries = [json.loads(line) for line in done.stderr.splitlines()]
    events = [event["event"] for event in entries]
    assert {"begin", "advance", "end"} <= set(events)
    end = next(event for event in entries if event["event"] == "end")
    assert (end["machine"], end["outcome"], end["level"]) == ("FAN_1", "done", "info")
    published = [event for event in entries if event["event"].startswith("FAN_1: published")]
    known = set(place.query("SELECT CAST(RunID AS VARCHAR) AS id FROM RunLog")["id"])
    assert published
    assert {event["run"] for event in published} <= known


def test_errors_are_events_too(plant):
    failed = run(plant(readings=history(days=3)), "--log-json", "show", "NONE")
    assert failed.exit_code == 2
    event = json.loads(failed.stderr.splitlines()[-1])
    assert (event["level"], event["code"]) == ("error", 2)
    assert "NONE" in event["event"]


@pytest.mark.slow
def test_a_dba_finds_the_run_in_the_statements(request, tmp_path):
    stores.needs_driver()
    from mssql.standin import StandIn, prepared  # noqa: PLC0415 - needs the driver

    standin = StandIn(prepared(tmp_path / "server.duckdb"))
    seen: list[tuple[str, str]] = []
    request.addfinalizer(standin.close)
    place = Plant(tmp_path / "acm.duckdb", server={"store.url": standin.server.url()})
    place.load(tidy(history(days=14)))
    standin.before = lambda session, sql: seen.append((sql, standin.contexts.get(session.number, "")))
    assert place.backfill(tick="7d").exit_code == 0
    known = {f"acm_etl run {run}" for run in place.query("SELECT RunID FROM RunLog")["RunID"]}
    for piece in ("INSERT INTO [ACM_Scores_Wide]", "BEGIN TRANSACTION", "COMMIT"):
        contexts = {context for sql, context in seen if piece in sql}
        assert contexts & known, piece
        assert contexts <= known | {"acm_etl"}
    assert {context for sql, context in seen if "INSERT INTO [ACM_Scores_Wide]" in sql} <= known


def test_a_log_line_goes_to_the_standard_error_of_now_when_that_of_before_is_closed(monkeypatch):
    handler, first, second = logs._StderrHandler(), io.StringIO(), io.StringIO()
    for stream in (first, second):
        monkeypatch.setattr(sys, "stderr", stream)
        handler.emit(logging.makeLogRecord({"msg": "published"}))
        if stream is first:
            assert first.getvalue() == "published\n"
            first.close()
    assert second.getvalue() == "published\n"


def test_a_log_line_stands_above_the_bars_of_a_fleet(monkeypatch):
    terminal = io.StringIO()
    monkeypatch.setattr(sys, "stderr", terminal)
    # Without the handlers of pytest, which the configuration would close.
    monkeypatch.setattr(logging.root, "handlers", [])
    logs.configure_logging(verbosity=0, as_json=False)
    with ProgressBars(Console(file=terminal, force_terminal=True, width=80, height=24), "windows") as bars:
        bars.set_machine_count(2)
        for machine in ("FAN_1", "FAN_2"):
            bars.start_machine(machine, windows=10)
        logging.getLogger("acm_etl").warning("interrupted")
        bars.advance("FAN_2", windows=5, rows=50)
    screen = pyte.Screen(80, 24)
    pyte.Stream(screen).feed(terminal.getvalue().replace("\n", "\r\n"))
    lines = [line for line in screen.display if line.strip()]
    assert "interrupted" in lines[0]
    assert [line.split()[0] for line in lines[1:]] == ["all", "FAN_1", "FAN_2"]


def test_bars_keep_to_a_terminal_that_was_made_narrower():
    terminal = io.StringIO()
    console = Console(file=terminal, force_terminal=True, width=160, height=24)
    with ProgressBars(console, "window") as bars:
        bars.start_machine("FAN_1", windows=1000)
        console.width = 80
        terminal.truncate(0)
        bars.advance("FAN_1", windows=500, rows=50_000, detail="published")
    (line,) = {
        re.sub(r"\x1b\[[0-9;?]*[a-zA-Z]", "", line) for line in terminal.getvalue().splitlines() if "FAN" in line
    }
    assert len(line) == 80
    assert "500/1000 windows" in line
    assert "published" not in line, "the stage has no room"


def test_a_stage_without_an_amount_of_work_leaves_no_bar():
    terminal = io.StringIO()
    with ProgressBars(Console(file=terminal, force_terminal=True, width=80, height=24), "row") as bars:
        bars.set_stage("FAN_1", "read")
    screen = pyte.Screen(80, 24)
    pyte.Stream(screen).feed(terminal.getvalue().replace("\n", "\r\n"))
    assert not "".join(screen.display).strip()


def test_a_bar_shows_what_is_done_until_the_amount_of_work_is_known():
    terminal = io.StringIO()
    with ProgressBars(Console(file=terminal, force_terminal=True, width=80, height=24), "row") as bars:
        bars.set_stage("FAN_1", "read", detail="3 files")
        bars._bars.refresh()
        bars.start_machine("FAN_1", windows=10)
    before, _, after = terminal.getvalue().partition("0/10")
    assert "read 3 files" in before
    assert "0/?" not in before + after
