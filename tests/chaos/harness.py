"""One trial: a backfill with a fault on a copy of a store, backfills without until all is scored, and a comparison."""

from __future__ import annotations

import shutil
import signal
import subprocess
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
from chaos.faulty_backfill import build_process

if TYPE_CHECKING:
    from chaos.wire import ServerTrials

# Length of the history of a trial. The first four days are the training period.
DAYS = 8
# Readings of one transaction: two days.
BATCH_READINGS = 96
# Models of four days. A batch takes as long as a training, and statements fail in all of them: few batches will do.
OPTIONS = {**FAST, "training.days": 4, "training.running_rows": 80, "backfill.batch_rows": BATCH_READINGS}
# Errors are recorded apart from the results on purpose.
LOGS = ("ACM_RunErrors",)
# How a disturbed process may end.
EXITS = (0, 1, 2, 3, 130, -signal.SIGKILL)
_RESUMES = 5


@dataclass(frozen=True)
class Outcome:
    """Result of one trial.

    Attributes:
        kind: Kind of the fault.
        detail: Where it struck.
        exits: How the disturbed process or processes ended: exit codes, or ``-9`` for a signal.
        resumes: Clean runs until one ended well.
        lost: Rows of the undisturbed run that are missing.
        doubled: Rows beyond one per key.
        changed: Rows with other values, or that the undisturbed run does not have.
        seconds: Time of the disturbed run.
        problem: What else is not as it should be.
    """

    kind: str
    detail: str
    exits: tuple[int, ...]
    resumes: int
    lost: int
    doubled: int
    changed: int
    seconds: float
    problem: str = ""

    @property
    def is_exact(self) -> bool:
        """Whether the tables equal those of an undisturbed run, and nothing else went wrong."""
        return not (self.lost or self.doubled or self.changed or self.problem)


@dataclass(frozen=True)
class InjectedFault:
    """A fault that was injected into a backfill.

    Attributes:
        kind: Key of ``FAULTS``, or a more precise name.
        detail: Where it struck.
        exits: How the process or processes ended, as in ``Outcome``.
        started_at: Time of ``time.perf_counter`` before the backfill.
    """

    kind: str
    detail: str
    exits: tuple[int, ...]
    started_at: float


@dataclass
class TrialStores:
    """The stores that trials begin with, made once, and the tables that they should end with.

    Attributes:
        folder: Where stores are made.
    """

    folder: Path
    _expected: dict[str, dict[str, pl.DataFrame]] = field(default_factory=dict)

    @cached_property
    def fresh(self) -> Plant:
        """Readings and nothing else."""
        return make_plant(self.folder / "fresh.duckdb", readings=tidy(history(days=DAYS)))

    @cached_property
    def half(self) -> Plant:
        """Half of the windows are published."""
        place = self.copy(self.fresh, "half")
        resume_or_fail(place, max_windows=4)
        return place

    @cached_property
    def served(self) -> ServerTrials:
        """The same behind a server."""
        from chaos.wire import ServerTrials  # noqa: PLC0415 - it runs what is here

        return ServerTrials(self.folder / "served")

    def expected_tables(self, begin: str) -> dict[str, pl.DataFrame]:
        """All tables of an undisturbed run from ``fresh`` or ``half``; some record where a batch began."""
        if begin not in self._expected:
            place = self.copy(getattr(self, begin), f"{begin}-whole")
            resume_or_fail(place)
            self._expected[begin] = place.dump(without=LOGS)
        return self._expected[begin]

    @cached_property
    def statements(self) -> int:
        """How many statements an undisturbed run has."""
        place, counted = self.copy(self.fresh, "counted"), self.folder / "statements"
        run_backfill(place, fault={"count": str(counted)}).check_returncode()
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


def build_command(place: Plant, *options: str, fault: Mapping[str, Any] | None = None) -> dict[str, Any]:
    """Arguments of ``subprocess`` for a backfill of a store, with a fault in it where one is given."""
    settings = {f"ACM_{name.upper().replace('.', '__')}": str(value) for name, value in OPTIONS.items()}
    process = build_process(["--store", place.url, "backfill", "--equip", CODE, "--tick", "1d", *options], fault)
    return {
        "args": process["args"],
        "env": {**process["env"], **settings},
        "stdout": subprocess.PIPE,
        "stderr": subprocess.PIPE,
        "text": True,
    }


