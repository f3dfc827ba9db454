"""Texts of times of day to milliseconds since midnight and the offset that stands behind the time.

The plain spellings (``14:05:06.789+01:00``, ``2:05 PM``) are parsed by one expression. Texts that it cannot parse are
rewritten to the plain spelling and parsed again, so that common columns do not pay for rare spellings.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import cache

import polars as pl

from acm_etl.io.files.digits import to_plain_digits
from acm_etl.io.files.times.text_rewriting import BEFORE_CLOCK, rewrite_texts
from acm_etl.io.files.times.zone_words import KNOWN_WORDS, get_fixed_offset

DAY_MS = 86_400_000

# [0-9] rather than \d, which also matches digits of other scripts that no cast to a number reads.
_PLAIN_PATTERN = (
    r"^([0-9]{1,2}):([0-9]{2})(?::([0-9]{2})(?:[.,;]([0-9]{1,9})[0-9]*)?)?"
    r"\s*([AaPp])?(?:\.?[Mm]\.?)?\s*(Z|z|UTC|GMT|([+-])([0-9]{2})(?::?([0-9]{2}))?)?$"
)
_PLAIN_FIELDS = ["h", "m", "s", "fraction", "half", "zone", "sign", "zh", "zm"]
_MAX_EASTERN_MINUTES = 14 * 60
_MAX_WESTERN_MINUTES = 12 * 60

# Rewriting of rare spellings, in this order. Each rule leaves other texts alone.
_END_JOINT = r"(?: ?[/\u2013] ?| - | (?:to|bis|until|a|à) )"
_CLOCK_AND_ZONE = r"\d{1,2}:\d\d(?::\d\d(?:[.,]\d{1,9})?)?(?: ?\([A-Z]{2,5}\)| ?[A-Z]{1,5}| ?[+-]\d\d:?\d\d)?"
INTERVAL_RULES = (
    # 00:00 - 14.03.2024 01:00, and 00:00Z/PT1H: an interval that began with a date
    (rf"^({_CLOCK_AND_ZONE}){_END_JOINT}(?:\d{{1,4}}[./-]\d{{1,2}}[./-]\d{{1,4}}(?:T| |, ).+|P[\dT].*)$", "$1"),
    # 00:00 - 00:15; without blanks the end may be an offset from UTC: 00:00-05:00
    (rf"^({_CLOCK_AND_ZONE}) (?:[-\u2013]|to|bis|until) {_CLOCK_AND_ZONE}$", "$1"),
)
"""Rules that leave the start of an interval."""

_REWRITES = (
    *INTERVAL_RULES,
    (rf"(?i)^{BEFORE_CLOCK} (\d.*)$", "$1"),  # um 06:00
    (r"^(\d.*\d) ?\(([A-Z]{2,5})\)$", "$1 $2"),  # 02:00 (CEST)
    (r"\u2212", "-"),
    (r"(Z|[+-]\d\d(?::?\d\d)?) ?\[[\w/+-]+\]$", "$1"),  # 00:00+01:00[Europe/Berlin]: the offset says it all
    (r"(?i) ?(?:utc|gmt) ?([+-])(\d)(:?\d\d)?$", " ${1}0$2$3"),  # UTC+1
    (r"(?i) ?(?:utc|gmt) ?([+-]\d\d)", " $1"),  # GMT+01:00
    (r"(?i)(\d)\s?([ap])\.?\s?m\b\.?", "$1 ${2}M"),  # p. m.
    (r"^(?:上午|午前|오전) ?(\d.*)$", "$1 AM"),
    (r"^(?:下午|午後|오후) ?(\d.*)$", "$1 PM"),
    (r"(\d) ?ص$", "$1 AM"),
    (r"(\d) ?م$", "$1 PM"),
    (r"(?i)(\d) ?π\.?μ\.?$", "$1 AM"),
    (r"(?i)(\d) ?μ\.?μ\.?$", "$1 PM"),
    (r"^(\d{1,2})[時时시] ?(\d{1,2})[分분] ?(?:(\d{1,2})[秒초])?( [AP]M)?$", "$1:$2:$3$4"),
    (r"^(\d{1,2}:\d{1,2}):( [AP]M)?$", "$1$2"),
    # 9:5:7 and 9:5Z, as loggers write numbers without leading zeros; 09:5 is a time that was cut
    (r"^(\d{1,2}):(\d)(:\d.*)$", "$1:0$2$3"),
    (r"^(\d|[12]\d):(\d)(\D.*)?$", "$1:0$2$3"),
    (r"^(\d{1,2}:\d\d):(\d)([., A-Za-z].*)?$", "$1:0$2$3"),
    (r"(?i)(\d) ?(?:vorm|fm|dop)\.?( |$)", "$1 AM$2"),
    (r"(?i)(\d) ?(?:nachm|em|odp)\.?( |$)", "$1 PM$2"),
    (r" ?(?:Uhr|h)$", ":"),  # 14 Uhr, 14h
    (r"^(\d{1,2}:\d\d(?::\d\d)?):$", "$1"),
    (r"^(\d{2})(\d{2})(\d{2})(\D.*)?$", "$1:$2:$3$4"),  # 235900
    (r"^(\d{2})(\d{2})(\D.*)?$", "$1:$2$3"),  # 2359
    (r"^(\d{1,2}) ?h ?(\d{2})(?: ?(?:m|min|mn)? ?(\d{2}) ?s?)$", "$1:$2:$3"),  # 00h30m15s
    (r"^(\d{1,2}) ?h ?(\d{2})(?: ?(?:m|min|mn))?( .*)?$", "$1:$2$3"),  # 00h30
    (r"^(\d{1,2})\.(\d{2})\.(\d{2})(\D.*)?$", "$1:$2:$3$4"),  # 14.05.06
    (r"^(\d{1,2})\.(\d{2})( ?[A-Za-z+-].*)?$", "$1:$2$3"),  # 14.05
    (r"(?i)^(\d{1,2})a(:\d\d(?::\d\d)?)$", "$1$2 DST"),  # 2A:00, the first of the two hours of a clock change
    (r"(?i)^(\d{1,2})b(:\d\d(?::\d\d)?)$", "$1$2 STD"),
    (r"(?i)^(\d{1,2}:\d\d(?::\d\d)?) (?:sz?|sommerzeit)$", "$1 DST"),
    (r"(?i)^(\d{1,2}:\d\d(?::\d\d)?) (?:wz?|winterzeit|normalzeit)$", "$1 STD"),
    (r"^(\d{1,2}:\d\d:\d\d):(\d{1,9})", "$1.$2"),  # milliseconds behind a colon
    (r"^(\d{1,2}):?( ?(?:[AaPp][Mm])?)( ?[Zz]| ?[+-]\d.*| [A-Za-z]+)?$", "$1:00$2$3"),  # the hour alone
)
_NEARLY_PLAIN_PATTERN = (
    r"^\d{1,2}:\d{2}(?::\d{2}(?:[.,;]\d+)?)?(?: ?[AaPp][Mm]?)?(?: ?(?:Z|[+-]\d{2}:?(?:\d{2})?))?"
    rf"(?i)(?: ?(?:{'|'.join(sorted(KNOWN_WORDS))}))?$"
)
_WORD_PATTERN = r" ?([A-Za-z]{2,5})$"


def find_interval_start(text: str) -> str | None:
    """Return the start of an interval such as ``00:00 - 14.03.2024 01:00``; None for a time of day."""
    matches = (re.match(pattern, text) for pattern, _ in INTERVAL_RULES)
    return next((match[1] for match in matches if match), None)


def parse_clocks(texts: pl.Series, zone_words: Mapping[str, int] | None = None) -> pl.DataFrame:
    """Parse times of day; ``24:00`` is the midnight at the end of the day, fractions are rounded to milliseconds.

    Args:
        texts: Times of day, with or without an offset or a zone word.
        zone_words: Minutes east of UTC of zone words with several meanings.

    Returns:
        ``text``, ``ms`` since midnight (null where the text is not a time), ``offset`` in minutes east of UTC (null
        where none is written) and ``word`` (a zone word with several meanings whose offset is not given, in upper
        case).
    """
    table = _parse_plain(texts.cast(pl.String)).with_columns(word=pl.lit(None, pl.String))
    if table["ms"].null_count() == texts.null_count():
        return table
    failed = table["ms"].is_null() & table["text"].is_not_null()
    # Distinct texts only: a rare spelling of millions of rows has few of them, and junk has too.
    retried = _parse_rare(table["text"].filter(failed).unique(), zone_words or {})
    joined = table.join(retried, on="text", how="left", maintain_order="left", suffix=":rare")
    return joined.select("text", *(pl.coalesce(name, f"{name}:rare").alias(name) for name in ("ms", "offset", "word")))


def _parse_plain(texts: pl.Series) -> pl.DataFrame:
    """Parse the plain spellings: ``text``, ``ms`` and ``offset``."""
    groups = pl.col("text").str.extract_groups(_PLAIN_PATTERN).struct.rename_fields(_PLAIN_FIELDS).alias("groups")
    parts = pl.DataFrame({"text": texts}).with_columns(groups).unnest("groups")
    if parts["h"].null_count() == len(parts):  # a column of values
        return parts.select("text", pl.lit(None, pl.Int64).alias("ms"), pl.lit(None, pl.Int64).alias("offset"))
    numbers, ms, *values = _build_plain_steps()
    return parts.with_columns(numbers).with_columns(ms).select("text", *values)


# Built once: for the few clocks of a sample, building expressions takes longer than computing them. In steps, because
# Polars computes an expression anew in each of those that contain it.
@cache
def _build_plain_steps() -> tuple[pl.Expr, ...]:
    """Build the numbers of the groups, milliseconds of any number, ``ms`` of a legal time, and ``offset``."""
    numbers = pl.col("h", "m", "s", "zh", "zm").cast(pl.Int64).fill_null(0).name.suffix("_number")
    h, m, s, zh, zm = (pl.col(f"{name}_number") for name in ("h", "m", "s", "zh", "zm"))
    noon = pl.when(pl.col("half").str.to_lowercase() == "p").then(12).otherwise(0)
    hour = pl.when(pl.col("half").is_null()).then(h).otherwise(h % 12 + noon)
    nanoseconds = pl.col("fraction").str.pad_end(9, "0").cast(pl.Int64).fill_null(0)
    ms = ((hour * 60 + m) * 60 + s) * 1000 + (nanoseconds + 500_000) // 1_000_000
    legal = (m < 60) & (s < 60) & (pl.col("ms") <= DAY_MS) & (pl.col("half").is_null() | h.is_between(1, 12))
    farthest = pl.when(pl.col("sign") == "-").then(_MAX_WESTERN_MINUTES).otherwise(_MAX_EASTERN_MINUTES)
    legal &= (zm < 60) & (zh * 60 + zm <= farthest)
    sign = pl.when(pl.col("sign") == "-").then(-1).otherwise(1)
    return (
        numbers,
        ms.alias("ms"),
        pl.when(legal & pl.col("h").is_not_null()).then("ms").alias("ms"),
        pl.when(pl.col("zone").is_not_null()).then(sign * (zh * 60 + zm)).alias("offset"),
    )


def _parse_rare(texts: pl.Series, zone_words: Mapping[str, int]) -> pl.DataFrame:
    """Rewrite rare spellings to plain ones and parse them: ``text``, ``ms``, ``offset`` and ``word``."""
    clean = to_plain_digits(texts).str.replace_all(r"\s+", " ").str.strip_chars()  # blanks of browsers do not break
    plain = rewrite_texts(clean, _REWRITES, _is_nearly_plain)
    word = plain.str.extract(_WORD_PATTERN).str.to_uppercase()
    word = pl.select(pl.when(word.is_in(list(KNOWN_WORDS))).then(word)).to_series()
    bare = pl.select(pl.when(word.is_null()).then(plain).otherwise(plain.str.replace(_WORD_PATTERN, ""))).to_series()
    minutes = pl.Series([_get_word_offset(text, zone_words) for text in word], dtype=pl.Int64)
    parsed = _parse_plain(bare)
    return pl.DataFrame({"text": texts}).with_columns(
        parsed["ms"],
        pl.Series(parsed["offset"].zip_with(parsed["offset"].is_not_null(), minutes)).alias("offset"),
        pl.select(pl.when(minutes.is_null() & parsed["ms"].is_not_null()).then(word)).to_series().alias("word"),
    )


def _is_nearly_plain(texts: pl.Series) -> pl.Series:
    """Return whether only a zone word may stand behind the plain spelling."""
    return texts.str.contains(_NEARLY_PLAIN_PATTERN)


def _get_word_offset(word: str | None, zone_words: Mapping[str, int]) -> int | None:
    if word is None:
        return None
    fixed = get_fixed_offset(word)
    return zone_words.get(word) if fixed is None else fixed
