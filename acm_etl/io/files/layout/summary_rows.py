"""Rows of statistics among the readings: reports have the average or the maximum of each column above or below them."""

from __future__ import annotations

import polars as pl

_SUMMARY_WORDS = frozenset({
    "average", "avg", "mean", "median", "min", "minimum", "max", "maximum", "sum", "total", "totals", "count", "range",
    "std", "stdev", "std dev", "standard deviation", "mittelwert", "mittel", "durchschnitt", "summe", "anzahl",
    "standardabweichung", "moyenne", "somme", "media", "promedio", "suma", "totale", "gemiddelde", "som", "medel",
    "medelvärde", "gennemsnit", "średnia",
})  # fmt: skip


def flag_summary_rows(cells: pl.Series) -> pl.Series:
    """Return the mask of rows with the name of a statistic in place of a time.

    Args:
        cells: Texts of the times; those of several columns are joined by a blank.

    Returns:
        Boolean mask without nulls.
    """
    words = cells.str.to_lowercase().str.strip_chars(" .:")
    return words.is_in(list(_SUMMARY_WORDS)).fill_null(value=False)
