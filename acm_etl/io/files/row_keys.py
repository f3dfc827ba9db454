"""Columns that tell rows of one time apart: tags of a long file, or machines."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import polars as pl

from acm_etl.io.files.column_names import FRACTION_NAMES, MACHINE_NAMES, TAG_NAMES, simplify_name

_MAX_KEY_SHARE = 0.5  # distinct texts per row: a key column repeats, a comment does not
_MIN_REPEATED_TIMES = 0.3  # share of rows whose time another row has: fewer are duplicates, not another machine
_MAX_DOUBLED_SHARE = 0.05
_MIN_FILLED_SHARE = 0.5
_MAX_DISTINCT = 50  # values that a message or a plan lists
NULL_WORDS = ("-", "null", "(null)", "<null>", "\\n")
"""Words for an empty cell, as queries export it."""
_NO_NAMES = (*NULL_WORDS, "none", "nan", "n/a", "#n/a", "<na>")  # "NA" and "X" may be names


@dataclass(frozen=True, slots=True)
class ColumnFacts:
    """One column of a sample.

    Attributes:
        name: Name of the column.
        is_time: Most cells are times with a date.
        is_number: Most cells are numbers, or states such as On and Off.
        is_quality: Name and cells are those of a quality column.
        filled: Cells that are not empty.
        distinct: Distinct cells.
        is_excluded: The user leaves the column out, so it tells no rows apart.
    """

    name: str
    is_time: bool
    is_number: bool
    is_quality: bool
    filled: int
    distinct: int
    is_excluded: bool = False

    @property
    def plain_name(self) -> str:
        """Name without blanks, marks and case, for the lists of usual names."""
        return simplify_name(self.name)


def find_key_column(facts: Sequence[ColumnFacts], sample: pl.DataFrame, row_key: tuple[str, ...]) -> str | None:
    """Return the column that tells rows with the same key apart, or None if the key does not repeat.

    A file that only holds duplicates has no such column: its rows repeat whole, or differ in their values.
    """
    # Nulls equal one another in is_duplicated: rows without a time would pass for rows of one time.
    rows = sample.drop_nulls(list(row_key))
    repeated = rows.select(pl.struct(row_key).is_duplicated().mean()).item() if len(rows) else 0.0
    if (repeated or 0.0) < _MIN_REPEATED_TIMES:
        return None
    keys = [fact for fact in facts if can_be_key(fact) and _fills_times(fact, rows, row_key)]
    # Names first: a machine column is a key even where a state column tells the same rows apart by chance.
    keys.sort(key=lambda f: (f.plain_name not in TAG_NAMES | MACHINE_NAMES, f.is_number, f.distinct))
    for fact in keys:
        # A few rows that are doubled even so do not make the column less of a key.
        doubled = rows.select(pl.struct(*row_key, fact.name).is_duplicated().mean()).item()
        if doubled <= _MAX_DOUBLED_SHARE * repeated:
            return fact.name
    return None


def can_be_key(fact: ColumnFacts) -> bool:
    """Return True for a column whose values come again, as names of tags and machines do."""
    if fact.is_time or fact.is_quality or fact.is_excluded or fact.distinct < 2 or fact.plain_name in FRACTION_NAMES:
        return False
    # At least 2: a short file may hold two rows of two machines.
    return fact.distinct <= max(2, _MAX_KEY_SHARE * fact.filled)


def _fills_times(fact: ColumnFacts, rows: pl.DataFrame, row_key: tuple[str, ...]) -> bool:
    """Return True for texts, usual names, and numbers of which most times have all, as those of machines.

    A sensor with a coarse resolution can tell rows of one time apart by chance, but each time has few of its values.
    """
    if not fact.is_number or fact.plain_name in TAG_NAMES | MACHINE_NAMES:
        return True
    numbers = rows[fact.name].cast(pl.Float64, strict=False)
    if not bool((numbers % 1 == 0).all()):
        return False  # numbers of machines and tags are whole
    return len(rows) >= _MIN_FILLED_SHARE * rows.select(row_key).n_unique() * fact.distinct


def list_distinct(values: pl.Series) -> tuple[str, ...]:
    """Return the first distinct values of a column as text, in order of appearance."""
    return tuple(values.drop_nulls().unique(maintain_order=True).cast(pl.String).head(_MAX_DISTINCT).to_list())


def drop_words(texts: pl.Expr, words: Sequence[str]) -> pl.Expr:
    """Return texts, null where they are one of the words in lower case."""
    return pl.when(~texts.str.strip_chars().str.to_lowercase().is_in(words)).then(texts)


def read_machine_names(cells: pl.Series) -> pl.Series:
    """Return the cells of a column of machines as texts, null where they name none."""
    texts = cells.cast(pl.String).str.strip_chars().to_frame("name")
    return texts.select(drop_words(pl.col("name"), _NO_NAMES)).to_series()
