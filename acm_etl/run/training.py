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
from acm_etl.load.runs import run_id
from acm_etl.run import run_rows
from acm_etl.run.context import Job
from acm_etl.run.lineage import Run
from acm_etl.windows import EPOCH, Window

log = logging.getLogger(__name__)
Stage = Literal["coldstart", "refit"]
_DAY = timedelta(days=1)
_STEP = timedelta(days=10)


@dataclass(frozen=True, slots=True)
class Trained:
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
class Period:
    """Readings of a training period, or of as much of it as there is.

    Attributes:
        start: First reading, UTC.
        end: End of the period, UTC, excluded; None while readings are missing.
        frame: The readings, unique in time.
        running: How many of them are running readings.
        shortage: What is missing, in words; empty where nothing is.
    """

    start: datetime
    end: datetime | None
    frame: pl.DataFrame
    running: int
    shortage: str = ""


def restore(job: Job, at: datetime | None = None) -> Trained | None:
    """The newest models, or those that score readings at a time, verified; None where there are none.

    Raises:
        ModelError: The stored bytes are corrupt.
    """
    engine, equip_id = job.engine, job.equip_id
    record = registry.latest(engine, equip_id) if at is None else registry.holding_at(engine, equip_id, at)
    if record is None:
        return None
    return Trained(score.Model.from_bytes(record.blob), record.version, record.train_end)


def coldstarted(job: Job) -> Trained | None:
    """Models in use; trains them first where there are none. None while readings are missing."""
    known = restore(job)
    status = coldstart.read(job.engine, job.equip_id)
    complete = status is not None and status.status == "COMPLETE"
    if known is not None and complete:
        return known
    if complete:
        coldstart.models_lost(job.engine, job.equip_id, reason="the models were deleted from ModelRegistry")
    return train(job)


def train(job: Job) -> Trained | None:
    """Train new models and commit them together with COMPLETE; None while readings are missing."""
    required = job.config.training.running_rows
    coldstart.begin(job.engine, job.equip_id, required=required)
    job.progress.stage(job.code, "coldstart", detail="reading")
    try:
        period = find_period(job)
        if period.end is None:
            _wait(job, period)
            return None
        job.progress.stage(job.code, "coldstart", detail=f"fitting {period.frame.height:,} readings")
        model = score.fit(period.frame, job.config.score)
    except (TransientError, ConflictError):
        raise  # the caller tries again, or somebody else is at it: nothing has failed
    except AcmError as error:
        later = clock.now() + job.config.training.retry_after
        coldstart.fail(job.engine, job.equip_id, reason=str(error), retry_after=later)
        raise
    return _commit(job, period, model)


def find_period(job: Job) -> Period:
    """The training period: ``days`` from the first reading, extended in steps of ten days to ``running_rows``.

    Raises:
        InputError: There is no reading at all.
    """
    if job.extent is None:
        message = f"{job.source.table} has no readings"
        raise InputError(message)
    start, newest = job.extent.first, job.extent.last
    wanted = job.config.training
    end = wanted.until or _day_after(start + timedelta(days=wanted.days))
    frame = _readings(job, start, end)
    running = score.running_rows(frame, job.config.score)
    while wanted.until is None and running < wanted.running_rows and end <= newest:
        end += _STEP
        frame = _readings(job, start, end)
        running = score.running_rows(frame, job.config.score)
    if newest < end:
        return Period(start, None, frame, running, _shortage(job, start, end, running))
    return Period(start, end, frame, running)


def _shortage(job: Job, start: datetime, end: datetime, running: int) -> str:
    newest = job.extent.last if job.extent else start
    return (
        f"readings reach to {newest:%Y-%m-%d %H:%M}, training needs them to {end:%Y-%m-%d %H:%M} "
        f"({running:,} of {job.config.training.running_rows:,} running readings so far); "
        "import more, or shorten the training with --train-until or training.days"
    )


