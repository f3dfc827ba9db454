"""Backfill of one machine: from the stored progress to the newest reading, batch by batch.

The life of a backfill:

1. *Lock* the machine, so that no other process works on it.
2. *Compare* the historian with the fingerprints of the readings that were scored (``acm_etl.run.historian_check``).
   ``--replay-changed`` goes back to the first day that has changed.
   If nothing has changed since and there is nothing new (``acm_etl.run.incomplete_windows``), the backfill ends here.
3. *Prepare* (``acm_etl.run.plan``): check that the settings match the stored rows, load or train the models, and find
   the resume point. ``--replay-from`` deletes the results from its time on.
4. *Publish the windows* in batches (``acm_etl.run.batch``), and evaluate a refit at each midnight at which one is due.
   The last batch also has the incomplete windows; the next backfill replaces their rows.
5. *Count late readings*: readings with a time before the progress that were not there when their window was published.

A lost connection in steps 2 to 4 starts again at step 2, with a new session and from the stored progress, until
``backfill.reconnect_timeout`` passes without a published window. All state is in the store: a process that is killed
at any point and started again publishes the same rows.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, astuple, replace
from datetime import datetime
from typing import TypeVar, TypeVarTuple

from acm_etl import formatting, log_context, score
from acm_etl.counts import format_count
from acm_etl.errors import ConnectionLostError
from acm_etl.io import historian
from acm_etl.load import watermark
from acm_etl.load.historian import late_data, quality_events
from acm_etl.load.watermark import Watermark
from acm_etl.results import MachineReport
from acm_etl.run import (
    baseline,
    historian_check,
    incomplete_windows,
    preparation_failures,
    refit,
    resume_checks,
    retry,
    training,
)
from acm_etl.run.batch import BatchResult, ResumePoint, WindowBatch
from acm_etl.run.context import MachineContext
from acm_etl.run.model_switch import ActiveModels
from acm_etl.run.plan import BackfillPlan, prepare_plan
from acm_etl.run.prefetch import Prefetcher
from acm_etl.run.replay_start import ReplayStart, find_replay_start, has_new_models
from acm_etl.source_spec import MISSING_TIME
from acm_etl.tracing import trace_calls
from acm_etl.windows import MILLISECOND, Window, WindowGrid, count_windows

log = logging.getLogger(__name__)
_Args = TypeVarTuple("_Args")
_Result = TypeVar("_Result")


@trace_calls("backfill")
def backfill(context: MachineContext) -> MachineReport:
    """Score and publish the readings of one machine, from its progress on.

    Args:
        context: The machine.

    Returns:
        What was published.

    Raises:
        AcmError: The machine cannot be processed; batches published before stay.
    """
    started_at = time.monotonic()
    # One report for all attempts: what was published before a lost connection stays published, and counts.
    report = MachineReport(context.code)
    # Outside of the retries: if another process has the lock, waiting would only delay the message.
    with context.engine.acquire_lock(context.code):
        retry.retry_lost_connection(context, count_done=lambda: report.windows)(_resume_machine, context, report)
    report.seconds = time.monotonic() - started_at
    return report


def _resume_machine(context: MachineContext, report: MachineReport) -> None:
    """Prepare and run the backfill; called again from the stored progress after each lost connection."""
    with preparation_failures.record_failure(context.engine, context.code):
        progress = _run_step(context, watermark.read_watermark, context.engine, context.equip_id)
        context = _run_step(context, historian_check.check_history, context, progress, report)
    if progress is not None:
        context = _run_step(context, baseline.request_baseline_replay, context, progress)
    if progress is not None and _run_step(context, incomplete_windows.is_published, context, progress):
        report.outcome = "up to date"
        report.resume_at, report.model_version = progress.last_window_end, progress.model_version
        report.late = _count_late_readings(context)
    else:
        # Once for the whole run: releasing and re-limiting leaves threads spinning.
        with score.limit_blas_threads():
            _prepare_and_run(context, report)
    _run_step(context, preparation_failures.clear_failure, context.engine, context.machine)
    _report_future_readings(context, report)
    _run_step(context, _report_missing_times, context, report)


def _prepare_and_run(context: MachineContext, report: MachineReport) -> None:
    """Prepare the backfill and publish what is missing."""
    # Prepared again after each lost connection: another process may have held the lock in the meantime.
    with preparation_failures.record_failure(context.engine, context.code):
        prepared = _run_step(context, prepare_plan, context, report)
    if prepared is None:
        return
    _run_step(context, historian_check.record_history_start, context, prepared[1].watermark)
    _run_plan(*prepared)
    # Counted once at the end: each batch would count the same late readings again.
    report.late = _count_late_readings(context)
    if context.request.replay_from is not None:
        historian_check.report_remaining_changes(context, report)


def _count_late_readings(context: MachineContext) -> int:
    # A declared source may have many rows per reading: the fingerprints of its days show late readings.
    return late_data.count_late_readings(context.engine, context.machine) if context.source.spec is None else 0


def _report_future_readings(context: MachineContext, report: MachineReport) -> None:
    """Report the readings that wait for their time, and record them once."""
    # Also when there is nothing to do: readings from the future are then often the reason.
    report.future = context.future
    if context.future is None:
        return
    message = "%s: %s from the future, the first at %s; they wait until the clock reaches them"
    log.warning(message, context.code, format_count(context.future.count, "reading"), context.future.first)
    quality_events.record_future_readings(
        context.engine, context.equip_id, table=context.source.table, future=context.future
    )


def _report_missing_times(context: MachineContext, report: MachineReport) -> None:
    """Report the rows of a declared source without a time that were not reported before."""
    source = context.source
    if source.spec is None:
        return
    count = historian.count_missing_times(context.engine, source)
    new = quality_events.record_missing_times(
        context.engine, context.equip_id, table=source.table, column=source.spec.time_column, count=count
    )
    if new:
        report.rejected[MISSING_TIME] = new
        message = "%s: %s without a time in %s, not scored"
        log.warning(message, context.code, format_count(new, "row"), source.spec.label)


def _run_step(context: MachineContext, step: Callable[[*_Args], _Result], *args: *_Args) -> _Result:
    """Run a step between batches, and repeat it after a transient error.

    A lost connection is left to the outer loop: it takes the session and the lock of the machine with it.
    """
    policy = retry.retry_transient(context.code, context.config.backfill, exclude=ConnectionLostError)
    return policy(step, *args)


def preview_backfill(context: MachineContext) -> MachineReport:
    """Report what a backfill would do, without changes.

    Raises:
        AcmError: The backfill would fail for this reason.
    """
    report = MachineReport(context.code, "planned", future=context.future)
    progress = watermark.read_watermark(context.engine, context.equip_id)
    context = historian_check.check_history(context, progress, report)
    if progress is not None:
        context = baseline.request_baseline_replay(context, progress)
    # A dry run reports the reason that a backfill would report, and raises the errors that it would raise.
    if context.extent is None:
        report.message = resume_checks.explain_missing_readings(context, progress)
        return report
    if progress is not None:
        resume_checks.check_settings_match(context, progress)
        resume_checks.check_replay_boundary(context, progress, split_times=resume_checks.window_split_times(context))
    else:
        resume_checks.check_no_replay(context)
        period = training.find_training_period(context)
        if isinstance(period, training.IncompletePeriod):
            report.message = f"waiting, nothing would be scored: {period.shortage}"
            return report
    _preview_windows(context, context.extent, progress, report)
    return report


def _preview_windows(
    context: MachineContext, extent: historian.ReadingsExtent, progress: Watermark | None, report: MachineReport
) -> None:
    """Add the windows and readings that would be published to the report."""
    tick = context.config.backfill.tick
    grid = WindowGrid(tick)
    replay = _preview_replay(context, progress) if progress else None
    start = replay.time if replay else progress.last_window_end if progress else grid.floor(extent.first)
    end = extent.last + MILLISECOND  # windows are half-open; the newest reading belongs to the last one
    windows = count_windows(tick, start, end)
    counts = (
        historian.count_readings(context.engine, context.source, grid.windows_between(start, end)) if windows else []
    )
    report.windows, report.readings, report.resume_at = windows, sum(counts), start
    first = "" if progress else "coldstart, then "
    length = f"{format_count(windows, 'window')} of {formatting.format_setting(tick)}"
    report.message = f"{first}{length} from {start:%Y-%m-%d %H:%M} UTC with {sum(counts):,} readings"
    if replay:
        report.message += f" (replay: {replay.reason})"


def _preview_replay(context: MachineContext, progress: Watermark) -> ReplayStart | None:
    """Return where a backfill would score again from."""
    grid = WindowGrid(context.config.backfill.tick, resume_checks.window_split_times(context))
    return find_replay_start(context, grid, progress, new_models=has_new_models(context, progress))


def _run_plan(plan: BackfillPlan, resume_point: ResumePoint) -> None:
    """Publish the windows span by span between refit decisions; the incomplete ones with the last span."""
    context, report = plan.context, plan.report
    # Windows and not readings: windows are counted without a query.
    window_count = count_windows(plan.grid.tick, resume_point.watermark.last_window_end, plan.complete_until)
    budget = context.request.max_windows
    context.progress.start_machine(context.code, windows=window_count if budget is None else min(window_count, budget))
    plan, resume_point, until = _run_step(context, _apply_due_refit, plan, resume_point)
    while resume_point.watermark.last_window_end < until:
        resume_point = _publish_until(plan, resume_point, until)
        # Stopped, or all is published: incomplete windows do not move the progress.
        if resume_point.watermark.last_window_end < until:
            break
        plan, resume_point, until = _run_step(context, _apply_due_refit, plan, resume_point)
    # After the loop: a refit may have changed the models.
    report.model_version = plan.trained.version
    report.resume_at = resume_point.watermark.last_window_end
    if report.resume_at < plan.complete_until or context.stop.is_set():
        report.outcome = "stopped"
    elif not report.windows and not report.provisional:
        report.outcome = "up to date"


def _apply_due_refit(plan: BackfillPlan, resume_point: ResumePoint) -> tuple[BackfillPlan, ResumePoint, datetime]:
    """Evaluate a refit that is due at the resume point.

    Returns:
        The plan and the resume point, with the new models if they are accepted, and the end of the next span: the time
        of the next possible refit, or the end of the readings.
    """
    context, here = plan.context, resume_point.watermark.last_window_end
    limit = _find_next_check(plan, here)
    if limit == here:
        if resume_point.stored_watermark is not None and resume_point.state is not None:
            current = ActiveModels(plan.trained, resume_point.stored_watermark, resume_point.state)
            # A baseline says what a refit would have to learn, so no refit is due at the same time.
            successor = baseline.train_baseline(context, current) or refit.evaluate_refit(context, current)
            if successor is not None:
                plan = plan.with_models(successor.trained)
                plan.add_table_totals(successor.trained.metrics)
                resume_point = ResumePoint(successor.watermark, successor.watermark, successor.state)
        # Ask again from the next moment on, or a check that decided nothing would be due here for ever.
        limit = _find_next_check(plan, here + MILLISECOND)
    if limit is not None:
        # The window that contains the time is split, so that the progress can stop there with any tick.
        plan = replace(plan, grid=replace(plan.grid, split_times=(*resume_checks.window_split_times(context), limit)))
    # Models change only where the windows before are complete.
    return plan, resume_point, plan.end if limit is None or limit > plan.complete_until else limit


def _find_next_check(plan: BackfillPlan, earliest: datetime) -> datetime | None:
    """Return the next time at which the models may change, from ``earliest`` on; None if there is none."""
    times = (
        refit.next_refit_check(plan.context, plan.trained, earliest),
        baseline.find_next_baseline(plan.context, earliest),
    )
    return min((time for time in times if time is not None), default=None)


def _publish_until(plan: BackfillPlan, resume_point: ResumePoint, end: datetime) -> ResumePoint:
    """Publish the windows up to ``end``, or until the window limit or the user stops the backfill."""
    context, complete_until = plan.context, plan.complete_until
    batches = _iter_batches(plan, resume_point.watermark.last_window_end, end)
    # One prefetcher per span: a refit at its end replaces the models with which batches are scored ahead.
    with Prefetcher(context, plan.trained, resume_point, batches, complete_until=complete_until) as prefetcher:
        for windows, prefetched in prefetcher:
            if context.stop.is_set():
                break
            batch = WindowBatch(context, plan.trained, windows, resume_point, complete_until)
            result = batch.run_with_retries(prefetched)
            resume_point = result.resume_point
            # After every batch, also a successful one: batches behind a failed prefetch restart from this state.
            prefetcher.mark_published(resume_point)
            _report_batch(plan, batch, result)
    return resume_point


def _iter_batches(plan: BackfillPlan, start: datetime, end: datetime) -> Iterator[Sequence[Window]]:
    """Yield batches of windows, up to --max-windows complete windows in total; the last one with the incomplete ones.

    The newest windows are published although they are incomplete, so that dashboards show today's readings. In a
    transaction of their own they would cost as much as the day before them.
    """
    budget = plan.context.request.max_windows
    # The prefetcher takes batches before they are published: count the windows that are handed out, not the report.
    remaining = None if budget is None else budget - plan.report.windows
    complete_end = max(start, min(end, plan.complete_until))
    incomplete = plan.grid.windows_between(complete_end, end) if complete_end < end else []
    for batch in plan.grid.iter_batches(start, complete_end):
        windows = batch if remaining is None else batch[:remaining]
        if not windows:
            return
        remaining = None if remaining is None else remaining - len(windows)
        if windows[-1].end < complete_end:
            yield windows
        else:
            yield [*windows, *incomplete]
    # A limit within the complete windows also ends the loop: what follows them must wait for all of them.
    if incomplete and start == complete_end:
        yield incomplete


def _report_batch(plan: BackfillPlan, batch: WindowBatch, result: BatchResult) -> None:
    """Add the totals of a published batch to the report, the log and the progress display."""
    context, complete = plan.context, len(batch.complete_windows)
    _add_batch_totals(plan, result, windows=complete, provisional_windows=len(batch.incomplete_windows))
    with log_context.bind_run(result.first_run_id):
        _log_batch(plan, batch.windows, result)
        reached = f"{batch.end:%Y-%m-%d}"
        context.progress.advance(context.code, windows=complete, rows=result.reading_count, detail=reached)


def _log_batch(plan: BackfillPlan, windows: Sequence[Window], batch_result: BatchResult) -> None:
    span = f"{windows[0].start:%Y-%m-%dT%H:%M} to {windows[-1].end:%Y-%m-%dT%H:%M}"
    message = "%s: published %s, %s, %s"
    fields = {"windows": len(windows), "rows": batch_result.reading_count}
    counts = format_count(len(windows), "window"), span, format_count(batch_result.reading_count, "reading")
    log.info(message, plan.context.code, *counts, extra=fields)
    for metric in batch_result.metrics:
        message = "%s: %s: %d rows staged, %d inserted, %d updated, %d deleted in %.3f s"
        log.debug(message, plan.context.code, *astuple(metric), extra=asdict(metric))


def _add_batch_totals(plan: BackfillPlan, batch_result: BatchResult, *, windows: int, provisional_windows: int) -> None:
    report = plan.report
    report.windows += windows
    report.provisional += provisional_windows
    report.readings += batch_result.reading_count
    # Counted by rule: the values themselves are in ACM_DataQualityEvents.
    report.rejected.update(batch_result.rejected_cells["EventType"].to_list())
    report.episodes += batch_result.episode_count
    plan.add_table_totals(batch_result.metrics)
