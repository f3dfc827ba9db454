"""A machine in motion: load and air temperature drive its tags, through inertia and noise; it stops, and it fails."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

import numpy as np
import polars as pl

from acm_etl.simulate.tags import TagSpec
from acm_etl.simulate.truth import (
    HISTORIAN_TIME_COLUMN,
    TRAINING_DAYS,
    BoolArray,
    Fault,
    FloatArray,
    IntArray,
    Stop,
    epoch_ms,
)

_NOISE_HOURS = 0.75  # memory of measurement noise: AR(1) with a lag-one correlation of 0.5 at 30 minutes
_IDLE_NOISE = 0.15  # share of the noise that is left at standstill
_SEASON_AMPLITUDE = 3.0  # K: mild, so that a model trained in winter still holds in summer
_SOLSTICE_DAY = 172  # of the year: the longest day, when air is warmest less a month


@dataclass(slots=True)
class MachineSimulator:
    """The machine in motion: remembers its filters, so that a history can be made piece by piece."""

    tags: tuple[TagSpec, ...]
    faults: tuple[Fault, ...]
    stops: tuple[Stop, ...]
    cadence: timedelta
    rng: np.random.Generator
    filter_state: dict[str, float] = field(default_factory=dict)

    def simulate_rows(self, start_ms: int, rows: int) -> pl.DataFrame:
        """The next ``rows`` readings from ``start_ms`` (milliseconds since 1970) on."""
        times = start_ms + np.arange(rows, dtype=np.int64) * int(self.cadence / timedelta(milliseconds=1))
        running = ~_is_stopped(times, self.stops)
        load, air = self._simulate_load(times), self._simulate_air(times)
        columns = {tag.name: self._simulate_tag(tag, times, running=running, load=load, air=air) for tag in self.tags}
        return pl.DataFrame({HISTORIAN_TIME_COLUMN: times, **columns}).with_columns(
            pl.col(HISTORIAN_TIME_COLUMN).cast(pl.Datetime("ms"))
        )

    def _simulate_load(self, times: IntArray) -> FloatArray:
        """Standardised load: days, hours and half-hours of wandering, and a daily pattern."""
        wander = 0.55 * self._simulate_ar1("load:slow", len(times), 72) + 0.6 * self._simulate_ar1(
            "load:hours", len(times), 6
        )
        fast = 0.3 * self._simulate_ar1("load:fast", len(times), 0.5)
        return np.clip(wander + fast + 0.4 * np.sin(2 * np.pi * (_ms_to_hours(times) / 24 - 0.1)), -2.5, 2.8)

    def _simulate_air(self, times: IntArray) -> FloatArray:
        """Air temperature around its mean, K: season, day and weather."""
        hours = _ms_to_hours(times)
        season = _SEASON_AMPLITUDE * np.cos(2 * np.pi * (hours / 24 - _SOLSTICE_DAY - 30) / 365.25)
        return season + 2.5 * np.sin(2 * np.pi * (hours / 24 - 0.35)) + 2.0 * self._simulate_ar1("air", len(times), 72)

    def _simulate_tag(
        self, tag: TagSpec, times: IntArray, *, running: BoolArray, load: FloatArray, air: FloatArray
    ) -> FloatArray:
        target = (
            np.where(running, tag.level + tag.load_gain * load + tag.load_squared_gain * load**2, tag.idle_value)
            + tag.air_gain * air
        )
        for fault in self.faults:
            if tag.name in fault.effects:
                target += running * fault.effects[tag.name] * fault.effect_share(times)
        if tag.time_constant_hours:
            target = self._apply_lag(f"{tag.name}:inertia", target, tag.time_constant_hours)
        noise = tag.noise_std * self._simulate_ar1(f"{tag.name}:noise", len(times), _NOISE_HOURS)
        return np.round(target + noise * np.where(running, 1.0, _IDLE_NOISE), 4)

    def _simulate_ar1(self, name: str, rows: int, hours: float) -> FloatArray:
        """An AR(1) process of unit variance with this time constant."""
        phi = self._ar1_coefficient(hours)
        shocks = self.rng.standard_normal(rows) * np.sqrt((1 + phi) / (1 - phi))
        if name not in self.filter_state:
            shocks[0] *= np.sqrt((1 - phi) / (1 + phi))  # the first value has unit variance, too
        return self._apply_lag(name, shocks, hours)

    def _apply_lag(self, name: str, values: FloatArray, hours: float) -> FloatArray:
        """First-order lag, continued from the last piece."""
        before = [self.filter_state[name]] if name in self.filter_state else []
        joined = pl.Series(np.concatenate([before, values]))
        smooth: FloatArray = joined.ewm_mean(alpha=1 - self._ar1_coefficient(hours), adjust=False).to_numpy()[
            len(before) :
        ]
        self.filter_state[name] = float(smooth[-1])
        return smooth

    def _ar1_coefficient(self, hours: float) -> float:
        return float(np.exp(-(self.cadence / timedelta(hours=1)) / hours))


def draw_stops(rng: np.random.Generator, start: datetime, days: float, faults: Sequence[Fault]) -> tuple[Stop, ...]:
    """Short stops about every month, a long one after training, and one for each repair of a slow fault."""
    count = int(days // 33)
    begin = (np.arange(count) + rng.uniform(0.4, 0.9, count)) * 33
    hours = rng.uniform(4, 9, count) * np.where(begin > TRAINING_DAYS + 10, rng.uniform(1, 4, count), 1)
    if count > 6:
        hours[6] = 24 * rng.uniform(5, 7)
    stops = [_make_stop(start, float(b), float(h)) for b, h in zip(begin, hours, strict=True) if b + h / 24 < days]
    clear = timedelta(days=2)
    free = [s for s in stops if not any(f.start - clear < s.end and s.start < f.end + clear for f in faults)]
    end = start + timedelta(days=days)
    repairs = [Stop(f.end, min(end, f.end + timedelta(hours=30))) for f in faults if f.kind == "slow" and f.end < end]
    return tuple(sorted([*free, *repairs], key=lambda stop: stop.start))


def _make_stop(start: datetime, day: float, hours: float) -> Stop:
    begin = start + timedelta(minutes=round(day * 1440))
    return Stop(begin, begin + timedelta(minutes=round(hours * 60)))


def _is_stopped(times: IntArray, stops: Sequence[Stop]) -> BoolArray:
    begun = np.sort(np.array([epoch_ms(stop.start) for stop in stops], dtype=np.int64))
    ended = np.sort(np.array([epoch_ms(stop.end) for stop in stops], dtype=np.int64))
    inside: BoolArray = np.searchsorted(begun, times, side="right") > np.searchsorted(ended, times, side="right")
    return inside


def _ms_to_hours(times: IntArray) -> FloatArray:
    return times / 3_600_000
