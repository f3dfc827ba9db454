"""Digits and marks of other scripts, as plain ones."""

from __future__ import annotations

import polars as pl

# Zero of the full-width, Arabic, Persian, Devanagari and Thai digits.
_ZEROS = "\uff10\u0660\u06f0\u0966\u0e50"
_FULL_WIDTH_MARKS = {chr(ord(mark) + 0xFEE0): mark for mark in ":/-+"} | {"\u3000": " "}
# Arabic and full-width marks have one meaning each. So has the apostrophe, which divides thousands; a comma has two.
_DECIMAL_MARKS = dict.fromkeys("\u066b\uff0e", ".")
_THOUSANDS_MARKS = dict.fromkeys("\u066c\uff0c", "'")
# A point before three digits could divide thousands, too; a fourth digit tells that it does not.
_THREE_DECIMALS = (r"[\u066b\uff0e](\d{3})(\D|$)", ".${1}0$2")
_PLAIN_TEXTS = {
    **{chr(ord(zero) + digit): str(digit) for zero in _ZEROS for digit in range(10)},
    **_FULL_WIDTH_MARKS,
    **_DECIMAL_MARKS,
    **_THOUSANDS_MARKS,
}


def to_plain_digits(texts: pl.Series) -> pl.Series:
    """Return texts with the digits and marks of other scripts replaced by those of ASCII."""
    # One look costs a quarter of the replacements, and hardly any file has such digits.
    if not texts.str.contains("[^ -\u02ff]").any():
        return texts
    return texts.str.replace(*_THREE_DECIMALS).str.replace_many(_PLAIN_TEXTS)
