"""The runner: one machine from its progress to its newest reading, group by group."""

from __future__ import annotations

import logging
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from itertools import islice

from tenacity import Retrying

from acm_etl import formatting, log_context, score
from acm_etl.errors import ConnectionLostError, MismatchError
from acm_etl.io import historian
from acm_etl.load import coldstart, late_data, publish, refit_requests, registry, replay, runs, state_store, watermark
from acm_etl.load.watermark import Watermark
from acm_etl.results import MachineReport, TableTotal
from acm_etl.run import refit, resume_checks, retry, training
from acm_etl.run.batch import BatchResult, ResumePoint, WindowBatch
from acm_etl.run.context import MachineContext
from acm_etl.run.prefetch import Prefetcher
from acm_etl.run.training import TrainedModel
from acm_etl.windows import Window, WindowGrid, count_windows

log = logging.getLogger(__name__)
_MINUTE = timedelta(minutes=1)
_MILLISECOND = timedelta(milliseconds=1)
_MAX_BATCH_CELLS = 1_000_000  # values in a group at most: the memory of a group grows with its tags


@dataclass(frozen=True, slots=True)
class BackfillPlan:
    """A machine with models and a grid, on its way to its newest reading."""

    context: MachineContext
    extent: historian.ReadingsExtent
    trained: TrainedModel
    grid: WindowGrid
    report: MachineReport


@score.limit_blas_threads()  # at once for the whole run: threads that are let go spin for a while
def backfill(context: MachineContext) -> MachineReport:
    """Score and publish everything one machine has, from its progress on.

    Raises:
        AcmError: The machine cannot be worked on; what was published before stays.
    """
    begun = time.monotonic()
    report = MachineReport(context.code)
    with context.engine.acquire_machine_lock(context.code):
        retry.retry_lost_connection(context, count_done=lambda: report.windows)(_resume_machine, context, report)
    report.seconds = time.monotonic() - begun
    return report


def _resume_machine(context: MachineContext, report: MachineReport) -> None:
    """Go on from the stored progress, as often as the connection is lost on the way."""
    ready = _retry_step(context)(_prepare_plan, context, report)
    if ready is not None:
        _run_plan(*ready)
        report.late = late_data.count_late_readings(context.engine, context.machine).row_count


def _retry_step(context: MachineContext) -> Retrying:
    """What happens between groups, tried again by itself; a lost connection takes the machine up anew."""
    return retry.retry_transient(context.code, context.config.backfill, exclude=ConnectionLostError)


def _prepare_plan(context: MachineContext, report: MachineReport) -> tuple[BackfillPlan, ResumePoint] | None:
    """Models and the place to go on from; None where there is nothing to do."""
    swept = runs.fail_abandoned_runs(context.engine, context.equip_id)
    coldstart.abandon_attempt(context.engine, context.equip_id)
    if swept:
        log.warning("%s: %d run(s) of a dead runner marked FAIL; their windows are done again", context.code, swept)
    progress = watermark.read_watermark(context.engine, context.equip_id)
    if context.extent is None:
        report.outcome, report.message = "up to date", resume_checks.explain_missing_readings(context, progress)
        return None
    trained = _load_or_train_models(context, progress)
    if trained is None:
        status = coldstart.read_coldstart(context.engine, context.equip_id)
        report.outcome, report.message = "waiting", (status.reason if status else None) or "for a coldstart"
        return None
    historian.check_historian_table(context.engine, replace(context.source, tags=trained.model.columns))
    _add_table_totals(report, trained.metrics)
    return _apply_resume_point(
        BackfillPlan(context, context.extent, trained, _build_grid(context, trained), report), progress
    )


def _apply_resume_point(plan: BackfillPlan, stored_watermark: Watermark | None) -> tuple[BackfillPlan, ResumePoint]:
    """The walk where it goes on, after a restart with the models that held there."""
    job, cursor = plan.context, _find_resume_point(plan, stored_watermark)
    trained = training.load_trained_model(job, cursor.watermark.last_window_end) or plan.trained
    refit_requests.schedule_pending_requests(
        job.engine,
        job.equip_id,
        effective_from=refit.ceil_to_midnight(max(cursor.watermark.last_window_end, trained.train_end)),
    )
    return replace(plan, trained=trained, grid=_build_grid(job, trained)), cursor