def resume_backfill(place: Plant, **request: Any) -> str:
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
    failure = resume_backfill(place, **request)
    assert not failure, failure


def run_backfill(
    place: Plant, *options: str, fault: Mapping[str, Any] | None = None
) -> subprocess.CompletedProcess[str]:
    """A backfill from start to end, in a process of its own."""
    return subprocess.run(**build_command(place, *options, fault=fault), check=False, timeout=600)


def run_concurrently(place: Plant, apart: Sequence[float]) -> tuple[tuple[int, ...], str | None]:
    """Backfills of one machine at once, each begun some seconds after the one before.

    Returns:
        Their exit codes, ascending, and the output of one of them if it broke or none succeeded.
    """
    processes = []
    for seconds in apart:
        processes.append(subprocess.Popen(**build_command(place)))
        time.sleep(seconds)
    output = [process.communicate(timeout=600)[1] for process in processes]
    exits = tuple(sorted(process.returncode for process in processes))
    broken = [text for text in output if "Traceback" in text] or ([output[0]] if 0 not in exits else [])
    return exits, broken[0] if broken else None


def add_unclear_end(outcome: Outcome, output: str) -> Outcome:
    """Return the outcome with the last output of a process that ended in a way it should not."""
    return replace(outcome, problem=f"unclear end: {output[-600:]}")


def judge_trial(place: Plant, expected: dict[str, pl.DataFrame], fault: InjectedFault, output: str) -> Outcome:
    """As ``finish_trial``, and the disturbed process has to have ended in a way it should, without a traceback."""
    outcome = finish_trial(place, expected, fault)
    is_clear = all(code in EXITS for code in fault.exits) and "Traceback" not in output
    return outcome if is_clear else add_unclear_end(outcome, output)


def finish_trial(place: Plant, expected: dict[str, pl.DataFrame], fault: InjectedFault) -> Outcome:
    """Run backfills without a fault until all is scored, and compare the tables."""
    kind, detail, exits, seconds = fault.kind, fault.detail, fault.exits, time.perf_counter() - fault.started_at
    resumes = 1
    while failure := resume_backfill(place):
        if resumes == _RESUMES:
            return Outcome(kind, detail, exits, resumes, 0, 0, 0, seconds, f"not resumed: {failure[-300:]}")
        resumes += 1
        time.sleep(1)  # the server may not have heard yet of the end of a session
    found = leave_out_preparation(place.dump())
    kept = {name: frame for name, frame in found.items() if name not in LOGS}
    lost, doubled, changed = count_differences(kept, expected, tolerance=place.tolerance)
    running = place.query("SELECT COUNT(*) AS n FROM RunLog WHERE Outcome = 'RUNNING'").item()
    problem = f"{running} runs are still RUNNING" if running else ""
    return Outcome(kind, detail, exits, resumes, lost, doubled, changed, seconds, problem)


def count_differences(
    found: Mapping[str, pl.DataFrame], expected: Mapping[str, pl.DataFrame], *, tolerance: float = 0.0
) -> tuple[int, int, int]:
    """Rows lost, doubled and changed or added, over all tables."""
    lost = doubled = changed = 0
    for name in expected:
        left, right = (_round_floats(frames[name], tolerance) for frames in (found, expected))
        key = [column for column in tables.BY_NAME[name].key if column in right.columns]
        lost += right.join(left, on=key, how="anti", nulls_equal=True).height
        doubled += left.height - left.unique(key).height
        changed += left.join(right, on=left.columns, how="anti", nulls_equal=True).height if left.height else 0
    return lost, doubled, changed


def _round_floats(frame: pl.DataFrame, tolerance: float) -> pl.DataFrame:
    return frame.with_columns(pl.selectors.float().round_sig_figs(8)) if tolerance else frame
