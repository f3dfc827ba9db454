"""Scoring: sensor readings to anomaly scores, episodes, health and forecasts.

Pure functions on frames: no input or output, no clock, no store. ``fit`` trains a model on a frame of readings, and
``score`` scores further readings with it. The remaining names turn a result into rows of the ACM tables, and decide
about new models.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from acm_etl.score.blas_threads import limit_blas_threads
    from acm_etl.score.expectation import compute_expected_readings
    from acm_etl.score.model import Model
    from acm_etl.score.pipeline import score
    from acm_etl.score.prepare.clean import clean_readings, dedupe_readings
    from acm_etl.score.reading_tables import TableFrames, event_tables, model_tables, timeline_tables
    from acm_etl.score.result import ScoreResult
    from acm_etl.score.state import ScoringState
    from acm_etl.score.summaries.runs import compute_run_stats
    from acm_etl.score.summaries.tables import day_tables, days_to_close
    from acm_etl.score.training.block_sample import BlockSample
    from acm_etl.score.training.fit import OperatingStates, find_operating_states, fit
    from acm_etl.score.training.migrate_state import BaselineStart, migrate_state, start_baseline
    from acm_etl.score.training.refit_data import drift_share, exclude_episodes, false_alarm_share, read_open_episode
    from acm_etl.score.warm_up import warm_up_kernels

# Imported on first use: a backfill that finds nothing new needs no scoring, whose libraries take a fifth of its time.
_NAMES_BY_MODULE = {
    "blas_threads": ("limit_blas_threads",),
    "expectation": ("compute_expected_readings",),
    "model": ("Model",),
    "pipeline": ("score",),
    "prepare.clean": ("clean_readings", "dedupe_readings"),
    "reading_tables": ("TableFrames", "event_tables", "model_tables", "timeline_tables"),
    "result": ("ScoreResult",),
    "state": ("ScoringState",),
    "summaries.runs": ("compute_run_stats",),
    "summaries.tables": ("day_tables", "days_to_close"),
    "training.block_sample": ("BlockSample",),
    "training.fit": ("OperatingStates", "find_operating_states", "fit"),
    "training.migrate_state": ("BaselineStart", "migrate_state", "start_baseline"),
    "training.refit_data": ("drift_share", "exclude_episodes", "false_alarm_share", "read_open_episode"),
    "warm_up": ("warm_up_kernels",),
}
_MODULES = {name: module for module, names in _NAMES_BY_MODULE.items() for name in names}

__all__ = [
    "BaselineStart",
    "BlockSample",
    "Model",
    "OperatingStates",
    "ScoreResult",
    "ScoringState",
    "TableFrames",
    "clean_readings",
    "compute_expected_readings",
    "compute_run_stats",
    "day_tables",
    "days_to_close",
    "dedupe_readings",
    "drift_share",
    "event_tables",
    "exclude_episodes",
    "false_alarm_share",
    "find_operating_states",
    "fit",
    "limit_blas_threads",
    "migrate_state",
    "model_tables",
    "read_open_episode",
    "score",
    "start_baseline",
    "timeline_tables",
    "warm_up_kernels",
]


def __getattr__(name: str) -> Any:  # noqa: ANN401 - a class or a function
    """Import the module of a public name on first use."""
    if name not in _MODULES:
        message = f"module 'acm_etl.score' has no attribute {name!r}"
        raise AttributeError(message)
    return getattr(importlib.import_module(f"acm_etl.score.{_MODULES[name]}"), name)
