"""Units behind the numbers of a column."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable

from acm_etl.io.files.values.states import means_no_value
from acm_etl.io.files.values.value_profile import ValueProfile, rank_texts

# Zeros are often written without a unit; a unit behind a few cells only is more likely part of a text.
_MIN_UNIT_SHARE = 0.5  # of the numbers of a column
_MAX_STRAY_SHARE = 0.01  # of the numbers with a unit
_SAME_UNITS = {"c": "°C", "degc": "°C", "deg c": "°C", "ºc": "°C", "℃": "°C", "°c": "°C"}
_SAME_UNITS |= {"f": "°F", "degf": "°F", "deg f": "°F", "ºf": "°F", "℉": "°F", "°f": "°F"}


# Grafana and chart tools write 1,334 as "1.33 K" and 950 as "950": the letter is a factor, and no unit.
_FACTORS = frozenset({"k", "K", "M", "G", "mil", "Mil", "bil", "Bil", "tri", "Tri"})


def normalise_unit(unit: str) -> str:
    """Return one spelling for the spellings of degrees; other units stay, as mW and MW differ."""
    return _SAME_UNITS.get(unit.casefold(), unit)


def list_distinct_units(texts: Iterable[str]) -> list[str]:
    """Return the units among the cells of a column, one spelling of each."""
    units: dict[str, str] = {}
    for text in map(str.strip, texts):
        if text and not means_no_value(text):
            units.setdefault(_get_unit_key(text), text)
    return list(units.values())


def _get_unit_key(unit: str) -> str:
    """Return one text for the spellings of a unit that differ in case; mW and MW are two units."""
    spelling = normalise_unit(unit).replace("³", "3").replace("²", "2")
    return spelling[0] + spelling[1:].casefold() if spelling[0] in "mM" else spelling.casefold()


def count_units(profile: ValueProfile) -> Counter[str]:
    """Return the cells per unit, spellings of one unit taken together."""
    counts: Counter[str] = Counter()
    for unit, count in profile.units.items():
        counts[normalise_unit(unit)] += count
    return counts


def find_unit(profile: ValueProfile) -> str | None:
    """Return the unit of a column.

    Args:
        profile: Profile of the column.

    Returns:
        The unit, empty when less than half of the numbers have one; None when the column mixes units, or numbers with
        a factor (``1.33 K``) and without. A second unit of at most 1 % of the cells is a stray cell, which pass 2
        counts.
    """
    counts = count_units(profile)
    total = counts.total()
    if total < profile.number_count and counts.keys() & _FACTORS:
        return None
    if total < _MIN_UNIT_SHARE * profile.number_count or not total:
        return ""
    unit, count = counts.most_common(1)[0]
    return unit if total - count <= _MAX_STRAY_SHARE * total else None


def describe_units(profile: ValueProfile) -> tuple[str, ...]:
    """Return the units of a column, the most frequent first."""
    return rank_texts(count_units(profile))