def preview_backfill(context: MachineContext) -> MachineReport:
    """What a backfill would do; nothing is changed."""
    report = MachineReport(context.code, "planned")
    progress = watermark.read_watermark(context.engine, context.equip_id)
    if context.extent is None:
        report.message = resume_checks.explain_missing_readings(context, progress)
        return report
    if progress is not None:
        resume_checks.check_settings_match(context, progress)
        resume_checks.check_restart_boundary(context, progress, split_times=resume_checks.window_split_times(context))
    else:
        resume_checks.check_no_restart(context)
        period = training.find_training_period(context)
        if period.end is None:
            report.message = f"waiting, nothing would be scored: {period.shortage}"
            return report
    tick = context.config.backfill.tick
    start = context.request.restart or (
        progress.last_window_end if progress else WindowGrid(tick, 1).floor(context.extent.first)
    )
    end = context.extent.last + _MILLISECOND
    windows = count_windows(tick, start, end)
    readings = (
        sum(historian.count_readings(context.engine, context.source, WindowGrid(tick, 1).windows_between(start, end)))
        if windows
        else 0
    )
    report.windows, report.readings, report.resume_at = windows, readings, start
    first = "" if progress else "coldstart, then "
    told = f"{windows:,} window{'' if windows == 1 else 's'} of {formatting.format_setting(tick)}"
    report.message = f"{first}{told} from {start:%Y-%m-%d %H:%M} UTC with {readings:,} readings"
    return report


def _load_or_train_models(context: MachineContext, stored_watermark: Watermark | None) -> TrainedModel | None:
    """Models in use; new ones where settings have changed and nothing is published yet, or a restart asks for it."""
    record = registry.read_latest_model(context.engine, context.equip_id)
    stale = record is not None and record.signature != context.config.signature
    if stored_watermark is None:
        resume_checks.check_no_restart(context)
        if stale:
            replay.reset_machine_data(
                context.engine, context.equip_id, reason="other settings, before anything was published"
            )
        return training.ensure_trained_model(context)
    if context.request.restart is None:
        resume_checks.check_settings_match(context, stored_watermark)
        if stale:
            message = (
                f"a restart of {context.code} with other settings did not finish: give its settings and --restart again"
            )
            raise MismatchError(message)
        return training.ensure_trained_model(context)
    resume_checks.check_restart_boundary(
        context, stored_watermark, split_times=() if stale else resume_checks.window_split_times(context)
    )
    if stale:
        coldstart.reset_coldstart(context.engine, context.equip_id, reason="restarted with other settings")
        return training.train_model(context)
    return training.ensure_trained_model(context)


