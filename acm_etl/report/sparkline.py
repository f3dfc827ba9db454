"""Small chart of daily health without axes, as SVG points in a box of 100 by 100."""

from __future__ import annotations

from datetime import timedelta

import polars as pl

# A weekend without readings is no break; a longer standstill is.
MAX_GAP = timedelta(days=3)
"""Longest gap between two days that the line bridges."""


def build_polylines(daily_health: pl.DataFrame) -> list[str]:
    """Return the points of polylines, one ``x,y ...`` text per unbroken line; empty for fewer than two days.

    Args:
        daily_health: ``AsOf`` and ``AvgHealth``, oldest first.
    """
    days = daily_health.drop_nulls("AvgHealth")
    # One day is a point, which a line of SVG does not draw.
    if days.height < 2:
        return []
    time = pl.col("AsOf")
    since = (time - time.min()).dt.total_seconds()
    # SVG counts y downwards, so health 100 is at y = 0.
    pieces = days.with_columns(
        x=100 * since / since.max(), piece=(time.diff() > MAX_GAP).fill_null(value=False).cum_sum()
    ).partition_by("piece", maintain_order=True)
    return [
        " ".join(f"{x:.1f},{100 - y:.1f}" for x, y in piece.select("x", "AvgHealth").iter_rows()) for piece in pieces
    ]
