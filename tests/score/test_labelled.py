"""The labelled series, where they are on this machine: no number falls behind the baseline in bench/quality.json."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import pytest

BENCH = Path(__file__).parents[2] / "bench"
RISING = ("VUS-PR", "F1")
TOLERANCE = 0.03


@pytest.fixture(scope="module")
def quality():
    sys.path.insert(0, str(BENCH))
    try:
        import quality  # noqa: PLC0415 - bench is no package
    finally:
        sys.path.remove(str(BENCH))
    return quality


def number(text):
    return float(text.rstrip("%")) / (100 if text.endswith("%") else 1)


@pytest.mark.slow
@pytest.mark.timeout(1200)
def test_nothing_falls_behind_the_baseline(quality):
    try:
        rows = list(quality.labelled())
    except quality.Missing as reason:
        pytest.skip(f"labelled data: {reason}")
    known = {
        row["what"]: row["reached"] for row in json.loads((BENCH / "quality.json").read_text())["labelled"]["rows"]
    }
    assert {row.what for row in rows} == set(known)
    for row in rows:
        gain = number(row.reached) - number(known[row.what])
        rising = any(word in row.what for word in RISING)
        if "best of" not in row.what:
            assert (gain if rising else -gain) > -TOLERANCE, f"{row.what}: {row.reached}, was {known[row.what]}"


def test_the_baseline_says_where_it_was_made():
    for part in json.loads((BENCH / "quality.json").read_text()).values():
        assert {"commit", "at", "machine", "python", "numpy"} <= set(part["provenance"])
        assert part["rows"]
