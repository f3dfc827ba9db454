"""Declare a machine normal from a time on, after an overhaul or a change of its sensors."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from threading import Event

from acm_etl.admin.models import require_machine
from acm_etl.engine import Engine
from acm_etl.errors import UsageError
from acm_etl.load import clock, watermark
from acm_etl.load.models import baselines, registry, state_store
from acm_etl.load.models.baselines import Baseline
from acm_etl.progress import NullProgress
from acm_etl.run import training
from acm_etl.run.context import BackfillRequest, MachineContext, SettingsSources, load_machine_context
from acm_etl.windows import DAY, ceil_to_midnight, floor_to_midnight


@dataclass(frozen=True, slots=True)
class BaselineRequest:
    """Declaration that a machine is normal from a time on.

    Attributes:
        since: Time from which the machine is normal, UTC; the next midnight counts.
        until: End of the readings to train on, UTC; None for as many as there are, up to ``training.days``.
        reason: Why, for the record.
        requester: Login name of the user.
        dry_run: Store nothing.
    """

    since: datetime
    until: datetime | None
    reason: str
    requester: str
    dry_run: bool = False


@dataclass(frozen=True, slots=True)
class BaselineResult:
    """A baseline, and what the next backfill does with it.

    Attributes:
        equip: Machine code.
        effective_from: Midnight from which the machine is normal, UTC.
        train_end: End of the training period, UTC, exclusive; None while it is not known.
        running_readings: Readings in operation in the period so far.
        required_readings: Readings in operation that models should be trained on.
        is_complete: Whether the next backfill trains; else it waits for more readings.
        scored_until: Progress of the machine, UTC: readings from ``effective_from`` up to here are scored again.
        stored: False for a dry run.
        replaced: Earlier requests for the same time that this one replaces.
    """

    equip: str
    effective_from: datetime
    train_end: datetime | None
    running_readings: int
    required_readings: int
    is_complete: bool
    scored_until: datetime | None
    stored: bool
    replaced: int = 0


@dataclass(frozen=True, slots=True)
class BaselineWithdrawal:
    """A baseline that was withdrawn; the next backfill scores again from its time on with the models before it."""

    equip: str
    effective_from: datetime
    withdrawn: int


def withdraw_baseline(engine: Engine, code: str, since: datetime) -> BaselineWithdrawal:
    """Withdraw the baseline of a time.

    Args:
        engine: The store.
        code: Machine code.
        since: Time of the baseline, UTC; the next midnight counts.

    Raises:
        UsageError: The machine is unknown, or has no baseline at this time.
    """
    machine, time = require_machine(engine, code), ceil_to_midnight(since)
    withdrawn = baselines.retire_baselines(engine, machine.equip_id, time, "WITHDRAWN")
    if not withdrawn:
        known = [f"{each.effective_from:%Y-%m-%d}" for each in baselines.read_baselines(engine, machine.equip_id)]
        message = f"{code} has no baseline of {time:%Y-%m-%d}; its baselines: {', '.join(known) or 'none'}"
        raise UsageError(message)
    return BaselineWithdrawal(code, time, withdrawn)


def set_baseline(engine: Engine, code: str, request: BaselineRequest, *, sources: SettingsSources) -> BaselineResult:
    """Declare a machine normal from a time on; the next backfill trains new models and scores again from there.

    Args:
        engine: The store.
        code: Machine code.
        request: What to declare.
        sources: Sources of the settings.

    Raises:
        UsageError: The machine is unknown or has no models yet, or the times do not fit its history.
    """
    machine = require_machine(engine, code)
    # Version 1 is the next one only if no models exist: then the first training can start where the machine is normal.
    if registry.next_model_version(engine, machine.equip_id) == 1:
        message = (
            f"{code} has no models yet: train the first ones on its normal readings (acm-etl backfill --from TIME)"
        )
        raise UsageError(message)
    context = load_machine_context(
        engine, code, request=BackfillRequest(), sources=sources, progress=NullProgress(), stop=Event()
    )
    since = ceil_to_midnight(request.since)
    until = None if request.until is None else ceil_to_midnight(request.until)
    _check_times(context, since, until)
    end = until or _choose_end(context, since)
    period = training.find_baseline_period(context, since, end)
    replaced = 0 if request.dry_run else _store_request(context, request, since, end)
    progress = watermark.read_watermark(engine, machine.equip_id)
    return BaselineResult(
        equip=code,
        effective_from=since,
        train_end=period.end if isinstance(period, training.TrainingPeriod) else end,
        running_readings=period.running_count,
        required_readings=context.config.training.running_rows,
        is_complete=isinstance(period, training.TrainingPeriod),
        scored_until=progress.last_window_end if progress else None,
        stored=not request.dry_run,
        replaced=replaced,
    )


def _check_times(context: MachineContext, since: datetime, until: datetime | None) -> None:
    """Check that a baseline lies within the history.

    Raises:
        UsageError: It does not.
    """
    extent = context.extent
    progress = watermark.read_watermark(context.engine, context.equip_id)
    first = progress.data_min if progress else extent.first if extent else None
    if extent is None or first is None:
        message = f"{context.source.table} has no readings"
        raise UsageError(message)
    if not first < since <= extent.last:
        span = f"{first:%Y-%m-%d %H:%M} to {extent.last:%Y-%m-%d %H:%M}"
        message = f"--from is {since:%Y-%m-%d} (the next midnight UTC), outside of the scored readings, {span}"
        raise UsageError(message)
    _check_replay(context, since, history_start=first)
    if until is not None and until <= since:
        message = f"--to ({until:%Y-%m-%d}) must be after --from ({since:%Y-%m-%d}); both are midnights UTC"
        raise UsageError(message)


def _check_replay(context: MachineContext, since: datetime, *, history_start: datetime) -> None:
    """Check that scoring again from a time on loses no earlier results.

    Raises:
        UsageError: It would start at the beginning of the history, whose readings the historian has no longer.
    """
    states = state_store.read_state_times(context.engine, context.equip_id, at_or_before=since)
    first = context.extent.first if context.extent else history_start
    # Without a state, the replay scores the whole history: results without readings would be deleted for good.
    if not states and first >= ceil_to_midnight(history_start + DAY):
        message = (
            f"no scoring state is stored up to {since:%Y-%m-%d}, and the historian has no readings before "
            f"{first:%Y-%m-%d} any longer: the results before would be lost; use a later --from"
        )
        raise UsageError(message)


def _choose_end(context: MachineContext, since: datetime) -> datetime | None:
    """Return the end of the training period if there are enough readings already; else None, the backfill chooses."""
    settings = context.config.training
    newest = context.extent.last if context.extent else since
    # Stored with the request: a backfill must train the same models, whatever has arrived by then.
    end = min(ceil_to_midnight(since + timedelta(days=settings.days)), floor_to_midnight(newest))
    if end <= since:
        return None
    period = training.find_baseline_period(context, since, end)
    return end if period.running_count >= settings.running_rows else None


def _store_request(context: MachineContext, request: BaselineRequest, since: datetime, end: datetime | None) -> int:
    row = Baseline(
        equip_id=context.equip_id,
        requested_at=clock.utc_now(),
        effective_from=since,
        requested_end=end,
        status="PENDING",
        requester=request.requester,
        reason=request.reason,
    )
    return baselines.create_baseline(context.engine, row)
