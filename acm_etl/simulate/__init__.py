"""Simulated historian data with known faults, for demonstrations, tests and benchmarks.

Load (random, with a daily pattern) and air temperature (season, time of day, weather) drive every tag, each with its
own gains, thermal inertia and AR(1) noise. The machine stops and cools down and fails in known ways. The historian
loses, repeats and garbles readings. Levels are those of a real fan.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

import numpy as np
import polars as pl

from acm_etl.errors import UsageError
from acm_etl.simulate.dirt import corrupt_readings
from acm_etl.simulate.machine import MachineSimulator, draw_stops
from acm_etl.simulate.tags import FD_FAN_TAGS, TagSpec, make_random_tags
from acm_etl.simulate.truth import TRAINING_DAYS, Fault, FaultMatch, Stop, Truth, epoch_ms, match_episodes
from acm_etl.words import HISTORIAN_TIME_COLUMN

# A fixed start: results in documents and tests must not depend on the date of the run.
DEFAULT_START = datetime(2023, 1, 1)  # noqa: DTZ001 - every time in the product is naive UTC
_LATEST_END = DEFAULT_START + timedelta(days=1000)

__all__ = [
    "DEFAULT_START",
    "FD_FAN_TAGS",
    "HISTORIAN_TIME_COLUMN",
    "TRAINING_DAYS",
    "Fault",
    "FaultMatch",
    "Simulation",
    "Stop",
    "TagSpec",
    "Truth",
    "choose_start",
    "default_faults",
    "make_demo_faults",
    "make_random_tags",
    "match_episodes",
    "simulate_chunks",
    "simulate_history",
]  # fmt: skip


@dataclass(frozen=True, slots=True)
class Simulation:
    """Simulated history of one machine.

    Attributes:
        frame: Historian table: EntryDateTime (naive UTC, milliseconds) and one Float64 column per tag.
        truth: Ground truth: faults, stops and defects.
    """

    frame: pl.DataFrame
    truth: Truth


def default_faults(start: datetime, days: float, tags: Sequence[TagSpec] = FD_FAN_TAGS) -> tuple[Fault, ...]:
    """Return a slow bearing fault and two sudden faults, all after the training period.

    Args:
        start: Start of the history, UTC.
        days: Length of the history; the times of the faults are scaled with it.
        tags: Tags of the machine; a fault whose tag is missing shows at the first tag.
    """
    training_days = min(TRAINING_DAYS, 0.4 * days)

    def at(share: float) -> datetime:
        return start + timedelta(days=training_days + share * (days - training_days))

    def pick(kind: str, word: str = "") -> TagSpec:
        return next((tag for tag in tags if tag.kind == kind and word in tag.name), tags[0])

    # Any set of tags works, so that benchmarks with random tags have faults as well.
    bearing, winding = pick("temperature", "Bearing"), pick("temperature", "Winding")
    pressure, current = pick("pressure"), pick("current")
    step = timedelta(days=min(4.0, 0.03 * days))
    surge = timedelta(days=min(1.0, 0.01 * days))
    return (
        Fault("bearing", "slow", at(0.22), at(0.35), {bearing.name: 8.0}, "bearing wears, changed at a stop"),
        Fault(
            "leak", "sudden", at(0.52), at(0.52) + step, {pressure.name: 0.9}, "outlet pressure off by a damper leak"
        ),
        Fault("surge", "sudden", at(0.74), at(0.74) + surge, {current.name: 9.0, winding.name: 5.0}, "motor overload"),
    )


def make_demo_faults(start: datetime, days: float) -> tuple[Fault, ...]:
    """Return the sudden faults of ``default_faults``, and a bearing that wears in the last ten days, without a repair.

    Args:
        start: Start of the history, UTC.
        days: Length of the history.
    """
    slow, *sudden = default_faults(start, days)
    end = start + timedelta(days=days)
    # A demonstration has to show an episode that is open.
    open_fault = replace(
        slow, start=end - timedelta(days=10), end=end + timedelta(days=5), note="bearing wears, not yet changed"
    )
    return (*sudden, open_fault)


def choose_start(days: float) -> datetime:
    """Return the start of a history that ends in the past: ``DEFAULT_START``, or earlier if it is long.

    Args:
        days: Length of the history.
    """
    return min(DEFAULT_START, _LATEST_END - timedelta(days=days))


def simulate_history(
    *,
    seed: int = 7,
    start: datetime = DEFAULT_START,
    days: float = 365,
    cadence: timedelta = timedelta(minutes=30),
    tags: Sequence[TagSpec] = FD_FAN_TAGS,
    faults: Sequence[Fault] | None = None,
    corrupt: bool = True,
) -> Simulation:
    """Simulate the history of one machine; equal arguments give equal bytes.

    Args:
        seed: Seed of the random numbers.
        start: First reading, UTC.
        days: Length of the history.
        cadence: Time between two readings, whole milliseconds.
        tags: Tags to measure.
        faults: Faults; None for the three of ``default_faults``, empty for none.
        corrupt: Whether to add gaps, duplicates, empty and impossible cells and a stuck sensor.

    Raises:
        UsageError: The history has no reading or no tag.
    """
    rows = int(timedelta(days=days) / cadence)
    if rows < 1 or not tags:
        message = (
            f"nothing to simulate: {days} days at a cadence of {cadence} give {max(rows, 0)} readings of {len(tags)} "
            "tags; simulate at least one reading of one tag"
        )
        raise UsageError(message)
    fault_list = default_faults(start, days, tags) if faults is None else tuple(faults)
    # One generator for everything, drawn from in a fixed order: stops, readings, defects.
    rng = np.random.default_rng(seed)
    machine = MachineSimulator(tuple(tags), fault_list, draw_stops(rng, start, days, fault_list), cadence, rng)
    frame = machine.simulate_rows(epoch_ms(start), rows)
    defect_counts: dict[str, int] = {}
    if corrupt:
        frame = corrupt_readings(frame, rng, defect_counts)
    return Simulation(frame, Truth(fault_list, machine.stops, defect_counts))


def simulate_chunks(
    rows: int,
    *,
    chunk_rows: int = 500_000,
    seed: int = 7,
    start: datetime = DEFAULT_START,
    cadence: timedelta = timedelta(minutes=1),
    tags: Sequence[TagSpec] = FD_FAN_TAGS,
) -> Iterator[pl.DataFrame]:
    """Simulate a history without faults of any length in bounded memory, for benchmarks.

    Args:
        rows: Number of readings.
        chunk_rows: Readings per frame.
        seed: Seed of the random numbers.
        start: First reading, UTC.
        cadence: Time between two readings, whole milliseconds.
        tags: Tags to measure.

    Yields:
        Frames of ``chunk_rows`` readings, the last one possibly shorter.
    """
    rng = np.random.default_rng(seed)
    days = rows * cadence / timedelta(days=1)
    machine = MachineSimulator(tuple(tags), (), draw_stops(rng, start, days, ()), cadence, rng)
    # The filters of the machine carry on, so chunks join without a jump.
    for first in range(0, rows, chunk_rows):
        yield machine.simulate_rows(epoch_ms(start + first * cadence), min(chunk_rows, rows - first))
