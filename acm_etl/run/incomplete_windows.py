"""Incomplete windows: the newest ones, published provisionally, and whether their stored results are still current.

A nightly run of a machine without new readings would score and publish the same rows again. Their inputs are hashed
and stored with their runs; a backfill with the same inputs ends before it loads the models.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import replace

from acm_etl.load import runs
from acm_etl.load.models import baselines, coldstart, refit_requests, registry, state_store
from acm_etl.load.watermark import Watermark
from acm_etl.run import day_fingerprints, resume_checks, run_rows
from acm_etl.run.context import MachineContext
from acm_etl.run.day_fingerprints import DayFingerprints
from acm_etl.windows import MILLISECOND, Window, WindowGrid


def hash_inputs(
    context: MachineContext,
    windows: Sequence[Window],
    readings: DayFingerprints,
    *,
    model_version: int,
    state_hash: str,
) -> str:
    """Return the SHA-256 of everything that the results of incomplete windows depend on, 64 hex digits.

    Args:
        context: The machine.
        windows: The windows, from the progress on.
        readings: Fingerprints of their readings, read before the readings themselves.
        model_version: Models that score them.
        state_hash: Hash of the scoring state at their start, as stored. It stands for the models and for all readings
            before, because the bytes of the state contain the hash of the models.
    """
    settings = context.config.backfill
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
    if context.extent is None:
        return False
    start, newest = progress.last_window_end, context.extent.last
    # A complete window is to be published: no query is needed to know. Split times could only add boundaries.
    if resume_checks.find_complete_end(context, WindowGrid(progress.tick)) > start:
        return False
    # Anything out of the ordinary takes the usual way, which checks and explains it.
    if not _is_routine(context, progress):
        return False
    grid = WindowGrid(progress.tick, resume_checks.window_split_times(context))
    if newest < start or resume_checks.find_complete_end(context, grid) > start:
        return False
    engine, equip_id, version = context.engine, context.equip_id, progress.model_version
    tags = registry.read_model_tags(engine, equip_id).get(version)
    stored_hash = runs.read_input_hash(engine, equip_id)
    state_hash = state_store.read_state_hash(engine, equip_id, start)
    if tags is None or stored_hash is None or state_hash is None:
        return False
    windows = grid.windows_between(start, newest + MILLISECOND)
    source = replace(context.source, tags=tags)
    readings = day_fingerprints.read_fingerprints(engine, source, start, windows[-1].end)
    return stored_hash == hash_inputs(context, windows, readings, model_version=version, state_hash=state_hash)


def _is_routine(context: MachineContext, progress: Watermark) -> bool:
    """Return whether the backfill continues with the stored settings and models, without a replay or a refit."""
    request, config, engine = context.request, context.config, context.engine
    # A window limit, a stop by the user and limits of the readings are rare: they need no short cut.
    if request.replay_from or request.max_windows or request.since or context.stop.is_set():
        return False
    same_settings = progress.tick == config.backfill.tick and progress.signature == config.signature
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
