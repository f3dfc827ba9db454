"""From readings to health: frames in, frames out, no I/O, no clock."""

from __future__ import annotations

from acm_etl.score.clean import clean, dedupe
from acm_etl.score.days import day_tables
from acm_etl.score.model import Model, State
from acm_etl.score.output import Scored
from acm_etl.score.pipeline import score
from acm_etl.score.stats import run_rows
from acm_etl.score.timelines import event_tables, model_tables, time_tables
from acm_etl.score.training import fit, running_rows

__all__ = [
    "Model",
    "Scored",
    "State",
    "clean",
    "day_tables",
    "dedupe",
    "event_tables",
    "fit",
    "model_tables",
    "run_rows",
    "running_rows",
    "score",
    "time_tables",
]
