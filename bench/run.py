"""``make bench``: one table per question, and a JSON with provenance that ``compare.py`` and ``chart.py`` read.

    python bench/run.py [--full] [--only pull features ...] [--repeats 3]

Each question is asked in a process of its own, so that its threads and its memory are its own.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from measure import Row
from provenance import provenance

HERE = Path(__file__).parent
RESULTS = HERE / "results"
_BLAS = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS")


def main() -> None:
    """Ask the questions, print and write what was measured."""
    options = _options()
    if options.ask:
        _ask(options.ask, options.repeats)
        return
    from questions import QUESTIONS  # noqa: PLC0415 - a child sets its threads before Polars is imported

    wanted = options.only or [name for name, one in QUESTIONS.items() if options.full or not one.full]
    found: dict[str, list[Row]] = {}
    RESULTS.mkdir(exist_ok=True)
    for name in wanted:
        begun = time.perf_counter()
        found[name] = [row for threads in QUESTIONS[name].threads for row in _child(name, threads, options.repeats)]
        print(f"\n{name}: {QUESTIONS[name].title}  [{time.perf_counter() - begun:.0f} s]")
        show(found[name])
        result = {"provenance": provenance(), "repeats": options.repeats, "questions": found}
        (RESULTS / options.out).write_text(json.dumps(result, indent=1), encoding="utf-8")


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--repeats", type=int, default=3, help="rounds per measurement; the median counts")
    parser.add_argument("--only", nargs="+", help="questions to ask")
    parser.add_argument("--full", action="store_true", help="also ten million readings (an hour or less)")
    parser.add_argument("--out", default="latest.json", help="file in bench/results")
    parser.add_argument("--ask", help=argparse.SUPPRESS)
    return parser.parse_args()


def _child(name: str, threads: int, repeats: int) -> list[Row]:
    environment = {**os.environ, "POLARS_MAX_THREADS": str(threads), **dict.fromkeys(_BLAS, "1")}
    command = [sys.executable, __file__, "--ask", name, "--repeats", str(repeats)]
    done = subprocess.run(command, env=environment, stdout=subprocess.PIPE, text=True, check=False)  # noqa: S603
    if done.returncode:
        message = f"{name} failed; see above"
        raise SystemExit(message)
    rows: list[Row] = json.loads(done.stdout.splitlines()[-1])
    return [{"threads": threads, **row} for row in rows]


def _ask(name: str, repeats: int) -> None:
    from questions import QUESTIONS  # noqa: PLC0415 - see main

    with tempfile.TemporaryDirectory() as folder:
        print(json.dumps(QUESTIONS[name].ask(Path(folder), repeats)))


def show(rows: list[Row]) -> None:
    """One question as a plain table."""
    names = list(dict.fromkeys(name for row in rows for name in row))
    cells = [[text(row.get(name, "")) for name in names] for row in rows]
    widths = [max(map(len, column)) for column in zip(names, *cells, strict=True)]
    print("  " + "  ".join(name.ljust(width) for name, width in zip(names, widths, strict=True)))
    for line in cells:
        aligned = (
            cell.ljust(width) if name in ("way", "is", "loader") else cell.rjust(width)
            for name, cell, width in zip(names, line, widths, strict=True)
        )
        print("  " + "  ".join(aligned))


def text(value: object) -> str:
    """A number for reading."""
    if isinstance(value, float):
        return f"{value:,.0f}" if abs(value) >= 100 else f"{value:.2f}"
    return f"{value:,}" if isinstance(value, int) else str(value)


if __name__ == "__main__":
    main()
