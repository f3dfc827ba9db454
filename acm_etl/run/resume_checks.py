"""Whether what is asked agrees with what is stored: tick, settings, and where a replay may begin."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

from acm_etl import formatting
from acm_etl.errors import InputError, MismatchError, UsageError
from acm_etl.load import registry
from acm_etl.load.watermark import Watermark
from acm_etl.run.context import MachineContext
from acm_etl.windows import WindowGrid

_MINUTE = timedelta(minutes=1)
_DAY = timedelta(days=1)


def check_settings_match(context: MachineContext, stored_watermark: Watermark) -> None:
    """Refuse a tick or settings that differ from those of the stored rows.

    Raises:
        MismatchError: They differ; both are named.
    """
    tick, stored = context.config.backfill.tick, stored_watermark.tick_minutes * _MINUTE
    _check_from_time(context, stored_watermark)
    differ = None
    if stored != tick:
        differ = f"tick {formatting.format_setting(stored)}, now asked for {formatting.format_setting(tick)}"
    elif stored_watermark.signature != context.config.signature:
        differ = _describe_changed_settings(context, stored_watermark)
    if differ and context.request.restart is None:
        message = (
            f"the stored rows were made with {differ}; give the same again, or replay with --restart FROM, a window "
            f"boundary up to {stored_watermark.last_window_end:%Y-%m-%dT%H:%M}"
        )
        raise MismatchError(message)


def apply_stored_settings(context: MachineContext, stored_watermark: Watermark) -> MachineContext:
    """The job with the tick and the settings that the stored rows were made with, whatever is asked for now.

    Raises:
        MismatchError: The settings they were made with are not kept.
        ModelError: They are kept beside models whose bytes are corrupt.
    """
    config = context.config
    if stored_watermark.signature != config.signature and (
        record := registry.read_latest_model(context.engine, context.equip_id)
    ):
        config = config.restore_settings(record.params_json)
    backfill = config.backfill.model_copy(update={"tick": stored_watermark.tick_minutes * _MINUTE})
    found = replace(context, config=config.model_copy(update={"backfill": backfill}))
    check_settings_match(found, stored_watermark)
    return found


def _check_from_time(context: MachineContext, stored_watermark: Watermark) -> None:
    """Refuse a --from behind the progress: the windows between would be published as empty.

    Raises:
        UsageError: It lies there.
    """
    since = context.request.since
    if since is not None and since > stored_watermark.last_window_end:
        message = (
            f"--from {since:%Y-%m-%dT%H:%M} is behind the progress of {context.code} ({stored_watermark.last_window_end:%Y-%m-%dT%H:%M}):"
            " the windows between would be skipped; leave --from out, it only sets where a history begins"
        )
        raise UsageError(message)


def _describe_changed_settings(context: MachineContext, stored_watermark: Watermark) -> str:
    """Which settings differ from those the models were made with, both values named."""
    record = registry.read_latest_model(context.engine, context.equip_id)
    found = formatting.diff_settings(record.params_json, context.config.signature_payload) if record else []
    return (
        "; ".join(found) or f"settings {stored_watermark.signature[:12]}, now asked for {context.config.signature[:12]}"
    )


def check_restart_boundary(
    context: MachineContext, stored_watermark: Watermark, *, split_times: tuple[datetime, ...]
) -> None:
    """Refuse a restart at a time that cuts windows, before anything is changed.

    Raises:
        MismatchError: The time is no boundary of the windows, or lies outside what was published.
    """
    wanted, tick = context.request.restart, context.config.backfill.tick
    if wanted is None or wanted <= stored_watermark.data_min:
        return
    asked, head = f"--restart {wanted:%Y-%m-%dT%H:%M}", f"{stored_watermark.last_window_end:%Y-%m-%dT%H:%M}"
    if wanted > stored_watermark.last_window_end:
        message = (
            f"{asked} is after {head}, up to where {context.code} is published: give a window boundary before that"
        )
        raise MismatchError(message)
    old, new = WindowGrid(stored_watermark.tick_minutes * _MINUTE, 1, split_times), WindowGrid(tick, 1, split_times)
    if not (old.is_boundary(wanted) and new.is_boundary(wanted)):
        stored, now = formatting.format_setting(old.tick), formatting.format_setting(tick)
        message = f"{asked} is no boundary of both the published {stored} windows and {now} windows"
        day = max(stored_watermark.data_min, WindowGrid(_DAY, 1).floor(wanted))
        if old.is_boundary(day) and new.is_boundary(day):
            message += f"; {day:%Y-%m-%dT%H:%M} is one"
        raise MismatchError(message)


def check_no_restart(context: MachineContext) -> None:
    """Refuse to go back where nothing was published.

    Raises:
        MismatchError: A restart is asked for.
    """
    if context.request.restart is not None:
        message = f"nothing of {context.code} is published yet, there is nothing to go back to: leave --restart out"
        raise MismatchError(message)


def explain_missing_readings(context: MachineContext, stored_watermark: Watermark | None) -> str:
    """Why there is nothing to score, in words.

    Raises:
        InputError: There were readings before: somebody has emptied the historian table.
    """
    table, since, until = context.source.table, context.request.since, context.request.until
    if since is not None or until is not None:
        bounds = [f"{word} {time:%Y-%m-%dT%H:%M}" for word, time in (("from", since), ("before", until)) if time]
        return f"{table} has no readings {' and '.join(bounds)}"
    if stored_watermark is None:
        return f"{table} has no readings"
    message = (
        f"{table} has no readings any more, and results up to {stored_watermark.last_window_end:%Y-%m-%dT%H:%M} rest on them: bring "
        f"them back (acm-etl import), or take the results back too (acm-etl reset {context.code})"
    )
    raise InputError(message)


def window_split_times(context: MachineContext) -> tuple[datetime, ...]:
    """Where models of the machine have changed: a boundary of its windows, whatever the tick."""
    return tuple(registry.model_change_times(context.engine, context.equip_id))
