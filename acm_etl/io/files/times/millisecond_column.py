"""Milliseconds in a column behind the times of day, as FactoryTalk (``Millitm``) and fast loggers write them."""

from __future__ import annotations

from collections.abc import Sequence

import polars as pl

from acm_etl.io.files.column_names import MILLISECOND_NAMES, simplify_name

# The seconds are written, without a fraction of their own; AM or PM may follow.
_WHOLE_SECONDS_PATTERN = r"^(.*:\d\d)(\s*(?:[AaPp]\.?\s?[Mm]\.?)?)\s*$"


def is_millisecond_name(name: str, time: str) -> bool:
    """Return whether a column of this name holds the milliseconds of a time column.

    Citect writes the tag before both: ``TI-101 Time``, ``TI-101 Milliseconds``.
    """
    plain = simplify_name(name)
    tag = plain.removesuffix("milliseconds")
    return plain in MILLISECOND_NAMES or (tag != plain and simplify_name(time).startswith(tag))


def is_millisecond_column(sample: pl.DataFrame, columns: Sequence[str], name: str) -> bool:
    """Return whether a column holds the milliseconds of times that need them.

    Args:
        sample: The first rows of the file.
        columns: The column of the times, or those of the dates and the times of day.
        name: The column right behind them.
    """
    if not is_millisecond_name(name, columns[-1]) or not holds_milliseconds(sample[name]):
        return False
    # If each second has one reading, whole seconds tell all readings apart. They are kept then: earlier imports and
    # other loggers of the machine have them, too.
    seconds = sample.select(columns).n_unique()
    return sample.select(*columns, name).n_unique() > seconds


def holds_milliseconds(cells: pl.Series) -> bool:
    """Return whether all cells are whole numbers from 0 to 999."""
    numbers = cells.cast(pl.Float64, strict=False)
    is_legal = numbers.is_between(0, 999) & (numbers % 1 == 0)
    return numbers.null_count() == 0 and bool(is_legal.all())


def add_milliseconds(times: pl.Series, milliseconds: pl.Series) -> pl.Series:
    """Return texts of times with their milliseconds; a text without seconds, or without milliseconds, stays as it is.

    Args:
        times: Texts, such as ``13.01.2024 00:00:00`` or ``00:00:00 PM``.
        milliseconds: Numbers, or texts of them, 0-999.
    """
    number = milliseconds.cast(pl.Float64, strict=False).cast(pl.Int64, strict=False).alias("ms")
    parts = pl.col("time").str.extract_groups(_WHOLE_SECONDS_PATTERN).struct
    joined = pl.concat_str(parts.field("1"), pl.lit("."), pl.col("ms").cast(pl.String).str.zfill(3), parts.field("2"))
    frame = pl.DataFrame([times.alias("time"), number])
    return frame.select(pl.coalesce(joined, "time").alias(times.name)).to_series()
