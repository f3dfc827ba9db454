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
from acm_etl.load.refit_requests import RefitDecision, RefitTrigger
from acm_etl.load.watermark import Watermark
from acm_etl.run import training
from acm_etl.run.context import MachineContext
from acm_etl.run.training import TrainedModel
from acm_etl.windows import EPOCH, Window, WindowGrid

log = logging.getLogger(__name__)
_DAY = timedelta(days=1)
_WARM_UP_SPANS = 5
"""Spans of the slow path after which a scoring state no longer depends on where it began."""


@dataclass(frozen=True, slots=True)
class ModelSwitch:
    """New models in force.

    Attributes:
        trained: The models, with what was written.
        watermark: The progress row now.
        state: What scoring carries into the next window.
    """

    trained: TrainedModel
    watermark: Watermark
    state: score.ScoringState


@dataclass(frozen=True, slots=True)
class _PendingRefit:
    trigger: RefitTrigger
    reason: str


@dataclass(frozen=True, slots=True)
class _RefitData:
    """Healthy readings of [start, at): those before ``train_end`` are fitted, models are compared on the later ones."""

    start: datetime
    train_end: datetime
    refit_time: datetime
    train_readings: pl.DataFrame
    holdout_readings: pl.DataFrame


def ceil_to_midnight(time: datetime) -> datetime:
    """The day boundary at or after a time, UTC: every tick that divides a day has a window boundary there."""
    return WindowGrid(_DAY, 1).ceil(time)


def next_refit_check(context: MachineContext, trained: TrainedModel, earliest: datetime) -> datetime | None:
    """The next day boundary at which there is something to decide; None where the readings end before it."""
    since, wanted = _last_decision_time(context, trained), context.config.refit
    asked = (
        refit_requests.read_refit_requests(context.engine, context.equip_id)
        .filter(Status="PENDING")["EffectiveFrom"]
        .drop_nulls()
    )
    times = asked.filter(asked >= earliest).to_list()
    if wanted.age_days is not None:
        times.append(ceil_to_midnight(max(since + wanted.age_days * _DAY, earliest)))
    if wanted.drift_share is not None:
        checks = WindowGrid(wanted.check_days * _DAY, 1)
        times.append(checks.ceil(max(since + wanted.drift_days * _DAY, earliest)))
    newest = context.extent.last if context.extent else EPOCH
    return min((time for time in times if time <= newest), default=None)


def evaluate_refit(
    context: MachineContext, trained: TrainedModel, stored_watermark: Watermark, state: score.ScoringState
) -> ModelSwitch | None:
    """Decide what is due where the progress stands; the new models, or None where those of now go on.

    Args:
        context: The machine.
        trained: Its models so far.
        stored_watermark: The stored progress row, at a day boundary.
        state: What scoring carries there.
    """
    at = stored_watermark.last_window_end
    asked = _find_pending_refit(context, trained, at)
    if asked is None:
        return None
    context.progress.set_stage(context.code, "refit")
    found = _select_refit_data(context, trained, at, open_episode=score.read_open_episode(state))
    try:
        model = _fit_model(context, found)
        verdict = _compare_models(context, trained, found, model=model, pending=asked)
    except (ModelError, InputError) as error:
        verdict = RefitDecision(context.equip_id, at, asked.trigger, asked.reason, f"the models of now stay: {error}")
    log.info("%s: refit at %s: %s", context.code, at, verdict.message)
    if verdict.model_version is None:
        with context.engine.transaction():
            refit_requests.record_refit_decision(context.engine, verdict)
        return None
    renewed = TrainedModel(model, verdict.model_version, found.train_end)
    after = replace(stored_watermark, model_version=verdict.model_version)
    handed = score.migrate_state(state, warm_up_state(context, renewed, at), (trained.model, model))
    return _commit_switch(
        context, found, verdict, expected_watermark=stored_watermark, switch=ModelSwitch(renewed, after, handed)
    )


def warm_up_state(context: MachineContext, trained: TrainedModel, end: datetime) -> score.ScoringState:
    """The state of models that have scored the readings before ``end`` for some time."""
    reach = timedelta(hours=_WARM_UP_SPANS * context.config.score.drift_hours)
    source = replace(context.source, tags=trained.model.columns)
    frame, _ = score.dedupe_readings(historian.pull_readings(context.engine, source, end - reach, end))
    zone = context.machine.time_zone
    return score.score(frame, trained.model, time_zone=zone, train_end=trained.train_end).state


def _last_decision_time(context: MachineContext, trained: TrainedModel) -> datetime:
    """The last decision, or the end of the first training: rules count from there."""
    known = refit_requests.read_refit_requests(context.engine, context.equip_id)
    decided: datetime | None = known.filter(pl.col("Status") != "PENDING")["EffectiveFrom"].max()  # type: ignore[assignment]
    return max(trained.train_end, decided or trained.train_end)


