"""The labelled series, where they are on this machine: no number falls behind the baseline in bench/quality.json."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import pytest

BENCH = Path(__file__).parents[2] / "bench"
HIGHER_IS_BETTER = ("fused_area", "f1")
LOWER_IS_BETTER = ("refused", "false_alarm_rate", "missed_alarm_rate", "off_share")
TOLERANCE = 0.03


@pytest.fixture(scope="module")
def quality():
    sys.path.insert(0, str(BENCH))
    try:
        import quality  # noqa: PLC0415 - bench is no package
    finally:
        sys.path.remove(str(BENCH))
    return quality


@pytest.mark.slow
@pytest.mark.timeout(1200)
@pytest.mark.parametrize("family", ["skab", "smd", "asd", "batadal", "hydraulic", "bearing", "one_tag", "telemetry"])
def test_nothing_falls_behind_the_baseline(quality, family):
    try:
        rows = quality.measure_family(family)
    except quality.labelled.Missing as reason:
        pytest.skip(f"labelled data: {reason}")
    known = {row["what"]: row["reached"] for row in json.loads((BENCH / "quality.json").read_text())[family]["rows"]}
    assert {row.what for row in rows} == set(known)
    for row in rows:
        sign = (row.what in HIGHER_IS_BETTER) - (row.what in LOWER_IS_BETTER)
        if sign:
            gain = sign * (float(row.reached) - float(known[row.what]))
            assert gain > -TOLERANCE, f"{family} {row.what}: {row.reached}, was {known[row.what]}"


def test_the_baseline_says_where_it_was_made():
    for part in json.loads((BENCH / "quality.json").read_text()).values():
        assert {"commit", "at", "machine", "python", "numpy"} <= set(part["provenance"])
        assert part["rows"]
