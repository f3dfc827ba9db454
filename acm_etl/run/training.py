"""Coldstart: the training period, a function of data and settings only, and the models that come out of it."""

from __future__ import annotations

import json
import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import partial
from typing import Literal

import polars as pl

from acm_etl import score
from acm_etl.engine import Engine
from acm_etl.errors import AcmError, ConflictError, InputError, TransientError
from acm_etl.io import historian
from acm_etl.load import clock, coldstart, registry
from acm_etl.load.publish import TableMetric
from acm_etl.load.runs import build_run_id
from acm_etl.run import run_rows
from acm_etl.run.context import MachineContext
from acm_etl.run.lineage import Run
from acm_etl.windows import EPOCH, Window

log = logging.getLogger(__name__)
TrainingStage = Literal["coldstart", "refit"]
_DAY = timedelta(days=1)
_EXTENSION_STEP = timedelta(days=10)


@dataclass(frozen=True, slots=True)
class TrainedModel:
    """Models in use.

    Attributes:
        model: The models.
        version: Their version.
        train_end: End of the training period, UTC, excluded.
        metrics: What was written where they were trained just now.
    """

    model: score.Model
    version: int
    train_end: datetime
    metrics: Sequence[TableMetric] = ()


@dataclass(frozen=True, slots=True)
class TrainingPeriod:
    """Readings of a training period, or of as much of it as there is.

    Attributes:
        start: First reading, UTC.
        end: End of the period, UTC, excluded; None while readings are missing.
        readings: The readings, unique in time.
        running_count: How many of them are running readings.
        shortage: What is missing, in words; empty where nothing is.
    """

    start: datetime
    end: datetime | None
    readings: pl.DataFrame
    running_count: int
    shortage: str = ""


def load_trained_model(context: MachineContext, at: datetime | None = None) -> TrainedModel | None:
    """The newest models, or those that score readings at a time, verified; None where there are none.

    Raises:
        ModelError: The stored bytes are corrupt.
    """
    engine, equip_id = context.engine, context.equip_id
    record = (
        registry.read_latest_model(engine, equip_id) if at is None else registry.read_model_at(engine, equip_id, at)
    )
    if record is None:
        return None
    return TrainedModel(score.Model.from_bytes(record.model_bytes), record.version, record.train_end)


def ensure_trained_model(context: MachineContext) -> TrainedModel | None:
    """Models in use; trains them first where there are none. None while readings are missing."""
    known = load_trained_model(context)
    status = coldstart.read_coldstart(context.engine, context.equip_id)
    complete = status is not None and status.status == "COMPLETE"
    if known is not None and complete:
        return known
    if complete:
        coldstart.record_lost_models(
            context.engine, context.equip_id, reason="the models were deleted from ModelRegistry"
        )
    return train_model(context)


def train_model(context: MachineContext) -> TrainedModel | None:
    """Train new models and commit them together with COMPLETE; None while readings are missing."""
    required = context.config.training.running_rows
    coldstart.begin_attempt(context.engine, context.equip_id, required_rows=required)
    context.progress.set_stage(context.code, "coldstart", detail="reading")
    try:
        period = find_training_period(context)
        if period.end is None:
            _record_shortage(context, period)
            return None
        context.progress.set_stage(context.code, "coldstart", detail=f"fitting {period.readings.height:,} readings")
        model = score.fit(period.readings, context.config.score)
    except (TransientError, ConflictError):
        raise  # the caller tries again, or somebody else is at it: nothing has failed
    except AcmError as error:
        later = clock.utc_now() + context.config.training.retry_after
        coldstart.fail_attempt(context.engine, context.equip_id, reason=str(error), retry_after=later)
        raise
    return _publish_model(context, period, model)


def find_training_period(context: MachineContext) -> TrainingPeriod:
    """The training period: ``days`` from the first reading, extended in steps of ten days to ``count_running_rows``.

    Raises:
        InputError: There is no reading at all.
    """
    if context.extent is None:
        message = f"{context.source.table} has no readings"
        raise InputError(message)
    start, newest = context.extent.first, context.extent.last
    wanted = context.config.training
    end = wanted.until or _next_midnight(start + timedelta(days=wanted.days))
    frame = _pull_unique_readings(context, start, end)
    running = score.count_running_rows(frame, context.config.score)
    while wanted.until is None and running < wanted.running_rows and end <= newest:
        end += _EXTENSION_STEP
        frame = _pull_unique_readings(context, start, end)
        running = score.count_running_rows(frame, context.config.score)
    if newest < end:
        return TrainingPeriod(start, None, frame, running, _describe_shortage(context, start, end, running))
    return TrainingPeriod(start, end, frame, running)


