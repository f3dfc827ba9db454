"""Coldstart (initial training): select the training period, fit the models and register them.

The training period depends on data and settings only, never on the time of the run: a store that is filled again gets
the same models. Models, their tables, their run and the state COMPLETE are committed in one transaction.
"""

from __future__ import annotations

import logging
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

import polars as pl

from acm_etl import score
from acm_etl.engine import Engine
from acm_etl.errors import AcmError, ConflictError, TransientError
from acm_etl.io import historian
from acm_etl.load import clock
from acm_etl.load.models import coldstart, registry
from acm_etl.load.models.coldstart import PlannedTraining, TrainingData
from acm_etl.results import TrainingSummary
from acm_etl.run.context import MachineContext
from acm_etl.run.trained_model import TrainedModel, TrainingRun, load_trained_model, publish_trained_model
from acm_etl.run.training_sample import TrainingReadings, pull_training_readings
from acm_etl.windows import Window, next_midnight

log = logging.getLogger(__name__)
# Whole days, so that the period still ends at midnight; short steps keep the period close to the minimum.
_EXTENSION_STEP = timedelta(days=10)
# Of the time of a short history: most of it is needed to train on, and the rest shows whether the models fit.
_PROPOSED_SHARE = 0.7
_MAX_QUIET_STEPS = 100  # steps without readings beyond which a warning is logged: planned stops are shorter


@dataclass(frozen=True, slots=True)
class TrainingPeriod:
    """Training period whose readings have all arrived.

    Attributes:
        start: Time of the first reading, UTC.
        end: End of the period, UTC, exclusive.
        readings: The readings, or a sample of them.
        states: Operating states of the readings.
        planned: Period by ``training.days`` alone; None if ``training.until`` gave the end.
    """

    start: datetime
    end: datetime
    readings: TrainingReadings
    states: score.OperatingStates
    planned: PlannedTraining | None = None

    @property
    def running_count(self) -> int:
        """Number of the readings while the machine runs."""
        return self.states.running_rows


@dataclass(frozen=True, slots=True)
class IncompletePeriod:
    """Training period whose last readings are still missing.

    Attributes:
        start: Time of the first reading, UTC.
        readings: The readings that have arrived, or a sample of them.
        running_count: Number of these readings while the machine runs.
        shortage: Description of the missing readings, and what to do about them.
    """

    start: datetime
    readings: TrainingReadings
    running_count: int
    shortage: str


def ensure_trained_model(context: MachineContext) -> TrainedModel | None:
    """Load the newest models, or train the first ones; None while readings are missing."""
    trained = load_trained_model(context)
    status = coldstart.read_coldstart(context.engine, context.equip_id)
    complete = status is not None and status.status == "COMPLETE"
    if trained is not None and complete:
        return trained
    # COMPLETE without models: a person has deleted them. begin_attempt() rejects the state COMPLETE.
    if complete:
        coldstart.record_lost_models(
            context.engine, context.equip_id, reason="the models were deleted from ModelRegistry"
        )
    return train_model(context)


def train_model(context: MachineContext) -> TrainedModel | None:
    """Train models and commit them together with the state COMPLETE.

    Returns:
        The models; None while readings are missing, with the shortage recorded in ACM_ColdstartState.

    Raises:
        AcmError: The training failed; the state is FAILED and the next attempt waits for ``training.retry_after``.
    """
    # IN_PROGRESS is stored first: a process that dies while it fits leaves a trace that the next one reports.
    required = context.config.training.running_rows
    coldstart.begin_attempt(context.engine, context.equip_id, required_rows=required)
    context.progress.set_stage(context.code, "coldstart", detail="reading")
    try:
        period = find_training_period(context)
        if isinstance(period, IncompletePeriod):
            data = _describe_data(context, period)
            coldstart.record_shortage(context.engine, context.equip_id, data, reason=period.shortage)
            return None
        frame = period.readings.frame
        context.progress.set_stage(context.code, "coldstart", detail=f"fitting {frame.height:,} readings")
        model = score.fit(frame, context.config.score, sample=period.readings.sample, states=period.states)
    except (TransientError, ConflictError):
        raise  # no failure of the training: the caller retries, or another process trains this machine
    except AcmError as error:
        retry_after = clock.utc_now() + context.config.training.retry_after
        coldstart.fail_attempt(context.engine, context.equip_id, reason=str(error), retry_after=retry_after)
        raise
    return _publish_model(context, period, model)


def find_training_period(context: MachineContext) -> TrainingPeriod | IncompletePeriod:
    """Select the training period.

    The period has ``training.days`` days from the first reading, extended in steps of ten days until it has
    ``training.running_rows`` readings in operation; or it ends at ``training.until``.

    Raises:
        InputError: The historian has no readings.
    """
    settings, extent = context.config.training, context.require_extent()
    period = _select_period(context, extent, until=settings.until, length=timedelta(days=settings.days))
    if isinstance(period, TrainingPeriod):
        return period
    option = " ".join(filter(None, ("--train-until", _propose_end(context, period))))
    return replace(period, shortage=f"{period.shortage}, or shorten the period with {option} or training.days")


def _propose_end(context: MachineContext, period: IncompletePeriod) -> str:
    """Return a date for ``--train-until``; empty if the readings are too few to train on a part of them."""
    if _PROPOSED_SHARE * period.running_count < context.config.training.running_rows:
        return ""
    # A share of the readings and not of the time: a row of a clock that was not set may begin the history.
    times = period.readings.frame["Timestamp"].cast(pl.Datetime("ms"))
    end = next_midnight(times[int(_PROPOSED_SHARE * times.len())])
    return f"{end:%Y-%m-%d}" if end < context.require_extent().last else ""


