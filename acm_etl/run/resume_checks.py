"""Whether what is asked agrees with what is stored: tick, settings, and where a replay may begin."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

from acm_etl import formatting
from acm_etl.errors import InputError, MismatchError, UsageError
from acm_etl.load import registry
from acm_etl.load.watermark import Progress
from acm_etl.run.context import Job
from acm_etl.windows import Grid

_MINUTE = timedelta(minutes=1)
_DAY = timedelta(days=1)


def check_same(job: Job, progress: Progress) -> None:
    """Refuse a tick or settings that differ from those of the stored rows.

    Raises:
        MismatchError: They differ; both are named.
    """
    tick, stored = job.config.backfill.tick, progress.tick_minutes * _MINUTE
    _check_start(job, progress)
    differ = None
    if stored != tick:
        differ = f"tick {formatting.spell(stored)}, now asked for {formatting.spell(tick)}"
    elif progress.signature != job.config.signature:
        differ = _changed(job, progress)
    if differ and job.request.restart is None:
        message = (
            f"the stored rows were made with {differ}; give the same again, or replay with --restart FROM, a window "
            f"boundary up to {progress.last_end:%Y-%m-%dT%H:%M}"
        )
        raise MismatchError(message)


def as_stored(job: Job, progress: Progress) -> Job:
    """The job with the tick and the settings that the stored rows were made with, whatever is asked for now.

    Raises:
        MismatchError: The settings they were made with are not kept.
        ModelError: They are kept beside models whose bytes are corrupt.
    """
    config = job.config
    if progress.signature != config.signature and (record := registry.latest(job.engine, job.equip_id)):
        config = config.as_signed(record.params)
    backfill = config.backfill.model_copy(update={"tick": progress.tick_minutes * _MINUTE})
    found = replace(job, config=config.model_copy(update={"backfill": backfill}))
    check_same(found, progress)
    return found


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
    found = formatting.differences(record.params, job.config.signed) if record else []
    return "; ".join(found) or f"settings {progress.signature[:12]}, now asked for {job.config.signature[:12]}"


def check_boundary(job: Job, progress: Progress, *, cuts: tuple[datetime, ...]) -> None:
    """Refuse a restart at a time that cuts windows, before anything is changed.

    Raises:
        MismatchError: The time is no boundary of the windows, or lies outside what was published.
    """
    wanted, tick = job.request.restart, job.config.backfill.tick
    if wanted is None or wanted <= progress.data_min:
        return
    asked, head = f"--restart {wanted:%Y-%m-%dT%H:%M}", f"{progress.last_end:%Y-%m-%dT%H:%M}"
    if wanted > progress.last_end:
        message = f"{asked} is after {head}, up to where {job.code} is published: give a window boundary before that"
        raise MismatchError(message)
    old, new = Grid(progress.tick_minutes * _MINUTE, 1, cuts), Grid(tick, 1, cuts)
    if not (old.is_boundary(wanted) and new.is_boundary(wanted)):
        stored, now = formatting.spell(old.tick), formatting.spell(tick)
        message = f"{asked} is no boundary of both the published {stored} windows and {now} windows"
        day = max(progress.data_min, Grid(_DAY, 1).floor(wanted))
        if old.is_boundary(day) and new.is_boundary(day):
            message += f"; {day:%Y-%m-%dT%H:%M} is one"
        raise MismatchError(message)


def refuse_restart(job: Job) -> None:
    """Refuse to go back where nothing was published.

    Raises:
        MismatchError: A restart is asked for.
    """
    if job.request.restart is not None:
        message = f"nothing of {job.code} is published yet, there is nothing to go back to: leave --restart out"
        raise MismatchError(message)


def no_readings(job: Job, progress: Progress | None) -> str:
    """Why there is nothing to score, in words.

    Raises:
        InputError: There were readings before: somebody has emptied the historian table.
    """
    table, since, until = job.source.table, job.request.since, job.request.until
    if since is not None or until is not None:
        bounds = [f"{word} {time:%Y-%m-%dT%H:%M}" for word, time in (("from", since), ("before", until)) if time]
        return f"{table} has no readings {' and '.join(bounds)}"
    if progress is None:
        return f"{table} has no readings"
    message = (
        f"{table} has no readings any more, and results up to {progress.last_end:%Y-%m-%dT%H:%M} rest on them: bring "
        f"them back (acm-etl import), or take the results back too (acm-etl reset {job.code})"
    )
    raise InputError(message)


def cuts(job: Job) -> tuple[datetime, ...]:
    """Where models of the machine have changed: a boundary of its windows, whatever the tick."""
    return tuple(registry.switches(job.engine, job.equip_id))
