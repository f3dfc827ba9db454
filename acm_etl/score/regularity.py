"""Regimes over the trailing days: how long in which, and from which to which."""

from __future__ import annotations

import polars as pl

from acm_etl.score.calendar import DAY

_LABEL = "regime_label"


def occupancy(trail: pl.DataFrame, timeline: pl.DataFrame) -> pl.DataFrame:
    """Readings in each regime.

    Args:
        trail: Days of each summary.
        timeline: Readings with ``regime_label`` and their day number.
    """
    per_day = timeline.filter(pl.col(_LABEL).is_not_null()).group_by(DAY, _LABEL).len("count")
    count = pl.col("RecordCount")
    return (
        trail.join(per_day, on=DAY)
        .group_by("AsOf", RegimeLabel=_LABEL)
        .agg(RecordCount=pl.col("count").sum())
        .with_columns(Percentage=100 * count / count.sum().over("AsOf"))
        .sort("AsOf", "RegimeLabel")
    )


def transitions(trail: pl.DataFrame, timeline: pl.DataFrame, trailing: int) -> pl.DataFrame:
    """Changes of regime between successive readings that both lie in the trailing days.

    Args:
        trail: Days of each summary.
        timeline: Readings with ``regime_label`` and their day number, in sequence.
        trailing: Days of a summary.
    """
    labelled = timeline.filter(pl.col(_LABEL).is_not_null())
    steps = labelled.select(DAY, ToLabel=_LABEL, FromLabel=pl.col(_LABEL).shift(), from_day=pl.col(DAY).shift()).filter(
        pl.col("FromLabel") != pl.col("ToLabel")
    )
    per_day = steps.group_by(DAY, "from_day", "FromLabel", "ToLabel").len("count")
    count = pl.col("Count")
    return (
        trail.join(per_day, on=DAY)
        .filter(pl.col("from_day") > pl.col("asof") - trailing)
        .group_by("AsOf", "FromLabel", "ToLabel")
        .agg(Count=pl.col("count").sum())
        .with_columns(Prob=count / count.sum().over("AsOf", "FromLabel"))
        .sort("AsOf", "FromLabel", "ToLabel")
    )