def _readings(job: Job, start: datetime, end: datetime) -> pl.DataFrame:
    return score.dedupe(historian.readings(job.engine, job.source, start, end))[0]


def _wait(job: Job, period: Period) -> None:
    coldstart.shortage(
        job.engine,
        job.equip_id,
        accumulated=period.running,
        required=job.config.training.running_rows,
        data_start=period.start,
        data_end=_last(period.frame),
        reason=period.shortage,
    )


def _commit(job: Job, period: Period, model: score.Model) -> Trained:
    """Models, what they know, their run and COMPLETE in one transaction."""
    assert period.end is not None  # noqa: S101 - narrowed by the caller
    version = registry.next_version(job.engine, job.equip_id)
    window = Window(period.start, period.end)
    trained = Trained(model, version, period.end)
    record = recorded(job, trained, "coldstart", window, holds_from=period.start, train_rows=period.running)
    log.info("%s: models %d trained on %s to %s", job.code, version, period.start, period.end)
    metrics = registry.publish_model(
        job.engine,
        record=record,
        frames=described(job, trained, record),
        runs=run_row(job, record, "coldstart", window, readings=period.frame.height),
        step=_completing(job, period, record),
    )
    return replace(trained, metrics=metrics)


def recorded(
    job: Job, trained: Trained, stage: Stage, window: Window, *, holds_from: datetime, train_rows: int
) -> registry.Record:
    """New models as ModelRegistry keeps them.

    Args:
        job: The machine.
        trained: The models.
        stage: What has trained them.
        window: What that has looked at; it begins with the training period.
        holds_from: Time from which they score, UTC.
        train_rows: Running readings they were fitted on.
    """
    version, signature = trained.version, job.config.signature
    return registry.Record(
        equip_id=job.equip_id,
        run_id=run_id(job.code, window.start, window.end, stage=stage, model_version=version, signature=signature),
        version=version,
        holds_from=holds_from,
        train_start=window.start,
        train_end=trained.train_end,
        train_rows=train_rows,
        tags=tuple(trained.model.columns),
        params=job.config.signed,
        libraries=json.dumps(run_rows.libraries()),
        signature=signature,
        blob=trained.model.to_bytes(),
    )


def described(job: Job, trained: Trained, record: registry.Record) -> dict[str, pl.DataFrame]:
    """Rows of tables of grain ``model``, by table name: what new models know."""
    owner = {"RunID": pl.lit(record.run_id), "EquipID": pl.lit(job.equip_id, pl.Int32)}
    frames = score.model_tables(trained.model, model_version=trained.version)
    return {name: frame.with_columns(**owner) for name, frame in frames.items()}


def run_row(job: Job, record: registry.Record, stage: Stage, window: Window, *, readings: int) -> pl.DataFrame:
    """The RunLog row of the training itself."""
    facts = {"EquipID": job.equip_id, "ModelVersion": record.version, "ConfigSignature": record.signature}
    runs = [Run(record.run_id, window, 1, readings)]
    announced = run_rows.run_log(runs, now=clock.now(), provisional=False, facts=facts, stage=stage)
    return announced.with_columns(Outcome=pl.lit("OK"), CompletedAt=pl.col("StartedAt"))


def _completing(job: Job, period: Period, record: registry.Record) -> Callable[[Engine], None]:
    return partial(
        coldstart.complete,
        equip_id=job.equip_id,
        accumulated=period.running,
        required=job.config.training.running_rows,
        data_start=period.start,
        data_end=_last(period.frame),
        train_end=record.train_end,
        model_version=record.version,
    )


def _last(frame: pl.DataFrame) -> datetime:
    last: datetime = frame["Timestamp"].cast(pl.Datetime("ms"))[-1]
    return last


def _day_after(time: datetime) -> datetime:
    """The first UTC midnight after ``time``: most ticks have a boundary there, so no window is split."""
    return EPOCH + ((time - EPOCH) // _DAY + 1) * _DAY
