"""Scoring: sensor readings to anomaly scores, episodes, health and forecasts.

Pure functions on frames: no input or output, no clock, no store. ``fit`` trains a model on a frame of readings, and
``score`` scores further readings with it. The remaining names turn a result into rows of the ACM tables, and decide
about new models.
"""

from __future__ import annotations

from acm_etl.score.blas_threads import limit_blas_threads
from acm_etl.score.model import Model
from acm_etl.score.pipeline import score
from acm_etl.score.prepare.clean import clean_readings, dedupe_readings
from acm_etl.score.reading_tables import TableFrames, event_tables, model_tables, timeline_tables
from acm_etl.score.result import ScoreResult
from acm_etl.score.state import ScoringState
from acm_etl.score.summaries.runs import compute_run_stats
from acm_etl.score.summaries.tables import day_tables, days_to_close
from acm_etl.score.training.block_sample import BlockSample
from acm_etl.score.training.fit import count_running_rows, fit
from acm_etl.score.training.migrate_state import migrate_state
from acm_etl.score.training.refit_data import drift_share, exclude_episodes, false_alarm_share, read_open_episode
from acm_etl.score.warm_up import warm_up_kernels

__all__ = [
    "BlockSample",
    "Model",
    "ScoreResult",
    "ScoringState",
    "TableFrames",
    "clean_readings",
    "compute_run_stats",
    "count_running_rows",
    "day_tables",
    "days_to_close",
    "dedupe_readings",
    "drift_share",
    "event_tables",
    "exclude_episodes",
    "false_alarm_share",
    "fit",
    "limit_blas_threads",
    "migrate_state",
    "model_tables",
    "read_open_episode",
    "score",
    "timeline_tables",
    "warm_up_kernels",
]
