"""Names of months and weekdays in the languages of common exports, in full or abbreviated, with or without accents."""

from __future__ import annotations

import unicodedata

import polars as pl

# Month names without accents in lower case, January first. Languages that spell a name alike share one entry.
_FULL_NAMES = (
    "january januar januari jaenner janner janvier enero gennaio janeiro stycznia styczen leden ledna января январь",
    (
        "february februar februari februari feber fevrier febrero febbraio fevereiro lutego luty unor unora "
        "февраля февраль"
    ),
    "march marz maerz mars marzo marco maart marts marca marzec brezen brezna марта март",
    "april avril abril aprile kwietnia kwiecien duben dubna апреля апрель",
    "may mai mayo maggio maio mei maj maja kveten kvetna мая маи",
    "june juni juin junio giugno junho czerwca czerwiec cerven cervna июня июнь",
    "july juli juillet julio luglio julho lipca lipiec cervenec cervence июля июль",
    "august aout agosto augustus augusti sierpnia sierpien srpen srpna августа август",
    "september septembre septiembre setiembre settembre setembro wrzesnia wrzesien zari сентября сентябрь",
    "october oktober octobre octubre ottobre outubro pazdziernika pazdziernik rijen rijna октября октябрь",
    "november novembre noviembre novembro listopada listopad listopadu ноября ноябрь",
    (
        "december dezember decembre diciembre dicembre dezembro desember grudnia grudzien prosinec prosince "
        "декабря декабрь"
    ),
)
# Hungarian, Romanian and Turkish count in full only: TEM and SUB are codes of instruments, as in 10TEM01.
_WHOLE_NAMES = (
    "ianuarie ocak", "februarie subat", "marcius martie mart", "aprilis aprilie nisan", "majus mayis",
    "junius iunie haziran", "julius iulie temmuz", "augusztus agustos", "szeptember septembrie eylul", "octombrie ekim",
    "noiembrie kasim", "decembrie aralik",
)  # fmt: skip
# Abbreviations that are not the beginning of a name.
_ABBREVIATIONS = {"mrz": 3, "mrt": 3, "cvn": 6, "cvc": 7}
_MIN_PREFIX_LENGTH = 3

# Beginnings of weekday names of the same languages, as a regular expression that spans the whole word.
WEEKDAY_PATTERN = (
    r"(?:mon|tue|wed|thu|fri|sat|sun|mo|di|mi|do|fr|sa|so|ma|wo|za|zo|vr|lun|mar|mer|jeu|ven|sam|dim|"
    r"mi[eé]|jue|vie|s[aá]b|dom|gio|seg|ter|qua|qui|sex|m[aå]n|tis|ons|tir|tor|fre|l[oöø]r|s[oöø]n|"
    r"pon|pn|wt|[sś]r|czw|pi[aą]|pt|sob|nie|ndz|po|[uú]t|st|[cč]t|p[aá]|so|ne)[^\W\d_]*\.?,?\s+"
)


def _number_names() -> dict[str, int]:
    """Return the month number of every name and of every beginning that fits one month only."""
    numbers: dict[str, set[int]] = {}
    for month, names in enumerate(_FULL_NAMES, start=1):
        for name in names.split():
            for length in range(_MIN_PREFIX_LENGTH, len(name) + 1):
                numbers.setdefault(name[:length], set()).add(month)
    # "cerven" is June in Czech and the beginning of July: a full name outranks the beginning of a longer one.
    tables = (_FULL_NAMES, _WHOLE_NAMES)
    full = {name: month for table in tables for month, names in enumerate(table, start=1) for name in names.split()}
    unique = {name: months.pop() for name, months in numbers.items() if len(months) == 1}
    return unique | full | _ABBREVIATIONS


_MONTH_NUMBERS = _number_names()


def remove_accents(text: str) -> str:
    """Return the text in lower case without accents, "März" as "marz"."""
    decomposed = unicodedata.normalize("NFKD", text.casefold().replace("\u0131", "i"))  # i without a dot, as in Turkey
    return "".join(letter for letter in decomposed if not unicodedata.combining(letter))


def find_month_numbers(names: pl.Series) -> pl.Series:
    """Return the month (1 to 12) of each name; null where the word names no month, or more than one.

    Args:
        names: Distinct words, any case; a name may end in a dot.
    """
    numbers = [None if name is None else _MONTH_NUMBERS.get(remove_accents(name).rstrip(".")) for name in names]
    return pl.Series(numbers, dtype=pl.Int32)


def is_month_name(text: str) -> bool:
    """Return True if a text is the name of a month, or a beginning that fits one month only."""
    return remove_accents(text).rstrip(".") in _MONTH_NUMBERS
