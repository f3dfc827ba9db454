"""Run ``acm-etl`` of this checkout, or of another one, in processes of their own."""

from __future__ import annotations

import json
import os
import shutil
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from measure import Candidate, Usage, measure_command

_HERE = Path(__file__).parents[1]
_OURS = "acm_etl"
# Threads are set by run.py for calls of this process; commands run with the defaults that users have. Without byte
# code a command would compile its source each time, 0.4 s of CPU that no user of an installed package pays.
_UNUSED_VARIABLES = (
    "POLARS_MAX_THREADS",
    "OMP_NUM_THREADS",
    "OPENBLAS_NUM_THREADS",
    "MKL_NUM_THREADS",
    "PYTHONDONTWRITEBYTECODE",
)
_BYTE_CODE = _HERE / "build" / "bench-bytecode"


@dataclass(frozen=True)
class Checkout:
    """Source tree of acm_etl whose commands are measured.

    Attributes:
        label: Name in the table.
        path: Root of the source tree.
    """

    label: str
    path: Path

    def run(self, store: Path, *words: str) -> tuple[Usage, dict[str, Any]]:
        """Run one command on a DuckDB store; return what it took and its JSON result."""
        # -P: the working directory must not come before PYTHONPATH
        command = [sys.executable, "-P", "-m", "acm_etl", "--store", f"duckdb:///{store}", "--json", *words]
        usage, output = measure_command(command, self.environment)
        return usage, json.loads(output)

    def run_all(self, store: Path, commands: Sequence[Sequence[str]]) -> None:
        """Run commands on a store in one process, unmeasured: the imports of Python are paid once."""
        words = json.dumps([["acm-etl", "--store", f"duckdb:///{store}", *words] for words in commands])
        measure_command([sys.executable, "-P", "-c", _RUN_ALL, words], self.environment)

    @property
    def environment(self) -> dict[str, str]:
        """Variables of its commands: no settings of acm_etl, no limits of threads, byte code as when installed."""
        kept = {
            name: value
            for name, value in os.environ.items()
            if name not in _UNUSED_VARIABLES and not name.startswith("ACM_")
        }
        # In a folder of its own: the source tree stays as it is, and may be read-only.
        return {**kept, "PYTHONPATH": str(self.path), "PYTHONPYCACHEPREFIX": str(_BYTE_CODE)}


_RUN_ALL = """
import json, sys
from acm_etl.cli import main
for sys.argv in json.loads(sys.argv[1]):
    try:
        main()
    except SystemExit as stop:
        if stop.code:
            raise
"""


def list_checkouts(against: Path | None) -> list[Checkout]:
    """Return this checkout and, if given, another one."""
    checkouts = [Checkout(_OURS, _HERE)]
    return checkouts if against is None else [*checkouts, Checkout("other checkout", against)]


@dataclass(frozen=True)
class Job:
    """Commands that one run measures.

    Attributes:
        units: Readings, cells or days that they work on.
        commands: Words of each ``acm-etl`` command.
        template: Store to start from, copied for every run; None for a new store.
    """

    units: int
    commands: tuple[tuple[str, ...], ...]
    template: Path | None = None


def make_candidate(name: str, checkout: Checkout, job: Job, folder: Path) -> Candidate:
    """Return a candidate that runs a job, each time on a store of its own."""
    store = folder / "run.duckdb"

    def run() -> Usage:
        if job.template is not None:
            shutil.copyfile(job.template, store)
        usage = Usage(0.0, 0.0, 0.0)
        try:
            for words in job.commands:
                taken, report = checkout.run(store, *words)
                usage = usage.add(taken).add(Usage(0.0, 0.0, 0.0, _read_facts(report)))
        finally:
            remove_store(store)
        return usage

    reference = "" if checkout.label == _OURS else f"{_OURS}, {name}"
    return Candidate(f"{checkout.label}, {name}", job.units, run, reference)


def remove_store(store: Path) -> None:
    """Delete a store and the files beside it."""
    for path in store.parent.glob(f"{store.name}*"):
        path.unlink()


def _read_facts(report: dict[str, Any]) -> dict[str, float]:
    """Return rows per reading of a backfill; nothing for other commands."""
    machines = [machine for machine in report.get("machines", []) if machine.get("tables")]
    readings = sum(machine["readings"] for machine in machines)
    if not readings:
        return {}
    rows = sum(counts["staged"] for machine in machines for counts in machine["tables"].values())
    return {"rows/reading": rows / readings}
