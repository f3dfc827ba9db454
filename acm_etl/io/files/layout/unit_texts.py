"""Texts of units in rows below or in the place of the names of columns."""

from __future__ import annotations

import re
from collections.abc import Sequence

from acm_etl.io.files.layout.text_rows import TextRow

_MAX_LENGTH = 16
_UNITS = (
    r"[%‰°Ω]|1/min|[Dd]eg(?:rees?)? ?[CFK]?|[CFKVAWJNsh]|m?bars?g?|barg|k?Pag?|MPa"
    r"|psi[ag]?|[mkMG]?Wh?|[mkM]?V|[mkµ]?A|[mkMG]?Hz|[mµk]?m|mm/s|m3/?h?|N?m³?/h|kg/?[hs]?|t/?h|l/?(?:min|s|h)|rpm|U/min|min|ms|sec"
    r"|days?|hours?|ppmv?|mg/l|pH|N?m|mils?|gpm|cfm|inH2O|mmHg|var|kvar|kVA|volts?|amps?|watts?|celsius|kelvin|percent|pct"
)
# A closed list instead of "any short text": the row below a header may hold states such as On, which are readings.
# What has a slash or one of these signs counts as well: this only adds a unit to a tag that has its name elsewhere.
_UNIT_TEXT = re.compile(rf"{_UNITS}|[^\s:;,]*[°µΩ²³][^\s:;,]*|[^\s:;,]*[^\W\d]\d?/[^\s:;,]+")
# In the place of names, A/F, Fan1/TI101 and T1°C are names.
_CERTAIN_UNIT = re.compile(
    rf"{_UNITS}|°[CFKR]|[kM]Ω|µs|µV|µW|[cmk]?m[²³]"
    r"|(?:N?[mc]?m[³3]|[mkµ]?g|t|[mh]?l|[kMG]?Wh?|[kMG]?J|[mµk]?m|[mµ]S)/(?:h|min|s|d|[cm]?m|m[²³23]|Nm³|l|kg|s²)"
)

# Units that may be names as well: of phases and machines, of quantities (pH), of statistics (min, var).
_NAME_LIKE = re.compile(r"[^\W\d]|pH|rpm|min|var|sec|days?|hours?|mils?|volts?|amps?|watts?|celsius|kelvin|percent|pct")


def may_be_unit(text: str) -> bool:
    """Return True if a text is a usual unit of measurement, though it may be a name as well."""
    return 0 < len(text) <= _MAX_LENGTH and _UNIT_TEXT.fullmatch(text) is not None


def are_units(cells: Sequence[str]) -> bool:
    """Return True if all cells are certain units, and one of them is never a name."""
    texts = [cell.strip() for cell in cells]
    return all(map(_CERTAIN_UNIT.fullmatch, texts)) and not all(map(_NAME_LIKE.fullmatch, texts))


def holds_unit(cells: Sequence[str]) -> bool:
    """Return True if a cell is a certain unit, and no single letter, as machines have them: unit A, unit B."""
    texts = [cell.strip() for cell in cells]
    return any(_CERTAIN_UNIT.fullmatch(text) and (len(text) > 1 or not text.isalpha()) for text in texts)


def names_units(header: TextRow) -> bool:
    """Return True if a header has units behind the name of the time: the names of the tags stand above it."""
    return header.repeat_count < 2 and len(header.cells) > 2 and are_units(header.cells[1:])
