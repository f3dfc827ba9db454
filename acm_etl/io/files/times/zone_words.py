"""Words that stand for an offset from UTC, such as CET or EST, and which of them have one meaning only.

Words with several meanings (IST is India, Israel and Ireland) count only where the machine's own time zone has one of
these offsets. Otherwise the file is refused: a wrong guess moves all readings by hours.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

from acm_etl.counts import format_count
from acm_etl.errors import InputError

_MINUTES: Mapping[str, int] = {
    "Z": 0, "UTC": 0, "UT": 0, "GMT": 0, "WET": 0, "WEST": 60, "WEZ": 0,
    "CET": 60, "CEST": 120, "MEZ": 60, "MESZ": 120, "MET": 60, "MEST": 120, "EET": 120, "EEST": 180, "OEZ": 120,
    "OESZ": 180, "MSK": 180, "EST": -300, "EDT": -240, "CDT": -300, "MST": -420, "MDT": -360, "PST": -480,
    "PDT": -420, "AKST": -540, "AKDT": -480, "HST": -600, "NST": -210, "NDT": -150, "ADT": -180, "BRT": -180,
    "JST": 540, "KST": 540, "HKT": 480, "SGT": 480, "PKT": 300, "SAST": 120, "AEST": 600, "AEDT": 660, "ACST": 570,
    "ACDT": 630, "AWST": 480, "NZST": 720, "NZDT": 780, "WIB": 420,
}  # fmt: skip
_MEANINGS: Mapping[str, tuple[int, ...]] = {
    "IST": (330, 120, 60), "CST": (-360, 480), "BST": (60, 360), "AST": (-240, 180), "GST": (240, -120),
    "SST": (480, -660), "ECT": (-300, 60),
}  # fmt: skip
SUMMER_WORD, WINTER_WORD = "DST", "STD"
"""Words for the two seasons of a zone: ``02:00 DST`` is the first of the two hours of an autumn change."""
KNOWN_WORDS = frozenset(_MINUTES) | frozenset(_MEANINGS) | {SUMMER_WORD, WINTER_WORD}

_OFFSET_PATTERN = re.compile(r"(?:UTC|GMT|UT)?\s*([+\-\u2212])\s*(\d{1,2})(?::?(\d{2}))?", re.IGNORECASE)
_FIRST_YEAR, _LAST_YEAR = 1990, 2037
# Portugal and Russia have tried other offsets in the nineties; exports that state the season are younger.
_FIRST_SEASON_YEAR = 2000


def get_fixed_offset(word: str) -> int | None:
    """Return the offset of a word with one meaning, in minutes east of UTC."""
    return _MINUTES.get(word.upper())


def parse_offset(text: str) -> int | None:
    """Return the minutes of an offset such as ``UTC+1``, ``GMT-05:30`` or ``+0100``; None for other texts."""
    # GMT-5 is west of Greenwich here; only the Etc names of IANA turn the sign around.
    match = _OFFSET_PATTERN.fullmatch(text.strip())
    if match is None:
        return None
    minutes = int(match[2]) * 60 + int(match[3] or 0)
    return None if minutes > 14 * 60 else (1 if match[1] == "+" else -1) * minutes


@lru_cache(maxsize=16)
def find_zone_offsets(time_zone: str, first_year: int = _FIRST_YEAR) -> frozenset[int]:
    """Return all offsets of a zone since a year, in minutes east of UTC."""
    zone = ZoneInfo(time_zone)
    # 14 days are shorter than any stretch between two clock changes but that of Ramadan in Morocco.
    times = (datetime(_FIRST_YEAR, 1, 1, tzinfo=UTC) + timedelta(days=14 * i) for i in range(26 * 48))
    offsets = (time.astimezone(zone).utcoffset() for time in times if first_year <= time.year <= _LAST_YEAR)
    return frozenset(round(offset.total_seconds() / 60) for offset in offsets if offset is not None)


def resolve_zone_words(words: Iterable[str], time_zone: str, where: str) -> dict[str, int]:
    """Return the offset of each ambiguous word and each season, in minutes, as the time zone of the machine decides.

    Args:
        words: Words of `KNOWN_WORDS`; words with one meaning are left out of the result.
        time_zone: IANA zone of the machine.
        where: File and column, for the message.

    Raises:
        InputError: The zone has none of the offsets that a word can stand for.
    """
    offsets = find_zone_offsets(time_zone)
    resolved = {word: _find_season_offset(word, time_zone, where) for word in {SUMMER_WORD, WINTER_WORD} & set(words)}
    # Two meanings that both fit are as bad as none: the readings would move by hours.
    for word in sorted(set(words) & set(_MEANINGS)):
        fitting = [minutes for minutes in _MEANINGS[word] if minutes in offsets]
        if len(fitting) != 1:
            meanings = ", ".join(format_offset(minutes) for minutes in _MEANINGS[word])
            message = (
                f"{where}: the zone word {word} can mean {meanings}, and --timezone {time_zone} does not decide it; "
                f"give --timezone the zone that writes {word}, or write offsets such as +05:30"
            )
            raise InputError(message)
        resolved[word] = fitting[0]
    return resolved


def _find_season_offset(season: str, time_zone: str, where: str) -> int:
    offsets = sorted(find_zone_offsets(time_zone, _FIRST_SEASON_YEAR))
    # A clock that never changes may state winter all year.
    if len(offsets) == 1 and season == WINTER_WORD:
        return offsets[0]
    if len(offsets) != 2:
        message = (
            f"{where} states summer and winter time, but --timezone {time_zone} has "
            f"{format_count(len(offsets), 'offset')} from UTC; "
            "give --timezone the zone of the clock that wrote the file, or write offsets such as +02:00"
        )
        raise InputError(message)
    return offsets[season == SUMMER_WORD]


def format_offset(minutes: int) -> str:
    """Return an offset as text, ``UTC+05:30``; ``UTC`` for zero."""
    if not minutes:
        return "UTC"
    hours, rest = divmod(abs(minutes), 60)
    return f"UTC{'+' if minutes > 0 else '-'}{hours:02}:{rest:02}"
