"""Words that stand in the place of a number: states of a historian that mean no value, and digital states."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping

# The system states of PI, the error cells of Excel, and the null words of databases and programming languages.
_NO_VALUE_TEXTS = """
bad|bad input|bad data|bad output|bad quality|bad value|i/o timeout|io timeout|no data|nodata|no_data|no value
configure|configure error|comm fail|comm error|comm failure|communication failure|comm lost|shutdown|intf shut
pt created|point created|scan off|scan timeout|calc failed|calc off|calc crash|calc error|calc timeout
calc overflow|out of serv|out of service|over range|under range|overrange|underrange|over_range|under_range
no good data|[-11059] no good data|no sample|no result|no lab data|no output|no input|not converted|not connected
not available|not defined|not found|bad_quality|error|err|err.|fail|failed|fault|invalid|invalid data|invalid float
arc off-line|arc offline|archive offline|snapshot disabled|sample bad|equip fail|data loss|inp out of range
dcs failed|access denied|device failure|sensor failure|timeout|time out|offline|off-line|stale|#n/a|#n/a n/a
#value!|#ref!|#div/0!|#num!|#name?|#null!|#nv|#wert!|#bezug!|#zahl!|#valeur!|#error|#fehler|null|(null)|<null>|none
nil|na|n/a|n.a.|n.a|n.v.|k.a.|<na>|nat|nd|n.d.|missing|undefined|unavailable|unknown|unbekannt|fehler|ungültig
????|@@@@|<n/a>|<gated>|+over|-over|overflow|underflow|burnout|burn out|+burnout|-burnout
keine daten|erreur|pas de données|?|??|???|*|**|***|****|*****|.|..|...|/|x|xx|xxx|\\n
""".replace("\n", "|")
NO_VALUE_TEXTS = frozenset(text.strip() for text in _NO_VALUE_TEXTS.split("|") if text.strip())
"""Casefolded texts that mean that there is no value, besides dashes."""
# Hyphens, minus signs and longer dashes.
_DASHES = re.compile(r"[-\u2010-\u2015\u2212]+")

NAN_TEXTS = frozenset({"nan", "+nan", "-nan", "1.#qnan", "1.#ind", "-1.#ind", "1.#snan"})
INFINITE_TEXTS = frozenset({
    "inf", "+inf", "-inf", "infinity", "+infinity", "-infinity", "1.#inf", "-1.#inf", "∞", "-∞", "+∞", "infinite",
})  # fmt: skip

# Words for 1 and words for 0. Words of two rows do not mix: "On" and "Closed" in one column have no common meaning.
_DIGITAL_WORDS: tuple[tuple[str, str], ...] = (
    (
        "on|ein|an|marche|encendido|acceso|aan|wł|włączony|till|på|päällä|zap|ligado|ligada|encendida|accesa|aç\u0131k|вкл|开|開|オン",
        "off|aus|arrêt|arret|apagado|spento|uit|wył|wyłączony|från|av|pois|vyp|desligado|desligada|apagada|spenta|kapal\u0131|выкл|关|關|オフ",
    ),
    (
        "open|opened|offen|auf|geöffnet|ouvert|abierto|aperto|abierta|aperta|aberto|aberta",
        "closed|close|shut|zu|geschlossen|fermé|ferme|cerrado|chiuso|cerrada|chiusa|fechado|fechada",
    ),
    ("true|t|wahr|vrai|verdadero|vero", "false|f|falsch|faux|falso"),
    ("yes|y|ja|j|oui|sí|si", "no|n|nein|non"),
    (
        "running|run|start|started|läuft|betrieb|运行|運転|работа",
        "stopped|stop|not running|idle|steht|gestoppt|arrêté|停止|стоп",
    ),
    ("auto|automatic|automatik|automatique", "manual|man|hand|manuel"),
    ("active|aktiv|actif", "inactive|not active|inaktiv|inactif"),
    ("enabled|enable", "disabled|disable"),
    ("online", "offline"),
    ("high", "low"),
    ("alarm|in alarm", "normal|no alarm"),
)  # fmt: skip
_SWITCH_WORDS = frozenset(
    {"on", "off", "ein", "aus", "open", "opened", "closed", "true", "false", "running", "stopped"}
)
_STATES_BY_WORDS = tuple(
    {**dict.fromkeys(on.split("|"), 1.0), **dict.fromkeys(off.split("|"), 0.0)} for on, off in _DIGITAL_WORDS
)


def normalise_text(text: str) -> str:
    """Return the text as the tables of this module have it: casefolded, blanks collapsed."""
    return " ".join(text.casefold().split())


def means_no_value(text: str) -> bool:
    """Tell whether the text stands for a missing number."""
    normal = normalise_text(text)
    # PI DataLink writes an error as its code and its text: "[-11059] No Good Data".
    is_code = normal.startswith("[-") and "]" in normal
    return normal in NO_VALUE_TEXTS or is_code or _DASHES.fullmatch(normal) is not None


def find_digital_states(words: Iterable[str]) -> Mapping[str, float] | None:
    """Return the number of each digital word.

    Args:
        words: Distinct texts of a column, in any case.

    Returns:
        Casefolded word to 1.0 or 0.0, or None when a word is unknown or the words belong to different pairs.
    """
    normal = {normalise_text(word) for word in words}
    for states in _STATES_BY_WORDS:
        if normal and normal <= states.keys():
            return {word: states[word] for word in sorted(normal)}
    return None


def proves_switch(states: Mapping[str, float]) -> bool:
    """Tell whether the words alone prove a digital tag: both states, or one that means nothing but a switch.

    A pump that never stopped only says "On". A column that only says "Normal" or "Manual" may be a label.
    """
    return len(set(states.values())) == 2 or bool(states.keys() & _SWITCH_WORDS)


def find_digital_words(words: Iterable[str]) -> frozenset[str]:
    """Return the words that are known as a digital state of any pair."""
    return frozenset(w for w in words if any(normalise_text(w) in states for states in _STATES_BY_WORDS))
