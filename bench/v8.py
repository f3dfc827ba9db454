"""ACM V8 in its file mode: one shot over the whole batch file, and one process per day as its runner starts them.

V8 is not part of this repository. ``ACM_V8`` names the folder ``ACM V8 SQL`` of a checkout of its tag v8.0.0, and
``ACM_V8_PYTHON`` a Python with its libraries (pandas below 3, scikit-learn, PyYAML, joblib, matplotlib, seaborn,
pyodbc, Polars). Without them V8 is skipped.
"""

from __future__ import annotations

import csv
import os
import shutil
from collections.abc import Iterator
from pathlib import Path

import histories
from measure import Candidate, Usage, measure_command

ONE_SHOT, DAILY_TICKS = "V8, one shot", "V8, ticks of a day"
_CHECKOUT, _PYTHON = "ACM_V8", "ACM_V8_PYTHON"
# Later commits have SQL mode fixed in their code; file mode is what remains when the switch is off.
_RUN = """
import os, sys
os.chdir(sys.argv.pop(1))  # V8 looks for configs/ in the working directory
sys.path.insert(0, os.getcwd())
import core.acm_main as pipeline
pipeline._sql_mode = lambda config: False
pipeline.main()
"""
_READINGS_PER_DAY = 48
# A tick costs the same on every day: V8's own configuration fits the models anew in every process.
_FIRST_TICK = 1_000


def make_candidates(folder: Path) -> tuple[list[Candidate], dict[str, str]]:
    """Return both ways to run V8 on the fan, or the reason why they are skipped."""
    reason = _find_obstacle()
    if reason:
        return [], dict.fromkeys((ONE_SHOT, DAILY_TICKS), reason)
    training, batch = histories.FAN_FILES  # FD_FAN_BASELINE_DATA.csv, FD_FAN_BATCH_DATA.csv
    readings = len(_read_lines(batch)) - 1
    return [
        Candidate(ONE_SHOT, readings, lambda: _run_new(folder, training, batch)),
        Candidate(DAILY_TICKS, _READINGS_PER_DAY, _iterate_ticks(folder, training, batch).__next__),
    ], {}


def _find_obstacle() -> str:
    if not histories.FAN_FILES:
        return "the files of FD_FAN are not on this machine"
    missing = [name for name in (_CHECKOUT, _PYTHON) if not os.environ.get(name)]
    return f"set {' and '.join(missing)} (see bench/v8.py)" if missing else ""


def _run_new(folder: Path, training: Path, batch: Path) -> Usage:
    """Train and score everything in one process, without stored models."""
    artifacts = folder / "v8_one_shot"
    shutil.rmtree(artifacts, ignore_errors=True)
    return _run(artifacts, training, batch)


def _iterate_ticks(folder: Path, training: Path, batch: Path) -> Iterator[Usage]:
    """Yield the usage of one day after the other; the first one, which has no artifacts to start from, is left out."""
    artifacts, day_file = folder / "v8_ticks", folder / "v8_day.csv"
    header, *lines = _read_lines(batch)
    for first in range(_FIRST_TICK, len(lines), _READINGS_PER_DAY):
        with day_file.open("w", newline="", encoding="utf-8") as stream:
            csv.writer(stream).writerows([header, *lines[first : first + _READINGS_PER_DAY]])
        usage = _run(artifacts, training, day_file)
        if first > _FIRST_TICK:
            yield usage


def _read_lines(path: Path) -> list[list[str]]:
    with path.open(newline="", encoding="utf-8-sig") as stream:
        return list(csv.reader(stream))


def _run(artifacts: Path, training: Path, batch: Path) -> Usage:
    files = ["--artifact-root", str(artifacts), "--train-csv", str(training), "--score-csv", str(batch)]
    command = [os.environ[_PYTHON], "-c", _RUN, os.environ[_CHECKOUT], "--equip", histories.FAN, *files]
    environment = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}
    usage, _ = measure_command(command, environment)
    return usage
