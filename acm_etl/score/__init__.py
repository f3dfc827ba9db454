"""From readings to health: frames in, frames out, no I/O, no clock."""

from __future__ import annotations

from acm_etl.score.blas_threads import single_threaded
from acm_etl.score.model import Model, State
from acm_etl.score.pipeline import score
from acm_etl.score.prepare.clean import clean, dedupe
from acm_etl.score.reading_tables import Frames, event_tables, model_tables, time_tables
from acm_etl.score.result import Scored
from acm_etl.score.summaries.runs import run_rows
from acm_etl.score.summaries.tables import closing, day_tables
from acm_etl.score.training.fit import fit, running_rows
from acm_etl.score.training.model_update import alarm_share, drift_share, handed_over, healthy, open_episode

__all__ = [
    "Frames",
    "Model",
    "Scored",
    "State",
    "alarm_share",
    "clean",
    "closing",
    "day_tables",
    "dedupe",
    "drift_share",
    "event_tables",
    "fit",
    "handed_over",
    "healthy",
    "model_tables",
    "open_episode",
    "run_rows",
    "running_rows",
    "score",
    "single_threaded",
    "time_tables",
]
