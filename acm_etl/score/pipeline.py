"""Scoring: readings, a model and a state in; scores, episodes, daily results and the next state out."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from itertools import pairwise

import numpy as np
import polars as pl

from acm_etl.errors import InputError, ModelError
from acm_etl.score import kernels
from acm_etl.score import result as output
from acm_etl.score.array_ops import missing_tags, taken
from acm_etl.score.arrays import Bools, Carry, Floats, Ints, prefixed, under
from acm_etl.score.blas_threads import single_threaded
from acm_etl.score.events import episodes, streams
from acm_etl.score.events.alarm import Rule, Seen, alarms
from acm_etl.score.events.episodes import Ledger
from acm_etl.score.events.streams import SPEAKING_Z
from acm_etl.score.inference import Assessment, assess
from acm_etl.score.model import Drift, Model, State
from acm_etl.score.prepare.clean import TIME, check_times, clean, numeric_tags
from acm_etl.score.prepare.operating_state import OFF, ON
from acm_etl.score.prepare.scale import fill
from acm_etl.score.regimes import OFF as REGIME_OFF
from acm_etl.score.result import Part, Scored
from acm_etl.score.summaries import sensor_daily
from acm_etl.score.summaries.sensor_daily import Days
from acm_etl.score.training.fit import matrix, usable

_HOUR = 3_600_000_000  # microseconds
_CELLS = 1_000_000  # scored at a time: bounds memory, and pieces give the rows of the whole anyway


@single_threaded()
def score(
    frame: pl.DataFrame,
    model: Model,
    state: State | None = None,
    *,
    snapshots: Sequence[datetime] = (),
    time_zone: str = "UTC",
    train_end: datetime | None = None,
) -> Scored:
    """Scores readings in sequence; pieces of a frame with the state carried give the rows of the whole.

    Args:
        frame: ``Timestamp`` (naive UTC, strictly increasing) and the model's tags; any number of rows.
        model: The machine's model.
        state: What the call before left; None at the very start.
        snapshots: Increasing times T for which the state after all rows before T is wanted. Each costs about as much
            as a call of its own.
        time_zone: IANA name; days of the daily results are local days of this zone.
        train_end: No alarm is raised before this time.

    Raises:
        InputError: Missing or unknown columns, times out of order or not after the state's last.
        ModelError: The state belongs to another model.
    """
    state = state or State(model.fingerprint)
    _check(frame, model, state)
    readings, rejected = clean(frame, model.tags, model.params.max_abs)
    kernels.compiled(len(readings) * len(model.tags))  # loaded for all of the pieces, however small each is
    call = _Call(model, time_zone, train_end)
    parts: list[Part] = []
    kept: dict[datetime, State] = {}
    for piece, until in _pieces(readings, snapshots):
        part, state = call.run(piece, state)
        parts.append(part)
        if until is not None:
            kept[until] = state
    return output.scored(parts, readings, model, rejected=rejected, time_zone=time_zone, state=state, snapshots=kept)


@dataclass(frozen=True)
class _Call:
    model: Model
    time_zone: str
    train_end: datetime | None

    def run(self, readings: pl.DataFrame, state: State) -> tuple[Part, State]:
        """Scores one piece of clean readings."""
        carry = state.carry
        rows, memory = self._assess(readings, carry)
        alarm, memory["alarm"] = self._alarm(rows, under("alarm", carry))
        hourly, memory["hour"] = _first_of_hour(rows.time[rows.running], under("hour", carry))
        merge_rows = self.model.params.merge_rows
        ledger, memory["episode"] = episodes.follow(rows.watched(alarm), merge_rows, under("episode", carry))
        day = sensor_daily.local_days(readings[TIME], self.time_zone).to_physical().to_numpy()
        cells = sensor_daily.Cells(rows.time, day, rows.X, rows.Z, rows.healthy(alarm))
        days, memory["day"] = sensor_daily.by_day(cells, under("day", carry))
        tracked, memory["track"] = streams.track(rows.followed(alarm, day, self), under("track", carry))
        return rows.part(alarm, hourly, (ledger, days, tracked)), _next_state(state, readings, memory)

    def _assess(self, readings: pl.DataFrame, carry: Carry) -> tuple[_Rows, dict[str, Carry]]:
        """Operating states of all rows, and the assessment of those that run."""
        model, params = self.model, self.model.params
        X = matrix(readings, model.tags)
        ok = usable(X, params)
        code, anew, states_after = model.states.apply(X, ok, under("states", carry))
        running = code > OFF
        deviations = model.scale.apply(taken(X, running), params.clip_z)
        Z = _spread(deviations, running)
        complete = fill(deviations, model.fill_mean, model.fill_precision)
        found = assess(complete, (code[running], anew[running]), model, under("assess", carry))
        return _Rows(readings[TIME], code, anew, ok, X, Z, found), {"states": states_after, "assess": found.carry}

    def _alarm(self, rows: _Rows, carry: Carry) -> tuple[Bools, Carry]:
        """The alarm flag of the usable rows."""
        rule = Rule.of(self.model.params, self.model.lasting_z, self.model.drift.span)
        alarm, after = alarms(rows.seen, rule, carry)
        if self.train_end is not None:
            alarm &= (rows.times >= self.train_end).to_numpy()[rows.ok]
        return alarm, after


@dataclass(frozen=True)
class _Rows:
    """All rows of a piece; ``found`` is about the running ones."""

    times: pl.Series
    code: Ints
    anew: Bools
    ok: Bools
    X: Floats
    Z: Floats
    found: Assessment

    @cached_property
    def time(self) -> Ints:
        """Microseconds since 1970 UTC."""
        return self.times.to_physical().to_numpy()

    @cached_property
    def running(self) -> Bools:
        """Rows that were assessed."""
        return self.code > OFF

    @cached_property
    def fused(self) -> Floats:
        """Fused z: 0 while off, as nothing is assessed then; NaN where unusable."""
        return np.where(self.code == OFF, 0.0, self.spread(self.found.fused))

    @cached_property
    def regime(self) -> Ints:
        """Regime codes; ``REGIME_OFF`` while off."""
        regime = np.full(len(self.code), REGIME_OFF)
        regime[self.running] = self.found.regime
        return regime

    def spread(self, values: Floats) -> Floats:
        """Values of running rows in their places among all rows, NaN elsewhere."""
        return _spread(values, self.running)

    @property
    def seen(self) -> Seen:
        """The usable rows, as the alarm rule looks at them."""
        ok = self.ok
        size, lift = self.spread(self.found.size)[ok], self.spread(Drift.lift(self.found.strongest))[ok]
        return Seen(self.fused[ok], size, lift, self.code[ok], self.anew[ok])

    def watched(self, alarm: Bools) -> episodes.Watched:
        """The usable rows, as episodes look at them."""
        ok, found = self.ok, self.found
        parts = tuple(taken(self.spread(part), ok) for part in (found.fused, found.z, found.blame))
        return episodes.Watched(self.time[ok], self.code[ok], alarm, self.fused[ok], self.regime[ok], parts)

    def healthy(self, alarm: Bools) -> Bools:
        """Rows in state on at which nothing speaks; ``alarm`` is about the usable rows."""
        healthy: Bools = (self.code == ON) & (self.fused < SPEAKING_Z)
        healthy[self.ok] &= ~alarm
        return healthy

    def followed(self, alarm: Bools, day: Ints, call: _Call) -> streams.Watched:
        """All rows, as tracks look at them."""
        on_alarm = np.zeros(len(self.code), dtype=bool)
        on_alarm[self.ok] = alarm
        trained = np.ones(len(day), bool) if call.train_end is None else (self.times >= call.train_end).to_numpy()
        return streams.Watched(
            time=self.time,
            day=day,
            usable=self.ok,
            running=self.running,
            fused=self.fused,
            regime=self.regime,
            drift=self.found.drift,
            strongest=self.found.strongest,
            alarm=on_alarm,
            trained=trained,
            z_scale=call.model.params.z_scale,
        )

    def part(self, alarm: Bools, hourly: Bools, found: tuple[Ledger, Days, streams.Tracks]) -> Part:
        """The rows as columns."""
        ledger, days, tracked = found
        on_alarm, on_hour = np.zeros((2, len(self.code)), dtype=bool)
        on_alarm[self.ok] = alarm
        on_hour[self.running] = hourly
        return Part(
            times=self.times,
            code=self.code,
            fused=self.fused,
            heads=self.spread(self.found.z),
            drift=self.spread(self.found.strongest),
            tag_drift=self.found.drift[hourly],
            alarm=on_alarm,
            regime=self.regime,
            hourly=on_hour,
            blame=self.spread(self.found.blame),
            missing=missing_tags(self.X),
            Z=self.Z,
            ledger=ledger,
            days=days,
            tracks=tracked,
        )


def _spread(values: Floats, rows: Bools) -> Floats:
    """Values in the places of some rows among all, NaN elsewhere; the values themselves where those are all."""
    if len(values) == len(rows):
        return values
    result = np.full((len(rows), *values.shape[1:]), np.nan)
    result[rows] = values
    return result


def _first_of_hour(time: Ints, carry: Carry) -> tuple[Bools, Carry]:
    """Which of the running rows are the first of their UTC hour."""
    if not len(time):
        return np.zeros(0, dtype=bool), carry
    hour = time // _HOUR
    first: Bools = np.diff(hour, prepend=carry.get("last", hour[:1] - 1)) != 0
    return first, {"last": hour[-1:]}


def _next_state(state: State, readings: pl.DataFrame, memory: dict[str, Carry]) -> State:
    if readings.is_empty():
        return state
    flat: Carry = {}
    for stage, carry in memory.items():
        flat |= prefixed(stage, carry)
    return State(state.fingerprint, readings[TIME][-1], flat)


def _pieces(readings: pl.DataFrame, snapshots: Sequence[datetime]) -> list[tuple[pl.DataFrame, datetime | None]]:
    """The readings cut at the snapshot times and into bounded pieces, each with the time whose state follows it."""
    if any(later <= earlier for earlier, later in pairwise(snapshots)):
        message = "snapshot times must increase"
        raise InputError(message)
    step = max(1, _CELLS // readings.width)
    stamps = pl.Series(snapshots, dtype=readings.schema[TIME])
    cuts: list[tuple[int, datetime | None]] = list(
        zip(readings[TIME].search_sorted(stamps, side="left").to_list(), snapshots, strict=True)
    )
    cuts += [(row, None) for row in range(step, len(readings), step)]
    cuts = [*sorted(cuts, key=lambda cut: cut[0]), (len(readings), None)]
    starts = [0, *(row for row, _ in cuts[:-1])]
    return [(readings.slice(start, row - start), time) for start, (row, time) in zip(starts, cuts, strict=True)]


def _check(frame: pl.DataFrame, model: Model, state: State) -> None:
    check_times(frame)
    missing = [tag for tag in model.tags if tag not in frame.columns]
    if missing:
        message = f"{len(missing)} of {len(model.tags)} tags of the model are missing: {', '.join(missing[:5])}"
        raise InputError(message)
    extra = [name for name in frame.columns if name != TIME and name not in model.columns]
    if extra:
        message = f"{len(extra)} column(s) that the model does not know: {', '.join(extra[:5])}; drop them or fit anew"
        raise InputError(message)
    numeric_tags(frame)
    if state.fingerprint != model.fingerprint:
        message = "the scoring state belongs to another model; start from a state of this one, or from none"
        raise ModelError(message)
    if state.last is not None and len(frame) and frame[TIME][0] <= state.last:
        message = f"the first reading ({frame[TIME][0]}) is not after the last one scored ({state.last})"
        raise InputError(message)
