"""Switch of models at a midnight of the data, for a baseline (``run/baseline.py``) or a refit (``run/refit.py``)."""

from __future__ import annotations

from dataclasses import dataclass, replace

from acm_etl import score
from acm_etl.engine import Engine
from acm_etl.load import watermark
from acm_etl.load.models import registry
from acm_etl.load.watermark import Watermark
from acm_etl.run.context import MachineContext
from acm_etl.run.trained_model import CompletionStep, TrainedModel, TrainingRun, publish_trained_model


@dataclass(frozen=True, slots=True)
class ActiveModels:
    """Models of a machine at the progress from which they score.

    Attributes:
        trained: The models, with the rows written per table if they were trained in this run.
        watermark: The stored progress.
        state: Scoring state for the next window.
    """

    trained: TrainedModel
    watermark: Watermark
    state: score.ScoringState

    def replace_models(self, trained: TrainedModel, state: score.ScoringState) -> ActiveModels:
        """Return other models and their state at the same time."""
        # Only the version changes: the windows before stay those of the models that scored them.
        return ActiveModels(trained, replace(self.watermark, model_version=trained.version), state)


def commit_switch(
    context: MachineContext,
    current: ActiveModels,
    successor: ActiveModels,
    run: TrainingRun,
    *,
    completion_step: CompletionStep,
) -> ActiveModels:
    """Commit new models, their tables, run and first state, the progress, and what the caller adds, at once.

    Args:
        context: The machine.
        current: The models in use.
        successor: The new models.
        run: Their training.
        completion_step: Called inside the transaction.

    Returns:
        The new models, with the rows written per table.
    """

    # In the transaction of the models: a version that is stored but not in use, or the reverse, must never be visible.
    def complete_switch(engine: Engine, record: registry.ModelRecord) -> None:
        watermark.move_watermark(engine, current.watermark, successor.watermark)
        completion_step(engine, record)

    trained = publish_trained_model(
        context, successor.trained, run, first_state=successor.state, completion_step=complete_switch
    )
    return replace(successor, trained=trained)
