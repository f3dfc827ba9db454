"""Checks that tick, settings and replay point are compatible with the stored progress; nothing is changed here."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from acm_etl import formatting
from acm_etl.errors import InputError, MismatchError, UsageError
from acm_etl.load.models import baselines, registry
from acm_etl.load.watermark import Watermark
from acm_etl.run.context import MachineContext
from acm_etl.windows import DAY, WindowGrid, floor_to_midnight


def find_complete_end(context: MachineContext, grid: WindowGrid) -> datetime:
    """Return the end of the last window for which no further readings are expected, UTC.

    Args:
        context: The machine; it has readings.
        grid: Its windows.
    """
    newest = context.require_extent().last
    # --close-last-window: the user knows that no more readings come, for example at the end of an archive.
    if context.request.close_last_window:
        return grid.floor(newest) + grid.tick
    return grid.last_boundary(newest - context.config.backfill.allowed_lateness)


def check_settings_match(context: MachineContext, stored_watermark: Watermark) -> None:
    """Check that time zone, tick and settings are those of the stored rows, unless a replay is requested.

    Raises:
        MismatchError: They differ; the message has the stored and the requested values.
        UsageError: ``--from`` is later than the progress.
    """
    # Rows of different settings are not comparable, but a chart would draw them as one line.
    tick, stored = context.config.backfill.tick, stored_watermark.tick
    _check_from_time(context, stored_watermark)
    _check_time_zone(context, stored_watermark)
    differ = None
    if stored != tick:
        differ = f"tick {formatting.format_setting(stored)}, requested {formatting.format_setting(tick)}"
    elif stored_watermark.signature != context.config.signature:
        differ = _describe_changed_settings(context, stored_watermark)
    # A replay recomputes the rows with the current settings, so that the difference is intended then.
    if differ and context.request.replay_from is None:
        message = (
            f"the stored rows were made with {differ}; repeat with the stored value, or recompute with "
            f"--replay-from TIME, a window boundary up to {stored_watermark.last_window_end:%Y-%m-%dT%H:%M}"
        )
        raise MismatchError(message)


def apply_stored_settings(context: MachineContext, stored_watermark: Watermark) -> MachineContext:
    """Return the context with the tick and the settings of the stored rows instead of the current ones.

    Raises:
        MismatchError: The settings of the stored rows are not stored.
        ModelError: The record that stores them has corrupt model bytes.
    """
    config = context.config
    if stored_watermark.signature != config.signature and (
        record := registry.read_latest_model(context.engine, context.equip_id)
    ):
        config = config.restore_settings(record.params_json)
    # The tick is not a part of the signature: it is stored with the progress.
    backfill = config.backfill.model_copy(update={"tick": stored_watermark.tick})
    stored_context = replace(context, config=config.model_copy(update={"backfill": backfill}))
    # The newest models may have other settings than the rows, after a replay that did not finish.
    check_settings_match(stored_context, stored_watermark)
    return stored_context


def _check_time_zone(context: MachineContext, stored_watermark: Watermark) -> None:
    """Reject another time zone than that of the stored rows, unless a replay is requested.

    Raises:
        MismatchError: The zones differ.
    """
    stored, current = stored_watermark.time_zone, context.machine.time_zone
    # Daily rows are keyed by the start of a local day: rows of two zones would overlap, and no chart would show it.
    if stored in (None, current) or context.request.replay_from is not None:
        return
    message = (
        f"the time zone of {context.code} is now {current}, but its rows have the days of {stored}: set TimeZone in "
        f"Equipment back to {stored}, or recompute all days with "
        f"--replay-from {stored_watermark.data_min:%Y-%m-%dT%H:%M}"
    )
    raise MismatchError(message)


def _check_from_time(context: MachineContext, stored_watermark: Watermark) -> None:
    """Reject a --from later than the progress: the windows in between would be published without readings.

    Raises:
        UsageError: --from is later than the progress.
    """
    since = context.request.since
    if since is not None and since > stored_watermark.last_window_end:
        message = (
            f"--from {since:%Y-%m-%dT%H:%M} is later than the progress of {context.code} "
            f"({stored_watermark.last_window_end:%Y-%m-%dT%H:%M}): the windows in between would be skipped; "
            "omit --from, it only sets the start of a history"
        )
        raise UsageError(message)


def _describe_changed_settings(context: MachineContext, stored_watermark: Watermark) -> str:
    """Describe the settings that differ from those of the stored models, with both values."""
    # The signature is a hash: only the settings stored with the models tell which of them changed.
    record = registry.read_latest_model(context.engine, context.equip_id)
    differences = formatting.diff_settings(record.params_json, context.config.signature_payload) if record else []
    return (
        "; ".join(differences)
        or f"settings {stored_watermark.signature[:12]}, requested {context.config.signature[:12]}"
    )


def check_replay_boundary(
    context: MachineContext, stored_watermark: Watermark, *, split_times: tuple[datetime, ...]
) -> None:
    """Check that a replay starts at a window boundary, before anything is deleted.

    Args:
        context: The machine and the requested replay.
        stored_watermark: Its progress.
        split_times: Times at which windows are split.

    Raises:
        MismatchError: The time is later than the progress, or is not a boundary of the stored and the new windows.
    """
    start, tick = context.request.replay_from, context.config.backfill.tick
    # Everything is recomputed: no stored window remains that the time could cut.
    if start is None or start <= stored_watermark.data_min:
        return
    option, progress = f"--replay-from {start:%Y-%m-%dT%H:%M}", f"{stored_watermark.last_window_end:%Y-%m-%dT%H:%M}"
    # Windows between the progress and a later start would never be scored.
    if start > stored_watermark.last_window_end:
        message = f"{option} is after {progress}, the progress of {context.code}: use an earlier window boundary"
        raise MismatchError(message)
    old, new = WindowGrid(stored_watermark.tick, split_times), WindowGrid(tick, split_times)
    if not (old.is_boundary(start) and new.is_boundary(start)):
        stored, requested = formatting.format_setting(old.tick), formatting.format_setting(tick)
        message = f"{option} is not a boundary of both the stored {stored} windows and the {requested} windows"
        # Midnight is a boundary of every usual tick, so that the message can name a time that works.
        midnight = max(stored_watermark.data_min, floor_to_midnight(start))
        if old.is_boundary(midnight) and new.is_boundary(midnight):
            message += f"; use --replay-from {midnight:%Y-%m-%dT%H:%M}"
        raise MismatchError(message)


def check_replay_before_baselines(context: MachineContext) -> None:
    """Check that a replay with new models starts before all baselines.

    The first models would be newer than those of an earlier baseline, and would score the readings after it.

    Raises:
        MismatchError: A baseline is not later than the start of the replay.
    """
    start = context.request.replay_from
    trained = [each for each in baselines.read_baselines(context.engine, context.equip_id) if each.status == "DONE"]
    if start is None or not trained or start < trained[0].effective_from:
        return
    first = trained[0].effective_from
    message = (
        f"other settings train new models, also those of the baseline of {first:%Y-%m-%d}: replay from before it, "
        f"for example --replay-from {first - DAY:%Y-%m-%d}"
    )
    raise MismatchError(message)


def check_no_replay(context: MachineContext) -> None:
    """Reject a replay of a machine without published windows.

    Raises:
        MismatchError: A replay is requested.
    """
    if context.request.replay_from is not None:
        message = f"{context.code} has no published windows to recompute: omit --replay-from"
        raise MismatchError(message)


def explain_missing_readings(context: MachineContext, stored_watermark: Watermark | None) -> str:
    """Return the reason why there are no readings.

    Raises:
        InputError: There are results, but the readings they were computed from are gone.
    """
    table, since, until = context.source.table, context.request.since, context.request.until
    # First: with limits, an empty result is most often their effect.
    if since is not None or until is not None:
        bounds = [f"{word} {time:%Y-%m-%dT%H:%M}" for word, time in (("from", since), ("before", until)) if time]
        return f"{table} has no readings {' and '.join(bounds)}"
    if context.future is not None:
        return (
            f"{table} has only readings from the future: {context.future.count:,}, the first at "
            f"{context.future.first:%Y-%m-%d %H:%M} UTC; correct their times, or the clock of this computer"
        )
    if stored_watermark is None:
        return f"{table} has no readings"
    message = (
        f"{table} is empty, but has results up to {stored_watermark.last_window_end:%Y-%m-%dT%H:%M}: restore the "
        f"readings (acm-etl import), or delete the results too (acm-etl reset {context.code})"
    )
    raise InputError(message)


def window_split_times(context: MachineContext) -> tuple[datetime, ...]:
    """Return the times at which the models changed: window boundaries for every tick."""
    return tuple(registry.model_change_times(context.engine, context.equip_id))
