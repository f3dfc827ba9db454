"""Zones in a column behind the times: ``CET`` and ``CEST``, or ``+01:00`` and ``+02:00``."""

from __future__ import annotations

from collections.abc import Sequence

import polars as pl

from acm_etl.io.files.column_names import simplify_name
from acm_etl.io.files.times.zone_words import KNOWN_WORDS

_ZONE_NAMES = frozenset({"tz", "timezone", "zone", "zeitzone", "utcoffset"})
_OFFSET_PATTERN = r"^[+-]\d{2}:?\d{2}$"


def is_zone_name(name: str) -> bool:
    """Return whether a column of this name may hold the zones of times."""
    return simplify_name(name) in _ZONE_NAMES


def find_zone_column(sample: pl.DataFrame, columns: Sequence[str]) -> str | None:
    """Return the column right behind the times that holds their zones; None if there is none.

    Args:
        sample: The first rows of the file.
        columns: The columns of the times.
    """
    position = max(map(sample.columns.index, columns)) + 1
    name = sample.columns[position] if position < sample.width else ""
    if not is_zone_name(name) or sample[name].dtype != pl.String:
        return None
    # Names of areas, and numbers of them, are also called zones: every cell has to be a zone of times.
    cells = sample[name].str.strip_chars().str.to_uppercase()
    is_zone = cells.is_in(list(KNOWN_WORDS)) | cells.str.contains(_OFFSET_PATTERN)
    return name if cells.count() and bool(is_zone.drop_nulls().all()) else None


def add_zones(times: pl.Series, zones: pl.Series) -> pl.Series:
    """Return texts of times with their zones behind them; a time without a zone stays as it is."""
    frame = pl.DataFrame([times.alias("time"), zones.cast(pl.String).alias("zone")])
    joined = pl.concat_str("time", pl.col("zone").str.strip_chars(), separator=" ")
    return frame.select(pl.coalesce(joined, "time").alias(times.name)).to_series()
