"""Metrics for Prometheus: one sample for each machine and known value, and text that a collector can parse."""

from __future__ import annotations

import re
from dataclasses import replace

import pytest
from commands import run

from acm_etl.status.machine_status import FleetStatus
from acm_etl.status.metrics import METRICS, format_metrics
from status.test_verdict import NOW, acknowledge, make_episode, make_health, make_status

SAMPLE = re.compile(r'(?P<name>acm_\w+)(?:\{machine="(?P<machine>(?:[^"\\\n]|\\[\\"n])*)"\})? (?P<value>-?[\d.e+]+)')


def parse(text):
    """Samples by name and machine; every line is a comment of the format or a sample."""
    samples = {}
    for line in text.splitlines():
        if not line.startswith(("# HELP acm_", "# TYPE acm_")):
            found = SAMPLE.fullmatch(line)
            assert found, line
            samples[found["name"], found["machine"]] = float(found["value"])
    return samples


def make_fleet(*machines):
    return FleetStatus(store="x", observed_at=NOW, source="store", machines=machines)


def test_each_machine_has_a_sample_of_each_known_value():
    open_episode = make_episode(status="OPEN")
    alarmed = make_status("B", open_episodes=(open_episode, acknowledge(open_episode)), lag_hours=2.0)
    healthy = make_status("A", health=make_health("GOOD", 91.5))
    samples = parse(format_metrics(make_fleet(alarmed, healthy)))
    assert samples["acm_open_episodes", "B"] == 2
    assert samples["acm_unacknowledged_episodes", "B"] == 1
    assert samples["acm_lag_seconds", "B"] == 7200
    assert samples["acm_health_index", "A"] == 91.5
    assert samples["acm_open_episodes", "A"] == 0
    assert ("acm_lag_seconds", "A") not in {key for key in samples if samples[key] is None}


def test_unknown_values_have_no_sample_and_no_head():
    text = format_metrics(make_fleet(replace(make_status("A"), failed_runs=None, lag_hours=None)))
    assert "acm_failed_runs" not in text
    assert "acm_lag_seconds" not in text


@pytest.mark.parametrize("code", ['a"b', "a\\b", "a\nb"])
def test_any_code_is_a_valid_label(code):
    samples = parse(format_metrics(make_fleet(make_status(code))))
    (label,) = {machine for _, machine in samples if machine}
    assert label.replace("\\n", "\n").replace('\\"', '"').replace("\\\\", "\\") == code


def test_names_are_unique_and_valid():
    names = [metric.name for metric in METRICS]
    assert len(set(names)) == len(names)
    assert all(re.fullmatch(r"acm_[a-z_]+", name) for name in names)


def test_command_writes_the_file_in_one_step_and_prints_without_one(plant, tmp_path):
    place = plant.scored(max_windows=5)
    file = tmp_path / "acm.prom"
    result = run(place, "metrics", "--output", str(file))
    assert result.exit_code == 0, result.stderr
    written, printed = parse(file.read_text(encoding="utf-8")), parse(run(place, "metrics").stdout)
    assert written["acm_windows_scored", "FAN_1"] == printed["acm_windows_scored", "FAN_1"] == 5
    assert [path.name for path in tmp_path.iterdir() if "prom" in path.name] == ["acm.prom"]
