"""Measure speed and memory, print one table per benchmark, and check the gates.

    python bench/run.py                                       # make bench
    python bench/run.py --full --against ../other_checkout    # all benchmarks, beside another checkout
    python bench/run.py --only score publish --rounds 7

Each benchmark runs in a process of its own, with its own threads and memory. The exit code is 1 if a gate fails.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from dataclasses import asdict
from pathlib import Path

from gates import GateResult, Outcome, check_gates
from render import render_comparison, render_gates, render_overview
from results import Comparison, parse_comparison, write_results

_RESULTS = Path(__file__).parent / "results"
# With more threads, BLAS spins on matrices this narrow, in the product and in the alternatives.
_ONE_BLAS_THREAD = {"OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1", "MKL_NUM_THREADS": "1"}


def main() -> int:
    """Run the benchmarks; return 1 if a gate failed."""
    options = _parse_options()
    if options.child:
        _run_in_this_process(options.child, options.rounds, options.against)
        return 0
    comparisons: list[Comparison] = []
    names = _choose_benchmarks(options)
    _compile_kernels(names, options.against)
    for name in names:
        started = time.perf_counter()
        comparisons.append(_run_child(name, options))
        print(f"\n{name}: {comparisons[-1].title}  [{time.perf_counter() - started:.0f} s]")
        print(render_comparison(comparisons[-1]), flush=True)
        _write(options.out, comparisons)
    print(render_overview(comparisons))
    if options.against:
        print("\nGates are not checked beside another checkout: their alternatives were not measured.")
        return 0
    results = _check(comparisons)
    print(render_gates(results))
    return int(any(one.outcome is Outcome.FAILED for one in results))


def _parse_options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--full", action="store_true", help="all benchmarks, up to ten million readings")
    parser.add_argument("--only", nargs="+", metavar="NAME", help="benchmarks to run")
    parser.add_argument("--rounds", type=int, default=0, help="measured rounds of each (default: see registry.py)")
    parser.add_argument("--against", type=Path, help="another checkout: run the same commands of both in turns")
    parser.add_argument("--out", type=Path, default=_RESULTS / "latest.json", help="file for the results")
    parser.add_argument("--child", help=argparse.SUPPRESS)
    return parser.parse_args()


def _choose_benchmarks(options: argparse.Namespace) -> list[str]:
    from registry import BENCHMARKS  # noqa: PLC0415 - imports Polars, whose threads a child must set before

    if unknown := set(options.only or ()) - set(BENCHMARKS):
        message = f"no benchmark {', '.join(sorted(unknown))}; there are {', '.join(BENCHMARKS)}"
        raise SystemExit(message)
    return [
        name
        for name, one in BENCHMARKS.items()
        if (name in options.only if options.only else options.full or not one.is_full)
        and (one.runs_commands or not options.against)
    ]


def _compile_kernels(names: list[str], against: Path | None) -> None:
    """Run one small backfill per checkout: a new checkout compiles its kernels once, which no round may pay."""
    from checkouts import list_checkouts  # noqa: PLC0415 - see _choose_benchmarks
    from registry import BENCHMARKS  # noqa: PLC0415

    if not any(BENCHMARKS[name].runs_commands for name in names):
        return
    for checkout in list_checkouts(against):
        with tempfile.TemporaryDirectory(prefix="acm_bench_") as folder:
            store = Path(folder) / "warm_up.duckdb"
            checkout.run_all(store, [("simulate", "--equip", "FAN", "--days", "120"), ("backfill", "--equip", "FAN")])


def _run_child(name: str, options: argparse.Namespace) -> Comparison:
    from registry import BENCHMARKS  # noqa: PLC0415 - see _choose_benchmarks

    benchmark = BENCHMARKS[name]
    command = [sys.executable, __file__, "--child", name, "--rounds", str(options.rounds or benchmark.rounds)]
    if options.against:
        command += ["--against", str(options.against.resolve())]
    environment = {**os.environ, **_ONE_BLAS_THREAD, "POLARS_MAX_THREADS": str(benchmark.threads)}
    done = subprocess.run(command, env=environment, stdout=subprocess.PIPE, text=True, check=False)  # noqa: S603
    if done.returncode:
        message = f"benchmark {name} failed with exit code {done.returncode}; its error is above"
        raise SystemExit(message)
    return parse_comparison(json.loads(done.stdout.splitlines()[-1]))


def _run_in_this_process(name: str, rounds: int, against: Path | None) -> None:
    from checkouts import list_checkouts  # noqa: PLC0415 - see _choose_benchmarks
    from registry import BENCHMARKS, Request  # noqa: PLC0415

    benchmark, load = BENCHMARKS[name], os.getloadavg()[0]
    with tempfile.TemporaryDirectory(prefix="acm_bench_") as folder:
        measurements, skipped = benchmark.measure(Request(Path(folder), rounds, list_checkouts(against)))
    comparison = Comparison(name, benchmark.title, benchmark.unit, measurements, skipped, load, benchmark.threads)
    print(json.dumps(asdict(comparison)))


def _write(path: Path, comparisons: list[Comparison]) -> None:
    from provenance import provenance  # noqa: PLC0415 - see _choose_benchmarks

    write_results(path, provenance(), comparisons)


def _check(comparisons: list[Comparison]) -> list[GateResult]:
    from registry import BENCHMARKS  # noqa: PLC0415 - see _choose_benchmarks

    return [result for one in comparisons for result in check_gates(one, BENCHMARKS[one.benchmark].gates)]


if __name__ == "__main__":
    sys.exit(main())
