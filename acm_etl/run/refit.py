"""New models for a machine that has some: when, from what, and whether they are any better.

A machine has a list of model versions, each holding from a day boundary (UTC midnight) of the data. The walk goes from
boundary to boundary, and at each decides from stored rows and settings alone; so ticks and groups do not change when, a
resumed run decides what a killed one would have, and a replay comes to the same versions.
"""

from __future__ import annotations

import logging
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

import polars as pl

from acm_etl import score
from acm_etl.engine import Engine
from acm_etl.errors import InputError, ModelError
from acm_etl.io import historian
from acm_etl.load import lookback, refit_requests, registry, state_store, watermark
from acm_etl.load.refit_requests import By, Verdict
from acm_etl.load.watermark import Progress
from acm_etl.run import training
from acm_etl.run.context import Job
from acm_etl.run.training import Trained
from acm_etl.windows import EPOCH, Grid, Window

log = logging.getLogger(__name__)
_DAY = timedelta(days=1)
_SPANS = 5
"""Spans of the slow path after which a scoring state no longer depends on where it began."""


@dataclass(frozen=True, slots=True)
class Switched:
    """New models in force.

    Attributes:
        trained: The models, with what was written.
        progress: The progress row now.
        state: What scoring carries into the next window.
    """

    trained: Trained
    progress: Progress
    state: score.State


@dataclass(frozen=True, slots=True)
class _Due:
    by: By
    reason: str


@dataclass(frozen=True, slots=True)
class _Baseline:
    """Healthy readings of [start, at): those before ``end`` are fitted, models are compared on the later ones."""

    start: datetime
    end: datetime
    at: datetime
    fitted: pl.DataFrame
    held_out: pl.DataFrame


def midnight(time: datetime) -> datetime:
    """The day boundary at or after a time, UTC: every tick that divides a day has a window boundary there."""
    return Grid(_DAY, 1).ceil(time)


def due(job: Job, trained: Trained, at_or_after: datetime) -> datetime | None:
    """The next day boundary at which there is something to decide; None where the readings end before it."""
    since, wanted = _since(job, trained), job.config.refit
    asked = refit_requests.read(job.engine, job.equip_id).filter(Status="PENDING")["EffectiveFrom"].drop_nulls()
    times = asked.filter(asked >= at_or_after).to_list()
    if wanted.age_days is not None:
        times.append(midnight(max(since + wanted.age_days * _DAY, at_or_after)))
    if wanted.drift_share is not None:
        checks = Grid(wanted.check_days * _DAY, 1)
        times.append(checks.ceil(max(since + wanted.drift_days * _DAY, at_or_after)))
    newest = job.extent.last if job.extent else EPOCH
    return min((time for time in times if time <= newest), default=None)


def decide(job: Job, trained: Trained, progress: Progress, state: score.State) -> Switched | None:
    """Decide what is due where the progress stands; the new models, or None where those of now go on.

    Args:
        job: The machine.
        trained: Its models so far.
        progress: The stored progress row, at a day boundary.
        state: What scoring carries there.
    """
    at = progress.last_end
    asked = _asked(job, trained, at)
    if asked is None:
        return None
    job.progress.stage(job.code, "refit")
    found = _baseline(job, trained, at, carried=score.open_episode(state))
    try:
        model = _fit(job, found)
        verdict = _compare(job, trained, found, model=model, asked=asked)
    except (ModelError, InputError) as error:
        verdict = Verdict(job.equip_id, at, asked.by, asked.reason, f"the models of now stay: {error}")
    log.info("%s: refit at %s: %s", job.code, at, verdict.message)
    if verdict.version is None:
        with job.engine.transaction():
            refit_requests.record(job.engine, verdict)
        return None
    renewed = Trained(model, verdict.version, found.end)
    after = replace(progress, model_version=verdict.version)
    handed = score.handed_over(state, warmed(job, renewed, at), (trained.model, model))
    return _switch(job, found, verdict, expected=progress, now=Switched(renewed, after, handed))


def warmed(job: Job, trained: Trained, end: datetime) -> score.State:
    """The state of models that have scored the readings before ``end`` for some time."""
    reach = timedelta(hours=_SPANS * job.config.score.drift_hours)
    source = replace(job.source, tags=trained.model.columns)
    frame, _ = score.dedupe(historian.readings(job.engine, source, end - reach, end))
    zone = job.machine.time_zone
    return score.score(frame, trained.model, time_zone=zone, train_end=trained.train_end).state


def _since(job: Job, trained: Trained) -> datetime:
    """The last decision, or the end of the first training: rules count from there."""
    known = refit_requests.read(job.engine, job.equip_id)
    decided: datetime | None = known.filter(pl.col("Status") != "PENDING")["EffectiveFrom"].max()  # type: ignore[assignment]
    return max(trained.train_end, decided or trained.train_end)


