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
from acm_etl.errors import LostError, MismatchError
from acm_etl.io import historian
from acm_etl.load import coldstart, late_data, publish, refit_requests, registry, replay, runs, state_store, watermark
from acm_etl.load.watermark import Progress
from acm_etl.results import MachineReport, TableTotal
from acm_etl.run import refit, resume_checks, retry, training
from acm_etl.run.batch import Cursor, Done, Group
from acm_etl.run.context import Job
from acm_etl.run.prefetch import Ahead
from acm_etl.run.training import Trained
from acm_etl.windows import Grid, Window, count

log = logging.getLogger(__name__)
_MINUTE = timedelta(minutes=1)
_INSTANT = timedelta(milliseconds=1)
_CELLS = 1_000_000  # values in a group at most: the memory of a group grows with its tags


@dataclass(frozen=True, slots=True)
class Walk:
    """A machine with models and a grid, on its way to its newest reading."""

    job: Job
    extent: historian.Extent
    trained: Trained
    grid: Grid
    report: MachineReport


@score.single_threaded()  # at once for the whole run: threads that are let go spin for a while
def backfill(job: Job) -> MachineReport:
    """Score and publish everything one machine has, from its progress on.

    Raises:
        AcmError: The machine cannot be worked on; what was published before stays.
    """
    begun = time.monotonic()
    report = MachineReport(job.code)
    with job.engine.lease(job.code):
        retry.outage(job, done=lambda: report.windows)(_resume, job, report)
    report.seconds = time.monotonic() - begun
    return report


def _resume(job: Job, report: MachineReport) -> None:
    """Go on from the stored progress, as often as the connection is lost on the way."""
    ready = _step(job)(_ready, job, report)
    if ready is not None:
        _walk(*ready)
        report.late = late_data.count(job.engine, job.machine).rows


def _step(job: Job) -> Retrying:
    """What happens between groups, tried again by itself; a lost connection takes the machine up anew."""
    return retry.attempts(job.code, job.config.backfill, unless=LostError)


def _ready(job: Job, report: MachineReport) -> tuple[Walk, Cursor] | None:
    """Models and the place to go on from; None where there is nothing to do."""
    swept = runs.sweep(job.engine, job.equip_id)
    coldstart.abandon(job.engine, job.equip_id)
    if swept:
        log.warning("%s: %d run(s) of a dead runner marked FAIL; their windows are done again", job.code, swept)
    progress = watermark.read(job.engine, job.equip_id)
    if job.extent is None:
        report.outcome, report.message = "up to date", resume_checks.no_readings(job, progress)
        return None
    trained = _models(job, progress)
    if trained is None:
        status = coldstart.read(job.engine, job.equip_id)
        report.outcome, report.message = "waiting", (status.reason if status else None) or "for a coldstart"
        return None
    historian.check(job.engine, replace(job.source, tags=trained.model.columns))
    _add(report, trained.metrics)
    return _placed(Walk(job, job.extent, trained, _grid(job, trained), report), progress)


def _placed(walk: Walk, progress: Progress | None) -> tuple[Walk, Cursor]:
    """The walk where it goes on, after a restart with the models that held there."""
    job, cursor = walk.job, _start(walk, progress)
    trained = training.restore(job, cursor.progress.last_end) or walk.trained
    refit_requests.pick_up(
        job.engine, job.equip_id, at=refit.midnight(max(cursor.progress.last_end, trained.train_end))
    )
    return replace(walk, trained=trained, grid=_grid(job, trained)), cursor


def plan(job: Job) -> MachineReport:
    """What a backfill would do; nothing is changed."""
    report = MachineReport(job.code, "planned")
    progress = watermark.read(job.engine, job.equip_id)
    if job.extent is None:
        report.message = resume_checks.no_readings(job, progress)
        return report
    if progress is not None:
        resume_checks.check_same(job, progress)
        resume_checks.check_boundary(job, progress, cuts=resume_checks.cuts(job))
    else:
        resume_checks.refuse_restart(job)
        period = training.find_period(job)
        if period.end is None:
            report.message = f"waiting, nothing would be scored: {period.shortage}"
            return report
    tick = job.config.backfill.tick
    start = job.request.restart or (progress.last_end if progress else Grid(tick, 1).floor(job.extent.first))
    end = job.extent.last + _INSTANT
    windows = count(tick, start, end)
    readings = sum(historian.counts(job.engine, job.source, Grid(tick, 1).windows(start, end))) if windows else 0
    report.windows, report.readings, report.resume_at = windows, readings, start
    first = "" if progress else "coldstart, then "
    told = f"{windows:,} window{'' if windows == 1 else 's'} of {formatting.spell(tick)}"
    report.message = f"{first}{told} from {start:%Y-%m-%d %H:%M} UTC with {readings:,} readings"
    return report


