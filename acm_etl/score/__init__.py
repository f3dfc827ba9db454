"""From readings to health: frames in, frames out, no I/O, no clock."""

from __future__ import annotations

from acm_etl.score.clean import clean, dedupe
from acm_etl.score.days import closing, day_tables
from acm_etl.score.model import Model, State
from acm_etl.score.output import Scored
from acm_etl.score.pipeline import score
from acm_etl.score.renewal import alarm_share, drift_share, handed_over, healthy, open_episode
from acm_etl.score.stats import run_rows
from acm_etl.score.threads import single_threaded
from acm_etl.score.timelines import Frames, event_tables, model_tables, time_tables
from acm_etl.score.training import fit, running_rows

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