def _find_pending_refit(context: MachineContext, trained: TrainedModel, refit_time: datetime) -> _PendingRefit | None:
    """Who wants new models at a day boundary: a person before a rule, age before drift."""
    pending = refit_requests.read_refit_requests(context.engine, context.equip_id).filter(
        Status="PENDING", EffectiveFrom=refit_time
    )
    if pending.height:
        return _PendingRefit("REQUEST", pending["Reason"][0])
    since, wanted = _last_decision_time(context, trained), context.config.refit
    if wanted.age_days is not None and refit_time - since >= wanted.age_days * _DAY:
        return _PendingRefit("AGE", f"{(refit_time - since) / _DAY:.0f} days since {since:%Y-%m-%d}")
    if wanted.drift_share is None or refit_time - since < wanted.drift_days * _DAY:
        return None
    rows = lookback.read_scores(
        context.engine, context.equip_id, since=refit_time - wanted.drift_days * _DAY, until=refit_time
    )
    share = score.drift_share(rows, wanted.drift_z)
    if share <= wanted.drift_share:
        return None
    return _PendingRefit("DRIFT", f"{share:.1%} of the readings of {wanted.drift_days:g} days drift without alarm")


def _select_refit_data(
    context: MachineContext, trained: TrainedModel, refit_time: datetime, *, open_episode: pl.DataFrame
) -> _RefitData:
    """Readings outside episodes of the last ``training.days`` days, cut in two at a day boundary.

    The episode that scoring carries is one of them, stored or not: a replay from here has taken its row back.
    """
    days, engine = context.config.training.days, context.engine
    start = refit_time - days * _DAY
    cut = ceil_to_midnight(refit_time - days * context.config.refit.held_out * _DAY)
    tags = tuple(dict.fromkeys((*context.source.tags, *trained.model.columns)))
    frame, _ = score.dedupe_readings(
        historian.pull_readings(engine, replace(context.source, tags=tags), start, refit_time)
    )
    rows = lookback.read_scores(engine, context.equip_id, since=start, until=refit_time)
    stored = lookback.read_episode_spans(engine, context.equip_id, since=start, until=refit_time)
    episodes = pl.concat([stored.join(open_episode, on="StartTs", how="anti"), open_episode]).sort("StartTs")
    good = score.exclude_episodes(frame, episodes, rows.filter("alarm")["Timestamp"])
    time = pl.col("Timestamp")
    return _RefitData(start, cut, refit_time, good.filter(time < cut), good.filter(time >= cut))


def _fit_model(context: MachineContext, data: _RefitData) -> score.Model:
    """New models.

    Raises:
        ModelError: There are too few healthy readings.
    """
    frame, required = (
        data.train_readings.select("Timestamp", *context.source.tags),
        context.config.training.running_rows,
    )
    running = score.count_running_rows(frame, context.config.score)
    if running < required:
        message = (
            f"{running:,} running readings outside episodes from {data.start:%Y-%m-%d} to {data.train_end:%Y-%m-%d}, "
            f"{required:,} are needed (training.running_rows)"
        )
        raise ModelError(message)
    return score.fit(frame, context.config.score)


def _compare_models(
    context: MachineContext, trained: TrainedModel, data: _RefitData, *, model: score.Model, pending: _PendingRefit
) -> RefitDecision:
    """Old and new models on healthy readings that were not fitted: the new ones must not raise more false alarms.

    Raises:
        ModelError: There are too few such readings.
    """
    old, _ = score.false_alarm_share(data.holdout_readings, trained.model)
    new, rows = score.false_alarm_share(data.holdout_readings, model)
    if rows < context.config.score.min_train_rows:
        message = f"only {rows} healthy running readings since {data.train_end:%Y-%m-%d} to compare models on"
        raise ModelError(message)
    worse = new > max(old, context.config.refit.max_alarm_share)
    told = f"{new:.2%} of {rows:,} healthy readings not fitted are above alarm_z with the new models, {old:.2%} so far"
    version = None if worse else registry.next_model_version(context.engine, context.equip_id)
    message = f"the models of now stay, the new ones are worse: {told}" if worse else f"models {version} hold: {told}"
    return RefitDecision(
        context.equip_id, data.refit_time, pending.trigger, pending.reason, message, version, rows, old, new
    )


def _commit_switch(
    context: MachineContext,
    data: _RefitData,
    decision: RefitDecision,
    *,
    expected_watermark: Watermark,
    switch: ModelSwitch,
) -> ModelSwitch:
    """Models, what they know, their run, the state they begin with, progress and request in one transaction."""
    engine, trained = context.engine, switch.trained
    # the window of a refit ends where the models begin to hold
    window = Window(data.start, data.refit_time)
    rows = trained.model.training.running_rows
    record = training.build_registry_record(
        context, trained, "refit", window, valid_from=data.refit_time, train_rows=rows
    )
    readings = data.train_readings.height + data.holdout_readings.height
    begun = state_store.StoredState(decision.effective_from, trained.version, switch.state.to_bytes(), record.run_id)

    def step(engine: Engine) -> None:
        watermark.move_watermark(engine, expected_watermark, switch.watermark)
        refit_requests.record_refit_decision(engine, decision)

    metrics = registry.publish_model(
        engine,
        record=record,
        frames=training.build_model_tables(context, trained, record),
        run_log=training.build_training_run(context, record, "refit", window, readings=readings),
        state_rows=state_store.build_state_frame(context.equip_id, [begun]),
        completion_step=step,
    )
    return replace(switch, trained=replace(trained, metrics=metrics))
