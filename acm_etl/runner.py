"""The runner: one machine from its progress to its newest reading, group by group."""

from __future__ import annotations

import logging
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from itertools import islice

from acm_etl import outage, refit, score, trace, training, wording
from acm_etl.ahead import Ahead
from acm_etl.errors import MismatchError, UsageError
from acm_etl.groups import Cursor, Done, Group
from acm_etl.io import pull
from acm_etl.job import Job
from acm_etl.load import coldstart, late, publish, refits, registry, rewind, runs, states, watermark
from acm_etl.load.watermark import Progress
from acm_etl.report import MachineReport, TableTotal
from acm_etl.training import Trained
from acm_etl.windows import Grid, Window, count

log = logging.getLogger(__name__)
_MINUTE = timedelta(minutes=1)
_INSTANT = timedelta(milliseconds=1)


@dataclass(frozen=True, slots=True)
class Walk:
    """A machine with models and a grid, on its way to its newest reading."""

    job: Job
    extent: pull.Extent
    trained: Trained
    grid: Grid
    report: MachineReport


def backfill(job: Job) -> MachineReport:
    """Score and publish everything one machine has, from its progress on.

    Raises:
        AcmError: The machine cannot be worked on; what was published before stays.
    """
    begun = time.monotonic()
    report = MachineReport(job.code)
    with trace.machine(job.code), job.engine.lease(job.code):
        outage.retrying(job, done=lambda: report.windows)(_resume, job, report)
    report.seconds = time.monotonic() - begun
    return report


def _resume(job: Job, report: MachineReport) -> None:
    """Go on from the stored progress, as often as the connection is lost on the way."""
    swept = runs.sweep(job.engine, job.equip_id)
    coldstart.abandon(job.engine, job.equip_id)
    if swept:
        log.warning("%s: %d run(s) of a dead runner marked FAIL; their windows are done again", job.code, swept)
    if job.extent is None:
        report.outcome, report.message = "up to date", f"{job.source.table} has no readings"
    else:
        _backfill(job, job.extent, report)


def plan(job: Job) -> MachineReport:
    """What a backfill would do; nothing is changed."""
    report = MachineReport(job.code, "planned")
    progress = watermark.read(job.engine, job.equip_id)
    if job.extent is None:
        report.message = f"{job.source.table} has no readings"
        return report
    if progress is not None:
        same(job, progress)
        _check_boundary(job, progress, cuts=_cuts(job))
    else:
        _refuse_restart(job)
        period = training.find_period(job)
        if period.end is None:
            report.message = f"waiting, nothing would be scored: {period.shortage}"
            return report
    tick = job.config.backfill.tick
    start = job.request.restart or (progress.last_end if progress else Grid(tick, 1).floor(job.extent.first))
    end = job.extent.last + _INSTANT
    windows = count(tick, start, end)
    readings = sum(pull.counts(job.engine, job.source, Grid(tick, 1).windows(start, end))) if windows else 0
    report.windows, report.readings, report.resume_at = windows, readings, start
    first = "" if progress else "coldstart, then "
    plural = "" if windows == 1 else "s"
    report.message = (
        f"{first}{windows:,} window{plural} of {_span(tick)} from {start:%Y-%m-%d %H:%M} UTC with {readings:,} readings"
    )
    return report


def _backfill(job: Job, extent: pull.Extent, report: MachineReport) -> None:
    progress = watermark.read(job.engine, job.equip_id)
    trained = _models(job, progress)
    if trained is None:
        status = coldstart.read(job.engine, job.equip_id)
        report.outcome, report.message = "waiting", (status.reason if status else None) or "for a coldstart"
        return
    pull.check(job.engine, replace(job.source, tags=trained.model.columns))
    _add(report, trained.metrics)
    walk = Walk(job, extent, trained, _grid(job, trained), report)
    cursor = _start(walk, progress)
    # a restart has taken back models that hold from later on
    trained = training.restore(job, cursor.progress.last_end) or trained
    walk = replace(walk, trained=trained, grid=_grid(job, trained))
    refits.pick_up(job.engine, job.equip_id, at=refit.midnight(max(cursor.progress.last_end, trained.train_end)))
    _walk(walk, cursor)
    report.late = late.count(job.engine, job.machine).rows


def _models(job: Job, progress: Progress | None) -> Trained | None:
    """Models in use; new ones where settings have changed and nothing is published yet, or a restart asks for it."""
    record = registry.latest(job.engine, job.equip_id)
    stale = record is not None and record.signature != job.config.signature
    if progress is None:
        _refuse_restart(job)
        if stale:
            rewind.reset(job.engine, job.equip_id, reason="other settings, before anything was published")
        return training.coldstarted(job)
    if job.request.restart is None:
        same(job, progress)
        if stale:
            message = (
                f"a restart of {job.code} with other settings did not finish: give its settings and --restart again"
            )
            raise MismatchError(message)
        return training.coldstarted(job)
    _check_boundary(job, progress, cuts=() if stale else _cuts(job))
    if stale:
        coldstart.reset(job.engine, job.equip_id, reason="restarted with other settings")
        return training.train(job)
    return training.coldstarted(job)


def _cuts(job: Job) -> tuple[datetime, ...]:
    return tuple(registry.switches(job.engine, job.equip_id))