def _asked(job: Job, trained: Trained, at: datetime) -> _Due | None:
    """Who wants new models at a day boundary: a person before a rule, age before drift."""
    pending = refit_requests.read(job.engine, job.equip_id).filter(Status="PENDING", EffectiveFrom=at)
    if pending.height:
        return _Due("REQUEST", pending["Reason"][0])
    since, wanted = _since(job, trained), job.config.refit
    if wanted.age_days is not None and at - since >= wanted.age_days * _DAY:
        return _Due("AGE", f"{(at - since) / _DAY:.0f} days since {since:%Y-%m-%d}")
    if wanted.drift_share is None or at - since < wanted.drift_days * _DAY:
        return None
    rows = lookback.scores(job.engine, job.equip_id, since=at - wanted.drift_days * _DAY, until=at)
    share = score.drift_share(rows, wanted.drift_z)
    if share <= wanted.drift_share:
        return None
    return _Due("DRIFT", f"{share:.1%} of the readings of {wanted.drift_days:g} days drift without alarm")


def _baseline(job: Job, trained: Trained, at: datetime, *, carried: pl.DataFrame) -> _Baseline:
    """Readings outside episodes of the last ``training.days`` days, cut in two at a day boundary.

    The episode that scoring carries is one of them, stored or not: a replay from here has taken its row back.
    """
    days, engine = job.config.training.days, job.engine
    start = at - days * _DAY
    cut = midnight(at - days * job.config.refit.held_out * _DAY)
    tags = tuple(dict.fromkeys((*job.source.tags, *trained.model.columns)))
    frame, _ = score.dedupe(historian.readings(engine, replace(job.source, tags=tags), start, at))
    rows = lookback.scores(engine, job.equip_id, since=start, until=at)
    stored = lookback.episodes(engine, job.equip_id, since=start, until=at)
    episodes = pl.concat([stored.join(carried, on="StartTs", how="anti"), carried]).sort("StartTs")
    good = score.healthy(frame, episodes, rows.filter("alarm")["Timestamp"])
    time = pl.col("Timestamp")
    return _Baseline(start, cut, at, good.filter(time < cut), good.filter(time >= cut))


def _fit(job: Job, found: _Baseline) -> score.Model:
    """New models.

    Raises:
        ModelError: There are too few healthy readings.
    """
    frame, required = found.fitted.select("Timestamp", *job.source.tags), job.config.training.running_rows
    running = score.running_rows(frame, job.config.score)
    if running < required:
        message = (
            f"{running:,} running readings outside episodes from {found.start:%Y-%m-%d} to {found.end:%Y-%m-%d}, "
            f"{required:,} are needed (training.running_rows)"
        )
        raise ModelError(message)
    return score.fit(frame, job.config.score)


def _compare(job: Job, trained: Trained, found: _Baseline, *, model: score.Model, asked: _Due) -> Verdict:
    """Old and new models on healthy readings that were not fitted: the new ones must not raise more false alarms.

    Raises:
        ModelError: There are too few such readings.
    """
    old, _ = score.alarm_share(found.held_out, trained.model)
    new, rows = score.alarm_share(found.held_out, model)
    if rows < job.config.score.min_train_rows:
        message = f"only {rows} healthy running readings since {found.end:%Y-%m-%d} to compare models on"
        raise ModelError(message)
    worse = new > max(old, job.config.refit.max_alarm_share)
    told = f"{new:.2%} of {rows:,} healthy readings not fitted are above alarm_z with the new models, {old:.2%} so far"
    version = None if worse else registry.next_version(job.engine, job.equip_id)
    message = f"the models of now stay, the new ones are worse: {told}" if worse else f"models {version} hold: {told}"
    return Verdict(job.equip_id, found.at, asked.by, asked.reason, message, version, rows, old, new)


def _switch(job: Job, found: _Baseline, verdict: Verdict, *, expected: Progress, now: Switched) -> Switched:
    """Models, what they know, their run, the state they begin with, progress and request in one transaction."""
    engine, trained = job.engine, now.trained
    # the window of a refit ends where the models begin to hold
    window = Window(found.start, found.at)
    rows = trained.model.training.running_rows
    record = training.recorded(job, trained, "refit", window, holds_from=found.at, train_rows=rows)
    readings = found.fitted.height + found.held_out.height
    begun = state_store.StoredState(verdict.at, trained.version, now.state.to_bytes(), record.run_id)

    def step(engine: Engine) -> None:
        watermark.move(engine, expected, now.progress)
        refit_requests.record(engine, verdict)

    metrics = registry.publish_model(
        engine,
        record=record,
        frames=training.described(job, trained, record),
        runs=training.run_row(job, record, "refit", window, readings=readings),
        states=state_store.frame(job.equip_id, [begun]),
        step=step,
    )
    return replace(now, trained=replace(trained, metrics=metrics))
