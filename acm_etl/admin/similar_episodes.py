"""Similarity of episodes by the contributions of their sensors."""

from __future__ import annotations

from datetime import datetime

import polars as pl

MAX_SIMILAR = 5
# A fault that comes back gives above 0.9; episodes with one of two main sensors in common about 0.5.
MIN_SIMILARITY = 0.7
"""Cosine from which an earlier episode counts as similar."""


def rank_similar(shares: pl.DataFrame, start: datetime) -> list[tuple[datetime, float]]:
    """Return start and similarity of the episodes most similar to one of them.

    Args:
        shares: ``StartTs``, ``SensorName`` and ``ContributionPct``, one row per episode and sensor.
        start: Start of the episode to compare with.

    Returns:
        At most ``MAX_SIMILAR`` other episodes with at least ``MIN_SIMILARITY``, most similar first.
    """
    own = shares.filter(pl.col("StartTs") == start).select("SensorName", own="ContributionPct")
    # Norms over all sensors of each episode: a sensor that only one of the two has must lower the similarity.
    norm = pl.col("ContributionPct").pow(2).sum().sqrt()
    own_norm = own.select(pl.col("own").pow(2).sum().sqrt()).item()
    ranked = (
        shares.filter(pl.col("StartTs") != start)
        .join(own, on="SensorName", how="left")
        .group_by("StartTs")
        .agg(similarity=(pl.col("ContributionPct") * pl.col("own").fill_null(0.0)).sum() / (norm * own_norm))
        .filter(pl.col("similarity") >= MIN_SIMILARITY)
        # The newest of equally similar ones first: its cause is the likeliest to be remembered.
        .sort("similarity", "StartTs", descending=True)
        .head(MAX_SIMILAR)
    )
    return list(ranked.iter_rows())
