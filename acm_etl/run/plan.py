"""Preparation of a backfill: models, windows and resume point, from what is stored and what is requested."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from acm_etl import score
from acm_etl.config import BackfillSettings
from acm_etl.counts import format_count
from acm_etl.errors import MismatchError
from acm_etl.io import historian
from acm_etl.load import watermark
from acm_etl.load.maintenance import abandoned_runs, replay
from acm_etl.load.models import coldstart, refit_requests, registry, state_store
from acm_etl.load.watermark import Watermark
from acm_etl.load.write_metrics import TableMetric
from acm_etl.results import MachineReport, TableTotal
from acm_etl.run import day_fingerprints, refit, resume_checks, trained_model, training
from acm_etl.run.batch import ResumePoint
from acm_etl.run.context import MachineContext
from acm_etl.run.replay_start import announce_replay, find_replay_start
from acm_etl.run.trained_model import TrainedModel
from acm_etl.windows import MILLISECOND, MINUTE, WindowGrid, ceil_to_midnight

log = logging.getLogger(__name__)
# Peak memory of one batch while it is scored and published, per reading: measured with 10 to 100 tags on 2 cores.
_READING_BYTES = 600
_CELL_BYTES = 25


@dataclass(frozen=True, slots=True)
class BackfillPlan:
    """Everything that is decided before the windows of a machine are published.

    Attributes:
        context: The machine.
        extent: Times of its first and last reading.
        trained: Its current models.
        grid: Its windows and batches.
        report: Collects the totals.
    """

    context: MachineContext
    extent: historian.ReadingsExtent
    trained: TrainedModel
    grid: WindowGrid
    report: MachineReport

    @property
    def complete_until(self) -> datetime:
        """End of the last window for which no further readings are expected, UTC."""
        return resume_checks.find_complete_end(self.context, self.grid)

    @property
    def end(self) -> datetime:
        """End of the readings, UTC; later than ``complete_until`` if the newest windows are incomplete."""
        return max(self.complete_until, self.extent.last + MILLISECOND)

    def with_models(self, trained: TrainedModel) -> BackfillPlan:
        """Return the plan with other models and the windows that result from them."""
        return replace(self, trained=trained, grid=_build_grid(self.context, trained))

    def add_table_totals(self, metrics: Sequence[TableMetric]) -> None:
        """Add rows and seconds per table to the report."""
        for metric in metrics:
            self.report.tables.setdefault(metric.table, TableTotal()).add_total(metric.total)


def prepare_plan(context: MachineContext, report: MachineReport) -> tuple[BackfillPlan, ResumePoint] | None:
    """Check what is stored, load or train the models, and find the resume point.

    Args:
        context: The machine, locked by this process.
        report: Gets the reason if there is nothing to do.

    Returns:
        The plan and the resume point; None if there is nothing to do.

    Raises:
        AcmError: The request does not match the stored rows, or the training failed.
    """
    # This process has the lock, so a RUNNING run or coldstart belongs to a process that was terminated.
    abandoned = abandoned_runs.fail_abandoned_runs(context.engine, context.machine)
    if abandoned:
        message = "%s: %s of a terminated process marked FAIL, to be repeated"
        log.warning(message, context.code, format_count(abandoned, "unfinished run"))
    progress = watermark.read_watermark(context.engine, context.equip_id)
    if context.extent is None:
        report.outcome, report.message = "up to date", resume_checks.explain_missing_readings(context, progress)
        return None
    trained = _load_or_train_models(context, progress)
    if trained is None:
        status = coldstart.read_coldstart(context.engine, context.equip_id)
        report.outcome, report.message = "waiting", (status.reason if status else None) or "for a coldstart"
        return None
    report.training = trained.summary or report.training
    context.check_tags(trained.model.columns)
    plan = BackfillPlan(context, context.extent, trained, _build_grid(context, trained), report)
    # A training of this run has written tables, too: the closing output counts them.
    plan.add_table_totals(trained.metrics)
    return _apply_resume_point(plan, progress)


def _apply_resume_point(plan: BackfillPlan, stored_watermark: Watermark | None) -> tuple[BackfillPlan, ResumePoint]:
    """Find the resume point and give the plan the models that are valid there."""
    context, (stored, resume_from) = plan.context, _find_watermark(plan, stored_watermark)
    progress = resume_from.last_window_end
    # A replay goes back before changes of models, to an older version than the newest one.
    trained = trained_model.select_trained_model(context, progress, newest=plan.trained)
    state = None if stored is None else _load_state(context, trained, stored)
    effective_from = ceil_to_midnight(max(progress, trained.train_end))
    refit_requests.schedule_pending_requests(context.engine, context.equip_id, effective_from=effective_from)
    return plan.with_models(trained), ResumePoint(stored, resume_from, state)


def _load_or_train_models(context: MachineContext, stored_watermark: Watermark | None) -> TrainedModel | None:
    """Load the models, or train new ones if the settings allow and require it.

    Returns:
        The models; None while the coldstart waits for readings.

    Raises:
        MismatchError: Tick or settings differ from those of the stored rows, and no replay is requested.
    """
    signature = registry.read_latest_signature(context.engine, context.equip_id)
    # "Stale": the models were trained with other settings than the current ones.
    stale = signature is not None and signature != context.config.signature
    # Nothing was published: models of other settings can be replaced without a request.
    if stored_watermark is None:
        resume_checks.check_no_replay(context)
        if stale:
            replay.reset_machine_data(
                context.engine, context.equip_id, reason="settings changed before anything was published"
            )
        return training.ensure_trained_model(context)
    # Only a replay may change tick or settings: it recomputes the rows that the change concerns.
    if context.request.replay_from is None:
        resume_checks.check_settings_match(context, stored_watermark)
        if stale:
            # The rows match the current settings, the models do not: a replay trained them and was then interrupted.
            message = (
                f"a replay of {context.code} with other settings did not finish: "
                "repeat it with the same settings and --replay-from"
            )
            raise MismatchError(message)
        return training.ensure_trained_model(context)
    # Windows are not split at changes of stale models: the replay deletes those models.
    split_times = () if stale else resume_checks.window_split_times(context)
    resume_checks.check_replay_boundary(context, stored_watermark, split_times=split_times)
    if stale:
        resume_checks.check_replay_before_baselines(context)
        coldstart.reset_coldstart(context.engine, context.equip_id, reason="replay with other settings")
        return training.train_model(context)
    return training.ensure_trained_model(context)


def _build_grid(context: MachineContext, trained: TrainedModel) -> WindowGrid:
    settings = context.config.backfill
    limit = settings.batch_rows or context.engine.dialect.max_batch_readings
    return WindowGrid.from_batch_size(
        settings.tick,
        batch_readings=min(limit, count_affordable_readings(settings, tag_count=len(trained.model.columns))),
        # From the training, not from the newest readings: the grid of batches must be the same in every run.
        cadence=timedelta(seconds=trained.model.training.seconds),
        split_times=resume_checks.window_split_times(context),
    )


def count_affordable_readings(settings: BackfillSettings, *, tag_count: int) -> int:
    """Return how many readings a batch may have within ``backfill.batch_memory_mb``; at least one.

    Args:
        settings: Budget and depth of prefetching.
        tag_count: Tags of the machine.
    """
    # One batch is published while up to ``prefetch`` others are pulled and scored.
    budget = settings.batch_memory_mb * 1_000_000 // (1 + settings.prefetch)
    return max(1, budget // (_READING_BYTES + _CELL_BYTES * tag_count))


def _find_watermark(plan: BackfillPlan, stored_watermark: Watermark | None) -> tuple[Watermark | None, Watermark]:
    """Find where the backfill resumes; a replay deletes the results from there on.

    Returns:
        The stored progress, if there is any, and the progress to resume from: the stored one, or the start of the
        history.
    """
    context, start = plan.context, plan.grid.floor(plan.extent.first)
    # The progress before the first window; a replay of the whole history starts from the same row.
    initial = Watermark(
        equip_id=context.equip_id,
        last_window_end=start,
        window_count=0,
        tick_minutes=plan.grid.tick // MINUTE,
        signature=context.config.signature,
        model_version=plan.trained.version,
        coldstart_complete=True,
        data_min=start,
        data_max=plan.extent.last,
        time_zone=context.machine.time_zone,
    )
    if stored_watermark is None:
        return None, initial
    # Stored states belong to other models if those of the progress are not the newest ones.
    new_models = stored_watermark.model_version != plan.trained.version
    replay_start = find_replay_start(context, plan.grid, stored_watermark, new_models=new_models)
    if replay_start is not None:
        announce_replay(context, replay_start, stored_watermark)
        to = replay_start.time
        model_record = registry.read_model_at(context.engine, context.equip_id, to)
        # The models of that time: a replay first scores with the version that was valid there.
        version = model_record.version if model_record else plan.trained.version
        # A history that began with --from keeps its start, unless all of it is recomputed.
        base = replace(initial, model_version=version, data_min=stored_watermark.data_min if to > start else start)
        source = replace(
            context.source, tags=model_record.tags if model_record else plan.trained.model.columns, since=base.data_min
        )
        cut_day = day_fingerprints.read_cut_day(
            context.engine, source, to, equip_id=context.equip_id, model_version=version
        )
        replay.rewind_machine(context.engine, context.equip_id, to=to, base_watermark=base, cut_day_fingerprint=cut_day)
        stored_watermark = watermark.read_watermark(context.engine, context.equip_id) or base
    return stored_watermark, stored_watermark


def _load_state(
    context: MachineContext, trained: TrainedModel, stored_watermark: Watermark
) -> score.ScoringState | None:
    """Return the scoring state of the models at the progress; None at the start of the history."""
    progress = stored_watermark.last_window_end
    # Scoring starts without memory there, as at the very first run.
    if progress <= stored_watermark.data_min:
        return None
    stored = state_store.read_state_at(context.engine, context.equip_id, progress)
    if stored is not None and stored.model_version == trained.version:
        return score.ScoringState.from_bytes(stored.state_bytes)
    # A replay with new models has deleted the rows from here on, and starts with a warm-up by intention.
    if stored is None and stored_watermark.model_version == trained.version and context.request.replay_from is None:
        message = (
            "%s: no scoring state is stored up to the progress %s; warming up on the readings before. An episode that"
            " was open stays open: acm-etl backfill --equip %s --replay-from %s recomputes all rows"
        )
        log.warning(message, context.code, progress, context.code, f"{stored_watermark.data_min:%Y-%m-%dT%H:%M}")
    # New models have no stored state here: score the readings before, and discard the result.
    return refit.warm_up_state(context, trained, progress)
