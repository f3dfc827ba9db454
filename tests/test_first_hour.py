"""The script of the first hour: import, score, acknowledge, report, and the next night, each step with its result."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

SCRIPT = Path(__file__).parents[1] / "docs" / "examples" / "first_hour.py"


@pytest.mark.slow
def test_every_step_of_the_first_hour_gives_its_result(tmp_path):
    result = subprocess.run(
        [sys.executable, SCRIPT, tmp_path], capture_output=True, text=True, check=False, timeout=500
    )
    assert result.returncode == 0, result.stdout + result.stderr
    assert {"acm.duckdb", "FAN_1.html"} <= {path.name for path in tmp_path.iterdir()}