def _models(job: Job, progress: Progress | None) -> Trained | None:
    """Models in use; new ones where settings have changed and nothing is published yet, or a restart asks for it."""
    record = registry.latest(job.engine, job.equip_id)
    stale = record is not None and record.signature != job.config.signature
    if progress is None:
        resume_checks.refuse_restart(job)
        if stale:
            replay.reset(job.engine, job.equip_id, reason="other settings, before anything was published")
        return training.coldstarted(job)
    if job.request.restart is None:
        resume_checks.check_same(job, progress)
        if stale:
            message = (
                f"a restart of {job.code} with other settings did not finish: give its settings and --restart again"
            )
            raise MismatchError(message)
        return training.coldstarted(job)
    resume_checks.check_boundary(job, progress, cuts=() if stale else resume_checks.cuts(job))
    if stale:
        coldstart.reset(job.engine, job.equip_id, reason="restarted with other settings")
        return training.train(job)
    return training.coldstarted(job)


def _grid(job: Job, trained: Trained) -> Grid:
    wanted = job.config.backfill
    cadence = timedelta(seconds=trained.model.training.seconds)
    readings = min(wanted.group, max(1, _CELLS // len(trained.model.columns)))
    return Grid.sized(wanted.tick, readings=readings, cadence=cadence, cuts=resume_checks.cuts(job))


def _start(walk: Walk, progress: Progress | None) -> Cursor:
    """Where to go on: the stored progress, the beginning, or where a restart winds back to."""
    job = walk.job
    fresh = Progress(
        equip_id=job.equip_id,
        last_end=walk.grid.floor(walk.extent.first),
        batches=0,
        tick_minutes=walk.grid.tick // _MINUTE,
        signature=job.config.signature,
        model_version=walk.trained.version,
        coldstart_complete=True,
        data_min=walk.grid.floor(walk.extent.first),
        data_max=walk.extent.last,
    )
    if progress is None:
        return Cursor(None, fresh, None)
    if job.request.restart is not None:
        to = _restart_at(walk, progress, job.request.restart)
        held = registry.holding_at(job.engine, job.equip_id, to)
        fresh = replace(fresh, model_version=held.version if held else walk.trained.version)
        replay.rewind(job.engine, job.equip_id, to=to, progress=fresh)
        progress = watermark.read(job.engine, job.equip_id) or fresh
    return Cursor(progress, progress, _state(walk, progress))


def _restart_at(walk: Walk, progress: Progress, wanted: datetime) -> datetime:
    """The last state at or before the boundary that the user named; the start of the history where there is none."""
    if wanted <= progress.data_min:
        told = "%s: %s is not after its first window: its whole history is replayed"
        log.warning(told, walk.job.code, wanted)
        return walk.grid.floor(walk.extent.first)
    if progress.model_version != walk.trained.version:
        return wanted
    held = state_store.last_state(walk.job.engine, walk.job.equip_id, wanted)
    while held is not None and not walk.grid.is_boundary(held.as_of):
        held = state_store.last_state(walk.job.engine, walk.job.equip_id, held.as_of - _INSTANT)
    return held.as_of if held else walk.grid.floor(walk.extent.first)


def _state(walk: Walk, progress: Progress) -> score.State | None:
    """What scoring carries into the next window; after new models, it is warmed up on the readings before."""
    if progress.last_end <= progress.data_min:
        return None
    trained = training.restore(walk.job, progress.last_end) or walk.trained
    stored = state_store.state_at(walk.job.engine, walk.job.equip_id, progress.last_end)
    if stored is not None and stored.model_version == trained.version:
        return score.State.from_bytes(stored.blob)
    return refit.warmed(walk.job, trained, progress.last_end)


def _walk(walk: Walk, cursor: Cursor) -> None:
    """Publish all final windows, from one decision about models to the next, then the open ones provisionally."""
    job, report = walk.job, walk.report
    ahead, budget = count(walk.grid.tick, cursor.progress.last_end, _final_end(walk)), job.request.max_windows
    job.progress.begin(job.code, windows=ahead if budget is None else min(ahead, budget))
    walk, cursor, until = _step(job)(_decided, walk, cursor)
    while cursor.progress.last_end < until and not _spent(walk):
        cursor = _published(walk, cursor, until)
        if cursor.progress.last_end == until:
            walk, cursor, until = _step(job)(_decided, walk, cursor)
    report.model_version = walk.trained.version
    if cursor.progress.last_end < until or job.stop.is_set():
        report.outcome = "stopped"
    else:
        _provisional(walk, cursor)
    report.resume_at = cursor.progress.last_end


def _decided(walk: Walk, cursor: Cursor) -> tuple[Walk, Cursor, datetime]:
    """Decide what is due here; the walk with the models from here on, and where its next stretch ends."""
    job, here = walk.job, cursor.progress.last_end
    limit = refit.due(job, walk.trained, here)
    if limit == here:
        if cursor.stored is not None and cursor.state is not None:
            switched = refit.decide(job, walk.trained, cursor.stored, cursor.state)
            if switched is not None:
                _add(walk.report, switched.trained.metrics)
                walk = replace(walk, trained=switched.trained, grid=_grid(job, switched.trained))
                cursor = Cursor(switched.progress, switched.progress, switched.state)
        limit = refit.due(job, walk.trained, here + _INSTANT)
    if limit is not None:
        walk = replace(walk, grid=replace(walk.grid, cuts=(*resume_checks.cuts(job), limit)))
    end = _final_end(walk)
    return walk, cursor, end if limit is None else min(end, limit)


def _published(walk: Walk, cursor: Cursor, until: datetime) -> Cursor:
    """Publish final windows up to a time, as far as the budget and the user allow."""
    job, report = walk.job, walk.report
    with Ahead(job, walk.trained, cursor, _affordable(walk, cursor.progress.last_end, until)) as ahead:
        for windows, ready in ahead:
            if _spent(walk):
                break
            done = Group(job, walk.trained, windows, cursor, provisional=False).run(ready)
            cursor = done.cursor
            ahead.published(cursor)
            _account(report, done, windows=len(windows))
            with log_context.run(done.run):
                _log(walk, windows, done)
                reached = f"{windows[-1].end:%Y-%m-%d}"
                job.progress.advance(job.code, windows=len(windows), rows=done.readings, detail=reached)
    return cursor


def _affordable(walk: Walk, start: datetime, until: datetime) -> Iterator[Sequence[Window]]:
    """Groups of windows, no more windows than the user wants."""
    budget = walk.job.request.max_windows
    left = None if budget is None else budget - walk.report.windows
    for group in walk.grid.groups(start, until):
        windows = group if left is None else list(islice(group, left))
        if not windows:
            return
        left = None if left is None else left - len(windows)
        yield windows


def _spent(walk: Walk) -> bool:
    """Whether the user wants no more windows now."""
    budget = walk.job.request.max_windows
    return walk.job.stop.is_set() or (budget is not None and walk.report.windows >= budget)


def _log(walk: Walk, windows: Sequence[Window], done: Done) -> None:
    span = f"{windows[0].start:%Y-%m-%dT%H:%M} to {windows[-1].end:%Y-%m-%dT%H:%M}"
    told = "%s: published %d window(s), %s, %d reading(s)"
    known = {"windows": len(windows), "rows": done.readings}
    log.info(told, walk.job.code, len(windows), span, done.readings, extra=known)
    for metric in done.metrics:
        log.debug("%s: %s", walk.job.code, metric)


def _final_end(walk: Walk) -> datetime:
    """End of the last window that no further reading is expected for."""
    newest = walk.extent.last
    if walk.job.request.final:
        return walk.grid.floor(newest) + walk.grid.tick
    return walk.grid.last_end(newest - walk.job.config.backfill.lateness)


def _provisional(walk: Walk, cursor: Cursor) -> None:
    """Publish the open windows; progress and state stop before them, and the next run replaces them."""
    start, newest = cursor.progress.last_end, walk.extent.last
    if start <= newest:
        windows = walk.grid.windows(start, newest + _INSTANT)
        done = Group(walk.job, walk.trained, windows, cursor, provisional=True).run()
        _account(walk.report, done, provisional=len(windows))
        with log_context.run(done.run):
            _log(walk, windows, done)
    elif not walk.report.windows:
        walk.report.outcome = "up to date"


def _account(report: MachineReport, done: Done, *, windows: int = 0, provisional: int = 0) -> None:
    report.windows += windows
    report.provisional += provisional
    report.readings += done.readings
    report.rejected.update(done.rejected["EventType"].to_list())
    report.episodes += done.episodes
    _add(report, done.metrics)


def _add(report: MachineReport, metrics: Sequence[publish.TableMetric]) -> None:
    for metric in metrics:
        total = report.tables.setdefault(metric.table, TableTotal())
        total.staged += metric.staged
        total.inserted += metric.inserted
        total.updated += metric.updated
        total.deleted += metric.deleted
        total.seconds += metric.seconds
