"""Spellings of times that labels have, too.

Numbers of batches, parts and loops are written like days of a week or of a year without a time of day: 2024-W09-5 and
2024-061, as ISO 8601 writes them. A column of such days has a format of its own; in a column of other times they are
not read at all. Intervals name a period of a report, and dates such as 2024. 1. 13. a version.
"""

from __future__ import annotations

import polars as pl

from acm_etl.io.files.times.clock_texts import INTERVAL_RULES
from acm_etl.io.files.times.date_texts import split_timestamps
from acm_etl.io.files.times.epochs import is_running
from acm_etl.io.files.times.time_format import parse_with_format

_FORMATS = {r"^\d{4}-W\d\d-\d$": "%G-W%V-%u", r"^\d{4}-\d{3}$": "%Y-%j"}
_YEARS = (1970, 2100)
_SPELLING_ROWS = 100  # a column has one spelling as a rule
_COUNTED_OR_DOTTED = r"^\d{4}(?:\. ?\d{1,2}\. ?\d{1,2}\.$|-?W\d\d|[:/.-]\d{3}[:/ T-])"
_INTERVAL = "|".join(pattern for pattern, _ in INTERVAL_RULES)


def is_label_like(cells: pl.DataFrame) -> bool:
    """Return whether most of the first times are intervals, dotted dates without a clock, or days of weeks or years.

    Beside times of other spellings, such a column is a label.

    Args:
        cells: Column of times; dates with a column of clocks beside them are no labels.
    """
    values = cells.to_series()
    if cells.width > 1 or values.dtype != pl.String:
        return False
    texts = values.drop_nulls().head(_SPELLING_ROWS).str.strip_chars()
    is_interval = split_timestamps(texts)["clock"].str.contains(_INTERVAL).fill_null(value=False)
    return 2 * int((is_interval | texts.str.contains(_COUNTED_OR_DOTTED)).sum()) > len(texts)


def find_counted_format(values: pl.Series) -> str | None:
    """Return the time format of a sample of such days that run on; None for other values.

    Args:
        values: Cells of the sample; empty cells are null.
    """
    cells = values.drop_nulls()
    if cells.dtype != pl.String or cells.is_empty():
        return None
    texts = cells.str.strip_chars()
    found = next((code for pattern, code in _FORMATS.items() if texts.str.contains(pattern).all()), None)
    days = None if found is None else parse_with_format(texts, found)["local"]
    if days is None or days.null_count() or not days.dt.year().is_between(*_YEARS).all():
        return None
    return found if is_running(days.cast(pl.Int64)) else None


def describe_counted_days(label: str, values: pl.Series) -> str:
    """Return the doubt about a column of such days."""
    return (
        f"{label} holds days such as {values.drop_nulls()[0]}; if they are numbers of batches or parts, name the time "
        "column with --time-column"
    )
