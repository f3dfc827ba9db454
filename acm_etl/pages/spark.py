"""A line without axes: health of the last days, as SVG points in a box of 100 by 100."""

from __future__ import annotations

import polars as pl


def line(days: pl.DataFrame) -> str:
    """Points of a polyline, ``x,y`` with health downwards; empty where there are fewer than two days.

    Args:
        days: ``AsOf`` and ``AvgHealth``, oldest first.
    """
    known = days.drop_nulls("AvgHealth") if days.width else days
    if known.height < 2:
        return ""
    since = (known["AsOf"] - known["AsOf"].min()).dt.total_seconds()
    x = 100 * since / since.max()
    return " ".join(f"{a:.1f},{100 - b:.1f}" for a, b in zip(x, known["AvgHealth"], strict=True))
