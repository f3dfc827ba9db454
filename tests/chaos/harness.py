"""One trial: a copy of a store, a disturbed backfill on it, clean ones until it is done, and what then differs."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

import polars as pl
from plants import CODE, FAST, Plant, history, leave_out_preparation, make_plant, tidy

from acm_etl import tables
from acm_etl.errors import AcmError

if TYPE_CHECKING:
    from chaos.wire import Served

VICTIM = Path(__file__).with_name("victim.py")
# Readings of one transaction: two days.
GROUP = 96
# Models of four days. A batch takes as long as a training, and statements fail in all of them: few batches will do.
OPTIONS = {**FAST, "training.days": 4, "training.running_rows": 80, "backfill.batch_rows": GROUP}
# Errors that are recorded apart from the results on purpose.
LOGS = ("ACM_RunErrors",)
# How a disturbed process may end.
EXITS = (0, 1, 2, 3, 130, -signal.SIGKILL)
_RESUMES = 5


@dataclass(frozen=True)
class Outcome:
    """What came of one fault.

    Attributes:
        fault: Its kind.
        detail: Where it struck.
        exits: How the disturbed process or processes ended: exit codes, or ``-9`` for a signal.
        resumes: Clean runs until one ended well.
        lost: Rows of the undisturbed run that are missing.
        doubled: Rows beyond one per key.
        changed: Rows with other values, or that the undisturbed run does not have.
        seconds: Time of the disturbed run.
        wrong: What else is not as it should be.
    """

    fault: str
    detail: str
    exits: tuple[int, ...]
    resumes: int
    lost: int
    doubled: int
    changed: int
    seconds: float
    wrong: str = ""

    @property
    def well(self) -> bool:
        """Whether nothing is amiss."""
        return not (self.lost or self.doubled or self.changed or self.wrong)


@dataclass(frozen=True)
class Struck:
    """A fault that has struck; ``began`` is the clock's time before it."""

    fault: str
    detail: str
    exits: tuple[int, ...]
    began: float


@dataclass
class Scene:
    """The stores that trials begin with, made once, and how the tables should look in the end.

    Attributes:
        folder: Where stores are made.
        days: Length of the history; the first four are the training period.
    """

    folder: Path
    days: int = 10
    _wanted: dict[str, dict[str, pl.DataFrame]] = field(default_factory=dict)

    @cached_property
    def fresh(self) -> Plant:
        """Readings and nothing else."""
        return make_plant(self.folder / "fresh.duckdb", readings=tidy(history(days=self.days)))

    @cached_property
    def half(self) -> Plant:
        """Half of the windows are published."""
        place = self.copy(self.fresh, "half")
        resume_or_fail(place, max_windows=4)
        return place

    @cached_property
    def served(self) -> Served:
        """The same behind a server."""
        from chaos.wire import Served  # noqa: PLC0415 - it runs what is here

        return Served(self.folder / "served")

    def wanted(self, begin: str) -> dict[str, pl.DataFrame]:
        """All tables of an undisturbed run from ``fresh`` or ``half``: where groups begin is told in some."""
        if begin not in self._wanted:
            place = self.copy(getattr(self, begin), f"{begin}-whole")
            resume_or_fail(place)
            self._wanted[begin] = place.dump(without=LOGS)
        return self._wanted[begin]

    @cached_property
    def statements(self) -> int:
        """How many statements an undisturbed run has."""
        place, counted = self.copy(self.fresh, "counted"), self.folder / "statements"
        run(place, fault={"count": str(counted)}).check_returncode()
        return int(counted.read_text(encoding="utf-8"))

    def copy(self, place: Plant, name: str) -> Plant:
        """A store of its own with the same contents."""
        twin = Plant(self.folder / f"{name}.duckdb", place.code, place.server)
        shutil.copy(place.path, twin.path)
        return twin

    @contextmanager
    def trial(self, begin: str) -> Iterator[Plant]:
        """A copy of ``fresh`` or ``half``, gone afterwards."""
        with tempfile.TemporaryDirectory(dir=self.folder) as folder:
            source: Plant = getattr(self, begin)
            place = Plant(Path(folder, "acm.duckdb"), source.code, source.server)
            shutil.copy(source.path, place.path)
            yield place


