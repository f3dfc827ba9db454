"""Incomplete windows: the newest ones, published provisionally, and whether their stored results are still current.

A nightly run of a machine without new readings would score and publish the same rows again. Their inputs are hashed
and stored with their runs; a backfill with the same inputs ends before it loads the models.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta

from acm_etl.load import baselines, coldstart, refit_requests, registry, runs, state_store
from acm_etl.load.watermark import Watermark
from acm_etl.run import day_fingerprints, resume_checks, run_rows
from acm_etl.run.context import MachineContext
from acm_etl.windows import Window, WindowGrid

_MINUTE = timedelta(minutes=1)
_MILLISECOND = timedelta(milliseconds=1)


def hash_inputs(
    context: MachineContext, windows: Sequence[Window], *, model_version: int, tags: tuple[str, ...]
) -> str | None:
    """Return the SHA-256 of everything that the results of incomplete windows depend on, 64 hex digits.

    Args:
        context: The machine.
        windows: The windows, from the progress on.
        model_version: Models that score them.
        tags: Tags of these models.

    Returns:
        None if no scoring state is stored at the start of the windows, before the first complete window.
    """
    start, end = windows[0].start, windows[-1].end
    # The state stands for the models and for all readings before: its bytes contain the hash of the models.
    state_hash = state_store.read_state_hash(context.engine, context.equip_id, start)
    if state_hash is None:
        return None
    source, settings = replace(context.source, tags=tags), context.config.backfill
    readings = day_fingerprints.read_fingerprints(context.engine, source, start, end)
    inputs = (
        # Another version may compute other values, and another machine record gives other days and names.
        run_rows.PACKAGE_VERSION,
        context.machine,
        context.config.signature,
        (settings.forecast_days, settings.replay_days),
        (model_version, state_hash),
        [(window.start, window.end) for window in windows],
        (readings.days.sort("Day").rows(), readings.hash_probe),
    )
    return hashlib.sha256(repr(inputs).encode()).hexdigest()


def is_published(context: MachineContext, progress: Watermark) -> bool:
    """Return whether the results of all readings are stored, so that a backfill would publish equal rows again.

    Args:
        context: The machine.
        progress: Its stored progress.
    """
    # Anything out of the ordinary takes the usual way, which checks and explains it.
    if context.extent is None or not _is_routine(context, progress):
        return False
    grid = WindowGrid(progress.tick_minutes * _MINUTE, 1, resume_checks.window_split_times(context))
    start, newest = progress.last_window_end, context.extent.last
    if newest < start or resume_checks.find_complete_end(context, grid) > start:
        return False
    tags = registry.read_model_tags(context.engine, context.equip_id).get(progress.model_version)
    stored_hash = runs.read_input_hash(context.engine, context.equip_id)
    if tags is None or stored_hash is None:
        return False
    windows = grid.windows_between(start, newest + _MILLISECOND)
    return stored_hash == hash_inputs(context, windows, model_version=progress.model_version, tags=tags)


def _is_routine(context: MachineContext, progress: Watermark) -> bool:
    """Return whether the backfill continues with the stored settings and models, without a replay or a refit."""
    request, config, engine = context.request, context.config, context.engine
    # A window limit, a stop by the user and limits of the readings are rare: they need no short cut.
    if request.restart or request.max_windows or request.since or context.stop.is_set():
        return False
    same_settings = progress.tick_minutes * _MINUTE == config.backfill.tick and progress.signature == config.signature
    if not same_settings or config.refit.age_days is not None or config.refit.drift_share is not None:
        return False
    # A training or a replay that did not finish leaves another state, or models of other settings.
    status = coldstart.read_coldstart(engine, context.equip_id)
    if status is None or status.status != "COMPLETE":
        return False
    if registry.read_latest_signature(engine, context.equip_id) != config.signature:
        return False
    if any(baseline.status == "PENDING" for baseline in baselines.read_baselines(engine, context.equip_id)):
        return False
    return refit_requests.read_refit_requests(engine, context.equip_id).filter(Status="PENDING").is_empty()
