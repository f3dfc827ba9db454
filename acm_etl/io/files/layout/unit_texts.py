"""Texts of units in rows below or in the place of the names of columns."""

from __future__ import annotations

import re
from collections.abc import Sequence

# A closed list instead of "any short text": the row below a header may hold states such as On, which are readings.
UNIT_TEXT = re.compile(
    r"[%‰°Ω]|[^\s:;,]*[°µΩ²³][^\s:;,]*|[^\s:;,]*[^\W\d]\d?/[^\s:;,]+"
    r"|1/min|[Dd]eg(?:rees?)? ?[CFK]?|[CFKVAWJNsh]|m?bars?g?|barg|k?Pag?|MPa"
    r"|psi[ag]?|[mkMG]?Wh?|[mkM]?V|[mkµ]?A|[mkMG]?Hz|[mµk]?m|mm/s|m3/?h?|N?m³?/h|kg/?[hs]?|t/?h|l/?(?:min|s|h)|rpm|U/min|min|ms|sec"
    r"|days?|hours?|ppmv?|mg/l|pH|N?m|mils?|gpm|cfm|inH2O|mmHg|var|kvar|kVA|volts?|amps?|watts?|celsius|kelvin|percent|pct",
)


def are_units(cells: Sequence[str]) -> bool:
    """Return True if all cells are units, at least one of them unmistakable: A, V and C may be names."""
    texts = [cell.strip() for cell in cells]
    return all(map(UNIT_TEXT.fullmatch, texts)) and any(len(text) > 1 or not text.isalpha() for text in texts)