def _check_boundary(job: Job, progress: Progress, *, cuts: tuple[datetime, ...]) -> None:
    """Refuse a restart at a time that cuts windows, before anything is changed.

    Raises:
        MismatchError: The time is no boundary of the windows, or lies outside what was published.
    """
    wanted, tick = job.request.restart, job.config.backfill.tick
    if wanted is None or wanted <= progress.data_min:
        return
    old, new = Grid(progress.tick_minutes * _MINUTE, 1, cuts), Grid(tick, 1, cuts)
    if wanted > progress.last_end or not (old.is_boundary(wanted) and new.is_boundary(wanted)):
        message = (
            f"--restart {wanted:%Y-%m-%dT%H:%M} is no common boundary of the published {_span(old.tick)} windows and "
            f"of {_span(tick)} windows up to {progress.last_end:%Y-%m-%dT%H:%M}"
        )
        raise MismatchError(message)


def _refuse_restart(job: Job) -> None:
    """Refuse to go back where nothing was published.

    Raises:
        MismatchError: A restart is asked for.
    """
    if job.request.restart is not None:
        message = f"nothing of {job.code} is published yet, there is nothing to go back to: leave --restart out"
        raise MismatchError(message)


def same(job: Job, progress: Progress) -> None:
    """Refuse a tick or settings that differ from those of the stored rows.

    Raises:
        MismatchError: They differ; both are named.
    """
    tick, stored = job.config.backfill.tick, progress.tick_minutes * _MINUTE
    _check_start(job, progress)
    differ = None
    if stored != tick:
        differ = f"tick {_span(stored)}, now asked for {_span(tick)}"
    elif progress.signature != job.config.signature:
        differ = _changed(job, progress)
    if differ and job.request.restart is None:
        message = (
            f"the stored rows were made with {differ}; give the same again, or replay with --restart FROM, a window "
            f"boundary up to {progress.last_end:%Y-%m-%dT%H:%M}"
        )
        raise MismatchError(message)


def _check_start(job: Job, progress: Progress) -> None:
    """Refuse a --from behind the progress: the windows between would be published as empty.

    Raises:
        UsageError: It lies there.
    """
    since = job.request.since
    if since is not None and since > progress.last_end:
        message = (
            f"--from {since:%Y-%m-%dT%H:%M} is behind the progress of {job.code} ({progress.last_end:%Y-%m-%dT%H:%M}):"
            " the windows between would be skipped; leave --from out, it only sets where a history begins"
        )
        raise UsageError(message)


def _changed(job: Job, progress: Progress) -> str:
    """Which settings differ from those the models were made with, both values named."""
    record = registry.latest(job.engine, job.equip_id)
    found = wording.differences(record.params, job.config.signed) if record else []
    return "; ".join(found) or f"settings {progress.signature[:12]}, now asked for {job.config.signature[:12]}"


def _span(tick: timedelta) -> str:
    minutes = tick // _MINUTE
    for unit, size in (("d", 1440), ("h", 60)):
        if minutes % size == 0:
            return f"{minutes // size}{unit}"
    return f"{minutes}m"


def _grid(job: Job, trained: Trained) -> Grid:
    wanted = job.config.backfill
    cadence = timedelta(seconds=trained.model.training.seconds)
    return Grid.sized(wanted.tick, readings=wanted.group, cadence=cadence, cuts=_cuts(job))


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
        rewind.rewind(job.engine, job.equip_id, to=to, progress=fresh)
        progress = watermark.read(job.engine, job.equip_id) or fresh
    return Cursor(progress, progress, _state(walk, progress))


def _restart_at(walk: Walk, progress: Progress, wanted: datetime) -> datetime:
    """The last state at or before the boundary that the user named; the start of the history where there is none."""
    if wanted <= progress.data_min:
        return walk.grid.floor(walk.extent.first)
    if progress.model_version != walk.trained.version:
        return wanted
    held = states.last_state(walk.job.engine, walk.job.equip_id, wanted)
    while held is not None and not walk.grid.is_boundary(held.as_of):
        held = states.last_state(walk.job.engine, walk.job.equip_id, held.as_of - _INSTANT)
    return held.as_of if held else walk.grid.floor(walk.extent.first)


def _state(walk: Walk, progress: Progress) -> score.State | None:
    """What scoring carries into the next window; after new models, it is warmed up on the readings before."""
    if progress.last_end <= progress.data_min:
        return None
    trained = training.restore(walk.job, progress.last_end) or walk.trained
    stored = states.state_at(walk.job.engine, walk.job.equip_id, progress.last_end)
    if stored is not None and stored.model_version == trained.version:
        return score.State.from_bytes(stored.blob)
    return refit.warmed(walk.job, trained, progress.last_end)


def _walk(walk: Walk, cursor: Cursor) -> None:
    """Publish all final windows, from one decision about models to the next, then the open ones provisionally."""
    job, report = walk.job, walk.report
    ahead, budget = count(walk.grid.tick, cursor.progress.last_end, _final_end(walk)), job.request.max_windows
    job.progress.begin(job.code, windows=ahead if budget is None else min(ahead, budget))
    walk, cursor, until = _decided(walk, cursor)
    while cursor.progress.last_end < until and not _spent(walk):
        cursor = _published(walk, cursor, until)
        if cursor.progress.last_end == until:
            walk, cursor, until = _decided(walk, cursor)
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
        walk = replace(walk, grid=replace(walk.grid, cuts=(*_cuts(job), limit)))
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
            with trace.run(done.run):
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
    log.info("%s: published %d windows, %s, %d readings", walk.job.code, len(windows), span, done.readings)
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
        with trace.run(done.run):
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
