"""Simulation of a machine: load and air temperature drive its tags; it stops, and it fails in known ways."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

import numpy as np
import polars as pl

from acm_etl.simulate.tags import TagSpec
from acm_etl.simulate.truth import TRAINING_DAYS, BoolArray, Fault, FloatArray, IntArray, Stop, epoch_ms
from acm_etl.windows import HOUR, MILLISECOND
from acm_etl.words import HISTORIAN_TIME_COLUMN

_NOISE_HOURS = 0.75  # time constant of measurement noise: a lag-one correlation of 0.5 at a cadence of 30 minutes
_IDLE_NOISE = 0.15  # share of the noise at standstill
_SEASON_AMPLITUDE = 3.0  # K; mild, so that a model trained in winter still holds in summer
_SOLSTICE_DAY = 172  # of the year; the air is warmest about 30 days later
_STOP_INTERVAL_DAYS = 33
_LONG_STOP = 6  # position of the stop of five to seven days, at about 220 days: well after the training
_FAULT_CLEARANCE = timedelta(days=2)  # no other stop that close to a fault, so that no stop cuts a fault short
_REPAIR_HOURS = 30


@dataclass(slots=True)
class MachineSimulator:
    """Simulator of one machine; filters keep their state, so that a history can be simulated in chunks.

    Attributes:
        tags: Tags to measure.
        faults: Faults, by time.
        stops: Standstills, by time.
        cadence: Time between two readings.
        rng: Source of all noise.
        filter_state: Last value of each filter, by name.
    """

    tags: tuple[TagSpec, ...]
    faults: tuple[Fault, ...]
    stops: tuple[Stop, ...]
    cadence: timedelta
    rng: np.random.Generator
    filter_state: dict[str, float] = field(default_factory=dict)

    def simulate_rows(self, start_ms: int, rows: int) -> pl.DataFrame:
        """Simulate the next readings.

        Args:
            start_ms: Time of the first reading, milliseconds since 1970 UTC.
            rows: Number of readings.
        """
        times = start_ms + np.arange(rows, dtype=np.int64) * int(self.cadence / MILLISECOND)
        running = ~_is_stopped(times, self.stops)
        # The order of the random numbers is part of the result: equal seeds must give equal bytes.
        load, air = self._simulate_load(times), self._simulate_air(times)
        columns = {tag.name: self._simulate_tag(tag, times, running=running, load=load, air=air) for tag in self.tags}
        return pl.DataFrame({HISTORIAN_TIME_COLUMN: times, **columns}).with_columns(
            pl.col(HISTORIAN_TIME_COLUMN).cast(pl.Datetime("ms"))
        )

    def _simulate_load(self, times: IntArray) -> FloatArray:
        """Return the standardised load: random changes over days, hours and minutes, and a daily pattern."""
        slow = 0.55 * self._simulate_ar1("load:slow", len(times), 72) + 0.6 * self._simulate_ar1(
            "load:hours", len(times), 6
        )
        fast = 0.3 * self._simulate_ar1("load:fast", len(times), 0.5)
        daily = 0.4 * np.sin(2 * np.pi * (_ms_to_hours(times) / 24 - 0.1))
        # A real machine has a maximum load; without a limit, rare values would dwarf every fault.
        return np.clip(slow + fast + daily, -2.5, 2.8)

    def _simulate_air(self, times: IntArray) -> FloatArray:
        """Return the air temperature about its mean, K: season, time of day and weather."""
        hours = _ms_to_hours(times)
        season = _SEASON_AMPLITUDE * np.cos(2 * np.pi * (hours / 24 - _SOLSTICE_DAY - 30) / 365.25)
        daily = 2.5 * np.sin(2 * np.pi * (hours / 24 - 0.35))
        return season + daily + 2.0 * self._simulate_ar1("air", len(times), 72)

    def _simulate_tag(
        self, tag: TagSpec, times: IntArray, *, running: BoolArray, load: FloatArray, air: FloatArray
    ) -> FloatArray:
        running_value = tag.level + tag.load_gain * load + tag.load_squared_gain * load**2
        target = np.where(running, running_value, tag.idle_value) + tag.air_gain * air
        for fault in self.faults:
            if tag.name in fault.effects:
                target += running * fault.effects[tag.name] * fault.effect_share(times)
        # After the faults: a hot bearing warms up as slowly as it cools down.
        if tag.time_constant_hours:
            target = self._apply_lag(f"{tag.name}:inertia", target, tag.time_constant_hours)
        noise = tag.noise_std * self._simulate_ar1(f"{tag.name}:noise", len(times), _NOISE_HOURS)
        return np.round(target + noise * np.where(running, 1.0, _IDLE_NOISE), 4)

    def _simulate_ar1(self, name: str, rows: int, hours: float) -> FloatArray:
        """Return an AR(1) process of unit variance.

        Args:
            name: Name of the filter state.
            rows: Number of readings.
            hours: Time constant.
        """
        phi = self._ar1_coefficient(hours)
        # The lag filter multiplies the variance by (1 - phi) / (1 + phi); scale the input to undo this.
        shocks = self.rng.standard_normal(rows) * np.sqrt((1 + phi) / (1 - phi))
        if name not in self.filter_state:
            # The first value passes unfiltered: without the scaling, it would have a larger variance than the others.
            shocks[0] *= np.sqrt((1 - phi) / (1 + phi))
        return self._apply_lag(name, shocks, hours)

    def _apply_lag(self, name: str, values: FloatArray, hours: float) -> FloatArray:
        """Apply a first-order lag, continued from the previous chunk."""
        before = [self.filter_state[name]] if name in self.filter_state else []
        joined = pl.Series(np.concatenate([before, values]))
        smooth = joined.ewm_mean(alpha=1 - self._ar1_coefficient(hours), adjust=False).to_numpy()
        filtered: FloatArray = smooth[len(before) :]
        self.filter_state[name] = float(filtered[-1])
        return filtered

    def _ar1_coefficient(self, hours: float) -> float:
        """Return the lag-one correlation of a filter with a time constant in hours."""
        return float(np.exp(-(self.cadence / HOUR) / hours))


def draw_stops(rng: np.random.Generator, start: datetime, days: float, faults: Sequence[Fault]) -> tuple[Stop, ...]:
    """Draw short stops about once a month, one long stop after the training, and a repair stop after each slow fault.

    Args:
        rng: Source of the times and lengths.
        start: Start of the history, UTC.
        days: Length of the history.
        faults: Faults, near which there are no other stops.
    """
    count = int(days // _STOP_INTERVAL_DAYS)
    start_days = (np.arange(count) + rng.uniform(0.4, 0.9, count)) * _STOP_INTERVAL_DAYS
    # Stops are short in training, so that the training data are mostly of a machine in operation.
    hours = rng.uniform(4, 9, count) * np.where(start_days > TRAINING_DAYS + 10, rng.uniform(1, 4, count), 1)
    if count > _LONG_STOP:
        hours[_LONG_STOP] = 24 * rng.uniform(5, 7)
    stops = [
        _make_stop(start, float(day), float(length))
        for day, length in zip(start_days, hours, strict=True)
        if day + length / 24 < days
    ]
    undisturbed = [stop for stop in stops if not any(_is_near(stop, fault) for fault in faults)]
    end = start + timedelta(days=days)
    repair = timedelta(hours=_REPAIR_HOURS)
    repairs = [
        Stop(fault.end, min(end, fault.end + repair)) for fault in faults if fault.kind == "slow" and fault.end < end
    ]
    return tuple(sorted([*undisturbed, *repairs], key=lambda stop: stop.start))


def _is_near(stop: Stop, fault: Fault) -> bool:
    return fault.start - _FAULT_CLEARANCE < stop.end and stop.start < fault.end + _FAULT_CLEARANCE


def _make_stop(start: datetime, day: float, hours: float) -> Stop:
    # Whole minutes keep the times of the ground truth readable.
    stop_start = start + timedelta(minutes=round(day * 1440))
    return Stop(stop_start, stop_start + timedelta(minutes=round(hours * 60)))


def _is_stopped(times: IntArray, stops: Sequence[Stop]) -> BoolArray:
    starts = np.sort(np.array([epoch_ms(stop.start) for stop in stops], dtype=np.int64))
    ends = np.sort(np.array([epoch_ms(stop.end) for stop in stops], dtype=np.int64))
    # Inside a stop, more stops have started than ended; overlapping stops need no special case.
    is_inside: BoolArray = np.searchsorted(starts, times, side="right") > np.searchsorted(ends, times, side="right")
    return is_inside


def _ms_to_hours(times: IntArray) -> FloatArray:
    return times / 3_600_000
