"""A seeded plant historian with known faults, for the demo, the tests and the benchmarks.

One machine: a load signal (random walk with a daily pattern) and the air temperature (season, day, weather) drive
every tag, each with its own gains, thermal inertia and AR(1) noise; the machine stops and cools down, fails in known
ways, and its historian loses, repeats and garbles readings as real ones do. Levels are those of a real fan.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

import numpy as np
import polars as pl

from acm_etl.errors import UsageError
from acm_etl.simulate.dirt import corrupt_readings
from acm_etl.simulate.machine import MachineSimulator, draw_stops
from acm_etl.simulate.tags import FD_FAN_TAGS, TagSpec, make_random_tags
from acm_etl.simulate.truth import (
    HISTORIAN_TIME_COLUMN,
    TRAINING_DAYS,
    Fault,
    FaultMatch,
    Stop,
    Truth,
    epoch_ms,
    match_episodes,
)

DEFAULT_START = datetime(2023, 1, 1)  # noqa: DTZ001 - every time in the product is naive UTC

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
    "default_faults",
    "make_random_tags",
    "match_episodes",
    "simulate_chunks",
    "simulate_history",
]  # fmt: skip


@dataclass(frozen=True, slots=True)
class Simulation:
    """A historian table (TIME as naive UTC milliseconds, one Float64 column per tag) and the truth about it."""

    frame: pl.DataFrame
    truth: Truth


def default_faults(start: datetime, days: float, tags: Sequence[TagSpec] = FD_FAN_TAGS) -> tuple[Fault, ...]:
    """A slow bearing fault and two sudden ones, all after the training period (scaled where ``days`` is short)."""
    first = min(TRAINING_DAYS, 0.4 * days)

    def at(share: float) -> datetime:
        return start + timedelta(days=first + share * (days - first))

    def pick(kind: str, word: str = "") -> TagSpec:
        return next((t for t in tags if t.kind == kind and word in t.name), tags[0])

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
    """The history of one machine; the same arguments give the same bytes.

    Args:
        seed: Seed of everything random.
        start: First reading, UTC.
        days: Length of the history.
        cadence: Time from reading to reading, whole milliseconds.
        tags: What is measured.
        faults: Known faults; the default three where None, none where empty.
        corrupt: Whether the historian has gaps, duplicates, empty and impossible cells and a stuck sensor.

    Raises:
        UsageError: There is not a single reading, or no tag.
    """
    rows = int(timedelta(days=days) / cadence)
    if rows < 1 or not tags:
        message = f"nothing to simulate: {days} days at {cadence} of {len(tags)} tags"
        raise UsageError(message)
    known = default_faults(start, days, tags) if faults is None else tuple(faults)
    rng = np.random.default_rng(seed)
    machine = MachineSimulator(tuple(tags), known, draw_stops(rng, start, days, known), cadence, rng)
    frame = machine.simulate_rows(epoch_ms(start), rows)
    counts: dict[str, int] = {}
    if corrupt:
        frame = corrupt_readings(frame, rng, counts)
    return Simulation(frame, Truth(known, machine.stops, counts))


def simulate_chunks(
    rows: int,
    *,
    chunk_rows: int = 500_000,
    seed: int = 7,
    start: datetime = DEFAULT_START,
    cadence: timedelta = timedelta(minutes=1),
    tags: Sequence[TagSpec] = FD_FAN_TAGS,
) -> Iterator[pl.DataFrame]:
    """A healthy history of any length in frames of ``chunk_rows`` rows, in bounded memory, for benchmarks."""
    rng = np.random.default_rng(seed)
    days = rows * cadence / timedelta(days=1)
    machine = MachineSimulator(tuple(tags), (), draw_stops(rng, start, days, ()), cadence, rng)
    for first in range(0, rows, chunk_rows):
        yield machine.simulate_rows(epoch_ms(start + first * cadence), min(chunk_rows, rows - first))
