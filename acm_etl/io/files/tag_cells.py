"""Cells of a chunk by tag: one form for wide files, long files and pairs of time and value columns."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

import polars as pl

from acm_etl.io.files.plan import RowFilter
from acm_etl.io.files.row_keys import NULL_WORDS, drop_words
from acm_etl.io.files.shape import FileShape
from acm_etl.io.files.values.quality import flag_bad_quality
from acm_etl.io.files.values.quality_columns import QualityUse

_TAG_SEPARATOR = "."


@dataclass(frozen=True, slots=True)
class TagCells:
    """Cells of one tag in a chunk.

    Attributes:
        tag: Name of the tag as the file writes it.
        rows: Rows of the chunk; in a long file those of this tag only.
        values: Value of each row.
        time_index: Position of the time of these rows in ``FileShape.times``.
        quality: Quality column of these rows; None without one.
    """

    tag: str
    rows: pl.DataFrame
    values: pl.Series
    time_index: int = 0
    quality: QualityUse | None = None

    def flag_bad(self, *, keep_uncertain: bool) -> pl.Series | None:
        """Return the mask of rows of bad quality, or None without a quality column."""
        if self.quality is None:
            return None
        uncertain: Literal["keep", "drop"] = "keep" if keep_uncertain else "drop"
        return flag_bad_quality(self.rows[self.quality.column], self.quality.scheme, uncertain=uncertain)


def list_needed_columns(shape: FileShape, where: RowFilter | None) -> list[str]:
    """Return the columns that a pass over a file reads."""
    names = [name for time in shape.times for name in time]
    names += [name for value in shape.values for name in (value.column, value.quality and value.quality.column) if name]
    names += [*shape.tag_columns, *shape.value_columns]
    names += [
        name
        for name in (
            shape.quality and shape.quality.column,
            shape.unit_column,
            shape.machine_column,
            where.column if where else None,
        )
        if name
    ]
    # Distinct: one quality column may describe every tag of a row, and the machine column may be the filter's.
    return list(dict.fromkeys(names))


def fit_filter(where: RowFilter | None, shape: FileShape) -> RowFilter | None:
    """Return the row filter with the name of the machine column in files of a shape: names may differ in case."""
    if where is None or shape.machine_column is None:
        return where
    return RowFilter(shape.machine_column, where.value)


def filter_rows(chunk: pl.DataFrame, where: RowFilter | None) -> pl.DataFrame:
    """Return the rows of the chosen machine."""
    if where is None:
        return chunk
    # As text: a machine may be numbered in one file (an integer of Parquet) and named in another.
    text = pl.col(where.column).cast(pl.String).str.strip_chars().str.to_lowercase()
    return chunk.filter((text == where.value.strip().lower()).fill_null(value=False))


def split_by_tag(chunk: pl.DataFrame, shape: FileShape, default_tag: str | None = None) -> Iterator[TagCells]:
    """Yield the cells of each tag of a wide file or a file of pairs; see ``split_long`` for long files.

    Args:
        chunk: Rows of the file, with the columns of ``list_needed_columns``.
        shape: Roles of the columns.
        default_tag: Tag of a file that names none.
    """
    for group in range(len(shape.times)):
        columns = [value for value in shape.values if value.time_index == group]
        # Only pairs: in a wide file an empty row is a time at which no tag has a value, and counts as a row.
        rows = _drop_padding(chunk, shape, group) if shape.kind == "pairs" else chunk
        for value in columns:
            # FILE_NAME_TAG is empty, so a file that is called by its tag comes to default_tag here.
            yield TagCells(value.tag or default_tag or value.column, rows, rows[value.column], group, value.quality)


def _drop_padding(chunk: pl.DataFrame, shape: FileShape, group: int) -> pl.DataFrame:
    """Return the rows in which a pair is not empty: shorter pairs of a file are padded."""
    names = [*shape.times[group], *(v.column for v in shape.values if v.time_index == group)]
    return chunk.filter(pl.any_horizontal(pl.col(names).is_not_null()))


def split_long(chunk: pl.DataFrame, shape: FileShape, tags: pl.Series) -> Iterator[TagCells]:
    """Yield the cells of each tag of a long file; rows without a tag are left out.

    Args:
        chunk: Rows of the file, with the columns of ``list_needed_columns``.
        shape: Roles of the columns.
        tags: Tag of each row, see ``build_tag_names``.
    """
    tagged = chunk.with_columns(tags.alias("tag:"), _join_values(chunk, shape).alias("value:"))
    # Order of appearance, so that plans and reports list tags as the file does, in every run.
    for (tag,), rows in tagged.drop_nulls("tag:").partition_by("tag:", as_dict=True, maintain_order=True).items():
        yield TagCells(str(tag), rows, rows["value:"], 0, shape.quality)


def build_tag_names(chunk: pl.DataFrame, shape: FileShape) -> pl.Series:
    """Return the tag of each row of a long file; null where the file names none."""
    parts = [pl.col(name).cast(pl.String).str.strip_chars() for name in shape.tag_columns]
    # A series of Influx may lack one of its keys: the others still name the tag.
    name = parts[0] if len(parts) == 1 else pl.concat_str(parts, separator=_TAG_SEPARATOR, ignore_nulls=True)
    # A tag of blanks only is not a tag; its row is counted as untagged.
    return chunk.select(pl.when(name != "").then(name)).to_series()


def _join_values(chunk: pl.DataFrame, shape: FileShape) -> pl.Expr:
    """Return the first value column that is not empty; products with one column per type fill one of these."""
    if len(shape.value_columns) == 1:
        return pl.col(shape.value_columns[0])
    # Queries export an empty cell as the word NULL, which would hide the value in the column of the other type.
    columns = [(pl.col(name), chunk.schema[name] == pl.String) for name in shape.value_columns]
    filled = [drop_words(column, NULL_WORDS) if is_text else column for column, is_text in columns]
    return pl.coalesce(*filled, *shape.value_columns)
