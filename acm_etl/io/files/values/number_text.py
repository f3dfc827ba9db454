"""Grammar of numbers written as text: decimal marks, thousands marks, and a unit behind the number.

Most cells prove their own notation: ``10,1`` and ``10.3`` are decimals, ``12,000.5`` and ``1.234.567`` have thousands.
Only a single group of three digits, ``1,234`` or ``1.234``, has two readings. Its reading is decided for the column.
"""

from __future__ import annotations

from enum import StrEnum

import polars as pl

from acm_etl.io.files.digits import to_plain_digits


class Notation(StrEnum):
    """Notation of the number of one cell."""

    PLAIN = "plain"
    POINT_DECIMAL = "point_decimal"
    COMMA_DECIMAL = "comma_decimal"
    POINT_THOUSANDS = "point_thousands"
    COMMA_THOUSANDS = "comma_thousands"
    POINT_GROUP = "point_group"
    COMMA_GROUP = "comma_group"
    TEXT = "text"


POINT_GROUP_PATTERN = r"^[+-]?[1-9]\d{0,2}\.\d{3}$"
COMMA_GROUP_PATTERN = r"^[+-]?[1-9]\d{0,2},\d{3}$"
_EXPONENT = r"(?:[eE][+-]?\d+)?"
# A unit starts with a letter or a sign of measure, so that dates, times and key codes do not look like one.
_UNIT = r"[%‰°º℃℉\p{L}][\p{L}%°º/·^()²³\d .\-]{0,14}"
_CELL_PATTERN = rf"^([+-]?(?:\d[\d., ']*|[.,]\d+){_EXPONENT})\s*({_UNIT})?$"
# Codes of states in another base, 0x80, are no zeros with a unit.
_BASE_PATTERN = r"^[+-]?0[xXbBoO][0-9A-Fa-f]+$"
_BARE_PATTERN = rf"^[+-]?[0-9.,][0-9., ']*{_EXPONENT}$"
_BLANK_THOUSANDS_PATTERN = rf"^[+-]?\d{{1,3}}(?: \d{{3}})+(?:[.,]\d*)?{_EXPONENT}$"
_APOSTROPHE_THOUSANDS_PATTERN = rf"^[+-]?\d{{1,3}}(?:'\d{{3}})+(?:[.,]\d*)?{_EXPONENT}$"
# Indian numbering has groups of two digits above the first three: 12,34,567.8.
_COMMA_THOUSANDS_PATTERN = rf"^[+-]?\d{{1,3}}(?:,\d{{2,3}})*,\d{{3}}(?:\.\d*)?{_EXPONENT}$"
_POINT_THOUSANDS_PATTERN = rf"^[+-]?\d{{1,3}}(?:\.\d{{2,3}})*\.\d{{3}}(?:,\d*)?{_EXPONENT}$"
# PI and other historians put one of these letters behind a value that is annotated, substituted or questionable.
_FLAG_LETTERS = ("R", "Q", "E")


def normalise_cells(texts: pl.Series) -> pl.Series:
    """Return the cells without outer blanks, with plain blanks and apostrophes, and with minus signs before the number.

    Args:
        texts: String cells as the file has them.

    Returns:
        String cells of the same length.
    """
    # One look for other characters costs a quarter of the replacements.
    if not texts.str.contains("[^ -~]").any():
        return _join_signs(texts.str.strip_chars())
    return _join_signs(
        to_plain_digits(texts)
        .str.replace_all("[\u00a0\u2007\u2009\u202f\ufeff]", " ")
        .str.replace_all("[\u2018\u2019\u00b4]", "'")
        .str.strip_chars()
        .str.replace("^[\u2212\u2013](.)", "-$1")
    )


def _join_signs(cells: pl.Series) -> pl.Series:
    """Return the cells with the sign right before the number: SAP writes ``1,5-``, and Graphtec ``+  1.5``."""
    if cells.str.ends_with("-").any():
        cells = cells.str.replace(r"^(\d[\d.,' ]*)-$", "-$1")
    is_apart = cells.str.starts_with("+ ").any() or cells.str.starts_with("- ").any()
    return cells.str.replace(r"^([+-]) +([\d.,])", "$1$2") if is_apart else cells


def read_cells(texts: pl.Series) -> pl.DataFrame:
    """Read each cell on its own.

    Args:
        texts: String cells as the file has them; a null cell gives nulls.

    Returns:
        One row per cell with the columns ``notation`` (a ``Notation``), ``value`` (float; null for text; the two group
        notations are read as decimals), ``unit`` (text behind the number) and ``thousands`` (thousands mark that the
        cell proves).
    """
    cells = _remove_blank_groups(_split_units(normalise_cells(texts).alias("text"))).with_columns(
        pl.col("number").str.count_matches(",", literal=True).alias("commas"),
        pl.col("number").str.count_matches(".", literal=True).alias("points"),
    )
    cells = cells.with_columns(_detect_notation().alias("notation"))
    return cells.with_columns(_read_value().alias("value")).select(
        pl.when(pl.col("value").is_null() & pl.col("text").is_not_null())
        .then(pl.lit(Notation.TEXT.value))
        .otherwise("notation")
        .alias("notation"),
        "value",
        pl.when(pl.col("value").is_not_null()).then("unit").alias("unit"),
        _thousands_mark().alias("thousands"),
    )


