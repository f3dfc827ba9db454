"""All benchmarks: how each is measured, with how many rounds, and which ratios must hold.

A ratio is the cost of a candidate divided by that of its reference, which is acm_etl doing the same work, unless the
benchmark compares acm_etl with itself: longer histories, more tags, more workers.
Limits compare acm_etl with an independent alternative of the same run, so that a uniform slowdown fails as well.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import backfills
import features
import loaders
import long_source
import publishing
import pulling
import scoring
import v8
from checkouts import Checkout
from gates import Gate, Kind
from measure import Measurement


@dataclass(frozen=True)
class Request:
    """Parameters of one run of a benchmark.

    Attributes:
        folder: Empty folder for its files.
        rounds: Rounds to measure.
        checkouts: This checkout and, if given, the one to compare it with.
    """

    folder: Path
    rounds: int
    checkouts: Sequence[Checkout]


Found = tuple[list[Measurement], dict[str, str]]


@dataclass(frozen=True)
class Benchmark:
    """One table of the output.

    Attributes:
        title: One line about the work.
        measure: Measures all candidates; returns measurements, and reasons for what was skipped.
        unit: Plural noun for what a run works on.
        rounds: Rounds if the command line names no other number.
        threads: Threads of Polars; commands use their own default.
        gates: Ratios that must hold.
        is_full: Whether only ``make bench-full`` runs it.
        runs_commands: Whether it measures commands, so that another checkout can take part.
    """

    title: str
    measure: Callable[[Request], Found]
    unit: str
    rounds: int = 5
    threads: int = 2
    gates: tuple[Gate, ...] = ()
    is_full: bool = False
    runs_commands: bool = False


def _measure_commands(measure: Callable[..., backfills.Backfills], **sizes: object) -> Callable[[Request], Found]:
    def run(request: Request) -> Found:
        found = measure(request.folder, request.rounds, request.checkouts, **sizes)
        return found.measurements, found.skipped

    return run


_command_benchmark = partial(Benchmark, runs_commands=True)

BENCHMARKS: dict[str, Benchmark] = {
    "pull": Benchmark(
        "1,000,000 readings of 9 tags out of DuckDB, as a sorted frame",
        lambda request: pulling.measure_pull(request.folder, request.rounds),
        "readings",
        gates=(Gate(pulling.POLARS, at_least=0.6), Gate(pulling.ROWS, at_least=5)),
    ),
    "long": Benchmark(
        "1,000,000 rows of 50 tags out of a long table, one column per tag",
        lambda request: (long_source.measure_long(request.folder, request.rounds, 1_000_000), {}),
        "rows",
        rounds=3,
        gates=(Gate(long_source.POLARS, at_least=0.8),),
    ),
    "features": Benchmark(
        "mean, deviation and slope over 16 readings, 10 tags",
        lambda request: (features.measure_features(request.rounds), {}),
        "readings",
        threads=1,
        gates=(Gate(features.POLARS, at_least=1.2), Gate(features.PANDAS, at_least=1.5)),
    ),
    "score": Benchmark(
        "100,000 readings of 33 tags to alarms, episodes and daily rows; the others: raw scores of detectors only",
        lambda request: scoring.measure_score(request.rounds),
        "readings",
        threads=1,
        gates=(Gate(scoring.EQUAL, at_least=0.8), Gate(scoring.NARROW, at_least=0.75)),
    ),
    "detectors": Benchmark(
        "each detector on 100 columns, and the scikit-learn calls for it",
        lambda request: (scoring.measure_detectors(request.rounds), {}),
        "readings",
        rounds=3,
        threads=1,
        is_full=True,
    ),
    "publish": Benchmark(
        "the per-reading tables of 130,000 readings (300,000 rows) into DuckDB, in one transaction",
        lambda request: publishing.measure_publish(request.folder, request.rounds),
        "rows",
        rounds=3,
        gates=(
            Gate(publishing.FLOOR, at_least=0.5),
            Gate(publishing.KEYS, at_least=0.85),
            Gate(publishing.DLT, at_least=2.5),
        ),
    ),
    "loaders": Benchmark(
        "bulk loads of 13 columns into SQL Server (client CPU; a server that discards them, or ACM_TEST_MSSQL)",
        lambda request: loaders.measure_loaders(request.rounds, 500_000),
        "rows",
        rounds=3,
        is_full=True,
    ),
    "year": _command_benchmark(
        "a year of a fan from an empty store: import and backfill",
        _measure_commands(backfills.measure_year),
        "readings",
        rounds=3,
        gates=(
            Gate("acm_etl, windows of 30 minutes", at_most=1.4),
            Gate(v8.ONE_SHOT, at_least=2),
            Gate(v8.DAILY_TICKS, at_least=120),
        ),
    ),
    "nightly": _command_benchmark(
        "the nightly job of one machine after a scored year",
        _measure_commands(backfills.measure_nightly),
        "jobs",
        rounds=3,
        gates=(Gate("acm_etl, nothing new", at_most=1.0),),
    ),
    "growth": _command_benchmark(
        "backfill of one machine, 10 tags at one-minute cadence, as its history grows",
        # Both lengths are well beyond the training: below 300,000 readings, no batch has its full size.
        _measure_commands(backfills.measure_lengths, lengths=(300_000, 600_000)),
        "readings",
        rounds=3,
        gates=(
            Gate("acm_etl, 600,000 x 10", at_most=1.1),
            Gate("acm_etl, 600,000 x 10", at_most=1.3, kind=Kind.MEMORY),
            Gate("script, 600,000 x 10", at_least=0.25),
        ),
    ),
    "fleet": _command_benchmark(
        "6 machines with 4,000 readings each, by one worker and by two",
        _measure_commands(backfills.measure_fleet, machines=6),
        "machines",
        rounds=3,
        gates=(
            Gate("acm_etl, 2 worker(s)", at_most=1.3),
            Gate("acm_etl, 2 worker(s)", at_most=0.8, kind=Kind.WALL),
        ),
    ),
    "lengths": _command_benchmark(
        "backfill of one machine, 10 tags at one-minute cadence, up to ten million readings",
        _measure_commands(backfills.measure_lengths, lengths=(1_000_000, 10_000_000)),
        "readings",
        rounds=1,
        is_full=True,
        gates=(
            Gate("acm_etl, 10,000,000 x 10", at_most=1.1),
            Gate("acm_etl, 10,000,000 x 10", at_most=1.2, kind=Kind.MEMORY),
        ),
    ),
    "tags": _command_benchmark(
        "backfill of 200,000 readings as the tags grow, per cell",
        _measure_commands(backfills.measure_tags, readings=200_000, tags=(10, 30, 100)),
        "cells",
        rounds=1,
        is_full=True,
        gates=(Gate("acm_etl, 200,000 x 100", at_most=1.1),),
    ),
    "fleet_of_50": _command_benchmark(
        "50 machines with 4,000 readings each, by one worker and by two",
        _measure_commands(backfills.measure_fleet, machines=50),
        "machines",
        rounds=1,
        is_full=True,
        gates=(Gate("acm_etl, 2 worker(s)", at_most=0.75, kind=Kind.WALL),),
    ),
    "long_10m": Benchmark(
        "10,000,000 rows of 50 tags out of a long table, one column per tag",
        lambda request: (long_source.measure_long(request.folder, request.rounds, 10_000_000), {}),
        "rows",
        rounds=1,
        is_full=True,
        gates=(Gate(long_source.POLARS, at_least=0.8),),
    ),
}
