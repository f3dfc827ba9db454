"""Baselines: models that are trained on the readings from a time on, which a person declared normal.

A baseline is decided at its time (a UTC midnight), once its training period is complete. Readings up to there keep
their scores; those from there on are scored by the new models, as they would have been if the request had come before
them. The decision depends on readings, settings and the request only, so a replay trains the same models again.
"""

from __future__ import annotations

import logging
from collections.abc import Iterable, Iterator
from dataclasses import replace
from datetime import datetime

import polars as pl

from acm_etl import score, tables
from acm_etl.engine import Engine
from acm_etl.errors import InputError, ModelError
from acm_etl.load import single_rows
from acm_etl.load.episodes import outbox
from acm_etl.load.models import baselines, registry
from acm_etl.load.models.baselines import Baseline
from acm_etl.load.watermark import Watermark
from acm_etl.run import historian_check, notices, training
from acm_etl.run.context import MachineContext
from acm_etl.run.model_switch import ActiveModels, commit_switch
from acm_etl.run.trained_model import CompletionStep, TrainedModel, TrainingRun
from acm_etl.run.training import TrainingPeriod
from acm_etl.tables.scores import EPISODES
from acm_etl.windows import MILLISECOND, Window
from acm_etl.words import BaselineStatus

log = logging.getLogger(__name__)


def request_baseline_replay(context: MachineContext, progress: Watermark) -> MachineContext:
    """Return the context with a replay from the first baseline that can be trained now, or that was withdrawn.

    Args:
        context: The machine, locked by this process unless this is a dry run.
        progress: Its stored progress.
    """
    stored = baselines.read_baselines(context.engine, context.equip_id)
    # Strictly later than the start: there is no model before it that a baseline could follow.
    scored = [each for each in stored if each.effective_from < progress.last_window_end]
    ready = _list_trainable(context, scored, since=progress.data_min + MILLISECOND)
    starts = [each.effective_from for each in ready]
    # Before its time, and not at it: a replay keeps the models that are valid at its start.
    starts += [time - MILLISECOND for time in _list_withdrawn_times(context, stored)]
    if not starts:
        return context
    since = min(starts)
    # A replay that the user asks for and that starts earlier trains the baseline on its way.
    if context.request.replay_from is not None and context.request.replay_from <= since:
        return context
    # A withdrawn one is replayed from a millisecond before its time.
    reason = f"a baseline begins or was withdrawn at {since + MILLISECOND:%Y-%m-%dT%H:%M}"
    return historian_check.request_replay(context, progress, since, reason=reason)


def find_next_baseline(context: MachineContext, earliest: datetime) -> datetime | None:
    """Return the time of the first baseline from a time on that can be trained now; None if there is none."""
    stored = baselines.read_baselines(context.engine, context.equip_id)
    return next((baseline.effective_from for baseline in _list_trainable(context, stored, since=earliest)), None)


def train_baseline(context: MachineContext, current: ActiveModels) -> ActiveModels | None:
    """Train and commit the models of the baseline that begins at the progress.

    Args:
        context: The machine.
        current: Its models and progress, at a midnight.

    Returns:
        The new models; None if no baseline begins here, or if its readings cannot train models.
    """
    at = current.watermark.last_window_end
    stored = baselines.read_baselines(context.engine, context.equip_id)
    baseline = next((each for each in _list_pending(context, stored, since=at) if each.effective_from == at), None)
    if baseline is None:
        return None
    period = training.find_baseline_period(context, at, baseline.requested_end)
    if isinstance(period, training.IncompletePeriod):
        return None
    # Shown, because fitting takes longer than a batch.
    context.progress.set_stage(context.code, "refit")
    try:
        readings = period.readings
        model = score.fit(readings.frame, context.config.score, sample=readings.sample, states=period.states)
    except (ModelError, InputError) as error:
        _record_rejection(context, baseline, period, error)
        return None
    new_models = TrainedModel(model, registry.next_model_version(context.engine, context.equip_id), period.end)
    start = score.start_baseline(current.state, (current.trained.model, model), at)
    successor = current.replace_models(new_models, start.state)
    run = TrainingRun(
        stage="refit",
        origin="baseline",
        # The run has the time of the change and no length: a replay from this time on keeps it, as it keeps the models.
        window=Window(at, at),
        valid_from=at,
        reading_count=readings.count,
        running_count=period.running_count,
    )
    outcome = f"model version {new_models.version} trained on {period.running_count:,} readings in operation"
    decision = replace(_add_decision(baseline, period, "DONE", outcome), model_version=new_models.version)
    step = _build_completion_step(context, decision, start.closed_rows)
    committed = commit_switch(context, current, successor, run, completion_step=step)
    context.progress.set_stage(context.code, "baseline", detail=f"of {at:%Y-%m-%d}: {decision.message}")
    return committed