def _build_grid(context: MachineContext, trained: TrainedModel) -> WindowGrid:
    wanted = context.config.backfill
    cadence = timedelta(seconds=trained.model.training.seconds)
    readings = min(wanted.batch_rows, max(1, _MAX_BATCH_CELLS // len(trained.model.columns)))
    return WindowGrid.from_batch_size(
        wanted.tick, batch_readings=readings, cadence=cadence, split_times=resume_checks.window_split_times(context)
    )


def _find_resume_point(plan: BackfillPlan, stored_watermark: Watermark | None) -> ResumePoint:
    """Where to go on: the stored progress, the beginning, or where a restart winds back to."""
    job = plan.context
    fresh = Watermark(
        equip_id=job.equip_id,
        last_window_end=plan.grid.floor(plan.extent.first),
        window_count=0,
        tick_minutes=plan.grid.tick // _MINUTE,
        signature=job.config.signature,
        model_version=plan.trained.version,
        coldstart_complete=True,
        data_min=plan.grid.floor(plan.extent.first),
        data_max=plan.extent.last,
    )
    if stored_watermark is None:
        return ResumePoint(None, fresh, None)
    if job.request.restart is not None:
        to = _find_restart_time(plan, stored_watermark, job.request.restart)
        held = registry.read_model_at(job.engine, job.equip_id, to)
        fresh = replace(fresh, model_version=held.version if held else plan.trained.version)
        replay.rewind_machine(job.engine, job.equip_id, to=to, base_watermark=fresh)
        stored_watermark = watermark.read_watermark(job.engine, job.equip_id) or fresh
    return ResumePoint(stored_watermark, stored_watermark, _load_state(plan, stored_watermark))


def _find_restart_time(plan: BackfillPlan, stored_watermark: Watermark, requested: datetime) -> datetime:
    """The last state at or before the boundary that the user named; the start of the history where there is none."""
    if requested <= stored_watermark.data_min:
        told = "%s: %s is not after its first window: its whole history is replayed"
        log.warning(told, plan.context.code, requested)
        return plan.grid.floor(plan.extent.first)
    if stored_watermark.model_version != plan.trained.version:
        return requested
    held = state_store.read_last_state(plan.context.engine, plan.context.equip_id, requested)
    while held is not None and not plan.grid.is_boundary(held.as_of):
        held = state_store.read_last_state(plan.context.engine, plan.context.equip_id, held.as_of - _MILLISECOND)
    return held.as_of if held else plan.grid.floor(plan.extent.first)


def _load_state(plan: BackfillPlan, stored_watermark: Watermark) -> score.ScoringState | None:
    """What scoring carries into the next window; after new models, it is warmed up on the readings before."""
    if stored_watermark.last_window_end <= stored_watermark.data_min:
        return None
    trained = training.load_trained_model(plan.context, stored_watermark.last_window_end) or plan.trained
    stored = state_store.read_state_at(plan.context.engine, plan.context.equip_id, stored_watermark.last_window_end)
    if stored is not None and stored.model_version == trained.version:
        return score.ScoringState.from_bytes(stored.state_bytes)
    return refit.warm_up_state(plan.context, trained, stored_watermark.last_window_end)


def _run_plan(plan: BackfillPlan, resume_point: ResumePoint) -> None:
    """Publish all final windows, from one decision about models to the next, then the open ones provisionally."""
    job, report = plan.context, plan.report
    ahead, budget = (
        count_windows(plan.grid.tick, resume_point.watermark.last_window_end, _final_window_end(plan)),
        job.request.max_windows,
    )
    job.progress.start_machine(job.code, windows=ahead if budget is None else min(ahead, budget))
    plan, resume_point, until = _retry_step(job)(_apply_due_refit, plan, resume_point)
    while resume_point.watermark.last_window_end < until and not _should_stop(plan):
        resume_point = _publish_until(plan, resume_point, until)
        if resume_point.watermark.last_window_end == until:
            plan, resume_point, until = _retry_step(job)(_apply_due_refit, plan, resume_point)
    report.model_version = plan.trained.version
    if resume_point.watermark.last_window_end < until or job.stop.is_set():
        report.outcome = "stopped"
    else:
        _publish_provisional(plan, resume_point)
    report.resume_at = resume_point.watermark.last_window_end


def _apply_due_refit(plan: BackfillPlan, resume_point: ResumePoint) -> tuple[BackfillPlan, ResumePoint, datetime]:
    """Decide what is due here; the walk with the models from here on, and where its next stretch ends."""
    job, here = plan.context, resume_point.watermark.last_window_end
    limit = refit.next_refit_check(job, plan.trained, here)
    if limit == here:
        if resume_point.stored_watermark is not None and resume_point.state is not None:
            switched = refit.evaluate_refit(job, plan.trained, resume_point.stored_watermark, resume_point.state)
            if switched is not None:
                _add_table_totals(plan.report, switched.trained.metrics)
                plan = replace(plan, trained=switched.trained, grid=_build_grid(job, switched.trained))
                resume_point = ResumePoint(switched.watermark, switched.watermark, switched.state)
        limit = refit.next_refit_check(job, plan.trained, here + _MILLISECOND)
    if limit is not None:
        plan = replace(plan, grid=replace(plan.grid, split_times=(*resume_checks.window_split_times(job), limit)))
    end = _final_window_end(plan)
    return plan, resume_point, end if limit is None else min(end, limit)


def _publish_until(plan: BackfillPlan, resume_point: ResumePoint, end: datetime) -> ResumePoint:
    """Publish final windows up to a time, as far as the budget and the user allow."""
    job, report = plan.context, plan.report
    with Prefetcher(
        job, plan.trained, resume_point, _iter_batches(plan, resume_point.watermark.last_window_end, end)
    ) as ahead:
        for windows, ready in ahead:
            if _should_stop(plan):
                break
            done = WindowBatch(job, plan.trained, windows, resume_point, provisional=False).run_with_retries(ready)
            resume_point = done.resume_point
            ahead.mark_published(resume_point)
            _add_batch_totals(report, done, windows=len(windows))
            with log_context.bind_run(done.first_run_id):
                _log_batch(plan, windows, done)
                reached = f"{windows[-1].end:%Y-%m-%d}"
                job.progress.advance(job.code, windows=len(windows), rows=done.reading_count, detail=reached)
    return resume_point


def _iter_batches(plan: BackfillPlan, start: datetime, end: datetime) -> Iterator[Sequence[Window]]:
    """Groups of windows, no more windows than the user wants."""
    budget = plan.context.request.max_windows
    left = None if budget is None else budget - plan.report.windows
    for group in plan.grid.iter_batches(start, end):
        windows = group if left is None else list(islice(group, left))
        if not windows:
            return
        left = None if left is None else left - len(windows)
        yield windows


def _should_stop(plan: BackfillPlan) -> bool:
    """Whether the user wants no more windows now."""
    budget = plan.context.request.max_windows
    return plan.context.stop.is_set() or (budget is not None and plan.report.windows >= budget)


def _log_batch(plan: BackfillPlan, windows: Sequence[Window], batch_result: BatchResult) -> None:
    span = f"{windows[0].start:%Y-%m-%dT%H:%M} to {windows[-1].end:%Y-%m-%dT%H:%M}"
    told = "%s: published %d window(s), %s, %d reading(s)"
    known = {"windows": len(windows), "rows": batch_result.reading_count}
    log.info(told, plan.context.code, len(windows), span, batch_result.reading_count, extra=known)
    for metric in batch_result.metrics:
        log.debug("%s: %s", plan.context.code, metric)


def _final_window_end(plan: BackfillPlan) -> datetime:
    """End of the last window that no further reading is expected for."""
    newest = plan.extent.last
    if plan.context.request.final:
        return plan.grid.floor(newest) + plan.grid.tick
    return plan.grid.last_boundary(newest - plan.context.config.backfill.allowed_lateness)


def _publish_provisional(plan: BackfillPlan, resume_point: ResumePoint) -> None:
    """Publish the open windows; progress and state stop before them, and the next run replaces them."""
    start, newest = resume_point.watermark.last_window_end, plan.extent.last
    if start <= newest:
        windows = plan.grid.windows_between(start, newest + _MILLISECOND)
        done = WindowBatch(plan.context, plan.trained, windows, resume_point, provisional=True).run_with_retries()
        _add_batch_totals(plan.report, done, provisional_windows=len(windows))
        with log_context.bind_run(done.first_run_id):
            _log_batch(plan, windows, done)
    elif not plan.report.windows:
        plan.report.outcome = "up to date"


def _add_batch_totals(
    report: MachineReport, batch_result: BatchResult, *, windows: int = 0, provisional_windows: int = 0
) -> None:
    report.windows += windows
    report.provisional += provisional_windows
    report.readings += batch_result.reading_count
    report.rejected.update(batch_result.rejected_cells["EventType"].to_list())
    report.episodes += batch_result.episode_count
    _add_table_totals(report, batch_result.metrics)


def _add_table_totals(report: MachineReport, metrics: Sequence[publish.TableMetric]) -> None:
    for metric in metrics:
        total = report.tables.setdefault(metric.table, TableTotal())
        total.staged += metric.rows_staged
        total.inserted += metric.rows_inserted
        total.updated += metric.rows_updated
        total.deleted += metric.rows_deleted
        total.seconds += metric.seconds
