"""Digits and marks of other scripts, as plain ones."""

from __future__ import annotations

import polars as pl

# Zero of the full-width, Arabic, Persian, Devanagari and Thai digits.
_ZEROS = "\uff10\u0660\u06f0\u0966\u0e50"
_FULL_WIDTH_MARKS = {chr(ord(mark) + 0xFEE0): mark for mark in ".,:/-+"} | {"\u3000": " "}
_ARABIC_MARKS = {"\u066b": ".", "\u066c": ","}  # decimal mark and thousands mark
_PLAIN_TEXTS = {
    **{chr(ord(zero) + digit): str(digit) for zero in _ZEROS for digit in range(10)},
    **_FULL_WIDTH_MARKS,
    **_ARABIC_MARKS,
}


def to_plain_digits(texts: pl.Series) -> pl.Series:
    """Return texts with the digits and marks of other scripts replaced by those of ASCII."""
    # One look costs a quarter of the replacements, and hardly any file has such digits.
    return texts.str.replace_many(_PLAIN_TEXTS) if texts.str.contains("[^ -\u02ff]").any() else texts