def _list_trainable(context: MachineContext, stored: Iterable[Baseline], *, since: datetime) -> Iterator[Baseline]:
    """Yield the pending baselines from a time on whose training period is complete, in the given order."""
    for baseline in _list_pending(context, stored, since=since):
        # Without a requested end, the readings decide how long the period is: they are read to know.
        if baseline.requested_end is not None or isinstance(
            training.find_baseline_period(context, baseline.effective_from, None), TrainingPeriod
        ):
            yield baseline


def _list_pending(context: MachineContext, stored: Iterable[Baseline], *, since: datetime) -> Iterator[Baseline]:
    """Yield the pending baselines from a time on whose requested training period has readings up to its end."""
    newest = context.extent.last if context.extent else None
    for baseline in stored:
        if newest is None or newest < (baseline.requested_end or baseline.effective_from):
            continue
        if baseline.status == "PENDING" and baseline.effective_from >= since:
            yield baseline


def _list_withdrawn_times(context: MachineContext, stored: Iterable[Baseline]) -> list[datetime]:
    """Return the times of stored baseline models without a baseline, which was withdrawn."""
    known = {baseline.effective_from for baseline in stored}
    versions = registry.read_model_versions(context.engine, context.equip_id)
    return [time for time in versions.filter(Origin="baseline")["HoldsFrom"].to_list() if time not in known]


def _add_decision(baseline: Baseline, period: TrainingPeriod, status: BaselineStatus, message: str) -> Baseline:
    """Return the baseline with the decision about it and its training period."""
    return replace(baseline, status=status, train_end=period.end, train_rows=period.running_count, message=message)


def _record_rejection(context: MachineContext, baseline: Baseline, period: TrainingPeriod, error: Exception) -> None:
    decision = _add_decision(baseline, period, "REJECTED", f"keeping the current models: {error}")
    log.warning("%s: baseline of %s: %s", context.code, baseline.effective_from, decision.message)
    with context.engine.transaction():
        baselines.record_baseline_decision(context.engine, decision)


def _build_completion_step(
    context: MachineContext, decision: Baseline, closed_rows: dict[str, pl.DataFrame]
) -> CompletionStep:
    """Return the step that stores the closed episode and the decision in the transaction of the models."""
    # People who were told of the alarm are told that it has ended.
    closing_notices = notices.build_notices(context, closed_rows.get(EPISODES.name, pl.DataFrame()))

    # In the transaction of the models: an episode that is closed without new models would look like a recovery.
    def record_baseline(engine: Engine, record: registry.ModelRecord) -> None:
        keys = {"RunID": pl.lit(record.run_id), "EquipID": pl.lit(record.equip_id, pl.Int32)}
        for name, rows in closed_rows.items():
            single_rows.replace_rows(engine, tables.BY_NAME[name], rows.with_columns(**keys))
        outbox.record_notices(engine, context.equip_id, closing_notices)
        baselines.record_baseline_decision(engine, decision)

    return record_baseline
