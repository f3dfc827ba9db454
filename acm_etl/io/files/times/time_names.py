"""Names of columns: which ones usually hold times, and which ones name an offset or a zone."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from functools import lru_cache

from acm_etl.io.files.times.month_names import remove_accents
from acm_etl.io.files.times.zone_words import KNOWN_WORDS, SUMMER_WORD, WINTER_WORD, get_fixed_offset, parse_offset
from acm_etl.local_time import list_time_zones

# The most usual names, most certain first.
USUAL_NAMES = (
    "entrydatetime", "timestamp", "ts", "datetime", "date_time", "date time", "time_stamp", "time stamp",
    "utc", "date", "time",
)  # fmt: skip
# Words of other names of time columns, without accents.
_TIME_WORDS = frozenset((
    "time", "timestamp", "timestamps", "datetime", "date", "ts", "stamp", "tstamp", "utc", "gmt", "epoch", "unixtime",
    "entrydatetime", "localtime", "sampletime", "utctime", "datetimeutc", "timeutc", "eventtime", "logtime",
    "zeit", "zeitstempel", "zeitpunkt", "datum", "uhrzeit", "datumzeit", "fecha", "hora", "fechahora", "data",
    "datahora", "ora", "dataora", "heure", "horodatage", "horodate", "dato", "tid", "tidspunkt", "tidpunkt", "tijd",
    "tijdstip", "tijdstempel", "datumtijd", "klokkeslaet", "klockslag", "klocka", "czas", "godzina", "cas", "clock",
    "timestring", "moment", "zeitangabe",
))  # fmt: skip
# Words that are a time column only as the whole name: "Data" is a date in Italian and anything in English.
_WHOLE_NAMES = frozenset(("data", "ora", "cas", "moment", "tid", "clock", "stamp", "ts"))
# Names of times of day and of nothing else.
_CLOCK_NAMES = frozenset((
    "time", "localtime", "utctime", "timeutc", "sampletime", "eventtime", "logtime", "zeit", "zeitpunkt", "uhrzeit",
    "hora", "heure", "tidspunkt", "tidpunkt", "tijd", "tijdstip", "klokkeslaet", "klockslag", "klocka", "czas",
    "godzina",
))  # fmt: skip
# Words that make a name a duration: hours of operation rise like serial days of Excel.
_DURATION_WORDS = frozenset((
    "run", "running", "runtime", "operating", "operation", "elapsed", "duration", "cycle", "up", "down", "delay",
    "betriebs", "lauf", "hours", "stunden", "response", "dead", "interval", "since", "marche", "lead", "travel",
))  # fmt: skip
# Words of time columns beside that of the readings.
_OTHER_MOMENTS = frozenset((
    "end", "ende", "fin", "stop", "until", "to", "bis", "stored", "received", "issued", "created", "inserted",
    "updated", "modified", "uploaded", "upload", "published", "run",
))  # fmt: skip
# UTC is found by its pattern, with an offset; DST and STD name a column of flags, and a standard deviation.
_NO_ZONES_IN_NAMES = frozenset({"UTC", "GMT", "UT", "Z", SUMMER_WORD, WINTER_WORD})
_BRACKET_PATTERN = re.compile(r"[(\[{]([^)\]}]+)[)\]}]")
_HOUR_NAME = re.compile(
    r"hour|hr|hour ?(?:ending|of ?day|utc|local)|he|hh|stunde|std|heure|hora|ora|uur|timme|godzina|godz"
)
# Words of columns that number the intervals of a day, besides those of hours.
_DAY_PART_WORDS = frozenset(("period", "periodo", "periode", "interval", "intervall", "viertelstunde", "qh"))
_TOKEN_PATTERN = re.compile(r"[^\W\d_]+")
_UTC_PATTERN = re.compile(
    r"(?<![A-Za-z])(?:UTC|GMT)(?:\s*[+\-\u2212]\s*\d{1,2}(?::?\d{2})?)?(?![A-Za-z\d])", re.IGNORECASE
)
_BARE_OFFSET_PATTERN = re.compile(r"[+\-\u2212]\d{1,2}(?::?\d{2})?$")


def is_time_name(name: str) -> bool:
    """Return whether a column of this name usually holds times, dates or times of day."""
    words = _list_words(name)
    if words & _DURATION_WORDS:
        return False
    bare = _strip_brackets(name)
    return bare in _TIME_WORDS or bare in USUAL_NAMES or bool(words & (_TIME_WORDS - _WHOLE_NAMES) or "stamp" in words)


def is_clock_name(name: str) -> bool:
    """Return whether a column is called by a word for times of day alone: a cook time may be a duration."""
    return _strip_brackets(name) in _CLOCK_NAMES


def _strip_brackets(name: str) -> str:
    return remove_accents(_BRACKET_PATTERN.sub(" ", name)).strip()


def names_other_moment(name: str) -> bool:
    """Return whether a time column is that of an end, of storage or of a forecast, not that of the reading."""
    return bool(_list_words(name) & _OTHER_MOMENTS)


def _list_words(name: str) -> set[str]:
    bare = _BRACKET_PATTERN.sub(" ", name)
    # DateTime, EntryDateTime and TimeStamp are one word in lower case; LogTime and t_stamp fall into parts.
    parted = re.sub(r"([a-z])([A-Z])", r"\1 \2", bare)
    return {word for text in (bare, parted) for word in _TOKEN_PATTERN.findall(remove_accents(text))}


def is_hour_name(name: str) -> bool:
    """Return whether a column of this name usually holds the hour of the day as a number."""
    return _HOUR_NAME.fullmatch(" ".join(remove_accents(name.replace("_", " ")).split())) is not None


def numbers_parts_of_day(name: str) -> bool:
    """Return whether a column of this name usually numbers the hours or other intervals of a day."""
    return is_hour_name(name) or bool(_list_words(name) & _DAY_PART_WORDS)


def order_candidates(columns: Sequence[str]) -> Iterator[str]:
    """Yield the columns in which times are looked for: usual names, other names of times, the rest in file order."""
    by_name = {column.strip().casefold(): column for column in reversed(columns)}
    usual = [by_name[name] for name in USUAL_NAMES if name in by_name]
    named = [column for column in columns if column not in usual and is_time_name(column)]
    yield from usual
    yield from named
    yield from (column for column in columns if column not in usual and column not in named)


def find_zone_in_name(name: str) -> str | int | None:
    """Return what the name of a time column says about its offset.

    Returns:
        Minutes east of UTC (``Time (UTC+01:00)``, ``time_utc``), a zone word in upper case (``Zeit (MEZ)``), an IANA
        zone (``Time [Europe/Berlin]``), or None.
    """
    # NREL calls the column of clocks by the zone alone: DATE, MST.
    for content in (name.strip(), *(match.strip() for match in _BRACKET_PATTERN.findall(name))):
        found = _read_bracket(content)
        if found is not None:
            return found
    match = _UTC_PATTERN.search(name.replace("_", " "))
    if match is None:
        return 0 if re.search(r"[a-z]UTC$", name.strip()) else None  # DateTimeUTC
    return parse_offset(match[0]) or 0


def _read_bracket(content: str) -> str | int | None:
    if _BARE_OFFSET_PATTERN.match(content):
        return parse_offset(content)
    if content in _list_region_zones():
        return content
    words = [word.strip() for word in content.upper().split("/")]
    # MET/CET is one offset in two languages. CET/CEST are the two seasons of a clock, which --timezone names.
    offsets = {get_fixed_offset(word) for word in words}
    is_one = len(words) == 1 or (len(offsets) == 1 and None not in offsets)
    return words[0] if is_one and (KNOWN_WORDS - _NO_ZONES_IN_NAMES).issuperset(words) else None


@lru_cache(maxsize=1)
def _list_region_zones() -> frozenset[str]:
    return frozenset(zone for zone in list_time_zones() if "/" in zone)
