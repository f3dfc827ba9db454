"""What the benchmark's comparison lets pass, and what it does not."""

from __future__ import annotations

import importlib
import json
import subprocess
import sys
from pathlib import Path

import pytest

BENCH = Path(__file__).parents[1] / "bench"
GATES = {"publish": {"all six": 20.0}, "growth": {"1,000,000": -1.4}}


@pytest.fixture
def compare(monkeypatch):
    monkeypatch.syspath_prepend(str(BENCH))
    return importlib.import_module("compare")


def result(*, publish=100.0, growth=1.1, other=3.0):
    rows = {
        "publish": [{"way": "all six together", "threads": 2, "ratio": publish, "rows/s": 9.0}],
        "growth": [{"way": "1,000,000 readings", "threads": 2, "ratio": growth}],
        "pull": [{"way": "rows", "threads": 2, "ratio": other}, {"way": "no ratio", "threads": 2}],
    }
    return {"questions": rows, "provenance": {"commit": "abc", "machine": "here"}}


def problems(compare, now, before=None):
    found = compare.verdicts(now, before or result(), GATES, slack=0.4)
    return {one.name: one.problem for one in found if one.problem}


def test_as_good_as_before_passes(compare):
    assert problems(compare, result()) == {}


def test_a_ratio_that_is_no_gate_never_fails(compare):
    assert problems(compare, result(other=0.01)) == {}


@pytest.mark.parametrize(
    ("changed", "why"),
    [({"publish": 19.0}, "limit 20"), ({"publish": 59.0}, "baseline 100"), ({"growth": 1.45}, "limit 1.4")],
)
def test_a_gate_fails_by_its_limit_and_by_the_baseline(compare, changed, why):
    assert list(problems(compare, result(**changed)).values()) == [why]


def test_a_machine_of_another_speed_passes(compare):
    slow = result()
    slow["questions"]["publish"][0]["rows/s"] /= 10
    assert problems(compare, slow) == {}


def test_a_gate_that_was_not_measured_is_missed(compare):
    now = result()
    now["questions"]["publish"][0]["way"] = "something else"
    assert compare.missing(now, GATES) == ["publish: all six"]
    del now["questions"]["publish"]
    assert compare.missing(now, GATES) == []


@pytest.mark.slow
def test_the_exit_code_tells(tmp_path):
    paths = [tmp_path / "now.json", tmp_path / "before.json"]
    for path, found in zip(paths, (result(publish=1.0), result()), strict=True):
        found["questions"]["publish"][0]["way"] = "all six together"
        path.write_text(json.dumps({**found, "questions": {"publish": found["questions"]["publish"]}}))
    codes = [
        subprocess.run([sys.executable, str(BENCH / "compare.py"), *map(str, pair)], check=False).returncode
        for pair in (paths, paths[1:] * 2)
    ]
    assert codes == [1, 0]


def test_what_was_measured_is_what_the_audit_asked_for():
    """Ten thousand rows a second, a hundred thousand in ten: in the run whose ratios are the baseline."""
    ways = json.loads((BENCH / "baseline.json").read_text(encoding="utf-8"))["questions"]["publish"]
    (together,) = (row for row in ways if row["way"] == "all six together")
    assert together["rows"] >= 100_000
    assert together["rows/s"] >= 10_000
