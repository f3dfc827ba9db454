"""Backfills as users run them, from readings in a store to all tables, against a script and against V8."""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import histories
import v8
from checkouts import Checkout, Job, make_candidate
from measure import Candidate, Measurement, Usage, interleave, measure_command

_SCRIPT = Path(__file__).with_name("plain_script.py")
_FLEET_READINGS = 4_000


@dataclass(frozen=True)
class Backfills:
    """Measurements of a benchmark, and the reason for what was not measured."""

    measurements: list[Measurement]
    skipped: dict[str, str]


def measure_year(folder: Path, rounds: int, checkouts: Sequence[Checkout]) -> Backfills:
    """Measure import and backfill of a year of a fan, from an empty store, by windows of a day and of half an hour."""
    candidates = []
    for checkout in checkouts:
        units = _count_fan_readings(checkout, folder)
        for name, tick in (("windows of a day", "1d"), ("windows of 30 minutes", "30m")):
            backfill = ("backfill", "--equip", histories.FAN, "--tick", tick)
            job = Job(units, (histories.fan_import_command(), backfill))
            candidates.append(make_candidate(name, checkout, job, folder))
    others, skipped = ([], {}) if len(checkouts) > 1 else v8.make_candidates(folder)
    return Backfills(interleave([*candidates, *others], rounds), skipped)


def _count_fan_readings(checkout: Checkout, folder: Path) -> int:
    """Run the whole year once, and return its number of readings."""
    store = folder / f"{checkout.label.replace(' ', '_')}_fan.duckdb"
    checkout.run(store, *histories.fan_import_command())
    _, report = checkout.run(store, "backfill", "--equip", histories.FAN)
    return int(report["machines"][0]["readings"])


def measure_nightly(folder: Path, rounds: int, checkouts: Sequence[Checkout]) -> Backfills:
    """Measure the nightly job of one machine after a scored year: one further day, and nothing new."""
    before, after = ("2013-05-19", "2013-05-20") if histories.FAN_FILES else ("2023-12-29", "2023-12-30")
    candidates = []
    for checkout in checkouts:
        for name, scored_to in (("one further day", before), ("nothing new", after)):
            template = folder / f"{checkout.label.replace(' ', '_')}_{scored_to}.duckdb"
            checkout.run(template, *histories.fan_import_command())
            checkout.run(template, "backfill", "--equip", histories.FAN, "--to", scored_to)
            job = Job(1, (("backfill", "--equip", histories.FAN, "--to", after),), template)
            candidates.append(make_candidate(name, checkout, job, folder))
    return Backfills(interleave(candidates, rounds), {})


def measure_lengths(folder: Path, rounds: int, checkouts: Sequence[Checkout], *, lengths: Sequence[int]) -> Backfills:
    """Measure the backfill of a machine with ten tags as its history grows, against the script."""
    return _measure_histories(folder, rounds, checkouts, [(length, 10, length) for length in lengths])


def measure_tags(
    folder: Path, rounds: int, checkouts: Sequence[Checkout], *, readings: int, tags: Sequence[int]
) -> Backfills:
    """Measure the backfill of one machine as its tags grow, per cell, against the script."""
    return _measure_histories(folder, rounds, checkouts, [(readings, count, readings * count) for count in tags])


def _measure_histories(
    folder: Path, rounds: int, checkouts: Sequence[Checkout], sizes: Sequence[tuple[int, int, int]]
) -> Backfills:
    """Measure histories of some numbers of readings, tags and units."""
    candidates = []
    for readings, tags, units in sizes:
        name = f"{readings:,} x {tags}"
        for checkout in checkouts:
            store = histories.make_history_store(checkout, folder, readings, tags)
            # The last window stays open, as in a real store: closing it has another name in older checkouts.
            job = Job(units, (("backfill", "--equip", histories.MACHINE),), store)
            candidates.append(make_candidate(name, checkout, job, folder))
        if len(checkouts) == 1:
            candidates.append(_make_script_candidate(name, units, store, folder))
    return Backfills(interleave(candidates, rounds), {})


def _make_script_candidate(name: str, units: int, store: Path, folder: Path) -> Candidate:
    target = folder / "script.duckdb"
    command = [sys.executable, str(_SCRIPT), str(store), f"{histories.MACHINE}_Data", str(target)]
    # BLAS with one thread, as in the product: on matrices this narrow a second thread only waits.
    environment = {**os.environ, "OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1"}

    def run() -> Usage:
        usage, _ = measure_command(command, environment)
        target.unlink()
        return usage

    return Candidate(f"script, {name}", units, run, f"acm_etl, {name}")


def measure_fleet(folder: Path, rounds: int, checkouts: Sequence[Checkout], *, machines: int) -> Backfills:
    """Measure small machines, 4,000 readings each, by one worker process and by two."""
    candidates = []
    for checkout in checkouts:
        store = histories.make_fleet_store(checkout, folder, machines, _FLEET_READINGS)
        for workers in (1, 2):
            job = Job(machines, (("backfill", "--all", "--workers", str(workers)),), store)
            candidates.append(make_candidate(f"{workers} worker(s)", checkout, job, folder))
    return Backfills(interleave(candidates, rounds), {})
