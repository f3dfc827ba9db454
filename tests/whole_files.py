"""All readings of small files in one frame: the merge of an import without a store."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import polars as pl

from acm_etl.io.files.options import ImportOptions
from acm_etl.io.files.prepare import prepare_import
from acm_etl.io.files.reader import stream_readings
from acm_etl.io.files.rejections import build_rejections, sum_rejections
from acm_etl.words import FILE_COLUMN, HISTORIAN_TIME_COLUMN, ROW_COLUMN


def read_whole_files(arguments: Sequence[str | Path], options: ImportOptions) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Read small files at once, and merge the rows of one time as an import does.

    Args:
        arguments: Files, folders or patterns.
        options: Statements about the files.

    Returns:
        One row per time, ascending, in which the last value of each tag counts; and the counts of what was not taken,
        with rows of repeated times as ``duplicate`` or, where a value was replaced, as ``conflicting_duplicate``.
    """
    prepared = prepare_import(arguments, options)
    chunks = list(stream_readings(prepared))
    # diagonal: a chunk of a long file has only the tags that occur in it.
    rows = pl.concat([chunk.frame for chunk in chunks], how="diagonal").sort(
        HISTORIAN_TIME_COLUMN, FILE_COLUMN, ROW_COLUMN
    )
    tags = list(prepared.plan.tags)
    rows = rows.with_columns(pl.lit(None, pl.Float64).alias(tag) for tag in tags if tag not in rows.columns)
    # drop_nulls: an empty cell never erases a value of an earlier row.
    merged = rows.group_by(HISTORIAN_TIME_COLUMN, maintain_order=True).agg(
        pl.col(tag).drop_nulls().last() for tag in tags
    )
    last = rows.unique(HISTORIAN_TIME_COLUMN, keep="last", maintain_order=True).select(FILE_COLUMN, ROW_COLUMN)
    others = rows.join(last, on=[FILE_COLUMN, ROW_COLUMN], how="anti").join(
        merged, on=HISTORIAN_TIME_COLUMN, suffix=":kept"
    )
    same = pl.all_horizontal(pl.col(tag).is_null() | (pl.col(tag) == pl.col(f"{tag}:kept")) for tag in tags)
    repeated = build_rejections(
        ("", reason, len(times), times)
        for reason, times in (
            ("duplicate", others.filter(same)[HISTORIAN_TIME_COLUMN]),
            ("conflicting_duplicate", others.filter(~same)[HISTORIAN_TIME_COLUMN]),
        )
    )
    return merged, sum_rejections([*(chunk.rejections for chunk in chunks), repeated])
