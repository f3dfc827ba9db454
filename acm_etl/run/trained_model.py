"""Models of a machine: loaded from the registry, and registered with their run and tables in one transaction."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from importlib.metadata import version
from typing import Literal

import polars as pl

from acm_etl import score
from acm_etl.engine import Engine
from acm_etl.load import clock
from acm_etl.load.models import registry, state_store
from acm_etl.load.runs import build_run_id
from acm_etl.load.write_metrics import TableMetric
from acm_etl.results import TrainingSummary
from acm_etl.run import run_rows
from acm_etl.run.context import MachineContext
from acm_etl.run.lineage import Run
from acm_etl.windows import Window
from acm_etl.words import ModelOrigin

CompletionStep = Callable[[Engine, registry.ModelRecord], None]
"""What is to be stored in the transaction of new models."""
# Packages that can change fitted values; drivers and the command line cannot.
_MODEL_PACKAGES = ("acm_etl", "polars", "numpy")


@dataclass(frozen=True, slots=True)
class TrainedModel:
    """Registered models of a machine.

    Attributes:
        model: The models.
        version: Their version, counted from 1.
        train_end: End of the training period, UTC, exclusive.
        metrics: Rows written per table, if the models were trained in this run.
        summary: Training period, if this is an initial training of this run.
    """

    model: score.Model
    version: int
    train_end: datetime
    metrics: Sequence[TableMetric] = ()
    summary: TrainingSummary | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class TrainingRun:
    """The run that trained models.

    Attributes:
        stage: ``coldstart`` or ``refit``.
        origin: Why the models were trained.
        window: Interval of the readings that were used; it starts with the training period.
        valid_from: Time from which the models score, UTC.
        reading_count: Number of readings in the window.
        running_count: Number of readings in operation that were fitted.
    """

    stage: Literal["coldstart", "refit"]
    origin: ModelOrigin
    window: Window
    valid_from: datetime
    reading_count: int
    running_count: int


def load_trained_model(context: MachineContext, at: datetime | None = None) -> TrainedModel | None:
    """Load models from the registry and verify their hash.

    Args:
        context: The machine.
        at: Time of the readings to score, UTC; None for the newest models.

    Returns:
        The models; None if there are none.

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


def select_trained_model(context: MachineContext, at: datetime, *, newest: TrainedModel) -> TrainedModel:
    """Return the models that score readings at a time; the newest ones if no version is valid there.

    Args:
        context: The machine.
        at: Time of the readings, UTC.
        newest: The newest models, which are not loaded again.
    """
    version = registry.find_version_at(context.engine, context.equip_id, at)
    if version in (None, newest.version):
        return newest
    return load_trained_model(context, at) or newest


def publish_trained_model(
    context: MachineContext,
    trained: TrainedModel,
    run: TrainingRun,
    *,
    first_state: score.ScoringState | None = None,
    completion_step: CompletionStep,
) -> TrainedModel:
    """Commit models, the tables that describe them, their run and first state, and what the caller adds, at once.

    Args:
        context: The machine.
        trained: The models, with the next free version.
        run: Their training.
        first_state: Scoring state from which the models continue at ``valid_from``; None if they score from the start.
        completion_step: Called inside the transaction.

    Returns:
        The models, with the rows written per table.
    """
    record = _build_registry_record(context, trained, run)
    states = []
    if first_state is not None:
        states = [state_store.StoredState(run.valid_from, trained.version, first_state.to_bytes(), record.run_id)]
    metrics = registry.publish_model(
        context.engine,
        record=record,
        frames=_build_model_tables(trained, record),
        run_log=_build_run_log(record, run),
        state_rows=state_store.build_state_frame(context.equip_id, states) if states else None,
        completion_step=lambda engine: completion_step(engine, record),
    )
    return replace(trained, metrics=metrics)


def _build_registry_record(context: MachineContext, trained: TrainedModel, run: TrainingRun) -> registry.ModelRecord:
    signature = context.config.signature
    # The RunID follows from the period and the settings: a repeated training has the same run.
    run_id = build_run_id(
        context.code,
        run.window.start,
        run.window.end,
        stage=run.stage,
        model_version=trained.version,
        signature=signature,
    )
    return registry.ModelRecord(
        equip_id=context.equip_id,
        run_id=run_id,
        version=trained.version,
        valid_from=run.valid_from,
        train_start=run.window.start,
        train_end=trained.train_end,
        train_rows=run.running_count,
        tags=tuple(trained.model.columns),
        # Stored with the models: after a change of settings, ``resume_checks`` can name what differs.
        params_json=context.config.signature_payload,
        libraries_json=json.dumps({name: version(name) for name in _MODEL_PACKAGES}),
        signature=signature,
        model_bytes=trained.model.to_bytes(),
        origin=run.origin,
    )


def _build_model_tables(trained: TrainedModel, record: registry.ModelRecord) -> dict[str, pl.DataFrame]:
    """Build the rows of the tables that describe models, by table name."""
    key_columns = {"RunID": pl.lit(record.run_id), "EquipID": pl.lit(record.equip_id, pl.Int32)}
    frames = score.model_tables(trained.model, model_version=trained.version)
    return {name: frame.with_columns(**key_columns) for name, frame in frames.items()}


def _build_run_log(record: registry.ModelRecord, run: TrainingRun) -> pl.DataFrame:
    """Build the RunLog row of a training: already OK, as it is committed together with the models."""
    # No RUNNING row before it: ACM_ColdstartState and ACM_RefitRequests record the attempts.
    facts = {"EquipID": record.equip_id, "ModelVersion": record.version, "ConfigSignature": record.signature}
    runs = [Run(record.run_id, run.window, 1, run.reading_count)]
    run_log = run_rows.build_run_log(runs, now=clock.utc_now(), shared_values=facts, stage=run.stage)
    return run_log.with_columns(Outcome=pl.lit("OK"), CompletedAt=pl.col("StartedAt"))
