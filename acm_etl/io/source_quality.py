"""Quality of raw readings: which values a historian marks as bad, and which texts are values."""

from __future__ import annotations

import polars as pl

from acm_etl.words import QualityRule

_STATES = {"on": 1.0, "off": 0.0, "open": 1.0, "opened": 1.0, "closed": 0.0, "true": 1.0, "false": 0.0}
_OPC_GOOD_BITS, _OPC_BAD = 0xC0, 0
_GOOD_WORDS = ("good", "uncertain", "valid", "ok", "true")
_MIN_PERCENT = 50

# Rules by the usual name of a quality column, in lower case.
# AVEVA: https://docs.aveva.com (QualityDetail and OPCQuality are OPC codes, Quality is 0 for good)
_RULES_BY_NAME: dict[str, QualityRule] = {
    "opcquality": "opc",
    "qualitydetail": "opc",
    "dataintegrity": "opc",
    "validity": "one_good",
    "dataquality": "percent",
}


def choose_quality_rule(column: str, samples: pl.Series) -> QualityRule:
    """Choose how to read a quality column, from its name and some of its values.

    Args:
        column: Name of the column.
        samples: Some of its values; may be empty.
    """
    numbers = _clear_blanks(samples).drop_nulls().cast(pl.Float64, strict=False)
    if numbers.null_count() or samples.dtype == pl.Boolean:
        return "words"
    named = _RULES_BY_NAME.get(column.casefold())
    if named in ("opc", "one_good"):
        return named
    distinct = set(numbers.to_list())
    # 100 is a percentage: as an OPC code it would mean an uncertain value with reserved bits.
    if distinct and max(distinct) == 100:
        return "percent"
    # A column Quality of AVEVA: 0 good, 1 bad, 16 doubtful, 133 initial value. OPC codes of good values are >= 192.
    return "zero_good" if distinct and max(distinct) < _OPC_GOOD_BITS and 0.0 in distinct else "opc"


def flag_bad_quality(quality: pl.Series, rule: QualityRule) -> pl.Series:
    """Return a Boolean mask of the readings that the historian marks as bad.

    Uncertain values are kept: the historian still stands by them. A reading without quality counts as good.
    """
    quality = _clear_blanks(quality)
    if rule == "words":
        return _flag_bad_words(quality)
    # NaN says nothing about a value, as NULL does.
    number = quality.cast(pl.Float64, strict=False).fill_nan(None)
    if rule == "opc":
        # Bits 7 and 6: 00 bad, 01 uncertain, 11 good. Higher bits of QualityDetail are flags of the product.
        bad = (number.cast(pl.Int64) & _OPC_GOOD_BITS) == _OPC_BAD
    elif rule == "percent":
        bad = number < _MIN_PERCENT
    else:
        bad = number != (0 if rule == "zero_good" else 1)
    # A column of texts may mix codes and words.
    return bad.fill_null(_flag_bad_words(quality)) if quality.dtype == pl.String else bad.fill_null(value=False)


def _clear_blanks(quality: pl.Series) -> pl.Series:
    """Return a quality column with NULL for empty texts, which exports write for a reading without quality."""
    if quality.dtype != pl.String:
        return quality
    texts = quality.str.strip_chars()
    return texts.set(texts == "", None)


def _flag_bad_words(quality: pl.Series) -> pl.Series:
    words = quality.cast(pl.String).str.strip_chars().str.to_lowercase()
    good = pl.any_horizontal(*(pl.col("w").str.starts_with(word) for word in _GOOD_WORDS))
    # Some historians write OPC codes as texts.
    coded = pl.col("w").cast(pl.Float64, strict=False) >= _OPC_GOOD_BITS
    bad = words.to_frame("w").select(~(good | coded.fill_null(value=False))).to_series()
    return bad.fill_null(value=False)


def is_value_type(dtype: pl.DataType) -> bool:
    """Return whether a column of this type can hold values: numbers, Booleans or texts."""
    return dtype.is_numeric() or isinstance(dtype, (pl.Boolean, pl.String, pl.Categorical, pl.Enum, pl.Null))


def parse_values(values: pl.Series) -> pl.Series:
    """Return values as Float64; texts that are neither numbers nor states (On, Off, Open, Closed ...) become null."""
    if not isinstance(values.dtype, (pl.String, pl.Categorical, pl.Enum)):
        return values.cast(pl.Float64)
    # An enumeration is its texts: as a number it would be the position in the list of these.
    texts = values.cast(pl.String).str.strip_chars()
    numbers = texts.cast(pl.Float64, strict=False)
    states = texts.str.to_lowercase().replace_strict(_STATES, default=None, return_dtype=pl.Float64)
    return numbers.fill_null(states)
