"""Zones in a column behind the times: ``CET`` and ``CEST``, ``+01:00`` and ``+02:00``, or summer and winter time."""

from __future__ import annotations

import polars as pl

from acm_etl.io.files.column_names import simplify_name
from acm_etl.io.files.times.zone_words import KNOWN_WORDS, SUMMER_WORD, WINTER_WORD

_ZONE_NAMES = frozenset({"tz", "timezone", "zone", "zeitzone", "offset"})
# Only these names make offsets of plain numbers: those of other columns may be corrections of a sensor.
_OFFSET_NAMES = frozenset({"utcoffset", "gmtoffset", "tzoffset", "timezoneoffset", "zoneoffset", "offsetutc"})
_SEASON_NAMES = frozenset({"sw", "szwz", "season", "saison", "jahreszeit", "sommerwinter", "summerwinter"})
_SUMMER_FLAG_NAMES = frozenset({
    "dst", "isdst", "dstflag", "dstactive", "daylightsaving", "daylightsavingtime", "summertime", "issummertime", "sz",
    "sommerzeit", "heuredeté", "oralegale", "horariodeverano",
})  # fmt: skip
_FIRST_OFFSET, _LAST_OFFSET = -12 * 60, 14 * 60
_OFFSET_PATTERN = r"^[+-]\d{2}:?\d{2}$"
_SEASON_WORDS = {
    **dict.fromkeys(("S", "SZ", "DST", "SUMMER", "SOMMER", "SOMMERZEIT"), SUMMER_WORD),
    **dict.fromkeys(("W", "WZ", "N", "STD", "ST", "WINTER", "WINTERZEIT"), WINTER_WORD),
}
# 1 and True mean summer time only under a name that says so: a switch may be called SW.
_FLAG_WORDS = {
    **dict.fromkeys(("1", "1.0", "TRUE", "YES", "Y", "JA", "J"), SUMMER_WORD),
    **dict.fromkeys(("0", "0.0", "FALSE", "NO", "NEIN"), WINTER_WORD),
}


def is_zone_name(name: str) -> bool:
    """Return whether a column of this name may hold the zones of times."""
    return simplify_name(name) in _ZONE_NAMES | _OFFSET_NAMES | _SEASON_NAMES | _SUMMER_FLAG_NAMES


def is_zone_column(cells: pl.Series) -> bool:
    """Return whether a column right behind the times holds their zones.

    Args:
        cells: Its first cells.
    """
    if not is_zone_name(cells.name):
        return False
    # Names of areas, and numbers of them, are also called zones: every cell has to be a zone of times.
    texts = _to_zone_texts(cells)
    seasons = _map_seasons(cells.name)
    is_zone = texts.is_in(list(KNOWN_WORDS | seasons.keys())) | texts.str.contains(_OFFSET_PATTERN)
    return texts.count() > 0 and bool(is_zone.drop_nulls().all())


def add_zones(times: pl.Series, zones: pl.Series) -> pl.Series:
    """Return texts of times with their zones behind them; a time without a zone stays as it is."""
    texts = _to_zone_texts(zones)
    words = texts.replace(_map_seasons(zones.name))
    frame = pl.DataFrame([times.alias("time"), words.alias("zone")])
    joined = pl.concat_str("time", "zone", separator=" ")
    return frame.select(pl.coalesce(joined, "time").alias(times.name)).to_series()


def _map_seasons(name: str) -> dict[str, str]:
    """Return the zone words of cells that state a season, by the cell in upper case."""
    simple = simplify_name(name)
    if simple in _SUMMER_FLAG_NAMES:
        return _SEASON_WORDS | _FLAG_WORDS
    return _SEASON_WORDS if simple in _SEASON_NAMES else {}


def _to_zone_texts(cells: pl.Series) -> pl.Series:
    """Return cells in upper case, and the hours of a column of offsets, such as ``-4`` and ``5.5``, as ``+05:30``."""
    texts = cells.cast(pl.String).str.strip_chars().str.to_uppercase()
    if simplify_name(cells.name) not in _OFFSET_NAMES:
        return texts
    padded = texts.str.replace(r"^([+-])(\d:)", "${1}0${2}")
    # Offsets in minutes or seconds lie beyond these hours, but for zero.
    minutes = (texts.cast(pl.Float64, strict=False) * 60).round().cast(pl.Int64)
    written = pl.select(
        pl.when(minutes.is_between(_FIRST_OFFSET, _LAST_OFFSET)).then(
            pl.format(
                "{}{}:{}",
                pl.when(minutes < 0).then(pl.lit("-")).otherwise(pl.lit("+")),
                (minutes.abs() // 60).cast(pl.String).str.zfill(2),
                (minutes.abs() % 60).cast(pl.String).str.zfill(2),
            )
        )
    ).to_series()
    return written.zip_with(written.is_not_null(), padded).alias(cells.name)
