"""Zones in a column behind the times: ``CET`` and ``CEST``, or ``+01:00`` and ``+02:00``."""

from __future__ import annotations

import polars as pl

from acm_etl.io.files.column_names import simplify_name
from acm_etl.io.files.times.zone_words import KNOWN_WORDS

_ZONE_NAMES = frozenset({"tz", "timezone", "zone", "zeitzone", "utcoffset"})
_OFFSET_PATTERN = r"^[+-]\d{2}:?\d{2}$"


def is_zone_name(name: str) -> bool:
    """Return whether a column of this name may hold the zones of times."""
    return simplify_name(name) in _ZONE_NAMES


def is_zone_column(cells: pl.Series) -> bool:
    """Return whether a column right behind the times holds their zones.

    Args:
        cells: Its first cells.
    """
    if not is_zone_name(cells.name) or cells.dtype != pl.String:
        return False
    # Names of areas, and numbers of them, are also called zones: every cell has to be a zone of times.
    texts = cells.str.strip_chars().str.to_uppercase()
    is_zone = texts.is_in(list(KNOWN_WORDS)) | texts.str.contains(_OFFSET_PATTERN)
    return texts.count() > 0 and bool(is_zone.drop_nulls().all())


def add_zones(times: pl.Series, zones: pl.Series) -> pl.Series:
    """Return texts of times with their zones behind them; a time without a zone stays as it is."""
    frame = pl.DataFrame([times.alias("time"), zones.cast(pl.String).alias("zone")])
    joined = pl.concat_str("time", pl.col("zone").str.strip_chars(), separator=" ")
    return frame.select(pl.coalesce(joined, "time").alias(times.name)).to_series()
