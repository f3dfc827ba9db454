"""Refit (retraining): when new models are trained, on which readings, and whether they replace the current ones.

Each model version of a machine is valid from a UTC midnight of the data. A backfill stops at each midnight at which a
refit may be due and decides from stored rows and settings only. The decision therefore depends neither on window length
nor on batch size, a resumed run decides what the interrupted run would have, and a replay trains the same versions.
"""

from __future__ import annotations

import logging
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

import polars as pl

from acm_etl import score
from acm_etl.errors import InputError, ModelError
from acm_etl.formatting import format_command
from acm_etl.io import historian
from acm_etl.load import lookback
from acm_etl.load.models import baselines, refit_requests, registry
from acm_etl.load.models.refit_requests import RefitDecision
from acm_etl.run.context import MachineContext
from acm_etl.run.model_switch import ActiveModels, commit_switch
from acm_etl.run.trained_model import TrainedModel, TrainingRun
from acm_etl.run.training_sample import TrainingReadings, pull_training_readings
from acm_etl.windows import DAY, EPOCH, Window, WindowGrid, ceil_to_midnight
from acm_etl.words import RefitTrigger

log = logging.getLogger(__name__)
_WARM_UP_SPANS = 5
"""Warm-up length in averaging windows of the drift score: an EWMA keeps exp(-5) < 1 % of its start after five."""


@dataclass(frozen=True, slots=True)
class _PendingRefit:
    trigger: RefitTrigger
    reason: str


@dataclass(frozen=True, slots=True)
class _RefitData:
    """Readings of [start, refit_time) outside episodes, split at ``train_end`` into fitted and hold-out readings."""

    start: datetime
    train_end: datetime
    refit_time: datetime
    train_readings: TrainingReadings
    holdout_readings: pl.DataFrame


def next_refit_check(context: MachineContext, trained: TrainedModel, earliest: datetime) -> datetime | None:
    """Return the next midnight at which a refit may be due.

    Args:
        context: The machine.
        trained: Its current models.
        earliest: Earliest time, UTC.

    Returns:
        The midnight, UTC; None if the readings end before it.
    """
    requests = refit_requests.read_refit_requests(context.engine, context.equip_id)
    since, rules = _last_decision_time(requests, trained), context.config.refit
    requested = requests.filter(Status="PENDING")["EffectiveFrom"].drop_nulls()
    times = requested.filter(requested >= earliest).to_list()
    if rules.age_days is not None:
        times.append(ceil_to_midnight(max(since + rules.age_days * DAY, earliest)))
    if rules.drift_share is not None:
        # Drift checks lie on an absolute grid, so that a request in between does not shift them.
        checks = WindowGrid(rules.check_days * DAY)
        times.append(checks.ceil(max(since + rules.drift_days * DAY, earliest)))
    # Only midnights with readings behind them: a check in the future would split a window that does not exist yet.
    newest = context.extent.last if context.extent else EPOCH
    return min((time for time in times if time <= newest), default=None)


def evaluate_refit(context: MachineContext, current: ActiveModels) -> ActiveModels | None:
    """Train and compare new models if a refit is due at the progress; commit the decision.

    Args:
        context: The machine.
        current: Its models and progress, at a midnight.

    Returns:
        The new models; None if no refit is due or the current models are kept.
    """
    at, trained = current.watermark.last_window_end, current.trained
    pending = _find_pending_refit(context, trained, at)
    if pending is None:
        return None
    # Shown, because fitting takes longer than a batch.
    context.progress.set_stage(context.code, "refit")
    data = _select_refit_data(context, trained, at, open_episode=score.read_open_episode(current.state))
    try:
        model = _fit_model(context, data)
        decision = _compare_models(context, trained, data, model=model, pending=pending)
    except (ModelError, InputError) as error:
        # A refit without enough readings is a decision, too: else it would be due at every midnight that follows.
        message = f"keeping the current models: {error}"
        decision = RefitDecision(context.equip_id, at, pending.trigger, pending.reason, message)
    if decision.model_version is None:
        # A warning, because the person who asked for new models would otherwise take the old ones for them.
        log.warning("%s: refit at %s: %s", context.code, at, decision.message)
        with context.engine.transaction():
            refit_requests.record_refit_decision(context.engine, decision)
        return None
    new_models = TrainedModel(model, decision.model_version, data.train_end)
    new_state = score.migrate_state(current.state, warm_up_state(context, new_models, at), (trained.model, model))
    run = TrainingRun(
        stage="refit",
        origin="refit",
        # The window of a refit includes the hold-out readings: it ends where the models become valid.
        window=Window(data.start, at),
        valid_from=at,
        reading_count=data.train_readings.frame.height + data.holdout_readings.height,
        running_count=model.training.running_rows,
    )
    successor = commit_switch(
        context,
        current,
        current.replace_models(new_models, new_state),
        run,
        completion_step=lambda engine, _record: refit_requests.record_refit_decision(engine, decision),
    )
    context.progress.set_stage(context.code, "refit", detail=f"at {at:%Y-%m-%d}: {decision.message}")
    return successor


def warm_up_state(context: MachineContext, trained: TrainedModel, end: datetime) -> score.ScoringState:
    """Return the scoring state of models at ``end``, as if they had scored the readings before."""
    # Without a warm-up the EWMAs of the new models would start at zero, and drift would seem to vanish at the switch.
    span = timedelta(hours=_WARM_UP_SPANS * context.config.score.drift_hours)
    source = replace(context.source, tags=trained.model.columns)
    frame, _ = score.dedupe_readings(historian.pull_readings(context.engine, source, end - span, end))
    zone = context.machine.time_zone
    return score.score(frame, trained.model, time_zone=zone, train_end=trained.train_end).state