def _split_units(texts: pl.Series) -> pl.DataFrame:
    """Return each text with its number and the unit behind the number; both are null for other text."""
    cells = texts.to_frame().with_columns(texts.alias("number"), pl.lit(None, pl.String).alias("unit"))
    rows = _find_unsettled(texts)
    if len(rows) == 0:
        return cells
    # Most columns have one unit. Its suffix costs a tenth of the pattern with groups.
    unit = _extract_parts(texts.gather(rows[:1]))[1][0]
    if unit is not None:
        stripped = texts.str.strip_suffix(unit).str.strip_chars_end()
        cells = cells.with_columns(
            stripped.alias("number"),
            pl.when(stripped.str.len_bytes() < texts.str.len_bytes()).then(pl.lit(unit)).alias("unit"),
        )
        rows = _find_unsettled(stripped)
    numbers, units = _extract_parts(texts.gather(rows))
    return cells.with_columns(cells["number"].scatter(rows, numbers), cells["unit"].scatter(rows, units))


def _find_unsettled(texts: pl.Series) -> pl.Series:
    """Return the rows of cells that hold more than digits and marks."""
    return (~texts.str.contains(_BARE_PATTERN)).fill_null(value=False).arg_true()


def _extract_parts(texts: pl.Series) -> tuple[pl.Series, pl.Series]:
    """Return numbers and units of texts, both null for a text that is not a number."""
    plain = texts.set(texts.str.contains(_BASE_PATTERN), None)
    parts = plain.str.extract_groups(_CELL_PATTERN).struct.unnest()
    # The pattern allows blanks between groups of digits, so the number takes the one before the unit along.
    return parts.to_series(0).str.strip_chars_end(), parts.to_series(1).str.strip_chars_end()


def _remove_blank_groups(cells: pl.DataFrame) -> pl.DataFrame:
    """Return the cells with the column ``blank_mark``, and without the blanks or apostrophes between groups."""
    number = pl.col("number")
    if not cells["number"].str.contains("[ ']").any():
        return cells.with_columns(pl.lit(None, pl.String).alias("blank_mark"))
    mark = (
        pl.when(number.str.contains(_BLANK_THOUSANDS_PATTERN))
        .then(pl.lit(" "))
        .when(number.str.contains(_APOSTROPHE_THOUSANDS_PATTERN))
        .then(pl.lit("'"))
    )
    return cells.with_columns(mark.alias("blank_mark")).with_columns(
        pl.when(pl.col("blank_mark").is_not_null())
        .then(number.str.replace_all("[ ']", ""))
        .otherwise(number)
        .alias("number")
    )


def _detect_notation() -> pl.Expr:
    # The order matters: every condition may rely on those before it having failed.
    number, commas, points = pl.col("number"), pl.col("commas"), pl.col("points")
    is_grouped = pl.col("blank_mark").is_not_null()
    is_flag = pl.col("unit").is_in(_FLAG_LETTERS)
    return (
        # Blanks that remain do not separate thousands: two numbers in one cell are a text.
        pl.when(number.is_null() | is_flag | number.str.contains("[ ']"))
        .then(pl.lit(Notation.TEXT.value))
        .when((commas == 0) & (points == 0))
        .then(pl.lit(Notation.PLAIN.value))
        # Blanks already mark the thousands, so the only other mark is the decimal mark.
        .when((commas == 0) & (points == 1) & (is_grouped | ~number.str.contains(POINT_GROUP_PATTERN)))
        .then(pl.lit(Notation.POINT_DECIMAL.value))
        .when((commas == 1) & (points == 0) & (is_grouped | ~number.str.contains(COMMA_GROUP_PATTERN)))
        .then(pl.lit(Notation.COMMA_DECIMAL.value))
        .when((commas == 0) & (points == 1))
        .then(pl.lit(Notation.POINT_GROUP.value))
        .when((commas == 1) & (points == 0))
        .then(pl.lit(Notation.COMMA_GROUP.value))
        .when(number.str.contains(_COMMA_THOUSANDS_PATTERN))
        .then(pl.lit(Notation.COMMA_THOUSANDS.value))
        .when(number.str.contains(_POINT_THOUSANDS_PATTERN))
        .then(pl.lit(Notation.POINT_THOUSANDS.value))
        .otherwise(pl.lit(Notation.TEXT.value))
    )


def _read_value() -> pl.Expr:
    number, notation = pl.col("number"), pl.col("notation")
    # All branches are computed for all cells, but only the result is cast.
    comma_to_point = number.str.replace(",", ".", literal=True)
    return (
        pl.when(notation == Notation.TEXT.value)
        .then(None)
        .when(notation.is_in([Notation.COMMA_DECIMAL.value, Notation.COMMA_GROUP.value]))
        .then(comma_to_point)
        .when(notation == Notation.COMMA_THOUSANDS.value)
        .then(number.str.replace_all(",", "", literal=True))
        .when(notation == Notation.POINT_THOUSANDS.value)
        .then(number.str.replace_all(".", "", literal=True).str.replace(",", ".", literal=True))
        .otherwise(number)
        .cast(pl.Float64, strict=False)
    )


def _thousands_mark() -> pl.Expr:
    notation = pl.col("notation")
    return (
        pl.when(notation == Notation.COMMA_THOUSANDS.value)
        .then(pl.lit(","))
        .when(notation == Notation.POINT_THOUSANDS.value)
        .then(pl.lit("."))
        .when(pl.col("value").is_not_null())
        .then("blank_mark")
    )