def _describe_shortage(context: MachineContext, start: datetime, end: datetime, running_count: int) -> str:
    newest = context.extent.last if context.extent else start
    return (
        f"readings reach to {newest:%Y-%m-%d %H:%M}, training needs them to {end:%Y-%m-%d %H:%M} "
        f"({running_count:,} of {context.config.training.running_rows:,} running readings so far); "
        "import more, or shorten the training with --train-until or training.days"
    )


def _pull_unique_readings(context: MachineContext, start: datetime, end: datetime) -> pl.DataFrame:
    return score.dedupe_readings(historian.pull_readings(context.engine, context.source, start, end))[0]


def _record_shortage(context: MachineContext, period: TrainingPeriod) -> None:
    coldstart.record_shortage(
        context.engine,
        context.equip_id,
        accumulated_rows=period.running_count,
        required_rows=context.config.training.running_rows,
        data_start=period.start,
        data_end=_last_timestamp(period.readings),
        reason=period.shortage,
    )


def _publish_model(context: MachineContext, period: TrainingPeriod, model: score.Model) -> TrainedModel:
    """Models, what they know, their run and COMPLETE in one transaction."""
    assert period.end is not None  # noqa: S101 - narrowed by the caller
    version = registry.next_model_version(context.engine, context.equip_id)
    window = Window(period.start, period.end)
    trained = TrainedModel(model, version, period.end)
    record = build_registry_record(
        context, trained, "coldstart", window, valid_from=period.start, train_rows=period.running_count
    )
    log.info("%s: models %d trained on %s to %s", context.code, version, period.start, period.end)
    metrics = registry.publish_model(
        context.engine,
        record=record,
        frames=build_model_tables(context, trained, record),
        run_log=build_training_run(context, record, "coldstart", window, readings=period.readings.height),
        completion_step=_build_completion_step(context, period, record),
    )
    return replace(trained, metrics=metrics)


def build_registry_record(
    context: MachineContext,
    trained: TrainedModel,
    stage: TrainingStage,
    window: Window,
    *,
    valid_from: datetime,
    train_rows: int,
) -> registry.ModelRecord:
    """New models as ModelRegistry keeps them.

    Args:
        context: The machine.
        trained: The models.
        stage: What has trained them.
        window: What that has looked at; it begins with the training period.
        valid_from: Time from which they score, UTC.
        train_rows: Running readings they were fitted on.
    """
    version, signature = trained.version, context.config.signature
    return registry.ModelRecord(
        equip_id=context.equip_id,
        run_id=build_run_id(
            context.code, window.start, window.end, stage=stage, model_version=version, signature=signature
        ),
        version=version,
        valid_from=valid_from,
        train_start=window.start,
        train_end=trained.train_end,
        train_rows=train_rows,
        tags=tuple(trained.model.columns),
        params_json=context.config.signature_payload,
        libraries_json=json.dumps(run_rows.library_versions()),
        signature=signature,
        model_bytes=trained.model.to_bytes(),
    )


def build_model_tables(
    context: MachineContext, trained: TrainedModel, record: registry.ModelRecord
) -> dict[str, pl.DataFrame]:
    """Rows of tables of grain ``model``, by table name: what new models know."""
    owner = {"RunID": pl.lit(record.run_id), "EquipID": pl.lit(context.equip_id, pl.Int32)}
    frames = score.model_tables(trained.model, model_version=trained.version)
    return {name: frame.with_columns(**owner) for name, frame in frames.items()}


def build_training_run(
    context: MachineContext, record: registry.ModelRecord, stage: TrainingStage, window: Window, *, readings: int
) -> pl.DataFrame:
    """The RunLog row of the training itself."""
    facts = {"EquipID": context.equip_id, "ModelVersion": record.version, "ConfigSignature": record.signature}
    runs = [Run(record.run_id, window, 1, readings)]
    announced = run_rows.build_run_log(runs, now=clock.utc_now(), provisional=False, shared_values=facts, stage=stage)
    return announced.with_columns(Outcome=pl.lit("OK"), CompletedAt=pl.col("StartedAt"))


def _build_completion_step(
    context: MachineContext, period: TrainingPeriod, record: registry.ModelRecord
) -> Callable[[Engine], None]:
    return partial(
        coldstart.complete_coldstart,
        equip_id=context.equip_id,
        accumulated_rows=period.running_count,
        required_rows=context.config.training.running_rows,
        data_start=period.start,
        data_end=_last_timestamp(period.readings),
        train_end=record.train_end,
        model_version=record.version,
    )


def _last_timestamp(frame: pl.DataFrame) -> datetime:
    last: datetime = frame["Timestamp"].cast(pl.Datetime("ms"))[-1]
    return last


def _next_midnight(time: datetime) -> datetime:
    """The first UTC midnight after ``time``: most ticks have a boundary there, so no window is split."""
    return EPOCH + ((time - EPOCH) // _DAY + 1) * _DAY
