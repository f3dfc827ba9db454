"""A line without axes: health of the last days, as SVG points in a box of 100 by 100."""

from __future__ import annotations

from datetime import timedelta

import polars as pl

MAX_GAP = timedelta(days=3)
"""The line breaks where no day has a health for longer."""


def build_polylines(daily_health: pl.DataFrame) -> list[str]:
    """Points of polylines, ``x,y`` with health downwards; none where there are fewer than two days.

    Args:
        daily_health: ``AsOf`` and ``AvgHealth``, oldest first.
    """
    known = daily_health.drop_nulls("AvgHealth")
    if known.height < 2:
        return []
    time = pl.col("AsOf")
    since = (time - time.min()).dt.total_seconds()
    pieces = known.with_columns(
        x=100 * since / since.max(), piece=(time.diff() > MAX_GAP).fill_null(value=False).cum_sum()
    ).partition_by("piece", maintain_order=True)
    return [
        " ".join(f"{x:.1f},{100 - y:.1f}" for x, y in piece.select("x", "AvgHealth").iter_rows()) for piece in pieces
    ]