def find_baseline_period(
    context: MachineContext, start: datetime, until: datetime | None
) -> TrainingPeriod | IncompletePeriod:
    """Select the training period of a baseline.

    Args:
        context: The machine.
        start: Start of the period, UTC.
        until: End of the period, UTC, exclusive; None for the shortest period in steps of ten days that has
            ``training.running_rows`` readings in operation.

    Raises:
        InputError: The historian has no readings.
    """
    extent = replace(context.require_extent(), first=start)
    return _select_period(context, extent, until=until, length=_EXTENSION_STEP)


def _select_period(
    context: MachineContext, extent: historian.ReadingsExtent, *, until: datetime | None, length: timedelta
) -> TrainingPeriod | IncompletePeriod:
    start, newest, settings = extent.first, extent.last, context.config.training
    # At midnight, most ticks have a window boundary, so that no window is partly training.
    end = until or next_midnight(start + length)
    readings = pull_training_readings(context, context.source, start, end)
    states = score.find_operating_states(readings.frame, context.config.score)
    planned = PlannedTraining(end, states.running_rows) if until is None else None
    while until is None and states.running_rows < settings.running_rows and end <= newest:
        end += _EXTENSION_STEP
        known_count = readings.count
        readings = pull_training_readings(context, context.source, start, end)
        if readings.count == known_count:
            end = _skip_gap(context, end)
        else:
            states = score.find_operating_states(readings.frame, context.config.score)
    # Wait for the end even if there are enough rows already: else the period would depend on when the backfill runs.
    if newest < end:
        shortage = _describe_shortage(context, end, states.running_rows, planned=planned)
        return IncompletePeriod(start, readings, states.running_rows, shortage)
    return TrainingPeriod(start, end, readings, states, planned=planned)


def _skip_gap(context: MachineContext, end: datetime) -> datetime:
    """Return the last of the steps from ``end`` on before which there are no more readings than before ``end``."""
    # Rows of a clock that was not set begin a history decades early: one query per step would take minutes.
    later = historian.read_extent(context.engine, replace(context.source, since=end))
    step_count = (later.first - end) // _EXTENSION_STEP if later else 0
    if later and step_count > _MAX_QUIET_STEPS:
        log.warning(
            "%s: no readings from %s to %s; if the times of those before are of a clock that was not set, delete them, "
            "or start later with --from",
            context.code, f"{end:%Y-%m-%d}", f"{later.first:%Y-%m-%d}",
        )  # fmt: skip
    return end + step_count * _EXTENSION_STEP


def _describe_shortage(
    context: MachineContext, end: datetime, running_count: int, *, planned: PlannedTraining | None
) -> str:
    newest = context.require_extent().last
    is_limited = context.request.until is not None and context.request.until < end
    limit, advice = (" before --to", "choose a later --to") if is_limited else ("", "import more readings")
    growth = ""
    if planned is not None and end > planned.end:
        growth = f", extended from {planned.end:%Y-%m-%d} with {planned.running_rows:,} readings in operation"
    return (
        f"the training period ends {end:%Y-%m-%d %H:%M}{growth}, the newest reading{limit} is {newest:%Y-%m-%d %H:%M} "
        f"(readings in operation {running_count:,}, minimum {context.config.training.running_rows:,}); {advice}"
    )


def _describe_data(context: MachineContext, period: TrainingPeriod | IncompletePeriod) -> TrainingData:
    required = context.config.training.running_rows
    return TrainingData(period.running_count, required, period.start, period.readings.last)


def _publish_model(context: MachineContext, period: TrainingPeriod, model: score.Model) -> TrainedModel:
    """Commit models, their tables, their run and the state COMPLETE in one transaction."""
    # After a replay with other settings the models before are still stored: the new ones get the next number.
    version = registry.next_model_version(context.engine, context.equip_id)
    summary = _summarize_period(context, period)
    _log_training(context.code, version, summary)
    run = TrainingRun(
        stage="coldstart",
        origin="coldstart",
        window=Window(period.start, period.end),
        valid_from=period.start,
        reading_count=period.readings.count,
        running_count=period.running_count,
    )

    def complete_coldstart(engine: Engine, record: registry.ModelRecord) -> None:
        coldstart.complete_coldstart(
            engine,
            context.equip_id,
            _describe_data(context, period),
            train_end=record.train_end,
            model_version=record.version,
            planned=period.planned,
        )

    trained = TrainedModel(model, version, period.end, summary=summary)
    return publish_trained_model(context, trained, run, completion_step=complete_coldstart)


def _summarize_period(context: MachineContext, period: TrainingPeriod) -> TrainingSummary:
    return TrainingSummary(
        start=period.start,
        end=period.end,
        planned_end=period.planned.end if period.planned else None,
        planned_running=period.planned.running_rows if period.planned else None,
        running_readings=period.running_count,
        required_readings=context.config.training.running_rows,
        newest_reading=context.extent.last if context.extent else None,
        sampled_readings=None if period.readings.sample is None else period.readings.frame.height,
    )


def _log_training(code: str, version: int, summary: TrainingSummary) -> None:
    """Log the training period, as a warning if it is not the one that the settings ask for."""
    # The closing output shows every doubt; only a period that nobody has chosen interrupts the progress bars.
    level = logging.WARNING if "extended" in summary.doubts else logging.INFO
    doubts = f" ({', '.join(summary.doubts)})" if summary.doubts else ""
    message = "%s: models %d trained on %s to %s, %.0f days, %d readings in operation%s"
    log.log(level, message, code, version, summary.start, summary.end, summary.days, summary.running_readings, doubts)
