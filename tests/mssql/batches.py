"""A batch that is large enough for bulk copies, published as a backfill does it."""

from __future__ import annotations

import polars as pl
from load import made
from load.made import T, log
from plants import _contents

from acm_etl.errors import TransientError
from acm_etl.load import publish, runs

TABLES = ("RunLog", "ACM_Runs", "ACM_Scores_Wide", "ACM_SensorDrift", "ACM_BatchProgress", "ACM_WriteMetrics")
DAYS = range(30)


def make_large_batch(**changes):
    """Return a publication of 30 days: 720 rows of scores and 720 of drift are bulk-copied, the rest is small."""
    health = made.health(*DAYS)
    drift = health.select("RunID", "EquipID", "Timestamp", SensorName=pl.lit("a"), DriftValue=pl.lit(1.0))
    frames = {"ACM_Scores_Wide": health, "ACM_SensorDrift": drift}
    return made.publication(*DAYS, frames=frames, **changes)


def publish_large_batch(engine):
    """Start the runs of a batch, publish it, and repeat both on a transient error; return the number of attempts."""
    for attempt in range(1, 4):
        try:
            runs.start_runs(engine, log(*range(30)))
            publish.publish_batch(engine, make_large_batch())
        except TransientError:
            if attempt == 3:
                raise
        else:
            return attempt
    return None


def read_batch_tables(engine):
    """Return the tables that must be equal after any fault."""
    return {name: _contents(engine, T[name]) for name in TABLES}
