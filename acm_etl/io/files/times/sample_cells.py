"""Cells of the first rows, by which columns are told apart."""

from __future__ import annotations

from typing import Final

import polars as pl

SAMPLE_ROWS: Final = 1000
"""Rows that show what a column holds."""


def strip_texts(cells: pl.Series) -> pl.Series:
    """Return texts without the blanks that align them, which no cast to numbers reads; other cells as they are."""
    return cells.str.strip_chars() if cells.dtype == pl.String else cells


def is_majority(flags: pl.Series) -> bool:
    """Return whether more than half of the flags are set."""
    return 2 * int(flags.sum()) > len(flags)