def command(place: Plant, *options: str, fault: Mapping[str, Any] | None = None) -> dict[str, Any]:
    """Arguments of ``subprocess`` for a backfill of a store, with a fault in it where one is given."""
    words = [str(VICTIM), json.dumps(fault)] if fault is not None else ["-m", "acm_etl"]
    settings = {name.upper().replace(".", "__"): str(value) for name, value in OPTIONS.items()}
    backfill = ["backfill", "--equip", CODE, "--tick", "1d", *options]
    return {
        "args": [sys.executable, *words, "--store", place.url, *backfill],
        "env": {**os.environ, **{f"ACM_{name}": value for name, value in settings.items()}},
        "stdout": subprocess.PIPE,
        "stderr": subprocess.PIPE,
        "text": True,
    }


def resume(place: Plant, **request: Any) -> str:
    """Run a backfill without a fault in this process, which spares the start of another.

    Returns:
        Why it failed; empty if it ended well.
    """
    try:
        report = place.backfill(options=OPTIONS, **request)
    except AcmError as error:
        return str(error)
    return "; ".join(machine.message or machine.outcome for machine in report.machines if machine.outcome == "failed")


def resume_or_fail(place: Plant, **request: Any) -> None:
    """Run a backfill that has to end well."""
    failure = resume(place, **request)
    assert not failure, failure


def run(place: Plant, *options: str, fault: Mapping[str, Any] | None = None) -> subprocess.CompletedProcess[str]:
    """A backfill from start to end, in a process of its own."""
    return subprocess.run(**command(place, *options, fault=fault), check=False, timeout=600)


def crowd(place: Plant, apart: Sequence[float]) -> tuple[tuple[int, ...], str | None]:
    """Backfills of one machine at once, each begun some seconds after the one before.

    Returns:
        Their exit codes, ascending, and what one of them said if it broke or none was let in.
    """
    processes = []
    for seconds in apart:
        processes.append(subprocess.Popen(**command(place)))
        time.sleep(seconds)
    said = [process.communicate(timeout=600)[1] for process in processes]
    exits = tuple(sorted(process.returncode for process in processes))
    broken = [text for text in said if "Traceback" in text] or ([said[0]] if 0 not in exits else [])
    return exits, broken[0] if broken else None


def blamed(outcome: Outcome, said: str) -> Outcome:
    """The outcome of a process that did not end in a way it should."""
    return replace(outcome, wrong=f"unclear end: {said[-600:]}")


def judged(place: Plant, wanted: dict[str, pl.DataFrame], struck: Struck, said: str) -> Outcome:
    """As ``settle``, and the disturbed process has to have ended in a way it should, without a traceback."""
    outcome = settle(place, wanted, struck)
    told = all(code in EXITS for code in struck.exits) and "Traceback" not in said
    return outcome if told else blamed(outcome, said)


def settle(place: Plant, wanted: dict[str, pl.DataFrame], struck: Struck) -> Outcome:
    """Run on until all is done, and compare."""
    fault, detail, exits, seconds = struck.fault, struck.detail, struck.exits, time.perf_counter() - struck.began
    resumes = 1
    while failure := resume(place):
        if resumes == _RESUMES:
            return Outcome(fault, detail, exits, resumes, 0, 0, 0, seconds, f"not resumed: {failure[-300:]}")
        resumes += 1
        time.sleep(1)  # the server may not have heard yet of the end of a session
    found = leave_out_preparation(place.dump())
    kept = {name: frame for name, frame in found.items() if name not in LOGS}
    lost, doubled, changed = differences(kept, wanted, tolerance=place.tolerance)
    running = place.query("SELECT COUNT(*) AS n FROM RunLog WHERE Outcome = 'RUNNING'").item()
    wrong = f"{running} runs are still RUNNING" if running else ""
    return Outcome(fault, detail, exits, resumes, lost, doubled, changed, seconds, wrong)


def differences(
    found: Mapping[str, pl.DataFrame], wanted: Mapping[str, pl.DataFrame], *, tolerance: float = 0.0
) -> tuple[int, int, int]:
    """Rows lost, doubled and changed or added, over all tables."""
    lost = doubled = changed = 0
    for name in wanted:
        left, right = (_rounded(frames[name], tolerance) for frames in (found, wanted))
        key = [column for column in tables.BY_NAME[name].key if column in right.columns]
        lost += right.join(left, on=key, how="anti", nulls_equal=True).height
        doubled += left.height - left.unique(key).height
        changed += left.join(right, on=left.columns, how="anti", nulls_equal=True).height if left.height else 0
    return lost, doubled, changed


def _rounded(frame: pl.DataFrame, tolerance: float) -> pl.DataFrame:
    return frame.with_columns(pl.selectors.float().round_sig_figs(8)) if tolerance else frame