def _last_decision_time(requests: pl.DataFrame, trained: TrainedModel) -> datetime:
    """Return the time of the last decision, or the end of the first training; the rules count from there."""
    decided: datetime | None = requests.filter(pl.col("Status") != "PENDING")["EffectiveFrom"].max()  # type: ignore[assignment]
    return max(trained.train_end, decided or trained.train_end)


def _find_pending_refit(context: MachineContext, trained: TrainedModel, refit_time: datetime) -> _PendingRefit | None:
    """Return the trigger that is due at a midnight: a manual request before the age rule before the drift rule."""
    requests = refit_requests.read_refit_requests(context.engine, context.equip_id)
    pending = requests.filter(Status="PENDING", EffectiveFrom=refit_time)
    # The request of a person first: its reason is the one that the person expects to see with the decision.
    if pending.height:
        return _PendingRefit("REQUEST", pending["Reason"][0])
    since, rules = _last_decision_time(requests, trained), context.config.refit
    if rules.age_days is not None and refit_time - since >= rules.age_days * DAY:
        return _PendingRefit("AGE", f"{(refit_time - since) / DAY:.0f} days since {since:%Y-%m-%d}")
    if rules.drift_share is None or refit_time - since < rules.drift_days * DAY:
        return None
    scores = lookback.read_scores(
        context.engine, context.equip_id, since=refit_time - rules.drift_days * DAY, until=refit_time
    )
    # From stored rows: the decision of a replay is then the one of the first run.
    share = score.drift_share(scores, rules.drift_z)
    if share <= rules.drift_share:
        return None
    return _PendingRefit("DRIFT", f"{share:.1%} of the readings of {rules.drift_days:g} days drift without alarm")


def _select_refit_data(
    context: MachineContext, trained: TrainedModel, refit_time: datetime, *, open_episode: pl.DataFrame
) -> _RefitData:
    """Select the readings outside episodes of the last ``training.days`` days, and split them at a midnight."""
    days, engine = context.config.training.days, context.engine
    # Readings before a baseline are those of another condition. Earlier models end there, later ones may not use them.
    baselines_before = [
        baseline.effective_from
        for baseline in baselines.read_baselines(engine, context.equip_id)
        if baseline.status == "DONE" and baseline.effective_from <= refit_time
    ]
    start = max(refit_time - days * DAY, *baselines_before, EPOCH)
    split = ceil_to_midnight(refit_time - days * context.config.refit.held_out * DAY)
    # Tags of both models: the old model may use a tag that is inactive now, and is compared on these readings.
    tags = tuple(dict.fromkeys((*context.source.tags, *trained.model.columns)))
    source = replace(context.source, tags=tags)
    readings = pull_training_readings(context, source, start, split)
    holdout, _ = score.dedupe_readings(historian.pull_readings(engine, source, split, refit_time))
    scores = lookback.read_scores(engine, context.equip_id, since=start, until=refit_time)
    # The open episode comes from the scoring state, not from its stored row: a replay that starts here has deleted
    # that row, and must select the same readings.
    stored = lookback.read_episode_spans(engine, context.equip_id, since=start, until=refit_time)
    episodes = pl.concat([stored.join(open_episode, on="StartTs", how="anti"), open_episode]).sort("StartTs")
    alarm_times = scores.filter("alarm")["Timestamp"]
    fitted, holdout = (score.exclude_episodes(frame, episodes, alarm_times) for frame in (readings.frame, holdout))
    return _RefitData(start, split, refit_time, replace(readings, frame=fitted), holdout)


def _fit_model(context: MachineContext, data: _RefitData) -> score.Model:
    """Fit new models.

    Raises:
        ModelError: There are fewer than ``training.running_rows`` readings in operation outside episodes.
    """
    frame, required = (
        data.train_readings.frame.select("Timestamp", *context.source.tags),
        context.config.training.running_rows,
    )
    # Counted on the tags in use now: a tag that was switched off must not make rows usable.
    states = score.find_operating_states(frame, context.config.score)
    if states.running_rows < required:
        message = (
            f"{states.running_rows:,} readings in operation outside episodes from {data.start:%Y-%m-%d} to "
            f"{data.train_end:%Y-%m-%d}, minimum {required:,} (training.running_rows); if the machine has been changed "
            f"and is normal since, run: {format_command('baseline', context.code, '--from', 'DATE')}"
        )
        raise ModelError(message)
    return score.fit(frame, context.config.score, sample=data.train_readings.sample, states=states)


def _compare_models(
    context: MachineContext, trained: TrainedModel, data: _RefitData, *, model: score.Model, pending: _PendingRefit
) -> RefitDecision:
    """Compare the false alarms of the old and the new models on the hold-out readings.

    Raises:
        ModelError: There are fewer than ``score.min_train_rows`` hold-out readings.
    """
    # Readings that neither model was fitted on would be ideal; the old model may know some, which only favours it.
    old, _ = score.false_alarm_share(data.holdout_readings, trained.model)
    new, rows = score.false_alarm_share(data.holdout_readings, model)
    if rows < context.config.score.min_train_rows:
        message = f"only {rows} healthy readings in operation since {data.train_end:%Y-%m-%d} to compare models on"
        raise ModelError(message)
    # Both limits: a rate below max_alarm_share is accepted anyway, as few readings make small rates noisy.
    worse = new > max(old, context.config.refit.max_alarm_share)
    rates = f"false alarms in {rows:,} hold-out readings {new:.2%} with the new models, {old:.2%} with the current ones"
    version = None if worse else registry.next_model_version(context.engine, context.equip_id)
    message = f"keeping the current models: {rates}" if worse else f"model version {version} accepted: {rates}"
    return RefitDecision(
        context.equip_id, data.refit_time, pending.trigger, pending.reason, message, version, rows, old, new
    )
