"""Container files: what the image installs, the schedule inside it, and the queries of the dashboards."""

from __future__ import annotations

import json
import os
import re
import runpy
import shutil
import signal
import subprocess
import time
import tomllib
from pathlib import Path

import pytest
import yaml
from plants import make_plant

from sql import scriptdom

ROOT = Path(__file__).parents[1]
DOCKER = ROOT / "docker"
SCHEDULE = DOCKER / "schedule.sh"
# Notes its arguments; ``slow`` runs until SIGTERM, and then takes note of its end.
STAND_IN = """#!/bin/sh
if [ "$1" = slow ]; then
    sleep 60 &
    trap 'kill $!; echo end >>"$LOG"; exit 130' TERM
fi
# Now that it heeds signals: the test sends one when it finds this line.
echo "$@" >>"$LOG"
if [ "$1" = slow ]; then wait $!; fi
exit "${CODE:-0}"
"""


@pytest.fixture(scope="module")
def dashboards():
    return {path.stem: json.loads(path.read_text("utf-8")) for path in (DOCKER / "grafana/dashboards").glob("*.json")}


def list_queries(dashboards):
    """Statements by dashboard and panel, with the macros of Grafana replaced as Grafana does."""
    for name, dashboard in dashboards.items():
        for panel in dashboard["panels"]:
            (target,) = panel["targets"]
            text = re.sub(r"\$__timeFilter\(([^)]*)\)", r"\1 BETWEEN '2024-01-01' AND '2025-01-01'", target["rawSql"])
            yield f"{name}/{panel['title']}", target["format"], text.replace("$equip", "1")
        for variable in dashboard["templating"]["list"]:
            yield f"{name}/{variable['name']}", "table", variable["query"]


def test_every_dependency_of_the_image_is_pinned_with_a_hash():
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    extras = project["optional-dependencies"]
    wanted = [*project["dependencies"], *extras["mssql"], *extras["fast"], *extras["fleet"], *extras["notify"]]
    names = {re.split(r"[^\w-]", text)[0].lower().replace("_", "-") for text in wanted if "platform_system" not in text}
    text = (DOCKER / "requirements.txt").read_text(encoding="utf-8")
    pins = re.findall(r"^([\w.-]+)==(\S+) \\\n((?:    --hash=sha256:[0-9a-f]{64}(?: \\)?\n)+)", text, re.MULTILINE)
    assert len(pins) == text.count("==")
    assert names <= {name.replace("_", "-") for name, *_ in pins}


def test_image_runs_as_a_user_and_has_a_health_check():
    text = (ROOT / "Dockerfile").read_text(encoding="utf-8")
    assert re.search(r"^USER \d+$", text, re.MULTILINE)
    assert "HEALTHCHECK" in text
    assert all(re.search(r":\d+\.\d+\.\d+", line) for line in re.findall(r"^FROM .*", text, re.MULTILINE))
    ignored = (ROOT / ".dockerignore").read_text(encoding="utf-8").splitlines()
    for copied in re.findall(r"^COPY (?!--from)(.*) \S+$", text, re.MULTILINE):
        for source in copied.split():
            assert (ROOT / source).exists()
            assert f"!{source.split('/')[0]}" in ignored


def test_services_of_the_compose_file_depend_on_each_other():
    services = yaml.safe_load((ROOT / "compose.yaml").read_text(encoding="utf-8"))["services"]
    assert {name for name, service in services.items() if "profiles" not in service} == {"mssql", "databases"}
    for service in services.values():
        assert set(service.get("depends_on", {})) <= set(services)
        for volume in service.get("volumes", []):
            assert not volume.startswith("./") or (ROOT / volume.partition(":")[0]).is_dir()


def test_cron_job_never_runs_as_root_or_twice_at_a_time():
    job = yaml.safe_load((ROOT / "docs/examples/cronjob.yaml").read_text(encoding="utf-8"))["spec"]
    pod = job["jobTemplate"]["spec"]["template"]["spec"]
    assert (job["concurrencyPolicy"], pod["securityContext"]["runAsNonRoot"]) == ("Forbid", True)
    assert {mount["name"] for mount in pod["containers"][0]["volumeMounts"]} == {one["name"] for one in pod["volumes"]}


def test_dashboards_are_those_of_the_build_script(dashboards):
    made = runpy.run_path(str(DOCKER / "grafana" / "build.py"))["format_dashboards"]()
    assert {name: json.loads(text) for name, text in made.items()} == dashboards, "run: python docker/grafana/build.py"


def test_queries_of_the_dashboards_run_on_a_store(tmp_path, dashboards):
    place = make_plant(tmp_path / "acm.duckdb")
    assert place.backfill(max_windows=3).exit_code == 0
    for name, shape, text in list_queries(dashboards):
        columns = place.query(text).columns
        assert shape == "table" or columns[0] == "time", name


@pytest.mark.skipif(scriptdom.MISSING is not None, reason=str(scriptdom.MISSING))
def test_queries_of_the_dashboards_are_t_sql(tmp_path, dashboards):
    parsed = scriptdom.parse({name: text for name, _, text in list_queries(dashboards)}, tmp_path)
    assert {name: result.errors for name, result in parsed.items() if result.errors} == {}


@pytest.fixture
def schedule(tmp_path):
    """Return a function that starts the schedule with a stand-in for acm-etl, and its environment."""
    (tmp_path / "acm-etl").write_text(STAND_IN, encoding="utf-8")
    (tmp_path / "acm-etl").chmod(0o755)
    environment = {**os.environ, "PATH": f"{tmp_path}:{os.environ['PATH']}", "LOG": str(tmp_path / "log")}
    environment["ACM_SCHEDULE_STATE"] = str(tmp_path / "state")

    def start(*words, code=0):
        return subprocess.Popen(["sh", SCHEDULE, *words], env={**environment, "CODE": str(code)})

    return start


def wait_for(condition):
    deadline = time.monotonic() + 200
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.02)


@pytest.mark.skipif(shutil.which("sh") is None, reason="there is no shell")
def test_schedule_runs_again_and_ends_with_its_command(schedule, tmp_path):
    log = tmp_path / "log"
    process = schedule("0", "status")
    wait_for(lambda: log.exists() and log.read_text().count("status") > 1)
    process.send_signal(signal.SIGTERM)
    assert process.wait(timeout=200) == 143
    log.unlink()
    process = schedule("9", "slow")
    wait_for(lambda: log.exists() and "slow" in log.read_text())
    process.send_signal(signal.SIGTERM)
    assert process.wait(timeout=200) == 143
    assert log.read_text().splitlines() == ["slow", "end"]


@pytest.mark.skipif(shutil.which("sh") is None, reason="there is no shell")
def test_health_check_fails_once_no_run_succeeds(schedule, tmp_path):
    assert schedule("--check").wait(timeout=200) == 0
    process = schedule("100", "status", code=1)
    wait_for((tmp_path / "log").exists)
    assert schedule("--check").wait(timeout=200) == 0
    old = time.time() - 201
    os.utime(tmp_path / "state" / "success", (old, old))
    assert schedule("--check").wait(timeout=200) == 1
    process.send_signal(signal.SIGTERM)
    assert process.wait(timeout=200) == 143
