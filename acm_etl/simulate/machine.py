"""A machine in motion: load and air temperature drive its tags, through inertia and noise; it stops, and it fails."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

import numpy as np
import polars as pl

from acm_etl.simulate.tags import Tag
from acm_etl.simulate.truth import TIME, TRAINING, Fault, Flags, Floats, Integers, Stop, epoch_ms

_NOISE_HOURS = 0.75  # memory of measurement noise: AR(1) with a lag-one correlation of 0.5 at 30 minutes
_IDLE_NOISE = 0.15  # share of the noise that is left at standstill
_SEASON = 3.0  # K: mild, so that a model trained in winter still holds in summer
_FIRST_DAY = 172  # of the year: the longest day, when air is warmest less a month


@dataclass(slots=True)
class Machine:
    """The machine in motion: remembers its filters, so that a history can be made piece by piece."""

    tags: tuple[Tag, ...]
    faults: tuple[Fault, ...]
    stops: tuple[Stop, ...]
    cadence: timedelta
    rng: np.random.Generator
    memory: dict[str, float] = field(default_factory=dict)

    def run(self, first: int, rows: int) -> pl.DataFrame:
        """The next ``rows`` readings from ``first`` (milliseconds since 1970) on."""
        times = first + np.arange(rows, dtype=np.int64) * int(self.cadence / timedelta(milliseconds=1))
        running = ~_inside(times, self.stops)
        load, air = self._load(times), self._air(times)
        columns = {tag.name: self._tag(tag, times, running=running, load=load, air=air) for tag in self.tags}
        return pl.DataFrame({TIME: times, **columns}).with_columns(pl.col(TIME).cast(pl.Datetime("ms")))

    def _load(self, times: Integers) -> Floats:
        """Standardised load: days, hours and half-hours of wandering, and a daily pattern."""
        wander = 0.55 * self._ar1("load:slow", len(times), 72) + 0.6 * self._ar1("load:hours", len(times), 6)
        fast = 0.3 * self._ar1("load:fast", len(times), 0.5)
        return np.clip(wander + fast + 0.4 * np.sin(2 * np.pi * (_hours(times) / 24 - 0.1)), -2.5, 2.8)

    def _air(self, times: Integers) -> Floats:
        """Air temperature around its mean, K: season, day and weather."""
        hours = _hours(times)
        season = _SEASON * np.cos(2 * np.pi * (hours / 24 - _FIRST_DAY - 30) / 365.25)
        return season + 2.5 * np.sin(2 * np.pi * (hours / 24 - 0.35)) + 2.0 * self._ar1("air", len(times), 72)

    def _tag(self, tag: Tag, times: Integers, *, running: Flags, load: Floats, air: Floats) -> Floats:
        target = np.where(running, tag.level + tag.load * load + tag.curve * load**2, tag.idle) + tag.air * air
        for fault in self.faults:
            if tag.name in fault.effects:
                target += running * fault.effects[tag.name] * fault.size(times)
        if tag.hours:
            target = self._lag(f"{tag.name}:inertia", target, tag.hours)
        noise = tag.noise * self._ar1(f"{tag.name}:noise", len(times), _NOISE_HOURS)
        return np.round(target + noise * np.where(running, 1.0, _IDLE_NOISE), 4)

    def _ar1(self, name: str, rows: int, hours: float) -> Floats:
        """An AR(1) process of unit variance with this time constant."""
        phi = self._phi(hours)
        shocks = self.rng.standard_normal(rows) * np.sqrt((1 + phi) / (1 - phi))
        if name not in self.memory:
            shocks[0] *= np.sqrt((1 - phi) / (1 + phi))  # the first value has unit variance, too
        return self._lag(name, shocks, hours)

    def _lag(self, name: str, values: Floats, hours: float) -> Floats:
        """First-order lag, continued from the last piece."""
        before = [self.memory[name]] if name in self.memory else []
        joined = pl.Series(np.concatenate([before, values]))
        smooth: Floats = joined.ewm_mean(alpha=1 - self._phi(hours), adjust=False).to_numpy()[len(before) :]
        self.memory[name] = float(smooth[-1])
        return smooth

    def _phi(self, hours: float) -> float:
        return float(np.exp(-(self.cadence / timedelta(hours=1)) / hours))


def draw_stops(rng: np.random.Generator, start: datetime, days: float, faults: Sequence[Fault]) -> tuple[Stop, ...]:
    """Short stops about every month, a long one after training, and one for each repair of a slow fault."""
    count = int(days // 33)
    begin = (np.arange(count) + rng.uniform(0.4, 0.9, count)) * 33
    hours = rng.uniform(4, 9, count) * np.where(begin > TRAINING + 10, rng.uniform(1, 4, count), 1)
    if count > 6:
        hours[6] = 24 * rng.uniform(5, 7)
    stops = [_stop(start, float(b), float(h)) for b, h in zip(begin, hours, strict=True) if b + h / 24 < days]
    clear = timedelta(days=2)
    free = [s for s in stops if not any(f.start - clear < s.end and s.start < f.end + clear for f in faults)]
    end = start + timedelta(days=days)
    repairs = [Stop(f.end, min(end, f.end + timedelta(hours=30))) for f in faults if f.kind == "slow" and f.end < end]
    return tuple(sorted([*free, *repairs], key=lambda stop: stop.start))


def _stop(start: datetime, day: float, hours: float) -> Stop:
    begin = start + timedelta(minutes=round(day * 1440))
    return Stop(begin, begin + timedelta(minutes=round(hours * 60)))


def _inside(times: Integers, stops: Sequence[Stop]) -> Flags:
    begun = np.sort(np.array([epoch_ms(stop.start) for stop in stops], dtype=np.int64))
    ended = np.sort(np.array([epoch_ms(stop.end) for stop in stops], dtype=np.int64))
    inside: Flags = np.searchsorted(begun, times, side="right") > np.searchsorted(ended, times, side="right")
    return inside


def _hours(times: Integers) -> Floats:
    return times / 3_600_000
