"""Where a backfill goes back to before its progress, and why: found, and told to the user, before rows are deleted."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from acm_etl.counts import format_count
from acm_etl.formatting import format_setting
from acm_etl.load.models import registry, state_store
from acm_etl.load.watermark import Watermark
from acm_etl.run.context import MachineContext
from acm_etl.windows import MILLISECOND, WindowGrid, count_windows


@dataclass(frozen=True, slots=True)
class ReplayStart:
    """Start of a replay.

    Attributes:
        time: Window boundary from which the results are computed again, UTC.
        reason: Why, and why from an earlier time than requested.
    """

    time: datetime
    reason: str


def has_new_models(context: MachineContext, stored_watermark: Watermark) -> bool:
    """Return whether a replay scores with other models than those of the stored progress."""
    record = registry.read_latest_model(context.engine, context.equip_id)
    signature = registry.read_latest_signature(context.engine, context.equip_id)
    return record is None or signature != context.config.signature or record.version != stored_watermark.model_version


def find_replay_start(
    context: MachineContext, grid: WindowGrid, stored_watermark: Watermark, *, new_models: bool
) -> ReplayStart | None:
    """Return where the results are computed again from; None to continue at the progress.

    Args:
        context: The machine and its request.
        grid: Its windows.
        stored_watermark: Its progress.
        new_models: Stored states belong to other models than those that will score.
    """
    requested = context.request.replay_from
    if requested is None:
        return _find_state_before_gap(context, grid, stored_watermark)
    history_start = grid.floor(context.require_extent().first)
    reason = context.request.replay_reason or f"--replay-from {requested:%Y-%m-%dT%H:%M}"
    if requested <= stored_watermark.data_min:
        return ReplayStart(history_start, f"{reason}, the whole history")
    if new_models:
        # The new models warm up their own state, at any time.
        return ReplayStart(requested, f"{reason}, with new models")
    stored = state_store.read_last_state(context.engine, context.equip_id, requested)
    # A state within a window of the new tick is no start: go back to one on a window boundary.
    while stored is not None and not grid.is_boundary(stored.as_of):
        stored = state_store.read_last_state(context.engine, context.equip_id, stored.as_of - MILLISECOND)
    if stored is None:
        return ReplayStart(history_start, f"{reason}; no scoring state is stored before it")
    if stored.as_of == requested:
        return ReplayStart(requested, reason)
    return ReplayStart(stored.as_of, f"{reason}; the last scoring state before it is of {stored.as_of:%Y-%m-%dT%H:%M}")


def announce_replay(context: MachineContext, start: ReplayStart, stored_watermark: Watermark) -> None:
    """Tell the user what will be computed again, and why."""
    tick, end = context.config.backfill.tick, stored_watermark.last_window_end
    windows = f"{format_count(count_windows(tick, start.time, end), 'window')} of {format_setting(tick)}"
    detail = f"of {windows}, {start.time:%Y-%m-%d %H:%M} to {end:%Y-%m-%d %H:%M} UTC: {start.reason}"
    context.progress.set_stage(context.code, "replay", detail=detail)


def _find_state_before_gap(
    context: MachineContext, grid: WindowGrid, stored_watermark: Watermark
) -> ReplayStart | None:
    """Return the last stored state if the one at the progress is missing; None if no state of the same models is left.

    A warm-up would forget the open episode, and leave its rows open for ever.
    """
    progress = stored_watermark.last_window_end
    if progress <= stored_watermark.data_min:
        return None
    if state_store.read_state_hash(context.engine, context.equip_id, progress) is not None:
        return None
    # States of other models are no start: a replay with new models, interrupted at once, has only those.
    times = state_store.read_state_times(
        context.engine, context.equip_id, at_or_before=progress, model_version=stored_watermark.model_version
    )
    start = next((time for time in times if grid.is_boundary(time)), None)
    return None if start is None else ReplayStart(start, "no scoring state is stored as of the progress")
