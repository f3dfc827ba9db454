"""A group of windows worth bulk-copying, published as the runner does it."""

from __future__ import annotations

import polars as pl
from load import made
from load.made import T, log
from plants import _contents

from acm_etl.errors import TransientError
from acm_etl.load import publish, runs

TABLES = ("RunLog", "ACM_Runs", "ACM_Scores_Wide", "ACM_SensorDrift", "ACM_BatchProgress", "ACM_WriteMetrics")
DAYS = range(30)


def large_group(**changes):
    """A publication of 30 days: 720 rows of scores and 720 of drift are bulk-copied, the rest is small."""
    health = made.health(*DAYS)
    drift = health.select("RunID", "EquipID", "Timestamp", SensorName=pl.lit("a"), DriftValue=pl.lit(1.0))
    frames = {"ACM_Scores_Wide": health, "ACM_SensorDrift": drift}
    return made.publication(*DAYS, frames=frames, **changes)


def group(engine):
    """A group as the runner does it: announced, published, and all of it again on a transient error."""
    for attempt in range(1, 4):
        try:
            runs.start_runs(engine, log(*range(30)))
            publish.publish_batch(engine, large_group())
        except TransientError:
            if attempt == 3:
                raise
        else:
            return attempt
    return None


def stored(engine):
    """What must not depend on what went wrong."""
    return {name: _contents(engine, T[name]) for name in TABLES}
